"""Facebook Login: connects Pages, or the accounts that belong to Pages, by OAuth.

The person's token is used to list the Pages and to revoke the grant; publishing uses the token of the Page, which does not
expire. Source: Meta, "Manually Build a Login Flow", "Get Long-Lived Tokens" and "Permissions", read 2026-11.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import urlencode

from presswork.platforms.errors import CredentialInvalid, FailureCode, PlatformError, Rejected
from presswork.platforms.graph.client import Brand
from presswork.platforms.graph.login_calls import AGAIN, TOKEN, LoginCalls
from presswork.platforms.graph.responses import GraphError, JsonObject, items_of, next_page, text_of
from presswork.platforms.port import AppCredentials, Grant, Tokens
from presswork.platforms.transport import Transport

_PAGES_A_CALL: Final = 100
_MOST_CALLS: Final = 20
"""Maximum number of Pages that are read; with more than 2,000, only the first ones are offered."""
_MOST_PORTFOLIOS: Final = 25
_APP_REFUSED: Final = frozenset({1, 101})
BUSINESSES: Final = "business_management"
"""The permission to see the Pages of business portfolios."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PageAccount:
    """The account that a Page gives access to."""

    external_id: str
    handle: str
    display_name: str | None
    avatar_url: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PageReading:
    """How the accounts of one platform are found among a person's Pages."""

    brand: Brand
    fields: str
    """Fields of a Page that are read; `access_token` is among them."""
    account_of: Callable[[JsonObject], PageAccount | None]
    """Returns the account of a Page; None: it has none that can be published to."""
    no_account: str
    """Why a login fails that gives access to no account, and what to do about it."""
    reads_portfolios: bool = False
    """Whether the Pages of the person's business portfolios are listed as well, if the person allowed that."""


class FacebookLogin:
    """The port's `Login` for what belongs to Facebook Pages."""

    def __init__(
        self,
        reading: PageReading,
        *,
        graph: str,
        www: str,
        app: AppCredentials,
        transport: Transport,
        api_version: str,
        timeout: timedelta,
        permissions: Sequence[str],
    ) -> None:
        """Store how accounts are found, the addresses of the Graph API and of the dialog, the app and the permissions that it
        requests, and the time-out of one call.
        """
        self._reading: Final = reading
        self._brand: Final = reading.brand
        self._graph: Final = f"{graph.rstrip('/')}/{api_version}"
        self._dialog: Final = f"{www.rstrip('/')}/{api_version}/dialog/oauth"
        self._app: Final = app
        self._calls: Final = LoginCalls(reading.brand, transport=transport, timeout=timeout)
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
                f"{self._brand.quote(response)} Check the ID and secret (PRESSWORK_FACEBOOK_CLIENT_ID and PRESSWORK_FACEBOOK_CLIENT_SECRET, "
                "unless they are stored): they are the Meta app's, under App settings, Basic.",
                step="app_token",
                **response.reported,
            )
        self._brand.object_of(response, step="app_token")

    async def connect(
        self,
        *,
        code: str,
        redirect_uri: str,
        verifier: str | None = None,  # noqa: ARG002  the port's own parameter
        now: datetime,
    ) -> Grant:
        """Exchange the code for the tokens of the Pages that give access to an account; the first one's grant contains the
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
        pages = await self._pages("me/accounts", token)
        if self._reading.reads_portfolios and BUSINESSES in scopes:
            pages += await self._pages_of_portfolios(token)
        lifetime = _lifetime(long)
        ends_at = None if lifetime is None else now + lifetime
        grants: dict[str, Grant] = {}
        for page in pages:
            account, page_token = self._reading.account_of(page), text_of(page.get("access_token"))
            if account is not None and page_token is not None:
                # the person's token is not for refreshing, but to revoke the grant
                tokens = Tokens(
                    access_token=page_token,
                    issued_at=now,
                    expires_at=None,
                    refresh_token=token,
                    refresh_expires_at=ends_at,
                )
                grants.setdefault(account.external_id, _grant(account, tokens, scopes, person))
        if not grants:
            raise Rejected(
                f"{self._reading.no_account} {AGAIN}", step="accounts", failure=FailureCode.ACCOUNT_NOT_ELIGIBLE
            )
        first, *others = grants.values()
        return replace(first, others=tuple(others))

    def _as_app(self, **more: str) -> dict[str, str]:
        return {"client_id": self._app.client_id, "client_secret": self._app.client_secret, **more}

    async def _pages(self, path: str, token: str) -> list[JsonObject]:
        """Return the Pages of a list; of `me/accounts` those that the person selected. Raises Rejected, TryLater."""
        return await self._list(path, "accounts", self._reading.fields, token)

    async def _pages_of_portfolios(self, token: str) -> list[JsonObject]:
        """Return the Pages of the person's business portfolios. Those of one that can't be read are not offered."""
        pages: list[JsonObject] = []
        try:
            portfolios = await self._list("me/businesses", "businesses", "id", token)
        except PlatformError:
            return pages
        for portfolio in (text_of(found.get("id")) for found in portfolios[:_MOST_PORTFOLIOS]):
            for edge in ("owned_pages", "client_pages") if portfolio is not None else ():
                try:
                    pages += await self._list(f"{portfolio}/{edge}", edge, self._reading.fields, token)
                except PlatformError:
                    continue
        return pages

    async def _list(self, path: str, step: str, fields: str, token: str) -> list[JsonObject]:
        found: list[JsonObject] = []
        params = {"fields": fields, "limit": str(_PAGES_A_CALL)}
        for _ in range(_MOST_CALLS):
            body = await self._calls.read(f"{self._graph}/{path}", step, params, token)
            found += items_of(body)
            after = next_page(body)
            if after is None:
                break
            params = params | {"after": after}
        return found

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
        if isinstance(response, GraphError) and self._brand.is_token_invalid(response):
            raise Rejected(
                "The person's login at Facebook has run out, so that Presswork can't end its access there. They can do it "
                "in Facebook's settings under business integrations.",
                step="revoke",
                **response.reported,
            )
        self._brand.object_of(response, step="revoke")


def _token_in(body: JsonObject) -> str:
    token = text_of(body.get("access_token"))
    if token is None:
        raise Rejected(f"Facebook returned no access token. {AGAIN}", step=TOKEN)
    return token


def _lifetime(body: JsonObject) -> timedelta | None:
    seconds = body.get("expires_in")
    return timedelta(seconds=seconds) if isinstance(seconds, int) and seconds > 0 else None


def _grant(account: PageAccount, tokens: Tokens, scopes: frozenset[str], person: str | None) -> Grant:
    return Grant(
        tokens=tokens,
        external_id=account.external_id,
        handle=account.handle,
        display_name=account.display_name,
        avatar_url=account.avatar_url,
        scopes=scopes,
        grantor_id=person,
    )
