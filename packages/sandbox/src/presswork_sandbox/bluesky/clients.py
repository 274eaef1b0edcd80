"""Apps: what their metadata document says, and how they prove who they are.

An app's id is the URL of its metadata document. The real server wants https and a public host; this one fetches it from
any URL, loopback and plain http included. `http://localhost` is an app in development, without a document. Source:
atproto.com, "OAuth"; bluesky-social/atproto, packages/oauth/oauth-provider/src/client, read 2026-11.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qs, urlsplit

import aiohttp
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from joserfc.jws import JWSRegistry

from presswork_sandbox.bluesky.dpop import ALGORITHMS, is_recent, use_once
from presswork_sandbox.bluesky.errors import OAuthError
from presswork_sandbox.bluesky.scopes import ATPROTO
from presswork_sandbox.core import Sandbox
from presswork_sandbox.wire import BODY_LIMIT_BYTES, JSONValue, decode_object, text_of

DEVELOPMENT: Final = "http://localhost"
ASSERTION_TYPE: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
ASSERTION_SECONDS: Final = 60.0
FETCH_SECONDS: Final = 10.0
LOOPBACK: Final = frozenset({"127.0.0.1", "::1", "localhost"})
"""Hosts of which any port is the same redirect URL. The real server refuses `localhost` there, and wants 127.0.0.1."""
_REGISTRY: Final = JWSRegistry(algorithms=list(ALGORITHMS))


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """An app, by its metadata."""

    id: str
    redirect_uris: Sequence[str]
    scopes: Sequence[str]
    can_refresh: bool
    keys: KeySet | None
    """The public keys of an app that proves who it is; None for one that does not."""

    def accepts_redirect(self, url: str) -> bool:
        """Return whether the app may be redirected to; on loopback, the port does not matter."""
        return any(url == known or _strip_port(url) == _strip_port(known) for known in self.redirect_uris)


def _strip_port(url: str) -> tuple[str, str, str] | str:
    try:
        parts = urlsplit(url)
    except ValueError:
        return url
    is_loopback = parts.scheme == "http" and parts.hostname in LOOPBACK
    return (parts.hostname or "", parts.path, parts.query) if is_loopback else url


class Clients:
    """Fetch the metadata of apps, and check who calls."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    async def find(self, client_id: str) -> Client:
        """Return the app with an id. Raises OAuthError with invalid_client_metadata."""
        if client_id == DEVELOPMENT or client_id.startswith((f"{DEVELOPMENT}?", f"{DEVELOPMENT}/?")):
            return _development_client(client_id)
        if not client_id.startswith(("http://", "https://")):
            raise _build_error(f'Invalid client ID "{client_id[:200]}"')
        document = await self._fetch(client_id)
        _check_metadata(client_id, document)
        keys = None
        if document.get("token_endpoint_auth_method") == "private_key_jwt":
            keys = _keys(document.get("jwks") or await self._fetch(text_of(document.get("jwks_uri"))))
        return Client(
            id=client_id,
            redirect_uris=_texts(document.get("redirect_uris")),
            scopes=text_of(document.get("scope")).split(),
            can_refresh="refresh_token" in _texts(document.get("grant_types")),
            keys=keys,
        )

    async def _fetch(self, url: str) -> Mapping[str, JSONValue]:
        session = await self._sandbox.http_client.session()
        try:
            async with asyncio.timeout(FETCH_SECONDS), session.get(url, allow_redirects=False) as response:
                if response.status != 200 or response.content_type != "application/json":
                    raise _build_error(
                        f"Failed to fetch client information: {url[:200]} answered {response.status} "
                        f"{response.content_type}, not 200 with application/json"
                    )
                return decode_object(await response.content.read(BODY_LIMIT_BYTES))
        except (aiohttp.ClientError, TimeoutError, ValueError, OSError) as wrong:
            raise _build_error(f"Failed to fetch client information: no JSON object at {url[:200]}") from wrong

    def authenticate(self, client: Client, params: Mapping[str, JSONValue], issuer: str) -> str | None:
        """Check an app's assertion, and return the id of the key that signed it; None for an app without keys.

        Raises OAuthError.
        """
        if client.keys is None:
            return None
        assertion = text_of(params.get("client_assertion"))
        if not assertion:
            raise OAuthError(
                "invalid_request", 'client authentication method "private_key_jwt" required a "client_assertion"'
            )
        if params.get("client_assertion_type") != ASSERTION_TYPE:
            raise OAuthError("invalid_client", "Unsupported client_assertion_type")
        try:
            token = jwt.decode(assertion, client.keys, algorithms=list(ALGORITHMS), registry=_REGISTRY)
        except (JoseError, ValueError, TypeError, KeyError) as wrong:
            raise OAuthError("invalid_client", 'Validation of "client_assertion" failed: wrong signature') from wrong
        claims, audience = token.claims, token.claims.get("aud")
        audiences = audience if isinstance(audience, list) else [audience]
        kid, number = token.header.get("kid"), claims.get("jti")
        wrong_claims = [
            name
            for name, is_right in (
                ("iss", claims.get("iss") == client.id),
                ("sub", claims.get("sub") == client.id),
                ("aud", issuer in audiences),
                ("jti", isinstance(number, str) and number),
                ("iat", is_recent(self._sandbox, claims.get("iat"), ASSERTION_SECONDS, 1.0)),
            )
            if not is_right
        ]
        if wrong_claims:
            raise OAuthError(
                "invalid_client", f'Validation of "client_assertion" failed: unexpected "{wrong_claims[0]}" claim value'
            )
        if not isinstance(kid, str):
            raise OAuthError("invalid_client", '"kid" required in client_assertion')
        if not use_once(self._sandbox, f"assertion {client.id} {number}"):
            raise OAuthError("invalid_grant", "private_key_jwt jti reused")
        return str(client.keys.get_by_kid(kid).thumbprint())


def _build_error(message: str) -> OAuthError:
    return OAuthError("invalid_client_metadata", message)


def _texts(value: JSONValue) -> list[str]:
    return [part for part in value if isinstance(part, str)] if isinstance(value, list) else []


def _keys(document: JSONValue) -> KeySet:
    keys = document.get("keys") if isinstance(document, Mapping) else None
    public = [dict(key) for key in keys if isinstance(key, Mapping)] if isinstance(keys, list) else []
    if not public or any({"d", "k"} & set(key) for key in public):
        raise _build_error("private_key_jwt auth method requires at least one public key in jwks, and no private one")
    try:
        return KeySet.import_key_set({"keys": public})
    except (JoseError, ValueError, TypeError, KeyError) as wrong:
        raise _build_error("The keys in jwks can't be read") from wrong


def _check_metadata(client_id: str, document: Mapping[str, JSONValue]) -> None:
    """Raise OAuthError for a metadata document that the AT Protocol does not allow."""
    scopes, grants = text_of(document.get("scope")).split(), _texts(document.get("grant_types"))
    method = document.get("token_endpoint_auth_method")
    has_keys = bool(document.get("jwks")) != bool(document.get("jwks_uri"))
    rules = (
        (document.get("client_id") == client_id, "client_id does not match"),
        (ATPROTO in scopes, 'Missing "atproto" scope'),
        (len(set(scopes)) == len(scopes), "Duplicate scope"),
        ("authorization_code" in grants, 'The "authorization_code" grant type is required'),
        (set(grants) <= {"authorization_code", "refresh_token"}, "A grant type is not supported"),
        (_texts(document.get("response_types")) == ["code"], 'response_types must be ["code"]'),
        (bool(_texts(document.get("redirect_uris"))), "At least one redirect_uri is required"),
        (document.get("dpop_bound_access_tokens") is True, '"dpop_bound_access_tokens" must be true'),
        (method in {"none", "private_key_jwt"}, 'Use token_endpoint_auth_method "private_key_jwt" or "none"'),
        (method == "none" or has_keys, "private_key_jwt auth method requires jwks or jwks_uri, not both"),
        (
            (method == "private_key_jwt") == bool(document.get("token_endpoint_auth_signing_alg")),
            "token_endpoint_auth_signing_alg goes with private_key_jwt, and with nothing else",
        ),
        (document.get("application_type", "web") in {"web", "native"}, "application_type must be web or native"),
    )
    for is_right, message in rules:
        if not is_right:
            raise _build_error(message)


def _development_client(client_id: str) -> Client:
    """Return the app that `http://localhost` stands for; its query has the redirect URLs and scopes."""
    query = parse_qs(urlsplit(client_id).query, keep_blank_values=True)
    if set(query) - {"redirect_uri", "scope"}:
        raise _build_error("A client_id of http://localhost has only redirect_uri and scope in its query")
    redirects = query.get("redirect_uri", ["http://127.0.0.1/", "http://[::1]/"])
    if any(not isinstance(_strip_port(url), tuple) for url in redirects):
        raise _build_error("A redirect_uri of http://localhost must be on http://127.0.0.1 or http://[::1]")
    scopes = " ".join(query.get("scope", [ATPROTO])).split()
    if ATPROTO not in scopes:
        raise _build_error('Missing "atproto" scope')
    return Client(id=client_id, redirect_uris=redirects, scopes=scopes, can_refresh=True, keys=None)
