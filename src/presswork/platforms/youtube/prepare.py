"""Prepares a post: uploads the video as private, and waits until YouTube has processed it.

Nothing that happens here is public. The video's id is stored as soon as it is known, and the session before its first byte, so
that a worker that resumes never uploads a video that has arrived.
"""

from datetime import datetime
from typing import Final

from pydantic import JsonValue

from presswork.core.timestamps import write_instant
from presswork.platforms.api_client import refusal
from presswork.platforms.errors import FailureCode, PlatformError, Rejected, Reported, TryLater
from presswork.platforms.findings import in_words
from presswork.platforms.json_values import instant_of, text_of
from presswork.platforms.limits import megabytes
from presswork.platforms.port import Job, MediaFile, RetryPolicy, draft_of
from presswork.platforms.rate_limits import reserve
from presswork.platforms.youtube.api import Api
from presswork.platforms.youtube.error_mapping import ERROR_MEANINGS, UNKNOWN, YOUTUBE
from presswork.platforms.youtube.media_rules import check, check_unverified, is_long
from presswork.platforms.youtube.options import PRIVATE, settings_of, snippet, status, title_of, upload_parameters
from presswork.platforms.youtube.quota import Quota
from presswork.platforms.youtube.uploads import (
    OPEN,
    STEP,
    Answer,
    Complete,
    Gone,
    Lost,
    Progress,
    Unauthorized,
    Upload,
    Uploads,
)
from presswork.platforms.youtube.videos import (
    LIST,
    VideoState,
    delete_video,
    find_upload,
    long_uploads_status,
    read_video,
)

VIDEO_ID: Final = "videoId"
_UPLOADED_AT: Final = "uploadedAt"
_IS_PROCESSED: Final = "isProcessed"
_UPLOAD: Final = "upload"
_SESSIONS: Final = "keep_sessions"
MOST_SESSIONS: Final = 4
"""Sessions for one post before it fails."""
_TRIES: Final = 5
"""Calls in a row without progress before the worker waits and resumes the upload later."""
_GROWTH: Final = 1.5
_VAGUE: Final = frozenset({"badRequest", "videoNotFound"})
"""Reasons that a session also gives when it has expired."""


class _SessionGone(Exception):
    """The session accepts nothing any more."""


class Preparation:
    """One run of preparing one post; resumes from the job's state."""

    def __init__(self, api: Api, uploads: Uploads, retry_policy: RetryPolicy, quota: Quota, job: Job) -> None:
        """Store the API and upload clients, the project's quota and the post."""
        self._api: Final = api
        self._uploads: Final = uploads
        self._retry_policy: Final = retry_policy
        self._quota: Final = quota
        self._job: Final = job
        self._settings: Final = settings_of(job.options)

    async def run(self) -> str:
        """Return the id of the private, processed video. Raises TryLater, Rejected, CredentialInvalid."""
        job = self._job
        check(draft_of(job)).require_none(step=OPEN)
        video_id = text_of(job.state.get(VIDEO_ID))
        if video_id is None:
            await self._require_verified()
            async with job.media_file(job.media[0], None) as file:
                video_id = await self._uploaded(file)
        if job.state.get(_IS_PROCESSED) is not True:
            await self._finish(video_id)
            job.save_later(**{_IS_PROCESSED: True})
            job.note_later(
                "prepared", "YouTube has processed the private video; it is ready to go live.", videoId=video_id
            )
        return video_id

    async def _require_verified(self) -> None:
        """Check that the channel may upload a long video; only those cost a call."""
        job = self._job
        if is_long(job.media[0]) and await long_uploads_status(self._api, job) not in (None, "allowed"):
            check_unverified(draft_of(job)).require_none(step=OPEN)

    async def _uploaded(self, file: MediaFile) -> str:
        """Upload the video, or resume its upload. Raises TryLater, Rejected, CredentialInvalid."""
        job = self._job
        while True:
            upload = Upload.of(job.state)
            is_resumed = upload is not None
            if upload is None:
                upload = await self._open(file)
            try:
                video = await self._transfer(upload, file, is_resumed=is_resumed)
            except _SessionGone as gone:
                # The last update of the session may be newer than `upload`.
                video_id = await self._recovered(Upload.of(job.state) or upload, str(gone))
                if video_id is not None:
                    return await self._arrived(video_id, "The uploaded video was found by its title. It is there")
                await self._drop_session(str(gone))
            else:
                self._require_own(VideoState.of(video.video))
                return await self._arrived(text_of(video.video.get("id")) or "", "The video is uploaded")

    async def _open(self, file: MediaFile) -> Upload:
        job, settings = self._job, self._settings
        if self._retry_policy.limit_recheck is None:  # a sandbox's clock may be moved, so only its own response counts
            now = job.now()
            await reserve(job, self._quota.of_writes(now), step=OPEN)
            await reserve(job, self._quota.of_uploads(now), step=OPEN)
        opened_at = job.now()
        video: dict[str, JsonValue] = {
            "snippet": snippet(settings, job.caption),
            "status": status(settings, PRIVATE),
        }
        url = await self._uploads.open(job, file, upload_parameters(settings), video)
        upload = Upload(
            url=url,
            size_bytes=file.size_bytes,
            title=title_of(settings, job.caption),
            opened_at=opened_at,
            is_last_sent=file.size_bytes <= self._uploads.chunk_bytes,  # then the first chunk is the last
        )
        job.note_later(
            "preparing",
            f"YouTube opened an upload of {megabytes(file.size_bytes)}. The video is private until the post goes live.",
        )
        await upload.save(job)
        return upload

    async def _transfer(self, upload: Upload, file: MediaFile, *, is_resumed: bool) -> Complete:
        """Send what is missing. Raises _SessionGone when another session must be opened, TryLater when it stalls."""
        job = self._job
        token = await job.access_token()
        answer: Answer = Progress(0)
        if upload.size_bytes != file.size_bytes:
            answer = Gone("the stored video has changed")
        elif is_resumed:
            answer = await self._position(upload, token)
        tries, best = 0, -1
        while not isinstance(answer, Complete):
            if isinstance(answer, Gone):
                raise self._gone(answer)
            tries = 0 if isinstance(answer, Progress) and answer.stored_bytes > best else tries + 1
            if tries >= _TRIES:
                raise TryLater(f"The upload to YouTube made no progress ({_why(answer)}).", step=STEP)
            if isinstance(answer, Progress) and answer.stored_bytes < upload.size_bytes:
                best = max(best, answer.stored_bytes)
                upload = await self._before_chunk(upload, answer.stored_bytes)
                answer = await self._uploads.send(upload, file, answer.stored_bytes, token=token)
                if isinstance(answer, Progress) and not upload.is_last_sent:
                    continue
                if isinstance(answer, Complete | Gone):
                    continue
                tries += not isinstance(answer, Progress)
            if isinstance(answer, Unauthorized):
                token = await YOUTUBE.renewed(job, token, answer.error, step=STEP)
            else:
                await self._pause(answer, tries)
            answer = await self._position(upload, token)
        return answer

    async def _position(self, upload: Upload, token: str) -> Answer:
        """Ask how much has arrived: twice where the video may be complete, since YouTube was seen to answer too early."""
        answer = await self._uploads.ask(upload, token=token)
        if upload.is_last_sent and isinstance(answer, Progress) and answer.stored_bytes > 0:
            await self._job.sleep(self._retry_policy.poll_first)
            answer = await self._uploads.ask(upload, token=token)
        return answer

    async def _before_chunk(self, upload: Upload, first: int) -> Upload:
        """Store that the last byte may have been sent, before it is; what has arrived before, YouTube itself reports."""
        if self._uploads.last_of(upload, first) == upload.size_bytes - 1 and not upload.is_last_sent:
            upload = upload.with_last_sent()
            await upload.save(self._job)
        return upload

    async def _pause(self, answer: Answer, tries: int) -> None:
        job, pause = self._job, self._retry_policy.backoff(max(0, tries - 1))
        await job.note(
            "retrying",
            f"YouTube did not confirm a part of the video ({_why(answer)}). It is asked how much has arrived in "
            f"{in_words(pause)}.",
            nextAt=write_instant(job.now() + pause),
        )
        await job.sleep(pause)

    def _gone(self, answer: Gone) -> PlatformError | _SessionGone:
        """Return YouTube's own error where it names a reason that another session would not change."""
        error = answer.error
        is_vague = error is None or error.status == 404 or error.code in _VAGUE or error.meaning is UNKNOWN
        if error is None or is_vague:
            return _SessionGone(answer.reason)
        return refusal(error, step=STEP, now=self._job.now())

    async def _recovered(self, upload: Upload, reason: str) -> str | None:
        """Look for the video of a lost session whose last byte may have been sent. None: there is none."""
        if not upload.is_last_sent:
            return None
        job, retry_policy = self._job, self._retry_policy
        since, pause = job.now(), retry_policy.poll_first
        await job.note(
            "reconciled",
            f"YouTube no longer knows the upload ({reason}), and the whole video may have arrived. Presswork looks for it among the "
            "channel's newest uploads before it starts over.",
        )
        while True:
            video_id = await find_upload(self._api, job, upload)
            if video_id is not None or job.now() - since >= retry_policy.republish_after:
                return video_id
            await job.sleep(pause)
            pause = min(pause * _GROWTH, retry_policy.poll_max)

    async def _drop_session(self, reason: str) -> None:
        """Forget the session, so that another is opened. Raises Rejected after a few of them."""
        job = self._job
        stored = job.state.get(_SESSIONS)
        count = (stored if isinstance(stored, int) else 0) + 1
        await job.save(**{_UPLOAD: None, _SESSIONS: count})
        if count >= MOST_SESSIONS:
            raise Rejected(
                f"YouTube dropped the upload {count} times before it was complete ({reason}). Nothing was published.",
                advice="Publish again later.",
                step=STEP,
                failure=FailureCode.PLATFORM_UNAVAILABLE,
            )
        await job.note("retrying", f"YouTube dropped the upload ({reason}). Another one is opened.", upload=count + 1)

    async def _arrived(self, video_id: str, how: str) -> str:
        """Store the id of the uploaded video."""
        job = self._job
        job.note_later(
            "preparing",
            f"{how} as private, and YouTube processes it. If the post is canceled or fails, the private "
            "video stays on the channel: delete it in YouTube Studio.",
            videoId=video_id,
            studioUrl=self._api.endpoints.studio(video_id),
        )
        await job.save(**{VIDEO_ID: video_id, _UPLOADED_AT: job.now().isoformat(), _UPLOAD: None})
        return video_id

    async def _finish(self, video_id: str) -> None:
        """Wait until the video is processed. Raises Rejected when YouTube failed or takes too long."""
        job, retry_policy = self._job, self._retry_policy
        since = _instant(job.state.get(_UPLOADED_AT)) or job.now()
        pause = retry_policy.poll_first
        while True:
            state = await read_video(self._api, job, video_id)
            if state is not None:
                if state.failure is not None:
                    raise await self._failed(video_id, state)
                if state.is_processed:
                    return
            if job.now() - since >= retry_policy.processing_limit:
                raise self._overdue(video_id, is_missing=state is None)
            await job.sleep(pause)
            pause = min(pause * _GROWTH, retry_policy.poll_max)

    async def _failed(self, video_id: str, state: VideoState) -> Rejected:
        """Return the error for a video that YouTube failed or rejected, and delete it: it is of no use to anyone."""
        meaning, reason = video_meaning(state), state.reason
        if await delete_video(self._api, self._job, video_id):
            left = "The private upload was deleted."
        else:
            left = f"The private upload may still be in YouTube Studio ({self._api.endpoints.studio(video_id)})."
        return Rejected(
            f"{meaning[0]} Nothing was published. {left}",
            advice=meaning[1],
            step=LIST,
            failure=meaning[2],
            **Reported(platform_code=reason or state.upload_status),
        )

    def _overdue(self, video_id: str, *, is_missing: bool) -> Rejected:
        limit = in_words(self._retry_policy.processing_limit)
        if is_missing:
            what = f"YouTube has not listed the uploaded video {video_id} for {limit}: it was probably deleted."
        else:
            studio = self._api.endpoints.studio(video_id)
            what = f"YouTube was still processing the video after {limit}. It stays private on the channel ({studio})."
        return Rejected(
            f"{what} Nothing was published.",
            advice="Publish again later; if it happens again, use a smaller file.",
            step=LIST,
            failure=FailureCode.PLATFORM_UNAVAILABLE,
        )

    def _require_own(self, state: VideoState) -> None:
        """Check that the video is on the account's channel. Raises Rejected."""
        if state.channel_id in (None, self._job.account.external_id):
            return
        raise Rejected(
            "YouTube put the private upload on another channel of the same login than the account's. Nothing was published.",
            advice="Delete it in YouTube Studio, connect the account again, choose its channel's own entry on Google's page, then "
            "publish again.",
            step=STEP,
            failure=FailureCode.ACCOUNT_NOT_ELIGIBLE,
        )


def video_meaning(state: VideoState) -> tuple[str, str, FailureCode]:
    """Return the sentence, the advice and the failure code for a video that YouTube failed or rejected."""
    meaning = state.failure or ERROR_MEANINGS["videoNotFound"]
    return meaning.sentence, meaning.advice, meaning.failure


def _why(answer: Answer) -> str:
    match answer:
        case Lost() | Gone():
            return answer.reason
        case Unauthorized():
            return "the access token was refused"
        case Progress():
            return f"it has {answer.stored_bytes:,} bytes"
        case Complete():
            return "it is complete"


def _instant(value: JsonValue) -> datetime | None:
    return instant_of(value)
