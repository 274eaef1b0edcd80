"""Media work in child processes: a file that crashes, fills or stalls its reader harms a child, never the server.

Parent and child exchange JSON over pipes (`media/child.py`). The parent never unpickles: a child has read a hostile
file, so what it sends is checked like a request from outside.
"""

import asyncio
import errno
import json
import os
import struct
import sys
from collections.abc import Coroutine, Mapping, Sequence
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from types import TracebackType
from typing import Final, Self, TypeVar
from uuid import UUID

import structlog
from pydantic import JsonValue, TypeAdapter, ValidationError

from presswork.core.errors import MediaUnsupported, Unavailable
from presswork.media.child import MAX_COPY_BYTES as MAX_COPY_BYTES
from presswork.media.child import MAX_READ_BYTES
from presswork.media.fair_semaphore import FairSemaphore
from presswork.media.model import MAX_DOCUMENT_BYTES, MAX_VIDEO_BYTES, Probe
from presswork.media.specs import ImageSpec, StillSpec, VideoSpec
from presswork.media.store import StoredFile

log = structlog.get_logger()

_T = TypeVar("_T")

PROBE: Final[TypeAdapter[Probe]] = TypeAdapter(Probe)
IMAGE_SPEC: Final[TypeAdapter[ImageSpec]] = TypeAdapter(ImageSpec)
VIDEO_SPEC: Final[TypeAdapter[VideoSpec]] = TypeAdapter(VideoSpec)

_NOTHING: Final[TypeAdapter[None]] = TypeAdapter(None)

MAX_PREVIEW_BYTES: Final = 4 * 1024 * 1024
"""Of each file; a poster of pure noise has three."""

CHILD: Final = ("-m", "presswork.media.child")
"""What Python runs in a child."""

_ENVIRONMENT: Final = (
    "PATH",
    "PYTHONPATH",
    "PYTHONHOME",
    "LD_LIBRARY_PATH",
    "LANG",
    "LC_ALL",
    "TMPDIR",
    "TEMP",
    "TMP",
    "SYSTEMROOT",
)
"""All of the environment that a child gets: no secret key, no password of the database."""

_JOBS_PER_CHILD: Final = 200
"""A child is replaced after that many jobs, which bounds what leaks in a codec."""

IDLE_FOR: Final = timedelta(seconds=20)
"""A child without a job for this long is ended: it needs 15 MiB, and another one starts within a tenth of a second."""
_MAX_REPLY_BYTES: Final = 64 * 1024
_MAX_SENTENCE: Final = 1000
_MAX_DETAILS: Final = 16
_MAX_ERRNO: Final = 4095
_STARTUP: Final = timedelta(seconds=60)
_END_WITHIN: Final = timedelta(seconds=10)
_ATTEMPTS: Final = 2
_NOT_STARTED: Final = "The server can't start a process for media. Try again in a moment."
_READ_BYTES_PER_SECOND: Final = 32 * 1024 * 1024
_LENGTH: Final = struct.Struct(">I")
_REPLY: Final[TypeAdapter[dict[str, JsonValue]]] = TypeAdapter(dict[str, JsonValue])


@dataclass(frozen=True, slots=True, kw_only=True)
class JobLimits:
    """How long one job may take before its process is killed."""

    probe: timedelta = timedelta(seconds=60)
    image: timedelta = timedelta(seconds=60)
    video: timedelta = timedelta(minutes=15)
    document: timedelta = timedelta(minutes=5)
    previews: timedelta = timedelta(seconds=20)

    def for_probe(self, source: "Path | StoredFile") -> timedelta:
        """Return the limit of a probe. A file of the store may have to be read as a whole, at the store's speed."""
        if isinstance(source, Path):
            return self.probe
        return self.probe + timedelta(seconds=source.size_bytes / _READ_BYTES_PER_SECOND)


class _ChildDied(Exception):
    """The child ended without a reply, or sent something that is none."""


class MediaPool:
    """Runs probes and conversions in up to `processes` child processes, which are started when they are needed.

    A child that has no job for `idle_for` is ended. While jobs wait for a child, their owners take turns. A child that dies or overruns is replaced. A file that kills
    its child twice is MediaUnsupported. Children end with their parent, however it ends. Use as an async context
    manager, or call `close`.
    """

    def __init__(
        self,
        processes: int,
        *,
        limits: JobLimits | None = None,
        max_video_bytes: int = MAX_VIDEO_BYTES,
        child: Sequence[str] = CHILD,
        idle_for: timedelta = IDLE_FOR,
    ) -> None:
        """`child` are the arguments with which Python starts a child. Starts nothing yet."""
        self._max_video_bytes: Final = max_video_bytes
        self._processes: Final = processes
        self._limits: Final = limits or JobLimits()
        self._command: Final = (sys.executable, "-P", *child)
        self._slots: Final = FairSemaphore(processes)
        self._idle: Final[list[_Child]] = []
        self._busy: Final[set[_Child]] = set()
        self._idle_for: Final = idle_for.total_seconds()
        self._background: Final[set[asyncio.Task[None]]] = set()
        """Children that are being started ahead or ended."""
        self._is_ahead: Final = asyncio.Event()
        """Not set while a child is being started ahead, for which a job waits."""
        self._is_ahead.set()
        self._retirement: asyncio.TimerHandle | None = None
        self._is_closed = False

    async def __aenter__(self) -> Self:
        """Return the pool."""
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the pool."""
        await self.close()

    async def probe(self, source: Path | StoredFile, *, owner: UUID | None = None) -> Probe:
        """Return what a file is. Raises MediaUnsupported, and Unavailable while the pool closes.

        `owner` is the organization that sent the file. Of a file of the store, only what is needed is read; that may raise
        what its reads raise.
        """
        limit, arguments = self._limits.for_probe(source), {"max_video_bytes": self._max_video_bytes}
        return await self.run("probe", arguments, source=source, limit=limit, result=PROBE, owner=owner)

    async def convert_image(
        self, source: Path, target: Path, spec: ImageSpec, *, max_bytes: int = MAX_COPY_BYTES
    ) -> Probe:
        """Write a copy of a picture that fits the spec and return what the copy is. Raises as probe.

        `target` must not exist; no partial copy stays there.
        """
        arguments = IMAGE_SPEC.dump_python(spec, mode="json")
        return await self._convert("convert_image", source, target, arguments, self._limits.image, max_bytes)

    async def convert_video(
        self, source: Path | StoredFile, target: Path, spec: VideoSpec, *, max_bytes: int = MAX_COPY_BYTES
    ) -> Probe:
        """Write an MP4 copy of a video that fits the spec and return what the copy is. Raises as probe.

        `target` must not exist; no partial copy stays there.
        """
        arguments = VIDEO_SPEC.dump_python(spec, mode="json")
        return await self._convert("convert_video", source, target, arguments, self._limits.video, max_bytes)

    async def write_picture_pages(self, sources: Sequence[Path], target: Path) -> Probe:
        """Write a PDF with a page for each picture and return what it is. Raises as probe.

        `target` must not exist; no partial document stays there.
        """
        arguments: dict[str, JsonValue] = {
            "sources": [os.fspath(source) for source in sources],
            "target": os.fspath(target),
        }
        return await self._write("picture_pages", target, arguments, self._limits.document, MAX_DOCUMENT_BYTES)

    async def write_previews(
        self, source: Path | StoredFile, thumbnail: Path, poster: Path | None, *, owner: UUID | None = None
    ) -> None:
        """Write a thumbnail, and with `poster` that of a video or a document, as JPEG. Raises as probe, and OSError."""
        arguments: dict[str, JsonValue] = {
            "thumbnail": os.fspath(thumbnail),
            "poster": None if poster is None else os.fspath(poster),
        }
        limit, max_bytes = self._limits.previews, MAX_PREVIEW_BYTES
        await self.run(
            "previews", arguments, source=source, limit=limit, result=_NOTHING, max_bytes=max_bytes, owner=owner
        )

    async def write_still(self, source: Path | StoredFile, target: Path, spec: StillSpec) -> None:
        """Write one frame of a video as JPEG. Raises as probe, and OSError."""
        arguments: dict[str, JsonValue] = {"target": os.fspath(target), "at_ms": spec.at_ms}
        limit, max_bytes = self._limits.previews, MAX_PREVIEW_BYTES
        await self.run("still", arguments, source=source, limit=limit, result=_NOTHING, max_bytes=max_bytes)

    async def run(
        self,
        job: str,
        arguments: Mapping[str, JsonValue],
        *,
        limit: timedelta,
        result: TypeAdapter[_T],
        source: Path | StoredFile | None = None,
        max_bytes: int = MAX_COPY_BYTES,
        owner: UUID | None = None,
    ) -> _T:
        """Run a job that the child knows by name, and return its result as the type that `result` validates.

        `source` is the file that it reads, its argument of this name.

        Owners take turns where jobs wait; the jobs without an owner count as those of one.
        Raises OSError by the number that the child reports, Unavailable where no child starts, and MediaUnsupported where the
        job refuses, takes longer than `limit`, writes more than `max_bytes` or kills two children. A canceled call kills its
        child.
        """
        file = source if isinstance(source, StoredFile) else None
        if source is not None:
            arguments = {**arguments, "source": _describe_source(source)}
        request = json.dumps(
            {"job": job, "arguments": arguments, "seconds": limit.total_seconds(), "max_bytes": max_bytes}
        )
        for attempt in range(_ATTEMPTS):
            try:
                reply = await self._exchange(request.encode(), limit, owner, file, is_first=attempt == 0)
                return _result_of(reply, result)
            except _ChildDied:
                continue
            except TimeoutError as error:
                raise MediaUnsupported(
                    "The file takes too long to read or convert. Send a shorter or simpler one."
                ) from error
        self._check_open()
        raise MediaUnsupported(
            "The file crashes the program that reads it, so it is damaged or hostile. Export it again."
        )

    def prepare(self) -> None:
        """Start a child in the background unless there is one, for a job that comes soon. Never waits and never fails."""
        if not (self._idle or self._busy or self._background or self._is_closed):
            self._run_in_background(self._start_ahead())

    async def _start_ahead(self) -> None:
        async with self._slots.held_by(None):
            self._is_ahead.clear()
            try:
                with suppress(Unavailable):  # the job itself reports it
                    self._check_open()
                    self._keep(await self._start())
            finally:
                self._is_ahead.set()

    def _keep(self, child: "_Child") -> None:
        """Keep a child for the next job, or until it has been idle for too long."""
        loop = asyncio.get_running_loop()
        child.idle_until = loop.time() + self._idle_for
        self._idle.append(child)
        if self._retirement is None:
            self._retirement = loop.call_at(child.idle_until, self._retire)

    def _retire(self) -> None:
        """End the children that have been idle for too long. The list is used from its end, so they are at its start."""
        loop = asyncio.get_running_loop()
        while self._idle and self._idle[0].idle_until <= loop.time():
            self._run_in_background(self._idle.pop(0).end())
        self._retirement = loop.call_at(self._idle[0].idle_until, self._retire) if self._idle else None

    def _run_in_background(self, work: Coroutine[object, object, None]) -> None:
        task = asyncio.create_task(work)
        self._background.add(task)
        task.add_done_callback(self._background.discard)

    async def close(self) -> None:
        """Kill the children and wait until they are gone; jobs in flight raise Unavailable."""
        self._is_closed = True
        if self._retirement is not None:
            self._retirement.cancel()
        for child in self._busy:
            child.kill()
        async with AsyncExitStack() as stack:
            for _ in range(self._processes):  # until every job has put its child away
                await stack.enter_async_context(self._slots.held_by(None))
            while self._idle:
                await self._idle.pop().end()
        await asyncio.gather(*self._background)

    async def _exchange(
        self, request: bytes, limit: timedelta, owner: UUID | None, file: StoredFile | None, *, is_first: bool
    ) -> Mapping[str, JsonValue]:
        """Have a child do a job, and return its reply. Raises _ChildDied, and TimeoutError after the limit."""
        async with self._slots.held_by(owner):
            if not self._idle:
                await self._is_ahead.wait()
            self._check_open()
            child = await self._child(is_new=not is_first)
            is_reusable = False
            self._busy.add(child)
            try:
                self._check_open()
                async with asyncio.timeout(limit.total_seconds()):
                    reply = await child.exchange(request, file)
                is_reusable = child.jobs < _JOBS_PER_CHILD
            finally:
                self._busy.discard(child)
                if is_reusable:
                    self._keep(child)
                else:
                    child.kill()
                    await asyncio.shield(child.end())
            return reply

    async def _child(self, *, is_new: bool) -> "_Child":
        """Return an idle child, or a new one. A repeated job gets a new one: an idle one may have been killed too."""
        while self._idle:
            child = self._idle.pop()
            if child.is_alive and not is_new:
                return child
            await asyncio.shield(child.end())
            if is_new:
                break
        return await self._start()

    async def _start(self) -> "_Child":
        """Start a child. Raises Unavailable where it is not ready in time: it has not seen the file yet."""
        try:
            process = await asyncio.create_subprocess_exec(
                *self._command,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                env={name: os.environ[name] for name in _ENVIRONMENT if name in os.environ},
                limit=_MAX_REPLY_BYTES,
            )
        except OSError as error:
            raise Unavailable(_NOT_STARTED) from error
        child = _Child(process)
        self._busy.add(child)  # so that `close` can kill it
        is_ready = False
        try:
            async with asyncio.timeout(_STARTUP.total_seconds()):
                await child.receive()
            is_ready = True
        except (_ChildDied, TimeoutError) as error:
            self._check_open()
            raise Unavailable(_NOT_STARTED) from error
        finally:
            self._busy.discard(child)
            if not is_ready:
                await asyncio.shield(child.end())
        return child

    def _check_open(self) -> None:
        if self._is_closed:
            raise Unavailable("The server is stopping. Try again in a moment.")

    async def _convert(
        self, job: str, source: Path | StoredFile, target: Path, spec: JsonValue, limit: timedelta, max_bytes: int
    ) -> Probe:
        arguments = {"target": os.fspath(target), "spec": spec}
        return await self._write(job, target, arguments, limit, max_bytes, source=source)

    async def _write(
        self,
        job: str,
        target: Path,
        arguments: Mapping[str, JsonValue],
        limit: timedelta,
        max_bytes: int,
        *,
        source: Path | StoredFile | None = None,
    ) -> Probe:
        is_done = False
        try:
            copy = await self.run(job, arguments, source=source, limit=limit, result=PROBE, max_bytes=max_bytes)
            is_done = True
        except OSError as error:
            if error.errno != errno.EFBIG:
                raise
            raise MediaUnsupported(
                f"The converted copy needs more than {max_bytes // 1024**2} MB. Send a shorter or simpler file.",
                limitBytes=max_bytes,
            ) from error
        finally:
            if not is_done:
                _discard(target)
        return copy


class _Child:
    """One process and the pipes to it. Does one job at a time."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        if process.stdin is None or process.stdout is None:
            raise RuntimeError("a child is started with both pipes")
        self._process: Final = process
        self._requests: Final = process.stdin
        self._replies: Final = process.stdout
        self.jobs = 0
        self.idle_until = 0.0
        """By the clock of the event loop."""

    @property
    def is_alive(self) -> bool:
        """Return whether the process is not known to have ended."""
        return self._process.returncode is None

    async def exchange(self, request: bytes, file: StoredFile | None = None) -> Mapping[str, JsonValue]:
        """Send a job and return its reply; meanwhile, send the ranges of `file` that it asks for.

        Raises _ChildDied, and what the reads of the file raise.
        """
        self.jobs += 1
        await self._send(request)
        while True:
            match await self.receive():
                case {"read": [int(start), int(length)]} if file is not None and _is_readable(file, start, length):
                    await self._send(await file.read(start, start + length))
                case {"read": _}:
                    raise _ChildDied
                case reply:
                    return reply

    async def _send(self, message: bytes) -> None:
        try:
            self._requests.write(_LENGTH.pack(len(message)))
            self._requests.write(message)
            await self._requests.drain()
        except OSError as error:
            raise _ChildDied from error

    async def receive(self) -> Mapping[str, JsonValue]:
        """Return one message. Raises _ChildDied where none comes, or what comes is none."""
        try:
            (size,) = _LENGTH.unpack(await self._replies.readexactly(_LENGTH.size))
            if size > _MAX_REPLY_BYTES:
                raise _ChildDied
            return _REPLY.validate_json(await self._replies.readexactly(size))
        except (asyncio.IncompleteReadError, OSError, ValidationError) as error:
            raise _ChildDied from error

    def kill(self) -> None:
        """Kill the process; a job in flight raises _ChildDied."""
        with suppress(ProcessLookupError):
            self._process.kill()

    async def end(self) -> None:
        """Kill the process and wait until it is gone."""
        self.kill()
        self._requests.close()
        try:
            async with asyncio.timeout(_END_WITHIN.total_seconds()):
                # asyncio reports the end of a process once its pipes are read to their end.
                while await self._replies.read(_MAX_REPLY_BYTES):
                    pass
                await self._process.wait()
        except TimeoutError:
            log.warning("a media child was killed, and its pipes are still open", pid=self._process.pid)


def _is_readable(file: StoredFile, start: int, length: int) -> bool:
    """Return whether a child may ask for this range at once."""
    return 0 <= start < start + length <= file.size_bytes and length <= MAX_READ_BYTES


def _describe_source(source: Path | StoredFile) -> JsonValue:
    """Return the argument by which a child finds the file."""
    if isinstance(source, Path):
        return os.fspath(source)
    return {"size_bytes": source.size_bytes, "sha256": source.sha256}


def _result_of(reply: Mapping[str, JsonValue], result: TypeAdapter[_T]) -> _T:
    """Return a reply's result, or raise what it reports. Raises _ChildDied where it is no proper reply."""
    match reply:
        case {"result": value}:
            try:
                return result.validate_python(value)
            except ValidationError as error:
                raise _ChildDied from error
        case {"refusal": str(sentence), "details": dict(details)} if len(details) <= _MAX_DETAILS:
            refusal = MediaUnsupported(_keep_printable(sentence))
            refusal.details = {_keep_printable(name): _plain_value(value) for name, value in details.items()}
            raise refusal
        case {"errno": int(number)} if 0 < number <= _MAX_ERRNO:
            raise OSError(number, os.strerror(number))
        case _:
            raise _ChildDied


def _plain_value(value: JsonValue) -> JsonValue:
    """Return a number or flag as it is, and anything else as printable text."""
    return value if isinstance(value, bool | int | float) else _keep_printable(str(value))


def _keep_printable(text: str) -> str:
    return "".join(letter for letter in text[:_MAX_SENTENCE] if letter.isprintable())


def _discard(file: Path) -> None:
    file.unlink(missing_ok=True)
