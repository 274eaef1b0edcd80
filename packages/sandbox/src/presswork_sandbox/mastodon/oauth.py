"""Mastodon's login: apps that are registered at each server, the authorize page, and tokens without an end.

Source: mastodon/documentation, methods/apps and methods/oauth (2026-07), and doorkeeper's locale for the words of errors.
"""

import base64
import binascii
import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode, urlsplit, urlunsplit

from presswork_sandbox.accounts import Account
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
from presswork_sandbox.mastodon.errors import REVOKED_TOKEN, MastodonError, invalid, oauth_error
from presswork_sandbox.mastodon.facts import FACTS
from presswork_sandbox.mastodon.rules import Rules, ServerRules
from presswork_sandbox.tokens import Token, split_scopes
from presswork_sandbox.wire import JSONValue, Reply, json_reply, text_of

PROFILE: Final = "profile"
SCOPES: Final = {
    PROFILE: "Read only the profile information of your account",
    "read": "Read all your account's data",
    "read:accounts": "See accounts information",
    "read:favourites": "See your favorites",
    "read:notifications": "See your notifications",
    "read:statuses": "See all posts",
    "write": "Modify all your account's data",
    "write:favourites": "Favorite posts",
    "write:media": "Upload media files",
    "write:statuses": "Publish posts",
    "follow": "Modify account relationships",
    "push": "Receive your push notifications",
}
DEFAULT_SCOPE: Final = "read"
CODE_LIFETIME: Final = 10 * 60  # seconds
ENDLESS: Final = 200 * 366 * DAY
VERIFIER_LENGTHS: Final = range(43, 129)
_BAD_CLIENT: Final = (
    "Client authentication failed due to unknown client, no client authentication included, or unsupported authentication "
    "method."
)
_BAD_GRANT: Final = (
    "The provided authorization grant is invalid, expired, revoked, does not match the redirection URI used in the "
    "authorization request, or was issued to another client."
)
_BAD_SCOPE: Final = "The requested scope is invalid, unknown, or malformed."
_KIND: Final = "mastodon_access"


@dataclass(frozen=True, slots=True, kw_only=True)
class App:
    """An app that was registered at a server."""

    client_id: str
    host: str
    name: str
    website: str | None
    client_secret: str
    redirect_uris: Sequence[str]
    scopes: Sequence[str]


def allows(granted: Sequence[str], scope: str) -> bool:
    """Return whether a scope is among those that were granted, or below one of them."""
    return scope in granted or scope.partition(":")[0] in granted


def _with_query(url: str, parameters: Mapping[str, str]) -> str:
    parts = urlsplit(url)
    query = "&".join(filter(None, (parts.query, urlencode(parameters))))
    return urlunsplit(parts._replace(query=query))


class Apps:
    """The apps of all servers.

    A client id that no server gave out is accepted with any secret, as on the other platforms. One that a server gave out
    is known to that server alone.
    """

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    def register(self, rules: ServerRules, host: str, params: Mapping[str, JSONValue]) -> Reply:
        """POST /api/v1/apps. Raises MastodonError."""
        name, uris = text_of(params.get("client_name")), _read_uris(params.get("redirect_uris"))
        scopes = split_scopes(text_of(params.get("scopes")) or DEFAULT_SCOPE)
        if not name.strip():
            raise invalid("Application name can't be blank")
        if not uris:
            raise invalid("Redirect URI can't be blank")
        for uri in uris:
            try:
                check_redirect(uri)
            except InvalidAuthorizeRequest as bad:
                raise invalid("Redirect URI must be an absolute URI.") from bad
        if not set(scopes) <= set(known_scopes(rules)):
            raise invalid("Scopes doesn't match configured on the server.")
        store, website = self._sandbox.store, text_of(params.get("website")) or None
        with store.transaction():
            number = store.next_number("mastodon app")
            client_id, secret = (store.secret(f"mastodon {label}", number, 43) for label in ("client", "secret"))
            store.insert(
                "mastodon_apps",
                client_id=client_id,
                host=host,
                name=name,
                website=website,
                client_secret=secret,
                redirect_uris=json.dumps(uris),
                scopes=" ".join(scopes),
            )
        shown: dict[str, JSONValue] = {
            "id": str(number),
            "name": name,
            "website": website,
            "redirect_uri": "\n".join(uris),
            "client_id": client_id,
            "client_secret": secret,
            "vapid_key": "",
        }
        if rules.is_at_least(4, 3):
            shown |= {"scopes": list(scopes), "redirect_uris": list(uris), "client_secret_expires_at": 0}
        return json_reply(shown)

    def find(self, client_id: str) -> App | None:
        """Find the app that a client id was given to, at whichever server."""
        row = self._sandbox.store.first("SELECT * FROM mastodon_apps WHERE client_id = ?", client_id)
        if row is None:
            return None
        return App(
            client_id=row["client_id"],
            host=row["host"],
            name=row["name"],
            website=row["website"],
            client_secret=row["client_secret"],
            redirect_uris=json.loads(row["redirect_uris"]),
            scopes=split_scopes(row["scopes"]),
        )

    def is_client(self, host: str, client_id: str, secret: str) -> bool:
        """Return whether these are the credentials of an app at a server."""
        app, app_rules = self.find(client_id), self._sandbox.app_rules
        if app is None:
            return bool(client_id) and app_rules.accepts(secret, client_id)
        return (
            not app_rules.is_blocked(client_id)
            and app.host == host
            and hmac.compare_digest(app.client_secret.encode(), secret.encode())
        )

    def name_of(self, client_id: str) -> str | None:
        """Return the name of an app that was registered, at a server or through the control surface."""
        app = self.find(client_id)
        return self._sandbox.app_rules.name_of(client_id) if app is None else app.name

    def describe(self, client_id: str) -> JSONValue:
        """Return `application` of a post."""
        app = self.find(client_id)
        return {"name": self.name_of(client_id) or client_id, "website": None if app is None else app.website}


def known_scopes(rules: ServerRules) -> Mapping[str, str]:
    """Return the scopes that a server has, with their words."""
    return {name: label for name, label in SCOPES.items() if name != PROFILE or rules.is_at_least(4, 3)}


def _read_uris(value: JSONValue) -> list[str]:
    """Return redirect URIs, which a form carries on lines of one field or in several."""
    texts = [text_of(one) for one in value] if isinstance(value, list) else [text_of(value)]
    return [line.strip() for text in texts for line in text.splitlines() if line.strip()]


class MastodonFlow:
    """/oauth/authorize of one server."""

    platform = FACTS.name
    grants_for = FACTS.name
    takes_several = False
    labels: Mapping[str, str] = SCOPES
    required_scope = ""

    def __init__(self, sandbox: Sandbox, apps: Apps, rules: ServerRules, host: str) -> None:
        self._sandbox = sandbox
        self._apps = apps
        self._rules = rules
        self._host = host
        self.brand = host

    def read(self, params: Mapping[str, str]) -> AuthorizeRequest:
        """Read the authorize URL. Raises InvalidAuthorizeRequest."""
        require(params, ("client_id", "redirect_uri", "response_type"))
        require_code(params)
        scopes = read_scopes(params.get("scope") or DEFAULT_SCOPE, known_scopes(self._rules))
        redirect_uri, app = check_redirect(params["redirect_uri"]), self._apps.find(params["client_id"])
        if app is not None and app.host != self._host:
            raise InvalidAuthorizeRequest(f"{self._host} does not know this app. Register it there.", "invalid_client")
        if app is not None and redirect_uri not in app.redirect_uris:
            raise InvalidAuthorizeRequest("redirect_uri is none of the app's. Send one that it was registered with.")
        if app is not None and not all(allows(app.scopes, scope) for scope in scopes):
            raise InvalidAuthorizeRequest(_BAD_SCOPE, "invalid_scope")
        challenge = params.get("code_challenge") if self._rules.is_at_least(4, 3) else None
        if challenge and params.get("code_challenge_method") != "S256":
            raise InvalidAuthorizeRequest("code_challenge_method is not S256. Send code_challenge_method=S256.")
        return AuthorizeRequest(
            client_id=params["client_id"],
            redirect_uri=redirect_uri,
            state=params.get("state", ""),
            scopes=scopes,
            challenge=challenge or None,
        )

    def chosen(self, code: str, accounts: Sequence[Account]) -> None:
        """Remember the server that a code is for."""
        _ = accounts
        self._sandbox.store.insert("mastodon_codes", code=code, host=self._host)

    def approved(self, authorize_request: AuthorizeRequest, code: str, scopes: Sequence[str]) -> str:
        """Return the redirect with the code; nothing granted is a refusal."""
        if not scopes:
            return self.denied(authorize_request)
        return _redirect(authorize_request.redirect_uri, authorize_request.state, {"code": code})

    def denied(self, authorize_request: AuthorizeRequest) -> str:
        """Return the redirect that says access_denied."""
        description = "The resource owner or authorization server denied the request."
        error = {"error": "access_denied", "error_description": description}
        return _redirect(authorize_request.redirect_uri, authorize_request.state, error)

    def failed(self, redirect_uri: str, state: str, *, error: str, description: str) -> str:
        """Return the redirect that says what is wrong with the authorize URL."""
        return _redirect(redirect_uri, state, {"error": error, "error_description": description})


def _redirect(url: str, state: str, parameters: Mapping[str, str]) -> str:
    return _with_query(url, {**parameters, **({"state": state} if state else {})})


class OAuth:
    """The token endpoints of all servers, and the tokens that they gave."""

    def __init__(self, sandbox: Sandbox, apps: Apps, rules: Rules) -> None:
        self._sandbox = sandbox
        self._apps = apps
        self._rules = rules

    def find(self, host: str, given: str) -> Token | None:
        """Find a token that a server gave, dead or alive."""
        token = self._sandbox.tokens.find(FACTS.name, given) if given else None
        return token if token is not None and self._host_of(token.grant_id) == host else None

    def caller(self, host: str, given: str) -> tuple[Token, Account]:
        """Return a valid token of a server, and its account. Raises MastodonError."""
        token = self.find(host, given)
        account = None if token is None else self._sandbox.accounts.by_id(token.account_id)
        if token is None or account is None:
            raise MastodonError(401)
        if not token.is_alive(self._sandbox.clock.now()):
            raise MastodonError(401, REVOKED_TOKEN)
        return token, account

    def token(self, host: str, params: Mapping[str, JSONValue], authorization: str) -> Reply:
        """POST /oauth/token with an authorization code, which works once."""
        given = _read_client(params, authorization)
        if not self._apps.is_client(host, *given):
            return oauth_error("invalid_client", _BAD_CLIENT)
        grant_type = text_of(params.get("grant_type"))
        for name in ("grant_type", "code", "redirect_uri"):
            if not params.get(name):
                return oauth_error("invalid_request", f"Missing required parameter: {name}.")
        if grant_type != "authorization_code":
            description = "The authorization grant type is not supported by the authorization server."
            return oauth_error("unsupported_grant_type", description)
        sandbox, now = self._sandbox, self._sandbox.clock.now()
        code = sandbox.tokens.find_code(FACTS.name, text_of(params["code"]))
        row = None if code is None else sandbox.store.first("SELECT host FROM mastodon_codes WHERE code = ?", code.code)
        if code is None or row is None or row["host"] != host:
            return oauth_error("invalid_grant", _BAD_GRANT)
        is_right = (
            code.used_at is None
            and now < code.created_at + CODE_LIFETIME
            and code.client_id == given[0]
            and code.redirect_uri == text_of(params["redirect_uri"])
            and _is_verifier(code.challenge, text_of(params.get("code_verifier")))
        )
        if not is_right:
            return oauth_error("invalid_grant", _BAD_GRANT)
        with sandbox.store.transaction():
            sandbox.tokens.use_code(code.code, now)
            token = sandbox.tokens.issue(
                FACTS.name,
                _KIND,
                code.account_id,
                client_id=code.client_id,
                scopes=code.scopes,
                now=now,
                lifetime_seconds=ENDLESS,
            )
            sandbox.store.insert("mastodon_grants", grant_id=token.grant_id, host=host)
        return json_reply(
            {
                "access_token": token.token,
                "token_type": "Bearer",
                "scope": " ".join(token.scopes),
                "created_at": int(now),
            },
            headers={"Cache-Control": "no-store"},
        )

    def revoke(self, host: str, params: Mapping[str, JSONValue], authorization: str) -> Reply:
        """POST /oauth/revoke: ends a token of the app; a token that is not known is no error."""
        given = _read_client(params, authorization)
        token = self.find(host, text_of(params.get("token")))
        is_own = token is None or token.client_id == given[0]
        if not self._apps.is_client(host, *given) or not is_own:
            return oauth_error("unauthorized_client", "You are not authorized to revoke this token")
        if token is not None:
            self._sandbox.tokens.kill_grant(token, "revoked")
        return json_reply({})

    def metadata(self, host: str, issuer: str) -> Reply:
        """GET /.well-known/oauth-authorization-server, since 4.3. Raises MastodonError."""
        rules = self._rules.of(host)
        if not rules.is_at_least(4, 3):
            raise MastodonError(404, "Not Found")
        return json_reply(
            {
                "issuer": f"{issuer}/",
                "authorization_endpoint": f"{issuer}/oauth/authorize",
                "token_endpoint": f"{issuer}/oauth/token",
                "revocation_endpoint": f"{issuer}/oauth/revoke",
                "app_registration_endpoint": f"{issuer}/api/v1/apps",
                "service_documentation": "https://docs.joinmastodon.org/",
                "scopes_supported": list(known_scopes(rules)),
                "response_types_supported": ["code"],
                "response_modes_supported": ["query", "fragment", "form_post"],
                "grant_types_supported": ["authorization_code"],
                "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
                "code_challenge_methods_supported": ["S256"],
            }
        )

    def _host_of(self, grant_id: int) -> str | None:
        row = self._sandbox.store.first("SELECT host FROM mastodon_grants WHERE grant_id = ?", grant_id)
        return None if row is None else str(row["host"])


def _read_client(params: Mapping[str, JSONValue], authorization: str) -> tuple[str, str]:
    """Return the id and the secret of the app, from the body or from the Authorization header."""
    if params.get("client_id"):
        return text_of(params["client_id"]), text_of(params.get("client_secret"))
    scheme, _, given = authorization.partition(" ")
    if scheme.lower() == "basic":
        try:
            client_id, _, secret = base64.b64decode(given.strip(), validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            return "", ""
        return client_id, secret
    return "", ""


def _is_verifier(challenge: str | None, verifier: str) -> bool:
    if challenge is None:
        return True
    digest = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=")
    return len(verifier) in VERIFIER_LENGTHS and hmac.compare_digest(digest, challenge.encode())
