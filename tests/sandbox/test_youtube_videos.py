"""Videos after their upload: processing, privacy, edits, thumbnails, comments, the playlist of uploads, pages."""

import html
import time
from datetime import datetime

import pytest
from tests.sandbox.running_sandbox import RunningSandbox, clip, picture
from tests.sandbox.test_provider import dispatch, end, medium, payload
from tests.sandbox.youtube import YouTube, reason_of, video

DAY = 86_400
VIDEOS = "youtube/v3/videos"


@pytest.fixture
async def youtube(sandbox: RunningSandbox) -> YouTube:
    """A client of the fake YouTube that is logged in."""
    youtube = YouTube(sandbox)
    await youtube.login()
    return youtube


async def processed(youtube: YouTube, video_id: str) -> dict[str, object]:
    """Return the status of a video whose processing is over."""
    await youtube.sandbox.advance(2)
    return await youtube.status(video_id)


async def test_a_video_is_processed_by_two_questions_or_two_seconds(youtube: YouTube, reel: bytes) -> None:
    """The first question finds it uploaded, the second one processed; so does the clock without any question."""
    made = await youtube.upload(reel)
    seen = [(await youtube.status(made["id"]))["uploadStatus"] for _ in range(3)]
    assert seen == ["uploaded", "processed", "processed"]
    other = await youtube.upload(reel)
    parts = {"part": "processingDetails,contentDetails", "id": other["id"]}
    [item] = (await youtube.ok("GET", VIDEOS, **parts))["items"]
    assert (item["processingDetails"]["processingStatus"], item["contentDetails"]["duration"]) == ("processing", "P0D")
    await youtube.sandbox.advance(2)
    [item] = (await youtube.ok("GET", VIDEOS, **parts))["items"]
    assert (item["processingDetails"]["processingStatus"], item["contentDetails"]["duration"]) == ("succeeded", "PT3S")


@pytest.mark.parametrize(
    ("data", "reason"), [(b"", "emptyFile"), (b"not a video", "invalidFile"), (picture(64, 64), "invalidFile")]
)
async def test_files_that_fail(youtube: YouTube, data: bytes, reason: str) -> None:
    """A file that is no video becomes a video that fails, and is nowhere to be seen then."""
    url = await youtube.session(len(data))
    made = (await youtube.put(url, data, None)).json()
    assert made["status"]["uploadStatus"] == "uploaded"
    status = await processed(youtube, made["id"])
    assert (status["uploadStatus"], status["failureReason"]) == ("failed", reason)
    assert await youtube.sandbox.items("posts") == []
    assert (await youtube.sandbox.http.get(f"/sandbox/www.youtube.com/watch?v={made['id']}")).status_code == 404


async def test_videos_that_are_rejected(youtube: YouTube, reel: bytes) -> None:
    """A channel that may not upload long videos gets `length`; one that rejects duplicates `duplicate`."""
    await youtube.sandbox.account("youtube", "lens", longUploadsStatus="disallowed", rejectDuplicates=True)
    long = clip(901, width=16, height=16, fps=1)
    made = await youtube.upload(long)
    status = await processed(youtube, made["id"])
    assert (status["uploadStatus"], status["rejectionReason"]) == ("rejected", "length")
    await youtube.sandbox.account("youtube", "lens", longUploadsStatus="allowed")
    first, again = await youtube.upload(reel), await youtube.upload(reel)
    assert (await processed(youtube, first["id"]))["uploadStatus"] == "processed"
    assert (await processed(youtube, again["id"]))["rejectionReason"] == "duplicate"
    assert (await processed(youtube, (await youtube.upload(long))["id"]))["uploadStatus"] == "processed"
    assert len(await youtube.sandbox.items("posts")) == 2


async def test_an_update_replaces_whole_parts(youtube: YouTube, reel: bytes) -> None:
    """What the status part does not name goes back to its default: privacy to public; the snippet stays."""
    body = video(tags=["river"])
    body["status"] |= {"embeddable": False, "license": "creativeCommon", "containsSyntheticMedia": True}
    made = await youtube.upload(reel, body)
    assert made["status"]["embeddable"] is False
    answer = await youtube.set_status(made["id"], selfDeclaredMadeForKids=False)
    status = answer.json()["status"]
    assert (answer.status_code, status["privacyStatus"], status["embeddable"], status["license"]) == (
        200,
        "public",
        True,
        "youtube",
    )
    assert "containsSyntheticMedia" not in status
    assert "snippet" not in answer.json()
    [item] = (await youtube.ok("GET", VIDEOS, part="snippet", id=made["id"]))["items"]
    assert item["snippet"]["tags"] == ["river"]
    [before] = await youtube.sandbox.items("posts")
    await youtube.sandbox.advance(60)
    change = {"id": made["id"], "snippet": {"title": "Other", "categoryId": "27"}}
    await youtube.ok("PUT", VIDEOS, change, part="snippet")
    [item] = (await youtube.ok("GET", VIDEOS, part="snippet,status", id=made["id"]))["items"]
    assert ("tags" in item["snippet"], item["snippet"]["title"], item["snippet"]["description"]) == (False, "Other", "")
    [post] = await youtube.sandbox.items("posts")
    assert post["editedAt"] > before["editedAt"]
    assert (post["caption"], post["privacy"], post["params"]["snippet"]) == ("", "public", change["snippet"])
    assert post["params"]["status"] == {"privacyStatus": "public", "selfDeclaredMadeForKids": False}
    again = await youtube.ok("PUT", VIDEOS, item, part="snippet,status")
    assert (again["snippet"], again["status"]) == (item["snippet"], item["status"]), "what was read can be sent back"


async def test_going_public_is_idempotent(youtube: YouTube, reel: bytes) -> None:
    """The same update twice is one public video; its date is that of the first one."""
    made = await youtube.upload(reel)
    await youtube.sandbox.advance(60)
    dates = set()
    for _ in range(2):
        assert (await youtube.set_status(made["id"], privacyStatus="public")).status_code == 200
        [item] = (await youtube.ok("GET", VIDEOS, part="snippet", id=made["id"]))["items"]
        dates.add(item["snippet"]["publishedAt"])
    assert len(dates) == 1
    assert dates != {made["snippet"]["publishedAt"]}
    assert [post["privacy"] for post in await youtube.sandbox.items("posts")] == ["public"]


async def test_updates_that_are_refused(youtube: YouTube, reel: bytes) -> None:
    """An unknown video is 404, another channel's 403; a snippet needs title and category."""
    made = await youtube.upload(reel)
    assert reason_of(await youtube.set_status("none", privacyStatus="public")) == (404, "videoNotFound")
    assert reason_of(await youtube.set_status(made["id"], privacyStatus="everyone")) == (400, "badRequest")
    for snippet, reason in (({"title": "a"}, "invalidCategoryId"), ({"categoryId": "22"}, "invalidTitle")):
        change = {"id": made["id"], "snippet": snippet}
        assert reason_of(await youtube.call("PUT", VIDEOS, change, part="snippet")) == (400, reason)
    other = YouTube(youtube.sandbox)
    await other.login("stranger")
    assert reason_of(await other.set_status(made["id"], privacyStatus="public")) == (403, "forbidden")
    assert reason_of(await other.call("DELETE", VIDEOS, id=made["id"])) == (403, "forbidden")
    assert (await youtube.status(made["id"]))["privacyStatus"] == "private"


async def test_a_deleted_video_is_gone(youtube: YouTube, reel: bytes) -> None:
    """DELETE answers 204 once and 404 then; a list has no such item, and the post is not live any more."""
    made = await youtube.upload(reel)
    answer = await youtube.call("DELETE", VIDEOS, id=made["id"])
    assert (answer.status_code, answer.content) == (204, b"")
    assert reason_of(await youtube.call("DELETE", VIDEOS, id=made["id"])) == (404, "videoNotFound")
    assert reason_of(await youtube.set_status(made["id"], privacyStatus="public")) == (404, "videoNotFound")
    assert (await youtube.ok("GET", VIDEOS, part="status", id=made["id"]))["items"] == []
    assert await youtube.sandbox.items("posts") == []
    [deleted] = await youtube.sandbox.items("posts?deleted=true")
    assert (deleted["externalId"], bool(deleted["deletedAt"])) == (made["id"], True)


async def test_a_video_that_was_taken_down(youtube: YouTube, reel: bytes) -> None:
    """What the control surface removes is gone from lists and from the playlist."""
    made = await youtube.upload(reel, video(privacy="public"))
    await youtube.sandbox.control("POST", f"posts/{made['id']}/remove")
    assert (await youtube.ok("GET", VIDEOS, part="status", id=made["id"]))["items"] == []
    assert reason_of(await youtube.set_status(made["id"], privacyStatus="public")) == (404, "videoNotFound")


async def test_who_sees_which_video(youtube: YouTube, reel: bytes) -> None:
    """Other channels see public and unlisted videos, never private ones, and no processing details."""
    made = {name: (await youtube.upload(reel, video(privacy=name)))["id"] for name in ("public", "unlisted", "private")}
    other, ids = YouTube(youtube.sandbox), ",".join(made.values())
    await other.login("stranger")
    seen = [item["id"] for item in (await other.ok("GET", VIDEOS, part="id", id=ids))["items"]]
    assert seen == [made["public"], made["unlisted"]]
    answer = await other.call("GET", VIDEOS, part="processingDetails", id=made["public"])
    assert reason_of(answer) == (403, "forbidden")
    assert reason_of(await youtube.call("GET", VIDEOS, part="id")) == (400, "missingRequiredParameter")
    too_many = ",".join(f"id{number}" for number in range(51))
    assert reason_of(await youtube.call("GET", VIDEOS, part="id", id=too_many)) == (400, "invalidFilters")


async def test_a_project_without_an_audit(youtube: YouTube, reel: bytes) -> None:
    """Its uploads stay private whatever was asked for, and no update opens them, even after an audit."""
    await youtube.sandbox.account("youtube", "lens", audited=False)
    made = await youtube.upload(reel, video(privacy="public"))
    assert made["status"]["privacyStatus"] == "private"
    for privacy in ("public", "unlisted"):
        answer = await youtube.set_status(made["id"], privacyStatus=privacy)
        assert (answer.status_code, answer.json()["status"]["privacyStatus"]) == (200, "private")
    await youtube.sandbox.account("youtube", "lens", audited=True)
    await youtube.set_status(made["id"], privacyStatus="public")
    [post] = await youtube.sandbox.items("posts")
    assert (post["privacy"], post["params"]["status"]["privacyStatus"]) == ("private", "private")
    assert (await youtube.upload(reel, video(privacy="public")))["status"]["privacyStatus"] == "public"


async def test_a_scheduled_video(youtube: YouTube, reel: bytes) -> None:
    """publishAt makes a private video public by the clock; a date in the past does so at once."""
    await youtube.sandbox.advance(0)
    body = video()
    body["status"]["publishAt"] = "2001-01-01T00:00:00Z"
    assert (await youtube.upload(reel, body))["status"]["privacyStatus"] == "public"
    body["status"]["publishAt"] = "2036-01-01T00:00:00+00:00"
    made = await youtube.upload(reel, body)
    assert made["status"]["publishAt"] == "2036-01-01T00:00:00+00:00"
    await youtube.sandbox.advance(9.9 * 365 * DAY)
    _, post = await youtube.sandbox.items("posts")
    assert (post["externalId"], post["privacy"], post["params"]["status"]["privacyStatus"]) == (
        made["id"],
        "public",
        "public",
    )


async def test_comments(youtube: YouTube, reel: bytes) -> None:
    """A public or unlisted video takes comments, newest first in the list, with author, text and time."""
    made = await youtube.upload(reel, video(privacy="unlisted"))
    assert (await youtube.comment(made["id"], "First")).status_code == 200
    thread = (await youtube.comment(made["id"], "Second")).json()
    top = thread["snippet"]["topLevelComment"]["snippet"]
    assert (thread["kind"], top["textOriginal"]) == ("youtube#commentThread", "Second")
    assert top["authorChannelId"]["value"] == made["snippet"]["channelId"]
    query = {"part": "snippet", "videoId": made["id"], "order": "time", "maxResults": 1}
    page = await youtube.ok("GET", "youtube/v3/commentThreads", **query)
    assert [item["id"] for item in page["items"]] == [thread["id"]]
    rest = await youtube.ok("GET", "youtube/v3/commentThreads", **query, pageToken=page["nextPageToken"])
    assert rest["items"][0]["snippet"]["topLevelComment"]["snippet"]["textOriginal"] == "First"
    assert "nextPageToken" not in rest
    [post] = await youtube.sandbox.items("posts")
    assert post["comments"] == ["First", "Second"]


async def test_comments_that_are_refused(youtube: YouTube, reel: bytes) -> None:
    """A private video, one for kids, comments switched off, an unknown video, no text and a long one."""
    private = await youtube.upload(reel)
    assert reason_of(await youtube.comment(private["id"])) == (403, "forbidden")
    kids = video(privacy="public")
    kids["status"]["selfDeclaredMadeForKids"] = True
    assert reason_of(await youtube.comment((await youtube.upload(reel, kids))["id"])) == (403, "commentsDisabled")
    public = await youtube.upload(reel, video(privacy="public"))
    assert reason_of(await youtube.comment("none")) == (404, "videoNotFound")
    assert reason_of(await youtube.comment(public["id"], " ")) == (400, "commentTextRequired")
    assert reason_of(await youtube.comment(public["id"], "x" * 10_001)) == (400, "commentTextTooLong")
    assert reason_of(await youtube.comment("")) == (400, "channelOrVideoIdMissing")
    await youtube.sandbox.account("youtube", "lens", commentsDisabled=True)
    assert reason_of(await youtube.comment(public["id"])) == (403, "commentsDisabled")
    stranger = YouTube(youtube.sandbox)
    await stranger.login("stranger")
    assert reason_of(await stranger.comment(private["id"])) == (404, "videoNotFound")
    assert [post["comments"] for post in await youtube.sandbox.items("posts")] == [[], [], []]


async def test_the_playlist_of_uploads(youtube: YouTube, reel: bytes) -> None:
    """It has private videos for their owner, newest first, two seconds late; others see public ones only."""
    made = [await youtube.upload(reel, video(name, name)) for name in ("private", "public")]
    playlist = "UU" + made[0]["snippet"]["channelId"][2:]
    query = {"part": "snippet,contentDetails,status", "playlistId": playlist}
    assert (await youtube.ok("GET", "youtube/v3/playlistItems", **query))["items"] == []
    await youtube.sandbox.advance(2)
    items = (await youtube.ok("GET", "youtube/v3/playlistItems", **query))["items"]
    assert [item["contentDetails"]["videoId"] for item in items] == [made[1]["id"], made[0]["id"]]
    assert items[1]["snippet"]["title"] == items[1]["status"]["privacyStatus"] == "private"
    page = await youtube.ok("GET", "youtube/v3/playlistItems", **query, maxResults=1)
    rest = await youtube.ok("GET", "youtube/v3/playlistItems", **query, maxResults=1, pageToken=page["nextPageToken"])
    assert [item["id"] for item in page["items"] + rest["items"]] == [item["id"] for item in items]
    bad = await youtube.call("GET", "youtube/v3/playlistItems", **query, pageToken="?")
    assert reason_of(bad) == (400, "invalidPageToken")
    other = YouTube(youtube.sandbox)
    await other.login("stranger")
    seen = (await other.ok("GET", "youtube/v3/playlistItems", **query))["items"]
    assert [item["snippet"]["title"] for item in seen] == ["public"]
    query["playlistId"] = "UUnone"
    assert reason_of(await youtube.call("GET", "youtube/v3/playlistItems", **query)) == (404, "playlistNotFound")


async def test_thumbnails(youtube: YouTube, reel: bytes) -> None:
    """A picture of a verified channel is the video's cover, a Short's once it is processed; others are refused."""
    made = await youtube.upload(reel)
    url = "/sandbox/www.googleapis.com/upload/youtube/v3/thumbnails/set"

    async def send(data: bytes, kind: str = "image/jpeg", video_id: str = made["id"]) -> object:
        headers = {"authorization": f"Bearer {youtube.token}", "content-type": kind}
        query = {"videoId": video_id, "uploadType": "media"}
        answer = await youtube.sandbox.http.post(url, params=query, content=data, headers=headers)
        return answer.json()["kind"] if answer.status_code == 200 else reason_of(answer)

    assert await send(picture(1280, 720)) == (400, "failedPrecondition")
    await youtube.sandbox.advance(2)
    assert await send(picture(1280, 720)) == "youtube#thumbnailSetResponse"
    [item] = (await youtube.ok("GET", VIDEOS, part="contentDetails", id=made["id"]))["items"]
    assert item["contentDetails"]["hasCustomThumbnail"] is True
    assert await send(picture(640, 360, "PNG"), "image/png") == "youtube#thumbnailSetResponse"
    assert await send(b"") == (400, "mediaBodyRequired")
    assert await send(b"nothing") == (400, "invalidImage")
    assert await send(reel) == (400, "invalidImage")
    assert await send(picture(640, 360, "WEBP")) == (400, "imageFormatUnsupported")
    assert await send(bytes(50 * 1024**2 + 1)) == (400, "failedPrecondition")
    assert await send(picture(64, 64), "image/webp") == (400, "badContent")
    assert await send(picture(64, 64), video_id="none") == (404, "videoNotFound")
    await youtube.sandbox.account("youtube", "lens", longUploadsStatus="eligible")
    assert await send(picture(1280, 720)) == (403, "forbidden")
    assert len(await youtube.sandbox.items("posts")) == 1


async def test_quotas_of_a_project(youtube: YouTube) -> None:
    """100 uploads and 10,000 units a day, each for itself; clients of one project share them, other projects don't."""
    await youtube.settings(uploadsPerDay=2, unitsPerDay=102)
    assert (await youtube.start(10)).status_code == 200
    assert reason_of(await youtube.start(10, video(""))) == (400, "invalidTitle")  # costs all the same
    refused = await youtube.start(10)
    assert reason_of(refused) == (403, "quotaExceeded")
    assert refused.json()["error"]["errors"][0]["domain"] == "youtube.quota"
    for _ in range(2):
        assert reason_of(await youtube.set_status("none")) == (404, "videoNotFound")
    for _ in range(2):
        await youtube.ok("GET", "youtube/v3/channels", part="id", mine="true")
    answer = await youtube.call("GET", "youtube/v3/channels", part="id", mine="true")
    assert reason_of(answer) == (403, "quotaExceeded")
    sibling = YouTube(youtube.sandbox, client_id="4711-other.apps.googleusercontent.com")
    await sibling.login("elsewhere")
    assert reason_of(await sibling.start(10)) == (403, "quotaExceeded")
    stranger = YouTube(youtube.sandbox, client_id="4712-abc.apps.googleusercontent.com")
    await stranger.login()
    assert (await stranger.start(10)).status_code == 200


@pytest.mark.parametrize(
    ("now", "hours_left"),
    [("2026-12-01T00:00:00Z", 8), ("2027-07-01T00:00:00Z", 7), ("2027-03-14T08:30:00Z", 22.5)],
)
async def test_quotas_begin_again_at_midnight_in_california(
    youtube: YouTube, now: str, hours_left: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Midnight is at 8:00 UTC in winter and at 7:00 in summer; the day on which summer time begins has 23 hours."""
    instant = datetime.fromisoformat(now).timestamp()
    monkeypatch.setattr(time, "time", lambda: instant)
    await youtube.settings(uploadsPerDay=1)
    await youtube.login()
    assert (await youtube.start(10)).status_code == 200
    await youtube.sandbox.advance(hours_left * 3600 - 30)
    await youtube.login()
    assert reason_of(await youtube.start(10)) == (403, "quotaExceeded")
    await youtube.sandbox.advance(60)
    assert (await youtube.start(10)).status_code == 200


async def test_what_can_be_set_for_projects(youtube: YouTube) -> None:
    """Settings show their defaults, null restores one, anything else is refused with 400, and a reset forgets them."""
    shown = (await youtube.sandbox.http.get("/sandbox/control/youtube")).json()
    defaults = {
        "publishingStatus": "production",
        "uploadsPerDay": 100,
        "unitsPerDay": 10_000,
        "batchStatsPerDay": 10_000,
        "analyticsEnabled": True,
        "keptBytes": None,
    }
    assert shown == defaults
    await youtube.settings(uploadsPerDay=5, keptBytes=262_144)
    await youtube.settings(uploadsPerDay=None)
    assert (await youtube.sandbox.http.get("/sandbox/control/youtube")).json() == defaults | {"keptBytes": 262_144}
    for bad in (
        {"publishingStatus": "x"},
        {"uploadsPerDay": -1},
        {"keptBytes": 5},
        {"unitsPerDay": "many"},
        {"analyticsEnabled": 1},
        {"a": 1},
    ):
        assert (await youtube.sandbox.control("POST", "youtube", bad)).status_code == 400
    await youtube.sandbox.control("POST", "reset")
    assert (await youtube.sandbox.http.get("/sandbox/control/youtube")).json() == defaults


async def test_a_managed_provider_publishes_to_a_channel(sandbox: RunningSandbox, reel: bytes) -> None:
    """A dispatch of a video is a live video with a page; one of a picture fails, since YouTube takes none."""
    account = {"platform": "youtube", "handle": "lens", "externalId": None}
    media = [medium(sandbox.media.put("a.mp4", reel), reel, "video/mp4")]
    body = payload(sandbox, account=account, mediaType="video", media=media)
    assert (await dispatch(sandbox, body)).status_code == 201
    assert (await end(sandbox))["status"] == "published"
    [post] = await sandbox.items("posts")
    page = await sandbox.http.get("/sandbox/" + post["url"].removeprefix("https://"))
    assert (post["kind"], page.status_code, "First snow" in page.text) == ("youtube_video", 200, True)
    other = "sp_0199f0c2-7a51-7c3e-9d54-5a1f0c7e2b22"
    assert (await dispatch(sandbox, payload(sandbox, account=account, postId=other))).status_code == 201
    assert (await end(sandbox, other))["status"] == "failed"


async def test_pages(youtube: YouTube, reel: bytes) -> None:
    """A video has its page at both addresses, with title, description, privacy, labels, tags and comments; the feed has it too."""
    body = video("River & sea", "public", tags=["water", "slow days"], categoryId="19")
    body["status"] |= {"containsSyntheticMedia": True}
    made = await youtube.upload(reel, body, notifySubscribers="false")
    await youtube.comment(made["id"], "Lovely")
    await youtube.sandbox.advance(2)
    for path in (f"watch?v={made['id']}", f"shorts/{made['id']}"):
        page = html.unescape((await youtube.sandbox.http.get(f"/sandbox/www.youtube.com/{path}")).text)
        for text in (
            "River & sea",
            "Along the river",
            "Public",
            "Short",
            "Altered or synthetic content",
            "water, slow days",
            "Travel & Events",
            "Not notified",
            "Lovely",
            made["id"],
        ):
            assert text in page, text
    for path in ("@lens", f"channel/{made['snippet']['channelId']}"):
        answer = await youtube.sandbox.http.get(f"/sandbox/www.youtube.com/{path}")
        assert answer.headers["location"] == "/sandbox/feed/youtube/lens"
    feed = (await youtube.sandbox.http.get("/sandbox/feed/youtube/lens")).text
    assert f"/sandbox/www.youtube.com/watch?v={made['id']}" in feed
    assert "Processing" not in feed
    assert (await youtube.sandbox.http.get("/sandbox/www.youtube.com/watch")).status_code == 404
