"""Connects a YouTube channel by Google's OAuth, and refreshes its tokens.

Sources: Google, "Using OAuth 2.0 for Web Server Applications", "Using OAuth 2.0 to Access Google APIs" (lifetimes) and
"Channels: list", read 2026-11.
"""

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Final
from urllib.parse import urlencode

from presswork.platforms.api_client import ApiError, ApiResponse, JsonObject, UnreadableResponse
from presswork.platforms.errors import CredentialInvalid, FailureCode, PlatformError, Rejected, TryLater
from presswork.platforms.json_values import items_of, part_of, text_of
from presswork.platforms.login import read_tokens
from presswork.platforms.port import AppCredentials, Grant, RetryPolicy, Tokens
from presswork.platforms.transport import CallFailed, Transport
from presswork.platforms.youtube.api import Api, read_response
from presswork.platforms.youtube.endpoints import CHANNELS, REVOKE, TOKEN
from presswork.platforms.youtube.error_mapping import ERROR_MEANINGS, YOUTUBE
from presswork.platforms.youtube.scopes import MANAGE, READ, REQUESTED

_APP_AT_FAULT: Final = frozenset({"invalid_client", "unauthorized_client", "deleted_client", "disabled_client"})
_PASSING: Final = frozenset({"temporarily_unavailable", "server_error", "internal_failure", "rate_limit_exceeded"})
_NO_CHANNEL: Final = ERROR_MEANINGS["youtubeSignupRequired"]
_AGAIN: Final = "Connect the account again."
_CHECK_APP: Final = (
    "Google does not accept the app's ID and secret. Check them (PRESSWORK_YOUTUBE_CLIENT_ID and "
    "PRESSWORK_YOUTUBE_CLIENT_SECRET, unless they are stored): they belong to an OAuth client of the type web application."
)


class YouTubeLogin:
    """The port's `Login` for YouTube. It always uses PKCE."""

    def __init__(self, api: Api, app: AppCredentials, transport: Transport, retry_policy: RetryPolicy) -> None:
        """Store the API client, the operator's app, the transport and the time-out of one call."""
        self._api: Final = api
        self._app: Final = app
        self._transport: Final = transport
        self._retry_policy: Final = retry_policy
        self.permissions: Final = REQUESTED

    def authorize_url(self, *, redirect_uri: str, state: str, verifier: str) -> str:
        """Return the URL of Google's consent page, where the person also chooses the channel.

        Google issues a refresh token only with `access_type=offline`, and again only with `prompt=consent`.
        """
        challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
        query = {
            "client_id": self._app.client_id,
            "redirect_uri": redirect_uri,
            "response_type": "code",
            "scope": " ".join(self.permissions),
            "state": state,
            "access_type": "offline",
            "prompt": "consent",
            "code_challenge": challenge,
            "code_challenge_method": "S256",
        }
        return f"{self._api.endpoints.authorize()}?{urlencode(query)}"

    async def connect(self, *, code: str, redirect_uri: str, verifier: str | None, now: datetime) -> Grant:
        """Exchange the code of the redirect for tokens and the channels of the login; the first one's grant contains the others.

        Raises TryLater, or Rejected (ACCOUNT_NOT_ELIGIBLE where there is no channel).
        """
        fields = {"code": code, "grant_type": "authorization_code", "redirect_uri": redirect_uri}
        if verifier is not None:
            fields["code_verifier"] = verifier
        response = await self._token(fields, step="token", now=now)
        if isinstance(response, ApiError):
            raise _connect_refused(response)
        tokens = read_tokens(response, now=now, before=None)
        if tokens is None:
            raise TryLater(f"Google's response to the login contains no access token. {_AGAIN}", step="token")
        scopes = frozenset((text_of(response.get("scope")) or "").split())
        if not scopes & {MANAGE, READ}:
            raise Rejected(
                "The login did not allow Presswork to manage the YouTube account, so its channel can't be read. "
                f"{_AGAIN} Leave every permission ticked on Google's page.",
                step="channels",
                failure=FailureCode.ACCOUNT_NOT_ELIGIBLE,
            )
        channels = await self._channels(tokens.access_token, now=now)
        if not channels:
            raise Rejected(
                f"{_NO_CHANNEL.sentence} Create one at youtube.com, or choose the channel's own entry on Google's page. {_AGAIN}",
                step="channels",
                failure=FailureCode.ACCOUNT_NOT_ELIGIBLE,
            )
        grants = [_grant(channel, tokens, scopes) for channel in channels]
        if len(grants) > 1:  # one token for all of them: revoking it ends the access to each
            grants = [replace(grant, grantor_id=grants[0].external_id) for grant in grants]
        return replace(grants[0], others=tuple(grants[1:]))

    async def _channels(self, token: str, *, now: datetime) -> list[JsonObject]:
        """Return the channels that the token is for. Raises Rejected, TryLater."""
        params = {"part": "snippet,status,contentDetails", "mine": "true"}
        try:
            reply = await self._api.call("GET", CHANNELS, params, step="channels", token=token)
        except CallFailed as failed:
            raise _with_advice(YOUTUBE.no_response(failed, step="channels")) from failed
        try:
            body = YOUTUBE.object_of(read_response(reply), step="channels", now=now)
        except TryLater as error:
            raise _with_advice(error) from error
        except PlatformError as error:
            is_eligible = error.platform_code != "youtubeSignupRequired"
            failure = error.failure if is_eligible else FailureCode.ACCOUNT_NOT_ELIGIBLE
            raise Rejected(
                error.what, advice=error.advice, step="channels", failure=failure, **error.reported
            ) from error
        return [channel for channel in items_of(body, "items") if text_of(channel.get("id")) is not None]

    def refresh_due_at(self, tokens: Tokens) -> datetime | None:
        """Return when to refresh the tokens, UTC: after three quarters of their life, which is an hour. None without a refresh
        token or an expiry.
        """
        if tokens.refresh_token is None or tokens.expires_at is None:
            return None
        return tokens.issued_at + (tokens.expires_at - tokens.issued_at) * 3 / 4

    async def refresh(self, tokens: Tokens, *, now: datetime) -> Tokens:
        """Return a new access token; the refresh token stays valid. Raises CredentialInvalid, TryLater."""
        if tokens.refresh_token is None:
            raise CredentialInvalid("Google returned no refresh token. Connect the account again.", step="refresh")
        fields = {"grant_type": "refresh_token", "refresh_token": tokens.refresh_token}
        response = await self._token(fields, step="refresh", now=now)
        if isinstance(response, ApiError):
            raise _refresh_refused(response)
        fresh = read_tokens(response, now=now, before=tokens)
        if fresh is None:
            raise TryLater("Google's response to the token refresh contains no access token.", step="refresh")
        return fresh

    async def revoke(self, tokens: Tokens) -> None:
        """Revoke the grant; one that is invalid already counts as revoked. Raises TryLater, Rejected."""
        fields = {"token": tokens.refresh_token or tokens.access_token}
        response = await self._post_form(REVOKE, fields, step="revoke")
        if not isinstance(response, ApiError):
            return
        if response.is_temporary or response.code in _PASSING or response.status == 429:
            raise _passing(response, step="revoke")
        if response.code not in ("invalid_token", "invalid_grant"):
            raise Rejected(
                f"{response.quoted} Google did not end the access. The person can do that at "
                "myaccount.google.com/connections.",
                step="revoke",
                **response.reported,
            )

    async def check_app(self) -> None:
        """Ask for a token with a refresh token that does not exist. Raises Rejected where the app is refused, TryLater.

        Google checks the app first: any refusal that is not about it means that it accepted the ID and the secret.
        """
        form = self._as_app({"grant_type": "refresh_token", "refresh_token": "none"})
        response = await self._post_form(TOKEN, form, step="token")
        if isinstance(response, ApiError) and response.code in _APP_AT_FAULT:
            raise Rejected(_CHECK_APP, step="token", **response.reported)
        if isinstance(response, ApiError) and (response.is_temporary or response.code in _PASSING):
            raise _passing(response, step="token")

    def _as_app(self, fields: Mapping[str, str]) -> Mapping[str, str]:
        return {"client_id": self._app.client_id, "client_secret": self._app.client_secret, **fields}

    async def _post_form(self, path: str, fields: Mapping[str, str], *, step: str) -> ApiResponse:
        try:
            reply = await self._transport.call(
                "POST",
                self._api.endpoints.oauth(path),
                operation=step,
                timeout=self._retry_policy.timeouts.call,
                form=fields,
            )
        except CallFailed as failed:
            raise TryLater(f"Google did not answer: {failed.reason}.", step=step) from failed
        return read_response(reply)

    async def _token(self, fields: Mapping[str, str], *, step: str, now: datetime) -> JsonObject | ApiError:
        """Call the token endpoint. Raises TryLater where the response contains neither tokens nor a refusal."""
        response = await self._post_form(TOKEN, self._as_app(fields), step=step)
        if isinstance(response, UnreadableResponse):
            return YOUTUBE.object_of(response, step=step, now=now)
        if isinstance(response, ApiError):
            is_passing = response.status >= 500 or response.status == 429 or response.code in _PASSING
            if is_passing or not response.is_own:
                raise _passing(response, step=step)
        return response


def _with_advice(error: TryLater) -> TryLater:
    return TryLater(f"{error.what} {_AGAIN}", step=error.step, retry_after=error.retry_after, **error.reported)


def _passing(response: ApiError, *, step: str) -> TryLater:
    return TryLater(
        f"{response.quoted.replace('YouTube', 'Google', 1)} The error is temporary.",
        step=step,
        retry_after=response.wait,
        is_throttled=response.status == 429,
        **response.reported,
    )


def _connect_refused(response: ApiError) -> Rejected:
    if response.code in _APP_AT_FAULT:
        message = _CHECK_APP
    elif response.code == "invalid_grant":
        message = f"Google's login code was used before or has expired. {_AGAIN}"
    elif response.code == "access_denied":
        message = f"The account's owner did not agree. {_AGAIN}"
    else:
        message = (
            f"Google refused the login ({response.label}). Check that the redirect URI is registered in the OAuth client exactly "
            "as Presswork uses it, then connect the account again."
        )
    return Rejected(message, step="token", **response.reported)


def _refresh_refused(response: ApiError) -> CredentialInvalid | TryLater:
    """Return the error for a refused refresh: only `invalid_grant` means that this account's grant is invalid."""
    if response.code == "invalid_grant":
        return CredentialInvalid(
            "Google no longer accepts this account's login: it was withdrawn, was not used for six months, or is older than 7 days "
            "while the operator's Google app is in testing.",
            advice="Connect the account again.",
            step="refresh",
            **response.reported,
        )
    message = (
        _CHECK_APP if response.code in _APP_AT_FAULT else f"Google refused to refresh the token ({response.label})."
    )
    return TryLater(message, step="refresh", **response.reported)


def _grant(channel: JsonObject, tokens: Tokens, scopes: frozenset[str]) -> Grant:
    snippet, channel_id = part_of(channel, "snippet"), text_of(channel.get("id")) or ""
    title, handle = text_of(snippet.get("title")), text_of(snippet.get("customUrl"))
    thumbnails = part_of(snippet, "thumbnails")
    pictures = (text_of(part_of(thumbnails, size).get("url")) for size in ("medium", "default", "high"))
    return Grant(
        tokens=tokens,
        external_id=channel_id,
        handle=(handle or "").removeprefix("@") or title or channel_id,
        display_name=title,
        avatar_url=next((url for url in pictures if url is not None), None),
        scopes=scopes,
    )
