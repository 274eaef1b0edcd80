"""The text of a post: how Mastodon counts it, and the HTML that it becomes.

Source: mastodon/mastodon, app/validators/status_length_validator.rb: characters are grapheme clusters, a URL counts as the same
number whatever its length, `@user@host` as `@user`, and the content warning counts too.
"""

from html import escape
from typing import Final

import regex

_URL: Final = regex.compile(r"https?://[^\s<>\"]+?(?=[.,;:!?)\]]*(?:\s|$))", regex.IGNORECASE)
_REMOTE: Final = regex.compile(r"(?<![=/\w])@([a-z0-9_]+(?:[a-z0-9_.-]+[a-z0-9_]+)?)@[\w.-]+\w", regex.IGNORECASE)
_CHARACTER: Final = regex.compile(r"\X")


def count_characters(text: str, warning: str, url_length: int) -> int:
    """Return the length of a text and its content warning."""
    written = _REMOTE.sub(r"@\1", _URL.sub("x" * url_length, text)) + warning
    return sum(1 for _ in _CHARACTER.finditer(written))


def html_of(text: str) -> str:
    """Return `content` of a post: paragraphs, line breaks and links."""
    if not text:
        return ""

    def link(match: regex.Match[str]) -> str:
        url = match[0]
        return f'<a href="{url}" target="_blank" rel="nofollow noopener" translate="no">{url}</a>'

    paragraphs = regex.split(r"\n{2,}", escape(text, quote=True).replace("\r\n", "\n"))
    return "".join(f"<p>{_URL.sub(link, one)}</p>".replace("\n", "<br />") for one in paragraphs)
