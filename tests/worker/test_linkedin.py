"""Posts to LinkedIn, from the call to the timeline of the account, by a real worker with a real database."""

from typing import Any

import pytest
from tests.inbound_webhooks.test_receive import control
from tests.media.pdfs import pdf
from tests.tiers import exhaustive
from tests.worker.conftest import WorkerWorld
from tests.worker.test_crashes import EACH_POINT, killed_at, take_over
from tests.world import World

from presswork.media.samples import sample_picture

PERSON, PAGE = "mira-okafor", "fernhill-coffee"


async def connected(world: World, project: str, handle: str) -> str:
    """Connect a member or a page, and return the account's id."""
    browser = await world.api.anonymous()
    tier = "creator" if handle == PERSON else "business"
    await browser.post("/sandbox/control/accounts", json={"platform": "linkedin", "handle": handle, "tier": tier})
    return await world.account(project, "linkedin", handle)


@pytest.mark.parametrize("handle", [PAGE, *exhaustive([PERSON])])
async def test_pictures_and_a_video_go_live(
    worker_world: WorkerWorld, picture: bytes, video: bytes, handle: str
) -> None:
    """Each is live once with its first comment, at the address that the post names."""
    world = worker_world.world
    project = await world.project()
    account = await connected(world, project, handle)
    for files, content_type in (
        ((picture,), "image/jpeg"),
        ((picture, picture), "image/jpeg"),
        ((video,), "video/mp4"),
    ):
        caption = f"Fresh (#bread) {len(files)} {content_type}"
        container = await world.content(project, *files, content_type=content_type, caption=caption, comment="First!")
        (post,) = await worker_world.deliver(container, account, linkedinPostSettings={"isReshareDisabled": True})
        assert (post["status"], post["firstCommentStatus"]) == ("published", "posted"), post
        live = {str(one["externalId"]): one for one in await world.live(platform="linkedin")}
        shown = live[post["externalId"]]
        assert (shown["caption"], shown["comments"]) == (caption, ["First!"])
        assert post["externalUrl"] == f"https://www.linkedin.com/feed/update/{post['externalId']}/"
        assert post["linkedinPostSettings"]["isReshareDisabled"] is True
    assert len(await world.live(platform="linkedin")) == 3


async def test_documents_go_live(worker_world: WorkerWorld, picture: bytes) -> None:
    """A PDF, and one that the worker makes of pictures; the answer to each call is lost, and each is live once."""
    world = worker_world.world
    project = await world.project()
    account = await connected(world, project, PAGE)
    paper = await world.content(project, pdf(2), content_type="application/pdf", caption="Menu")
    pictures = await world.content(project, picture, sample_picture(90, 60), caption="Loaves")
    for container, settings, is_made in (
        (paper, {"title": "Spring menu"}, False),
        (pictures, {"documentFromImages": True}, True),
    ):
        await world.fault(platform="linkedin", operation="posts", fault="drop_after_effect")
        (post,) = await worker_world.deliver(container, account, linkedinPostSettings=settings)
        assert post["status"] == "published", post
        assert ("media_converted" in await worker_world.events(post["id"])) is is_made
    assert [one["kind"] for one in await world.live(platform="linkedin")] == ["document"] * 2


@pytest.mark.parametrize("fault", ["drop_after_effect", *exhaustive(["drop_before_effect", "http_500", "html_502"])])
async def test_lost_answer_of_a_page(worker_world: WorkerWorld, picture: bytes, fault: str) -> None:
    """The page is asked, and one post is live, whether the lost call worked or not. An unreadable body loses nothing: a header
    names the post."""
    world = worker_world.world
    project = await world.project()
    account = await connected(world, project, PAGE)
    container = await world.content(project, picture)
    await world.fault(platform="linkedin", operation="posts", fault=fault)
    (post,) = await worker_world.deliver(container, account)
    assert post["status"] == "published", post
    assert len(await world.live(platform="linkedin")) == 1
    assert "reconciled" in await worker_world.events(post["id"])


@pytest.mark.parametrize(("fault", "is_live"), [("drop_after_effect", 1), ("drop_before_effect", 0)])
async def test_lost_answer_of_a_member_is_reported_as_unknown(
    worker_world: WorkerWorld, video: bytes, fault: str, is_live: int
) -> None:
    """Nothing is repeated and nothing is guessed: the person is asked to look, and can then publish again."""
    world = worker_world.world
    project = await world.project()
    account = await connected(world, project, PERSON)
    container = await world.content(project, video, content_type="video/mp4")
    await world.fault(platform="linkedin", operation="posts", fault=fault)
    (post,) = await worker_world.deliver(container, account)
    assert (post["status"], post["lastError"]["code"]) == ("failed", "OUTCOME_UNKNOWN"), post
    assert "lets no app read a member's posts" in post["lastError"]["message"]
    await control(world.api, "clock", advanceSeconds=60)  # LinkedIn shows a video when it has processed it
    assert len(await world.live(platform="linkedin")) == is_live
    again = await world.client.post(f"/v1/scheduled-posts/{post['id']}/republish", json={})
    assert (again.status_code, again.json()["error"]["details"]["reason"]) == (409, "outcome_unknown")


async def test_withdrawn_access_asks_for_a_new_login(worker_world: WorkerWorld, picture: bytes) -> None:
    """The post fails as CREDENTIAL_INVALID, the account is reauth_required, and nothing is live."""
    world = worker_world.world
    project = await world.project()
    account = await connected(world, project, PERSON)
    container = await world.content(project, picture)
    await world.fault(platform="linkedin", operation="images_initialize", fault="token_expired")
    (post,) = await worker_world.deliver(container, account)
    assert (post["status"], post["lastError"]["code"]) == ("failed", "CREDENTIAL_INVALID"), post
    assert (await world.client.get(f"/v1/social-accounts/{account}")).json()["status"] == "reauth_required"
    assert await world.live(platform="linkedin") == []


async def test_conflict_is_repeated_once(worker_world: WorkerWorld, picture: bytes) -> None:
    """LinkedIn did nothing and asks for the same call again: the post goes out."""
    world = worker_world.world
    project = await world.project()
    account = await connected(world, project, PERSON)
    container = await world.content(project, picture)
    await world.fault(platform="linkedin", operation="posts", fault="platform_error", value={"code": "CONFLICT"})
    (post,) = await worker_world.deliver(container, account)
    assert post["status"] == "published", post
    assert len(await world.live(platform="linkedin")) == 1


@pytest.mark.parametrize("point", EACH_POINT)
@pytest.mark.parametrize("kind", ["image", *exhaustive(["video"])])
async def test_page_post_survives_the_death_of_a_worker(
    worker_world: WorkerWorld, picture: bytes, video: bytes, kind: str, point: str
) -> None:
    """Wherever the worker dies, a page's post ends published and a viewer sees it once, with one comment.

    Of a video whose call was announced and never made, the outcome is unknown: LinkedIn may not list one in processing.
    """
    post, live = await after_a_death(worker_world, picture if kind == "image" else video, kind, PAGE, point)
    if (kind, point) == ("video", "after_go_live"):
        assert (post["status"], post["lastError"]["code"], live) == ("failed", "OUTCOME_UNKNOWN", [])
        return
    assert (post["status"], len(live)) == ("published", 1), post["lastError"]
    assert (live[0]["comments"], live[0]["externalId"]) == (["First!"], post["externalId"])


@pytest.mark.parametrize("point", EACH_POINT)
async def test_member_post_survives_the_death_of_a_worker(worker_world: WorkerWorld, video: bytes, point: str) -> None:
    """Wherever the worker dies, a member's post is live once, or its outcome is reported as unknown."""
    post, live = await after_a_death(worker_world, video, "video", PERSON, point)
    if post["status"] == "failed":
        assert post["lastError"]["code"] == "OUTCOME_UNKNOWN"
        assert point in ("after_go_live", "after_call")
        assert len(live) == (point == "after_call")
    else:
        assert (post["status"], len(live)) == ("published", 1)


async def after_a_death(
    worker_world: WorkerWorld, file: bytes, kind: str, handle: str, point: str
) -> tuple[dict[str, Any], list[dict[str, Any]]]:  # Any: nested JSON
    """Kill a worker at a point, let another one continue; return the post and what is live."""
    world = worker_world.world
    project = await world.project()
    account = await connected(world, project, handle)
    content_type = "image/jpeg" if kind == "image" else "video/mp4"
    container = await world.content(project, file, content_type=content_type, comment="First!")
    (post_id,) = await world.publish(container, account)
    await killed_at(worker_world, point)
    await take_over(worker_world)
    return await world.post(post_id), await world.live(platform="linkedin")
