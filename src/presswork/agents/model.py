"""Agents that act for users: registered clients, what a user granted one, its tokens, and the rules of OAuth. Pure."""

import hashlib
import hmac
import ipaddress
import re
import secrets
from base64 import urlsafe_b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final
from urllib.parse import SplitResult, urlencode, urlsplit
from uuid import UUID

from presswork.callers.model import Principal, Scope, Tier
from presswork.core.enums import Environment
from presswork.core.errors import NotFound
from presswork.people.model import ROLE_SCOPES, Role

CODE_LIFETIME: Final = timedelta(minutes=1)
ACCESS_LIFETIME: Final = timedelta(minutes=15)
REFRESH_LIFETIME: Final = timedelta(days=30)
"""A grant ends if its refresh token is not used for so long."""
GRANT_LIFETIME: Final = timedelta(days=90)
"""A grant ends after so long: the user is asked again."""
UNUSED_CLIENT_LIFETIME: Final = timedelta(days=30)
"""A client is forgotten if it has no grant so long after its registration."""
AGENT_TIER: Final = Tier.PARTNER
"""Rate limit of an agent, which is that of its user."""
USED_EVERY: Final = timedelta(minutes=1)

SCOPES: Final[Mapping[Scope, str]] = {
    Scope.PROJECTS_READ: "See projects",
    Scope.SOCIAL_READ: "See connected accounts",
    Scope.CONTENT_READ: "See content",
    Scope.PUBLISH_READ: "See posts, and check content before it is posted",
    Scope.INSIGHTS_READ: "See the numbers of posts and accounts",
    Scope.CONTENT_WRITE: "Upload content",
    Scope.PUBLISH_WRITE: "Publish, schedule and cancel posts",
    Scope.CONTENT_APPROVE: "Approve and reject content",
}
"""What an agent can be granted, and how the consent page says it: what the tools need, and no administration."""

MAX_REDIRECT_URIS: Final = 10
_MAX_URI_CHARACTERS: Final = 2048
MAX_NAME_CHARACTERS: Final = 100
_URI: Final = re.compile(r"[A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=%-]+", re.ASCII)
_HOST: Final = re.compile(r"[A-Za-z0-9.:\[\]-]*", re.ASCII)
"""Host and port. They stand in a Content-Security-Policy, where `;` and `,` would begin another one."""
_SCHEME: Final = re.compile(r"[a-z][a-z0-9+.-]{1,40}", re.ASCII)
_REFUSED_SCHEMES: Final = frozenset(
    {"about", "blob", "chrome", "data", "file", "filesystem", "ftp", "intent", "javascript", "mailto", "sms", "tel"}
    | {"vbscript", "view-source", "ws", "wss"}
)
_TOKEN: Final = re.compile(r"lpo_(?:code|access|refresh)_[A-Za-z0-9_-]{43}", re.ASCII)
_CHALLENGE: Final = re.compile(r"[A-Za-z0-9_-]{43}", re.ASCII)
_VERIFIER: Final = re.compile(r"[A-Za-z0-9._~-]{43,128}", re.ASCII)


class Kind(StrEnum):
    """What a token is for."""

    CODE = "code"
    ACCESS = "access"
    REFRESH = "refresh"


class OAuthError(StrEnum):
    """Error codes of RFC 6749, RFC 7591 and RFC 8707."""

    INVALID_REQUEST = "invalid_request"
    INVALID_CLIENT = "invalid_client"
    INVALID_GRANT = "invalid_grant"
    INVALID_SCOPE = "invalid_scope"
    INVALID_TARGET = "invalid_target"
    INVALID_REDIRECT_URI = "invalid_redirect_uri"
    INVALID_CLIENT_METADATA = "invalid_client_metadata"
    UNSUPPORTED_GRANT_TYPE = "unsupported_grant_type"
    UNSUPPORTED_RESPONSE_TYPE = "unsupported_response_type"
    ACCESS_DENIED = "access_denied"


class OAuthRefused(Exception):
    """A request of OAuth is refused: `error` and `error_description` of the reply."""

    def __init__(self, error: OAuthError, description: str) -> None:
        super().__init__(description)
        self.error = error
        self.description = description


class GrantNotFound(NotFound):
    """The agent is not connected, or belongs to another user."""

    sentence = "This agent is not connected. List the connected agents with GET /v1/agents."


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """A program that registered itself. Its name is its own claim."""

    id: UUID
    name: str
    redirect_uris: tuple[str, ...]
    created_at: datetime

    def require_registered(self, redirect_uri: str) -> str:
        """Return a registered URL: the same text, except that one on loopback may have any port.

        Raises OAuthRefused.
        """
        if not any(_is_same(redirect_uri, known) for known in self.redirect_uris):
            raise OAuthRefused(
                OAuthError.INVALID_REDIRECT_URI, "The program did not register the URL to which you would return."
            )
        return redirect_uri


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """What a user allowed a client, in one environment of the user's organization."""

    id: UUID
    client_name: str
    user_id: UUID
    environment: Environment
    scopes: tuple[str, ...]
    created_at: datetime
    last_used_at: datetime | None
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredAccess:
    """What a request with an access token needs: the grant, and the user as it is now."""

    grant_id: UUID
    client_id: UUID
    client_name: str
    environment: Environment
    scopes: tuple[str, ...]
    last_used_at: datetime | None
    user_id: UUID
    user_name: str
    organization_id: UUID
    role: Role
    project_ids: frozenset[UUID] | None

    def principal(self) -> Principal:
        """Return the caller: the user, with those granted scopes that the user's role still has."""
        allowed = {scope.value for scope in ROLE_SCOPES[self.role] if scope in SCOPES}
        return Principal(
            key_id=None,
            user_id=self.user_id,
            user_name=acting_name(self.user_name, self.client_name),
            client_id=self.client_id,
            organization_id=self.organization_id,
            environment=self.environment,
            scopes=frozenset(allowed & set(self.scopes)),
            tier=AGENT_TIER,
            return_domains=(),
            operator_id=None,
            project_ids=self.project_ids,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Tokens:
    """New tokens of a grant. They are stored nowhere."""

    access: str
    refresh: str
    scopes: tuple[str, ...]


def acting_name(user: str, client: str) -> str:
    """Return how the audit log names a user for whom a program acts."""
    return f"{user} (with {client})"


def new_oauth_token(kind: Kind) -> str:
    """Return a new random token of 256 bits."""
    return f"lpo_{kind.value}_{secrets.token_urlsafe(32)}"


def oauth_token_hash(text: str, kind: Kind) -> bytes | None:
    """Return the stored hash of a token; None if it is no token of this kind."""
    if not text.startswith(f"lpo_{kind.value}_") or not _TOKEN.fullmatch(text):
        return None
    return hashlib.sha256(text.encode("ascii")).digest()


def is_oauth_token(text: str) -> bool:
    """Whether a text has the form of an access token."""
    return text.startswith(f"lpo_{Kind.ACCESS.value}_")


def require_code_request(query: Mapping[str, str]) -> str:
    """Return the PKCE challenge of a request for a code. Raises OAuthRefused: S256 is required."""
    if query.get("response_type") != "code":
        raise OAuthRefused(OAuthError.UNSUPPORTED_RESPONSE_TYPE, "Send response_type code.")
    challenge, method = query.get("code_challenge"), query.get("code_challenge_method")
    if challenge is None or method != "S256" or not _CHALLENGE.fullmatch(challenge):
        raise OAuthRefused(
            OAuthError.INVALID_REQUEST,
            "PKCE is required: send code_challenge (43 characters) with code_challenge_method S256.",
        )
    return challenge


def matches_challenge(verifier: str, challenge: str) -> bool:
    """Whether a PKCE verifier belongs to a challenge, compared in constant time."""
    if not _VERIFIER.fullmatch(verifier):
        return False
    digest = urlsafe_b64encode(hashlib.sha256(verifier.encode("ascii")).digest()).rstrip(b"=").decode("ascii")
    return hmac.compare_digest(digest, challenge)


def requested_scopes(text: str | None, role: Role) -> tuple[str, ...]:
    """Return the scopes that a user with this role can grant, of those that a client asks for; all if it asks for none.

    Unknown scopes are left out. Raises OAuthRefused if nothing is left.
    """
    asked = set((text or "").split()) or {scope.value for scope in SCOPES}
    found = tuple(scope.value for scope in SCOPES if scope.value in asked and scope in ROLE_SCOPES[role])
    if not found:
        raise OAuthRefused(OAuthError.INVALID_SCOPE, "The role of this user includes none of the requested scopes.")
    return found


def require_redirect_uri(uri: str) -> str:
    """Return a URL that a client may register. Raises OAuthRefused.

    It is an https URL, an http URL of this machine (RFC 8252), or one with a scheme of the program's own.
    """
    refused = OAuthRefused(
        OAuthError.INVALID_REDIRECT_URI,
        "A redirect_uri is not acceptable. Use https, http on a loopback address, or a scheme of your program; without "
        "fragment, user name or wildcard.",
    )
    if len(uri) > _MAX_URI_CHARACTERS or not _URI.fullmatch(uri) or "#" in uri or "*" in uri:
        raise refused
    try:
        parts = urlsplit(uri)
        _ = parts.port
    except ValueError as error:
        raise refused from error
    if not _HOST.fullmatch(parts.netloc) or not _SCHEME.fullmatch(parts.scheme) or parts.scheme in _REFUSED_SCHEMES:
        raise refused
    if parts.scheme == "https" and parts.hostname:
        return uri
    if parts.scheme == "http":
        if not _is_loopback(parts):
            raise refused
        return uri
    if parts.scheme == "https" or not (parts.netloc or parts.path):
        raise refused
    return uri


def is_loopback(uri: str) -> bool:
    """Return whether a redirect URI leads to a program on the person's own machine."""
    return _is_loopback(urlsplit(uri))


def _is_loopback(parts: SplitResult) -> bool:
    host = parts.hostname or ""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _is_same(uri: str, known: str) -> bool:
    if uri == known:
        return True
    try:
        given, registered = urlsplit(uri), urlsplit(known)
        _ = given.port
    except ValueError:
        return False
    is_loopback = registered.scheme == "http" and _is_loopback(registered)
    return (
        is_loopback
        and _URI.fullmatch(uri) is not None
        and "@" not in given.netloc
        and "#" not in uri
        and (given.scheme, given.hostname, given.path, given.query)
        == (registered.scheme, registered.hostname, registered.path, registered.query)
    )


def place_of(redirect_uri: str) -> str:
    """Return what a person is shown about where a browser goes: the host, this machine, or the scheme of a program."""
    parts = urlsplit(redirect_uri)
    if parts.scheme == "http":
        return "a program on this computer"
    return parts.netloc if parts.scheme == "https" else f"the program that opens {parts.scheme}: links"


def form_target_of(redirect_uri: str) -> str:
    """Return the source of a Content-Security-Policy to which a form may lead: an origin, or a scheme."""
    parts = urlsplit(redirect_uri)
    return f"{parts.scheme}://{parts.netloc}" if parts.scheme in {"http", "https"} else f"{parts.scheme}:"


def with_parameters(redirect_uri: str, parameters: Mapping[str, str | None]) -> str:
    """Return a URL with further query parameters."""
    query = urlencode({name: value for name, value in parameters.items() if value is not None})
    return f"{redirect_uri}{'&' if urlsplit(redirect_uri).query else '?'}{query}"


def clean_name(name: str | None) -> str:
    """Return a client's name on one line, without characters that can't be seen."""
    visible = "".join(char if char.isprintable() else " " for char in name or "")
    return " ".join(visible.split())[:MAX_NAME_CHARACTERS] or "Unnamed program"


def require_redirect_uris(uris: Sequence[str]) -> tuple[str, ...]:
    """Return the URLs that a client registers. Raises OAuthRefused."""
    if not 1 <= len(uris) <= MAX_REDIRECT_URIS:
        raise OAuthRefused(OAuthError.INVALID_REDIRECT_URI, f"Send 1 to {MAX_REDIRECT_URIS} redirect_uris.")
    return tuple(require_redirect_uri(uri) for uri in uris)
