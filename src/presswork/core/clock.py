"""The clock, as a parameter: nothing in Presswork reads the time of day by any other way."""

import asyncio
import time
from datetime import UTC, datetime, timedelta
from typing import Final, Protocol

_RUNNING: Final = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
"""Counts on while the machine sleeps: on Linux only the former does, on macOS the latter."""


class Clock(Protocol):
    """Tells the time and waits; tests hand in one that they move by hand."""

    def now(self) -> datetime:
        """Return the current instant, UTC. Somebody may set the clock: it can jump forwards and backwards."""
        ...

    def uptime(self) -> timedelta:
        """Return how long it has been running since some fixed moment: it only grows, whatever the clock is set to."""
        ...

    async def sleep(self, duration: timedelta) -> None:
        """Wait that long; a duration of zero or less only yields to other tasks."""
        ...


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        """Return the current instant, UTC."""
        return datetime.now(UTC)

    def uptime(self) -> timedelta:
        """Return how long the machine has been running, its sleep included."""
        return timedelta(seconds=time.clock_gettime(_RUNNING))

    async def sleep(self, duration: timedelta) -> None:
        """Wait that long; a duration of zero or less only yields to other tasks."""
        await asyncio.sleep(max(0.0, duration.total_seconds()))


class SteadyClock:
    """A clock that is started at an instant and then only runs on, whatever the one that drives it is set to."""

    def __init__(self, clock: Clock, *, at: datetime, since: timedelta) -> None:
        """Take the clock that drives it; it showed `at` (UTC) when that one's uptime was `since`."""
        self._clock: Final = clock
        self._zero: Final = at - since

    def now(self) -> datetime:
        """Return the instant it shows, UTC."""
        return self._zero + self._clock.uptime()

    def uptime(self) -> timedelta:
        """Return the uptime of the clock that drives it."""
        return self._clock.uptime()

    async def sleep(self, duration: timedelta) -> None:
        """Wait that long by the clock that drives it."""
        await self._clock.sleep(duration)
