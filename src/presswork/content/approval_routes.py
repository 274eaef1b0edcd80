"""Routes of approval: which content waits for a person, and what the person decides."""

from typing import Annotated, Final

from fastapi import APIRouter, Request
from starlette.responses import Response

from presswork.api.auth import ContentApprove, ContentRead
from presswork.api.body import Parsed, body_of
from presswork.api.context import Ctx, Now
from presswork.api.ids import ContainerId, ProjectId
from presswork.api.openapi import refusals
from presswork.api.responses import Reply
from presswork.content.approval_schemas import (
    ApprovedContent,
    ApproveRequest,
    ContentReviewPolicy,
    RejectedContent,
    RejectRequest,
    ReviewPolicyRequest,
)
from presswork.content.approve import approve, reject
from presswork.content.store import count_pending
from presswork.core.errors import Code
from presswork.core.ids import CONTAINER, PROJECT, public_id
from presswork.db.pool import Connection
from presswork.idempotency.stored_replies import IdempotencyKey, IdempotentRequest, run_idempotent
from presswork.orgs.projects import find_project, set_review_policy

router: Final = APIRouter(tags=["Approval"])


@router.post(
    "/v1/content/{containerId}/approve",
    response_model=ApprovedContent,
    response_model_exclude_none=True,
    responses=refusals(Code.CONFLICT),
    summary="Approve content",
)
async def approve_content(
    request: Request,
    key: ContentApprove,
    container_id: ContainerId,
    body: Annotated[Parsed[ApproveRequest], body_of(ApproveRequest, is_optional=True)],
    idempotency_key: IdempotencyKey,
    context: Ctx,
    now: Now,
) -> Response:
    """Let content that waits go out. Schedule calls that waited for it become posts with the same breath.

    Each of those calls is checked again as if it came now. One that fails is dropped and told under
    `pendingSchedulePromotion`; the approval stands. What has fallen due meanwhile goes out at once.
    """

    async def work(connection: Connection) -> Reply:
        approval = await approve(connection, context.platforms, container_id, body.value.note, caller=key, now=now)
        return Reply.of(ApprovedContent.of(approval), exclude_none=True)

    path = f"/v1/content/{public_id(CONTAINER, container_id)}/approve"
    once = IdempotentRequest.of(request, key.key_id, idempotency_key, body.fingerprint(path), now=now)
    reply = await run_idempotent(context.pool, once, work)
    return reply.response()


@router.post(
    "/v1/content/{containerId}/reject",
    response_model=RejectedContent,
    responses=refusals(Code.CONFLICT),
    summary="Reject content",
)
async def reject_content(
    request: Request,
    key: ContentApprove,
    container_id: ContainerId,
    body: Annotated[Parsed[RejectRequest], body_of(RejectRequest)],
    idempotency_key: IdempotencyKey,
    context: Ctx,
    now: Now,
) -> Response:
    """Keep content that waits from ever going out. Schedule calls that waited for it are dropped."""

    async def work(connection: Connection) -> Reply:
        return Reply.of(
            RejectedContent.of(await reject(connection, container_id, body.value.reason, caller=key, now=now))
        )

    path = f"/v1/content/{public_id(CONTAINER, container_id)}/reject"
    once = IdempotentRequest.of(request, key.key_id, idempotency_key, body.fingerprint(path), now=now)
    reply = await run_idempotent(context.pool, once, work)
    return reply.response()


@router.get(
    "/v1/projects/{projectId}/content-review-policy",
    response_model=ContentReviewPolicy,
    response_model_exclude_none=True,
    summary="Read the content review policy",
)
async def get_content_review_policy(key: ContentRead, project_id: ProjectId, context: Ctx) -> Response:
    """Tell which new content of the project waits for approval, and how much waits now."""
    async with context.pool.acquire() as connection:
        project = await find_project(connection, project_id, visible_to=key)
        pending = await count_pending(connection, project.id)
    return Reply.of(ContentReviewPolicy.of(project, pending_count=pending), exclude_none=True).response()


@router.patch(
    "/v1/projects/{projectId}/content-review-policy",
    response_model=ContentReviewPolicy,
    response_model_exclude_none=True,
    responses=refusals(Code.CONFLICT),
    summary="Set the content review policy",
)
async def update_content_review_policy(
    request: Request,
    key: ContentApprove,
    project_id: ProjectId,
    body: Annotated[Parsed[ReviewPolicyRequest], body_of(ReviewPolicyRequest)],
    idempotency_key: IdempotencyKey,
    context: Ctx,
    now: Now,
) -> Response:
    """Say which new content waits for approval. Content that exists stays as it is."""
    wanted = body.value

    async def work(connection: Connection) -> Reply:
        project = await set_review_policy(
            connection, project_id, wanted.policy, first_n=wanted.first_n, visible_to=key, now=now
        )
        pending = await count_pending(connection, project.id)
        return Reply.of(ContentReviewPolicy.of(project, pending_count=pending), exclude_none=True)

    path = f"/v1/projects/{public_id(PROJECT, project_id)}/content-review-policy"
    once = IdempotentRequest.of(request, key.key_id, idempotency_key, body.fingerprint(path), now=now)
    return (await run_idempotent(context.pool, once, work)).response()
