"""Instagram accounts through Facebook Login: choice of the login, choice of an account, disconnecting."""

import asyncio
import re
from dataclasses import asdict
from datetime import timedelta
from html import unescape

import httpx2
import pytest
from tests.accounts.conftest import new_project
from tests.accounts.login_flow import RETURN_URL, Json, LoginFlow, error_of, uuid_of

from presswork.accounts.connect import Candidate, Choice
from presswork.accounts.vault import open_grants
from presswork.api.http.pages import Pages
from presswork.platforms.names import PlatformName


async def offered(login_flow: LoginFlow, login: Json, handles: str) -> httpx2.Response:
    """Answer the dialog with several accounts; return the choice page."""
    page = await login_flow.come_back(await login_flow.decide(login, handles))
    assert page.status_code == 200, page.text
    return page


def choices(page: httpx2.Response) -> dict[str, str]:
    """Return the values of the page's buttons by label."""
    return {unescape(text): value for value, text in re.findall(r'name="account" value="([^"]*)">([^<]*)<', page.text)}


async def choose(login_flow: LoginFlow, login: Json, value: str, platform: str = "instagram") -> httpx2.Response:
    """Press a button of the page."""
    return await login_flow.browser.post(
        f"/oauth/callback/{platform}?", data={"state": login["state"], "account": value}, follow_redirects=False
    )


async def test_several_accounts_of_one_login_are_connected(login_flow: LoginFlow) -> None:
    """The ticked ones, or all of them with one button; each is an account, and the status of the login names them."""
    for button, wanted in (({}, ["luna", "nova"]), ({"all": "1"}, ["bakery", "luna", "nova"])):
        login = await login_flow.begin("facebook")
        page = await offered(login_flow, login, "bakery,luna,nova")
        assert "Connect all 3" in page.text
        ids = {handle: value for label, value in choices(page).items() if (handle := label.split(" ")[0].lstrip("@"))}
        form = {"state": login["state"], "account": [ids[one] for one in ("luna", "nova")], **button}
        answer = await login_flow.browser.post("/oauth/callback/e?", data=form, follow_redirects=False)
        assert (answer.status_code, answer.headers["location"]) == (303, RETURN_URL)
        status = await login_flow.status(login)
        connected = [await login_flow.account(one) for one in status["socialAccountIds"]]
        assert sorted(one["handle"] for one in connected) == wanted
        assert {one["status"] for one in connected} == {"connected"}
        assert (status["socialAccountId"], status["completed"]) == (status["socialAccountIds"][0], True)
        again = await login_flow.browser.post("/oauth/callback/e?", data=form, follow_redirects=False)
        assert "layers_oauth_error=state_used" in again.headers["location"]


async def test_without_a_tick_the_choice_is_shown_again(login_flow: LoginFlow) -> None:
    """A form without an account and without its button for none of them ends nothing."""
    login = await login_flow.begin("facebook")
    await offered(login_flow, login, "luna,nova")
    answer = await login_flow.browser.post("/oauth/callback/e?", data={"state": login["state"]}, follow_redirects=False)
    assert answer.status_code == 303
    shown = await login_flow.browser.get(f"/oauth/callback/e{answer.headers['location']}")
    assert "Your login gives access to 2 accounts" in shown.text
    assert (await login_flow.status(login))["status"] == "pending"


async def test_an_account_is_connected_by_facebook(login_flow: LoginFlow) -> None:
    """The login uses Facebook's dialog; the account is an Instagram account with this login and no token expiry."""
    login = await login_flow.begin("instagram", login="facebook")
    assert "/www.facebook.com/" in login["authorizeUrl"]
    assert await login_flow.finish(login, "bakery") == RETURN_URL
    account = await login_flow.account((await login_flow.status(login))["socialAccountId"])
    assert (account["platform"], account["login"], account["handle"]) == ("instagram", "facebook", "bakery")
    assert account["tokenExpiresAt"] is None
    assert account["readiness"]["publish"]["ready"] is True
    await login_flow.pass_time(timedelta(days=120))
    assert (await login_flow.account(account["socialAccountId"]))["status"] == "connected"


@pytest.mark.parametrize("asked", [None, "instagram"])
async def test_default_login_is_instagrams(login_flow: LoginFlow, asked: str | None) -> None:
    """Without `login` in the request, Instagram's login is used."""
    login = await login_flow.begin("instagram", login=asked)
    assert "/www.instagram.com/" in login["authorizeUrl"]
    assert await login_flow.finish(login, "bakery") == RETURN_URL
    assert [account["login"] for account in await login_flow.accounts()] == ["instagram"]


@pytest.mark.parametrize(("platform", "login"), [("tiktok", "facebook"), ("instagram", "tiktok"), ("instagram", "x")])
async def test_login_of_another_platform_is_rejected(login_flow: LoginFlow, platform: str, login: str) -> None:
    """The request returns 422 with an issue of the field."""
    answer = await login_flow.client.post(
        f"/v1/projects/{login_flow.project_id}/social/oauth-url",
        json={"platform": platform, "login": login, "returnUrl": RETURN_URL},
    )
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "VALIDATION")
    assert [issue["path"] for issue in answer.json()["error"]["details"]["issues"]] == ["login"]


async def test_connecting_again_keeps_the_login(login_flow: LoginFlow) -> None:
    """reauth-url uses Facebook's dialog again and connects the same account without offering a choice."""
    account = await login_flow.connect("instagram", "bakery", login="facebook")
    login = await login_flow.begin_again(account["socialAccountId"])
    assert "/www.facebook.com/" in login["authorizeUrl"]
    assert await login_flow.finish(login, "florist,bakery") == RETURN_URL
    assert (await login_flow.status(login))["socialAccountId"] == account["socialAccountId"]
    login = await login_flow.begin_again(account["socialAccountId"])
    assert error_of(await login_flow.finish(login, "florist,butcher")) == "account_mismatch"
    assert [found["handle"] for found in await login_flow.accounts()] == ["bakery"]


async def test_an_account_may_change_its_login(login_flow: LoginFlow) -> None:
    """Connecting an account with the other login keeps one account and changes its login."""
    first = await login_flow.connect("instagram", "bakery")
    second = await login_flow.connect("instagram", "bakery", login="facebook")
    assert (second["socialAccountId"], second["login"]) == (first["socialAccountId"], "facebook")
    assert second["readiness"]["publish"]["ready"] is True
    third = await login_flow.connect("instagram", "bakery")
    assert (third["socialAccountId"], third["login"]) == (first["socialAccountId"], "instagram")


async def test_a_login_without_a_professional_account(login_flow: LoginFlow) -> None:
    """A login without professional account returns the error `no_account`."""
    await login_flow.sandbox("POST", "accounts", {"platform": "instagram", "handle": "me", "tier": "personal"})
    login = await login_flow.begin("instagram", login="facebook")
    assert error_of(await login_flow.finish(login, "me")) == "no_account"
    assert (await login_flow.status(login))["error"] == "no_account"


async def test_the_person_chooses_one_of_several_accounts(login_flow: LoginFlow) -> None:
    """The page lists all accounts; the login is pending until the choice, which connects only the chosen account."""
    login = await login_flow.begin("instagram", login="facebook")
    page = await offered(login_flow, login, "bakery,florist,butcher")
    assert page.headers["cache-control"] == "no-store"
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert "<script" not in page.text
    found = choices(page)
    assert [text.split(" ")[0] for text in found] == ["@bakery", "@butcher", "@florist", "None"]
    assert (await login_flow.status(login))["status"] == "pending"
    assert await login_flow.accounts() == []

    [value] = [value for text, value in found.items() if text.startswith("@florist")]
    answer = await choose(login_flow, login, value)

    assert (answer.status_code, answer.headers["location"]) == (303, RETURN_URL)
    assert [account["handle"] for account in await login_flow.accounts()] == ["florist"]
    status = await login_flow.status(login)
    assert (status["status"], status["error"]) == ("connected", None)
    assert error_of((await choose(login_flow, login, value)).headers["location"]) == "state_used"
    assert len(await login_flow.accounts()) == 1


async def test_choice_page_can_be_reloaded(login_flow: LoginFlow) -> None:
    """Opening the platform's redirect again shows the same choice without exchanging the code again."""
    login = await login_flow.begin("instagram", login="facebook")
    callback = await login_flow.decide(login, "bakery,florist")
    first, second = await login_flow.come_back(callback), await login_flow.come_back(callback)
    assert first.text == second.text
    assert len(await login_flow.calls("instagram", "token")) == 1


async def test_none_of_them(login_flow: LoginFlow) -> None:
    """Choosing none counts as denied access and deletes the stored grants."""
    login = await login_flow.begin("instagram", login="facebook")
    await offered(login_flow, login, "bakery,florist")
    assert error_of((await choose(login_flow, login, "")).headers["location"]) == "access_denied"
    assert await login_flow.accounts() == []
    pool = login_flow.api.context.pool
    assert await pool.fetchval("SELECT count(*) FROM oauth_states WHERE sealed_grants IS NOT NULL") == 0


async def test_only_offered_accounts_can_be_chosen(login_flow: LoginFlow) -> None:
    """A foreign id, a state without a choice and the URL of another platform connect nothing."""
    login = await login_flow.begin("instagram", login="facebook")
    for state in ("", "st_01KAW2V3M8T5R7W1X4Y6Z0ABCD", "\x00"):
        answer = await login_flow.browser.post("/oauth/callback/instagram", data={"state": state, "account": "1"})
        assert answer.status_code == 400
    page = await offered(login_flow, login, "bakery,florist")
    assert (await choose(login_flow, login, "1", platform="tiktok")).status_code == 400
    assert error_of((await choose(login_flow, login, "17841499999999999")).headers["location"]) == "exchange_failed"
    value = next(iter(choices(page).values()))
    assert error_of((await choose(login_flow, login, value)).headers["location"]) == "state_used"
    assert await login_flow.accounts() == []


async def test_choice_expires(login_flow: LoginFlow) -> None:
    """Ten minutes after the login has expired, a choice connects nothing, and the login has failed."""
    login = await login_flow.begin("instagram", login="facebook")
    callback = await login_flow.decide(login, "bakery,florist")
    page = await login_flow.come_back(callback)
    login_flow.clock.advance(timedelta(minutes=20) - timedelta(seconds=1))
    assert (await login_flow.status(login))["status"] == "pending"
    login_flow.clock.advance(timedelta(seconds=1))
    assert (await login_flow.status(login))["error"] == "expired_state"
    answer = await choose(login_flow, login, next(iter(choices(page).values())))
    assert error_of(answer.headers["location"]) == "expired_state"
    assert error_of((await login_flow.come_back(callback)).headers["location"]) == "expired_state"
    assert await login_flow.accounts() == []


async def test_concurrent_choices_connect_one_account(login_flow: LoginFlow) -> None:
    """Of two concurrent choices the first one connects its account."""
    login = await login_flow.begin("instagram", login="facebook")
    values = [value for value in choices(await offered(login_flow, login, "bakery,florist")).values() if value]
    answers = await asyncio.gather(*(choose(login_flow, login, value) for value in values * 5))
    errors = sorted(str(error_of(answer.headers["location"])) for answer in answers)
    assert errors == ["None", *["state_used"] * 9]
    assert len(await login_flow.accounts()) == 1


async def test_grants_of_a_choice_are_encrypted(login_flow: LoginFlow) -> None:
    """Neither the row nor the page nor the response to the choice contains a token."""
    login = await login_flow.begin("instagram", login="facebook")
    page = await offered(login_flow, login, "bakery,florist")
    context = login_flow.api.context
    sealed: bytes = await context.pool.fetchval(
        "SELECT sealed_grants FROM oauth_states WHERE state = $1", login["state"]
    )
    tokens = {grant.tokens.access_token for grant in open_grants(context.keyring, sealed)}
    assert len(tokens) == 2
    for token in tokens:
        assert token.startswith("EAA")
        assert token.encode() not in sealed
        assert token not in page.text
    assert b"bakery" not in sealed


async def test_markup_in_names_is_escaped(login_flow: LoginFlow) -> None:
    """The page shows markup in a name as text."""
    sneaky = Candidate(external_id='"><b>', name="<i>x</i>", display_name="{0} & <script>")
    choice = asdict(Choice(platform=PlatformName.INSTAGRAM, state="st_1", candidates=[sneaky]))
    text = bytes(Pages("presswork.api.accounts").response("login_choice.html", choice).body).decode()
    assert "<b>" not in text
    assert "<i>" not in text
    assert "<script>" not in text
    assert "{0} &amp; &lt;script&gt;" in text


async def test_grant_is_revoked_with_its_last_account(login_flow: LoginFlow) -> None:
    """Disconnecting one account of a person keeps the grant; disconnecting the last one revokes it."""
    accounts = []
    for wanted in ("@bakery", "@florist"):
        login = await login_flow.begin("instagram", login="facebook")
        found = choices(await offered(login_flow, login, "bakery,florist"))
        [value] = [value for text, value in found.items() if text.startswith(wanted)]
        await choose(login_flow, login, value)
        accounts.append(await login_flow.account((await login_flow.status(login))["socialAccountId"]))
    first, second = accounts
    await login_flow.client.delete(f"/v1/social-accounts/{first['socialAccountId']}")
    assert await login_flow.calls("instagram", "revoke") == []
    await login_flow.client.delete(f"/v1/social-accounts/{second['socialAccountId']}")
    assert len(await login_flow.calls("instagram", "revoke")) == 1


async def test_grant_is_kept_for_an_account_of_another_project(login_flow: LoginFlow) -> None:
    """An account of the same person in another project keeps the grant."""
    account = await login_flow.connect("instagram", "bakery", login="facebook")
    grantor = await login_flow.api.context.pool.fetchval(
        "SELECT grantor_id FROM social_accounts WHERE id = $1", uuid_of(account)
    )
    other = LoginFlow(
        api=login_flow.api,
        clock=login_flow.clock,
        client=login_flow.client,
        browser=login_flow.browser,
        project_id=await new_project(login_flow.client),
    )
    elsewhere = await other.connect("instagram", "florist", login="facebook")
    await login_flow.api.context.pool.execute(
        "UPDATE social_accounts SET grantor_id = $2 WHERE id = $1", uuid_of(elsewhere), grantor
    )
    await login_flow.client.delete(f"/v1/social-accounts/{account['socialAccountId']}")
    assert await login_flow.calls("instagram", "revoke") == []


@pytest.mark.parametrize("first", ["instagram", "facebook"])
async def test_grant_is_kept_for_an_account_of_the_other_login(login_flow: LoginFlow, first: str) -> None:
    """A person's Facebook Page and Instagram account share one grant: it is revoked with the last of them."""
    pool = login_flow.api.context.pool
    accounts = {
        "instagram": await login_flow.connect("instagram", "bakery", login="facebook"),
        "facebook": await login_flow.connect("facebook", "bakery"),
    }
    await pool.execute("UPDATE social_accounts SET grantor_id = 'person'")
    for platform in (first, "facebook" if first == "instagram" else "instagram"):
        assert [*await login_flow.calls("instagram", "revoke"), *await login_flow.calls("facebook", "revoke")] == []
        await login_flow.client.delete(f"/v1/social-accounts/{accounts[platform]['socialAccountId']}")
    assert len([*await login_flow.calls("instagram", "revoke"), *await login_flow.calls("facebook", "revoke")]) == 1


async def test_a_live_project_needs_the_app_of_this_login_alone(login_flow: LoginFlow) -> None:
    """A live login returns 503 with the setting of Facebook Login, not Instagram's."""
    live = await login_flow.api.client(environment="live")
    project = (await live.post("/v1/projects", json={"name": "Live", "timezone": "UTC"})).json()["id"]
    answer = await live.post(
        f"/v1/projects/{project}/social/oauth-url",
        json={"platform": "instagram", "login": "facebook", "returnUrl": RETURN_URL},
    )
    assert (answer.status_code, answer.json()["error"]["code"]) == (503, "UNAVAILABLE")
    assert answer.json()["error"]["details"]["setting"] in {"PRESSWORK_PUBLIC_URL", "PRESSWORK_FACEBOOK_CLIENT_ID"}
