"""Connects a TikTok account by OAuth, and refreshes its tokens.

Sources: TikTok, "User Access Token Management", "OAuth error handling" and "Get User Info", read 2026-11. Lifetimes
come from the responses only; the documented ones have changed before.
"""

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import unquote

from presswork.platforms.api_client import ApiError, ApiResponse, JsonObject, UnreadableResponse
from presswork.platforms.errors import TryLater
from presswork.platforms.json_values import part_of, text_of
from presswork.platforms.oauth import TEMPORARY_ERRORS, OAuth, OAuthLogin, read_scopes
from presswork.platforms.oauth import TOKEN as TOKEN_STEP
from presswork.platforms.port import AppCredentials, Grant, Tokens
from presswork.platforms.tiktok.api import (
    AUTHORIZE,
    CREATOR_INFO,
    REVOKE,
    TOKEN,
    USER_INFO,
    Api,
    read_response,
    refusal,
    unavailable,
)
from presswork.platforms.tiktok.description import ASKED_SCOPES, BASIC, PROFILE, PUBLISH
from presswork.platforms.tiktok.error_mapping import TIKTOK, meaning_of
from presswork.platforms.tiktok.rules import reduced_privacy
from presswork.platforms.transport import CallFailed, Reply


def _read_token_response(reply: Reply) -> ApiResponse:
    """Parse a response of the token endpoint. Its errors are flat, unlike the API's, and some are sent with HTTP 200."""
    body = reply.json_object()
    error = (body or {}).get("error")
    if isinstance(error, dict):  # the envelope of the other endpoints, which gateways may use
        code, message = error.get("code"), text_of(error.get("message"))
    else:
        code, message = error, text_of((body or {}).get("error_description"))
    if code in (None, "", "ok", 0):
        if reply.status < 300:
            return UnreadableResponse(status=reply.status) if body is None else body
        code, message = "", None
    meaning = meaning_of(str(code) or None, 400)  # HTTP 200 makes an error no success
    return ApiError(
        status=reply.status,
        code=str(code),
        message=message or "",
        meaning=meaning,
        quoted=TIKTOK.quotation("", label="", unsaid=f"HTTP {reply.status}{f' ({code})' if code else ''}"),
        wait=meaning.pause(reply.retry_after, None),
    )


def _hash_verifier(verifier: str) -> str:
    """Return the verifier's SHA-256 in hex, not in base64url as in RFC 7636. Source: TikTok, "Login Kit for Desktop", read 2026-11."""
    return hashlib.sha256(verifier.encode()).hexdigest()


_TIKTOK: Final = OAuth(
    name="TikTok",
    read=_read_token_response,
    authorize=AUTHORIZE,
    token=TOKEN,
    revoke=REVOKE,
    client_id="client_key",
    separator=",",
    # Always: TikTok demands PKCE of some apps, and accepts it from all.
    challenge=_hash_verifier,
    clean_code=unquote,
    refresh_lifetime="refresh_expires_in",
    refresh_margin=timedelta(minutes=20),
    app_errors=frozenset({"invalid_client", "unauthorized_client", "invalid_scope"}),
    check_app="TikTok does not accept the app's credentials. Check its key and secret (PRESSWORK_TIKTOK_CLIENT_KEY and "
    "PRESSWORK_TIKTOK_CLIENT_SECRET, unless they are stored) and the app's scopes in TikTok's developer portal.",
    temporary_errors=TEMPORARY_ERRORS | {"internal_error"},
    login_advice="Check that the redirect URI is registered in TikTok's developer portal exactly as Presswork uses it, then connect "
    "the account again.",
    grant_errors=frozenset({"invalid_grant", "access_denied"}),
    revoked_errors=frozenset({"invalid_grant", "access_token_invalid", "invalid_request"}),
    revoke_place="in the TikTok app, under security and permissions",
)


class TikTokLogin(OAuthLogin):
    """The port's `Login` for TikTok."""

    def __init__(self, api: Api, app: AppCredentials, *, permissions: Sequence[str] = ASKED_SCOPES) -> None:
        super().__init__(
            oauth=_TIKTOK,
            site=api.endpoints.www_url,
            server=api.endpoints.api_url,
            app=app,
            transport=api.transport,
            timeout=api.retry_policy.timeouts.call,
            permissions=permissions,
        )

    async def read_grant(self, tokens: Tokens, response: JsonObject, *, now: datetime) -> Grant:  # noqa: ARG002  the flow's
        """Return the grant of the account. What can't be read of its profile is omitted, so that the login is not lost."""
        open_id = text_of(response.get("open_id"))
        if open_id is None:
            raise TryLater("TikTok's response to the login is incomplete.", step=TOKEN_STEP)
        scopes = read_scopes(response.get("scope"))
        profile = await self._read_profile(tokens.access_token, scopes)
        display_name, username = text_of(profile.get("display_name")), text_of(profile.get("username"))
        reduced = None
        if PUBLISH in scopes:
            creator = await self._read_optional("POST", CREATOR_INFO, token=tokens.access_token, step="creator_info")
            username = text_of(creator.get("creator_username")) or username
            levels = creator.get("privacy_level_options")
            reduced = reduced_privacy(levels) if isinstance(levels, list) else None
        return Grant(
            tokens=tokens,
            external_id=open_id,
            handle=username or display_name or open_id,
            display_name=display_name,
            avatar_url=text_of(profile.get("avatar_url")),
            scopes=scopes,
            reduced_privacy=reduced,
        )

    async def _read_profile(self, token: str, scopes: frozenset[str]) -> JsonObject:
        if BASIC not in scopes:
            return {}
        fields = "open_id,display_name,avatar_url" + (",username" if PROFILE in scopes else "")
        return part_of(
            await self._read_optional("GET", USER_INFO, token=token, step="user_info", fields=fields), "user"
        )

    async def _read_optional(
        self, method: str, path: str, *, token: str, step: str, fields: str | None = None
    ) -> JsonObject:
        """Make an optional call of the login, twice at most; the data are empty where there is no successful response."""
        for _ in range(2):
            try:
                response = read_response(await self._call_api(method, path, token=token, step=step, fields=fields))
            except CallFailed:
                continue
            if response.is_ok:
                return response.data
            if refusal(response, step=step) is not None:
                break
        return {}

    async def _call_api(self, method: str, path: str, *, token: str, step: str, fields: str | None) -> Reply:
        return await self.transport.call(
            method,
            f"{self.server.rstrip('/')}{path}",
            operation=step,
            timeout=self.timeout,
            token=token,
            params=None if fields is None else {"fields": fields},
            json={} if method == "POST" else None,
        )

    async def check_app(self) -> None:
        """Request a token of the app. Raises Rejected, TryLater.

        Any refusal but `invalid_client` is about the grant, not the app: then the key and the secret were accepted. Source:
        TikTok, "Get a Client Access Token", read 2026-11.
        """
        await self._check_app({"grant_type": "client_credentials"}, errors=frozenset({"invalid_client"}))

    async def check_access(self, token: str) -> None:
        """Read the account's open_id, which every grant allows. Raises CredentialInvalid, TryLater, Rejected."""
        step = "user_info"
        with TIKTOK.lost(step=step):
            response = read_response(await self._call_api("GET", USER_INFO, token=token, step=step, fields="open_id"))
        if not response.is_ok:
            raise refusal(response, step=step) or unavailable(response, step=step)
