"""Connects a YouTube channel by Google's OAuth, and refreshes its tokens.

Sources: Google, "Using OAuth 2.0 for Web Server Applications", "Using OAuth 2.0 to Access Google APIs" (lifetimes) and
"Channels: list", read 2026-11.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

from presswork.platforms.api_client import ApiError, ApiResponse, JsonObject
from presswork.platforms.errors import FailureCode, Rejected
from presswork.platforms.json_values import items_of, part_of, text_of
from presswork.platforms.oauth import AGAIN, TEMPORARY_ERRORS, OAuth, OAuthLogin, digest, read_scopes
from presswork.platforms.port import AppCredentials, Grant, Tokens
from presswork.platforms.transport import Reply
from presswork.platforms.youtube.api import AUTHORIZE, CHANNELS, REVOKE, TOKEN, Api, read_response
from presswork.platforms.youtube.description import MANAGE, READ, REQUESTED
from presswork.platforms.youtube.error_mapping import ERROR_MEANINGS, YOUTUBE

_NO_CHANNEL: Final = ERROR_MEANINGS["youtubeSignupRequired"]


def _read_from_google(reply: Reply) -> ApiResponse:
    response = read_response(reply)
    if isinstance(response, ApiError):
        return replace(response, quoted=response.quoted.replace("YouTube", "Google", 1))
    return response


_GOOGLE: Final = OAuth(
    name="Google",
    read=_read_from_google,
    authorize=AUTHORIZE,
    token=TOKEN,
    revoke=REVOKE,
    challenge=digest,
    # Google issues a refresh token only with `access_type=offline`, and again only with `prompt=consent`.
    parameters={"access_type": "offline", "prompt": "consent"},
    app_errors=frozenset({"invalid_client", "unauthorized_client", "deleted_client", "disabled_client"}),
    check_app="Google does not accept the app's ID and secret. Check them (PRESSWORK_YOUTUBE_CLIENT_ID and "
    "PRESSWORK_YOUTUBE_CLIENT_SECRET, unless they are stored): they belong to an OAuth client of the type web application.",
    temporary_errors=TEMPORARY_ERRORS | {"internal_failure", "rate_limit_exceeded"},
    login_advice="Check that the redirect URI is registered in the OAuth client exactly as Presswork uses it, then connect the account "
    "again.",
    grant_ended="Google no longer accepts this account's login: it was withdrawn, was not used for six months, or is older than 7 days "
    "while the operator's Google app is in testing.",
    revoked_errors=frozenset({"invalid_token", "invalid_grant"}),
    revoke_place="at myaccount.google.com/connections",
)


class YouTubeLogin(OAuthLogin):
    """The port's `Login` for YouTube: on Google's consent page, the person also chooses the channel."""

    def __init__(self, api: Api, app: AppCredentials, *, permissions: Sequence[str] = REQUESTED) -> None:
        super().__init__(
            oauth=_GOOGLE,
            site=api.endpoints.accounts_url,
            server=api.endpoints.oauth_url,
            app=app,
            transport=api.transport,
            timeout=api.retry_policy.timeouts.call,
            permissions=permissions,
        )
        self._api: Final = api

    async def read_grant(self, tokens: Tokens, response: JsonObject, *, now: datetime) -> Grant:
        """Return the grant of the first channel of the login, which contains the others."""
        scopes = read_scopes(response.get("scope"))
        if not scopes & {MANAGE, READ}:
            raise Rejected(
                "The login did not allow Presswork to manage the YouTube account, so its channel can't be read. "
                f"{AGAIN} Leave every permission ticked on Google's page.",
                step="channels",
                failure=FailureCode.ACCOUNT_NOT_ELIGIBLE,
            )
        params = {"part": "snippet,status,contentDetails", "mine": "true"}
        with YOUTUBE.lost(step="channels"):
            reply = await self._api.call("GET", CHANNELS, params, step="channels", token=tokens.access_token)
        channels = items_of(YOUTUBE.object_of(read_response(reply), step="channels", now=now), "items")
        grants = [
            _make_grant(channel, tokens, scopes) for channel in channels if text_of(channel.get("id")) is not None
        ]
        if not grants:
            raise Rejected(
                f"{_NO_CHANNEL.sentence} Create one at youtube.com, or choose the channel's own entry on Google's page. {AGAIN}",
                step="channels",
                failure=FailureCode.ACCOUNT_NOT_ELIGIBLE,
            )
        if len(grants) > 1:  # one token for all of them: revoking it ends the access to each
            grants = [replace(grant, grantor_id=grants[0].external_id) for grant in grants]
        return replace(grants[0], others=tuple(grants[1:]))

    def revocation_of(self, tokens: Tokens) -> Mapping[str, str]:
        """Return the refresh token, whose revocation ends the whole grant. Google wants no id of the app."""
        return {"token": tokens.refresh_token or tokens.access_token}

    async def check_app(self) -> None:
        """Ask for a token with a refresh token that does not exist. Raises Rejected where the app is refused, TryLater."""
        await self._check_app({"grant_type": "refresh_token", "refresh_token": "none"})


def _make_grant(channel: JsonObject, tokens: Tokens, scopes: frozenset[str]) -> Grant:
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
