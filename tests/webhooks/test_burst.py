"""Many events for many endpoints, some of which hang or fail: the others are not affected."""

import asyncio
from datetime import timedelta

from tests.clocks import MovableClock
from tests.webhooks.conftest import HANGS, Message, WebhookWorld, delivering

from presswork.platforms.settings import Settings
from presswork.safe_http.client import PostLimits
from presswork.worker.lanes import LaneStore

ENDPOINTS = 24
BROKEN = 2
POSTS = 10


async def test_hanging_and_failing_endpoints_do_not_delay_others(
    webhook_world: WebhookWorld, settings: Settings, clock: MovableClock
) -> None:
    """All healthy endpoints get every event once while the hanging ones still hang."""
    reported: dict[str, list[str]] = {}
    is_done = asyncio.Event()

    def response(message: Message) -> int:
        number = int(message.path.rpartition("/")[2])
        if number < BROKEN:
            return HANGS
        if number < 2 * BROKEN:
            return 500
        reported.setdefault(message.path, []).append(message.headers["webhook-id"])
        if sum(map(len, reported.values())) >= (ENDPOINTS - 2 * BROKEN) * POSTS:
            is_done.set()
        return 204

    webhook_world.receiver.respond = response
    for number in range(ENDPOINTS):
        await webhook_world.subscribe("post.scheduled", url=f"{webhook_world.receiver.url}/{number}")
    await webhook_world.world.publish(webhook_world.container, *[webhook_world.account] * POSTS)
    stop, endless = asyncio.Event(), PostLimits(response=timedelta(days=1))  # hanging receivers never time out
    async with delivering(webhook_world.world.api, settings, clock, limits=endless) as deliverer:
        running = asyncio.create_task(deliverer.run(stop))
        await is_done.wait()
        webhook_world.receiver.is_over.set()
        stop.set()
        await running
    assert len(reported) == ENDPOINTS - 2 * BROKEN
    assert {(len(ids), len(set(ids))) for ids in reported.values()} == {(POSTS, POSTS)}


async def test_failing_endpoints_use_at_most_half_of_a_worker(webhook_world: WebhookWorld) -> None:
    """However many endpoints fail, a worker uses at most half of its slots for them."""
    for _ in range(6):
        await webhook_world.subscribe("post.scheduled")
    await webhook_world.world.api.context.pool.execute("UPDATE webhook_endpoints SET failures_in_row = 1")
    healthy, _ = await webhook_world.subscribe("post.scheduled")
    await webhook_world.publish()
    store, now = LaneStore(webhook_world.world.api.context.pool, worker_id="another"), webhook_world.clock.now()
    lanes = await store.claim(now=now, limit=4, failing_limit=2)
    assert sorted(lane.is_failing for lane in lanes) == [False, True, True]
    assert [f"whe_{lane.endpoint_id}" for lane in lanes if not lane.is_failing] == [healthy]


async def test_endpoints_are_served_fairly(webhook_world: WebhookWorld) -> None:
    """With more endpoints than slots, the least recently served one is next: no endpoint starves."""
    for _ in range(4):
        await webhook_world.subscribe("post.scheduled")
    await webhook_world.publish()
    store, seen = LaneStore(webhook_world.world.api.context.pool, worker_id="another"), []
    for _ in range(4):
        (lane,) = await store.claim(now=webhook_world.clock.now(), limit=1, failing_limit=1)
        await store.release(lane)
        seen.append(lane.endpoint_id)
        webhook_world.clock.advance(timedelta(seconds=1))
    assert len(set(seen)) == 4
