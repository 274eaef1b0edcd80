"""Store the numbers that platforms reported."""

import json
from collections.abc import Collection, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final
from uuid import UUID

import asyncpg

from presswork.core.enums import Environment
from presswork.db.pool import Connection, Pool
from presswork.db.queries import load
from presswork.db.rows import from_row
from presswork.insights.model import COLUMNS
from presswork.platforms.insights import AccountRead, PostNumbers
from presswork.platforms.names import LoginName

SQL: Final = load("presswork.insights")
EVENT_EVERY: Final = timedelta(days=1)
"""The shortest time between two events about the numbers of one post."""
_AHEAD: Final = timedelta(days=45)


async def store_numbers(pool: Pool, numbers: Mapping[UUID, PostNumbers], *, now: datetime) -> Collection[UUID]:
    """Store the numbers of posts in one round trip; return the posts of which any is new. `now` is the database's time, UTC."""
    rows = json.dumps(
        [
            {
                "post_id": str(post_id),
                **{COLUMNS[metric]: value for metric, value in found.metrics.items()},
                "raw": dict(found.raw),
                "unavailable": {metric.value: reason.value for metric, reason in found.unavailable.items()},
                "missing_scopes": sorted(found.missing_scopes),
            }
            for post_id, found in numbers.items()
        ]
    )
    try:
        stored = await pool.fetch(SQL["store_numbers"], rows, now, now - EVENT_EVERY)
    except asyncpg.CheckViolationError:  # the month has no table yet: maintenance adds it ahead, where it runs
        await add_months(pool, now=now)
        stored = await pool.fetch(SQL["store_numbers"], rows, now, now - EVENT_EVERY)
    return {row["post_id"] for row in stored if row["has_changed"]}


async def store_account(pool: Pool, account_id: UUID, read: AccountRead, *, now: datetime) -> None:
    """Store the numbers of an account. `now` is the database's time, UTC."""
    await pool.execute(
        SQL["store_account"],
        account_id,
        now,
        read.followers,
        json.dumps({name: reason.value for name, reason in read.unavailable.items()}),
        sorted(read.missing_scopes),
        now.astimezone(UTC).date(),
        [day.day for day in read.days],
        [day.followers for day in read.days],
        [day.views for day in read.days],
        [day.reach for day in read.days],
    )


async def find_removed(pool: Pool, login: LoginName, environment: Environment, version: str) -> AbstractSet[str]:
    """Return the metrics that the platform has removed from a version of its API, by its own names."""
    rows = await pool.fetch(SQL["removed_metrics"], login.value, environment.value, version)
    return frozenset(row["metric"] for row in rows)


async def add_removed(
    pool: Pool, login: LoginName, environment: Environment, version: str, metrics: AbstractSet[str], *, now: datetime
) -> Collection[str]:
    """Store that the platform has removed metrics; return those that were not known to be."""
    rows = await pool.fetch(SQL["add_removed"], login.value, environment.value, version, sorted(metrics), now)
    return {row["metric"] for row in rows}


@dataclass(frozen=True, slots=True, kw_only=True)
class RemovedMetric:
    """A metric that a platform has removed from a version of its API, by its own name."""

    login: str
    environment: str
    api_version: str
    metric: str


async def list_removed(connection: Connection) -> Sequence[RemovedMetric]:
    """Return all metrics that are not asked for."""
    return [from_row(RemovedMetric, row) for row in await connection.fetch(SQL["list_removed"])]


async def forget_removed(connection: Connection, login: LoginName | None) -> Sequence[RemovedMetric]:
    """Have metrics asked for again, those of one login or all; return them."""
    rows = await connection.fetch(SQL["forget_removed"], None if login is None else login.value)
    found = [from_row(RemovedMetric, row) for row in rows]
    return sorted(found, key=lambda one: (one.login, one.environment, one.api_version, one.metric))


async def add_months(pool: Pool, *, now: datetime) -> int:
    """Add the tables of this month and of the next 45 days, where they are missing; return their number."""
    added: int = await pool.fetchval(SQL["add_months"], now, now + _AHEAD)
    return added


async def sweep_insights(pool: Pool, *, keep: timedelta, now: datetime, limit: int) -> int:
    """Delete numbers that are too old: whole months at once, and a batch of the last numbers of posts and of days.

    Returns how many rows of the fuller batch were deleted.
    """
    before = now - keep
    await pool.execute(SQL["drop_months"], before)
    posts: int = await pool.fetchval(SQL["sweep_latest"], before, limit)
    days: int = await pool.fetchval(SQL["sweep_accounts"], _day_of(before), limit)
    return max(posts, days)


def _day_of(instant: datetime) -> date:
    return instant.astimezone(UTC).date()
