"""A job source of work that is stored as rows with a lease."""

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final, Generic, Protocol, TypeVar
from uuid import UUID

import asyncpg

from presswork.core.clock import Clock
from presswork.db.pool import Pool


class _HasId(Protocol):
    @property
    def id(self) -> UUID: ...


Job = TypeVar("Job", bound=_HasId)


class RowJobs(Generic[Job]):
    """Jobs of one kind as a job source. An interrupted one is begun again, and continues with what is left to do."""

    concurrency: Final = 2
    lease: Final = timedelta(seconds=30)
    poll_gap: Final = timedelta()
    wakes: Final = ()

    def __init__(
        self,
        name: str,
        statements: Mapping[str, str],
        parse: Callable[[asyncpg.Record], Job],
        work: Callable[[Job, datetime | None], Awaitable[None]],
        clock: Clock,
        *,
        worker_id: str,
        leases: Pool,
        is_notified: bool = True,
        poll_every: timedelta = timedelta(seconds=5),
    ) -> None:
        """It claims and renews over the pool `leases`."""
        self.is_notified: Final = is_notified
        self.poll_every: Final = poll_every
        self.name: Final = name
        self._statements: Final = statements
        self._parse: Final = parse
        self._work: Final = work
        self._clock: Final = clock
        self._worker_id: Final = worker_id
        self._leases: Final = leases

    def key_of(self, job: Job) -> UUID:
        """Return the job's id."""
        return job.id

    async def claim(self, limit: int) -> Sequence[Job]:
        """Lease jobs that are not done, the oldest first."""
        now = self._clock.database_now()
        rows = await self._leases.fetch(self._statements["claim"], self._worker_id, self.lease, now, limit)
        return [self._parse(row) for row in rows]

    async def renew(self, keys: Collection[UUID]) -> Collection[UUID]:
        """Renew leases; return the jobs that this worker has no more."""
        now = self._clock.database_now()
        rows = await self._leases.fetch(self._statements["renew"], self._worker_id, self.lease, now, list(keys))
        return set(keys) - {row["id"] for row in rows}

    async def release(self, held: Collection[UUID]) -> None:
        """Release the leases of this worker but those of `held`."""
        await self._leases.execute(self._statements["release"], self._worker_id, list(held))

    async def next_due(self) -> timedelta | None:
        """Return None, since a new job notifies, or may wait for the next poll."""
        return None

    async def run(self, job: Job) -> None:
        """Do a job."""
        await self._work(job, self._clock.database_now())
