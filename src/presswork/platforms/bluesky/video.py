"""Uploads a video through Bluesky's video service, which encodes it and stores it on the account's server.

The service knows an account by a token that the account's server signs for it. Its state is saved: a worker that resumes asks
about the job rather than uploading again, and the service itself reports a video that it already has.
Sources: lexicons app.bsky.video.*; docs.bsky.app, "Video upload"; bluesky-social/social-app; read 2026-11.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import count
from typing import ClassVar, Final

from pydantic import AwareDatetime, JsonValue

from presswork.platforms.api_client import Action, JsonObject
from presswork.platforms.bluesky.api import Api, Response, refusal, service_did
from presswork.platforms.bluesky.client import Session
from presswork.platforms.bluesky.error_mapping import BLUESKY, DAILY_LIMIT, ERROR_MEANINGS, video_failure_of
from presswork.platforms.bluesky.record import Blob
from presswork.platforms.bluesky.rules import VIDEO_SPEC
from presswork.platforms.errors import FailureCode, Rejected, Reported, TryLater, unavailable
from presswork.platforms.findings import Findings, Problem
from presswork.platforms.job_state import IN_CAMEL_CASE, JobState
from presswork.platforms.json_values import number_of, part_of, text_of
from presswork.platforms.port import Credentials, Draft, Job, MediaFile, RetryPolicy
from presswork.platforms.uploads.processing import poll
from presswork.platforms.uploads.ranges import upload_timeout

UPLOAD: Final = "upload_video"
STATUS: Final = "get_job_status"
_LIMITS: Final = "get_upload_limits"
_MAX_UPLOADS: Final = 3
_TOKEN_LIFETIME: Final = timedelta(minutes=30)
_FAILED: Final = "JOB_STATE_FAILED"
_READS_A_NOTE: Final = 10
"""How many reads of the status the timeline mentions once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _StoredVideo:
    """The upload of the post's video, as far as it is."""

    __pydantic_config__: ClassVar = IN_CAMEL_CASE

    is_sent: bool = False
    """Whether it may have been sent, until the service accepts or refuses it. If its response was lost, the next one shows whether the
    service has the video, even if that one was the last of the day."""
    job_id: str | None = None
    since: AwareDatetime | None = None
    blob: dict[str, JsonValue] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Progress(JobState):
    """What is stored of a post with a video."""

    video: _StoredVideo | None = None
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
    """The upload of one post's video."""

    api: Api
    retry_policy: RetryPolicy
    job: Job

    async def run(self) -> Blob:
        """Return the blob of the processed video. Raises Rejected, TryLater, CredentialInvalid."""
        stored = _Progress.load(self.job.state).video or _StoredVideo()
        if stored.blob is not None:
            return stored.blob
        if stored.job_id is not None and stored.since is not None:
            return await self._await_processing(stored.job_id, stored.since)
        status = await self._upload_video(was_sent=stored.is_sent)
        if status.is_over or status.job_id is None:
            return await self._end_upload(status, step=UPLOAD)
        now = self.job.now()
        self.job.note_later("preparing", "Bluesky has the whole video and processes it.", jobId=status.job_id)
        await self._store_video(_StoredVideo(job_id=status.job_id, since=now))
        return await self._await_processing(status.job_id, now)

    async def _store_video(self, video: _StoredVideo | None) -> None:
        await replace(_Progress.load(self.job.state), video=video).save(self.job)

    async def _upload_video(self, *, was_sent: bool) -> Processed:
        if not was_sent:
            await self._require_quota()
        token, session = await service_token(self.api, self.job, "com.atproto.repo.uploadBlob", step=UPLOAD)
        async with self.job.media_file(self.job.media[0], VIDEO_SPEC) as file:
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
            params={"did": session.did, "name": f"{self.job.post_id}.mp4"},
            data=file.reader(0, file.size_bytes - 1),
            headers={"Authorization": f"Bearer {token}", "Content-Type": "video/mp4", "Content-Length": length},
            timeout=upload_timeout(self.retry_policy, file.size_bytes),
        )

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
        progress = replace(progress, video=None, keep_video_tries=progress.keep_video_tries + 1)
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
    status: JsonObject = response.object("jobStatus") or response.body or {}
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
