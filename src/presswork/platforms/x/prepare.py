"""Prepares a post: uploads its media in segments, describes them, and waits until X has processed them. Nothing of it is public, and X
removes what no post has after a day.

Source: xdevplatform/docs (2026-08), "Media upload", read 2026-11. Each segment may be sent again; which have arrived can't be asked.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import ClassVar, Final

from pydantic import JsonValue

from presswork.platforms.api_client import ApiError, JsonObject, refusal
from presswork.platforms.errors import Rejected, TryLater, unavailable
from presswork.platforms.job_state import JobState
from presswork.platforms.json_values import part_of, text_of
from presswork.platforms.port import Job, Media, MediaFile, draft_of
from presswork.platforms.rules import text_with
from presswork.platforms.transport import CallFailed
from presswork.platforms.uploads.form import form_with_file
from presswork.platforms.uploads.processing import SMALLER_FILE, poll
from presswork.platforms.uploads.ranges import (
    Accepted,
    Forgotten,
    RangeOutcome,
    Refused,
    Unknown,
    UploadForgotten,
    send_ranges,
)
from presswork.platforms.x.api import METADATA, UPLOAD, Api, media_step
from presswork.platforms.x.error_mapping import X, processing_failure
from presswork.platforms.x.options import post_fields, settings_of
from presswork.platforms.x.rules import IMAGE, MAX_ALT_TEXT, VIDEO, check

INITIALIZE: Final = "media_initialize"
APPEND: Final = "media_append"
FINALIZE: Final = "media_finalize"
STATUS: Final = "media_status"
DESCRIBE: Final = "media_metadata"
SEGMENT_BYTES: Final = 4 * 1024 * 1024
"""Of a segment, which may have 5 MB."""
_MAX_TRIES: Final = 5
"""Calls for one segment before the worker waits and resumes later."""
_MAX_LOST: Final = 3
_GONE: Final = frozenset({400, 404, 410})
"""Statuses of an upload that accepts nothing any more: it has expired, or is not known."""
_READY: Final = (None, "succeeded")
"""States of a file that a post can have: of most pictures, X reports none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """The upload of one file."""

    media_id: str
    size_bytes: int
    position: int = 0
    """The first byte that was not sent."""
    is_final: bool = False
    is_ready: bool = False
    """Whether X has processed it."""
    is_described: bool = False
    sent_at: datetime | None = None
    """When it was complete, UTC."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress(JobState):
    """What is stored of a post while it is prepared."""

    uploads: list[Upload] = field(default_factory=list)
    """Of its media, in order; the last may be incomplete."""
    keep_lost: int = 0
    """How often X no longer had what was uploaded."""


@dataclass(frozen=True, slots=True)
class Preparation:
    """The work before the call that makes a post, or one part of a thread, live."""

    api: Api
    job: Job

    async def run(self) -> Mapping[str, JsonValue]:
        """Return the `post` as `make_live` sends it. Raises Rejected, TryLater, CredentialInvalid."""
        job, thread = self.job, self.job.thread
        check(draft_of(job)).require_none(step=INITIALIZE)
        if (lost := Progress.load(job.state).keep_lost) >= _MAX_LOST:
            raise unavailable(f"X lost the uploaded media {lost} times. Nothing was published.", step=INITIALIZE)
        for place, media in enumerate(job.media):
            await self._upload(place, media)
        uploads = Progress.load(job.state).uploads
        for upload in uploads:
            if not upload.is_ready:
                await self._await_processing(upload)
        media_ids: list[JsonValue] = [upload.media_id for upload in uploads]
        is_reply = thread is not None and thread.is_begun
        post: dict[str, JsonValue] = {
            "text": text_with(job.caption, job.link),
            **post_fields(settings_of(job.options)),
            **({"media": {"media_ids": media_ids}} if media_ids else {}),
        }
        if thread is not None and is_reply:
            post["reply"] = {"in_reply_to_tweet_id": thread.live_ids[-1]}
        return {"post": post}

    async def _upload(self, place: int, media: Media) -> None:
        """Upload a file, or what is missing of it, and describe it. Raises Rejected, TryLater, CredentialInvalid."""
        known = Progress.load(self.job.state).uploads[place : place + 1]
        upload = known[0] if known else None
        if upload is None or not upload.is_final:
            async with self.job.media_file(media, VIDEO if media.is_video else IMAGE) as file:
                upload = await self._send_file(place, media, upload, file)
        if media.alt_text and not media.is_video and not upload.is_described:
            text: JsonValue = {"alt_text": {"text": media.alt_text[:MAX_ALT_TEXT]}}
            await self._ask("POST", METADATA, step=DESCRIBE, body={"id": upload.media_id, "metadata": text})
            await self.store_upload(place, replace(upload, is_described=True))

    async def _send_file(self, place: int, media: Media, upload: Upload | None, file: MediaFile) -> Upload:
        if upload is None or upload.size_bytes != file.size_bytes:
            upload = await self._open_upload(place, media, file)
        segments = _Segments(self, place, upload, file, await self.job.access_token())
        try:
            start = Accepted(upload.position)
            await send_ranges(
                self.job, self.api.retry_policy, segments, start, end=file.size_bytes, max_tries=_MAX_TRIES
            )
            data = await self._finalize(segments.upload)
        except UploadForgotten as forgotten:
            raise await self._forget_uploads(str(forgotten), step=APPEND) from forgotten
        state = text_of(part_of(data, "processing_info").get("state"))
        if state == "failed":
            raise _explain_failure(data)
        is_ready = state in _READY
        upload = replace(segments.upload, is_final=True, is_ready=is_ready, sent_at=self.job.now())
        await self.store_upload(place, upload)
        return upload

    async def _open_upload(self, place: int, media: Media, file: MediaFile) -> Upload:
        """Open an upload; one that gets no bytes has no effect."""
        request: JsonValue = {
            "media_type": file.content_type,
            "total_bytes": file.size_bytes,
            "media_category": "tweet_video" if media.is_video else "tweet_image",
        }
        body = await self._ask("POST", f"{UPLOAD}/initialize", step=INITIALIZE, body=request)
        media_id = text_of(part_of(body, "data").get("id"))
        if media_id is None:
            raise TryLater("X opened an upload without an id.", step=INITIALIZE)
        what = "the video" if media.is_video else f"picture {place + 1} of {len(self.job.media)}"
        sentence = f"X opened an upload for {what} ({file.size_bytes:,} bytes). Nothing of it is public."
        self.job.note_later("preparing", sentence, mediaId=media_id)
        upload = Upload(media_id=media_id, size_bytes=file.size_bytes)
        if media.is_video:
            await self.store_upload(place, upload)
        return upload

    async def _finalize(self, upload: Upload) -> JsonObject:
        """Complete an upload; a repeated call returns the same. Raises UploadForgotten, TryLater, Rejected, CredentialInvalid."""
        with X.lost(step=FINALIZE):
            _, response = await self.api.send(self.job, "POST", media_step(upload.media_id, "finalize"), step=FINALIZE)
        if isinstance(response, ApiError) and response.status in _GONE and response.is_own:
            raise UploadForgotten(response.message or f"HTTP {response.status}")
        return part_of(X.object_of(response, step=FINALIZE, now=self.job.now()), "data")

    async def _await_processing(self, upload: Upload) -> None:
        """Wait until X has processed a video. Raises Rejected when it failed or takes too long, TryLater, CredentialInvalid."""
        job = self.job

        async def read() -> JsonObject:
            params = {"command": "STATUS", "media_id": upload.media_id}
            with X.lost(step=STATUS):
                _, response = await self.api.send(job, "GET", UPLOAD, params, step=STATUS)
            if isinstance(response, ApiError) and response.status in _GONE and response.is_own:
                raise await self._forget_uploads(response.message, step=STATUS)
            return part_of(X.object_of(response, step=STATUS, now=job.now()), "data")

        def is_over(data: JsonObject) -> bool:
            return text_of(part_of(data, "processing_info").get("state")) in (*_READY, "failed")

        since = upload.sent_at or job.now()
        data = await poll(job, self.api.retry_policy, read, until=is_over, since=since)
        if not is_over(data):
            what = "X did not finish processing the video in time. Nothing was published."
            raise unavailable(what, advice=SMALLER_FILE, step=STATUS)
        if part_of(data, "processing_info").get("state") == "failed":
            raise _explain_failure(data)

    async def _forget_uploads(self, reason: str, *, step: str) -> TryLater:
        """Forget what was uploaded; return the error by which the next attempt begins again."""
        await Progress(keep_lost=Progress.load(self.job.state).keep_lost + 1).save(self.job)
        return TryLater(f"X dropped an upload ({reason.rstrip('.')}). It is made again.", step=step, starts_over=True)

    async def store_upload(self, place: int, upload: Upload) -> None:
        """Store how far the upload of the file at a place has come."""
        progress = Progress.load(self.job.state)
        await replace(progress, uploads=[*progress.uploads[:place], upload]).save(self.job)

    async def _ask(self, method: str, path: str, *, step: str, body: JsonValue) -> JsonObject:
        return await self.api.ask(self.job, method, path, step=step, now=self.job.now(), body=body)


def _explain_failure(data: JsonObject) -> Rejected:
    error = part_of(data, "processing_info", "error")
    code, message = text_of(error.get("name")), text_of(error.get("message"))
    meaning = processing_failure(X.without_secrets(message) if message else None)
    return Rejected(
        f"{meaning.sentence} Nothing was published.",
        advice=meaning.advice,
        step=STATUS,
        failure=meaning.failure,
        platform_code=code,
        platform_message=message,
    )


@dataclass(slots=True)
class _Segments:
    """The segments of an open upload."""

    step: ClassVar[str] = APPEND
    retry: ClassVar[str] = "X did not confirm a segment of the file ({reason}). It is sent again{later}."
    stall: ClassVar[str] = "A segment of the file could not be sent to X ({reason})."
    preparation: Preparation
    place: int
    upload: Upload
    file: MediaFile
    token: str = field(repr=False)

    async def send(self, position: int) -> RangeOutcome:
        """Send the segment that begins there."""
        api, job = self.preparation.api, self.preparation.job
        end = min(position + SEGMENT_BYTES, self.upload.size_bytes)
        segment = MediaFile(
            size_bytes=end - position,
            content_type=self.file.content_type,
            reader=lambda first, last: self.file.reader(position + first, position + last),
        )
        fields = {"segment_index": str(position // SEGMENT_BYTES)}
        stream, headers = form_with_file(fields, segment, name="media")
        try:
            reply = await api.call(
                "POST",
                media_step(self.upload.media_id, "append"),
                step=APPEND,
                token=self.token,
                upload=stream,
                headers=headers,
            )
        except CallFailed as failed:
            return Unknown(reason=failed.reason)
        response = api.read(reply)
        if not isinstance(response, ApiError):
            self.upload = replace(self.upload, position=end)
            if end < self.upload.size_bytes:
                await self.preparation.store_upload(self.place, self.upload)
            return Accepted(end)
        if response.is_token_refused:
            self.token = await X.renewed(job, self.token, response, step=APPEND)
            return Unknown(reason="the access token was refused", is_noted=False)
        if response.is_temporary:
            return Unknown(reason=f"HTTP {response.status}")
        if response.status in _GONE:
            return Forgotten(response.message or f"HTTP {response.status}")
        return Refused(refusal(response, step=APPEND, now=job.now()))

    async def find_position(self) -> RangeOutcome:
        """Return the first byte that no answer has confirmed: X can't be asked."""
        return Accepted(self.upload.position)
