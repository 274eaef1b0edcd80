"""Concurrent sleeps on a test clock overlap, and end in the order of their ends."""

import asyncio
from datetime import timedelta

import pytest
from tests.clocks import JumpingClock, MovableClock

SECOND = timedelta(seconds=1)


async def test_concurrent_sleeps_overlap() -> None:
    """Three sleeps of one, two and three seconds take three seconds together, and each ends at its own instant."""
    clock = MovableClock()
    start, woke = clock.now(), dict[int, timedelta]()

    async def sleep(seconds: int) -> None:
        await clock.sleep(seconds * SECOND)
        woke[seconds] = clock.now() - start

    await asyncio.gather(*(sleep(seconds) for seconds in (3, 1, 2)))
    assert woke == {1: SECOND, 2: 2 * SECOND, 3: 3 * SECOND}
    assert list(woke) == [1, 2, 3]
    assert clock.uptime() == MovableClock().uptime() + 3 * SECOND


async def test_sleeps_in_a_row_add_up() -> None:
    """While one task sleeps for five seconds, another sleeps three times for two."""
    clock = MovableClock()
    start, woke = clock.now(), list[tuple[str, timedelta]]()

    async def one() -> None:
        await clock.sleep(5 * SECOND)
        woke.append(("one", clock.now() - start))

    async def other() -> None:
        for _ in range(3):
            await clock.sleep(2 * SECOND)
            woke.append(("other", clock.now() - start))

    await asyncio.gather(one(), other())
    assert woke == [("other", 2 * SECOND), ("other", 4 * SECOND), ("one", 5 * SECOND), ("other", 6 * SECOND)]


async def test_a_canceled_sleep_moves_nothing() -> None:
    """A sleep that is canceled does not advance the clock and does not hold up the others."""
    clock = MovableClock()
    start = clock.now()
    short, long = (asyncio.create_task(clock.sleep(seconds * SECOND)) for seconds in (1, 5))
    await asyncio.sleep(0)
    short.cancel()
    await long
    with pytest.raises(asyncio.CancelledError):
        await short
    assert clock.now() - start == 5 * SECOND


async def test_jumps_overlap() -> None:
    """The clock that follows the machine jumps to the end of each sleep, and the sandbox's clock goes along."""
    jumps: list[timedelta] = []

    async def follow(jump: timedelta) -> None:
        await asyncio.sleep(0)
        jumps.append(jump)

    clock = JumpingClock(follow)
    start = clock.now()
    await asyncio.gather(*(clock.sleep(hours * timedelta(hours=1)) for hours in (2, 1)))
    passed = clock.now() - start
    assert timedelta(hours=2) <= passed < timedelta(hours=3)
    assert len(jumps) == 2
    assert sum(jumps, timedelta()) <= passed
