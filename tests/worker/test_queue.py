"""When a post's turn comes: order within an account, many at one instant, long downtime, a move in the last moment."""

import asyncio
import random
from datetime import timedelta
from typing import Final
from uuid import UUID, uuid4

import pytest
from tests.worker.rows import NOW, entries_of, insert_account, insert_post, owner_of_project, status_of

from presswork.db.pool import Pool
from presswork.posts.cancel import cancel_post
from presswork.posts.model import PostNotReschedulable
from presswork.posts.schedule import reschedule_post
from presswork.worker.post_row import PostRow
from presswork.worker.store import WorkStore

LEASE: Final = timedelta(seconds=30)
SECOND: Final = timedelta(seconds=1)
LOW: Final = UUID("00000000-0000-4000-8000-000000000000")
HIGH: Final = UUID("ffffffff-ffff-4fff-bfff-ffffffffffff")


async def work_off(store: WorkStore, *, at: timedelta = timedelta(0)) -> list[UUID]:
    """Claim one post after the other and end each at once; return the order."""
    order: list[UUID] = []
    now = NOW + at
    while posts := await store.claim(now=now, lease=LEASE, limit=1):
        for post in posts:
            order.append(post.id)
            await store.settle_canceled(post, "Done.", now=now)
    return order


@pytest.fixture
async def store(pool: Pool) -> WorkStore:
    """A worker's store, on a project without accounts."""
    await owner_of_project(pool)
    return WorkStore(pool, worker_id="one")


async def test_a_post_is_due_at_its_instant_and_not_before(pool: Pool, store: WorkStore) -> None:
    """A microsecond early no worker claims it, and `next_due` is right; at its time it is claimed."""
    account = await insert_account(pool)
    due = NOW + timedelta(hours=1, microseconds=1)
    post = await insert_post(pool, account, due=due)
    early = due - timedelta(microseconds=1)
    assert await store.claim(now=early, lease=LEASE, limit=9) == []
    assert await store.next_due(now=early) == due - early
    assert [taken.id for taken in await store.claim(now=due, lease=LEASE, limit=9)] == [post]


async def test_posts_of_one_instant_go_in_order_of_acceptance(pool: Pool, store: WorkStore) -> None:
    """Callers' own ids say nothing of time: of an account's posts due at once, the one accepted first goes first."""
    account = await insert_account(pool)
    due = NOW + timedelta(hours=1)
    accepted = {
        await insert_post(pool, account, due=due, accepted=NOW + place * SECOND, post_id=own): place
        for place, own in enumerate([HIGH, uuid4(), None, LOW, uuid4(), None])
    }
    assert await work_off(store, at=timedelta(hours=1)) == sorted(accepted, key=lambda post: accepted[post])


async def test_posts_of_one_instant_and_one_acceptance_go_by_id(pool: Pool, store: WorkStore) -> None:
    """One call names an account more than once: ids that we make rise with the targets, own ids go as they sort."""
    account = await insert_account(pool)
    ours = [await insert_post(pool, account, due=NOW) for _ in range(3)]
    own = [await insert_post(pool, account, due=NOW, post_id=one) for one in (HIGH, LOW)]
    assert ours == sorted(ours)
    assert await work_off(store) == sorted([*ours, *own])


async def test_many_accounts_at_one_instant_go_at_once_and_each_once(pool: Pool, store: WorkStore) -> None:
    """Sixty posts of thirty accounts due at one instant: one claim takes one of each; two workers share the rest, none twice."""
    accounts = [await insert_account(pool) for _ in range(30)]
    due = NOW + timedelta(minutes=5)
    first = [await insert_post(pool, account, due=due) for account in accounts]
    second = [await insert_post(pool, account, due=due) for account in accounts]
    taken = await store.claim(now=due, lease=LEASE, limit=100)
    assert sorted(post.id for post in taken) == first
    for post in taken:
        await store.settle_canceled(post, "Done.", now=due)
    other, shared = WorkStore(pool, worker_id="two"), list[UUID]()
    while len(shared) < len(second):
        claims = (one.claim(now=due, lease=LEASE, limit=7) for one in (store, other))
        shared += [post.id for posts in await asyncio.gather(*claims) for post in posts]
    assert sorted(shared) == second


async def test_after_a_long_downtime_everything_overdue_goes_in_order(pool: Pool, store: WorkStore) -> None:
    """Nothing worked for a month: all of it goes, each account's posts by the time they were due, the oldest lanes first."""
    accounts = [await insert_account(pool) for _ in range(3)]
    dice = random.Random(5)  # noqa: S311  a die
    due = {}
    for day in dice.sample(range(30), 30):
        post = await insert_post(pool, accounts[day % 3], due=NOW + timedelta(days=day), accepted=NOW - SECOND)
        due[post] = day
    order = await work_off(store, at=timedelta(days=30))
    assert [due[post] for post in order] == list(range(30))


async def test_a_moved_post_is_taken_once_whenever_the_move_comes(pool: Pool) -> None:
    """A call moves a queued post to an instant that is over by the time a worker looks: one of the two comes first each time.

    The worker has it at its old time, or at its new one, never twice; a move that comes too late is refused.
    """
    owner, store = await owner_of_project(pool), WorkStore(pool, worker_id="one")
    for number in range(60):
        account = await insert_account(pool)
        post = await insert_post(pool, account, due=NOW, accepted=NOW - SECOND)
        away = timedelta(seconds=number % 3 - 1)  # just over, now, in a moment

        async def move(post: UUID = post, away: timedelta = away) -> bool:
            try:
                async with pool.acquire() as connection, connection.transaction():
                    await reschedule_post(connection, post, NOW + away, visible_to=owner, now=NOW)
            except PostNotReschedulable:
                return False
            return True

        async def take() -> list[PostRow]:
            return list(await store.claim(now=NOW, lease=LEASE, limit=9))

        if number < 3:  # not only by luck is each the first
            is_moved, taken = await move(), await take()
            assert is_moved
        elif number < 6:
            taken, is_moved = await take(), await move()
            assert not is_moved
        else:
            _, taken = await asyncio.gather(move(), take())
        later = NOW + SECOND
        taken += await store.claim(now=later, lease=LEASE, limit=9)
        assert [one.id for one in taken] == [post]
        assert await status_of(pool, post) == "publishing"
        await store.settle_canceled(taken[0], "Done.", now=later)


async def test_a_wait_of_the_lane_changes_no_order(pool: Pool, store: WorkStore) -> None:
    """The first post waits for an hour: what fell due meanwhile follows in the order in which it did, then newcomers."""
    account, hour = await insert_account(pool), timedelta(hours=1)
    first = await insert_post(pool, account, due=NOW)
    late = await insert_post(pool, account, due=NOW + 2 * SECOND, accepted=NOW)
    early = await insert_post(pool, account, due=NOW + SECOND, accepted=NOW + SECOND / 2)
    (post,) = await store.claim(now=NOW, lease=LEASE, limit=9)
    await store.snooze(post, until=NOW + hour, reason="Wait.", now=NOW)
    newcomer = await insert_post(pool, account, due=NOW + hour / 2, accepted=NOW + hour / 2)
    assert await work_off(store, at=hour - SECOND) == []
    assert await store.next_due(now=NOW + hour - SECOND) == SECOND
    assert await work_off(store, at=hour) == [first, early, late, newcomer]


async def test_posts_behind_a_short_wait_are_left_alone(pool: Pool, store: WorkStore) -> None:
    """A wait of minutes costs one row, however many posts are behind."""
    account = await insert_account(pool)
    posts = [await insert_post(pool, account, due=NOW) for _ in range(20)]
    (post,) = await store.claim(now=NOW, lease=LEASE, limit=9)
    before = await pool.fetch("SELECT id, xmin FROM scheduled_posts WHERE id <> $1 ORDER BY id LIMIT 99", post.id)
    await store.snooze(post, until=NOW + timedelta(minutes=5), reason="Wait.", now=NOW)
    assert (
        await pool.fetch("SELECT id, xmin FROM scheduled_posts WHERE id <> $1 ORDER BY id LIMIT 99", post.id) == before
    )
    assert await work_off(store, at=timedelta(minutes=5)) == posts


async def test_a_lane_that_waits_repeatedly_adds_one_entry_to_those_behind(pool: Pool, store: WorkStore) -> None:
    """Ten posts, one after the other, wait for an hour each: each post behind has one entry about it, not ten."""
    account = await insert_account(pool)
    posts = [await insert_post(pool, account, due=NOW) for _ in range(20)]
    now = NOW
    for _ in range(10):
        (post,) = await store.claim(now=now, lease=LEASE, limit=9)
        await store.snooze(post, until=now + timedelta(hours=1), reason="Wait.", now=now)
        now += timedelta(hours=1)
        (post,) = await store.claim(now=now, lease=LEASE, limit=9)
        await store.settle_canceled(post, "Done.", now=now)
    counts = [[event for event, _ in await entries_of(pool, post)].count("waiting") for post in posts]
    assert counts == [0] + [1] * 19


async def test_canceling_the_post_that_waits_lets_the_next_one_try(pool: Pool) -> None:
    """Whether it has to wait as well, it finds out by itself; its timeline then says so."""
    owner, store = await owner_of_project(pool), WorkStore(pool, worker_id="one")
    account = await insert_account(pool)
    first, second = await insert_post(pool, account, due=NOW), await insert_post(pool, account, due=NOW)
    (post,) = await store.claim(now=NOW, lease=LEASE, limit=9)
    await store.snooze(post, until=NOW + timedelta(hours=1), reason="Wait.", now=NOW)
    assert await work_off(store, at=SECOND) == []
    await cancel_post(pool, first, visible_to=owner, reason=None, now=NOW + SECOND)
    assert await work_off(store, at=SECOND) == [second]
