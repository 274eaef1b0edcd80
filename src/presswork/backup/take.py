"""Taking a backup: the database as it is at one instant, then every object that it names, in one file."""

import asyncio
import os
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from presswork import __version__
from presswork.backup.archive import DUMP, KEY, MEDIA, SANDBOX, Contents
from presswork.backup.model import Facts, MediaPlace, NothingToBackUp, Told
from presswork.backup.programs import client_programs, major_of
from presswork.backup.transfer import Connect, dump
from presswork.backup.writing import Writer, whole_file
from presswork.core.settings import Settings
from presswork.crypto.keyring import find_keyring, fingerprints_of, key_texts
from presswork.db.queries import load
from presswork.media.store import is_key, local_folder

_SQL: Final = load("presswork.backup")
_WORKER_SEEN_WITHIN: Final = timedelta(minutes=1)
_OF_OPEN_FILES: Final = ("-wal", "-shm", "-journal", ".lock")
"""Endings of what belongs to an open SQLite file and means nothing without it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """An installation. `sandbox` is the folder of the sandbox's memory, whether or not it is there."""

    settings: Settings
    dsn: str
    connect: Connect
    sandbox: Path


def take_backup(source: Source, target: Path, *, with_keys: bool, now: datetime, told: Told) -> Contents:
    """Write a backup to a file, which appears when it is whole, and return its manifest.

    The database comes first: an object is in the store before a row names it, and is never changed; so each object that
    the dump names is there to be copied. The service may run meanwhile. Raises NothingToBackUp, BackupExists, BackupBusy,
    TransferFailed, Unavailable.
    """
    settings = source.settings
    media = local_folder(settings.media_store or settings.data_dir / "media")
    with whole_file(target) as file:
        writer = Writer(file, told)
        facts, keys = asyncio.run(_dump(source, writer, now=now, is_bucket=media is None))
        if media is not None:
            for name, path in files_below(media):
                if is_key(name):
                    writer.add_file(f"{MEDIA}/{name}", path)
        _add_sandbox(writer, source.sandbox)
        if with_keys and keys:
            writer.add_bytes(KEY, "".join(f"{key}\n" for key in keys).encode())
        return writer.finish(facts)


async def _dump(source: Source, writer: Writer, *, now: datetime, is_bucket: bool) -> tuple[Facts, list[str]]:
    """Dump the database, and return what is told of it and the lines of the key file that belong to it.

    Keys may be added and retired meanwhile: those at hand just before and just after the snapshot open all that is in it.
    """
    keys = key_texts(source.settings)
    async with (
        source.connect(source.dsn) as connection,
        connection.transaction(isolation="repeatable_read", readonly=True),
    ):
        row = await connection.fetchrow(_SQL["snapshot"])
        if row is None or row["schema"] is None:
            raise NothingToBackUp("This database holds nothing of Presswork, so there is nothing to back up.")
        keys += [key for key in key_texts(source.settings) if key not in keys]
        keyring = find_keyring(source.settings)
        server = str(row["server"]).split()[0]
        programs = client_programs(at_least=major_of(server))
        facts = Facts(
            presswork=__version__,
            taken_at=now,
            migrations=[step["version"] for step in await connection.fetch(_SQL["migrations"])],
            schema=row["schema"],
            server=server,
            dumped_by=programs.version,
            workers=await connection.fetchval(_SQL["workers_seen"], now - _WORKER_SEEN_WITHIN),
            keys=fingerprints_of(keys) or (() if keyring is None else keyring.fingerprints()),
            media=MediaPlace.BUCKET if is_bucket else MediaPlace.FOLDER,
        )
        with writer.open_ended(DUMP) as write:
            await dump(
                programs,
                source.dsn,
                schema=facts.schema,
                has_trigrams=row["has_trigrams"],
                snapshot=row["snapshot"],
                write=write,
            )
        return facts, keys


def _add_sandbox(writer: Writer, folder: Path) -> None:
    """Copy what the fake platforms remember; they may be in use."""
    with tempfile.TemporaryDirectory(prefix="presswork-backup-") as scratch:
        for number, (name, path) in enumerate(files_below(folder)):
            if path.suffix == ".sqlite3":
                copy = Path(scratch, str(number))
                with closing(sqlite3.connect(path)) as opened, closing(sqlite3.connect(copy)) as target:
                    opened.backup(target)
                writer.add_file(f"{SANDBOX}/{name}", copy)
            elif not name.endswith(_OF_OPEN_FILES):
                writer.add_file(f"{SANDBOX}/{name}", path)


def files_below(folder: Path, prefix: str = "") -> Iterator[tuple[str, Path]]:
    """Yield the files below a folder with their names in it, in no order; none if the folder is not there.

    Links are followed, as the media store follows them, but not back up.
    """
    try:
        entries = os.scandir(folder)
    except FileNotFoundError:
        return
    with entries:
        for entry in entries:
            path = Path(entry.path)
            if entry.is_dir():
                if not (entry.is_symlink() and folder.resolve().is_relative_to(path.resolve())):
                    yield from files_below(path, f"{prefix}{entry.name}/")
            elif entry.is_file():
                yield f"{prefix}{entry.name}", path
