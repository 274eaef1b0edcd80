"""The clock, as a parameter: nothing in Presswork reads the time of day by any other way."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Tells the time and waits; tests hand in one that they move by hand."""

    def now(self) -> datetime:
        """Return the current instant, UTC."""
        ...

    async def sleep(self, duration: timedelta) -> None:
        """Wait that long; a duration of zero or less only yields to other tasks."""
        ...


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        """Return the current instant, UTC."""
        return datetime.now(UTC)

    async def sleep(self, duration: timedelta) -> None:
        """Wait that long; a duration of zero or less only yields to other tasks."""
        await asyncio.sleep(max(0.0, duration.total_seconds()))
