"""Maps Threads' own error codes to actions and explanations, as one table; Graph's are in `graph/error_table.py`.

Source: Meta, "Troubleshooting", "Posts" and "Geo-Gated Content" (Threads API), read 2026-11; 24/4279009 and 4279013 are not
documented and were seen by other publishers (2026-04 to 2026-09).
"""

from collections.abc import Mapping
from typing import Final

from presswork.platforms.api_client import Action, ErrorMeaning, bad_media, ineligible, rejected
from presswork.platforms.graph.client import Brand
from presswork.platforms.graph.error_table import OTHER_FILE, REACHABLE, Codes, ErrorTable
from presswork.platforms.threads.rules import MAX_BYTES

NOT_FOUND: Final = 4279009
"""The subcode with which threads_publish does not find a container, even one that was just read as FINISHED (seen
2026-04 to 2026-09; not documented). It proves that this call published nothing; a new container helps."""
_RESTRICTED: Final = 4279013
"""The subcode for a restricted account (seen by one publisher; not documented)."""
_GEO_ADVICE: Final = "Correct allowlistedCountryCodes in threadsPostSettings, or omit it; then publish again."


_ROWS: Final[Mapping[Codes, ErrorMeaning]] = {
    (24, NOT_FOUND): ErrorMeaning(
        Action.RECREATE, "Threads does not find what was uploaded for this post.", "Publish again later."
    ),
    (None, _RESTRICTED): ineligible(
        "Threads has restricted this account.",
        "Open the Threads app as this account, do what it asks for, then publish again.",
    ),
}
"""What Graph's own rows do not cover."""

_BY_MESSAGE: Final = {
    "threads_api__link_limit_exceeded": rejected(
        "The text has more than the 5 different links that Threads accepts.", "Remove some, then publish again."
    ),
    "threads_api__feature_not_available": rejected(
        "Threads does not offer this account posts for single countries.", _GEO_ADVICE
    ),
    "threads_api__geo_gating_invalid_country_codes": rejected(
        "Threads does not know one of the countries.", _GEO_ADVICE
    ),
    "must be at most 500 characters": rejected(
        f"The text is longer than Threads' {MAX_BYTES} bytes; letters with accents and emojis count several.",
        "Shorten it, then publish again.",
    ),
}

_FULL: Final = ErrorMeaning(Action.THROTTLE, "A limit of the account is reached.", proves_nothing_live=True)
"""The code for a used-up quota of posts is not documented; an unlisted code whose message says limit is read as one."""

THREADS: Final = Brand(
    name="Threads", errors=ErrorTable("Threads", _ROWS, by_message=_BY_MESSAGE, unlisted={"limit": _FULL})
)
"""Threads, as the shared code of Graph's platforms names it and reads its errors."""

_VIDEO_ADVICE: Final = "Publish an MP4 or MOV with H.264 video and AAC sound."
_BAD_RATIO: Final = bad_media(
    "Threads does not accept this ratio of width to height.", "Crop the media, then publish again."
)
_STATUS: Final[Mapping[str, ErrorMeaning]] = {
    "FAILED_DOWNLOADING_VIDEO": ErrorMeaning(
        Action.RECREATE_LIMITED, "Threads could not fetch the video from Presswork.", REACHABLE
    ),
    "FAILED_PROCESSING_AUDIO": ErrorMeaning(
        Action.RECREATE_LIMITED, "Threads could not process the video's sound.", OTHER_FILE
    ),
    "FAILED_PROCESSING_VIDEO": ErrorMeaning(
        Action.RECREATE_LIMITED, "Threads could not process the video.", OTHER_FILE
    ),
    "INVALID_ASPEC_RATIO": _BAD_RATIO,
    "INVALID_ASPECT_RATIO": _BAD_RATIO,
    "INVALID_BIT_RATE": bad_media("Threads does not accept the video's bit rate.", "Compress it, then publish again."),
    "INVALID_DURATION": bad_media("Threads does not accept the video's length.", "Publish one of at most 5 minutes."),
    "INVALID_FRAME_RATE": bad_media(
        "Threads does not accept the video's frame rate.", "Publish one of 23 to 60 frames a second."
    ),
    "INVALID_AUDIO_CHANNELS": bad_media("Threads does not accept the video's sound.", _VIDEO_ADVICE),
    "INVALID_AUDIO_CHANNEL_LAYOUT": bad_media("Threads does not accept the video's sound.", _VIDEO_ADVICE),
    "UNKNOWN": ErrorMeaning(
        Action.RECREATE_LIMITED,
        "Threads could not process the media and names no reason; often it could not fetch them.",
        REACHABLE,
    ),
}
"""`error_message` of a container in ERROR. Source: Meta, "Troubleshooting" (Threads API), read 2026-11, where the ratio is
spelled like the first of the two."""


def meaning_of_status(message: str) -> tuple[ErrorMeaning, str | None]:
    """Return the meaning of a container's `error_message`, and the name in it."""
    name = message.strip().upper()
    meaning = _STATUS.get(name)
    if meaning is None:
        return THREADS.errors.meaning_of_subcode(None, message), None
    return meaning, name
