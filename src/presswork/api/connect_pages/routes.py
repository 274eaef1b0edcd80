"""Pages of connect links: what can be connected, and how each login ended."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Final
from uuid import UUID

from fastapi import APIRouter, Request
from starlette.responses import Response

from presswork.accounts.connect import AccountChoice, Choice, LoginResult, choose_accounts, find_login_at_page
from presswork.accounts.connect_links import (
    ConnectSettings,
    NotOffered,
    Offer,
    accounts_of_link,
    apps_of_link,
    begin_at_page,
    end_of_link,
    must_reconnect,
    offers,
    origin_of,
)
from presswork.accounts.model import AccountStatus, LinkPage, LoginFailure, SocialAccount
from presswork.api.connect_pages.texts import ENDS
from presswork.api.context import Context, Ctx, Now
from presswork.api.http.envelope import request_id_of
from presswork.api.http.languages import language_of
from presswork.api.http.link_pages import Framing, LinkPages, lead_to, link_page, open_page, read_act, record_visit
from presswork.api.http.pages import READ
from presswork.core.enums import LinkKind
from presswork.core.errors import STATUS, Invalid, PressworkError, Unavailable
from presswork.core.ids import ACCOUNT, parse_id, public_id
from presswork.core.texts import translatable
from presswork.links.model import LinkUnknown, OpenedLink
from presswork.platforms.names import LoginName, PlatformName
from presswork.platforms.registry import advice_without_account, manual_instructions

router: Final = APIRouter(include_in_schema=False)

_PAGES: Final = LinkPages("presswork.api.connect_pages")
_NOT_BEGUN: Final = translatable("This can’t be connected at the moment. Try again in a few minutes.")
_NO_LONGER: Final = ENDS[LoginFailure.KEY_REVOKED][0]
_NO_SERVER: Final = translatable(
    "There is no such server. Write its name as it stands behind the last @ of your account."
)
_NOT_OFFERED: Final = translatable("This link does not connect this account. Choose one of those below.")
_NOT_DUE: Final = translatable("This account does not have to be reconnected now. See below what is left.")


@router.api_route("/connect/{token}", methods=READ)
@link_page
async def show_connect_page(*, request: Request, token: str, context: Ctx, now: Now) -> Response:
    """Show what the link connects, with a button for each platform, and the accounts that it has connected."""
    opened = await open_page(request, context, token, LinkKind.CONNECT, now=now)
    await record_visit(request, context, opened, now=now)
    return await _overview(request, context, opened, now=now)


@router.post("/connect/{token}")
@link_page
async def begin_at_connect_page(*, request: Request, token: str, context: Ctx, now: Now) -> Response:
    """Send the person to the platform's page, to log in there."""
    opened = await open_page(request, context, token, LinkKind.CONNECT, now=now)
    form = dict(reversed(await read_act(request, context, opened, now=now)))
    page = LinkPage(link_id=opened.link.id, token=token, language=language_of(request).code)
    try:
        login = await begin_at_page(
            context.pool,
            context.keyring,
            context.platforms,
            opened,
            page,
            platform=_platform_of(form),
            account_id=_account_of(form),
            host=form.get("host", "").strip() or None,
            base_url=context.settings.public_url or context.base_url,
            request_id=request_id_of(request),
            now=now,
        )
    except LinkUnknown:
        return _PAGES.redirect(request, opened)  # used up; its page says so
    except PressworkError as error:
        request.scope["state"]["error_code"] = error.code.value
        problem = _NO_LONGER
        if isinstance(error, NotOffered):
            problem = _NOT_DUE if ConnectSettings.of(opened.link).is_reconnect else _NOT_OFFERED
        elif isinstance(error, Invalid):
            problem = _NO_SERVER
        elif isinstance(error, Unavailable):
            problem = _NOT_BEGUN
        return await _overview(request, context, opened, now=now, problem=problem, status=STATUS[error.code])
    return lead_to(login.authorize_url)


@router.api_route("/connect/{token}/logins/{state}", methods=READ)
@link_page
async def show_login_of_link(*, request: Request, token: str, state: str, context: Ctx, now: Now) -> Response:
    """Show how a login ended, or let the person choose one of several accounts. The link may have ended since."""
    found = await find_login_at_page(context.pool, context.keyring, state, token, now=now)
    if found is None:
        await open_page(request, context, token, LinkKind.CONNECT, now=now)
        raise LinkUnknown
    try:
        opened = await open_page(request, context, token, LinkKind.CONNECT, now=now)
    except LinkUnknown:
        return await _show_ended_link(request, context, found, now=now)
    if isinstance(found, Choice):
        return _PAGES.response(
            request,
            context,
            opened,
            "connect_choice.html",
            {"candidates": [asdict(one) for one in found.candidates], "path": f"logins/{state}"},
            now=now,
            framing=_framing(opened, ()),
        )
    leads_back = not opened.link.is_used_up
    due: Sequence[SocialAccount] = ()
    if leads_back and ConnectSettings.of(opened.link).is_reconnect:
        due, _ = await _accounts(context, opened, await apps_of_link(context.pool, opened.link))
    return _PAGES.response(
        request,
        context,
        opened,
        "connect_result.html",
        _result(request, found, leads_back=leads_back, are_accounts_left=bool(due)),
        now=now,
        status_code=200 if found.failure is None else 400,
    )


@router.post("/connect/{token}/logins/{state}")
@link_page
async def choose_at_connect_page(*, request: Request, token: str, state: str, context: Ctx, now: Now) -> Response:
    """Connect the accounts that the person chose, and show the result."""
    opened = await open_page(request, context, token, LinkKind.CONNECT, now=now)
    chosen = AccountChoice.of(await read_act(request, context, opened, now=now))
    found = await find_login_at_page(context.pool, context.keyring, state, token, now=now)
    if found is None:
        raise LinkUnknown
    result: LoginResult | None = None
    if isinstance(found, Choice) and chosen is not None:
        result = await choose_accounts(
            context.pool,
            context.keyring,
            context.platforms,
            platform=found.platform,
            state=state,
            external_ids=chosen.external_ids,
            request_id=request_id_of(request),
            now=now,
        )
    if result is not None and result.location is not None:
        return lead_to(result.location)
    return _PAGES.redirect(request, opened, f"logins/{state}")


async def _overview(
    request: Request,
    context: Context,
    opened: OpenedLink,
    *,
    now: datetime,
    problem: str | None = None,
    status: int = 200,
) -> Response:
    link, settings = opened.link, ConnectSettings.of(opened.link)
    apps = await apps_of_link(context.pool, link)
    offered = await offers(context.platforms, settings, link.environment, apps)
    due, connected = await _accounts(context, opened, apps)
    language = language_of(request)
    values = {
        "offers": offered,
        "is_reconnect": settings.is_reconnect,
        "due": [_account_values(one, is_due=True) for one in due],
        "connected": [_account_values(one, is_due=False) for one in connected],
        "can_connect": not link.is_used_up,
        "problem": None if problem is None else language.gettext(problem),
        "expires_at": language.date_time(link.expiry, opened.timezone),
    }
    return _PAGES.response(
        request,
        context,
        opened,
        "connect.html",
        values,
        now=now,
        status_code=status,
        framing=_framing(opened, offered),
    )


async def _accounts(
    context: Context, opened: OpenedLink, apps: Mapping[LoginName, UUID]
) -> tuple[Sequence[SocialAccount], Sequence[SocialAccount]]:
    """Return the accounts of a link that must be connected again, and those that it has connected."""
    link, settings = opened.link, ConnectSettings.of(opened.link)
    moves = settings.moves(context.platforms, link.environment, apps)
    accounts = await accounts_of_link(context.pool, link, settings, moves)
    due = [account for account in accounts if must_reconnect(account, moves)]
    return due, accounts[len(due) :]


def _account_values(account: SocialAccount, *, is_due: bool) -> Mapping[str, object]:
    instructions = manual_instructions(account.platform)
    return {
        "id": public_id(ACCOUNT, account.id),
        "name": instructions.account(account.handle),
        "title": instructions.title,
        "is_due": is_due,
        "has_access": account.status is AccountStatus.CONNECTED,
    }


def _framing(opened: OpenedLink, offered: Sequence[Offer]) -> Framing:
    """Return where the forms of a page lead: to the platforms, which may redirect to hosts of theirs, and to the return URL.

    Browsers check each redirect of a form, up to the page where the login ends.
    """
    return_url = ConnectSettings.of(opened.link).return_url
    origins = [one.origin for one in offered] + ([] if return_url is None else [origin_of(return_url)])
    plain = dict.fromkeys(origin for origin in origins if not origin.startswith("https:"))
    return Framing(form_targets=("https:", *plain))


async def _show_ended_link(
    request: Request, context: Context, found: LoginResult | Choice, *, now: datetime
) -> Response:
    """Return the page about a login whose link has ended."""
    result = found if isinstance(found, LoginResult) and found.failure is not LoginFailure.EXPIRED_STATE else None
    if result is None:
        end = None if found.page is None else await end_of_link(context.pool, found.page.link_id, now=now)
        result = LoginResult(platform=found.platform, return_url=None, failure=end or LoginFailure.KEY_REVOKED)
    return _PAGES.unlinked(
        request,
        "connect_result.html",
        _result(request, result, leads_back=False),
        status_code=200 if result.failure is None else 400,
    )


def _result(
    request: Request, result: LoginResult, *, leads_back: bool, are_accounts_left: bool = False
) -> Mapping[str, object]:
    language, instructions = language_of(request), manual_instructions(result.platform)
    platform = instructions.title
    accounts = [instructions.account(handle) for handle in result.handles]
    shown = {
        "platform": platform,
        "accounts": accounts,
        "code": result.failure,
        "leads_back": leads_back,
        "are_accounts_left": are_accounts_left,
    }
    if result.failure is None:
        return {**shown, "what": "", "advice": ""}
    what, advice = ENDS[result.failure]
    return {
        **shown,
        "what": language.gettext(what, platform=platform),
        "advice": language.gettext(advice or advice_without_account(result.platform), platform=platform),
    }


def _platform_of(form: Mapping[str, str]) -> PlatformName | None:
    names = {name.value: name for name in PlatformName}
    return names.get(form.get("platform", ""))


def _account_of(form: Mapping[str, str]) -> UUID | None:
    try:
        return parse_id(ACCOUNT, form["account"]) if "account" in form else None
    except ValueError:
        return None
