"""The connection pool."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import asyncpg
import structlog

from presswork.db.connect import Connector, WatchedConnection, keeps_statements

log = structlog.get_logger()

if TYPE_CHECKING:  # asyncpg's classes are generic for type checkers only
    Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record] | asyncpg.pool.PoolConnectionProxy[asyncpg.Record]"
    Pool: TypeAlias = "asyncpg.Pool[asyncpg.Record]"
else:
    Connection = asyncpg.Connection | asyncpg.pool.PoolConnectionProxy
    Pool = asyncpg.Pool

ANSWER_WITHIN: Final = timedelta(seconds=10)
"""How long a statement may take. Whatever takes longer is better given up and told of."""
ACQUIRE_WITHIN: Final = timedelta(seconds=10)
"""How long anybody waits for a free connection."""
_TIDY_WITHIN: Final = timedelta(seconds=2)
_STATEMENTS_KEPT: Final = 100


async def _reset(connection: Connection) -> None:
    """Give a connection back as it is: nothing here changes a session, so resetting each time is a round trip for nothing.

    A transaction that a cancellation left open is rolled back.
    """
    if connection.is_in_transaction():
        await connection.reset()


class BoundedPool(Pool):
    """A pool with a bounded wait for a connection, which reports the work that its connections have committed."""

    on_work_queued: "Callable[[], None] | None" = None
    """Called when a connection comes back that has queued work for the workers. By then its transaction has ended."""

    def acquire(self, *, timeout: float | None = None) -> Any:  # Any: the driver's own awaitable context
        """Take a connection; `timeout` in seconds. Raises TimeoutError."""
        free: asyncio.Queue[object] | None = getattr(self, "_queue", None)  # there is no public way to know
        if timeout is None and (free is None or free.empty()):  # what is free is had at once, and a timer costs
            timeout = ACQUIRE_WITHIN.total_seconds()
        return super().acquire(timeout=timeout)

    async def release(  # Any: the driver's own proxy; it also chose the name of the parameter
        self,
        connection: Any,
        *,
        timeout: float | None = None,  # noqa: ASYNC109  the driver's own signature
    ) -> None:
        """Return a connection; one that can't be reset in time is closed."""
        limit = _TIDY_WITHIN.total_seconds()
        has_queued_work = self.on_work_queued is not None and connection.take_queued_work()
        try:
            await super().release(connection, timeout=limit if timeout is None else timeout)
        finally:
            if has_queued_work and self.on_work_queued is not None:
                self.on_work_queued()


async def open_pool(
    dsn: str, *, min_size: int = 2, max_size: int = 20, answer_within: timedelta = ANSWER_WITHIN
) -> BoundedPool:
    """Open a pool; its connections are made again by themselves after the server was away, or has become another one.

    A statement that takes longer than `answer_within` counts as one whose server is away.
    """
    connector = Connector(dsn)
    connection = await connector.connect(statement_cache_size=0)
    try:
        cache_size = _STATEMENTS_KEPT if await keeps_statements(connection) else 0
    finally:
        await connection.close(timeout=1)
    if not cache_size:
        log.info("a pooler that keeps no prepared statements is in between; each one is sent anew")

    async def connect(*_dsn: Any, **options: Any) -> "asyncpg.Connection[asyncpg.Record]":  # Any: the driver's own
        return await connector.connect(**options)

    return await BoundedPool(
        dsn,
        connection_class=WatchedConnection,
        record_class=asyncpg.Record,
        min_size=min_size,
        max_size=max_size,
        max_queries=50_000,
        max_inactive_connection_lifetime=300,
        connect=connect,
        setup=None,
        init=None,
        reset=_reset,
        loop=None,
        command_timeout=answer_within.total_seconds(),
        statement_cache_size=cache_size,
        server_settings={"application_name": "presswork", "timezone": "UTC"},
    )


@contextlib.asynccontextmanager
async def pool_of(
    dsn: str, *, min_size: int = 2, max_size: int = 20, answer_within: timedelta = ANSWER_WITHIN
) -> AsyncIterator[BoundedPool]:
    """Open a pool for the length of a block."""
    pool = await open_pool(dsn, min_size=min_size, max_size=max_size, answer_within=answer_within)
    try:
        yield pool
    finally:
        try:
            await asyncio.wait_for(pool.close(), timeout=5)
        except TimeoutError:
            pool.terminate()


@contextlib.asynccontextmanager
async def transaction_on(connection: "Connection | Pool") -> AsyncIterator[Connection]:
    """Open a transaction on a connection, or on one of a pool's, for the length of a block."""
    if isinstance(connection, asyncpg.Pool):
        async with connection.acquire() as own, own.transaction():
            yield own
        return
    async with connection.transaction():
        yield connection


def waiting_for(pool: Pool) -> int:
    """Return how many wait for a connection of a pool to be free."""
    getters = getattr(getattr(pool, "_queue", None), "_getters", ())  # there is no public count
    return sum(not getter.done() for getter in getters)
