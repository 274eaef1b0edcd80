"""Files that root writes for a service that runs as another user, such as those of `sudo presswork secrets rotate`."""

import os
from contextlib import suppress
from pathlib import Path


def adopt(handle: int, like: Path) -> None:
    """Give an open file or folder of root to the owner of another one; change nothing for other users. Raises OSError."""
    owner = like.stat()
    if os.fstat(handle).st_uid == 0 != owner.st_uid:
        os.fchown(handle, owner.st_uid, owner.st_gid)


def make_folder(path: Path) -> None:
    """Create a folder that only its owner may enter, and those above it, each for the owner of the one above.

    Raises OSError.
    """
    _make(path, mode=0o700)


def _make(path: Path, *, mode: int) -> None:
    if path.is_dir():
        return
    _make(path.parent, mode=0o777)  # less the umask
    with suppress(FileExistsError):  # another process was first
        path.mkdir(mode=mode)
    folder = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        adopt(folder, path.parent)
    finally:
        os.close(folder)
