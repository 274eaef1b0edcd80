"""What the logins of Meta's platforms share: how errors are read, reads that are repeated, tokens that renew themselves, and Facebook Login.

Facebook Login connects Pages, or the accounts that belong to Pages. The person's token is used to list the Pages and to revoke the
grant; publishing uses the token of the Page, which does not expire.
Sources: Meta, "Access Token" and "Refresh Access Token" (Instagram API), "Long-Lived Access Tokens" (Threads API), "Manually Build a
Login Flow", "Get Long-Lived Tokens" and "Permissions", read 2026-11.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Final, Literal

from presswork.platforms.api_client import ApiError, ApiResponse, JsonObject
from presswork.platforms.errors import CredentialInvalid, FailureCode, PlatformError, Rejected, TryLater
from presswork.platforms.graph.client import (
    Brand,
    GraphError,
    GraphResponse,
    UnreadableResponse,
    first_of,
    items_of,
    next_page,
    proof_of,
    read_response,
    text_of,
)
from presswork.platforms.oauth import AGAIN, REFRESH, TOKEN, OAuth, OAuthLogin, read_persistently
from presswork.platforms.port import AppCredentials, Grant, Tokens
from presswork.platforms.transport import Reply, Transport

_REFRESH_AHEAD: Final = timedelta(days=10)
_YOUNGEST_REFRESHED: Final = timedelta(hours=24)
"""A younger token is not refreshed."""
_INVALID_PARAMETER: Final = 100
SUBSCRIBE: Final = "subscribed_apps"
METADATA: Final = "pages_manage_metadata"
"""The permission to have webhooks report what happens on a Page. PRESSWORK_FACEBOOK_EXTRA_SCOPES may name it."""
_PAGE_FIELDS: Final = "feed"
_MAX_SUBSCRIBED: Final = 25
"""Pages of one login for which webhooks are requested; the person may connect any of them."""


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
        read=partial(_read_reply, brand),
        authorize=authorize,
        token="/oauth/access_token",  # noqa: S106  a path
        separator=",",
        clean_code=lambda code: code.removesuffix(code_suffix),
        login_advice="A login works once and for an hour. Start connecting the account again.",
    )


def _read_reply(brand: Brand, reply: Reply) -> ApiResponse:
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


@dataclass(kw_only=True, eq=False)
class GraphLogin(OAuthLogin):
    """The login of a platform behind Graph, whose access token is renewed by itself, without a refresh token."""

    brand: Brand
    graph: str
    """Base URL of the calls that follow the exchange of the code, without a slash at the end."""
    grant_prefix: str = ""
    """How the names of the platform's own grant types begin (`ig`, `th`)."""
    webhook_fields: str = ""
    """What webhooks report of the accounts that are connected; empty where the operator registered none."""
    sends_proofs: bool = False
    """Whether calls with a token prove that they come from who has the app's secret."""

    async def subscribe(self, path: str, *, token: str) -> None:
        """Have webhooks report comments of an account, where they are registered. An error ends no login: without webhooks, comments
        are read by the age of the post. Source: Meta, "Subscribed Apps" (Instagram API, Page), read 2026-12.
        """
        if self.webhook_fields:
            params = {"subscribed_fields": self.webhook_fields}
            with suppress(PlatformError):
                self.brand.object_of(await self.call("POST", path, params, step=SUBSCRIBE, token=token), step=SUBSCRIBE)

    async def call(
        self,
        method: Literal["GET", "POST", "DELETE"],
        path: str,
        parameters: Mapping[str, str],
        *,
        step: str,
        token: str | None = None,
    ) -> GraphResponse:
        """Make one call, once. Raises TryLater when no response arrived."""
        if self.sends_proofs and token is not None:
            parameters = {**parameters, **proof_of(self.app.client_secret, token)}
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
    """Returns the account of a Page, or None if it has none that can be published to."""
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
        has_webhooks: bool = False,
    ) -> None:
        """Store how accounts are found. `graph` and `www` are the base URLs of the API and of the dialog; `has_webhooks`: whether the
        operator has registered webhooks."""
        graph = f"{graph.rstrip('/')}/{api_version}"
        super().__init__(
            oauth=oauth_of(reading.brand, authorize="/dialog/oauth", code_suffix="#_=_"),
            brand=reading.brand,
            site=f"{www.rstrip('/')}/{api_version}",
            server=graph,
            graph=graph,
            app=app,
            transport=transport,
            timeout=timeout,
            permissions=permissions,
            webhook_fields=_PAGE_FIELDS if has_webhooks else "",
            sends_proofs=True,
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
        for page in pages[:_MAX_SUBSCRIBED] if METADATA in scopes else ():
            page_id, page_token = text_of(page.get("id")), text_of(page.get("access_token"))
            if page_id is not None and page_token is not None and self._reading.account_of(page) is not None:
                await self.subscribe(f"{page_id}/{SUBSCRIBE}", token=page_token)
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
        """Return None, since a Page's token does not expire, and once it is invalid only a new login helps."""

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
