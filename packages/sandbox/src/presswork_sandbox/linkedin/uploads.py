"""Images, videos and documents on their way to LinkedIn: WAITING_UPLOAD, PROCESSING, then AVAILABLE or PROCESSING_FAILED.

Source: LinkedIn, "Images API" (2026-06), "Videos API" (2026-03) and "Documents API", read 2026-11. How long processing takes is
not documented: here half a second of the sandbox's time for images and documents, and two seconds or two status calls for videos.
Neither is what `uploadToken` looks like; here a video of several parts has one, which the last call must send back.
"""

import asyncio
import hashlib
import json
import shutil
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

from presswork_sandbox.accounts import Account
from presswork_sandbox.calls import Call
from presswork_sandbox.clock import DAY
from presswork_sandbox.core import Sandbox
from presswork_sandbox.documents import MAX_BYTES as DOCUMENT_BYTES
from presswork_sandbox.documents import MAX_PAGES, count_pages, keep_document
from presswork_sandbox.faults import Fault
from presswork_sandbox.linkedin.errors import LinkedInRefusal, wrong_field
from presswork_sandbox.linkedin.rules import Rules
from presswork_sandbox.media import Asset
from presswork_sandbox.media_info import NotMedia
from presswork_sandbox.wire import JSONValue, text_of

PART_BYTES: Final = 4 * 1024 * 1024
URL_LIFETIME: Final = DAY
IMAGE_BYTES: Final = 100 * 1024 * 1024  # LinkedIn names no limit; the sandbox's own
IMAGE_PIXELS: Final = 36_152_320  # "less than"
IMAGE_FORMATS: Final = frozenset({"JPEG", "PNG", "GIF"})
MAX_VIDEO_BYTES: Final = 500 * 1024 * 1024  # the page also says 5 GB
MIN_VIDEO_SECONDS: Final = 3.0
MAX_VIDEO_SECONDS: Final = 30 * 60.0
ROUNDING_SECONDS: Final = 0.1  # a video of three seconds, as its container counts them
SECONDS: Final = {"image": 0.5, "document": 0.5, "video": 2.0}
POLLS: Final = {"video": 2}
_PREFIXES: Final = {"image": "D4E22AQ", "video": "D4E05AQ", "document": "D4E1FAQ"}


class Status(StrEnum):
    """What LinkedIn says about a file."""

    WAITING_UPLOAD = "WAITING_UPLOAD"
    PROCESSING = "PROCESSING"
    AVAILABLE = "AVAILABLE"
    PROCESSING_FAILED = "PROCESSING_FAILED"


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """One file, from the URL for its bytes on."""

    number: int
    urn: str
    name: str  # the end of the URN, which the upload URL has
    kind: str
    account_id: int
    owner: str
    state: str  # waiting, checking, processing, failed
    size_bytes: int
    secret: str
    upload_token: str
    etags: tuple[str | None, ...]  # of its parts, None for those that are still to come
    polls: int
    asset_id: int | None
    failure: str | None
    created_at: float
    received_at: float | None
    fault_id: int | None

    def part_of(self, number: int) -> tuple[int, int] | None:
        """Return the first and the last byte of a video's part."""
        if not 0 <= number < len(self.etags):
            return None
        first = number * PART_BYTES
        return first, min(first + PART_BYTES, self.size_bytes) - 1

    @property
    def max_bytes(self) -> int:
        """How many bytes LinkedIn takes for a file that is sent at once."""
        return DOCUMENT_BYTES if self.kind == "document" else IMAGE_BYTES


def _upload(row: sqlite3.Row) -> Upload:
    values = dict(row)
    values["etags"] = tuple(json.loads(values["etags"]))
    return Upload(**values)


class Uploads:
    """Announce, receive and check files."""

    def __init__(self, sandbox: Sandbox, rules: Rules) -> None:
        self._sandbox = sandbox
        self._rules = rules
        sandbox.on_first_request.append(self._resume)

    # Finding

    def find(self, urn: str) -> Upload | None:
        """Find a file by its URN."""
        row = self._sandbox.store.first("SELECT * FROM linkedin_uploads WHERE urn = ?", urn)
        return None if row is None else _upload(row)

    def by_url(self, name: str, secret: str) -> Upload | None:
        """Find a file by the path and the secret of its upload URL."""
        row = self._sandbox.store.first("SELECT * FROM linkedin_uploads WHERE name = ? AND secret = ?", name, secret)
        return None if row is None else _upload(row)

    def path(self, upload: Upload, part: int) -> Path:
        """Return where the bytes of a part are until they have been looked at."""
        return self._sandbox.store.folder / f"linkedin-{upload.number}-{part}"

    def status(self, upload: Upload) -> Status:
        """Return what LinkedIn says about a file at this instant."""
        if upload.state == "waiting":
            return Status.WAITING_UPLOAD
        if upload.state == "failed":
            return Status.PROCESSING_FAILED
        is_over = upload.polls >= POLLS.get(upload.kind, 1_000_000) or (
            self._sandbox.clock.now() >= (upload.received_at or 0.0) + SECONDS[upload.kind]
        )
        is_held = upload.state == "checking" or self._sandbox.faults.holds(upload.fault_id)
        return Status.AVAILABLE if is_over and not is_held else Status.PROCESSING

    # Changing

    def announce(self, call: Call, account: Account, owner: str, kind: str, size_bytes: int = 0) -> Upload:
        """Make a file that waits for its bytes. Raises LinkedInRefusal for a video that is too big."""
        if kind == "video" and not 0 < size_bytes <= MAX_VIDEO_BYTES:
            message = f"fileSizeBytes must be between 1 and {MAX_VIDEO_BYTES}"
            raise LinkedInRefusal(wrong_field("initializeUploadRequest/fileSizeBytes", message))
        store = self._sandbox.store
        count = max(1, -(-size_bytes // PART_BYTES)) if kind == "video" else 1
        with store.transaction():
            number = store.next_number("linkedin upload")
            name = _PREFIXES[kind] + store.secret("linkedin upload", number, 12)
            urn = f"urn:li:{kind}:{name}"
            store.insert(
                "linkedin_uploads",
                number=number,
                urn=urn,
                name=name,
                kind=kind,
                account_id=account.id,
                owner=owner,
                state="waiting",
                size_bytes=size_bytes,
                secret=store.secret("linkedin upload secret", number, 24),
                upload_token="" if count == 1 else store.secret("linkedin upload token", number, 40),
                etags=json.dumps([None] * count),
                created_at=self._sandbox.clock.now(),
            )
            self.apply_fault(call, urn)
        upload = self.find(urn)
        if upload is None:
            raise LookupError(urn)
        return upload

    def apply_fault(self, call: Call, urn: str) -> None:
        """Let a stuck_processing or media_error fault that hit this call act on its file."""
        fault = call.job_fault
        if fault is None:
            return
        if fault.kind == "stuck_processing":
            self._sandbox.store.run("UPDATE linkedin_uploads SET fault_id = ? WHERE urn = ?", fault.id, urn)
        else:
            self._fail(urn, failure_of(fault))

    def poll(self, call: Call, upload: Upload) -> Upload:
        """Count one status call, and return the file after it."""
        with self._sandbox.store.transaction():
            self.apply_fault(call, upload.urn)
            sql = "UPDATE linkedin_uploads SET polls = polls + 1 WHERE urn = ? AND state = 'processing'"
            self._sandbox.store.run(sql, upload.urn)
        return self.find(upload.urn) or upload

    def store_part(self, upload: Upload, part: int, etag: str) -> None:
        """Take note of a part whose bytes are there; one that is sent again replaces the earlier one."""
        etags = list((self.find(upload.urn) or upload).etags)
        etags[part] = etag
        sql = "UPDATE linkedin_uploads SET etags = ? WHERE number = ? AND state = 'waiting'"
        self._sandbox.store.run(sql, json.dumps(etags), upload.number)

    async def take_whole(self, upload: Upload) -> None:
        """Check an image or a document whose bytes are there. No status call of a member shows how far that is."""
        path = self.path(upload, 0)
        try:
            await self._check(upload, path)
        finally:
            path.unlink(missing_ok=True)

    def finalize(self, upload: Upload, upload_token: str, etags: Sequence[str]) -> None:
        """Put the parts of a video together, and start looking at it. Raises LinkedInRefusal."""
        if upload.state != "waiting":
            return  # it was asked for before
        if upload_token != upload.upload_token:
            raise LinkedInRefusal(wrong_field("finalizeUploadRequest/uploadToken", "The upload token is invalid"))
        if any(etag is None for etag in upload.etags):
            missing = [number for number, etag in enumerate(upload.etags) if etag is None]
            message = f"Not every part was uploaded; missing: {', '.join(map(str, missing))}"
            raise LinkedInRefusal(wrong_field("finalizeUploadRequest/uploadedPartIds", message))
        if [etag.strip('"') for etag in etags] != list(upload.etags):
            message = "The part ids are not those of the uploaded parts in their order"
            raise LinkedInRefusal(wrong_field("finalizeUploadRequest/uploadedPartIds", message))
        sql = "UPDATE linkedin_uploads SET state = 'checking', received_at = ? WHERE number = ? AND state = 'waiting'"
        if self._sandbox.store.run(sql, self._sandbox.clock.now(), upload.number):
            self._start(upload)

    def _resume(self) -> None:
        sql = "SELECT * FROM linkedin_uploads WHERE state = 'checking' ORDER BY number"
        for row in self._sandbox.store.all(sql):
            self._start(_upload(row))

    def _start(self, upload: Upload) -> None:
        self._sandbox.start_task(f"check {upload.urn}", self._check_video(upload))

    async def _check_video(self, upload: Upload) -> None:
        paths = [self.path(upload, part) for part in range(len(upload.etags))]
        whole = self._sandbox.store.folder / f"linkedin-{upload.number}"
        try:
            await asyncio.to_thread(_join, paths, whole)
            await self._check(upload, whole)
        except FileNotFoundError:
            self._fail(upload.urn, "The upload was lost.")
        for path in (*paths, whole):
            path.unlink(missing_ok=True)

    async def _check(self, upload: Upload, path: Path) -> None:
        failure: str | None
        try:
            if upload.kind == "document":
                asset_id = keep_document(self._sandbox.store, path)
                failure = None if asset_id is not None else "The file is no PDF, PPT or DOC of at most 100 MB."
                pages = await asyncio.to_thread(count_pages, path)
                if pages > MAX_PAGES:
                    failure = f"The document has {pages} pages; at most {MAX_PAGES} are allowed."
            else:
                asset = await self._sandbox.media_store.keep(path)
                asset_id = asset.id
                least = self._rules.count("leastVideoBytes")
                failure = _image_failure(asset) if upload.kind == "image" else _video_failure(asset, least)
        except NotMedia:
            asset_id, failure = None, f"The file is no {upload.kind} that can be read."
        if failure is not None:
            self._fail(upload.urn, failure)
            return
        self._sandbox.store.run(
            "UPDATE linkedin_uploads SET state = 'processing', asset_id = ?, received_at = coalesce(received_at, ?)"
            " WHERE number = ? AND state IN ('waiting', 'checking')",
            asset_id,
            self._sandbox.clock.now(),
            upload.number,
        )

    def _fail(self, urn: str, failure: str) -> None:
        self._sandbox.store.run("UPDATE linkedin_uploads SET state = 'failed', failure = ? WHERE urn = ?", failure, urn)


def failure_of(fault: Fault) -> str:
    """Return what a media_error fault says about a file: its message, or its code."""
    value: JSONValue = fault.value.get("message") or fault.value.get("code")
    return text_of(value) or "The media could not be processed."


def etag_of(data_digest: str) -> str:
    """Return the ETag of a part, without its quotes."""
    return hashlib.sha256(data_digest.encode()).hexdigest()[:32]


def _join(parts: Sequence[Path], whole: Path) -> None:
    with whole.open("wb") as out:
        for part in parts:
            with part.open("rb") as file:
                shutil.copyfileobj(file, out)


def _image_failure(asset: Asset) -> str | None:
    if asset.format not in IMAGE_FORMATS:
        return f"{asset.format} is no format of images: JPG, PNG and GIF are."
    if asset.width * asset.height >= IMAGE_PIXELS:
        return f"The image has {asset.width * asset.height} pixels; fewer than {IMAGE_PIXELS} are allowed."
    return None


def _video_failure(asset: Asset, least_bytes: int) -> str | None:
    if not asset.is_video or asset.format != "MP4":
        return f"{asset.format} is no format of videos: MP4 is."
    if asset.size_bytes < least_bytes:
        return f"The video has {asset.size_bytes} bytes; at least {least_bytes} are needed."
    seconds = asset.duration_seconds or 0.0
    if not MIN_VIDEO_SECONDS - ROUNDING_SECONDS <= seconds <= MAX_VIDEO_SECONDS:
        return f"The video lasts {seconds:.1f} seconds; 3 seconds to 30 minutes are allowed."
    return None
