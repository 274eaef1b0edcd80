"""Faults on each of YouTube's operations: before and after the effect, by reason, dead tokens, stuck and broken videos."""

from collections.abc import Awaitable, Callable

import httpx2
import pytest
from tests.every_row import every_row
from tests.sandbox.running_sandbox import BACK, RunningSandbox, picture
from tests.sandbox.youtube import BLOCK, SCOPES, YouTube, reason_of, video

Calls = dict[str, Callable[[], Awaitable[httpx2.Response]]]
API = "youtube/v3"
OAUTH = ("token", "refresh", "revoke", "tokeninfo")


@pytest.fixture
async def youtube(sandbox: RunningSandbox) -> YouTube:
    """A client of the fake YouTube that is logged in."""
    youtube = YouTube(sandbox)
    await youtube.login(scope=f"{SCOPES} profile")
    return youtube


async def calls_of(youtube: YouTube, reel: bytes) -> Calls:
    """Return a valid call for every operation; each can be made once."""
    made = await youtube.upload(reel, video(privacy="public"))
    code = (await youtube.ask())["code"]
    other = YouTube(youtube.sandbox)
    await other.login("other")
    url = await youtube.session(len(reel))
    tokens = "/sandbox/oauth2.googleapis.com"
    http, call, cover = youtube.sandbox.http, youtube.call, picture(640, 360)
    cover_query = {"videoId": made["id"], "uploadType": "media"}
    headers = {"authorization": f"Bearer {youtube.token}", "content-type": "image/jpeg"}
    thumbnails = "/sandbox/www.googleapis.com/upload/youtube/v3/thumbnails/set"
    analytics = "/sandbox/youtubeanalytics.googleapis.com/v2/reports"
    report = {"ids": "channel==MINE", "startDate": "2026-11-01", "endDate": "2026-11-02", "metrics": "views"}
    playlist = "UU" + made["snippet"]["channelId"][2:]
    own = (await youtube.ok("POST", f"{API}/playlists", {"snippet": {"title": "A"}}, part="snippet"))["id"]
    inserted = await youtube.add(own, made["id"])
    await youtube.sandbox.advance(2)  # a Short takes a thumbnail once it is processed
    track = (await youtube.caption(videoId=made["id"])).json()["id"]
    asked = (await youtube.sandbox.comment("youtube", made["id"]))["id"]
    own_comment = (await youtube.sandbox.comment("youtube", made["id"], author="lens", parentId=asked))["id"]
    reply = {"snippet": {"parentId": asked, "textOriginal": "Yes"}}
    edit = {"id": own_comment, "snippet": {"textOriginal": "New"}}
    moderation = {"id": asked, "moderationStatus": "published"}
    return {
        "token": lambda: youtube.exchange(code, redirect_uri=BACK),
        "refresh": youtube.refresh,
        "revoke": lambda: http.post(f"{tokens}/revoke", data={"token": other.token}),
        "tokeninfo": lambda: http.get(f"{tokens}/tokeninfo", params={"access_token": youtube.token}),
        "userinfo": lambda: call("GET", "oauth2/v3/userinfo"),
        "channels": lambda: call("GET", "youtube/v3/channels", part="id", mine="true"),
        "videos_insert": lambda: youtube.start(10),
        "upload": lambda: youtube.put(url, reel, f"0-{len(reel) - 1}/{len(reel)}"),
        "videos_list": lambda: call("GET", "youtube/v3/videos", part="status", id=made["id"]),
        "videos_batch_get_stats": lambda: call("GET", f"{API}/videos:batchGetStats", part="statistics", id=made["id"]),
        "analytics_reports": lambda: http.get(analytics, params=report, headers=headers),
        "videos_update": lambda: youtube.set_status(made["id"], privacyStatus="unlisted"),
        "thumbnails_set": lambda: http.post(thumbnails, params=cover_query, content=cover, headers=headers),
        "comment_threads_insert": lambda: youtube.comment(made["id"]),
        "comment_threads_list": lambda: call("GET", "youtube/v3/commentThreads", part="id", videoId=made["id"]),
        "comments_list": lambda: call("GET", f"{API}/comments", part="id", parentId=asked),
        "comments_insert": lambda: call("POST", f"{API}/comments", reply, part="snippet"),
        "comments_update": lambda: call("PUT", f"{API}/comments", edit, part="snippet"),
        "comments_set_moderation_status": lambda: call("POST", f"{API}/comments/setModerationStatus", **moderation),
        "comments_delete": lambda: call("DELETE", f"{API}/comments", id=own_comment),
        "playlist_items_list": lambda: call("GET", "youtube/v3/playlistItems", part="id", playlistId=playlist),
        "playlist_items_insert": lambda: youtube.add(own, made["id"]),
        "playlist_items_delete": lambda: call("DELETE", f"{API}/playlistItems", id=inserted.json()["id"]),
        "playlists_list": lambda: call("GET", f"{API}/playlists", part="id", mine="true"),
        "playlists_insert": lambda: call("POST", f"{API}/playlists", {"snippet": {"title": "B"}}, part="snippet"),
        "captions_insert": lambda: youtube.caption(videoId=made["id"], language="fr"),
        "captions_list": lambda: call("GET", f"{API}/captions", part="id", videoId=made["id"]),
        "captions_delete": lambda: call("DELETE", f"{API}/captions", id=track),
        "videos_delete": lambda: call("DELETE", "youtube/v3/videos", id=made["id"]),
    }


async def test_faults_before_the_effect_on_every_operation(youtube: YouTube, reel: bytes) -> None:
    """A 500, a gateway's page, a named error and a cut line, each on every operation; then each call still succeeds."""
    calls = await calls_of(youtube, reel)
    before = await youtube.sandbox.items("posts")
    for operation, call in calls.items():
        for fault in ("http_500", "html_502", "platform_error", "drop_before_effect"):
            value = {"code": "rateLimitExceeded", "message": "Slow down"} if fault == "platform_error" else None
            await youtube.sandbox.fault("youtube", operation, fault, value=value)
            if fault == "drop_before_effect":
                with pytest.raises(httpx2.TransportError):
                    await call()
                continue
            answer = await call()
            if fault == "html_502":
                assert (answer.status_code, "<html>" in answer.text) == (502, True), operation
            elif operation in OAUTH:
                expected = {"http_500": (500, "internal_failure"), "platform_error": (400, "rateLimitExceeded")}
                assert (answer.status_code, answer.json()["error"]) == expected[fault], operation
            else:
                expected = {"http_500": (500, "backendError"), "platform_error": (403, "rateLimitExceeded")}
                assert reason_of(answer) == expected[fault], operation
    assert await youtube.sandbox.items("posts") == before
    for operation, call in calls.items():
        assert (await call()).status_code in {200, 201, 204}, operation


async def test_lost_answers_on_every_operation(youtube: YouTube, reel: bytes) -> None:
    """drop_after_effect cuts the line after the effect: every write happened once."""
    calls = await calls_of(youtube, reel)
    for operation, call in calls.items():
        await youtube.sandbox.fault("youtube", operation, "drop_after_effect")
        with pytest.raises(httpx2.TransportError):
            await call()
        if operation == "comment_threads_insert":
            public, private = await youtube.sandbox.items("posts")
            texts = ["Open on Sunday?", "Open on Sunday?", "First"]
            assert (public["privacy"], public["comments"], private["privacy"]) == ("unlisted", texts, "private")
    [left] = await youtube.sandbox.items("posts")
    assert left["privacy"] == "private"
    rows = await youtube.sandbox.calls(platform="youtube")
    assert {row["operation"] for row in rows if row["fault"]} == set(calls)


async def test_truncated_json(youtube: YouTube, reel: bytes) -> None:
    """malformed_json cuts the body after the effect; the location of a session is kept."""
    calls = await calls_of(youtube, reel)
    for operation in ("token", "channels", "videos_update", "upload"):
        await youtube.sandbox.fault("youtube", operation, "malformed_json")
        answer = await calls[operation]()
        with pytest.raises(ValueError, match=r".+"):
            answer.json()
    assert len(await youtube.sandbox.items("posts")) == 2


async def test_expired_tokens(youtube: YouTube, reel: bytes) -> None:
    """token_expired ends the access token until a refresh; on refresh it ends the refresh token."""
    calls = await calls_of(youtube, reel)
    for operation in calls:
        if operation in {*OAUTH, "upload", "thumbnails_set"}:  # each has a token of its own, or none
            continue
        await youtube.sandbox.fault("youtube", operation, "token_expired")
        assert reason_of(await calls[operation]()) == (401, "authError"), operation
        youtube.token = (await youtube.refresh()).json()["access_token"]
    assert len(await youtube.sandbox.items("posts")) == 1
    await youtube.sandbox.fault("youtube", "refresh", "token_expired")
    for _ in range(2):
        answer = await youtube.refresh()
        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")


async def test_a_token_that_expires_during_an_upload(youtube: YouTube, reel: bytes) -> None:
    """token_expired on a chunk strikes the token beside it; after a refresh the same session takes the chunk."""
    url = await youtube.session(len(reel))
    await youtube.sandbox.fault("youtube", "upload", "token_expired")
    for status in (401, 201):
        answer = await youtube.sandbox.http.put(url, content=reel, headers={"authorization": f"Bearer {youtube.token}"})
        assert answer.status_code == status
        youtube.token = (await youtube.refresh()).json()["access_token"]


async def test_an_incomplete_answer_for_a_complete_video(youtube: YouTube, reel: bytes) -> None:
    """With code 308 and afterEffect, the last chunk is answered as lost although the video is there; the session knows."""
    url = await youtube.session(len(reel))
    value = {"code": 308, "afterEffect": True}
    await youtube.sandbox.fault("youtube", "upload", "platform_error", value=value)
    assert (await youtube.put(url, reel, None)).status_code == 308
    [post] = await youtube.sandbox.items("posts")
    assert (await youtube.probe(url, len(reel))).json()["id"] == post["externalId"]


async def test_an_error_after_the_effect(youtube: YouTube, reel: bytes) -> None:
    """With afterEffect, the video exists although the last chunk was answered 503."""
    url = await youtube.session(len(reel))
    value = {"code": "serviceUnavailable", "afterEffect": True}
    await youtube.sandbox.fault("youtube", "upload", "platform_error", value=value)
    assert reason_of(await youtube.put(url, reel, None)) == (503, "serviceUnavailable")
    assert (await youtube.probe(url, len(reel))).status_code == 200
    assert len(await youtube.sandbox.items("posts")) == 1


async def test_a_chunk_of_which_nothing_was_stored(youtube: YouTube, reel: bytes) -> None:
    """platform_error with code 308 answers as if nothing of the chunk had arrived: without a Range, or with the old one."""
    data = reel + bytes(2 * BLOCK)
    url, size = await youtube.session(len(data)), len(data)
    await youtube.sandbox.fault("youtube", "upload", "platform_error", value={"code": "308"})
    first = await youtube.put(url, data[:BLOCK], f"0-{BLOCK - 1}/{size}")
    assert (first.status_code, "range" in first.headers) == (308, False)
    assert "range" in (await youtube.put(url, data[:BLOCK], f"0-{BLOCK - 1}/{size}")).headers
    await youtube.sandbox.fault("youtube", "upload", "platform_error", value={"code": 308})
    last = await youtube.put(url, data[BLOCK:], f"{BLOCK}-{size - 1}/{size}")
    assert (last.status_code, last.headers["range"]) == (308, f"bytes=0-{BLOCK - 1}")
    assert await youtube.sandbox.items("posts") == []


@pytest.mark.parametrize("operation", ["videos_insert", "upload", "videos_list"])
@pytest.mark.parametrize(
    ("reason", "state", "field"),
    [("codec", "failed", "failureReason"), ("duplicate", "rejected", "rejectionReason")],
)
async def test_media_errors(youtube: YouTube, reel: bytes, operation: str, reason: str, state: str, field: str) -> None:
    """A media_error where the upload begins, at its chunk or at a status call ends the video with its reason."""
    await youtube.sandbox.fault("youtube", operation, "media_error", value={"code": reason})
    made = await youtube.upload(reel)
    await youtube.status(made["id"])
    status = await youtube.status(made["id"])
    assert (status["uploadStatus"], status[field]) == (state, reason)
    assert await youtube.sandbox.items("posts") == []
    assert await youtube.sandbox.items("faults") == []


@pytest.mark.parametrize("operation", ["videos_insert", "upload", "videos_list"])
async def test_stuck_videos(youtube: YouTube, reel: bytes, operation: str) -> None:
    """A stuck video stays uploaded until the fault is cleared, and counts as one job; the next one is processed."""
    await youtube.sandbox.fault("youtube", operation, "stuck_processing")
    made = await youtube.upload(reel)
    for _ in range(4):
        assert (await youtube.status(made["id"]))["uploadStatus"] == "uploaded"
    await youtube.sandbox.advance(3600)
    youtube.token = (await youtube.refresh()).json()["access_token"]
    assert (await youtube.status(made["id"]))["uploadStatus"] == "uploaded"
    other = await youtube.upload(reel)
    await youtube.sandbox.advance(2)
    assert (await youtube.status(other["id"]))["uploadStatus"] == "processed"
    await youtube.sandbox.control("DELETE", "faults")
    assert (await youtube.status(made["id"]))["uploadStatus"] == "processed"


async def test_reasons_have_their_status(youtube: YouTube) -> None:
    """A named error without a message has the words that are known; its status can be overridden."""
    rows: list[tuple[str, int]] = [
        ("forbiddenPrivacySetting", 403),
        ("uploadLimitExceeded", 400),
        ("youtubeSignupRequired", 401),
        ("quotaExceeded", 403),
        ("dailyLimitExceeded", 403),
        ("userRateLimitExceeded", 403),
        ("accessNotConfigured", 403),
        ("backendError", 500),
        ("serviceUnavailable", 503),
        ("somethingNew", 400),
    ]
    with every_row() as row:
        for code, status in rows:
            with row(code, status):
                await youtube.sandbox.fault("youtube", "videos_insert", "platform_error", value={"code": code})
                answer = await youtube.start(10)
                assert reason_of(answer) == (status, code)
                await youtube.sandbox.fault(
                    "youtube", "videos_insert", "platform_error", value={"code": code, "status": 429}
                )
                assert reason_of(await youtube.start(10)) == (429, code)


async def test_latency_acts_before_the_effect(youtube: YouTube, reel: bytes) -> None:
    """A late answer still has its effect."""
    await youtube.sandbox.fault("youtube", "upload", "latency", value={"ms": 20})
    await youtube.upload(reel)
    assert len(await youtube.sandbox.items("posts")) == 1
    rows = await youtube.sandbox.calls(platform="youtube", operation="upload")
    assert [row["fault"] for row in rows] == ["latency"]


async def test_unknown_paths(youtube: YouTube) -> None:
    """A path that the API does not have is 404, on all hosts."""
    for host in ("www.googleapis.com", "youtube.googleapis.com", "oauth2.googleapis.com"):
        youtube.host = host
        assert (await youtube.call("GET", "youtube/v9/videos")).status_code == 404
