"""Token refresh as a job source: refresh the tokens of accounts that have no posts, before they expire."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import UUID

import structlog

from presswork.accounts.store import SQL
from presswork.accounts.tokens import access_token
from presswork.core.clock import Clock, JobClock
from presswork.core.enums import Environment, LoginName
from presswork.core.ids import ACCOUNT, public_id
from presswork.crypto.keyring import Keyring
from presswork.db.errors import TRANSIENT_ERRORS
from presswork.db.pool import Pool
from presswork.platforms.errors import CredentialInvalid, PlatformError
from presswork.platforms.port import Platform
from presswork.platforms.registry import Platforms
from presswork.telemetry import meters

log = structlog.get_logger()

_POSTPONE_BY: Final = timedelta(minutes=5)
"""How long the next refresh of an account is postponed after an error."""
_SKIP_FOR: Final = timedelta(minutes=1)
"""How long this process skips an account after an attempt, even if the database lists it as due."""


@dataclass(frozen=True, slots=True)
class RefreshJob:
    """An account whose tokens are due, and the clock of the refresh."""

    account_id: UUID
    platform: Platform
    clock: JobClock


class RefreshJobs:
    """The job source of token refreshes. `access_token` acquires and fences the lease of a refresh."""

    name: Final = "token-refresh"
    concurrency: Final = 16
    lease: Final = timedelta(minutes=1)
    poll_every: Final = timedelta(minutes=1)
    poll_gap: Final = timedelta()
    is_notified: Final = False
    wakes: Final = ("webhooks",)  # an account that requires a new login emits an event

    def __init__(self, pool: Pool, keyring: Keyring, platforms: Platforms, clock: Clock) -> None:
        """Create the source."""
        self._pool: Final = pool
        self._keyring: Final = keyring
        self._platforms: Final = platforms
        self._clock: Final = clock
        self._tried: Final[dict[UUID, timedelta]] = {}

    def key_of(self, job: RefreshJob) -> UUID:
        """Return the account's id."""
        return job.account_id

    async def claim(self, limit: int) -> Sequence[RefreshJob]:
        """Return accounts whose refresh is due, the most overdue first. Skips accounts of unconfigured platforms."""
        since = self._clock.uptime()
        for account_id in [one for one, at in self._tried.items() if since - at >= _SKIP_FOR]:
            del self._tried[account_id]
        known = [
            (login, environment)
            for login in self._platforms.described()
            for environment in Environment
            if self._platforms.is_available(login, environment)
        ]
        rows = await self._pool.fetch(
            SQL["refresh_due"],
            self._clock.database_now(),
            [login.value for login, _ in known],
            [environment.value for _, environment in known],
            list(self._tried),
            limit,
        )
        self._tried.update((row["id"], since) for row in rows)
        return [
            RefreshJob(
                row["id"],
                self._platforms.get(LoginName(row["login"]), Environment(row["environment"])),
                JobClock(self._clock, at=row["now"], since=since),
            )
            for row in rows
        ]

    async def renew(self, keys: Collection[UUID]) -> Collection[UUID]:  # noqa: ARG002  the protocol's parameter
        """Renew nothing: a refresh is shorter than its lease."""
        return ()

    async def release(self, held: Collection[UUID]) -> None:
        """Release nothing: a refresh in progress completes, and one that has not started holds no lease."""

    async def next_due(self) -> timedelta | None:
        """Return None: tokens are due hours before they expire, so one poll per minute is sufficient."""
        return None

    async def run(self, job: RefreshJob) -> None:
        """Refresh the tokens of one account. A failure is logged and counted and does not affect other accounts."""
        names = {"platform": job.platform.name.value, "account": public_id(ACCOUNT, job.account_id)}
        try:
            await access_token(self._pool, self._keyring, job.platform, job.account_id, clock=job.clock)
        except CredentialInvalid:
            return  # the account is now reauth_required or disconnected, which is already logged
        except PlatformError as error:
            log.warning("refresh postponed", **names, error=error.message)
        except TRANSIENT_ERRORS:
            raise
        except Exception:
            meters.refresh_failures.labels(job.platform.name.value).inc()
            log.exception("refresh failed unexpectedly", **names)
        now = job.clock.now()
        await self._pool.execute(SQL["postpone_refresh"], job.account_id, now, now + _POSTPONE_BY)
