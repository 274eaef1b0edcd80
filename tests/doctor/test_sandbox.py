"""The sandbox in the API: what the control surface offers, with the rights of the installation."""

from typing import get_args

import httpx2
import pytest
from tests.api.wire import ALL, error, refusal
from tests.api_server import Api, beside, serving
from tests.clocks import MovableClock

from presswork.api.sandbox import routes
from presswork.api.sandbox.schemas import SandboxPlatform
from presswork.platforms.names import PlatformName
from presswork.platforms.settings import Settings
from presswork_sandbox.faults import OPERATIONS

TOKEN_CALL = {"client_key": "k", "client_secret": "s", "grant_type": "client_credentials"}


@pytest.fixture
async def admin(api: Api) -> httpx2.AsyncClient:
    """A test key with all scopes, of the first organization."""
    return await api.client(scopes=ALL)


async def app_token(api: Api) -> int:
    """Ask the fake TikTok for a token of an app, and return the status."""
    browser = await api.anonymous()
    return (await browser.post("/sandbox/open.tiktokapis.com/v2/oauth/token/", data=TOKEN_CALL)).status_code


async def test_a_fault_is_set_and_cleared(api: Api, admin: httpx2.AsyncClient) -> None:
    """While a fault is set, calls to the fake platform fail; afterwards they don't."""
    fault = {"platform": "tiktok", "operation": "client_token", "fault": "http_500", "times": -1}
    answer = await admin.post("/v1/sandbox/faults", json=fault)
    assert answer.status_code == 201, answer.text
    assert await app_token(api) == 500
    (found,) = (await admin.get("/v1/sandbox")).json()["faults"]
    assert found == {**answer.json(), "fired": 1}
    cleared = await admin.delete("/v1/sandbox/faults", params={"faultId": found["id"]})
    assert cleared.json() == {"cleared": 1}
    assert await app_token(api) == 200
    assert (await admin.delete("/v1/sandbox/faults")).json() == {"cleared": 0}


@pytest.mark.parametrize("platform", PlatformName)
async def test_faults_of_every_platform(admin: httpx2.AsyncClient, platform: PlatformName) -> None:
    """Each platform's calls can be made to fail, and its faults can be cleared alone."""
    other = {"platform": "sms", "operation": "messages", "fault": "http_500"}
    assert (await admin.post("/v1/sandbox/faults", json=other)).status_code == 201
    operation = OPERATIONS[platform][0]
    answer = await admin.post("/v1/sandbox/faults", json={**other, "platform": platform, "operation": operation})
    assert answer.status_code == 201, answer.text
    cleared = await admin.delete("/v1/sandbox/faults", params={"platform": platform})
    assert cleared.json() == {"cleared": 1}
    (left,) = (await admin.get("/v1/sandbox")).json()["faults"]
    assert left["platform"] == "sms"


async def test_a_repeated_call_sets_one_fault(admin: httpx2.AsyncClient) -> None:
    """The same idempotency key returns the first response and changes nothing."""
    fault = {"platform": "sms", "operation": "messages", "fault": "latency", "value": {"ms": 1}}
    answers = [await admin.post("/v1/sandbox/faults", json=fault, headers={"Idempotency-Key": "k"}) for _ in range(2)]
    assert answers[0].json() == answers[1].json()
    assert len((await admin.get("/v1/sandbox")).json()["faults"]) == 1


async def test_a_fault_that_the_sandbox_refuses(admin: httpx2.AsyncClient) -> None:
    """The sandbox's own sentence is an issue of the field that it is about."""
    fault = {"platform": "tiktok", "operation": "nonsense", "fault": "http_500"}
    answer = await admin.post("/v1/sandbox/faults", json=fault)
    assert refusal(answer) == (422, "VALIDATION")
    (issue,) = error(answer)["details"]["issues"]
    assert issue["path"] == "operation"
    assert issue["message"].startswith("`operation` must be one of: token, ")
    answer = await admin.post("/v1/sandbox/faults", json={**fault, "operation": "token", "fault": "latency"})
    assert [one["path"] for one in error(answer)["details"]["issues"]] == ["value"]
    late = {**fault, "operation": "token", "fault": "late_effect", "value": {"ms": 1001}}
    answer = await admin.post("/v1/sandbox/faults", json=late)
    assert refusal(answer) == (422, "VALIDATION")
    (issue,) = error(answer)["details"]["issues"]
    assert (issue["path"], "between 0 and 1000: " in issue["message"]) == ("value", True)


async def test_accounts_settings_and_clock(api: Api, admin: httpx2.AsyncClient) -> None:
    """An account can be created and changed, PKCE demanded, and time moved forward."""
    account = {"platform": "instagram", "handle": "@luna", "tier": "creator"}
    made = (await admin.post("/v1/sandbox/accounts", json=account)).json()
    assert (made["handle"], made["tier"], made["displayName"]) == ("luna", "creator", "Luna")
    changed = await admin.post("/v1/sandbox/accounts", json={**account, "displayName": "Luna Lee"})
    assert changed.json()["displayName"] == "Luna Lee"
    listed = (await admin.get("/v1/sandbox/accounts")).json()["items"]
    assert [(one["handle"], one["displayName"], one["posts"]) for one in listed] == [("luna", "Luna Lee", 0)]
    page = await (await api.anonymous()).get(listed[0]["feedUrl"])
    assert page.status_code == 200
    assert (await admin.patch("/v1/sandbox", json={"requirePkce": True})).json()["requirePkce"] is True
    moved = (await admin.post("/v1/sandbox/clock", json={"advanceSeconds": 3600})).json()
    assert (moved["offsetSeconds"], moved["requirePkce"]) == (3600, True)


async def test_there_is_none_for_live_keys_and_where_it_is_off(
    api: Api, settings: Settings, dsn: str, clock: MovableClock, admin: httpx2.AsyncClient
) -> None:
    """Such calls return 404 and say why."""
    live = await api.client(scopes=ALL, environment="live")
    answer = await live.get("/v1/sandbox")
    assert refusal(answer) == (404, "NOT_FOUND")
    assert "live environment" in error(answer)["message"]
    off = beside(settings, settings.data_dir.parent / "off").model_copy(update={"sandbox": False})
    async with serving(off, dsn=dsn, clock=clock) as without:
        answer = await (await without.anonymous()).get("/v1/sandbox", headers=admin.headers)
    assert refusal(answer) == (404, "NOT_FOUND")
    assert "--sandbox" in error(answer)["message"]


async def test_another_sandbox_that_does_not_answer(
    settings: Settings, api: Api, dsn: str, clock: MovableClock, admin: httpx2.AsyncClient
) -> None:
    """A sandbox that can't be reached is 503, not an internal error."""
    gone = beside(settings, settings.data_dir.parent / "gone").model_copy(
        update={"sandbox": False, "sandbox_url": "http://127.0.0.1:9/sandbox"}
    )
    async with serving(gone, dsn=dsn, clock=clock) as without:
        answer = await (await without.anonymous()).get("/v1/sandbox", headers=admin.headers)
    assert refusal(answer) == (503, "UNAVAILABLE")


def test_faults_are_for_every_platform() -> None:
    """The names that a fault may have are those of the platforms, and of the two services beside them."""
    assert set(get_args(SandboxPlatform)) == {*PlatformName, "sms", "provider"} == set(OPERATIONS)


async def test_platforms_that_the_server_does_not_know(
    api: Api, admin: httpx2.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Accounts and faults of a platform that only a newer sandbox has are left out of the lists."""
    browser = await api.anonymous()
    for platform in ("threads", "pinterest"):
        account = await browser.post("/sandbox/control/accounts", json={"platform": platform, "handle": "luna"})
        assert account.status_code == 200, account.text
        fault = {"platform": platform, "operation": OPERATIONS[platform][0], "fault": "http_500"}
        assert (await browser.post("/sandbox/control/faults", json=fault)).status_code == 200
    monkeypatch.setattr(routes, "_PLATFORMS", routes._PLATFORMS - {"pinterest"})
    listed = (await admin.get("/v1/sandbox/accounts")).json()["items"]
    assert [one["platform"] for one in listed] == ["threads"]
    assert [one["platform"] for one in (await admin.get("/v1/sandbox")).json()["faults"]] == ["threads"]
