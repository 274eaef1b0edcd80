"""An upgrade, and a restore of a backup from before it, with posts in flight: nothing is lost, nothing happens twice."""

import io
from collections import Counter
from pathlib import Path
from typing import Final

import asyncpg
import pytest
from pydantic import SecretStr
from tests.backup.backups import Backups
from tests.conftest import owner_of
from tests.worker.conftest import Works
from tests.worker.in_flight import NOTICE_PHONE, InFlight, fill, go_on
from tests.worker.test_text_drafts import PHONE

from presswork.cli.database import connected
from presswork.core.clock import SystemClock
from presswork.db.app_role import settle_embedded_role
from presswork.db.migrate import migrate, migrations

_COLUMNS: Final = """
SELECT table_name, array_agg(column_name::text ORDER BY ordinal_position) AS columns FROM information_schema.columns
 WHERE table_schema = 'public' AND is_generated = 'NEVER' AND table_name <> 'schema_migrations'
 GROUP BY table_name ORDER BY table_name LIMIT 1000
"""
_EMPTY: Final = "DROP SCHEMA public CASCADE; CREATE SCHEMA public"
_IDENTITIES: Final = """
SELECT format('SELECT setval(%L, (SELECT coalesce(max(%I), 0) + 1 FROM %I))', pg_get_serial_sequence(table_name, column_name),
              column_name, table_name)
  FROM information_schema.columns WHERE table_schema = 'public' AND is_identity = 'YES' ORDER BY table_name LIMIT 1000
"""


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
            out, kept = io.BytesIO(), [name for name in columns if name in former.get(table, ())]
            if kept:
                await connection.copy_from_table(table, columns=kept, output=out)
                rows[table] = (kept, out.getvalue())
        await connection.execute(_EMPTY)
        await make_former_schema(connection)
        await connection.execute(
            "SET session_replication_role = replica"
        )  # the order of the tables does not matter then
        for table, (columns, data) in rows.items():
            await connection.copy_to_table(table, columns=columns, source=io.BytesIO(data))
        for row in await connection.fetch(_IDENTITIES):
            await connection.execute(row[0])


async def restore_over(works: Works, folder: Path) -> list[str]:
    """Back a database up, empty it, restore it as if nothing had run meanwhile; return the migrations that it lacked."""
    backups, now = Backups(folder), SystemClock().now()
    settings = works.settings.model_copy(update={"database_url": SecretStr(owner_of(works.dsn))})
    file = await backups.take(settings, now=now)
    async with connected(owner_of(works.dsn)) as connection:
        await connection.execute(_EMPTY)
    return list((await backups.restore(file, settings, now=now, ran_until=None)).migrated)


@pytest.mark.slow
@pytest.mark.parametrize("way", ["migrated", "restored"])
async def test_posts_in_flight_survive_the_newest_migration(
    works: Works, picture: bytes, bare_dsn: str, tmp_path: Path, way: str
) -> None:
    """Whatever a post was at when the schema changed, the new program takes it to its end, once."""
    scene = await fill(works, picture)
    before = await scene.read(works.dsn)
    assert Counter(status for status, _ in before.values()) == {
        "publishing": 9,
        "queued": 3,
        "published": 2,
        "draft": 1,
        "failed": 1,
        "canceled": 1,
    }
    await take_back(works.dsn, bare_dsn)
    newest = migrations()[-1].version
    if way == "migrated":
        async with connected(owner_of(works.dsn)) as connection:
            assert [step.version for step in await migrate(connection)] == [newest]
    else:
        assert await restore_over(works, tmp_path) == [newest]
    async with connected(owner_of(works.dsn)) as connection:
        await settle_embedded_role(connection)
    await works.stage.api.context.pool.expire_connections()
    await scene.calm()
    await go_on(works)
    await _check_ends(scene)


async def _check_ends(scene: InFlight) -> None:
    """Check that each post ended as it has to, and that the world sees each of them once."""
    works = scene.works
    ends = await scene.read(works.dsn)
    lasting = {"failed": "failed", "canceled": "canceled", "draft": "draft", "made-text": "draft", "later": "queued"}
    assert {name: status for name, (status, _) in ends.items() if status != "published"} == lasting
    promoted = await scene.approve()
    for post_id in (scene.posts["later"], *promoted):
        await scene.bring_forward(post_id)
    await go_on(works)
    world = await scene.world()
    behind = {"parked": 2}
    live = [name for name in scene.posts if name not in {"failed", "canceled", "draft", "made-text", "behind"}]
    assert Counter(handle for handle, _, _ in world["live"]) == {**dict.fromkeys([*live, "approved"], 1), **behind}
    comments = {handle: comments for handle, _, comments in world["live"] if comments}
    assert all(comment == ["First!"] for comment in comments.values())
    assert {"live", "commented", "queued", "parked", "later"} <= set(comments)
    assert [handle for handle, _ in world["drafts"]] == ["draft"]
    assert [handle for handle, _ in world["dispatches"]] == ["made-managed"]
    assert Counter(to for to, _ in world["texts"]) == {PHONE: 1, NOTICE_PHONE: 3}
