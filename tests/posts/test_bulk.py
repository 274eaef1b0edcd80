"""Bulk jobs: one action on many posts, done by workers, each post once."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from tests.clocks import MovableClock
from tests.posts.conftest import ReadyProject, bare
from tests.posts.test_lists import insert_posts
from tests.posts.test_overview import caller_of, listed

from presswork.core.ids import new_id
from presswork.core.timestamps import write_instant
from presswork.posts.bulk import BulkAction, BulkNotFound, BulkOrder, BulkRun, create_bulk, read_bulk
from presswork.worker.bulk_jobs import BulkJobs


def jobs_of(ready_project: ReadyProject, worker_id: str = "w1") -> BulkJobs:
    """Return the job source of a worker."""
    context = ready_project.world.api.context
    return BulkJobs(
        ready_project.pool,
        context.keyring,
        context.platforms,
        context.clock,
        worker_id=worker_id,
        leases=ready_project.pool,
    )


async def start(ready_project: ReadyProject, **body: Any) -> str:
    """Ask for a job and return its id."""
    response = await ready_project.client.post("/v1/scheduled-posts/bulk", json=body)
    assert response.status_code == 202, response.text
    return str(response.json()["id"])


async def report(ready_project: ReadyProject, bulk: str) -> dict[str, Any]:
    """Read a job."""
    response = await ready_project.client.get(f"/v1/bulk/{bulk}")
    assert response.status_code == 200, response.text
    return dict(response.json())


async def work(jobs: BulkJobs) -> None:
    """Do every job that a worker can claim."""
    while claimed := await jobs.claim(10):
        for job in claimed:
            await jobs.run(job)


async def times(ready_project: ReadyProject, posts: Sequence[str]) -> list[str]:
    """Return when posts go out."""
    return [(await ready_project.world.post(post))["scheduledFor"] for post in posts]


async def test_each_action_does_what_the_call_for_one_post_does(
    ready_project: ReadyProject, clock: MovableClock
) -> None:
    """Refusals are reported for their posts, in the words of that call, and stop no other."""
    now = clock.now()
    due = [now + timedelta(hours=hour) for hour in (1, 2, 3)]
    posts = await insert_posts(ready_project, *due)
    unknown = f"sp_{new_id()}"
    jobs = jobs_of(ready_project)

    bulk = await start(ready_project, action="reschedule", ids=[*posts, unknown], shiftSeconds=600)
    assert await report(ready_project, bulk) == {
        "id": bulk, "status": "running", "total": 4, "done": 0, "failed": 0, "items": [], "nextCursor": None,
    }  # fmt: skip
    await work(jobs)
    assert await times(ready_project, posts) == [write_instant(at + timedelta(minutes=10)) for at in due]
    done = await report(ready_project, bulk)
    assert (done["status"], done["total"], done["done"], done["failed"]) == ("done", 4, 4, 1)
    refused, *fine = done["items"]
    assert (refused["postId"], refused["ok"], refused["error"]["code"]) == (unknown, False, "NOT_FOUND")
    assert fine == [{"postId": post, "ok": True, "error": None} for post in posts]

    noon = write_instant(now + timedelta(days=1))
    await start(ready_project, action="reschedule", filter={"status": ["queued"], "q": "hello"}, scheduledFor=noon)
    await work(jobs)
    assert await times(ready_project, posts) == [noon] * 3
    await start(ready_project, action="publish_now", ids=posts[:1])
    await work(jobs)
    assert await times(ready_project, posts[:1]) < [noon]

    bulk = await start(ready_project, action="cancel", ids=posts, reason="The offer has ended.")
    await work(jobs)
    assert (await report(ready_project, bulk))["failed"] == 0
    assert await listed(ready_project.client, status="queued") == []
    timeline = (await ready_project.client.get(f"/v1/scheduled-posts/{posts[0]}/timeline")).json()["items"]
    assert timeline[-1]["message"] == "Canceled through the API: The offer has ended."
    again = await start(ready_project, action="cancel", filter={"projectId": ready_project.project})
    await work(jobs)
    refusals = (await report(ready_project, again))["items"]
    assert [item["error"]["details"]["status"] for item in refusals] == ["canceled"] * 3
    single = await ready_project.client.delete(f"/v1/scheduled-posts/{posts[0]}")
    assert {item["error"]["message"] for item in refusals} == {single.json()["error"]["message"]}


async def test_a_job_goes_on_after_its_worker_died_and_treats_no_post_twice(
    ready_project: ReadyProject, clock: MovableClock
) -> None:
    """Also while two workers have it: the first only seems to be dead."""
    now = clock.now()
    posts = await insert_posts(ready_project, *(now + timedelta(hours=hour) for hour in range(1, 31)))
    bulk = await start(ready_project, action="reschedule", ids=posts, shiftSeconds=60)
    first, second = jobs_of(ready_project, "w1"), jobs_of(ready_project, "w2")
    (job,) = await first.claim(10)
    context = ready_project.world.api.context
    run = BulkRun(ready_project.pool, context.keyring, context.platforms)
    assert await run.run_some(job, limit=7, now=now)
    assert await second.claim(10) == []
    assert await first.renew([job.id]) == set()
    clock.advance(BulkJobs.lease + timedelta(seconds=1))
    (taken,) = await second.claim(10)
    assert await first.renew([job.id]) == {job.id}
    await asyncio.gather(first.run(job), second.run(taken))
    moved = [write_instant(now + timedelta(hours=hour, minutes=1)) for hour in range(1, 31)]
    assert await times(ready_project, posts) == moved
    done = await report(ready_project, bulk)
    assert (done["status"], done["done"], done["failed"]) == ("done", 30, 0)
    assert await second.claim(10) == []


async def test_a_filter_without_posts_is_done_at_once_and_jobs_are_released(
    ready_project: ReadyProject, clock: MovableClock
) -> None:
    """A worker that stops gives its job to the next one."""
    bulk = await start(ready_project, action="cancel", filter={"q": "nothing has this"})
    assert (await report(ready_project, bulk))["status"] == "done"
    posts = await insert_posts(ready_project, clock.now() + timedelta(hours=1))
    await start(ready_project, action="cancel", ids=posts)
    first, second = jobs_of(ready_project, "w1"), jobs_of(ready_project, "w2")
    (job,) = await first.claim(10)
    await first.release([job.id])
    assert await second.claim(10) == []
    await first.release([])
    assert [one.id for one in await second.claim(10)] == [job.id]


async def test_wrong_orders_are_refused_and_jobs_of_others_are_unknown(
    ready_project: ReadyProject, clock: MovableClock
) -> None:
    """422 with an issue for each member that has no meaning, and nothing is written."""
    post = f"sp_{new_id()}"
    far = write_instant(clock.now() + timedelta(days=366))
    soon = write_instant(clock.now() + timedelta(days=1))
    for body, paths in (
        ({"action": "cancel"}, ["ids"]),
        ({"action": "cancel", "ids": [post], "filter": {}}, ["ids"]),
        ({"action": "cancel", "ids": []}, ["ids"]),
        ({"action": "cancel", "ids": [post] * 501}, ["ids"]),
        ({"action": "cancel", "ids": [post], "shiftSeconds": 1}, ["shiftSeconds"]),
        ({"action": "reschedule", "ids": [post]}, ["scheduledFor"]),
        ({"action": "reschedule", "ids": [post], "shiftSeconds": 1, "scheduledFor": soon}, ["scheduledFor"]),
        ({"action": "reschedule", "ids": [post], "scheduledFor": far}, ["scheduledFor"]),
        ({"action": "publish_now", "ids": [post], "reason": "x"}, ["reason"]),
        ({"action": "publish_now", "filter": {"status": ["late"]}}, ["filter.status[0]"]),
    ):
        response = await ready_project.client.post("/v1/scheduled-posts/bulk", json=body)
        assert response.status_code == 422, (body, response.text)
        assert [issue["path"] for issue in response.json()["error"]["details"]["issues"]] == paths
    assert await ready_project.pool.fetchval("SELECT count(*) FROM bulk_jobs") == 0
    bulk = await start(ready_project, action="cancel", ids=[post])
    stranger = await ready_project.world.api.client(organization="Strangers")
    assert (await stranger.get(f"/v1/bulk/{bulk}")).status_code == 404
    limited = replace(await caller_of(ready_project), project_ids=frozenset({bare(ready_project.project)}))
    with pytest.raises(BulkNotFound):
        await read_bulk(ready_project.pool, bare(bulk), visible_to=limited)


async def test_posts_of_projects_that_the_caller_does_not_see_are_unknown(
    ready_project: ReadyProject, clock: MovableClock
) -> None:
    """Named by their ids: each action answers as for a post that does not exist, and changes nothing."""
    posts = await insert_posts(ready_project, clock.now() + timedelta(hours=1))
    limited = replace(await caller_of(ready_project), project_ids=frozenset({new_id()}))
    before = await times(ready_project, posts)
    for action in BulkAction:
        order = BulkOrder(action=action, scheduled_for=clock.now() if action is BulkAction.RESCHEDULE else None)
        async with ready_project.pool.acquire() as connection:
            created = await create_bulk(connection, order, [bare(posts[0])], caller=limited, now=clock.now())
        await work(jobs_of(ready_project))
        (item,) = (await read_bulk(ready_project.pool, created.id, visible_to=limited)).items
        assert item.error is not None, action
        assert item.error["code"] == "NOT_FOUND", action
    assert await times(ready_project, posts) == before
    assert (await ready_project.world.post(posts[0]))["status"] == "queued"
