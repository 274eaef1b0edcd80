"""What a platform would report about a post before it is sent: errors and warnings, as data.

The rules are in each platform's folder; `prepare` refuses posts by the same rules.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from enum import StrEnum

from pydantic import JsonValue

from presswork.platforms.errors import FailureCode, Rejected


class Advice(StrEnum):
    """`code` of a warning: the post is accepted, but the result may differ from what the caller expects."""

    REPEATED_TARGET = "REPEATED_TARGET"  # the call contains the same account and mode more than once
    OPTIONS_IGNORED = "OPTIONS_IGNORED"  # the target has options of another platform than its account's
    PLATFORM_NOT_ASKED = "PLATFORM_NOT_ASKED"  # the platform did not respond in time: some limits are unchecked
    CAPTION_NEAR_LIMIT = "CAPTION_NEAR_LIMIT"  # within the limit, unless the platform counts what is added to send it
    TOO_MANY_HASHTAGS = "TOO_MANY_HASHTAGS"  # more than the platform's own app allows
    QUOTA_LOW = "QUOTA_LOW"
    RATE_LIMITED = "RATE_LIMITED"  # a short limit; the post waits until it ends
    MEDIA_CONVERTED = "MEDIA_CONVERTED"  # a converted copy is sent
    MEDIA_CROPPED = "MEDIA_CROPPED"  # the platform crops the media
    UNUSUAL_RATIO = "UNUSUAL_RATIO"  # observed to be refused, although it is not documented
    CAPTION_NOT_DELIVERED = "CAPTION_NOT_DELIVERED"  # the platform accepts no caption with a draft of this kind
    COMMENT_UNSUPPORTED = "COMMENT_UNSUPPORTED"  # the platform supports no first comment
    COMMENT_NOT_PERMITTED = (
        "COMMENT_NOT_PERMITTED"  # the account did not grant the permission that the first comment needs
    )
    EXTRA_NOT_PERMITTED = "EXTRA_NOT_PERMITTED"  # the account did not grant the permission that an extra needs
    EXTRA_ADAPTED = "EXTRA_ADAPTED"  # the extra will not be as requested
    MUSIC_IGNORED = "MUSIC_IGNORED"  # the settings are not sent
    MUSIC_NOT_CHOSEN = "MUSIC_NOT_CHOSEN"  # the platform chooses the track
    PRIVACY_REDUCED = "PRIVACY_REDUCED"  # the post is less public than one without options usually is
    MEDIA_LINKED = "MEDIA_LINKED"  # they do not fit into a text message, which links to them
    CAPTION_ON_PAGE = "CAPTION_ON_PAGE"  # too long for a text message, which links to it
    PLAN_LIMIT_NEAR = (
        "PLAN_LIMIT_NEAR"  # of the whole call: with its posts, 80 % of a limit of the organization are used
    )


@dataclass(frozen=True, slots=True)
class Problem:
    """A reason for which the platform would refuse the post; `code` is the one that the post would fail with."""

    code: FailureCode
    message: str
    details: Mapping[str, JsonValue] = field(default_factory=dict)
    """`reason` names the rule; `value` and `limit` are its numbers, in `unit`."""
    platform_code: str | None = None
    """The platform's own code for it, where there is one."""

    def rejection(self, *, step: str) -> Rejected:
        """Return the error that a post fails with for this reason."""
        return Rejected(self.message, step=step, failure=self.code, platform_code=self.platform_code)


@dataclass(frozen=True, slots=True)
class Warned:
    """A finding that does not prevent publishing."""

    code: Advice
    message: str
    details: Mapping[str, JsonValue] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Findings:
    """All findings about one post."""

    errors: Sequence[Problem] = ()
    warnings: Sequence[Warned] = ()

    def __add__(self, other: "Findings") -> "Findings":
        """Return the findings of both."""
        return Findings([*self.errors, *other.errors], [*self.warnings, *other.warnings])

    def require_none(self, *, step: str) -> None:
        """Raise Rejected with every error in one message; warnings do not raise."""
        if self.errors:
            first = self.errors[0]
            raise replace(first, message=" ".join(error.message for error in self.errors)).rejection(step=step)


def found(*things: Problem | Warned | None) -> Findings:
    """Collect findings, skipping None."""
    return Findings(
        [thing for thing in things if isinstance(thing, Problem)],
        [thing for thing in things if isinstance(thing, Warned)],
    )


def tenths(duration: timedelta) -> float:
    """Return seconds rounded to one decimal, the precision in which durations are compared and reported.

    Containers round: a clip of three seconds may report 2.98, and no platform is that strict.
    """
    return round(duration.total_seconds(), 1)


def in_seconds(duration: timedelta) -> str:
    """Format a wait to the second, like 14 min 3 s."""
    return in_words(timedelta(seconds=round(duration.total_seconds())))


def in_words(duration: timedelta) -> str:
    """Format a duration, like 14 min 3 s, 2.9 s or 1 h."""
    seconds = tenths(duration)
    hours, rest = divmod(seconds, 3600)
    minutes, rest = divmod(rest, 60)
    parts = [(f"{hours:.0f} h", hours), (f"{minutes:.0f} min", minutes), (f"{round(rest, 1):g} s", round(rest, 1))]
    return " ".join(text for text, number in parts if number) or "0 s"
