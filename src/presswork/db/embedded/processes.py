"""Find and end the processes of a server whose owner is gone."""

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
from presswork.db.embedded.folder import Folder, postmaster_lines, refusing

_POLL: Final = timedelta(milliseconds=4)
QUIT_TIMEOUT: Final = timedelta(seconds=7)
"""PostgreSQL kills what is left of it 5 s after SIGQUIT. Source: PostgreSQL 18, "Shutting Down the Server"."""
_ORPHAN_TIMEOUT: Final = timedelta(milliseconds=500)
KILL_TIMEOUT: Final = timedelta(seconds=2)
_MARK: Final = f"cluster_name={SETTINGS['cluster_name']}"
"""On the command line of every server that Presswork started."""


def until(condition: Callable[[], bool], *, within: timedelta | None = None) -> bool:
    """Poll a condition every 4 ms; return False on time-out. For conditions that have no event to wait for."""
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


def recorded_pid(folder: Folder) -> int | None:
    """Return the process id in postmaster.pid, whether or not the process exists."""
    lines = postmaster_lines(folder)
    return int(lines[0]) if lines else None


def _is_postgres_in(place: os.stat_result, process: Path) -> bool:
    """Return from /proc whether a process is a living PostgreSQL process with this working directory."""
    try:
        name, _, rest = (process / "stat").read_text(errors="replace").partition("(")[2].rpartition(")")
        if name != "postgres" or rest.split()[0] in "ZX":
            return False
        there = (process / "cwd").stat()
    except OSError:
        return False  # it just ended, or belongs to another user
    return (there.st_dev, there.st_ino) == (place.st_dev, place.st_ino)


def processes_of(folder: Folder) -> list[int]:
    """Return the server's processes: postmaster and backends have the cluster as their working directory.

    Without /proc only the postmaster is found, by postmaster.pid and its command line.
    """
    if sys.platform == "linux":
        try:
            place = folder.cluster.stat()
        except OSError:
            return []
        numbered = (entry for entry in Path("/proc").iterdir() if entry.name.isdigit())
        found = [int(entry.name) for entry in numbered if _is_postgres_in(place, entry)]
    else:
        pid = recorded_pid(folder)
        found = [pid] if pid is not None and str(folder.cluster) in _command_line(pid) else []
    return found


def end_all(folder: Folder, *, within: timedelta) -> bool:
    """Kill the processes of a server without a postmaster; return whether all are gone."""
    for pid in processes_of(folder):
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    return until(lambda: not processes_of(folder), within=within)


def end_earlier_server(folder: Folder) -> None:
    """End what is left of an earlier server and remove its stale postmaster.pid. Only the owner of the lock may call this.

    Because this process holds the lock, a server that Presswork started and that still runs has lost its owner. Raises
    DatabaseUnavailable if an administrator started the server.
    """
    left = processes_of(folder)
    recorded = recorded_pid(folder)
    if recorded is not None and recorded in left:
        line = _command_line(recorded)
        if line and _MARK not in line:
            raise DatabaseUnavailable(
                f"A PostgreSQL server that Presswork did not start runs on {folder.cluster} (process {recorded})."
                " Stop it first, with pg_ctl stop."
            )
        with suppress(ProcessLookupError):
            os.kill(recorded, signal.SIGQUIT)
    patience = QUIT_TIMEOUT if recorded in left else _ORPHAN_TIMEOUT
    is_clear = (
        not left or until(lambda: not processes_of(folder), within=patience) or end_all(folder, within=KILL_TIMEOUT)
    )
    if not is_clear:
        raise DatabaseUnavailable(
            f"An earlier server on {folder.cluster} does not end. Stop its processes: {processes_of(folder)}."
        )
    with refusing():
        folder.pid_file.unlink(missing_ok=True)  # another program may have this process id by now
