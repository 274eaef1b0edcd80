"""Queue metrics: which posts wait for what, and how late the queue is."""

from datetime import timedelta
from uuid import UUID

import pytest
from tests.api_server import Api
from tests.clocks import MovableClock
from tests.posts.conftest import bare
from tests.worker.attempt_world import AttemptWorld, Scripted, failing
from tests.worker.attempt_world import attempt_world as attempt_world
from tests.worker.attempt_world import ready_project as ready_project
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
    """A connected account, with the clock set to NOW."""
    clock.instant = NOW
    await owner_of_project(pool)
    return await insert_account(pool)


async def test_due_posts_are_late_and_scheduled_posts_are_not(pool: Pool, account: UUID, clock: MovableClock) -> None:
    """Posts are counted by what they wait for; the earliest due post sets the lateness of the queue."""
    await insert_post(pool, account, due=NOW)
    await insert_post(pool, account, due=NOW + 30 * MINUTE)
    await insert_post(pool, account, due=NOW + 30 * HOUR)
    clock.advance(10 * MINUTE)
    read = await _read(pool, clock)
    assert (read.due, read.due_within_hour, read.oldest_for, read.late_by) == (1, 1, 10 * MINUTE, 10 * MINUTE)
    clock.advance(25 * MINUTE)
    read = await _read(pool, clock)
    assert (read.due, read.due_within_hour, read.late_by) == (2, 0, 35 * MINUTE)


async def test_posts_that_wait_in_a_lane_are_not_late(pool: Pool, account: UUID, clock: MovableClock) -> None:
    """A post behind a leased post of its lane is not late; its lateness starts when that post is settled."""
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


async def test_an_expired_lease_is_late(pool: Pool, account: UUID, clock: MovableClock) -> None:
    """The post of a dead worker is late from the end of its lease."""
    await insert_post(pool, account, due=NOW)
    await WorkStore(pool, worker_id="w").claim(now=NOW, lease=MINUTE, limit=10)
    clock.advance(3 * MINUTE)
    read = await _read(pool, clock)
    assert (read.at_work, read.lapsed, read.late_by) == (0, 1, 2 * MINUTE)


async def test_posts_that_wait_for_a_rate_limit_are_not_late(attempt_world: AttemptWorld, clock: MovableClock) -> None:
    """After the platform asked to retry in an hour, neither the post nor the one behind it is late until then."""
    await attempt_world.accept(2)
    limit = TryLater("Too many.", step="x", retry_after=HOUR, is_throttled=True)
    await attempt_world.attempt(Scripted(prepare_with=failing(limit, times=1)))
    clock.advance(59 * MINUTE)
    read = await _read(attempt_world.ready_project.pool, clock)
    assert (read.waiting, read.retrying, read.late_by) == (1, 1, timedelta())
    clock.advance(3 * MINUTE)
    assert (await _read(attempt_world.ready_project.pool, clock)).late_by == 2 * MINUTE


async def test_readings_are_cached_for_five_seconds(pool: Pool, account: UUID, clock: MovableClock) -> None:
    """Two reads within five seconds run one set of queries."""
    queue_metrics = QueueMetrics(pool, clock)
    assert (await queue_metrics.backlog()).due == 0
    await insert_post(pool, account, due=NOW)
    clock.advance(timedelta(seconds=4.9))
    assert (await queue_metrics.backlog()).due == 0
    clock.advance(timedelta(seconds=0.1))
    assert (await queue_metrics.backlog()).due == 1


async def test_each_count_is_an_index_scan_with_a_limit(pool: Pool, account: UUID, clock: MovableClock) -> None:
    """Each figure comes from a partial index and stops at its limit; no plan scans a table."""
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
    """With a late post /readyz reports by how much, and /readyz for the API alone stays 200."""
    await insert_post(pool, account, due=NOW)
    clock.advance(2 * MINUTE)
    browser = await api.anonymous()

    async def readyz(part: str) -> tuple[int, dict[str, bool]]:
        await pool.execute(
            "INSERT INTO workers (id, started_at, seen_at) VALUES ('w', $1, $1) ON CONFLICT (id) DO UPDATE SET seen_at = $1",
            clock.now(),
        )
        answer = await browser.get("/readyz", params={"part": part})
        return answer.status_code, {check["name"]: check["ok"] for check in answer.json()["checks"]}

    assert await readyz("all") == (200, dict.fromkeys(("database", "migrations", "worker", "queue"), True))
    clock.advance(timedelta(seconds=5))
    status, checks = await readyz("all")
    assert (status, checks["worker"], checks["queue"]) == (503, True, False)
    assert await readyz("api") == (200, {"database": True, "migrations": True})


async def test_accounts_to_reconnect_are_counted(attempt_world: AttemptWorld, clock: MovableClock) -> None:
    """An account with the status `reauth_required` is counted."""
    await attempt_world.ready_project.pool.execute(
        "UPDATE social_accounts SET status = 'reauth_required' WHERE id = $1", bare(attempt_world.ready_project.tiktok)
    )
    assert (await _read(attempt_world.ready_project.pool, clock)).accounts_to_reauth == 1
