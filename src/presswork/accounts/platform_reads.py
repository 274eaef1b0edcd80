"""Reads of what a platform reports about an account now, for people: with the account's access, and errors of the API."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, TypeVar
from uuid import UUID

from presswork.accounts.model import AccountStatus, NotReady, SocialAccount
from presswork.accounts.tokens import access_token, renew_token
from presswork.core.clock import Clock
from presswork.core.enums import Mode
from presswork.core.errors import Code, PressworkError, Unavailable
from presswork.core.ids import ACCOUNT, public_id
from presswork.core.logging import redact
from presswork.crypto.keyring import Keyring
from presswork.db.pool import Pool
from presswork.platforms.errors import CredentialInvalid, PlatformError, TryLater
from presswork.platforms.port import Credentials, Platform, TargetAccount

_RETRY_AFTER: Final = timedelta(seconds=30)
"""When a client asks again after an error that passes, where the platform does not say."""
_Answer = TypeVar("_Answer")


class AccountNotReadable(PressworkError):
    """The account can't publish at present, so its platform does not report about it."""

    code = Code.SOCIAL_ACCOUNT_NOT_PUBLISH_READY

    def __init__(self, account_id: UUID, reason: NotReady, what: str) -> None:
        """Build the message, and keep the account and the reason for `details`."""
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
        """Build the message, and keep what the platform reported for `details`."""
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
        call: Callable[[TargetAccount, Credentials], Awaitable[_Answer]],
        *,
        timeout: timedelta,  # noqa: ASYNC109  the platform's time, which a test shortens
    ) -> _Answer:
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
            raise self._unavailable(account, redact(error.what), error.retry_after, error.platform_code) from error
        except PlatformError as error:
            raise ReadRefused(account.id, error) from error
        except TimeoutError as error:
            raise self._unavailable(account, f"The platform did not reply within {timeout.seconds} s.") from error

    def _unavailable(
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
