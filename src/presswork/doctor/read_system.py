"""Read the state of the installation from its database and this machine. Fast: no other machine is called."""

import asyncio
import platform
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import asyncpg

from presswork import __version__
from presswork.apps.public_url import PublicURLInUse, StoredURL, read_public_url
from presswork.core.clock import Clock
from presswork.crypto.keyring import Keyring
from presswork.db.embedded import is_embedded
from presswork.db.pool import Pool
from presswork.db.rows import from_row
from presswork.doctor.model import Backup, CheckRun, PlatformSetup, WorkerState
from presswork.doctor.platform_setup import read_setups
from presswork.doctor.store import SQL, last_backup, last_checks
from presswork.media.store import local_folder
from presswork.platforms.registry import Platforms
from presswork.platforms.settings import Settings
from presswork.telemetry.queue_metrics import WORKER_SEEN_WITHIN, Backlog, QueueMetrics

_MAX_WORKERS: Final = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Versions:
    """What runs here. `schema` is the newest migration."""

    program: str
    schema: str
    postgresql: str
    python: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Storage:
    """Where data is, and how much of it. Bytes; None where it is not known, as for a bucket's free space."""

    data_folder: str
    data_folder_free_bytes: int | None
    media_kind: str
    media_place: str
    media_free_bytes: int | None
    is_embedded: bool
    database_bytes: int
    connections: int
    max_connections: int


@dataclass(frozen=True, slots=True, kw_only=True)
class System:
    """The state of the installation."""

    public_url: PublicURLInUse
    stored_public_url: StoredURL | None
    last_run: CheckRun | None
    is_checking: bool
    versions: Versions
    workers: Sequence[WorkerState]
    backlog: Backlog
    storage: Storage
    last_backup: Backup | None
    is_backup_old: bool
    platforms: Sequence[PlatformSetup]


async def read_system(
    pool: Pool,
    settings: Settings,
    platforms: Platforms,
    keyring: Keyring,
    metrics: QueueMetrics,
    clock: Clock,
    public_url: PublicURLInUse,
) -> System:
    """Return the state of the installation, with the findings of the last run of the checks."""
    now: datetime | None = clock.database_now()
    async with pool.acquire() as connection:
        last_run, is_checking, _ = await last_checks(connection, now=now)
        server = await connection.fetchrow(SQL["server"], now)
        workers = await connection.fetch(SQL["workers_alive"], now, WORKER_SEEN_WITHIN, _MAX_WORKERS)
        backup = await last_backup(connection)
        setups = await read_setups(connection, settings, platforms, keyring)
        stored_url = await read_public_url(connection)
    if server is None:
        raise RuntimeError("the database returned no row about itself")
    return System(
        public_url=public_url,
        stored_public_url=stored_url,
        last_run=last_run,
        is_checking=is_checking,
        versions=Versions(
            program=__version__,
            schema=str(server["schema"]),
            postgresql=str(server["version"]).split()[0],
            python=platform.python_version(),
        ),
        workers=[from_row(WorkerState, row) for row in workers],
        backlog=await metrics.backlog(),
        storage=await asyncio.to_thread(_storage, settings, server),
        last_backup=backup,
        is_backup_old=backup is not None and backup.is_old(server["now"]),
        platforms=setups,
    )


def _storage(settings: Settings, server: asyncpg.Record) -> Storage:
    place = settings.media_store or settings.data_dir / "media"
    folder = local_folder(place)
    return Storage(
        data_folder=str(settings.data_dir),
        data_folder_free_bytes=_free_bytes(settings.data_dir),
        media_kind="folder" if folder is not None else urlsplit(str(place)).scheme,
        media_place=_strip_secrets(place) if folder is None else str(folder),
        media_free_bytes=None if folder is None else _free_bytes(folder),
        is_embedded=is_embedded(settings),
        database_bytes=server["database_bytes"],
        connections=server["connections"],
        max_connections=server["max_connections"],
    )


def _strip_secrets(url: str | Path) -> str:
    """Return the URL of a bucket without what may be secret in it."""
    parts = urlsplit(str(url))
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"


def _free_bytes(folder: Path) -> int | None:
    existing = next((path for path in (folder, *folder.parents) if path.exists()), None)
    return None if existing is None else shutil.disk_usage(existing).free
