"""What a backup says of itself, and what makes one useless. Pure."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TypeAlias

from presswork.core.errors import Code, Conflict, PressworkError

Told: TypeAlias = Callable[[str, int], None]
"""Is told how it goes on: the name of a part, and how many bytes more of it are done."""


class MediaPlace(StrEnum):
    """Where an installation keeps its media."""

    FOLDER = "folder"  # in the backup
    BUCKET = "bucket"  # not in the backup: a bucket keeps versions itself


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One kind of thing in a backup. `sha256` is that of the list of its files, each line as `sha256sum` prints it."""

    files: int
    size_bytes: int
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What is known of the installation at the instant of the backup."""

    presswork: str  # version of the program
    taken_at: datetime  # UTC; nothing that came later is in the backup
    migrations: Sequence[str]  # versions, oldest first
    schema: str  # that the tables are in
    server: str  # version of PostgreSQL
    dumped_by: str  # version of pg_dump
    workers: int  # that were seen lately: while any runs, posts go on behind the back of the backup
    keys: Sequence[str]  # fingerprints of the secret keys, newest first
    media: MediaPlace


class BackupInvalid(PressworkError):
    """The file is no backup, or not whole, or from a newer program."""

    code = Code.VALIDATION


class NothingToBackUp(Conflict):
    """There is no installation here."""


class BackupExists(Conflict):
    """Something that is no backup has the name that was chosen."""


class BackupBusy(Conflict):
    """Another process writes the same backup."""


class NotRestorable(Conflict):
    """This backup can't be restored here as things are; the message says what is in the way."""
