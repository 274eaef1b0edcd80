"""Routes of the discussion of content: comments of its team and its reviewers."""

from typing import Annotated, Final

from fastapi import APIRouter, Query
from starlette.responses import Response

from presswork.api.context import Ctx, Now
from presswork.api.discussion.schemas import ContentComment, ContentCommentPatch, NewContentComment
from presswork.api.http.auth import ContentDiscuss, ContentRead
from presswork.api.http.body import body_of
from presswork.api.http.idempotent import Idempotent
from presswork.api.http.ids import ContainerId, ContentCommentId
from presswork.api.http.openapi import refusals
from presswork.api.http.paging import Page, Paging
from presswork.api.http.responses import respond
from presswork.content.discussion import Visibility, add_comment, delete_comment, list_comments, resolve_comment
from presswork.core.errors import Code

router: Final = APIRouter(tags=["Approval"])


@router.post(
    "/v1/content/{containerId}/comments",
    response_model=ContentComment,
    status_code=201,
    responses=refusals(Code.CONFLICT),
    summary="Comment on content",
)
async def create_content_comment(
    caller: ContentDiscuss,
    container_id: ContainerId,
    body: Annotated[NewContentComment, body_of(NewContentComment)],
    idempotent: Idempotent,
    now: Now,
) -> Response:
    """Write about content: for the team, or for the people at its review links too. It has no effect on the approval."""
    return await idempotent.run(
        lambda db: add_comment(
            db,
            container_id,
            body.text,
            body.visibility,
            anchor=None if body.anchor is None else body.anchor.anchor(),
            mentions=body.mentions,
            author=caller,
            now=now,
        ),
        ContentComment.of,
        status=201,
    )


@router.get(
    "/v1/content/{containerId}/comments", response_model=Page[ContentComment], summary="List comments on content"
)
async def list_content_comments(
    caller: ContentRead,
    container_id: ContainerId,
    page: Paging,
    context: Ctx,
    visibility: Annotated[Visibility | None, Query(description="Only comments that these people see.")] = None,
) -> Response:
    """Return the comments on content, oldest first."""
    rows = await list_comments(
        context.pool, container_id, visibility, visible_to=caller, after=page.after, limit=page.limit + 1
    )
    return respond(page.of(Page[ContentComment], rows, ContentComment.of))


@router.patch(
    "/v1/content/{containerId}/comments/{contentCommentId}",
    response_model=ContentComment,
    summary="Resolve a comment on content",
)
async def update_content_comment(
    caller: ContentDiscuss,
    container_id: ContainerId,
    comment_id: ContentCommentId,
    body: Annotated[ContentCommentPatch, body_of(ContentCommentPatch)],
    idempotent: Idempotent,
    now: Now,
) -> Response:
    """Mark a comment as resolved, or as open again."""
    return await idempotent.run(
        lambda db: resolve_comment(db, container_id, comment_id, is_resolved=body.resolved, caller=caller, now=now),
        ContentComment.of,
    )


@router.delete(
    "/v1/content/{containerId}/comments/{contentCommentId}",
    response_model=ContentComment,
    summary="Delete a comment on content",
)
async def delete_content_comment(
    caller: ContentDiscuss, container_id: ContainerId, comment_id: ContentCommentId, idempotent: Idempotent, now: Now
) -> Response:
    """Delete a comment that the caller wrote, and return it. To delete one of others needs `org:admin`."""
    return await idempotent.run(
        lambda db: delete_comment(db, container_id, comment_id, caller=caller, now=now), ContentComment.of
    )
