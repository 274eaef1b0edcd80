"""The connection pool, and the doorbell that wakes workers."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import asyncpg
import structlog

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
)
"""What a statement raises when the database is not there, or not now; the same statement may work a moment later."""

_RECONNECT_SECONDS: Final = 0.5


async def _reset(connection: Connection) -> None:
    """Give a connection back as it is: nothing here changes a session, so resetting each time is a round trip for nothing.

    A transaction that a cancellation left open is rolled back.
    """
    if connection.is_in_transaction():
        await connection.reset()


async def _connect(*arguments: Any, **options: Any) -> "asyncpg.Connection[asyncpg.Record]":  # Any: the driver's own
    """Connect. Raises ConnectionError also where a stopped server has taken its socket's file along."""
    try:
        return await asyncpg.connect(*arguments, **options)
    except FileNotFoundError as error:
        raise ConnectionRefusedError(
            "The socket of the database server is not there; the server does not run."
        ) from error


async def open_pool(dsn: str, *, min_size: int = 2, max_size: int = 20) -> Pool:
    """Open a pool; its connections are made again by themselves after the server was away."""
    return await asyncpg.create_pool(
        dsn,
        min_size=min_size,
        max_size=max_size,
        command_timeout=60,
        max_inactive_connection_lifetime=300,
        connect=_connect,
        reset=_reset,
        server_settings={"application_name": "presswork", "timezone": "UTC"},
    )


@contextlib.asynccontextmanager
async def pool_of(dsn: str, *, min_size: int = 2, max_size: int = 20) -> AsyncIterator[Pool]:
    """Open a pool for the length of a block."""
    pool = await open_pool(dsn, min_size=min_size, max_size=max_size)
    try:
        yield pool
    finally:
        try:
            await asyncio.wait_for(pool.close(), timeout=5)
        except TimeoutError:
            pool.terminate()


class Doorbell:
    """Sends `NOTIFY` hints for many transactions at once.

    A NOTIFY inside each transaction would line up all commits behind one lock; a hint may as well be sent just after
    them. Rings within the same instant become one.
    """

    def __init__(self, pool: Pool) -> None:
        """Take the pool that hints go through."""
        self._pool = pool
        self._is_rung = False
        self._task: asyncio.Task[None] | None = None

    def ring(self) -> None:
        """Tell the workers, soon, that something may be due. Never waits and never fails."""
        self._is_rung = True
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._send())

    async def _send(self) -> None:
        while self._is_rung:
            self._is_rung = False
            try:
                await self._pool.execute("SELECT pg_notify($1, '')", DUE)
            except DATABASE_AWAY as error:
                log.warning("hint not sent; workers look by themselves within a second", error=str(error))

    async def aclose(self) -> None:
        """Wait for a hint that is under way."""
        if self._task is not None:
            await asyncio.gather(self._task, return_exceptions=True)


async def listen(dsn: str, channel: str, heard: Callable[[str], None], *, restarted: Callable[[], None]) -> None:
    """Call `heard` with each payload on a channel, for ever; reconnects by itself.

    `restarted` is called after each (re)connection: what was said in between is lost. Runs until cancelled.
    """
    while True:
        try:
            connection = await asyncpg.connect(dsn, server_settings={"application_name": "presswork listen"})
        except DATABASE_AWAY:
            await asyncio.sleep(_RECONNECT_SECONDS)
            continue
        lost = asyncio.Event()
        try:
            connection.add_termination_listener(lambda _, lost=lost: lost.set())
            await connection.add_listener(channel, lambda _c, _p, _ch, payload: heard(str(payload)))
            restarted()
            await lost.wait()
        except DATABASE_AWAY:
            log.warning("listening connection lost", channel=channel)
        finally:
            with contextlib.suppress(*DATABASE_AWAY):
                await connection.close(timeout=1)
        await asyncio.sleep(_RECONNECT_SECONDS)


def waiting_for(pool: Pool) -> int:
    """Return how many wait for a connection of a pool to be free."""
    getters = getattr(getattr(pool, "_queue", None), "_getters", ())  # there is no public count
    return sum(not getter.done() for getter in getters)
