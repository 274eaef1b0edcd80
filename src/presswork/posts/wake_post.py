"""Waking a post that waits, because a platform or provider has reported a change."""

from datetime import datetime
from uuid import UUID

from presswork.db.pool import Connection, Pool
from presswork.db.queries import load

_SQL = load("presswork.posts")


async def wake_post(connection: "Connection | Pool", post_id: UUID, *, now: datetime) -> bool:
    """Make a waiting post, or its follow-up, due now. Return whether it waited.

    This is only a hint: the worker queries the platform for the outcome, so a wrong, late or duplicate report is
    harmless. A post that a worker has leased is not changed, since that worker queries the platform anyway.
    """
    return bool(await connection.fetchval(_SQL["wake_post"], post_id, now))
