"""One run of the server: start it, wait for its end, stop it, and limit its log."""

import os
import select
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress
from datetime import timedelta
from typing import Final, Literal

from presswork.db.embedded.account import Account, child_command, child_environment, plan_for
from presswork.db.embedded.binaries import Binaries
from presswork.db.embedded.cluster import server_argv
from presswork.db.embedded.folder import Folder, make_socket_dir, refusing, serving_pid
from presswork.db.embedded.processes import KILL_TIMEOUT, QUIT_TIMEOUT, end_all, until

_FAST_STOP: Final = timedelta(seconds=10)
_CHECK_INTERVAL: Final = timedelta(milliseconds=500)
_LOG_LIMIT_BYTES: Final = 10_000_000
_LOG_CHECK: Final = timedelta(seconds=30)
_QUOTED_BYTES: Final = 2000


class Server:
    """A postmaster that this process started. Use it from one thread: it dies with the thread that started it."""

    def __init__(
        self,
        folder: Folder,
        binaries: Binaries,
        account: Account,
        *,
        guard: Literal["kernel", "watchdog"] = "kernel" if sys.platform == "linux" else "watchdog",
    ) -> None:
        """Start the program; `wait_until_ready` returns when it is ready. Raises DatabaseUnavailable."""
        make_socket_dir(folder, uid=account.uid, gid=account.gid)
        self._folder = folder
        plan = plan_for(folder.path, account, server_argv(folder, binaries))
        with refusing():
            log = _append_to(folder)
        self._log_start = os.fstat(log).st_size
        # Every process of the server holds the writing end, so the reading end is closed when the last one has ended.
        self._life, held = os.pipe()
        handed = [held]
        self._pipes = [self._life]
        if guard == "watchdog":
            watched, leash = os.pipe()
            handed.append(watched)
            self._pipes.append(leash)
            plan |= {"watch_fd": watched}
        try:
            with refusing():
                self._process = subprocess.Popen(  # noqa: S603 -- Presswork's own program and plan
                    child_command(plan),
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    pass_fds=handed,
                    env=child_environment(),
                    cwd="/",
                    start_new_session=True,  # Ctrl-C must not stop the server before its clients
                )
        except BaseException:
            self.close_pipes()
            raise
        finally:
            for number in (log, *handed):
                os.close(number)
        self._log_checked_at = time.monotonic()

    @property
    def pid(self) -> int:
        """The postmaster's process id."""
        return self._process.pid

    def close_pipes(self) -> None:
        """Close this process's ends of the pipes: when the server has ended, or in a forked child."""
        while self._pipes:
            os.close(self._pipes.pop())

    def wait_until_ready(self, stopping: threading.Event) -> bool:
        """Wait until the server accepts connections; False if it ended before that, or `stopping` was set.

        There is no time-out: after a crash PostgreSQL may replay a long log, and a restart would not be faster.
        """
        until(lambda: serving_pid(self._folder) == self.pid or self._process.poll() is not None or stopping.is_set())
        return self._process.poll() is None and not stopping.is_set()

    def wait(self, wake: int) -> None:
        """Return when the postmaster has ended, or `wake` can be read. Limits the log meanwhile."""
        poll = select.poll()
        poll.register(wake, select.POLLIN)
        poll.register(self._life, select.POLLIN)
        while self._process.poll() is None:
            # The pipe closes with the last process; the interval is for a postmaster that ended before its backends.
            readable = {number for number, _ in poll.poll(_CHECK_INTERVAL.total_seconds() * 1000)}
            if wake in readable:
                return
            if self._life in readable:
                poll.unregister(self._life)
            if time.monotonic() - self._log_checked_at > _LOG_CHECK.total_seconds():
                self._log_checked_at = time.monotonic()
                bound_log(self._folder)

    def last_output(self) -> str:
        """Return the end of this run's log."""
        try:
            with self._folder.log.open("rb") as file:
                file.seek(max(self._log_start, file.seek(0, os.SEEK_END) - _QUOTED_BYTES))
                return file.read().decode("utf-8", "replace").strip()
        except OSError:
            return ""

    def stop(self) -> None:
        """Stop the server: fast, then immediate, then by SIGKILL. When this returns, none of its processes is left."""
        for number, within in (
            (signal.SIGINT, _FAST_STOP),
            (signal.SIGQUIT, QUIT_TIMEOUT),
            (signal.SIGKILL, KILL_TIMEOUT),
        ):
            if self._process.poll() is not None:
                break
            self._process.send_signal(number)
            until(lambda: self._process.poll() is not None, within=within)
        self._process.wait()
        poll = select.poll()
        poll.register(self._life, select.POLLIN)
        # Backends that outlive a killed postmaster only have to end.
        if not poll.poll(KILL_TIMEOUT.total_seconds() * 1000):
            end_all(self._folder, within=KILL_TIMEOUT)
        self.close_pipes()


def _append_to(folder: Folder) -> int:
    """Open the log, for the server to inherit. As root the folder may be another user's, so no symbolic link is followed."""
    flags = os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
    handle = os.open(folder.log, flags, 0o600)
    folder.adopt(folder.log)
    return handle


def bound_log(folder: Folder) -> None:
    """Rotate the server's log at about 10 MB, keeping one earlier file.

    The log is copied and truncated, because the server keeps it open for appending.
    """
    with suppress(OSError), os.fdopen(_append_to(folder), "r+b") as log:
        if os.fstat(log.fileno()).st_size <= _LOG_LIMIT_BYTES:
            return
        earlier = folder.log.with_name("server.log.1")
        earlier.unlink(missing_ok=True)
        copy = os.open(earlier, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        with os.fdopen(copy, "wb") as target:
            folder.adopt(earlier)
            log.seek(0)
            while part := log.read(1 << 20):
                target.write(part)
        log.truncate(0)
