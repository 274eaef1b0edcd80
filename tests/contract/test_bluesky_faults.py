"""Every fault at every call of a post on the sandbox's Bluesky: it is live exactly once, or not at all."""

from datetime import timedelta
from itertools import product
from typing import Final

import pytest
from pydantic import JsonValue
from tests.contract.faults import Call, matrix
from tests.contract.job import End, MemoryJob, Sample, picture, sample
from tests.contract.on_bluesky import Died, DyingJob, OnBluesky
from tests.tiers import exhaustive

from presswork.media.samples import sample_video
from presswork.platforms.errors import CredentialInvalid, FailureCode, OutcomeUnknown, Rejected, TryLater
from presswork.platforms.port import Present
from presswork.worker.reconciliation import Unknown

FAULTS: Final = ("http_500", "html_502", "malformed_json", "drop_before_effect", "drop_after_effect")
LIVE_CALL: Final = {"put_record"}
PICTURE: Final = ("upload_blob", "put_record", "get_record")
VIDEO: Final = ("get_service_auth", "upload_video", "job_status", "put_record", "get_record")


async def ended(on_bluesky: OnBluesky, job: MemoryJob) -> End:
    """Drive a post, which must end live once, or without a post."""
    end = await on_bluesky.drive(job)
    assert len(await on_bluesky.live()) == (1 if isinstance(end, Present) else 0), repr(end)
    assert not isinstance(end, Unknown), repr(end)
    return end


@pytest.mark.parametrize("times", [1, *exhaustive([3])])
@pytest.mark.parametrize(("operation", "fault"), matrix(product(PICTURE, FAULTS), publishing=LIVE_CALL))
async def test_a_picture_survives_faults(on_bluesky: OnBluesky, operation: str, fault: str, times: int) -> None:
    """A passing fault of any call delays the post, and nothing else."""
    job = await on_bluesky.job(picture())
    if operation == "get_record":
        await on_bluesky.fault("put_record", "drop_after_effect")
    await on_bluesky.fault(operation, fault, times=times)
    assert isinstance(await ended(on_bluesky, job), Present)


async def test_a_text_with_control_characters_is_recognized(on_bluesky: OnBluesky) -> None:
    """A caption from an office program or of a wrong encoding is not read back as it was sent: still one post."""
    job = await on_bluesky.job(picture(), caption="Fresh\x0bbread \x93today\x94")
    await on_bluesky.fault("put_record", "drop_after_effect")
    assert isinstance(await ended(on_bluesky, job), Present)
    assert len(await on_bluesky.live()) == 1


@pytest.mark.parametrize(("operation", "fault"), matrix(product(VIDEO, FAULTS), publishing=LIVE_CALL))
async def test_a_video_survives_faults(on_bluesky: OnBluesky, sample_clip: Sample, operation: str, fault: str) -> None:
    """The same for a video, whose upload is not repeated where the service has it."""
    job = await on_bluesky.job(sample_clip)
    if operation == "get_record":
        await on_bluesky.fault("put_record", "drop_after_effect")
    await on_bluesky.fault(operation, fault)
    assert isinstance(await ended(on_bluesky, job), Present)


@pytest.fixture(scope="session")
def large_clip() -> Sample:
    """A video of three parts: ten seconds, so that its bit rate needs no conversion, with padding behind it."""
    padding = 2 * PART_BYTES + 1000
    body = sample_video(timedelta(seconds=10), 360, 640) + padding.to_bytes(4, "big") + b"free" + bytes(padding - 8)
    return sample(body, "video/mp4", width=360, height=640)


PART_BYTES: Final = 8 * 1024 * 1024
PARTS: Final = ("video_start_upload", "video_upload_part", "video_finish_upload")


@pytest.mark.parametrize(("operation", "fault"), matrix(product(PARTS, FAULTS), publishing=LIVE_CALL))
async def test_a_large_video_survives_faults(
    on_bluesky: OnBluesky, large_clip: Sample, operation: str, fault: str
) -> None:
    """A large video goes in parts. A fault repeats one call, not the file, and the status says what has arrived."""
    job = await on_bluesky.job(large_clip)
    await on_bluesky.fault(operation, fault)
    if operation == "video_upload_part":
        await on_bluesky.fault("video_upload_status", fault)
    assert isinstance(await ended(on_bluesky, job), Present)
    sent = await on_bluesky.calls("video_upload_part")
    assert (await on_bluesky.calls("upload_video"), sent in (3, 4)) == (0, True)
    assert sent == 3 or operation == "video_upload_part"


@pytest.mark.parametrize("dies_after", [1, 2, 3])
async def test_a_worker_that_resumes_sends_what_is_missing(
    on_bluesky: OnBluesky, large_clip: Sample, dies_after: int
) -> None:
    """The process dies while the parts are sent: the next one opens no upload, and sends the parts that have not arrived."""
    job = await on_bluesky.job(large_clip)
    await on_bluesky.fault("video_upload_part", "http_500", times=-1, skip=dies_after - 1)
    with pytest.raises(TryLater):
        await on_bluesky.platform.connector.prepare(job)
    await on_bluesky.sandbox.clear_faults()
    before = await on_bluesky.calls("video_upload_part")
    assert isinstance(await ended(on_bluesky, job), Present)
    assert await on_bluesky.calls("video_start_upload") == 1
    assert await on_bluesky.calls("video_upload_part") - before == 3 - (dies_after - 1)


@pytest.mark.parametrize("code", ["UploadNotFound", "UploadExpired", "UploadFailed", "UploadAborted"])
async def test_an_upload_that_is_gone_is_opened_again(on_bluesky: OnBluesky, large_clip: Sample, code: str) -> None:
    """The service drops the upload at a part: another one is opened, and one post exists."""
    job = await on_bluesky.job(large_clip)
    await on_bluesky.fault("video_upload_part", "platform_error", value={"code": code, "message": "gone"})
    assert isinstance(await ended(on_bluesky, job), Present)
    assert await on_bluesky.calls("video_start_upload") == 2


async def test_a_service_without_parts_gets_one_request(on_bluesky: OnBluesky, large_clip: Sample) -> None:
    """A service that does not know startUpload gets the whole video, as the official app does it."""
    job = await on_bluesky.job(large_clip)
    missing: dict[str, JsonValue] = {"code": "MethodNotImplemented", "message": "Method Not Implemented"}
    await on_bluesky.fault("video_start_upload", "platform_error", value=missing)
    assert isinstance(await ended(on_bluesky, job), Present)
    assert (await on_bluesky.calls("upload_video"), await on_bluesky.calls("video_upload_part")) == (1, 0)


@pytest.mark.parametrize("fault", matrix(FAULTS, at=Call.WRITE))
async def test_a_lasting_fault_ends_the_post(on_bluesky: OnBluesky, fault: str) -> None:
    """A fault that never passes ends the post honestly: failed where nothing can be live, else live or unknown."""
    job = await on_bluesky.job(picture())
    await on_bluesky.fault("upload_blob", fault, times=-1)
    end = await ended(on_bluesky, job)
    assert isinstance(end, Rejected)
    assert end.failure is FailureCode.PLATFORM_UNAVAILABLE


@pytest.mark.parametrize("operation", ["upload_blob", "put_record"])
async def test_an_expired_token_is_refreshed(on_bluesky: OnBluesky, operation: str) -> None:
    """A token that dies at any call is refreshed once, and the post is live."""
    job = await on_bluesky.job(picture())
    await on_bluesky.fault(operation, "token_expired")
    assert isinstance(await ended(on_bluesky, job), Present)
    assert job.renewals == 1


async def test_a_dead_grant_ends_the_post(on_bluesky: OnBluesky) -> None:
    """A grant that is over ends the post as CREDENTIAL_INVALID, and nothing is live."""
    job = await on_bluesky.job(picture())
    await on_bluesky.fault("refresh", "token_expired")
    await on_bluesky.fault("upload_blob", "token_expired")
    assert isinstance(await ended(on_bluesky, job), CredentialInvalid)


@pytest.mark.parametrize(
    ("value", "failure"),
    [
        ({"code": "InvalidRequest", "message": "Invalid record"}, FailureCode.PLATFORM_REJECTED),
        ({"code": "AccountTakedown", "message": "Account has been taken down"}, FailureCode.ACCOUNT_NOT_ELIGIBLE),
        ({"code": "InvalidMimeType", "message": "no"}, FailureCode.MEDIA_REJECTED),
    ],
)
async def test_refusals(on_bluesky: OnBluesky, value: JsonValue, failure: FailureCode) -> None:
    """An explicit refusal ends the post at once, with its failure code."""
    job = await on_bluesky.job(picture())
    await on_bluesky.fault("put_record", "platform_error", value=value)
    end = await ended(on_bluesky, job)
    assert isinstance(end, Rejected)
    assert end.failure is failure


async def test_lost_blobs_are_uploaded_again(on_bluesky: OnBluesky) -> None:
    """The server no longer has the picture: it is uploaded again, under the same key."""
    job = await on_bluesky.job(picture())
    await on_bluesky.fault(
        "put_record", "platform_error", value={"code": "BlobNotFound", "message": "Could not find blob"}
    )
    assert isinstance(await ended(on_bluesky, job), Present)
    assert await on_bluesky.calls("upload_blob") == 2


async def test_a_limit_is_waited_for(on_bluesky: OnBluesky) -> None:
    """A rate limit delays the post until it ends."""
    job = await on_bluesky.job(picture())
    await on_bluesky.fault(
        "put_record", "platform_error", value={"code": "RateLimitExceeded", "message": "Rate Limit Exceeded"}
    )
    assert isinstance(await ended(on_bluesky, job), Present)


@pytest.mark.parametrize("fault", ["media_error", "stuck_processing"])
async def test_a_video_that_is_never_ready(on_bluesky: OnBluesky, sample_clip: Sample, fault: str) -> None:
    """A video that the service refuses, or never finishes, ends the post, and nothing is live."""
    job = await on_bluesky.job(sample_clip)
    await on_bluesky.fault("job_status", fault, times=-1)
    assert isinstance(await ended(on_bluesky, job), Rejected)


@pytest.mark.parametrize("dies_after", range(1, 6))
@pytest.mark.parametrize("is_video", [False, True])
async def test_a_crash_after_any_save(
    on_bluesky: OnBluesky, sample_clip: Sample, dies_after: int, is_video: bool
) -> None:
    """The process dies after any save, and whatever resumes publishes the post once."""
    job = DyingJob.of(await on_bluesky.job(sample_clip if is_video else picture()), saves=dies_after)
    try:
        end = await ended(on_bluesky, job)
    except Died:
        end = await ended(on_bluesky, job)
    assert isinstance(end, Present)


@pytest.mark.parametrize("fault", matrix(FAULTS, at=Call.PUBLISH))
async def test_a_comment_survives_faults(on_bluesky: OnBluesky, fault: str) -> None:
    """A lost answer to the comment is repeated with the same key: one comment, whatever happened."""
    job = await on_bluesky.job(picture())
    live, _ = await on_bluesky.publish(job)
    assert live.external_id is not None
    await on_bluesky.fault("put_record", fault)
    comment = on_bluesky.platform.connector.comment
    with pytest.raises(OutcomeUnknown):
        await comment(job, live.external_id, "first", may_be_there=False)
    await comment(job, live.external_id, "first", may_be_there=True)
    [post] = await on_bluesky.live()
    assert post["comments"] == ["first"]
