"""URLs that work for a limited time without an API key: to fetch media, to upload a file, to open a manual post page.

`URLSigner` signs and verifies all of them. The signature covers the method, the path, the expiry and every query
parameter, so that none of them can be changed; nothing else about the request is trusted. Time is an argument.
"""

import base64
import binascii
import hmac
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final
from urllib.parse import parse_qsl, urlencode

from presswork.core.errors import Code, PressworkError
from presswork.crypto.keyring import Keyring

EXPIRES: Final = "expires"
SIGNATURE: Final = "signature"

_KEY_PURPOSE: Final = "urls"
"""What the keyring derives the signing keys for."""
_PURPOSE: Final = b"presswork signed url, version 1"
_SHORTEST_KEY: Final = 16
_PATH: Final = re.compile(r"(/[A-Za-z0-9._~-]+)+")
_SECONDS: Final = re.compile(r"[1-9][0-9]{0,11}")
_LONGEST_QUERY: Final = 4096


class SignedURLInvalid(PressworkError):
    """The URL was not signed by this server, or it was changed."""

    code = Code.UNAUTHENTICATED


class SignedURLExpired(SignedURLInvalid):
    """The URL is genuine and has expired."""


@dataclass(frozen=True, slots=True)
class SignedClaims:
    """What a genuine URL says: the instant it expires (UTC) and the other query parameters."""

    expires_at: datetime
    claims: Mapping[str, str]


class URLSigner:
    """Signs and verifies the URLs of one installation with the keys of its keyring."""

    def __init__(self, base_url: str, keyring: Keyring) -> None:
        """`base_url` is where the service is reached; for verification it may be empty."""
        self._base_url: Final = base_url.rstrip("/")
        self._keyring: Final = keyring

    def url_for(
        self, path: str, *, expires_at: datetime, method: str = "GET", claims: Mapping[str, str] | None = None
    ) -> str:
        """Return a signed URL. Raises as sign_path."""
        keys = self._keyring.derived(_KEY_PURPOSE)
        return self._base_url + sign_path(path, keys=keys, expires_at=expires_at, method=method, claims=claims)

    def verify(self, path: str, query: str, *, now: datetime, method: str = "GET") -> SignedClaims:
        """Return what a genuine URL says. Raises SignedURLInvalid or SignedURLExpired."""
        return verify(path, query, keys=self._keyring.derived(_KEY_PURPOSE), now=now, method=method)


def sign_path(
    path: str,
    *,
    keys: Sequence[bytes],
    expires_at: datetime,
    method: str = "GET",
    claims: Mapping[str, str] | None = None,
) -> str:
    """Return the path with its claims, expiry (unix seconds, rounded down) and signature as query parameters.

    The first key signs. The path takes only letters, digits and `. _ ~ -` between slashes, so that no proxy can
    write it another way. Raises ValueError on any other path, a reserved claim, a naive datetime, or no usable key.
    """
    given = dict(claims or {})
    if not _PATH.fullmatch(path):
        raise ValueError(f"a signed path takes letters, digits and . _ ~ - between slashes, not {path!r}")
    if EXPIRES in given or SIGNATURE in given:
        raise ValueError("the parameters expires and signature are set by the signing itself")
    if expires_at.tzinfo is None:
        raise ValueError("expires_at needs a time zone")
    expires = str(int(expires_at.timestamp()))
    signature = _signature(_usable(keys)[0], method, path, expires, given)
    return f"{path}?{_canonical({**given, EXPIRES: expires})}&{SIGNATURE}={signature}"


def verify(path: str, query: str, *, keys: Sequence[bytes], now: datetime, method: str = "GET") -> SignedClaims:
    """Check a URL's path and raw query string; any of the keys may have signed it.

    HEAD passes where GET does, since it reads less. The signature is compared in constant time and before the expiry,
    so that a forged URL learns nothing. Raises SignedURLInvalid or SignedURLExpired; ValueError on no usable key.
    """
    usable = _usable(keys)
    parameters = _parameters(query)
    signature = parameters.pop(SIGNATURE, "")
    expires = parameters.pop(EXPIRES, "")
    if not _PATH.fullmatch(path) or not _SECONDS.fullmatch(expires):
        raise _invalid()
    asked = "GET" if method.upper() == "HEAD" else method
    given = _decoded(signature)
    # Every key is tried, so that the time taken does not tell which one signed.
    matches = [
        hmac.compare_digest(given, _decoded(_signature(key, asked, path, expires, parameters))) for key in usable
    ]
    if not any(matches):
        raise _invalid()
    expires_at = datetime.fromtimestamp(int(expires), UTC)
    if now >= expires_at:
        raise SignedURLExpired(
            f"This link ended at {expires_at:%Y-%m-%d %H:%M:%S} UTC; ask for a new one.",
            expiresAt=expires_at.isoformat(),
        )
    return SignedClaims(expires_at=expires_at, claims=parameters)


def _usable(keys: Sequence[bytes]) -> Sequence[bytes]:
    """Return the keys. Raises ValueError when there is none or one is too short to hold."""
    if not keys or any(len(key) < _SHORTEST_KEY for key in keys):
        raise ValueError(f"signing needs at least one key, each of {_SHORTEST_KEY} bytes or more")
    return keys


def _signature(key: bytes, method: str, path: str, expires: str, claims: Mapping[str, str]) -> str:
    # The key also seals tokens elsewhere, so signatures are made with a key derived for this purpose alone. No part
    # of the message can hold a line feed, so two different requests never make the same message.
    derived = hmac.digest(key, _PURPOSE, "sha256")
    message = "\n".join((method.upper(), path, expires, _canonical(claims)))
    return base64.urlsafe_b64encode(hmac.digest(derived, message.encode(), "sha256")).rstrip(b"=").decode()


def _canonical(parameters: Mapping[str, str]) -> str:
    return urlencode(sorted(parameters.items()))


def _parameters(query: str) -> dict[str, str]:
    """Read a query string in which every name stands once; anything else raises SignedURLInvalid."""
    if len(query) > _LONGEST_QUERY:
        raise _invalid()
    try:
        pairs = parse_qsl(query, keep_blank_values=True, strict_parsing=True, errors="strict")
    except ValueError as error:
        raise _invalid() from error
    parameters = dict(pairs)
    if len(parameters) != len(pairs):
        raise _invalid()
    return parameters


def _decoded(signature: str) -> bytes:
    """Return a signature's bytes; nothing at all for what is not in its one canonical spelling."""
    try:
        raw = base64.b64decode(signature + "=" * (-len(signature) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return b""
    return raw if base64.urlsafe_b64encode(raw).rstrip(b"=").decode() == signature else b""


def _invalid() -> SignedURLInvalid:
    return SignedURLInvalid("This link was not made by this server or was changed; ask for a new one.")
