"""Operators: people of an organization who receive text messages, and the verification of their phones. Pure."""

import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, Literal, TypedDict
from uuid import UUID

from presswork.core.enums import Environment
from presswork.core.errors import Code, Conflict, NotFound, PressworkError

CODE_DIGITS: Final = 6
CODE_LIFETIME: Final = timedelta(minutes=10)
RESEND_AFTER: Final = timedelta(minutes=1)
MOST_ATTEMPTS: Final = 5
"""Attempts to enter a code; after that a new code must be sent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Operator:
    """One person. Instants in UTC. `phone` is in E.164 and is shown only masked.

    `phone_verified_in` is the environment whose text messages verified the phone. It is LIVE if the command line declared
    the phone verified. `phone_set_in` is the environment that set it: test keys can't change a phone that LIVE set, but set
    `test_phone`, which test projects use instead while `has_test_phone` (None then means no phone).
    """

    id: UUID
    organization_id: UUID
    name: str
    phone: str | None
    phone_verified_at: datetime | None
    phone_verified_in: Environment | None
    phone_set_in: Environment
    has_test_phone: bool
    test_phone: str | None
    test_phone_verified_at: datetime | None
    is_primary: bool
    created_at: datetime

    def phone_in(self, environment: Environment) -> str | None:
        """Return the phone that an environment uses, or None."""
        return self.test_phone if self.has_test_phone and environment is Environment.TEST else self.phone

    def verified_at(self, environment: Environment) -> datetime | None:
        """Return when the phone that an environment uses was verified for it, or None.

        Everyone with access to the sandbox can read its text messages, so they verify a phone for test projects only.
        """
        if self.has_test_phone and environment is Environment.TEST:
            return self.test_phone_verified_at
        return self.phone_verified_at if self.phone_verified_in in {Environment.LIVE, environment} else None


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeProof:
    """Proof that the correct code was entered: its hash, and the environment whose text message carried it."""

    code_hash: bytes
    environment: Environment


class OperatorChanges(TypedDict, total=False):
    """Changes to an operator."""

    name: str
    phone: str | None
    is_primary: Literal[True]


class OperatorNotFound(NotFound):
    """The operator does not exist, or belongs to another organization."""

    sentence = "This operator does not exist. List the organization's operators with GET /v1/operators."


class PhoneRequired(PressworkError):
    """The operation needs a phone number and none is known."""

    code = Code.PHONE_REQUIRED


class OwnerPhoneUnverified(PressworkError):
    """The operator's phone is not verified."""

    code = Code.OWNER_PHONE_UNVERIFIED


class PrimaryIsLive(Conflict):
    """A test key can't replace the primary operator of live projects."""

    sentence = (
        "The primary operator's phone is verified for live projects, so only a key of the live environment can make another "
        "operator the primary one."
    )


class PhoneVerified(Conflict):
    """The phone is already verified."""

    sentence = "This operator's phone is already verified. To verify another phone, change it first."


class CodeSentLately(PressworkError):
    """The previous code was sent less than a minute ago."""

    code = Code.RATE_LIMITED
    sentence = "A code was sent to this phone number less than a minute ago."

    def __init__(self, wait: timedelta) -> None:
        """Say how long to wait."""
        seconds = max(1, round(wait.total_seconds()))
        super().__init__(
            f"{self.sentence} Retry in {seconds} s.",
            retryAfterSeconds=seconds,
        )


class LiveCodePending(CodeSentLately):
    """A live key sent a code that is still valid; a test key can't replace it."""

    sentence = "A live key sent a code to this operator, which is still valid."


class TooManyCodes(CodeSentLately):
    """A phone number or an organization has used up its codes, or its attempts to enter one."""

    sentence = "Too many codes were sent or entered for this phone number."


class TooManyCodesOfOrganization(TooManyCodes):
    """The same for an organization."""

    sentence = "Too many codes were sent or entered for the phones of this organization."


class CodeEventKind(StrEnum):
    """What counts towards the limits of codes."""

    SENT = "sent"
    ATTEMPT = "attempt"


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeEvent:
    """A code that was sent to a number, or an attempt to enter one. UTC."""

    kind: CodeEventKind
    environment: Environment
    counted_at: datetime


@dataclass(frozen=True, slots=True)
class CodeLimit:
    """At most `most` events of a kind in any period of this length."""

    kind: CodeEventKind
    most: int
    within: timedelta

    def wait(self, events: Sequence[CodeEvent], *, now: datetime) -> timedelta:
        """Return how long until the next event is allowed; zero or less: now."""
        counted = sorted((event.counted_at for event in events if event.kind is self.kind), reverse=True)
        return timedelta(0) if len(counted) < self.most else counted[self.most - 1] + self.within - now


LONGEST_LIMIT: Final = timedelta(days=1)
PHONE_LIMITS: Final = (
    CodeLimit(CodeEventKind.SENT, 5, timedelta(hours=1)),
    CodeLimit(CodeEventKind.SENT, 10, LONGEST_LIMIT),
    CodeLimit(CodeEventKind.ATTEMPT, 15, LONGEST_LIMIT),
)
"""Limits of one phone number: in one environment of an organization, and for real text messages in all organizations."""
ORGANIZATION_LIMITS: Final = (
    CodeLimit(CodeEventKind.SENT, 30, timedelta(hours=1)),
    CodeLimit(CodeEventKind.SENT, 100, LONGEST_LIMIT),
    CodeLimit(CodeEventKind.ATTEMPT, 100, LONGEST_LIMIT),
)
"""Limits of one environment of an organization, all numbers together."""
_RESEND: Final = CodeLimit(CodeEventKind.SENT, 1, RESEND_AFTER)


def require_send_allowed(
    of_phone: Sequence[CodeEvent], of_organization: Sequence[CodeEvent], environment: Environment, *, now: datetime
) -> None:
    """Raise CodeSentLately within a minute of a code to the number in either environment, or TooManyCodes.

    No code is sent to a number for which no attempt is left.
    """
    if (wait := _RESEND.wait(of_phone, now=now)) > timedelta(0):
        raise CodeSentLately(wait)
    _require(PHONE_LIMITS, [one for one in of_phone if one.environment is environment], TooManyCodes, now=now)
    _require(ORGANIZATION_LIMITS, of_organization, TooManyCodesOfOrganization, now=now)


def require_attempt_allowed(
    of_phone: Sequence[CodeEvent], of_organization: Sequence[CodeEvent], environment: Environment, *, now: datetime
) -> None:
    """Raise TooManyCodes if the number or the organization has used up its attempts to enter a code."""
    attempts = [one for one in of_phone if one.environment is environment and one.kind is CodeEventKind.ATTEMPT]
    _require(PHONE_LIMITS, attempts, TooManyCodes, now=now)
    attempts = [one for one in of_organization if one.kind is CodeEventKind.ATTEMPT]
    _require(ORGANIZATION_LIMITS, attempts, TooManyCodesOfOrganization, now=now)


def _require(
    limits: Sequence[CodeLimit], events: Sequence[CodeEvent], error: type[CodeSentLately], *, now: datetime
) -> None:
    wait = max(limit.wait(events, now=now) for limit in limits)
    if wait > timedelta(0):
        raise error(wait)


class NoCode(Conflict):
    """No code can be confirmed."""

    sentence = (
        "No code can be confirmed: none was sent, it has expired, or too many wrong codes were entered. "
        "Send a new code with verify-phone."
    )


def code_hash(key: bytes, operator_id: UUID, phone: str, code: str) -> bytes:
    """Return the hash of a code, bound to its operator and phone, and keyed with a key outside the database."""
    return hmac.digest(key, f"{operator_id}\n{phone}\n{code}".encode(), hashlib.sha256)


def number_hash(key: bytes, phone: str) -> bytes:
    """Return the hash of a phone number by which its codes are counted, keyed with a key outside the database."""
    return hmac.digest(key, f"number\n{phone}".encode(), hashlib.sha256)


def is_code(stored: bytes, keys: Sequence[bytes], operator_id: UUID, phone: str, code: str) -> bool:
    """Compare a code with a stored hash of any of the keys, in constant time."""
    matches = [hmac.compare_digest(stored, code_hash(key, operator_id, phone, code)) for key in keys]
    return any(matches)
