"""Reads of what a platform reports about an account now, for people: with the account's access, and errors of the API."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from types import MappingProxyType
from typing import Final, TypeVar
from uuid import UUID

from presswork.accounts.model import AccountStatus, NotReady, SocialAccount
from presswork.accounts.store import SQL, find_account
from presswork.accounts.tokens import access_token, renew_token
from presswork.callers.model import Principal
from presswork.core.clock import Clock
from presswork.core.enums import Environment, Mode
from presswork.core.errors import Code, PressworkError, Unavailable
from presswork.core.ids import ACCOUNT, public_id
from presswork.core.logging import redact
from presswork.crypto.keyring import Keyring
from presswork.db.pool import Pool
from presswork.media.single_flight import SingleFlight
from presswork.platforms.errors import CredentialInvalid, PlatformError, TryLater
from presswork.platforms.port import (
    AccountQuota,
    Board,
    CreatorInfo,
    Credentials,
    Platform,
    Playlist,
    SupportsBoards,
    SupportsCreatorInfo,
    SupportsPlaylists,
    SupportsQuota,
    TargetAccount,
)
from presswork.platforms.registry import Platforms

_RETRY_AFTER: Final = timedelta(seconds=30)
"""When a client asks again after an error that passes, where the platform does not say."""
_Reading = TypeVar("_Reading")


class AccountNotReadable(PressworkError):
    """The account can't publish at present, so its platform does not report about it."""

    code = Code.SOCIAL_ACCOUNT_NOT_PUBLISH_READY

    def __init__(self, account_id: UUID, reason: NotReady, what: str) -> None:
        sentence = {
            NotReady.DISCONNECTED: f"This account is disconnected, so its {what} can't be read. Connect it again.",
            NotReady.REAUTH_REQUIRED: "This account's access has expired or was revoked. Connect it again (reauth-url).",
            NotReady.MISSING_PERMISSION: "This account did not grant a permission that publishing needs. Connect it "
            "again and grant every permission.",
        }[reason]
        super().__init__(sentence, socialAccountId=public_id(ACCOUNT, account_id), reason=reason.value)


class ReadRefused(PressworkError):
    """The platform refused to report it."""

    code = Code.SOCIAL_ACCOUNT_NOT_PUBLISH_READY

    def __init__(self, account_id: UUID, error: PlatformError) -> None:
        super().__init__(
            redact(error.message),
            socialAccountId=public_id(ACCOUNT, account_id),
            reason="refused_by_platform",
            platformCode=error.platform_code,
            platformMessage=None if error.platform_message is None else redact(error.platform_message),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class PlatformRead:
    """One kind of read. `what` names it in messages: "quota"."""

    pool: Pool
    keyring: Keyring
    clock: Clock
    what: str

    def require_access(self, account: SocialAccount, platform: Platform) -> None:
        """Raise AccountNotReadable where the platform would not answer."""
        if account.status is AccountStatus.DISCONNECTED:
            raise AccountNotReadable(account.id, NotReady.DISCONNECTED, self.what)
        if account.status is AccountStatus.REAUTH_REQUIRED:
            raise AccountNotReadable(account.id, NotReady.REAUTH_REQUIRED, self.what)
        if not platform.required_scopes[Mode.PUBLISH] <= account.scopes:
            raise AccountNotReadable(account.id, NotReady.MISSING_PERMISSION, self.what)

    async def call(
        self,
        account: SocialAccount,
        platform: Platform,
        call: Callable[[TargetAccount, Credentials], Awaitable[_Reading]],
        *,
        timeout: timedelta,  # noqa: ASYNC109  the platform's time, which a test shortens
    ) -> _Reading:
        """Make the platform's call. Raises AccountNotReadable, ReadRefused, and Unavailable while it does not answer."""
        target = TargetAccount(
            id=account.id, external_id=account.external_id, handle=account.handle, scopes=account.scopes
        )
        try:
            async with asyncio.timeout(timeout.total_seconds()):
                return await call(target, _Access(self, platform, account.id))
        except CredentialInvalid as error:
            raise AccountNotReadable(account.id, NotReady.REAUTH_REQUIRED, self.what) from error
        except TryLater as error:
            raise self._build_unavailable(
                account, redact(error.what), error.retry_after, error.platform_code
            ) from error
        except PlatformError as error:
            raise ReadRefused(account.id, error) from error
        except TimeoutError as error:
            raise self._build_unavailable(account, f"The platform did not reply within {timeout.seconds} s.") from error

    def _build_unavailable(
        self,
        account: SocialAccount,
        why: str,
        retry_after: timedelta | None = None,
        platform_code: str | None = None,
    ) -> Unavailable:
        seconds = max(1, round((retry_after or _RETRY_AFTER).total_seconds()))
        return Unavailable(
            f"The {self.what} of this account can't be read now. {why} Try again in {seconds} s.",
            socialAccountId=public_id(ACCOUNT, account.id),
            platform=account.platform.value,
            retryAfterSeconds=seconds,
            platformCode=platform_code,
        )


@dataclass(frozen=True, slots=True)
class _Access:
    """Access to an account as workers have it: refreshed where it is due, and marked where it has ended."""

    read: PlatformRead
    platform: Platform
    account_id: UUID

    async def access_token(self) -> str:
        """Return a valid token. Raises CredentialInvalid, TryLater."""
        read = self.read
        return await access_token(read.pool, read.keyring, self.platform, self.account_id, clock=read.clock)

    async def renew_token(self, refused: str) -> str:
        """Return another token than the refused one. Raises CredentialInvalid, TryLater."""
        read = self.read
        return await renew_token(
            read.pool, read.keyring, self.platform, self.account_id, refused=refused, clock=read.clock
        )


KEPT_FOR: Final[Mapping[Environment, timedelta]] = MappingProxyType(
    {Environment.LIVE: timedelta(minutes=1), Environment.TEST: timedelta()}
)
"""How long a response of the platform is used again."""
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
    """Reads quotas, and keeps the responses."""

    pool: Pool
    keyring: Keyring
    platforms: Platforms
    clock: Clock
    _stored: dict[UUID, _StoredQuota] = field(default_factory=dict)
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
        platform = await self.platforms.for_app(account.login, account.environment, account.app_id)
        self._read.require_access(account, platform)
        kept = await self._find_recent(account)
        if kept is None:
            fetch = self._fetch
            await self._flights.run(str(account.id), lambda: fetch(account, platform))
            kept = self._stored[account.id]
        return kept.quota

    @property
    def _read(self) -> PlatformRead:
        return PlatformRead(pool=self.pool, keyring=self.keyring, clock=self.clock, what="quota")

    async def _find_recent(self, account: SocialAccount) -> _StoredQuota | None:
        """Return the last response, if it is recent and no post of the account went live since."""
        kept = self._stored.get(account.id)
        if kept is None or self.clock.now() >= kept.at + KEPT_FOR[account.environment]:
            return None
        return None if await self.pool.fetchval(SQL["has_published_since"], account.id, kept.at) else kept

    async def _fetch(self, account: SocialAccount, platform: Platform) -> None:
        started_at = self.clock.now()
        if not isinstance(platform.connector, SupportsQuota):
            return
        quota = await self._read.call(account, platform, platform.connector.fetch_quota, timeout=_FETCH_TIMEOUT)
        self._stored.pop(account.id, None)
        if len(self._stored) >= _MAX_KEPT:
            del self._stored[next(iter(self._stored))]
        self._stored[account.id] = _StoredQuota(quota, started_at)


@dataclass(frozen=True, slots=True, kw_only=True)
class CreatorInfoReader:
    """Reads what accounts may choose."""

    pool: Pool
    keyring: Keyring
    platforms: Platforms
    clock: Clock

    async def read(self, account_id: UUID, *, visible_to: Principal) -> CreatorInfo | None:
        """Return what the owner may choose now; None where the platform reports nothing.

        Raises AccountNotFound, AccountNotReadable, ReadRefused, and Unavailable while the platform does not answer or is
        not configured.
        """
        account = await find_account(self.pool, account_id, visible_to=visible_to)
        if not isinstance(self.platforms.described()[account.login].connector, SupportsCreatorInfo):
            return None
        platform = await self.platforms.for_app(account.login, account.environment, account.app_id)
        read = PlatformRead(pool=self.pool, keyring=self.keyring, clock=self.clock, what="posting options")
        read.require_access(account, platform)
        if not isinstance(platform.connector, SupportsCreatorInfo):
            return None
        return await read.call(account, platform, platform.connector.fetch_creator_info, timeout=_FETCH_TIMEOUT)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaylistReader:
    """Reads the playlists of accounts."""

    pool: Pool
    keyring: Keyring
    platforms: Platforms
    clock: Clock

    async def read(self, account_id: UUID, *, visible_to: Principal) -> Sequence[Playlist]:
        """Return an account's own playlists; none where its platform has none. Raises as `CreatorInfoReader.read`."""
        account = await find_account(self.pool, account_id, visible_to=visible_to)
        if not isinstance(self.platforms.described()[account.login].connector, SupportsPlaylists):
            return ()
        platform = await self.platforms.for_app(account.login, account.environment, account.app_id)
        read = PlatformRead(pool=self.pool, keyring=self.keyring, clock=self.clock, what="playlists")
        read.require_access(account, platform)
        if not isinstance(platform.connector, SupportsPlaylists):
            return ()
        return await read.call(account, platform, platform.connector.fetch_playlists, timeout=_FETCH_TIMEOUT)


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardReader:
    """Reads the boards of accounts."""

    pool: Pool
    keyring: Keyring
    platforms: Platforms
    clock: Clock

    async def read(
        self, account_id: UUID, *, limit: int, cursor: str | None, visible_to: Principal
    ) -> tuple[Sequence[Board], str | None]:
        """Return at most `limit` of an account's boards from the platform's own cursor on, and that of the next ones; none where its
        platform has none. Raises as `CreatorInfoReader.read`.
        """
        account = await find_account(self.pool, account_id, visible_to=visible_to)
        if not isinstance(self.platforms.described()[account.login].connector, SupportsBoards):
            return (), None
        platform = await self.platforms.for_app(account.login, account.environment, account.app_id)
        read = PlatformRead(pool=self.pool, keyring=self.keyring, clock=self.clock, what="boards")
        read.require_access(account, platform)
        if not isinstance(platform.connector, SupportsBoards):
            return (), None
        fetch = partial(platform.connector.fetch_boards, limit=limit, cursor=cursor)
        return await read.call(account, platform, fetch, timeout=_FETCH_TIMEOUT)
