"""The list of the accounts of all projects: filters, tenancy, pages, and what a page reads."""

from typing import Any

import pytest
from tests.api_server import Api
from tests.content.test_search import caller_of
from tests.databases import as_owner
from tests.db.plans import plan_of
from tests.posts.conftest import bare, insert_account
from tests.world import World

from presswork.accounts.search import AccountFilter, search_accounts
from presswork.accounts.store import SQL
from presswork.core.enums import Environment
from presswork.core.ids import new_id
from presswork.db.found_page import Position
from presswork.db.pool import Pool


async def insert(
    pool: Pool, project: str, platform: str, handle: str, *, name: str = "", status: str = "connected"
) -> str:
    """Insert an account."""
    account = await insert_account(pool, project, platform, [])
    await pool.execute(
        "UPDATE social_accounts SET handle = $2, display_name = nullif($3, ''), status = $4 WHERE id = $1",
        bare(account),
        handle,
        name,
        status,
    )
    return account


async def test_the_list_has_the_accounts_of_all_projects_and_narrows_them(api: Api, world: World) -> None:
    """By project, platform, status (several of each), and a part of the handle or the name; by their first connection."""
    pool, one, two = api.context.pool, await world.project(), await world.project("Another")
    first = await insert(pool, one, "instagram", "Corner.Bakery", name="Brot und Brötchen")
    second = await insert(pool, two, "tiktok", "corner_bakery", status="reauth_required")
    third = await insert(pool, two, "instagram", "florist%")

    async def listed(**query: Any) -> list[str]:
        answer = await world.client.get("/v1/social-accounts", params=query)
        assert answer.status_code == 200, answer.text
        assert answer.json()["nextCursor"] is None
        return [item["socialAccountId"] for item in answer.json()["items"]]

    assert await listed() == [first, second, third]
    assert await listed(projectId=two) == [second, third]
    assert await listed(platform="instagram") == [first, third]
    assert await listed(platform=["tiktok", "instagram"], status="reauth_required") == [second]
    assert await listed(status=["reauth_required", "disconnected"], projectId=one) == []
    assert await listed(status=["reauth_required", "connected"], platform="tiktok", projectId=two) == [second]
    assert await listed(q="BAKERY") == [first, second]
    assert await listed(q="@corner_") == [second]
    assert await listed(q="BRÖT") == [first]
    assert await listed(q="%", projectId=two) == [third]
    (whole,) = (await world.client.get("/v1/social-accounts", params={"q": "florist"})).json()["items"]
    assert whole == (await world.client.get(f"/v1/social-accounts/{third}")).json()


async def test_what_a_caller_does_not_see_is_not_listed(api: Api, world: World) -> None:
    """Not to another organization or environment, and only some projects to a user who is limited to them."""
    pool, one, two = api.context.pool, await world.project(), await world.project("Another")
    mine = await insert(pool, one, "tiktok", "bakery")
    await insert(pool, two, "tiktok", "bakery")
    for client in (await api.client(organization="Strangers"), await api.client(environment=Environment.LIVE)):
        for query in ({}, {"projectId": one}, {"projectId": one, "q": "bakery"}, {"q": "bakery"}):
            answer = await client.get("/v1/social-accounts", params=query)
            assert answer.json() == {"items": [], "nextCursor": None}
    limited = await caller_of(pool, one, projects=frozenset({bare(one)}))
    for wanted, count in (
        (AccountFilter(), 1),
        (AccountFilter(text="bak"), 1),
        (AccountFilter(project_id=bare(two)), 0),
    ):
        found = await search_accounts(pool, wanted, after=None, limit=10, visible_to=limited)
        assert [account.id for account in found.items] == [bare(mine)] * count


@pytest.mark.parametrize("query", ["q=", f"q={'x' * 101}", "status=gone", "platform=myspace", "cursor=x", "z=1"])
async def test_a_filter_that_has_no_meaning_is_refused(world: World, query: str) -> None:
    """422 with an issue at the parameter."""
    answer = await world.client.get(f"/v1/social-accounts?{query}")
    assert answer.status_code == 422, answer.text
    issues = answer.json()["error"]["details"]["issues"]
    assert issues[0]["path"].partition("[")[0] == query.partition("=")[0]


@pytest.mark.parametrize("source", ["all", "project"])
async def test_pages_find_each_match_once(api: Api, world: World, source: str) -> None:
    """Also where a page ends because it has read enough, not because it is full."""
    pool, project = api.context.pool, await world.project()
    there = [await insert(pool, project, "tiktok", "bakery" if n % 7 == 0 else "florist") for n in range(24)]
    caller = await caller_of(pool, project)
    wanted = AccountFilter(text="BAKERY", project_id=bare(project) if source == "project" else None)
    seen: list[str] = []
    sizes: list[int] = []
    after: Position | None = None
    while True:
        found = await search_accounts(pool, wanted, after=after, limit=2, visible_to=caller, max_scanned=5)
        seen += [f"sa_{account.id}" for account in found.items]
        sizes.append(len(found.items))
        if (after := found.continues_after) is None:
            break
    assert seen == there[::7]
    assert 0 in sizes


async def test_a_page_reads_the_index_and_its_own_rows(api: Api, world: World) -> None:
    """Of a rare status among thousands of accounts, a page reads as many entries as it has rows, and sorts no others."""
    pool, project = api.context.pool, await world.project()
    await pool.execute(
        """INSERT INTO social_accounts (id, project_id, organization_id, environment, platform, login, external_id, handle, status,
                                        scopes, sealed_tokens, connected_at, created_at, updated_at)
           SELECT gen_random_uuid(), id, organization_id, environment, 'tiktok', 'tiktok', n::text, 'brand',
                  CASE WHEN n % 100 = 0 THEN 'reauth_required' ELSE 'connected' END, '{}', 'sealed', now(),
                  now() + n * interval '1 second', now()
             FROM projects, generate_series(1, 3000) AS n WHERE id = $1""",
        bare(project),
    )
    await as_owner(pool, "ANALYZE social_accounts")
    caller = await caller_of(pool, project)
    values = [str(caller.organization_id), "test", "0001-01-02", str(new_id()), "11", "11", "{}"]
    statuses = ["{reauth_required,disconnected}", "{instagram,tiktok}"]
    for name, own in (("all", statuses), ("project", [str(bare(project))])):
        plan = await plan_of(pool, SQL[f"search_{name}"], [*values, *own, "{tiktok}"], "custom")
        scans = [node for node in plan if node.get("Relation Name") == "social_accounts"]
        index = "social_accounts_by_" + ("tenant" if name == "all" else "project")
        assert {node["Index Name"] for node in scans} == {index, "social_accounts_pkey"}
        for node in scans:
            assert node["Actual Rows"] * node["Actual Loops"] <= 4 * 11
            assert node.get("Rows Removed by Filter", 0) == 0
