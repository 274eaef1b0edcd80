"""Prepares a post: uploads its pictures, its video or its document, and waits until LinkedIn has processed them.

Nothing that happens here is public. Each medium becomes a URN that one post can show. A picture or a document is sent in one piece; a video in the
parts that LinkedIn asks for, whose ETags complete it, and each part is stored, so that a worker that resumes sends only what is missing.
The URLs of an upload grant the right to upload, so they are neither shown nor logged.
Source: LinkedIn, "Images API" (2026-06), "Videos API" (2026-03) and "Documents API" (2026-08), read 2026-11.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from typing import ClassVar, Final

from pydantic import JsonValue

from presswork.media.model import ContentType, Kind
from presswork.media.specs import ImageSpec, VideoSpec
from presswork.platforms.api_client import ApiError, JsonObject, refusal
from presswork.platforms.errors import FailureCode, PlatformError, Rejected, Reported, TryLater, unavailable
from presswork.platforms.findings import in_words
from presswork.platforms.job_state import JobState, as_stored, parse_stored
from presswork.platforms.json_values import items_of, number_of, part_of, text_of
from presswork.platforms.linkedin.api import DOCUMENTS, IMAGES, VIDEOS, Api, one, read_response
from presswork.platforms.linkedin.error_mapping import LINKEDIN, processing_failure
from presswork.platforms.linkedin.notation import is_media, is_organization
from presswork.platforms.linkedin.rules import IMAGE, STATUS_READS, VIDEO, Quota, check, check_for, settings_of
from presswork.platforms.port import Job, Media, MediaFile, draft_of
from presswork.platforms.rate_limits import reserve
from presswork.platforms.transport import CallFailed
from presswork.platforms.uploads.processing import SMALLER_FILE, poll
from presswork.platforms.uploads.ranges import (
    Accepted,
    Forgotten,
    RangeOutcome,
    Refused,
    Unknown,
    UploadForgotten,
    note_reopening,
    send_ranges,
)

_PATHS: Final = {Kind.IMAGE: IMAGES, Kind.VIDEO: VIDEOS, Kind.DOCUMENT: DOCUMENTS}
_OPEN: Final = {
    Kind.IMAGE: "images_initialize",
    Kind.VIDEO: "videos_initialize",
    Kind.DOCUMENT: "documents_initialize",
}
_FORMATS: Final[Mapping[Kind, ImageSpec | VideoSpec | None]] = {
    Kind.IMAGE: IMAGE,
    Kind.VIDEO: VIDEO,
    Kind.DOCUMENT: None,
}
UPLOAD: Final = "upload"
FINALIZE: Final = "videos_finalize"
STATUS: Final = "media_status"
MAX_UPLOADS: Final = 3
"""Uploads of one media item before the post fails."""
_MAX_TRIES: Final = 5
"""Calls for one part before the worker waits and resumes later."""
_GRACE: Final = 5
"""How many first waits a picture or a document of a member gets, whose status a member's token can't read. Other publishers wait as long."""
_PART_BYTES: Final = 4 * 1024 * 1024
"""The size of parts, for the number of calls; LinkedIn decides about it."""
_AVAILABLE: Final = "AVAILABLE"
_FAILED: Final = "PROCESSING_FAILED"
_OVER: Final = (_AVAILABLE, _FAILED)
"""Statuses of media that are processed; before, it is WAITING_UPLOAD or PROCESSING."""
_GONE: Final = frozenset({400, 403, 404, 405, 409, 410, 412, 413, 415, 422})
"""Statuses of an upload URL that accepts nothing any more: it has expired, or is of another upload."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Progress(JobState):
    """What is stored of a post while it is prepared, besides its uploads."""

    reserved_until: str | None = None
    """The end of the day for which the calls of the post are reserved."""
    keep_uploads: int = 0
    """Uploads that LinkedIn refused before they were complete."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A range of bytes, both ends inclusive, and where it goes."""

    url: str = field(repr=False)
    first: int
    last: int
    etag: str | None = None
    """How LinkedIn responded to the bytes, or None if they were not sent."""

    @classmethod
    def of(cls, item: JsonObject) -> "Part":
        """Parse an upload instruction; what it does not say is -1."""
        first, last = number_of(item.get("firstByte")), number_of(item.get("lastByte"))
        url = text_of(item.get("uploadUrl")) or ""
        return cls(url=url, first=-1 if first is None else first, last=-1 if last is None else last)


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """The upload of one media item, as the post's state has it under its position."""

    urn: str
    size_bytes: int
    parts: tuple[Part, ...]
    """Empty once the upload is complete."""
    token: str = field(default="", repr=False)
    sent_at: datetime | None = None
    """When it was complete, UTC."""
    is_ready: bool = False
    """Whether LinkedIn says, or must be assumed to have, that it can be posted."""

    @property
    def position(self) -> int:
        """The first byte that was not sent."""
        return next((part.first for part in self.parts if part.etag is None), self.size_bytes)


def _name_key(media: Media) -> str:
    return f"upload{media.position}"


def _makes_document(job: Job) -> bool:
    return bool(job.media) and settings_of(job.options).document_from_images is True


def media_of(job: Job) -> Sequence[Media]:
    """Return what is uploaded for a post: its media, the document that is made of them, or the picture of its link's card."""
    if _makes_document(job):
        first_line = job.caption.strip().partition("\n")[0]
        first = job.media[0]
        return [replace(first, content_type=ContentType.PDF.value, pages=len(job.media), filename=first_line)]
    return job.media or ([] if job.link_picture is None else [job.link_picture])


def has_video(job: Job) -> bool:
    """Whether the post is a video."""
    return any(media.is_video for media in job.media)


@dataclass(frozen=True, slots=True)
class Preparation:
    """One run of preparing one post; resumes from the job's state."""

    api: Api
    quota: Quota
    job: Job

    async def run(self) -> list[str]:
        """Return the URNs of the media, in order. Raises TryLater, Rejected, CredentialInvalid."""
        job = self.job
        draft = draft_of(job)
        (check(draft) + check_for(job.account, draft)).require_none(step=UPLOAD)
        await self._reserve_calls()
        pieces = media_of(job)
        uploads = [await self._upload_media(media) for media in pieces]
        is_waiting = not all(upload.is_ready for upload in uploads)
        for media, upload in zip(pieces, uploads, strict=True):
            if not upload.is_ready:
                await self._await_processing(media, upload)
                job.save_later(**{_name_key(media): as_stored(replace(upload, is_ready=True))})
        if is_waiting:
            what = f"the {pieces[0].kind}" if len(pieces) == 1 else "every picture"
            job.note_later("prepared", f"LinkedIn has {what}; the post is ready to go live.")
        return [upload.urn for upload in uploads]

    async def _reserve_calls(self) -> None:
        """Reserve the calls of the whole post, once for each day on which it is prepared."""
        job = self.job
        if self.api.retry_policy.limit_recheck is not None:
            return  # a sandbox's clock may be moved, so only its own response counts
        limits = self.quota.limits(job.now())
        until = [limit.resets_at.isoformat() for limit in limits if limit.resets_at is not None]
        if _Progress.load(job.state).reserved_until == until[0]:
            return
        for limit in limits:
            await reserve(job, limit, step=UPLOAD, calls=min(limit.max_calls, _count_calls(job)))
        replace(_Progress.load(job.state), reserved_until=until[0]).save_later(job)

    async def _upload_media(self, media: Media) -> Upload:
        """Upload a media item, or what is missing of it. Raises TryLater, Rejected, CredentialInvalid."""
        job = self.job
        upload = parse_stored(Upload, job.state.get(_name_key(media)))
        if upload is not None and upload.sent_at is not None:
            return upload
        opened = job.pictures_file() if _makes_document(job) else job.media_file(media, _FORMATS[media.kind])
        async with opened as file:
            while True:
                if upload is None or upload.size_bytes != file.size_bytes:
                    upload = await self._open_upload(media, file)
                try:
                    upload = await self._send_parts(media, upload, file)
                except UploadForgotten as forgotten:
                    await self._drop_upload(media, str(forgotten))
                    upload = None
                    continue
                upload = replace(upload, parts=(), token="", sent_at=job.now())
                await job.save(**{_name_key(media): as_stored(upload)})
                return upload

    async def _open_upload(self, media: Media, file: MediaFile) -> Upload:
        """Open an upload. One that gets no bytes has no effect. Raises TryLater, Rejected, CredentialInvalid."""
        job = self.job
        if media.is_video:
            upload = await self._open_video(file)
        else:
            kind, step = media.kind, _OPEN[media.kind]
            value = await self._initialize_upload(_PATHS[kind], {"owner": job.account.external_id}, step=step)
            part = Part(url=text_of(value.get("uploadUrl")) or "", first=0, last=file.size_bytes - 1)
            upload = self._check_parts(text_of(value.get(kind)), file, [part], step=step)
        is_picture = media.kind is Kind.IMAGE
        what = f"picture {media.position + 1} of {len(media_of(job))}" if is_picture else f"the {media.kind}"
        sentence = f"LinkedIn opened an upload for {what} ({file.size_bytes:,} bytes). Nothing of it is public."
        job.note_later("preparing", sentence, mediaId=upload.urn)
        if media.is_video:  # other media have one part: after an interruption, another upload costs as much
            await job.save(**{_name_key(media): as_stored(upload)})
        return upload

    async def _open_video(self, file: MediaFile) -> Upload:
        request: dict[str, JsonValue] = {
            "owner": self.job.account.external_id,
            "fileSizeBytes": file.size_bytes,
            "uploadCaptions": False,
            "uploadThumbnail": False,
        }
        step = _OPEN[Kind.VIDEO]
        value = await self._initialize_upload(VIDEOS, request, step=step)
        parts = [Part.of(item) for item in items_of(value, "uploadInstructions")]
        upload = self._check_parts(text_of(value.get("video")), file, parts, step=step)
        return replace(upload, token=text_of(value.get("uploadToken")) or "")

    async def _initialize_upload(self, path: str, request: dict[str, JsonValue], *, step: str) -> JsonObject:
        body: JsonValue = {"initializeUploadRequest": request}
        params = {"action": "initializeUpload"}
        job = self.job
        return part_of(await self.api.ask(job, "POST", path, params, step=step, now=job.now(), body=body), "value")

    def _check_parts(self, urn: str | None, file: MediaFile, parts: list[Part], *, step: str) -> Upload:
        """Return the upload, if its parts cover the file and go to LinkedIn. Raises TryLater."""
        ordered = sorted(parts, key=lambda part: part.first)
        starts = [part.first for part in ordered]
        ends = [part.last + 1 for part in ordered]
        is_covered = starts == [0, *ends[:-1]] and ends[-1:] == [file.size_bytes]
        if urn is None or not is_media(urn) or not is_covered:
            raise TryLater("LinkedIn opened an upload without the parts that the file needs.", step=step)
        if not all(self.api.endpoints.accepts_upload_url(part.url) for part in ordered):
            raise TryLater("LinkedIn opened an upload with an address that can't be LinkedIn's.", step=step)
        return Upload(urn=urn, size_bytes=file.size_bytes, parts=tuple(ordered))

    async def _send_parts(self, media: Media, upload: Upload, file: MediaFile) -> Upload:
        """Send the parts that are missing, and complete a video.

        Raises UploadForgotten, TryLater, Rejected, CredentialInvalid.
        """
        parts = _Parts(self, media, file, upload, await self.job.access_token())
        start, end = Accepted(upload.position), upload.size_bytes
        await send_ranges(self.job, self.api.retry_policy, parts, start, end=end, max_tries=_MAX_TRIES)
        if media.is_video:
            await self._finalize_video(parts.upload)
        return parts.upload

    async def _finalize_video(self, upload: Upload) -> None:
        """Complete a video. If LinkedIn's answer does not confirm it, the video's status decides: an earlier call may have."""
        job = self.job
        request: JsonValue = {
            "finalizeUploadRequest": {
                "video": upload.urn,
                "uploadToken": upload.token,
                "uploadedPartIds": [part.etag for part in upload.parts],
            }
        }
        params = {"action": "finalizeUpload"}
        try:
            await self.api.ask(job, "POST", VIDEOS, params, step=FINALIZE, now=job.now(), body=request)
        except (Rejected, TryLater) as error:
            if not await self._has_arrived(upload):
                if isinstance(error, Rejected) and error.failure is FailureCode.PLATFORM_REJECTED:
                    raise UploadForgotten(error.platform_code or "it could not be completed") from error
                raise

    async def _has_arrived(self, upload: Upload) -> bool:
        try:
            video = await self._read_media(upload, Kind.VIDEO)
        except PlatformError:
            return False
        return video.get("status") in ("PROCESSING", _AVAILABLE)

    async def _drop_upload(self, media: Media, reason: str) -> None:
        """Forget an upload, so that another is opened. Raises Rejected after a few of them."""
        job = self.job
        await job.save(**{_name_key(media): None})
        progress = _Progress.load(job.state)
        progress = replace(progress, keep_uploads=progress.keep_uploads + 1)
        await progress.save(job)
        what, count = "LinkedIn refused the upload", progress.keep_uploads
        await note_reopening(job, what, reason, count=count, max_count=MAX_UPLOADS, step=UPLOAD)

    async def _await_processing(self, media: Media, upload: Upload) -> None:
        """Wait until a media item is processed. Raises Rejected when LinkedIn failed or takes too long, TryLater."""
        job, retry_policy = self.job, self.api.retry_policy
        since = upload.sent_at or job.now()
        if not media.is_video and not is_organization(job.account.external_id):
            wait = since + _GRACE * retry_policy.poll_first - job.now()
            if wait > timedelta():
                await job.sleep(wait)
            return
        read = partial(self._read_new_media, upload, media.kind)
        report = await poll(job, retry_policy, read, until=lambda media: media.get("status") in _OVER, since=since)
        if report.get("status") == _FAILED:
            failure = text_of(report.get("processingFailureReason"))
            meaning = processing_failure(failure)
            what = f"{meaning.sentence} Nothing was published."
            reported = Reported(platform_code=_FAILED, platform_message=failure)
            raise Rejected(what, advice=meaning.advice, step=STATUS, failure=meaning.failure, **reported)
        if report.get("status") != _AVAILABLE:
            limit = in_words(retry_policy.processing_limit)
            what = f"LinkedIn was still processing the media after {limit}. Nothing was published."
            raise unavailable(what, advice=SMALLER_FILE, step=STATUS)

    async def _read_new_media(self, upload: Upload, kind: Kind) -> JsonObject:
        """Return a media item, empty where LinkedIn does not find it yet. Raises as `_read_media`."""
        try:
            return await self._read_media(upload, kind)
        except Rejected as error:
            if error.platform_code in ("NOT_FOUND", "RESOURCE_NOT_FOUND", "404"):
                return {}
            raise

    async def _read_media(self, upload: Upload, kind: Kind) -> JsonObject:
        """Return a media item; pictures and documents are readable for pages only. Raises Rejected, TryLater, CredentialInvalid."""
        path = one(_PATHS[kind], upload.urn)
        return await self.api.ask(self.job, "GET", path, step=STATUS, now=self.job.now())


@dataclass(slots=True)
class _Parts:
    """The parts of an open upload, as ranges that are sent until LinkedIn confirms them."""

    step: ClassVar[str] = UPLOAD
    retry: ClassVar[str] = "LinkedIn did not confirm a part of the upload ({reason}). It is sent again{later}."
    stall: ClassVar[str] = "LinkedIn did not confirm a part of the upload ({reason})."
    preparation: Preparation
    media: Media
    file: MediaFile
    upload: Upload
    token: str = field(repr=False)

    async def send(self, position: int) -> RangeOutcome:
        """Send the part that begins there, and store its ETag (empty where there is none)."""
        parts = self.upload.parts
        index = next(index for index, part in enumerate(parts) if part.first == position)
        etag = await self._put_part(parts[index])
        if not isinstance(etag, str):
            return etag
        sent = (*parts[:index], replace(parts[index], etag=etag), *parts[index + 1 :])
        self.upload = replace(self.upload, parts=sent)
        if self.media.is_video:
            await self.preparation.job.save(**{_name_key(self.media): as_stored(self.upload)})
        return Accepted(parts[index].last + 1)

    async def _put_part(self, part: Part) -> str | RangeOutcome:
        """Send the bytes of a part, once; return its ETag, or why it was not confirmed."""
        try:
            reply = await self.preparation.api.transport.call(
                "PUT",
                part.url,
                operation=UPLOAD,
                timeout=self.preparation.api.retry_policy.timeouts.upload,
                token=self.token,
                data=self.file.reader(part.first, part.last),
                headers={
                    "Content-Type": "application/octet-stream",
                    "Content-Length": str(part.last - part.first + 1),
                },
            )
        except CallFailed as failed:
            return Unknown(reason=failed.reason)
        response = read_response(reply)
        if not isinstance(response, ApiError):
            return reply.header("etag") or ""
        if response.status in _GONE:
            return Forgotten(f"HTTP {response.status}")
        if response.is_token_refused:
            self.token = await LINKEDIN.renewed(self.preparation.job, self.token, response, step=UPLOAD)
            return Unknown(reason="the access token was refused")
        if response.is_temporary:
            return Unknown(reason=f"HTTP {response.status}")
        return Refused(refusal(response, step=UPLOAD, now=self.preparation.job.now()))

    async def find_position(self) -> RangeOutcome:
        """Return the first byte that no answer has confirmed: LinkedIn can't be asked."""
        return Accepted(self.upload.position)


def _count_calls(job: Job) -> int:
    """Return how many calls a post needs: two for a picture or a document, one for each part of a video, the reads and the post itself."""
    parts = sum(-(-media.size_bytes // _PART_BYTES) + 2 if media.is_video else 2 for media in media_of(job))
    return parts + STATUS_READS + 1
