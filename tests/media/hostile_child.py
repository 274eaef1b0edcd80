"""A media child with hostile jobs beside the ordinary ones: what a file could make of its reader."""

import json
import os
import pickle
import resource
import struct
import sys
import time
from pathlib import Path

from presswork.core.errors import MediaUnsupported
from presswork.media import child

REPLIES = os.dup(sys.stdout.fileno())
"""The pipe to the parent, as code that took over the process would find it."""


def send_raw(data: bytes) -> None:
    """Write to the parent and exit before the proper reply is sent."""
    os.write(REPLIES, data)
    os._exit(0)


class Pickled:
    """An object that creates a folder when it is unpickled."""

    def __init__(self, folder: str) -> None:
        self.folder = folder

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.mkdir, (self.folder,)


def framed(data: bytes) -> bytes:
    """Return a message in the form that the parent expects."""
    return struct.pack(">I", len(data)) + data


def refuse(sentence: str, details: dict[str, object]) -> None:
    """Refuse with any message."""
    error = MediaUnsupported(sentence)
    error.details = details
    raise error


def read_range(start: object, length: object, source: object = None) -> None:
    """Ask the parent for any range of the file, and wait."""
    os.write(REPLIES, framed(json.dumps({"read": [start, length]}).encode()))
    time.sleep(60)


def sleep(seconds: float) -> None:
    """Hang."""
    time.sleep(seconds)


def truncate(path: str, size_bytes: int) -> None:
    """Create a file of that length."""
    os.truncate(path, size_bytes)


def environment(name: str) -> str | None:
    """Return an environment variable."""
    return os.environ.get(name)


if __name__ == "__main__":
    child.serve(
        {
            **child.JOBS,
            "getpid": os.getpid,
            "abort": os.abort,
            "sleep": sleep,
            "allocate": lambda size_bytes: len(bytes(size_bytes)),
            "memory_limit": lambda: resource.getrlimit(resource.RLIMIT_AS),
            "truncate": truncate,
            "read": lambda path: Path(path).read_text(encoding="utf-8"),
            "environment": environment,
            "send_pickle": lambda folder: send_raw(framed(pickle.dumps(Pickled(folder)))),
            "send_garbage": lambda: send_raw(framed(b"{")),
            "send_flood": lambda: send_raw(framed(b" " * (1024 * 1024))),
            "send_endless_length": lambda: send_raw(b"\xff" * 8),
            "send_list": lambda: send_raw(framed(b"[]")),
            "send_wrong_type": lambda: "not a number",
            "send_refusal": refuse,
            "read_range": read_range,
        }
    )
