"""Restore a backup into an empty place: all of it or nothing, and without publishing anything a second time."""

import asyncio
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final
from zipfile import ZipFile

from asyncpg import Record

from presswork.backup.archive import DUMP, KEY, MEDIA, SANDBOX, copy, opened, part_of, reporting_damage
from presswork.backup.compatibility import media_folder, needs_key, require_empty, require_known
from presswork.backup.model import BackupInvalid, Contents, Progress
from presswork.backup.programs import client_programs, major_of
from presswork.backup.restore_reconciliation import Reconciliation
from presswork.backup.transfer import Connect, load
from presswork.core.errors import Unavailable
from presswork.core.file_owners import adopt, make_folder
from presswork.crypto.keyring import key_file
from presswork.db import queries
from presswork.db.embedded import embedded_server
from presswork.db.migrate import migrate
from presswork.media.store import is_key
from presswork.platforms.settings import Settings
from presswork.posts.model import RESTORED

_SQL: Final = queries.load("presswork.backup")
_SCRATCH: Final = ".restoring-"


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Where to restore. `sandbox` is the folder of the sandbox's state."""

    settings: Settings
    connect: Connect
    sandbox: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored:
    """What was restored, as the operator needs to know it."""

    contents: Contents
    migrated: Sequence[str]  # versions of the migrations that were applied to the backup's schema
    counts: Mapping[str, int]  # rows that the reconciliation changed, by name
    posts: int
    waiting: int  # queued for later
    next_due_at: datetime | None
    accounts: int  # connected
    keys: int  # neither revoked nor killed


def restore_backup(
    file: Path,
    contents: Contents,
    target: Target,
    reconciliation: Reconciliation,
    *,
    now: datetime,
    progress: Progress,
) -> Restored:
    """Restore a backup that was examined. The database is committed last, in the transaction that also reconciles it.

    The caller holds the lock of the data folder. Raises NotRestorable, BackupInvalid, TransferFailed or Unavailable; then
    the database is still empty, and at most media files without a row were left.
    """
    settings = target.settings
    reconciliation.check(contents.facts, now=now)
    require_known(contents)
    media = media_folder(settings, contents)
    wants_key = needs_key(settings, contents, are_keys_lost=reconciliation.are_keys_lost)
    has_sandbox = target.sandbox.exists()  # real platforms are not set back either
    url = settings.database_url
    with (
        opened(file) as (archive, found),
        nullcontext(url.get_secret_value()) if url else _start_embedded(settings) as dsn,
    ):
        if found != contents:
            raise BackupInvalid(f"{file} changed while it was read. Nothing was changed. Restore again.")
        row = require_empty(settings, contents, asyncio.run(_examine(target, dsn)))
        with _translate_write_errors(), _open_scratch_folder(settings.data_dir) as scratch:

            def place(name: str) -> Path | None:
                if part_of(name) == MEDIA and media is not None:
                    key = name.removeprefix(f"{MEDIA}/")
                    return media / key if is_key(key) else None
                is_wanted = {KEY: wants_key, SANDBOX: not has_sandbox}.get(part_of(name), False)
                return scratch / name if is_wanted else None

            def restore_files() -> None:
                for info in archive.infolist():
                    if (path := place(info.filename)) is not None:
                        _extract(file, archive, info.filename, path, progress)
                _move(scratch / SANDBOX, target.sandbox)
                _move(scratch / KEY, key_file(settings))
                os.sync()

            _extract(file, archive, DUMP, scratch / DUMP, progress)
            counts = load(
                client_programs(at_least=max(row["major"], major_of(contents.facts.dumped_by))),
                dsn,
                scratch / DUMP,
                has_trigrams=row["has_trigrams"],
                server_major=row["major"],
                statements=reconciliation.statements(contents.facts),
                variables=reconciliation.variables(contents.facts, now=now),
                before_commit=restore_files,
            )
        return asyncio.run(_finish(target, dsn, contents, counts))


def _extract(file: Path, archive: ZipFile, name: str, target: Path, progress: Progress) -> None:
    """Write a member to a file that only its owner reads: the folder's owner, if root writes it.

    An object's name identifies its bytes, so replacing is safe.
    """
    make_folder(target.parent)
    target.unlink(missing_ok=True)
    handle = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as out, reporting_damage(file), archive.open(name) as member:
        adopt(handle, target.parent)
        copy(member, out, name, progress)


@contextmanager
def _start_embedded(settings: Settings) -> Iterator[str]:
    with embedded_server(settings.data_dir) as server:
        yield server.dsn


async def _examine(target: Target, dsn: str) -> Record | None:
    async with target.connect(dsn) as connection:
        return await connection.fetchrow(_SQL["target"])


async def _finish(target: Target, dsn: str, contents: Contents, counts: Mapping[str, int]) -> Restored:
    """Migrate the restored database, and report what is in it."""
    async with target.connect(dsn) as connection:
        steps = await migrate(connection)
        await connection.execute("ANALYZE")
        row = await connection.fetchrow(_SQL["contents"], RESTORED)
    return Restored(contents=contents, migrated=[step.version for step in steps], counts=counts, **dict(row or {}))


@contextmanager
def _translate_write_errors() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        place = f" ({error.filename})" if error.filename else ""
        raise Unavailable(f"The backup was not restored: {error.strerror or error}{place}.") from error


@contextmanager
def _open_scratch_folder(folder: Path) -> Iterator[Path]:
    """Yield a temporary folder in the data folder. Removes those that killed processes left."""
    is_new = not folder.exists()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for left in folder.glob(f"{_SCRATCH}*"):
        shutil.rmtree(left)
    try:
        with tempfile.TemporaryDirectory(prefix=_SCRATCH, dir=folder) as scratch:
            yield Path(scratch)
    finally:
        if is_new:
            with suppress(OSError):  # it is not empty any more
                folder.rmdir()


def _move(source: Path, target: Path) -> None:
    """Move a file or folder, if it exists and the target does not; root gives it to the owner of the new place."""
    if source.exists() and not target.exists():
        for path in (source, *source.rglob("*")):
            handle = os.open(path, os.O_RDONLY)
            try:
                adopt(handle, target.parent)
            finally:
                os.close(handle)
        source.rename(target)
