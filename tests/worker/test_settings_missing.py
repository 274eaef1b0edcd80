"""A live post whose platform's settings are missing: it waits for them, and it comes to an end."""

import json
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from tests.clocks import MovableClock
from tests.posts.conftest import bare
from tests.worker.conftest import HurriedClock, WorkerWorld
from tests.worker.rows import NOW, entries_of, insert_account, insert_post, owner_of_project, status_of
from tests.worker.test_housekeeping import insert_sms

from presswork.db.pool import Pool
from presswork.notifications.notify_device import TextStatus
from presswork.platforms.settings import Settings
from presswork.worker.main import Worker, open_worker
from presswork.worker.missing_setting import setting_is_there
from presswork.worker.store import WorkStore

SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)
LIMIT = timedelta(hours=48)


@dataclass(frozen=True, kw_only=True)
class Unset:
    """A worker without the settings of live projects, and a live account."""

    pool: Pool
    worker: Worker
    clock: MovableClock
    account: UUID

    async def post(self, *, due: timedelta = timedelta(0)) -> UUID:
        """Write a queued post that is due so long after NOW."""
        return await insert_post(self.pool, self.account, due=NOW + due)

    async def called(self, *, live_at: datetime | None = None) -> UUID:
        """Write a post whose worker died after the call."""
        post = await self.post()
        await self.pool.execute(
            """UPDATE scheduled_posts SET status = 'publishing', leased_until = $2, live_call_at = $3, live_at = $4
                WHERE id = $1""",
            post,
            NOW,
            NOW - HOUR,
            live_at,
        )
        return post

    async def wait_out(self, *, until: timedelta) -> Sequence[timedelta]:
        """Work, and let the time pass that the posts wait for, until none is left or it is so late; return the waits."""
        waits = []
        while self.clock.now() < NOW + until:
            await self.worker.work_until_idle()
            wake = await self.pool.fetchval(
                """SELECT min(CASE status WHEN 'queued' THEN run_at ELSE leased_until END) FROM scheduled_posts
                    WHERE status IN ('queued', 'publishing')"""
            )
            if wake is None:
                break
            waits.append(wake - self.clock.now())
            self.clock.advance(waits[-1])
        return waits

    async def ended(self, post: UUID) -> tuple[str, dict[str, Any], timedelta]:
        """Return a post's status, its last error, and how long after NOW it was last written to."""
        row = await self.pool.fetchrow("SELECT status, last_error, updated_at FROM scheduled_posts WHERE id = $1", post)
        assert row is not None
        return row["status"], json.loads(row["last_error"] or "{}"), row["updated_at"] - NOW

    async def lines(self, post: UUID) -> Sequence[tuple[str, str]]:
        """Return a post's timeline: events and messages."""
        rows = await self.pool.fetch("SELECT event, message FROM post_events WHERE post_id = $1 ORDER BY id", post)
        return [(row["event"], row["message"]) for row in rows]


@pytest.fixture
async def unset(pool: Pool, settings: Settings, dsn: str) -> AsyncIterator[Unset]:
    """A live project with an account, and a worker whose settings name no public address."""
    await owner_of_project(pool)
    account = await insert_account(pool)
    for table in ("projects", "content_containers", "social_accounts"):
        await pool.execute(f"UPDATE {table} SET environment = 'live'")  # noqa: S608  the names come from here
    clock = MovableClock(instant=NOW)
    async with open_worker(settings, dsn=dsn, base_url="http://127.0.0.1:9", clock=clock) as worker:
        yield Unset(pool=pool, worker=worker, clock=clock, account=account)


@pytest.mark.exhaustive
async def test_a_post_does_not_wait_without_an_end(unset: Unset) -> None:
    """Looked at after a minute, then less and less often; after 48 hours it has failed, and says which setting it is."""
    post = await unset.post()
    waits = await unset.wait_out(until=LIMIT + HOUR)
    status, error, lasted = await unset.ended(post)
    assert (status, error["code"], error["step"], lasted) == ("failed", "INTERNAL", "settings", LIMIT)
    assert "PRESSWORK_PUBLIC_URL" in error["message"]
    assert "Nothing was posted" in error["message"]
    assert waits[:8] == [MINUTE, *[MINUTE * 2**power for power in range(6)], HOUR]
    assert (max(waits), sum(waits, timedelta())) == (HOUR, LIMIT)
    lines = await unset.lines(post)
    assert [event for event, _ in lines] == ["claimed", "waiting", "claimed", "failed"]
    assert "PRESSWORK_PUBLIC_URL" in lines[1][1]


async def test_a_post_that_may_be_live_ends_as_unknown(unset: Unset) -> None:
    """Its call was made, and without the setting Presswork can't look the outcome up."""
    post = await unset.called()
    await unset.wait_out(until=LIMIT + HOUR)
    status, error, lasted = await unset.ended(post)
    assert (status, error["code"], error["step"], lasted) == ("failed", "OUTCOME_UNKNOWN", "settings", LIMIT)
    assert "PRESSWORK_PUBLIC_URL" in error["message"]
    assert "Nothing was posted" not in error["message"]


async def test_a_post_that_is_live_waits_for_nothing(unset: Unset) -> None:
    """It is published at once. Its follow-ups wait for a day; then the timeline says that they were not done."""
    await unset.pool.execute("UPDATE content_containers SET first_comment = 'First!'")
    post = await unset.called(live_at=NOW - MINUTE)
    assert await unset.wait_out(until=LIMIT) == []
    assert await status_of(unset.pool, post) == "published"
    for _ in range(60):
        unset.clock.advance(HOUR / 2)
        await unset.worker.work_until_idle()
    lines = await unset.lines(post)
    assert [event for event, _ in lines] == ["claimed", "published", "first_comment", "permalink"]
    assert all("PRESSWORK_PUBLIC_URL" in line for _, line in lines[2:])
    assert await unset.pool.fetchval("SELECT count(*) FROM post_follow_ups") == 0
    assert await unset.pool.fetchval("SELECT first_comment_status FROM scheduled_posts") == "failed"


@pytest.mark.exhaustive
async def test_posts_of_an_account_wait_together(unset: Unset) -> None:
    """Those behind have waited as long as the first, so they end with it; one that falls due later has its own 48 hours.
    Each timeline has one entry about the wait; for those behind it names the first post."""
    at_once = [await unset.post() for _ in range(3)]
    later = await unset.post(due=40 * HOUR)
    await unset.wait_out(until=LIMIT + 42 * HOUR)
    ends = [await unset.ended(post) for post in [*at_once, later]]
    assert {(status, error["code"]) for status, error, _ in ends} == {("failed", "INTERNAL")}
    assert [lasted for _, _, lasted in ends[:3]] == [LIMIT] * 3
    assert ends[3][2] == LIMIT + 40 * HOUR
    for post in [*at_once[1:], later]:
        waiting = [json.loads(detail) for event, detail in await entries_of(unset.pool, post) if event == "waiting"]
        assert waiting[0]["behind"] == f"sp_{at_once[0]}"
        assert len(waiting) <= 2
        assert len(await unset.lines(post)) <= 5


async def test_posts_behind_keep_their_places(unset: Unset) -> None:
    """Those that fell due while the first one waited go in that order afterwards, not in that of their acceptance."""
    first = await unset.post()
    second = await unset.post(due=40 * SECOND)
    before_it = await unset.post(due=20 * SECOND)
    await unset.wait_out(until=3 * MINUTE)
    await unset.pool.execute(
        "UPDATE scheduled_posts SET status = 'canceled', leased_by = NULL, leased_until = NULL WHERE id = $1", first
    )
    store, now = WorkStore(unset.pool, worker_id="another"), unset.clock.now() + HOUR
    (next_one,) = await store.claim(now=now, lease=MINUTE, limit=5)
    assert next_one.id == before_it != second


async def test_once_the_setting_is_there_those_behind_are_due_again(unset: Unset) -> None:
    """They were snoozed with the first one, for up to an hour; when it continues, they are due again."""
    await unset.post()
    behind = await unset.post(due=20 * SECOND)
    await unset.wait_out(until=5 * MINUTE)
    bench, now = unset.worker.context, unset.clock.now() + HOUR
    (first,) = await bench.store.claim(now=now, lease=MINUTE, limit=5)
    await setting_is_there(bench, first)
    assert await unset.pool.fetchval("SELECT run_at FROM scheduled_posts WHERE id = $1", behind) == NOW + 20 * SECOND


async def test_a_post_of_a_disconnected_account_is_canceled(unset: Unset) -> None:
    """As it would be with the setting; but not where it may be live."""
    first, second = await unset.post(), await unset.post()
    await unset.worker.work_until_idle()
    await unset.pool.execute(
        "UPDATE social_accounts SET status = 'disconnected', sealed_tokens = NULL, refresh_due_at = NULL,"
        " disconnected_at = now()"
    )
    unset.clock.advance(MINUTE)
    await unset.worker.work_until_idle()
    assert [await status_of(unset.pool, post) for post in (first, second)] == ["canceled", "canceled"]
    third = await unset.called()
    await unset.worker.work_until_idle()
    assert await status_of(unset.pool, third) == "publishing"


@pytest.mark.parametrize("status", [TextStatus.QUEUED, TextStatus.SENDING])
async def test_a_text_does_not_wait_without_an_end(unset: Unset, status: TextStatus) -> None:
    """A message that was not sent fails after 48 hours; one that may have been sent ends as unknown."""
    await insert_sms(unset.pool, status, ended_at=NOW)
    called_at = None if status is TextStatus.QUEUED else NOW
    await unset.pool.execute("UPDATE text_messages SET run_at = $1, called_at = $2", NOW, called_at)
    for wait in (timedelta(), LIMIT - MINUTE, MINUTE):
        row = await unset.pool.fetchrow("SELECT status FROM text_messages")
        assert row is not None
        assert row["status"] == status
        unset.clock.advance(wait)
        await unset.worker.work_until_idle()
    row = await unset.pool.fetchrow("SELECT status, error FROM text_messages")
    assert row is not None
    assert row["status"] == ("failed" if status is TextStatus.QUEUED else "unknown")
    assert "PRESSWORK_SMS_ACCOUNT_SID" in row["error"]


async def test_with_the_setting_the_post_goes_on(worker_world: WorkerWorld, picture: bytes) -> None:
    """It is published once the setting is there, and another time the setting is waited for as long again."""
    project = await worker_world.world.project()
    account = await worker_world.world.account(project, "instagram", "brand")
    container = await worker_world.world.content(project, picture)
    first, second = await worker_world.world.publish(container, account, account)
    without, url = worker_world.settings.model_copy(update={"sandbox": False}), worker_world.world.api.base_url
    async with open_worker(without, dsn=worker_world.dsn, base_url=url, clock=HurriedClock()) as worker:
        await worker.work_until_idle()
    pool = worker_world.world.api.context.pool
    waiting = [json.loads(detail) for event, detail in await entries_of(pool, bare(first)) if event == "waiting"]
    assert len(waiting) == 1
    assert await pool.fetchval("SELECT count(*) FROM scheduled_posts WHERE missing_since IS NULL") == 0
    async with open_worker(
        worker_world.settings, dsn=worker_world.dsn, base_url=url, clock=HurriedClock(ahead=2 * MINUTE)
    ) as worker:
        await worker.work_until_idle()
    for post in (first, second):
        assert (await worker_world.world.post(post))["status"] == "published"
        (line,) = [entry for entry in await worker_world.world.timeline(post) if entry["event"] == "waiting"]
        assert "PRESSWORK_SANDBOX" in line["message"]
    assert await pool.fetchval("SELECT count(*) FROM scheduled_posts WHERE missing_since IS NOT NULL") == 0
