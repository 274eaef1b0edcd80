"""Numbered, forward-only migrations in dbmate's file format; `dbmate` itself can run them too."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from importlib.resources import files
from typing import Final

import asyncpg
import structlog

from presswork.core.errors import Unavailable
from presswork.db.pool import Connection

log = structlog.get_logger()

_NAME: Final = re.compile(r"^(\d{14})_([a-z0-9_]+)\.sql$")
LOCK_WAIT: Final = timedelta(seconds=5)
"""How long a migration waits for a table at most."""
LOCK: Final = 0x70726573
"""Whoever changes the schema, or who may do what in it, holds this lock. Any number will do, as long as all use the same."""


@dataclass(frozen=True, slots=True)
class Migration:
    """One step of the schema: `version` orders the steps, `sql` is its `migrate:up` part."""

    version: str
    name: str
    sql: str


def migrations() -> Sequence[Migration]:
    """Return every migration of this program, oldest first."""
    found = []
    for entry in files("presswork.db").joinpath("migrations").iterdir():
        if match := _NAME.match(entry.name):
            up = entry.read_text(encoding="utf-8").partition("-- migrate:up")[2].partition("-- migrate:down")[0]
            found.append(Migration(match[1], match[2], up))
    return sorted(found, key=lambda migration: migration.version)


async def migrate(connection: Connection, *, lock_wait: timedelta = LOCK_WAIT) -> Sequence[Migration]:
    """Bring the schema up to date and return the steps taken; all or nothing, one process at a time.

    Whoever waits for a table makes others wait behind, so it waits for `lock_wait` at most. Raises Unavailable when that
    was not enough, and when the database was migrated by a newer version of the program.
    """
    try:
        return await _migrate(connection, lock_wait)
    except asyncpg.LockNotAvailableError as error:
        raise Unavailable(
            f"The migration waited {lock_wait.total_seconds():g} s for a table that another session uses, and gave up so "
            "that it does not hold others up. Nothing was changed. Stop the workers and the API, or end long queries, and "
            "run it again."
        ) from error


async def _migrate(connection: Connection, lock_wait: timedelta) -> Sequence[Migration]:
    async with connection.transaction():
        await connection.execute("SELECT pg_advisory_xact_lock($1)", LOCK)
        await connection.execute(f"SET LOCAL lock_timeout = {round(lock_wait.total_seconds() * 1000)}")
        missing = await pending(connection)
        if len(missing) == len(migrations()):  # only then: a role that may not make tables may be told that all is done
            await connection.execute("CREATE TABLE IF NOT EXISTS schema_migrations (version varchar(128) PRIMARY KEY)")
        for migration in missing:
            await connection.execute(migration.sql)
            await connection.execute("INSERT INTO schema_migrations (version) VALUES ($1)", migration.version)
            log.info("migrated", version=migration.version, name=migration.name)
    return missing


async def pending(connection: Connection) -> Sequence[Migration]:
    """Return the steps that the database still lacks. Raises Unavailable when it is ahead of this program."""
    has_table = await connection.fetchval("SELECT to_regclass('schema_migrations') IS NOT NULL")
    rows = await connection.fetch("SELECT version FROM schema_migrations ORDER BY version") if has_table else []
    done = {row["version"] for row in rows}
    known = migrations()
    if ahead := sorted(done - {migration.version for migration in known}):
        raise Unavailable(
            f"The database was migrated by a newer Presswork (migration {ahead[-1]} is not known here). "
            "Run the newer version, or restore a backup made before it."
        )
    return [migration for migration in known if migration.version not in done]
