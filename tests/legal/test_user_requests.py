"""Meta's callbacks: a person removed the app, or wants their data deleted; and what an attacker may send."""

import asyncio
import base64
import json
from dataclasses import replace
from datetime import timedelta

import httpx2
import pytest
from pydantic import SecretStr
from tests.accounts.conftest import new_project
from tests.accounts.login_flow import LoginFlow, uuid_of
from tests.api.wire import ALL, refusal
from tests.api_server import Api, serving
from tests.clocks import MovableClock
from tests.legal.signed import (
    DEAUTHORIZE,
    DELETION,
    base64url,
    payload_of,
    request_of,
    secret_of,
    send,
    signed,
)
from tests.lifecycle.test_disconnect import queue_post

from presswork.accounts.tokens import mark_reauth_required
from presswork.core.ids import PLATFORM_APP, new_id, parse_id, public_id
from presswork.legal.handle_request import sweep_user_requests
from presswork.platforms.settings import Settings


async def person_of(login_flow: LoginFlow, account: dict[str, object]) -> str:
    """Return the platform's id of the person who connected an account."""
    text = await login_flow.api.context.pool.fetchval(
        "SELECT grantor_id FROM social_accounts WHERE id = $1", uuid_of(account)
    )
    assert text
    return str(text)


async def rows(login_flow: LoginFlow) -> list[dict[str, object]]:
    """Return what is stored about accounts, in the order of their connection."""
    found = await login_flow.api.context.pool.fetch(
        """SELECT id, external_id, grantor_id, handle, display_name, avatar_url, status, scopes, sealed_tokens,
                  disconnected_reason FROM social_accounts ORDER BY created_at, id"""
    )
    return [dict(row) for row in found]


async def count(api: Api) -> int:
    """Return the number of recorded requests."""
    return int(await api.context.pool.fetchval("SELECT count(*) FROM user_requests"))


async def audit(login_flow: LoginFlow, action: str) -> list[dict[str, object]]:
    """Return the log's entries of an action."""
    found = await login_flow.api.context.pool.fetch(
        "SELECT actor, actor_name, object_id, organization_id, detail FROM audit_log WHERE action = $1 ORDER BY at, id",
        action,
    )
    return [{**row, "detail": json.loads(row["detail"])} for row in found]


@pytest.mark.parametrize("login", ["instagram", "facebook"])
async def test_a_removed_app_needs_a_new_login(login_flow: LoginFlow, login: str) -> None:
    """In every project that has the person's account, and nowhere else; queued posts wait as after a refused token."""
    account = await login_flow.connect("instagram", "bakery", login=login)
    elsewhere = replace(login_flow, project_id=await new_project(login_flow.client))
    same = await elsewhere.connect("instagram", "bakery", login=login)
    other = await login_flow.connect("instagram", "florist", login=login)
    post = await queue_post(login_flow, uuid_of(account))

    text = request_of(login_flow.api, await person_of(login_flow, account), login=login)
    answer = await send(login_flow.browser, DEAUTHORIZE, text)

    assert (answer.status_code, answer.content) == (200, b"")
    assert (await login_flow.account(str(account["socialAccountId"])))["status"] == "reauth_required"
    assert (await elsewhere.account(same["socialAccountId"]))["status"] == "reauth_required"
    assert (await login_flow.account(other["socialAccountId"]))["status"] == "connected"
    pool = login_flow.api.context.pool
    assert await pool.fetchval("SELECT status FROM scheduled_posts WHERE id = $1", post) == "queued"
    entries = await audit(login_flow, "account.reauth_required")
    assert [(entry["actor"], entry["actor_name"]) for entry in entries] == [("platform", login)] * 2


async def test_a_replayed_removal_does_not_end_a_newer_login(login_flow: LoginFlow) -> None:
    """The person connects the account again; the request of before, sent again, changes nothing."""
    account = await login_flow.connect("instagram", "bakery")
    text = request_of(login_flow.api, await person_of(login_flow, account))
    for _ in range(2):
        assert (await send(login_flow.browser, DEAUTHORIZE, text)).status_code == 200
    again = await login_flow.connect("instagram", "bakery")
    assert again["socialAccountId"] == account["socialAccountId"]
    assert (await send(login_flow.browser, DEAUTHORIZE, text)).status_code == 200
    assert (await login_flow.account(str(account["socialAccountId"])))["status"] == "connected"
    assert await count(login_flow.api) == 1


async def test_a_late_removal_does_not_end_a_newer_login(login_flow: LoginFlow) -> None:
    """The request arrives an hour after the person removed the app, and the account was connected again meanwhile."""
    again, other = await login_flow.connect("instagram", "bakery"), await login_flow.connect("instagram", "florist")
    text = request_of(login_flow.api, await person_of(login_flow, again))
    await login_flow.api.context.pool.execute(
        "UPDATE social_accounts SET grantor_id = $1", await person_of(login_flow, again)
    )
    await login_flow.pass_time(timedelta(hours=1))
    await login_flow.connect("instagram", "bakery")
    assert (await send(login_flow.browser, DEAUTHORIZE, text)).status_code == 200
    statuses = [(await login_flow.account(str(one["socialAccountId"])))["status"] for one in (again, other)]
    assert statuses == ["connected", "reauth_required"]


@pytest.mark.parametrize(("path", "status"), [(DEAUTHORIZE, "reauth_required"), (DELETION, "disconnected")])
async def test_a_request_to_an_app_of_a_customer_concerns_its_accounts_alone(
    login_flow: LoginFlow, path: str, status: str
) -> None:
    """The owner of one app can't end the access, or delete the data, of people who used another one."""
    theirs, other = await login_flow.connect("instagram", "bakery"), await login_flow.connect("instagram", "florist")
    new = {"platform": "instagram", "name": "Bakery", "clientId": "4711", "clientSecret": "s3cret", "projectIds": []}
    made = await (await login_flow.api.client(scopes=ALL)).post("/v1/platform-apps", json=new)
    assert made.status_code == 201, made.text
    app = made.json()["id"]
    await login_flow.api.context.pool.execute(
        "UPDATE social_accounts SET app_id = $2 WHERE id = $1", uuid_of(theirs), parse_id(PLATFORM_APP, app)
    )
    people = [await person_of(login_flow, one) for one in (theirs, other)]
    for person in people:
        request = signed("s3cret", payload_of(login_flow.api, person))
        assert (await send(login_flow.browser, f"{path}/{app}", request)).status_code == 200
        assert (await send(login_flow.browser, path, request)).status_code == 401
        assert (
            await send(login_flow.browser, f"{path}/{public_id(PLATFORM_APP, new_id())}", request)
        ).status_code == 404
    assert (await send(login_flow.browser, f"{path}/{app}", request_of(login_flow.api, people[1]))).status_code == 401
    assert (await send(login_flow.browser, path, request_of(login_flow.api, people[0]))).status_code == 200
    found = [await login_flow.account(str(one["socialAccountId"])) for one in (theirs, other)]
    assert [one["status"] for one in found] == [status, "connected"]


async def test_requests_that_a_platform_sends_to_an_app(login_flow: LoginFlow) -> None:
    """The same account, connected by two organizations with apps and by the installation's: each request ends what it is about."""
    api, flows = login_flow.api, {}
    urls: dict[str, dict[str, str]] = {}
    for organization in ("Acme", "Other", "Third"):
        client = await api.client(scopes=ALL, organization=organization)
        flows[organization] = replace(login_flow, client=client, project_id=await new_project(client))
        if organization != "Third":
            app = {"platform": "instagram", "name": organization, "clientId": f"of-{organization}", "clientSecret": "s"}
            made = (await client.post("/v1/platform-apps", json=app)).json()
            urls[organization] = {name: made[name] for name in ("deauthorizeUrl", "dataDeletionUrl")}
            registered = {"clientId": app["clientId"], "clientSecret": "s", **urls[organization]}
            await login_flow.sandbox("POST", "apps", registered)
    accounts = {name: await flow.connect("instagram", "bakery") for name, flow in flows.items()}

    async def statuses() -> list[str]:
        found = [await flows[name].account(str(one["socialAccountId"])) for name, one in accounts.items()]
        return [str(one["status"]) for one in found]

    about = {"platform": "instagram", "handle": "bakery"}
    assert await statuses() == ["connected"] * 3
    sent = await login_flow.sandbox("POST", "apps/of-Acme/deauthorize", about)
    assert (sent["status"], sent["url"]) == (200, urls["Acme"]["deauthorizeUrl"])
    assert await statuses() == ["reauth_required", "connected", "connected"]
    for customer, expected in (("Other", ["reauth_required", "disconnected"]), ("Acme", ["disconnected"] * 2)):
        sent = await login_flow.sandbox("POST", f"apps/of-{customer}/data-deletion", about)
        assert sent["status"] == 200, sent
        confirmed = json.loads(str(sent["body"]))
        assert (await login_flow.browser.get(confirmed["url"])).status_code == 200
        assert await statuses() == [*expected, "connected"]


@pytest.mark.parametrize("by", ["grantor_id", "external_id"])
async def test_data_is_deleted(login_flow: LoginFlow, by: str) -> None:
    """Tokens, names and numbers of the person's accounts are gone in every project, and what was queued is canceled."""
    account = await login_flow.connect("instagram", "bakery")
    elsewhere = replace(login_flow, project_id=await new_project(login_flow.client))
    same = await elsewhere.connect("instagram", "bakery")
    other = await login_flow.connect("instagram", "florist")
    queued = [await queue_post(login_flow, uuid_of(one)) for one in (account, account, same)]
    foreign = await queue_post(login_flow, uuid_of(other))
    before = {row["id"]: row for row in await rows(login_flow)}
    person = before[uuid_of(account)][by]

    answer = await send(login_flow.browser, DELETION, request_of(login_flow.api, str(person)))

    assert answer.status_code == 200, answer.text
    code = answer.json()["confirmation_code"]
    assert answer.json() == {
        "url": f"{login_flow.api.base_url}/legal/data-deletion/{code}",
        "confirmation_code": code,
    }
    assert code.isalnum()
    after = {row["id"]: row for row in await rows(login_flow)}
    for one in (account, same):
        assert after[uuid_of(one)] == {
            "id": uuid_of(one),
            "external_id": f"deleted-{uuid_of(one)}",
            "grantor_id": None,
            "handle": "deleted",
            "display_name": None,
            "avatar_url": None,
            "status": "disconnected",
            "scopes": [],
            "sealed_tokens": None,
            "disconnected_reason": "data_deleted",
        }
    assert after[uuid_of(other)] == before[uuid_of(other)]
    states = {
        row["id"]: row["status"]
        for row in await login_flow.api.context.pool.fetch("SELECT id, status FROM scheduled_posts")
    }
    assert states == {**dict.fromkeys(queued, "canceled"), foreign: "queued"}
    logged = await audit(login_flow, "account.delete_data")
    assert sorted((entry["object_id"], entry["detail"]["canceledScheduledPosts"]) for entry in logged) == sorted(  # type: ignore[index]  # JSON
        [(account["socialAccountId"], 2), (same["socialAccountId"], 1)]
    )
    assert await audit(login_flow, "data_deletion.request") == [
        {
            "actor": "platform",
            "actor_name": "instagram",
            "object_id": code,
            "organization_id": None,
            "detail": {"accounts": 2, "canceledScheduledPosts": 3},
        }
    ]


async def test_a_disconnected_account_is_emptied_too(login_flow: LoginFlow) -> None:
    """Its tokens are gone already, but its names are not; it stays disconnected since the first time."""
    account = await login_flow.connect("instagram", "bakery")
    person = await person_of(login_flow, account)
    await login_flow.client.delete(f"/v1/social-accounts/{account['socialAccountId']}")
    since = (await login_flow.account(str(account["socialAccountId"])))["disconnectedAt"]
    login_flow.clock.advance(timedelta(hours=1))
    assert (await send(login_flow.browser, DELETION, request_of(login_flow.api, person))).status_code == 200
    emptied = await login_flow.account(str(account["socialAccountId"]))
    assert (emptied["handle"], emptied["disconnectedReason"], emptied["disconnectedAt"]) == (
        "deleted",
        "data_deleted",
        since,
    )


async def test_an_account_that_needs_a_login_is_emptied_too(login_flow: LoginFlow) -> None:
    """As after a removal, which Meta reports before it asks for the deletion."""
    account = await login_flow.connect("instagram", "bakery")
    person = await person_of(login_flow, account)
    await mark_reauth_required(login_flow.api.context.pool, uuid_of(account), now=login_flow.clock.now())
    assert (await send(login_flow.browser, DELETION, request_of(login_flow.api, person))).status_code == 200
    assert (await login_flow.account(str(account["socialAccountId"])))["status"] == "disconnected"


@pytest.mark.parametrize(
    ("first", "second", "status"), [(DEAUTHORIZE, DELETION, "reauth_required"), (DELETION, DEAUTHORIZE, "disconnected")]
)
async def test_a_request_is_refused_at_the_other_address(
    login_flow: LoginFlow, first: str, second: str, status: str
) -> None:
    """Meta signs both alike: who has seen one can't send it again as the other, at once or later. A newer one is handled."""
    account = await login_flow.connect("instagram", "bakery")
    person = await person_of(login_flow, account)
    text = request_of(login_flow.api, person)
    answers = await asyncio.gather(*(send(login_flow.browser, path, text) for path in (first, first)))
    assert [answer.status_code for answer in answers] == [200, 200]
    for _ in range(2):
        assert refusal(await send(login_flow.browser, second, text)) == (401, "UNAUTHENTICATED")
        assert (await login_flow.account(str(account["socialAccountId"])))["status"] == status
        login_flow.clock.advance(timedelta(days=6))
    assert await count(login_flow.api) == 1
    assert (await send(login_flow.browser, second, request_of(login_flow.api, person))).status_code == 200
    assert (
        await send(login_flow.browser, DELETION, request_of(login_flow.api, person, issued_at=1))
    ).status_code == 401


async def test_of_two_addresses_at_once_one_handles_a_request(login_flow: LoginFlow) -> None:
    """Sent to both at the same time, it has one effect and one record."""
    account = await login_flow.connect("instagram", "bakery")
    text = request_of(login_flow.api, await person_of(login_flow, account))
    answers = await asyncio.gather(*(send(login_flow.browser, path, text) for path in (DELETION, DEAUTHORIZE)))
    assert sorted(answer.status_code for answer in answers) == [200, 401]
    assert await count(login_flow.api) == 1


async def test_a_person_who_connects_again_is_new(login_flow: LoginFlow) -> None:
    """After a deletion the same account gets another id; the request of before, sent again, does not reach it."""
    account = await login_flow.connect("instagram", "bakery")
    text = request_of(login_flow.api, await person_of(login_flow, account))
    first = (await send(login_flow.browser, DELETION, text)).json()
    again = await login_flow.connect("instagram", "bakery")
    assert again["socialAccountId"] != account["socialAccountId"]
    login_flow.clock.advance(timedelta(days=1))
    assert (await send(login_flow.browser, DELETION, text)).json() == first
    assert (await login_flow.account(again["socialAccountId"]))["status"] == "connected"
    assert await count(login_flow.api) == 1


async def test_concurrent_repetitions_are_one_request(login_flow: LoginFlow) -> None:
    """All get the same code, and the posts are counted once."""
    account = await login_flow.connect("instagram", "bakery")
    await queue_post(login_flow, uuid_of(account))
    text = request_of(login_flow.api, await person_of(login_flow, account))
    answers = await asyncio.gather(*(send(login_flow.browser, DELETION, text) for _ in range(5)))
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.json()["confirmation_code"] for answer in answers}) == 1
    found = await login_flow.api.context.pool.fetch("SELECT accounts, canceled_posts FROM user_requests")
    assert [tuple(row) for row in found] == [(1, 1)]


async def test_a_deletion_writes_the_event_of_a_disconnected_account(login_flow: LoginFlow) -> None:
    """`social_account.revoked`, without the names that were deleted; none for an account that was disconnected before."""
    endpoint = {"url": "https://hooks.example.com/presswork", "events": ["social_account.revoked"]}
    assert (await login_flow.client.post("/v1/webhook-endpoints", json=endpoint)).status_code == 201
    account = await login_flow.connect("instagram", "bakery")
    person = await person_of(login_flow, account)
    for hours in range(2):
        text = request_of(login_flow.api, person, issued_at=int(login_flow.clock.now().timestamp()) - hours)
        assert (await send(login_flow.browser, DELETION, text)).status_code == 200
    found = await login_flow.api.context.pool.fetch("SELECT event_type, data FROM webhook_deliveries")
    (event,) = [json.loads(row["data"]) for row in found if row["event_type"] == "social_account.revoked"]
    assert (event["socialAccountId"], event["handle"], event["disconnectedReason"]) == (
        account["socialAccountId"],
        "deleted",
        "data_deleted",
    )
    assert "bakery" not in json.dumps(event)


# What is not genuine


@pytest.fixture
async def account(login_flow: LoginFlow) -> dict[str, object]:
    """A connected account."""
    return await login_flow.connect("instagram", "bakery")


def forgeries(api: Api, person: str) -> dict[str, str]:
    """Return requests that Meta did not sign for this service, or that are no requests."""
    secret, payload = secret_of(api), payload_of(api, person)
    genuine = signed(secret, payload)
    signature, _, text = genuine.partition(".")
    old = int((api.context.clock.now() - timedelta(days=8)).timestamp())
    ahead = int((api.context.clock.now() + timedelta(hours=1)).timestamp())
    other = base64url(json.dumps(payload | {"user_id": "1"}).encode())
    return {
        "empty": "",
        "no signature": f".{text}",
        "no payload": f"{signature}.",
        "no dot": signature + text,
        "another secret": signed("another", payload),
        "a public secret": signed("presswork-sandbox", payload),
        "an empty secret": signed("", payload),
        "another payload": f"{signature}.{other}",
        "a truncated signature": f"{signature[:20]}.{text}",
        "a truncated payload": f"{signature}.{text[:-2]}",
        "a signature of zeros": f"{base64url(bytes(32))}.{text}",
        "sha1": signed(secret, payload, digest="sha1"),
        "sha512": signed(secret, payload, digest="sha512"),
        "another algorithm": signed(secret, payload | {"algorithm": "none"}),
        "no algorithm": signed(secret, {key: value for key, value in payload.items() if key != "algorithm"}),
        "the signature in hex": f"{base64.urlsafe_b64decode(signature + '=').hex()}.{text}",
        "an extra part": f"{genuine}.{text}",
        "not base64": f"{signature}.{'é' * 8}",
        "too old": signed(secret, payload | {"issued_at": old}),
        "ahead of time": signed(secret, payload | {"issued_at": ahead}),
        "no time": signed(secret, {key: value for key, value in payload.items() if key != "issued_at"}),
        "a wild time": signed(secret, payload | {"issued_at": 10**30}),
        "no user": signed(secret, payload | {"user_id": " "}),
        "a long user": signed(secret, payload | {"user_id": "1" * 65}),
        "a list": signed(secret, [payload]),
        "not JSON": signed(secret, b"{"),
        "deep JSON": signed(secret, b"[" * 2_000),
        "too long": signed(secret, payload | {"more": "x" * 4_096}),
    }


@pytest.mark.parametrize("path", [DEAUTHORIZE, DELETION])
async def test_what_is_not_genuine_has_no_effect(login_flow: LoginFlow, account: dict[str, object], path: str) -> None:
    """401 in the envelope of errors, no record, and nothing changes; the answer reveals no secret."""
    person, before = await person_of(login_flow, account), await rows(login_flow)
    for name, text in forgeries(login_flow.api, person).items():
        answer = await send(login_flow.browser, path, text)
        assert (answer.status_code, answer.json()["error"]["code"]) == (401, "UNAUTHENTICATED"), name
        assert secret_of(login_flow.api) not in answer.text
    assert await rows(login_flow) == before
    assert await count(login_flow.api) == 0
    genuine = await send(login_flow.browser, path, request_of(login_flow.api, person))
    assert genuine.status_code == 200


@pytest.mark.parametrize("path", [DEAUTHORIZE, DELETION])
async def test_forms_that_carry_no_single_request(login_flow: LoginFlow, path: str) -> None:
    """Another form, two requests, JSON, a body that is too large, and other methods."""
    text, post = request_of(login_flow.api, "1"), login_flow.browser.post
    for content in (b"", b"signed_request", b"other=1", f"signed_request={text}&signed_request={text}".encode()):
        assert (await post(path, content=content)).status_code == 401
    assert (await post(path, json={"signed_request": text})).status_code == 401
    assert (await post(path, content=b"signed_request=" + b"x" * 17_000)).status_code == 413
    assert (await post(path, content=b"&".join([b"a=1"] * 200))).status_code == 422
    assert (await post(path, content=b"signed_request=\xff")).status_code == 422
    assert (await login_flow.browser.get(path)).status_code == 405


async def test_the_secret_of_one_app_reaches_only_its_accounts(login_flow: LoginFlow) -> None:
    """What the Facebook app's secret signed is about people of that app: an Instagram login is not touched."""
    account = await login_flow.connect("instagram", "bakery")
    person = await person_of(login_flow, account)
    answer = await send(login_flow.browser, DELETION, request_of(login_flow.api, person, login="facebook"))
    assert answer.status_code == 200
    assert (await login_flow.account(str(account["socialAccountId"])))["handle"] == "bakery"


async def both_of_one_person(login_flow: LoginFlow) -> tuple[dict[str, object], dict[str, object], str]:
    """Connect an Instagram account by Facebook Login and a Page as the same person; return both, and the person's id."""
    instagram = await login_flow.connect("instagram", "bakery", login="facebook")
    page = await login_flow.connect("facebook", "bakery")
    other = await login_flow.connect("instagram", "florist")
    pool, person = login_flow.api.context.pool, await person_of(login_flow, instagram)
    await pool.execute(
        "UPDATE social_accounts SET grantor_id = $1 WHERE id = ANY ($2::uuid[])",
        person,
        [uuid_of(page), uuid_of(other)],
    )
    return instagram, page, person


async def test_a_removed_app_ends_all_its_logins(login_flow: LoginFlow) -> None:
    """Instagram by Facebook Login and Pages are one app at Meta: the request ends both, once, and no other app's login."""
    instagram, page, person = await both_of_one_person(login_flow)
    text = request_of(login_flow.api, person, login="facebook")
    for _ in range(2):
        assert (await send(login_flow.browser, DEAUTHORIZE, text)).status_code == 200
    for account in (instagram, page):
        assert (await login_flow.account(str(account["socialAccountId"])))["status"] == "reauth_required"
    statuses = [row["status"] for row in await rows(login_flow)]
    assert sorted(map(str, statuses)) == ["connected", "reauth_required", "reauth_required"]
    assert await count(login_flow.api) == 1


async def test_a_deletion_covers_all_logins_of_the_app(login_flow: LoginFlow) -> None:
    """One confirmation for both logins, with the number of accounts; a repetition returns the same."""
    instagram, page, person = await both_of_one_person(login_flow)
    await queue_post(login_flow, uuid_of(page))
    text = request_of(login_flow.api, person, login="facebook")
    answers = [(await send(login_flow.browser, DELETION, text)).json() for _ in range(2)]
    assert answers[0] == answers[1]
    for account in (instagram, page):
        assert (await login_flow.account(str(account["socialAccountId"])))["disconnectedReason"] == "data_deleted"
    found = await login_flow.api.context.pool.fetch("SELECT login, accounts, canceled_posts FROM user_requests")
    assert [tuple(row) for row in found] == [("facebook", 2, 1)]


async def test_a_person_of_pages_alone_is_found(login_flow: LoginFlow) -> None:
    """The request reaches an account whose login is not the app's first one."""
    page = await login_flow.connect("facebook", "bakery")
    text = request_of(login_flow.api, await person_of(login_flow, page), login="facebook")
    assert (await send(login_flow.browser, DELETION, text)).status_code == 200
    assert (await login_flow.account(page["socialAccountId"]))["handle"] == "deleted"


async def test_an_unknown_user_gets_a_confirmation_too(login_flow: LoginFlow) -> None:
    """Nothing is stored about them, and the answer does not differ."""
    await login_flow.connect("instagram", "bakery")
    answer = await send(login_flow.browser, DELETION, request_of(login_flow.api, 7))
    assert answer.status_code == 200
    assert set(answer.json()) == {"url", "confirmation_code"}
    assert [row["handle"] for row in await rows(login_flow)] == ["bakery"]


async def test_calls_from_one_address_are_limited(settings: Settings, dsn: str, clock: MovableClock) -> None:
    """As for the webhooks of platforms, and together with them."""
    limited = settings.model_copy(update={"inbound_webhook_rate": 10})
    async with serving(limited, dsn=dsn, clock=clock) as api:
        browser = await api.anonymous()
        statuses = [(await send(browser, path, "x.y")).status_code for path in [DEAUTHORIZE, DELETION] * 6]
        assert statuses == [401] * 10 + [429] * 2
        assert (await browser.post("/webhooks/tiktok/test", content=b"")).status_code == 429


async def live_requests(api: Api, person: str, secret: str) -> httpx2.Response:
    """Send a deletion that a live app's secret signed."""
    return await send(await api.anonymous(), DELETION, signed(secret, payload_of(api, person)))


async def test_live_accounts_need_the_live_apps_secret(settings: Settings, dsn: str, clock: MovableClock) -> None:
    """Each app's own secret: that of the sandbox does not reach live accounts, nor a live one the test accounts."""
    live = settings.model_copy(
        update={
            "public_url": "https://presswork.example.com",
            "sandbox": False,
            "instagram_client_id": "1",
            "instagram_client_secret": SecretStr("instagram's own"),
            "facebook_client_id": "2",
            "facebook_client_secret": SecretStr("facebook's own"),
        }
    )
    async with serving(live, dsn=dsn, clock=clock) as api:
        assert (await live_requests(api, "7", secret_of(api))).status_code == 401
        for secret in ("instagram's own", "facebook's own"):
            assert (await live_requests(api, "7", secret)).status_code == 200
        found = await api.context.pool.fetch("SELECT login, environment FROM user_requests ORDER BY login")
    assert [tuple(row) for row in found] == [("facebook", "live"), ("instagram", "live")]


async def test_without_an_app_the_address_says_which_setting(settings: Settings, dsn: str, clock: MovableClock) -> None:
    """503, as for the webhooks of a platform that is not configured."""
    none = settings.model_copy(update={"sandbox": False})
    async with serving(none, dsn=dsn, clock=clock) as api:
        answer = await live_requests(api, "7", "x")
    assert (answer.status_code, answer.json()["error"]["code"]) == (503, "UNAVAILABLE")
    assert "PRESSWORK_" in answer.json()["error"]["message"]


async def test_records_are_deleted_in_time(login_flow: LoginFlow) -> None:
    """Removals after a month, longer than their signature is accepted; deletions, which have a page, after two years."""
    for path, person in ((DEAUTHORIZE, "7"), (DELETION, "8")):
        assert (await send(login_flow.browser, path, request_of(login_flow.api, person))).status_code == 200
    pool, now = login_flow.api.context.pool, login_flow.clock.now()
    for days, left in ((29, 2), (31, 1), (729, 1), (731, 0)):
        await sweep_user_requests(pool, now=now + timedelta(days=days))
        assert await count(login_flow.api) == left, days
