"""What an organization may use, and what it has of it. Triggers of the tables decide, in the statement that adds a row."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, date, datetime
from typing import Final, TypedDict
from uuid import UUID

import asyncpg

from presswork.audit.model import Action
from presswork.audit.record import record_act
from presswork.callers.model import Principal
from presswork.core.enums import Environment
from presswork.core.ids import ORGANIZATION, public_id
from presswork.db.pool import Connection, Pool
from presswork.db.queries import load
from presswork.db.rows import from_row

SQL: Final = load("presswork.orgs", "usage.sql")

SHARED_LIMITS: Final = frozenset({"mediaBytes", "users", "keys"})
"""The names of limits that count both environments together. The others count each for itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The most that an organization may have of each, or None for any number. `posts_per_month` is per month in UTC."""

    projects: int | None = None
    accounts: int | None = None
    posts_per_month: int | None = None
    queued: int | None = None
    media_bytes: int | None = None
    users: int | None = None
    keys: int | None = None


class LimitChanges(TypedDict, total=False):
    """Changes to limits."""

    projects: int | None
    accounts: int | None
    posts_per_month: int | None
    queued: int | None
    media_bytes: int | None
    users: int | None
    keys: int | None


NAMES: Final[Mapping[str, str]] = {
    "projects": "projects",
    "accounts": "accounts",
    "posts_per_month": "postsPerMonth",
    "queued": "queued",
    "media_bytes": "mediaBytes",
    "users": "users",
    "keys": "keys",
}
"""The name of each limit in the API."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """One limit, and what the organization has of what it counts.

    `used` is None for the posts of a month without a limit. `resets_at` is when the count begins again, UTC.
    """

    limit: str
    maximum: int | None
    used: int | None
    resets_at: datetime | None


def month_of(now: datetime) -> date:
    """Return the first day of a month, in UTC."""
    return now.astimezone(UTC).date().replace(day=1)


def _begin_of_next(month: date) -> datetime:
    following = (month.year + 1, 1) if month.month == 12 else (month.year, month.month + 1)
    return datetime(*following, 1, tzinfo=UTC)


async def find_limits(connection: "Connection | Pool", organization_id: UUID) -> Limits:
    """Return the limits of an organization."""
    return _limits_of(await connection.fetchrow(SQL["find_limits"], organization_id))


async def list_limits(pool: Pool, organization_ids: Sequence[UUID]) -> Mapping[UUID, Limits]:
    """Return the limits of those organizations that have any."""
    rows = await pool.fetch(SQL["limits_of"], list(organization_ids))
    return {row["organization_id"]: _limits_of(row) for row in rows}


def _limits_of(row: asyncpg.Record | None) -> Limits:
    return Limits() if row is None else from_row(Limits, row)


async def read_standing(
    connection: "Connection | Pool", organization_id: UUID, environment: Environment, *, now: datetime
) -> Sequence[Standing]:
    """Return each limit, and what the organization has of what it counts."""
    limits, month = await find_limits(connection, organization_id), month_of(now)
    row = await connection.fetchrow(SQL["read_standing"], organization_id, environment.value, month)
    return [
        Standing(
            limit=wire,
            maximum=getattr(limits, name),
            used=None if row is None else row[name],
            resets_at=_begin_of_next(month) if name == "posts_per_month" else None,
        )
        for name, wire in NAMES.items()
    ]


async def set_limits(
    connection: Connection, organization_id: UUID, changes: LimitChanges, *, by: Principal, now: datetime
) -> Limits:
    """Change limits of an organization, in the caller's transaction, and return all of them.

    It waits for transactions that add rows, so that each of these is counted under the former limits or under the new ones. What
    exceeds a new limit stays. The caller has made sure that the organization exists.
    """
    await connection.execute(SQL["lock_limits"], organization_id)
    before = await find_limits(connection, organization_id)
    after = Limits(**{field.name: getattr(before, field.name) for field in fields(Limits)} | dict(changes))
    if after == before:
        return before
    await connection.execute(
        SQL["set_limits"], organization_id, *(getattr(after, field.name) for field in fields(Limits)), now
    )
    if before.posts_per_month is None and after.posts_per_month is not None:
        await connection.execute(SQL["count_month"], organization_id, month_of(now))
    for environment in Environment:
        for standing in await read_standing(connection, organization_id, environment, now=now):
            await _note(connection, organization_id, environment, standing, now=now)
    changed = {NAMES[name]: getattr(after, name) for name in changes if getattr(after, name) != getattr(before, name)}
    await record_act(
        connection,
        Action.ORGANIZATION_SET_LIMITS,
        public_id(ORGANIZATION, organization_id),
        by=by,
        now=now,
        detail=changed,
        is_of_both_environments=True,
    )
    return after


async def _note(
    connection: Connection, organization_id: UUID, environment: Environment, standing: Standing, *, now: datetime
) -> None:
    """Have an event written about a limit that is near or reached without a further row."""
    if standing.maximum is None or standing.used is None:
        return
    place = "both" if standing.limit in SHARED_LIMITS else environment.value
    await connection.execute(
        SQL["note_limit"], organization_id, place, standing.limit, standing.used, standing.maximum, now
    )
