"""Instagram accounts by Facebook Login: which login is used, which of several accounts is meant, and giving one back."""

import asyncio
import re
from datetime import timedelta
from html import unescape

import httpx2
import pytest
from tests.accounts.conftest import new_project
from tests.accounts.scene import RETURN_URL, Json, Scene, error_of, uuid_of

from presswork.accounts.connect import Candidate, Choice
from presswork.accounts.pages import choice_page


async def offered(scene: Scene, login: Json, handles: str) -> httpx2.Response:
    """Answer the dialog with several accounts; return the page that asks which."""
    page = await scene.come_back(await scene.decide(login, handles))
    assert page.status_code == 200, page.text
    return page


def choices(page: httpx2.Response) -> dict[str, str]:
    """Return what the page's buttons send, by what stands on them."""
    return {unescape(text): value for value, text in re.findall(r'name="account" value="([^"]*)">([^<]*)<', page.text)}


async def choose(scene: Scene, login: Json, value: str, platform: str = "instagram") -> httpx2.Response:
    """Press a button of the page."""
    return await scene.browser.post(
        f"/oauth/callback/{platform}?", data={"state": login["state"], "account": value}, follow_redirects=False
    )


async def test_an_account_is_connected_by_facebook(scene: Scene) -> None:
    """The dialog is Facebook's; the account is an Instagram account that tells its login and whose access does not end."""
    login = await scene.begin("instagram", login="facebook")
    assert "/www.facebook.com/" in login["authorizeUrl"]
    assert await scene.finish(login, "bakery") == RETURN_URL
    account = await scene.account((await scene.status(login))["socialAccountId"])
    assert (account["platform"], account["login"], account["handle"]) == ("instagram", "facebook", "bakery")
    assert account["tokenExpiresAt"] is None
    assert account["readiness"]["publish"]["ready"] is True
    await scene.pass_time(timedelta(days=120))
    assert (await scene.account(account["socialAccountId"]))["status"] == "connected"


@pytest.mark.parametrize("asked", [None, "instagram"])
async def test_the_usual_login_is_instagrams_own(scene: Scene, asked: str | None) -> None:
    """Without a word, nothing changes."""
    login = await scene.begin("instagram", login=asked)
    assert "/www.instagram.com/" in login["authorizeUrl"]
    assert await scene.finish(login, "bakery") == RETURN_URL
    assert [account["login"] for account in await scene.accounts()] == ["instagram"]


@pytest.mark.parametrize(("platform", "login"), [("tiktok", "facebook"), ("instagram", "tiktok"), ("instagram", "x")])
async def test_a_login_that_the_platform_lacks_is_refused(scene: Scene, platform: str, login: str) -> None:
    """422, with the field's name."""
    answer = await scene.client.post(
        f"/v1/projects/{scene.project_id}/social/oauth-url",
        json={"platform": platform, "login": login, "returnUrl": RETURN_URL},
    )
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "VALIDATION")
    assert [issue["path"] for issue in answer.json()["error"]["details"]["issues"]] == ["login"]


async def test_connecting_again_keeps_the_login(scene: Scene) -> None:
    """reauth-url leads to Facebook's dialog again; of several accounts the one that is meant is taken, without a question."""
    account = await scene.connect("instagram", "bakery", login="facebook")
    login = await scene.begin_again(account["socialAccountId"])
    assert "/www.facebook.com/" in login["authorizeUrl"]
    assert await scene.finish(login, "florist,bakery") == RETURN_URL
    assert (await scene.status(login))["socialAccountId"] == account["socialAccountId"]
    login = await scene.begin_again(account["socialAccountId"])
    assert error_of(await scene.finish(login, "florist,butcher")) == "account_mismatch"
    assert [found["handle"] for found in await scene.accounts()] == ["bakery"]


async def test_an_account_may_change_its_login(scene: Scene) -> None:
    """One account of a project, whichever way it came last."""
    first = await scene.connect("instagram", "bakery")
    second = await scene.connect("instagram", "bakery", login="facebook")
    assert (second["socialAccountId"], second["login"]) == (first["socialAccountId"], "facebook")
    assert second["readiness"]["publish"]["ready"] is True
    third = await scene.connect("instagram", "bakery")
    assert (third["socialAccountId"], third["login"]) == (first["socialAccountId"], "instagram")


async def test_a_login_without_a_professional_account(scene: Scene) -> None:
    """The person goes back with a code of its own."""
    await scene.sandbox("POST", "accounts", {"platform": "instagram", "handle": "me", "tier": "personal"})
    login = await scene.begin("instagram", login="facebook")
    assert error_of(await scene.finish(login, "me")) == "no_account"
    assert (await scene.status(login))["error"] == "no_account"


async def test_the_person_chooses_one_of_several_accounts(scene: Scene) -> None:
    """The page names them all; until the choice the login is pending, after it one account is connected, and only it."""
    login = await scene.begin("instagram", login="facebook")
    page = await offered(scene, login, "bakery,florist,butcher")
    assert page.headers["cache-control"] == "no-store"
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert "<script" not in page.text
    found = choices(page)
    assert [text.split(" ")[0] for text in found] == ["@bakery", "@butcher", "@florist", "None"]
    assert (await scene.status(login))["status"] == "pending"
    assert await scene.accounts() == []

    [value] = [value for text, value in found.items() if text.startswith("@florist")]
    answer = await choose(scene, login, value)

    assert (answer.status_code, answer.headers["location"]) == (303, RETURN_URL)
    assert [account["handle"] for account in await scene.accounts()] == ["florist"]
    status = await scene.status(login)
    assert (status["status"], status["error"]) == ("connected", None)
    assert error_of((await choose(scene, login, value)).headers["location"]) == "state_used"
    assert len(await scene.accounts()) == 1


async def test_the_page_may_be_loaded_again(scene: Scene) -> None:
    """The platform's redirect, opened a second time, asks the same; the code is not exchanged again."""
    login = await scene.begin("instagram", login="facebook")
    callback = await scene.decide(login, "bakery,florist")
    first, second = await scene.come_back(callback), await scene.come_back(callback)
    assert first.text == second.text
    assert len(await scene.calls("instagram", "token")) == 1


async def test_none_of_them(scene: Scene) -> None:
    """A person who wants none is like one who did not agree; what was offered is wiped."""
    login = await scene.begin("instagram", login="facebook")
    await offered(scene, login, "bakery,florist")
    assert error_of((await choose(scene, login, "")).headers["location"]) == "access_denied"
    assert await scene.accounts() == []
    pool = scene.api.context.pool
    assert await pool.fetchval("SELECT count(*) FROM oauth_states WHERE sealed_grants IS NOT NULL") == 0


async def test_only_what_was_offered_can_be_chosen(scene: Scene) -> None:
    """An id from elsewhere connects nothing; neither does a state that offers nothing, nor another platform's address."""
    login = await scene.begin("instagram", login="facebook")
    for state in ("", "st_01KAW2V3M8T5R7W1X4Y6Z0ABCD", "\x00"):
        answer = await scene.browser.post("/oauth/callback/instagram", data={"state": state, "account": "1"})
        assert answer.status_code == 400
    page = await offered(scene, login, "bakery,florist")
    assert (await choose(scene, login, "1", platform="tiktok")).status_code == 400
    assert error_of((await choose(scene, login, "17841499999999999")).headers["location"]) == "exchange_failed"
    value = next(iter(choices(page).values()))
    assert error_of((await choose(scene, login, value)).headers["location"]) == "state_used"
    assert await scene.accounts() == []


async def test_a_choice_runs_out(scene: Scene) -> None:
    """Ten minutes after the login has run out, nothing is connected any more, and the login says so."""
    login = await scene.begin("instagram", login="facebook")
    callback = await scene.decide(login, "bakery,florist")
    page = await scene.come_back(callback)
    scene.clock.advance(timedelta(minutes=20) - timedelta(seconds=1))
    assert (await scene.status(login))["status"] == "pending"
    scene.clock.advance(timedelta(seconds=1))
    assert (await scene.status(login))["error"] == "expired_state"
    answer = await choose(scene, login, next(iter(choices(page).values())))
    assert error_of(answer.headers["location"]) == "expired_state"
    assert error_of((await scene.come_back(callback)).headers["location"]) == "expired_state"
    assert await scene.accounts() == []


async def test_two_choices_at_once_connect_one(scene: Scene) -> None:
    """The first one counts, whichever it is."""
    login = await scene.begin("instagram", login="facebook")
    values = [value for value in choices(await offered(scene, login, "bakery,florist")).values() if value]
    answers = await asyncio.gather(*(choose(scene, login, value) for value in values * 5))
    errors = sorted(str(error_of(answer.headers["location"])) for answer in answers)
    assert errors == ["None", *["state_used"] * 9]
    assert len(await scene.accounts()) == 1


async def test_what_waits_for_a_choice_is_sealed(scene: Scene) -> None:
    """No token is in the row, on the page, or in what the choice answers."""
    login = await scene.begin("instagram", login="facebook")
    page = await offered(scene, login, "bakery,florist")
    sealed: bytes = await scene.api.context.pool.fetchval(
        "SELECT sealed_grants FROM oauth_states WHERE state = $1", login["state"]
    )
    assert b"EAA" not in sealed
    assert b"bakery" not in sealed
    assert "EAA" not in page.text


async def test_markup_in_names_is_text(scene: Scene) -> None:
    """Whatever a platform says a name is, the page shows it and nothing else."""
    sneaky = Candidate(external_id='"><b>', handle="<i>x</i>", display_name="{0} & <script>")
    text = choice_page(Choice(state="st_1", candidates=[sneaky]))
    assert "<b>" not in text
    assert "<i>" not in text
    assert "<script>" not in text
    assert "{0} &amp; &lt;script&gt;" in text


async def test_a_person_grant_ends_with_the_last_of_its_accounts(scene: Scene) -> None:
    """Giving one account back must not end the others of the same person; giving the last one back ends the grant."""
    accounts = []
    for wanted in ("@bakery", "@florist"):
        login = await scene.begin("instagram", login="facebook")
        found = choices(await offered(scene, login, "bakery,florist"))
        [value] = [value for text, value in found.items() if text.startswith(wanted)]
        await choose(scene, login, value)
        accounts.append(await scene.account((await scene.status(login))["socialAccountId"]))
    first, second = accounts
    await scene.client.delete(f"/v1/social-accounts/{first['socialAccountId']}")
    assert await scene.calls("instagram", "revoke") == []
    await scene.client.delete(f"/v1/social-accounts/{second['socialAccountId']}")
    assert len(await scene.calls("instagram", "revoke")) == 1


async def test_another_projects_account_of_the_person_keeps_the_grant(scene: Scene) -> None:
    """So does one in another project."""
    account = await scene.connect("instagram", "bakery", login="facebook")
    grantor = await scene.api.context.pool.fetchval(
        "SELECT grantor_id FROM social_accounts WHERE id = $1", uuid_of(account)
    )
    other = Scene(
        api=scene.api,
        clock=scene.clock,
        client=scene.client,
        browser=scene.browser,
        project_id=await new_project(scene.client),
    )
    elsewhere = await other.connect("instagram", "florist", login="facebook")
    await scene.api.context.pool.execute(
        "UPDATE social_accounts SET grantor_id = $2 WHERE id = $1", uuid_of(elsewhere), grantor
    )
    await scene.client.delete(f"/v1/social-accounts/{account['socialAccountId']}")
    assert await scene.calls("instagram", "revoke") == []


async def test_a_live_project_needs_the_app_of_this_login_alone(scene: Scene) -> None:
    """503 names the setting of Facebook Login, not Instagram's."""
    live = await scene.api.client(environment="live")
    project = (await live.post("/v1/projects", json={"name": "Live", "timezone": "UTC"})).json()["id"]
    answer = await live.post(
        f"/v1/projects/{project}/social/oauth-url",
        json={"platform": "instagram", "login": "facebook", "returnUrl": RETURN_URL},
    )
    assert (answer.status_code, answer.json()["error"]["code"]) == (503, "UNAVAILABLE")
    assert answer.json()["error"]["details"]["setting"] in {"PRESSWORK_PUBLIC_URL", "PRESSWORK_FACEBOOK_CLIENT_ID"}
