"""Bounds of a post's content within which the rules of its platform find no error.

The publish statement compares the content with them, so that the rules run only for the few posts that exceed one.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from pydantic import JsonValue

_MILLISECOND: Final = timedelta(milliseconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """Inclusive bounds. Within all of them `Connector.check` reports no error; beyond one it may. None: no bound."""

    characters: int | None = None
    """Code points of the caption."""
    hashtags: int | None = None
    """Characters `#` in the caption."""
    mentions: int | None = None
    """Characters `@` in the caption."""
    comment_characters: int | None = None
    """Code points of the first comment, within which `Platform.check_comment` reports no error."""
    ratio: tuple[float, float] | None = None
    """Width over height of each item."""
    sides: tuple[int, int] | None = None
    """Pixels of the shortest and the longest side of all items."""
    duration: tuple[timedelta, timedelta] | None = None
    """Length of each video."""

    def as_json(self) -> Mapping[str, JsonValue]:
        """Return those that are set, under the names of posts/parts.sql: offer; durations in milliseconds."""
        ratio, sides = self.ratio or (None, None), self.sides or (None, None)
        shortest, longest = (at // _MILLISECOND for at in self.duration) if self.duration else (None, None)
        bounds: Mapping[str, JsonValue] = {
            "characters": self.characters,
            "hashtags": self.hashtags,
            "mentions": self.mentions,
            "comment_characters": self.comment_characters,
            "ratio_min": ratio[0],
            "ratio_max": ratio[1],
            "side_min": sides[0],
            "side_max": sides[1],
            "duration_min": shortest,
            "duration_max": longest,
        }
        return {name: bound for name, bound in bounds.items() if bound is not None}


NONE_WITHIN: Final = Bounds(characters=-1)
"""No content is within, so the rules run for every post: for a platform whose rules bounds can't express."""
