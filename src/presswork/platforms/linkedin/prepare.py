"""Prepares a post: uploads its pictures or its video, and waits until LinkedIn has processed them.

Nothing that happens here is public. Each upload is stored, so that a worker that resumes sends only what is missing.
"""

from datetime import datetime, timedelta
from typing import Final

from presswork.core.timestamps import write_instant
from presswork.platforms.api_client import refusal
from presswork.platforms.errors import FailureCode, Rejected, TryLater
from presswork.platforms.findings import in_words
from presswork.platforms.linkedin.error_mapping import LINKEDIN, processing_failure
from presswork.platforms.linkedin.media_rules import IMAGE, VIDEO, check, check_for
from presswork.platforms.linkedin.quota import STATUS_READS, Quota
from presswork.platforms.linkedin.uploads import (
    STATUS,
    UPLOAD,
    MediaStatus,
    Part,
    Refused,
    Upload,
    Uploads,
    drop_upload,
)
from presswork.platforms.linkedin.urns import is_organization
from presswork.platforms.port import Job, Media, MediaFile, RetryPolicy, draft_of
from presswork.platforms.rate_limits import reserve
from presswork.platforms.transport import CallFailed

MOST_UPLOADS: Final = 3
"""Uploads of one media item before the post fails."""
_TRIES: Final = 5
"""Calls for one part before the worker waits and resumes later."""
_GROWTH: Final = 1.5
_GRACE: Final = 5
"""How many first waits a picture of a member gets, whose status a member's token can't read. Other publishers wait as long."""
_PART_BYTES: Final = 4 * 1024 * 1024
"""The size of parts, for the number of calls; LinkedIn decides about it."""
_RESERVED: Final = "reservedUntil"
_OPENED: Final = "keep_uploads"


class Preparation:
    """One run of preparing one post; resumes from the job's state."""

    def __init__(self, uploads: Uploads, retry_policy: RetryPolicy, quota: Quota, job: Job) -> None:
        """Store the upload client, the limits of the day and the post."""
        self._uploads: Final = uploads
        self._retry_policy: Final = retry_policy
        self._quota: Final = quota
        self._job: Final = job

    async def run(self) -> list[str]:
        """Return the URNs of the media, in order. Raises TryLater, Rejected, CredentialInvalid."""
        job = self._job
        draft = draft_of(job)
        (check(draft) + check_for(job.account, draft)).require_none(step=UPLOAD)
        await self._reserve()
        uploads = [await self._uploaded(media) for media in job.media]
        is_waiting = not all(upload.is_ready for upload in uploads)
        for media, upload in zip(job.media, uploads, strict=True):
            if not upload.is_ready:
                await self._finish(media, upload)
                upload.ready().save_later(job, media.position)
        if is_waiting:
            what = "the video" if job.media[0].is_video else "every picture"
            job.note_later("prepared", f"LinkedIn has {what}; the post is ready to go live.")
        return [upload.urn for upload in uploads]

    async def _reserve(self) -> None:
        """Reserve the calls of the whole post, once for each day on which it is prepared."""
        job = self._job
        if (
            self._retry_policy.limit_recheck is not None
        ):  # a sandbox's clock may be moved, so only its own response counts
            return
        limits = self._quota.limits(job.now())
        until = [limit.resets_at.isoformat() for limit in limits if limit.resets_at is not None]
        if job.state.get(_RESERVED) == until[0]:
            return
        for limit in limits:
            await reserve(job, limit, step=UPLOAD, calls=min(limit.most, _calls_of(job)))
        job.save_later(**{_RESERVED: until[0]})

    async def _uploaded(self, media: Media) -> Upload:
        """Upload a media item, or what is missing of it. Raises TryLater, Rejected, CredentialInvalid."""
        job = self._job
        upload = Upload.of(job.state, media.position)
        if upload is not None and upload.sent_at is not None:
            return upload
        async with job.media_file(media, VIDEO if media.is_video else IMAGE) as file:
            while True:
                if upload is None or upload.size_bytes != file.size_bytes:
                    upload = await self._open(media, file)
                try:
                    upload = await self._sent(media, upload, file)
                except Refused as refused:
                    await self._drop(media, str(refused))
                    upload = None
                    continue
                upload = upload.complete(job.now())
                await upload.save(job, media.position)
                return upload

    async def _open(self, media: Media, file: MediaFile) -> Upload:
        job = self._job
        open_upload = self._uploads.open_video if media.is_video else self._uploads.open_image
        upload = await open_upload(job, file)
        what = "the video" if media.is_video else f"picture {media.position + 1} of {len(job.media)}"
        job.note_later(
            "preparing",
            f"LinkedIn opened an upload for {what} ({file.size_bytes:,} bytes). Nothing of it is public.",
            mediaId=upload.urn,
        )
        if media.is_video:  # a picture has one part: after an interruption, another upload costs as much
            await upload.save(job, media.position)
        return upload

    async def _sent(self, media: Media, upload: Upload, file: MediaFile) -> Upload:
        """Send the parts that are missing, and complete a video. Raises Refused, TryLater, Rejected, CredentialInvalid."""
        job = self._job
        token = await job.access_token()
        for index, part in enumerate(upload.parts):
            if part.etag is None:
                etag, token = await self._part(part, file, token)
                upload = upload.with_part(index, etag)
                if media.is_video:
                    await upload.save(job, media.position)
        if media.is_video:
            await self._finalize(upload)
        return upload

    async def _part(self, part: Part, file: MediaFile, token: str) -> tuple[str, str]:
        """Send a part until LinkedIn confirms it; return its ETag and the token. Raises Refused, TryLater, CredentialInvalid."""
        job, reason = self._job, ""
        for tries in range(_TRIES):
            if tries:
                await self._pause(reason, tries)
            answer = await self._uploads.send(part, file, token=token)
            if isinstance(answer, str):
                return answer, token
            if isinstance(answer, CallFailed):
                reason = answer.reason
            elif answer.is_token_refused:
                token = await LINKEDIN.renewed(job, token, answer, step=UPLOAD)
                reason = "the access token was refused"
            elif answer.is_temporary:
                reason = f"HTTP {answer.status}"
            else:
                raise refusal(answer, step=UPLOAD, now=job.now())
        raise TryLater(f"LinkedIn did not confirm a part of the upload ({reason}).", step=UPLOAD)

    async def _pause(self, reason: str, tries: int) -> None:
        job, pause = self._job, self._retry_policy.backoff(tries - 1)
        await job.note(
            "retrying",
            f"LinkedIn did not confirm a part of the upload ({reason}). It is sent again in {in_words(pause)}.",
            nextAt=write_instant(job.now() + pause),
        )
        await job.sleep(pause)

    async def _finalize(self, upload: Upload) -> None:
        """Complete a video. If LinkedIn's answer does not confirm it, the video's status decides: an earlier call may have."""
        try:
            await self._uploads.finalize(self._job, upload)
        except (Rejected, TryLater) as error:
            if not await self._uploads.has_arrived(self._job, upload):
                if isinstance(error, Rejected) and error.failure is FailureCode.PLATFORM_REJECTED:
                    raise Refused(error.platform_code or "it could not be completed") from error
                raise

    async def _drop(self, media: Media, reason: str) -> None:
        """Forget an upload, so that another is opened. Raises Rejected after a few of them."""
        job = self._job
        await drop_upload(job, media.position)
        stored = job.state.get(_OPENED)
        count = (stored if isinstance(stored, int) else 0) + 1
        await job.save(**{_OPENED: count})
        if count >= MOST_UPLOADS:
            raise Rejected(
                f"LinkedIn refused the upload {count} times before it was complete ({reason}). Nothing was published.",
                advice="Publish again later.",
                step=UPLOAD,
                failure=FailureCode.PLATFORM_UNAVAILABLE,
            )
        await job.note("retrying", f"LinkedIn refused the upload ({reason}). Another one is opened.", upload=count + 1)

    async def _finish(self, media: Media, upload: Upload) -> None:
        """Wait until a media item is processed. Raises Rejected when LinkedIn failed or takes too long, TryLater."""
        job, retry_policy = self._job, self._retry_policy
        since = upload.sent_at or job.now()
        if not media.is_video and not is_organization(job.account.external_id):
            await self._wait_until(since + _GRACE * retry_policy.poll_first)
            return
        pause = retry_policy.poll_first
        while True:
            status = await self._status(upload, is_video=media.is_video)
            if status is not None and status.is_failed:
                raise _failed(status)
            if status is not None and status.is_available:
                return
            if job.now() - since >= retry_policy.processing_limit:
                raise self._overdue()
            await job.sleep(pause)
            pause = min(pause * _GROWTH, retry_policy.poll_max)

    async def _status(self, upload: Upload, *, is_video: bool) -> MediaStatus | None:
        """Return the status; None where LinkedIn does not find the new media yet."""
        try:
            return await self._uploads.status(self._job, upload.urn, is_video=is_video)
        except Rejected as error:
            if error.platform_code in ("NOT_FOUND", "RESOURCE_NOT_FOUND", "404"):
                return None
            raise

    async def _wait_until(self, at: datetime) -> None:
        wait = at - self._job.now()
        if wait > timedelta():
            await self._job.sleep(wait)

    def _overdue(self) -> Rejected:
        return Rejected(
            f"LinkedIn was still processing the media after {in_words(self._retry_policy.processing_limit)}. Nothing was published.",
            advice="Publish again later; if it happens again, use a smaller file.",
            step=STATUS,
            failure=FailureCode.PLATFORM_UNAVAILABLE,
        )


def _failed(status: MediaStatus) -> Rejected:
    meaning = processing_failure(status.failure)
    return Rejected(
        f"{meaning.sentence} Nothing was published.",
        advice=meaning.advice,
        step=STATUS,
        failure=meaning.failure,
        platform_code=status.name,
        platform_message=status.failure,
    )


def _calls_of(job: Job) -> int:
    """Return how many calls a post needs: two for a picture, one for each part of a video, the reads and the post itself."""
    parts = sum(-(-media.size_bytes // _PART_BYTES) + 2 if media.is_video else 2 for media in job.media)
    return parts + STATUS_READS + 1
