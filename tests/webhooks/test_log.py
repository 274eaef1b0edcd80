"""The delivery log: listing, replaying and deleting deliveries."""

from datetime import datetime, timedelta

from tests.conftest import Api
from tests.webhooks.conftest import Hooks

from presswork.db.pool import Pool
from presswork.webhooks.model import KEPT_FOR, KEPT_WHILE_PAUSED
from presswork.webhooks.store import backlog
from presswork.worker.lanes import clear_former_secrets, expire_deliveries, sweep_deliveries


async def test_the_log_is_filtered_and_paged(hooks: Hooks) -> None:
    """Latest first, by status and by type, page by page: each delivery once, even while others are created."""
    endpoint, _ = await hooks.subscribe("post.scheduled", "post.canceled")
    for _ in range(3):
        await hooks.cancel(await hooks.publish())
    await hooks.deliver()
    await hooks.ping(endpoint)
    everything = [entry["id"] for entry in reversed(await hooks.log(endpoint))]
    assert len(everything) == 7
    seen: list[str] = []
    cursor = None
    while True:
        query = {"limit": "2", **({"cursor": cursor} if cursor else {})}
        page = await hooks.client.get(f"/v1/webhook-endpoints/{endpoint}/deliveries", params=query)
        seen += [item["id"] for item in page.json()["items"]]
        cursor = page.json()["nextCursor"]
        if cursor is None:
            break
        await hooks.ping(endpoint)
    assert seen == everything
    scheduled = await hooks.log(endpoint, eventType="post.scheduled", status="delivered")
    assert [entry["eventType"] for entry in scheduled] == ["post.scheduled"] * 3
    assert {entry["eventType"] for entry in await hooks.log(endpoint, status="pending")} == {"test.ping"}
    bad = await hooks.client.get(f"/v1/webhook-endpoints/{endpoint}/deliveries", params={"eventType": "post.exploded"})
    assert bad.status_code == 422


async def test_a_replay_sends_the_same_event_again(hooks: Hooks) -> None:
    """The same id and body, whatever the post's state is now; the log has a new delivery for it."""
    endpoint, _ = await hooks.subscribe("post.scheduled")
    post_id = await hooks.publish()
    await hooks.deliver()
    await hooks.cancel(post_id)
    (entry,) = await hooks.log(endpoint)
    response = await hooks.client.post(f"/v1/webhook-deliveries/{entry['id']}/replay")
    assert response.status_code == 202, response.text
    again = response.json()
    assert (again["replayOf"], again["status"], again["eventId"]) == (entry["id"], "pending", entry["eventId"])
    await hooks.deliver()
    first, second = hooks.receiver.got
    assert (first.body, first.headers["webhook-id"]) == (second.body, second.headers["webhook-id"])
    assert [item["status"] for item in await hooks.log(endpoint)] == ["delivered", "delivered"]


async def test_a_replay_of_a_pending_delivery_makes_it_due_now(hooks: Hooks) -> None:
    """It is sent now, and the post's next event after it; nothing is sent twice."""
    endpoint, _ = await hooks.subscribe("post.scheduled", "post.canceled")
    hooks.receiver.respond = lambda _: 503
    await hooks.cancel(await hooks.publish())
    await hooks.deliver()
    hooks.receiver.respond = lambda _: 204
    first, _ = await hooks.log(endpoint)
    response = await hooks.client.post(f"/v1/webhook-deliveries/{first['id']}/replay")
    assert (response.status_code, response.json()["id"]) == (202, first["id"])
    await hooks.deliver()
    assert hooks.receiver.types() == ["post.scheduled", "post.scheduled", "post.canceled"]


async def test_nothing_is_replayed_to_a_paused_endpoint(hooks: Hooks) -> None:
    """409 says to resume it first; the deliveries of a deleted endpoint are 404."""
    endpoint, _ = await hooks.subscribe("post.scheduled")
    await hooks.publish()
    await hooks.deliver()
    (entry,) = await hooks.log(endpoint)
    path = f"/v1/webhook-deliveries/{entry['id']}/replay"
    await hooks.change(endpoint, status="paused")
    response = await hooks.client.post(path)
    assert (response.status_code, response.json()["error"]["details"]["status"]) == (409, "paused")
    await hooks.client.delete(f"/v1/webhook-endpoints/{endpoint}")
    assert (await hooks.client.post(path)).status_code == 404


async def _sweep(pool: Pool, *, now: datetime) -> None:
    """Run the maintenance steps of webhooks."""
    await clear_former_secrets(pool, now=now)
    await expire_deliveries(pool, now=now)
    await sweep_deliveries(pool, now=now)


async def test_old_deliveries_are_deleted(hooks: Hooks) -> None:
    """Deliveries are deleted after 30 days; those of an endpoint that is paused for seven days fail before."""
    pool, clock = hooks.stage.api.context.pool, hooks.clock
    endpoint, _ = await hooks.subscribe("post.scheduled")
    await hooks.client.post(f"/v1/webhook-endpoints/{endpoint}/rotate-secret")
    await hooks.change(endpoint, status="paused")
    await hooks.publish()
    clock.advance(KEPT_WHILE_PAUSED - timedelta(seconds=1))
    await _sweep(pool, now=clock.now())
    assert [entry["status"] for entry in await hooks.log(endpoint)] == ["pending"]
    clock.advance(timedelta(seconds=2))
    await _sweep(pool, now=clock.now())
    assert [entry["status"] for entry in await hooks.log(endpoint)] == ["failed"]
    assert await pool.fetchval("SELECT former_secret IS NULL FROM webhook_endpoints")
    clock.advance(KEPT_FOR - KEPT_WHILE_PAUSED)
    await _sweep(pool, now=clock.now())
    assert await hooks.log(endpoint) == []


async def test_the_backlog_counts_pending_deliveries(hooks: Hooks, api: Api) -> None:
    """The number and the age of pending deliveries of active endpoints; paused ones are not counted."""
    pool = api.context.pool
    assert await backlog(pool) == (0, None)
    endpoint, _ = await hooks.subscribe("post.scheduled")
    paused, _ = await hooks.subscribe("post.scheduled")
    await hooks.change(paused, status="paused")
    began_at = hooks.clock.now()
    await hooks.publish()
    hooks.clock.advance(timedelta(minutes=1))
    await hooks.ping(endpoint)
    assert await backlog(pool) == (2, began_at)
