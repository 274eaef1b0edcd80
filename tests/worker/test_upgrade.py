"""An upgrade, and a restore of a backup from before it, with posts in flight: nothing is lost, nothing happens twice."""

import io
from collections import Counter
from collections.abc import Collection
from pathlib import Path
from typing import Final

import asyncpg
import pytest
from pydantic import SecretStr
from tests.backup.backups import Backups
from tests.databases import owner_of
from tests.tiers import sampled
from tests.worker.conftest import WorkerWorld
from tests.worker.in_flight import NOTICE_PHONE, InFlight, fill, go_on
from tests.worker.test_text_drafts import PHONE

from presswork.core.clock import SystemClock
from presswork.db.app_role import ensure_embedded_role
from presswork.db.migrate import migrate, migrations
from presswork.db.one_connection import connected

_COLUMNS: Final = """
SELECT table_name, array_agg(column_name::text ORDER BY ordinal_position) AS columns FROM information_schema.columns
 WHERE table_schema = 'public' AND is_generated = 'NEVER' AND table_name <> 'schema_migrations'
   AND NOT (SELECT c.relispartition FROM pg_class c WHERE c.oid = to_regclass(table_name))
 GROUP BY table_name ORDER BY table_name LIMIT 1000
"""
_EMPTY: Final = "DROP SCHEMA public CASCADE; CREATE SCHEMA public"
_RENAMED: Final = {
    ("scheduled_posts", "error_count"): "faults",
    ("scheduled_posts", "first_error_at"): "faulty_since",
    ("scheduled_posts", "last_error_at"): "faulty_at",
    ("text_messages", "error_count"): "faults",
}
"""Columns that a migration renamed, with the names before it."""
_IDENTITIES: Final = """
SELECT format('SELECT setval(%L, (SELECT coalesce(max(%I), 0) + 1 FROM %I))', pg_get_serial_sequence(table_name, column_name),
              column_name, table_name)
  FROM information_schema.columns WHERE table_schema = 'public' AND is_identity = 'YES' ORDER BY table_name LIMIT 1000
"""


def former_name(table: str, column: str, known: Collection[str]) -> str | None:
    """Return the name that a column had before the newest migration; None: it did not exist."""
    if column in known:
        return column
    former = _RENAMED.get((table, column))
    return former if former in known else None


async def columns_of(connection: "asyncpg.Connection[asyncpg.Record]") -> dict[str, list[str]]:
    """Return the columns that can be written, by table."""
    return {row["table_name"]: row["columns"] for row in await connection.fetch(_COLUMNS)}


async def make_former_schema(connection: "asyncpg.Connection[asyncpg.Record]") -> None:
    """Do what the program before the newest migration did with an empty database."""
    await connection.execute("CREATE TABLE schema_migrations (version varchar(128) PRIMARY KEY)")
    for step in migrations()[:-1]:
        await connection.execute(step.sql)
        await connection.execute("INSERT INTO schema_migrations (version) VALUES ($1)", step.version)


async def take_back(dsn: str, bare_dsn: str) -> None:
    """Give a database the schema that it had before the newest migration; what that has no place for is forgotten."""
    async with connected(bare_dsn) as bare:
        await make_former_schema(bare)
        former = await columns_of(bare)
    async with connected(owner_of(dsn)) as connection:
        rows: dict[str, tuple[list[str], bytes]] = {}
        for table, columns in (await columns_of(connection)).items():
            out, known = io.BytesIO(), former.get(table, ())
            kept = {name: old for name in columns if (old := former_name(table, name, known)) is not None}
            if kept:
                query = f"SELECT {', '.join(kept)} FROM {table}"  # noqa: S608  names from the catalogue; also of partitioned tables
                await connection.copy_from_query(query, output=out)
                rows[table] = (list(kept.values()), out.getvalue())
        await connection.execute(_EMPTY)
        await make_former_schema(connection)
        await connection.execute(
            "SET session_replication_role = replica"
        )  # the order of the tables does not matter then
        for table, (columns, data) in rows.items():
            await connection.execute(f"DELETE FROM {table}")  # noqa: S608  what a migration has inserted
            await connection.copy_to_table(table, columns=columns, source=io.BytesIO(data))
        for row in await connection.fetch(_IDENTITIES):
            await connection.execute(row[0])


async def restore_over(worker_world: WorkerWorld, folder: Path) -> list[str]:
    """Back a database up, empty it, restore it as if nothing had run meanwhile; return the migrations that it lacked."""
    backups, now = Backups(folder), SystemClock().now()
    settings = worker_world.settings.model_copy(update={"database_url": SecretStr(owner_of(worker_world.dsn))})
    file = await backups.take(settings, now=now)
    async with connected(owner_of(worker_world.dsn)) as connection:
        await connection.execute(_EMPTY)
    return list((await backups.restore(file, settings, now=now, ran_until=None)).migrated)


@pytest.mark.exhaustive
@pytest.mark.slow
@pytest.mark.parametrize("way", sampled(["migrated", "restored"], "migrated"))
async def test_posts_in_flight_survive_the_newest_migration(
    worker_world: WorkerWorld, picture: bytes, bare_dsn: str, tmp_path: Path, way: str
) -> None:
    """Whatever a post was at when the schema changed, the new program takes it to its end, once."""
    in_flight = await fill(worker_world, picture)
    before = await in_flight.read(worker_world.dsn)
    assert Counter(status for status, _ in before.values()) == {
        "publishing": 9,
        "queued": 3,
        "published": 2,
        "draft": 1,
        "failed": 1,
        "canceled": 1,
    }
    await take_back(worker_world.dsn, bare_dsn)
    newest = migrations()[-1].version
    if way == "migrated":
        async with connected(owner_of(worker_world.dsn)) as connection:
            assert [step.version for step in await migrate(connection)] == [newest]
    else:
        assert await restore_over(worker_world, tmp_path) == [newest]
    async with connected(owner_of(worker_world.dsn)) as connection:
        await ensure_embedded_role(connection)
    await worker_world.world.api.context.pool.expire_connections()
    await in_flight.calm()
    await go_on(worker_world)
    await _check_ends(in_flight)


async def _check_ends(in_flight: InFlight) -> None:
    """Check that each post ended as it has to, and that the world sees each of them once."""
    worker_world = in_flight.worker_world
    ends = await in_flight.read(worker_world.dsn)
    lasting = {"failed": "failed", "canceled": "canceled", "draft": "draft", "made-text": "draft", "later": "queued"}
    assert {name: status for name, (status, _) in ends.items() if status != "published"} == lasting
    promoted = await in_flight.approve()
    for post_id in (in_flight.posts["later"], *promoted):
        await in_flight.bring_forward(post_id)
    await go_on(worker_world)
    visible = await in_flight.visible()
    behind = {"snoozed": 2}
    live = [name for name in in_flight.posts if name not in {"failed", "canceled", "draft", "made-text", "behind"}]
    assert Counter(handle for handle, _, _ in visible["live"]) == {**dict.fromkeys([*live, "approved"], 1), **behind}
    comments = {handle: comments for handle, _, comments in visible["live"] if comments}
    assert all(comment == ["First!"] for comment in comments.values())
    assert {"live", "commented", "queued", "snoozed", "later"} <= set(comments)
    assert [handle for handle, _ in visible["drafts"]] == ["draft"]
    assert [handle for handle, _ in visible["dispatches"]] == ["made-managed"]
    assert Counter(to for to, _ in visible["texts"]) == {PHONE: 1, NOTICE_PHONE: 3}
