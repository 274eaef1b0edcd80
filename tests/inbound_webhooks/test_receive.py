"""TikTok's webhooks over real HTTP: who gets in, what is kept, and whose access ends."""

import hashlib
import hmac
import json
from datetime import timedelta
from typing import Any

import httpx2
import pytest
from pydantic import SecretStr
from tests.conftest import Api, MovableClock, Stage, serving, work_hints

from presswork.core.settings import Settings
from presswork.inbound_webhooks.receive import sweep_notices

SECRET = "sandbox-tiktok-client-secret"
PATH = "/webhooks/tiktok/test"


def signed(body: bytes, clock: MovableClock, secret: str = SECRET) -> dict[str, str]:
    """Return the header of a genuine call."""
    stamp = str(int(clock.now().timestamp()))
    digest = hmac.new(secret.encode(), stamp.encode() + b"." + body, hashlib.sha256).hexdigest()
    return {"TikTok-Signature": f"t={stamp},s={digest}", "Content-Type": "application/json"}


def event(clock: MovableClock, name: str = "post.publish.complete", **content: object) -> bytes:
    """Return an event about nobody's account."""
    told = {
        "event": name,
        "create_time": int(clock.now().timestamp()),
        "user_openid": "x",
        "content": json.dumps(content),
    }
    return json.dumps(told).encode()


async def kept(api: Api) -> list[str]:
    """Return the names of the events that are kept, in the order in which they came."""
    return [row["event"] for row in await api.context.pool.fetch("SELECT event FROM platform_notices ORDER BY id")]


@pytest.fixture
async def browser(api: Api) -> httpx2.AsyncClient:
    """Somebody without a key."""
    return await api.anonymous()


async def test_a_genuine_call_needs_no_key_and_is_kept_once(
    api: Api, browser: httpx2.AsyncClient, clock: MovableClock
) -> None:
    """200 each time, in whatever form; the same bytes are kept once, even when they come at the same time as others."""
    first, second = event(clock), event(clock, "event.of.tomorrow", publish_id="p1")
    for body in (first, second, first, first, second):
        answer = await browser.post(PATH, content=body, headers=signed(body, clock))
        assert (answer.status_code, answer.content) == (200, b"")
    clock.advance(timedelta(hours=70))
    assert (await browser.post(PATH, content=first, headers=signed(first, clock))).status_code == 200
    assert await kept(api) == ["post.publish.complete", "event.of.tomorrow"]


async def test_what_is_not_tiktoks_is_refused_and_leaves_no_trace(
    api: Api, browser: httpx2.AsyncClient, clock: MovableClock
) -> None:
    """No signature, another secret, another body, a recording from last week."""
    body = event(clock)
    old = signed(body, clock)
    clock.advance(timedelta(days=4))
    for headers in ({}, signed(body, clock, "another"), signed(body + b" ", clock), old):
        answer = await browser.post(PATH, content=body, headers=headers)
        assert (answer.status_code, answer.json()["error"]["code"]) == (401, "UNAUTHENTICATED")
        assert SECRET not in answer.text
    assert await kept(api) == []


async def test_what_can_not_be_read_is_answered_all_the_same(
    api: Api, browser: httpx2.AsyncClient, clock: MovableClock
) -> None:
    """It is TikTok's, and sending it again would not make it better."""
    for body in (b"", b"{", b"[]", b'{"event": "x"}'):
        assert (await browser.post(PATH, content=body, headers=signed(body, clock))).status_code == 200
    assert await kept(api) == []


async def test_addresses_where_nobody_sends_anything(browser: httpx2.AsyncClient, clock: MovableClock) -> None:
    """Other platforms and environments are not found, live needs the app's secret, and only POST is taken."""
    body = event(clock)
    for path, status in (
        ("/webhooks/instagram/test", 404),
        ("/webhooks/nobody/test", 404),
        ("/webhooks/tiktok/moon", 404),
        ("/webhooks/tiktok/live", 503),
    ):
        answer = await browser.post(path, content=body, headers=signed(body, clock))
        assert answer.status_code == status, path
        assert answer.json()["error"]["message"].endswith(".")
    assert (await browser.get(PATH)).status_code == 405
    big = b" " * (1024 * 1024 + 1)
    assert (await browser.post(PATH, content=big, headers=signed(big, clock))).status_code == 413


async def test_live_events_are_signed_with_the_apps_own_secret(
    settings: Settings, dsn: str, clock: MovableClock
) -> None:
    """The sandbox's secret, which everybody knows, opens the test address and no other."""
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
            answer = await browser.post("/webhooks/tiktok/live", content=body, headers=signed(body, clock, secret))
            assert answer.status_code == status
        row = await api.context.pool.fetchrow("SELECT environment, event FROM platform_notices")
        assert row is not None
        assert (row["environment"], row["event"]) == ("live", "post.publish.complete")


async def test_notices_are_swept_after_a_month(api: Api, browser: httpx2.AsyncClient, clock: MovableClock) -> None:
    """Until then each is known when it comes again."""
    body = event(clock)
    await browser.post(PATH, content=body, headers=signed(body, clock))
    await sweep_notices(api.context.pool, now=clock.now() + timedelta(days=29))
    assert len(await kept(api)) == 1
    await sweep_notices(api.context.pool, now=clock.now() + timedelta(days=31))
    assert await kept(api) == []


# Who takes their access back


async def control(api: Api, path: str, **body: object) -> dict[str, Any]:
    """Do something on the sandbox's control surface."""
    browser = await api.anonymous()
    answer = await browser.post(f"/sandbox/control/{path}", json=body)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def listening(api: Api) -> None:
    """Have the sandbox send TikTok's events to us, as TikTok does; they are held until they are released."""
    await control(api, "webhooks", platform="tiktok", url=f"{api.base_url}{PATH}", hold=True)


async def pass_time(api: Api, clock: MovableClock, duration: timedelta) -> None:
    """Let time pass on both sides."""
    clock.advance(duration)
    await control(api, "clock", advanceSeconds=duration.total_seconds())


async def statuses(stage: Stage, *accounts: str) -> list[str]:
    """Return the status of each account."""
    answers = [await stage.client.get(f"/v1/social-accounts/{account}") for account in accounts]
    return [answer.json()["status"] for answer in answers]


@pytest.mark.parametrize("reason", [1, 2, 4])
async def test_an_access_that_was_taken_back_is_known_at_once(
    api: Api, stage: Stage, clock: MovableClock, reason: int
) -> None:
    """In every project that has the account; others stay as they are, and no call to TikTok is needed to find out."""
    projects = [await stage.project("One"), await stage.project("Two")]
    same = [await stage.account(project, "tiktok", "brand") for project in projects]
    other, elsewhere = (
        await stage.account(projects[0], "tiktok", "florist"),
        await stage.account(projects[0], "instagram", "brand"),
    )
    await listening(api)
    await pass_time(api, clock, timedelta(seconds=5))
    await control(api, "revoke", platform="tiktok", handle="brand", reason=reason)
    await control(api, "webhooks/release", copies=3)
    assert await statuses(stage, *same) == ["reauth_required"] * 2
    assert await statuses(stage, other, elsewhere) == ["connected"] * 2
    assert await kept(api) == ["authorization.removed"]


async def test_a_late_word_does_not_end_a_newer_login(api: Api, stage: Stage, clock: MovableClock) -> None:
    """The owner took the access back and gave it again before the word of the first came: the account is fine."""
    project = await stage.project()
    account = await stage.account(project, "tiktok", "brand")
    await listening(api)
    await pass_time(api, clock, timedelta(seconds=5))
    await control(api, "revoke", platform="tiktok", handle="brand")
    await pass_time(api, clock, timedelta(minutes=1))
    assert await stage.account(project, "tiktok", "brand") == account
    await control(api, "webhooks/release")
    assert await kept(api) == ["authorization.removed"]
    assert await statuses(stage, account) == ["connected"]


async def test_an_account_that_was_given_back_stays_given_back(api: Api, stage: Stage, clock: MovableClock) -> None:
    """Our own giving back makes TikTok send the word, too; it changes nothing."""
    account = await stage.account(await stage.project(), "tiktok", "brand")
    await listening(api)
    await pass_time(api, clock, timedelta(seconds=5))
    assert (await stage.client.delete(f"/v1/social-accounts/{account}")).status_code == 200
    await control(api, "webhooks/release")
    assert await kept(api) == ["authorization.removed"]
    assert await statuses(stage, account) == ["disconnected"]


async def test_a_removed_authorization_wakes_the_workers(api: Api, stage: Stage, clock: MovableClock, dsn: str) -> None:
    """It writes `social_account.needs_reauth` for each endpoint that listens; a repetition of it writes nothing."""
    endpoint = {"url": "https://hooks.example.com/presswork", "events": ["social_account.needs_reauth"]}
    await stage.account(await stage.project(), "tiktok", "brand")
    await listening(api)
    await pass_time(api, clock, timedelta(seconds=5))
    await control(api, "revoke", platform="tiktok", handle="brand")
    assert (await stage.client.post("/v1/webhook-endpoints", json=endpoint)).status_code == 201
    async with work_hints(dsn) as hints:
        await control(api, "webhooks/release")
        await hints.next()
        pending = await api.context.pool.fetch("SELECT event_type FROM webhook_deliveries ORDER BY id")
        assert [row["event_type"] for row in pending] == ["social_account.needs_reauth"]
        await control(api, "webhooks/release")
        assert await hints.none()
