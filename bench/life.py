"""What a post costs: each statement of its life from the publish call's rows to `published`, from PostgreSQL's counters.

The server of this measure loads pg_stat_statements, so it is a separate one. The posts are inserted, not published by calls.
"""

import asyncio
import contextlib
import re
import tempfile
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from pathlib import Path
from typing import Final

import asyncpg
from rich.console import Console
from rich.table import Table

from bench.delivery import Condition, RunningWorker, running_worker
from bench.figures import Figure, Finding, shown
from bench.site import Scale, Site, make_template
from bench.world import insert_due
from presswork.db.embedded import embedded_server
from presswork.db.pool import Pool
from presswork.db.queries import load

_RATE: Final = 100
_MAX_POSTS: Final = 2000
_OTHER: Final = "every other statement"
_MIN_SHARE: Final = 0.002
"""Statements with a smaller share of the time are counted as others."""
_COUNTERS: Final = """SELECT xact_commit AS commits, pg_current_wal_lsn() - '0/0' AS wal_bytes,
       (SELECT sum(fsyncs) FROM pg_stat_io WHERE object = 'wal') AS flushes
  FROM pg_stat_database WHERE datname = current_database()"""
_STATEMENTS: Final = """SELECT query, sum(calls)::float8 AS calls, sum(total_exec_time + total_plan_time)::float8 AS milliseconds,
       sum(wal_bytes)::float8 AS wal_bytes
  FROM pg_stat_statements WHERE dbid = (SELECT oid FROM pg_database WHERE datname = current_database())
 GROUP BY query"""
_VARIES: Final = re.compile(
    r"--[^\n]*|/\*.*?\*/|\$\d+|'(?:[^']|'')*'|\b(?:\d+|null|true|false)\b|[\s,]+", re.IGNORECASE
)
"""Constants, which pg_stat_statements replaces, comments and white space."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What a post costs by one statement, on average."""

    calls: float
    microseconds: float
    """Planning and execution in PostgreSQL, without the commit's wait for the disk."""
    wal_bytes: float


async def measure_life(site: Site, scale: Scale) -> list[Finding]:
    """Measure the statements, commits, WAL and processor time of a post: at 100 posts per second, and of a burst."""
    count = min(scale.drained, _MAX_POSTS)
    found: list[Finding] = []
    async with _counting_site(site) as counting:
        found += await _life(
            counting, count, apart=timedelta(seconds=1 / _RATE), name=f"life of a post, {_RATE} posts/s"
        )
        found += await _life(counting, count, apart=timedelta(), name=f"life of a post, {count:,} due at one instant")
        await counting.drop_databases()
    return found


@contextlib.asynccontextmanager
async def _counting_site(site: Site) -> AsyncIterator[Site]:
    """Start another server, which counts statements."""
    with tempfile.TemporaryDirectory(prefix="presswork-bench-") as folder:
        with embedded_server(Path(folder)) as server:
            connection = await asyncpg.connect(server.dsn)
            await connection.execute("ALTER SYSTEM SET shared_preload_libraries = 'pg_stat_statements'")
            await connection.execute("ALTER SYSTEM SET track_io_timing = on")
            await connection.close()
        with embedded_server(Path(folder)) as server:
            await make_template(server.dsn, extension="pg_stat_statements")
            yield replace(site, folder=Path(folder), server_dsn=server.dsn)


async def _life(site: Site, count: int, *, apart: timedelta, name: str) -> list[Figure]:
    async with running_worker(site, accounts=2 * count) as running:
        database = await site.database_server()
        warm, counted = running.world.accounts[:count], running.world.accounts[count:]
        await insert_due(running.pool, running.world, warm, at=datetime.now(UTC), apart=apart)
        await _until_published(running, count)
        await running.pool.execute("SELECT pg_stat_statements_reset(0, 0, 0)")
        begin = datetime.now(UTC) + timedelta(seconds=1)
        await insert_due(running.pool, running.world, counted, at=begin, apart=apart)
        await asyncio.sleep(max(0.0, (begin - datetime.now(UTC)).total_seconds() - 0.1))
        before, used = await _counters(running.pool), running.used(database)
        await asyncio.sleep(0.3 + count * apart.total_seconds())
        await _until_published(running, 2 * count)
        workers, server, _ = [after - was for was, after in zip(used, running.used(database), strict=True)]
        after = await _counters(running.pool)
        costs = await _costs(running.pool, count)
    per_post = {key: (value - before[key]) / count for key, value in after.items()}
    _print(name, costs)
    return [
        Figure(measure=f"{name}: statements", value=sum(cost.calls for cost in costs.values()), unit=""),
        Figure(measure=f"{name}: commits", value=per_post["commits"], unit=""),
        Figure(measure=f"{name}: flushes of the WAL to the disk", value=per_post["flushes"], unit=""),
        Figure(measure=f"{name}: WAL", value=per_post["wal_bytes"] / 1024, unit="KiB"),
        Figure(measure=f"{name}: processor time, worker", value=workers / count * 1e6, unit="µs"),
        Figure(measure=f"{name}: processor time, database", value=server / count * 1e6, unit="µs"),
    ]


async def _counters(pool: Pool) -> dict[str, float]:
    row = await pool.fetchrow(_COUNTERS)
    return {} if row is None else {key: float(value) for key, value in row.items()}


async def _until_published(running: RunningWorker, count: int) -> None:
    reached = Condition("SELECT count(*) FROM scheduled_posts WHERE status = 'published'", count)
    await running.until(reached, "the end")


async def _costs(pool: Pool, count: int) -> Mapping[str, Cost]:
    """Return the costs by statement, the dearest first."""
    names = _names()
    costs: dict[str, Cost] = {}
    rows = [row for row in await pool.fetch(_STATEMENTS) if not _is_ours(row["query"])]
    total = sum(row["milliseconds"] for row in rows)
    for row in rows:
        is_small = row["milliseconds"] < _MIN_SHARE * total
        name = _OTHER if is_small else names.get(_form(row["query"]), _OTHER)
        known = costs.get(name, Cost(calls=0, microseconds=0, wal_bytes=0))
        costs[name] = Cost(
            calls=known.calls + row["calls"] / count,
            microseconds=known.microseconds + row["milliseconds"] * 1000 / count,
            wal_bytes=known.wal_bytes + row["wal_bytes"] / count,
        )
    return dict(sorted(costs.items(), key=lambda item: (item[0] == _OTHER, -item[1].microseconds)))


def _is_ours(query: str) -> bool:
    """Whether the measurement made the statement itself."""
    return (
        "pg_stat_" in query
        or "INSERT INTO scheduled_posts" in query
        or query.startswith("SELECT count(*) FROM scheduled_posts")
    )


def _form(statement: str) -> str:
    """Return a statement in the form in which it can be compared: pg_stat_statements replaces constants."""
    return _VARIES.sub("", statement)


def _names() -> Mapping[str, str]:
    """Return the name of each statement that a worker may send, by its form."""
    root = Path(str(files("presswork")))
    found: dict[str, str] = {}
    for file in root.rglob("*.sql"):
        folder = file.parent.relative_to(root)
        if "-- name: " in file.read_text("utf-8") and file.name not in {
            "parts.sql",
            "outbox.sql",
            "document.sql",
            "lists.sql",
        }:
            package = ".".join(("presswork", *folder.parts))
            found |= {_form(text): f"{folder.as_posix()}: {name}" for name, text in load(package, file.name).items()}
    return found


def _print(name: str, costs: Mapping[str, Cost]) -> None:
    table = Table("statement", "a post", "µs in PostgreSQL", "WAL bytes", title=name, title_justify="left")
    for column in table.columns[1:]:
        column.justify = "right"
    for statement, cost in costs.items():
        table.add_row(statement, shown(cost.calls), shown(cost.microseconds), shown(cost.wal_bytes))
    Console().print(table)
