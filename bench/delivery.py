"""Measure a real worker process: lag, posts in flight, an idle worker, and a burst of due posts."""

import asyncio
import contextlib
import json
import urllib.request
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from time import perf_counter
from typing import Final
from urllib.parse import urlsplit

import asyncpg
import psutil
from chaos.ports import free_port
from pydantic import JsonValue

from bench.child import Child, ended, start
from bench.figures import Budget, Curve, Figure, Finding, quantile
from bench.site import Scale, Site, cpu_seconds, wait_for
from bench.world import World, create_world, insert_due, insert_live, insert_snoozed, insert_waiting
from presswork.core.enums import Environment
from presswork.crypto.keyring import load_keyring
from presswork.db.listener import DUE
from presswork.db.pool import Pool, pool_of
from presswork.worker.store import WorkStore

LAG_MS: Final = 25
"""Budget of 99 % of the lags."""
DRAINED_PER_SECOND: Final = 1000
"""Budget of the drain with _DRAINING workers."""
LIVE_POSTS: Final = 20
"""Live posts of each account that is read."""
_SNOOZED: Final = 100_000
_FEW: Final = 10_000
_RATE: Final = 100
_CONNECTIONS: Final = 16
_PATIENCE: Final = timedelta(minutes=15)
_AT_ONCE: Final = 100
_DRAINING: Final = 2
"""Workers of the drain that has a budget."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stub:
    """A client for the stand-in of Instagram."""

    url: str
    process: psutil.Process

    def journal(self) -> dict[str, JsonValue]:
        """Return the stub's journal."""
        with urllib.request.urlopen(f"{self.url}/journal", timeout=60) as reply:  # noqa: S310  loopback
            journal: dict[str, JsonValue] = json.load(reply)
        return journal

    def times(self, name: str) -> dict[str, float]:
        """Return recorded Unix times by account."""
        noted = self.journal()[name]
        if not isinstance(noted, dict):
            raise TypeError("the stub did not return an object")
        return {account: float(str(at)) for account, at in noted.items()}


@contextlib.contextmanager
def _stub(*, is_stuck: bool) -> Iterator[Stub]:
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    process = start("bench.platform", {"port": port, "is_stuck": is_stuck})
    with ended(process):
        wait_for(f"{url}/journal")
        yield Stub(url=url, process=psutil.Process(process.pid))


@dataclass(frozen=True, slots=True, kw_only=True)
class RunningWorker:
    """A database with accounts and content, a stand-in platform and worker processes."""

    dsn: str
    pool: Pool
    world: World
    stub: Stub
    workers: Sequence[psutil.Process]

    @property
    def worker(self) -> psutil.Process:
        """The first worker."""
        return self.workers[0]

    def used(self, database: psutil.Process) -> list[float]:
        """Return the processor time that the workers, the database and the stand-in have used, in seconds."""
        return [sum(map(cpu_seconds, self.workers)), cpu_seconds(database), cpu_seconds(self.stub.process)]

    async def until(self, reached: "Condition", what: str) -> None:
        """Poll five times a second until a query returns at least a count. Raises TimeoutError."""
        until = perf_counter() + _PATIENCE.total_seconds()
        while int(await self.pool.fetchval(reached.query)) < reached.count:
            if perf_counter() > until:
                raise TimeoutError(f"{what} did not happen in {_PATIENCE}")
            await asyncio.sleep(0.2)

    async def wait_until_started(self) -> None:
        """Wait until the workers have started."""
        await self.until(Condition("SELECT count(*) FROM workers", len(self.workers)), "the start of the workers")

    async def due(self, *, at: datetime) -> None:
        """Insert one post per account and notify the worker."""
        await insert_due(self.pool, self.world, self.world.accounts, at=at)
        await self.pool.execute("SELECT pg_notify($1, '')", DUE)


@dataclass(frozen=True, slots=True)
class Condition:
    """A query for one number, and the number to wait for."""

    query: str
    count: int


@contextlib.asynccontextmanager
async def running_worker(
    site: Site,
    *,
    accounts: int,
    waiting: int = 0,
    snoozed: int = 0,
    read: int = 0,
    environment: Environment = Environment.TEST,
    is_stuck: bool = False,
    workers: int = 1,
    **settings: str,
) -> AsyncIterator[RunningWorker]:
    """Start workers on a new database, with a stand-in platform. `read` other accounts have live posts to be read."""
    dsn = await site.database()
    with _stub(is_stuck=is_stuck) as stub:
        where = {
            "sandbox_url": stub.url,
            "instagram_graph_url": stub.url,
            "instagram_client_id": "bench",
            "instagram_client_secret": "bench",
            "public_url": "http://127.0.0.1:9",
        }
        async with pool_of(dsn) as pool:
            everyone = await create_world(
                pool, load_keyring(site.settings), accounts=accounts + snoozed + read, environment=environment
            )
            world = replace(everyone, accounts=everyone.accounts[:accounts])
            if snoozed:
                await insert_snoozed(pool, everyone, everyone.accounts[accounts : accounts + snoozed])
            if read:
                others, an_hour_ago = everyone.accounts[accounts + snoozed :], datetime.now(UTC) - timedelta(hours=1)
                await insert_live(pool, everyone, others, each=LIVE_POSTS, at=an_hour_ago)
            if waiting:
                await insert_waiting(pool, world, waiting, first_at=datetime.now(UTC) + timedelta(days=1))
            with contextlib.ExitStack() as stack:
                started = [
                    stack.enter_context(site.program("worker", dsn=dsn, settings=where | settings))
                    for _ in range(workers)
                ]
                running = RunningWorker(dsn=dsn, pool=pool, world=world, stub=stub, workers=started)
                await running.wait_until_started()
                yield running


async def measure_lag(site: Site, scale: Scale) -> list[Finding]:
    """Measure from the response of publish to the claim and to the first platform call, at 100 posts per second.

    `scale.rows` other posts wait in the future; then few do, and many other posts are snoozed.
    """
    beside = Beside(waiting=min(_FEW, scale.rows), snoozed=min(_SNOOZED, scale.rows))
    return [
        *await _measure_lag(site, scale, Beside(waiting=scale.rows)),
        *await _measure_lag(site, scale, beside),
    ]


async def _measure_lag(site: Site, scale: Scale, beside: "Beside") -> list[Finding]:
    """The first quarter is not counted: it opens connections and makes plans."""
    seconds = 4 * scale.seconds
    accounts = max(2, int(seconds * _RATE))
    async with running_worker(site, accounts=accounts, waiting=beside.waiting, snoozed=beside.snoozed) as running:
        floor = await _hint_times(running)
        with site.api(running.dsn, sandbox_url=running.stub.url) as api, Child("bench.load") as caller:
            place = urlsplit(api.url)
            found = await caller.ask(
                {
                    "host": place.hostname,
                    "port": place.port,
                    "key": running.world.key,
                    "container": f"cnt_{running.world.containers[0]}",
                    "accounts": [f"sa_{account}" for account in running.world.accounts],
                    "targets": 1,
                    "connections": _CONNECTIONS,
                    "seconds": seconds,
                    "warm_up_seconds": 0,
                    "is_idempotent": False,
                    "rate": _RATE,
                },
            )
        if not isinstance(found["answered"], dict):
            raise TypeError("the load generator did not return an object")
        answered = {account: float(str(at)) for account, at in found["answered"].items()}
        measured = sorted(answered.items(), key=lambda item: item[1])[len(answered) // 4 :]
        await running.until(
            Condition("SELECT count(*) FROM scheduled_posts WHERE status = 'published'", len(answered)), "the end"
        )
        called, claimed = running.stub.times("first"), await claim_times(running)
    measured = [(account.removeprefix("sa_"), at) for account, at in measured]
    return [
        *_lags("answer to claim", beside, [claimed[account] - at for account, at in measured], None),
        *_lags("answer to first platform call", beside, [called[account] - at for account, at in measured], floor),
    ]


async def measure_due(site: Site, scale: Scale) -> list[Finding]:
    """Measure from the due time of a scheduled post to its claim and to the first platform call, at 100 posts per second.

    `scale.rows` other posts wait further in the future; then few do, and many other posts are snoozed. No NOTIFY wakes the
    worker: it knows the next due time.
    """
    beside = Beside(waiting=min(_FEW, scale.rows), snoozed=min(_SNOOZED, scale.rows))
    return [
        *await _measure_due(site, scale, Beside(waiting=scale.rows)),
        *await _measure_due(site, scale, beside),
    ]


async def _measure_due(site: Site, scale: Scale, beside: "Beside") -> list[Finding]:
    """The first quarter is not counted, as for the lag."""
    count = max(2, int(4 * scale.seconds * _RATE))
    async with running_worker(site, accounts=count, waiting=beside.waiting, snoozed=beside.snoozed) as running:
        floor = await _hint_times(running)
        begin = datetime.now(UTC) + timedelta(seconds=1)
        await insert_due(
            running.pool, running.world, running.world.accounts, at=begin, apart=timedelta(seconds=1 / _RATE)
        )
        await running.until(
            Condition("SELECT count(*) FROM scheduled_posts WHERE status = 'published'", count), "the end"
        )
        called, claimed = running.stub.times("first"), await claim_times(running)
        rows = await running.pool.fetch(
            """SELECT social_account_id::text AS account, extract(epoch FROM run_at)::float8 AS at
                 FROM scheduled_posts WHERE status = 'published' ORDER BY run_at"""
        )
    measured = [(row["account"], float(row["at"])) for row in rows][count // 4 :]
    return [
        *_lags("due to claim", beside, [claimed[account] - at for account, at in measured], None),
        *_lags("due to first platform call", beside, [called[account] - at for account, at in measured], floor),
    ]


async def claim_times(running: RunningWorker) -> dict[str, float]:
    """Return the Unix time of each account's claim."""
    rows = await running.pool.fetch(
        """SELECT p.social_account_id::text AS account, extract(epoch FROM e.at)::float8 AS at
             FROM post_events e JOIN scheduled_posts p ON p.id = e.post_id WHERE e.event = 'claimed' ORDER BY e.at"""
    )
    return {row["account"]: float(row["at"]) for row in rows}


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """The other posts in the database."""

    waiting: int
    snoozed: int = 0

    def __str__(self) -> str:
        """Name them in a measure."""
        return f"{self.waiting:,} waiting" + (f" and {self.snoozed:,} snoozed" if self.snoozed else "")


def _lags(what: str, beside: Beside, seconds: Sequence[float], floor: Sequence[float] | None) -> list[Finding]:
    """Return the figures of a lag. A worker can be faster than the response; that counts as no lag."""
    name = f"lag from {what}, {_RATE} posts/s, {beside}"
    milliseconds = [max(0.0, one) * 1000 for one in seconds]
    return [
        *([] if beside.snoozed else [Curve.of_shares(name, "milliseconds", milliseconds)]),
        *(
            Figure(
                measure=f"{name}: {word}",
                value=quantile(milliseconds, share),
                unit="ms",
                floor=None if floor is None else quantile(floor, share) * 1000,
                budget=Budget(of="value", sign="≤", limit=LAG_MS) if floor is not None and share > 0.9 else None,
            )
            for word, share in (("median", 0.5), ("p99", 0.99))
        ),
    ]


async def _hint_times(running: RunningWorker) -> list[float]:
    """Measure the floor of the lag: a NOTIFY from one connection to another."""
    received: asyncio.Queue[float] = asyncio.Queue()
    listener = await asyncpg.connect(running.dsn)
    times = []
    try:
        await listener.add_listener("bench_hint", lambda *_: received.put_nowait(perf_counter()))
        for _ in range(100):
            started = perf_counter()
            await running.pool.execute("SELECT pg_notify('bench_hint', '')")
            times.append(await received.get() - started)
    finally:
        await listener.close()
    return times


async def measure_in_flight(site: Site, scale: Scale) -> list[Figure]:
    """Measure an idle worker, and the same worker with many live posts that the platform never finishes processing."""
    count = scale.posts
    opening = running_worker(
        site, accounts=count, environment=Environment.LIVE, is_stuck=True, worker_concurrency=str(max(count, 1))
    )
    async with opening as running:
        await asyncio.sleep(min(1.0, scale.seconds))  # let start-up work finish
        idle_share = await _cpu_share(running.worker, 4 * scale.seconds)
        idle_bytes = running.worker.memory_info().rss
        started = perf_counter()
        await running.due(at=datetime.now(UTC))
        while int(str(running.stub.journal()["containers"])) < count:
            if perf_counter() - started > _PATIENCE.total_seconds():
                raise TimeoutError("not all posts are in flight")
            await asyncio.sleep(0.1)
        took = perf_counter() - started
        busy_share = await _cpu_share(running.worker, 4 * scale.seconds)
        busy_bytes = running.worker.memory_info().rss
        running.worker.terminate()  # together with the next SIGTERM, it does not wait for posts that never end
        await asyncio.sleep(0.3)
    mib = 2**20
    name = f"worker with {count:,} posts in flight"
    return [
        Figure(
            measure="idle worker: share of a core",
            value=idle_share * 100,
            unit="%",
            budget=Budget(of="value", sign="≤", limit=1),
        ),
        Figure(
            measure=f"{name}: memory (floor: idle)",
            value=busy_bytes / mib,
            unit="MiB",
            floor=idle_bytes / mib,
            budget=Budget(of="value", sign="≤", limit=300),
        ),
        Figure(measure=f"{name}: memory a post", value=max(busy_bytes - idle_bytes, 0) / count / 1024, unit="KiB"),
        Figure(measure=f"{name}: share of a core, just after the start", value=busy_share * 100, unit="%"),
        Figure(measure=f"{name}: in flight after", value=took, unit="s"),
    ]


async def _cpu_share(process: psutil.Process, seconds: float) -> float:
    before, started = process.cpu_times(), perf_counter()
    await asyncio.sleep(seconds)
    after = process.cpu_times()
    return (after.user - before.user + (after.system - before.system)) / (perf_counter() - started)


async def measure_drain(site: Site, scale: Scale) -> list[Finding]:
    """Measure posts of as many accounts, all due at one instant, until the last is live, with one and with two workers.

    The floor only claims and settles them.
    """
    found: list[Finding] = []
    count = scale.drained
    async with pool_of(await site.database()) as pool:
        world = await create_world(pool, load_keyring(site.settings), accounts=count)
        await insert_due(pool, world, world.accounts, at=datetime.now(UTC))
        floor = count / await _bare_drain(pool, count)
    for workers in (1, _DRAINING):
        found += await _drain(site, count, workers=workers, floor=floor)
    return found


async def _drain(site: Site, count: int, *, workers: int, floor: float) -> list[Finding]:
    async with running_worker(site, accounts=count, workers=workers) as running:
        database = await site.database_server()
        due_at = datetime.now(UTC) + timedelta(milliseconds=500 + count / 10)  # by then they are inserted
        await insert_due(running.pool, running.world, running.world.accounts, at=due_at)
        await asyncio.sleep(max(0.0, (due_at - datetime.now(UTC)).total_seconds() - 0.1))
        before = running.used(database)
        await running.until(
            Condition("SELECT count(*) FROM scheduled_posts WHERE status = 'published'", count), "the end"
        )
        used = [after - was for was, after in zip(before, running.used(database), strict=True)]
        # From the stored time: polling for the end costs as much as publishing a few posts.
        ended_at = await running.pool.fetchval("SELECT max(at) FROM post_events WHERE event = 'published'")
        lives = running.stub.times("live")
        calls = running.stub.journal()["live_calls"]
    if len(lives) != count or calls != count:
        raise RuntimeError(f"{calls} calls made posts live on {len(lives)} of {count} accounts")
    took = (ended_at - due_at).total_seconds()
    name = f"drain of {count:,} posts due at one instant, {workers} worker{'s' * (workers > 1)}"
    live = sorted(lives.values())
    budget = Budget(of="value", sign="≥", limit=DRAINED_PER_SECOND) if workers == _DRAINING else None
    return [
        Figure(measure=f"{name}: all published", value=count / took, unit="posts/s", floor=floor, budget=budget),
        Figure(measure=f"{name}: first live after", value=live[0] - due_at.timestamp(), unit="s"),
        Figure(measure=f"{name}: last live after", value=live[-1] - due_at.timestamp(), unit="s"),
        *(
            Figure(measure=f"{name}: processor time a post, {what}", value=seconds / count * 1e6, unit="µs")
            for what, seconds in zip(("workers", "database", "stand-in platform"), used, strict=True)
        ),
        Curve.of_count(name, live, since=due_at.timestamp()),
    ]


async def _bare_drain(pool: Pool, count: int) -> float:
    """Return the seconds to claim and settle the posts without platform calls."""
    store = WorkStore(pool, worker_id="bench")
    started = perf_counter()
    done = 0
    while done < count:
        now = datetime.now(UTC)
        posts = await store.claim(now=now, lease=_PATIENCE, limit=_AT_ONCE)
        await asyncio.gather(*(store.settle_canceled(post, "measured", now=now) for post in posts))
        done += len(posts)
    return perf_counter() - started
