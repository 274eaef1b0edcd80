"""Maps LinkedIn's error codes to actions and explanations, as one table.

Source: LinkedIn, "Error Handling", "Posts API" (error codes), "Versioning" and "Rate Limiting", and errors that users of other
publishers reported in 2023 to 2026; read 2026-11.
"""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from presswork.platforms.api_client import (
    QUERY,
    TAG,
    Action,
    ErrorMeaning,
    JsonBrand,
    bad_media,
    rejected,
    unknown_pause,
    unpermitted,
)
from presswork.platforms.errors import FailureCode
from presswork.platforms.linkedin.description import SETTING
from presswork.platforms.linkedin.rules import until_reset

LINKEDIN: Final = JsonBrand(
    name="LinkedIn",
    secrets=(
        (re.compile(r"\bA[QR][A-Za-z0-9_-]{16,}"), "…"),
        QUERY,
        (re.compile(r"(https?://[^\s?\"'<>]*/dms-uploads/)[^\s\"'<>]+"), r"\1…"),  # what lets others upload
        TAG,
    ),
)
_VERSION_RECHECK: Final = timedelta(minutes=10)
"""First wait after LinkedIn ended the version: until an operator changes the setting."""
_AGAIN: Final = "then publish again."


def _invalid_value(what: str, advice: str) -> ErrorMeaning:
    return rejected(f"LinkedIn does not accept {what}.", f"{advice}, {_AGAIN}")


def _token(sentence: str) -> ErrorMeaning:
    return ErrorMeaning(
        Action.RECONNECT,
        sentence,
        "Connect the account again, then publish again. Access lasts 60 days, and ends earlier when the person withdraws it or "
        "logs in to the same app with other permissions.",
    )


TOKEN_REFUSED: Final = _token("LinkedIn no longer accepts this account's access: it expired or was withdrawn.")
DENIED: Final = unpermitted(
    "The access does not include the permission that this needs, or the person no longer administers the page.",
    "Check that the operator's app has the product with that permission and that the person is an administrator of the page, connect "
    "the account again, then publish again.",
)
FORBIDDEN_FOR_NOW: Final = ErrorMeaning(
    Action.WAIT,
    "LinkedIn answers this also for a moment while the access is valid.",
    DENIED.advice,
    FailureCode.ACCOUNT_NOT_ELIGIBLE,
    unknown_pause,
)
DUPLICATE: Final = rejected(
    "LinkedIn refuses content that this account has posted recently.",
    "Look at the account's posts. If the post is wanted twice, change its caption, then publish again.",
)
_TOO_LONG: Final = _invalid_value("the length of a text", "Shorten the caption")
INTERNAL: Final = ErrorMeaning(Action.RETRY, "LinkedIn had an internal error.")
CONFLICT: Final = ErrorMeaning(Action.WAIT, "LinkedIn could not complete the call and did nothing.", "Publish again.")
"""LinkedIn asks for the same call again."""
VERSION_ENDED: Final = ErrorMeaning(
    Action.THROTTLE,
    "LinkedIn has ended the version of its API that Presswork calls, or does not know it. Posts of all LinkedIn accounts wait.",
    f"Set {SETTING} to a version that LinkedIn serves (its page “Versioning” lists them) and restart, or install a newer Presswork.",
    FailureCode.PLATFORM_UNAVAILABLE,
    unknown_pause,
    first_wait=_VERSION_RECHECK,
)
"""No call of any account works until the operator sets another version."""


def _until_reset(requested: timedelta | None, now: datetime | None) -> timedelta | None:
    return requested or (None if now is None else until_reset(now))


DAY_USED_UP: Final = ErrorMeaning(
    Action.THROTTLE,
    "The calls that LinkedIn accepts in a day from this account, or from the operator's app, are used up until midnight UTC.",
    "Publish again after that. The app's limits are in LinkedIn's developer portal, under Analytics.",
    pause=_until_reset,
)
NOT_READY: Final = ErrorMeaning(
    Action.WAIT,
    "LinkedIn is still processing the media.",
    "Publish again later.",
    FailureCode.MEDIA_REJECTED,
    unknown_pause,
)
NOT_FOUND: Final = rejected(
    "LinkedIn does not find what the call is about.",
    "Look at the account on LinkedIn; publish again if the post is not there.",
)

ERROR_MEANINGS: Final[Mapping[str, ErrorMeaning]] = {
    "ACCESS_DENIED": DENIED,
    "CONFLICT": CONFLICT,
    "DUPLICATE_POST": DUPLICATE,
    "EXPIRED_ACCESS_TOKEN": _token("LinkedIn reports that this account's access has expired."),
    "FIELD_ARRAY_SIZE_TOO_HIGH": _TOO_LONG,
    "FIELD_LENGTH_TOO_LONG": _TOO_LONG,
    "INVALID_ACCESS_TOKEN": TOKEN_REFUSED,
    "INVALID_VALUE_FOR_FIELD": _invalid_value("the value of a field", "Fix what it names"),
    "MISSING_FIELD": _invalid_value("the call without a field", "Fix what it names"),
    "NONEXISTENT_VERSION": VERSION_ENDED,
    "NOT_FOUND": NOT_FOUND,
    "RESOURCE_NOT_FOUND": NOT_FOUND,
    "REVOKED_ACCESS_TOKEN": _token("LinkedIn reports that this account's access was withdrawn."),
    "TOO_MANY_REQUESTS": DAY_USED_UP,
    "VERSION_MISSING": VERSION_ENDED,
}
"""The codes that are documented or were observed, by name."""

_BY_STATUS: Final[Mapping[int, ErrorMeaning]] = {
    401: TOKEN_REFUSED,
    403: DENIED,
    404: NOT_FOUND,
    408: INTERNAL,
    409: CONFLICT,
    426: VERSION_ENDED,
    429: DAY_USED_UP,
}
_BY_WORDS: Final[tuple[tuple[str, ErrorMeaning], ...]] = (
    ("unable to obtain activity", INTERNAL),  # reported by another publisher, with a post that is live in the end
    ("duplicate of urn:li:", DUPLICATE),
    # a minute, and no proof that the comment was not made (Comments API, read 2026-12)
    ("comment create throttled", INTERNAL),
    ("resource is forbidden", FORBIDDEN_FOR_NOW),
)
"""Parts of messages that mean more than their codes."""
_NOT_READY_WORDS: Final = ("waiting_upload", "processing", "not ready", "not available", "not yet")
"""Parts of the message for media that is not ready. The real code and message are not documented."""
_REFUSALS_OF_MEDIA: Final = frozenset({400, 404, 409, 422})

UNKNOWN: Final = rejected(
    "Presswork does not know this code and treats it as final.", "Fix what LinkedIn names, then publish again."
)
"""Fallback for a code that is not documented."""


def meaning_of(code: str, status: int, message: str = "") -> ErrorMeaning:
    """Return the row for an error: a server error by its status, else by words of the message, the code, and the status.

    A page of a proxy says nothing about the account, whatever its status is.
    """
    if status >= 500 or not code:
        return INTERNAL
    words = message.lower()
    for part, meaning in _BY_WORDS:
        if part in words:
            return meaning
    if status in _REFUSALS_OF_MEDIA and "urn:li:" in words and any(part in words for part in _NOT_READY_WORDS):
        return NOT_READY
    return ERROR_MEANINGS.get(code) or _BY_STATUS.get(status) or UNKNOWN


def processing_failure(reason: str | None) -> ErrorMeaning:
    """Return the row for a picture or video that LinkedIn failed to process."""
    named = f" ({reason})" if reason else ""
    return bad_media(
        f"LinkedIn could not process the uploaded media{named}.",
        "Export it again (MP4 with H.264 and AAC, or JPEG) and publish that.",
    )
