"""Routes of comments on live posts: read them, decide about them, answer them."""

from collections.abc import Callable
from functools import partial
from typing import Annotated, Final

from fastapi import APIRouter, Query
from starlette.responses import Response

from presswork.api.comments.schemas import (
    Assignees,
    Comment,
    CommentPatch,
    CommentSummary,
    DeletedComment,
    NewSavedReply,
    ReplyRequest,
    ReplyResult,
    SavedReply,
    SavedReplyPatch,
)
from presswork.api.context import Context, Ctx, Now
from presswork.api.http.auth import CommentsRead, CommentsWrite
from presswork.api.http.body import body_of
from presswork.api.http.idempotent import Idempotent
from presswork.api.http.ids import AccountRef, CommentId, PostId, PostRef, ProjectId, ProjectRef, SavedReplyId, UserRef
from presswork.api.http.openapi import refusals
from presswork.api.http.paging import Page, Paging, Position
from presswork.api.http.responses import respond
from presswork.comments import decide, model, saved_replies
from presswork.comments.ask import ask_call, ask_reply
from presswork.comments.find import (
    CommentFilter,
    count_comments,
    find_comment,
    list_comments_of_post,
    post_exists,
    search_comments,
)
from presswork.comments.model import CallKind, CommentStatus
from presswork.core.errors import Code
from presswork.core.timestamps import Instant
from presswork.media.links import MediaLinks
from presswork.platforms.names import PlatformName
from presswork.posts.model import PostNotFound

router: Final = APIRouter(tags=["Comments"])

_REFUSALS: Final = (Code.CONFLICT, Code.SOCIAL_ACCOUNT_NOT_PUBLISH_READY)
_Project = Annotated[ProjectRef | None, Query(alias="projectId", description="Only comments of this project.")]
_Account = Annotated[
    AccountRef | None, Query(alias="socialAccountId", description="Only comments on posts of this account.")
]
_Assignee = Annotated[
    UserRef | None, Query(alias="assigneeId", description="Only comments that this person is to answer.")
]
_Platforms = Annotated[
    list[PlatformName] | None, Query(description="Only comments on this platform; repeat it for several.")
]


@router.get("/v1/comments", response_model=Page[Comment], summary="List comments")
async def list_comments(
    caller: CommentsRead,
    page: Paging,
    context: Ctx,
    now: Now,
    project_id: _Project = None,
    social_account_id: _Account = None,
    scheduled_post_id: Annotated[
        PostRef | None, Query(alias="scheduledPostId", description="Only comments on this post.")
    ] = None,
    status: Annotated[
        list[CommentStatus] | None, Query(description="Only comments with this status; repeat it for several.")
    ] = None,
    assignee_id: _Assignee = None,
    platform: _Platforms = None,
    own: Annotated[
        bool | None,
        Query(description="Only comments of the accounts themselves (true), or only those of others (false)."),
    ] = None,
    since: Annotated[Instant | None, Query(description="First `createdAt`, inclusive.")] = None,
) -> Response:
    """Return comments that are not deleted, the newest first, each with its post.

    With filters that no index knows, a page reads at most 5,000 comments: it may have fewer items than `limit`, or none, before the
    end of the list. Continue while `nextCursor` is not null.
    """
    wanted = CommentFilter(
        project_id=project_id,
        account_id=social_account_id,
        post_id=scheduled_post_id,
        assignee_id=assignee_id,
        platforms=platform,
        statuses=status,
        is_own=own,
        since=since,
    )
    found = await search_comments(context.pool, wanted, after=page.after, limit=page.limit, visible_to=caller)
    return respond(page.of_found(Page[Comment], found, _shape(context, now)))


@router.get("/v1/comments/summary", response_model=CommentSummary, summary="Count comments")
async def summarize_comments(
    caller: CommentsRead,
    context: Ctx,
    project_id: _Project = None,
    social_account_id: _Account = None,
    assignee_id: _Assignee = None,
    platform: _Platforms = None,
) -> Response:
    """Return how many comments of others have each status; comments of the accounts themselves are not counted."""
    wanted = CommentFilter(
        project_id=project_id, account_id=social_account_id, assignee_id=assignee_id, platforms=platform
    )
    return respond(CommentSummary.of(await count_comments(context.pool, wanted, visible_to=caller)))


@router.get(
    "/v1/comments/assignees",
    response_model=Assignees,
    responses=refusals(Code.NOT_FOUND),
    summary="List who can answer",
)
async def list_comment_assignees(
    caller: CommentsRead,
    context: Ctx,
    project_id: Annotated[ProjectRef, Query(alias="projectId", description="The project of the comments.")],
) -> Response:
    """Return the people to whom comments of a project can be assigned: those who see it, by name."""
    return respond(Assignees.of(await decide.list_assignees(context.pool, project_id, visible_to=caller)))


@router.get("/v1/comments/{commentId}", response_model=Comment, summary="Read a comment")
async def get_comment(caller: CommentsRead, comment_id: CommentId, context: Ctx, now: Now) -> Response:
    """Return one comment, also one that was deleted, or a reply that is on its way."""
    return respond(_shape(context, now)(await find_comment(context.pool, comment_id, visible_to=caller)))


@router.patch("/v1/comments/{commentId}", response_model=Comment, summary="Change a comment")
async def update_comment(
    caller: CommentsWrite,
    comment_id: CommentId,
    body: Annotated[CommentPatch, body_of(CommentPatch)],
    idempotent: Idempotent,
    context: Ctx,
    now: Now,
) -> Response:
    """Set the status, who is to answer, or the note. Nothing of it leaves Presswork."""
    changes: decide.CommentChanges = body.sent()
    return await idempotent.run(
        lambda db: decide.update_comment(db, comment_id, changes, visible_to=caller, now=now), _shape(context, now)
    )


@router.post(
    "/v1/comments/{commentId}/reply",
    response_model=ReplyResult,
    status_code=201,
    responses=refusals(*_REFUSALS),
    summary="Reply to a comment",
)
async def reply_to_comment(
    caller: CommentsWrite,
    comment_id: CommentId,
    body: Annotated[ReplyRequest, body_of(ReplyRequest)],
    idempotent: Idempotent,
    context: Ctx,
    now: Now,
) -> Response:
    """Answer a comment as the account. A worker writes the reply, at most once; the comment is `done` then.

    Follow the reply with `GET /v1/comments/{commentId}` and the returned id: `replyStatus` becomes `posted`, `failed`, or
    `outcome_unknown` if the platform does not show whether it has the reply. Where the platform can't: 422 with
    `reason: reply_not_supported`.
    """
    return await idempotent.run(
        lambda db: ask_reply(db, context.platforms, comment_id, body.text, visible_to=caller, now=now),
        ReplyResult.of,
        status=201,
    )


@router.post(
    "/v1/comments/{commentId}/hide",
    response_model=Comment,
    responses=refusals(*_REFUSALS),
    summary="Hide a comment",
)
async def hide_comment(
    caller: CommentsWrite, comment_id: CommentId, idempotent: Idempotent, context: Ctx, now: Now
) -> Response:
    """Hide a comment from others. The comment shows it at once, and `error` if it has failed.

    Where the platform can't: 422 with `reason: hide_not_supported`. Repeating the call has no effect.
    """
    return await idempotent.run(
        lambda db: ask_call(
            db, context.platforms, comment_id, CallKind.HIDE, is_wanted=True, visible_to=caller, now=now
        ),
        _shape(context, now),
    )


@router.post(
    "/v1/comments/{commentId}/unhide",
    response_model=Comment,
    responses=refusals(*_REFUSALS),
    summary="Show a comment again",
)
async def unhide_comment(
    caller: CommentsWrite, comment_id: CommentId, idempotent: Idempotent, context: Ctx, now: Now
) -> Response:
    """Take back what `hide` did."""
    return await idempotent.run(
        lambda db: ask_call(
            db, context.platforms, comment_id, CallKind.HIDE, is_wanted=False, visible_to=caller, now=now
        ),
        _shape(context, now),
    )


@router.post(
    "/v1/comments/{commentId}/like",
    response_model=Comment,
    responses=refusals(*_REFUSALS),
    summary="Like a comment",
)
async def like_comment(
    caller: CommentsWrite, comment_id: CommentId, idempotent: Idempotent, context: Ctx, now: Now
) -> Response:
    """Like a comment as the account. The comment shows it at once, and `error` if it has failed.

    Where the platform can't: 422 with `reason: like_not_supported`. Repeating the call has no effect.
    """
    return await idempotent.run(
        lambda db: ask_call(
            db, context.platforms, comment_id, CallKind.LIKE, is_wanted=True, visible_to=caller, now=now
        ),
        _shape(context, now),
    )


@router.post(
    "/v1/comments/{commentId}/unlike",
    response_model=Comment,
    responses=refusals(*_REFUSALS),
    summary="Take a like back",
)
async def unlike_comment(
    caller: CommentsWrite, comment_id: CommentId, idempotent: Idempotent, context: Ctx, now: Now
) -> Response:
    """Take back what `like` did."""
    return await idempotent.run(
        lambda db: ask_call(
            db, context.platforms, comment_id, CallKind.LIKE, is_wanted=False, visible_to=caller, now=now
        ),
        _shape(context, now),
    )


@router.delete(
    "/v1/comments/{commentId}",
    response_model=DeletedComment,
    responses=refusals(*_REFUSALS),
    summary="Delete a comment",
)
async def delete_comment(
    caller: CommentsWrite, comment_id: CommentId, idempotent: Idempotent, context: Ctx, now: Now
) -> Response:
    """Delete a comment on its platform. It leaves the lists at once, and is back with an `error` if the platform refuses.

    Where the platform can't: 422 with `reason: delete_not_supported`. Repeating the call has no effect.
    """
    return await idempotent.run(
        lambda db: ask_call(
            db, context.platforms, comment_id, CallKind.DELETE, is_wanted=True, visible_to=caller, now=now
        ),
        lambda comment: DeletedComment(id=comment.id, deleted_at=comment.deleted_at or now),
    )


@router.get(
    "/v1/scheduled-posts/{postId}/comments",
    response_model=Page[Comment],
    summary="List the comments of a post",
)
async def list_scheduled_post_comments(
    caller: CommentsRead, post_id: PostId, page: Paging, context: Ctx, now: Now
) -> Response:
    """Return the comments of a post and the replies to them, threads together, the oldest thread first."""
    if not await post_exists(context.pool, post_id, visible_to=caller):
        raise PostNotFound
    after = None if page.after is None else page.after.id
    rows = await list_comments_of_post(context.pool, post_id, visible_to=caller, after=after, limit=page.limit + 1)
    return respond(page.of(Page[Comment], rows, _shape(context, now), lambda row: Position(row.created_at, row.id)))


@router.post(
    "/v1/projects/{projectId}/saved-replies",
    response_model=SavedReply,
    status_code=201,
    responses=refusals(Code.CONFLICT),
    summary="Create a saved reply",
)
async def create_saved_reply(
    caller: CommentsWrite,
    project_id: ProjectId,
    body: Annotated[NewSavedReply, body_of(NewSavedReply)],
    idempotent: Idempotent,
    now: Now,
) -> Response:
    """Store a text for replies, shared with everyone who sees the project. A project can have 500."""
    return await idempotent.run(
        lambda db: saved_replies.create_saved_reply(db, project_id, body.name, body.text, owner=caller, now=now),
        SavedReply.of,
        status=201,
    )


@router.get("/v1/projects/{projectId}/saved-replies", response_model=Page[SavedReply], summary="List saved replies")
async def list_saved_replies(caller: CommentsRead, project_id: ProjectId, page: Paging, context: Ctx) -> Response:
    """Return the saved replies of a project, the oldest first."""
    rows = await saved_replies.list_saved_replies(
        context.pool, project_id, visible_to=caller, after=page.after, limit=page.limit + 1
    )
    return respond(page.of(Page[SavedReply], rows, SavedReply.of))


@router.patch(
    "/v1/projects/{projectId}/saved-replies/{savedReplyId}",
    response_model=SavedReply,
    summary="Change a saved reply",
)
async def update_saved_reply(
    caller: CommentsWrite,
    project_id: ProjectId,
    saved_reply_id: SavedReplyId,
    body: Annotated[SavedReplyPatch, body_of(SavedReplyPatch)],
    idempotent: Idempotent,
    now: Now,
) -> Response:
    """Change the name or the text. Replies that were written with it stay as they are."""
    return await idempotent.run(
        lambda db: saved_replies.update_saved_reply(
            db, project_id, saved_reply_id, name=body.name, text=body.text, owner=caller, now=now
        ),
        SavedReply.of,
    )


@router.delete(
    "/v1/projects/{projectId}/saved-replies/{savedReplyId}",
    response_model=SavedReply,
    summary="Delete a saved reply",
)
async def delete_saved_reply(
    caller: CommentsWrite, project_id: ProjectId, saved_reply_id: SavedReplyId, idempotent: Idempotent, now: Now
) -> Response:
    """Delete a saved reply and return it."""
    return await idempotent.run(
        lambda db: saved_replies.delete_saved_reply(db, project_id, saved_reply_id, owner=caller, now=now),
        SavedReply.of,
    )


def _shape(context: Context, now: Instant) -> Callable[[model.Comment], Comment]:
    """Return the function that makes the response of a comment: with a signed URL of the post's picture, and its actions."""
    return partial(
        Comment.of,
        platforms=context.platforms.described(),
        thumbnail_url=partial(context.part(MediaLinks).preview_url, now=now),
    )
