"""How much there is to do, and what counts as late."""

from datetime import timedelta
from uuid import UUID

import pytest
from tests.conftest import Api, MovableClock
from tests.posts.conftest import bare
from tests.worker.desk import Desk, Scripted, failing
from tests.worker.desk import desk as desk
from tests.worker.desk import scene as scene
from tests.worker.rows import NOW, insert_account, insert_post, owner_of_project

from presswork.db.pool import Pool
from presswork.platforms.errors import TryLater
from presswork.telemetry.queue_metrics import Backlog, QueueMetrics, read_backlog
from presswork.worker.store import WorkStore

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


async def _read(pool: Pool, clock: MovableClock) -> Backlog:
    async with pool.acquire() as connection:
        return await read_backlog(connection, now=clock.now())


@pytest.fixture
async def account(pool: Pool, clock: MovableClock) -> UUID:
    """An account, on a clock that shows NOW."""
    clock.instant = NOW
    await owner_of_project(pool)
    return await insert_account(pool)


async def test_what_nobody_takes_is_late_and_what_is_to_come_is_not(
    pool: Pool, account: UUID, clock: MovableClock
) -> None:
    """Posts count by what they wait for; the one that was due first says how late the queue is."""
    await insert_post(pool, account, due=NOW)
    await insert_post(pool, account, due=NOW + 30 * MINUTE)
    await insert_post(pool, account, due=NOW + 30 * HOUR)
    clock.advance(10 * MINUTE)
    read = await _read(pool, clock)
    assert (read.due, read.due_within_hour, read.oldest_for, read.late_by) == (1, 1, 10 * MINUTE, 10 * MINUTE)
    clock.advance(25 * MINUTE)
    read = await _read(pool, clock)
    assert (read.due, read.due_within_hour, read.late_by) == (2, 0, 35 * MINUTE)


async def test_turns_in_a_lane_are_not_late(pool: Pool, account: UUID, clock: MovableClock) -> None:
    """Behind a post at work the next one waits its turn; when its turn has come, it is late from then on."""
    for _ in range(2):
        await insert_post(pool, account, due=NOW)
    store = WorkStore(pool, worker_id="w")
    (post,) = await store.claim(now=NOW, lease=HOUR, limit=10)
    clock.advance(20 * MINUTE)
    read = await _read(pool, clock)
    assert (read.due, read.at_work, read.oldest_for, read.late_by) == (1, 1, 20 * MINUTE, timedelta())
    await store.settle_canceled(post, "Enough.", now=clock.now())
    clock.advance(MINUTE)
    assert (await _read(pool, clock)).late_by == MINUTE


async def test_a_lease_that_nobody_takes_over_is_late(pool: Pool, account: UUID, clock: MovableClock) -> None:
    """A worker died and no other is there: the post is late from the end of its lease."""
    await insert_post(pool, account, due=NOW)
    await WorkStore(pool, worker_id="w").claim(now=NOW, lease=MINUTE, limit=10)
    clock.advance(3 * MINUTE)
    read = await _read(pool, clock)
    assert (read.at_work, read.lapsed, read.late_by) == (0, 1, 2 * MINUTE)


async def test_what_waits_for_a_limit_is_not_late(desk: Desk, clock: MovableClock) -> None:
    """The platform has said "in an hour", and another post waits behind: both wait, and neither is late until then."""
    await desk.accept(2)
    limit = TryLater("Too many.", step="x", retry_after=HOUR, is_throttled=True)
    await desk.attempt(Scripted(prepare_with=failing(limit, times=1)))
    clock.advance(59 * MINUTE)
    read = await _read(desk.scene.pool, clock)
    assert (read.waiting, read.retrying, read.late_by) == (1, 1, timedelta())
    clock.advance(3 * MINUTE)
    assert (await _read(desk.scene.pool, clock)).late_by == 2 * MINUTE


async def test_whoever_looks_often_does_not_make_the_database_read_often(
    pool: Pool, account: UUID, clock: MovableClock
) -> None:
    """A reading is good for five seconds, whatever happens meanwhile."""
    queue_metrics = QueueMetrics(pool, clock)
    assert (await queue_metrics.backlog()).due == 0
    await insert_post(pool, account, due=NOW)
    clock.advance(timedelta(seconds=4.9))
    assert (await queue_metrics.backlog()).due == 0
    clock.advance(timedelta(seconds=0.1))
    assert (await queue_metrics.backlog()).due == 1


async def test_counts_read_no_more_than_they_show(pool: Pool, account: UUID, clock: MovableClock) -> None:
    """Every figure comes from an index that holds what it counts, and stops at its limit: no plan reads a whole table."""
    from presswork.telemetry.queue_metrics import _SQL  # noqa: PLC0415  the statements themselves are looked at here

    async with pool.acquire() as connection, connection.transaction():
        await connection.execute("SET LOCAL enable_seqscan = off")
        for name, arguments in (("backlog", (NOW, 10, NOW, NOW)), ("late_since", (NOW, 10))):
            plan = "\n".join(row[0] for row in await connection.fetch(f"EXPLAIN {_SQL[name]}", *arguments))
            assert "Seq Scan on scheduled_posts" not in plan, plan
            assert "Seq Scan on social_accounts" not in plan, plan
            assert "Seq Scan on post_follow_ups" not in plan, plan
            assert "Seq Scan on text_messages" not in plan, plan
            assert "Seq Scan on webhook_deliveries" not in plan, plan


async def test_late_posts_make_the_service_not_ready(api: Api, pool: Pool, account: UUID, clock: MovableClock) -> None:
    """With a worker there and a post late, /readyz says by how much; a balancer that asks for the API alone hears no ill."""
    await insert_post(pool, account, due=NOW)
    clock.advance(2 * MINUTE)
    browser = await api.anonymous()

    async def ask(part: str) -> tuple[int, dict[str, bool]]:
        await pool.execute(
            "INSERT INTO workers (id, started_at, seen_at) VALUES ('w', $1, $1) ON CONFLICT (id) DO UPDATE SET seen_at = $1",
            clock.now(),
        )
        answer = await browser.get("/readyz", params={"part": part})
        return answer.status_code, {check["name"]: check["ok"] for check in answer.json()["checks"]}

    assert await ask("all") == (200, dict.fromkeys(("database", "migrations", "worker", "queue"), True))
    clock.advance(timedelta(seconds=5))
    status, checks = await ask("all")
    assert (status, checks["worker"], checks["queue"]) == (503, True, False)
    assert await ask("api") == (200, {"database": True, "migrations": True})


async def test_accounts_to_connect_again_are_counted(desk: Desk, clock: MovableClock) -> None:
    """An account whose access has ended is one."""
    await desk.scene.pool.execute(
        "UPDATE social_accounts SET status = 'reauth_required' WHERE id = $1", bare(desk.scene.tiktok)
    )
    assert (await _read(desk.scene.pool, clock)).accounts_to_reauth == 1
