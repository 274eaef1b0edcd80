"""Send `NOTIFY` after commits, debounced, to wake the workers."""

import contextlib
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Final

import structlog

from presswork.db.debounced import Debounced
from presswork.db.errors import TRANSIENT_ERRORS
from presswork.db.listener import DUE
from presswork.db.pool import PlanningPool, Pool

log = structlog.get_logger()

_HINT: Final = "SELECT set_config('synchronous_commit', 'off', true), pg_notify($1, '')"
"""Notifications need not survive a crash, so the commit does not wait for the disk. Applies to this statement only."""
_PAUSE: Final = timedelta(milliseconds=5)
"""Limits a process to 200 notifications per second, since each wakes every listener."""


class WorkNotifier:
    """Sends one `NOTIFY` for many transactions.

    A NOTIFY inside each transaction would serialize all commits on one lock, so it is sent after them. The first one is
    sent at once; those that follow within 5 ms are combined.
    """

    def __init__(self, pool: Pool) -> None:
        self._pool: Final = pool
        self._debounced: Final = Debounced(self._send)

    @classmethod
    @contextlib.asynccontextmanager
    async def on(cls, pool: PlanningPool) -> AsyncIterator["WorkNotifier"]:
        """Within the block, wake the workers after each commit of the pool's connections that queued work."""
        notifier = cls(pool)
        for part in pool.parts:
            part.on_work_queued = notifier.notify
        try:
            yield notifier
        finally:
            for part in pool.parts:
                part.on_work_queued = None
            await notifier.aclose()

    def notify(self) -> None:
        """Schedule a notification that work may be due. Never waits and never fails."""
        self._debounced.request()

    async def _send(self) -> timedelta:
        try:
            await self._pool.execute(_HINT, DUE)
        except TRANSIENT_ERRORS as error:
            log.warning("notification not sent; workers poll within a second", error=str(error))
        return _PAUSE

    async def aclose(self) -> None:
        """Wait for a notification that is being sent."""
        await self._debounced.aclose()
