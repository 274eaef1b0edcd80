"""The public error codes and the errors that carry them.

Every refusal that leaves the program is a `PressworkError`: a code from one list, a sentence that says what to do
next, and details for programs. The front doors (HTTP, command line) only shape them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar, Final


class Code(StrEnum):
    """Every error code that the API answers with; never taken from a class name."""

    UNAUTHENTICATED = "UNAUTHENTICATED"
    FORBIDDEN_SCOPE = "FORBIDDEN_SCOPE"
    APPROVAL_REQUIRED = "APPROVAL_REQUIRED"
    RETURN_URL_NOT_ALLOWED = "RETURN_URL_NOT_ALLOWED"
    NOT_FOUND = "NOT_FOUND"
    METHOD_NOT_ALLOWED = "METHOD_NOT_ALLOWED"
    CONFLICT = "CONFLICT"
    CONFLICT_DUPLICATE_ID = "CONFLICT_DUPLICATE_ID"
    CONTENT_REJECTED = "CONTENT_REJECTED"
    IDEMPOTENCY_CONFLICT = "IDEMPOTENCY_CONFLICT"
    PAYLOAD_TOO_LARGE = "PAYLOAD_TOO_LARGE"
    UNSUPPORTED_MEDIA_TYPE = "UNSUPPORTED_MEDIA_TYPE"
    VALIDATION = "VALIDATION"
    SOCIAL_ACCOUNT_NOT_PUBLISH_READY = "SOCIAL_ACCOUNT_NOT_PUBLISH_READY"
    PHONE_REQUIRED = "PHONE_REQUIRED"
    OWNER_PHONE_UNVERIFIED = "OWNER_PHONE_UNVERIFIED"
    MEDIA_UNREACHABLE = "MEDIA_UNREACHABLE"
    MEDIA_UNSUPPORTED = "MEDIA_UNSUPPORTED"
    RATE_LIMITED = "RATE_LIMITED"
    INTERNAL = "INTERNAL"
    KILL_SWITCH = "KILL_SWITCH"
    UNAVAILABLE = "UNAVAILABLE"


STATUS: Final[Mapping[Code, int]] = {
    Code.UNAUTHENTICATED: 401,
    Code.FORBIDDEN_SCOPE: 403,
    Code.APPROVAL_REQUIRED: 403,
    Code.RETURN_URL_NOT_ALLOWED: 403,
    Code.NOT_FOUND: 404,
    Code.METHOD_NOT_ALLOWED: 405,
    Code.CONFLICT: 409,
    Code.CONFLICT_DUPLICATE_ID: 409,
    Code.CONTENT_REJECTED: 409,
    Code.IDEMPOTENCY_CONFLICT: 409,
    Code.PAYLOAD_TOO_LARGE: 413,
    Code.UNSUPPORTED_MEDIA_TYPE: 415,
    Code.VALIDATION: 422,
    Code.SOCIAL_ACCOUNT_NOT_PUBLISH_READY: 422,
    Code.PHONE_REQUIRED: 422,
    Code.OWNER_PHONE_UNVERIFIED: 422,
    Code.MEDIA_UNREACHABLE: 422,
    Code.MEDIA_UNSUPPORTED: 422,
    Code.RATE_LIMITED: 429,
    Code.INTERNAL: 500,
    Code.KILL_SWITCH: 503,
    Code.UNAVAILABLE: 503,
}
"""HTTP status of each code."""


class PressworkError(Exception):
    """A refusal with a public code. Subclasses set `code` and keep their facts as attributes or `details`."""

    code: ClassVar[Code] = Code.INTERNAL

    def __init__(self, message: str, **details: object) -> None:
        """Take the sentence for the caller and the facts for a program; a detail that is None is left out."""
        super().__init__(message)
        self.message = message
        self.details: dict[str, object] = {name: value for name, value in details.items() if value is not None}


@dataclass(frozen=True, slots=True)
class Issue:
    """One thing that is wrong with an input; `path` reads like `targets[3].tiktokMusic.trackId`."""

    path: str
    message: str
    code: str

    def as_json(self) -> dict[str, str]:
        """Return the wire form."""
        return {"path": self.path, "message": self.message, "code": self.code}


class Invalid(PressworkError):
    """The input breaks the schema; all issues are told at once."""

    code = Code.VALIDATION

    def __init__(self, issues: Sequence[Issue], **details: object) -> None:
        """Take every issue found; the message names the first and counts the rest."""
        first = issues[0]
        place = f"{first.path}: " if first.path else ""
        more = f" ({len(issues) - 1} more in details.issues)" if len(issues) > 1 else ""
        super().__init__(f"{place}{first.message}{more}", issues=[issue.as_json() for issue in issues], **details)
        self.issues = tuple(issues)


class NotFound(PressworkError):
    """There is no such thing, or it belongs to another organization or environment."""

    code = Code.NOT_FOUND


class Conflict(PressworkError):
    """The thing is in a state that does not allow this."""

    code = Code.CONFLICT


class Unavailable(PressworkError):
    """A part that this needs is not there now: a setting, a platform, a process."""

    code = Code.UNAVAILABLE


class UnsupportedMediaType(PressworkError):
    """The body is not of the type that this call needs."""

    code = Code.UNSUPPORTED_MEDIA_TYPE


class PayloadTooLarge(PressworkError):
    """The body is larger than any call needs."""

    code = Code.PAYLOAD_TOO_LARGE


class MediaUnreachable(PressworkError):
    """A media URL could not be fetched, or may not be."""

    code = Code.MEDIA_UNREACHABLE


class MediaUnsupported(PressworkError):
    """The bytes are not a video or picture that Presswork publishes."""

    code = Code.MEDIA_UNSUPPORTED
