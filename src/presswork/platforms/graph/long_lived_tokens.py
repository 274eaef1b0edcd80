"""Tokens of the logins whose access token refreshes itself: exchanged for 60 days, and renewed before they are over.

Source: Meta, "Access Token" and "Refresh Access Token" (Instagram API), "Long-Lived Access Tokens" (Threads API),
read 2026-11.
"""

from datetime import datetime, timedelta
from typing import Final

from presswork.platforms.errors import CredentialInvalid, Rejected, TryLater
from presswork.platforms.graph.client import Brand
from presswork.platforms.graph.login_calls import TOKEN, LoginCalls
from presswork.platforms.graph.responses import GraphError, JsonObject, text_of
from presswork.platforms.port import AppCredentials, Tokens

REFRESH: Final = "refresh"
_REFRESH_AHEAD: Final = timedelta(days=10)
_INVALID_PARAMETER: Final = 100
_YOUNGEST_REFRESHED: Final = timedelta(hours=24)
"""A younger token is not refreshed."""


class LongLivedTokens:
    """The two calls that return a token for 60 days."""

    def __init__(self, brand: Brand, calls: LoginCalls, *, graph: str, grant_prefix: str, app: AppCredentials) -> None:
        """Store the platform, its base address, the app, and how its grant types begin (`ig`, `th`)."""
        self._brand: Final = brand
        self._calls: Final = calls
        self._graph: Final = graph.rstrip("/")
        self._grant_prefix: Final = grant_prefix
        self._app: Final = app

    async def exchange(self, short_token: str, *, now: datetime) -> Tokens:
        """Return the token for 60 days, in exchange for the one that the login returned. Raises Rejected, TryLater."""
        # Documented with secret and token in the query, unlike every other call.
        params = {
            "grant_type": f"{self._grant_prefix}_exchange_token",
            "client_secret": self._app.client_secret,
            "access_token": short_token,
        }
        return self._tokens(await self._calls.read(f"{self._graph}/access_token", "exchange", params), now)

    async def refresh(self, tokens: Tokens, *, now: datetime) -> Tokens:
        """Return a new token for 60 more days, in exchange for the current one.

        Raises CredentialInvalid where the platform refuses the token itself (also one that is too young to be refreshed: then
        it is not usable either), or anything after the token has expired. Another refusal of a token that is still valid is
        TryLater, as when the platform is unavailable: in an outage, Graph reports missing permissions.
        """
        params = {"grant_type": f"{self._grant_prefix}_refresh_token", "access_token": tokens.access_token}
        response = await self._calls.call("GET", f"{self._graph}/refresh_access_token", REFRESH, params)
        try:
            return self._tokens(self._brand.object_of(response, step=REFRESH), now)
        except Rejected as error:
            is_of_token = isinstance(response, GraphError) and response.code == _INVALID_PARAMETER
            if not is_of_token and tokens.expires_at is not None and now < tokens.expires_at:
                raise TryLater(error.what, advice=error.advice, step=REFRESH, **error.reported) from error
            raise CredentialInvalid(
                f"{error.what} {self._brand.name} does not renew this account's access.",
                advice="Connect the account again, then publish again.",
                step=REFRESH,
                **error.reported,
            ) from error

    def _tokens(self, body: JsonObject, now: datetime) -> Tokens:
        token, seconds = text_of(body.get("access_token")), body.get("expires_in")
        if token is None:
            raise TryLater(f"{self._brand.name} answered without an access token.", step=TOKEN)
        lifetime = timedelta(seconds=seconds) if isinstance(seconds, int) and seconds > 0 else None
        return Tokens(access_token=token, issued_at=now, expires_at=now + lifetime if lifetime else None)


def refresh_due_at(tokens: Tokens) -> datetime | None:
    """Return ten days before the token expires, but not before it is 24 hours old; None where that is too late.

    Neither an expired token nor one that is younger than 24 hours is refreshed.
    """
    if tokens.expires_at is None:
        return None
    due_at = max(tokens.expires_at - _REFRESH_AHEAD, tokens.issued_at + _YOUNGEST_REFRESHED)
    return due_at if due_at < tokens.expires_at else None
