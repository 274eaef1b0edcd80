"""Who owns the server: one thread per user of it, an election by lock, and a new owner when the old one goes."""

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
from presswork.db.embedded.processes import clear_the_field
from presswork.db.embedded.server import Server, bound_log

_LOOK_WHILE_WAITING: Final = timedelta(milliseconds=10)
_LOOK_WHILE_ATTACHED: Final = timedelta(milliseconds=100)
"""How soon a new owner steps in. A blocking flock would step in at once, but no thread can be called back from one."""
_ATTEMPTS: Final = 3
_PAUSE: Final = timedelta(milliseconds=100)
_LONGEST_PAUSE: Final = timedelta(seconds=5)
_log = structlog.get_logger(__name__)
_keepers: weakref.WeakSet["Keeper"] = weakref.WeakSet()


class Keeper:
    """Keeps a server running for this process until told to stop: as its owner, or ready to become it.

    All of it happens in one thread that lives as long as the use does. That matters: the kernel ends the server when
    the *thread* that started it ends, so that can't be a thread of the caller's pool.
    """

    def __init__(self, folder: Folder) -> None:
        """Prepare; `start` begins. Raises DatabaseUnavailable if the lock can't be opened."""
        self._folder = folder
        self._lock = Lock(folder)
        self._wake, self._waker = os.pipe()
        self._stopping = threading.Event()
        self._settled = threading.Event()  # served once, or failed
        self._has_served = False
        self._failure: DatabaseUnavailable | None = None
        self._server: Server | None = None
        self._thread = threading.Thread(target=self._run, name="presswork-database", daemon=True)
        self._process = os.getpid()
        self.is_owner = False

    def start(self, *, within: timedelta) -> None:
        """Return when the database takes connections. Raises DatabaseUnavailable; `stop` is to be called even then."""
        _keepers.add(self)
        self._thread.start()
        if not self._settled.wait(within.total_seconds()):
            who = "this process" if self.is_owner else f"process {self._lock.owner_pid()}"
            raise DatabaseUnavailable(
                f"The database was not ready within {within.total_seconds():g} s. Its owner is {who}; {self._folder.log}"
                " says what the server is doing."
            )
        if self._failure is not None:
            raise self._failure
        if not self._has_served:
            raise DatabaseUnavailable("The thread that keeps the database ended by a defect; the log says more.")

    def stop(self) -> None:
        """Give up the use: an owner stops the server first. When this returns, nothing of ours is left."""
        if os.getpid() != self._process:
            return  # a forked child leaves a block that it did not enter
        self._stopping.set()
        os.write(self._waker, b".")
        if self._thread.ident is not None:
            self._thread.join()
        _keepers.discard(self)
        self._close()

    def _close(self) -> None:
        for number in (self._wake, self._waker):
            os.close(number)
        self._lock.close()

    def forget(self) -> None:
        """In a forked child: close its copies, so that the lock is free when the parent dies."""
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
                    self._reign()
                    return
                if not self._has_served and self._is_served():
                    self._has_served = True
                    self._settled.set()
                pause = _LOOK_WHILE_ATTACHED if self._has_served else _LOOK_WHILE_WAITING
                self._stopping.wait(pause.total_seconds())
        except DatabaseUnavailable as error:
            self._failure = error
        finally:
            self._settled.set()

    def _is_served(self) -> bool:
        """Tell whether another process's server can be used."""
        return not self._lock.is_owner_leaving() and serving_pid(self._folder) is not None

    def _reign(self) -> None:
        """Own the server until told to stop. Raises DatabaseUnavailable if it never comes up."""
        failures = 0
        while not self._stopping.is_set():
            try:
                self._serve()
                failures = 0
            except DatabaseUnavailable as error:
                if not self._has_served:
                    raise
                failures += 1
                _log.error("database server does not start", error=error.message, failures=failures)
                self._stopping.wait(min(_LONGEST_PAUSE, _PAUSE * 2**failures).total_seconds())

    def _serve(self) -> None:
        """Start the server and stay until it dies or we are to stop."""
        began = time.monotonic()
        try:
            binaries = server_binaries()
            check_major(self._folder, binaries)
            clear_the_field(self._folder)
            bound_log(self._folder)
            account = choose_account(self._folder)
            binaries = programs_for(account, binaries)
            is_new = initialise(self._folder, binaries, account)
            server = self._server = self._start(binaries, account)
            if server is None:
                return
            try:
                event = "database server started again" if self._has_served else "database server started"
                took_ms = round((time.monotonic() - began) * 1000)
                _log.info(
                    event, pid=server.pid, version=binaries.version, took_ms=took_ms, is_new=is_new, uid=account.uid
                )
                self._has_served = True
                self._settled.set()
                server.wait(self._wake)
                if self._stopping.is_set():
                    self._lock.announce_leave()
                else:
                    _log.warning("database server died", pid=server.pid)
            finally:
                server.stop()
            _log.info("database server stopped", pid=server.pid)
        except (OSError, subprocess.SubprocessError) as error:
            raise DatabaseUnavailable(f"The database can't be kept running in {self._folder.path}: {error}") from error
        finally:
            self._server = None
            remove_socket_dir(self._folder)

    def _start(self, binaries: Binaries, account: Account) -> Server | None:
        """Return a server that takes connections, or None if we are to stop. Raises DatabaseUnavailable."""
        words = ""
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
            words = server.last_words()
            if self._stopping.wait(_PAUSE.total_seconds()):
                return None
            clear_the_field(self._folder)
        raise DatabaseUnavailable(f"PostgreSQL does not start on {self._folder.cluster}. It says: {words}")


def _forget_all() -> None:
    for keeper in list(_keepers):
        keeper.forget()
    _keepers.clear()


os.register_at_fork(after_in_child=_forget_all)
