// Have content looked at before it goes out.
// Written by `python -m generator`; change the API or the generator, not this file.

import type { RequestOptions } from "../calls.js";
import type { Transport } from "../transport.js";
import type { ApiPromise } from "../responses.js";
import type { ApprovedContent, ContentReviewPolicy, RejectedContent } from "./models.js";
import type { ApprovalApproveParams, ApprovalGetPolicyParams, ApprovalRejectParams, ApprovalUpdatePolicyParams } from "./params.js";

/** Have content looked at before it goes out. */
export class Approval {
  constructor(protected readonly client: Transport) {}

  /**
   * Approve content.
   *
   * Let content that waits go out. Schedule calls that waited for it become posts with the same breath.
   *
   * Each of those calls is checked again as if it came now. One that fails is dropped and told under
   * `pendingSchedulePromotion`; the approval stands. What has fallen due meanwhile goes out at once.
   *
   * Scope: `content:approve`.
   *
   * @throws ConflictError, ForbiddenScopeError, IdempotencyConflictError, InternalError, KillSwitchError,
   * NotFoundError, PayloadTooLargeError, RateLimitedError, UnauthenticatedError, UnavailableError,
   * UnsupportedMediaTypeError, ValidationError.
   */
  approve(params: ApprovalApproveParams, options?: RequestOptions): ApiPromise<ApprovedContent> {
    const { containerId, note } = params;
    return this.client.call<ApprovedContent>(
      { method: "POST", path: "/v1/content/{containerId}/approve", takesKey: true },
      { path: { containerId }, body: { note } },
      options,
    );
  }

  /**
   * Reject content.
   *
   * Keep content that waits from ever going out. Schedule calls that waited for it are dropped.
   *
   * Scope: `content:approve`.
   *
   * @throws ConflictError, ForbiddenScopeError, IdempotencyConflictError, InternalError, KillSwitchError,
   * NotFoundError, PayloadTooLargeError, RateLimitedError, UnauthenticatedError, UnavailableError,
   * UnsupportedMediaTypeError, ValidationError.
   */
  reject(params: ApprovalRejectParams, options?: RequestOptions): ApiPromise<RejectedContent> {
    const { containerId, reason } = params;
    return this.client.call<RejectedContent>(
      { method: "POST", path: "/v1/content/{containerId}/reject", takesKey: true },
      { path: { containerId }, body: { reason } },
      options,
    );
  }

  /**
   * Read the content review policy.
   *
   * Tell which new content of the project waits for approval, and how much waits now.
   *
   * Scope: `content:read`.
   *
   * @throws ForbiddenScopeError, InternalError, KillSwitchError, NotFoundError, RateLimitedError,
   * UnauthenticatedError, UnavailableError.
   */
  getPolicy(params: ApprovalGetPolicyParams, options?: RequestOptions): ApiPromise<ContentReviewPolicy> {
    const { projectId } = params;
    return this.client.call<ContentReviewPolicy>(
      { method: "GET", path: "/v1/projects/{projectId}/content-review-policy", takesKey: false },
      { path: { projectId } },
      options,
    );
  }

  /**
   * Set the content review policy.
   *
   * Say which new content waits for approval. Content that exists stays as it is.
   *
   * Scope: `content:approve`.
   *
   * @throws ConflictError, ForbiddenScopeError, IdempotencyConflictError, InternalError, KillSwitchError,
   * NotFoundError, PayloadTooLargeError, RateLimitedError, UnauthenticatedError, UnavailableError,
   * UnsupportedMediaTypeError, ValidationError.
   */
  updatePolicy(params: ApprovalUpdatePolicyParams, options?: RequestOptions): ApiPromise<ContentReviewPolicy> {
    const { projectId, policy, firstN } = params;
    return this.client.call<ContentReviewPolicy>(
      { method: "PATCH", path: "/v1/projects/{projectId}/content-review-policy", takesKey: true },
      { path: { projectId }, body: { policy, firstN } },
      options,
    );
  }
}
