"""Video posts: opened, uploaded in chunks, and made live by the last chunk."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Final

from pydantic import JsonValue

from presswork.core.timestamps import write_instant
from presswork.platforms.errors import FailureCode, OutcomeUnknown, PlatformError, Rejected, TryLater
from presswork.platforms.findings import in_words
from presswork.platforms.port import Absent, Job, MediaFile, Processing, RetryPolicy, Sighting, draft_of
from presswork.platforms.rate_limits import reserve
from presswork.platforms.tiktok.api import Api
from presswork.platforms.tiktok.chunks import ChunkPlan, ChunkRule
from presswork.platforms.tiktok.delivery import Delivery, PostFields, post_fields
from presswork.platforms.tiktok.error_mapping import MINUTE_WINDOW
from presswork.platforms.tiktok.media_rules import VIDEO_SPEC, check
from presswork.platforms.tiktok.progress import (
    FEW_RESTARTS,
    PUBLISH_ID,
    UPLOAD,
    UPLOAD_USABLE,
    Upload,
    begin_attempt,
    start_over,
    wait_until_next,
)
from presswork.platforms.tiktok.quota import MAX_STATUS_WAIT, STATUS_READS
from presswork.platforms.tiktok.status import FAILED, UPLOADING, PostStatus, StatusPoller, fetch_status
from presswork.platforms.tiktok.status import STEP as STATUS
from presswork.platforms.tiktok.uploads import STEP, Put, put_range
from presswork.platforms.transport import Transport

CHUNK_TRIES: Final = 4
"""How often one range is sent within one call of `prepare` before the worker waits for longer."""


class _UploadGone(Exception):
    """The current upload task is not usable; another one must be opened."""


class VideoPost:
    """The port's three calls for one video.

    Opening an upload posts nothing, and an upload posts nothing until its last byte has arrived; then it becomes one
    post, whatever is sent after that. So all chunks except the last are sent in `prepare`.
    """

    def __init__(
        self,
        api: Api,
        transport: Transport,
        retry_policy: RetryPolicy,
        poller: StatusPoller,
        rule: ChunkRule,
        delivery: Delivery,
    ) -> None:
        """Store the API client, the upload transport, the retry policy, the status poller, the chunk rule, and the delivery
        (post or draft)."""
        self._api = api
        self._transport = transport
        self._retry_policy = retry_policy
        self._poller = poller
        self._rule = rule
        self._delivery = delivery

    async def prepare(self, job: Job) -> dict[str, JsonValue]:
        """Check the settings, open an upload (or resume the current one) and send all chunks except the last."""
        begin_attempt(job, step=self._delivery.video_step)
        check(draft_of(job)).require_none(step=self._delivery.video_step)
        fields = await post_fields(self._api, self._delivery, job)
        async with job.media_file(job.media[0], VIDEO_SPEC) as file:
            upload = await self._send_ahead(job, file, fields)
        return {
            "kind": "video",
            "username": fields.username,
            "prepared_at": job.now().isoformat(),
            PUBLISH_ID: upload.publish_id,
            UPLOAD: upload.as_json(),
        }

    async def _send_ahead(self, job: Job, file: MediaFile, fields: PostFields) -> Upload:
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
                return await self._send_chunks(job, file, upload or await self._open(job, file, fields))
            except _UploadGone:
                upload = None
                await job.save(**{UPLOAD: None, PUBLISH_ID: None})
        raise TryLater("TikTok refused two upload addresses in a row that it had just given.", step=STEP)

    async def _open(self, job: Job, file: MediaFile, fields: PostFields) -> Upload:
        """Open an upload. One whose response is lost posts nothing, since it never gets a byte: opening another is safe."""
        try:
            plan = ChunkPlan.of(file.size_bytes, self._rule)
        except ValueError as error:
            raise Rejected(
                f"TikTok accepts no video of this size: {error}.",
                advice="Publish a smaller or larger one.",
                step=self._delivery.video_step,
                failure=FailureCode.PLATFORM_LIMIT,
            ) from error
        body: dict[str, JsonValue] = {
            **({} if fields.post_info is None else {"post_info": dict(fields.post_info)}),
            "source_info": {
                "source": "FILE_UPLOAD",
                "video_size": plan.size_bytes,
                "chunk_size": plan.chunk_bytes,
                "total_chunk_count": plan.count,
            },
        }
        await reserve(job, self._delivery.video_limit, step=self._delivery.video_step)
        data = (await self._api.ask(job, self._delivery.video_init, body, step=self._delivery.video_step)).data
        publish_id, url = data.get("publish_id"), data.get("upload_url")
        if not isinstance(publish_id, str) or not isinstance(url, str):
            raise TryLater("TikTok opened an upload without saying where.", step=self._delivery.video_step)
        if not self._api.endpoints.accepts_upload_url(url):
            raise TryLater("TikTok opened an upload at no place that can be TikTok's.", step=self._delivery.video_step)
        upload = Upload(
            publish_id=publish_id,
            url=url,
            size_bytes=plan.size_bytes,
            chunk_bytes=plan.chunk_bytes,
            count=plan.count,
            opened_at=job.now(),
        )
        job.note_later(
            "preparing",
            f"TikTok opened an upload of {plan.size_bytes:,} bytes in {plan.count} "
            f"{'part' if plan.count == 1 else 'parts'}. Nothing is public before the last one has arrived.",
            publishId=publish_id,
        )
        await job.save(**{PUBLISH_ID: publish_id, UPLOAD: upload.as_json()})
        return upload

    async def _send_chunks(self, job: Job, file: MediaFile, upload: Upload) -> Upload:
        """Send what is missing before the last chunk. Raises _UploadGone when another upload must be opened."""
        plan = _plan(upload)
        tries = 0
        while upload.sent_bytes < plan.last_first:
            piece = next(plan.ranges_from(upload.sent_bytes))
            put, detail = await put_range(self._transport, self._retry_policy, upload, file, piece)
            if put is Put.STORED:
                tries = 0
                upload = await self._confirm(job, upload, piece.last + 1)
                continue
            if put is Put.GONE:
                raise _UploadGone
            if put is Put.THROTTLED or put is Put.REFUSED:
                raise _no_effect(put, detail)
            tries += 1
            if tries >= CHUNK_TRIES:
                raise TryLater(f"A part of the video could not be sent to TikTok ({detail}).", step=STEP)
            pause = timedelta() if put is Put.OUT_OF_STEP else self._retry_policy.backoff(tries - 1)
            await job.note(
                "retrying",
                f"TikTok did not accept the part of the video from byte {piece.first:,} on ({detail}). It is sent again"
                f"{f' in {in_words(pause)}' if pause else ''}.",
                firstByte=piece.first,
                nextAt=write_instant(job.now() + pause),
            )
            if put is Put.FAULT or put is Put.NOT_SENT:
                await job.sleep(pause)
            else:
                upload = await self._confirm(job, upload, await self._arrived(job, upload))
        return upload

    async def _arrived(self, job: Job, upload: Upload) -> int:
        """Fetch how many bytes TikTok has. Raises _UploadGone when the upload is over already."""
        await reserve(job, STATUS_READS, step=STATUS, max_wait=MAX_STATUS_WAIT)
        status = await fetch_status(self._api, job, upload.publish_id)
        if status.name == FAILED:
            raise _UploadGone
        arrived = upload.sent_bytes if status.uploaded_bytes is None else status.uploaded_bytes
        # Never past the last chunk: that one belongs to make_live. If TikTok unexpectedly has all bytes,
        # make_live learns that from the response, and look_up finds the post.
        return min(arrived, _plan(upload).last_first)

    async def _confirm(self, job: Job, upload: Upload, sent_bytes: int) -> Upload:
        upload = upload.confirmed(sent_bytes)
        await job.save(**{UPLOAD: upload.as_json()})
        return upload

    async def make_live(self, job: Job, prepared: Mapping[str, JsonValue]) -> Processing:
        """Send the last chunk. See the port for the errors."""
        upload = _current(job, prepared)
        async with job.media_file(job.media[0], VIDEO_SPEC) as file:
            if file.size_bytes != upload.size_bytes:
                raise await self._last_chunk_error(job, upload, Put.GONE, "the stored video has changed")
            for piece in _plan(upload).ranges_from(upload.sent_bytes):
                put, detail = await put_range(self._transport, self._retry_policy, upload, file, piece)
                is_last = piece.last == upload.size_bytes - 1
                if is_last and put is Put.COMPLETE:
                    upload = await self._confirm(job, upload, upload.size_bytes)
                elif not is_last and put is Put.STORED:
                    upload = await self._confirm(job, upload, piece.last + 1)
                else:
                    raise await self._last_chunk_error(job, upload, put, detail)
        await job.note(
            "going_live",
            f"TikTok has the whole video and processes it; {self._delivery.then}.",
            publishId=upload.publish_id,
        )
        return Processing(message="TikTok is processing the post.", check_after=self._retry_policy.poll_first)

    async def _last_chunk_error(self, job: Job, upload: Upload, put: Put, detail: str) -> PlatformError:
        """Return the error for a response to the last chunk that is not "complete".

        Once that chunk has been sent before, no response proves anything by itself: the earlier one may have arrived,
        and a finished task may look like one that has expired. Then only the status decides.
        """
        if upload.resends == 0:
            if put is Put.GONE:
                end = start_over(job, self._retry_policy, f"TikTok no longer accepts this upload ({detail}).")
                await job.save(**end.changes)
                if isinstance(end.reason, Rejected):
                    return end.reason
                return TryLater(end.reason.what, step=STEP, starts_over=True, retry_after=wait_until_next(job))
            if put in (Put.NOT_SENT, Put.THROTTLED, Put.REFUSED):
                return _no_effect(put, detail)
        elif put is Put.GONE:
            await job.save(**{UPLOAD: replace(upload, is_refused=True).as_json()})
        return OutcomeUnknown(
            f"The last part of the video was sent, and TikTok did not confirm it ({detail}), so the post may go live.",
            step=STEP,
        )

    async def look_up(self, job: Job, prepared: Mapping[str, JsonValue]) -> Sighting:
        """Poll by the publish id, and distinguish an upload without its last chunk from one that is being processed."""
        upload = _current(job, prepared)
        status = await self._poller.read(job, upload.publish_id)
        is_there = upload.sent_bytes >= upload.size_bytes or (status.uploaded_bytes or 0) >= upload.size_bytes
        if status.name == UPLOADING and not is_there:
            return await self._not_arrived(job, prepared, upload, status)
        return await self._poller.sighting(job, prepared, status)

    async def _not_arrived(
        self, job: Job, prepared: Mapping[str, JsonValue], upload: Upload, status: PostStatus
    ) -> Sighting:
        """Handle an upload that is incomplete by TikTok's own count; TikTok may omit a zero.

        Sending the last chunk again can't double the post: it goes to the same task, which becomes one post at most. A count
        that is missing is no proof of a zero: it decides nothing else.
        """
        arrived = status.uploaded_bytes or 0
        missing = f"TikTok has {arrived:,} of the video's {upload.size_bytes:,} bytes."
        is_tried_enough = (
            upload.resends >= FEW_RESTARTS and job.now() - upload.opened_at >= self._retry_policy.fault_limit
        )
        if not upload.is_refused and not is_tried_enough:
            again = replace(upload, sent_bytes=arrived, resends=upload.resends + 1)
            message = f"The post is not live: {missing} The rest may still arrive."
            return Absent(message=message, evidence=str(arrived), changes={UPLOAD: again.as_json()})
        if status.uploaded_bytes is None:
            return await self._poller.sighting(job, prepared, status)
        if upload.is_refused:
            what = f"The post is not live: {missing} It accepts no more of this upload."
            end = start_over(job, self._retry_policy, what)
            return Absent(message=missing, evidence=str(arrived), instead=end.reason, changes=end.changes)
        failed = Rejected(
            f"{missing} The rest was sent {upload.resends + 1} times and did not arrive; nothing was published.",
            advice="Publish again later.",
            step=STEP,
            failure=FailureCode.PLATFORM_UNAVAILABLE,
        )
        return Absent(message=missing, evidence=str(arrived), instead=failed)


def _plan(upload: Upload) -> ChunkPlan:
    return ChunkPlan(size_bytes=upload.size_bytes, chunk_bytes=upload.chunk_bytes, count=upload.count)


def _current(job: Job, prepared: Mapping[str, JsonValue]) -> Upload:
    """Return the upload from the job's state, or as it was prepared: the first may be newer."""
    upload, then = Upload.of(job.state), Upload.of(prepared)
    if then is None:
        raise TypeError("a prepared video post has an upload")
    return upload if upload is not None and upload.publish_id == then.publish_id else then


def _no_effect(put: Put, detail: str) -> Rejected | TryLater:
    """Return the error for a PUT that certainly stored nothing."""
    match put:
        case Put.THROTTLED:
            return TryLater(
                f"A limit is reached: TikTok accepts no more uploads for now ({detail}).",
                step=STEP,
                retry_after=MINUTE_WINDOW,
                is_throttled=True,
            )
        case Put.NOT_SENT:
            return TryLater(f"TikTok's upload address could not be reached: {detail}.", step=STEP)
        case _:
            return Rejected(
                f"TikTok refused the upload as malformed ({detail}): an error in Presswork. Nothing was published.",
                advice="Report it to the Presswork project with this post's timeline.",
                step=STEP,
                failure=FailureCode.INTERNAL,
            )
