"""Uploads of pictures and videos: each becomes a URN that one post can show. Nothing uploaded is public by itself.

A picture is sent in one piece; a video in the parts that LinkedIn asks for, whose ETags complete it. The URLs of an upload grant the
right to upload, so they are neither shown nor logged.
Source: LinkedIn, "Images API" (2026-06) and "Videos API" (2026-03), read 2026-11.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final, Self

from pydantic import JsonValue, TypeAdapter, ValidationError

from presswork.platforms.api_client import ApiError, JsonObject
from presswork.platforms.errors import PlatformError, TryLater
from presswork.platforms.json_values import items_of, number_of, part_of, text_of
from presswork.platforms.linkedin.api import Api, read_response
from presswork.platforms.linkedin.endpoints import IMAGES, VIDEOS, one
from presswork.platforms.linkedin.urns import is_media
from presswork.platforms.port import Job, MediaFile, RetryPolicy
from presswork.platforms.transport import CallFailed, Transport

OPEN_IMAGE: Final = "images_initialize"
OPEN_VIDEO: Final = "videos_initialize"
UPLOAD: Final = "upload"
FINALIZE: Final = "videos_finalize"
STATUS: Final = "media_status"
_INITIALIZE: Final = {"action": "initializeUpload"}
_REFUSED: Final = frozenset({400, 403, 404, 405, 409, 410, 412, 413, 415, 422})
"""Statuses of an upload URL that accepts nothing any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A range of bytes, both ends inclusive, and where it goes."""

    url: str = field(repr=False)
    first: int
    last: int
    etag: str | None = None
    """What LinkedIn answered to the bytes; None: they were not sent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """The upload of one picture or video, as the post's state has it."""

    urn: str
    size_bytes: int
    parts: tuple[Part, ...]
    """Empty once the upload is complete."""
    token: str = field(default="", repr=False)
    sent_at: datetime | None = None
    """When it was complete, UTC."""
    is_ready: bool = False

    @classmethod
    def of(cls, state: Mapping[str, JsonValue], position: int) -> Self | None:
        """Load the upload of a media item from a job's state; None where there is none."""
        stored = state.get(_name(position))
        try:
            return None if stored is None else _ADAPTER.validate_python(stored)  # type: ignore[return-value]  # no subclass
        except ValidationError:
            return None

    async def save(self, job: Job, position: int) -> None:
        """Store it."""
        await job.save(**{_name(position): self._as_json()})

    def save_later(self, job: Job, position: int) -> None:
        """Store it with the next write of the post."""
        job.save_later(**{_name(position): self._as_json()})

    def _as_json(self) -> JsonValue:
        value: JsonValue = _ADAPTER.dump_python(self, mode="json")
        return value

    def with_part(self, index: int, etag: str) -> Self:
        """Return a copy in which a part has arrived."""
        parts = list(self.parts)
        parts[index] = replace(parts[index], etag=etag)
        return replace(self, parts=tuple(parts))

    def complete(self, at: datetime) -> Self:
        """Return a copy without what only the upload needed."""
        return replace(self, parts=(), token="", sent_at=at)

    def ready(self) -> Self:
        """Return a copy of which LinkedIn says, or must be assumed to have, that it can be posted."""
        return replace(self, is_ready=True)


_ADAPTER: Final = TypeAdapter(Upload)


def _name(position: int) -> str:
    return f"upload{position}"


async def drop_upload(job: Job, position: int) -> None:
    """Forget an upload, so that another is opened."""
    await job.save(**{_name(position): None})


class Refused(Exception):
    """The upload URL accepts nothing any more: it has expired, or is of another upload."""


@dataclass(frozen=True, slots=True)
class MediaStatus:
    """What LinkedIn reports of an uploaded picture or video."""

    name: str | None
    """WAITING_UPLOAD, PROCESSING, AVAILABLE or PROCESSING_FAILED."""
    failure: str | None

    @property
    def is_available(self) -> bool:
        """Whether it can be posted."""
        return self.name == "AVAILABLE"

    @property
    def is_failed(self) -> bool:
        """Whether it never can be."""
        return self.name == "PROCESSING_FAILED"

    @property
    def has_arrived(self) -> bool:
        """Whether LinkedIn has all bytes."""
        return self.name in ("PROCESSING", "AVAILABLE")


class Uploads:
    """The upload calls of LinkedIn's API."""

    def __init__(self, api: Api, transport: Transport, retry_policy: RetryPolicy) -> None:
        """Store the API client, the transport and the time-outs."""
        self._api: Final = api
        self._transport: Final = transport
        self._retry_policy: Final = retry_policy

    async def open_image(self, job: Job, file: MediaFile) -> Upload:
        """Open an upload for a picture. One that gets no bytes has no effect. Raises Rejected, TryLater, CredentialInvalid."""
        request: JsonValue = {"initializeUploadRequest": {"owner": job.account.external_id}}
        body = await self._api.ask(job, "POST", IMAGES, _INITIALIZE, step=OPEN_IMAGE, now=job.now(), body=request)
        value = part_of(body, "value")
        url, urn = text_of(value.get("uploadUrl")), text_of(value.get("image"))
        part = Part(url=url or "", first=0, last=file.size_bytes - 1)
        return self._checked(urn, file, [part], step=OPEN_IMAGE)

    async def open_video(self, job: Job, file: MediaFile) -> Upload:
        """Open an upload for a video. Raises Rejected, TryLater, CredentialInvalid."""
        request: JsonValue = {
            "initializeUploadRequest": {
                "owner": job.account.external_id,
                "fileSizeBytes": file.size_bytes,
                "uploadCaptions": False,
                "uploadThumbnail": False,
            }
        }
        body = await self._api.ask(job, "POST", VIDEOS, _INITIALIZE, step=OPEN_VIDEO, now=job.now(), body=request)
        value = part_of(body, "value")
        parts = [_part(item) for item in items_of(value, "uploadInstructions")]
        upload = self._checked(text_of(value.get("video")), file, parts, step=OPEN_VIDEO)
        return replace(upload, token=text_of(value.get("uploadToken")) or "")

    def _checked(self, urn: str | None, file: MediaFile, parts: list[Part], *, step: str) -> Upload:
        """Return the upload, if its parts cover the file and go to LinkedIn. Raises TryLater."""
        ordered = sorted(parts, key=lambda part: part.first)
        starts = [part.first for part in ordered]
        ends = [part.last + 1 for part in ordered]
        is_covered = starts == [0, *ends[:-1]] and ends[-1:] == [file.size_bytes]
        if urn is None or not is_media(urn) or not is_covered:
            raise TryLater("LinkedIn opened an upload without the parts that the file needs.", step=step)
        if not all(self._api.endpoints.accepts_upload_url(part.url) for part in ordered):
            raise TryLater("LinkedIn opened an upload with an address that can't be LinkedIn's.", step=step)
        return Upload(urn=urn, size_bytes=file.size_bytes, parts=tuple(ordered))

    async def send(self, part: Part, file: MediaFile, *, token: str) -> str | ApiError | CallFailed:
        """Send the bytes of a part, once; return its ETag (empty where there is none), or why it was not confirmed.

        Raises Refused.
        """
        try:
            reply = await self._transport.call(
                "PUT",
                part.url,
                operation=UPLOAD,
                timeout=self._retry_policy.timeouts.upload,
                token=token,
                data=file.reader(part.first, part.last),
                headers={
                    "Content-Type": "application/octet-stream",
                    "Content-Length": str(part.last - part.first + 1),
                },
            )
        except CallFailed as failed:
            return failed
        response = read_response(reply)
        if not isinstance(response, ApiError):
            return reply.header("etag") or ""
        if response.status in _REFUSED:
            raise Refused(f"HTTP {response.status}")
        return response

    async def finalize(self, job: Job, upload: Upload) -> None:
        """Complete a video; a repeated call is harmless: see `Preparation`. Raises Rejected, TryLater, CredentialInvalid."""
        request: JsonValue = {
            "finalizeUploadRequest": {
                "video": upload.urn,
                "uploadToken": upload.token,
                "uploadedPartIds": [part.etag for part in upload.parts],
            }
        }
        params = {"action": "finalizeUpload"}
        await self._api.ask(job, "POST", VIDEOS, params, step=FINALIZE, now=job.now(), body=request)

    async def status(self, job: Job, urn: str, *, is_video: bool) -> MediaStatus:
        """Return the status of a picture (readable for pages only) or a video. Raises Rejected, TryLater, CredentialInvalid."""
        path = one(VIDEOS if is_video else IMAGES, urn)
        body = await self._api.ask(job, "GET", path, step=STATUS, now=job.now())
        return MediaStatus(text_of(body.get("status")), text_of(body.get("processingFailureReason")))

    async def has_arrived(self, job: Job, upload: Upload) -> bool:
        """Whether a video is complete, after an answer to `finalize` that does not say so."""
        try:
            return (await self.status(job, upload.urn, is_video=True)).has_arrived
        except PlatformError:
            return False


def _part(item: JsonObject) -> Part:
    first, last = number_of(item.get("firstByte")), number_of(item.get("lastByte"))
    return Part(
        url=text_of(item.get("uploadUrl")) or "",
        first=-1 if first is None else first,
        last=-1 if last is None else last,
    )
