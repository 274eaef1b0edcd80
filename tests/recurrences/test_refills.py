"""Evergreen content: free slots of a queue are filled from a label, the least recently used first, each slot once."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from tests.clocks import MovableClock
from tests.posts.conftest import ReadyProject, bare, insert_container
from tests.queues.test_queues import DAILY, create_queue, enqueued
from tests.recurrences.test_recurrences import queued

from presswork.worker.recurrence_jobs import RefillJob, refill_jobs
from presswork.worker.row_jobs import RowJobs

START = datetime(2026, 12, 2, 9, tzinfo=UTC)
EVERGREEN = {"label": "evergreen", "cooldownDays": 3}


@pytest.fixture
def clock() -> MovableClock:
    """Always begin at the same instant."""
    return MovableClock(instant=START)


def jobs_of(ready: ReadyProject, worker_id: str = "w1") -> RowJobs[RefillJob]:
    """Return the job source of a worker."""
    context = ready.world.api.context
    return refill_jobs(ready.pool, context.platforms, context.clock, worker_id=worker_id, leases=ready.pool)


async def refill(ready: ReadyProject, clock: MovableClock) -> list[dict[str, Any]]:
    """Let a worker fill the queues, and return all queued posts."""
    clock.advance(timedelta(minutes=10))
    jobs = jobs_of(ready)
    for job in await jobs.claim(10):
        await jobs.run(job)
    return await queued(ready)


async def label(ready: ReadyProject, *containers: str) -> list[str]:
    """Give content the label, and return it."""
    for container in containers:
        await ready.change("content_containers", container, labels=["evergreen"])
    return list(containers)


async def test_free_slots_of_seven_days_are_filled_in_turn(ready_project: ReadyProject, clock: MovableClock) -> None:
    """For all accounts that can publish the content; a slot that is taken stays as it is, and nothing repeats within the cooldown."""
    ready = ready_project
    queue = await create_queue(ready, refill=EVERGREEN)
    other = await insert_container(ready.pool, ready.project, "video")
    (taken,), at = await enqueued(ready, container=other)
    contents = await label(ready, ready.image, ready.video, await insert_container(ready.pool, ready.project, "video"))
    await ready.change("content_containers", contents[1], approval_status="pending")
    posts = await refill(ready, clock)
    assert {(post["queueId"], post["slotAt"] == post["scheduledFor"]) for post in posts} == {(queue["id"], True)}
    filled = [(post["slotAt"][8:10], post["containerId"]) for post in posts if post["id"] != taken]
    expected = [("03", contents[0]), ("04", contents[2]), ("06", contents[0]), ("07", contents[2])]
    assert sorted(set(filled)) == sorted(expected), at
    accounts = {
        post["containerId"]: {one["socialAccountId"] for one in posts if one["containerId"] == post["containerId"]}
        for post in posts
    }
    assert accounts[contents[2]] == {ready.instagram, ready.tiktok}
    assert await refill(ready, clock) == posts
    await ready.client.request("DELETE", f"/v1/scheduled-posts/{next(p['id'] for p in posts if p['id'] != taken)}")
    left = await refill(ready, clock)
    assert len(left) == len(posts) - 1, "a canceled post leaves its slot empty"


async def test_uses_accounts_and_a_pause_are_kept(ready_project: ReadyProject, clock: MovableClock) -> None:
    """Never more uses than the maximum, only the accounts of the queue, nothing before the end of a pause; then nothing any more."""
    ready = ready_project
    (content,) = await label(ready, ready.video)
    queue = await create_queue(
        ready,
        refill={**EVERGREEN, "cooldownDays": 1, "maximumUses": 2},
        socialAccountIds=[ready.tiktok],
        pausedUntil="2026-12-05T00:00:00Z",
    )
    posts = await refill(ready, clock)
    assert [(post["slotAt"][8:10], post["socialAccountId"]) for post in posts] == [
        ("05", ready.tiktok),
        ("06", ready.tiktok),
    ]
    await ready.client.request("DELETE", f"/v1/scheduled-posts/{posts[0]['id']}")
    posts = await refill(ready, clock)
    assert [post["slotAt"][8:10] for post in posts] == ["06", "07"], "a canceled use does not count"
    await ready.client.patch(f"/v1/queues/{queue['id']}", json={"refill": None})
    clock.advance(timedelta(days=5))
    assert [post["id"] for post in await refill(ready, clock)] == [post["id"] for post in posts]
    await ready.client.patch(f"/v1/projects/{ready.project}", json={"status": "archived"})
    await ready.pool.execute(
        "UPDATE queues SET refill = $1", '{"label": "evergreen", "cooldown_days": 1, "maximum_uses": null}'
    )
    assert await refill(ready, clock) == []
    assert content == ready.video


async def test_workers_and_calls_at_once_fill_each_slot_once(ready_project: ReadyProject, clock: MovableClock) -> None:
    """Three workers on one queue, one of which has lost its lease, while calls take slots: one post an account and slot."""
    ready = ready_project
    await create_queue(
        ready, slots=[*DAILY, *({**slot, "time": "18:00"} for slot in DAILY)], refill={**EVERGREEN, "cooldownDays": 1}
    )
    await label(ready, ready.video, ready.image, ready.slideshow)
    (job,) = await jobs_of(ready).claim(10)
    results = await asyncio.gather(
        *(jobs_of(ready, name).run(job) for name in ("a", "b", "c")),
        *(enqueued(ready, container=ready.image) for _ in range(5)),
    )
    calls = {result[0][0] for result in results if result}
    posts = await queued(ready)
    pairs = [(post["slotAt"], post["socialAccountId"]) for post in posts]
    assert len(pairs) == len(set(pairs))
    assert calls <= {post["id"] for post in posts}
    refills = await ready.pool.fetch("SELECT slot_at, post_ids FROM queue_refills")
    made = {post_id for row in refills for post_id in row["post_ids"]}
    assert made == {bare(post["id"]) for post in posts} - {bare(call) for call in calls}
    assert {datetime.fromisoformat(slot) for slot, _ in pairs} >= {
        START.replace(hour=12) + timedelta(hours=6 * n + 12 * (n // 2)) for n in range(14)
    }
