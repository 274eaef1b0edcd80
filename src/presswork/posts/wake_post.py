"""Looking at a post sooner than planned, since the other side has told that something happened."""

from datetime import datetime
from uuid import UUID

from presswork.db.pool import Connection, Pool
from presswork.db.queries import load

_SQL = load("presswork.posts")


async def nudge_post(connection: "Connection | Pool", post_id: UUID, *, now: datetime) -> bool:
    """Have a post that waits, or its follow-up, looked at now; True: it waited. Notify the workers after the commit.

    A hint and nothing more: what happened is asked of the other side, so a hint that lies, comes twice or too late does
    no harm. A post that a worker has in hand is left alone, since that worker asks anyway.
    """
    return bool(await connection.fetchval(_SQL["nudge_post"], post_id, now))
