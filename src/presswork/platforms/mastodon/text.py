"""The text of a post: how servers count it, what is sent, and what a server shows of it. Pure.

Source: mastodon/mastodon, app/validators/status_length_validator.rb, read 2026-12.
"""

import re
from html import unescape
from typing import Final

from presswork.platforms.platform_text import is_same_text
from presswork.platforms.port import LinkCard
from presswork.platforms.rules import graphemes

MAX_CHARACTERS: Final = 500
"""Of a text with its content warning, on a server that says nothing else."""
URL_LENGTH: Final = 23
"""What every URL counts on a server that says nothing else."""
_URL: Final = re.compile(r"https?://[^\s<>\"]+", re.IGNORECASE)
_AFTER_URL: Final = ".,;:!?)]"
_REMOTE: Final = re.compile(r"(?<![=/\w])@([a-z0-9_]+(?:[a-z0-9_.-]+[a-z0-9_]+)?)@[\w.-]+\w", re.IGNORECASE)
_BREAK: Final = re.compile(r"<br\s*/?>|</p>", re.IGNORECASE)
_TAG: Final = re.compile(r"<[^<>]*>")


def count_characters(text: str, warning: str = "", *, url_length: int = URL_LENGTH) -> int:
    """Count a text and its content warning in characters as people count them: each URL has the same length, and an account of another
    server counts without the server.
    """

    def replaced(match: re.Match[str]) -> str:
        url = match[0].rstrip(_AFTER_URL)
        return "x" * url_length + match[0][len(url) :]

    return graphemes(_without_servers(_URL.sub(replaced, text)) + warning)


def _without_servers(text: str) -> str:
    return _REMOTE.sub(r"@\1", text)


def text_with(caption: str, link: LinkCard | None) -> str:
    """Return the text that is sent: servers make the card of a link that stands in the text."""
    if link is None or link.url in caption:
        return caption
    return f"{caption.rstrip()}\n\n{link.url}".strip()


def is_shown_as(content: str, sent: str) -> bool:
    """Return whether the HTML that a server shows is that of a text. White space and the servers of accounts do not count."""
    shown = unescape(_TAG.sub("", _BREAK.sub(" ", content)))
    return is_same_text(_without_servers(shown), _without_servers(sent))


def plain_text(content: str) -> str:
    """Return the text in the HTML of a post, with its line breaks."""
    lines = _TAG.sub("", _BREAK.sub("\n", content))
    return unescape(lines).strip()
