"""Logins without a return URL: they end on a page of Presswork that shows the result."""

import re
from datetime import timedelta
from html import unescape

import httpx2
import pytest
from playwright.async_api import Browser
from tests.accounts.login_flow import LoginFlow

from presswork.accounts.connect import LoginResult
from presswork.accounts.model import LoginFailure
from presswork.api.accounts import login_pages as pages
from presswork.platforms.names import PlatformName

PLATFORMS = {"instagram": "Instagram", "tiktok": "TikTok"}


def text_of(answer: httpx2.Response, status: int) -> str:
    """Return the text of a page, and check what every page of a login has."""
    assert (answer.status_code, answer.headers.get("location")) == (status, None), answer.text
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert (answer.headers["cache-control"], answer.headers["referrer-policy"]) == ("no-store", "no-referrer")
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    body = re.sub(r"<(style|head).*?</\1>", "", answer.text, flags=re.DOTALL)
    return unescape(re.sub(r"<[^>]+>", "", body))


@pytest.mark.parametrize("platform", PLATFORMS)
async def test_a_login_without_a_return_url_ends_on_a_page(login_flow: LoginFlow, platform: str) -> None:
    """The page names the account and the platform; loading it again shows the same and exchanges nothing."""
    login = await login_flow.begin(platform, None)
    callback = await login_flow.decide(login, "bakery")
    for _ in range(2):
        text = text_of(await login_flow.come_back(callback), 200)
        assert f"@bakery on {PLATFORMS[platform]} is connected. You can close this page." in text
    assert (await login_flow.status(login))["status"] == "connected"
    assert len(await login_flow.calls(platform, "token")) == 1
    (account,) = await login_flow.accounts()

    again = await login_flow.begin_again(account["socialAccountId"], None)
    text = text_of(await login_flow.come_back(await login_flow.decide(again, "bakery")), 200)
    assert "@bakery" in text
    assert (await login_flow.status(again))["socialAccountId"] == account["socialAccountId"]


@pytest.mark.parametrize("platform", PLATFORMS)
async def test_a_failed_login_says_what_to_do(login_flow: LoginFlow, platform: str) -> None:
    """The page has the code of the failure and what to do; loading it again shows the same reason."""
    login = await login_flow.begin(platform, None)
    callback = await login_flow.decide(login, "bakery", decision="deny")
    for _ in range(2):
        text = text_of(await login_flow.come_back(callback), 400)
        assert "The account was not connected" in text
        assert "Access to the account was not allowed." in text
        assert "allow the access" in text
        assert "access_denied" in text
    assert (await login_flow.status(login))["error"] == "access_denied"
    assert await login_flow.accounts() == []


async def test_a_late_login_says_so(login_flow: LoginFlow) -> None:
    """After ten minutes the page says that the login took too long."""
    login = await login_flow.begin("tiktok", None)
    callback = await login_flow.decide(login, "bakery")
    login_flow.clock.advance(timedelta(minutes=10))
    assert "took longer than ten minutes" in text_of(await login_flow.come_back(callback), 400)
    assert (await login_flow.status(login))["error"] == "expired_state"


async def test_another_account_is_named_as_the_reason(login_flow: LoginFlow) -> None:
    """Connecting again with another account fails with advice, and changes nothing."""
    account = await login_flow.connect("instagram", "bakery")
    login = await login_flow.begin_again(account["socialAccountId"], None)
    text = text_of(await login_flow.come_back(await login_flow.decide(login, "florist")), 400)
    assert "Log out on Instagram" in text
    assert [found["handle"] for found in await login_flow.accounts()] == ["bakery"]


async def test_a_chosen_account_ends_on_the_page(login_flow: LoginFlow) -> None:
    """After the choice among several accounts, the answer of the form is the page; so is "None of these"."""
    for choice, expected, status in (("nova", "@nova on Instagram is connected", 200), (None, "not allowed", 400)):
        login = await login_flow.begin("instagram", None, login="facebook")
        shown = await login_flow.come_back(await login_flow.decide(login, "luna,nova"))
        found = dict(re.findall(r'name="account" value="(\d*)">(?:@(\w+))?', shown.text))
        ids = {handle: external_id for external_id, handle in found.items()}
        form = {"state": login["state"], "account": ids[choice or ""]}
        answer = await login_flow.browser.post("/oauth/callback/instagram", data=form)
        assert expected in text_of(answer, status)
    assert [found["handle"] for found in await login_flow.accounts()] == ["nova"]


@pytest.mark.exhaustive
async def test_a_browser_follows_the_choice_to_another_host(login_flow: LoginFlow, browser: Browser) -> None:
    """The pages' policy lets the form of the choice lead to a return URL of another origin."""
    back = login_flow.api.base_url.replace("127.0.0.1", "localhost") + "/healthz?done=1"
    assert back.startswith("http://localhost:")
    for handle in ("luna", "nova"):
        await login_flow.sandbox("POST", "accounts", {"platform": "instagram", "handle": handle})
    login = await login_flow.begin("instagram", back, login="facebook")
    page = await browser.new_page()
    await page.goto(login["authorizeUrl"])
    await page.get_by_role("button", name="Approve").click()
    await page.get_by_role("checkbox", name="@nova").check()
    await page.get_by_role("button", name="Connect the chosen accounts").click()
    await page.wait_for_url(back)
    assert [found["handle"] for found in await login_flow.accounts()] == ["nova"]


async def test_a_key_without_return_domains_can_connect(login_flow: LoginFlow) -> None:
    """Without a return URL, a key needs no return domain; null is the same as no return URL."""
    path = f"/v1/projects/{login_flow.project_id}/social/oauth-url"
    client = await login_flow.api.client(return_domains=())
    for body in ({"platform": "tiktok"}, {"platform": "tiktok", "returnUrl": None}):
        assert (await client.post(path, json=body)).status_code == 200
    refused = await client.post(path, json={"platform": "tiktok", "returnUrl": "http://localhost/"})
    assert refused.json()["error"]["code"] == "RETURN_URL_NOT_ALLOWED"


@pytest.mark.parametrize("failure", LoginFailure)
@pytest.mark.parametrize("platform", PlatformName)
def test_every_failure_has_a_page(failure: LoginFailure, platform: PlatformName) -> None:
    """Each failure says what happened and what to do, and has its code."""
    page = pages.result_page(LoginResult(platform=platform, return_url=None, failure=failure))
    assert page.what.endswith(".")
    assert page.advice.endswith(".")
    assert "{" not in page.what + page.advice
    assert (page.code, page.accounts) == (failure, ())
