"""Access checks as a job source: ask the platform whether the owner of an account revoked access, and believe its answer.

A platform's webhook that says so is a hint: it only requests the check. The account becomes `reauth_required` if the platform
refuses the stored tokens.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

import structlog

from presswork.accounts.account_jobs import AccountJob, AccountJobs
from presswork.accounts.store import SQL
from presswork.accounts.tokens import access_token, renew_token
from presswork.core.enums import Environment, PlatformName
from presswork.db.pool import Connection
from presswork.platforms.errors import CredentialInvalid, Rejected, TryLater
from presswork.platforms.login import SupportsAccessCheck

log = structlog.get_logger()

_MOST: Final = 1_000


async def request_access_checks(
    connection: Connection,
    *,
    platform: PlatformName,
    environment: Environment,
    external_id: str,
    database_now: datetime | None,
) -> int:
    """Have a worker check the accounts of a platform id, in all projects; return their number."""
    names = (platform.value, environment.value, external_id)
    return len(await connection.fetch(SQL["request_access_checks"], *names, database_now, _MOST))


class AccessCheckJobs(AccountJobs):
    """The job source of access checks."""

    name: Final = "access-checks"
    lease: Final = timedelta(minutes=5)
    """Also the wait before a check that got no answer is repeated."""
    poll_every: Final = timedelta(seconds=5)

    async def claim(self, limit: int) -> Sequence[AccountJob]:
        """Return accounts to check, the longest waiting first. Skips accounts of unconfigured platforms."""
        since = self._clock.uptime()
        rows = await self._claims.fetch(
            SQL["claim_access_checks"],
            self._clock.database_now(),
            self.lease,
            *self._configured(),
            limit,
        )
        return [self._job_of(row, since) for row in rows]

    async def run(self, job: AccountJob) -> None:
        """Check one account. Without an answer it is checked again later."""
        try:
            await self._check(job)
        except TryLater as error:
            log.warning("access check postponed", **job.log_fields, error=error.message)
            return
        except CredentialInvalid:
            log.info("access check: the platform refuses the account's tokens", **job.log_fields)
        except Rejected as error:
            log.info("access check: the tokens are valid", **job.log_fields, answer=error.message)
        else:
            log.info("access check: the tokens are valid", **job.log_fields)
        await self._pool.execute(SQL["end_access_check"], job.account_id, job.leased_until)

    async def _check(self, job: AccountJob) -> None:
        """Ask the platform. Raises CredentialInvalid if it refuses the tokens: the account is marked then."""
        if not isinstance(job.platform.login, SupportsAccessCheck):
            return
        token = await access_token(self._pool, self._keyring, job.platform, job.account_id, clock=job.clock)
        try:
            await job.platform.login.check_access(token)
        except CredentialInvalid:
            # The access token may only have expired early; the refresh decides.
            await renew_token(self._pool, self._keyring, job.platform, job.account_id, refused=token, clock=job.clock)
