"""Connecting Telegram channels: at the sandbox's page, and by the page of this service that shows a code."""

import re
from datetime import timedelta
from urllib.parse import urljoin

from pydantic import SecretStr
from tests.accounts.login_flow import RETURN_URL, Json, LoginFlow, error_of

from presswork.accounts.model import STATE_LIFETIME
from presswork.core.enums import Environment
from presswork.platforms.names import LoginName
from presswork.platforms.registry import Platforms
from presswork.platforms.settings import Settings

PAGE = "/oauth/code/r"


async def _continue(flow: LoginFlow, begun: Json) -> str:
    """Press the button of the page; return where it leads to."""
    answer = await flow.browser.post(PAGE, data={"state": begun["state"]})
    assert answer.status_code == 303, answer.text
    return urljoin(PAGE, answer.headers["location"])


async def test_a_code_connects_a_channel(login_flow: LoginFlow) -> None:
    """The page waits until the code stands in the channel, then leads to the redirect URI; what it shows is of this login alone."""
    begun, other = await login_flow.begin("telegram"), await login_flow.begin("telegram")
    page = await login_flow.browser.get(f"{PAGE}?state={begun['state']}")
    assert page.status_code == 200, page.text
    [code] = re.findall(r"PW-[A-Z2-7]{10}", page.text)
    [bot] = re.findall(r"https://t\.me/sandbox_(\d+)_bot", page.text)
    assert code not in (await login_flow.browser.get(f"{PAGE}?state={other['state']}")).text
    again = await _continue(login_flow, begun)
    assert again.startswith(f"{PAGE}?state=")
    assert "not there yet" in (await login_flow.browser.get(again)).text
    await login_flow.sandbox("POST", "telegram/members", {"handle": "bakery", "botId": bot})
    await login_flow.sandbox("POST", "telegram/messages", {"handle": "bakery", "text": code})
    assert (await _continue(login_flow, other)).startswith(PAGE)
    end = await _continue(login_flow, begun)
    assert end.startswith("/oauth/callback/r?")
    assert (await login_flow.come_back(end)).headers["location"] == RETURN_URL
    [account] = await login_flow.accounts()
    assert (account["handle"], account["readiness"]["publish"]["ready"]) == ("bakery", True)
    # The code in the channel is of no use to another login, whatever its redirect says.
    stolen = await login_flow.come_back(f"/oauth/callback/r?state={other['state']}&code={code}")
    assert error_of(stolen.headers["location"]) == "exchange_failed"


async def test_a_page_of_no_login(login_flow: LoginFlow) -> None:
    """A login that is over, too old, unknown, or of a platform with a page of its own has no code."""
    done, late = await login_flow.begin("telegram"), await login_flow.begin("telegram")
    await login_flow.finish(done, "bakery")
    bluesky = await login_flow.begin("bluesky")
    assert (await login_flow.browser.get(f"/oauth/code/h?state={bluesky['state']}")).status_code == 400
    await login_flow.pass_time(STATE_LIFETIME + timedelta(seconds=1))
    for state in (done["state"], late["state"], "st_1", ""):
        assert (await login_flow.browser.get(PAGE, params={"state": state})).status_code == 400
    assert (await login_flow.browser.get("/oauth/code/nonsense")).status_code == 404
    await login_flow.fault("telegram", "get_updates", "http_500", times=1)
    begun = await login_flow.begin("telegram")
    assert (await _continue(login_flow, begun)).startswith(f"{PAGE}?state=")
    await login_flow.fault("telegram", "get_me", "http_500", times=1)
    assert (await login_flow.browser.get(PAGE, params={"state": begun["state"]})).status_code == 503


def test_live_logins_begin_at_the_page(settings: Settings) -> None:
    """Its URL has the state alone."""
    app = {"telegram_bot_id": "4711", "telegram_bot_token": SecretStr("4711:secret")}
    live = settings.model_copy(update={**app, "public_url": "https://press.example/"})
    login = Platforms(live, base_url="http://localhost").get(LoginName.TELEGRAM, Environment.LIVE).login
    url = login.authorize_url(redirect_uri="https://press.example/oauth/callback/r", state="st_1", verifier="v")
    assert url == f"https://press.example{PAGE}?state=st_1"
