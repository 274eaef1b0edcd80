"""The clock, as a parameter: nothing in Presswork reads the time of day by any other way."""

import asyncio
import time
from datetime import UTC, datetime, timedelta
from typing import Final, Protocol

_RUNNING: Final = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
"""Counts on while the machine sleeps: on Linux only the former does, on macOS the latter."""


class Clock(Protocol):
    """Returns the time and waits; tests pass one that they move."""

    def now(self) -> datetime:
        """Return the current instant, UTC. The machine's clock can be wrong, and can jump forwards and backwards."""
        ...

    def database_now(self) -> datetime | None:
        """Return the instant that statements compare leases and due times with; None: the database's own clock."""
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

    def database_now(self) -> datetime | None:
        """Return None: several machines compare leases and due times, so the database's clock decides."""
        return None

    def uptime(self) -> timedelta:
        """Return how long the machine has been running, its sleep included."""
        return timedelta(seconds=time.clock_gettime(_RUNNING))

    async def sleep(self, duration: timedelta) -> None:
        """Wait that long; a duration of zero or less only yields to other tasks."""
        await asyncio.sleep(max(0.0, duration.total_seconds()))


class JobClock:
    """A job's clock: the database's time at the claim, and from there on the time that has passed since.

    No setting of any machine's clock moves it. It is started before the claim is sent, so it is never behind the
    database's clock, and a lease that has not ended by it has not ended in the database either.
    """

    def __init__(self, clock: Clock, *, at: datetime, since: timedelta) -> None:
        """Take the clock that measures; the database showed `at` (UTC) when, or after, that clock's uptime was `since`."""
        self._clock: Final = clock
        self._zero: Final = at - since

    def now(self) -> datetime:
        """Return the instant it shows, UTC."""
        return self._zero + self._clock.uptime()

    def database_now(self) -> datetime | None:
        """Return the instant it shows: a job's writes carry the job's time."""
        return self.now()

    def uptime(self) -> timedelta:
        """Return the uptime of the clock that measures."""
        return self._clock.uptime()

    async def sleep(self, duration: timedelta) -> None:
        """Wait that long by the clock that measures."""
        await self._clock.sleep(duration)
