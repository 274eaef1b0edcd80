"""The job sources of posts that are made ahead of time: occurrences of recurring posts, and evergreen content in queues."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import asyncpg

from presswork.callers.model import Principal, Tier
from presswork.callers.stored_caller import read_caller
from presswork.core.clock import Clock
from presswork.core.enums import Environment
from presswork.core.errors import NotFound
from presswork.db.pool import Pool
from presswork.platforms.registry import Platforms
from presswork.recurrences.make_occurrences import make_due_occurrences
from presswork.recurrences.refill_queue import SQL as REFILLS
from presswork.recurrences.refill_queue import refill_queue
from presswork.recurrences.store import SQL
from presswork.worker.row_jobs import RowJobs

_POLL_EVERY: Final = timedelta(seconds=30)
_REFILL_EVERY: Final = timedelta(minutes=10)


@dataclass(frozen=True, slots=True, kw_only=True)
class RecurrenceJob:
    """A recurrence under the lease of a worker: who asked for it, and how often in a row its occurrence was refused."""

    id: UUID
    owner: Principal
    failures: int

    @staticmethod
    def of(row: asyncpg.Record) -> "RecurrenceJob":
        """Parse the row of a claim."""
        owner = read_caller(row["caller"], organization_id=row["organization_id"], environment=row["environment"])
        return RecurrenceJob(id=row["id"], owner=owner, failures=row["error_count"])


@dataclass(frozen=True, slots=True, kw_only=True)
class RefillJob:
    """A queue under the lease of a worker, whose free slots are to be filled."""

    id: UUID
    project_id: UUID
    owner: Principal

    @staticmethod
    def of(row: asyncpg.Record) -> "RefillJob":
        """Parse the row of a claim. No key asked for these posts: the id of the queue stands for it, and is not stored."""
        owner = Principal(
            key_id=row["id"],
            organization_id=row["organization_id"],
            environment=Environment(row["environment"]),
            scopes=frozenset(),
            tier=Tier.UNLIMITED,
            return_domains=(),
            operator_id=None,
        )
        return RefillJob(id=row["id"], project_id=row["project_id"], owner=owner)


async def _read_now(pool: Pool, now: datetime | None) -> datetime:
    """Return the time of the database, or that of a test."""
    found: datetime = await pool.fetchval("SELECT coalesce($1, now())", now)
    return found


def recurrence_jobs(
    pool: Pool, platforms: Platforms, clock: Clock, *, worker_id: str, leases: Pool
) -> RowJobs[RecurrenceJob]:
    """Return the source of occurrences. Each is made in the transaction that stores it, so that none is made twice or half."""

    async def work(job: RecurrenceJob, now: datetime | None) -> None:
        at = await _read_now(pool, now)
        await make_due_occurrences(pool, platforms, job.id, owner=job.owner, failures=job.failures, now=at)

    return RowJobs(
        "recurrences",
        SQL,
        RecurrenceJob.of,
        work,
        clock,
        worker_id=worker_id,
        leases=leases,
        is_notified=False,
        poll_every=_POLL_EVERY,
    )


def refill_jobs(pool: Pool, platforms: Platforms, clock: Clock, *, worker_id: str, leases: Pool) -> RowJobs[RefillJob]:
    """Return the source of evergreen content: each queue with a refill every ten minutes."""

    async def work(job: RefillJob, now: datetime | None) -> None:
        at = await _read_now(pool, now)
        with suppress(NotFound):  # the queue was deleted
            await refill_queue(pool, platforms, job.id, job.project_id, owner=job.owner, now=at)
        await pool.execute(REFILLS["finish"], job.id, worker_id, at + _REFILL_EVERY)

    return RowJobs(
        "refills",
        REFILLS,
        RefillJob.of,
        work,
        clock,
        worker_id=worker_id,
        leases=leases,
        is_notified=False,
        poll_every=_POLL_EVERY,
    )
