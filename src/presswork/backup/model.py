"""What a backup records about its installation, and the errors of backup and restore."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TypeAlias

from presswork.core.errors import Code, Conflict, PressworkError, Unavailable

Progress: TypeAlias = Callable[[str, int], None]
"""Called with the name of a part and the number of bytes of it that were just processed."""


class MediaPlace(StrEnum):
    """Where an installation keeps its media."""

    FOLDER = "folder"  # in the backup
    BUCKET = "bucket"  # not in the backup: versioning is the bucket's job


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """The files of one kind in a backup."""

    files: int
    size_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """The installation at the instant of the backup."""

    presswork: str  # version of the program
    taken_at: datetime  # UTC; nothing that happened later is in the backup
    migrations: Sequence[str]  # versions, oldest first
    schema: str  # the schema that holds the tables
    server: str  # version of PostgreSQL
    dumped_by: str  # version of pg_dump
    workers: int  # workers seen in the minute before the backup: they may publish after it
    keys: Sequence[str]  # fingerprints of the secret keys, newest first
    media: MediaPlace


@dataclass(frozen=True, slots=True, kw_only=True)
class Contents:
    """A whole backup: the facts, and its parts by name."""

    facts: Facts
    parts: Mapping[str, Part]


class BackupInvalid(PressworkError):
    """The file is not a backup, is damaged, or comes from a newer version."""

    code = Code.VALIDATION


class NothingToBackUp(Conflict):
    """There is no installation here."""


class BackupExists(Conflict):
    """The chosen name belongs to a file that is not a backup."""


class BackupBusy(Conflict):
    """Another process is writing the same backup."""


class NotRestorable(Conflict):
    """The backup can't be restored here; the message says what prevents it."""


class TransferFailed(Unavailable):
    """pg_dump, pg_restore or psql failed; the message quotes it."""
