"""Writing a backup: under another name until it is whole, readable by its owner only, in constant memory."""

import fcntl
import os
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO, Final

from presswork.backup.archive import CHUNK_BYTES, HEAD, Contents, Tally, Write, head, part_of, write_manifest
from presswork.backup.model import BackupBusy, BackupExists, Facts, Told
from presswork.backup.reading import is_backup
from presswork.core.errors import Unavailable


class Writer:
    """Writes a backup's members one after the other."""

    def __init__(self, file: BinaryIO, told: Told) -> None:
        """Take the file, which must be able to seek, and begin."""
        self._file: Final = file
        self._told: Final = told
        self._tally: Final = Tally()
        self.add_bytes(HEAD, head(), is_counted=False)

    def add_bytes(self, name: str, data: bytes, *, is_counted: bool = True) -> None:
        """Write what is small."""
        self._file.write(_header(name, len(data)) + data)
        self._pad(len(data))
        if is_counted:
            self._tally.add(name, len(data), sha256(data).hexdigest())

    def add_file(self, name: str, path: Path) -> bool:
        """Copy a file; False: it is not there (any more). Raises Unavailable if it is cut off meanwhile."""
        try:
            source = path.open("rb")
        except FileNotFoundError:
            return False
        with source:
            size_bytes = left = os.fstat(source.fileno()).st_size
            self._file.write(_header(name, size_bytes))
            digest = sha256()
            while left and (chunk := source.read(min(left, CHUNK_BYTES))):
                self._write(name, chunk)
                digest.update(chunk)
                left -= len(chunk)
        if left:
            raise Unavailable(f"{path} became shorter while it was copied. Make the backup again.")
        self._pad(size_bytes)
        self._tally.add(name, size_bytes, digest.hexdigest())
        return True

    @contextmanager
    def open_ended(self, name: str) -> Iterator[Write]:
        """Yield a function that takes the bytes of a member whose size is known only at its end."""
        digest, size_bytes, start = sha256(), 0, self._file.tell()
        self._file.write(_header(name, 0))

        def write(chunk: bytes) -> None:
            nonlocal size_bytes
            self._write(name, chunk)
            digest.update(chunk)
            size_bytes += len(chunk)

        yield write
        self._pad(size_bytes)
        end = self._file.tell()
        self._file.seek(start)
        self._file.write(_header(name, size_bytes))
        self._file.seek(end)
        self._tally.add(name, size_bytes, digest.hexdigest())

    def finish(self, facts: Facts) -> Contents:
        """Write the manifest and the end of the archive, and return what was written."""
        contents = Contents(facts=facts, parts=self._tally.parts())
        self.add_bytes(*write_manifest(contents), is_counted=False)
        self._file.write(bytes(2 * tarfile.BLOCKSIZE))
        return contents

    def _write(self, name: str, chunk: bytes) -> None:
        self._file.write(chunk)
        self._told(part_of(name), len(chunk))

    def _pad(self, size_bytes: int) -> None:
        self._file.write(bytes(-size_bytes % tarfile.BLOCKSIZE))


def _header(name: str, size_bytes: int) -> bytes:
    info = tarfile.TarInfo(name)
    info.size, info.mode = size_bytes, 0o600
    return info.tobuf(tarfile.GNU_FORMAT)


@contextmanager
def whole_file(target: Path) -> Iterator[BinaryIO]:
    """Yield a file that gets the name `target` when the block is left well, and is gone otherwise.

    An earlier backup of that name is replaced then. Raises BackupExists if something else has the name, BackupBusy if
    another process writes the same backup, and Unavailable if it can't be written.
    """
    draft = target.with_name(f".{target.name}.part")
    try:
        if target.exists() and not (target.is_file() and (target.stat().st_size == 0 or is_backup(target))):
            raise BackupExists(f"{target} is there and is no backup, so it was left alone. Choose another name.")
        handle = os.open(draft, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        with os.fdopen(handle, "wb") as file:
            _lock(file, draft, target)
            try:
                yield file
                file.flush()
                os.fsync(file.fileno())
                draft.replace(target)
            except BaseException:
                draft.unlink(missing_ok=True)
                raise
        _flush_folder(target.parent)
    except OSError as error:
        place = f" ({error.filename})" if error.filename else ""
        raise Unavailable(
            f"{target} was not made: {error.strerror or error}{place}. Nothing was left behind."
        ) from error


def _lock(file: BinaryIO, draft: Path, target: Path) -> None:
    """Make a draft this process's own; what a killed process left in it is thrown away."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        is_still_there = os.path.samestat(draft.stat(), os.fstat(file.fileno()))
    except (BlockingIOError, FileNotFoundError):
        is_still_there = False
    if not is_still_there:
        raise BackupBusy(f"Another process writes {target} just now. Wait for it, or choose another name.")
    file.truncate()
    os.fchmod(file.fileno(), 0o600)


def _flush_folder(path: Path) -> None:
    with suppress(OSError):  # not every file system can
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
