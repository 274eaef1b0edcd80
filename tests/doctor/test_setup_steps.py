"""What GET /v1/system says about setting up a platform: addresses, permissions, and the findings about each step."""

from datetime import timedelta
from typing import Any

import httpx2
import pytest
from tests.api_server import Api, serving
from tests.cli.reverse_proxy import Rule, reverse_proxy
from tests.clocks import MovableClock
from tests.doctor.conftest import PUBLIC_URL

from presswork.cli.sockets import listen_on, url_of
from presswork.doctor.checks.backups import backup_of
from presswork.doctor.model import CheckStatus
from presswork.platforms.settings import Settings


async def setups(client: httpx2.AsyncClient) -> dict[str, dict[str, Any]]:
    """Return the set-ups by platform."""
    return {one["platform"]: one for one in (await client.get("/v1/system")).json()["platforms"]}


def steps(setup: dict[str, Any]) -> dict[str, str]:
    """Return the status by step, the worst where there are several."""
    order = ["ok", "warn", "fail"]
    found: dict[str, str] = {}
    for check in setup["checks"]:
        found[check["step"]] = max(found.get(check["step"], "ok"), check["status"], key=order.index)
    return found


async def test_permissions_say_what_they_are_for(admin: httpx2.AsyncClient) -> None:
    """The names are those that the login requests; what only the login needs has no further use."""
    found = await setups(admin)
    assert {one["name"]: one["neededFor"] for one in found["tiktok"]["permissions"]} == {
        "user.info.basic": [],
        "video.publish": ["publish"],
        "video.upload": ["draft"],
    }
    instagram = {one["name"]: one["neededFor"] for one in found["instagram"]["permissions"]}
    assert instagram["instagram_business_manage_comments"] == ["first_comment"]
    assert "pages_show_list" in {one["name"] for one in found["facebook"]["permissions"]}
    assert found["facebook"]["variables"] == ["PRESSWORK_FACEBOOK_CLIENT_ID", "PRESSWORK_FACEBOOK_CLIENT_SECRET"]


async def test_permissions_that_settings_add_are_among_them(
    live_settings: Settings, dsn: str, clock: MovableClock
) -> None:
    """Live logins ask for them, so the app must have them."""
    more = live_settings.model_copy(update={"facebook_extra_scopes": "business_management", "insights_scopes": True})
    async with serving(more, dsn=dsn, clock=clock) as api:
        client = await api.client(scopes=["org:admin"], environment="live")
        body = {"clientId": "1234567890123456", "clientSecret": "a-secret"}
        assert (await client.put("/v1/system/platforms/facebook", json=body)).status_code == 200
        asked = [(one["name"], one["neededFor"]) for one in (await setups(client))["facebook"]["permissions"]]
    assert asked[-2:] == [("business_management", []), ("instagram_manage_insights", ["insights"])]


async def test_the_public_url_is_shown(admin: httpx2.AsyncClient, api: Api) -> None:
    """With it, addresses can be registered; without it, there are none."""
    assert (await admin.get("/v1/system")).json()["publicUrl"] == PUBLIC_URL
    local = await api.client(scopes=["org:admin"])
    assert (await local.get("/v1/system")).json()["publicUrl"] is None


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        (lambda _agent, _path: None, {"instagram": {}, "tiktok": {}}),
        (
            lambda agent, _path: (403, b"") if "facebookexternalhit" in agent else None,
            {"instagram": {"media": "fail"}, "tiktok": {}},
        ),
        (
            lambda _agent, path: (404, b"") if path.startswith(("/oauth", "/webhooks")) else None,
            {
                "instagram": {"redirect_uri": "fail"},
                "tiktok": {"redirect_uri": "fail", "webhook": "fail"},
            },
        ),
    ],
    ids=["forwards all", "refuses a crawler", "forwards media only"],
)
async def test_each_step_has_the_findings_about_it(
    settings: Settings, dsn: str, clock: MovableClock, rule: Rule, expected: dict[str, dict[str, str]]
) -> None:
    """A proxy that refuses Meta's crawler stops Instagram and not TikTok; addresses that don't lead here are named."""
    (settings.data_dir / "media").mkdir(parents=True, exist_ok=True)
    listener = listen_on("127.0.0.1", 0)
    with reverse_proxy(url_of(listener), rule) as proxy:
        behind_it = settings.model_copy(update={"public_url": proxy})
        async with serving(behind_it, dsn=dsn, clock=clock, listener=listener) as behind:
            client = await behind.client(scopes=["org:admin"])
            assert all(one["checks"] == [] for one in (await setups(client)).values())
            (await client.post("/v1/system/checks")).raise_for_status()
            found = await setups(client)
    base = {"public_url": "warn", "redirect_uri": "ok", "media": "ok"}  # not https
    assert steps(found["instagram"]) == {**base, **expected["instagram"]}
    assert steps(found["tiktok"]) == {**base, "webhook": "ok", **expected["tiktok"]}
    assert found["tiktok"]["webhookUrl"] == f"{proxy}/webhooks/tiktok/live"


async def test_the_database_shows_its_connections(api: Api) -> None:
    """At least those of this process, and fewer than the server accepts."""
    client = await api.client(scopes=["org:admin"])
    database = (await client.get("/v1/system")).json()["storage"]["database"]
    assert 0 < database["connections"] <= database["maxConnections"]


@pytest.mark.parametrize(
    ("age", "has_live_accounts", "embedded", "status"),
    [
        (None, False, True, CheckStatus.OK),
        (None, True, True, CheckStatus.WARN),
        (None, True, False, CheckStatus.OK),  # a managed server makes its own
        (timedelta(days=1), True, True, CheckStatus.OK),
        (timedelta(days=3), True, False, CheckStatus.WARN),
        (timedelta(days=3), False, True, CheckStatus.OK),
    ],
)
def test_a_missing_or_old_backup_is_reported(
    age: timedelta | None, has_live_accounts: bool, embedded: bool, status: CheckStatus
) -> None:
    """As soon as live accounts are connected; what only a test project has is not worth a warning."""
    found = backup_of(age, has_live_accounts=has_live_accounts, embedded=embedded)
    assert (found.name, found.status) == ("backup", status)


async def test_the_check_of_backups_runs(api: Api) -> None:
    """Without live accounts there is nothing to do."""
    client = await api.client(scopes=["org:admin"])
    findings = (await client.post("/v1/system/checks")).json()["findings"]
    (found,) = [one for one in findings if one["name"] == "backup"]
    assert (found["status"], found["message"].startswith("none yet")) == ("ok", True)
