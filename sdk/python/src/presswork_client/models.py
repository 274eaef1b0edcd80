"""What the API answers.

Written by `python -m generator`; change the API or the generator, not this file.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Literal

from presswork_client import choices
from presswork_client._model import Decode, Model, as_is, instant, many, one


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountReadiness(Model):
    """Whether the account can be published to, mode by mode."""

    WIRE: ClassVar[Mapping[str, tuple[str, Decode]]] = {
        "publish": ("publish", one(lambda: ModeReadiness)),
        "draft": ("draft", one(lambda: ModeReadiness)),
        "managed": ("managed", one(lambda: ModeReadiness)),
    }

    publish: ModeReadiness
    draft: ModeReadiness
    managed: ModeReadiness


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiKey(Model):
    """A key as the organization's administrators see it. Its secret is nowhere to be had."""

    WIRE: ClassVar[Mapping[str, tuple[str, Decode]]] = {
        "id": ("id", as_is),
        "organization_id": ("organizationId", as_is),
        "environment": ("environment", as_is),
        "lookup": ("lookup", as_is),
        "name": ("name", as_is),
        "scopes": ("scopes", as_is),
        "tier": ("tier", as_is),
        "return_domains": ("returnDomains", as_is),
        "operator_id": ("operatorId", as_is),
        "status": ("status", as_is),
        "created_at": ("createdAt", instant),
        "last_used_at": ("lastUsedAt", instant),
        "killed_at": ("killedAt", instant),
        "revoked_at": ("revokedAt", instant),
    }

    id: str
    organization_id: str
    environment: choices.Environment
    lookup: str
    """The third part of the key, which names it; the logs show it."""
    name: str
    scopes: list[str]
    tier: choices.Tier
    return_domains: list[str]
    """Hosts that people may be sent back to after connecting."""
    operator_id: str | None
    status: choices.KeyStatus
    created_at: datetime
    last_used_at: datetime | None
    """When it was last used, to the minute; null: never so far."""
    killed_at: datetime | None
    """Since when it is switched off."""
    revoked_at: datetime | None
    """Since when it has ended for good."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiKeyPage(Model):
    """One page of a list. `nextCursor` is null on the last one."""

    WIRE: ClassVar[Mapping[str, tuple[str, Decode]]] = {
        "items": ("items", many(one(lambda: ApiKey))),
        "next_cursor": ("nextCursor", as_is),
    }

    items: list[ApiKey]
    next_cursor: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovedContent(Model):
    """Approved content. `pendingSchedulePromotion` is there only where schedule calls waited for it."""

    WIRE: ClassVar[Mapping[str, tuple[str, Decode]]] = {
        "id": ("id", as_is),
        "approval_status": ("approvalStatus", as_is),
        "approved_at": ("approvedAt", instant),
        "approved_by": ("approvedBy", as_is),
        "pending_schedule_promotion": ("pendingSchedulePromotion", one(lambda: SchedulePromotion)),
    }

    id: str
    approval_status: Literal["approved"]
    approved_at: datetime
    approved_by: str
    pending_schedule_promotion: SchedulePromotion | None
    """None where it is absent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditActor(Model):
    """Who did it."""

    WIRE: ClassVar[Mapping[str, tuple[str, Decode]]] = {
        "kind": ("kind", as_is),
        "key_id": ("keyId", as_is),
        "operator_id": ("operatorId", as_is),
        "name": ("name", as_is),
    }

    kind: choices.ActorKind
    """`api_key`: a call of this API; `command_line`: somebody with `presswork` on the server; `worker`: the
    program itself.
    """
    key_id: str | None
    """The key, where it was one."""
    operator_id: str | None
    """The operator whom the key belonged to at that time."""
    name: str | None
    """The user name on the server, for the command line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEntry(Model):
    """One thing that was done."""

    WIRE: ClassVar[Mapping[str, tuple[str, Decode]]] = {
        "id": ("id", as_is),
        "at": ("at", instant),
        "environment": ("environment", as_is),
        "action": ("action", as_is),
        "actor": ("actor", one(lambda: AuditActor)),
        "object_id": ("objectId", as_is),
        "request_id": ("requestId", as_is),
        "detail": ("detail", as_is),
    }

    id: str
    at: datetime
    environment: choices.Environment | None
    """null where it belongs to both, as operators do."""
    action: choices.Action
    actor: AuditActor
    object_id: str | None
    """What it was done to, by its id."""
    request_id: str | None
    """`X-Request-Id` of the call."""
    detail: Mapping[str, object]
    """What else is worth knowing. Phones are masked, secrets never there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEntryPage(Model):
    """One page of a list. `nextCursor` is null on the last one."""

    WIRE: ClassVar[Mapping[str, tuple[str, Decode]]] = {
        "items": ("items", many(one(lambda: AuditEntry))),
        "next_cursor": ("nextCursor", as_is),
    }

    items: list[AuditEntry]
    next_cursor: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller(Model):
    """Who is calling, and what the key may do."""

    WIRE: ClassVar[Mapping[str, tuple[str, Decode]]] = {
        "organization_id": ("organizationId", as_is),
        "organization_name": ("organizationName", as_is),
        "environment": ("environment", as_is),
        "key_id": ("keyId", as_is),
        "scopes": ("scopes", as_is),
        "tier": ("tier", as_is),
        "return_domains": ("returnDomains", as_is),
        "operator_id": ("operatorId", as_is),
    }

    organization_id: str
    organization_name: str | None
    environment: choices.Environment
    key_id: str
    scopes: list[str]
    tier: choices.Tier
    return_domains: list[str]
    """Hosts that people may be sent back to after connecting."""
    operator_id: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CanceledPost(Model):
    """A post that will not go live."""

    WIRE: ClassVar[Mapping[str, tuple[str, Decode]]] = {
        "id": ("id", as_is),
        "status": ("status", as_is),
        "canceled_at": ("canceledAt", instant),
    }

    id: str
    status: Literal["canceled"]
    canceled_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalogue(Model):
    """One page of the catalogue, most used tracks first. `total` counts all that match, on every page."""

    WIRE: ClassVar[Mapping[str, tuple[str, Decode]]] = {
        "tracks": ("tracks", many(one(lambda: Track))),
        "total": ("total", as_is),
        "next_cursor": ("nextCursor", as_is),
    }

    tracks: list[Track]
    total: int
    next_cursor: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Check(Model):
    """One thing that readiness depends on."""

    WIRE: ClassVar[Mapping[str, tuple[str, Decode]]] = {
        "name": ("name", as_is),
        "ok": ("ok", as_is),
        "message": ("message", as_is),
    }

    name: Literal["database", "migrations", "worker", "queue"]
    ok: bool
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Content(Model):
    """A container: a video, a picture or a slideshow, with its caption."""

    WIRE: ClassVar[Mapping[str, tuple[str, Decode]]] = {
        "id": ("id", as_is),
        "project_id": ("projectId", as_is),
        "status": ("status", as_is),
        "approval_status": ("approvalStatus", as_is),
        "approved_at": ("approvedAt", instant),
        "approved_by": ("approvedBy", as_is),
        "rejected_at": ("rejectedAt", instant),
        "rejected_by": ("rejectedBy", as_is),
        "review_note": ("reviewNote", as_is),
        "media_type": ("mediaType", as_is),
        "caption": ("caption", as_is),
        "first_comment": ("firstComment", as_is),
        "media": ("media", many(one(lambda: MediaItem))),
        "created_at": ("createdAt", instant),
        "updated_at": ("updatedAt", instant),
    }

    id: str
    project_id: str
    status: choices.ContainerStatus
    approval_status: choices.ApprovalStatus
    approved_at: datetime | None
    """When a person approved it."""
    approved_by: str | None
    """The key by which it was approved."""
    rejected_at: datetime | None
    """When a person rejected it."""
    rejected_by: str | None
    """The key by which it was rejected."""
    review_note: str | None
    """What was said with the approval, or why it was rejected."""
    media_type: choices.MediaType
    caption: str
    first_comment: str | None
    media: list[MediaItem]
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ContentEvent(Model):
    """What was decided on content."""

    WIRE: ClassVar[Mapping[str, tuple[str, Decode]]] = {
        "id": ("id", as_is),
        "timestamp": ("timestamp", instant),
        "type": ("type", as_is),
        "data": ("data", one(lambda: ContentEventData)),
    }

    id: str
    """The `webhook-id`: the same however often it comes."""
    timestamp: datetime
    """When it happened."""
    type: Literal["content.approved", "content.rejected"]
    data: ContentEventData


@dataclass(frozen=True, slots=True, kw_only=True)
class ContentEventData(Model):
    """A container, as `GET /v1/content/{containerId}` showed it at that moment, without its media."""

    WIRE: ClassVar[Mapping[str, tuple[str, Decode]]] = {
        "id": ("id", as_is),
        "project_id": ("projectId", as_is),
        "organization_id": ("organizationId", as_is),
        "status": ("status", as_is),
        "approval_status": ("approvalStatus", as_is),
        "approved_at": ("approvedAt", instant),
        "approved_by": ("approvedBy", as_is),
        "rejected_at": ("rejectedAt", instant),
        "rejected_by": ("rejectedBy", as_is),
        "review_note": ("reviewNote", as_is),
        "media_type": ("mediaType", as_is),
        "caption": ("caption", as_is),
        "first_comment": ("firstComment", as_is),
        "created_at": ("createdAt", instant),
        "updated_at": ("updatedAt", instant),
    }

    id: str
    project_id: str
    organization_id: str
    status: choices.ContainerStatus
    approval_status: choices.ApprovalStatus
    approved_at: datetime | None
    approved_by: str | None
    rejected_at: datetime | None
    rejected_by: str | None
    review_note: str | None
    media_type: choices.MediaType
    caption: str
    first_comment: str | None
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ContentPage(Model):
    """One page of a list. `nextCursor` is null on the last one."""

    WIRE: ClassVar[Mapping[str, tuple[str, Decode]]] = {
        "items": ("items", many(one(lambda: Content))),
        "next_cursor": ("nextCursor", as_is),
    }

    items: list[Content]
    next_cursor: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ContentReviewPolicy(Model):
    """Which new content of a project waits for approval, and how much waits now."""

    WIRE: ClassVar[Mapping[str, tuple[str, Decode]]] = {
        "project_id": ("projectId", as_is),
        "policy": ("policy", as_is),
        "first_n": ("firstN", as_is),
        "pending_count": ("pendingCount", as_is),
        "updated_at": ("updatedAt", instant),
    }

    project_id: str
    policy: choices.ReviewPolicy
    first_n: int | None
    """Only with `review_first_n`. None where it is absent."""
    pending_count: int
    """Finished content that waits for a decision now."""
    updated_at: datetime | None
    """When the policy was set; absent if it never was. None where it is absent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CreatedApiKey(Model):
    """A key just made. `key` is what its holder sends; it is shown this once."""

    WIRE: ClassVar[Mapping[str, tuple[str, Decode]]] = {
        "api_key": ("apiKey", one(lambda: ApiKey)),
        "key": ("key", as_is),
    }

    api_key: ApiKey
    key: str
    """Keep it: only a hash of it is stored."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CreatedWebhookEndpoint(Model):
    """A fresh endpoint, and the secret that its messages are signed with. The secret is not shown again."""

    WIRE: ClassVar[Mapping[str, tuple[str, Decode]]] = {
        "endpoint": ("endpoint", one(lambda: WebhookEndpoint)),
        "signing_secret": ("signingSecret", as_is),
    }

    endpoint: WebhookEndpoint
    signing_secret: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DeletedLayer(Model):
    """A layer that was taken away."""

    WIRE: ClassVar[Mapping[str, tuple[str, Decode]]] = {
        "id": ("id", as_is),
        "released_social_account_ids": ("releasedSocialAccountIds", as_is),
        "deleted_at": ("deletedAt", instant),
    }

    id: str
    released_social_account_ids: list[str]
    """Accounts that belong to no layer now."""
    deleted_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DeletedWebhookEndpoint(Model):
    """An endpoint that was removed."""

    WIRE: ClassVar[Mapping[str, tuple[str, Decode]]] = {
        "id": ("id", as_is),
        "deleted_at": ("deletedAt", instant),
    }

    id: str
    deleted_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceMessage(Model):
    """One text message of a notice."""

    WIRE: ClassVar[Mapping[str, tuple[str, Decode]]] = {
        "id": ("id", as_is),
        "kind": ("kind", as_is),
        "status": ("status", as_is),
    }

    id: str
    kind: choices.TextKind
    status: choices.TextStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceNotice(Model):
    """The text messages that are on their way to the phone, in their order. The phone is shown masked."""

    WIRE: ClassVar[Mapping[str, tuple[str, Decode]]] = {
        "phone_number": ("phoneNumber", as_is),
        "messages": ("messages", many(one(lambda: DeviceMessage))),
    }

    phone_number: str
    messages: list[DeviceMessage]


@dataclass(frozen=True, slots=True, kw_only=True)
class DisconnectedAccount(Model):
    """An account that was given back."""

    WIRE: ClassVar[Mapping[str, tuple[str, Decode]]] = {
        "social_account_id": ("socialAccountId", as_is),
        "status": ("status", as_is),
        "disconnected_reason": ("disconnectedReason", as_is),
        "canceled_scheduled_posts": ("canceledScheduledPosts", as_is),
        "disconnected_at": ("disconnectedAt", instant),
    }

    social_account_id: str
    status: Literal["disconnected"]
    disconnected_reason: str
    canceled_scheduled_posts: int
    """How many queued posts were canceled by this call."""
    disconnected_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpectedContent(Model):
    """A container that waits for its files. Finalize it when all are there."""

    WIRE: ClassVar[Mapping[str, tuple[str, Decode]]] = {
        "container_id": ("containerId", as_is),
        "files": ("files", many(one(lambda: UploadTarget))),
    }

    container_id: str
    files: list[UploadTarget]


@dataclass(frozen=True, slots=True, kw_only=True)
class Health(Model):
    """The process answers."""

    WIRE: ClassVar[Mapping[str, tuple[str, Decode]]] = {
        "status": ("status", as_is),
    }

    status: Literal["ok"]


@dataclass(frozen=True, slots=True, kw_only=True)
class LastError(Model):
    """Why a post failed, in words that say what to do."""

    WIRE: ClassVar[Mapping[str, tuple[str, Decode]]] = {
        "code": ("code", as_is),
        "message": ("message", as_is),
        "platform_code": ("platformCode", as_is),
        "platform_message": ("platformMessage", as_is),
        "at": ("at", instant),
        "step": ("step", as_is),
    }

    code: choices.FailureCode
    message: str
    platform_code: str | None
    platform_message: str | None
    at: datetime
    step: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer(Model):
    """Accounts of a project that are treated alike."""

    WIRE: ClassVar[Mapping[str, tuple[str, Decode]]] = {
        "id": ("id", as_is),
        "project_id": ("projectId", as_is),
        "template_id": ("templateId", as_is),
        "config": ("config", as_is),
        "social_account_ids": ("socialAccountIds", as_is),
        "created_at": ("createdAt", instant),
        "updated_at": ("updatedAt", instant),
    }

    id: str
    project_id: str
    template_id: str
    config: Mapping[str, object]
    social_account_ids: list[str]
    """In the order in which the accounts were connected."""
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class LayerPage(Model):
    """One page of a list. `nextCursor` is null on the last one."""

    WIRE: ClassVar[Mapping[str, tuple[str, Decode]]] = {
        "items": ("items", many(one(lambda: Layer))),
        "next_cursor": ("nextCursor", as_is),
    }

    items: list[Layer]
    next_cursor: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaItem(Model):
    """One piece of a container's media. Until its bytes were looked at, type and size are what was announced."""

    WIRE: ClassVar[Mapping[str, tuple[str, Decode]]] = {
        "id": ("id", as_is),
        "content_type": ("contentType", as_is),
        "size_bytes": ("sizeBytes", as_is),
        "sha256": ("sha256", as_is),
        "width": ("width", as_is),
        "height": ("height", as_is),
        "duration_seconds": ("durationSeconds", as_is),
        "filename": ("filename", as_is),
        "url": ("url", as_is),
        "url_expires_at": ("urlExpiresAt", instant),
    }

    id: str
    content_type: str | None
    size_bytes: int | None
    sha256: str | None
    width: int | None
    """Pixels, as displayed."""
    height: int | None
    """Pixels, as displayed."""
    duration_seconds: float | None
    """Of a video."""
    filename: str | None
    url: str | None
    """Signed address of the stored file; works until urlExpiresAt."""
    url_expires_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ModeReadiness(Model):
    """Whether the account can be published to in one mode."""

    WIRE: ClassVar[Mapping[str, tuple[str, Decode]]] = {
        "ready": ("ready", as_is),
        "reason": ("reason", as_is),
        "missing_scopes": ("missingScopes", as_is),
    }

    ready: bool
    reason: choices.NotReady | None
    """Why not; null when ready."""
    missing_scopes: list[str]
    """The platform's names of permissions that were not granted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OAuthStatus(Model):
    """What became of a login."""

    WIRE: ClassVar[Mapping[str, tuple[str, Decode]]] = {
        "state": ("state", as_is),
        "status": ("status", as_is),
        "social_account_id": ("socialAccountId", as_is),
        "error": ("error", as_is),
        "expires_at": ("expiresAt", instant),
    }

    state: str
    status: Literal["pending", "connected", "failed"]
    social_account_id: str | None
    """The account, once it is connected."""
    error: choices.LoginFailure | None
    """Why it failed; the same as `layers_oauth_error` of the redirect."""
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class OAuthUrl(Model):
    """A login just begun. Send the account's owner to `authorizeUrl`; it works once."""

    WIRE: ClassVar[Mapping[str, tuple[str, Decode]]] = {
        "authorize_url": ("authorizeUrl", as_is),
        "state": ("state", as_is),
        "expires_at": ("expiresAt", instant),
    }

    authorize_url: str
    state: str
    """Names the login; ask `oauth-status` what became of it."""
    expires_at: datetime
    """Ten minutes after the login began."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Operator(Model):
    """A person of the organization who is reached by phone. The phone is shown masked."""

    WIRE: ClassVar[Mapping[str, tuple[str, Decode]]] = {
        "id": ("id", as_is),
        "organization_id": ("organizationId", as_is),
        "name": ("name", as_is),
        "phone": ("phone", as_is),
        "phone_verified_at": ("phoneVerifiedAt", instant),
        "is_primary": ("isPrimary", as_is),
        "created_at": ("createdAt", instant),
    }

    id: str
    organization_id: str
    name: str
    phone: str | None
    phone_verified_at: datetime | None
    """Since when the phone counts as verified in the key's environment. A code that came from the sandbox counts
    in `test` only; one that was texted for real counts in both.
    """
    is_primary: bool
    """Whether drafts by text go to this person."""
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatorPage(Model):
    """One page of a list. `nextCursor` is null on the last one."""

    WIRE: ClassVar[Mapping[str, tuple[str, Decode]]] = {
        "items": ("items", many(one(lambda: Operator))),
        "next_cursor": ("nextCursor", as_is),
    }

    items: list[Operator]
    next_cursor: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PingEvent(Model):
    """A test."""

    WIRE: ClassVar[Mapping[str, tuple[str, Decode]]] = {
        "id": ("id", as_is),
        "timestamp": ("timestamp", instant),
        "type": ("type", as_is),
        "data": ("data", one(lambda: PingEventData)),
    }

    id: str
    """The `webhook-id`: the same however often it comes."""
    timestamp: datetime
    """When it happened."""
    type: Literal["test.ping"]
    data: PingEventData


@dataclass(frozen=True, slots=True, kw_only=True)
class PingEventData(Model):
    """Which endpoint was tested."""

    WIRE: ClassVar[Mapping[str, tuple[str, Decode]]] = {
        "endpoint_id": ("endpointId", as_is),
        "project_id": ("projectId", as_is),
        "organization_id": ("organizationId", as_is),
    }

    endpoint_id: str
    project_id: str | None
    organization_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PostEvent(Model):
    """What happened to a post."""

    WIRE: ClassVar[Mapping[str, tuple[str, Decode]]] = {
        "id": ("id", as_is),
        "timestamp": ("timestamp", instant),
        "type": ("type", as_is),
        "data": ("data", one(lambda: PostEventData)),
    }

    id: str
    """The `webhook-id`: the same however often it comes."""
    timestamp: datetime
    """When it happened."""
    type: Literal["post.scheduled", "post.publishing", "post.published", "post.drafted", "post.failed", "post.canceled"]
    data: PostEventData


@dataclass(frozen=True, slots=True, kw_only=True)
class PostEventData(Model):
    """A post, as `GET /v1/scheduled-posts/{postId}` showed it at that moment."""

    WIRE: ClassVar[Mapping[str, tuple[str, Decode]]] = {
        "id": ("id", as_is),
        "project_id": ("projectId", as_is),
        "container_id": ("containerId", as_is),
        "social_account_id": ("socialAccountId", as_is),
        "platform": ("platform", as_is),
        "mode": ("mode", as_is),
        "status": ("status", as_is),
        "external_id": ("externalId", as_is),
        "external_url": ("externalUrl", as_is),
        "scheduled_for": ("scheduledFor", instant),
        "attempted_at": ("attemptedAt", instant),
        "published_at": ("publishedAt", instant),
        "canceled_at": ("canceledAt", instant),
        "last_error": ("lastError", one(lambda: LastError)),
        "caption_override": ("captionOverride", as_is),
        "first_comment_override": ("firstCommentOverride", as_is),
        "tiktok_post_settings": ("tiktokPostSettings", one(lambda: TikTokPostSettings)),
        "tiktok_music": ("tiktokMusic", one(lambda: TikTokMusic)),
        "share_reel_to_feed": ("shareReelToFeed", as_is),
        "first_comment_status": ("firstCommentStatus", as_is),
        "created_at": ("createdAt", instant),
        "updated_at": ("updatedAt", instant),
        "organization_id": ("organizationId", as_is),
    }

    id: str
    project_id: str
    container_id: str
    social_account_id: str
    platform: choices.PlatformName
    mode: choices.Mode
    status: choices.Status
    external_id: str | None
    """The platform's own id of the live post."""
    external_url: str | None
    """The public address of the live post, as far as the platform tells it."""
    scheduled_for: datetime
    attempted_at: datetime | None
    published_at: datetime | None
    canceled_at: datetime | None
    last_error: LastError | None
    caption_override: str | None
    first_comment_override: str | None
    tiktok_post_settings: TikTokPostSettings | None
    tiktok_music: TikTokMusic | None
    share_reel_to_feed: bool | None
    first_comment_status: choices.FirstCommentStatus | None
    created_at: datetime
    updated_at: datetime
    organization_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PreflightAnswer(Model):
    """A verdict for every target, in their order."""

    WIRE: ClassVar[Mapping[str, tuple[str, Decode]]] = {
        "ok": ("ok", as_is),
        "errors": ("errors", many(one(lambda: PreflightError))),
        "targets": ("targets", many(one(lambda: TargetVerdict))),
    }

    ok: bool
    """The container and every target are fine."""
    errors: list[PreflightError]
    """What is wrong with the container, for all targets alike."""
    targets: list[TargetVerdict]


@dataclass(frozen=True, slots=True, kw_only=True)
class PreflightError(Model):
    """Something that would be refused."""

    WIRE: ClassVar[Mapping[str, tuple[str, Decode]]] = {
        "code": ("code", as_is),
        "message": ("message", as_is),
        "details": ("details", as_is),
    }

    code: choices.Code | choices.FailureCode
    """The code that publishing would answer with, or the one that the post would fail with on its platform."""
    message: str
    """What is wrong, with the numbers, and what to do."""
    details: Mapping[str, object]
    """The same for programs; of a platform's limit: its `reason`, `value`, `limit` and `unit`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PreflightWarning(Model):
    """Something that is accepted, and may not be as the caller wishes."""

    WIRE: ClassVar[Mapping[str, tuple[str, Decode]]] = {
        "code": ("code", as_is),
        "message": ("message", as_is),
        "details": ("details", as_is),
    }

    code: choices.Advice
    message: str
    details: Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Project(Model):
    """The content and accounts of one customer, kept together."""

    WIRE: ClassVar[Mapping[str, tuple[str, Decode]]] = {
        "id": ("id", as_is),
        "organization_id": ("organizationId", as_is),
        "environment": ("environment", as_is),
        "name": ("name", as_is),
        "timezone": ("timezone", as_is),
        "customer_external_id": ("customerExternalId", as_is),
        "metadata": ("metadata", as_is),
        "status": ("status", as_is),
        "requires_approval": ("requiresApproval", as_is),
        "created_at": ("createdAt", instant),
        "updated_at": ("updatedAt", instant),
        "archived_at": ("archivedAt", instant),
    }

    id: str
    organization_id: str
    environment: choices.Environment
    """`test` projects publish to the sandbox, `live` ones for real."""
    name: str
    timezone: str
    customer_external_id: str | None
    metadata: Mapping[str, object]
    status: choices.ProjectStatus
    requires_approval: bool
    """Whether new content may have to wait for approval."""
    created_at: datetime
    updated_at: datetime
    archived_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectPage(Model):
    """One page of a list. `nextCursor` is null on the last one."""

    WIRE: ClassVar[Mapping[str, tuple[str, Decode]]] = {
        "items": ("items", many(one(lambda: Project))),
        "next_cursor": ("nextCursor", as_is),
    }

    items: list[Project]
    next_cursor: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PromotedCall(Model):
    """What became of one schedule call that waited."""

    WIRE: ClassVar[Mapping[str, tuple[str, Decode]]] = {
        "status": ("status", as_is),
        "scheduled_for": ("scheduledFor", instant),
        "scheduled_post_ids": ("scheduledPostIds", as_is),
        "error": ("error", one(lambda: PromotionError)),
    }

    status: Literal["ok", "failed"]
    scheduled_for: datetime
    scheduled_post_ids: list[str]
    error: PromotionError | None
    """None where it is absent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PromotionError(Model):
    """Why a schedule call that waited made no posts: what the call would be told if it came now."""

    WIRE: ClassVar[Mapping[str, tuple[str, Decode]]] = {
        "code": ("code", as_is),
        "message": ("message", as_is),
        "details": ("details", as_is),
    }

    code: choices.Code
    message: str
    details: Mapping[str, object] | None
    """None where it is absent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishAnswer(Model):
    """The posts, in the order of the targets. `warnings` is there only when something is odd."""

    WIRE: ClassVar[Mapping[str, tuple[str, Decode]]] = {
        "scheduled_post_ids": ("scheduledPostIds", as_is),
        "warnings": ("warnings", many(one(lambda: RepeatedTarget))),
    }

    scheduled_post_ids: list[str]
    warnings: list[RepeatedTarget] | None
    """None where it is absent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Readiness(Model):
    """The service can accept and publish posts now."""

    WIRE: ClassVar[Mapping[str, tuple[str, Decode]]] = {
        "status": ("status", as_is),
        "listener": ("listener", as_is),
        "checks": ("checks", many(one(lambda: Check))),
    }

    status: Literal["ready"]
    listener: Literal["connected", "reconnecting"]
    """The connection that receives notifications. `reconnecting` is no failure: keys are looked up at each call
    until it is back.
    """
    checks: list[Check]


@dataclass(frozen=True, slots=True, kw_only=True)
class RejectedContent(Model):
    """Rejected content: it is never published."""

    WIRE: ClassVar[Mapping[str, tuple[str, Decode]]] = {
        "id": ("id", as_is),
        "approval_status": ("approvalStatus", as_is),
        "rejected_at": ("rejectedAt", instant),
        "rejected_by": ("rejectedBy", as_is),
        "reason": ("reason", as_is),
        "dropped_schedule_calls": ("droppedScheduleCalls", as_is),
    }

    id: str
    approval_status: Literal["rejected"]
    rejected_at: datetime
    rejected_by: str
    reason: str
    dropped_schedule_calls: int
    """Schedule calls that waited for the approval and are gone now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RepeatedTarget(Model):
    """A hint that two targets are the same account and mode."""

    WIRE: ClassVar[Mapping[str, tuple[str, Decode]]] = {
        "code": ("code", as_is),
        "message": ("message", as_is),
        "social_account_id": ("socialAccountId", as_is),
        "mode": ("mode", as_is),
    }

    code: Literal["REPEATED_TARGET"]
    message: str
    social_account_id: str
    mode: choices.Mode


@dataclass(frozen=True, slots=True, kw_only=True)
class RescheduledPost(Model):
    """A post with its new time."""

    WIRE: ClassVar[Mapping[str, tuple[str, Decode]]] = {
        "id": ("id", as_is),
        "status": ("status", as_is),
        "scheduled_for": ("scheduledFor", instant),
        "updated_at": ("updatedAt", instant),
    }

    id: str
    status: choices.Status
    scheduled_for: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RotatedSecret(Model):
    """Another secret, which is not shown again."""

    WIRE: ClassVar[Mapping[str, tuple[str, Decode]]] = {
        "signing_secret": ("signingSecret", as_is),
        "previous_secret_expires_at": ("previousSecretExpiresAt", instant),
    }

    signing_secret: str
    previous_secret_expires_at: datetime | None
    """Until when messages carry a signature by the former secret, too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduleAnswer(Model):
    """The posts, in the order of the targets; none yet where the content waits for approval."""

    WIRE: ClassVar[Mapping[str, tuple[str, Decode]]] = {
        "scheduled_post_ids": ("scheduledPostIds", as_is),
        "gate_status": ("gateStatus", as_is),
        "scheduled_for": ("scheduledFor", instant),
        "warnings": ("warnings", many(one(lambda: RepeatedTarget))),
    }

    scheduled_post_ids: list[str]
    gate_status: choices.GateStatus
    scheduled_for: datetime
    warnings: list[RepeatedTarget] | None
    """None where it is absent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SchedulePromotion(Model):
    """What became of all schedule calls that waited: `failed` if one of them did; its error is told here too."""

    WIRE: ClassVar[Mapping[str, tuple[str, Decode]]] = {
        "status": ("status", as_is),
        "scheduled_post_ids": ("scheduledPostIds", as_is),
        "error": ("error", one(lambda: PromotionError)),
        "calls": ("calls", many(one(lambda: PromotedCall))),
    }

    status: Literal["ok", "failed"]
    scheduled_post_ids: list[str]
    """Of all calls, in the order in which they came."""
    error: PromotionError | None
    """None where it is absent."""
    calls: list[PromotedCall]
    """Each call that waited, in the order in which they came."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduledPost(Model):
    """One container going to one social account. What does not apply (yet) is null."""

    WIRE: ClassVar[Mapping[str, tuple[str, Decode]]] = {
        "id": ("id", as_is),
        "project_id": ("projectId", as_is),
        "container_id": ("containerId", as_is),
        "social_account_id": ("socialAccountId", as_is),
        "platform": ("platform", as_is),
        "mode": ("mode", as_is),
        "status": ("status", as_is),
        "external_id": ("externalId", as_is),
        "external_url": ("externalUrl", as_is),
        "scheduled_for": ("scheduledFor", instant),
        "attempted_at": ("attemptedAt", instant),
        "published_at": ("publishedAt", instant),
        "canceled_at": ("canceledAt", instant),
        "last_error": ("lastError", one(lambda: LastError)),
        "caption_override": ("captionOverride", as_is),
        "first_comment_override": ("firstCommentOverride", as_is),
        "tiktok_post_settings": ("tiktokPostSettings", one(lambda: TikTokPostSettings)),
        "tiktok_music": ("tiktokMusic", one(lambda: TikTokMusic)),
        "share_reel_to_feed": ("shareReelToFeed", as_is),
        "first_comment_status": ("firstCommentStatus", as_is),
        "created_at": ("createdAt", instant),
        "updated_at": ("updatedAt", instant),
    }

    id: str
    project_id: str
    container_id: str
    social_account_id: str
    platform: choices.PlatformName
    mode: choices.Mode
    status: choices.Status
    external_id: str | None
    """The platform's own id of the live post."""
    external_url: str | None
    """The public address of the live post, as far as the platform tells it."""
    scheduled_for: datetime
    attempted_at: datetime | None
    published_at: datetime | None
    canceled_at: datetime | None
    last_error: LastError | None
    caption_override: str | None
    first_comment_override: str | None
    tiktok_post_settings: TikTokPostSettings | None
    tiktok_music: TikTokMusic | None
    share_reel_to_feed: bool | None
    first_comment_status: choices.FirstCommentStatus | None
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduledPostPage(Model):
    """One page of a list. `nextCursor` is null on the last one."""

    WIRE: ClassVar[Mapping[str, tuple[str, Decode]]] = {
        "items": ("items", many(one(lambda: ScheduledPost))),
        "next_cursor": ("nextCursor", as_is),
    }

    items: list[ScheduledPost]
    next_cursor: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SentCode(Model):
    """A code is on its way to the phone."""

    WIRE: ClassVar[Mapping[str, tuple[str, Decode]]] = {
        "id": ("id", as_is),
        "phone": ("phone", as_is),
        "expires_at": ("expiresAt", instant),
    }

    id: str
    phone: str
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SocialAccount(Model):
    """One account on a platform, as one project has it."""

    WIRE: ClassVar[Mapping[str, tuple[str, Decode]]] = {
        "social_account_id": ("socialAccountId", as_is),
        "project_id": ("projectId", as_is),
        "platform": ("platform", as_is),
        "login": ("login", as_is),
        "handle": ("handle", as_is),
        "display_name": ("displayName", as_is),
        "avatar_url": ("avatarUrl", as_is),
        "status": ("status", as_is),
        "connected_at": ("connectedAt", instant),
        "token_expires_at": ("tokenExpiresAt", instant),
        "readiness": ("readiness", one(lambda: AccountReadiness)),
        "layer_id": ("layerId", as_is),
        "disconnected_at": ("disconnectedAt", instant),
        "disconnected_reason": ("disconnectedReason", as_is),
    }

    social_account_id: str
    project_id: str
    platform: choices.PlatformName
    login: choices.LoginName
    """By which login it was connected; `reauth-url` uses the same."""
    handle: str
    display_name: str | None
    avatar_url: str | None
    status: choices.AccountStatus
    connected_at: datetime
    """When it was connected last."""
    token_expires_at: datetime | None
    """When the access that Presswork holds runs out; it is refreshed before, by itself."""
    readiness: AccountReadiness
    layer_id: str | None
    """The layer that the account belongs to; null without one."""
    disconnected_at: datetime | None
    disconnected_reason: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SocialAccountEvent(Model):
    """What became of a social account."""

    WIRE: ClassVar[Mapping[str, tuple[str, Decode]]] = {
        "id": ("id", as_is),
        "timestamp": ("timestamp", instant),
        "type": ("type", as_is),
        "data": ("data", one(lambda: SocialAccountEventData)),
    }

    id: str
    """The `webhook-id`: the same however often it comes."""
    timestamp: datetime
    """When it happened."""
    type: Literal["social_account.connected", "social_account.needs_reauth", "social_account.revoked"]
    data: SocialAccountEventData


@dataclass(frozen=True, slots=True, kw_only=True)
class SocialAccountEventData(Model):
    """A social account, as a list of accounts showed it at that moment, without readiness and layer."""

    WIRE: ClassVar[Mapping[str, tuple[str, Decode]]] = {
        "social_account_id": ("socialAccountId", as_is),
        "project_id": ("projectId", as_is),
        "organization_id": ("organizationId", as_is),
        "platform": ("platform", as_is),
        "login": ("login", as_is),
        "handle": ("handle", as_is),
        "display_name": ("displayName", as_is),
        "avatar_url": ("avatarUrl", as_is),
        "status": ("status", as_is),
        "connected_at": ("connectedAt", instant),
        "token_expires_at": ("tokenExpiresAt", instant),
        "disconnected_at": ("disconnectedAt", instant),
        "disconnected_reason": ("disconnectedReason", as_is),
    }

    social_account_id: str
    project_id: str
    organization_id: str
    platform: choices.PlatformName
    login: choices.LoginName
    handle: str
    display_name: str | None
    avatar_url: str | None
    status: choices.AccountStatus
    connected_at: datetime
    token_expires_at: datetime | None
    disconnected_at: datetime | None
    disconnected_reason: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SocialAccountPage(Model):
    """One page of a list. `nextCursor` is null on the last one."""

    WIRE: ClassVar[Mapping[str, tuple[str, Decode]]] = {
        "items": ("items", many(one(lambda: SocialAccount))),
        "next_cursor": ("nextCursor", as_is),
    }

    items: list[SocialAccount]
    next_cursor: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetVerdict(Model):
    """What would become of one target."""

    WIRE: ClassVar[Mapping[str, tuple[str, Decode]]] = {
        "social_account_id": ("socialAccountId", as_is),
        "ok": ("ok", as_is),
        "errors": ("errors", many(one(lambda: PreflightError))),
        "warnings": ("warnings", many(one(lambda: PreflightWarning))),
    }

    social_account_id: str
    ok: bool
    """Nothing that is known now would keep it from being published."""
    errors: list[PreflightError]
    warnings: list[PreflightWarning]


@dataclass(frozen=True, slots=True, kw_only=True)
class TikTokMusic(Model):
    """Background music of a TikTok picture or slideshow."""

    WIRE: ClassVar[Mapping[str, tuple[str, Decode]]] = {
        "mode": ("mode", as_is),
        "track_id": ("trackId", as_is),
    }

    mode: Literal["none", "auto", "manual"]
    """`none`: silent. `auto`: TikTok picks a sound. `manual`: the track `trackId`, where the delivery can honour
    it.
    """
    track_id: str | None
    """Track of `GET /v1/tiktok-music`; needed with `manual`, ignored otherwise. None where it is absent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TikTokPostSettings(Model):
    """How a direct post appears on TikTok. What is left out follows the account's own settings."""

    WIRE: ClassVar[Mapping[str, tuple[str, Decode]]] = {
        "privacy_level": ("privacyLevel", as_is),
        "disable_comment": ("disableComment", as_is),
        "disable_duet": ("disableDuet", as_is),
        "disable_stitch": ("disableStitch", as_is),
        "is_brand_organic": ("isBrandOrganic", as_is),
        "is_branded_content": ("isBrandedContent", as_is),
    }

    privacy_level: Literal["PUBLIC_TO_EVERYONE", "MUTUAL_FOLLOW_FRIENDS", "FOLLOWER_OF_CREATOR", "SELF_ONLY"] | None
    """Who can see the post. Left out: everyone, or the most open choice that the account offers. None where it is
    absent.
    """
    disable_comment: bool | None
    """Nobody can comment. None where it is absent."""
    disable_duet: bool | None
    """Nobody can make a Duet (videos). None where it is absent."""
    disable_stitch: bool | None
    """Nobody can Stitch (videos). None where it is absent."""
    is_brand_organic: bool | None
    """Label it as promoting the creator's own brand. None where it is absent."""
    is_branded_content: bool | None
    """Label it as a paid partnership; the law wants it where it is one. None where it is absent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeline(Model):
    """Everything that happened to a post, oldest first."""

    WIRE: ClassVar[Mapping[str, tuple[str, Decode]]] = {
        "items": ("items", many(one(lambda: TimelineItem))),
    }

    items: list[TimelineItem]


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelineItem(Model):
    """One thing that happened to a post."""

    WIRE: ClassVar[Mapping[str, tuple[str, Decode]]] = {
        "at": ("at", instant),
        "event": ("event", as_is),
        "message": ("message", as_is),
        "detail": ("detail", as_is),
    }

    at: datetime
    event: choices.Event
    message: str
    detail: Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Track(Model):
    """A track that a TikTok target may name in `tiktokMusic.trackId`."""

    WIRE: ClassVar[Mapping[str, tuple[str, Decode]]] = {
        "id": ("id", as_is),
        "title": ("title", as_is),
        "author": ("author", as_is),
        "album": ("album", as_is),
        "duration": ("duration", as_is),
        "preview_url": ("previewUrl", as_is),
        "cover_url": ("coverUrl", as_is),
        "language": ("language", as_is),
        "user_count": ("userCount", as_is),
        "is_commerce_music": ("isCommerceMusic", as_is),
    }

    id: str
    title: str
    author: str | None
    album: str | None
    duration: float | None
    """Seconds."""
    preview_url: str | None
    cover_url: str | None
    language: str | None
    user_count: int
    """Videos that use it."""
    is_commerce_music: bool
    """Whether it is cleared for commercial use."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadTarget(Model):
    """How to upload one file: send its bytes there, with these headers."""

    WIRE: ClassVar[Mapping[str, tuple[str, Decode]]] = {
        "filename": ("filename", as_is),
        "upload_url": ("uploadUrl", as_is),
        "method": ("method", as_is),
        "headers": ("headers", as_is),
        "expires_at": ("expiresAt", instant),
    }

    filename: str
    upload_url: str
    method: Literal["PUT"]
    headers: Mapping[str, str]
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadsAnswer(Model):
    """The containers, in the order of the files."""

    WIRE: ClassVar[Mapping[str, tuple[str, Decode]]] = {
        "items": ("items", many(one(lambda: ExpectedContent))),
    }

    items: list[ExpectedContent]


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookAttempt(Model):
    """One try to deliver an event."""

    WIRE: ClassVar[Mapping[str, tuple[str, Decode]]] = {
        "at": ("at", instant),
        "duration_ms": ("durationMs", as_is),
        "status_code": ("statusCode", as_is),
        "error": ("error", as_is),
        "response_excerpt": ("responseExcerpt", as_is),
    }

    at: datetime
    duration_ms: int
    status_code: int | None
    """What the receiver answered; null: nothing."""
    error: str | None
    """Why it does not count as delivered; null: it does."""
    response_excerpt: str | None
    """The beginning of the answer's text, if it was one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookDelivery(Model):
    """One event on its way to one endpoint."""

    WIRE: ClassVar[Mapping[str, tuple[str, Decode]]] = {
        "id": ("id", as_is),
        "endpoint_id": ("endpointId", as_is),
        "event_id": ("eventId", as_is),
        "event_type": ("eventType", as_is),
        "status": ("status", as_is),
        "next_attempt_at": ("nextAttemptAt", instant),
        "attempts": ("attempts", many(one(lambda: WebhookAttempt))),
        "delivered_at": ("deliveredAt", instant),
        "gave_up_at": ("gaveUpAt", instant),
        "replay_of": ("replayOf", as_is),
        "created_at": ("createdAt", instant),
        "payload": ("payload", as_is),
    }

    id: str
    endpoint_id: str
    event_id: str
    """The `webhook-id` of the message: the same for every attempt and replay."""
    event_type: choices.EventType
    status: choices.DeliveryStatus
    """`failed`: given up. Replay it once the receiver is mended."""
    next_attempt_at: datetime | None
    """When a pending one is tried again. null: as soon as it can be."""
    attempts: list[WebhookAttempt]
    """Oldest first."""
    delivered_at: datetime | None
    gave_up_at: datetime | None
    replay_of: str | None
    """The delivery that this one repeats."""
    created_at: datetime
    payload: Mapping[str, object]
    """What is sent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookDeliveryPage(Model):
    """One page of a list. `nextCursor` is null on the last one."""

    WIRE: ClassVar[Mapping[str, tuple[str, Decode]]] = {
        "items": ("items", many(one(lambda: WebhookDelivery))),
        "next_cursor": ("nextCursor", as_is),
    }

    items: list[WebhookDelivery]
    next_cursor: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookEndpoint(Model):
    """Where you are told what happens."""

    WIRE: ClassVar[Mapping[str, tuple[str, Decode]]] = {
        "id": ("id", as_is),
        "project_id": ("projectId", as_is),
        "url": ("url", as_is),
        "events": ("events", as_is),
        "description": ("description", as_is),
        "status": ("status", as_is),
        "paused_at": ("pausedAt", instant),
        "paused_reason": ("pausedReason", as_is),
        "failures_in_row": ("failuresInRow", as_is),
        "previous_secret_expires_at": ("previousSecretExpiresAt", instant),
        "created_at": ("createdAt", instant),
        "updated_at": ("updatedAt", instant),
    }

    id: str
    project_id: str | None
    """The one project that is told of; null: all of them."""
    url: str
    events: list[choices.EventType]
    description: str | None
    status: choices.EndpointStatus
    paused_at: datetime | None
    paused_reason: choices.PausedReason | None
    """`by_request`: somebody paused it. `too_many_failures`: 20 attempts in a row failed. `gone`: it answered 410.
    Mend the receiver, then PATCH `status` to `active`.
    """
    failures_in_row: int
    """Failed attempts since the last good one."""
    previous_secret_expires_at: datetime | None
    """Until when the former secret signs as well; null: there is none, or its time is over."""
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookEndpointPage(Model):
    """One page of a list. `nextCursor` is null on the last one."""

    WIRE: ClassVar[Mapping[str, tuple[str, Decode]]] = {
        "items": ("items", many(one(lambda: WebhookEndpoint))),
        "next_cursor": ("nextCursor", as_is),
    }

    items: list[WebhookEndpoint]
    next_cursor: str | None
