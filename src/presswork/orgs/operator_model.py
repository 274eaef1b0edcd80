"""Operators: the people of an organization who are reached by phone, and how a phone is verified. Pure."""

import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from presswork.core.enums import Environment
from presswork.core.errors import Code, Conflict, NotFound, PressworkError
from presswork.core.ids import OPERATOR, public_id

CODE_DIGITS: Final = 6
CODE_LIFETIME: Final = timedelta(minutes=10)
RESEND_AFTER: Final = timedelta(minutes=1)
MOST_ATTEMPTS: Final = 5
"""Wrong codes; after that a new one has to be sent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Operator:
    """One person; instants in UTC. `phone` is in E.164 and never leaves the service but masked.

    `phone_verified_in` is the environment whose text messages proved whose phone it is. It is LIVE, too, where somebody at
    the command line has answered for it.
    """

    id: UUID
    organization_id: UUID
    name: str
    phone: str | None
    phone_verified_at: datetime | None
    phone_verified_in: Environment | None
    is_primary: bool
    created_at: datetime

    def verified_at(self, environment: Environment) -> datetime | None:
        """Return since when the phone counts as verified in an environment.

        The sandbox's texts can be read by everybody who reaches it, so what they proved counts in test projects only.
        """
        return self.phone_verified_at if self.phone_verified_in in {Environment.LIVE, environment} else None


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeProof:
    """The right code was given: what was stored of it, and by which environment's text messages it was sent."""

    code_hash: bytes
    environment: Environment


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatorChanges:
    """What a caller wants changed: a field that is not in `fields` stays as it is, whatever it holds here."""

    fields: frozenset[str]
    name: str = ""
    phone: str | None = None


class OperatorNotFound(NotFound):
    """There is no such operator, or another organization has it."""

    def __init__(self) -> None:
        """Say where to look."""
        super().__init__("There is no such operator here. List the organization's under /v1/operators.")


class PhoneRequired(PressworkError):
    """A phone is needed and none is known."""

    code = Code.PHONE_REQUIRED


class OwnerPhoneUnverified(PressworkError):
    """The operator's phone was never confirmed."""

    code = Code.OWNER_PHONE_UNVERIFIED


class PhoneVerified(Conflict):
    """The phone needs no code any more."""

    def __init__(self, operator: Operator) -> None:
        """Name the operator."""
        super().__init__(
            "This operator's phone is verified already. Change the phone first to verify another.",
            operatorId=public_id(OPERATOR, operator.id),
        )


class CodeSentLately(PressworkError):
    """A code was texted less than a minute ago."""

    code = Code.RATE_LIMITED

    def __init__(self, wait: timedelta) -> None:
        """Say how long to wait."""
        seconds = max(1, round(wait.total_seconds()))
        super().__init__(
            f"A code was sent to this phone just now. Wait {seconds} s before having another one sent.",
            retryAfterSeconds=seconds,
        )


class NoCode(Conflict):
    """There is no code that could be confirmed."""

    def __init__(self) -> None:
        """Say what to do."""
        super().__init__(
            "There is no code to confirm: none was sent, its ten minutes are over, or too many wrong ones were tried. "
            "Have a new one sent (verify-phone)."
        )


def code_hash(key: bytes, operator_id: UUID, phone: str, code: str) -> bytes:
    """Return what is stored of a code: bound to its operator and phone by a key that is not in the database."""
    return hmac.digest(key, f"{operator_id}\n{phone}\n{code}".encode(), hashlib.sha256)


def is_code(stored: bytes, keys: Sequence[bytes], operator_id: UUID, phone: str, code: str) -> bool:
    """Compare a code with what is stored, in constant time; any of the keys may have hashed it."""
    matches = [hmac.compare_digest(stored, code_hash(key, operator_id, phone, code)) for key in keys]
    return any(matches)
