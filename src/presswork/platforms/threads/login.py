"""Connects Threads profiles: OAuth, and its tokens.

Source: Meta, "Get Access Tokens and Permissions" (2026-08-12), "Long-Lived Tokens" and "Debug Access Token" (Threads API),
read 2026-11.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import urlencode

from presswork.platforms.errors import PlatformError, Rejected
from presswork.platforms.graph.login_calls import AGAIN, TOKEN, LoginCalls
from presswork.platforms.graph.long_lived_tokens import LongLivedTokens, refresh_due_at
from presswork.platforms.graph.responses import first_of, text_of
from presswork.platforms.port import AppCredentials, Grant, Tokens
from presswork.platforms.threads.endpoints import API_VERSION, Endpoints
from presswork.platforms.threads.error_mapping import THREADS
from presswork.platforms.transport import Transport

_FIELDS: Final = "id,username,name,threads_profile_picture_url"


class ThreadsLogin:
    """The port's `Login` for Threads."""

    def __init__(
        self,
        *,
        endpoints: Endpoints,
        app: AppCredentials,
        transport: Transport,
        timeout: timedelta,
        permissions: Sequence[str],
    ) -> None:
        """Store Threads' addresses, the app and the permissions that it requests, and the time-out of one call."""
        self._graph: Final = endpoints.graph.rstrip("/")
        self._www: Final = endpoints.www.rstrip("/")
        self._app: Final = app
        self._calls: Final = LoginCalls(THREADS, transport=transport, timeout=timeout)
        self._long_lived: Final = LongLivedTokens(
            THREADS, self._calls, graph=endpoints.graph, grant_prefix="th", app=app
        )
        self.permissions: Final = tuple(permissions)

    def authorize_url(self, *, redirect_uri: str, state: str, verifier: str | None = None) -> str:  # noqa: ARG002  the port's
        """Return the URL of the page where the profile's owner agrees. Threads documents no PKCE."""
        query = urlencode(
            {
                "client_id": self._app.client_id,
                "redirect_uri": redirect_uri,
                "scope": ",".join(self.permissions),
                "response_type": "code",
                "state": state,
            }
        )
        return f"{self._www}/oauth/authorize?{query}"

    async def connect(
        self,
        *,
        code: str,
        redirect_uri: str,
        verifier: str | None = None,  # noqa: ARG002  the port's own parameter
        now: datetime,
    ) -> Grant:
        """Exchange the code for a long-lived token and the profile. Raises Rejected, TryLater.

        Strips the `#_` that Threads appends to its redirect from the code.
        """
        form = {
            "client_id": self._app.client_id,
            "client_secret": self._app.client_secret,
            "grant_type": "authorization_code",
            "redirect_uri": redirect_uri,
            "code": code.removesuffix("#_"),
        }
        short = await self._calls.exchange("POST", f"{self._graph}/oauth/access_token", form)
        short_token = text_of(short.get("access_token"))
        if short_token is None:
            raise Rejected(f"Threads returned no access token. {AGAIN}", step=TOKEN)
        tokens = await self._long_lived.exchange(short_token, now=now)
        url = f"{self._graph}/{API_VERSION}/me"
        profile = await self._calls.read(url, "me", {"fields": _FIELDS}, token=tokens.access_token)
        external_id = text_of(profile.get("id")) or text_of(short.get("user_id"))
        if external_id is None:
            raise Rejected(f"Threads named no account. {AGAIN}", step="me")
        return Grant(
            tokens=tokens,
            external_id=external_id,
            handle=text_of(profile.get("username")) or external_id,
            display_name=text_of(profile.get("name")),
            avatar_url=text_of(profile.get("threads_profile_picture_url")),
            scopes=await self._scopes(tokens.access_token),
        )

    async def _scopes(self, token: str) -> frozenset[str]:
        """Return the granted permissions; where Threads does not report them, all that were requested.

        The code exchange, unlike Instagram's, returns none.
        """
        url = f"{self._graph}/{API_VERSION}/debug_token"
        try:
            found = first_of(await self._calls.read(url, "debug_token", {"input_token": token}, token=token))
        except PlatformError:
            return frozenset(self.permissions)
        data = found.get("data")
        scopes = data.get("scopes") if isinstance(data, dict) else found.get("scopes")
        if not isinstance(scopes, list):
            return frozenset(self.permissions)
        return frozenset(item for item in scopes if isinstance(item, str))

    def refresh_due_at(self, tokens: Tokens) -> datetime | None:
        """Return ten days before the token expires, but not before it is 24 hours old; None where that is too late."""
        return refresh_due_at(tokens)

    async def refresh(self, tokens: Tokens, *, now: datetime) -> Tokens:
        """Return a new token for 60 more days, which also extends the grant, valid for 90 days: see `LongLivedTokens`.

        Raises CredentialInvalid, TryLater.
        """
        return await self._long_lived.refresh(tokens, now=now)

    async def revoke(self, tokens: Tokens) -> None:
        """Do nothing: Threads documents no call that revokes a grant. The person can do it in the app under "Website
        permissions"; Presswork deletes the tokens.
        """
