"""Migrations while the service runs: a short lock timeout, all or nothing, and what one fills."""

from datetime import timedelta
from uuid import uuid4

import pytest

from presswork.core.errors import Unavailable
from presswork.db.migrate import migrate, migrations, pending
from presswork.db.one_connection import connected


@pytest.mark.exhaustive
async def test_migration_times_out_on_a_locked_table(bare_dsn: str) -> None:
    """If another session uses a table for longer than the lock timeout, nothing changes and the error says what to do."""
    first, *later = migrations()
    async with connected(bare_dsn) as connection, connected(bare_dsn) as other:
        await connection.execute("CREATE TABLE schema_migrations (version varchar(128) PRIMARY KEY)")
        await connection.execute(first.sql)
        await connection.execute("INSERT INTO schema_migrations VALUES ($1)", first.version)
        async with other.transaction():
            await other.execute("SELECT count(*) FROM scheduled_posts")
            with pytest.raises(Unavailable, match="run the migration again"):
                await migrate(connection, lock_wait=timedelta(milliseconds=50))
            assert await pending(connection) == later
        assert await migrate(connection, lock_wait=timedelta(milliseconds=50)) == later
        assert await connection.fetchval("SHOW lock_timeout") == "0"


async def test_the_media_usage_of_an_older_database_is_added_up(bare_dsn: str) -> None:
    """Stored files count with their size, and promised ones with the announced size while their container waits."""
    place = next(index for index, migration in enumerate(migrations()) if migration.name == "media_usage")
    own, other = uuid4(), uuid4()
    async with connected(bare_dsn) as connection:
        await connection.execute("CREATE TABLE schema_migrations (version varchar(128) PRIMARY KEY)")
        for migration in migrations()[:place]:
            await connection.execute(migration.sql)
            await connection.execute("INSERT INTO schema_migrations VALUES ($1)", migration.version)
        organization = "INSERT INTO organizations (id, name, created_at) VALUES ($1, $2, now())"
        await connection.executemany(organization, [(own, "A"), (other, "B")])
        for owner, status in ((own, "queued"), (own, "canceled"), (other, "queued")):
            await connection.execute(
                """WITH project AS (
                       INSERT INTO projects (id, organization_id, environment, name, timezone, metadata, status,
                                             review_policy, created_at, updated_at)
                       VALUES ($1, $1, 'test', 'P', 'UTC', '{}', 'active', 'auto_approve', now(), now()) ON CONFLICT DO NOTHING
                   ), container AS (
                       INSERT INTO content_containers (id, project_id, organization_id, environment, status, approval_status,
                                                       media_type, caption, created_at, updated_at)
                       VALUES (gen_random_uuid(), $1, $1, 'test', $2, 'not_required', 'image', '', now(), now()) RETURNING id
                   )
                   INSERT INTO media_assets (id, container_id, organization_id, environment, position, object_key,
                                             declared_size_bytes, size_bytes, created_at)
                   SELECT gen_random_uuid(), id, $1, 'test', position, '', 10, CASE position WHEN 0 THEN 3 END, now()
                     FROM container, generate_series(0, 1) AS position""",
                owner,
                status,
            )
        assert await migrate(connection) == migrations()[place:]
        rows = await connection.fetch("SELECT organization_id, size_bytes FROM media_usage")
    assert {row["organization_id"]: row["size_bytes"] for row in rows} == {own: 3 + 10 + 3, other: 3 + 10}
