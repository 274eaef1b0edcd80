"""Operators: people of an organization who receive text messages, and the verification of their phones. Pure."""

import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal, TypedDict
from uuid import UUID

from presswork.core.enums import Environment
from presswork.core.errors import Code, Conflict, NotFound, PressworkError

CODE_DIGITS: Final = 6
CODE_LIFETIME: Final = timedelta(minutes=10)
MAX_ATTEMPTS: Final = 5
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


class NoCode(Conflict):
    """No code can be confirmed."""

    sentence = (
        "No code can be confirmed: none was sent, it has expired, or too many wrong codes were entered. "
        "Send a new code with verify-phone."
    )


def code_hash(key: bytes, operator_id: UUID, phone: str, code: str) -> bytes:
    """Return the hash of a code, bound to its operator and phone, and keyed with a key outside the database."""
    return hmac.digest(key, f"{operator_id}\n{phone}\n{code}".encode(), hashlib.sha256)


def is_code(stored: bytes, keys: Sequence[bytes], operator_id: UUID, phone: str, code: str) -> bool:
    """Compare a code with a stored hash of any of the keys, in constant time."""
    matches = [hmac.compare_digest(stored, code_hash(key, operator_id, phone, code)) for key in keys]
    return any(matches)
