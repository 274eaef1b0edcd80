"""Connect links: at their page, people without access to Presswork connect their accounts to a project."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final, Self
from urllib.parse import urlsplit
from uuid import UUID

from pydantic import JsonValue

from presswork.accounts.login import NewLogin, begin_login, begin_reauth
from presswork.accounts.model import AccountNotFound, AccountStatus, LinkPage, LoginFailure, SocialAccount
from presswork.accounts.return_url import ReturnUrl
from presswork.accounts.server_apps import host_of
from presswork.accounts.store import LOGINS, SQL, account_of, find_account
from presswork.apps.platform_apps import apps_of_project, read_apps_of_project
from presswork.callers.model import Principal, Scope
from presswork.core.enums import Environment, LinkKind
from presswork.core.errors import Conflict, NotFound, Unavailable
from presswork.crypto.keyring import Keyring
from presswork.db.pool import Connection, Pool
from presswork.links.model import LinkUnknown, NewLink, OpenedLink, PageLink
from presswork.links.page_links import create_link
from presswork.platforms.names import LoginName, PlatformName
from presswork.platforms.registry import Platforms, consents_of, logins_of, manual_instructions

MAX_ACCOUNTS: Final = 100
"""Most accounts on the page of a link."""


class NothingToReconnect(Conflict):
    """No account of a project has to be connected again."""

    def __init__(self) -> None:
        super().__init__(
            "No account of this project has to be connected again. Leave reconnect out for a link that connects others.",
            reason="nothing_to_reconnect",
        )


class NotOffered(NotFound):
    """The page of the link does not offer this platform or account."""

    sentence = "This link does not connect this account. Open the link again to see what it connects."


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectSettings:
    """What a connect link is for: its own part of the stored link."""

    platforms: tuple[PlatformName, ...] | None  # None: every platform that can be used when the page is opened
    return_url: str | None  # where its logins end; None: on a page of Presswork
    is_reconnect: bool = (
        False  # only for accounts of the project that must be connected again, also to move to another app
    )

    @property
    def document(self) -> Mapping[str, JsonValue]:
        """The stored document."""
        platforms: JsonValue = None if self.platforms is None else [platform.value for platform in self.platforms]
        return {"platforms": platforms, "returnUrl": self.return_url, "reconnect": self.is_reconnect}

    @classmethod
    def of(cls, link: PageLink) -> Self:
        """Return the settings of a link. Platforms that this version does not know are left out."""
        names, return_url = link.settings.get("platforms"), link.settings.get("returnUrl")
        known = {platform.value: platform for platform in PlatformName}
        return cls(
            platforms=tuple(known[str(name)] for name in names if name in known) if isinstance(names, list) else None,
            return_url=return_url if isinstance(return_url, str) else None,
            is_reconnect=link.settings.get("reconnect") is True,
        )

    def moves(
        self, platforms: Platforms, environment: Environment, apps: Mapping[LoginName, UUID]
    ) -> Mapping[LoginName, UUID | None]:
        """Return with which app each login works now, for a link that moves accounts there: a customer's, or None for the installation's.

        Logins that can't be used are left out. `apps` are those of the project's customer.
        """
        if not self.is_reconnect:
            return {}
        return {
            login: apps.get(login)
            for login in LoginName
            if platforms.is_available(login, environment, has_app=login in apps)
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """A platform that the page of a link offers, and what a login allows in plain words."""

    platform: PlatformName
    title: str
    icon: str
    consents: Sequence[str]
    origin: str  # of the platform's page, to which the button leads
    usual_host: str | None = None  # of a platform with many servers: where the login begins if the person names none


async def create_connect_link(
    connection: Connection,
    platforms: Platforms,
    project_id: UUID,
    settings: ConnectSettings,
    *,
    lifetime: timedelta,
    max_uses: int,
    caller: Principal,
    now: datetime,
) -> tuple[PageLink, str]:
    """Make a connect link in the caller's transaction; return it and its token, which is not stored.

    Raises ProjectNotFound, ProjectArchived, ReturnUrlNotAllowed, Unavailable if a platform of the link can't be used, and
    NothingToReconnect.
    """
    new = NewLink(
        kind=LinkKind.CONNECT,
        project_id=project_id,
        lifetime=lifetime,
        settings=settings.document,
        max_uses=max_uses,
    )
    made = await create_link(connection, new, caller=caller, now=now)
    if settings.return_url is not None:
        ReturnUrl.parse(settings.return_url).require_allowed(caller.return_domains)
    apps = await apps_of_project(connection, project_id, visible_to=caller)
    for platform in settings.platforms or ():
        _login_of(platforms, platform, caller.environment, apps)
    is_usable = any(platforms.is_available(login, caller.environment, has_app=login in apps) for login in LoginName)
    if not is_usable:
        _login_of(platforms, next(iter(PlatformName)), caller.environment, apps)
    if settings.is_reconnect:
        moves = settings.moves(platforms, caller.environment, apps)
        listed = await accounts_of_link(connection, made[0], settings, moves)
        if not any(must_reconnect(account, moves) for account in listed):
            raise NothingToReconnect
    return made


async def offers(
    platforms: Platforms, settings: ConnectSettings, environment: Environment, apps: Mapping[LoginName, UUID]
) -> Sequence[Offer]:
    """Return the platforms of a link that can be used now, in the order of the link. `apps`: those of the project's customer."""
    found = []
    for name in PlatformName if settings.platforms is None else settings.platforms:
        try:
            login = _login_of(platforms, name, environment, apps)
            known = (await platforms.for_app(login, environment, apps.get(login))).login
        except Unavailable:
            continue
        sentences = consents_of(login)
        consents = dict.fromkeys(sentences[one] for one in known.permissions if one in sentences)
        url = known.authorize_url(redirect_uri="", state="", verifier="")
        app = manual_instructions(name)
        found.append(
            Offer(
                platform=name,
                title=app.title,
                icon=app.icon,
                consents=list(consents),
                origin=origin_of(url),
                usual_host=host_of(known, None, external_id=None),
            )
        )
    return found


async def apps_of_link(pool: Pool, link: PageLink) -> Mapping[LoginName, UUID]:
    """Return the customer's app that each login of a link uses."""
    return await read_apps_of_project(pool, link.project_id, link.organization_id, link.environment)


async def accounts_of_link(
    connection: "Connection | Pool", link: PageLink, settings: ConnectSettings, moves: Mapping[LoginName, UUID | None]
) -> Sequence[SocialAccount]:
    """Return those of the link's project and platforms that must be connected again, then the accounts that it connected.

    `moves` are those of the settings.
    """
    rows = await connection.fetch(
        SQL["accounts_of_link"],
        link.project_id,
        link.organization_id,
        link.environment.value,
        link.id,
        None if settings.platforms is None else [platform.value for platform in settings.platforms],
        MAX_ACCOUNTS,
        LOGINS,
        [login.value for login in moves],
        list(moves.values()),
    )
    return [account_of(row) for row in rows]


def must_reconnect(account: SocialAccount, moves: Mapping[LoginName, UUID | None]) -> bool:
    """Whether access to an account has ended, or it moves to the app of its login. As queries.sql: accounts_of_link."""
    if account.status is AccountStatus.CONNECTED:
        return account.login in moves and account.app_id != moves[account.login]
    return account.status is AccountStatus.REAUTH_REQUIRED


async def begin_at_page(
    pool: Pool,
    keyring: Keyring,
    platforms: Platforms,
    opened: OpenedLink,
    page: LinkPage,
    *,
    platform: PlatformName | None,
    account_id: UUID | None,
    host: str | None,
    base_url: str,
    request_id: str,
    now: datetime,
) -> NewLogin:
    """Begin the login that a person chose at the page of a link: with a platform, or with an account to connect again.

    `host` is what the person typed as the server of a platform that has many. Raises NotOffered, LinkUnknown if the link has no use
    left, ReturnUrlNotAllowed if the link's key may no longer redirect there, ProjectArchived, Invalid (of the host), and Unavailable.
    """
    link, settings = opened.link, ConnectSettings.of(opened.link)
    if link.is_used_up:
        raise LinkUnknown
    return_url = None if settings.return_url is None else ReturnUrl.parse(settings.return_url)
    caller = opened.principal((Scope.SOCIAL_READ, Scope.SOCIAL_WRITE), request_id=request_id)
    if link.user_id is not None and return_url is not None:
        # A user's return URLs are on the host of the request that made the link, which is checked there.
        caller = replace(caller, return_domains=(return_url.host,))
    apps = await apps_of_link(pool, link)
    if account_id is not None:
        moves = settings.moves(platforms, link.environment, apps)
        account = await _account_to_reconnect(pool, account_id, settings, moves, caller=caller)
        return await begin_reauth(
            pool,
            keyring,
            platforms,
            link.project_id,
            account_id=account.id,
            return_url=return_url,
            page=page,
            base_url=base_url,
            caller=caller,
            now=now,
        )
    is_of_link = settings.platforms is None or platform in settings.platforms
    if platform is None or not is_of_link or settings.is_reconnect:
        raise NotOffered
    return await begin_login(
        pool,
        keyring,
        platforms,
        link.project_id,
        login=_login_of(platforms, platform, link.environment, apps),
        return_url=return_url,
        host=host,
        page=page,
        base_url=base_url,
        caller=caller,
        now=now,
    )


def origin_of(url: str) -> str:
    """Return the origin of an absolute URL, as policies of pages name it."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


async def _account_to_reconnect(
    pool: Pool,
    account_id: UUID,
    settings: ConnectSettings,
    moves: Mapping[LoginName, UUID | None],
    *,
    caller: Principal,
) -> SocialAccount:
    try:
        account = await find_account(pool, account_id, visible_to=caller)
    except AccountNotFound:
        raise NotOffered from None
    is_of_link = settings.platforms is None or account.platform in settings.platforms
    if not caller.may_see(account.project_id) or not is_of_link or not must_reconnect(account, moves):
        raise NotOffered
    return account


def _login_of(
    platforms: Platforms, platform: PlatformName, environment: Environment, apps: Mapping[LoginName, UUID]
) -> LoginName:
    """Return the first login of a platform for which the customer has an app, else the first that can be used.

    Raises Unavailable with what its default login needs.
    """
    default, *others = logins_of(platform)
    for login in (default, *others):
        if login in apps and platforms.is_available(login, environment, has_app=True):
            return login
    for login in (default, *others):
        if platforms.is_available(login, environment):
            return login
    return platforms.get(default, environment).login_name


async def end_of_link(connection: "Connection | Pool", link_id: UUID, *, now: datetime) -> LoginFailure | None:
    """Return why a connect link can no longer be used, or None if it can."""
    link = await connection.fetchrow(SQL["link_ends"], link_id, now)
    if link is None or link["is_revoked"]:
        return LoginFailure.LINK_REVOKED
    if link["is_expired"]:
        return LoginFailure.LINK_EXPIRED
    return LoginFailure.LINK_USED_UP if link["is_used_up"] else None


async def use_connect_link(connection: Connection, link_id: UUID, *, now: datetime) -> LoginFailure | None:
    """Count a use of a connect link, in the transaction of the login that finishes; return why there is none.

    A use is a finished login. The link's row stays locked until the transaction ends.
    """
    if await connection.fetchval(SQL["use_link"], link_id, now):
        return None
    # The row as it is now: under READ COMMITTED it may have changed since the login was claimed.
    return await end_of_link(connection, link_id, now=now) or LoginFailure.LINK_USED_UP
