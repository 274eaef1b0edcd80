"""Checks of this machine: Python, the data folder, the key file and the media store."""

import os
import secrets
import shutil
import stat
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from presswork.core.errors import PressworkError
from presswork.crypto.keyring import key_file, load_keyring
from presswork.doctor.model import Finding, fail, ok, warn
from presswork.media.store import MediaStore
from presswork.platforms.settings import Settings

_OLDEST_PYTHON: Final = (3, 11)
_LITTLE_SPACE_BYTES: Final = 1024**3
_NO_SPACE_BYTES: Final = 100 * 1024**2


def python() -> Finding:
    """Check the version of Python."""
    version = ".".join(str(part) for part in sys.version_info[:3])
    if sys.version_info[:2] < _OLDEST_PYTHON:
        return fail("python", f"Python {version} is too old.", "Install Presswork with Python 3.11 or newer.")
    return ok("python", f"Python {version}")


def data_folder(settings: Settings) -> Iterator[Finding]:
    """Check that the data folder can be written and has space left."""
    folder = settings.data_dir
    existing = next(path for path in (folder, *folder.parents) if path.exists())
    if not existing.is_dir() or not os.access(existing, os.W_OK | os.X_OK):
        what = "is not a folder" if not existing.is_dir() else "is not writable by this user"
        yield fail("data folder", f"{existing} {what}.", "Choose another with --data-dir or PRESSWORK_DATA_DIR.")
        return
    yield ok("data folder", f"{folder}" if existing == folder else f"{folder} (created at the first start)")
    free = shutil.disk_usage(existing).free
    shown = f"{free / 1024**3:.1f} GiB free"
    if free < _NO_SPACE_BYTES:
        yield fail("disk space", f"Only {shown}.", "Free some space: the database stops when the disk is full.")
    elif free < _LITTLE_SPACE_BYTES:
        yield warn("disk space", f"Only {shown}.", "Free some space, or move media elsewhere: PRESSWORK_MEDIA_STORE.")
    else:
        yield ok("disk space", shown)


def secret_key(settings: Settings) -> Finding:
    """Check that the secret keys can be read, and that no other user can."""
    path = key_file(settings)
    if settings.secret_keys is None and not path.exists():
        return ok("secret key", "generated in the data folder at the first start")
    try:
        load_keyring(settings)
    except (PressworkError, OSError) as error:
        return fail(
            "secret key",
            str(error),
            "Restore the key of this installation. Without it, every account must be connected again.",
        )
    if settings.secret_keys is not None:
        return ok("secret key", "from PRESSWORK_SECRET_KEYS")
    if stat.S_IMODE(path.stat().st_mode) & 0o077:
        return fail("secret key", f"{path} is accessible to other users.", f"chmod 600 {path}")
    return ok("secret key", f"{path}, accessible to its owner only")


async def media_store(settings: Settings) -> Finding:
    """Write, read and delete a small object."""
    place = settings.media_store or settings.data_dir / "media"
    if isinstance(place, Path) and _is_missing(place):
        return ok("media store", f"{place} (created at the first start)")
    key = f"doctor/{secrets.token_hex(8)}"
    probe = secrets.token_bytes(32)
    try:
        store = MediaStore.open(place)
        await store.put_bytes(key, probe, "application/octet-stream")
        back = await store.get_bytes(key)
        await store.delete(key)
    except PressworkError as error:
        return fail("media store", error.message, "Correct PRESSWORK_MEDIA_STORE, its credentials or its permissions.")
    if back != probe:
        return fail("media store", f"{place} returns other bytes than were written.", "Use another store.")
    return ok("media store", f"{place} can be written and read")


def _is_missing(folder: Path) -> bool:
    return not folder.exists()
