"""The pool: connections that are not used are closed."""

import asyncio
import os
from datetime import timedelta

import asyncpg

from presswork.db.pool import parts_of, pool_of


async def test_idle_connections_are_closed_down_to_the_minimum(dsn: str) -> None:
    """After a burst, the connections above the minimum end by themselves, and the next statement opens one again."""
    async with pool_of(dsn, min_size=1, max_size=10, idle_for=timedelta(milliseconds=50)) as pool:
        assert await asyncio.gather(*(pool.fetchval("SELECT 1") for _ in range(4))) == [1] * 4
        while sum(part.get_size() for part in parts_of(pool)) > 1:
            await asyncio.to_thread(os.sched_yield)
        assert await pool.fetchval("SELECT 2") == 2


async def test_over_a_unix_socket_no_connection_need_be_kept(dsn: str) -> None:
    """A pool can have another minimum over a Unix socket, such as none, and serves as well."""
    async with pool_of(dsn, min_local=0) as pool:
        assert sum(part.get_size() for part in parts_of(pool)) == 0
        assert await pool.fetchval("SELECT 1") == 1


async def test_a_local_connection_is_closed_sooner(dsn: str) -> None:
    """A connection over the Unix socket of the embedded server is known as local: it is cheap to open again."""
    async with pool_of(dsn) as pool, pool.acquire() as connection:
        assert connection.is_local


async def test_the_embedded_server_runs_only_the_processes_that_are_used(bare_dsn: str) -> None:
    """No process reads ahead for others, and none waits for subscriptions; checkpoints and vacuum run."""
    connection = await asyncpg.connect(bare_dsn)
    try:
        rows = await connection.fetch("SELECT DISTINCT backend_type FROM pg_stat_activity ORDER BY backend_type")
        settings = await connection.fetchrow(
            "SELECT current_setting('fsync'), current_setting('synchronous_commit'), current_setting('full_page_writes')"
        )
    finally:
        await connection.close()
    types = {row["backend_type"] for row in rows} - {"autovacuum worker", "client backend", "parallel worker"}
    assert types == {"autovacuum launcher", "background writer", "checkpointer", "walwriter"}
    assert settings is not None
    assert tuple(settings) == ("on", "on", "on")
