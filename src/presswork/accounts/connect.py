"""Finish a login: connect the account of a platform's redirect, once.

A login may grant access to several accounts, like the Pages of one person. The person then chooses some of them. Until then the
grants of all of them are stored with the login, encrypted; they are deleted when the login ends.
"""

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Final, Self
from uuid import UUID

import asyncpg
import structlog

from presswork.accounts.connect_links import end_of_link, use_connect_link
from presswork.accounts.login import is_state, redirect_uri
from presswork.accounts.model import (
    CHOICE_LIMIT,
    EXCHANGE_LIMIT,
    AccountStatus,
    LinkPage,
    LoginFailure,
    LoginStatus,
    is_exchange_over,
)
from presswork.accounts.return_url import ReturnUrl
from presswork.accounts.server_apps import note_use
from presswork.accounts.store import SQL
from presswork.accounts.vault import open_grants, open_page, open_verifier, seal_grants, seal_tokens
from presswork.audit.model import Action
from presswork.audit.record import record
from presswork.callers.model import Actor, ActorKind
from presswork.core.enums import Environment
from presswork.core.errors import Unavailable
from presswork.core.ids import ACCOUNT, CONNECT_LINK, PROJECT, new_id, public_id
from presswork.crypto.keyring import Keyring, SealBroken
from presswork.db.errors import PlanLimitReached
from presswork.db.pool import Connection, Pool
from presswork.links.model import token_hash
from presswork.platforms.errors import CredentialInvalid, FailureCode, PlatformError, Rejected, TryLater
from presswork.platforms.names import LoginName, PlatformName
from presswork.platforms.oauth import DENIED_ERRORS, TEMPORARY_ERRORS
from presswork.platforms.port import Grant, Platform, SupportsIssuerCheck, SupportsServers
from presswork.platforms.registry import Platforms, manual_instructions

log = structlog.get_logger()

_CONNECT_SECONDS: Final = EXCHANGE_LIMIT.total_seconds() * 0.75
_MAX_CODE_CHARACTERS: Final = 4096


class LoginFailed(Exception):
    """The login has failed; the person is redirected to the return URL with the reason, or sees it on a page."""

    def __init__(self, failure: LoginFailure) -> None:
        super().__init__(failure.value)
        self.failure: Final = failure


@dataclass(frozen=True, slots=True, kw_only=True)
class Redirect:
    """A platform's redirect: its parameters, and the last segment of the path at which it arrived."""

    callback: str
    state: str
    code: str | None
    error: str | None
    issuer: str | None = None
    """The authorization server that names itself in the redirect."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """An account to which a login grants access; `external_id` is the platform's id."""

    external_id: str
    name: str  # the handle, as the platform writes it
    display_name: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """The accounts of which the person chooses those to connect."""

    platform: PlatformName
    state: str
    candidates: Sequence[Candidate]
    page: LinkPage | None = None  # of the connect link at which the login began


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountChoice:
    """What the form of a choice says: the accounts by the platform's ids; None for all, an empty list for none."""

    external_ids: Sequence[str] | None

    @classmethod
    def of(cls, fields: Sequence[tuple[str, str]]) -> Self | None:
        """Read the fields of the form; None if nothing is ticked. The button for none of the accounts has the empty id."""
        if any(name == "all" for name, _ in fields):
            return cls(external_ids=None)
        chosen = [value for name, value in fields if name == "account"]
        return cls(external_ids=[] if "" in chosen else chosen) if chosen else None


@dataclass(frozen=True, slots=True, kw_only=True)
class LoginResult:
    """How a login ended, or why this redirect can't finish it."""

    platform: PlatformName
    return_url: ReturnUrl | None  # None: the person sees a page of Presswork
    handles: Sequence[str] = ()  # of the connected accounts
    failure: LoginFailure | None = None
    page: LinkPage | None = None  # of the connect link at which the login began

    @property
    def location(self) -> str | None:
        """The return URL, with `layers_oauth_error` after a failure; None if the login has no return URL."""
        if self.return_url is None or self.failure is None:
            return None if self.return_url is None else self.return_url.text
        return self.return_url.with_error(self.failure)


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
) -> LoginResult | Choice | None:
    """Connect the account of a platform's redirect; return the result, or the choice to offer to the person.

    Return None if no login of this platform has that state, so there is no safe URL to redirect to. The login is claimed first, so
    that the platform's code is exchanged at most once; if the process dies after that, the login counts as failed.
    """
    if not is_state(redirect.state):
        return None
    login = await pool.fetchrow(SQL["claim_login"], redirect.state, platform.value, now)
    if login is None:
        return await _resume(pool, keyring, redirect.state, platform, now=now)
    try:
        known = await _platform_of(platforms, login)
        await _require_link(pool, login, now=now)
        verifier = _verifier(keyring, login)
        # The first is where the redirect arrived; a proxy may map the URI that was sent to an older path.
        callbacks = dict.fromkeys((redirect.callback, platforms.callback_of(known.login_name)))
        redirect_uris = [redirect_uri(base_url, callback) for callback in callbacks]
        grant = await _grant(known, redirect, verifier, redirect_uris, now=now)
        if isinstance(known.login, SupportsServers):
            place = Environment(login["environment"]), known.login_name
            host = known.login.host_of(grant.external_id)
            await note_use(pool, *place, host=host, redirect_uris=redirect_uris, now=now)
        grants = await _eligible_grants(pool, known, login, [grant, *grant.others])
        if len(grants) > 1:
            await pool.execute(SQL["offer_choice"], redirect.state, seal_grants(keyring, grants))
            return _choice(platform, redirect.state, grants, _page(keyring, login))
        async with pool.acquire() as connection, connection.transaction():
            connected = await _store(
                connection, keyring, known, login, redirect.state, grants, request_id=request_id, now=now
            )
    except LoginFailed as failed:
        return await _fail(pool, keyring, redirect.state, platform, login, failed.failure, now=now)
    return _build_result(keyring, platform, login, connected)


async def choose_accounts(
    pool: Pool,
    keyring: Keyring,
    platforms: Platforms,
    *,
    platform: PlatformName,
    state: str,
    external_ids: Sequence[str] | None,
    request_id: str,
    now: datetime,
) -> LoginResult | None:
    """Connect the accounts that the person chose; return the result, as `finish_login` does.

    `external_ids` is None if the person chose all of them, and empty for none.
    """
    if not is_state(state):
        return None
    async with pool.acquire() as connection, connection.transaction():
        login = await connection.fetchrow(SQL["claim_choice"], state, platform.value, now - CHOICE_LIMIT)
        if login is not None:
            try:
                known = await _platform_of(platforms, login)
                grants = _select_grants(keyring, login, external_ids)
                connected = await _store(
                    connection, keyring, known, login, state, grants, request_id=request_id, now=now
                )
            except LoginFailed as failed:  # before anything was written
                return await _fail(connection, keyring, state, platform, login, failed.failure, now=now)
            return _build_result(keyring, platform, login, connected)
    resumed = await _resume(pool, keyring, state, platform, now=now)
    return resumed if isinstance(resumed, LoginResult) else None


def _select_grants(keyring: Keyring, login: asyncpg.Record, external_ids: Sequence[str] | None) -> Sequence[Grant]:
    grants = open_grants(keyring, login["sealed_grants"])
    if external_ids is None:
        return grants
    if not external_ids:
        raise LoginFailed(LoginFailure.ACCESS_DENIED)
    if not set(external_ids) <= {grant.external_id for grant in grants}:
        raise LoginFailed(LoginFailure.EXCHANGE_FAILED)
    return [grant for grant in grants if grant.external_id in external_ids]


def _choice(platform: PlatformName, state: str, grants: Sequence[Grant], page: LinkPage | None) -> Choice:
    return Choice(
        platform=platform,
        state=state,
        page=page,
        candidates=[
            Candidate(
                external_id=grant.external_id,
                name=manual_instructions(platform).account(grant.handle),
                display_name=grant.display_name,
            )
            for grant in sorted(grants, key=lambda grant: grant.handle.casefold())
        ],
    )


async def _fail(
    connection: "Connection | Pool",
    keyring: Keyring,
    state: str,
    platform: PlatformName,
    login: asyncpg.Record,
    failure: LoginFailure,
    *,
    now: datetime,
) -> LoginResult:
    await connection.execute(SQL["end_login"], state, LoginStatus.FAILED.value, [], failure.value, now)
    log.info(
        "account not connected",
        login=login["login"],
        project=public_id(PROJECT, login["project_id"]),
        reason=failure.value,
    )
    return LoginResult(platform=platform, return_url=_return_url(login), failure=failure, page=_page(keyring, login))


def _build_result(
    keyring: Keyring, platform: PlatformName, login: asyncpg.Record, connected: Mapping[UUID, Grant]
) -> LoginResult:
    for account_id in connected:
        log.info(
            "account connected",
            login=login["login"],
            project=public_id(PROJECT, login["project_id"]),
            account=public_id(ACCOUNT, account_id),
            is_again=login["reauth_account_id"] is not None,
        )
    handles = sorted((grant.handle for grant in connected.values()), key=str.casefold)
    return LoginResult(platform=platform, return_url=_return_url(login), handles=handles, page=_page(keyring, login))


def _return_url(login: asyncpg.Record) -> ReturnUrl | None:
    text: str | None = login["return_url"]
    return None if text is None else ReturnUrl.parse(text)


def _page(keyring: Keyring, login: asyncpg.Record) -> LinkPage | None:
    """Return the page of the connect link at which a login began, or None if there is none, or its key is lost."""
    if login["connect_link_id"] is None or login["sealed_page"] is None:
        return None
    try:
        return open_page(keyring, login["connect_link_id"], login["sealed_page"])
    except SealBroken as error:
        log.warning("login ends on a page without its link", error=error.message)
        return None


async def _resume(
    pool: Pool, keyring: Keyring, state: str, platform: PlatformName, *, now: datetime
) -> LoginResult | Choice | None:
    """Return the result of a login that can't be claimed, or its choice again if that is still open.

    A person who has no app to return to, and loads Presswork's page again, sees how the login ended.
    """
    row = await pool.fetchrow(SQL["find_login_by_state"], state, platform.value)
    if row is None:
        return None
    return _read_login_state(keyring, state, row, is_shown=row["return_url"] is None, now=now)


async def find_login_at_page(
    pool: Pool, keyring: Keyring, state: str, token: str, *, now: datetime
) -> LoginResult | Choice | None:
    """Return how a login stands that began at the page of a connect link with this token, or None if there is none.

    The link may have ended since. Then a login that is not over has failed, too.
    """
    hashed = token_hash(token) if is_state(state) else None
    row = None if hashed is None else await pool.fetchrow(SQL["find_login_at_page"], state, hashed)
    return None if row is None else _read_login_state(keyring, state, row, is_shown=True, now=now)


def _read_login_state(
    keyring: Keyring, state: str, row: asyncpg.Record, *, is_shown: bool, now: datetime
) -> LoginResult | Choice:
    """Return how a login stands; how it ended only if its result is to be shown."""
    status, platform, page = LoginStatus(row["status"]), PlatformName(row["platform"]), _page(keyring, row)
    ended = partial(LoginResult, platform=platform, return_url=_return_url(row), page=page)
    if status is LoginStatus.CHOOSING and now < row["expires_at"] + CHOICE_LIMIT:
        try:
            return _choice(platform, state, open_grants(keyring, row["sealed_grants"]), page)
        except SealBroken as error:
            log.warning("login not completed", error=error.message)
            return ended(failure=LoginFailure.PLATFORM_UNAVAILABLE)
    if is_shown and status is LoginStatus.CONNECTED:
        return ended(handles=row["handles"])
    if is_shown and status is LoginStatus.FAILED:
        return ended(failure=LoginFailure(row["error_code"]))
    if status is LoginStatus.EXCHANGING and is_exchange_over(row["claimed_at"], row["expires_at"], now=now):
        return ended(failure=LoginFailure.EXCHANGE_FAILED)
    is_unused = status in {LoginStatus.PENDING, LoginStatus.CHOOSING}
    return ended(failure=LoginFailure.EXPIRED_STATE if is_unused else LoginFailure.STATE_USED)


async def _require_link(connection: "Connection | Pool", login: asyncpg.Record, *, now: datetime) -> None:
    """Ask before the code is exchanged whether the login's connect link still serves. Raises LoginFailed."""
    link_id: UUID | None = login["connect_link_id"]
    end = None if link_id is None else await end_of_link(connection, link_id, now=now)
    if end is not None:
        raise LoginFailed(end)


async def _platform_of(platforms: Platforms, login: asyncpg.Record) -> Platform:
    """Return the platform of the login, with the app with which it began. Raises LoginFailed."""
    if not login["is_caller_valid"]:
        raise LoginFailed(LoginFailure.KEY_REVOKED)
    try:
        return await platforms.for_app(LoginName(login["login"]), Environment(login["environment"]), login["app_id"])
    except Unavailable as error:
        log.warning("login not completed", login=login["login"], error=error.message)
        raise LoginFailed(LoginFailure.PLATFORM_UNAVAILABLE) from error


def _verifier(keyring: Keyring, login: asyncpg.Record) -> str | None:
    """Return the PKCE verifier of the login, or None if an older version began it. Raises LoginFailed."""
    if login["sealed_verifier"] is None:
        return None
    try:
        return open_verifier(keyring, login["sealed_verifier"])
    except SealBroken as error:
        log.warning("login not completed", login=login["login"], error=error.message)
        raise LoginFailed(LoginFailure.PLATFORM_UNAVAILABLE) from error


async def _grant(
    platform: Platform, redirect: Redirect, verifier: str | None, redirect_uris: Sequence[str], *, now: datetime
) -> Grant:
    """Exchange the code with the first redirect URI that the platform accepts. Raises LoginFailed."""
    if redirect.error is not None:
        raise LoginFailed(_failure_of(redirect.error))
    if not redirect.code or len(redirect.code) > _MAX_CODE_CHARACTERS:
        raise LoginFailed(LoginFailure.EXCHANGE_FAILED)
    *others, last = redirect_uris
    try:
        if isinstance(platform.login, SupportsIssuerCheck):
            platform.login.check_issuer(redirect.issuer, verifier=verifier)
        async with asyncio.timeout(_CONNECT_SECONDS):
            for uri in others:
                try:
                    return await platform.login.connect(
                        code=redirect.code, redirect_uri=uri, verifier=verifier, now=now
                    )
                except Rejected as error:
                    if error.failure is FailureCode.ACCOUNT_NOT_ELIGIBLE:  # the code was accepted
                        raise
            return await platform.login.connect(code=redirect.code, redirect_uri=last, verifier=verifier, now=now)
    except (Rejected, CredentialInvalid) as error:
        _log_refusal(platform, error)
        is_ineligible = error.failure is FailureCode.ACCOUNT_NOT_ELIGIBLE
        raise LoginFailed(LoginFailure.NO_ACCOUNT if is_ineligible else LoginFailure.EXCHANGE_FAILED) from error
    except (TryLater, TimeoutError) as error:
        _log_refusal(platform, error)
        raise LoginFailed(LoginFailure.PLATFORM_UNAVAILABLE) from error


def _failure_of(error: str) -> LoginFailure:
    if error in DENIED_ERRORS:
        return LoginFailure.ACCESS_DENIED
    return LoginFailure.PLATFORM_UNAVAILABLE if error in TEMPORARY_ERRORS else LoginFailure.EXCHANGE_FAILED


def _log_refusal(platform: Platform, error: PlatformError | TimeoutError) -> None:
    log.warning(
        "login not completed",
        platform=platform.name.value,
        app=None if platform.app is None else platform.app.name,
        error=str(error) or type(error).__name__,
        platform_code=error.platform_code if isinstance(error, PlatformError) else None,
        platform_message=error.platform_message if isinstance(error, PlatformError) else None,
    )


async def _eligible_grants(
    pool: Pool, platform: Platform, login: asyncpg.Record, grants: Sequence[Grant]
) -> Sequence[Grant]:
    """Return all grants, or only that of the account to connect again.

    Raises LoginFailed if that account is not among them.
    """
    if login["reauth_account_id"] is None:
        return grants
    account = await pool.fetchrow(
        SQL["find_account_again"], login["reauth_account_id"], login["project_id"], platform.name.value
    )
    if account is None:
        raise LoginFailed(LoginFailure.ACCOUNT_MISMATCH)
    same = [grant for grant in grants if grant.external_id == account["external_id"]]
    if not same and account["app_id"] != login["app_id"]:
        # Platforms that give each app other ids of the same account name it alike.
        same = [grant for grant in grants if grant.handle.casefold() == account["handle"].casefold()][:1]
    if not same:
        raise LoginFailed(LoginFailure.ACCOUNT_MISMATCH)
    return same


def _grant_json(grant: Grant, platform: Platform, login: asyncpg.Record) -> str:
    """Return the account data of a grant, without tokens, as the JSON argument of upsert_account in queries.sql."""
    expires_at, link_id = grant.tokens.expires_at, login["connect_link_id"]
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
            "reduced_privacy": grant.reduced_privacy,
            "connect_link_id": None if link_id is None else str(link_id),
            "app_id": None if platform.app is None else str(platform.app.id),
        }
    )


async def _store(
    connection: Connection,
    keyring: Keyring,
    platform: Platform,
    login: asyncpg.Record,
    state: str,
    grants: Sequence[Grant],
    *,
    request_id: str,
    now: datetime,
) -> Mapping[UUID, Grant]:
    """Store the accounts and end the login, in the caller's transaction; return the grants by the ids of the accounts.

    A login through a connect link is a use of it, counted first: of two logins at once, only one gets the last use.
    Raises LoginFailed, without having written anything.
    """
    link_id: UUID | None = login["connect_link_id"]
    if not await connection.fetchval(SQL["share_active_project"], login["project_id"]):
        raise LoginFailed(LoginFailure.PROJECT_ARCHIVED)
    if platform.app is not None and not await connection.fetchval(SQL["share_app"], platform.app.id):
        raise LoginFailed(LoginFailure.PLATFORM_UNAVAILABLE)
    try:
        async with connection.transaction():  # a savepoint: without the accounts, the link is not used
            end = None if link_id is None else await use_connect_link(connection, link_id, now=now)
            if end is not None:
                raise LoginFailed(end)
            if link_id is not None and login["reauth_account_id"] is not None:
                status = await connection.fetchval(SQL["lock_account_again"], login["reauth_account_id"])
                if status == AccountStatus.DISCONNECTED:  # a link has no right to undo that
                    raise LoginFailed(LoginFailure.ACCOUNT_DISCONNECTED)
            if login["reauth_account_id"] is not None:
                await connection.execute(SQL["set_external_id"], login["reauth_account_id"], grants[0].external_id)
            connected = {
                await _store_account(connection, keyring, platform, login, grant, request_id=request_id, now=now): grant
                for grant in sorted(
                    grants, key=lambda grant: grant.external_id
                )  # one order, so that two don't deadlock
            }
    except PlanLimitReached as error:
        raise LoginFailed(LoginFailure.PLAN_LIMIT) from error
    await connection.execute(SQL["end_login"], state, LoginStatus.CONNECTED.value, list(connected), None, now)
    if link_id is not None:
        await record(
            connection,
            Action.CONNECT_LINK_USE,
            public_id(CONNECT_LINK, link_id),
            by=_initiator_of(login, request_id),
            organization_id=login["organization_id"],
            environment=login["environment"],
            now=now,
            detail={"socialAccountIds": [public_id(ACCOUNT, account_id) for account_id in connected]},
        )
    return connected


async def _store_account(
    connection: Connection,
    keyring: Keyring,
    platform: Platform,
    login: asyncpg.Record,
    grant: Grant,
    *,
    request_id: str,
    now: datetime,
) -> UUID:
    account_id = UUID(
        str(
            await connection.fetchval(
                SQL["upsert_account"],
                new_id(),
                login["project_id"],
                login["organization_id"],
                login["environment"],
                sorted(grant.scopes),
                seal_tokens(keyring, grant.tokens),
                _grant_json(grant, platform, login),
                now,
            )
        )
    )
    await record(
        connection,
        Action.ACCOUNT_CONNECT,
        public_id(ACCOUNT, account_id),
        by=_initiator_of(login, request_id),
        organization_id=login["organization_id"],
        environment=login["environment"],
        now=now,
        detail={
            "projectId": public_id(PROJECT, login["project_id"]),
            "platform": platform.name.value,
            "login": platform.login_name.value,
            "handle": grant.handle,
            "scopes": [*sorted(grant.scopes)],
            "isAgain": login["reauth_account_id"] is not None,
        },
    )
    return account_id


def _initiator_of(login: asyncpg.Record, request_id: str) -> Actor:
    """Return who began a login, for the audit log."""
    if login["connect_link_id"] is not None:
        return Actor(kind=ActorKind.CONNECT_LINK, link=login["connect_link_id"], request_id=request_id)
    if login["user_name"] is not None:
        return Actor(kind=ActorKind.USER, user_id=login["key_id"], name=login["user_name"], request_id=request_id)
    return Actor(
        kind=ActorKind.API_KEY, key_id=login["key_id"], operator_id=login["operator_id"], request_id=request_id
    )
