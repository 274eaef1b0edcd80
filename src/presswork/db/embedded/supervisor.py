"""Keep the server running: elect its owner by a lock, restart it when it dies, take over when the owner ends."""

import os
import subprocess
import threading
import time
import weakref
from contextlib import suppress
from datetime import timedelta
from typing import Final

import structlog

from presswork.db.embedded.account import Account, choose_account, programs_for
from presswork.db.embedded.binaries import Binaries, server_binaries
from presswork.db.embedded.cluster import check_major, initialise
from presswork.db.embedded.errors import DatabaseUnavailable
from presswork.db.embedded.folder import Folder, Lock, remove_socket_dir, serving_pid
from presswork.db.embedded.processes import end_earlier_server
from presswork.db.embedded.server import Server, bound_log

_POLL_WHILE_STARTING: Final = timedelta(milliseconds=10)
_POLL_WHILE_ATTACHED: Final = timedelta(milliseconds=100)
"""How fast a new owner takes over. A blocking flock would be faster, but a thread can't be woken from it."""
_ATTEMPTS: Final = 3
_BACKOFF: Final = timedelta(milliseconds=100)
_MAX_BACKOFF: Final = timedelta(seconds=5)
_log = structlog.get_logger(__name__)
_supervisors: weakref.WeakSet["ServerSupervisor"] = weakref.WeakSet()


class ServerSupervisor:
    """Keeps a server running for this process until `stop`: as its owner, or ready to become it.

    All of it happens in one dedicated thread, because the kernel ends the server when the *thread* that started it
    ends: a thread of the caller's pool would not do.
    """

    def __init__(self, folder: Folder) -> None:
        """Open the lock; `start` starts the thread. Raises DatabaseUnavailable."""
        self._folder = folder
        self._lock = Lock(folder)
        self._wake, self._waker = os.pipe()
        self._stopping = threading.Event()
        self._settled = threading.Event()  # has been ready once, or failed
        self._has_served = False
        self._failure: DatabaseUnavailable | None = None
        self._server: Server | None = None
        self._thread = threading.Thread(target=self._run, name="presswork-database", daemon=True)
        self._process = os.getpid()
        self.is_owner = False  # whether the server ends with this process; true after a takeover as well

    @property
    def dsn(self) -> str:
        """The database's address with the password: never log it. Raises DatabaseUnavailable without a password."""
        return self._folder.dsn

    def start(self, *, within: timedelta) -> None:
        """Return when the database accepts connections. Raises DatabaseUnavailable; call `stop` even then."""
        _supervisors.add(self)
        self._thread.start()
        if not self._settled.wait(within.total_seconds()):
            who = "this process" if self.is_owner else f"process {self._lock.owner_pid()}"
            raise DatabaseUnavailable(
                f"The database was not ready within {within.total_seconds():g} s. Its owner is {who}; see {self._folder.log}"
                " for what the server is doing."
            )
        if self._failure is not None:
            raise self._failure
        if not self._has_served:
            raise DatabaseUnavailable("The thread that supervises the database ended because of a defect. See the log.")

    def stop(self) -> None:
        """Detach; an owner stops the server first. When this returns, no process and no socket is left."""
        if os.getpid() != self._process:
            return  # a forked child exits a block that it did not enter
        self._stopping.set()
        os.write(self._waker, b".")
        if self._thread.ident is not None:
            self._thread.join()
        _supervisors.discard(self)
        self._close()

    def _close(self) -> None:
        for number in (self._wake, self._waker):
            os.close(number)
        self._lock.close()

    def forget(self) -> None:
        """In a forked child: close its copies, so that the lock is released when the parent dies."""
        with suppress(OSError):
            self._close()
        if self._server is not None:
            with suppress(OSError):
                self._server.close_pipes()

    def _run(self) -> None:
        try:
            while not self._stopping.is_set():
                if self._lock.acquire():
                    self.is_owner = True
                    self._own_server()
                    return
                if not self._has_served and self._is_served():
                    self._has_served = True
                    self._settled.set()
                pause = _POLL_WHILE_ATTACHED if self._has_served else _POLL_WHILE_STARTING
                self._stopping.wait(pause.total_seconds())
        except DatabaseUnavailable as error:
            self._failure = error
        finally:
            self._settled.set()

    def _is_served(self) -> bool:
        """Return whether another process's server can be used."""
        return not self._lock.is_owner_stopping() and serving_pid(self._folder) is not None

    def _own_server(self) -> None:
        """Own the server until `stop`, restarting it with backoff. Raises DatabaseUnavailable if it never starts."""
        failures = 0
        while not self._stopping.is_set():
            try:
                self._serve()
                failures = 0
            except DatabaseUnavailable as error:
                if not self._has_served:
                    raise
                failures += 1
                _log.error("database server failed to start", error=error.message, failures=failures)
                self._stopping.wait(min(_MAX_BACKOFF, _BACKOFF * 2**failures).total_seconds())

    def _serve(self) -> None:
        """Start the server and wait until it dies or `stop` is called."""
        began = time.monotonic()
        try:
            binaries = server_binaries()
            check_major(self._folder, binaries)
            end_earlier_server(self._folder)
            bound_log(self._folder)
            account = choose_account(self._folder)
            binaries = programs_for(account, binaries)
            is_new = initialise(self._folder, binaries, account)
            server = self._server = self._start(binaries, account)
            if server is None:
                return
            try:
                event = "database server restarted" if self._has_served else "database server started"
                took_ms = round((time.monotonic() - began) * 1000)
                _log.info(
                    event, pid=server.pid, version=binaries.version, took_ms=took_ms, is_new=is_new, uid=account.uid
                )
                self._has_served = True
                self._settled.set()
                server.wait(self._wake)
                if self._stopping.is_set():
                    self._lock.announce_stop()
                else:
                    _log.warning("database server died", pid=server.pid)
            finally:
                server.stop()
            _log.info("database server stopped", pid=server.pid)
        except (OSError, subprocess.SubprocessError) as error:
            raise DatabaseUnavailable(f"The database in {self._folder.path} can't be run: {error}") from error
        finally:
            self._server = None
            remove_socket_dir(self._folder)

    def _start(self, binaries: Binaries, account: Account) -> Server | None:
        """Return a server that accepts connections, or None if `stop` was called. Raises DatabaseUnavailable."""
        output = ""
        for _ in range(_ATTEMPTS):
            server = Server(self._folder, binaries, account)
            is_ready = False
            try:
                is_ready = server.wait_until_ready(self._stopping)
            finally:
                if not is_ready:
                    server.stop()
            if is_ready:
                return server
            output = server.last_output()
            if self._stopping.wait(_BACKOFF.total_seconds()):
                return None
            end_earlier_server(self._folder)
        raise DatabaseUnavailable(f"PostgreSQL does not start on {self._folder.cluster}. Its log ends with: {output}")


def _forget_all() -> None:
    for supervisor in list(_supervisors):
        supervisor.forget()
    _supervisors.clear()


os.register_at_fork(after_in_child=_forget_all)
