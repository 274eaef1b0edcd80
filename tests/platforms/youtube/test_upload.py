"""The resumable upload, against a YouTube that responds by a script."""

from datetime import timedelta

import pytest
from tests.contract.job import MemoryJob
from tests.platforms.tiktok.driving import Call, CutConnection, Respond, visible_text, work
from tests.platforms.youtube.driving import (
    CHANNELS,
    COMPLETE,
    NO_ITEMS,
    VIDEO,
    Script,
    listed,
    refused,
    resume,
    uploads,
    video,
)

from presswork.platforms.errors import FailureCode, Rejected, TryLater
from presswork.platforms.port import Platform, Present
from presswork.platforms.youtube.prepare import CHUNK_UNIT

TITLE = "Three loaves"
GONE = Respond(404, b"")


def ranges(script: Script) -> list[str]:
    """Return the Content-Range of every call to the session."""
    return [call.headers["Content-Range"] for call in script.sent("upload")]


async def test_a_small_video_is_private_until_it_goes_live(
    platform: Platform, script: Script, small: MemoryJob
) -> None:
    """The upload is private with all its texts; only the update makes it public, and a read confirms that."""
    end = await work(platform, small)
    assert end == Present(external_id=VIDEO, external_url=f"https://www.youtube.com/shorts/{VIDEO}")
    [insert] = script.sent("videos_insert")
    assert insert.query == {"uploadType": "resumable", "part": "snippet,status", "notifySubscribers": "true"}
    assert (insert.headers["X-Upload-Content-Length"], insert.headers["X-Upload-Content-Type"]) == ("24", "video/mp4")
    status = {
        "privacyStatus": "private",
        "selfDeclaredMadeForKids": False,
        "containsSyntheticMedia": False,
        "embeddable": True,
        "license": "youtube",
        "publicStatsViewable": True,
    }
    snippet = {"title": TITLE, "description": "Three loaves\nand a roll", "categoryId": "22"}
    assert insert.json == {"snippet": snippet, "status": status}
    assert ranges(script) == ["bytes 0-23/24"]
    [update] = script.sent("videos_update")
    assert update.query == {"part": "status"}
    assert update.json == {"id": VIDEO, "status": status | {"privacyStatus": "public"}}


async def test_session_is_stored_before_the_first_byte(platform: Platform, script: Script, small: MemoryJob) -> None:
    """When the first byte is sent, the session is in the job's state, and marked as possibly complete."""
    seen: list[bool] = []

    async def look(call: Call) -> None:
        if call.operation == "upload":
            stored = small.state["upload"]
            assert isinstance(stored, dict)
            seen.append(stored["is_last_sent"] is True)

    script.on_call = look
    await platform.connector.prepare(small)
    assert seen == [True]
    assert [sorted(change) for change in small.saves] == [["upload"], ["upload", "uploadedAt", "videoId"]]
    assert "upload" not in small.state
    assert small.state["videoId"] == VIDEO


async def test_chunks_follow_what_has_arrived(platform: Platform, script: Script, large: MemoryJob) -> None:
    """The next chunk begins where the response says, not where the last one ended."""
    half = CHUNK_UNIT // 2
    script.answers["upload"] = [resume(half), resume(half + CHUNK_UNIT), COMPLETE]
    await platform.connector.prepare(large)
    size = 2 * CHUNK_UNIT + 10
    assert ranges(script) == [
        f"bytes 0-{CHUNK_UNIT - 1}/{size}",
        f"bytes {half}-{half + CHUNK_UNIT - 1}/{size}",
        f"bytes {half + CHUNK_UNIT}-{size - 1}/{size}",
    ]


async def test_resumed_worker_asks_before_it_sends(platform: Platform, script: Script, large: MemoryJob) -> None:
    """A worker that died after the first chunk leaves the session; the next one asks and sends only the rest."""
    script.answers["upload"] = [resume(CHUNK_UNIT), *[CutConnection()] * 8]
    with pytest.raises(TryLater):
        await platform.connector.prepare(large)
    script.restart()
    script.calls.clear()
    script.answers["upload"] = [resume(CHUNK_UNIT), resume(2 * CHUNK_UNIT), COMPLETE]
    await platform.connector.prepare(large)
    size = 2 * CHUNK_UNIT + 10
    assert ranges(script) == [
        f"bytes */{size}",
        f"bytes {CHUNK_UNIT}-{2 * CHUNK_UNIT - 1}/{size}",
        f"bytes {2 * CHUNK_UNIT}-{size - 1}/{size}",
    ]
    assert script.sent("videos_insert") == []


async def test_lost_response_to_the_last_byte(platform: Platform, script: Script, small: MemoryJob) -> None:
    """The video arrived and the response is lost: the session says which video it became, and nothing is sent again."""
    script.answers["upload"] = [CutConnection(), COMPLETE]
    assert await platform.connector.prepare(small) == {"videoId": VIDEO}
    assert ranges(script) == ["bytes 0-23/24", "bytes */24"]
    assert len(script.sent("videos_insert")) == 1


async def test_session_that_answers_too_early_is_asked_again(
    platform: Platform, script: Script, large: MemoryJob
) -> None:
    """A 308 after the last byte may be wrong: the session is asked a second time before anything is sent again."""
    script.answers["upload"] = [
        resume(CHUNK_UNIT),
        resume(2 * CHUNK_UNIT),
        Respond(503, b""),
        resume(2 * CHUNK_UNIT),
        COMPLETE,
    ]
    assert await platform.connector.prepare(large) == {"videoId": VIDEO}
    assert ranges(script)[3:] == [f"bytes */{2 * CHUNK_UNIT + 10}"] * 2


async def test_lost_session_before_the_last_byte_is_replaced(
    platform: Platform, script: Script, large: MemoryJob
) -> None:
    """A session that is gone early can't have become a video: another is opened at once."""
    script.answers["upload"] = [GONE, resume(CHUNK_UNIT), resume(2 * CHUNK_UNIT), COMPLETE]
    await platform.connector.prepare(large)
    assert len(script.sent("videos_insert")) == 2
    assert script.sent("playlist_items_list") == []


async def test_lost_session_after_the_last_byte_is_looked_for(
    platform: Platform, script: Script, small: MemoryJob
) -> None:
    """The video is among the channel's uploads by title and time: it is taken, and not uploaded again."""
    script.answers |= {
        "upload": [CutConnection(), GONE],
        "channels": [CHANNELS],
        "playlist_items_list": [NO_ITEMS, uploads("Another", TITLE)],
    }
    assert await platform.connector.prepare(small) == {"videoId": VIDEO}
    assert len(script.sent("videos_insert")) == 1


@pytest.mark.parametrize("found", [uploads(TITLE, TITLE), uploads("Another")], ids=["several", "none"])
async def test_lost_video_is_never_guessed(
    platform: Platform, script: Script, small: MemoryJob, found: Respond
) -> None:
    """Without exactly one match, the video is uploaded again, but only after the list has had time to be complete."""
    began = small.now()
    script.answers |= {
        "upload": [CutConnection(), GONE, COMPLETE],
        "channels": [CHANNELS],
        "playlist_items_list": [found],
    }
    assert await platform.connector.prepare(small) == {"videoId": VIDEO}
    assert len(script.sent("videos_insert")) == 2
    assert small.now() - began >= platform.retry_policy.republish_after


async def test_public_video_with_the_same_title_is_not_taken(
    platform: Platform, script: Script, small: MemoryJob
) -> None:
    """A match that is public is an earlier post: it is left alone."""
    script.answers |= {
        "upload": [CutConnection(), GONE, COMPLETE],
        "channels": [CHANNELS],
        "playlist_items_list": [uploads(TITLE)],
        "videos_list": [listed("public")],
    }
    await platform.connector.prepare(small)
    assert len(script.sent("videos_insert")) == 2


async def test_upload_that_is_dropped_for_ever(platform: Platform, script: Script, large: MemoryJob) -> None:
    """A session that is always gone ends the post after a few of them, with nothing published."""
    script.answers["upload"] = [GONE]
    with pytest.raises(Rejected, match="Nothing was published") as end:
        await platform.connector.prepare(large)
    assert end.value.failure is FailureCode.PLATFORM_UNAVAILABLE
    assert len(script.sent("videos_insert")) == 4


async def test_refused_token_in_the_middle_of_an_upload(platform: Platform, script: Script, large: MemoryJob) -> None:
    """The access ends during the upload: it is refreshed, and the same session continues."""
    script.answers |= {
        "upload": [resume(CHUNK_UNIT), refused(401, "authError"), resume(CHUNK_UNIT), resume(2 * CHUNK_UNIT), COMPLETE],
        "token": [Respond(200, {"access_token": "ya29.fresh-token", "expires_in": 3599})],
    }
    await platform.connector.prepare(large)
    assert script.sent("upload")[-1].headers["Authorization"] == "Bearer ya29.fresh-token"
    assert len(script.sent("videos_insert")) == 1


async def test_quota_that_ends_during_the_upload(platform: Platform, script: Script, small: MemoryJob) -> None:
    """A reason that another session would not change is reported as it is."""
    script.answers["upload"] = [refused(403, "quotaExceeded")]
    with pytest.raises(TryLater) as full:
        await platform.connector.prepare(small)
    assert full.value.is_throttled
    assert full.value.retry_after is not None
    assert timedelta() < full.value.retry_after <= timedelta(hours=25, minutes=2)


async def test_session_elsewhere_gets_nothing(platform: Platform, script: Script, small: MemoryJob) -> None:
    """An upload address that can't be Google's is refused, so that neither video nor token goes there."""
    script.answers["videos_insert"] = [Respond(200, b"", {"Location": "https://evil.example/session"})]
    with pytest.raises(TryLater, match="address"):
        await platform.connector.prepare(small)


async def test_upload_to_another_channel_stops(platform: Platform, script: Script, small: MemoryJob) -> None:
    """A login with several channels may upload to another one than the account's: nothing is made public there."""
    other = video("private", "uploaded") | {"snippet": {"channelId": "UCother"}}
    script.answers["upload"] = [Respond(201, other)]
    with pytest.raises(Rejected, match="another channel") as end:
        await platform.connector.prepare(small)
    assert end.value.failure is FailureCode.ACCOUNT_NOT_ELIGIBLE


@pytest.mark.parametrize(
    ("upload_status", "more", "code"),
    [
        ("failed", {"failureReason": "codec"}, "codec"),
        ("rejected", {"rejectionReason": "duplicate"}, "duplicate"),
        ("rejected", {}, "rejected"),
    ],
)
async def test_video_that_youtube_can_not_use_is_deleted(
    platform: Platform, script: Script, small: MemoryJob, upload_status: str, more: dict[str, str], code: str
) -> None:
    """A failed or rejected video ends the post with YouTube's reason, and the private upload is deleted."""
    script.answers |= {
        "videos_list": [listed("private", upload_status, **more)],
        "videos_delete": [Respond(204, b"")],
    }
    with pytest.raises(Rejected, match="was deleted") as end:
        await platform.connector.prepare(small)
    assert (end.value.failure, end.value.platform_code) == (FailureCode.MEDIA_REJECTED, code)
    assert script.sent("videos_delete")[0].query == {"id": VIDEO}


async def test_endless_processing_ends_the_post(platform: Platform, script: Script, small: MemoryJob) -> None:
    """A video that is never processed fails after the limit; the message says where the private video is."""
    script.answers["videos_list"] = [listed("private", "uploaded")]
    with pytest.raises(Rejected, match=f"studio.youtube.com/video/{VIDEO}"):
        await platform.connector.prepare(small)


async def test_nothing_secret_is_shown(platform: Platform, script: Script, small: MemoryJob) -> None:
    """Neither tokens nor the session's address are in the timeline or in an error."""
    script.answers["upload"] = [
        CutConnection(),
        refused(400, "badThing", f"see {script.address}/session?upload_id=secret-upload-id"),
    ]
    script.answers |= {"channels": [CHANNELS], "playlist_items_list": [NO_ITEMS]}
    with pytest.raises(Rejected) as end:
        await platform.connector.prepare(small)
    text = visible_text(small, end.value)
    assert "secret" not in text
    assert "upload_id" not in text
