"""Live posts taken down and changed on every platform, from the call to the platform's own page, by a real worker."""

from datetime import timedelta
from typing import Any, Final

from tests.worker.conftest import WorkerWorld

_TEXT_PLATFORMS: Final = ("threads", "facebook", "linkedin", "bluesky")


async def _create(worker_world: WorkerWorld, project: str, **body: object) -> str:
    made = await worker_world.world.client.post(f"/v1/projects/{project}/content", json=body)
    assert made.status_code == 201, made.text
    return str(made.json()["id"])


async def _settle(worker_world: WorkerWorld, post: str) -> dict[str, Any]:
    """Work until a take-down or a change has its outcome, and return the post."""
    shown = await worker_world.world.post(post)
    for _ in range(200):
        is_pending = (shown["lastEdit"] or {}).get("status") == "pending"
        if shown["liveStatus"] != "taking_down" and not is_pending:
            break
        await worker_world.worker.work_until_idle()
        await worker_world.clock.sleep(timedelta(seconds=1))
        shown = await worker_world.world.post(post)
    return shown


async def test_a_post_is_taken_down_from_every_platform_that_has_a_call(
    worker_world: WorkerWorld, picture: bytes, video: bytes
) -> None:
    """Also each part of a thread, and one that a person has deleted before. Where there is no call, the post stays, with advice."""
    world = worker_world.world
    project = await world.project()
    accounts = {
        name: await world.account(project, name, f"bakery.{name}")
        for name in (*_TEXT_PLATFORMS, "youtube", "tiktok", "instagram", "pinterest")
    }
    by_facebook = await world.account(project, "instagram", "bakery.byfb", login="facebook")
    text = await _create(worker_world, project, text="Fresh bread")
    thread = await _create(worker_world, project, parts=[{"text": "Flour"}, {"text": "Water"}, {"text": "Salt"}])
    clip = await world.content(project, video, content_type="video/mp4", caption="Fresh bread")
    image = await world.content(project, picture, caption="Fresh bread")
    posts = [
        *await worker_world.deliver(text, *(accounts[name] for name in _TEXT_PLATFORMS)),
        *await worker_world.deliver(thread, accounts["threads"], accounts["bluesky"]),
        *await worker_world.deliver(clip, accounts["youtube"], accounts["tiktok"], accounts["facebook"]),
        *await worker_world.deliver(image, by_facebook, accounts["instagram"], accounts["facebook"]),
        *await worker_world.deliver(image, accounts["pinterest"], **await world.board(accounts["pinterest"])),
    ]
    assert [(post["platform"], post["status"]) for post in posts if post["status"] != "published"] == []
    no_call = {post["id"] for post in posts if post["socialAccountId"] in (accounts["tiktok"], accounts["instagram"])}
    browser = await world.api.anonymous()
    gone = posts[1]
    deleted = await browser.delete(
        "/sandbox/control/posts", params={"platform": "facebook", "externalId": gone["externalId"]}
    )
    assert deleted.is_success, deleted.text
    for container in (text, thread, clip, image):
        answered = await world.client.post(f"/v1/content/{container}/take-down", json={"reason": "Recalled"})
        assert answered.status_code == 202, answered.text
        assert {item["error"] for item in answered.json()["items"]} == {None}
    ends = {post["id"]: await _settle(worker_world, post["id"]) for post in posts}
    wrong = {
        (end["platform"], end["liveStatus"], end["liveAdvice"])
        for post_id, end in ends.items()
        if end["liveStatus"]
        != ("not_supported" if post_id in no_call else "gone" if post_id == gone["id"] else "taken_down")
    }
    assert wrong == set()
    left = {post["externalId"] for post in await world.live(replies="true")}
    assert left == {end["externalId"] for post_id, end in ends.items() if post_id in no_call}
    assert all(ends[post_id]["liveAdvice"] for post_id in no_call)


async def test_a_live_post_is_changed_where_a_platform_can(worker_world: WorkerWorld, video: bytes) -> None:
    """The platform shows it, and so do the post's caption and options."""
    world = worker_world.world
    project = await world.project()
    facebook, linkedin, youtube = [
        await world.account(project, name, f"bakery.{name}") for name in ("facebook", "linkedin", "youtube")
    ]
    text = await _create(worker_world, project, text="Fresh bread")
    clip = await world.content(project, video, content_type="video/mp4", caption="Fresh bread")
    posts = [*await worker_world.deliver(text, facebook, linkedin), *await worker_world.deliver(clip, youtube)]
    changes: dict[str, dict[str, str]] = {
        posts[0]["id"]: {"caption": "Open until noon"},
        posts[1]["id"]: {"caption": "Open until (noon)"},
        posts[2]["id"]: {"caption": "How we bake", "title": "Bread", "privacyLevel": "unlisted"},
    }
    for post, change in changes.items():
        asked = await world.client.patch(f"/v1/scheduled-posts/{post}/live", json=change)
        assert asked.status_code == 202, asked.text
        shown = await _settle(worker_world, post)
        assert shown["lastEdit"] == {"status": "done", "message": "The live post is changed."}, shown
        assert (shown["captionOverride"], shown["liveStatus"]) == (change["caption"], "live")
    shown = await world.post(posts[2]["id"])
    options = shown["youtubePostSettings"]
    assert (options["title"], options["privacy"]) == ("Bread", "unlisted")
    live = {post["externalId"]: post for post in await world.live()}
    assert [live[post["externalId"]]["caption"] for post in posts] == [
        "Open until noon",
        "Open until (noon)",
        live[posts[2]["externalId"]]["caption"],
    ]
    refused = await world.client.patch(f"/v1/scheduled-posts/{posts[2]['id']}/live", json={"privacyLevel": "friends"})
    assert refused.status_code == 422
    assert "public, unlisted, private" in refused.json()["error"]["message"]


async def test_a_limit_reached_once_the_post_is_deleted_ends_by_the_clock_of_the_platform(
    worker_world: WorkerWorld,
) -> None:
    """What belongs to the deleted post is deleted soon, although that clock is days ahead: a sandbox's may be moved."""
    world = worker_world.world
    project = await world.project()
    account = await world.account(project, "bluesky", "bakery.bsky.social")
    text = await _create(worker_world, project, text="Fresh bread")
    (post,) = await worker_world.deliver(text, account)
    browser = await world.api.anonymous()
    await browser.post("/sandbox/control/clock", json={"advanceSeconds": 2 * 24 * 3600})
    limit = {"code": "RateLimitExceeded", "status": 429}
    await world.fault(platform="bluesky", operation="delete_record", fault="platform_error", value=limit, skip=3)
    await world.client.post(f"/v1/scheduled-posts/{post['id']}/take-down", json={"reason": "Recalled"})
    shown = await _settle(worker_world, post["id"])
    assert shown["liveStatus"] == "taken_down", await world.timeline(post["id"])
    assert "retrying" in await worker_world.events(post["id"]), await world.timeline(post["id"])
