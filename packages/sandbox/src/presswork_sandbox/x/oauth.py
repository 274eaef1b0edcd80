"""X's login: PKCE for every app, codes of 30 seconds, access tokens of two hours, refresh tokens that work once.

Source: xdevplatform/docs (2026-08), "OAuth 2.0 Authorization Code Flow with PKCE", and the token-exchange page (2026-09), read
2026-11. What ends a grant whose refresh token came twice is not documented; clients report that both tokens are dead then.
"""

import base64
import binascii
import hashlib
from collections.abc import Mapping, Sequence
from typing import Final
from urllib.parse import unquote, urlencode, urlsplit, urlunsplit

from presswork_sandbox.accounts import Account
from presswork_sandbox.clock import DAY, HOUR
from presswork_sandbox.consent import (
    AuthorizeRequest,
    InvalidAuthorizeRequest,
    check_redirect,
    read_scopes,
    require,
    require_code,
)
from presswork_sandbox.core import Sandbox
from presswork_sandbox.tokens import Code, Token
from presswork_sandbox.wire import JSONValue, Reply, json_reply, text_of
from presswork_sandbox.x.errors import UNAUTHORIZED, XRefusal, oauth_error
from presswork_sandbox.x.facts import FACTS

READ: Final = "tweet.read"
WRITE: Final = "tweet.write"
USERS: Final = "users.read"
MEDIA: Final = "media.write"
OFFLINE: Final = "offline.access"
MODERATE: Final = "tweet.moderate.write"
SCOPES: Final = {
    READ: "See all the posts that you can view",
    WRITE: "Post and repost for you",
    MODERATE: "Hide and unhide replies to your posts",
    USERS: "See any account that you can view",
    MEDIA: "Upload media for you",
    OFFLINE: "Stay connected to your account until you revoke access",
}
CODE_LIFETIME: Final = 30.0
ACCESS_LIFETIME: Final = 2 * HOUR
REFRESH_LIFETIME: Final = 182 * DAY  # "about six months"
MAX_STATE: Final = 500  # characters
ROTATED: Final = "rotated"
_ACCESS: Final = "x_access"
_REFRESH: Final = "x_refresh"
_BAD_TOKEN: Final = "Value passed for the token was invalid."  # noqa: S105  a sentence


def _with_query(url: str, parameters: Mapping[str, str]) -> str:
    parts = urlsplit(url)
    query = "&".join(filter(None, (parts.query, urlencode(parameters))))
    return urlunsplit(parts._replace(query=query))


class XFlow:
    """x.com/i/oauth2/authorize."""

    platform = FACTS.name
    grants_for = FACTS.name
    brand = FACTS.brand
    takes_several = False
    labels: Mapping[str, str] = SCOPES
    required_scope = READ

    def read(self, params: Mapping[str, str]) -> AuthorizeRequest:
        """Read the authorize URL. Raises InvalidAuthorizeRequest."""
        require(params, ("client_id", "redirect_uri", "scope", "state", "code_challenge"))
        require_code(params)
        method = params.get("code_challenge_method", "plain")
        if method not in {"S256", "plain"}:
            raise InvalidAuthorizeRequest("code_challenge_method is neither S256 nor plain. Send S256.")
        if len(params["state"]) > MAX_STATE:
            raise InvalidAuthorizeRequest(f"state is longer than {MAX_STATE} characters. Send a shorter one.")
        return AuthorizeRequest(
            client_id=params["client_id"],
            redirect_uri=check_redirect(params["redirect_uri"]),
            state=params["state"],
            scopes=read_scopes(params["scope"], SCOPES),
            challenge=f"{method} {params['code_challenge']}",
        )

    def chosen(self, code: str, accounts: Sequence[Account]) -> None:
        """The code itself says all there is to know."""
        _ = code, accounts

    def approved(self, authorize_request: AuthorizeRequest, code: str, scopes: Sequence[str]) -> str:
        """Return the redirect with the code."""
        _ = scopes  # the response with the token has them
        return _with_query(authorize_request.redirect_uri, {"state": authorize_request.state, "code": code})

    def denied(self, authorize_request: AuthorizeRequest) -> str:
        """Return the redirect that says access_denied."""
        parameters = {"error": "access_denied", "state": authorize_request.state}
        return _with_query(authorize_request.redirect_uri, parameters)

    def failed(self, redirect_uri: str, state: str, *, error: str, description: str) -> str:
        """Return the redirect that says what is wrong with the authorize URL."""
        _ = description
        return _with_query(redirect_uri, {"error": error, "state": state})


class OAuth:
    """The token endpoints of api.x.com, and the tokens that they gave."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    def holder(self, given: str) -> tuple[Token, Account]:
        """Return the token of a call and its account. Raises XRefusal with HTTP 401."""
        token = self._sandbox.tokens.find(FACTS.name, given) if given else None
        account = None if token is None else self._sandbox.accounts.by_id(token.account_id)
        is_alive = token is not None and token.kind == _ACCESS and token.is_alive(self._sandbox.clock.now())
        if token is None or account is None or not is_alive:
            raise XRefusal(UNAUTHORIZED)
        return token, account

    def token(self, params: Mapping[str, JSONValue], authorization: str) -> Reply:
        """POST /2/oauth2/token with a code: 30 seconds, once, same redirect_uri, the verifier of the challenge."""
        client = self._client(params, authorization)
        if isinstance(client, Reply):
            return client
        if text_of(params.get("grant_type")) != "authorization_code":
            return oauth_error("unsupported_grant_type", "grant_type is authorization_code or refresh_token.")
        for name in ("code", "redirect_uri", "code_verifier"):
            if not text_of(params.get(name)):
                return oauth_error("invalid_request", f"Missing required parameter [{name}].")
        sandbox, now = self._sandbox, self._sandbox.clock.now()
        code = sandbox.tokens.find_code(FACTS.name, text_of(params["code"]))
        account = None if code is None else sandbox.accounts.by_id(code.account_id)
        is_over = code is None or code.used_at is not None or now >= code.created_at + CODE_LIFETIME
        if code is None or account is None or is_over or code.client_id != client:
            return oauth_error("invalid_request", "Value passed for the authorization code was invalid.")
        if code.redirect_uri != text_of(params["redirect_uri"]):
            message = "Value passed for the redirect uri did not match the uri of the authorization code."
            return oauth_error("invalid_request", message)
        if not _is_verified(code, text_of(params["code_verifier"])):
            return oauth_error(
                "invalid_request", "Value passed for the code verifier did not match the code challenge."
            )
        with sandbox.store.transaction():
            sandbox.tokens.use_code(code.code, now)
            return self._issue_pair(account, client, code.scopes, now, None)

    def refresh(self, params: Mapping[str, JSONValue], authorization: str) -> Reply:
        """POST /2/oauth2/token with a refresh token: a new pair; the same refresh token again ends the grant."""
        client = self._client(params, authorization)
        if isinstance(client, Reply):
            return client
        sandbox, now = self._sandbox, self._sandbox.clock.now()
        old = sandbox.tokens.find(FACTS.name, text_of(params.get("refresh_token")))
        account = None if old is None else sandbox.accounts.by_id(old.account_id)
        if old is None or account is None or old.kind != _REFRESH or old.client_id != client:
            return oauth_error("invalid_request", _BAD_TOKEN)
        if not old.is_alive(now):
            if old.dead_reason == ROTATED:
                sandbox.tokens.kill_grant(old, "revoked")
            return oauth_error("invalid_request", _BAD_TOKEN)
        with sandbox.store.transaction():
            sandbox.tokens.kill(old, ROTATED)
            return self._issue_pair(account, client, old.scopes, now, old.grant_id)

    def revoke(self, params: Mapping[str, JSONValue], authorization: str) -> Reply:
        """POST /2/oauth2/revoke: ends the token, of a refresh token the whole grant."""
        client = self._client(params, authorization)
        if isinstance(client, Reply):
            return client
        token = self._sandbox.tokens.find(FACTS.name, text_of(params.get("token")))
        if token is None or token.client_id != client:
            return oauth_error("invalid_request", _BAD_TOKEN)
        if token.kind == _REFRESH:
            self._sandbox.tokens.kill_grant(token, "revoked")
        else:
            self._sandbox.tokens.kill(token, "revoked")
        return json_reply({"revoked": True})

    def _client(self, params: Mapping[str, JSONValue], authorization: str) -> str | Reply:
        """Return the app of a call: by its secret in the header, or public by its id in the form; or the refusal."""
        given = _read_basic(authorization)
        client, secret = given if given is not None else (text_of(params.get("client_id")), "")
        if not client:
            return oauth_error("unauthorized_client", "Missing valid authorization header", 401)
        rules = self._sandbox.app_rules
        if rules.is_blocked(client) or not rules.accepts(secret, client):
            return oauth_error("unauthorized_client", "Missing valid authorization header", 401)
        return client

    def _issue_pair(
        self, account: Account, client: str, scopes: Sequence[str], now: float, grant_id: int | None
    ) -> Reply:
        def issue(kind: str, lifetime: float, grant: int | None) -> Token:
            return self._sandbox.tokens.issue(
                FACTS.name,
                kind,
                account.id,
                client_id=client,
                scopes=scopes,
                now=now,
                lifetime_seconds=lifetime,
                grant_id=grant,
            )

        access = issue(_ACCESS, ACCESS_LIFETIME, grant_id)
        body: dict[str, JSONValue] = {
            "token_type": "bearer",
            "expires_in": int(ACCESS_LIFETIME),
            "access_token": access.token,
            "scope": " ".join(scopes),
        }
        if OFFLINE in scopes:
            body["refresh_token"] = issue(_REFRESH, REFRESH_LIFETIME, access.grant_id).token
        return json_reply(body)


def _is_verified(code: Code, verifier: str) -> bool:
    method, _, challenge = (code.challenge or "").partition(" ")
    digest = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    return challenge == (digest if method == "S256" else verifier)


def _read_basic(authorization: str) -> tuple[str, str] | None:
    """Return id and secret of an app from a header, or None where there is none that can be read."""
    scheme, _, text = authorization.partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        client, _, secret = base64.b64decode(text.strip(), validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return None
    return unquote(client), unquote(secret)
