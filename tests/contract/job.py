"""The environment of a connector, in memory: a job, a clock, a host for its media, and sample media.

`MemoryJob` is the port's `Job` without a database. Its waits return at once and advance its clock and the sandbox's
clock together, so that "now" means the same on both sides.
"""

import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Self, TypeVar, cast
from uuid import UUID, uuid4

from aiohttp import web
from pydantic import JsonValue
from tests.clocks import JumpingClock
from tests.media.pdfs import pdf

from presswork.media.pdf import write_picture_pages
from presswork.media.samples import PictureFormat, sample_picture, sample_video
from presswork.media.specs import ImageSpec, StillSpec, VideoSpec
from presswork.platforms.errors import CredentialInvalid, FailureCode, OutcomeUnknown, PlatformError, Rejected, TryLater
from presswork.platforms.port import (
    RECENT_POSTS_COUNTED,
    Absent,
    CanceledByPlatform,
    Connector,
    DeliveryContext,
    Failed,
    Limit,
    LinkCard,
    Login,
    Media,
    MediaFile,
    MediaType,
    Mode,
    PostOptions,
    PostPart,
    Present,
    ReportedEvent,
    RetryPolicy,
    Sighting,
    TargetAccount,
    Thread,
    Tokens,
    Unreadable,
)
from presswork.worker.publish_attempt import LIVE_CALLS
from presswork.worker.reconciliation import Looks, Unknown, Verdict, Wait, judge

Result = TypeVar("Result")

Convert = Callable[[Media, bytes, ImageSpec | VideoSpec | StillSpec], Awaitable[tuple[bytes, str]]]
"""Converts stored bytes to a spec, and returns their content type; unchanged where they conform already."""


@dataclass(frozen=True, slots=True)
class Sample:
    """A picture or video and its bytes."""

    media: Media
    body: bytes


@dataclass(slots=True)
class _Hosted:
    body: bytes
    content_type: str
    fetches: int = 0
    is_open: bool = True


class MediaHost:
    """A loopback web server that serves media under unguessable URLs and counts the requests."""

    def __init__(self) -> None:
        """Create an empty host; enter it to listen."""
        self._files: dict[str, _Hosted] = {}
        self._runner: web.AppRunner | None = None
        self.address = ""
        self.serves = True

    async def __aenter__(self) -> Self:
        """Listen on a free port."""
        application = web.Application()
        application.router.add_get("/{name}", self._serve)
        self._runner = web.AppRunner(application, access_log=None)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        host, port = self._runner.addresses[0][:2]
        self.address = f"http://{host}:{port}"
        return self

    async def __aexit__(self, *_: object) -> None:
        """Stop listening."""
        if self._runner is not None:
            await self._runner.cleanup()

    async def _serve(self, request: web.Request) -> web.Response:
        hosted = self._files.get(request.match_info["name"])
        if hosted is None or not hosted.is_open or not self.serves:
            raise web.HTTPNotFound
        if request.method == "GET":
            hosted.fetches += 1
        return web.Response(body=hosted.body, content_type=hosted.content_type)

    def put(self, body: bytes, content_type: str) -> str:
        """Serve these bytes and return their URL, which ends in a matching file name."""
        suffix = content_type.split("/")[1].replace("quicktime", "mov")
        name = f"{uuid4().hex}.{suffix}"
        self._files[name] = _Hosted(body, content_type)
        return f"{self.address}/{name}"

    def read(self, url: str) -> tuple[bytes, str] | None:
        """Return the bytes behind a URL and their content type, or None where it answers 404."""
        hosted = self._files.get(url.rsplit("/", 1)[1])
        return None if hosted is None or not hosted.is_open else (hosted.body, hosted.content_type)

    def fetches(self, url: str) -> int:
        """Return how often that URL was fetched."""
        return self._files[url.rsplit("/", 1)[1]].fetches

    def clear(self) -> None:
        """Forget all media, and serve again."""
        self._files.clear()
        self.serves = True

    def close(self, url: str) -> None:
        """Answer 404 for that URL from now on."""
        self._files[url.rsplit("/", 1)[1]].is_open = False


@dataclass(frozen=True, slots=True)
class Note:
    """One timeline event."""

    event: str
    message: str
    detail: Mapping[str, JsonValue]


EMPTY_CONTEXT = DeliveryContext(
    operator_phone=None,
    provider=None,
    track=None,
    first_comment=None,
    page_url="http://localhost/handover",
    callback_url="http://localhost/callbacks",
)


@dataclass(slots=True, kw_only=True)
class MemoryJob:
    """The port's `Job`, in memory: tests inspect its state, notes and tokens."""

    account: TargetAccount
    samples: Sequence[Sample]
    media_type: MediaType
    caption: str
    tokens: Tokens
    clock: JumpingClock
    host: MediaHost
    login: Login | None = None
    spare: Tokens | None = None
    """Tokens that another worker has fetched in the meantime."""
    convert: Convert | None = None
    mode: Mode = Mode.PUBLISH
    options: PostOptions = field(default_factory=PostOptions)
    link: LinkCard | None = None
    link_sample: Sample | None = None
    """The stored picture of its card."""
    parts: Sequence[PostPart] = ()
    """Of a thread of posts. The job is at the part that follows those in `live_ids`."""
    live_ids: list[str | None] = field(default_factory=list)
    post_id: UUID = field(default_factory=uuid4)
    state: dict[str, JsonValue] = field(default_factory=dict)
    prepared: Mapping[str, JsonValue] | None = None
    """The result of `prepare`, kept by `drive`."""
    live_call_at: datetime | None = None
    notes: list[Note] = field(default_factory=list)
    saves: list[dict[str, JsonValue]] = field(default_factory=list)
    renewals: int = 0
    context: DeliveryContext = EMPTY_CONTEXT
    reported: list[ReportedEvent] = field(default_factory=list)
    """Deliveries reported by the platform that match no post."""
    urls: list[str] = field(default_factory=list)
    one_off_urls: list[str] = field(default_factory=list)
    turns: list[tuple[str, int]] = field(default_factory=list)
    recent_posts: int = RECENT_POSTS_COUNTED
    """So many that the quota is read."""
    reduced_privacy: str | None = None
    published: list[datetime] = field(default_factory=list)
    """When Presswork's posts went live, oldest first."""

    calls: int = 0
    """Irreversible calls of `drive`."""
    looks: Looks | None = None
    """What the worker's judge remembers of the looks at the current call."""

    def judge(self, seen: Sighting, retry_policy: RetryPolicy) -> Verdict:
        """Return the worker's verdict on a look at the current call."""
        call_at = self.live_call_at or self.now()
        looks = self.looks or Looks(call_at=call_at, first_at=self.now(), due_at=self.now())
        self.looks, verdict = judge(looks, seen, calls=self.calls, retry_policy=retry_policy, now=self.now())
        return verdict

    async def revert(self, changes: Mapping[str, JsonValue], *, starts_over: bool) -> None:
        """Forget the current call, as the worker does before another one."""
        self.live_call_at = self.looks = None
        if starts_over:
            self.prepared = None
            self.state = {name: value for name, value in self.state.items() if name.startswith("keep_")}
        await self.save(**changes)

    @property
    def thread(self) -> Thread | None:
        """The parts, and which are live."""
        return Thread(parts=self.parts, live_ids=tuple(self.live_ids)) if self.parts else None

    @property
    def media(self) -> Sequence[Media]:
        """The media of the post, in order; of a thread, those of its current part."""
        thread = self.thread
        return [sample.media for sample in self.samples] if thread is None else thread.parts[thread.current].media

    def go_on(self, live: Present) -> None:
        """Go on to the next part of a thread, as the worker does."""
        self.live_ids.append(live.external_id)
        self.prepared = self.live_call_at = self.looks = None
        self.state, self.calls = {}, 0
        if (thread := self.thread) is not None:
            part = thread.parts[thread.current]
            self.caption, self.media_type, self.link = part.text, part.media_type, part.link

    @property
    def link_picture(self) -> Media | None:
        """The stored picture of the link's card."""
        return None if self.link_sample is None else self.link_sample.media

    def now(self) -> datetime:
        """Return the clock's instant, UTC."""
        return self.clock.now()

    async def sleep(self, duration: timedelta) -> None:
        """Advance the clock."""
        await self.clock.sleep(duration)

    async def save(self, **changes: JsonValue) -> None:
        """Store the changes; None removes a key."""
        self.saves.append(changes)
        for name, value in changes.items():
            if value is None:
                self.state.pop(name, None)
            else:
                self.state[name] = value

    def save_later(self, **changes: JsonValue) -> None:
        """Keep the changes, which the next write stores."""
        self.state |= changes

    async def note(self, event: str, message: str, **detail: JsonValue) -> None:
        """Store a timeline event."""
        self.note_later(event, message, **detail)

    def note_later(self, event: str, message: str, **detail: JsonValue) -> None:
        """Keep a timeline event, which the next write stores."""
        self.notes.append(Note(event, message, detail))

    async def access_token(self) -> str:
        """Return the current token."""
        return self.tokens.access_token

    async def renew_token(self, refused: str) -> str:
        """Return the current token if it is another one already, else a spare, else refresh with the platform's login."""
        if self.tokens.access_token != refused:
            return self.tokens.access_token
        if self.spare is not None:
            self.tokens, self.spare = self.spare, None
            self.renewals += 1
            return self.tokens.access_token
        if self.login is None:
            raise CredentialInvalid("The access token was refused; connect the account again.", step="refresh")
        self.tokens = await self.login.refresh(self.tokens, now=self.now())
        self.renewals += 1
        return self.tokens.access_token

    async def _rendition(self, media: Media, spec: ImageSpec | VideoSpec | StillSpec | None) -> tuple[bytes, str]:
        samples = [*self.samples, *([] if self.link_sample is None else [self.link_sample])]
        body = next(sample.body for sample in samples if sample.media.asset_id == media.asset_id)
        if spec is None or self.convert is None:
            return body, media.content_type
        return await self.convert(media, body, spec)

    async def media_url(
        self,
        media: Media,
        spec: ImageSpec | VideoSpec | None,
        *,
        is_one_off: bool = False,
        until: datetime | None = None,
    ) -> str:
        """Serve the media, converted where necessary, and return its URL."""
        url = self.host.put(*await self._rendition(media, spec))
        (self.one_off_urls if is_one_off else self.urls).append(url)
        return url

    @asynccontextmanager
    async def media_file(
        self, media: Media, spec: ImageSpec | VideoSpec | StillSpec | None
    ) -> AsyncIterator[MediaFile]:
        """Open the media for reading by range."""
        yield _file_of(*await self._rendition(media, spec))

    @asynccontextmanager
    async def fetched_file(
        self, url: str, *, max_bytes: int, spec: ImageSpec | None = None
    ) -> AsyncIterator[MediaFile]:
        """Read a file of the host, converted where necessary."""
        found = self.host.read(url)
        if found is None or len(found[0]) > max_bytes:
            raise Rejected("The URL answers 404, or sends too much.", step="fetch", failure=FailureCode.MEDIA_REJECTED)
        body, content_type = found
        if spec is not None and self.convert is not None:
            described = sample(body, content_type, width=1, height=1).media
            body, content_type = await self.convert(described, body, spec)
        yield _file_of(body, content_type)

    @asynccontextmanager
    async def pictures_file(self) -> AsyncIterator[MediaFile]:
        """Open one PDF of the post's pictures."""
        with TemporaryDirectory() as name:
            sources = [Path(name) / str(place) for place in range(len(self.samples))]
            for source, piece in zip(sources, self.samples, strict=True):
                source.write_bytes(piece.body)
            write_picture_pages(sources, Path(name) / "made.pdf")
            body = (Path(name) / "made.pdf").read_bytes()
        yield _file_of(body, "application/pdf")

    async def delivery_context(self) -> DeliveryContext:
        """Return the value that the test set."""
        return self.context

    async def notices(self, since: datetime) -> Sequence[ReportedEvent]:
        """Return the value that the test set."""
        return [notice for notice in self.reported if notice.occurred_at >= since.replace(microsecond=0)]

    async def reserve(self, limit: Limit, *, calls: int = 1) -> datetime:
        """Return now: a single job is within every limit, unless the sandbox refuses a call."""
        self.turns.append((limit.call, calls))
        return self.now()

    async def report_privacy(self, reduced: str | None) -> None:
        """Keep what the platform reports."""
        self.reduced_privacy = reduced

    async def published_since(self, since: datetime) -> Sequence[datetime]:
        """Return the value that the test set."""
        return [at for at in self.published if at > since]

    async def revoke_media_urls(self) -> bool:
        """Revoke the one-off URLs if none has been fetched yet."""
        if any(self.host.fetches(url) for url in self.one_off_urls):
            return False
        for url in self.one_off_urls:
            self.host.close(url)
        return True


def _file_of(body: bytes, content_type: str) -> MediaFile:
    async def read(first: int, last: int) -> AsyncIterator[bytes]:
        for start in range(first, last + 1, 65536):
            yield body[start : min(start + 65536, last + 1)]

    return MediaFile(size_bytes=len(body), content_type=content_type, reader=read)


End = Present | CanceledByPlatform | Unknown | Rejected | CredentialInvalid | TryLater
"""The outcomes of a driven post: live, unknown for ever, failed, with an invalid token, or still waiting at a limit."""

_ROUNDS = 400
"""Steps after which a driven post counts as endless."""


async def drive(
    connector: Connector, job: MemoryJob, retry_policy: RetryPolicy, *, live_calls: int = LIVE_CALLS
) -> End:
    """Drive a post from start to end like the worker: prepare, make live once, and look up until its judge decides.

    Waits advance the job's clock. Consecutive temporary errors for longer than `retry_policy.fault_limit` end the post
    as Rejected with the error's own failure code; a limit that lasts longer leaves it waiting, which that TryLater shows.
    """
    errors_at: list[datetime] = []
    for _ in range(_ROUNDS):
        try:
            seen = await _step(connector, job, live_calls=live_calls)
        except OutcomeUnknown:
            continue  # look up the outcome
        except TryLater as error:
            job.calls -= job.live_call_at is not None  # the call had no effect
            await job.revert({}, starts_over=error.starts_over)
            errors_at.append(job.now())
            if errors_at[-1] - errors_at[0] > retry_policy.fault_limit:
                return error if error.is_throttled else _given_up(error)
            pause = min(retry_policy.backoff_first * 2 ** min(len(errors_at), 10), retry_policy.backoff_max)
            await job.sleep(pause if error.retry_after is None else error.retry_after)
            continue
        except (Rejected, CredentialInvalid) as end:
            return end
        errors_at.clear()
        verdict = job.judge(seen, retry_policy)
        match verdict:
            case Present() | CanceledByPlatform() | Unknown():
                return verdict
            case Wait():
                await job.sleep(verdict.duration)
            case Failed() if isinstance(verdict.reason, Rejected):
                return verdict.reason
            case Failed():
                reason = cast("TryLater", verdict.reason)
                await job.revert(verdict.changes, starts_over=reason.starts_over)
                if reason.is_throttled:
                    await job.sleep(reason.retry_after or reason.first_wait or retry_policy.backoff_max)
            case Absent():
                await job.revert(verdict.changes, starts_over=False)
    raise AssertionError(f"the post did not end in {_ROUNDS} steps: {job.notes[-3:]}")


async def _step(connector: Connector, job: MemoryJob, *, live_calls: int = LIVE_CALLS) -> Sighting:
    if job.prepared is None:
        job.prepared = await connector.prepare(job)
    if job.live_call_at is None:
        if job.calls >= live_calls:
            raise Rejected(
                "The platform was called many times, without effect.",
                advice="Publish again later.",
                step="make_live",
                failure=FailureCode.PLATFORM_UNAVAILABLE,
            )
        job.live_call_at = job.now()
        job.calls += 1
        return await connector.make_live(job, job.prepared)
    try:
        return await connector.look_up(job, job.prepared)
    except PlatformError as error:
        return Unreadable(error=error)


async def decide(connector: Connector, job: MemoryJob, retry_policy: RetryPolicy) -> Verdict:
    """Look up a post that was called for until the worker's judge decides, waiting by the job's clock."""
    assert job.prepared is not None
    assert job.live_call_at is not None
    for _ in range(_ROUNDS):
        verdict = job.judge(await _step(connector, job), retry_policy)
        if not isinstance(verdict, Wait):
            return verdict
        await job.sleep(verdict.duration)
    raise AssertionError(f"nothing was decided in {_ROUNDS} looks: {job.looks}")


def _given_up(error: TryLater) -> Rejected:
    return Rejected(
        error.message,
        step=error.step,
        failure=error.failure,
        platform_code=error.platform_code,
        platform_message=error.platform_message,
    )


async def retrying(
    job: MemoryJob, call: Callable[[], Awaitable[Result]], *, tries: int = 8, over: type[PlatformError] = TryLater
) -> Result:
    """Repeat a call after TryLater (or another error) like a worker, waiting by the job's clock.

    Raises the last error.
    """
    for attempt in range(1, tries):
        try:
            return await call()
        except over as error:
            hint = error.retry_after if isinstance(error, TryLater) else None
            await job.sleep(hint if hint is not None else timedelta(seconds=attempt))
    return await call()


def sample(body: bytes, content_type: str, *, width: int, height: int, position: int = 0) -> Sample:
    """Describe these bytes as stored media: sides as displayed; a video is H.264 at 30 frames a second, 4 seconds."""
    is_video = content_type.startswith("video/")
    media = Media(
        asset_id=uuid4(),
        position=position,
        content_type=content_type,
        size_bytes=len(body),
        sha256=hashlib.sha256(body).hexdigest(),
        width=width,
        height=height,
        duration=timedelta(seconds=4) if is_video else None,
        video_codec="h264" if is_video else None,
        frame_rate=30.0 if is_video else None,
    )
    return Sample(media, body)


@cache  # hundreds of tests post the same few pictures
def _drawn(kind: PictureFormat, width: int, height: int, seed: int) -> bytes:
    return sample_picture(width, height, seed=seed, picture_format=kind)


def picture(
    kind: PictureFormat = "JPEG", *, width: int = 640, height: int = 640, seed: int = 0, position: int = 0
) -> Sample:
    """Draw a picture as JPEG, PNG or WEBP."""
    body = _drawn(kind, width, height, seed)
    return sample(body, f"image/{kind.lower()}", width=width, height=height, position=position)


def slideshow(count: int) -> list[Sample]:
    """Draw `count` pictures that differ."""
    return [picture(seed=position, position=position) for position in range(count)]


def clip(*, width: int = 720, height: int = 1280) -> Sample:
    """Create a video of four seconds."""
    return sample(sample_video(timedelta(seconds=4), width, height), "video/mp4", width=width, height=height)


@cache
def mixture() -> Sequence[Sample]:
    """Create a video between two pictures."""
    video = clip()
    return [picture(), replace(video, media=replace(video.media, position=1)), picture(seed=2, position=2)]


def document(*, pages: int = 2, filename: str | None = "Spring menu.pdf") -> Sample:
    """Create a PDF."""
    made = sample(pdf(pages), "application/pdf", width=1080, height=1350)
    return Sample(replace(made.media, pages=pages, filename=filename), made.body)
