// Bring videos, pictures and slideshows in.
// Written by `python -m generator`; change the API or the generator, not this file.

import type { RequestOptions } from "../calls.js";
import type { Transport } from "../transport.js";
import type { Pages } from "../pages.js";
import type { ApiPromise } from "../responses.js";
import type { Content, ContentPage, UploadsAnswer } from "./models.js";
import type { ContentFinalizeUploadParams, ContentGetParams, ContentListParams, ContentOpenUploadsParams, ContentUpdateParams, ContentUploadParams } from "./params.js";

/** Bring videos, pictures and slideshows in. */
export class ContentCalls {
  constructor(protected readonly client: Transport) {}

  /**
   * Bring content in by URL.
   *
   * Fetch, check and store the media, and make a completed container of it.
   *
   * One video, one picture, or 2–10 pictures; MP4 and MOV up to 100 MB, JPEG, PNG and WebP up to 30 MB. The bytes
   * decide what a file is. `details.path` of a refusal names the URL it is about.
   *
   * Scope: `content:write`.
   *
   * @throws ConflictError, ForbiddenScopeError, IdempotencyConflictError, InternalError, KillSwitchError,
   * MediaUnreachableError, MediaUnsupportedError, NotFoundError, PayloadTooLargeError, RateLimitedError,
   * UnauthenticatedError, UnavailableError, UnsupportedMediaTypeError, ValidationError.
   */
  upload(params: ContentUploadParams, options?: RequestOptions): ApiPromise<Content> {
    const { projectId, media, caption, firstComment } = params;
    return this.client.call<Content>(
      { method: "POST", path: "/v1/projects/{projectId}/content/upload", takesKey: true },
      { path: { projectId }, body: { media, caption, firstComment } },
      options,
    );
  }

  /**
   * Begin presigned uploads.
   *
   * Announce files and get a link for each. PUT every file to its link, then finalize its container.
   *
   * A container whose files do not come within 24 hours is canceled.
   *
   * Scope: `content:write`.
   *
   * @throws ConflictError, ForbiddenScopeError, IdempotencyConflictError, InternalError, KillSwitchError,
   * NotFoundError, PayloadTooLargeError, RateLimitedError, UnauthenticatedError, UnavailableError,
   * UnsupportedMediaTypeError, ValidationError.
   */
  openUploads(params: ContentOpenUploadsParams, options?: RequestOptions): ApiPromise<UploadsAnswer> {
    const { projectId, files, grouping } = params;
    return this.client.call<UploadsAnswer>(
      { method: "POST", path: "/v1/projects/{projectId}/content/uploads", takesKey: true },
      { path: { projectId }, body: { files, grouping } },
      options,
    );
  }

  /**
   * Complete presigned uploads.
   *
   * Check the uploaded bytes and complete the container. A container that is complete is answered unchanged.
   *
   * After a refusal the container still waits: upload the file named by `details.path` again, then repeat this.
   *
   * Scope: `content:write`.
   *
   * @throws ConflictError, ForbiddenScopeError, IdempotencyConflictError, InternalError, KillSwitchError,
   * MediaUnsupportedError, NotFoundError, PayloadTooLargeError, RateLimitedError, UnauthenticatedError,
   * UnavailableError, UnsupportedMediaTypeError, ValidationError.
   */
  finalizeUpload(params: ContentFinalizeUploadParams, options?: RequestOptions): ApiPromise<Content> {
    const { containerId, caption, firstComment } = params;
    return this.client.call<Content>(
      { method: "POST", path: "/v1/content/{containerId}/finalize-upload", takesKey: true },
      { path: { containerId }, body: { caption, firstComment } },
      options,
    );
  }

  /**
   * Read a container.
   *
   * Read a container with its media; each piece of completed media comes with a signed address.
   *
   * Scope: `content:read`.
   *
   * @throws ForbiddenScopeError, InternalError, KillSwitchError, NotFoundError, RateLimitedError,
   * UnauthenticatedError, UnavailableError.
   */
  get(params: ContentGetParams, options?: RequestOptions): ApiPromise<Content> {
    const { containerId } = params;
    return this.client.call<Content>(
      { method: "GET", path: "/v1/content/{containerId}", takesKey: false },
      { path: { containerId } },
      options,
    );
  }

  /**
   * Change a container's texts.
   *
   * Change the caption or the first comment. Posts that are queued already use the texts of when they start.
   *
   * Scope: `content:write`.
   *
   * @throws ConflictError, ForbiddenScopeError, IdempotencyConflictError, InternalError, KillSwitchError,
   * NotFoundError, PayloadTooLargeError, RateLimitedError, UnauthenticatedError, UnavailableError,
   * UnsupportedMediaTypeError, ValidationError.
   */
  update(params: ContentUpdateParams, options?: RequestOptions): ApiPromise<Content> {
    const { containerId, caption, firstComment } = params;
    return this.client.call<Content>(
      { method: "PATCH", path: "/v1/content/{containerId}", takesKey: true },
      { path: { containerId }, body: { caption, firstComment } },
      options,
    );
  }

  /**
   * List a project's content.
   *
   * List the containers of a project, newest first.
   *
   * Scope: `content:read`.
   *
   * @throws ForbiddenScopeError, InternalError, KillSwitchError, NotFoundError, RateLimitedError,
   * UnauthenticatedError, UnavailableError, ValidationError.
   */
  list(params: ContentListParams, options?: RequestOptions): Pages<Content, ContentPage> {
    const { projectId, status, approvalStatus, since, until, order, limit } = params;
    return this.client.page<Content, ContentPage>(
      { method: "GET", path: "/v1/projects/{projectId}/content", takesKey: false },
      (answer) => answer.items,
      { path: { projectId }, query: { status, approvalStatus, since, until, order, limit } },
      options,
    );
  }
}
