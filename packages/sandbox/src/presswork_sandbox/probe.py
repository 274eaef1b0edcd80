"""Probe media files: what a file is, whatever its name or header says. A child process reads it: `probe_child.py`.

A file that crashes, fills or stalls its reader harms a child, never the process that serves the sandbox. The child has
read a hostile file, so its reply is one bounded line of JSON that is checked like a request from outside.
"""

import asyncio
import base64
import binascii
import json
import math
import os
import re
import sys
from collections import OrderedDict
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from threading import Lock
from typing import Final, TypeGuard

from presswork_sandbox.media_info import MediaInfo, NotMedia, TooManyPixels

_IMPORT_FROM: Final = os.fspath(Path(__file__).parents[1])
# What Python runs in a child: this copy of the package, wherever it was imported from.
CHILD: Final = (
    "-c",
    f"import sys; sys.path.insert(0, {_IMPORT_FROM!r}); import presswork_sandbox.probe_child as child; child.main()",
)
PROCESSES: Final = 2
PROBE_SECONDS: Final = 30.0
END_SECONDS: Final = 10.0
REPLY_BYTES: Final = 1024 * 1024  # the poster, as base64, is nearly all of it
# All of the environment that a child gets: no secret of the process that serves the sandbox.
ENVIRONMENT: Final = ("PATH", "PYTHONPATH", "PYTHONHOME", "LD_LIBRARY_PATH", "LANG", "LC_ALL", "TMPDIR")
FORMAT: Final = re.compile(r"[A-Z0-9][A-Z0-9,_]{0,99}", re.ASCII)  # it names a file: no dot and no slash
CONTENT_TYPE: Final = re.compile(r"[a-z]+/[a-z0-9.,_+-]{1,100}", re.ASCII)
CODEC: Final = re.compile(r"[\w.-]{1,40}", re.ASCII)
MAX_SIDE: Final = 2**31
JPEG_START: Final = b"\xff\xd8\xff"
KNOWN_FILES: Final = 64  # whose probes a process remembers, with posters of at most some 100 KB


class KnownFiles:
    """The latest probes of a process, by digest. A reset of the state changes nothing about what a file is."""

    def __init__(self, max_files: int = KNOWN_FILES) -> None:
        self._max_files: Final = max_files
        self._probes: Final[OrderedDict[str, tuple[MediaInfo, bytes]]] = OrderedDict()
        self._lock: Final = Lock()  # each sandbox of the process has a thread of its own

    def find(self, sha256: str) -> tuple[MediaInfo, bytes] | None:
        """Return the probe of a file with that digest, in hex."""
        with self._lock:
            probe = self._probes.get(sha256)
            if probe is not None:
                self._probes.move_to_end(sha256)
            return probe

    def add(self, probe: tuple[MediaInfo, bytes]) -> None:
        """Remember a probe, and forget the one that was used longest ago if there are too many."""
        with self._lock:
            self._probes[probe[0].sha256] = probe
            while len(self._probes) > self._max_files:
                self._probes.popitem(last=False)


_known: Final = KnownFiles()


class Prober:
    """Probes files, each once in a new child process, and some of them at once. The others wait."""

    def __init__(
        self,
        processes: int = PROCESSES,
        *,
        seconds: float = PROBE_SECONDS,
        child: Sequence[str] = CHILD,
        known: KnownFiles = _known,
    ) -> None:
        """`seconds`: how long one probe may take; `child`: the arguments with which Python starts a child; `known`: earlier
        probes, by default those of this process.
        """
        self._known: Final = known
        self._free: Final = asyncio.Semaphore(processes)
        self._seconds: Final = seconds
        self._command: Final = (sys.executable, "-P", *child)

    async def probe(self, path: Path, sha256: str) -> tuple[MediaInfo, bytes]:
        """Return what a file is, and its poster, a small JPEG. `sha256` is the digest of the file, in hex.

        Raises NotMedia, also where the file crashes its reader or needs more time or memory than a child has, and
        OSError where no child can be started.
        """
        if (known := self._known.find(sha256)) is not None:
            return known
        async with self._free:
            if (known := self._known.find(sha256)) is not None:  # probed for another call while this one waited
                return known
            line = await self._reply(path)
        probe = _check_reply(line, path, sha256)
        self._known.add(probe)
        return probe

    async def _reply(self, path: Path) -> bytes:
        child = await asyncio.create_subprocess_exec(
            *self._command,
            os.fspath(path),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            env={name: os.environ[name] for name in ENVIRONMENT if name in os.environ},
            start_new_session=True,  # Ctrl-C reaches the server only, and its state says what is unfinished
            limit=REPLY_BYTES,
        )
        replies = child.stdout
        if replies is None:
            raise RuntimeError("a child is started with a pipe")
        try:
            async with asyncio.timeout(self._seconds):
                return await replies.readline()
        except TimeoutError as slow:
            raise NotMedia("the file takes too long to read") from slow
        except ValueError as much:  # more than the limit of a line
            raise NotMedia("the file breaks the program that reads it") from much
        finally:
            with suppress(ProcessLookupError):
                child.kill()
            await asyncio.shield(_wait_for_end(child, replies))


async def _wait_for_end(child: asyncio.subprocess.Process, replies: asyncio.StreamReader) -> None:
    """Wait, for a bounded time, until a killed child is gone: asyncio reports that once its pipe is read to the end."""
    with suppress(TimeoutError):
        async with asyncio.timeout(END_SECONDS):
            while await replies.read(REPLY_BYTES):
                pass
            await child.wait()


def _check_reply(line: bytes, path: Path, sha256: str) -> tuple[MediaInfo, bytes]:
    """Return what a child reports, or raise it. A child that was killed sends nothing, or half a line: NotMedia."""
    try:
        reply = json.loads(line)
    except (ValueError, RecursionError) as broken:
        raise NotMedia("the file breaks the program that reads it") from broken
    match reply:
        case {"tooManyPixels": str(kind)} if FORMAT.fullmatch(kind):
            raise TooManyPixels(kind)
        case {"notMedia": str(reason)}:
            raise NotMedia(reason[:200])
        case {
            "format": str(kind),
            "contentType": str(content_type),
            "width": int(width),
            "height": int(height),
            "seconds": seconds,
            "fps": fps,
            "codec": codec,
            "poster": str(poster),
        } if (
            FORMAT.fullmatch(kind)
            and CONTENT_TYPE.fullmatch(content_type)
            and 0 < width < MAX_SIDE
            and 0 < height < MAX_SIDE
            and _is_amount(seconds)
            and _is_amount(fps)
            and (codec is None or (isinstance(codec, str) and CODEC.fullmatch(codec)))
        ):
            facts = MediaInfo(
                sha256=sha256,
                format=kind,
                content_type=content_type,
                size_bytes=path.stat().st_size,
                width=width,
                height=height,
                duration_seconds=seconds,
                fps=fps,
                codec=codec,
            )
            return facts, _poster(poster)
        case _:
            raise NotMedia("the file breaks the program that reads it")


def _is_amount(value: object) -> TypeGuard[float | None]:
    return value is None or (isinstance(value, int | float) and math.isfinite(value))


def _poster(text: str) -> bytes:
    try:
        poster = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as broken:
        raise NotMedia("the file breaks the program that reads it") from broken
    if not poster.startswith(JPEG_START):
        raise NotMedia("the file breaks the program that reads it")
    return poster
