"""TikTok's tokens: two hours of access, 180 days of refresh, and a refresh token that works once.

Source: TikTok, "Manage User Access Tokens" (2026-11-05), "OAuth: fetch and refresh a user access token" (2026-11-02).
"""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Final
from urllib.parse import urlencode, urlsplit, urlunsplit

from presswork_sandbox.accounts import Account
from presswork_sandbox.app_rules import AppRules
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
from presswork_sandbox.tiktok.errors import Envelopes
from presswork_sandbox.tiktok.webhooks import BY_DEVELOPER, Webhooks
from presswork_sandbox.tokens import Token
from presswork_sandbox.wire import JSONValue, Reply, json_reply, text_of

BASIC: Final = "user.info.basic"
PUBLISH: Final = "video.publish"
UPLOAD: Final = "video.upload"
LIST: Final = "video.list"
SCOPES: Final = {
    BASIC: "Read your profile info (open id, avatar, display name)",
    "user.info.profile": "Read your additional profile information (username, bio, link)",
    "user.info.stats": "Read your profile engagement statistics",
    LIST: "Read your public videos",
    UPLOAD: "Upload content as drafts",
    PUBLISH: "Post content",
}
CODE_LIFETIME: Final = HOUR  # TikTok documents no number; an hour is the sandbox's choice
ACCESS_LIFETIME: Final = 2 * HOUR
REFRESH_LIFETIME: Final = 180 * DAY
# What TikTok's page and its token endpoint say, as developers report it.
NO_CHALLENGE: Final = (
    "We couldn't log in with TikTok. This may be due to specific app settings. If you're a developer, correct the following"
    " and try again: code_challenge"
)
WRONG_SECRET: Final = "Client key or secret is incorrect."  # noqa: S105  a sentence


def _with_query(url: str, parameters: Mapping[str, str]) -> str:
    parts = urlsplit(url)
    query = "&".join(filter(None, (parts.query, urlencode(parameters))))
    return urlunsplit(parts._replace(query=query, fragment=""))


class TikTokFlow:
    """www.tiktok.com/v2/auth/authorize/."""

    platform = "tiktok"
    grants_for = "tiktok"
    brand = "TikTok"
    takes_several = False
    labels: Mapping[str, str] = SCOPES
    required_scope = BASIC

    def __init__(self, rules: AppRules) -> None:
        self._rules = rules

    def read(self, params: Mapping[str, str]) -> AuthorizeRequest:
        """Read the authorize URL; `client_id` does where `client_key` is not there. Raises InvalidAuthorizeRequest."""
        client = params.get("client_key") or params.get("client_id") or ""
        require({**params, "client_key": client}, ("client_key", "redirect_uri", "scope"))
        require_code(params)
        method = params.get("code_challenge_method", "S256")
        if params.get("code_challenge") and method != "S256":
            raise InvalidAuthorizeRequest(
                "code_challenge_method is not S256. Send code_challenge_method=S256, or no code_challenge."
            )
        if self._rules.is_pkce_required and not params.get("code_challenge"):
            raise InvalidAuthorizeRequest(NO_CHALLENGE)
        return AuthorizeRequest(
            client_id=client,
            redirect_uri=check_redirect(params["redirect_uri"]),
            state=params.get("state", ""),
            scopes=read_scopes(params["scope"], SCOPES),
            challenge=params.get("code_challenge") or None,
        )

    def chosen(self, code: str, accounts: Sequence[Account]) -> None:
        """The code itself says all there is to know."""
        _ = code, accounts

    def approved(self, authorize_request: AuthorizeRequest, code: str, scopes: Sequence[str]) -> str:
        """Return the redirect with the code and the scopes that were granted."""
        parameters = {"code": code, "scopes": ",".join(scopes)} | (
            {"state": authorize_request.state} if authorize_request.state else {}
        )
        return _with_query(authorize_request.redirect_uri, parameters)

    def denied(self, authorize_request: AuthorizeRequest) -> str:
        """Return the redirect that says access_denied."""
        parameters = {
            "error": "access_denied",
            "error_type": "access_denied",
            "errCode": "-2",
            "error_description": "User denied the authorization.",
        }
        return _with_query(
            authorize_request.redirect_uri,
            parameters | ({"state": authorize_request.state} if authorize_request.state else {}),
        )

    def failed(self, redirect_uri: str, state: str, *, error: str, description: str) -> str:
        """Return the redirect that says what is wrong with the authorize URL."""
        parameters = {"error": error, "error_type": error, "error_description": description}
        return _with_query(redirect_uri, parameters | ({"state": state} if state else {}))


class OAuth:
    """The token endpoints of open.tiktokapis.com. They read forms only."""

    def __init__(self, sandbox: Sandbox, webhooks: Webhooks) -> None:
        self._sandbox = sandbox
        self._webhooks = webhooks

    def token(self, params: Mapping[str, JSONValue], out: Envelopes) -> Reply:
        """POST /v2/oauth/token/ with an authorization code: single use, same redirect_uri, verifier of the challenge."""
        client = text_of(params.get("client_key")) or text_of(params.get("client_id"))
        given = {name: text_of(params.get(name)) for name in ("client_secret", "code", "redirect_uri")}
        missing = [name for name, value in (("client_key", client), *given.items()) if not value]
        if missing:
            return out.oauth("invalid_request", f"The request parameters are malformed: {missing[0]} is missing.")
        if not self._sandbox.app_rules.accepts(given["client_secret"], client):
            return out.oauth("invalid_client", WRONG_SECRET)
        now = self._sandbox.clock.now()
        code = self._sandbox.tokens.find_code("tiktok", given["code"])
        account = None if code is None else self._sandbox.accounts.by_id(code.account_id)
        if code is None or account is None or code.used_at is not None or now >= code.created_at + CODE_LIFETIME:
            return out.oauth("invalid_grant", "Authorization code is invalid or expired.")
        if code.client_id != client:
            return out.oauth("invalid_client", "Client key is not the one the code was issued to.")
        if code.redirect_uri != given["redirect_uri"]:
            return out.oauth("invalid_grant", "Redirect_uri is not matched with the uri when requesting code.")
        # The challenge is the verifier's SHA-256 in hex: TikTok does not follow RFC 7636's base64url here.
        verifier = text_of(params.get("code_verifier"))
        missing_challenge = code.challenge is None and self._sandbox.app_rules.is_pkce_required
        matches = code.challenge in {None, hashlib.sha256(verifier.encode()).hexdigest()}
        if missing_challenge or not matches:
            return out.oauth("invalid_request", "Code verifier or code challenge is invalid.")
        with self._sandbox.store.transaction():
            self._sandbox.tokens.use_code(code.code, now)
            return self._build_token_reply(account, client, given["client_secret"], code.scopes, now, None)

    def client_token(self, params: Mapping[str, JSONValue], out: Envelopes) -> Reply:
        """POST /v2/oauth/token/ with client_credentials: a token of the app, with which no person's data can be reached."""
        client = text_of(params.get("client_key")) or text_of(params.get("client_id"))
        secret = text_of(params.get("client_secret"))
        if not client or not secret:
            return out.oauth("invalid_request", "The request parameters are malformed.")
        if not self._sandbox.app_rules.accepts(secret, client):
            return out.oauth("invalid_client", WRONG_SECRET)
        number = self._sandbox.store.next_number("client token")
        token = f"clt.{self._sandbox.store.secret('client token', number, 60)}"
        return json_reply({"access_token": token, "expires_in": int(ACCESS_LIFETIME), "token_type": "Bearer"})

    def refresh(self, params: Mapping[str, JSONValue], out: Envelopes) -> Reply:
        """POST /v2/oauth/token/ with a refresh token: a new pair, and the old refresh token is dead."""
        client = text_of(params.get("client_key")) or text_of(params.get("client_id"))
        given, secret = text_of(params.get("refresh_token")), text_of(params.get("client_secret"))
        if not client or not given or not secret:
            return out.oauth("invalid_request", "The request parameters are malformed.")
        if not self._sandbox.app_rules.accepts(secret, client):
            return out.oauth("invalid_client", WRONG_SECRET)
        now = self._sandbox.clock.now()
        old = self._sandbox.tokens.find("tiktok", given)
        account = None if old is None else self._sandbox.accounts.by_id(old.account_id)
        if old is None or account is None or old.kind != "refresh" or not old.is_alive(now) or old.client_id != client:
            return out.oauth("invalid_grant", "Refresh token is invalid or expired.")
        with self._sandbox.store.transaction():
            self._sandbox.tokens.kill(old, "rotated")
            return self._build_token_reply(account, client, secret, old.scopes, now, old.grant_id)

    def revoke(self, params: Mapping[str, JSONValue], out: Envelopes) -> Reply:
        """POST /v2/oauth/revoke/: ends every token of the grant; answers an empty body."""
        client = text_of(params.get("client_key")) or text_of(params.get("client_id"))
        token = self._sandbox.tokens.find("tiktok", text_of(params.get("token")))
        if not client or not params.get("client_secret") or not params.get("token"):
            return out.oauth("invalid_request", "The request parameters are malformed.")
        if not self._sandbox.app_rules.accepts(text_of(params["client_secret"]), client):
            return out.oauth("invalid_client", WRONG_SECRET)
        if token is None or token.client_id != client:
            return out.oauth("invalid_grant", "The token is invalid or expired.")
        account = self._sandbox.accounts.by_id(token.account_id)
        with self._sandbox.store.transaction():
            self._sandbox.tokens.kill_grant(token, "revoked")
            if account is not None:
                self._webhooks.authorization_removed(account, BY_DEVELOPER)
        return Reply(media_type="application/json")

    def _build_token_reply(
        self, account: Account, client: str, secret: str, scopes: Sequence[str], now: float, grant_id: int | None
    ) -> Reply:
        def issue(kind: str, lifetime: float, grant: int | None) -> Token:
            return self._sandbox.tokens.issue(
                "tiktok",
                kind,
                account.id,
                client_id=client,
                scopes=scopes,
                now=now,
                lifetime_seconds=lifetime,
                grant_id=grant,
            )

        access = issue("access", ACCESS_LIFETIME, grant_id)
        fresh = issue("refresh", REFRESH_LIFETIME, access.grant_id)
        self._sandbox.tokens.remember_app_secret(access.grant_id, secret)
        return json_reply(
            {
                "access_token": access.token,
                "expires_in": int(ACCESS_LIFETIME),
                "open_id": account.user_id,
                "refresh_expires_in": int(REFRESH_LIFETIME),
                "refresh_token": fresh.token,
                "scope": ",".join(scopes),
                "token_type": "Bearer",
            }
        )
