"""Canceling against going live, over and over: never "canceled" for a post that is live, never live after "canceled"."""

import asyncio
import random
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

import asyncpg
import pytest
from tests.worker.conftest import WorkerWorld

from presswork.callers.model import Principal, Tier
from presswork.core.enums import Environment
from presswork.core.ids import new_id
from presswork.db.pool import Pool
from presswork.jobs.runner import LeaseLost
from presswork.posts.cancel import cancel_post
from presswork.posts.model import PostNotCancelable
from presswork.worker.post_row import PostRow
from presswork.worker.store import WorkStore

ROUNDS: Final = 400
"""Rounds at the level of statements. Thousands were run manually; this number is enough to find a defect."""
POSTS: Final = 120  # five for each account: TikTok accepts six a minute
NOW: Final = datetime(2026, 11, 24, 12, tzinfo=UTC)

_INSERT: Final = """
WITH account AS (
    INSERT INTO social_accounts (id, project_id, organization_id, environment, platform, login, external_id, handle, status, scopes,
                                 sealed_tokens, connected_at, created_at, updated_at)
    SELECT $2, p.id, p.organization_id, p.environment, 'tiktok', 'tiktok', $2::uuid::text, 'brand', 'connected', '{}', 'sealed', $4, $4, $4
      FROM projects p RETURNING id, project_id, organization_id, environment
)
INSERT INTO scheduled_posts (id, project_id, organization_id, environment, container_id, social_account_id, platform, mode, status,
                             scheduled_for, run_at, platform_state, error_count, version, created_at, updated_at)
SELECT $1, a.project_id, a.organization_id, a.environment, $3, a.id, 'tiktok', 'publish', 'queued', $4, $4, '{}', 0, 1, $4, $4
  FROM account a
"""


async def _scene(pool: Pool) -> tuple[Principal, UUID]:
    """Write a project with a container; return who owns it, and the container."""
    organization, project, container = new_id(), new_id(), new_id()
    await pool.execute("INSERT INTO organizations (id, name, created_at) VALUES ($1, 'Acme', $2)", organization, NOW)
    await pool.execute(
        """INSERT INTO projects (id, organization_id, environment, name, timezone, metadata, status, review_policy, created_at, updated_at)
           VALUES ($1, $2, 'test', 'P', 'UTC', '{}', 'active', 'auto_approve', $3, $3)""",
        project,
        organization,
        NOW,
    )
    await pool.execute(
        """INSERT INTO content_containers (id, project_id, organization_id, environment, status, approval_status, media_type,
                                           caption, created_at, updated_at)
           VALUES ($1, $2, $3, 'test', 'completed', 'not_required', 'image', 'Hi', $4, $4)""",
        container,
        project,
        organization,
        NOW,
    )
    owner = Principal(
        key_id=new_id(),
        organization_id=organization,
        environment=Environment.TEST,
        scopes=frozenset(),
        tier=Tier.UNLIMITED,
        return_domains=(),
        operator_id=None,
    )
    return owner, container


async def _go(store: WorkStore, post: PostRow, dice: random.Random) -> bool:
    """Do what an attempt does up to the call; True: the call would be made now."""
    for _ in range(dice.randrange(3)):
        await asyncio.sleep(0)
    try:
        if dice.random() < 0.5:
            await store.save(post, {"step": 1}, now=NOW)
        await store.go_live(post, {"prepared": {}}, "Going.", now=NOW)
    except LeaseLost:
        return False
    return True


async def _cancel(pool: Pool, owner: Principal, post: UUID, dice: random.Random) -> bool:
    """Cancel; True: "canceled" was answered."""
    for _ in range(dice.randrange(3)):
        await asyncio.sleep(0)
    try:
        await cancel_post(pool, post, visible_to=owner, reason=None, now=NOW)
    except PostNotCancelable:
        return False
    return True


@pytest.mark.exhaustive
async def test_of_going_live_and_canceling_exactly_one_happens(pool: Pool) -> None:
    """A worker's last step before the call and a person's cancel, on two connections at once: one of them wins, each time."""
    owner, container = await _scene(pool)
    store = WorkStore(pool, worker_id="worker")
    dice, went, stopped = random.Random(7), 0, 0  # noqa: S311  a die
    for _ in range(ROUNDS):
        post_id = new_id()
        await pool.execute(_INSERT, post_id, new_id(), container, NOW)
        (post,) = await store.claim(now=NOW, lease=timedelta(seconds=30), limit=1)
        is_asked, is_canceled = await asyncio.gather(_go(store, post, dice), _cancel(pool, owner, post_id, dice))
        assert is_asked != is_canceled
        went, stopped = went + is_asked, stopped + is_canceled
        row = await pool.fetchrow("SELECT status, live_call_at FROM scheduled_posts WHERE id = $1", post_id)
        assert row is not None
        assert (row["status"], row["live_call_at"] is None) == (
            "canceled" if is_canceled else "publishing",
            is_canceled,
        )
        if is_asked:  # out of the way of the rounds to come
            await store.live(post, external_id="1", external_url=None, message="Live.", now=NOW)
    assert went > ROUNDS / 20
    assert stopped > ROUNDS / 20


@pytest.mark.slow
async def test_what_was_answered_as_canceled_is_on_no_feed(worker_world: WorkerWorld, picture: bytes) -> None:
    """Posts are canceled at any moment of their delivery: exactly those that were not answered "canceled" are live, once."""
    world, dice = worker_world.world, random.Random(11)  # noqa: S311  a die
    project = await world.project()
    accounts = [
        await world.account(project, platform, f"brand{number}")
        for number in range(12)
        for platform in ("instagram", "tiktok")
    ]
    container = await world.content(project, picture)
    captions: dict[str, str] = {}
    for number in range(POSTS // len(accounts)):
        for account, post_id in zip(accounts, await world.publish(container, *accounts), strict=True):
            captions[post_id] = f"{number} {account}"
    database = await asyncpg.connect(worker_world.dsn)
    await database.executemany(
        "UPDATE scheduled_posts SET caption_override = $2 WHERE id = $1",
        [(UUID(post_id.removeprefix("sp_")), caption) for post_id, caption in captions.items()],
    )

    async def cancel_while_delivered(working: "asyncio.Task[None]") -> dict[str, int]:
        answers: dict[str, int] = {}
        while not working.done():
            rows = await database.fetch("SELECT id FROM scheduled_posts WHERE status = 'publishing'")
            untried = [f"sp_{row['id']}" for row in rows if f"sp_{row['id']}" not in answers]
            if untried and dice.random() < 0.6:
                chosen = dice.choice(untried)
                answers[chosen] = (await world.client.delete(f"/v1/scheduled-posts/{chosen}")).status_code
        return answers

    working = asyncio.create_task(worker_world.worker.work_until_idle())
    answers = await cancel_while_delivered(working)
    await working
    await database.close()
    posts = [await world.post(post_id) for post_id in captions]
    assert {post["status"] for post in posts} == {"published", "canceled"}
    assert {post["id"] for post in posts if post["status"] == "canceled"} == {
        post_id for post_id, status in answers.items() if status == 200
    }
    assert set(answers.values()) == {200, 409}
    live = [str(post["caption"]) for post in await world.live()]
    assert sorted(live) == sorted(captions[post["id"]] for post in posts if post["status"] == "published")
