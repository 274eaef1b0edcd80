"""`GET /v1/social-accounts/:id/playlists` and `/boards`: those that an account has now, and the errors as those of the API."""

from typing import Any

import pytest
from tests.world import World


async def read(world: World, account: str, lists: str = "playlists", **query: str) -> tuple[int, Any]:
    """Call the route."""
    answer = await world.client.get(f"/v1/social-accounts/{account}/{lists}", params=query)
    return answer.status_code, answer.json()


async def test_playlists_of_an_account(world: World) -> None:
    """They are asked for each time, and are the channel's own; an account of another platform has none."""
    project = await world.project()
    account = await world.account(project, "youtube", "bakery")
    assert await read(world, account) == (200, {"items": [], "nextCursor": None})
    browser, made = await world.api.anonymous(), []
    for handle, title in (("bakery", "Bread"), ("bakery", "Rolls"), ("another", "Not mine")):
        answer = await browser.post("/sandbox/control/playlists", json={"handle": handle, "title": title})
        made.append({"id": answer.json()["id"], "title": title})
    assert await read(world, account) == (200, {"items": made[:2], "nextCursor": None})
    other = await world.account(project, "instagram", "bakery")
    assert await read(world, other) == (200, {"items": [], "nextCursor": None})


async def test_boards_of_an_account(world: World) -> None:
    """They are asked for each time, page by page, newest first; a cursor is one of this list; other platforms have none."""
    project = await world.project()
    account = await world.account(project, "pinterest", "bakery")
    browser, made = await world.api.anonymous(), []
    for name in ("Bread", "Rolls", "Cakes"):
        answer = await browser.post("/sandbox/control/boards", json={"handle": "bakery", "name": name})
        made.append({"id": answer.json()["id"], "name": name})
    status, first = await read(world, account, "boards", limit="2")
    assert (status, first["items"]) == (200, made[:0:-1])
    status, last = await read(world, account, "boards", limit="2", cursor=first["nextCursor"])
    assert (status, last["items"][0], last["nextCursor"]) == (200, made[0], None)  # before the one that Pinterest makes
    for cursor in ("x", first["nextCursor"] + "A"):
        status, answer = await read(world, account, "boards", cursor=cursor)
        assert (status, answer["error"]["details"]["issues"][0]["code"]) == (422, "bad_cursor")
    other = await world.account(project, "instagram", "bakery")
    assert await read(world, other, "boards") == (200, {"items": [], "nextCursor": None})


@pytest.mark.parametrize(("platform", "lists"), [("youtube", "playlists"), ("pinterest", "boards")])
async def test_lists_that_can_not_be_read(world: World, platform: str, lists: str) -> None:
    """A platform that fails is unavailable, and an account without access says so."""
    account = await world.account(await world.project(), platform, "bakery")
    await world.fault(platform=platform, operation=f"{lists}_list", fault="http_500")
    status, answer = await read(world, account, lists)
    assert (status, answer["error"]["code"], lists in answer["error"]["message"]) == (503, "UNAVAILABLE", True)
    await world.client.delete(f"/v1/social-accounts/{account}")
    status, answer = await read(world, account, lists)
    assert (status, answer["error"]["details"]["reason"]) == (422, "disconnected")
