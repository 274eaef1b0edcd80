"""Video posts: opened, uploaded in chunks, and made live by the last chunk.

A chunk has 5 to 64 MB, the last one up to 128 MB, because the count is rounded down and the last chunk contains the rest; a file
under 5 MB is one chunk. MB are decimal there. The URL of an upload grants the right to upload, so it is neither shown nor logged.
Source: TikTok, "Media Transfer Guide" (chunks, and the responses to an upload), read 2026-11.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import ClassVar, Final, Self

from pydantic import JsonValue

from presswork.platforms.errors import FailureCode, OutcomeUnknown, PlatformError, Rejected, TryLater, unavailable
from presswork.platforms.job_state import as_stored, parse_stored
from presswork.platforms.port import Absent, Job, MediaFile, Processing, Sighting, draft_of
from presswork.platforms.rate_limits import reserve
from presswork.platforms.tiktok.api import Api
from presswork.platforms.tiktok.delivery import Delivery, PostFields, post_fields
from presswork.platforms.tiktok.error_mapping import MINUTE_WINDOW
from presswork.platforms.tiktok.rules import MAX_FILE_BYTES, MAX_STATUS_WAIT, STATUS_READS, VIDEO_SPEC, check
from presswork.platforms.tiktok.status import (
    FAILED,
    FEW_RESTARTS,
    PUBLISH_ID,
    UPLOADING,
    PostStatus,
    StatusPoller,
    begin_attempt,
    fetch_status,
    start_over,
    wait_until_next,
)
from presswork.platforms.tiktok.status import STEP as STATUS
from presswork.platforms.transport import CallFailed
from presswork.platforms.uploads.ranges import (
    Accepted,
    Complete,
    Forgotten,
    RangeOutcome,
    Refused,
    Unknown,
    UploadForgotten,
    send_ranges,
)

STEP: Final = "upload"
UPLOAD: Final = "upload"
UPLOAD_USABLE: Final = timedelta(minutes=50)
"""How old an upload URL may be to start or resume an upload; TikTok keeps it for an hour."""
MAX_CHUNKS: Final = 1000
CHUNK_TRIES: Final = 4
"""How often one range is sent within one call of `prepare` before the worker waits for longer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChunkRule:
    """When to divide a file, and into which sizes. Sizes in bytes."""

    single_max_bytes: int = 64_000_000
    """Up to this size a file is one chunk."""
    chunk_bytes: int = 10_000_000
    """Size of every chunk except the last; at least 5 MB."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ByteRange:
    """Bytes first…last of a file, both inclusive."""

    first: int
    last: int

    @property
    def size_bytes(self) -> int:
        """Number of bytes in the range."""
        return self.last - self.first + 1


@dataclass(frozen=True, slots=True, kw_only=True)
class ChunkPlan:
    """A file of `size_bytes`, divided into `count` chunks of `chunk_bytes`; the last one contains the rest."""

    size_bytes: int
    chunk_bytes: int
    count: int

    @classmethod
    def of(cls, size_bytes: int, rule: ChunkRule) -> Self:
        """Divide a file. Raises ValueError for an empty file and for one over 4 GB."""
        if not 0 < size_bytes <= MAX_FILE_BYTES:
            raise ValueError(f"a video of {size_bytes} bytes can't be uploaded; 1 to {MAX_FILE_BYTES} can")
        if size_bytes <= rule.single_max_bytes:
            return cls(size_bytes=size_bytes, chunk_bytes=size_bytes, count=1)
        count = size_bytes // rule.chunk_bytes
        if not 1 <= count <= MAX_CHUNKS:
            raise ValueError(f"{count} chunks of {rule.chunk_bytes} bytes; 1 to {MAX_CHUNKS} are allowed")
        return cls(size_bytes=size_bytes, chunk_bytes=rule.chunk_bytes, count=count)

    @property
    def last_first(self) -> int:
        """The first byte of the last chunk."""
        return (self.count - 1) * self.chunk_bytes

    def ranges_from(self, position: int) -> Iterator[ByteRange]:
        """Yield what is still to be sent when the platform has `position` bytes, divided at the chunk boundaries."""
        first = position
        while first < self.size_bytes:
            index = min(first // self.chunk_bytes, self.count - 1)
            last = self.size_bytes - 1 if index == self.count - 1 else (index + 1) * self.chunk_bytes - 1
            yield ByteRange(first=first, last=last)
            first = last + 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """An opened upload task. It can become at most one post, however often its bytes are sent."""

    publish_id: str
    url: str = field(repr=False)
    size_bytes: int
    chunk_bytes: int
    count: int
    opened_at: datetime
    sent_bytes: int = 0
    """How much TikTok has confirmed; `size_bytes` only when it confirmed the last chunk."""
    resends: int = 0
    """How often the last chunk was sent again, after TikTok reported that it had not arrived."""
    is_refused: bool = False
    """Whether TikTok no longer accepts bytes for this task, although the last chunk may have arrived before."""

    @classmethod
    def of(cls, state: Mapping[str, JsonValue]) -> "Upload | None":
        """Load the upload from a job's state or prepared result; None where there is none."""
        return parse_stored(Upload, state.get(UPLOAD))

    def as_json(self) -> JsonValue:
        """Return the form that is stored."""
        return as_stored(self)

    def confirmed(self, sent_bytes: int) -> Self:
        """Return a copy with more (or, after a status read, fewer) confirmed bytes."""
        return replace(self, sent_bytes=sent_bytes)


@dataclass(frozen=True, slots=True)
class VideoPost:
    """The port's three calls for one video.

    Opening an upload posts nothing, and an upload posts nothing until its last byte has arrived; then it becomes one
    post, whatever is sent after that. So all chunks except the last are sent in `prepare`.
    """

    api: Api
    poller: StatusPoller
    rule: ChunkRule
    delivery: Delivery

    async def prepare(self, job: Job) -> dict[str, JsonValue]:
        """Check the settings, open an upload (or resume the current one) and send all chunks except the last."""
        begin_attempt(job, step=self.delivery.video_step)
        check(draft_of(job)).require_none(step=self.delivery.video_step)
        fields = await post_fields(self.api, self.delivery, job)
        async with job.media_file(job.media[0], VIDEO_SPEC) as file:
            upload = await self._send_all_but_last(job, file, fields)
        return {
            "kind": "video",
            "username": fields.username,
            "prepared_at": job.now().isoformat(),
            PUBLISH_ID: upload.publish_id,
            UPLOAD: upload.as_json(),
        }

    async def _send_all_but_last(self, job: Job, file: MediaFile, fields: PostFields) -> Upload:
        upload = Upload.of(job.state)
        if upload is not None and upload.resends > 0:
            # Its last chunk was sent before and did not arrive. Only make_live and look_up may abandon such an
            # upload: the chunk could still arrive, and then a second one would be a second post.
            return upload
        if upload is not None and (
            upload.size_bytes != file.size_bytes or job.now() - upload.opened_at > UPLOAD_USABLE
        ):
            upload = None  # its last chunk was never sent, so it can't become a post
        for _ in range(2):
            try:
                chunks = _Chunks(self, job, file, upload or await self._open_upload(job, file, fields))
                return await chunks.send_ahead()
            except UploadForgotten:
                upload = None
                await job.save(**{UPLOAD: None, PUBLISH_ID: None})
        raise TryLater("TikTok refused two upload addresses in a row that it had just given.", step=STEP)

    async def _open_upload(self, job: Job, file: MediaFile, fields: PostFields) -> Upload:
        """Open an upload. One whose response is lost posts nothing, since it never gets a byte: opening another is safe."""
        step = self.delivery.video_step
        try:
            plan = ChunkPlan.of(file.size_bytes, self.rule)
        except ValueError as error:
            what, advice = f"TikTok accepts no video of this size: {error}.", "Publish a smaller or larger one."
            raise Rejected(what, advice=advice, step=step, failure=FailureCode.PLATFORM_LIMIT) from error
        body: dict[str, JsonValue] = {
            **({} if fields.post_info is None else {"post_info": dict(fields.post_info)}),
            "source_info": {
                "source": "FILE_UPLOAD",
                "video_size": plan.size_bytes,
                "chunk_size": plan.chunk_bytes,
                "total_chunk_count": plan.count,
            },
        }
        await reserve(job, self.delivery.video_limit, step=step)
        data = (await self.api.ask(job, self.delivery.video_init, body, step=step)).data
        publish_id, url = data.get("publish_id"), data.get("upload_url")
        if not isinstance(publish_id, str) or not isinstance(url, str):
            raise TryLater("TikTok opened an upload without saying where.", step=step)
        if not self.api.endpoints.accepts_upload_url(url):
            raise TryLater("TikTok opened an upload at no place that can be TikTok's.", step=step)
        upload = Upload(
            publish_id=publish_id,
            url=url,
            size_bytes=plan.size_bytes,
            chunk_bytes=plan.chunk_bytes,
            count=plan.count,
            opened_at=job.now(),
        )
        parts = "1 part" if plan.count == 1 else f"{plan.count} parts"
        what = f"TikTok opened an upload of {plan.size_bytes:,} bytes in {parts}."
        sentence = f"{what} Nothing is public before the last one has arrived."
        job.note_later("preparing", sentence, publishId=publish_id)
        await job.save(**{PUBLISH_ID: publish_id, UPLOAD: upload.as_json()})
        return upload

    async def make_live(self, job: Job, prepared: Mapping[str, JsonValue]) -> Processing:
        """Send the last chunk. See the port for the errors."""
        upload = _find_upload(job, prepared)
        async with job.media_file(job.media[0], VIDEO_SPEC) as file:
            if file.size_bytes != upload.size_bytes:
                raise await self._explain_last_chunk(job, upload, Forgotten("the stored video has changed"))
            chunks = _Chunks(self, job, file, upload)
            while chunks.upload.sent_bytes < upload.size_bytes:
                outcome = await chunks.send(chunks.upload.sent_bytes)
                if not isinstance(outcome, Accepted | Complete):
                    raise await self._explain_last_chunk(job, chunks.upload, outcome)
        sentence = f"TikTok has the whole video and processes it; {self.delivery.then}."
        await job.note("going_live", sentence, publishId=upload.publish_id)
        return Processing(message="TikTok is processing the post.", check_after=self.api.retry_policy.poll_first)

    async def _explain_last_chunk(
        self, job: Job, upload: Upload, outcome: Forgotten | Refused | Unknown
    ) -> PlatformError:
        """Return the error for a response to the last chunk that is not "complete".

        Once that chunk has been sent before, no response proves anything by itself: the earlier one may have arrived,
        and a finished task may look like one that has expired. Then only the status decides.
        """
        match outcome:
            case Forgotten(reason) if upload.resends == 0:
                end = start_over(job, self.api.retry_policy, f"TikTok no longer accepts this upload ({reason}).")
                await job.save(**end.changes)
                if isinstance(end.reason, Rejected):
                    return end.reason
                return TryLater(end.reason.what, step=STEP, starts_over=True, retry_after=wait_until_next(job))
            case Refused(error) if upload.resends == 0:
                return error
            case Unknown(was_sent=False) if upload.resends == 0:
                return TryLater(f"TikTok's upload address could not be reached: {outcome.reason}.", step=STEP)
            case Forgotten():
                await job.save(**{UPLOAD: replace(upload, is_refused=True).as_json()})
            case _:
                pass
        what = f"The last part of the video was sent, and TikTok did not confirm it ({outcome.reason})"
        return OutcomeUnknown(f"{what}, so the post may go live.", step=STEP)

    async def look_up(self, job: Job, prepared: Mapping[str, JsonValue]) -> Sighting:
        """Poll by the publish id, and distinguish an upload without its last chunk from one that is being processed."""
        upload = _find_upload(job, prepared)
        status = await self.poller.read(job, upload.publish_id)
        is_there = upload.sent_bytes >= upload.size_bytes or (status.uploaded_bytes or 0) >= upload.size_bytes
        if status.name == UPLOADING and not is_there:
            return await self._handle_missing_bytes(job, prepared, upload, status)
        return await self.poller.sighting(job, prepared, status)

    async def _handle_missing_bytes(
        self, job: Job, prepared: Mapping[str, JsonValue], upload: Upload, status: PostStatus
    ) -> Sighting:
        """Handle an upload that is incomplete by TikTok's own count; TikTok may omit a zero.

        Sending the last chunk again can't double the post: it goes to the same task, which becomes one post at most. A count
        that is missing is no proof of a zero: it decides nothing else.
        """
        arrived = status.uploaded_bytes or 0
        missing = f"TikTok has {arrived:,} of the video's {upload.size_bytes:,} bytes."
        is_tried_enough = (
            upload.resends >= FEW_RESTARTS and job.now() - upload.opened_at >= self.api.retry_policy.fault_limit
        )
        if not upload.is_refused and not is_tried_enough:
            again = replace(upload, sent_bytes=arrived, resends=upload.resends + 1)
            message = f"The post is not live: {missing} The rest may still arrive."
            return Absent(message=message, evidence=str(arrived), changes={UPLOAD: again.as_json()})
        if status.uploaded_bytes is None:
            return await self.poller.sighting(job, prepared, status)
        if upload.is_refused:
            what = f"The post is not live: {missing} It accepts no more of this upload."
            end = start_over(job, self.api.retry_policy, what)
            return Absent(message=missing, evidence=str(arrived), instead=end.reason, changes=end.changes)
        what = f"{missing} The rest was sent {upload.resends + 1} times and did not arrive; nothing was published."
        return Absent(message=missing, evidence=str(arrived), instead=unavailable(what, step=STEP))


@dataclass(slots=True)
class _Chunks:
    """The chunks of an open upload."""

    step: ClassVar[str] = STEP
    retry: ClassVar[str] = (
        "TikTok did not accept the part of the video from byte {position} on ({reason}). It is sent again{later}."
    )
    stall: ClassVar[str] = "A part of the video could not be sent to TikTok ({reason})."
    post: VideoPost
    job: Job
    file: MediaFile
    upload: Upload
    is_out_of_step: bool = field(default=False, init=False)
    """Whether TikTok's last response showed that it has a different byte count."""

    async def send_ahead(self) -> Upload:
        """Send what is missing before the last chunk. Raises UploadForgotten when another upload must be opened."""
        start, end = Accepted(self.upload.sent_bytes), _plan_chunks(self.upload).last_first
        await send_ranges(self.job, self.post.api.retry_policy, self, start, end=end, max_tries=CHUNK_TRIES)
        return self.upload

    async def send(self, position: int) -> RangeOutcome:
        """Send one chunk, or the rest of it, and store what TikTok has confirmed."""
        piece = next(_plan_chunks(self.upload).ranges_from(position))
        try:
            reply = await self.post.api.transport.call(
                "PUT",
                self.upload.url,
                operation=STEP,
                timeout=self.post.api.retry_policy.timeouts.upload,
                data=self.file.reader(piece.first, piece.last),
                headers={
                    "Content-Type": self.file.content_type,
                    "Content-Length": str(piece.size_bytes),
                    "Content-Range": f"bytes {piece.first}-{piece.last}/{self.upload.size_bytes}",
                },
            )
        except CallFailed as error:
            outcome: RangeOutcome = Unknown(reason=error.reason, was_sent=error.was_sent)
        else:
            outcome = _classify_status(reply.status, piece, is_last=piece.last == self.upload.size_bytes - 1)
        if isinstance(outcome, Accepted | Complete):
            await self._store_position(piece.last + 1)
        if not isinstance(outcome, Unknown):
            return outcome
        self.is_out_of_step = not outcome.needs_pause
        return replace(outcome, detail={"firstByte": piece.first})

    async def find_position(self) -> RangeOutcome:
        """Return what TikTok has confirmed; if it has a different byte count, fetch that."""
        if not self.is_out_of_step:
            return Accepted(self.upload.sent_bytes)
        await reserve(self.job, STATUS_READS, step=STATUS, max_wait=MAX_STATUS_WAIT)
        status = await fetch_status(self.post.api, self.job, self.upload.publish_id)
        if status.name == FAILED:
            return Forgotten("the upload is over already")
        arrived = self.upload.sent_bytes if status.uploaded_bytes is None else status.uploaded_bytes
        # Never past the last chunk: that one belongs to make_live. If TikTok unexpectedly has all bytes,
        # make_live learns that from the response, and look_up finds the post.
        await self._store_position(min(arrived, _plan_chunks(self.upload).last_first))
        return Accepted(self.upload.sent_bytes)

    async def _store_position(self, sent_bytes: int) -> None:
        self.upload = self.upload.confirmed(sent_bytes)
        await self.job.save(**{UPLOAD: self.upload.as_json()})


def _classify_status(status: int, piece: ByteRange, *, is_last: bool) -> RangeOutcome:
    """Return the meaning of an HTTP status of the upload URL; its responses have no body."""
    reason = f"HTTP {status}"
    if status == 206 and not is_last:
        return Accepted(piece.last + 1)
    if status == 201 and is_last:  # all bytes have arrived, and TikTok starts posting
        return Complete({})
    if status in (403, 404):  # the address has expired, or the task is unknown
        return Forgotten(reason)
    if status == 429:
        what = f"A limit is reached: TikTok accepts no more uploads for now ({reason})."
        throttled = TryLater(what, step=STEP, retry_after=MINUTE_WINDOW, is_throttled=True)
        return Refused(throttled, reason)
    if status == 408 or status >= 500:  # the same range may be sent again
        return Unknown(reason=reason)
    if status < 400 or status == 416:  # TikTok has a different byte count
        return Unknown(reason=reason, needs_pause=False)
    what = f"TikTok refused the upload as malformed ({reason}): an error in Presswork. Nothing was published."
    advice = "Report it to the Presswork project with this post's timeline."
    return Refused(Rejected(what, advice=advice, step=STEP, failure=FailureCode.INTERNAL), reason)


def _plan_chunks(upload: Upload) -> ChunkPlan:
    return ChunkPlan(size_bytes=upload.size_bytes, chunk_bytes=upload.chunk_bytes, count=upload.count)


def _find_upload(job: Job, prepared: Mapping[str, JsonValue]) -> Upload:
    """Return the upload from the job's state, or as it was prepared: the first may be newer."""
    upload, then = Upload.of(job.state), Upload.of(prepared)
    if then is None:
        raise TypeError("a prepared video post has an upload")
    return upload if upload is not None and upload.publish_id == then.publish_id else then
