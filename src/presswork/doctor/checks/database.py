"""Checks of the database server: settings, connections, locks, vacuum and clock."""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Final

import asyncpg

from presswork.core.clock import SystemClock
from presswork.core.errors import PressworkError
from presswork.db.embedded import is_embedded
from presswork.db.migrate import NoGrants, WrongDatabase, pending
from presswork.db.one_connection import OLDEST_MAJOR
from presswork.db.pool import Connection
from presswork.db.queries import load
from presswork.doctor.model import Finding, fail, ok, warn
from presswork.platforms.settings import Settings

_SQL: Final = load("presswork.doctor.checks", "checks.sql")

_CLOCK_WARNS: Final = timedelta(seconds=2)
_CLOCK_FAILS: Final = timedelta(seconds=30)
"""Signed URLs and leases tolerate a few seconds of difference between machines, not minutes."""
_CONNECTIONS_EACH: Final = 46
"""Most connections of one process, a worker: its pools and the session for LISTEN (db/pool.py, worker/main.py)."""
_GRANT: Final = "As the owner of the tables, run `presswork migrate --grant-to` with the name of this role."
_FEWEST_PROCESSES: Final = 2
IDLE_FOR: Final = timedelta(minutes=1)
"""How long a transaction may be open and idle."""
OPEN_FOR: Final = timedelta(hours=1)
"""How long a transaction that is at work may be open."""
BLOCKED_FOR: Final = timedelta(seconds=10)
"""How long a statement may wait for a lock."""
MANY_DEAD_ROWS: Final = 100_000
_OLD_TRANSACTIONS: Final = 1_000_000_000
"""Half of the age at which PostgreSQL stops accepting writes to prevent transaction ID wraparound."""


def not_reached(error: PressworkError) -> Finding:
    """Return what to do if no connection could be made."""
    match error.__cause__:
        case asyncpg.InvalidAuthorizationSpecificationError():
            fix = "Correct the user and the password in PRESSWORK_DATABASE_URL, and check the server's pg_hba.conf."
        case asyncpg.InvalidCatalogNameError():
            fix = "Create that database (`createdb NAME`), or correct the name at the end of PRESSWORK_DATABASE_URL."
        case asyncpg.TooManyConnectionsError():
            fix = "Raise max_connections of the server, or run fewer APIs and workers."
        case asyncpg.CannotConnectNowError():
            fix = "The server is starting, stopping or recovering: wait, and check its log."
        case None:
            fix = "Follow the message; docs/embedded-database.md describes the embedded server."
        case _:
            fix = "Start the server, or correct PRESSWORK_DATABASE_URL."
    if "is PostgreSQL" in error.message:
        fix = f"Move the data to PostgreSQL {OLDEST_MAJOR} or newer (pg_dump, or `presswork backup`), and set PRESSWORK_DATABASE_URL to that server."
    return fail("database", error.message, fix)


async def check_server(settings: Settings, connection: Connection) -> list[Finding]:
    """Check the server. These checks work on an empty database, too."""
    config = {row["name"]: row["setting"] for row in await connection.fetch(_SQL["server_settings"])}
    return [
        await _server(settings, connection, config),
        await grants(connection),
        await check_migrations(settings, connection),
        durability(config),
        await _connections(connection, config),
        *await locks(connection, idle_for=IDLE_FOR, blocked_for=BLOCKED_FOR, open_for=OPEN_FOR),
        *await vacuum(connection, config, many=MANY_DEAD_ROWS),
        await _clock(connection),
    ]


async def _server(settings: Settings, connection: Connection, config: Mapping[str, str]) -> Finding:
    version = str(await connection.fetchval("SELECT current_setting('server_version')")).split()[0]
    kind = "embedded" if is_embedded(settings) else "external"
    if await connection.fetchval("SELECT pg_is_in_recovery()") or config["default_transaction_read_only"] == "on":
        return fail(
            "database",
            f"This {kind} PostgreSQL {version} is read-only: it is a standby, or configured to be.",
            "Set PRESSWORK_DATABASE_URL to the primary server, or promote this one (pg_ctl promote).",
        )
    return ok("database", f"{kind} PostgreSQL {version} answers; {OLDEST_MAJOR} or newer is required")


async def check_migrations(settings: Settings, connection: Connection) -> Finding:
    """Compare the schema with what this version needs."""
    try:
        missing = await pending(connection)
    except WrongDatabase as error:
        return fail("migrations", error.message, "Correct PRESSWORK_DATABASE_URL, or create a database for Presswork.")
    except NoGrants as error:
        return fail("migrations", error.message, _GRANT)
    except PressworkError as error:
        return fail("migrations", error.message, "Install the newer version of Presswork here, too.")
    if not missing:
        return ok("migrations", "current")
    found = f"{len(missing)} migration(s) pending."
    fix = "Run `presswork migrate`."
    return warn("migrations", found, fix) if settings.database_url is None else fail("migrations", found, fix)


async def grants(connection: Connection) -> Finding:
    """Check that the role may use every table; a table that an upgrade added needs a new grant."""
    row = await connection.fetchrow(_SQL["grants"])
    if row is None:
        raise RuntimeError("pg_class returned no row")
    if missing := row["out_of_reach"]:
        return fail(
            "grants",
            f"This role has no access to {len(missing)} table(s): {', '.join(missing[:5])}.",
            _GRANT,
        )
    if row["can_change_log"]:
        return ok("grants", "every table; this role could change the audit log, too (docs/audit-log.md)")
    return ok("grants", "every table; the audit log is append-only")


def durability(config: Mapping[str, str]) -> Finding:
    """Check the settings that make a commit durable."""
    unsafe = [f"{name} is off" for name in ("fsync", "synchronous_commit", "full_page_writes") if config[name] == "off"]
    if unsafe:
        return fail(
            "durability",
            f"The database may lose committed data when the power fails: {', '.join(unsafe)}.",
            "Turn it on in postgresql.conf (or for the database or user that has it off): a post that is lost is published "
            "twice or never.",
        )
    return ok("durability", "fsync and full_page_writes are on, and commits wait for the disk")


async def _connections(connection: Connection, config: Mapping[str, str]) -> Finding:
    row = await connection.fetchrow(_SQL["sessions"])
    if row is None:
        raise RuntimeError("pg_stat_activity returned no row")
    max_connections = int(config["max_connections"]) - int(config["superuser_reserved_connections"])
    return connections(max_connections=max_connections, in_use=row["all_of_them"], processes=row["processes"])


def connections(*, max_connections: int, in_use: int, processes: int) -> Finding:
    """Compare the limit of the server with what this many processes may use."""
    counted = max(processes, _FEWEST_PROCESSES)
    wanted = counted * _CONNECTIONS_EACH
    who = f"{processes} processes of Presswork" if processes >= _FEWEST_PROCESSES else "one API and one worker"
    fix = f"Set max_connections to {wanted + 20} or more, run fewer processes, or put a pooler in front."
    if in_use >= max_connections:
        return fail("connections", f"All {max_connections} connections of the server are in use.", fix)
    if wanted > max_connections:
        return warn("connections", f"The server accepts {max_connections} connections; {who} may use {wanted}.", fix)
    return ok("connections", f"{in_use} of {max_connections} in use; {who} may use {wanted}")


async def locks(
    connection: Connection, *, idle_for: timedelta, blocked_for: timedelta, open_for: timedelta = OPEN_FOR
) -> list[Finding]:
    """Find sessions that block others, or that prevent dead rows from being removed."""
    findings = []
    for row in await connection.fetch(_SQL["blocked"], blocked_for):
        holders = " and ".join(str(pid) for pid in sorted(set(row["held_by"])))
        findings.append(
            fail(
                f"locks (session {row['pid']})",
                f"{row['program']} has been waiting for a lock for {row['lasted'].total_seconds():.0f} s; "
                f"session {holders} holds it.",
                f"Look it up in pg_stat_activity, and if it is stuck, end it: pg_terminate_backend({holders.split()[0]}).",
            )
        )
    findings += [
        warn(
            f"transactions (session {row['pid']})",
            f"{row['program']} has been idle in a transaction for {row['lasted'].total_seconds():.0f} s: it keeps "
            "its locks, and dead rows can't be removed.",
            f"End it in its program, or with pg_terminate_backend({row['pid']}).",
        )
        for row in await connection.fetch(_SQL["idle_transactions"], idle_for)
    ]
    findings += [
        warn(
            f"transactions (session {row['pid']})",
            f"{row['program']} has been in one transaction for {row['lasted'].total_seconds() / 60:.0f} minutes: posts that "
            "ended since stay in the queue's indexes, and each claim reads them.",
            "Let it end, or run it on a standby: docs/scaling.md, What grows.",
        )
        for row in await connection.fetch(_SQL["old_snapshots"], open_for)
    ]
    return findings or [ok("locks", "no session waits for long, and no transaction is idle")]


async def vacuum(connection: Connection, config: Mapping[str, str], *, many: int) -> list[Finding]:
    """Check that dead rows are removed. If they are not, every statement gets slower."""
    dead = await connection.fetch(_SQL["dead_rows"], many)
    age = await connection.fetchval(_SQL["oldest_transaction"])
    return list(_vacuum(config, [(row["relname"], row["n_dead_tup"]) for row in dead], age))


def _vacuum(config: Mapping[str, str], dead: list[tuple[str, int]], age: int) -> Iterator[Finding]:
    if config["autovacuum"] != "on":
        yield fail("autovacuum", "Autovacuum is off: tables only grow.", "Turn autovacuum on in postgresql.conf.")
    elif age > _OLD_TRANSACTIONS:
        yield fail(
            "autovacuum",
            f"The oldest row was written {age:,} transactions ago; at about two billion the server stops accepting writes.",
            "End old transactions and unused replication slots, then run VACUUM (FREEZE) on this database.",
        )
    elif dead:
        tables = ", ".join(f"{name} ({count:,} dead rows)" for name, count in dead)
        yield warn(
            "autovacuum",
            f"It is far behind on {tables}.",
            "End long transactions, run VACUUM (ANALYZE) on these tables, and raise autovacuum_vacuum_cost_limit.",
        )
    else:
        yield ok("autovacuum", "keeps up")


async def _clock(connection: Connection) -> Finding:
    clock = SystemClock()
    before = clock.now()
    theirs = await connection.fetchval("SELECT clock_timestamp()")
    after = clock.now()
    return clocks(abs(theirs - (before + (after - before) / 2)))


def clocks(apart: timedelta) -> Finding:
    """Check the difference between this machine's clock and the database server's."""
    found = f"{apart.total_seconds():.1f} s from the database server's"
    fix = "Synchronize both clocks by NTP."
    if apart > _CLOCK_FAILS:
        return fail("clock", f"This machine's clock is {found}.", fix)
    if apart > _CLOCK_WARNS:
        return warn("clock", f"This machine's clock is {found}.", fix)
    return ok("clock", found)
