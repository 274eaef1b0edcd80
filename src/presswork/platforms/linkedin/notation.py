r"""LinkedIn's notations: URNs, which name authors, posts and media, and "little text", in which the text of a post is sent.

Little text is plain text in which reserved characters are escaped. An unescaped one cuts the post silently, with a successful answer.
So every one is escaped, except in the two elements that a caption may have: hashtags, and mentions written like
`@[Acme](urn:li:organization:1234)`.
Sources: LinkedIn, "URNs and IDs" and "little Text Format" (li-lms-2026-05), read 2026-11: reserved are `\ | { } @ [ ] ( ) < > # * _ ~`.
"""

import re
from typing import Final
from urllib.parse import quote

_PERSON: Final = "urn:li:person:"
_ORGANIZATION: Final = "urn:li:organization:"
_POST: Final = re.compile(r"urn:li:(?:share|ugcPost|activity):\d{1,25}", re.ASCII)
_ID: Final = re.compile(r"[\w-]{1,100}", re.ASCII)
_MEDIA: Final = re.compile(r"urn:li:(?:image|video|document):[\w:-]{1,200}", re.ASCII)


def person(member_id: str) -> str | None:
    """Return the URN of a member; None where the id is none."""
    return f"{_PERSON}{member_id}" if _ID.fullmatch(member_id) else None


def organization_id(urn: str) -> str | None:
    """Return the number of an organization; None for any other URN."""
    number = urn.removeprefix(_ORGANIZATION)
    return number if urn.startswith(_ORGANIZATION) and number.isascii() and number.isdigit() else None


def is_organization(urn: str) -> bool:
    """Whether an author is a page rather than a member."""
    return urn.startswith(_ORGANIZATION)


def is_media(urn: str) -> bool:
    """Whether this names a picture, a video or a document."""
    return _MEDIA.fullmatch(urn) is not None


def post_in(text: str) -> str | None:
    """Return the first URN of a post in a text, such as a header or a message."""
    found = _POST.search(text)
    return found[0] if found else None


def encoded(urn: str) -> str:
    """Return a URN as a part of a path: Rest.li 2.0.0 needs its colons percent-encoded, in paths and queries."""
    return quote(urn, safe="")


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
