"""Asking the platforms what they allow accounts now: all at the same time, bounded in time, and without writing."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, TypeVar

from presswork.accounts.vault import open_tokens
from presswork.core.logging import redact
from presswork.crypto.keyring import Keyring, SealBroken
from presswork.platforms.errors import FailureCode, PlatformError, TryLater
from presswork.platforms.findings import Advice, Problem, Warned, found
from presswork.platforms.port import Connector, PlatformName, TargetAccount, Validator

ASKED_FOR: Final = timedelta(seconds=5)
"""How long the platforms may take, all at the same time; what comes later is left unchecked."""
_SOON: Final = timedelta(minutes=5)
"""A platform's limit that is over by then is no reason not to publish: the post waits for it by itself."""
_GOOD_FOR: Final = timedelta(seconds=10)
_STEP: Final = "preflight"
Key = TypeVar("Key")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """An account to ask about, on its platform, with its sealed tokens."""

    platform: PlatformName
    connector: Connector
    account: TargetAccount
    sealed: bytes


@dataclass(frozen=True, slots=True)
class _StoredAccess:
    """An account's stored token, as it is. A refresh would write, so none is made."""

    keyring: Keyring
    sealed: bytes
    now: datetime

    async def access_token(self) -> str:
        """Return the stored token. Raises TryLater where it is of no use as it is."""
        try:
            tokens = open_tokens(self.keyring, self.sealed)
        except SealBroken as error:
            raise TryLater(error.message, step=_STEP) from error
        if tokens.expires_at is not None and tokens.expires_at <= self.now + _GOOD_FOR:
            raise TryLater("The account's token has run out; publishing refreshes it first.", step=_STEP)
        return tokens.access_token

    async def renew_token(self, refused: str) -> str:  # noqa: ARG002  the port's form
        """Raise TryLater: the token was refused, and there is no other without a refresh."""
        raise TryLater(
            "It did not accept the account's token. Publishing refreshes it first; if that fails, connect the account "
            "again.",
            step=_STEP,
        )


async def fetch_constraints(
    accounts: Mapping[Key, Asked], keyring: Keyring, *, now: datetime
) -> Mapping[Key, Validator]:
    """Return a validator for each account, by its key. Where a platform can't be asked, it warns about every post."""
    validators = await asyncio.gather(
        *(_ask(asked, _StoredAccess(keyring, asked.sealed, now)) for asked in accounts.values())
    )
    return dict(zip(accounts, validators, strict=True))


async def _ask(asked: Asked, access: _StoredAccess) -> Validator:
    try:
        async with asyncio.timeout(ASKED_FOR.total_seconds()):
            return await asked.connector.fetch_constraints(asked.account, access)
    except TimeoutError:
        return _always(_not_asked(asked, f"It did not answer within {ASKED_FOR.total_seconds():g} s."))
    except TryLater as error:
        return _always(_for_now(asked, error))
    except PlatformError as error:
        return _always(_refused(error, error.failure))


def _always(finding: Problem | Warned) -> Validator:
    return lambda _draft: found(finding)


def _for_now(asked: Asked, error: TryLater) -> Problem | Warned:
    """Return what a passing trouble means: a limit that lasts refuses the post for now, anything else only warns."""
    if not error.is_throttled:
        return _not_asked(asked, redact(error.message))
    if error.retry_after is not None and error.retry_after > _SOON:
        return _refused(error, FailureCode.PLATFORM_RATE_LIMITED)
    return Warned(Advice.RATE_LIMITED, redact(error.message))


def _not_asked(asked: Asked, why: str) -> Warned:
    return Warned(
        Advice.PLATFORM_NOT_ASKED,
        f"What {asked.platform.value} allows this account now could not be checked. {why}",
    )


def _refused(error: PlatformError, code: FailureCode) -> Problem:
    facts = {"platformCode": error.platform_code, "platformMessage": redact(error.platform_message or "") or None}
    return Problem(code, redact(error.message), {name: text for name, text in facts.items() if text is not None})
