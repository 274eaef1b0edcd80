"""Send `NOTIFY` after commits that may have written events, debounced, to wake the readers of event streams."""

import contextlib
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Final

import structlog

from presswork.db.debounced import Debounced
from presswork.db.errors import TRANSIENT_ERRORS
from presswork.db.pool import PlanningPool, Pool
from presswork.events.store import notify_streams

log = structlog.get_logger()

_PAUSE: Final = timedelta(milliseconds=20)
_WITHOUT_STREAMS: Final = timedelta(seconds=1)
"""How often a busy process asks whether there is a stream; a reader polls as often."""


@contextlib.asynccontextmanager
async def wake_streams(pool: PlanningPool) -> AsyncIterator[None]:
    """Within the block, wake the readers after each commit of the pool's connections that may have written events.

    One hint is sent for many transactions: at most fifty per second, and none while there is no stream.
    """
    debounced = Debounced(lambda: _send(pool))
    for part in pool.parts:
        part.on_events = debounced.request
    try:
        yield
    finally:
        for part in pool.parts:
            part.on_events = None
        await debounced.aclose()


async def _send(pool: Pool) -> timedelta:
    try:
        return _PAUSE if await notify_streams(pool) else _WITHOUT_STREAMS
    except TRANSIENT_ERRORS as error:
        log.debug("event hint not sent; readers poll within a second", error=str(error))
        return _WITHOUT_STREAMS
