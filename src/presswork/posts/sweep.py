"""Delete the timelines of posts that ended long ago."""

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from presswork.core.ids import oldest_id
from presswork.db.pool import Pool
from presswork.db.queries import load

_SQL: Final = load("presswork.posts")
_START: Final = (UUID(int=0), 0)
_END: Final = UUID(int=2**128 - 1)
_CLOCK_SKEW: Final = timedelta(days=1)
"""How far the clock may be ahead that gave a post its id."""


class TimelineSweep:
    """Goes through all old timeline entries in the order of their posts, in batches, and then begins again.

    Entries that must stay, as those of posts that wait, are passed once per turn and not at each batch: the position is kept
    between batches, and a worker that starts begins at the first post. The ids that Presswork gives have a time, so posts
    that are too new are not read. Nearly all ids that callers choose sort after these: they are read whatever their age.
    """

    def __init__(self, pool: Pool) -> None:
        self._pool: Final = pool
        self._position = _START
        self._position_of_chosen = _START

    async def run(self, *, keep: timedelta, now: datetime, limit: int) -> int:
        """Read the next `limit` entries, delete those that are too old, and return how many were read.

        After the last one, `limit` entries of posts with ids that callers chose are read too, and not counted: their
        number has no bound, so one batch is read in a round of maintenance.
        """
        before = now - keep
        count, self._position = await self._read(self._position, oldest_id(before), before, limit)
        if count < limit:
            first = max(self._position_of_chosen, (oldest_id(now + _CLOCK_SKEW), 0))
            _, self._position_of_chosen = await self._read(first, _END, before, limit)
        return count

    async def _read(
        self, position: tuple[UUID, int], end: UUID, before: datetime, limit: int
    ) -> tuple[int, tuple[UUID, int]]:
        """Read the next entries of posts before `end`; return their number and the position of the next batch."""
        row = await self._pool.fetchrow(_SQL["sweep_timelines"], *position, end, before, limit)
        if row is None or row["read_count"] < limit:
            return (0 if row is None else row["read_count"]), _START
        return row["read_count"], (row["post_id"], row["id"])
