"""List users: pages for an organization's administrators, and all for the command line."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from presswork.db.pool import Connection, Pool
from presswork.db.rows import FIRST
from presswork.people.model import User
from presswork.people.store import SQL, user_of


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
