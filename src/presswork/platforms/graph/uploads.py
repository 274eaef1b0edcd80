"""Uploads a video's bytes, in one request, to what Meta's upload host has a place for, and resumes after an interruption.

Nothing is public, so every call may be repeated. The URL is built from the settings, never read from a response, because
the access token is sent with the bytes.
Source: Meta, "Upload Video to Meta Servers" (resumable uploads), "IG Container" (video_status) and "Reels Publishing API"
(2026-07-30), read 2026-11.
"""

from dataclasses import KW_ONLY, dataclass, replace
from datetime import timedelta
from typing import Final

from pydantic import JsonValue

from presswork.media.specs import VideoSpec
from presswork.platforms.api_client import Action, ErrorMeaning
from presswork.platforms.errors import Reported, TryLater
from presswork.platforms.graph.client import (
    Brand,
    Graph,
    GraphError,
    UnreadableResponse,
    read_response,
    text_of,
    wait_hint,
    without_secrets,
)
from presswork.platforms.graph.containers import Container, ContainerMaker, StatusCode
from presswork.platforms.graph.error_table import OTHER_FILE
from presswork.platforms.json_values import part_of
from presswork.platforms.limits import megabytes
from presswork.platforms.port import Job, Media, MediaFile
from presswork.platforms.transport import CallFailed, Reply
from presswork.platforms.uploads.ranges import Accepted, Complete, RangeOutcome, Unknown, upload_timeout

STEP: Final = "upload"
_RECEIVED: Final = ("bytes_transferred", "bytes_transfered")
"""Both spellings occur in Meta's pages."""
_DONE: Final = frozenset({"FINISHED", "PUBLISHED"})
CONVERTED_AGAIN: Final = "The video was converted again while it was uploaded, so that the halves do not fit."
COMPLETE: Final = frozenset({"complete", "completed"})
"""How a phase of a video ends: Meta's pages name the first, its samples the second."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadApi:
    """Where one platform's videos are uploaded, and where their progress is."""

    folder: str
    """The first part of the path at the upload host, such as ig-api-upload."""
    fields: str
    """Fields of the container or video that show the progress."""
    phases: str
    """The one with the phases."""


@dataclass(frozen=True, slots=True)
class Uploads:
    """The upload host for videos, at the base URL `base`."""

    api: UploadApi
    _: KW_ONLY
    base: str
    graph: Graph

    async def find_position(self, job: Job, container_id: str) -> RangeOutcome:
        """Fetch how many bytes a container has. Raises TryLater, Rejected, CredentialInvalid."""
        unknown = Unknown(reason=f"{self.graph.brand.name} does not report how much of the video has arrived")
        response = await self.graph.send(job, "GET", container_id, {"fields": self.api.fields}, step=STEP)
        if isinstance(response, GraphError) and (response.code, response.subcode) == (100, None):
            return unknown  # an app version whose containers have no such field
        container = self.graph.object_read(response, step=STEP)
        phase = part_of(container, self.api.phases, "uploading_phase")
        if text_of(container.get("status_code")) in _DONE or phase.get("status") in COMPLETE:
            return Complete(container)
        received = next((count for name in _RECEIVED if isinstance(count := phase.get(name), int)), None)
        if received is None:
            return Accepted(0) if phase.get("status") == "not_started" else unknown
        return Accepted(max(received, 0))

    async def send(self, job: Job, container_id: str, file: MediaFile, *, offset: int) -> str | None:
        """Send all bytes from `offset` on. Return why they were refused (empty without a reason), or None if the upload is complete.

        Raises TryLater: ask for the position and resume.
        """
        left = file.size_bytes - offset
        try:
            reply = await self.graph.transport.call(
                "POST",
                f"{self.base.rstrip('/')}/{self.api.folder}/{self.graph.api_version}/{container_id}",
                operation=STEP,
                timeout=upload_timeout(self.graph.retry_policy, left),
                data=file.reader(offset, file.size_bytes - 1),
                headers={
                    "Authorization": f"OAuth {await job.access_token()}",
                    "Content-Type": "application/octet-stream",
                    "Content-Length": str(left),
                    "offset": str(offset),
                    "file_size": str(file.size_bytes),
                },
            )
        except CallFailed as failed:
            raise self.graph.brand.no_response(failed, step=STEP) from failed
        return _read_refusal(self.graph.brand, reply)


def _read_refusal(brand: Brand, reply: Reply) -> str | None:
    """Return why the bytes were refused, or None if they were accepted; this host has its own error envelope. Raises TryLater."""
    body = reply.json_object()
    if body is not None and body.get("success") is True and reply.status < 300:
        return None
    debug = None if body is None else body.get("debug_info")
    if isinstance(debug, dict):
        if debug.get("retriable") is True or reply.status >= 500 or reply.status == 429:
            message = _read_text(debug.get("message"))
            what = f"{brand.name} did not accept all of the video: “{message or 'no message'}”."
            reported = Reported(platform_code=_read_text(debug.get("type")), platform_message=message)
            is_throttled, wait = reply.status == 429, wait_hint(reply)
            raise TryLater(what, step=STEP, retry_after=wait, is_throttled=is_throttled, **reported)
        return _read_text(debug.get("message")) or _read_text(debug.get("type")) or ""
    response = read_response(reply)
    if isinstance(response, UnreadableResponse):
        raise brand.unreadable_error(response, step=STEP)
    if isinstance(response, GraphError):
        if brand.is_temporary(response):
            raise brand.refusal(response, step=STEP)
        return response.message
    return "it did not confirm success"


def _read_text(value: JsonValue) -> str | None:
    text = text_of(value)
    return None if text is None else without_secrets(text)


def bytes_refused(platform: str) -> ErrorMeaning:
    """Return the meaning of an error of an upload, where the upload host has no codes."""
    sentence = f"{platform} did not take the video's bytes."
    return ErrorMeaning(Action.RECREATE_LIMITED, sentence, OTHER_FILE)


@dataclass(frozen=True, slots=True)
class VideoUpload:
    """The upload of one post's videos: the upload host, the maker of the post's containers, and the post."""

    uploads: Uploads
    maker: ContainerMaker
    job: Job

    async def send(self, slot: str, container: Container, media: Media, spec: VideoSpec) -> Container:
        """Upload the missing bytes of a container. Raises TryLater; the next call resumes from there."""
        if container.is_uploaded:
            return container
        async with self.job.media_file(media, spec) as file:
            offset = 0
            if container.upload_bytes is None:
                container = replace(container, upload_bytes=file.size_bytes)
                await self.maker.containers.put(slot, container)
            else:
                offset = await self._find_offset(slot, container, file)
            if offset < file.size_bytes:
                await self._send_bytes(slot, container, file, offset)
        return await self.maker.store_uploaded(slot, container, file)

    async def _find_offset(self, slot: str, container: Container, file: MediaFile) -> int:
        """Return how many bytes of an interrupted upload a container has."""
        meaning = bytes_refused(self.maker.brand.name)
        if container.upload_bytes != file.size_bytes:
            raise await self.maker.drop_container(slot, CONVERTED_AGAIN, STEP, meaning)
        match await self.uploads.find_position(self.job, container.id):
            case Complete():
                return file.size_bytes
            case Accepted(position):
                return min(position, file.size_bytes)
            case unknown:
                what = f"The upload was interrupted, and {unknown.reason}."
                raise await self.maker.drop_container(slot, what, STEP, meaning)

    async def _send_bytes(self, slot: str, container: Container, file: MediaFile, offset: int) -> None:
        job, name = self.job, self.maker.brand.name
        if offset:
            await job.note("preparing", f"The upload resumes after {megabytes(offset)}.", containerId=container.id)
        token = await job.access_token()
        refused = await self.uploads.send(job, container.id, file, offset=offset)
        if refused is None:
            return
        # The upload host does not say whether the token or the video is the cause; Graph does, about the container.
        status = await self.maker.read(container.id)
        if await job.access_token() != token:
            what = f"{name} did not accept the access token; it was renewed, and the upload resumes."
            raise TryLater(what, step=STEP, retry_after=timedelta())
        if status.code in {StatusCode.ERROR, StatusCode.EXPIRED}:
            raise await self.maker.explain_failure(slot, status)
        meaning = bytes_refused(name)
        what = f"{meaning.sentence} It answered: “{refused or 'no message'}”."
        raise await self.maker.drop_container(slot, what, STEP, meaning, platform_message=refused or None)
