"""Clocks. Code receives a Clock as a parameter and never reads the system time directly."""

import asyncio
import time
from datetime import UTC, datetime, timedelta
from typing import Final, Protocol

_RUNNING: Final = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
"""The system clock that includes sleep: CLOCK_BOOTTIME on Linux, CLOCK_MONOTONIC on macOS."""


class Clock(Protocol):
    """Returns the time and waits. Tests use one that they advance explicitly."""

    def now(self) -> datetime:
        """Return the current instant, UTC. It can jump forwards and backwards when the system clock is set."""
        ...

    def uptime(self) -> timedelta:
        """Return the time since a fixed moment. It never decreases, even when the system clock is set."""
        ...

    async def sleep(self, duration: timedelta) -> None:
        """Wait for a duration; zero or less only yields to other tasks."""
        ...


class SystemClock:
    """The system clock."""

    def now(self) -> datetime:
        """Return the current instant, UTC."""
        return datetime.now(UTC)

    def uptime(self) -> timedelta:
        """Return the time since the machine started, including sleep."""
        return timedelta(seconds=time.clock_gettime(_RUNNING))

    async def sleep(self, duration: timedelta) -> None:
        """Wait for a duration; zero or less only yields to other tasks."""
        await asyncio.sleep(max(0.0, duration.total_seconds()))


class SteadyClock:
    """A clock that starts at an instant and advances with the uptime of another clock, so that it never jumps."""

    def __init__(self, clock: Clock, *, at: datetime, since: timedelta) -> None:
        """Start at the instant `at` (UTC), which corresponds to the uptime `since` of `clock`."""
        self._clock: Final = clock
        self._zero: Final = at - since

    def now(self) -> datetime:
        """Return the current instant, UTC."""
        return self._zero + self._clock.uptime()

    def uptime(self) -> timedelta:
        """Return the uptime of the other clock."""
        return self._clock.uptime()

    async def sleep(self, duration: timedelta) -> None:
        """Wait for a duration on the other clock."""
        await self._clock.sleep(duration)
