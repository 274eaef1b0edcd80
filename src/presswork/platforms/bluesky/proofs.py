"""Keys and signed tokens of OAuth on the AT Protocol: proofs of possession (DPoP), and the client's own assertions.

The signatures are those of joserfc; this module chooses the claims.
Sources: RFC 9449 (DPoP), RFC 7523 (client assertions), atproto.com, "OAuth", read 2026-11.
"""

import base64
import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, Self
from urllib.parse import urlsplit, urlunsplit

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey
from pydantic import JsonValue

ALGORITHM: Final = "ES256"
_CURVE: Final = "P-256"
_ASSERTION_LIFETIME: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A P-256 key pair: of one login (for proofs), or of the client itself (for assertions)."""

    _key: ECKey = field(repr=False)

    @classmethod
    def new(cls) -> Self:
        """Generate a key pair."""
        return cls(ECKey.generate_key(_CURVE, private=True))

    @classmethod
    def of(cls, value: str | Mapping[str, JsonValue]) -> Self:
        """Load a private key: PEM (PKCS#8, where `\\n` may stand for a line end), or a JWK. Raises ValueError."""
        try:
            if isinstance(value, str):
                key = ECKey.import_key(value.replace("\\n", "\n").strip())
            else:
                key = ECKey.import_key({name: text for name, text in value.items() if isinstance(text, str)})
        except (JoseError, TypeError, ValueError) as error:
            raise ValueError("is no private key in PEM form") from error
        if not key.is_private or key.curve_name != _CURVE:
            raise ValueError("is no private key of the curve P-256")
        return cls(key)

    @property
    def private_jwk(self) -> dict[str, JsonValue]:
        """The key pair as a JWK. Secret."""
        return _jwk(self._key, is_private=True)

    @property
    def public_jwk(self) -> dict[str, JsonValue]:
        """The public key as a JWK."""
        return _jwk(self._key, is_private=False)

    @property
    def key_id(self) -> str:
        """The key's SHA-256 thumbprint, so that a new key has a new id."""
        return self._key.thumbprint()

    def proof(self, method: str, url: str, *, now: datetime, nonce: str | None, token: str | None = None) -> str:
        """Return the DPoP proof of one request; `token`: the access token that the request carries."""
        claims: dict[str, JsonValue] = {
            "jti": secrets.token_urlsafe(16),
            "htm": method,
            "htu": urlunsplit((*urlsplit(url)[:3], "", "")),
            "iat": int(now.timestamp()),
        }
        if nonce is not None:
            claims["nonce"] = nonce
        if token is not None:
            claims["ath"] = digest(token)
        return self._signed({"typ": "dpop+jwt", "alg": ALGORITHM, "jwk": self.public_jwk}, claims)

    def assertion(self, client_id: str, *, audience: str, now: datetime) -> str:
        """Return the client's assertion for one request to an authorization server."""
        claims: dict[str, JsonValue] = {
            "iss": client_id,
            "sub": client_id,
            "aud": audience,
            "jti": secrets.token_urlsafe(16),
            "iat": int(now.timestamp()),
            "exp": int((now + _ASSERTION_LIFETIME).timestamp()),
        }
        return self._signed({"alg": ALGORITHM, "kid": self.key_id}, claims)

    def _signed(self, header: dict[str, JsonValue], claims: dict[str, JsonValue]) -> str:
        return jwt.encode(header, claims, self._key, algorithms=[ALGORITHM], default_type=None)


def digest(text: str) -> str:
    """Return the SHA-256 of a text in base64url: the challenge of a PKCE verifier, and the `ath` of an access token."""
    return base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).decode().rstrip("=")


def _jwk(key: ECKey, *, is_private: bool) -> dict[str, JsonValue]:
    return {name: value for name, value in key.as_dict(private=is_private).items() if isinstance(value, str)}
