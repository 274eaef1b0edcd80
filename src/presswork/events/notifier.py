"""Send `NOTIFY` after commits that may have written events, debounced, to wake the readers of event streams."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Final

import structlog

from presswork.db.errors import TRANSIENT_ERRORS
from presswork.db.pool import PlanningPool, Pool
from presswork.events.store import notify_streams

log = structlog.get_logger()

_DEBOUNCE_SECONDS: Final = 0.02
_WITHOUT_STREAMS_SECONDS: Final = 1.0
"""How often a busy process asks whether there is a stream; a reader polls as often."""


class EventNotifier:
    """Sends one hint for many transactions: at most fifty per second, and none while there is no stream."""

    def __init__(self, pool: Pool) -> None:
        """Create a notifier that sends through `pool`."""
        self._pool: Final = pool
        self._is_pending = False
        self._task: asyncio.Task[None] | None = None

    @classmethod
    @contextlib.asynccontextmanager
    async def on(cls, pool: PlanningPool) -> AsyncIterator["EventNotifier"]:
        """Within the block, wake the readers after each commit of the pool's connections that may have written events."""
        notifier = cls(pool)
        for part in pool.parts:
            part.on_events = notifier.notify
        try:
            yield notifier
        finally:
            for part in pool.parts:
                part.on_events = None
            await notifier.aclose()

    def notify(self) -> None:
        """Schedule a hint. Never waits and never fails."""
        self._is_pending = True
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._send())

    async def _send(self) -> None:
        while self._is_pending:
            self._is_pending = False
            has_streams = False
            try:
                has_streams = await notify_streams(self._pool)
            except TRANSIENT_ERRORS as error:
                log.debug("event hint not sent; readers poll within a second", error=str(error))
            await asyncio.sleep(_DEBOUNCE_SECONDS if has_streams else _WITHOUT_STREAMS_SECONDS)

    async def aclose(self) -> None:
        """End a wait, and drop a hint that was not sent."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
