"""What a connector stores of a post: read totally, and written as what has changed."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from pydantic import AwareDatetime, JsonValue
from tests.clocks import JumpingClock
from tests.contract.job import MediaHost, MemoryJob

from presswork.platforms.bluesky import prepare as bluesky
from presswork.platforms.bluesky import video as bluesky_video
from presswork.platforms.bluesky.record import Place
from presswork.platforms.facebook_pages.videos import Session
from presswork.platforms.job_state import JobState, as_stored, parse_stored
from presswork.platforms.linkedin import prepare as linkedin
from presswork.platforms.linkedin.connector import Publication
from presswork.platforms.port import MediaType, TargetAccount, Tokens
from presswork.platforms.tiktok import status as tiktok
from presswork.platforms.youtube import prepare as youtube

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A part of a document."""

    first: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Document(JobState):
    """A document with a field of each kind."""

    video_id: str | None = None
    sent_at: AwareDatetime | None = None
    parts: tuple[Part, ...] = ()
    keep_tries: int = 0


FULL = Document(video_id="17", sent_at=NOON, parts=(Part(first=3),), keep_tries=2)
STORED: dict[str, JsonValue] = {
    "videoId": "17",
    "sentAt": "2026-11-24T12:00:00Z",
    "parts": [{"first": 3}],
    "keep_tries": 2,
}


@pytest.fixture
def job() -> MemoryJob:
    """A post without state."""
    return MemoryJob(
        account=TargetAccount(id=uuid4(), external_id="1", handle="brand", scopes=frozenset()),
        samples=[],
        media_type=MediaType.VIDEO,
        caption="",
        tokens=Tokens(access_token="t", issued_at=NOON, expires_at=None),
        clock=JumpingClock(),
        host=MediaHost(),
    )


async def test_fields_are_keys_of_the_state(job: MemoryJob) -> None:
    """A document is stored under the names of its fields, and read back; a default is not stored."""
    await FULL.save(job)
    assert job.state == STORED
    assert Document.load(job.state) == FULL
    await replace(FULL, parts=(), sent_at=None).save(job)
    assert job.state == {"videoId": "17", "keep_tries": 2}


async def test_only_changes_are_written(job: MemoryJob) -> None:
    """What other documents store under other keys stays, and so does what has not changed."""
    job.state = {"other": 1, **STORED}
    await replace(Document.load(job.state), keep_tries=3).save(job)
    replace(Document.load(job.state), video_id="18").save_later(job)
    assert job.saves == [{"keep_tries": 3}]
    assert job.state == {"other": 1, **STORED, "videoId": "18", "keep_tries": 3}


@pytest.mark.parametrize("key", STORED)
def test_an_unreadable_field_has_its_default(key: str) -> None:
    """One value that can't be read does not affect the others."""
    loaded = Document.load(STORED | {key: {"not": "it"}}).as_state()
    assert loaded == STORED | {key: None}


def test_values_are_read_totally() -> None:
    """A value of another kind counts as none."""
    assert parse_stored(Part, as_stored(Part(first=1))) == Part(first=1)
    broken: list[JsonValue] = [None, "x", {}, {"first": "y"}, [1]]
    assert [parse_stored(Part, stored) for stored in broken] == [None] * 5


def test_states_of_earlier_versions() -> None:
    """A post that was being prepared when Presswork was upgraded continues: each row is as an earlier version stored it."""
    at = "2026-11-24T12:00:00+00:00"
    part: JsonValue = {"url": "https://u", "first": 0, "last": 8, "etag": None}
    rows: list[tuple[object, object]] = [
        (linkedin._Progress.load({"reservedUntil": at, "keep_uploads": 1}).as_state()["keep_uploads"], 1),
        (
            parse_stored(linkedin.Upload, {"urn": "urn:li:video:1", "size_bytes": 9, "parts": [part], "token": "t"}),
            linkedin.Upload(
                urn="urn:li:video:1",
                size_bytes=9,
                parts=(linkedin.Part(url="https://u", first=0, last=8),),
                token="t",
            ),
        ),
        (
            Publication.load({"postUrn": "urn:li:share:1", "repeats": 1, "isDuplicate": True}),
            Publication(post_urn="urn:li:share:1", repeats=1, is_duplicate=True),
        ),
        (
            youtube._Progress.load({"videoId": "v", "uploadedAt": at, "isProcessed": True, "keep_sessions": 2}),
            youtube._Progress(video_id="v", uploaded_at=NOON, is_processed=True, keep_sessions=2),
        ),
        (
            tiktok._Attempts.load({"keep_restarts": {"count": 2, "since": at}, "keep_not_before": at}),
            tiktok._Attempts(keep_restarts=tiktok._Restarts(count=2, since=NOON), keep_not_before=NOON),
        ),
        (
            parse_stored(Session, {"id": "7", "videoId": "5", "sizeBytes": 9, "start": 0, "end": 4}),
            Session(id="7", video_id="5", size_bytes=9, start=0, end=4),
        ),
        (
            bluesky._Progress.load({"blobs": [{"size": 1}], "gated": "3k", "keep_lost_blobs": 1}),
            bluesky._Progress(blobs=[{"size": 1}], gated="3k", keep_lost_blobs=1),
        ),
        (
            bluesky._Progress.load({"keep_place": {"rkey": "3k", "createdAt": "2026-11-24T12:00:00.000Z"}}),
            bluesky._Progress(keep_place=Place(rkey="3k", created_at="2026-11-24T12:00:00.000Z")),
        ),
        (
            bluesky_video._Progress.load({"video": {"isSent": True}}).video,
            bluesky_video._StoredVideo(is_sent=True),
        ),
        (
            bluesky_video._Progress.load({"video": {"blob": {"size": 1}}}).video,
            bluesky_video._StoredVideo(blob={"size": 1}),
        ),
        (
            bluesky_video._Progress.load({"video": {"jobId": "j", "since": at}}).video,
            bluesky_video._StoredVideo(job_id="j", since=NOON),
        ),
    ]
    assert [(loaded, expected) for loaded, expected in rows if loaded != expected] == []
