// What is sent.
// Written by `python -m generator`; change the API or the generator, not this file.

import type { AccountStatus, Action, ActorKind, ApprovalStatus, ContainerStatus, ContentType, DeliveryStatus, EndpointStatus, EventType, Grouping, LoginName, Mode, PlatformName, ProjectStatus, ReviewPolicy, Status, Tier } from "./models.js";

/** A file that you are going to upload. */
export interface FileToUploadParam {
  readonly filename: string;
  readonly contentType: ContentType;
  /** Exact size. Videos: at most 100 MB (104857600); pictures: at most 30 MB (31457280). */
  readonly sizeBytes: number;
}

/** Where one piece of media is fetched from. */
export interface MediaSourceParam {
  /** Public http or https address of the file itself. */
  readonly url: string;
}

/** One account that the content goes to, and how. */
export interface TargetParam {
  /** A connected account of the container's project. */
  readonly socialAccountId: string;
  /** `publish`: straight to the feed. `draft`: to the creator's phone. `managed`: through a provider. */
  readonly mode: Mode;
  /** Your own id for the post, `sp_` and a fresh UUID. Left out: one is made. */
  readonly scheduledPostId?: string | null | undefined;
  /** Instead of the container's caption, for this target. */
  readonly captionOverride?: string | null | undefined;
  /** Instead of the container's first comment, for this target. Empty: no comment. */
  readonly firstCommentOverride?: string | null | undefined;
  /** Read for TikTok targets in mode `publish`; checked for shape, then ignored elsewhere. */
  readonly tiktokPostSettings?: TikTokPostSettingsParam | null | undefined;
  /** Read for TikTok pictures and slideshows; refused on `draft`, ignored on Instagram. */
  readonly tiktokMusic?: TikTokMusicParam | null | undefined;
  /** Instagram video in mode `publish` only: false keeps the Reel out of the profile's main grid. */
  readonly shareReelToFeed?: boolean | null | undefined;
}

/** Background music of a TikTok picture or slideshow. */
export interface TikTokMusicParam {
  /** `none`: silent. `auto`: TikTok picks a sound. `manual`: the track `trackId`, where the delivery can honour it. */
  readonly mode: "none" | "auto" | "manual";
  /** Track of `GET /v1/tiktok-music`; needed with `manual`, ignored otherwise. */
  readonly trackId?: string | null | undefined;
}

/** How a direct post appears on TikTok. What is left out follows the account's own settings. */
export interface TikTokPostSettingsParam {
  /** Who can see the post. Left out: everyone, or the most open choice that the account offers. */
  readonly privacyLevel?: "PUBLIC_TO_EVERYONE" | "MUTUAL_FOLLOW_FRIENDS" | "FOLLOWER_OF_CREATOR" | "SELF_ONLY" | null | undefined;
  /** Nobody can comment. */
  readonly disableComment?: boolean | null | undefined;
  /** Nobody can make a Duet (videos). */
  readonly disableDuet?: boolean | null | undefined;
  /** Nobody can Stitch (videos). */
  readonly disableStitch?: boolean | null | undefined;
  /** Label it as promoting the creator's own brand. */
  readonly isBrandOrganic?: boolean | null | undefined;
  /** Label it as a paid partnership; the law wants it where it is one. */
  readonly isBrandedContent?: boolean | null | undefined;
}

/** What publishing.publishNow takes. */
export interface PublishingPublishNowParams {
  /** Id of the content container, with or without its prefix. */
  readonly containerId: string;
  /** 1–50 targets, all or nothing. */
  readonly targets: readonly TargetParam[];
}

/** What publishing.schedule takes. */
export interface PublishingScheduleParams {
  /** Id of the content container, with or without its prefix. */
  readonly containerId: string;
  /** 1–50 targets, all or nothing. */
  readonly targets: readonly TargetParam[];
  /** At most 30 seconds ago (then it goes at once) and 365 days ahead. */
  readonly scheduledFor: Date | string;
}

/** What publishing.preflight takes. */
export interface PublishingPreflightParams {
  /** Id of the content container, with or without its prefix. */
  readonly containerId: string;
  /** 1–50 targets, all or nothing. */
  readonly targets: readonly TargetParam[];
}

/** What publishing.getPost takes. */
export interface PublishingGetPostParams {
  /** Id of the scheduled post, with or without its prefix. */
  readonly postId: string;
}

/** What publishing.listPosts takes. */
export interface PublishingListPostsParams {
  /** Id of the project, with or without its prefix. */
  readonly projectId: string;
  /** Only these states; repeat it for several. */
  readonly status?: readonly Status[] | undefined;
  /** Only posts to this account. */
  readonly socialAccountId?: string | undefined;
  /** Only posts of this container. */
  readonly containerId?: string | undefined;
  /** First `scheduledFor`, inclusive. */
  readonly since?: Date | string | undefined;
  /** Last `scheduledFor`, inclusive. */
  readonly until?: Date | string | undefined;
  /** By `scheduledFor`. */
  readonly order?: "asc" | "desc" | undefined;
  /** Rows on a page. */
  readonly limit?: number | undefined;
}

/** What publishing.cancelPost takes. */
export interface PublishingCancelPostParams {
  /** Id of the scheduled post, with or without its prefix. */
  readonly postId: string;
  readonly reason?: string | null | undefined;
}

/** What publishing.reschedulePost takes. */
export interface PublishingReschedulePostParams {
  /** Id of the scheduled post, with or without its prefix. */
  readonly postId: string;
  /** At most 30 seconds ago (then it goes at once) and 365 days ahead. */
  readonly scheduledFor: Date | string;
}

/** What publishing.getTimeline takes. */
export interface PublishingGetTimelineParams {
  /** Id of the scheduled post, with or without its prefix. */
  readonly postId: string;
}

/** What publishing.notifyDevice takes. */
export interface PublishingNotifyDeviceParams {
  /** Id of the content container, with or without its prefix. */
  readonly containerId: string;
  /** In E.164: a plus, the country, the number, nothing between. */
  readonly phoneNumber?: string | null | undefined;
}

/** What content.upload takes. */
export interface ContentUploadParams {
  /** Id of the project, with or without its prefix. */
  readonly projectId: string;
  /** In the order of display. */
  readonly media: readonly MediaSourceParam[];
  /** May be empty. */
  readonly caption: string;
  /** Written under each post once it is live. */
  readonly firstComment?: string | null | undefined;
}

/** What content.openUploads takes. */
export interface ContentOpenUploadsParams {
  /** Id of the project, with or without its prefix. */
  readonly projectId: string;
  readonly files: readonly FileToUploadParam[];
  /** `per-file`: a container each. `slideshow`: one container of 2–10 pictures. */
  readonly grouping: Grouping;
}

/** What content.finalizeUpload takes. */
export interface ContentFinalizeUploadParams {
  /** Id of the content container, with or without its prefix. */
  readonly containerId: string;
  /** May be empty. */
  readonly caption: string;
  /** Written under each post once it is live. */
  readonly firstComment?: string | null | undefined;
}

/** What content.get takes. */
export interface ContentGetParams {
  /** Id of the content container, with or without its prefix. */
  readonly containerId: string;
}

/** What content.update takes. */
export interface ContentUpdateParams {
  /** Id of the content container, with or without its prefix. */
  readonly containerId: string;
  /** May be empty. */
  readonly caption?: string | undefined;
  /** null removes it. */
  readonly firstComment?: string | null | undefined;
}

/** What content.list takes. */
export interface ContentListParams {
  /** Id of the project, with or without its prefix. */
  readonly projectId: string;
  /** Only these states; repeat it for several. */
  readonly status?: readonly ContainerStatus[] | undefined;
  /** Only these; repeat it for several. */
  readonly approvalStatus?: readonly ApprovalStatus[] | undefined;
  /** Made at that instant or later. */
  readonly since?: Date | string | undefined;
  /** Made at that instant or earlier. */
  readonly until?: Date | string | undefined;
  /** By age: newest or oldest first. */
  readonly order?: "desc" | "asc" | undefined;
  /** Rows on a page. */
  readonly limit?: number | undefined;
}

/** What approval.approve takes. */
export interface ApprovalApproveParams {
  /** Id of the content container, with or without its prefix. */
  readonly containerId: string;
  readonly note?: string | null | undefined;
}

/** What approval.reject takes. */
export interface ApprovalRejectParams {
  /** Id of the content container, with or without its prefix. */
  readonly containerId: string;
  readonly reason: string;
}

/** What approval.getPolicy takes. */
export interface ApprovalGetPolicyParams {
  /** Id of the project, with or without its prefix. */
  readonly projectId: string;
}

/** What approval.updatePolicy takes. */
export interface ApprovalUpdatePolicyParams {
  /** Id of the project, with or without its prefix. */
  readonly projectId: string;
  /** `auto_approve`: none. `review_all`: all. `review_first_n`: until that many were decided on. */
  readonly policy: ReviewPolicy;
  /** Exactly with `review_first_n`: how many decisions it takes until new content is approved by itself. */
  readonly firstN?: number | null | undefined;
}

/** What socialAccounts.list takes. */
export interface SocialAccountsListParams {
  /** Id of the project, with or without its prefix. */
  readonly projectId: string;
  /** Only this platform. */
  readonly platform?: PlatformName | undefined;
  /** Only this status. */
  readonly status?: AccountStatus | undefined;
  /** Rows on a page. */
  readonly limit?: number | undefined;
}

/** What socialAccounts.get takes. */
export interface SocialAccountsGetParams {
  /** Id of the social account, with or without its prefix. */
  readonly socialAccountId: string;
}

/** What socialAccounts.disconnect takes. */
export interface SocialAccountsDisconnectParams {
  /** Id of the social account, with or without its prefix. */
  readonly socialAccountId: string;
}

/** What socialAccounts.createOauthUrl takes. */
export interface SocialAccountsCreateOauthUrlParams {
  /** Id of the project, with or without its prefix. */
  readonly projectId: string;
  readonly platform: PlatformName;
  /**
   * Where the person goes afterwards: an absolute https URL on one of the key's return domains (plain http on this
   * machine), without a fragment.
   */
  readonly returnUrl: string;
  /** Instagram only: `instagram` (the usual one) or `facebook`, by the Page that the account is linked to. */
  readonly login?: LoginName | null | undefined;
  /** What the account is for, in your own words; kept with the login. */
  readonly usageNote?: string | null | undefined;
}

/** What socialAccounts.createReauthUrl takes. */
export interface SocialAccountsCreateReauthUrlParams {
  /** Id of the project, with or without its prefix. */
  readonly projectId: string;
  readonly socialAccountId: string;
  /**
   * Where the person goes afterwards: an absolute https URL on one of the key's return domains (plain http on this
   * machine), without a fragment.
   */
  readonly returnUrl: string;
}

/** What socialAccounts.getOauthStatus takes. */
export interface SocialAccountsGetOauthStatusParams {
  /** The `state` that began the login. */
  readonly state: string;
}

/** What projects.create takes. */
export interface ProjectsCreateParams {
  /** What people call it. */
  readonly name: string;
  /** Where its customer lives, as an IANA time zone. */
  readonly timezone: string;
  /** Your own id of the customer. */
  readonly customerExternalId?: string | null | undefined;
  /** Any JSON object of your own, up to 16384 bytes as JSON. */
  readonly metadata?: Readonly<Record<string, unknown>> | null | undefined;
}

/** What projects.list takes. */
export interface ProjectsListParams {
  /** Only projects in this status. */
  readonly status?: ProjectStatus | undefined;
  /** Only projects of this customer. */
  readonly customerExternalId?: string | undefined;
  /** By age: newest or oldest first. */
  readonly order?: "desc" | "asc" | undefined;
  /** Rows on a page. */
  readonly limit?: number | undefined;
}

/** What projects.get takes. */
export interface ProjectsGetParams {
  /** Id of the project, with or without its prefix. */
  readonly projectId: string;
}

/** What projects.update takes. */
export interface ProjectsUpdateParams {
  /** Id of the project, with or without its prefix. */
  readonly projectId: string;
  /** What people call it. */
  readonly name?: string | undefined;
  /** Where its customer lives, as an IANA time zone. */
  readonly timezone?: string | undefined;
  /** Your own id of the customer; null removes it. */
  readonly customerExternalId?: string | null | undefined;
  /** Any JSON object of your own, up to 16384 bytes as JSON. Replaces the whole; null empties it. */
  readonly metadata?: Readonly<Record<string, unknown>> | null | undefined;
  /** `archived` archives the project for good and cancels its queued posts. */
  readonly status?: "archived" | undefined;
}

/** What layers.create takes. */
export interface LayersCreateParams {
  /** Id of the project, with or without its prefix. */
  readonly projectId: string;
  /** What the layer is for. `af058068-ad85-4fb8-92a1-f531b40bfcbc` is managed distribution. */
  readonly templateId: string;
  /** Any JSON object, up to 16384 bytes as JSON. With managed distribution, `provider` names the provider. */
  readonly config?: Readonly<Record<string, unknown>> | undefined;
  /** Connected accounts of the project that belong to no other layer. */
  readonly socialAccountIds?: readonly string[] | undefined;
}

/** What layers.list takes. */
export interface LayersListParams {
  /** Id of the project, with or without its prefix. */
  readonly projectId: string;
  /** Rows on a page. */
  readonly limit?: number | undefined;
}

/** What layers.get takes. */
export interface LayersGetParams {
  /** Id of the project, with or without its prefix. */
  readonly projectId: string;
  /** Id of the layer, with or without its prefix. */
  readonly layerId: string;
}

/** What layers.update takes. */
export interface LayersUpdateParams {
  /** Id of the project, with or without its prefix. */
  readonly projectId: string;
  /** Id of the layer, with or without its prefix. */
  readonly layerId: string;
  /** What the layer is for. `af058068-ad85-4fb8-92a1-f531b40bfcbc` is managed distribution. */
  readonly templateId?: string | undefined;
  /**
   * Any JSON object, up to 16384 bytes as JSON. With managed distribution, `provider` names the provider. Replaces
   * the whole.
   */
  readonly config?: Readonly<Record<string, unknown>> | undefined;
  /**
   * All accounts that the layer has afterwards; the others leave it. One that it has already may be named whatever
   * its state.
   */
  readonly socialAccountIds?: readonly string[] | undefined;
}

/** What layers.delete takes. */
export interface LayersDeleteParams {
  /** Id of the project, with or without its prefix. */
  readonly projectId: string;
  /** Id of the layer, with or without its prefix. */
  readonly layerId: string;
}

/** What operators.create takes. */
export interface OperatorsCreateParams {
  /** What people call this person. */
  readonly name: string;
  /** In E.164: a plus, the country, the number, nothing between. */
  readonly phone?: string | null | undefined;
  /** Whether drafts by text go to this person; it replaces the primary operator so far. */
  readonly isPrimary?: boolean | undefined;
}

/** What operators.list takes. */
export interface OperatorsListParams {
  /** Rows on a page. */
  readonly limit?: number | undefined;
}

/** What operators.get takes. */
export interface OperatorsGetParams {
  /** Id of the operator, with or without its prefix. */
  readonly operatorId: string;
}

/** What operators.update takes. */
export interface OperatorsUpdateParams {
  /** Id of the operator, with or without its prefix. */
  readonly operatorId: string;
  /** What people call this person. */
  readonly name?: string | undefined;
  /** Another phone, which has to be verified again; null removes it. */
  readonly phone?: string | null | undefined;
  /** `true` makes this the primary operator, in place of the one so far. */
  readonly isPrimary?: true | undefined;
}

/** What operators.verifyPhone takes. */
export interface OperatorsVerifyPhoneParams {
  /** Id of the operator, with or without its prefix. */
  readonly operatorId: string;
}

/** What operators.confirmPhone takes. */
export interface OperatorsConfirmPhoneParams {
  /** Id of the operator, with or without its prefix. */
  readonly operatorId: string;
  /** Six digits, as a string: it may begin with 0. */
  readonly code: string;
}

/** What webhooks.createEndpoint takes. */
export interface WebhooksCreateEndpointParams {
  /**
   * Where events are posted to: an https URL that the internet reaches, without user name and password. In the
   * test environment plain http will do.
   */
  readonly url: string;
  /** What to be told; at least one. */
  readonly events: readonly EventType[];
  /** A note for yourself. */
  readonly description?: string | null | undefined;
  /** Only what happens in this project. Left out: in every project that the key sees. */
  readonly projectId?: string | null | undefined;
}

/** What webhooks.listEndpoints takes. */
export interface WebhooksListEndpointsParams {
  /** Rows on a page. */
  readonly limit?: number | undefined;
}

/** What webhooks.getEndpoint takes. */
export interface WebhooksGetEndpointParams {
  /** Id of the webhook endpoint, with or without its prefix. */
  readonly endpointId: string;
}

/** What webhooks.updateEndpoint takes. */
export interface WebhooksUpdateEndpointParams {
  /** Id of the webhook endpoint, with or without its prefix. */
  readonly endpointId: string;
  /**
   * Where events are posted to: an https URL that the internet reaches, without user name and password. In the
   * test environment plain http will do.
   */
  readonly url?: string | undefined;
  /** All that is to be told from now on. */
  readonly events?: readonly EventType[] | undefined;
  /** null removes it. */
  readonly description?: string | null | undefined;
  /** `paused` keeps deliveries for seven days; `active` lets them go out. */
  readonly status?: EndpointStatus | undefined;
}

/** What webhooks.deleteEndpoint takes. */
export interface WebhooksDeleteEndpointParams {
  /** Id of the webhook endpoint, with or without its prefix. */
  readonly endpointId: string;
}

/** What webhooks.sendTest takes. */
export interface WebhooksSendTestParams {
  /** Id of the webhook endpoint, with or without its prefix. */
  readonly endpointId: string;
}

/** What webhooks.rotateSecret takes. */
export interface WebhooksRotateSecretParams {
  /** Id of the webhook endpoint, with or without its prefix. */
  readonly endpointId: string;
}

/** What webhooks.listDeliveries takes. */
export interface WebhooksListDeliveriesParams {
  /** Id of the webhook endpoint, with or without its prefix. */
  readonly endpointId: string;
  /** Only these states; repeat it for several. */
  readonly status?: readonly DeliveryStatus[] | undefined;
  /** Only these; repeat it for several. */
  readonly eventType?: readonly EventType[] | undefined;
  /** Rows on a page. */
  readonly limit?: number | undefined;
}

/** What webhooks.replayDelivery takes. */
export interface WebhooksReplayDeliveryParams {
  /** Id of the webhook delivery, with or without its prefix. */
  readonly deliveryId: string;
}

/** What music.list takes. */
export interface MusicListParams {
  /** Text within title, author or album; case does not matter. */
  readonly q?: string | undefined;
  /** Tracks on a page. */
  readonly limit?: number | undefined;
}

/** What apiKeys.create takes. */
export interface ApiKeysCreateParams {
  /** What it may do. `*` is everything but `org:admin`, which has to be given by name. */
  readonly scopes: readonly ("*" | "content:approve" | "content:read" | "content:write" | "metrics:read" | "org:admin" | "projects:read" | "projects:write" | "publish:read" | "publish:write" | "social:read" | "social:write" | "webhooks:read" | "webhooks:write")[];
  /** What you call it. */
  readonly name?: string | undefined;
  /** How many calls a minute it may make; at most what the calling key may, and that unless told. */
  readonly tier?: Tier | null | undefined;
  /** Hosts that people may be sent back to after connecting. */
  readonly returnDomains?: readonly string[] | undefined;
  /** Whom it belongs to; the calling key's operator unless told. */
  readonly operatorId?: string | null | undefined;
}

/** What apiKeys.list takes. */
export interface ApiKeysListParams {
  /** Rows on a page. */
  readonly limit?: number | undefined;
}

/** What apiKeys.get takes. */
export interface ApiKeysGetParams {
  /** Id of the key, with or without its prefix. */
  readonly keyId: string;
}

/** What apiKeys.update takes. */
export interface ApiKeysUpdateParams {
  /** Id of the key, with or without its prefix. */
  readonly keyId: string;
  /** What you call it. */
  readonly name?: string | undefined;
  /** At most the calling key's own, if it is another one. */
  readonly tier?: Tier | undefined;
  /** Hosts that people may be sent back to after connecting. */
  readonly returnDomains?: readonly string[] | undefined;
  /** Whom it belongs to; null: to nobody. */
  readonly operatorId?: string | null | undefined;
}

/** What apiKeys.revoke takes. */
export interface ApiKeysRevokeParams {
  /** Id of the key, with or without its prefix. */
  readonly keyId: string;
}

/** What apiKeys.kill takes. */
export interface ApiKeysKillParams {
  /** Id of the key, with or without its prefix. */
  readonly keyId: string;
}

/** What apiKeys.revive takes. */
export interface ApiKeysReviveParams {
  /** Id of the key, with or without its prefix. */
  readonly keyId: string;
}

/** What auditLog.list takes. */
export interface AuditLogListParams {
  /** Only this action. */
  readonly action?: Action | undefined;
  /** Only what came by this door. */
  readonly actor?: ActorKind | undefined;
  /** Only what this key did. */
  readonly keyId?: string | undefined;
  /** Only what was done to this thing: its whole id. */
  readonly objectId?: string | undefined;
  /** At that instant or later. */
  readonly since?: Date | string | undefined;
  /** At that instant or earlier. */
  readonly until?: Date | string | undefined;
  /** Rows on a page. */
  readonly limit?: number | undefined;
}

/** What service.getReadiness takes. */
export interface ServiceGetReadinessParams {
  /** `api`: only what accepting calls needs, for a balancer; `all`: what publishing needs, too. */
  readonly part?: "all" | "api" | undefined;
}
