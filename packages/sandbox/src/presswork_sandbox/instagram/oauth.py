"""Instagram Login: from consent to a long-lived token, its refresh and its end.

Source: Meta, "Business Login for Instagram", "Access Token" and "Refresh Access Token", read 2026-11. No refresh
token exists: a long-lived token that is a day old is exchanged for a fresh one.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final
from urllib.parse import urlencode, urlsplit, urlunsplit

from presswork_sandbox.accounts import Account
from presswork_sandbox.app_rules import BLOCKED
from presswork_sandbox.clock import DAY, HOUR
from presswork_sandbox.core import Sandbox
from presswork_sandbox.instagram.errors import (
    APP_BLOCKED,
    BAD_TOKEN,
    EXPIRED_TOKEN,
    INVALID_PARAMETER,
    NO_PERMISSION,
    NO_TOKEN,
    REVOKED_TOKEN,
    WRONG_SECRET,
    GraphRefusal,
    oauth_error,
)
from presswork_sandbox.tokens import Token
from presswork_sandbox.wire import JSONValue, Reply, json_reply, text_of

BASIC: Final = "instagram_business_basic"
PUBLISH: Final = "instagram_business_content_publish"
COMMENTS: Final = "instagram_business_manage_comments"
INSIGHTS: Final = "instagram_business_manage_insights"
SCOPES: Final = {
    BASIC: "See profile and media",
    PUBLISH: "Create posts",
    COMMENTS: "Read and write comments",
    "instagram_business_manage_messages": "Read and send messages",
    INSIGHTS: "See insights",
}
CODE_LIFETIME: Final = HOUR
SHORT_LIFETIME: Final = HOUR
LONG_LIFETIME: Final = 60 * DAY
REFRESH_AGE: Final = DAY


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenRules:
    """The names that differ between the tokens of Instagram Login and those of Threads."""

    platform: str
    short: str  # kinds of tokens
    long: str
    exchange_grant: str
    refresh_grant: str
    basic: str  # the scope that a refresh needs


TOKENS: Final = TokenRules(
    platform="instagram",
    short="short",
    long="long",
    exchange_grant="ig_exchange_token",
    refresh_grant="ig_refresh_token",
    basic=BASIC,
)


class CodeRefused(Exception):
    """A code can't be exchanged. `subcode` is the one that Graph has for the reason, where it has one."""

    def __init__(self, message: str, subcode: int | None = None) -> None:
        super().__init__(message)
        self.subcode: Final = subcode


def with_query(url: str, parameters: Mapping[str, str]) -> str:
    """Return a URL with more in its query; what was there stays."""
    parts = urlsplit(url)
    query = "&".join(filter(None, (parts.query, urlencode(parameters))))
    return urlunsplit(parts._replace(query=query, fragment=""))


def approved_url(redirect_uri: str, state: str, code: str) -> str:
    """Return where the person goes after approving: Instagram appends a literal #_ to it."""
    parameters = {"code": code} | ({"state": state} if state else {})
    return with_query(redirect_uri, parameters) + "#_"


def denied_url(redirect_uri: str, state: str) -> str:
    """Return where the person goes after refusing."""
    parameters = {
        "error": "access_denied",
        "error_reason": "user_denied",
        "error_description": "The user denied your request.",
    }
    return with_query(redirect_uri, parameters | ({"state": state} if state else {}))


def check_token(token: Token | None, given: str, now: float, *, is_refresh: bool = False) -> Token:
    """Return a token that opens something.

    Raises GraphRefusal with 104, 190 and the reason's subcode, or 200 where the platform blocks the token's app.
    """
    if not given:
        raise GraphRefusal(NO_TOKEN)
    if token is None:
        raise GraphRefusal(BAD_TOKEN)
    if token.dead_reason == BLOCKED:
        raise GraphRefusal(APP_BLOCKED)
    if token.dead_reason == "revoked":
        raise GraphRefusal(REVOKED_TOKEN)
    if not (token.can_refresh(now) if is_refresh else token.is_alive(now)):
        raise GraphRefusal(EXPIRED_TOKEN)
    return token


def check_app(sandbox: Sandbox, secret: str, client_id: str) -> None:
    """Check an app of a token call. Raises GraphRefusal where the platform blocks it, or the secret is of another one."""
    if sandbox.app_rules.is_blocked(client_id):
        raise GraphRefusal(APP_BLOCKED)
    if not sandbox.app_rules.accepts(secret, client_id):
        raise GraphRefusal(WRONG_SECRET)


def redeem_code(sandbox: Sandbox, params: Mapping[str, JSONValue], rules: TokenRules) -> tuple[Token, Account]:
    """Return the token of one hour for a code, and whose it is. Raises CodeRefused."""
    given = {name: text_of(params.get(name)) for name in ("client_id", "client_secret", "redirect_uri", "code")}
    missing = [name for name, value in given.items() if not value]
    if missing:
        raise CodeRefused(f"Missing required field {missing[0]}")
    try:
        check_app(sandbox, given["client_secret"], given["client_id"])
    except GraphRefusal as refused:
        raise CodeRefused(refused.problem.message) from refused
    if text_of(params.get("grant_type")) != "authorization_code":
        raise CodeRefused("Invalid grant_type: authorization_code is the only one")
    now = sandbox.clock.now()
    # A code that still carries the redirect's odd ending is unknown.
    code = sandbox.tokens.find_code(rules.platform, given["code"])
    if code is None or code.used_at is not None or code.client_id != given["client_id"]:
        raise CodeRefused("Matching code was not found or was already used", 36009)
    if now >= code.created_at + CODE_LIFETIME:
        raise CodeRefused("This authorization code has expired", 36007)
    if code.redirect_uri != given["redirect_uri"]:
        raise CodeRefused(
            "Error validating verification code. Please make sure your redirect_uri is identical to the one you used"
            " in the OAuth dialog request",
            36008,
        )
    account = sandbox.accounts.by_id(code.account_id)
    if account is None:
        raise CodeRefused("Matching code was not found or was already used", 36009)
    with sandbox.store.transaction():
        sandbox.tokens.use_code(code.code, now)
        token = sandbox.tokens.issue(
            rules.platform,
            rules.short,
            account.id,
            client_id=code.client_id,
            scopes=code.scopes,
            now=now,
            lifetime_seconds=SHORT_LIFETIME,
        )
        sandbox.tokens.remember_app_secret(token.grant_id, given["client_secret"])
    return token, account


def exchange_code(sandbox: Sandbox, params: Mapping[str, JSONValue]) -> Reply:
    """POST /oauth/access_token: a code for a token of one hour. Flat JSON, as working clients read it."""
    try:
        token, account = redeem_code(sandbox, params, TOKENS)
    except CodeRefused as refused:
        return oauth_error(str(refused))
    return json_reply({"access_token": token.token, "user_id": account.user_id, "permissions": list(token.scopes)})


def _exchange_for_long_lived(sandbox: Sandbox, old: Token, now: float, rules: TokenRules) -> Reply:
    token = sandbox.tokens.issue(
        rules.platform,
        rules.long,
        old.account_id,
        client_id=old.client_id,
        scopes=old.scopes,
        now=now,
        lifetime_seconds=LONG_LIFETIME,
        grant_id=old.grant_id,
    )
    return json_reply({"access_token": token.token, "token_type": "bearer", "expires_in": int(LONG_LIFETIME)})


def check_secret(sandbox: Sandbox, params: Mapping[str, JSONValue]) -> None:
    """Raise GraphRefusal for the secret of another app. Instagram looks at it before it looks at the token."""
    if params.get("client_secret") and not sandbox.app_rules.accepts(text_of(params["client_secret"])):
        raise GraphRefusal(replace(WRONG_SECRET, code=100))


def exchange_short(
    sandbox: Sandbox, token: Token, params: Mapping[str, JSONValue], rules: TokenRules = TOKENS
) -> Reply:
    """GET /access_token: a short-lived token for one of 60 days. Raises GraphRefusal."""
    if text_of(params.get("grant_type")) != rules.exchange_grant:
        raise GraphRefusal(INVALID_PARAMETER.about(f"Unsupported grant_type: use {rules.exchange_grant}"))
    if not params.get("client_secret"):
        raise GraphRefusal(INVALID_PARAMETER.about("(#100) The parameter client_secret is required"))
    if not sandbox.app_rules.accepts(text_of(params["client_secret"]), token.client_id):
        raise GraphRefusal(replace(WRONG_SECRET, code=100))
    if token.kind != rules.short:
        raise GraphRefusal(BAD_TOKEN.about("Session key invalid. This token is not a short-lived one"))
    return _exchange_for_long_lived(sandbox, token, sandbox.clock.now(), rules)


def refresh(sandbox: Sandbox, token: Token, params: Mapping[str, JSONValue], rules: TokenRules = TOKENS) -> Reply:
    """GET /refresh_access_token: a token that is at least 24 hours old for a fresh one. Raises GraphRefusal.

    The old token stays good until its own end.
    """
    if text_of(params.get("grant_type")) != rules.refresh_grant:
        raise GraphRefusal(INVALID_PARAMETER.about(f"Unsupported grant_type: use {rules.refresh_grant}"))
    now = sandbox.clock.now()
    if token.kind != rules.long:
        raise GraphRefusal(BAD_TOKEN.about("Only long-lived access tokens can be refreshed"))
    account = sandbox.accounts.by_id(token.account_id)
    if account is None or rules.basic not in account.allows(token.scopes):
        raise GraphRefusal(NO_PERMISSION)
    if now < token.issued_at + REFRESH_AGE:
        # Meta documents the rule, not the error.
        raise GraphRefusal(INVALID_PARAMETER.about("The access token must be at least 24 hours old to be refreshed"))
    return _exchange_for_long_lived(sandbox, token, now, rules)
