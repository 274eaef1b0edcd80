"""The webhook routes of platforms. They need no API key: the platform's signature authenticates the call."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from fastapi import APIRouter, Request
from starlette.responses import JSONResponse, Response

from presswork.api.context import Context, Ctx, Now
from presswork.api.http.auth import RateLimited
from presswork.api.http.body import read_body, read_form
from presswork.api.http.envelope import MethodNotAllowed, request_id_of
from presswork.core.enums import Environment
from presswork.core.errors import NotFound, Unavailable
from presswork.inbound_webhooks.call_rate import CallRate
from presswork.inbound_webhooks.receive import receive_comment_hints, receive_notice
from presswork.legal.handle_request import ReceivedRequest, deauthorize, delete_data, read_request
from presswork.legal.paths import DATA_DELETION, DEAUTHORIZE, DELETION_PAGE
from presswork.platforms.inbound_webhooks import CommentWebhookReader, NotGenuine
from presswork.platforms.names import PlatformName
from presswork.platforms.registry import logins_of

router: Final = APIRouter(include_in_schema=False)


@router.post(DEAUTHORIZE)
async def receive_deauthorization(request: Request, context: Ctx, now: Now) -> Response:
    """Note that a person removed the app at Meta, and return 200: their accounts must be connected again.

    Errors, besides those of the form: 401 unless an app's secret signed it, 429, 503 if no app is configured.
    """
    await deauthorize(context.pool, await _user_request(request, context, now))
    return Response(status_code=200)


@router.post(DATA_DELETION)
async def receive_data_deletion(request: Request, context: Ctx, now: Now) -> Response:
    """Delete the data of a person who asked Meta for it. Meta shows them the code, and the URL of the page about it.

    Errors as above.
    """
    code = await delete_data(context.pool, await _user_request(request, context, now))
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
    if reader is None:
        await _receive_comment_webhook(request, context, name, where, now=now)
        return Response(status_code=200)
    _check_rate(request, context)
    body = await read_body(request)
    notice = reader.read(request.headers, body, now=now)
    if notice is not None:
        await receive_notice(
            context.pool,
            notice,
            body,
            platform=name,
            environment=where,
            now=now,
            database_now=context.clock.database_now(),
        )
    return Response(status_code=200)


@router.get("/webhooks/{platform}/{environment}")
async def answer_challenge(request: Request, platform: str, environment: str, context: Ctx) -> Response:
    """Answer a platform that checks the URL of webhooks. Errors: 404 unless the request is the platform's, 429, and 405 where it checks
    none."""
    readers = _list_checked_readers(context, platform, environment)
    if not readers:
        raise MethodNotAllowed("This path does not support GET. Use one of: POST.", allowed="POST")
    _check_rate(request, context)
    for reader in readers:
        answer = reader.answer_challenge(request.query_params)
        if answer is not None:
            return Response(answer.body, media_type=answer.content_type)
    raise _not_found()


async def _receive_comment_webhook(
    request: Request, context: Context, name: PlatformName, where: Environment, *, now: datetime
) -> None:
    """Verify a webhook about comments and have the posts read. Any app of the platform may have signed it. Raises NotGenuine."""
    readers = _comment_readers(context, name, where)
    if not readers:
        raise _not_found()
    _check_rate(request, context)
    body = await read_body(request)
    refusal: NotGenuine | None = None
    for reader in readers:
        try:
            hints = reader.read(request.headers, body, now=now)
        except NotGenuine as error:
            refusal = error
            continue
        if hints:
            await receive_comment_hints(context.pool, hints, body, platform=name, environment=where, now=now)
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


async def _user_request(request: Request, context: Context, now: datetime) -> ReceivedRequest:
    """Return the signed request of a form. Raises RateLimited, NotGenuine, Unavailable, and the errors of the form."""
    _check_rate(request, context)
    given = [value for name, value in await read_form(request) if name == "signed_request"]
    text = given[0] if len(given) == 1 else ""
    return read_request(context.platforms, text, request_id=request_id_of(request), now=now)


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
