"""Connects a TikTok account by OAuth, and refreshes its tokens.

Sources: TikTok, "User Access Token Management", "OAuth error handling" and "Get User Info", read 2026-11. Lifetimes
come from the responses only; the documented ones have changed before.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import unquote, urlencode

from pydantic import JsonValue

from presswork.platforms.errors import CredentialInvalid, Rejected, Reported, TryLater
from presswork.platforms.json_values import text_of
from presswork.platforms.port import AppCredentials, Grant, RetryPolicy, Tokens
from presswork.platforms.tiktok.api import Api, read_response, refusal, unavailable, whole
from presswork.platforms.tiktok.endpoints import CREATOR_INFO, REVOKE, TOKEN, USER_INFO
from presswork.platforms.tiktok.error_mapping import TIKTOK
from presswork.platforms.transport import CallFailed, Reply, Transport

BASIC: Final = "user.info.basic"
PROFILE: Final = "user.info.profile"
PUBLISH: Final = "video.publish"
UPLOAD: Final = "video.upload"
ASKED_SCOPES: Final = (BASIC, PUBLISH, UPLOAD)
"""Requested permissions: the account's profile, direct posts, and drafts in the inbox."""

REFRESH_MARGIN: Final = timedelta(minutes=20)
"""Tokens are refreshed this long before they expire, or after three quarters of their life if that is earlier."""

_APP_AT_FAULT: Final = frozenset({"invalid_client", "unauthorized_client", "invalid_scope"})
_PASSING: Final = frozenset({"server_error", "temporarily_unavailable", "internal_error", "rate_limit_exceeded"})
_CHECK_APP: Final = (
    "TikTok does not accept the app's credentials. Check its key and secret (PRESSWORK_TIKTOK_CLIENT_KEY and "
    "PRESSWORK_TIKTOK_CLIENT_SECRET, unless they are stored) and the app's scopes in TikTok's developer portal."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Refusal:
    """An OAuth error: a flat object, unlike the API's; some are sent with HTTP 200."""

    code: str
    description: str | None

    @property
    def reported(self) -> Reported:
        """The code and the description, for an error of Presswork."""
        return Reported(platform_code=self.code, platform_message=self.description)


class TikTokLogin:
    """The port's `Login` for TikTok. It always uses PKCE: TikTok demands it of some apps, and accepts it from all."""

    def __init__(self, api: Api, app: AppCredentials, transport: Transport, retry_policy: RetryPolicy) -> None:
        """Store the API client, the operator's app, the transport and the time-out of one call."""
        self._api = api
        self._app = app
        self._transport = transport
        self._retry_policy = retry_policy
        self.permissions: Final = ASKED_SCOPES

    def authorize_url(self, *, redirect_uri: str, state: str, verifier: str) -> str:
        """Return the URL of the page where the account's owner agrees.

        The challenge is the verifier's SHA-256 in hex, not in base64url as in RFC 7636. Source: TikTok, "Login Kit for
        Desktop", read 2026-11.
        """
        query = {
            "client_key": self._app.client_id,
            "scope": ",".join(self.permissions),
            "response_type": "code",
            "redirect_uri": redirect_uri,
            "state": state,
            "code_challenge": hashlib.sha256(verifier.encode()).hexdigest(),
            "code_challenge_method": "S256",
        }
        return f"{self._api.endpoints.authorize()}?{urlencode(query)}"

    async def connect(self, *, code: str, redirect_uri: str, verifier: str | None, now: datetime) -> Grant:
        """Exchange the code of the redirect for tokens and a profile. Raises Rejected, TryLater.

        A code works once: when a call after the exchange fails, its result is omitted, so that the login is not lost.
        """
        fields = {"code": unquote(code), "grant_type": "authorization_code", "redirect_uri": redirect_uri}
        if verifier is not None:
            fields["code_verifier"] = verifier
        body = await self._token(fields, step="token")
        if isinstance(body, _Refusal):
            raise _connect_refused(body)
        tokens, open_id = _tokens(body, now=now, before=None), text_of(body.get("open_id"))
        if tokens is None or open_id is None:
            raise TryLater("TikTok's response to the login is incomplete. Connect the account again.", step="token")
        scopes = _scopes(body.get("scope"))
        profile = await self._profile(tokens.access_token, scopes)
        display_name, username = text_of(profile.get("display_name")), text_of(profile.get("username"))
        if PUBLISH in scopes:
            creator = await self._read("POST", CREATOR_INFO, token=tokens.access_token, step="creator_info")
            username = text_of(creator.get("creator_username")) or username
        return Grant(
            tokens=tokens,
            external_id=open_id,
            handle=username or display_name or open_id,
            display_name=display_name,
            avatar_url=text_of(profile.get("avatar_url")),
            scopes=scopes,
        )

    def refresh_due_at(self, tokens: Tokens) -> datetime | None:
        """Return when to refresh the tokens, UTC: after 90 minutes for the 2 hours of 2026, never earlier than half
        their life. None without a refresh token or an expiry."""
        if tokens.refresh_token is None or tokens.expires_at is None:
            return None
        life = tokens.expires_at - tokens.issued_at
        return tokens.issued_at + max(life / 2, min(life * 3 / 4, life - REFRESH_MARGIN))

    async def refresh(self, tokens: Tokens, *, now: datetime) -> Tokens:
        """Return new tokens; the old refresh token becomes invalid. Raises CredentialInvalid, TryLater."""
        if tokens.refresh_token is None:
            raise CredentialInvalid("TikTok returned no refresh token. Connect the account again.", step="refresh")
        body = await self._token({"grant_type": "refresh_token", "refresh_token": tokens.refresh_token}, step="refresh")
        if isinstance(body, _Refusal):
            raise _refresh_refused(body)
        fresh = _tokens(body, now=now, before=tokens)
        if fresh is None:
            raise TryLater("TikTok's response to the token refresh contains no usable tokens.", step="refresh")
        return fresh

    async def revoke(self, tokens: Tokens) -> None:
        """Revoke the grant; one that is invalid already counts as revoked. Raises TryLater, Rejected."""
        reply = await self._post_form(REVOKE, {"token": tokens.access_token}, step="revoke")
        refused = _oauth_refusal(reply)
        if refused is None:
            if reply.status >= 400:
                raise unavailable(read_response(reply), step="revoke")
            return
        if refused.code in _PASSING or reply.status >= 500:
            raise _passing(refused, step="revoke")
        if refused.code in ("invalid_grant", "access_token_invalid", "invalid_request"):
            return
        raise Rejected(
            f"TikTok refused to take the permission back ({refused.code}). The account's owner can withdraw it in the "
            "TikTok app, under security and permissions.",
            step="revoke",
            **refused.reported,
        )

    async def check_app(self) -> None:
        """Request a token of the app, which is not kept. Raises Rejected, TryLater.

        Any refusal but `invalid_client` is about the grant, not the app: then the key and the secret were accepted. Source:
        TikTok, "Get a Client Access Token", read 2026-11.
        """
        body = await self._token({"grant_type": "client_credentials"}, step="token")
        if isinstance(body, _Refusal) and body.code == "invalid_client":
            raise Rejected(_CHECK_APP, step="token", **body.reported)

    async def check_access(self, token: str) -> None:
        """Read the account's open_id, which every grant allows. Raises CredentialInvalid, TryLater, Rejected."""
        try:
            reply = await self._transport.call(
                "GET",
                self._api.endpoints.api(USER_INFO),
                operation="user_info",
                timeout=self._retry_policy.timeouts.call,
                token=token,
                params={"fields": "open_id"},
            )
        except CallFailed as error:
            raise TIKTOK.no_response(error, step="user_info") from error
        response = read_response(reply)
        if not response.is_ok:
            raise refusal(response, step="user_info") or unavailable(response, step="user_info")

    async def _post_form(self, path: str, fields: Mapping[str, str], *, step: str) -> Reply:
        form = {"client_key": self._app.client_id, "client_secret": self._app.client_secret, **fields}
        try:
            return await self._transport.call(
                "POST",
                self._api.endpoints.api(path),
                operation=step,
                timeout=self._retry_policy.timeouts.call,
                form=form,
            )
        except CallFailed as error:
            raise TIKTOK.no_response(error, step=step) from error

    async def _token(self, fields: Mapping[str, str], *, step: str) -> Mapping[str, JsonValue] | _Refusal:
        """Call the token endpoint. Raises TryLater where the response contains neither tokens nor a refusal."""
        reply = await self._post_form(TOKEN, fields, step=step)
        refused = _oauth_refusal(reply)
        if refused is not None:
            if refused.code in _PASSING or reply.status >= 500 or reply.status == 429:
                raise _passing(refused, step=step, wait=reply.retry_after)
            return refused
        body = reply.json_object()
        if body is None or reply.status >= 300:
            raise unavailable(read_response(reply), step=step)
        return body

    async def _read(
        self, method: str, path: str, *, token: str, step: str, fields: str | None = None
    ) -> Mapping[str, JsonValue]:
        """Make an optional call of the login, twice at most; the data are empty where there is no successful response."""
        for _ in range(2):
            try:
                response = read_response(
                    await self._transport.call(
                        method,
                        self._api.endpoints.api(path),
                        operation=step,
                        timeout=self._retry_policy.timeouts.call,
                        token=token,
                        params={"fields": fields} if fields is not None else None,
                        json={} if method == "POST" else None,
                    )
                )
            except CallFailed:
                continue
            if response.is_ok:
                return response.data
            if refusal(response, step=step) is not None:
                break
        return {}

    async def _profile(self, token: str, scopes: frozenset[str]) -> Mapping[str, JsonValue]:
        if BASIC not in scopes:
            return {}
        fields = "open_id,display_name,avatar_url" + (",username" if PROFILE in scopes else "")
        user = (await self._read("GET", USER_INFO, token=token, step="user_info", fields=fields)).get("user")
        return user if isinstance(user, dict) else {}


def _oauth_refusal(reply: Reply) -> _Refusal | None:
    body = reply.json_object()
    error = body.get("error") if body is not None else None
    if body is None or error is None:
        return None
    if isinstance(error, dict):  # the envelope of the other endpoints, which gateways may use
        code, text = error.get("code"), error.get("message")
    else:
        code, text = error, body.get("error_description")
    if code in ("", "ok", 0):
        return None
    return _Refusal(code=str(code), description=text_of(text))


def _connect_refused(refused: _Refusal) -> Rejected:
    if refused.code in _APP_AT_FAULT:
        message = _CHECK_APP
    elif refused.code == "access_denied":
        message = "The account's owner did not agree. Connect the account again if that was a mistake."
    elif refused.code == "invalid_grant":
        message = "TikTok's login code was used before or has expired. Connect the account again."
    else:
        message = (
            f"TikTok refused the login ({refused.code}). Check that the redirect address is registered in TikTok's "
            "developer portal exactly as Presswork uses it, then connect the account again."
        )
    return Rejected(message, step="token", **refused.reported)


def _refresh_refused(refused: _Refusal) -> CredentialInvalid | TryLater:
    """Return the error for a refused refresh: only `invalid_grant` means that this account's grant is invalid."""
    if refused.code in ("invalid_grant", "access_denied"):
        return CredentialInvalid(
            "TikTok no longer accepts this account's login. Connect the account again.",
            step="refresh",
            **refused.reported,
        )
    message = _CHECK_APP if refused.code in _APP_AT_FAULT else f"TikTok refused to refresh the token ({refused.code})."
    return TryLater(message, step="refresh", **refused.reported)


def _passing(refused: _Refusal, *, step: str, wait: timedelta | None = None) -> TryLater:
    is_throttled = refused.code == "rate_limit_exceeded"
    return TryLater(
        f"TikTok could not do this now ({refused.code}).",
        step=step,
        retry_after=max(wait or timedelta(), timedelta(seconds=60)) if is_throttled else wait,
        is_throttled=is_throttled,
        **refused.reported,
    )


def _tokens(body: Mapping[str, JsonValue], *, now: datetime, before: Tokens | None) -> Tokens | None:
    """Parse tokens; without a new refresh token the old one stays valid. None without an access token."""
    access = text_of(body.get("access_token"))
    if access is None:
        return None
    refresh = text_of(body.get("refresh_token"))
    refresh_expires_at = _expiry(body.get("refresh_expires_in"), now)
    if refresh is None and before is not None:
        refresh = before.refresh_token
    if refresh_expires_at is None and before is not None:
        refresh_expires_at = before.refresh_expires_at
    return Tokens(
        access_token=access,
        issued_at=now,
        expires_at=_expiry(body.get("expires_in"), now),
        refresh_token=refresh,
        refresh_expires_at=refresh_expires_at,
    )


def _expiry(seconds: JsonValue, now: datetime) -> datetime | None:
    count = whole(seconds)
    return now + timedelta(seconds=count) if count else None


def _scopes(value: JsonValue) -> frozenset[str]:
    parts = value if isinstance(value, list) else str(value or "").replace(" ", ",").split(",")
    return frozenset(part.strip() for part in parts if isinstance(part, str) and part.strip())
