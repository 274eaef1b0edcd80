"""Uploads a video in the chunks that Facebook asks for, and resumes from where it has the video.

Nothing is public, so every call may be repeated: Facebook refuses a chunk that it does not expect, and says which one it does.
Source: Meta, "Uploading Videos with the Graph API" and "Error Codes" (Video API, 1363037), read 2026-11.
"""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, replace
from math import ceil
from typing import ClassVar, Final
from uuid import uuid4

from pydantic import ConfigDict, JsonValue, TypeAdapter, ValidationError
from pydantic.alias_generators import to_camel

from presswork.platforms.api_client import Action
from presswork.platforms.errors import TryLater
from presswork.platforms.facebook_pages.error_mapping import FACEBOOK, OUT_OF_STEP
from presswork.platforms.graph.container_making import ContainerMaker
from presswork.platforms.graph.containers import POST, Container
from presswork.platforms.graph.responses import (
    GraphError,
    GraphResponse,
    JsonObject,
    offsets_of,
    read_response,
    text_of,
)
from presswork.platforms.graph.video_upload import bytes_refused
from presswork.platforms.limits import megabytes
from presswork.platforms.port import Job, MediaFile, RetryPolicy
from presswork.platforms.transport import CallFailed, Transport

STEP: Final = "video_transfer"
_KEY: Final = "session"
_BYTES_PER_TIMEOUT: Final = 64_000_000
_CORRECTIONS: Final = 4
"""How often Facebook may name another chunk, without progress, before the worker waits for longer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """An upload in chunks, stored in the job's state. Sizes and offsets in bytes."""

    __pydantic_config__: ClassVar = ConfigDict(alias_generator=to_camel)

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
            raise TryLater(f"Facebook asked for bytes {start:,} to {end:,} of {self.size_bytes:,}.", step=STEP)
        return replace(self, start=start, end=end)

    def as_state(self) -> dict[str, JsonValue]:
        """Return the change that stores it."""
        return {_KEY: _SESSION.dump_python(self, mode="json", by_alias=True)}


_SESSION: Final = TypeAdapter(Session)


def opened(created: JsonObject, size_bytes: int) -> Session:
    """Parse the response to the start of an upload. Raises TryLater where it names none."""
    session_id, video_id = text_of(created.get("upload_session_id")), text_of(created.get("video_id"))
    offsets = offsets_of(created)
    if session_id is None or video_id is None or offsets is None:
        raise TryLater("Facebook opened an upload without saying which.", step=STEP)
    return Session(id=session_id, video_id=video_id, size_bytes=size_bytes, start=0, end=0).at(offsets)


def session_in(job: Job, video_id: str) -> Session | None:
    """Return the stored upload of a video; None: another one, or none."""
    try:
        session = _SESSION.validate_python(job.state.get(_KEY))
    except ValidationError:
        return None
    return session if session.video_id == video_id else None


class ChunkedUpload:
    """The upload of one post's video."""

    def __init__(
        self, transport: Transport, root: str, maker: ContainerMaker, retry_policy: RetryPolicy, job: Job
    ) -> None:
        """Store the address of the Graph API for videos with its version, the maker of the post's video, and the post."""
        self._transport: Final = transport
        self._url: Final = f"{root}/{job.account.external_id}/videos"
        self._maker: Final = maker
        self._retry_policy: Final = retry_policy
        self._job: Final = job

    async def send(self, container: Container, session: Session, file: MediaFile) -> Container:
        """Upload the missing chunks. Raises TryLater (the next call resumes), Rejected, CredentialInvalid."""
        if container.is_uploaded:
            return container
        meaning = bytes_refused(FACEBOOK.name)
        if session.size_bytes != file.size_bytes:
            what = "The video was converted again while it was uploaded, so that the halves do not fit."
            raise await self._maker.once_more(POST, what, STEP, meaning)
        corrections = 0
        while session.start < session.end:
            response = await self._transfer(session, file)
            if isinstance(response, GraphError) and response.offsets is not None and response.subcode == OUT_OF_STEP:
                corrections += 1
                if corrections > _CORRECTIONS:
                    raise FACEBOOK.refusal(response, step=STEP)
                session = session.at(response.offsets)
                continue
            if isinstance(response, GraphError) and FACEBOOK.meaning(response).action is Action.RECREATE:
                raise await self._maker.once_more(POST, FACEBOOK.explain(response), STEP, meaning, **response.reported)
            offsets = offsets_of(FACEBOOK.object_of(response, step=STEP))
            if offsets is None:
                raise TryLater("Facebook accepted a part of the video without saying which is next.", step=STEP)
            session, corrections = session.at(offsets), 0
            self._job.save_later(**session.as_state())
        size = megabytes(file.size_bytes)
        self._job.note_later("preparing", f"The video is uploaded ({size}).", containerId=container.id)
        container = replace(container, is_uploaded=True, upload_bytes=file.size_bytes, uploaded_at=self._job.now())
        await self._maker.containers.put(POST, container)
        return container

    async def _transfer(self, session: Session, file: MediaFile) -> GraphResponse:
        """Send one chunk; a refused token is renewed, once."""
        token = await self._job.access_token()
        response = await self._call(session, file, token)
        if isinstance(response, GraphError) and FACEBOOK.is_token_invalid(response):
            token = await FACEBOOK.renewed(self._job, token, response, step=STEP)
            response = await self._call(session, file, token)
        return response

    async def _call(self, session: Session, file: MediaFile, token: str) -> GraphResponse:
        fields = {
            "upload_phase": "transfer",
            "upload_session_id": session.id,
            "start_offset": str(session.start),
        }
        form = _Form(fields, file, session.start, session.end - 1)
        size_bytes = session.end - session.start
        try:
            reply = await self._transport.call(
                "POST",
                self._url,
                operation=STEP,
                timeout=self._retry_policy.timeouts.upload * max(1, ceil(size_bytes / _BYTES_PER_TIMEOUT)),
                token=token,
                data=form.body(),
                headers={"Content-Type": form.content_type, "Content-Length": str(form.size_bytes)},
            )
        except CallFailed as failed:
            raise FACEBOOK.no_response(failed, step=STEP) from failed
        return read_response(reply)


class _Form:
    """A form of type multipart/form-data with one chunk, which is streamed."""

    def __init__(self, fields: Mapping[str, str], file: MediaFile, first: int, last: int) -> None:
        boundary = uuid4().hex
        parts = [
            f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
            for name, value in fields.items()
        ]
        parts.append(
            f'--{boundary}\r\nContent-Disposition: form-data; name="video_file_chunk"; filename="chunk.mp4"\r\n'
            "Content-Type: application/octet-stream\r\n\r\n"
        )
        self._before: Final = "".join(parts).encode()
        self._after: Final = f"\r\n--{boundary}--\r\n".encode()
        self._file: Final = file
        self._first: Final = first
        self._last: Final = last
        self.content_type: Final = f"multipart/form-data; boundary={boundary}"
        self.size_bytes: Final = len(self._before) + (last - first + 1) + len(self._after)

    async def body(self) -> AsyncIterator[bytes]:
        yield self._before
        async for piece in self._file.reader(self._first, self._last):
            yield piece
        yield self._after
