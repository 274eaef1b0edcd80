"""API keys from the administrator's view: what can change, and who can revive a killed key. Pure."""

import hashlib
import hmac
import re
import secrets
from collections.abc import Sequence, Set
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Final, Self, TypedDict
from uuid import UUID

from presswork.callers.model import ALL_BUT_ADMIN, ActorKind, Principal, Scope, ScopeMissing, Tier
from presswork.core.client_address import parse_address
from presswork.core.enums import Environment
from presswork.core.errors import Conflict, FieldError, Invalid, Issue, IssueCode, NotFound
from presswork.core.ids import KEY, public_id

_TOKEN: Final = re.compile(r"lp_(live|test)_([A-Z2-7]{16})_([A-Za-z0-9_-]{43})", re.ASCII)
_BASE32: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"


@dataclass(frozen=True, slots=True)
class KeyToken:
    """The three parts of `lp_<env>_<lookup>_<secret>`."""

    environment: Environment
    lookup: str
    secret: str

    def __repr__(self) -> str:
        """Show no secret."""
        return f"KeyToken(lp_{self.environment}_{self.lookup}_…)"

    @classmethod
    def new(cls, environment: Environment) -> Self:
        """Generate a token with an 80-bit lookup name and a 256-bit secret."""
        return cls(environment, "".join(secrets.choice(_BASE32) for _ in range(16)), secrets.token_urlsafe(32))

    @classmethod
    def parse(cls, text: str) -> Self | None:
        """Parse a token; None if the form is wrong."""
        match = _TOKEN.fullmatch(text)
        return None if match is None else cls(Environment(match[1]), match[2], match[3])

    @property
    def text(self) -> str:
        """The token as the client sends it."""
        return f"lp_{self.environment}_{self.lookup}_{self.secret}"

    @property
    def secret_hash(self) -> bytes:
        """The stored hash. SHA-256 is sufficient for 32 random bytes and fast."""
        return hashlib.sha256(self.secret.encode("ascii")).digest()

    def matches(self, secret_hash: bytes) -> bool:
        """Compare the secret with a stored hash, in constant time."""
        return hmac.compare_digest(self.secret_hash, secret_hash)


GRANTABLE: Final[Set[str]] = {*(scope.value for scope in Scope), ALL_BUT_ADMIN}
"""Values that are allowed as scopes of a key."""
_LABEL: Final = "[a-z0-9](?:[a-z0-9-]*[a-z0-9])?"
_HOST: Final = re.compile(rf"{_LABEL}(?:\.{_LABEL})*", re.ASCII | re.IGNORECASE)
_DOMAIN: Final = re.compile(rf"(?:{_LABEL}\.)+(?=[a-z0-9-]*[a-z]){_LABEL}|localhost", re.ASCII | re.IGNORECASE)
"""What `*.` may stand before: no top-level domain, whose subdomains belong to everyone, and no address."""
_RANKS: Final = (Tier.STANDARD, Tier.PILOT, Tier.PARTNER, Tier.UNLIMITED)


class KeyStatus(StrEnum):
    """Whether a key is accepted."""

    ACTIVE = "active"
    KILLED = "killed"  # can be revived
    REVOKED = "revoked"  # final


class KeyNotFound(NotFound):
    """The key does not exist, or the caller can't see it."""

    sentence = "This key does not exist. List the keys of this organization and environment with GET /v1/api-keys."


class KeyIsRevoked(Conflict):
    """A revoked key can't be changed."""

    sentence = "This key is revoked, which is final. Create another key."


class KeyInUse(Conflict):
    """A key can't revoke or kill itself, so that an organization does not lose access by accident."""

    sentence = "A key can't revoke or kill itself. Use another org:admin key, or `presswork key` on the command line."


class KilledByService(Conflict):
    """The operator of the service killed the key, so the organization can't revive it."""

    sentence = "The operator of this service killed this key. Ask the operator to run `presswork key revive`."


@dataclass(frozen=True, slots=True, kw_only=True)
class NewKey:
    """A new key. `token` is shown only once."""

    key_id: str
    token: KeyToken
    organization_id: str
    environment: Environment
    scopes: Sequence[str]
    tier: Tier


class KeyChanges(TypedDict, total=False):
    """Changes to a key."""

    name: str
    tier: Tier
    return_domains: tuple[str, ...]
    operator_id: UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiKey:
    """One key, without its secret, of which only a hash is stored."""

    id: UUID
    organization_id: UUID
    environment: Environment
    lookup: str  # the public part of the token; appears in logs
    name: str
    scopes: tuple[str, ...]
    tier: Tier
    return_domains: tuple[str, ...]
    operator_id: UUID | None
    created_at: datetime  # UTC
    last_used_at: datetime | None  # with a resolution of one minute
    killed_at: datetime | None
    killed_by: ActorKind | None
    revoked_at: datetime | None

    @property
    def status(self) -> KeyStatus:
        """Current status of the key."""
        if self.revoked_at is not None:
            return KeyStatus.REVOKED
        return KeyStatus.ACTIVE if self.killed_at is None else KeyStatus.KILLED

    def revoke(self, *, now: datetime) -> Self:
        """Return the key revoked; a revoked key is unchanged."""
        return self if self.revoked_at is not None else replace(self, revoked_at=now)

    def kill(self, *, by: ActorKind, now: datetime) -> Self:
        """Return the key killed. A kill by the command line replaces an earlier one by the API, never the reverse."""
        if self.killed_at is None:
            return replace(self, killed_at=now, killed_by=by)
        return replace(self, killed_by=by) if by is ActorKind.COMMAND_LINE else self

    def revive(self, *, by: ActorKind) -> Self:
        """Return the key revived. Raises KilledByService if the API revives a key that the command line killed."""
        if self.killed_at is None:
            return self
        if self.killed_by is ActorKind.COMMAND_LINE and by is not ActorKind.COMMAND_LINE:
            raise KilledByService(keyId=public_id(KEY, self.id))
        return replace(self, killed_at=None, killed_by=None)

    def change(self, changes: KeyChanges) -> Self:
        """Return the key with the changes applied. Raises KeyIsRevoked."""
        if self.revoked_at is not None:
            raise KeyIsRevoked(keyId=public_id(KEY, self.id))
        return replace(self, **changes)


def require_scopes(scopes: Sequence[str]) -> Sequence[str]:
    """Return scopes without duplicates. Raises Invalid for an unknown scope."""
    if unknown := [index for index, scope in enumerate(scopes) if scope not in GRANTABLE]:
        choices = ", ".join(sorted(GRANTABLE))
        raise Invalid(
            [Issue("scopes", f"{scopes[unknown[0]]} is not a scope. Use: {choices}.", IssueCode.UNKNOWN_SCOPE)]
        )
    return list(dict.fromkeys(scopes))


def require_grantable(scopes: Sequence[str], *, of: Principal) -> None:
    """Raise ScopeMissing for a scope about the whole installation: `metrics:read` unless the caller's key lists it too, and
    `installation:admin`, which only the command line gives.
    """
    if Scope.METRICS_READ in scopes:
        of.require(Scope.METRICS_READ)
    if Scope.INSTALLATION_ADMIN in scopes:
        raise ScopeMissing(
            "Keys with the scope installation:admin are made on the command line only: `presswork key create --scopes "
            "installation:admin`.",
            requiredScope=Scope.INSTALLATION_ADMIN.value,
        )


def return_domain(text: str) -> str:
    """Return a return domain in lower case. Raises FieldError for anything but a host or address, or `*.` and a domain."""
    is_valid = _DOMAIN.fullmatch(text[2:]) if text.startswith("*.") else _HOST.fullmatch(text) or _is_address(text)
    if not is_valid:
        raise FieldError(
            "is not a host name. Send one like app.example.com, or *.example.com for all its subdomains.",
            IssueCode.BAD_RETURN_DOMAIN,
        )
    return text.lower()


def _is_address(text: str) -> bool:
    """Return whether a text is an IP address, of IPv6 with or without brackets."""
    plain = text[1:-1] if text.startswith("[") and text.endswith("]") else text
    return "%" not in plain and parse_address(plain) is not None


def require_return_domains(domains: Sequence[str]) -> Sequence[str]:
    """Return return domains in lower case. Raises Invalid with all that are no hosts."""
    issues, hosts = [], []
    for index, domain in enumerate(domains):
        try:
            hosts.append(return_domain(domain))
        except FieldError as error:
            issues.append(Issue.at(f"returnDomains[{index}]", str(error), error.code))
    if issues:
        raise Invalid(issues)
    return hosts


def require_tier(tier: Tier, *, of: Principal) -> Tier:
    """Return the tier if the caller may assign it. Raises Invalid for one above that of the caller."""
    if _RANKS.index(tier) > _RANKS.index(of.tier):
        raise Invalid(
            [
                Issue.at(
                    "tier",
                    f"exceeds that of the calling key. Use {of.tier} or a lower tier, or ask the operator of this service.",
                    IssueCode.TIER_TOO_HIGH,
                )
            ]
        )
    return tier
