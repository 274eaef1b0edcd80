"""Run the checks of the installation, one run at a time across all processes, and regularly."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import structlog

from presswork.core.clock import Clock
from presswork.core.errors import Unavailable
from presswork.core.ids import new_id
from presswork.db.errors import TRANSIENT_ERRORS
from presswork.db.pool import Connection, Pool
from presswork.doctor.checks.examine import ALL_WITHIN, examine
from presswork.doctor.model import CheckRun
from presswork.doctor.store import SQL, claim_checks, finish_checks, last_checks, record_app_check, release_checks
from presswork.platforms.settings import Settings

log = structlog.get_logger()

LEASE: Final = ALL_WITHIN + timedelta(seconds=60)
"""How long a run may take before another process may begin one: its process may have died."""
EVERY: Final = timedelta(hours=1)
"""How old the findings may become before an API process runs the checks again."""
_FIRST_AFTER: Final = timedelta(seconds=30)
_LOOK_EVERY: Final = timedelta(minutes=1)
_POLL: Final = timedelta(milliseconds=500)
_MEDIA_WITHIN: Final = timedelta(seconds=20)


@dataclass(frozen=True, slots=True, kw_only=True)
class Checks:
    """What an API process needs to run the checks."""

    settings: Settings
    """Those of the environment."""
    pool: Pool
    clock: Clock
    local_url: str
    """Where this machine reaches the API."""

    async def run(self) -> CheckRun:
        """Run the checks and store their findings. If another process runs them, wait for its findings instead.

        Raises Unavailable if that takes too long.
        """
        run_id = new_id()
        waiting_since: datetime | None = None
        for _ in range(LEASE // _POLL):
            last, _, now = await last_checks(self.pool, now=self.clock.database_now())
            if last is not None and waiting_since is not None and last.finished_at >= waiting_since:
                return last
            started_at = await claim_checks(self.pool, run_id, lease=LEASE, now=self.clock.database_now())
            if started_at is not None:
                return await self._run_claimed(run_id, started_at)
            waiting_since = waiting_since or now
            await asyncio.sleep(_POLL.total_seconds())
        raise Unavailable("Another process has been running the checks for too long. Try again in a minute.")

    async def run_regularly(self) -> None:
        """Run the checks soon after the start and every EVERY, unless another process has, until cancelled."""
        await asyncio.sleep(_FIRST_AFTER.total_seconds())
        while True:
            try:
                if await self.is_due():
                    await self.run()
            except (Unavailable, *TRANSIENT_ERRORS) as error:
                log.warning("checks postponed", error=type(error).__name__)
            await asyncio.sleep(_LOOK_EVERY.total_seconds())

    async def is_due(self) -> bool:
        """Return whether the last findings are older than EVERY, and no process looks for new ones."""
        last, is_running, now = await last_checks(self.pool, now=self.clock.database_now())
        return not is_running and (last is None or now is None or now - last.finished_at >= EVERY)

    async def _run_claimed(self, run_id: UUID, started_at: datetime) -> CheckRun:
        try:
            examined = await examine(self.settings, service_url=self.local_url, open_database=self._connection)
            media = await self._count_media()
            for login, (source, hint) in examined.sources.items():
                if (response := examined.app_responses.get(login)) is not None:
                    # As of the start: credentials that were stored meanwhile have a newer response, or none.
                    await record_app_check(self.pool, login, source, hint, response, now=started_at)
        except BaseException:  # a cancelled run, too, must not hold up the next one for the whole lease
            await release_checks(self.pool, run_id)
            raise
        finished = await finish_checks(
            self.pool,
            run_id,
            started_at=started_at,
            host=socket.gethostname(),
            findings=examined.findings,
            media=media,
            now=self.clock.database_now(),
        )
        if finished is None:
            raise Unavailable("The checks took too long. Try again.")
        return finished

    async def _count_media(self) -> tuple[int, int] | None:
        """Return the number and bytes of the stored files; None if counting them takes too long."""
        try:
            row = await self.pool.fetchrow(SQL["stored_media"], timeout=_MEDIA_WITHIN.total_seconds())
        except TimeoutError:
            return None
        return None if row is None else (row["files"], row["bytes"])

    @asynccontextmanager
    async def _connection(self) -> AsyncIterator[Connection]:
        async with self.pool.acquire() as connection:
            yield connection
