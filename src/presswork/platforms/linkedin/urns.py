"""LinkedIn's names of things: of the authors of posts, and of posts and media.

Source: LinkedIn, "URNs and IDs", read 2026-11.
"""

import re
from typing import Final
from urllib.parse import quote

_PERSON: Final = "urn:li:person:"
_ORGANIZATION: Final = "urn:li:organization:"
_POST: Final = re.compile(r"urn:li:(?:share|ugcPost|activity):\d{1,25}", re.ASCII)
_ID: Final = re.compile(r"[\w-]{1,100}", re.ASCII)
_MEDIA: Final = re.compile(r"urn:li:(?:image|video):[\w:-]{1,200}", re.ASCII)


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
    """Whether this names a picture or video."""
    return _MEDIA.fullmatch(urn) is not None


def post_in(text: str) -> str | None:
    """Return the first URN of a post in a text, such as a header or a message."""
    found = _POST.search(text)
    return found[0] if found else None


def encoded(urn: str) -> str:
    """Return a URN as a part of a path: Rest.li 2.0.0 needs its colons percent-encoded, in paths and queries."""
    return quote(urn, safe="")
