"""Media work in processes of its own: what a hostile file crashes, fills or holds up is a child, never the server.

Not concurrent.futures: there one dead child breaks every job in flight, so that a file that kills its process would
take the blame-free jobs beside it along, and a child that hangs can't be ended by itself.
"""

import asyncio
import contextlib
import multiprocessing
import os
import pickle
import signal
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from multiprocessing.connection import Connection, wait
from pathlib import Path
from types import TracebackType
from typing import Final, ParamSpec, Self, TypeVar

from presswork.core.errors import MediaUnsupported, PressworkError, Unavailable
from presswork.media.convert_image import ImageSpec, convert_image_file
from presswork.media.convert_video import VideoSpec, convert_video
from presswork.media.model import Probe
from presswork.media.probe import probe

_P = ParamSpec("_P")
_T = TypeVar("_T")

_MEMORY_BYTES: Final = 4 * 1024**3
"""Address space of a child; a 110-megapixel picture takes about 1 GB, an 8K video about 2 GB."""

_MOST_FILE_BYTES: Final = 2 * 1024**3
"""Of a file that a child writes: ten minutes at the highest rate that a copy may have."""

_JOBS_PER_CHILD: Final = 200
"""A child is replaced after that many jobs, so that what leaks in a codec stays small."""

_ALARM_GRACE_SECONDS: Final = 5
_STARTUP: Final = timedelta(seconds=60)
_ATTEMPTS: Final = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class JobLimits:
    """How long one job may take before its process is killed."""

    probe: timedelta = timedelta(seconds=60)
    image: timedelta = timedelta(seconds=60)
    video: timedelta = timedelta(minutes=15)


class _ChildDied(Exception):
    """The child ended without an answer."""


class _TooSlow(Exception):
    """The child did not answer in time."""


class MediaPool:
    """Runs probes and conversions in up to `processes` child processes, which are started when they are needed.

    A child that dies or overruns is replaced. A file that kills its child twice is MediaUnsupported. Children end with
    their parent, however it ends. Use as an async context manager, or call `close`.
    """

    def __init__(self, processes: int, *, limits: JobLimits | None = None) -> None:
        """Take the number of processes and the time limits. Starts nothing yet."""
        self._limits = limits or JobLimits()
        self._idle: list[_Child] = [_Child() for _ in range(processes)]
        self._free = asyncio.Semaphore(processes)
        # One thread per child waits for its answer, since a pipe can't be awaited everywhere.
        self._threads = ThreadPoolExecutor(processes, thread_name_prefix="presswork-media")
        self._is_closed = False
        self._children = tuple(self._idle)

    async def __aenter__(self) -> Self:
        """Return the pool."""
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the pool."""
        await self.close()

    async def probe(self, path: Path) -> Probe:
        """Tell what a file is. Raises MediaUnsupported, and Unavailable while the pool closes."""
        return await self.run(self._limits.probe, probe, path)

    async def convert_image(self, source: Path, target: Path, spec: ImageSpec) -> Probe:
        """Write a copy of a picture that fits the spec and tell what the copy is. Raises as probe.

        `target` must not exist; no half copy stays there.
        """
        return await self._write(self._limits.image, convert_image_file, source, target, spec)

    async def convert_video(self, source: Path, target: Path, spec: VideoSpec) -> Probe:
        """Write an MP4 copy of a video that fits the spec and tell what the copy is. Raises as probe.

        `target` must not exist; no half copy stays there.
        """
        return await self._write(self._limits.video, convert_video, source, target, spec)

    async def run(self, limit: timedelta, job: Callable[_P, _T], *args: _P.args, **kwargs: _P.kwargs) -> _T:
        """Run a function of a module in a child; it, its arguments and its result are pickled, so hand paths.

        Raises what the job raises of PressworkError and OSError, and MediaUnsupported when it takes longer than
        `limit` or kills two children. A canceled call kills its child.
        """
        message = pickle.dumps((job, args, kwargs, limit.total_seconds()))
        for _ in range(_ATTEMPTS):
            try:
                is_done, value = pickle.loads(await self._exchange(message, limit))  # noqa: S301 - from our own child
            except _ChildDied:
                continue
            except _TooSlow as error:
                raise MediaUnsupported(
                    "The file takes too long to read or convert. Send a shorter or simpler one."
                ) from error
            if is_done:
                return value  # type: ignore[no-any-return]  # the job's own result, back through pickle
            raise value
        self._check_open()
        raise MediaUnsupported(
            "The file makes the program that reads it break down, so it is damaged or hostile. Export it again."
        )

    async def close(self) -> None:
        """Kill the children and wait until they are gone; jobs in flight raise Unavailable."""
        self._is_closed = True
        for child in self._children:
            child.end()
        await asyncio.to_thread(self._threads.shutdown)
        for child in self._children:
            await asyncio.to_thread(child.reap)

    async def _exchange(self, message: bytes, limit: timedelta) -> bytes:
        """Send a job to an idle child and return its answer. Raises _ChildDied or _TooSlow."""
        await self._free.acquire()
        if self._is_closed:
            self._free.release()
            self._check_open()
        child = self._idle.pop()
        job = _Job(message, limit)
        work = asyncio.get_running_loop().run_in_executor(self._threads, child.exchange, job)
        work.add_done_callback(partial(self._give_back, child))
        try:
            return await asyncio.shield(work)
        except asyncio.CancelledError:
            child.cancel(job)
            await asyncio.wait({work})
            raise

    def _give_back(self, child: "_Child", work: "asyncio.Future[bytes]") -> None:
        """Make a child idle again, once its thread is through, whatever became of the job and of who waited for it."""
        if not work.cancelled():
            work.exception()  # looked at, so that asyncio does not complain that nobody did
        self._idle.append(child)
        self._free.release()

    def _check_open(self) -> None:
        if self._is_closed:
            raise Unavailable("The server is stopping; try again in a moment.")

    async def _write(
        self,
        limit: timedelta,
        job: Callable[[Path, Path, "_Spec"], Probe],
        source: Path,
        target: Path,
        spec: "_Spec",
    ) -> Probe:
        is_done = False
        try:
            result = await self.run(limit, job, source, target, spec)
            is_done = True
        finally:
            if not is_done:
                _discard(target)
        return result


_Spec = TypeVar("_Spec", ImageSpec, VideoSpec)


class _Job:
    """One exchange with a child; `is_canceled` is read and set under the child's lock."""

    __slots__ = ("is_canceled", "limit", "message")

    def __init__(self, message: bytes, limit: timedelta) -> None:
        self.message = message
        self.limit = limit
        self.is_canceled = False


class _Child:
    """One process and the pipe to it. Used by one thread at a time; only `cancel` and `end` come from others."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: multiprocessing.process.BaseProcess | None = None
        self._pipe: Connection | None = None
        self._jobs = 0
        self._is_over = False

    def exchange(self, job: _Job) -> bytes:
        """Send a job and return its answer. Raises _ChildDied or _TooSlow; the next job gets a new process then."""
        if self._jobs >= _JOBS_PER_CHILD:
            self.reap()
        self._jobs += 1
        is_answered = False
        try:
            pipe = self._started(job)
            pipe.send_bytes(job.message)
            answer = _received(pipe, job.limit)
            is_answered = True
        except (EOFError, OSError) as error:
            raise _ChildDied from error
        finally:
            if not is_answered:
                self.reap()
        return answer

    def cancel(self, job: _Job) -> None:
        """End the process if it works on this job, and never start one for it; its thread sees _ChildDied."""
        with self._lock:
            job.is_canceled = True
            self._kill()

    def end(self) -> None:
        """End the process for good; a job in flight raises _ChildDied."""
        with self._lock:
            self._is_over = True
            self._kill()

    def reap(self) -> None:
        """End the process and free what belongs to it; the next job starts another."""
        with self._lock:
            process, pipe, self._process, self._pipe = self._process, self._pipe, None, None
        self._jobs = 0
        if pipe is not None:
            pipe.close()
        if process is not None:
            process.kill()
            process.join()
            process.close()

    def _kill(self) -> None:
        if self._process is not None:
            self._process.kill()

    def _started(self, job: _Job) -> Connection:
        with self._lock:
            if job.is_canceled or self._is_over:
                raise _ChildDied
            if self._pipe is not None:
                return self._pipe
            # A fork would copy locks that another thread holds; a fresh interpreter has none.
            context = multiprocessing.get_context("spawn")
            ours, theirs = context.Pipe()
            process = context.Process(target=_serve, args=(theirs,), name="presswork-media", daemon=True)
            try:
                process.start()
            except OSError as error:
                ours.close()
                raise Unavailable("The server can't start a process for media now; try again in a moment.") from error
            finally:
                theirs.close()
            self._process, self._pipe = process, ours
        _received(ours, _STARTUP)
        return ours


def _received(pipe: Connection, limit: timedelta) -> bytes:
    if not pipe.poll(limit.total_seconds()):
        raise _TooSlow
    return pipe.recv_bytes()


def _serve(pipe: Connection) -> None:
    """Be a child: take jobs until the parent closes the pipe or is gone."""
    # Ctrl-C reaches the whole group; the parent decides when its children end.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _end_with_parent()
    _limit_resources()
    pipe.send_bytes(b"ready")
    while True:
        try:
            job, args, kwargs, seconds = pickle.loads(pipe.recv_bytes())  # noqa: S301 - from our own parent
        except (EOFError, OSError):
            return
        _arm(seconds + _ALARM_GRACE_SECONDS)
        try:
            answer: tuple[bool, object] = (True, job(*args, **kwargs))
        except PressworkError as error:
            answer = (False, error)
        except OSError as error:  # a plain one: libav's own kind does not survive pickling
            answer = (False, OSError(error.errno, error.strerror))
        except MemoryError:
            answer = (False, MediaUnsupported("The file takes too much memory to read. Send a smaller one."))
        _arm(0)
        pipe.send_bytes(pickle.dumps(answer))


def _arm(seconds: float) -> None:
    """Have the kernel kill this process then, even if it is stuck in a codec and its parent is gone; 0 disarms."""
    if sys.platform != "win32":
        signal.setitimer(signal.ITIMER_REAL, seconds)


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is None:
        return

    def watch() -> None:
        wait([parent.sentinel])
        os._exit(0)

    threading.Thread(target=watch, daemon=True, name="parent-watch").start()


def _limit_resources() -> None:
    if sys.platform == "linux":
        import resource  # noqa: PLC0415 - not there on Windows

        resource.setrlimit(resource.RLIMIT_AS, (_MEMORY_BYTES, _MEMORY_BYTES))
        resource.setrlimit(resource.RLIMIT_FSIZE, (_MOST_FILE_BYTES, _MOST_FILE_BYTES))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        # Where the machine has less memory than the limits allow, this child is what the kernel shall end, not the
        # server beside it. Some containers don't let us say so.
        with contextlib.suppress(OSError):
            Path("/proc/self/oom_score_adj").write_text("1000", encoding="ascii")


def _discard(file: Path) -> None:
    file.unlink(missing_ok=True)
