"""Retention of media: originals and conversions leave the store some time after the last post of their content."""

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from presswork.content.store import SQL, take_media
from presswork.db.pool import Pool
from presswork.db.rows import FIRST
from presswork.media.removals import remove_noted
from presswork.media.store import MediaStore


class MediaRetention:
    """Goes through content with media in the order of its creation, in batches, and then begins again.

    Content that keeps its media, such as what was never posted, is passed once per turn: the position is kept between batches, and
    a worker that starts begins with the first.
    """

    def __init__(self, pool: Pool, store: MediaStore) -> None:
        self._pool: Final = pool
        self._store: Final = store
        self._position = FIRST

    async def run(self, *, keep: timedelta, now: datetime, limit: int) -> int:
        """Read the next `limit` containers, remove the media of those whose posts ended long ago, and return how many were read."""
        before = now - keep
        rows = await self._pool.fetch(SQL["retention_page"], *self._position, before, limit)
        for row in rows:
            if row["is_due"]:
                await self._remove(row["id"], before, now)
        self._position = (rows[-1]["created_at"], rows[-1]["id"]) if len(rows) == limit else FIRST
        return len(rows)

    async def _remove(self, container_id: UUID, before: datetime, now: datetime) -> None:
        async with self._pool.acquire() as connection, connection.transaction():
            if await connection.fetchval(SQL["lock_retained"], container_id) is None:
                return
            if not await connection.fetchval(SQL["is_media_due"], container_id, before):
                return
            await connection.execute(SQL["mark_media_removed"], container_id, now)
            removed = await take_media(connection, container_id, with_previews=False, now=now)
        await remove_noted(self._pool, self._store, removed)
