"""The branding of a project: how its pages without a login look. Pure."""

import json
import re
from dataclasses import dataclass
from typing import Final, Self

from presswork.core.errors import FieldError, IssueCode

MIN_CONTRAST: Final = 3.0
"""Least contrast of the colour against a light page: WCAG 2.2, 1.4.11, for parts of a user interface."""
_COLOR: Final = re.compile(r"#[0-9a-fA-F]{6}", re.ASCII)
_PAPER: Final = "#f6f5f2"
"""Background of the light page: --paper of api/http/assets/presswork.css."""
_WHITE: Final = "#ffffff"
_BLACK: Final = "#000000"


@dataclass(frozen=True, slots=True, kw_only=True)
class Branding:
    """Name, logo and colour. What is None is that of Presswork; without a name it is the project's."""

    name: str | None = None
    logo_url: str | None = None  # where the logo was fetched from
    color: str | None = None  # #rrggbb in lower case
    logo_key: str | None = None  # of the copy in the media store
    logo_type: str | None = None  # its content type

    @property
    def on_color(self) -> str:
        """The colour of a text on the colour: black or white, the one with more contrast."""
        color = self.color or _BLACK
        return max((_WHITE, _BLACK), key=lambda one: contrast(one, color))

    def text(self) -> str:
        """Return the stored document."""
        return json.dumps({name: getattr(self, name) for name in self.__slots__})

    @classmethod
    def parse(cls, text: str | None) -> Self | None:
        """Return the branding of a stored document."""
        return None if text is None else cls(**json.loads(text))


def brand_color(text: str) -> str:
    """Return a colour in lower case. Raises FieldError for anything but `#rrggbb`, and for one that a page hardly shows."""
    if not _COLOR.fullmatch(text):
        raise FieldError(
            "is not a colour. Send six hexadecimal digits after a number sign, like #0b5fff.", IssueCode.INVALID_FORMAT
        )
    found = contrast(text, _PAPER)
    if found < MIN_CONTRAST:
        raise FieldError(
            f"has a contrast of {found:.1f}:1 to the page, which is too low to see. Send a darker colour, with at least "
            f"{MIN_CONTRAST:.0f}:1 to {_PAPER}.",
            IssueCode.LOW_CONTRAST,
        )
    return text.lower()


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two colours, 1 to 21. Source: WCAG 2.2, "contrast ratio"."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(color: str) -> float:
    red, green, blue = (_linear_channel(int(color[start : start + 2], 16) / 255) for start in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear_channel(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else float(((channel + 0.055) / 1.055) ** 2.4)
