"""What is counted for a phone number: codes, attempts to enter one, and notices; and the limits on them. Pure."""

import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from presswork.core.enums import Environment
from presswork.core.errors import Code, PressworkError


class PhoneEventKind(StrEnum):
    """What counts towards a limit."""

    SENT = "sent"  # a code
    ATTEMPT = "attempt"  # to enter a code
    NOTICE = "notice"  # the messages of one call of notify-device


CODE_KINDS: Final = (PhoneEventKind.SENT, PhoneEventKind.ATTEMPT)


@dataclass(frozen=True, slots=True, kw_only=True)
class PhoneEvent:
    """A code or notice that was sent to a number, or an attempt to enter a code. UTC."""

    kind: PhoneEventKind
    environment: Environment
    counted_at: datetime


@dataclass(frozen=True, slots=True)
class PhoneLimit:
    """At most `max_events` events of a kind in any period of this length."""

    kind: PhoneEventKind
    max_events: int
    within: timedelta

    def wait(self, events: Sequence[PhoneEvent], *, now: datetime) -> timedelta:
        """Return how long until the next event is allowed; zero or less: now."""
        counted = sorted((event.counted_at for event in events if event.kind is self.kind), reverse=True)
        return timedelta(0) if len(counted) < self.max_events else counted[self.max_events - 1] + self.within - now


RESEND_AFTER: Final = timedelta(minutes=1)
LONGEST_LIMIT: Final = timedelta(days=1)
PHONE_LIMITS: Final = (
    PhoneLimit(PhoneEventKind.SENT, 5, timedelta(hours=1)),
    PhoneLimit(PhoneEventKind.SENT, 10, LONGEST_LIMIT),
    PhoneLimit(PhoneEventKind.ATTEMPT, 15, LONGEST_LIMIT),
)
"""Limits of one phone number: in one environment of an organization, and for real text messages in all organizations."""
ORGANIZATION_LIMITS: Final = (
    PhoneLimit(PhoneEventKind.SENT, 30, timedelta(hours=1)),
    PhoneLimit(PhoneEventKind.SENT, 100, LONGEST_LIMIT),
    PhoneLimit(PhoneEventKind.ATTEMPT, 100, LONGEST_LIMIT),
)
"""Limits of one environment of an organization, all numbers together."""
NOTICE_PHONE_LIMITS: Final = (
    PhoneLimit(PhoneEventKind.NOTICE, 10, timedelta(hours=1)),
    PhoneLimit(PhoneEventKind.NOTICE, 30, LONGEST_LIMIT),
)
"""Limits of the notices to one phone number, counted like PHONE_LIMITS. A notice is three text messages."""
NOTICE_ORGANIZATION_LIMITS: Final = (PhoneLimit(PhoneEventKind.NOTICE, 500, LONGEST_LIMIT),)
"""Limits of the notices of one environment of an organization, all numbers together."""
_RESEND: Final = PhoneLimit(PhoneEventKind.SENT, 1, RESEND_AFTER)


class PhoneLimitReached(PressworkError):
    """A phone number or an organization has reached a limit."""

    code = Code.RATE_LIMITED

    def __init__(self, wait: timedelta) -> None:
        seconds = max(1, round(wait.total_seconds()))
        super().__init__(
            f"{self.sentence} Retry in {seconds} s.",
            retryAfterSeconds=seconds,
        )


class CodeSentLately(PhoneLimitReached):
    """The previous code was sent less than a minute ago."""

    sentence = "A code was sent to this phone number less than a minute ago."


class LiveCodePending(CodeSentLately):
    """A live key sent a code that is still valid; a test key can't replace it."""

    sentence = "A live key sent a code to this operator, which is still valid."


class TooManyCodes(PhoneLimitReached):
    """A phone number has used up its codes, or its attempts to enter one."""

    sentence = "Too many codes were sent or entered for this phone number."


class TooManyCodesOfOrganization(TooManyCodes):
    """The same for an organization."""

    sentence = "Too many codes were sent or entered for the phones of this organization."


class TooManyNotifications(PhoneLimitReached):
    """A phone number has received as many notices as it may."""

    sentence = "Too much content was sent to this phone number."


class TooManyNotificationsOfOrganization(TooManyNotifications):
    """An organization has sent as many notices as it may."""

    sentence = "This organization has sent too much content to phones."


def require_send_allowed(
    of_phone: Sequence[PhoneEvent], of_organization: Sequence[PhoneEvent], environment: Environment, *, now: datetime
) -> None:
    """Raise CodeSentLately within a minute of a code to the number in either environment, or TooManyCodes.

    No code is sent to a number for which no attempt is left.
    """
    if (wait := _RESEND.wait(of_phone, now=now)) > timedelta(0):
        raise CodeSentLately(wait)
    _require(PHONE_LIMITS, _select_environment(environment, of_phone), TooManyCodes, now=now)
    _require(ORGANIZATION_LIMITS, of_organization, TooManyCodesOfOrganization, now=now)


def require_attempt_allowed(
    of_phone: Sequence[PhoneEvent], of_organization: Sequence[PhoneEvent], environment: Environment, *, now: datetime
) -> None:
    """Raise TooManyCodes if the number or the organization has used up its attempts to enter a code."""
    attempts = [one for one in _select_environment(environment, of_phone) if one.kind is PhoneEventKind.ATTEMPT]
    _require(PHONE_LIMITS, attempts, TooManyCodes, now=now)
    attempts = [one for one in of_organization if one.kind is PhoneEventKind.ATTEMPT]
    _require(ORGANIZATION_LIMITS, attempts, TooManyCodesOfOrganization, now=now)


def require_notice_allowed(
    of_phone: Sequence[PhoneEvent], of_organization: Sequence[PhoneEvent], environment: Environment, *, now: datetime
) -> None:
    """Raise TooManyNotifications if the number or the organization has used up its notices."""
    _require(NOTICE_PHONE_LIMITS, _select_environment(environment, of_phone), TooManyNotifications, now=now)
    _require(NOTICE_ORGANIZATION_LIMITS, of_organization, TooManyNotificationsOfOrganization, now=now)


def _select_environment(environment: Environment, events: Sequence[PhoneEvent]) -> Sequence[PhoneEvent]:
    return [event for event in events if event.environment is environment]


def _require(
    limits: Sequence[PhoneLimit], events: Sequence[PhoneEvent], error: type[PhoneLimitReached], *, now: datetime
) -> None:
    wait = max(limit.wait(events, now=now) for limit in limits)
    if wait > timedelta(0):
        raise error(wait)


def number_hash(key: bytes, phone: str) -> bytes:
    """Return the hash of a phone number by which its events are counted, keyed with a key outside the database."""
    return hmac.digest(key, f"number\n{phone}".encode(), hashlib.sha256)
