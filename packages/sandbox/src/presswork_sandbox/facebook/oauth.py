"""Facebook Login: the dialog's URL, codes for tokens, short tokens for long ones, and what a token may do.

Source: Meta, "Manually Build a Login Flow", "Long-Lived Access Tokens" and "debug_token", read 2026-11.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from presswork_sandbox.accounts import Account
from presswork_sandbox.clock import DAY, HOUR
from presswork_sandbox.consent import AuthorizeRequest, check_redirect, read_scopes, require, require_code
from presswork_sandbox.core import Sandbox
from presswork_sandbox.facebook.facts import FACTS
from presswork_sandbox.facebook.people import NEVER_SECONDS, People, page_id, person_id
from presswork_sandbox.instagram.errors import (
    APP_BLOCKED,
    BAD_TOKEN,
    INVALID_PARAMETER,
    PROOF_MISSING,
    PROOF_WRONG,
    WRONG_APP,
    GraphRefusal,
    Problem,
)
from presswork_sandbox.instagram.oauth import check_app, check_token, with_query
from presswork_sandbox.tokens import Token, split_scopes
from presswork_sandbox.wire import JSONValue, Reply, json_reply, text_of

PUBLIC_PROFILE: Final = "public_profile"
PAGES: Final = "pages_show_list"
MANAGE_POSTS: Final = "pages_manage_posts"
SCOPES: Final = {
    PUBLIC_PROFILE: "See your name and profile picture",
    "email": "See your email address",
    "instagram_basic": "See profile and media of the Instagram account",
    "instagram_content_publish": "Create Instagram posts",
    "instagram_manage_comments": "Read and write Instagram comments",
    "instagram_manage_contents": "Manage and delete Instagram content",
    "instagram_manage_engagement": "Like Instagram posts and comments",
    "instagram_manage_insights": "See Instagram insights",
    "instagram_manage_messages": "Read and send Instagram messages",
    PAGES: "Show a list of the Pages you manage",
    "pages_read_engagement": "Read content posted on the Page",
    MANAGE_POSTS: "Create and manage content on the Page",
    "pages_manage_engagement": "Create and manage comments on the Page",
    "pages_read_user_content": "Read comments and other content of people on the Page",
    "publish_video": "Publish videos on the Page",
    "read_insights": "See insights of the Page",
    "pages_manage_metadata": "Manage accounts, settings and webhooks of a Page",
    "business_management": "Manage your business",
    "ads_management": "Manage ads",
    "ads_read": "See ads",
}
CODE_LIFETIME: Final = HOUR
SHORT_LIFETIME: Final = 2 * HOUR  # "about an hour or two"
LONG_LIFETIME: Final = 60 * DAY
LANDING: Final = "#_=_"  # what Facebook appends to the redirect


class FacebookFlow:
    """www.facebook.com/dialog/oauth. The person chooses Instagram accounts with their Pages, or Pages alone."""

    grants_for = "facebook"
    brand = "Facebook"
    takes_several = True
    labels: Mapping[str, str] = SCOPES
    required_scope = PUBLIC_PROFILE

    def __init__(self, sandbox: Sandbox, people: People, platform: str) -> None:
        """`platform`: whose accounts can be chosen, instagram or facebook."""
        self._sandbox = sandbox
        self._people = people
        self.platform = platform

    def read(self, params: Mapping[str, str]) -> AuthorizeRequest:
        """Read the dialog's URL: no scope at all asks for the public profile, a config_id for what it names,
        which here is everything. Raises InvalidAuthorizeRequest."""
        require(params, ("client_id", "redirect_uri"))
        require_code(params, otherwise="code")
        asked = params.get("scope") or (",".join(SCOPES) if params.get("config_id") else PUBLIC_PROFILE)
        scopes = read_scopes(asked, SCOPES)
        return AuthorizeRequest(
            client_id=params["client_id"],
            redirect_uri=check_redirect(params["redirect_uri"]),
            state=params.get("state", ""),
            scopes=tuple(dict.fromkeys((PUBLIC_PROFILE, *scopes))),
        )

    def chosen(self, code: str, accounts: Sequence[Account]) -> None:
        """Remember whose Pages the app may manage. With Instagram accounts, those Pages can be posted to if that is asked for."""
        chosen = list(accounts)
        found = self._sandbox.tokens.find_code(self.grants_for, code)
        if self.platform != FACTS.name and found is not None and MANAGE_POSTS in found.scopes:
            now = self._sandbox.clock.now()
            chosen += [self._sandbox.accounts.ensure(FACTS.name, account.handle, now) for account in accounts]
        self._people.remember(code, chosen)

    def approved(self, authorize_request: AuthorizeRequest, code: str, scopes: Sequence[str]) -> str:
        """Return the redirect with the code."""
        _ = scopes  # GET /me/permissions returns them
        return (
            with_query(
                authorize_request.redirect_uri,
                {"code": code} | ({"state": authorize_request.state} if authorize_request.state else {}),
            )
            + LANDING
        )

    def denied(self, authorize_request: AuthorizeRequest) -> str:
        """Return the redirect that says access_denied."""
        parameters = {
            "error": "access_denied",
            "error_code": "200",
            "error_description": "Permissions error",
            "error_reason": "user_denied",
        }
        return (
            with_query(
                authorize_request.redirect_uri,
                parameters | ({"state": authorize_request.state} if authorize_request.state else {}),
            )
            + LANDING
        )

    def failed(self, redirect_uri: str, state: str, *, error: str, description: str) -> str:
        """Return the redirect that says what is wrong with the dialog's URL; Facebook has a number instead of a code."""
        _ = error
        parameters = {"error_code": "100", "error_message": description}
        return with_query(redirect_uri, parameters | ({"state": state} if state else {})) + LANDING


def asks_for_pages(scope: str) -> bool:
    """Return whether a dialog is about Pages alone: it wants to post to them, and nothing of Instagram."""
    scopes = split_scopes(scope)
    return MANAGE_POSTS in scopes and not any(one.startswith("instagram_") for one in scopes)


def _refusal(message: str, subcode: int | None = None, code: int = 100) -> GraphRefusal:
    return GraphRefusal(Problem(code=code, subcode=subcode, message=message))


def check_proof(sandbox: Sandbox, token: Token, params: Mapping[str, JSONValue]) -> None:
    """Check that a call comes from who has the secret of the token's app, where that app is registered: at graph.facebook.com.

    Raises GraphRefusal for a wrong `appsecret_proof`, and for none if the app requires one. Source: Meta, "Secure Graph API Calls"
    and "App settings: Require App Secret", read 2026-12; the words are those of public issues.
    """
    proof = text_of(params.get("appsecret_proof"))
    if not proof and sandbox.app_rules.requires_proof(token.client_id):
        raise GraphRefusal(PROOF_MISSING)
    if proof and not sandbox.app_rules.is_proven(token.client_id, token.token, proof):
        raise GraphRefusal(PROOF_WRONG)


class FacebookOAuth:
    """The token endpoint and the endpoints that describe tokens. Every method raises GraphRefusal."""

    def __init__(self, sandbox: Sandbox, people: People) -> None:
        self._sandbox = sandbox
        self._people = people

    def _build_token_reply(self, token: Token) -> Reply:
        left = int(token.expires_at - token.issued_at)
        return json_reply({"access_token": token.token, "token_type": "bearer", "expires_in": left})

    def tokens(self, operation: str, params: Mapping[str, JSONValue]) -> Reply:
        """GET /oauth/access_token, whatever it is asked for."""
        match operation:
            case "token":
                return self.exchange_code(params)
            case "app_token":
                return self.app_token(params)
            case _:
                return self.exchange_token(params, is_refresh=operation == "refresh")

    def app_token(self, params: Mapping[str, JSONValue]) -> Reply:
        """GET /oauth/access_token with client_credentials: the app's id and secret, joined."""
        client, secret = text_of(params.get("client_id")), text_of(params.get("client_secret"))
        if not client or not secret:
            raise _refusal("Missing client_id or client_secret parameter.", code=101)
        check_app(self._sandbox, secret, client)
        return json_reply({"access_token": f"{client}|{secret}", "token_type": "bearer"})

    def exchange_code(self, params: Mapping[str, JSONValue]) -> Reply:
        """GET /oauth/access_token: a code, single use, for a token of two hours."""
        sandbox = self._sandbox
        given = {name: text_of(params.get(name)) for name in ("client_id", "redirect_uri", "client_secret", "code")}
        for name, number in (("client_id", 101), ("redirect_uri", 191), ("client_secret", 1), ("code", 100)):
            if not given[name]:
                raise _refusal(f"Missing {name} parameter.", code=number)
        check_app(self._sandbox, given["client_secret"], given["client_id"])
        now = sandbox.clock.now()
        code = sandbox.tokens.find_code("facebook", given["code"])
        account = None if code is None else sandbox.accounts.by_id(code.account_id)
        if code is None or account is None or code.client_id != given["client_id"]:
            raise _refusal("Invalid verification code format.")
        if code.used_at is not None:
            raise _refusal("This authorization code has been used.", 36009)
        if now >= code.created_at + CODE_LIFETIME:
            raise _refusal("This authorization code has expired.", 36007)
        if code.redirect_uri != given["redirect_uri"]:
            raise _refusal(
                "Error validating verification code. Please make sure your redirect_uri is identical to the one you used"
                " in the OAuth dialog request",
                36008,
            )
        with sandbox.store.transaction():
            sandbox.tokens.use_code(code.code, now)
            token = sandbox.tokens.issue(
                "facebook",
                "user",
                account.id,
                client_id=code.client_id,
                scopes=code.scopes,
                now=now,
                lifetime_seconds=SHORT_LIFETIME,
            )
            self._people.move_to_grant(code.code, token.grant_id)
            sandbox.tokens.remember_app_secret(token.grant_id, given["client_secret"])
        return self._build_token_reply(token)

    def exchange_token(self, params: Mapping[str, JSONValue], *, is_refresh: bool) -> Reply:
        """GET /oauth/access_token with fb_exchange_token: a token of a person for one of 60 days."""
        given = text_of(params.get("fb_exchange_token"))
        if not params.get("client_id") or not params.get("client_secret") or not given:
            raise _refusal("Missing client_id, client_secret or fb_exchange_token parameter.", code=101)
        check_app(self._sandbox, text_of(params["client_secret"]), text_of(params["client_id"]))
        now = self._sandbox.clock.now()
        found = self._sandbox.tokens.find("facebook", given)
        old = check_token(found, given, now, is_refresh=is_refresh)
        if old.kind == "page" or old.client_id != text_of(params["client_id"]):
            raise GraphRefusal(BAD_TOKEN.about("The token is of another app, or not a person's."))
        return self._build_token_reply(
            self._sandbox.tokens.issue(
                "facebook",
                "long_user",
                old.account_id,
                client_id=old.client_id,
                scopes=old.scopes,
                now=now,
                lifetime_seconds=LONG_LIFETIME,
                grant_id=old.grant_id,
            )
        )

    def permissions(self, token: Token, account: Account) -> Reply:
        """GET /me/permissions: the requested permissions, and whether each is granted."""
        granted = account.allows(token.scopes)
        return json_reply(
            {
                "data": [
                    {"permission": scope, "status": "granted" if scope in granted else "declined"}
                    for scope in token.scopes
                ]
            }
        )

    def revoke(self, token: Token, scope: str) -> Reply:
        """DELETE /me/permissions: the whole grant ends; with a permission's name behind it, only that one."""
        if scope:
            self._sandbox.tokens.drop_scope(token, scope)
        else:
            self._sandbox.tokens.kill_grant(token, "revoked")
        return json_reply({"success": True})

    def debug(self, params: Mapping[str, JSONValue], given: str) -> Reply:
        """GET /debug_token: whose token it is, what it may do and how long. Asked with a token of the same app or its people."""
        asked = text_of(params.get("input_token"))
        if not asked:
            raise GraphRefusal(INVALID_PARAMETER.about("(#100) The parameter input_token is required"))
        now = self._sandbox.clock.now()
        client, is_app_token, secret = given.partition("|")
        if not is_app_token:
            viewer = check_token(self._sandbox.tokens.find("facebook", given), given, now)
            check_proof(self._sandbox, viewer, params)
            client = viewer.client_id
        elif self._sandbox.app_rules.is_blocked(client):
            raise GraphRefusal(APP_BLOCKED)
        elif not self._sandbox.app_rules.accepts(secret, client):
            raise GraphRefusal(BAD_TOKEN.about("Invalid OAuth access token signature."))
        token = self._sandbox.tokens.find("facebook", asked)
        if token is not None and token.client_id != client:
            raise GraphRefusal(WRONG_APP)
        try:
            alive = check_token(token, asked, now)
        except GraphRefusal as refused:
            problem = refused.problem
            error: dict[str, JSONValue] = {"code": problem.code, "message": problem.message}
            if problem.subcode is not None:
                error["subcode"] = problem.subcode
            return json_reply({"data": {"error": error, "is_valid": False, "scopes": []}})
        account = self._sandbox.accounts.by_id(alive.account_id)
        data: dict[str, JSONValue] = {
            "app_id": alive.client_id,
            "type": "PAGE" if alive.kind == "page" else "USER",
            "application": "Sandbox app",
            "data_access_expires_at": int(alive.issued_at + 90 * DAY),
            "expires_at": 0 if alive.expires_at > now + NEVER_SECONDS / 2 else int(alive.expires_at),
            "is_valid": True,
            "issued_at": int(alive.issued_at),
            "scopes": alive.scopes if account is None else account.allows(alive.scopes),
        }
        if account is not None:
            data["user_id"] = person_id(account)
            if alive.kind == "page":
                data["profile_id"] = page_id(account)
        return json_reply({"data": data})
