"""Videos in the video service: their limits, their states, and the blob that each leaves with the account's server.

Source: as of `video.py`. The daily limits are reports of users.
"""

import hashlib
import sqlite3
from base64 import b32hexencode
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from presswork_sandbox.accounts import Account
from presswork_sandbox.bluesky.blobs import Blobs, Upload, blob_ref
from presswork_sandbox.calls import Call
from presswork_sandbox.clock import DAY
from presswork_sandbox.core import Sandbox
from presswork_sandbox.media import Asset
from presswork_sandbox.wire import JSONValue, text_of

DAILY_VIDEOS: Final = 25
DAILY_BYTES: Final = 10 * 1000**3
MAX_SECONDS: Final = 600.0
"""Ten minutes for everyone since 2026-09, as users report."""
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


class VideoJobs:
    """Make videos of uploads, and say how far each is."""

    def __init__(self, sandbox: Sandbox, blobs: Blobs) -> None:
        self._sandbox = sandbox
        self._blobs = blobs

    def new_id(self) -> str:
        """Return the id for one more job."""
        store = self._sandbox.store
        secret = store.secret("bluesky job", store.next_number("bluesky job"), 40)
        return b32hexencode(hashlib.sha256(secret.encode()).digest()).decode().lower()[:20]

    # Finding

    def find(self, job_id: str) -> Job | None:
        """Find a job by its id."""
        row = self._sandbox.store.first("SELECT * FROM bluesky_jobs WHERE job_id = ?", job_id)
        return None if row is None else _job(row)

    def find_processed(self, account: Account, cid: str) -> Job | None:
        """Return the job whose blob the account's server still has."""
        sql = "SELECT * FROM bluesky_jobs WHERE account_id = ? AND cid = ? AND is_delivered ORDER BY number DESC"
        row = self._sandbox.store.first(sql, account.id, cid)
        return None if row is None or not self._blobs.has(account, cid) else _job(row)

    # Limits

    def _count_used(self, account: Account) -> tuple[int, int]:
        sql = (
            "SELECT count(*) AS n, coalesce(sum(size_bytes), 0) AS bytes FROM bluesky_jobs"
            " WHERE account_id = ? AND created_at > ?"
        )
        row = self._sandbox.store.one(sql, account.id, self._sandbox.clock.now() - DAY)
        return row["n"], row["bytes"]

    def count_left(self, account: Account) -> tuple[int, int]:
        """Return how many videos and bytes an account can still upload today."""
        max_videos = account.settings.get("dailyVideos")
        videos, size = self._count_used(account)
        return max(0, (max_videos if isinstance(max_videos, int) else DAILY_VIDEOS) - videos), max(
            0, DAILY_BYTES - size
        )

    def refusal(self, account: Account) -> tuple[str, str] | None:
        """Return why an account can't upload now, as error and message, or None."""
        if account.settings.get("emailConfirmed", True) is not True:
            return "unconfirmed_email", "Please confirm your email address to upload videos"
        videos, size = self.count_left(account)
        if not videos:
            return "DailyLimitExceeded", "User has exceeded daily upload videos limit"
        return None if size else ("DailyLimitExceeded", "User has exceeded daily upload bytes limit")

    # Processing

    def start(self, call: Call, account: Account, upload: Upload, job_id: str) -> Job:
        """Begin to process a file. A stuck_processing or media_error fault of the call acts on its job."""
        store = self._sandbox.store
        with store.transaction():
            problem = _problem(upload.asset)
            store.insert(
                "bluesky_jobs",
                job_id=job_id,
                account_id=account.id,
                cid=upload.cid,
                size_bytes=upload.size_bytes,
                asset_id=None if upload.asset is None else upload.asset.id,
                failure_code=None if problem is None else "validation_failure",
                message=problem or "",
                created_at=self._sandbox.clock.now(),
            )
            self._apply_fault(call, job_id)
        job = self.find(job_id)
        if job is None:
            raise LookupError(job_id)
        return job

    def poll(self, call: Call, job: Job) -> Job:
        """Count one status call, and return the job after it."""
        self._apply_fault(call, job.job_id)
        self._sandbox.store.run("UPDATE bluesky_jobs SET polls = polls + 1 WHERE job_id = ?", job.job_id)
        return self.find(job.job_id) or job

    def _apply_fault(self, call: Call, job_id: str) -> None:
        """Let a stuck_processing or media_error fault that hit this call act on its job."""
        fault, store = call.job_fault, self._sandbox.store
        if fault is None:
            return
        if fault.kind == "stuck_processing":
            store.run("UPDATE bluesky_jobs SET fault_id = ? WHERE job_id = ?", fault.id, job_id)
            return
        code = text_of(fault.value.get("code")) or DEFAULT_FAILURE
        message = text_of(fault.value.get("message")) or MESSAGES.get(code, "Failed to process video")
        sql = "UPDATE bluesky_jobs SET failure_code = ?, message = ? WHERE job_id = ?"
        store.run(sql, code, message, job_id)

    def describe(self, job: Job) -> Mapping[str, JSONValue]:
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
