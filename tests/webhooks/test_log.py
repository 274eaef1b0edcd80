"""The delivery log: listing, replaying and deleting deliveries."""

from datetime import datetime, timedelta

from tests.api_server import Api
from tests.webhooks.conftest import WebhookWorld

from presswork.db.pool import Pool
from presswork.webhooks.model import KEPT_WHILE_PAUSED
from presswork.webhooks.store import backlog
from presswork.worker.lanes import clear_former_secrets, expire_deliveries, sweep_deliveries


async def test_the_log_is_filtered_and_paged(webhook_world: WebhookWorld) -> None:
    """Latest first, by status and by type, page by page: each delivery once, even while others are created."""
    endpoint, _ = await webhook_world.subscribe("post.scheduled", "post.canceled")
    for _ in range(3):
        await webhook_world.cancel(await webhook_world.publish())
    await webhook_world.deliver()
    await webhook_world.ping(endpoint)
    everything = [entry["id"] for entry in reversed(await webhook_world.log(endpoint))]
    assert len(everything) == 7
    seen: list[str] = []
    cursor = None
    while True:
        query = {"limit": "2", **({"cursor": cursor} if cursor else {})}
        page = await webhook_world.client.get(f"/v1/webhook-endpoints/{endpoint}/deliveries", params=query)
        seen += [item["id"] for item in page.json()["items"]]
        cursor = page.json()["nextCursor"]
        if cursor is None:
            break
        await webhook_world.ping(endpoint)
    assert seen == everything
    scheduled = await webhook_world.log(endpoint, eventType="post.scheduled", status="delivered")
    assert [entry["eventType"] for entry in scheduled] == ["post.scheduled"] * 3
    assert {entry["eventType"] for entry in await webhook_world.log(endpoint, status="pending")} == {"test.ping"}
    bad = await webhook_world.client.get(
        f"/v1/webhook-endpoints/{endpoint}/deliveries", params={"eventType": "post.exploded"}
    )
    assert bad.status_code == 422


async def test_a_replay_sends_the_same_event_again(webhook_world: WebhookWorld) -> None:
    """The same id and body, whatever the post's state is now; the log has a new delivery for it."""
    endpoint, _ = await webhook_world.subscribe("post.scheduled")
    post_id = await webhook_world.publish()
    await webhook_world.deliver()
    await webhook_world.cancel(post_id)
    (entry,) = await webhook_world.log(endpoint)
    response = await webhook_world.client.post(f"/v1/webhook-deliveries/{entry['id']}/replay")
    assert response.status_code == 202, response.text
    again = response.json()
    assert (again["replayOf"], again["status"], again["eventId"]) == (entry["id"], "pending", entry["eventId"])
    await webhook_world.deliver()
    first, second = webhook_world.receiver.got
    assert (first.body, first.headers["webhook-id"]) == (second.body, second.headers["webhook-id"])
    assert [item["status"] for item in await webhook_world.log(endpoint)] == ["delivered", "delivered"]


async def test_a_replay_of_a_pending_delivery_makes_it_due_now(webhook_world: WebhookWorld) -> None:
    """It is sent now, and the post's next event after it; nothing is sent twice."""
    endpoint, _ = await webhook_world.subscribe("post.scheduled", "post.canceled")
    webhook_world.receiver.respond = lambda _: 503
    await webhook_world.cancel(await webhook_world.publish())
    await webhook_world.deliver()
    webhook_world.receiver.respond = lambda _: 204
    first, _ = await webhook_world.log(endpoint)
    response = await webhook_world.client.post(f"/v1/webhook-deliveries/{first['id']}/replay")
    assert (response.status_code, response.json()["id"]) == (202, first["id"])
    await webhook_world.deliver()
    assert webhook_world.receiver.types() == ["post.scheduled", "post.scheduled", "post.canceled"]


async def test_nothing_is_replayed_to_a_paused_endpoint(webhook_world: WebhookWorld) -> None:
    """409 says to resume it first; the deliveries of a deleted endpoint are 404."""
    endpoint, _ = await webhook_world.subscribe("post.scheduled")
    await webhook_world.publish()
    await webhook_world.deliver()
    (entry,) = await webhook_world.log(endpoint)
    path = f"/v1/webhook-deliveries/{entry['id']}/replay"
    await webhook_world.change(endpoint, status="paused")
    response = await webhook_world.client.post(path)
    assert (response.status_code, response.json()["error"]["details"]["status"]) == (409, "paused")
    await webhook_world.client.delete(f"/v1/webhook-endpoints/{endpoint}")
    assert (await webhook_world.client.post(path)).status_code == 404


KEPT_FOR = timedelta(days=30)


async def _sweep(pool: Pool, *, now: datetime) -> None:
    """Run the maintenance steps of webhooks."""
    await clear_former_secrets(pool, now=now)
    await expire_deliveries(pool, now=now)
    await sweep_deliveries(pool, keep=KEPT_FOR, now=now)


async def _assert_fails_after_the_pause(webhook_world: WebhookWorld, endpoint: str) -> None:
    """Assert that the only delivery of an endpoint that was paused now is kept for seven days, and no longer."""
    pool, clock = webhook_world.world.api.context.pool, webhook_world.clock
    for wait, status in ((KEPT_WHILE_PAUSED - timedelta(seconds=1), "pending"), (timedelta(seconds=2), "failed")):
        clock.advance(wait)
        await _sweep(pool, now=clock.now())
        assert [entry["status"] for entry in await webhook_world.log(endpoint)] == [status]


async def test_old_deliveries_are_deleted(webhook_world: WebhookWorld) -> None:
    """Deliveries are deleted after 30 days; those of an endpoint that is paused for seven days fail before."""
    pool, clock = webhook_world.world.api.context.pool, webhook_world.clock
    endpoint, _ = await webhook_world.subscribe("post.scheduled")
    await webhook_world.client.post(f"/v1/webhook-endpoints/{endpoint}/rotate-secret")
    await webhook_world.change(endpoint, status="paused")
    await webhook_world.publish()
    await _assert_fails_after_the_pause(webhook_world, endpoint)
    assert await pool.fetchval("SELECT former_secret IS NULL FROM webhook_endpoints")
    clock.advance(KEPT_FOR - KEPT_WHILE_PAUSED)
    await _sweep(pool, now=clock.now())
    assert await webhook_world.log(endpoint) == []


async def test_deliveries_fail_by_the_length_of_the_pause(webhook_world: WebhookWorld) -> None:
    """An event is retried for 20 hours before the endpoint is paused: it is kept until seven days after the pause began."""
    endpoint, _ = await webhook_world.subscribe("post.scheduled")
    await webhook_world.publish()
    webhook_world.clock.advance(timedelta(hours=20))
    await webhook_world.change(endpoint, status="paused")
    await _assert_fails_after_the_pause(webhook_world, endpoint)


async def test_the_backlog_counts_pending_deliveries(webhook_world: WebhookWorld, api: Api) -> None:
    """The number and the age of pending deliveries of active endpoints; paused ones are not counted."""
    pool = api.context.pool
    assert await backlog(pool) == (0, None)
    endpoint, _ = await webhook_world.subscribe("post.scheduled")
    paused, _ = await webhook_world.subscribe("post.scheduled")
    await webhook_world.change(paused, status="paused")
    began_at = webhook_world.clock.now()
    await webhook_world.publish()
    webhook_world.clock.advance(timedelta(minutes=1))
    await webhook_world.ping(endpoint)
    assert await backlog(pool) == (2, began_at)
