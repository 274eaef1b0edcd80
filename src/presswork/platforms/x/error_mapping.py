"""Maps X's errors to actions and explanations, as one table.

An error is a problem with a type, or only a title and a sentence; the sentence says most.
Source: xdevplatform/docs (2026-08), "Response codes & errors", and answers that users of other publishers reported in 2026; read 2026-11.
"""

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Final

from presswork.platforms.api_client import (
    QUERY,
    TAG,
    Action,
    ErrorMeaning,
    JsonBrand,
    bad_media,
    ineligible,
    rejected,
    unknown_pause,
    unpermitted,
)

X: Final = JsonBrand(name="X", secrets=((re.compile(r"\b[A-Za-z0-9_-]{60,}"), "…"), QUERY, TAG))
_AGAIN: Final = "then publish again."
_CREDITS_RECHECK: Final = timedelta(minutes=10)
"""First wait after the credits are used up: until an operator buys some."""

TOKEN_REFUSED: Final = ErrorMeaning(
    Action.RECONNECT,
    "X no longer accepts this account's access: it expired or was withdrawn.",
    "Connect the account again, then publish again.",
)
NOT_FOUND: Final = rejected(
    "X does not find what the call is about.", "Look at the account; publish again if the post is not there."
)
DUPLICATE: Final = rejected(
    "X refuses a text that this account has posted recently.",
    "Look at the account's posts. If the post is wanted twice, change its text, then publish again.",
)
TARGET_GONE: Final = ErrorMeaning(Action.WAIT, "X does not show the post that this one replies to.")
MEDIA_GONE: Final = ErrorMeaning(
    Action.RECREATE, "X has removed the uploaded media, or has not finished them.", "Publish again later."
)
CREDITS_USED_UP: Final = ErrorMeaning(
    Action.THROTTLE,
    "The credits of the operator's app are used up, or its spending limit is reached. Posts of all its X accounts wait.",
    "Buy credits, or raise the spending limit, at console.x.com.",
    pause=unknown_pause,
    first_wait=_CREDITS_RECHECK,
)
_FAULT: Final = ErrorMeaning(Action.RETRY, "X does not respond as it should at the moment.")
_LIMIT: Final = ErrorMeaning(Action.THROTTLE, "A limit is reached: X accepts no more of these calls for now.")
_OF_APP: Final = ineligible(
    "X does not let the operator's app make this call.",
    f"Check the app's access and its project at console.x.com, {_AGAIN}",
)
_SUSPENDED: Final = ineligible(
    "X has suspended the account.", f"Log in to the account on X, do what X asks for, {_AGAIN}"
)
_NOT_PERMITTED: Final = rejected(
    "X does not say why. It refuses texts that are too long, media that the account may not post, mentions of accounts that have "
    "nothing to do with the post, and apps that may only read.",
    f"Shorten the text and take out mentions, check that the app may read and write, {_AGAIN}",
)
NOT_SUMMONED: Final = rejected(
    "X lets apps reply only where the author of a post has mentioned the account, and below the account's own posts.",
    "Reply in X's own app.",
)
UNKNOWN: Final = rejected("Presswork does not know this error and treats it as final.", f"Fix what X names, {_AGAIN}")

ERROR_MEANINGS: Final[Mapping[str, ErrorMeaning]] = {
    "client-forbidden": _OF_APP,
    "credits": CREDITS_USED_UP,
    "not-authorized-for-resource": unpermitted(
        "The account may not see or change this.", f"Connect the account again with every permission, {_AGAIN}"
    ),
    "resource-not-found": NOT_FOUND,
    "unsupported-authentication": TOKEN_REFUSED,
    "usage-capped": CREDITS_USED_UP,
    "user-suspended": _SUSPENDED,
    "88": _LIMIT,
}
"""The codes that are documented or were observed: the ends of types of problems, and numbers."""
_BY_WORDS: Final[Mapping[str, ErrorMeaning]] = {
    "duplicate content": DUPLICATE,
    "reply to this conversation is not allowed": NOT_SUMMONED,
    "deleted or not visible": TARGET_GONE,
    "media ids are invalid": MEDIA_GONE,
    "post a video longer": bad_media(
        "The account may not post a video of this length.", f"Shorten the video, {_AGAIN}"
    ),
    "permitted to access this feature": rejected(
        "The account may not use an option of the post.", f"Change xPostSettings, {_AGAIN}"
    ),
    "cashtag": rejected("X accepts one cashtag such as $ABC in a post.", f"Take some out, {_AGAIN}"),
    "not permitted to perform this action": _NOT_PERMITTED,
}
"""Parts of messages, in lower case, that mean more than their codes."""
_BY_STATUS: Final[Mapping[int, ErrorMeaning]] = {
    401: TOKEN_REFUSED,
    402: CREDITS_USED_UP,
    404: NOT_FOUND,
    408: _FAULT,
    429: _LIMIT,
}


def meaning_of(code: str, status: int, message: str) -> ErrorMeaning:
    """Return the row for an error: a server error by its status, else by words of the message, the code, and the status."""
    if status >= 500 or not code:
        return _FAULT
    words = message.lower()
    for part, meaning in _BY_WORDS.items():
        if part in words:
            return meaning
    return ERROR_MEANINGS.get(code) or _BY_STATUS.get(status) or UNKNOWN


def processing_failure(reason: str | None) -> ErrorMeaning:
    """Return the row for media that X failed to process."""
    named = f" ({reason})" if reason else ""
    return bad_media(
        f"X could not process the uploaded media{named}.",
        "Export the file again (MP4 with H.264 and AAC, or JPEG) and publish that.",
    )
