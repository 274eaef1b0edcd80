"""LinkedIn's login: codes of 30 minutes, tokens of 60 days, and refresh tokens for partners alone.

Source: LinkedIn, "Authorization Code Flow (3-legged OAuth)" and "Programmatic Refresh Tokens", read 2026-11. The scopes of a
token come with commas between them, in alphabetical order (answers that developers quote); the page says spaces. A code
challenge has no place in this flow: a login that began with one gets no token (reported). What a refresh answers to an app that
is no partner is not documented.
"""

from collections.abc import Mapping, Sequence
from typing import Final
from urllib.parse import urlencode, urlsplit, urlunsplit

from presswork_sandbox.accounts import Account
from presswork_sandbox.app_rules import BLOCKED
from presswork_sandbox.clock import DAY
from presswork_sandbox.consent import (
    AuthorizeRequest,
    InvalidAuthorizeRequest,
    check_redirect,
    read_scopes,
    require,
    require_code,
)
from presswork_sandbox.core import Sandbox
from presswork_sandbox.linkedin.errors import (
    EMPTY_TOKEN,
    EXPIRED_TOKEN,
    INVALID_TOKEN,
    REVOKED_TOKEN,
    LinkedInRefusal,
    oauth_error,
)
from presswork_sandbox.linkedin.facts import FACTS
from presswork_sandbox.linkedin.people import Caller, People, granted_to
from presswork_sandbox.linkedin.rules import Rules
from presswork_sandbox.tokens import LAPSED, Token
from presswork_sandbox.wire import JSONValue, Reply, json_reply, text_of

SCOPES: Final = {
    "openid": "Use your name and photo",
    "profile": "Use your name and photo",
    "email": "Use the primary email address associated with your LinkedIn account",
    "w_member_social": "Create, modify, and delete posts on your behalf",
    "w_member_social_feed": "Create, modify, and delete comments and reactions on posts on your behalf",
    "w_organization_social": "Create, modify, and delete posts on your organization's behalf",
    "r_organization_social": "Retrieve your organization's posts, including engagement data",
    "w_organization_social_feed": "Create, modify, and delete comments and reactions on your organization's behalf",
    "r_organization_social_feed": "Retrieve comments and reactions on your organization's posts",
    "rw_organization_admin": "Manage your organization's page and retrieve reporting data",
    "r_member_postAnalytics": "Retrieve your posts and their reporting data",
    "r_member_profileAnalytics": "Retrieve your profile's reporting data, such as followers",
    "r_organization_admin": "Retrieve your organization's page and reporting data",
}
CODE_LIFETIME: Final = 30 * 60.0
ACCESS_LIFETIME: Final = 60 * DAY
REFRESH_LIFETIME: Final = 365 * DAY  # from the first grant; a refresh does not extend it
MISMATCH: Final = (
    "Unable to retrieve access token: appid/redirect uri/code verifier does not match authorization code. Or authorization code"
    " expired. Or external member binding exists"
)
_ACCESS: Final = "linkedin_access"
_REFRESH: Final = "linkedin_refresh"
_REASONS: Final = {"revoked": REVOKED_TOKEN, BLOCKED: REVOKED_TOKEN, "expired": EXPIRED_TOKEN, LAPSED: EXPIRED_TOKEN}


def _with_query(url: str, parameters: Mapping[str, str]) -> str:
    parts = urlsplit(url)
    query = "&".join(filter(None, (parts.query, urlencode(parameters))))
    return urlunsplit(parts._replace(query=query))


class LinkedInFlow:
    """www.linkedin.com/oauth/v2/authorization."""

    platform = FACTS.name
    grants_for = FACTS.name
    brand = FACTS.brand
    takes_several = True
    labels: Mapping[str, str] = SCOPES
    required_scope = "openid"

    def __init__(self, people: People, rules: Rules) -> None:
        self._people = people
        self._rules = rules

    def read(self, params: Mapping[str, str]) -> AuthorizeRequest:
        """Read the authorize URL. Raises InvalidAuthorizeRequest."""
        require(params, ("client_id", "redirect_uri", "scope"))
        require_code(params)
        scopes = read_scopes(params["scope"], SCOPES)
        unauthorized = self._rules.unauthorized(scopes)
        if unauthorized is not None:
            raise InvalidAuthorizeRequest(
                f'Scope "{unauthorized}" is not authorized for your application', "unauthorized_scope_error"
            )
        return AuthorizeRequest(
            client_id=params["client_id"],
            redirect_uri=check_redirect(params["redirect_uri"]),
            state=params.get("state", ""),
            scopes=scopes,
            challenge=params.get("code_challenge") or None,
        )

    def chosen(self, code: str, accounts: Sequence[Account]) -> None:
        """Remember who signs in, and the pages that go with it."""
        self._people.remember(code, accounts)

    def approved(self, authorize_request: AuthorizeRequest, code: str, scopes: Sequence[str]) -> str:
        """Return the redirect with the code."""
        _ = scopes  # the response with the token has them
        return _with_query(
            authorize_request.redirect_uri,
            {"code": code} | ({"state": authorize_request.state} if authorize_request.state else {}),
        )

    def denied(self, authorize_request: AuthorizeRequest) -> str:
        """Return the redirect that says user_cancelled_authorize."""
        parameters = {
            "error": "user_cancelled_authorize",
            "error_description": "The user cancelled the authorization",
        }
        return _with_query(
            authorize_request.redirect_uri,
            parameters | ({"state": authorize_request.state} if authorize_request.state else {}),
        )

    def failed(self, redirect_uri: str, state: str, *, error: str, description: str) -> str:
        """Return the redirect that says what is wrong with the authorize URL."""
        name = "invalid_scope_error" if error == "invalid_scope" else error
        parameters = {"error": name, "error_description": description}
        return _with_query(redirect_uri, parameters | ({"state": state} if state else {}))


class OAuth:
    """The token endpoints of www.linkedin.com, which read forms only, and the tokens that they gave."""

    def __init__(self, sandbox: Sandbox, people: People, rules: Rules) -> None:
        self._sandbox = sandbox
        self._people = people
        self._rules = rules

    def caller(self, given: str) -> Caller:
        """Return what the token of a call stands for. Raises LinkedInRefusal with HTTP 401."""
        if not given:
            raise LinkedInRefusal(EMPTY_TOKEN)
        token = self._sandbox.tokens.find(FACTS.name, given)
        caller = None if token is None or token.kind != _ACCESS else self._people.caller(token)
        if token is None or caller is None:
            raise LinkedInRefusal(INVALID_TOKEN)
        if not token.is_alive(self._sandbox.clock.now()):
            raise LinkedInRefusal(_REASONS.get(token.dead_reason or "expired", EXPIRED_TOKEN))
        return caller

    def _check_parameters(self, params: Mapping[str, JSONValue], *names: str) -> Reply | None:
        """Return the error for a parameter that is missing, or for a wrong secret."""
        for name in (*names, "client_id", "client_secret"):
            if not text_of(params.get(name)):
                return oauth_error("invalid_request", f'A required parameter "{name}" is missing')
        secret, client = text_of(params.get("client_secret")), text_of(params.get("client_id"))
        if not self._sandbox.app_rules.accepts(secret, client):
            return oauth_error("invalid_client", "Client authentication failed")
        return None

    def token(self, params: Mapping[str, JSONValue]) -> Reply:
        """POST /oauth/v2/accessToken with an authorization code: single use, same redirect_uri."""
        refused = self._check_parameters(params, "grant_type", "code", "redirect_uri")
        if refused is not None:
            return refused
        if text_of(params["grant_type"]) != "authorization_code":
            return oauth_error("unsupported_grant_type", "grant_type is authorization_code or refresh_token")
        sandbox, now = self._sandbox, self._sandbox.clock.now()
        code = sandbox.tokens.find_code(FACTS.name, text_of(params["code"]))
        person = None if code is None else self._people.person_of(code.code)
        if code is None or person is None:
            return oauth_error("invalid_request", "Unable to retrieve access token: authorization code not found", 401)
        matches = (
            code.client_id == text_of(params["client_id"])
            and code.redirect_uri == text_of(params["redirect_uri"])
            and code.challenge is None
            and not params.get("code_verifier")
        )
        if not matches or code.used_at is not None or now >= code.created_at + CODE_LIFETIME:
            return oauth_error("invalid_redirect_uri", MISMATCH)
        with sandbox.store.transaction():
            sandbox.tokens.use_code(code.code, now)
            scopes = granted_to(person, code.scopes)
            self._end_other_scopes(person, code.client_id, scopes)
            access = self._issue(_ACCESS, person, code.client_id, scopes, now)
            self._people.move_to_grant(code.code, access.grant_id)
            sandbox.tokens.remember_app_secret(access.grant_id, text_of(params["client_secret"]))
            if not self._rules.is_on("refreshTokens"):
                return self._build_token_reply(access, None, now)
            fresh = self._issue(_REFRESH, person, code.client_id, scopes, now, access.grant_id)
            return self._build_token_reply(access, fresh, now)

    def refresh(self, params: Mapping[str, JSONValue]) -> Reply:
        """POST /oauth/v2/accessToken with a refresh token: a new access token; the refresh token stays, and its end too."""
        refused = self._check_parameters(params, "grant_type", "refresh_token")
        if refused is not None:
            return refused
        sandbox, now = self._sandbox, self._sandbox.clock.now()
        if not self._rules.is_on("refreshTokens"):
            message = "This application is not allowed to use refresh tokens"
            return oauth_error("unauthorized_client", message)
        old = sandbox.tokens.find(FACTS.name, text_of(params["refresh_token"]))
        person = None if old is None else sandbox.accounts.by_id(old.account_id)
        is_own = old is not None and old.kind == _REFRESH and old.client_id == text_of(params["client_id"])
        if old is None or person is None or not is_own or not old.is_alive(now):
            message = "The provided authorization grant or refresh token is invalid, expired or revoked."
            return oauth_error("invalid_grant", message)
        return self._build_token_reply(
            self._issue(_ACCESS, person, old.client_id, old.scopes, now, old.grant_id), old, now
        )

    def revoke(self, params: Mapping[str, JSONValue]) -> Reply:
        """POST /oauth/v2/revoke: ends every token of the login; answers an empty body."""
        refused = self._check_parameters(params, "token")
        if refused is not None:
            return refused
        token = self._sandbox.tokens.find(FACTS.name, text_of(params["token"]))
        if token is None or token.client_id != text_of(params["client_id"]):
            return oauth_error("invalid_request", "The token is invalid")
        self._sandbox.tokens.kill_grant(token, "revoked")
        return Reply()

    def _issue(
        self, kind: str, person: Account, client: str, scopes: Sequence[str], now: float, grant_id: int | None = None
    ) -> Token:
        return self._sandbox.tokens.issue(
            FACTS.name,
            kind,
            person.id,
            client_id=client,
            scopes=scopes,
            now=now,
            lifetime_seconds=ACCESS_LIFETIME if kind == _ACCESS else REFRESH_LIFETIME,
            grant_id=grant_id,
        )

    def _end_other_scopes(self, person: Account, client: str, scopes: Sequence[str]) -> None:
        """Revoke the person's earlier tokens of an app that asked for other scopes this time."""
        rows = self._sandbox.store.all(
            "SELECT token, scopes FROM tokens WHERE account_id = ? AND client_id = ? AND dead_reason IS NULL ORDER BY token",
            person.id,
            client,
        )
        for row in rows:
            old = self._sandbox.tokens.find(FACTS.name, row["token"])
            if old is not None and set(old.scopes) != set(scopes):
                self._sandbox.tokens.kill(old, "revoked")

    def _build_token_reply(self, access: Token, fresh: Token | None, now: float) -> Reply:
        body: dict[str, JSONValue] = {
            "access_token": access.token,
            "expires_in": int(ACCESS_LIFETIME),
            "scope": ",".join(sorted(access.scopes)),
            "token_type": "Bearer",
        }
        if fresh is not None:
            body["refresh_token"] = fresh.token
            body["refresh_token_expires_in"] = int(fresh.expires_at - now)
        return json_reply(body)
