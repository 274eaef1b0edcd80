"""Posts to Facebook Pages, from the call to the post on the Page, by a real worker with a real database."""

import pytest
from tests.tiers import sampled
from tests.worker.conftest import WorkerWorld
from tests.worker.faults import LOST
from tests.worker.test_crashes import EACH_POINT, killed_at, take_over
from tests.world import World

LIVE_CALLS = {"image/jpeg": "feed", "video/mp4": "video_finish"}


async def connected(world: World, project: str) -> str:
    """Connect a Page whose posts are listed at once, since the clock of these workers runs ahead; return the account's id."""
    browser = await world.api.anonymous()
    settings = {"platform": "facebook", "handle": "fernhill.roastery", "listDelaySeconds": 0}
    assert (await browser.post("/sandbox/control/accounts", json=settings)).is_success
    return await world.account(project, "facebook", "fernhill.roastery")


async def test_pictures_and_a_video_go_live(worker_world: WorkerWorld, picture: bytes, video: bytes) -> None:
    """Each is live once with its first comment, at the address that the post names."""
    world = worker_world.world
    project = await world.project()
    account = await connected(world, project)
    for files, content_type in (
        ((picture,), "image/jpeg"),
        ((picture, picture), "image/jpeg"),
        ((video,), "video/mp4"),
    ):
        caption = f"Fresh (#bread) {len(files)} {content_type}"
        container = await world.content(project, *files, content_type=content_type, caption=caption, comment="First!")
        (post,) = await worker_world.deliver(container, account, facebookPostSettings={"countries": ["DE"]})
        assert (post["status"], post["firstCommentStatus"]) == ("published", "posted"), post
        live = {str(one["externalId"]): one for one in await world.live(platform="facebook")}
        shown = live[post["externalId"]]
        assert (shown["caption"], shown["comments"]) == (caption, ["First!"])
        assert post["externalUrl"] == shown["url"]
        assert post["facebookPostSettings"]["countries"] == ["DE"]
    assert len(await world.live(platform="facebook")) == 3


@pytest.mark.parametrize("content_type", sampled(LIVE_CALLS, "video/mp4"))
@pytest.mark.parametrize("fault", LOST)
async def test_a_lost_answer(
    worker_world: WorkerWorld, picture: bytes, video: bytes, fault: str, content_type: str
) -> None:
    """Facebook is asked, and one post is live, whether the lost call worked or not."""
    world = worker_world.world
    project = await world.project()
    account = await connected(world, project)
    file = picture if content_type == "image/jpeg" else video
    container = await world.content(project, file, content_type=content_type)
    await world.fault(platform="facebook", operation=LIVE_CALLS[content_type], fault=fault)
    (post,) = await worker_world.deliver(container, account)
    assert post["status"] == "published", post
    [live] = await world.live(platform="facebook")
    assert post["externalId"] == live["externalId"]
    assert "reconciled" in await worker_world.events(post["id"])


async def test_withdrawn_access_asks_for_a_new_login(worker_world: WorkerWorld, picture: bytes) -> None:
    """The post fails as CREDENTIAL_INVALID, the account is reauth_required, and nothing is live."""
    world = worker_world.world
    project = await world.project()
    account = await connected(world, project)
    container = await world.content(project, picture)
    await world.fault(platform="facebook", operation="photos", fault="token_expired")
    (post,) = await worker_world.deliver(container, account)
    assert (post["status"], post["lastError"]["code"]) == ("failed", "CREDENTIAL_INVALID"), post
    assert (await world.client.get(f"/v1/social-accounts/{account}")).json()["status"] == "reauth_required"
    assert await world.live(platform="facebook") == []


@pytest.mark.parametrize("point", EACH_POINT)
@pytest.mark.parametrize("content_type", sampled(LIVE_CALLS, "image/jpeg"))
async def test_a_post_survives_the_death_of_a_worker(
    worker_world: WorkerWorld, picture: bytes, video: bytes, content_type: str, point: str
) -> None:
    """Wherever the worker dies, the post ends published and a viewer sees it once, with one comment."""
    world = worker_world.world
    project = await world.project()
    account = await connected(world, project)
    file = picture if content_type == "image/jpeg" else video
    container = await world.content(project, file, content_type=content_type, comment="First!")
    (post_id,) = await world.publish(container, account)
    await killed_at(worker_world, point)
    await take_over(worker_world)
    post, live = await world.post(post_id), await world.live(platform="facebook")
    assert (post["status"], len(live)) == ("published", 1), post["lastError"]
    assert (live[0]["comments"], live[0]["externalId"]) == (["First!"], post["externalId"])
