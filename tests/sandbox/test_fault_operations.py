"""Errors of the platforms by name: `platform_error` with code, subcode and message suffices on every operation."""

from collections.abc import Awaitable, Callable

import httpx2
import pytest
from tests.sandbox.running_sandbox import BACK, JSON, RunningSandbox, picture

Calls = dict[str, Callable[[], Awaitable[httpx2.Response]]]


async def instagram_calls(sandbox: RunningSandbox) -> Calls:
    """Return a valid call for each of Instagram's operations that publishing needs."""
    token = await sandbox.graph_login("brand")
    media_id = await sandbox.post_picture(token)
    url = sandbox.media.put("picture.jpg", picture())
    container = await sandbox.container(token, image_url=url)
    asked = (await sandbox.comment("instagram", media_id))["id"]
    graph = sandbox.graph
    return {
        "media": lambda: graph(token, "POST", "me/media", image_url=url),
        "container_status": lambda: graph(token, "GET", container, fields="status_code,status"),
        "media_publish": lambda: graph(token, "POST", "me/media_publish", creation_id=container),
        "permalink": lambda: graph(token, "GET", media_id, fields="permalink"),
        "comments": lambda: graph(token, "POST", f"{media_id}/comments", message="First"),
        "comments_list": lambda: graph(token, "GET", f"{media_id}/comments", fields="text"),
        "comment": lambda: graph(token, "GET", asked, fields="text"),
        "comment_replies": lambda: graph(token, "POST", f"{asked}/replies", message="Yes"),
        "comment_replies_list": lambda: graph(token, "GET", f"{asked}/replies", fields="text"),
        "comment_update": lambda: graph(token, "POST", asked, hide=True),
        "subscribed_apps": lambda: graph(token, "POST", "me/subscribed_apps", subscribed_fields="comments"),
        "comment_delete": lambda: graph(token, "DELETE", asked),
        "media_delete": lambda: graph(token, "DELETE", media_id),
        "media_list": lambda: graph(token, "GET", "me/media", fields="permalink"),
        "stories": lambda: graph(token, "GET", "me/stories"),
        "content_publishing_limit": lambda: graph(token, "GET", "me/content_publishing_limit"),
        "refresh": lambda: graph(token, "GET", "refresh_access_token", grant_type="ig_refresh_token"),
        "me": lambda: graph(token, "GET", "me"),
    }


async def test_named_errors_on_every_operation_of_instagram(sandbox: RunningSandbox) -> None:
    """Code, subcode and message are those of the fault, HTTP 403 for code 10 and 400 for others; nothing happened."""
    calls = await instagram_calls(sandbox)
    errors: list[tuple[JSON, int]] = [
        ({"code": 10, "message": "(#10) Outage"}, 403),
        ({"code": 20, "subcode": 1772107, "message": "Perhaps"}, 400),
        ({"code": -1, "subcode": 2207085, "message": "Fatal"}, 400),
        ({"code": 9004, "subcode": 2207052, "message": "got status code: 403 Restricted by robots.txt"}, 400),
    ]
    for operation, call in calls.items():
        for value, status in errors:
            await sandbox.fault("instagram", operation, "platform_error", value=value)
            answer = await call()
            error = answer.json()["error"]
            found = {"code": error["code"], "message": error["message"]}
            if "error_subcode" in error:
                found["subcode"] = error["error_subcode"]
            assert (found, answer.status_code) == (value, status), operation
    [post] = await sandbox.items("posts")
    assert post["comments"] == ["Open on Sunday?"]
    assert [one["hidden"] for one in await sandbox.items("comments")] == [False]
    assert await sandbox.items("faults") == []


async def test_an_error_after_the_effect(sandbox: RunningSandbox) -> None:
    """20/1772107 on a comment that exists, and 2207085 on a publish that went through."""
    calls = await instagram_calls(sandbox)
    for operation, code, subcode in (("comments", 20, 1772107), ("media_publish", -1, 2207085)):
        value = {"code": code, "subcode": subcode, "afterEffect": True}
        if operation == "media_publish":
            await calls["container_status"]()
        await sandbox.fault("instagram", operation, "platform_error", value=value)
        assert (await calls[operation]()).json()["error"]["error_subcode"] == subcode
    first, _ = await sandbox.items("posts")
    assert first["comments"] == ["Open on Sunday?", "First"]


async def test_known_errors_have_their_words(sandbox: RunningSandbox) -> None:
    """A fault without a message answers in the words that are known for its code and subcode."""
    calls = await instagram_calls(sandbox)
    for value, words in (
        ({"code": 10}, "(#10) Application does not have permission for this action"),
        ({"code": 9007, "subcode": 2207027}, "Media ID is not available"),
        ({"code": -1, "subcode": 2207085}, "Fatal"),
        ({"code": 12345}, "(#12345) The sandbox is set to return this error"),
    ):
        await sandbox.fault("instagram", "me", "platform_error", value=value)
        assert (await calls["me"]()).json()["error"]["message"] == words


@pytest.mark.parametrize("operation", ["media", "container_status"])
async def test_a_media_error_can_have_a_message(sandbox: RunningSandbox, operation: str) -> None:
    """The message stands behind the subcode in the container's status."""
    token = await sandbox.graph_login("brand")
    url = sandbox.media.put("picture.jpg", picture())
    value = {"subcode": 2207085, "message": "403 Restricted by robots.txt"}
    await sandbox.fault("instagram", operation, "media_error", value=value)
    container = await sandbox.container(token, image_url=url)
    for _ in range(2):
        answer = (await sandbox.graph(token, "GET", container, fields="status_code,status")).json()
        assert answer["status_code"] == "ERROR"
        assert answer["status"].endswith("error code 2207085: 403 Restricted by robots.txt")


async def test_named_errors_on_every_operation_of_tiktok(sandbox: RunningSandbox, reel: bytes) -> None:
    """Code and message are those of the fault, with the HTTP status of the code; nothing happened."""
    login = await sandbox.tiktok_login("brand")
    token = login["access_token"]
    upload = await sandbox.video_init(token, len(reel))
    source = {"source": "FILE_UPLOAD", "video_size": 4, "chunk_size": 4, "total_chunk_count": 1}
    post = {"privacy_level": "SELF_ONLY"}
    photos = {
        "media_type": "PHOTO",
        "post_mode": "MEDIA_UPLOAD",
        "source_info": {"source": "PULL_FROM_URL", "photo_images": [f"{sandbox.media.address}/none.jpg"]},
    }
    path = "post/publish"
    calls: Calls = {
        "creator_info": lambda: sandbox.tiktok(token, f"{path}/creator_info/query", {}),
        "video_init": lambda: sandbox.tiktok(token, f"{path}/video/init", {"post_info": post, "source_info": source}),
        "inbox_init": lambda: sandbox.tiktok(token, f"{path}/inbox/video/init", {"source_info": source}),
        "content_init": lambda: sandbox.tiktok(token, f"{path}/content/init", photos),
        "status_fetch": lambda: sandbox.tiktok(token, f"{path}/status/fetch", {"publish_id": upload["publish_id"]}),
        "cancel": lambda: sandbox.tiktok(token, f"{path}/cancel", {"publish_id": upload["publish_id"]}),
    }
    pending = {"code": "spam_risk_too_many_pending_share", "message": "Too many pending shares"}
    for operation, call in calls.items():
        await sandbox.fault("tiktok", operation, "platform_error", value=pending)
        answer = await call()
        error = answer.json()["error"]
        assert ({"code": error["code"], "message": error["message"]}, answer.status_code) == (pending, 403), operation
    refresh = {"grant_type": "refresh_token", "refresh_token": login["refresh_token"]}
    exchange = {"grant_type": "authorization_code", "redirect_uri": BACK, "code": "x"}
    for operation, form in (("refresh", refresh), ("token", exchange)):
        value = {"code": "invalid_client", "message": "Client key or secret is incorrect."}
        await sandbox.fault("tiktok", operation, "platform_error", value=value)
        answer = (await sandbox.tiktok_token(**form)).json()
        assert {"code": answer["error"], "message": answer["error_description"]} == value
    await sandbox.fault("tiktok", "upload", "platform_error", value={"code": 403})
    assert (await sandbox.put(upload["upload_url"], reel)).status_code == 403
    assert await sandbox.items("faults") == []
    assert await sandbox.items("drafts") == []


async def test_media_is_fetched_with_the_name_of_the_crawler(sandbox: RunningSandbox) -> None:
    """A server that refuses Meta's crawler is refused with the HTTP status in Graph's text for people."""
    token = await sandbox.graph_login("brand")
    url = sandbox.media.put("picture.jpg", picture())
    await sandbox.container(token, image_url=url)
    assert sandbox.media.agents[-1].startswith("facebookexternalhit/1.1")
    sandbox.media.refused_agent = "facebookexternalhit"
    error = (await sandbox.graph(token, "POST", "me/media", image_url=url)).json()["error"]
    assert (error["code"], error["error_subcode"]) == (9004, 2207052)
    assert error["error_user_msg"] == "The media could not be fetched from this URI: HTTP error code 403"
