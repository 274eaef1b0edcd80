"""What the logins of Meta's platforms share: how errors are read, reads that are repeated, and tokens that renew themselves.

Source: Meta, "Access Token" and "Refresh Access Token" (Instagram API), "Long-Lived Access Tokens" (Threads API),
read 2026-11.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

from presswork.platforms.api_client import ApiError, ApiResponse, JsonObject
from presswork.platforms.errors import CredentialInvalid, Rejected, TryLater
from presswork.platforms.graph.client import Brand
from presswork.platforms.graph.responses import (
    GraphError,
    GraphResponse,
    UnreadableResponse,
    first_of,
    read_response,
)
from presswork.platforms.oauth import REFRESH, OAuth, OAuthLogin, read_persistently
from presswork.platforms.port import Tokens
from presswork.platforms.transport import Reply

_REFRESH_AHEAD: Final = timedelta(days=10)
_YOUNGEST_REFRESHED: Final = timedelta(hours=24)
"""A younger token is not refreshed."""
_INVALID_PARAMETER: Final = 100


def oauth_of(
    brand: Brand,
    *,
    authorize: str = "/oauth/authorize",
    code_suffix: str = "#_",
) -> OAuth:
    """Return the table of a platform. `code_suffix` is what it appends to its redirect, behind the code.

    None of them documents PKCE. Instagram and Threads document no call that revokes a grant either: the person can do it in the app,
    under "Apps and websites" or "Website permissions".
    """
    return OAuth(
        name=brand.name,
        read=_make_reader(brand),
        authorize=authorize,
        token="/oauth/access_token",  # noqa: S106  a path
        separator=",",
        clean_code=lambda code: code.removesuffix(code_suffix),
        login_advice="A login works once and for an hour. Start connecting the account again.",
    )


def _make_reader(brand: Brand) -> Callable[[Reply], ApiResponse]:
    def read(reply: Reply) -> ApiResponse:
        response = read_response(reply)
        if isinstance(response, UnreadableResponse):
            return ApiError(
                status=response.status,
                code="",
                message="",
                meaning=brand.errors.unknown,
                quoted=f"{brand.name} returned no usable answer ({response.reason}).",
                wait=response.wait,
            )
        return brand.read(response) if isinstance(response, GraphError) else first_of(response)

    return read


@dataclass(kw_only=True, eq=False)
class GraphLogin(OAuthLogin):
    """The login of a platform behind Graph, whose access token is renewed by itself, without a refresh token."""

    brand: Brand
    graph: str
    """Base URL of the calls that follow the exchange of the code, without a slash at the end."""
    grant_prefix: str = ""
    """How the names of the platform's own grant types begin (`ig`, `th`)."""

    async def call(
        self,
        method: Literal["GET", "DELETE"],
        path: str,
        parameters: Mapping[str, str],
        *,
        step: str,
        token: str | None = None,
    ) -> GraphResponse:
        """Make one call, once. Raises TryLater when no response arrived."""
        with self.brand.lost(step=step):
            reply = await self.transport.call(
                method,
                f"{self.graph}/{path}",
                operation=step,
                timeout=self.timeout,
                token=token,
                params=parameters,
            )
        return read_response(reply)

    async def read(
        self, path: str, parameters: Mapping[str, str], *, step: str, token: str | None = None
    ) -> JsonObject:
        """Make a read call of the login, repeated after temporary errors. Raises Rejected, TryLater, CredentialInvalid."""

        async def read() -> JsonObject:
            return self.brand.object_of(await self.call("GET", path, parameters, step=step, token=token), step=step)

        return await read_persistently(read)

    async def extend(self, short: Tokens, *, now: datetime) -> Tokens:
        """Return the token for 60 days, in exchange for the one that the login returned. Raises Rejected, TryLater."""
        # Documented with secret and token in the query, unlike every other call.
        params = {
            "grant_type": f"{self.grant_prefix}_exchange_token",
            "client_secret": self.app.client_secret,
            "access_token": short.access_token,
        }
        return self._require_tokens(await self.read("access_token", params, step="exchange"), step="exchange", now=now)

    def refresh_due_at(self, tokens: Tokens) -> datetime | None:
        """Return ten days before the token expires, but not before it is 24 hours old; None where that is too late.

        Neither an expired token nor one that is younger than 24 hours is refreshed.
        """
        if tokens.expires_at is None:
            return None
        due_at = max(tokens.expires_at - _REFRESH_AHEAD, tokens.issued_at + _YOUNGEST_REFRESHED)
        return due_at if due_at < tokens.expires_at else None

    async def refresh(self, tokens: Tokens, *, now: datetime) -> Tokens:
        """Return a new token for 60 more days, in exchange for the current one. At Threads this also extends the grant, valid for
        90 days.

        Raises CredentialInvalid where the platform refuses the token itself (also one that is too young to be refreshed: then
        it is not usable either), or anything after the token has expired. Another refusal of a token that is still valid is
        TryLater, as when the platform is unavailable: in an outage, Graph reports missing permissions.
        """
        params = {"grant_type": f"{self.grant_prefix}_refresh_token", "access_token": tokens.access_token}
        response = await self.call("GET", "refresh_access_token", params, step=REFRESH)
        try:
            return self._require_tokens(self.brand.object_of(response, step=REFRESH), step=REFRESH, now=now)
        except Rejected as error:
            is_of_token = isinstance(response, GraphError) and response.code == _INVALID_PARAMETER
            if not is_of_token and tokens.expires_at is not None and now < tokens.expires_at:
                raise TryLater(error.what, advice=error.advice, step=REFRESH, **error.reported) from error
            raise CredentialInvalid(
                f"{error.what} {self.brand.name} does not renew this account's access.",
                advice="Connect the account again, then publish again.",
                step=REFRESH,
                **error.reported,
            ) from error
