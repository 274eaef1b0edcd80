"""Routes about the numbers of live posts and of accounts."""

from collections.abc import Mapping
from functools import partial
from typing import Annotated, Any, Final, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request
from pydantic import TypeAdapter
from starlette.responses import Response, StreamingResponse

from presswork.api.context import Ctx, Now
from presswork.api.http.auth import InsightsRead, in_environment
from presswork.api.http.body import Text
from presswork.api.http.idempotent import Idempotent
from presswork.api.http.ids import AccountId, AccountRef, ContainerRef, PostId, ProjectRef
from presswork.api.http.labels import LabelsOfPosts
from presswork.api.http.openapi import refusals
from presswork.api.http.paging import MAX_ROWS, Page, Paging, Position, bad_cursor, decode_cursor, encode_cursor
from presswork.api.http.responses import respond
from presswork.api.http.streams import all_of
from presswork.api.insights.schemas import (
    AccountInsights,
    AskedInsights,
    InsightsGroup,
    InsightsGroups,
    PostInsights,
    Reading,
)
from presswork.api.projects.schemas import Zone
from presswork.core.enums import Environment
from presswork.core.errors import Code
from presswork.core.timestamps import Day, Instant
from presswork.insights.export import COLUMNS, export_insights
from presswork.insights.group import BEFORE_ALL, GroupPosition, group_insights
from presswork.insights.model import GroupBy, InsightsFilter
from presswork.insights.read import read_account_insights, read_history, read_post_insights, refresh_insights
from presswork.media.links import MediaLinks
from presswork.platforms.names import PlatformName
from presswork.posts.export import ExportFormat

router: Final = APIRouter(tags=["Results"])
_NO_ID: Final = UUID(int=0)
Order = Literal[
    "key",
    "posts",
    "-posts",
    "views",
    "-views",
    "reach",
    "-reach",
    "likes",
    "-likes",
    "comments",
    "-comments",
    "shares",
    "-shares",
    "saves",
    "-saves",
    "clicks",
    "-clicks",
    "watchSeconds",
    "-watchSeconds",
    "averageWatchSeconds",
    "-averageWatchSeconds",
    "follows",
    "-follows",
]
"""How groups are ordered: by their keys, or by a number, with `-` descending."""
_CURSOR: Final = TypeAdapter(tuple[str, str, str])
_DEFAULT_ROWS: Final = 50


@router.get(
    "/v1/scheduled-posts/{postId}/insights",
    response_model=PostInsights,
    summary="Read the numbers of a post",
)
async def get_post_insights(caller: InsightsRead, post_id: PostId, context: Ctx) -> Response:
    """Return the last numbers of a post, as its platform reported them.

    Each number that is not known is null and has its reason. The numbers of a post that is no longer live stay as they were.
    """
    return respond(
        PostInsights.of(await read_post_insights(context.pool, context.platforms, post_id, visible_to=caller))
    )


@router.get(
    "/v1/scheduled-posts/{postId}/insights/history",
    response_model=Page[Reading],
    summary="List the numbers of a post over time",
)
async def list_post_insights(
    caller: InsightsRead,
    post_id: PostId,
    page: Paging,
    context: Ctx,
    since: Annotated[Instant | None, Query(description="First `takenAt`, inclusive.")] = None,
    until: Annotated[Instant | None, Query(description="Last `takenAt`, inclusive.")] = None,
) -> Response:
    """Return the numbers of a post each time they were taken, oldest first."""
    found = await read_history(
        context.pool,
        post_id,
        since=since,
        until=until,
        after=None if page.after is None else page.after.at,
        limit=page.limit + 1,
        visible_to=caller,
    )
    return respond(
        page.of(Page[Reading], found, Reading.of, position=lambda reading: Position(reading.taken_at, _NO_ID))
    )


@router.post(
    "/v1/scheduled-posts/{postId}/insights/refresh",
    response_model=AskedInsights,
    status_code=202,
    response_description="They will be taken.",
    responses=refusals(Code.CONFLICT),
    summary="Take the numbers of a post soon",
)
async def refresh_post_insights(
    caller: InsightsRead, post_id: PostId, idempotent: Idempotent, context: Ctx, now: Now
) -> Response:
    """Have the numbers of a live post taken now, also of one that is so old that they are taken on demand only.

    Once in 15 minutes for each post, otherwise 429. A post that is not live, or of which there are no numbers, returns 409 with
    the `reason`.
    """
    return await idempotent.run(
        lambda db: refresh_insights(db, context.platforms, post_id, visible_to=caller, now=now),
        lambda asked: AskedInsights(post_id=asked.post_id, next_at=asked.next_at),
        status=202,
    )


@router.get(
    "/v1/social-accounts/{socialAccountId}/insights",
    response_model=AccountInsights,
    summary="Read the numbers of an account",
)
async def get_account_insights(
    caller: InsightsRead,
    account_id: AccountId,
    context: Ctx,
    now: Now,
    since: Annotated[Day | None, Query(description="First day. Default: 30 days before `until`.")] = None,
    until: Annotated[Day | None, Query(description="Last day. Default: today.")] = None,
) -> Response:
    """Return the followers of an account, and its followers, views and reach by day. At most 1,000 days.

    They are taken once a day, from when the account has a live post on. The days are those of the platform's calendar.
    """
    found = await read_account_insights(
        context.pool, context.platforms, account_id, since=since, until=until, visible_to=caller, now=now
    )
    return respond(AccountInsights.of(found))


async def _wanted(
    project_id: Annotated[
        ProjectRef | None, Query(alias="projectId", description="Only posts of this project.")
    ] = None,
    social_account_id: Annotated[
        AccountRef | None, Query(alias="socialAccountId", description="Only posts of this account.")
    ] = None,
    container_id: Annotated[
        ContainerRef | None,
        Query(
            alias="containerId",
            description="Only posts of this container; without `since`, whenever they were published.",
        ),
    ] = None,
    platform: Annotated[PlatformName | None, Query(description="Only posts of this platform.")] = None,
    label: LabelsOfPosts = None,
    since: Annotated[
        Instant | None, Query(description="First `publishedAt`, inclusive. Default: 30 days before `until`.")
    ] = None,
    until: Annotated[Instant | None, Query(description="Last `publishedAt`, inclusive. Default: now.")] = None,
) -> InsightsFilter:
    return InsightsFilter(
        project_id=project_id,
        account_id=social_account_id,
        container_id=container_id,
        platform=platform,
        labels=label,
        since=since,
        until=until,
    )


Wanted = Annotated[InsightsFilter, Depends(_wanted)]


@router.get("/v1/insights", response_model=InsightsGroups, summary="Sum up the numbers of posts")
async def summarize_insights(
    caller: InsightsRead,
    wanted: Wanted,
    context: Ctx,
    now: Now,
    group_by: Annotated[
        GroupBy,
        Query(
            alias="groupBy",
            description="What the posts of a group have in common. With `label`, a post counts for each label of its content, and one "
            "without is left out.",
        ),
    ] = GroupBy.DAY,
    timezone: Annotated[
        Zone | None, Query(description="IANA time zone of the days. Default: the project's; without `projectId`, UTC.")
    ] = None,
    order: Annotated[
        Order | None,
        Query(
            description="A metric or `posts`, with `-` before it for descending, or `key`. Groups without the number come last. "
            "Default: `key` for days, otherwise `-views`.",
        ),
    ] = None,
    limit: Annotated[int, Query(ge=1, le=MAX_ROWS, description="Groups of a page.")] = _DEFAULT_ROWS,
    cursor: Annotated[Text | None, Query(description="`nextCursor` of the page before.")] = None,
) -> Response:
    """Return the last numbers of the posts that were published between `since` and `until`, by day, account, platform, post or label.

    Only posts of which numbers were taken count. By post, each has what people know it by. Counts are added up; the reach of several posts counts a person once for each
    of them. `since` and `until` are at most 366 days apart. The numbers change while pages are read: a group may be missed, or
    listed twice.
    """
    ordered = order or ("key" if group_by is GroupBy.DAY else "-views")
    mark = f"{group_by}:{ordered}"
    groups = await group_insights(
        context.pool,
        wanted,
        group_by,
        timezone=timezone,
        order=ordered,
        after=BEFORE_ALL if cursor is None else _read_cursor(cursor, mark),
        limit=limit + 1,
        visible_to=caller,
        now=now,
    )
    kept = groups[:limit]
    is_open = len(groups) > limit
    thumbnail_url = partial(context.part(MediaLinks).preview_url, now=now)
    return respond(
        InsightsGroups(
            items=[InsightsGroup.of(group, thumbnail_url) for group in kept],
            next_cursor=encode_cursor(mark, repr(kept[-1].place), kept[-1].key) if is_open else None,
        )
    )


def _read_cursor(text: str, mark: str) -> GroupPosition:
    """Return the position of a cursor. Raises Invalid unless it is from the same grouping and order."""
    try:
        found, place, key = decode_cursor(text, _CURSOR)
        position = GroupPosition(float(place), key)
    except ValueError as error:
        raise bad_cursor() from error
    if found != mark or encode_cursor(mark, place, key) != text or "\0" in key:
        raise bad_cursor()
    return position


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
        "schema": {"type": "string", "description": "A post in each line, as JSON."},
        "example": '{"postId":"sp_0191f3a2-7c1e-7b60-9d0a-3f6a2f1c8e55","platform":"instagram","views":1840}\n',
    },
}


@router.get(
    "/v1/insights/export",
    response_class=Response,
    response_model=None,
    response_description="The posts, until the last one. A file that is cut off ends without the end of its transfer.",
    responses={200: {"content": dict(_CONTENT)}},
    summary="Export the numbers of posts",
)
async def export_post_insights(
    request: Request,
    caller: InsightsRead,
    wanted: Wanted,
    context: Ctx,
    now: Now,
    form: Annotated[
        ExportFormat, Query(alias="format", description="`csv` for spreadsheets, or `jsonl`.")
    ] = ExportFormat.CSV,
    environment: Annotated[
        Environment | None,
        Query(description="The environment of a session. That of a key is known, and must be the same if it is sent."),
    ] = None,
) -> Response:
    """Return the last numbers of all posts that were published between `since` and `until`, by `publishedAt`, as one file.

    It is sent as it is read, and counts as one request. In CSV a number that is not known is empty, and an apostrophe is put
    before a text that a spreadsheet would compute.
    """
    reader = in_environment(caller, environment)
    chunks = export_insights(context.pool, wanted, form, visible_to=reader, now=now)
    first = await anext(chunks, b"")  # an error until here is a response of its own
    request.scope["state"]["is_stream"] = True
    headers = {"Content-Disposition": f'attachment; filename="insights.{form}"', "Cache-Control": "no-store"}
    return StreamingResponse(all_of(first, chunks), media_type=_TYPES[form], headers=headers)
