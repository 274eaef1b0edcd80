"""Maintenance: cancel uploads that were not finished in time, and remove spent parts."""

from datetime import datetime

from presswork.content.assemble import sweep_parts
from presswork.content.intake import remove_objects
from presswork.content.model import UPLOAD_WINDOW
from presswork.content.store import SQL
from presswork.db.pool import Pool
from presswork.media.store import MediaStore


async def sweep_uploads(pool: Pool, store: MediaStore, now: datetime, *, limit: int = 200) -> int:
    """Cancel containers that have waited for their files longer than UPLOAD_WINDOW, and remove their uploads.

    Also removes the parts of files whose containers are no longer open. Processes at most `limit` containers and `limit` files, and
    returns the number of canceled containers. Safe to run
    concurrently; continues the work of a sweep that died.
    """
    canceled = await pool.fetch(SQL["cancel_stale"], now - UPLOAD_WINDOW, now, limit)
    for row in await pool.fetch(SQL["canceled_uploads"], limit):
        if await remove_objects(store, [row["object_key"]]):
            await pool.execute(SQL["clear_upload"], row["id"], row["object_key"])
    await sweep_parts(pool, store, limit=limit)
    return len(canceled)
