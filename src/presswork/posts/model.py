"""Scheduled posts: their states, the moves between them, and what refuses a publish call. Pure."""

from collections.abc import Mapping, Set
from dataclasses import dataclass
from enum import StrEnum
from typing import Final
from uuid import UUID

from presswork.errors import Code, PressworkError
from presswork.ids import POST, public_id


class Status(StrEnum):
    """Where a post is in its life."""

    QUEUED = "queued"
    PUBLISHING = "publishing"  # leased by one worker
    PUBLISHED = "published"
    DRAFT = "draft"
    FAILED = "failed"
    CANCELED = "canceled"


MOVES: Final[Mapping[Status, Set[Status]]] = {  # the only place that says what is legal
    Status.QUEUED: {Status.PUBLISHING, Status.CANCELED},
    Status.PUBLISHING: {Status.PUBLISHED, Status.DRAFT, Status.FAILED, Status.CANCELED},
    Status.PUBLISHED: set(),
    Status.DRAFT: set(),
    Status.FAILED: set(),
    Status.CANCELED: set(),
}

TERMINAL: Final = frozenset(status for status, moves in MOVES.items() if not moves)


class Event(StrEnum):
    """What the timeline tells of a post."""

    QUEUED = "queued"
    CLAIMED = "claimed"
    WAITING = "waiting"
    RETRYING = "retrying"
    PREPARING = "preparing"
    PREPARED = "prepared"
    GOING_LIVE = "going_live"
    LIVE = "live"
    RECONCILED = "reconciled"
    MEDIA_CONVERTED = "media_converted"
    PERMALINK = "permalink"
    FIRST_COMMENT = "first_comment"
    TOKEN_REFRESHED = "token_refreshed"  # noqa: S105  the name of an event
    RESCHEDULED = "rescheduled"
    PLATFORM_NOTICE = "platform_notice"
    PUBLISHED = "published"
    DRAFTED = "drafted"
    FAILED = "failed"
    CANCELED = "canceled"


class FirstCommentStatus(StrEnum):
    """What became of the first comment; null where none was asked for, or it is still to come."""

    POSTED = "posted"
    FAILED = "failed"
    UNSUPPORTED = "unsupported"


class PostNotFound(PressworkError):
    """There is no such post here."""

    code = Code.NOT_FOUND

    def __init__(self) -> None:
        """Say where to look."""
        super().__init__("There is no such scheduled post. List them under /v1/projects/{projectId}/scheduled-posts.")


class ApprovalRequired(PressworkError):
    """The content waits for approval."""

    code = Code.APPROVAL_REQUIRED


class ContentRejected(PressworkError):
    """The content was turned down in review."""

    code = Code.CONTENT_REJECTED


class NotPublishReady(PressworkError):
    """The account can't publish in this mode now."""

    code = Code.SOCIAL_ACCOUNT_NOT_PUBLISH_READY


class DuplicateId(PressworkError):
    """The caller's own id for a post is taken."""

    code = Code.CONFLICT_DUPLICATE_ID

    def __init__(self, post_id: UUID) -> None:
        """Name the id that is taken."""
        text = public_id(POST, post_id)
        super().__init__(
            f"{text} exists already. Take a fresh id; to repeat a call safely, use an Idempotency-Key.",
            scheduledPostId=text,
        )


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """One line of a post's timeline, not yet stored."""

    event: Event
    message: str
    detail: Mapping[str, object]
