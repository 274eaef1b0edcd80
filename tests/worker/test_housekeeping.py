"""What a worker forgets by itself: texts that have ended, whose rows hold a phone."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Final

import pytest
from tests.clocks import MovableClock
from tests.worker.rows import NOW, owner_of_project

from presswork.api.context import Context
from presswork.content.retention import MediaRetention
from presswork.core.ids import new_id, oldest_id
from presswork.db.pool import Pool
from presswork.db.queries import load
from presswork.media.store import MediaStore
from presswork.notifications.notify_device import TextStatus
from presswork.platforms.settings import Settings
from presswork.posts.sweep import TimelineSweep
from presswork.worker.main import open_worker
from presswork.worker.maintenance import Step, retention_steps, run_steps, steps
from presswork.worker.sms import sweep_sms
from presswork.worker.store import WorkStore

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


OLD: Final = {
    "media-grants": (
        "media_grants",
        "INSERT INTO media_grants (id, post_id, object_key, expires_at) VALUES ($1, $1, 'originals/a', $2)",
    ),
    "platform-notices": (
        "platform_notices",
        """INSERT INTO platform_notices (platform, environment, external_account_id, event, detail, body_hash, occurred_at,
                                         received_at)
           VALUES ('tiktok', 'test', 'a', 'b', '{}', decode(replace($1::uuid::text, '-', ''), 'hex'), $2, $2)""",
    ),
    "links": (
        "page_links",
        """WITH made AS (
               INSERT INTO api_keys (id, organization_id, environment, lookup, secret_hash, name, scopes, tier,
                                     return_domains, created_at)
               SELECT $1, p.organization_id, 'test', translate(upper(left($1::uuid::text, 8)), '0189', 'GHIJ') || 'AAAAAAAA',
                      decode(repeat('00', 32), 'hex'), 'a', '{}', 'unlimited', '{}', $2 FROM projects p)
           INSERT INTO page_links (id, kind, organization_id, environment, project_id, key_id, token_hash, settings,
                                   created_at, expires_at)
           SELECT $1, 'review_link', p.organization_id, 'test', p.id, $1, sha256($1::uuid::text::bytea), '{}', $2, $2
             FROM projects p""",
    ),
    "sms": (
        "text_messages",
        """INSERT INTO text_messages (id, notice_id, position, container_id, organization_id, environment, kind, phone, body,
                                      has_link, status, run_at, created_at, updated_at)
           SELECT $1, $1, 0, c.id, c.organization_id, c.environment, 'media', '+4915112345667', 'Hi', false, 'sent',
                  'infinity', $2, $2 FROM content_containers c""",
    ),
    "webhook-log": (
        "webhook_deliveries",
        """INSERT INTO webhook_deliveries (id, endpoint_id, organization_id, environment, event_id, event_type, occurred_at,
                                           data, status, due_at, settled_at, created_at)
           VALUES ($1, $1, $1, 'test', $1, 'test.ping', $2, '{}', 'delivered', $2, $2, $2)""",
    ),
    "workers": ("workers", "INSERT INTO workers (id, started_at, seen_at) VALUES ($1::uuid::text, $2, $2)"),
    "rate-limits": (
        "rate_limit_reservations",
        """INSERT INTO rate_limit_reservations (platform, environment, external_account_id, call, taken, taken_at)
           VALUES ('tiktok', 'test', $1::uuid::text, 'init', ARRAY[$2::timestamptz], $2)""",
    ),
    "phone-events": (
        "phone_events",
        """INSERT INTO phone_events (id, organization_id, environment, phone_hash, kind, counted_at)
           SELECT $1, p.organization_id, 'live', '\\x00', 'sent', $2 FROM projects p""",
    ),
    "logins": (
        "oauth_states",
        """INSERT INTO oauth_states (state, key_id, organization_id, environment, project_id, platform, login, return_url,
                                     status, created_at, expires_at)
           SELECT $1::uuid::text, p.id, p.organization_id, 'test', p.id, 'tiktok', 'tiktok', 'http://localhost', 'failed', $2, $2
             FROM projects p""",
    ),
}
"""The table of a step, and a statement that writes a row with an id and an instant."""


def all_steps(context: Context, pool: Pool, settings: Settings) -> Sequence[Step]:
    """Return the steps of a round with these settings."""
    return [
        *steps(pool, WorkStore(pool, worker_id="a"), context.keyring, context.part(MediaStore), now=NOW),
        *retention_steps(settings, pool, TimelineSweep(pool), MediaRetention(pool, context.part(MediaStore)), now=NOW),
    ]


@pytest.mark.parametrize("name", OLD)
async def test_each_sweep_reports_what_it_deleted(context: Context, pool: Pool, settings: Settings, name: str) -> None:
    """A round deletes batch after batch until one is short, so a step must report the rows of each."""
    await owner_of_project(pool)
    table, statement = OLD[name]
    long_ago = NOW - timedelta(days=100)
    for number in range(5):
        at = long_ago + timedelta(hours=number)
        await pool.execute(statement, oldest_id(at), at)
    found = all_steps(context, pool, settings)
    (step,) = [step for step in found if step.name == name]
    assert isinstance(step.run, partial)
    assert step.run.keywords["limit"] == step.batch
    small = partial(step.run.func, *step.run.args, **{**step.run.keywords, "limit": 2})
    await run_steps([Step(name, small, 2)])
    assert await pool.fetchval(f"SELECT count(*) FROM {table}") == 0  # noqa: S608  a name from the list above


async def test_each_sweep_is_repeated_until_a_batch_is_short(context: Context, pool: Pool, settings: Settings) -> None:
    """The limit of a step's statement is the size at which the round takes a batch for full."""
    every = settings.model_copy(update={"keep_timelines": KEPT_FOR, "keep_audit_log": KEPT_FOR})
    found = all_steps(context, pool, every)
    assert {step.name for step in found} >= {"webhook-log", "timelines", "audit-log"}
    limits = {step.name: step.run.keywords.get("limit", 1) for step in found if isinstance(step.run, partial)}
    assert limits == {step.name: step.batch for step in found}
    assert set(OLD) <= limits.keys()
