"""What happens after the answer, with a real worker process: lag, posts in flight, idling, and a rush of due posts."""

import asyncio
import contextlib
import json
import socket
import urllib.request
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from time import perf_counter
from typing import Final
from urllib.parse import urlsplit

import asyncpg
import psutil
from pydantic import JsonValue

from bench.child import Child, ended, start
from bench.figures import Budget, Curve, Figure, Finding, quantile
from bench.scenery import Scene, insert_due, insert_waiting, set_scene
from bench.site import Scale, Site, wait_for
from presswork.core.enums import Environment
from presswork.crypto.keyring import load_keyring
from presswork.db.listener import DUE
from presswork.db.pool import Pool, pool_of
from presswork.worker.store import WorkStore

_RATE: Final = 100
_CONNECTIONS: Final = 16
_PATIENCE: Final = timedelta(minutes=15)
_AT_ONCE: Final = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Stub:
    """The stand-in for Instagram, as seen from here."""

    address: str

    def journal(self) -> dict[str, JsonValue]:
        """Return what it noted."""
        with urllib.request.urlopen(f"{self.address}/journal", timeout=60) as reply:  # noqa: S310  loopback
            journal: dict[str, JsonValue] = json.load(reply)
        return journal

    def times(self, name: str) -> dict[str, float]:
        """Return noted Unix times by account."""
        noted = self.journal()[name]
        if not isinstance(noted, dict):
            raise TypeError("the stub answered something else")
        return {account: float(str(at)) for account, at in noted.items()}


@contextlib.contextmanager
def _stub(*, is_stuck: bool) -> Iterator[Stub]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    with ended(start("bench.platform", {"port": port, "is_stuck": is_stuck})):
        wait_for(f"{address}/journal")
        yield Stub(address=address)


@dataclass(frozen=True, slots=True, kw_only=True)
class Works:
    """A database with accounts and content, a stand-in platform and one worker process."""

    dsn: str
    pool: Pool
    scene: Scene
    stub: Stub
    worker: psutil.Process

    async def until(self, reached: "Condition", what: str) -> None:
        """Look five times a second until a query's number has reached a count. Raises TimeoutError."""
        until = perf_counter() + _PATIENCE.total_seconds()
        while int(await self.pool.fetchval(reached.query)) < reached.count:
            if perf_counter() > until:
                raise TimeoutError(f"{what} did not happen in {_PATIENCE}")
            await asyncio.sleep(0.2)

    async def until_awake(self) -> None:
        """Return once the worker works."""
        await self.until(Condition("SELECT count(*) FROM workers", 1), "the worker's start")

    async def due(self, *, at: datetime) -> None:
        """Write one post per account and ring."""
        await insert_due(self.pool, self.scene, self.scene.accounts, at=at)
        await self.pool.execute("SELECT pg_notify($1, '')", DUE)


@dataclass(frozen=True, slots=True)
class Condition:
    """A query for one number, and the number that is waited for."""

    query: str
    count: int


@contextlib.asynccontextmanager
async def _works(
    site: Site,
    *,
    accounts: int,
    waiting: int = 0,
    environment: Environment = Environment.TEST,
    is_stuck: bool = False,
    **settings: str,
) -> AsyncIterator[Works]:
    dsn = await site.database()
    with _stub(is_stuck=is_stuck) as stub:
        where = {
            "sandbox_url": stub.address,
            "instagram_graph_url": stub.address,
            "instagram_client_id": "bench",
            "instagram_client_secret": "bench",
            "public_url": "http://127.0.0.1:9",
        }
        async with pool_of(dsn) as pool:
            scene = await set_scene(pool, load_keyring(site.settings), accounts=accounts, environment=environment)
            if waiting:
                await insert_waiting(pool, scene, waiting, first_at=datetime.now(UTC) + timedelta(days=1))
            with site.program("worker", dsn=dsn, settings=where | settings) as worker:
                works = Works(dsn=dsn, pool=pool, scene=scene, stub=stub, worker=worker)
                await works.until_awake()
                yield works


async def measure_lag(site: Site, scale: Scale) -> list[Finding]:
    """From the answer of publish to the claim and to the platform's first call, at 100 posts a second.

    As many others as `scale.rows` wait in the future. The first quarter is left out: connections are opened and plans made.
    """
    seconds = 4 * scale.seconds
    async with _works(site, accounts=max(2, int(seconds * _RATE)), waiting=scale.rows) as works:
        floor = await _hint_times(works)
        with site.api(works.dsn, sandbox_url=works.stub.address) as api, Child("bench.load") as caller:
            place = urlsplit(api.address)
            found = await caller.ask(
                {
                    "host": place.hostname,
                    "port": place.port,
                    "key": works.scene.key,
                    "container": f"cnt_{works.scene.containers[0]}",
                    "accounts": [f"sa_{account}" for account in works.scene.accounts],
                    "targets": 1,
                    "connections": _CONNECTIONS,
                    "seconds": seconds,
                    "warm_up_seconds": 0,
                    "is_idempotent": False,
                    "rate": _RATE,
                },
            )
        if not isinstance(found["answered"], dict):
            raise TypeError("the load generator answered something else")
        answered = {account: float(str(at)) for account, at in found["answered"].items()}
        measured = sorted(answered.items(), key=lambda item: item[1])[len(answered) // 4 :]
        await works.until(
            Condition("SELECT count(*) FROM scheduled_posts WHERE status = 'published'", len(answered)), "the end"
        )
        called, claimed = works.stub.times("first"), await _claim_times(works)
    measured = [(account.removeprefix("sa_"), at) for account, at in measured]
    return [
        *_lags("answer to claim", scale.rows, [claimed[account] - at for account, at in measured], None),
        *_lags("answer to first platform call", scale.rows, [called[account] - at for account, at in measured], floor),
    ]


async def measure_due(site: Site, scale: Scale) -> list[Finding]:
    """From the instant that a scheduled post is due to its claim and to the platform's first call, at 100 posts a second.

    As many others as `scale.rows` wait further in the future. No NOTIFY wakes the worker: it knows the next due time. The first
    quarter is left out, as for the lag.
    """
    count = max(2, int(4 * scale.seconds * _RATE))
    async with _works(site, accounts=count, waiting=scale.rows) as works:
        floor = await _hint_times(works)
        begin = datetime.now(UTC) + timedelta(seconds=1)
        await insert_due(works.pool, works.scene, works.scene.accounts, at=begin, apart=timedelta(seconds=1 / _RATE))
        await works.until(
            Condition("SELECT count(*) FROM scheduled_posts WHERE status = 'published'", count), "the end"
        )
        called, claimed = works.stub.times("first"), await _claim_times(works)
        rows = await works.pool.fetch(
            """SELECT social_account_id::text AS account, extract(epoch FROM run_at)::float8 AS at
                 FROM scheduled_posts WHERE status = 'published' ORDER BY run_at"""
        )
    measured = [(row["account"], float(row["at"])) for row in rows][count // 4 :]
    return [
        *_lags("due to claim", scale.rows, [claimed[account] - at for account, at in measured], None),
        *_lags("due to first platform call", scale.rows, [called[account] - at for account, at in measured], floor),
    ]


async def _claim_times(works: Works) -> dict[str, float]:
    """Return when each account's post was claimed, by Unix time."""
    rows = await works.pool.fetch(
        """SELECT p.social_account_id::text AS account, extract(epoch FROM e.at)::float8 AS at
             FROM post_events e JOIN scheduled_posts p ON p.id = e.post_id WHERE e.event = 'claimed' ORDER BY e.at"""
    )
    return {row["account"]: float(row["at"]) for row in rows}


def _lags(what: str, waiting: int, seconds: Sequence[float], floor: Sequence[float] | None) -> list[Finding]:
    """A worker can be faster than the response; that counts as no lag."""
    name = f"lag from {what}, {_RATE} posts/s, {waiting:,} waiting"
    milliseconds = [max(0.0, one) * 1000 for one in seconds]
    return [
        Curve.of_shares(name, "milliseconds", milliseconds),
        *(
            Figure(
                measure=f"{name}: {word}",
                value=quantile(milliseconds, share),
                unit="ms",
                floor=None if floor is None else quantile(floor, share) * 1000,
                budget=Budget(of="value", sign="≤", limit=50) if floor is not None and share > 0.9 else None,
            )
            for word, share in (("median", 0.5), ("p99", 0.99))
        ),
    ]


async def _hint_times(works: Works) -> list[float]:
    """The floor of the lag: how long a NOTIFY takes from one connection to another."""
    heard: asyncio.Queue[float] = asyncio.Queue()
    listener = await asyncpg.connect(works.dsn)
    times = []
    try:
        await listener.add_listener("bench_hint", lambda *_: heard.put_nowait(perf_counter()))
        for _ in range(100):
            started = perf_counter()
            await works.pool.execute("SELECT pg_notify('bench_hint', '')")
            times.append(await heard.get() - started)
    finally:
        await listener.close()
    return times


async def measure_in_flight(site: Site, scale: Scale) -> list[Figure]:
    """One idle worker, and the same with many posts that the platform never ends to process, at the pace of a live one."""
    count = scale.posts
    works_with = _works(
        site, accounts=count, environment=Environment.LIVE, is_stuck=True, worker_concurrency=str(max(count, 1))
    )
    async with works_with as works:
        await asyncio.sleep(min(1.0, scale.seconds))  # what a start leaves behind
        idle_share = await _cpu_share(works.worker, 4 * scale.seconds)
        idle_bytes = works.worker.memory_info().rss
        started = perf_counter()
        await works.due(at=datetime.now(UTC))
        while int(str(works.stub.journal()["containers"])) < count:
            if perf_counter() - started > _PATIENCE.total_seconds():
                raise TimeoutError("the posts did not all get in flight")
            await asyncio.sleep(0.1)
        took = perf_counter() - started
        busy_share = await _cpu_share(works.worker, 4 * scale.seconds)
        busy_bytes = works.worker.memory_info().rss
        works.worker.terminate()  # with the one that follows, it does not wait for posts that never end
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
    """Posts of as many accounts, all due at one instant, until the last is live; the floor claims and settles them only."""
    count = scale.drained
    async with _works(site, accounts=count) as works:
        due_at = datetime.now(UTC) + timedelta(milliseconds=200 + count / 10)  # by then they are written
        await insert_due(works.pool, works.scene, works.scene.accounts, at=due_at)
        await works.until(
            Condition("SELECT count(*) FROM scheduled_posts WHERE status = 'published'", count), "the end"
        )
        # By the worker's own clock: looking whether it is done costs as much as publishing a few posts.
        ended_at = await works.pool.fetchval("SELECT max(at) FROM post_events WHERE event = 'published'")
        lives = works.stub.times("live")
        calls = works.stub.journal()["live_calls"]
    if len(lives) != count or calls != count:
        raise RuntimeError(f"{calls} posts went live on {len(lives)} accounts, of {count}")
    took = (ended_at - due_at).total_seconds()
    async with pool_of(await site.database()) as pool:
        scene = await set_scene(pool, load_keyring(site.settings), accounts=count)
        await insert_due(pool, scene, scene.accounts, at=datetime.now(UTC))
        bare = await _bare_drain(pool, count)
    name = f"drain of {count:,} posts due at one instant"
    live = sorted(lives.values())
    return [
        Figure(measure=f"{name}: all published", value=count / took, unit="posts/s", floor=count / bare),
        Figure(measure=f"{name}: first live after", value=live[0] - due_at.timestamp(), unit="s"),
        Figure(measure=f"{name}: last live after", value=live[-1] - due_at.timestamp(), unit="s"),
        Curve.of_count(name, live, since=due_at.timestamp()),
    ]


async def _bare_drain(pool: Pool, count: int) -> float:
    """Return how many seconds it takes to claim and settle them with nothing in between."""
    store = WorkStore(pool, worker_id="bench")
    started = perf_counter()
    done = 0
    while done < count:
        now = datetime.now(UTC)
        posts = await store.claim(now=now, leased_until=now + _PATIENCE, limit=_AT_ONCE)
        await asyncio.gather(*(store.settle_canceled(post, "measured", now=now) for post in posts))
        done += len(posts)
    return perf_counter() - started
