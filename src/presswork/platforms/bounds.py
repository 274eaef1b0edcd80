"""Bounds of a post's content within which the rules of its platform find no error.

The publish statement compares the content with them, so that the rules run only for the few posts that exceed one.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, TypeVar

from pydantic import JsonValue

_MILLISECOND: Final = timedelta(milliseconds=1)
Number = TypeVar("Number", int, float, timedelta)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """Inclusive bounds. Within all of them `Connector.check` reports no error; beyond one it may. A bound that is None does not exist."""

    characters: int | None = None
    """Code points of the caption."""
    hashtags: int | None = None
    """Characters `#` in the caption."""
    mentions: int | None = None
    """Characters `@` in the caption."""
    comment_characters: int | None = None
    """Code points of the first comment, within which `Platform.check_comment` reports no error."""
    items: int | None = None
    """Media of the post."""
    ratio: tuple[float, float] | None = None
    """Width over height of each item."""
    sides: tuple[int, int] | None = None
    """Pixels of the shortest and the longest side of all items."""
    duration: tuple[timedelta, timedelta] | None = None
    """Length of each video."""
    video_bytes: int | None = None
    """Size of each video."""

    def within_both(self, other: "Bounds") -> "Bounds":
        """Return the bounds within which content is within these and others."""
        return Bounds(
            characters=_lower(self.characters, other.characters),
            hashtags=_lower(self.hashtags, other.hashtags),
            mentions=_lower(self.mentions, other.mentions),
            comment_characters=_lower(self.comment_characters, other.comment_characters),
            items=_lower(self.items, other.items),
            ratio=_narrower(self.ratio, other.ratio),
            sides=_narrower(self.sides, other.sides),
            duration=_narrower(self.duration, other.duration),
            video_bytes=_lower(self.video_bytes, other.video_bytes),
        )

    def as_json(self) -> Mapping[str, JsonValue]:
        """Return those that are set, under the names of posts/parts.sql: offer; durations in milliseconds."""
        ratio, sides = self.ratio or (None, None), self.sides or (None, None)
        shortest, longest = (at // _MILLISECOND for at in self.duration) if self.duration else (None, None)
        bounds: Mapping[str, JsonValue] = {
            "characters": self.characters,
            "hashtags": self.hashtags,
            "mentions": self.mentions,
            "comment_characters": self.comment_characters,
            "items": self.items,
            "ratio_min": ratio[0],
            "ratio_max": ratio[1],
            "side_min": sides[0],
            "side_max": sides[1],
            "duration_min": shortest,
            "duration_max": longest,
            "video_bytes": self.video_bytes,
        }
        return {name: bound for name, bound in bounds.items() if bound is not None}


def _lower(one: int | None, other: int | None) -> int | None:
    return min((limit for limit in (one, other) if limit is not None), default=None)


def _narrower(one: tuple[Number, Number] | None, other: tuple[Number, Number] | None) -> tuple[Number, Number] | None:
    if one is None or other is None:
        return one or other
    return max(one[0], other[0]), min(one[1], other[1])


NONE_WITHIN: Final = Bounds(characters=-1)
"""No content is within, so the rules run for every post: for a platform whose rules bounds can't express."""
