"""TikTok's webhooks over HTTP: signatures, duplicates, and revoked authorizations."""

import hashlib
import hmac
import json
from datetime import timedelta
from typing import Any

import httpx2
import pytest
from pydantic import SecretStr
from tests.clocks import MovableClock
from tests.conftest import Api, World, serving, work_hints

from presswork.core.settings import Settings
from presswork.inbound_webhooks.receive import sweep_notices

SECRET = "sandbox-tiktok-client-secret"
PATH = "/webhooks/tiktok/test"


def signed(body: bytes, clock: MovableClock, secret: str = SECRET) -> dict[str, str]:
    """Return the signature header of a genuine call."""
    stamp = str(int(clock.now().timestamp()))
    digest = hmac.new(secret.encode(), stamp.encode() + b"." + body, hashlib.sha256).hexdigest()
    return {"TikTok-Signature": f"t={stamp},s={digest}", "Content-Type": "application/json"}


def event(clock: MovableClock, name: str = "post.publish.complete", **content: object) -> bytes:
    """Return an event about an unknown account."""
    reported = {
        "event": name,
        "create_time": int(clock.now().timestamp()),
        "user_openid": "x",
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


async def test_a_signed_webhook_is_stored_once(api: Api, browser: httpx2.AsyncClient, clock: MovableClock) -> None:
    """200 for every valid form; the same bytes are stored once, even if they arrive concurrently with others."""
    first, second = event(clock), event(clock, "event.of.tomorrow", publish_id="p1")
    for body in (first, second, first, first, second):
        response = await browser.post(PATH, content=body, headers=signed(body, clock))
        assert (response.status_code, response.content) == (200, b"")
    clock.advance(timedelta(hours=70))
    assert (await browser.post(PATH, content=first, headers=signed(first, clock))).status_code == 200
    assert await stored_events(api) == ["post.publish.complete", "event.of.tomorrow"]


async def test_an_invalid_signature_is_rejected_and_nothing_is_stored(
    api: Api, browser: httpx2.AsyncClient, clock: MovableClock
) -> None:
    """No signature, another secret, another body, a replay from last week."""
    body = event(clock)
    old = signed(body, clock)
    clock.advance(timedelta(days=4))
    for headers in ({}, signed(body, clock, "another"), signed(body + b" ", clock), old):
        response = await browser.post(PATH, content=body, headers=headers)
        assert (response.status_code, response.json()["error"]["code"]) == (401, "UNAUTHENTICATED")
        assert SECRET not in response.text
    assert await stored_events(api) == []


async def test_an_unreadable_webhook_returns_200(api: Api, browser: httpx2.AsyncClient, clock: MovableClock) -> None:
    """It is signed by TikTok, and a retry would not change it."""
    for body in (b"", b"{", b"[]", b'{"event": "x"}'):
        assert (await browser.post(PATH, content=body, headers=signed(body, clock))).status_code == 200
    assert await stored_events(api) == []


async def test_urls_without_webhooks(browser: httpx2.AsyncClient, clock: MovableClock) -> None:
    """Other platforms and environments are 404, live needs the app's secret, and only POST is accepted."""
    body = event(clock)
    for path, status in (
        ("/webhooks/instagram/test", 404),
        ("/webhooks/nobody/test", 404),
        ("/webhooks/tiktok/moon", 404),
        ("/webhooks/tiktok/live", 503),
    ):
        response = await browser.post(path, content=body, headers=signed(body, clock))
        assert response.status_code == status, path
        assert response.json()["error"]["message"].endswith(".")
    assert (await browser.get(PATH)).status_code == 405
    big = b" " * (1024 * 1024 + 1)
    assert (await browser.post(PATH, content=big, headers=signed(big, clock))).status_code == 413


async def test_live_webhooks_require_the_apps_secret(settings: Settings, dsn: str, clock: MovableClock) -> None:
    """The sandbox's secret, which is public, is accepted for the test URL only."""
    live = settings.model_copy(
        update={
            "public_url": "https://presswork.example.com",
            "tiktok_client_key": "k",
            "tiktok_client_secret": SecretStr("the app's own"),
        }
    )
    body = event(clock)
    async with serving(live, dsn=dsn, clock=clock) as api:
        browser = await api.anonymous()
        for secret, status in ((SECRET, 401), ("the app's own", 200)):
            response = await browser.post("/webhooks/tiktok/live", content=body, headers=signed(body, clock, secret))
            assert response.status_code == status
        row = await api.context.pool.fetchrow("SELECT environment, event FROM platform_notices")
        assert row is not None
        assert (row["environment"], row["event"]) == ("live", "post.publish.complete")


async def test_notices_are_deleted_after_a_month(api: Api, browser: httpx2.AsyncClient, clock: MovableClock) -> None:
    """Until then a duplicate is recognized."""
    body = event(clock)
    await browser.post(PATH, content=body, headers=signed(body, clock))
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


async def statuses(world: World, *accounts: str) -> list[str]:
    """Return the status of each account."""
    responses = [await world.client.get(f"/v1/social-accounts/{account}") for account in accounts]
    return [response.json()["status"] for response in responses]


@pytest.mark.parametrize("reason", [1, 2, 4])
async def test_a_revoked_authorization_takes_effect_at_once(
    api: Api, world: World, clock: MovableClock, reason: int
) -> None:
    """In every project that has the account, without a call to TikTok; other accounts are unchanged."""
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
    assert await statuses(world, *same) == ["reauth_required"] * 2
    assert await statuses(world, other, elsewhere) == ["connected"] * 2
    assert await stored_events(api) == ["authorization.removed"]


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
    assert await statuses(world, account) == ["connected"]


async def test_a_disconnected_account_stays_disconnected(api: Api, world: World, clock: MovableClock) -> None:
    """Disconnecting makes TikTok send the webhook as well; it changes nothing."""
    account = await world.account(await world.project(), "tiktok", "brand")
    await send_events_to_presswork(api)
    await pass_time(api, clock, timedelta(seconds=5))
    assert (await world.client.delete(f"/v1/social-accounts/{account}")).status_code == 200
    await control(api, "webhooks/release")
    assert await stored_events(api) == ["authorization.removed"]
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
        await hints.next()
        pending = await api.context.pool.fetch("SELECT event_type FROM webhook_deliveries ORDER BY id")
        assert [row["event_type"] for row in pending] == ["social_account.needs_reauth"]
        await control(api, "webhooks/release")
        assert await hints.none()
