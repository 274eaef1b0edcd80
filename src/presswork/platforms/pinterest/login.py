"""Connects a Pinterest account by OAuth, and refreshes its tokens: access tokens of 30 days, refresh tokens of 60 days of which each
serves once. There is no call that ends the access.

Source: pinterest/api-description 5.23.0 (2025-12), `oauth/token` and `user_account`, read 2026-12.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from presswork.platforms.api_client import JsonObject
from presswork.platforms.errors import CredentialInvalid, Rejected, TryLater
from presswork.platforms.json_values import text_of
from presswork.platforms.oauth import AGAIN, REFRESH, OAuth, OAuthLogin, read_persistently, read_scopes
from presswork.platforms.oauth import TOKEN as STEP
from presswork.platforms.pinterest.api import AUTHORIZE, TOKEN, WHO, Api, read_response
from presswork.platforms.pinterest.description import SCOPES
from presswork.platforms.pinterest.error_mapping import AUTHENTICATION, INVALID, PINTEREST
from presswork.platforms.port import AppCredentials, Grant, Tokens

_WHO: Final = "user_account"
_NO_CODE: Final = {"grant_type": "authorization_code", "code": "none", "redirect_uri": "https://example.com"}
_PINTEREST: Final = OAuth(
    name="Pinterest",
    read=read_response,
    authorize=AUTHORIZE,
    token=TOKEN,
    is_basic=True,
    separator=",",
    app_errors=frozenset({AUTHENTICATION}),
    check_app="Pinterest does not accept the app's ID and secret key. Check them (PRESSWORK_PINTEREST_APP_ID and "
    "PRESSWORK_PINTEREST_APP_SECRET, unless they are stored).",
    code_errors={INVALID: f"Pinterest's login code was used before or has expired. {AGAIN}"},
    grant_errors=frozenset(),  # one code for the app and for the token: see `refresh`
)


class PinterestLogin(OAuthLogin):
    """The port's `Login` for Pinterest."""

    def __init__(self, api: Api, app: AppCredentials) -> None:
        super().__init__(
            oauth=_PINTEREST,
            site=api.endpoints.www_url,
            server=api.endpoints.api_url,
            app=app,
            transport=api.transport,
            timeout=api.retry_policy.timeouts.call,
            permissions=SCOPES,
        )
        self._api: Final = api

    async def read_grant(self, tokens: Tokens, response: JsonObject, *, now: datetime) -> Grant:
        """Return the grant of the account. Raises Rejected, TryLater, CredentialInvalid."""

        async def read_account() -> JsonObject:
            with PINTEREST.lost(step=_WHO):
                reply = await self._api.call("GET", WHO, step=_WHO, token=tokens.access_token)
            return PINTEREST.object_of(read_response(reply), step=_WHO, now=now)

        account = await read_persistently(read_account)
        name = text_of(account.get("username"))
        if name is None:
            raise TryLater("Pinterest did not report whose login this is.", step=STEP)
        return Grant(
            tokens=tokens,
            external_id=text_of(account.get("id")) or name,
            handle=name,
            display_name=text_of(account.get("business_name")),
            avatar_url=text_of(account.get("profile_image")),
            scopes=read_scopes(response.get("scope")) or frozenset(self.permissions),
        )

    async def refresh(self, tokens: Tokens, *, now: datetime) -> Tokens:
        """Return new tokens. Raises CredentialInvalid, TryLater.

        Pinterest refuses a token that has ended and an app that is not right with the same code. A code that does not exist shows
        which of both it is: the app is checked before it.
        """
        try:
            return await super().refresh(tokens, now=now)
        except TryLater as refused:
            if refused.platform_code != AUTHENTICATION:
                raise
            try:
                await self.check_app()
            except Rejected:
                raise refused from None
            ended = "Pinterest no longer accepts this account's login: it has expired or was withdrawn."
            raise CredentialInvalid(ended, advice=AGAIN, step=REFRESH, **refused.reported) from refused

    async def check_app(self) -> None:
        """Ask for a token with a code that does not exist. Raises Rejected where the app is refused, TryLater."""
        await self._check_app(_NO_CODE)

    async def _exchange_code(self, fields: Mapping[str, str]) -> JsonObject:
        # Apps from before 2025-09-25 get a refresh token that lasts only if they ask for it.
        return await super()._exchange_code({**fields, "continuous_refresh": "true"})
