"""A video, step by step, against a TikTok that responds by a script: cases that the sandbox does not simulate."""

from datetime import timedelta

import pytest
from tests.contract.job import MemoryJob, decide
from tests.platforms.drafts import tiktok
from tests.platforms.rows import each_row
from tests.platforms.tiktok.driving import (
    FRESH,
    CutConnection,
    Respond,
    Script,
    ok,
    refused,
    status,
    stored,
    visible_text,
    work,
)

from presswork.platforms.errors import (
    CredentialInvalid,
    FailureCode,
    OutcomeUnknown,
    Rejected,
    TryLater,
)
from presswork.platforms.port import Absent, Failed, Platform, Present, Processing
from presswork.platforms.tiktok.api import Endpoints
from presswork.worker.reconciliation import Unknown, Wait

LIVE = status("PUBLISH_COMPLETE", publicaly_available_post_id=[7412345123451234512], uploaded_bytes=24)
LINK = "https://www.tiktok.com/@brand/video/7412345123451234512"
FIRST_MISSING = status("PROCESSING_UPLOAD", uploaded_bytes=0)
LAST_MISSING = status("PROCESSING_UPLOAD", uploaded_bytes=10)


def ranges(script: Script) -> list[str]:
    """Return the ranges that were sent."""
    return [call.headers["Content-Range"] for call in script.sent("upload")]


async def test_one_video(platform: Platform, script: Script, video: MemoryJob) -> None:
    """The video is sent in two chunks, the last of which belongs to make_live, and its link is TikTok's real one."""
    script.answers |= {"upload": [Respond(206), Respond(201)], "status_fetch": [LAST_MISSING, LIVE]}
    prepared = stored(await platform.connector.prepare(video))
    assert ranges(script) == ["bytes 0-9/24"]
    assert video.state["publish_id"] == "p1"
    assert isinstance(await platform.connector.make_live(video, prepared), Processing)
    assert ranges(script) == ["bytes 0-9/24", "bytes 10-23/24"]
    assert isinstance(await platform.connector.look_up(video, prepared), Processing)  # confirmed, so it is processing
    assert await platform.connector.look_up(video, prepared) == Present(
        external_id="7412345123451234512", external_url=LINK
    )
    init = script.sent("video_init")[0]
    assert init.headers["Content-Type"] == "application/json; charset=UTF-8"
    assert init.headers["Authorization"] == "Bearer act.secret"
    assert init.json == {
        "post_info": {
            "title": "hello",
            "privacy_level": "PUBLIC_TO_EVERYONE",
            "disable_comment": False,
            "disable_duet": False,
            "disable_stitch": False,
            "brand_content_toggle": False,
            "brand_organic_toggle": False,
        },
        "source_info": {"source": "FILE_UPLOAD", "video_size": 24, "chunk_size": 10, "total_chunk_count": 2},
    }
    put = script.sent("upload")[1]
    assert "Authorization" not in put.headers
    assert (put.headers["Content-Type"], put.headers["Content-Length"], put.body) == ("video/mp4", "14", b"x" * 14)
    assert "secret" not in visible_text(video)


@each_row(
    "address",
    [
        "http://169.254.169.254/latest/?",
        "http://upload.tiktokapis.com/?",
        "https://127.0.0.1/?",
        "https://[::1]/?",
        "https://2130706433/?",
        "https://upload.tiktokapis.com@10.0.0.1/?",
        "https://upload.tiktokapis.com:8443/?",
        "https://localhost/?",
        "https://internal/?",
        "https:///?",
        "https://[/?",
        "file:///etc/passwd",
        "",
    ],
)
def test_an_upload_is_not_sent_to_an_internal_address(address: str) -> None:
    """A URL that can't be TikTok's is refused: without TLS, with an IP address, or with an internal name."""
    assert not Endpoints().accepts_upload_url(address)


@each_row(
    ("api_url", "address"),
    [
        ("https://open.tiktokapis.com", "https://open-upload.tiktokapis.com/video/?upload_id=1&upload_token=2"),
        ("https://open.tiktokapis.com", "https://upload.us.tiktokapis.com:443/video/?upload_id=1"),
        ("http://127.0.0.1:8000/sandbox/open.tiktokapis.com", "http://127.0.0.1:8000/sandbox/upload/?upload_id=1"),
        ("https://press.example/sandbox/open.tiktokapis.com", "https://press.example/sandbox/upload/?upload_id=1"),
        ("https://press.example/sandbox/open.tiktokapis.com", "http://press.example/sandbox/upload/?upload_id=1"),
        ("https://press.example:8443/sandbox/open.tiktokapis.com", "https://press.example:8443/upload/?upload_id=1"),
    ],
)
def test_an_upload_goes_where_tiktok_says(api_url: str, address: str) -> None:
    """TikTok's upload hosts differ by region and are all accepted; a sandbox returns its own address."""
    assert Endpoints(api_url=api_url).accepts_upload_url(address)


async def test_an_upload_is_not_sent_to_an_address_that_can_not_be_tiktoks(
    platform: Platform, script: Script, video: MemoryJob
) -> None:
    """The connector retries later and sends no byte to such an address."""
    script.answers |= {"video_init": [ok(publish_id="p1", upload_url="gopher://127.0.0.1/")]}
    with pytest.raises(TryLater, match="no place that can be TikTok's"):
        await platform.connector.prepare(video)
    assert script.sent("upload") == []


async def test_a_chunk_that_meets_a_fault_is_sent_again(platform: Platform, script: Script, video: MemoryJob) -> None:
    """5xx and a cut connection: the same range again, on the same upload."""
    script.answers |= {
        "upload": [Respond(502, b"<html>"), CutConnection(), Respond(206), Respond(201)],
        "status_fetch": [LIVE],
    }
    assert isinstance(await work(platform, video), Present)
    assert ranges(script) == ["bytes 0-9/24"] * 3 + ["bytes 10-23/24"]
    assert len(script.sent("video_init")) == 1


async def test_out_of_step_resumes_from_tiktoks_count(platform: Platform, script: Script, video: MemoryJob) -> None:
    """416: TikTok has more (or less) than expected; its own count decides where to resume."""
    script.answers |= {"upload": [Respond(416), Respond(201)], "status_fetch": [LAST_MISSING, LIVE]}
    assert isinstance(await work(platform, video), Present)
    assert ranges(script) == ["bytes 0-9/24", "bytes 10-23/24"]


async def test_prepare_never_sends_the_last_chunk(platform: Platform, script: Script, video: MemoryJob) -> None:
    """Even where TikTok claims to have everything, prepare stops before the last chunk and opens no second upload."""
    script.answers |= {"upload": [Respond(416)], "status_fetch": [status("PROCESSING_UPLOAD", uploaded_bytes=24), LIVE]}
    assert isinstance(await work(platform, video), Present)
    assert ranges(script) == ["bytes 0-9/24", "bytes 10-23/24"]
    assert len(script.sent("video_init")) == 1


@pytest.mark.parametrize("gone", [403, 404])
async def test_a_lost_upload_is_opened_again(platform: Platform, script: Script, video: MemoryJob, gone: int) -> None:
    """A URL that TikTok refuses before the last chunk: another upload, since this one can't become a post."""
    script.answers |= {
        "video_init": [script.upload_opened("p1"), script.upload_opened("p2")],
        "upload": [Respond(gone), Respond(206), Respond(201)],
        "status_fetch": [LIVE],
    }
    assert isinstance(await work(platform, video), Present)
    assert script.sent("status_fetch")[0].json == {"publish_id": "p2"}


async def test_uploads_refused_for_ever(platform: Platform, script: Script, video: MemoryJob) -> None:
    """Two new URLs refused in a row: wait, rather than open uploads without end."""
    script.answers |= {"upload": [Respond(404)]}
    with pytest.raises(TryLater) as waited:
        await platform.connector.prepare(video)
    assert len(script.sent("video_init")) == 2
    assert "secret" not in visible_text(video, waited.value)


@pytest.mark.parametrize(
    "lost", [CutConnection(), Respond(500), Respond(200, b"?"), Respond(206), Respond(408)], ids=str
)
async def test_last_chunk_stored_but_response_lost(
    platform: Platform, script: Script, video: MemoryJob, lost: Respond | CutConnection
) -> None:
    """The post is found by its publish id, and no call is repeated."""
    script.answers |= {
        "upload": [Respond(206), lost],
        "status_fetch": [status("PROCESSING_UPLOAD", uploaded_bytes=24), LIVE],
    }
    assert isinstance(await work(platform, video), Present)
    assert (len(script.sent("upload")), len(script.sent("video_init"))) == (2, 1)


async def test_last_chunk_that_never_arrived_is_sent_again(
    platform: Platform, script: Script, video: MemoryJob
) -> None:
    """TikTok's count stays below the size: the rest is sent again, to the same upload."""
    script.answers |= {
        "upload": [Respond(206), CutConnection(), Respond(201)],
        "status_fetch": [LAST_MISSING],
    }
    script.once(lambda: len(script.sent("upload")) == 3, "status_fetch", LIVE)
    began = video.now()
    assert isinstance(await work(platform, video), Present)
    assert ranges(script) == ["bytes 0-9/24", "bytes 10-23/24", "bytes 10-23/24"]
    assert len(script.sent("video_init")) == 1
    assert video.now() - began >= platform.retry_policy.republish_after


async def test_one_poll_is_not_enough(platform: Platform, script: Script, video: MemoryJob) -> None:
    """A changing count is no proof: the wait restarts with each change."""
    script.answers |= {"upload": [Respond(206), CutConnection()], "status_fetch": [FIRST_MISSING, LAST_MISSING]}
    prepared = stored(await platform.connector.prepare(video))
    video.live_call_at = video.now()
    with pytest.raises(OutcomeUnknown):
        await platform.connector.make_live(video, prepared)
    for pause in (10, 10, 1):  # the count changes at the second look
        await video.sleep(timedelta(seconds=pause))
        seen = await platform.connector.look_up(video, prepared)
        assert isinstance(video.judge(seen, platform.retry_policy), Wait)
    await video.sleep(timedelta(seconds=1))
    seen = await platform.connector.look_up(video, prepared)
    assert isinstance(video.judge(seen, platform.retry_policy), Absent)


async def test_a_count_of_zero_may_be_left_out(platform: Platform, script: Script, video: MemoryJob) -> None:
    """Where the status returns no count, everything is sent again to the same upload, which can't become two posts."""
    bare = status("PROCESSING_UPLOAD")
    script.answers |= {"upload": [Respond(206), CutConnection(), Respond(206), Respond(201)], "status_fetch": [bare]}
    script.once(lambda: len(script.sent("upload")) == 4, "status_fetch", LIVE)
    assert isinstance(await work(platform, video), Present)
    assert ranges(script)[2:] == ["bytes 0-9/24", "bytes 10-23/24"]
    assert len(script.sent("video_init")) == 1


@pytest.mark.parametrize("again", [404, 503])
async def test_a_missing_count_decides_nothing(
    platform: Platform, script: Script, video: MemoryJob, again: int
) -> None:
    """The last chunk arrived, its answer was lost, and a repeated one is refused, or never answered: where the status has no
    count, TikTok may have everything, so no second upload is opened, and without a result the outcome is unknown."""
    script.answers |= {
        "upload": [Respond(206), CutConnection(), Respond(again)],
        "status_fetch": [status("PROCESSING_UPLOAD")],
    }
    assert isinstance(await work(platform, video), Unknown)
    assert len(script.sent("video_init")) == 1


async def test_resent_chunk_is_refused_as_known(platform: Platform, script: Script, video: MemoryJob) -> None:
    """416 to the repeated chunk means that the first one had arrived after all: poll the status, don't conclude."""
    script.answers |= {
        "upload": [Respond(206), CutConnection(), Respond(416)],
        "status_fetch": [LAST_MISSING],
    }
    script.once(lambda: len(script.sent("upload")) == 3, "status_fetch", LIVE)
    assert isinstance(await work(platform, video), Present)
    assert len(script.sent("video_init")) == 1


@pytest.mark.parametrize("gone", [403, 404])
async def test_first_last_chunk_finds_the_upload_gone(
    platform: Platform, script: Script, video: MemoryJob, gone: int
) -> None:
    """The last chunk was never sent before and is refused: nothing is live, another upload is opened."""
    script.answers |= {
        "video_init": [script.upload_opened("p1"), script.upload_opened("p2")],
        "upload": [Respond(206), Respond(gone), Respond(206), Respond(201)],
        "status_fetch": [LIVE],
    }
    assert isinstance(await work(platform, video), Present)
    assert [call.json for call in script.sent("status_fetch")] == [{"publish_id": "p2"}]


async def test_resent_chunk_finds_the_upload_gone_but_the_post_is_live(
    platform: Platform, script: Script, video: MemoryJob
) -> None:
    """A finished task may look expired: 404 to a repeated chunk proves nothing, the status does."""
    script.answers |= {
        "upload": [Respond(206), CutConnection(), Respond(404)],
        "status_fetch": [LAST_MISSING],
    }
    script.once(lambda: len(script.sent("upload")) == 3, "status_fetch", LIVE)
    assert isinstance(await work(platform, video), Present)
    assert len(script.sent("video_init")) == 1


async def test_resent_chunk_finds_the_upload_gone_and_nothing_live(
    platform: Platform, script: Script, video: MemoryJob
) -> None:
    """Refused by the upload URL and still incomplete by the status, for long enough: only then another upload."""
    script.answers |= {
        "video_init": [script.upload_opened("p1"), script.upload_opened("p2")],
        "upload": [Respond(206), CutConnection(), Respond(404), Respond(206), Respond(201)],
    }
    script.answers["status_fetch"] = [LAST_MISSING]
    script.once(lambda: len(script.sent("video_init")) == 2, "status_fetch", LIVE)
    assert isinstance(await work(platform, video), Present)
    assert len(script.sent("video_init")) == 2
    reads = [call.json["publish_id"] for call in script.sent("status_fetch")]
    assert reads.count("p1") >= 5


async def test_last_chunk_that_never_arrives(platform: Platform, script: Script, video: MemoryJob) -> None:
    """TikTok's upload host stays down: the post fails with TikTok's error, not as unknown, since its count is proof."""
    script.answers |= {"upload": [Respond(206), Respond(503)], "status_fetch": [LAST_MISSING]}
    with pytest.raises(Rejected, match="10 of the video's 24 bytes") as failed:
        await work(platform, video)
    assert failed.value.failure is FailureCode.PLATFORM_UNAVAILABLE
    assert len(script.sent("video_init")) == 1
    assert "secret" not in visible_text(video, failed.value)


@pytest.mark.parametrize(("answer", "failure"), [(400, FailureCode.INTERNAL), (405, FailureCode.INTERNAL)])
async def test_malformed_upload(
    platform: Platform, script: Script, video: MemoryJob, answer: int, failure: FailureCode
) -> None:
    """An upload that TikTok calls malformed, in either step, is a bug and not retried."""
    for before in ([], [Respond(206)]):
        video.state.clear()
        script.answers["upload"] = [*before, Respond(answer)]
        script.restart()
        with pytest.raises(Rejected) as failed:
            await work(platform, video)
        assert failed.value.failure is failure


async def test_daily_cap_waits(platform: Platform, script: Script, video: MemoryJob) -> None:
    """creator_info reports the cap with HTTP 200: nothing is uploaded, and TikTok is asked again in an hour.

    Where Presswork published as many posts as the usual cap, the time when the oldest of them leaves is known.
    """
    script.answers |= {
        "creator_info": [refused(200, "spam_risk_too_many_posts"), script.answers["creator_info"][0]],
        "upload": [Respond(206), Respond(201)],
        "status_fetch": [LIVE],
    }
    script.answers["creator_info"].insert(0, script.answers["creator_info"][0])
    with pytest.raises(TryLater) as waiting:
        await platform.connector.prepare(video)
    waits = (waiting.value.retry_after, waiting.value.first_wait, waiting.value.at_latest)
    assert (waiting.value.is_throttled, *waits) == (True, None, timedelta(hours=1), None)
    video.published = [video.now() - timedelta(hours=20)] * 15
    with pytest.raises(TryLater) as waiting:
        await platform.connector.prepare(video)
    assert waiting.value.retry_after is not None
    assert timedelta(hours=4) < waiting.value.retry_after < timedelta(hours=4, seconds=2)
    assert not script.sent("video_init")
    assert isinstance(await work(platform, video), Present)


async def test_a_refused_token_is_renewed_once(platform: Platform, script: Script, video: MemoryJob) -> None:
    """A call that was refused for its token is sent once more with another one."""
    script.answers |= {
        "video_init": [refused(401, "access_token_invalid"), script.upload_opened("p1")],
        "token": [FRESH],
        "upload": [Respond(206), Respond(201)],
        "status_fetch": [LIVE],
    }
    assert isinstance(await work(platform, video), Present)
    assert [call.headers["Authorization"] for call in script.sent("video_init")] == [
        "Bearer act.secret",
        "Bearer act.new",
    ]
    assert script.sent("status_fetch")[0].headers["Authorization"] == "Bearer act.new"


async def test_a_token_refused_twice(platform: Platform, script: Script, video: MemoryJob) -> None:
    """A new token that is refused as well: the account must be connected again."""
    script.answers |= {"creator_info": [refused(401, "access_token_invalid")], "token": [FRESH]}
    with pytest.raises(CredentialInvalid) as dead:
        await platform.connector.prepare(video)
    assert len(script.sent("creator_info")) == 2
    assert "act." not in visible_text(video, dead.value)


@pytest.mark.parametrize("lost", [CutConnection(), Respond(500), Respond(200, b"<html>"), ok(publish_id="p0")], ids=str)
async def test_a_lost_init_posts_nothing(
    platform: Platform, script: Script, video: MemoryJob, lost: Respond | CutConnection
) -> None:
    """An upload that was opened and never got a byte posts nothing: opening another is safe."""
    script.answers |= {
        "video_init": [lost, script.upload_opened("p1")],
        "upload": [Respond(206), Respond(201)],
        "status_fetch": [LIVE],
    }
    assert isinstance(await work(platform, video), Present)
    assert len(script.sent("upload")) == 2


async def test_resumes_where_a_dead_worker_stopped(platform: Platform, script: Script, video: MemoryJob) -> None:
    """Confirmed bytes are not sent again; after 50 minutes the URL is too old to rely on."""
    script.answers |= {
        "video_init": [script.upload_opened("p1"), script.upload_opened("p2")],
        "upload": [Respond(206)],
    }
    await platform.connector.prepare(video)
    video.state = stored(video.state)
    again = await platform.connector.prepare(video)
    assert (again["publish_id"], ranges(script)) == ("p1", ["bytes 0-9/24"])
    assert len(script.sent("creator_info")) == 2
    await video.sleep(timedelta(minutes=51))
    third = await platform.connector.prepare(video)
    assert (third["publish_id"], len(ranges(script))) == ("p2", 2)


async def test_settings_that_cannot_be_met_send_nothing(platform: Platform, script: Script, video: MemoryJob) -> None:
    """A level that is not offered, a paid partnership in private, a long caption: refused before any upload."""
    for options in (
        tiktok(privacy_level="FOLLOWER_OF_CREATOR"),
        tiktok(privacy_level="SELF_ONLY", is_branded_content=True),
    ):
        video.options = options
        with pytest.raises(Rejected):
            await platform.connector.prepare(video)
    video.options = type(video.options)()
    video.caption = "x" * 2201
    with pytest.raises(Rejected, match="2,201"):
        await platform.connector.prepare(video)
    assert not script.sent("video_init")


async def test_no_comments(platform: Platform, video: MemoryJob) -> None:
    """TikTok's API has no comments, and the error says so."""
    assert not platform.connector.can_comment
    with pytest.raises(Rejected):
        await platform.connector.comment(video, "1", "first", may_be_there=False)


async def test_a_confirmed_video_is_not_sent_again(platform: Platform, script: Script, video: MemoryJob) -> None:
    """TikTok confirmed that all bytes arrived: a count that lags behind does not repeat the last chunk."""
    script.answers |= {"upload": [Respond(206), Respond(201)], "status_fetch": [*[LAST_MISSING] * 12, LIVE]}
    assert isinstance(await work(platform, video), Present)
    assert len(script.sent("upload")) == 2


async def test_an_upload_whose_last_chunk_was_sent_is_never_just_replaced(
    platform: Platform, script: Script, video: MemoryJob
) -> None:
    """However old it is: the URL has to refuse the chunk and the status has to stay the same before a second upload."""
    script.answers |= {
        "video_init": [script.upload_opened("p1"), script.upload_opened("p2")],
        "upload": [Respond(206), CutConnection(), Respond(403), Respond(206), Respond(201)],
        "status_fetch": [LAST_MISSING],
    }
    prepared = stored(await platform.connector.prepare(video))
    video.live_call_at = video.now()
    with pytest.raises(OutcomeUnknown):
        await platform.connector.make_live(video, prepared)
    video.prepared = prepared
    absent = await decide(platform.connector, video, platform.retry_policy)
    assert isinstance(absent, Absent)
    await video.revert(absent.changes, starts_over=False)
    await video.sleep(timedelta(hours=2))
    video.live_call_at = video.now()
    prepared = stored(await platform.connector.prepare(video))
    assert len(script.sent("video_init")) == 1
    with pytest.raises(OutcomeUnknown):
        await platform.connector.make_live(video, prepared)
    video.prepared = prepared
    ended = await decide(platform.connector, video, platform.retry_policy)
    assert isinstance(ended, Failed)
    await video.revert(ended.changes, starts_over=True)
    script.once(lambda: len(script.sent("video_init")) == 2, "status_fetch", LIVE)
    assert isinstance(await work(platform, video), Present)
