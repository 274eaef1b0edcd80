"""The apps that this installation registers at the servers of a platform that has many: one for each server, kept encrypted."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from presswork.accounts.store import SQL
from presswork.apps.vault import open_app, seal_app
from presswork.core.enums import Environment
from presswork.core.errors import Invalid, Issue, IssueCode, Unavailable
from presswork.crypto.keyring import Keyring
from presswork.db.pool import Pool
from presswork.platforms.errors import Rejected, TryLater
from presswork.platforms.login import Login, SupportsServers
from presswork.platforms.names import LoginName
from presswork.platforms.port import AppCredentials, Platform

UNUSED_FOR: Final = timedelta(hours=12)
"""How long an app serves with which no login has ended well: servers forget such apps after a day."""


def host_of(login: Login, typed: str | None, *, external_id: str | None) -> str | None:
    """Return the host of the server where a login begins; None where the platform has no servers to choose from.

    `external_id` is that of the account to connect again. Raises Invalid for a host that can't be one, or where none can be named.
    """
    if not isinstance(login, SupportsServers):
        if typed is None:
            return None
        raise _invalid_host("is not for this platform, which has one server. Leave it out.", IssueCode.INVALID_VALUE)
    if external_id is not None:
        return login.host_of(external_id)
    try:
        return login.read_host(typed)
    except ValueError as error:
        problem = "is no name of a server. Send one like social.example."
        raise _invalid_host(problem, IssueCode.INVALID_FORMAT) from error


async def app_at(
    pool: Pool,
    keyring: Keyring,
    platform: Platform,
    environment: Environment,
    *,
    host: str,
    redirect_uri: str,
    now: datetime,
) -> AppCredentials:
    """Return this installation's app at a server, which is registered unless it is known. Raises Invalid where the host is no server
    of the platform, Unavailable where it does not answer.
    """
    login, scopes = platform.login, [*platform.login.permissions]
    if not isinstance(login, SupportsServers):
        raise TypeError(f"{platform.login_name} has no servers to choose from")
    place = (environment.value, platform.login_name.value, host, redirect_uri)
    sealed = await pool.fetchval(SQL["find_server_app"], *place, scopes, now - UNUSED_FOR)
    known = None if sealed is None else open_app(keyring, sealed)
    if known is not None:
        return known
    try:
        made = await login.register_app(host, redirect_uri=redirect_uri)
    except Rejected as error:
        problem = f"is no server of {platform.name.value} that accepts apps. {error.message}"
        raise _invalid_host(problem, IssueCode.INVALID_VALUE) from error
    except TryLater as error:
        raise Unavailable(f"The login can't begin now. {error.message}", platform=platform.name.value) from error
    await pool.execute(SQL["keep_server_app"], *place, scopes, seal_app(keyring, made), now)
    return made


async def note_use(
    pool: Pool, environment: Environment, login: LoginName, *, host: str, redirect_uris: Sequence[str], now: datetime
) -> None:
    """Store that a login has ended well with the app at a server."""
    await pool.execute(SQL["use_server_app"], environment.value, login.value, host, redirect_uris, now)


def _invalid_host(problem: str, code: IssueCode) -> Invalid:
    return Invalid([Issue.at("host", problem, code)])
