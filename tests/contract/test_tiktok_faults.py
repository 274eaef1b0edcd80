"""Every fault of the sandbox on every operation of the TikTok connector: never two posts, and none is lost."""

from collections.abc import Sequence
from datetime import timedelta

import pytest
from pydantic import JsonValue
from tests.contract.faults import AFTER_EFFECT, LATENCY, Call, Fault, assert_consistent, code, matrix
from tests.contract.faults import LOST as FAULTS
from tests.contract.faults import assert_explained as explained
from tests.contract.job import End, MemoryJob, Sample, decide, picture
from tests.contract.on_tiktok import OnTikTok
from tests.contract.test_instagram_publishing import params_of
from tests.contract.test_tiktok_publishing import padded, sent
from tests.platforms.drafts import tiktok
from tests.tiers import exhaustive

from presswork.platforms.errors import CredentialInvalid, FailureCode, OutcomeUnknown, Rejected, TryLater
from presswork.platforms.port import Absent, Failed, Present
from presswork.worker.reconciliation import Unknown, Verdict

LOST = (*FAULTS, AFTER_EFFECT)
PASSING: Sequence[Fault] = (
    LATENCY,
    *LOST,
    code("internal_error"),
    Fault("token_expired"),
    code("rate_limit_exceeded"),
    code("spam_risk_too_many_posts"),
    code("reached_active_user_cap"),
    code("access_token_invalid"),
)
HARD: Sequence[Fault] = (
    Fault("stuck_processing"),
    Fault("media_error"),
    code("invalid_param"),
    code("scope_not_authorized"),
    code("spam_risk_user_banned_from_posting"),
    code("unaudited_client_can_only_post_to_private_accounts"),
    code("url_ownership_unverified"),
    code("privacy_level_option_mismatch"),
    code("invalid_publish_id"),
    code("token_not_authorized_for_specified_publish_id"),
    code("of_tomorrow"),
)
UPLOAD_CODES: Sequence[Fault] = tuple(code(status) for status in ("403", "404", "408", "416", "429", "503"))
"""Responses of the upload URL have no body, so its errors are HTTP statuses."""
OF_VIDEO = ("creator_info", "video_init", "upload", "status_fetch")
LIVE_CALLS = {"upload", "content_init"}
OF_PHOTO = ("creator_info", "content_init", "status_fetch")


def pairs(operations: Sequence[str], faults: Sequence[Fault]) -> list[tuple[str, Fault]]:
    """Return every operation with every fault that it can have."""
    of_posts = {"stuck_processing", "media_error"}
    return [
        (operation, fault)
        for operation in operations
        for fault in faults
        if not (fault.name in of_posts and operation == "creator_info")
        and not (fault.name in {"token_expired", "platform_error"} and operation == "upload")
    ]


def assert_explained(end: End, job: MemoryJob) -> None:
    """Check that a failure has a message and that nothing secret is in any text."""
    explained(end, job, "rft.", "upload_token", "act.", job.host.address)


@pytest.mark.parametrize(("operation", "fault"), matrix(pairs(OF_PHOTO, PASSING), publishing=LIVE_CALLS), ids=str)
async def test_photo_survives_a_temporary_fault(on_tiktok: OnTikTok, operation: str, fault: Fault) -> None:
    """A temporary fault only costs time and no option, unless TikTok had the pictures when its response was lost."""
    job = await on_tiktok.job(picture(), options=tiktok(title="Three loaves", is_ai_generated=True))
    await on_tiktok.fault(operation, fault.name, **fault.more(times=1))
    end = await on_tiktok.drive(job)
    assert_consistent(end, await on_tiktok.live())
    assert_explained(end, job)
    for post in await on_tiktok.live():
        assert (sent(post)["title"], params_of(post)["is_aigc"]) == ("Three loaves", True)
    was_fetched = any(job.host.fetches(url) for url in job.one_off_urls)
    assert isinstance(end, Present) or (operation == "content_init" and isinstance(end, Unknown) and was_fetched)


@pytest.mark.parametrize(("operation", "fault"), matrix(pairs(OF_VIDEO, PASSING), publishing=LIVE_CALLS), ids=str)
async def test_video_survives_a_temporary_fault(
    on_tiktok: OnTikTok, sample_clip: Sample, operation: str, fault: Fault
) -> None:
    """A temporary fault only costs time and no option: a video of one chunk is live, once."""
    job = await on_tiktok.job(sample_clip, options=tiktok(cover_timestamp_ms=1500, is_ai_generated=True))
    await on_tiktok.fault(operation, fault.name, **fault.more(times=1))
    end = await on_tiktok.drive(job)
    assert isinstance(end, Present)
    assert_consistent(end, await on_tiktok.live())
    assert_explained(end, job)
    (post,) = await on_tiktok.live()
    assert {"is_aigc": True, "video_cover_timestamp_ms": 1500}.items() <= sent(post).items()


@pytest.mark.parametrize(("skip", "times"), [*exhaustive([(0, 1), (1, 1)]), (0, 2), (1, 2)])
@pytest.mark.parametrize("fault", matrix([*LOST, *UPLOAD_CODES], at=Call.PUBLISH), ids=str)
async def test_chunks_survive_a_temporary_fault(
    on_tiktok: OnTikTok, sample_clip: Sample, fault: Fault, skip: int, times: int
) -> None:
    """The same, at the first and at the last chunk of two."""
    big = padded(sample_clip, 10_000_001)
    job = await on_tiktok.job(big)
    await on_tiktok.fault("upload", fault.name, **fault.more(times=times, skip=skip))
    end, post = await on_tiktok.publish(job)
    assert_explained(end, job)
    assert post["media"] == [
        {"sha256": big.media.sha256, "contentType": "video/mp4", "width": big.media.width, "height": big.media.height}
    ]


@pytest.mark.parametrize(("operation", "fault"), matrix(pairs(OF_PHOTO, HARD), publishing=LIVE_CALLS), ids=str)
async def test_photo_with_a_permanent_error_has_a_true_outcome(
    on_tiktok: OnTikTok, operation: str, fault: Fault
) -> None:
    """A permanent error, each time, ends the post; the outcome is true."""
    job = await on_tiktok.job(picture())
    await on_tiktok.fault(operation, fault.name, **fault.more(times=-1))
    end = await on_tiktok.drive(job)
    assert_consistent(end, await on_tiktok.live())
    assert_explained(end, job)


@pytest.mark.parametrize(("operation", "fault"), matrix(pairs(OF_VIDEO, HARD), publishing=LIVE_CALLS), ids=str)
async def test_video_with_a_permanent_error_has_a_true_outcome(
    on_tiktok: OnTikTok, sample_clip: Sample, operation: str, fault: Fault
) -> None:
    """The same for a video."""
    job = await on_tiktok.job(sample_clip)
    await on_tiktok.fault(operation, fault.name, **fault.more(times=-1))
    end = await on_tiktok.drive(job)
    assert_consistent(end, await on_tiktok.live())
    assert_explained(end, job)


@pytest.mark.parametrize(
    "fault", matrix([fault for fault in HARD if fault.name == "platform_error"], at=Call.READ), ids=str
)
async def test_a_permanent_error_of_a_status_read_decides_nothing(on_tiktok: OnTikTok, fault: Fault) -> None:
    """Whatever error one read of the status returns, the next one succeeds, and the post is live."""
    job = await on_tiktok.job(picture())
    await on_tiktok.fault("status_fetch", fault.name, **fault.more(times=1))
    await on_tiktok.publish(job)


@pytest.mark.parametrize(("operation", "fault"), matrix(pairs(OF_PHOTO, PASSING), publishing=LIVE_CALLS), ids=str)
async def test_photo_with_a_lasting_fault_has_a_true_outcome(on_tiktok: OnTikTok, operation: str, fault: Fault) -> None:
    """A lasting fault ends the post, or keeps it waiting at a limit; never with two posts or a false outcome."""
    job = await on_tiktok.job(picture())
    await on_tiktok.fault(operation, fault.name, **fault.more(times=-1))
    end = await on_tiktok.drive(job)
    assert_consistent(end, await on_tiktok.live())
    assert_explained(end, job)


@pytest.mark.parametrize(("operation", "fault"), matrix(pairs(OF_VIDEO, PASSING), publishing=LIVE_CALLS), ids=str)
async def test_video_with_a_lasting_fault_has_a_true_outcome(
    on_tiktok: OnTikTok, sample_clip: Sample, operation: str, fault: Fault
) -> None:
    """The same for a video."""
    job = await on_tiktok.job(sample_clip)
    await on_tiktok.fault(operation, fault.name, **fault.more(times=-1))
    end = await on_tiktok.drive(job)
    assert_consistent(end, await on_tiktok.live())
    assert_explained(end, job)


@pytest.mark.parametrize("fault", matrix([*UPLOAD_CODES, code("400")], at=Call.PUBLISH), ids=str)
async def test_upload_that_is_refused_for_ever(on_tiktok: OnTikTok, sample_clip: Sample, fault: Fault) -> None:
    """An upload URL that never accepts the video ends the post, or keeps it waiting; nothing is live."""
    job = await on_tiktok.job(sample_clip)
    await on_tiktok.fault("upload", fault.name, **fault.more(times=-1))
    end = await on_tiktok.drive(job)
    assert isinstance(end, Rejected | TryLater)
    assert_explained(end, job)
    assert await on_tiktok.live() == []


async def until_settled(on_tiktok: OnTikTok, job: MemoryJob, prepared: dict[str, JsonValue]) -> Verdict:
    """Look up until the worker's judge decides."""
    job.prepared = prepared
    return await decide(on_tiktok.platform.connector, job, on_tiktok.retry_policy)


async def test_last_chunk_stored_and_response_lost(on_tiktok: OnTikTok, sample_clip: Sample) -> None:
    """The video was accepted and the response is lost: it is found by its publish id, and nothing is sent again."""
    job = await on_tiktok.job(sample_clip)
    await on_tiktok.fault("upload", "drop_after_effect")
    await on_tiktok.publish(job)
    assert (await on_tiktok.calls("upload"), await on_tiktok.calls("video_init")) == (1, 1)


async def test_lost_last_chunk_is_polled_before_it_is_sent_again(on_tiktok: OnTikTok, sample_clip: Sample) -> None:
    """The chunk never arrived: TikTok's count must not change first, and the same upload gets the second one."""
    connector = on_tiktok.platform.connector
    job = await on_tiktok.job(sample_clip)
    prepared = dict(await connector.prepare(job))
    job.live_call_at = called_at = job.now()
    await on_tiktok.fault("upload", "drop_before_effect")
    with pytest.raises(OutcomeUnknown):
        await connector.make_live(job, prepared)
    outcome = await until_settled(on_tiktok, job, prepared)
    assert isinstance(outcome, Absent)
    assert job.now() - called_at >= on_tiktok.retry_policy.republish_after
    await job.revert(outcome.changes, starts_over=False)
    job.live_call_at = job.now()
    await connector.make_live(job, prepared)
    assert isinstance(await until_settled(on_tiktok, job, prepared), Present)
    assert await on_tiktok.calls("video_init") == 1
    assert len(await on_tiktok.live()) == 1


async def test_a_last_chunk_that_is_sent_twice_is_one_post(on_tiktok: OnTikTok, sample_clip: Sample) -> None:
    """Why a repetition is safe: an upload becomes one post at most, however often its last chunk is sent."""
    connector = on_tiktok.platform.connector
    job = await on_tiktok.job(sample_clip)
    prepared = await connector.prepare(job)
    job.live_call_at = job.now()
    await on_tiktok.fault("upload", "drop_after_effect")
    with pytest.raises(OutcomeUnknown):
        await connector.make_live(job, prepared)
    with pytest.raises((OutcomeUnknown, TryLater)):
        await connector.make_live(job, prepared)
    assert isinstance(await until_settled(on_tiktok, job, dict(prepared)), Present)
    assert len(await on_tiktok.live()) == 1


async def test_an_upload_that_expired_before_the_last_chunk(on_tiktok: OnTikTok, sample_clip: Sample) -> None:
    """An hour passes between the chunks: another upload is opened, and one post exists."""
    connector = on_tiktok.platform.connector
    job = await on_tiktok.job(sample_clip)
    prepared = await connector.prepare(job)
    await job.sleep(timedelta(minutes=61))
    job.live_call_at = job.now()
    with pytest.raises(TryLater) as gone:
        await connector.make_live(job, prepared)
    assert gone.value.starts_over
    assert "upload" in gone.value.message
    job.live_call_at = None
    await on_tiktok.publish(job)
    assert await on_tiktok.calls("video_init") == 2


async def test_a_worker_that_died_before_the_last_chunk(on_tiktok: OnTikTok, sample_clip: Sample) -> None:
    """The worker had announced the call and never made it: the look-up finds nothing, and the next worker completes it."""
    job = await on_tiktok.job(sample_clip)
    prepared = dict(await on_tiktok.platform.connector.prepare(job))
    job.live_call_at = job.now()
    assert isinstance(await until_settled(on_tiktok, job, prepared), Absent)
    job.live_call_at = job.looks = None
    await on_tiktok.publish(job)


async def test_a_worker_that_died_before_the_init_of_a_photo_post(on_tiktok: OnTikTok) -> None:
    """The worker had announced the call and never made it: the picture was not fetched, so a new attempt is safe."""
    job = await on_tiktok.job(picture())
    prepared = dict(await on_tiktok.platform.connector.prepare(job))
    job.live_call_at = job.now()
    seen = await on_tiktok.platform.connector.look_up(job, prepared)
    assert isinstance(seen, Failed)
    assert isinstance(seen.reason, TryLater)
    assert seen.reason.starts_over
    job.live_call_at = None
    await on_tiktok.publish(job)


async def test_an_upload_task_that_TikTok_forgets(on_tiktok: OnTikTok, sample_clip: Sample) -> None:  # noqa: N802  a name
    """A restarted worker opens a new upload when the stored one is too old."""
    job = await on_tiktok.job(padded(sample_clip, 10_000_001))
    await on_tiktok.platform.connector.prepare(job)
    await job.sleep(timedelta(minutes=70))
    await on_tiktok.publish(job)
    assert await on_tiktok.calls("video_init") == 2
    assert await on_tiktok.calls("upload") == 3


async def test_endless_processing_is_never_repeated(on_tiktok: OnTikTok, sample_clip: Sample) -> None:
    """TikTok processes without end: the outcome is unknown after the limit, and one init was sent."""
    job = await on_tiktok.job(sample_clip)
    await on_tiktok.fault("video_init", "stuck_processing", times=-1)
    began = job.now()
    end = await on_tiktok.drive(job)
    assert isinstance(end, Unknown)
    assert job.now() - began >= on_tiktok.retry_policy.processing_limit
    assert await on_tiktok.calls("video_init") == 1


async def test_status_reads_stay_within_the_minute_limit(on_tiktok: OnTikTok, sample_clip: Sample) -> None:
    """Ten minutes of polling a post that never completes never reach TikTok's limit of 30 a minute."""
    job = await on_tiktok.job(sample_clip)
    await on_tiktok.fault("video_init", "stuck_processing", times=-1)
    await on_tiktok.drive(job)
    reads = await on_tiktok.sandbox.requests("tiktok", "status_fetch")
    assert len(reads) > 20
    assert {read["status"] for read in reads} == {200}


async def test_a_banned_account(on_tiktok: OnTikTok) -> None:
    """TikTok reports it with HTTP 200 before anything is sent: the post fails because of the account."""
    job = await on_tiktok.job(picture())
    await on_tiktok.fault("creator_info", "platform_error", value={"code": "spam_risk_user_banned_from_posting"})
    end = await on_tiktok.drive(job)
    assert isinstance(end, Rejected)
    assert end.failure is FailureCode.ACCOUNT_NOT_ELIGIBLE
    assert end.platform_code == "spam_risk_user_banned_from_posting"
    assert await on_tiktok.calls("content_init") == 0


@pytest.mark.parametrize("operation", ["creator_info", "content_init", "status_fetch"])
async def test_an_invalid_access_token_is_renewed_once(on_tiktok: OnTikTok, operation: str) -> None:
    """The token becomes invalid: it is refreshed once, the refused call is sent again, and one post is live."""
    job = await on_tiktok.job(picture())
    await on_tiktok.fault(operation, "token_expired")
    await on_tiktok.publish(job)
    assert job.renewals == 1
    assert await on_tiktok.calls("refresh") == 1


@pytest.mark.parametrize("operation", ["creator_info", "content_init"])
async def test_an_invalid_grant_ends_the_post(on_tiktok: OnTikTok, operation: str) -> None:
    """The refresh token is invalid too: the account must be connected again, and nothing is live."""
    job = await on_tiktok.job(picture())
    await on_tiktok.fault(operation, "token_expired", times=-1)
    await on_tiktok.fault("refresh", "token_expired", times=-1)
    end = await on_tiktok.drive(job)
    assert isinstance(end, CredentialInvalid)
    assert await on_tiktok.live() == []
    assert_explained(end, job)


async def test_an_invalid_grant_after_the_post_was_sent_is_no_failure(on_tiktok: OnTikTok) -> None:
    """The post went live and the token became invalid before the status was read: unknown, not failed, and one post."""
    job = await on_tiktok.job(picture())
    await on_tiktok.fault("status_fetch", "token_expired", times=-1)
    await on_tiktok.fault("refresh", "token_expired", times=-1)
    end = await on_tiktok.drive(job)
    assert isinstance(end, Unknown)
    assert len(await on_tiktok.live()) == 1
