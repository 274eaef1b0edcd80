"""The lock of a data folder: held by its `presswork up`, released by the kernel, with a file that has the URL."""

import contextlib
import fcntl
import json
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Final

from presswork.core.errors import Conflict, Unavailable
from presswork.core.file_owners import adopt

_LOCK: Final = "up.lock"
_URL_FILE: Final = "up.json"
_LOCK_TIMEOUT: Final = timedelta(milliseconds=300)
_PAUSE: Final = timedelta(milliseconds=15)


class AlreadyUp(Conflict):
    """Another `presswork up` runs on the data folder."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """A `presswork up` that runs; `url` is None until it listens."""

    pid: int
    url: str | None


@dataclass(frozen=True, slots=True)
class Claim:
    """The lock of this process on a data folder, from `claimed`."""

    url_file: Path

    def announce(self, url: str) -> None:
        """Write the URL for other commands, atomically."""
        draft = self.url_file.with_name(f".{_URL_FILE}.{os.getpid()}")
        draft.write_text(json.dumps({"pid": os.getpid(), "url": url}) + "\n", encoding="utf-8")
        draft.replace(self.url_file)

    def withdraw(self) -> None:
        """Delete the URL file."""
        self.url_file.unlink(missing_ok=True)


@contextlib.contextmanager
def claimed(data_dir: Path) -> Iterator[Claim]:
    """Lock the data folder for the length of a block. Raises AlreadyUp, or Unavailable if it is not writable."""
    try:
        data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = os.open(data_dir / _LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        with contextlib.suppress(PermissionError):
            adopt(lock, data_dir)  # `restore` may run as root, and the service later as another user
    except OSError as error:
        raise Unavailable(
            f"The data folder {data_dir} can't be used: {error.strerror}. Choose another with --data-dir."
        ) from error
    try:
        if not _acquire(lock):
            raise _describe_running(data_dir)
        claim = Claim(data_dir / _URL_FILE)
        claim.withdraw()  # a killed process leaves its file behind
        os.ftruncate(lock, 0)
        os.pwrite(lock, f"{os.getpid()}\n".encode(), 0)
        try:
            yield claim
        finally:
            claim.withdraw()
    finally:
        os.close(lock)


def _acquire(lock: int) -> bool:
    """Acquire the lock. `find_running` of another command may hold it for an instant, so retry for a moment."""
    end = time.monotonic() + _LOCK_TIMEOUT.total_seconds()
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > end:
                return False
            time.sleep(_PAUSE.total_seconds())
        else:
            return True


def find_running(data_dir: Path) -> Running | None:
    """Return the `presswork up` that holds the lock, or None."""
    try:
        lock = os.open(data_dir / _LOCK, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        text = os.pread(lock, 32, 0).decode("ascii", "replace").strip()
        return Running(pid=int(text) if text.isdigit() else 0, url=_read_url(data_dir))
    finally:
        os.close(lock)
    return None


def _read_url(data_dir: Path) -> str | None:
    try:
        note = json.loads((data_dir / _URL_FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    url = note.get("url") if isinstance(note, dict) else None
    return url if isinstance(url, str) else None


def _describe_running(data_dir: Path) -> AlreadyUp:
    running = find_running(data_dir)
    pid = running.pid if running else 0
    url = running.url if running else None
    place = f"at {url}" if url else "and is starting"
    return AlreadyUp(
        f"Presswork is already up on {data_dir}: process {pid} {place}. Use that one, stop it, "
        "or choose another folder with --data-dir.",
        pid=pid,
        url=url,
    )
