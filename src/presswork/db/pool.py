"""Connection pools, transactions and plan modes."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import asyncpg
import structlog

from presswork.core.errors import Unavailable
from presswork.db.connect import Connector, WatchedConnection, is_local, is_pooled, keeps_statements
from presswork.db.errors import DATABASE_ERRORS, ROLLED_BACK_ERRORS
from presswork.db.one_connection import not_reached
from presswork.db.queries import Plan, plan_of

log = structlog.get_logger()

_NOT_RESTORED: Final = "Failed to restore the pool connection floor"
"""asyncpg logs this with a traceback while the database is away. Those who need a connection then report it already."""
logging.getLogger("asyncpg.pool").addFilter(lambda record: not str(record.msg).startswith(_NOT_RESTORED))

if TYPE_CHECKING:  # asyncpg's classes are generic for type checkers only
    Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record] | asyncpg.pool.PoolConnectionProxy[asyncpg.Record]"
    Pool: TypeAlias = "asyncpg.Pool[asyncpg.Record]"
else:
    Connection = asyncpg.Connection | asyncpg.pool.PoolConnectionProxy
    Pool = asyncpg.Pool

RESPONSE_WITHIN: Final = timedelta(seconds=10)
"""Timeout of a statement."""
ACQUIRE_WITHIN: Final = timedelta(seconds=10)
"""Timeout of waiting for a free connection."""
MAX_ROLLBACKS: Final = 5
"""How often a statement is rolled back because of another transaction before its error is raised."""
_IDLE_FOR: Final = timedelta(seconds=30)
"""A connection above the minimum that was not used for this long is closed: its server process needs some MiB."""
_IDLE_FOR_LOCAL: Final = timedelta(seconds=5)
"""The same over a Unix socket, where another one is open within milliseconds."""
_TIDY_WITHIN: Final = timedelta(seconds=2)
_STATEMENTS_KEPT: Final = 100
_SESSIONS: Final[Mapping[Plan, Mapping[str, str]]] = {
    # A kept plan must be right as tables grow: one that reads a table as a whole, which is cheapest while it has few rows, must
    # not be made. A bitmap scan reads the index entries of every row that has left the queue since the last vacuum of the
    # indexes, each time; an index scan marks them and skips them from then on.
    Plan.GENERIC: {"plan_cache_mode": "force_generic_plan", "enable_seqscan": "off", "enable_bitmapscan": "off"},
    Plan.CUSTOM: {"plan_cache_mode": "force_custom_plan"},
}
"""Settings of the sessions that force a plan."""


def affected(command: str) -> int:
    """Return how many rows a statement changed, by its command tag (`DELETE 5`)."""
    return int(command.rpartition(" ")[2])


async def _reset(connection: Connection) -> None:
    """Return a connection without a RESET: no code changes session state, so this saves a round trip.

    Rolls back a transaction that a cancellation left open.
    """
    if connection.is_in_transaction():
        await connection.reset()


def _inner_connection(
    connection: Any,
) -> Any:  # Any: the driver's own, with its private attributes, which are checked at start-up
    """Return the connection of a pool's connection if releasing it waits for nothing, or None."""
    own = getattr(connection, "_con", None)  # None: the server has ended it
    if own is None or own.is_closed() or own.is_in_transaction() or own._protocol._is_cancelling():  # noqa: SLF001  checked at start-up
        return None
    return own


class BoundedPool(Pool):
    """A pool with a timeout for a connection, which reports work that its connections have committed."""

    on_work_queued: "Callable[[], None] | None" = None
    """Called when a connection that queued work is released, and so after its transaction has ended."""
    on_events: "Callable[[], None] | None" = None
    """The same for a connection that may have written events."""

    def acquire(self, *, timeout: float | None = None) -> Any:  # Any: the driver's own awaitable context
        """Acquire a connection; `timeout` in seconds. Raises TimeoutError."""
        if timeout is None and not self._has_idle_connection():  # one is available at once, so it needs no timer
            timeout = ACQUIRE_WITHIN.total_seconds()
        return super().acquire(timeout=timeout)

    def _has_idle_connection(self) -> bool:
        """Return whether a connection is idle. The driver's `get_idle_size` looks at all of them, for each statement.

        It opens the last ones first.
        """
        holders: Sequence[Any] = getattr(self, "_holders", ())  # Any: the driver's own; checked at start-up
        return any(holder.is_idle() and holder.is_connected() for holder in reversed(holders))

    async def release(  # Any: the driver's own proxy; it also chose the name of the parameter
        self,
        connection: Any,
        *,
        timeout: float | None = None,  # noqa: ASYNC109  the driver's own signature
    ) -> None:
        """Release a connection; closes it if it can't be reset in time."""
        # A connection that the server has ended is detached already, and has no such method: workers poll within a second.
        take_queued_work = getattr(connection, "take_queued_work", None)
        has_queued_work = self.on_work_queued is not None and take_queued_work is not None and take_queued_work()
        has_events = self.on_events is not None and take_queued_work is not None and connection.take_events()
        try:
            own = _inner_connection(connection)
            if own is None:
                await super().release(connection, timeout=_TIDY_WITHIN.total_seconds() if timeout is None else timeout)
            else:  # the same without its task and its timer: nothing is left to cancel, and nothing takes long
                own._on_release()  # noqa: SLF001  checked at start-up
                await connection._holder.release(None)  # noqa: SLF001  checked at start-up
        finally:
            if has_queued_work and self.on_work_queued is not None:
                self.on_work_queued()
            if has_events and self.on_events is not None:
                self.on_events()


class PlanningPool(BoundedPool):
    """Runs a statement that declares its plan on a connection whose session forces it (see db/queries.py: Plan).

    `plan_cache_mode` is set when such a connection starts, so it costs no round trip per call. A statement that runs on an
    acquired connection, in a transaction, is planned as PostgreSQL chooses.
    """

    def __init__(
        self, dsn: str, *, planned: Mapping[Plan | None, BoundedPool], **options: Any
    ) -> None:  # Any: the driver's own
        """`planned`: the pools of the connections that force a plan; none behind a pooler."""
        super().__init__(dsn, **options)
        self._planned: Final = planned

    @property
    def parts(self) -> Sequence[BoundedPool]:
        """This pool, and the one of each forced plan."""
        return (self, *self._planned.values())

    def _choose_pool(self, statement: str) -> Any:  # Any: a pool; `super()` is this one
        return self._planned.get(plan_of(statement), super())

    async def fetch(self, query: str, *arguments: Any, **options: Any) -> Any:  # Any: the driver's own
        """Run a statement and return its rows."""
        return await self._choose_pool(query).fetch(query, *arguments, **options)

    async def fetchrow(self, query: str, *arguments: Any, **options: Any) -> Any:  # Any: the driver's own
        """Run a statement and return its first row."""
        return await self._choose_pool(query).fetchrow(query, *arguments, **options)

    async def fetchval(self, query: str, *arguments: Any, **options: Any) -> Any:  # Any: the driver's own
        """Run a statement and return one value."""
        return await self._choose_pool(query).fetchval(query, *arguments, **options)

    async def execute(self, query: str, *arguments: Any, **options: Any) -> Any:  # Any: the driver's own
        """Run a statement and return its status."""
        return await self._choose_pool(query).execute(query, *arguments, **options)

    async def close(self) -> None:
        """Close each connection when it is released."""
        await asyncio.gather(*(pool.close() for pool in self._planned.values()), super().close())

    def terminate(self) -> None:
        """Close all connections immediately."""
        for pool in self._planned.values():
            pool.terminate()
        super().terminate()


def shares_of(max_size: int) -> Mapping[Plan, int]:
    """Return how many connections force each plan; the others, at least one, force none."""
    return {Plan.GENERIC: max(1, max_size * 3 // 5), Plan.CUSTOM: max(1, max_size // 5)}


async def open_pool(
    dsn: str,
    *,
    min_size: int = 1,
    min_local: int | None = None,
    max_size: int = 20,
    response_within: timedelta = RESPONSE_WITHIN,
    idle_for: timedelta | None = None,
) -> PlanningPool:
    """Open a pool. It reconnects after an outage of the server or a failover.

    `min_size` connections are opened at once; over a Unix socket `min_local`, if that is given.

    A statement that takes longer than `response_within` raises TimeoutError. Behind a pooler no plan is forced, since
    its server connections are shared with other sessions. Connections above `min_size` that are idle for `idle_for` are
    closed; by default after 30 seconds, or five over a Unix socket.
    """
    connector = Connector(dsn)
    connection = await connector.connect(statement_cache_size=0)
    try:
        is_behind_pooler = await is_pooled(connection)
        cache_size = _STATEMENTS_KEPT if await keeps_statements(connection) else 0
        if is_local(connection):
            min_size = min_size if min_local is None else min_local
            idle_for = idle_for or _IDLE_FOR_LOCAL
        idle_for = idle_for or _IDLE_FOR
    finally:
        await connection.close(timeout=1)
    if not cache_size:
        log.info("the pooler does not track prepared statements; each call prepares its statement again")

    async def connect(*_dsn: Any, **options: Any) -> "asyncpg.Connection[asyncpg.Record]":  # Any: the driver's own
        return await connector.connect(**options)

    options: dict[str, Any] = {  # Any: the driver's own options
        "connection_class": WatchedConnection,
        "record_class": asyncpg.Record,
        "max_queries": 50_000,
        "max_inactive_connection_lifetime": idle_for.total_seconds(),
        "connect": connect,
        "setup": None,
        "init": None,
        "reset": _reset,
        "loop": None,
        "command_timeout": response_within.total_seconds(),
        "statement_cache_size": cache_size,
        "max_cacheable_statement_size": 0,  # no limit: the driver's would exclude publish.sql, which has 17 kB
    }
    session = {"application_name": "presswork", "timezone": "UTC"}
    shares = {} if is_behind_pooler else shares_of(max_size)
    planned: dict[Plan | None, BoundedPool] = {
        plan: BoundedPool(
            dsn,
            min_size=min(min_size, size) if plan is Plan.GENERIC else 0,
            max_size=size,
            server_settings={**session, **_SESSIONS[plan]},
            **options,
        )
        for plan, size in shares.items()
    }
    own = max(1, max_size - shares.get(Plan.GENERIC, 0))
    try:
        for pool in planned.values():
            await pool
        first = min(min_size, own) if not planned else 0
        return await PlanningPool(
            dsn, planned=planned, min_size=first, max_size=own, server_settings=session, **options
        )
    except BaseException:
        for pool in planned.values():
            pool.terminate()
        raise


@contextlib.asynccontextmanager
async def pool_of(
    dsn: str,
    *,
    min_size: int = 1,
    min_local: int | None = None,
    max_size: int = 20,
    response_within: timedelta = RESPONSE_WITHIN,
    idle_for: timedelta | None = None,
) -> AsyncIterator[PlanningPool]:
    """Open a pool for the duration of a block, as `open_pool` does. Raises Unavailable if no connection can be opened."""
    try:
        pool = await open_pool(
            dsn,
            min_size=min_size,
            min_local=min_local,
            max_size=max_size,
            response_within=response_within,
            idle_for=idle_for,
        )
    except DATABASE_ERRORS as error:
        raise Unavailable(not_reached(error, dsn)) from error
    try:
        yield pool
    finally:
        try:
            await asyncio.wait_for(pool.close(), timeout=5)
        except TimeoutError:
            pool.terminate()


@contextlib.asynccontextmanager
async def transaction_on(connection: "Connection | Pool") -> AsyncIterator[Connection]:
    """Open a transaction on a connection, or on one of a pool, for the duration of a block."""
    if isinstance(connection, asyncpg.Pool):
        async with connection.acquire() as own, own.transaction():
            yield own
        return
    async with connection.transaction():
        yield connection


async def fetchval_again(pool: Pool, statement: str, *arguments: object) -> Any:  # Any: the driver's own
    """Run a statement as a transaction and return one value; after a deadlock again, MAX_ROLLBACKS times at most."""
    for _ in range(MAX_ROLLBACKS - 1):
        try:
            return await pool.fetchval(statement, *arguments)
        except ROLLED_BACK_ERRORS as error:
            log.info("statement rolled back, retrying", error=type(error).__name__)
    return await pool.fetchval(statement, *arguments)


def parts_of(pool: Pool) -> Sequence[Pool]:
    """Return the pools of which a pool consists."""
    return pool.parts if isinstance(pool, PlanningPool) else (pool,)


def waiting_for(pool: Pool) -> int:
    """Return the number of tasks that wait for a connection of a pool."""
    getters = [
        getter
        for part in parts_of(pool)
        for getter in getattr(
            getattr(part, "_queue", None), "_getters", ()
        )  # asyncpg has no public count; checked at start-up
    ]
    return sum(not getter.done() for getter in getters)
