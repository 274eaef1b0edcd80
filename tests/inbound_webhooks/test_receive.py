"""TikTok's webhooks over HTTP: signatures, duplicates, and revoked authorizations."""

import hashlib
import hmac
import json
from datetime import timedelta
from typing import Any

import httpx2
import pytest
from pydantic import SecretStr
from tests.api.wire import ALL
from tests.api_server import Api, serving
from tests.clocks import MovableClock
from tests.sandbox_journal import read_journal
from tests.work_hints import work_hints
from tests.world import World

from presswork.accounts.account_jobs import AccessCheckJobs
from presswork.core.ids import PLATFORM_APP, new_id, parse_id, public_id
from presswork.inbound_webhooks.receive import sweep_notices
from presswork.platforms.sandbox_access import SandboxTokens
from presswork.platforms.settings import Settings

PATH = "/webhooks/tiktok/test"


def secret_of(api: Api) -> str:
    """Return the secret that this installation shares with its fake TikTok."""
    return SandboxTokens.of(api.context.settings, api.context.keyring).app_secrets("tiktok")[0]


def signed(body: bytes, clock: MovableClock, secret: str) -> dict[str, str]:
    """Return the signature header of a call that is signed with a secret."""
    stamp = str(int(clock.now().timestamp()))
    digest = hmac.new(secret.encode(), stamp.encode() + b"." + body, hashlib.sha256).hexdigest()
    return {"TikTok-Signature": f"t={stamp},s={digest}", "Content-Type": "application/json"}


def event(clock: MovableClock, name: str = "post.publish.complete", *, about: str = "x", **content: object) -> bytes:
    """Return an event about an account, by default an unknown one."""
    reported = {
        "event": name,
        "create_time": int(clock.now().timestamp()),
        "user_openid": about,
        "content": json.dumps(content),
    }
    return json.dumps(reported).encode()


async def stored_events(api: Api) -> list[str]:
    """Return the names of the stored events, in order of arrival."""
    return [row["event"] for row in await api.context.pool.fetch("SELECT event FROM platform_notices ORDER BY id")]


@pytest.fixture
async def browser(api: Api) -> httpx2.AsyncClient:
    """A client without a key."""
    return await api.anonymous()


@pytest.fixture
async def open_id(api: Api, world: World) -> str:
    """TikTok's id of a connected account."""
    await world.account(await world.project(), "tiktok", "luna")
    return str(await api.context.pool.fetchval("SELECT external_id FROM social_accounts"))


async def test_a_signed_webhook_is_stored_once(
    api: Api, browser: httpx2.AsyncClient, clock: MovableClock, open_id: str
) -> None:
    """200 for every valid form; the same bytes are stored once, even if they arrive concurrently with others."""
    first = event(clock, about=open_id)
    second = event(clock, "post.publish.failed", about=open_id, publish_id="p1")
    for body in (first, second, first, first, second):
        response = await browser.post(PATH, content=body, headers=signed(body, clock, secret_of(api)))
        assert (response.status_code, response.content) == (200, b"")
    clock.advance(timedelta(hours=70))
    late = await browser.post(PATH, content=first, headers=signed(first, clock, secret_of(api)))
    assert late.status_code == 200
    assert await stored_events(api) == ["post.publish.complete", "post.publish.failed"]


async def test_a_webhook_about_nothing_known_leaves_no_row(
    api: Api, browser: httpx2.AsyncClient, clock: MovableClock, open_id: str
) -> None:
    """An account that was never connected, and an event that Presswork does nothing about: 200, and nothing is stored."""
    for body in (
        event(clock),
        event(clock, "authorization.removed", about=f"{open_id}x"),
        event(clock, "event.of.tomorrow", about=open_id, publish_id="p1"),
    ):
        response = await browser.post(PATH, content=body, headers=signed(body, clock, secret_of(api)))
        assert (response.status_code, response.content) == (200, b"")
    assert await stored_events(api) == []
    assert (
        await api.context.pool.fetchval("SELECT count(*) FROM social_accounts WHERE access_check_at IS NOT NULL") == 0
    )


@pytest.mark.parametrize("secret", ["sandbox-tiktok-client-secret", "presswork-sandbox", "presswork"])
async def test_a_webhook_signed_with_a_public_value_is_rejected(
    api: Api, world: World, browser: httpx2.AsyncClient, clock: MovableClock, open_id: str, secret: str
) -> None:
    """No other installation can sign them: no constant of the source code is a secret of the sandbox."""
    body = event(clock, "authorization.removed", about=open_id, reason=1)
    response = await browser.post(PATH, content=body, headers=signed(body, clock, secret))
    assert (response.status_code, response.json()["error"]["code"]) == (401, "UNAUTHENTICATED")
    assert await stored_events(api) == []


async def test_calls_from_one_address_are_limited(settings: Settings, dsn: str, clock: MovableClock) -> None:
    """More calls in a minute than the setting allows are 429 with Retry-After, whether signed or not; a minute later not."""
    limited = settings.model_copy(update={"inbound_webhook_rate": 10})
    async with serving(limited, dsn=dsn, clock=clock) as api:
        browser, body = await api.anonymous(), event(clock)
        statuses = [(await browser.post(PATH, content=body)).status_code for _ in range(11)]
        assert statuses == [401] * 10 + [429]
        refused = await browser.post(PATH, content=body, headers=signed(body, clock, secret_of(api)))
        assert (refused.status_code, refused.json()["error"]["code"]) == (429, "RATE_LIMITED")
        assert 1 <= int(refused.headers["retry-after"]) <= 60
        clock.advance(timedelta(minutes=1))
        assert (await browser.post(PATH, content=body, headers=signed(body, clock, secret_of(api)))).status_code == 200
        # What a proxy passes on without a check is no address: all of it counts together.
        named = [{"X-Forwarded-For": f"name-{number}"} for number in range(11)]
        statuses = [(await browser.post(PATH, content=body, headers=header)).status_code for header in named]
        assert statuses == [401] * 10 + [429]


async def test_an_invalid_signature_is_rejected_and_nothing_is_stored(
    api: Api, browser: httpx2.AsyncClient, clock: MovableClock
) -> None:
    """No signature, another secret, another body, a replay from last week."""
    body, secret = event(clock), secret_of(api)
    old = signed(body, clock, secret)
    clock.advance(timedelta(days=4))
    for headers in ({}, signed(body, clock, "another"), signed(body + b" ", clock, secret), old):
        response = await browser.post(PATH, content=body, headers=headers)
        assert (response.status_code, response.json()["error"]["code"]) == (401, "UNAUTHENTICATED")
        assert secret not in response.text
    assert await stored_events(api) == []


async def test_an_unreadable_webhook_returns_200(api: Api, browser: httpx2.AsyncClient, clock: MovableClock) -> None:
    """It is signed by TikTok, and a retry would not change it."""
    for body in (b"", b"{", b"[]", b'{"event": "x"}'):
        response = await browser.post(PATH, content=body, headers=signed(body, clock, secret_of(api)))
        assert response.status_code == 200
    assert await stored_events(api) == []


async def test_urls_without_webhooks(api: Api, browser: httpx2.AsyncClient, clock: MovableClock) -> None:
    """Platforms without webhooks and other environments are 404, live needs the app's secret, and TikTok accepts only POST."""
    body = event(clock)
    for path, status in (
        ("/webhooks/youtube/test", 404),
        ("/webhooks/instagram/test", 401),
        ("/webhooks/nobody/test", 404),
        ("/webhooks/tiktok/moon", 404),
        ("/webhooks/tiktok/live", 503),
    ):
        response = await browser.post(path, content=body, headers=signed(body, clock, secret_of(api)))
        assert response.status_code == status, path
        assert response.json()["error"]["message"].endswith(".")
    assert (await browser.get(PATH)).status_code == 405
    big = b" " * (1024 * 1024 + 1)
    assert (await browser.post(PATH, content=big, headers=signed(big, clock, secret_of(api)))).status_code == 413


async def test_live_webhooks_require_the_apps_secret(settings: Settings, dsn: str, clock: MovableClock) -> None:
    """The sandbox's secret is accepted for the test URL only."""
    live = settings.model_copy(
        update={
            "public_url": "https://presswork.example.com",
            "tiktok_client_key": "k",
            "tiktok_client_secret": SecretStr("the app's own"),
        }
    )
    async with serving(settings, dsn=dsn, clock=clock) as api:
        world = World(api=api, client=await api.client())
        await world.account(await world.project(), "tiktok", "luna")
        open_id = await api.context.pool.fetchval("SELECT external_id FROM social_accounts")
        await api.context.pool.execute("UPDATE social_accounts SET environment = 'live'")
    body = event(clock, about=open_id)
    async with serving(live, dsn=dsn, clock=clock) as api:
        browser = await api.anonymous()
        for secret, status in ((secret_of(api), 401), ("the app's own", 200)):
            response = await browser.post("/webhooks/tiktok/live", content=body, headers=signed(body, clock, secret))
            assert response.status_code == status
        row = await api.context.pool.fetchrow("SELECT environment, event FROM platform_notices")
        assert row is not None
        assert (row["environment"], row["event"]) == ("live", "post.publish.complete")


async def test_an_app_of_a_customer_speaks_for_its_own_accounts_alone(
    api: Api, browser: httpx2.AsyncClient, clock: MovableClock, open_id: str
) -> None:
    """Its secret opens its URL only, where webhooks about accounts of other apps leave no row; unknown URLs are 404."""
    admin = await api.client(scopes=ALL)
    secrets: dict[str, str] = {}
    for name, secret in (("Bakery", "secret-of-bakery"), ("Florist", "secret-of-florist")):
        new = {
            "platform": "tiktok",
            "name": name,
            "clientId": name,
            "clientSecret": secret,
            "projectIds": [],
        }
        made = await admin.post("/v1/platform-apps", json=new)
        assert made.status_code == 201, made.text
        secrets[made.json()["id"]] = secret
    bakery, florist = secrets
    body = event(clock, "post.publish.failed", about=open_id, publish_id="p1")

    async def send(app: str | None, secret: str) -> int:
        path = PATH if app is None else f"{PATH}/{app}"
        return (await browser.post(path, content=body, headers=signed(body, clock, secret))).status_code

    assert await send(bakery, secrets[bakery]) == 200
    assert await stored_events(api) == [], "the account was connected with the installation's app"
    await api.context.pool.execute("UPDATE social_accounts SET app_id = $1", parse_id(PLATFORM_APP, bakery))
    assert [await send(bakery, secret) for secret in (secrets[florist], secret_of(api))] == [401] * 2
    assert [await send(florist, secrets[florist]), await send(None, secret_of(api))] == [200] * 2
    assert await stored_events(api) == [], "only the app of the account speaks for it"
    assert [await send(bakery, secrets[bakery]) for _ in range(2)] == [200] * 2
    assert await stored_events(api) == ["post.publish.failed"]
    answers = [
        (await browser.post(path, content=body, headers=signed(body, clock, secrets[bakery]))).json()["error"]
        for path in (
            f"{PATH}/{public_id(PLATFORM_APP, new_id())}",
            f"{PATH}/x",
            f"/webhooks/instagram/test/{bakery}",
            f"/webhooks/tiktok/live/{bakery}",
        )
    ]
    assert {(answer["code"], answer["message"]) for answer in answers} == {("NOT_FOUND", answers[0]["message"])}


async def test_notices_are_deleted_after_a_month(
    api: Api, browser: httpx2.AsyncClient, clock: MovableClock, open_id: str
) -> None:
    """Until then a duplicate is recognized."""
    body = event(clock, about=open_id)
    await browser.post(PATH, content=body, headers=signed(body, clock, secret_of(api)))
    await sweep_notices(api.context.pool, now=clock.now() + timedelta(days=29))
    assert len(await stored_events(api)) == 1
    await sweep_notices(api.context.pool, now=clock.now() + timedelta(days=31))
    assert await stored_events(api) == []


# Revoked authorizations


async def control(api: Api, path: str, **body: object) -> dict[str, Any]:
    """Call the sandbox's control surface."""
    browser = await api.anonymous()
    response = await browser.post(f"/sandbox/control/{path}", json=body)
    assert response.status_code == 200, response.text
    return dict(response.json())


async def send_events_to_presswork(api: Api) -> None:
    """Make the sandbox send TikTok's events to Presswork; they are held until released."""
    await control(api, "webhooks", platform="tiktok", url=f"{api.base_url}{PATH}", hold=True)


async def pass_time(api: Api, clock: MovableClock, duration: timedelta) -> None:
    """Advance the clocks of Presswork and the sandbox."""
    clock.advance(duration)
    await control(api, "clock", advanceSeconds=duration.total_seconds())


async def check_access(api: Api) -> int:
    """Do the access checks that are due, as a worker does, and return how many there were."""
    jobs = AccessCheckJobs(api.context.pool, api.context.keyring, api.context.platforms, api.context.clock)
    due = await jobs.claim(100)
    for job in due:
        await jobs.run(job)
    return len(due)


async def statuses(world: World, *accounts: str) -> list[str]:
    """Return the status of each account."""
    responses = [await world.client.get(f"/v1/social-accounts/{account}") for account in accounts]
    return [response.json()["status"] for response in responses]


@pytest.mark.parametrize("reason", [1, 2, 4])
async def test_a_revoked_authorization_takes_effect(api: Api, world: World, clock: MovableClock, reason: int) -> None:
    """In every project that has the account, once TikTok has refused its tokens; other accounts are unchanged."""
    projects = [await world.project("One"), await world.project("Two")]
    same = [await world.account(project, "tiktok", "brand") for project in projects]
    other, elsewhere = (
        await world.account(projects[0], "tiktok", "florist"),
        await world.account(projects[0], "instagram", "brand"),
    )
    await send_events_to_presswork(api)
    await pass_time(api, clock, timedelta(seconds=5))
    await control(api, "revoke", platform="tiktok", handle="brand", reason=reason)
    await control(api, "webhooks/release", copies=3)
    assert await statuses(world, *same) == ["connected"] * 2
    assert (await check_access(api), await check_access(api)) == (2, 0)
    assert await statuses(world, *same) == ["reauth_required"] * 2
    assert await statuses(world, other, elsewhere) == ["connected"] * 2
    assert await stored_events(api) == ["authorization.removed"]


async def test_a_false_revocation_changes_nothing(api: Api, world: World, clock: MovableClock) -> None:
    """Even one with a valid signature only makes the worker ask: TikTok accepts the tokens, so the account stays."""
    account = await world.account(await world.project(), "tiktok", "brand")
    await send_events_to_presswork(api)
    await pass_time(api, clock, timedelta(seconds=5))
    await control(api, "webhooks/events", handle="brand", event="authorization.removed", content={"reason": 1})
    await control(api, "webhooks/release")
    assert await stored_events(api) == ["authorization.removed"]
    assert (await check_access(api), await check_access(api)) == (1, 0)
    assert await statuses(world, account) == ["connected"]
    *_, asked = await read_journal((await api.anonymous()).get, operation="user_info")
    assert (asked["handle"], asked["status"]) == ("brand", 200)


async def test_an_access_token_that_expired_early_is_refreshed(api: Api, world: World, clock: MovableClock) -> None:
    """TikTok refuses the access token but refreshes it: the account stays connected, with new tokens."""
    account = await world.account(await world.project(), "tiktok", "brand")
    await send_events_to_presswork(api)
    await pass_time(api, clock, timedelta(seconds=5))  # an event of the login's own second is not later
    await control(api, "webhooks/events", handle="brand", event="authorization.removed", content={"reason": 1})
    await control(api, "webhooks/release")
    await world.fault(platform="tiktok", operation="user_info", fault="token_expired")
    version = await api.context.pool.fetchval("SELECT tokens_version FROM social_accounts")
    assert await check_access(api) == 1
    assert await statuses(world, account) == ["connected"]
    assert await api.context.pool.fetchval("SELECT tokens_version FROM social_accounts") == version + 1


async def test_a_check_without_an_answer_is_repeated(api: Api, world: World, clock: MovableClock) -> None:
    """TikTok is unavailable: the account stays connected, and is checked again when the lease of the check ends."""
    account = await world.account(await world.project(), "tiktok", "brand")
    await send_events_to_presswork(api)
    await pass_time(api, clock, timedelta(seconds=5))  # an event of the login's own second is not later
    await control(api, "revoke", platform="tiktok", handle="brand")
    await control(api, "webhooks/release")
    await world.fault(platform="tiktok", operation="user_info", fault="http_500")
    assert (await check_access(api), await check_access(api)) == (1, 0)
    assert await statuses(world, account) == ["connected"]
    clock.advance(AccessCheckJobs.lease)
    assert await check_access(api) == 1
    assert await statuses(world, account) == ["reauth_required"]


async def test_a_late_revocation_does_not_affect_a_newer_login(api: Api, world: World, clock: MovableClock) -> None:
    """The owner revoked and granted access before the webhook of the revocation arrived: the account stays connected."""
    project = await world.project()
    account = await world.account(project, "tiktok", "brand")
    await send_events_to_presswork(api)
    await pass_time(api, clock, timedelta(seconds=5))
    await control(api, "revoke", platform="tiktok", handle="brand")
    await pass_time(api, clock, timedelta(minutes=1))
    assert await world.account(project, "tiktok", "brand") == account
    await control(api, "webhooks/release")
    assert await stored_events(api) == ["authorization.removed"]
    assert await check_access(api) == 1
    assert await statuses(world, account) == ["connected"]


async def test_a_disconnected_account_stays_disconnected(api: Api, world: World, clock: MovableClock) -> None:
    """Disconnecting makes TikTok send the webhook as well; it changes nothing."""
    account = await world.account(await world.project(), "tiktok", "brand")
    await send_events_to_presswork(api)
    await pass_time(api, clock, timedelta(seconds=5))
    assert (await world.client.delete(f"/v1/social-accounts/{account}")).status_code == 200
    await control(api, "webhooks/release")
    assert await stored_events(api) == ["authorization.removed"]
    assert await check_access(api) == 0
    assert await statuses(world, account) == ["disconnected"]


async def test_a_revoked_authorization_wakes_the_workers(api: Api, world: World, clock: MovableClock, dsn: str) -> None:
    """It writes `social_account.needs_reauth` for each subscribed endpoint; a duplicate writes nothing."""
    endpoint = {"url": "https://hooks.example.com/presswork", "events": ["social_account.needs_reauth"]}
    await world.account(await world.project(), "tiktok", "brand")
    await send_events_to_presswork(api)
    await pass_time(api, clock, timedelta(seconds=5))
    await control(api, "revoke", platform="tiktok", handle="brand")
    assert (await world.client.post("/v1/webhook-endpoints", json=endpoint)).status_code == 201
    async with work_hints(dsn) as hints:
        await control(api, "webhooks/release")
        assert await check_access(api) == 1
        await hints.next()
        pending = await api.context.pool.fetch("SELECT event_type FROM webhook_deliveries ORDER BY id")
        assert [row["event_type"] for row in pending] == ["social_account.needs_reauth"]
        await control(api, "webhooks/release")
        assert await check_access(api) == 0
        assert await hints.none()
