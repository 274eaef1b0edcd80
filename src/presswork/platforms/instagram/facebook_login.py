"""Finds the Instagram accounts that are linked to a person's Facebook Pages.

Source: Meta, "Instagram API with Facebook Login", read 2026-11.
"""

from typing import Final

from presswork.platforms.graph.facebook_login import PageAccount, PageReading
from presswork.platforms.graph.responses import JsonObject, text_of
from presswork.platforms.instagram.error_mapping import INSTAGRAM


def _account_of(page: JsonObject) -> PageAccount | None:
    account = page.get("instagram_business_account")
    external_id = text_of(account.get("id")) if isinstance(account, dict) else None
    if not isinstance(account, dict) or external_id is None:
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
    account_of=_account_of,
    no_account="None of the person's Facebook Pages has an Instagram professional account that Presswork may use. Link the account to "
    "a Page, turn it into a professional one if it is personal, and tick that Page and account in the dialog.",
)
"""The Instagram accounts behind Pages."""
