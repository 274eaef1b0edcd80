"""`GET /v1/social-accounts/:id/playlists`: those that a YouTube channel has now, and its errors as those of the API."""

from typing import Any

from tests.world import World


async def read(world: World, account: str) -> tuple[int, Any]:
    """Call the route."""
    answer = await world.client.get(f"/v1/social-accounts/{account}/playlists")
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


async def test_playlists_that_can_not_be_read(world: World) -> None:
    """A platform that fails is unavailable, and an account without access says so."""
    account = await world.account(await world.project(), "youtube", "bakery")
    await world.fault(platform="youtube", operation="playlists_list", fault="http_500")
    status, answer = await read(world, account)
    assert (status, answer["error"]["code"], "playlists" in answer["error"]["message"]) == (503, "UNAVAILABLE", True)
    await world.client.delete(f"/v1/social-accounts/{account}")
    status, answer = await read(world, account)
    assert (status, answer["error"]["details"]["reason"]) == (422, "disconnected")
