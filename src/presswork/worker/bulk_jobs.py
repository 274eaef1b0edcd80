"""The job source of bulk jobs: one action on many posts, post by post."""

from collections.abc import Collection, Sequence
from datetime import timedelta
from typing import Final
from uuid import UUID

from presswork.core.clock import Clock
from presswork.crypto.keyring import Keyring
from presswork.db.pool import Pool
from presswork.db.queries import load
from presswork.platforms.registry import Platforms
from presswork.posts.bulk import BulkJob, BulkRun, bulk_job_of

_SQL: Final = load("presswork.posts", "bulk.sql")
_PER_READ: Final = 100
"""Items that a job reads at once."""


class BulkJobs:
    """Bulk jobs as a job source. An interrupted one continues where it was, since each item is settled with its post."""

    name: Final = "bulk"
    concurrency: Final = 4
    lease: Final = timedelta(seconds=30)
    poll_every: Final = timedelta(seconds=5)
    poll_gap: Final = timedelta()
    is_notified: Final = True
    wakes: Final = ("posts", "live-changes", "webhooks")

    def __init__(
        self, pool: Pool, keyring: Keyring, platforms: Platforms, clock: Clock, *, worker_id: str, leases: Pool
    ) -> None:
        """It claims and renews over the pool `leases`."""
        self._pool: Final = pool
        self._run: Final = BulkRun(pool, keyring, platforms)
        self._clock: Final = clock
        self._worker_id: Final = worker_id
        self._leases: Final = leases

    def key_of(self, job: BulkJob) -> UUID:
        """Return the job's id."""
        return job.id

    async def claim(self, limit: int) -> Sequence[BulkJob]:
        """Lease jobs that are not done, the oldest first."""
        now = self._clock.database_now()
        rows = await self._leases.fetch(_SQL["claim"], self._worker_id, self.lease, now, limit)
        return [bulk_job_of(row) for row in rows]

    async def renew(self, keys: Collection[UUID]) -> Collection[UUID]:
        """Renew leases; return the jobs that another worker has."""
        now = self._clock.database_now()
        rows = await self._leases.fetch(_SQL["renew"], self._worker_id, self.lease, now, list(keys))
        return set(keys) - {row["id"] for row in rows}

    async def release(self, held: Collection[UUID]) -> None:
        """Release the leases of this worker but those of `held`."""
        await self._leases.execute(_SQL["release"], self._worker_id, list(held))

    async def next_due(self) -> timedelta | None:
        """Return None, since a new job notifies."""
        return None

    async def run(self, job: BulkJob) -> None:
        """Treat every post of a job."""
        is_open = True
        while is_open:
            now = await self._pool.fetchval("SELECT coalesce($1, now())", self._clock.database_now())
            is_open = await self._run.run_some(job, limit=_PER_READ, now=now)
