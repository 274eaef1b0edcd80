"""Uploads a video's bytes to what Meta's upload host has a place for, and resumes interrupted uploads.

Nothing is public, so every call may be repeated. The URL is built from the settings, never read from a response, because
the access token is sent with the bytes.
Source: Meta, "Upload Video to Meta Servers" (resumable uploads), "IG Container" (video_status) and "Reels Publishing API"
(2026-07-30), read 2026-11.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil
from typing import Final

from pydantic import JsonValue

from presswork.platforms.errors import TryLater
from presswork.platforms.graph.client import Brand, Graph
from presswork.platforms.graph.responses import (
    GraphError,
    JsonObject,
    UnreadableResponse,
    read_response,
    text_of,
    wait_hint,
    without_secrets,
)
from presswork.platforms.port import Job, MediaFile, RetryPolicy
from presswork.platforms.transport import CallFailed, Reply, Transport

STEP: Final = "upload"
_BYTES_PER_TIMEOUT: Final = 64_000_000
"""How many bytes one upload timeout is meant for; it is multiplied for a larger file."""
_RECEIVED: Final = ("bytes_transferred", "bytes_transfered")
"""Both spellings occur in Meta's pages."""
_DONE: Final = frozenset({"FINISHED", "PUBLISHED"})
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
class Progress:
    """The progress of an upload, as the container or video reports it."""

    received_bytes: int | None  # None: not reported
    is_complete: bool


class Uploads:
    """The upload host for videos."""

    def __init__(
        self,
        api: UploadApi,
        *,
        base: str,
        api_version: str,
        transport: Transport,
        graph: Graph,
        retry_policy: RetryPolicy,
    ) -> None:
        """Store the platform's names, the base address, a version like v27.0, the clients, and the retry policy."""
        self._api: Final = api
        self._root: Final = f"{base.rstrip('/')}/{api.folder}/{api_version}"
        self._transport: Final = transport
        self._graph: Final = graph
        self._brand: Final = graph.brand
        self._retry_policy: Final = retry_policy

    async def progress(self, job: Job, container_id: str) -> Progress:
        """Fetch how many bytes a container has. Raises TryLater, Rejected, CredentialInvalid."""
        response = await self._graph.send(job, "GET", container_id, {"fields": self._api.fields}, step=STEP)
        if isinstance(response, GraphError) and (response.code, response.subcode) == (100, None):
            return Progress(None, is_complete=False)  # an app version whose containers have no such field
        container = self._graph.object_read(response, step=STEP)
        phase = phase_of(container.get(self._api.phases), "uploading_phase")
        received = next((count for name in _RECEIVED if isinstance(count := phase.get(name), int)), None)
        return Progress(
            0 if received is None and phase.get("status") == "not_started" else received,
            is_complete=text_of(container.get("status_code")) in _DONE or phase.get("status") in COMPLETE,
        )

    async def send(self, job: Job, container_id: str, file: MediaFile, *, offset: int) -> str | None:
        """Send all bytes from `offset` on. None: the upload is complete; else why it was refused, or empty.

        Raises TryLater: fetch the progress and resume.
        """
        left = file.size_bytes - offset
        try:
            reply = await self._transport.call(
                "POST",
                f"{self._root}/{container_id}",
                operation=STEP,
                timeout=self._retry_policy.timeouts.upload * max(1, ceil(left / _BYTES_PER_TIMEOUT)),
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
            raise self._brand.no_response(failed, step=STEP) from failed
        return _refusal_in(self._brand, reply)


def phase_of(status: JsonObject | JsonValue, name: str) -> JsonObject:
    """Return one phase of a video's status, empty where it is not reported."""
    phase = status.get(name) if isinstance(status, Mapping) else None
    return phase if isinstance(phase, dict) else {}


def _refusal_in(brand: Brand, reply: Reply) -> str | None:
    """Return why the bytes were refused, None if they were accepted; this host has its own error envelope. Raises TryLater."""
    body = reply.json_object()
    if body is not None and body.get("success") is True and reply.status < 300:
        return None
    debug = None if body is None else body.get("debug_info")
    if isinstance(debug, dict):
        if debug.get("retriable") is True or reply.status >= 500 or reply.status == 429:
            message = _text(debug.get("message"))
            raise TryLater(
                f"{brand.name} did not accept all of the video: “{message or 'no message'}”.",
                step=STEP,
                retry_after=wait_hint(reply),
                is_throttled=reply.status == 429,
                platform_code=_text(debug.get("type")),
                platform_message=message,
            )
        return _text(debug.get("message")) or _text(debug.get("type")) or ""
    response = read_response(reply)
    if isinstance(response, UnreadableResponse):
        raise brand.unreadable_error(response, step=STEP)
    if isinstance(response, GraphError):
        if brand.is_temporary(response):
            raise brand.refusal(response, step=STEP)
        return response.message
    return "it did not confirm success"


def _text(value: JsonValue) -> str | None:
    text = text_of(value)
    return None if text is None else without_secrets(text)
