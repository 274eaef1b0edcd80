"""The publish call: what it accepts and refuses, the order of the checks, and that it is all or nothing."""

import asyncio
from collections.abc import Mapping
from typing import Any
from uuid import uuid4

import httpx2
import pytest
from tests.api_server import Api
from tests.posts.conftest import ReadyProject, bare, insert_account, insert_container


def error(response: httpx2.Response) -> dict[str, Any]:
    """Return the error of a response."""
    return dict(response.json()["error"])


def issues(response: httpx2.Response) -> dict[str, str]:
    """Return the issues of a response: code by path."""
    return {issue["path"]: issue["code"] for issue in error(response)["details"]["issues"]}


async def test_post_ids_are_returned_in_the_order_of_the_targets(ready_project: ReadyProject) -> None:
    """Two targets create two posts, with the caller's id where given, and each can be read as queued."""
    own = f"sp_{uuid4()}"
    response = await ready_project.publish(
        ready_project.video,
        {"socialAccountId": ready_project.tiktok, "mode": "publish", "captionOverride": "For TikTok"},
        {
            "socialAccountId": ready_project.instagram,
            "mode": "publish",
            "scheduledPostId": own,
            "shareReelToFeed": False,
        },
    )
    assert response.status_code == 200
    first, second = response.json()["scheduledPostIds"]
    assert (second, set(response.json())) == (own, {"scheduledPostIds"})
    post = await ready_project.world.post(first)
    assert (post["status"], post["platform"], post["captionOverride"]) == ("queued", "tiktok", "For TikTok")
    assert (await ready_project.world.post(second))["shareReelToFeed"] is False
    assert [entry["event"] for entry in await ready_project.world.timeline(first)] == ["queued"]


async def test_fifty_targets_are_all_or_nothing(ready_project: ReadyProject) -> None:
    """Fifty accounts in one call are accepted; with one bad account among them nothing is written."""
    accounts = [
        await insert_account(ready_project.pool, ready_project.project, "tiktok", ["video.publish"]) for _ in range(50)
    ]
    targets: list[Mapping[str, object]] = [{"socialAccountId": account, "mode": "publish"} for account in accounts]
    spoiled: list[Mapping[str, object]] = [*targets[:49], {"socialAccountId": f"sa_{uuid4()}", "mode": "publish"}]
    refused = await ready_project.publish(ready_project.image, *spoiled)
    assert (refused.status_code, await ready_project.posts()) == (404, 0)
    assert await ready_project.pool.fetchval("SELECT count(*) FROM post_events") == 0
    accepted = await ready_project.publish(ready_project.image, *targets)
    assert (accepted.status_code, await ready_project.posts()) == (200, 50)
    assert await ready_project.pool.fetchval("SELECT count(*) FROM post_events") == 50
    too_many = await ready_project.publish(
        ready_project.image, *targets, {"socialAccountId": ready_project.tiktok, "mode": "publish"}
    )
    assert (too_many.status_code, issues(too_many)) == (422, {"targets": "too_many"})


async def test_the_schema_lists_every_issue_at_once(ready_project: ReadyProject) -> None:
    """All issues of a body are in one response, each with its path."""
    twice = f"sp_{uuid4()}"
    response = await ready_project.client.post(
        f"/v1/content/{ready_project.video}/publish",
        json={
            "targets": [
                {"socialAccountId": "sa_1", "mode": "publish", "scheduledPostId": twice},
                {"socialAccountId": ready_project.tiktok, "mode": "boost", "scheduledPostId": twice},
                {
                    "socialAccountId": ready_project.tiktok,
                    "mode": "draft",
                    "tiktokMusic": {"mode": "auto"},
                    "shareReelToFeed": True,
                },
                {
                    "socialAccountId": ready_project.tiktok,
                    "mode": "publish",
                    "tiktokMusic": {"mode": "manual"},
                    "hashtag": "x",
                },
                {"mode": "publish", "captionOverride": "x" * 4001, "tiktokPostSettings": {"disableDuet": "yes"}},
            ],
            "when": "now",
        },
    )
    assert (response.status_code, error(response)["code"]) == (422, "VALIDATION")
    assert issues(response) == {
        "targets[0].socialAccountId": "invalid_format",
        "targets[1].mode": "invalid_choice",
        "targets[1].scheduledPostId": "duplicate_id",
        "targets[2].tiktokMusic": "music_on_draft",
        "targets[2].shareReelToFeed": "non_publish_mode",
        "targets[3].tiktokMusic.trackId": "track_id_required",
        "targets[3].hashtag": "unknown_field",
        "targets[4].socialAccountId": "required",
        "targets[4].captionOverride": "too_long",
        "targets[4].tiktokPostSettings.disableDuet": "invalid_type",
        "when": "unknown_field",
    }
    assert error(response)["details"]["reason"] == "non_publish_mode"


async def test_music_is_ignored_on_instagram_but_refused_with_a_draft(ready_project: ReadyProject) -> None:
    """Instagram posts accept `tiktokMusic`, even with an unknown track; drafts refuse it on every platform."""
    music = {"mode": "manual", "trackId": str(uuid4())}
    path = f"/v1/content/{ready_project.image}/publish"

    async def publish(account: str, mode: str) -> Any:
        target = {"socialAccountId": account, "mode": mode, "tiktokMusic": music}
        return await ready_project.client.post(path, json={"targets": [target]})

    assert (await publish(ready_project.instagram, "publish")).status_code == 200
    for account in (ready_project.instagram, ready_project.tiktok):
        refused = await publish(account, "draft")
        assert issues(refused) == {"targets[0].tiktokMusic": "music_on_draft"}


@pytest.mark.parametrize("targets", [[], None, "all", {}])
async def test_targets_must_be_a_nonempty_list(ready_project: ReadyProject, targets: object) -> None:
    """No targets, or a value that is not a list, is an issue at `targets`."""
    response = await ready_project.client.post(f"/v1/content/{ready_project.image}/publish", json={"targets": targets})
    assert (response.status_code, list(issues(response))) == (422, ["targets"])


async def test_a_repeated_id_is_an_issue(ready_project: ReadyProject) -> None:
    """One scheduledPostId on two valid targets is an issue at the second."""
    target = {"socialAccountId": ready_project.tiktok, "mode": "publish", "scheduledPostId": f"sp_{uuid4()}"}
    response = await ready_project.publish(ready_project.image, target, target)
    assert issues(response) == {"targets[1].scheduledPostId": "duplicate_id"}


@pytest.mark.parametrize(
    ("change", "status", "code", "details"),
    [
        ({"status": "queued"}, 409, "CONFLICT", {"status": "queued"}),
        ({"status": "processing"}, 409, "CONFLICT", {"status": "processing"}),
        ({"approval_status": "rejected"}, 409, "CONTENT_REJECTED", {"approvalStatus": "rejected"}),
        ({"approval_status": "pending"}, 403, "APPROVAL_REQUIRED", {"approvalStatus": "pending"}),
    ],
)
async def test_a_container_that_is_not_ready_is_refused(
    ready_project: ReadyProject, change: dict[str, object], status: int, code: str, details: dict[str, object]
) -> None:
    """Each container state that prevents publishing has its own code and details, before any target is checked."""
    await ready_project.change("content_containers", ready_project.image, **change)
    response = await ready_project.publish(ready_project.image, {"socialAccountId": f"sa_{uuid4()}", "mode": "publish"})
    assert (response.status_code, error(response)["code"]) == (status, code)
    assert details.items() <= error(response)["details"].items()
    assert await ready_project.posts() == 0


async def test_unknown_containers_and_accounts_are_not_found(ready_project: ReadyProject) -> None:
    """A container that does not exist, and an account that is unknown, disconnected or of another project: 404."""
    nowhere = await ready_project.publish(
        f"cnt_{uuid4()}", {"socialAccountId": ready_project.tiktok, "mode": "publish"}
    )
    assert (nowhere.status_code, error(nowhere)["code"]) == (404, "NOT_FOUND")
    other = await ready_project.world.project("Other")
    foreign = await insert_account(ready_project.pool, other, "tiktok", ["video.publish"])
    gone = await insert_account(ready_project.pool, ready_project.project, "tiktok", ["video.publish"])
    await ready_project.pool.execute(
        "UPDATE social_accounts SET status = 'disconnected', disconnected_at = now() WHERE id = $1", bare(gone)
    )
    for account in (f"sa_{uuid4()}", foreign, gone):
        response = await ready_project.publish(
            ready_project.image,
            {"socialAccountId": ready_project.instagram, "mode": "publish"},
            {"socialAccountId": account, "mode": "publish"},
        )
        assert (response.status_code, error(response)["details"]) == (404, {"socialAccountId": account})
    assert await ready_project.posts() == 0


async def test_reel_placement_is_for_instagram_videos_only(ready_project: ReadyProject) -> None:
    """shareReelToFeed for another platform, or for images, is refused with its reason."""
    wrong_platform = await ready_project.publish(
        ready_project.video, {"socialAccountId": ready_project.tiktok, "mode": "publish", "shareReelToFeed": True}
    )
    assert (wrong_platform.status_code, error(wrong_platform)["code"]) == (422, "VALIDATION")
    details = error(wrong_platform)["details"]
    assert (details["reason"], details["platform"], details["socialAccountId"]) == (
        "non_instagram_target",
        "tiktok",
        ready_project.tiktok,
    )
    for container, media_type in ((ready_project.image, "image"), (ready_project.slideshow, "multi")):
        wrong_media = await ready_project.publish(
            container, {"socialAccountId": ready_project.instagram, "mode": "publish", "shareReelToFeed": False}
        )
        details = error(wrong_media)["details"]
        assert (wrong_media.status_code, details["reason"], details["mediaType"]) == (
            422,
            "non_video_container",
            media_type,
        )
    assert await ready_project.posts() == 0


async def test_an_account_that_is_not_ready_has_a_reason(ready_project: ReadyProject) -> None:
    """An expired login, a missing permission and a missing layer have different reasons."""
    weak = await insert_account(ready_project.pool, ready_project.project, "tiktok", ["user.info.basic"])
    await ready_project.change("social_accounts", ready_project.instagram, status="reauth_required")
    for account, mode, reason in (
        (ready_project.instagram, "publish", "reauth_required"),
        (weak, "publish", "missing_permission"),
        (ready_project.tiktok, "managed", "no_managed_layer"),
        (weak, "draft", "missing_permission"),
    ):
        response = await ready_project.publish(ready_project.image, {"socialAccountId": account, "mode": mode})
        assert (response.status_code, error(response)["code"]) == (422, "SOCIAL_ACCOUNT_NOT_PUBLISH_READY"), (
            mode,
            reason,
        )
        assert error(response)["details"] == {"socialAccountId": account, "mode": mode, "reason": reason}
    assert await ready_project.posts() == 0


async def test_a_manual_track_must_be_in_the_catalogue_on_tiktok(ready_project: ReadyProject) -> None:
    """An unknown track is refused on TikTok, ignored on Instagram, and ignored with `auto`."""
    music = {"mode": "manual", "trackId": str(uuid4())}
    refused = await ready_project.publish(
        ready_project.image,
        {"socialAccountId": ready_project.instagram, "mode": "publish", "tiktokMusic": music},
        {"socialAccountId": ready_project.tiktok, "mode": "publish", "tiktokMusic": music},
    )
    assert (refused.status_code, issues(refused)) == (422, {"targets[1].tiktokMusic.trackId": "unknown_track"})
    ignored = await ready_project.publish(
        ready_project.image,
        {"socialAccountId": ready_project.instagram, "mode": "publish", "tiktokMusic": music},
        {"socialAccountId": ready_project.tiktok, "mode": "publish", "tiktokMusic": {**music, "mode": "auto"}},
    )
    assert ignored.status_code == 200
    await ready_project.pool.execute(
        "INSERT INTO tiktok_tracks (id, title, user_count, is_commerce_music, updated_at) VALUES ($1, 'Song', 1, false, now())",
        music["trackId"],
    )
    known = await ready_project.publish(
        ready_project.image, {"socialAccountId": ready_project.tiktok, "mode": "publish", "tiktokMusic": music}
    )
    assert known.status_code == 200


async def test_the_order_of_the_checks(ready_project: ReadyProject) -> None:
    """Targets are checked completely one after the other; existing ids come last."""
    existing = f"sp_{uuid4()}"
    target = {"socialAccountId": ready_project.instagram, "mode": "publish", "scheduledPostId": existing}
    assert (await ready_project.publish(ready_project.image, target)).status_code == 200
    again = await ready_project.publish(ready_project.image, target)
    assert (again.status_code, error(again)["code"]) == (409, "CONFLICT_DUPLICATE_ID")
    assert error(again)["details"] == {"scheduledPostId": existing}
    missing_first = await ready_project.publish(
        ready_project.image, target, {"socialAccountId": f"sa_{uuid4()}", "mode": "publish"}
    )
    assert missing_first.status_code == 404
    in_turn = await ready_project.publish(
        ready_project.image,
        {"socialAccountId": ready_project.instagram, "mode": "publish", "shareReelToFeed": True},
        {"socialAccountId": f"sa_{uuid4()}", "mode": "publish"},
    )
    assert error(in_turn)["details"]["reason"] == "non_video_container"
    assert await ready_project.posts() == 1


async def test_a_repeated_target_is_accepted_with_a_warning(ready_project: ReadyProject) -> None:
    """A repeated account and mode is posted twice, with a warning in the response."""
    target: dict[str, object] = {"socialAccountId": ready_project.tiktok, "mode": "publish"}
    response = await ready_project.publish(ready_project.image, target, target)
    (warning,) = response.json()["warnings"]
    assert (response.status_code, warning["socialAccountId"], await ready_project.posts()) == (
        200,
        ready_project.tiktok,
        2,
    )


async def test_an_archived_project_refuses_publishing(ready_project: ReadyProject) -> None:
    """Nothing can be published from an archived project."""
    archived = await ready_project.client.patch(f"/v1/projects/{ready_project.project}", json={"status": "archived"})
    assert archived.status_code == 200
    response = await ready_project.publish(
        ready_project.image, {"socialAccountId": ready_project.tiktok, "mode": "publish"}
    )
    assert (response.status_code, error(response)["code"]) == (409, "CONFLICT")


async def test_a_repeated_call_replays_its_response(ready_project: ReadyProject) -> None:
    """The same key and request return the same bytes and write nothing, whatever the formatting of the JSON and the id."""
    target: dict[str, object] = {"socialAccountId": ready_project.tiktok, "mode": "publish"}
    first = await ready_project.publish(ready_project.image, target, key="once")
    again = await ready_project.publish(ready_project.image, target, key="once")
    assert (again.status_code, again.content, again.headers["Idempotent-Replayed"]) == (200, first.content, "true")
    respelled = await ready_project.client.post(
        f"/v1/content/{bare(ready_project.image)}/publish",
        content=f'{{ "targets" : [ {{"mode":"publish",  "socialAccountId": "{ready_project.tiktok}" }} ] }}',
        headers={"Idempotency-Key": "once", "Content-Type": "application/json"},
    )
    assert (respelled.content, await ready_project.posts()) == (first.content, 1)
    other = await ready_project.publish(ready_project.video, target, key="once")
    assert (other.status_code, error(other)["code"]) == (409, "IDEMPOTENCY_CONFLICT")
    await ready_project.pool.execute("UPDATE social_accounts SET status = 'reauth_required'")
    still = await ready_project.publish(ready_project.image, target, key="once")
    assert (still.status_code, still.content) == (200, first.content)


async def test_a_refused_call_can_be_retried_with_its_key(ready_project: ReadyProject) -> None:
    """A refusal is not stored: after the approval, the same key publishes."""
    await ready_project.change("content_containers", ready_project.image, approval_status="pending")
    target: dict[str, object] = {"socialAccountId": ready_project.tiktok, "mode": "publish"}
    assert (await ready_project.publish(ready_project.image, target, key="retry")).status_code == 403
    await ready_project.change("content_containers", ready_project.image, approval_status="approved")
    response = await ready_project.publish(ready_project.image, target, key="retry")
    assert (response.status_code, await ready_project.posts()) == (200, 1)
    assert "Idempotent-Replayed" not in response.headers


async def test_concurrent_calls_with_one_key_have_one_effect(ready_project: ReadyProject) -> None:
    """Twenty concurrent calls with one key: one writes, all return the same bytes."""
    target: dict[str, object] = {"socialAccountId": ready_project.tiktok, "mode": "publish"}
    responses = await asyncio.gather(
        *(ready_project.publish(ready_project.image, target, key="concurrent") for _ in range(20))
    )
    assert {response.status_code for response in responses} == {200}
    assert len({response.content for response in responses}) == 1
    assert [response.headers.get("Idempotent-Replayed") for response in responses].count(None) == 1
    assert await ready_project.posts() == 1


async def test_of_concurrent_calls_with_one_post_id_one_wins(ready_project: ReadyProject) -> None:
    """Of ten concurrent calls with the same scheduledPostId, one succeeds and nine are conflicts."""
    target: dict[str, object] = {
        "socialAccountId": ready_project.tiktok,
        "mode": "publish",
        "scheduledPostId": f"sp_{uuid4()}",
    }
    responses = await asyncio.gather(*(ready_project.publish(ready_project.image, target) for _ in range(10)))
    codes = sorted(response.status_code for response in responses)
    assert (codes, await ready_project.posts()) == ([200, *[409] * 9], 1)
    assert {error(response)["code"] for response in responses if response.status_code == 409} == {
        "CONFLICT_DUPLICATE_ID"
    }


async def test_live_publishing_needs_the_platforms_credentials(api: Api, ready_project: ReadyProject) -> None:
    """Publishing to a live account without the platform's credentials names the missing setting."""
    client = await api.client(environment="live")
    made = await client.post("/v1/projects", json={"name": "Live", "timezone": "UTC"})
    project = made.json()["id"]
    account = await insert_account(ready_project.pool, project, "tiktok", ["video.publish"])
    container = await insert_container(ready_project.pool, project, "image")
    body = {"targets": [{"socialAccountId": account, "mode": "publish"}]}
    response = await client.post(f"/v1/content/{container}/publish", json=body)
    assert (response.status_code, error(response)["code"]) == (503, "UNAVAILABLE")
    assert error(response)["details"]["setting"] == "PRESSWORK_PUBLIC_URL"
    assert await ready_project.posts() == 0
