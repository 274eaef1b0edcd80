"""Delete the timelines of posts that ended long ago."""

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from presswork.core.ids import oldest_id
from presswork.db.pool import Pool
from presswork.db.queries import load

_SQL: Final = load("presswork.posts")
_START: Final = (UUID(int=0), 0)


class TimelineSweep:
    """Goes through all old timeline entries in the order of their posts, in batches, and then begins again.

    Entries that must stay, as those of posts that wait, are passed once per turn and not at each batch: the position is kept
    between batches, and a worker that starts begins at the first post.
    """

    def __init__(self, pool: Pool) -> None:
        """Begin at the first post."""
        self._pool: Final = pool
        self._position = _START

    async def run(self, *, keep: timedelta, now: datetime, limit: int) -> int:
        """Read the next `limit` entries, delete those that are too old, and return how many were read."""
        before = now - keep
        row = await self._pool.fetchrow(_SQL["sweep_timelines"], *self._position, oldest_id(before), before, limit)
        if row is None or row["read_count"] < limit:
            self._position = _START
        else:
            self._position = row["post_id"], row["id"]
        return 0 if row is None else row["read_count"]
