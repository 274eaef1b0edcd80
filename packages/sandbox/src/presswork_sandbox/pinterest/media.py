"""Videos on their way to Pinterest: registered, sent to a storage server, processed, then named by a Pin.

Source: pinterest/api-description 5.23.0 (2025-12), `media`; Amazon S3, "POST Object" for the storage server, which wants all
parameters before the file and no other authentication. How long processing takes is not documented: here two status calls or two
seconds. The limits of videos are those of Pinterest's help pages.
"""

import asyncio
import shutil
import sqlite3
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Final

from starlette.datastructures import FormData, UploadFile
from starlette.requests import Request

from presswork_sandbox.accounts import Account
from presswork_sandbox.calls import Call
from presswork_sandbox.clock import HOUR
from presswork_sandbox.core import Sandbox
from presswork_sandbox.media import Asset
from presswork_sandbox.media_info import NotMedia
from presswork_sandbox.pinterest.errors import PinterestError, Problem
from presswork_sandbox.wire import BadBody, BodyTooLarge, JSONValue, Reply, receive_form, text_of

MEDIA_IDS: Final = 5_240_000_000_000_000
UPLOAD_LIFETIME: Final = HOUR
POLLS: Final = 2
SECONDS: Final = 2.0
MAX_BYTES: Final = 2 * 1024**3
MIN_SECONDS: Final = 4.0
MAX_SECONDS: Final = 15 * 60.0
ROUNDING_SECONDS: Final = 0.1
FORMATS: Final = frozenset({"MP4", "MOV"})
CODECS: Final = frozenset({"h264", "hevc"})
MIN_RATIO: Final = 0.5
MAX_RATIO: Final = 1.91
OVERHEAD_BYTES: Final = 64 * 1024
NOT_FOUND: Final = 40
"""The code of a video that is not there; not documented."""
NO_MEDIA: Final = "Media upload not found."


@dataclass(frozen=True, slots=True, kw_only=True)
class Video:
    """One video."""

    number: int
    media_id: str
    account_id: int
    host: str
    policy: str
    asset_id: int | None
    failure: str | None
    polls: int
    created_at: float
    stored_at: float | None
    fault_id: int | None


class Media:
    """Register, receive and check videos."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    # Finding

    def find(self, media_id: str) -> Video | None:
        """Find a video by its id."""
        row = self._sandbox.store.first("SELECT * FROM pinterest_media WHERE media_id = ?", media_id)
        return None if row is None else _video(row)

    def require_own(self, host: str, account: Account, media_id: str) -> Video:
        """Return a video of an account. Raises PinterestError."""
        video = self.find(media_id)
        if video is None or (video.host, video.account_id) != (host, account.id):
            raise PinterestError(Problem(code=NOT_FOUND, message=NO_MEDIA, status=404))
        return video

    def by_policy(self, policy: str) -> Video | None:
        """Find a video by the policy in the parameters of its upload."""
        row = self._sandbox.store.first("SELECT * FROM pinterest_media WHERE policy = ?", policy)
        return None if row is None else _video(row)

    def listed(self, host: str, account: Account) -> list[Video]:
        """Return the videos of an account, newest first."""
        sql = "SELECT * FROM pinterest_media WHERE account_id = ? AND host = ? ORDER BY number DESC LIMIT 250"
        return [_video(row) for row in self._sandbox.store.all(sql, account.id, host)]

    def status(self, video: Video) -> str:
        """Return what Pinterest says about a video at this instant."""
        if video.stored_at is None:
            return "registered"
        is_over = video.polls >= POLLS or self._sandbox.clock.now() >= video.stored_at + SECONDS
        if not is_over or self._sandbox.faults.holds(video.fault_id):
            return "processing"
        return "succeeded" if video.failure is None else "failed"

    # Changing

    def register(self, call: Call, host: str, account: Account) -> Video:
        """Make a video that waits for its bytes."""
        store = self._sandbox.store
        with store.transaction():
            number = store.next_number("pinterest media")
            store.insert(
                "pinterest_media",
                number=number,
                media_id=str(MEDIA_IDS + number * 1_009),
                account_id=account.id,
                host=host,
                policy=store.secret("pinterest policy", number, 60),
                created_at=self._sandbox.clock.now(),
            )
            self._apply_fault(call, number)
        return _video(store.one("SELECT * FROM pinterest_media WHERE number = ?", number))

    def parameters(self, video: Video) -> Mapping[str, str]:
        """Return what an upload must send before its file."""
        secret = self._sandbox.store.secret("pinterest upload", video.number, 64)
        return {
            "x-amz-date": "20261126T090000Z",
            "x-amz-signature": secret,
            "x-amz-security-token": self._sandbox.store.secret("pinterest session", video.number, 40),
            "x-amz-algorithm": "AWS4-HMAC-SHA256",
            "key": f"uploads/{video.media_id}",
            "policy": video.policy,
            "x-amz-credential": "SANDBOX/20261126/us-east-1/s3/aws4_request",
            "Content-Type": "multipart/form-data",
        }

    def poll(self, call: Call, video: Video) -> Video:
        """Count one status call, and return the video after it."""
        self._apply_fault(call, video.number)
        sql = "UPDATE pinterest_media SET polls = polls + 1 WHERE number = ? AND stored_at IS NOT NULL"
        self._sandbox.store.run(sql, video.number)
        return self.find(video.media_id) or video

    def _apply_fault(self, call: Call, number: int) -> None:
        """Let a stuck_processing or media_error fault that hit this call act on its video."""
        fault = call.job_fault
        if fault is None:
            return
        if fault.kind == "stuck_processing":
            self._sandbox.store.run("UPDATE pinterest_media SET fault_id = ? WHERE number = ?", fault.id, number)
            return
        failure = text_of(fault.value.get("message")) or text_of(fault.value.get("code")) or "PROCESSING_FAILED"
        self._sandbox.store.run("UPDATE pinterest_media SET failure = ? WHERE number = ?", failure, number)

    async def receive(self, request: Request) -> Reply:
        """Answer POST to the storage server: 204 for a file behind all of its parameters, XML for anything else."""
        if request.method != "POST":
            return _refuse(405, "MethodNotAllowed", "The specified method is not allowed against this resource.")
        if "authorization" in request.headers:
            return _refuse(400, "InvalidArgument", "Only one auth mechanism allowed.")
        try:
            async with receive_form(request, MAX_BYTES + OVERHEAD_BYTES, max_files=1) as form:
                return await self._receive_file(form)
        except BodyTooLarge:
            return _refuse(400, "EntityTooLarge", "Your proposed upload exceeds the maximum allowed size.")
        except BadBody:
            return _refuse(400, "MalformedPOSTRequest", "The body of your POST request is not well-formed.")

    async def _receive_file(self, form: FormData) -> Reply:
        fields, file = _split_form(form)
        if file is None:
            return _refuse(400, "InvalidArgument", "POST requires exactly one file upload per request.")
        video = self.by_policy(fields.get("policy", ""))
        if video is None or any(fields.get(name) != value for name, value in self.parameters(video).items()):
            return _refuse(403, "AccessDenied", "Invalid according to Policy: a condition failed.")
        if self._sandbox.clock.now() >= video.created_at + UPLOAD_LIFETIME:
            return _refuse(403, "AccessDenied", "Invalid according to Policy: Policy expired.")
        if video.stored_at is None:
            await self._keep(video, file)
        return Reply(status=204)

    async def _keep(self, video: Video, file: UploadFile) -> None:
        """Store and check the bytes of a video, of which the first are kept. A failure that a fault set before stays."""
        store, asset_id = self._sandbox.store, None
        path = store.folder / f"fetch-pinterest-{store.next_number('pinterest upload')}"
        failure: str | None = "The file is no video that can be read."
        try:
            await asyncio.to_thread(_copy_file, file, path)
            with suppress(NotMedia):
                asset = await self._sandbox.media_store.keep(path)
                asset_id, failure = asset.id, _find_failure(asset)
        finally:
            path.unlink(missing_ok=True)
        store.run(
            "UPDATE pinterest_media SET stored_at = ?, asset_id = ?, failure = coalesce(failure, ?)"
            " WHERE number = ? AND stored_at IS NULL",
            self._sandbox.clock.now(),
            asset_id,
            failure,
            video.number,
        )

    def describe(self, video: Video) -> dict[str, JSONValue]:
        """Return a video as the API shows it."""
        return {"media_id": video.media_id, "media_type": "video", "status": self.status(video)}


def _split_form(form: FormData) -> tuple[Mapping[str, str], UploadFile | None]:
    """Return the fields before the file, and the file: what comes behind it is not read."""
    fields: dict[str, str] = {}
    for name, value in form.multi_items():
        if isinstance(value, UploadFile):
            return fields, value if name == "file" else None
        fields[name] = value
    return fields, None


def _copy_file(file: UploadFile, path: Path) -> None:
    with path.open("wb") as out:
        shutil.copyfileobj(file.file, out)


def _find_failure(asset: Asset) -> str | None:
    """Return why Pinterest can't process a file, or None."""
    if asset.duration_seconds is None or asset.format not in FORMATS or asset.codec not in CODECS:
        return "The file is no MP4, MOV or M4V with H.264 or H.265."
    if not MIN_SECONDS - ROUNDING_SECONDS <= asset.duration_seconds <= MAX_SECONDS + ROUNDING_SECONDS:
        return "The video must be 4 seconds to 15 minutes long."
    if not MIN_RATIO <= asset.width / asset.height <= MAX_RATIO:
        return "The aspect ratio of the video must be between 1:2 and 1.91:1."
    return None


def _refuse(status: int, code: str, message: str) -> Reply:
    text = f'<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>{code}</Code><Message>{escape(message)}</Message></Error>'
    return Reply(status=status, body=text.encode(), media_type="application/xml", shown={"error": code})


def _video(row: sqlite3.Row) -> Video:
    return Video(**dict(row))
