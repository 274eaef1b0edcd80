"""Presswork as an OAuth client of the AT Protocol: its URL, its keys and what they sign, the documents that servers read about it, and
what it keeps of a login.

A client of the AT Protocol is not registered anywhere: its id is the URL of its metadata. The key that the metadata's
`jwks_uri` leads to makes it a confidential client, whose logins last longest. The signatures are those of joserfc; this module
chooses the claims. Of a login it keeps the tokens, the key that they are bound to, and the account's server; the rest of Presswork
stores these texts sealed and does not read them.
Sources: atproto.com, "OAuth" (client ID metadata document), RFC 9449 (DPoP), RFC 7523 (client assertions), read 2026-11.
"""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Annotated, Final, Self
from urllib.parse import urlsplit, urlunsplit

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey
from pydantic import (
    ConfigDict,
    JsonValue,
    PlainSerializer,
    PlainValidator,
    StringConstraints,
    TypeAdapter,
    ValidationError,
)

from presswork.platforms.bluesky.description import SCOPES
from presswork.platforms.errors import CredentialInvalid, Rejected
from presswork.platforms.oauth import digest

METADATA: Final = "client-metadata.json"
KEYS: Final = "jwks.json"
_ASSERTION_TYPE: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
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
        return _export_jwk(self._key, is_private=True)

    @property
    def public_jwk(self) -> dict[str, JsonValue]:
        """The public key as a JWK."""
        return _export_jwk(self._key, is_private=False)

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
        return self._sign_claims({"typ": "dpop+jwt", "alg": ALGORITHM, "jwk": self.public_jwk}, claims)

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
        return self._sign_claims({"alg": ALGORITHM, "kid": self.key_id}, claims)

    def _sign_claims(self, header: dict[str, JsonValue], claims: dict[str, JsonValue]) -> str:
        return jwt.encode(header, claims, self._key, algorithms=[ALGORITHM], default_type=None)


def _export_jwk(key: ECKey, *, is_private: bool) -> dict[str, JsonValue]:
    return {name: value for name, value in key.as_dict(private=is_private).items() if isinstance(value, str)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """The operator's client in one environment."""

    client_id: str
    """The URL of its metadata."""
    key: SigningKey = field(repr=False)

    def authentication(self, *, audience: str, now: datetime) -> dict[str, str]:
        """Return the fields of a form that prove who the client is; `audience`: the authorization server."""
        return {
            "client_id": self.client_id,
            "client_assertion_type": _ASSERTION_TYPE,
            "client_assertion": self.key.assertion(self.client_id, audience=audience, now=now),
        }


def documents(
    base_url: str, key: SigningKey, *, folder: str, redirect_uris: Sequence[str], client_id: str | None = None
) -> Mapping[str, JsonValue]:
    """Return the metadata and the public keys by their paths below /oauth/bluesky/.

    `base_url` is the URL of the service, `folder` the beginning of both paths (empty, or with a slash at the end).
    """
    uris: list[JsonValue] = [f"{base_url}{path}" for path in redirect_uris]
    metadata: dict[str, JsonValue] = {
        "client_id": client_id or f"{base_url}/oauth/bluesky/{folder}{METADATA}",
        "client_name": "Presswork",
        "client_uri": base_url,
        "application_type": "web",
        "grant_types": ["authorization_code", "refresh_token"],
        "response_types": ["code"],
        "redirect_uris": uris,
        "scope": " ".join(SCOPES),
        "dpop_bound_access_tokens": True,
        "token_endpoint_auth_method": "private_key_jwt",
        "token_endpoint_auth_signing_alg": ALGORITHM,
        "jwks_uri": f"{base_url}/oauth/bluesky/{folder}{KEYS}",
        "policy_uri": f"{base_url}/legal/privacy",
        "tos_uri": f"{base_url}/legal/terms",
    }
    public: JsonValue = {**key.public_jwk, "kid": key.key_id, "alg": ALGORITHM, "use": "sig"}
    return {f"{folder}{METADATA}": metadata, f"{folder}{KEYS}": {"keys": [public]}}


_SECRET: Final = ConfigDict(hide_input_in_errors=True)


def _read_key(value: JsonValue) -> SigningKey:
    if not isinstance(value, dict):
        raise ValueError("a key is an object")  # noqa: TRY004  Pydantic's own
    return SigningKey.of(value)


Key = Annotated[SigningKey, PlainValidator(_read_key), PlainSerializer(lambda key: key.private_jwk)]
Text = Annotated[str, StringConstraints(min_length=1)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """One of the two tokens of an account, with what is needed to use it. Secret."""

    __pydantic_config__ = _SECRET

    token: Text = field(repr=False)
    key: Key = field(repr=False)
    did: Text
    pds: Text
    """The account's own server, without a slash at the end."""
    issuer: Text
    """The authorization server that issued the token."""

    @classmethod
    def read(cls, text: str, *, step: str) -> "Session":
        """Parse a stored session. Raises CredentialInvalid where it is not one."""
        try:
            return _SESSION.validate_json(text)
        except ValidationError as error:
            raise CredentialInvalid(
                "The stored access to this Bluesky account can't be read.",
                advice="Connect the account again.",
                step=step,
            ) from error

    def write(self) -> str:
        """Return the form that is stored."""
        return _SESSION.dump_json(self).decode()


@dataclass(frozen=True, slots=True, kw_only=True)
class BegunLogin:
    """What a login remembers until its redirect comes back. Secret."""

    __pydantic_config__ = _SECRET

    key: Key = field(repr=False)
    verifier: Text = field(repr=False)
    issuer: Text
    redirect_uri: Text

    @classmethod
    def read(cls, text: str | None) -> "BegunLogin":
        """Parse a remembered login. Raises Rejected where it is not one."""
        try:
            return _BEGUN.validate_json(text or "")
        except ValidationError as error:
            raise Rejected("The login can't be continued. Connect the account again.", step="token") from error

    def write(self) -> str:
        """Return the form that is stored."""
        return _BEGUN.dump_json(self).decode()


_SESSION: Final = TypeAdapter(Session)
_BEGUN: Final = TypeAdapter(BegunLogin)
