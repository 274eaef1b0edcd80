"""One run: set the scene, load and break, let everything come to its end, and check the ledger."""

import asyncio
import contextlib
import random
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import aiohttp
import asyncpg
import structlog

from chaos.auditor import OVERDUE, Auditor
from chaos.client import Client, Traffic
from chaos.cluster import CALLS_ARRIVE_WITHIN, Cluster, open_cluster
from chaos.injector import Diary, Injector
from chaos.journal import Follower, Met
from chaos.ledger import Verdict
from chaos.load import Load, Memory
from chaos.plan import RetryPolicy, faults, troubles
from chaos.scene import PHONE, set_scene
from presswork.db.errors import TRANSIENT_ERRORS

log = structlog.get_logger()

_ENDS_WITHIN: Final = timedelta(minutes=10)
"""How long the last posts may take once nothing is broken any more."""
_SECONDS_OPEN: Final = 10
"""So many seconds' worth of posts may be open at a time: what a post takes in the middle of faults. With more of them, a
machine that is busy with other things makes the platforms time out, which is no fault that anybody drew."""
_LEAST_OPEN: Final = 60
_COUNT_SECONDS: Final = 0.5
_PROBE_SECONDS: Final = 0.2
_COMMENTS_TO_COME: Final = "SELECT count(*) FROM post_follow_ups WHERE needs_comment"


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """How much is asked for."""

    posts: int
    accounts: int
    callers: int = 12
    most_open: int = 1_200
    least_faults: int = 0
    """So many faults are injected at least, even if all posts were asked for before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What came of a run."""

    seed: int
    size: Size
    pace: RetryPolicy
    began_at: datetime
    broken_for: timedelta
    ended_after: timedelta
    """From the last fault to the last post."""
    diary: Diary
    met: Met
    traffic: Traffic
    memory: Memory = field(repr=False)
    verdict: Verdict
    ends: Sequence[datetime] = field(repr=False)
    """When each post came to its end."""
    slowest_platform: timedelta
    """The longest that the platforms needed for an answer."""
    outages: Sequence[tuple[datetime, timedelta]]
    """When a caller that does not try again would have been refused, and for how long."""


async def run(folder: Path, *, seed: int, pace: RetryPolicy, size: Size) -> Result:
    """Run a cluster in an empty folder under the faults of a seed."""
    draw = random.Random(f"load {seed}")  # noqa: S311  it has to be repeatable
    limit = aiohttp.TCPConnector(limit=200, force_close=False)
    with open_cluster(folder, lease=pace.lease) as cluster:
        async with (
            aiohttp.ClientSession(connector=limit) as session,
            asyncpg.create_pool(
                cluster.dsn, min_size=1, max_size=6, server_settings={"application_name": "chaos"}
            ) as pool,
        ):
            return await _run(cluster, session, pool, draw, seed=seed, pace=pace, size=size)


async def _run(
    cluster: Cluster,
    session: aiohttp.ClientSession,
    pool: "asyncpg.Pool[asyncpg.Record]",
    draw: random.Random,
    *,
    seed: int,
    pace: RetryPolicy,
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
    scene = await set_scene(cluster, client, session, accounts=size.accounts)
    log.info("scene set", accounts=len(scene.accounts), contents=len(scene.contents))
    load = Load(client, scene, draw, posts=size.posts, most_open=size.most_open)
    injector = Injector(cluster, session, pool, load.new_day, load.posts_over, pace)
    gauge = Gauge(cluster, session, pool, load)
    follower = Follower(cluster.sandbox_state)
    watching = (injector.keep_alive(), gauge.count(), gauge.probe(), gauge.probe_platform(), follower.follow())
    keepers = [asyncio.create_task(work) for work in watching]
    breaking = asyncio.create_task(injector.run(faults(seed, pace), troubles(seed, pace)))
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
        broken_for = timedelta(seconds=time.monotonic() - began)
        log.info("nothing is broken any more", after=str(broken_for))
        last = time.monotonic()
        await gauge.until_over(_ENDS_WITHIN)
        ended_after = timedelta(seconds=time.monotonic() - last)
    finally:
        for keeper in [*keepers, breaking]:
            keeper.cancel()
        await asyncio.gather(*keepers, breaking, return_exceptions=True)
    await follower.catch_up()
    verdict = await Auditor(
        scene, load.memory, client, sandbox_url=cluster.sandbox_url, met=follower.met, folder=cluster.folder
    ).check(pool, session)
    if gauge.overdue:
        verdict.blame("posts whose lease had lapsed minutes ago, and nobody came", str(gauge.overdue))
    if gauge.slowest_platform > CALLS_ARRIVE_WITHIN:
        verdict.blame(
            "the machine was too busy for this run: the platforms took calls in too late", f"{gauge.slowest_platform}"
        )
    if gauge.unowned:
        verdict.blame("posts without owner or deadline", f"{gauge.unowned} at once, in the middle of the run")
    ends = await pool.fetch(
        "SELECT at FROM post_events WHERE event = ANY($1)", ["published", "drafted", "failed", "canceled"]
    )
    return Result(
        seed=seed,
        size=size,
        pace=pace,
        began_at=began_at,
        broken_for=broken_for,
        ended_after=ended_after,
        diary=injector.diary,
        met=follower.met,
        traffic=client.traffic,
        memory=load.memory,
        verdict=verdict,
        ends=sorted(row["at"] for row in ends),
        slowest_platform=gauge.slowest_platform,
        outages=gauge.outages,
    )


async def _load_fully(load: Load, injector: Injector, size: Size) -> None:
    await load.run(size.callers)
    while len(injector.diary.done) < size.least_faults:  # noqa: ASYNC110  looked at from outside, as the gauge does
        await asyncio.sleep(0.1)


class Gauge:
    """Looks at the cluster from outside while it runs."""

    def __init__(
        self, cluster: Cluster, session: aiohttp.ClientSession, pool: "asyncpg.Pool[asyncpg.Record]", load: Load
    ) -> None:
        """Take what to look at."""
        self._cluster: Final = cluster
        self._session: Final = session
        self._pool: Final = pool
        self._load: Final = load
        self.overdue = 0
        """Most posts at once whose lease had lapsed for minutes."""
        self.unowned = 0
        """Most posts at once that were at work without a deadline."""
        self.slowest_platform = timedelta()
        """The longest that the platforms needed for an answer."""
        self.outages: Final[list[tuple[datetime, timedelta]]] = []

    async def count(self) -> None:
        """Tell the load, for ever, how many posts are open, and how many may be."""
        over: deque[int] = deque(maxlen=round(_SECONDS_OPEN / _COUNT_SECONDS))
        while True:
            over.append(self._load.posts_over())
            self._load.open_at_most = max(_LEAST_OPEN, over[-1] - over[0])
            with contextlib.suppress(*TRANSIENT_ERRORS):
                self._load.open_posts = await self._open()
                found = await self._pool.fetchrow(OVERDUE)
                if found is not None:
                    self.overdue = max(self.overdue, found["overdue"])
                    self.unowned = max(self.unowned, found["unowned"])
            await asyncio.sleep(_COUNT_SECONDS)

    async def _open(self) -> int:
        return int(
            await self._pool.fetchval("SELECT count(*) FROM scheduled_posts WHERE status IN ('queued', 'publishing')")
        )

    async def until_over(self, within: timedelta) -> None:
        """Return when every post is over and has its first comment, or when the time is."""
        until = time.monotonic() + within.total_seconds()
        while time.monotonic() < until:
            with contextlib.suppress(*TRANSIENT_ERRORS):
                if not await self._open() and not await self._pool.fetchval(_COMMENTS_TO_COME):
                    return
            await asyncio.sleep(0.2)

    async def probe_platform(self) -> None:
        """Ask the platforms once a second what time it is, and note how long that takes at most."""
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
        """Ask every fifth of a second whether the service serves, on a new connection, and note how long it does not."""
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
            since = None if is_there else since or now
            await asyncio.sleep(_PROBE_SECONDS)
