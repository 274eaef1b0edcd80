"""Event streams: their limits, and why a stream can't be opened. Pure."""

import json
from datetime import timedelta
from enum import StrEnum
from typing import Final

from presswork.core.errors import Code, PressworkError

_REVIEW_URL: Final = "reviewUrl"


class EventType(StrEnum):
    """The types of events."""

    POST_SCHEDULED = "post.scheduled"  # queued; sent again when it is rescheduled
    POST_PUBLISHING = "post.publishing"
    POST_PUBLISHED = "post.published"
    POST_PARTIAL = "post.partial"  # a thread of posts ended early: published, and not all parts are live
    POST_DRAFTED = "post.drafted"
    POST_FAILED = "post.failed"
    POST_OUTCOME_UNKNOWN = "post.outcome_unknown"  # failed, and it may be live
    POST_CANCELED = "post.canceled"
    POST_TAKEN_DOWN = "post.taken_down"  # a published post is no longer on its platform
    POST_TAKE_DOWN_FAILED = "post.take_down_failed"  # a person has to take it down
    POST_EDITED = "post.edited"  # a published post was changed on its platform
    POST_INSIGHTS = "post.insights"  # the numbers of a live post, at most once a day
    CONTENT_PENDING = "content.pending"  # waits for a decision
    CONTENT_CHANGES_REQUESTED = "content.changes_requested"
    CONTENT_APPROVED = "content.approved"
    CONTENT_REJECTED = "content.rejected"
    CONTENT_REMINDER = "content.reminder"  # still waits for a decision
    CONTENT_DELETED = "content.deleted"
    DRAFT_CHANGED = "draft.changed"  # of a composer: created, changed or deleted
    CONTENT_COMMENTED = "content.commented"  # a person or a program wrote about content
    CONTENT_MENTIONED = "content.mentioned"  # the same, and names users
    COMMENT_RECEIVED = "comment.received"  # someone commented on a live post
    COMMENT_REPLIED = "comment.replied"  # a reply is on its platform
    COMMENT_REPLY_FAILED = "comment.reply_failed"  # a reply is not on its platform, or it is not known whether it is
    ACCOUNT_CONNECTED = "social_account.connected"
    ACCOUNT_NEEDS_REAUTH = "social_account.needs_reauth"
    ACCOUNT_REVOKED = "social_account.revoked"
    ACCOUNT_TOKEN_EXPIRING = "social_account.token_expiring"  # noqa: S105  14, 7 and 1 days before its end
    WEBHOOK_PAUSED = "webhook.paused"  # an endpoint that failed too often
    QUOTA_MEDIA = "quota.media"  # 80 % of the organization's storage is used
    USAGE_NEAR_LIMIT = "usage.near_limit"  # 80 % of a limit of the organization is used
    USAGE_LIMIT_REACHED = "usage.limit_reached"
    TEST_PING = "test.ping"


HEARTBEAT: Final = timedelta(seconds=15)
"""How often a client gets a sign of life, and its key or session is checked again."""
RETRY_AFTER_SECONDS: Final = 5


class TooManyStreams(PressworkError):
    """The organization has as many streams in this process as it may."""

    code = Code.RATE_LIMITED

    def __init__(self, limit: int) -> None:
        super().__init__(
            f"Your organization reads {limit:,} event streams from this process, which is the maximum. Close one, or share "
            "one stream among your clients.",
            limit=limit,
            retryAfterSeconds=RETRY_AFTER_SECONDS,
        )


class NoRoomForStreams(PressworkError):
    """The process has as many streams as it serves, or is stopping."""

    code = Code.UNAVAILABLE

    def __init__(self, sentence: str) -> None:
        super().__init__(f"{sentence} Retry in a few seconds.", retryAfterSeconds=RETRY_AFTER_SECONDS)


def review_link_in(event_type: str, data: str) -> str | None:
    """Return what an event stores of its review link (see links/derived_token.py); None if it has none."""
    if event_type != EventType.CONTENT_PENDING.value or '"rvl_' not in data:
        return None
    stored = json.loads(data).get(_REVIEW_URL)
    return stored if isinstance(stored, str) else None


def body_of(*, webhook_id: str, event_type: str, occurred_at: str, data: str, review_url: str | None = None) -> str:
    """Return the message body: the data as stored with the change, in an envelope.

    `event_type` may be one that only a newer version of Presswork knows, which wrote the event. `review_url` is the URL of
    the event's review link, which lets whom it reaches decide: endpoints that callers who may decide made and changed last
    have it, and streams of such callers.
    """
    if review_link_in(event_type, data) is not None:
        data = json.dumps({**json.loads(data), _REVIEW_URL: review_url}, ensure_ascii=False)
    return f'{{"id":{json.dumps(webhook_id)},"type":"{event_type}","timestamp":"{occurred_at}","data":{data}}}'
