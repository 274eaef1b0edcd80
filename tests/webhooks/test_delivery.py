"""Delivering events: in order, at least once, with retries."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Any, Final

import asyncpg
import pytest
from aiohttp import web
from tests.clocks import MovableClock
from tests.databases import owner_of
from tests.webhooks.conftest import HANGS, Message, WebhookWorld, delivering, receiving

from presswork.core.timestamps import write_instant
from presswork.db.one_connection import connected
from presswork.events.model import EventType
from presswork.platforms.settings import Settings
from presswork.safe_http.client import GuardedClient
from presswork.telemetry import meters
from presswork.webhooks.model import RETRIES, Attempt, retry_wait
from presswork.worker.lanes import LANE_LEASE, Lane, LaneStore, Outgoing

SECOND: Final = timedelta(seconds=1)


def refuses(*types: str, status: int = 500) -> Callable[[Message], int]:
    """Return a response function that refuses messages of these types, by default all."""
    return lambda message: status if not types or message.json["type"] in types else 204


async def test_events_of_a_post_are_delivered_in_order_and_signed(webhook_world: WebhookWorld) -> None:
    """A post is queued and canceled: two messages in that order, and the log has exactly what was sent."""
    endpoint, secret = await webhook_world.subscribe("post.scheduled", "post.canceled")
    post_id = await webhook_world.publish()
    await webhook_world.cancel(post_id)
    await webhook_world.deliver()
    reported = [message.verified(secret) for message in webhook_world.receiver.got]
    assert [event["type"] for event in reported] == ["post.scheduled", "post.canceled"]
    assert [event["data"]["status"] for event in reported] == ["queued", "canceled"]
    assert {event["data"]["id"] for event in reported} == {post_id}
    assert {event["timestamp"] for event in reported} == {write_instant(webhook_world.clock.now())}
    assert [event["id"] for event in reported] == [
        message.headers["webhook-id"] for message in webhook_world.receiver.got
    ]
    log = await webhook_world.log(endpoint)
    assert [(entry["status"], len(entry["attempts"])) for entry in log] == [("delivered", 1)] * 2
    assert [entry["payload"] for entry in log] == reported


async def test_the_first_retry_comes_after_five_seconds_with_the_same_id_and_bytes(webhook_world: WebhookWorld) -> None:
    """A refused message is retried after 5 s with the same id and body and a new signature, and is delivered."""
    endpoint, secret = await webhook_world.subscribe()
    webhook_world.receiver.respond = refuses()
    await webhook_world.ping(endpoint)
    await webhook_world.deliver()
    webhook_world.receiver.respond = lambda _: 200
    webhook_world.clock.advance(5 * SECOND - timedelta(milliseconds=1))
    await webhook_world.deliver()
    assert len(webhook_world.receiver.got) == 1
    webhook_world.clock.advance(timedelta(milliseconds=1))
    await webhook_world.deliver()
    first, second = webhook_world.receiver.got
    assert (first.body, first.headers["webhook-id"]) == (second.body, second.headers["webhook-id"])
    assert first.headers["webhook-signature"] != second.headers["webhook-signature"]
    assert second.verified(secret)["type"] == "test.ping"
    (entry,) = await webhook_world.log(endpoint)
    assert [(attempt["statusCode"], attempt["error"] is None) for attempt in entry["attempts"]] == [
        (500, False),
        (200, True),
    ]
    assert entry["status"] == "delivered"


def test_retries_last_about_a_day() -> None:
    """5 s first, each wait at least as long as the one before, a day in all, with at most a tenth of jitter."""
    waits = [retry_wait(failed, chance=0.0) for failed in range(1, len(RETRIES) + 2)]
    assert waits[0] == 5 * SECOND
    assert waits[-1] is None
    kept = [wait for wait in waits if wait is not None]
    assert kept == sorted(kept)
    assert timedelta(hours=22) < sum(kept, timedelta(0)) < timedelta(hours=26)
    assert retry_wait(1, chance=1.0) == 5.5 * SECOND
    assert retry_wait(1, chance=0.0, retry_after=timedelta(hours=9)) == timedelta(minutes=15)


async def test_a_delivery_fails_after_its_last_retry_and_the_next_one_is_sent(webhook_world: WebhookWorld) -> None:
    """All attempts fail: the delivery is `failed` with each of them in the log, and the post's next event is sent."""
    endpoint, _ = await webhook_world.subscribe("post.scheduled", "post.canceled")
    webhook_world.receiver.respond = refuses("post.scheduled")
    await webhook_world.cancel(await webhook_world.publish())
    for wait in (timedelta(0), *RETRIES, SECOND):
        webhook_world.clock.advance(wait)
        await webhook_world.deliver()
    assert webhook_world.receiver.types() == ["post.scheduled"] * (len(RETRIES) + 1) + ["post.canceled"]
    first, second = await webhook_world.log(endpoint)
    assert (first["status"], len(first["attempts"]), second["status"]) == ("failed", len(RETRIES) + 1, "delivered")
    assert (first["gaveUpAt"], first["nextAttemptAt"]) == (write_instant(webhook_world.clock.now() - SECOND), None)


async def test_events_wait_for_an_earlier_event_of_the_same_post(webhook_world: WebhookWorld) -> None:
    """While one post's first event waits for its retry, its second waits too; another post's events are sent."""
    endpoint, _ = await webhook_world.subscribe("post.scheduled", "post.canceled")
    stuck = await webhook_world.publish()
    webhook_world.receiver.respond = lambda message: 500 if message.json["data"]["id"] == stuck else 204
    await webhook_world.deliver()
    await webhook_world.cancel(stuck)
    other = await webhook_world.publish()
    await webhook_world.cancel(other)
    await webhook_world.deliver()
    webhook_world.receiver.respond = lambda _: 204
    reported = [(message.json["data"]["id"], message.json["type"]) for message in webhook_world.receiver.got]
    assert reported == [(stuck, "post.scheduled"), (other, "post.scheduled"), (other, "post.canceled")]
    waiting = [entry["nextAttemptAt"] for entry in await webhook_world.log(endpoint, status="pending")]
    assert waiting == [write_instant(webhook_world.clock.now() + RETRIES[0])] * 2
    webhook_world.clock.advance(RETRIES[0])
    await webhook_world.deliver()
    assert [(message.json["data"]["id"], message.json["type"]) for message in webhook_world.receiver.got[3:]] == [
        (stuck, "post.scheduled"),
        (stuck, "post.canceled"),
    ]


async def test_twenty_failures_in_a_row_pause_an_endpoint(webhook_world: WebhookWorld) -> None:
    """The twentieth failure pauses it with a reason; later events are kept and sent in order after it is resumed."""
    endpoint, _ = await webhook_world.subscribe("post.scheduled", "post.canceled")
    webhook_world.receiver.respond = refuses()
    posts = [await webhook_world.publish() for _ in range(20)]
    for _ in range(20):
        await webhook_world.deliver()
        webhook_world.clock.advance(SECOND)
    paused = await webhook_world.endpoint(endpoint)
    assert (paused["status"], paused["pausedReason"], paused["failuresInRow"]) == ("paused", "too_many_failures", 20)
    assert paused["pausedAt"] is not None
    await webhook_world.cancel(posts[0])
    so_far = len(webhook_world.receiver.got)
    webhook_world.clock.advance(timedelta(days=1))
    await webhook_world.deliver()
    assert len(webhook_world.receiver.got) == so_far
    webhook_world.receiver.respond = lambda _: 204
    resumed = await webhook_world.change(endpoint, status="active")
    assert (resumed["status"], resumed["pausedAt"], resumed["pausedReason"], resumed["failuresInRow"]) == (
        "active",
        None,
        None,
        0,
    )
    await webhook_world.deliver()
    last = [(message.json["type"], message.json["data"]["id"]) for message in webhook_world.receiver.got[so_far:]]
    assert sorted(last) == sorted([*(("post.scheduled", post) for post in posts), ("post.canceled", posts[0])])
    assert last.index(("post.scheduled", posts[0])) < last.index(("post.canceled", posts[0]))
    assert {entry["status"] for entry in await webhook_world.log(endpoint)} == {"delivered"}


async def test_a_success_resets_the_failure_count(webhook_world: WebhookWorld) -> None:
    """Failures are counted in a row: after a 2xx response the count is zero."""
    endpoint, _ = await webhook_world.subscribe()
    for response, counted in ((500, 1), (204, 0), (500, 1)):
        webhook_world.receiver.respond = refuses(status=response)
        await webhook_world.ping(endpoint)
        await webhook_world.deliver()
        assert (await webhook_world.endpoint(endpoint))["failuresInRow"] == counted


async def test_a_failing_endpoint_is_throttled(webhook_world: WebhookWorld) -> None:
    """From the third failure in a row, it gets one attempt per second, so that a short outage does not pause it."""
    endpoint, _ = await webhook_world.subscribe()
    webhook_world.receiver.respond = refuses()
    for _ in range(10):
        await webhook_world.ping(endpoint)
    await webhook_world.deliver()
    tried = len(webhook_world.receiver.got)
    assert 3 <= tried <= 4  # a healthy endpoint gets four at a time
    await webhook_world.deliver()
    assert len(webhook_world.receiver.got) == tried
    webhook_world.clock.advance(SECOND)
    await webhook_world.deliver()
    assert len(webhook_world.receiver.got) == tried + 1


async def test_410_pauses_an_endpoint_and_a_test_is_still_sent(webhook_world: WebhookWorld) -> None:
    """A 410 pauses the endpoint; only a test reaches it while it is paused."""
    endpoint, _ = await webhook_world.subscribe("post.scheduled", "post.canceled")
    webhook_world.receiver.respond = refuses(status=410)
    post_id = await webhook_world.publish()
    await webhook_world.deliver()
    paused = await webhook_world.endpoint(endpoint)
    assert (paused["status"], paused["pausedReason"], paused["failuresInRow"]) == ("paused", "gone", 1)
    webhook_world.receiver.respond = lambda _: 204
    await webhook_world.cancel(post_id)
    await webhook_world.ping(endpoint)
    webhook_world.clock.advance(timedelta(hours=1))
    await webhook_world.deliver()
    assert webhook_world.receiver.types() == ["post.scheduled", "test.ping"]
    assert (await webhook_world.endpoint(endpoint))["status"] == "paused"


@pytest.mark.parametrize(
    ("asked", "waits"),
    [
        ("60", 60),
        ("3", 5),
        ("86400", 900),
        ("soon", 5),
        ("Mon, 01 Jan 99999999999999999999 00:00:00 GMT", 5),
        ("Mon, 01 Jan 2035 00:00:00 +99999999999999999999", 5),
    ],
)
async def test_retry_after_is_honoured(webhook_world: WebhookWorld, asked: str, waits: int) -> None:
    """Retry-After applies to the delivery and to the endpoint, within bounds; an invalid one is ignored."""
    endpoint, _ = await webhook_world.subscribe()
    webhook_world.receiver.respond = lambda _: web.Response(status=429, headers={"Retry-After": asked})
    await webhook_world.ping(endpoint)
    await webhook_world.deliver()
    (entry,) = await webhook_world.log(endpoint)
    assert entry["attempts"][0]["error"].startswith("The receiver returned 429.")
    assert entry["nextAttemptAt"] == write_instant(webhook_world.clock.now() + timedelta(seconds=waits))
    webhook_world.receiver.respond = lambda _: 204
    await webhook_world.ping(endpoint)
    await webhook_world.deliver()
    assert len(webhook_world.receiver.got) == (2 if asked == "soon" or len(asked) > 9 else 1)


async def test_a_requested_wait_outlasts_other_failures(
    webhook_world: WebhookWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of two messages in flight one gets Retry-After and the next fails without: the endpoint still gets its wait."""
    endpoint, _ = await webhook_world.subscribe()
    store, is_asked = LaneStore.not_delivered, asyncio.Event()

    async def not_delivered(self: LaneStore, *arguments: Any, rest: timedelta, **how: Any) -> bool:
        if not rest:
            await is_asked.wait()
        is_paused = await store(self, *arguments, rest=rest, **how)
        is_asked.set()
        return is_paused

    def respond(_message: Message) -> int | web.Response:
        is_first = len(webhook_world.receiver.got) == 1
        return web.Response(status=503, headers={"Retry-After": "900"}) if is_first else 500

    monkeypatch.setattr(LaneStore, "not_delivered", not_delivered)
    webhook_world.receiver.respond = respond
    for _ in range(2):
        await webhook_world.ping(endpoint)
    await webhook_world.deliver()
    assert len(webhook_world.receiver.got) == 2
    webhook_world.clock.advance(timedelta(minutes=14))
    await webhook_world.deliver()
    assert len(webhook_world.receiver.got) == 2
    webhook_world.clock.advance(timedelta(minutes=1))
    await webhook_world.deliver()
    assert len(webhook_world.receiver.got) > 2


async def test_failed_attempts_are_explained_in_the_log(webhook_world: WebhookWorld) -> None:
    """A redirect is not followed; the start of the response is kept as text with secrets hidden; a closed port is named."""
    endpoint, _ = await webhook_world.subscribe()
    reported = b"\x00No: lp_test_ABCDEFGHIJKLMNOP_0123456789012345678901234567890123456789012" + b"x" * 5000
    webhook_world.receiver.respond = lambda _: web.Response(
        status=302, headers={"Location": "/elsewhere"}, body=reported
    )
    await webhook_world.ping(endpoint)
    await webhook_world.deliver()
    assert [message.path for message in webhook_world.receiver.got] == ["/hooks"]
    async with receiving() as other:
        url = other.url
    await webhook_world.change(endpoint, url=url)
    await webhook_world.ping(endpoint)
    await webhook_world.deliver()
    redirected, closed = [entry["attempts"][0] for entry in await webhook_world.log(endpoint)]
    assert redirected["statusCode"] == 302
    assert "does not follow redirects" in redirected["error"]
    assert "lp_test" not in redirected["responseExcerpt"]
    assert len(redirected["responseExcerpt"]) == 512
    assert (closed["statusCode"], closed["responseExcerpt"]) == (None, None)
    assert closed["error"]


async def test_a_private_address_is_refused_when_the_connection_is_made(
    webhook_world: WebhookWorld, settings: Settings, clock: MovableClock
) -> None:
    """A worker that allows no private addresses never connects to one, whatever the endpoint was created with."""
    endpoint, _ = await webhook_world.subscribe()
    await webhook_world.ping(endpoint)
    strict = settings.model_copy(update={"allow_private_webhooks": False})
    async with delivering(webhook_world.world.api, strict, clock) as deliverer:
        await deliverer.run_until_idle()
    (entry,) = await webhook_world.log(endpoint)
    assert entry["attempts"][0]["statusCode"] is None
    assert "not public" in entry["attempts"][0]["error"]
    assert "PRESSWORK_ALLOW_PRIVATE_WEBHOOKS=true" in entry["attempts"][0]["error"]
    assert webhook_world.receiver.got == []


async def test_an_expired_lease_is_taken_over(
    webhook_world: WebhookWorld, settings: Settings, clock: MovableClock
) -> None:
    """While one worker holds an endpoint's lease, no other delivers to it; after it expires, another does, with the same id."""
    endpoint, _ = await webhook_world.subscribe()
    webhook_world.receiver.respond = lambda _: HANGS
    await webhook_world.ping(endpoint)
    await webhook_world.deliverer.poll()  # claims the lane and sends, then gets no response
    async with delivering(webhook_world.world.api, settings, clock, name="another") as other:
        await other.run_until_idle()
        clock.advance(LANE_LEASE - SECOND)
        await other.run_until_idle()
        assert len(webhook_world.receiver.got) <= 1
        webhook_world.receiver.respond = lambda _: 204
        clock.advance(SECOND)
        await other.run_until_idle()
    webhook_world.receiver.is_over.set()
    await webhook_world.deliver()
    assert len({message.headers["webhook-id"] for message in webhook_world.receiver.got}) == 1
    (entry,) = await webhook_world.log(endpoint)
    assert (entry["status"], len(entry["attempts"])) == ("delivered", 1)


async def test_a_secret_that_can_not_be_decrypted_can_be_rotated(webhook_world: WebhookWorld) -> None:
    """Nothing is sent without a signature, and the log says why; after a rotation it is sent with the new one."""
    endpoint, _ = await webhook_world.subscribe()
    await webhook_world.world.api.context.pool.execute("UPDATE webhook_endpoints SET sealed_secret = 'lost'")
    await webhook_world.ping(endpoint)
    await webhook_world.deliver()
    (entry,) = await webhook_world.log(endpoint)
    assert "Rotate the secret" in entry["attempts"][0]["error"]
    response = await webhook_world.client.post(f"/v1/webhook-endpoints/{endpoint}/rotate-secret")
    assert response.json()["previousSecretExpiresAt"] is None
    webhook_world.clock.advance(timedelta(seconds=5))
    await webhook_world.deliver()
    (message,) = webhook_world.receiver.got
    assert message.verified(response.json()["signingSecret"])["type"] == "test.ping"


async def test_an_error_in_one_delivery_ends_the_batch(
    webhook_world: WebhookWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Storing one result raises, in whatever form: the other deliveries of the batch are canceled, and none continues without a lease."""
    endpoint, _ = await webhook_world.subscribe()
    for _ in range(3):
        await webhook_world.ping(endpoint)
    responses = iter([204, HANGS, HANGS])
    webhook_world.receiver.respond = lambda _: next(responses)

    async def raising(*_: object, **__: object) -> None:
        while len(webhook_world.receiver.got) < 3:  # noqa: ASYNC110  until all three are under way
            await asyncio.sleep(0)
        raise RuntimeError("unforeseen")

    with monkeypatch.context() as broken:
        broken.setattr(LaneStore, "delivered", raising)
        broken.setattr(LaneStore, "not_delivered", raising)
        await webhook_world.deliverer.poll()
        await asyncio.wait(webhook_world.deliverer.tasks)
    left = [task for task in asyncio.all_tasks() if "WebhookJobs" in getattr(task.get_coro(), "__qualname__", "")]
    assert left == []
    webhook_world.receiver.respond = lambda _: 204
    webhook_world.clock.advance(LANE_LEASE)
    await webhook_world.deliver()
    assert {entry["status"] for entry in await webhook_world.log(endpoint)} == {"delivered"}


async def test_a_response_that_can_not_be_stored_counts_as_an_attempt(
    webhook_world: WebhookWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    """PostgreSQL refuses the text of a receiver's error: the attempt is counted without it, and a retry is due."""
    endpoint, _ = await webhook_world.subscribe()
    store = LaneStore.not_delivered

    async def not_delivered(self: LaneStore, lane: Lane, delivery: Outgoing, attempt: Attempt, **how: Any) -> bool:
        if attempt.excerpt is not None:
            raise asyncpg.DataError("unsupported Unicode escape sequence")
        return await store(self, lane, delivery, attempt, **how)

    monkeypatch.setattr(LaneStore, "not_delivered", not_delivered)
    webhook_world.receiver.respond = lambda _: web.Response(status=500, text="broken")
    await webhook_world.ping(endpoint)
    await webhook_world.deliver()
    (entry,) = await webhook_world.log(endpoint)
    assert (entry["status"], len(entry["attempts"])) == ("pending", 1)
    assert entry["attempts"][0]["statusCode"] == 500
    assert len(webhook_world.receiver.got) == 1


@pytest.mark.parametrize("broken", ["delivered", "not_delivered"])
async def test_a_result_that_can_never_be_stored_has_an_end(
    webhook_world: WebhookWorld, monkeypatch: pytest.MonkeyPatch, broken: str
) -> None:
    """The usual write raises each time: each attempt is counted, waits longer than the last, and the last one ends it."""
    endpoint, _ = await webhook_world.subscribe("post.scheduled", "post.canceled")
    store = getattr(LaneStore, broken)

    async def raising(self: LaneStore, lane: Lane, delivery: Outgoing, attempt: Attempt, **how: Any) -> object:
        if delivery.event_type == EventType.POST_SCHEDULED and (attempt.error is None or "500" in attempt.error):
            raise RuntimeError("unforeseen")
        return await store(self, lane, delivery, attempt, **how)

    monkeypatch.setattr(LaneStore, broken, raising)
    status = 200 if broken == "delivered" else 500
    webhook_world.receiver.respond = lambda message: status if message.json["type"] == "post.scheduled" else 204
    counted = meters.settle_failures.labels("webhooks")._value.get()
    await webhook_world.cancel(await webhook_world.publish())
    for sent, wait in enumerate((timedelta(0), *RETRIES, SECOND), start=1):
        webhook_world.clock.advance(wait)
        await webhook_world.deliver()
        await webhook_world.deliver()  # nothing is sent before its time
        assert len(webhook_world.receiver.got) == sent
    first, second = await webhook_world.log(endpoint)
    assert (first["status"], len(first["attempts"]), second["status"]) == ("failed", len(RETRIES) + 1, "delivered")
    assert {attempt["error"] for attempt in first["attempts"]} == {
        "Presswork could not store the result (RuntimeError); the worker's log has the details."
    }
    assert meters.settle_failures.labels("webhooks")._value.get() - counted >= len(RETRIES) + 1


async def test_an_event_of_a_newer_version_is_delivered(webhook_world: WebhookWorld, dsn: str) -> None:
    """Its type is unknown to this version: the message is sent as it is stored, and delays none of the others."""
    endpoint, secret = await webhook_world.subscribe()
    await webhook_world.cancel(await webhook_world.publish())
    async with connected(owner_of(dsn)) as owner:
        checks = await owner.fetch(
            "SELECT conname FROM pg_constraint WHERE conrelid = 'webhook_deliveries'::regclass AND contype = 'c'"
        )
        for row in checks:
            await owner.execute(f"ALTER TABLE webhook_deliveries DROP CONSTRAINT {row['conname']}")
        await owner.execute(
            "UPDATE webhook_deliveries SET event_type = 'post.boosted' WHERE event_type = 'post.scheduled'"
        )
    await webhook_world.deliver()
    assert webhook_world.receiver.types() == ["post.boosted", "post.canceled"]
    assert webhook_world.receiver.got[0].verified(secret)["type"] == "post.boosted"
    assert (await webhook_world.endpoint(endpoint))["status"] == "active"


async def test_a_delivery_that_crashes_counts_as_an_attempt(
    webhook_world: WebhookWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Sending one message raises an unexpected error: its attempt is counted, and the endpoint's other message arrives."""
    endpoint, _ = await webhook_world.subscribe("post.scheduled")
    post = GuardedClient.post
    errors = [RuntimeError("unforeseen")]

    async def crashing(self: GuardedClient, *arguments: Any, **named: Any) -> Any:
        if errors:
            raise errors.pop()
        return await post(self, *arguments, **named)

    monkeypatch.setattr(GuardedClient, "post", crashing)
    crashes = meters.job_crashes.labels("webhooks")._value.get()
    for _ in range(2):
        await webhook_world.publish()
    await webhook_world.deliver()
    entries = {entry["status"]: entry for entry in await webhook_world.log(endpoint)}
    (attempt,) = entries["pending"]["attempts"]
    assert attempt["error"] == "An internal error of Presswork (RuntimeError) occurred; see the worker's log."
    assert meters.job_crashes.labels("webhooks")._value.get() - crashes == 1
    webhook_world.clock.advance(RETRIES[0])
    await webhook_world.deliver()
    assert {entry["status"] for entry in await webhook_world.log(endpoint)} == {"delivered"}
    assert len(webhook_world.receiver.got) == 2
