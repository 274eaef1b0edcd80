"""Every fault at every call of a post on the sandbox's Bluesky: it is live exactly once, or not at all."""

from itertools import product
from typing import Final

import pytest
from pydantic import JsonValue
from tests.contract.faults import Call, matrix
from tests.contract.job import End, MemoryJob, Sample, picture
from tests.contract.on_bluesky import Died, DyingJob, OnBluesky
from tests.tiers import exhaustive

from presswork.platforms.errors import CredentialInvalid, FailureCode, OutcomeUnknown, Rejected
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
