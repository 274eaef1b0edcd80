"""Setting up Instagram by Facebook Login from the settings."""

from datetime import date, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from pydantic import SecretStr

from presswork.core.errors import Unavailable
from presswork.doctor.checks.platforms import api_versions
from presswork.doctor.model import CheckStatus
from presswork.platforms.instagram import plugin
from presswork.platforms.port import Environment, LoginName, PlatformName
from presswork.platforms.registry import Platforms, logins_of
from presswork.platforms.settings import Settings
from presswork.platforms.transport import Transport

APP = Settings(facebook_client_id="77", facebook_client_secret=SecretStr("hush"), public_url="https://x.example")


@pytest.mark.parametrize(
    ("settings", "missing"),
    [
        (Settings(facebook_client_secret=SecretStr("s")), "PRESSWORK_FACEBOOK_CLIENT_ID"),
        (Settings(facebook_client_id="k"), "PRESSWORK_FACEBOOK_CLIENT_SECRET"),
    ],
)
async def test_live_names_what_is_missing(settings: Settings, missing: str) -> None:
    """Without the operator's app no live account connects by Facebook, and the error names the setting."""
    async with Transport(name="facebook") as transport:
        with pytest.raises(Unavailable, match=missing):
            plugin.FACEBOOK_PLUGIN.open_live(settings, transport)


async def test_live_uses_facebook() -> None:
    """With both settings the real dialog is used, and requests the extra permissions too."""
    settings = APP.model_copy(update={"facebook_extra_scopes": "business_management, ads_read"})
    async with Transport(name="facebook") as transport:
        login = plugin.FACEBOOK_PLUGIN.open_live(settings, transport).login
    url = urlsplit(login.authorize_url(redirect_uri="https://x.example/back", state="s", verifier="v"))
    assert f"{url.scheme}://{url.netloc}{url.path}" == "https://www.facebook.com/v27.0/dialog/oauth"
    query = parse_qs(url.query)
    assert query["client_id"] == ["77"]
    [asked] = query["scope"]
    assert asked.split(",")[-2:] == ["business_management", "ads_read"]
    assert "instagram_content_publish" in asked


async def test_one_login_does_not_need_the_others_app() -> None:
    """Each login of Instagram is available or not by its own settings."""
    async with Platforms(APP, base_url="http://127.0.0.1:1") as platforms:
        assert platforms.is_available(LoginName.FACEBOOK, Environment.LIVE)
        assert not platforms.is_available(LoginName.INSTAGRAM, Environment.LIVE)
        with pytest.raises(Unavailable, match="PRESSWORK_INSTAGRAM_CLIENT_ID"):
            platforms.get(LoginName.INSTAGRAM, Environment.LIVE)


def test_instagrams_own_login_is_the_default() -> None:
    """A call without `login` uses it."""
    assert logins_of(PlatformName.INSTAGRAM) == [LoginName.INSTAGRAM, LoginName.FACEBOOK]
    assert logins_of(PlatformName.TIKTOK) == [LoginName.TIKTOK]


def test_doctor_knows_when_a_version_of_graph_ends() -> None:
    """Both logins and the Pages of an app name v21.0's end: a warning from two months before, a failure after it; v27.0 has none."""
    end = date(2027, 1, 21)
    old = APP.model_copy(update={"instagram_api_version": "v21.0", "instagram_client_id": "1"})
    for today, verdict in (
        (end - timedelta(days=62), CheckStatus.OK),
        (end - timedelta(days=61), CheckStatus.WARN),
        (end, CheckStatus.WARN),
        (end + timedelta(days=1), CheckStatus.FAIL),
    ):
        found = api_versions(old, today=today)
        assert [one.name for one in found] == [
            f"{name} API version" for name in ("instagram", "facebook", "facebook_pages")
        ]
        assert {one.status for one in found} == {verdict}, today
        assert all("v21.0 (PRESSWORK_INSTAGRAM_API_VERSION)" in one.message for one in found)
    assert api_versions(APP, today=end) == []
