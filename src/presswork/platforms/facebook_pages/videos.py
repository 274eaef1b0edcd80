"""Videos and reels: an upload, whose id is known before anything is public, and one call that publishes it.

The calls that take a whole video at once are not used: after a lost response there would be nothing to ask about. A video is sent in
the chunks that Facebook asks for; every call may be repeated, because Facebook refuses a chunk that it does not expect, and says which
one it does.
Source: Meta, "Reels Publishing API" (2026-07-30), "Uploading Videos with the Graph API", "Error Codes" (Video API, 1363037) and "Video"
(status), read 2026-11.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import ClassVar, Final
from uuid import uuid4

from pydantic import JsonValue

from presswork.media.specs import VideoSpec
from presswork.platforms import json_values
from presswork.platforms.api_client import Action, ErrorMeaning, JsonObject
from presswork.platforms.errors import TryLater
from presswork.platforms.facebook_pages.error_mapping import FACEBOOK, OUT_OF_STEP, PROCESSING
from presswork.platforms.facebook_pages.options import settings_of, video_parameters
from presswork.platforms.facebook_pages.rules import REELS, check, is_reel, spec_of
from presswork.platforms.facebook_pages.stories import KIND, PHOTO_STORY, PHOTO_STORY_API
from presswork.platforms.facebook_pages.texts import AT_ONCE, AT_ONCE_API, TEXT, TEXT_API
from presswork.platforms.graph.client import (
    Graph,
    GraphError,
    GraphResponse,
    offsets_of,
    read_response,
    text_of,
    without_secrets,
)
from presswork.platforms.graph.containers import (
    POST,
    Container,
    ContainerApi,
    ContainerMaker,
    Publication,
    Status,
    StatusCode,
)
from presswork.platforms.graph.uploads import (
    COMPLETE,
    CONVERTED_AGAIN,
    UploadApi,
    Uploads,
    VideoUpload,
    bytes_refused,
)
from presswork.platforms.job_state import IN_CAMEL_CASE, as_stored, parse_stored
from presswork.platforms.json_values import part_of
from presswork.platforms.port import Job, MediaFile, Processing, RetryPolicy, draft_of
from presswork.platforms.rate_limits import reserve
from presswork.platforms.transport import CallFailed
from presswork.platforms.uploads.ranges import upload_timeout

STEP: Final = "video_status"
UPLOADS: Final = UploadApi(folder="video-upload", fields="status", phases="status")
_FAILED: Final = frozenset({"error", "expired", "upload_failed"})
_POST_NAMED_WITHIN: Final = timedelta(seconds=30)
"""How long to wait for the id of the post of a video that is live (not documented)."""
_LATEST_TIME: Final = 2**33
_SESSION: Final = "sessionId"
TRANSFER: Final = "video_transfer"
_KEY: Final = "session"
_MAX_CORRECTIONS: Final = 4
"""How often Facebook may name another chunk, without progress, before the worker waits for longer."""


def _read_meaning(_message: str) -> tuple[ErrorMeaning, str | None]:
    return PROCESSING, None


REEL_API: Final = ContainerApi(
    create="video_reels", publish="video_reels", id_field="video_id", meaning_of_status=_read_meaning
)
STORY_API: Final = ContainerApi(
    create="video_stories", publish="video_stories", id_field="video_id", meaning_of_status=_read_meaning
)
VIDEO_API: Final = ContainerApi(create="videos", publish="videos", id_field="video_id", meaning_of_status=_read_meaning)


_APIS: Final[Mapping[str, ContainerApi]] = {
    "reel": REEL_API,
    "video": VIDEO_API,
    "story": STORY_API,
    TEXT: TEXT_API,
    AT_ONCE: AT_ONCE_API,
    PHOTO_STORY: PHOTO_STORY_API,
}


def api_of(prepared: Mapping[str, JsonValue]) -> ContainerApi | None:
    """Return the calls by which a prepared video, text or story is published, or None for pictures."""
    return _APIS.get(str(prepared.get(KIND)))


@dataclass(frozen=True, slots=True, kw_only=True)
class VideoHosts:
    """The clients of the hosts that a video is sent to."""

    graph: Graph
    video: Graph
    """Graph, at the host for uploads of videos."""
    uploads: Uploads
    """The upload host for reels."""

    def of(self, api: ContainerApi) -> Graph:
        """Return the Graph client for the calls that upload and publish."""
        return self.video if api is VIDEO_API else self.graph


class Video:
    """The video of one post."""

    def __init__(self, hosts: VideoHosts, retry_policy: RetryPolicy, job: Job) -> None:
        """Store the post, and load what an earlier attempt uploaded."""
        self._hosts: Final = hosts
        self._retry_policy: Final = retry_policy
        self._job: Final = job
        is_story = settings_of(job.options).is_story
        self._kind: Final = "story" if is_story else "reel" if is_reel(job.media[0]) else "video"
        self._api: Final = _APIS[self._kind]
        self._is_chunked: Final = self._api is VIDEO_API
        self._spec: Final[VideoSpec] = spec_of(job.media[0], is_story=is_story)
        status = VideoStatus(hosts.graph, job, is_uploaded=self._is_chunked)
        self._maker: Final = ContainerMaker(hosts.of(self._api), self._api, retry_policy, job, read=status.read)
        self._session: str | None = None

    def prepared(self) -> dict[str, JsonValue]:
        """Return what the live call needs, once `upload` has returned."""
        return {KIND: self._kind, _SESSION: self._session}

    async def upload(self) -> tuple[Container, bool]:
        """Return the uploaded video, and whether it is published already. Raises TryLater, Rejected, CredentialInvalid."""
        check(draft_of(self._job)).require_none(step=self._api.create)
        container = await (self._upload_video() if self._is_chunked else self._upload_reel())
        was_called = Publication.load(self._job, container.id).call_at is not None
        if self._is_chunked and not was_called:
            return container, False  # the call that publishes it also ends the upload
        status = await self._maker.finish(POST, container)
        if status is not StatusCode.PUBLISHED and not container.is_ready:
            sentence = "Facebook has the whole video; the post is ready to go live."
            self._job.note_later("prepared", sentence, containerId=container.id)
        if status is StatusCode.PUBLISHED:
            named = await self._maker.read(container.id)
            publication = Publication.load(self._job, container.id)
            await replace(publication, media_id=named.post_id).save(self._job)
        return container, status is StatusCode.PUBLISHED

    async def _upload_reel(self) -> Container:
        """Upload a reel or a story, in one request."""
        job = self._job
        container = self._maker.containers.get(POST)
        if container is None:
            if (
                self._kind == "reel" and self._retry_policy.limit_recheck is None
            ):  # a sandbox's clock may be moved: only its own response counts
                await reserve(job, REELS, step=self._api.create)
            what = f"the {self._kind}"
            container = await self._maker.create(POST, {"upload_phase": "start"}, what, is_uploaded=False)
        upload = VideoUpload(self._hosts.uploads, self._maker, job)
        return await upload.send(POST, container, job.media[0], self._spec)

    async def _upload_video(self) -> Container:
        """Upload a video in chunks. An upload whose first response is lost stays empty, and is never published."""
        job, maker = self._job, self._maker
        container = maker.containers.get(POST)
        async with job.media_file(job.media[0], self._spec) as file:
            if container is None or session_in(job, container.id) is None:

                def session_state(created: JsonObject) -> Mapping[str, JsonValue]:
                    return opened(created, file.size_bytes).as_state()

                start = {"upload_phase": "start", "file_size": str(file.size_bytes)}
                container = await maker.create(POST, start, "the video", is_uploaded=False, also=session_state)
            session = session_in(job, container.id)
            if session is None:
                raise TryLater("The upload at Facebook was lost.", step=self._api.create)
            upload = ChunkedUpload(self._hosts.video, maker, self._retry_policy, job)
            self._session = session.id
            return await upload.send(container, session, file)


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """An upload in chunks, stored in the job's state. Sizes and offsets in bytes."""

    __pydantic_config__: ClassVar = IN_CAMEL_CASE

    id: str
    video_id: str
    size_bytes: int
    start: int
    """The first byte of the next chunk."""
    end: int
    """The byte after it. The same as `start`: Facebook has the whole video."""

    def at(self, offsets: tuple[int, int]) -> "Session":
        """Return a copy at the next chunk. Raises TryLater where it can't be one of this file."""
        start, end = offsets
        if not 0 <= start <= end <= self.size_bytes:
            raise TryLater(f"Facebook asked for bytes {start:,} to {end:,} of {self.size_bytes:,}.", step=TRANSFER)
        return replace(self, start=start, end=end)

    def as_state(self) -> dict[str, JsonValue]:
        """Return the change that stores it."""
        return {_KEY: as_stored(self)}


def opened(created: JsonObject, size_bytes: int) -> Session:
    """Parse the response to the start of an upload. Raises TryLater where it names none."""
    session_id, video_id = text_of(created.get("upload_session_id")), text_of(created.get("video_id"))
    offsets = offsets_of(created)
    if session_id is None or video_id is None or offsets is None:
        raise TryLater("Facebook opened an upload without saying which.", step=TRANSFER)
    return Session(id=session_id, video_id=video_id, size_bytes=size_bytes, start=0, end=0).at(offsets)


def session_in(job: Job, video_id: str) -> Session | None:
    """Return the stored upload of a video, or None for another one, or none."""
    session = parse_stored(Session, job.state.get(_KEY))
    return session if session is not None and session.video_id == video_id else None


@dataclass(frozen=True, slots=True)
class ChunkedUpload:
    """The upload of one post's video; `graph` is the Graph API for videos."""

    graph: Graph
    maker: ContainerMaker
    retry_policy: RetryPolicy
    job: Job

    async def send(self, container: Container, session: Session, file: MediaFile) -> Container:
        """Upload the missing chunks. Raises TryLater (the next call resumes), Rejected, CredentialInvalid."""
        if container.is_uploaded:
            return container
        meaning = bytes_refused(FACEBOOK.name)
        if session.size_bytes != file.size_bytes:
            raise await self.maker.drop_container(POST, CONVERTED_AGAIN, TRANSFER, meaning)
        corrections = 0
        while session.start < session.end:
            response = await self._transfer_chunk(session, file)
            if isinstance(response, GraphError) and response.offsets is not None and response.subcode == OUT_OF_STEP:
                corrections += 1
                if corrections > _MAX_CORRECTIONS:
                    raise FACEBOOK.refusal(response, step=TRANSFER)
                session = session.at(response.offsets)
                continue
            if isinstance(response, GraphError) and FACEBOOK.meaning(response).action is Action.RECREATE:
                what = FACEBOOK.explain(response)
                raise await self.maker.drop_container(POST, what, TRANSFER, meaning, **response.reported)
            offsets = offsets_of(FACEBOOK.object_of(response, step=TRANSFER))
            if offsets is None:
                raise TryLater("Facebook accepted a part of the video without saying which is next.", step=TRANSFER)
            session, corrections = session.at(offsets), 0
            self.job.save_later(**session.as_state())
        return await self.maker.store_uploaded(POST, container, file)

    async def _transfer_chunk(self, session: Session, file: MediaFile) -> GraphResponse:
        """Send one chunk; a refused token is renewed, once."""
        token = await self.job.access_token()
        response = await self._send_chunk(session, file, token)
        if isinstance(response, GraphError) and FACEBOOK.is_token_invalid(response):
            token = await FACEBOOK.renewed(self.job, token, response, step=TRANSFER)
            response = await self._send_chunk(session, file, token)
        return response

    async def _send_chunk(self, session: Session, file: MediaFile, token: str) -> GraphResponse:
        size_bytes = session.end - session.start
        boundary = uuid4().hex
        before, after = _build_form(session, boundary)

        async def body() -> AsyncIterator[bytes]:
            yield before
            async for piece in file.reader(session.start, session.end - 1):
                yield piece
            yield after

        try:
            reply = await self.graph.transport.call(
                "POST",
                f"{self.graph.root}/{self.job.account.external_id}/videos",
                operation=TRANSFER,
                timeout=upload_timeout(self.retry_policy, size_bytes),
                token=token,
                params=self.graph.prove(token),
                data=body(),
                headers={
                    "Content-Type": f"multipart/form-data; boundary={boundary}",
                    "Content-Length": str(len(before) + size_bytes + len(after)),
                },
            )
        except CallFailed as failed:
            raise FACEBOOK.no_response(failed, step=TRANSFER) from failed
        return read_response(reply)


def _build_form(session: Session, boundary: str) -> tuple[bytes, bytes]:
    """Return what is before and after a chunk in a form of type multipart/form-data."""
    fields = {"upload_phase": "transfer", "upload_session_id": session.id, "start_offset": str(session.start)}
    before = "".join(
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in fields.items()
    )
    chunk = (
        f'--{boundary}\r\nContent-Disposition: form-data; name="video_file_chunk"; filename="chunk.mp4"\r\n'
        "Content-Type: application/octet-stream\r\n\r\n"
    )
    return (before + chunk).encode(), f"\r\n--{boundary}--\r\n".encode()


@dataclass(frozen=True, slots=True)
class VideoStatus:
    """What Facebook reports of an uploaded video. `is_uploaded`: it is known already that Facebook has all bytes."""

    graph: Graph
    job: Job
    is_uploaded: bool = field(default=True, kw_only=True)

    async def find(self, known: Sequence[str] | None) -> str | None:
        """Return None, since a published video has its own id."""

    async def read(self, video_id: str) -> Status:
        """Return how far a video is: FINISHED is uploaded and not published. Raises TryLater, Rejected, CredentialInvalid.

        The id of the post follows a moment after the video is live; without it, the video's own id stands for the post. After a
        call that Facebook has confirmed, a video that is not published yet is in progress; after one whose response was lost, so is
        a video that Facebook is processing, since it may be published when that is over.
        """
        fields = {"fields": "status,published,permalink_url,post_id"}
        video = await self.graph.read(self.job, video_id, fields, step=STEP)
        status = part_of(video, "status")
        publishing = part_of(status, "publishing_phase")
        if _has_failed(status):
            return Status(StatusCode.ERROR, _read_message(status))
        if _is_published(video, publishing):
            post_id = text_of(video.get("post_id")) or self._read_named_post(video_id)
            is_awaited = post_id is None and self.job.now() - self._read_published_at(publishing) < _POST_NAMED_WITHIN
            return Status(StatusCode.IN_PROGRESS if is_awaited else StatusCode.PUBLISHED, "", post_id or video_id)
        publication = Publication.load(self.job, video_id)
        was_called = self.job.live_call_at is not None or publication.call_at is not None
        is_going_live = publication.media_id is not None or publishing.get("status") == "in_progress"
        is_uploaded = self.is_uploaded or _is_uploaded(status)
        if is_going_live or (was_called and _is_processing(status)) or not is_uploaded:
            return Status(StatusCode.IN_PROGRESS, "")
        return Status(StatusCode.FINISHED, "")

    def _read_named_post(self, video_id: str) -> str | None:
        """Return the post that the response to the call named, which it does at times."""
        named = Publication.load(self.job, video_id).media_id
        return None if named == video_id else named

    def _read_published_at(self, publishing: JsonObject) -> datetime:
        """Return when the video was published, as reported, or else when that was requested."""
        seconds = publishing.get("publish_time")
        if isinstance(seconds, int) and 0 < seconds < _LATEST_TIME:
            return datetime.fromtimestamp(seconds, UTC)
        return self.job.live_call_at or self.job.now()


def _is_published(video: JsonObject, publishing: JsonObject) -> bool:
    """Whether a video is live: by its publishing phase, or where that is not reported, by its post. "ready" alone is not."""
    if not publishing:
        return video.get("published") is True and text_of(video.get("post_id")) is not None
    result = publishing.get("publish_status")
    return result == "published" or (publishing.get("status") in COMPLETE and result is None)


def _has_failed(status: JsonObject) -> bool:
    phases = [part_of(status, name) for name in ("uploading_phase", "processing_phase", "publishing_phase")]
    return (
        status.get("video_status") in _FAILED
        or any(phase.get("status") == "error" for phase in phases)
        or phases[-1].get("publish_status") == "error"
    )


def _is_uploaded(status: JsonObject) -> bool:
    uploading = part_of(status, "uploading_phase")
    return uploading.get("status") in COMPLETE or status.get("video_status") in {"upload_complete", "ready"}


def _is_processing(status: JsonObject) -> bool:
    processing = part_of(status, "processing_phase")
    return status.get("video_status") == "processing" or processing.get("status") == "in_progress"


def _read_message(status: JsonObject) -> str:
    """Return why a video failed, as its phases say it."""
    for name in ("uploading_phase", "processing_phase", "publishing_phase"):
        phase = part_of(status, name)
        error = phase.get("error")
        errors = [*([error] if isinstance(error, dict) else []), *json_values.items_of(phase, "errors")]
        for one in errors:
            if (message := text_of(one.get("message"))) is not None:
                return without_secrets(message)
    return ""


def finish_parameters(job: Job, prepared: Mapping[str, JsonValue], video_id: str) -> dict[str, str]:
    """Return the parameters of the call that publishes a video."""
    if api_of(prepared) is STORY_API:
        return {"upload_phase": "finish", "video_id": video_id}
    description = {"description": job.caption} if job.caption else {}
    texts = {**description, **video_parameters(settings_of(job.options))}
    if api_of(prepared) is REEL_API:
        return {"upload_phase": "finish", "video_id": video_id, "video_state": "PUBLISHED", **texts}
    return {"upload_phase": "finish", "upload_session_id": str(prepared.get(_SESSION)), **texts}


def outcome_of(response: JsonObject, *, retry_policy: RetryPolicy) -> Processing | None:
    """Return the outcome of that call: Facebook processes the video, and publishes it by itself; or None if it is not confirmed."""
    is_confirmed = response.get("success") is True or any(text_of(response.get(name)) for name in ("post_id", "id"))
    if not is_confirmed:
        return None
    return Processing(message=f"{FACEBOOK.name} is processing the video.", check_after=retry_policy.poll_first)
