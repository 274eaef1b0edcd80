"""Videos: what Facebook reports of one, and uploads in chunks."""

from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Protocol
from uuid import UUID

import pytest
from pydantic import JsonValue
from tests.clocks import JumpingClock
from tests.contract.job import MediaHost, MemoryJob
from tests.platforms.rows import each_row

from presswork.platforms import plugin
from presswork.platforms.errors import OutcomeUnknown, PlatformError, Rejected, TryLater
from presswork.platforms.facebook_pages.error_mapping import FACEBOOK
from presswork.platforms.facebook_pages.videos import (
    REEL_API,
    VIDEO_API,
    ChunkedUpload,
    VideoStatus,
    opened,
    outcome_of,
)
from presswork.platforms.graph.client import Graph
from presswork.platforms.graph.containers import POST, Container, ContainerMaker, Publication, StatusCode
from presswork.platforms.graph.publish import PublishCall
from presswork.platforms.port import MediaFile, MediaType, Processing, TargetAccount, Tokens
from presswork.platforms.settings import Settings
from presswork.platforms.transport import Transport

CALLED_AT = datetime(2026, 11, 24, 12, tzinfo=UTC)
VIDEO, VIDEOS = "/v26.0/55", "/v26.0/1027/videos"
COMPLETE: JsonValue = {"status": "complete"}
PUBLISHED: JsonValue = {"status": "complete", "publish_status": "published", "publish_time": 1764000000}


class Host(Protocol):
    """The part of the loopback server that these tests use."""

    address: str
    seen: list[tuple[str, Mapping[str, str], Mapping[str, str]]]

    def give(self, path: str, body: JsonValue, *, status: int = 200) -> None: ...


@pytest.fixture
async def transport() -> AsyncIterator[Transport]:
    """An HTTP client."""
    async with Transport(name="facebook_pages") as opened_transport:
        yield opened_transport


@pytest.fixture
def graph(answers: Host, transport: Transport) -> Graph:
    """Graph, at the loopback server."""
    policy = plugin.test_retry_policy(Settings())
    return Graph(FACEBOOK, base=answers.address, api_version="v26.0", transport=transport, retry_policy=policy)


@pytest.fixture
def job() -> MemoryJob:
    """A post whose live call was made at noon."""
    return MemoryJob(
        account=TargetAccount(id=UUID(int=1), external_id="1027", handle="brand", scopes=frozenset()),
        samples=[],
        media_type=MediaType.VIDEO,
        caption="Hello",
        tokens=Tokens(access_token="EAA", issued_at=CALLED_AT, expires_at=None),
        clock=JumpingClock(),
        host=MediaHost(),
        live_call_at=CALLED_AT,
    )


def phases(video_status: str, **parts: JsonValue) -> dict[str, JsonValue]:
    """Return a video with these phases."""
    return {
        "id": "55",
        "status": {"video_status": video_status, **{f"{name}_phase": one for name, one in parts.items()}},
    }


NOT_STARTED: JsonValue = {"status": "not_started"}
STATUSES: list[tuple[str, dict[str, JsonValue], StatusCode]] = [
    ("published", phases("ready", publishing=PUBLISHED), StatusCode.PUBLISHED),
    ("completed", phases("ready", publishing={"status": "completed"}), StatusCode.PUBLISHED),
    ("published by name", phases("processing", publishing={"publish_status": "published"}), StatusCode.PUBLISHED),
    ("draft", phases("ready", publishing={"status": "complete", "publish_status": "draft"}), StatusCode.FINISHED),
    (
        "scheduled",
        phases("ready", publishing={"status": "complete", "publish_status": "scheduled"}),
        StatusCode.FINISHED,
    ),
    ("ready alone", phases("ready"), StatusCode.FINISHED),
    ("ready and published", phases("ready") | {"published": True}, StatusCode.FINISHED),
    ("with a post", phases("ready") | {"published": True, "post_id": "1027_9"}, StatusCode.PUBLISHED),
    ("not started", phases("upload_complete", publishing=NOT_STARTED), StatusCode.FINISHED),
    ("not started, processing", phases("processing", publishing=NOT_STARTED), StatusCode.IN_PROGRESS),
    (
        "not started, processing by its phase",
        phases("upload_complete", processing={"status": "in_progress"}, publishing=NOT_STARTED),
        StatusCode.IN_PROGRESS,
    ),
    ("in progress", phases("processing", publishing={"status": "in_progress"}), StatusCode.IN_PROGRESS),
    ("error", phases("error", publishing=NOT_STARTED), StatusCode.ERROR),
    ("expired", phases("expired"), StatusCode.ERROR),
    ("upload failed", phases("upload_failed"), StatusCode.ERROR),
    ("processing error", phases("processing", processing={"status": "error"}), StatusCode.ERROR),
    ("publishing error", phases("ready", publishing={"publish_status": "error"}), StatusCode.ERROR),
    ("nothing", {"id": "55"}, StatusCode.FINISHED),
]


@pytest.mark.parametrize(("video", "code"), [case[1:] for case in STATUSES], ids=[case[0] for case in STATUSES])
async def test_status_of_a_video(
    graph: Graph, answers: Host, job: MemoryJob, video: dict[str, JsonValue], code: StatusCode
) -> None:
    """Only the publishing phase, or a named post, says that a video is live; "ready" does not."""
    await job.sleep(timedelta(minutes=5))
    answers.give(VIDEO, video)
    assert (await VideoStatus(graph, job).read("55")).code is code


async def test_a_video_in_processing_before_any_call_is_uploaded(graph: Graph, answers: Host, job: MemoryJob) -> None:
    """Nothing asked Facebook to publish it, so it can be asked now."""
    job.live_call_at = None
    answers.give(VIDEO, phases("processing", publishing=NOT_STARTED))
    assert (await VideoStatus(graph, job).read("55")).code is StatusCode.FINISHED


async def test_a_call_of_an_earlier_attempt_counts(graph: Graph, answers: Host, job: MemoryJob) -> None:
    """After a call that was taken for lost, too, a video in processing may be published."""
    await Publication(container_id="55").of_unsure_call(CALLED_AT).save(job)
    job.live_call_at = None
    answers.give(VIDEO, phases("processing", publishing=NOT_STARTED))
    assert (await VideoStatus(graph, job).read("55")).code is StatusCode.IN_PROGRESS


@pytest.mark.parametrize(
    ("was_called", "end"), [(False, Rejected), (True, OutcomeUnknown)], ids=["not called", "called"]
)
async def test_processing_without_an_end(
    graph: Graph, answers: Host, job: MemoryJob, end: type[PlatformError], *, was_called: bool
) -> None:
    """Media that is processed for an hour fails the post; if a call to publish it was made, the outcome is unknown."""
    policy, publication = plugin.test_retry_policy(Settings()), Publication(container_id="55")
    await (publication.of_unsure_call(CALLED_AT) if was_called else publication).save(job)
    answers.give(VIDEO, phases("processing", publishing={"status": "in_progress"}))
    maker = ContainerMaker(graph, REEL_API, policy, job, read=VideoStatus(graph, job).read)
    with pytest.raises(end, match="was still processing"):
        await maker.finish(POST, Container(id="55", created_at=job.now() - policy.processing_limit))


@pytest.mark.parametrize("video", [phases("ready", publishing=NOT_STARTED), phases("processing")])
async def test_a_confirmed_video_is_in_progress_until_it_is_published(
    graph: Graph, answers: Host, job: MemoryJob, video: dict[str, JsonValue]
) -> None:
    """After Facebook has confirmed the call, "not started" does not mean that it has to be made again."""
    await Publication(container_id="55", media_id="55").save(job)
    answers.give(VIDEO, video)
    assert (await VideoStatus(graph, job).read("55")).code is StatusCode.IN_PROGRESS


async def test_the_post_of_a_video_is_awaited_for_a_moment(graph: Graph, answers: Host, job: MemoryJob) -> None:
    """Right after it was published the post has no id yet: asked again, and after half a minute the video's own id counts."""
    now = int(job.now().timestamp())
    live: JsonValue = phases("ready", publishing={"status": "complete", "publish_time": now})
    answers.give(VIDEO, live)
    assert (await VideoStatus(graph, job).read("55")).code is StatusCode.IN_PROGRESS
    await job.sleep(timedelta(seconds=31))
    status = await VideoStatus(graph, job).read("55")
    assert (status.code, status.post_id) == (StatusCode.PUBLISHED, "55")


@pytest.mark.parametrize(
    "broken",
    [
        {"status": "error", "error": {"message": "Too short. See https://x.example/v.mp4?sig=secret"}},
        {"status": "error", "errors": [{"code": 1, "message": "Too short. See https://x.example/v.mp4?sig=secret"}]},
    ],
)
async def test_why_a_video_failed(graph: Graph, answers: Host, job: MemoryJob, broken: JsonValue) -> None:
    """Facebook's words are in the phase, in one of two places; the query of a URL is not repeated."""
    answers.give(VIDEO, phases("error", processing=broken))
    status = await VideoStatus(graph, job).read("55")
    assert status.message == "Too short. See https://x.example/v.mp4?…"


@each_row(
    ("response", "is_confirmed"),
    [({"success": True}, True), ({"post_id": "1027_9"}, True), ({"success": False}, False), ({}, False)],
)
def test_what_confirms_the_call(response: dict[str, JsonValue], *, is_confirmed: bool) -> None:
    """Facebook processes the video after it has confirmed the call; anything else leaves the outcome open."""
    found = outcome_of(response, retry_policy=plugin.test_retry_policy(Settings()))
    assert (found is not None) is is_confirmed


SIZE = 300_000
STARTED: dict[str, JsonValue] = {
    "upload_session_id": "77",
    "video_id": "55",
    "start_offset": "0",
    "end_offset": "100000",
}


async def send(graph: Graph, job: MemoryJob) -> Container:
    """Upload a file of SIZE bytes whose upload was just opened."""
    policy = plugin.test_retry_policy(Settings())
    maker = ContainerMaker(graph, VIDEO_API, policy, job, read=VideoStatus(graph, job).read)
    container = Container(id="55", created_at=job.now(), is_uploaded=False)
    await maker.containers.put(POST, container)

    async def read(first: int, last: int) -> AsyncIterator[bytes]:
        yield bytes(last - first + 1)

    file = MediaFile(size_bytes=SIZE, content_type="video/mp4", reader=read)
    upload = ChunkedUpload(graph, maker, policy, job)
    return await upload.send(container, opened(STARTED, SIZE), file)


def sent(answers: Host) -> list[str]:
    """Return the offsets of the chunks that were sent."""
    return [fields["start_offset"] for path, fields, _ in answers.seen if path == VIDEOS]


async def test_chunks_follow_what_facebook_asks_for(
    graph: Graph, answers: Host, transport: Transport, job: MemoryJob
) -> None:
    """Each answer names the next chunk, until both offsets are the same; the token is in a header."""
    answers.give(VIDEOS, {"start_offset": "100000", "end_offset": "250000"})
    answers.give(VIDEOS, {"start_offset": 250000, "end_offset": 300000})
    answers.give(VIDEOS, {"start_offset": "300000", "end_offset": "300000"})
    assert (await send(graph, job)).is_uploaded
    assert sent(answers) == ["0", "100000", "250000"]
    _, fields, headers = answers.seen[0]
    assert (fields["upload_phase"], fields["upload_session_id"]) == ("transfer", "77")
    assert headers["Authorization"] == "Bearer EAA"


async def test_facebook_corrects_the_offset(graph: Graph, answers: Host, job: MemoryJob) -> None:
    """1363037 names the chunk that is missing, and the upload continues there."""
    error: JsonValue = {
        "code": 6000,
        "error_subcode": 1363037,
        "message": "There was a problem uploading your video",
        "error_data": {"start_offset": 200000, "end_offset": 300000},
    }
    answers.give(VIDEOS, {"error": error}, status=400)
    answers.give(VIDEOS, {"start_offset": "300000", "end_offset": "300000"})
    assert (await send(graph, job)).is_uploaded
    assert sent(answers) == ["0", "200000"]


async def test_corrections_without_progress_end(
    graph: Graph, answers: Host, transport: Transport, job: MemoryJob
) -> None:
    """Facebook names the same chunk again and again: the worker waits instead of sending for ever."""
    error: JsonValue = {
        "code": 6000,
        "error_subcode": 1363037,
        "message": "wrong",
        "error_data": {"start_offset": 0, "end_offset": 100000},
    }
    answers.give(VIDEOS, {"error": error}, status=400)
    with pytest.raises(TryLater):
        await send(graph, job)
    assert len(sent(answers)) < 10


@pytest.mark.parametrize(
    ("body", "status", "kind"),
    [
        ({"start_offset": "5", "end_offset": "400000"}, 200, TryLater),
        ({"start_offset": "9", "end_offset": "5"}, 200, TryLater),
        ({}, 200, TryLater),
        ({"error": {"code": 6000, "error_subcode": 1363030, "message": "timed out"}}, 400, TryLater),
        ({"error": {"code": 6000, "error_subcode": 1363041, "message": "no such session"}}, 400, TryLater),
        ({"error": {"code": 6000, "error_subcode": 1363031, "message": "no video"}}, 400, Rejected),
    ],
)
async def test_what_a_chunk_may_end_with(
    graph: Graph,
    answers: Host,
    transport: Transport,
    job: MemoryJob,
    body: JsonValue,
    status: int,
    kind: type[PlatformError],
) -> None:
    """Offsets outside the file, a slow upload and a lost one are temporary; a file without a video is final."""
    answers.give(VIDEOS, body, status=status)
    with pytest.raises(kind):
        await send(graph, job)


def test_an_upload_without_a_name_is_opened_again() -> None:
    """An answer to the start that names no upload is temporary."""
    for missing in STARTED:
        with pytest.raises(TryLater):
            opened({name: value for name, value in STARTED.items() if name != missing}, SIZE)


async def test_the_response_may_name_the_post(graph: Graph, answers: Host, job: MemoryJob) -> None:
    """Some responses to the call that publishes name the post: it need not be awaited."""
    policy, prepared = plugin.test_retry_policy(Settings()), {"containerId": "55", "kind": "reel"}
    answers.give("/v26.0/1027/video_reels", {"success": True, "post_id": "1027_9"})
    call = PublishCall(
        graph, REEL_API, policy, job, prepared, parameters={}, outcome_of=partial(outcome_of, retry_policy=policy)
    )
    assert isinstance(await call.make(), Processing)
    answers.give(VIDEO, phases("ready", publishing={"status": "complete", "publish_time": int(job.now().timestamp())}))
    status = await VideoStatus(graph, job).read("55")
    assert (status.code, status.post_id) == (StatusCode.PUBLISHED, "1027_9")
