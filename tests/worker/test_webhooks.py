"""The events of a post: one for each status change, with the post as the API shows it at that moment."""

import itertools
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from tests.webhooks.conftest import ALL_EVENTS, Receiver, receiving
from tests.worker.conftest import WorkerWorld
from tests.worker.test_crashes import killed_at

from presswork.core.clock import SystemClock
from presswork.platforms.settings import Settings
from presswork.posts.model import MOVES, Status
from presswork.worker.lanes import LANE_LEASE
from presswork.worker.main import open_worker
from presswork.worker.store import WorkStore


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """Settings that allow receivers on this machine."""
    return settings.model_copy(update={"allow_private_webhooks": True})


@pytest.fixture
async def receiver(worker_world: WorkerWorld) -> AsyncIterator[Receiver]:
    """A receiver that is subscribed to every event."""
    async with receiving() as receiver:
        answer = await worker_world.world.client.post(
            "/v1/webhook-endpoints", json={"url": receiver.url, "events": ALL_EVENTS}
        )
        assert answer.status_code == 201, answer.text
        yield receiver


def events_of(receiver: Receiver, post_id: str) -> list[dict[str, Any]]:
    """Return the messages about a post."""
    return [message.json for message in receiver.got if message.json["data"].get("id") == post_id]


async def test_every_status_change_is_delivered_in_order(
    worker_world: WorkerWorld, picture: bytes, receiver: Receiver
) -> None:
    """Over five lives each legal transition has one event, and the last event of each post has the post as the API shows it."""
    world = worker_world.world
    project = await world.project()
    container = await world.content(project, picture)
    fault = {"platform": "instagram", "operation": "media", "handle": "failed", "fault": "platform_error", "times": -1}
    await world.fault(**fault, value={"code": 100, "message": "No."})
    targets = {
        "published": ("instagram", "publish"),
        "failed": ("instagram", "publish"),
        "draft": ("tiktok", "draft"),
        "taken": ("instagram", "publish"),
        "canceled": ("instagram", "publish"),
    }
    accounts = {name: await world.account(project, platform, name) for name, (platform, _) in targets.items()}
    (taken,) = await world.publish(container, accounts["taken"])
    now = SystemClock().now()
    store = WorkStore(world.api.context.pool, worker_id="gone")
    await store.claim(now=now, lease=timedelta(hours=1), limit=10)
    assert (await world.client.delete(f"/v1/scheduled-posts/{taken}")).status_code == 200
    (canceled,) = await world.publish(container, accounts["canceled"])
    assert (await world.client.delete(f"/v1/scheduled-posts/{canceled}")).status_code == 200
    posts = [taken, canceled]
    for name in ("published", "failed", "draft"):
        posts += await world.publish(container, accounts[name], mode=targets[name][1])
    await worker_world.worker.work_until_idle()
    seen = set()
    for post_id in posts:
        events = events_of(receiver, post_id)
        statuses = [Status(event["data"]["status"]) for event in events]
        seen |= set(itertools.pairwise(statuses))
        assert [event["type"] for event in events] == [
            f"post.{ {'queued': 'scheduled', 'draft': 'drafted'}.get(status, status) }" for status in statuses
        ]
        data = dict(events[-1]["data"])
        assert data.pop("organizationId").startswith("org_")
        assert data.pop("scheduledPostId") == post_id
        assert data == await world.post(post_id)
    assert seen == {(before, after) for before, afters in MOVES.items() for after in afters}


@pytest.mark.exhaustive
async def test_a_worker_that_dies_after_sending_sends_again_under_the_same_id(
    worker_world: WorkerWorld, picture: bytes, receiver: Receiver
) -> None:
    """SIGKILL between the answer and its note: the message comes again, the same to the last byte, and is then settled."""
    project = await worker_world.world.project()
    account = await worker_world.world.account(project, "instagram", "brand")
    container = await worker_world.world.content(project, picture)
    receiver.got.clear()  # the account's own
    await worker_world.world.api.context.pool.execute("DELETE FROM webhook_deliveries")
    (post_id,) = await worker_world.world.publish(container, account)
    assert (await worker_world.world.client.delete(f"/v1/scheduled-posts/{post_id}")).status_code == 200
    assert await killed_at(worker_world, "webhook_after_send")
    async with open_worker(
        worker_world.settings,
        dsn=worker_world.dsn,
        base_url=worker_world.world.api.base_url,
        clock=type(worker_world.clock)(ahead=LANE_LEASE + timedelta(seconds=30)),
    ) as worker:
        await worker.work_until_idle()
    assert receiver.types() == ["post.scheduled", "post.scheduled", "post.canceled"]
    first, second, _ = receiver.got
    assert (first.body, first.headers["webhook-id"]) == (second.body, second.headers["webhook-id"])


async def test_an_invalid_token_is_reported_with_its_post(
    worker_world: WorkerWorld, picture: bytes, receiver: Receiver
) -> None:
    """The platform refuses the account's token for good: there is an event for the account, and one for the post's failure."""
    project = await worker_world.world.project()
    account = await worker_world.world.account(project, "instagram", "brand")
    container = await worker_world.world.content(project, picture)
    for operation in ("media", "refresh"):
        await worker_world.world.fault(platform="instagram", operation=operation, fault="token_expired", times=-1)
    (post,) = await worker_world.deliver(container, account)
    assert post["lastError"]["code"] == "CREDENTIAL_INVALID"
    assert sorted(receiver.types()) == sorted(
        [
            "social_account.connected",
            "post.scheduled",
            "post.publishing",
            "social_account.needs_reauth",
            "post.failed",
        ]
    )
    (reauth,) = [message.json for message in receiver.got if message.json["type"] == "social_account.needs_reauth"]
    assert (reauth["data"]["socialAccountId"], reauth["data"]["status"]) == (account, "reauth_required")
    (connected,) = [message.json for message in receiver.got if message.json["type"] == "social_account.connected"]
    listed = (await worker_world.world.client.get(f"/v1/projects/{project}/social-accounts")).json()["items"][0]
    of_the_api_alone = {"readiness", "layerId", "status", "grantedScopes", "tokenRefreshedAt"}
    data = {name: value for name, value in listed.items() if name not in of_the_api_alone}
    assert connected["data"] == {**data, "status": "connected", "organizationId": connected["data"]["organizationId"]}
