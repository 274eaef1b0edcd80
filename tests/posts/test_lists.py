"""The list of a project's posts: filters, both orders, and pages that stay true while posts arrive."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from tests.conftest import MovableClock
from tests.posts.conftest import Scene, bare

from presswork.http.instants import write_instant
from presswork.ids import new_id


async def insert_posts(scene: Scene, *due: datetime) -> list[str]:
    """Write queued posts of the TikTok account, due at these instants."""
    ids = [new_id() for _ in due]
    await scene.pool.executemany(
        """INSERT INTO scheduled_posts (id, project_id, organization_id, environment, container_id, social_account_id, platform,
                                        mode, status, scheduled_for, run_at, platform_state, faults, version, created_at, updated_at)
           SELECT $1, a.project_id, a.organization_id, a.environment, $4, a.id, a.platform, 'publish', 'queued', $2, $2, '{}',
                  0, 1, $2, $2
             FROM social_accounts a WHERE a.id = $3""",
        [(post, at, bare(scene.tiktok), bare(scene.image)) for post, at in zip(ids, due, strict=True)],
    )
    return [f"sp_{post}" for post in ids]


async def page(scene: Scene, **query: str) -> dict[str, Any]:
    """Read a page."""
    answer = await scene.client.get(f"/v1/projects/{scene.project}/scheduled-posts", params=query)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


@pytest.mark.parametrize("order", ["asc", "desc"])
async def test_pages_stay_true_while_posts_arrive(scene: Scene, clock: MovableClock, order: str) -> None:
    """Posts that arrive between two pages, before, behind and at the very place, make none appear twice or go missing."""
    now = clock.now()
    there = await insert_posts(scene, *(now + timedelta(minutes=minute // 3) for minute in range(30)))
    seen: list[str] = []
    cursor: dict[str, str] = {}
    while True:
        found = await page(scene, order=order, limit="4", **cursor)
        seen += [post["id"] for post in found["items"]]
        if found["nextCursor"] is None:
            break
        cursor = {"cursor": found["nextCursor"]}
        border = datetime.fromisoformat(found["items"][-1]["scheduledFor"])
        await insert_posts(scene, border - timedelta(seconds=1), border, border + timedelta(seconds=1))
    assert len(seen) == len(set(seen))
    assert set(there) <= set(seen)
    stored = await scene.pool.fetch("SELECT id, scheduled_for FROM scheduled_posts")
    due = {f"sp_{row['id']}": row["scheduled_for"] for row in stored}
    assert seen == sorted(seen, key=lambda post: (due[post], bare(post)), reverse=order == "desc")


async def test_filters_narrow_the_list(scene: Scene, clock: MovableClock) -> None:
    """Status (several), account, container, and a span of time with both ends included."""
    now = clock.now()
    first, second, third = await insert_posts(scene, *(now + timedelta(hours=hour) for hour in range(3)))
    await scene.client.delete(f"/v1/scheduled-posts/{first}")
    await scene.change("scheduled_posts", third, status="failed")

    async def ids(query: str) -> list[str]:
        answer = await scene.client.get(f"/v1/projects/{scene.project}/scheduled-posts?order=asc&{query}")
        return [post["id"] for post in answer.json()["items"]]

    assert await ids("status=canceled&status=failed") == [first, third]
    assert await ids(f"socialAccountId={scene.instagram}") == []
    assert await ids(f"containerId={scene.image}&status=queued") == [second]
    hour, two = (write_instant(now + timedelta(hours=hours)) for hours in (1, 2))
    assert await ids(f"since={hour}&until={two}") == [second, third]
    assert await ids(f"until={hour}") == [first, second]
