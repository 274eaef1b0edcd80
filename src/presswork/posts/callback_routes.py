"""The route where managed providers report. It has no key: the provider's signature is the right."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from fastapi import APIRouter, Request
from starlette.responses import Response

from presswork.api.body import read_body
from presswork.api.context import Ctx, Now
from presswork.api.envelope import error_body, request_id_of
from presswork.api.ids import PostId
from presswork.core.errors import Code
from presswork.posts.callback import CallbackResult, handle_callback

router: Final = APIRouter(include_in_schema=False)

_REFUSALS: Final[Mapping[CallbackResult, tuple[int, Code, str]]] = MappingProxyType(
    {
        CallbackResult.UNKNOWN_POST: (404, Code.NOT_FOUND, "No such post was handed over to you. Stop reporting it."),
        CallbackResult.BAD_SIGNATURE: (
            401,
            Code.UNAUTHENTICATED,
            "The signature is missing, wrong, or more than five minutes old. Check the secret and the clock, then repeat.",
        ),
        CallbackResult.BAD_BODY: (
            400,
            Code.VALIDATION,
            "The body is not a dispatch of this post. Send it whole, as JSON.",
        ),
        CallbackResult.POST_IS_OVER: (
            410,
            Code.CONFLICT,
            "This post is over; nothing more is wanted. Stop reporting it.",
        ),
    }
)


@router.post("/callbacks/managed/{postId}")
async def handle_provider_callback(request: Request, post_id: PostId, context: Ctx, now: Now) -> Response:
    """Accept a report. Whatever it says, the provider is asked: a report is a hint."""
    result = await handle_callback(
        context.pool,
        context.keyring,
        context.platforms,
        post_id,
        headers=request.headers,
        body=await read_body(request),
        now=now,
    )
    if result in _REFUSALS:
        status, code, message = _REFUSALS[result]
        request.scope["state"]["error_code"] = code.value
        body = error_body(code, message, request_id_of(request))
        return Response(body, status_code=status, media_type="application/json")
    return Response(b'{"status":"noted"}', media_type="application/json")
