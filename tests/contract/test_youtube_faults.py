"""Every fault of the sandbox on every operation of the YouTube connector: never two videos that others see, and none is lost."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta

import pytest
from pydantic import JsonValue
from tests.contract.faults import LATENCY, LOST, Call, Fault, assert_consistent, code, matrix, sparse_lasting
from tests.contract.faults import assert_explained as explained
from tests.contract.job import End, MemoryJob, Sample, decide, retrying
from tests.contract.on_youtube import OnYouTube
from tests.contract.test_tiktok_publishing import padded

from presswork.platforms.errors import OutcomeUnknown, Rejected
from presswork.platforms.port import Absent, Present
from presswork.platforms.youtube.prepare import CHUNK_UNIT

PUBLISHING = ("videos_insert", "upload", "videos_list", "videos_update")
LIVE_CALL = {"videos_update"}


PASSING: Sequence[Fault] = (
    LATENCY,
    *LOST,
    Fault("token_expired"),
    code("backendError"),
    code("rateLimitExceeded"),
    code("userRateLimitExceeded"),
    code("authError"),
)
WAITING: Sequence[Fault] = (code("quotaExceeded"), code("dailyLimitExceeded"), code("uploadLimitExceeded"))
"""Limits of a day."""
HARD: Sequence[Fault] = (
    code("invalidTitle"),
    code("invalidTags"),
    code("forbidden"),
    code("insufficientPermissions"),
    code("accessNotConfigured"),
    code("youtubeSignupRequired"),
    code("forbiddenPrivacySetting"),
    code("videoNotFound"),
    code("ofTomorrow"),
)
LASTING: Sequence[Fault] = (*PASSING, *WAITING, *HARD)


def pairs(operations: Sequence[str], faults: Sequence[Fault]) -> list[tuple[str, Fault]]:
    """Return every operation with every fault."""
    return [(operation, fault) for operation in operations for fault in faults]


def assert_explained(end: End, job: MemoryJob) -> None:
    """Check that a failure has a message and that nothing secret is in any text."""
    explained(end, job, "1//", "upload_id", "app-secret")


@pytest.mark.parametrize(
    ("operation", "fault", "skip"),
    matrix(
        [*((*pair, 0) for pair in pairs(PUBLISHING, PASSING)), *((*pair, 1) for pair in pairs(["upload"], PASSING))],
        publishing=LIVE_CALL,
    ),
    ids=str,
)
async def test_temporary_fault_is_retried(
    on_youtube: OnYouTube, sample_clip: Sample, operation: str, fault: Fault, skip: int
) -> None:
    """A temporary fault only costs time: exactly one video is visible, and it was uploaded once."""
    job = await on_youtube.job(padded(sample_clip, 2 * CHUNK_UNIT + 1))
    await on_youtube.fault(operation, fault.name, **fault.more(times=1, skip=skip))
    end = await on_youtube.drive(job)
    assert isinstance(end, Present)
    assert_consistent(end, await on_youtube.live())
    assert len(await on_youtube.videos()) == 1
    assert_explained(end, job)


@pytest.mark.parametrize(
    ("operation", "fault"),
    matrix([*pairs(PUBLISHING[:-1], sparse_lasting(LASTING)), *pairs(PUBLISHING[-1:], LASTING)], publishing=LIVE_CALL),
    ids=str,
)
async def test_lasting_fault_has_a_true_outcome(
    on_youtube: OnYouTube, sample_clip: Sample, operation: str, fault: Fault
) -> None:
    """A lasting fault ends the post, or keeps it waiting; never with two visible videos or a false outcome."""
    job = await on_youtube.job(sample_clip)
    await on_youtube.fault(operation, fault.name, **fault.more(times=-1))
    end = await on_youtube.drive(job)
    assert_consistent(end, await on_youtube.live())
    assert_explained(end, job)


@pytest.mark.parametrize("fault", ["stuck_processing", "media_error"])
async def test_video_that_youtube_does_not_process(on_youtube: OnYouTube, sample_clip: Sample, fault: str) -> None:
    """A video that fails or is never processed ends the post, and nothing is visible."""
    job = await on_youtube.job(sample_clip)
    await on_youtube.fault("videos_insert", fault, times=-1)
    end = await on_youtube.drive(job)
    assert isinstance(end, Rejected)
    assert_explained(end, job)
    assert await on_youtube.live() == []


@pytest.mark.parametrize("skip", [0, 1, 2])
@pytest.mark.parametrize("fault", matrix(LOST, at=Call.WRITE), ids=str)
async def test_chunks_survive_lost_responses(
    on_youtube: OnYouTube, sample_clip: Sample, fault: Fault, skip: int
) -> None:
    """Two lost responses in a row, at the first, a middle and the last chunk: one session, one video."""
    job = await on_youtube.job(padded(sample_clip, 2 * CHUNK_UNIT + 1))
    await on_youtube.fault("upload", fault.name, **fault.more(times=2, skip=skip))
    await on_youtube.publish(job)
    assert await on_youtube.calls("videos_insert") == 1
    assert len(await on_youtube.videos()) == 1


@pytest.mark.parametrize("status", ["404", "410"])
async def test_session_that_is_gone(on_youtube: OnYouTube, sample_clip: Sample, status: str) -> None:
    """A session that is gone before the last byte is replaced; one video exists."""
    job = await on_youtube.job(padded(sample_clip, 2 * CHUNK_UNIT + 1))
    value: JsonValue = {"code": "notFound", "status": int(status)}
    await on_youtube.fault("upload", "platform_error", value=value, times=1, skip=1)
    await on_youtube.publish(job)
    assert await on_youtube.calls("videos_insert") == 2
    assert len(await on_youtube.videos()) == 1


async def test_worker_that_dies_after_each_save(on_youtube: OnYouTube, sample_clip: Sample) -> None:
    """A worker that dies right after any save leaves a post that the next one completes: one video, uploaded once."""
    for point in range(1, 6):
        await on_youtube.sandbox.reset()
        job = await on_youtube.job(padded(sample_clip, 2 * CHUNK_UNIT + 1))
        dying = _DyingJob(job, point)
        with suppress(_Died):  # a post with fewer saves completes
            await on_youtube.platform.connector.prepare(dying)  # type: ignore[arg-type]  # the port's Job by delegation
        await on_youtube.publish(job)
        assert len(await on_youtube.videos()) == 1
        assert await on_youtube.calls("videos_insert") == 1


async def test_worker_that_dies_before_the_live_call(on_youtube: OnYouTube, sample_clip: Sample) -> None:
    """The worker had announced the call and never made it: the video is private, and the next worker makes it visible."""
    job = await on_youtube.job(sample_clip)
    job.prepared = await on_youtube.platform.connector.prepare(job)
    job.live_call_at = job.now()
    assert isinstance(await decide(on_youtube.platform.connector, job, on_youtube.retry_policy), Absent)
    job.live_call_at = job.looks = None
    await on_youtube.publish(job)


async def test_live_call_that_is_repeated_is_one_video(on_youtube: OnYouTube, sample_clip: Sample) -> None:
    """Why a repetition is safe: the call sets the visibility of one video."""
    job = await on_youtube.job(sample_clip)
    prepared = dict(await on_youtube.platform.connector.prepare(job))
    job.live_call_at = job.now()
    await on_youtube.fault("videos_update", "drop_after_effect")
    with pytest.raises(OutcomeUnknown):
        await on_youtube.platform.connector.make_live(job, prepared)
    await on_youtube.platform.connector.make_live(job, prepared)
    assert isinstance(await on_youtube.platform.connector.look_up(job, prepared), Present)
    assert len(await on_youtube.videos()) == 1


@pytest.mark.parametrize("operation", PUBLISHING)
async def test_dead_grant_ends_the_post(on_youtube: OnYouTube, sample_clip: Sample, operation: str) -> None:
    """The refresh token is invalid too: nothing is visible, unless the call was made before."""
    job = await on_youtube.job(sample_clip)
    await on_youtube.fault(operation, "token_expired", times=-1)
    await on_youtube.fault("refresh", "token_expired", times=-1)
    end = await on_youtube.drive(job)
    assert_consistent(end, await on_youtube.live())
    assert_explained(end, job)


@pytest.mark.parametrize(
    "fault", matrix((fault for fault in PASSING if fault.name != "latency"), at=Call.PUBLISH), ids=str
)
async def test_comment_is_never_doubled(on_youtube: OnYouTube, sample_clip: Sample, fault: Fault) -> None:
    """Whatever happens to the response, exactly one comment exists in the end."""
    job = await on_youtube.job(sample_clip)
    end, _ = await on_youtube.publish(job)
    video_id = end.external_id
    assert video_id is not None
    await on_youtube.fault("comment_threads_insert", fault.name, **fault.more(times=1))
    tries = 0

    async def write() -> None:
        nonlocal tries
        tries += 1
        await on_youtube.platform.connector.comment(job, video_id, "First!", may_be_there=tries > 1)

    async def write_over_limits() -> None:
        await retrying(job, write)

    await retrying(job, write_over_limits, over=OutcomeUnknown)
    [post] = await on_youtube.live()
    assert post["comments"] == ["First!"]


async def test_limit_of_a_day_ends_at_midnight_pacific(on_youtube: OnYouTube, sample_clip: Sample) -> None:
    """A used-up quota waits for its reset, and then the post goes out."""
    job = await on_youtube.job(sample_clip)
    await on_youtube.fault("videos_insert", "platform_error", value={"code": "quotaExceeded"}, times=1)
    began = job.now()
    await on_youtube.publish(job)
    assert timedelta() < job.now() - began <= timedelta(hours=25, minutes=5)


class _Died(Exception):
    """The process ended here."""


class _DyingJob:
    """A job whose process dies right after a save."""

    def __init__(self, job: MemoryJob, saves_left: int) -> None:
        self._job = job
        self._saves_left = saves_left

    def __getattr__(self, name: str) -> object:
        return getattr(self._job, name)

    async def save(self, **changes: JsonValue) -> None:
        await self._job.save(**changes)
        self._saves_left -= 1
        if self._saves_left == 0:
            raise _Died
