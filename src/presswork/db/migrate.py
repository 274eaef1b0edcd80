"""Run numbered, forward-only migrations in dbmate's file format. `dbmate` can run them as well."""

import re
from collections.abc import Sequence, Set
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
"""Longest time that a migration waits for a table lock."""
_MAX_NAMES: Final = 3
LOCK: Final = 0x70726573
"""Key of the advisory lock for changes of the schema and its permissions. The number is arbitrary."""


class WrongDatabase(Unavailable):
    """The database belongs to another program, so that it is not migrated."""

    def __init__(self, database: str, reason: str) -> None:
        super().__init__(
            f"The database {database} belongs to another program: {reason}. Nothing was changed. Set PRESSWORK_DATABASE_URL "
            f"to the database of this installation, or to a new, empty one.",
            database=database,
        )


class NoGrants(Unavailable):
    """The role of this session has no permission to read the tables, as after a restore, which leaves grants out."""

    def __init__(self, role: str) -> None:
        super().__init__(
            f"The database role {role} may not read the tables of Presswork. As the owner of the tables, run `presswork "
            f"migrate --grant-to {role}`; after a restore or an upgrade this is needed again.",
            role=role,
        )


@dataclass(frozen=True, slots=True)
class Migration:
    """One migration. `version` defines the order, `sql` is the `migrate:up` part."""

    version: str
    name: str
    sql: str


def migrations() -> Sequence[Migration]:
    """Return all migrations of this version of the program, oldest first."""
    found = []
    for entry in files("presswork.db").joinpath("migrations").iterdir():
        if match := _NAME.match(entry.name):
            up = entry.read_text(encoding="utf-8").partition("-- migrate:up")[2].partition("-- migrate:down")[0]
            found.append(Migration(match[1], match[2], up))
    return sorted(found, key=lambda migration: migration.version)


async def migrate(connection: Connection, *, lock_wait: timedelta = LOCK_WAIT) -> Sequence[Migration]:
    """Run the pending migrations in one transaction, one process at a time, and return them.

    A migration that waits for a table lock blocks other sessions, so it waits for at most `lock_wait`. Raises Unavailable
    if that is exceeded, or if a newer version of the program migrated the database.
    """
    try:
        return await _migrate(connection, lock_wait)
    except asyncpg.LockNotAvailableError as error:
        raise Unavailable(
            f"The migration timed out after {lock_wait.total_seconds():g} s: another session uses one of the tables. Nothing "
            "was changed. Stop the workers and the API, or end long queries, and run the migration again."
        ) from error


async def _migrate(connection: Connection, lock_wait: timedelta) -> Sequence[Migration]:
    async with connection.transaction():
        await connection.execute("SELECT pg_advisory_xact_lock($1)", LOCK)
        await connection.execute(f"SET LOCAL lock_timeout = {round(lock_wait.total_seconds() * 1000)}")
        missing = await pending(connection)
        if len(missing) == len(
            migrations()
        ):  # only then, so that a role without CREATE permission can check an up-to-date schema
            await connection.execute("CREATE TABLE IF NOT EXISTS schema_migrations (version varchar(128) PRIMARY KEY)")
        for migration in missing:
            await connection.execute(migration.sql)
            await connection.execute("INSERT INTO schema_migrations (version) VALUES ($1)", migration.version)
            log.info("migrated", version=migration.version, name=migration.name)
    return missing


_SCHEMA_MIGRATIONS: Final = """
SELECT current_user::text AS role, found IS NOT NULL AS is_there, has_table_privilege(found, 'SELECT') AS is_readable
  FROM to_regclass('schema_migrations') AS found
"""
_OTHER_TABLES: Final = """
SELECT relname FROM pg_class
 WHERE relnamespace = to_regnamespace(current_schema()) AND relkind IN ('r', 'p') AND relname <> 'schema_migrations'
       AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = pg_class.oid AND deptype = 'e')
 ORDER BY relname LIMIT $1
"""
"""Tables that belong to no extension."""


async def pending(connection: Connection) -> Sequence[Migration]:
    """Return the migrations that have not run.

    Raises WrongDatabase if the database belongs to another program, NoGrants if this role may not read it, and Unavailable
    if it is newer than this one.
    """
    about = await connection.fetchrow(_SCHEMA_MIGRATIONS)
    has_table = about is not None and about["is_there"]
    if about is not None and has_table and not about["is_readable"]:
        raise NoGrants(about["role"])
    rows = await connection.fetch("SELECT version FROM schema_migrations ORDER BY version") if has_table else []
    done = {row["version"] for row in rows}
    known = migrations()
    if done.isdisjoint(migration.version for migration in known):
        await _require_own(connection, done)
    if ahead := sorted(done - {migration.version for migration in known}):
        raise Unavailable(
            f"A newer version of Presswork migrated the database (this version does not know migration {ahead[-1]}). "
            "Run the newer version, or restore a backup made before it."
        )
    return [migration for migration in known if migration.version not in done]


async def _require_own(connection: Connection, done: Set[str]) -> None:
    """Raise WrongDatabase for a database without Presswork's tables that is not empty."""
    tables = [row["relname"] for row in await connection.fetch(_OTHER_TABLES, _MAX_NAMES + 1)]
    if not done and not tables:
        return
    reason = "its schema_migrations are not Presswork's"
    if tables:
        names = ", ".join(tables[:_MAX_NAMES]) + (", …" if len(tables) > _MAX_NAMES else "")
        reason = f"it has the tables {names} and none of Presswork's"
    raise WrongDatabase(str(await connection.fetchval("SELECT current_database()")), reason)
