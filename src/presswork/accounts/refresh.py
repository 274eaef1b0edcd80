"""Token refresh as a job source: refresh the tokens of accounts that have no posts, before they expire."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final
from uuid import UUID

import structlog

from presswork.accounts.account_jobs import AccountJob, AccountJobs
from presswork.accounts.store import SQL
from presswork.accounts.tokens import access_token
from presswork.core.clock import Clock
from presswork.crypto.keyring import Keyring
from presswork.db.errors import TRANSIENT_ERRORS
from presswork.db.pool import Pool
from presswork.platforms.errors import CredentialInvalid, PlatformError
from presswork.platforms.registry import Platforms
from presswork.telemetry import meters

log = structlog.get_logger()

_POSTPONE_BY: Final = timedelta(minutes=5)
"""How long the next refresh of an account is postponed after an error."""
_SKIP_FOR: Final = timedelta(minutes=1)
"""How long this process skips an account after an attempt, even if the database lists it as due."""


class RefreshJobs(AccountJobs):
    """The job source of token refreshes. `access_token` acquires and fences the lease of a refresh."""

    name: Final = "token-refresh"
    lease: Final = timedelta(minutes=1)
    poll_every: Final = timedelta(minutes=1)  # tokens are due hours before they expire

    def __init__(
        self, pool: Pool, keyring: Keyring, platforms: Platforms, clock: Clock, *, claims: Pool | None = None
    ) -> None:
        """Create the source. It claims over the pool `claims`, by default over that of its jobs."""
        super().__init__(pool, keyring, platforms, clock, claims=claims)
        self._tried: Final[dict[UUID, timedelta]] = {}

    async def claim(self, limit: int) -> Sequence[AccountJob]:
        """Return accounts whose refresh is due, the most overdue first. Skips accounts of unconfigured platforms."""
        since = self._clock.uptime()
        for account_id in [one for one, at in self._tried.items() if since - at >= _SKIP_FOR]:
            del self._tried[account_id]
        rows = await self._claims.fetch(
            SQL["refresh_due"],
            self._clock.database_now(),
            *self._configured(),
            list(self._tried),
            limit,
        )
        self._tried.update((row["id"], since) for row in rows)
        return [self._job_of(row, since) for row in rows]

    async def run(self, job: AccountJob) -> None:
        """Refresh the tokens of one account. A failure is logged and counted and does not affect other accounts."""
        try:
            await access_token(self._pool, self._keyring, job.platform, job.account_id, clock=job.clock)
        except CredentialInvalid:
            return  # the account is now reauth_required or disconnected, which is already logged
        except PlatformError as error:
            log.warning("refresh postponed", **job.log_fields, error=error.message)
        except TRANSIENT_ERRORS:
            raise
        except Exception:
            meters.refresh_failures.labels(job.platform.name.value).inc()
            log.exception("refresh failed unexpectedly", **job.log_fields)
        now = job.clock.now()
        await self._pool.execute(SQL["postpone_refresh"], job.account_id, now, now + _POSTPONE_BY)
