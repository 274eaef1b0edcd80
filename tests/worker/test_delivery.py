"""From the publish call to what a viewer sees, over real HTTP, with the fake platforms misbehaving in every way."""

from typing import Any

import pytest
from tests.tiers import exhaustive, sampled
from tests.worker.conftest import WorkerWorld
from tests.worker.faults import LOST

PLATFORMS = ("instagram", "tiktok")


async def set_up(
    worker_world: WorkerWorld, *files: bytes, platform: str, content_type: str = "image/jpeg", **content: Any
) -> tuple[str, str]:
    """Return a container of these files and a connected account."""
    project = await worker_world.world.project()
    account = await worker_world.world.account(project, platform, "brand")
    return await worker_world.world.content(project, *files, content_type=content_type, **content), account


@pytest.mark.parametrize("platform", PLATFORMS)
@pytest.mark.parametrize("kind", sampled(["image", "video", "multi"], "video"))
async def test_each_kind_goes_live_on_each_platform(
    worker_world: WorkerWorld, picture: bytes, video: bytes, platform: str, kind: str
) -> None:
    """A picture, a video and a slideshow each become exactly one live post with the caption, an id and an address."""
    files, content_type = {
        "image": ((picture,), "image/jpeg"),
        "video": ((video,), "video/mp4"),
        "multi": ((picture, picture, picture), "image/jpeg"),
    }[kind]
    container, account = await set_up(
        worker_world, *files, platform=platform, content_type=content_type, comment="First!"
    )
    (post,) = await worker_world.deliver(container, account, captionOverride="Mind the gap")
    (live,) = await worker_world.world.live()
    assert (post["status"], post["externalId"], post["externalUrl"]) == ("published", live["externalId"], live["url"])
    assert (live["caption"], len(live["media"])) == ("Mind the gap", len(files))
    assert live["comments"] == (["First!"] if platform == "instagram" else [])
    assert post["firstCommentStatus"] == ("posted" if platform == "instagram" else "unsupported")
    assert post["lastError"] is None
    events = await worker_world.events(post["id"])
    assert (events[0], events[1], events[-1]) == ("queued", "claimed", "published")
    assert post["privacyLevel"] == ("PUBLIC_TO_EVERYONE" if platform == "tiktok" else None)
    assert events.index("going_live") < events.index("live")


@pytest.mark.parametrize(
    ("platform", "kind", "operation"),
    sampled(
        [
            ("instagram", "image", "media_publish"),
            ("instagram", "video", "media_publish"),
            ("tiktok", "image", "content_init"),
            ("tiktok", "video", "upload"),
            ("tiktok", "video", "video_init"),
        ],
        ("instagram", "image", "media_publish"),
        ("tiktok", "video", "video_init"),
    ),
)
@pytest.mark.parametrize("fault", LOST)
async def test_a_lost_answer_never_makes_two_posts_or_none(
    worker_world: WorkerWorld, picture: bytes, video: bytes, platform: str, kind: str, operation: str, fault: str
) -> None:
    """Whatever happens to the response of the irreversible call, the post is published once; or, if the outcome
    can't be known, it ends as OUTCOME_UNKNOWN and exists at most once."""
    file, content_type = (picture, "image/jpeg") if kind == "image" else (video, "video/mp4")
    container, account = await set_up(worker_world, file, platform=platform, content_type=content_type)
    await worker_world.world.fault(platform=platform, operation=operation, fault=fault)
    (post,) = await worker_world.deliver(container, account)
    live = await worker_world.world.live()
    if post["status"] == "published":
        assert len(live) == 1
    else:
        assert (post["status"], post["lastError"]["code"]) == ("failed", "OUTCOME_UNKNOWN")
        # only if TikTok fetches the pictures and returned no id can the outcome not be looked up
        assert (operation, fault) in {("content_init", "drop_after_effect"), ("content_init", "malformed_json")}
        assert len(live) <= 1


@pytest.mark.parametrize(
    ("platform", "operation", "fault", "code"),
    [
        ("instagram", "media", "http_500", "PLATFORM_UNAVAILABLE"),
        ("instagram", "container_status", "media_error", "MEDIA_REJECTED"),
        ("instagram", "media_publish", "token_expired", "CREDENTIAL_INVALID"),
        *exhaustive([("tiktok", "creator_info", "http_500", "PLATFORM_UNAVAILABLE")]),
    ],
)
async def test_a_post_that_cannot_go_live_ends_failed(
    worker_world: WorkerWorld, picture: bytes, platform: str, operation: str, fault: str, code: str
) -> None:
    """A lasting error ends in `failed` with a code and a sentence, and nothing is live."""
    container, account = await set_up(worker_world, picture, platform=platform)
    await worker_world.world.fault(platform=platform, operation=operation, fault=fault, times=-1)
    (post,) = await worker_world.deliver(container, account)
    assert (post["status"], post["lastError"]["code"], await worker_world.world.live()) == ("failed", code, [])
    assert post["lastError"]["message"].endswith(".")
    assert (await worker_world.events(post["id"]))[-1] == "failed"


async def test_a_dead_token_asks_for_a_new_login(worker_world: WorkerWorld, picture: bytes) -> None:
    """An account whose token expired is marked, and the next publish call is refused before anything is written."""
    container, account = await set_up(worker_world, picture, platform="instagram")
    await worker_world.world.fault(platform="instagram", operation="media", fault="token_expired", times=-1)
    (post,) = await worker_world.deliver(container, account)
    assert (post["status"], post["lastError"]["code"]) == ("failed", "CREDENTIAL_INVALID")
    again = await worker_world.world.client.post(
        f"/v1/content/{container}/publish", json={"targets": [{"socialAccountId": account, "mode": "publish"}]}
    )
    assert again.json()["error"]["details"]["reason"] == "reauth_required"


async def test_a_token_that_tiktok_refuses_is_refreshed_and_the_post_goes_live(
    worker_world: WorkerWorld, video: bytes
) -> None:
    """TikTok rejects the token in the middle of an attempt: it is refreshed once and the attempt continues."""
    container, account = await set_up(worker_world, video, platform="tiktok", content_type="video/mp4")
    await worker_world.world.fault(platform="tiktok", operation="video_init", fault="token_expired")
    (post,) = await worker_world.deliver(container, account)
    assert (post["status"], len(await worker_world.world.live())) == ("published", 1)
    assert "token_refreshed" in await worker_world.events(post["id"])


@pytest.mark.parametrize("fault", ["drop_after_effect", *exhaustive(["http_500"])])
async def test_a_first_comment_is_written_once(worker_world: WorkerWorld, picture: bytes, fault: str) -> None:
    """A comment whose answer got lost is looked for before it is tried again."""
    container, account = await set_up(worker_world, picture, platform="instagram", comment="First!")
    await worker_world.world.fault(platform="instagram", operation="comments", fault=fault)
    (post,) = await worker_world.deliver(container, account)
    (live,) = await worker_world.world.live()
    assert (post["status"], live["comments"]) == ("published", ["First!"])


async def test_a_comment_that_may_be_on_its_way_is_waited_for(worker_world: WorkerWorld, picture: bytes) -> None:
    """A comment's call is lost, and the platform has not taken it in yet: it is neither looked for nor written before."""
    container, account = await set_up(worker_world, picture, platform="instagram", comment="First!")
    await worker_world.world.fault(platform="instagram", operation="comments", fault="drop_before_effect")
    before = worker_world.clock.now()
    (post,) = await worker_world.deliver(container, account)
    (live,) = await worker_world.world.live()
    assert (post["firstCommentStatus"], live["comments"]) == ("posted", ["First!"])
    assert worker_world.clock.now() - before >= worker_world.settings.republish_after_test


async def test_a_refused_comment_leaves_the_post_published(worker_world: WorkerWorld, picture: bytes) -> None:
    """The platform refuses the comment for good: the post stays published and says that the comment failed."""
    container, account = await set_up(worker_world, picture, platform="instagram", comment="First!")
    await worker_world.world.fault(
        platform="instagram", operation="comments", fault="platform_error", value={"code": 100}, times=-1
    )
    (post,) = await worker_world.deliver(container, account)
    assert (post["status"], post["firstCommentStatus"]) == ("published", "failed")


async def test_an_unknown_permalink_leaves_the_post_published(worker_world: WorkerWorld, picture: bytes) -> None:
    """The permalink can't be read: the post is published with its id and without an address."""
    container, account = await set_up(worker_world, picture, platform="instagram")
    await worker_world.world.fault(platform="instagram", operation="permalink", fault="http_500", times=-1)
    ids = await worker_world.world.publish(container, account)
    await worker_world.worker.poll()
    while (post := await worker_world.world.post(ids[0]))["status"] in {"queued", "publishing"}:
        pass
    assert (post["status"], post["externalUrl"]) == ("published", None)
    assert post["externalId"] is not None


async def test_posts_of_one_account_go_one_after_the_other(worker_world: WorkerWorld, picture: bytes) -> None:
    """Three posts to one account are claimed one at a time and go live in their order."""
    container, account = await set_up(worker_world, picture, platform="tiktok")
    ids = [
        *await worker_world.world.publish(container, account),
        *await worker_world.world.publish(container, account, account),
    ]
    await worker_world.worker.poll()
    states = [(await worker_world.world.post(post_id))["status"] for post_id in ids]
    assert states.count("publishing") <= 1
    await worker_world.worker.work_until_idle()
    posts = [await worker_world.world.post(post_id) for post_id in ids]
    assert [post["status"] for post in posts] == ["published"] * 3
    published = [post["publishedAt"] for post in posts]
    assert published == sorted(published)
    assert len(await worker_world.world.live()) == 3


async def test_a_personal_account_fails_with_graphs_message(worker_world: WorkerWorld, picture: bytes) -> None:
    """Graph refuses a personal account: the post fails with Graph's message."""
    browser = await worker_world.world.api.anonymous()
    await browser.post(
        "/sandbox/control/accounts", json={"platform": "instagram", "handle": "brand", "tier": "personal"}
    )
    container, account = await set_up(worker_world, picture, platform="instagram")
    (post,) = await worker_world.deliver(container, account)
    error = post["lastError"]
    assert (post["status"], error["code"]) == ("failed", "ACCOUNT_NOT_ELIGIBLE")
    assert error["platformMessage"] in error["message"]
