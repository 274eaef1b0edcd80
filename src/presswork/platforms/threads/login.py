"""Connects Threads profiles: OAuth, and its tokens.

Source: Meta, "Get Access Tokens and Permissions" (2026-08-12), "Long-Lived Tokens" and "Debug Access Token" (Threads API),
read 2026-11.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from presswork.platforms.api_client import JsonObject
from presswork.platforms.errors import PlatformError, Rejected
from presswork.platforms.graph.client import first_of, text_of
from presswork.platforms.graph.login import GraphLogin, oauth_of
from presswork.platforms.oauth import AGAIN, read_scopes
from presswork.platforms.port import AppCredentials, Grant, Tokens
from presswork.platforms.threads.description import API_VERSION, Endpoints
from presswork.platforms.threads.error_mapping import THREADS
from presswork.platforms.transport import Transport


class ThreadsLogin(GraphLogin):
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
        super().__init__(
            oauth=oauth_of(THREADS),
            brand=THREADS,
            site=endpoints.www,
            server=endpoints.graph,
            graph=endpoints.graph.rstrip("/"),
            grant_prefix="th",
            app=app,
            transport=transport,
            timeout=timeout,
            permissions=permissions,
        )

    async def read_grant(self, tokens: Tokens, response: JsonObject, *, now: datetime) -> Grant:
        """Return the grant with the profile and a token for 60 days."""
        tokens = await self.extend(tokens, now=now)
        params = {"fields": "id,username,name,threads_profile_picture_url"}
        profile = await self.read(f"{API_VERSION}/me", params, step="me", token=tokens.access_token)
        external_id = text_of(profile.get("id")) or text_of(response.get("user_id"))
        if external_id is None:
            raise Rejected(f"Threads named no account. {AGAIN}", step="me")
        return Grant(
            tokens=tokens,
            external_id=external_id,
            handle=text_of(profile.get("username")) or external_id,
            display_name=text_of(profile.get("name")),
            avatar_url=text_of(profile.get("threads_profile_picture_url")),
            scopes=await self._read_scopes(tokens.access_token),
        )

    async def _read_scopes(self, token: str) -> frozenset[str]:
        """Return the granted permissions; where Threads does not report them, all that were requested.

        The code exchange, unlike Instagram's, returns none.
        """
        params = {"input_token": token}
        try:
            found = first_of(await self.read(f"{API_VERSION}/debug_token", params, step="debug_token", token=token))
        except PlatformError:
            return frozenset(self.permissions)
        data = found.get("data")
        scopes = data.get("scopes") if isinstance(data, dict) else found.get("scopes")
        return read_scopes(scopes) if isinstance(scopes, list) else frozenset(self.permissions)
