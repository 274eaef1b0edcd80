"""The processes of servers whose owner is gone: find them, wait for them, end them."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Final

from presswork.db.embedded.cluster import SETTINGS
from presswork.db.embedded.errors import DatabaseUnavailable
from presswork.db.embedded.folder import Folder, refusing

_POLL: Final = timedelta(milliseconds=4)
_PARTING: Final = timedelta(seconds=7)
"""PostgreSQL kills what is left of it 5 s after SIGQUIT. Source: PostgreSQL 18, "Shutting Down the Server"."""
_ORPHANED: Final = timedelta(milliseconds=500)
_KILLED: Final = timedelta(seconds=2)
_SIGN: Final = f"cluster_name={SETTINGS['cluster_name']}"
"""On the command line of every server that Presswork started."""


def until(condition: Callable[[], bool], *, within: timedelta | None = None) -> bool:
    """Wait for a condition that can't be waited on otherwise, looking every 4 ms; False if the time is over."""
    end = None if within is None else time.monotonic() + within.total_seconds()
    pause = threading.Event()
    while not condition():
        if end is not None and time.monotonic() > end:
            return False
        pause.wait(_POLL.total_seconds())
    return True


def _command_line(pid: int) -> str:
    """Return the command line of a process; empty if it is gone."""
    if sys.platform == "linux":
        try:
            return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            return ""
    else:
        ps = ["/bin/ps", "-ww", "-o", "command=", "-p", str(pid)]
        return subprocess.run(ps, capture_output=True, text=True, check=False).stdout  # noqa: S603 -- fixed program


def noted_pid(folder: Folder) -> int | None:
    """Return the process that the server noted in postmaster.pid, alive or not."""
    try:
        first = folder.pid_file.read_text(encoding="utf-8", errors="replace").partition("\n")[0].strip()
    except OSError:
        return None
    return int(first) if first.isdigit() else None


def _is_postgres_in(place: os.stat_result, process: Path) -> bool:
    """Tell from /proc whether a process is PostgreSQL's, lives, and works in the given directory."""
    try:
        name, _, rest = (process / "stat").read_text(errors="replace").partition("(")[2].rpartition(")")
        if name != "postgres" or rest.split()[0] in "ZX":
            return False
        there = (process / "cwd").stat()
    except OSError:
        return False  # it ended just now, or it is another user's
    return (there.st_dev, there.st_ino) == (place.st_dev, place.st_ino)


def processes_of(folder: Folder) -> list[int]:
    """Return the server's processes: the cluster is the working directory of the postmaster and of all its backends.

    On systems without /proc only the postmaster is found, by its own note and its command line.
    """
    if sys.platform == "linux":
        try:
            place = folder.cluster.stat()
        except OSError:
            return []
        numbered = (entry for entry in Path("/proc").iterdir() if entry.name.isdigit())
        found = [int(entry.name) for entry in numbered if _is_postgres_in(place, entry)]
    else:
        pid = noted_pid(folder)
        found = [pid] if pid is not None and str(folder.cluster) in _command_line(pid) else []
    return found


def end_all(folder: Folder, *, within: timedelta) -> bool:
    """Kill the processes of a server that has lost its postmaster; tell whether all are gone."""
    for pid in processes_of(folder):
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    return until(lambda: not processes_of(folder), within=within)


def clear_the_field(folder: Folder) -> None:
    """End what is left of an earlier server and remove its stale note. Only the owner of the lock may call this.

    As the lock is ours, a server of ours that is still here has lost its owner. One that an administrator started by
    hand is left alone: raises DatabaseUnavailable.
    """
    left = processes_of(folder)
    noted = noted_pid(folder)
    if noted is not None and noted in left:
        line = _command_line(noted)
        if line and _SIGN not in line:
            raise DatabaseUnavailable(
                f"A PostgreSQL server that Presswork did not start runs on {folder.cluster} (process {noted})."
                " Stop it first, with pg_ctl stop."
            )
        with suppress(ProcessLookupError):
            os.kill(noted, signal.SIGQUIT)
    patience = _PARTING if noted in left else _ORPHANED
    is_clear = not left or until(lambda: not processes_of(folder), within=patience) or end_all(folder, within=_KILLED)
    if not is_clear:
        raise DatabaseUnavailable(f"An earlier server on {folder.cluster} does not end.")
    with refusing():
        folder.pid_file.unlink(missing_ok=True)  # the number in it may be another program's by now
