"""Inject the planned faults: kill, stop, disconnect, move the clock; and restart processes that ended."""

import asyncio
import contextlib
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final

import aiohttp
import asyncpg
import psutil
import structlog

from chaos.cluster import Cluster, Part
from chaos.database_faults import DatabaseFaults, grant_memory, refuse_memory
from chaos.plan import MAX_WAIT, Fault, FaultSchedule, Kind, PlatformFault
from presswork.db.errors import TRANSIENT_ERRORS

log = structlog.get_logger()

_OFF_BY: Final = timedelta(minutes=5)
_A_DAY: Final = timedelta(hours=25)
_CLOCK_STEP: Final = timedelta(minutes=61)
_CLOCK_STEP_SECONDS: Final = 2
"""After the last caption a day of the platforms takes 48 seconds: longer than a post needs between its container and its
publication, and the container expires after a day."""
_RESTART_SECONDS: Final = 0.3
_POLL_SECONDS: Final = 0.2
_MAX_TAKEOVER_SECONDS: Final = 120
_UNAVAILABLE_ERRORS: Final = (aiohttp.ClientError, *TRANSIENT_ERRORS)

_HELD: Final = """
SELECT id, version FROM scheduled_posts WHERE status = 'publishing' AND leased_by LIKE $1
"""
_STILL_HELD: Final = """
SELECT count(*) FROM scheduled_posts p JOIN unnest($1::uuid[], $2::bigint[]) AS held (id, version) USING (id)
 WHERE p.version = held.version AND p.status = 'publishing' AND p.leased_by LIKE $3
"""


@dataclass(slots=True, kw_only=True)
class InjectedFault:
    """An injected fault."""

    at: datetime
    kind: Kind
    lasts: timedelta
    target: str
    takeover_time: timedelta | None = None
    """Time from the fault until the last post that the worker had leased was claimed by another or ended."""


@dataclass(slots=True, kw_only=True)
class FaultLog:
    """All injected faults."""

    injected: list[InjectedFault] = field(default_factory=list)
    platform_faults: dict[str, int] = field(default_factory=dict)
    """Platform faults by name, as configured in the sandbox, multiplied by `times`."""
    restarts: int = 0
    """Restarts of parts that had ended without a fault, as by a service manager."""


class Injector:
    """Injects faults until it is cancelled."""

    def __init__(
        self,
        cluster: Cluster,
        session: aiohttp.ClientSession,
        pool: "asyncpg.Pool[asyncpg.Record]",
        new_day: Callable[[], None],
        ended_posts: Callable[[], int],
        schedule: FaultSchedule,
    ) -> None:
        """Inject faults into `cluster`. `new_day` is called when the platform's daily limits are reset; `ended_posts` returns
        how many posts have ended so far.
        """
        self._cluster: Final = cluster
        self._session: Final = session
        self._pool: Final = pool
        self._new_day: Final = new_day
        self._posts_over: Final = ended_posts
        self._schedule: Final = schedule
        self._database: Final = DatabaseFaults(cluster.pair, pool)
        self._tasks: Final[set[asyncio.Task[None]]] = set()
        self._errors: Final[list[BaseException]] = []
        self._dead: Final[set[str]] = set()
        """Parts that a fault keeps dead at the moment."""
        self.fault_log: Final = FaultLog()

    async def run(self, faults: Iterator[Fault], platform_faults: Iterator[PlatformFault]) -> None:
        """Inject faults until cancelled; `settle` resumes what is stopped then."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._break_parts(faults))
            group.create_task(self._inject_platform_faults(platform_faults))

    async def keep_alive(self) -> None:
        """Restart parts that ended, until cancelled: a process that can't reach the database at start logs it and ends."""
        while True:
            for part in self._cluster.parts:
                if part.name not in self._dead and part.process is not None and part.process.poll() is not None:
                    self.fault_log.restarts += 1
                    part.start()
            self.fault_log.restarts += await self._database.keep_alive()
            await asyncio.sleep(_RESTART_SECONDS)

    async def keep_clock_moving(self) -> None:
        """Advance the platforms' clock until cancelled, so that every post at a daily limit gets its turn."""
        while True:
            with contextlib.suppress(*_UNAVAILABLE_ERRORS):
                await self._advance_clock(_CLOCK_STEP)
            await asyncio.sleep(_CLOCK_STEP_SECONDS)

    async def settle(self) -> None:
        """Wait until all stopped and killed parts run again, and clear the platform faults. Raises what a fault raised."""
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._errors:
            raise self._errors[0]
        async with self._session.delete(f"{self._cluster.sandbox_url}/control/faults") as reply:
            reply.raise_for_status()

    async def _break_parts(self, faults: Iterator[Fault]) -> None:
        for fault in faults:
            await self._wait_for_progress(fault.after, self._schedule.posts_between_faults)
            task = asyncio.create_task(self._inject(fault))
            self._tasks.add(task)
            task.add_done_callback(self._end)

    def _end(self, task: "asyncio.Task[None]") -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            self._errors.append(error)

    async def _wait_for_progress(self, duration: timedelta, posts: int) -> None:
        """Wait for `duration`, and then until `posts` more posts have ended."""
        began, before = time.monotonic(), self._posts_over()
        await asyncio.sleep(duration.total_seconds())
        until = began + MAX_WAIT.total_seconds()
        while self._posts_over() < before + posts and time.monotonic() < until:  # noqa: ASYNC110  polled
            await asyncio.sleep(_POLL_SECONDS)

    async def _inject_platform_faults(self, platform_faults: Iterator[PlatformFault]) -> None:
        for fault in platform_faults:
            await self._wait_for_progress(fault.after, self._schedule.posts_between_platform_faults)
            with contextlib.suppress(*_UNAVAILABLE_ERRORS):
                async with self._session.post(
                    f"{self._cluster.sandbox_url}/control/faults",
                    json=dict(fault.body),
                    timeout=aiohttp.ClientTimeout(total=10),
                ) as reply:
                    if reply.status != 200:
                        raise RuntimeError(f"{fault.body} failed: {await reply.text()}")
                times = fault.body["times"]
                self.fault_log.platform_faults[fault.name] = self.fault_log.platform_faults.get(fault.name, 0) + int(
                    str(times)
                )

    async def _inject(self, fault: Fault) -> None:
        cluster = self._cluster
        done = InjectedFault(at=datetime.now(UTC), kind=fault.kind, lasts=fault.lasts, target="")
        log.info("fault", kind=fault.kind.value, lasts=round(fault.lasts.total_seconds(), 1))
        match fault.kind:
            case Kind.KILL_WORKER | Kind.STOP_WORKER:
                worker = _pick(cluster.workers, fault)
                await self._take_down(worker, done, _kill if fault.kind is Kind.KILL_WORKER else _stop)
            case Kind.KILL_API | Kind.STOP_API:
                api = _pick(cluster.apis, fault)
                await self._take_down(api, done, _kill if fault.kind is Kind.KILL_API else _stop)
            case Kind.SKEW_WORKER:
                await self._skew(_pick(cluster.workers, fault), done, fault.choice)
            case Kind.STOP_PLATFORM:
                await self._take_down(cluster.sandbox, done, _stop)
            case Kind.STARVE_WORKER | Kind.STARVE_API:
                parts = cluster.workers if fault.kind is Kind.STARVE_WORKER else cluster.apis
                await self._starve(_pick(parts, fault), done, fault.choice)
            case Kind.ROLL:
                await self._roll(_pick([*cluster.apis, *cluster.workers], fault), done)
            case Kind.CLOCK:
                await self._move_clock(done)
            case Kind.FULL_MEDIA:
                await self._fill_media(done)
            case _:
                done.target = await self._break_database(fault)
        if done.target:
            self.fault_log.injected.append(done)

    async def _take_down(self, part: Part, done: InjectedFault, apply: Callable[[Part], Callable[[], None]]) -> None:
        if not part.is_up:
            return  # an earlier fault is still in effect
        done.target = part.name
        watch = None
        if part in self._cluster.workers:
            watch = asyncio.create_task(self._watch_takeover(part.pid, done, time.monotonic()))
            await asyncio.sleep(0)
        self._dead.add(part.name)
        undo = apply(part)
        await asyncio.sleep(done.lasts.total_seconds())
        undo()
        self._dead.discard(part.name)
        if watch is not None:
            await watch

    async def _skew(self, part: Part, done: InjectedFault, choice: float) -> None:
        """Restart a worker with its wall clock five minutes ahead or behind, and later with the correct time."""
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

    async def _starve(self, part: Part, done: InjectedFault, choice: float) -> None:
        """Give a part no more memory for a while. Then kill it, as the kernel does, or see it continue with memory again."""
        if not part.is_up:
            return
        done.target = part.name
        process = psutil.Process(part.pid)
        refuse_memory(process)
        await asyncio.sleep(done.lasts.total_seconds())
        if choice < 0.5:
            with contextlib.suppress(psutil.Error):
                process.kill()  # `keep_alive` starts it again
        else:
            grant_memory(process)

    async def _roll(self, part: Part, done: InjectedFault) -> None:
        """Restart a part with the older version, and later with this one, as during a rolling upgrade that is taken back."""
        if not part.is_up or self._cluster.older is None:
            return
        done.target = part.name
        self._dead.add(part.name)
        try:
            for python_path in (self._cluster.older.python_path, ""):
                await asyncio.to_thread(part.end)
                part.python_path = python_path
                part.start()
                self._dead.discard(part.name)
                if python_path:
                    await asyncio.sleep(done.lasts.total_seconds())
                    self._dead.add(part.name)
        finally:
            part.python_path = ""
            self._dead.discard(part.name)

    async def _fill_media(self, done: InjectedFault) -> None:
        volume = self._cluster.media
        if volume is None:
            return
        done.target = "media"
        volume.fill()
        try:
            await asyncio.sleep(done.lasts.total_seconds())
        finally:
            volume.free()

    async def _break_database(self, fault: Fault) -> str:
        """Return what was broken; empty if nothing was."""
        database = self._database
        match fault.kind:
            case Kind.KILL_POSTGRES:
                return await database.kill(fault.lasts)
            case Kind.STOP_POSTGRES:
                return await database.suspend(fault.lasts)
            case Kind.FAIL_OVER:
                return await database.fail_over(fault.lasts)
            case Kind.FULL_DATABASE:
                return await database.fill_disk(fault.lasts, fault.choice)
            case Kind.STARVE_POSTGRES:
                return await database.take_memory(fault.lasts, fault.choice)
            case Kind.CUT:
                return await database.cut(fault.choice)
            case _:
                raise AssertionError(f"no fault of the database: {fault.kind}")

    async def _watch_takeover(self, pid: int, done: InjectedFault, began: float) -> None:
        """Record when the last post that the worker had leased was claimed by another or ended."""
        name = f"%-{pid}-%"
        with contextlib.suppress(*_UNAVAILABLE_ERRORS):
            held = await self._pool.fetch(_HELD, name)
            ids, versions = [row["id"] for row in held], [row["version"] for row in held]
            while held and time.monotonic() - began < _MAX_TAKEOVER_SECONDS:
                if not await self._pool.fetchval(_STILL_HELD, ids, versions, name):
                    done.takeover_time = timedelta(seconds=time.monotonic() - began)
                    return
                await asyncio.sleep(_POLL_SECONDS)

    async def _move_clock(self, done: InjectedFault) -> None:
        with contextlib.suppress(*_UNAVAILABLE_ERRORS):
            await self._advance_clock(done.lasts)
            done.target = f"{done.lasts}"
            if done.lasts >= _A_DAY:
                self._new_day()

    async def _advance_clock(self, duration: timedelta) -> None:
        async with self._session.post(
            f"{self._cluster.sandbox_url}/control/clock",
            json={"advanceSeconds": duration.total_seconds()},
            timeout=aiohttp.ClientTimeout(total=30),
        ) as reply:
            reply.raise_for_status()


def _kill(part: Part) -> Callable[[], None]:
    part.kill()
    return part.start


def _stop(part: Part) -> Callable[[], None]:
    part.stop()
    return part.resume


def _pick(parts: Sequence[Part], fault: Fault) -> Part:
    """Return the part that the fault selects, or the next one that is up."""
    first = int(fault.choice * len(parts))
    candidates = [*parts[first:], *parts[:first]]
    return next((part for part in candidates if part.is_up), candidates[0])
