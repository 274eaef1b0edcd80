"""What a platform would say to a post before it is sent: errors and warnings, as data.

The rules that find them stand in each platform's folder; `prepare` refuses by the same ones.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from enum import StrEnum

from pydantic import JsonValue

from presswork.platforms.errors import FailureCode, Rejected


class Advice(StrEnum):
    """`code` of a warning: the post is accepted all the same, but not all will be as it may be wished."""

    REPEATED_TARGET = "REPEATED_TARGET"  # the same account and mode stand more than once in the call
    PLATFORM_NOT_ASKED = "PLATFORM_NOT_ASKED"  # it did not answer, or not in time: some limits are unchecked
    TOO_MANY_HASHTAGS = "TOO_MANY_HASHTAGS"  # more than the platform's own app allows
    QUOTA_LOW = "QUOTA_LOW"
    RATE_LIMITED = "RATE_LIMITED"  # a short limit; the post waits it out by itself
    MEDIA_CONVERTED = "MEDIA_CONVERTED"  # a converted copy is sent
    MEDIA_CROPPED = "MEDIA_CROPPED"  # the platform cuts something off
    UNUSUAL_RATIO = "UNUSUAL_RATIO"  # seen to be refused, though no document says so
    CAPTION_NOT_DELIVERED = "CAPTION_NOT_DELIVERED"  # the platform takes none with a draft of this kind
    COMMENT_UNSUPPORTED = "COMMENT_UNSUPPORTED"  # the platform takes no first comment
    COMMENT_NOT_PERMITTED = "COMMENT_NOT_PERMITTED"  # the account did not grant what the first comment needs
    MUSIC_IGNORED = "MUSIC_IGNORED"  # nothing is sent of it
    MUSIC_NOT_CHOSEN = "MUSIC_NOT_CHOSEN"  # the platform picks a track by itself
    MEDIA_LINKED = "MEDIA_LINKED"  # too large for a text message, which links to them
    CAPTION_ON_PAGE = "CAPTION_ON_PAGE"  # too long for a text message, which links to it


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that the platform would refuse; `code` is the one that the post would fail with."""

    code: FailureCode
    message: str
    details: Mapping[str, JsonValue] = field(default_factory=dict)
    """`reason` names the rule; `value` and `limit` are its numbers, in `unit`."""
    platform_code: str | None = None
    """The platform's own code for it, where it has one."""

    def rejection(self, *, step: str) -> Rejected:
        """Return the error that a post ends with for it."""
        return Rejected(self.message, step=step, failure=self.code, platform_code=self.platform_code)


@dataclass(frozen=True, slots=True)
class Warned:
    """Something that is no reason to refuse the post."""

    code: Advice
    message: str
    details: Mapping[str, JsonValue] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Findings:
    """All that was found, at once."""

    errors: Sequence[Problem] = ()
    warnings: Sequence[Warned] = ()

    def __add__(self, other: "Findings") -> "Findings":
        """Return both together."""
        return Findings([*self.errors, *other.errors], [*self.warnings, *other.warnings])

    def require_none(self, *, step: str) -> None:
        """Raise Rejected with every error in one message; warnings are let through."""
        if self.errors:
            first = self.errors[0]
            raise replace(first, message=" ".join(error.message for error in self.errors)).rejection(step=step)


def found(*things: Problem | Warned | None) -> Findings:
    """Return findings of what is there; None is nothing."""
    return Findings(
        [thing for thing in things if isinstance(thing, Problem)],
        [thing for thing in things if isinstance(thing, Warned)],
    )


def tenths(duration: timedelta) -> float:
    """Return seconds to one decimal, the precision that lengths are compared and told with.

    Containers round: a clip of three seconds may say 2.98, and no platform looks that closely.
    """
    return round(duration.total_seconds(), 1)


def in_seconds(duration: timedelta) -> str:
    """Return a wait as people write it, to the second: 14 min 3 s."""
    return in_words(timedelta(seconds=round(duration.total_seconds())))


def in_words(duration: timedelta) -> str:
    """Return a duration as people write it: 14 min 3 s, 2.9 s, 1 h."""
    seconds = tenths(duration)
    hours, rest = divmod(seconds, 3600)
    minutes, rest = divmod(rest, 60)
    parts = [(f"{hours:.0f} h", hours), (f"{minutes:.0f} min", minutes), (f"{round(rest, 1):g} s", round(rest, 1))]
    return " ".join(text for text, number in parts if number) or "0 s"
