"""Two versions at work: a post with a value that only the newer one knows is left to it, and nothing else waits."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import pytest
from tests.databases import owner_of
from tests.tiers import exhaustive
from tests.worker.rows import NOW, insert_account, insert_post, owner_of_project, status_of

from presswork.db.one_connection import connected
from presswork.db.pool import Pool
from presswork.telemetry import meters
from presswork.worker.newer_rows import MAX_WAIT
from presswork.worker.post_row import PostRow
from presswork.worker.sms import SmsStore
from presswork.worker.store import WorkStore

LEASE: Final = timedelta(seconds=30)
NEWER: Final = {
    "scheduled_posts.mode": "broadcast",
    "scheduled_posts.platform": "friendster",
    "social_accounts.login": "friendster",
    "social_accounts.status": "limited",
    "content_containers.media_type": "audio",
    "scheduled_posts.options": '{"tiktokPostSettings":{"privacyLevel":"SELF_ONLY","isHologram":true}}',
    "text_messages.kind": "poll",
}
"""A value of a newer version in each column that a post or message is read from and that has a list of values or options."""


class NewerStore(WorkStore):
    """A worker of the newer version, which can read every post; here it only notes which ones it has."""

    claimed: Sequence[UUID] = ()

    async def load(self, post_ids: Sequence[UUID], *, now: datetime | None = None) -> Sequence[PostRow]:
        """Note the posts."""
        self.claimed = [*self.claimed, *post_ids]
        return []


@pytest.fixture
async def older(pool: Pool) -> WorkStore:
    """A worker of this version."""
    await owner_of_project(pool)
    return WorkStore(pool, worker_id="older")


async def upgraded(dsn: str, place: str) -> None:
    """Put the value of a newer version in a column, as its migration and its API would."""
    table, column = place.split(".")
    async with connected(owner_of(dsn)) as owner:
        checks = await owner.fetch(
            "SELECT conname FROM pg_constraint WHERE conrelid = $1::text::regclass AND contype = 'c'", table
        )
        for row in checks:
            await owner.execute(f"ALTER TABLE {table} DROP CONSTRAINT {row['conname']}")
        await owner.execute(f"UPDATE {table} SET {column} = $1", NEWER[place])  # noqa: S608  names from the list above


async def claimed(store: WorkStore, *, at: timedelta = timedelta(0)) -> list[UUID]:
    """Claim what there is at an instant after the posts fell due."""
    now = NOW + at
    return [post.id for post in await store.claim(now=now, lease=LEASE, limit=9)]


def skipped() -> float:
    """Return how many posts were left to a newer version so far."""
    return meters.WORKER.get_sample_value("presswork_posts_left_to_newer_version_total") or 0.0


@pytest.mark.parametrize("place", [place for place in NEWER if not place.startswith("text_messages")])
@pytest.mark.parametrize("is_live", [False, *exhaustive([True])], ids=lambda is_live: "live" if is_live else "queued")
async def test_a_post_of_a_newer_version_is_left_to_it(
    pool: Pool, older: WorkStore, dsn: str, place: str, is_live: bool
) -> None:
    """It neither fails nor is claimed again and again, live or not; the worker of the newer version has it at once."""
    post = await insert_post(pool, await insert_account(pool), due=NOW)
    if is_live:
        await pool.execute(
            "UPDATE scheduled_posts SET status = 'publishing', leased_by = 'dead', leased_until = $2, live_call_at = $2, "
            "live_at = $2 WHERE id = $1",
            post,
            NOW,
        )
    await upgraded(dsn, place)
    before = skipped()
    assert await claimed(older) == []
    version = await pool.fetchval("SELECT version FROM scheduled_posts WHERE id = $1", post)
    assert await status_of(pool, post) == "publishing"
    for minutes in (0, 1, 60):
        assert await claimed(older, at=timedelta(minutes=minutes)) == []
    assert await pool.fetchval("SELECT version FROM scheduled_posts WHERE id = $1", post) == version
    assert skipped() - before == 1
    newer = NewerStore(pool, worker_id="newer")
    await claimed(newer)
    assert newer.claimed == [post]


@pytest.mark.parametrize("is_live", [False, True], ids=["queued", "live"])
async def test_the_wait_for_a_newer_version_ends(pool: Pool, older: WorkStore, is_live: bool) -> None:
    """No worker is upgraded, or the value is one that this version no longer has: the post ends, and its lane continues."""
    account = await insert_account(pool)
    post = await insert_post(pool, account, due=NOW)
    behind = await insert_post(pool, account, due=NOW + timedelta(seconds=1))
    await pool.execute("UPDATE scheduled_posts SET options = $2 WHERE id = $1", post, NEWER["scheduled_posts.options"])
    if is_live:
        await pool.execute(
            "UPDATE scheduled_posts SET status = 'publishing', leased_by = 'dead', leased_until = $2, live_call_at = $2, "
            "live_at = $2, attempted_at = $2 WHERE id = $1",
            post,
            NOW,
        )
    assert await claimed(older) == []
    assert await claimed(older, at=MAX_WAIT - timedelta(seconds=1)) == []
    assert await status_of(pool, post) == "publishing"
    assert await claimed(older, at=MAX_WAIT) == []
    stored = await pool.fetchrow(
        "SELECT status, last_error::json ->> 'message' AS why FROM scheduled_posts WHERE id = $1", post
    )
    assert stored is not None
    if is_live:
        assert tuple(stored) == ("published", None)
    else:
        assert stored["status"] == "failed"
        assert "tiktokPostSettings.isHologram" in stored["why"]
        assert "48 h:" in stored["why"]
    assert await claimed(older, at=MAX_WAIT) == [behind]


async def test_other_posts_do_not_wait(pool: Pool, older: WorkStore, dsn: str) -> None:
    """Only the lane of the post waits for the newer version, in its order; other accounts publish."""
    waiting, other = await insert_account(pool), await insert_account(pool)
    first = await insert_post(pool, waiting, due=NOW)
    second = await insert_post(pool, waiting, due=NOW + timedelta(seconds=1))
    known = await insert_post(pool, other, due=NOW)
    await upgraded(dsn, "scheduled_posts.mode")
    await pool.execute("UPDATE scheduled_posts SET mode = 'publish' WHERE id <> $1", first)
    later = timedelta(minutes=1)
    assert await claimed(older, at=later) == [known]
    assert await status_of(pool, second) == "queued"
    newer = NewerStore(pool, worker_id="newer")
    await claimed(newer, at=later)
    assert newer.claimed == [first]


async def test_a_post_that_no_version_can_read_still_fails(pool: Pool, older: WorkStore) -> None:
    """What is stored is broken, not newer: the post fails, and its lane continues."""
    account = await insert_account(pool)
    broken = await insert_post(pool, account, due=NOW)
    second = await insert_post(pool, account, due=NOW + timedelta(seconds=1))
    await pool.execute("UPDATE scheduled_posts SET platform_state = '{' WHERE id = $1", broken)
    later = timedelta(minutes=1)
    assert await claimed(older, at=later) == []
    assert await status_of(pool, broken) == "failed"
    assert await claimed(older, at=later) == [second]


@pytest.mark.parametrize("is_live", [False, True], ids=["queued", "live"])
async def test_a_value_that_a_rule_refuses_is_not_newer(pool: Pool, older: WorkStore, is_live: bool) -> None:
    """A rule has become stricter, or SQL has changed the value: this version reads the post, and says what it refuses."""
    refused = {
        "blueskyPostSettings.languages": '{"languages": ["en", "de", "fr", "pt"]}',
        "youtubePostSettings.title": f'{{"title": "{"x" * 101}"}}',
        "tiktokPostSettings.coverIndex": '{"coverIndex": "first"}',
        "tiktokMusic.mode": '{"trackId": null}',
        "shareReelToFeed": '"perhaps"',
    }
    posts = {}
    for path, value in refused.items():
        post = await insert_post(pool, await insert_account(pool), due=NOW)
        options = f'{{"{path.partition(".")[0]}": {value}}}'
        await pool.execute("UPDATE scheduled_posts SET options = $2 WHERE id = $1", post, options)
        posts[post] = path
    if is_live:
        await pool.execute(
            "UPDATE scheduled_posts SET status = 'publishing', leased_by = 'dead', leased_until = $1, live_call_at = $1, "
            "live_at = $1",
            NOW,
        )
    read = {post.id: post.refused_options for post in await older.claim(now=NOW, lease=LEASE, limit=9)}
    assert {posts[post]: [name for name, _ in found] for post, found in read.items()} == {
        path: [path] for path in refused
    }


async def test_a_follow_up_of_a_newer_version_is_left_to_it(pool: Pool, older: WorkStore, dsn: str) -> None:
    """The post is live and its comment is missing: the older worker skips it, and a newer one has it at once."""
    post = await insert_post(pool, await insert_account(pool), due=NOW)
    await pool.execute(
        "INSERT INTO post_follow_ups (post_id, needs_location, needs_comment, run_at, gives_up_at, attempts)"
        " VALUES ($1, false, true, $2, $2::timestamptz + interval '1 day', 0)",
        post,
        NOW,
    )
    await upgraded(dsn, "scheduled_posts.mode")
    before = skipped()
    assert [left.post_id for left in await older.claim_follow_ups(now=NOW, lease=LEASE, limit=9)] == [post]
    assert await older.load([post], now=NOW) == []
    for minutes in (0, 1, 60):
        assert await older.claim_follow_ups(now=NOW + timedelta(minutes=minutes), lease=LEASE, limit=9) == []
    assert skipped() - before == 1
    newer = WorkStore(pool, worker_id="newer")
    (left,) = await newer.claim_follow_ups(now=NOW, lease=LEASE, limit=9)
    assert (left.post_id, left.attempts) == (post, 1)


async def test_a_text_message_of_a_newer_version_is_left_to_it(pool: Pool, dsn: str) -> None:
    """Its kind is unknown: it neither fails nor is claimed again and again, and the others are sent."""
    await owner_of_project(pool)
    for body in ("newer", "known"):
        await pool.execute(
            """INSERT INTO text_messages (id, notice_id, position, container_id, organization_id, environment, kind, phone,
                                          body, has_link, status, run_at, created_at, updated_at)
               SELECT gen_random_uuid(), gen_random_uuid(), 0, c.id, c.organization_id, c.environment, 'caption',
                      '+4915112345667', $1, false, 'queued', $2, $2, $2 FROM content_containers c""",
            body,
            NOW,
        )
    await upgraded(dsn, "text_messages.kind")
    await pool.execute("UPDATE text_messages SET kind = 'caption' WHERE body = 'known'")
    before = meters.WORKER.get_sample_value("presswork_sms_left_to_newer_version_total") or 0.0
    older = SmsStore(pool, worker_id="older", lease=LEASE)
    assert [sms.body for sms in await older.claim(limit=9, now=NOW)] == ["known"]
    read = "SELECT status, leased_by, run_at, version FROM text_messages WHERE body = 'newer'"
    released = await pool.fetchrow(read)
    assert released is not None
    assert tuple(released)[:3] == ("queued", None, NOW)
    for minutes in (0, 1, 60):
        assert "newer" not in [sms.body for sms in await older.claim(limit=9, now=NOW + timedelta(minutes=minutes))]
    assert await pool.fetchrow(read) == released
    assert (meters.WORKER.get_sample_value("presswork_sms_left_to_newer_version_total") or 0.0) - before == 1
