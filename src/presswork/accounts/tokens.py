"""Provide access tokens for the worker, and refresh them before they expire, once for all workers.

A refresh is leased on the account's row, made outside any transaction, and stored by compare-and-swap on the version of
the tokens that it started with. Re-encrypting the tokens does not change their version, so it does not interfere. A
worker that finds the refresh leased uses the old token while it is valid, and otherwise waits for the result.

TikTok's refresh tokens work once, so between a refresh and its commit only this process has the new pair. A cancelled
task finishes the refresh first, and storing is retried for ten minutes while the database is unavailable, which covers a
failover. If the process is killed in between, or the platform's response is lost, the new pair is lost and the platform
rejects the next refresh. The old access token is still valid, so the account uses it until it expires, and the refresh is
retried until then: TikTok's documentation does not say whether it may succeed. After that the account is
`reauth_required`. This can't be avoided, since the platform returns the pair only once. With Instagram nothing is lost:
the old token stays valid and is refreshed again.
"""

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from time import monotonic
from typing import Any, Final, TypeVar
from uuid import UUID

import structlog

from presswork.accounts.model import AccountStatus
from presswork.accounts.store import SQL
from presswork.accounts.vault import open_tokens, seal_tokens
from presswork.audit.model import Action
from presswork.audit.record import record
from presswork.callers.model import WORKER, Actor
from presswork.core.clock import Clock
from presswork.core.ids import ACCOUNT, public_id
from presswork.crypto.keyring import Keyring, SealBroken
from presswork.db.errors import DATABASE_ERRORS
from presswork.db.pool import Connection, Pool, transaction_on
from presswork.platforms.errors import CredentialInvalid, FailureCode, PlatformError, TryLater
from presswork.platforms.port import Platform, Tokens

log = structlog.get_logger()

LEASE: Final = timedelta(seconds=60)
"""Lease of a refresh; longer than a refresh can take."""
CALL_SECONDS: Final = 35.0
"""Timeout of the platform's refresh call."""
_STORE_WAITS: Final = (0.1, 0.2, 0.5, 1.0, 2.0, 4.0, *[8.0] * 74)
"""Seconds between attempts to store a refreshed token while the database is unavailable: ten minutes in total."""
FINISH_WITHIN_SECONDS: Final = 20.0
"""How long a cancelled task waits for a refresh in progress. Together with the worker's drain time it is just within the
usual stop time-out of a service manager (30 s)."""
_POLL_SECONDS: Final = 0.075
_MIN_VALIDITY: Final = timedelta(seconds=30)
"""A token that expires sooner is not returned, so that the caller's request can still complete with it."""
_RETRY_AFTER: Final = timedelta(seconds=60)
"""Delay before a failed refresh is retried while the old token is valid."""
_RETRY_AFTER_REJECTION: Final = timedelta(minutes=5)
"""Delay before the refresh is retried with a refresh token that the platform rejected."""
REFRESHED: Final = "token refreshed"
"""The log event of a refreshed token that is stored."""
_STEP: Final = "refresh"

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True, kw_only=True)
class _StoredTokens:
    """An account's tokens and refresh state in the database."""

    version: int
    tokens: Tokens
    due_at: datetime | None  # UTC; None: the tokens can't be refreshed
    leased_until: datetime | None
    stored_due_at: datetime | None  # the row's refresh_due_at, without that of the tokens

    def is_usable(self, refused: str | None, now: datetime) -> bool:
        """Return whether the access token can be used; `refused` is a token that the platform rejected."""
        expires_at = self.tokens.expires_at
        return self.tokens.access_token != refused and (expires_at is None or expires_at > now + _MIN_VALIDITY)

    def is_current(self, refused: str | None, now: datetime) -> bool:
        """Return whether the access token can be used and is not yet due for a refresh."""
        return self.is_usable(refused, now) and (self.due_at is None or self.due_at > now)


@dataclass(frozen=True, slots=True, kw_only=True)
class TokensRow:
    """An account's tokens as `stored_tokens` of queries.sql reads them: encrypted."""

    status: str
    sealed_tokens: bytes | None = field(repr=False)
    tokens_version: int
    refresh_due_at: datetime | None
    refresh_leased_until: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Refresh:
    """An account to refresh, and the dependencies of the refresh."""

    pool: Pool
    keyring: Keyring
    platform: Platform
    account_id: UUID
    clock: Clock

    @property
    def log_fields(self) -> dict[str, str]:
        """Fields of a log line."""
        app = {} if self.platform.app is None else {"app": self.platform.app.name}
        return {"platform": self.platform.name.value, "account": public_id(ACCOUNT, self.account_id), **app}


async def access_token(
    pool: Pool,
    keyring: Keyring,
    platform: Platform,
    account_id: UUID,
    *,
    clock: Clock,
    row: TokensRow | None = None,
) -> str:
    """Return an access token that is valid for at least 30 s, refreshed if it is due.

    `row`: the tokens, if they have just been read. They are read again only if the token can't be used.

    Raises CredentialInvalid if the account must be connected again (it is then `reauth_required` or `disconnected`), and
    TryLater if the token has expired and can't be refreshed at the moment.
    """
    refresh = _Refresh(pool=pool, keyring=keyring, platform=platform, account_id=account_id, clock=clock)
    if row is not None and row.status == AccountStatus.CONNECTED.value and row.sealed_tokens is not None:
        stored = _decrypt_tokens(refresh, row)
        if stored.is_current(None, clock.now()):
            return stored.tokens.access_token
    return await _token(refresh, None)


async def renew_token(
    pool: Pool, keyring: Keyring, platform: Platform, account_id: UUID, *, refused: str, clock: Clock
) -> str:
    """Return another access token than the rejected one: the stored token if it differs, otherwise a refreshed one.

    Raises the errors of `access_token`. If the tokens can't be refreshed, the account becomes `reauth_required`.
    """
    return await _token(
        _Refresh(pool=pool, keyring=keyring, platform=platform, account_id=account_id, clock=clock), refused
    )


async def reading_token(
    pool: Pool, keyring: Keyring, platform: Platform, account_id: UUID, *, clock: Clock, refused: str | None = None
) -> str:
    """Return the stored access token, for what must never change the account: it is not refreshed, and nothing is marked.

    `refused` is a token that the platform rejected. Raises CredentialInvalid if the account has no other that is valid; a
    worker refreshes tokens before they expire.
    """
    refresh = _Refresh(pool=pool, keyring=keyring, platform=platform, account_id=account_id, clock=clock)
    stored = await _stored_tokens(refresh)
    if not stored.is_usable(refused, clock.now()):
        raise CredentialInvalid("The account has no token now that the platform accepts.", step=_STEP)
    return stored.tokens.access_token


async def mark_reauth_required(
    connection: "Connection | Pool", account_id: UUID, *, now: datetime, version: int | None = None, by: Actor = WORKER
) -> bool:
    """Mark an account whose tokens are invalid; return whether its status changed. `by` found it out.

    With `version`, only if the stored tokens still have that version. A disconnected account is not changed.
    """
    async with transaction_on(connection) as own:
        row = await own.fetchrow(SQL["mark_reauth_required"], account_id, version, now)
        if row is None:
            return False
        await record(
            own,
            Action.ACCOUNT_REAUTH_REQUIRED,
            public_id(ACCOUNT, account_id),
            by=by,
            organization_id=row["organization_id"],
            environment=row["environment"],
            now=now,
        )
    return True


async def mark_refused(
    connection: "Connection | Pool", keyring: Keyring, account_id: UUID, *, token: str | None, now: datetime
) -> bool:
    """Mark an account whose token the platform rejected; return whether the account has no other token.

    False if the account has newer tokens than `token`: the rejection does not apply to them. Without
    `token`, the stored tokens are meant, whatever they are.
    """
    row = await connection.fetchrow(SQL["stored_tokens"], account_id)
    if row is None or row["status"] != AccountStatus.CONNECTED.value:
        return True
    try:
        is_other = token is not None and open_tokens(keyring, row["sealed_tokens"]).access_token != token
    except SealBroken:
        is_other = False  # this process can't decrypt the stored tokens either
    return not is_other and await mark_reauth_required(connection, account_id, now=now, version=row["tokens_version"])


async def _token(refresh: _Refresh, refused: str | None) -> str:
    gives_up_at = monotonic() + LEASE.total_seconds()
    has_waited = False
    while True:
        now = refresh.clock.now()
        stored = await _stored_tokens(refresh)
        if stored.is_current(refused, now):
            return stored.tokens.access_token
        if stored.due_at is None:
            if await _mark_dead(refresh, stored, reason="the tokens can't be refreshed"):
                raise CredentialInvalid("The account's access has expired. Connect the account again.", step=_STEP)
            continue
        if has_waited and stored.leased_until is None:
            raise TryLater("The account's token could not be refreshed. The worker retries.", step=_STEP)
        if stored.leased_until is None or stored.leased_until <= now:
            is_leased, token = await _run_to_completion(_lease_and_refresh(refresh, stored, refused, now))
            if token is not None:
                return token
            if is_leased:
                continue
        if stored.is_usable(refused, now):
            return stored.tokens.access_token
        if monotonic() >= gives_up_at:
            raise TryLater(
                "Another process is refreshing the account's token and takes too long. The worker retries.",
                step=_STEP,
                failure=FailureCode.INTERNAL,
            )
        # Real time, not `clock`: another task or process does the work that this waits for.
        await asyncio.sleep(_POLL_SECONDS)
        has_waited = True


async def _stored_tokens(refresh: _Refresh) -> _StoredTokens:
    """Return the stored tokens. Raises CredentialInvalid if there are none, TryLater if they can't be decrypted."""
    row = await refresh.pool.fetchrow(SQL["stored_tokens"], refresh.account_id)
    if row is None or row["status"] == AccountStatus.DISCONNECTED.value:
        raise CredentialInvalid("The account is disconnected. Connect it again to publish to it.", step=_STEP)
    if row["status"] == AccountStatus.REAUTH_REQUIRED.value:
        raise CredentialInvalid("The account's access has ended. Connect the account again.", step=_STEP)
    return _decrypt_tokens(refresh, TokensRow(**dict(row)))


def _decrypt_tokens(refresh: _Refresh, row: TokensRow) -> _StoredTokens:
    """Return decrypted tokens. Raises TryLater if they can't be decrypted."""
    try:
        tokens = open_tokens(refresh.keyring, row.sealed_tokens or b"")
    except SealBroken as error:
        # The tokens may be valid and the keys of this process wrong, so the account is not marked.
        raise TryLater(error.message, step=_STEP, failure=FailureCode.INTERNAL) from error
    due_at, not_before = refresh.platform.login.refresh_due_at(tokens), row.refresh_due_at
    if due_at is not None and not_before is not None:
        due_at = max(due_at, not_before)
    return _StoredTokens(
        version=row.tokens_version,
        tokens=tokens,
        due_at=due_at,
        leased_until=row.refresh_leased_until,
        stored_due_at=not_before,
    )


async def _lease_and_refresh(
    refresh: _Refresh, stored: _StoredTokens, refused: str | None, now: datetime
) -> tuple[bool, str | None]:
    """Refresh if no other process does; return whether this one had the lease, and the token as `_refresh_as_holder` gives it.

    Leasing is part of the work that must not be interrupted: a lease without a refresh would block the account for 60 s.
    Raises CredentialInvalid, TryLater.
    """
    lease = (refresh.account_id, stored.version, now, now + LEASE, stored.stored_due_at)
    if not await refresh.pool.fetchval(SQL["lease_refresh"], *lease):
        return False, None
    return True, await _refresh_as_holder(refresh, stored, refused)


async def _refresh_as_holder(refresh: _Refresh, stored: _StoredTokens, refused: str | None) -> str | None:
    """Refresh as the holder of the lease and return the token, or None if other tokens were stored in the meantime.

    Raises CredentialInvalid, TryLater.
    """
    started, now = monotonic(), refresh.clock.now()
    try:
        async with asyncio.timeout(CALL_SECONDS):
            fresh = await refresh.platform.login.refresh(stored.tokens, now=now)
    except CredentialInvalid as error:
        if stored.tokens.refresh_token is not None and stored.is_usable(refused, refresh.clock.now()):
            return await _postpone(refresh, stored, refused, error)
        if await _mark_dead(refresh, stored, reason=error.platform_message or error.message):
            raise
        return None
    except (PlatformError, TimeoutError) as error:
        return await _postpone(refresh, stored, refused, error)
    sealed = seal_tokens(refresh.keyring, fresh)
    due_at = refresh.platform.login.refresh_due_at(fresh) or fresh.expires_at
    if not await _store(refresh, stored.version, sealed, fresh.expires_at, due_at):
        return None
    log.info(
        REFRESHED,
        **refresh.log_fields,
        expires_at=None if fresh.expires_at is None else fresh.expires_at.isoformat(),
        took_ms=round((monotonic() - started) * 1000, 1),
    )
    return fresh.access_token


async def _postpone(
    refresh: _Refresh, stored: _StoredTokens, refused: str | None, error: PlatformError | TimeoutError
) -> str | None:
    """Release the lease after a failed refresh; return the old token if it is still valid.

    Raises TryLater.
    """
    wait = (error.retry_after if isinstance(error, TryLater) else None) or _RETRY_AFTER
    if isinstance(error, CredentialInvalid):
        wait = _RETRY_AFTER_REJECTION
    now = refresh.clock.now()
    is_usable = stored.is_usable(refused, now)
    log.warning(
        "refresh failed", **refresh.log_fields, error=str(error) or type(error).__name__, is_old_token_usable=is_usable
    )
    # Without a valid token the next caller retries at once; the backoff of its post limits how often.
    await refresh.pool.execute(
        SQL["release_refresh"], refresh.account_id, stored.version, now + wait if is_usable else None
    )
    if is_usable:
        return stored.tokens.access_token
    if isinstance(error, TryLater):
        raise error
    raise TryLater("The platform did not refresh the account's token. The worker retries.", step=_STEP) from error


async def _mark_dead(refresh: _Refresh, stored: _StoredTokens, *, reason: str) -> bool:
    """Mark the account unless newer tokens were stored; return whether it was marked."""
    now = refresh.clock.now()
    if await mark_reauth_required(refresh.pool, refresh.account_id, now=now, version=stored.version):
        log.warning("account requires a new login", **refresh.log_fields, reason=reason)
        return True
    return False


async def _store(
    refresh: _Refresh, before: int, sealed: bytes, expires_at: datetime | None, due_at: datetime | None
) -> bool:
    """Store new tokens, with retries on database errors; return False if the old ones were already replaced."""
    arguments = (refresh.account_id, before, sealed, expires_at, due_at)
    for wait in _STORE_WAITS:
        try:
            return bool(await refresh.pool.fetchval(SQL["store_refreshed"], *arguments, refresh.clock.now()))
        except DATABASE_ERRORS as error:
            log.warning("refreshed token not stored; retrying", **refresh.log_fields, error=type(error).__name__)
            await asyncio.sleep(wait)
    return bool(await refresh.pool.fetchval(SQL["store_refreshed"], *arguments, refresh.clock.now()))


async def _run_to_completion(
    work: Coroutine[Any, Any, Result],
) -> Result:  # Any: what a coroutine yields is asyncio's own
    """Await work that must not be interrupted. A cancellation takes effect after it, or after 20 s."""
    task = asyncio.create_task(work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait([task], timeout=FINISH_WITHIN_SECONDS)
        if task.done() and not task.cancelled():
            task.exception()  # retrieved, so that asyncio does not log it as never retrieved
        raise
