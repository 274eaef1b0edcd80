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
from presswork.posts.callback import Verdict, hear

router: Final = APIRouter(include_in_schema=False)

_REFUSALS: Final[Mapping[Verdict, tuple[int, Code, str]]] = MappingProxyType(
    {
        Verdict.UNKNOWN_POST: (404, Code.NOT_FOUND, "No such post was handed over to you. Stop reporting it."),
        Verdict.NOT_SIGNED: (
            401,
            Code.UNAUTHENTICATED,
            "The signature is missing, wrong, or more than five minutes old. Check the secret and the clock, then repeat.",
        ),
        Verdict.NO_REPORT: (400, Code.VALIDATION, "The body is not a dispatch of this post. Send it whole, as JSON."),
        Verdict.OVER: (410, Code.CONFLICT, "This post is over; nothing more is wanted. Stop reporting it."),
    }
)


@router.post("/callbacks/managed/{postId}")
async def hear_provider(request: Request, post_id: PostId, context: Ctx, now: Now) -> Response:
    """Take a report. Whatever it says, the provider is asked: a report is a hint."""
    verdict = await hear(
        context.pool,
        context.keyring,
        context.platforms,
        post_id,
        headers=request.headers,
        body=await read_body(request),
        now=now,
    )
    if verdict in _REFUSALS:
        status, code, message = _REFUSALS[verdict]
        request.scope["state"]["error_code"] = code.value
        body = error_body(code, message, request_id_of(request))
        return Response(body, status_code=status, media_type="application/json")
    return Response(b'{"status":"noted"}', media_type="application/json")
