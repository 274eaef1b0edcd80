"""Faults that Threads' connector treats in its own way: a container that is not found, and errors of containers."""

import pytest
from tests.contract.faults import code
from tests.contract.job import Sample, picture
from tests.contract.on_graph import OnGraph
from tests.contract.on_threads import NOT_FOUND

from presswork.platforms.errors import FailureCode, Rejected, TryLater
from presswork.platforms.port import Present


async def created(on_threads: OnGraph) -> int:
    """Count the calls that made containers."""
    return len([call for call in await on_threads.requests("create") if call["method"] == "POST"])


@pytest.mark.parametrize("times", [1, 2])
async def test_a_container_that_is_not_found_is_made_again(on_threads: OnGraph, times: int) -> None:
    """24/4279009 right after FINISHED: another container is created each time, and one post is live."""
    job = await on_threads.job(picture())
    await on_threads.fault("publish", NOT_FOUND.name, **NOT_FOUND.more(times=times))
    assert isinstance(await on_threads.drive(job), Present)
    assert await created(on_threads) == 1 + times
    assert len(await on_threads.live()) == 1


async def test_three_lost_containers_end_the_post(on_threads: OnGraph) -> None:
    """24/4279009 for the third container: the post fails with the code, and nothing is live."""
    job = await on_threads.job(picture())
    await on_threads.fault("publish", NOT_FOUND.name, **NOT_FOUND.more(times=-1))
    end = await on_threads.drive(job)
    assert isinstance(end, Rejected)
    assert (end.failure, end.platform_code) == (FailureCode.PLATFORM_UNAVAILABLE, "24/4279009")
    assert "That happened 3 times" in end.message
    assert await created(on_threads) == 3
    assert await on_threads.live() == []


async def test_a_container_that_is_not_found_but_published_is_live(on_threads: OnGraph) -> None:
    """The answer was lost, and the next call says 24/4279009: the container says PUBLISHED, so the post is live, once."""
    connector = on_threads.platform.connector
    job = await on_threads.job(picture())
    prepared = await connector.prepare(job)
    job.live_call_at = job.now()
    assert isinstance(await connector.make_live(job, prepared), Present)
    await on_threads.fault("publish", NOT_FOUND.name, **NOT_FOUND.more(times=1))
    assert isinstance(await connector.make_live(job, prepared), Present)
    assert len(await on_threads.live()) == 1


async def test_a_limit_with_an_unknown_code_waits(on_threads: OnGraph) -> None:
    """A limit without a documented code waits like a used-up quota, and is not final."""
    job = await on_threads.job(picture())
    prepared = await on_threads.platform.connector.prepare(job)
    job.live_call_at = job.now()
    await on_threads.fault("publish", "platform_error", value={"code": 4711, "message": "Publishing limit reached"})
    with pytest.raises(TryLater) as limited:
        await on_threads.platform.connector.make_live(job, prepared)
    assert limited.value.is_throttled
    assert await on_threads.live() == []


@pytest.mark.parametrize(
    ("message", "tries"), [("UNKNOWN", 3), ("FAILED_PROCESSING_VIDEO", 3), ("INVALID_DURATION", 1)]
)
async def test_a_video_that_threads_can_not_process(
    on_threads: OnGraph, sample_clip: Sample, message: str, tries: int
) -> None:
    """A container in ERROR fails the post as MEDIA_REJECTED with Threads' name for it; what may pass is tried three times."""
    job = await on_threads.job(sample_clip)
    await on_threads.fault("create", "media_error", times=-1, value={"message": message})
    end = await on_threads.drive(job)
    assert isinstance(end, Rejected)
    assert (end.failure, end.platform_code) == (FailureCode.MEDIA_REJECTED, message)
    assert await created(on_threads) == tries
    assert await on_threads.live() == []


async def test_a_restricted_account(on_threads: OnGraph) -> None:
    """4279013 on publish: nothing is live, and the post fails with what the person has to do."""
    fault = code(25, 4279013)
    job = await on_threads.job(picture())
    await on_threads.fault("publish", fault.name, **fault.more(times=1))
    end = await on_threads.drive(job)
    assert isinstance(end, Rejected)
    assert (end.failure, "Open the Threads app" in end.message) == (FailureCode.ACCOUNT_NOT_ELIGIBLE, True)
    assert await on_threads.live() == []
    assert await on_threads.calls("publish") == 1
