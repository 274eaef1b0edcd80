"""Objects that leave the store: their names are taken from the rows and noted in one transaction, and then they are removed.

A crash between never leaves an object that nothing removes, nor a row that names one which is gone: what was noted is removed by
the call that noted it, or by maintenance.
"""

import asyncio
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Final

import structlog

from presswork.core.errors import Unavailable
from presswork.db.errors import TRANSIENT_ERRORS
from presswork.db.pool import Connection, Pool
from presswork.db.queries import load
from presswork.media.store import MediaStore

log = structlog.get_logger()

_SQL: Final = load("presswork.media")
_LEASE: Final = timedelta(minutes=10)
"""How long a worker has for the objects that it has claimed; what failed is tried again after it."""
_OWN_TIME: Final = timedelta(minutes=1)
"""How long the call that noted them has for its objects, before maintenance takes over."""
_CALL_WAITS: Final = timedelta(seconds=5)
"""How long a call waits for its objects to be removed."""
_AT_ONCE: Final = 8


async def add_removals(connection: Connection, object_keys: Collection[str | None], *, now: datetime | None) -> None:
    """Note objects for their removal, in the transaction after which no row names them. None is ignored."""
    if keys := sorted({key for key in object_keys if key is not None}):
        await connection.execute(_SQL["add_removals"], keys, now, _OWN_TIME)


async def remove_noted(pool: Pool, store: MediaStore, object_keys: Sequence[str]) -> None:
    """Remove objects that a committed transaction has noted. What fails, or takes too long, is left to maintenance."""
    try:
        async with asyncio.timeout(_CALL_WAITS.total_seconds()):
            await _remove(pool, store, object_keys)
    except TRANSIENT_ERRORS as error:
        log.warning("media objects not removed yet; maintenance removes them", error=type(error).__name__)


async def sweep_removals(pool: Pool, store: MediaStore, now: datetime | None, *, limit: int) -> int:
    """Remove up to `limit` objects that were noted, and return how many were claimed. Safe to run concurrently."""
    rows = await pool.fetch(_SQL["claim_removals"], now, _LEASE, limit)
    await _remove(pool, store, [row["object_key"] for row in rows])
    return len(rows)


async def _remove(pool: Pool, store: MediaStore, object_keys: Sequence[str]) -> None:
    slots = asyncio.Semaphore(_AT_ONCE)

    async def remove(key: str) -> str | None:
        async with slots:
            try:
                await store.delete(key)
            except Unavailable as error:
                log.warning("unused media object not removed", key=key, error=error.message)
                return None
        return key

    removed = [key for key in await asyncio.gather(*map(remove, object_keys)) if key is not None]
    if removed:
        await pool.execute(_SQL["forget_removals"], removed)
