"""Connects Instagram accounts: by Instagram Login, or by the Facebook Pages that they are linked to.

Source: Meta, "Business Login for Instagram", "Access Token" and "Instagram API with Facebook Login", read 2026-11.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from presswork.platforms.api_client import JsonObject
from presswork.platforms.errors import Rejected
from presswork.platforms.graph.client import first_of, text_of
from presswork.platforms.graph.login import SUBSCRIBE, GraphLogin, PageAccount, PageReading, oauth_of
from presswork.platforms.instagram.description import BY_INSTAGRAM, Endpoints
from presswork.platforms.instagram.error_mapping import INSTAGRAM
from presswork.platforms.json_values import part_of
from presswork.platforms.oauth import AGAIN, read_scopes
from presswork.platforms.port import AppCredentials, Grant, Tokens
from presswork.platforms.transport import Transport


class InstagramLogin(GraphLogin):
    """The port's `Login` for Instagram Login."""

    def __init__(
        self,
        *,
        endpoints: Endpoints,
        app: AppCredentials,
        transport: Transport,
        api_version: str,
        timeout: timedelta,
        permissions: Sequence[str] = BY_INSTAGRAM.requested,
        has_webhooks: bool = False,
    ) -> None:
        """Store the URLs and the app; `has_webhooks`: whether the operator has registered webhooks."""
        super().__init__(
            oauth=oauth_of(INSTAGRAM),
            brand=INSTAGRAM,
            site=endpoints.www,
            server=endpoints.api,
            graph=endpoints.graph.rstrip("/"),
            grant_prefix="ig",
            app=app,
            transport=transport,
            timeout=timeout,
            permissions=permissions,
            webhook_fields="comments" if has_webhooks else "",
        )
        self._api_version: Final = api_version

    async def read_grant(self, tokens: Tokens, response: JsonObject, *, now: datetime) -> Grant:
        """Return the grant with the account's profile and a token for 60 days."""
        tokens = await self.extend(tokens, now=now)
        # `id` is the person's id for this app: that of signed requests.
        params = {"fields": "id,user_id,username,name,account_type,profile_picture_url"}
        profile = first_of(await self.read(f"{self._api_version}/me", params, step="me", token=tokens.access_token))
        external_id = text_of(profile.get("user_id")) or text_of(response.get("user_id"))
        if external_id is None:
            raise Rejected(f"Instagram named no account. {AGAIN}", step="me")
        await self.subscribe(f"{self._api_version}/me/{SUBSCRIBE}", token=tokens.access_token)
        return Grant(
            tokens=tokens,
            external_id=external_id,
            handle=text_of(profile.get("username")) or external_id,
            display_name=text_of(profile.get("name")),
            avatar_url=text_of(profile.get("profile_picture_url")),
            scopes=read_scopes(response.get("permissions")) or frozenset(self.permissions),
            grantor_id=text_of(profile.get("id")),
        )


def _find_account(page: JsonObject) -> PageAccount | None:
    account = part_of(page, "instagram_business_account")
    external_id = text_of(account.get("id"))
    if external_id is None:
        return None
    return PageAccount(
        external_id=external_id,
        handle=text_of(account.get("username")) or external_id,
        display_name=text_of(account.get("name")) or text_of(page.get("name")),
        avatar_url=text_of(account.get("profile_picture_url")),
    )


LINKED_ACCOUNTS: Final = PageReading(
    brand=INSTAGRAM,
    fields="id,name,access_token,instagram_business_account{id,username,name,profile_picture_url}",
    account_of=_find_account,
    no_account="None of the person's Facebook Pages has an Instagram professional account that Presswork may use. Link the account to "
    "a Page, turn it into a professional one if it is personal, and tick that Page and account in the dialog.",
)
"""The Instagram accounts behind Pages."""
