"""Databases of tests: copies of one migrated template, which the tests of a process use one after the other.

Creating and dropping a database costs more than most tests, so a test leaves its database empty for the next one. A
database whose schema, settings or statistics a test changed is dropped.
"""

import asyncio
import itertools
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Final, Self
from urllib.parse import urlsplit, urlunsplit

import asyncpg

if TYPE_CHECKING:
    from presswork.db.pool import Pool

SERVER: Final = "PRESSWORK_TESTS_SERVER"
SERVER_FOLDER: Final = "PRESSWORK_TESTS_FOLDER"
APP_PASSWORD: Final = "PRESSWORK_TESTS_APP_PASSWORD"
"""Environment variables: the URL of the run's server for its owner, its folder, the password of the login of API and worker."""
TEMPLATE: Final = "presswork_template"
_MAX_BYTES: Final = 4 * 1024 * 1024
"""A database whose tables have grown beyond this is dropped: deleted rows would slow down the next tests."""
_number: Final = itertools.count(1)
_unused: Final[list[str]] = []
_fingerprint: Final[list[str]] = []

_FINGERPRINT: Final = """
SELECT array(SELECT (count(*), max(xmin::text::bigint))::text FROM pg_class WHERE relkind <> 't'
       UNION ALL SELECT (count(*), max(xmin::text::bigint))::text FROM pg_attribute
       UNION ALL SELECT (count(*), max(xmin::text::bigint))::text FROM pg_constraint
       UNION ALL SELECT (count(*), max(xmin::text::bigint))::text FROM pg_index
       UNION ALL SELECT (count(*), max(xmin::text::bigint))::text FROM pg_trigger
       UNION ALL SELECT (count(*), max(xmin::text::bigint))::text FROM pg_proc
       UNION ALL SELECT (count(*), max(xmin::text::bigint))::text FROM pg_namespace
       UNION ALL SELECT (count(*), max(xmin::text::bigint))::text FROM pg_default_acl
       UNION ALL SELECT (count(*), max(xmin::text::bigint))::text FROM pg_statistic
       UNION ALL SELECT (count(*), max(xmin::text::bigint))::text FROM schema_migrations
       UNION ALL SELECT count(*)::text FROM pg_db_role_setting s JOIN pg_database d ON d.oid = s.setdatabase
                  WHERE d.datname = current_database()) AS catalog
"""
"""What only a change of the schema, of the settings or of the statistics changes; deleted rows leave it as it is."""

_SIZE: Final = "SELECT sum(pg_relation_size(oid)) FROM pg_class WHERE relnamespace = 'public'::regnamespace"

_CUT_OTHERS: Final = """
SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity
 WHERE datname = current_database() AND pid <> pg_backend_pid()
"""

_END_OTHERS: Final = """
SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity
 WHERE datname = current_database() AND pid <> pg_backend_pid() AND state <> 'idle'
"""
"""A statement or a transaction that a test has left would keep locks."""

_WIPE: Final = """
DO $$
DECLARE name text;
BEGIN
    SET LOCAL lock_timeout = '10s';
    SET LOCAL session_replication_role = replica;
    FOR name IN SELECT c.oid::regclass::text FROM pg_class c
                 WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND c.relname <> 'schema_migrations'
                   AND pg_relation_size(c.oid) > 0 LOOP
        EXECUTE 'DELETE FROM ' || name || CASE name WHEN 'tiktok_tracks' THEN ' WHERE NOT is_sample' ELSE '' END;
    END LOOP;
END $$
"""


def dsn_of(server_dsn: str, database: str) -> str:
    """Return the URL of another database on the same server."""
    return urlunsplit(urlsplit(server_dsn)._replace(path=f"/{database}"))


def owner_of(dsn: str) -> str:
    """Return the URL of the same database of the run's server for the owner of its tables."""
    return dsn_of(os.environ[SERVER], urlsplit(dsn).path.removeprefix("/"))


async def as_owner(pool: "Pool", *statements: str) -> None:
    """Run statements in one transaction as the owner of the tables, which API and workers are not."""
    database = await pool.fetchval("SELECT current_database()")
    async with connected(dsn_of(os.environ[SERVER], database)) as connection, connection.transaction():
        for statement in statements:
            await connection.execute(statement)


async def make_template(server_dsn: str, *, app_password: str) -> None:
    """Create and migrate the template, and let API and workers log in, unless another test process has done so."""
    from presswork.db.app_role import EMBEDDED_ROLE, ensure_embedded_login
    from presswork.db.migrate import migrate

    async with connected(server_dsn) as server:
        if await server.fetchval("SELECT true FROM pg_database WHERE datname = $1", TEMPLATE):
            return
        # Statistics of a table change the plans of a test, so they must not depend on when the server makes them. Autovacuum
        # stays on, since `presswork doctor` reports it otherwise, but it runs for the first time in three weeks.
        await server.execute("ALTER SYSTEM SET autovacuum_naptime = '21d'")
        await server.execute("SELECT pg_reload_conf()")
        await server.execute(f"CREATE DATABASE {TEMPLATE}_draft")
        async with connected(dsn_of(server_dsn, f"{TEMPLATE}_draft")) as draft:
            await migrate(draft)
            await ensure_embedded_login(draft, lambda: app_password)
            # Tests read which sessions wait for a lock; the program does not.
            await draft.execute(f"GRANT pg_read_all_stats TO {EMBEDDED_ROLE}")
        await server.execute(f"ALTER DATABASE {TEMPLATE}_draft RENAME TO {TEMPLATE}")


async def take(server_dsn: str) -> str:
    """Return the name of an empty, migrated database that no other test uses."""
    if _unused:
        return _unused.pop()
    name = f"t_{os.getpid()}_{next(_number)}"
    await _on_server(server_dsn, f"CREATE DATABASE {name} TEMPLATE {TEMPLATE}")
    if not _fingerprint:
        async with connected(dsn_of(server_dsn, name)) as owner:
            _fingerprint.extend(await owner.fetchval(_FINGERPRINT))
    return name


async def give_back(server_dsn: str, name: str) -> None:
    """Empty a database for the next test, or drop it if the test has changed more than rows."""
    try:
        is_reusable = await _empty(server_dsn, name)
    except (OSError, asyncpg.PostgresError):
        is_reusable = False
    if is_reusable:
        _unused.append(name)
    else:
        await _on_server(server_dsn, f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


async def _empty(server_dsn: str, name: str) -> bool:
    async with connected(dsn_of(server_dsn, name)) as owner:
        await owner.execute(_CUT_OTHERS)
        if await owner.fetchval(_FINGERPRINT) != _fingerprint or await owner.fetchval(_SIZE) > _MAX_BYTES:
            return False
        await owner.execute(_WIPE)
    return True


class SharedDatabase:
    """A database that servers of many tests keep open, with a connection of its owner that deletes the rows of each test."""

    def __init__(self, server_dsn: str, name: str, owner: "asyncpg.Connection[asyncpg.Record]") -> None:
        """See `create`."""
        self.name: Final = name
        self._server_dsn: Final = server_dsn
        self._owner: Final = owner
        self.kept: Final[dict[str, str]] = {}
        """Rows of tables as JSON that each cleaning restores."""

    @classmethod
    async def create(cls, server_dsn: str) -> Self:
        """Create a database."""
        name = await take(server_dsn)
        return cls(server_dsn, name, await asyncpg.connect(dsn_of(server_dsn, name)))

    async def keep(self, table: str) -> None:
        """Restore the rows that a table has now after each test: a server wrote them at its start."""
        self.kept[table] = await self._owner.fetchval(f"SELECT coalesce(json_agg(t), '[]')::text FROM {table} t")

    async def clean(self) -> bool:
        """Delete the rows of a test. Returns False if it has left more than rows. Raises PostgresError."""
        await self._owner.execute(_END_OTHERS)
        if await self._owner.fetchval(_FINGERPRINT) != _fingerprint:
            return False
        async with self._owner.transaction():
            await self._owner.execute(_WIPE)
            for table, rows in self.kept.items():
                await self._owner.execute(
                    f"INSERT INTO {table} SELECT * FROM json_populate_recordset(NULL::{table}, $1)", rows
                )
        if await self._owner.fetchval(_SIZE) > _MAX_BYTES:
            await self._owner.execute("VACUUM")
        return True

    async def drop(self) -> None:
        """Drop it."""
        await self._owner.close()
        await _on_server(self._server_dsn, f"DROP DATABASE IF EXISTS {self.name} WITH (FORCE)")


async def _on_server(server_dsn: str, statement: str) -> None:
    async with connected(server_dsn) as server:
        await server.execute(statement)


@asynccontextmanager
async def connected(dsn: str) -> "AsyncIterator[asyncpg.Connection[asyncpg.Record]]":
    """Connect for the length of a block."""
    connection = await asyncpg.connect(dsn)
    try:
        yield connection
    finally:
        await connection.close()


async def until_waiting(pool: "Pool", sessions: int = 1) -> None:
    """Wait until this many other sessions of the database wait for a lock.

    Not to be called in a transaction, which reads the activity only once.
    """
    waiting = """SELECT count(*) FROM pg_stat_activity
                  WHERE datname = current_database() AND wait_event_type = 'Lock' AND pid <> pg_backend_pid()"""
    async with asyncio.timeout(30):
        while await pool.fetchval(waiting) < sessions:  # noqa: ASYNC110  a lock of the database has no event
            await asyncio.sleep(0.01)
