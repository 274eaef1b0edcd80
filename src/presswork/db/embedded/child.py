"""Run between fork and exec of a PostgreSQL program: drop root, tie the process to its owner, then exec.

This file is a program (`python -I -S child.py PLAN`): changing users and calling `prctl` through ctypes is unsafe between
fork and exec in a process with threads, and this process has one thread. It imports the standard library only.

As root the child opens the data folder, changes to an unprivileged account and refers to the folder as
`/proc/self/fd/N`. An open directory needs no permission on the directories above it, so a folder below `/root` works,
no capability is kept, and nothing outside the folder changes.

Sources: prctl(2), proc(5), read 2026-11.
"""

import ctypes
import json
import os
import signal
import sys
from typing import Any, Final, NoReturn, TypedDict

FOLDER: Final = "{folder}"
"""Placeholder in `argv` for the path under which the program sees the data folder."""
OWNER_GONE: Final = 70
"""Exit status when the owner died before the program started."""

_PR_SET_PDEATHSIG: Final = 1
_PR_SET_NO_NEW_PRIVS: Final = 38


class Plan(TypedDict, total=False):
    """What to run, and as whom. JSON on the command line."""

    owner_pid: int  # the program gets SIGQUIT when this process ends
    uid: int  # used as root only
    gid: int
    folder: str
    argv: list[str]
    watch_fd: int  # where the kernel has no parent-death signal: a pipe that closes when the owner ends


def _prctl(option: int, value: int) -> None:
    """Call prctl(2). Raises OSError if it fails."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(option, *(ctypes.c_ulong(number) for number in (value, 0, 0, 0))) != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"prctl: {os.strerror(number)}")


def _drop_root(plan: Plan) -> str:
    """Change to the account of the plan and return the path under which it sees the folder. Raises OSError."""
    folder = plan["folder"]
    if sys.platform == "linux":
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        os.set_inheritable(handle, True)
        folder = f"/proc/self/fd/{handle}"
    os.setgroups([])
    os.setgid(plan["gid"])
    os.setuid(plan["uid"])
    if sys.platform == "linux":
        _prctl(_PR_SET_NO_NEW_PRIVS, 1)  # no set-uid program gives rights back
    return folder


def _die_with(owner_pid: int) -> None:
    """Have the kernel send SIGQUIT, PostgreSQL's immediate shutdown, when the owner ends."""
    _prctl(_PR_SET_PDEATHSIG, signal.SIGQUIT)  # after setuid, which clears it
    if os.getppid() != owner_pid:
        sys.exit(OWNER_GONE)


def _start_watchdog(watch_fd: int) -> None:
    """Leave a process that sends SIGQUIT to the server when the pipe to the owner closes."""
    server_pid = os.getpid()
    first = os.fork()
    if first != 0:
        os.waitpid(first, 0)
        os.close(watch_fd)
        return
    os.setsid()
    if os.fork() != 0:
        os._exit(0)
    os.dup2(watch_fd, 0)
    os.closerange(1, 65_536)
    while os.read(0, 1):
        pass
    try:
        os.kill(server_pid, signal.SIGQUIT)
    except ProcessLookupError:
        pass  # the owner stopped the server before it closed the pipe
    finally:
        os._exit(0)


def main(text: str) -> NoReturn:
    """Carry out the plan. Ends by exec, or with an exit status and one line on standard error."""
    document: Any = json.loads(text)  # Any: what json returns; the launcher is the only writer
    plan: Plan = document
    seen = _drop_root(plan) if os.geteuid() == 0 else plan["folder"]
    if "watch_fd" in plan:
        _start_watchdog(plan["watch_fd"])
    else:
        _die_with(plan["owner_pid"])
    argv = [argument.replace(FOLDER, seen) for argument in plan["argv"]]
    os.execv(argv[0], argv)  # noqa: S606 -- no shell is wanted


if __name__ == "__main__":
    try:
        main(sys.argv[1])
    except OSError as error:
        sys.exit(f"presswork: {error}")
