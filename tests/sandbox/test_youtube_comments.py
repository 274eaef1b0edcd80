"""Replies, moderation and lists of comments on YouTube: what is held, cut off, late, or of another channel."""

import httpx2
import pytest
from tests.every_row import every_row
from tests.sandbox.running_sandbox import JSON, RunningSandbox
from tests.sandbox.youtube import YouTube, reason_of, video

API = "youtube/v3"


@pytest.fixture
async def youtube(sandbox: RunningSandbox) -> YouTube:
    """A client with a connected channel."""
    client = YouTube(sandbox)
    await client.login()
    return client


async def public_video(youtube: YouTube, reel: bytes) -> str:
    """Upload a public video and return its id."""
    return str((await youtube.upload(reel, video(privacy="public")))["id"])


async def threads(youtube: YouTube, **query: object) -> list[JSON]:
    """Return comment threads."""
    found: list[JSON] = (await youtube.ok("GET", f"{API}/commentThreads", part="snippet,replies", **query))["items"]
    return found


async def reply(youtube: YouTube, parent: str, text: str = "Yes, from 8.") -> httpx2.Response:
    """Answer a comment."""
    body = {"snippet": {"parentId": parent, "textOriginal": text}}
    return await youtube.call("POST", f"{API}/comments", body, part="snippet")


async def replies(youtube: YouTube, parent: str, **query: object) -> list[str]:
    """Return the texts of a thread's replies."""
    items = (await youtube.ok("GET", f"{API}/comments", part="snippet", parentId=parent, **query))["items"]
    return [one["snippet"]["textDisplay"] for one in items]


async def test_threads_and_replies(youtube: YouTube, reel: bytes) -> None:
    """A reply carries the id of its thread; the list of threads cuts replies off after five, the other has all, in pages."""
    video_id = await public_video(youtube, reel)
    asked = await youtube.sandbox.comment("youtube", video_id, "<b>Open</b> on Sunday?", author="anna")
    made = (await reply(youtube, asked["id"])).json()
    assert made["kind"] == "youtube#comment"
    assert made["id"].startswith(f"{asked['id']}.")
    snippet, own = made["snippet"], await youtube.channel_id()
    assert (snippet["parentId"], snippet["textOriginal"]) == (asked["id"], "Yes, from 8.")
    assert snippet["authorChannelId"] == {"value": own}
    for number in range(6):
        await youtube.sandbox.comment("youtube", video_id, f"Me too {number}", parentId=asked["id"])
    [thread] = await threads(youtube, videoId=video_id)
    top = thread["snippet"]["topLevelComment"]
    assert (thread["id"], top["id"], thread["snippet"]["totalReplyCount"]) == (asked["id"], asked["id"], 7)
    assert len(thread["replies"]["comments"]) == 5
    assert "textOriginal" not in top["snippet"]
    assert top["snippet"]["textDisplay"] == "&lt;b&gt;Open&lt;/b&gt; on Sunday?"
    [plain] = await threads(youtube, allThreadsRelatedToChannelId=own, textFormat="plainText")
    assert plain["snippet"]["topLevelComment"]["snippet"]["textDisplay"] == "<b>Open</b> on Sunday?"
    assert len(await replies(youtube, asked["id"])) == 7
    page = await youtube.ok("GET", f"{API}/comments", part="id", parentId=asked["id"], maxResults=5)
    assert len(await replies(youtube, asked["id"], maxResults=5, pageToken=page["nextPageToken"])) == 2
    [one] = (await youtube.ok("GET", f"{API}/comments", part="snippet", id=made["id"]))["items"]
    assert one["snippet"]["textOriginal"] == "Yes, from 8."
    [by_id] = await threads(youtube, id=asked["id"])
    assert by_id["id"] == asked["id"]
    statistics = await youtube.ok("GET", f"{API}/videos", part="statistics", id=video_id)
    assert statistics["items"][0]["statistics"]["commentCount"] == "8"


async def test_moderation(youtube: YouTube, reel: bytes) -> None:
    """What is held is in the list of held ones alone; publishing shows it, rejecting takes it from every list."""
    video_id = await public_video(youtube, reel)
    await youtube.sandbox.account("youtube", "lens", holdsComments=True)
    asked = (await youtube.sandbox.comment("youtube", video_id))["id"]
    held = {"videoId": video_id, "moderationStatus": "heldForReview"}
    assert await threads(youtube, videoId=video_id) == []
    [thread] = await threads(youtube, **held)
    assert thread["snippet"]["topLevelComment"]["snippet"]["moderationStatus"] == "heldForReview"

    async def moderate(status: str, comment: str = asked) -> httpx2.Response:
        query = {"id": comment, "moderationStatus": status}
        return await youtube.call("POST", f"{API}/comments/setModerationStatus", **query)

    answer = await moderate("published")
    assert (answer.status_code, answer.content) == (204, b"")
    assert [one["id"] for one in await threads(youtube, videoId=video_id)] == [asked]
    await youtube.sandbox.comment("youtube", video_id, "Me too", parentId=asked)
    assert await replies(youtube, asked) == []
    assert [one["replies"]["comments"][0]["snippet"]["textDisplay"] for one in await threads(youtube, **held)] == [
        "Me too"
    ]
    await moderate("heldForReview")
    assert await threads(youtube, videoId=video_id) == []
    await moderate("rejected")
    for query in ({"videoId": video_id}, held, {"videoId": video_id, "moderationStatus": "likelySpam"}):
        assert await threads(youtube, **query) == [], query
    assert reason_of(await moderate("published")) == (404, "commentNotFound")
    assert reason_of(await moderate("likelySpam"))[0] == 400
    [first, _] = await youtube.sandbox.items("comments")
    assert (first["moderation"], first["deleted"]) == ("rejected", False)
    stranger = YouTube(youtube.sandbox)
    await stranger.login("other")
    left = (await stranger.sandbox.comment("youtube", video_id, author="lens"))["id"]
    query = {"id": left, "moderationStatus": "rejected"}
    assert reason_of(await stranger.call("POST", f"{API}/comments/setModerationStatus", **query)) == (403, "forbidden")
    assert reason_of(await stranger.call("GET", f"{API}/commentThreads", part="id", **held)) == (403, "forbidden")


async def test_edit_and_delete(youtube: YouTube, reel: bytes) -> None:
    """An own comment is edited and deleted; one of another on an own video can't be edited, and deleting it rejects it."""
    video_id = await public_video(youtube, reel)
    asked = (await youtube.sandbox.comment("youtube", video_id, author="other"))["id"]
    own = (await reply(youtube, asked)).json()["id"]
    edit = {"id": own, "snippet": {"textOriginal": "Yes, from 9."}}
    changed = await youtube.ok("PUT", f"{API}/comments", edit, part="snippet")
    assert changed["snippet"]["textOriginal"] == "Yes, from 9."
    assert reason_of(await youtube.call("PUT", f"{API}/comments", edit | {"id": asked}, part="snippet")) == (
        403,
        "forbidden",
    )
    assert (await youtube.call("DELETE", f"{API}/comments", id=own)).status_code == 204
    assert await replies(youtube, asked) == []
    assert reason_of(await youtube.call("DELETE", f"{API}/comments", id=own)) == (404, "commentNotFound")
    stranger = YouTube(youtube.sandbox)
    await stranger.login("third")
    assert reason_of(await stranger.call("DELETE", f"{API}/comments", id=asked)) == (403, "forbidden")
    assert (await youtube.call("DELETE", f"{API}/comments", id=asked)).status_code == 204
    assert await threads(youtube, videoId=video_id) == []
    shown = [(one["moderation"], one["deleted"]) for one in await youtube.sandbox.items("comments")]
    assert shown == [("rejected", False), ("published", True)]


async def test_replies_that_are_refused(youtube: YouTube, reel: bytes) -> None:
    """Each refusal by its reason."""
    video_id = await public_video(youtube, reel)
    asked = (await youtube.sandbox.comment("youtube", video_id))["id"]
    deeper = (await reply(youtube, asked)).json()["id"]
    refusals: list[tuple[str, str, int, str]] = [
        ("", "Yes", 400, "parentIdMissing"),
        (asked, " ", 400, "commentTextRequired"),
        (asked, "x" * 10_001, 400, "commentTextTooLong"),
        (deeper, "Yes", 400, "operationNotSupported"),
        ("UgxNone", "Yes", 404, "parentCommentNotFound"),
    ]
    with every_row() as row:
        for parent, text, status, reason in refusals:
            with row(parent, reason):
                assert reason_of(await reply(youtube, parent, text)) == (status, reason)
    await youtube.sandbox.account("youtube", "lens", commentsDisabled=True)
    assert reason_of(await reply(youtube, asked)) == (403, "commentsDisabled")
    await youtube.sandbox.account("youtube", "lens", commentsDisabled=False)
    await youtube.set_status(video_id, privacyStatus="private")
    assert reason_of(await reply(youtube, asked)) == (400, "parentCommentIsPrivate")
    assert len(await youtube.sandbox.items("comments")) == 2
    missing = await youtube.call("GET", f"{API}/comments", part="id")
    assert reason_of(missing) == (400, "missingRequiredParameter")


async def test_a_reply_that_is_late_or_held(youtube: YouTube, reel: bytes) -> None:
    """After a lost answer the list knows the reply seconds later, and a held one never; the first page can be empty and lead on."""
    video_id = await public_video(youtube, reel)
    asked = (await youtube.sandbox.comment("youtube", video_id))["id"]
    await youtube.sandbox.advance(5)
    await youtube.sandbox.account("youtube", "lens", commentDelaySeconds=5)
    await youtube.sandbox.fault("youtube", "comments_insert", "drop_after_effect")
    with pytest.raises(httpx2.TransportError):
        await reply(youtube, asked)
    assert await replies(youtube, asked) == []
    await youtube.sandbox.advance(5)
    assert await replies(youtube, asked) == ["Yes, from 8."]
    await youtube.sandbox.account("youtube", "lens", commentDelaySeconds=0, holdsReplies=True)
    assert (await reply(youtube, asked, "Also at 9.")).status_code == 200
    assert await replies(youtube, asked) == ["Yes, from 8."]
    [thread] = await threads(youtube, videoId=video_id, moderationStatus="heldForReview")
    assert [one["snippet"]["textOriginal"] for one in thread["replies"]["comments"]] == ["Also at 9."]
    await youtube.sandbox.account("youtube", "lens", emptyCommentPage=True)
    empty = await youtube.ok("GET", f"{API}/commentThreads", part="id", videoId=video_id)
    assert empty["items"] == []
    assert len(await threads(youtube, videoId=video_id, pageToken=empty["nextPageToken"])) == 1
