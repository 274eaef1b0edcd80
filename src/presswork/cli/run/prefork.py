"""Processes that `presswork up` forks at its start, with the modules of all parts loaded, and that wait for a command.

Their pages are shared, so that the parts together need little more memory than one, and the modules are imported once.
The fork happens before this process opens anything or starts a thread. A part that is restarted is a new program instead:
by then this process has threads.
"""

import asyncio
import contextlib
import fcntl
import gc
import json
import os
import signal
import socket
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Final, NoReturn, Self

from presswork.cli.run.processes import die_with

_MODULES: Final = (
    "presswork.cli.run.api",
    "presswork.cli.run.worker",
    "presswork.cli.run.readiness",
    "setproctitle",
)
"""What the parts and this process import."""
_MODULES_IF_INSTALLED: Final = {"uvloop": "uvloop", "presswork.cli.run.sandbox_app": "presswork_sandbox"}
"""What they import where a package is installed, by the module; the package is the value."""
_HEADER_BYTES: Final = 4
_MAX_FDS: Final = 8
_FREE_NUMBERS: Final = 64
"""Received files get numbers from here on, before each gets its own."""


@dataclass(frozen=True, slots=True)
class PreforkedProcess:
    """A forked process, which runs one command. Has the methods of asyncio's processes that the supervisor needs."""

    pid: int
    channel: socket.socket  # this end of it

    def start(self, arguments: Sequence[str], environment: Mapping[str, str], fds: Sequence[int]) -> Self:
        """Have it run a command of `presswork`, with these open files under the same numbers. Raises OSError."""
        command = json.dumps([list(arguments), dict(environment), list(fds)]).encode()
        with self.channel as channel:
            socket.send_fds(channel, [len(command).to_bytes(_HEADER_BYTES, "big")], fds)
            channel.sendall(command)
        return self

    def send_signal(self, number: int) -> None:
        """Send a signal. Raises ProcessLookupError if the process has ended."""
        os.kill(self.pid, number)

    async def wait(self) -> int:
        """Return the exit status, or the negative number of the signal that ended it. Call this once."""
        loop, has_ended = asyncio.get_running_loop(), asyncio.Event()
        handle = os.pidfd_open(self.pid)
        try:
            loop.add_reader(handle, has_ended.set)
            await has_ended.wait()
        finally:
            loop.remove_reader(handle)
            os.close(handle)
        return self._reap()

    def _reap(self) -> int:
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])

    def close(self) -> None:
        """End it if it has no command, and close the channel."""
        if self.channel.fileno() >= 0:
            self.channel.close()
            self._reap()

    def forget(self) -> None:
        """In another forked process: close the copy of the channel."""
        self.channel.close()


@contextlib.contextmanager
def preforked(names: Sequence[str]) -> Iterator[Mapping[str, PreforkedProcess]]:
    """Load the modules of all parts, and fork a process for each name; none where that is not safe.

    Enter this before anything else. At the end of the block the processes without a command end.
    """
    if not _can_fork():
        yield {}
        return
    gc.disable()  # a collection would write to each object, and so copy its page
    optional = [module for module, package in _MODULES_IF_INSTALLED.items() if find_spec(package)]
    for module in (*_MODULES, *optional):
        import_module(module)
    gc.freeze()
    forked = _fork(names) if _is_single_threaded() else {}
    gc.enable()
    try:
        yield forked
    finally:
        for process in forked.values():
            process.close()


def _can_fork() -> bool:
    """Return whether a Python program can be forked here and its end can be awaited: on Linux 5.3 or newer."""
    if sys.platform != "linux":
        return False
    try:
        os.close(os.pidfd_open(os.getpid()))
    except OSError:
        return False
    return True


def _is_single_threaded() -> bool:
    """Return whether this process has one thread, also of those that libraries start: others do not survive a fork."""
    return len(list(Path("/proc/self/task").iterdir())) == 1


def _fork(names: Sequence[str]) -> Mapping[str, PreforkedProcess]:
    parent, forked = os.getpid(), dict[str, PreforkedProcess]()
    sys.stdout.flush()  # else each process would write what is buffered
    sys.stderr.flush()
    for name in names:
        ours, theirs = socket.socketpair()
        pid = os.fork()
        if pid == 0:
            ours.close()
            for other in forked.values():
                other.forget()
            _run_one_command(theirs, parent)
        theirs.close()
        forked[name] = PreforkedProcess(pid, ours)
    return forked


def _run_one_command(channel: socket.socket, parent: int) -> NoReturn:
    """In a forked process: wait for a command, run it as a new program would, and end."""
    status = 1
    try:
        os.setsid()  # only the parent receives Ctrl-C
        die_with(parent)
        gc.enable()
        nothing = os.open(os.devnull, os.O_RDONLY)
        os.dup2(nothing, sys.stdin.fileno() if sys.stdin else 0)
        os.close(nothing)
        title = import_module("setproctitle")
        title.getproctitle()  # it finds the memory of the title by the environment, which a command replaces
        arguments = _receive_command(channel)
        if arguments:
            title.setproctitle(" ".join(("presswork", *arguments)))
            import_module("presswork.cli.main").app(arguments, prog_name="presswork")
        status = 0
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else int(end.code is not None)
    except KeyboardInterrupt:
        status = 128 + signal.SIGINT
    except BaseException:  # noqa: BLE001  the outermost frame of this process: it reports what the interpreter would
        sys.excepthook(*sys.exc_info())
    finally:
        # Not by an exception: the stack has the blocks of the parent, which are not this process's to leave.
        with contextlib.suppress(OSError, ValueError):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(status)


def _receive_command(channel: socket.socket) -> Sequence[str]:
    """Receive a command and its files, set its environment, and return its arguments; none if the parent sent nothing."""
    with channel:
        header, received, _, _ = socket.recv_fds(channel, _HEADER_BYTES, _MAX_FDS)
        size, parts = int.from_bytes(header, "big"), list[bytes]()
        while size > 0 and (part := channel.recv(size)):
            parts.append(part)
            size -= len(part)
    if not parts or size > 0:
        return ()
    arguments, environment, fds = json.loads(b"".join(parts))
    os.environ.clear()
    os.environ.update(environment)
    moved = [fcntl.fcntl(number, fcntl.F_DUPFD_CLOEXEC, _FREE_NUMBERS) for number in received]
    for number in received:
        os.close(number)
    for number, wanted in zip(moved, fds, strict=True):
        os.dup2(number, wanted, inheritable=False)
        os.close(number)
    return [str(argument) for argument in arguments]
