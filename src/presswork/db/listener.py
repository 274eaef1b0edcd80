"""Receiving hints: one connection that LISTENs on one channel, and reconnects after any error."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import TYPE_CHECKING, Final, TypeAlias

import asyncpg
import structlog

from presswork.db.connect import Connector, is_pooled
from presswork.db.errors import DATABASE_ERRORS

log = structlog.get_logger()

if TYPE_CHECKING:  # asyncpg's classes are generic for type checkers only
    _Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"
else:
    _Connection = asyncpg.Connection

DUE: Final = "presswork_due"
"""Channel of the hint that a post may be due now."""
KEYS: Final = "presswork_keys"
"""Channel that names a key (by its lookup) that was revoked or killed: caches drop it at once."""

_PROBE_EVERY: Final = timedelta(seconds=15)
_ANSWERS_WITHIN: Final = timedelta(seconds=5)
_FIRST_BACKOFF: Final = timedelta(seconds=0.5)
_LONGEST_BACKOFF: Final = timedelta(seconds=15)


async def _sleep(duration: timedelta) -> None:
    await asyncio.sleep(duration.total_seconds())


def _nothing() -> None:
    return None


class Listener:
    """Calls `on_payload` with each payload of a channel. A hint may be lost: whoever listens polls as well.

    `on_connected` is called after each (re)connection: payloads sent in between are lost. `on_disconnected` is called when
    a connection ends, before anything else happens.
    """

    def __init__(
        self,
        dsn: str,
        channel: str,
        on_payload: Callable[[str], None],
        *,
        on_connected: Callable[[], None] = _nothing,
        on_disconnected: Callable[[], None] = _nothing,
        sleep: Callable[[timedelta], Awaitable[None]] = _sleep,
    ) -> None:
        """`sleep` waits between two attempts to connect."""
        self._connector: Final = Connector(dsn)
        self._channel: Final = channel
        self._on_payload: Final = on_payload
        self._on_connected: Final = on_connected
        self._on_disconnected: Final = on_disconnected
        self._sleep: Final = sleep
        self._backoff = _FIRST_BACKOFF
        self._is_connected = False
        self._is_outage_logged = False

    @property
    def channel(self) -> str:
        """The channel."""
        return self._channel

    @property
    def is_connected(self) -> bool:
        """Whether payloads arrive now."""
        return self._is_connected

    async def run(self) -> None:
        """Listen until cancelled. No error ends it: each outage is logged once, and so is its end."""
        while True:
            try:
                await self._listen_once()
            except Exception as error:
                # A supervision boundary: a wrong password or a pooler's hiccup passes, like a server that is away.
                if not self._is_outage_logged:
                    is_known = isinstance(error, DATABASE_ERRORS)
                    log.warning(
                        "listener disconnected; reconnecting, and polling meanwhile",
                        channel=self._channel,
                        error=type(error).__name__,
                        reason=str(error),
                        exc_info=None if is_known else error,
                    )
                    self._is_outage_logged = True
            await self._sleep(self._backoff)
            self._backoff = min(self._backoff * 2, _LONGEST_BACKOFF)

    async def _listen_once(self) -> None:
        """Connect and listen until the connection ends. Raises what ended it."""
        connection = await self._connector.connect(
            command_timeout=_ANSWERS_WITHIN.total_seconds(),
            statement_cache_size=0,
            server_settings={"application_name": "presswork listen"},
        )
        ended = asyncio.Event()

        def end(_: object) -> None:
            self._disconnected()
            ended.set()

        try:
            connection.add_termination_listener(end)
            if await is_pooled(connection):
                log.warning(
                    "a pooler is in between: unless it pools sessions, no hint arrives. Set PRESSWORK_DATABASE_LISTEN_URL "
                    "to the server's own address",
                    channel=self._channel,
                )
            await connection.add_listener(self._channel, lambda _c, _p, _ch, payload: self._on_payload(str(payload)))
            self._connected()
            await _until_ended(connection, ended)
        finally:
            self._disconnected()
            with contextlib.suppress(*DATABASE_ERRORS):
                await connection.close(timeout=1)

    def _connected(self) -> None:
        self._is_connected = True
        self._backoff = _FIRST_BACKOFF
        if self._is_outage_logged:
            log.info("listener connected again", channel=self._channel)
            self._is_outage_logged = False
        self._on_connected()

    def _disconnected(self) -> None:
        self._is_connected = False
        self._on_disconnected()


async def _until_ended(connection: _Connection, ended: asyncio.Event) -> None:
    """Wait for the end of a connection and raise it. An idle one is probed: a cut link sends nothing."""
    while True:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(ended.wait(), _PROBE_EVERY.total_seconds())
            raise ConnectionResetError("The server ended the connection.")
        await connection.execute("SELECT")
