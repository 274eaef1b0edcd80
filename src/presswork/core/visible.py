"""Control characters made visible, so that text from outside can't control a terminal or reorder what it shows."""

import re
from typing import Final

_TAB_AND_LINE_FEED: Final = r"\t\n"
_INVISIBLE: Final = (
    r"\x00-\x08\x0b-\x1f\x7f-\x9f"  # C0 without tab and line feed, DEL, C1
    r"\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"  # marks, overrides and isolates of the bidirectional algorithm
    r"\u2028\u2029"  # line and paragraph separators
    r"\ud800-\udfff"  # surrogates, which can't be encoded
)
_IN_TEXT: Final = re.compile(f"[{_INVISIBLE}]")
_IN_LINE: Final = re.compile(f"[{_TAB_AND_LINE_FEED}{_INVISIBLE}]")
_NAMES: Final = {"\t": r"\t", "\n": r"\n", "\r": r"\r"}
_LAST_BYTE: Final = 0xFF


def visible(text: str) -> str:
    r"""Return a text with its control characters as escapes like `\x1b`. Tabs and line feeds stay."""
    return _IN_TEXT.sub(_escape_character, text)


def visible_line(text: str) -> str:
    """Return a text like `visible`, with tabs and line feeds as escapes too, so that it stays one line."""
    return _IN_LINE.sub(_escape_character, text)


def visible_json(document: str) -> str:
    """Return a JSON document, as text, with the same characters as JSON escapes. It remains the same document."""
    return _IN_TEXT.sub(lambda match: f"\\u{ord(match[0]):04x}", document)


def _escape_character(match: re.Match[str]) -> str:
    character = match[0]
    code = ord(character)
    return _NAMES.get(character) or (f"\\x{code:02x}" if code <= _LAST_BYTE else f"\\u{code:04x}")
