"""Setting up Facebook Pages from the settings."""

from urllib.parse import parse_qs, urlsplit

import pytest
from pydantic import SecretStr

from presswork.core.errors import Unavailable
from presswork.platforms.facebook_pages import plugin
from presswork.platforms.port import Environment, LoginName, Mode, PlatformName
from presswork.platforms.registry import Platforms, app_owner, logins_of
from presswork.platforms.sandbox_access import SandboxAccess, SandboxTokens
from presswork.platforms.settings import Settings
from presswork.platforms.transport import Transport

APP = Settings(facebook_client_id="77", facebook_client_secret=SecretStr("hush"), public_url="https://x.example")


async def test_sandbox_needs_no_settings() -> None:
    """A test project's Facebook is the sandbox's, whatever settings are missing."""
    async with Transport(name="facebook_pages") as transport:
        sandbox = SandboxAccess(
            url="http://127.0.0.1:1/sandbox", tokens=SandboxTokens.random(), service_url="http://127.0.0.1:1"
        )
        platform = plugin.PLUGIN.open_test(Settings(), sandbox, transport)
    url = platform.login.authorize_url(redirect_uri="http://localhost/back", state="s", verifier="v")
    assert url.startswith("http://127.0.0.1:1/sandbox/www.facebook.com/v27.0/dialog/oauth?client_id=")
    assert platform.required_scopes == {Mode.PUBLISH: {"pages_manage_posts", "pages_read_engagement"}}
    assert platform.comment_scopes == {"pages_manage_engagement", "pages_read_user_content"}


@pytest.mark.parametrize(
    ("settings", "missing"),
    [
        (Settings(facebook_client_secret=SecretStr("s")), "PRESSWORK_FACEBOOK_CLIENT_ID"),
        (Settings(facebook_client_id="k"), "PRESSWORK_FACEBOOK_CLIENT_SECRET"),
    ],
)
async def test_live_names_what_is_missing(settings: Settings, missing: str) -> None:
    """Without the operator's app there is no live Facebook, and the error names the setting."""
    async with Transport(name="facebook_pages") as transport:
        with pytest.raises(Unavailable, match=missing):
            plugin.PLUGIN.open_live(settings, transport)


async def test_live_uses_facebook() -> None:
    """The real dialog is used, with the permissions in their order and the extra ones."""
    settings = APP.model_copy(update={"facebook_extra_scopes": "business_management"})
    async with Transport(name="facebook_pages") as transport:
        login = plugin.PLUGIN.open_live(settings, transport).login
    url = urlsplit(login.authorize_url(redirect_uri="https://x.example/oauth/callback/e", state="s", verifier="v"))
    assert f"{url.scheme}://{url.netloc}{url.path}" == "https://www.facebook.com/v27.0/dialog/oauth"
    [requested] = parse_qs(url.query)["scope"]
    assert requested.split(",") == [
        "pages_show_list",
        "pages_read_engagement",
        "pages_manage_posts",
        "pages_manage_engagement",
        "pages_read_user_content",
        "business_management",
    ]


async def test_one_app_serves_both_logins() -> None:
    """The settings of Instagram's second login make Pages available as well."""
    async with Platforms(APP, base_url="http://127.0.0.1:1") as platforms:
        assert platforms.is_available(LoginName.FACEBOOK, Environment.LIVE)
        assert platforms.is_available(LoginName.FACEBOOK_PAGES, Environment.LIVE)
    assert logins_of(PlatformName.FACEBOOK) == [LoginName.FACEBOOK_PAGES]
    assert app_owner(LoginName.FACEBOOK_PAGES) is app_owner(LoginName.FACEBOOK) is LoginName.FACEBOOK
    assert app_owner(LoginName.INSTAGRAM) is LoginName.INSTAGRAM
