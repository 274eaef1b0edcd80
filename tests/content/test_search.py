"""The list of the content of all projects: filters, tenancy, stable pages, and what a page reads."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

import pytest
from tests.api_server import Api
from tests.clocks import MovableClock
from tests.databases import as_owner
from tests.db.plans import plan_of
from tests.posts.conftest import bare
from tests.world import World

from presswork.callers.model import Principal, Tier
from presswork.content.search import ContentFilter, search_content
from presswork.content.store import SQL
from presswork.core.enums import Environment
from presswork.core.ids import new_id
from presswork.core.timestamps import write_instant
from presswork.db.found_page import Position
from presswork.db.pool import Pool
from presswork.media.samples import sample_picture

_STATES: Final = {"status": "completed", "approval_status": "not_required", "caption": "Hello"}


async def insert(pool: Pool, project: str, at: datetime, **values: str) -> str:
    """Insert a container."""
    container = new_id()
    states = {**_STATES, **values}
    await pool.execute(
        """INSERT INTO content_containers (id, project_id, organization_id, environment, status, approval_status, media_type,
                                           caption, created_at, updated_at)
           SELECT $1, id, organization_id, environment, $4, $5, 'image', $6, $3, $3 FROM projects WHERE id = $2""",
        container,
        bare(project),
        at,
        states["status"],
        states["approval_status"],
        states["caption"],
    )
    return f"cnt_{container}"


async def caller_of(pool: Pool, project: str, *, projects: frozenset[UUID] | None = None) -> Principal:
    """Return a caller of the organization of a project."""
    row = await pool.fetchrow("SELECT organization_id, environment FROM projects WHERE id = $1", bare(project))
    assert row is not None
    everything = Principal(
        key_id=new_id(),
        organization_id=row["organization_id"],
        environment=Environment(row["environment"]),
        scopes=frozenset({"*"}),
        tier=Tier.UNLIMITED,
        return_domains=(),
        operator_id=None,
    )
    return replace(everything, project_ids=projects)


async def test_the_list_has_the_content_of_all_projects_and_narrows_it(
    api: Api, world: World, clock: MovableClock
) -> None:
    """By project, both states (several of each), a part of the caption and a span, in either order."""
    pool, now = api.context.pool, clock.now()
    one, two = await world.project(), await world.project("Another")
    first = await insert(pool, one, now, caption="100% Rye_bread")
    second = await insert(pool, two, now + timedelta(hours=1), approval_status="pending", caption="Brötchen")
    third = await insert(pool, two, now + timedelta(hours=2), status="queued", approval_status="pending", caption="")
    fourth = await insert(pool, one, now + timedelta(hours=3), approval_status="rejected")

    async def listed(**query: Any) -> list[str]:
        answer = await world.client.get("/v1/content", params=query)
        assert answer.status_code == 200, answer.text
        assert answer.json()["nextCursor"] is None
        return [item["id"] for item in answer.json()["items"]]

    assert await listed() == [fourth, third, second, first]
    assert await listed(order="asc") == [first, second, third, fourth]
    assert await listed(projectId=two) == [third, second]
    assert await listed(projectId=one, order="asc") == [first, fourth]
    assert await listed(approvalStatus="pending") == [third, second]
    assert await listed(approvalStatus=["pending", "rejected"], status="completed") == [fourth, second]
    assert await listed(status=["queued", "failed"], projectId=one) == []
    assert await listed(q="RYE_") == [first]
    assert await listed(q="%") == [first]
    assert await listed(q="BRÖT", projectId=two) == [second]
    assert await listed(q="BRÖT", projectId=one) == []
    span = {"since": write_instant(now + timedelta(hours=1)), "until": write_instant(now + timedelta(hours=2))}
    assert await listed(**span) == [third, second]
    (whole,) = (await world.client.get("/v1/content", params={"q": "rye"})).json()["items"]
    content = (await world.client.get(f"/v1/content/{first}")).json()
    assert whole == {**content, "approvalDueAt": None, "changesRequested": False, "posts": []}


async def test_what_a_caller_does_not_see_is_not_listed(api: Api, world: World, clock: MovableClock) -> None:
    """Not to another organization or environment, and only some projects to a user who is limited to them."""
    pool, one, two = api.context.pool, await world.project(), await world.project("Another")
    mine = await insert(pool, one, clock.now())
    await insert(pool, two, clock.now())
    for client in (await api.client(organization="Strangers"), await api.client(environment=Environment.LIVE)):
        for query in ({}, {"projectId": one}, {"projectId": one, "q": "hello"}, {"q": "hello"}):
            answer = await client.get("/v1/content", params=query)
            assert answer.json() == {"items": [], "nextCursor": None}
    limited = await caller_of(pool, one, projects=frozenset({bare(one)}))
    for wanted, count in (
        (ContentFilter(), 1),
        (ContentFilter(text="hel"), 1),
        (ContentFilter(project_id=bare(two)), 0),
    ):
        found = await search_content(pool, wanted, after=None, limit=10, visible_to=limited)
        assert [container.id for container in found.items] == [bare(mine)] * count


@pytest.mark.parametrize("query", ["q=", f"q={'x' * 101}", "status=gone", "projectId=cnt_1", "cursor=x", "z=1"])
async def test_a_filter_that_has_no_meaning_is_refused(world: World, query: str) -> None:
    """422 with an issue at the parameter."""
    answer = await world.client.get(f"/v1/content?{query}")
    assert answer.status_code == 422, answer.text
    issues = answer.json()["error"]["details"]["issues"]
    assert issues[0]["path"].partition("[")[0] == query.partition("=")[0]


@pytest.mark.parametrize("order", ["asc", "desc"])
async def test_pages_find_each_match_once_while_content_is_created(
    api: Api, world: World, clock: MovableClock, order: str
) -> None:
    """Also where a page ends because it has read enough, not because it is full."""
    pool, project, now = api.context.pool, await world.project(), clock.now()
    there = [
        await insert(pool, project, now + timedelta(minutes=n // 3), caption="bread" if n % 7 == 0 else "rolls")
        for n in range(40)
    ]
    caller = await caller_of(pool, project)
    wanted = ContentFilter(text="BREAD", order="asc" if order == "asc" else "desc")
    seen: list[str] = []
    sizes: list[int] = []
    after: Position | None = None
    while True:
        found = await search_content(pool, wanted, after=after, limit=2, visible_to=caller, max_scanned=5)
        seen += [f"cnt_{container.id}" for container in found.items]
        sizes.append(len(found.items))
        if (after := found.continues_after) is None:
            break
        for seconds in (-1, 0, 1):
            await insert(pool, project, after[0] + timedelta(seconds=seconds))
    expected = there[::7] if order == "asc" else there[::7][::-1]
    assert sorted(seen) == sorted(expected)
    assert 0 in sizes


@pytest.mark.parametrize("order", ["asc", "desc"])
@pytest.mark.parametrize("source", ["all", "project"])
async def test_a_page_reads_the_index_and_its_own_rows(api: Api, world: World, source: str, order: str) -> None:
    """Of a rare state among thousands of containers, a page reads as many entries as it has rows, and sorts no others."""
    pool, project = api.context.pool, await world.project()
    await pool.execute(
        """INSERT INTO content_containers (id, project_id, organization_id, environment, status, approval_status, media_type,
                                           caption, created_at, updated_at)
           SELECT gen_random_uuid(), id, organization_id, environment, 'completed',
                  CASE WHEN n % 100 = 0 THEN 'pending' ELSE 'approved' END, 'image', '', now() + n * interval '1 second', now()
             FROM projects, generate_series(1, 3000) AS n WHERE id = $1""",
        bare(project),
    )
    await as_owner(pool, "ANALYZE content_containers")
    caller = await caller_of(pool, project)
    begin, end = ("9999-01-01", "0001-01-02") if order == "desc" else ("0001-01-02", "9999-01-01")
    values = [
        str(caller.organization_id),
        "test",
        "{completed,queued}",
        "{pending,rejected}",
        begin,
        str(new_id()),
        end,
    ]
    own = [str(bare(project))] if source == "project" else []
    plan = await plan_of(pool, SQL[f"search_{source}_{order}"], [*values, "11", "{}", "11", *own], "custom")
    scans = [node for node in plan if node.get("Relation Name") == "content_containers"]
    index = "content_containers_by_" + ("tenant" if source == "all" else "project")
    assert {(node["Node Type"], node["Index Name"]) for node in scans} == {
        ("Index Only Scan", index),
        ("Index Scan", "content_containers_pkey"),
    }
    for node in scans:
        assert node["Actual Rows"] * node["Actual Loops"] <= 4 * 11
        assert node.get("Rows Removed by Filter", 0) == 0


async def test_a_row_says_what_makes_its_review_urgent(api: Api, world: World, clock: MovableClock) -> None:
    """The first schedule call that waits is due, in one read of the list; requested changes wait until an edit."""
    project = await world.project()
    account = await world.account(project, "instagram", "bakery")
    policy = {"policy": "review_all", "covers": "content_and_text"}
    assert (await world.client.patch(f"/v1/projects/{project}/content-review-policy", json=policy)).is_success
    later, sooner = clock.now() + timedelta(days=2), clock.now() + timedelta(days=1)

    async def row() -> tuple[str | None, bool]:
        answer = await world.client.get("/v1/content", params={"approvalStatus": "pending"})
        (item,) = answer.json()["items"]
        return item["approvalDueAt"], item["changesRequested"]

    content = await world.content(project, sample_picture(360, 450))
    assert await row() == (None, False)
    targets = [{"socialAccountId": account, "mode": "publish"}]
    for time in (later, sooner):
        body = {"targets": targets, "scheduledFor": write_instant(time)}
        assert (await world.client.post(f"/v1/content/{content}/schedule", json=body)).is_success
    assert await row() == (write_instant(sooner), False)
    path = f"/v1/content/{content}"
    assert (await world.client.post(f"{path}/request-changes", json={"note": "Shorter"})).is_success
    assert await row() == (write_instant(sooner), True)
    assert (await world.client.patch(path, json={"caption": "Short"})).is_success
    assert await row() == (write_instant(sooner), False)


async def test_a_row_has_a_post_for_each_account(api: Api, world: World, clock: MovableClock) -> None:
    """The next one that is queued, or else the latest one: what the content does there."""
    project = await world.project()
    accounts = [await world.account(project, "instagram", handle) for handle in ("bakery", "cafe")]
    content = await world.content(project, sample_picture(360, 450))
    later, sooner, last = (clock.now() + timedelta(days=days) for days in (2, 1, 3))

    async def scheduled(account: str, at: datetime) -> str:
        body = {"targets": [{"socialAccountId": account, "mode": "publish"}], "scheduledFor": write_instant(at)}
        answer = await world.client.post(f"/v1/content/{content}/schedule", json=body)
        return str(answer.json()["scheduledPostIds"][0])

    _, next_post, canceled, latest = (
        await scheduled(accounts[0], later),
        await scheduled(accounts[0], sooner),
        await scheduled(accounts[1], later),
        await scheduled(accounts[1], last),
    )
    for post in (canceled, latest):
        assert (await world.client.delete(f"/v1/scheduled-posts/{post}")).is_success
    (item,) = (await world.client.get("/v1/content")).json()["items"]
    shown = {"platform": "instagram", "scheduledFor": write_instant(sooner), "status": "queued", "liveStatus": None}
    assert item["posts"] == [
        {"id": next_post, "socialAccountId": accounts[0], **shown},
        {
            "id": latest,
            "socialAccountId": accounts[1],
            **shown,
            "scheduledFor": write_instant(last),
            "status": "canceled",
        },
    ]
