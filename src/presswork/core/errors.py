"""Public error codes, and the exceptions that carry them.

Every error that the program returns is a `PressworkError`: a code from one list, a message that says what is wrong and
what to do, and details for programs. The API and the command line only format it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar, Final, Self


class Code(StrEnum):
    """Every error code of the API. Codes are never derived from class names."""

    UNAUTHENTICATED = "UNAUTHENTICATED"
    FORBIDDEN_SCOPE = "FORBIDDEN_SCOPE"
    FORBIDDEN_ORIGIN = "FORBIDDEN_ORIGIN"
    CONFIRMATION_REQUIRED = "CONFIRMATION_REQUIRED"
    APPROVAL_REQUIRED = "APPROVAL_REQUIRED"
    RETURN_URL_NOT_ALLOWED = "RETURN_URL_NOT_ALLOWED"
    PLAN_LIMIT = "PLAN_LIMIT"
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
    Code.FORBIDDEN_ORIGIN: 403,
    Code.CONFIRMATION_REQUIRED: 403,
    Code.APPROVAL_REQUIRED: 403,
    Code.RETURN_URL_NOT_ALLOWED: 403,
    Code.PLAN_LIMIT: 403,
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
        self.message = message or self.sentence
        super().__init__(self.message)
        self.details: dict[str, object] = {name: value for name, value in details.items() if value is not None}


MAX_ISSUES: Final = 100
"""Most issues that an error reports."""
MAX_NAME_CHARACTERS: Final = 200
"""Of a field's path in a message, and of what a message repeats from the input."""


class IssueCode(StrEnum):
    """What is wrong with a field. `platforms/options.py` has those of options; docs/api-guide.md has a table of all codes."""

    REQUIRED = "required"
    UNKNOWN_FIELD = "unknown_field"
    UNKNOWN_PARAMETER = "unknown_parameter"
    REPEATED_PARAMETER = "repeated_parameter"
    INVALID_TYPE = "invalid_type"
    INVALID_CHOICE = "invalid_choice"
    INVALID_FORMAT = "invalid_format"
    INVALID_VALUE = "invalid_value"
    INVALID_CHARACTER = "invalid_character"
    TOO_SHORT = "too_short"
    TOO_LONG = "too_long"
    TOO_SMALL = "too_small"
    TOO_LARGE = "too_large"
    TOO_FEW = "too_few"
    TOO_MANY = "too_many"
    BLANK = "blank"
    TIME_WITHOUT_OFFSET = "time_without_offset"
    IN_THE_PAST = "in_the_past"
    TOO_FAR_AHEAD = "too_far_ahead"
    JSON_MISSING = "json_missing"
    INVALID_JSON = "invalid_json"
    TOO_MANY_VALUES = "too_many_values"
    BAD_CURSOR = "bad_cursor"
    BAD_IDEMPOTENCY_KEY = "bad_idempotency_key"
    BAD_FORM = "bad_form"
    DUPLICATE_ID = "duplicate_id"
    CONFLICTING_OPTIONS = "conflicting_options"
    UNKNOWN_ASSET = "unknown_asset"
    UNKNOWN_VARIABLE = "unknown_variable"
    FILE_TOO_LARGE = "file_too_large"
    SLIDESHOW = "slideshow"
    MIXED_MEDIA = "mixed_media"
    MEDIA_COUNT = "media_count"
    FIRST_N = "first_n"
    WOULD_FAIL = "would_fail"
    UNKNOWN_LOGIN = "unknown_login"
    UNKNOWN_SCOPE = "unknown_scope"
    UNKNOWN_OPERATOR = "unknown_operator"
    LOW_CONTRAST = "low_contrast"
    BAD_RETURN_DOMAIN = "bad_return_domain"
    TIER_TOO_HIGH = "tier_too_high"
    NOT_TEXTABLE = "not_textable"
    WRONG_CODE = "wrong_code"
    WEAK_PASSWORD = "weak_password"  # noqa: S105  the name of an issue
    WRONG_PASSWORD = "wrong_password"  # noqa: S105  as above
    ADMIN_OF_PROJECTS = "admin_of_projects"
    UNKNOWN_PROJECT = "unknown_project"
    UNKNOWN_ACCOUNT = "unknown_account"
    AMBIGUOUS_DATE = "ambiguous_date"
    ROW_REFUSED = "row_refused"
    URL_REFUSED = "url_refused"
    HTTPS_REQUIRED = "https_required"
    APP_REFUSED = "app_refused"


class FieldError(ValueError):
    """The value of a field is invalid. Pydantic validators raise it; the path of the field is added by the caller.

    The message continues the name of the field: "is not a URL. Send one like https://example.com."
    """

    def __init__(self, problem: str, code: StrEnum = IssueCode.INVALID_VALUE) -> None:
        super().__init__(problem)
        self.code = code


@dataclass(frozen=True, slots=True)
class Issue:
    """One error of an input. `path` has the form `targets[3].mode`.

    The message names the field, says what is wrong and then how to fix it. `code` is an IssueCode or an OptionCode in all responses
    of the API.
    """

    path: str
    message: str
    code: str

    @classmethod
    def at(cls, path: str, problem: str, code: str) -> Self:
        """Return an issue whose message is the name of the field and its problem: "is required. Add it."."""
        name = path if len(path) <= MAX_NAME_CHARACTERS else f"{path[:MAX_NAME_CHARACTERS]}…"
        return cls(path, f"`{name}` {problem}", code)

    def as_json(self) -> dict[str, str]:
        """Return the wire form."""
        return {"path": self.path, "message": self.message, "code": self.code}


class Invalid(PressworkError):
    """The input is invalid. The error reports all issues, or the first 100 and `truncated` in its details."""

    code = Code.VALIDATION

    def __init__(self, issues: Sequence[Issue], **details: object) -> None:
        shown = issues[:MAX_ISSUES]
        first = shown[0]
        place = f"{first.path}: " if first.path and f"`{first.path}`" not in first.message else ""
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
