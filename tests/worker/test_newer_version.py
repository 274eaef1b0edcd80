"""Two versions at work: a post with a value that only the newer one knows is left to it, and nothing else waits."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import pytest
from tests.conftest import owner_of
from tests.worker.rows import NOW, insert_account, insert_post, owner_of_project, status_of

from presswork.cli.database import connected
from presswork.db.pool import Pool
from presswork.telemetry import meters
from presswork.worker.post_row import PostRow
from presswork.worker.store import WorkStore

LEASE: Final = timedelta(seconds=30)
NEWER: Final = {
    "scheduled_posts.mode": "broadcast",
    "scheduled_posts.platform": "threads",
    "social_accounts.login": "threads",
    "social_accounts.status": "limited",
    "content_containers.media_type": "audio",
}
"""A value of a newer version in each column that a post is read from and that has a list of values."""


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


@pytest.mark.parametrize("place", NEWER)
@pytest.mark.parametrize("is_live", [False, True], ids=["queued", "live"])
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
