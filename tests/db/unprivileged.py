"""Become a plain user who still reaches the interpreter and the programs, wherever root keeps them.

Root's tests need this: a plain user can't start a Python below /root, or read a checkout there. The standard library only.
Sources: mount_namespaces(7), capabilities(7), read 2026-11.
"""

import ctypes
import os
import stat
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

_PR_CAPBSET_DROP: Final = 24
_PR_SET_SECUREBITS: Final = 28
_SECBIT_NO_SETUID_FIXUP: Final = 4
_PR_CAP_AMBIENT: Final = 47
_PR_CAP_AMBIENT_RAISE: Final = 2
_CAP_DAC_READ_SEARCH: Final = 2
_CAPABILITY_VERSION_3: Final = 0x20080522
_CLONE_NEWNS: Final = 0x00020000
_MS_BIND_ALL: Final = 4096 | 16384
_MS_PRIVATE_ALL: Final = 16384 | 1 << 18


def _call(name: str, *arguments: object) -> None:
    function: Callable[..., int] = getattr(ctypes.CDLL(None, use_errno=True), name)
    if function(*arguments) != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{name}: {os.strerror(number)}")


def _prctl(option: int, value: int, third: int = 0) -> None:
    _call("prctl", option, *(ctypes.c_ulong(number) for number in (value, third, 0, 0)))


def drop_capability(capability: int) -> None:
    """Take a capability from every program that is started from here on, as a container's limits do."""
    _prctl(_PR_CAPBSET_DROP, capability)


def become(uid: int, gid: int, needed: Sequence[str]) -> None:
    """Change to a plain user by the first way in which the needed folders can be read. Raises OSError if none works."""
    for way in (_change_user, _in_own_mounts, _keeping_read_access):
        child = os.fork()
        if child == 0:
            status = 1
            try:
                way(uid, gid, needed)
                for folder in needed:
                    os.scandir(folder).close()
                status = 0
            finally:
                os._exit(status)
        if os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0:
            way(uid, gid, needed)
            return
    raise OSError(f"user {uid} can't be given access to {needed}")


def _change_user(uid: int, gid: int, _needed: Sequence[str]) -> None:
    os.setgroups([])
    os.setgid(gid)
    os.setuid(uid)


def _in_own_mounts(uid: int, gid: int, needed: Sequence[str]) -> None:
    """Cover each closed directory with an empty one in which only the needed folders appear."""

    def mount(source: str, target: str, kind: bytes | None, flags: int, options: bytes | None = None) -> None:
        _call("mount", source.encode(), target.encode(), kind, ctypes.c_ulong(flags), options)

    _call("unshare", _CLONE_NEWNS)
    mount("none", "/", None, _MS_PRIVATE_ALL)
    closed: dict[Path, Path] = {}
    for folder in map(Path, needed):
        above = [path for path in reversed(folder.parents) if not path.stat().st_mode & stat.S_IXOTH]
        if above:
            closed[folder] = above[0]
    handles = {folder: os.open(folder, os.O_RDONLY | os.O_DIRECTORY) for folder in closed}
    for directory in sorted(set(closed.values())):
        mount("presswork", str(directory), b"tmpfs", 0, b"mode=0711,size=64k")
    for folder, handle in handles.items():
        folder.mkdir(mode=0o755, parents=True, exist_ok=True)
        mount(f"/proc/self/fd/{handle}", str(folder), None, _MS_BIND_ALL)
        os.close(handle)
    _change_user(uid, gid, needed)


def _keeping_read_access(uid: int, gid: int, needed: Sequence[str]) -> None:
    """Keep the capability to read every file: for containers that may not mount."""
    _prctl(_PR_SET_SECUREBITS, _SECBIT_NO_SETUID_FIXUP)
    _change_user(uid, gid, needed)
    bit = 1 << _CAP_DAC_READ_SEARCH
    header = (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION_3, 0)
    _call("capset", header, (ctypes.c_uint32 * 6)(bit, bit, bit, 0, 0, 0))
    _prctl(_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_RAISE, _CAP_DAC_READ_SEARCH)
