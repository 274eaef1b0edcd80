"""JSON Web Tokens of the account server: its own access and refresh tokens, and those with which an account calls a service.

The server signs its own with HS256, as a self-hosted one does; only it reads them. Tokens for services are signed with the
account's key (ES256K), which others find in the DID document. Source: bluesky-social/atproto, packages/pds/src/auth-verifier.ts
and packages/xrpc-server/src/auth.ts, read 2026-11.
"""

from collections.abc import Mapping
from typing import Final

from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, OctKey
from joserfc.jws import JWSRegistry

from presswork_sandbox.accounts import Account
from presswork_sandbox.bluesky.identity import signing_key
from presswork_sandbox.store import Store
from presswork_sandbox.wire import BadBody, JSONValue, decode_object, text_of

OWN: Final = "HS256"
SERVICE: Final = "ES256K"
_REGISTRY: Final = JWSRegistry(algorithms=[OWN, SERVICE])

Claims = Mapping[str, JSONValue]


def sign_own(store: Store, kind: str, claims: Claims) -> str:
    """Return a token of the server itself; `kind` is its `typ`, such as at+jwt."""
    return jwt.encode({"typ": kind, "alg": OWN}, dict(claims), _own_key(store), registry=_REGISTRY)


def read_own(store: Store, text: str) -> Claims | None:
    """Return the claims of a token that the server signed, whatever its age; None for any other text."""
    try:
        return jwt.decode(text, _own_key(store), registry=_REGISTRY, algorithms=[OWN]).claims
    except (JoseError, ValueError):
        return None


def sign_for_service(store: Store, account: Account, claims: Claims) -> str:
    """Return a token with which a service can act for an account, signed with the account's key."""
    key = ECKey.import_key(signing_key(store, account))
    return jwt.encode({"typ": "JWT", "alg": SERVICE}, dict(claims), key, registry=_REGISTRY)


def read_for_service(store: Store, account: Account, text: str) -> Claims | None:
    """Return the claims of a token that an account's key signed, whatever its age; None for any other text."""
    key = ECKey.import_key(signing_key(store, account).public_key())
    try:
        return jwt.decode(text, key, registry=_REGISTRY, algorithms=[SERVICE]).claims
    except (JoseError, ValueError):
        return None


def issuer_of(text: str) -> str | None:
    """Return who a token claims to be from, before its signature is checked; None for a text that is no token."""
    try:
        return text_of(decode_object(jws.extract_compact(text.encode()).payload).get("iss"))
    except (JoseError, BadBody, ValueError):
        return None


def _own_key(store: Store) -> OctKey:
    return OctKey.import_key(store.secret("bluesky server key", 0, 64))
