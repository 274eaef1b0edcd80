"""Run one test: create the data, publish under faults, wait until every post has ended, and check the ledger."""

import asyncio
import contextlib
import random
import time
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import aiohttp
import asyncpg
import structlog

from chaos.auditor import OVERDUE, QUEUED_OF_CUSTOMER, Auditor, check_planned, read_slots
from chaos.changes import Owners, settle_bulk_jobs
from chaos.client import Client, Traffic
from chaos.cluster import CALLS_ARRIVE_WITHIN, Cluster, open_cluster
from chaos.commenting import Hints, People
from chaos.counterchecks import check_slots
from chaos.customers import MAX_QUEUED
from chaos.injector import FaultLog, Injector
from chaos.journal import JournalReader, PlatformCounts
from chaos.ledger import Verdict
from chaos.load import Load
from chaos.media import check_media, read_media
from chaos.plan import FaultSchedule, Kind, faults, platform_faults
from chaos.record import CallerRecord
from chaos.replies import ReceivedComments, check_comments, read_comments
from chaos.world import PHONE, create_world
from presswork.db.errors import TRANSIENT_ERRORS
from presswork.media.store import MediaStore

log = structlog.get_logger()

_NEXT_ENDS_WITHIN: Final = timedelta(minutes=6)
"""How long the next post may take to end after the last fault. A run of any size ends: the platforms' clock keeps moving. A take-down
sees within five minutes that its account was connected again."""
_SECONDS_OPEN: Final = 10
"""How many seconds' worth of posts may be open at a time: the duration of a post under faults. With more, a machine with
other load makes the platforms time out, which is not one of the generated faults."""
_MIN_OPEN: Final = 60
_BEST_OF_SECONDS: Final = 60
"""The best rate of this time counts: a fault that holds everything up for seconds does not make the load shrink."""
_COUNT_SECONDS: Final = 0.5
_PROBE_SECONDS: Final = 0.2
_DUE_SOON: Final = timedelta(minutes=1)
"""Posts that are due later do not make the callers pause."""
_EVER: Final = timedelta(days=400)
_LEAST_OF_CUSTOMER: Final = 12
_CUSTOMER_SHARE: Final = 40
"""One in this many posts is that of a customer with limits, who asks for more."""
_LONG_OUTAGE: Final = timedelta(seconds=5)
"""Outages of this length are logged, beside the faults."""
_OPEN: Final = """
SELECT count(*) FROM scheduled_posts
 WHERE status = 'publishing' OR (status = 'queued' AND scheduled_for < now() + $1::interval)
"""
_TO_COME: Final = """
SELECT (SELECT count(*) FROM post_follow_ups WHERE needs_comment)
     + (SELECT count(*) FROM bulk_jobs WHERE ended_at IS NULL)
     + (SELECT count(*) FROM comment_calls l JOIN scheduled_posts p ON p.id = l.post_id
          JOIN social_accounts a ON a.id = p.social_account_id WHERE a.status <> 'reauth_required')
     + (SELECT count(*) FROM live_changes c
          JOIN scheduled_posts p ON p.id = c.post_id JOIN social_accounts a ON a.id = p.social_account_id
         WHERE c.ended_at IS NULL AND a.status <> 'reauth_required')
"""
"""First comments, bulk jobs, and calls about comments and changes of live posts whose accounts have access."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """The size of a run."""

    posts: int
    accounts: int
    callers: int = 12
    max_open: int = 1_200
    changes: float = 1.0
    """The share of calls that edit or take down posts or delete content, relative to that of a large run."""
    comments: float = 1.0
    """The same of calls that write, answer, hide, like or delete comments."""
    least_faults: int = 0
    """Minimum of injected faults, even if all posts were accepted before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """The result of a run."""

    seed: int
    size: Size
    schedule: FaultSchedule
    began_at: datetime
    faults_duration: timedelta
    drain_duration: timedelta
    """Time from the last fault to the last post."""
    fault_log: FaultLog
    counts: PlatformCounts
    traffic: Traffic
    record: CallerRecord = field(repr=False)
    verdict: Verdict
    ends: Sequence[datetime] = field(repr=False)
    """When each post ended."""
    slowest_platform: timedelta
    """The slowest response of the platforms."""
    outages: Sequence[tuple[datetime, timedelta]]
    """When a caller that does not retry would have failed, and for how long."""
    older_commit: str | None
    """The version that ran beside this one."""
    left_out: Mapping[Kind, str]
    """Faults that could not be injected here, and why."""


async def run(folder: Path, *, seed: int, schedule: FaultSchedule, size: Size, older: str | None = None) -> Result:
    """Run a cluster in an empty folder under the faults that the seed generates.

    `older` is the commit of the other version of a rolling upgrade. Raises NoOlderVersion if it can't be one.
    """
    draw = random.Random(f"load {seed}")  # noqa: S311  it has to be repeatable
    limit = aiohttp.TCPConnector(limit=200, force_close=False)
    with open_cluster(folder, lease=schedule.lease, older=older) as cluster:
        schedule = replace(schedule, left_out=schedule.left_out | cluster.left_out.keys())
        async with (
            aiohttp.ClientSession(connector=limit) as session,
            asyncpg.create_pool(
                cluster.dsn, min_size=1, max_size=6, server_settings={"application_name": "chaos"}
            ) as pool,
        ):
            return await _run(cluster, session, pool, draw, seed=seed, schedule=schedule, size=size)


async def _run(
    cluster: Cluster,
    session: aiohttp.ClientSession,
    pool: "asyncpg.Pool[asyncpg.Record]",
    draw: random.Random,
    *,
    seed: int,
    schedule: FaultSchedule,
    size: Size,
) -> Result:
    organization = ("--org", "Chaos")
    key = await asyncio.to_thread(
        cluster.admin, "key", "create", *organization, "--env", "test", "--scopes", "*", "--return-domain", "localhost"
    )
    await asyncio.to_thread(
        cluster.admin,
        "operator", "create", *organization, "--name", "Ada", "--phone", PHONE, "--verified", "--primary",
    )  # fmt: skip
    client = Client(cluster.url, str(key["key"]), session, draw)
    limits = {"postsPerMonth": max(_LEAST_OF_CUSTOMER, size.posts // _CUSTOMER_SHARE), "queued": MAX_QUEUED}
    world = await create_world(cluster, client, session, accounts=size.accounts, limits=limits)
    log.info("world created", accounts=len(world.accounts), contents=len(world.contents))
    owners = Owners(session, cluster.sandbox_url)
    load = Load(
        client,
        world,
        draw,
        owners,
        People(session, cluster.sandbox_url),
        posts=size.posts,
        max_open=size.max_open,
        changes=size.changes,
        comments=size.comments,
    )
    hints, received = Hints(pool, load.record), ReceivedComments(pool)
    await received.begin()
    injector = Injector(cluster, session, pool, load.new_day, load.ended_posts, schedule)
    monitor = ClusterMonitor(cluster, session, pool, load)
    reader = JournalReader(cluster.sandbox_state)
    watching = (
        injector.keep_alive(),
        monitor.count(),
        monitor.probe(),
        monitor.probe_platform(),
        reader.run(),
        hints.run(),
        received.run(),
    )
    keepers = [asyncio.create_task(work) for work in watching]
    breaking = asyncio.create_task(injector.run(faults(seed, schedule), platform_faults(seed, schedule)))
    began_at, began = datetime.now(UTC), time.monotonic()
    try:
        loading = asyncio.create_task(_load_fully(load, injector, size))
        await asyncio.wait([loading, breaking], return_when=asyncio.FIRST_COMPLETED)
        breaking.cancel()
        await asyncio.gather(breaking, return_exceptions=True)
        if not breaking.cancelled() and (error := breaking.exception()) is not None:
            raise error
        await loading
        await injector.settle()
        slots = await read_slots(pool)
        unmade = await load.planning.settle(pool)
        faults_duration = timedelta(seconds=time.monotonic() - began)
        log.info("faults ended", after=str(faults_duration))
        last = time.monotonic()
        moving = asyncio.create_task(injector.keep_clock_moving())
        keepers.append(moving)
        await monitor.wait_until_final(_NEXT_ENDS_WITHIN)
        moving.cancel()  # with it, tokens expire within seconds
        reads = await hints.read_all()
        drain_duration = timedelta(seconds=time.monotonic() - last)
    finally:
        for keeper in [*keepers, breaking]:
            keeper.cancel()
        await asyncio.gather(*keepers, breaking, return_exceptions=True)
    await settle_bulk_jobs(client, load.record)
    verdict = await Auditor(
        world, load.record, client, sandbox_url=cluster.sandbox_url, journal=reader, folder=cluster.folder
    ).check(pool, session)
    for worker in cluster.workers:
        await asyncio.to_thread(worker.end)  # whose uploads have no row yet
    check_comments(
        verdict, load.record, await read_comments(pool, session, cluster.sandbox_url), await received.read(), reads
    )
    for states in (slots, await read_slots(pool)):
        check_slots(verdict, load.record, *states)
    await check_planned(verdict, load.record, pool, limits=limits, most_queued=monitor.most_queued, unmade=unmade)
    media = await MediaStore.start(str(cluster.environment["PRESSWORK_MEDIA_STORE"]))
    check_media(verdict, load.record.deleted_contents, await read_media(pool, media))
    if monitor.overdue:
        verdict.add_violation("posts whose lease lapsed minutes ago without takeover", str(monitor.overdue))
    if monitor.slowest_platform > CALLS_ARRIVE_WITHIN:
        verdict.add_violation(
            "machine too busy for this run: platform calls took too long", f"{monitor.slowest_platform}"
        )
    if monitor.unowned:
        verdict.add_violation("posts without lease owner or expiry", f"{monitor.unowned} at once, during the run")
    ends = await pool.fetch(
        "SELECT at FROM post_events WHERE event = ANY($1)", ["published", "drafted", "failed", "canceled"]
    )
    return Result(
        seed=seed,
        size=size,
        schedule=schedule,
        began_at=began_at,
        faults_duration=faults_duration,
        drain_duration=drain_duration,
        fault_log=injector.fault_log,
        counts=reader.counts,
        traffic=client.traffic,
        record=load.record,
        verdict=verdict,
        ends=sorted(row["at"] for row in ends),
        slowest_platform=monitor.slowest_platform,
        outages=monitor.outages,
        older_commit=None if cluster.older is None else cluster.older.commit,
        left_out=cluster.left_out,
    )


async def _load_fully(load: Load, injector: Injector, size: Size) -> None:
    await load.run(size.callers)
    while len(injector.fault_log.injected) < size.least_faults:  # noqa: ASYNC110  polled, as by the monitor
        await asyncio.sleep(0.1)


class ClusterMonitor:
    """Polls the cluster from outside while it runs."""

    def __init__(
        self, cluster: Cluster, session: aiohttp.ClientSession, pool: "asyncpg.Pool[asyncpg.Record]", load: Load
    ) -> None:
        """Monitor `cluster`, and report the number of open posts to `load`."""
        self._cluster: Final = cluster
        self._session: Final = session
        self._pool: Final = pool
        self._load: Final = load
        self.overdue = 0
        """Maximum of posts whose lease lapsed minutes ago."""
        self.unowned = 0
        """Maximum of publishing posts without a lease expiry."""
        self.slowest_platform = timedelta()
        """The slowest response of the platforms."""
        self.most_queued = 0
        """Maximum of posts that the customer had queued."""
        self.outages: Final[list[tuple[datetime, timedelta]]] = []

    async def count(self) -> None:
        """Report to the load, until cancelled, how many posts are open and how many may be."""
        over: deque[int] = deque(maxlen=round(_SECONDS_OPEN / _COUNT_SECONDS))
        rates: deque[int] = deque(maxlen=round(_BEST_OF_SECONDS / _COUNT_SECONDS))
        while True:
            over.append(self._load.ended_posts())
            rates.append(over[-1] - over[0])
            self._load.max_open_now = max(_MIN_OPEN, *rates)
            with contextlib.suppress(*TRANSIENT_ERRORS):
                self._load.open_posts = await self._open(_DUE_SOON)
                self.most_queued = max(self.most_queued, int(await self._pool.fetchval(QUEUED_OF_CUSTOMER)))
                found = await self._pool.fetchrow(OVERDUE)
                if found is not None:
                    self.overdue = max(self.overdue, found["overdue"])
                    self.unowned = max(self.unowned, found["unowned"])
            await asyncio.sleep(_COUNT_SECONDS)

    async def _open(self, within: timedelta) -> int:
        return int(await self._pool.fetchval(_OPEN, within))

    async def wait_until_final(self, next_ends_within: timedelta) -> None:
        """Wait until every post has ended, has its first comment and was changed or taken down, for as long as the next one ends within that time."""
        least: int | None = None
        until = time.monotonic() + next_ends_within.total_seconds()
        while time.monotonic() < until:
            with contextlib.suppress(*TRANSIENT_ERRORS):
                left = await self._open(_EVER) + int(await self._pool.fetchval(_TO_COME))
                if not left:
                    return
                if least is None or left < least:
                    least, until = left, time.monotonic() + next_ends_within.total_seconds()
            await asyncio.sleep(0.2)

    async def probe_platform(self) -> None:
        """Read the platforms' clock once a second, and record the slowest response."""
        while True:
            began = time.monotonic()
            with contextlib.suppress(aiohttp.ClientError, OSError):
                async with self._session.get(
                    f"{self._cluster.sandbox_url}/control/clock", timeout=aiohttp.ClientTimeout(total=None)
                ) as reply:
                    await reply.read()
            self.slowest_platform = max(self.slowest_platform, timedelta(seconds=time.monotonic() - began))
            await asyncio.sleep(1)

    async def probe(self) -> None:
        """Request `/readyz` five times a second on new connections, and record each outage."""
        since: datetime | None = None
        while True:
            is_there = False
            with contextlib.suppress(aiohttp.ClientError, TimeoutError, OSError):
                async with (
                    aiohttp.ClientSession() as fresh,
                    fresh.get(f"{self._cluster.url}/readyz", timeout=aiohttp.ClientTimeout(total=1)) as reply,
                ):
                    is_there = reply.status == 200
            now = datetime.now(UTC)
            if is_there and since is not None:
                self.outages.append((since, now - since))
                if now - since > _LONG_OUTAGE:
                    log.info("service was not ready", lasted=round((now - since).total_seconds(), 1))
            since = None if is_there else since or now
            await asyncio.sleep(_PROBE_SECONDS)
