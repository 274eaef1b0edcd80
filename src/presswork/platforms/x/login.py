"""Connects X accounts by OAuth with PKCE, and refreshes their tokens: access tokens of two hours, refresh tokens that serve once.

Source: xdevplatform/docs (2026-08), "OAuth 2.0 Authorization Code Flow with PKCE", and the page about the exchange of tokens (2026-09), read
2026-11. The code of a redirect is valid for 30 seconds.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from presswork.platforms.api_client import JsonObject
from presswork.platforms.errors import TryLater
from presswork.platforms.json_values import part_of, text_of
from presswork.platforms.oauth import AGAIN, OAuth, OAuthLogin, digest, read_persistently, read_scopes
from presswork.platforms.oauth import TOKEN as STEP
from presswork.platforms.port import AppCredentials, Grant, Tokens
from presswork.platforms.x.api import AUTHORIZE, ME, REVOKE, TOKEN, Api, read_response
from presswork.platforms.x.description import SCOPES
from presswork.platforms.x.error_mapping import X

WHO: Final = "me"
_INVALID: Final = "invalid_request"
"""X's code for a token, and for a code, that is not valid."""
_X: Final = OAuth(
    name="X",
    read=read_response,
    authorize=AUTHORIZE,
    token=TOKEN,
    revoke=REVOKE,
    is_basic=True,
    challenge=digest,
    check_app="X does not accept the app's client ID and secret. Check them (PRESSWORK_X_CLIENT_ID and PRESSWORK_X_CLIENT_SECRET, "
    "unless they are stored): they are those of OAuth 2.0, of an app of the type Web App.",
    code_errors={
        _INVALID: "X's login code was used before, is older than 30 seconds, or was issued for another redirect URI. Connect the "
        "account again. If this happens again, check that the redirect URI is registered in the app exactly as Presswork uses it."
    },
    grant_errors=frozenset({_INVALID, "invalid_grant"}),
    grant_ended="X no longer accepts this account's login: it was withdrawn, or was not used for six months.",
    revoked_errors=frozenset({_INVALID, "invalid_grant", "invalid_token"}),
    revoke_place="in the settings of X, under Security and account access, Apps and sessions",
)


class XLogin(OAuthLogin):
    """The port's `Login` for X."""

    def __init__(self, api: Api, app: AppCredentials, *, permissions: Sequence[str] = SCOPES) -> None:
        super().__init__(
            oauth=_X,
            site=api.endpoints.www_url,
            server=api.endpoints.api_url,
            app=app,
            transport=api.transport,
            timeout=api.retry_policy.timeouts.call,
            permissions=permissions,
        )
        self._api: Final = api

    async def read_grant(self, tokens: Tokens, response: JsonObject, *, now: datetime) -> Grant:
        """Return the grant of the account. Raises Rejected, TryLater, CredentialInvalid."""

        async def read_account() -> JsonObject:
            with X.lost(step=WHO):
                reply = await self._api.call(
                    "GET", ME, {"user.fields": "profile_image_url"}, step=WHO, token=tokens.access_token
                )
            return part_of(X.object_of(read_response(reply), step=WHO, now=now), "data")

        account = await read_persistently(read_account)
        external_id, handle = text_of(account.get("id")), text_of(account.get("username"))
        if external_id is None or handle is None:
            raise TryLater(f"X did not report whose login this is. {AGAIN}", step=STEP)
        return Grant(
            tokens=tokens,
            external_id=external_id,
            handle=handle,
            display_name=text_of(account.get("name")),
            avatar_url=text_of(account.get("profile_image_url")),
            scopes=read_scopes(response.get("scope")) or frozenset(self.permissions),
        )

    def revocation_of(self, tokens: Tokens) -> Mapping[str, str]:
        """Return the refresh token, whose revocation ends the whole grant."""
        return self.as_app({"token": tokens.refresh_token or tokens.access_token})

    async def check_app(self) -> None:
        """Ask for a token with a refresh token that does not exist. Raises Rejected where the app is refused, TryLater.

        X checks the app before the token (general knowledge, not documented).
        """
        await self._check_app({"grant_type": "refresh_token", "refresh_token": "none"})
