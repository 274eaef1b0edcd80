"""Usage equals what happened: after failures, cancellations, merges and erasures, by project, day and platform."""

import csv
import io
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

import httpx2
from chaos.auditor import USAGE_DIFFERENCES
from tests.worker.conftest import WorkerWorld, worker_world
from tests.world import World

from presswork.core.ids import parse_id
from presswork.core.timestamps import write_instant
from presswork.orgs.usage import merge_usage

__all__ = ["worker_world"]
NONE: Final = {"published": 0, "draft": 0, "failed": 0, "canceled": 0}


async def read(client: httpx2.AsyncClient, **query: str) -> dict[str, Any]:
    """Read the usage of the caller's organization."""
    answer = await client.get("/v1/usage", params=query)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def test_usage_equals_the_posts(worker_world: WorkerWorld, picture: bytes) -> None:
    """Posts that were published, failed and canceled are counted once, where they belong, before and after each merge."""
    world, pool = worker_world.world, worker_world.world.api.context.pool
    projects = [await world.project(name) for name in ("Bakery", "Café")]
    accounts = {
        (project, platform): await world.account(project, platform, f"{platform}-{number}")
        for number, project in enumerate(projects)
        for platform in ("instagram", "tiktok")
    }
    content = {project: await world.content(project, picture) for project in projects}
    await world.fault(platform="instagram", operation="media", fault="media_error", times=1)
    for (project, _), account in accounts.items():
        await world.publish(content[project], account)
    later = write_instant(world.api.context.clock.now() + timedelta(days=1))
    targets = [{"socialAccountId": accounts[projects[0], "instagram"], "mode": "publish"}]
    planned = await world.client.post(
        f"/v1/content/{content[projects[0]]}/schedule", json={"scheduledFor": later, "targets": targets}
    )
    await world.client.delete(f"/v1/scheduled-posts/{planned.json()['scheduledPostIds'][0]}")
    await worker_world.worker.work_until_idle()
    for _ in range(2):
        assert await pool.fetch(USAGE_DIFFERENCES) == []
        assert await merge_usage(pool, limit=2) in (1, 2)
    while await merge_usage(pool, limit=2):
        pass
    assert await pool.fetch(USAGE_DIFFERENCES) == []
    for wrong in ("day = day - 1", "platform = 'threads'", "amount = amount + 1"):  # which the comparison finds
        async with pool.acquire() as connection:
            change = connection.transaction()
            await change.start()
            await connection.execute(f"UPDATE usage_entries SET {wrong} WHERE kind = 'failed'")  # noqa: S608  constants
            assert len(await connection.fetch(USAGE_DIFFERENCES)) in (1, 2), wrong
            await change.rollback()
    merged = await pool.fetch("SELECT kind FROM usage_entries WHERE NOT is_merged OR amount = 0")
    assert merged == []
    by_project = {item["projectId"]: item for item in (await read(world.client, groupBy="project"))["items"]}
    assert by_project[projects[0]]["posts"]["canceled"] == 1
    assert by_project[projects[0]]["accounts"] == by_project[projects[1]]["accounts"] == 2
    assert by_project[projects[0]]["mediaBytes"] >= len(picture)
    by_platform = {item["platform"]: item for item in (await read(world.client, groupBy="platform"))["items"]}
    (total,) = (await read(world.client))["items"]
    assert sum_of(total) == sum(map(sum_of, by_platform.values())) == 5
    exported = await world.client.get("/v1/usage/export", params={"groupBy": "project"})
    assert exported.headers["content-type"] == "text/csv; charset=utf-8"
    lines = {line["projectId"]: line for line in csv.DictReader(io.StringIO(exported.text))}
    for project, item in by_project.items():
        assert lines[project or ""]["canceled"] == str(item["posts"]["canceled"])
        assert lines[project or ""]["mediaBytes"] == str(item["mediaBytes"])
    assert total["accounts"] == sum(item["accounts"] for item in by_platform.values()) == 4
    assert total["apiCalls"] >= 10


def sum_of(item: Mapping[str, Any]) -> int:
    """Return the posts of an item."""
    return int(sum(item["posts"].values()))


async def test_days_have_what_there_was_at_their_end(world: World, picture: bytes) -> None:
    """A day counts its own posts, and the accounts, bytes and people of its end; days before have none."""
    project = await world.project()
    account = await world.account(project, "instagram", "bakery")
    await world.content(project, picture)
    today = world.api.context.clock.now().date()
    since, until = today - timedelta(days=2), today + timedelta(days=2)
    report = await read(world.client, groupBy="day", since=str(since), until=str(until))
    days = report["items"]
    assert [item["date"] for item in days] == [str(since + timedelta(days=number)) for number in range(4)]
    assert [item["accounts"] for item in days] == [0, 0, 1, 1]
    assert [item["mediaBytes"] > 0 for item in days] == [False, False, True, True]
    assert [item["posts"] for item in days] == [NONE] * 4
    await world.client.delete(f"/v1/social-accounts/{account}")
    (total,) = (await read(world.client, until=f"{today}T10:00:00Z"))["items"]
    assert total["accounts"] == 0
    for wrong in (
        {"since": "2026-12-02", "until": "2026-12-01"},
        {"since": "2020-01-01"},
        {"until": "0001-01-01"},
        {"since": "yesterday"},
    ):
        assert (await world.client.get("/v1/usage", params=wrong)).status_code == 422, wrong


async def test_the_number_of_posts_outlives_them(world: World, picture: bytes) -> None:
    """What was counted stays when the posts are deleted, as an erasure does."""
    project = await world.project()
    account = await world.account(project, "instagram", "bakery")
    (post,) = await world.publish(await world.content(project, picture), account)
    await world.client.delete(f"/v1/scheduled-posts/{post}")
    pool = world.api.context.pool
    await pool.execute("DELETE FROM scheduled_posts WHERE id = $1", parse_id("sp", post))
    (item,) = [one for one in (await read(world.client, groupBy="project"))["items"] if one["projectId"] == project]
    assert item["posts"] == {**NONE, "canceled": 1}
