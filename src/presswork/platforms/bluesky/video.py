"""Uploads a video through Bluesky's video service, which encodes it and stores it on the account's server.

The service knows an account by a token that the account's server signs for it. Its state is saved: a worker that resumes asks
about the job rather than uploading again, and the service itself reports a video that it already has. A large video is sent in parts,
of which a worker that resumes sends what is missing; a service without them gets it in one request.
Sources: lexicons app.bsky.video.*; docs.bsky.app, "Video upload"; bluesky-social/social-app; read 2026-11, the parts 2026-12.
"""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import count
from typing import ClassVar, Final, Unpack

from pydantic import AwareDatetime, JsonValue

from presswork.platforms.api_client import Action, JsonObject
from presswork.platforms.bluesky.api import Api, CallOptions, Response, refusal, service_did
from presswork.platforms.bluesky.client import Session
from presswork.platforms.bluesky.error_mapping import BLUESKY, DAILY_LIMIT, ERROR_MEANINGS, video_failure_of
from presswork.platforms.bluesky.record import Blob
from presswork.platforms.bluesky.rules import VIDEO_SPEC
from presswork.platforms.errors import FailureCode, Rejected, Reported, TryLater, unavailable
from presswork.platforms.findings import Findings, Problem
from presswork.platforms.job_state import IN_CAMEL_CASE, JobState
from presswork.platforms.json_values import number_of, part_of, text_of
from presswork.platforms.port import Credentials, Draft, Job, Media, MediaFile, RetryPolicy
from presswork.platforms.transport import CallFailed
from presswork.platforms.uploads.processing import poll
from presswork.platforms.uploads.ranges import (
    Accepted,
    Complete,
    Forgotten,
    RangeOutcome,
    Refused,
    Unknown,
    UploadForgotten,
    send_ranges,
    upload_timeout,
)

UPLOAD: Final = "upload_video"
STATUS: Final = "get_job_status"
_LIMITS: Final = "get_upload_limits"
_UPLOAD_METHOD: Final = "com.atproto.repo.uploadBlob"
"""What the token of an upload is for: the service stores the video at the account's server."""
_MAX_UPLOADS: Final = 3
_TOKEN_LIFETIME: Final = timedelta(minutes=30)
_FAILED: Final = "JOB_STATE_FAILED"
PARTS_OVER_BYTES: Final = 16 * 1024 * 1024
"""A larger video is sent in parts, of the length that the service says (8 MiB, read 2026-12)."""
_START: Final = "video_start_upload"
_PART: Final = "video_upload_part"
_PART_STATUS: Final = "video_upload_status"
_FINISH: Final = "video_finish_upload"
_MAX_TRIES: Final = 5
"""Calls for one part before the worker waits and resumes later."""
_WITHOUT_PARTS: Final = frozenset({"MethodNotImplemented", "XRPCNotSupported", "InvalidMethod"})
"""Errors of a service that takes no parts."""
_GONE: Final = frozenset(
    {
        "InvalidPartNumber",
        "PartSizeMismatch",
        "UploadAborted",
        "UploadExpired",
        "UploadFailed",
        "UploadNotFound",
    }
)
"""Errors of an upload that accepts nothing any more."""
_ENDED: Final = frozenset({"aborted", "expired", "failed"})
"""States of one."""
_UNFINISHED: Final = frozenset({"MissingParts", "UploadNotReady"})
_READS_A_NOTE: Final = 10
"""How many reads of the status the timeline mentions once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _StoredParts:
    """An open upload in parts."""

    __pydantic_config__: ClassVar = IN_CAMEL_CASE

    job_id: str
    size_bytes: int
    part_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _StoredVideo:
    """The upload of the post's video, as far as it is."""

    __pydantic_config__: ClassVar = IN_CAMEL_CASE

    is_sent: bool = False
    """Whether it may have been sent, until the service accepts or refuses it. If its response was lost, the next one shows whether the
    service has the video, even if that one was the last of the day."""
    parts: _StoredParts | None = None
    job_id: str | None = None
    since: AwareDatetime | None = None
    blob: dict[str, JsonValue] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Progress(JobState):
    """What is stored of a post with a video."""

    video: _StoredVideo | None = None
    part_videos: dict[str, _StoredVideo] = field(default_factory=dict)
    """Those of the parts of a thread, by their assets."""
    keep_video_tries: int = 0
    """Uploads that the service lost, or failed to process."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VideoQuota:
    """Whether the account may upload a video now, as the video service reports it."""

    can_upload: bool
    message: str
    """Why not, in the service's words."""
    is_used_up: bool = False
    """Whether that is because the videos, or the bytes, of a day are used up."""

    def validate(self, draft: Draft) -> Findings:
        """Return the reason for which Bluesky would refuse a video from this account now."""
        if self.can_upload or not any(media.is_video for media in draft.media):
            return Findings()
        said = f" Bluesky says: “{self.message}”" if self.message else ""
        return Findings(
            [
                Problem(
                    FailureCode.ACCOUNT_NOT_ELIGIBLE,
                    f"The account may upload no video to Bluesky now.{said} Confirm the account's e-mail address in the "
                    "Bluesky app, or publish the video tomorrow.",
                    {"reason": "video_upload"},
                )
            ]
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Processed:
    """A job of the video service, as far as it is."""

    job_id: str | None
    state: str
    blob: Blob | None
    failure_code: str | None
    message: str

    @property
    def is_over(self) -> bool:
        """Whether the job ended, with a video or without. States that are not known count as work in progress."""
        return self.state == _FAILED or self.blob is not None


@dataclass(frozen=True, slots=True)
class VideoUpload:
    """The upload of one post's video, or of one part of a thread."""

    api: Api
    retry_policy: RetryPolicy
    job: Job
    of_part: Media | None = None

    async def run(self) -> Blob:
        """Return the blob of the processed video. Raises Rejected, TryLater, CredentialInvalid."""
        stored = self._load_video() or _StoredVideo()
        if stored.blob is not None:
            return stored.blob
        if stored.job_id is not None and stored.since is not None:
            return await self._await_processing(stored.job_id, stored.since)
        status = await self._upload_video(stored)
        if status.is_over or status.job_id is None:
            return await self._end_upload(status, step=UPLOAD)
        now = self.job.now()
        self.job.note_later("preparing", "Bluesky has the whole video and processes it.", jobId=status.job_id)
        await self._store_video(_StoredVideo(job_id=status.job_id, since=now))
        return await self._await_processing(status.job_id, now)

    @property
    def _media(self) -> Media:
        return self.of_part or self.job.media[0]

    def _load_video(self) -> _StoredVideo | None:
        progress = _Progress.load(self.job.state)
        return progress.video if self.of_part is None else progress.part_videos.get(str(self.of_part.asset_id))

    async def _store_video(self, video: _StoredVideo | None) -> None:
        await self._replace_video(_Progress.load(self.job.state), video).save(self.job)

    def _replace_video(self, progress: _Progress, video: _StoredVideo | None) -> _Progress:
        if self.of_part is None:
            return replace(progress, video=video)
        name = str(self.of_part.asset_id)
        others = {part: stored for part, stored in progress.part_videos.items() if part != name}
        return replace(progress, part_videos=others if video is None else {**others, name: video})

    async def _upload_video(self, stored: _StoredVideo) -> Processed:
        if not stored.is_sent and stored.parts is None:
            await self._require_quota()
        token, session = await service_token(self.api, self.job, _UPLOAD_METHOD, step=UPLOAD)
        async with self.job.media_file(self._media, VIDEO_SPEC) as file:
            if file.size_bytes > PARTS_OVER_BYTES and not stored.is_sent:
                status = await self._upload_in_parts(file, stored.parts, token)
                if status is not None:
                    return status
            await self._store_video(_StoredVideo(is_sent=True))
            with BLUESKY.lost(step=UPLOAD):
                response = await self._send_video(file, token, session)
        status = _parse_status(response)
        if response.is_ok or (response.status == 409 and status.job_id is not None):
            return status
        if response.status < 500:
            await self._store_video(None)
        if response.status == 401:  # the token of one upload: another try gets another one
            raise TryLater(
                "Bluesky's video service did not accept the upload's token.", step=UPLOAD, **response.reported
            )
        raise refusal(_unnest_reason(response, status), step=UPLOAD)

    async def _require_quota(self) -> None:
        """Raise TryLater where the videos of a day are used up: the service would refuse the file after it was sent.

        Anything else that it reports, or does not, is left to the upload. Raises CredentialInvalid.
        """
        try:
            quota = await read_quota(self.api, self.job)
        except (Rejected, TryLater):
            return
        if quota.is_used_up:
            said = f" Bluesky says: “{quota.message}”" if quota.message else ""
            what = f"{ERROR_MEANINGS[DAILY_LIMIT].sentence}{said}"
            reported = Reported(platform_code=DAILY_LIMIT, platform_message=quota.message or None)
            raise TryLater(what, step=_LIMITS, is_throttled=True, **reported)

    async def _send_video(self, file: MediaFile, token: str, session: Session) -> Response:
        length = str(file.size_bytes)
        return await self.api.call(
            "POST",
            f"{self.api.endpoints.video}/xrpc/app.bsky.video.uploadVideo",
            step=UPLOAD,
            params={"did": session.did, "name": f"{self.of_part.asset_id if self.of_part else self.job.post_id}.mp4"},
            data=file.reader(0, file.size_bytes - 1),
            headers={"Authorization": f"Bearer {token}", "Content-Type": "video/mp4", "Content-Length": length},
            timeout=upload_timeout(self.retry_policy, file.size_bytes),
        )

    async def _upload_in_parts(self, file: MediaFile, parts: _StoredParts | None, token: str) -> Processed | None:
        """Send what is missing of the video, and finish the upload; None where the service takes no parts."""
        is_resumed = parts is not None and parts.size_bytes == file.size_bytes
        if parts is None or not is_resumed:
            parts = await self._start_parts(file, token)
            if parts is None:
                return None
        upload = _Parts(api=self.api, retry_policy=self.retry_policy, job=self.job, file=file, parts=parts, token=token)
        try:
            start = await upload.find_position() if is_resumed else Accepted(0)
            end = await send_ranges(
                self.job, self.retry_policy, upload, start, end=file.size_bytes, max_tries=_MAX_TRIES
            )
            if isinstance(end, Complete):
                return _parse_finished(end.body)
            return await self._finish_parts(parts, upload.token)
        except UploadForgotten as forgotten:
            count = await self._forget_upload()
            what = f"Bluesky's video service dropped the upload ({forgotten})"
            if count < _MAX_UPLOADS:
                raise TryLater(f"{what}, so another one is opened.", step=_PART) from forgotten
            raise unavailable(f"{what}, {count} times. Nothing was published.", step=_PART) from forgotten

    async def _start_parts(self, file: MediaFile, token: str) -> _StoredParts | None:
        """Open an upload; one that gets no part has no effect. Raises Rejected, TryLater."""
        media = self._media
        body: dict[str, JsonValue] = {"sizeBytes": file.size_bytes, "mimeType": "video/mp4"}
        if media.duration is not None:
            body["durationMs"] = round(media.duration / timedelta(milliseconds=1))
        if media.width and media.height:
            body |= {"width": media.width, "height": media.height}
        with BLUESKY.lost(step=_START):
            response = await _call_video(self.api, "POST", "startUpload", step=_START, token=token, json=body)
        if response.error in _WITHOUT_PARTS or (response.status in (404, 501) and not response.is_ok):
            return None
        job_id, part_bytes = response.text("jobId"), number_of((response.body or {}).get("partSizeBytes"))
        if not response.is_ok:
            raise refusal(response, step=_START)
        if job_id is None or part_bytes is None or part_bytes < 1:
            raise TryLater("Bluesky's video service opened an upload without saying how to send it.", step=_START)
        parts = _StoredParts(job_id=job_id, size_bytes=file.size_bytes, part_bytes=int(part_bytes))
        count = -(-file.size_bytes // parts.part_bytes)
        sentence = f"Bluesky opened an upload of {file.size_bytes:,} bytes in {count} parts. Nothing of it is public."
        self.job.note_later("preparing", sentence, jobId=job_id)
        await self._store_video(_StoredVideo(parts=parts))
        return parts

    async def _finish_parts(self, parts: _StoredParts, token: str) -> Processed:
        """Have the service put the parts together; a repeated call returns the same job. Raises UploadForgotten, Rejected, TryLater."""
        body: JsonValue = {"jobId": parts.job_id}
        with BLUESKY.lost(step=_FINISH):
            response = await _call_video(self.api, "POST", "finishUpload", step=_FINISH, token=token, json=body)
        if response.is_ok:
            return _parse_finished(response.body or {})
        if response.error in _GONE:
            raise UploadForgotten(response.error)
        if (
            response.body is None
            or response.status in {401, 408}
            or response.error in _UNFINISHED
            or response.status >= 500
        ):
            what = f"Bluesky's video service did not finish the upload ({response.label})."
            raise TryLater(what, step=_FINISH, **response.reported)
        await self._store_video(None)
        raise refusal(response, step=_FINISH)

    async def _await_processing(self, job_id: str, since: datetime) -> Blob:
        """Ask about the job until it has ended. Raises Rejected, TryLater."""
        reads = count()

        async def read() -> Processed:
            status = await self._read_status(job_id)
            if not status.is_over and next(reads) % _READS_A_NOTE == 0:
                self.job.note_later("waiting", f"Bluesky is processing the video ({status.state}).", jobId=job_id)
            return status

        status = await poll(self.job, self.retry_policy, read, until=lambda status: status.is_over, since=since)
        if status.is_over:
            return await self._end_upload(status, step=STATUS)
        raise unavailable("Bluesky did not finish processing the video in time. Nothing was published.", step=STATUS)

    async def _read_status(self, job_id: str) -> Processed:
        """Fetch the job's status; it needs no access. Raises TryLater, also where the service no longer knows the job, and
        Rejected where that happened a few times.
        """
        url = f"{self.api.endpoints.video}/xrpc/app.bsky.video.getJobStatus"
        with BLUESKY.lost(step=STATUS):
            response = await self.api.call("GET", url, step=STATUS, params={"jobId": job_id})
        if response.is_ok:
            return _parse_status(response)
        if response.status in (400, 404) and response.error:
            if await self._forget_upload() < _MAX_UPLOADS:
                what = "Bluesky's video service no longer knows the upload, so it is made again."
                raise TryLater(what, step=STATUS, **response.reported)
            what = f"{response.refused.quoted} The video service lost {_MAX_UPLOADS} uploads. Nothing was published."
            raise unavailable(what, step=STATUS, **response.reported)
        refused = refusal(response, step=STATUS)
        raise refused if isinstance(refused, TryLater) else TryLater(refused.what, step=STATUS, **response.reported)

    async def _end_upload(self, status: Processed, *, step: str) -> Blob:
        """Store and return the blob of a job that has ended. Raises Rejected or TryLater if it has none."""
        if status.blob is None:
            raise await self._explain_failure(status, step=step)
        await self._store_video(_StoredVideo(blob=dict(status.blob)))
        return status.blob

    async def _forget_upload(self) -> int:
        """Forget the upload, so that the next attempt makes it again; return how many are forgotten."""
        progress = _Progress.load(self.job.state)
        progress = self._replace_video(replace(progress, keep_video_tries=progress.keep_video_tries + 1), None)
        await progress.save(self.job)
        return progress.keep_video_tries

    async def _explain_failure(self, status: Processed, *, step: str) -> Rejected | TryLater:
        """Return the error for a job that failed, and forget it: a few times where another try may succeed."""
        meaning = video_failure_of(status.failure_code)
        count = await self._forget_upload()
        said = f" It says: “{status.message}”" if status.message else ""
        what, advice = f"{meaning.sentence}{said}", meaning.advice
        if meaning.action is Action.RECREATE and count < _MAX_UPLOADS:
            return TryLater(what, advice=advice, step=step, platform_code=status.failure_code)
        reported = Reported(platform_code=status.failure_code, platform_message=status.message or None)
        return Rejected(f"{what} Nothing was published.", advice=advice, step=step, failure=meaning.failure, **reported)


@dataclass(slots=True, kw_only=True)
class _Parts:
    """The parts of an open upload, as ranges that follow what the service has."""

    step: ClassVar[str] = _PART
    retry: ClassVar[str] = (
        "Bluesky did not confirm a part of the video ({reason}). It is asked which parts have arrived{later}."
    )
    stall: ClassVar[str] = "A part of the video could not be sent to Bluesky ({reason})."
    api: Api
    retry_policy: RetryPolicy
    job: Job
    file: MediaFile
    parts: _StoredParts
    token: str = field(repr=False)
    is_token_refused: bool = False

    async def send(self, position: int) -> RangeOutcome:
        """Send the part that begins there."""
        if self.is_token_refused:
            self.token, _ = await service_token(self.api, self.job, _UPLOAD_METHOD, step=UPLOAD)
            self.is_token_refused = False
        end = min(position + self.parts.part_bytes, self.parts.size_bytes)
        try:
            response = await _call_video(
                self.api,
                "POST",
                "uploadPart",
                step=_PART,
                token=self.token,
                params={"jobId": self.parts.job_id, "partNumber": str(position // self.parts.part_bytes + 1)},
                data=self.file.reader(position, end - 1),
                headers={"Content-Type": "application/octet-stream", "Content-Length": str(end - position)},
                timeout=upload_timeout(self.retry_policy, end - position),
            )
        except CallFailed as failed:
            return Unknown(reason=failed.reason)
        return Accepted(end) if response.is_ok else self._classify_refusal(response)

    async def find_position(self) -> RangeOutcome:
        """Ask which parts have arrived: the first that is missing comes next."""
        params = {"jobId": self.parts.job_id}
        try:
            response = await _call_video(self.api, "GET", "getUploadStatus", step=_PART_STATUS, params=params)
        except CallFailed as failed:
            return Unknown(reason=failed.reason)
        if not response.is_ok:
            return self._classify_refusal(response)
        state = response.text("state") or ""
        if state == "completed":
            return Complete(response.body or {})
        if state in _ENDED:
            return Forgotten(state)
        received = (response.body or {}).get("receivedParts")
        if state == "finishing" or not isinstance(received, list):
            return Unknown(reason=f"the upload is {state or 'in an unknown state'}")
        count = -(-self.parts.size_bytes // self.parts.part_bytes)
        missing = next((number for number in range(1, count + 1) if number not in received), None)
        return Accepted(self.parts.size_bytes if missing is None else (missing - 1) * self.parts.part_bytes)

    def _classify_refusal(self, response: Response) -> RangeOutcome:
        if response.error in _GONE:
            return Forgotten(response.error)
        if response.error == "UploadAlreadyCompleted":
            return Unknown(reason=response.error, needs_pause=False, is_noted=False)
        if response.status == 401:
            self.is_token_refused = True
            return Unknown(reason="the upload's token was refused", is_noted=False)
        if response.meaning.action is Action.RETRY:
            return Unknown(reason=response.label)
        return Refused(refusal(response, step=_PART), response.label)


async def _call_video(
    api: Api, method: str, name: str, *, step: str, token: str | None = None, **options: Unpack[CallOptions]
) -> Response:
    """Call a method of the video service. Raises CallFailed."""
    if token is not None:
        options["headers"] = {**options.get("headers", {}), "Authorization": f"Bearer {token}"}
    return await api.call(method, f"{api.endpoints.video}/xrpc/app.bsky.video.{name}", step=step, **options)


def _parse_finished(body: JsonObject) -> Processed:
    """Parse a finished upload: its job may be an earlier one's, of the same file."""
    status = part_of(body, "jobStatus")
    return replace(_parse_job(status), job_id=text_of(body.get("completedJobId")) or text_of(status.get("jobId")))


async def service_token(
    api: Api, account: Credentials, method: str, *, step: str, audience: str | None = None
) -> tuple[str, Session]:
    """Have the account's server sign a token for one method; without an `audience`, for the server itself, for which the video
    service acts. Raises Rejected, TryLater, CredentialInvalid.
    """
    session = Session.read(await account.access_token(), step=step)
    expires_at = api.time_at(session.pds) + _TOKEN_LIFETIME
    params = {"aud": audience or service_did(session.pds), "lxm": method, "exp": str(int(expires_at.timestamp()))}
    auth = "com.atproto.server.getServiceAuth"
    response, session = await api.send_repeatable(account, "GET", auth, step="get_service_auth", params=params)
    token = response.text("token")
    if token is None:
        raise TryLater("Bluesky's response contains no token for its video service.", step=step)
    return token, session


async def read_quota(api: Api, account: Credentials) -> VideoQuota:
    """Fetch whether the account may upload a video now. Raises Rejected, TryLater, CredentialInvalid."""
    method, step = "app.bsky.video.getUploadLimits", _LIMITS
    token, _ = await service_token(api, account, method, step=step, audience=service_did(api.endpoints.video))
    headers = {"Authorization": f"Bearer {token}"}
    with BLUESKY.lost(step=step):
        response = await api.call("GET", f"{api.endpoints.video}/xrpc/{method}", step=step, headers=headers)
    body = response.body or {}
    can_upload = body.get("canUpload")
    if not response.is_ok or not isinstance(can_upload, bool):
        what = "Bluesky's video service does not report how many videos are left."
        raise TryLater(what, step=step, **response.reported)
    is_used_up = body.get("error") == DAILY_LIMIT or 0 in (
        number_of(body.get(name)) for name in ("remainingDailyVideos", "remainingDailyBytes")
    )
    message = BLUESKY.without_secrets(response.text("message") or "")
    return VideoQuota(can_upload=can_upload, message=message, is_used_up=is_used_up and not can_upload)


def _parse_status(response: Response) -> Processed:
    """Parse a job's status: in an object of its own, as the lexicon says, or flat, as the service was seen to send it."""
    return _parse_job(response.object("jobStatus") or response.body or {})


def _parse_job(status: JsonObject) -> Processed:
    return Processed(
        job_id=text_of(status.get("jobId")),
        state=text_of(status.get("state")) or "",
        blob=part_of(status, "blob") or None,
        failure_code=text_of(status.get("failureCode")),
        message=BLUESKY.without_secrets(text_of(status.get("message")) or text_of(status.get("error")) or ""),
    )


def _unnest_reason(response: Response, status: Processed) -> Response:
    """Return a refused upload with its reason, which the service nests in the job's status."""
    name = response.object("jobStatus").get("error")
    if response.error or not isinstance(name, str):
        return response
    return replace(response, error=name[:100], message=status.message)
