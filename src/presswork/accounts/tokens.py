"""Access tokens for the worker: refreshes each token before it expires, once for all workers.

A refresh leases the account's row, calls the platform outside any transaction, and stores the result by compare-and-swap on
the version of the tokens that it started with. Re-encryption with another key does not change that version. Other workers
use the old token while the refresh is leased; if it has expired, they wait for the result.

TikTok's refresh tokens work once, so between the refresh and its commit only this process has the new pair. A cancelled task
finishes the refresh first, and the commit is retried for ten minutes, the length of a failover. If the process is killed in
that moment, or the platform's answer is lost, the new pair is lost and the next refresh is refused. The old access token may
still be valid, so the account uses it until it expires, and the refresh is retried meanwhile: the platform's documentation
does not say whether it can succeed. After that the account is `reauth_required`. With Instagram nothing is lost: the old
token stays valid and is refreshed again.
"""

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import monotonic
from typing import Any, Final, TypeVar
from uuid import UUID

import structlog

from presswork.accounts.model import AccountStatus
from presswork.accounts.store import SQL
from presswork.accounts.vault import open_tokens, seal_tokens
from presswork.audit.model import WORKER, Action, Entry
from presswork.audit.record import record
from presswork.core.clock import Clock
from presswork.core.enums import Environment
from presswork.core.ids import ACCOUNT, public_id
from presswork.crypto.keyring import Keyring, SealBroken
from presswork.db.errors import DATABASE_ERRORS
from presswork.db.pool import Connection, Pool, transaction_on
from presswork.platforms.errors import CredentialInvalid, PlatformError, TryLater
from presswork.platforms.port import Platform, Tokens

log = structlog.get_logger()

LEASE: Final = timedelta(seconds=60)
"""How long one process has the lease of a refresh; the refresh ends before that."""
_CALL_SECONDS: Final = 35.0
"""Time-out of the platform's call in a refresh."""
_STORE_WAITS: Final = (0.1, 0.2, 0.5, 1.0, 2.0, 4.0, *[8.0] * 74)
"""Seconds between attempts to store a refreshed token while the database is unavailable: ten minutes in total."""
_FINISH_WITHIN_SECONDS: Final = 20.0
"""How long a cancelled task waits for its refresh: together with the drain of a worker, within the usual stop time-out of a
service manager (30 s)."""
_POLL_SECONDS: Final = 0.075
_GOOD_FOR: Final = timedelta(seconds=30)
"""A token that expires sooner is not returned: a call with it could arrive too late."""
_AGAIN_AFTER: Final = timedelta(seconds=60)
"""When a failed refresh is retried while the old token is valid."""
_REFUSED_AGAIN_AFTER: Final = timedelta(minutes=5)
"""The same after the platform refused the refresh token."""
_STEP: Final = "refresh"

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Held:
    """An account's stored tokens."""

    version: int
    tokens: Tokens
    due_at: datetime | None  # UTC; None: they can't be refreshed
    leased_until: datetime | None
    stored_due_at: datetime | None  # the column's value, which may be later than the tokens' own due time

    def is_good(self, refused: str | None, now: datetime) -> bool:
        """Whether the access token can be used."""
        expires_at = self.tokens.expires_at
        return self.tokens.access_token != refused and (expires_at is None or expires_at > now + _GOOD_FOR)

    def is_settled(self, refused: str | None, now: datetime) -> bool:
        """Whether the access token can be used and does not need a refresh yet."""
        return self.is_good(refused, now) and (self.due_at is None or self.due_at > now)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Refresh:
    """The account of a refresh, with the dependencies that it needs."""

    pool: Pool
    keyring: Keyring
    platform: Platform
    account_id: UUID
    clock: Clock

    @property
    def names(self) -> dict[str, str]:
        """The fields of its log lines."""
        return {"platform": self.platform.name.value, "account": public_id(ACCOUNT, self.account_id)}


async def access_token(pool: Pool, keyring: Keyring, platform: Platform, account_id: UUID, *, clock: Clock) -> str:
    """Return an access token that is valid for at least 30 s, refreshed if it is due.

    Raises CredentialInvalid when the account must be connected again (it is `reauth_required` or `disconnected` then);
    TryLater when the token has run out and can't be refreshed just now.
    """
    return await _token(
        _Refresh(pool=pool, keyring=keyring, platform=platform, account_id=account_id, clock=clock), None
    )


async def renew_token(
    pool: Pool, keyring: Keyring, platform: Platform, account_id: UUID, *, refused: str, clock: Clock
) -> str:
    """Return another access token than the refused one: the stored one if it differs, else a refreshed one.

    Raises as `access_token`; where the platform can't refresh, the account becomes `reauth_required`.
    """
    return await _token(
        _Refresh(pool=pool, keyring=keyring, platform=platform, account_id=account_id, clock=clock), refused
    )


async def mark_reauth_required(
    connection: "Connection | Pool", account_id: UUID, *, now: datetime, version: int | None = None
) -> bool:
    """Mark an account whose tokens are no longer valid; return whether its status changed.

    With `version`, only where the stored tokens are still of that version. A disconnected account stays as it is.
    """
    async with transaction_on(connection) as own:
        row = await own.fetchrow(SQL["mark_reauth_required"], account_id, version, now)
        if row is None:
            return False
        entry = Entry(
            action=Action.ACCOUNT_REAUTH_REQUIRED,
            actor=WORKER,
            at=now,
            organization_id=row["organization_id"],
            environment=Environment(row["environment"]),
            object_id=public_id(ACCOUNT, account_id),
        )
        await record(own, entry)
    return True


async def mark_refused(
    connection: "Connection | Pool", keyring: Keyring, account_id: UUID, *, token: str | None, now: datetime
) -> bool:
    """Mark an account whose token the platform refused; return whether its access has ended.

    False where the account has other tokens by now than the one that was refused: those say nothing of these. `token`
    None: whatever is stored.
    """
    row = await connection.fetchrow(SQL["held_tokens"], account_id)
    if row is None or row["status"] != AccountStatus.CONNECTED.value:
        return True
    try:
        is_other = token is not None and open_tokens(keyring, row["sealed_tokens"]).access_token != token
    except SealBroken:
        is_other = False  # this process can't decrypt it
    return not is_other and await mark_reauth_required(connection, account_id, now=now, version=row["tokens_version"])


async def _token(refresh: _Refresh, refused: str | None) -> str:
    gives_up_at = monotonic() + LEASE.total_seconds()
    has_waited = False
    while True:
        now = refresh.clock.now()
        held = await _held(refresh)
        if held.is_settled(refused, now):
            return held.tokens.access_token
        if held.due_at is None:
            if await _require_reauth(refresh, held, reason="these tokens can't be refreshed"):
                raise CredentialInvalid("The account's access has expired. Connect it again.", step=_STEP)
            continue
        if has_waited and held.leased_until is None:
            raise TryLater("The account's token could not be refreshed.", step=_STEP)
        lease = (refresh.account_id, held.version, now, now + LEASE, held.stored_due_at)
        if await refresh.pool.fetchval(SQL["lease_refresh"], *lease):
            token = await _complete(_refreshed(refresh, held, refused))
            if token is not None:
                return token
            continue
        if held.is_good(refused, now):
            return held.tokens.access_token
        if monotonic() >= gives_up_at:
            raise TryLater("Another process did not finish the refresh of the account's token in time.", step=_STEP)
        # Real time, not the clock: the refresh runs in another task or process.
        await asyncio.sleep(_POLL_SECONDS)
        has_waited = True


async def _held(refresh: _Refresh) -> _Held:
    """Return what is stored. Raises CredentialInvalid for an account without usable tokens, TryLater without its key."""
    row = await refresh.pool.fetchrow(SQL["held_tokens"], refresh.account_id)
    if row is None or row["status"] == AccountStatus.DISCONNECTED.value:
        raise CredentialInvalid("The account was disconnected. Connect it again to post to it.", step=_STEP)
    if row["status"] == AccountStatus.REAUTH_REQUIRED.value:
        raise CredentialInvalid("The account's access has ended. Connect it again.", step=_STEP)
    try:
        tokens = open_tokens(refresh.keyring, row["sealed_tokens"])
    except SealBroken as error:
        # The tokens may be valid and this process's keys wrong, so the account is not marked.
        raise TryLater(error.message, step=_STEP) from error
    due_at, not_before = refresh.platform.login.refresh_due_at(tokens), row["refresh_due_at"]
    if due_at is not None and not_before is not None:
        due_at = max(due_at, not_before)
    return _Held(
        version=row["tokens_version"],
        tokens=tokens,
        due_at=due_at,
        leased_until=row["refresh_leased_until"],
        stored_due_at=not_before,
    )


async def _refreshed(refresh: _Refresh, held: _Held, refused: str | None) -> str | None:
    """Refresh with the lease and return the token; None: other tokens were stored meanwhile.

    Raises CredentialInvalid, TryLater.
    """
    started, now = monotonic(), refresh.clock.now()
    try:
        async with asyncio.timeout(_CALL_SECONDS):
            fresh = await refresh.platform.login.refresh(held.tokens, now=now)
    except CredentialInvalid as error:
        if held.tokens.refresh_token is not None and held.is_good(refused, refresh.clock.now()):
            return await _postpone(refresh, held, refused, error)
        if await _require_reauth(refresh, held, reason=error.platform_message or error.message):
            raise
        return None
    except (PlatformError, TimeoutError) as error:
        return await _postpone(refresh, held, refused, error)
    sealed = seal_tokens(refresh.keyring, fresh)
    due_at = refresh.platform.login.refresh_due_at(fresh) or fresh.expires_at
    if not await _store(refresh, held.version, sealed, fresh.expires_at, due_at):
        return None
    log.info(
        "access refreshed",
        **refresh.names,
        expires_at=None if fresh.expires_at is None else fresh.expires_at.isoformat(),
        took_ms=round((monotonic() - started) * 1000, 1),
    )
    return fresh.access_token


async def _postpone(
    refresh: _Refresh, held: _Held, refused: str | None, error: PlatformError | TimeoutError
) -> str | None:
    """Release the lease after a failed refresh; return the old token if it is still valid.

    Raises TryLater.
    """
    wait = (error.retry_after if isinstance(error, TryLater) else None) or _AGAIN_AFTER
    if isinstance(error, CredentialInvalid):
        wait = _REFUSED_AGAIN_AFTER
    now = refresh.clock.now()
    is_good = held.is_good(refused, now)
    log.warning("refresh failed", **refresh.names, error=str(error) or type(error).__name__, is_still_good=is_good)
    # Without a valid token the next caller retries, after its own backoff.
    await refresh.pool.execute(
        SQL["release_refresh"], refresh.account_id, held.version, now + wait if is_good else None
    )
    if is_good:
        return held.tokens.access_token
    if isinstance(error, TryLater):
        raise error
    raise TryLater("The platform did not refresh the account's token.", step=_STEP) from error


async def _require_reauth(refresh: _Refresh, held: _Held, *, reason: str) -> bool:
    """Mark the account unless newer tokens were stored meanwhile; return whether it was marked."""
    now = refresh.clock.now()
    if await mark_reauth_required(refresh.pool, refresh.account_id, now=now, version=held.version):
        log.warning("account must be connected again", **refresh.names, reason=reason)
        return True
    return False


async def _store(
    refresh: _Refresh, before: int, sealed: bytes, expires_at: datetime | None, due_at: datetime | None
) -> bool:
    """Store the tokens by compare-and-swap, with retries while the database is unavailable; return whether it succeeded."""
    arguments = (refresh.account_id, before, sealed, expires_at, due_at)
    for wait in _STORE_WAITS:
        try:
            return bool(await refresh.pool.fetchval(SQL["store_refreshed"], *arguments, refresh.clock.now()))
        except DATABASE_ERRORS as error:
            log.warning("refreshed tokens not stored; retrying", **refresh.names, error=type(error).__name__)
            await asyncio.sleep(wait)
    return bool(await refresh.pool.fetchval(SQL["store_refreshed"], *arguments, refresh.clock.now()))


async def _complete(work: Coroutine[Any, Any, Result]) -> Result:  # Any: what a coroutine yields is asyncio's own
    """Await work that a cancellation must not interrupt: it takes effect when the work is done, or after 20 s."""
    task = asyncio.create_task(work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait([task], timeout=_FINISH_WITHIN_SECONDS)
        if task.done() and not task.cancelled():
            task.exception()  # retrieved, so that asyncio does not warn about it
        raise
