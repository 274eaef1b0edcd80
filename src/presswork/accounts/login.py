"""Begin a login, and report its status."""

import json
import re
import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from ulid import ULID

from presswork.accounts.model import (
    STATE_LIFETIME,
    AccountNotFound,
    LinkPage,
    Login,
    LoginNotFound,
    SocialAccount,
)
from presswork.accounts.return_url import ReturnUrl
from presswork.accounts.server_apps import app_at, host_of
from presswork.accounts.store import SQL, find_account
from presswork.accounts.vault import seal_page, seal_verifier
from presswork.apps.platform_apps import apps_of_project
from presswork.callers.model import Principal
from presswork.crypto.keyring import Keyring
from presswork.db.pool import Pool
from presswork.db.rows import from_row
from presswork.platforms.names import LoginName, PlatformName
from presswork.platforms.registry import Platforms, logins_of
from presswork.projects.store import find_project

_FORM: Final = re.compile(r"st_[0-7][0-9A-HJKMNP-TV-Z]{25}", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewLogin:
    """A new login: the URL for the account's owner, and the state by which to look up its status."""

    authorize_url: str
    state: str
    expires_at: datetime  # UTC


def new_state(now: datetime) -> str:
    """Return `st_` and a ULID with 80 fresh random bits.

    Other ids are incremented within a millisecond, so that one id reveals the next. A state proves that a redirect
    belongs to a login and must not be predictable.
    """
    milliseconds = int(now.timestamp() * 1000)
    return f"st_{ULID.from_bytes(milliseconds.to_bytes(6, 'big') + secrets.token_bytes(10))}"


def is_state(text: str) -> bool:
    """Return whether a value has the form of a state, so that other values need no query."""
    return _FORM.fullmatch(text) is not None


def redirect_uri(base_url: str, callback: str) -> str:
    """Return the redirect URI that ends in this segment, as it is registered in the app of a platform."""
    return f"{base_url.rstrip('/')}/oauth/callback/{callback}"


def new_verifier() -> str:
    """Return a PKCE verifier: 64 random characters. Source: RFC 7636, section 4.1."""
    return secrets.token_urlsafe(48)


async def begin_login(
    pool: Pool,
    keyring: Keyring,
    platforms: Platforms,
    project_id: UUID,
    *,
    login: LoginName,
    return_url: ReturnUrl | None,
    usage_note: str | None = None,
    reauth: SocialAccount | None = None,
    host: str | None = None,
    page: LinkPage | None = None,
    base_url: str,
    caller: Principal,
    now: datetime,
) -> NewLogin:
    """Begin connecting an account. Without a return URL, the login ends on a page of Presswork.

    It uses the app of the project, else that of the organization, else the installation's, and keeps it until it ends.
    `reauth` is the account to connect again. `host`, as a person typed it, is the server of a platform that has many. `page` is
    where the holder of a connect link began it.
    Raises ProjectNotFound, ReturnUrlNotAllowed, ProjectArchived, Invalid (of the host), Unavailable.
    """
    project = await find_project(pool, project_id, visible_to=caller)
    if return_url is not None:
        return_url.require_allowed(caller.return_domains)
    project.require_active()
    app_id = (await apps_of_project(pool, project_id, visible_to=caller)).get(login)
    platform = await platforms.for_app(login, caller.environment, app_id)
    state, verifier = new_state(now), new_verifier()
    expires_at, uri = now + STATE_LIFETIME, redirect_uri(base_url, platforms.callback_of(login))
    at = host_of(platform.login, host, external_id=None if reauth is None else reauth.external_id)
    server = None
    if at is not None:
        app = await app_at(pool, keyring, platform, caller.environment, host=at, redirect_uri=uri, now=now)
        server = at, app
    # Before the row, so that a platform which does not accept the request leaves none.
    begun = await platforms.begin_login(
        platform,
        caller.environment,
        redirect_uri=uri,
        state=state,
        verifier=verifier,
        now=now,
        expires_at=expires_at,
        server=server,
    )
    await pool.execute(
        SQL["insert_login"],
        json.dumps(
            {
                "state": state,
                "key_id": str(caller.id),
                "platform": platform.name.value,
                "login": login.value,
                "return_url": None if return_url is None else return_url.text,
                "usage_note": usage_note,
                "reauth_account_id": None if reauth is None else str(reauth.id),
                "connect_link_id": None if page is None else str(page.link_id),
                "app_id": None if app_id is None else str(app_id),
            }
        ),
        project_id,
        now,
        expires_at,
        seal_verifier(keyring, begun.secret),
        None if page is None else seal_page(keyring, page),
    )
    return NewLogin(authorize_url=begun.url, state=state, expires_at=expires_at)


async def default_login(pool: Pool, project_id: UUID, platform: PlatformName, *, visible_to: Principal) -> LoginName:
    """Return the login of a platform that a project uses unless another is asked for: one for which the customer has an app."""
    offered = logins_of(platform)
    if len(offered) == 1:
        return offered[0]
    apps = await apps_of_project(pool, project_id, visible_to=visible_to)
    return next((login for login in offered if login in apps), offered[0])


async def begin_reauth(
    pool: Pool,
    keyring: Keyring,
    platforms: Platforms,
    project_id: UUID,
    *,
    account_id: UUID,
    return_url: ReturnUrl | None,
    page: LinkPage | None = None,
    base_url: str,
    caller: Principal,
    now: datetime,
) -> NewLogin:
    """Begin connecting an account of the project again, whether or not it is disconnected.

    Raises AccountNotFound, and the errors of `begin_login`.
    """
    await find_project(pool, project_id, visible_to=caller)  # first, so that its error has precedence
    account = await find_account(pool, account_id, visible_to=caller)
    if account.project_id != project_id:
        raise AccountNotFound
    return await begin_login(
        pool,
        keyring,
        platforms,
        project_id,
        login=account.login,
        return_url=return_url,
        reauth=account,
        page=page,
        base_url=base_url,
        caller=caller,
        now=now,
    )


async def find_login(pool: Pool, state: str, *, visible_to: Principal, now: datetime) -> Login:
    """Return a login that a key of the caller's organization and environment began. Raises LoginNotFound."""
    row = None
    if is_state(state):
        row = await pool.fetchrow(SQL["find_login"], state, visible_to.organization_id, visible_to.environment.value)
    if row is None:
        raise LoginNotFound
    return from_row(Login, row).seen_at(now)
