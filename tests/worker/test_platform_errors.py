"""Error codes of platforms on the way to a live post: what is retried, what is looked up, and what is final."""

from datetime import timedelta
from typing import Any

import pytest
from tests.sandbox_journal import read_journal
from tests.tiers import exhaustive
from tests.worker.conftest import WorkerWorld
from tests.worker.test_delivery import set_up

from presswork.core.timestamps import read_instant

SKIPPED = {"tiktok": 0, "instagram": 1}
"""Status calls before the live call."""


async def retries(worker_world: WorkerWorld, post: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the timeline entries about retries."""
    return [entry for entry in await worker_world.world.timeline(post["id"]) if entry["event"] == "retrying"]


async def calls(worker_world: WorkerWorld, ending: str) -> list[str]:
    """Return the methods of the calls whose path ends so, oldest first."""
    browser = await worker_world.world.api.anonymous()
    return [call["method"] for call in await read_journal(browser.get) if call["path"].endswith(ending)]


async def test_a_fatal_error_of_a_container_is_followed_by_another(worker_world: WorkerWorld, picture: bytes) -> None:
    """Instagram's "fatal" 2207085 passes: the next container is published."""
    container, account = await set_up(worker_world, picture, platform="instagram")
    await worker_world.world.fault(
        platform="instagram", operation="container_status", fault="media_error", value={"subcode": 2207085}
    )
    (post,) = await worker_world.deliver(container, account)
    assert post["status"] == "published"
    assert "2207085" in (await retries(worker_world, post))[0]["message"]


async def test_a_fatal_error_of_the_publish_call_is_no_outcome(worker_world: WorkerWorld, picture: bytes) -> None:
    """After 2207085 on media_publish the post may be live, so Presswork asks before it publishes once more."""
    container, account = await set_up(worker_world, picture, platform="instagram")
    await worker_world.world.fault(
        platform="instagram", operation="media_publish", fault="platform_error", value={"code": 100, "subcode": 2207085}
    )
    (post,) = await worker_world.deliver(container, account)
    assert (post["status"], len(await worker_world.world.live())) == ("published", 1)
    assert "reconciled" in await worker_world.events(post["id"])


async def test_a_comment_with_an_unclear_error_is_looked_for_first(worker_world: WorkerWorld, picture: bytes) -> None:
    """20/1772107 does not say whether the comment exists: it is read before it is written again."""
    container, account = await set_up(worker_world, picture, platform="instagram", comment="First!")
    await worker_world.world.fault(
        platform="instagram", operation="comments", fault="platform_error", value={"code": 20, "subcode": 1772107}
    )
    (post,) = await worker_world.deliver(container, account)
    assert (post["status"], post["firstCommentStatus"]) == ("published", "posted")
    assert [post["comments"] for post in await worker_world.world.live()] == [["First!"]]
    assert await calls(worker_world, "/comments") == ["POST", "GET", "POST"]


async def test_a_missing_permission_on_a_read_may_be_an_outage(worker_world: WorkerWorld, picture: bytes) -> None:
    """Code 10 on reads, as in Meta's outages, is retried, and the account stays connected."""
    container, account = await set_up(worker_world, picture, platform="instagram")
    await worker_world.world.fault(
        platform="instagram", operation="container_status", fault="platform_error", times=3, value={"code": 10}
    )
    async with worker_world.unhurried() as unhurried:
        (post,) = await unhurried.deliver(container, account)
    assert post["status"] == "published"
    lines = await retries(worker_world, post)
    assert len(lines) == 3
    assert "during outages" in lines[0]["message"]
    found = (await worker_world.world.client.get(f"/v1/social-accounts/{account}")).json()
    assert found["status"] == "connected"


@pytest.mark.exhaustive
async def test_a_permission_that_stays_missing_fails_the_post(worker_world: WorkerWorld, picture: bytes) -> None:
    """After fifteen seconds in a test project (ten minutes in a live one) code 10 on reads is final."""
    container, account = await set_up(worker_world, picture, platform="instagram")
    await worker_world.world.fault(
        platform="instagram", operation="container_status", fault="platform_error", times=-1, value={"code": 10}
    )
    async with worker_world.unhurried() as unhurried:
        (post,) = await unhurried.deliver(container, account)
    error = post["lastError"]
    assert (post["status"], error["code"], error["platformCode"]) == ("failed", "CREDENTIAL_INVALID", "10")
    assert "Connect it again and leave every permission ticked" in error["message"]
    retried = [read_instant(line["at"]) for line in await retries(worker_world, post)]
    assert len(retried) > 3
    assert retried[-1] - retried[0] < timedelta(seconds=15), "however slow the machine is, no retry begins after that"
    assert read_instant(error["at"]) - retried[0] > timedelta(seconds=10)


@pytest.mark.exhaustive
@pytest.mark.parametrize(
    ("platform", "operation"), [("instagram", "container_status"), *exhaustive([("tiktok", "status_fetch")])]
)
async def test_failed_status_calls_are_in_the_timeline(
    worker_world: WorkerWorld, picture: bytes, platform: str, operation: str
) -> None:
    """Of four failed status calls in a row after the live call, the first has an entry with the error."""
    container, account = await set_up(worker_world, picture, platform=platform)
    world = worker_world.world
    if platform == "instagram":
        await world.fault(platform=platform, operation="media_publish", fault="drop_after_effect")
    await world.fault(platform=platform, operation=operation, fault="http_500", times=4, skip=SKIPPED[platform])
    async with worker_world.unhurried() as unhurried:
        (post,) = await unhurried.deliver(container, account)
    assert post["status"] == "published"
    (line,) = await retries(worker_world, post)
    assert line["detail"]["step"] == operation
    assert "HTTP 500" in line["message"]
