"""One class for each code of the API.

Written by `python -m generator`; change the API or the generator, not this file.
"""

from collections.abc import Mapping
from typing import Final

from presswork_client.errors import APIStatusError


class UnauthenticatedError(APIStatusError):
    """401 UNAUTHENTICATED."""


class ApprovalRequiredError(APIStatusError):
    """403 APPROVAL_REQUIRED."""


class ForbiddenScopeError(APIStatusError):
    """403 FORBIDDEN_SCOPE."""


class ReturnUrlNotAllowedError(APIStatusError):
    """403 RETURN_URL_NOT_ALLOWED."""


class NotFoundError(APIStatusError):
    """404 NOT_FOUND."""


class MethodNotAllowedError(APIStatusError):
    """405 METHOD_NOT_ALLOWED."""


class ConflictError(APIStatusError):
    """409 CONFLICT."""


class ConflictDuplicateIdError(APIStatusError):
    """409 CONFLICT_DUPLICATE_ID."""


class ContentRejectedError(APIStatusError):
    """409 CONTENT_REJECTED."""


class IdempotencyConflictError(APIStatusError):
    """409 IDEMPOTENCY_CONFLICT."""


class PayloadTooLargeError(APIStatusError):
    """413 PAYLOAD_TOO_LARGE."""


class UnsupportedMediaTypeError(APIStatusError):
    """415 UNSUPPORTED_MEDIA_TYPE."""


class MediaUnreachableError(APIStatusError):
    """422 MEDIA_UNREACHABLE."""


class MediaUnsupportedError(APIStatusError):
    """422 MEDIA_UNSUPPORTED."""


class OwnerPhoneUnverifiedError(APIStatusError):
    """422 OWNER_PHONE_UNVERIFIED."""


class PhoneRequiredError(APIStatusError):
    """422 PHONE_REQUIRED."""


class SocialAccountNotPublishReadyError(APIStatusError):
    """422 SOCIAL_ACCOUNT_NOT_PUBLISH_READY."""


class ValidationError(APIStatusError):
    """422 VALIDATION."""


class RateLimitedError(APIStatusError):
    """429 RATE_LIMITED."""


class InternalError(APIStatusError):
    """500 INTERNAL."""


class KillSwitchError(APIStatusError):
    """503 KILL_SWITCH."""


class UnavailableError(APIStatusError):
    """503 UNAVAILABLE."""


BY_CODE: Final[Mapping[str, type[APIStatusError]]] = {
    "UNAUTHENTICATED": UnauthenticatedError,
    "APPROVAL_REQUIRED": ApprovalRequiredError,
    "FORBIDDEN_SCOPE": ForbiddenScopeError,
    "RETURN_URL_NOT_ALLOWED": ReturnUrlNotAllowedError,
    "NOT_FOUND": NotFoundError,
    "METHOD_NOT_ALLOWED": MethodNotAllowedError,
    "CONFLICT": ConflictError,
    "CONFLICT_DUPLICATE_ID": ConflictDuplicateIdError,
    "CONTENT_REJECTED": ContentRejectedError,
    "IDEMPOTENCY_CONFLICT": IdempotencyConflictError,
    "PAYLOAD_TOO_LARGE": PayloadTooLargeError,
    "UNSUPPORTED_MEDIA_TYPE": UnsupportedMediaTypeError,
    "MEDIA_UNREACHABLE": MediaUnreachableError,
    "MEDIA_UNSUPPORTED": MediaUnsupportedError,
    "OWNER_PHONE_UNVERIFIED": OwnerPhoneUnverifiedError,
    "PHONE_REQUIRED": PhoneRequiredError,
    "SOCIAL_ACCOUNT_NOT_PUBLISH_READY": SocialAccountNotPublishReadyError,
    "VALIDATION": ValidationError,
    "RATE_LIMITED": RateLimitedError,
    "INTERNAL": InternalError,
    "KILL_SWITCH": KillSwitchError,
    "UNAVAILABLE": UnavailableError,
}
"""Which class stands for a code; one that is not here is an APIStatusError."""
