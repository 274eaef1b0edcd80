"""What is added to a live video on the sandbox's YouTube: thumbnail, playlists and captions, each once, whatever happens."""

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import timedelta
from typing import Final

import pytest
from tests.contract.faults import LATENCY, LOST, Fault, code, matrix
from tests.contract.job import MemoryJob, Sample, picture, retrying
from tests.contract.on_youtube import OnYouTube
from tests.contract.test_youtube_faults import assert_explained
from tests.platforms.drafts import youtube

from presswork.platforms.errors import FailureCode, OutcomeUnknown, PlatformError, Rejected, TryLater
from presswork.platforms.json_values import items_of
from presswork.platforms.port import Added, Extra, SupportsExtras, SupportsPlaylists
from presswork.platforms.youtube.api import UPLOAD_CAPTION
from presswork.platforms.youtube.connector import YouTubeConnector
from presswork.platforms.youtube.rules import extras_of, settings_of

SRT: Final = b"1\r\n00:00:00,000 --> 00:00:02,000\r\nCr\xc3\xa8me br\xc3\xbbl\xc3\xa9e\r\n"
VTT: Final = b"WEBVTT\n\n00:00.000 --> 00:02.000\nFresh bread\n"
CALLS: Final = {"thumbnail": "thumbnails_set", "playlist": "playlist_items_insert", "caption": "captions_insert"}
"""The call that adds an extra, by its kind."""
PASSING: Final[Sequence[Fault]] = (
    LATENCY,
    *LOST,
    Fault("token_expired"),
    code("backendError"),
    code("rateLimitExceeded"),
    code("userRateLimitExceeded"),
    code("quotaExceeded"),
)
PERMANENT: Final[Mapping[str, Sequence[str]]] = {
    "thumbnail": ("imageFormatUnsupported", "imageTooTall", "imageTooWide", "invalidImage", "forbidden", "badContent"),
    "playlist": (
        "playlistContainsMaximumNumberOfVideos",
        "playlistItemsNotAccessible",
        "playlistNotFound",
        "manualSortRequired",
        "invalidResourceType",
    ),
    "caption": ("captionExists", "contentRequired", "invalidMetadata", "nameTooLong", "forbidden"),
}


async def live_job(on_youtube: OnYouTube, clip: Sample) -> tuple[MemoryJob, str]:
    """Return a post whose video is live, and which asks for one extra of each kind, with the video's id."""
    playlist = await on_youtube.sandbox.playlist(on_youtube.handle, "Bread")
    thumbnail = on_youtube.host.put(picture("PNG", width=1280, height=720).body, "image/png")
    captions = on_youtube.host.put(SRT, "text/plain")
    options = youtube(
        thumbnail={"url": thumbnail},
        playlist_ids=[playlist],
        captions=[{"language": "de", "name": "Untertitel", "url": captions}],
    )
    job = await on_youtube.job(clip, options=options)
    end, _ = await on_youtube.publish(job)
    assert end.external_id is not None
    return job, end.external_id


async def add(on_youtube: OnYouTube, job: MemoryJob, video_id: str, extra: Extra) -> Added:
    """Add an extra like the worker: after an answer that was lost, the connector looks first."""
    connector, may_be_there = on_youtube.platform.connector, False
    assert isinstance(connector, SupportsExtras)

    async def once() -> Added:
        nonlocal may_be_there
        try:
            return await connector.add_extra(job, video_id, extra, may_be_there=may_be_there)
        except OutcomeUnknown:
            may_be_there = True
            raise

    async def over_limits() -> Added:
        return await retrying(job, once)

    return await retrying(job, over_limits, over=OutcomeUnknown)


def extra_of(job: MemoryJob, kind: str) -> Extra:
    """Return the extra of a kind that the post asks for."""
    return next(extra for extra in extras_of(settings_of(job.options)) if extra.kind == kind)


async def added(on_youtube: OnYouTube) -> dict[str, int]:
    """Return how many extras of each kind the only video has."""
    [video] = await on_youtube.videos()
    playlists, captions = video["playlists"], video["captions"]
    assert isinstance(playlists, list)
    assert isinstance(captions, list)
    return {
        "thumbnail": int(video["thumbnail"] is not None),
        "playlist": len(playlists),
        "caption": len(captions),
    }


async def test_each_extra_is_added(on_youtube: OnYouTube, sample_clip: Sample) -> None:
    """A video gets its thumbnail, is in its playlist, and has its captions with their language and name."""
    job, video_id = await live_job(on_youtube, sample_clip)
    messages = [(await add(on_youtube, job, video_id, extra)).message for extra in extras_of(settings_of(job.options))]
    [playlist] = settings_of(job.options).playlist_ids or []
    assert messages == [
        "The thumbnail is set.",
        f"The video is in the playlist {playlist}.",
        "The video has the captions in de.",
    ]
    assert await added(on_youtube) == {"thumbnail": 1, "playlist": 1, "caption": 1}
    [video] = await on_youtube.videos()
    (caption,) = items_of(video, "captions")
    assert (caption["language"], caption["name"], caption["sizeBytes"]) == ("de", "Untertitel", len(SRT))


@pytest.mark.parametrize(
    ("operation", "fault"),
    matrix([(CALLS[kind], fault) for kind in CALLS for fault in PASSING], publishing=set(CALLS.values())),
    ids=str,
)
async def test_passing_fault_adds_each_extra_once(
    on_youtube: OnYouTube, sample_clip: Sample, operation: str, fault: Fault
) -> None:
    """Whatever happens to the response, the video is in the playlist once, and has one track of the captions."""
    job, video_id = await live_job(on_youtube, sample_clip)
    kind = next(kind for kind, call in CALLS.items() if call == operation)
    await on_youtube.fault(operation, fault.name, **fault.more(times=1))
    await add(on_youtube, job, video_id, extra_of(job, kind))
    await on_youtube.sandbox.advance(on_youtube.retry_policy.republish_after)
    assert await added(on_youtube) == {"thumbnail": 0, "playlist": 0, "caption": 0} | {kind: 1}


@pytest.mark.parametrize("kind", CALLS)
async def test_permanent_refusal_says_what_to_do(on_youtube: OnYouTube, sample_clip: Sample, kind: str) -> None:
    """Each documented reason is final for its extra alone, in a sentence that does not ask to publish again."""
    job, video_id = await live_job(on_youtube, sample_clip)
    wrong = {}
    for reason in PERMANENT[kind]:
        await on_youtube.fault(CALLS[kind], "platform_error", value={"code": reason}, times=1)
        try:
            await add(on_youtube, job, video_id, extra_of(job, kind))
            wrong[reason] = "added"
        except PlatformError as error:
            assert_explained(error, job)  # type: ignore[arg-type]  # Rejected, or the next line says so
            if not isinstance(error, Rejected) or "publish again" in error.message or error.platform_code != reason:
                wrong[reason] = error.message
    assert not wrong, wrong
    assert (await added(on_youtube))[kind] == 0


@pytest.mark.parametrize("kind", ["playlist", "caption"])
async def test_look_that_fails_is_no_second_call(on_youtube: OnYouTube, sample_clip: Sample, kind: str) -> None:
    """While it can't be read whether the extra is there, it is not added again."""
    job, video_id = await live_job(on_youtube, sample_clip)
    look = {"playlist": "playlist_items_list", "caption": "captions_list"}[kind]
    await on_youtube.fault(CALLS[kind], "drop_after_effect", times=1)
    await on_youtube.fault(look, "http_500", times=3)
    await add(on_youtube, job, video_id, extra_of(job, kind))
    assert await on_youtube.calls(CALLS[kind]) == 1
    assert (await added(on_youtube))[kind] == 1


async def test_track_that_the_list_does_not_show_yet(on_youtube: OnYouTube, sample_clip: Sample) -> None:
    """After a lost answer, captionExists proves that the track is there."""
    job, video_id = await live_job(on_youtube, sample_clip)
    await on_youtube.fault("captions_insert", "platform_error", value={"code": "captionExists"}, times=1)
    connector = on_youtube.platform.connector
    assert isinstance(connector, SupportsExtras)
    done = await connector.add_extra(job, video_id, extra_of(job, "caption"), may_be_there=True)
    assert done.message == "The video has the captions in de."


async def test_track_that_youtube_can_not_use(on_youtube: OnYouTube, sample_clip: Sample) -> None:
    """After a lost answer, a track of which the list says that its file failed is no success."""
    job, video_id = await live_job(on_youtube, sample_clip)
    connector = on_youtube.platform.connector
    assert isinstance(connector, YouTubeConnector)
    snippet = json.dumps({"snippet": {"videoId": video_id, "language": "de", "name": "Untertitel"}})
    body = f"--b\r\n\r\n{snippet}\r\n--b\r\n\r\nno captions\r\n--b--\r\n".encode()

    async def parts() -> AsyncIterator[bytes]:
        yield body

    await connector.api.send(
        job,
        "POST",
        UPLOAD_CAPTION,
        {"part": "snippet", "uploadType": "multipart"},
        step="captions_insert",
        headers={"Content-Type": "multipart/related; boundary=b", "Content-Length": str(len(body))},
        upload=parts,
    )
    await on_youtube.sandbox.advance(timedelta(seconds=3))
    with pytest.raises(Rejected, match="does not know the file's format") as refused:
        await connector.add_extra(job, video_id, extra_of(job, "caption"), may_be_there=True)
    assert refused.value.platform_code == "unknownFormat"


async def test_frame_of_the_video(on_youtube: OnYouTube, sample_clip: Sample) -> None:
    """A time makes a still of the video its thumbnail: a JPEG in the video's shape, also behind the end."""
    for at_ms in (0, 2500, 3_600_000):
        await on_youtube.sandbox.reset()
        job = await on_youtube.job(sample_clip, options=youtube(thumbnail={"timestampMs": at_ms}))
        end, _ = await on_youtube.publish(job)
        await add(on_youtube, job, end.external_id or "", Extra(kind="thumbnail"))
        [video] = await on_youtube.videos()
        thumbnail = video["thumbnail"]
        assert isinstance(thumbnail, dict)
        assert (thumbnail["contentType"], thumbnail["width"], thumbnail["height"]) == ("image/jpeg", 720, 1280)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"<html>Not found</html>", "neither an SRT nor a WebVTT"),
        ("1\n00:00:00,000 --> 00:00:01,000\nü\n".encode("utf-16"), "neither an SRT nor a WebVTT"),
        (VTT, None),
        (b"\xef\xbb\xbf" + VTT, None),
        (b"\xef\xbb\xbf" + SRT, None),
    ],
    ids=["page", "utf-16", "vtt", "vtt-bom", "srt-bom"],
)
async def test_file_of_captions_is_checked(
    on_youtube: OnYouTube, sample_clip: Sample, body: bytes, message: str | None
) -> None:
    """What is no caption file costs no units and says so; both formats pass, with and without a byte order mark."""
    url = on_youtube.host.put(body, "text/plain")
    job = await on_youtube.job(sample_clip, options=youtube(captions=[{"language": "en", "url": url}]))
    end, _ = await on_youtube.publish(job)
    extra = Extra(kind="caption", subject="en")
    if message is None:
        await add(on_youtube, job, end.external_id or "", extra)
    else:
        with pytest.raises(Rejected, match=message) as refused:
            await add(on_youtube, job, end.external_id or "", extra)
        assert refused.value.failure is FailureCode.MEDIA_REJECTED
    assert await on_youtube.calls("captions_insert") == (message is None)


async def test_channel_that_is_not_verified(on_youtube: OnYouTube, sample_clip: Sample) -> None:
    """A channel without a phone number gets no thumbnail, and the sentence says where to verify it."""
    await on_youtube.sandbox.account("youtube", on_youtube.handle, longUploadsStatus="eligible")
    job, video_id = await live_job(on_youtube, sample_clip)
    with pytest.raises(Rejected, match=r"not verified by phone.*youtube\.com/verify"):
        await add(on_youtube, job, video_id, Extra(kind="thumbnail"))


async def test_missing_permission_calls_nothing(on_youtube: OnYouTube, sample_clip: Sample) -> None:
    """Without the permission for captions, YouTube is not called, and the message names it."""
    job, video_id = await live_job(on_youtube, sample_clip)
    upload = "https://www.googleapis.com/auth/youtube.upload"
    job.account = type(job.account)(
        id=job.account.id, external_id=job.account.external_id, handle=job.account.handle, scopes=frozenset({upload})
    )
    for kind in ("playlist", "caption"):
        with pytest.raises(Rejected, match=r"youtube\.force-ssl") as refused:
            await add(on_youtube, job, video_id, extra_of(job, kind))
        assert refused.value.failure is FailureCode.CREDENTIAL_INVALID
        assert await on_youtube.calls(CALLS[kind]) == 0


async def test_playlists_are_listed(on_youtube: OnYouTube) -> None:
    """All playlists of the channel, beyond one page, and none of another channel."""
    titles = [f"List {number}" for number in range(53)]
    for title in titles:
        await on_youtube.sandbox.playlist(on_youtube.handle, title)
    await on_youtube.sandbox.playlist("another", "Not mine")
    job = await on_youtube.job(picture())
    connector = on_youtube.platform.connector
    assert isinstance(connector, SupportsPlaylists)
    found = await connector.fetch_playlists(job.account, job)
    assert [playlist.title for playlist in found] == titles
    await on_youtube.fault("playlists_list", "platform_error", value={"code": "backendError"})
    with pytest.raises(TryLater):
        await connector.fetch_playlists(job.account, job)
