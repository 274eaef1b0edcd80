"""Statements that lock several rows lock them in one order, so that they do not deadlock."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack
from datetime import timedelta
from typing import Final
from uuid import UUID, uuid4

import asyncpg
import pytest
from tests.db.statements import STATEMENTS

_WAITING: Final = """SELECT count(*) FROM pg_stat_activity
 WHERE datname = current_database() AND wait_event_type = 'Lock'"""
_IDS: Final = [UUID(int=number) for number in range(1, 6)]
"""Posts of one lane. The first is in progress; of the others, a higher id is due earlier and stored earlier."""
_LANE: Final = uuid4()


@pytest.fixture
async def sessions(owner_dsn: str) -> AsyncIterator[Sequence["asyncpg.Connection[asyncpg.Record]"]]:
    """Three sessions on a database with one lane of posts and one endpoint with a delivery."""
    async with AsyncExitStack() as stack:
        opened = [await asyncpg.connect(owner_dsn) for _ in range(3)]
        for connection in opened:
            stack.push_async_callback(connection.close)
        await opened[0].execute(
            """INSERT INTO scheduled_posts (id, project_id, organization_id, environment, container_id, social_account_id,
                      platform, mode, status, scheduled_for, run_at, platform_state, error_count, version, created_at, updated_at,
                      leased_by, leased_until, missing_since, attempted_at, due_at)
               SELECT p.id, $2, $2, 'test', $2, $2, 'instagram', 'publish',
                      CASE p.place WHEN 1 THEN 'publishing' ELSE 'queued' END, now() - p.place * interval '1 hour',
                      now() - p.place * interval '1 hour', '{}', 0, 1, now() - interval '1 day', now(),
                      CASE p.place WHEN 1 THEN 'worker' END, CASE p.place WHEN 1 THEN now() + interval '1 hour' END,
                      CASE p.place WHEN 1 THEN NULL ELSE now() END, CASE p.place WHEN 1 THEN now() END,
                      CASE p.place WHEN 1 THEN NULL ELSE now() - p.place * interval '1 hour' END
                 FROM unnest($1::uuid[]) WITH ORDINALITY AS p(id, place) ORDER BY p.place DESC""",
            _IDS,
            _LANE,
        )
        yield opened


async def _run_behind(
    sessions: Sequence["asyncpg.Connection[asyncpg.Record]"],
    lock: str,
    held: UUID,
    statement: str,
    arguments: list[object],
) -> asyncio.Task[object]:
    """Lock a row, start a statement that waits for it, and return its task once it waits."""
    rival, worker, _ = sessions
    await rival.execute("BEGIN")
    await rival.execute(lock, held)
    task: asyncio.Task[object] = asyncio.create_task(worker.fetch(statement, *arguments))
    async with asyncio.timeout(60):
        while not await rival.fetchval(_WAITING):
            assert not task.done(), task.exception() or task.result()
    return task


def _many(now: object) -> Mapping[tuple[str, str], list[object]]:
    until = now + timedelta(hours=5)  # type: ignore[operator]  # asyncpg returns a datetime
    return {
        ("posts/queries.sql", "cancel_post"): [_LANE, "test", _IDS[0], now, "message", "{}"],
        ("posts/queries.sql", "cancel_queued"): [None, _LANE, now, "why"],
        ("posts/queries.sql", "lock_open_posts"): [_LANE],
        ("worker/missing_setting.sql", "wait_for_setting"): [
            _IDS[0], 1, now, until, now, _LANE, "reason", "waiting", "message", "{}",
        ],
        ("worker/missing_setting.sql", "setting_is_there"): [_IDS[0], 1, _LANE],
        ("worker/queries.sql", "snooze"): [_IDS[0], 1, now, until, _LANE, "message", None, timedelta(minutes=5)],
    }  # fmt: skip


@pytest.mark.parametrize("statement", list(_many(timedelta())), ids=lambda statement: statement[1])
async def test_posts_are_locked_by_ascending_id(
    sessions: Sequence["asyncpg.Connection[asyncpg.Record]"], statement: tuple[str, str]
) -> None:
    """A statement that waits for the queued post with the lowest id holds no lock on the others, which are due earlier."""
    rival, _, observer = sessions
    arguments = _many(await observer.fetchval("SELECT now()"))[statement]
    task = await _run_behind(
        sessions, "SELECT FROM scheduled_posts WHERE id = $1 FOR UPDATE", _IDS[1], STATEMENTS[statement], arguments
    )
    free = await observer.fetch("SELECT id FROM scheduled_posts WHERE id = ANY($1) FOR UPDATE SKIP LOCKED", _IDS[2:])
    await rival.execute("ROLLBACK")
    await task
    assert len(free) == 3


@pytest.mark.parametrize("name", ["cancel_post", "wait_for_setting", "setting_is_there", "snooze"])
async def test_the_first_post_of_a_lane_is_locked_in_its_order(
    sessions: Sequence["asyncpg.Connection[asyncpg.Record]"], name: str
) -> None:
    """While a statement waits for a post behind the first with a lower id, the first post itself is not locked."""
    rival, _, observer = sessions
    first = UUID(int=9)
    await observer.execute("UPDATE scheduled_posts SET id = $2 WHERE id = $1", _IDS[0], first)
    many = _many(await observer.fetchval("SELECT now()"))
    (statement,) = [statement for statement in many if statement[1] == name]
    arguments = [first if argument == _IDS[0] else argument for argument in many[statement]]
    task = await _run_behind(
        sessions, "SELECT FROM scheduled_posts WHERE id = $1 FOR UPDATE", _IDS[1], STATEMENTS[statement], arguments
    )
    free = await observer.fetch("SELECT id FROM scheduled_posts WHERE id <> $1 FOR UPDATE SKIP LOCKED", _IDS[1])
    await rival.execute("ROLLBACK")
    await task
    assert len(free) == 4
    left = await observer.fetchrow(
        """SELECT (SELECT version FROM scheduled_posts WHERE id = $1),
                  (SELECT array_agg(DISTINCT (status, due_at IS NULL, missing_since IS NULL)::text) FROM scheduled_posts WHERE id <> $1)""",
        first,
    )
    assert left is not None
    expected = {
        "cancel_post": "(queued,t,f)",
        "wait_for_setting": "(queued,f,f)",
        "setting_is_there": "(queued,t,t)",
        "snooze": "(queued,f,f)",
    }
    assert tuple(left) == (2, [expected[name]])


@pytest.mark.parametrize("name", ["delivered", "not_delivered"])
async def test_an_endpoint_is_locked_before_its_delivery(
    sessions: Sequence["asyncpg.Connection[asyncpg.Record]"], name: str
) -> None:
    """While settling a delivery waits for the endpoint, the delivery is not locked, as in the deletion of an endpoint."""
    rival, _, observer = sessions
    endpoint, delivery = uuid4(), uuid4()
    now = await observer.fetchval("SELECT now()")
    await observer.execute("INSERT INTO organizations (id, name, created_at) VALUES ($1, 'Acme', now())", _LANE)
    await observer.execute(
        """INSERT INTO webhook_endpoints (id, organization_id, environment, url, events, status, failures_in_row, sealed_secret,
                  created_at, updated_at)
           VALUES ($1, $2, 'test', 'https://hooks.example.com', '{post.failed}', 'active', 3, 'sealed', now(), now())""",
        endpoint,
        _LANE,
    )
    await observer.execute(
        """INSERT INTO webhook_deliveries (id, endpoint_id, organization_id, environment, event_id, event_type, occurred_at,
                  data, status, due_at, created_at)
           VALUES ($1, $2, $3, 'test', $1, 'post.failed', now(), '{}', 'pending', now(), now())""",
        delivery,
        endpoint,
        _LANE,
    )
    more = {
        "delivered": [],
        "not_delivered": [0, now, timedelta(0), timedelta(0), 10, 20, False, "https://hooks.example.com"],
    }[name]
    arguments = [delivery, endpoint, now, "{}", *more]
    task = await _run_behind(
        sessions,
        "SELECT FROM webhook_endpoints WHERE id = $1 FOR UPDATE",
        endpoint,
        STATEMENTS["worker/lanes.sql", name],
        arguments,
    )
    free = await observer.fetch("SELECT id FROM webhook_deliveries FOR UPDATE SKIP LOCKED")
    await rival.execute("ROLLBACK")
    await task
    assert len(free) == 1
