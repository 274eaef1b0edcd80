"""Scheduled posts: their states, the legal moves between them, and the errors of publishing. Pure."""

from collections.abc import Mapping, Set
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, Self
from uuid import UUID

from pydantic import JsonValue

from presswork.core.errors import Code, Conflict, Invalid, Issue, IssueCode, NotFound, PressworkError
from presswork.core.ids import CONTAINER, POST, public_id


class Status(StrEnum):
    """The state of a post."""

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
"""How far in the past `scheduledFor` may be, to allow for clock skew and network latency."""
HORIZON: Final = timedelta(days=365)
"""How far ahead a post may be scheduled."""

COMMENT_CALLED: Final = "commentCalled"
"""Key in `platform_state` of a post whose first comment may exist: the worker looks for it before it writes it."""
EXTRA_CALLS: Final = "extraCalls"
"""Key in `platform_state` of a live post: what is known of the calls for each of its extras, which may have had an effect."""
EXTRAS_MAY_EXIST: Final = "extrasMayExist"
"""Key in `platform_state` of a post that was restored from a backup: the worker looks for each extra before it adds it."""
RESTORED: Final = "keep_restored"
"""Key in `platform_state` of a post that may have gone live after the backup it was restored from: the backup's time."""


_OUTCOME_UNKNOWN: Final = "OUTCOME_UNKNOWN"
MAX_INTENTS: Final = 20
"""The most schedule calls that wait on one container (publish.sql: slot)."""


class Event(StrEnum):
    """The kinds of timeline entries."""

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
    EXTRA = "extra"
    TOKEN_REFRESHED = "token_refreshed"  # noqa: S105  the name of an event
    RESCHEDULED = "rescheduled"
    EDITED = "edited"
    PLATFORM_NOTICE = "platform_notice"
    PUBLISHED = "published"
    DRAFTED = "drafted"
    FAILED = "failed"
    CANCELED = "canceled"
    TAKING_DOWN = "taking_down"
    TAKEN_DOWN = "taken_down"
    GONE = "gone"
    TAKE_DOWN_FAILED = "take_down_failed"
    EDITING_LIVE = "editing_live"
    EDITED_LIVE = "edited_live"
    EDIT_FAILED = "edit_failed"


class WaitReason(StrEnum):
    """Why a post whose time has come is not out (document.sql: wait)."""

    APPROVAL = "approval"  # its content was edited and waits for approval
    LANE = "lane"  # a worker publishes another post of the account
    RATE_LIMIT = "rate_limit"  # a limit of the platform: posts per day, calls per minute
    RETRY = "retry"  # a temporary error: backoff
    OUTCOME_UNKNOWN = "outcome_unknown"  # the response of the call was lost: the platform is asked
    PROCESSING = "processing"  # the platform, or the SMS service, has it and has not finished
    PROVIDER = "provider"  # the provider of managed distribution has not reported the outcome
    SETTING = "setting"  # a setting of this service is missing
    WORKER = "worker"  # due, and no worker has claimed it


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """Why a post whose time has come is not out, as document.sql builds it."""

    reason: WaitReason
    until: datetime | None  # UTC; when Presswork continues
    behind: str | None  # the public id of the post that waits, if it is one ahead in the lane


class FirstCommentStatus(StrEnum):
    """The outcome of the first comment; null if none was requested or it is not written yet."""

    POSTED = "posted"
    FAILED = "failed"
    UNSUPPORTED = "unsupported"


class ExtraStatus(StrEnum):
    """The outcome of an extra of a live post."""

    PENDING = "pending"
    DONE = "done"
    FAILED = "failed"


class LiveStatus(StrEnum):
    """What became of a post after it was published; null before."""

    LIVE = "live"
    TAKING_DOWN = "taking_down"
    TAKEN_DOWN = "taken_down"
    TAKE_DOWN_FAILED = "take_down_failed"  # a person has to take it down
    GONE = "gone"  # it was deleted on its platform before Presswork did
    NOT_SUPPORTED = "not_supported"  # no call takes it down: a person has to


OFF_LINE: Final = frozenset({LiveStatus.TAKING_DOWN, LiveStatus.TAKEN_DOWN, LiveStatus.GONE})
"""A post that is not live any more, or will not be."""


class EditStatus(StrEnum):
    """The outcome of a change of a live post."""

    PENDING = "pending"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class LastEdit:
    """What became of the last change of a live post."""

    status: EditStatus
    message: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PostExtra:
    """Something that a live post gets besides, such as a thumbnail, and what became of it."""

    kind: str
    subject: str | None
    status: ExtraStatus
    message: str | None


class PostNotFound(PressworkError):
    """The post does not exist, or is not visible to the key."""

    code = Code.NOT_FOUND
    sentence = "There is no such scheduled post. List a project's with GET /v1/projects/{projectId}/scheduled-posts."


class ApprovalRequired(PressworkError):
    """The content is not approved yet."""

    code = Code.APPROVAL_REQUIRED


class ContentRejected(PressworkError):
    """The content was rejected in review."""

    code = Code.CONTENT_REJECTED


class NotPublishReady(PressworkError):
    """The account can't publish in this mode at present."""

    code = Code.SOCIAL_ACCOUNT_NOT_PUBLISH_READY


class DuplicateId(PressworkError):
    """The id that the caller chose for a post exists already."""

    code = Code.CONFLICT_DUPLICATE_ID

    def __init__(self, post_id: UUID) -> None:
        text = public_id(POST, post_id)
        super().__init__(
            f"{text} exists already. Choose a new id; to retry a call safely, send an Idempotency-Key.",
            scheduledPostId=text,
        )


class TooManyIntents(Conflict):
    """As many schedule calls wait on the content as may."""

    def __init__(self, container_id: UUID) -> None:
        super().__init__(
            f"{MAX_INTENTS} schedule calls wait on this content until it is approved, and no more may. Withdraw one "
            "(DELETE /v1/content/{containerId}/schedule-intents/{intentId}), or schedule after the approval.",
            reason="too_many_intents",
            containerId=public_id(CONTAINER, container_id),
            limit=MAX_INTENTS,
        )


_RESTORED_QUEUED: Final = (
    "it may have gone live before Presswork was restored from a backup. It is not published again: a worker ends it. Then "
    "read its outcome, and check the account."
)
"""Why a queued post can't be changed: only a restore leaves one with `live_call_at`."""


class PostNotCancelable(Conflict):
    """It is too late to cancel; a live post is taken down."""

    def __init__(self, post_id: UUID, status: Status) -> None:
        self.status: Final = status
        if status is Status.QUEUED:
            why = _RESTORED_QUEUED
        else:
            begun = "the call that makes it live has started, or a part of it is live"
            reason = begun if status is Status.PUBLISHING else f"it is {status}"
            why = f"{reason}. Take a live post down (POST /v1/scheduled-posts/{{postId}}/take-down)."
        super().__init__(
            f"This post can no longer be canceled: {why}",
            scheduledPostId=public_id(POST, post_id),
            status=status.value,
        )


_PROVIDER_CANCEL_FAILURES: Final = {
    "provider_keeps_it": "its provider refused to cancel it, or is receiving it right now.",
    "provider_unreachable": "its provider did not answer. It may have received the request anyway.",
    "provider_gone": "its provider is no longer configured, so the cancel could not be requested.",
}


class PostNotCanceledByProvider(Conflict):
    """A provider has the post and did not confirm the cancel."""

    def __init__(self, post_id: UUID, reason: str) -> None:
        super().__init__(
            f"This post is not canceled: {_PROVIDER_CANCEL_FAILURES[reason]} Read the post to see its outcome; while it "
            "is publishing, you may retry the cancel.",
            scheduledPostId=public_id(POST, post_id),
            status=Status.PUBLISHING.value,
            reason=reason,
        )


class PostNotReschedulable(Conflict):
    """Only a queued post that can't be live can be rescheduled."""

    def __init__(self, post_id: UUID, status: Status) -> None:
        super().__init__(
            f"This post can't be rescheduled: {_RESTORED_QUEUED}"
            if status is Status.QUEUED
            else f"This post is {status}: only a queued post can be rescheduled. Publish or schedule the content again.",
            scheduledPostId=public_id(POST, post_id),
            status=status.value,
        )


class PostNotLive(Conflict):
    """Only a published post can be taken down or changed on its platform."""

    def __init__(self, post_id: UUID, status: Status, live_status: LiveStatus | None) -> None:
        if live_status is not None:
            state = live_status.value.replace("_", " ")
            why = f"it is {state}, so it can't be changed any more. Publish the content again."
        elif status in (Status.QUEUED, Status.PUBLISHING):
            why = f"it is {status}. Wait until it is published, or cancel it (DELETE /v1/scheduled-posts/{{postId}})."
        elif status is Status.DRAFT:
            why = "it was sent to its creator as a draft. Once the creator has posted it, change it on the platform."
        else:
            why = f"it is {status}. Check the account if you are in doubt, and delete a post there."
        super().__init__(
            f"This post is not live: {why}",
            scheduledPostId=public_id(POST, post_id),
            status=status.value,
            liveStatus=None if live_status is None else live_status.value,
        )


class PostNotEditable(Conflict):
    """Only a queued post that can't be live can be edited: a worker that has claimed it has read its texts."""

    def __init__(self, post_id: UUID, status: Status) -> None:
        if status is Status.QUEUED:
            why = f"This post can't be edited: {_RESTORED_QUEUED}"
        elif status is Status.PUBLISHING:
            why = (
                "This post is being published with the texts that it had, so it can't be edited any more. Read its outcome, or "
                "cancel it while it is not live, and publish the content again."
            )
        else:
            why = f"This post is {status}: only a queued post can be edited. Publish or schedule the content again."
        super().__init__(why, scheduledPostId=public_id(POST, post_id), status=status.value)


class StalePost(Conflict):
    """The post was changed since the caller read it."""

    def __init__(self, post_id: UUID, *, current: int) -> None:
        super().__init__(
            f"This post was changed since you read it: its revision is {current}. Read it again, and send your change with that "
            "revision.",
            reason="stale_revision",
            scheduledPostId=public_id(POST, post_id),
            revision=current,
        )


class PostNotRepublishable(Conflict):
    """The post, or one that was published again from it, does not allow that it is published again."""

    def __init__(self, post_id: UUID, status: Status, reason: str, sentence: str) -> None:
        super().__init__(sentence, scheduledPostId=public_id(POST, post_id), status=status.value, reason=reason)


@dataclass(frozen=True, slots=True, kw_only=True)
class Republishable:
    """The latest of the posts that were published again from one another, when it is asked for one of them."""

    id: UUID
    asked_for: UUID
    status: Status
    error_code: str | None  # of `lastError`

    def require_ended(self) -> None:
        """Raise PostNotRepublishable unless the post failed or was canceled."""
        if self.status in (Status.PUBLISHED, Status.DRAFT):
            raise PostNotRepublishable(
                self.id,
                self.status,
                "delivered",
                f"This post is {self.status}, so it can't be published again. Publish its content, if you want it twice.",
            )
        if self.status not in TERMINAL:
            raise PostNotRepublishable(
                self.id,
                self.status,
                "not_ended",
                f"This post is {self.status}. Wait until it has ended, or cancel it.",
            )

    def require(self, *, confirm_not_live: bool) -> None:
        """Raise PostNotRepublishable where another post is under way or delivered, or where the content may be live."""
        name = public_id(POST, self.id)
        if self.status not in (Status.FAILED, Status.CANCELED):
            raise PostNotRepublishable(
                self.id,
                self.status,
                "already_republished",
                f"This post was published again as {name}, which is {self.status}. Read that one.",
            )
        if self.error_code == _OUTCOME_UNKNOWN and not confirm_not_live:
            which = "It" if self.id == self.asked_for else f"This post was published again as {name}, which"
            raise PostNotRepublishable(
                self.id,
                self.status,
                "outcome_unknown",
                f"{which} may be live: its platform did not say. Look at the account, and send `confirmNotLive` if the post "
                "is not there.",
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class PostState:
    """The fields of a post that decide whether it can be canceled or rescheduled. Instants are UTC."""

    id: UUID
    status: Status
    live_call_at: datetime | None  # committed before the call that makes the post live
    scheduled_for: datetime
    canceled_at: datetime | None
    updated_at: datetime
    live_parts: int = 0  # of a thread of posts; grows only

    def cancel(self, *, now: datetime) -> Self:
        """Raises PostNotCancelable if the post is in a final state, the call that makes it live has started, or a part is live."""
        if self.live_call_at is not None or self.live_parts or Status.CANCELED not in MOVES[self.status]:
            raise PostNotCancelable(self.id, self.status)
        return replace(self, status=Status.CANCELED, canceled_at=now, updated_at=now)

    def reschedule(self, scheduled_for: datetime, *, now: datetime, path: str = "scheduledFor") -> Self:
        """Return the post at its new time, which `path` of the call says. Raises PostNotReschedulable and Invalid.

        It must be queued, and not a restored post that may be live; the instant must be within bounds.
        """
        require_schedulable(scheduled_for, now=now, path=path)
        if self.status is not Status.QUEUED or self.live_call_at is not None:
            raise PostNotReschedulable(self.id, self.status)
        return replace(self, scheduled_for=scheduled_for, updated_at=now)


def require_schedulable(scheduled_for: datetime, *, now: datetime, path: str = "scheduledFor") -> None:
    """Raise Invalid unless an instant is at most PAST_TOLERANCE ago and at most HORIZON ahead."""
    if now - scheduled_for > PAST_TOLERANCE:
        problem = (
            f"is more than {PAST_TOLERANCE.seconds} s in the past. Send a future time, or publish without a schedule."
        )
        raise Invalid([Issue.at(path, problem, IssueCode.IN_THE_PAST)])
    if scheduled_for - now > HORIZON:
        problem = f"is more than {HORIZON.days} days ahead. Send an earlier time."
        raise Invalid([Issue.at(path, problem, IssueCode.TOO_FAR_AHEAD)])


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """A timeline entry that is not stored yet."""

    event: Event
    message: str
    detail: Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelineLine:
    """A stored timeline entry of a post."""

    at: datetime  # UTC
    event: Event
    message: str
    detail: Mapping[str, JsonValue]


def no_container() -> NotFound:
    """Return the refusal of a container that does not exist."""
    return NotFound("There is no such content container. List a project's with GET /v1/projects/{projectId}/content.")
