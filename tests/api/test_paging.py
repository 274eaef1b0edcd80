"""Pagination: every row once despite concurrent inserts, and only cursors of the same list."""

import base64
import json
from collections.abc import AsyncIterator, Mapping
from datetime import timedelta

import httpx2
import pytest
from tests.api.tenants import make_app, make_channel, make_webhooks
from tests.api.wire import ALL, issues, operations_of, read_document
from tests.api_server import Api
from tests.clocks import MovableClock
from tests.world import World


async def _names(client: httpx2.AsyncClient, count: int, clock: MovableClock, *, prefix: str = "p") -> list[str]:
    names = [f"{prefix}{index}" for index in range(count)]
    for index, name in enumerate(names):
        if index % 2:  # some at the same instant, ordered by id only
            clock.advance(timedelta(microseconds=1))
        answer = await client.post("/v1/projects", json={"name": name, "timezone": "UTC"})
        assert answer.status_code == 201
    return names


async def _pages(client: httpx2.AsyncClient, **query: str | int) -> AsyncIterator[list[str]]:
    cursor: str | None = None
    while True:
        answer = await client.get("/v1/projects", params={**query, **({"cursor": cursor} if cursor else {})})
        assert answer.status_code == 200, answer.text
        page = answer.json()
        assert set(page) == {"items", "nextCursor"}
        yield [item["name"] for item in page["items"]]
        cursor = page["nextCursor"]
        if cursor is None:
            return


@pytest.mark.parametrize("order", ["asc", "desc"])
async def test_inserts_while_paging_move_no_rows(api: Api, clock: MovableClock, order: str) -> None:
    """Each row that existed at the start is returned once and in order, although each page is preceded by an insert."""
    client = await api.client()
    names = await _names(client, 7, clock)
    seen: list[str] = []
    added = 0
    async for page in _pages(client, limit=2, order=order):
        seen += page
        if added < 3:
            clock.advance(timedelta(microseconds=1))
            await _names(client, 1, clock, prefix=f"late{added}-")
            added += 1
    assert len(seen) == len(set(seen))
    assert [name for name in seen if name.startswith("p")] == (names if order == "asc" else names[::-1])
    late = [name for name in seen if name.startswith("late")]
    assert late == (["late0-0", "late1-0", "late2-0"] if order == "asc" else [])


async def test_last_page_has_no_cursor(api: Api, clock: MovableClock) -> None:
    """A full last page is not followed by an empty one, and an empty list is one page."""
    client = await api.client()
    assert [page async for page in _pages(client)] == [[]]
    await _names(client, 4, clock)
    assert [len(page) async for page in _pages(client, limit=2)] == [2, 2]
    assert [len(page) async for page in _pages(client, limit=3)] == [3, 1]


async def _ids(world: World, picture: bytes) -> Mapping[str, str]:
    """Make what the paths of lists name, and return the ids by the names of the parameters."""
    project = await world.project()
    account = await world.account(project, "instagram", "paged.posts")
    content = await world.content(project, picture)
    target = {"socialAccountId": account, "mode": "publish"}
    published = await world.client.post(f"/v1/content/{content}/publish", json={"targets": [target]})
    return {
        "projectId": project,
        "socialAccountId": account,
        "postId": str(published.json()["scheduledPostIds"][0]),
        "containerId": await world.content(project, picture),
        "platformAppId": await make_app(world.client),
        **await make_webhooks(world.client),
        **await make_channel(world.client, project),
    }


async def test_a_page_is_compressed_for_clients_that_accept_it(api: Api, clock: MovableClock) -> None:
    """A short response and one that a client reads while it is written are sent as they are."""
    client = await api.client(scopes=ALL)
    await _names(client, 5, clock)
    for path, encoding in (("/v1/projects", "gzip"), ("/v1/projects?limit=1", None), ("/v1/events/stream", None)):
        async with client.stream("GET", path, headers={"Accept-Encoding": "gzip"}) as answer:
            assert answer.headers.get("content-encoding") == encoding, path
    plain = await client.get("/v1/projects", headers={"Accept-Encoding": "identity"})
    assert "content-encoding" not in plain.headers
    assert plain.headers["vary"] == "Accept-Encoding"
    assert plain.content == (await client.get("/v1/projects")).content


async def test_limits_are_bounded_on_every_list(api: Api, picture: bytes) -> None:
    """On every list, a limit outside 1 to 200 and a malformed cursor are issues of their parameters."""
    world = World(api=api, client=await api.client(scopes=ALL))
    ids = await _ids(world, picture)
    lists = [
        operation
        for operation in operations_of(await read_document(world.api))
        if operation.method == "GET" and "cursor" in operation.query_parameters
    ]
    assert len(lists) >= 5
    for operation in lists:
        path = operation.at(ids)
        for limit in ("0", "201", "-1", "ten", "1.5", "", "99999999999999999999"):
            assert list(issues(await world.client.get(path, params={"limit": limit}))) == ["limit"], str(operation)
        if operation.path in {"/v1/sessions", "/v1/agents", "/v1/notifications"}:
            continue  # it needs a session
        for limit in ("1", "200"):
            assert (await world.client.get(path, params={"limit": limit})).status_code == 200, str(operation)


def _encoded(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


async def test_foreign_cursors_are_rejected(api: Api, clock: MovableClock, picture: bytes) -> None:
    """On every list, a malformed or changed cursor, or one of another list, returns 422 at `cursor`."""
    world = World(api=api, client=await api.client(scopes=ALL))
    ids = await _ids(world, picture)
    await _names(world.client, 2, clock)
    own = (await world.client.get("/v1/projects", params={"limit": 1})).json()["nextCursor"]
    mark, microseconds, row = json.loads(base64.urlsafe_b64decode(own + "=" * (-len(own) % 4)))
    bad = [
        "",
        "x",
        "a" * 201,
        own[:-1],
        f"{own}A",
        f"{own}==",
        f" {own}",
        "%00",
        "é",
        _encoded([]),
        _encoded([microseconds, row]),
        _encoded([mark, str(microseconds), row]),
        _encoded([mark, microseconds, row.upper()]),
        _encoded([mark, 10**30, row]),
        _encoded([mark, -(10**30), row]),
        _encoded([mark, microseconds, row, 1]),
        _encoded(["00000000", microseconds, row]),
    ]
    for cursor in bad:
        answer = await world.client.get("/v1/projects", params={"limit": 1, "cursor": cursor})
        assert list(issues(answer)) == ["cursor"], cursor
    assert (await world.client.get("/v1/projects", params={"cursor": own})).status_code == 200
    for operation in operations_of(await read_document(world.api)):
        if operation.method == "GET" and "cursor" in operation.query_parameters and operation.path != "/v1/projects":
            path = operation.at(ids)
            for cursor in (own, "x"):
                assert list(issues(await world.client.get(path, params={"cursor": cursor}))) == ["cursor"], path
