"""Facebook Login: connects Pages, or the accounts that belong to Pages, by OAuth.

The person's token is used to list the Pages and to revoke the grant; publishing uses the token of the Page, which does not
expire. Source: Meta, "Manually Build a Login Flow", "Get Long-Lived Tokens" and "Permissions", read 2026-11.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from presswork.platforms.errors import CredentialInvalid, FailureCode, PlatformError, Rejected
from presswork.platforms.graph.client import Brand
from presswork.platforms.graph.login import GraphLogin, oauth_of
from presswork.platforms.graph.responses import GraphError, JsonObject, items_of, next_page, text_of
from presswork.platforms.oauth import AGAIN, TOKEN
from presswork.platforms.port import AppCredentials, Grant, Tokens
from presswork.platforms.transport import Transport

_PAGES_A_CALL: Final = 100
_MAX_CALLS: Final = 20
"""Maximum number of calls for a list; of more than 2,000 Pages, only the first ones are offered."""
_MAX_PORTFOLIOS: Final = 25
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


class FacebookLogin(GraphLogin):
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
        """Store how accounts are found. `graph` and `www` are the base URLs of the API and of the dialog."""
        graph = f"{graph.rstrip('/')}/{api_version}"
        super().__init__(
            oauth=oauth_of(
                reading.brand,
                authorize="/dialog/oauth",
                code_suffix="#_=_",
            ),
            brand=reading.brand,
            site=f"{www.rstrip('/')}/{api_version}",
            server=graph,
            graph=graph,
            app=app,
            transport=transport,
            timeout=timeout,
            permissions=permissions,
        )
        self._reading: Final = reading

    def authorize_url(self, *, redirect_uri: str, state: str, verifier: str | None = None) -> str:
        """Return the URL of Facebook's dialog. It asks again for permissions that were declined before."""
        url = super().authorize_url(redirect_uri=redirect_uri, state=state, verifier=verifier)
        return f"{url}&auth_type=rerequest"

    async def check_app(self) -> None:
        """Request a token of the app, which is not kept. Raises Rejected, TryLater.

        A wrong id is refused with code 101, a wrong secret with code 1. Source: Meta, "Access Tokens", read 2026-11.
        """
        params = self.as_app({"grant_type": "client_credentials"})
        response = await self.call("GET", "oauth/access_token", params, step="app_token")
        if isinstance(response, GraphError) and response.status < 500 and response.code in _APP_REFUSED:
            raise Rejected(
                f"{self.brand.quote(response)} Check the ID and secret (PRESSWORK_FACEBOOK_CLIENT_ID and PRESSWORK_FACEBOOK_CLIENT_SECRET, "
                "unless they are stored): they are the Meta app's, under App settings, Basic.",
                step="app_token",
                **response.reported,
            )
        self.brand.object_of(response, step="app_token")

    async def _exchange_code(self, fields: Mapping[str, str]) -> JsonObject:
        """Exchange the code by a GET, which has no grant type."""
        params = {"redirect_uri": fields["redirect_uri"], "code": fields["code"]}
        return await self._request_token(params, step=TOKEN, method="GET")

    async def read_grant(self, tokens: Tokens, response: JsonObject, *, now: datetime) -> Grant:  # noqa: ARG002  the flow's
        """Return the grant of the first Page that gives access to an account, with the others; each has the token of its Page."""
        exchange = {"grant_type": "fb_exchange_token", "fb_exchange_token": tokens.access_token}
        body = await self.read("oauth/access_token", self.as_app(exchange), step="exchange")
        long = self._require_tokens(body, step="exchange", now=now)
        token = long.access_token
        person = text_of((await self.read("me", {"fields": "id"}, step="me", token=token)).get("id"))
        granted = await self.read("me/permissions", {}, step="permissions", token=token)
        scopes = frozenset(
            name
            for item in items_of(granted)
            if item.get("status") == "granted" and (name := text_of(item.get("permission"))) is not None
        )
        # of `me/accounts`, those Pages that the person selected
        pages = await self._list_objects("me/accounts", "accounts", self._reading.fields, token)
        if self._reading.reads_portfolios and BUSINESSES in scopes:
            pages += await self._list_portfolio_pages(token)
        grants: dict[str, Grant] = {}
        for page in pages:
            account, page_token = self._reading.account_of(page), text_of(page.get("access_token"))
            if account is not None and page_token is not None:
                grant = Grant(
                    # the person's token is not for refreshing, but to revoke the grant
                    tokens=Tokens(
                        access_token=page_token,
                        issued_at=now,
                        expires_at=None,
                        refresh_token=token,
                        refresh_expires_at=long.expires_at,
                    ),
                    external_id=account.external_id,
                    handle=account.handle,
                    display_name=account.display_name,
                    avatar_url=account.avatar_url,
                    scopes=scopes,
                    grantor_id=person,
                )
                grants.setdefault(account.external_id, grant)
        if not grants:
            raise Rejected(
                f"{self._reading.no_account} {AGAIN}", step="accounts", failure=FailureCode.ACCOUNT_NOT_ELIGIBLE
            )
        first, *others = grants.values()
        return replace(first, others=tuple(others))

    async def _list_portfolio_pages(self, token: str) -> list[JsonObject]:
        """Return the Pages of the person's business portfolios. Those of one that can't be read are not offered."""
        pages: list[JsonObject] = []
        try:
            portfolios = await self._list_objects("me/businesses", "businesses", "id", token)
        except PlatformError:
            return pages
        for portfolio in (text_of(found.get("id")) for found in portfolios[:_MAX_PORTFOLIOS]):
            for edge in ("owned_pages", "client_pages") if portfolio is not None else ():
                try:
                    pages += await self._list_objects(f"{portfolio}/{edge}", edge, self._reading.fields, token)
                except PlatformError:
                    continue
        return pages

    async def _list_objects(self, path: str, step: str, fields: str, token: str) -> list[JsonObject]:
        found: list[JsonObject] = []
        params = {"fields": fields, "limit": str(_PAGES_A_CALL)}
        for _ in range(_MAX_CALLS):
            body = await self.read(path, params, step=step, token=token)
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
        response = await self.call("DELETE", "me/permissions", {}, step="revoke", token=tokens.refresh_token)
        if isinstance(response, GraphError) and self.brand.is_token_invalid(response):
            raise Rejected(
                "The person's login at Facebook has run out, so that Presswork can't end its access there. They can do it "
                "in Facebook's settings under business integrations.",
                step="revoke",
                **response.reported,
            )
        self.brand.object_of(response, step="revoke")
