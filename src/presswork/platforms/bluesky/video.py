"""Uploads a video through Bluesky's video service, which encodes it and stores it on the account's server.

The service knows an account by a token that the account's server signs for it. Its state is saved: a worker that resumes asks
about the job rather than uploading again, and the service itself reports a video that it already has.
Sources: lexicons app.bsky.video.*; docs.bsky.app, "Video upload"; bluesky-social/social-app; read 2026-11.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from math import ceil
from typing import Final

from pydantic import JsonValue

from presswork.platforms.api_client import Action, JsonObject
from presswork.platforms.bluesky.api import Answer, Api, refusal
from presswork.platforms.bluesky.endpoints import service_did
from presswork.platforms.bluesky.error_mapping import BLUESKY, DAILY_LIMIT, ERROR_MEANINGS, video_failure_of
from presswork.platforms.bluesky.media_rules import VIDEO_SPEC
from presswork.platforms.bluesky.quota import VideoQuota
from presswork.platforms.bluesky.record import Blob
from presswork.platforms.bluesky.session import Session
from presswork.platforms.errors import FailureCode, Rejected, TryLater
from presswork.platforms.json_values import number_of
from presswork.platforms.port import Credentials, Job, MediaFile, RetryPolicy

UPLOAD: Final = "upload_video"
STATUS: Final = "get_job_status"
_LIMITS: Final = "get_upload_limits"
VIDEO: Final = "video"
_SENT: Final[JsonValue] = {"isSent": True}
"""Stored until the service accepts or refuses an upload. If its answer was lost, the next one shows whether the service has the video,
even if that one was the last of the day."""
_TRIES: Final = "keep_video_tries"
_MOST_TRIES: Final = 3
_TOKEN_LIFETIME: Final = timedelta(minutes=30)
_FAILED: Final = "JOB_STATE_FAILED"
_BYTES_PER_TIMEOUT: Final = 64_000_000
"""How many bytes one upload timeout is meant for; it is multiplied for a larger file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Processed:
    """A job of the video service, as far as it is."""

    job_id: str | None
    state: str
    blob: Blob | None
    failure_code: str | None
    message: str

    @property
    def has_failed(self) -> bool:
        """Whether the job ended without a video. States that are not known count as work in progress."""
        return self.state == _FAILED and self.blob is None


class VideoUpload:
    """The upload of one post's video."""

    def __init__(self, api: Api, retry_policy: RetryPolicy, job: Job) -> None:
        """Store the API client, the waits, and the post."""
        self._api = api
        self._retry_policy = retry_policy
        self._job = job

    async def run(self) -> Blob:
        """Return the blob of the processed video. Raises Rejected, TryLater, CredentialInvalid."""
        match self._job.state.get(VIDEO):
            case {"blob": dict(blob)}:
                return blob
            case {"jobId": str(job_id), "since": str(since)}:
                return await self._wait(job_id, datetime.fromisoformat(since))
            case _:
                return await self._start()

    async def _start(self) -> Blob:
        """Upload the video and wait until it is processed. Raises as `run`."""
        status = await self._upload()
        if status.blob is not None:
            return await self._keep(status.blob)
        if status.has_failed or status.job_id is None:
            raise await self._failure(status, step=UPLOAD)
        now = self._job.now()
        kept: JsonValue = {"jobId": status.job_id, "since": now.isoformat()}
        self._job.note_later("preparing", "Bluesky has the whole video and processes it.", jobId=status.job_id)
        await self._job.save(**{VIDEO: kept})
        return await self._wait(status.job_id, now)

    async def _upload(self) -> Processed:
        if self._job.state.get(VIDEO) != _SENT:
            await self._require_quota()
        token, session = await service_token(self._api, self._job, "com.atproto.repo.uploadBlob", step=UPLOAD)
        async with self._job.media_file(self._job.media[0], VIDEO_SPEC) as file:
            await self._job.save(**{VIDEO: _SENT})
            with BLUESKY.lost(step=UPLOAD):
                answer = await self._send(file, token, session)
        status = _status_of(answer)
        if answer.is_ok or (answer.status == 409 and status.job_id is not None):
            return status
        if answer.status < 500:
            await self._job.save(**{VIDEO: None})
        if answer.status == 401:  # the token of one upload: another try gets another one
            raise TryLater("Bluesky's video service did not accept the upload's token.", step=UPLOAD, **answer.reported)
        raise refusal(_unnested(answer, status), step=UPLOAD)

    async def _require_quota(self) -> None:
        """Raise TryLater where the videos of a day are used up: the service would refuse the file after it was sent.

        Anything else that it reports, or does not, is left to the upload. Raises CredentialInvalid.
        """
        try:
            quota = await read_quota(self._api, self._job)
        except (Rejected, TryLater):
            return
        if quota.is_used_up:
            said = f" Bluesky says: “{quota.message}”" if quota.message else ""
            raise TryLater(
                f"{ERROR_MEANINGS[DAILY_LIMIT].sentence}{said}",
                step=_LIMITS,
                is_throttled=True,
                platform_code=DAILY_LIMIT,
                platform_message=quota.message or None,
            )

    async def _send(self, file: MediaFile, token: str, session: Session) -> Answer:
        return await self._api.call(
            "POST",
            f"{self._api.endpoints.video}/xrpc/app.bsky.video.uploadVideo",
            step=UPLOAD,
            params={"did": session.did, "name": f"{self._job.post_id}.mp4"},
            data=file.reader(0, file.size_bytes - 1),
            headers={
                "Authorization": f"Bearer {token}",
                "Content-Type": "video/mp4",
                "Content-Length": str(file.size_bytes),
            },
            timeout=self._retry_policy.timeouts.upload * max(1, ceil(file.size_bytes / _BYTES_PER_TIMEOUT)),
        )

    async def _wait(self, job_id: str, since: datetime) -> Blob:
        """Ask about the job until it has ended. Raises Rejected, TryLater."""
        asked = 0
        while True:
            status = await self._read(job_id)
            if status.blob is not None:
                return await self._keep(status.blob)
            if status.has_failed:
                raise await self._failure(status, step=STATUS)
            elapsed = self._job.now() - since
            if elapsed > self._retry_policy.processing_limit:
                raise Rejected(
                    "Bluesky did not finish processing the video in time. Nothing was published.",
                    advice="Publish again later.",
                    step=STATUS,
                    failure=FailureCode.PLATFORM_UNAVAILABLE,
                )
            if asked % 10 == 0:
                self._job.note_later("waiting", f"Bluesky is processing the video ({status.state}).", jobId=job_id)
            asked += 1
            await self._job.sleep(self._retry_policy.poll_after(elapsed))

    async def _read(self, job_id: str) -> Processed:
        """Fetch the job's status; it needs no access. Raises TryLater, also where the service no longer knows the job, and
        Rejected where that happened a few times.
        """
        with BLUESKY.lost(step=STATUS):
            answer = await self._api.call(
                "GET",
                f"{self._api.endpoints.video}/xrpc/app.bsky.video.getJobStatus",
                step=STATUS,
                params={"jobId": job_id},
            )
        if answer.is_ok:
            return _status_of(answer)
        if answer.status in (400, 404) and answer.error:
            if await self._forget() < _MOST_TRIES:
                raise TryLater(
                    "Bluesky's video service no longer knows the upload, so it is made again.",
                    step=STATUS,
                    **answer.reported,
                )
            raise Rejected(
                f"{answer.refused.quoted} The video service lost {_MOST_TRIES} uploads. Nothing was published.",
                advice="Publish again later.",
                step=STATUS,
                failure=FailureCode.PLATFORM_UNAVAILABLE,
                **answer.reported,
            )
        refused = refusal(answer, step=STATUS)
        raise refused if isinstance(refused, TryLater) else TryLater(refused.what, step=STATUS, **answer.reported)

    async def _keep(self, blob: Blob) -> Blob:
        kept: JsonValue = {"blob": dict(blob)}
        await self._job.save(**{VIDEO: kept})
        return blob

    async def _forget(self) -> int:
        """Forget the upload, so that the next attempt makes it again; return how many are forgotten."""
        tries = self._job.state.get(_TRIES)
        count = (tries if isinstance(tries, int) else 0) + 1
        await self._job.save(**{VIDEO: None, _TRIES: count})
        return count

    async def _failure(self, status: Processed, *, step: str) -> Rejected | TryLater:
        """Return the error for a job that failed, and forget it: a few times where another try may succeed."""
        meaning = video_failure_of(status.failure_code)
        count = await self._forget()
        said = f" It says: “{status.message}”" if status.message else ""
        what, code = f"{meaning.sentence}{said}", status.failure_code
        if meaning.action is Action.RECREATE and count < _MOST_TRIES:
            return TryLater(what, advice=meaning.advice, step=step, platform_code=code)
        return Rejected(
            f"{what} Nothing was published.",
            advice=meaning.advice,
            step=step,
            failure=meaning.failure,
            platform_code=code,
            platform_message=status.message or None,
        )


async def service_token(
    api: Api, account: Credentials, method: str, *, step: str, audience: str | None = None
) -> tuple[str, Session]:
    """Have the account's server sign a token for one method; `audience` None: the server itself, for which the video service
    acts. Raises Rejected, TryLater, CredentialInvalid.
    """
    session = Session.read(await account.access_token(), step=step)
    answer, session = await api.ask(
        account,
        "GET",
        "com.atproto.server.getServiceAuth",
        step="get_service_auth",
        params={
            "aud": audience or service_did(session.pds),
            "lxm": method,
            "exp": str(int((api.time_at(session.pds) + _TOKEN_LIFETIME).timestamp())),
        },
    )
    token = answer.text("token")
    if token is None:
        raise TryLater("Bluesky's response contains no token for its video service.", step=step)
    return token, session


async def read_quota(api: Api, account: Credentials) -> VideoQuota:
    """Fetch whether the account may upload a video now. Raises Rejected, TryLater, CredentialInvalid."""
    method, step = "app.bsky.video.getUploadLimits", _LIMITS
    token, _ = await service_token(api, account, method, step=step, audience=service_did(api.endpoints.video))
    with BLUESKY.lost(step=step):
        answer = await api.call(
            "GET", f"{api.endpoints.video}/xrpc/{method}", step=step, headers={"Authorization": f"Bearer {token}"}
        )
    body = answer.body or {}
    can_upload = body.get("canUpload")
    if not answer.is_ok or not isinstance(can_upload, bool):
        raise TryLater(
            "Bluesky's video service does not report how many videos are left.", step=step, **answer.reported
        )
    is_used_up = body.get("error") == DAILY_LIMIT or 0 in (
        number_of(body.get(name)) for name in ("remainingDailyVideos", "remainingDailyBytes")
    )
    return VideoQuota(
        can_upload=can_upload,
        message=BLUESKY.without_secrets(answer.text("message") or ""),
        is_used_up=is_used_up and not can_upload,
    )


def _status_of(answer: Answer) -> Processed:
    """Parse a job's status: in an object of its own, as the lexicon says, or flat, as the service was seen to send it."""
    status: JsonObject = answer.object("jobStatus") or answer.body or {}
    found = {
        name: value
        for name in ("jobId", "state", "failureCode", "message", "error")
        if isinstance(value := status.get(name), str)
    }
    blob = status.get("blob")
    return Processed(
        job_id=found.get("jobId") or None,
        state=found.get("state", ""),
        blob=blob if isinstance(blob, dict) and blob else None,
        failure_code=found.get("failureCode"),
        message=BLUESKY.without_secrets(found.get("message") or found.get("error") or ""),
    )


def _unnested(answer: Answer, status: Processed) -> Answer:
    """Return a refused upload with its reason, which the service nests in the job's status."""
    name = answer.object("jobStatus").get("error")
    if answer.error or not isinstance(name, str):
        return answer
    return replace(answer, error=name[:100], message=status.message)
