"""The pages about the first live post name what the program sends and reads, and link to each other."""

import re
from typing import Final
from urllib.parse import parse_qs, urlsplit

import pytest
from pydantic import SecretStr
from tests.docs.pages import DOCS, links

from presswork.accounts.login import redirect_uri
from presswork.core.enums import Environment
from presswork.core.setting_values import PREFIX
from presswork.platforms.names import LoginName
from presswork.platforms.registry import Platforms
from presswork.platforms.settings import Settings

PAGES: Final = {
    LoginName.INSTAGRAM: "first-live-instagram-post.md",
    LoginName.TIKTOK: "first-live-tiktok-post.md",
    LoginName.FACEBOOK_PAGES: "first-live-facebook-post.md",
}
PUBLIC_URL: Final = "https://presswork.example.com"


@pytest.fixture(scope="module")
def platforms() -> Platforms:
    """Platforms with credentials for every live login."""
    return Platforms(
        Settings(
            public_url=PUBLIC_URL,
            instagram_client_id="1",
            instagram_client_secret=SecretStr("s"),
            facebook_client_id="1",
            facebook_client_secret=SecretStr("s"),
            tiktok_client_key="k",
            tiktok_client_secret=SecretStr("s"),
        ),
        base_url=PUBLIC_URL,
    )


def test_a_page_names_what_the_login_sends(platforms: Platforms) -> None:
    """Its redirect URI, in a block to copy, and each permission are those of the authorize URL."""
    missing = []
    for login, page in PAGES.items():
        text = (DOCS / page).read_text(encoding="utf-8")
        back = redirect_uri(PUBLIC_URL, platforms.callback_of(login))
        if not re.search(rf"^ *{re.escape(back)}$", text, re.MULTILINE):
            missing.append(f"{page}: {back}")
        url = platforms.get(login, Environment.LIVE).login.authorize_url(redirect_uri=back, state="s", verifier="v")
        scopes = parse_qs(urlsplit(url).query)["scope"][0].split(",")
        missing += [f"{page}: {scope}" for scope in scopes if f"`{scope}`" not in text]
    assert missing == []


def test_the_guide_names_each_redirect_uri(platforms: Platforms) -> None:
    """The guide to connecting accounts has a block with the redirect URI of each login."""
    text = (DOCS / "connecting-accounts.md").read_text(encoding="utf-8")
    wanted = [redirect_uri(PUBLIC_URL, platforms.callback_of(login)) for login in LoginName]
    assert [url for url in wanted if f"   {url}\n" not in text] == []


def test_each_named_setting_exists() -> None:
    """Each PRESSWORK_… of a page is a setting."""
    for page in PAGES.values():
        text = (DOCS / page).read_text(encoding="utf-8")
        named = set(re.findall(rf"{PREFIX}(\w+)", text))
        assert named, page
        assert {name.lower() for name in named} <= set(Settings.model_fields), page


def test_the_index_and_the_guide_link_the_pages() -> None:
    """A reader finds both pages from the index and from the guide."""
    for source in ("index.md", "connecting-accounts.md"):
        assert set(PAGES.values()) <= {link.partition("#")[0] for link in links(DOCS / source)}


async def test_an_app_with_the_older_redirect_uri_can_keep_it() -> None:
    """With PRESSWORK_CALLBACK_PATHS=platform the redirect URIs are those of earlier versions."""
    older = Platforms(Settings(callback_paths="platform"), base_url=PUBLIC_URL)
    older_logins = (LoginName.INSTAGRAM, LoginName.FACEBOOK, LoginName.TIKTOK)
    assert [older.callback_of(login) for login in older_logins] == ["instagram", "instagram", "tiktok"]
