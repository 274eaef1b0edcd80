"""Routes of publishing: publish, schedule, preflight, and reading, rescheduling and canceling posts."""

import json
from collections.abc import Sequence
from typing import Annotated, Final, Literal

from fastapi import APIRouter, Header, Query, Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from presswork.api.context import Ctx, Now, context_of, now_of
from presswork.api.http.auth import PublishRead, PublishWrite, RequireScope, caller_of
from presswork.api.http.body import ReadBody, body_of
from presswork.api.http.idempotent import Idempotent, ReadIdempotencyKey, idempotent_route
from presswork.api.http.ids import AccountRef, ContainerId, ContainerRef, PostId, ProjectId, read_container_id
from presswork.api.http.labels import LabelsOfPosts
from presswork.api.http.openapi import refusals
from presswork.api.http.paging import Page, Paging, Position
from presswork.api.http.responses import matches, reply_of, respond, respond_unless_known, response_of
from presswork.api.posts.post_schemas import ScheduledPost, Timeline
from presswork.api.posts.preflight_schemas import PreflightResult
from presswork.api.posts.schemas import (
    CanceledPost,
    CancelRequest,
    EditedPost,
    PostPatch,
    PreflightRequest,
    PublishRequest,
    PublishResult,
    RepublishedPost,
    RepublishRequest,
    RescheduledPost,
    RescheduleRequest,
    ScheduleRequest,
    ScheduleResult,
    reply_to_edit,
)
from presswork.callers.model import Scope as AuthScope
from presswork.core.errors import Code
from presswork.core.timestamps import Instant
from presswork.db.pool import Connection
from presswork.idempotency.stored_replies import Reply
from presswork.posts.cancel_with_provider import cancel_with_provider
from presswork.posts.edit_post import edit_post
from presswork.posts.model import PostState, Status
from presswork.posts.move_in_queue import move_to_queue
from presswork.posts.preflight import preflight
from presswork.posts.publish import publish
from presswork.posts.read import PostFilter, list_posts, read_post, read_timeline
from presswork.posts.republish import republish
from presswork.posts.schedule import reschedule_post, schedule
from presswork.posts.schedule_in_queue import schedule_in_queue
from presswork.posts.search import SearchFilter, list_labelled
from presswork.posts.verification import HEADER, read_verification
from presswork.projects.store import find_project

router: Final = APIRouter(tags=["Publishing"])
_PUBLISH: Final = "/v1/content/{containerId}/publish"
_require_publish_write: Final = RequireScope(AuthScope.PUBLISH_WRITE)
_read_publish_body: Final = ReadBody(PublishRequest)
_read_idempotency_key: Final = ReadIdempotencyKey()


@router.post(
    _PUBLISH,
    response_model=PublishResult,
    response_model_exclude_none=True,
    response_description="Queued and due now.",
    responses=refusals(
        Code.APPROVAL_REQUIRED,
        Code.PLAN_LIMIT,
        Code.CONFLICT,
        Code.CONFLICT_DUPLICATE_ID,
        Code.CONTENT_REJECTED,
        Code.SOCIAL_ACCOUNT_NOT_PUBLISH_READY,
        Code.UNAVAILABLE,
    ),
    summary="Publish now",
)
async def publish_content(
    caller: PublishWrite,
    container_id: ContainerId,
    body: Annotated[PublishRequest, body_of(PublishRequest)],
    idempotent: Idempotent,
    context: Ctx,
    now: Now,
    verify: Annotated[str | None, Header(alias=HEADER, include_in_schema=False)] = None,
) -> Response:
    """Publish a completed container to 1–50 accounts. Either every target is accepted, or none and nothing is written.

    A container that waits for approval is refused, and the call is not kept for later. A target that is known to fail is
    accepted with a warning, or refused with `strict`.
    """
    verification = read_verification(verify, caller)
    return await idempotent.call(
        lambda call: publish(
            call,
            context.platforms,
            container_id,
            body.domain_targets(),
            caller=caller,
            now=now,
            is_strict=body.strict,
            verification=verification,
        ),
        PublishResult.of,
        exclude_none=True,
    )


class _PublishDirectly:
    """Serve `publish_content` without FastAPI: the same dependencies, in the same order."""

    path: Final = _PUBLISH

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one call."""
        scope["route"] = self  # FastAPI does the same: the access log, the metrics and idempotency read its path
        request = Request(scope, receive, send)
        context = await context_of(request)
        now = await now_of(context)
        key = await _require_publish_write(request, await caller_of(request, context, now))
        container_id = await read_container_id(request.path_params["containerId"])
        body = await _read_publish_body(request)
        idempotency_key = await _read_idempotency_key(request)
        idempotent = await idempotent_route(request, key, idempotency_key, context, now)
        verify = request.headers.get(HEADER)
        response = await publish_content(key, container_id, body, idempotent, context, now, verify)
        await response(scope, receive, send)


HOT_ROUTES: Final[Sequence[tuple[str, ASGIApp]]] = [(_PUBLISH, _PublishDirectly())]
"""Served before FastAPI, which costs two fifths of the API's time for a publish call (docs/performance.md).

FastAPI has the same routes: it produces the OpenAPI document and the reply to other methods.
"""


@router.post(
    "/v1/content/{containerId}/schedule",
    response_model=ScheduleResult,
    response_model_exclude_none=True,
    response_description="Queued until they are due.",
    responses={
        202: {"model": ScheduleResult, "description": "Kept until the content is approved; no posts exist yet."},
        **refusals(
            Code.APPROVAL_REQUIRED,
            Code.PLAN_LIMIT,
            Code.CONFLICT,
            Code.CONFLICT_DUPLICATE_ID,
            Code.CONTENT_REJECTED,
            Code.SOCIAL_ACCOUNT_NOT_PUBLISH_READY,
            Code.UNAVAILABLE,
        ),
    },
    summary="Publish later",
)
async def schedule_content(
    caller: PublishWrite,
    container_id: ContainerId,
    body: Annotated[ScheduleRequest, body_of(ScheduleRequest)],
    idempotent: Idempotent,
    context: Ctx,
    now: Now,
) -> Response:
    """Publish a completed container to 1–50 accounts at a given time, or in a free slot of a queue. Either every target is accepted,
    or none.

    With `queue` instead of `scheduledFor`, the posts of the call share the next slot that is free for all of their accounts.

    If the container waits for approval, the call is checked and kept: approving creates its posts, rejecting drops it.
    A target that is known to fail is accepted with a warning, or refused with `strict`.
    """
    what = context.platforms, container_id, body.domain_targets()
    return await idempotent.call(
        lambda call: (
            schedule(call, *what, body.scheduled_for, caller=caller, now=now, is_strict=body.strict)
            if body.scheduled_for is not None
            else schedule_in_queue(call, *what, body.choice(), caller=caller, now=now, is_strict=body.strict)
        ),
        lambda created: reply_of(
            ScheduleResult.of(created), status=202 if created.is_waiting else 200, exclude_none=True
        ),
    )


@router.get(
    "/v1/scheduled-posts/{postId}",
    response_model=ScheduledPost,
    responses={304: {"description": "Unchanged since the response with that ETag."}},
    summary="Read a post",
)
async def get_scheduled_post(
    caller: PublishRead,
    post_id: PostId,
    context: Ctx,
    if_none_match: Annotated[
        str | None, Header(alias="If-None-Match", description="The ETag of an earlier response.")
    ] = None,
) -> Response:
    """Return a post with its status. Poll it with If-None-Match: an unchanged post returns an empty 304."""
    reply = Reply(200, (await read_post(context.pool, post_id, visible_to=caller)).encode())
    return respond_unless_known(reply, if_none_match)


@router.get("/v1/scheduled-posts/{postId}/timeline", response_model=Timeline, summary="Read a post's timeline")
async def get_scheduled_post_timeline(caller: PublishRead, post_id: PostId, context: Ctx) -> Response:
    """Return the timeline of a post, oldest entry first: a message for people and details for programs.

    `waiting` is why a post whose time has come is not out.
    """
    now = context.clock.database_now()
    lines, wait = await read_timeline(context.pool, post_id, visible_to=caller, now=now)
    return respond(Timeline.of(lines, wait))


@router.get(
    "/v1/projects/{projectId}/scheduled-posts", response_model=Page[ScheduledPost], summary="List a project's posts"
)
async def list_scheduled_posts(
    caller: PublishRead,
    project_id: ProjectId,
    page: Paging,
    context: Ctx,
    status: Annotated[
        list[Status] | None, Query(description="Only posts with this status; repeat it for several.")
    ] = None,
    social_account_id: Annotated[
        AccountRef | None, Query(alias="socialAccountId", description="Only posts to this account.")
    ] = None,
    container_id: Annotated[
        ContainerRef | None, Query(alias="containerId", description="Only posts of this container.")
    ] = None,
    label: LabelsOfPosts = None,
    since: Annotated[Instant | None, Query(description="First `scheduledFor`, inclusive.")] = None,
    until: Annotated[Instant | None, Query(description="Last `scheduledFor`, inclusive.")] = None,
    order: Annotated[Literal["asc", "desc"], Query(description="By `scheduledFor`.")] = "desc",
) -> Response:
    """Return posts by `scheduledFor`. Posts that are created between two pages do not shift the later pages.

    With `label`, a page reads at most 5,000 posts: it may have fewer items than `limit`, or none, before the end of the list.
    Continue while `nextCursor` is not null.
    """
    if label is not None:
        await find_project(context.pool, project_id, visible_to=caller)
        labelled = SearchFilter(
            project_id=project_id,
            statuses=status,
            account_id=social_account_id,
            container_id=container_id,
            labels=label,
            since=since,
            until=until,
            order=order,
        )
        page_found = await list_labelled(context.pool, labelled, after=page.after, limit=page.limit, visible_to=caller)
        documents, cursor = page_found.items, page.cursor_after(page_found)
        return response_of(
            Reply(200, f'{{"items":[{",".join(documents)}],"nextCursor":{json.dumps(cursor)}}}'.encode())
        )
    wanted = PostFilter(
        statuses=status,
        account_id=social_account_id,
        container_id=container_id,
        since=since,
        until=until,
        order=order,
    )
    found = await list_posts(
        context.pool,
        project_id,
        wanted,
        after=None if page.after is None else (page.after.at, page.after.id),
        limit=page.limit + 1,
        visible_to=caller,
    )
    kept, cursor = page.page_of(found, lambda post: Position(*post.position))
    items = ",".join(post.document for post in kept)
    return response_of(Reply(200, f'{{"items":[{items}],"nextCursor":{json.dumps(cursor)}}}'.encode()))


@router.patch(
    "/v1/scheduled-posts/{postId}",
    response_model=EditedPost,
    responses=refusals(
        Code.APPROVAL_REQUIRED,
        Code.CONFLICT,
        Code.CONTENT_REJECTED,
        Code.SOCIAL_ACCOUNT_NOT_PUBLISH_READY,
        Code.UNAVAILABLE,
    ),
    summary="Edit a queued post",
)
async def edit_scheduled_post(
    caller: PublishWrite,
    post_id: PostId,
    body: Annotated[PostPatch, body_of(PostPatch)],
    idempotent: Idempotent,
    context: Ctx,
    now: Now,
    if_match: Annotated[
        str | None,
        Header(alias="If-Match", description="The ETag of the post that was read. If it has another one: 409."),
    ] = None,
) -> Response:
    """Change the texts and options of this post alone. The checks are those of publishing.

    Only a `queued` post can be edited; otherwise 409 with `details.status`. If it was changed since `revision` or since the ETag in
    If-Match, 409 with `reason: stale_revision` and the current `revision`, and nothing is overwritten. A post that waits for the
    approval of its content waits with its new texts; if the content is approved with its texts, others are refused.
    """
    edit = body.edit(is_current=lambda document: matches(if_match, document.encode()))
    return await idempotent.run(
        lambda db: edit_post(db, context.platforms, post_id, edit, visible_to=caller, now=now), reply_to_edit
    )


@router.post(
    "/v1/scheduled-posts/{postId}/reschedule",
    response_model=RescheduledPost,
    responses=refusals(Code.CONFLICT),
    summary="Reschedule a queued post",
)
async def reschedule_scheduled_post(
    caller: PublishWrite,
    post_id: PostId,
    body: Annotated[RescheduleRequest, body_of(RescheduleRequest)],
    idempotent: Idempotent,
    now: Now,
) -> Response:
    """Change the time of a queued post, or move it into a slot of a queue. A time up to 30 seconds in the past makes it due now.

    With `queue` instead of `scheduledFor`, the post takes the next free slot, or that of `slotAt`; if another post of the account has it,
    409 with `details.takenBy`. With `together`, the posts of one call move at once: all of them, or none.
    """

    async def move(db: Connection) -> Sequence[PostState]:
        if body.scheduled_for is not None:
            return [await reschedule_post(db, post_id, body.scheduled_for, visible_to=caller, now=now)]
        return await move_to_queue(
            db,
            post_id,
            body.choice(),
            slot_at=body.slot_at,
            is_together=body.together,
            visible_to=caller,
            now=now,
        )

    return await idempotent.run(move, lambda states: RescheduledPost.of(*states))


@router.post(
    "/v1/scheduled-posts/{postId}/republish",
    response_model=RepublishedPost,
    status_code=201,
    response_description="A new post, queued and due now.",
    responses=refusals(
        Code.APPROVAL_REQUIRED,
        Code.PLAN_LIMIT,
        Code.CONFLICT,
        Code.CONTENT_REJECTED,
        Code.SOCIAL_ACCOUNT_NOT_PUBLISH_READY,
        Code.UNAVAILABLE,
    ),
    summary="Publish a failed or canceled post again",
)
async def republish_scheduled_post(
    caller: PublishWrite,
    post_id: PostId,
    body: Annotated[RepublishRequest, body_of(RepublishRequest, is_optional=True)],
    idempotent: Idempotent,
    context: Ctx,
    now: Now,
) -> Response:
    """Create a new post with the account, mode, options and texts of a post that failed or was canceled, due now.

    The checks are those of publishing. Of all posts that were published again from one another, at most one is open or
    delivered: a second call returns 409 with `reason: already_republished` and the id of that post. A post whose platform did
    not say whether it is live needs `confirmNotLive`, otherwise 409 with `reason: outcome_unknown`.
    """
    return await idempotent.call(
        lambda call: republish(
            call, context.platforms, post_id, confirm_not_live=body.confirm_not_live, caller=caller, now=now
        ),
        RepublishedPost.of,
        status=201,
    )


@router.delete(
    "/v1/scheduled-posts/{postId}",
    response_model=CanceledPost,
    responses=refusals(Code.CONFLICT),
    summary="Cancel a post",
)
async def cancel_scheduled_post(
    caller: PublishWrite,
    post_id: PostId,
    body: Annotated[CancelRequest, body_of(CancelRequest, is_optional=True)],
    idempotent: Idempotent,
    context: Ctx,
    now: Now,
) -> Response:
    """Cancel a post before the call that makes it live. A post in a final state, or one that may be live, returns 409.

    A managed post that its provider already has is canceled only if the provider confirms it. After a 200 response, the
    post never goes live.
    """
    return await idempotent.call(
        lambda call: cancel_with_provider(
            call, context.keyring, context.platforms, post_id, visible_to=caller, reason=body.reason, now=now
        ),
        CanceledPost.of,
    )


@router.post("/v1/content/{containerId}/preflight", response_model=PreflightResult, summary="Check without publishing")
async def preflight_content(
    caller: PublishRead,
    container_id: ContainerId,
    body: Annotated[PreflightRequest, body_of(PreflightRequest)],
    context: Ctx,
    now: Now,
) -> Response:
    """Check every target against the rules of publishing and the limits of its platform. Writes nothing.

    With `queue`, the call is checked as one that takes a slot, and `scheduledFor` is when its posts would be due. The check includes what each platform allows the account now; a platform that does not reply results in a warning.
    """
    verdict = await preflight(
        context.pool,
        context.keyring,
        context.platforms,
        container_id,
        body.domain_targets(),
        choice=None if body.queue is None else body.choice(),
        caller=caller,
        now=now,
    )
    return respond(PreflightResult.of(verdict))
