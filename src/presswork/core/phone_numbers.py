"""Validate and mask phone numbers. Pure."""

import re
from typing import Final

E164: Final = r"^\+[1-9][0-9]{6,14}$"
"""A plus sign and 7 to 15 digits."""
_E164: Final = re.compile(E164.strip("^$"), re.ASCII)
_INSIDE: Final = re.compile(r"\+[1-9][0-9]{6,14}(?![0-9])", re.ASCII)
_SHOWN_AHEAD: Final = 5
_SHOWN_BEHIND: Final = 2
_FEWEST_HIDDEN: Final = 4


def is_phone(text: str) -> bool:
    """Return whether a text is a phone number in E.164 format, like +4915112345667."""
    return _E164.fullmatch(text) is not None


def masked(phone: str) -> str:
    """Return a number as responses, timelines and logs show it: +4915•••••67. A short number shows fewer digits."""
    ahead = max(2, min(_SHOWN_AHEAD, len(phone) - _SHOWN_BEHIND - _FEWEST_HIDDEN))
    hidden = max(0, len(phone) - ahead - _SHOWN_BEHIND)
    return phone[:ahead] + "•" * hidden + phone[len(phone) - _SHOWN_BEHIND :]


def masked_in(text: str) -> str:
    """Return a text with every phone number masked."""
    return _INSIDE.sub(lambda found: masked(found[0]), text)
