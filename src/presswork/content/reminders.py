"""Reminders of content that waits for a decision, as the review policy of its project says."""

from datetime import datetime

from presswork.content.store import SQL
from presswork.db.pool import Pool


async def remind(pool: Pool, *, now: datetime, limit: int) -> int:
    """Send the event `content.reminder` for containers that are due, each once for its due time; return how many rows were read.

    No reminder follows a decision: it locks the container, and the statement skips what is locked.
    """
    return int(await pool.fetchval(SQL["remind"], now, limit))
