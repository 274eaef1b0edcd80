"""The one runner of background jobs: it claims what is due, bounds how much runs at once, renews leases, and drains.

A job source is a table with leases: posts, follow-ups, text messages, webhook endpoints, tokens to refresh. Each has a
separate poll loop and renewal loop, so a source whose statements fail does not delay the others. Notifications make a
source poll early; nothing depends on them.
"""

import asyncio
import contextlib
import random
from collections.abc import Collection, Hashable, Sequence
from datetime import timedelta
from types import TracebackType
from typing import Any, Final, Generic, Protocol, Self, TypeVar

import structlog

from presswork.core.clock import Clock
from presswork.db.errors import TRANSIENT_ERRORS
from presswork.jobs.supervisor import Supervisor, supervised
from presswork.telemetry import meters

log = structlog.get_logger()

MAX_CLAIM: Final = 100
"""Jobs that one claim takes at most."""
RENEWALS_PER_LEASE: Final = 3
"""Renewals in the length of a lease: one may fail without a loss of the lease."""
DRAIN: Final = timedelta(seconds=8)
"""How long a stopping runner waits for its jobs before it cancels and releases them."""
CANCEL_WITHIN: Final = timedelta(seconds=1)
"""How long a cancelled job may take before its lease is released regardless: it can write nothing more."""

_MIN_SLEEP: Final = 0.8
"""Share of `poll_every` that a source without work sleeps at least. It varies, so that sources do not poll at the same
instants for ever over separate connections."""
_CROWDED_GAP: Final = timedelta(microseconds=100)
_CROWDED_GAP_MAX: Final = timedelta(milliseconds=50)
"""Least time between two polls while more jobs are due than may run: so much for each job that may run, up to the maximum.
So a claim takes several jobs, instead of one whenever one ends."""
_FIRST_POLL_WITHIN: Final = timedelta(seconds=1)

Job = TypeVar("Job")
Key = TypeVar("Key", bound=Hashable)


class LeaseLost(Exception):
    """Another worker or a client has changed the row of a job, or its lease ended: the job stops at once."""

    def __init__(self, reason: str = "another worker or a client has changed it") -> None:
        """`reason` is for the log."""
        super().__init__(reason)


INTERRUPTIONS: Final = (LeaseLost, *TRANSIENT_ERRORS)
"""For `except` clauses: a job can't be settled now. The runner releases its lease, and the job is claimed again."""


class JobSource(Protocol[Job, Key]):
    """One kind of background job, with its table and its statements."""

    @property
    def name(self) -> str:
        """For logs and metrics."""
        ...

    @property
    def concurrency(self) -> int:
        """Jobs that run at once, at most."""
        ...

    @property
    def lease(self) -> timedelta:
        """How long a job stays this process's without a renewal."""
        ...

    @property
    def poll_every(self) -> timedelta:
        """Longest sleep between two polls."""
        ...

    @property
    def poll_gap(self) -> timedelta:
        """Least time between two polls."""
        ...

    @property
    def is_notified(self) -> bool:
        """Whether a notification that something may be due makes it poll."""
        ...

    @property
    def wakes(self) -> Sequence[str]:
        """Names of sources for which a job of this one may make work when it starts or ends."""
        ...

    def key_of(self, job: Job) -> Key:
        """Return what identifies a job; a job that is claimed again replaces the running one with its key."""
        ...

    async def claim(self, limit: int) -> Sequence[Job]:
        """Lease up to `limit` jobs that are due."""
        ...

    async def renew(self, keys: Collection[Key]) -> Collection[Key]:
        """Renew leases over a separate connection pool; return the keys whose jobs must stop."""
        ...

    async def release(self, held: Collection[Key]) -> None:
        """Release every lease of this process but those of `held`: a claim failed half-way, or jobs were interrupted."""
        ...

    async def next_due(self) -> timedelta | None:
        """Return how long until something is due, or None if unknown."""
        ...

    async def run(self, job: Job) -> None:
        """Do a job and settle it. May raise INTERRUPTIONS; after any other exception the lease lapses by itself."""
        ...


class SourceRunner(Generic[Job, Key]):
    """Runs the jobs of one source."""

    def __init__(self, source: JobSource[Job, Key], clock: Clock, runner: "Runner") -> None:
        self.source: Final = source
        self._clock: Final = clock
        self._runner: Final = runner
        self._tasks: Final[dict[Key, asyncio.Task[None]]] = {}
        self._wake: Final = asyncio.Event()
        self._has_polled: Final = asyncio.Event()
        self._is_claim_unknown = False
        self._draining: Final = asyncio.Event()
        self._polling: Final = asyncio.Lock()
        self._is_crowded = False
        """Whether the last claim took all the jobs that there was room for, so that more may be due."""
        self._interrupted: Final[set[Key]] = set()
        """Jobs whose leases must be released once they have ended."""

    @property
    def tasks(self) -> dict[Key, "asyncio.Task[None]"]:
        """Return the running jobs by key."""
        return self._tasks

    def notify(self) -> None:
        """Poll soon."""
        self._wake.set()

    async def poll(self) -> timedelta:
        """Claim what there is room for and start it; return how long to sleep. Never raises an Exception."""
        try:
            async with self._polling:
                return min(self.source.poll_every, await self._poll())
        except TRANSIENT_ERRORS as error:
            log.warning("database unavailable; polling again", source=self.source.name, error=type(error).__name__)
        except Exception:
            meters.poll_failures.labels(self.source.name).inc()
            log.exception("poll failed; polling again", source=self.source.name)
        return min(self.source.poll_every, timedelta(seconds=1))

    async def _poll(self) -> timedelta:
        ended = self._interrupted - self._tasks.keys()  # others may be interrupted while the release runs
        if ended or self._is_claim_unknown:
            await self.source.release(self._tasks.keys())
            self._interrupted.difference_update(ended)
            self._is_claim_unknown = False
        room = min(self.source.concurrency - len(self._tasks), MAX_CLAIM)
        if room <= 0 or self._draining.is_set():
            return self.source.poll_every
        self._is_claim_unknown = True
        jobs = await self.source.claim(room)
        if self._draining.is_set():
            return self.source.poll_every  # and nothing is started: the drain releases them
        self._is_claim_unknown = False
        self._is_crowded = len(jobs) >= room and room < MAX_CLAIM
        for job in jobs:
            self._start(job)
        if len(jobs) >= room:
            return self.source.poll_every if self._is_crowded else timedelta()  # crowded: the end of a job wakes it
        due = await self.source.next_due()
        return self.source.poll_every if due is None else max(timedelta(), due)

    def _start(self, job: Job) -> None:
        key = self.source.key_of(job)
        if (stale := self._tasks.get(key)) is not None:
            stale.cancel()  # its lease had lapsed, as after the machine was suspended; the fence keeps it from writing
        task = self._runner.create_task(self._run(job), name=f"{self.source.name} {key}")
        self._tasks[key] = task
        task.add_done_callback(lambda done: self._finish_task(key, done))
        self._runner.notify_named(self.source.wakes)

    def _finish_task(self, key: Key, task: "asyncio.Task[None]") -> None:
        if self._tasks.get(key) is task:
            del self._tasks[key]
        self.notify()
        self._runner.notify_named(self.source.wakes)

    async def _run(self, job: Job) -> None:
        try:
            await self.source.run(job)
        except INTERRUPTIONS as error:
            self._interrupted.add(self.source.key_of(job))
            reason = f"{type(error).__name__}: {error}"
            log.warning("job interrupted", source=self.source.name, key=str(self.source.key_of(job)), reason=reason)
        except Exception:
            meters.job_crashes.labels(self.source.name).inc()
            log.exception("job crashed", source=self.source.name, key=str(self.source.key_of(job)))

    async def poll_until(self, stop: asyncio.Event) -> None:
        """Poll until `stop` is set."""
        while not stop.is_set():
            self._wake.clear()
            try:
                sleep = await self.poll()
            finally:
                self._has_polled.set()
            if sleep >= self.source.poll_every:
                sleep *= random.uniform(_MIN_SLEEP, 1)  # noqa: S311  nothing secret
            gap = self.source.poll_gap
            if self._is_crowded:
                gap = max(gap, min(_CROWDED_GAP_MAX, _CROWDED_GAP * self.source.concurrency))
            if gap:
                await asyncio.sleep(gap.total_seconds())
            if not stop.is_set() and sleep > gap:
                await _wait(self._wake, sleep - gap)

    async def first_poll(self) -> None:
        """Return when the first poll is over, or takes long."""
        await _wait(self._has_polled, _FIRST_POLL_WITHIN)

    async def renew_forever(self) -> None:
        """Renew every lease RENEWALS_PER_LEASE times in its length, and stop the jobs whose lease is lost."""
        while True:
            await self._clock.sleep(self.source.lease / RENEWALS_PER_LEASE)
            try:
                await self.renew()
            except TRANSIENT_ERRORS as error:
                meters.renewal_failures.inc()
                log.warning("leases not renewed", source=self.source.name, error=str(error))
            except Exception:
                # Whatever this is, it must not delay the next renewal: every job would be taken over.
                meters.renewal_failures.inc()
                log.exception("leases not renewed; trying again", source=self.source.name)

    async def renew(self) -> None:
        """Renew the lease of each running job once."""
        held = dict(self._tasks)
        if not held:
            return
        for key in await self.source.renew(list(held)):
            if self._tasks.get(key) is held.get(key):  # and not one that was claimed again meanwhile
                log.warning("lease lost", source=self.source.name, key=str(key))
                held[key].cancel()

    async def _finish_polling(self) -> None:
        """Return when no poll is under way."""
        async with self._polling:
            pass

    async def drain(self, within: timedelta) -> None:
        """Wait for the running jobs, cancel the rest, and release their leases. Starts nothing more."""
        self._draining.set()
        polled = asyncio.create_task(self._finish_polling(), name=f"last poll {self.source.name}")
        if self._tasks:
            log.info("draining", source=self.source.name, jobs=len(self._tasks))
        await asyncio.wait([polled, *self._tasks.values()], timeout=within.total_seconds())
        polled.cancel()
        left = [task for task in self._tasks.values() if not task.done()]
        for task in left:
            task.cancel()
        if left:
            await asyncio.wait(left, timeout=CANCEL_WITHIN.total_seconds())
        if left or self._interrupted or self._is_claim_unknown:
            try:
                await self.source.release(())
                log.info("leases released", source=self.source.name, jobs=len(left))
            except TRANSIENT_ERRORS as error:
                log.warning("leases not released; they lapse", source=self.source.name, error=type(error).__name__)
            except Exception:  # one source that can't release must not cut the others' drain short
                log.exception("leases not released; they lapse", source=self.source.name)


class Runner:
    """Runs the jobs of all sources. Open it with `async with`; `run` until `stop`."""

    def __init__(
        self,
        sources: Sequence[JobSource[Any, Any]],  # Any: each source has its own kind of job
        clock: Clock,
        *,
        drain_within: timedelta = DRAIN,
    ) -> None:
        """Renewals wait on `clock`."""
        self._group: Final = asyncio.TaskGroup()
        self._clock: Final = clock
        self._drain_within: Final = drain_within
        self._started = 0
        self._ended = 0
        self._runners: Final[dict[str, SourceRunner[Any, Any]]] = {  # Any: as above
            source.name: SourceRunner(source, clock, self) for source in sources
        }

    async def __aenter__(self) -> Self:
        """Open the group that jobs run in."""
        await self._group.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Cancel the jobs that still run and wait for them; their leases lapse unless `run` has released them."""
        for task in self.tasks:
            if not task.cancelling():  # a second cancellation would cut off what a job completes after the first
                task.cancel()
        await self._group.__aexit__(None, None, None)

    @property
    def tasks(self) -> Sequence["asyncio.Task[None]"]:
        """Return the running jobs of all sources."""
        return [task for runner in self._runners.values() for task in runner.tasks.values()]

    def of(self, name: str) -> SourceRunner[Any, Any]:  # Any: as above
        """Return the runner of one source."""
        return self._runners[name]

    def create_task(self, work: Any, *, name: str) -> "asyncio.Task[None]":  # Any: what a coroutine yields is asyncio's
        """Start a job in the group."""
        self._started += 1
        task = self._group.create_task(work, name=name)
        task.add_done_callback(self._count_end)
        return task

    def _count_end(self, _task: "asyncio.Task[None]") -> None:
        self._ended += 1

    def notify(self) -> None:
        """Poll soon: something may be due."""
        for runner in self._runners.values():
            if runner.source.is_notified:
                runner.notify()

    def notify_named(self, names: Sequence[str]) -> None:
        """Have the sources of these names poll soon; unknown names are sources that this process does not run."""
        for name in names:
            if (runner := self._runners.get(name)) is not None:
                runner.notify()

    async def poll(self) -> timedelta:
        """Poll every source once; return how long there is nothing more to do, as far as is known."""
        return min([await runner.poll() for runner in self._runners.values()])

    async def next_due(self) -> timedelta | None:
        """Return how long until something is due in any source, or None if nothing is known to be."""
        waits = [await runner.source.next_due() for runner in self._runners.values()]
        return min((wait for wait in waits if wait is not None), default=None)

    async def run_until_idle(self) -> None:
        """Work until nothing is due and nothing runs; what waits for a later time is left."""
        while True:
            before = self._started, self._ended
            await self.poll()
            if tasks := self.tasks:
                await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            elif (self._started, self._ended) == before:  # else jobs ended during the poll, and may have made more work
                return

    async def run(self, stop: asyncio.Event) -> None:
        """Work until `stop` is set, then drain. Raises an ExceptionGroup where a loop keeps failing."""
        async with supervised() as supervisor:
            await self._start_loops(supervisor, stop)
            try:
                await stop.wait()
            finally:
                for runner in self._runners.values():
                    runner.notify()
                await self._drain()

    async def _start_loops(self, supervisor: Supervisor, stop: asyncio.Event) -> None:
        """Start one source after the other: their first polls share a connection instead of opening one each."""
        for name, runner in self._runners.items():

            async def poll(runner: SourceRunner[Any, Any] = runner) -> None:  # Any: as above
                await runner.poll_until(stop)

            supervisor.start(f"poll {name}", poll, is_essential=True)
            supervisor.start(f"renew {name}", runner.renew_forever, is_essential=True)
            await runner.first_poll()

    async def _drain(self) -> None:
        async with asyncio.TaskGroup() as group:
            for runner in self._runners.values():
                group.create_task(runner.drain(self._drain_within))


async def _wait(event: asyncio.Event, max_wait: timedelta) -> None:
    """Wait for an event. Not wait_for: in Python 3.11 it loses a cancellation at the moment of the event."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(max_wait.total_seconds()):
            await event.wait()
