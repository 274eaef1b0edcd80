"""Sign and verify URLs that work for a limited time without an API key: to fetch or upload media, or open a page.

The signature covers the method, the path, the expiry and every query parameter, so that none of them can be changed.
Nothing else about the request is trusted. Time is an argument.
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
"""Purpose for which the keyring derives the signing keys."""
_PURPOSE: Final = b"presswork signed url, version 1"
_SHORTEST_KEY: Final = 16
_PATH: Final = re.compile(r"(/[A-Za-z0-9._~-]+)+")
_SECONDS: Final = re.compile(r"[1-9][0-9]{0,11}")
_LONGEST_QUERY: Final = 4096


class SignedURLInvalid(PressworkError):
    """The URL has no valid signature."""

    code = Code.UNAUTHENTICATED


class SignedURLExpired(SignedURLInvalid):
    """The URL has a valid signature and has expired."""


@dataclass(frozen=True, slots=True)
class SignedClaims:
    """Content of a verified URL: its expiry (UTC) and the other query parameters."""

    expires_at: datetime
    claims: Mapping[str, str]


class URLSigner:
    """Signs and verifies URLs with the keys of a keyring."""

    def __init__(self, base_url: str, keyring: Keyring) -> None:
        """`base_url` is the URL of the service; verification does not need it."""
        self._base_url: Final = base_url.rstrip("/")
        self._keyring: Final = keyring

    def url_for(
        self, path: str, *, expires_at: datetime, method: str = "GET", claims: Mapping[str, str] | None = None
    ) -> str:
        """Return a signed URL. Raises the errors of `sign_path`."""
        keys = self._keyring.derived(_KEY_PURPOSE)
        return self._base_url + sign_path(path, keys=keys, expires_at=expires_at, method=method, claims=claims)

    def verify(self, path: str, query: str, *, now: datetime, method: str = "GET") -> SignedClaims:
        """Return the claims of a URL. Raises SignedURLInvalid or SignedURLExpired."""
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

    The first key signs. The path may contain only letters, digits and `. _ ~ -` between slashes, so that proxies don't
    re-encode it. Raises ValueError on any other path, a reserved claim, a naive datetime, or no usable key.
    """
    given = dict(claims or {})
    if not _PATH.fullmatch(path):
        raise ValueError(f"a signed path may contain only letters, digits and . _ ~ - between slashes, not {path!r}")
    if EXPIRES in given or SIGNATURE in given:
        raise ValueError("the parameters expires and signature are reserved for the signature")
    if expires_at.tzinfo is None:
        raise ValueError("expires_at needs a time zone")
    expires = str(int(expires_at.timestamp()))
    signature = _signature(_require_usable_keys(keys)[0], method, path, expires, given)
    return f"{path}?{_encode_canonically({**given, EXPIRES: expires})}&{SIGNATURE}={signature}"


def verify(path: str, query: str, *, keys: Sequence[bytes], now: datetime, method: str = "GET") -> SignedClaims:
    """Verify a URL's path and raw query string with any of the keys.

    A signature for GET is valid for HEAD as well. The signature is compared in constant time and before the expiry, so
    that a forged URL reveals nothing. Raises SignedURLInvalid or SignedURLExpired; ValueError on no usable key.
    """
    usable = _require_usable_keys(keys)
    parameters = _parameters(query)
    signature = parameters.pop(SIGNATURE, "")
    expires = parameters.pop(EXPIRES, "")
    if not _PATH.fullmatch(path) or not _SECONDS.fullmatch(expires):
        raise _build_invalid_url()
    asked = "GET" if method.upper() == "HEAD" else method
    given = _decode_signature(signature)
    # Compares with every key, so that the duration does not reveal which one signed.
    matches = [
        hmac.compare_digest(given, _decode_signature(_signature(key, asked, path, expires, parameters)))
        for key in usable
    ]
    if not any(matches):
        raise _build_invalid_url()
    expires_at = datetime.fromtimestamp(int(expires), UTC)
    if now >= expires_at:
        raise SignedURLExpired(
            f"This link expired at {expires_at:%Y-%m-%d %H:%M:%S} UTC. Request a new one.",
            expiresAt=expires_at.isoformat(),
        )
    return SignedClaims(expires_at=expires_at, claims=parameters)


def _require_usable_keys(keys: Sequence[bytes]) -> Sequence[bytes]:
    """Return the keys. Raises ValueError if there is none or one is too short."""
    if not keys or any(len(key) < _SHORTEST_KEY for key in keys):
        raise ValueError(f"signing needs at least one key, each of {_SHORTEST_KEY} bytes or more")
    return keys


def _signature(key: bytes, method: str, path: str, expires: str, claims: Mapping[str, str]) -> str:
    # The same key encrypts tokens, so signatures use a key that is derived for this purpose only. No part
    # of the message can contain a line feed, so two different requests never have the same message.
    derived = hmac.digest(key, _PURPOSE, "sha256")
    message = "\n".join((method.upper(), path, expires, _encode_canonically(claims)))
    return base64.urlsafe_b64encode(hmac.digest(derived, message.encode(), "sha256")).rstrip(b"=").decode()


def _encode_canonically(parameters: Mapping[str, str]) -> str:
    return urlencode(sorted(parameters.items()))


def _parameters(query: str) -> dict[str, str]:
    """Parse a query string. Raises SignedURLInvalid if a name occurs more than once."""
    if len(query) > _LONGEST_QUERY:
        raise _build_invalid_url()
    try:
        pairs = parse_qsl(query, keep_blank_values=True, strict_parsing=True, errors="strict")
    except ValueError as error:
        raise _build_invalid_url() from error
    parameters = dict(pairs)
    if len(parameters) != len(pairs):
        raise _build_invalid_url()
    return parameters


def _decode_signature(signature: str) -> bytes:
    """Decode a signature; empty if it is not in canonical base64url form."""
    try:
        raw = base64.b64decode(signature + "=" * (-len(signature) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return b""
    return raw if base64.urlsafe_b64encode(raw).rstrip(b"=").decode() == signature else b""


def _build_invalid_url() -> SignedURLInvalid:
    return SignedURLInvalid("This link has no valid signature of this server. Request a new one.")
