"""The OAuth login that platforms share: one flow, and a table of what differs between them.

A platform's `login.py` has its table and its quirks: how it reports errors, and which accounts a token is for.
Sources: RFC 6749 (OAuth 2.0), RFC 7636 (PKCE); the tables name those of the platforms.
"""

import base64
import hashlib
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, Literal, TypeVar
from urllib.parse import quote, urlencode

from pydantic import JsonValue

from presswork.platforms.api_client import Action, ApiError, ApiResponse, Brand, JsonObject, UnreadableResponse
from presswork.platforms.errors import CredentialInvalid, PlatformError, Rejected, TryLater
from presswork.platforms.json_values import seconds_of, text_of
from presswork.platforms.login import AppCredentials, Grant, Tokens
from presswork.platforms.transport import Reply, Transport

AGAIN: Final = "Connect the account again."
TOKEN: Final = "token"  # noqa: S105  the name of a step, not a secret
REFRESH: Final = "refresh"
REVOKE: Final = "revoke"
DENIED_ERRORS: Final = frozenset({"access_denied", "user_cancelled_login", "user_cancelled_authorize"})
"""Errors of a redirect: the person did not agree. Sources: RFC 6749, section 4.1.2.1; LinkedIn, "Authorization Code Flow", read 2026-11."""
TEMPORARY_ERRORS: Final = frozenset({"temporarily_unavailable", "server_error"})
"""Errors of the platform itself, not of the person or the app. Source: RFC 6749, section 4.1.2.1."""
_MAX_READS: Final = 3
"""How often a read after the exchange is tried: the code is used up, so a login would be lost with it."""

Method = Literal["GET", "POST"]
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True, kw_only=True)
class OAuthErrors:
    """What the errors of one platform's authorization server mean, and what a person can do then."""

    name: str
    """Who grants access, as sentences name it."""
    app_errors: frozenset[str] = frozenset({"invalid_client", "unauthorized_client"})
    """Errors that the operator's app is the reason of."""
    check_app: str = ""
    """What the operator checks then: sentences."""
    knows_tokens: bool = False
    """Whether the error table of the platform's API also says which errors of the token endpoint refuse the token."""
    temporary_errors: frozenset[str] = TEMPORARY_ERRORS
    code_errors: Mapping[str, str] = field(default_factory=dict)
    """Why the code of a redirect is refused, where another sentence than the usual one is true."""
    login_advice: str = AGAIN
    """What to do after any other refusal of a code."""
    grant_errors: frozenset[str] = frozenset({"invalid_grant"})
    """Errors of a refresh by which the grant has ended: only these disconnect the account."""
    grant_ended: str = ""
    """Why it may have ended, as a sentence; empty: the platform does not say."""
    revoked_errors: frozenset[str] = frozenset({"invalid_grant"})
    """Errors of a revocation for a token that is invalid already."""
    revoke_place: str = ""
    """Where the person can end the access, if the platform does not: "in the settings of …"; empty: unknown."""

    def is_temporary(self, error: ApiError) -> bool:
        """Whether a retry may succeed. An error that is not the platform's own says nothing about the app or the account."""
        is_by_status = error.status >= 500 or error.status in (408, 429)
        is_by_code = error.meaning.action in (Action.RETRY, Action.THROTTLE) or error.code in self.temporary_errors
        return is_by_status or is_by_code or not error.is_own

    def is_revoked(self, error: ApiError) -> bool:
        """Whether a revocation is refused because the token is invalid already."""
        is_known = error.code in self.revoked_errors or (self.knows_tokens and error.is_token_refused)
        return is_known and not self.is_temporary(error)

    def error_of(self, error: ApiError, *, step: str) -> PlatformError:
        """Return what an error response means in a step of a login."""
        if self.is_temporary(error):
            return TryLater(
                f"{error.quoted} The error is temporary.",
                step=step,
                retry_after=error.wait,
                is_throttled=error.status == 429 or error.meaning.action is Action.THROTTLE,
                **error.reported,
            )
        if step == REFRESH:
            return self._explain_refused_refresh(error)
        if step == REVOKE:
            advice = f"The person can do that {self.revoke_place}." if self.revoke_place else ""
            what = f"{error.quoted} {self.name} did not end the access."
            return Rejected(what, advice=advice, step=step, **error.reported)
        return Rejected(self._explain_refused_login(error), step=step, **error.reported)

    def _explain_refused_login(self, error: ApiError) -> str:
        """Return why a code, or the request of a login, is refused, and what to do."""
        if error.code in self.app_errors:
            return self.check_app
        if error.code in self.code_errors:
            return self.code_errors[error.code]
        if error.code == "access_denied":
            return "The account's owner did not agree. Connect the account again if that was a mistake."
        if error.code == "invalid_grant":
            return f"{self.name}'s login code was used before or has expired. {AGAIN}"
        return f"{error.quoted} {self.login_advice}"

    def _explain_refused_refresh(self, error: ApiError) -> CredentialInvalid | TryLater:
        """Return what a refused refresh means. An error of the app is the operator's to fix, and ends no account's access."""
        is_of_app = error.code in self.app_errors
        if error.code in self.grant_errors or (self.knows_tokens and error.is_token_refused and not is_of_app):
            what = self.grant_ended or f"{self.name} no longer accepts this account's login."
            return CredentialInvalid(what, advice=AGAIN, step=REFRESH, **error.reported)
        what = self.check_app if is_of_app else f"{error.quoted} {self.name} did not refresh the token."
        return TryLater(what, step=REFRESH, **error.reported)


@dataclass(frozen=True, slots=True, kw_only=True)
class OAuth(OAuthErrors):
    """The table of one platform: its paths, the names of its parameters, and its errors."""

    read: Callable[[Reply], ApiResponse]
    """Parses a response of the token endpoint."""
    authorize: str
    """The path of the consent page."""
    token: str
    """The path of the token endpoint."""
    revoke: str = ""
    """The path at which a token is revoked; empty: the platform documents none."""
    client_id: str = "client_id"
    """The parameter with the app's id."""
    is_basic: bool = False
    """Whether the app's id and secret go into the Authorization header, and not into the form (RFC 6749, section 2.3.1)."""
    separator: str = " "
    """What separates permissions."""
    challenge: Callable[[str], str] | None = None
    """Returns the PKCE challenge of a verifier, or is None where the platform has no PKCE for apps with a secret."""
    parameters: Mapping[str, str] = field(default_factory=dict)
    """What the URL of the consent page begins with, before the usual parameters."""
    clean_code: Callable[[str], str] = str
    """Returns the code of a redirect as the token endpoint accepts it."""
    refresh_lifetime: str = "refresh_token_expires_in"
    """The field with the lifetime of a refresh token: no part of the standard, but Google and LinkedIn send this one."""
    refresh_margin: timedelta = timedelta()
    """See `refresh_due_at`."""


@dataclass(kw_only=True, eq=False)
class OAuthLogin(ABC):
    """The port's `Login` for a platform with a table."""

    oauth: OAuth
    site: str
    """Base URL of the consent page."""
    server: str
    """Base URL of the token endpoint."""
    app: AppCredentials
    transport: Transport
    timeout: timedelta
    """Of one call."""
    permissions: Sequence[str]
    is_guarded: bool = False
    """Whether a person named the server, so that it may not be in the operator's network."""

    @abstractmethod
    async def read_grant(self, tokens: Tokens, response: JsonObject, *, now: datetime) -> Grant:
        """Return the grant of a login, by its tokens and the response that contains them.

        Raises Rejected (ACCOUNT_NOT_ELIGIBLE when there is no account that can be published to), TryLater, CredentialInvalid.
        """

    def authorize_url(self, *, redirect_uri: str, state: str, verifier: str | None = None) -> str:
        """Return the URL of the platform's consent page."""
        query = {
            **self.oauth.parameters,
            self.oauth.client_id: self.app.client_id,
            "scope": self.oauth.separator.join(self.permissions),
            "response_type": "code",
            "redirect_uri": redirect_uri,
            "state": state,
        }
        if self.oauth.challenge is not None and verifier is not None:
            query |= {"code_challenge": self.oauth.challenge(verifier), "code_challenge_method": "S256"}
        return f"{self.site.rstrip('/')}{self.oauth.authorize}?{urlencode(query, quote_via=quote)}"

    async def connect(self, *, code: str, redirect_uri: str, verifier: str | None = None, now: datetime) -> Grant:
        """Exchange the code of the redirect for tokens, and return the grant. Raises Rejected, TryLater.

        The code works once, so after an error the login has to be repeated.
        """
        fields = {
            "grant_type": "authorization_code",
            "code": self.oauth.clean_code(code),
            "redirect_uri": redirect_uri,
        }
        if self.oauth.challenge is not None and verifier is not None:
            fields["code_verifier"] = verifier
        response = await self._exchange_code(fields)
        try:
            tokens = self._require_tokens(response, step=TOKEN, now=now)
            return await self.read_grant(tokens, response, now=now)
        except TryLater as error:
            raise TryLater(
                f"{error.what} {AGAIN}", step=error.step, retry_after=error.retry_after, **error.reported
            ) from error
        except CredentialInvalid as error:
            raise Rejected(error.what, advice=AGAIN, step=error.step, **error.reported) from error

    def refresh_due_at(self, tokens: Tokens) -> datetime | None:
        """Return when to refresh the tokens, UTC: see the function of this name."""
        return refresh_due_at(tokens, margin=self.oauth.refresh_margin)

    async def refresh(self, tokens: Tokens, *, now: datetime) -> Tokens:
        """Return new tokens. Raises CredentialInvalid, TryLater."""
        if tokens.refresh_token is None:
            raise CredentialInvalid(
                f"The account's access has ended. {self.oauth.name} gave no token that extends it.",
                advice=AGAIN,
                step=REFRESH,
            )
        fields = {"grant_type": "refresh_token", "refresh_token": tokens.refresh_token}
        response = await self._request_token(fields, step=REFRESH)
        return self._require_tokens(response, step=REFRESH, now=now, before=tokens)

    async def revoke(self, tokens: Tokens) -> None:
        """Revoke the grant, where the platform documents how; one that is invalid already counts as revoked.

        Raises TryLater, Rejected.
        """
        if not self.oauth.revoke:
            return
        response = await self._send_fields("POST", self.oauth.revoke, self.revocation_of(tokens), step=REVOKE)
        if isinstance(response, ApiError) and not self.oauth.is_revoked(response):
            raise self.oauth.error_of(response, step=REVOKE)

    def revocation_of(self, tokens: Tokens) -> Mapping[str, str]:
        """Return the fields of a revocation."""
        return self.as_app({"token": tokens.access_token})

    def as_app(self, fields: Mapping[str, str]) -> Mapping[str, str]:
        """Return the fields of a form with the app's id and secret, unless a header has them."""
        return (
            fields
            if self.oauth.is_basic
            else {self.oauth.client_id: self.app.client_id, "client_secret": self.app.client_secret, **fields}
        )

    async def _check_app(self, fields: Mapping[str, str], *, errors: frozenset[str] | None = None) -> None:
        """Request a token that is not kept. Raises Rejected for the errors that the app is the reason of, TryLater.

        The platform checks the app first: any other refusal means that it accepted the id and the secret.
        """
        try:
            await self._request_token(fields, step=TOKEN)
        except Rejected as error:
            if error.platform_code in (errors or self.oauth.app_errors):
                raise

    def _require_tokens(
        self, response: JsonObject, *, step: str, now: datetime, before: Tokens | None = None
    ) -> Tokens:
        """Return the tokens of a response. Raises TryLater where there are none."""
        tokens = read_tokens(response, now=now, before=before, refresh_lifetime=self.oauth.refresh_lifetime)
        if tokens is None:
            raise TryLater(f"{self.oauth.name}'s response contains no access token.", step=step)
        return tokens

    async def _exchange_code(self, fields: Mapping[str, str]) -> JsonObject:
        return await self._request_token(fields, step=TOKEN)

    async def _request_token(self, fields: Mapping[str, str], *, step: str, method: Method = "POST") -> JsonObject:
        """Call the token endpoint. Raises the errors of `OAuthErrors.error_of`, and TryLater for no usable response."""
        response = await self._send_fields(method, self.oauth.token, self.as_app(fields), step=step)
        if isinstance(response, UnreadableResponse):
            raise TryLater(f"{self.oauth.name} sent an unreadable response (HTTP {response.status}).", step=step)
        if isinstance(response, ApiError):
            raise self.oauth.error_of(response, step=step)
        return response

    @property
    def _authorization(self) -> Mapping[str, str]:
        """The header that names the app, where it is not in the form."""
        named = f"{quote(self.app.client_id, safe='')}:{quote(self.app.client_secret, safe='')}"
        return {"Authorization": f"Basic {base64.b64encode(named.encode()).decode()}"} if self.oauth.is_basic else {}

    async def _send_fields(self, method: Method, path: str, fields: Mapping[str, str], *, step: str) -> ApiResponse:
        """Send a form, or the parameters of a GET. Raises TryLater when no response arrived."""
        is_form = method == "POST"
        with Brand(name=self.oauth.name).lost(step=step):
            reply = await self.transport.call(
                method,
                f"{self.server.rstrip('/')}{path}",
                operation=step,
                timeout=self.timeout,
                form=fields if is_form else None,
                params=None if is_form else fields,
                headers=self._authorization,
                is_guarded=self.is_guarded,
            )
        return self.oauth.read(reply)


async def read_persistently(read: Callable[[], Awaitable[Result]]) -> Result:
    """Read something without which a login is lost, again after a temporary error. Raises what the last attempt raises."""
    for _ in range(_MAX_READS - 1):
        try:
            return await read()
        except TryLater:
            continue
    return await read()


def refresh_due_at(tokens: Tokens, *, margin: timedelta = timedelta()) -> datetime | None:
    """Return when to refresh tokens, UTC: after three quarters of their life, or `margin` before its end if that is earlier, but
    not before its half. None without a refresh token or an expiry: then the account's owner has to log in again.
    """
    if tokens.refresh_token is None or tokens.expires_at is None:
        return None
    life = tokens.expires_at - tokens.issued_at
    return tokens.issued_at + max(life / 2, min(life * 3 / 4, life - margin))


def read_tokens(
    body: JsonObject, *, now: datetime, before: Tokens | None, refresh_lifetime: str = "refresh_token_expires_in"
) -> Tokens | None:
    """Parse the response of a token endpoint; None without an access token. Source: RFC 6749, section 5.1.

    Without a new refresh token the one of `before` stays valid, with its end.
    """
    access = text_of(body.get("access_token"))
    if access is None:
        return None
    expires_at, refresh_expires_at = _find_end(body.get("expires_in"), now), _find_end(body.get(refresh_lifetime), now)
    return Tokens(
        access_token=access,
        issued_at=now,
        expires_at=expires_at,
        refresh_token=text_of(body.get("refresh_token")) or (before.refresh_token if before else None),
        refresh_expires_at=refresh_expires_at or (before.refresh_expires_at if before else None),
    )


def _find_end(seconds: JsonValue, now: datetime) -> datetime | None:
    """Return when a lifetime ends, UTC; some platforms send the number as a text."""
    is_text = isinstance(seconds, str) and seconds.isascii() and seconds.isdigit()
    life = seconds_of(int(seconds) if is_text and isinstance(seconds, str) else seconds)
    return None if life is None else now + life


def read_scopes(value: JsonValue) -> frozenset[str]:
    """Return the granted permissions: a list, or one text with spaces or commas. Empty where a response does not name them."""
    names = value if isinstance(value, list) else str(value or "").replace(",", " ").split()
    return frozenset(name.strip() for name in names if isinstance(name, str) and name.strip())


def digest(text: str) -> str:
    """Return the SHA-256 of a text in base64url: the challenge of a PKCE verifier. Source: RFC 7636, section 4.2."""
    return base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).decode().rstrip("=")
