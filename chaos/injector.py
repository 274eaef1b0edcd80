"""Does what the plan says: kills, stops, cuts, moves the clock, and starts again what died."""

import asyncio
import contextlib
import os
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final

import aiohttp
import asyncpg
import structlog

from chaos.cluster import Cluster, Part, freeze, thaw
from chaos.plan import LONGEST_LULL, Fault, Kind, RetryPolicy, Trouble
from presswork.db.errors import TRANSIENT_ERRORS

log = structlog.get_logger()

_OFF_BY: Final = timedelta(minutes=5)
_A_DAY: Final = timedelta(hours=25)
_RESTART_SECONDS: Final = 0.3
_LOOK_SECONDS: Final = 0.2
_TAKEOVER_AT_MOST_SECONDS: Final = 120
_AWAY: Final = (aiohttp.ClientError, *TRANSIENT_ERRORS)

_HELD: Final = """
SELECT id, version FROM scheduled_posts WHERE status = 'publishing' AND leased_by LIKE $1
"""
_STILL_HELD: Final = """
SELECT count(*) FROM scheduled_posts p JOIN unnest($1::uuid[], $2::bigint[]) AS held (id, version) USING (id)
 WHERE p.version = held.version AND p.status = 'publishing' AND p.leased_by LIKE $3
"""


@dataclass(slots=True, kw_only=True)
class Done:
    """A fault that was injected."""

    at: datetime
    kind: Kind
    lasts: timedelta
    target: str
    taken_over_after: timedelta | None = None
    """From the fault until the last post that the worker held was in other hands, or over."""


@dataclass(slots=True, kw_only=True)
class Diary:
    """All that was injected."""

    done: list[Done] = field(default_factory=list)
    troubles: dict[str, int] = field(default_factory=dict)
    """Platform faults by name, as told to the sandbox; `times` counted."""
    restarts: int = 0
    """Parts that had ended by themselves and were started again, as a service manager does."""


class Injector:
    """Works through the plan until it is stopped."""

    def __init__(
        self,
        cluster: Cluster,
        session: aiohttp.ClientSession,
        pool: "asyncpg.Pool[asyncpg.Record]",
        new_day: Callable[[], None],
        posts_over: Callable[[], int],
        retry_policy: RetryPolicy,
    ) -> None:
        """Take the cluster. `new_day` is called when the platform's daily limits begin anew; `posts_over` tells how many
        posts have come to their end so far.
        """
        self._cluster: Final = cluster
        self._session: Final = session
        self._pool: Final = pool
        self._new_day: Final = new_day
        self._posts_over: Final = posts_over
        self._retry_policy: Final = retry_policy
        self._tasks: Final[set[asyncio.Task[None]]] = set()
        self._dead: Final[set[str]] = set()
        """Parts that are dead on purpose for now."""
        self.diary: Final = Diary()

    async def run(self, faults: Iterator[Fault], troubles: Iterator[Trouble]) -> None:
        """Inject until cancelled; what is stopped then is resumed by `settle`."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._break_parts(faults))
            group.create_task(self._trouble_platforms(troubles))

    async def keep_alive(self) -> None:
        """Start again, for ever, what ended by itself: a process that finds no database at its start says so and ends."""
        while True:
            for part in self._cluster.parts:
                if part.name not in self._dead and part.process is not None and part.process.poll() is not None:
                    self.diary.restarts += 1
                    part.start()
            await asyncio.sleep(_RESTART_SECONDS)

    async def settle(self) -> None:
        """Wait until everything that was stopped or killed is up again, and clear the platforms' faults."""
        await asyncio.gather(*self._tasks, return_exceptions=True)
        async with self._session.delete(f"{self._cluster.sandbox_url}/control/faults") as reply:
            reply.raise_for_status()

    async def _break_parts(self, faults: Iterator[Fault]) -> None:
        for fault in faults:
            await self._lull(fault.after, self._retry_policy.posts_between)
            task = asyncio.create_task(self._inject(fault))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _lull(self, duration: timedelta, posts: int) -> None:
        """Wait, and then until the cluster has got on since the last time."""
        began, before = time.monotonic(), self._posts_over()
        await asyncio.sleep(duration.total_seconds())
        until = began + LONGEST_LULL.total_seconds()
        while self._posts_over() < before + posts and time.monotonic() < until:  # noqa: ASYNC110  told from outside
            await asyncio.sleep(_LOOK_SECONDS)

    async def _trouble_platforms(self, troubles: Iterator[Trouble]) -> None:
        for trouble in troubles:
            await self._lull(trouble.after, self._retry_policy.posts_between_troubles)
            with contextlib.suppress(*_AWAY):
                async with self._session.post(
                    f"{self._cluster.sandbox_url}/control/faults",
                    json=dict(trouble.body),
                    timeout=aiohttp.ClientTimeout(total=10),
                ) as reply:
                    if reply.status != 200:
                        raise RuntimeError(f"{trouble.body} was refused: {await reply.text()}")
                times = trouble.body["times"]
                self.diary.troubles[trouble.name] = self.diary.troubles.get(trouble.name, 0) + int(str(times))

    async def _inject(self, fault: Fault) -> None:
        cluster = self._cluster
        done = Done(at=datetime.now(UTC), kind=fault.kind, lasts=fault.lasts, target="")
        log.info("fault", kind=fault.kind.value, lasts=round(fault.lasts.total_seconds(), 1))
        match fault.kind:
            case Kind.KILL_WORKER:
                await self._down(_pick(cluster.workers, fault), done, _kill)
            case Kind.KILL_API:
                await self._down(_pick(cluster.apis, fault), done, _kill)
            case Kind.STOP_WORKER:
                await self._down(_pick(cluster.workers, fault), done, _stop)
            case Kind.SKEW_WORKER:
                await self._skew(_pick(cluster.workers, fault), done, fault.choice)
            case Kind.STOP_API:
                await self._down(_pick(cluster.apis, fault), done, _stop)
            case Kind.STOP_PLATFORM:
                await self._down(cluster.sandbox, done, _stop)
            case Kind.KILL_POSTGRES:
                await self._kill_postgres(done)
            case Kind.STOP_POSTGRES:
                await self._stop_postgres(done)
            case Kind.CUT:
                await self._cut(done, fault.choice)
            case Kind.CLOCK:
                await self._move_clock(done)
        if done.target:
            self.diary.done.append(done)

    async def _down(self, part: Part, done: Done, way: Callable[[Part], Callable[[], None]]) -> None:
        if not part.is_up:
            return  # an earlier fault still holds
        done.target = part.name
        watch = None
        if part in self._cluster.workers:
            watch = asyncio.create_task(self._watch_takeover(part.pid, done, time.monotonic()))
            await asyncio.sleep(0)
        self._dead.add(part.name)
        bring_back = way(part)
        await asyncio.sleep(done.lasts.total_seconds())
        bring_back()
        self._dead.discard(part.name)
        if watch is not None:
            await watch

    async def _skew(self, part: Part, done: Done, choice: float) -> None:
        """Restart a worker whose wall clock is five minutes ahead or behind; later, restart it with the right one."""
        if not part.is_up:
            return
        done.target = part.name
        self._dead.add(part.name)
        try:
            for offset in (_OFF_BY if choice < 0.5 else -_OFF_BY, timedelta()):
                part.kill()
                part.clock_offset = offset
                part.start()
                if offset:
                    await asyncio.sleep(done.lasts.total_seconds())
        finally:
            part.clock_offset = timedelta()
            self._dead.discard(part.name)

    async def _watch_takeover(self, pid: int, done: Done, began: float) -> None:
        """Find out when the last post that a worker held at the fault was in other hands, or over."""
        name = f"%-{pid}-%"
        with contextlib.suppress(*_AWAY):
            held = await self._pool.fetch(_HELD, name)
            ids, versions = [row["id"] for row in held], [row["version"] for row in held]
            while held and time.monotonic() - began < _TAKEOVER_AT_MOST_SECONDS:
                if not await self._pool.fetchval(_STILL_HELD, ids, versions, name):
                    done.taken_over_after = timedelta(seconds=time.monotonic() - began)
                    return
                await asyncio.sleep(_LOOK_SECONDS)

    async def _kill_postgres(self, done: Done) -> None:
        done.target = "postgres"
        with contextlib.suppress(ProcessLookupError):
            os.kill(await self._serving_postgres(), signal.SIGKILL)

    async def _serving_postgres(self) -> int:
        """Return the process of PostgreSQL once it is up: an earlier fault may still hold."""
        while (pid := self._cluster.postgres()) is None:  # noqa: ASYNC110  another process, which tells nobody
            await asyncio.sleep(_LOOK_SECONDS)
        return pid

    async def _stop_postgres(self, done: Done) -> None:
        frozen = freeze(await self._serving_postgres())
        done.target = "postgres"
        try:
            await asyncio.sleep(done.lasts.total_seconds())
        finally:
            thaw(frozen)

    async def _cut(self, done: Done, share: float) -> None:
        """Cut a share of the connections that the program has open, from the server's side."""
        with contextlib.suppress(*_AWAY):
            cut = await self._pool.fetchval(
                "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name LIKE 'presswork%'"
                " AND pid <> pg_backend_pid() AND random() <= $1",
                max(share, 0.2),
            )
            done.target = f"{cut} connections"

    async def _move_clock(self, done: Done) -> None:
        with contextlib.suppress(*_AWAY):
            async with self._session.post(
                f"{self._cluster.sandbox_url}/control/clock",
                json={"advanceSeconds": done.lasts.total_seconds()},
                timeout=aiohttp.ClientTimeout(total=30),
            ) as reply:
                reply.raise_for_status()
            done.target = f"{done.lasts}"
            if done.lasts >= _A_DAY:
                self._new_day()


def _kill(part: Part) -> Callable[[], None]:
    part.kill()
    return part.start


def _stop(part: Part) -> Callable[[], None]:
    part.stop()
    return part.resume


def _pick(parts: Sequence[Part], fault: Fault) -> Part:
    """Return the part that the fault chose, or the next one that is up."""
    first = int(fault.choice * len(parts))
    in_turn = [*parts[first:], *parts[:first]]
    return next((part for part in in_turn if part.is_up), in_turn[0])
