"""Waking a post that waits, since a platform or provider has reported that something happened."""

from datetime import datetime
from uuid import UUID

from presswork.db.pool import Connection, Pool
from presswork.db.queries import load

_SQL = load("presswork.posts")


async def wake_post(connection: "Connection | Pool", post_id: UUID, *, now: datetime) -> bool:
    """Make a post that waits, or its follow-up, due now. Return whether it waited.

    This is only a hint: the worker asks the other side what happened, so a report that is wrong, late or a duplicate
    does no harm. A post that a worker has leased is left alone, since that worker asks anyway.
    """
    return bool(await connection.fetchval(_SQL["wake_post"], post_id, now))
