"""The list of a project's posts: filters, both orders, and stable pages while posts are created."""

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from tests.conftest import MovableClock, as_owner
from tests.posts.conftest import Scene, bare

from presswork.core.ids import new_id
from presswork.core.timestamps import write_instant
from presswork.db.queries import load


async def insert_posts(scene: Scene, *due: datetime) -> list[str]:
    """Insert queued posts of the TikTok account, due at these instants."""
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
    response = await scene.client.get(f"/v1/projects/{scene.project}/scheduled-posts", params=query)
    assert response.status_code == 200, response.text
    return dict(response.json())


@pytest.mark.parametrize("order", ["asc", "desc"])
async def test_pages_are_stable_while_posts_are_created(scene: Scene, clock: MovableClock, order: str) -> None:
    """Posts created between two pages, before, after and at the cursor, cause no duplicate and no gap."""
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
    """By status (several), account, container, and a time span with inclusive bounds."""
    now = clock.now()
    first, second, third = await insert_posts(scene, *(now + timedelta(hours=hour) for hour in range(3)))
    await scene.client.delete(f"/v1/scheduled-posts/{first}")
    await scene.change("scheduled_posts", third, status="failed")

    async def ids(query: str) -> list[str]:
        response = await scene.client.get(f"/v1/projects/{scene.project}/scheduled-posts?order=asc&{query}")
        return [post["id"] for post in response.json()["items"]]

    assert await ids("status=canceled&status=failed") == [first, third]
    assert await ids(f"socialAccountId={scene.instagram}") == []
    assert await ids(f"containerId={scene.image}&status=queued") == [second]
    assert await ids(f"containerId={scene.image}&socialAccountId={scene.tiktok}&status=queued&status=queued") == [
        second
    ]
    assert await ids(f"containerId={scene.image}&socialAccountId={scene.instagram}") == []
    assert await ids(f"containerId={scene.video}&socialAccountId={scene.tiktok}") == []
    assert await ids(f"socialAccountId={scene.tiktok}&status=draft") == []
    hour, two = (write_instant(now + timedelta(hours=hours)) for hours in (1, 2))
    assert await ids(f"since={hour}&until={two}") == [second, third]
    assert await ids(f"until={hour}") == [first, second]


async def test_an_account_and_a_container_are_listed_in_their_own_project_only(
    scene: Scene, clock: MovableClock
) -> None:
    """The id of another project of the same organization lists nothing."""
    await insert_posts(scene, clock.now())
    other = await scene.stage.project("Another")
    for query in ({"socialAccountId": scene.tiktok}, {"containerId": scene.image}):
        both = [
            await scene.client.get(f"/v1/projects/{one}/scheduled-posts", params=query)
            for one in (scene.project, other)
        ]
        assert [len(response.json()["items"]) for response in both] == [1, 0]


@pytest.mark.parametrize("order", ["asc", "desc"])
@pytest.mark.parametrize("shape", ["project", "account", "container"])
async def test_a_page_reads_only_a_page_per_status(scene: Scene, shape: str, order: str) -> None:
    """With the plan that a connection caches, an index returns the posts in order, a page per status."""
    await scene.pool.execute(
        """INSERT INTO scheduled_posts (id, project_id, organization_id, environment, container_id, social_account_id, platform,
                                        mode, status, scheduled_for, run_at, platform_state, faults, version, created_at, updated_at)
           SELECT gen_random_uuid(), a.project_id, a.organization_id, a.environment,
                  CASE WHEN n % 2 = 0 THEN $2 ELSE gen_random_uuid() END, CASE WHEN n % 3 = 0 THEN a.id ELSE gen_random_uuid() END,
                  a.platform, 'publish', CASE WHEN n % 9 = 0 THEN 'failed' ELSE 'published' END, now() + n * interval '1 second',
                  now(), '{}', 0, 1, now(), now()
             FROM social_accounts a CROSS JOIN generate_series(1, 3000) AS n WHERE a.id = $1""",
        bare(scene.tiktok),
        bare(scene.image),
    )
    await as_owner(scene.pool, "ANALYZE scheduled_posts")
    project = bare(scene.project)
    key = {"project": project, "account": bare(scene.tiktok), "container": bare(scene.image)}[shape]
    begin = "9999-01-01" if order == "desc" else "0001-01-02"
    end = "0001-01-02" if order == "desc" else "9999-01-01"
    values = [str(key), "{published,failed,queued}", begin, str(bare(scene.image)), end, "11"]
    if shape != "project":
        values.append(str(project))
    async with scene.pool.acquire() as connection:
        await connection.execute("SET plan_cache_mode = force_generic_plan")
        await connection.execute(f"PREPARE page AS {load('presswork.posts')[f'list_{shape}_posts_{order}']}")
        quoted = ", ".join(f"'{value}'" for value in values)
        plan = json.loads(await connection.fetchval(f"EXPLAIN (ANALYZE, FORMAT JSON) EXECUTE page({quoted})"))
        await connection.execute("DEALLOCATE page")
        await connection.execute("RESET plan_cache_mode")
    nodes = list(_nodes(plan[0]["Plan"]))
    scans = [node for node in nodes if node.get("Relation Name") == "scheduled_posts"]
    assert [(node["Node Type"], node["Index Name"]) for node in scans] == [
        ("Index Scan", f"scheduled_posts_by_{shape}")
    ]
    assert scans[0]["Actual Rows"] * scans[0]["Actual Loops"] <= 3 * 11
    assert [node["Node Type"] for node in nodes].count("Sort") == 1


def _nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for inner in plan.get("Plans", []):
        yield from _nodes(inner)
