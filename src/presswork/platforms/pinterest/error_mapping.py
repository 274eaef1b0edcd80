"""Maps the errors of Pinterest's API to actions and explanations, as one table.

An error is `{"code", "message"}` with an HTTP status. Source: pinterest/api-description 5.23.0 (2025-12), and bodies in public issues
of 2026 for the codes 1, 2, 3, 29 and 40; the others are general knowledge; read 2026-11.
"""

from collections.abc import Mapping
from typing import Final

from presswork.platforms.api_client import (
    QUERY,
    TAG,
    Action,
    ErrorMeaning,
    JsonBrand,
    bad_media,
    rejected,
    unpermitted,
)

PINTEREST: Final = JsonBrand(name="Pinterest", secrets=(QUERY, TAG))
INVALID: Final = "1"
AUTHENTICATION: Final = "2"
_AGAIN: Final = "then publish again."

NOT_FOUND: Final = rejected(
    "Pinterest does not find what the call is about.", "Look at the account; publish again if the Pin is not there."
)
UNREACHABLE: Final = ErrorMeaning(
    Action.RECREATE_LIMITED,
    "Pinterest could not fetch the media from Presswork.",
    f"Check that PRESSWORK_PUBLIC_URL is reachable from the internet, also for Pinterest's crawler, {_AGAIN}",
)
TRIAL: Final = rejected(
    "The operator's app has Trial access, with which Pins can be created in Pinterest's own sandbox only.",
    "The operator asks Pinterest for Standard access, or sets PRESSWORK_PINTEREST_API_URL to https://api-sandbox.pinterest.com and "
    "connects the account again.",
)
_DENIED: Final = unpermitted(
    "The account may not do this: the board belongs to another account, or a permission was not given.",
    f"Choose a board of the account, or connect the account again and give every permission, {_AGAIN}",
)
_FAULT: Final = ErrorMeaning(Action.RETRY, "Pinterest does not respond as it should at the moment.")
_BY_CODE: Final[Mapping[str, ErrorMeaning]] = {
    INVALID: rejected("Pinterest refused the Pin as invalid.", f"Fix what it names, {_AGAIN}"),
    AUTHENTICATION: ErrorMeaning(
        Action.RECONNECT,
        "Pinterest no longer accepts this account's access: it has expired or was withdrawn.",
        "Connect the account again, then publish again.",
    ),
    "3": _DENIED,
    "8": ErrorMeaning(Action.THROTTLE, "A limit is reached: Pinterest accepts no more calls of this account for now."),
    "29": _DENIED,
    "40": rejected("The account has no such board.", f"Choose another board, {_AGAIN}"),
    "50": NOT_FOUND,
}
_BY_STATUS: Final[Mapping[int, str]] = {401: AUTHENTICATION, 403: "29", 404: "50", 429: "8"}
"""The code with the same meaning, where the code of an error is not known."""
_BY_WORDS: Final[Mapping[str, ErrorMeaning]] = {
    "unable to reach the url": UNREACHABLE,
    "trial access": TRIAL,
    "same size": bad_media(
        "The pictures of a carousel must have the same size.", f"Crop them to the size of the first one, {_AGAIN}"
    ),
    "image is": bad_media("Pinterest does not accept the picture.", f"Replace it, {_AGAIN}"),
    "image could not": bad_media("Pinterest could not read the picture.", f"Replace it, {_AGAIN}"),
    "media upload is not complete": ErrorMeaning(Action.WAIT, "Pinterest is still processing the video."),
}
"""Parts of messages, in lower case, that mean more than their code."""
UNKNOWN: Final = rejected(
    "Presswork does not know this error and treats it as final.", f"Fix what Pinterest names, {_AGAIN}"
)


def meaning_of(code: str, status: int, message: str) -> ErrorMeaning:
    """Return the row for an error: by its message where only that identifies it, else by its code, or its HTTP status."""
    words = message.lower()
    for part, meaning in _BY_WORDS.items():
        if part in words and status < 500:
            return meaning
    if status >= 500 or status == 408 or status < 400:
        return _FAULT
    return _BY_CODE.get(code) or _BY_CODE.get(_BY_STATUS.get(status, ""), UNKNOWN)
