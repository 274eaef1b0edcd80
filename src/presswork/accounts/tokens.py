"""Access tokens for the worker: refreshed before they expire, once, however many workers ask.

A refresh is leased on the account's row, made outside any transaction, and stored by compare-and-swap on the version of the
tokens it began with: sealing the same tokens with another key leaves that as it is, so it never comes between. Whoever finds it leased uses the old token while that is good, and otherwise waits for the result.

What can go wrong between a refresh and its storing, with a platform whose refresh tokens work once (TikTok): the new
pair is known to this process alone. A cancelled task finishes the refresh first, and a database that is away is tried
again for ten minutes, as long as a failover takes. If the process is killed in that instant, or the platform's answer is
lost on the way, the new pair is lost with it. Then the next refresh is refused. That says nothing of the old access
token, so the account goes on with it until it expires, and the refresh is tried again meanwhile: the platform may be
lenient, its documents do not say. Only then the account is `reauth_required`. Nobody can do better, since the platform
tells the pair only once. With Instagram nothing is lost: the old token stays good and is refreshed again.
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
"""How long a refresh belongs to one process; it is over, one way or the other, before that."""
_CALL_SECONDS: Final = 35.0
"""Longest time for the platform's part of a refresh."""
_STORE_WAITS: Final = (0.1, 0.2, 0.5, 1.0, 2.0, 4.0, *[8.0] * 74)
"""Seconds between the tries to store a refreshed token, while the database is away: ten minutes in all."""
_FINISH_WITHIN_SECONDS: Final = 20.0
"""How long a cancelled task waits for a refresh that is under way: with the time that a worker drains, just within the
stop time-out of a service manager (30 s)."""
_POLL_SECONDS: Final = 0.075
_GOOD_FOR: Final = timedelta(seconds=30)
"""A token that expires sooner is not handed out any more: a call must still get through with it."""
_AGAIN_AFTER: Final = timedelta(seconds=60)
"""When a refresh that did not work is tried again, as long as the old token is good."""
_REFUSED_AGAIN_AFTER: Final = timedelta(minutes=5)
"""The same for a refresh token that was refused."""
_STEP: Final = "refresh"

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Held:
    """An account's tokens as they are stored."""

    version: int
    tokens: Tokens
    due_at: datetime | None  # UTC; None: they can't be refreshed
    leased_until: datetime | None
    stored_due_at: datetime | None  # the row's own, before the tokens had their say

    def is_good(self, refused: str | None, now: datetime) -> bool:
        """Whether the access token can be handed out."""
        expires_at = self.tokens.expires_at
        return self.tokens.access_token != refused and (expires_at is None or expires_at > now + _GOOD_FOR)

    def is_settled(self, refused: str | None, now: datetime) -> bool:
        """Whether the access token can be handed out, and it is not yet time to refresh it."""
        return self.is_good(refused, now) and (self.due_at is None or self.due_at > now)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Refresh:
    """Whose refresh it is, and what to make it with."""

    pool: Pool
    keyring: Keyring
    platform: Platform
    account_id: UUID
    clock: Clock

    @property
    def names(self) -> dict[str, str]:
        """What a log line says of it."""
        return {"platform": self.platform.name.value, "account": public_id(ACCOUNT, self.account_id)}


async def access_token(pool: Pool, keyring: Keyring, platform: Platform, account_id: UUID, *, clock: Clock) -> str:
    """Return an access token that is good for half a minute at least, refreshed when its time has come.

    Raises CredentialInvalid when the account must be connected again (it is `reauth_required` or `disconnected` then);
    TryLater when the token has run out and can't be refreshed just now.
    """
    return await _token(
        _Refresh(pool=pool, keyring=keyring, platform=platform, account_id=account_id, clock=clock), None
    )


async def renew_token(
    pool: Pool, keyring: Keyring, platform: Platform, account_id: UUID, *, refused: str, clock: Clock
) -> str:
    """Return another access token than the one that the platform refused: the stored one if it differs, else a fresh one.

    Raises as `access_token`; where the platform can't refresh, the account becomes `reauth_required`.
    """
    return await _token(
        _Refresh(pool=pool, keyring=keyring, platform=platform, account_id=account_id, clock=clock), refused
    )


async def mark_reauth_required(
    connection: "Connection | Pool", account_id: UUID, *, now: datetime, version: int | None = None
) -> bool:
    """Note that an account's tokens are dead; return whether that is news.

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
    """Note that a platform lets an account do nothing any more; return whether that is so.

    False where the account has other tokens by now than the one that was refused: those say nothing of these. `token`
    None: whatever is stored.
    """
    row = await connection.fetchrow(SQL["held_tokens"], account_id)
    if row is None or row["status"] != AccountStatus.CONNECTED.value:
        return True
    try:
        is_other = token is not None and open_tokens(keyring, row["sealed_tokens"]).access_token != token
    except SealBroken:
        is_other = False  # it can't be used here anyway
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
            if await _declare_dead(refresh, held, reason="these tokens can't be refreshed"):
                raise CredentialInvalid("The account's access has run out. Connect it again.", step=_STEP)
            continue
        if has_waited and held.leased_until is None:
            raise TryLater("The account's token could not be refreshed just now. It is tried again.", step=_STEP)
        lease = (refresh.account_id, held.version, now, now + LEASE, held.stored_due_at)
        if await refresh.pool.fetchval(SQL["lease_refresh"], *lease):
            token = await _to_the_end(_refreshed(refresh, held, refused))
            if token is not None:
                return token
            continue
        if held.is_good(refused, now):
            return held.tokens.access_token
        if monotonic() >= gives_up_at:
            raise TryLater("Another process has been refreshing the account's token for too long.", step=_STEP)
        # Real time, whatever clock is handed in: what is waited for happens in another task or process.
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
        # The tokens may be fine and this process's keys wrong, so the account is left as it is.
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
    """Refresh, being the one that holds the lease, and return the token; None: other tokens were stored meanwhile.

    Raises CredentialInvalid, TryLater.
    """
    started, now = monotonic(), refresh.clock.now()
    try:
        async with asyncio.timeout(_CALL_SECONDS):
            fresh = await refresh.platform.login.refresh(held.tokens, now=now)
    except CredentialInvalid as error:
        if held.tokens.refresh_token is not None and held.is_good(refused, refresh.clock.now()):
            return await _put_off(refresh, held, refused, error)
        if await _declare_dead(refresh, held, reason=error.platform_message or error.message):
            raise
        return None
    except (PlatformError, TimeoutError) as error:
        return await _put_off(refresh, held, refused, error)
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


async def _put_off(
    refresh: _Refresh, held: _Held, refused: str | None, error: PlatformError | TimeoutError
) -> str | None:
    """Give the lease back after a refresh that did not work; return the old token if it is still good.

    Raises TryLater.
    """
    wait = (error.retry_after if isinstance(error, TryLater) else None) or _AGAIN_AFTER
    if isinstance(error, CredentialInvalid):
        wait = _REFUSED_AGAIN_AFTER
    now = refresh.clock.now()
    is_good = held.is_good(refused, now)
    log.warning(
        "refresh did not work", **refresh.names, error=str(error) or type(error).__name__, is_still_good=is_good
    )
    # Without a good token the next one that asks tries again; its own backoff decides when.
    await refresh.pool.execute(
        SQL["release_refresh"], refresh.account_id, held.version, now + wait if is_good else None
    )
    if is_good:
        return held.tokens.access_token
    if isinstance(error, TryLater):
        raise error
    raise TryLater(
        "The platform did not refresh the account's token just now. It is tried again.", step=_STEP
    ) from error


async def _declare_dead(refresh: _Refresh, held: _Held, *, reason: str) -> bool:
    """Flip the account, unless others have stored newer tokens meanwhile; return whether the tokens in hand are dead."""
    now = refresh.clock.now()
    if await mark_reauth_required(refresh.pool, refresh.account_id, now=now, version=held.version):
        log.warning("account must be connected again", **refresh.names, reason=reason)
        return True
    return False


async def _store(
    refresh: _Refresh, before: int, sealed: bytes, expires_at: datetime | None, due_at: datetime | None
) -> bool:
    """Swap the tokens in, over troubles of the database too; return whether the old ones were still there."""
    arguments = (refresh.account_id, before, sealed, expires_at, due_at)
    for wait in _STORE_WAITS:
        try:
            return bool(await refresh.pool.fetchval(SQL["store_refreshed"], *arguments, refresh.clock.now()))
        except DATABASE_ERRORS as error:
            log.warning("refreshed access not stored yet; trying again", **refresh.names, error=type(error).__name__)
            await asyncio.sleep(wait)
    return bool(await refresh.pool.fetchval(SQL["store_refreshed"], *arguments, refresh.clock.now()))


async def _to_the_end(work: Coroutine[Any, Any, Result]) -> Result:  # Any: what a coroutine yields is asyncio's own
    """Await work that must not stop half-way; a cancellation takes effect once it is done, or after 20 s."""
    task = asyncio.create_task(work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait([task], timeout=_FINISH_WITHIN_SECONDS)
        if task.done() and not task.cancelled():
            task.exception()  # taken, so that asyncio does not warn of an error that nobody waits for any more
        raise
