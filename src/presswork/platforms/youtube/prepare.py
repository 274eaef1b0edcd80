"""Prepares a post: uploads the video as private, and waits until YouTube has processed it.

Nothing that happens here is public. The video's id is stored as soon as it is known, and the session before its first byte, so
that a worker that resumes never uploads a video that has arrived. A session becomes one video at most, however often its bytes are
sent. Its URL grants the right to upload, so it is neither shown nor logged.
Source: Google, "Resumable Uploads" (YouTube Data API), read 2026-11.
"""

import re
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from typing import ClassVar, Final

from pydantic import AwareDatetime, JsonValue

from presswork.platforms.api_client import ApiError, ApiResponse, JsonObject, refusal
from presswork.platforms.errors import FailureCode, Rejected, Reported, TryLater, unavailable
from presswork.platforms.findings import in_words
from presswork.platforms.job_state import JobState
from presswork.platforms.json_values import text_of
from presswork.platforms.limits import megabytes
from presswork.platforms.port import Job, MediaFile, draft_of
from presswork.platforms.rate_limits import reserve
from presswork.platforms.transport import CallFailed
from presswork.platforms.uploads.processing import SMALLER_FILE, poll
from presswork.platforms.uploads.ranges import (
    Accepted,
    Complete,
    Forgotten,
    RangeOutcome,
    Refused,
    Unknown,
    UploadForgotten,
    note_reopening,
    send_ranges,
)
from presswork.platforms.youtube.api import UPLOAD, Api, read_response
from presswork.platforms.youtube.error_mapping import ERROR_MEANINGS, UNKNOWN, YOUTUBE
from presswork.platforms.youtube.rules import (
    PRIVATE,
    Quota,
    check,
    check_unverified,
    is_long,
    settings_of,
    snippet,
    status,
    title_of,
    upload_parameters,
)
from presswork.platforms.youtube.videos import (
    LIST,
    VideoState,
    accepts_long_uploads,
    delete_copy,
    find_upload,
    read_video,
)

OPEN: Final = "videos_insert"
STEP: Final = "upload"
CHUNK_UNIT: Final = 262_144
"""Every chunk but the last is a multiple of this many bytes."""
CHUNK_BYTES: Final = 32 * CHUNK_UNIT
MAX_SESSIONS: Final = 4
"""Sessions for one post before it fails."""
_MAX_TRIES: Final = 5
"""Unknown outcomes without progress between them before the worker waits and resumes the upload later."""
_RESUME: Final = 308
_RANGE: Final = re.compile(r"bytes=0-(\d{1,15})", re.ASCII)
_VAGUE: Final = frozenset({"badRequest", "videoNotFound"})
"""Reasons that a session also gives when it has expired."""


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


@dataclass(frozen=True, slots=True, kw_only=True)
class _Progress(JobState):
    """What is stored of a post while it is prepared."""

    upload: Upload | None = None
    video_id: str | None = None
    uploaded_at: AwareDatetime | None = None
    is_processed: bool = False
    keep_sessions: int = 0
    """Sessions that YouTube dropped before they were complete."""


@dataclass(frozen=True, slots=True)
class Preparation:
    """One run of preparing one post; resumes from the job's state. `chunk_bytes` is a multiple of CHUNK_UNIT."""

    api: Api
    quota: Quota
    chunk_bytes: int
    job: Job

    async def run(self) -> str:
        """Return the id of the private, processed video. Raises TryLater, Rejected, CredentialInvalid."""
        job = self.job
        check(draft_of(job)).require_none(step=OPEN)
        video_id = _Progress.load(job.state).video_id
        if video_id is None:
            await self._require_verified()
            async with job.media_file(job.media[0], None) as file:
                video_id = await self._upload_video(file)
        if not _Progress.load(job.state).is_processed:
            await self._await_processing(video_id)
            replace(_Progress.load(job.state), is_processed=True).save_later(job)
            sentence = "YouTube has processed the private video; it is ready to go live."
            job.note_later("prepared", sentence, videoId=video_id)
        return video_id

    async def _require_verified(self) -> None:
        """Check that the channel may upload a long video; only those cost a call."""
        job = self.job
        if is_long(job.media[0]) and not await accepts_long_uploads(self.api, job):
            check_unverified(draft_of(job)).require_none(step=OPEN)

    async def _upload_video(self, file: MediaFile) -> str:
        """Upload the video, or resume its upload; return its id. Raises TryLater, Rejected, CredentialInvalid."""
        job = self.job
        while True:
            upload = _Progress.load(job.state).upload
            is_resumed = upload is not None
            session = _Session(self, file, upload or await self._open_session(file))
            try:
                video = await session.transfer(is_resumed=is_resumed)
            except UploadForgotten as forgotten:
                video_id = await self._recover_video(session.upload, str(forgotten))
                if video_id is not None:
                    return await self._store_video(video_id, "The uploaded video was found by its title. It is there")
                await self._drop_session(str(forgotten))
            else:
                self._require_own(VideoState.of(video))
                return await self._store_video(text_of(video.get("id")) or "", "The video is uploaded")

    async def _open_session(self, file: MediaFile) -> Upload:
        """Open a session. One whose response is lost never gets a byte: opening another is safe.

        Raises Rejected, TryLater, CredentialInvalid.
        """
        job, settings = self.job, settings_of(self.job.options)
        if (
            self.api.retry_policy.limit_recheck is None
        ):  # a sandbox's clock may be moved, so only its own response counts
            now = job.now()
            await reserve(job, self.quota.of_writes(now), step=OPEN)
            await reserve(job, self.quota.of_uploads(now), step=OPEN)
        opened_at = job.now()
        video: dict[str, JsonValue] = {"snippet": snippet(settings, job.caption), "status": status(settings, PRIVATE)}
        query = {"uploadType": "resumable", "part": ",".join(video), **upload_parameters(settings)}
        headers = {"X-Upload-Content-Length": str(file.size_bytes), "X-Upload-Content-Type": file.content_type}
        with YOUTUBE.lost(step=OPEN):
            reply, response = await self.api.send(job, "POST", UPLOAD, query, step=OPEN, body=video, headers=headers)
        if isinstance(response, ApiError):
            raise refusal(response, step=OPEN, now=job.now())
        url = reply.header("location")
        if url is None or not self.api.endpoints.accepts_session_url(url):
            raise TryLater("YouTube opened an upload without an address that can be YouTube's.", step=OPEN)
        upload = Upload(
            url=url,
            size_bytes=file.size_bytes,
            title=title_of(settings, job.caption),
            opened_at=opened_at,
            is_last_sent=file.size_bytes <= self.chunk_bytes,  # then the first chunk is the last
        )
        size = megabytes(file.size_bytes)
        sentence = f"YouTube opened an upload of {size}. The video is private until the post goes live."
        job.note_later("preparing", sentence)
        await replace(_Progress.load(job.state), upload=upload).save(job)
        return upload

    async def _recover_video(self, upload: Upload, reason: str) -> str | None:
        """Look for the video of a lost session whose last byte may have been sent. Return None if there is none."""
        if not upload.is_last_sent:
            return None
        job, limit = self.job, self.api.retry_policy.republish_after
        since = job.now()
        await job.note(
            "reconciled",
            f"YouTube no longer knows the upload ({reason}), and the whole video may have arrived. Presswork looks for it among the "
            "channel's newest uploads before it starts over.",
        )
        find = partial(find_upload, self.api, job, title=upload.title, opened_at=upload.opened_at)
        return await poll(
            job, self.api.retry_policy, find, until=lambda found: found is not None, since=since, limit=limit
        )

    async def _drop_session(self, reason: str) -> None:
        """Forget the session, so that another is opened. Raises Rejected after a few of them."""
        progress = _Progress.load(self.job.state)
        count = progress.keep_sessions + 1
        await replace(progress, upload=None, keep_sessions=count).save(self.job)
        await note_reopening(
            self.job, "YouTube dropped the upload", reason, count=count, max_count=MAX_SESSIONS, step=STEP
        )

    async def _store_video(self, video_id: str, how: str) -> str:
        """Store the id of the uploaded video."""
        job = self.job
        job.note_later(
            "preparing",
            f"{how} as private, and YouTube processes it. If the post is canceled or fails, the private "
            "video stays on the channel: delete it in YouTube Studio.",
            videoId=video_id,
            studioUrl=self.api.endpoints.studio(video_id),
        )
        progress = _Progress.load(job.state)
        await replace(progress, video_id=video_id, uploaded_at=job.now(), upload=None).save(job)
        return video_id

    async def _await_processing(self, video_id: str) -> None:
        """Wait until the video is processed. Raises Rejected when YouTube failed or takes too long."""
        since = _Progress.load(self.job.state).uploaded_at or self.job.now()
        read = partial(read_video, self.api, self.job, video_id)
        state = await poll(self.job, self.api.retry_policy, read, until=_is_over, since=since)
        if state is not None and state.failure is not None:
            raise await self._explain_failure(video_id, state)
        if state is not None and state.is_processed:
            return
        limit = in_words(self.api.retry_policy.processing_limit)
        what = f"YouTube has not listed the uploaded video {video_id} for {limit}: it was probably deleted."
        if state is not None:
            studio = self.api.endpoints.studio(video_id)
            what = f"YouTube was still processing the video after {limit}. It stays private on the channel ({studio})."
        raise unavailable(f"{what} Nothing was published.", advice=SMALLER_FILE, step=LIST)

    async def _explain_failure(self, video_id: str, state: VideoState) -> Rejected:
        """Return the error for a video that YouTube failed or rejected, and delete it: it is of no use to anyone."""
        meaning = state.failure or ERROR_MEANINGS["videoNotFound"]
        left = "was deleted"
        if not await delete_copy(self.api, self.job, video_id):
            left = f"may still be in YouTube Studio ({self.api.endpoints.studio(video_id)})"
        what = f"{meaning.sentence} Nothing was published. The private upload {left}."
        reported = Reported(platform_code=state.reason or state.upload_status)
        return Rejected(what, advice=meaning.advice, step=LIST, failure=meaning.failure, **reported)

    def _require_own(self, state: VideoState) -> None:
        """Check that the video is on the account's channel. Raises Rejected."""
        if state.channel_id in (None, self.job.account.external_id):
            return
        raise Rejected(
            "YouTube put the private upload on another channel of the same login than the account's. Nothing was published.",
            advice="Delete it in YouTube Studio, connect the account again, choose its channel's own entry on Google's page, then "
            "publish again.",
            step=STEP,
            failure=FailureCode.ACCOUNT_NOT_ELIGIBLE,
        )


def _is_over(state: VideoState | None) -> bool:
    return state is not None and (state.failure is not None or state.is_processed)


@dataclass(slots=True)
class _Session:
    """An open session, whose chunks follow what has arrived."""

    step: ClassVar[str] = STEP
    retry: ClassVar[str] = (
        "YouTube did not confirm a part of the video ({reason}). It is asked how much has arrived{later}."
    )
    stall: ClassVar[str] = "The upload to YouTube made no progress ({reason})."
    preparation: Preparation
    file: MediaFile
    upload: Upload
    token: str = field(default="", repr=False)

    async def transfer(self, *, is_resumed: bool) -> JsonObject:
        """Send what is missing; return the video that the session became.

        Raises UploadForgotten when another session must be opened, TryLater when it stalls, Rejected, CredentialInvalid.
        """
        job, size_bytes = self.preparation.job, self.upload.size_bytes
        if size_bytes != self.file.size_bytes:
            raise UploadForgotten("the stored video has changed")
        self.token = await job.access_token()
        start = await self.find_position() if is_resumed else Accepted(0)
        retry_policy = self.preparation.api.retry_policy
        end = await send_ranges(job, retry_policy, self, start, end=size_bytes, max_tries=_MAX_TRIES)
        if isinstance(end, Complete):
            return end.body
        raise TryLater(self.stall.format(reason=f"it has {size_bytes:,} bytes"), step=STEP)

    async def send(self, position: int) -> RangeOutcome:
        """Send one chunk. Before the last byte may be sent, that is stored; what has arrived before, YouTube itself reports."""
        job, size_bytes = self.preparation.job, self.upload.size_bytes
        last = min(position + self.preparation.chunk_bytes, size_bytes) - 1
        if last == size_bytes - 1 and not self.upload.is_last_sent:
            self.upload = replace(self.upload, is_last_sent=True)
            await replace(_Progress.load(job.state), upload=self.upload).save(job)
        headers = {
            "Content-Type": self.file.content_type,
            "Content-Length": str(last - position + 1),
            "Content-Range": f"bytes {position}-{last}/{size_bytes}",
        }
        outcome = await self._put_bytes(headers, self.file.reader(position, last))
        return _doubt_position(outcome) if self.upload.is_last_sent else outcome

    async def find_position(self) -> RangeOutcome:
        """Ask how much has arrived: twice where the video may be complete, since YouTube was seen to answer too early."""
        headers = {"Content-Length": "0", "Content-Range": f"bytes */{self.upload.size_bytes}"}
        outcome = await self._put_bytes(headers)
        if self.upload.is_last_sent and isinstance(outcome, Accepted) and outcome.position > 0:
            await self.preparation.job.sleep(self.preparation.api.retry_policy.poll_first)
            outcome = await self._put_bytes(headers)
        return _doubt_position(outcome) if outcome == Accepted(self.upload.size_bytes) else outcome

    async def _put_bytes(self, headers: Mapping[str, str], data: AsyncIterator[bytes] | None = None) -> RangeOutcome:
        timeouts = self.preparation.api.retry_policy.timeouts
        try:
            reply = await self.preparation.api.transport.call(
                "PUT",
                self.upload.url,
                operation=STEP,
                timeout=timeouts.call if data is None else timeouts.upload,
                token=self.token,
                data=data or b"",
                headers=headers,
            )
        except CallFailed as failed:
            return Unknown(reason=failed.reason)
        if reply.status == _RESUME:
            header = reply.header("range")
            if header is None:
                return Accepted(0)
            match = _RANGE.fullmatch(header)
            return Unknown(reason="its range is unreadable") if match is None else Accepted(int(match[1]) + 1)
        return await self._classify_response(read_response(reply))

    async def _classify_response(self, response: ApiResponse) -> RangeOutcome:
        """Return the meaning of a final response. A refused token is renewed; no byte was stored."""
        if not isinstance(response, ApiError):
            is_video = isinstance(response, Mapping) and text_of(response.get("id")) is not None
            unread = Unknown(reason="its response names no video")
            return Complete(response) if is_video and isinstance(response, Mapping) else unread
        if response.status == 401:
            self.token = await YOUTUBE.renewed(self.preparation.job, self.token, response, step=STEP)
            return Unknown(reason="the access token was refused", needs_pause=False, is_noted=False)
        if response.status >= 500 or response.status in (408, 429):
            return Unknown(reason=f"HTTP {response.status}")
        is_vague = response.status == 404 or response.code in _VAGUE or response.meaning is UNKNOWN
        if is_vague or not response.is_own:
            return Forgotten(f"HTTP {response.status}")
        return Refused(refusal(response, step=STEP, now=self.preparation.job.now()))


def _doubt_position(outcome: RangeOutcome) -> RangeOutcome:
    """Return the outcome at a session that may be complete: that it still expects bytes decides nothing."""
    return Unknown(reason=f"it has {outcome.position:,} bytes") if isinstance(outcome, Accepted) else outcome
