"""How many posts an account has published and may publish, as its platform counts them: for people who watch accounts.

The platform's answer is kept for a minute, so that screens that show many accounts ask it once a minute for each. A post
that went live since then makes the answer stale. Test accounts are always asked: their platform is the sandbox.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Final
from uuid import UUID

from presswork.accounts.model import AccountStatus, NotReady, SocialAccount
from presswork.accounts.store import SQL, find_account
from presswork.accounts.tokens import access_token, renew_token
from presswork.core.clock import Clock
from presswork.core.enums import Environment, Mode
from presswork.core.errors import Code, PressworkError, Unavailable
from presswork.core.ids import ACCOUNT, public_id
from presswork.core.logging import redact
from presswork.crypto.keyring import Keyring
from presswork.db.pool import Pool
from presswork.media.single_flight import SingleFlight
from presswork.orgs.model import Principal
from presswork.platforms.errors import CredentialInvalid, PlatformError, TryLater
from presswork.platforms.port import AccountQuota, Platform, SupportsQuota, TargetAccount
from presswork.platforms.registry import Platforms

KEPT_FOR: Final[Mapping[Environment, timedelta]] = MappingProxyType(
    {Environment.LIVE: timedelta(minutes=1), Environment.TEST: timedelta()}
)
"""How long an answer of the platform is used again."""
_MOST_KEPT: Final = 10_000
"""Accounts whose answers a process keeps; beyond that, the oldest answer is dropped."""
_FETCH_TIMEOUT: Final = timedelta(seconds=10)
_RETRY_AFTER: Final = timedelta(seconds=30)
"""When a client asks again after an error that passes, where the platform does not say."""

_SENTENCES: Final[Mapping[NotReady, str]] = MappingProxyType(
    {
        NotReady.DISCONNECTED: "This account is disconnected, so its quota can't be read. Connect it again.",
        NotReady.REAUTH_REQUIRED: "This account's access has expired or was revoked. Connect it again (reauth-url).",
        NotReady.MISSING_PERMISSION: "This account did not grant a permission that publishing needs. Connect it again and "
        "grant every permission.",
    }
)


class QuotaNotReadable(PressworkError):
    """The account can't publish at present, so its platform does not report its quota."""

    code = Code.SOCIAL_ACCOUNT_NOT_PUBLISH_READY

    def __init__(self, account_id: UUID, reason: NotReady) -> None:
        """Build the message, and keep the account and the reason for `details`."""
        super().__init__(_SENTENCES[reason], socialAccountId=public_id(ACCOUNT, account_id), reason=reason.value)


class QuotaRefused(PressworkError):
    """The platform refused to report the quota."""

    code = Code.SOCIAL_ACCOUNT_NOT_PUBLISH_READY

    def __init__(self, account_id: UUID, error: PlatformError) -> None:
        """Build the message, and keep what the platform reported for `details`."""
        super().__init__(
            redact(error.message),
            socialAccountId=public_id(ACCOUNT, account_id),
            reason="refused_by_platform",
            platformCode=error.platform_code,
            platformMessage=None if error.platform_message is None else redact(error.platform_message),
        )


@dataclass(frozen=True, slots=True)
class _Answer:
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
    _answers: dict[UUID, _Answer] = field(default_factory=dict)
    _flights: SingleFlight = field(default_factory=SingleFlight)

    async def read(self, account_id: UUID, *, visible_to: Principal) -> AccountQuota | None:
        """Return an account's quota; None where its platform reports nothing.

        Raises AccountNotFound, QuotaNotReadable, QuotaRefused, and Unavailable while the platform does not answer or is not
        configured.
        """
        account = await find_account(self.pool, account_id, visible_to=visible_to)
        if not isinstance(self.platforms.described()[account.login].connector, SupportsQuota):
            return None
        platform = self.platforms.get(account.login, account.environment)
        _require_access(account, platform)
        kept = await self._kept(account)
        if kept is None:
            fetch = self._fetch
            await self._flights.run(str(account.id), lambda: fetch(account, platform))
            kept = self._answers[account.id]
        return kept.quota

    async def _kept(self, account: SocialAccount) -> _Answer | None:
        """Return the last answer, if it is recent and no post of the account went live since."""
        kept = self._answers.get(account.id)
        if kept is None or self.clock.now() >= kept.at + KEPT_FOR[account.environment]:
            return None
        return None if await self.pool.fetchval(SQL["has_published_since"], account.id, kept.at) else kept

    async def _fetch(self, account: SocialAccount, platform: Platform) -> None:
        started_at = self.clock.now()
        try:
            async with asyncio.timeout(_FETCH_TIMEOUT.total_seconds()):
                quota = await self._ask(account, platform)
        except CredentialInvalid as error:
            raise QuotaNotReadable(account.id, NotReady.REAUTH_REQUIRED) from error
        except TryLater as error:
            raise _unavailable(account, redact(error.what), error.retry_after) from error
        except PlatformError as error:
            raise QuotaRefused(account.id, error) from error
        except TimeoutError as error:
            raise _unavailable(account, f"The platform did not reply within {_FETCH_TIMEOUT.seconds} s.") from error
        self._answers.pop(account.id, None)
        if len(self._answers) >= _MOST_KEPT:
            del self._answers[next(iter(self._answers))]
        self._answers[account.id] = _Answer(quota, started_at)

    async def _ask(self, account: SocialAccount, platform: Platform) -> AccountQuota | None:
        if not isinstance(platform.connector, SupportsQuota):
            return None
        target = TargetAccount(
            id=account.id, external_id=account.external_id, handle=account.handle, scopes=account.scopes
        )
        return await platform.connector.fetch_quota(target, _Access(self, platform, account.id))


@dataclass(frozen=True, slots=True)
class _Access:
    """Access to an account as workers have it: refreshed where it is due, and marked where it has ended."""

    reader: QuotaReader
    platform: Platform
    account_id: UUID

    async def access_token(self) -> str:
        """Return a valid token. Raises CredentialInvalid, TryLater."""
        reader = self.reader
        return await access_token(reader.pool, reader.keyring, self.platform, self.account_id, clock=reader.clock)

    async def renew_token(self, refused: str) -> str:
        """Return another token than the refused one. Raises CredentialInvalid, TryLater."""
        reader = self.reader
        return await renew_token(
            reader.pool, reader.keyring, self.platform, self.account_id, refused=refused, clock=reader.clock
        )


def _require_access(account: SocialAccount, platform: Platform) -> None:
    """Raise QuotaNotReadable where the platform would not answer."""
    if account.status is AccountStatus.DISCONNECTED:
        raise QuotaNotReadable(account.id, NotReady.DISCONNECTED)
    if account.status is AccountStatus.REAUTH_REQUIRED:
        raise QuotaNotReadable(account.id, NotReady.REAUTH_REQUIRED)
    if not platform.required_scopes[Mode.PUBLISH] <= account.scopes:
        raise QuotaNotReadable(account.id, NotReady.MISSING_PERMISSION)


def _unavailable(account: SocialAccount, why: str, retry_after: timedelta | None = None) -> Unavailable:
    seconds = max(1, round((retry_after or _RETRY_AFTER).total_seconds()))
    return Unavailable(
        f"The quota of this account can't be read now. {why} Try again in {seconds} s.",
        socialAccountId=public_id(ACCOUNT, account.id),
        platform=account.platform.value,
        retryAfterSeconds=seconds,
    )
