"""Endpoints with something to deliver, as the database has them: taken by one worker at a time, batch by batch."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import asyncpg

from presswork.core.ids import EVENT, oldest_id, public_ulid
from presswork.db.pool import Pool
from presswork.db.queries import load
from presswork.webhooks.model import (
    KEPT_FOR,
    KEPT_WHILE_PAUSED,
    MAX_RETRY_AFTER,
    PAUSE_AFTER,
    RETRIES,
    THROTTLE_INTERVAL,
    THROTTLED_AFTER,
    EndpointStatus,
    EventType,
)
from presswork.webhooks.store import SQL as LOG_SQL
from presswork.webhooks.store import LoggedAttempt

_SQL: Final = load("presswork.worker", "lanes.sql")

LANE_LEASE: Final = timedelta(seconds=60)
"""How long an endpoint is one worker's without another batch."""
_MOST_DUE: Final = 200
_BATCH: Final = 50
_WAITS_LONGEST: Final = max(RETRIES) * 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Lane:
    """An endpoint in a worker's hands."""

    endpoint_id: UUID
    holder: str
    url: str
    is_failing: bool
    sealed_secrets: Sequence[bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """One delivery to make."""

    id: UUID
    webhook_id: str
    event_type: EventType
    occurred_at: datetime
    data: str
    attempts: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """What is to be delivered next. `is_all`: nothing else is due."""

    deliveries: Sequence[Outgoing]
    is_all: bool


class LaneStore:
    """Endpoints and their deliveries, as a worker sees them."""

    def __init__(self, pool: Pool, *, worker_id: str) -> None:
        """Take the pool, and the name under which leases are taken."""
        self._pool: Final = pool
        self._worker_id: Final = worker_id
        self._claims = 0

    async def claim(self, *, now: datetime, limit: int, failing_limit: int) -> Sequence[Lane]:
        """Take endpoints with something to deliver, at most `failing_limit` of them such as failed last."""
        self._claims += 1
        holder = f"{self._worker_id}/{self._claims}"  # a lease of the same worker that has lapsed is not this one
        until = now + LANE_LEASE
        rows = await self._pool.fetch(
            _SQL["claim_lanes"], now, holder, until, limit, failing_limit, LANE_LEASE * 2, MAX_RETRY_AFTER
        )
        return [
            Lane(
                endpoint_id=row["id"],
                holder=holder,
                url=row["url"],
                is_failing=row["failures_in_row"] > 0,
                sealed_secrets=[
                    row["sealed_secret"],
                    *([row["former_secret"]] if row["former_until"] is not None and row["former_until"] > now else []),
                ],
            )
            for row in rows
        ]

    async def next_due(self, *, now: datetime) -> datetime | None:
        """Return when there will be something to deliver, as far as is known."""
        at = await self._pool.fetchval(_SQL["next_due"], now)
        return at if isinstance(at, datetime) else None

    async def take(self, lane: Lane, *, now: datetime) -> Batch | None:
        """Renew the lease and return what is due; None: the lane is somebody else's by now."""
        rows = await self._pool.fetch(
            _SQL["take_batch"], lane.endpoint_id, lane.holder, now, now + LANE_LEASE, _MOST_DUE, _BATCH
        )
        if not rows:
            return None
        deliveries = [_outgoing(row) for row in rows if row["id"] is not None]
        return Batch(deliveries=deliveries, is_all=rows[0]["due_count"] == 0)

    async def delivered(self, lane: Lane, delivery: Outgoing, attempt: LoggedAttempt, *, now: datetime) -> None:
        """Note a good answer."""
        await self._pool.execute(_SQL["delivered"], delivery.id, lane.endpoint_id, now, _entry(attempt))

    async def not_delivered(
        self,
        lane: Lane,
        delivery: Outgoing,
        attempt: LoggedAttempt,
        *,
        due_at: datetime | None,
        rest: timedelta,
        is_gone: bool,
        now: datetime,
    ) -> bool:
        """Note a failed attempt; return whether the endpoint is paused now. Without `due_at` the delivery is given up."""
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
        )
        return row is not None and row["status"] == EndpointStatus.PAUSED.value

    async def release(self, lane: Lane) -> None:
        """Let go of a lane."""
        await self._pool.execute(_SQL["release_lane"], lane.endpoint_id, lane.holder)

    async def set_right(self, *, now: datetime) -> None:
        """Bring back what a clock that was set back has put off further than any wait goes."""
        await self._pool.execute(_SQL["set_deliveries_right"], now, _WAITS_LONGEST)


def _outgoing(row: asyncpg.Record) -> Outgoing:
    return Outgoing(
        id=row["id"],
        webhook_id=public_ulid(EVENT, row["event_id"]),
        event_type=EventType(row["event_type"]),
        occurred_at=row["occurred_at"],
        data=row["data"],
        attempts=row["attempts"],
    )


def _entry(attempt: LoggedAttempt) -> str:
    return json.dumps([attempt.model_dump(mode="json")])


async def sweep_deliveries(pool: Pool, *, now: datetime, limit: int = 10_000) -> None:
    """Forget what is old, secrets that sign no more among it, and give up what has waited too long for a paused endpoint."""
    await pool.execute(LOG_SQL["clear_former_secrets"], now)
    await pool.execute(LOG_SQL["expire_deliveries"], oldest_id(now - KEPT_WHILE_PAUSED), now, limit)
    await pool.execute(LOG_SQL["sweep_deliveries"], oldest_id(now - KEPT_FOR), limit)
