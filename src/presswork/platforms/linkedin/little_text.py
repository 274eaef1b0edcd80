r"""LinkedIn's "little text", in which the text of a post is sent: plain text in which reserved characters are escaped.

An unescaped reserved character cuts the post silently, with a successful answer. So every one is escaped, except in the two
elements that a caption may have: hashtags, and mentions written like `@[Acme](urn:li:organization:1234)`.
Source: LinkedIn, "little Text Format" (li-lms-2026-05), read 2026-11: reserved are `\ | { } @ [ ] ( ) < > # * _ ~`.
"""

import re
from typing import Final

_RESERVED: Final = re.compile(r"[\\|{}@\[\]()<>#*_~]")
_ELEMENT: Final = re.compile(
    r"@\[(?P<name>[^\[\]\r\n]{1,200})\]\((?P<urn>urn:li:(?:person|organization):[A-Za-z0-9-]{1,100})\)"
    r"|(?<![\w#&/@])\#(?P<tag>(?=\w*[^\W\d_])[^\W_]+)(?![\w#])"
)
"""A mention, or a hashtag: letters and digits, one letter at least. With an underscore it would need an escape inside the element,
of which nothing is known, so it is sent as text."""


def escaped(text: str) -> str:
    """Return a plain text with its reserved characters escaped."""
    return _RESERVED.sub(r"\\\g<0>", text)


def little_text(caption: str) -> str:
    """Return a caption as LinkedIn's commentary: escaped, with its hashtags and mentions as elements."""
    parts, end = [], 0
    for match in _ELEMENT.finditer(caption):
        parts.append(escaped(caption[end : match.start()]))
        if match["tag"] is None:
            parts.append(f"@[{escaped(match['name'])}]({match['urn']})")
        else:
            parts.append(f"#{match['tag']}")
        end = match.end()
    return "".join(parts) + escaped(caption[end:])


def visible(caption: str) -> str:
    """Return what readers see of a caption: a mention is shown as its name."""
    return _ELEMENT.sub(lambda match: match[0] if match["tag"] else match["name"], caption)


def utf16_units(text: str) -> int:
    """Count a text as Java does, in which LinkedIn's API is written: a character outside the basic plane counts two."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2
