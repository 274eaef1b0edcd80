"""The posts of all projects: their list with its filters and bounded pages, and their number per local day."""

import json
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import FrameType
from typing import Any, Final

import httpx2
import pytest
from tests.clocks import MovableClock
from tests.databases import as_owner
from tests.db.plans import Node, plan_of
from tests.posts.conftest import ReadyProject, bare, insert_account, insert_container
from tests.posts.test_lists import insert_posts

from presswork.api.posts.overview_routes import PostGroup
from presswork.api.posts.post_schemas import FoundPost
from presswork.callers.model import Principal, Tier
from presswork.core.enums import Environment, Mode
from presswork.core.errors import Invalid
from presswork.core.ids import new_id
from presswork.core.timestamps import write_instant
from presswork.db.found_page import Position
from presswork.db.one_connection import connected
from presswork.db.queries import load
from presswork.posts import summary as summary_module
from presswork.posts.search import SearchFilter, count_posts, search_groups, search_posts
from presswork.posts.summary import summarize_posts

_SQL: Final = load("presswork.posts", "overview.sql")
_AS_IS: Final[dict[str, Any]] = {"thumbnail_url": str, "now": None}


async def listed(client: httpx2.AsyncClient, **query: Any) -> list[str]:
    """Return the ids of the first page, which has all posts: as many as the count."""
    response = await client.get("/v1/scheduled-posts", params=query)
    assert response.status_code == 200, response.text
    assert response.json()["nextCursor"] is None
    counted = await client.get("/v1/scheduled-posts/count", params=query | {"order": []})
    assert counted.json() == {"total": len(response.json()["items"]), "isCapped": False}
    return [post["id"] for post in response.json()["items"]]


async def grouped(client: httpx2.AsyncClient, **query: Any) -> list[dict[str, Any]]:
    """Return the groups of all pages."""
    groups: list[dict[str, Any]] = []
    cursor: list[str] = []
    while True:
        response = await client.get("/v1/scheduled-posts", params={**query, "groupBy": "content", "cursor": cursor})
        assert response.status_code == 200, response.text
        groups += response.json()["items"]
        if (after := response.json()["nextCursor"]) is None:
            return groups
        cursor = [after]


async def insert_post(ready_project: ReadyProject, account: str, container: str, at: datetime, **values: object) -> str:
    """Insert a queued post of an account, and change its columns."""
    post = new_id()
    await ready_project.pool.execute(
        """INSERT INTO scheduled_posts (id, project_id, organization_id, environment, container_id, social_account_id, platform,
                                        mode, status, scheduled_for, run_at, platform_state, error_count, version, created_at, updated_at)
           SELECT $1, a.project_id, a.organization_id, a.environment, $4, a.id, a.platform, 'publish', 'queued', $2, $2, '{}',
                  0, 1, $2, $2 FROM social_accounts a WHERE a.id = $3""",
        post,
        at,
        bare(account),
        bare(container),
    )
    await ready_project.change("scheduled_posts", f"sp_{post}", **values)
    return f"sp_{post}"


async def caller_of(ready_project: ReadyProject) -> Principal:
    """Return the caller of the project's client."""
    row = await ready_project.pool.fetchrow("SELECT * FROM projects WHERE id = $1", bare(ready_project.project))
    assert row is not None
    return Principal(
        key_id=new_id(),
        organization_id=row["organization_id"],
        environment=Environment(row["environment"]),
        scopes=frozenset({"*"}),
        tier=Tier.UNLIMITED,
        return_domains=(),
        operator_id=None,
    )


async def test_the_list_has_the_posts_of_all_projects_and_narrows_them(
    ready_project: ReadyProject, clock: MovableClock
) -> None:
    """By project, status (several), platform, mode, account, container, text and span; in either order."""
    now, client = clock.now(), ready_project.client
    other = await ready_project.world.project("Another")
    account = await insert_account(ready_project.pool, other, "instagram", [])
    await ready_project.change("social_accounts", account, handle="Corner.Bakery")
    container = await insert_container(ready_project.pool, other, "image")
    await ready_project.change("content_containers", container, caption="100% rye_bread")
    first, second = await insert_posts(ready_project, now + timedelta(hours=1), now + timedelta(hours=2))
    third = await insert_post(ready_project, account, container, now + timedelta(hours=3), mode="managed")
    fourth = await insert_post(
        ready_project, account, container, now + timedelta(hours=4), status="failed", caption_override="Brötchen"
    )

    assert await listed(client) == [fourth, third, second, first]
    assert await listed(client, order="asc") == [first, second, third, fourth]
    assert await listed(client, projectId=other) == [fourth, third]
    assert await listed(client, projectId=ready_project.project, platform="instagram") == []
    assert await listed(client, status=["failed", "published"]) == [fourth]
    assert await listed(client, status="queued", order="asc") == [first, second, third]
    assert await listed(client, platform="tiktok") == [second, first]
    assert await listed(client, platform=["tiktok", "instagram"], mode="managed") == [third]
    assert await listed(client, socialAccountId=account, mode="publish") == [fourth]
    assert await listed(client, containerId=container, socialAccountId=account) == [fourth, third]
    assert await listed(client, containerId=container, projectId=ready_project.project) == []
    assert await listed(client, q="BAKERY") == [fourth, third]
    assert await listed(client, q="@corner") == [fourth, third]
    assert await listed(client, q="rye_") == [third]
    assert await listed(client, q="%") == [third]
    assert await listed(client, q="BRÖT") == [fourth]
    assert await listed(client, q="hello", projectId=ready_project.project, order="asc") == [first, second]
    span = {"since": write_instant(now + timedelta(hours=2)), "until": write_instant(now + timedelta(hours=3))}
    assert await listed(client, **span) == [third, second]


async def test_a_row_has_what_a_list_shows(ready_project: ReadyProject, clock: MovableClock) -> None:
    """The fields of the post, its account, the caption that goes out, and a thumbnail that a browser can fetch."""
    one, two = await insert_posts(ready_project, clock.now() + timedelta(hours=1), clock.now() + timedelta(hours=2))
    await ready_project.change("scheduled_posts", one, created_at=clock.now())
    await ready_project.change("scheduled_posts", two, created_at=clock.now(), caption_override="Fresh")
    await ready_project.change("social_accounts", ready_project.tiktok, display_name="Corner Bakery")
    await ready_project.pool.execute(
        """INSERT INTO media_assets (id, container_id, organization_id, environment, position, object_key, created_at, thumbnail_key)
           SELECT gen_random_uuid(), id, organization_id, environment, n, '', now(), 'previews/' || n
             FROM content_containers, generate_series(0, 1) AS n WHERE id = $1""",
        bare(ready_project.image),
    )
    listed = (await ready_project.client.get("/v1/scheduled-posts", params={"order": "asc"})).json()["items"]
    whole = [FoundPost.model_validate(post).model_dump(mode="json", by_alias=True) for post in listed]
    assert whole == listed
    for post, post_id, caption in zip(listed, (one, two), ("Hello", "Fresh"), strict=True):
        account = {"handle": "brand", "displayName": "Corner Bakery", "avatarUrl": None, "status": "connected"}
        assert (post.pop("account"), post.pop("caption"), post.pop("waiting")) == (account, caption, None)
        assert "/media/previews/0" in post.pop("thumbnailUrl")
        assert post == await ready_project.world.post(post_id)
    await ready_project.pool.execute("UPDATE media_assets SET thumbnail_key = NULL")
    for post in (await ready_project.client.get("/v1/scheduled-posts")).json()["items"]:
        assert post["thumbnailUrl"] is None
    await ready_project.pool.execute("DELETE FROM media_assets")
    for link, shown in (
        ({"url": "https://a.example/"}, None),
        ({"picture": {"object_key": "cards/0"}}, "/media/cards/0"),
    ):
        await ready_project.change("content_containers", ready_project.image, link=json.dumps(link))
        for post in (await ready_project.client.get("/v1/scheduled-posts")).json()["items"]:
            assert post["thumbnailUrl"] is shown or shown in post["thumbnailUrl"]


async def test_what_a_caller_does_not_see_is_not_listed(ready_project: ReadyProject, clock: MovableClock) -> None:
    """Not to another organization or environment, and only some projects to a user who is limited to them."""
    await insert_posts(ready_project, clock.now())
    stranger = await ready_project.world.api.client(organization="Strangers")
    live = await ready_project.world.api.client(environment=Environment.LIVE)
    for client in (stranger, live):
        assert await listed(client) == []
        assert await listed(client, socialAccountId=ready_project.tiktok) == []
        assert await listed(client, containerId=ready_project.image, q="hello") == []
        for path in ("/v1/scheduled-posts", "/v1/scheduled-posts/summary"):
            foreign, unknown = [
                (await client.get(path, params={"projectId": one})).json()
                for one in (ready_project.project, f"prj_{new_id()}")
            ]
            assert foreign == unknown
            assert foreign.get("items", foreign.get("days")) == []
        assert (await client.get("/v1/scheduled-posts/summary")).json()["days"] == []
    caller = await caller_of(ready_project)
    for projects, count in (({bare(ready_project.project)}, 1), ({new_id()}, 0), (set(), 0)):
        limited = replace(caller, project_ids=frozenset(projects))
        found = await search_posts(
            ready_project.pool, SearchFilter(), after=None, limit=10, visible_to=limited, **_AS_IS
        )
        assert len(found.items) == count
        summary = await summarize_posts(
            ready_project.pool,
            since=None,
            until=None,
            timezone=None,
            project_id=None,
            visible_to=limited,
            now=clock.now(),
        )
        assert len(json.loads(summary.accounts)) == count


@pytest.mark.parametrize(
    "query", ["q=", f"q={'x' * 101}", "q=%00", "platform=myspace", "mode=later", "cursor=x", "z=1"]
)
async def test_a_filter_that_has_no_meaning_is_refused(ready_project: ReadyProject, query: str) -> None:
    """422 with an issue at the parameter."""
    response = await ready_project.client.get(f"/v1/scheduled-posts?{query}")
    assert response.status_code == 422, response.text
    assert response.json()["error"]["details"]["issues"][0]["path"].partition("[")[0] == query.partition("=")[0]


async def test_posts_of_one_container_and_instant_are_one_item(
    ready_project: ReadyProject, clock: MovableClock
) -> None:
    """Whatever the size of the pages, the order and the filter: the same groups as the list of posts has, none split."""
    now, client = clock.now(), ready_project.client
    containers = [ready_project.image, await insert_container(ready_project.pool, ready_project.project, "image")]
    await ready_project.change("content_containers", containers[1], caption="Rye")
    accounts = [ready_project.tiktok, ready_project.instagram]
    for number in range(36):
        await insert_post(
            ready_project,
            accounts[number % 2],
            containers[number // 2 % 2],
            now + timedelta(hours=number // 12),
            status=("queued", "failed", "canceled")[number % 3],
            mode="draft" if number % 5 == 0 else "publish",
        )
    query: dict[str, Any]
    for query in ({}, {"status": ["failed", "queued"]}, {"platform": "tiktok"}, {"q": "rye"}, {"mode": "draft"}):
        for order in ("asc", "desc"):
            posts = (await client.get("/v1/scheduled-posts", params={**query, "order": order})).json()["items"]
            expected: dict[tuple[str, str], list[dict[str, Any]]] = {}
            for post in posts:
                expected.setdefault((post["scheduledFor"], post["containerId"]), []).append(post)
            for limit in (1, 2, 200):
                groups = await grouped(client, **query, order=order, limit=limit)
                assert [(group["scheduledFor"], group["containerId"]) for group in groups] == [*expected]
                for group, members in zip(groups, expected.values(), strict=True):
                    assert group["posts"] == sorted(members, key=lambda post: str(post["id"]))
                    assert group["counts"] == dict(Counter(post["status"] for post in members))
                    assert PostGroup.model_validate(group).model_dump(mode="json", by_alias=True) == group


@pytest.mark.parametrize("max_scanned", [1, 3, 7])
async def test_pages_of_groups_that_end_because_they_read_enough(
    ready_project: ReadyProject, clock: MovableClock, max_scanned: int
) -> None:
    """Each group is listed once, whole, also where a page ends within it."""
    now, caller = clock.now(), await caller_of(ready_project)
    other = await insert_container(ready_project.pool, ready_project.project, "image")
    for number in range(20):
        container = other if number % 3 else ready_project.image
        await insert_post(ready_project, ready_project.tiktok, container, now + timedelta(hours=number // 10))
    groups: list[dict[str, Any]] = []
    after: Position | None = None
    while True:
        found = await search_groups(
            ready_project.pool,
            SearchFilter(),
            after=after,
            limit=10,
            visible_to=caller,
            max_scanned=max_scanned,
            **_AS_IS,
        )
        groups += [json.loads(group.document) for group in found.items]
        if (after := found.continues_after) is None:
            break
    assert sorted(len(group["posts"]) for group in groups) == [3, 4, 6, 7]


async def test_a_count_has_a_bound(ready_project: ReadyProject, clock: MovableClock) -> None:
    """Beyond it, it says that there may be more."""
    await insert_posts(ready_project, *(clock.now() + timedelta(minutes=minute) for minute in range(5)))
    caller = await caller_of(ready_project)
    for bound, total, is_capped in ((4, 4, True), (5, 5, False)):
        for text in (None, "hello"):
            counted = await count_posts(
                ready_project.pool, SearchFilter(text=text), visible_to=caller, max_counted=bound
            )
            assert (counted.total, counted.is_capped) == (total, is_capped)


@pytest.mark.parametrize("order", ["asc", "desc"])
async def test_pages_find_each_match_once_while_posts_are_created(
    ready_project: ReadyProject, clock: MovableClock, order: str
) -> None:
    """Also where a page ends because it has read enough, not because it is full."""
    now, caller = clock.now(), await caller_of(ready_project)
    there = await insert_posts(ready_project, *(now + timedelta(minutes=minute // 3) for minute in range(40)))
    for number, post in enumerate(there):
        await ready_project.change("scheduled_posts", post, mode="draft" if number % 7 == 0 else "publish")
    seen: list[str] = []
    sizes: list[int] = []
    wanted = SearchFilter(modes=[Mode.DRAFT], order="asc" if order == "asc" else "desc")
    after: Position | None = None
    while True:
        found = await search_posts(
            ready_project.pool, wanted, after=after, limit=2, visible_to=caller, max_scanned=5, **_AS_IS
        )
        seen += [json.loads(post.document)["id"] for post in found.items]
        sizes.append(len(found.items))
        if (after := found.continues_after) is None:
            break
        await insert_posts(ready_project, after[0] - timedelta(seconds=1), after[0], after[0] + timedelta(seconds=1))
    expected = [post for number, post in enumerate(there) if number % 7 == 0]
    assert sorted(seen) == sorted(expected)
    assert 0 in sizes


@pytest.mark.parametrize("order", ["asc", "desc"])
@pytest.mark.parametrize("source", ["all", "project"])
@pytest.mark.parametrize("kind", ["search", "group", "count"])
async def test_a_page_reads_no_more_than_its_bound(
    ready_project: ReadyProject, kind: str, source: str, order: str
) -> None:
    """A filter that matches nothing reads the bound of index entries per status, and the posts of one bound."""
    await insert_many(ready_project, 3000)
    caller, index = await caller_of(ready_project), {"all": "tenant"}.get(source, source)
    begin, end = ("9999-01-01", "0001-01-02") if order == "desc" else ("0001-01-02", "9999-01-01")
    edge = str(bare(ready_project.image))
    values = [str(caller.organization_id), "test", "{published,failed,queued}", begin, edge, end, "11"]
    values += ['{"text": "nothing has this", "handle": "nothing"}', "100"]
    name = f"{kind}_{source}_{order}"
    if kind == "count":
        del values[6]
        values[3], values[5], name = "0001-01-02", "9999-01-01", f"count_{source}"
    if source == "project":
        values.append(str(bare(ready_project.project)))
    plan = await plan_of(ready_project.pool, _SQL[name], values, "custom")
    scans = [node for node in plan if node.get("Relation Name") == "scheduled_posts" and node["Actual Loops"]]
    assert {(node["Node Type"], node["Index Name"]) for node in scans} == {
        ("Index Only Scan", f"scheduled_posts_by_{index}"),
        ("Index Scan", "scheduled_posts_pkey"),
        *([("Index Scan", "scheduled_posts_by_container")] if kind == "group" else []),
    }
    for node in scans:
        assert node["Actual Rows"] * node["Actual Loops"] <= 3 * 100


async def test_a_summary_reads_one_range_of_an_index(ready_project: ReadyProject, owner_dsn: str) -> None:
    """Of the posts of other instants nothing is read, and of those in the span only their index entries, grouped by hash."""
    await insert_many(ready_project, 3000)
    async with connected(owner_dsn) as owner:
        await owner.execute("VACUUM ANALYZE scheduled_posts")
    caller, begin = await caller_of(ready_project), datetime.now(UTC)
    span = [begin.isoformat(), (begin + timedelta(seconds=300)).isoformat(), "{}", "50000", begin.date().isoformat()]
    statuses = "{queued,publishing,published,draft,failed,canceled}"
    plan = await plan_of(
        ready_project.pool, _SQL["summarize_all"], [str(caller.organization_id), "test", statuses, *span], "custom"
    )
    (scan,) = [node for node in plan if node.get("Relation Name") == "scheduled_posts"]
    assert (scan["Node Type"], scan["Index Name"]) == ("Index Only Scan", "scheduled_posts_by_tenant")
    assert 290 <= scan["Actual Rows"] <= 310
    assert scan.get("Rows Removed by Filter", 0) == scan.get("Rows Removed by Index Recheck", 0) == 0
    assert _grouping(plan) == ["Hashed"]
    one = "{" + str(bare(ready_project.project)) + "}"
    plan = await plan_of(ready_project.pool, _SQL["summarize_projects"], [one, statuses, *span], "custom")
    (scan,) = [node for node in plan if node.get("Index Name") == "scheduled_posts_by_project"]
    assert 290 <= scan["Actual Rows"] <= 310
    assert _grouping(plan) == ["Hashed"]


def _grouping(plan: Sequence[Node]) -> Sequence[str]:
    """Return how posts are grouped and sorted by their days."""
    return [
        node.get("Strategy", "Sort")
        for node in plan
        if any("width_bucket" in key for key in (*node.get("Group Key", ()), *node.get("Sort Key", ())))
    ]


async def insert_many(ready_project: ReadyProject, count: int) -> None:
    """Insert posts of the TikTok account, one per second."""
    await ready_project.pool.execute(
        """INSERT INTO scheduled_posts (id, project_id, organization_id, environment, container_id, social_account_id, platform,
                                        mode, status, scheduled_for, run_at, platform_state, error_count, version, created_at, updated_at)
           SELECT gen_random_uuid(), a.project_id, a.organization_id, a.environment, $2, a.id, a.platform, 'publish',
                  CASE WHEN n % 9 = 0 THEN 'failed' ELSE 'published' END, now() + n * interval '1 second', now(), '{}', 0, 1,
                  now(), now()
             FROM social_accounts a CROSS JOIN generate_series(1, $3::int) AS n WHERE a.id = $1""",
        bare(ready_project.tiktok),
        bare(ready_project.image),
        count,
    )
    await as_owner(ready_project.pool, "ANALYZE scheduled_posts")


async def summary(client: httpx2.AsyncClient, **query: str) -> dict[str, Any]:
    """Read a summary, with its counts of zero left out."""
    response = await client.get("/v1/scheduled-posts/summary", params=query)
    assert response.status_code == 200, response.text
    found = response.json()
    for days in (found["days"], *(account["days"] for account in found["accounts"])):
        for day in days:
            assert list(day["counts"]) == ["queued", "publishing", "published", "draft", "failed", "canceled"]
            day["counts"] = {status: count for status, count in day["counts"].items() if count}
    return dict(found)


async def test_days_of_a_summary_are_local_also_when_the_clocks_change(ready_project: ReadyProject) -> None:
    """In Lisbon 29 March 2026 has 23 hours and 25 October 25; both ends of each day are counted on it."""
    pool, client = ready_project.pool, ready_project.client
    spring = [
        datetime(2026, 3, day, hour, minute, tzinfo=UTC)
        for day, hour, minute in ((28, 23, 59), (29, 0, 0), (29, 22, 59), (29, 23, 0))
    ]
    autumn = [
        datetime(2026, 10, day, hour, minute, tzinfo=UTC)
        for day, hour, minute in ((24, 22, 59), (24, 23, 0), (25, 23, 59), (26, 0, 0))
    ]
    await insert_posts(ready_project, *spring, *autumn)
    failed = await insert_post(ready_project, ready_project.instagram, ready_project.image, autumn[1], status="failed")
    found = await summary(client, since="2026-03-01T00:00:00Z", until="2026-11-01T00:00:00Z", timezone="Europe/Lisbon")
    both = {"queued": 2}
    assert found["timezone"] == "Europe/Lisbon"
    assert found["days"] == [
        {"date": "2026-03-28", "counts": {"queued": 1}},
        {"date": "2026-03-29", "counts": both},
        {"date": "2026-03-30", "counts": {"queued": 1}},
        {"date": "2026-10-24", "counts": {"queued": 1}},
        {"date": "2026-10-25", "counts": {**both, "failed": 1}},
        {"date": "2026-10-26", "counts": {"queued": 1}},
    ]
    assert {account["socialAccountId"]: len(account["days"]) for account in found["accounts"]} == {
        ready_project.tiktok: 6,
        ready_project.instagram: 1,
    }
    assert failed
    # The same instants are other days elsewhere, and the bounds are inclusive.
    bounds = {"since": "2026-03-29T00:00:00Z", "until": "2026-03-29T22:59:00Z", "timezone": "Pacific/Auckland"}
    assert [day["date"] for day in (await summary(client, **bounds))["days"]] == ["2026-03-29", "2026-03-30"]
    # Cairo's clocks skip midnight itself on 24 April 2026.
    await pool.execute("DELETE FROM scheduled_posts")
    await insert_posts(
        ready_project,
        *(datetime(2026, 4, 23, 21, minute, tzinfo=UTC) for minute in (59, 0)),
        datetime(2026, 4, 23, 22, tzinfo=UTC),
    )
    cairo = await summary(client, since="2026-04-20T00:00:00Z", until="2026-04-30T00:00:00Z", timezone="Africa/Cairo")
    assert cairo["days"] == [
        {"date": "2026-04-23", "counts": both},
        {"date": "2026-04-24", "counts": {"queued": 1}},
    ]


async def test_a_summary_without_parameters_is_of_two_months_and_a_project_brings_its_time_zone(
    ready_project: ReadyProject, clock: MovableClock
) -> None:
    """31 days before and after the present, in UTC or the project's zone."""
    await ready_project.change("projects", ready_project.project, timezone="Asia/Tokyo")
    at = clock.now().astimezone(UTC).replace(hour=16, minute=0, second=0, microsecond=0)
    await insert_posts(ready_project, *(at + timedelta(days=days) for days in (-33, -20, 20, 33)))
    everything = await summary(ready_project.client)
    of_project = await summary(ready_project.client, projectId=ready_project.project)
    assert (everything["timezone"], of_project["timezone"]) == ("UTC", "Asia/Tokyo")
    days = [(at + timedelta(days=number)).date() for number in (-20, 20)]
    assert [day["date"] for day in everything["days"]] == [day.isoformat() for day in days]
    # 16:00 in UTC is the next day in Tokyo
    assert [day["date"] for day in of_project["days"]] == [(day + timedelta(days=1)).isoformat() for day in days]


async def test_a_summary_costs_the_program_the_same_whatever_it_counts(
    ready_project: ReadyProject, clock: MovableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The database builds the document: no code runs for each pair of an account and a day, which would stop all other calls."""
    caller, begin = await caller_of(ready_project), clock.now()

    async def calls_of_summary() -> tuple[int, int]:
        calls = 0

        def count(frame: FrameType, event: str, _argument: object) -> None:
            nonlocal calls
            calls += event in ("call", "c_call") and "presswork/posts" in frame.f_code.co_filename

        sys.setprofile(count)
        try:
            found = await summarize_posts(
                ready_project.pool,
                since=begin,
                until=begin + timedelta(days=60),
                timezone=None,
                project_id=None,
                visible_to=caller,
                now=begin,
            )
        finally:
            sys.setprofile(None)
        return calls, sum(len(account["days"]) for account in json.loads(found.accounts))

    await insert_posts(ready_project, begin)
    one, pairs_of_one = await calls_of_summary()
    await insert_posts(ready_project, *(begin + timedelta(days=number) for number in range(60)))
    many, pairs_of_many = await calls_of_summary()
    assert (pairs_of_one, pairs_of_many) == (1, 60)
    assert many - one < pairs_of_many - pairs_of_one  # a task that waits once more is a call, too
    # At the limit there is an answer, and beyond it none.
    monkeypatch.setattr(summary_module, "MAX_COUNTS", 60)
    assert (await calls_of_summary())[1] == 60
    monkeypatch.setattr(summary_module, "MAX_COUNTS", 59)
    with pytest.raises(Invalid, match="more than 59 pairs"):
        await calls_of_summary()


@pytest.mark.parametrize(
    ("query", "path", "code"),
    [
        ("timezone=Europe/Atlantis", "timezone", "invalid_choice"),
        ("since=2026-01-01T00:00:00Z&until=2027-01-03T00:00:00Z", "until", "too_large"),
        ("since=0001-01-01T00:00:00Z", "until", "too_large"),
        ("until=9999-12-31T23:59:59Z&timezone=Pacific/Kiritimati", "until", "too_large"),
        ("since=2026-01-01T00:00:00", "since", "time_without_offset"),
    ],
)
async def test_a_summary_has_known_time_zones_and_a_bounded_span(
    ready_project: ReadyProject, query: str, path: str, code: str
) -> None:
    """422 with an issue at the parameter."""
    response = await ready_project.client.get(f"/v1/scheduled-posts/summary?{query}")
    assert response.status_code == 422, response.text
    issue = response.json()["error"]["details"]["issues"][0]
    assert (issue["path"], issue["code"]) == (path, code)
