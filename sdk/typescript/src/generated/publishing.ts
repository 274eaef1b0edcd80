// Send content to accounts, now or later, and watch it go live.
// Written by `python -m generator`; change the API or the generator, not this file.

import type { RequestOptions } from "../calls.js";
import type { Transport } from "../transport.js";
import type { Pages } from "../pages.js";
import type { ApiPromise } from "../responses.js";
import type { CanceledPost, DeviceNotice, PreflightAnswer, PublishAnswer, RescheduledPost, ScheduleAnswer, ScheduledPost, ScheduledPostPage, Timeline } from "./models.js";
import type { PublishingCancelPostParams, PublishingGetPostParams, PublishingGetTimelineParams, PublishingListPostsParams, PublishingNotifyDeviceParams, PublishingPreflightParams, PublishingPublishNowParams, PublishingReschedulePostParams, PublishingScheduleParams } from "./params.js";

/** Send content to accounts, now or later, and watch it go live. */
export class PublishingCalls {
  constructor(protected readonly client: Transport) {}

  /**
   * Publish now.
   *
   * Send a completed container to 1–50 accounts. Every target is accepted, or none and nothing is written.
   *
   * A container that waits for approval is refused; the call is not remembered for later.
   *
   * Scope: `publish:write`.
   *
   * @throws ApprovalRequiredError, ConflictError, ConflictDuplicateIdError, ContentRejectedError,
   * ForbiddenScopeError, IdempotencyConflictError, InternalError, KillSwitchError, NotFoundError,
   * PayloadTooLargeError, RateLimitedError, SocialAccountNotPublishReadyError, UnauthenticatedError,
   * UnavailableError, UnsupportedMediaTypeError, ValidationError.
   */
  publishNow(params: PublishingPublishNowParams, options?: RequestOptions): ApiPromise<PublishAnswer> {
    const { containerId, targets } = params;
    return this.client.call<PublishAnswer>(
      { method: "POST", path: "/v1/content/{containerId}/publish", takesKey: true },
      { path: { containerId }, body: { targets } },
      options,
    );
  }

  /**
   * Publish later.
   *
   * Send a completed container to 1–50 accounts at an instant. Every target is accepted, or none.
   *
   * Where the container waits for approval, the call is checked and kept: approving makes its posts, rejecting drops
   * it.
   *
   * Scope: `publish:write`.
   *
   * @throws ConflictError, ConflictDuplicateIdError, ContentRejectedError, ForbiddenScopeError,
   * IdempotencyConflictError, InternalError, KillSwitchError, NotFoundError, PayloadTooLargeError, RateLimitedError,
   * SocialAccountNotPublishReadyError, UnauthenticatedError, UnavailableError, UnsupportedMediaTypeError,
   * ValidationError.
   */
  schedule(params: PublishingScheduleParams, options?: RequestOptions): ApiPromise<ScheduleAnswer> {
    const { containerId, targets, scheduledFor } = params;
    return this.client.call<ScheduleAnswer>(
      { method: "POST", path: "/v1/content/{containerId}/schedule", takesKey: true },
      { path: { containerId }, body: { targets, scheduledFor } },
      options,
    );
  }

  /**
   * Check without publishing.
   *
   * Return a verdict for every target: all that publishing would refuse, and the platforms' own limits. Writes
   * nothing.
   *
   * The platforms are asked what they allow each account now; one that does not answer gives a warning.
   *
   * Scope: `publish:read`.
   *
   * @throws ForbiddenScopeError, InternalError, KillSwitchError, NotFoundError, PayloadTooLargeError,
   * RateLimitedError, UnauthenticatedError, UnavailableError, UnsupportedMediaTypeError, ValidationError.
   */
  preflight(params: PublishingPreflightParams, options?: RequestOptions): ApiPromise<PreflightAnswer> {
    const { containerId, targets } = params;
    return this.client.call<PreflightAnswer>(
      { method: "POST", path: "/v1/content/{containerId}/preflight", takesKey: false },
      { path: { containerId }, body: { targets } },
      options,
    );
  }

  /**
   * Read a post.
   *
   * Return where a post is. Poll it with If-None-Match: an unchanged post costs an empty answer.
   *
   * Scope: `publish:read`.
   *
   * @throws ForbiddenScopeError, InternalError, KillSwitchError, NotFoundError, RateLimitedError,
   * UnauthenticatedError, UnavailableError.
   */
  getPost(params: PublishingGetPostParams, options?: RequestOptions): ApiPromise<ScheduledPost> {
    const { postId } = params;
    return this.client.call<ScheduledPost>(
      { method: "GET", path: "/v1/scheduled-posts/{postId}", takesKey: false },
      { path: { postId } },
      options,
    );
  }

  /**
   * List a project's posts.
   *
   * Return posts by the time they are due. Rows that arrive meanwhile move nothing on the pages to come.
   *
   * Scope: `publish:read`.
   *
   * @throws ForbiddenScopeError, InternalError, KillSwitchError, NotFoundError, RateLimitedError,
   * UnauthenticatedError, UnavailableError, ValidationError.
   */
  listPosts(params: PublishingListPostsParams, options?: RequestOptions): Pages<ScheduledPost, ScheduledPostPage> {
    const { projectId, status, socialAccountId, containerId, since, until, order, limit } = params;
    return this.client.page<ScheduledPost, ScheduledPostPage>(
      { method: "GET", path: "/v1/projects/{projectId}/scheduled-posts", takesKey: false },
      (answer) => answer.items,
      { path: { projectId }, query: { status, socialAccountId, containerId, since, until, order, limit } },
      options,
    );
  }

  /**
   * Cancel a post.
   *
   * Cancel a post that its platform was not asked to make live yet. A post that is over, or may be live, is a
   * conflict.
   *
   * A managed post that its provider has already is canceled if the provider takes it back. Once this has answered,
   * the post never goes live.
   *
   * Scope: `publish:write`.
   *
   * @throws ConflictError, ForbiddenScopeError, IdempotencyConflictError, InternalError, KillSwitchError,
   * NotFoundError, PayloadTooLargeError, RateLimitedError, UnauthenticatedError, UnavailableError,
   * UnsupportedMediaTypeError, ValidationError.
   */
  cancelPost(params: PublishingCancelPostParams, options?: RequestOptions): ApiPromise<CanceledPost> {
    const { postId, reason } = params;
    return this.client.call<CanceledPost>(
      { method: "DELETE", path: "/v1/scheduled-posts/{postId}", takesKey: true },
      { path: { postId }, body: { reason } },
      options,
    );
  }

  /**
   * Give a queued post another time.
   *
   * Move a post that no worker has taken yet. An instant up to 30 seconds ago lets it go at once.
   *
   * Scope: `publish:write`.
   *
   * @throws ConflictError, ForbiddenScopeError, IdempotencyConflictError, InternalError, KillSwitchError,
   * NotFoundError, PayloadTooLargeError, RateLimitedError, UnauthenticatedError, UnavailableError,
   * UnsupportedMediaTypeError, ValidationError.
   */
  reschedulePost(params: PublishingReschedulePostParams, options?: RequestOptions): ApiPromise<RescheduledPost> {
    const { postId, scheduledFor } = params;
    return this.client.call<RescheduledPost>(
      { method: "POST", path: "/v1/scheduled-posts/{postId}/reschedule", takesKey: true },
      { path: { postId }, body: { scheduledFor } },
      options,
    );
  }

  /**
   * What happened to a post.
   *
   * Return everything that happened to a post, oldest first, in words for people and facts for programs.
   *
   * Scope: `publish:read`.
   *
   * @throws ForbiddenScopeError, InternalError, KillSwitchError, NotFoundError, RateLimitedError,
   * UnauthenticatedError, UnavailableError.
   */
  getTimeline(params: PublishingGetTimelineParams, options?: RequestOptions): ApiPromise<Timeline> {
    const { postId } = params;
    return this.client.call<Timeline>(
      { method: "GET", path: "/v1/scheduled-posts/{postId}/timeline", takesKey: false },
      { path: { postId } },
      options,
    );
  }

  /**
   * Text content to a phone.
   *
   * Text a container to a phone, to be posted by hand: the media, the caption by itself, then the steps.
   *
   * The three messages go out one after the other. No post is made of it.
   *
   * Scope: `publish:write`.
   *
   * @throws ApprovalRequiredError, ConflictError, ContentRejectedError, ForbiddenScopeError,
   * IdempotencyConflictError, InternalError, KillSwitchError, NotFoundError, OwnerPhoneUnverifiedError,
   * PayloadTooLargeError, PhoneRequiredError, RateLimitedError, UnauthenticatedError, UnavailableError,
   * UnsupportedMediaTypeError, ValidationError.
   */
  notifyDevice(params: PublishingNotifyDeviceParams, options?: RequestOptions): ApiPromise<DeviceNotice> {
    const { containerId, phoneNumber } = params;
    return this.client.call<DeviceNotice>(
      { method: "POST", path: "/v1/content/{containerId}/notify-device", takesKey: true },
      { path: { containerId }, body: { phoneNumber } },
      options,
    );
  }
}
