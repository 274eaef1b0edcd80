"""Where platforms tell things on their own: no key, the platform's signature is the right."""

from typing import Final

from fastapi import APIRouter, Request
from starlette.responses import Response

from presswork.api.body import read_body
from presswork.api.context import Ctx, Now
from presswork.core.enums import Environment, PlatformName
from presswork.core.errors import NotFound
from presswork.inbound_webhooks.receive import receive_notice
from presswork.platforms.registry import logins_of

router: Final = APIRouter(include_in_schema=False)


@router.post("/webhooks/{platform}/{environment}")
async def take_notice(request: Request, platform: str, environment: str, context: Ctx, now: Now) -> Response:
    """Check, keep, answer 200: a platform repeats what it gets no such answer to.

    The body is read as it came, for the signature is over its bytes. Errors, besides those of the body: 404 for a
    platform that tells nothing, 401 for a call that is not the platform's, 503 where the platform is not set up.
    """
    try:
        name, where = PlatformName(platform), Environment(environment)
    except ValueError as error:
        raise _nothing_here() from error
    notices = context.platforms.get(logins_of(name)[0], where).notices
    if notices is None:
        raise _nothing_here()
    body = await read_body(request)
    notice = notices.read(request.headers, body, now=now)
    if notice is not None:
        await receive_notice(context.pool, context.keyring, notice, body, platform=name, environment=where, now=now)
    return Response(status_code=200)


def _nothing_here() -> NotFound:
    return NotFound("No platform sends anything to this address. The guide to connecting accounts has the right one.")
