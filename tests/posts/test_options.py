"""Options of single platforms: accepted, stored, shown, ignored elsewhere, and refused where a post can't carry them."""

from collections.abc import Mapping
from typing import Any, Final

import pytest
from tests.posts.conftest import ReadyProject, insert_account, insert_container

NONE_OF_INSTAGRAM: Final = dict.fromkeys(
    (
        "placement",
        "isAiGenerated",
        "collaborators",
        "userTags",
        "locationId",
        "coverUrl",
        "coverTimestampMs",
        "trialReel",
        "audioName",
    )
)
NO_TEXT: Final = {"captionOverride": "", "firstCommentOverride": ""}
Options = Mapping[str, object]


def _details(answer: Any) -> Any:
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "VALIDATION"), answer.text
    return answer.json()["error"]["details"]


async def test_a_read_post_shows_its_options(ready_project: ReadyProject) -> None:
    """What was sent comes back by its wire names; what was not requested is null, whole fields included."""
    sent = {"isAiGenerated": True, "userTags": [{"username": "luna", "x": 0.5, "y": 0.25}]}
    target = {"socialAccountId": ready_project.instagram, "mode": "publish"}
    answer = await ready_project.publish(ready_project.image, {**target, "instagramPostSettings": sent}, target)
    with_options, without = [await ready_project.world.post(post) for post in answer.json()["scheduledPostIds"]]
    tags = [{"username": "luna", "x": 0.5, "y": 0.25, "item": None}]
    assert with_options["instagramPostSettings"] == NONE_OF_INSTAGRAM | {"isAiGenerated": True, "userTags": tags}
    names = ("instagramPostSettings", "tiktokPostSettings", "tiktokMusic", "shareReelToFeed")
    assert [with_options[name] for name in names[1:]] == [None] * 3
    assert [without[name] for name in names] == [None] * 4


@pytest.mark.parametrize(
    ("platform", "media", "options", "reason"),
    [
        ("instagram", "image", {"coverUrl": "https://example.com/a.jpg"}, "non_video_container"),
        ("instagram", "slideshow", {"coverTimestampMs": 100}, "non_video_container"),
        ("instagram", "image", {"trialReel": {"graduation": "manual"}}, "non_video_container"),
        ("instagram", "image", {"audioName": "Our song"}, "non_video_container"),
        ("instagram", "image", {"userTags": [{"username": "luna"}]}, "user_tag_position"),
        ("instagram", "video", {"userTags": [{"username": "luna", "x": 0.1, "y": 0.1}]}, "user_tag_position"),
        ("instagram", "slideshow", {"placement": "story"}, "story_media"),
        ("instagram", "image", {"placement": "story"}, "story_text"),
        ("tiktok", "image", {"coverTimestampMs": 100}, "non_video_container"),
        ("tiktok", "video", {"coverIndex": 0}, "non_image_container"),
        ("tiktok", "video", {"title": "Bread"}, "non_image_container"),
    ],
)
async def test_an_option_that_the_post_can_not_carry_is_refused(
    ready_project: ReadyProject, platform: str, media: str, options: Options, reason: str
) -> None:
    """Publish and preflight name the reason and the option; on another platform, and on drafts, it is ignored."""
    name = f"{platform}PostSettings"
    container = getattr(ready_project, media)
    target = {"socialAccountId": getattr(ready_project, platform), "mode": "publish", name: options}
    details = _details(await ready_project.publish(container, target))
    assert details["reason"] == reason
    assert all(issue["path"].startswith(f"targets[0].{name}.") for issue in details["issues"])
    assert await ready_project.posts() == 0
    path = f"/v1/content/{container}/preflight"
    verdict = (await ready_project.client.post(path, json={"targets": [target]})).json()
    assert reason in [one["details"].get("reason") for one in verdict["targets"][0]["errors"]]
    other = ready_project.tiktok if platform == "instagram" else ready_project.instagram
    elsewhere = await ready_project.publish(container, {**target, "socialAccountId": other})
    assert elsewhere.status_code == 200, elsewhere.text
    says = f"`{name}` is for another platform and ignored on this target. Remove it."
    assert [one["message"] for one in elsewhere.json()["warnings"] if one["code"] == "OPTIONS_IGNORED"] == [says]
    ahead = (await ready_project.client.post(path, json={"targets": [{**target, "socialAccountId": other}]})).json()
    assert says in [one["message"] for one in ahead["targets"][0]["warnings"]]
    draft = await ready_project.publish(container, {**target, "mode": "draft"})
    assert draft.json().get("error", {}).get("code") != "VALIDATION", draft.text


async def test_a_url_that_may_not_be_fetched_is_refused(ready_project: ReadyProject) -> None:
    """What the form of a URL shows is refused by publish and preflight, under its path, and nothing is written."""
    youtube = await insert_account(ready_project.pool, ready_project.project, "youtube", [])
    settings = {
        "thumbnail": {"url": "https://name@example.com/a.jpg"},
        "captions": [
            {"language": "en", "url": "https://example.com/en.srt"},
            {"language": "de", "url": "http://b.c:25/"},
        ],
    }
    target = {"socialAccountId": youtube, "mode": "publish", "youtubePostSettings": settings}
    issues = _details(await ready_project.publish(ready_project.video, target))["issues"]
    paths = [f"targets[0].youtubePostSettings.{member}" for member in ("thumbnail.url", "captions[1].url")]
    assert [(one["path"], one["code"]) for one in issues] == [(path, "url_refused") for path in paths]
    assert await ready_project.posts() == 0
    path = f"/v1/content/{ready_project.video}/preflight"
    verdict = (await ready_project.client.post(path, json={"targets": [target]})).json()
    assert issues in [one["details"].get("issues") for one in verdict["targets"][0]["errors"]]


async def test_a_story_without_text_is_accepted(ready_project: ReadyProject) -> None:
    """A story of a picture or a video, its texts overridden by empty ones."""
    story = {
        "instagramPostSettings": {"placement": "story"},
        "socialAccountId": ready_project.instagram,
        "mode": "publish",
    }
    for container in (ready_project.image, ready_project.video):
        answer = await ready_project.publish(container, {**story, **NO_TEXT})
        assert answer.status_code == 200, answer.text
    assert _details(await ready_project.publish(ready_project.image, {**story, **NO_TEXT, "captionOverride": "x"}))


@pytest.mark.parametrize(
    ("options", "issue"),
    [
        ({"coverUrl": "https://example.com/a.jpg", "coverTimestampMs": 1}, "conflicting_options"),
        ({"trialReel": {"graduation": "manual"}, "collaborators": ["luna"]}, "conflicting_options"),
        ({"placement": "story", "locationId": "1"}, "conflicting_options"),
        ({"placement": "wall"}, "invalid_choice"),
        ({"collaborators": ["a", "b", "c", "d"]}, "too_many"),
        ({"collaborators": ["not a handle"]}, "invalid_format"),
        ({"userTags": [{"username": "luna"}] * 21}, "too_many"),
        ({"userTags": [{"username": "luna", "x": 1.5}]}, "too_large"),
        ({"coverUrl": "ftp://example.com/a.jpg"}, "invalid_format"),
        ({"hologram": True}, "unknown_field"),
    ],
)
async def test_the_shape_is_always_checked(ready_project: ReadyProject, options: Options, issue: str) -> None:
    """Malformed options are issues on any account and in any mode."""
    for account in (ready_project.instagram, ready_project.tiktok):
        for mode in ("publish", "draft", "managed"):
            target = {"socialAccountId": account, "mode": mode, "instagramPostSettings": options}
            details = _details(await ready_project.publish(ready_project.video, target))
            assert [one["code"] for one in details["issues"]] == [issue] * len(details["issues"])
            assert details["issues"][0]["path"].startswith("targets[0].instagramPostSettings")


async def test_a_waiting_call_keeps_its_options(ready_project: ReadyProject) -> None:
    """A schedule call that waits for approval creates posts with the options once the content is approved."""
    await ready_project.change("content_containers", ready_project.image, approval_status="pending")
    target = {
        "socialAccountId": ready_project.instagram,
        "mode": "publish",
        "instagramPostSettings": {"locationId": "123", "collaborators": ["@luna"]},
        "tiktokMusic": {"mode": "auto"},
    }
    body = {"scheduledFor": "2030-01-01T00:00:00Z", "targets": [target]}
    when = await ready_project.pool.fetchval("SELECT now() + interval '1 day'")
    body["scheduledFor"] = when.isoformat()
    kept = await ready_project.client.post(f"/v1/content/{ready_project.image}/schedule", json=body)
    assert kept.status_code == 202, kept.text
    approved = await ready_project.client.post(f"/v1/content/{ready_project.image}/approve", json={})
    (post_id,) = approved.json()["pendingSchedulePromotion"]["scheduledPostIds"]
    post = await ready_project.world.post(post_id)
    assert post["instagramPostSettings"] == NONE_OF_INSTAGRAM | {"locationId": "123", "collaborators": ["@luna"]}
    assert post["tiktokMusic"] == {"mode": "auto", "trackId": None}


async def test_an_option_that_is_known_to_fail_is_a_warning(ready_project: ReadyProject) -> None:
    """A title in more UTF-16 units than TikTok accepts, a paid partnership in private: accepted, with the numbers."""
    target = {"socialAccountId": ready_project.tiktok, "mode": "publish", "tiktokPostSettings": {"title": "🍞" * 60}}
    (long,) = (await ready_project.publish(ready_project.image, target)).json()["warnings"]
    assert (long["code"], long["reason"], long["value"], long["limit"]) == ("PLATFORM_LIMIT", "title_length", 120, 90)
    private = {"privacyLevel": "SELF_ONLY", "isBrandedContent": True}
    answer = await ready_project.publish(ready_project.video, {**target, "tiktokPostSettings": private})
    assert [one["reason"] for one in answer.json()["warnings"]] == ["private_branded_content"]


POLLS: Final[Mapping[str, tuple[list[str], dict[str, object]]]] = {
    "threads": (["threads_basic", "threads_content_publish"], {}),
    "linkedin": (["w_member_social"], {"question": "Which loaf?", "duration": "ONE_DAY"}),
}


@pytest.mark.parametrize("platform", POLLS)
async def test_a_poll_is_for_a_text(ready_project: ReadyProject, platform: str) -> None:
    """A text carries a poll; media don't, and one answer is no poll: each with what to do, and nothing is written."""
    scopes, rest = POLLS[platform]
    account = await insert_account(ready_project.pool, ready_project.project, platform, scopes)
    text = await insert_container(ready_project.pool, ready_project.project, "text")
    name = f"{platform}PostSettings"

    def target(*options: str) -> Mapping[str, object]:
        return {"socialAccountId": account, "mode": "publish", name: {"poll": {**rest, "options": options}}}

    with_media = _details(await ready_project.publish(ready_project.image, target("Rye", "Spelt")))
    assert with_media["reason"] == "poll_media"
    assert "publish the text alone" in with_media["issues"][0]["message"]
    (issue,) = _details(await ready_project.publish(text, target("Rye")))["issues"]
    assert (issue["path"], issue["code"]) == (f"targets[0].{name}.poll.options", "too_few")
    assert "Send at least 2" in issue["message"]
    assert await ready_project.posts() == 0
    answer = await ready_project.publish(text, target("Rye", "Spelt"))
    assert answer.status_code == 200, answer.text
    post = await ready_project.world.post(answer.json()["scheduledPostIds"][0])
    assert post[name]["poll"] == {**rest, "options": ["Rye", "Spelt"]}
