// What the API answers, and values that are one of a few.
// Written by `python -m generator`; change the API or the generator, not this file.

/** Whether Presswork may act for an account. A newer server may send others. */
export type AccountStatus = "connected" | "reauth_required" | "disconnected";

/** Everything that is written down: the kind of thing, and what was done to it. A newer server may send others. */
export type Action = "organization.create" | "operator.create" | "operator.update" | "operator.send_code" | "operator.confirm_phone" | "key.create" | "key.update" | "key.revoke" | "key.kill" | "key.revive" | "project.create" | "project.update" | "project.archive" | "project.set_review_policy" | "account.connect" | "account.disconnect" | "account.reauth_required" | "layer.create" | "layer.update" | "layer.delete" | "content.upload" | "content.open_uploads" | "content.finalize" | "content.update" | "content.approve" | "content.reject" | "content.publish" | "content.schedule" | "content.notify_device" | "post.reschedule" | "post.cancel" | "provider.add" | "provider.remove" | "provider.rotate_secret" | "webhook.create" | "webhook.update" | "webhook.delete" | "webhook.rotate_secret" | "webhook.test" | "webhook.replay" | "music.import" | "audit.prune";

/** By which door somebody came. A newer server may send others. */
export type ActorKind = "api_key" | "command_line" | "worker";

/**
 * `code` of a warning: the post is accepted all the same, but not all will be as it may be wished. A newer server
 * may send others.
 */
export type Advice = "REPEATED_TARGET" | "PLATFORM_NOT_ASKED" | "TOO_MANY_HASHTAGS" | "QUOTA_LOW" | "RATE_LIMITED" | "MEDIA_CONVERTED" | "MEDIA_CROPPED" | "UNUSUAL_RATIO" | "CAPTION_NOT_DELIVERED" | "COMMENT_UNSUPPORTED" | "COMMENT_NOT_PERMITTED" | "MUSIC_IGNORED" | "MUSIC_NOT_CHOSEN" | "MEDIA_LINKED" | "CAPTION_ON_PAGE";

/** Whether a person has to agree, or has decided. A newer server may send others. */
export type ApprovalStatus = "not_required" | "pending" | "approved" | "rejected";

/** Every error code that the API answers with; never taken from a class name. A newer server may send others. */
export type Code = "UNAUTHENTICATED" | "FORBIDDEN_SCOPE" | "APPROVAL_REQUIRED" | "RETURN_URL_NOT_ALLOWED" | "NOT_FOUND" | "METHOD_NOT_ALLOWED" | "CONFLICT" | "CONFLICT_DUPLICATE_ID" | "CONTENT_REJECTED" | "IDEMPOTENCY_CONFLICT" | "PAYLOAD_TOO_LARGE" | "UNSUPPORTED_MEDIA_TYPE" | "VALIDATION" | "SOCIAL_ACCOUNT_NOT_PUBLISH_READY" | "PHONE_REQUIRED" | "OWNER_PHONE_UNVERIFIED" | "MEDIA_UNREACHABLE" | "MEDIA_UNSUPPORTED" | "RATE_LIMITED" | "INTERNAL" | "KILL_SWITCH" | "UNAVAILABLE";

/** Where a container is in its life. A newer server may send others. */
export type ContainerStatus = "queued" | "processing" | "completed" | "failed" | "canceled";

/** Every content type that Presswork takes, told by the bytes. A newer server may send others. */
export type ContentType = "image/jpeg" | "image/png" | "image/webp" | "video/mp4" | "video/quicktime";

/** Where a delivery is. A newer server may send others. */
export type DeliveryStatus = "pending" | "delivered" | "failed";

/** Whether deliveries go out. Those of a paused endpoint are kept. A newer server may send others. */
export type EndpointStatus = "active" | "paused";

/** `live` projects talk to the real platforms, `test` projects to the sandbox. A newer server may send others. */
export type Environment = "live" | "test";

/** What the timeline tells of a post. A newer server may send others. */
export type Event = "queued" | "claimed" | "waiting" | "retrying" | "preparing" | "prepared" | "going_live" | "live" | "reconciled" | "media_converted" | "permalink" | "first_comment" | "token_refreshed" | "rescheduled" | "platform_notice" | "published" | "drafted" | "failed" | "canceled";

/** What can be told. A newer server may send others. */
export type EventType = "post.scheduled" | "post.publishing" | "post.published" | "post.drafted" | "post.failed" | "post.canceled" | "content.approved" | "content.rejected" | "social_account.connected" | "social_account.needs_reauth" | "social_account.revoked" | "test.ping";

/** `lastError.code`: why a post failed, as the API tells it. A newer server may send others. */
export type FailureCode = "PLATFORM_REJECTED" | "MEDIA_REJECTED" | "CREDENTIAL_INVALID" | "ACCOUNT_NOT_ELIGIBLE" | "PLATFORM_RATE_LIMITED" | "PLATFORM_UNAVAILABLE" | "OPERATOR_PHONE_UNVERIFIED" | "DELIVERY_FAILED" | "PROVIDER_REJECTED" | "OUTCOME_UNKNOWN" | "CANCELED_BY_PLATFORM" | "INTERNAL";

/**
 * What became of the first comment; null where none was asked for, or it is still to come. A newer server may send
 * others.
 */
export type FirstCommentStatus = "posted" | "failed" | "unsupported";

/** Whether scheduled posts are made, or wait until the content is approved. A newer server may send others. */
export type GateStatus = "queued" | "blocked_on_approval";

/** How uploaded files become containers. A newer server may send others. */
export type Grouping = "per-file" | "slideshow";

/** Whether a key opens anything. A newer server may send others. */
export type KeyStatus = "active" | "killed" | "revoked";

/** Why a login failed, as `layers_oauth_error` and the status of the login tell it. A newer server may send others. */
export type LoginFailure = "access_denied" | "expired_state" | "state_used" | "exchange_failed" | "no_account" | "account_mismatch" | "platform_unavailable" | "project_archived" | "key_revoked";

/** The ways to connect an account; each leads to one platform. A newer server may send others. */
export type LoginName = "instagram" | "facebook" | "tiktok";

/** What a container holds: one image, one video, or 2–10 images. A newer server may send others. */
export type MediaType = "image" | "video" | "multi";

/** How a post is delivered. A newer server may send others. */
export type Mode = "publish" | "draft" | "managed";

/** Why an account can't be published to in a mode. A newer server may send others. */
export type NotReady = "disconnected" | "reauth_required" | "missing_permission" | "no_managed_layer" | "no_managed_provider" | "mode_unavailable" | "platform_unavailable";

/** Why an endpoint is paused. A newer server may send others. */
export type PausedReason = "by_request" | "too_many_failures" | "gone";

/** The platforms, by the name that the API uses. A newer server may send others. */
export type PlatformName = "instagram" | "tiktok";

/** Whether a project takes content and posts. Archived is final. A newer server may send others. */
export type ProjectStatus = "active" | "archived";

/** Which new content of a project waits for a person's approval. A newer server may send others. */
export type ReviewPolicy = "auto_approve" | "review_first_n" | "review_all";

/** Where a post is in its life. A newer server may send others. */
export type Status = "queued" | "publishing" | "published" | "draft" | "failed" | "canceled";

/** What one of the messages is for, in the order in which they go. A newer server may send others. */
export type TextKind = "media" | "caption" | "steps";

/** Where a message is. A worker moves it on; the last four are final. A newer server may send others. */
export type TextStatus = "queued" | "sending" | "sent" | "delivered" | "failed" | "unknown";

/** How many calls a minute a key may make. A newer server may send others. */
export type Tier = "standard" | "pilot" | "partner" | "unlimited";

/** Whether the account can be published to, mode by mode. */
export interface AccountReadiness {
  readonly publish: ModeReadiness;
  readonly draft: ModeReadiness;
  readonly managed: ModeReadiness;
}

/** A key as the organization's administrators see it. Its secret is nowhere to be had. */
export interface ApiKey {
  readonly id: string;
  readonly organizationId: string;
  readonly environment: Environment;
  /** The third part of the key, which names it; the logs show it. */
  readonly lookup: string;
  readonly name: string;
  readonly scopes: readonly string[];
  readonly tier: Tier;
  /** Hosts that people may be sent back to after connecting. */
  readonly returnDomains: readonly string[];
  readonly operatorId: string | null;
  readonly status: KeyStatus;
  readonly createdAt: string;
  /** When it was last used, to the minute; null: never so far. */
  readonly lastUsedAt: string | null;
  /** Since when it is switched off. */
  readonly killedAt: string | null;
  /** Since when it has ended for good. */
  readonly revokedAt: string | null;
}

/** One page of a list. `nextCursor` is null on the last one. */
export interface ApiKeyPage {
  readonly items: readonly ApiKey[];
  readonly nextCursor: string | null;
}

/** Approved content. `pendingSchedulePromotion` is there only where schedule calls waited for it. */
export interface ApprovedContent {
  readonly id: string;
  readonly approvalStatus: "approved";
  readonly approvedAt: string;
  readonly approvedBy: string;
  readonly pendingSchedulePromotion?: SchedulePromotion | null;
}

/** Who did it. */
export interface AuditActor {
  /**
   * `api_key`: a call of this API; `command_line`: somebody with `presswork` on the server; `worker`: the program
   * itself.
   */
  readonly kind: ActorKind;
  /** The key, where it was one. */
  readonly keyId: string | null;
  /** The operator whom the key belonged to at that time. */
  readonly operatorId: string | null;
  /** The user name on the server, for the command line. */
  readonly name: string | null;
}

/** One thing that was done. */
export interface AuditEntry {
  readonly id: string;
  readonly at: string;
  /** null where it belongs to both, as operators do. */
  readonly environment: Environment | null;
  readonly action: Action;
  readonly actor: AuditActor;
  /** What it was done to, by its id. */
  readonly objectId: string | null;
  /** `X-Request-Id` of the call. */
  readonly requestId: string | null;
  /** What else is worth knowing. Phones are masked, secrets never there. */
  readonly detail: Readonly<Record<string, unknown>>;
}

/** One page of a list. `nextCursor` is null on the last one. */
export interface AuditEntryPage {
  readonly items: readonly AuditEntry[];
  readonly nextCursor: string | null;
}

/** Who is calling, and what the key may do. */
export interface Caller {
  readonly organizationId: string;
  readonly organizationName: string | null;
  readonly environment: Environment;
  readonly keyId: string;
  readonly scopes: readonly string[];
  readonly tier: Tier;
  /** Hosts that people may be sent back to after connecting. */
  readonly returnDomains: readonly string[];
  readonly operatorId: string | null;
}

/** A post that will not go live. */
export interface CanceledPost {
  readonly id: string;
  readonly status: "canceled";
  readonly canceledAt: string;
}

/** One page of the catalogue, most used tracks first. `total` counts all that match, on every page. */
export interface Catalogue {
  readonly tracks: readonly Track[];
  readonly total: number;
  readonly nextCursor: string | null;
}

/** One thing that readiness depends on. */
export interface Check {
  readonly name: "database" | "migrations" | "worker" | "queue";
  readonly ok: boolean;
  readonly message: string;
}

/** A container: a video, a picture or a slideshow, with its caption. */
export interface Content {
  readonly id: string;
  readonly projectId: string;
  readonly status: ContainerStatus;
  readonly approvalStatus: ApprovalStatus;
  /** When a person approved it. */
  readonly approvedAt: string | null;
  /** The key by which it was approved. */
  readonly approvedBy: string | null;
  /** When a person rejected it. */
  readonly rejectedAt: string | null;
  /** The key by which it was rejected. */
  readonly rejectedBy: string | null;
  /** What was said with the approval, or why it was rejected. */
  readonly reviewNote: string | null;
  readonly mediaType: MediaType;
  readonly caption: string;
  readonly firstComment: string | null;
  readonly media: readonly MediaItem[];
  readonly createdAt: string;
  readonly updatedAt: string;
}

/** What was decided on content. */
export interface ContentEvent {
  /** The `webhook-id`: the same however often it comes. */
  readonly id: string;
  /** When it happened. */
  readonly timestamp: string;
  readonly type: "content.approved" | "content.rejected";
  readonly data: ContentEventData;
}

/** A container, as `GET /v1/content/{containerId}` showed it at that moment, without its media. */
export interface ContentEventData {
  readonly id: string;
  readonly projectId: string;
  readonly organizationId: string;
  readonly status: ContainerStatus;
  readonly approvalStatus: ApprovalStatus;
  readonly approvedAt: string | null;
  readonly approvedBy: string | null;
  readonly rejectedAt: string | null;
  readonly rejectedBy: string | null;
  readonly reviewNote: string | null;
  readonly mediaType: MediaType;
  readonly caption: string;
  readonly firstComment: string | null;
  readonly createdAt: string;
  readonly updatedAt: string;
}

/** One page of a list. `nextCursor` is null on the last one. */
export interface ContentPage {
  readonly items: readonly Content[];
  readonly nextCursor: string | null;
}

/** Which new content of a project waits for approval, and how much waits now. */
export interface ContentReviewPolicy {
  readonly projectId: string;
  readonly policy: ReviewPolicy;
  /** Only with `review_first_n`. */
  readonly firstN?: number | null;
  /** Finished content that waits for a decision now. */
  readonly pendingCount: number;
  /** When the policy was set; absent if it never was. */
  readonly updatedAt?: string | null;
}

/** A key just made. `key` is what its holder sends; it is shown this once. */
export interface CreatedApiKey {
  readonly apiKey: ApiKey;
  /** Keep it: only a hash of it is stored. */
  readonly key: string;
}

/** A fresh endpoint, and the secret that its messages are signed with. The secret is not shown again. */
export interface CreatedWebhookEndpoint {
  readonly endpoint: WebhookEndpoint;
  readonly signingSecret: string;
}

/** A layer that was taken away. */
export interface DeletedLayer {
  readonly id: string;
  /** Accounts that belong to no layer now. */
  readonly releasedSocialAccountIds: readonly string[];
  readonly deletedAt: string;
}

/** An endpoint that was removed. */
export interface DeletedWebhookEndpoint {
  readonly id: string;
  readonly deletedAt: string;
}

/** One text message of a notice. */
export interface DeviceMessage {
  readonly id: string;
  readonly kind: TextKind;
  readonly status: TextStatus;
}

/** The text messages that are on their way to the phone, in their order. The phone is shown masked. */
export interface DeviceNotice {
  readonly phoneNumber: string;
  readonly messages: readonly DeviceMessage[];
}

/** An account that was given back. */
export interface DisconnectedAccount {
  readonly socialAccountId: string;
  readonly status: "disconnected";
  readonly disconnectedReason: string;
  /** How many queued posts were canceled by this call. */
  readonly canceledScheduledPosts: number;
  readonly disconnectedAt: string;
}

/** A container that waits for its files. Finalize it when all are there. */
export interface ExpectedContent {
  readonly containerId: string;
  readonly files: readonly UploadTarget[];
}

/** The process answers. */
export interface Health {
  readonly status: "ok";
}

/** Why a post failed, in words that say what to do. */
export interface LastError {
  readonly code: FailureCode;
  readonly message: string;
  readonly platformCode: string | null;
  readonly platformMessage: string | null;
  readonly at: string;
  readonly step: string;
}

/** Accounts of a project that are treated alike. */
export interface Layer {
  readonly id: string;
  readonly projectId: string;
  readonly templateId: string;
  readonly config: Readonly<Record<string, unknown>>;
  /** In the order in which the accounts were connected. */
  readonly socialAccountIds: readonly string[];
  readonly createdAt: string;
  readonly updatedAt: string;
}

/** One page of a list. `nextCursor` is null on the last one. */
export interface LayerPage {
  readonly items: readonly Layer[];
  readonly nextCursor: string | null;
}

/** One piece of a container's media. Until its bytes were looked at, type and size are what was announced. */
export interface MediaItem {
  readonly id: string;
  readonly contentType: string | null;
  readonly sizeBytes: number | null;
  readonly sha256: string | null;
  /** Pixels, as displayed. */
  readonly width: number | null;
  /** Pixels, as displayed. */
  readonly height: number | null;
  /** Of a video. */
  readonly durationSeconds: number | null;
  readonly filename: string | null;
  /** Signed address of the stored file; works until urlExpiresAt. */
  readonly url: string | null;
  readonly urlExpiresAt: string | null;
}

/** Whether the account can be published to in one mode. */
export interface ModeReadiness {
  readonly ready: boolean;
  /** Why not; null when ready. */
  readonly reason: NotReady | null;
  /** The platform's names of permissions that were not granted. */
  readonly missingScopes: readonly string[];
}

/** What became of a login. */
export interface OAuthStatus {
  readonly state: string;
  readonly status: "pending" | "connected" | "failed";
  /** The account, once it is connected. */
  readonly socialAccountId: string | null;
  /** Why it failed; the same as `layers_oauth_error` of the redirect. */
  readonly error: LoginFailure | null;
  readonly expiresAt: string;
}

/** A login just begun. Send the account's owner to `authorizeUrl`; it works once. */
export interface OAuthUrl {
  readonly authorizeUrl: string;
  /** Names the login; ask `oauth-status` what became of it. */
  readonly state: string;
  /** Ten minutes after the login began. */
  readonly expiresAt: string;
}

/** A person of the organization who is reached by phone. The phone is shown masked. */
export interface Operator {
  readonly id: string;
  readonly organizationId: string;
  readonly name: string;
  readonly phone: string | null;
  /**
   * Since when the phone counts as verified in the key's environment. A code that came from the sandbox counts in
   * `test` only; one that was texted for real counts in both.
   */
  readonly phoneVerifiedAt: string | null;
  /** Whether drafts by text go to this person. */
  readonly isPrimary: boolean;
  readonly createdAt: string;
}

/** One page of a list. `nextCursor` is null on the last one. */
export interface OperatorPage {
  readonly items: readonly Operator[];
  readonly nextCursor: string | null;
}

/** A test. */
export interface PingEvent {
  /** The `webhook-id`: the same however often it comes. */
  readonly id: string;
  /** When it happened. */
  readonly timestamp: string;
  readonly type: "test.ping";
  readonly data: PingEventData;
}

/** Which endpoint was tested. */
export interface PingEventData {
  readonly endpointId: string;
  readonly projectId: string | null;
  readonly organizationId: string;
}

/** What happened to a post. */
export interface PostEvent {
  /** The `webhook-id`: the same however often it comes. */
  readonly id: string;
  /** When it happened. */
  readonly timestamp: string;
  readonly type: "post.scheduled" | "post.publishing" | "post.published" | "post.drafted" | "post.failed" | "post.canceled";
  readonly data: PostEventData;
}

/** A post, as `GET /v1/scheduled-posts/{postId}` showed it at that moment. */
export interface PostEventData {
  readonly id: string;
  readonly projectId: string;
  readonly containerId: string;
  readonly socialAccountId: string;
  readonly platform: PlatformName;
  readonly mode: Mode;
  readonly status: Status;
  /** The platform's own id of the live post. */
  readonly externalId: string | null;
  /** The public address of the live post, as far as the platform tells it. */
  readonly externalUrl: string | null;
  readonly scheduledFor: string;
  readonly attemptedAt: string | null;
  readonly publishedAt: string | null;
  readonly canceledAt: string | null;
  readonly lastError: LastError | null;
  readonly captionOverride: string | null;
  readonly firstCommentOverride: string | null;
  readonly tiktokPostSettings: TikTokPostSettings | null;
  readonly tiktokMusic: TikTokMusic | null;
  readonly shareReelToFeed: boolean | null;
  readonly firstCommentStatus: FirstCommentStatus | null;
  readonly createdAt: string;
  readonly updatedAt: string;
  readonly organizationId: string;
}

/** A verdict for every target, in their order. */
export interface PreflightAnswer {
  /** The container and every target are fine. */
  readonly ok: boolean;
  /** What is wrong with the container, for all targets alike. */
  readonly errors: readonly PreflightError[];
  readonly targets: readonly TargetVerdict[];
}

/** Something that would be refused. */
export interface PreflightError {
  /** The code that publishing would answer with, or the one that the post would fail with on its platform. */
  readonly code: Code | FailureCode;
  /** What is wrong, with the numbers, and what to do. */
  readonly message: string;
  /** The same for programs; of a platform's limit: its `reason`, `value`, `limit` and `unit`. */
  readonly details: Readonly<Record<string, unknown>>;
}

/** Something that is accepted, and may not be as the caller wishes. */
export interface PreflightWarning {
  readonly code: Advice;
  readonly message: string;
  readonly details: Readonly<Record<string, unknown>>;
}

/** The content and accounts of one customer, kept together. */
export interface Project {
  readonly id: string;
  readonly organizationId: string;
  /** `test` projects publish to the sandbox, `live` ones for real. */
  readonly environment: Environment;
  readonly name: string;
  readonly timezone: string;
  readonly customerExternalId: string | null;
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly status: ProjectStatus;
  /** Whether new content may have to wait for approval. */
  readonly requiresApproval: boolean;
  readonly createdAt: string;
  readonly updatedAt: string;
  readonly archivedAt: string | null;
}

/** One page of a list. `nextCursor` is null on the last one. */
export interface ProjectPage {
  readonly items: readonly Project[];
  readonly nextCursor: string | null;
}

/** What became of one schedule call that waited. */
export interface PromotedCall {
  readonly status: "ok" | "failed";
  readonly scheduledFor: string;
  readonly scheduledPostIds: readonly string[];
  readonly error?: PromotionError | null;
}

/** Why a schedule call that waited made no posts: what the call would be told if it came now. */
export interface PromotionError {
  readonly code: Code;
  readonly message: string;
  readonly details?: Readonly<Record<string, unknown>> | null;
}

/** The posts, in the order of the targets. `warnings` is there only when something is odd. */
export interface PublishAnswer {
  readonly scheduledPostIds: readonly string[];
  readonly warnings?: readonly RepeatedTarget[] | null;
}

/** The service can accept and publish posts now. */
export interface Readiness {
  readonly status: "ready";
  /**
   * The connection that receives notifications. `reconnecting` is no failure: keys are looked up at each call
   * until it is back.
   */
  readonly listener: "connected" | "reconnecting";
  readonly checks: readonly Check[];
}

/** Rejected content: it is never published. */
export interface RejectedContent {
  readonly id: string;
  readonly approvalStatus: "rejected";
  readonly rejectedAt: string;
  readonly rejectedBy: string;
  readonly reason: string;
  /** Schedule calls that waited for the approval and are gone now. */
  readonly droppedScheduleCalls: number;
}

/** A hint that two targets are the same account and mode. */
export interface RepeatedTarget {
  readonly code: "REPEATED_TARGET";
  readonly message: string;
  readonly socialAccountId: string;
  readonly mode: Mode;
}

/** A post with its new time. */
export interface RescheduledPost {
  readonly id: string;
  readonly status: Status;
  readonly scheduledFor: string;
  readonly updatedAt: string;
}

/** Another secret, which is not shown again. */
export interface RotatedSecret {
  readonly signingSecret: string;
  /** Until when messages carry a signature by the former secret, too. */
  readonly previousSecretExpiresAt: string | null;
}

/** The posts, in the order of the targets; none yet where the content waits for approval. */
export interface ScheduleAnswer {
  readonly scheduledPostIds: readonly string[];
  readonly gateStatus: GateStatus;
  readonly scheduledFor: string;
  readonly warnings?: readonly RepeatedTarget[] | null;
}

/** What became of all schedule calls that waited: `failed` if one of them did; its error is told here too. */
export interface SchedulePromotion {
  readonly status: "ok" | "failed";
  /** Of all calls, in the order in which they came. */
  readonly scheduledPostIds: readonly string[];
  readonly error?: PromotionError | null;
  /** Each call that waited, in the order in which they came. */
  readonly calls: readonly PromotedCall[];
}

/** One container going to one social account. What does not apply (yet) is null. */
export interface ScheduledPost {
  readonly id: string;
  readonly projectId: string;
  readonly containerId: string;
  readonly socialAccountId: string;
  readonly platform: PlatformName;
  readonly mode: Mode;
  readonly status: Status;
  /** The platform's own id of the live post. */
  readonly externalId: string | null;
  /** The public address of the live post, as far as the platform tells it. */
  readonly externalUrl: string | null;
  readonly scheduledFor: string;
  readonly attemptedAt: string | null;
  readonly publishedAt: string | null;
  readonly canceledAt: string | null;
  readonly lastError: LastError | null;
  readonly captionOverride: string | null;
  readonly firstCommentOverride: string | null;
  readonly tiktokPostSettings: TikTokPostSettings | null;
  readonly tiktokMusic: TikTokMusic | null;
  readonly shareReelToFeed: boolean | null;
  readonly firstCommentStatus: FirstCommentStatus | null;
  readonly createdAt: string;
  readonly updatedAt: string;
}

/** One page of a list. `nextCursor` is null on the last one. */
export interface ScheduledPostPage {
  readonly items: readonly ScheduledPost[];
  readonly nextCursor: string | null;
}

/** A code is on its way to the phone. */
export interface SentCode {
  readonly id: string;
  readonly phone: string;
  readonly expiresAt: string;
}

/** One account on a platform, as one project has it. */
export interface SocialAccount {
  readonly socialAccountId: string;
  readonly projectId: string;
  readonly platform: PlatformName;
  /** By which login it was connected; `reauth-url` uses the same. */
  readonly login: LoginName;
  readonly handle: string;
  readonly displayName: string | null;
  readonly avatarUrl: string | null;
  readonly status: AccountStatus;
  /** When it was connected last. */
  readonly connectedAt: string;
  /** When the access that Presswork holds runs out; it is refreshed before, by itself. */
  readonly tokenExpiresAt: string | null;
  readonly readiness: AccountReadiness;
  /** The layer that the account belongs to; null without one. */
  readonly layerId: string | null;
  readonly disconnectedAt: string | null;
  readonly disconnectedReason: string | null;
}

/** What became of a social account. */
export interface SocialAccountEvent {
  /** The `webhook-id`: the same however often it comes. */
  readonly id: string;
  /** When it happened. */
  readonly timestamp: string;
  readonly type: "social_account.connected" | "social_account.needs_reauth" | "social_account.revoked";
  readonly data: SocialAccountEventData;
}

/** A social account, as a list of accounts showed it at that moment, without readiness and layer. */
export interface SocialAccountEventData {
  readonly socialAccountId: string;
  readonly projectId: string;
  readonly organizationId: string;
  readonly platform: PlatformName;
  readonly login: LoginName;
  readonly handle: string;
  readonly displayName: string | null;
  readonly avatarUrl: string | null;
  readonly status: AccountStatus;
  readonly connectedAt: string;
  readonly tokenExpiresAt: string | null;
  readonly disconnectedAt: string | null;
  readonly disconnectedReason: string | null;
}

/** One page of a list. `nextCursor` is null on the last one. */
export interface SocialAccountPage {
  readonly items: readonly SocialAccount[];
  readonly nextCursor: string | null;
}

/** What would become of one target. */
export interface TargetVerdict {
  readonly socialAccountId: string;
  /** Nothing that is known now would keep it from being published. */
  readonly ok: boolean;
  readonly errors: readonly PreflightError[];
  readonly warnings: readonly PreflightWarning[];
}

/** Background music of a TikTok picture or slideshow. */
export interface TikTokMusic {
  /** `none`: silent. `auto`: TikTok picks a sound. `manual`: the track `trackId`, where the delivery can honour it. */
  readonly mode: "none" | "auto" | "manual";
  /** Track of `GET /v1/tiktok-music`; needed with `manual`, ignored otherwise. */
  readonly trackId?: string | null;
}

/** How a direct post appears on TikTok. What is left out follows the account's own settings. */
export interface TikTokPostSettings {
  /** Who can see the post. Left out: everyone, or the most open choice that the account offers. */
  readonly privacyLevel?: "PUBLIC_TO_EVERYONE" | "MUTUAL_FOLLOW_FRIENDS" | "FOLLOWER_OF_CREATOR" | "SELF_ONLY" | null;
  /** Nobody can comment. */
  readonly disableComment?: boolean | null;
  /** Nobody can make a Duet (videos). */
  readonly disableDuet?: boolean | null;
  /** Nobody can Stitch (videos). */
  readonly disableStitch?: boolean | null;
  /** Label it as promoting the creator's own brand. */
  readonly isBrandOrganic?: boolean | null;
  /** Label it as a paid partnership; the law wants it where it is one. */
  readonly isBrandedContent?: boolean | null;
}

/** Everything that happened to a post, oldest first. */
export interface Timeline {
  readonly items: readonly TimelineItem[];
}

/** One thing that happened to a post. */
export interface TimelineItem {
  readonly at: string;
  readonly event: Event;
  readonly message: string;
  readonly detail: Readonly<Record<string, unknown>>;
}

/** A track that a TikTok target may name in `tiktokMusic.trackId`. */
export interface Track {
  readonly id: string;
  readonly title: string;
  readonly author: string | null;
  readonly album: string | null;
  /** Seconds. */
  readonly duration: number | null;
  readonly previewUrl: string | null;
  readonly coverUrl: string | null;
  readonly language: string | null;
  /** Videos that use it. */
  readonly userCount: number;
  /** Whether it is cleared for commercial use. */
  readonly isCommerceMusic: boolean;
}

/** How to upload one file: send its bytes there, with these headers. */
export interface UploadTarget {
  readonly filename: string;
  readonly uploadUrl: string;
  readonly method: "PUT";
  readonly headers: Readonly<Record<string, string>>;
  readonly expiresAt: string;
}

/** The containers, in the order of the files. */
export interface UploadsAnswer {
  readonly items: readonly ExpectedContent[];
}

/** One try to deliver an event. */
export interface WebhookAttempt {
  readonly at: string;
  readonly durationMs: number;
  /** What the receiver answered; null: nothing. */
  readonly statusCode: number | null;
  /** Why it does not count as delivered; null: it does. */
  readonly error: string | null;
  /** The beginning of the answer's text, if it was one. */
  readonly responseExcerpt: string | null;
}

/** One event on its way to one endpoint. */
export interface WebhookDelivery {
  readonly id: string;
  readonly endpointId: string;
  /** The `webhook-id` of the message: the same for every attempt and replay. */
  readonly eventId: string;
  readonly eventType: EventType;
  /** `failed`: given up. Replay it once the receiver is mended. */
  readonly status: DeliveryStatus;
  /** When a pending one is tried again. null: as soon as it can be. */
  readonly nextAttemptAt: string | null;
  /** Oldest first. */
  readonly attempts: readonly WebhookAttempt[];
  readonly deliveredAt: string | null;
  readonly gaveUpAt: string | null;
  /** The delivery that this one repeats. */
  readonly replayOf: string | null;
  readonly createdAt: string;
  /** What is sent. */
  readonly payload: Readonly<Record<string, unknown>>;
}

/** One page of a list. `nextCursor` is null on the last one. */
export interface WebhookDeliveryPage {
  readonly items: readonly WebhookDelivery[];
  readonly nextCursor: string | null;
}

/** Where you are told what happens. */
export interface WebhookEndpoint {
  readonly id: string;
  /** The one project that is told of; null: all of them. */
  readonly projectId: string | null;
  readonly url: string;
  readonly events: readonly EventType[];
  readonly description: string | null;
  readonly status: EndpointStatus;
  readonly pausedAt: string | null;
  /**
   * `by_request`: somebody paused it. `too_many_failures`: 20 attempts in a row failed. `gone`: it answered 410.
   * Mend the receiver, then PATCH `status` to `active`.
   */
  readonly pausedReason: PausedReason | null;
  /** Failed attempts since the last good one. */
  readonly failuresInRow: number;
  /** Until when the former secret signs as well; null: there is none, or its time is over. */
  readonly previousSecretExpiresAt: string | null;
  readonly createdAt: string;
  readonly updatedAt: string;
}

/** One page of a list. `nextCursor` is null on the last one. */
export interface WebhookEndpointPage {
  readonly items: readonly WebhookEndpoint[];
  readonly nextCursor: string | null;
}
