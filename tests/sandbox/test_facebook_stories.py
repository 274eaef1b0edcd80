"""Stories of Facebook Pages: of a video and of a photo, their list, what is refused, and lost answers."""

import httpx2
import pytest
from tests.sandbox.facebook_pages import Page, connect, error_of
from tests.sandbox.running_sandbox import JSON, RunningSandbox, clip, picture

DAY = 86_400
GONE = (400, 100, 33)


@pytest.fixture(scope="module")
def upright() -> bytes:
    """A video that Facebook takes as a story: three seconds of H.264, 540 by 960."""
    return clip(width=540, height=960)


async def begin(page: Page) -> tuple[str, str]:
    """Begin the story of a video; return the id of the video and the URL for its upload."""
    answer = await page.call("POST", f"{page.id}/video_stories", upload_phase="start")
    assert answer.status_code == 200, answer.text
    return str(answer.json()["video_id"]), str(answer.json()["upload_url"])


async def upload(page: Page, data: bytes) -> str:
    """Upload the video of a story and return its id; it is not published."""
    video, url = await begin(page)
    assert (await page.send(url, data)).json()["success"] is True
    for _ in range(10):
        await page.sandbox.advance(0)  # waits for the look at the media, at most five seconds
        if (await page.get(video, fields="status"))["status"]["video_status"] != "upload_complete":
            break
    return video


async def finish(page: Page, video: str) -> httpx2.Response:
    """Ask for a video to be published as a story."""
    return await page.call("POST", f"{page.id}/video_stories", upload_phase="finish", video_id=video)


async def publish_photo(page: Page, photo: str) -> httpx2.Response:
    """Publish a staged photo as a story."""
    return await page.call("POST", f"{page.id}/photo_stories", photo_id=photo)


async def stories(page: Page, **params: object) -> list[JSON]:
    """List the stories of a Page."""
    found: list[JSON] = (await page.get(f"{page.id}/stories", **params))["data"]
    return found


async def test_a_video_and_a_photo(sandbox: RunningSandbox, upright: bytes) -> None:
    """Both are live at once and in the list of stories two seconds later, and in no list of posts."""
    page = await connect(sandbox)
    video, url = await begin(page)
    assert url == f"{sandbox.address}/sandbox/rupload.facebook.com/video-upload/v25.0/{video}"
    assert error_of(await finish(page, video)) == (400, 6000, 1363030), "its bytes are not there"
    assert (await page.send(url, upright)).json()["success"] is True
    await sandbox.advance(0)
    status = (await page.get(video, fields="status"))["status"]
    assert (status["video_status"], status["uploading_phase"]["status"]) == ("ready", "complete")
    assert status["publishing_phase"] == {"status": "not_started"}
    assert await sandbox.items("posts") == []
    answer = await finish(page, video)
    first = answer.json()["post_id"]
    assert answer.json() == {"success": True, "post_id": first}
    assert isinstance(first, int)
    assert float(first) != first, "a client that reads it as a double has another id"
    status = (await page.get(video, fields="status"))["status"]
    assert status["publishing_phase"]["publish_status"] == "published"
    photo = await page.photo()
    answer = await publish_photo(page, photo)
    second = answer.json()["post_id"]
    assert answer.json() == {"success": True, "post_id": second}
    assert isinstance(second, str)
    posts = await sandbox.items("posts?platform=facebook&handle=luna")
    assert [(post["kind"], post["externalId"], post["caption"]) for post in posts] == [
        ("story", str(first), ""),
        ("story", second, ""),
    ]
    assert [post["media"][0]["contentType"] for post in posts] == ["video/mp4", "image/jpeg"]
    assert posts[1]["params"] == {"photo_id": photo}
    assert (await sandbox.http.get("/sandbox/feed/facebook/luna")).text.count('class="card facebook story"') == 2
    assert await stories(page) == [], "the list lags"
    await sandbox.advance(2)
    listed = await stories(page, status="PUBLISHED")
    times = [one.pop("creation_time") for one in listed]
    assert all(isinstance(time, str) and time.isdigit() for time in times)
    assert listed[::-1] == [
        {
            "post_id": str(first),
            "status": "published",
            "media_type": "video",
            "media_id": video,
            "url": posts[0]["url"],
        },
        {"post_id": second, "status": "published", "media_type": "photo", "media_id": photo, "url": posts[1]["url"]},
    ]
    for post in posts:
        assert (await sandbox.http.get("/sandbox/" + post["url"].removeprefix("https://"))).status_code == 200
        assert error_of(await page.call("POST", f"{post['externalId']}/comments", message="First")) == GONE
        assert error_of(await page.call("POST", post["externalId"], message="Text")) == GONE
    for path in ("published_posts", "posts", "feed"):
        assert (await page.get(f"{page.id}/{path}"))["data"] == []
    assert "page_story_id" not in await page.get(photo, fields="page_story_id"), "that names posts"
    assert await stories(page, since=int(times[0]) + 1) == []
    assert len(await stories(page, since=int(times[1]), limit=1, fields="media_id")) == 1
    assert await stories(page, status="archived") == []
    for wrong in ({"status": "DRAFT"}, {"fields": "text"}, {"since": "soon"}):
        assert error_of(await page.call("GET", f"{page.id}/stories", **wrong)) == (400, 100, None)
    for subject in (video, str(first), second):
        assert error_of(await page.call("POST", subject, message="No", description="No")) == GONE, "it has no text"
    assert (await page.call("DELETE", second)).json() == {"success": True}
    assert [one["media_id"] for one in await stories(page)] == [video]
    await sandbox.advance(DAY)
    assert await stories(page) == [], "a story is over after a day"


async def test_media_is_used_once(sandbox: RunningSandbox, upright: bytes) -> None:
    """A photo or video is in one story or one post, and those of a reel, of another Page, and old ones are none of a story."""
    page, other = await connect(sandbox), await connect(sandbox, "nova")
    video, photo, posted = await upload(page, upright), await page.photo(), await page.photo()
    assert (await page.attach(posted)).status_code == 200
    assert (await finish(page, video)).status_code == (await publish_photo(page, photo)).status_code == 200
    assert error_of(await finish(page, video)) == (400, 100, None)
    for used in (photo, posted):
        assert error_of(await publish_photo(page, used)) == (400, 100, 1366051)
    assert error_of(await page.attach(photo)) == (400, 100, 1366051)
    reel, _ = await page.reel()
    for wrong in (reel, await upload(other, upright), "", "1"):
        assert error_of(await finish(page, wrong)) == GONE
    webp = sandbox.media.put("a.webp", picture(kind="WEBP"))
    staged = await page.call("POST", f"{page.id}/photos", url=webp, published=False)
    assert error_of(await publish_photo(page, staged.json()["id"])) == (400, 100, 1366046)
    for wrong in (await other.photo(), "", "1"):
        assert error_of(await publish_photo(page, wrong)) == (400, 100, None)
    old, (late, url) = await page.photo(), await begin(page)
    await sandbox.advance(DAY)
    assert error_of(await publish_photo(page, old)) == (400, 100, None)
    assert (await page.send(url, upright)).status_code == 400
    assert error_of(await finish(page, late)) == (400, 6000, 1363030)
    assert len(await sandbox.items("posts")) == 3


@pytest.mark.exhaustive
async def test_unsuitable_videos(sandbox: RunningSandbox) -> None:
    """The processing phase says what is wrong before the finish, which is refused then."""
    page = await connect(sandbox)
    for data, words in (
        (clip(1.0, width=360, height=640), "too small"),
        (clip(1.0, width=960, height=960), "problem"),
        (clip(1.0, width=540, height=960, fps=12), "problem"),
        (clip(61.0, width=540, height=960), "problem"),
        (picture(), "problem"),
    ):
        video = await upload(page, data)
        status = (await page.get(video, fields="status"))["status"]
        assert (status["video_status"], status["processing_phase"]["status"]) == ("error", "error")
        assert words in status["processing_phase"]["error"]["message"]
        assert error_of(await finish(page, video)) == (400, 6000, 1363024)
    video, url = await begin(page)
    for file_url in ("https://video.xx.fbcdn.net/a.mp4", "ftp://bakery.example/a.mp4"):
        sent = await sandbox.http.post(url, headers={"authorization": f"OAuth {page.token}", "file_url": file_url})
        assert sent.status_code == 400
        assert sent.json()["debug_info"]["type"] == "ProcessingFailedError"
    for phase in ("", "end"):
        answer = await page.call("POST", f"{page.id}/video_stories", upload_phase=phase, video_id=video)
        assert error_of(answer) == (400, 100, None)
    for path in ("video_stories", "photo_stories", "stories"):
        answer = await sandbox.facebook(page.user_token, "GET" if path == "stories" else "POST", f"{page.id}/{path}")
        assert error_of(answer) == (403, 210, None)


async def test_lost_answers(sandbox: RunningSandbox, upright: bytes) -> None:
    """The list names the story by its media after a lost answer, and a repeat makes no second one."""
    page = await connect(sandbox)
    for fault, value in (("drop_before_effect", {}), ("drop_after_effect", {}), ("late_effect", {"ms": 500})):
        media = {"video_story_finish": await upload(page, upright), "photo_stories": await page.photo()}
        for operation, media_id in media.items():
            ask = finish if operation == "video_story_finish" else publish_photo
            await sandbox.fault("facebook", operation, fault, value=value)
            with pytest.raises(httpx2.TransportError):
                await ask(page, media_id)
            await sandbox.advance(3)
            is_live = media_id in {one["media_id"] for one in await stories(page)}
            assert is_live is (fault != "drop_before_effect"), (fault, operation)
            repeat = await ask(page, media_id)
            assert repeat.status_code == (400 if is_live else 200), (fault, operation)
    await sandbox.advance(3)
    assert len({one["media_id"] for one in await stories(page)}) == len(await stories(page)) == 6
    assert len(await sandbox.items("posts")) == 6


async def test_stuck_and_failed_stories(sandbox: RunningSandbox, upright: bytes) -> None:
    """A stuck video is never ready and goes live once the fault is cleared; a failed one never does; a photo is taken down."""
    page = await connect(sandbox)
    await sandbox.fault("facebook", "video_story_start", "stuck_processing")
    stuck = await upload(page, upright)
    assert (await page.get(stuck, fields="status"))["status"]["video_status"] == "upload_complete"
    assert (await finish(page, stuck)).status_code == 200
    await sandbox.advance(60)
    assert await sandbox.items("posts") == []
    await sandbox.control("DELETE", "faults")
    assert [post["kind"] for post in await sandbox.items("posts")] == ["story"]
    await sandbox.fault("facebook", "video_story_finish", "media_error", value={"code": 6001, "message": "Broken"})
    failed = await upload(page, upright)
    assert (await finish(page, failed)).status_code == 200
    assert (await page.get(failed, fields="status"))["status"]["processing_phase"]["error"]["message"] == "Broken"
    await sandbox.fault("facebook", "photo_stories", "media_error")
    assert (await publish_photo(page, await page.photo())).status_code == 200
    assert len(await sandbox.items("posts")) == 1
