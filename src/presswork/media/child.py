"""The program of a child process that reads hostile files: it takes jobs from standard input until that ends.

A message is a length (four bytes, big-endian) and that many bytes of JSON, in both directions; while a job reads a file of the
store, it asks for ranges and the parent answers with bytes. Replies are data and nothing else: an attacker who takes over this process with a hostile file can send wrong data to its parent, but run no code there.
"""

import contextlib
import errno
import io
import json
import os
import queue
import signal
import struct
import sys
import threading
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import BinaryIO, Final, Literal, cast

from presswork.core.errors import MediaUnsupported
from presswork.media.model import Probe
from presswork.media.probe import Source, probe
from presswork.media.specs import ImageSpec, VideoSpec

Job = Callable[..., object]
"""Takes the arguments of a message by name and returns what JSON can express."""

MAX_COPY_BYTES: Final = 2 * 1024**3
"""The largest copy of a smaller file: ten minutes at the highest bit rate that a copy may have."""
MAX_FILE_BYTES: Final = 12 * 1024**3
"""The largest file that a child may write: the copy of the largest video, with a margin."""
MAX_READ_BYTES: Final = 1024 * 1024
"""Of one range that a job reads from the store."""

_MEMORY_BYTES: Final = 4 * 1024**3
"""Address space of a child; a 110-megapixel picture needs about 1 GB, an 8K video about 2 GB."""

_OPEN_FILES: Final = 256
_ALARM_GRACE_SECONDS: Final = 5
_LENGTH: Final = struct.Struct(">I")


# The jobs import what they need: a child starts for most of the first uploads, and codecs take three quarters of that.


def probe_file(source: object, max_video_bytes: int) -> object:
    """Probe a file."""
    return _as_json(probe(_source(source), max_video_bytes=max_video_bytes, sha256=_known_hash(source)))


def image_copy(source: str, target: str, spec: object) -> object:
    """Convert a picture and return the probe of the copy."""
    from pydantic import TypeAdapter  # noqa: PLC0415  as above

    from presswork.media.convert_image import convert_image_file  # noqa: PLC0415  as above

    return _as_json(convert_image_file(Path(source), Path(target), TypeAdapter(ImageSpec).validate_python(spec)))


def video_copy(source: object, target: str, spec: object) -> object:
    """Convert a video and return the probe of the copy."""
    from pydantic import TypeAdapter  # noqa: PLC0415  as above

    from presswork.media.convert_video import convert_video  # noqa: PLC0415  as above

    video = TypeAdapter(VideoSpec).validate_python(spec)
    return _as_json(convert_video(_source(source), Path(target), video, sha256=_known_hash(source)))


def still_file(source: object, target: str, at_ms: int) -> None:
    """Write one frame of a video."""
    from presswork.media.preview_pictures import write_still  # noqa: PLC0415  as above

    write_still(_source(source), Path(target), at_ms)


def picture_pages(sources: list[str], target: str) -> object:
    """Write a PDF of pictures and return its probe."""
    from presswork.media.pdf import write_picture_pages  # noqa: PLC0415  as above

    write_picture_pages([Path(source) for source in sources], Path(target))
    return _as_json(probe(Path(target)))


def preview_files(source: object, thumbnail: str, poster: str | None) -> None:
    """Write the previews of a file."""
    from presswork.media.preview_pictures import write_previews  # noqa: PLC0415  as above

    write_previews(_source(source), Path(thumbnail), None if poster is None else Path(poster))


class StoredSource:
    """A file in the store of the parent, which sends ranges of it."""

    def __init__(self, channel: "_Channel", size_bytes: int, sha256: str) -> None:
        self._channel = channel
        self._size_bytes = size_bytes
        self.sha256 = sha256

    def open(self, _mode: Literal["rb"], /) -> BinaryIO:
        """Open it for reading."""
        raw = _StoredReader(self._channel, self._size_bytes)
        return cast("BinaryIO", io.BufferedReader(raw, MAX_READ_BYTES))


class _StoredReader(io.RawIOBase):
    """Reads a file of the store by ranges."""

    def __init__(self, channel: "_Channel", size_bytes: int) -> None:
        self._channel = channel
        self._size_bytes = size_bytes
        self._position = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        start = {os.SEEK_SET: 0, os.SEEK_CUR: self._position, os.SEEK_END: self._size_bytes}[whence]
        if start + offset < 0:
            raise OSError(errno.EINVAL, os.strerror(errno.EINVAL))
        self._position = start + offset
        return self._position

    def readinto(self, buffer: "memoryview[int]", /) -> int:  # type: ignore[override]  # the stub names a private protocol
        length = min(len(buffer), MAX_READ_BYTES, self._size_bytes - self._position)
        if length <= 0:
            return 0
        data = self._channel.read(self._position, length)
        buffer[: len(data)] = data
        self._position += len(data)
        return len(data)


class _Channel:
    """The pipes to the parent: jobs come in, replies go out, and a job may ask for bytes of its file."""

    def __init__(self, replies: BinaryIO, requests: "queue.SimpleQueue[bytes]") -> None:
        self._replies = replies
        self._requests = requests

    def receive(self) -> bytes:
        """Wait for the parent's next message."""
        return self._requests.get()

    def send(self, message: object) -> None:
        """Send a message to the parent."""
        send(self._replies, message)

    def read(self, start: int, length: int) -> bytes:
        """Return bytes of the job's file."""
        self.send({"read": [start, length]})
        return self.receive()


def _source(value: object) -> Source:
    """Return the source that an argument names: a path, or a file of the store."""
    return value if isinstance(value, StoredSource) else Path(str(value))


def _known_hash(value: object) -> str | None:
    return value.sha256 if isinstance(value, StoredSource) else None


def _as_json(found: Probe) -> Mapping[str, object]:
    """Return a probe as the pool reads it: a duration in seconds."""
    duration = found.duration
    return asdict(found) | {"duration": None if duration is None else duration.total_seconds()}


JOBS: Final[Mapping[str, Job]] = {
    "probe": probe_file,
    "convert_image": image_copy,
    "convert_video": video_copy,
    "picture_pages": picture_pages,
    "previews": preview_files,
    "still": still_file,
}


def serve(jobs: Mapping[str, Job]) -> None:
    """Run jobs until the parent closes the pipe or is gone."""
    # Ctrl-C reaches the whole process group; the parent decides when its children end.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    requests: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    channel = _Channel(_reply_pipe(), requests)
    threading.Thread(target=_read_requests, args=(sys.stdin.buffer, requests), daemon=True).start()
    _limit_resources()
    channel.send({"ready": True})
    while True:
        request = json.loads(channel.receive())
        _limit_job(request)
        reply = _reply(jobs, request, channel)
        _arm(0)
        channel.send(reply)


def send(pipe: BinaryIO, message: object) -> None:
    """Write one message."""
    data = json.dumps(message).encode()
    pipe.write(_LENGTH.pack(len(data)) + data)
    pipe.flush()


def _reply(jobs: Mapping[str, Job], request: Mapping[str, object], channel: _Channel) -> Mapping[str, object]:
    arguments = request["arguments"]
    if not isinstance(arguments, dict):
        raise TypeError("the arguments of a job are a JSON object")
    if isinstance(source := arguments.get("source"), dict):
        arguments = {**arguments, "source": StoredSource(channel, int(source["size_bytes"]), str(source["sha256"]))}
    try:
        return {"result": jobs[str(request["job"])](**arguments)}
    except MediaUnsupported as error:
        return {"refusal": error.message, "details": error.details}
    except OSError as error:
        return {"errno": error.errno or errno.EIO}
    except MemoryError:
        return {"refusal": "The file needs too much memory to read. Send a smaller one.", "details": {}}


def _reply_pipe() -> BinaryIO:
    """Return standard output for replies alone: what a codec prints goes to standard error."""
    pipe = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    return pipe


def _read_requests(pipe: BinaryIO, requests: "queue.SimpleQueue[bytes]") -> None:
    """Queue messages. The pipe ends with the parent, however that ends, and this process with the pipe."""
    with contextlib.suppress(OSError, ValueError, struct.error):  # the last two: the parent died within a message
        while header := pipe.read(_LENGTH.size):
            requests.put(pipe.read(*_LENGTH.unpack(header)))
    os._exit(0)


def _limit_job(request: Mapping[str, object]) -> None:
    seconds, max_bytes = request["seconds"], request["max_bytes"]
    if not isinstance(seconds, int | float) or not isinstance(max_bytes, int):
        raise TypeError("a job's limits are numbers")
    if sys.platform == "linux":
        import resource  # noqa: PLC0415 - not there on Windows

        resource.setrlimit(resource.RLIMIT_FSIZE, (max_bytes, MAX_FILE_BYTES))
    _arm(seconds + _ALARM_GRACE_SECONDS)


def _arm(seconds: float) -> None:
    """Have the kernel kill this process then, even if it is stuck in a codec and its parent is gone; 0 disarms."""
    if sys.platform != "win32":
        signal.setitimer(signal.ITIMER_REAL, seconds)


def _limit_resources() -> None:
    if sys.platform == "linux":
        import resource  # noqa: PLC0415 - not there on Windows

        resource.setrlimit(resource.RLIMIT_AS, (_MEMORY_BYTES, _MEMORY_BYTES))
        resource.setrlimit(resource.RLIMIT_FSIZE, (MAX_FILE_BYTES, MAX_FILE_BYTES))
        resource.setrlimit(resource.RLIMIT_NOFILE, (_OPEN_FILES, _OPEN_FILES))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        # Where the machine has less memory than the limits allow, the kernel should end this child and not the server
        # beside it. Some containers do not permit it.
        with contextlib.suppress(OSError):
            Path("/proc/self/oom_score_adj").write_text("1000", encoding="ascii")


if __name__ == "__main__":
    serve(JOBS)
