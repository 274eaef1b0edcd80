"""Organizations' keys: what a caller may do, and where. Pure."""

import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Self
from uuid import UUID

from presswork.audit.model import Actor, ActorKind
from presswork.core.enums import Environment
from presswork.core.errors import Code, PressworkError


class Scope(StrEnum):
    """What a key may be allowed; everything else is denied."""

    PROJECTS_READ = "projects:read"
    PROJECTS_WRITE = "projects:write"
    CONTENT_READ = "content:read"
    CONTENT_WRITE = "content:write"
    CONTENT_APPROVE = "content:approve"
    PUBLISH_READ = "publish:read"
    PUBLISH_WRITE = "publish:write"
    SOCIAL_READ = "social:read"
    SOCIAL_WRITE = "social:write"
    WEBHOOKS_READ = "webhooks:read"
    WEBHOOKS_WRITE = "webhooks:write"
    METRICS_READ = "metrics:read"
    ORG_ADMIN = "org:admin"


ALL_BUT_ADMIN: Final = "*"


class Tier(StrEnum):
    """How many calls a minute a key may make."""

    STANDARD = "standard"
    PILOT = "pilot"
    PARTNER = "partner"
    UNLIMITED = "unlimited"


class Unauthenticated(PressworkError):
    """No usable key came with the call. The message never says which part was wrong."""

    code = Code.UNAUTHENTICATED


class KeyKilled(PressworkError):
    """The key was switched off in an emergency."""

    code = Code.KILL_SWITCH


class ScopeMissing(PressworkError):
    """The key is good but may not do this."""

    code = Code.FORBIDDEN_SCOPE


@dataclass(frozen=True, slots=True, kw_only=True)
class Principal:
    """Who is calling: one key of one organization in one environment."""

    key_id: UUID
    organization_id: UUID
    environment: Environment
    scopes: frozenset[str]
    tier: Tier
    return_domains: tuple[str, ...]
    operator_id: UUID | None
    request_id: str | None = None  # of the call that is being served
    traceparent: str | None = None  # of that call's trace, if it is kept
    login_name: str | None = None  # of whoever sits at the command line, in place of a key

    @property
    def actor(self) -> Actor:
        """Who the audit log says it was."""
        if self.login_name is not None:
            return Actor(kind=ActorKind.COMMAND_LINE, name=self.login_name)
        return Actor(
            kind=ActorKind.API_KEY, key_id=self.key_id, operator_id=self.operator_id, request_id=self.request_id
        )

    def may(self, scope: Scope) -> bool:
        """Whether the key carries the scope; `*` is all but org:admin."""
        return scope in self.scopes or (ALL_BUT_ADMIN in self.scopes and scope is not Scope.ORG_ADMIN)

    def require(self, scope: Scope) -> Self:
        """Return this caller. Raises ScopeMissing if the scope is lacking."""
        if not self.may(scope):
            raise ScopeMissing(
                f"This key lacks the scope {scope}. Use a key that carries it, or make one with "
                f"`presswork key create --scopes {scope}`.",
                requiredScope=scope.value,
            )
        return self


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
        """Make a fresh one: an 80-bit name to look it up by and a 256-bit secret."""
        return cls(environment, "".join(secrets.choice(_BASE32) for _ in range(16)), secrets.token_urlsafe(32))

    @classmethod
    def parse(cls, text: str) -> Self | None:
        """Read one back; None when the form is wrong."""
        match = _TOKEN.fullmatch(text)
        return None if match is None else cls(Environment(match[1]), match[2], match[3])

    @property
    def text(self) -> str:
        """The whole key, as its holder sends it."""
        return f"lp_{self.environment}_{self.lookup}_{self.secret}"

    @property
    def secret_hash(self) -> bytes:
        """What is stored: SHA-256 is enough for 32 random bytes, and costs a request nothing."""
        return hashlib.sha256(self.secret.encode("ascii")).digest()

    def fits(self, secret_hash: bytes) -> bool:
        """Compare with a stored hash, in constant time."""
        return hmac.compare_digest(self.secret_hash, secret_hash)
