"""How many posts an account has published and may publish, as its platform counts them: for people who watch accounts.

The platform's answer is kept for a minute, so that screens that show many accounts ask it once a minute for each. A post
that went live since then makes the answer stale. Test accounts are always asked: their platform is the sandbox.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Final
from uuid import UUID

from presswork.accounts.model import SocialAccount
from presswork.accounts.platform_reads import PlatformRead
from presswork.accounts.store import SQL, find_account
from presswork.callers.model import Principal
from presswork.core.clock import Clock
from presswork.core.enums import Environment
from presswork.crypto.keyring import Keyring
from presswork.db.pool import Pool
from presswork.media.single_flight import SingleFlight
from presswork.platforms.port import AccountQuota, Platform, SupportsQuota
from presswork.platforms.registry import Platforms

KEPT_FOR: Final[Mapping[Environment, timedelta]] = MappingProxyType(
    {Environment.LIVE: timedelta(minutes=1), Environment.TEST: timedelta()}
)
"""How long an answer of the platform is used again."""
_MAX_KEPT: Final = 10_000
"""Accounts whose answers a process keeps; beyond that, the oldest answer is dropped."""
_FETCH_TIMEOUT: Final = timedelta(seconds=10)


@dataclass(frozen=True, slots=True)
class _StoredQuota:
    """What a platform answered, and when (UTC)."""

    quota: AccountQuota | None
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class QuotaReader:
    """Reads quotas, and keeps the answers."""

    pool: Pool
    keyring: Keyring
    platforms: Platforms
    clock: Clock
    _answers: dict[UUID, _StoredQuota] = field(default_factory=dict)
    _flights: SingleFlight = field(default_factory=SingleFlight)

    async def read(self, account_id: UUID, *, visible_to: Principal) -> AccountQuota | None:
        """Return an account's quota; None where its platform reports nothing.

        Raises AccountNotFound, AccountNotReadable, ReadRefused, and Unavailable while the platform does not answer or is not
        configured.
        """
        account = await find_account(self.pool, account_id, visible_to=visible_to)
        described = self.platforms.described()[account.login]
        if not isinstance(described.connector, SupportsQuota):
            return None
        platform = self.platforms.get(account.login, account.environment)
        self._read.require_access(account, platform)
        kept = await self._find_recent(account)
        if kept is None:
            fetch = self._fetch
            await self._flights.run(str(account.id), lambda: fetch(account, platform))
            kept = self._answers[account.id]
        return kept.quota

    @property
    def _read(self) -> PlatformRead:
        return PlatformRead(pool=self.pool, keyring=self.keyring, clock=self.clock, what="quota")

    async def _find_recent(self, account: SocialAccount) -> _StoredQuota | None:
        """Return the last answer, if it is recent and no post of the account went live since."""
        kept = self._answers.get(account.id)
        if kept is None or self.clock.now() >= kept.at + KEPT_FOR[account.environment]:
            return None
        return None if await self.pool.fetchval(SQL["has_published_since"], account.id, kept.at) else kept

    async def _fetch(self, account: SocialAccount, platform: Platform) -> None:
        started_at = self.clock.now()
        if not isinstance(platform.connector, SupportsQuota):
            return
        quota = await self._read.call(account, platform, platform.connector.fetch_quota, timeout=_FETCH_TIMEOUT)
        self._answers.pop(account.id, None)
        if len(self._answers) >= _MAX_KEPT:
            del self._answers[next(iter(self._answers))]
        self._answers[account.id] = _StoredQuota(quota, started_at)
