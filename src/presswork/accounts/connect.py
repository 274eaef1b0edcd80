"""Finishing a login: the platform's redirect becomes an account, once.

A login may lead to several accounts (the Pages of one person, say). Then the person is asked which; until that answer
what the platform gave for each lies sealed with the login, and is wiped with it.
"""

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

import asyncpg
import structlog

from presswork.accounts.login import is_state, redirect_uri
from presswork.accounts.model import CHOICE_LIMIT, EXCHANGE_LIMIT, LoginFailure, LoginStatus
from presswork.accounts.return_url import ReturnUrl
from presswork.accounts.store import SQL
from presswork.accounts.vault import open_grants, seal_grants, seal_tokens
from presswork.audit.model import Action, Actor, ActorKind, Entry
from presswork.audit.record import record
from presswork.core.enums import Environment, LoginName, PlatformName
from presswork.core.errors import Unavailable
from presswork.core.ids import ACCOUNT, PROJECT, new_id, public_id
from presswork.crypto.keyring import Keyring, SealBroken
from presswork.db.pool import Connection, Pool
from presswork.platforms.errors import CredentialInvalid, FailureCode, PlatformError, Rejected, TryLater
from presswork.platforms.port import Grant, Platform
from presswork.platforms.registry import Platforms

log = structlog.get_logger()

_CONNECT_SECONDS: Final = EXCHANGE_LIMIT.total_seconds() * 0.75
_MAX_CODE_CHARACTERS: Final = 4096
_PASSING: Final = frozenset({"temporarily_unavailable", "server_error"})
"""OAuth errors that say nothing about the person or the app. Source: RFC 6749, section 4.1.2.1."""


class LoginFailed(Exception):
    """The login ends here; its owner goes back to the return URL with the code."""

    def __init__(self, failure: LoginFailure) -> None:
        """Keep the code."""
        super().__init__(failure.value)
        self.failure: Final = failure


@dataclass(frozen=True, slots=True, kw_only=True)
class Redirect:
    """What a platform's redirect carries."""

    state: str
    code: str | None
    error: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """An account that a login leads to; the id is the platform's own."""

    external_id: str
    handle: str
    display_name: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What the person is asked: which of these accounts to connect."""

    state: str
    candidates: Sequence[Candidate]


async def finish_login(
    pool: Pool,
    keyring: Keyring,
    platforms: Platforms,
    *,
    platform: PlatformName,
    redirect: Redirect,
    base_url: str,
    request_id: str,
    now: datetime,
) -> str | Choice | None:
    """Turn a platform's redirect into a connected account; return where to send the person, or what to ask them first.

    Where to: the return URL of the login, as it is when all went well, else with `layers_oauth_error`. None: no login
    of this platform has that state, so nobody may be sent anywhere. A login is taken before anything else happens, so
    that the platform's code is exchanged at most once; should this process die meanwhile, the login reads failed.
    """
    if not is_state(redirect.state):
        return None
    taken = await pool.fetchrow(SQL["take_login"], redirect.state, platform.value, now)
    if taken is None:
        return await _explain(pool, keyring, redirect.state, platform, now=now)
    try:
        known = _usable(platforms, taken)
        grant = await _grant(known, redirect, base_url, now=now)
        grants = await _fitting(pool, known, taken, [grant, *grant.others])
        if len(grants) > 1:
            await pool.execute(SQL["offer_choice"], redirect.state, seal_grants(keyring, grants))
            return _choice(redirect.state, grants)
        async with pool.acquire() as connection, connection.transaction():
            account_id = await _store(
                connection, keyring, known, taken, redirect.state, grants[0], request_id=request_id, now=now
            )
    except LoginFailed as failed:
        return await _fail(pool, redirect.state, taken, failed.failure, now=now)
    return _connected(taken, account_id)


async def choose_account(
    pool: Pool,
    keyring: Keyring,
    platforms: Platforms,
    *,
    platform: PlatformName,
    state: str,
    external_id: str | None,
    request_id: str,
    now: datetime,
) -> str | None:
    """Connect the account that the person chose; return where to send them, as `finish_login` does.

    None for the account: the person wants none of them.
    """
    if not is_state(state):
        return None
    async with pool.acquire() as connection, connection.transaction():
        taken = await connection.fetchrow(SQL["take_choice"], state, platform.value, now - CHOICE_LIMIT)
        if taken is not None:
            try:
                known = _usable(platforms, taken)
                grant = _chosen(keyring, taken, external_id)
                account_id = await _store(
                    connection, keyring, known, taken, state, grant, request_id=request_id, now=now
                )
            except LoginFailed as failed:  # before anything was written
                return await _fail(connection, state, taken, failed.failure, now=now)
            return _connected(taken, account_id)
    explained = await _explain(pool, keyring, state, platform, now=now)
    return explained if isinstance(explained, str) else None


def _chosen(keyring: Keyring, taken: asyncpg.Record, external_id: str | None) -> Grant:
    if external_id is None:
        raise LoginFailed(LoginFailure.ACCESS_DENIED)
    for grant in open_grants(keyring, taken["sealed_grants"]):
        if grant.external_id == external_id:
            return grant
    raise LoginFailed(LoginFailure.EXCHANGE_FAILED)


def _choice(state: str, grants: Sequence[Grant]) -> Choice:
    return Choice(
        state=state,
        candidates=[
            Candidate(external_id=grant.external_id, handle=grant.handle, display_name=grant.display_name)
            for grant in sorted(grants, key=lambda grant: grant.handle.casefold())
        ],
    )


async def _fail(
    connection: "Connection | Pool", state: str, taken: asyncpg.Record, failure: LoginFailure, *, now: datetime
) -> str:
    await connection.execute(SQL["end_login"], state, LoginStatus.FAILED.value, None, failure.value, now)
    log.info(
        "account not connected",
        login=taken["login"],
        project=public_id(PROJECT, taken["project_id"]),
        reason=failure.value,
    )
    return ReturnUrl.parse(taken["return_url"]).with_error(failure)


def _connected(taken: asyncpg.Record, account_id: UUID) -> str:
    log.info(
        "account connected",
        login=taken["login"],
        project=public_id(PROJECT, taken["project_id"]),
        account=public_id(ACCOUNT, account_id),
        is_again=taken["reauth_account_id"] is not None,
    )
    return ReturnUrl.parse(taken["return_url"]).text


async def _explain(
    pool: Pool, keyring: Keyring, state: str, platform: PlatformName, *, now: datetime
) -> str | Choice | None:
    """Return where to send a person whose login was not there to take; a choice that is still open is shown again."""
    row = await pool.fetchrow(SQL["explain_login"], state, platform.value)
    if row is None:
        return None
    status = LoginStatus(row["status"])
    if status is LoginStatus.CHOOSING and now < row["expires_at"] + CHOICE_LIMIT:
        try:
            return _choice(state, open_grants(keyring, row["sealed_grants"]))
        except SealBroken as error:
            log.warning("login not completed", error=error.message)
            return ReturnUrl.parse(row["return_url"]).with_error(LoginFailure.PLATFORM_UNAVAILABLE)
    is_unused = status in {LoginStatus.PENDING, LoginStatus.CHOOSING}
    failure = LoginFailure.EXPIRED_STATE if is_unused else LoginFailure.STATE_USED
    return ReturnUrl.parse(row["return_url"]).with_error(failure)


def _usable(platforms: Platforms, taken: asyncpg.Record) -> Platform:
    """Return the platform to ask. Raises LoginFailed."""
    if not taken["is_key_good"]:
        raise LoginFailed(LoginFailure.KEY_REVOKED)
    try:
        return platforms.get(LoginName(taken["login"]), Environment(taken["environment"]))
    except Unavailable as error:
        log.warning("login not completed", login=taken["login"], error=error.message)
        raise LoginFailed(LoginFailure.PLATFORM_UNAVAILABLE) from error


async def _grant(platform: Platform, redirect: Redirect, base_url: str, *, now: datetime) -> Grant:
    """Exchange the code. Raises LoginFailed."""
    if redirect.error is not None:
        raise LoginFailed(_meaning(redirect.error))
    if not redirect.code or len(redirect.code) > _MAX_CODE_CHARACTERS:
        raise LoginFailed(LoginFailure.EXCHANGE_FAILED)
    address = redirect_uri(base_url, platform.name)
    try:
        async with asyncio.timeout(_CONNECT_SECONDS):
            return await platform.login.connect(code=redirect.code, redirect_uri=address, now=now)
    except (Rejected, CredentialInvalid) as error:
        _log_refusal(platform.name, error)
        is_unfit = error.failure is FailureCode.ACCOUNT_NOT_ELIGIBLE
        raise LoginFailed(LoginFailure.NO_ACCOUNT if is_unfit else LoginFailure.EXCHANGE_FAILED) from error
    except (TryLater, TimeoutError) as error:
        _log_refusal(platform.name, error)
        raise LoginFailed(LoginFailure.PLATFORM_UNAVAILABLE) from error


def _meaning(error: str) -> LoginFailure:
    if error == "access_denied":
        return LoginFailure.ACCESS_DENIED
    return LoginFailure.PLATFORM_UNAVAILABLE if error in _PASSING else LoginFailure.EXCHANGE_FAILED


def _log_refusal(name: PlatformName, error: PlatformError | TimeoutError) -> None:
    log.warning(
        "login not completed",
        platform=name.value,
        error=str(error) or type(error).__name__,
        platform_code=error.platform_code if isinstance(error, PlatformError) else None,
        platform_message=error.platform_message if isinstance(error, PlatformError) else None,
    )


async def _fitting(pool: Pool, platform: Platform, taken: asyncpg.Record, grants: Sequence[Grant]) -> Sequence[Grant]:
    """Return the grants that may be meant: all of them, or the one of the account that was to be connected again.

    Raises LoginFailed if that one is not among them.
    """
    if taken["reauth_account_id"] is None:
        return grants
    external_id = await pool.fetchval(
        SQL["external_id_of"], taken["reauth_account_id"], taken["project_id"], platform.name.value
    )
    same = [grant for grant in grants if grant.external_id == external_id]
    if not same:
        raise LoginFailed(LoginFailure.ACCOUNT_MISMATCH)
    return same


def _grant_json(grant: Grant, platform: Platform) -> str:
    """Return what a platform said of an account, by the names of queries.sql: upsert_account; without its tokens."""
    expires_at = grant.tokens.expires_at
    refresh_due_at = platform.login.refresh_due_at(grant.tokens) or expires_at
    return json.dumps(
        {
            "platform": platform.name.value,
            "login": platform.login_name.value,
            "external_id": grant.external_id,
            "handle": grant.handle,
            "display_name": grant.display_name,
            "avatar_url": grant.avatar_url,
            "token_expires_at": None if expires_at is None else expires_at.isoformat(),
            "refresh_due_at": None if refresh_due_at is None else refresh_due_at.isoformat(),
            "grantor_id": grant.grantor_id,
        }
    )


async def _store(
    connection: Connection,
    keyring: Keyring,
    platform: Platform,
    taken: asyncpg.Record,
    state: str,
    grant: Grant,
    *,
    request_id: str,
    now: datetime,
) -> UUID:
    """Store the account and the login's end, within the caller's transaction; return the account's id.

    Raises LoginFailed.
    """
    if not await connection.fetchval(SQL["project_takes_accounts"], taken["project_id"]):
        raise LoginFailed(LoginFailure.PROJECT_ARCHIVED)
    account_id = UUID(
        str(
            await connection.fetchval(
                SQL["upsert_account"],
                new_id(),
                taken["project_id"],
                taken["organization_id"],
                taken["environment"],
                sorted(grant.scopes),
                seal_tokens(keyring, grant.tokens),
                _grant_json(grant, platform),
                now,
            )
        )
    )
    await connection.execute(SQL["end_login"], state, LoginStatus.CONNECTED.value, account_id, None, now)
    entry = Entry(
        action=Action.ACCOUNT_CONNECT,
        actor=Actor(
            kind=ActorKind.API_KEY,
            key_id=taken["key_id"],
            operator_id=taken["operator_id"],
            request_id=request_id,
        ),
        at=now,
        organization_id=taken["organization_id"],
        environment=Environment(taken["environment"]),
        object_id=public_id(ACCOUNT, account_id),
        detail={
            "projectId": public_id(PROJECT, taken["project_id"]),
            "platform": platform.name.value,
            "login": platform.login_name.value,
            "handle": grant.handle,
            "scopes": [*sorted(grant.scopes)],
            "isAgain": taken["reauth_account_id"] is not None,
        },
    )
    await record(connection, entry)
    return account_id
