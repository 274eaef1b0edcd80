"""Reading a backup, and never trusting it: each byte is checked before anything is made of it."""

import json
import os
import tarfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import IO

from presswork.backup.archive import (
    CHUNK_BYTES,
    FORMAT,
    HEAD,
    Contents,
    Tally,
    Write,
    is_manifest,
    is_ours,
    part_of,
    read_manifest,
)
from presswork.backup.model import BackupInvalid, Told


@dataclass(frozen=True, slots=True)
class Member:
    """One file in a backup. `copy_to` hands its bytes on, once."""

    name: str
    size_bytes: int
    _stream: IO[bytes]

    def copy_to(self, write: Write) -> str:
        """Hand the bytes on in chunks and return their SHA-256."""
        digest = sha256()
        while chunk := self._stream.read(CHUNK_BYTES):
            digest.update(chunk)
            write(chunk)
        return digest.hexdigest()


def is_backup(path: Path) -> bool:
    """Tell whether a file begins as a backup does, whole or not."""
    with suppress(tarfile.TarError, BackupInvalid), tarfile.open(path, "r:") as archive:
        return _read_head(archive, path)
    return False


def examine(path: Path, told: Told) -> Contents:
    """Read a backup to its end and return its manifest. Raises BackupInvalid if a byte is not as it was written."""

    def read(member: Member) -> str:
        return member.copy_to(lambda chunk: told(part_of(member.name), len(chunk)))

    return _walk(path, read)


def extract(path: Path, place: Callable[[str], Path | None], told: Told) -> Contents:
    """Write the members to where `place` says (None: nowhere), readable by their owner only; return the manifest.

    Raises BackupInvalid, when some may have been written.
    """

    def write(member: Member) -> str:
        target = place(member.name)
        if target is None:
            return member.copy_to(lambda _chunk: None)
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:

            def put(chunk: bytes) -> None:
                file.write(chunk)
                told(part_of(member.name), len(chunk))

            return member.copy_to(put)

    return _walk(path, write)


def _walk(path: Path, take: Callable[[Member], str]) -> Contents:
    """Have `take` read each member and return its SHA-256; return the manifest, which must agree with what was read."""
    tally = Tally()
    try:
        for member in _members(path):
            if is_manifest(member.name):
                manifest = bytearray()
                member.copy_to(manifest.extend)
                contents = read_manifest(member.name, bytes(manifest))
                if dict(contents.parts) == tally.parts():
                    return contents
                break
            tally.add(member.name, member.size_bytes, take(member))
    except (tarfile.TarError, EOFError, ValueError) as error:
        raise _damaged(path) from error
    raise _damaged(path)


def _members(path: Path) -> Iterator[Member]:
    try:
        archive = tarfile.open(path, "r:")  # noqa: SIM115  closed below
    except tarfile.TarError as error:
        raise _no_backup(path) from error
    except OSError as error:
        raise BackupInvalid(f"{path} can't be read: {error.strerror or error}.") from error
    with archive:
        if not _read_head(archive, path):
            raise _no_backup(path)
        while (info := archive.next()) is not None:
            archive.members = []  # type: ignore[attr-defined]  # undocumented; else memory grows with each member
            stream = archive.extractfile(info) if info.isreg() and is_ours(info.name) else None
            if stream is None:
                break
            yield Member(info.name, info.size, stream)


def _read_head(archive: tarfile.TarFile, path: Path) -> bool:
    """Read the first member; False: it is not that of a backup. Raises BackupInvalid on a newer format."""
    info = archive.next()
    stream = archive.extractfile(info) if info is not None and info.isreg() and info.name == HEAD else None
    if stream is None:
        return False
    try:
        written: object = json.loads(stream.read(CHUNK_BYTES))
    except ValueError as error:
        raise _damaged(path) from error
    if written != {"format": FORMAT}:
        raise BackupInvalid(f"{path} was made by a newer Presswork. Restore it with that version or a later one.")
    return True


def _no_backup(path: Path) -> BackupInvalid:
    return BackupInvalid(f"{path} is not a backup of Presswork.")


def _damaged(path: Path) -> BackupInvalid:
    return BackupInvalid(f"{path} is damaged or not whole. Nothing was changed. Take another copy of it.")
