"""Writes of many posts in one statement: each succeeds or fails for itself, and none waits for another."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

import asyncpg
import pytest
from tests.db.statements import STATEMENTS
from tests.worker.conftest import WorkerWorld
from tests.worker.rows import insert_account, insert_post, owner_of_project

from presswork.db.pool import Pool, parts_of, pool_of
from presswork.jobs.runner import LeaseLost
from presswork.posts.model import Event
from presswork.worker.post_row import PostRow
from presswork.worker.store import WorkStore

NOW: Final = datetime(2026, 11, 24, 12, tzinfo=UTC)
LEASE: Final = timedelta(minutes=5)
POSTS: Final = 20


@dataclass(frozen=True, kw_only=True)
class Ground:
    """A store with claimed posts of as many accounts."""

    pool: Pool
    store: WorkStore
    posts: Sequence[PostRow]

    async def go_live(self, *posts: PostRow) -> list[BaseException | None]:
        """Write `live_call_at` of posts at the same moment."""
        writes = [self.store.go_live(post, {"prepared": {}}, "Going.", now=NOW) for post in posts]
        return list(await asyncio.gather(*writes, return_exceptions=True))

    async def called(self) -> set[UUID]:
        """Return the posts whose call may be made."""
        return {
            row["id"] for row in await self.pool.fetch("SELECT id FROM scheduled_posts WHERE live_call_at IS NOT NULL")
        }


@pytest.fixture
async def ground(dsn: str) -> AsyncIterator[Ground]:
    """Twenty claimed posts of twenty accounts."""
    async with pool_of(dsn, min_size=0) as pool:
        await owner_of_project(pool)
        for _ in range(POSTS):
            await insert_post(pool, await insert_account(pool), due=NOW, accepted=NOW)
        store = WorkStore(pool, worker_id="one")
        posts = await store.claim(now=NOW, lease=LEASE, limit=POSTS)
        yield Ground(pool=pool, store=store, posts=posts)


async def test_posts_that_are_ready_together_share_a_commit(ground: Ground) -> None:
    """Twenty posts are written by one transaction, each with its new version and its timeline entry."""
    versions = [post.version for post in ground.posts]
    assert await ground.go_live(*ground.posts) == [None] * POSTS
    assert await ground.pool.fetchval("SELECT count(DISTINCT xmin::text) FROM scheduled_posts") == 1
    assert [post.version for post in ground.posts] == [version + 1 for version in versions]
    entries = await ground.pool.fetch("SELECT post_id, message FROM post_events WHERE event = 'going_live'")
    assert sorted((row["post_id"], row["message"]) for row in entries) == sorted(
        (post.id, "Going.") for post in ground.posts
    )


async def test_each_post_is_fenced_by_its_own_version(ground: Ground) -> None:
    """One of the posts was claimed by another worker since: its write is lost, the others' are not."""
    late, *others = ground.posts
    await ground.pool.execute(
        "UPDATE scheduled_posts SET version = version + 1, leased_by = 'two' WHERE id = $1", late.id
    )
    results = await ground.go_live(*ground.posts)
    assert isinstance(results[0], LeaseLost)
    assert results[1:] == [None] * len(others)
    assert await ground.called() == {post.id for post in others}


async def test_a_post_is_not_called_twice(ground: Ground) -> None:
    """A write whose condition does not hold is lost at once, although the version is the same."""
    called = ground.posts[0]
    await ground.pool.execute("UPDATE scheduled_posts SET live_call_at = $2 WHERE id = $1", called.id, NOW)
    async with asyncio.timeout(20):
        results = await ground.go_live(*ground.posts)
    assert [type(result) for result in results] == [LeaseLost, *[type(None)] * (POSTS - 1)]


async def test_a_value_that_can_not_be_stored_harms_its_own_post_only(ground: Ground) -> None:
    """PostgreSQL refuses one of the documents: that post gets the error, and the others are written."""
    bad, *others = ground.posts
    writes = [ground.store.save(post, {"text": "\0" if post is bad else "fine"}, now=NOW) for post in ground.posts]
    results = await asyncio.gather(*writes, return_exceptions=True)
    assert isinstance(results[0], asyncpg.DataError)
    assert results[1:] == [None] * len(others)
    stored = await ground.pool.fetch("SELECT id FROM scheduled_posts WHERE platform_state LIKE '%fine%'")
    assert {row["id"] for row in stored} == {post.id for post in others}


async def test_a_locked_post_delays_no_other(ground: Ground) -> None:
    """Another transaction holds one row: the others are written meanwhile, and that one when it is free."""
    held, *others = ground.posts
    async with ground.pool.acquire() as rival:
        transaction = rival.transaction()
        await transaction.start()
        await rival.execute("SELECT FROM scheduled_posts WHERE id = $1 FOR UPDATE", held.id)
        waiting = asyncio.create_task(ground.go_live(held))
        async with asyncio.timeout(20):
            assert await ground.go_live(*others) == [None] * len(others)
        assert not waiting.done()
        await transaction.rollback()
    assert await waiting == [None]
    assert len(await ground.called()) == POSTS


async def test_a_write_that_is_canceled_cancels_no_other(ground: Ground) -> None:
    """The attempt whose write starts the statement is canceled: the others are written, and its own write is not made."""
    first, *others = ground.posts
    task = asyncio.create_task(ground.go_live(first))
    await asyncio.sleep(0)
    rest = asyncio.create_task(ground.go_live(*others))
    await asyncio.sleep(0)
    task.cancel()
    assert await rest == [None] * len(others)
    assert await ground.called() == {post.id for post in others}


async def test_entries_for_later_come_with_the_next_write(ground: Ground) -> None:
    """They are in the timeline in their order, and with the version that the write checks."""
    post = ground.posts[0]
    post.add(Event.PREPARED, "Ready.", {"a": 1}, at=NOW)
    assert await ground.go_live(post) == [None]
    found = await ground.pool.fetch("SELECT event, detail FROM post_events WHERE post_id = $1 ORDER BY id", post.id)
    assert [row["event"] for row in found] == ["claimed", "prepared", "going_live"]


async def test_the_worker_never_plans_a_statement_again(worker_world: WorkerWorld, picture: bytes) -> None:
    """Each statement of queries.sql that a post's life needs runs on a session that keeps its plan."""
    project = await worker_world.world.project()
    account = await worker_world.world.account(project, "instagram", "bakery")
    (post,) = await worker_world.deliver(await worker_world.world.content(project, picture), account)
    assert post["status"] == "published"
    names = {text: name for (file, name), text in STATEMENTS.items() if file == "worker/queries.sql"}
    found = set()
    for part in parts_of(worker_world.worker.context.pool):
        for connection in [await part.acquire() for _ in range(part.get_size())]:
            for row in await connection.fetch("SELECT statement, custom_plans FROM pg_prepared_statements"):
                if (name := names.get(row["statement"])) is not None:
                    assert row["custom_plans"] == 0, name
                    found.add(name)
            await part.release(connection)
    assert found >= {"claim", "load", "next_post_due", "save", "go_live", "live", "settle_published"}
