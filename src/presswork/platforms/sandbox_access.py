"""Access to the sandbox of this installation: its URL, the token that its callers send, and the secrets of its fake apps.

All of them follow from the secret keys, or from PRESSWORK_SANDBOX_TOKEN, so that every API process, worker and sandbox of one
installation agrees on them, and no other installation has the same.
"""

import base64
import hmac
import math
import re
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Self
from urllib.parse import parse_qs, urlencode, urlsplit

from presswork.core.settings import CoreSettings
from presswork.crypto.keyring import Keyring

TICKET: Final = "presswork_ticket"
"""Query parameter of an authorize URL of the sandbox."""
TOKEN_HEADER: Final = "Presswork-Sandbox-Token"  # noqa: S105  the header's name
_PURPOSE: Final = "sandbox token"
_TICKET: Final = re.compile(r"([0-9]{1,12})\.([0-9a-f]{64})", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class SandboxTokens:
    """The tokens that open the sandbox."""

    _read: Callable[[], Sequence[str]] = field(repr=False)

    @classmethod
    def of(cls, settings: CoreSettings, keyring: Keyring) -> Self:
        """Return the token of the settings, or one for each secret key, the primary's first."""
        if settings.sandbox_token is not None:
            token = settings.sandbox_token.get_secret_value()
            return cls(_read=lambda: (token,))
        return cls(_read=lambda: [_text(key) for key in keyring.derived(_PURPOSE)])

    @classmethod
    def random(cls) -> Self:
        """Return a token that no sandbox knows, for a process that needs none."""
        token = secrets.token_urlsafe(32)
        return cls(_read=lambda: (token,))

    def all(self) -> Sequence[str]:
        """Return every accepted token; there are several while secret keys are rotated."""
        return self._read()

    def first(self) -> str:
        """Return the token to send."""
        return self._read()[0]

    def with_ticket(self, authorize_url: str, state: str, *, expires_at: datetime) -> str:
        """Add the proof to an authorize URL that this installation began the login, which ends at `expires_at`.

        The proof is of the state, so a URL without one (that of a pushed request) gets it too.
        """
        until = math.ceil(expires_at.timestamp())
        proof = f"{TICKET}={until}.{self._proofs(state, until)[0]}"
        if "state" not in parse_qs(urlsplit(authorize_url).query):
            proof = f"{urlencode({'state': state})}&{proof}"
        return f"{authorize_url}{'&' if '?' in authorize_url else '?'}{proof}"

    def is_ticket(self, state: str, ticket: str, *, now: datetime) -> bool:
        """Return whether a ticket belongs to the state of a login that has not expired."""
        parts = _TICKET.fullmatch(ticket)
        if parts is None or int(parts[1]) <= now.timestamp():
            return False
        return any(hmac.compare_digest(proof, parts[2]) for proof in self._proofs(state, int(parts[1])))

    def _proofs(self, state: str, until: int) -> Sequence[str]:
        signed = f"login {until} {state}".encode("utf-8", "replace")
        return [hmac.digest(token.encode(), signed, "sha256").hex() for token in self._read()]

    def app_secrets(self, app: str) -> Sequence[str]:
        """Return the secrets of a fake app, one for each token."""
        return [hmac.digest(token.encode(), app.encode(), "sha256").hex() for token in self._read()]


@dataclass(frozen=True, slots=True, kw_only=True)
class SandboxAccess:
    """The sandbox, as connectors reach it."""

    url: str
    """Like http://127.0.0.1:8000/sandbox, without a slash at the end."""
    tokens: SandboxTokens
    service_url: str
    """The address of this service, without a slash at the end: platforms that fetch documents of an app find them there."""

    def covers(self, url: str) -> bool:
        """Return whether a URL belongs to the sandbox, whatever its scheme: a proxy may end TLS in front of it."""
        return _without_scheme(url).startswith(f"{_without_scheme(self.url)}/")


def _without_scheme(url: str) -> str:
    return url.partition("://")[2]


def _text(key: bytes) -> str:
    return base64.urlsafe_b64encode(key).decode().rstrip("=")
