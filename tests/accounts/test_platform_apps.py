"""Platform apps of customers: who has which place, and which app a login, a refresh, a publish and a disconnect use."""

import asyncio
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import httpx2
import pytest
from tests.accounts.connect_flow import ConnectFlow
from tests.accounts.login_flow import LoginFlow, error_of, uuid_of
from tests.api.wire import ALL, error, issues, refusal

from presswork.apps.platform_apps import verify_tokens
from presswork.core.enums import Environment
from presswork.core.ids import PLATFORM_APP, parse_id
from presswork.crypto.keyring import Keyring
from presswork.db.pool import Pool
from presswork.platforms.names import LoginName
from presswork.platforms.registry import Platforms

SECRET = "marker-of-the-secret"
APPS = "/v1/platform-apps"
NEW = {"platform": "tiktok", "name": "Bakery", "clientId": "key-of-bakery", "clientSecret": SECRET}


async def add(client: httpx2.AsyncClient, **fields: object) -> dict[str, Any]:
    """Add an app; return it."""
    answer = await client.post(APPS, json={**NEW, **fields})
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


@pytest.fixture
async def admin(login_flow: LoginFlow) -> httpx2.AsyncClient:
    """A client of Acme with org:admin."""
    return await login_flow.api.client(scopes=ALL)


def client_of(login: dict[str, Any]) -> str:
    """Return the app that the page of a login names."""
    query = parse_qs(urlsplit(login["authorizeUrl"]).query)
    return str(query.get("client_key", query.get("client_id", [""]))[0])


async def app_of(pool: Pool, account: dict[str, Any]) -> str | None:
    """Return the app that an account holds."""
    found: UUID | None = await pool.fetchval("SELECT app_id FROM social_accounts WHERE id = $1", uuid_of(account))
    return None if found is None else f"app_{found}"


async def test_an_app_is_shown_without_its_secret(admin: httpx2.AsyncClient, login_flow: LoginFlow) -> None:
    """Answers show the end of the ID and what has to be registered, and Meta's have two URLs more. Changes apply alone or together."""
    made = await add(admin, platform="instagram")
    base = login_flow.api.base_url
    assert {name: made[name] for name in ("platform", "clientIdHint", "projectIds", "logins", "accountCount")} == {
        "platform": "instagram",
        "clientIdHint": "kery",
        "projectIds": None,
        "logins": ["instagram"],
        "accountCount": 0,
    }
    assert made["redirectUri"] == f"{base}/oauth/callback/a"
    assert made["webhookUrl"] == f"{base}/webhooks/instagram/test/{made['id']}"
    assert made["deauthorizeUrl"] == f"{base}/webhooks/meta/deauthorize/{made['id']}"
    assert made["dataDeletionUrl"] == f"{base}/webhooks/meta/data-deletion/{made['id']}"
    assert (await admin.get(f"{APPS}/{made['id']}")).json() == made
    tiktok = await add(admin)
    assert (tiktok["deauthorizeUrl"], tiktok["dataDeletionUrl"]) == (None, None)
    meta = await add(admin, platform="facebook")
    assert meta["logins"] == ["facebook", "facebook_pages"]
    listed = (await admin.get(APPS)).json()
    assert (listed["items"], listed["nextCursor"]) == ([made, tiktok, meta], None)
    path = f"{APPS}/{tiktok['id']}"
    renamed = (await admin.patch(path, json={"name": "Rye", "projectIds": [login_flow.project_id]})).json()
    assert (renamed["name"], renamed["projectIds"]) == ("Rye", [login_flow.project_id])
    other = (await admin.patch(path, json={"clientId": "another-key-1234", "clientSecret": "new"})).json()
    assert other["clientIdHint"] == "1234"
    gone = await admin.delete(path)
    assert (gone.json()["id"], refusal(await admin.get(path))) == (tiktok["id"], (404, "NOT_FOUND"))
    answers = [made, tiktok, meta, renamed, other, (await admin.get("/v1/audit-log")).json()]
    rows = await login_flow.api.context.pool.fetch("SELECT sealed_credentials FROM platform_apps")
    assert SECRET not in str(answers)
    assert all(SECRET.encode() not in row["sealed_credentials"] for row in rows)


async def test_the_url_of_an_app_is_checked_with_its_own_token(
    admin: httpx2.AsyncClient, login_flow: LoginFlow
) -> None:
    """Meta gets the challenge back with the token of this app alone, and after a rotation with the former one, too."""
    apps = [await add(admin, platform=name) for name in ("instagram", "facebook", "threads")]
    tokens = [app["webhookVerifyToken"] for app in apps]
    assert len({*tokens}) == 3

    async def ask(app: dict[str, Any], token: str) -> int:
        query = {"hub.mode": "subscribe", "hub.verify_token": token, "hub.challenge": "1158201444"}
        answer = await login_flow.browser.get(app["webhookUrl"], params=query)
        assert answer.is_success is (answer.text == "1158201444")
        return answer.status_code

    for app in apps:
        assert [await ask(app, token) for token in tokens] == [200 if app is one else 404 for one in apps]
        assert await ask(app, "") == 404
    assert (await add(admin))["webhookVerifyToken"] is None
    app_id = parse_id(PLATFORM_APP, apps[0]["id"])
    (former,) = verify_tokens(Keyring([b"o" * 32]), app_id)
    assert [*verify_tokens(Keyring([b"n" * 32, b"o" * 32]), app_id)][1:] == [former]  # a rotation keeps it


async def test_what_is_refused(admin: httpx2.AsyncClient) -> None:
    """Bodies with an ID without its secret, nothing, a platform without such apps, or projects that are not there."""
    app = await add(admin)
    path = f"{APPS}/{app['id']}"
    for body, places in (
        ({"clientId": "x"}, [""]),
        ({}, [""]),
        ({"clientId": "a b", "clientSecret": "x"}, ["clientId"]),
    ):
        assert list(issues(await admin.patch(path, json=body))) == places, body
    assert list(issues(await admin.post(APPS, json={**NEW, "platform": "bluesky"}))) == ["platform"]
    unknown = ["prj_0191f3a2-7c1e-7b60-9d0a-3f6a2f1c8e55"]
    assert refusal(await admin.post(APPS, json={**NEW, "projectIds": unknown})) == (404, "NOT_FOUND")
    assert refusal(await admin.patch(path, json={"projectIds": unknown})) == (404, "NOT_FOUND")
    assert (await admin.get(path)).json() == app


async def test_one_app_for_a_place(admin: httpx2.AsyncClient, login_flow: LoginFlow) -> None:
    """A second app of a platform for the organization or a project is refused, and names the first. Of callers at once, one wins."""
    project = login_flow.project_id
    for projects in (None, [project]):
        answers = await asyncio.gather(*(admin.post(APPS, json={**NEW, "projectIds": projects}) for _ in range(6)))
        (won,) = [answer.json() for answer in answers if answer.is_success]
        lost = [answer for answer in answers if not answer.is_success]
        assert [refusal(answer) for answer in lost] == [(409, "CONFLICT")] * 5
        assert [error(answer)["details"] for answer in lost] == [
            {
                "reason": "place_taken",
                "platformAppId": won["id"],
                **({} if projects is None else {"projectId": project}),
            }
        ] * 5
    items = (await admin.get(APPS)).json()["items"]
    assert [item["projectIds"] for item in items] == [None, [project]]
    retired = await add(admin, projectIds=[])
    assert refusal(await admin.patch(f"{APPS}/{retired['id']}", json={"projectIds": None})) == (409, "CONFLICT")
    await admin.patch(f"{APPS}/{items[0]['id']}", json={"projectIds": []})
    assert (await admin.patch(f"{APPS}/{retired['id']}", json={"projectIds": None})).json()["projectIds"] is None
    other = await login_flow.api.client(scopes=ALL, environment="live")
    assert (await add(other))["projectIds"] is None  # another environment has its own places


async def test_a_login_uses_the_nearest_app_and_remembers_it(admin: httpx2.AsyncClient, login_flow: LoginFlow) -> None:
    """Project before organization before installation. What changes while a person agrees does not mix two apps."""
    pool = login_flow.api.context.pool
    installation = client_of(await login_flow.begin("tiktok"))
    everywhere = await add(admin, clientId="of-organization")
    begun = await login_flow.begin("tiktok")
    own = await add(admin, clientId="of-project", projectIds=[login_flow.project_id])
    assert [client_of(begun), client_of(await login_flow.begin("tiktok"))] == ["of-organization", "of-project"]
    assert error_of(await login_flow.finish(begun, "bakery")) is None  # exchanged with the app with which it began
    (account,) = await login_flow.accounts()
    assert await app_of(pool, account) == everywhere["id"]
    moved = await login_flow.begin_again(account["socialAccountId"])
    assert client_of(moved) == "of-project"
    assert error_of(await login_flow.finish(moved, "bakery")) is None
    assert await app_of(pool, account) == own["id"]
    foreigner = await login_flow.api.client(organization="Other")
    project = (await foreigner.post("/v1/projects", json={"name": "P", "timezone": "UTC"})).json()["id"]
    url = await foreigner.post(f"/v1/projects/{project}/social/oauth-url", json={"platform": "tiktok"})
    assert client_of(url.json()) == installation


async def test_an_app_that_accounts_hold_stays(admin: httpx2.AsyncClient, login_flow: LoginFlow) -> None:
    """It can't be deleted or replaced by another, with the number in the answer, until they are disconnected or moved away."""
    app = await add(admin)
    account = await login_flow.connect("tiktok", "bakery")
    path = f"{APPS}/{app['id']}"
    assert (await admin.get(path)).json()["accountCount"] == 1
    for answer in (
        await admin.delete(path),
        await admin.patch(path, json={"clientId": "another-key", "clientSecret": "x"}),
    ):
        assert refusal(answer) == (409, "CONFLICT")
        assert error(answer)["details"] == {"reason": "app_in_use", "accounts": 1}
    assert (await admin.patch(path, json={"clientSecret": "rotated"})).status_code == 200
    await login_flow.client.delete(f"/v1/social-accounts/{account['socialAccountId']}")
    (revoked,) = await login_flow.calls("tiktok", "revoke")
    assert (revoked["status"], revoked["request"]["client_key"]) == (200, NEW["clientId"])
    assert (await admin.delete(path)).status_code == 200
    assert await app_of(login_flow.api.context.pool, account) is None


async def test_a_login_whose_app_is_deleted_fails(admin: httpx2.AsyncClient, login_flow: LoginFlow) -> None:
    """It is not exchanged with another app, and connects nothing."""
    app = await add(admin)
    begun = await login_flow.begin("tiktok")
    callback = await login_flow.decide(begun, "bakery")
    assert (await admin.delete(f"{APPS}/{app['id']}")).status_code == 200
    assert error_of((await login_flow.come_back(callback)).headers["location"]) == "platform_unavailable"
    assert await login_flow.accounts() == []


async def test_connect_links_use_the_customers_apps(admin: httpx2.AsyncClient, login_flow: LoginFlow) -> None:
    """A platform of which the customer has an app for one of its logins is connected by that login, at a link and by default."""
    app = await add(admin, platform="facebook", clientId="of-meta")
    begun = await login_flow.begin("instagram")
    assert client_of(begun) == "of-meta"
    flow = ConnectFlow(login=login_flow)
    link = await flow.make(platforms=["instagram"])
    assert client_of(await flow.begin(link, platform="instagram")) == "of-meta"
    assert app["logins"] == ["facebook", "facebook_pages"]


async def test_an_account_that_another_app_knows_by_another_id_is_moved(
    admin: httpx2.AsyncClient, login_flow: LoginFlow
) -> None:
    """Platforms may give each app other ids of the same account: its handle says that it is the same."""
    account = await login_flow.connect("tiktok", "bakery")
    pool = login_flow.api.context.pool
    await pool.execute("UPDATE social_accounts SET external_id = 'of-the-former-app' WHERE id = $1", uuid_of(account))
    again = await login_flow.begin_again(account["socialAccountId"])
    assert error_of(await login_flow.finish(again, "bakery")) == "account_mismatch"  # the same app knows one id
    app = await add(admin)
    moved = await login_flow.begin_again(account["socialAccountId"])
    assert error_of(await login_flow.finish(moved, "bakery")) is None
    assert await app_of(pool, account) == app["id"]
    assert [one["socialAccountId"] for one in await login_flow.accounts()] == [account["socialAccountId"]]
    stranger = await login_flow.begin_again(account["socialAccountId"])
    assert error_of(await login_flow.finish(stranger, "stranger")) == "account_mismatch"


async def test_a_process_reads_a_changed_app_again(admin: httpx2.AsyncClient, login_flow: LoginFlow) -> None:
    """Another secret is used after the next look, a deleted app no more, and only so many stay open."""
    platforms: Platforms = login_flow.api.context.platforms
    app = await add(admin)
    app_id = parse_id(PLATFORM_APP, app["id"])
    opened = await platforms.for_app(LoginName.TIKTOK, Environment.TEST, app_id)
    assert await platforms.for_app(LoginName.TIKTOK, Environment.TEST, app_id) is opened
    await admin.patch(f"{APPS}/{app['id']}", json={"clientSecret": "rotated"})
    await platforms.forget_changed_apps()
    again = await platforms.for_app(LoginName.TIKTOK, Environment.TEST, app_id)
    assert again.app is not None
    assert (again is opened, again.app.credentials.client_secret) == (False, "rotated")


async def test_the_platform_is_asked_about_an_app(admin: httpx2.AsyncClient, login_flow: LoginFlow) -> None:
    """Its answer comes without secret and settings of the installation, and is kept until the secret changes; some have no such call."""
    registered = {"clientId": NEW["clientId"], "clientSecret": SECRET}
    made = await add(admin)
    path = f"{APPS}/{made['id']}/check"

    async def check(**changes: object) -> str:
        await login_flow.browser.post("/sandbox/control/apps", json={**registered, **changes})
        answer = await admin.post(path)
        assert answer.status_code == 200, answer.text
        assert SECRET not in answer.text
        assert "PRESSWORK" not in answer.text
        assert (await admin.get(f"{APPS}/{made['id']}")).json()["lastCheck"] == answer.json()
        return str(answer.json()["result"])

    assert [await check(), await check(blocked=True)] == ["accepted", "refused"]
    assert await check(blocked=False, clientSecret="another") == "refused"
    renamed = await admin.patch(f"{APPS}/{made['id']}", json={"name": "Rye"})
    assert renamed.json()["lastCheck"]["result"] == "refused"
    rotated = await admin.patch(f"{APPS}/{made['id']}", json={"clientSecret": "another"})
    assert rotated.json()["lastCheck"] is None
    instagram = await add(admin, platform="instagram")
    assert (await admin.post(f"{APPS}/{instagram['id']}/check")).json()["result"] in {"accepted", "unsupported"}
    assert (await login_flow.client.post(path)).status_code == 403


async def test_accounts_that_move_to_an_app_are_listed(admin: httpx2.AsyncClient, login_flow: LoginFlow) -> None:
    """They leave the list when they are connected again; a project that has its own app stays out of the organization's."""
    account = await login_flow.connect("tiktok", "bakery")
    await login_flow.connect("instagram", "bakery")
    gone = await login_flow.connect("tiktok", "gone")
    await admin.delete(f"/v1/social-accounts/{gone['socialAccountId']}")
    whole = await add(admin, clientId="whole")

    async def ids(app: dict[str, Any], **query: str) -> list[str]:
        answer = await admin.get(f"{APPS}/{app['id']}/accounts", params=query)
        assert answer.status_code == 200, answer.text
        return [item["socialAccountId"] for item in answer.json()["items"]]

    wanted = {"needsReconnect": "true"}
    assert [await ids(whole), await ids(whole, **wanted)] == [[], [account["socialAccountId"]]]
    own = await add(admin, clientId="own", projectIds=[login_flow.project_id])
    assert [await ids(one, **wanted) for one in (whole, own)] == [[], [account["socialAccountId"]]]
    again = await login_flow.begin_again(str(account["socialAccountId"]))
    await login_flow.finish(again, "bakery")
    assert [await ids(own), await ids(own, **wanted)] == [[account["socialAccountId"]], []]
    foreigner = await login_flow.api.client(organization="Other", scopes=ALL)
    assert (await foreigner.get(f"{APPS}/{own['id']}/accounts")).status_code == 404
