"""The upload host: chunks of a video, in order, straight to disk.

Source: TikTok, "Media Transfer Guide", read 2026-11. Answers are empty; the status and Content-Range say it all.
"""

import asyncio
import re
from typing import Final

from starlette.requests import ClientDisconnect, Request
from starlette.types import Receive, Scope, Send

from presswork_sandbox.calls import Call, perform
from presswork_sandbox.clock import HOUR
from presswork_sandbox.core import Sandbox
from presswork_sandbox.tiktok.errors import Envelopes
from presswork_sandbox.tiktok.jobs import Job, Jobs
from presswork_sandbox.tiktok.publish import UPLOAD_HOST
from presswork_sandbox.wire import JSONValue, Reply, local_path

URL_LIFETIME: Final = HOUR
RANGE: Final = re.compile(r"bytes (\d{1,15})-(\d{1,15})/(\d{1,15})", re.ASCII)
TYPES: Final = frozenset({"video/mp4", "video/quicktime", "video/webm"})


class UploadHost:
    """open-upload.tiktokapis.com."""

    def __init__(self, sandbox: Sandbox, jobs: Jobs) -> None:
        self._sandbox = sandbox
        self._jobs = jobs
        self._locks: dict[int, asyncio.Lock] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        self._sandbox.resume_work()
        request = Request(scope, receive)
        query = request.query_params
        number = query.get("upload_id", "")
        job = self._jobs.by_number(int(number)) if number.isascii() and number.isdigit() and len(number) < 18 else None
        if job is not None and job.upload_token != query.get("upload_token"):
            job = None
        shown: JSONValue = {
            "upload_id": number,
            "content_range": request.headers.get("content-range"),
            "content_type": request.headers.get("content-type"),
            "content_length": request.headers.get("content-length"),
        }
        call = Call(
            platform="tiktok",
            host=UPLOAD_HOST,
            path=local_path(scope),
            operation="upload",
            request=request,
            shown=shown,
            account=None if job is None else self._sandbox.accounts.by_id(job.account_id),
            held_by=None if job is None else job.fault_id,
        )

        async def effect() -> Reply:
            if job is None:
                return Reply(status=404)
            lock = self._locks.setdefault(job.number, asyncio.Lock())
            async with lock:
                return await self._store(call, self._jobs.by_number(job.number) or job)

        error_format = Envelopes(self._sandbox.store.trace(), self._sandbox.clock.now())
        response = await perform(self._sandbox, call, effect, error_format)
        if job is not None and job.state != "uploading":
            self._locks.pop(job.number, None)
        await response(scope, receive, send)

    async def _store(self, call: Call, job: Job) -> Reply:
        request = call.request
        if request.method != "PUT":
            return Reply(status=405)
        if job.state == "failed":
            return Reply(status=404)
        if self._sandbox.clock.now() >= job.created_at + URL_LIFETIME:
            return Reply(status=403)
        match = RANGE.fullmatch(request.headers.get("content-range", ""))
        media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if match is None or media_type not in TYPES:
            return Reply(status=400)
        first, last, total = map(int, match.groups())
        length = last - first + 1
        if total != job.video_size or length < 1 or last >= total:
            return Reply(status=400)
        if request.headers.get("content-length") != str(length):
            return Reply(status=400)
        if job.state != "uploading" or first != job.stored_bytes:
            return Reply(status=416, headers=self._progress(job))
        is_last = first // job.chunk_size >= job.chunk_count - 1
        if length != (total - first if is_last else job.chunk_size):
            return Reply(status=400)
        if not await self._receive(request, job, length):
            return Reply(status=400)
        return self._build_progress_reply(call, job, last + 1)

    async def _receive(self, request: Request, job: Job, length: int) -> bool:
        """Write one chunk at its place. What comes only in part is written over by the next attempt."""
        path = self._jobs.upload_path(job)
        size = 0
        with path.open("r+b" if path.exists() else "wb") as file:
            file.seek(job.stored_bytes)
            try:
                async for part in request.stream():
                    size += len(part)
                    if size > length:
                        return False
                    file.write(part)
            except ClientDisconnect:
                return False
        return size == length

    def _build_progress_reply(self, call: Call, job: Job, stored: int) -> Reply:
        store = self._sandbox.store
        with store.transaction():
            sql = "UPDATE jobs SET stored_bytes = ? WHERE number = ? AND state = 'uploading'"
            if not store.run(sql, stored, job.number):
                return Reply(status=404)
            self._jobs.apply_fault(call, job.publish_id)
        job = self._jobs.by_number(job.number) or job
        if stored == job.video_size:
            self._jobs.upload_complete(job)
            return Reply(status=201, headers=self._progress(job))
        return Reply(status=206, headers=self._progress(job))

    def _progress(self, job: Job) -> dict[str, str]:
        return {"Content-Range": f"bytes 0-{job.stored_bytes}/{job.video_size}"}
