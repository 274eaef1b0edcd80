"""Pinterest's login: access tokens of 30 days, and refresh tokens of 60 days that each refresh replaces.

Source: pinterest/api-description 5.23.0 (2025-12), `oauth/token`. No PKCE, and no call that revokes. Which error a wrong code or
refresh token gets is not documented.
"""

import base64
import binascii
from collections.abc import Mapping, Sequence
from typing import Final
from urllib.parse import urlencode, urlsplit, urlunsplit

from presswork_sandbox.accounts import Account
from presswork_sandbox.clock import DAY
from presswork_sandbox.consent import (
    AuthorizeRequest,
    check_redirect,
    read_scopes,
    require,
    require_code,
)
from presswork_sandbox.core import Sandbox
from presswork_sandbox.pinterest.errors import AUTHENTICATION, invalid, refuse
from presswork_sandbox.pinterest.facts import FACTS
from presswork_sandbox.pinterest.rules import Rules
from presswork_sandbox.tokens import Token
from presswork_sandbox.wire import JSONValue, Reply, flag_of, json_reply, text_of

SCOPES: Final = {
    "boards:read": "See your public boards",
    "boards:read_secret": "See your secret boards",
    "boards:write": "Create, update, or delete your public boards",
    "boards:write_secret": "Create, update, or delete your secret boards",
    "pins:read": "See your public Pins",
    "pins:read_secret": "See your secret Pins",
    "pins:write": "Create, update, or delete your public Pins",
    "pins:write_secret": "Create, update, or delete your secret Pins",
    "user_accounts:read": "See your user accounts and followers",
    "user_accounts:write": "Update your user accounts and followers",
}
CODE_LIFETIME: Final = 10 * 60  # seconds; not documented
ACCESS_LIFETIME: Final = 30 * DAY
REFRESH_LIFETIME: Final = 60 * DAY
_ACCESS: Final = "pinterest_access"
_REFRESH: Final = "pinterest_refresh"


def _redirect(url: str, state: str, parameters: Mapping[str, str]) -> str:
    parts = urlsplit(url)
    given = {**parameters, **({"state": state} if state else {})}
    return urlunsplit(parts._replace(query="&".join(filter(None, (parts.query, urlencode(given))))))


class PinterestFlow:
    """www.pinterest.com/oauth/."""

    platform = FACTS.name
    grants_for = FACTS.name
    brand = FACTS.brand
    takes_several = False
    labels: Mapping[str, str] = SCOPES
    required_scope = ""

    def read(self, params: Mapping[str, str]) -> AuthorizeRequest:
        """Read the authorize URL. Raises InvalidAuthorizeRequest."""
        require(params, ("client_id", "redirect_uri", "response_type", "scope"))
        require_code(params)
        return AuthorizeRequest(
            client_id=params["client_id"],
            redirect_uri=check_redirect(params["redirect_uri"]),
            state=params.get("state", ""),
            scopes=read_scopes(params["scope"], SCOPES),
        )

    def chosen(self, code: str, accounts: Sequence[Account]) -> None:
        """The code itself says which account was chosen."""
        _ = code, accounts

    def approved(self, authorize_request: AuthorizeRequest, code: str, scopes: Sequence[str]) -> str:
        """Return the redirect with the code; nothing granted is a refusal."""
        if not scopes:
            return self.denied(authorize_request)
        return _redirect(authorize_request.redirect_uri, authorize_request.state, {"code": code})

    def denied(self, authorize_request: AuthorizeRequest) -> str:
        """Return the redirect that says access_denied."""
        error = {"error": "access_denied", "error_description": "The user denied access to the app."}
        return _redirect(authorize_request.redirect_uri, authorize_request.state, error)

    def failed(self, redirect_uri: str, state: str, *, error: str, description: str) -> str:
        """Return the redirect that says what is wrong with the authorize URL."""
        return _redirect(redirect_uri, state, {"error": error, "error_description": description})


class OAuth:
    """The token endpoint of each API host, and the tokens that it gave."""

    def __init__(self, sandbox: Sandbox, rules: Rules) -> None:
        self._sandbox = sandbox
        self._rules = rules

    def find(self, host: str, given: str) -> Token | None:
        """Find a token that a host gave, dead or alive."""
        token = self._sandbox.tokens.find(FACTS.name, given) if given else None
        sql = "SELECT host FROM pinterest_grants WHERE grant_id = ?"
        row = None if token is None else self._sandbox.store.first(sql, token.grant_id)
        return token if row is not None and row["host"] == host else None

    def caller(self, host: str, given: str) -> tuple[Token, Account]:
        """Return a valid access token of a host, and its account. Raises PinterestError."""
        token = self.find(host, given)
        account = None if token is None else self._sandbox.accounts.by_id(token.account_id)
        if token is None or account is None or token.kind != _ACCESS or not token.is_alive(self._sandbox.clock.now()):
            raise refuse(AUTHENTICATION)
        return token, account

    def token(self, host: str, params: Mapping[str, JSONValue], authorization: str) -> Reply:
        """POST /v5/oauth/token: a code, or a refresh token, for new tokens. Raises PinterestError."""
        client_id = self._check_client(authorization)
        match text_of(params.get("grant_type")):
            case "authorization_code":
                return self._redeem_code(host, params, client_id)
            case "refresh_token":
                return self._refresh(host, params, client_id)
            case other:
                raise invalid(f"'{other}' is not one of ['authorization_code', 'refresh_token']")

    def _check_client(self, authorization: str) -> str:
        """Return the id of the app, which Basic authentication carries. Raises PinterestError."""
        scheme, _, given = authorization.partition(" ")
        try:
            client_id, _, secret = base64.b64decode(given.strip(), validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError) as bad:
            raise refuse(AUTHENTICATION) from bad
        if scheme.lower() != "basic" or not client_id or not self._sandbox.app_rules.accepts(secret, client_id):
            raise refuse(AUTHENTICATION)
        return client_id

    def _redeem_code(self, host: str, params: Mapping[str, JSONValue], client_id: str) -> Reply:
        sandbox, now = self._sandbox, self._sandbox.clock.now()
        code = sandbox.tokens.find_code(FACTS.name, text_of(params.get("code")))
        is_right = (
            code is not None
            and code.used_at is None
            and now < code.created_at + CODE_LIFETIME
            and code.client_id == client_id
            and code.redirect_uri == text_of(params.get("redirect_uri"))
        )
        if code is None or not is_right:
            raise invalid("The authorization code is invalid, expired or used.")
        rotates = not self._rules.is_on("asksContinuousRefresh") or flag_of(params.get("continuous_refresh"))
        with sandbox.store.transaction():
            sandbox.tokens.use_code(code.code, now)
            access = self._issue(_ACCESS, code.account_id, client_id, code.scopes, None)
            fresh = self._issue(_REFRESH, code.account_id, client_id, code.scopes, access.grant_id)
            sandbox.store.insert("pinterest_grants", grant_id=access.grant_id, host=host, rotates=rotates)
        return _describe("authorization_code", access, fresh)

    def _refresh(self, host: str, params: Mapping[str, JSONValue], client_id: str) -> Reply:
        sandbox, now = self._sandbox, self._sandbox.clock.now()
        old = self.find(host, text_of(params.get("refresh_token")))
        if old is None or old.kind != _REFRESH or old.client_id != client_id or not old.is_alive(now):
            raise refuse(AUTHENTICATION)
        sql = "SELECT rotates FROM pinterest_grants WHERE grant_id = ?"
        rotates = bool(sandbox.store.one(sql, old.grant_id)["rotates"])
        with sandbox.store.transaction():
            access = self._issue(_ACCESS, old.account_id, client_id, old.scopes, old.grant_id)
            if not rotates:
                return _describe("refresh_token", access, None)
            sandbox.tokens.kill(old, "rotated")
            fresh = self._issue(_REFRESH, old.account_id, client_id, old.scopes, old.grant_id)
        return _describe("refresh_token", access, fresh)

    def _issue(self, kind: str, account_id: int, client_id: str, scopes: Sequence[str], grant_id: int | None) -> Token:
        return self._sandbox.tokens.issue(
            FACTS.name,
            kind,
            account_id,
            client_id=client_id,
            scopes=scopes,
            now=self._sandbox.clock.now(),
            lifetime_seconds=ACCESS_LIFETIME if kind == _ACCESS else REFRESH_LIFETIME,
            grant_id=grant_id,
        )


def _describe(response_type: str, access: Token, fresh: Token | None) -> Reply:
    body: dict[str, JSONValue] = {
        "response_type": response_type,
        "access_token": access.token,
        "token_type": "bearer",
        "expires_in": int(ACCESS_LIFETIME),
        "scope": ",".join(access.scopes),
    }
    if fresh is not None:
        body |= {"refresh_token": fresh.token, "refresh_token_expires_in": int(REFRESH_LIFETIME)}
    return json_reply(body)
