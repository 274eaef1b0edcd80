"""Routes of bulk jobs: one action on many posts, done by a worker."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Annotated, Final, Literal, Self

from fastapi import APIRouter
from pydantic import Field, JsonValue
from starlette.responses import Response

from presswork.api.context import Ctx, Now
from presswork.api.http.auth import PublishRead, PublishWrite
from presswork.api.http.body import In, Out, Text, body_of, with_examples
from presswork.api.http.idempotent import Idempotent
from presswork.api.http.ids import AccountRef, BulkId, BulkRef, ContainerRef, PostRef, ProjectRef
from presswork.api.http.labels import MAX_LABELS, Label
from presswork.api.http.paging import NoNextPage
from presswork.api.http.responses import respond
from presswork.api.posts.schemas import MAX_REASON_CHARACTERS
from presswork.core.enums import Mode
from presswork.core.errors import Code, Invalid, Issue, IssueCode
from presswork.core.timestamps import Instant
from presswork.platforms.names import PlatformName
from presswork.posts.bulk import MAX_ITEMS, MAX_POSTS, BulkAction, BulkOrder, BulkReport, create_bulk, read_bulk
from presswork.posts.model import HORIZON, LiveStatus, Status, require_schedulable
from presswork.posts.search import SearchFilter

router: Final = APIRouter(tags=["Publishing"])
_MAX_SHIFT: Final = round(HORIZON.total_seconds())


class BulkFilter(In):
    """Which posts: the filters of the list of all projects."""

    project_id: ProjectRef | None = None
    status: list[Status] | None = Field(default=None, min_length=1)
    platform: list[PlatformName] | None = Field(default=None, min_length=1)
    mode: list[Mode] | None = Field(default=None, min_length=1)
    live_status: list[LiveStatus] | None = Field(default=None, min_length=1)
    social_account_id: AccountRef | None = None
    container_id: ContainerRef | None = None
    label: Annotated[list[Label] | None, Field(min_length=1, max_length=MAX_LABELS)] = None
    q: Text | None = Field(default=None, min_length=1, max_length=100)
    since: Instant | None = None
    until: Instant | None = None

    def to_domain(self) -> SearchFilter:
        """Return the domain's filter; what is due first comes first."""
        return SearchFilter(
            project_id=self.project_id,
            statuses=self.status,
            platforms=self.platform,
            modes=self.mode,
            live_statuses=self.live_status,
            account_id=self.social_account_id,
            container_id=self.container_id,
            labels=self.label,
            text=self.q,
            since=self.since,
            until=self.until,
            order="asc",
        )


class BulkRequest(In):
    """An action and the posts: `ids` or `filter`."""

    model_config = with_examples(
        {
            "action": "reschedule",
            "ids": ["sp_0191f3a2-7c1e-7b60-9d0a-3f6a2f1c8e55", "sp_0191f3a2-7c1e-7b60-9d0a-3f6a2f1c8e56"],
            "shiftSeconds": 3600,
        }
    )

    action: BulkAction
    ids: list[PostRef] | None = Field(default=None, min_length=1, max_length=MAX_POSTS)
    filter: BulkFilter | None = Field(
        default=None, description=f"The posts that match at the time of the call, also more than {MAX_POSTS}."
    )
    scheduled_for: Instant | None = Field(
        default=None, description="With `reschedule`: the new time of every post. Or send `shiftSeconds`."
    )
    shift_seconds: int | None = Field(
        default=None,
        strict=True,
        ge=-_MAX_SHIFT,
        le=_MAX_SHIFT,
        description="With `reschedule`: how much later each post goes out, or earlier if negative.",
    )
    reason: Text | None = Field(
        default=None,
        max_length=MAX_REASON_CHARACTERS,
        description="With `cancel` or `take_down`: shown in the timelines.",
    )

    def order(self, now: datetime) -> BulkOrder:
        """Return what is to be done. Raises Invalid for members that contradict each other, and a time out of bounds."""
        if issues := list(self._find_contradictions()):
            raise Invalid(issues)
        if self.scheduled_for is not None:
            require_schedulable(self.scheduled_for, now=now)
        shift = None if self.shift_seconds is None else timedelta(seconds=self.shift_seconds)
        return BulkOrder(action=self.action, scheduled_for=self.scheduled_for, shift=shift, reason=self.reason)

    def _find_contradictions(self) -> Iterator[Issue]:
        if (self.ids is None) == (self.filter is None):
            yield Issue.at("ids", "or `filter` is needed, and not both. Send one of them.", IssueCode.INVALID_VALUE)
        times = {"scheduledFor": self.scheduled_for, "shiftSeconds": self.shift_seconds}
        if self.action is BulkAction.RESCHEDULE and list(times.values()).count(None) != 1:
            problem = "or `shiftSeconds` is needed with `reschedule`, and not both. Send one of them."
            yield Issue.at("scheduledFor", problem, IssueCode.INVALID_VALUE)
        meant = {**times, "reason": self.reason}
        used = _USED[self.action]
        for name in [name for name, value in meant.items() if value is not None and name not in used]:
            problem = f"has no meaning with `{self.action}`. Omit it."
            yield Issue.at(name, problem, IssueCode.INVALID_VALUE)


_USED: Final = {
    BulkAction.CANCEL: ("reason",),
    BulkAction.RESCHEDULE: ("scheduledFor", "shiftSeconds"),
    BulkAction.PUBLISH_NOW: (),
    BulkAction.TAKE_DOWN: ("reason",),
}


class StartedBulk(Out):
    """A job that a worker does."""

    model_config = with_examples({"id": "blk_0191f3a2-7c1e-7b60-9d0a-3f6a2f1c8e59", "total": 2})

    id: BulkRef
    total: int = Field(description="The number of posts.")


class BulkError(Out):
    """Why an action was refused for a post: what the call for one post would have returned."""

    code: Code
    message: str
    details: dict[str, JsonValue]


class BulkItem(Out):
    """A post that was treated."""

    post_id: PostRef
    ok: bool
    error: BulkError | None


class Bulk(Out):
    """How far a job is."""

    model_config = with_examples(
        {
            "id": "blk_0191f3a2-7c1e-7b60-9d0a-3f6a2f1c8e59",
            "status": "done",
            "total": 2,
            "done": 2,
            "failed": 1,
            "items": [
                {
                    "postId": "sp_0191f3a2-7c1e-7b60-9d0a-3f6a2f1c8e56",
                    "ok": False,
                    "error": {
                        "code": "CONFLICT",
                        "message": "This post is published: only a queued post can be rescheduled. Publish or schedule the "
                        "content again.",
                        "details": {},
                    },
                },
                {"postId": "sp_0191f3a2-7c1e-7b60-9d0a-3f6a2f1c8e55", "ok": True, "error": None},
            ],
            "nextCursor": None,
        }
    )

    id: BulkRef
    status: Literal["running", "done"]
    total: int
    done: int = Field(description="Posts that were treated, with those that failed.")
    failed: int
    items: list[BulkItem] = Field(description=f"Posts that were treated, those that failed first; at most {MAX_ITEMS}.")
    next_cursor: NoNextPage = None

    @classmethod
    def of(cls, report: BulkReport) -> Self:
        """Build it from the domain object."""
        return cls(
            id=report.id,
            status="done" if report.is_done else "running",
            total=report.total,
            done=report.done,
            failed=report.failed,
            items=[
                BulkItem(
                    post_id=item.post_id,
                    ok=item.error is None,
                    error=None if item.error is None else BulkError.model_validate(item.error),
                )
                for item in report.items
            ],
        )


@router.post(
    "/v1/scheduled-posts/bulk",
    response_model=StartedBulk,
    status_code=202,
    response_description="A worker does it, post by post.",
    summary="Change many posts",
)
async def create_bulk_job(
    caller: PublishWrite, body: Annotated[BulkRequest, body_of(BulkRequest)], idempotent: Idempotent, now: Now
) -> Response:
    """Cancel, reschedule or publish many queued posts, or take down live ones: those of `ids`, or all that match `filter` at the
    time of the call.

    Each post is treated once, by the rules of the call for one post, and a refusal of one does not stop the others: read
    them with `GET /v1/bulk/{bulkId}`. For `take_down`, that a post is treated means that it was asked for; read the post's `liveStatus`. A post that you do not see is refused as `NOT_FOUND`.
    """
    order = body.order(now)
    posts = body.ids if body.filter is None else body.filter.to_domain()
    return await idempotent.run(
        lambda db: create_bulk(db, order, posts or (), caller=caller, now=now),
        lambda report: StartedBulk(id=report.id, total=report.total),
        status=202,
    )


@router.get("/v1/bulk/{bulkId}", response_model=Bulk, summary="Read a bulk job")
async def get_bulk_job(caller: PublishRead, bulk_id: BulkId, context: Ctx) -> Response:
    """Return how far a job is, and what became of its posts. It can be read for 30 days after its end."""
    return respond(Bulk.of(await read_bulk(context.pool, bulk_id, visible_to=caller)))
