"""Supervised background tasks: restarted with backoff, counted, or the end of the process."""

import asyncio
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from tests.clocks import MovableClock

from presswork.jobs.supervisor import BACKOFF_MAX, HEALTHY_AFTER, MAX_DEATHS, TaskKeepsFailing, supervised
from presswork.telemetry import meters


@dataclass
class Mortal:
    """A task that dies so many times, then runs until it is cancelled."""

    deaths: int
    clock: MovableClock
    lives: timedelta = timedelta()
    started: list[timedelta] = field(default_factory=list)
    runs: asyncio.Event = field(default_factory=asyncio.Event)

    async def work(self) -> None:
        self.started.append(self.clock.uptime())
        if len(self.started) <= self.deaths:
            self.clock.advance(self.lives)
            raise RuntimeError("unforeseen")
        self.runs.set()
        await asyncio.Event().wait()


def restarts(name: str) -> float:
    """Return how many restarts of a task were counted."""
    return float(meters.background_restarts.labels(name)._value.get())  # there is no public way to read one


async def test_a_task_that_dies_is_restarted_with_growing_backoff(clock: MovableClock) -> None:
    """Each death is counted; the waits double up to a cap."""
    mortal, counted = Mortal(9, clock), restarts("mortal")
    async with supervised(clock) as supervisor:
        supervisor.start("mortal", mortal.work)
        await mortal.runs.wait()
    waits = [after - before for before, after in zip(mortal.started, mortal.started[1:], strict=False)]
    assert waits[:3] == [timedelta(seconds=0.5), timedelta(seconds=1), timedelta(seconds=2)]
    assert waits[-1] == BACKOFF_MAX
    assert restarts("mortal") - counted == 9


async def test_a_task_that_ran_for_long_starts_with_the_first_backoff(clock: MovableClock) -> None:
    """An essential task that dies once an hour never ends the process."""
    mortal = Mortal(MAX_DEATHS * 2, clock, lives=HEALTHY_AFTER)
    async with supervised(clock) as supervisor:
        supervisor.start("hourly", mortal.work, is_essential=True)
        await mortal.runs.wait()
    waits = {after - before for before, after in zip(mortal.started, mortal.started[1:], strict=False)}
    assert waits == {HEALTHY_AFTER + timedelta(seconds=0.5)}


async def test_an_essential_task_that_keeps_dying_ends_the_process(clock: MovableClock) -> None:
    """The block is cancelled, the other tasks as well, and the error says which task it was."""
    mortal, other = Mortal(1_000, clock), Mortal(0, clock)

    async def run() -> None:
        async with supervised(clock) as supervisor:
            supervisor.start("other", other.work)
            supervisor.start("essential", mortal.work, is_essential=True)
            await asyncio.Event().wait()

    with pytest.raises(ExceptionGroup) as caught:
        await run()
    (error,) = caught.value.exceptions
    assert isinstance(error, TaskKeepsFailing)
    assert str(error) == f"essential failed {MAX_DEATHS} times in a row"
    assert len(mortal.started) == MAX_DEATHS


async def test_a_task_that_returns_is_not_run_again(clock: MovableClock) -> None:
    """Its work is done; the block waits for nothing."""
    ran: list[int] = []

    async def once() -> None:
        ran.append(1)

    async with supervised(clock) as supervisor:
        supervisor.start("once", once)
        await asyncio.sleep(0)
    assert ran == [1]


async def test_a_block_that_raises_ends_its_tasks(clock: MovableClock) -> None:
    """Its error is raised as it is, in no group; nothing is restarted or logged as a failure."""
    mortal = Mortal(0, clock)

    async def run() -> None:
        async with supervised(clock) as supervisor:
            supervisor.start("quiet", mortal.work)
            await mortal.runs.wait()
            raise ValueError("the block's own")

    with pytest.raises(ValueError, match="the block's own"):
        await run()
    assert len(mortal.started) == 1
