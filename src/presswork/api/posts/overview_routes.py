"""Routes about the posts of all projects: their list, their number per day, and their export as a file."""

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Depends, Query, Request
from pydantic import Field
from pydantic.config import JsonDict
from starlette.responses import Response, StreamingResponse

from presswork.api.context import Ctx, Now
from presswork.api.http.auth import PublishRead, in_environment
from presswork.api.http.body import Out, Text, with_examples
from presswork.api.http.ids import AccountRef, ContainerRef, ProjectRef
from presswork.api.http.labels import LabelsOfPosts
from presswork.api.http.paging import Page, Paging
from presswork.api.http.responses import respond, response_of
from presswork.api.http.streams import all_of
from presswork.api.posts.post_schemas import FoundPost
from presswork.api.projects.schemas import Zone
from presswork.core.enums import Environment, MediaType, Mode
from presswork.core.timestamps import Instant
from presswork.idempotency.stored_replies import Reply
from presswork.media.links import MediaLinks
from presswork.platforms.names import PlatformName
from presswork.posts.export import COLUMNS, ExportFormat, export_posts
from presswork.posts.model import LiveStatus, Status
from presswork.posts.search import MAX_COUNTED, SearchFilter, count_posts, search_groups, search_posts
from presswork.posts.summary import summarize_posts

router: Final = APIRouter(tags=["Publishing"])

_COUNTS_EXAMPLE: Final[JsonDict] = {
    "queued": 3,
    "publishing": 0,
    "published": 12,
    "draft": 0,
    "failed": 1,
    "canceled": 0,
}
_DAY_EXAMPLE: Final[JsonDict] = {"date": "2026-11-24", "counts": _COUNTS_EXAMPLE}


class StatusCounts(Out):
    """The number of posts with each status."""

    model_config = with_examples(_COUNTS_EXAMPLE)

    queued: int
    publishing: int
    published: int
    draft: int
    failed: int
    canceled: int


class PostGroup(Out):  # search.py writes it
    """The posts of one container that are due at one instant, as far as they match the filters."""

    model_config = with_examples(
        {
            "containerId": "cnt_0191f3a2-7c1e-7b60-9d0a-3f6a2f1c8e56",
            "projectId": "prj_0191f3a2-7c1e-7b60-9d0a-3f6a2f1c8e57",
            "scheduledFor": "2026-11-24T09:00:00.000Z",
            "caption": "Fresh from the oven",
            "mediaType": "image",
            "counts": {"queued": 7},
            "thumbnailUrl": None,
            "posts": [],
        }
    )

    container_id: ContainerRef
    project_id: ProjectRef
    scheduled_for: Instant
    caption: str = Field(description="The caption of the content; a post can have one of its own.")
    media_type: MediaType
    counts: dict[str, int] = Field(description="How many of the posts have each status; others are left out.")
    thumbnail_url: str | None = Field(description="As that of its posts.")
    posts: list[FoundPost] = Field(description="In the order of their ids.")


class PostCount(Out):
    """How many posts match."""

    model_config = with_examples({"total": 5064, "isCapped": False})

    total: int
    is_capped: bool = Field(description=f"Whether more may match: only {MAX_COUNTED:,} posts are counted.")


class DayCounts(Out):
    """The posts of one local day."""

    model_config = with_examples(_DAY_EXAMPLE)

    date: dt.date = Field(description="The day in the time zone of the summary.")
    counts: StatusCounts


class AccountCounts(Out):
    """The posts of one account, by local day."""

    model_config = with_examples({"socialAccountId": "sa_0191f3a2-7c1e-7b60-9d0a-3f6a2f1c8e55", "days": [_DAY_EXAMPLE]})

    social_account_id: AccountRef
    days: list[DayCounts] = Field(description="Days without posts of the account are left out.")


class PostSummary(Out):
    """The number of posts per local day and status."""

    model_config = with_examples(
        {
            "timezone": "Europe/Lisbon",
            "days": [_DAY_EXAMPLE],
            "accounts": [
                {"socialAccountId": "sa_0191f3a2-7c1e-7b60-9d0a-3f6a2f1c8e55", "days": [_DAY_EXAMPLE]},
            ],
        }
    )

    timezone: str = Field(description="The time zone of the days.")
    days: list[DayCounts] = Field(description="In order. Days without posts are left out.")
    accounts: list[AccountCounts]


def _read_filter(
    project_id: Annotated[
        ProjectRef | None, Query(alias="projectId", description="Only posts of this project.")
    ] = None,
    status: Annotated[
        list[Status] | None, Query(description="Only posts with this status; repeat it for several.")
    ] = None,
    platform: Annotated[
        list[PlatformName] | None, Query(description="Only posts to this platform; repeat it for several.")
    ] = None,
    mode: Annotated[list[Mode] | None, Query(description="Only posts in this mode; repeat it for several.")] = None,
    live_status: Annotated[
        list[LiveStatus] | None,
        Query(
            alias="liveStatus",
            description="Only published posts of which this became; repeat it for several.",
        ),
    ] = None,
    social_account_id: Annotated[
        AccountRef | None, Query(alias="socialAccountId", description="Only posts to this account.")
    ] = None,
    container_id: Annotated[
        ContainerRef | None, Query(alias="containerId", description="Only posts of this container.")
    ] = None,
    q: Annotated[
        Text | None,
        Query(
            min_length=1,
            max_length=100,
            description="Text to find in the post's caption or its account's handle, ignoring case.",
        ),
    ] = None,
    label: LabelsOfPosts = None,
    since: Annotated[Instant | None, Query(description="First `scheduledFor`, inclusive.")] = None,
    until: Annotated[Instant | None, Query(description="Last `scheduledFor`, inclusive.")] = None,
) -> SearchFilter:
    """Return the filters that the list and its count share."""
    return SearchFilter(
        project_id=project_id,
        statuses=status,
        platforms=platform,
        modes=mode,
        live_statuses=live_status,
        account_id=social_account_id,
        container_id=container_id,
        labels=label,
        text=q,
        since=since,
        until=until,
    )


Wanted = Annotated[SearchFilter, Depends(_read_filter)]


@router.get(
    "/v1/scheduled-posts",
    response_model=Page[FoundPost] | Page[PostGroup],
    summary="List the posts of all projects",
)
async def search_scheduled_posts(
    caller: PublishRead,
    page: Paging,
    wanted: Wanted,
    context: Ctx,
    now: Now,
    group_by: Annotated[
        Literal["content"] | None,
        Query(
            alias="groupBy",
            description="`content`: the posts of one container that are due at one instant are one item, never split over two pages.",
        ),
    ] = None,
    order: Annotated[Literal["asc", "desc"], Query(description="By `scheduledFor`.")] = "desc",
) -> Response:
    """Return posts by `scheduledFor`. Posts that are created between two pages do not shift the later pages.

    With `platform`, `mode`, `liveStatus`, `label`, `q` or `groupBy`, a page reads at most 5,000 posts: it may have fewer items than `limit`, or none,
    before the end of the list. Continue while `nextCursor` is not null.
    """
    search = search_posts if group_by is None else search_groups
    found = await search(
        context.pool,
        replace(wanted, order=order),
        after=page.after,
        limit=page.limit,
        visible_to=caller,
        thumbnail_url=partial(context.part(MediaLinks).preview_url, now=now),
        now=context.clock.database_now(),
    )
    cursor = page.cursor_after(found)
    items = ",".join(item.document for item in found.items)
    return response_of(Reply(200, f'{{"items":[{items}],"nextCursor":{json.dumps(cursor)}}}'.encode()))


@router.get("/v1/scheduled-posts/count", response_model=PostCount, summary="Count posts")
async def count_scheduled_posts(caller: PublishRead, wanted: Wanted, context: Ctx) -> Response:
    """Return how many posts match the filters of the list."""
    counted = await count_posts(context.pool, wanted, visible_to=caller)
    return respond(PostCount(total=counted.total, is_capped=counted.is_capped))


@router.get(
    "/v1/scheduled-posts/summary",
    response_model=PostSummary,
    summary="Count posts per day",
)
async def summarize_scheduled_posts(
    caller: PublishRead,
    context: Ctx,
    now: Now,
    since: Annotated[
        Instant | None, Query(description="First `scheduledFor`, inclusive. Default: 31 days ago.")
    ] = None,
    until: Annotated[
        Instant | None, Query(description="Last `scheduledFor`, inclusive. Default: 31 days from now.")
    ] = None,
    timezone: Annotated[
        Zone | None, Query(description="IANA time zone of the days. Default: the project's; without `projectId`, UTC.")
    ] = None,
    project_id: Annotated[
        ProjectRef | None, Query(alias="projectId", description="Only posts of this project.")
    ] = None,
    label: LabelsOfPosts = None,
) -> Response:
    """Return the number of posts per local day and status: in all, and for each account.

    A day is from midnight to midnight in the time zone, so one on which the clocks change has 23 or 25 hours. At most 366
    days.
    """
    found = await summarize_posts(
        context.pool,
        since=since,
        until=until,
        timezone=timezone,
        project_id=project_id,
        labels=label,
        visible_to=caller,
        now=now,
    )
    parts = (json.dumps(found.timezone), found.days, found.accounts)
    return response_of(Reply(200, '{{"timezone":{},"days":{},"accounts":{}}}'.format(*parts).encode()))


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
    return StreamingResponse(all_of(first, chunks), media_type=_TYPES[form], headers=headers)
