// One class for each code of the API.
// Written by `python -m generator`; change the API or the generator, not this file.

import { APIStatusError } from "../errors.js";

/** 401 UNAUTHENTICATED. */
export class UnauthenticatedError extends APIStatusError {}

/** 403 APPROVAL_REQUIRED. */
export class ApprovalRequiredError extends APIStatusError {}

/** 403 FORBIDDEN_SCOPE. */
export class ForbiddenScopeError extends APIStatusError {}

/** 403 RETURN_URL_NOT_ALLOWED. */
export class ReturnUrlNotAllowedError extends APIStatusError {}

/** 404 NOT_FOUND. */
export class NotFoundError extends APIStatusError {}

/** 405 METHOD_NOT_ALLOWED. */
export class MethodNotAllowedError extends APIStatusError {}

/** 409 CONFLICT. */
export class ConflictError extends APIStatusError {}

/** 409 CONFLICT_DUPLICATE_ID. */
export class ConflictDuplicateIdError extends APIStatusError {}

/** 409 CONTENT_REJECTED. */
export class ContentRejectedError extends APIStatusError {}

/** 409 IDEMPOTENCY_CONFLICT. */
export class IdempotencyConflictError extends APIStatusError {}

/** 413 PAYLOAD_TOO_LARGE. */
export class PayloadTooLargeError extends APIStatusError {}

/** 415 UNSUPPORTED_MEDIA_TYPE. */
export class UnsupportedMediaTypeError extends APIStatusError {}

/** 422 MEDIA_UNREACHABLE. */
export class MediaUnreachableError extends APIStatusError {}

/** 422 MEDIA_UNSUPPORTED. */
export class MediaUnsupportedError extends APIStatusError {}

/** 422 OWNER_PHONE_UNVERIFIED. */
export class OwnerPhoneUnverifiedError extends APIStatusError {}

/** 422 PHONE_REQUIRED. */
export class PhoneRequiredError extends APIStatusError {}

/** 422 SOCIAL_ACCOUNT_NOT_PUBLISH_READY. */
export class SocialAccountNotPublishReadyError extends APIStatusError {}

/** 422 VALIDATION. */
export class ValidationError extends APIStatusError {}

/** 429 RATE_LIMITED. */
export class RateLimitedError extends APIStatusError {}

/** 500 INTERNAL. */
export class InternalError extends APIStatusError {}

/** 503 KILL_SWITCH. */
export class KillSwitchError extends APIStatusError {}

/** 503 UNAVAILABLE. */
export class UnavailableError extends APIStatusError {}

/** Which class stands for a code; one that is not here is an APIStatusError. */
export const errorsByCode: Readonly<Record<string, typeof APIStatusError>> = {
  UNAUTHENTICATED: UnauthenticatedError,
  APPROVAL_REQUIRED: ApprovalRequiredError,
  FORBIDDEN_SCOPE: ForbiddenScopeError,
  RETURN_URL_NOT_ALLOWED: ReturnUrlNotAllowedError,
  NOT_FOUND: NotFoundError,
  METHOD_NOT_ALLOWED: MethodNotAllowedError,
  CONFLICT: ConflictError,
  CONFLICT_DUPLICATE_ID: ConflictDuplicateIdError,
  CONTENT_REJECTED: ContentRejectedError,
  IDEMPOTENCY_CONFLICT: IdempotencyConflictError,
  PAYLOAD_TOO_LARGE: PayloadTooLargeError,
  UNSUPPORTED_MEDIA_TYPE: UnsupportedMediaTypeError,
  MEDIA_UNREACHABLE: MediaUnreachableError,
  MEDIA_UNSUPPORTED: MediaUnsupportedError,
  OWNER_PHONE_UNVERIFIED: OwnerPhoneUnverifiedError,
  PHONE_REQUIRED: PhoneRequiredError,
  SOCIAL_ACCOUNT_NOT_PUBLISH_READY: SocialAccountNotPublishReadyError,
  VALIDATION: ValidationError,
  RATE_LIMITED: RateLimitedError,
  INTERNAL: InternalError,
  KILL_SWITCH: KillSwitchError,
  UNAVAILABLE: UnavailableError,
};
