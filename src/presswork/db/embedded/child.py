"""The last step before PostgreSQL: give up root, tie its life to its owner's, then become it by exec.

This file runs as a program of its own (`python -I -S child.py PLAN`), so what is unsafe after a fork in a process with
threads (ctypes, changes of user) happens in one that has a single thread. It imports the standard library only.

PLAN is a JSON object. `action` is `probe` or `run`; `owner_pid` is the process to die with. As root, `uid` and `gid`
name the account for the server, `folder` the database folder, `folders` all folders that the server must reach,
`programs` the files that it must read. `run` also takes `way`, one of `WAYS` or `as-is`, and `argv`, in which
`FOLDER` stands for the path under which the server sees its folder; and, where the kernel can't end a process with its
parent, `watch_fd`, a pipe that closes when the owner ends.

The ways to give up root, in order of preference. Each is tried for real, and the first one that works is taken:

* `setuid`: change user. Everything can be reached, nothing else is needed.
* `mount-namespace`: in a private view of the file system, the closed directory above (say /root) is covered by an
  empty one in which only the needed folders appear. Then change user. No right of root is left. Needs CAP_SYS_ADMIN.
* `open-folder`: the database folder is opened first and handed on as /proc/self/fd/N, which needs no right on the
  directories above. Then change user. No right of root is left. Only helps where the programs can be reached.
* `read-capability`: change user but keep CAP_DAC_READ_SEARCH: the server could read any file, and change none of
  root's. For containers that have no better way.
* `override-capability`: the same with CAP_DAC_OVERRIDE: file permissions don't bind the server.
* `user-namespace`: inside, the server is the account; seen from outside its files are still root's, but it has none
  of root's capabilities.

Sources: prctl(2), capabilities(7), mount_namespaces(7), user_namespaces(7), proc(5), read 2026-11.
"""

import ctypes
import errno
import json
import os
import signal
import stat
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final, NoReturn, TypedDict

FOLDER: Final = "{folder}"
WAYS: Final = (
    "setuid",
    "mount-namespace",
    "open-folder",
    "read-capability",
    "override-capability",
    "user-namespace",
)
GONE: Final = 70
"""Exit status when the owner died before the server began."""

_PR_SET_PDEATHSIG: Final = 1
_PR_SET_SECUREBITS: Final = 28
_SECBIT_NO_SETUID_FIXUP: Final = 4
_PR_SET_NO_NEW_PRIVS: Final = 38
_PR_CAP_AMBIENT: Final = 47
_PR_CAP_AMBIENT_RAISE: Final = 2
_CAP_DAC_OVERRIDE: Final = 1
_CAP_DAC_READ_SEARCH: Final = 2
_CAPABILITY_VERSION_3: Final = 0x20080522
_CLONE_NEWNS: Final = 0x00020000
_CLONE_NEWUSER: Final = 0x10000000
_MS_NOSUID: Final = 2
_MS_NODEV: Final = 4
_MS_BIND: Final = 4096
_MS_REC: Final = 16384
_MS_PRIVATE: Final = 1 << 18


class Plan(TypedDict, total=False):
    """What the launcher asks for; see the top of this file."""

    action: str
    owner_pid: int
    way: str
    uid: int
    gid: int
    folder: str
    folders: list[str]
    programs: list[str]
    argv: list[str]
    watch_fd: int


def _call(name: str, *arguments: object) -> None:
    """Call a function of libc. Raises OSError if it fails."""
    libc = ctypes.CDLL(None, use_errno=True)
    function: Callable[..., int] = getattr(libc, name)
    if function(*arguments) != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{name}: {os.strerror(number)}")


def _prctl(option: int, value: int, third: int = 0) -> None:
    _call("prctl", option, *(ctypes.c_ulong(number) for number in (value, third, 0, 0)))


def _mount(source: str, target: str, kind: str | None, flags: int, options: str | None = None) -> None:
    texts = (None if text is None else os.fsencode(text) for text in (source, target, kind))
    _call("mount", *texts, ctypes.c_ulong(flags), None if options is None else options.encode())


def _can_search(folder: Path, uid: int, gid: int) -> bool:
    """Tell from the mode bits whether the account may pass through `folder`."""
    status = folder.stat()
    if status.st_uid == uid:
        return bool(status.st_mode & stat.S_IXUSR)
    if status.st_gid == gid:
        return bool(status.st_mode & stat.S_IXGRP)
    return bool(status.st_mode & stat.S_IXOTH)


def _enter_own_view(folders: Sequence[str], uid: int, gid: int) -> None:
    """Cover each closed directory above the needed folders, and let the folders appear in the cover at their places."""
    _call("unshare", _CLONE_NEWNS)
    _mount("none", "/", None, _MS_REC | _MS_PRIVATE)
    closed: dict[Path, Path] = {}
    for folder in map(Path, folders):
        above = [path for path in reversed(folder.parents) if not _can_search(path, uid, gid)]
        if above:
            closed[folder] = above[0]
    handles = {folder: os.open(folder, os.O_RDONLY | os.O_DIRECTORY) for folder in closed}
    for directory in sorted(set(closed.values())):
        _mount("presswork", str(directory), "tmpfs", _MS_NOSUID | _MS_NODEV, "mode=0711,size=64k")
    os.umask(0o022)
    for folder, handle in handles.items():
        folder.mkdir(parents=True, exist_ok=True)
        _mount(f"/proc/self/fd/{handle}", str(folder), None, _MS_BIND | _MS_REC)
        os.close(handle)


def _become(uid: int, gid: int) -> None:
    os.setgroups([])
    os.setgid(gid)
    os.setuid(uid)


def _become_keeping(capability: int, uid: int, gid: int) -> None:
    """Change user and keep one capability, also over exec."""
    # Without this bit access(2), with which PostgreSQL looks for its own programs, leaves capabilities out of account;
    # with it, the change of user takes none away, and capset does.
    _prctl(_PR_SET_SECUREBITS, _SECBIT_NO_SETUID_FIXUP)
    _become(uid, gid)
    header = (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION_3, 0)
    bit = 1 << capability
    sets = (ctypes.c_uint32 * 6)(bit, bit, bit, 0, 0, 0)  # effective, permitted, inheritable; then the upper halves
    _call("capset", header, sets)
    _prctl(_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_RAISE, capability)


def _become_inside(uid: int, gid: int) -> None:
    """Enter a user namespace in which this process's user is called `uid`."""
    outer_uid, outer_gid = os.geteuid(), os.getegid()
    os.setgroups([])
    _call("unshare", _CLONE_NEWUSER)
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{uid} {outer_uid} 1")
    Path("/proc/self/gid_map").write_text(f"{gid} {outer_gid} 1")


def give_up_root(way: str, plan: Plan) -> str:
    """Take one of the `WAYS` (or `as-is`: stay who we are) and return the path under which the folder is seen then.

    Raises OSError if the way is closed here or leaves something out of reach.
    """
    uid, gid, folder = plan["uid"], plan["gid"], plan["folder"]
    match way:
        case "as-is":
            return folder
        case "setuid":
            _become(uid, gid)
        case "mount-namespace":
            _enter_own_view(plan["folders"], uid, gid)
            _become(uid, gid)
        case "open-folder":
            handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
            os.set_inheritable(handle, True)
            folder = f"/proc/self/fd/{handle}"
            _become(uid, gid)
        case "read-capability":
            _become_keeping(_CAP_DAC_READ_SEARCH, uid, gid)
        case "override-capability":
            _become_keeping(_CAP_DAC_OVERRIDE, uid, gid)
        case "user-namespace":
            _become_inside(uid, gid)
        case _:
            raise ValueError(way)
    if sys.platform == "linux":
        _prctl(_PR_SET_NO_NEW_PRIVS, 1)
    for path in plan["folders"]:
        Path(folder if path == plan["folder"] else path, ".").stat()
    for path in plan["programs"]:
        os.close(os.open(path, os.O_RDONLY))
        if not os.access(path, os.X_OK):
            raise PermissionError(errno.EACCES, "can't be executed", path)
    return folder


def _probe(plan: Plan) -> None:
    """Print the first way that works, each tried in a process of its own; or print why none does."""
    ways = WAYS if sys.platform == "linux" else WAYS[:1]
    for way in ways:
        pid = os.fork()
        if pid == 0:
            status = 1
            try:
                give_up_root(way, plan)
                status = 0
            except OSError as error:
                print(f"{way}: {error}", file=sys.stderr, flush=True)  # noqa: T201 -- the launcher reads it
            finally:
                os._exit(status)
        if os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0:
            print(way)  # noqa: T201 -- the answer to the launcher
            return


def _die_with(owner_pid: int) -> None:
    """Have the kernel send SIGQUIT, PostgreSQL's immediate shutdown, when the owner is gone."""
    _prctl(_PR_SET_PDEATHSIG, signal.SIGQUIT)
    if os.getppid() != owner_pid:
        sys.exit(GONE)


def _leave_watchdog(watch_fd: int) -> None:
    """Leave a process behind that sends SIGQUIT to the server when the pipe to the owner closes."""
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
        pass  # the owner stopped the server and then let go of the pipe
    finally:
        os._exit(0)


def main(text: str) -> NoReturn:
    """Carry out the plan. Ends by exec, or with an exit status and one line on standard error."""
    answer: Any = json.loads(text)  # Any: what json returns; the launcher next door is the only writer
    plan: Plan = answer
    if plan["action"] == "probe":
        _probe(plan)
        sys.exit(0)
    seen = give_up_root(plan["way"], plan)
    if "watch_fd" in plan:
        _leave_watchdog(plan["watch_fd"])
    else:
        _die_with(plan["owner_pid"])
    argv = [argument.replace(FOLDER, seen) for argument in plan["argv"]]
    os.execv(argv[0], argv)  # noqa: S606 -- no shell is wanted


if __name__ == "__main__":
    try:
        main(sys.argv[1])
    except OSError as problem:
        sys.exit(f"presswork: {problem}")
