"""Uploads of videos in parts: announced with their size, sent part by part in any order, then finished.

Source: bluesky-social/atproto, lexicons/app/bsky/video (startUpload, uploadPart, getUploadStatus, finishUpload), as of 2026-08. The
sandbox's own choice: the tokens, which are those of uploadVideo or name the service and the method; how many uploads can be open; that
asking for the status needs no token, as for a job; what uploadPart answers.
"""

import asyncio
import hashlib
import json
import shutil
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from starlette.requests import ClientDisconnect, Request

from presswork_sandbox.accounts import Account
from presswork_sandbox.bluesky.blobs import Upload
from presswork_sandbox.bluesky.errors import XRPCError, invalid
from presswork_sandbox.bluesky.facts import VIDEO
from presswork_sandbox.bluesky.identifiers import blob_cid
from presswork_sandbox.bluesky.lexicons import VIDEO_BYTES
from presswork_sandbox.bluesky.service_auth import UPLOAD_METHOD, ServiceTokens, upload_audiences
from presswork_sandbox.bluesky.video_jobs import MAX_SECONDS, VideoJobs
from presswork_sandbox.bluesky.xrpc import Exchange
from presswork_sandbox.clock import DAY, iso
from presswork_sandbox.core import Sandbox
from presswork_sandbox.media_info import NotMedia
from presswork_sandbox.wire import JSONValue, Reply, json_reply, text_of

PART_BYTES: Final = 8 * 1024 * 1024
LIFETIME: Final = DAY
MAX_OPEN: Final = 10
_CLOSED: Final[Mapping[str, tuple[str, str]]] = {
    "completed": ("UploadAlreadyCompleted", "The upload is already completed"),
    "aborted": ("UploadAborted", "The upload was aborted"),
    "failed": ("UploadFailed", "The upload failed"),
    "expired": ("UploadExpired", "The upload has expired"),
}
"""States in which an upload takes no parts, and the error of each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PartedUpload:
    """One upload in parts. Parts are numbered from 1."""

    number: int
    job_id: str
    account_id: int
    size_bytes: int
    received: tuple[int, ...]
    state: str  # created, completed, aborted
    completed_job_id: str | None
    created_at: float

    @property
    def part_count(self) -> int:
        """How many parts it has."""
        return -(-self.size_bytes // PART_BYTES)

    def size_of(self, part: int) -> int:
        """Return the length of a part, in bytes; only the last one can be shorter."""
        return min(PART_BYTES, self.size_bytes - (part - 1) * PART_BYTES)


def _upload(row: sqlite3.Row) -> PartedUpload:
    return PartedUpload(**{**dict(row), "received": tuple(json.loads(row["received"]))})


class VideoUploads:
    """Answer the calls of uploads in parts. All raise XRPCError."""

    def __init__(self, sandbox: Sandbox, tokens: ServiceTokens, jobs: VideoJobs) -> None:
        self._sandbox = sandbox
        self._tokens = tokens
        self._jobs = jobs
        self._locks: dict[int, asyncio.Lock] = {}

    # Calls

    def start(self, exchange: Exchange) -> Reply:
        """Announce a video; the reply says how it is to be cut."""
        account = self._account(exchange)
        size = _count_of(exchange.params, "sizeBytes")
        _check_announcement(exchange.params, size)
        refusal = self._jobs.refusal(account)
        if refusal is not None:
            error, message = refusal
            raise XRPCError("DailyLimitExceeded" if error == "DailyLimitExceeded" else "UploadForbidden", message)
        store = self._sandbox.store
        self._drop_expired()
        sql = "SELECT count(*) AS n FROM bluesky_uploads WHERE account_id = ? AND state = 'created'"
        if store.one(sql, account.id)["n"] >= MAX_OPEN:
            raise XRPCError("TooManyOpenUploads", f"At most {MAX_OPEN} uploads can be open")
        job_id = self._jobs.new_id()
        store.insert(
            "bluesky_uploads",
            number=store.next_number("bluesky parted upload"),
            job_id=job_id,
            account_id=account.id,
            size_bytes=size,
            created_at=self._sandbox.clock.now(),
        )
        upload = self._require(job_id)
        return json_reply({"jobId": job_id, **_describe_parts(upload)})

    async def take_part(self, exchange: Exchange) -> Reply:
        """Receive one part, with its exact length; one that is sent again replaces the earlier one."""
        request = exchange.request
        upload = self._own_upload(exchange, request.query_params.get("jobId", ""))
        self._require_open(upload)
        text = request.query_params.get("partNumber", "")
        part = int(text) if text.isascii() and text.isdigit() and len(text) < 6 else 0
        if not 1 <= part <= upload.part_count:
            raise XRPCError("InvalidPartNumber", f"partNumber must be from 1 to {upload.part_count}")
        path = self._path(upload, part)
        draft = path.with_name(f"{path.name}-{self._sandbox.store.next_number('bluesky upload part')}")
        try:
            size = await _write(request, draft, upload.size_of(part))
            if size != upload.size_of(part):
                raise XRPCError("PartSizeMismatch", f"Part {part} has {upload.size_of(part)} bytes")
            async with self._lock(upload):
                self._require_open(self._require(upload.job_id))
                draft.replace(path)
                self._note_part(upload.job_id, part)
        finally:
            draft.unlink(missing_ok=True)
        return json_reply({"partNumber": part})

    def status(self, exchange: Exchange) -> Reply:
        """Say which parts are there."""
        upload = self._require(text_of(exchange.params.get("jobId")))
        body: dict[str, JSONValue] = {
            "jobId": upload.job_id,
            "state": self._state(upload),
            "receivedParts": list(upload.received),
            **_describe_parts(upload),
        }
        if upload.completed_job_id is not None:
            body["completedJobId"] = upload.completed_job_id
        return json_reply(body)

    async def finish(self, exchange: Exchange) -> Reply:
        """Put the parts together, and process the video; a repeat gives the same job."""
        upload = self._own_upload(exchange, text_of(exchange.params.get("jobId")))
        async with self._lock(upload):
            upload = self._require(upload.job_id)
            job_id = upload.completed_job_id
            if job_id is None:
                self._require_open(upload)
                missing = sorted(set(range(1, upload.part_count + 1)) - set(upload.received))
                if missing:
                    raise XRPCError("MissingParts", f"Missing parts: {', '.join(map(str, missing))}")
                job_id = await self._complete(exchange, upload)
        job = self._jobs.find(job_id)
        return json_reply({"completedJobId": job_id, "jobStatus": {} if job is None else self._jobs.describe(job)})

    def abort(self, exchange: Exchange) -> Reply:
        """Drop an upload; one that was dropped stays so."""
        upload = self._own_upload(exchange, text_of(exchange.params.get("jobId")))
        if self._state(upload) == "completed":
            raise XRPCError(*_CLOSED["completed"])
        sql = "UPDATE bluesky_uploads SET state = 'aborted' WHERE number = ? AND state = 'created'"
        self._sandbox.store.run(sql, upload.number)
        self._drop_files(upload)
        return json_reply({})

    # Steps

    async def _complete(self, exchange: Exchange, upload: PartedUpload) -> str:
        """Make a job of an upload, unless the same file has one; return its id."""
        account = self._sandbox.accounts.by_id(upload.account_id)
        if account is None:
            raise LookupError(upload.job_id)
        file = await self._join(upload)
        known, store = self._jobs.find_processed(account, file.cid), self._sandbox.store
        with store.transaction():
            job_id = upload.job_id if known is None else known.job_id
            if known is None:
                self._jobs.start(exchange.call, account, file, job_id)
            sql = "UPDATE bluesky_uploads SET state = 'completed', completed_job_id = ? WHERE number = ?"
            store.run(sql, job_id, upload.number)
        self._drop_files(upload)
        self._locks.pop(upload.number, None)
        return job_id

    async def _join(self, upload: PartedUpload) -> Upload:
        whole = self._sandbox.store.folder / f"bluesky-upload-{upload.number}"
        parts = [self._path(upload, part) for part in range(1, upload.part_count + 1)]
        try:
            digest = await asyncio.to_thread(_join_files, parts, whole)
            try:
                asset = await self._sandbox.media_store.keep(whole, digest)
            except NotMedia:
                asset = None
        finally:
            whole.unlink(missing_ok=True)
        return Upload(cid=blob_cid(digest), size_bytes=upload.size_bytes, asset=asset)

    def _note_part(self, job_id: str, part: int) -> None:
        received = sorted({*self._require(job_id).received, part})
        sql = "UPDATE bluesky_uploads SET received = ? WHERE job_id = ?"
        self._sandbox.store.run(sql, json.dumps(received), job_id)

    # Finding

    def _account(self, exchange: Exchange) -> Account:
        """Return the account that a token is from: for uploadBlob at its server, or for the method at this service."""
        request = exchange.request
        try:
            return self._tokens.check(request, upload_audiences(request), UPLOAD_METHOD)
        except XRPCError as refused:
            if refused.name not in {"BadJwtAudience", "BadJwtLexiconMethod"}:
                raise
        method = exchange.call.path.rstrip("/").rpartition("/")[2]
        return self._tokens.check(request, {f"did:web:{VIDEO}"}, method)

    def _require(self, job_id: str) -> PartedUpload:
        row = self._sandbox.store.first("SELECT * FROM bluesky_uploads WHERE job_id = ?", job_id)
        if row is None:
            raise XRPCError("UploadNotFound", "Upload not found")
        return _upload(row)

    def _own_upload(self, exchange: Exchange, job_id: str) -> PartedUpload:
        account = self._account(exchange)
        upload = self._require(job_id)
        if upload.account_id != account.id:
            raise XRPCError("UploadForbidden", "The upload is another account's")
        return upload

    def _state(self, upload: PartedUpload) -> str:
        is_over = self._sandbox.clock.now() >= upload.created_at + LIFETIME
        if upload.state == "created" and is_over:
            return "expired"
        is_locked = upload.number in self._locks and self._locks[upload.number].locked()
        return "finishing" if is_locked and upload.state == "created" and _is_whole(upload) else upload.state

    def _require_open(self, upload: PartedUpload) -> None:
        closed = _CLOSED.get(self._state(upload))
        if closed is not None:
            raise XRPCError(*closed)

    def _lock(self, upload: PartedUpload) -> asyncio.Lock:
        return self._locks.setdefault(upload.number, asyncio.Lock())

    # Files

    def _path(self, upload: PartedUpload, part: int) -> Path:
        return self._sandbox.store.folder / f"bluesky-upload-{upload.number}-{part}"

    def _drop_files(self, upload: PartedUpload) -> None:
        for part in upload.received:
            self._path(upload, part).unlink(missing_ok=True)

    def _drop_expired(self) -> None:
        """Delete the files of uploads whose time is over; their rows say that they have expired."""
        sql = "UPDATE bluesky_uploads SET state = 'expired' WHERE state = 'created' AND created_at <= ? RETURNING *"
        for row in self._sandbox.store.all(sql, self._sandbox.clock.now() - LIFETIME):
            self._drop_files(_upload(row))


def _is_whole(upload: PartedUpload) -> bool:
    return len(upload.received) == upload.part_count


def _describe_parts(upload: PartedUpload) -> dict[str, JSONValue]:
    return {
        "partSizeBytes": PART_BYTES,
        "partCount": upload.part_count,
        "expiresAt": iso(upload.created_at + LIFETIME),
    }


def _count_of(params: Mapping[str, JSONValue], name: str) -> int:
    """Return a number that must be there, from 1. Raises XRPCError."""
    value = params.get(name)
    if name not in params:
        raise invalid(f'Input must have the property "{name}"')
    if isinstance(value, bool) or not isinstance(value, int):
        raise invalid(f"Input/{name} must be an integer")
    if value < 1:
        raise invalid(f"Input/{name} can not be less than 1")
    return value


def _check_announcement(params: Mapping[str, JSONValue], size_bytes: int) -> None:
    """Raise XRPCError for a video that the service does not take."""
    if not isinstance(params.get("mimeType"), str):
        raise invalid('Input must have the property "mimeType"')
    for name in ("durationMs", "width", "height"):
        if name in params:
            _count_of(params, name)
    if params["mimeType"] != "video/mp4":
        raise XRPCError("UnsupportedContentType", f"The content type {params['mimeType']} is not supported")
    if size_bytes > VIDEO_BYTES:
        raise XRPCError("VideoTooLarge", f"The video must not be larger than {VIDEO_BYTES} bytes")
    duration = params.get("durationMs", 0)
    if isinstance(duration, int) and duration > MAX_SECONDS * 1000:
        raise XRPCError("VideoTooLong", f"The video must not last longer than {MAX_SECONDS:g} seconds")


async def _write(request: Request, path: Path, max_bytes: int) -> int:
    """Write a body to a file and return its length, up to one more than `max_bytes`. Raises XRPCError where it breaks off."""
    size = 0
    try:
        with path.open("wb") as file:
            async for data in request.stream():
                size += len(data)
                if size > max_bytes:
                    return max_bytes + 1
                file.write(data)
    except ClientDisconnect as gone:
        raise invalid("The caller hung up before the body was complete.") from gone
    return size


def _join_files(parts: Sequence[Path], whole: Path) -> str:
    """Put files together, and return the SHA-256 of the whole, in hex."""
    with whole.open("wb") as out:
        for part in parts:
            with part.open("rb") as file:
                shutil.copyfileobj(file, out)
    with whole.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
