"""Migrations while the service runs: a short lock timeout, and all or nothing."""

from datetime import timedelta

import pytest

from presswork.core.errors import Unavailable
from presswork.db.migrate import migrate, migrations, pending
from presswork.db.one_connection import connected


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
