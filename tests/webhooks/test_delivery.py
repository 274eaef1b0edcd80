"""Delivering events: in order, at least once, and again where the receiver did not take them."""

import asyncio
from datetime import timedelta
from typing import Any, Final

import asyncpg
import pytest
from aiohttp import web
from tests.conftest import MovableClock
from tests.webhooks.conftest import HANGS, Hooks, Message, delivering, receiving

from presswork.core.settings import Settings
from presswork.core.timestamps import write_instant
from presswork.webhooks.model import RETRIES, retry_wait
from presswork.webhooks.store import LoggedAttempt
from presswork.worker.lanes import LANE_LEASE, Lane, LaneStore, Outgoing

SECOND: Final = timedelta(seconds=1)


def refuses(*types: str, status: int = 500) -> "Refuses":
    """Have a receiver refuse messages of these types, all where none is named."""
    return Refuses(types, status)


class Refuses:
    """An answer to messages."""

    def __init__(self, types: tuple[str, ...], status: int) -> None:
        self._types = types
        self._status = status

    def __call__(self, message: Message) -> int:
        """Answer."""
        return self._status if not self._types or message.json["type"] in self._types else 204


async def test_what_happens_to_a_post_is_told_in_order_and_signed(hooks: Hooks) -> None:
    """A post is queued and canceled: two messages, in that order, and the log has what was sent, to the letter."""
    endpoint, secret = await hooks.subscribe("post.scheduled", "post.canceled")
    post_id = await hooks.publish()
    await hooks.cancel(post_id)
    await hooks.deliver()
    told = [message.verified(secret) for message in hooks.receiver.got]
    assert [event["type"] for event in told] == ["post.scheduled", "post.canceled"]
    assert [event["data"]["status"] for event in told] == ["queued", "canceled"]
    assert {event["data"]["id"] for event in told} == {post_id}
    assert {event["timestamp"] for event in told} == {write_instant(hooks.clock.now())}
    assert [event["id"] for event in told] == [message.headers["webhook-id"] for message in hooks.receiver.got]
    log = await hooks.log(endpoint)
    assert [(entry["status"], len(entry["attempts"])) for entry in log] == [("delivered", 1)] * 2
    assert [entry["payload"] for entry in log] == told


async def test_the_first_retry_comes_after_five_seconds_with_the_same_id_and_bytes(hooks: Hooks) -> None:
    """Refused once, it comes again after 5 s: the same id, the same body, signed anew; and then it is delivered."""
    endpoint, secret = await hooks.subscribe()
    hooks.receiver.answer = refuses()
    await hooks.ping(endpoint)
    await hooks.deliver()
    hooks.receiver.answer = lambda _: 200
    hooks.clock.advance(5 * SECOND - timedelta(milliseconds=1))
    await hooks.deliver()
    assert len(hooks.receiver.got) == 1
    hooks.clock.advance(timedelta(milliseconds=1))
    await hooks.deliver()
    first, second = hooks.receiver.got
    assert (first.body, first.headers["webhook-id"]) == (second.body, second.headers["webhook-id"])
    assert first.headers["webhook-signature"] != second.headers["webhook-signature"]
    assert second.verified(secret)["type"] == "test.ping"
    (entry,) = await hooks.log(endpoint)
    assert [(attempt["statusCode"], attempt["error"] is None) for attempt in entry["attempts"]] == [
        (500, False),
        (200, True),
    ]
    assert entry["status"] == "delivered"


def test_retries_go_on_for_about_a_day_and_then_end() -> None:
    """5 s first, each wait at least as long as the one before, a day in all, spread by a tenth at most."""
    waits = [retry_wait(failed, chance=0.0) for failed in range(1, len(RETRIES) + 2)]
    assert waits[0] == 5 * SECOND
    assert waits[-1] is None
    kept = [wait for wait in waits if wait is not None]
    assert kept == sorted(kept)
    assert timedelta(hours=22) < sum(kept, timedelta(0)) < timedelta(hours=26)
    assert retry_wait(1, chance=1.0) == 5.5 * SECOND
    assert retry_wait(1, chance=0.0, asked=timedelta(hours=9)) == timedelta(minutes=15)


async def test_a_delivery_is_given_up_after_its_last_retry_and_those_behind_it_go_on(hooks: Hooks) -> None:
    """All attempts fail: the delivery is `failed` with each of them in the log, and the post's next event goes out."""
    endpoint, _ = await hooks.subscribe("post.scheduled", "post.canceled")
    hooks.receiver.answer = refuses("post.scheduled")
    await hooks.cancel(await hooks.publish())
    for wait in (timedelta(0), *RETRIES, SECOND):
        hooks.clock.advance(wait)
        await hooks.deliver()
    assert hooks.receiver.types() == ["post.scheduled"] * (len(RETRIES) + 1) + ["post.canceled"]
    first, second = await hooks.log(endpoint)
    assert (first["status"], len(first["attempts"]), second["status"]) == ("failed", len(RETRIES) + 1, "delivered")
    assert (first["gaveUpAt"], first["nextAttemptAt"]) == (write_instant(hooks.clock.now() - SECOND), None)


async def test_what_comes_behind_a_failed_event_of_its_post_waits_for_it(hooks: Hooks) -> None:
    """One post's first event waits for its retry: its second waits, too, while another post's events go out."""
    endpoint, _ = await hooks.subscribe("post.scheduled", "post.canceled")
    stuck = await hooks.publish()
    hooks.receiver.answer = lambda message: 500 if message.json["data"]["id"] == stuck else 204
    await hooks.deliver()
    await hooks.cancel(stuck)
    other = await hooks.publish()
    await hooks.cancel(other)
    await hooks.deliver()
    hooks.receiver.answer = lambda _: 204
    told = [(message.json["data"]["id"], message.json["type"]) for message in hooks.receiver.got]
    assert told == [(stuck, "post.scheduled"), (other, "post.scheduled"), (other, "post.canceled")]
    waiting = [entry["nextAttemptAt"] for entry in await hooks.log(endpoint, status="pending")]
    assert waiting == [write_instant(hooks.clock.now() + RETRIES[0])] * 2
    hooks.clock.advance(RETRIES[0])
    await hooks.deliver()
    assert [(message.json["data"]["id"], message.json["type"]) for message in hooks.receiver.got[3:]] == [
        (stuck, "post.scheduled"),
        (stuck, "post.canceled"),
    ]


async def test_twenty_failures_in_a_row_pause_an_endpoint_and_resuming_sends_what_was_kept(hooks: Hooks) -> None:
    """The twentieth failure pauses it and says why; what happens meanwhile is kept; resumed, all goes out in order."""
    endpoint, _ = await hooks.subscribe("post.scheduled", "post.canceled")
    hooks.receiver.answer = refuses()
    posts = [await hooks.publish() for _ in range(20)]
    for _ in range(20):
        await hooks.deliver()
        hooks.clock.advance(SECOND)
    paused = await hooks.endpoint(endpoint)
    assert (paused["status"], paused["pausedReason"], paused["failuresInRow"]) == ("paused", "too_many_failures", 20)
    assert paused["pausedAt"] is not None
    await hooks.cancel(posts[0])
    so_far = len(hooks.receiver.got)
    hooks.clock.advance(timedelta(days=1))
    await hooks.deliver()
    assert len(hooks.receiver.got) == so_far
    hooks.receiver.answer = lambda _: 204
    resumed = await hooks.change(endpoint, status="active")
    assert (resumed["status"], resumed["pausedAt"], resumed["pausedReason"], resumed["failuresInRow"]) == (
        "active",
        None,
        None,
        0,
    )
    await hooks.deliver()
    last = [(message.json["type"], message.json["data"]["id"]) for message in hooks.receiver.got[so_far:]]
    assert sorted(last) == sorted([*(("post.scheduled", post) for post in posts), ("post.canceled", posts[0])])
    assert last.index(("post.scheduled", posts[0])) < last.index(("post.canceled", posts[0]))
    assert {entry["status"] for entry in await hooks.log(endpoint)} == {"delivered"}


async def test_one_good_answer_ends_the_row_of_failures(hooks: Hooks) -> None:
    """Failures are counted in a row: after a good answer the count begins at nothing."""
    endpoint, _ = await hooks.subscribe()
    for answer, counted in ((500, 1), (204, 0), (500, 1)):
        hooks.receiver.answer = refuses(status=answer)
        await hooks.ping(endpoint)
        await hooks.deliver()
        assert (await hooks.endpoint(endpoint))["failuresInRow"] == counted


async def test_a_failing_endpoint_is_tried_once_a_second(hooks: Hooks) -> None:
    """From the third failure in a row on, it is left alone for a second after each: a short outage pauses nothing."""
    endpoint, _ = await hooks.subscribe()
    hooks.receiver.answer = refuses()
    for _ in range(10):
        await hooks.ping(endpoint)
    await hooks.deliver()
    tried = len(hooks.receiver.got)
    assert 3 <= tried <= 4  # four go out at once as long as all is well
    await hooks.deliver()
    assert len(hooks.receiver.got) == tried
    hooks.clock.advance(SECOND)
    await hooks.deliver()
    assert len(hooks.receiver.got) == tried + 1


async def test_gone_pauses_at_once_and_a_test_goes_out_all_the_same(hooks: Hooks) -> None:
    """410 pauses the endpoint by itself; a test reaches it while it is paused, and nothing else does."""
    endpoint, _ = await hooks.subscribe("post.scheduled", "post.canceled")
    hooks.receiver.answer = refuses(status=410)
    post_id = await hooks.publish()
    await hooks.deliver()
    paused = await hooks.endpoint(endpoint)
    assert (paused["status"], paused["pausedReason"], paused["failuresInRow"]) == ("paused", "gone", 1)
    hooks.receiver.answer = lambda _: 204
    await hooks.cancel(post_id)
    await hooks.ping(endpoint)
    hooks.clock.advance(timedelta(hours=1))
    await hooks.deliver()
    assert hooks.receiver.types() == ["post.scheduled", "test.ping"]
    assert (await hooks.endpoint(endpoint))["status"] == "paused"


@pytest.mark.parametrize(("asked", "waits"), [("60", 60), ("3", 5), ("86400", 900), ("soon", 5)])
async def test_a_receiver_that_asks_to_wait_is_left_alone_as_long(hooks: Hooks, asked: str, waits: int) -> None:
    """Retry-After holds for the delivery and for the endpoint, within bounds; nonsense counts for nothing."""
    endpoint, _ = await hooks.subscribe()
    hooks.receiver.answer = lambda _: web.Response(status=429, headers={"Retry-After": asked})
    await hooks.ping(endpoint)
    await hooks.deliver()
    (entry,) = await hooks.log(endpoint)
    assert entry["nextAttemptAt"] == write_instant(hooks.clock.now() + timedelta(seconds=waits))
    hooks.receiver.answer = lambda _: 204
    await hooks.ping(endpoint)
    await hooks.deliver()
    assert len(hooks.receiver.got) == (2 if asked == "soon" else 1)


async def test_what_is_no_success_says_so_in_the_log(hooks: Hooks) -> None:
    """A redirect is not followed; an answer's beginning is kept as text, its secrets hidden; a closed port is told."""
    endpoint, _ = await hooks.subscribe()
    told = b"\x00No: lp_test_ABCDEFGHIJKLMNOP_0123456789012345678901234567890123456789012" + b"x" * 5000
    hooks.receiver.answer = lambda _: web.Response(status=302, headers={"Location": "/elsewhere"}, body=told)
    await hooks.ping(endpoint)
    await hooks.deliver()
    assert [message.path for message in hooks.receiver.got] == ["/hooks"]
    async with receiving() as other:
        url = other.url
    await hooks.change(endpoint, url=url)
    await hooks.ping(endpoint)
    await hooks.deliver()
    redirected, closed = [entry["attempts"][0] for entry in await hooks.log(endpoint)]
    assert redirected["statusCode"] == 302
    assert "does not follow redirects" in redirected["error"]
    assert "lp_test" not in redirected["responseExcerpt"]
    assert len(redirected["responseExcerpt"]) == 512
    assert (closed["statusCode"], closed["responseExcerpt"]) == (None, None)
    assert closed["error"]


async def test_a_private_address_is_refused_when_the_connection_is_made(
    hooks: Hooks, settings: Settings, clock: MovableClock
) -> None:
    """A worker that allows no private addresses sends nothing to one, whatever the endpoint was made under."""
    endpoint, _ = await hooks.subscribe()
    await hooks.ping(endpoint)
    strict = settings.model_copy(update={"allow_private_webhooks": False})
    async with delivering(hooks.stage.api, strict, clock) as deliverer:
        await deliverer.run_until_idle()
    (entry,) = await hooks.log(endpoint)
    assert entry["attempts"][0]["statusCode"] is None
    assert "not public" in entry["attempts"][0]["error"]
    assert hooks.receiver.got == []


async def test_a_lane_whose_worker_is_gone_is_taken_over_when_its_lease_ends(
    hooks: Hooks, settings: Settings, clock: MovableClock
) -> None:
    """While one worker has an endpoint, no other delivers to it; once the lease has lapsed, another does, with the same id."""
    endpoint, _ = await hooks.subscribe()
    hooks.receiver.answer = lambda _: HANGS
    await hooks.ping(endpoint)
    await hooks.deliverer.poll()  # takes the lane and sends, and then hears nothing
    async with delivering(hooks.stage.api, settings, clock, name="another") as other:
        await other.run_until_idle()
        clock.advance(LANE_LEASE - SECOND)
        await other.run_until_idle()
        assert len(hooks.receiver.got) <= 1
        hooks.receiver.answer = lambda _: 204
        clock.advance(SECOND)
        await other.run_until_idle()
    hooks.receiver.is_over.set()
    await hooks.deliver()
    assert len({message.headers["webhook-id"] for message in hooks.receiver.got}) == 1
    (entry,) = await hooks.log(endpoint)
    assert (entry["status"], len(entry["attempts"])) == ("delivered", 1)


async def test_a_secret_whose_key_is_lost_is_told_and_can_be_replaced(hooks: Hooks) -> None:
    """Nothing is sent without a signature: the log says why, and after a rotation it goes out, signed by the new secret."""
    endpoint, _ = await hooks.subscribe()
    await hooks.stage.api.context.pool.execute("UPDATE webhook_endpoints SET sealed_secret = 'lost'")
    await hooks.ping(endpoint)
    await hooks.deliver()
    (entry,) = await hooks.log(endpoint)
    assert "Rotate the secret" in entry["attempts"][0]["error"]
    answer = await hooks.client.post(f"/v1/webhook-endpoints/{endpoint}/rotate-secret")
    assert answer.json()["previousSecretExpiresAt"] is None
    hooks.clock.advance(timedelta(seconds=5))
    await hooks.deliver()
    (message,) = hooks.receiver.got
    assert message.verified(answer.json()["signingSecret"])["type"] == "test.ping"


async def test_an_error_in_one_delivery_leaves_no_sibling_behind(hooks: Hooks, monkeypatch: pytest.MonkeyPatch) -> None:
    """Storing the result of one raises: the others of the batch end with it, and none delivers an endpoint unowned."""
    endpoint, _ = await hooks.subscribe()
    for _ in range(3):
        await hooks.ping(endpoint)
    answers = iter([204, HANGS, HANGS])
    hooks.receiver.answer = lambda _: next(answers)

    async def delivered(*_: object, **__: object) -> None:
        while len(hooks.receiver.got) < 3:  # noqa: ASYNC110  until all three are under way
            await asyncio.sleep(0)
        raise RuntimeError("unforeseen")

    with monkeypatch.context() as broken:
        broken.setattr(LaneStore, "delivered", delivered)
        await hooks.deliverer.poll()
        await asyncio.wait(hooks.deliverer.tasks)
    left = [task for task in asyncio.all_tasks() if "WebhookJobs" in getattr(task.get_coro(), "__qualname__", "")]
    assert left == []
    hooks.receiver.answer = lambda _: 204
    hooks.clock.advance(LANE_LEASE)
    await hooks.deliver()
    assert {entry["status"] for entry in await hooks.log(endpoint)} == {"delivered"}


async def test_an_answer_that_cannot_be_stored_counts_all_the_same(
    hooks: Hooks, monkeypatch: pytest.MonkeyPatch
) -> None:
    """PostgreSQL refuses the text of a receiver's error: the attempt is counted without it, and waits for the next one."""
    endpoint, _ = await hooks.subscribe()
    store = LaneStore.not_delivered

    async def not_delivered(
        self: LaneStore, lane: Lane, delivery: Outgoing, attempt: LoggedAttempt, **how: Any
    ) -> bool:
        if attempt.excerpt is not None:
            raise asyncpg.DataError("unsupported Unicode escape sequence")
        return await store(self, lane, delivery, attempt, **how)

    monkeypatch.setattr(LaneStore, "not_delivered", not_delivered)
    hooks.receiver.answer = lambda _: web.Response(status=500, text="broken")
    await hooks.ping(endpoint)
    await hooks.deliver()
    (entry,) = await hooks.log(endpoint)
    assert (entry["status"], len(entry["attempts"])) == ("pending", 1)
    assert entry["attempts"][0]["statusCode"] == 500
    assert len(hooks.receiver.got) == 1
