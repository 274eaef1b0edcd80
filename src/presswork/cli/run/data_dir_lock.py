"""Who runs `presswork up` on a data folder: a lock that the kernel lets go, and a note of the address for others."""

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

_LOCK: Final = "up.lock"
_NOTE: Final = "up.json"
_LOOKING: Final = timedelta(milliseconds=300)
_PAUSE: Final = timedelta(milliseconds=15)


class AlreadyUp(Conflict):
    """Another `presswork up` runs on the data folder."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """A `presswork up` that runs; `url` is None until it listens."""

    pid: int
    url: str | None


class Claim:
    """This process's hold on a data folder."""

    def __init__(self, data_dir: Path) -> None:
        """Keep the folder; `claimed` makes claims."""
        self._note: Final = data_dir / _NOTE

    def announce(self, url: str) -> None:
        """Tell other commands where this one listens; the note appears whole."""
        draft = self._note.with_name(f".{_NOTE}.{os.getpid()}")
        draft.write_text(json.dumps({"pid": os.getpid(), "url": url}) + "\n", encoding="utf-8")
        draft.replace(self._note)

    def withdraw(self) -> None:
        """Remove the note."""
        self._note.unlink(missing_ok=True)


@contextlib.contextmanager
def claimed(data_dir: Path) -> Iterator[Claim]:
    """Hold the data folder for the length of a block. Raises AlreadyUp, or Unavailable if it can't be written."""
    try:
        data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = os.open(data_dir / _LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise Unavailable(
            f"The data folder {data_dir} can't be used: {error.strerror}. Choose another with --data-dir."
        ) from error
    try:
        if not _take(lock):
            raise _already_up(data_dir)
        claim = Claim(data_dir)
        claim.withdraw()  # one that was killed leaves its note behind
        os.ftruncate(lock, 0)
        os.pwrite(lock, f"{os.getpid()}\n".encode(), 0)
        try:
            yield claim
        finally:
            claim.withdraw()
    finally:
        os.close(lock)


def _take(lock: int) -> bool:
    """Take the lock. A command that only looks (`find_running`) may have it for an instant, so try for a moment."""
    end = time.monotonic() + _LOOKING.total_seconds()
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
    """Return the `presswork up` that holds the data folder, or None. Changes nothing."""
    try:
        lock = os.open(data_dir / _LOCK, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        text = os.pread(lock, 32, 0).decode("ascii", "replace").strip()
        return Running(pid=int(text) if text.isdigit() else 0, url=_noted_url(data_dir))
    finally:
        os.close(lock)
    return None


def _noted_url(data_dir: Path) -> str | None:
    try:
        note = json.loads((data_dir / _NOTE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    url = note.get("url") if isinstance(note, dict) else None
    return url if isinstance(url, str) else None


def _already_up(data_dir: Path) -> AlreadyUp:
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
