"""Route about what platforms can do."""

from functools import lru_cache
from typing import Annotated, Final

from fastapi import APIRouter, Header
from starlette.responses import Response

from presswork.api.context import Ctx
from presswork.api.http.auth import AnyKey
from presswork.api.http.responses import reply_of, respond_unless_known
from presswork.api.platforms.schemas import PlatformList
from presswork.idempotency.stored_replies import Reply
from presswork.platforms.registry import Platforms

router: Final = APIRouter(tags=["Platforms"])


@router.get(
    "/v1/platforms",
    response_model=PlatformList,
    responses={304: {"description": "Unchanged since the response with that ETag."}},
    summary="List what platforms can do",
)
async def list_platforms(
    caller: AnyKey,  # noqa: ARG001  required for its check
    context: Ctx,
    if_none_match: Annotated[
        str | None, Header(alias="If-None-Match", description="The ETag of an earlier response.")
    ] = None,
) -> Response:
    """Return what each platform accepts and offers: limits, options of a target, capabilities and permissions. It changes only with
    a version of Presswork.

    Preflight and publishing check posts by the same limits. Send If-None-Match: an unchanged list returns an empty 304.
    """
    return respond_unless_known(_describe(context.platforms), if_none_match)


@lru_cache(maxsize=1)  # 20 ms to build, and the same until the process ends
def _describe(platforms: Platforms) -> Reply:
    return reply_of(PlatformList.of(platforms.described()))
