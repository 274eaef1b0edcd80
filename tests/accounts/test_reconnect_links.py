"""Connect links for accounts that must be connected again, above all those that move to another platform app."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx2
import pytest
from tests.accounts.conftest import new_project
from tests.accounts.connect_flow import ConnectFlow, text_of
from tests.accounts.login_flow import RETURN_URL, LoginFlow, error_of, uuid_of
from tests.accounts.test_platform_apps import APPS, add, app_of
from tests.api.wire import ALL, error, issues, refusal

_LEFT = "No account is left to reconnect."


@pytest.fixture
def flow(login_flow: LoginFlow) -> ConnectFlow:
    """The project of the login tests, with connect links."""
    return ConnectFlow(login=login_flow)


@pytest.fixture
async def admin(login_flow: LoginFlow) -> httpx2.AsyncClient:
    """A client of Acme with org:admin."""
    return await login_flow.api.client(scopes=ALL)


async def moving(flow: ConnectFlow, admin: httpx2.AsyncClient, *handles: str) -> list[dict[str, Any]]:
    """Connect accounts of TikTok with the installation's app, and add an app of the organization; return the accounts."""
    accounts = [dict(await flow.login.connect("tiktok", handle)) for handle in handles]
    await add(admin)
    return accounts


async def test_all_accounts_that_move_are_behind_one_link(flow: ConnectFlow, admin: httpx2.AsyncClient) -> None:
    """The page lists those that move and those without access, offers nothing else, and shows which are done."""
    of_instagram = await flow.login.connect("instagram", "luna")
    gone = await flow.login.connect("tiktok", "gone")
    bakery, florist = await moving(flow, admin, "bakery", "florist")
    await admin.delete(f"/v1/social-accounts/{gone['socialAccountId']}")
    pool = flow.login.api.context.pool
    link = await flow.make(reconnect=True, maxUses=None)
    assert ((await flow.listed(link))["reconnect"], (await flow.listed(link))["maxUses"]) == (True, 1000)
    page = await flow.open(link)
    assert "To reconnect @bakery TikTok Reconnect" in text_of(page)
    assert all(absent not in text_of(page) for absent in ("Instagram", "gone", "Connect TikTok", "Reconnected"))
    for choice in ({"platform": "tiktok"}, *({"account": one["socialAccountId"]} for one in (gone, of_instagram))):
        answer = await flow.press(link, **choice)
        assert (answer.status_code, "does not have to be reconnected" in text_of(answer)) == (404, True)
    wrong = await flow.end(await flow.begin(link, account=bakery["socialAccountId"]), "florist")
    assert "another account than the one to reconnect" in text_of(wrong)
    assert await app_of(pool, bakery) is None
    done = await flow.end(await flow.begin(link, account=bakery["socialAccountId"]), "bakery")
    assert "@bakery on TikTok is connected. Reconnect the next account" in text_of(done)
    page = await flow.open(link)
    assert "@florist TikTok Reconnect" in text_of(page)
    assert "Reconnected @bakery TikTok Connected" in text_of(page)
    await pool.execute(
        "UPDATE social_accounts SET status = 'reauth_required' WHERE id = $1", uuid_of(dict(of_instagram))
    )
    assert "@luna Instagram Access has ended." in text_of(await flow.open(link))
    await flow.end(await flow.begin(link, account=of_instagram["socialAccountId"]), "luna")
    await admin.delete(f"/v1/social-accounts/{florist['socialAccountId']}")  # leaves what is to be done
    assert _LEFT in text_of(await flow.open(link))
    assert (await flow.listed(link))["uses"] == 2
    accounts = {one["handle"]: one for one in await flow.login.accounts(status="connected")}
    assert {handle: one["connectLinkId"] for handle, one in accounts.items()} == {
        "bakery": link["id"],
        "luna": link["id"],
    }
    assert accounts["bakery"]["socialAccountId"] == bakery["socialAccountId"]
    (app,) = (await admin.get(APPS)).json()["items"]
    assert await app_of(pool, bakery) == app["id"]


async def test_accounts_move_away_from_an_app_that_is_taken_away(flow: ConnectFlow, admin: httpx2.AsyncClient) -> None:
    """Without a place, an app's accounts move to the next one: they are listed for it, and a link moves them."""
    await add(admin)
    bakery = dict(await flow.login.connect("tiktok", "bakery"))
    own = await add(admin, projectIds=[flow.login.project_id])
    link = await flow.make(reconnect=True)
    await flow.end(await flow.begin(link, account=bakery["socialAccountId"]), "bakery")
    assert _LEFT in text_of(await flow.open(link))
    await admin.patch(f"{APPS}/{own['id']}", json={"projectIds": []})

    async def due(app: dict[str, Any]) -> list[str]:
        answer = await admin.get(f"{APPS}/{app['id']}/accounts", params={"needsReconnect": "true"})
        return [item["handle"] for item in answer.json()["items"]]

    organizations = (await admin.get(APPS)).json()["items"][0]
    assert [await due(own), await due(organizations)] == [["bakery"], ["bakery"]]
    page = await flow.open(link)
    assert "@bakery TikTok Reconnect" in text_of(page)  # again, though the link has moved it before
    await flow.end(await flow.begin(link, account=bakery["socialAccountId"]), "bakery")
    await admin.patch(f"{APPS}/{organizations['id']}", json={"projectIds": []})
    assert [await due(own), await due(organizations)] == [[], ["bakery"]]
    await flow.end(await flow.begin(link, account=bakery["socialAccountId"]), "bakery")  # to the installation's
    assert await app_of(flow.login.api.context.pool, bakery) is None
    assert [await due(own), await due(organizations)] == [[], []]
    await admin.patch(f"{APPS}/{organizations['id']}", json={"projectIds": None})
    assert await due(organizations) == ["bakery"]
    await admin.patch(f"/v1/projects/{flow.login.project_id}", json={"status": "archived"})
    assert await due(organizations) == []  # an archived project connects nothing
    assert (await admin.delete(f"{APPS}/{organizations['id']}")).status_code == 200


async def test_a_link_without_accounts_is_refused(flow: ConnectFlow, admin: httpx2.AsyncClient) -> None:
    """No link is left, nor of a platform of which no account moves; other links still need their number of uses."""
    body: dict[str, object] = {"expiresInHours": 1, "reconnect": True}
    await flow.login.connect("tiktok", "bakery")
    for more, projects in (({}, None), ({"platforms": ["instagram"]}, [])):
        answer = await flow.login.client.post(flow.path, json={**body, **more})
        assert (refusal(answer), error(answer)["details"]) == ((409, "CONFLICT"), {"reason": "nothing_to_reconnect"})
        await add(admin, projectIds=projects)
    assert (await flow.login.client.get(flow.path)).json()["items"] == []
    assert list(issues(await flow.login.client.post(flow.path, json={**body, "reconnect": False}))) == ["maxUses"]


async def test_a_link_moves_accounts_of_its_project_only(flow: ConnectFlow, admin: httpx2.AsyncClient) -> None:
    """Neither another project's nor another organization's; an app there moves nothing here."""
    (bakery,) = await moving(flow, admin, "bakery")
    foreigner = await flow.login.api.client(organization="Other", scopes=ALL)
    others = []
    for client in (admin, foreigner):
        elsewhere = ConnectFlow(login=replace(flow.login, client=client, project_id=await new_project(client)))
        account = await elsewhere.login.connect("tiktok", "florist")
        app = await add(client, clientId="another", projectIds=[elsewhere.login.project_id])
        others.append((elsewhere, account, app))
    link = await flow.make(reconnect=True)
    for elsewhere, account, app in others:
        refused = await flow.press(link, account=str(account["socialAccountId"]))
        assert (refused.status_code, "florist" in refused.text) == (404, False)
        theirs = await elsewhere.make(reconnect=True)
        assert (await elsewhere.press(theirs, account=bakery["socialAccountId"])).status_code == 404
        done = await elsewhere.end(await elsewhere.begin(theirs, account=account["socialAccountId"]), "florist")
        assert _LEFT in text_of(await elsewhere.open(theirs)), done.text
        assert await app_of(flow.login.api.context.pool, dict(account)) == app["id"]
    assert "@bakery TikTok Reconnect" in text_of(await flow.open(link))


async def test_two_visitors_at_once(flow: ConnectFlow, admin: httpx2.AsyncClient) -> None:
    """Of two logins at the same account both end, with one account; the last use is given once, and no button is left."""
    bakery, florist = await moving(flow, admin, "bakery", "florist")
    link = await flow.make(reconnect=True, maxUses=3, returnUrl=RETURN_URL)

    async def both(*accounts: dict[str, Any]) -> list[str | None]:
        logins = [await flow.begin(link, account=one["socialAccountId"]) for one in accounts]
        callbacks = [await flow.login.decide(login, one["handle"]) for login, one in zip(logins, accounts, strict=True)]
        answers = await asyncio.gather(*(flow.login.come_back(callback) for callback in callbacks))
        return sorted((error_of(answer.headers["location"]) for answer in answers), key=str)

    assert await both(bakery, bakery) == [None, None]
    assert [one["handle"] for one in await flow.login.accounts()] == ["bakery", "florist"]
    assert await both(florist, florist) == [None, "link_used_up"]
    await admin.patch(f"{APPS}/{(await admin.get(APPS)).json()['items'][0]['id']}", json={"projectIds": []})
    page = await flow.open(link)
    assert "To reconnect @bakery TikTok" in text_of(page)
    assert "has been used as often as it allows" in text_of(page)
    assert "<button" not in page.text


async def test_a_disconnected_account_stays_disconnected(flow: ConnectFlow, admin: httpx2.AsyncClient) -> None:
    """Someone with access ends the connection while a visitor logs in: the link does not undo it, and nothing is used."""
    (bakery,) = await moving(flow, admin, "bakery")
    link = await flow.make(reconnect=True, maxUses=1)
    login = await flow.begin(link, account=bakery["socialAccountId"])
    await admin.delete(f"/v1/social-accounts/{bakery['socialAccountId']}")
    page = await flow.end(login, "bakery")
    assert "The account was disconnected while you logged in." in text_of(page)
    assert (await flow.login.status(login))["error"] == "account_disconnected"
    assert [one["status"] for one in await flow.login.accounts()] == ["disconnected"]
    assert ((await flow.listed(link))["uses"], _LEFT in text_of(await flow.open(link))) == (0, True)


async def test_an_expired_link_moves_nothing(flow: ConnectFlow, admin: httpx2.AsyncClient) -> None:
    """A login in flight ends with the link, and the account keeps its app."""
    (bakery,) = await moving(flow, admin, "bakery")
    link = await flow.make(reconnect=True, expiresInHours=1)
    await flow.login.pass_time(timedelta(minutes=55))
    login = await flow.begin(link, account=bakery["socialAccountId"])
    callback = await flow.login.decide(login, "bakery")
    await flow.login.pass_time(timedelta(minutes=6))
    await flow.login.come_back(callback)
    assert (await flow.login.status(login))["error"] == "link_expired"
    assert (await flow.open(link)).status_code == 404
    assert await app_of(flow.login.api.context.pool, bakery) is None
