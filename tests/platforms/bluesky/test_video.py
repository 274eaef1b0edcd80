"""Videos: the upload through the video service, its states and failures."""

from datetime import datetime, timedelta

import pytest
from pydantic import JsonValue
from tests.contract.on_bluesky import fields_of
from tests.platforms.bluesky.conftest import World, video
from tests.platforms.bluesky.servers import CUT, CUT_AFTER, HTML, Reply, error

from presswork.platforms.errors import FailureCode, Rejected, TryLater
from presswork.platforms.port import Draft, MediaType, Mode, Present

_UPLOAD = "app.bsky.video.uploadVideo"
_STATUS = "app.bsky.video.getJobStatus"
_LIMITS = "app.bsky.video.getUploadLimits"
_BLOB: JsonValue = {"$type": "blob", "ref": {"$link": "bafkreivideo"}, "mimeType": "video/mp4", "size": 100}


def state(name: str, **more: JsonValue) -> Reply:
    """Return a job's status, as the lexicon says."""
    return Reply(status=200, body={"jobStatus": {"jobId": "job-1", "state": f"JOB_STATE_{name}", **more}})


async def test_a_video_becomes_a_post(world: World) -> None:
    """The video is uploaded with a token of the account's server, waited for, and embedded with its ratio."""
    world.servers.script(_STATUS, state("ENCODING"), state("NEWLY_INVENTED"), state("UPLOADED"))
    assert isinstance(await world.drive(await world.job([video()])), Present)
    [record] = world.servers.records.values()
    assert isinstance(record, dict)
    embed = record["embed"]
    assert isinstance(embed, dict)
    assert (embed["$type"], embed["aspectRatio"]) == ("app.bsky.embed.video", {"width": 720, "height": 1280})
    [asked] = [
        call
        for call in world.servers.of("com.atproto.server.getServiceAuth")
        if call.query["lxm"] == "com.atproto.repo.uploadBlob"
    ]
    assert asked.query["aud"] == "did:web:pds"
    assert int(asked.query["exp"]) - world.clock.now().timestamp() <= 1800
    assert world.servers.count(_STATUS) == 4


async def test_a_post_is_dated_after_its_waits(world: World) -> None:
    """Bluesky processes the video for a while: the post has the instant after that, and a repeated attempt the same record."""
    job = await world.job([video()])
    world.servers.script(_STATUS, *[state("ENCODING")] * 20)
    began = world.clock.now()
    prepared = await world.platform.connector.prepare(job)
    waited = world.clock.now() - began
    assert waited > timedelta(seconds=20)
    record = fields_of(prepared["record"])
    assert world.clock.now() - datetime.fromisoformat(str(record["createdAt"])) < timedelta(seconds=10)
    await world.clock.sleep(timedelta(hours=1))
    assert await world.platform.connector.prepare(job) == prepared


@pytest.mark.parametrize(
    "fault",
    [
        CUT,
        CUT_AFTER,
        HTML,
        Reply(status=409, body="{broken"),
        error(401, "AuthMissing"),
        error(503, "UpstreamFailure"),
    ],
)
async def test_a_lost_upload_is_made_again(world: World, fault: Reply) -> None:
    """The upload's response is lost, or its token not accepted: it is made again, and one post exists."""
    world.servers.script(_UPLOAD, fault)
    assert isinstance(await world.drive(await world.job([video()])), Present)
    assert len(world.servers.records) == 1


def refused(name: str) -> Reply:
    """Return a refusal of an upload, as the service was seen to send it: in the job's status."""
    status: JsonValue = {"jobId": "", "state": "JOB_STATE_FAILED", "error": name, "message": "Not now, luna"}
    return Reply(status=400, body={"jobStatus": status})


async def test_an_account_without_a_confirmed_address(world: World) -> None:
    """The service accepts videos only of accounts with a confirmed address: the post ends with that reason."""
    world.servers.script(_UPLOAD, refused("unconfirmed_email"))
    end = await world.drive(await world.job([video()]))
    assert isinstance(end, Rejected)
    assert (end.failure, end.platform_code) == (FailureCode.ACCOUNT_NOT_ELIGIBLE, "unconfirmed_email")
    assert "Not now, luna" in end.message


async def test_the_limit_of_videos_of_a_day_waits(world: World) -> None:
    """With the videos of a day used up, the post waits, and goes out when there is room again."""
    job = await world.job([video()])
    world.servers.script(_UPLOAD, refused("DailyLimitExceeded"))
    with pytest.raises(TryLater, match="Not now, luna") as full:
        await world.platform.connector.prepare(job)
    assert full.value.is_throttled
    assert isinstance(await world.drive(job), Present)


@pytest.mark.parametrize(
    "left", [{"remainingDailyVideos": 0}, {"remainingDailyBytes": 0}, {"error": "DailyLimitExceeded"}]
)
async def test_nothing_is_uploaded_at_the_limit(world: World, left: dict[str, JsonValue]) -> None:
    """The service reports that the videos of the day are used up: no attempt sends the file before it reports room again."""
    job = await world.job([video()])
    full = Reply(status=200, body={"canUpload": False, "message": "User has exceeded daily limit", **left})
    world.servers.script(_LIMITS, full, full)
    for _ in range(2):
        with pytest.raises(TryLater, match="User has exceeded daily limit") as limit:
            await world.platform.connector.prepare(job)
        assert (limit.value.is_throttled, limit.value.failure) == (True, FailureCode.PLATFORM_RATE_LIMITED)
    assert world.servers.count(_UPLOAD) == 0
    assert isinstance(await world.drive(job), Present)
    assert world.servers.count(_UPLOAD) == 1


async def test_the_last_video_of_the_day_whose_response_was_lost(world: World) -> None:
    """The service has the video, and none is left: the post does not wait for the next day, since the service knows it."""
    job = await world.job([video()])
    world.servers.script(_UPLOAD, CUT_AFTER, refused("DailyLimitExceeded"))
    full = Reply(status=200, body={"canUpload": False, "remainingDailyVideos": 0})
    world.servers.script(_LIMITS, Reply(status=200, body={"canUpload": True}), full)
    for uploads in (1, 2, 2):  # lost; asked by another upload, and refused; not asked while none is left
        with pytest.raises(TryLater):
            await world.platform.connector.prepare(job)
        assert world.servers.count(_UPLOAD) == uploads
    assert isinstance(await world.drive(job), Present)


@pytest.mark.parametrize(
    "answer",
    [
        HTML,
        CUT,
        error(400, "InvalidRequest"),
        Reply(status=200, body={}),
        Reply(status=200, body={"canUpload": False, "remainingDailyVideos": 5}),
    ],
)
async def test_limits_that_cannot_be_read_stop_no_upload(world: World, answer: Reply) -> None:
    """The service reports no limit that is used up: the upload is made, and its response decides."""
    world.servers.script(_LIMITS, answer)
    assert isinstance(await world.drive(await world.job([video()])), Present)
    assert world.servers.count(_UPLOAD) == 1


async def test_a_video_that_the_service_already_has(world: World) -> None:
    """An earlier upload arrived after all: the service names its job, and the video is not uploaded again."""
    known: JsonValue = {
        "error": "already_exists",
        "jobId": "job-1",
        "state": "JOB_STATE_COMPLETED",
        "message": "Video already processed",
    }
    world.servers.script(_UPLOAD, Reply(status=409, body=known))
    world.servers.script(
        _STATUS,
        Reply(status=200, body={"jobStatus": {"jobId": "job-1", "state": "JOB_STATE_COMPLETED", "blob": _BLOB}}),
    )
    assert isinstance(await world.drive(await world.job([video()])), Present)
    assert world.servers.count(_UPLOAD) == 1


async def test_a_worker_that_resumes_asks_about_the_job(world: World) -> None:
    """The state has the job of an upload, so the next attempt uploads nothing."""
    job = await world.job([video()])
    world.servers.script(_STATUS, CUT, HTML)
    for _ in range(2):
        with pytest.raises(TryLater):
            await world.platform.connector.prepare(job)
    await world.platform.connector.prepare(job)
    await world.platform.connector.prepare(job)
    assert world.servers.count(_UPLOAD) == 1
    assert world.servers.count(_STATUS) == 3


async def test_a_job_that_the_service_forgot(world: World) -> None:
    """The service no longer knows the job: the video is uploaded again."""
    world.servers.script(_STATUS, error(400, "InvalidRequest", "job not found"))
    assert isinstance(await world.drive(await world.job([video()])), Present)
    assert world.servers.count(_UPLOAD) == 2


async def test_a_job_that_the_service_forgets_again_and_again(world: World) -> None:
    """The service never knows the job: the post ends after three uploads, and nothing is published."""
    world.servers.script(_STATUS, *[error(400, "InvalidRequest", "job not found")] * 9)
    end = await world.drive(await world.job([video()]))
    assert isinstance(end, Rejected)
    assert (end.failure, end.platform_code) == (FailureCode.PLATFORM_UNAVAILABLE, "InvalidRequest")
    assert "job not found" in end.message
    assert world.servers.count(_UPLOAD) == 3
    assert world.servers.records == {}


@pytest.mark.parametrize(
    ("code", "failure", "uploads"),
    [
        ("validation_failure", FailureCode.MEDIA_REJECTED, 1),
        ("encoding_failure", FailureCode.MEDIA_REJECTED, 1),
        ("pds_upload_unsupported_blob_size", FailureCode.MEDIA_REJECTED, 1),
        ("pds_upload_failure", FailureCode.PLATFORM_UNAVAILABLE, 3),
        ("generic_failure", FailureCode.PLATFORM_UNAVAILABLE, 3),
        ("newly_invented", FailureCode.PLATFORM_UNAVAILABLE, 3),
    ],
)
async def test_a_failed_job_ends_the_post(world: World, code: str, failure: FailureCode, uploads: int) -> None:
    """A video that fails for good ends the post at once, another failure after three uploads; nothing is published."""
    world.servers.script(_STATUS, *[state("FAILED", failureCode=code, message="It broke")] * 5)
    end = await world.drive(await world.job([video()]))
    assert isinstance(end, Rejected)
    assert (end.failure, end.platform_code) == (failure, code)
    assert "It broke" in end.message
    assert world.servers.count(_UPLOAD) == uploads
    assert world.servers.records == {}


async def test_processing_ends_in_time(world: World) -> None:
    """A video that is never ready ends the post after the processing limit."""
    world.servers.script(_STATUS, *[state("ENCODING")] * 500)
    end = await world.drive(await world.job([video()]))
    assert isinstance(end, Rejected)
    assert end.failure is FailureCode.PLATFORM_UNAVAILABLE


async def test_preflight_asks_for_the_quota_of_videos(world: World) -> None:
    """An account that may upload no video now is reported for videos only, in the service's words."""
    job = await world.job([video()])
    limits: JsonValue = {"canUpload": False, "message": "Please confirm your email"}
    world.servers.script("app.bsky.video.getUploadLimits", Reply(status=200, body=limits), HTML)
    validate = await world.platform.connector.fetch_constraints(job.account, job)
    draft = Draft(mode=Mode.PUBLISH, media_type=MediaType.VIDEO, caption="", media=job.media)
    [problem] = validate(draft).errors
    assert "Please confirm your email" in problem.message
    assert not validate(Draft(mode=Mode.PUBLISH, media_type=MediaType.IMAGE, caption="", media=[])).errors
    with pytest.raises(TryLater):
        await world.platform.connector.fetch_constraints(job.account, job)
