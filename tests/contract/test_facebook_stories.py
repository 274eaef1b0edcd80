"""Stories of Facebook Pages: one picture or one video, and every fault at each of their calls."""

from dataclasses import replace
from datetime import timedelta

import pytest
from tests.contract.faults import AFTER_EFFECT, LATENCY, LOST, Fault, assert_consistent, assert_explained, code, matrix
from tests.contract.job import MemoryJob, Sample, picture
from tests.contract.on_facebook import settings
from tests.contract.on_graph import OnGraph

from presswork.platforms.errors import Rejected
from presswork.platforms.port import Present

KINDS = ["picture", "video"]
CALLS = {
    "picture": ("photos", "photo_stories"),
    "video": ("video_story_start", "upload", "video_story_finish"),
}
"""The calls of each kind in order; the last one makes it live."""


async def _story(on_facebook: OnGraph, sample_clip: Sample, kind: str) -> MemoryJob:
    samples = sample_clip if kind == "video" else picture()
    return await on_facebook.job(samples, caption="", options=settings(placement="story"))


@pytest.mark.parametrize("kind", KINDS)
async def test_story(on_facebook: OnGraph, sample_clip: Sample, kind: str) -> None:
    """A story is live once, without a text, with the id and the URL that the Page's list of stories has."""
    job = await _story(on_facebook, sample_clip, kind)
    end, post = await on_facebook.publish(job)
    assert (post["kind"], post["caption"], len(post["media"])) == ("story", "", 1)  # type: ignore[arg-type]  # a list
    assert job.prepared is not None
    await job.sleep(timedelta(minutes=1))  # it is listed late
    located = await on_facebook.platform.connector.locate(job, job.prepared, end.external_id)
    assert (located.external_id, located.external_url) == (post["externalId"], post["url"])


@pytest.mark.parametrize(
    ("kind", "operation", "fault"),
    matrix(
        (
            (kind, operation, fault)
            for kind, calls in CALLS.items()
            for operation in calls
            for fault in (LATENCY, *LOST, AFTER_EFFECT, code(4))
        ),
        publishing={calls[-1] for calls in CALLS.values()},
    ),
    ids=str,
)
async def test_passing_fault_costs_time_only(
    on_facebook: OnGraph, sample_clip: Sample, kind: str, operation: str, fault: Fault
) -> None:
    """Whatever happens once to a call, one story is live in the end."""
    job = await _story(on_facebook, sample_clip, kind)
    await on_facebook.fault(operation, fault.name, **fault.more(times=1))
    await on_facebook.publish(job)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("fault", ["drop_before_effect", "drop_after_effect", "late_effect"])
async def test_lasting_fault_has_a_true_outcome(
    on_facebook: OnGraph, sample_clip: Sample, kind: str, fault: str
) -> None:
    """A call that is lost every time: never two stories, nor a false outcome."""
    job = await _story(on_facebook, sample_clip, kind)
    more = {"value": {"ms": 900}} if fault == "late_effect" else {}
    await on_facebook.fault(CALLS[kind][-1], fault, times=-1, **more)  # type: ignore[arg-type]  # JSON
    end = await on_facebook.drive(job)
    assert_consistent(end, await on_facebook.live())
    assert_explained(end, job)


@pytest.mark.parametrize("kind", KINDS)
async def test_worker_that_dies_after_the_call(on_facebook: OnGraph, sample_clip: Sample, kind: str) -> None:
    """The next worker finds the story by its picture or video, and publishes no second one."""
    job = await _story(on_facebook, sample_clip, kind)
    connector = on_facebook.platform.connector
    job.prepared = await connector.prepare(job)
    job.live_call_at = job.now()
    await connector.make_live(replace(job, state=dict(job.state)), job.prepared)
    end = await on_facebook.drive(job)
    assert isinstance(end, Present)
    assert len(await on_facebook.live()) == 1


async def test_wide_video_is_no_story(on_facebook: OnGraph, wide_clip: Sample) -> None:
    """Facebook's limits of stories are checked before anything is uploaded."""
    job = await on_facebook.job(wide_clip, caption="", options=settings(placement="story"))
    end = await on_facebook.drive(job)
    assert isinstance(end, Rejected)
    assert "9:16" in end.message
    assert await on_facebook.calls("video_story_start") == 0
