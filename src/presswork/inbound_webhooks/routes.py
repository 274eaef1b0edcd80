"""The webhook route of platforms. It needs no API key: the platform's signature authenticates the call."""

from typing import Final

from fastapi import APIRouter, Request
from starlette.responses import Response

from presswork.api.auth import RateLimited
from presswork.api.body import read_body
from presswork.api.context import Context, Ctx, Now
from presswork.core.enums import Environment, PlatformName
from presswork.core.errors import NotFound
from presswork.inbound_webhooks.receive import receive_notice
from presswork.platforms.registry import logins_of

router: Final = APIRouter(include_in_schema=False)


@router.post("/webhooks/{platform}/{environment}")
async def receive_webhook(request: Request, platform: str, environment: str, context: Ctx, now: Now) -> Response:
    """Verify a webhook, store it and return 200. A platform retries after any other status.

    The body is read as raw bytes, since the signature covers them. Errors, besides those of the body: 404 for a platform
    that sends no webhooks, 401 for a wrong signature, 429 for too many calls from one address, 503 if the platform is not
    configured.
    """
    try:
        name, where = PlatformName(platform), Environment(environment)
    except ValueError as error:
        raise _not_found() from error
    reader = context.platforms.get(logins_of(name)[0], where).webhook_reader
    if reader is None:
        raise _not_found()
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


def _check_rate(request: Request, context: Context) -> None:
    """Count the call for its address. Raises RateLimited."""
    limit = context.settings.inbound_webhook_rate
    address = "" if request.client is None else request.client.host
    wait = context.webhook_calls.wait_after(address, limit=limit, uptime=context.clock.uptime())
    if wait is not None:
        raise RateLimited(
            f"This address may send {limit} webhooks per minute. Retry in {wait} s.", retryAfterSeconds=wait
        )


def _not_found() -> NotFound:
    return NotFound("No platform sends webhooks to this URL. Use the URL in the guide to connecting accounts.")
