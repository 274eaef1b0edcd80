"""Posts to Bluesky, from the call to the timeline of the account, by a real worker with a real database."""

import hashlib
import io

import pytest
from PIL import Image
from tests.sandbox_journal import read_journal
from tests.tiers import exhaustive
from tests.worker.conftest import WorkerWorld

HANDLE = "luna.bsky.social"
_CAMERA = "A camera that writes where it was"


def with_exif(picture: bytes) -> bytes:
    """Return the picture as a camera writes it: with notes about the camera."""
    image, target = Image.open(io.BytesIO(picture)), io.BytesIO()
    exif = Image.Exif()
    exif[0x010E] = _CAMERA
    image.convert("RGB").save(target, "JPEG", exif=exif)
    return target.getvalue()


async def test_a_picture_and_a_video_go_live(worker_world: WorkerWorld, picture: bytes, video: bytes) -> None:
    """Each is live once with its first comment, at the address that the post names."""
    world = worker_world.world
    project = await world.project()
    account = await world.account(project, "bluesky", HANDLE)
    for file, kind in ((with_exif(picture), "image/jpeg"), (video, "video/mp4")):
        container = await world.content(project, file, content_type=kind, caption="Fresh #bread", comment="First!")
        (post,) = await worker_world.deliver(
            container, account, blueskyPostSettings={"replyControl": ["mentioned"], "languages": ["en"]}
        )
        assert (post["status"], post["firstCommentStatus"]) == ("published", "posted"), post
        live = {str(one["externalId"]): one for one in await world.live(platform="bluesky", handle=HANDLE)}
        shown = live[post["externalId"]]
        assert (shown["caption"], shown["comments"], shown["url"]) == ("Fresh #bread", ["First!"], post["externalUrl"])
    assert len(await world.live(platform="bluesky", handle=HANDLE)) == 2
    browser = await world.api.anonymous()
    calls = await read_journal(browser.get, platform="bluesky")
    assert [call["operation"] for call in calls].count("upload_video") == 1
    assert _CAMERA not in str(calls)


async def test_what_a_camera_wrote_is_not_published(worker_world: WorkerWorld, picture: bytes) -> None:
    """A JPEG that conforms in every other way is uploaded as a copy without its notes."""
    world = worker_world.world
    project = await world.project()
    account = await world.account(project, "bluesky", HANDLE)
    original = with_exif(picture)
    assert _CAMERA.encode() in original
    (post,) = await worker_world.deliver(await world.content(project, original), account)
    assert post["status"] == "published", post
    [live] = await world.live(platform="bluesky", handle=HANDLE)
    [media] = live["media"]
    assert media["sha256"] != hashlib.sha256(original).hexdigest()


@pytest.mark.parametrize("fault", ["drop_after_effect", *exhaustive(["drop_before_effect", "http_500"])])
async def test_a_lost_answer_is_asked_about(worker_world: WorkerWorld, picture: bytes, fault: str) -> None:
    """The answer to the call that makes the post live is lost: it is asked about, and one post is live."""
    world = worker_world.world
    project = await world.project()
    account = await world.account(project, "bluesky", HANDLE)
    container = await world.content(project, picture)
    await world.fault(platform="bluesky", operation="put_record", fault=fault)
    (post,) = await worker_world.deliver(container, account)
    assert post["status"] == "published", post
    assert len(await world.live(platform="bluesky", handle=HANDLE)) == 1
    assert "reconciled" in await worker_world.events(post["id"])


async def test_withdrawn_access_asks_for_a_new_login(worker_world: WorkerWorld, picture: bytes) -> None:
    """The post fails as CREDENTIAL_INVALID, the account is reauth_required, and nothing is live."""
    world = worker_world.world
    project = await world.project()
    account = await world.account(project, "bluesky", HANDLE)
    container = await world.content(project, picture)
    await world.fault(platform="bluesky", operation="refresh", fault="token_expired")
    await world.fault(platform="bluesky", operation="upload_blob", fault="token_expired")
    (post,) = await worker_world.deliver(container, account)
    assert (post["status"], post["lastError"]["code"]) == ("failed", "CREDENTIAL_INVALID"), post
    assert (await world.client.get(f"/v1/social-accounts/{account}")).json()["status"] == "reauth_required"
    assert await world.live(platform="bluesky") == []


@pytest.mark.exhaustive
async def test_an_effect_that_comes_late_is_waited_for(worker_world: WorkerWorld, picture: bytes) -> None:
    """The connection breaks, and the record is written a second later: it is found, and written by no second call."""
    world = worker_world.world
    project = await world.project()
    account = await world.account(project, "bluesky", HANDLE)
    container = await world.content(project, picture)
    await world.fault(platform="bluesky", operation="put_record", fault="late_effect", value={"ms": 900})
    async with worker_world.unhurried() as unhurried:
        (post,) = await unhurried.deliver(container, account)
    assert post["status"] == "published", post
    assert len(await world.live(platform="bluesky", handle=HANDLE)) == 1
    browser = await world.api.anonymous()
    calls = await read_journal(browser.get, platform="bluesky", operation="put_record")
    assert [call["fault"] for call in calls] == ["late_effect"] * 2  # the call and its effect
