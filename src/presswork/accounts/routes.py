"""Routes of social accounts: connecting, listing, connecting again, giving back."""

from typing import Annotated, Final
from urllib.parse import parse_qs

from fastapi import APIRouter, Path, Query, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from presswork.accounts import model
from presswork.accounts.connect import Choice, Redirect, choose_account, finish_login
from presswork.accounts.disconnect import disconnect_account
from presswork.accounts.login import begin_login, begin_reauth, find_login
from presswork.accounts.model import AccountStatus
from presswork.accounts.pages import choice_page, unknown_login
from presswork.accounts.readiness import readiness
from presswork.accounts.return_url import ReturnUrl
from presswork.accounts.schemas import (
    DisconnectedAccount,
    OAuthStatus,
    OAuthUrl,
    OAuthUrlRequest,
    ReauthUrlRequest,
    SocialAccount,
)
from presswork.accounts.store import find_account, list_accounts
from presswork.api.auth import SocialRead, SocialWrite
from presswork.api.body import body_of, read_body
from presswork.api.context import Context, Ctx, Now
from presswork.api.envelope import request_id_of
from presswork.api.idempotent import Idempotent
from presswork.api.ids import AccountId, ProjectId
from presswork.api.openapi import refusals
from presswork.api.paging import Page, Paging, Position
from presswork.api.responses import respond
from presswork.core.enums import LoginName, PlatformName
from presswork.core.errors import Code, Invalid, Issue, NotFound
from presswork.orgs.projects import find_project
from presswork.platforms.registry import logins_of

router: Final = APIRouter(tags=["Social accounts"])

_PRIVATE: Final = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}
"""Headers of every response to a redirect: its URL carries a code and a state, which are confidential."""
_LOGIN_REFUSALS: Final = (Code.RETURN_URL_NOT_ALLOWED, Code.CONFLICT, Code.UNAVAILABLE)


@router.post(
    "/v1/projects/{projectId}/social/oauth-url",
    response_model=OAuthUrl,
    responses=refusals(*_LOGIN_REFUSALS),
    summary="Begin connecting an account",
)
async def create_oauth_url(
    key: SocialWrite,
    project_id: ProjectId,
    body: Annotated[OAuthUrlRequest, body_of(OAuthUrlRequest)],
    context: Ctx,
    now: Now,
) -> Response:
    """Return the page where an account's owner logs in and agrees. It works once, for ten minutes.

    Afterwards the owner is sent to `returnUrl`: exactly as given when all went well, else with
    `layers_oauth_error=<code>` added to its query. An account that the project has already is connected anew and keeps
    its id.
    """
    login = await begin_login(
        context.pool,
        context.platforms,
        project_id,
        login=_login(body),
        return_url=ReturnUrl.parse(body.return_url),
        usage_note=body.usage_note,
        base_url=_public_address(context),
        caller=key,
        now=now,
    )
    return respond(OAuthUrl.of(login))


@router.post(
    "/v1/projects/{projectId}/social/reauth-url",
    response_model=OAuthUrl,
    responses=refusals(*_LOGIN_REFUSALS),
    summary="Begin connecting an account again",
)
async def create_reauth_url(
    key: SocialWrite,
    project_id: ProjectId,
    body: Annotated[ReauthUrlRequest, body_of(ReauthUrlRequest)],
    context: Ctx,
    now: Now,
) -> Response:
    """Return the page where the owner of an account that the project has logs in again; the account keeps its id.

    The same platform account must come back, else the login fails as `account_mismatch`.
    """
    login = await begin_reauth(
        context.pool,
        context.platforms,
        project_id,
        account_id=body.social_account_id,
        return_url=ReturnUrl.parse(body.return_url),
        base_url=_public_address(context),
        caller=key,
        now=now,
    )
    return respond(OAuthUrl.of(login))


@router.get("/v1/social/oauth-status/{state}", response_model=OAuthStatus, summary="What became of a login")
async def get_oauth_status(
    key: SocialRead,
    state: Annotated[
        str, Path(description="The `state` that began the login.", examples=["st_01KAW2V3M8T5R7W1X4Y6Z0ABCD"])
    ],
    context: Ctx,
    now: Now,
) -> Response:
    """Return where a login is. It is kept for a day."""
    return respond(OAuthStatus.of(await find_login(context.pool, state, visible_to=key, now=now)))


@router.get(
    "/oauth/callback/{platform}",
    include_in_schema=False,  # people come here by a platform's redirect; no client of the API calls it
    status_code=302,
    response_class=RedirectResponse,
    response_description="To the login's return URL: as it was given when the account is connected, else with "
    "`layers_oauth_error` added to its query.",
    responses={
        400: {
            "description": "No login of this platform has that state; a page says what to do.",
            "content": {"text/html": {"schema": {"type": "string"}}},
        },
    },
    summary="Where platforms send people back to",
)
async def finish_oauth(
    request: Request,
    platform: Annotated[str, Path(json_schema_extra={"enum": [name.value for name in PlatformName]})],
    context: Ctx,
    now: Now,
    state: Annotated[str, Query(description="As the authorize URL carried it.")] = "",
    code: Annotated[str | None, Query(description="What the platform gives for the owner's agreement.")] = None,
    error: Annotated[str | None, Query(description="Why there is no code.")] = None,
) -> Response:
    """Finish a login. Register this address in the platform's app; people come here by its redirect alone, without a key.

    `layers_oauth_error` is one of `access_denied`, `expired_state`, `state_used`, `exchange_failed`, `no_account`,
    `account_mismatch`, `platform_unavailable`, `project_archived`, `key_revoked`.
    """
    next_step = await finish_login(
        context.pool,
        context.keyring,
        context.platforms,
        platform=_platform(platform),
        redirect=Redirect(state=state, code=code, error=error),
        base_url=_public_address(context),
        request_id=request_id_of(request),
        now=now,
    )
    if isinstance(next_step, Choice):
        return _page(choice_page(next_step), status_code=200)
    return _onward(next_step, status_code=302)


@router.post(
    "/oauth/callback/{platform}",
    include_in_schema=False,  # sent by the page that asks which account to connect
    status_code=303,
    response_class=RedirectResponse,
    summary="Which account to connect",
)
async def choose_oauth_account(platform: str, request: Request, context: Ctx, now: Now) -> Response:
    """Finish a login that leads to several accounts, with the one that the person chose."""
    form = parse_qs((await read_body(request)).decode(errors="replace"), keep_blank_values=True)
    location = await choose_account(
        context.pool,
        context.keyring,
        context.platforms,
        platform=_platform(platform),
        state=form.get("state", [""])[0],
        external_id=form.get("account", [""])[0] or None,
        request_id=request_id_of(request),
        now=now,
    )
    return _onward(location, status_code=303)


def _page(html: str, *, status_code: int) -> HTMLResponse:
    """Return a page that works without a script and loads nothing."""
    policy = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'"
    headers = {**_PRIVATE, "Content-Security-Policy": policy, "X-Content-Type-Options": "nosniff"}
    return HTMLResponse(html, status_code=status_code, headers=headers)


def _onward(location: str | None, *, status_code: int) -> Response:
    """Redirect a person to a login's return URL, or answer that there is no such login."""
    if location is None:
        return _page(unknown_login(), status_code=400)
    # The header is written as it is: what RedirectResponse would quote differs from what was asked for.
    return Response(status_code=status_code, headers={**_PRIVATE, "Location": location})


@router.get(
    "/v1/projects/{projectId}/social-accounts",
    response_model=Page[SocialAccount],
    summary="List a project's accounts",
)
async def list_social_accounts(
    key: SocialRead,
    project_id: ProjectId,
    page: Paging,
    context: Ctx,
    platform: Annotated[PlatformName | None, Query(description="Only this platform.")] = None,
    status: Annotated[AccountStatus | None, Query(description="Only this status.")] = None,
) -> Response:
    """Return accounts in the order in which they first came, disconnected ones too, each with its readiness."""
    await find_project(context.pool, project_id, visible_to=key)
    rows = await list_accounts(
        context.pool,
        project_id,
        visible_to=key,
        platform=platform,
        status=status,
        after=None if page.after is None else (page.after.at, page.after.id),
        limit=page.limit + 1,
    )
    kept, cursor = page.page_of(rows, lambda account: Position(account.created_at, account.id))
    return respond(Page[SocialAccount](items=[_shaped(context, account) for account in kept], next_cursor=cursor))


@router.get("/v1/social-accounts/{socialAccountId}", response_model=SocialAccount, summary="Read an account")
async def get_social_account(key: SocialRead, account_id: AccountId, context: Ctx) -> Response:
    """Return one account with its readiness."""
    return respond(_shaped(context, await find_account(context.pool, account_id, visible_to=key)))


@router.delete(
    "/v1/social-accounts/{socialAccountId}", response_model=DisconnectedAccount, summary="Give an account back"
)
async def delete_social_account(
    key: SocialWrite, account_id: AccountId, idempotent: Idempotent, context: Ctx, now: Now
) -> Response:
    """Revoke the access at the platform, wipe the tokens and cancel the account's queued posts.

    A second call tells the same facts, with no post canceled. The account stays listed as `disconnected` and comes
    back under its id when it is connected again.
    """
    return await idempotent.call(
        lambda call: disconnect_account(call, context.keyring, context.platforms, account_id, visible_to=key, now=now),
        DisconnectedAccount.of,
    )


def _shaped(context: Context, account: model.SocialAccount) -> SocialAccount:
    verdicts = readiness(
        context.platforms.described()[account.login],
        status=account.status,
        scopes=account.scopes,
        managed=account.managed,
        unavailable={
            mode for login, mode in context.platforms.unavailable(account.environment) if login is account.login
        },
    )
    return SocialAccount.of(account, verdicts)


def _public_address(context: Context) -> str:
    return context.settings.public_url or context.base_url


def _login(body: OAuthUrlRequest) -> LoginName:
    """Return the login that was asked for, or the platform's usual one. Raises Invalid where it has no such login."""
    offered = logins_of(body.platform)
    if body.login is None:
        return offered[0]
    if body.login not in offered:
        sentence = f"{body.platform} is connected by: {', '.join(offered)}. Leave login out for the usual one."
        raise Invalid([Issue("login", sentence, "unknown_login")])
    return body.login


def _platform(name: str) -> PlatformName:
    try:
        return PlatformName(name)
    except ValueError as error:
        raise NotFound(f"No platform is called so. Known are: {', '.join(PlatformName)}.") from error
