"""Maps the errors of the Bot API to actions and explanations, as one table.

An error is its HTTP status and a message in English; there are no other codes.
Source: Telegram, "Bot API" (10.0), and the errors that python-telegram-bot 22.8 reads, read 2026-12.
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
    rejected,
    unpermitted,
)

TELEGRAM: Final = JsonBrand(name="Telegram", secrets=((re.compile(r"\d+:[\w-]{10,}"), "…"), QUERY, TAG))
_AGAIN: Final = "then publish again."
_SHORTEN: Final = f"Shorten it (captionOverride sets one for this target alone), {_AGAIN}"
_JOIN: Final = f"Make the bot an administrator of the channel again, connect the channel again, {_AGAIN}"

_TOKEN_REFUSED: Final = ErrorMeaning(
    Action.RECONNECT,
    "Telegram no longer accepts the token of the bot.",
    f"Set the token that BotFather shows now, connect the channel again, {_AGAIN}",
)
_NOT_THERE: Final = ErrorMeaning(Action.RECONNECT, "The bot is no longer an administrator of the channel.", _JOIN)
MOVED: Final = ErrorMeaning(Action.RECONNECT, "The chat has another id now.", f"Connect the channel again, {_AGAIN}")
GONE: Final = rejected("The channel does not have this message.", f"Look at the channel, {_AGAIN}")
NOT_MODIFIED: Final = rejected("The message is as it should be already.", "Nothing has to be done.")
_FAULT: Final = ErrorMeaning(Action.RETRY, "Telegram does not respond as it should at the moment.")
_LIMIT: Final = ErrorMeaning(
    Action.THROTTLE, "A limit is reached: Telegram accepts no more messages of the bot for now, and has sent nothing."
)
_CONFLICT: Final = rejected(
    "The updates of the bot go to another program, so that Presswork can't see the code in the channel.",
    "Give Presswork a bot of its own, or delete the bot's webhook.",
)
_BAD_FILE: Final = bad_media("Telegram can't use this file.", f"Replace it, {_AGAIN}")
UNKNOWN: Final = rejected(
    "Presswork does not know this error and treats it as final.", f"Fix what Telegram names, {_AGAIN}"
)
_BY_STATUS: Final[Mapping[int, ErrorMeaning]] = {
    401: _TOKEN_REFUSED,
    403: _NOT_THERE,
    404: _TOKEN_REFUSED,  # of a token that has not the form of one
    408: _FAULT,
    413: bad_media("Telegram accepts no file of this size.", f"Replace it by a smaller one, {_AGAIN}"),
    429: _LIMIT,
}
_BY_WORDS: Final[Mapping[str, ErrorMeaning]] = {
    "not enough rights": unpermitted(
        "The bot has not the right that this needs.",
        f"Give it the right in the channel's list of administrators, connect the channel again, {_AGAIN}",
    ),
    "can't be deleted": rejected(
        "Without the right to delete messages, the bot can delete its own for 48 hours.",
        "Give it the right in the channel's list of administrators.",
    ),
    "webhook is active": _CONFLICT,
    "terminated by other getupdates": _FAULT,
    "chat not found": _NOT_THERE,
    "need administrator rights": _NOT_THERE,
    "message is not modified": NOT_MODIFIED,
    "message to delete not found": GONE,
    "message to edit not found": GONE,
    "caption is too long": rejected("The text is longer than Telegram accepts with media.", _SHORTEN),
    "message is too long": rejected("The text is longer than Telegram accepts.", _SHORTEN),
    "image_process_failed": _BAD_FILE,
    "photo_invalid_dimensions": _BAD_FILE,
    "wrong type of the web page content": _BAD_FILE,
}
"""Parts of messages, in lower case, that mean more than their status."""


def meaning_of(_code: str, status: int, message: str) -> ErrorMeaning:
    """Return the row for an error: by its message where only that identifies it, else by its status."""
    words = message.lower()
    for part, meaning in _BY_WORDS.items():
        if part in words:
            return meaning
    is_said = 400 <= status < 500 and bool(words)  # without words, even a refusal may mean that nothing is left to do
    return _BY_STATUS.get(status) or (UNKNOWN if is_said else _FAULT)
