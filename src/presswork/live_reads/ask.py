"""Have a post read soon, because a person or a program asks for it."""

from datetime import datetime
from typing import Final
from uuid import UUID

from presswork.db.pool import Connection
from presswork.db.queries import load
from presswork.live_reads.model import ReadKind

_SQL: Final = load("presswork.live_reads")


async def lock_asked(connection: Connection, post_id: UUID, kind: ReadKind) -> datetime | None:
    """Return when the post was last asked for, UTC, and keep other calls waiting until the transaction ends."""
    found: datetime | None = await connection.fetchval(_SQL["lock_asked"], post_id, kind.value)
    return found


async def ask_for_read(connection: Connection, post_id: UUID, kind: ReadKind, *, now: datetime) -> datetime:
    """Make a live post due now; return when its account may be read, UTC. That is later while its platform holds it back."""
    due_at: datetime = await connection.fetchval(_SQL["ask"], post_id, kind.value, now)
    return due_at
