"""Clocks of tests: a wait takes no time, and concurrent waits overlap as they do on a real clock."""

import asyncio
import contextlib
import itertools
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final

from presswork.core.clock import SystemClock

_ZERO: Final = timedelta()


class Sleeps:
    """The sleeps in progress on one clock. They end in the order of their ends, whatever order they began in."""

    def __init__(self) -> None:
        """Start without any."""
        self._pending: Final[list[tuple[timedelta, int]]] = []
        self._numbers: Final = itertools.count()
        self._one_ended = asyncio.Event()

    @contextlib.asynccontextmanager
    async def until(self, wake_at: timedelta) -> AsyncIterator[None]:
        """Wait until no pending sleep ends earlier; in the block, the sleep advances its clock to `wake_at`.

        The other tasks run first, so that sleeps which begin at the same instant all count.
        """
        sleep = (wake_at, next(self._numbers))
        self._pending.append(sleep)
        try:
            await asyncio.sleep(0)
            while sleep != min(self._pending):
                await self._one_ended.wait()
            yield
        finally:
            self._pending.remove(sleep)
            self._one_ended.set()
            self._one_ended = asyncio.Event()


@dataclass
class MovableClock:
    """A clock that stands still until a test advances it, or until a task sleeps: then it advances to the sleep's end."""

    instant: datetime = field(default_factory=lambda: datetime.now(UTC).replace(microsecond=0))
    ran: timedelta = timedelta(days=1)
    _sleeps: Sleeps = field(default_factory=Sleeps)

    def now(self) -> datetime:
        """Return the current instant of this clock."""
        return self.instant

    def database_now(self) -> datetime:
        """Return the current instant of this clock, which replaces the clock of the database in tests."""
        return self.instant

    def uptime(self) -> timedelta:
        """Return the monotonic time since the start."""
        return self.ran

    def advance(self, duration: timedelta) -> None:
        """Advance the clock and the uptime."""
        self.instant += duration
        self.ran += duration

    def set_by(self, duration: timedelta) -> None:
        """Set the clock forward or back without a change of the uptime."""
        self.instant += duration

    async def sleep(self, duration: timedelta) -> None:
        """Advance the clock to the end of this sleep, unless another task advances it that far first."""
        wake_at = self.ran + max(_ZERO, duration)
        async with self._sleeps.until(wake_at):
            self.advance(max(_ZERO, wake_at - self.ran))


class JumpingClock:
    """The machine's clock plus all jumps: a sleep jumps to its end at once, and `on_jump` moves what must follow."""

    def __init__(self, on_jump: Callable[[timedelta], Awaitable[None]] | None = None) -> None:
        """Start at the machine's time. `on_jump` gets the length of each jump, to advance the sandbox's clock."""
        self.on_jump = on_jump
        self.waits: Final[list[timedelta]] = []
        self._ahead = _ZERO
        self._sleeps: Final = Sleeps()

    def now(self) -> datetime:
        """Return the current instant of this clock, UTC."""
        return datetime.now(UTC) + self._ahead

    def database_now(self) -> datetime:
        """Return the current instant of this clock, which replaces the clock of the database in tests."""
        return self.now()

    def uptime(self) -> timedelta:
        """Return the monotonic time since the start, jumps included."""
        return SystemClock().uptime() + self._ahead

    async def sleep(self, duration: timedelta) -> None:
        """Jump to the end of this sleep, unless the clock gets that far before."""
        self.waits.append(duration)
        wake_at = self.uptime() + max(_ZERO, duration)
        async with self.turn(wake_at):
            left = wake_at - self.uptime()
            if left > _ZERO and duration > _ZERO:
                self._ahead += left
                if self.on_jump is not None:
                    await self.on_jump(left)

    def turn(self, wake_at: timedelta) -> contextlib.AbstractAsyncContextManager[None]:
        """Wait until no other sleep ends earlier."""
        return self._sleeps.until(wake_at)
