"""Google's resumable upload protocol: opens a session, sends chunks, and asks how far the session is.

A session becomes one video at most, however often its bytes are sent. Its URL grants the right to upload, so it is neither shown
nor logged. Source: Google, "Resumable Uploads" (YouTube Data API), read 2026-11.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final, Self

from pydantic import JsonValue, TypeAdapter, ValidationError

from presswork.platforms.api_client import ApiError, JsonObject, refusal
from presswork.platforms.errors import TryLater
from presswork.platforms.json_values import text_of
from presswork.platforms.port import Job, MediaFile, RetryPolicy
from presswork.platforms.transport import CallFailed, Reply, Transport
from presswork.platforms.youtube.api import Api, read_response
from presswork.platforms.youtube.endpoints import UPLOAD
from presswork.platforms.youtube.error_mapping import YOUTUBE

OPEN: Final = "videos_insert"
STEP: Final = "upload"
CHUNK_UNIT: Final = 262_144
"""Every chunk but the last is a multiple of this many bytes."""
CHUNK_BYTES: Final = 32 * CHUNK_UNIT
_RESUME: Final = 308
_RANGE: Final = re.compile(r"bytes=0-(\d{1,15})", re.ASCII)
_UPLOAD: Final = "upload"


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """An open session."""

    url: str = field(repr=False)
    size_bytes: int
    title: str
    """The title of the video that it becomes, by which the video can be found."""
    opened_at: datetime
    is_last_sent: bool = False
    """Whether the last byte may have been sent, so that the video may exist."""

    @classmethod
    def of(cls, state: Mapping[str, JsonValue]) -> Self | None:
        """Load the session from a job's state; None where there is none."""
        try:
            return _ADAPTER.validate_python(state[_UPLOAD]) if _UPLOAD in state else None  # type: ignore[return-value]  # no subclass
        except ValidationError:
            return None

    async def save(self, job: Job) -> None:
        """Store the session."""
        value: JsonValue = _ADAPTER.dump_python(self, mode="json")
        await job.save(**{_UPLOAD: value})

    def with_last_sent(self) -> Self:
        """Return a copy for the moment before the last byte is sent."""
        return replace(self, is_last_sent=True)


_ADAPTER: Final = TypeAdapter(Upload)


@dataclass(frozen=True, slots=True)
class Progress:
    """The session has the first `stored_bytes` of the video."""

    stored_bytes: int


@dataclass(frozen=True, slots=True)
class Complete:
    """The session became this video."""

    video: JsonObject


@dataclass(frozen=True, slots=True)
class Gone:
    """The session accepts nothing any more. `error` is YouTube's own reason, where it gave one."""

    reason: str
    error: ApiError | None = None


@dataclass(frozen=True, slots=True)
class Lost:
    """No usable response: the bytes may have arrived."""

    reason: str


@dataclass(frozen=True, slots=True)
class Unauthorized:
    """The access token was refused; no byte was stored."""

    error: ApiError


Answer = Progress | Complete | Gone | Lost | Unauthorized


class Uploads:
    """The upload endpoint of YouTube's API."""

    def __init__(
        self, api: Api, transport: Transport, retry_policy: RetryPolicy, *, chunk_bytes: int = CHUNK_BYTES
    ) -> None:
        """Store the API client, the transport, the time-outs, and the size of a chunk: a multiple of CHUNK_UNIT."""
        if chunk_bytes <= 0 or chunk_bytes % CHUNK_UNIT:
            raise ValueError(f"a chunk of {chunk_bytes} bytes; it must be a multiple of {CHUNK_UNIT}")
        self._api: Final = api
        self._transport: Final = transport
        self._retry_policy: Final = retry_policy
        self.chunk_bytes: Final = chunk_bytes

    async def open(self, job: Job, file: MediaFile, params: Mapping[str, str], video: Mapping[str, JsonValue]) -> str:
        """Open a session for a file and return its URL. One whose response is lost never gets a byte: opening another is safe.

        Raises Rejected, TryLater, CredentialInvalid.
        """
        headers = {"X-Upload-Content-Length": str(file.size_bytes), "X-Upload-Content-Type": file.content_type}
        query = {"uploadType": "resumable", "part": ",".join(video), **params}
        with YOUTUBE.lost(step=OPEN):
            reply, response = await self._api.send(
                job, "POST", UPLOAD, query, step=OPEN, body=dict(video), headers=headers
            )
        if isinstance(response, ApiError):
            raise refusal(response, step=OPEN, now=job.now())
        url = reply.header("location")
        if url is None or not self._api.endpoints.accepts_session_url(url):
            raise TryLater("YouTube opened an upload without an address that can be YouTube's.", step=OPEN)
        return url

    async def send(self, upload: Upload, file: MediaFile, first: int, *, token: str) -> Answer:
        """Send one chunk, from byte `first` on."""
        last = self.last_of(upload, first)
        data = file.reader(first, last)
        headers = {
            "Content-Type": file.content_type,
            "Content-Length": str(last - first + 1),
            "Content-Range": f"bytes {first}-{last}/{upload.size_bytes}",
        }
        try:
            reply = await self._transport.call(
                "PUT",
                upload.url,
                operation=STEP,
                timeout=self._retry_policy.timeouts.upload,
                token=token,
                data=data,
                headers=headers,
            )
        except CallFailed as failed:
            return Lost(failed.reason)
        return _answer(reply)

    async def ask(self, upload: Upload, *, token: str) -> Answer:
        """Ask how many bytes have arrived."""
        try:
            reply = await self._transport.call(
                "PUT",
                upload.url,
                operation=STEP,
                timeout=self._retry_policy.timeouts.call,
                token=token,
                data=b"",
                headers={"Content-Length": "0", "Content-Range": f"bytes */{upload.size_bytes}"},
            )
        except CallFailed as failed:
            return Lost(failed.reason)
        return _answer(reply)

    def last_of(self, upload: Upload, first: int) -> int:
        """Return the last byte of the chunk that begins at `first`."""
        return min(first + self.chunk_bytes, upload.size_bytes) - 1


def _answer(reply: Reply) -> Answer:
    if reply.status == _RESUME:
        header = reply.header("range")
        if header is None:
            return Progress(0)
        match = _RANGE.fullmatch(header)
        return Lost("its range is unreadable") if match is None else Progress(int(match[1]) + 1)
    response = read_response(reply)
    if not isinstance(response, ApiError):
        is_video = isinstance(response, Mapping) and text_of(response.get("id")) is not None
        return Complete(response) if is_video and isinstance(response, Mapping) else Lost("its response names no video")
    if response.status == 401:
        return Unauthorized(response)
    if response.status >= 500 or response.status in (408, 429):
        return Lost(f"HTTP {response.status}")
    return Gone(f"HTTP {response.status}", response if response.is_own else None)
