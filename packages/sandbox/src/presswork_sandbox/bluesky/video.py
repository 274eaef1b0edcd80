"""video.bsky.app: it checks and encodes a video, and leaves the file with the account's server as a blob.

Source: bluesky-social/atproto, lexicons/app/bsky/video, and its issues 3026 and 3097 (answers of uploadVideo come without
`jobStatus`; 409 already_exists); docs.bsky.app, "Video"; read 2026-11. The daily limits are reports of users.
"""

import hashlib
import sqlite3
from base64 import b32hexencode
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from starlette.requests import Request

from presswork_sandbox.accounts import Account
from presswork_sandbox.bluesky.blobs import Blobs, Upload, blob_ref, receive
from presswork_sandbox.bluesky.errors import invalid
from presswork_sandbox.bluesky.facts import PDS, VIDEO
from presswork_sandbox.bluesky.lexicons import VIDEO_BYTES
from presswork_sandbox.bluesky.service_auth import ServiceTokens
from presswork_sandbox.bluesky.xrpc import Exchange, Method, XRPCHost
from presswork_sandbox.clock import DAY
from presswork_sandbox.core import Sandbox
from presswork_sandbox.media import Asset
from presswork_sandbox.wire import JSONValue, Reply, json_reply, text_of

UPLOAD_METHOD: Final = "com.atproto.repo.uploadBlob"
"""The method that a token for an upload is made for: the service uses it to store the file at the account's server."""
LIMITS_METHOD: Final = "app.bsky.video.getUploadLimits"
DAILY_VIDEOS: Final = 25
DAILY_BYTES: Final = 10 * 1000**3
MAX_SECONDS: Final = 600.0
"""Three minutes. Ten minutes were reported in 2026-08, and are not confirmed."""
STATES: Final = ("JOB_STATE_CREATED", "JOB_STATE_ENCODING", "JOB_STATE_SCANNING", "JOB_STATE_COMPLETED")
"""One step for each status call, or for each second. The lexicon names only the last one and JOB_STATE_FAILED."""
PROGRESS: Final = (0, 45, 100, 100)
DEFAULT_FAILURE: Final = "encoding_failure"
MESSAGES: Final[Mapping[str, str]] = {
    "validation_failure": "Video failed validation",
    "encoding_failure": "Failed to process video",
    "pds_upload_failure": "Failed to upload video to PDS",
    "pds_upload_unsupported_blob_size": "Video is too large for the PDS",
    "generic_failure": "Failed to process video",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One video in the service."""

    number: int
    job_id: str
    account_id: int
    cid: str
    size_bytes: int
    asset_id: int | None
    failure_code: str | None
    message: str
    polls: int
    is_delivered: bool
    created_at: float
    fault_id: int | None


class VideoService:
    """The host, as an ASGI app (`host`)."""

    def __init__(self, sandbox: Sandbox, blobs: Blobs) -> None:
        self._sandbox = sandbox
        self._blobs = blobs
        self._tokens = ServiceTokens(sandbox)
        name = "app.bsky.video"
        methods = {
            f"{name}.uploadVideo": Method(operation="upload_video", verb="POST", run=self._upload, takes_bytes=True),
            f"{name}.getJobStatus": Method(operation="job_status", verb="GET", run=self._status),
            f"{name}.getUploadLimits": Method(operation="upload_limits", verb="GET", run=self._limits),
        }
        self.host: Final = XRPCHost(sandbox, VIDEO, methods, owner=self._tokens.owner, held_by=self._holding_fault)

    def _holding_fault(self, request: Request) -> int | None:
        job = self._find(request.query_params.get("jobId", ""))
        return None if job is None else job.fault_id

    # Uploading

    async def _upload(self, exchange: Exchange) -> Reply:
        request = exchange.request
        account = self._tokens.check(request, _audiences(request), UPLOAD_METHOD)
        if request.query_params.get("did") != account.user_id:
            raise invalid("did must be the account that the token is from")
        media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if media_type != "video/mp4":
            raise invalid(f"Wrong request encoding (Content-Type): {media_type or 'none'}")
        refusal = self._refusal(account)
        if refusal is not None:
            return _refuse_upload(account, *refusal)
        upload = await receive(self._sandbox, request, VIDEO_BYTES)
        known = self._find_processed(account, upload.cid)
        if known is not None:
            # Without the blob, which is in the status of that job.
            body = {name: self._describe_job(known)[name] for name in ("jobId", "did", "state")}
            body |= {"error": "already_exists", "message": "Video already processed"}
            return json_reply(body, 409)
        return json_reply(self._describe_job(self._start(exchange, account, upload)))

    def _find_processed(self, account: Account, cid: str) -> Job | None:
        """Return the job whose blob the account's server still has."""
        sql = "SELECT * FROM bluesky_jobs WHERE account_id = ? AND cid = ? AND is_delivered ORDER BY number DESC"
        row = self._sandbox.store.first(sql, account.id, cid)
        return None if row is None or not self._blobs.has(account, cid) else _job(row)

    def _start(self, exchange: Exchange, account: Account, upload: Upload) -> Job:
        store = self._sandbox.store
        with store.transaction():
            number = store.next_number("bluesky job")
            digest = hashlib.sha256(store.secret("bluesky job", number, 40).encode()).digest()
            job_id = b32hexencode(digest).decode().lower()[:20]
            problem = _problem(upload.asset)
            store.insert(
                "bluesky_jobs",
                number=number,
                job_id=job_id,
                account_id=account.id,
                cid=upload.cid,
                size_bytes=upload.size_bytes,
                asset_id=None if upload.asset is None else upload.asset.id,
                failure_code=None if problem is None else "validation_failure",
                message=problem or "",
                created_at=self._sandbox.clock.now(),
            )
            self._apply_fault(exchange, job_id)
        job = self._find(job_id)
        if job is None:
            raise LookupError(job_id)
        return job

    def _apply_fault(self, exchange: Exchange, job_id: str) -> None:
        """Let a stuck_processing or media_error fault that hit this call act on its job."""
        fault, store = exchange.call.job_fault, self._sandbox.store
        if fault is None:
            return
        if fault.kind == "stuck_processing":
            store.run("UPDATE bluesky_jobs SET fault_id = ? WHERE job_id = ?", fault.id, job_id)
            return
        code = text_of(fault.value.get("code")) or DEFAULT_FAILURE
        message = text_of(fault.value.get("message")) or MESSAGES.get(code, "Failed to process video")
        sql = "UPDATE bluesky_jobs SET failure_code = ?, message = ? WHERE job_id = ?"
        store.run(sql, code, message, job_id)

    # Limits

    def _count_used(self, account: Account) -> tuple[int, int]:
        sql = (
            "SELECT count(*) AS n, coalesce(sum(size_bytes), 0) AS bytes FROM bluesky_jobs"
            " WHERE account_id = ? AND created_at > ?"
        )
        row = self._sandbox.store.one(sql, account.id, self._sandbox.clock.now() - DAY)
        return row["n"], row["bytes"]

    def _count_left(self, account: Account) -> tuple[int, int]:
        max_videos = account.settings.get("dailyVideos")
        videos, size = self._count_used(account)
        return max(0, (max_videos if isinstance(max_videos, int) else DAILY_VIDEOS) - videos), max(
            0, DAILY_BYTES - size
        )

    def _refusal(self, account: Account) -> tuple[str, str] | None:
        """Return why an account can't upload now, as error and message, or None."""
        if account.settings.get("emailConfirmed", True) is not True:
            return "unconfirmed_email", "Please confirm your email address to upload videos"
        videos, size = self._count_left(account)
        if not videos:
            return "DailyLimitExceeded", "User has exceeded daily upload videos limit"
        return None if size else ("DailyLimitExceeded", "User has exceeded daily upload bytes limit")

    def _limits(self, exchange: Exchange) -> Reply:
        account = self._tokens.check(exchange.request, {f"did:web:{VIDEO}"}, LIMITS_METHOD)
        (videos, size), refusal = self._count_left(account), self._refusal(account)
        body: dict[str, JSONValue] = {
            "canUpload": refusal is None,
            "remainingDailyVideos": videos,
            "remainingDailyBytes": size,
        }
        if refusal is not None:
            body |= {"error": refusal[0], "message": refusal[1]}
        return json_reply(body)

    # Status

    def _find(self, job_id: str) -> Job | None:
        row = self._sandbox.store.first("SELECT * FROM bluesky_jobs WHERE job_id = ?", job_id)
        return None if row is None else _job(row)

    def _status(self, exchange: Exchange) -> Reply:
        job_id = text_of(exchange.params.get("jobId"))
        if not job_id:
            raise invalid('Error: Params must have the property "jobId"')
        if self._find(job_id) is None:
            raise invalid("Job not found")
        self._apply_fault(exchange, job_id)
        self._sandbox.store.run("UPDATE bluesky_jobs SET polls = polls + 1 WHERE job_id = ?", job_id)
        job = self._find(job_id)
        return json_reply({"jobStatus": {} if job is None else self._describe_job(job)})

    def _describe_job(self, job: Job) -> Mapping[str, JSONValue]:
        """Return a job's status; the first one that is over leaves the file with the account's server."""
        account = self._sandbox.accounts.by_id(job.account_id)
        step = max(job.polls, int(self._sandbox.clock.now() - job.created_at))
        if self._sandbox.faults.holds(job.fault_id):
            step = min(step, 1)
        step = min(step, len(STATES) - 1)
        shown: dict[str, JSONValue] = {
            "jobId": job.job_id,
            "did": "" if account is None else account.user_id,
            "state": STATES[step],
        }
        if 0 < step < len(STATES) - 1:
            shown["progress"] = PROGRESS[step]
        if account is None or step < len(STATES) - 1:
            return shown
        if job.failure_code is not None:
            error = f"video processing error for job: {job.job_id}"
            return {
                **shown,
                "state": "JOB_STATE_FAILED",
                "failureCode": job.failure_code,
                "error": error,
                "message": job.message,
            }
        self._deliver(account, job)
        return {**shown, "progress": 100, "blob": blob_ref(job.cid, "video/mp4", job.size_bytes)}

    def _deliver(self, account: Account, job: Job) -> None:
        if job.is_delivered:
            return
        asset = None if job.asset_id is None else self._sandbox.media_store.asset(job.asset_id)
        with self._sandbox.store.transaction():
            self._blobs.add(account, Upload(cid=job.cid, size_bytes=job.size_bytes, asset=asset), "video/mp4")
            self._sandbox.store.run("UPDATE bluesky_jobs SET is_delivered = 1 WHERE number = ?", job.number)


def _job(row: sqlite3.Row) -> Job:
    return Job(**{**dict(row), "is_delivered": bool(row["is_delivered"])})


def _problem(asset: Asset | None) -> str | None:
    """Return why the service refuses a file, or None."""
    if asset is None or not asset.is_video or asset.format != "MP4":
        return "Video is not an MP4 file"
    return "Video is too long" if (asset.duration_seconds or 0.0) > MAX_SECONDS + 0.5 else None


def _refuse_upload(account: Account, error: str, message: str) -> Reply:
    status: JSONValue = {"jobId": "", "did": account.user_id, "state": "", "error": error, "message": message}
    return json_reply({"jobStatus": status}, 400)


def _audiences(request: Request) -> set[str]:
    """Return the names of the account server that a token for an upload may be made for.

    Its own, or one made of the URL at which the caller reaches it, which is not its host here.
    """
    netloc, name = request.url.netloc, request.url.hostname or ""
    escaped = netloc.replace(":", "%3A")
    return {f"did:web:{host}" for host in (PDS, netloc, escaped, name, f"{escaped}:sandbox:{PDS}")}
