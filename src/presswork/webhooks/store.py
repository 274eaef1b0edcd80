"""Storage of endpoints and deliveries."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

import asyncpg
from pydantic import TypeAdapter

from presswork.callers.model import Principal
from presswork.core.enums import Environment
from presswork.db.pool import Connection, Pool
from presswork.db.queries import load
from presswork.events.model import EventType
from presswork.webhooks.model import (
    Attempt,
    Delivery,
    DeliveryStatus,
    Endpoint,
    EndpointNotFound,
    EndpointStatus,
    PausedReason,
)

SQL: Final = load("presswork.webhooks")

_FIRST: Final = (datetime(1, 1, 1, tzinfo=UTC), UUID(int=0))
_LAST: Final = 2**63 - 1


ATTEMPTS: Final = TypeAdapter(list[Attempt])
"""The stored form of the attempts."""


async def find_endpoint(connection: "Connection | Pool", endpoint_id: UUID, *, visible_to: Principal) -> Endpoint:
    """Return an endpoint of the caller's organization and environment. Raises EndpointNotFound."""
    row = await connection.fetchrow(
        SQL["find_endpoint"], endpoint_id, visible_to.organization_id, visible_to.environment.value
    )
    if row is None:
        raise EndpointNotFound
    return endpoint_of(row)


async def list_endpoints(
    pool: Pool, *, visible_to: Principal, after: tuple[datetime, UUID] | None, limit: int
) -> Sequence[Endpoint]:
    """Return the caller's endpoints, oldest first, after the row (created_at, id) `after`."""
    rows = await pool.fetch(
        SQL["list_endpoints"],
        visible_to.organization_id,
        visible_to.environment.value,
        *(after or _FIRST),
        limit,
        None if visible_to.project_ids is None else list(visible_to.project_ids),
    )
    return [endpoint_of(row) for row in rows]


async def list_deliveries(
    pool: Pool,
    endpoint_id: UUID,
    *,
    visible_to: Principal,
    statuses: Sequence[DeliveryStatus],
    types: Sequence[EventType],
    before: UUID | None,
    limit: int,
) -> Sequence[Delivery]:
    """Return an endpoint's deliveries, latest first, after the one with the id `before`. Raises EndpointNotFound.

    Empty filters do not filter.
    """
    await find_endpoint(pool, endpoint_id, visible_to=visible_to)
    position: int | None = _LAST
    if before is not None:
        position = await pool.fetchval(SQL["position_of_delivery"], endpoint_id, before)
    if position is None:
        return []  # it has been deleted since, and so have all older ones
    rows = await pool.fetch(
        SQL["list_deliveries"],
        endpoint_id,
        [status.value for status in dict.fromkeys(statuses or DeliveryStatus)],
        [event.value for event in dict.fromkeys(types or EventType)],
        position,
        limit,
    )
    return [delivery_of(row) for row in rows]


async def backlog(pool: Pool) -> tuple[int, datetime | None]:
    """Return the number of pending deliveries of active endpoints, and when the oldest of them was created."""
    row = await pool.fetchrow(SQL["backlog"])
    return (0, None) if row is None else (row["pending"], row["oldest_at"])


def endpoint_of(row: asyncpg.Record) -> Endpoint:
    """Parse a stored endpoint."""
    return Endpoint(
        id=row["id"],
        organization_id=row["organization_id"],
        environment=Environment(row["environment"]),
        project_id=row["project_id"],
        url=row["url"],
        description=row["description"],
        events=[EventType(name) for name in row["events"]],
        status=EndpointStatus(row["status"]),
        paused_at=row["paused_at"],
        paused_reason=None if row["paused_reason"] is None else PausedReason(row["paused_reason"]),
        failures_in_row=row["failures_in_row"],
        former_until=row["former_until"],
        created_at=row["created_at"],
        updated_at=row["updated_at"],
        has_review_urls=row["has_review_urls"],
    )


def delivery_of(row: asyncpg.Record) -> Delivery:
    """Parse a stored delivery."""
    status, due_at = DeliveryStatus(row["status"]), row["due_at"]
    is_waiting = status is DeliveryStatus.PENDING and due_at.year > 1
    return Delivery(
        id=row["id"],
        endpoint_id=row["endpoint_id"],
        event_id=row["event_id"],
        event_type=EventType(row["event_type"]),
        occurred_at=row["occurred_at"],
        data=row["data"],
        status=status,
        next_attempt_at=due_at if is_waiting else None,
        attempts=ATTEMPTS.validate_json(row["attempt_log"]),
        settled_at=row["settled_at"],
        replay_of=row["replay_of"],
        created_at=row["created_at"],
    )
