"""Checks of the database server: what it was told, who holds whom up, and whether it keeps up with itself."""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Final

import asyncpg

from presswork.cli.database import OLDEST_MAJOR
from presswork.cli.doctor.finding import Finding, fail, ok, warn
from presswork.core.clock import SystemClock
from presswork.core.errors import PressworkError
from presswork.core.settings import Settings
from presswork.db.migrate import pending
from presswork.db.pool import Connection
from presswork.db.queries import load

_SQL: Final = load("presswork.cli.doctor", "doctor.sql")

_CLOCK_WARNS: Final = timedelta(seconds=2)
_CLOCK_FAILS: Final = timedelta(seconds=30)
"""Signed addresses and leases bear a few seconds of difference between machines, not minutes."""
_CONNECTIONS_EACH: Final = 41
"""What one API or worker takes at most: its pools, and the session that listens (db/pool.py, worker/main.py)."""
_FEWEST_PROCESSES: Final = 2
IDLE_FOR: Final = timedelta(minutes=1)
"""How long a transaction may be open without doing anything."""
BLOCKED_FOR: Final = timedelta(seconds=10)
"""How long a statement may wait for another's lock."""
MANY_DEAD_ROWS: Final = 100_000
_OLD_TRANSACTIONS: Final = 1_000_000_000
"""Half way to where PostgreSQL stops writing, so that no number of a transaction is used twice."""


def not_reached(error: PressworkError) -> Finding:
    """Say what to do where no connection could be made."""
    match error.__cause__:
        case asyncpg.InvalidAuthorizationSpecificationError():
            fix = "Correct the user and the password in PRESSWORK_DATABASE_URL, and see the server's pg_hba.conf."
        case asyncpg.InvalidCatalogNameError():
            fix = "Create that database (`createdb NAME`), or correct the name at the end of PRESSWORK_DATABASE_URL."
        case asyncpg.TooManyConnectionsError():
            fix = "Raise max_connections of the server, or run fewer APIs and workers."
        case asyncpg.CannotConnectNowError():
            fix = "The server is starting, stopping or recovering: wait, and see its log."
        case None:
            fix = "Do what it says; docs/embedded-database.md tells more of the embedded server."
        case _:
            fix = "Start the server, or correct PRESSWORK_DATABASE_URL."
    if "is PostgreSQL" in error.message:
        fix = f"Move the data to PostgreSQL {OLDEST_MAJOR} or newer (pg_dump, or `presswork backup`), and name that server."
    return fail("database", error.message, fix)


async def check_server(settings: Settings, connection: Connection) -> list[Finding]:
    """Look at the server itself; every one of these works on an empty database too."""
    told = {row["name"]: row["setting"] for row in await connection.fetch(_SQL["server_settings"])}
    return [
        await _server(settings, connection, told),
        await check_migrations(settings, connection),
        await reach(connection),
        durability(told),
        await _connections(connection, told),
        *await locks(connection, idle_for=IDLE_FOR, blocked_for=BLOCKED_FOR),
        *await vacuum(connection, told, many=MANY_DEAD_ROWS),
        await _clock(connection),
    ]


async def _server(settings: Settings, connection: Connection, told: Mapping[str, str]) -> Finding:
    version = str(await connection.fetchval("SELECT current_setting('server_version')")).split()[0]
    kind = "embedded" if settings.database_url is None else "external"
    if await connection.fetchval("SELECT pg_is_in_recovery()") or told["default_transaction_read_only"] == "on":
        return fail(
            "database",
            f"This {kind} PostgreSQL {version} only reads: it is a standby, or was told to.",
            "Name the primary server in PRESSWORK_DATABASE_URL, or promote this one (pg_ctl promote).",
        )
    return ok("database", f"{kind} PostgreSQL {version} answers; {OLDEST_MAJOR} or newer is needed")


async def check_migrations(settings: Settings, connection: Connection) -> Finding:
    """Compare the schema with what this program needs."""
    try:
        missing = await pending(connection)
    except PressworkError as error:
        return fail("migrations", error.message, "Install the newer version of Presswork here too.")
    if not missing:
        return ok("migrations", "current")
    found = f"{len(missing)} step(s) pending."
    fix = "Run `presswork migrate`."
    return fail("migrations", found, fix) if settings.database_url else warn("migrations", found, fix)


async def reach(connection: Connection) -> Finding:
    """Look whether the role may use every table; one that an upgrade has added needs a grant of its own."""
    row = await connection.fetchrow(_SQL["reach"])
    if row is None:
        raise RuntimeError("pg_class gave no row back")
    if missing := row["out_of_reach"]:
        return fail(
            "grants",
            f"This login lacks rights to {len(missing)} table(s): {', '.join(missing[:5])}.",
            "As the owner of the tables, run `presswork migrate --grant-to` with the name of this login.",
        )
    if row["can_change_log"]:
        return ok("grants", "every table; this login could change the audit log, too (docs/audit-log.md)")
    return ok("grants", "every table, and the audit log only to read and to add")


def durability(told: Mapping[str, str]) -> Finding:
    """Validator the settings on which it depends that what was answered for is on the disk."""
    unsafe = [f"{name} is off" for name in ("fsync", "synchronous_commit", "full_page_writes") if told[name] == "off"]
    if unsafe:
        return fail(
            "durability",
            f"The database may lose what it has answered for when the power fails: {', '.join(unsafe)}.",
            "Turn it on in postgresql.conf (or for the database or user that has it off): a post that is forgotten is "
            "published twice or never.",
        )
    return ok("durability", "fsync and full_page_writes are on, commits wait for the disk")


async def _connections(connection: Connection, told: Mapping[str, str]) -> Finding:
    row = await connection.fetchrow(_SQL["sessions"])
    if row is None:
        raise RuntimeError("pg_stat_activity gave no row back")
    most = int(told["max_connections"]) - int(told["superuser_reserved_connections"])
    return connections(most=most, in_use=row["all_of_them"], processes=row["processes"])


def connections(*, most: int, in_use: int, processes: int) -> Finding:
    """Compare what the server allows with what so many processes of Presswork may take."""
    counted = max(processes, _FEWEST_PROCESSES)
    wanted = counted * _CONNECTIONS_EACH
    who = f"{processes} processes of Presswork" if processes >= _FEWEST_PROCESSES else "one API and one worker"
    fix = f"Set max_connections to {wanted + 20} or more, run fewer processes, or put a pooler in front."
    if in_use >= most:
        return fail("connections", f"All {most} connections of the server are taken.", fix)
    if wanted > most:
        return warn("connections", f"The server takes {most} connections; {who} may want {wanted}.", fix)
    return ok("connections", f"{in_use} of {most} in use; {who} may want {wanted}")


async def locks(connection: Connection, *, idle_for: timedelta, blocked_for: timedelta) -> list[Finding]:
    """Look for sessions that hold others up."""
    findings = []
    for row in await connection.fetch(_SQL["blocked"], blocked_for):
        holders = " and ".join(str(pid) for pid in sorted(set(row["held_by"])))
        findings.append(
            fail(
                f"locks (session {row['pid']})",
                f"{row['program']} has been waiting for a lock for {row['lasted'].total_seconds():.0f} s; "
                f"session {holders} holds it.",
                f"Look it up in pg_stat_activity, and if it is stuck end it: pg_terminate_backend({holders.split()[0]}).",
            )
        )
    findings += [
        warn(
            f"transactions (session {row['pid']})",
            f"{row['program']} has had a transaction open for {row['lasted'].total_seconds():.0f} s and does nothing "
            "with it: its locks stay, and dead rows can't be cleared away.",
            f"End it in its program, or by pg_terminate_backend({row['pid']}).",
        )
        for row in await connection.fetch(_SQL["idle_transactions"], idle_for)
    ]
    return findings or [ok("locks", "nobody waits for long, and no transaction is left open")]


async def vacuum(connection: Connection, told: Mapping[str, str], *, many: int) -> list[Finding]:
    """Look whether dead rows are cleared away: where they are not, every statement gets slower and slower."""
    dead = await connection.fetch(_SQL["dead_rows"], many)
    age = await connection.fetchval(_SQL["oldest_transaction"])
    return list(_vacuum(told, [(row["relname"], row["n_dead_tup"]) for row in dead], age))


def _vacuum(told: Mapping[str, str], dead: list[tuple[str, int]], age: int) -> Iterator[Finding]:
    if told["autovacuum"] != "on":
        yield fail("autovacuum", "Autovacuum is off: tables only grow.", "Turn autovacuum on in postgresql.conf.")
    elif age > _OLD_TRANSACTIONS:
        yield fail(
            "autovacuum",
            f"The oldest row was written {age:,} transactions ago; at some two billion the server stops writing.",
            "End old transactions and replication slots that nobody uses, then run VACUUM (FREEZE) on this database.",
        )
    elif dead:
        tables = ", ".join(f"{name} ({count:,} dead rows)" for name, count in dead)
        yield warn(
            "autovacuum",
            f"It is far behind in {tables}.",
            "End long transactions, run VACUUM (ANALYZE) on these tables, and let autovacuum do more at a time "
            "(autovacuum_vacuum_cost_limit).",
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
    """Validator how far this machine's clock is from the database server's."""
    found = f"{apart.total_seconds():.1f} s from the database server's"
    fix = "Let both machines set their clocks by NTP."
    if apart > _CLOCK_FAILS:
        return fail("clock", f"This machine's clock is {found}.", fix)
    if apart > _CLOCK_WARNS:
        return warn("clock", f"This machine's clock is {found}.", fix)
    return ok("clock", found)
