"""Maps the errors of Mastodon's servers to actions and explanations, as one table.

An error is its HTTP status and a message in English; there are no codes, except at the token endpoint.
Source: mastodon/documentation (2026-07); mastodon/mastodon, app/controllers/concerns/api and config/locales/en.yml, read 2026-12.
"""

import re
from collections.abc import Mapping
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
    unpermitted,
)

MASTODON: Final = JsonBrand(name="Mastodon", secrets=((re.compile(r"\b[\w-]{43}\b"), "…"), QUERY, TAG))
_AGAIN: Final = "then publish again."

TOKEN_REFUSED: Final = ErrorMeaning(
    Action.RECONNECT,
    "The account's server no longer accepts this account's access: it was withdrawn.",
    "Connect the account again, then publish again.",
)
NOT_FOUND: Final = rejected(
    "The server does not find what the call is about.", "Look at the account; publish again if the post is not there."
)
MEDIA_GONE: Final = ErrorMeaning(
    Action.LOOK, "The uploaded media belong to a post already, or the server has removed them.", "Publish again later."
)
"""After a repeated call, this is the guard against a second post."""
_FAULT: Final = ErrorMeaning(Action.RETRY, "The account's server does not respond as it should at the moment.")
_LIMIT: Final = ErrorMeaning(
    Action.THROTTLE, "A limit is reached: the server accepts no more calls of this account for now."
)
UNKNOWN: Final = rejected(
    "Presswork does not know this error and treats it as final.", f"Fix what the server names, {_AGAIN}"
)
_BY_STATUS: Final[Mapping[int, ErrorMeaning]] = {
    401: TOKEN_REFUSED,
    403: unpermitted(
        "The account did not give Presswork the permission that this needs.",
        f"Connect it again and allow what the server's page lists, {_AGAIN}",
    ),
    404: NOT_FOUND,
    408: _FAULT,
    413: bad_media("The server accepts no file of this size.", f"Replace it by a smaller one, {_AGAIN}"),
    429: _LIMIT,
}
_BY_WORDS: Final[Mapping[str, ErrorMeaning]] = {
    "your login is": ineligible(
        "The account can't be used at present.",
        f"Log in to the account at its server, do what it asks for, {_AGAIN}",
    ),
    "not finished processing": ErrorMeaning(Action.WAIT, "The server is still processing the media."),
    "already attached to another post": MEDIA_GONE,
    "character limit of": rejected(
        "The text is longer than the server accepts.",
        f"Shorten it (captionOverride sets one for this target alone), {_AGAIN}",
    ),
    "are not supported": bad_media("The server accepts no media of this size or rate.", f"Replace the file, {_AGAIN}"),
    "could not be verified": bad_media("The server does not accept this kind of file.", f"Replace the file, {_AGAIN}"),
    "validation failed: file": bad_media("The server does not accept this file.", f"Replace it, {_AGAIN}"),
    "error processing thumbnail": ErrorMeaning(
        Action.RECREATE_LIMITED, "The server could not process the media.", f"Replace the file, {_AGAIN}"
    ),
}
"""Parts of messages, in lower case, that mean more than their status."""


def meaning_of(_code: str, status: int, message: str) -> ErrorMeaning:
    """Return the row for an error: by its message where only that identifies it, else by its status."""
    words = message.lower()
    for part, meaning in _BY_WORDS.items():
        if part in words:
            return meaning
    return _BY_STATUS.get(status) or (_FAULT if status >= 500 or status < 400 else UNKNOWN)
