"""Bluesky's OAuth server: pushed requests, codes, and tokens that are bound to a key and rotate.

Source: bluesky-social/atproto, packages/oauth/oauth-provider/src (constants.ts, oauth-provider.ts, request-manager.ts), read
2026-11, and atproto.com, "OAuth". Lifetimes as of 2026-08; the specification allows at most 180 days for a refresh token.
"""

import hashlib
import sqlite3
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

from starlette.requests import Request

from presswork_sandbox.accounts import Account
from presswork_sandbox.bluesky.clients import Client, Clients
from presswork_sandbox.bluesky.dpop import ALGORITHMS, InvalidProof, Proof, Proofs
from presswork_sandbox.bluesky.errors import OAuthError
from presswork_sandbox.bluesky.facts import FACTS, PDS
from presswork_sandbox.bluesky.identity import status_of
from presswork_sandbox.bluesky.jwts import read_own, sign_own
from presswork_sandbox.bluesky.lexicon import FORMATS
from presswork_sandbox.bluesky.scopes import ATPROTO, SERVER_SCOPES, is_known
from presswork_sandbox.clock import DAY, HOUR
from presswork_sandbox.consent import InvalidAuthorizeRequest, check_redirect
from presswork_sandbox.core import Sandbox
from presswork_sandbox.tokens import Token
from presswork_sandbox.wire import JSONValue, Reply, json_reply, text_of

REQUEST_SECONDS: Final = 300.0
ACCESS_SECONDS: Final = HOUR
PUBLIC_SESSION_SECONDS: Final = 14 * DAY
CONFIDENTIAL_REFRESH_SECONDS: Final = 91 * DAY
CONFIDENTIAL_SESSION_SECONDS: Final = 730 * DAY
REQUEST_URI: Final = "urn:ietf:params:oauth:request_uri:req-"
MIN_VERIFIER: Final = 43


def server_metadata(issuer: str) -> Mapping[str, JSONValue]:
    """Return the metadata of the OAuth server (RFC 8414)."""
    return {
        "issuer": issuer,
        "request_parameter_supported": True,
        "request_uri_parameter_supported": True,
        "require_request_uri_registration": True,
        "scopes_supported": list(SERVER_SCOPES),
        "subject_types_supported": ["public"],
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": ["authorization_code", "refresh_token"],
        "code_challenge_methods_supported": ["S256"],
        "authorization_response_iss_parameter_supported": True,
        "jwks_uri": f"{issuer}/oauth/jwks",
        "authorization_endpoint": f"{issuer}/oauth/authorize",
        "token_endpoint": f"{issuer}/oauth/token",
        "token_endpoint_auth_methods_supported": ["none", "private_key_jwt"],
        "token_endpoint_auth_signing_alg_values_supported": list(ALGORITHMS),
        "revocation_endpoint": f"{issuer}/oauth/revoke",
        "pushed_authorization_request_endpoint": f"{issuer}/oauth/par",
        "require_pushed_authorization_requests": True,
        "dpop_signing_alg_values_supported": list(ALGORITHMS),
        "client_id_metadata_document_supported": True,
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class PushedRequest:
    """An authorization request that an app pushed."""

    request_uri: str
    client_id: str
    redirect_uri: str
    state: str
    scopes: str
    challenge: str
    issuer: str
    key_id: str | None
    proof_key: str | None
    expires_at: float
    code: str | None
    grant_id: int | None


class PushedRequests:
    """Store the requests that apps pushed, until their code is exchanged."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    def add(self, **columns: str | float | None) -> str:
        """Store a request, and return its request_uri."""
        store, now = self._sandbox.store, self._sandbox.clock.now()
        number = store.next_number("bluesky request")
        request_uri = REQUEST_URI + store.secret("bluesky request", number, 32)
        store.insert("bluesky_requests", request_uri=request_uri, expires_at=now + REQUEST_SECONDS, **columns)
        return request_uri

    def open(self, request_uri: str, client_id: str) -> PushedRequest:
        """Return a request that a person may still answer, for five more minutes. Raises InvalidAuthorizeRequest."""
        store, now = self._sandbox.store, self._sandbox.clock.now()
        found = _request(store.first("SELECT * FROM bluesky_requests WHERE request_uri = ?", request_uri))
        if found is None:
            raise InvalidAuthorizeRequest("Unknown request_uri. Push a new authorization request.")
        if found.code is not None:
            raise InvalidAuthorizeRequest("This request was already authorized. Push a new one.")
        if now >= found.expires_at:
            raise InvalidAuthorizeRequest("This request has expired. Push a new one.")
        if client_id != found.client_id:
            raise InvalidAuthorizeRequest("This request was initiated for another client_id. Send that of the request.")
        sql = "UPDATE bluesky_requests SET expires_at = ? WHERE request_uri = ?"
        store.run(sql, now + REQUEST_SECONDS, request_uri)
        return found

    def approve(self, request_uri: str, code: str) -> None:
        """Take note of the code that a person's approval gave; the request can't be answered again."""
        sql = "UPDATE bluesky_requests SET code = ?, expires_at = ? WHERE request_uri = ?"
        self._sandbox.store.run(sql, code, self._sandbox.clock.now() + REQUEST_SECONDS, request_uri)

    def deny(self, request_uri: str) -> None:
        """Delete a request that a person denied."""
        self._sandbox.store.run("DELETE FROM bluesky_requests WHERE request_uri = ?", request_uri)

    def of_code(self, code: str) -> PushedRequest | None:
        """Return the request that a code belongs to."""
        return _request(self._sandbox.store.first("SELECT * FROM bluesky_requests WHERE code = ?", code))

    def exchanged(self, request_uri: str, grant_id: int) -> None:
        """Take note of the grant that came of a request's code."""
        sql = "UPDATE bluesky_requests SET grant_id = ? WHERE request_uri = ?"
        self._sandbox.store.run(sql, grant_id, request_uri)


def _request(row: sqlite3.Row | None) -> PushedRequest | None:
    return None if row is None else PushedRequest(**dict(row))


class OAuth:
    """The endpoints /oauth/par, /oauth/token and /oauth/revoke. They read forms, and JSON."""

    def __init__(self, sandbox: Sandbox, requests: PushedRequests, proofs: Proofs) -> None:
        self._sandbox = sandbox
        self._requests = requests
        self._proofs = proofs
        self._clients = Clients(sandbox)

    async def answer(self, operation: str, request: Request, params: Mapping[str, JSONValue], issuer: str) -> Reply:
        """Answer one call. Raises OAuthError."""
        try:
            proof = self._proofs.verify(request, None)
        except InvalidProof as wrong:
            raise OAuthError(wrong.code, str(wrong)) from wrong
        client = await self._clients.find(text_of(params.get("client_id")))
        if proof is None and operation != "par":
            raise OAuthError("invalid_dpop_proof", "DPoP proof required")
        key_id = self._clients.authenticate(client, params, issuer)
        if proof is not None and key_id == proof.thumbprint:
            raise OAuthError(
                "invalid_request", "The DPoP proof must be signed with a different key than the client assertion"
            )
        if operation == "par":
            return self._push(client, key_id, proof, params, issuer)
        if proof is None:
            raise OAuthError("invalid_dpop_proof", "DPoP proof required")
        if operation == "revoke":
            return self._revoke(client, key_id, proof, params)
        grant_type = params.get("grant_type")
        if grant_type == "authorization_code":
            return self._exchange(client, key_id, proof, params, issuer)
        if grant_type == "refresh_token":
            return self._refresh(client, key_id, proof, params, issuer)
        raise OAuthError("invalid_grant", f'Grant type "{text_of(grant_type)}" is not supported by the server')

    def _push(
        self, client: Client, key_id: str | None, proof: Proof | None, params: Mapping[str, JSONValue], issuer: str
    ) -> Reply:
        given = {name: text_of(value) for name, value in params.items()}
        if given.get("response_type") != "code":
            raise OAuthError("unsupported_response_type", 'response_type must be "code"')
        redirect_uri = self._redirect(client, given.get("redirect_uri", ""))
        scopes = list(dict.fromkeys(given.get("scope", "").split()))
        if ATPROTO not in scopes:
            raise OAuthError("invalid_scope", 'The "atproto" scope is required')
        for scope in scopes:
            if not is_known(scope):
                raise OAuthError("invalid_scope", f'Unsupported scope "{scope}"')
            if scope not in client.scopes:
                raise OAuthError("invalid_scope", f'Scope "{scope}" is not declared in the client metadata')
        if not given.get("code_challenge"):
            raise OAuthError("invalid_request", "Use of PKCE is required")
        if given.get("code_challenge_method") != "S256":
            raise OAuthError("invalid_request", 'atproto requires use of "S256" code_challenge_method')
        hint = given.get("login_hint", "").lower()
        if hint and not FORMATS["at-identifier"][0](hint):
            raise OAuthError("invalid_request", f'Invalid login_hint "{hint[:100]}"')
        request_uri = self._requests.add(
            client_id=client.id,
            redirect_uri=redirect_uri,
            state=given.get("state", ""),
            scopes=" ".join(scopes),
            challenge=given["code_challenge"],
            issuer=issuer,
            key_id=key_id,
            proof_key=None if proof is None else proof.thumbprint,
        )
        return json_reply({"request_uri": request_uri, "expires_in": int(REQUEST_SECONDS) - 1}, 201)

    def _redirect(self, client: Client, url: str) -> str:
        if not url and len(client.redirect_uris) == 1:
            url = client.redirect_uris[0]
        if not url:
            raise OAuthError("invalid_request", "redirect_uri is required")
        if not client.accepts_redirect(url):
            raise OAuthError("invalid_request", f"Invalid redirect_uri {url[:200]}")
        try:
            return check_redirect(url)
        except InvalidAuthorizeRequest as wrong:
            raise OAuthError("invalid_request", f"Invalid redirect_uri {url[:200]}") from wrong

    def _exchange(
        self, client: Client, key_id: str | None, proof: Proof, params: Mapping[str, JSONValue], issuer: str
    ) -> Reply:
        tokens, now = self._sandbox.tokens, self._sandbox.clock.now()
        text = text_of(params.get("code"))
        code, pushed = tokens.find_code(FACTS.name, text), self._requests.of_code(text)
        account = None if code is None else self._sandbox.accounts.by_id(code.account_id)
        if code is None or pushed is None or account is None:
            raise OAuthError("invalid_grant", "Invalid code")
        if code.used_at is not None:
            self._end_grant(pushed.grant_id)
            raise OAuthError("invalid_grant", "Invalid code")
        # A code is used up by the first attempt, whatever is wrong with it.
        tokens.use_code(text, now)
        if now >= pushed.expires_at:
            raise OAuthError("invalid_grant", "This code has expired")
        _check_binding(client, key_id, proof, client_id=code.client_id, own=pushed.key_id, key=pushed.proof_key)
        if params.get("redirect_uri") != pushed.redirect_uri:
            raise OAuthError(
                "invalid_grant", "The redirect_uri parameter must match the one used in the authorization request"
            )
        _check_verifier(pushed.challenge, text_of(params.get("code_verifier")))
        with self._sandbox.store.transaction():
            lifetime = PUBLIC_SESSION_SECONDS if key_id is None else CONFIDENTIAL_SESSION_SECONDS
            access = self._issue("dpop_access", client, account, code.scopes, now + ACCESS_SECONDS, None)
            self._sandbox.store.insert(
                "bluesky_grants",
                grant_id=access.grant_id,
                proof_key=proof.thumbprint,
                key_id=key_id,
                ends_at=now + lifetime,
            )
            self._requests.exchanged(pushed.request_uri, access.grant_id)
            return self._build_token_reply(client, account, access, proof, issuer, now + lifetime)

    def _refresh(
        self, client: Client, key_id: str | None, proof: Proof, params: Mapping[str, JSONValue], issuer: str
    ) -> Reply:
        tokens, store, now = self._sandbox.tokens, self._sandbox.store, self._sandbox.clock.now()
        old = tokens.find(FACTS.name, text_of(params.get("refresh_token")))
        grant = None if old is None else store.first("SELECT * FROM bluesky_grants WHERE grant_id = ?", old.grant_id)
        account = None if old is None else self._sandbox.accounts.by_id(old.account_id)
        if old is None or grant is None or account is None or old.kind != "dpop_refresh":
            raise OAuthError("invalid_grant", "Invalid refresh token")
        if old.dead_reason == "rotated":
            self._end_grant(old.grant_id)
            raise OAuthError("invalid_grant", "Refresh token replayed")
        try:
            _check_refresh(old, account, now=now, session_ends_at=grant["ends_at"])
            _check_binding(client, key_id, proof, client_id=old.client_id, own=grant["key_id"], key=grant["proof_key"])
        except OAuthError:
            # As on the real server: anything wrong with a refresh ends the session.
            self._end_grant(old.grant_id)
            raise
        with store.transaction():
            tokens.kill(old, "rotated")
            # Access tokens of before stay valid for their hour: nothing asks whether they were rotated.
            access = self._issue("dpop_access", client, account, old.scopes, now + ACCESS_SECONDS, old.grant_id)
            return self._build_token_reply(client, account, access, proof, issuer, grant["ends_at"])

    def _end_grant(self, grant_id: int | None) -> None:
        sql = "UPDATE tokens SET dead_reason = 'revoked' WHERE grant_id = ? AND platform = ?"
        self._sandbox.store.run(sql, grant_id, FACTS.name)

    def _issue(
        self, kind: str, client: Client, account: Account, scopes: tuple[str, ...], until: float, grant_id: int | None
    ) -> Token:
        now = self._sandbox.clock.now()
        return self._sandbox.tokens.issue(
            FACTS.name,
            kind,
            account.id,
            client_id=client.id,
            scopes=scopes,
            now=now,
            lifetime_seconds=until - now,
            grant_id=grant_id,
        )

    def _build_token_reply(
        self, client: Client, account: Account, access: Token, proof: Proof, issuer: str, session_ends_at: float
    ) -> Reply:
        now, scope = self._sandbox.clock.now(), " ".join(access.scopes)
        claims: Mapping[str, JSONValue] = {
            "iss": issuer,
            "aud": f"did:web:{PDS}",
            "sub": account.user_id,
            "client_id": client.id,
            "scope": scope,
            "iat": int(now),
            "exp": int(access.expires_at),
            "jti": access.token,
            "cnf": {"jkt": proof.thumbprint},
        }
        body: dict[str, JSONValue] = {
            "access_token": sign_own(self._sandbox.store, "at+jwt", claims),
            "token_type": "DPoP",
            "scope": scope,
            "expires_in": int(ACCESS_SECONDS),
            "sub": account.user_id,
        }
        if client.can_refresh:
            until = session_ends_at if client.keys is None else min(session_ends_at, now + CONFIDENTIAL_REFRESH_SECONDS)
            fresh = self._issue("dpop_refresh", client, account, access.scopes, until, access.grant_id)
            body["refresh_token"] = fresh.token
        return json_reply(body, headers={"Cache-Control": "no-store", "Pragma": "no-cache"})

    def _revoke(self, client: Client, key_id: str | None, proof: Proof, params: Mapping[str, JSONValue]) -> Reply:
        text = text_of(params.get("token"))
        if not text:
            raise OAuthError("invalid_request", "token is required")
        token = self.find_token(text)
        if token is not None:
            row = self._sandbox.store.one("SELECT * FROM bluesky_grants WHERE grant_id = ?", token.grant_id)
            _check_binding(client, key_id, proof, client_id=token.client_id, own=row["key_id"], key=row["proof_key"])
            self._end_grant(token.grant_id)
        return json_reply({})

    def find_token(self, text: str) -> Token | None:
        """Return the token of OAuth that a text stands for: a refresh token, or the access token in a JWT."""
        claims = read_own(self._sandbox.store, text)
        token = self._sandbox.tokens.find(FACTS.name, text if claims is None else text_of(claims.get("jti")))
        return token if token is not None and token.kind in {"dpop_access", "dpop_refresh"} else None


def _check_binding(
    client: Client, key_id: str | None, proof: Proof, *, client_id: str, own: str | None, key: str | None
) -> None:
    """Raise OAuthError unless app, its own key and the key of its proofs are those of the request or grant."""
    if client.id != client_id:
        raise OAuthError("invalid_grant", "Token was not issued to this client")
    if key_id != own:
        raise OAuthError("invalid_grant", "Client authentication has changed")
    if key is not None and proof.thumbprint != key:
        raise OAuthError("invalid_dpop_proof", "Invalid DPoP key binding")


def _check_refresh(token: Token, account: Account, *, now: float, session_ends_at: float) -> None:
    if token.dead_reason is not None:
        raise OAuthError("invalid_grant", "Invalid refresh token")
    if now >= min(token.expires_at, session_ends_at):
        raise OAuthError("invalid_grant", "Refresh token expired")
    if status_of(account) is not None:
        raise OAuthError("invalid_grant", "Account is not active")


def _check_verifier(challenge: str, verifier: str) -> None:
    if not verifier:
        raise OAuthError("invalid_grant", "code_verifier is required")
    if len(verifier) < MIN_VERIFIER:
        raise OAuthError("invalid_grant", "code_verifier too short")
    digest = urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")
    if digest != challenge.rstrip("="):
        raise OAuthError("invalid_grant", "Invalid code_verifier")


def redirect_with(url: str, parameters: Mapping[str, str]) -> str:
    """Return a redirect URL with parameters in its query."""
    return f"{url}{'&' if '?' in url else '?'}{urlencode(parameters)}"
