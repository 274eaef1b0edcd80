"""Connects Instagram accounts: OAuth by Instagram Login, and its tokens.

Source: Meta, "Business Login for Instagram", "Access Token" and "Refresh Access Token", read 2026-11.
"""

from datetime import datetime, timedelta
from typing import Final
from urllib.parse import urlencode

from pydantic import JsonValue

from presswork.platforms.errors import Rejected
from presswork.platforms.graph.login_calls import AGAIN, TOKEN, LoginCalls
from presswork.platforms.graph.long_lived_tokens import LongLivedTokens, refresh_due_at
from presswork.platforms.graph.responses import JsonObject, first_of, text_of
from presswork.platforms.instagram.endpoints import Endpoints
from presswork.platforms.instagram.error_mapping import INSTAGRAM
from presswork.platforms.instagram.scopes import BY_INSTAGRAM
from presswork.platforms.port import AppCredentials, Grant, Tokens
from presswork.platforms.transport import Transport


class InstagramLogin:
    """The port's `Login` for Instagram."""

    def __init__(
        self, *, endpoints: Endpoints, app: AppCredentials, transport: Transport, api_version: str, timeout: timedelta
    ) -> None:
        """Store Instagram's addresses, the app, and the time-out of one call."""
        self._endpoints: Final = endpoints
        self._app: Final = app
        self._calls: Final = LoginCalls(INSTAGRAM, transport=transport, timeout=timeout)
        self._long_lived: Final = LongLivedTokens(
            INSTAGRAM, self._calls, graph=endpoints.graph, grant_prefix="ig", app=app
        )
        self._api_version: Final = api_version
        self.permissions: Final = BY_INSTAGRAM.requested

    def authorize_url(self, *, redirect_uri: str, state: str, verifier: str | None = None) -> str:  # noqa: ARG002  the port's
        """Return the URL of the page where the account's owner agrees. Instagram documents no PKCE."""
        query = urlencode(
            {
                "client_id": self._app.client_id,
                "redirect_uri": redirect_uri,
                "response_type": "code",
                "scope": ",".join(self.permissions),
                "state": state,
            }
        )
        return f"{self._endpoints.www.rstrip('/')}/oauth/authorize?{query}"

    async def connect(
        self,
        *,
        code: str,
        redirect_uri: str,
        verifier: str | None = None,  # noqa: ARG002  the port's own parameter
        now: datetime,
    ) -> Grant:
        """Exchange the code for a long-lived token and the account's profile. Raises Rejected, TryLater.

        Strips the `#_` that Instagram appends to its redirect from the code.
        """
        short = await self._exchange(code.removesuffix("#_"), redirect_uri)
        short_token = text_of(short.get("access_token"))
        if short_token is None:
            raise Rejected(f"Instagram returned no access token. {AGAIN}", step=TOKEN)
        tokens = await self._long_lived.exchange(short_token, now=now)
        profile = await self._profile(tokens.access_token)
        external_id = text_of(profile.get("user_id")) or text_of(short.get("user_id"))
        if external_id is None:
            raise Rejected(f"Instagram named no account. {AGAIN}", step="me")
        handle = text_of(profile.get("username")) or external_id
        return Grant(
            tokens=tokens,
            external_id=external_id,
            handle=handle,
            display_name=text_of(profile.get("name")),
            avatar_url=text_of(profile.get("profile_picture_url")),
            scopes=_scopes(short.get("permissions")),
            grantor_id=text_of(profile.get("id")),
        )

    async def _exchange(self, code: str, redirect_uri: str) -> JsonObject:
        form = {
            "client_id": self._app.client_id,
            "client_secret": self._app.client_secret,
            "grant_type": "authorization_code",
            "redirect_uri": redirect_uri,
            "code": code,
        }
        return await self._calls.exchange("POST", f"{self._endpoints.api.rstrip('/')}/oauth/access_token", form)

    async def _profile(self, token: str) -> JsonObject:
        # `id` is the person's id for this app: that of signed requests.
        params = {"fields": "id,user_id,username,name,account_type,profile_picture_url"}
        url = f"{self._endpoints.graph.rstrip('/')}/{self._api_version}/me"
        return first_of(await self._calls.read(url, "me", params, token=token))

    def refresh_due_at(self, tokens: Tokens) -> datetime | None:
        """Return ten days before the token expires, but not before it is 24 hours old; None where that is too late."""
        return refresh_due_at(tokens)

    async def refresh(self, tokens: Tokens, *, now: datetime) -> Tokens:
        """Return a new token for 60 more days: see `LongLivedTokens`. Raises CredentialInvalid, TryLater."""
        return await self._long_lived.refresh(tokens, now=now)

    async def revoke(self, tokens: Tokens) -> None:
        """Do nothing: Instagram Login documents no call that revokes a grant. The person can do it in the Instagram app
        under "Apps and websites"; Presswork deletes the tokens.
        """


def _scopes(permissions: JsonValue) -> frozenset[str]:
    """Return the granted permissions, sent as a list or as one string; where none are sent, all that were requested."""
    if isinstance(permissions, list):
        return frozenset(item for item in permissions if isinstance(item, str))
    if isinstance(permissions, str):
        return frozenset(part.strip() for part in permissions.split(",") if part.strip())
    return frozenset(BY_INSTAGRAM.requested)
