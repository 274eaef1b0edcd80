"""The runner, on a source in memory: bounds, leases, release after failures, draining, isolation."""

import asyncio
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from tests.clocks import MovableClock

from presswork.core.clock import SystemClock
from presswork.jobs.runner import LeaseLost, Runner

SECOND = timedelta(seconds=1)


def _nothing() -> None:
    return None


@dataclass
class Queue:
    """A source of numbered jobs; `claim_with`, `run_with` and `release_with` may raise."""

    name: str = "queue"
    concurrency: int = 3
    lease: timedelta = timedelta(seconds=30)
    poll_every: timedelta = timedelta(seconds=1)
    poll_gap: timedelta = timedelta()
    is_notified: bool = True
    wakes: Sequence[str] = ()
    due: list[int] = field(default_factory=list)
    leased: set[int] = field(default_factory=set)
    done: list[int] = field(default_factory=list)
    lost: set[int] = field(default_factory=set)
    max_at_once: int = 0
    polls: int = 0
    claim_with: Callable[[], None] = _nothing
    after_claim: Callable[[], None] = _nothing
    run_with: Callable[[], None] = _nothing
    hold: asyncio.Event | None = None
    running: set[int] = field(default_factory=set)

    def key_of(self, job: int) -> int:
        return job

    async def claim(self, limit: int) -> Sequence[int]:
        self.polls += 1
        self.claim_with()
        taken, self.due = self.due[:limit], self.due[limit:]
        self.leased.update(taken)
        self.after_claim()
        return taken

    async def renew(self, keys: Collection[int]) -> Collection[int]:
        return self.lost & set(keys)

    async def release(self, held: Collection[int]) -> None:
        back = self.leased - set(held)
        self.leased -= back
        self.due += sorted(back)

    async def next_due(self) -> timedelta | None:
        return None

    async def run(self, job: int) -> None:
        self.running.add(job)
        self.max_at_once = max(self.max_at_once, len(self.running))
        try:
            await asyncio.sleep(0)
            self.run_with()
            if self.hold is not None:
                await self.hold.wait()
        finally:
            self.running.discard(job)
        self.leased.discard(job)
        self.done.append(job)


def once(error: Exception) -> Callable[[], None]:
    """Return what raises the first time."""
    errors = [error]

    def step() -> None:
        if errors:
            raise errors.pop()

    return step


async def until(is_so: Callable[[], object]) -> None:
    """Let other tasks run until something is so."""
    while not is_so():  # noqa: ASYNC110  what is waited for has no event
        await asyncio.sleep(0)


async def test_no_more_run_at_once_than_the_source_allows(clock: MovableClock) -> None:
    """Two thousand are due: three run at a time, and all of them in the end."""
    queue = Queue(due=list(range(2_000)))
    async with Runner([queue], clock) as runner:
        await runner.run_until_idle()
    assert (queue.max_at_once, sorted(queue.done)) == (3, list(range(2_000)))


@pytest.mark.parametrize("error", [TimeoutError("no connection was free"), RuntimeError("unforeseen")])
async def test_what_was_claimed_when_the_claim_failed_is_released(clock: MovableClock, error: Exception) -> None:
    """The rows are leased and the next statement raises: the next poll releases them and claims them again."""
    queue = Queue(due=[1, 2], after_claim=once(error))
    async with Runner([queue], clock) as runner:
        await runner.poll()
        assert queue.leased == {1, 2}
        await runner.run_until_idle()
    assert sorted(queue.done) == [1, 2]


async def test_a_source_that_fails_holds_up_no_other(clock: MovableClock) -> None:
    """Every poll of the first raises; the second does its jobs."""

    def fail() -> None:
        raise RuntimeError("a broken table")

    broken, sound = Queue(name="broken", claim_with=fail), Queue(due=[1, 2])
    async with Runner([broken, sound], clock) as runner:
        await runner.run_until_idle()
    assert sorted(sound.done) == [1, 2]


@pytest.mark.parametrize("error", [LeaseLost(), ConnectionResetError("The server closed the connection.")])
async def test_an_interrupted_job_is_released_and_claimed_again(clock: MovableClock, error: Exception) -> None:
    """A job that could not be settled does not wait for its lease to lapse. A job beside it keeps its lease."""
    queue = Queue(due=[1, 2], run_with=once(error))
    async with Runner([queue], clock) as runner:
        await runner.run_until_idle()
    assert sorted(queue.done) == [1, 2]


class SlowQueue(Queue):
    """A source whose job 1 is interrupted on command, once, and whose second claim or first release is slow."""

    def __init__(self, slow: str) -> None:
        super().__init__(due=[1, 2])
        self.slow = slow
        self.interrupt = asyncio.Event()
        self.answer = asyncio.Event()

    async def claim(self, limit: int) -> Sequence[int]:
        if self.polls and self.slow == "claim":
            await self.answer.wait()
        return await super().claim(limit)

    async def release(self, held: Collection[int]) -> None:
        await super().release(list(held))
        if self.slow == "release":
            await self.answer.wait()

    async def run(self, job: int) -> None:
        if job == 1 and not self.interrupt.is_set():
            await self.interrupt.wait()
            raise LeaseLost
        await super().run(job)


@pytest.mark.parametrize("slow", ["claim", "release"])
async def test_a_job_interrupted_during_a_poll_is_released(clock: MovableClock, slow: str) -> None:
    """A job is interrupted while a poll waits for the database: a later poll releases and claims it."""
    queue = SlowQueue(slow)
    if slow == "release":
        queue.run_with = once(LeaseLost())  # job 2, so that the poll has something to release
    async with Runner([queue], clock) as runner:
        await runner.poll()
        await until(lambda: list(runner.of("queue").tasks) == [1])
        poll = asyncio.create_task(runner.poll())
        await asyncio.sleep(0)
        queue.interrupt.set()
        await until(lambda: not runner.of("queue").tasks)
        queue.answer.set()
        await poll
        await runner.run_until_idle()
    assert sorted(queue.done) == [1, 2]
    assert not queue.leased


async def test_a_job_that_crashes_ends_no_other(clock: MovableClock) -> None:
    """Its lease lapses by itself, which is its backoff."""
    queue = Queue(due=[1, 2, 3], run_with=once(RuntimeError("unforeseen")))
    async with Runner([queue], clock) as runner:
        await runner.run_until_idle()
    assert len(queue.done) == 2
    assert len(queue.leased) == 1


async def test_a_job_whose_lease_is_lost_is_stopped(clock: MovableClock) -> None:
    """A renewal reports it; the other jobs continue."""
    queue = Queue(due=[1, 2], hold=asyncio.Event(), lost={1})
    async with Runner([queue], clock) as runner:
        await runner.poll()
        await asyncio.sleep(0)
        await runner.of("queue").renew()
        await asyncio.wait([runner.of("queue").tasks[1]])
        assert queue.running == {2}


async def test_a_stopping_runner_finishes_what_it_can_and_releases_the_rest() -> None:
    """What ends in time is done; what does not is cancelled and released, and nothing more is claimed."""
    queue = Queue(due=[1, 2], hold=asyncio.Event())
    stop = asyncio.Event()
    async with Runner([queue], SystemClock(), drain_within=timedelta(milliseconds=50)) as runner:
        running = asyncio.create_task(runner.run(stop))
        await until(lambda: len(queue.running) == 2)
        queue.due.append(3)
        stop.set()
        await running
    assert (queue.done, queue.leased, sorted(queue.due)) == ([], set(), [1, 2, 3])


@dataclass
class Held(Queue):
    """A source whose second claim takes effect when `may_end` is set, or, at the latest, while leases are released."""

    may_end: asyncio.Event = field(default_factory=asyncio.Event)
    claims: int = 0

    async def claim(self, limit: int) -> Sequence[int]:
        self.claims += 1
        if self.claims > 1:
            await self.may_end.wait()
        return await super().claim(limit)

    async def release(self, held: Collection[int]) -> None:
        await super().release(held)
        self.may_end.set()
        await loops()


async def loops() -> None:
    """Let other tasks run for some iterations of the event loop."""
    for _ in range(10):
        await asyncio.sleep(0)


async def test_a_stopping_runner_starts_nothing_and_releases_what_it_claims() -> None:
    """A claim is under way when the process has to stop: another process can take these jobs at once."""
    queue = Held(hold=asyncio.Event())
    stop = asyncio.Event()
    async with Runner([queue], SystemClock(), drain_within=timedelta(milliseconds=50)) as runner:
        running = asyncio.create_task(runner.run(stop))
        await until(lambda: queue.polls)
        queue.due += [1, 2]
        runner.notify()
        await until(lambda: queue.claims == 2)
        stop.set()
        await loops()
        queue.may_end.set()
        await running
    assert (queue.max_at_once, queue.leased, sorted(queue.due)) == (0, set(), [1, 2])


async def test_a_hint_wakes_a_sleeping_source() -> None:
    """Its longest sleep is an hour; it polls when it is notified, and when a job of a source that wakes it ends."""
    sleeper = Queue(name="sleeper", poll_every=timedelta(hours=1))
    other = Queue(name="other", poll_every=timedelta(hours=1), wakes=("sleeper",))
    stop = asyncio.Event()
    async with Runner([sleeper, other], SystemClock()) as runner:
        running = asyncio.create_task(runner.run(stop))
        await until(lambda: sleeper.polls and other.polls)
        sleeper.due.append(1)
        other.due.append(1)
        runner.of("other").notify()
        await until(lambda: sleeper.done)
        sleeper.due.append(2)
        runner.notify()
        await until(lambda: sleeper.done == [1, 2])
        stop.set()
        await running


async def test_a_poll_loop_that_is_woken_and_canceled_at_once_ends() -> None:
    """The group of tasks that it belongs to would otherwise wait for it for ever."""
    queue = Queue(poll_every=timedelta(hours=1))
    async with Runner([queue], SystemClock()) as runner:
        for loops_before in range(4):
            polls = queue.polls
            loop = asyncio.create_task(runner.of("queue").poll_until(asyncio.Event()))
            await until(lambda: queue.polls > polls)  # noqa: B023  called at once
            await loops()
            runner.notify()
            for _ in range(loops_before):
                await asyncio.sleep(0)
            loop.cancel()
            assert await asyncio.wait([loop], timeout=5) == ({loop}, set())


@dataclass
class Late(Queue):
    """A source whose second poll lasts until another source's job has ended."""

    of: Queue = field(default_factory=Queue)

    async def claim(self, limit: int) -> Sequence[int]:
        if self.polls == 1 and self.of.hold is not None:
            self.of.hold.set()
            await until(lambda: not self.of.running)
            await asyncio.sleep(0)
        return await super().claim(limit)


async def test_work_of_a_job_that_ends_during_a_poll_is_not_left(clock: MovableClock) -> None:
    """A job ends while a later source polls, and its end queues work for a source that has polled: that is done, too."""
    first = Queue(name="first", due=[1, 2])
    second = Queue(name="second")

    async def run(job: int) -> None:
        first.running.add(job)
        if job == 2:
            first.hold = asyncio.Event()
            await first.hold.wait()
            second.due.append(3)
        first.running.discard(job)

    first.run = run  # type: ignore[method-assign]  # this test's jobs
    late = Late(name="late", of=first)
    async with Runner([first, second, late], clock) as runner:
        await runner.run_until_idle()
    assert second.done == [3]


@dataclass
class Slow(Queue):
    """A source whose polls take a moment, and which counts how many sources poll at once."""

    at_once: list[int] = field(default_factory=lambda: [0, 0])
    """How many poll now, and the most that ever did."""

    async def claim(self, limit: int) -> Sequence[int]:
        self.at_once[0] += 1
        self.at_once[1] = max(self.at_once)
        for _ in range(5):
            await asyncio.sleep(0)
        self.at_once[0] -= 1
        return await super().claim(limit)


@dataclass
class Staggered(Queue):
    """A source whose jobs end one after the other, and whose claims take as long as a few of them."""

    async def claim(self, limit: int) -> Sequence[int]:
        await loops()
        return await super().claim(limit)

    async def run(self, job: int) -> None:
        for _ in range(job % self.concurrency):
            await asyncio.sleep(0)
        await super().run(job)


async def test_a_claim_waits_for_several_free_slots(monkeypatch: pytest.MonkeyPatch) -> None:
    """While more are due than may run, a claim takes the slots of all jobs that ended since, and not of each that ends."""
    # As long as it gets, since few jobs end in a short one on a slow machine.
    monkeypatch.setattr("presswork.jobs.runner._CROWDED_GAP", timedelta(microseconds=500))
    queue = Staggered(due=list(range(2_000)), concurrency=100)
    stop = asyncio.Event()
    async with Runner([queue], SystemClock()) as runner:
        running = asyncio.create_task(runner.run(stop))
        await until(lambda: len(queue.done) == 2_000)
        stop.set()
        await running
    assert queue.max_at_once <= 100
    assert queue.polls < 100


async def test_first_polls_do_not_overlap() -> None:
    """A starting worker polls its sources one after the other, so that they share a database connection."""
    counts, stop = [0, 0], asyncio.Event()
    sources = [Slow(name=f"source {number}", at_once=counts, poll_every=timedelta(hours=1)) for number in range(4)]
    async with Runner(sources, SystemClock()) as runner:
        running = asyncio.create_task(runner.run(stop))
        await until(lambda: all(source.polls for source in sources))
        stop.set()
        await running
    assert counts == [0, 1]
