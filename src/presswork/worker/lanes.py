"""The worker's statements on webhook endpoints and their deliveries. One worker leases an endpoint at a time."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import asyncpg

from presswork.core.ids import EVENT, oldest_id, public_ulid
from presswork.db.pool import Pool, affected
from presswork.db.queries import load
from presswork.webhooks.model import (
    KEPT_WHILE_PAUSED,
    PAUSE_AFTER,
    THROTTLE_INTERVAL,
    THROTTLED_AFTER,
    Attempt,
    EndpointStatus,
)
from presswork.webhooks.store import ATTEMPTS
from presswork.webhooks.store import SQL as LOG_SQL

_SQL: Final = load("presswork.worker", "lanes.sql")

LANE_LEASE: Final = timedelta(seconds=60)
"""How long an endpoint is leased after its last batch or renewal."""
_MAX_DUE: Final = 200
_BATCH: Final = 50


LaneKey = tuple[UUID, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Lane:
    """A leased endpoint."""

    endpoint_id: UUID
    organization_id: UUID
    holder: str
    is_failing: bool
    claimed_at: datetime
    """When it was claimed, by the database's clock."""

    @property
    def key(self) -> "LaneKey":
        """Identifies this lease: a lapsed lease of the same worker has another holder."""
        return self.endpoint_id, self.holder


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """One delivery that is due."""

    id: UUID
    url: str
    """The endpoint's URL when the batch was read."""
    has_review_url: bool
    """Whether the message may have the URL of its review link."""
    webhook_id: str
    event_type: str
    """An EventType, perhaps of a newer version: a message is sent as it is stored."""
    occurred_at: datetime
    data: str
    attempts: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """The deliveries to make next. `is_all`: nothing is due."""

    deliveries: Sequence[Outgoing]
    sealed_secrets: Sequence[bytes]
    """Those that sign, the newest first."""
    is_all: bool


class LaneStore:
    """The worker's view of endpoints and their deliveries."""

    def __init__(self, pool: Pool, *, worker_id: str) -> None:
        """Use `worker_id` as the owner of leases."""
        self._pool: Final = pool
        self._worker_id: Final = worker_id
        self._claims = 0

    async def claim(self, *, limit: int, failing_limit: int, now: datetime | None = None) -> Sequence[Lane]:
        """Lease endpoints with due deliveries, at most `failing_limit` of them with a failed last attempt."""
        self._claims += 1
        holder = f"{self._worker_id}/{self._claims}"  # a lease of the same worker that has lapsed is not this one
        rows = await self._pool.fetch(_SQL["claim_lanes"], now, holder, LANE_LEASE, limit, failing_limit)
        return [
            Lane(
                endpoint_id=row["id"],
                organization_id=row["organization_id"],
                holder=holder,
                is_failing=row["failures_in_row"] > 0,
                claimed_at=row["claimed_at"],
            )
            for row in rows
        ]

    async def renew(self, keys: Collection[LaneKey], *, now: datetime | None = None) -> frozenset[LaneKey]:
        """Renew leases and return those that this worker still has."""
        endpoints, holders = [endpoint for endpoint, _ in keys], [holder for _, holder in keys]
        rows = await self._pool.fetch(_SQL["renew_lanes"], now, endpoints, holders, LANE_LEASE)
        return frozenset((row["id"], row["leased_by"]) for row in rows)

    async def next_due(self, *, now: datetime | None = None) -> timedelta | None:
        """Return how long until a delivery is due, or None if unknown."""
        wait = await self._pool.fetchval(_SQL["next_due"], now)
        return wait if isinstance(wait, timedelta) else None

    async def take_batch(self, lane: Lane, *, now: datetime | None = None) -> Batch | None:
        """Renew the lease and return what is due, with the endpoint's URL and secrets, or None if another worker has the lease."""
        rows = await self._pool.fetch(
            _SQL["take_batch"], now, lane.endpoint_id, lane.holder, LANE_LEASE, _MAX_DUE, _BATCH
        )
        if not rows:
            return None
        deliveries = [_read_outgoing(row) for row in rows if row["id"] is not None]
        secrets = [sealed for sealed in (rows[0]["sealed_secret"], rows[0]["former_secret"]) if sealed is not None]
        return Batch(deliveries=deliveries, sealed_secrets=secrets, is_all=rows[0]["due_count"] == 0)

    async def delivered(self, lane: Lane, delivery: Outgoing, attempt: Attempt, *, now: datetime) -> None:
        """Store a successful attempt."""
        await self._pool.execute(_SQL["delivered"], delivery.id, lane.endpoint_id, now, _entry(attempt))

    async def not_delivered(
        self,
        lane: Lane,
        delivery: Outgoing,
        attempt: Attempt,
        *,
        due_at: datetime | None,
        rest: timedelta,
        is_gone: bool,
        now: datetime,
    ) -> bool:
        """Store a failed attempt; return whether the endpoint is paused now. Without `due_at`, the delivery fails for good.

        It counts against the endpoint unless its URL has changed since.
        """
        row = await self._pool.fetchrow(
            _SQL["not_delivered"],
            delivery.id,
            lane.endpoint_id,
            now,
            _entry(attempt),
            delivery.attempts,
            due_at,
            rest,
            THROTTLE_INTERVAL,
            THROTTLED_AFTER,
            PAUSE_AFTER,
            is_gone,
            delivery.url,
        )
        return row is not None and row["status"] == EndpointStatus.PAUSED.value

    async def release(self, lane: Lane) -> None:
        """Release one lane."""
        await self._pool.execute(_SQL["release_lane"], lane.endpoint_id, lane.holder)

    async def release_others(self, held: Collection[LaneKey]) -> None:
        """Release every lane of this worker except those in `held`."""
        await self._pool.execute(
            _SQL["release_lanes"], self._worker_id, [f"{holder}/{endpoint}" for endpoint, holder in held]
        )


def _read_outgoing(row: asyncpg.Record) -> Outgoing:
    return Outgoing(
        id=row["id"],
        url=row["url"],
        has_review_url=row["has_review_urls"],
        webhook_id=public_ulid(EVENT, row["event_id"]),
        event_type=row["event_type"],
        occurred_at=row["occurred_at"],
        data=row["data"],
        attempts=row["attempts"],
    )


def _entry(attempt: Attempt) -> str:
    return ATTEMPTS.dump_json([attempt]).decode()


async def clear_former_secrets(pool: Pool, *, now: datetime) -> None:
    """Delete former signing secrets that have expired."""
    await pool.execute(LOG_SQL["clear_former_secrets"], now)


async def expire_deliveries(pool: Pool, *, now: datetime, limit: int = 10_000) -> int:
    """Fail deliveries that have waited too long for a paused endpoint, at most `limit`; return how many that were."""
    oldest = oldest_id(now - KEPT_WHILE_PAUSED)
    return affected(await pool.execute(LOG_SQL["expire_deliveries"], oldest, now, limit, KEPT_WHILE_PAUSED))


async def sweep_deliveries(pool: Pool, *, keep: timedelta, now: datetime, limit: int = 10_000) -> int:
    """Delete deliveries that are older than `keep`, at most `limit`; return how many that were."""
    return affected(await pool.execute(LOG_SQL["sweep_deliveries"], oldest_id(now - keep), limit))
