"""Phone numbers: their one form, and how they are shown. Pure."""

import re
from typing import Final

E164: Final = r"^\+[1-9][0-9]{6,14}$"
"""A plus, the country, the number: 7 to 15 digits, and nothing between them."""
_E164: Final = re.compile(E164.strip("^$"), re.ASCII)
_INSIDE: Final = re.compile(r"\+[1-9][0-9]{6,14}(?![0-9])", re.ASCII)
_SHOWN_AHEAD: Final = 5
_SHOWN_BEHIND: Final = 2
_FEWEST_HIDDEN: Final = 4


def is_phone(text: str) -> bool:
    """Whether this is a number in E.164, like +4915112345667."""
    return _E164.fullmatch(text) is not None


def masked(phone: str) -> str:
    """Return a number as answers, timelines and logs show it: +4915•••••67. Of a short one, less is shown."""
    ahead = max(2, min(_SHOWN_AHEAD, len(phone) - _SHOWN_BEHIND - _FEWEST_HIDDEN))
    hidden = max(0, len(phone) - ahead - _SHOWN_BEHIND)
    return phone[:ahead] + "•" * hidden + phone[len(phone) - _SHOWN_BEHIND :]


def masked_in(text: str) -> str:
    """Return somebody else's sentence with every number in it masked."""
    return _INSIDE.sub(lambda found: masked(found[0]), text)
