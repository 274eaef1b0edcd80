"""A small file system that can be made full: a tmpfs, whose size changes while it is in use."""

import contextlib
import ctypes
import os
import shutil
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

NEEDS_MOUNT: Final = (
    "disk full was not injected: a full disk needs a tmpfs, and this system permits neither root nor a user namespace"
)
_MS_REMOUNT: Final = 32
_MNT_DETACH: Final = 2
_ATTEMPTS: Final = 5
_ROOM_BYTES: Final = 64 * 1024
_IN_NAMESPACE: Final = "CHAOS_IN_NAMESPACE"


def _mount(folder: Path, options: str, *, flags: int = 0) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    arguments = [text.encode() for text in ("tmpfs", str(folder), "tmpfs", options)]
    if libc.mount(*arguments[:3], ctypes.c_ulong(flags), arguments[3]) != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number), str(folder))


class Volume:
    """A mounted tmpfs. Its size is a limit: memory is only used for what is stored."""

    def __init__(self, folder: Path, size_bytes: int) -> None:
        """Mount it on a new folder. Raises OSError without the right to mount."""
        folder.mkdir(mode=0o700)
        try:
            _mount(folder, f"size={size_bytes},mode=700")
        except OSError:
            folder.rmdir()
            raise
        self.folder: Final = folder
        self._size_bytes: Final = size_bytes

    def fill(self) -> None:
        """Make it full: what is written from now on fails with ENOSPC."""
        for attempt in range(_ATTEMPTS):
            found = os.statvfs(self.folder)
            used_bytes = (found.f_blocks - found.f_bfree) * found.f_frsize
            try:
                self._resize(used_bytes + _ROOM_BYTES * attempt)
            except OSError:  # more has been written since
                if attempt == _ATTEMPTS - 1:
                    raise
            else:
                return

    def free(self) -> None:
        """Give it its space again."""
        self._resize(self._size_bytes)

    def _resize(self, size_bytes: int) -> None:
        _mount(self.folder, f"size={size_bytes}", flags=_MS_REMOUNT)

    def close(self) -> None:
        """Remove it with its content."""
        ctypes.CDLL(None).umount2(str(self.folder).encode(), _MNT_DETACH)
        self.folder.rmdir()


@contextlib.contextmanager
def open_volume(folder: Path, size_bytes: int) -> Iterator[Volume | None]:
    """Mount a volume on a new folder within a block. Without the right to mount, the folder is an ordinary one: None."""
    try:
        volume = Volume(folder, size_bytes)
    except OSError:
        folder.mkdir(mode=0o700)
        yield None
        return
    try:
        yield volume
    finally:
        volume.close()


def enter_namespace(arguments: Sequence[str]) -> None:
    """Start this command again in a mount namespace, so that its mounts end with it, even if it is killed.

    Without root it is also a user namespace, in which the user stays the same and may mount. Where the system does not permit
    that, the command continues without one.
    """
    program = shutil.which("unshare")
    if program is None or _IN_NAMESPACE in os.environ:
        return
    argv = [program, "--mount"]
    if os.geteuid() != 0:
        argv += ["--user", "--map-current-user", "--keep-caps"]
    if os.spawnv(os.P_WAIT, program, [*argv, "true"]) != 0:  # noqa: S606  no shell is wanted
        return
    environment = os.environ | {_IN_NAMESPACE: "1"}
    os.execve(program, [*argv, sys.executable, "-m", "chaos", *arguments], environment)  # noqa: S606  as above
