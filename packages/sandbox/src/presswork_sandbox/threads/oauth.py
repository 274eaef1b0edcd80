"""Threads' login: its scopes, its tokens and what describes them.

Source: Meta, "Threads API: Get Access Tokens and Permissions", "Long-Lived Tokens" and "Debug Access Token", read 2026-11.
The window and the tokens work as those of Instagram Login do; no PKCE, no refresh token.
"""

from collections.abc import Mapping
from typing import Final

from presswork_sandbox.accounts import Account
from presswork_sandbox.clock import DAY
from presswork_sandbox.core import Sandbox
from presswork_sandbox.instagram.errors import REVOKED_TOKEN, WRONG_APP, GraphRefusal, Problem
from presswork_sandbox.instagram.flow import InstagramFlow
from presswork_sandbox.instagram.oauth import CodeRefused, TokenRules, check_token, redeem_code
from presswork_sandbox.threads.errors import PARAMETER
from presswork_sandbox.tokens import Token
from presswork_sandbox.wire import JSONValue, Reply, json_reply, text_of

BASIC: Final = "threads_basic"
PUBLISH: Final = "threads_content_publish"
MANAGE_REPLIES: Final = "threads_manage_replies"
READ_REPLIES: Final = "threads_read_replies"
DELETE: Final = "threads_delete"
LOCATION: Final = "threads_location_tagging"
SHARE: Final = "threads_share_to_instagram"
MENTIONS: Final = "threads_manage_mentions"
SEARCH: Final = "threads_keyword_search"
INSIGHTS: Final = "threads_manage_insights"
SCOPES: Final = {
    BASIC: "See profile and posts",
    PUBLISH: "Create posts",
    MANAGE_REPLIES: "Create and manage replies",
    READ_REPLIES: "Read replies",
    INSIGHTS: "See insights",
    DELETE: "Delete posts",
    LOCATION: "Tag locations",
    SHARE: "Share posts to Instagram",
    MENTIONS: "See mentions",
    SEARCH: "Search posts by keyword",
    "threads_profile_discovery": "Look up public profiles",
}
TOKENS: Final = TokenRules(
    platform="threads",
    short="threads_short",
    long="threads_long",
    exchange_grant="th_exchange_token",
    refresh_grant="th_refresh_token",
    basic=BASIC,
)
GRANT_LIFETIME: Final = 90 * DAY
PRIVATE: Final = "privateProfile"
"""The setting of an account with a private profile: a refresh does not extend what the person granted."""


class ThreadsFlow(InstagramFlow):
    """threads.com/oauth/authorize."""

    platform = "threads"
    grants_for = "threads"
    brand = "Threads"
    labels: Mapping[str, str] = SCOPES
    required_scope = BASIC


def exchange_code(sandbox: Sandbox, params: Mapping[str, JSONValue]) -> Reply:
    """POST /oauth/access_token: a code for a token of one hour; `user_id` is a JSON number. Raises GraphRefusal.

    Meta does not document the refusals. Bodies in public issues have Graph's envelope, not the one of api.instagram.com;
    the subcodes are those that Facebook Login has for the same reasons.
    """
    try:
        token, account = redeem_code(sandbox, params, TOKENS)
    except CodeRefused as refused:
        raise GraphRefusal(Problem(code=100, subcode=refused.subcode, message=str(refused))) from refused
    return json_reply({"access_token": token.token, "user_id": int(account.user_id)})


def grant_ends_at(sandbox: Sandbox, token: Token, account: Account) -> float:
    """Return when what the person granted ends, seconds: 90 days after the newest token, of a private profile the first."""
    newest = "min" if account.settings.get(PRIVATE) is True else "max"
    row = sandbox.store.one(f"SELECT {newest}(issued_at) AS at FROM tokens WHERE grant_id = ?", token.grant_id)  # noqa: S608 - one of two words of ours
    return float(row["at"]) + GRANT_LIFETIME


def check_grant(sandbox: Sandbox, token: Token, account: Account) -> None:
    """Raise GraphRefusal when what the person granted has ended. Meta documents the end, not its error."""
    if sandbox.clock.now() >= grant_ends_at(sandbox, token, account):
        raise GraphRefusal(REVOKED_TOKEN)


def debug(sandbox: Sandbox, viewer: Token, params: Mapping[str, JSONValue]) -> Reply:
    """GET /debug_token: whose token it is, what it may do and how long. Raises GraphRefusal.

    `viewer` is the token that asks; it must be of the same app.
    """
    asked = text_of(params.get("input_token"))
    if not asked:
        raise GraphRefusal(PARAMETER.about("(#100) The parameter input_token is required"))
    token = sandbox.tokens.find(TOKENS.platform, asked)
    if token is not None and token.client_id != viewer.client_id:
        raise GraphRefusal(WRONG_APP)
    account = None if token is None else sandbox.accounts.by_id(token.account_id)
    try:
        alive = check_token(token, asked, sandbox.clock.now())
        if account is not None:
            check_grant(sandbox, alive, account)
    except GraphRefusal as refused:
        problem = refused.problem
        error: dict[str, JSONValue] = {"code": problem.code, "message": problem.message}
        if problem.subcode is not None:
            error["subcode"] = problem.subcode
        return json_reply({"data": {"error": error, "is_valid": False, "scopes": []}})
    data: dict[str, JSONValue] = {
        "type": "USER",
        "application": "Sandbox app",
        "expires_at": int(alive.expires_at),
        "is_valid": True,
        "issued_at": int(alive.issued_at),
        "scopes": alive.scopes if account is None else account.allows(alive.scopes),
    }
    if account is not None:
        data["data_access_expires_at"] = int(grant_ends_at(sandbox, alive, account))
        data["user_id"] = account.user_id
    return json_reply({"data": data})
