"""Connects LinkedIn members and the pages that they administer, by LinkedIn's OAuth.

An access lasts 60 days. Only apps of approved partners get refresh tokens, which last 365 days from the first login; all others
get none, and the account's owner logs in again.
Sources: LinkedIn, "Authorization Code Flow", "Programmatic Refresh Tokens", "Sign In with LinkedIn using OpenID Connect", "Profile
API" and "Organization Access Control by Role", read 2026-11. The call that revokes a token is not on those pages; other publishers
use it.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final
from urllib.parse import quote as encode
from urllib.parse import urlencode

from presswork.platforms.api_client import ApiError, ApiResponse, JsonObject, UnreadableResponse
from presswork.platforms.errors import CredentialInvalid, FailureCode, PlatformError, Rejected, TryLater
from presswork.platforms.json_values import text_of
from presswork.platforms.linkedin.api import Api, read_response
from presswork.platforms.linkedin.endpoints import AUTHORIZE, ME, REVOKE, TOKEN, USER_INFO
from presswork.platforms.linkedin.error_mapping import LINKEDIN
from presswork.platforms.linkedin.pages import pages_of
from presswork.platforms.linkedin.scopes import MEMBER, OPENID, PAGE, PAGE_ADMIN
from presswork.platforms.linkedin.urns import person
from presswork.platforms.login import read_tokens
from presswork.platforms.port import AppCredentials, Grant, RetryPolicy, Tokens
from presswork.platforms.transport import Transport

_APP_AT_FAULT: Final = frozenset({"invalid_client", "invalid_client_id", "unauthorized_client"})
_PASSING: Final = frozenset({"temporarily_unavailable", "server_error"})
_DEAD: Final = frozenset({"invalid_grant", "invalid_request", "invalid_token"})
"""Answers to a token that LinkedIn does not know any more."""
_UNMATCHED: Final = _DEAD | {"invalid_redirect_uri"}
"""Answers to a code: LinkedIn does not say whether it is the code or the redirect URI that does not match."""
_AGAIN: Final = "Connect the account again."
_CHECK_APP: Final = (
    "LinkedIn does not accept the app's ID and secret. Check them (PRESSWORK_LINKEDIN_CLIENT_ID and "
    "PRESSWORK_LINKEDIN_CLIENT_SECRET, unless they are stored)."
)


class LinkedInLogin:
    """The port's `Login` for LinkedIn. LinkedIn has no PKCE for apps with a secret."""

    def __init__(
        self,
        api: Api,
        app: AppCredentials,
        transport: Transport,
        retry_policy: RetryPolicy,
        *,
        permissions: Sequence[str],
    ) -> None:
        """Store the API client, the operator's app, the transport, the time-out of one call, and what to ask for."""
        self._api: Final = api
        self._app: Final = app
        self._transport: Final = transport
        self._retry_policy: Final = retry_policy
        self.permissions: Final = permissions

    def authorize_url(self, *, redirect_uri: str, state: str, verifier: str) -> str:  # noqa: ARG002  no PKCE
        """Return the URL of LinkedIn's consent page. The permissions are separated by %20."""
        query = {
            "response_type": "code",
            "client_id": self._app.client_id,
            "redirect_uri": redirect_uri,
            "state": state,
            "scope": " ".join(self.permissions),
        }
        return f"{self._api.endpoints.www(AUTHORIZE)}?{urlencode(query, quote_via=encode)}"

    async def connect(self, *, code: str, redirect_uri: str, verifier: str | None, now: datetime) -> Grant:  # noqa: ARG002  no PKCE
        """Exchange the code of the redirect for a token, and return the member's grant, which contains those of the pages.

        A member who did not allow posts in their own name is none of the accounts. Raises TryLater, or Rejected
        (ACCOUNT_NOT_ELIGIBLE when there is none).
        """
        fields = {"grant_type": "authorization_code", "code": code, "redirect_uri": redirect_uri}
        response = await self._token(fields, step="token", now=now)
        if isinstance(response, ApiError):
            raise _connect_refused(response)
        tokens = read_tokens(response, now=now, before=None)
        if tokens is None:
            raise TryLater(f"LinkedIn's response to the login contains no access token. {_AGAIN}", step="token")
        asked = " ".join(self.permissions)  # RFC 6749: a response may omit what was granted as asked
        scopes = frozenset(re.split(r"[\s,]+", text_of(response.get("scope")) or asked)) - {""}
        try:
            member = await self._member(tokens, scopes, now=now)
            pages = await pages_of(self._api, member, now=now) if scopes >= {PAGE, PAGE_ADMIN} else ()
        except TryLater as error:
            raise TryLater(f"{error.what} {_AGAIN}", step=error.step, **error.reported) from error
        except CredentialInvalid as error:
            raise Rejected(error.what, advice=_AGAIN, step=error.step, **error.reported) from error
        accounts = [*([member] if MEMBER in scopes else []), *pages]
        if not accounts:
            raise Rejected(
                f"The person allowed posts neither in their own name nor as a page. {_AGAIN}",
                step="token",
                failure=FailureCode.ACCOUNT_NOT_ELIGIBLE,
            )
        return replace(accounts[0], others=tuple(accounts[1:]))

    async def _member(self, tokens: Tokens, scopes: frozenset[str], *, now: datetime) -> Grant:
        """Return the grant of the person. Which call shows the profile depends on the products of the app."""
        step, path = ("userinfo", USER_INFO) if OPENID in scopes else ("me", ME)
        with LINKEDIN.lost(step=step):
            reply = await self._api.call("GET", path, step=step, token=tokens.access_token)
        profile = LINKEDIN.object_of(read_response(reply), step=step, now=now)
        urn = person(text_of(profile.get("sub")) or text_of(profile.get("id")) or "")
        if urn is None:
            raise Rejected(f"LinkedIn did not report whose login this is. {_AGAIN}", step=step)
        name = _name(profile)
        return Grant(
            tokens=tokens,
            external_id=urn,
            handle=text_of(profile.get("vanityName")) or name or urn,
            display_name=name,
            avatar_url=text_of(profile.get("picture")),
            scopes=scopes,
            grantor_id=urn,
        )

    def refresh_due_at(self, tokens: Tokens) -> datetime | None:
        """Return when to refresh the token, UTC: after three quarters of its 60 days. None without a refresh token: then the
        account's owner has to log in again before it expires.
        """
        if tokens.refresh_token is None or tokens.expires_at is None:
            return None
        return tokens.issued_at + (tokens.expires_at - tokens.issued_at) * 3 / 4

    async def refresh(self, tokens: Tokens, *, now: datetime) -> Tokens:
        """Return a new access token; the refresh token and its end stay the same. Raises CredentialInvalid, TryLater."""
        if tokens.refresh_token is None:
            raise CredentialInvalid(
                "The account's access has ended. LinkedIn gives this app no token that extends it.",
                advice=_AGAIN,
                step="refresh",
            )
        fields = {"grant_type": "refresh_token", "refresh_token": tokens.refresh_token}
        response = await self._token(fields, step="refresh", now=now)
        if isinstance(response, ApiError):
            raise _refresh_refused(response)
        fresh = read_tokens(response, now=now, before=tokens)
        if fresh is None:
            raise TryLater("LinkedIn's response to the token refresh contains no access token.", step="refresh")
        return fresh

    async def revoke(self, tokens: Tokens) -> None:
        """Revoke the access token; one that is invalid already counts as revoked. Raises TryLater, Rejected."""
        response = await self._post_form(REVOKE, self._as_app({"token": tokens.access_token}), step="revoke")
        if not isinstance(response, ApiError):
            return
        if response.is_temporary or response.status == 429:
            raise _passing(response, step="revoke")
        if response.code not in _DEAD and not response.is_token_refused:
            raise Rejected(
                f"{response.quoted} LinkedIn did not end the access. The person can do that in the settings of LinkedIn, under Data "
                "privacy, Permitted services.",
                step="revoke",
                **response.reported,
            )

    async def check_app(self) -> None:
        """Ask for a token of the app itself. Raises Rejected where the app is refused, TryLater.

        LinkedIn checks ID and secret before it refuses such a token to ordinary apps (general knowledge, not documented), so any
        refusal that is not about them means that it accepted them.
        """
        form = self._as_app({"grant_type": "client_credentials"})
        response = await self._post_form(TOKEN, form, step="token")
        if isinstance(response, ApiError) and response.code in _APP_AT_FAULT:
            raise Rejected(_CHECK_APP, step="token", **response.reported)
        if isinstance(response, ApiError) and (response.is_temporary or response.code in _PASSING):
            raise _passing(response, step="token")

    def _as_app(self, fields: Mapping[str, str]) -> Mapping[str, str]:
        return {**fields, "client_id": self._app.client_id, "client_secret": self._app.client_secret}

    async def _post_form(self, path: str, fields: Mapping[str, str], *, step: str) -> ApiResponse:
        with LINKEDIN.lost(step=step):
            reply = await self._transport.call(
                "POST",
                self._api.endpoints.www(path),
                operation=step,
                timeout=self._retry_policy.timeouts.call,
                form=fields,
            )
        return read_response(reply)

    async def _token(self, fields: Mapping[str, str], *, step: str, now: datetime) -> JsonObject | ApiError:
        """Call the token endpoint. Raises TryLater where the response contains neither tokens nor a refusal."""
        response = await self._post_form(TOKEN, self._as_app(fields), step=step)
        if isinstance(response, UnreadableResponse):
            return LINKEDIN.object_of(response, step=step, now=now)
        if isinstance(response, ApiError):
            is_passing = response.is_temporary or response.status == 429 or response.code in _PASSING
            if is_passing or not response.is_own:
                raise _passing(response, step=step)
        return response


def _passing(response: ApiError, *, step: str) -> TryLater:
    return TryLater(
        f"{response.quoted} The error is temporary.",
        step=step,
        retry_after=response.wait,
        is_throttled=response.status == 429,
        **response.reported,
    )


def _connect_refused(response: ApiError) -> PlatformError:
    if response.code in _APP_AT_FAULT:
        message = _CHECK_APP
    elif response.code in _UNMATCHED:
        message = (
            f"LinkedIn's login code was used before, has expired, or was issued for another redirect URI. {_AGAIN} If this happens "
            "again, check that the redirect URI is registered in the app exactly as Presswork uses it."
        )
    else:
        message = f"LinkedIn refused the login ({response.label}). {_AGAIN}"
    return Rejected(message, step="token", **response.reported)


def _refresh_refused(response: ApiError) -> CredentialInvalid | TryLater:
    """Return the error for a refused refresh: only a refusal of the token means that this account's grant has ended."""
    if response.code in _DEAD or (response.is_token_refused and response.code not in _APP_AT_FAULT):
        return CredentialInvalid(
            "LinkedIn no longer accepts this account's login: it was withdrawn, or is older than 365 days.",
            advice=_AGAIN,
            step="refresh",
            **response.reported,
        )
    message = (
        _CHECK_APP if response.code in _APP_AT_FAULT else f"LinkedIn refused to refresh the token ({response.label})."
    )
    return TryLater(message, step="refresh", **response.reported)


def _name(profile: JsonObject) -> str | None:
    parts = (profile.get("localizedFirstName"), profile.get("localizedLastName"))
    return text_of(profile.get("name")) or text_of(" ".join(part for part in parts if isinstance(part, str)))
