"""Resumable uploads: a session takes a file in chunks, and becomes one video when it has the last byte.

Source: Google, "Resumable Uploads" of the YouTube Data API, read 2026-11; the texts of the 400s as seen in
googleapis/google-api-php-client #2443 and clients of the same upload server.
"""

import asyncio
import json
import re
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from starlette.requests import ClientDisconnect, Request

from presswork_sandbox.accounts import Account
from presswork_sandbox.calls import Call
from presswork_sandbox.clock import DAY
from presswork_sandbox.core import Sandbox
from presswork_sandbox.media import Asset
from presswork_sandbox.media_info import NotMedia
from presswork_sandbox.wire import JSONValue, Reply, json_reply
from presswork_sandbox.youtube.errors import incomplete
from presswork_sandbox.youtube.quota import Projects
from presswork_sandbox.youtube.resources import Resources
from presswork_sandbox.youtube.videos import Videos, reason_of
from presswork_sandbox.youtube.whole_uploads import WholeUpload, copy_part

BLOCK_BYTES: Final = 256 * 1024  # every chunk but the last one is made of these
LIFETIME: Final = (
    7 * DAY
)  # of a session, complete or not: the week of Google's other upload services, not confirmed here
RANGE: Final = re.compile(r"bytes (?:(\d{1,15})-(\d{1,15})|\*)/(\d{1,15}|\*)", re.ASCII)
CANCELED: Final = 499  # what Google answers to DELETE on a session
PLAIN: Final = "text/plain; charset=utf-8"


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """One upload session as it is stored."""

    number: int
    upload_id: str
    account_id: int
    params: Mapping[str, JSONValue]
    resource: Mapping[str, Mapping[str, JSONValue]]
    total_bytes: int | None
    stored_bytes: int
    state: str
    answer: str | None
    created_at: float
    failure: str | None
    fault_id: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Chunk:
    """What a request's headers say it carries: bytes `first` up to but without `end`, of `total` where that is known."""

    first: int
    end: int
    total: int | None

    @property
    def is_last(self) -> bool:
        """Whether the file ends with it."""
        return self.end == self.total


class BadChunk(ValueError):
    """The headers of a request contradict the protocol, or each other; the message is Google's."""


def _session(row: sqlite3.Row) -> Session:
    values = dict(row)
    values["params"], values["resource"] = json.loads(values["params"]), json.loads(values["resource"])
    return Session(**values)


def _refuse(status: int, message: str) -> Reply:
    return Reply(status=status, body=message.encode(), media_type=PLAIN, shown=message)


class Sessions:
    """Start upload sessions and receive their chunks."""

    def __init__(self, sandbox: Sandbox, videos: Videos, projects: Projects, resources: Resources) -> None:
        self._sandbox = sandbox
        self._videos = videos
        self._projects = projects
        self._resources = resources
        self._locks: dict[int, asyncio.Lock] = {}

    def find(self, upload_id: str) -> Session | None:
        """Find a session by the id that its URL carries."""
        row = self._sandbox.store.first("SELECT * FROM youtube_sessions WHERE upload_id = ?", upload_id)
        return None if row is None else _session(row)

    def start(
        self,
        call: Call,
        account: Account,
        *,
        params: Mapping[str, JSONValue],
        resource: Mapping[str, Mapping[str, JSONValue]],
        total_bytes: int | None,
    ) -> Session:
        """Start a session. Nothing of it can be seen on YouTube."""
        store = self._sandbox.store
        number = store.next_number("youtube session")
        fault = call.job_fault
        store.insert(
            "youtube_sessions",
            number=number,
            upload_id=f"AEnB2U{store.secret('youtube session', number, 90)}",
            account_id=account.id,
            params=json.dumps(params),
            resource=json.dumps(resource),
            total_bytes=total_bytes,
            state="open",
            created_at=self._sandbox.clock.now(),
            failure=reason_of(fault.value) if fault is not None and fault.kind == "media_error" else None,
            fault_id=fault.id if fault is not None and fault.kind == "stuck_processing" else None,
        )
        return _session(store.one("SELECT * FROM youtube_sessions WHERE number = ?", number))

    async def complete_whole(self, session: Session, path: Path, upload: WholeUpload) -> Reply:
        """Make the video of a session whose bytes all came in the request that began it."""
        copy_part(path, self._path(session), upload)
        sql = "UPDATE youtube_sessions SET stored_bytes = total_bytes WHERE number = ?"
        self._sandbox.store.run(sql, session.number)
        return replace(await self._complete(session), status=200)

    async def receive(self, call: Call, upload_id: str) -> Reply:
        """Answer one request to the URL of a session: a chunk, a question how far it is, or its end."""
        session = self.find(upload_id)
        if session is None:
            return _refuse(404, "Not Found")
        lock = self._locks.setdefault(session.number, asyncio.Lock())
        async with lock:
            reply = await self._receive(call, self.find(upload_id) or session)
        left = self.find(upload_id)
        if left is None or left.state != "open":
            self._locks.pop(session.number, None)
        return reply

    async def _receive(self, call: Call, session: Session) -> Reply:
        now, store = self._sandbox.clock.now(), self._sandbox.store
        if session.state == "canceled" or now >= session.created_at + LIFETIME:
            self._path(session).unlink(missing_ok=True)
            return _refuse(404, "Not Found")
        if call.request.method == "DELETE":
            store.run("UPDATE youtube_sessions SET state = 'canceled' WHERE number = ?", session.number)
            self._path(session).unlink(missing_ok=True)
            return Reply(status=CANCELED)
        if call.request.method not in {"PUT", "POST"}:
            return _refuse(405, "Method Not Allowed")
        if session.answer is not None:
            return json_reply(json.loads(session.answer))
        try:
            chunk = read_chunk(call.request, session)
        except BadChunk as bad:
            return _refuse(400, str(bad))
        if chunk is not None:
            session = await self._store(call, session, chunk)
        if session.total_bytes is not None and session.stored_bytes == session.total_bytes:
            # Also where an earlier request stored the last byte, and the process ended before the video was made.
            return await self._complete(session)
        return incomplete(session.stored_bytes)

    async def _store(self, call: Call, session: Session, chunk: Chunk) -> Session:
        """Write a chunk at its place and return the session as it is then.

        What was received in part is kept up to the last whole block, as is a chunk that is no multiple of a block.
        """
        end = await self._write(call.request, session, chunk)
        if not (chunk.is_last and end == chunk.end):
            end = end // BLOCK_BYTES * BLOCK_BYTES
        fault, store = call.job_fault, self._sandbox.store
        with store.transaction():
            store.run(
                "UPDATE youtube_sessions SET stored_bytes = ?, total_bytes = ? WHERE number = ?",
                max(end, session.stored_bytes),
                chunk.total if session.total_bytes is None else session.total_bytes,
                session.number,
            )
            if fault is not None and fault.kind == "stuck_processing":
                store.run("UPDATE youtube_sessions SET fault_id = ? WHERE number = ?", fault.id, session.number)
            elif fault is not None:
                sql = "UPDATE youtube_sessions SET failure = ? WHERE number = ?"
                store.run(sql, reason_of(fault.value), session.number)
        return self.find(session.upload_id) or session

    async def _write(self, request: Request, session: Session, chunk: Chunk) -> int:
        """Write what is new in a chunk; return where the bytes that were received end."""
        kept = self._projects.kept_bytes
        max_position = chunk.end if kept is None else min(chunk.end, session.stored_bytes + kept)
        path, position = self._path(session), chunk.first
        with path.open("r+b" if path.exists() else "wb") as file:
            file.seek(session.stored_bytes)
            try:
                async for part in request.stream():
                    known = max(0, session.stored_bytes - position)
                    file.write(part[known : max(known, max_position - position)])
                    position += len(part)
            except ClientDisconnect:
                pass  # the caller resumes at what is stored
        return min(position, max_position)

    async def _complete(self, session: Session) -> Reply:
        """Make the video of a session that has all its bytes."""
        path, total = self._path(session), session.total_bytes or 0
        asset = await self._probe(path) if total else None
        account = self._sandbox.accounts.by_id(session.account_id)
        current = self.find(session.upload_id)
        if account is None or current is None:  # a reset came in between
            return _refuse(404, "Not Found")
        with self._sandbox.store.transaction():
            video = self._videos.create(
                account,
                params=session.params,
                resource=session.resource,
                asset=asset,
                size_bytes=total,
                failure=current.failure,
                fault_id=current.fault_id,
            )
            response = self._resources.video(video, account, str(session.params["part"]).split(","))
            self._sandbox.store.run(
                "UPDATE youtube_sessions SET state = 'complete', answer = ? WHERE number = ?",
                json.dumps(response),
                session.number,
            )
        path.unlink(missing_ok=True)
        return json_reply(response, 201)

    async def _probe(self, path: Path) -> Asset | None:
        try:
            return await self._sandbox.media_store.keep(path)
        except (NotMedia, FileNotFoundError):
            return None

    def _path(self, session: Session) -> Path:
        return self._sandbox.store.folder / f"youtube-{session.number}"


def read_chunk(request: Request, session: Session) -> Chunk | None:
    """Read what a request carries by its headers; None for a question how far the upload is. Raises BadChunk."""
    length = request.headers.get("content-length")
    size = int(length) if length is not None and length.isdecimal() else None
    text = request.headers.get("content-range")
    if text is None:  # the whole file in one request
        if size is None:
            raise BadChunk("Content-Length or Content-Range is required.")
        chunk = Chunk(first=0, end=size, total=size)
    else:
        match = RANGE.fullmatch(text.strip())
        if match is None:
            raise BadChunk("Failed to parse Content-Range header.")
        first, last, total = match.groups()
        known = None if total == "*" else int(total)
        if first is None:
            _check_total(known, session)
            return None
        chunk = Chunk(first=int(first), end=int(last) + 1, total=known)
    _check_total(chunk.total, session)
    _check_place(chunk, size, session)
    return chunk


def _check_total(total: int | None, session: Session) -> None:
    expected = session.total_bytes
    if total is not None and expected is not None and total != expected:
        raise BadChunk(
            f"Invalid request.  According to the Content-Range header, the final size of the upload is {total} byte(s)."
            f"  This does not match the expected size of {expected} byte(s), which was specified in an earlier request."
        )


def _check_place(chunk: Chunk, size: int | None, session: Session) -> None:
    length = chunk.end - chunk.first
    end = session.total_bytes if chunk.total is None else chunk.total
    if length < 0 or (end is not None and chunk.end > end):
        raise BadChunk("Failed to parse Content-Range header.")
    if size is not None and size != length:
        raise BadChunk(
            f"Invalid request.  There were {size} byte(s) in the request body.  There should have been {length} byte(s)"
            " (starting at offset 0 and ending at the end of the range in the Content-Range header)."
        )
    if chunk.first > session.stored_bytes:
        raise BadChunk(
            f"Invalid request.  According to the Content-Range header, the upload offset is {chunk.first} byte(s), which"
            f" exceeds already uploaded size of {session.stored_bytes} byte(s)."
        )
    if not chunk.is_last and length < BLOCK_BYTES:
        raise BadChunk(
            "Invalid request.  The number of bytes uploaded is required to be equal or greater than 262144, except for"
            " the final request (it's recommended to be the exact multiple of 262144).  The received request contained"
            f" {length} bytes, which does not meet this requirement."
        )
