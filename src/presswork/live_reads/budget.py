"""The calls that reads may make: a fifth of what the platform allows, shared by all workers, as a bucket that refills."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil
from typing import Final

from presswork.core.clock import Clock
from presswork.core.enums import Environment
from presswork.db.pool import Pool
from presswork.db.queries import load
from presswork.platforms.live_support import ReadLimit
from presswork.platforms.port import Platform

_SQL: Final = load("presswork.live_reads")
SHARE: Final = 0.2
"""The part of a platform's limit that reads use; the rest is for publishing."""
_BURST: Final = 1 / 3
"""How much of that the bucket holds. The rest refills it within the window, so that no window has more than the whole."""
_MIN_WAIT: Final = timedelta(seconds=5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """Calls that may be made."""

    calls: int
    retry_at: datetime
    """When to ask again, UTC, where none may be made."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadBudget:
    """The calls of one bucket."""

    pool: Pool
    clock: Clock
    bucket: str
    limit: ReadLimit

    @classmethod
    def of(
        cls, pool: Pool, clock: Clock, platform: Platform, environment: Environment, external_id: str
    ) -> "ReadBudget | None":
        """Return the budget of an account's reads, or None where the platform names no limit.

        It belongs to the account of the platform, in all projects, or to the app: a customer's or the installation's.
        """
        if (limit := platform.read_limit) is None:
            return None
        if limit.is_per_account:
            bucket = f"{platform.name}:{environment}:{external_id}"
        else:
            bucket = f"{platform.login_name}:{environment}"
            bucket += "" if platform.app is None else f":{platform.app.id}"
        return cls(pool=pool, clock=clock, bucket=bucket, limit=limit)

    @property
    def _most(self) -> float:
        return max(1.0, self.limit.calls * SHARE * _BURST)

    @property
    def _per_second(self) -> float:
        return self.limit.calls * SHARE * (1 - _BURST) / self.limit.window.total_seconds()

    async def reserve(self, wanted: float, *, least: float) -> Grant:
        """Reserve calls in one statement: as many as wanted, or at least `least`, or none. All workers share the bucket."""
        max_calls = int(self._most)
        needed = min(ceil(least), max_calls)
        (row,) = await self.pool.fetch(
            _SQL["reserve"],
            self.bucket,
            min(max(ceil(wanted), needed), max_calls),
            needed,
            self._most,
            self._per_second,
            self.clock.database_now(),
        )
        wait = timedelta(seconds=max(0.0, needed - row["calls"]) / self._per_second)
        return Grant(calls=row["granted"], retry_at=row["now"] + max(_MIN_WAIT, wait))

    async def correct(self, reserved: int, used: int) -> None:
        """Return what was not used, or take what was used besides."""
        if reserved != used:
            await self.pool.execute(_SQL["correct"], self.bucket, reserved - used, self._most)

    async def empty(self) -> None:
        """Wait for the bucket to refill: the platform has refused a call because of its limit."""
        await self.pool.execute(_SQL["empty"], self.bucket)
