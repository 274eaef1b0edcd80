"""Setting up TikTok from the settings."""

import pytest
from pydantic import SecretStr

from presswork.core.errors import Unavailable
from presswork.platforms.port import Mode
from presswork.platforms.sandbox_access import SandboxAccess, SandboxTokens
from presswork.platforms.settings import Settings
from presswork.platforms.tiktok import plugin
from presswork.platforms.transport import Transport


async def test_sandbox_needs_no_settings() -> None:
    """A test project's TikTok is the sandbox's, whatever settings are missing; its links are the real site's."""
    async with Transport(name="tiktok") as transport:
        sandbox = SandboxAccess(
            url="http://127.0.0.1:1/sandbox", tokens=SandboxTokens.random(), service_url="http://127.0.0.1:1"
        )
        platform = plugin.PLUGIN.open_test(Settings(), sandbox, transport)
    url = platform.login.authorize_url(redirect_uri="http://localhost/back", state="s", verifier="v")
    assert url.startswith("http://127.0.0.1:1/sandbox/www.tiktok.com/v2/auth/authorize/?client_key=")
    assert platform.required_scopes == {Mode.PUBLISH: {"video.publish"}, Mode.DRAFT: {"video.upload"}}
    assert "video.publish%2Cvideo.upload" in url  # a connected account can do both
    assert platform.offers_music


@pytest.mark.parametrize(
    ("settings", "missing"),
    [
        (Settings(tiktok_client_secret=SecretStr("s")), "PRESSWORK_TIKTOK_CLIENT_KEY"),
        (Settings(tiktok_client_key="k"), "PRESSWORK_TIKTOK_CLIENT_SECRET"),
    ],
)
async def test_live_names_what_is_missing(settings: Settings, missing: str) -> None:
    """Without the operator's app there is no live TikTok, and the error names the setting."""
    async with Transport(name="tiktok") as transport:
        with pytest.raises(Unavailable, match=missing):
            plugin.PLUGIN.open_live(settings, transport)


async def test_live() -> None:
    """With both settings the real site is used."""
    settings = Settings(tiktok_client_key="k", tiktok_client_secret=SecretStr("s"))
    async with Transport(name="tiktok") as transport:
        login = plugin.PLUGIN.open_live(settings, transport).login
    assert login.authorize_url(redirect_uri="https://x/back", state="s", verifier="v").startswith(
        "https://www.tiktok.com/v2/auth/authorize/?client_key=k&"
    )
