"""Canceling posts that no worker has taken yet."""

from datetime import datetime
from typing import Final
from uuid import UUID

from presswork.db.pool import Connection
from presswork.db.queries import load

_SQL: Final = load("presswork.posts")


async def cancel_queued_posts(
    connection: Connection,
    *,
    project_id: UUID | None = None,
    account_id: UUID | None = None,
    now: datetime,
    why: str,
) -> int:
    """Cancel every queued post of a project or of an account and return how many there were.

    Runs in the caller's transaction, so that what caused it and its effect are one. `why` is the timeline's sentence.
    """
    count = await connection.fetchval(_SQL["cancel_queued"], project_id, account_id, now, why)
    return int(count)
