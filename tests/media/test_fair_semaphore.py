"""Slots that owners take in turns: the order in which waiting jobs get them."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress

import pytest

from presswork.media.fair_semaphore import FairSemaphore


class Jobs:
    """Jobs that hold a slot until a test ends them. The first letter of a job's name is its owner."""

    def __init__(self, slots: int) -> None:
        self.slots = FairSemaphore(slots)
        self.running: list[str] = []
        self.begun: list[str] = []
        self.tasks: dict[str, asyncio.Task[None]] = {}
        self.ends: dict[str, asyncio.Event] = {}

    async def begin(self, *names: str) -> None:
        """Start jobs, in this order."""
        for name in names:
            self.ends[name] = asyncio.Event()
            self.tasks[name] = asyncio.create_task(self._job(name))
        await settled()

    async def end(self, *names: str) -> None:
        """End running jobs, one after another."""
        for name in names:
            self.ends[name].set()
            await self.tasks[name]
            await settled()

    async def cancel(self, *names: str) -> None:
        """Cancel jobs at the same time."""
        for name in names:
            self.tasks[name].cancel()
        for name in names:
            with suppress(asyncio.CancelledError):
                await self.tasks[name]
        await settled()

    async def finish(self) -> Sequence[str]:
        """End all jobs, always the one that has run longest, and return the order in which they began."""
        while self.running:
            await self.end(self.running[0])
        assert all(task.done() for task in self.tasks.values())
        return self.begun

    async def _job(self, name: str) -> None:
        async with self.slots.held_by(name[0]):
            self.begun.append(name)
            self.running.append(name)
            try:
                await self.ends[name].wait()
            finally:
                self.running.remove(name)


async def settled() -> None:
    """Let all tasks run until each waits for something."""
    for _ in range(10):
        await asyncio.sleep(0)


async def test_the_jobs_of_one_owner_run_in_order() -> None:
    """One owner uses all slots, first come, first served."""
    jobs = Jobs(2)
    await jobs.begin("a1", "a2", "a3", "a4")
    assert jobs.running == ["a1", "a2"]
    assert await jobs.finish() == ["a1", "a2", "a3", "a4"]


@pytest.mark.parametrize(
    ("slots", "order"),
    [(1, "a1 b1 c1 a2 c2 a3 a4"), (2, "a1 a2 b1 c1 a3 c2 a4")],
)
async def test_owners_take_turns(slots: int, order: str) -> None:
    """A job waits for at most one job of each other owner per slot, however many of them came earlier."""
    jobs = Jobs(slots)
    await jobs.begin("a1", "a2", "a3", "a4", "b1", "c1", "c2")
    assert await jobs.finish() == order.split()


async def test_the_owner_with_the_fewest_slots_is_next() -> None:
    """An owner that has slots waits behind one that has none, also when that one came last."""
    jobs = Jobs(3)
    await jobs.begin("a1", "a2", "b1", "a3", "b2", "c1")
    await jobs.end("b1")
    assert jobs.running == ["a1", "a2", "c1"]
    await jobs.end("c1")
    assert jobs.running == ["a1", "a2", "b2"]


async def test_new_owners_do_not_keep_an_earlier_one_waiting() -> None:
    """However many owners come with their first job, those that waited before are served before."""
    jobs = Jobs(1)
    await jobs.begin("a1", "a2", "b1")
    for newcomer, waited in (("c1", "b1"), ("d1", "c1"), ("e1", "a2"), ("f1", "d1")):
        await jobs.begin(newcomer)
        await jobs.end(jobs.running[0])
        assert jobs.running == [waited]


async def test_a_canceled_job_leaves_its_place() -> None:
    """Canceled while it waits or runs, a job makes room for the others."""
    jobs = Jobs(1)
    await jobs.begin("a1", "a2", "b1", "b2", "c1", "d1")
    await jobs.cancel("b1", "c1")
    assert jobs.running == ["a1"]
    await jobs.cancel("a1")
    assert jobs.running == ["b2"]
    assert await jobs.finish() == ["a1", "b2", "d1", "a2"]


async def test_a_job_canceled_in_the_moment_of_its_turn_passes_the_slot_on() -> None:
    """A slot that was given to a job that no longer runs is not lost."""
    jobs = Jobs(1)
    async with jobs.slots.held_by("z"):
        await jobs.begin("a1", "b1")
    await jobs.cancel("a1")  # there was no chance to run since the slot was passed to it
    assert jobs.running == ["b1"]
    assert await jobs.finish() == ["b1"]


async def test_a_slot_is_not_given_to_a_job_that_was_just_canceled() -> None:
    """A job that is canceled and has not noticed yet is passed over."""
    jobs = Jobs(1)
    async with jobs.slots.held_by("z"):
        await jobs.begin("a1", "b1")
        jobs.tasks["a1"].cancel()
    await settled()
    assert jobs.running == ["b1"]
    assert await jobs.finish() == ["b1"]


async def test_all_slots_return_after_any_cancellation() -> None:
    """With every pair of jobs canceled together, those that remain all run, on every slot."""
    names = ["a1", "a2", "b1", "b2", "c1"]
    for first in names:
        for second in names:
            jobs = Jobs(2)
            await jobs.begin(*names)
            await jobs.cancel(*dict.fromkeys((first, second)))
            assert {*await jobs.finish()} >= {*names} - {first, second}
            await jobs.begin("d1", "e1", "f1")
            assert jobs.running == ["d1", "e1"]
            await jobs.finish()
