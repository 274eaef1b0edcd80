"""One run of the server: start it, see it die, stop it, keep its log small."""

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
from presswork.db.embedded.processes import end_all, until

_FAST_STOP: Final = timedelta(seconds=10)
_IMMEDIATE_STOP: Final = timedelta(seconds=7)
"""PostgreSQL kills what is left of it 5 s after SIGQUIT. Source: PostgreSQL 18, "Shutting Down the Server"."""
_LAST_STOP: Final = timedelta(seconds=2)
_WATCH: Final = timedelta(milliseconds=500)
_LOG_LIMIT_BYTES: Final = 10_000_000
_LOG_CHECK: Final = timedelta(seconds=30)
_LAST_WORDS_BYTES: Final = 2000


class Server:
    """A postmaster that this process started. Start, wait and stop it from one thread: it dies with that thread."""

    def __init__(
        self,
        folder: Folder,
        binaries: Binaries,
        account: Account,
        *,
        guard: Literal["kernel", "watchdog"] = "kernel" if sys.platform == "linux" else "watchdog",
    ) -> None:
        """Start the program; `wait_until_ready` tells when it serves. Raises DatabaseUnavailable."""
        make_socket_dir(folder, uid=account.uid, gid=account.gid)
        self._folder = folder
        plan = plan_for(folder.path, account, server_argv(folder, binaries))
        with refusing():
            log = _append_to(folder)
        self._log_start = os.fstat(log).st_size
        # Every process of the server holds the writing end, so the reading end tells when the last one is gone.
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
                self._process = subprocess.Popen(  # noqa: S603 -- our own program and plan
                    child_command(plan),
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    pass_fds=handed,
                    env=child_environment(),
                    cwd="/",
                    start_new_session=True,  # Ctrl-C in the terminal is for us; we stop the server after its users
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
        """The postmaster's process."""
        return self._process.pid

    def close_pipes(self) -> None:
        """Close this process's ends: when the server is gone, or in a forked child, which must not keep it alive."""
        while self._pipes:
            os.close(self._pipes.pop())

    def wait_until_ready(self, stopping: threading.Event) -> bool:
        """Wait until the server takes connections; False if it ended before that, or if we are to stop.

        There is no limit: after a crash PostgreSQL may have much to replay, and to begin again would not be faster.
        """
        until(lambda: serving_pid(self._folder) == self.pid or self._process.poll() is not None or stopping.is_set())
        return self._process.poll() is None and not stopping.is_set()

    def wait(self, wake: int) -> None:
        """Return when the postmaster is gone, or when `wake` can be read. Keeps the log small meanwhile."""
        poll = select.poll()
        poll.register(wake, select.POLLIN)
        poll.register(self._life, select.POLLIN)
        while self._process.poll() is None:
            # The pipe tells when the last process is gone; the period is for a postmaster that left some behind.
            signs = {number for number, _ in poll.poll(_WATCH.total_seconds() * 1000)}
            if wake in signs:
                return
            if self._life in signs:
                poll.unregister(self._life)
            if time.monotonic() - self._log_checked_at > _LOG_CHECK.total_seconds():
                self._log_checked_at = time.monotonic()
                bound_log(self._folder)

    def last_words(self) -> str:
        """Return the end of what this run wrote to the log."""
        try:
            with self._folder.log.open("rb") as file:
                file.seek(max(self._log_start, file.seek(0, os.SEEK_END) - _LAST_WORDS_BYTES))
                return file.read().decode("utf-8", "replace").strip()
        except OSError:
            return ""

    def stop(self) -> None:
        """Stop in order, then with more force; when this returns no process of the server is left."""
        for number, within in (
            (signal.SIGINT, _FAST_STOP),
            (signal.SIGQUIT, _IMMEDIATE_STOP),
            (signal.SIGKILL, _LAST_STOP),
        ):
            if self._process.poll() is not None:
                break
            self._process.send_signal(number)
            until(lambda: self._process.poll() is not None, within=within)
        self._process.wait()
        poll = select.poll()
        poll.register(self._life, select.POLLIN)
        # Backends that outlive a killed postmaster can't do anything but end.
        if not poll.poll(_LAST_STOP.total_seconds() * 1000):
            end_all(self._folder, within=_LAST_STOP)
        self.close_pipes()


def _append_to(folder: Folder) -> int:
    """Open the log, for the server to inherit. As root: it may be in another user's folder, so no link is followed."""
    flags = os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
    handle = os.open(folder.log, flags, 0o600)
    folder.adopt(folder.log)
    return handle


def bound_log(folder: Folder) -> None:
    """Keep the server's log within about 10 MB, and one earlier part of the same size.

    The part is copied and the file cut: the server holds it open, and appends, so it goes on at the new end.
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
