"""Drafts on TikTok from the publish call to the inbox of the app and beyond, by the API and real workers."""

from datetime import timedelta
from typing import Any, Final

import pytest
from tests.posts.test_preflight import preflight, to
from tests.tiers import exhaustive, sampled
from tests.worker.conftest import HurriedClock, WorkerWorld
from tests.worker.faults import LOST
from tests.worker.test_crashes import killed_at, take_over

from presswork.worker.main import open_worker

POINTS: Final = ("before_prepare", "after_prepare", "after_go_live", "after_call", "before_look_up", "before_settle")


async def set_up(
    worker_world: WorkerWorld, *files: bytes, content_type: str = "image/jpeg", **content: Any
) -> tuple[str, str]:
    """Return a container of these files and a connected account."""
    project = await worker_world.world.project()
    account = await worker_world.world.account(project, "tiktok", "brand")
    return await worker_world.world.content(project, *files, content_type=content_type, **content), account


async def work_after(worker_world: WorkerWorld, wait: timedelta) -> None:
    """Let another worker do what is due by then."""
    async with open_worker(
        worker_world.settings,
        dsn=worker_world.dsn,
        base_url=worker_world.world.api.base_url,
        clock=HurriedClock(ahead=wait),
    ) as worker:
        await worker.work_until_idle()


async def entry(worker_world: WorkerWorld, post_id: str, event: str) -> dict[str, Any]:
    """Return the one line of a timeline with that event."""
    (found,) = [line for line in await worker_world.world.timeline(post_id) if line["event"] == event]
    return found


@pytest.mark.parametrize("kind", sampled(["image", "video", "multi"], "video"))
async def test_each_kind_reaches_the_inbox(worker_world: WorkerWorld, picture: bytes, video: bytes, kind: str) -> None:
    """One draft lies in the inbox and nothing is public; the post is over as `draft`, without an id or address."""
    files, content_type = {
        "image": ((picture,), "image/jpeg"),
        "video": ((video,), "video/mp4"),
        "multi": ((picture, picture, picture), "image/jpeg"),
    }[kind]
    container, account = await set_up(worker_world, *files, content_type=content_type, comment="First!")
    (post,) = await worker_world.deliver(container, account, mode="draft", captionOverride="Mind the gap")
    (draft,) = await worker_world.world.drafts()
    assert await worker_world.world.live() == []
    assert (draft["handle"], draft["status"], len(draft["media"])) == ("brand", "SEND_TO_USER_INBOX", len(files))
    assert draft["caption"] == ("" if kind == "video" else "Mind the gap")
    assert (post["status"], post["mode"], post["lastError"]) == ("draft", "draft", None)
    assert (post["externalId"], post["externalUrl"], post["publishedAt"]) == (None, None, None)
    assert post["firstCommentStatus"] is None  # a draft that is not posted gets no comment
    end = await entry(worker_world, post["id"], "drafted")
    assert "TikTok inbox of @brand." in end["message"]
    assert end["detail"] == {"reference": draft["publishId"]}
    events = await worker_world.events(post["id"])
    assert (events[0], events[1], events[-1]) == ("queued", "claimed", "drafted")


async def test_a_posted_draft_is_recorded_once_and_stays_a_draft(worker_world: WorkerWorld, video: bytes) -> None:
    """The creator posts it: the timeline names the post, and nothing else about ours changes."""
    container, account = await set_up(worker_world, video, content_type="video/mp4")
    (before,) = await worker_world.deliver(container, account, mode="draft")
    await work_after(worker_world, timedelta(minutes=10))
    assert "platform_notice" not in await worker_world.events(before["id"])
    (draft,) = await worker_world.world.drafts()
    posted = await worker_world.world.post_draft(draft["publishId"])
    for minutes in (20, 60, 120, 180):
        await work_after(worker_world, timedelta(minutes=minutes))
    notice = await entry(worker_world, before["id"], "platform_notice")
    assert notice["detail"] == {
        "externalId": posted,
        "externalUrl": f"https://www.tiktok.com/@brand/video/{posted}",
    }
    after = await worker_world.world.post(before["id"])
    assert (after["status"], after["externalId"], after["externalUrl"]) == ("draft", None, None)


async def test_an_unposted_draft_is_followed_for_a_day(worker_world: WorkerWorld, picture: bytes) -> None:
    """After that Presswork stops asking and adds no entry: its creator may still post it."""
    container, account = await set_up(worker_world, picture)
    (post,) = await worker_world.deliver(container, account, mode="draft")
    await work_after(worker_world, timedelta(hours=25))
    pool = worker_world.world.api.context.pool
    assert await pool.fetchval("SELECT count(*) FROM post_follow_ups") == 0
    assert (await worker_world.events(post["id"]))[-1] == "drafted"


@pytest.mark.parametrize("point", sampled(POINTS, "after_call"))
@pytest.mark.parametrize("kind", ["image", *exhaustive(["video"])])
async def test_killed_at_a_point_ends_with_one_draft(
    worker_world: WorkerWorld, picture: bytes, video: bytes, kind: str, point: str
) -> None:
    """Wherever the worker dies, the post ends as a draft and one is in the inbox."""
    file, content_type = (picture, "image/jpeg") if kind == "image" else (video, "video/mp4")
    container, account = await set_up(worker_world, file, content_type=content_type)
    (post_id,) = await worker_world.world.publish(container, account, mode="draft")
    assert await killed_at(worker_world, point)
    await take_over(worker_world)
    post, drafts = await worker_world.world.post(post_id), await worker_world.world.drafts()
    assert (post["status"], len(drafts)) == ("draft", 1), (post["lastError"], await worker_world.events(post_id))
    assert await worker_world.world.live() == []
    events = await worker_world.events(post_id)
    assert (events.count("drafted"), events.count("claimed")) == (1, 2)


@pytest.mark.exhaustive
async def test_killed_again_and_again_still_one_draft(worker_world: WorkerWorld, video: bytes) -> None:
    """Workers die at one point after the other of the same draft: it is there once in the end."""
    container, account = await set_up(worker_world, video, content_type="video/mp4")
    (post_id,) = await worker_world.world.publish(container, account, mode="draft")
    for point in POINTS:
        await killed_at(worker_world, point)
        await worker_world.world.api.context.pool.execute(
            "UPDATE scheduled_posts SET leased_until = now() - interval '1 hour' WHERE status = 'publishing'"
        )
    await take_over(worker_world)
    assert ((await worker_world.world.post(post_id))["status"], len(await worker_world.world.drafts())) == ("draft", 1)


@pytest.mark.parametrize(
    ("kind", "operation"),
    [("image", "content_init"), *exhaustive([("video", "upload"), ("video", "inbox_init")])],
)
@pytest.mark.parametrize("fault", LOST)
async def test_a_lost_answer_never_makes_two_drafts_or_none(
    worker_world: WorkerWorld, picture: bytes, video: bytes, kind: str, operation: str, fault: str
) -> None:
    """One draft exists and the post says so; or the outcome can't be known, and it is OUTCOME_UNKNOWN with one at most."""
    file, content_type = (picture, "image/jpeg") if kind == "image" else (video, "video/mp4")
    container, account = await set_up(worker_world, file, content_type=content_type)
    await worker_world.world.fault(platform="tiktok", operation=operation, fault=fault)
    (post,) = await worker_world.deliver(container, account, mode="draft")
    drafts = await worker_world.world.drafts()
    if post["status"] == "draft":
        assert len(drafts) == 1
    else:
        assert (post["status"], post["lastError"]["code"]) == ("failed", "OUTCOME_UNKNOWN")
        assert (operation, fault) in {("content_init", "drop_after_effect"), ("content_init", "malformed_json")}
        assert len(drafts) <= 1


@pytest.mark.parametrize(
    ("operation", "fault", "value", "code"),
    sampled(
        [
            ("content_init", "platform_error", {"code": "app_version_check_failed"}, "ACCOUNT_NOT_ELIGIBLE"),
            ("content_init", "platform_error", {"code": "scope_not_authorized"}, "CREDENTIAL_INVALID"),
            ("content_init", "platform_error", {"code": "url_ownership_unverified"}, "PLATFORM_REJECTED"),
            ("status_fetch", "media_error", {"code": "picture_size_check_failed"}, "MEDIA_REJECTED"),
            ("status_fetch", "stuck_processing", None, "OUTCOME_UNKNOWN"),
        ],
        ("status_fetch", "media_error", {"code": "picture_size_check_failed"}, "MEDIA_REJECTED"),
    ),
)
async def test_a_draft_that_can_not_be_delivered_ends_failed(
    worker_world: WorkerWorld, picture: bytes, operation: str, fault: str, value: dict[str, str] | None, code: str
) -> None:
    """With a code and a sentence, and without a draft in the inbox."""
    container, account = await set_up(worker_world, picture)
    more = {} if value is None else {"value": value}
    await worker_world.world.fault(platform="tiktok", operation=operation, fault=fault, times=-1, **more)
    (post,) = await worker_world.deliver(container, account, mode="draft")
    assert (post["status"], post["lastError"]["code"], await worker_world.world.drafts()) == ("failed", code, [])
    assert post["lastError"]["message"].endswith(".")


async def test_the_sixth_draft_fails_at_once_and_says_what_the_creator_has_to_do(
    worker_world: WorkerWorld, picture: bytes
) -> None:
    """Only a person can make room, so nothing is retried: TikTok is asked once, and its code is kept."""
    container, account = await set_up(worker_world, picture)
    await worker_world.world.fault(
        platform="tiktok",
        operation="content_init",
        fault="platform_error",
        times=-1,
        value={"code": "spam_risk_too_many_pending_share"},
    )
    (post,) = await worker_world.deliver(container, account, mode="draft")
    error = post["lastError"]
    assert (post["status"], error["code"], error["step"]) == ("failed", "DELIVERY_FAILED", "content_init")
    assert error["platformCode"] == "spam_risk_too_many_pending_share"
    assert "5 drafts of the last 24 hours" in error["message"]
    assert "Ask the creator to post or delete one of them in the TikTok app" in error["message"]
    assert await worker_world.world.drafts() == []
    assert not [one for one in await worker_world.world.timeline(post["id"]) if one["event"] in ("retrying", "waiting")]


async def test_the_permission_for_drafts_is_enough(worker_world: WorkerWorld, video: bytes) -> None:
    """An account that granted drafts alone is ready for them and for nothing else, in lists, preflight and publishing."""
    browser = await worker_world.world.api.anonymous()
    await browser.post(
        "/sandbox/control/accounts",
        json={"platform": "tiktok", "handle": "brand", "grantedScopes": ["user.info.basic", "video.upload"]},
    )
    container, account = await set_up(worker_world, video, content_type="video/mp4")
    readiness = (await worker_world.world.client.get(f"/v1/social-accounts/{account}")).json()["readiness"]
    assert (readiness["draft"]["ready"], readiness["publish"]["missingScopes"]) == (True, ["video.publish"])
    verdict = await preflight(worker_world.world.client, container, to(account) | {"mode": "draft"}, to(account))
    draft, post = verdict["targets"]
    assert (draft["ok"], [warning["code"] for warning in draft["warnings"]]) == (True, ["CAPTION_NOT_DELIVERED"])
    assert post["errors"][0]["code"] == "SOCIAL_ACCOUNT_NOT_PUBLISH_READY"
    (delivered,) = await worker_world.deliver(container, account, mode="draft")
    assert (delivered["status"], len(await worker_world.world.drafts())) == ("draft", 1)


async def test_preflight_asks_tiktok_nothing_about_a_draft(worker_world: WorkerWorld, picture: bytes) -> None:
    """What creator_info would refuse a post for is no matter of a draft."""
    container, account = await set_up(worker_world, picture)
    await worker_world.world.fault(
        platform="tiktok",
        operation="creator_info",
        fault="platform_error",
        times=-1,
        value={"code": "spam_risk_too_many_posts"},
    )
    verdict = await preflight(worker_world.world.client, container, to(account) | {"mode": "draft"}, to(account))
    draft, post = verdict["targets"]
    assert (draft["ok"], draft["warnings"]) == (True, [])
    assert post["errors"][0]["code"] == "PLATFORM_RATE_LIMITED"
