"""The connection pool, and the notifier that wakes workers."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import asyncpg
import structlog

from presswork.db.connect import Connector, WatchedConnection, is_pooled, keeps_statements

log = structlog.get_logger()

if TYPE_CHECKING:  # asyncpg's classes are generic for type checkers only
    Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record] | asyncpg.pool.PoolConnectionProxy[asyncpg.Record]"
    Pool: TypeAlias = "asyncpg.Pool[asyncpg.Record]"
else:
    Connection = asyncpg.Connection | asyncpg.pool.PoolConnectionProxy
    Pool = asyncpg.Pool

DUE: Final = "presswork_due"
"""Channel of the hint that a post may be due now."""
KEYS: Final = "presswork_keys"
"""Channel that names a key (by its lookup) that was revoked or killed: caches drop it at once."""

DATABASE_AWAY: Final = (
    OSError,
    TimeoutError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # the server ended the connection just as it was to be used
    asyncpg.PostgresConnectionError,
    asyncpg.exceptions.OperatorInterventionError,  # shutting down, starting up, canceled by an administrator
    asyncpg.exceptions.InsufficientResourcesError,
    asyncpg.exceptions.TransactionRollbackError,
    asyncpg.exceptions.ReadOnlySQLTransactionError,  # it is a standby now: another server has taken over
)
"""What a statement raises when the database is not there, or not now; the same statement may work a moment later."""

ANSWER_WITHIN: Final = timedelta(seconds=10)
"""How long a statement may take. Whatever takes longer is better given up and told of."""
ACQUIRE_WITHIN: Final = timedelta(seconds=10)
"""How long anybody waits for a free connection."""
_TIDY_WITHIN: Final = timedelta(seconds=2)
_STATEMENTS_KEPT: Final = 100
_RECONNECT_SECONDS: Final = 0.5
_HINT: Final = "SELECT set_config('synchronous_commit', 'off', true), pg_notify($1, '')"
"""A hint need not outlive a crash, so it does not wait for the disk. The setting ends with the statement."""
_HINTS_APART_SECONDS: Final = 0.005
"""A process sends no more than 200 hints a second, however many calls it answers: each wakes every listener up."""
_LISTENER_ASKED_EVERY: Final = timedelta(seconds=15)
_LISTENER_ANSWERS_WITHIN: Final = timedelta(seconds=5)


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


class WorkNotifier:
    """Sends `NOTIFY` hints for many transactions at once.

    A NOTIFY inside each transaction would line up all commits behind one lock; a hint may as well be sent just after
    them. The first hint goes out at once; those that follow within 5 ms become one.
    """

    def __init__(self, pool: Pool) -> None:
        """Take the pool that hints go through."""
        self._pool = pool
        self._is_pending = False
        self._task: asyncio.Task[None] | None = None

    @classmethod
    @contextlib.asynccontextmanager
    async def on(cls, pool: BoundedPool) -> AsyncIterator["WorkNotifier"]:
        """Wake the workers, for the length of a block, after each commit of a pool's connections that queued work."""
        notifier = cls(pool)
        pool.on_work_queued = notifier.notify
        try:
            yield notifier
        finally:
            pool.on_work_queued = None
            await notifier.aclose()

    def notify(self) -> None:
        """Tell the workers, soon, that something may be due. Never waits and never fails."""
        self._is_pending = True
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._send())

    async def _send(self) -> None:
        while self._is_pending:
            self._is_pending = False
            try:
                await self._pool.execute(_HINT, DUE)
            except DATABASE_AWAY as error:
                log.warning("hint not sent; workers look by themselves within a second", error=str(error))
            await asyncio.sleep(_HINTS_APART_SECONDS)

    async def aclose(self) -> None:
        """Wait for a hint that is under way."""
        if self._task is not None:
            await asyncio.gather(self._task, return_exceptions=True)


async def listen(
    dsn: str,
    channel: str,
    heard: Callable[[str], None],
    *,
    restarted: Callable[[], None],
    lost: Callable[[], None] = lambda: None,
) -> None:
    """Call `heard` with each payload on a channel, for ever; reconnects by itself.

    `restarted` is called after each (re)connection: what was said in between is lost. `lost` is called when a connection
    ends, before anything else happens. Runs until cancelled.
    """
    connector = Connector(dsn)
    while True:
        try:
            connection = await connector.connect(
                command_timeout=_LISTENER_ANSWERS_WITHIN.total_seconds(),
                statement_cache_size=0,
                server_settings={"application_name": "presswork listen"},
            )
        except DATABASE_AWAY:
            await asyncio.sleep(_RECONNECT_SECONDS)
            continue
        ended = asyncio.Event()

        def end(_: object, ended: asyncio.Event = ended) -> None:
            lost()
            ended.set()

        try:
            connection.add_termination_listener(end)
            if await is_pooled(connection):
                log.warning(
                    "a pooler is in between: unless it pools sessions, no hint arrives. Set PRESSWORK_DATABASE_LISTEN_URL "
                    "to the server's own address",
                    channel=channel,
                )
            await connection.add_listener(channel, lambda _c, _p, _ch, payload: heard(str(payload)))
            restarted()
            await _until_lost(connection, ended)
        except DATABASE_AWAY:
            log.warning("listening connection lost", channel=channel)
        finally:
            lost()
            with contextlib.suppress(*DATABASE_AWAY):
                await connection.close(timeout=1)
        await asyncio.sleep(_RECONNECT_SECONDS)


async def _until_lost(connection: "asyncpg.Connection[asyncpg.Record]", lost: asyncio.Event) -> None:
    """Return when a connection is lost; one that only listens is asked now and then, or nobody would ever know."""
    while True:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(lost.wait(), _LISTENER_ASKED_EVERY.total_seconds())
            return
        await connection.execute("SELECT")


def waiting_for(pool: Pool) -> int:
    """Return how many wait for a connection of a pool to be free."""
    getters = getattr(getattr(pool, "_queue", None), "_getters", ())  # there is no public count
    return sum(not getter.done() for getter in getters)
