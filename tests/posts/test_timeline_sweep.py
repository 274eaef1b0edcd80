"""Timelines of posts that ended long ago are deleted if the operator wants it; the posts stay."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from tests.clocks import MovableClock
from tests.world import World

from presswork.content.retention import MediaRetention
from presswork.core.ids import new_id
from presswork.db.pool import Pool
from presswork.media.store import MediaStore
from presswork.platforms.settings import Settings
from presswork.posts.sweep import TimelineSweep
from presswork.worker.main import open_worker
from presswork.worker.maintenance import retention_steps, run_steps

KEEP = timedelta(days=90)
NOW = datetime.now(UTC)
OVER = NOW + KEEP + timedelta(days=1)
"""Everything that is written now is too old then."""


async def timeline(world: World, post: str) -> list[dict[str, Any]]:
    """Return a post's timeline as the API does."""
    answer = await world.client.get(f"/v1/scheduled-posts/{post}/timeline")
    assert answer.status_code == 200, answer.text
    return list(answer.json()["items"])


async def test_the_timeline_of_an_ended_post_is_reduced_to_its_end(world: World, pool: Pool, picture: bytes) -> None:
    """The API shows the end from the post itself, and the post as before; a replayed call finds the same posts."""
    project = await world.project()
    account = await world.account(project, "instagram", "bakery")
    content = await world.content(project, picture)
    canceled, failed = await world.publish(content, account), await world.publish(content, account)
    assert (await world.client.delete(f"/v1/scheduled-posts/{canceled[0]}")).status_code == 200
    await pool.execute(
        """UPDATE scheduled_posts SET status = 'failed', last_error = '{"code": "MEDIA_REJECTED", "message": "Too wide."}'
            WHERE id = $1""",
        failed[0].removeprefix("sp_"),
    )
    before = [(await world.client.get(f"/v1/scheduled-posts/{post}")).json() for post in (canceled[0], failed[0])]
    sweep = TimelineSweep(pool)
    assert await sweep.run(keep=KEEP, now=NOW, limit=100) == 0
    assert [item["event"] for item in await timeline(world, canceled[0])] == ["queued", "canceled"]
    await sweep.run(keep=KEEP, now=OVER, limit=100)
    (end,) = await timeline(world, canceled[0])
    assert (end["event"], end["at"]) == ("canceled", before[0]["canceledAt"])
    assert end["detail"] == {"entriesDeleted": True}
    assert "deleted" in end["message"]
    (end,) = await timeline(world, failed[0])
    assert (end["event"], end["message"].startswith("Too wide. ")) == ("failed", True)
    after = [(await world.client.get(f"/v1/scheduled-posts/{post}")).json() for post in (canceled[0], failed[0])]
    assert after == before
    again = await world.client.delete(f"/v1/scheduled-posts/{canceled[0]}")
    assert again.status_code == 409


async def insert_posts(
    pool: Pool, status: str, count: int, *, changed_at: datetime = NOW, id_of: Callable[[], UUID] = new_id
) -> None:
    """Write posts with three timeline entries each."""
    await pool.execute(
        """WITH post AS (
               INSERT INTO scheduled_posts (id, project_id, organization_id, environment, container_id, social_account_id,
                      platform, mode, status, scheduled_for, run_at, platform_state, error_count, version, created_at,
                      updated_at, leased_until)
               SELECT id, id, id, 'test', id, id, 'instagram', 'publish', $2, now(), now(), '{}', 0, 1, now(), $3,
                      CASE WHEN $2 = 'publishing' THEN now() END
                 FROM unnest($1::uuid[]) AS p(id) RETURNING id
           )
           INSERT INTO post_events (post_id, at, event, message, detail)
           SELECT id, $4, 'queued', '', '{}' FROM post, generate_series(1, 3)""",
        [id_of() for _ in range(count)],
        status,
        changed_at,
        NOW,
    )


async def left(pool: Pool) -> dict[str, int]:
    """Return how many entries there are, by the status of their post."""
    rows = await pool.fetch(
        "SELECT p.status, count(*) FROM post_events e JOIN scheduled_posts p ON p.id = e.post_id GROUP BY 1 ORDER BY 1"
    )
    return {row["status"]: row["count"] for row in rows}


async def test_only_ended_posts_lose_their_entries(pool: Pool) -> None:
    """Not those that wait or are at work, whatever their age; nor those that changed recently or have a follow-up."""
    for status in ("queued", "publishing", "published", "draft", "failed", "canceled"):
        await insert_posts(pool, status, 2)
    await pool.execute(
        """INSERT INTO post_follow_ups (post_id, needs_location, needs_comment, run_at, gives_up_at, attempts)
           SELECT id, true, false, now(), now(), 0 FROM scheduled_posts WHERE status = 'draft' ORDER BY id LIMIT 1"""
    )
    await insert_posts(pool, "published", 1, changed_at=OVER)
    await TimelineSweep(pool).run(keep=KEEP, now=OVER, limit=1_000)
    assert await left(pool) == {"queued": 6, "publishing": 6, "draft": 3, "published": 3}


def chosen_id() -> UUID:
    """Return an id as callers choose it: random, and above all that have a time."""
    return UUID(int=uuid4().int | 1 << 127)


async def test_posts_with_ids_of_their_callers_lose_their_entries_too(pool: Pool) -> None:
    """Such an id says nothing about the time, so all of them are read: one batch in a round, and each in its turn."""
    await insert_posts(pool, "published", 2, id_of=chosen_id)
    await insert_posts(pool, "queued", 1, id_of=chosen_id)
    await insert_posts(pool, "canceled", 1, changed_at=OVER, id_of=chosen_id)
    await insert_posts(pool, "failed", 1)
    sweep = TimelineSweep(pool)
    assert await sweep.run(keep=KEEP, now=NOW, limit=100) == 0
    assert sum((await left(pool)).values()) == 15
    for _ in range(5):
        assert await sweep.run(keep=KEEP, now=OVER, limit=4) < 4, "one batch in a round"
    assert await left(pool) == {"queued": 3, "canceled": 3}


async def test_a_late_entry_of_an_ended_post_stays_until_it_is_old(pool: Pool) -> None:
    """A platform may report something about a post long after its end."""
    await insert_posts(pool, "draft", 1)
    await pool.execute(
        """INSERT INTO post_events (post_id, at, event, message, detail)
           SELECT id, $1, 'platform_notice', '', '{}' FROM scheduled_posts""",
        OVER,
    )
    await TimelineSweep(pool).run(keep=KEEP, now=OVER, limit=1_000)
    assert await left(pool) == {"draft": 1}
    await TimelineSweep(pool).run(keep=KEEP, now=OVER + 2 * KEEP, limit=1_000)
    assert await left(pool) == {}


async def test_a_batch_reads_so_many_entries_and_the_next_continues(pool: Pool) -> None:
    """Entries that stay are not read again by the next batch; after the last, the sweep begins again."""
    await insert_posts(pool, "queued", 4)
    await insert_posts(pool, "published", 4)
    sweep = TimelineSweep(pool)
    counts = []
    for _ in range(4):
        assert await sweep.run(keep=KEEP, now=OVER, limit=5) == 5
        counts.append(sum((await left(pool)).values()))
    assert counts == [24, 24, 21, 16]
    assert await sweep.run(keep=KEEP, now=OVER, limit=5) == 4
    assert await left(pool) == {"queued": 12}
    assert await sweep.run(keep=KEEP, now=OVER, limit=5) == 5


async def test_workers_sweep_if_they_are_set_to(pool: Pool, settings: Settings, dsn: str) -> None:
    """By default timelines and the audit log stay for ever; a worker with the setting deletes what is old when it starts."""
    await insert_posts(pool, "published", 1)
    clock, media = MovableClock(instant=OVER), MediaStore.open("memory://")
    steps = retention_steps(settings, pool, TimelineSweep(pool), MediaRetention(pool, media), now=OVER)
    assert [step.name for step in steps] == ["webhook-log", "insights"]
    await run_steps(steps)
    assert await left(pool) == {"published": 3}
    keeping = settings.model_copy(update={"keep_timelines": KEEP})
    async with open_worker(keeping, dsn=dsn, base_url="http://127.0.0.1:9", clock=clock):
        while await left(pool):
            pass
