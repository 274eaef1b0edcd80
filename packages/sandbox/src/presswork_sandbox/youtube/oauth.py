"""Google's login: codes, access tokens of an hour, and refresh tokens that stay the same when they are used.

Source: Google, "Using OAuth 2.0 for Web Server Applications", read 2026-11; texts of errors as seen in the issues of
googleapis/google-auth-library-nodejs (#1518), googleapis/google-api-java-client (#1479) and googleworkspace/go-samples (#85).
"""

import base64
import hashlib
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
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
from presswork_sandbox.store import Store
from presswork_sandbox.tokens import Code, Token
from presswork_sandbox.wire import JSONValue, Reply, json_reply, text_of
from presswork_sandbox.youtube.errors import oauth_error
from presswork_sandbox.youtube.facts import FACTS
from presswork_sandbox.youtube.quota import Projects

PREFIX: Final = "https://www.googleapis.com/auth/"
YOUTUBE: Final = PREFIX + "youtube"
UPLOAD: Final = PREFIX + "youtube.upload"
READONLY: Final = PREFIX + "youtube.readonly"
FORCE_SSL: Final = PREFIX + "youtube.force-ssl"
ANALYTICS: Final = PREFIX + "yt-analytics.readonly"
MONETARY_ANALYTICS: Final = PREFIX + "yt-analytics-monetary.readonly"
PROFILE_SCOPES: Final = frozenset({"openid", "profile", PREFIX + "userinfo.profile"})
SCOPES: Final = {
    YOUTUBE: "Manage your YouTube account",
    UPLOAD: "Manage your YouTube videos",
    READONLY: "View your YouTube account",
    FORCE_SSL: "See, edit, and permanently delete your YouTube videos, ratings, comments and captions",
    PREFIX + "youtubepartner": "View and manage your assets and associated content on YouTube",
    ANALYTICS: "View YouTube Analytics reports for your YouTube content",
    MONETARY_ANALYTICS: "View monetary and non-monetary YouTube Analytics reports for your YouTube content",
    "openid": "Associate you with your personal info on Google",
    "profile": "See your personal info, including any personal info you've made publicly available",
    "email": "See your primary Google Account email address",
    PREFIX + "userinfo.profile": "See your personal info, including any personal info you've made publicly available",
    PREFIX + "userinfo.email": "See your primary Google Account email address",
}
CODE_PREFIX: Final = "4/0A"  # the slash arrives as %2F, so a code must be URL-decoded before use
CODE_LIFETIME: Final = 10 * 60  # Google documents no number; ten minutes is RFC 6749's advice
ACCESS_LIFETIME: Final = HOUR
ROUND_TRIP: Final = 1  # second less in expires_in, as Google answers 3599
TESTING_LIFETIME: Final = 7 * DAY  # of a refresh token, while the OAuth app is in testing
UNUSED_LIFETIME: Final = 183 * DAY  # "six months" without use, otherwise
MAX_REFRESH_TOKENS: Final = 100  # per Google account and client; one more kills the oldest, without a word
VERIFIER_LENGTHS: Final = range(43, 129)
CHALLENGE_LENGTHS: Final = range(43, 129)
DEAD_GRANT: Final = "Token has been expired or revoked."


@dataclass(frozen=True, slots=True, kw_only=True)
class GoogleRequest(AuthorizeRequest):
    """What else an authorize URL of Google's says."""

    is_offline: bool = False  # access_type=offline: there is a refresh token
    is_prompted: bool = False  # prompt=consent: there is one at every login, not at the first one only


def _with_query(url: str, parameters: Mapping[str, str]) -> str:
    parts = urlsplit(url)
    query = "&".join(filter(None, (parts.query, urlencode(parameters))))
    return urlunsplit(parts._replace(query=query, fragment=""))


class GoogleFlow:
    """accounts.google.com/o/oauth2/v2/auth. The person picks one channel, and the token is bound to it."""

    platform = FACTS.name
    grants_for = FACTS.name
    brand = "Google"
    takes_several = False
    labels: Mapping[str, str] = SCOPES
    required_scope = ""  # every scope can be unticked

    def __init__(self, store: Store, rules: AppRules) -> None:
        self._store = store
        self._rules = rules

    def read(self, params: Mapping[str, str]) -> GoogleRequest:
        """Read the authorize URL. Raises InvalidAuthorizeRequest."""
        require(params, ("client_id", "redirect_uri", "response_type", "scope"))
        require_code(params)
        if params.get("access_type", "online") not in {"online", "offline"}:
            raise InvalidAuthorizeRequest("access_type is neither online nor offline. Send access_type=offline.")
        return GoogleRequest(
            client_id=params["client_id"],
            redirect_uri=check_redirect(params["redirect_uri"]),
            state=params.get("state", ""),
            scopes=read_scopes(params["scope"], SCOPES),
            challenge=self._challenge(params),
            is_offline=params.get("access_type") == "offline",
            is_prompted="consent" in params.get("prompt", "").split() or params.get("approval_prompt") == "force",
        )

    def _challenge(self, params: Mapping[str, str]) -> str | None:
        challenge, method = params.get("code_challenge"), params.get("code_challenge_method", "plain")
        if not challenge:
            if self._rules.is_pkce_required:
                raise InvalidAuthorizeRequest("The parameter code_challenge is missing. Add it to the authorize URL.")
            return None
        if method not in {"S256", "plain"}:
            raise InvalidAuthorizeRequest("code_challenge_method is not S256. Send code_challenge_method=S256.")
        if len(challenge) not in CHALLENGE_LENGTHS:
            raise InvalidAuthorizeRequest("code_challenge is not 43 to 128 characters long. Send base64url of SHA-256.")
        return f"{method}:{challenge}"

    def chosen(self, code: str, accounts: Sequence[Account]) -> None:
        """The code itself says which channel was picked."""
        _ = code, accounts

    def approved(self, authorize_request: AuthorizeRequest, code: str, scopes: Sequence[str]) -> str:
        """Return the redirect with the code and the granted scopes; all of them unticked is a refusal."""
        if not scopes:
            return self.denied(authorize_request)
        more = (
            authorize_request
            if isinstance(authorize_request, GoogleRequest)
            else GoogleRequest(**asdict(authorize_request))
        )
        self._store.insert("youtube_codes", code=code, is_offline=more.is_offline, is_prompted=more.is_prompted)
        parameters = {"code": CODE_PREFIX + code, "scope": " ".join(scopes)}
        return _with_query(
            authorize_request.redirect_uri,
            ({"state": authorize_request.state} if authorize_request.state else {}) | parameters,
        )

    def denied(self, authorize_request: AuthorizeRequest) -> str:
        """Return the redirect that says access_denied."""
        parameters = {"error": "access_denied"} | (
            {"state": authorize_request.state} if authorize_request.state else {}
        )
        return _with_query(authorize_request.redirect_uri, parameters)

    def failed(self, redirect_uri: str, state: str, *, error: str, description: str) -> str:
        """Return the redirect that says what is wrong with the authorize URL."""
        parameters = {"error": error, "error_description": description} | ({"state": state} if state else {})
        return _with_query(redirect_uri, parameters)


class OAuth:
    """The endpoints of oauth2.googleapis.com."""

    def __init__(self, sandbox: Sandbox, projects: Projects) -> None:
        self._sandbox = sandbox
        self._projects = projects

    def find_code(self, text: str) -> Code | None:
        """Find a code, used or not."""
        if not text.startswith(CODE_PREFIX):
            return None
        return self._sandbox.tokens.find_code(FACTS.name, text.removeprefix(CODE_PREFIX))

    def token(self, params: Mapping[str, JSONValue]) -> Reply:
        """POST /token with an authorization code: single use, same redirect_uri, verifier of the challenge."""
        given = {name: text_of(params.get(name)) for name in ("client_id", "code", "redirect_uri", "client_secret")}
        refusal = self._check_client(given)
        if refusal is not None:
            return refusal
        now = self._sandbox.clock.now()
        code = self.find_code(given["code"])
        account = None if code is None else self._sandbox.accounts.by_id(code.account_id)
        if code is None or account is None:
            return oauth_error("invalid_grant", "Malformed auth code.")
        if code.used_at is not None or now >= code.created_at + CODE_LIFETIME or code.client_id != given["client_id"]:
            return oauth_error("invalid_grant", "Bad Request")
        if code.redirect_uri != given["redirect_uri"]:
            return oauth_error("redirect_uri_mismatch", "Bad Request")
        problem = _verifier_problem(code.challenge, text_of(params.get("code_verifier")))
        if problem is not None:
            return oauth_error("invalid_grant", problem)
        with self._sandbox.store.transaction():
            self._sandbox.tokens.use_code(code.code, now)
            return self._build_token_reply(account, code, now)

    def refresh(self, params: Mapping[str, JSONValue]) -> Reply:
        """POST /token with a refresh token: a new access token. The refresh token stays the same."""
        given = {name: text_of(params.get(name)) for name in ("client_id", "refresh_token", "client_secret")}
        refusal = self._check_client(given)
        if refusal is not None:
            return refusal
        now, tokens = self._sandbox.clock.now(), self._sandbox.tokens
        old = tokens.find(FACTS.name, given["refresh_token"])
        if old is None or old.kind != "google_refresh":
            return oauth_error("invalid_grant", "Bad Request")
        if old.client_id != given["client_id"]:
            return oauth_error("unauthorized_client", "Unauthorized")
        account = self._sandbox.accounts.by_id(old.account_id)
        if account is None or not old.is_alive(now):
            return oauth_error("invalid_grant", DEAD_GRANT)
        with self._sandbox.store.transaction():
            if old.expires_at - old.issued_at > TESTING_LIFETIME:
                sql = "UPDATE tokens SET expires_at = ? WHERE token = ?"
                self._sandbox.store.run(sql, now + UNUSED_LIFETIME, old.token)
            access = self._issue("google_access", account, old.client_id, old.scopes, now, old.grant_id)
        return json_reply(_describe_token(access))

    def revoke(self, params: Mapping[str, JSONValue]) -> Reply:
        """POST /revoke with either token: ends all that this person granted to this client."""
        if not params.get("token"):
            return oauth_error("invalid_request", "Missing required parameter: token")
        token = self._sandbox.tokens.find(FACTS.name, text_of(params["token"]))
        if token is None or not token.can_refresh(self._sandbox.clock.now()):
            return oauth_error("invalid_token", "Token expired or revoked")
        self._sandbox.store.run(
            "UPDATE tokens SET dead_reason = 'revoked' WHERE account_id = ? AND client_id = ?",
            token.account_id,
            token.client_id,
        )
        return json_reply({})

    def tokeninfo(self, params: Mapping[str, JSONValue]) -> Reply:
        """/tokeninfo: what an access token is for."""
        given, now = text_of(params.get("access_token")), self._sandbox.clock.now()
        token = self._sandbox.tokens.find(FACTS.name, given)
        account = None if token is None else self._sandbox.accounts.by_id(token.account_id)
        if token is None or account is None or token.kind != "google_access" or not token.is_alive(now):
            return oauth_error("invalid_token", "Invalid Value")
        is_offline = self._sandbox.tokens.of_grant(token.grant_id, "google_refresh", account.id)
        return json_reply(
            {
                "azp": token.client_id,
                "aud": token.client_id,
                "sub": account.app_scoped_id,
                "scope": " ".join(account.allows(token.scopes)),
                "exp": str(int(token.expires_at)),
                "expires_in": str(max(0, int(token.expires_at - now))),
                "access_type": "offline" if is_offline else "online",
            }
        )

    def _check_client(self, given: Mapping[str, str]) -> Reply | None:
        """Return the refusal where a parameter is missing or the secret is wrong."""
        if not given["client_id"]:
            return oauth_error("invalid_request", "Could not determine client ID from request.")
        for name, value in given.items():
            if not value:
                words = (
                    "client_secret is missing." if name == "client_secret" else f"Missing required parameter: {name}"
                )
                return oauth_error("invalid_request", words)
        if self._sandbox.app_rules.is_blocked(given["client_id"]):
            return oauth_error("disabled_client", "The OAuth client was disabled.")
        if not self._sandbox.app_rules.accepts(given["client_secret"], given["client_id"]):
            return oauth_error("invalid_client", "The provided client secret is invalid.")
        return None

    def _build_token_reply(self, account: Account, code: Code, now: float) -> Reply:
        store = self._sandbox.store
        row = store.one("SELECT * FROM youtube_codes WHERE code = ?", code.code)
        sql = "SELECT 1 FROM tokens WHERE account_id = ? AND client_id = ? AND kind = 'google_refresh' LIMIT 1"
        is_first = store.first(sql, account.id, code.client_id) is None
        access = self._issue("google_access", account, code.client_id, code.scopes, now, None)
        if not row["is_offline"] or not (row["is_prompted"] or is_first):
            return json_reply(_describe_token(access))
        fresh = self._issue("google_refresh", account, code.client_id, code.scopes, now, access.grant_id)
        self._forget_oldest(account.id, code.client_id)
        body = {**_describe_token(access), "refresh_token": fresh.token}
        if self._projects.is_testing:
            body["refresh_token_expires_in"] = int(TESTING_LIFETIME) - ROUND_TRIP
        return json_reply(body)

    def _issue(
        self, kind: str, account: Account, client_id: str, scopes: Sequence[str], now: float, grant_id: int | None
    ) -> Token:
        lifetime = ACCESS_LIFETIME
        if kind == "google_refresh":
            lifetime = TESTING_LIFETIME if self._projects.is_testing else UNUSED_LIFETIME
        return self._sandbox.tokens.issue(
            FACTS.name,
            kind,
            account.id,
            client_id=client_id,
            scopes=scopes,
            now=now,
            lifetime_seconds=lifetime,
            grant_id=grant_id,
        )

    def _forget_oldest(self, account_id: int, client_id: str) -> None:
        """Kill the refresh tokens of a person and client that are too many."""
        self._sandbox.store.run(
            "UPDATE tokens SET dead_reason = 'expired' WHERE token IN (SELECT token FROM tokens WHERE account_id = ?"
            " AND client_id = ? AND kind = 'google_refresh' AND dead_reason IS NULL"
            " ORDER BY grant_id DESC LIMIT -1 OFFSET ?)",
            account_id,
            client_id,
            MAX_REFRESH_TOKENS,
        )


def _describe_token(access: Token) -> dict[str, JSONValue]:
    return {
        "access_token": access.token,
        "expires_in": int(ACCESS_LIFETIME) - ROUND_TRIP,
        "scope": " ".join(access.scopes),
        "token_type": "Bearer",
    }


def _verifier_problem(challenge: str | None, verifier: str) -> str | None:
    """Return what is wrong with a verifier, None where nothing is."""
    if challenge is None:
        return "code_verifier or verifier is not needed." if verifier else None
    if not verifier:
        return "Missing code verifier."
    method, _, expected = challenge.partition(":")
    given = verifier
    if method == "S256":
        given = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")
    fits = len(verifier) in VERIFIER_LENGTHS and hmac.compare_digest(given.encode(), expected.rstrip("=").encode())
    return None if fits else "Invalid code verifier."
