"""The webhook routes of platforms. They need no API key: the platform's signature authenticates the call."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from fastapi import APIRouter, Request
from starlette.responses import JSONResponse, Response

from presswork.api.context import Context, Ctx, Now
from presswork.api.http.auth import RateLimited
from presswork.api.http.body import read_body, read_form
from presswork.api.http.envelope import MethodNotAllowed, request_id_of
from presswork.apps.model import AppNotFound
from presswork.apps.platform_apps import AppPlace, find_app_place, verify_tokens
from presswork.core.enums import Environment
from presswork.core.errors import FieldError, NotFound, Unavailable
from presswork.core.ids import PLATFORM_APP, parse_id
from presswork.inbound_webhooks.call_rate import CallRate
from presswork.inbound_webhooks.receive import receive_comment_hints, receive_notice
from presswork.legal.handle_request import (
    ReceivedRequest,
    deauthorize,
    delete_data,
    read_request,
    read_request_of_app,
)
from presswork.legal.paths import DATA_DELETION, DEAUTHORIZE, DELETION_PAGE
from presswork.platforms.inbound_webhooks import CommentWebhookReader, NotGenuine, WebhookReader
from presswork.platforms.names import PlatformName
from presswork.platforms.port import Platform
from presswork.platforms.registry import logins_of, logins_of_app

router: Final = APIRouter(include_in_schema=False)


@router.post(DEAUTHORIZE)
async def receive_deauthorization(request: Request, context: Ctx, now: Now) -> Response:
    """Note that a person removed the app at Meta, and return 200: their accounts must be connected again.

    Errors, besides those of the form: 401 unless an app's secret signed it, 429, 503 if no app is configured.
    """
    await deauthorize(context.pool, await _user_request(request, context, now))
    return Response(status_code=200)


@router.post(f"{DEAUTHORIZE}/{{app}}")
async def receive_deauthorization_of_app(request: Request, app: str, context: Ctx, now: Now) -> Response:
    """Note that a person removed a customer's app. Errors as above, and 404 for an unknown app."""
    await deauthorize(context.pool, await _user_request(request, context, now, app))
    return Response(status_code=200)


@router.post(DATA_DELETION)
async def receive_data_deletion(request: Request, context: Ctx, now: Now) -> Response:
    """Delete the data of a person who asked Meta for it. Meta shows them the code, and the URL of the page about it.

    Errors as above.
    """
    return await _delete_data(await _user_request(request, context, now), context)


@router.post(f"{DATA_DELETION}/{{app}}")
async def receive_data_deletion_of_app(request: Request, app: str, context: Ctx, now: Now) -> Response:
    """Delete the data of a person who asked Meta for it about a customer's app. Errors as above, and 404 for an unknown app."""
    return await _delete_data(await _user_request(request, context, now, app), context)


async def _delete_data(received: ReceivedRequest, context: Context) -> Response:
    code = await delete_data(context.pool, received)
    return JSONResponse({"url": f"{context.base_url}{DELETION_PAGE}/{code}", "confirmation_code": code})


@router.post("/webhooks/{platform}/{environment}")
async def receive_webhook(request: Request, platform: str, environment: str, context: Ctx, now: Now) -> Response:
    """Verify a webhook, store it and return 200. A platform retries after any other status.

    The body is read as raw bytes, since the signature covers them. Errors, besides those of the body: 404 for a platform
    that sends no webhooks, 401 for a wrong signature, 429 for too many calls from one address, 503 if the platform is not
    configured.
    """
    name, where = _read_path(platform, environment)
    reader = context.platforms.get(logins_of(name)[0], where).webhook_reader
    if reader is None and not (readers := _comment_readers(context, name, where)):
        raise _not_found()
    _check_rate(request, context)
    if reader is None:
        await _receive_comments(request, context, readers, name, where, None, now=now)
    else:
        await _receive_notice(request, context, reader, name, where, None, now=now)
    return Response(status_code=200)


@router.post("/webhooks/{platform}/{environment}/{app}")
async def receive_webhook_of_app(
    request: Request, platform: str, environment: str, app: str, context: Ctx, now: Now
) -> Response:
    """Verify a webhook with the secret of a customer's app; the rest as above. Errors as above, and 404 for an unknown app."""
    _check_rate(request, context)
    name, where = _read_path(platform, environment)
    app_id, opened = await _open_app(context, name, where, app)
    readers = [one.comment_webhook_reader for one in opened if one.comment_webhook_reader is not None]
    if (reader := opened[0].webhook_reader) is not None:
        await _receive_notice(request, context, reader, name, where, app_id, now=now)
    elif readers:
        await _receive_comments(request, context, readers, name, where, app_id, now=now)
    else:
        raise _not_found()
    return Response(status_code=200)


@router.get("/webhooks/{platform}/{environment}/{app}")
async def answer_challenge_of_app(
    request: Request, platform: str, environment: str, app: str, context: Ctx
) -> Response:
    """Answer a platform that checks the URL of a customer's app. Errors as those of the installation, and 404 for an unknown app."""
    _check_rate(request, context)
    app_id, opened = await _open_app(context, *_read_path(platform, environment), app)
    return _answer_challenge(
        request,
        [one.comment_webhook_reader for one in opened if one.comment_webhook_reader is not None],
        verify_tokens=verify_tokens(context.keyring, app_id),
    )


async def _receive_notice(
    request: Request,
    context: Context,
    reader: WebhookReader,
    name: PlatformName,
    where: Environment,
    app_id: UUID | None,
    *,
    now: datetime,
) -> None:
    """Verify a webhook about posts and accounts of an app, and act on it. Raises NotGenuine."""
    body = await read_body(request)
    notice = reader.read(request.headers, body, now=now)
    if notice is not None:
        await receive_notice(
            context.pool,
            notice,
            body,
            platform=name,
            environment=where,
            app_id=app_id,
            now=now,
            database_now=context.clock.database_now(),
        )


@router.get("/webhooks/{platform}/{environment}")
async def answer_challenge(request: Request, platform: str, environment: str, context: Ctx) -> Response:
    """Answer a platform that checks the URL of webhooks. Errors: 404 unless the request is the platform's, 429, and 405 where it checks
    none."""
    readers = _list_checked_readers(context, platform, environment)
    if readers:
        _check_rate(request, context)
    return _answer_challenge(request, readers)


def _answer_challenge(
    request: Request, readers: Sequence[CommentWebhookReader], *, verify_tokens: Sequence[str] | None = None
) -> Response:
    """Return the answer of the first reader that knows the challenge. Raises MethodNotAllowed, NotFound."""
    if not readers:
        raise MethodNotAllowed("This path does not support GET. Use one of: POST.", allowed="POST")
    for reader in readers:
        answer = reader.answer_challenge(request.query_params, verify_tokens=verify_tokens)
        if answer is not None:
            return Response(answer.body, media_type=answer.content_type)
    raise _not_found()


async def _receive_comments(
    request: Request,
    context: Context,
    readers: Sequence[CommentWebhookReader],
    name: PlatformName,
    where: Environment,
    app_id: UUID | None,
    *,
    now: datetime,
) -> None:
    """Verify a webhook about comments, which one of the readers' apps signed, and have the posts read. Raises NotGenuine."""
    body = await read_body(request)
    refusal: NotGenuine | None = None
    for reader in readers:
        try:
            hints = reader.read(request.headers, body, now=now)
        except NotGenuine as error:
            refusal = error
            continue
        if hints:
            await receive_comment_hints(
                context.pool, hints, body, platform=name, environment=where, app_id=app_id, now=now
            )
        return
    if refusal is not None:
        raise refusal


def _comment_readers(context: Context, name: PlatformName, where: Environment) -> Sequence[CommentWebhookReader]:
    """Return the readers of a platform's apps that are configured. Raises Unavailable if none is."""
    logins = logins_of(name)
    available = [login for login in logins if context.platforms.is_available(login, where)]
    found = [context.platforms.get(login, where).comment_webhook_reader for login in available or logins[:1]]
    return [reader for reader in found if reader is not None]


def _list_checked_readers(context: Context, platform: str, environment: str) -> Sequence[CommentWebhookReader]:
    """Return the readers behind a URL that a platform may check."""
    try:
        return _comment_readers(context, *_read_path(platform, environment))
    except (NotFound, Unavailable):
        return ()


def _read_path(platform: str, environment: str) -> tuple[PlatformName, Environment]:
    try:
        return PlatformName(platform), Environment(environment)
    except ValueError as error:
        raise _not_found() from error


async def _open_app(
    context: Context, name: PlatformName, where: Environment, app: str
) -> tuple[UUID, Sequence[Platform]]:
    """Return the id of a customer's app, and a platform as each login of the app opens it, at least one.

    Raises NotFound unless the app connects accounts of the platform in this environment, and Unavailable if it can't be used.
    """
    place = await _find_app(context, app)
    logins = [login for login in logins_of_app(place.login) if login in logins_of(name)]
    if place.environment is not where or not logins:
        raise _not_found()
    return place.id, [await context.platforms.for_app(login, where, place.id) for login in logins]


async def _find_app(context: Context, app: str) -> AppPlace:
    """Return the app of a URL. Raises NotFound, which does not tell whether the id is one."""
    try:
        return await find_app_place(context.pool, parse_id(PLATFORM_APP, app))
    except (FieldError, AppNotFound) as error:
        raise _not_found() from error


async def _user_request(request: Request, context: Context, now: datetime, app: str | None = None) -> ReceivedRequest:
    """Return the signed request of a form. `app` is the id of a customer's app as the URL has it.

    Raises RateLimited, NotGenuine, NotFound, Unavailable, and the errors of the form.
    """
    _check_rate(request, context)
    given = [value for name, value in await read_form(request) if name == "signed_request"]
    text = given[0] if len(given) == 1 else ""
    request_id = request_id_of(request)
    if app is None:
        return read_request(context.platforms, text, request_id=request_id, now=now)
    place = await _find_app(context, app)
    try:
        return await read_request_of_app(context.platforms, place, text, request_id=request_id, now=now)
    except AppNotFound as error:
        raise _not_found() from error


def _check_rate(request: Request, context: Context) -> None:
    """Count the call for its address. Raises RateLimited."""
    limit = context.settings.inbound_webhook_rate
    address = "" if request.client is None else request.client.host
    wait = context.part(CallRate).wait_after(address, limit=limit, uptime=context.clock.uptime())
    if wait is not None:
        raise RateLimited(
            f"This address may send {limit} webhooks per minute. Retry in {wait} s.", retryAfterSeconds=wait
        )


def _not_found() -> NotFound:
    return NotFound("No platform sends webhooks to this URL. Use the URL in the guide to connecting accounts.")
