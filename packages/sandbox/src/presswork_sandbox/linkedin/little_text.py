"""The format of a post's commentary, in which some characters are reserved.

Source: LinkedIn, "little text format" (2026-05), read 2026-11. What LinkedIn does with a reserved character that is neither
escaped nor part of an element is not in that page: by several clients' reports (2026) it answers 201 and cuts the text there.
Whether a plain hashtag may have an underscore is not documented; here it ends the tag.
"""

import re
from dataclasses import dataclass
from typing import Final

RESERVED: Final = r"\\|{}@\[\]()<>#*_~"
_ESCAPED: Final = re.compile(rf"\\([{RESERVED}])")
_ELEMENT: Final = re.compile(
    rf"(?P<plain>[^{RESERVED}]+)"
    rf"|\\(?P<escaped>[{RESERVED}])"
    r"|@\[(?P<name>(?:\\.|[^\]\\])+)\] ?\((?P<urn>urn:li:(?:person|organization):[\w-]+)\)"
    rf"|\{{hashtag\|\\?[#\uff03]\|(?P<tag>(?:\\[{RESERVED}]|[^|}}\\])+)\}}"
    r"|#(?P<word>[^\W_]+)",
    re.DOTALL,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class LittleText:
    """A commentary as LinkedIn understands it."""

    shown: str
    """What people see."""
    kept: str
    """What was sent, up to where it was cut."""


def read_little_text(text: str) -> LittleText:
    """Read a commentary up to the first reserved character that is out of place."""
    shown, end = "", 0
    while (match := _ELEMENT.match(text, end)) is not None:
        end = match.end()
        if match["tag"] is not None:
            shown += "#" + _unescape(match["tag"])
        elif match["word"] is not None:
            shown += f"#{match['word']}"
        else:
            shown += match["plain"] or match["escaped"] or _unescape(match["name"])
    return LittleText(shown=shown, kept=text[:end])


def _unescape(text: str) -> str:
    return _ESCAPED.sub(r"\1", text)
