"""Values that are one of a few. A newer server may send others.

Written by `python -m generator`; change the API or the generator, not this file.
"""

from typing import Literal, TypeAlias

AccountStatus: TypeAlias = Literal["connected", "reauth_required", "disconnected"]
"""Whether Presswork may act for an account."""

Action: TypeAlias = Literal[
    "organization.create",
    "operator.create",
    "operator.update",
    "operator.send_code",
    "operator.confirm_phone",
    "key.create",
    "key.update",
    "key.revoke",
    "key.kill",
    "key.revive",
    "project.create",
    "project.update",
    "project.archive",
    "project.set_review_policy",
    "account.connect",
    "account.disconnect",
    "account.reauth_required",
    "layer.create",
    "layer.update",
    "layer.delete",
    "content.upload",
    "content.open_uploads",
    "content.finalize",
    "content.update",
    "content.approve",
    "content.reject",
    "content.publish",
    "content.schedule",
    "content.notify_device",
    "post.reschedule",
    "post.cancel",
    "provider.add",
    "provider.remove",
    "provider.rotate_secret",
    "webhook.create",
    "webhook.update",
    "webhook.delete",
    "webhook.rotate_secret",
    "webhook.test",
    "webhook.replay",
    "music.import",
    "audit.prune",
]
"""Everything that is written down: the kind of thing, and what was done to it."""

ActorKind: TypeAlias = Literal["api_key", "command_line", "worker"]
"""By which door somebody came."""

Advice: TypeAlias = Literal[
    "REPEATED_TARGET",
    "PLATFORM_NOT_ASKED",
    "TOO_MANY_HASHTAGS",
    "QUOTA_LOW",
    "RATE_LIMITED",
    "MEDIA_CONVERTED",
    "MEDIA_CROPPED",
    "UNUSUAL_RATIO",
    "CAPTION_NOT_DELIVERED",
    "COMMENT_UNSUPPORTED",
    "COMMENT_NOT_PERMITTED",
    "MUSIC_IGNORED",
    "MUSIC_NOT_CHOSEN",
    "MEDIA_LINKED",
    "CAPTION_ON_PAGE",
]
"""`code` of a warning: the post is accepted all the same, but not all will be as it may be wished."""

ApprovalStatus: TypeAlias = Literal["not_required", "pending", "approved", "rejected"]
"""Whether a person has to agree, or has decided."""

Code: TypeAlias = Literal[
    "UNAUTHENTICATED",
    "FORBIDDEN_SCOPE",
    "APPROVAL_REQUIRED",
    "RETURN_URL_NOT_ALLOWED",
    "NOT_FOUND",
    "METHOD_NOT_ALLOWED",
    "CONFLICT",
    "CONFLICT_DUPLICATE_ID",
    "CONTENT_REJECTED",
    "IDEMPOTENCY_CONFLICT",
    "PAYLOAD_TOO_LARGE",
    "UNSUPPORTED_MEDIA_TYPE",
    "VALIDATION",
    "SOCIAL_ACCOUNT_NOT_PUBLISH_READY",
    "PHONE_REQUIRED",
    "OWNER_PHONE_UNVERIFIED",
    "MEDIA_UNREACHABLE",
    "MEDIA_UNSUPPORTED",
    "RATE_LIMITED",
    "INTERNAL",
    "KILL_SWITCH",
    "UNAVAILABLE",
]
"""Every error code that the API answers with; never taken from a class name."""

ContainerStatus: TypeAlias = Literal["queued", "processing", "completed", "failed", "canceled"]
"""Where a container is in its life."""

ContentType: TypeAlias = Literal["image/jpeg", "image/png", "image/webp", "video/mp4", "video/quicktime"]
"""Every content type that Presswork takes, told by the bytes."""

DeliveryStatus: TypeAlias = Literal["pending", "delivered", "failed"]
"""Where a delivery is."""

EndpointStatus: TypeAlias = Literal["active", "paused"]
"""Whether deliveries go out. Those of a paused endpoint are kept."""

Environment: TypeAlias = Literal["live", "test"]
"""`live` projects talk to the real platforms, `test` projects to the sandbox."""

Event: TypeAlias = Literal[
    "queued",
    "claimed",
    "waiting",
    "retrying",
    "preparing",
    "prepared",
    "going_live",
    "live",
    "reconciled",
    "media_converted",
    "permalink",
    "first_comment",
    "token_refreshed",
    "rescheduled",
    "platform_notice",
    "published",
    "drafted",
    "failed",
    "canceled",
]
"""What the timeline tells of a post."""

EventType: TypeAlias = Literal[
    "post.scheduled",
    "post.publishing",
    "post.published",
    "post.drafted",
    "post.failed",
    "post.canceled",
    "content.approved",
    "content.rejected",
    "social_account.connected",
    "social_account.needs_reauth",
    "social_account.revoked",
    "test.ping",
]
"""What can be told."""

FailureCode: TypeAlias = Literal[
    "PLATFORM_REJECTED",
    "MEDIA_REJECTED",
    "CREDENTIAL_INVALID",
    "ACCOUNT_NOT_ELIGIBLE",
    "PLATFORM_RATE_LIMITED",
    "PLATFORM_UNAVAILABLE",
    "OPERATOR_PHONE_UNVERIFIED",
    "DELIVERY_FAILED",
    "PROVIDER_REJECTED",
    "OUTCOME_UNKNOWN",
    "CANCELED_BY_PLATFORM",
    "INTERNAL",
]
"""`lastError.code`: why a post failed, as the API tells it."""

FirstCommentStatus: TypeAlias = Literal["posted", "failed", "unsupported"]
"""What became of the first comment; null where none was asked for, or it is still to come."""

GateStatus: TypeAlias = Literal["queued", "blocked_on_approval"]
"""Whether scheduled posts are made, or wait until the content is approved."""

Grouping: TypeAlias = Literal["per-file", "slideshow"]
"""How uploaded files become containers."""

KeyStatus: TypeAlias = Literal["active", "killed", "revoked"]
"""Whether a key opens anything."""

LoginFailure: TypeAlias = Literal[
    "access_denied",
    "expired_state",
    "state_used",
    "exchange_failed",
    "no_account",
    "account_mismatch",
    "platform_unavailable",
    "project_archived",
    "key_revoked",
]
"""Why a login failed, as `layers_oauth_error` and the status of the login tell it."""

LoginName: TypeAlias = Literal["instagram", "facebook", "tiktok"]
"""The ways to connect an account; each leads to one platform."""

MediaType: TypeAlias = Literal["image", "video", "multi"]
"""What a container holds: one image, one video, or 2–10 images."""

Mode: TypeAlias = Literal["publish", "draft", "managed"]
"""How a post is delivered."""

NotReady: TypeAlias = Literal[
    "disconnected",
    "reauth_required",
    "missing_permission",
    "no_managed_layer",
    "no_managed_provider",
    "mode_unavailable",
    "platform_unavailable",
]
"""Why an account can't be published to in a mode."""

PausedReason: TypeAlias = Literal["by_request", "too_many_failures", "gone"]
"""Why an endpoint is paused."""

PlatformName: TypeAlias = Literal["instagram", "tiktok"]
"""The platforms, by the name that the API uses."""

ProjectStatus: TypeAlias = Literal["active", "archived"]
"""Whether a project takes content and posts. Archived is final."""

ReviewPolicy: TypeAlias = Literal["auto_approve", "review_first_n", "review_all"]
"""Which new content of a project waits for a person's approval."""

Status: TypeAlias = Literal["queued", "publishing", "published", "draft", "failed", "canceled"]
"""Where a post is in its life."""

TextKind: TypeAlias = Literal["media", "caption", "steps"]
"""What one of the messages is for, in the order in which they go."""

TextStatus: TypeAlias = Literal["queued", "sending", "sent", "delivered", "failed", "unknown"]
"""Where a message is. A worker moves it on; the last four are final."""

Tier: TypeAlias = Literal["standard", "pilot", "partner", "unlimited"]
"""How many calls a minute a key may make."""
