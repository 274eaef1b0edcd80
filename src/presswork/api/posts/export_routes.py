"""The route that exports posts as one file."""

from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import aclosing
from dataclasses import replace
from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Query, Request
from starlette.responses import Response, StreamingResponse

from presswork.api.context import Ctx
from presswork.api.http.auth import PublishRead, in_environment
from presswork.api.posts.overview_routes import Wanted
from presswork.core.enums import Environment
from presswork.posts.export import COLUMNS, ExportFormat, export_posts

router: Final = APIRouter(tags=["Publishing"])
_TYPES: Final[Mapping[ExportFormat, str]] = {
    ExportFormat.CSV: "text/csv; charset=utf-8",
    ExportFormat.JSONL: "application/x-ndjson",
}
_CONTENT: Final[Mapping[str, Any]] = {  # Any: a part of the OpenAPI document
    "text/csv": {
        "schema": {"type": "string", "description": "A line of names, then a line for each post, in UTF-8 (RFC 4180)."},
        "example": ",".join(COLUMNS) + "\r\n",
    },
    "application/x-ndjson": {
        "schema": {"type": "string", "description": "A post in each line, as JSON: the items of the list."},
        "example": '{"id":"sp_0191f3a2-7c1e-7b60-9d0a-3f6a2f1c8e55","status":"published"}\n',
    },
}


@router.get(
    "/v1/scheduled-posts/export",
    response_class=Response,
    response_model=None,
    response_description="The posts, until the last one. A file that is cut off ends without the end of its transfer.",
    responses={200: {"content": dict(_CONTENT)}},
    summary="Export posts",
)
async def export_scheduled_posts(
    request: Request,
    caller: PublishRead,
    wanted: Wanted,
    context: Ctx,
    form: Annotated[
        ExportFormat, Query(alias="format", description="`csv` for spreadsheets, or `jsonl`.")
    ] = ExportFormat.CSV,
    order: Annotated[Literal["asc", "desc"], Query(description="By `scheduledFor`.")] = "desc",
    environment: Annotated[
        Environment | None,
        Query(description="The environment of a session. That of a key is known, and must be the same if it is sent."),
    ] = None,
) -> Response:
    """Return all posts that match the filters of the list, with their outcomes, as one file.

    It is sent as it is read, so its size has no limit, and counts as one request. In CSV, an apostrophe is put before a value
    that begins with `=`, `+`, `-`, `@`, a tab or a carriage return: a spreadsheet would compute it. `jsonl` has the values as they are.
    """
    reader = in_environment(caller, environment)
    chunks = export_posts(
        context.pool, replace(wanted, order=order), form, visible_to=reader, now=context.clock.database_now()
    )
    first = await anext(chunks, b"")  # an error until here is a response of its own
    request.scope["state"]["is_stream"] = True
    headers = {"Content-Disposition": f'attachment; filename="posts.{form}"', "Cache-Control": "no-store"}
    return StreamingResponse(_all_of(first, chunks), media_type=_TYPES[form], headers=headers)


async def _all_of(first: bytes, chunks: AsyncGenerator[bytes]) -> AsyncIterator[bytes]:
    """Yield the chunks. An error closes the connection without the end of the transfer, so that no client takes it for the whole."""
    async with aclosing(chunks):
        yield first
        async for chunk in chunks:
            yield chunk
