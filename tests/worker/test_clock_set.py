"""The machine's clock is set, forward and back, at every moment of a post's life: none is lost, doubled, or held up by it."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Final

import pytest
from tests.conftest import Api, MovableClock
from tests.worker.conftest import HurriedClock, Works
from tests.worker.rows import NOW, entries_of, insert_account, insert_post, owner_of_project, status_of

from presswork.accounts.store import SQL as ACCOUNTS
from presswork.core.clock import SteadyClock, SystemClock
from presswork.core.timestamps import write_instant
from presswork.db.pool import Pool
from presswork.orgs.rates import LIMITS, RateClass, count_call
from presswork.posts.reschedule import reschedule_post
from presswork.worker.main import open_worker
from presswork.worker.runtime import CLOCKS_DIFFER_BY, LONGEST_SLEEP
from presswork.worker.store import WorkStore
from presswork.worker.watch import Watch

HOUR: Final = timedelta(hours=1)
LEASE: Final = timedelta(seconds=30)
SECOND: Final = timedelta(seconds=1)
LONGEST_WAIT: Final = timedelta(minutes=30)
POINTS: Final = ("before_prepare", "after_prepare", "after_go_live", "after_call", "before_look_up", "after_live")


def bare(post_id: str) -> str:
    """Return a post's UUID."""
    return post_id.removeprefix("sp_")


# The clocks ------------------------------------------------------------------------------------------------------------


def test_a_steady_clock_only_runs_on() -> None:
    """It starts where it is told and follows the time that passes, not what the other clock is set to."""
    driving = MovableClock(instant=NOW)
    steady = SteadyClock(driving, at=NOW + HOUR, since=driving.uptime())
    driving.set_by(-HOUR)
    driving.advance(SECOND)
    assert (steady.now(), driving.now()) == (NOW + HOUR + SECOND, NOW - HOUR + SECOND)


def test_the_machines_uptime_is_not_its_time_of_day() -> None:
    """The system's uptime grows, and is far from the time of day, which somebody may set."""
    clock = SystemClock()
    first, second = clock.uptime(), clock.uptime()
    assert first <= second < clock.now() - datetime(2020, 1, 1, tzinfo=NOW.tzinfo)


@pytest.mark.parametrize("by", [HOUR, -HOUR, SECOND, -SECOND])
def test_a_watch_notices_that_a_clock_was_set(by: timedelta) -> None:
    """Passing time is no setting; a setting is told once; a trim of less than a second is none."""
    clock = MovableClock(instant=NOW)
    watch = Watch(clock, lease=LEASE)
    clock.advance(HOUR)
    assert watch.look().set_by == timedelta(0)
    clock.set_by(by)
    assert [watch.look().set_by, watch.look().set_by] == [by, timedelta(0)]
    clock.set_by(timedelta(milliseconds=900))
    assert watch.look().set_by == timedelta(0)


def test_leases_are_judged_by_the_old_time_for_a_while() -> None:
    """After a setting forward, for the length of a lease, a lease has lapsed only where it had by the time before."""
    clock = MovableClock(instant=NOW)
    watch = Watch(clock, lease=LEASE)
    clock.set_by(HOUR)
    assert watch.look().lapsed_by == NOW
    clock.advance(LEASE - SECOND)
    assert watch.look().lapsed_by == NOW + LEASE - SECOND
    clock.set_by(-HOUR / 2)
    assert watch.look().lapsed_by == NOW + LEASE - SECOND
    clock.advance(SECOND)
    assert watch.look().lapsed_by == clock.now()


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
    taken = await store.claim(now=back, leased_until=back + LEASE, limit=9)
    assert {post.id for post in taken} == {behind, alone}
    assert await status_of(pool, later) == "queued"
    assert await store.next_wake(now=back) == back + LEASE


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
    taken = await store.claim(now=back, leased_until=back + LEASE, limit=9)
    assert [post.id for post in taken] == [at_once]
    taken = await store.claim(now=back + SECOND, leased_until=back + LEASE, limit=9)
    assert [post.id for post in taken] == [later]


async def test_a_worker_whose_clock_is_an_hour_behind_publishes_at_once(works: Works, picture: bytes) -> None:
    """Two machines disagree by an hour: a publish call is worked on all the same, and a later post is not due for either."""
    project = await works.stage.project()
    account = await works.stage.account(project, "instagram", "brand")
    container = await works.stage.content(project, picture)
    body = {
        "scheduledFor": write_instant(works.clock.now() + 2 * HOUR),
        "targets": [{"socialAccountId": account, "mode": "publish"}],
    }
    answer = await works.stage.client.post(f"/v1/content/{container}/schedule", json=body)
    (later,) = answer.json()["scheduledPostIds"]
    works.clock.set_by(-HOUR)
    (post,) = await works.deliver(container, account)
    assert (post["status"], len(await works.stage.live())) == ("published", 1)
    assert (await works.stage.post(later))["status"] == "queued"
    assert timedelta(0) <= await works.worker.look() <= LONGEST_SLEEP


# A post at work ----------------------------------------------------------------------------------------------------------


async def _worked(works: Works, container: str, account: str, at_point: Callable[[str], None]) -> dict[str, Any]:
    """Publish, and work on the clock of `works` with something to do at each point; return the post."""
    (post_id,) = await works.stage.publish(container, account)
    async with open_worker(
        works.settings, dsn=works.dsn, base_url=works.stage.api.base_url, clock=works.clock, at_point=at_point
    ) as worker:
        await worker.work_until_idle()
    return await works.stage.post(post_id)


@pytest.mark.parametrize("by", [HOUR, -HOUR], ids=["forward", "back"])
@pytest.mark.parametrize("point", POINTS)
@pytest.mark.parametrize(
    ("platform", "operation", "fault"),
    [("instagram", "media_publish", "drop_before_effect"), ("tiktok", "upload", "drop_after_effect")],
)
async def test_set_in_the_middle_of_an_attempt(
    works: Works, picture: bytes, video: bytes, platform: str, operation: str, fault: str, point: str, by: timedelta
) -> None:
    """The answer of the decisive call is lost, and the clock is set at any step: live once, and nothing waits for an hour."""
    project = await works.stage.project()
    account = await works.stage.account(project, platform, "brand")
    file, content_type = (picture, "image/jpeg") if platform == "instagram" else (video, "video/mp4")
    container = await works.stage.content(project, file, content_type=content_type)
    await works.stage.fault(platform=platform, operation=operation, fault=fault)
    visited: list[str] = []

    def at_point(name: str) -> None:
        if name == point and name not in visited:
            works.clock.set_by(by)
        visited.append(name)

    post = await _worked(works, container, account, at_point)
    assert point in visited
    assert (post["status"], len(await works.stage.live())) == ("published", 1), await works.events(post["id"])
    assert works.clock.uptime() < timedelta(minutes=10)


async def test_set_forward_does_not_shorten_the_watch(works: Works, picture: bytes) -> None:
    """A lost answer is followed by a watch before the call is made again: a clock that jumps does not end it."""
    project = await works.stage.project()
    account = await works.stage.account(project, "instagram", "brand")
    container = await works.stage.content(project, picture)
    await works.stage.fault(platform="instagram", operation="media_publish", fault="drop_before_effect")
    calls: list[timedelta] = []

    def at_point(name: str) -> None:
        if name == "after_go_live":
            calls.append(works.clock.uptime())
        if name == "before_look_up":
            works.clock.set_by(HOUR)

    post = await _worked(works, container, account, at_point)
    assert (post["status"], len(calls)) == ("published", 2)
    assert calls[1] - calls[0] >= works.settings.republish_after_test


async def test_set_back_while_nobody_has_it(works: Works, picture: bytes) -> None:
    """An attempt crashes after its answer was lost, the clock is set back, another worker goes on: it asks at once."""
    project = await works.stage.project()
    account = await works.stage.account(project, "instagram", "brand")
    container = await works.stage.content(project, picture)
    await works.stage.fault(platform="instagram", operation="media_publish", fault="drop_before_effect")

    def at_point(name: str) -> None:
        if name == "before_look_up":
            works.clock.set_by(-HOUR)
            raise RuntimeError("a defect of ours")

    (post_id,) = await works.stage.publish(container, account)
    async with open_worker(
        works.settings, dsn=works.dsn, base_url=works.stage.api.base_url, clock=works.clock, at_point=at_point
    ) as worker:
        await worker.look()
        await asyncio.gather(*(task for task in asyncio.all_tasks() if task.get_name() == post_id))
    assert (await works.stage.post(post_id))["status"] == "publishing"
    await works.worker.look()
    works.clock.set_by(10 * SECOND)
    await works.worker.work_until_idle()
    post = await works.stage.post(post_id)
    assert (post["status"], len(await works.stage.live())) == ("published", 1)
    assert works.clock.uptime() < timedelta(minutes=10)


async def test_set_forward_takes_no_post_from_a_living_worker(works: Works, picture: bytes) -> None:
    """The clock that all workers of a machine share jumps ahead: none takes over what another had no chance to renew."""
    project = await works.stage.project()
    account = await works.stage.account(project, "instagram", "brand")
    (post_id,) = await works.stage.publish(await works.stage.content(project, picture), account)
    pool, now = works.stage.api.context.pool, works.clock.now()
    other = WorkStore(pool, worker_id="other")
    (post,) = await other.claim(now=now, leased_until=now + LEASE, limit=1)
    works.clock.set_by(HOUR)
    await works.worker.work_until_idle()
    assert await pool.fetchval("SELECT leased_by FROM scheduled_posts WHERE id = $1", post.id) == "other"
    assert await other.renew([post.id], leased_until=works.clock.now() + LEASE) == {post.id}
    await other.hand_over([post.id], now=works.clock.now())
    await works.worker.work_until_idle()
    assert ((await works.stage.post(post_id))["status"], len(await works.stage.live())) == ("published", 1)


async def test_a_dead_workers_post_is_taken_over_in_time(works: Works, picture: bytes) -> None:
    """A worker dies and the clock is set back by an hour: the next takes the post over after a lease, not after an hour."""
    project = await works.stage.project()
    account = await works.stage.account(project, "instagram", "brand")
    (post_id,) = await works.stage.publish(await works.stage.content(project, picture), account)
    pool, now = works.stage.api.context.pool, works.clock.now()
    (post,) = await WorkStore(pool, worker_id="dead").claim(now=now, leased_until=now + LEASE, limit=1)
    works.clock.set_by(-HOUR)
    await works.worker.look()
    until = await pool.fetchval("SELECT leased_until FROM scheduled_posts WHERE id = $1", post.id)
    assert until - works.clock.now() <= works.settings.worker_lease
    works.clock.set_by(works.settings.worker_lease)
    await works.worker.look()  # it may be a machine that was set right: its workers get a lease's time
    assert (await works.stage.post(post_id))["status"] == "publishing"
    ahead = HurriedClock(ahead=works.clock.now() - HurriedClock().now() + SECOND)
    async with open_worker(works.settings, dsn=works.dsn, base_url=works.stage.api.base_url, clock=ahead) as next_one:
        await next_one.work_until_idle()
    assert ((await works.stage.post(post_id))["status"], len(await works.stage.live())) == ("published", 1)


# A post that was put off -------------------------------------------------------------------------------------------------


async def _set_right(store: WorkStore, now: datetime) -> int:
    return await store.set_right(now=now, slack=CLOCKS_DIFFER_BY, leased_until=now + LEASE, longest_wait=LONGEST_WAIT)


async def test_a_wait_is_as_long_as_was_planned(pool: Pool) -> None:
    """A parked post and those behind it wait for an hour more when the clock is set back by two; its timeline says so."""
    await owner_of_project(pool)
    store, back = WorkStore(pool, worker_id="one"), NOW - 2 * HOUR
    account = await insert_account(pool)
    first, second = await insert_post(pool, account, due=NOW), await insert_post(pool, account, due=NOW)
    (post,) = await store.claim(now=NOW, leased_until=NOW + LEASE, limit=1)
    await store.park(post, until=NOW + HOUR, reason="Wait.", now=NOW)
    assert await _set_right(store, NOW) == 0
    assert await _set_right(store, back) == 1
    assert await _set_right(store, back + CLOCKS_DIFFER_BY) == 0
    almost = back + HOUR - SECOND
    assert await store.claim(now=almost, leased_until=almost + LEASE, limit=9) == []
    event, detail = (await entries_of(pool, first))[-1]
    assert (event, detail) == ("waiting", f'{{"nextAt" : "{write_instant(back + HOUR)}"}}')
    over = back + HOUR
    (post,) = await store.claim(now=over, leased_until=over + LEASE, limit=9)
    assert (post.id, post.told_at) == (first, NOW)  # its own time does not go back
    await store.settle_canceled(post, "Done.", now=over)
    assert [one.id for one in await store.claim(now=over, leased_until=over + LEASE, limit=9)] == [second]


async def test_a_lease_is_never_longer_than_a_lease(pool: Pool) -> None:
    """A lease from a clock that ran ahead is cut to one that begins now; its worker goes on; a lease of now is left alone."""
    await owner_of_project(pool)
    store, back = WorkStore(pool, worker_id="one"), NOW - HOUR
    await insert_post(pool, await insert_account(pool), due=NOW)
    (post,) = await store.claim(now=NOW, leased_until=NOW + LEASE, limit=1)
    assert [await _set_right(store, back), await _set_right(store, back)] == [1, 0]
    await store.save(post, {"step": 1}, now=NOW + SECOND)
    assert await store.renew([post.id], leased_until=back + 2 * LEASE) == {post.id}
    over = back + 3 * LEASE
    (taken,) = await WorkStore(pool, worker_id="two").claim(now=over, leased_until=over + LEASE, limit=9)
    assert (taken.id, taken.told_at) == (post.id, NOW + SECOND)


async def test_a_stopped_workers_posts_go_on_at_once(pool: Pool) -> None:
    """A worker hands its posts over, then the clock is set back: the next one takes them without a wait."""
    await owner_of_project(pool)
    store, back = WorkStore(pool, worker_id="one"), NOW - HOUR
    await insert_post(pool, await insert_account(pool), due=NOW - HOUR, accepted=NOW - HOUR)
    (post,) = await store.claim(now=NOW - HOUR / 6, leased_until=NOW + LEASE, limit=1)
    await store.hand_over([post.id], now=NOW)
    await _set_right(store, back)
    assert [one.id for one in await store.claim(now=back, leased_until=back + LEASE, limit=9)] == [post.id]


async def test_a_follow_up_waits_no_longer_than_the_longest_wait(pool: Pool) -> None:
    """What is left to do for a live post is not put off by an hour either."""
    await owner_of_project(pool)
    store, back = WorkStore(pool, worker_id="one"), NOW - HOUR
    await insert_post(pool, await insert_account(pool), due=NOW)
    (post,) = await store.claim(now=NOW, leased_until=NOW + LEASE, limit=1)
    await store.go_live(post, {}, "Going.", now=NOW)
    await store.live(post, external_id="1", external_url=None, message="Live.", now=NOW)
    await store.settle_published(
        post, needs_location=True, needs_comment=False, follow_up_at=NOW, gives_up_at=NOW + HOUR, now=NOW
    )
    await _set_right(store, back)
    over = back + LONGEST_WAIT
    assert [one.post_id for one in await store.claim_follow_ups(now=over, leased_until=over + LEASE, limit=9)] == [
        post.id
    ]


# Around it ---------------------------------------------------------------------------------------------------------------


async def test_a_worker_seen_in_the_future_is_not_there(api: Api, clock: MovableClock) -> None:
    """The clock is set back by an hour and the worker is dead: readiness does not take its last heartbeat for life."""
    client, store = await api.anonymous(), WorkStore(api.context.pool, worker_id="one")
    await store.seen(now=clock.now())
    assert (await client.get("/readyz")).status_code == 200
    clock.set_by(-HOUR)
    assert (await client.get("/readyz")).status_code == 503
    await store.seen(now=clock.now())
    assert (await client.get("/readyz")).status_code == 200
    far = 2 * HOUR
    await store.sweep(
        workers_before=clock.now() - far,
        workers_after=clock.now() + far,
        states_before=clock.now(),
        turns_before=clock.now(),
    )
    assert (await client.get("/readyz")).status_code == 200
    await store.sweep(
        workers_before=clock.now() - far,
        workers_after=clock.now() - SECOND,
        states_before=clock.now(),
        turns_before=clock.now(),
    )
    assert (await client.get("/readyz")).status_code == 503


async def test_calls_are_not_refused_for_an_hour(pool: Pool) -> None:
    """A key has used up its minute, then the clock is set back: a new minute begins, as it does when one is over."""
    caller = await owner_of_project(pool)
    limit = LIMITS[caller.tier, RateClass.WRITE]
    for _ in range(limit):
        await count_call(pool, caller, RateClass.WRITE, now=NOW)
    assert (await count_call(pool, caller, RateClass.WRITE, now=NOW - 30 * SECOND)).remaining < 0
    assert (await count_call(pool, caller, RateClass.WRITE, now=NOW - HOUR)).remaining == limit - 1
    assert (await count_call(pool, caller, RateClass.WRITE, now=NOW - HOUR + 60 * SECOND)).remaining == limit - 1


async def test_a_lease_on_refreshing_a_token_is_not_an_hour_long(pool: Pool) -> None:
    """A worker died while it refreshed a token, then the clock was set back: another refreshes it."""
    await owner_of_project(pool)
    account, minute = await insert_account(pool), timedelta(minutes=1)

    async def lease(now: datetime) -> object:
        statement = ACCOUNTS["lease_refresh"]
        return await pool.fetchval(statement, account, 0, now, now + minute, NOW)

    assert await lease(NOW) is True
    assert await lease(NOW + SECOND) is None
    assert await lease(NOW - HOUR) is True
    assert await lease(NOW - HOUR + minute) is True
