"""What a worker forgets by itself: texts that have ended, whose rows hold a phone."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from tests.clocks import MovableClock
from tests.worker.rows import NOW, owner_of_project

from presswork.core.ids import new_id
from presswork.core.settings import Settings
from presswork.db.pool import Pool
from presswork.db.queries import load
from presswork.notifications.notify_device import TextStatus
from presswork.worker.main import open_worker
from presswork.worker.sms import sweep_sms

KEPT_FOR = timedelta(days=30)
MOMENT = timedelta(microseconds=1)


async def insert_sms(pool: Pool, status: TextStatus, *, ended_at: datetime) -> None:
    """Write a text of the one container, last written to at an instant."""
    await pool.execute(
        """INSERT INTO text_messages (id, notice_id, position, container_id, organization_id, environment, kind, phone, body,
                                      has_link, status, run_at, created_at, updated_at)
           SELECT $1, $1, 0, c.id, c.organization_id, c.environment, 'media', '+4915112345667', 'Hi', false, $2, 'infinity', $3, $3
             FROM content_containers c""",
        new_id(),
        status.value,
        ended_at,
    )


async def left(pool: Pool) -> Sequence[tuple[str, timedelta]]:
    """Return which texts are there: their status, and how long before NOW they ended."""
    rows = await pool.fetch("SELECT status, updated_at FROM text_messages ORDER BY updated_at, status")
    return [(row["status"], NOW - row["updated_at"]) for row in rows]


async def test_ended_texts_are_forgotten_after_thirty_days(pool: Pool) -> None:
    """Whatever the end was. One that is not over stays, however old it is."""
    await owner_of_project(pool)
    for status in TextStatus:
        await insert_sms(pool, status, ended_at=NOW - KEPT_FOR - MOMENT)
        await insert_sms(pool, status, ended_at=NOW - KEPT_FOR)
    await sweep_sms(pool, now=NOW)
    assert await left(pool) == [
        ("queued", KEPT_FOR + MOMENT),
        ("sending", KEPT_FOR + MOMENT),
        *[(status.value, KEPT_FOR) for status in sorted(TextStatus)],
    ]


async def test_a_sweep_is_bounded(pool: Pool) -> None:
    """Many old texts go over several rounds, those that ended first before the others, found by an index."""
    await owner_of_project(pool)
    for days in range(5):
        await insert_sms(pool, TextStatus.SENT, ended_at=NOW - KEPT_FOR - timedelta(days=days + 1))
    await sweep_sms(pool, now=NOW, limit=2)
    assert await left(pool) == [("sent", KEPT_FOR + timedelta(days=days)) for days in (3, 2, 1)]
    async with pool.acquire() as connection, connection.transaction():
        await connection.execute("SET LOCAL enable_seqscan = off")
        plan = await connection.fetch(f"EXPLAIN {load('presswork.worker', 'sms.sql')['sweep_sms']}", NOW, KEPT_FOR, 2)
    assert "text_messages_ended" in "\n".join(row[0] for row in plan)


async def test_each_worker_sweeps(pool: Pool, settings: Settings, dsn: str) -> None:
    """A worker's housekeeping begins when it starts, and the texts are part of it."""
    await owner_of_project(pool)
    await insert_sms(pool, TextStatus.DELIVERED, ended_at=NOW - KEPT_FOR - MOMENT)
    async with open_worker(settings, dsn=dsn, base_url="http://127.0.0.1:9", clock=MovableClock(instant=NOW)):
        while await left(pool):
            pass
