"""The callback route of managed providers. It needs no API key: the provider's signature authenticates the call."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from fastapi import APIRouter, Request
from starlette.responses import Response

from presswork.api.context import Ctx, Now
from presswork.api.http.body import read_body
from presswork.api.http.envelope import error_body, error_links_of, request_id_of
from presswork.api.http.ids import PostId
from presswork.core.errors import Code
from presswork.posts.callback import CallbackResult, handle_callback

router: Final = APIRouter(include_in_schema=False)

_REFUSALS: Final[Mapping[CallbackResult, tuple[int, Code, str]]] = MappingProxyType(
    {
        CallbackResult.UNKNOWN_POST: (
            404,
            Code.NOT_FOUND,
            "No such post was sent to this provider. Stop reporting it.",
        ),
        CallbackResult.BAD_SIGNATURE: (
            401,
            Code.UNAUTHENTICATED,
            "The signature is missing, wrong, or more than five minutes old. Check the secret and the clock, then retry.",
        ),
        CallbackResult.BAD_BODY: (
            400,
            Code.VALIDATION,
            "The body is not a dispatch of this post. Send the complete dispatch as JSON.",
        ),
        CallbackResult.POST_IS_OVER: (
            410,
            Code.CONFLICT,
            "This post is in a final state. Stop reporting it.",
        ),
    }
)


@router.post("/callbacks/managed/{postId}")
async def handle_provider_callback(request: Request, post_id: PostId, context: Ctx, now: Now) -> Response:
    """Accept a callback. It is only a hint: the worker queries the provider, whatever the body says."""
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
        body = error_body(code, message, request_id_of(request), links=error_links_of(request))
        return Response(body, status_code=status, media_type="application/json")
    return Response(b'{"status":"noted"}', media_type="application/json")
