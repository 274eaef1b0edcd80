"""The pool: connections that are not used are closed."""

import asyncio
import logging
import os
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import asyncpg
import pytest
from tests.databases import as_owner

from presswork.core.errors import Unavailable
from presswork.db.pool import Pool, parts_of, pool_of


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


async def test_a_pool_without_a_writable_server_says_so(dsn: str, pool: Pool) -> None:
    """A process that starts during a failover, when every server refuses writes, ends with a sentence and not a traceback."""
    await as_owner(pool, f"ALTER DATABASE {urlsplit(dsn).path[1:]} SET default_transaction_read_only = on")
    with pytest.raises(Unavailable, match=r"^The database.* can't be reached: .* Check PRESSWORK_DATABASE_URL"):
        async with pool_of(f"{dsn}&target_session_attrs=read-write"):
            pass


async def test_a_statement_starts_no_task(dsn: str) -> None:
    """A connection that is idle is acquired and released by the caller's own task."""
    loop, started = asyncio.get_running_loop(), list[str]()

    def start(loop: asyncio.AbstractEventLoop, work: Any, **options: Any) -> asyncio.Task[Any]:  # Any: as asyncio's own
        started.append(work.__qualname__)
        return asyncio.Task(work, loop=loop, **options)

    async with pool_of(dsn) as pool:
        await pool.fetchval("SELECT 1")
        loop.set_task_factory(start)
        try:
            assert [await pool.fetchval("SELECT 1") for _ in range(3)] == [1, 1, 1]
        finally:
            loop.set_task_factory(None)
        assert started == []


async def test_a_connection_is_released_clean(dsn: str) -> None:
    """A transaction that a cancellation left open is rolled back, a canceled statement has ended."""
    async with pool_of(dsn, max_size=1) as pool:

        async def leave_open() -> None:
            async with pool.acquire() as connection:
                await connection.execute("BEGIN")
                await connection.execute("SELECT pg_sleep(60)")

        for _ in range(2):
            task = asyncio.create_task(leave_open())
            async with asyncio.timeout(60):
                while not await _sleeps(dsn):
                    await asyncio.to_thread(os.sched_yield)
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)
                async with pool.acquire() as connection:
                    assert not connection.is_in_transaction()
                    assert await connection.fetchval("SELECT 1") == 1
                assert not await _sleeps(dsn)


async def _sleeps(dsn: str) -> bool:
    connection = await asyncpg.connect(dsn)
    try:
        asleep = "SELECT 1 FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND datname = current_database()"
        return bool(await connection.fetchval(asleep))
    finally:
        await connection.close()


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


def test_connections_that_asyncpg_can_not_restore_are_not_logged(caplog: pytest.LogCaptureFixture) -> None:
    """The message is the one of the installed version; its other warnings are logged."""
    keeps_the_minimum = vars(asyncpg.Pool)["_maintain_min_size"]
    (message,) = [text for text in keeps_the_minimum.__code__.co_consts if str(text).startswith("Failed")]
    logger = logging.getLogger(asyncpg.pool.__name__)
    logger.warning(message, exc_info=OSError("refused"))
    logger.warning("another")
    assert caplog.messages == ["another"]
