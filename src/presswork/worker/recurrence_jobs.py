"""The job source of recurring posts: it makes their occurrences as far ahead as the horizon."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import UUID

from presswork.callers.model import Principal
from presswork.callers.stored_caller import read_caller
from presswork.core.clock import Clock
from presswork.db.pool import Pool
from presswork.platforms.registry import Platforms
from presswork.recurrences.make_occurrences import make_due_occurrences
from presswork.recurrences.store import SQL


@dataclass(frozen=True, slots=True, kw_only=True)
class RecurrenceJob:
    """A recurrence under the lease of a worker: who asked for it, and how often in a row its occurrence was refused."""

    id: UUID
    owner: Principal
    failures: int


class RecurrenceJobs:
    """Recurrences as a job source. An occurrence is made in the transaction that stores it, so that none is made twice or half."""

    name: Final = "recurrences"
    concurrency: Final = 2
    lease: Final = timedelta(minutes=1)
    poll_every: Final = timedelta(seconds=30)
    poll_gap: Final = timedelta(seconds=1)
    is_notified: Final = False
    wakes: Final = ("posts",)

    def __init__(self, pool: Pool, platforms: Platforms, clock: Clock, *, worker_id: str, leases: Pool) -> None:
        """It claims and renews over the pool `leases`."""
        self._pool: Final = pool
        self._platforms: Final = platforms
        self._clock: Final = clock
        self._worker_id: Final = worker_id
        self._leases: Final = leases

    def key_of(self, job: RecurrenceJob) -> UUID:
        """Return the recurrence's id."""
        return job.id

    async def claim(self, limit: int) -> Sequence[RecurrenceJob]:
        """Lease recurrences whose next occurrence is due to be made."""
        rows = await self._leases.fetch(SQL["claim"], self._worker_id, self.lease, self._clock.database_now(), limit)
        return [
            RecurrenceJob(
                id=row["id"],
                owner=read_caller(
                    row["caller"], organization_id=row["organization_id"], environment=row["environment"]
                ),
                failures=row["error_count"],
            )
            for row in rows
        ]

    async def renew(self, keys: Collection[UUID]) -> Collection[UUID]:
        """Renew leases; return the recurrences that this worker has no more."""
        now = self._clock.database_now()
        rows = await self._leases.fetch(SQL["renew"], self._worker_id, self.lease, now, list(keys))
        return set(keys) - {row["id"] for row in rows}

    async def release(self, held: Collection[UUID]) -> None:
        """Release the leases of this worker but those of `held`."""
        await self._leases.execute(SQL["release"], self._worker_id, list(held), self._clock.database_now())

    async def next_due(self) -> timedelta | None:
        """Return how long until an occurrence is due to be made, or None if there is none."""
        return await self._leases.fetchval(SQL["next_due"], self._clock.database_now())  # type: ignore[no-any-return]  # an interval

    async def run(self, job: RecurrenceJob) -> None:
        """Make the occurrences that are due."""
        now = await self._pool.fetchval("SELECT coalesce($1, now())", self._clock.database_now())
        await make_due_occurrences(self._pool, self._platforms, job.id, owner=job.owner, failures=job.failures, now=now)
