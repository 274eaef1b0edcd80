"""Fetch what the platforms allow each account now: concurrently, with a time-out, and without writing."""

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

FETCH_TIMEOUT: Final = timedelta(seconds=5)
"""Time-out of the platform calls, which run concurrently. A platform that does not reply in time is not checked."""
_SHORT_RATE_LIMIT: Final = timedelta(minutes=5)
"""A rate limit that ends within this time is only a warning: the worker waits for it."""
_EXPIRY_MARGIN: Final = timedelta(seconds=10)
_STEP: Final = "preflight"
Key = TypeVar("Key")


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountQuery:
    """An account whose constraints are fetched, with its platform and its sealed tokens."""

    platform: PlatformName
    connector: Connector
    account: TargetAccount
    sealed: bytes


@dataclass(frozen=True, slots=True)
class _StoredAccess:
    """An account's stored token. It is never refreshed, since a refresh writes."""

    keyring: Keyring
    sealed: bytes
    now: datetime

    async def access_token(self) -> str:
        """Return the stored token. Raises TryLater if it can't be opened or has expired."""
        try:
            tokens = open_tokens(self.keyring, self.sealed)
        except SealBroken as error:
            raise TryLater(error.message, step=_STEP) from error
        if tokens.expires_at is not None and tokens.expires_at <= self.now + _EXPIRY_MARGIN:
            raise TryLater("The account's token has expired. Publishing refreshes it first.", step=_STEP)
        return tokens.access_token

    async def renew_token(self, refused: str) -> str:  # noqa: ARG002  the port's form
        """Raise TryLater: the platform refused the token, and preflight does not refresh it."""
        raise TryLater(
            "The platform did not accept the account's token. Publishing refreshes it first; if that fails, connect "
            "the account again.",
            step=_STEP,
        )


async def fetch_constraints(
    accounts: Mapping[Key, AccountQuery], keyring: Keyring, *, now: datetime
) -> Mapping[Key, Validator]:
    """Return a validator for each account, by its key. If a platform can't be reached, its validator only warns."""
    validators = await asyncio.gather(
        *(_fetch(query, _StoredAccess(keyring, query.sealed, now)) for query in accounts.values())
    )
    return dict(zip(accounts, validators, strict=True))


async def _fetch(query: AccountQuery, access: _StoredAccess) -> Validator:
    try:
        async with asyncio.timeout(FETCH_TIMEOUT.total_seconds()):
            return await query.connector.fetch_constraints(query.account, access)
    except TimeoutError:
        return _always_find(
            _warn_unchecked(query, f"The platform did not reply within {FETCH_TIMEOUT.total_seconds():g} s.")
        )
    except TryLater as error:
        return _always_find(_find_transient(query, error))
    except PlatformError as error:
        return _always_find(_build_problem(error, error.failure))


def _always_find(finding: Problem | Warned) -> Validator:
    return lambda _draft: found(finding)


def _find_transient(query: AccountQuery, error: TryLater) -> Problem | Warned:
    """Return the finding for a transient error: a long rate limit is a problem, anything else a warning."""
    if not error.is_throttled:
        return _warn_unchecked(query, redact(error.message))
    if error.retry_after is not None and error.retry_after > _SHORT_RATE_LIMIT:
        return _build_problem(error, FailureCode.PLATFORM_RATE_LIMITED)
    return Warned(Advice.RATE_LIMITED, redact(error.message))


def _warn_unchecked(query: AccountQuery, why: str) -> Warned:
    return Warned(
        Advice.PLATFORM_NOT_ASKED,
        f"What {query.platform.value} allows this account now could not be checked. {why}",
    )


def _build_problem(error: PlatformError, code: FailureCode) -> Problem:
    facts = {"platformCode": error.platform_code, "platformMessage": redact(error.platform_message or "") or None}
    return Problem(code, redact(error.message), {name: text for name, text in facts.items() if text is not None})
