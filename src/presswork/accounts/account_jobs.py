"""What the job sources that work on one account at a time share: token refreshes and access checks."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import asyncpg

from presswork.core.clock import Clock, JobClock
from presswork.core.enums import Environment, LoginName
from presswork.core.ids import ACCOUNT, public_id
from presswork.crypto.keyring import Keyring
from presswork.db.pool import Pool
from presswork.platforms.port import Platform
from presswork.platforms.registry import Platforms


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
        """Create the source. It claims over the pool `claims`, by default over that of its jobs."""
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
        """Return None: an account can wait for the next poll."""
        return None

    def _configured(self) -> tuple[Sequence[str], Sequence[str]]:
        """Return the logins and environments whose accounts can be claimed, as two columns."""
        pairs = self._platforms.available()
        return [login.value for login, _ in pairs], [environment.value for _, environment in pairs]

    def _job_of(self, row: asyncpg.Record, since: timedelta) -> AccountJob:
        """Return the job of a claimed row; `since` is the uptime before the claim."""
        platform = self._platforms.get(LoginName(row["login"]), Environment(row["environment"]))
        return AccountJob(
            row["id"], platform, JobClock(self._clock, at=row["now"], since=since), row.get("leased_until")
        )
