"""Comments on live posts: their states, and the errors about them. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, Self
from uuid import UUID

import asyncpg

from presswork.accounts.model import AccountStatus
from presswork.core.enums import Environment, MediaType, Mode
from presswork.core.errors import Code, Conflict, NotFound, PressworkError
from presswork.core.ids import COMMENT, POST, public_id
from presswork.platforms.live_support import CommentAction
from presswork.platforms.names import LoginName, PlatformName
from presswork.posts.model import LiveStatus

TRIED_FOR: Final = timedelta(days=1)
"""How long a worker tries to write a reply, or to hide, like or delete a comment."""
BACKLOG_AGE: Final = timedelta(days=7)
"""Comments older than this when a post is read for the first time are no news: they are stored as done, without an event."""
MAX_TEXT: Final = 10_000
"""Characters of a reply that the API accepts for any platform."""
MAX_NOTE: Final = 2_000
"""Characters of a note."""


class CommentStatus(StrEnum):
    """What people have decided about a comment. Presswork's own comments are done."""

    NEW = "new"
    OPEN = "open"
    DONE = "done"


class ReplyStatus(StrEnum):
    """What became of a reply."""

    QUEUED = "queued"
    POSTED = "posted"
    FAILED = "failed"
    OUTCOME_UNKNOWN = "outcome_unknown"  # its platform did not show whether it has it


class CallKind(StrEnum):
    """What a worker does about a comment. Of a reply, the comment is the reply itself."""

    REPLY = "reply"
    HIDE = "hide"
    LIKE = "like"
    DELETE = "delete"


@dataclass(frozen=True, slots=True, kw_only=True)
class CommentedPost:
    """The post that a comment is on, as far as the list of comments shows it."""

    id: UUID
    caption: str
    """Its first characters."""
    media_type: MediaType
    external_url: str | None
    published_at: datetime | None
    thumbnail_key: str | None
    """Of the preview in the media store."""
    mode: Mode
    live_status: LiveStatus | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Comment:
    """A comment on a live post, or a reply of Presswork that is on its way."""

    id: UUID
    project_id: UUID
    environment: Environment
    account_id: UUID
    platform: PlatformName
    external_id: str | None
    parent_id: UUID | None
    author: str | None
    text: str | None
    """None where it was erased, as some platforms require."""
    is_own: bool
    is_hidden: bool
    is_liked: bool
    offered: frozenset[CommentAction]
    status: CommentStatus
    assignee_id: UUID | None
    note: str | None
    reply_status: ReplyStatus | None
    error: str | None
    created_at: datetime
    seen_at: datetime
    deleted_at: datetime | None
    post: CommentedPost
    handle: str
    """Of the account."""
    login: LoginName
    account_status: AccountStatus
    scopes: frozenset[str]

    @classmethod
    def of(cls, row: asyncpg.Record) -> Self:
        """Parse a row of the statements that select a comment."""
        known = {action.value for action in CommentAction}
        return cls(
            id=row["id"],
            project_id=row["project_id"],
            environment=Environment(row["environment"]),
            account_id=row["social_account_id"],
            platform=PlatformName(row["platform"]),
            external_id=row["external_id"],
            parent_id=row["parent_id"],
            author=row["author"],
            text=row["text"],
            is_own=row["is_own"],
            is_hidden=row["is_hidden"],
            is_liked=row["is_liked"],
            offered=frozenset(CommentAction(name) for name in row["offered"] if name in known),
            status=CommentStatus(row["status"]),
            assignee_id=row["assignee_id"],
            note=row["note"],
            reply_status=None if row["reply_status"] is None else ReplyStatus(row["reply_status"]),
            error=row["error"],
            created_at=row["created_at"],
            seen_at=row["seen_at"],
            deleted_at=row["deleted_at"],
            post=CommentedPost(
                id=row["post_id"],
                caption=row["caption"],
                media_type=MediaType(row["media_type"]),
                external_url=row["external_url"],
                published_at=row["published_at"],
                thumbnail_key=row["thumbnail_key"],
                mode=Mode(row["mode"]),
                live_status=None if row["live_status"] is None else LiveStatus(row["live_status"]),
            ),
            handle=row["handle"],
            login=LoginName(row["login"]),
            account_status=AccountStatus(row["account_status"]),
            scopes=frozenset(row["scopes"]),
        )

    @property
    def is_there(self) -> bool:
        """Whether the comment is on its platform, as far as is known."""
        return self.external_id is not None and self.deleted_at is None


class CommentNotFound(NotFound):
    """There is no such comment, or the caller does not see it."""

    sentence = "There is no such comment. List the comments with GET /v1/comments."


class CommentGone(Conflict):
    """The comment is not on its platform: it was deleted, or it is a reply that was not written."""

    def __init__(self, comment: Comment) -> None:
        is_reply = comment.external_id is None
        why = (
            "This reply is not on its platform, so nothing can be done with it there."
            if is_reply
            else "This comment was deleted, so nothing can be done with it."
        )
        super().__init__(
            f"{why} List the comments of the post with GET /v1/scheduled-posts/{{postId}}/comments.",
            reason="reply_not_posted" if is_reply else "comment_deleted",
            commentId=public_id(COMMENT, comment.id),
        )


class CommentedPostGone(Conflict):
    """The post of the comment is not live any more."""

    def __init__(self, comment: Comment) -> None:
        super().__init__(
            "The post of this comment is not live any more, and its comments went with it.",
            reason="post_not_live",
            scheduledPostId=public_id(POST, comment.post.id),
        )


class CommentsNotReady(PressworkError):
    """The account gives no access to comments at present."""

    code = Code.SOCIAL_ACCOUNT_NOT_PUBLISH_READY
