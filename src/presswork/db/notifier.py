"""Sending hints: `NOTIFY` after commits, few of them however many transactions there are."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Final

import structlog

from presswork.db.errors import TRANSIENT_ERRORS
from presswork.db.listener import DUE
from presswork.db.pool import PlanningPool, Pool

log = structlog.get_logger()

_HINT: Final = "SELECT set_config('synchronous_commit', 'off', true), pg_notify($1, '')"
"""A hint need not outlive a crash, so it does not wait for the disk. The setting ends with the statement."""
_DEBOUNCE_SECONDS: Final = 0.005
"""A process sends at most 200 hints a second, however many calls it answers: each wakes every listener."""


class WorkNotifier:
    """Sends `NOTIFY` hints for many transactions at once.

    A NOTIFY inside each transaction would queue all commits behind one lock, so the hint is sent just after them. The
    first one goes out at once; those that follow within 5 ms become one.
    """

    def __init__(self, pool: Pool) -> None:
        """Send through `pool`."""
        self._pool = pool
        self._is_pending = False
        self._task: asyncio.Task[None] | None = None

    @classmethod
    @contextlib.asynccontextmanager
    async def on(cls, pool: PlanningPool) -> AsyncIterator["WorkNotifier"]:
        """Wake the workers, for the length of a block, after each commit of a pool's connections that queued work."""
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
        """Schedule a hint that something may be due. Never waits and never fails."""
        self._is_pending = True
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._send())

    async def _send(self) -> None:
        while self._is_pending:
            self._is_pending = False
            try:
                await self._pool.execute(_HINT, DUE)
            except TRANSIENT_ERRORS as error:
                log.warning("hint not sent; workers poll within a second", error=str(error))
            await asyncio.sleep(_DEBOUNCE_SECONDS)

    async def aclose(self) -> None:
        """Wait for a hint that is being sent."""
        if self._task is not None:
            await asyncio.gather(self._task, return_exceptions=True)
