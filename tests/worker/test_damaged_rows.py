"""Posts whose stored data can't be read: each one ends, visibly, and no other post of its claim or lane waits for it."""

from datetime import timedelta
from typing import Final

import pytest
from tests.tiers import sampled
from tests.worker.rows import NOW, entries_of, insert_account, insert_post, owner_of_project, status_of

from presswork.callers.model import Principal
from presswork.core.ids import new_id
from presswork.db.pool import Pool
from presswork.telemetry import meters
from presswork.worker.store import WorkStore

LEASE: Final = timedelta(seconds=30)
DAMAGE: Final = {
    "options, no JSON": "UPDATE scheduled_posts SET options = '{' WHERE id = $1",
    "options, too deep": "UPDATE scheduled_posts SET options = repeat('[', 200000) || repeat(']', 200000) WHERE id = $1",
    "options, no object": "UPDATE scheduled_posts SET options = '[1]' WHERE id = $1",
    "state, no JSON": "UPDATE scheduled_posts SET platform_state = '{' WHERE id = $1",
    "media, no JSON": "UPDATE media_assets SET probe = '{' WHERE $1::uuid IS NOT NULL",
}
STATES: Final = {
    "queued": "UPDATE scheduled_posts SET run_at = run_at WHERE id = $1 AND $2::timestamptz IS NOT NULL",
    "called": """UPDATE scheduled_posts SET status = 'publishing', leased_by = 'dead', leased_until = $2, live_call_at = $2
                  WHERE id = $1""",
    "live": """UPDATE scheduled_posts SET status = 'publishing', leased_by = 'dead', leased_until = $2, live_call_at = $2,
                      live_at = $2, first_comment_override = 'First!' WHERE id = $1""",
}
ENDS: Final = {"queued": ("failed", "INTERNAL"), "called": ("failed", "OUTCOME_UNKNOWN"), "live": ("published", None)}


@pytest.fixture
async def listening(pool: Pool) -> Principal:
    """The owner of a project, with an endpoint that receives every event about posts."""
    owner = await owner_of_project(pool)
    await pool.execute(
        """INSERT INTO webhook_endpoints (id, organization_id, environment, url, events, status, sealed_secret, created_at, updated_at)
           VALUES ($1, $2, 'test', 'https://hooks.example.com', $3, 'active', 'sealed', $4, $4)""",
        new_id(),
        owner.organization_id,
        ["post.publishing", "post.published", "post.failed"],
        NOW,
    )
    return owner


def unreadable() -> float:
    """Return how many posts could not be read so far."""
    return meters.WORKER.get_sample_value("presswork_unreadable_posts_total") or 0.0


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("damage", sampled(DAMAGE, "options, no JSON", "media, no JSON"))
async def test_a_damaged_post_ends_and_no_other_waits(
    pool: Pool, listening: Principal, damage: str, state: str
) -> None:
    """The rest of the claim runs at once, then the next post of its lane. What its lease says about it decides its status."""
    account, other = await insert_account(pool), await insert_account(pool)
    damaged = await insert_post(pool, account, due=NOW)
    behind = await insert_post(pool, account, due=NOW + timedelta(seconds=1))
    elsewhere = await insert_post(pool, other, due=NOW)
    await pool.execute(STATES[state], damaged, NOW)
    if damage.startswith("media"):
        await _give_own_container(pool, listening, damaged)
    await pool.execute(DAMAGE[damage], damaged)
    store, before, later = WorkStore(pool, worker_id="worker"), unreadable(), NOW + timedelta(minutes=1)
    assert [post.id for post in await store.claim(now=later, lease=LEASE, limit=9)] == [elsewhere]
    assert [post.id for post in await store.claim(now=later, lease=LEASE, limit=9)] == [behind]
    row = await pool.fetchrow(
        "SELECT status, last_error::json ->> 'code', leased_by, published_at, first_comment_status FROM scheduled_posts"
        " WHERE id = $1",
        damaged,
    )
    published_at, comment = (NOW, "failed") if state == "live" else (None, None)
    assert row is not None
    assert tuple(row) == (*ENDS[state], None, published_at, comment)
    assert [event for event, _ in await entries_of(pool, damaged)] == ["claimed", ENDS[state][0]]
    assert unreadable() - before == 1
    events = await pool.fetch(
        "SELECT event_type FROM webhook_deliveries WHERE subject_id = $1 ORDER BY position", damaged
    )
    began = ["post.publishing"] if state == "queued" else []
    assert [row["event_type"] for row in events] == [*began, f"post.{ENDS[state][0]}"]
    await pool.fetch(
        "SELECT options::json, platform_state::json FROM scheduled_posts"
    )  # a list of posts can be read again


async def test_the_damaged_text_is_kept(pool: Pool, listening: Principal) -> None:
    """What no program can parse is stored as a JSON text of its characters."""
    post = await insert_post(pool, await insert_account(pool), due=NOW)
    await pool.execute("""UPDATE scheduled_posts SET options = '{"a": "b', last_error = '{' WHERE id = $1""", post)
    assert await WorkStore(pool, worker_id="worker").claim(now=NOW, lease=LEASE, limit=9) == []
    assert await status_of(pool, post) == "failed"
    assert await pool.fetchval("SELECT options::json #>> '{}' FROM scheduled_posts WHERE id = $1", post) == '{"a": "b'


async def _give_own_container(pool: Pool, owner: Principal, post: object) -> None:
    """Move a post to a container of its own that has one picture."""
    container = new_id()
    await pool.execute(
        """INSERT INTO content_containers (id, project_id, organization_id, environment, status, approval_status, media_type,
                                           caption, created_at, updated_at)
           VALUES ($1, $2, $3, 'test', 'completed', 'not_required', 'image', 'Hi', $4, $4)""",
        container,
        owner.key_id,
        owner.organization_id,
        NOW,
    )
    await pool.execute(
        """INSERT INTO media_assets (id, container_id, organization_id, environment, position, object_key, content_type, size_bytes,
                                     sha256, probe, created_at, verified_at)
           VALUES ($1, $1, $2, 'test', 0, 'originals/one', 'image/jpeg', 1, repeat('a', 64), '{}', $3, $3)""",
        container,
        owner.organization_id,
        NOW,
    )
    await pool.execute("UPDATE scheduled_posts SET container_id = $2 WHERE id = $1", post, container)
