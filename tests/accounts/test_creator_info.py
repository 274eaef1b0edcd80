"""`GET /v1/social-accounts/:id/creator-info`: what TikTok offers the account now, and its errors as those of the API."""

from typing import Any

import pytest
from tests.world import World


@pytest.fixture
async def project(world: World) -> str:
    """A project of the world."""
    return await world.project()


async def read(world: World, account: str) -> tuple[int, Any]:
    """Call the route."""
    answer = await world.client.get(f"/v1/social-accounts/{account}/creator-info")
    return answer.status_code, answer.json()


async def test_it_is_asked_each_time(world: World, project: str) -> None:
    """What the owner changes in the app is in the next answer; Instagram reports nothing."""
    account = await world.account(project, "tiktok", "brand")
    status, before = await read(world, account)
    assert (status, before["username"], before["isCommentDisabled"]) == (200, "brand", False)
    assert "PUBLIC_TO_EVERYONE" in before["privacyLevels"]
    info = {"comment_disabled": True, "privacy_level_options": ["SELF_ONLY"], "creator_nickname": "The brand"}
    body = {"platform": "tiktok", "handle": "brand", "creatorInfo": info}
    await (await world.api.anonymous()).post("/sandbox/control/accounts", json=body)
    _, after = await read(world, account)
    assert (after["nickname"], after["isCommentDisabled"], after["privacyLevels"]) == ("The brand", True, ["SELF_ONLY"])
    other = await world.account(project, "instagram", "brand")
    status, nothing = await read(world, other)
    assert (status, set(nothing.values())) == (200, {None})


async def test_a_platform_that_fails_is_unavailable(world: World, project: str) -> None:
    """The client learns when to ask again."""
    account = await world.account(project, "tiktok", "brand")
    await world.fault(platform="tiktok", operation="creator_info", fault="http_500")
    status, answer = await read(world, account)
    assert (status, answer["error"]["code"]) == (503, "UNAVAILABLE")
    assert "posting options" in answer["error"]["message"]


async def test_a_creator_who_can_not_post_now_has_a_code(world: World, project: str) -> None:
    """A daily cap is unavailable for an hour, with TikTok's code, which a form shows otherwise than a fault."""
    account = await world.account(project, "tiktok", "brand")
    await world.fault(
        platform="tiktok", operation="creator_info", fault="platform_error", value={"code": "spam_risk_too_many_posts"}
    )
    status, answer = await read(world, account)
    details = answer["error"]["details"]
    assert (status, details["platformCode"], details["retryAfterSeconds"]) == (503, "spam_risk_too_many_posts", 3600)


async def test_an_account_whose_access_ended_says_so(world: World, project: str) -> None:
    """The reason is that of its readiness."""
    account = await world.account(project, "tiktok", "brand")
    await world.client.delete(f"/v1/social-accounts/{account}")
    status, answer = await read(world, account)
    assert (status, answer["error"]["details"]["reason"]) == (422, "disconnected")
