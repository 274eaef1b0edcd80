"""Finishing a login: the platform's redirect becomes an account, once."""

import asyncio
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

import asyncpg
import structlog

from presswork.accounts.login import is_state, redirect_uri
from presswork.accounts.model import EXCHANGE_LIMIT, LoginFailure, LoginStatus
from presswork.accounts.return_url import ReturnUrl
from presswork.accounts.store import SQL
from presswork.accounts.vault import seal_tokens
from presswork.db.pool import Connection, Pool
from presswork.errors import Unavailable
from presswork.ids import ACCOUNT, PROJECT, new_id, public_id
from presswork.keyring import Keyring
from presswork.platforms.errors import CredentialInvalid, PlatformError, Rejected, TryLater
from presswork.platforms.port import Grant, Platform
from presswork.platforms.registry import Platforms
from presswork.terms import Environment, LoginName, PlatformName

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


async def finish_login(
    pool: Pool,
    keyring: Keyring,
    platforms: Platforms,
    *,
    platform: PlatformName,
    redirect: Redirect,
    base_url: str,
    now: datetime,
) -> str | None:
    """Turn a platform's redirect into a connected account; return where to send the person.

    That is the return URL of the login: as it is when all went well, else with `layers_oauth_error`. None: no login
    of this platform has that state, so nobody may be sent anywhere. A login is taken before anything else happens, so
    that the platform's code is exchanged at most once; should this process die meanwhile, the login reads failed.
    """
    if not is_state(redirect.state):
        return None
    taken = await pool.fetchrow(SQL["take_login"], redirect.state, platform.value, now)
    if taken is None:
        return await _explain(pool, redirect.state, platform)
    return_url = ReturnUrl.parse(taken["return_url"])
    try:
        known = _usable(platforms, taken)
        grant = await _grant(known, redirect, base_url, now=now)
        account_id = await _store(pool, keyring, known, taken, redirect.state, grant, now=now)
    except LoginFailed as failed:
        await pool.execute(SQL["end_login"], redirect.state, LoginStatus.FAILED.value, None, failed.failure.value, now)
        log.info(
            "account not connected",
            platform=platform.value,
            project=public_id(PROJECT, taken["project_id"]),
            reason=failed.failure.value,
        )
        return return_url.with_error(failed.failure)
    log.info(
        "account connected",
        platform=platform.value,
        project=public_id(PROJECT, taken["project_id"]),
        account=public_id(ACCOUNT, account_id),
        is_again=taken["reauth_account_id"] is not None,
    )
    return return_url.text


async def _explain(pool: Pool, state: str, platform: PlatformName) -> str | None:
    """Return where to send a person whose login was not there to take."""
    row = await pool.fetchrow(SQL["explain_login"], state, platform.value)
    if row is None:
        return None
    is_unused = row["status"] == LoginStatus.PENDING.value
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
        raise LoginFailed(LoginFailure.EXCHANGE_FAILED) from error
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


async def _store(
    pool: Pool, keyring: Keyring, platform: Platform, taken: asyncpg.Record, state: str, grant: Grant, *, now: datetime
) -> UUID:
    """Store the account and the login's end in one transaction; return the account's id. Raises LoginFailed."""
    async with pool.acquire() as connection, connection.transaction():
        if not await connection.fetchval(SQL["project_takes_accounts"], taken["project_id"]):
            raise LoginFailed(LoginFailure.PROJECT_ARCHIVED)
        await _check_same(connection, platform, taken, grant)
        account_id = UUID(
            str(
                await connection.fetchval(
                    SQL["upsert_account"],
                    new_id(),
                    taken["project_id"],
                    taken["organization_id"],
                    taken["environment"],
                    platform.name.value,
                    platform.login_name.value,
                    grant.external_id,
                    grant.handle,
                    grant.display_name,
                    grant.avatar_url,
                    sorted(grant.scopes),
                    seal_tokens(keyring, grant.tokens),
                    grant.tokens.expires_at,
                    platform.login.refresh_due_at(grant.tokens) or grant.tokens.expires_at,
                    now,
                )
            )
        )
        await connection.execute(SQL["end_login"], state, LoginStatus.CONNECTED.value, account_id, None, now)
    return account_id


async def _check_same(connection: Connection, platform: Platform, taken: asyncpg.Record, grant: Grant) -> None:
    """Raise LoginFailed if another account came back than the one that was to be connected again."""
    if taken["reauth_account_id"] is None:
        return
    external_id = await connection.fetchval(
        SQL["external_id_of"], taken["reauth_account_id"], taken["project_id"], platform.name.value
    )
    if external_id != grant.external_id:
        raise LoginFailed(LoginFailure.ACCOUNT_MISMATCH)
