"""The list of a project's posts: filters, both orders, and stable pages while posts are created."""

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from tests.clocks import MovableClock
from tests.databases import as_owner
from tests.posts.conftest import ReadyProject, bare

from presswork.core.ids import new_id
from presswork.core.timestamps import write_instant
from presswork.db.queries import load


async def insert_posts(ready_project: ReadyProject, *due: datetime) -> list[str]:
    """Insert queued posts of the TikTok account, due at these instants."""
    ids = [new_id() for _ in due]
    await ready_project.pool.executemany(
        """INSERT INTO scheduled_posts (id, project_id, organization_id, environment, container_id, social_account_id, platform,
                                        mode, status, scheduled_for, run_at, platform_state, error_count, version, created_at, updated_at)
           SELECT $1, a.project_id, a.organization_id, a.environment, $4, a.id, a.platform, 'publish', 'queued', $2, $2, '{}',
                  0, 1, $2, $2
             FROM social_accounts a WHERE a.id = $3""",
        [(post, at, bare(ready_project.tiktok), bare(ready_project.image)) for post, at in zip(ids, due, strict=True)],
    )
    return [f"sp_{post}" for post in ids]


async def page(ready_project: ReadyProject, **query: str) -> dict[str, Any]:
    """Read a page."""
    response = await ready_project.client.get(f"/v1/projects/{ready_project.project}/scheduled-posts", params=query)
    assert response.status_code == 200, response.text
    return dict(response.json())


@pytest.mark.parametrize("order", ["asc", "desc"])
async def test_pages_are_stable_while_posts_are_created(
    ready_project: ReadyProject, clock: MovableClock, order: str
) -> None:
    """Posts created between two pages, before, after and at the cursor, cause no duplicate and no gap."""
    now = clock.now()
    there = await insert_posts(ready_project, *(now + timedelta(minutes=minute // 3) for minute in range(30)))
    seen: list[str] = []
    cursor: dict[str, str] = {}
    while True:
        found = await page(ready_project, order=order, limit="4", **cursor)
        seen += [post["id"] for post in found["items"]]
        if found["nextCursor"] is None:
            break
        cursor = {"cursor": found["nextCursor"]}
        border = datetime.fromisoformat(found["items"][-1]["scheduledFor"])
        await insert_posts(ready_project, border - timedelta(seconds=1), border, border + timedelta(seconds=1))
    assert len(seen) == len(set(seen))
    assert set(there) <= set(seen)
    stored = await ready_project.pool.fetch("SELECT id, scheduled_for FROM scheduled_posts")
    due = {f"sp_{row['id']}": row["scheduled_for"] for row in stored}
    assert seen == sorted(seen, key=lambda post: (due[post], bare(post)), reverse=order == "desc")


async def test_filters_narrow_the_list(ready_project: ReadyProject, clock: MovableClock) -> None:
    """By status (several), account, container, and a time span with inclusive bounds."""
    now = clock.now()
    first, second, third = await insert_posts(ready_project, *(now + timedelta(hours=hour) for hour in range(3)))
    await ready_project.client.delete(f"/v1/scheduled-posts/{first}")
    await ready_project.change("scheduled_posts", third, status="failed")

    async def ids(query: str) -> list[str]:
        response = await ready_project.client.get(
            f"/v1/projects/{ready_project.project}/scheduled-posts?order=asc&{query}"
        )
        return [post["id"] for post in response.json()["items"]]

    assert await ids("status=canceled&status=failed") == [first, third]
    assert await ids(f"socialAccountId={ready_project.instagram}") == []
    assert await ids(f"containerId={ready_project.image}&status=queued") == [second]
    assert await ids(
        f"containerId={ready_project.image}&socialAccountId={ready_project.tiktok}&status=queued&status=queued"
    ) == [second]
    assert await ids(f"containerId={ready_project.image}&socialAccountId={ready_project.instagram}") == []
    assert await ids(f"containerId={ready_project.video}&socialAccountId={ready_project.tiktok}") == []
    assert await ids(f"socialAccountId={ready_project.tiktok}&status=draft") == []
    hour, two = (write_instant(now + timedelta(hours=hours)) for hours in (1, 2))
    assert await ids(f"since={hour}&until={two}") == [second, third]
    assert await ids(f"until={hour}") == [first, second]


async def test_an_account_and_a_container_are_listed_in_their_own_project_only(
    ready_project: ReadyProject, clock: MovableClock
) -> None:
    """The id of another project of the same organization lists nothing."""
    await insert_posts(ready_project, clock.now())
    other = await ready_project.world.project("Another")
    for query in ({"socialAccountId": ready_project.tiktok}, {"containerId": ready_project.image}):
        both = [
            await ready_project.client.get(f"/v1/projects/{one}/scheduled-posts", params=query)
            for one in (ready_project.project, other)
        ]
        assert [len(response.json()["items"]) for response in both] == [1, 0]


@pytest.mark.parametrize("order", ["asc", "desc"])
@pytest.mark.parametrize("shape", ["project", "account", "container"])
async def test_a_page_reads_only_a_page_per_status(ready_project: ReadyProject, shape: str, order: str) -> None:
    """With the plan that a connection caches, an index returns the posts in order, a page per status."""
    await ready_project.pool.execute(
        """INSERT INTO scheduled_posts (id, project_id, organization_id, environment, container_id, social_account_id, platform,
                                        mode, status, scheduled_for, run_at, platform_state, error_count, version, created_at, updated_at)
           SELECT gen_random_uuid(), a.project_id, a.organization_id, a.environment,
                  CASE WHEN n % 2 = 0 THEN $2 ELSE gen_random_uuid() END, CASE WHEN n % 3 = 0 THEN a.id ELSE gen_random_uuid() END,
                  a.platform, 'publish', CASE WHEN n % 9 = 0 THEN 'failed' ELSE 'published' END, now() + n * interval '1 second',
                  now(), '{}', 0, 1, now(), now()
             FROM social_accounts a CROSS JOIN generate_series(1, 3000) AS n WHERE a.id = $1""",
        bare(ready_project.tiktok),
        bare(ready_project.image),
    )
    await as_owner(ready_project.pool, "ANALYZE scheduled_posts")
    project = bare(ready_project.project)
    key = {"project": project, "account": bare(ready_project.tiktok), "container": bare(ready_project.image)}[shape]
    begin = "9999-01-01" if order == "desc" else "0001-01-02"
    end = "0001-01-02" if order == "desc" else "9999-01-01"
    values = [str(key), "{published,failed,queued}", begin, str(bare(ready_project.image)), end, "11"]
    if shape != "project":
        values.append(str(project))
    async with ready_project.pool.acquire() as connection:
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
