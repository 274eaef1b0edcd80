"""Setting up LinkedIn from the settings; its quota, its versions and its addresses."""

from datetime import UTC, date, datetime, timedelta

import pytest
from pydantic import SecretStr
from tests.platforms.rows import each_row

from presswork.core.errors import Unavailable
from presswork.doctor.checks.platforms import api_versions
from presswork.doctor.model import CheckStatus
from presswork.platforms.linkedin import plugin
from presswork.platforms.linkedin.api import Endpoints
from presswork.platforms.linkedin.description import OF_MEMBERS, OF_PAGES, OF_SANDBOX, api_version
from presswork.platforms.linkedin.rules import Quota, next_reset
from presswork.platforms.port import Mode
from presswork.platforms.sandbox_access import SandboxAccess, SandboxTokens
from presswork.platforms.settings import Settings
from presswork.platforms.transport import Transport

APP = {"linkedin_client_id": "k", "linkedin_client_secret": SecretStr("s")}


def made(**values: object) -> Settings:
    """Return settings with these values, whatever the environment says."""
    return Settings(_env_file=None, **values)  # type: ignore[arg-type]  # of many types


async def test_sandbox_needs_no_settings() -> None:
    """A test project's LinkedIn is the sandbox's, whatever settings are missing, with members and pages."""
    async with Transport(name="linkedin") as transport:
        sandbox = SandboxAccess(
            url="http://127.0.0.1:1/sandbox", tokens=SandboxTokens.random(), service_url="http://127.0.0.1:1"
        )
        platform = plugin.PLUGIN.open_test(made(), sandbox, transport)
    url = platform.login.authorize_url(redirect_uri="http://localhost/back", state="s", verifier="v")
    assert url.startswith("http://127.0.0.1:1/sandbox/www.linkedin.com/oauth/v2/authorization?")
    assert platform.login.permissions == OF_SANDBOX
    assert platform.required_scopes == {Mode.PUBLISH: {"w_member_social"}}


@pytest.mark.parametrize("missing", ["linkedin_client_id", "linkedin_client_secret"])
async def test_live_names_what_is_missing(missing: str) -> None:
    """Without the operator's app there is no live LinkedIn, and the error names the setting."""
    settings = made(**{name: value for name, value in APP.items() if name != missing})
    async with Transport(name="linkedin") as transport:
        with pytest.raises(Unavailable, match=f"PRESSWORK_{missing.upper()}"):
            plugin.PLUGIN.open_live(settings, transport)


@pytest.mark.parametrize(
    ("more", "permissions"),
    [
        ({}, OF_MEMBERS),
        ({"linkedin_pages": True}, OF_PAGES),
        ({"insights_scopes": True}, OF_MEMBERS),
        (
            {"linkedin_pages": True, "insights_scopes": True},
            (*OF_PAGES, "r_member_postAnalytics", "r_member_profileAnalytics"),
        ),
        (
            {"linkedin_pages": True, "linkedin_scopes": "r_basicprofile, w_member_social"},
            ("r_basicprofile", "w_member_social"),
        ),
    ],
)
async def test_live_asks_for_what_the_app_has(more: dict[str, object], permissions: tuple[str, ...]) -> None:
    """LinkedIn refuses the whole login for a permission of a product that the app does not have."""
    async with Transport(name="linkedin") as transport:
        login = plugin.PLUGIN.open_live(made(**APP, **more), transport).login
    assert login.permissions == permissions
    url = login.authorize_url(redirect_uri="https://x/back", state="s", verifier="v")
    assert url.startswith("https://www.linkedin.com/oauth/v2/authorization?")


def test_no_permission_without_words() -> None:
    """Each permission has a sentence for the account's owner, and one for the review."""
    support = plugin.PLUGIN.description.insights
    assert support is not None
    asked = {*OF_MEMBERS, *OF_PAGES, *OF_SANDBOX, *support.scopes}
    assert set(plugin.PLUGIN.description.consents) == set(plugin.PLUGIN.description.review.scopes) == asked
    assert not {"openid", "profile"} & set(OF_PAGES)


@pytest.mark.parametrize(
    ("now", "reset"),
    [
        (datetime(2026, 11, 28, 0, 0, tzinfo=UTC), datetime(2026, 11, 28, 0, 1, tzinfo=UTC)),
        (datetime(2026, 11, 28, 0, 2, tzinfo=UTC), datetime(2026, 11, 29, 0, 1, tzinfo=UTC)),
        (datetime(2026, 12, 31, 23, 59, tzinfo=UTC), datetime(2027, 1, 1, 0, 1, tzinfo=UTC)),
    ],
)
def test_days_end_at_midnight_utc(now: datetime, reset: datetime) -> None:
    """With a minute to spare, so that LinkedIn's day has ended too."""
    assert next_reset(now) == reset


def test_limits_are_of_the_app_and_of_the_account() -> None:
    """The app's is shared by all accounts, and both end at midnight."""
    app, member = Quota(of_member=100, of_app=500).limits(datetime(2026, 11, 28, 12, tzinfo=UTC))
    assert [(app.max_calls, app.is_app_wide), (member.max_calls, member.is_app_wide)] == [(500, True), (100, False)]
    assert app.resets_at == member.resets_at == datetime(2026, 11, 29, 0, 1, tzinfo=UTC)
    assert "midnight UTC" in app.sentence
    assert "midnight UTC" in member.sentence


@each_row(
    ("today", "verdict"),
    [
        (date(2027, 7, 15), CheckStatus.OK),
        (date(2027, 7, 16), CheckStatus.WARN),
        (date(2027, 9, 15), CheckStatus.WARN),
        (date(2027, 9, 16), CheckStatus.FAIL),
    ],
)
def test_doctor_knows_when_the_version_ends(today: date, verdict: CheckStatus) -> None:
    """Version 202609 is served until 2027-09-15: a warning from two months before, a failure after it."""
    [found] = [
        one for one in api_versions(made(**APP, linkedin_version="202609"), today=today) if "linkedin" in one.name
    ]
    assert found.status is verdict
    assert "PRESSWORK_LINKEDIN_VERSION" in found.message
    assert (found.fix is None) is (verdict is CheckStatus.OK)


def test_doctor_is_silent_about_unused_platforms() -> None:
    """Without an app, the version of the API does not matter."""
    assert api_versions(made(), today=date(2030, 1, 1)) == []


def test_default_version_is_served_today() -> None:
    """The default is one whose end is known, and far off."""
    assert api_version(made().linkedin_version).ends_on >= date(2027, 9, 15)


@each_row("version", ["2026", "202613", "202600", "20260901", "v202609", "latest"])
def test_malformed_versions_are_refused(version: str) -> None:
    """A version is a year and a month."""
    with pytest.raises(ValueError, match="202609"):
        made(linkedin_version=version)


@each_row(
    ("address", "is_accepted"),
    [
        ("https://www.linkedin.com/dms-uploads/D4?x=1", True),
        ("https://dms.licdn.com/x", True),
        ("http://www.linkedin.com/dms-uploads/D4", False),
        ("https://www.linkedin.com.example.org/x", False),
        ("https://evil@www.linkedin.com:444/x", False),
        ("https://notlinkedin.com/x", False),
        ("ftp://www.linkedin.com/x", False),
        ("/relative", False),
        ("https://[::1", False),
    ],
)
def test_uploads_go_to_linkedin_alone(address: str, *, is_accepted: bool) -> None:
    """A forged answer can't send the media and the token elsewhere."""
    assert Endpoints().accepts_upload_url(address) is is_accepted


def test_waits_of_a_live_project_are_long() -> None:
    """Every read of a status is one of the calls of the day."""
    settings = made(**APP)
    policy = plugin.PLUGIN.open_live(settings, Transport(name="linkedin")).retry_policy
    assert policy.poll_max == timedelta(seconds=60)
    assert policy.republish_after == settings.republish_after_live
