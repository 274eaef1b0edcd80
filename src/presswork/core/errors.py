"""Public error codes, and the exceptions that carry them.

Every error that the program returns is a `PressworkError`: a code from one list, a message that says what is wrong and
what to do, and details for programs. The API and the command line only format it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar, Final


class Code(StrEnum):
    """Every error code of the API. Codes are never derived from class names."""

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
    """An error with a public code. Subclasses set `code` and store facts as attributes or in `details`."""

    code: ClassVar[Code] = Code.INTERNAL
    sentence: ClassVar[str] = ""
    """The message, of an error that has only one."""

    def __init__(self, message: str = "", **details: object) -> None:
        """Create an error with a message for people and details for programs. Details that are None are left out."""
        self.message = message or self.sentence
        super().__init__(self.message)
        self.details: dict[str, object] = {name: value for name, value in details.items() if value is not None}


MAX_ISSUES: Final = 100
"""Most issues that an error reports."""


@dataclass(frozen=True, slots=True)
class Issue:
    """One error of an input. `path` has the form `targets[3].tiktokMusic.trackId`."""

    path: str
    message: str
    code: str

    def as_json(self) -> dict[str, str]:
        """Return the wire form."""
        return {"path": self.path, "message": self.message, "code": self.code}


class Invalid(PressworkError):
    """The input is invalid. The error reports all issues, or the first 100 and `truncated` in its details."""

    code = Code.VALIDATION

    def __init__(self, issues: Sequence[Issue], **details: object) -> None:
        """Create an error with all issues. The message contains the first one and the number of others."""
        shown = issues[:MAX_ISSUES]
        first = shown[0]
        place = f"{first.path}: " if first.path else ""
        more = f" ({len(shown) - 1} more in details.issues)" if len(shown) > 1 else ""
        super().__init__(
            f"{place}{first.message}{more}",
            issues=[issue.as_json() for issue in shown],
            truncated=True if len(issues) > MAX_ISSUES else None,
            **details,
        )
        self.issues = tuple(shown)


class NotFound(PressworkError):
    """The object does not exist, or the caller can't see it."""

    code = Code.NOT_FOUND


class Conflict(PressworkError):
    """The state of the object does not allow the operation."""

    code = Code.CONFLICT


class Unavailable(PressworkError):
    """A dependency is unavailable: a setting, a platform or a process."""

    code = Code.UNAVAILABLE


class UnsupportedMediaType(PressworkError):
    """The content type of the body is not supported."""

    code = Code.UNSUPPORTED_MEDIA_TYPE


class PayloadTooLarge(PressworkError):
    """A body, or files that are to be stored, exceed a limit of bytes."""

    code = Code.PAYLOAD_TOO_LARGE


class MediaUnreachable(PressworkError):
    """A media URL could not be fetched, or is not allowed."""

    code = Code.MEDIA_UNREACHABLE


class MediaUnsupported(PressworkError):
    """The file is not a video or image format that Presswork publishes."""

    code = Code.MEDIA_UNSUPPORTED
