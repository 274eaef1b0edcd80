"""Routes of social accounts: connect, list, connect again, disconnect."""

from dataclasses import asdict
from typing import Annotated, Final
from urllib.parse import quote, urlencode

from fastapi import APIRouter, Path, Query, Request
from pydantic import TypeAdapter
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from presswork.accounts import model
from presswork.accounts.connect import AccountChoice, Choice, LoginResult, Redirect, choose_accounts, finish_login
from presswork.accounts.login import begin_login, begin_reauth, default_login, find_login
from presswork.accounts.model import AccountStatus, LinkPage
from presswork.accounts.platform_reads import BoardReader, CreatorInfoReader, PlaylistReader, QuotaReader
from presswork.accounts.posted_code import can_finish, read_code_page
from presswork.accounts.readiness import comments_readiness, edit_readiness, readiness, take_down_readiness
from presswork.accounts.return_url import ReturnUrl
from presswork.accounts.search import AccountFilter, search_accounts
from presswork.accounts.store import find_account, list_accounts
from presswork.api.accounts.login_pages import result_page
from presswork.api.accounts.schemas import (
    Board,
    Boards,
    CreatorInfo,
    DisconnectedAccount,
    OAuthStatus,
    OAuthUrl,
    OAuthUrlRequest,
    Playlists,
    Quota,
    ReauthUrlRequest,
    SocialAccount,
)
from presswork.api.context import Context, Ctx, Now
from presswork.api.http.auth import SocialRead, SocialWrite
from presswork.api.http.body import Text, body_of, read_form, require_no_body
from presswork.api.http.envelope import request_id_of
from presswork.api.http.idempotent import Idempotent
from presswork.api.http.ids import AccountId, ProjectId, ProjectRef
from presswork.api.http.languages import PARAMETER
from presswork.api.http.openapi import refusals
from presswork.api.http.pages import Pages
from presswork.api.http.paging import MAX_ROWS, Page, Paging, bad_cursor, decode_cursor, encode_cursor
from presswork.api.http.responses import respond
from presswork.core.enums import LinkKind
from presswork.core.errors import Code, Invalid, Issue, IssueCode, NotFound
from presswork.lifecycle.disconnect import disconnect_account
from presswork.links.model import page_path
from presswork.platforms.names import LoginName, PlatformName
from presswork.platforms.registry import logins_of, manual_instructions, platform_of_callback
from presswork.projects.store import find_project

router: Final = APIRouter(tags=["Social accounts"])

_PAGES: Final = Pages("presswork.api.accounts")
_BOARDS: Final = "boards"
_BOOKMARK: Final = TypeAdapter(tuple[str, str])
_STYLES: Final = "style-src 'self'; img-src 'self'"
_PRIVATE: Final = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}
"""Headers of every response to a redirect, whose URL contains a secret code and state."""
_LOGIN_REFUSALS: Final = (Code.RETURN_URL_NOT_ALLOWED, Code.CONFLICT, Code.UNAVAILABLE)


@router.post(
    "/v1/projects/{projectId}/social/oauth-url",
    response_model=OAuthUrl,
    responses=refusals(*_LOGIN_REFUSALS),
    summary="Begin connecting an account",
)
async def create_oauth_url(
    caller: SocialWrite,
    project_id: ProjectId,
    body: Annotated[OAuthUrlRequest, body_of(OAuthUrlRequest)],
    context: Ctx,
    now: Now,
) -> Response:
    """Return the URL of the page where an account's owner logs in. It works once, for ten minutes.

    Then the owner is redirected to `returnUrl`: unchanged on success, with `layers_oauth_error=<code>` added to its
    query on failure. Without a `returnUrl`, the owner sees the result on a page of Presswork. An account that the project
    already has keeps its id.
    """
    login = await begin_login(
        context.pool,
        context.keyring,
        context.platforms,
        project_id,
        login=_login(body) or await default_login(context.pool, project_id, body.platform, visible_to=caller),
        return_url=_return_url(body),
        usage_note=body.usage_note,
        host=body.host,
        base_url=_public_url(context),
        caller=caller,
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
    caller: SocialWrite,
    project_id: ProjectId,
    body: Annotated[ReauthUrlRequest, body_of(ReauthUrlRequest)],
    context: Ctx,
    now: Now,
) -> Response:
    """Return the URL of the page where the owner of an account of the project logs in again; the account keeps its id.

    A login with another platform account fails with `account_mismatch`.
    """
    login = await begin_reauth(
        context.pool,
        context.keyring,
        context.platforms,
        project_id,
        account_id=body.social_account_id,
        return_url=_return_url(body),
        base_url=_public_url(context),
        caller=caller,
        now=now,
    )
    return respond(OAuthUrl.of(login))


@router.get("/v1/social/oauth-status/{state}", response_model=OAuthStatus, summary="Retrieve the status of a login")
async def get_oauth_status(
    caller: SocialRead,
    state: Annotated[
        str,
        Path(
            description="The `state` that the request for the login returned.",
            examples=["st_01KAW2V3M8T5R7W1X4Y6Z0ABCD"],
        ),
    ],
    context: Ctx,
    now: Now,
) -> Response:
    """Return the status of a login. It is kept for one day."""
    return respond(OAuthStatus.of(await find_login(context.pool, state, visible_to=caller, now=now)))


@router.get(
    "/oauth/callback/{name}",
    include_in_schema=False,  # for redirects of platforms; API clients don't call it
    status_code=302,
    response_class=RedirectResponse,
    response_description="Redirect to the login's return URL: unchanged if the account is connected, otherwise with "
    "`layers_oauth_error` added to its query. A login without a return URL ends on a page with the result.",
    responses={
        400: {
            "description": "The platform has no login with this state. The page explains what to do.",
            "content": {"text/html": {"schema": {"type": "string"}}},
        },
    },
    summary="Redirect URI of a platform's login",
)
async def finish_oauth(
    request: Request,
    name: str,
    context: Ctx,
    now: Now,
    state: Annotated[str, Query(description="State of the authorize URL.")] = "",
    code: Annotated[str | None, Query(description="Authorization code of the platform.")] = None,
    error: Annotated[str | None, Query(description="OAuth error, if there is no code.")] = None,
    iss: Annotated[str | None, Query(description="Authorization server, where the platform names it.")] = None,
) -> Response:
    """Finish a login. The redirect URI of each login ends in its letter; the platform's name is accepted too.

    `layers_oauth_error` is one of `access_denied`, `expired_state`, `state_used`, `exchange_failed`, `no_account`,
    `account_mismatch`, `platform_unavailable`, `project_archived`, `key_revoked`, and for a login of a connect link
    `link_expired`, `link_revoked`, `link_used_up`, `account_disconnected`, `plan_limit`.
    """
    require_no_body(request)
    next_step = await finish_login(
        context.pool,
        context.keyring,
        context.platforms,
        platform=_platform(name),
        redirect=Redirect(callback=name, state=state, code=code, error=error, issuer=iss),
        base_url=_public_url(context),
        request_id=request_id_of(request),
        now=now,
    )
    if (
        next_step is not None
        and next_step.page is not None
        and not (isinstance(next_step, LoginResult) and next_step.location)
    ):
        return _redirect_to_link_page(next_step.page, state)
    if isinstance(next_step, Choice):
        # The form may lead to any return URL, which a `form-action` of the policy would forbid.
        return _PAGES.response("login_choice.html", asdict(next_step), headers=_PRIVATE, allow=_STYLES)
    return _end_login(next_step, redirect_status=302)


@router.get(
    "/oauth/code/{name}",
    include_in_schema=False,  # a page for people; API clients don't call it
    response_class=HTMLResponse,
    summary="Page with the code of a login",
)
async def show_login_code(
    name: str,
    context: Ctx,
    now: Now,
    state: Annotated[str, Query(description="State of the authorize URL.")] = "",
    missing: Annotated[bool, Query(description="Whether the code was looked for and not found.")] = False,
) -> Response:
    """Show the code that an account's owner posts, where the platform has no page that asks the owner to agree."""
    platform = _platform(name)
    page = await read_code_page(
        context.pool, context.keyring, context.platforms, platform=platform, state=state, now=now
    )
    if page is None:
        return _end_login(None, redirect_status=302)
    values = {**asdict(page), "title": manual_instructions(platform).title, "state": state, "is_missing": missing}
    return _PAGES.response("login_code.html", values, headers=_PRIVATE, allow=_STYLES)  # as for a choice


@router.post(
    "/oauth/code/{name}",
    include_in_schema=False,  # the form of the page with the code
    status_code=303,
    response_class=RedirectResponse,
    summary="Continue once the code is posted",
)
async def find_login_code(name: str, request: Request, context: Ctx, now: Now) -> Response:
    """Look for the code: it leads to the end of the login, or back to its page where it is not posted yet."""
    state = next((value for name, value in await read_form(request) if name == "state"), "")
    is_over = await can_finish(
        context.pool, context.keyring, context.platforms, platform=_platform(name), state=state, now=now
    )
    end = f"../callback/{quote(name)}?{urlencode({'state': state, 'code': 'posted'})}"
    return Response(
        status_code=303,
        headers={**_PRIVATE, "Location": end if is_over else f"?{urlencode({'state': state, 'missing': 'true'})}"},
    )


@router.get(
    "/oauth/{platform}/{document:path}",
    include_in_schema=False,  # for servers of platforms; API clients don't call it
    summary="Document about the app of this installation",
)
def read_app_document(platform: str, document: str, context: Ctx) -> Response:
    """Return a public document that a platform's servers read, such as the metadata of an OAuth client."""
    found = context.platforms.document(platform, document)
    if found is None:
        raise NotFound("There is no such document. It exists once the platform's settings are complete.")
    return JSONResponse(found, headers={"Cache-Control": "public, max-age=60"})


@router.post(
    "/oauth/callback/{name}",
    include_in_schema=False,  # the form of the page that asks which accounts to connect
    status_code=303,
    response_class=RedirectResponse,
    summary="Choose the accounts to connect",
)
async def choose_oauth_account(name: str, request: Request, context: Ctx, now: Now) -> Response:
    """Finish a login that grants access to several accounts, with those that the person chose."""
    fields = await read_form(request)
    state = next((value for name, value in fields if name == "state"), "")
    chosen = AccountChoice.of(fields)
    if chosen is None:
        return Response(status_code=303, headers={**_PRIVATE, "Location": f"?{urlencode({'state': state})}"})
    result = await choose_accounts(
        context.pool,
        context.keyring,
        context.platforms,
        platform=_platform(name),
        state=state,
        external_ids=chosen.external_ids,
        request_id=request_id_of(request),
        now=now,
    )
    return _end_login(result, redirect_status=303)


def _redirect_to_link_page(page: LinkPage, state: str) -> Response:
    """Redirect to the page of a connect link that shows how its login stands: without the secret code in its URL."""
    url = f"{page_path(LinkKind.CONNECT, page.token)}/logins/{state}?{PARAMETER}={page.language}"
    return Response(status_code=302, headers={**_PRIVATE, "Location": url})


def _end_login(result: LoginResult | None, *, redirect_status: int) -> Response:
    """Redirect to the login's return URL, or return the page that shows the result, or that for an unknown login."""
    if result is None:
        return _PAGES.response("login_unknown.html", {}, status_code=400, headers=_PRIVATE)
    if result.location is None:
        status = 200 if result.failure is None else 400
        return _PAGES.response("login_result.html", asdict(result_page(result)), status_code=status, headers=_PRIVATE)
    # Not a RedirectResponse, which percent-encodes the URL again and so changes it.
    return Response(status_code=redirect_status, headers={**_PRIVATE, "Location": result.location})


@router.get(
    "/v1/projects/{projectId}/social-accounts",
    response_model=Page[SocialAccount],
    summary="List a project's accounts",
)
async def list_social_accounts(
    caller: SocialRead,
    project_id: ProjectId,
    page: Paging,
    context: Ctx,
    platform: Annotated[PlatformName | None, Query(description="Return only accounts of this platform.")] = None,
    status: Annotated[AccountStatus | None, Query(description="Return only accounts with this status.")] = None,
) -> Response:
    """Return accounts, including disconnected ones, with their readiness, in the order of their first connection."""
    await find_project(context.pool, project_id, visible_to=caller)
    rows = await list_accounts(
        context.pool,
        project_id,
        visible_to=caller,
        platform=platform,
        status=status,
        after=page.after,
        limit=page.limit + 1,
    )
    return respond(page.of(Page[SocialAccount], rows, lambda account: _account_responses(context, account)))


@router.get("/v1/social-accounts", response_model=Page[SocialAccount], summary="List the accounts of all projects")
async def search_social_accounts(
    caller: SocialRead,
    page: Paging,
    context: Ctx,
    project_id: Annotated[
        ProjectRef | None, Query(alias="projectId", description="Only accounts of this project.")
    ] = None,
    platform: Annotated[
        list[PlatformName] | None, Query(description="Only accounts of this platform; repeat it for several.")
    ] = None,
    status: Annotated[
        list[AccountStatus] | None, Query(description="Only accounts with this status; repeat it for several.")
    ] = None,
    q: Annotated[
        Text | None,
        Query(
            min_length=1,
            max_length=100,
            description="Text to find in the handle or the display name, ignoring case.",
        ),
    ] = None,
) -> Response:
    """Return accounts, including disconnected ones, with their readiness, in the order of their first connection.

    With `q`, a page reads at most 5,000 accounts: it may have fewer items than `limit`, or none, before the end of the list.
    Continue while `nextCursor` is not null.
    """
    wanted = AccountFilter(project_id=project_id, platforms=platform, statuses=status, text=q)
    found = await search_accounts(context.pool, wanted, after=page.after, limit=page.limit, visible_to=caller)
    return respond(page.of_found(Page[SocialAccount], found, lambda account: _account_responses(context, account)))


@router.get("/v1/social-accounts/{socialAccountId}", response_model=SocialAccount, summary="Retrieve an account")
async def get_social_account(caller: SocialRead, account_id: AccountId, context: Ctx) -> Response:
    """Return one account with its readiness."""
    return respond(_account_responses(context, await find_account(context.pool, account_id, visible_to=caller)))


@router.get(
    "/v1/social-accounts/{socialAccountId}/quota",
    response_model=Quota,
    responses=refusals(Code.SOCIAL_ACCOUNT_NOT_PUBLISH_READY, Code.UNAVAILABLE),
    summary="Read an account's posting quota",
)
async def get_social_account_quota(caller: SocialRead, account_id: AccountId, context: Ctx) -> Response:
    """Return how many posts the account has published and may publish, as its platform counts them, those of other tools too.

    Instagram reports both numbers; TikTok reports none, and all fields are null. The response is up to a minute old, unless a post
    of the account went live since. An account that must be connected again returns 422 with the `reason`; while the platform
    does not answer, the call returns 503.
    """
    return respond(Quota.of(await context.part(QuotaReader).read(account_id, visible_to=caller)))


@router.get(
    "/v1/social-accounts/{socialAccountId}/creator-info",
    response_model=CreatorInfo,
    responses=refusals(Code.SOCIAL_ACCOUNT_NOT_PUBLISH_READY, Code.UNAVAILABLE),
    summary="Read what an account may choose now",
)
async def get_social_account_creator_info(caller: SocialRead, account_id: AccountId, context: Ctx) -> Response:
    """Return what the platform lets the account's owner choose for a post now: for a form that people fill in.

    TikTok requires that such a form shows the nickname and these choices, read when it opens, so the platform is asked by each
    call. Instagram reports nothing, and all fields are null. An account that must be connected again returns 422 with the
    `reason`; while the platform does not answer, the call returns 503.
    """
    return respond(CreatorInfo.of(await context.part(CreatorInfoReader).read(account_id, visible_to=caller)))


@router.get(
    "/v1/social-accounts/{socialAccountId}/playlists",
    response_model=Playlists,
    responses=refusals(Code.SOCIAL_ACCOUNT_NOT_PUBLISH_READY, Code.UNAVAILABLE),
    summary="List an account's playlists",
)
async def list_social_account_playlists(caller: SocialRead, account_id: AccountId, context: Ctx) -> Response:
    """Return the playlists that the account has made, as its platform lists them now, for `youtubePostSettings.playlistIds`.

    Only YouTube has playlists; for other accounts there are no items. An account that must be connected again returns 422
    with the `reason`; while the platform does not answer, the call returns 503.
    """
    return respond(Playlists.of(await context.part(PlaylistReader).read(account_id, visible_to=caller)))


@router.get(
    "/v1/social-accounts/{socialAccountId}/boards",
    response_model=Boards,
    responses=refusals(Code.SOCIAL_ACCOUNT_NOT_PUBLISH_READY, Code.UNAVAILABLE),
    summary="List an account's boards",
)
async def list_social_account_boards(
    caller: SocialRead,
    account_id: AccountId,
    context: Ctx,
    limit: Annotated[int, Query(ge=1, le=MAX_ROWS, description="Maximum number of boards on a page.")] = 50,
    cursor: Annotated[str | None, Query(max_length=1000, description="`nextCursor` of the previous page.")] = None,
) -> Response:
    """Return the boards of the account, as its platform lists them now, for `pinterestPostSettings.boardId`.

    Only Pinterest has boards; for other accounts there are no items. An account that must be connected again returns 422
    with the `reason`; while the platform does not answer, the call returns 503.
    """
    boards, following = await context.part(BoardReader).read(
        account_id, limit=limit, cursor=None if cursor is None else _read_bookmark(cursor), visible_to=caller
    )
    return respond(
        Boards(
            items=[Board.of(board) for board in boards],
            next_cursor=None if following is None else encode_cursor(_BOARDS, following),
        )
    )


def _read_bookmark(cursor: str) -> str:
    """Return the platform's cursor in one of the list of boards. Raises Invalid."""
    try:
        name, bookmark = decode_cursor(cursor, _BOOKMARK)
    except ValueError as error:
        raise bad_cursor() from error
    if name != _BOARDS or encode_cursor(name, bookmark) != cursor:
        raise bad_cursor()
    return bookmark


@router.delete(
    "/v1/social-accounts/{socialAccountId}", response_model=DisconnectedAccount, summary="Disconnect an account"
)
async def delete_social_account(
    caller: SocialWrite, account_id: AccountId, idempotent: Idempotent, context: Ctx, now: Now
) -> Response:
    """Revoke the access at the platform, delete the tokens and cancel the account's queued posts.

    A second call returns the same result with no canceled posts. The account stays listed as `disconnected` and keeps
    its id when it is connected again.
    """
    return await idempotent.call(
        lambda call: disconnect_account(
            call, context.keyring, context.platforms, account_id, visible_to=caller, now=now
        ),
        DisconnectedAccount.of,
    )


def _account_responses(context: Context, account: model.SocialAccount) -> SocialAccount:
    platform = context.platforms.described()[account.login]
    verdicts = readiness(
        platform,
        status=account.status,
        scopes=account.scopes,
        managed=account.managed,
        unavailable={
            mode
            for login, mode in context.platforms.unavailable(account.environment, has_app=account.app_id is not None)
            if login is account.login
        },
    )
    return SocialAccount.of(
        account,
        verdicts,
        take_down=take_down_readiness(platform, status=account.status, scopes=account.scopes),
        edit=edit_readiness(platform, status=account.status, scopes=account.scopes),
        comments=comments_readiness(platform, status=account.status, scopes=account.scopes),
    )


def _public_url(context: Context) -> str:
    return context.settings.public_url or context.base_url


def _return_url(body: OAuthUrlRequest | ReauthUrlRequest) -> ReturnUrl | None:
    return None if body.return_url is None else ReturnUrl.parse(body.return_url)


def _login(body: OAuthUrlRequest) -> LoginName | None:
    """Return the requested login, if one is. Raises Invalid if the platform has no such login."""
    offered = logins_of(body.platform)
    if body.login is not None and body.login not in offered:
        problem = f"is no login of {body.platform}. Send one of: {', '.join(offered)}; or omit it for the default."
        raise Invalid([Issue.at("login", problem, IssueCode.UNKNOWN_LOGIN)])
    return body.login


def _platform(callback: str) -> PlatformName:
    platform = platform_of_callback(callback)
    if platform is None:
        raise NotFound("No login ends at this URL. Begin one with POST /v1/projects/{projectId}/social/oauth-url.")
    return platform
