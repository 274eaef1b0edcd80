"""The webhook messages in the OpenAPI document, with an example of each."""

from collections.abc import Callable, Mapping
from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Header
from pydantic import ConfigDict, Field
from pydantic.config import JsonDict

from presswork.accounts.model import AccountStatus
from presswork.api.accounts.schemas import ConnectedThrough
from presswork.api.content.schemas import StepProgress
from presswork.api.discussion.schemas import COMMENT_EXAMPLE, ContentComment
from presswork.api.http.body import Out
from presswork.api.http.ids import (
    AccountRef,
    CommentRef,
    ContainerRef,
    DraftRef,
    EndpointRef,
    OrganizationRef,
    PostRef,
    ProjectRef,
    ReviewerRef,
    UserRef,
)
from presswork.api.insights.schemas import METRICS_EXAMPLE, Metrics, MissingNumber
from presswork.api.posts.post_schemas import POST_EXAMPLE, ScheduledPost
from presswork.comments.model import CommentStatus, ReplyStatus
from presswork.content.model import ApprovalStatus, ContainerStatus
from presswork.core.enums import MediaType
from presswork.core.timestamps import Instant
from presswork.events.model import EventType
from presswork.platforms.names import LoginName, PlatformName
from presswork.projects.model import Covers
from presswork.webhooks.model import PausedReason

_UUID: Final = "0191f3a2-7c1e-7b60-9d0a-3f6a2f1c8e55"
_EVENT_ID: Final = "evt_01KAW2V3M8T5R7W1X4Y6Z0ABCD"
_AT: Final = "2026-11-24T18:30:00.000Z"
_LATER: Final = "2026-11-24T18:30:04.512Z"
_ORGANIZATION: Final = f"org_{_UUID}"
_POST: Final[JsonDict] = {
    **POST_EXAMPLE,
    "organizationId": _ORGANIZATION,
    "scheduledPostId": POST_EXAMPLE["id"],
    "status": "queued",
    "externalId": None,
    "externalUrl": None,
    "attemptedAt": None,
    "publishedAt": None,
    "liveStatus": None,
    "updatedAt": _AT,
}
_TRIED: Final[JsonDict] = {"attemptedAt": _AT, "updatedAt": _LATER}
_CONTENT: Final[JsonDict] = {
    "id": f"cnt_{_UUID}",
    "projectId": f"prj_{_UUID}",
    "organizationId": _ORGANIZATION,
    "status": "completed",
    "approvalStatus": "approved",
    "approvedAt": _LATER,
    "approvedBy": f"key_{_UUID}",
    "rejectedAt": None,
    "rejectedBy": None,
    "reviewNote": "Lovely. Go ahead.",
    "reviewerName": None,
    "approvalCovers": "content",
    "currentStep": None,
    "steps": [],
    "revision": 1,
    "reviewUrl": None,
    "mediaType": "image",
    "caption": "Fresh from the oven",
    "text": "Fresh from the oven",
    "link": None,
    "parts": None,
    "firstComment": None,
    "labels": [],
    "createdAt": _AT,
    "updatedAt": _LATER,
    "deletedAt": None,
    "erasedAt": None,
    "mediaRemovedAt": None,
}
_NUMBERS: Final[JsonDict] = {
    "postId": f"sp_{_UUID}",
    "scheduledPostId": f"sp_{_UUID}",
    "projectId": f"prj_{_UUID}",
    "organizationId": _ORGANIZATION,
    "containerId": f"cnt_{_UUID}",
    "socialAccountId": f"sa_{_UUID}",
    "platform": "bluesky",
    "takenAt": _LATER,
    "metrics": METRICS_EXAMPLE,
    "unavailable": [{"metric": "saves", "reason": "not_offered", "permissions": []}],
}
_DRAFT: Final[JsonDict] = {
    "draftId": f"drf_{_UUID}",
    "projectId": f"prj_{_UUID}",
    "organizationId": _ORGANIZATION,
    "revision": 3,
    "updatedBy": f"usr_{_UUID}",
    "updatedByName": "Marta",
    "updatedAt": _LATER,
    "deletedAt": None,
}
_DISCUSSED: Final[JsonDict] = {
    **COMMENT_EXAMPLE,
    "projectId": f"prj_{_UUID}",
    "organizationId": f"org_{_UUID}",
}
_COMMENT: Final[JsonDict] = {
    "id": f"cmt_{_UUID}",
    "projectId": f"prj_{_UUID}",
    "organizationId": _ORGANIZATION,
    "scheduledPostId": f"sp_{_UUID}",
    "socialAccountId": f"sa_{_UUID}",
    "platform": "facebook",
    "externalId": "122300",
    "parentExternalId": None,
    "replyTo": None,
    "author": "Ada Dias",
    "text": "Do you have rye bread on Sundays?",
    "own": False,
    "hidden": False,
    "liked": False,
    "status": "new",
    "assigneeId": None,
    "replyStatus": None,
    "error": None,
    "createdAt": _AT,
}
_REPLY: Final[JsonDict] = {
    **_COMMENT,
    "id": "cmt_0191f3a2-7c1e-7b60-9d0a-3f6a2f1c8e56",
    "externalId": "122301",
    "parentExternalId": "122300",
    "replyTo": f"cmt_{_UUID}",
    "author": "corner.bakery",
    "text": "Yes, from eight o'clock.",
    "own": True,
    "status": "done",
    "replyStatus": "posted",
    "createdAt": _LATER,
}
_ACCOUNT: Final[JsonDict] = {
    "socialAccountId": f"sa_{_UUID}",
    "projectId": f"prj_{_UUID}",
    "organizationId": _ORGANIZATION,
    "platform": "tiktok",
    "login": "tiktok",
    "handle": "corner.bakery",
    "displayName": "Corner Bakery",
    "avatarUrl": None,
    "status": "connected",
    "connectedAt": _AT,
    "tokenExpiresAt": "2026-11-24T20:30:00.000Z",
    "disconnectedAt": None,
    "disconnectedReason": None,
    "connectLinkId": None,
}


_PUBLISHED: Final[JsonDict] = {
    **_POST,
    **_TRIED,
    "status": "published",
    "externalId": "17918920912340654",
    "externalUrl": "https://www.instagram.com/p/CuMzZq1sX9k/",
    "publishedAt": _LATER,
    "liveStatus": "live",
}
_DATA: Final[Mapping[EventType, JsonDict]] = {
    EventType.POST_SCHEDULED: _POST,
    EventType.POST_PUBLISHING: {**_POST, **_TRIED, "status": "publishing"},
    EventType.POST_PUBLISHED: _PUBLISHED,
    EventType.POST_PARTIAL: {
        **_POST,
        **_TRIED,
        "platform": "threads",
        "status": "published",
        "externalId": "18090000000010009",
        "externalUrl": "https://www.threads.com/@corner.bakery/post/DGabc",
        "publishedAt": _LATER,
        "liveStatus": "live",
        "threadStatus": "partial",
        "parts": [
            {
                "index": 0,
                "externalId": "18090000000010009",
                "externalUrl": "https://www.threads.com/@corner.bakery/post/DGabc",
                "status": "published",
            },
            {"index": 1, "externalId": None, "externalUrl": None, "status": "failed"},
        ],
        "lastError": {
            "code": "PLATFORM_REJECTED",
            "message": "Part 2 of 2 is not live, and the thread ends here: Threads does not accept one of the links.",
            "platformCode": "100",
            "platformMessage": None,
            "at": _LATER,
            "step": "threads",
        },
    },
    EventType.POST_DRAFTED: {**_POST, **_TRIED, "platform": "tiktok", "mode": "draft", "status": "draft"},
    EventType.POST_FAILED: {
        **_POST,
        **_TRIED,
        "status": "failed",
        "lastError": {
            "code": "MEDIA_REJECTED",
            "message": "Instagram does not accept the aspect ratio of this image. Crop it, then publish again.",
            "platformCode": "36003",
            "platformMessage": "The submitted image has an aspect ratio that is not supported.",
            "at": _LATER,
            "step": "media",
        },
    },
    EventType.POST_OUTCOME_UNKNOWN: {
        **_POST,
        **_TRIED,
        "status": "failed",
        "lastError": {
            "code": "OUTCOME_UNKNOWN",
            "message": "Instagram did not answer, and does not show whether the post is live. Look at the account.",
            "platformCode": None,
            "platformMessage": None,
            "at": _LATER,
            "step": "publish",
        },
    },
    EventType.POST_CANCELED: {**_POST, "status": "canceled", "canceledAt": _LATER, "updatedAt": _LATER},
    EventType.POST_TAKEN_DOWN: {**_PUBLISHED, "liveStatus": "taken_down"},
    EventType.POST_TAKE_DOWN_FAILED: {
        **_PUBLISHED,
        "liveStatus": "not_supported",
        "liveAdvice": "Instagram has no call that deletes posts of this account. Open the post and delete it there. "
        "https://www.instagram.com/p/CuMzZq1sX9k/",
    },
    EventType.POST_EDITED: {
        **_PUBLISHED,
        "platform": "facebook",
        "externalId": "102001_122101",
        "externalUrl": "https://www.facebook.com/102001/posts/122101",
        "captionOverride": "Fresh from the oven, every day",
        "lastEdit": {"status": "done", "message": "The live post is changed."},
    },
    EventType.POST_INSIGHTS: _NUMBERS,
    EventType.CONTENT_PENDING: {
        **_CONTENT,
        "approvalStatus": "pending",
        "approvedAt": None,
        "approvedBy": None,
        "reviewNote": None,
        "reviewUrl": "https://presswork.example.com/review/3q2-7wABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijk",
    },
    EventType.CONTENT_CHANGES_REQUESTED: {
        **_CONTENT,
        "approvalStatus": "pending",
        "approvedAt": None,
        "approvedBy": None,
        "reviewNote": "Please name the bakery.",
        "reviewerName": "Marta",
    },
    EventType.CONTENT_REMINDER: {
        **_CONTENT,
        "approvalStatus": "pending",
        "approvedAt": None,
        "approvedBy": None,
        "reviewNote": None,
        "currentStep": "Customer",
        "steps": [{"name": "Customer", "status": "current", "quorum": 1, "approvals": []}],
    },
    EventType.CONTENT_COMMENTED: _DISCUSSED,
    EventType.CONTENT_MENTIONED: _DISCUSSED,
    EventType.CONTENT_APPROVED: _CONTENT,
    EventType.CONTENT_REJECTED: {
        **_CONTENT,
        "approvalStatus": "rejected",
        "approvedAt": None,
        "approvedBy": None,
        "rejectedAt": _LATER,
        "rejectedBy": f"key_{_UUID}",
        "reviewNote": "The price is wrong.",
    },
    EventType.CONTENT_DELETED: {**_CONTENT, "status": "deleted", "deletedAt": _LATER, "mediaRemovedAt": _LATER},
    EventType.DRAFT_CHANGED: _DRAFT,
    EventType.COMMENT_RECEIVED: _COMMENT,
    EventType.COMMENT_REPLIED: _REPLY,
    EventType.COMMENT_REPLY_FAILED: {
        **_REPLY,
        "externalId": None,
        "replyStatus": "failed",
        "error": "The comment does not exist any more, so it can't be answered.",
    },
    EventType.ACCOUNT_CONNECTED: _ACCOUNT,
    EventType.ACCOUNT_NEEDS_REAUTH: {**_ACCOUNT, "status": "reauth_required"},
    EventType.ACCOUNT_REVOKED: {
        **_ACCOUNT,
        "status": "disconnected",
        "tokenExpiresAt": None,
        "disconnectedAt": _LATER,
        "disconnectedReason": "user_requested",
    },
    EventType.ACCOUNT_TOKEN_EXPIRING: {**_ACCOUNT, "tokenExpiresAt": "2026-12-01T18:30:00.000Z", "daysLeft": 7},
    EventType.WEBHOOK_PAUSED: {
        "endpointId": f"whe_{_UUID}",
        "projectId": None,
        "organizationId": _ORGANIZATION,
        "host": "app.example.com",
        "reason": "too_many_failures",
        "failuresInRow": 20,
    },
    EventType.QUOTA_MEDIA: {
        "organizationId": _ORGANIZATION,
        "usedBytes": 85_899_345_920,
        "quotaBytes": 107_374_182_400,
    },
    EventType.USAGE_NEAR_LIMIT: {
        "organizationId": _ORGANIZATION,
        "limit": "postsPerMonth",
        "maximum": 500,
        "used": 400,
        "resetsAt": "2026-12-01T00:00:00.000Z",
    },
    EventType.USAGE_LIMIT_REACHED: {
        "organizationId": _ORGANIZATION,
        "limit": "mediaBytes",
        "maximum": 10_737_418_240,
        "used": 10_737_418_240,
        "resetsAt": None,
    },
    EventType.TEST_PING: {"endpointId": f"whe_{_UUID}", "projectId": None, "organizationId": _ORGANIZATION},
}
EXAMPLES: Final[Mapping[EventType, JsonDict]] = {
    event_type: {"id": _EVENT_ID, "type": event_type.value, "timestamp": _LATER, "data": data}
    for event_type, data in _DATA.items()
}
MEANINGS: Final[Mapping[EventType, str]] = {
    EventType.POST_SCHEDULED: "A post was queued: by publish, by schedule, or by the approval of its content. Sent again when it is rescheduled.",
    EventType.POST_PUBLISHING: "A worker has claimed a post and starts to publish it.",
    EventType.POST_PUBLISHED: "A post is live. `externalUrl` is null if the platform reports it later; then read the post.",
    EventType.POST_PARTIAL: "A thread of posts ended early: it is published, and not all of its parts are live, or it is not known whether "
    "they are. `parts` and `lastError` say which and why. Follows `post.published`.",
    EventType.POST_DRAFTED: "A draft was delivered to its creator.",
    EventType.POST_FAILED: "A post failed; `lastError` says why and what to do.",
    EventType.POST_OUTCOME_UNKNOWN: "The platform did not answer the call that publishes a post or a part of it, and does not show whether it is live. Follows `post.failed` or `post.published`.",
    EventType.POST_CANCELED: "A post was canceled: through the API, or because its project was archived or its account disconnected.",
    EventType.POST_TAKEN_DOWN: "A published post is no longer on its platform: Presswork has deleted it, or found it deleted (`liveStatus`).",
    EventType.POST_TAKE_DOWN_FAILED: "A published post could not be taken down, or no call can do it; `liveAdvice` says what a person has to do.",
    EventType.POST_EDITED: "A live post was changed on its platform; the post shows what is live.",
    EventType.POST_INSIGHTS: "The numbers of a live post were taken: at most once a day for each post.",
    EventType.CONTENT_PENDING: "Completed content waits for a decision. Sent again when its next step of approval begins, and when an edit makes its approval start again.",
    EventType.CONTENT_REMINDER: "Content still waits for a decision, for as long as the review policy of its project says (`reminder`).",
    EventType.CONTENT_CHANGES_REQUESTED: "A reviewer asked for changes to pending content; `reviewNote` says which.",
    EventType.CONTENT_APPROVED: "Pending content was approved.",
    EventType.CONTENT_REJECTED: "Pending content was rejected; `reviewNote` says why.",
    EventType.CONTENT_COMMENTED: "Someone wrote about content. `visibility` says whether people at its review links see it.",
    EventType.CONTENT_MENTIONED: "The same, sent besides if the comment names users (`mentions`).",
    EventType.CONTENT_DELETED: "Content was deleted; its posts that are live stay live. If its texts were erased with it, the message has none.",
    EventType.DRAFT_CHANGED: "A draft of a composer was created, changed or deleted. A client that shows it reads it again.",
    EventType.COMMENT_RECEIVED: "Someone commented on a live post, or answered a comment there. Sent once for each comment, and not for those of the account itself.",
    EventType.COMMENT_REPLIED: "A reply that was sent with Presswork is on its platform.",
    EventType.COMMENT_REPLY_FAILED: "A reply is not on its platform (`replyStatus` is `failed`), or the platform does not show whether it is (`outcome_unknown`); `error` says why and what to do.",
    EventType.ACCOUNT_CONNECTED: "A social account was connected, for the first time or again.",
    EventType.ACCOUNT_NEEDS_REAUTH: "A social account's access has expired or was revoked. Ask its owner to connect it again (`reauth-url`).",
    EventType.ACCOUNT_REVOKED: "A social account was disconnected.",
    EventType.ACCOUNT_TOKEN_EXPIRING: "The access token of a social account ends in 14, 7 or 1 days (`daysLeft`), and can't be renewed, or could not be so far. Sent once for each. Ask its owner to connect it again.",
    EventType.WEBHOOK_PAUSED: "A webhook endpoint was paused, since its attempts failed (`reason`). Its messages are kept for seven days.",
    EventType.QUOTA_MEDIA: "80 % of the organization's storage for media is used. Sent once, and again after less was used. Both environments share the storage, and have the event.",
    EventType.USAGE_NEAR_LIMIT: "80 % of a limit of the organization is used. Sent once a month for each limit. A limit that counts both environments together has the event in both.",
    EventType.USAGE_LIMIT_REACHED: "A limit of the organization is reached: what would exceed it returns 403 `PLAN_LIMIT`. Sent once a month for each limit.",
    EventType.TEST_PING: "A test message that you requested.",
}


class PostEventData(ScheduledPost):
    """A post, as `GET /v1/scheduled-posts/{postId}` returned it at that time."""

    model_config = ConfigDict(json_schema_extra={"examples": [_POST]})

    organization_id: OrganizationRef
    scheduled_post_id: PostRef = Field(description="The same as `id`.")


class EventLink(Out):
    """A link with its card."""

    url: str
    title: str | None
    description: str | None
    image_url: str | None


class EventPart(Out):
    """One part of a thread of posts."""

    text: str


class ContentEventData(Out):
    """A container, as `GET /v1/content/{containerId}` returned it at that time, without media, warnings and signed URLs."""

    model_config = ConfigDict(json_schema_extra={"examples": [_CONTENT]})

    id: ContainerRef
    project_id: ProjectRef
    organization_id: OrganizationRef
    status: ContainerStatus
    approval_status: ApprovalStatus
    approved_at: Instant | None
    approved_by: ReviewerRef | None
    rejected_at: Instant | None
    rejected_by: ReviewerRef | None
    review_note: str | None
    reviewer_name: str | None = Field(
        description="The name that the person at a review link gave with the decision or the request."
    )
    approval_covers: Covers
    current_step: str | None
    steps: list[StepProgress]
    revision: int
    review_url: str | None = Field(
        description="URL of a review link for this content, in messages `content.pending` to endpoints that may have it "
        "(`reviewUrls`), if the project asks for it (`reviewLinks`). Anyone who has it can decide. Null in all other events, in the event stream and in stored deliveries."
    )
    media_type: MediaType
    caption: str
    text: str
    link: EventLink | None
    parts: list[EventPart] | None
    first_comment: str | None
    labels: list[str]
    created_at: Instant
    updated_at: Instant
    deleted_at: Instant | None
    erased_at: Instant | None
    media_removed_at: Instant | None


class InsightsEventData(Out):
    """The last numbers of a post, as `GET /v1/scheduled-posts/{postId}/insights` returned them, without `raw` and `nextAt`."""

    model_config = ConfigDict(json_schema_extra={"examples": [_NUMBERS]})

    post_id: PostRef
    scheduled_post_id: PostRef = Field(description="The same as `postId`.")
    project_id: ProjectRef
    organization_id: OrganizationRef
    container_id: ContainerRef
    social_account_id: AccountRef
    platform: PlatformName
    taken_at: Instant
    metrics: Metrics
    unavailable: list[MissingNumber]


class DraftEventData(Out):
    """A draft that was created, changed or deleted, without what it has."""

    model_config = ConfigDict(json_schema_extra={"examples": [_DRAFT]})

    draft_id: DraftRef
    project_id: ProjectRef
    organization_id: OrganizationRef
    revision: int
    updated_by: str = Field(description="Id of the key or the user that changed or deleted it.")
    updated_by_name: str | None = Field(description="The user's name; null for a key.")
    updated_at: Instant
    deleted_at: Instant | None


class CommentEventData(Out):
    """A comment, as `GET /v1/comments/{commentId}` returned it at that time, without its actions and its post."""

    model_config = ConfigDict(json_schema_extra={"examples": [_COMMENT]})

    id: CommentRef
    project_id: ProjectRef
    organization_id: OrganizationRef
    scheduled_post_id: PostRef
    social_account_id: AccountRef
    platform: PlatformName
    external_id: str | None
    parent_external_id: str | None = Field(description="The platform's id of the comment that it answers.")
    reply_to: CommentRef | None = Field(
        description="Of a reply that was sent with Presswork: the comment that it answers."
    )
    author: str | None
    text: str | None
    own: bool
    hidden: bool
    liked: bool
    status: CommentStatus
    assignee_id: UserRef | None
    reply_status: ReplyStatus | None
    error: str | None
    created_at: Instant


class DiscussionEventData(ContentComment):
    """A comment on content, as the API returned it at that time."""

    model_config = ConfigDict(json_schema_extra={"examples": [_DISCUSSED]})

    project_id: ProjectRef
    organization_id: OrganizationRef


class SocialAccountEventData(Out):
    """A social account, as the list of accounts returned it at that time, without readiness and layer."""

    model_config = ConfigDict(json_schema_extra={"examples": [_ACCOUNT]})

    social_account_id: AccountRef
    project_id: ProjectRef
    organization_id: OrganizationRef
    platform: PlatformName
    login: LoginName
    handle: str
    display_name: str | None
    avatar_url: str | None
    status: AccountStatus
    connected_at: Instant
    token_expires_at: Instant | None
    disconnected_at: Instant | None
    disconnected_reason: str | None
    connect_link_id: ConnectedThrough


class ExpiringAccountEventData(SocialAccountEventData):
    """A social account whose token ends soon."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLES[EventType.ACCOUNT_TOKEN_EXPIRING]["data"]]})

    days_left: int = Field(description="Days until `tokenExpiresAt`, rounded up.")


class PausedEndpointEventData(Out):
    """An endpoint that was paused."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLES[EventType.WEBHOOK_PAUSED]["data"]]})

    endpoint_id: EndpointRef
    project_id: ProjectRef | None
    organization_id: OrganizationRef
    host: str | None = Field(description="The host of its URL.")
    reason: PausedReason
    failures_in_row: int


class UsageLimitEventData(Out):
    """A limit of the organization, and what it has of what the limit counts."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLES[EventType.USAGE_NEAR_LIMIT]["data"]]})

    organization_id: OrganizationRef
    limit: str = Field(description="Its name, as in `PATCH /v1/organizations/{organizationId}/limits`.")
    maximum: int
    used: int = Field(description="When it was noticed.")
    resets_at: Instant | None = Field(description="When the count begins again.")


class MediaQuotaEventData(Out):
    """How much of the organization's storage is used."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLES[EventType.QUOTA_MEDIA]["data"]]})

    organization_id: OrganizationRef
    used_bytes: int
    quota_bytes: int


class PingEventData(Out):
    """The tested endpoint."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLES[EventType.TEST_PING]["data"]]})

    endpoint_id: EndpointRef
    project_id: ProjectRef | None
    organization_id: OrganizationRef


class _Event(Out):
    id: str = Field(
        pattern="^evt_[0-9A-HJKMNP-TV-Z]{26}$", description="The `webhook-id`: the same for every attempt and replay."
    )
    timestamp: Instant = Field(description="When the event occurred.")


class PostEvent(_Event):
    """A change of a post's status, or of a live post."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLES[EventType.POST_PUBLISHED]]})

    type: Literal[
        EventType.POST_SCHEDULED,
        EventType.POST_PUBLISHING,
        EventType.POST_PUBLISHED,
        EventType.POST_PARTIAL,
        EventType.POST_DRAFTED,
        EventType.POST_FAILED,
        EventType.POST_OUTCOME_UNKNOWN,
        EventType.POST_CANCELED,
        EventType.POST_TAKEN_DOWN,
        EventType.POST_TAKE_DOWN_FAILED,
        EventType.POST_EDITED,
    ]
    data: PostEventData


class InsightsEvent(_Event):
    """Numbers of a live post."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLES[EventType.POST_INSIGHTS]]})

    type: Literal[EventType.POST_INSIGHTS]
    data: InsightsEventData


class ContentEvent(_Event):
    """Content that waits for a decision, or a decision on it."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLES[EventType.CONTENT_APPROVED]]})

    type: Literal[
        EventType.CONTENT_PENDING,
        EventType.CONTENT_CHANGES_REQUESTED,
        EventType.CONTENT_APPROVED,
        EventType.CONTENT_REJECTED,
        EventType.CONTENT_REMINDER,
        EventType.CONTENT_DELETED,
    ]
    data: ContentEventData


class DraftEvent(_Event):
    """A change of a draft."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLES[EventType.DRAFT_CHANGED]]})

    type: Literal[EventType.DRAFT_CHANGED]
    data: DraftEventData


class DiscussionEvent(_Event):
    """A comment on content."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLES[EventType.CONTENT_COMMENTED]]})

    type: Literal[EventType.CONTENT_COMMENTED, EventType.CONTENT_MENTIONED]
    data: DiscussionEventData


class CommentEvent(_Event):
    """A comment on a live post, or what became of a reply."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLES[EventType.COMMENT_RECEIVED]]})

    type: Literal[EventType.COMMENT_RECEIVED, EventType.COMMENT_REPLIED, EventType.COMMENT_REPLY_FAILED]
    data: CommentEventData


class SocialAccountEvent(_Event):
    """A change of a social account's status."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLES[EventType.ACCOUNT_CONNECTED]]})

    type: Literal[EventType.ACCOUNT_CONNECTED, EventType.ACCOUNT_NEEDS_REAUTH, EventType.ACCOUNT_REVOKED]
    data: SocialAccountEventData


class ExpiringAccountEvent(_Event):
    """A social account whose token ends soon."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLES[EventType.ACCOUNT_TOKEN_EXPIRING]]})

    type: Literal[EventType.ACCOUNT_TOKEN_EXPIRING]
    data: ExpiringAccountEventData


class PausedEndpointEvent(_Event):
    """A webhook endpoint that was paused."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLES[EventType.WEBHOOK_PAUSED]]})

    type: Literal[EventType.WEBHOOK_PAUSED]
    data: PausedEndpointEventData


class MediaQuotaEvent(_Event):
    """Storage that is almost full."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLES[EventType.QUOTA_MEDIA]]})

    type: Literal[EventType.QUOTA_MEDIA]
    data: MediaQuotaEventData


class UsageLimitEvent(_Event):
    """A limit that the organization came near, or reached."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLES[EventType.USAGE_NEAR_LIMIT]]})

    type: Literal[EventType.USAGE_NEAR_LIMIT, EventType.USAGE_LIMIT_REACHED]
    data: UsageLimitEventData


class PingEvent(_Event):
    """A test message."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLES[EventType.TEST_PING]]})

    type: Literal[EventType.TEST_PING]
    data: PingEventData


_Id = Annotated[
    str, Header(alias="webhook-id", description="Id of the event, the same for every attempt and replay: `evt_…`.")
]
_Timestamp = Annotated[str, Header(alias="webhook-timestamp", description="Time of this attempt in Unix seconds.")]
_Signature = Annotated[
    str,
    Header(
        alias="webhook-signature",
        description="`v1,` and the signature in base64; two signatures, separated by a space, while a secret is being rotated.",
    ),
]


async def _post_event(body: PostEvent, id_: _Id, timestamp: _Timestamp, signature: _Signature) -> None: ...


async def _insights_event(body: InsightsEvent, id_: _Id, timestamp: _Timestamp, signature: _Signature) -> None: ...


async def _content_event(body: ContentEvent, id_: _Id, timestamp: _Timestamp, signature: _Signature) -> None: ...


async def _draft_event(body: DraftEvent, id_: _Id, timestamp: _Timestamp, signature: _Signature) -> None: ...


async def _discussion_event(body: DiscussionEvent, id_: _Id, timestamp: _Timestamp, signature: _Signature) -> None: ...


async def _comment_event(body: CommentEvent, id_: _Id, timestamp: _Timestamp, signature: _Signature) -> None: ...


async def _account_event(body: SocialAccountEvent, id_: _Id, timestamp: _Timestamp, signature: _Signature) -> None: ...


async def _token_event(body: ExpiringAccountEvent, id_: _Id, timestamp: _Timestamp, signature: _Signature) -> None: ...


async def _paused_event(body: PausedEndpointEvent, id_: _Id, timestamp: _Timestamp, signature: _Signature) -> None: ...


async def _quota_event(body: MediaQuotaEvent, id_: _Id, timestamp: _Timestamp, signature: _Signature) -> None: ...


async def _usage_event(body: UsageLimitEvent, id_: _Id, timestamp: _Timestamp, signature: _Signature) -> None: ...


async def _test_event(body: PingEvent, id_: _Id, timestamp: _Timestamp, signature: _Signature) -> None: ...


_HANDLERS: Final[Mapping[str, Callable[..., Any]]] = {
    "post": _post_event,
    EventType.POST_INSIGHTS.value: _insights_event,
    EventType.CONTENT_COMMENTED.value: _discussion_event,
    EventType.CONTENT_MENTIONED.value: _discussion_event,
    "content": _content_event,
    "draft": _draft_event,
    "comment": _comment_event,
    "social_account": _account_event,
    EventType.ACCOUNT_TOKEN_EXPIRING.value: _token_event,
    "webhook": _paused_event,
    "quota": _quota_event,
    "usage": _usage_event,
    "test": _test_event,
}


def described() -> APIRouter:
    """Return a router that serves no requests; FastAPI includes it in the OpenAPI document as `webhooks`."""
    router = APIRouter(tags=["Webhooks"])
    for event_type, meaning in MEANINGS.items():
        name = event_type.value
        router.add_api_route(
            name,
            _HANDLERS.get(name) or _HANDLERS[name.partition(".")[0]],
            methods=["POST"],
            operation_id=f"receive_{name.replace('.', '_')}",
            summary=f"Message {name}",
            description=meaning,
            status_code=204,
            response_description="Received. Presswork retries after any status other than 2xx, and after 15 seconds without a response.",
        )
    return router
