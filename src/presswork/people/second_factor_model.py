"""Second factors: what proves who a person is, who must have one, recovery codes, and why a proof is refused. Pure."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

from presswork.core.errors import Code, Conflict, Invalid, Issue, IssueCode, NotFound, PressworkError
from presswork.people.model import Role

CONFIRMED_FOR: Final = timedelta(minutes=5)
"""How long a proof counts for changes of keys, users and apps."""
PENDING_LIFETIME: Final = timedelta(minutes=10)
"""How long a person has for the second step of a sign-in."""
CHALLENGE_LIFETIME: Final = timedelta(minutes=5)
"""How long an authenticator may take to sign a challenge."""
NEW_SECRET_LIFETIME: Final = timedelta(minutes=30)
"""How long a person has to send the first code of a new authenticator app."""
RECOVERY_CODES: Final = 10
MAX_PASSKEYS: Final = 20
"""Of one person."""
TOTP_SECONDS: Final = 30
TOTP_DRIFT: Final = (-1, 0, 1)
"""Steps of 30 s beside the present one whose codes are accepted. Source: RFC 6238, section 5.2."""
TOTP_ISSUER: Final = "Presswork"
_RECOVERY_LETTERS: Final = "abcdefghjkmnpqrstuvwxyz23456789"
"""Without letters and digits that look alike: 16 of them have 79 bits, so that SHA-256 is sufficient for the hash."""
_RECOVERY_GROUPS: Final = 4
_RECOVERY_GROUP_LETTERS: Final = 4


class SecondFactorPolicy(StrEnum):
    """Who must have a second factor in an organization."""

    OFF = "off"
    ADMINS = "admins"
    EVERYONE = "everyone"

    def demands_of(self, role: Role) -> bool:
        """Return whether a user with this role must have one."""
        return self is SecondFactorPolicy.EVERYONE or (self is SecondFactorPolicy.ADMINS and role is Role.ADMIN)


class ProofMethod(StrEnum):
    """What proves who a person is, beyond the session."""

    TOTP = "totp"
    PASSKEY = "passkey"
    RECOVERY_CODE = "recovery_code"
    PASSWORD = "password"  # noqa: S105  the name of a method
    OIDC = "oidc"  # another sign-in at the identity provider


class NextStep(StrEnum):
    """What a sign-in needs after its first step."""

    SECOND_FACTOR = "second_factor"
    SET_UP = "set_up_second_factor"


class ChallengePurpose(StrEnum):
    """What a passkey signs a challenge for. A challenge of one purpose serves no other."""

    ADD = "add"
    SIGN_IN = "sign_in"
    CONFIRM = "confirm"


@dataclass(frozen=True, slots=True, kw_only=True)
class Factors:
    """What a user can prove, and what the organization demands."""

    user_id: UUID
    role: Role
    policy: SecondFactorPolicy
    totp_since: datetime | None  # UTC; None: no authenticator app
    passkeys: int
    recovery_codes: int  # that were not used
    has_password: bool
    has_identity: bool

    @property
    def has_second_factor(self) -> bool:
        """Whether the user has an authenticator app or a passkey."""
        return self.totp_since is not None or self.passkeys > 0

    @property
    def is_demanded(self) -> bool:
        """Whether the organization's policy says that the user must have a second factor."""
        return self.policy.demands_of(self.role)

    @property
    def methods(self) -> tuple[ProofMethod, ...]:
        """What serves as the second step of a sign-in."""
        known = {
            ProofMethod.TOTP: self.totp_since is not None,
            ProofMethod.PASSKEY: self.passkeys > 0,
            ProofMethod.RECOVERY_CODE: self.has_second_factor and self.recovery_codes > 0,
        }
        return tuple(method for method, is_there in known.items() if is_there)

    @property
    def confirming_methods(self) -> tuple[ProofMethod, ...]:
        """What confirms a session: a second factor; of a person without one the password, or the identity provider."""
        if self.has_second_factor:
            return self.methods
        return (ProofMethod.PASSWORD,) if self.has_password else (ProofMethod.OIDC,)

    def require_removable(self, *, totp: bool = False, passkeys: int = 0) -> None:
        """Raise LastFactor if the user would be without a second factor that the organization demands."""
        is_left = (self.totp_since is not None and not totp) or self.passkeys > passkeys
        if self.is_demanded and not is_left:
            raise LastFactor(
                "Your organization demands a second factor, and this is your only one. Add another one first.",
                reason="last_factor",
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Passkey:
    """A passkey of a user. Instants are UTC."""

    id: UUID
    name: str
    created_at: datetime
    last_used_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PasskeySite:
    """The site that passkeys belong to: its host name, and the origins of its pages."""

    host: str
    origins: tuple[str, ...]


class CeremonyFailed(ValueError):
    """The answer of an authenticator is not valid."""


@dataclass(frozen=True, slots=True)
class NewCredential:
    """What is stored of a new passkey."""

    credential_id: bytes
    public_key: bytes
    sign_count: int
    transports: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class KnownCredential:
    """A passkey that an authenticator is asked for."""

    credential_id: bytes
    transports: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PendingSignIn:
    """A sign-in whose first step succeeded. `token` goes into a cookie of its own, and is stored nowhere."""

    user_id: UUID
    factors: Factors
    next_step: NextStep
    token: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """What a person sends to prove who it is: one of these."""

    code: str | None = None
    recovery_code: str | None = None
    passkey: dict[str, object] | None = None
    password: str | None = None


class ConfirmationRequired(PressworkError):
    """A session may make this change only shortly after its person has proved who it is."""

    code = Code.CONFIRMATION_REQUIRED

    def __init__(self, factors: Factors) -> None:
        methods = factors.confirming_methods
        super().__init__(
            "Confirm that it is you: sign in again at your identity provider, at /auth/oidc/start?again=true, then send the "
            "request again."
            if ProofMethod.OIDC in methods
            else "Confirm that it is you: send one of `details.methods` to POST /v1/auth/confirm, then the request again.",
            methods=[method.value for method in methods],
        )


class NoPendingSignIn(PressworkError):
    """The browser has no sign-in whose first step succeeded, or it has expired."""

    code = Code.UNAUTHENTICATED
    sentence = "This sign-in has expired, or was never begun. Start again with POST /v1/auth/sign-in."


class LastFactor(Conflict):
    """The organization demands the factor that is to be removed."""


class NoNewSecret(Conflict):
    """There is no secret to confirm, or it is too old."""

    sentence = "There is no new authenticator app to confirm. Start again with POST /v1/auth/totp."


class TooManyPasskeys(Conflict):
    """The user has as many passkeys as one may have."""

    sentence = f"You have {MAX_PASSKEYS} passkeys, which is the most. Remove one that you do not use any more."


class PasskeyTaken(Conflict):
    """The authenticator's passkey is registered already."""

    sentence = "This passkey is registered already. Use another device, or another security key."


class PasskeyNotFound(NotFound):
    """The passkey does not exist, or is another person's."""

    sentence = "This passkey does not exist. List yours with GET /v1/auth/passkeys."


class NoFactor(Conflict):
    """Recovery codes need a factor that they stand in for."""

    sentence = "You have no second factor. Set up an authenticator app or a passkey first."


class ResetsOwnFactors(Conflict):
    """An administrator resets the factors of others only."""

    sentence = (
        "You can't reset your own second factor. Remove the authenticator app or the passkeys of your own account."
    )


def refuse_proof(field: str) -> Invalid:
    """Return why a proof is refused. It never says whether it was right for another person, or used before."""
    problem, code = _REFUSALS[field]
    return Invalid([Issue.at(field, problem, code)])


_REFUSALS: Final = {
    "code": ("is wrong, or was used before. Send the code that the app shows now.", IssueCode.WRONG_CODE),
    "recoveryCode": ("is wrong, or was used before. Send another one of your codes.", IssueCode.WRONG_CODE),
    "passkey": ("is not valid here. Ask for a new challenge, and try again.", IssueCode.INVALID_VALUE),
    "password": ("is not your password. Correct it.", IssueCode.WRONG_PASSWORD),
}


def new_recovery_codes() -> tuple[str, ...]:
    """Return ten new recovery codes, such as `kx3m-9wpq-t7ya-2fhc`."""
    return tuple(
        "-".join(
            "".join(secrets.choice(_RECOVERY_LETTERS) for _ in range(_RECOVERY_GROUP_LETTERS))
            for _ in range(_RECOVERY_GROUPS)
        )
        for _ in range(RECOVERY_CODES)
    )


def recovery_code_hash(code: str, *, user_id: UUID) -> bytes:
    """Return the stored hash of a recovery code, as a person may type it: spaces, hyphens and capitals do not matter."""
    letters = "".join(character for character in code.lower() if character.isalnum())
    return hashlib.sha256(f"recovery code\x00{user_id}\x00{letters}".encode("utf-8", "surrogatepass")).digest()
