"""The backup file: an uncompressed ZIP archive, so `unzip` can test it and take it apart.

Members: `presswork-backup.json` (format and facts, first), `database.dump`, `media/…`, `sandbox/…` and `secret.key`. Media,
sandbox and key are optional. ZIP's checksums detect damage, and its directory at the end a file that is incomplete.
"""

import fcntl
import json
import os
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import IO, BinaryIO, Final

from pydantic import TypeAdapter

from presswork.backup.model import BackupBusy, BackupExists, BackupInvalid, Contents, Facts, Part, Progress
from presswork.core.errors import Unavailable

HEAD: Final = "presswork-backup.json"
DUMP: Final = "database.dump"
MEDIA: Final = "media"
SANDBOX: Final = "sandbox"
KEY: Final = "secret.key"
FORMAT: Final = 1
"""Incremented when an older program can no longer read a new backup."""

_CHUNK_BYTES: Final = 1 << 20
_FACTS: Final = TypeAdapter(Facts)
_NAME_AT: Final = 30
"""Where a ZIP file has the name of its first member."""
_DAMAGE: Final = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    ValueError,
    RuntimeError,
    LookupError,
    TypeError,
    struct.error,
)
"""What zipfile raises on files that are damaged in various places."""


def part_of(name: str) -> str:
    """Return the part that a member belongs to."""
    return name.partition("/")[0]


def copy(source: IO[bytes], target: IO[bytes] | None, name: str, progress: Progress) -> None:
    """Copy the bytes of a member to its end, or only read them."""
    while chunk := source.read(_CHUNK_BYTES):
        if target is not None:
            target.write(chunk)
        progress(part_of(name), len(chunk))


def write_head(archive: zipfile.ZipFile, facts: Facts) -> None:
    """Write the first member."""
    archive.writestr(HEAD, json.dumps({"format": FORMAT, "facts": _FACTS.dump_python(facts, mode="json")}, indent=2))


def add_file(archive: zipfile.ZipFile, name: str, path: Path, progress: Progress) -> None:
    """Copy a file into the archive, unless it was deleted meanwhile."""
    with suppress(FileNotFoundError), path.open("rb") as source, archive.open(name, "w", force_zip64=True) as member:
        copy(source, member, name, progress)


def contents_of(archive: zipfile.ZipFile, facts: Facts) -> Contents:
    """Return what is in an archive. Raises ValueError if a member has no business there."""
    parts: dict[str, Part] = {}
    for info in archive.infolist()[1:]:
        part, slash, rest = info.filename.partition("/")
        if part in {MEDIA, SANDBOX}:
            is_expected = slash == "/" and not any(step in {"", ".", ".."} for step in rest.split("/"))
        else:
            is_expected = info.filename in {DUMP, KEY}
        if not is_expected:
            raise ValueError(info.filename)
        before = parts.get(part, Part(files=0, size_bytes=0))
        parts[part] = Part(files=before.files + 1, size_bytes=before.size_bytes + info.file_size)
    return Contents(facts=facts, parts=parts)


@contextmanager
def opened(path: Path) -> Iterator[tuple[zipfile.ZipFile, Contents]]:
    """Yield a backup and its contents; its members are still unchecked. Raises BackupInvalid."""
    try:
        if not is_backup(path):
            raise BackupInvalid(f"{path} is not a Presswork backup.")
    except OSError as error:
        raise BackupInvalid(f"{path} can't be read: {error.strerror}.") from error
    with ExitStack() as stack:
        with reporting_damage(path):
            archive = stack.enter_context(zipfile.ZipFile(path))
            head = json.loads(archive.read(archive.infolist()[0]))
            if head["format"] > FORMAT:
                raise BackupInvalid(
                    f"{path} was made by a newer Presswork. Restore it with that version or a later one."
                )
            contents = contents_of(archive, _FACTS.validate_python(head["facts"]))
        yield archive, contents


@contextmanager
def reporting_damage(path: Path) -> Iterator[None]:
    """Turn the errors of zipfile on a damaged file into BackupInvalid."""
    try:
        yield
    except _DAMAGE as error:
        raise BackupInvalid(f"{path} is damaged or incomplete. Nothing was changed. Use another copy of it.") from error


def is_backup(path: Path) -> bool:
    """Return whether a file begins as a backup does, complete or not. Raises OSError."""
    with path.open("rb") as file:
        return file.read(_NAME_AT + len(HEAD))[_NAME_AT:] == HEAD.encode()


def examine(path: Path, progress: Progress) -> Contents:
    """Check every byte of a backup and return its contents. Raises BackupInvalid."""
    with opened(path) as (archive, contents), reporting_damage(path):
        for info in archive.infolist():
            with archive.open(info) as member:
                copy(member, None, info.filename, progress)
        return contents


@contextmanager
def replacing(target: Path) -> Iterator[BinaryIO]:
    """Yield a file that gets the name `target` when the block succeeds, and is deleted when it fails.

    An earlier backup with that name stays until then. Raises BackupExists if anything else has the name, BackupBusy if
    another process writes the same backup, Unavailable if the file can't be written.
    """
    draft = target.with_name(f".{target.name}.part")
    try:
        if target.exists() and not (target.is_file() and (target.stat().st_size == 0 or is_backup(target))):
            raise BackupExists(f"{target} exists and is not a backup, so it was left alone. Choose another name.")
        handle = os.open(draft, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        with os.fdopen(handle, "r+b") as file:
            _lock(file, draft, target)
            try:
                yield file
                file.flush()
                os.fsync(file.fileno())
                draft.replace(target)
            except BaseException:
                draft.unlink(missing_ok=True)
                raise
        os.sync()
    except OSError as error:
        place = f" ({error.filename})" if error.filename else ""
        raise Unavailable(
            f"{target} was not written: {error.strerror or error}{place}. No partial file was left."
        ) from error


def _lock(file: BinaryIO, draft: Path, target: Path) -> None:
    """Make the draft this process's own, and discard what a killed process left in it."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        is_same = os.path.samestat(draft.stat(), os.fstat(file.fileno()))
    except (BlockingIOError, FileNotFoundError):
        is_same = False
    if not is_same:
        raise BackupBusy(f"Another process is writing {target}. Wait for it, or choose another name.")
    file.truncate()
    os.fchmod(file.fileno(), 0o600)
