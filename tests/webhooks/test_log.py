"""The log of deliveries: what was sent, sending it again, and forgetting it."""

from datetime import datetime, timedelta

from tests.conftest import Api
from tests.webhooks.conftest import Hooks

from presswork.db.pool import Pool
from presswork.webhooks.model import KEPT_FOR, KEPT_WHILE_PAUSED
from presswork.webhooks.store import backlog
from presswork.worker.lanes import expire_deliveries, forget_former_secrets, sweep_deliveries


async def test_the_log_is_filtered_and_paged(hooks: Hooks) -> None:
    """Latest first, by status and by type, page by page: each delivery once, though others come in meanwhile."""
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
    """The same id and body, whatever has become of the post since; the log has a delivery of its own for it."""
    endpoint, _ = await hooks.subscribe("post.scheduled")
    post_id = await hooks.publish()
    await hooks.deliver()
    await hooks.cancel(post_id)
    (entry,) = await hooks.log(endpoint)
    answer = await hooks.client.post(f"/v1/webhook-deliveries/{entry['id']}/replay")
    assert answer.status_code == 202, answer.text
    again = answer.json()
    assert (again["replayOf"], again["status"], again["eventId"]) == (entry["id"], "pending", entry["eventId"])
    await hooks.deliver()
    first, second = hooks.receiver.got
    assert (first.body, first.headers["webhook-id"]) == (second.body, second.headers["webhook-id"])
    assert [item["status"] for item in await hooks.log(endpoint)] == ["delivered", "delivered"]


async def test_a_replay_of_what_is_pending_hurries_it_and_what_waits_behind_it(hooks: Hooks) -> None:
    """A delivery that waits for its retry goes out at once, and the post's next event after it; nothing is sent twice."""
    endpoint, _ = await hooks.subscribe("post.scheduled", "post.canceled")
    hooks.receiver.answer = lambda _: 503
    await hooks.cancel(await hooks.publish())
    await hooks.deliver()
    hooks.receiver.answer = lambda _: 204
    first, _ = await hooks.log(endpoint)
    answer = await hooks.client.post(f"/v1/webhook-deliveries/{first['id']}/replay")
    assert (answer.status_code, answer.json()["id"]) == (202, first["id"])
    await hooks.deliver()
    assert hooks.receiver.types() == ["post.scheduled", "post.scheduled", "post.canceled"]


async def test_nothing_is_replayed_to_a_paused_endpoint(hooks: Hooks) -> None:
    """409 says to resume it first; of a removed endpoint there is nothing left to replay."""
    endpoint, _ = await hooks.subscribe("post.scheduled")
    await hooks.publish()
    await hooks.deliver()
    (entry,) = await hooks.log(endpoint)
    path = f"/v1/webhook-deliveries/{entry['id']}/replay"
    await hooks.change(endpoint, status="paused")
    answer = await hooks.client.post(path)
    assert (answer.status_code, answer.json()["error"]["details"]["status"]) == (409, "paused")
    await hooks.client.delete(f"/v1/webhook-endpoints/{endpoint}")
    assert (await hooks.client.post(path)).status_code == 404


async def _sweep(pool: Pool, *, now: datetime) -> None:
    """Do what maintenance does with webhooks."""
    await forget_former_secrets(pool, now=now)
    await expire_deliveries(pool, now=now)
    await sweep_deliveries(pool, now=now)


async def test_what_is_old_is_forgotten(hooks: Hooks) -> None:
    """Deliveries go after 30 days; what a paused endpoint was not resumed for in seven is given up before that."""
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


async def test_the_backlog_counts_what_is_to_go_out(hooks: Hooks, api: Api) -> None:
    """Pending deliveries of active endpoints, and since when the oldest waits; those of paused ones do not count."""
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
