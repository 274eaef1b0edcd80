"""Rows of users, sessions and one-time links, and lists of users."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

import asyncpg

from presswork.audit.model import Action
from presswork.audit.record import record
from presswork.callers.model import Actor
from presswork.core.ids import USER, new_id, public_id
from presswork.db.listener import KEYS
from presswork.db.pool import Connection, Pool
from presswork.db.queries import load
from presswork.db.rows import FIRST, from_row
from presswork.people.model import LINK_LIFETIME, Organization, User, UserNotFound, new_token, token_hash

SQL: Final = load("presswork.people")
FACTORS: Final = load("presswork.people", "second_factors.sql")


def user_of(row: asyncpg.Record | None) -> User:
    """Return a row as a user. Raises UserNotFound."""
    if row is None:
        raise UserNotFound
    return from_row(User, row)


async def find_organization(connection: "Connection | Pool", organization_id: UUID) -> Organization:
    """Return the organization of a user. Raises UserNotFound if there is none."""
    row = await connection.fetchrow(SQL["find_organization"], organization_id)
    if row is None:
        raise UserNotFound
    return from_row(Organization, row)


async def find_user(connection: "Connection | Pool", user_id: UUID, *, organization_id: UUID, now: datetime) -> User:
    """Return a user of an organization. Raises UserNotFound."""
    return user_of(await connection.fetchrow(SQL["find_user"], user_id, organization_id, now))


async def lock_user(connection: Connection, user_id: UUID) -> User:
    """Return a user, locked until the transaction ends. Raises UserNotFound."""
    return user_of(await connection.fetchrow(SQL["lock_user"], user_id))


async def insert_link(connection: Connection, user_id: UUID | None, *, now: datetime) -> str:
    """Replace the unused links of a user, or of the first administrator, by a new one, and return its token."""
    token = new_token()
    await connection.execute(SQL["drop_links"], user_id)
    await connection.execute(SQL["insert_link"], new_id(), user_id, token_hash(token), now, now + LINK_LIFETIME)
    return token


async def announce(connection: Connection, user_id: UUID) -> None:
    """Notify every API process, with the commit, that sessions of a user changed or ended."""
    await connection.execute("SELECT pg_notify($1, $2)", KEYS, public_id(USER, user_id))


async def end_sessions(connection: Connection, user_id: UUID, *, but: UUID | None = None) -> Sequence[UUID]:
    """End the sessions of a user, on every API process with the commit; return which ended."""
    rows = await connection.fetch(SQL["end_sessions"], user_id, but)
    await announce(connection, user_id)
    return [row["id"] for row in rows]


async def record_about(
    connection: Connection,
    action: Action,
    user: User,
    *,
    by: Actor,
    now: datetime,
    **detail: object,
) -> None:
    """Record what was done to a user. Entries of users belong to both environments, as users do."""
    await record(
        connection,
        action,
        public_id(USER, user.id),
        by=by,
        organization_id=user.organization_id,
        now=now,
        detail={"email": user.email, **detail},  # type: ignore[dict-item]  # JSON values
    )


async def list_users(
    pool: Pool, *, organization_id: UUID, after: tuple[datetime, UUID] | None, limit: int, now: datetime
) -> Sequence[User]:
    """Return users of an organization, oldest first, after the (created_at, id) `after`."""
    rows = await pool.fetch(SQL["list_users"], organization_id, now, *(after or FIRST), limit)
    return [user_of(row) for row in rows]


async def list_all_users(
    connection: Connection, *, organization: str | None, now: datetime, limit: int = 1000
) -> Sequence[tuple[str, User]]:
    """Return users with the names of their organizations, oldest first."""
    rows = await connection.fetch(SQL["list_all_users"], organization, now, limit)
    return [(row["organization"], user_of(row)) for row in rows]
