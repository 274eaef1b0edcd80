"""Restoring a backup where there is nothing yet: all of it or nothing, and without posting anything a second time."""

import asyncio
import os
import secrets
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Final

from asyncpg import Record

from presswork.backup.archive import DUMP, KEY, MEDIA, SANDBOX, Contents, part_of
from presswork.backup.compatibility import media_folder, needs_key, require_known, require_nothing_there
from presswork.backup.model import BackupInvalid, NotRestorable, Told
from presswork.backup.programs import client_programs, major_of
from presswork.backup.reading import extract
from presswork.backup.restore_reconciliation import Doubt, statements, variables
from presswork.backup.take import files_below
from presswork.backup.transfer import Connect, load
from presswork.core.errors import Unavailable
from presswork.core.settings import Settings
from presswork.crypto.keyring import key_file
from presswork.db import queries
from presswork.db.embedded.fresh import fresh_cluster
from presswork.db.migrate import migrate
from presswork.media.store import is_key
from presswork.posts.model import RESTORED

_SQL: Final = queries.load("presswork.backup")
_SCRATCH: Final = ".restoring-"


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """An installation to be. `sandbox` is the folder of the sandbox's memory."""

    settings: Settings
    connect: Connect
    sandbox: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """What only the operator can know."""

    doubt: Doubt
    are_keys_lost: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored:
    """What was restored, and what its operator has to know of it."""

    contents: Contents
    migrated: Sequence[str]  # versions of the steps of the schema that the backup lacked
    counts: Mapping[str, int]  # of what is in doubt, by name
    posts: int
    waiting: int  # queued for later
    next_due_at: datetime | None
    accounts: int  # connected
    keys: int  # that work


def restore_backup(
    file: Path, contents: Contents, target: Target, choices: Choices, *, now: datetime, told: Told
) -> Restored:
    """Restore a backup that was examined. The database comes last, in one step: without it there is no installation.

    The caller keeps others off the data folder. Raises NotRestorable with what is in the way, BackupInvalid,
    TransferFailed, Unavailable; then nothing is left behind but, at worst, media that nobody names.
    """
    settings = target.settings
    choices.doubt.check(contents.facts, now=now)
    require_known(contents)
    require_nothing_there(settings)
    media = media_folder(settings, contents)
    wants_key = needs_key(settings, contents, are_keys_lost=choices.are_keys_lost)
    has_sandbox = target.sandbox.exists()  # the fake platforms remember more than a backup does, so they keep it
    with _writing(), _scratch(settings.data_dir) as scratch, _scratch(media or settings.data_dir) as objects:

        def place(name: str) -> Path | None:
            if part_of(name) == MEDIA:
                key = name.removeprefix(f"{MEDIA}/")
                return objects / key if is_key(key) else None
            is_wanted = {KEY: wants_key, SANDBOX: not has_sandbox}.get(part_of(name), True)
            return scratch / name if is_wanted else None

        def settle() -> None:
            os.sync()
            if media is not None:
                _move_files(objects, media)
            _move(scratch / SANDBOX, target.sandbox)
            _move(scratch / KEY, key_file(settings))
            os.sync()

        if extract(file, place, told) != contents:
            raise BackupInvalid(f"{file} was changed while it was read. Nothing was changed here.")
        fill = partial(_fill, target, contents, scratch / DUMP, choices, now=now)
        if settings.database_url is not None:
            return asyncio.run(fill(settings.database_url.get_secret_value(), before_commit=settle))
        with fresh_cluster(settings.data_dir) as dsn:
            restored = asyncio.run(fill(dsn, before_commit=lambda: None))
            settle()
    return restored


async def _fill(
    target: Target,
    contents: Contents,
    dump: Path,
    choices: Choices,
    dsn: str,
    *,
    now: datetime,
    before_commit: Callable[[], None],
) -> Restored:
    """Fill an empty database from a dump, bring its schema up to date, and tell what is in it."""
    facts = contents.facts
    row = await _look_at(target, dsn, facts.schema)
    counts = await load(
        client_programs(at_least=max(row["major"], major_of(facts.dumped_by))),
        dsn,
        dump,
        has_trigrams=row["has_trigrams"],
        server_major=row["major"],
        statements=statements(facts, choices.doubt, are_keys_lost=choices.are_keys_lost),
        variables=variables(facts, choices.doubt, now=now),
        before_commit=before_commit,
    )
    async with target.connect(dsn) as connection:
        steps = await migrate(connection)
        await connection.execute("ANALYZE")
        there = await connection.fetchrow(_SQL["what_is_there"], RESTORED)
    return Restored(contents=contents, migrated=[step.version for step in steps], counts=counts, **dict(there or {}))


async def _look_at(target: Target, dsn: str, schema: str) -> Record:
    """Return what is known of a database that is to be filled. Raises NotRestorable unless it is empty."""
    async with target.connect(dsn) as connection:
        row = await connection.fetchrow(_SQL["target"])
    if row is None or row["schema"] != schema:
        raise NotRestorable(
            f"The tables of this backup are in the schema {schema}, and this database has "
            f"{'none' if row is None or row['schema'] is None else row['schema']} on its search_path. Make it {schema}."
        )
    if row["things"]:
        raise NotRestorable(
            f"The database that PRESSWORK_DATABASE_URL names is not empty ({row['things']} tables, indexes and the like), and "
            "a restore changes nothing that is there. Make a new database, name that one, and restore again."
        )
    return row


@contextmanager
def _writing() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        place = f" ({error.filename})" if error.filename else ""
        raise Unavailable(f"The backup was not restored: {error.strerror or error}{place}.") from error


@contextmanager
def _scratch(folder: Path) -> Iterator[Path]:
    """Yield a folder for the length of a block, in the file system that its files are meant for.

    What killed processes left is taken away first: the caller keeps others off.
    """
    is_new = not folder.exists()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for left in folder.glob(f"{_SCRATCH}*"):
        shutil.rmtree(left)
    scratch = folder / f"{_SCRATCH}{secrets.token_hex(4)}"
    scratch.mkdir(mode=0o700)
    try:
        yield scratch
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
        if is_new:
            with suppress(OSError):  # it has something in it now
                folder.rmdir()


def _move_files(source: Path, target: Path) -> None:
    """Move files to the same names below another folder. An object's name stands for its bytes, so none is lost."""
    for name, path in files_below(source):
        place = target / name
        place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.replace(place)


def _move(source: Path, target: Path) -> None:
    """Move a file or folder to where nothing is, if it is there."""
    if source.exists() and not target.exists():
        source.rename(target)
