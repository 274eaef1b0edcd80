"""Take a backup: the database as of one instant, then every file that it refers to, in one archive."""

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
from zipfile import ZipFile

import asyncpg

from presswork import __version__
from presswork.backup.archive import DUMP, KEY, MEDIA, SANDBOX, add_file, contents_of, copy, replacing, write_head
from presswork.backup.model import Contents, Facts, MediaPlace, NothingToBackUp, Progress
from presswork.backup.programs import client_programs, major_of
from presswork.backup.transfer import Connect, dumping
from presswork.core.errors import Unavailable
from presswork.crypto.keyring import find_keyring, fingerprints_of, key_texts
from presswork.db.queries import load
from presswork.media.store import is_key, local_folder
from presswork.platforms.settings import Settings

_SQL: Final = load("presswork.backup")
_WORKER_SEEN_WITHIN: Final = timedelta(minutes=1)
_SESSION_FAILED: Final = (
    "The database session that keeps the snapshot of the backup failed: {}. No partial file was left. Try again. If the "
    "session was ended while pg_dump read, find what ends idle sessions, such as idle_in_transaction_session_timeout of the "
    "server or idle_transaction_timeout of PgBouncer, and raise it for this role."
)
_SQLITE: Final = ".sqlite3"
_OF_OPEN_FILES: Final = ("-wal", "-shm", "-journal", ".lock")
"""Suffixes of files that belong to an open SQLite database; the copy doesn't need them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """An installation to back up. `sandbox` is the folder of the sandbox's state, which may not exist."""

    settings: Settings
    dsn: str
    connect: Connect
    sandbox: Path


def take_backup(source: Source, target: Path, *, with_keys: bool, now: datetime, progress: Progress) -> Contents:
    """Write a backup to a file, which appears when it is complete, and return its contents. The service may run meanwhile.

    The database comes first: an object is stored before a row refers to it and never changes, so every object that the
    dump refers to can be copied afterwards. Raises NothingToBackUp, BackupExists, BackupBusy, TransferFailed, Unavailable.
    """
    settings = source.settings
    media = local_folder(settings.media_store or settings.data_dir / "media")
    place = MediaPlace.BUCKET if media is None else MediaPlace.FOLDER
    with replacing(target) as file, ZipFile(file, "w", strict_timestamps=False) as archive:
        try:
            facts, keys = asyncio.run(_dump(source, archive, media=place, now=now, progress=progress))
        except (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError) as error:
            raise Unavailable(_SESSION_FAILED.format(str(error).rstrip("."))) from error
        if media is not None:
            for name, path in files_below(media):
                if is_key(name):
                    add_file(archive, f"{MEDIA}/{name}", path, progress)
        _add_sandbox(archive, source.sandbox, progress)
        if with_keys and keys:
            archive.writestr(KEY, "".join(f"{key}\n" for key in keys))
        return contents_of(archive, facts)


async def _dump(
    source: Source, archive: ZipFile, *, media: MediaPlace, now: datetime, progress: Progress
) -> tuple[Facts, list[str]]:
    """Write the facts and the dump of the database, and return the facts and the lines of the key file that belong to the dump.

    Keys may be added and retired meanwhile: those present just before and just after the snapshot open all that is in it.
    """
    keys = key_texts(source.settings)
    async with (
        source.connect(source.dsn) as connection,
        connection.transaction(isolation="repeatable_read", readonly=True),
    ):
        await connection.fetchrow(_SQL["keep_session"])
        row = await connection.fetchrow(_SQL["snapshot"])
        if row is None or row["schema"] is None:
            raise NothingToBackUp("This database has no Presswork tables, so there is nothing to back up.")
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
            workers=await connection.fetchval(_SQL["workers_seen"], now, _WORKER_SEEN_WITHIN),
            keys=fingerprints_of(keys) or (() if keyring is None else keyring.fingerprints()),
            media=media,
        )
        write_head(archive, facts)
        with (
            dumping(
                programs,
                source.dsn,
                schema=facts.schema,
                has_trigrams=row["has_trigrams"],
                snapshot=row["snapshot"],
            ) as dump,
            archive.open(DUMP, "w", force_zip64=True) as member,
        ):
            copy(dump, member, DUMP, progress)
        return facts, keys


def _add_sandbox(archive: ZipFile, folder: Path, progress: Progress) -> None:
    """Add the sandbox's state, which may be in use: SQLite copies its files consistently."""
    with tempfile.TemporaryDirectory(prefix="presswork-backup-") as scratch:
        for number, (name, path) in enumerate(files_below(folder)):
            if path.suffix == _SQLITE:
                copied = Path(scratch, str(number))
                with closing(sqlite3.connect(path)) as opened, closing(sqlite3.connect(copied)) as target:
                    opened.backup(target)
                add_file(archive, f"{SANDBOX}/{name}", copied, progress)
            elif not name.endswith(_OF_OPEN_FILES):
                add_file(archive, f"{SANDBOX}/{name}", path, progress)


def files_below(folder: Path, prefix: str = "") -> Iterator[tuple[str, Path]]:
    """Yield the files below a folder with their relative names, unordered; none if the folder does not exist.

    Symbolic links are followed, as the media store follows them, except back to a folder above.
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
