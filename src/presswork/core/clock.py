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
        """Return the current instant, UTC. The system clock can be wrong, and can jump forwards and backwards."""
        ...

    def database_now(self) -> datetime | None:
        """Return the instant with which statements compare leases and due times, or None for the database's clock."""
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

    def database_now(self) -> datetime | None:
        """Return None, so that the database's clock decides: several machines compare leases and due times."""
        return None

    def uptime(self) -> timedelta:
        """Return the time since the machine started, including sleep."""
        return timedelta(0, time.clock_gettime(_RUNNING))  # by place: half the time of a keyword

    async def sleep(self, duration: timedelta) -> None:
        """Wait for a duration; zero or less only yields to other tasks."""
        await asyncio.sleep(max(0.0, duration.total_seconds()))


class JobClock:
    """A job's clock: the database's time at the claim, plus the time that has passed since.

    It does not depend on any machine's time of day. It starts before the claim is sent, so it is never behind the
    database's clock, and a lease that has not expired by it has not expired in the database either.
    """

    def __init__(self, clock: Clock, *, at: datetime, since: timedelta) -> None:
        """Start at `at` (UTC), the database's time when, or after, the uptime of `clock` was `since`."""
        self._clock: Final = clock
        self._zero: Final = at - since

    def now(self) -> datetime:
        """Return the current instant, UTC."""
        return self.at(self._clock.uptime())

    def at(self, uptime: timedelta) -> datetime:
        """Return the instant, UTC, at which the uptime of the other clock was this."""
        return self._zero + uptime

    def database_now(self) -> datetime | None:
        """Return the same instant: a job's writes carry the job's time."""
        return self.now()

    def uptime(self) -> timedelta:
        """Return the uptime of the other clock."""
        return self._clock.uptime()

    async def sleep(self, duration: timedelta) -> None:
        """Wait for a duration on the other clock."""
        await self._clock.sleep(duration)
