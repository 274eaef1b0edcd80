"""Job sources whose jobs are accounts: refresh tokens before they expire, and check access that a platform reported as ended."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import asyncpg
import structlog

from presswork.accounts.store import SQL
from presswork.accounts.tokens import access_token, renew_token
from presswork.core.clock import Clock, JobClock
from presswork.core.enums import Environment
from presswork.core.errors import Unavailable
from presswork.core.ids import ACCOUNT, public_id
from presswork.crypto.keyring import Keyring
from presswork.db.errors import TRANSIENT_ERRORS
from presswork.db.pool import Connection, Pool
from presswork.platforms.errors import CredentialInvalid, PlatformError, Rejected, TryLater
from presswork.platforms.login import SupportsAccessCheck
from presswork.platforms.names import LoginName, PlatformName
from presswork.platforms.port import Platform
from presswork.platforms.registry import Platforms
from presswork.telemetry import meters

log = structlog.get_logger()

_POSTPONE_BY: Final = timedelta(minutes=5)
"""How long the next refresh of an account is postponed after an error."""
_SKIP_FOR: Final = timedelta(minutes=1)
"""How long this process skips an account after an attempt, even if the database lists it as due."""


@dataclass(frozen=True, slots=True)
class AccountJob:
    """An account, its platform, and the clock of the job."""

    account_id: UUID
    platform: Platform
    clock: JobClock
    leased_until: datetime | None = None
    """UTC; identifies the claim, where the account's row holds a lease."""

    @property
    def log_fields(self) -> dict[str, str]:
        """Fields of a log line."""
        return {"platform": self.platform.name.value, "account": public_id(ACCOUNT, self.account_id)}


class AccountJobs:
    """The common part of a job source whose jobs are accounts. A job needs no renewal and no release.

    An interrupted job is claimed again when its lease ends, and two jobs of one account at a time are harmless.
    """

    concurrency: Final = 16
    poll_gap: Final = timedelta()
    is_notified: Final = False
    wakes: Final = ("webhooks",)  # an account that requires a new login emits an event

    def __init__(
        self, pool: Pool, keyring: Keyring, platforms: Platforms, clock: Clock, *, claims: Pool | None = None
    ) -> None:
        """It claims over the pool `claims`, by default over that of its jobs."""
        self._pool: Final = pool
        self._claims: Final = pool if claims is None else claims
        self._keyring: Final = keyring
        self._platforms: Final = platforms
        self._clock: Final = clock

    def key_of(self, job: AccountJob) -> UUID:
        """Return the account's id."""
        return job.account_id

    async def renew(self, keys: Collection[UUID]) -> Collection[UUID]:  # noqa: ARG002  the protocol's parameter
        """Renew nothing: a job is shorter than its lease."""
        return ()

    async def release(self, held: Collection[UUID]) -> None:
        """Release nothing."""

    async def next_due(self) -> timedelta | None:
        """Return None, because an account can wait for the next poll."""
        return None

    def _configured_columns(self) -> tuple[Sequence[str], Sequence[str]]:
        """Return the logins and environments whose accounts can be claimed, as two columns."""
        pairs = self._platforms.available()
        return [login.value for login, _ in pairs], [environment.value for _, environment in pairs]

    async def _jobs_of(self, rows: Sequence[asyncpg.Record], since: timedelta) -> Sequence[AccountJob]:
        """Return the jobs of claimed rows, without those whose customer's app can't be used; `since` is the uptime before the claim."""
        jobs = []
        for row in rows:
            try:
                platform = await self._platforms.for_app(
                    LoginName(row["login"]), Environment(row["environment"]), row["app_id"]
                )
            except Unavailable as error:
                log.warning("account skipped", account=public_id(ACCOUNT, row["id"]), reason=error.message)
                continue
            clock = JobClock(self._clock, at=row["now"], since=since)
            jobs.append(AccountJob(row["id"], platform, clock, row.get("leased_until")))
        return jobs


class RefreshJobs(AccountJobs):
    """The job source of token refreshes. `access_token` acquires and fences the lease of a refresh."""

    name: Final = "token-refresh"
    lease: Final = timedelta(minutes=1)
    poll_every: Final = timedelta(minutes=1)  # tokens are due hours before they expire

    def __init__(
        self, pool: Pool, keyring: Keyring, platforms: Platforms, clock: Clock, *, claims: Pool | None = None
    ) -> None:
        """It claims over the pool `claims`, by default over that of its jobs."""
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
            *self._configured_columns(),
            list(self._tried),
            limit,
        )
        self._tried.update((row["id"], since) for row in rows)
        return await self._jobs_of(rows, since)

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


_MAX_ACCOUNTS: Final = 1_000


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
    return len(await connection.fetch(SQL["request_access_checks"], *names, database_now, _MAX_ACCOUNTS))


class AccessCheckJobs(AccountJobs):
    """The job source of access checks."""

    name: Final = "access-checks"
    lease: Final = timedelta(minutes=5)
    """Also the wait before a check that got no response is repeated."""
    poll_every: Final = timedelta(seconds=5)

    async def claim(self, limit: int) -> Sequence[AccountJob]:
        """Return accounts to check, the longest waiting first. Skips accounts of unconfigured platforms."""
        since = self._clock.uptime()
        rows = await self._claims.fetch(
            SQL["claim_access_checks"],
            self._clock.database_now(),
            self.lease,
            *self._configured_columns(),
            limit,
        )
        return await self._jobs_of(rows, since)

    async def run(self, job: AccountJob) -> None:
        """Check one account. Without a response it is checked again later."""
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
