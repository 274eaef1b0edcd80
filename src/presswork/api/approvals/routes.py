"""Routes of approval: decisions on content, and the review policy of a project."""

from typing import Annotated, Final

from fastapi import APIRouter
from starlette.responses import Response

from presswork.api.approvals.schemas import (
    ApprovedContent,
    ApproveRequest,
    ChangesRequest,
    ChangesRequested,
    ContentReview,
    ContentReviewPolicy,
    RejectedContent,
    RejectRequest,
    ReviewPolicyRequest,
)
from presswork.api.context import Ctx, Now
from presswork.api.http.auth import ContentApprove, ContentRead
from presswork.api.http.body import body_of
from presswork.api.http.idempotent import Idempotent
from presswork.api.http.ids import ContainerId, ProjectId
from presswork.api.http.openapi import refusals
from presswork.api.http.responses import respond
from presswork.content.approve import approve, reject, request_changes
from presswork.content.review_policy import change_review_policy, read_review, read_review_policy
from presswork.core.errors import Code

router: Final = APIRouter(tags=["Approval"])


@router.post(
    "/v1/content/{containerId}/approve",
    response_model=ApprovedContent,
    response_model_exclude_none=True,
    responses=refusals(Code.CONFLICT),
    summary="Approve content",
)
async def approve_content(
    caller: ContentApprove,
    container_id: ContainerId,
    body: Annotated[ApproveRequest, body_of(ApproveRequest, is_optional=True)],
    idempotent: Idempotent,
    context: Ctx,
    now: Now,
) -> Response:
    """Approve pending content. The schedule calls that waited for it become posts in the same transaction.

    Each of those calls is checked again like a new call. A call that fails is dropped and reported under
    `pendingSchedulePromotion`; the content is approved anyway. A post whose time has passed is due now.

    Content whose policy has steps is approved with the last approval of the last step; until then the response has
    `approvalStatus: "pending"` and `currentStep`. A step that others decide returns 403 `FORBIDDEN_SCOPE` with `reason:
    "not_your_step"`, a second approval by the same caller 409 `CONFLICT` with `reason: "already_approved"`.
    """
    return await idempotent.run(
        lambda db: approve(
            db, context.platforms, container_id, body.note, revision=body.revision, caller=caller, now=now
        ),
        ApprovedContent.of,
        exclude_none=True,
    )


@router.post(
    "/v1/content/{containerId}/reject",
    response_model=RejectedContent,
    responses=refusals(Code.CONFLICT),
    summary="Reject content",
)
async def reject_content(
    caller: ContentApprove,
    container_id: ContainerId,
    body: Annotated[RejectRequest, body_of(RejectRequest)],
    idempotent: Idempotent,
    now: Now,
) -> Response:
    """Reject pending content for good. The schedule calls that waited for it are dropped."""
    return await idempotent.run(
        lambda db: reject(db, container_id, body.reason, revision=body.revision, caller=caller, now=now),
        RejectedContent.of,
    )


@router.post(
    "/v1/content/{containerId}/request-changes",
    response_model=ChangesRequested,
    responses=refusals(Code.CONFLICT),
    summary="Request changes to content",
)
async def request_content_changes(
    caller: ContentApprove,
    container_id: ContainerId,
    body: Annotated[ChangesRequest, body_of(ChangesRequest)],
    idempotent: Idempotent,
    now: Now,
) -> Response:
    """Ask for changes to pending content. It stays pending: edit it, then it can be approved or rejected."""
    return await idempotent.run(
        lambda db: request_changes(db, container_id, body.note, revision=body.revision, caller=caller, now=now),
        ChangesRequested.of,
    )


@router.get("/v1/content/{containerId}/review", response_model=ContentReview, summary="Read the review history")
async def get_content_review(caller: ContentRead, container_id: ContainerId, context: Ctx) -> Response:
    """Return the decisions on content, oldest first, and which texts were edited since the last one."""
    return respond(ContentReview.of(await read_review(context.pool, container_id, visible_to=caller)))


@router.get(
    "/v1/projects/{projectId}/content-review-policy",
    response_model=ContentReviewPolicy,
    response_model_exclude_none=True,
    summary="Read the content review policy",
)
async def get_content_review_policy(caller: ContentRead, project_id: ProjectId, context: Ctx) -> Response:
    """Return which new content of the project needs approval, and how many containers wait now."""
    return respond(
        ContentReviewPolicy.of(*await read_review_policy(context.pool, project_id, visible_to=caller)),
        exclude_none=True,
    )


@router.patch(
    "/v1/projects/{projectId}/content-review-policy",
    response_model=ContentReviewPolicy,
    response_model_exclude_none=True,
    responses=refusals(Code.CONFLICT),
    summary="Set the content review policy",
)
async def update_content_review_policy(
    caller: ContentApprove,
    project_id: ProjectId,
    body: Annotated[ReviewPolicyRequest, body_of(ReviewPolicyRequest)],
    idempotent: Idempotent,
    now: Now,
) -> Response:
    """Set which new content needs approval, in which steps, and what an approval covers. Existing content does not change."""
    return await idempotent.run(
        lambda db: change_review_policy(db, project_id, body.changes(), visible_to=caller, now=now),
        lambda changed: ContentReviewPolicy.of(*changed),
        exclude_none=True,
    )
