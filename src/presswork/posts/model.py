"""Scheduled posts: their states, the moves between them, and what refuses a publish call. Pure."""

from collections.abc import Mapping, Set
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, Self
from uuid import UUID

from pydantic import JsonValue

from presswork.core.enums import Mode, PlatformName
from presswork.core.errors import Code, Conflict, Invalid, Issue, PressworkError
from presswork.core.ids import POST, public_id
from presswork.platforms.errors import FailureCode
from presswork.platforms.port import TikTokSettings
from presswork.posts.targets import TikTokMusic


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

PAST_TOLERANCE: Final = timedelta(seconds=30)
"""How far in the past `scheduledFor` may be: clocks differ, and a call takes its time."""
HORIZON: Final = timedelta(days=365)
"""How far ahead a post may be scheduled."""

COMMENT_CALLED: Final = "commentCalled"
"""In the stored state of a post whose first comment may be there: it is looked for before it is written."""
RESTORED: Final = "keep_restored"
"""In the stored state of a post that may have gone live after the backup which it was restored from: when that was taken."""


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


class PostNotCancelable(Conflict):
    """It is too late to cancel; a live post is deleted on its platform."""

    def __init__(self, post_id: UUID, status: Status) -> None:
        """Name the post and say why it is too late."""
        self.status: Final = status
        why = "its platform has been asked to make it live" if status is Status.PUBLISHING else f"it is {status}"
        super().__init__(
            f"This post can't be canceled any more: {why}. A live post is deleted on its platform.",
            scheduledPostId=public_id(POST, post_id),
            status=status.value,
        )


_NOT_TAKEN_BACK: Final = {
    "provider_keeps_it": "Its provider has it and does not give it back, or is being handed it just now.",
    "provider_unreachable": "Its provider has it, and could not be asked. It may have heard the question all the same.",
    "provider_gone": "Its provider has it, and is not configured here any more, so it can't be asked.",
}


class PostNotTakenBack(Conflict):
    """A provider has the post, and did not say that it won't go live."""

    def __init__(self, post_id: UUID, reason: str) -> None:
        """Name the post and why it may go live."""
        super().__init__(
            f"This post is not canceled: {_NOT_TAKEN_BACK[reason]} Read the post to see what becomes of it; as long as it is "
            "publishing, you may ask again.",
            scheduledPostId=public_id(POST, post_id),
            status=Status.PUBLISHING.value,
            reason=reason,
        )


class PostNotReschedulable(Conflict):
    """Only a queued post can be rescheduled."""

    def __init__(self, post_id: UUID, status: Status) -> None:
        """Name the post and its status."""
        super().__init__(
            f"This post is {status}: only a queued post can be rescheduled. Publish or schedule the content anew.",
            scheduledPostId=public_id(POST, post_id),
            status=status.value,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class PostState:
    """One post, as far as a person may still change it; instants in UTC."""

    id: UUID
    status: Status
    live_call_at: datetime | None  # committed before the call that makes the post live
    scheduled_for: datetime
    canceled_at: datetime | None
    updated_at: datetime

    def cancel(self, *, now: datetime) -> Self:
        """Raises PostNotCancelable if the post is over or its platform was asked to make it live."""
        if self.live_call_at is not None or Status.CANCELED not in MOVES[self.status]:
            raise PostNotCancelable(self.id, self.status)
        return replace(self, status=Status.CANCELED, canceled_at=now, updated_at=now)

    def reschedule(self, scheduled_for: datetime, *, now: datetime) -> Self:
        """Raises PostNotReschedulable unless the post is queued, and Invalid for an instant that is out of bounds."""
        require_schedulable(scheduled_for, now=now)
        if self.status is not Status.QUEUED:
            raise PostNotReschedulable(self.id, self.status)
        return replace(self, scheduled_for=scheduled_for, updated_at=now)


def require_schedulable(scheduled_for: datetime, *, now: datetime) -> None:
    """Raise Invalid unless a post can be due then: at most PAST_TOLERANCE ago and at most HORIZON ahead."""
    if now - scheduled_for > PAST_TOLERANCE:
        sentence = (
            f"is over: it may lie {PAST_TOLERANCE.seconds} s in the past at most. Name a later instant, or publish now."
        )
        raise Invalid([Issue("scheduledFor", sentence, "in_the_past")])
    if scheduled_for - now > HORIZON:
        raise Invalid([Issue("scheduledFor", f"may be {HORIZON.days} days ahead at most", "too_far_ahead")])


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """One line of a post's timeline, not yet stored."""

    event: Event
    message: str
    detail: Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelineLine:
    """One thing that happened to a post."""

    at: datetime  # UTC
    event: Event
    message: str
    detail: Mapping[str, JsonValue]


@dataclass(frozen=True, slots=True, kw_only=True)
class PostError:
    """Why a post failed, in words that say what to do."""

    code: FailureCode
    message: str
    platform_code: str | None
    platform_message: str | None
    at: datetime  # UTC
    step: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduledPost:
    """One container going to one social account, as it is stored. Instants are UTC; what does not apply yet is None."""

    id: UUID
    project_id: UUID
    container_id: UUID
    social_account_id: UUID
    platform: PlatformName
    mode: Mode
    status: Status
    external_id: str | None
    external_url: str | None
    scheduled_for: datetime
    attempted_at: datetime | None
    published_at: datetime | None
    canceled_at: datetime | None
    last_error: PostError | None
    caption_override: str | None
    first_comment_override: str | None
    tiktok_post_settings: TikTokSettings | None
    tiktok_music: TikTokMusic | None
    share_reel_to_feed: bool | None
    first_comment_status: FirstCommentStatus | None
    created_at: datetime
    updated_at: datetime
