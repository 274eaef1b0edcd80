"""Presswork as an OAuth client of the AT Protocol: its address, its key, and the two documents that servers read about it.

A client of the AT Protocol is not registered anywhere: its id is the address of its metadata. The key that the metadata's
`jwks_uri` leads to makes it a confidential client, whose logins last longest.
Source: atproto.com, "OAuth" (client ID metadata document), read 2026-11.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from pydantic import JsonValue

from presswork.platforms.bluesky.proofs import ALGORITHM, SigningKey

METADATA: Final = "client-metadata.json"
KEYS: Final = "jwks.json"
SCOPES: Final = ("atproto", "transition:generic")
"""Requested permissions: the account's identity, and writing as the account.

Finer ones exist (`repo:app.bsky.feed.post`), but servers other than Bluesky's need not know them yet.
"""
_ASSERTION_TYPE: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


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

    `base_url` is the address of the service, `folder` the beginning of both paths (empty, or with a slash at the end).
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
