"""Videos of Facebook Pages: reels, chunked uploads and one call, their phases, witnesses, errors and limits."""

import json
from dataclasses import replace
from pathlib import Path

import httpx2
import pytest
from tests.every_row import every_row
from tests.sandbox.facebook_pages import STATUS, Page, connect, error_of
from tests.sandbox.running_sandbox import RunningSandbox, Sandboxes, clip, picture


@pytest.fixture(scope="module")
def upright() -> bytes:
    """A video that Facebook takes as a reel: three seconds of H.264, 540 by 960."""
    return clip(width=540, height=960)


async def ready_reel(page: Page, data: bytes) -> str:
    """Upload a reel and return its id; it is not published."""
    video, url = await page.reel()
    assert (await page.send(url, data)).json() == {"success": True, "message": "Upload successful."}
    await page.sandbox.advance(0)  # returns once the media is checked
    return video


def phases(found: dict[str, object]) -> list[object]:
    """Return video_status, and the status of uploading, processing and publishing."""
    status = found["status"]
    assert isinstance(status, dict)
    return [
        status["video_status"],
        *(status[f"{name}_phase"]["status"] for name in ("uploading", "processing", "publishing")),
    ]


async def test_a_reel(sandbox: RunningSandbox, upright: bytes) -> None:
    """The phases move with each status call after the finish; `ready` comes before the reel is live."""
    page = await connect(sandbox)
    video, url = await page.reel()
    assert url == f"{sandbox.address}/sandbox/rupload.facebook.com/video-upload/v25.0/{video}"
    assert phases(await page.status(video)) == ["uploading", "not_started", "not_started", "not_started"]
    assert (await page.send(url, upright)).json()["success"] is True
    await sandbox.advance(0)
    found = await page.status(video)
    assert phases(found) == ["upload_complete", "complete", "not_started", "not_started"]
    assert found["status"]["uploading_phase"]["bytes_transfered"] == len(upright)
    assert await sandbox.items("posts") == []
    finish = await page.finish(video, description="Hello", title="A reel")
    assert finish.json() == {"success": True}
    assert phases(await page.status(video)) == ["processing", "complete", "in_progress", "not_started"]
    found = await page.status(video)
    assert phases(found) == ["ready", "complete", "complete", "in_progress"]
    assert found["published"] is False
    found = await page.status(video)
    assert phases(found) == ["ready", "complete", "complete", "complete"]
    assert found["status"]["publishing_phase"]["publish_status"] == "published"
    assert found["published"] is True
    assert "post_id" not in found
    await sandbox.advance(2)
    [post] = await sandbox.items("posts")
    assert (post["kind"], post["caption"], post["url"]) == (
        "facebook_reel",
        "Hello",
        f"https://www.facebook.com/reel/{video}/",
    )
    assert post["params"] == {
        "upload_phase": "finish",
        "video_id": video,
        "video_state": "PUBLISHED",
        "description": "Hello",
        "title": "A reel",
    }
    found = await page.status(video)
    assert (found["post_id"], found["permalink_url"]) == (post["externalId"], f"/reel/{video}/")
    read = await page.get(post["externalId"], fields="permalink_url,attachments{media_type,target}")
    assert read["permalink_url"] == post["url"]
    assert read["attachments"]["data"][0]["target"]["id"] == video
    shown = await sandbox.http.get("/sandbox/" + post["url"].removeprefix("https://"))
    assert "A reel" in shown.text
    assert (await sandbox.http.get(f"/sandbox/www.facebook.com/reel/{video}")).status_code == 200


async def test_a_reel_by_the_clock(sandbox: RunningSandbox, upright: bytes) -> None:
    """Without status calls a reel is live three seconds after its finish."""
    page = await connect(sandbox)
    video = await ready_reel(page, upright)
    await sandbox.advance(3600)
    assert await sandbox.items("posts") == []
    await page.finish(video)
    assert await sandbox.items("posts") == []
    await sandbox.advance(3)
    assert len(await sandbox.items("posts")) == 1


async def test_a_second_finish_makes_no_second_reel(sandbox: RunningSandbox, upright: bytes) -> None:
    """A finish whose answer was lost had its effect; the same finish again changes nothing."""
    page = await connect(sandbox)
    video = await ready_reel(page, upright)
    await sandbox.fault("facebook", "reel_finish", "drop_after_effect")
    with pytest.raises(httpx2.TransportError):
        await page.finish(video, description="First")
    assert (await page.finish(video, description="Second")).json() == {"success": True}
    await page.over(video)
    assert (await page.finish(video, description="Third")).status_code == 200
    await sandbox.advance(100)
    assert [post["caption"] for post in await sandbox.items("posts")] == ["First"]


async def test_finish_before_the_upload_is_complete(sandbox: RunningSandbox, upright: bytes) -> None:
    """A finish before all bytes are there is refused, and can be repeated afterwards."""
    page = await connect(sandbox)
    video, url = await page.reel()
    assert error_of(await page.finish(video))[:2] == (400, 6000)
    await page.send(url, upright[:1000], 0, len(upright))
    assert error_of(await page.finish(video))[:2] == (400, 6000)
    found = await page.status(video)
    assert found["status"]["uploading_phase"] == {"status": "in_progress", "bytes_transfered": 1000}
    again = await page.send(url, upright, 0)
    assert (again.status_code, again.json()["debug_info"]["type"]) == (400, "OffsetInvalidError")
    assert (await page.send(url, upright[1000:], 1000, len(upright))).json()["success"] is True
    assert (await page.finish(video)).json() == {"success": True}
    assert phases(await page.over(video))[-1] == "complete"


async def test_a_reel_from_a_url(sandbox: RunningSandbox, upright: bytes) -> None:
    """Facebook fetches what the file_url header names; what can't be fetched is upload_failed, with the reason."""
    page = await connect(sandbox)
    for name, status in (("c.mp4", "upload_complete"), ("none.mp4", "upload_failed")):
        video, url = await page.reel()
        if status == "upload_complete":
            sandbox.media.put(name, upright)
        headers = {
            "authorization": f"OAuth {page.token}",
            "file_url": f"{sandbox.media.address}/{name}?signature=s3cret",
        }
        assert (await sandbox.http.post(url, headers=headers)).json()["success"] is True
        await sandbox.advance(0)
        found = await page.status(video)
        assert found["status"]["video_status"] == status
        if status == "upload_failed":
            assert "Unable to fetch" in found["status"]["uploading_phase"]["error"]["message"]
            assert error_of(await page.finish(video))[1] == 6000
    assert "s3cret" not in (await sandbox.http.get("/sandbox/control/requests?limit=200")).text
    fetch, _ = await sandbox.calls(operation="upload", platform="facebook")
    assert (fetch["host"], fetch["handle"]) == ("rupload.facebook.com", "luna")


async def test_unsuitable_reels(sandbox: RunningSandbox) -> None:
    """A reel has 3 to 90 seconds, 9:16 and at least 540 by 960; otherwise its processing phase says what is wrong."""
    rows: list[tuple[float, int, int, str]] = [
        (1.0, 540, 960, "problem"),
        (3.0, 360, 640, "too small"),
        (3.0, 720, 960, "problem"),
        (95.0, 540, 960, "problem"),
    ]
    with every_row() as row:
        for seconds, width, height, words in rows:
            with row(seconds, width, height, words):
                await sandbox.reset()
                page = await connect(sandbox)
                data = (
                    clip(seconds, width=width, height=height)
                    if seconds < 90
                    else clip(seconds, width=540, height=960, fps=1)
                )
                video = await ready_reel(page, data)
                found = await page.status(video)
                assert phases(found) == ["error", "complete", "error", "not_started"]
                assert words in found["status"]["processing_phase"]["error"]["message"]
                assert error_of(await page.finish(video))[1] == 6000


async def test_a_draft_reel(sandbox: RunningSandbox, upright: bytes) -> None:
    """A reel that is finished as a draft is never live."""
    page = await connect(sandbox)
    video = await ready_reel(page, upright)
    await page.finish(video, "DRAFT", description="Draft")
    await sandbox.advance(3600)
    found = await page.status(video)
    assert found["status"]["publishing_phase"] == {"status": "not_started", "publish_status": "draft"}
    assert (found["published"], await sandbox.items("posts")) == (False, [])


async def test_reels_are_limited(sandbox: RunningSandbox, upright: bytes) -> None:
    """Thirty reels in a rolling day, or as many as the account says, count at start and at finish; drafts don't."""
    page = await connect(sandbox)
    await sandbox.account("facebook", "luna", quotaTotal=2)
    prepared = [await ready_reel(page, upright) for _ in range(4)]
    await page.finish(prepared[0], "DRAFT")
    for video in prepared[1:3]:
        assert (await page.finish(video)).status_code == 200
        await sandbox.advance(3600)
    assert error_of(await page.finish(prepared[3])) == (400, 341, None)
    assert error_of(await page.call("POST", f"{page.id}/video_reels", upload_phase="start")) == (400, 341, None)
    await sandbox.advance(22 * 3600 + 1)
    assert (await page.reel())[0]
    await sandbox.account("facebook", "luna", quotaTotal=30)
    for _ in range(28):
        assert (await page.finish(await ready_reel(page, upright))).status_code == 200
    assert (await page.finish(await ready_reel(page, upright))).status_code == 200
    assert error_of(await page.call("POST", f"{page.id}/video_reels", upload_phase="start")) == (400, 341, None)


async def test_an_upload_expires(sandbox: RunningSandbox) -> None:
    """A day after its start an unfinished upload is expired and takes nothing more."""
    page = await connect(sandbox)
    video, url = await page.reel()
    await sandbox.advance(86_401)
    assert (await page.status(video))["status"]["video_status"] == "expired"
    assert (await page.send(url, b"x")).status_code == 400
    assert error_of(await page.finish(video))[1] == 6000


async def test_uploads_need_the_token_of_the_page(sandbox: RunningSandbox, upright: bytes) -> None:
    """The token of another Page, none, and the scheme's own rules: anything else than the Page's token is unauthorized."""
    page, other = await connect(sandbox), await connect(sandbox, "nova")
    video, url = await page.reel()
    for wrong in (url.replace(video, "123"), url):
        answer = await other.send(wrong, upright)
        problem = answer.json()["debug_info"]
        assert json.loads(problem["message"])["error"]["message"] == "unauthorized user request"
    assert error_of(await other.finish(video)) == (400, 100, 33)
    assert error_of(await other.call("GET", video, fields="status")) == (400, 100, 33)
    assert (await sandbox.http.post(url, content=upright)).status_code == 400
    assert (await page.send(url, upright)).status_code == 200


async def test_a_chunked_video(sandbox: RunningSandbox, reel: bytes) -> None:
    """The answers say which bytes come next, as strings, until both offsets are equal; a finish makes the video live."""
    page = await connect(sandbox)
    begun = await page.chunked(reel)
    assert set(begun) == {"upload_session_id", "video_id", "start_offset", "end_offset"}
    assert begun["start_offset"] == "0"
    assert int(begun["end_offset"]) < len(reel)
    session, video = begun["upload_session_id"], begun["video_id"]
    assert phases(await page.status(video)) == ["uploading", "in_progress", "not_started", "not_started"]
    form = {"upload_phase": "finish", "upload_session_id": session, "description": "Hello", "title": "Video"}
    assert (await page.videos(form)).json() == {"success": True}
    found = await page.over(video)
    assert found["status"]["publishing_phase"]["publish_status"] == "published"
    [post] = await sandbox.items("posts")
    assert (post["kind"], post["caption"], post["params"]["title"]) == ("facebook_video", "Hello", "Video")
    assert post["media"][0]["contentType"] == "video/mp4"
    assert error_of(await page.videos(form))[:2] == (400, 6001)
    assert len(await sandbox.items("posts")) == 1


async def test_chunks_at_wrong_offsets(sandbox: RunningSandbox, reel: bytes) -> None:
    """A chunk whose answer was lost is refused when it comes again, with the offsets to continue at."""
    page = await connect(sandbox)
    begun = (await page.videos({"upload_phase": "start", "file_size": str(len(reel))})).json()
    end = int(begun["end_offset"])
    form = {"upload_phase": "transfer", "upload_session_id": begun["upload_session_id"], "start_offset": "0"}
    await sandbox.fault("facebook", "video_transfer", "drop_after_effect")
    with pytest.raises(httpx2.TransportError):
        await page.videos(form, reel[:end])
    again = await page.videos(form, reel[:end])
    assert error_of(again) == (400, 6001, 1363037)
    assert again.json()["error"]["error_data"] == {"start_offset": end, "end_offset": len(reel)}
    early = await page.videos({"upload_phase": "finish", "upload_session_id": begun["upload_session_id"]})
    assert error_of(early)[:2] == (400, 6000)
    too_much = await page.videos(form | {"start_offset": str(end)}, reel)
    assert error_of(too_much)[1] == 6000
    none = await page.videos(form | {"start_offset": str(end)})
    assert error_of(none)[1] == 100
    rest = await page.videos(form | {"start_offset": str(end)}, reel[end:])
    assert rest.json() == {"start_offset": str(len(reel)), "end_offset": str(len(reel))}
    unknown = await page.videos(form | {"upload_session_id": "1"}, reel)
    assert error_of(unknown) == (400, 6001, 1363041)
    for size in ("", "0", "many", "10000000001"):
        assert error_of(await page.videos({"upload_phase": "start", "file_size": size}))[1] == 100


async def test_a_chunked_video_that_is_none(sandbox: RunningSandbox) -> None:
    """A file that is no video ends in error, with the reason in a list."""
    page = await connect(sandbox)
    begun = await page.chunked(picture())
    await page.videos({"upload_phase": "finish", "upload_session_id": begun["upload_session_id"]})
    found = await page.over(begun["video_id"])
    assert phases(found)[0] == "error"
    assert found["status"]["processing_phase"]["errors"][0]["code"] == 6000
    assert await sandbox.items("posts") == []


async def test_a_video_in_one_call(sandbox: RunningSandbox, reel: bytes) -> None:
    """A video of one call is live a minute later, or after five status calls, and in no list before."""
    page = await connect(sandbox)
    url = sandbox.media.put("c.mp4", reel)
    made = await page.call("POST", f"{page.id}/videos", file_url=url, description="Hello")
    assert set(made.json()) == {"id"}
    await sandbox.advance(59)
    assert await sandbox.items("posts") == []
    assert (await page.get(f"{page.id}/published_posts"))["data"] == []
    assert "post_id" not in await page.get(made.json()["id"], fields="post_id,published")
    await sandbox.advance(10)
    [post] = await sandbox.items("posts")
    assert (post["kind"], post["caption"]) == ("facebook_video", "Hello")
    place = f"/sandbox/graph-video.facebook.com/{page.id}/videos?access_token={page.token}"
    sent = await sandbox.http.post(place, files={"source": ("c.mp4", reel)}, data={"published": "false"})
    assert sent.status_code == 200, sent.text
    await sandbox.advance(600)
    assert len(await sandbox.items("posts")) == 1
    polled = (await page.call("POST", f"{page.id}/videos", file_url=url)).json()["id"]
    assert [(await page.status(polled))["published"] for _ in range(5)] == [False] * 4 + [True]


async def test_videos_that_cannot_be_fetched(sandbox: RunningSandbox) -> None:
    """What can't be fetched is 389, what is no video 6000, and one of the two sources is needed."""
    page = await connect(sandbox)
    path = f"{page.id}/videos"
    assert error_of(await page.call("POST", path, file_url=f"{sandbox.media.address}/none"))[1] == 389
    assert error_of(await page.call("POST", path, file_url="nowhere"))[1] == 389
    assert error_of(await page.call("POST", path, file_url=sandbox.media.put("x", b"none")))[1] == 6000
    assert error_of(await page.call("POST", path, file_url=sandbox.media.put("y", picture())))[1] == 6000
    assert error_of(await page.call("POST", path))[1] == 100


async def test_a_comment_on_a_bare_video_id(sandbox: RunningSandbox, upright: bytes) -> None:
    """A live reel takes comments under its video id and under its post id, but `{page}_{video}` is nothing."""
    page = await connect(sandbox)
    video = await ready_reel(page, upright)
    assert error_of(await page.call("POST", f"{video}/comments", message="Early")) == (400, 100, 33)
    await page.finish(video)
    await page.over(video)
    made = await page.call("POST", f"{video}/comments", message="First")
    assert made.status_code == 200, made.text
    assert error_of(await page.call("POST", f"{page.id}_{video}/comments", message="No")) == (400, 100, 33)
    await sandbox.advance(2)
    post = (await page.status(video))["post_id"]
    for subject in (video, post):
        listed = (await page.get(f"{subject}/comments"))["data"]
        assert [(one["id"], one["message"]) for one in listed] == [(made.json()["id"], "First")]


async def test_deleting_a_video(sandbox: RunningSandbox, upright: bytes) -> None:
    """A video and its post are deleted together, by either id; one that is not live yet never goes live. It counts still."""
    page = await connect(sandbox)
    await sandbox.account("facebook", "luna", quotaTotal=3)
    for by_post in (False, True):
        video = await ready_reel(page, upright)
        await page.finish(video)
        await page.over(video)
        await sandbox.advance(3)
        post = (await page.status(video))["post_id"]
        assert (await page.call("DELETE", post if by_post else video)).json() == {"success": True}
        assert await sandbox.items("posts") == []
        for subject in (video, post):
            for method, params in (("GET", {"fields": STATUS}), ("POST", {"description": "No"}), ("DELETE", {})):
                assert error_of(await page.call(method, subject, **params)) == (400, 100, 33)
    early = await ready_reel(page, upright)
    await page.finish(early)
    assert (await page.call("DELETE", early)).json() == {"success": True}
    await sandbox.advance(3600)
    assert await sandbox.items("posts") == []
    assert len(await sandbox.items("posts?deleted=true")) == 2
    refused = await page.call("POST", f"{page.id}/video_reels", upload_phase="start")
    assert error_of(refused) == (400, 341, None)


async def test_editing_a_video(sandbox: RunningSandbox, upright: bytes) -> None:
    """Description and title are those of the video and of its post, by the id of either, before it is live too."""
    page = await connect(sandbox)
    video = await ready_reel(page, upright)
    await page.finish(video, description="Helo", title="Early")
    assert (await page.call("POST", video, title="Old")).json() == {"success": True}
    await page.over(video)
    [post] = await sandbox.items("posts")
    assert (post["caption"], post["params"]["title"], post["editedAt"]) == ("Helo", "Old", None)
    other = await connect(sandbox, app="2")
    assert error_of(await other.call("POST", video, description="Theirs")) == (403, 200, None)
    await sandbox.advance(60)
    assert (await page.call("POST", video, description="Hello", name="New")).json() == {"success": True}
    [post] = await sandbox.items("posts")
    assert (post["caption"], post["params"]["title"]) == ("Hello", "New")
    assert post["editedAt"] > post["createdAt"]
    assert (await page.call("POST", post["externalId"], message="Hello again")).json() == {"success": True}
    read = await page.get(video, fields="description,title,updated_time,created_time")
    assert (read["description"], read["title"]) == ("Hello again", "New")
    assert read["updated_time"] > read["created_time"]
    assert (await page.get(post["externalId"], fields="message"))["message"] == "Hello again"
    assert error_of(await page.call("POST", video))[1] == 100
    assert error_of(await page.call("POST", video, description="x" * 63_207))[1] == 100


async def test_stuck_and_failing_videos(sandbox: RunningSandbox, upright: bytes) -> None:
    """stuck_processing holds a video in processing until it is cleared; media_error ends it with the fault's words."""
    page = await connect(sandbox)
    await sandbox.fault("facebook", "reel_finish", "stuck_processing")
    video = await ready_reel(page, upright)
    await page.finish(video)
    await sandbox.advance(3600)
    for _ in range(5):
        assert phases(await page.status(video))[0] == "processing"
    assert await sandbox.items("posts") == []
    await sandbox.control("DELETE", "faults")
    assert (await page.status(video))["published"] is True
    for operation in ("reel_start", "upload", "reel_finish", "video_status"):
        value = {"code": 1363008, "message": "The audio is protected."}
        await sandbox.fault("facebook", operation, "media_error", value=value)
        video = await ready_reel(page, upright)
        await page.finish(video)
        found = await page.over(video)
        assert phases(found)[0] == "error", operation
        assert found["status"]["processing_phase"]["error"]["message"] == "The audio is protected."
        assert await sandbox.items("faults") == []
    assert len(await sandbox.items("posts")) == 1


async def test_an_upload_survives_a_restart(sandboxes: Sandboxes, tmp_path: Path, upright: bytes) -> None:
    """Bytes and states are in the state file: an upload that a restart interrupted continues, and the reel goes live."""
    page = await connect(await sandboxes.start(tmp_path / "state"))
    video, url = await page.reel()
    await page.send(url, upright[:1000], 0, len(upright))
    await sandboxes.stop(page.sandbox)
    again = await sandboxes.start(tmp_path / "state")
    page, url = replace(page, sandbox=again), url.replace(page.sandbox.address, again.address)
    found = await page.status(video)
    assert found["status"]["uploading_phase"]["bytes_transfered"] == 1000
    assert (await page.send(url, upright[1000:], 1000, len(upright))).json()["success"] is True
    await page.finish(video)
    assert (await page.over(video))["published"] is True


async def test_video_state_is_required(sandbox: RunningSandbox, upright: bytes) -> None:
    """A finish names PUBLISHED or DRAFT; anything else is refused and publishes nothing."""
    rows: list[str] = ["", "SCHEDULED", "published"]
    with every_row() as row:
        for state in rows:
            with row(state):
                await sandbox.reset()
                page = await connect(sandbox)
                video = await ready_reel(page, upright)
                assert error_of(await page.finish(video, state)) == (400, 100, None)
                for edge, phase in (("video_reels", "transfer"), ("video_reels", ""), ("videos", "other")):
                    answer = await page.call("POST", f"{page.id}/{edge}", upload_phase=phase)
                    assert error_of(answer) == (400, 100, None), edge
