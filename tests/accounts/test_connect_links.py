"""Connect links: people without access to Presswork connect their accounts at a page."""

import asyncio
import json
import re
from dataclasses import replace
from datetime import timedelta

import pytest
from tests.accounts.conftest import new_project
from tests.accounts.connect_flow import ConnectFlow, page_of, text_of
from tests.accounts.login_flow import RETURN_URL, LoginFlow, error_of, uuid_of
from tests.people.people import People, user_id_of

from presswork.accounts.model import LoginFailure
from presswork.api.connect_pages.texts import ENDS
from presswork.platforms.names import LoginName
from presswork.platforms.registry import Platforms, consents_of
from presswork.platforms.settings import Settings


@pytest.fixture
def flow(login_flow: LoginFlow) -> ConnectFlow:
    """The project of the login tests, with connect links."""
    return ConnectFlow(login=login_flow)


async def test_a_person_connects_accounts_of_two_platforms(flow: ConnectFlow) -> None:
    """Each button leads to its platform; the page lists what the link connected, and the API names the link."""
    link = await flow.make()
    assert link["url"].startswith(flow.login.api.base_url)
    first = await flow.open(link)
    assert "Connect Instagram" in text_of(first)
    assert "Connect TikTok" in text_of(first)
    offers = first.text.split('<section class="panel offer">')[1:]
    # What a login allows is folded below the button, behind the platform's sign.
    assert all(
        one.index("<path ") < one.index("<button") < one.index("<details>") < one.index("<li>") for one in offers
    )
    for platform, title in (("instagram", "Instagram"), ("tiktok", "TikTok")):
        ended = await flow.connect(link, platform, "bakery")
        assert ended.status_code == 200, ended.text
        assert f"@bakery on {title} is connected. You can close this page." in text_of(ended)
    assert "@bakery TikTok Connected" in text_of(await flow.open(link))
    accounts = await flow.login.accounts()
    assert [(one["platform"], one["connectLinkId"]) for one in accounts] == [
        ("instagram", link["id"]),
        ("tiktok", link["id"]),
    ]
    assert (await flow.listed(link))["uses"] == 2


async def test_an_account_is_named_as_its_platform_writes_it(flow: ConnectFlow) -> None:
    """A page of Facebook has no @ before its name, at the end of the login and in the list of accounts."""
    link = await flow.make()
    ended = text_of(await flow.connect(link, "facebook", "bakery"))
    assert "bakery on Facebook is connected." in ended
    listed = text_of(await flow.open(link))
    assert "bakery Facebook Connected" in listed
    assert "@bakery" not in ended + listed


async def test_a_person_names_the_server_of_an_account(flow: ConnectFlow) -> None:
    """Only a platform with many servers has the field; left empty, the login begins at the usual one, and a name that is none is said."""
    link = await flow.make(platforms=["mastodon", "tiktok"])
    page = await flow.open(link)
    offers = {
        title: part for part in page.text.split("<section")[1:] for title in ("Mastodon", "TikTok") if title in part
    }
    assert "Your server" in offers["Mastodon"]
    assert 'placeholder="mastodon.social"' in offers["Mastodon"]
    assert 'name="host"' not in offers["TikTok"]
    for host, found in ((" @bakery@Oven.example ", "oven.example"), ("", "mastodon.social")):
        ended = await flow.end(await flow.begin(link, platform="mastodon", host=host), "bakery")
        assert f"@bakery@{found} on Mastodon is connected." in text_of(ended)
    refused = await flow.press(link, platform="mastodon", host="no server")
    assert (refused.status_code, "There is no such server." in text_of(refused)) == (422, True)
    assert (await flow.listed(link))["uses"] == 2


async def test_the_answer_has_the_address_once(flow: ConnectFlow) -> None:
    """A link is listed with visits and uses, but its address is not stored; a retry returns it again."""
    headers = {"Idempotency-Key": "link-1"}
    body = {"expiresInHours": 2, "maxUses": 3, "platforms": ["tiktok", "tiktok"], "returnUrl": RETURN_URL}
    made = await flow.login.client.post(flow.path, json=body, headers=headers)
    again = await flow.login.client.post(flow.path, json=body, headers=headers)
    assert (made.status_code, again.json()) == (201, made.json())
    assert made.headers["cache-control"] == "no-store"
    link = made.json()
    await flow.open(link)
    await flow.login.browser.head(page_of(link))
    listed = await flow.listed(link)
    assert listed == {
        "id": link["id"],
        "projectId": flow.login.project_id,
        "status": "active",
        "platforms": ["tiktok"],
        "returnUrl": RETURN_URL,
        "reconnect": False,
        "maxUses": 3,
        "uses": 0,
        "visits": 1,
        "lastVisitedAt": listed["createdAt"],
        "createdBy": listed["createdBy"],
        "createdAt": listed["createdAt"],
        "expiresAt": link["expiresAt"],
        "revokedAt": None,
    }
    assert "Connect Instagram" not in text_of(await flow.open(link))


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({"maxUses": 1}, "expiresInHours"),
        ({"expiresInHours": 1}, "maxUses"),
        ({"expiresInHours": 721, "maxUses": 1}, "expiresInHours"),
        ({"expiresInHours": 1, "maxUses": 0}, "maxUses"),
        ({"expiresInHours": 1, "maxUses": 1, "platforms": []}, "platforms"),
        ({"expiresInHours": 1, "maxUses": 1, "platforms": ["myspace"]}, "platforms[0]"),
        ({"expiresInHours": 1, "maxUses": 1, "returnUrl": "javascript:alert(1)"}, "returnUrl"),
    ],
)
async def test_a_wrong_field_is_named(flow: ConnectFlow, body: dict[str, object], path: str) -> None:
    """Expiry and uses are required and bounded; platforms and return URL are checked."""
    answer = await flow.login.client.post(flow.path, json=body)
    assert answer.status_code == 422, answer.text
    assert [issue["path"] for issue in answer.json()["error"]["details"]["issues"]] == [path]


async def test_a_return_url_must_be_on_a_domain_of_the_key(flow: ConnectFlow) -> None:
    """Another host is refused when the link is made, and no link is left."""
    body = {"expiresInHours": 1, "maxUses": 1, "returnUrl": "https://evil.example.com/"}
    answer = await flow.login.client.post(flow.path, json=body)
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "RETURN_URL_NOT_ALLOWED")
    assert (await flow.login.client.get(flow.path)).json()["items"] == []


async def test_a_login_ends_on_the_return_url(flow: ConnectFlow) -> None:
    """Bare after success, with the reason after a failure, as for every login."""
    link = await flow.make(returnUrl=RETURN_URL)
    done = await flow.connect(link, "tiktok", "bakery")
    assert done.headers["location"] == RETURN_URL
    denied = await flow.end(await flow.begin(link, platform="tiktok"), "florist", decision="deny")
    assert error_of(denied.headers["location"]) == "access_denied"


async def test_a_denied_login_uses_nothing_and_can_be_repeated(flow: ConnectFlow) -> None:
    """The page says what happened and leads back; the link keeps its use."""
    link = await flow.make(maxUses=1)
    page = await flow.end(await flow.begin(link, platform="instagram"), "bakery", decision="deny")
    assert page.status_code == 400
    assert "You did not allow access to the account." in text_of(page)
    assert "Go back" in text_of(page)
    assert (await flow.listed(link))["uses"] == 0
    assert "is connected" in text_of(await flow.connect(link, "instagram", "bakery"))
    assert ((await flow.listed(link))["uses"], (await flow.listed(link))["status"]) == (1, "used_up")


async def test_a_platform_that_does_not_answer_is_named(flow: ConnectFlow) -> None:
    """If the platform fails while the code is exchanged, the page says so, and nothing is used."""
    link = await flow.make(maxUses=1)
    login = await flow.begin(link, platform="tiktok")
    await flow.login.fault("tiktok", "token", "http_500", times=10)
    page = await flow.end(login, "bakery")
    assert "TikTok can’t be reached at the moment." in text_of(page)
    assert (await flow.listed(link))["uses"] == 0


async def test_an_account_is_reconnected_with_its_id(flow: ConnectFlow) -> None:
    """The page offers to reconnect an account that needs it; another account is refused, the same one keeps its id."""
    link = await flow.make()
    await flow.connect(link, "instagram", "bakery")
    (account,) = await flow.login.accounts()
    await flow.login.api.context.pool.execute(
        "UPDATE social_accounts SET status = 'reauth_required' WHERE id = $1", uuid_of(account)
    )
    assert "Access has ended." in text_of(await flow.open(link))
    wrong = await flow.end(await flow.begin(link, account=account["socialAccountId"]), "florist")
    assert "another account than the one to reconnect" in text_of(wrong)
    right = await flow.end(await flow.begin(link, account=account["socialAccountId"]), "bakery")
    assert "is connected" in text_of(right)
    (again,) = await flow.login.accounts()
    assert (again["socialAccountId"], again["status"]) == (account["socialAccountId"], "connected")
    assert (await flow.listed(link))["uses"] == 2


async def test_what_a_link_does_not_offer_can_not_be_begun(flow: ConnectFlow) -> None:
    """Neither a platform that is not of the link, nor an account that needs no reconnection or is of another project."""
    of_instagram = await flow.login.connect("instagram", "bakery")
    needs_none = await flow.login.connect("tiktok", "bakery")
    elsewhere = replace(flow.login, project_id=await new_project(flow.login.client))
    of_another = await elsewhere.connect("tiktok", "florist")
    await flow.login.api.context.pool.execute(
        "UPDATE social_accounts SET status = 'reauth_required' WHERE id = ANY($1)",
        [uuid_of(of_instagram), uuid_of(of_another)],
    )
    link = await flow.make(platforms=["tiktok"])
    accounts = [one["socialAccountId"] for one in (of_instagram, needs_none, of_another)]
    for choice in ({"platform": "instagram"}, *({"account": one} for one in accounts), {"account": "sa_1"}, {}):
        answer = await flow.press(link, **choice)
        assert answer.status_code == 404, answer.text
        assert "does not connect this account" in text_of(answer)
        assert "Connect TikTok" in text_of(answer)


@pytest.mark.parametrize("how", ["revoked", "expired"])
async def test_a_link_that_ends_meanwhile_ends_its_logins(flow: ConnectFlow, how: str) -> None:
    """The login fails with its own reason; no account is connected and the code is not exchanged."""
    link = await flow.make(expiresInHours=1)
    await flow.login.pass_time(timedelta(minutes=55))
    login = await flow.begin(link, platform="tiktok")
    callback = await flow.login.decide(login, "bakery")
    if how == "revoked":
        revoked = await flow.login.client.delete(f"{flow.path}/{link['id']}")
        assert (revoked.status_code, revoked.json()["status"]) == (200, "revoked")
    else:
        await flow.login.pass_time(timedelta(minutes=6))
    answer = await flow.login.come_back(callback)
    page = await flow.login.browser.get(answer.headers["location"])
    assert page.status_code == 400
    said = {"revoked": "The link was withdrawn while you logged in", "expired": "The link expired while you logged in"}
    assert said[how] in text_of(page)
    assert "Ask the person who sent you the link" in text_of(page)
    assert (await flow.login.status(login))["error"] == f"link_{how}"
    assert await flow.login.accounts() == []
    assert await flow.login.calls("tiktok", "token") == []
    assert (await flow.open(link)).status_code == 404


async def test_a_revoked_key_ends_its_links(flow: ConnectFlow) -> None:
    """With the key that made it, a link and the logins in flight end."""
    admin = await flow.login.api.client(scopes=("org:admin",))
    client = await flow.login.api.client()
    answer = await client.post(flow.path, json={"expiresInHours": 1, "maxUses": 1})
    link = answer.json()
    login = await flow.begin(link, platform="tiktok")
    key_id = (await client.get("/v1/whoami")).json()["keyId"]
    revoked = await admin.delete(f"/v1/api-keys/{key_id}")
    assert revoked.status_code == 200, revoked.text
    page = await flow.end(login, "bakery")
    assert "The link is no longer valid." in text_of(page)
    assert (await flow.login.status(login))["error"] == "key_revoked"
    assert (await flow.open(link)).status_code == 404


async def test_a_return_domain_that_was_removed_ends_the_way_back(flow: ConnectFlow) -> None:
    """The return URL is checked again when a login begins: a key that lost the domain can't send people there."""
    admin = await flow.login.api.client(scopes=("org:admin",))
    link = await flow.make(returnUrl=RETURN_URL)
    key_id = (await flow.login.client.get("/v1/whoami")).json()["keyId"]
    changed = await admin.patch(f"/v1/api-keys/{key_id}", json={"returnDomains": []})
    assert changed.status_code == 200, changed.text
    answer = await flow.press(link, platform="tiktok")
    assert (answer.status_code, answer.headers.get("location")) == (403, None)
    assert "The link is no longer valid." in text_of(answer)


async def test_a_user_makes_a_link_until_the_role_ends(flow: ConnectFlow) -> None:
    """A link that was made in the console connects accounts and returns to this host; it ends with the user's right."""
    people = People(flow.login.api)
    user = await people.signed_in("publisher")
    back = f"{flow.login.api.base_url}/console/test/accounts"
    answer = await user.post(flow.path, json={"expiresInHours": 1, "maxUses": 5, "returnUrl": back})
    assert answer.status_code == 201, answer.text
    link = answer.json()
    done = await flow.connect(link, "tiktok", "bakery")
    assert done.headers["location"] == back
    assert [one["connectLinkId"] for one in await flow.login.accounts()] == [link["id"]]
    admin, user_id = await people.key(), await user_id_of(user)
    assert (await admin.patch(f"/v1/users/{user_id}", json={"projectIds": []})).status_code == 200
    assert (await flow.open(link)).status_code == 404
    changed = await admin.patch(f"/v1/users/{user_id}", json={"projectIds": None})
    assert changed.status_code == 200, changed.text
    assert (await flow.open(link)).status_code == 200
    assert (await admin.patch(f"/v1/users/{user_id}", json={"role": "viewer"})).status_code == 200
    assert (await flow.open(link)).status_code == 404


async def test_the_last_use_is_given_once(flow: ConnectFlow) -> None:
    """Two logins end at the same time for the last use: one account is connected, the other login says why not."""
    link = await flow.make(maxUses=1, returnUrl=RETURN_URL)
    logins = [await flow.begin(link, platform="tiktok") for _ in range(2)]
    callbacks = [
        await flow.login.decide(login, handle) for login, handle in zip(logins, ("bakery", "florist"), strict=True)
    ]
    answers = await asyncio.gather(*(flow.login.come_back(callback) for callback in callbacks))
    ends = [error_of(answer.headers["location"]) for answer in answers]
    assert sorted(ends, key=str) == [None, "link_used_up"]
    assert len(await flow.login.accounts()) == 1
    assert (await flow.listed(link))["uses"] == 1
    page = await flow.open(link)
    assert "has been used as often as it allows" in text_of(page)
    assert "<button" not in page.text


async def test_one_of_several_accounts_is_chosen_at_the_page(flow: ConnectFlow) -> None:
    """A login that grants access to several accounts lets the person choose, in the language of the link's page."""
    for handle in ("luna", "nova"):
        await flow.login.sandbox("POST", "accounts", {"platform": "instagram", "handle": handle})
    link = await flow.make(returnUrl=RETURN_URL)
    for choice, error in (("nova", None), ("", "access_denied")):
        by_facebook = await flow.login.begin("instagram", login="facebook")
        at_page = await flow.begin(link, platform="instagram")
        # In test projects the button leads to Instagram's own login, which grants access to one account.
        await flow.login.api.context.pool.execute(
            """UPDATE oauth_states f SET connect_link_id = s.connect_link_id, sealed_page = s.sealed_page
                 FROM oauth_states s WHERE f.state = $1 AND s.state = $2""",
            by_facebook["state"],
            at_page["state"],
        )
        page = await flow.end(by_facebook, "luna,nova")
        assert "Your login gives access to 2 accounts." in text_of(page)
        found = dict(re.findall(r'name="account" value="(\d*)">(?:@(\w+))?', page.text))
        ids = {handle: external_id for external_id, handle in found.items()}
        path = f"{page_of(link)}/logins/{by_facebook['state']}"
        done = await flow.send(path, page, {"account": ids[choice]})
        assert (done.status_code, error_of(done.headers["location"])) == (303, error)
        again = await flow.send(path, page, {"account": ids[choice]})
        assert again.headers["location"].partition("?")[0] == path
    assert [(one["handle"], one["connectLinkId"]) for one in await flow.login.accounts()] == [("nova", link["id"])]


async def test_a_login_is_shown_at_its_own_link_only(flow: ConnectFlow) -> None:
    """The page of a login needs the token of the link at which it began; any other shows that the link is unknown."""
    link, other = await flow.make(), await flow.make()
    login = await flow.begin(link, platform="tiktok")
    await flow.end(login, "bakery")
    for path in (
        f"{page_of(other)}/logins/{login['state']}",
        f"{page_of(link)}/logins/st_01KAW2V3M8T5R7W1X4Y6Z0ABCD",
        f"/connect/{'x' * 43}/logins/{login['state']}",
    ):
        answer = await flow.login.browser.get(path)
        assert (answer.status_code, "bakery" in answer.text) == (404, False)


async def test_pages_speak_german(flow: ConnectFlow) -> None:
    """The language of the page stays that of the result, after the way over the platform."""
    link = await flow.make()
    page = await flow.login.browser.get(f"{page_of(link)}?lang=de")
    assert "Konten verbinden" in text_of(page)
    assert "Instagram Verbinden" in text_of(page)
    begun = await flow.send(f"{page_of(link)}?lang=de", page, {"platform": "tiktok"})
    address = begun.headers["location"]
    done = await flow.end({"authorizeUrl": address}, "bakery")
    assert "@bakery auf TikTok ist verbunden." in text_of(done)


async def test_acts_are_in_the_audit_log(flow: ConnectFlow) -> None:
    """Making, visiting, using and revoking a link are recorded; what a person did at the page names the link."""
    link = await flow.make()
    await flow.connect(link, "tiktok", "bakery")
    for _ in range(2):
        await flow.login.client.delete(f"{flow.path}/{link['id']}")
    rows = await flow.login.api.context.pool.fetch(
        "SELECT action, actor, 'cnl_' || link_id AS link FROM audit_log WHERE object_id = $1 ORDER BY at, id",
        link["id"],
    )
    assert [tuple(row) for row in rows] == [
        ("connect_link.create", "api_key", None),
        ("connect_link.visit", "connect_link", link["id"]),
        ("connect_link.use", "connect_link", link["id"]),
        ("connect_link.revoke", "api_key", None),
    ]
    connected = await flow.login.api.context.pool.fetchrow(
        "SELECT actor, 'cnl_' || link_id AS link FROM audit_log WHERE action = 'account.connect'"
    )
    assert connected is not None
    assert tuple(connected) == ("connect_link", link["id"])


async def test_the_token_is_nowhere_in_the_database(flow: ConnectFlow) -> None:
    """Of a link's token only a hash is stored, and while a person logs in, the token itself encrypted."""
    link = await flow.make()
    await flow.begin(link, platform="tiktok")
    token = page_of(link).removeprefix("/connect/")
    for table in ("page_links", "oauth_states", "audit_log"):
        rows = await flow.login.api.context.pool.fetch(f"SELECT t::text AS row FROM {table} t")  # noqa: S608  our names
        assert rows
        stored = " ".join(row["row"] for row in rows)
        assert token not in stored
        assert token.encode().hex() not in stored


async def test_another_project_does_not_revoke_a_link(flow: ConnectFlow) -> None:
    """The address names the project of the link; under another one it does not exist, and stays."""
    link = await flow.make()
    other = await new_project(flow.login.client)
    answer = await flow.login.client.delete(f"/v1/projects/{other}/connect-links/{link['id']}")
    assert answer.status_code == 404, answer.text
    assert (await flow.open(link)).status_code == 200


async def test_connecting_again_without_a_link_ends_the_connection_to_it(flow: ConnectFlow) -> None:
    """`connectLinkId` is about the last login: without a link it is null."""
    link = await flow.make()
    await flow.connect(link, "tiktok", "bakery")
    again = await flow.login.connect("tiktok", "bakery")
    assert again["connectLinkId"] is None


async def test_events_name_the_link(flow: ConnectFlow) -> None:
    """`social_account.connected` carries the link, also when the account is reconnected; null without one."""
    endpoint = {"url": "https://example.com/hook", "events": ["social_account.connected"]}
    made = await flow.login.client.post("/v1/webhook-endpoints", json=endpoint)
    assert made.status_code == 201, made.text
    link = await flow.make()
    await flow.connect(link, "tiktok", "bakery")
    (account,) = await flow.login.accounts()
    pool = flow.login.api.context.pool
    await pool.execute("UPDATE social_accounts SET status = 'reauth_required' WHERE id = $1", uuid_of(account))
    await flow.end(await flow.begin(link, account=account["socialAccountId"]), "bakery")
    await flow.login.connect("tiktok", "bakery")
    rows = await pool.fetch("SELECT data FROM webhook_deliveries ORDER BY created_at, id")
    named = [json.loads(row["data"])["connectLinkId"] for row in rows]
    assert sorted(named, key=str) == sorted([link["id"], link["id"], None], key=str)


async def test_a_platform_that_is_not_set_up_is_named(flow: ConnectFlow) -> None:
    """A live link for a platform without the operator's app is refused with the setting that is missing."""
    live = await flow.login.api.client(environment="live")
    project = await new_project(live)
    path, body = f"/v1/projects/{project}/connect-links", {"expiresInHours": 1, "maxUses": 1}
    of_any = await live.post(path, json=body)
    of_one = await live.post(path, json={**body, "platforms": ["tiktok"]})
    for answer in (of_any, of_one):
        assert (answer.status_code, answer.json()["error"]["code"]) == (503, "UNAVAILABLE")
    assert of_one.json()["error"]["details"]["setting"] == "PRESSWORK_PUBLIC_URL"


@pytest.mark.parametrize("login", LoginName)
def test_every_permission_is_explained(login: LoginName, settings: Settings) -> None:
    """Each permission that a login requests has a sentence, so the page hides nothing of what is granted."""
    platform = Platforms(settings, base_url="http://127.0.0.1").described()[login]
    assert set(platform.login.permissions) <= set(consents_of(login))


def test_every_end_of_a_login_has_a_sentence() -> None:
    """The pages explain every failure."""
    assert set(ENDS) == set(LoginFailure)
