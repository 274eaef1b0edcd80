"""Connects Instagram accounts by the Facebook Page that they are linked to: OAuth by Facebook Login.

The person's token is used to list the Pages and to revoke the grant; publishing uses the token of the Page, which does not
expire. Source: Meta, "Manually Build a Login Flow", "Get Long-Lived Tokens", "Permissions" and
"Instagram API with Facebook Login", read 2026-11.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import urlencode

from presswork.platforms.errors import CredentialInvalid, FailureCode, Rejected
from presswork.platforms.graph.login_calls import AGAIN, TOKEN, LoginCalls
from presswork.platforms.graph.responses import GraphError, JsonObject, items_of, next_page, text_of
from presswork.platforms.instagram.endpoints import FacebookEndpoints
from presswork.platforms.instagram.error_mapping import INSTAGRAM
from presswork.platforms.port import AppCredentials, Grant, Tokens
from presswork.platforms.transport import Transport

_PAGES_A_CALL: Final = 100
_MOST_CALLS: Final = 20
"""Maximum number of Pages that are read; with more than 2,000, only the first ones are offered."""
_APP_REFUSED: Final = frozenset({1, 101})
_FIELDS: Final = "id,name,access_token,instagram_business_account{id,username,name,profile_picture_url}"


class FacebookLogin:
    """The port's `Login` for Instagram accounts behind Facebook Pages."""

    def __init__(
        self,
        *,
        endpoints: FacebookEndpoints,
        app: AppCredentials,
        transport: Transport,
        api_version: str,
        timeout: timedelta,
        permissions: Sequence[str],
    ) -> None:
        """Store Facebook's addresses, the app and the permissions that it requests, and the time-out of one call."""
        self._graph: Final = f"{endpoints.graph.rstrip('/')}/{api_version}"
        self._dialog: Final = f"{endpoints.www.rstrip('/')}/{api_version}/dialog/oauth"
        self._app: Final = app
        self._calls: Final = LoginCalls(INSTAGRAM, transport=transport, timeout=timeout)
        self.permissions: Final = tuple(permissions)

    def authorize_url(self, *, redirect_uri: str, state: str, verifier: str | None = None) -> str:  # noqa: ARG002  the port's
        """Return the URL of the page where the Page's owner agrees. It asks again for permissions that were declined before."""
        query = urlencode(
            {
                "client_id": self._app.client_id,
                "redirect_uri": redirect_uri,
                "response_type": "code",
                "scope": ",".join(self.permissions),
                "state": state,
                "auth_type": "rerequest",
            }
        )
        return f"{self._dialog}?{query}"

    async def check_app(self) -> None:
        """Request a token of the app, which is not kept. Raises Rejected, TryLater.

        A wrong id is refused with code 101, a wrong secret with code 1. Source: Meta, "Access Tokens", read 2026-11.
        """
        url, params = f"{self._graph}/oauth/access_token", self._as_app(grant_type="client_credentials")
        response = await self._calls.call("GET", url, "app_token", params)
        if isinstance(response, GraphError) and response.status < 500 and response.code in _APP_REFUSED:
            raise Rejected(
                f"{INSTAGRAM.quote(response)} Check the ID and secret (PRESSWORK_FACEBOOK_CLIENT_ID and PRESSWORK_FACEBOOK_CLIENT_SECRET, "
                "unless they are stored): they are the Meta app's, under App settings, Basic.",
                step="app_token",
                **response.reported,
            )
        INSTAGRAM.object_of(response, step="app_token")

    async def connect(
        self,
        *,
        code: str,
        redirect_uri: str,
        verifier: str | None = None,  # noqa: ARG002  the port's own parameter
        now: datetime,
    ) -> Grant:
        """Exchange the code for the tokens of the Pages that have an Instagram account; the first one's grant contains the
        others. Raises Rejected (ACCOUNT_NOT_ELIGIBLE when there is none), TryLater.
        """
        short = await self._calls.exchange(
            "GET",
            f"{self._graph}/oauth/access_token",
            self._as_app(redirect_uri=redirect_uri, code=code.removesuffix("#_=_")),
        )
        params = self._as_app(grant_type="fb_exchange_token", fb_exchange_token=_token_in(short))
        long = await self._calls.read(f"{self._graph}/oauth/access_token", "exchange", params)
        token = _token_in(long)
        person = text_of((await self._calls.read(f"{self._graph}/me", "me", {"fields": "id"}, token)).get("id"))
        granted = await self._calls.read(f"{self._graph}/me/permissions", "permissions", {}, token)
        scopes = frozenset(
            name
            for item in items_of(granted)
            if item.get("status") == "granted" and (name := text_of(item.get("permission"))) is not None
        )
        grants: dict[str, Grant] = {}
        for page in await self._pages(token):
            grant = _grant(page, scopes, person, token, _lifetime(long), now)
            if grant is not None:
                grants.setdefault(grant.external_id, grant)
        if not grants:
            raise Rejected(
                "None of the person's Facebook Pages has an Instagram professional account that Presswork may use. Link "
                "the account to a Page, turn it into a professional one if it is personal, and tick that Page and "
                f"account in the dialog. {AGAIN}",
                step="accounts",
                failure=FailureCode.ACCOUNT_NOT_ELIGIBLE,
            )
        first, *others = grants.values()
        return replace(first, others=tuple(others))

    def _as_app(self, **more: str) -> dict[str, str]:
        return {"client_id": self._app.client_id, "client_secret": self._app.client_secret, **more}

    async def _pages(self, token: str) -> Sequence[JsonObject]:
        """Return the person's Pages that they selected in the dialog. Raises Rejected, TryLater."""
        pages: list[JsonObject] = []
        params = {"fields": _FIELDS, "limit": str(_PAGES_A_CALL)}
        for _ in range(_MOST_CALLS):
            body = await self._calls.read(f"{self._graph}/me/accounts", "accounts", params, token)
            pages += items_of(body)
            after = next_page(body)
            if after is None:
                break
            params = params | {"after": after}
        return pages

    def refresh_due_at(self, tokens: Tokens) -> None:
        """Return None: a Page's token does not expire, and once it is invalid only a new login helps."""

    async def refresh(self, tokens: Tokens, *, now: datetime) -> Tokens:  # noqa: ARG002  the port's own parameters
        """Raise CredentialInvalid: see `refresh_due_at`."""
        raise CredentialInvalid(
            "Facebook does not renew the access to a Page automatically. Connect the account again.", step="refresh"
        )

    async def revoke(self, tokens: Tokens) -> None:
        """Remove the app from the person's Facebook account: this revokes the access to every Page that they connected.

        Needs the person's own token, which is valid for 60 days. Raises TryLater, Rejected.
        """
        if tokens.refresh_token is None:
            return
        response = await self._calls.call(
            "DELETE", f"{self._graph}/me/permissions", "revoke", {}, token=tokens.refresh_token
        )
        if isinstance(response, GraphError) and INSTAGRAM.is_token_invalid(response):
            raise Rejected(
                "The person's login at Facebook has run out, so that Presswork can't end its access there. They can do it "
                "in Facebook's settings under business integrations.",
                step="revoke",
                **response.reported,
            )
        INSTAGRAM.object_of(response, step="revoke")


def _token_in(body: JsonObject) -> str:
    token = text_of(body.get("access_token"))
    if token is None:
        raise Rejected(f"Facebook returned no access token. {AGAIN}", step=TOKEN)
    return token


def _lifetime(body: JsonObject) -> timedelta | None:
    seconds = body.get("expires_in")
    return timedelta(seconds=seconds) if isinstance(seconds, int) and seconds > 0 else None


def _grant(
    page: JsonObject,
    scopes: frozenset[str],
    person: str | None,
    person_token: str,
    lifetime: timedelta | None,
    now: datetime,
) -> Grant | None:
    """Return a Page's grant: its token, for the Instagram account that is linked to it; None without such an account."""
    account, token = page.get("instagram_business_account"), text_of(page.get("access_token"))
    external_id = text_of(account.get("id")) if isinstance(account, dict) else None
    if not isinstance(account, dict) or external_id is None or token is None:
        return None
    return Grant(
        tokens=Tokens(
            access_token=token,
            issued_at=now,
            expires_at=None,
            # not for refreshing, but to revoke the grant
            refresh_token=person_token,
            refresh_expires_at=None if lifetime is None else now + lifetime,
        ),
        external_id=external_id,
        handle=text_of(account.get("username")) or external_id,
        display_name=text_of(account.get("name")) or text_of(page.get("name")),
        avatar_url=text_of(account.get("profile_picture_url")),
        scopes=scopes,
        grantor_id=person,
    )
