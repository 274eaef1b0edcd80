"""A worker's wall clock is set, forward and back, at every moment of a post's life: it decides nothing."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Final

import pytest
from tests.api_server import Api
from tests.clocks import MovableClock
from tests.tiers import exhaustive, sampled
from tests.worker.conftest import WorkerWorld
from tests.worker.rows import NOW, insert_account, insert_post, owner_of_project, status_of

from presswork.core.clock import JobClock, SystemClock
from presswork.core.timestamps import write_instant
from presswork.db.pool import Pool
from presswork.orgs.rates import LIMITS, RateClass, count_call
from presswork.posts.schedule import reschedule_post
from presswork.worker.main import open_worker
from presswork.worker.store import WorkStore

HOUR: Final = timedelta(hours=1)
LEASE: Final = timedelta(seconds=30)
SECOND: Final = timedelta(seconds=1)
POINTS: Final = ("before_prepare", "after_prepare", "after_go_live", "after_call", "before_look_up", "after_live")


def bare(post_id: str) -> str:
    """Return a post's UUID."""
    return post_id.removeprefix("sp_")


# The clocks ------------------------------------------------------------------------------------------------------------


def test_a_jobs_clock_only_runs_on() -> None:
    """It starts at the given instant and follows the time that passes, not what the other clock is set to."""
    driving = MovableClock(instant=NOW)
    steady = JobClock(driving, at=NOW + HOUR, since=driving.uptime())
    driving.set_by(-HOUR)
    driving.advance(SECOND)
    assert (steady.now(), driving.now()) == (NOW + HOUR + SECOND, NOW - HOUR + SECOND)


def test_the_machines_uptime_is_not_its_time_of_day() -> None:
    """The system's uptime grows, and is far from the time of day, which can be set."""
    clock = SystemClock()
    first, second = clock.uptime(), clock.uptime()
    assert first <= second < clock.now() - datetime(2020, 1, 1, tzinfo=NOW.tzinfo)


# A post that waits its turn ----------------------------------------------------------------------------------------------


async def test_what_was_due_when_it_was_accepted_is_due(pool: Pool) -> None:
    """The clock is set back by an hour after a publish call: the post goes at once. One for later waits for its time."""
    await owner_of_project(pool)
    store = WorkStore(pool, worker_id="one")
    first, second = await insert_account(pool), await insert_account(pool)
    later = await insert_post(pool, first, due=NOW - HOUR / 2, accepted=NOW - 2 * HOUR)
    behind = await insert_post(pool, first, due=NOW)
    alone = await insert_post(pool, second, due=NOW - timedelta(seconds=30))
    back = NOW - HOUR
    taken = await store.claim(now=back, lease=LEASE, limit=9)
    assert {post.id for post in taken} == {behind, alone}
    assert await status_of(pool, later) == "queued"
    assert await store.next_due(now=back) == LEASE


async def test_a_post_moved_to_now_is_due(pool: Pool) -> None:
    """The same for a post for later that was moved to now; one that is moved to a later time waits, whenever it was accepted."""
    owner = await owner_of_project(pool)
    store, back = WorkStore(pool, worker_id="one"), NOW - HOUR
    now_account, later_account = await insert_account(pool), await insert_account(pool)
    at_once = await insert_post(pool, now_account, due=NOW + HOUR)
    later = await insert_post(pool, later_account, due=NOW)
    async with pool.acquire() as connection:
        await reschedule_post(connection, at_once, NOW, visible_to=owner, now=NOW)
        await reschedule_post(connection, later, back + SECOND, visible_to=owner, now=back)
    taken = await store.claim(now=back, lease=LEASE, limit=9)
    assert [post.id for post in taken] == [at_once]
    taken = await store.claim(now=back + SECOND, lease=LEASE, limit=9)
    assert [post.id for post in taken] == [later]


async def test_a_worker_whose_clock_is_an_hour_behind_publishes_at_once(
    worker_world: WorkerWorld, picture: bytes
) -> None:
    """Two machines disagree by an hour: a publish call is worked on all the same, and a later post is not due for either."""
    project = await worker_world.world.project()
    account = await worker_world.world.account(project, "instagram", "brand")
    container = await worker_world.world.content(project, picture)
    body = {
        "scheduledFor": write_instant(worker_world.clock.now() + 2 * HOUR),
        "targets": [{"socialAccountId": account, "mode": "publish"}],
    }
    answer = await worker_world.world.client.post(f"/v1/content/{container}/schedule", json=body)
    (later,) = answer.json()["scheduledPostIds"]
    worker_world.clock.set_by(-HOUR)
    (post,) = await worker_world.deliver(container, account)
    assert (post["status"], len(await worker_world.world.live())) == ("published", 1)
    assert (await worker_world.world.post(later))["status"] == "queued"
    assert timedelta(0) <= await worker_world.worker.poll() <= SECOND


# A post at work ----------------------------------------------------------------------------------------------------------


async def _worked(
    worker_world: WorkerWorld, container: str, account: str, at_point: Callable[[str], None]
) -> dict[str, Any]:
    """Publish, and work on the clock of `works` with something to do at each point; return the post."""
    (post_id,) = await worker_world.world.publish(container, account)
    async with open_worker(
        worker_world.settings,
        dsn=worker_world.dsn,
        base_url=worker_world.world.api.base_url,
        clock=worker_world.clock,
        at_point=at_point,
    ) as worker:
        await worker.work_until_idle()
    return await worker_world.world.post(post_id)


@pytest.mark.parametrize("by", [HOUR, *exhaustive([-HOUR])], ids=lambda by: "forward" if by == HOUR else "back")
@pytest.mark.parametrize("point", sampled(POINTS, "before_look_up"))
@pytest.mark.parametrize(
    ("platform", "operation", "fault"),
    [("instagram", "media_publish", "drop_before_effect"), ("tiktok", "upload", "drop_after_effect")],
)
async def test_set_in_the_middle_of_an_attempt(
    worker_world: WorkerWorld,
    picture: bytes,
    video: bytes,
    platform: str,
    operation: str,
    fault: str,
    point: str,
    by: timedelta,
) -> None:
    """The answer of the decisive call is lost, and the clock is set at any step: live once, and nothing waits for an hour."""
    project = await worker_world.world.project()
    account = await worker_world.world.account(project, platform, "brand")
    file, content_type = (picture, "image/jpeg") if platform == "instagram" else (video, "video/mp4")
    container = await worker_world.world.content(project, file, content_type=content_type)
    await worker_world.world.fault(platform=platform, operation=operation, fault=fault)
    visited: list[str] = []

    def at_point(name: str) -> None:
        if name == point and name not in visited:
            worker_world.clock.set_by(by)
        visited.append(name)

    post = await _worked(worker_world, container, account, at_point)
    assert point in visited
    assert (post["status"], len(await worker_world.world.live())) == ("published", 1), await worker_world.events(
        post["id"]
    )
    assert worker_world.clock.uptime() < timedelta(minutes=10)


async def test_set_forward_does_not_shorten_the_watch(worker_world: WorkerWorld, picture: bytes) -> None:
    """A lost answer is followed by a watch before the call is made again: a clock that jumps does not end it."""
    project = await worker_world.world.project()
    account = await worker_world.world.account(project, "instagram", "brand")
    container = await worker_world.world.content(project, picture)
    await worker_world.world.fault(platform="instagram", operation="media_publish", fault="drop_before_effect")
    calls: list[timedelta] = []

    def at_point(name: str) -> None:
        if name == "after_go_live":
            calls.append(worker_world.clock.uptime())
        if name == "before_look_up":
            worker_world.clock.set_by(HOUR)

    post = await _worked(worker_world, container, account, at_point)
    assert (post["status"], len(calls)) == ("published", 2)
    assert calls[1] - calls[0] >= worker_world.settings.republish_after_test


# Around it ---------------------------------------------------------------------------------------------------------------


async def test_a_worker_seen_in_the_future_is_not_there(api: Api, clock: MovableClock) -> None:
    """The clock is set back by an hour and the worker is dead: readiness does not take its last heartbeat for life."""
    client, store = await api.anonymous(), WorkStore(api.context.pool, worker_id="one")
    await store.heartbeat(version="1", posts=0, concurrency=1, now=clock.now())
    assert (await client.get("/readyz")).status_code == 200
    clock.set_by(-2 * HOUR)
    assert (await client.get("/readyz")).status_code == 503
    await store.sweep("sweep_workers", limit=9, now=clock.now())
    assert await api.context.pool.fetchval("SELECT count(*) FROM workers") == 0
    await store.heartbeat(version="1", posts=0, concurrency=1, now=clock.now())
    assert (await client.get("/readyz")).status_code == 200
    await store.sweep("sweep_workers", limit=9, now=clock.now())
    assert (await client.get("/readyz")).status_code == 200


async def test_calls_are_not_refused_for_an_hour(pool: Pool) -> None:
    """A key has used up its minute, then the clock is set back: a new minute begins, as it does when one is over."""
    caller = await owner_of_project(pool)
    limit = LIMITS[caller.tier, RateClass.WRITE]
    for _ in range(limit):
        await count_call(pool, caller, RateClass.WRITE, now=NOW)
    assert (await count_call(pool, caller, RateClass.WRITE, now=NOW - 30 * SECOND)).remaining < 0
    assert (await count_call(pool, caller, RateClass.WRITE, now=NOW - HOUR)).remaining == limit - 1
    assert (await count_call(pool, caller, RateClass.WRITE, now=NOW - HOUR + 60 * SECOND)).remaining == limit - 1
