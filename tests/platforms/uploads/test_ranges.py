"""The loop over the ranges of an upload, and the poll of what was uploaded, against scripted platforms."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import ClassVar
from uuid import uuid4

import pytest
from tests.clocks import JumpingClock
from tests.contract.job import MediaHost, MemoryJob

from presswork.platforms import plugin
from presswork.platforms.errors import FailureCode, Rejected, TryLater
from presswork.platforms.port import MediaType, TargetAccount, Tokens
from presswork.platforms.settings import Settings
from presswork.platforms.uploads.processing import poll
from presswork.platforms.uploads.ranges import (
    Accepted,
    Complete,
    Forgotten,
    RangeOutcome,
    Refused,
    Unknown,
    UploadForgotten,
    note_reopening,
    send_ranges,
    upload_timeout,
)

POLICY = plugin.test_retry_policy(Settings())
LOST = Unknown(reason="the connection broke")
END = 30


@dataclass(slots=True)
class Upload:
    """An upload of 30 bytes that has these outcomes."""

    step: ClassVar[str] = "upload"
    retry: ClassVar[str] = "From byte {position} ({reason}). Again{later}."
    stall: ClassVar[str] = "No progress ({reason})."
    outcomes: Sequence[RangeOutcome]
    positions: Sequence[RangeOutcome] = ()
    sent: list[int] = field(default_factory=list)
    asked: int = 0

    async def send(self, position: int) -> RangeOutcome:
        """Return the next outcome."""
        self.sent.append(position)
        return self.outcomes[len(self.sent) - 1]

    async def find_position(self) -> RangeOutcome:
        """Return the next outcome of a question about the position."""
        self.asked += 1
        return self.positions[self.asked - 1]


@pytest.fixture
def job() -> MemoryJob:
    """A post."""
    return MemoryJob(
        account=TargetAccount(id=uuid4(), external_id="1", handle="brand", scopes=frozenset()),
        samples=[],
        media_type=MediaType.VIDEO,
        caption="",
        tokens=Tokens(access_token="t", issued_at=datetime.now(UTC), expires_at=None),
        clock=JumpingClock(),
        host=MediaHost(),
    )


async def run(job: MemoryJob, upload: Upload, start: RangeOutcome = Accepted(0)) -> Accepted | Complete:  # noqa: B008  frozen
    """Send the ranges, with three tries."""
    return await send_ranges(job, POLICY, upload, start, end=END, max_tries=3)


async def test_each_range_begins_where_the_platform_is(job: MemoryJob) -> None:
    """What has arrived decides, not what was sent; the end may be a position, or the platform's own response."""
    upload = Upload([Accepted(7), Accepted(20), Accepted(30)])
    assert await run(job, upload) == Accepted(30)
    assert (upload.sent, job.notes) == ([0, 7, 20], [])
    last = Upload([Complete({"id": "v"})])
    assert await run(job, last, Accepted(20)) == Complete({"id": "v"})
    assert last.sent == [20]


async def test_a_lost_response_is_asked_about(job: MemoryJob) -> None:
    """The position is read after a pause; progress makes the tries begin again."""
    upload = Upload(
        [LOST, LOST, Accepted(10), LOST, LOST, Accepted(30)], [Accepted(0), Accepted(0)] + [Accepted(10)] * 2
    )
    began = job.now()
    assert await run(job, upload) == Accepted(30)
    assert upload.sent == [0, 0, 0, 10, 10, 10]
    assert job.now() - began >= 2 * (POLICY.backoff(0) + POLICY.backoff(1))
    assert [note.event for note in job.notes] == ["retrying"] * 4
    assert job.notes[3].message.startswith("From byte 10 (the connection broke). Again in ")


@pytest.mark.parametrize("stuck", [LOST, Accepted(0)], ids=["lost", "nothing new"])
async def test_an_upload_that_stalls_is_left_for_later(job: MemoryJob, stuck: RangeOutcome) -> None:
    """After the last try the worker waits: nothing more is sent."""
    upload = Upload([stuck] * 9, [Accepted(0)] * 9)
    with pytest.raises(TryLater, match="No progress"):
        await run(job, upload)
    assert upload.sent == [0, 0, 0]


async def test_what_ends_an_upload(job: MemoryJob) -> None:
    """A forgotten upload has to be opened again; a refusal is raised as it is."""
    with pytest.raises(UploadForgotten, match="HTTP 404"):
        await run(job, Upload([Accepted(10), Forgotten("HTTP 404")]))
    limit = TryLater("Too many.", step="upload", is_throttled=True)
    with pytest.raises(TryLater) as refused:
        await run(job, Upload([LOST], [Refused(limit)]))
    assert refused.value is limit


async def test_silent_outcomes(job: MemoryJob) -> None:
    """An outcome may need no pause, and no mention in the timeline: a renewed token, for example."""
    began = job.now()
    renewed = Unknown(reason="the token was refused", needs_pause=False, is_noted=False)
    assert await run(job, Upload([renewed, Accepted(30)], [Accepted(0)])) == Accepted(30)
    assert (job.now() - began < POLICY.backoff_first, job.notes) == (True, [])


async def test_an_upload_is_opened_again_a_few_times(job: MemoryJob) -> None:
    """Each time is in the timeline; the last one ends the post."""
    await note_reopening(job, "It dropped the upload", "HTTP 404", count=1, max_count=2, step="upload")
    assert [note.message for note in job.notes] == ["It dropped the upload (HTTP 404). Another one is opened."]
    with pytest.raises(Rejected, match="dropped the upload 2 times before it was complete") as end:
        await note_reopening(job, "It dropped the upload", "HTTP 404", count=2, max_count=2, step="upload")
    assert end.value.failure is FailureCode.PLATFORM_UNAVAILABLE


def test_large_ranges_have_more_time() -> None:
    """The time-out is meant for 64 MB, and multiplied for more."""
    sizes = [1, 64_000_000, 64_000_001, 640_000_000]
    assert [upload_timeout(POLICY, size) / POLICY.timeouts.upload for size in sizes] == [1, 1, 2, 10]


@pytest.mark.parametrize("waits_first", [False, True])
async def test_processing_is_polled(job: MemoryJob, *, waits_first: bool) -> None:
    """The waits grow by half; the last report is returned, whether it is the end or the time is over."""
    reports, began = [1, 2, 3], job.now()

    async def read() -> int:
        return reports.pop(0)

    async def read_on() -> int:
        return 0

    assert await poll(job, POLICY, read, until=lambda n: n == 3, since=began, waits_first=waits_first) == 3
    first = POLICY.poll_first
    waits = [first, min(first * 1.5, POLICY.poll_max), min(first * 2.25, POLICY.poll_max)][: 2 + waits_first]
    assert abs(job.now() - began - sum(waits, timedelta())) < timedelta(seconds=1)
    limit = timedelta(minutes=1)
    since = job.now()
    assert await poll(job, POLICY, read_on, until=lambda n: n == 3, since=since, limit=limit) == 0
    assert limit <= job.now() - since <= limit + POLICY.poll_max + timedelta(seconds=1)
