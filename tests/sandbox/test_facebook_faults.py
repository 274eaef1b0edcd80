"""Faults on every operation of Facebook Pages, and the errors that its clients have to expect."""

import json
from collections.abc import Awaitable, Callable

import httpx2
import pytest
from tests.every_row import every_row
from tests.sandbox.facebook_pages import Page, connect, error_of
from tests.sandbox.running_sandbox import BACK, JSON, RunningSandbox, clip, picture

Calls = dict[str, Callable[[], Awaitable[httpx2.Response]]]


async def calls_of(page: Page) -> Calls:
    """Return a valid call for each operation but the uploads."""
    sandbox = page.sandbox
    post, photo, story_photo = await page.post(), await page.photo(), await page.photo()
    asked = (await sandbox.comment("facebook", post))["id"]
    draft = (await page.call("POST", f"{page.id}/feed", message="Text", published=False)).json()["id"]
    reel, _ = await page.reel()
    stories = f"{page.id}/video_stories"
    story = (await page.call("POST", stories, upload_phase="start")).json()["video_id"]
    begun = (await page.videos({"upload_phase": "start", "file_size": "4"})).json()
    picture_url = sandbox.media.put("a.jpg", picture())
    video_url = sandbox.media.put("c.mp4", clip())
    session = {"upload_session_id": begun["upload_session_id"]}
    short = await sandbox.facebook_login("luna", long=False, scope="pages_manage_posts,pages_show_list")
    code = await sandbox.facebook_code("luna", scope="pages_manage_posts,pages_show_list")
    user = page.user_token
    return {
        "token": lambda: sandbox.facebook_token(redirect_uri=BACK, code=code),
        "exchange": lambda: sandbox.facebook_token(grant_type="fb_exchange_token", fb_exchange_token=short),
        "refresh": lambda: sandbox.facebook_token(grant_type="fb_exchange_token", fb_exchange_token=user),
        "person": lambda: sandbox.facebook(user, "GET", "me"),
        "accounts": lambda: sandbox.facebook(user, "GET", "me/accounts"),
        "businesses": lambda: sandbox.facebook(user, "GET", "me/businesses"),
        "permissions": lambda: sandbox.facebook(user, "GET", "me/permissions"),
        "debug_token": lambda: sandbox.facebook(user, "GET", "debug_token", input_token=page.token),
        "page": lambda: page.call("GET", page.id),
        "photos": lambda: page.call("POST", f"{page.id}/photos", url=picture_url, published=False),
        "feed": lambda: page.attach(photo),
        "videos": lambda: page.call("POST", f"{page.id}/videos", file_url=video_url),
        "video_start": lambda: page.videos({"upload_phase": "start", "file_size": "4"}),
        "video_transfer": lambda: page.videos({"upload_phase": "transfer", "start_offset": "0", **session}, b"data"),
        "video_finish": lambda: page.videos({"upload_phase": "finish", **session}),
        "reel_start": lambda: page.call("POST", f"{page.id}/video_reels", upload_phase="start"),
        "reel_finish": lambda: page.finish(reel),
        "video_story_start": lambda: page.call("POST", stories, upload_phase="start"),
        "video_story_finish": lambda: page.call("POST", stories, upload_phase="finish", video_id=story),
        "photo_stories": lambda: page.call("POST", f"{page.id}/photo_stories", photo_id=story_photo),
        "stories_list": lambda: page.call("GET", f"{page.id}/stories"),
        "video_status": lambda: page.call("GET", reel, fields="status"),
        "photo": lambda: page.call("GET", photo, fields="page_story_id"),
        "published_posts": lambda: page.call("GET", f"{page.id}/published_posts"),
        "permalink": lambda: page.call("GET", post, fields="permalink_url"),
        "comments": lambda: page.call("POST", f"{post}/comments", message="First"),
        "comments_list": lambda: page.call("GET", f"{post}/comments"),
        "comment": lambda: page.call("GET", asked),
        "comment_replies": lambda: page.call("POST", f"{asked}/comments", message="Yes"),
        "comment_update": lambda: page.call("POST", asked, is_hidden=True),
        "comment_likes": lambda: page.call("POST", f"{asked}/likes"),
        "comment_delete": lambda: page.call("DELETE", asked),
        "subscribed_apps": lambda: page.call("POST", f"{page.id}/subscribed_apps", subscribed_fields="feed"),
        "publish_post": lambda: page.call("POST", draft, is_published=True),
        "post_update": lambda: page.call("POST", post, message="New"),
        "delete": lambda: page.call("DELETE", post),
        "revoke": lambda: sandbox.facebook(user, "DELETE", "me/permissions"),
    }


async def test_every_fault_on_every_operation(sandbox: RunningSandbox) -> None:
    """Named errors, HTTP 500, a gateway's page, a lost call and an error with the wait of a usage header; nothing happens."""
    page = await connect(sandbox)
    calls = await calls_of(page)
    before = await sandbox.items("posts")
    value: JSON = {"code": 368, "subcode": 1390008, "message": "Too fast", "regainMinutes": 7}
    for operation, call in calls.items():
        await sandbox.fault("facebook", operation, "platform_error", value=value, handle="luna")
        answer = await call()
        assert (*error_of(answer), answer.json()["error"]["message"]) == (400, 368, 1390008, "Too fast"), operation
        usage = answer.headers["x-business-use-case-usage"]
        assert f'"{page.id}":[{{"type":"pages"' in usage
        assert '"estimated_time_to_regain_access":7' in usage
        await sandbox.fault("facebook", operation, "http_500")
        assert error_of(await call()) == (500, 2, None), operation
        await sandbox.fault("facebook", operation, "html_502")
        assert (await call()).headers["content-type"].startswith("text/html")
        await sandbox.fault("facebook", operation, "drop_before_effect")
        with pytest.raises(httpx2.TransportError):
            await call()
        assert await sandbox.items("faults") == [], operation
    assert await sandbox.items("posts") == before
    [comment] = await sandbox.items("comments")
    assert (comment["hidden"], comment["liked"], comment["deleted"]) == (False, False, False)
    performed = {call["operation"] for call in await sandbox.calls(platform="facebook")}
    assert performed == set(calls)


async def test_a_malformed_answer(sandbox: RunningSandbox) -> None:
    """A truncated answer comes after the effect."""
    page = await connect(sandbox)
    photo = await page.photo()
    await sandbox.fault("facebook", "feed", "malformed_json")
    answer = await page.attach(photo)
    with pytest.raises(json.JSONDecodeError):
        answer.json()
    assert len(await sandbox.items("posts")) == 1


async def test_an_expired_token(sandbox: RunningSandbox) -> None:
    """token_expired kills the Page's token: 190/463, until the list of Pages gives a new one."""
    page = await connect(sandbox)
    await sandbox.fault("facebook", "photos", "token_expired")
    answer = await page.call("POST", f"{page.id}/photos", url=sandbox.media.put("a.jpg", picture()))
    assert error_of(answer) == (400, 190, 463)
    assert error_of(await page.call("GET", page.id)) == (400, 190, 463)
    found = await sandbox.facebook(page.user_token, "GET", "me/accounts", fields="access_token")
    fresh = found.json()["data"][0]["access_token"]
    assert fresh != page.token
    assert (await sandbox.facebook(fresh, "GET", page.id)).status_code == 200


async def test_known_errors_have_their_words(sandbox: RunningSandbox) -> None:
    """A fault without a message answers in the words that are known for its code and subcode."""
    rows: list[tuple[JSON, int, str]] = [
        ({"code": 80001}, 400, "too many calls to this Page"),
        ({"code": 190, "subcode": 460}, 400, "changed their password"),
        ({"code": 1, "subcode": 99, "status": 500}, 500, "unknown error"),
        ({"code": 100, "subcode": 1366051}, 400, "Invalid parameter"),
        ({"code": 506}, 400, "Duplicate status message"),
        ({"code": 200, "subcode": 1404078}, 403, "Page Publishing Authorization"),
        ({"code": 341}, 400, "limit reached"),
        ({"code": 12345}, 400, "The sandbox is set to return this error"),
    ]
    with every_row() as row:
        for value, status, words in rows:
            with row(value, status, words):
                page = await connect(sandbox)
                await sandbox.fault("facebook", "feed", "platform_error", value=value)
                answer = await page.call("POST", f"{page.id}/feed", message="Hello")
                assert answer.status_code == status
                assert words in answer.json()["error"]["message"]
                assert ("x-business-use-case-usage" in answer.headers) == (value["code"] == 80001)


async def test_which_operations_have_jobs(sandbox: RunningSandbox) -> None:
    """stuck_processing and media_error belong to posts and videos; codes are numbers."""
    body = {"platform": "facebook", "operation": "photos", "fault": "stuck_processing"}
    assert (await sandbox.control("POST", "faults", body)).status_code == 400
    named = {"platform": "facebook", "operation": "feed", "fault": "platform_error", "value": {"code": "spam"}}
    assert (await sandbox.control("POST", "faults", named)).status_code == 400


async def test_faults_of_the_upload(sandbox: RunningSandbox) -> None:
    """A fault on the upload of a reel is the Page's: a lost call keeps nothing."""
    page = await connect(sandbox)
    _, url = await page.reel()
    await sandbox.fault("facebook", "upload", "drop_before_effect", handle="luna")
    with pytest.raises(httpx2.TransportError):
        await page.send(url, b"data")
    found = await sandbox.http.get(url, headers={"authorization": f"OAuth {page.token}"})
    assert found.json() == {"offset": 0}


async def test_faults_of_pages_leave_instagram_alone(sandbox: RunningSandbox) -> None:
    """A fault of one platform does not strike the other on the same host."""
    page = await connect(sandbox)
    instagram = await sandbox.facebook_login("luna")
    await sandbox.fault("facebook", "accounts", "http_500")
    assert (await sandbox.facebook(instagram, "GET", "me/accounts")).status_code == 200
    assert (await sandbox.facebook(page.user_token, "GET", "me/accounts")).status_code == 500
