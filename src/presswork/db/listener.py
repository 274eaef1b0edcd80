"""Receive notifications: one connection that LISTENs on a channel or several, and reconnects after any error."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from types import MappingProxyType
from typing import Final

import asyncpg
import structlog

from presswork.db.connect import Connector, is_pooled
from presswork.db.errors import DATABASE_ERRORS

log = structlog.get_logger()

DUE: Final = "presswork_due"
"""Channel that wakes workers: work may be due."""
KEYS: Final = "presswork_keys"
"""Channel of changed keys, by lookup name, and users, by public id: caches drop them at once."""
EVENTS: Final = "presswork_events"
"""Channel that wakes the readers of event streams: events may have been written."""

APPS: Final = "presswork_apps"
"""Channel of changed credentials of apps: processes read them again at once."""

_PROBE_EVERY: Final = timedelta(seconds=15)
_RESPONSE_WITHIN: Final = timedelta(seconds=5)
_FIRST_BACKOFF: Final = timedelta(seconds=0.5)
_LONGEST_BACKOFF: Final = timedelta(seconds=15)


async def _sleep(duration: timedelta) -> None:
    await asyncio.sleep(duration.total_seconds())


def _do_nothing() -> None:
    return None


class Listener:
    """Calls `on_payload` with each payload of a channel. Notifications may be lost, so callers also poll.

    `on_connected` is called after each (re)connection: payloads in between are lost. `on_disconnected` is called first when
    a connection ends.
    """

    def __init__(
        self,
        dsn: str,
        channel: str,
        on_payload: Callable[[str], None],
        *,
        on_connected: Callable[[], None] = _do_nothing,
        on_disconnected: Callable[[], None] = _do_nothing,
        others: Mapping[str, Callable[[str], None]] = MappingProxyType({}),
        sleep: Callable[[timedelta], Awaitable[None]] = _sleep,
    ) -> None:
        """`others` are further channels on the same connection; `sleep` waits between two attempts to
        connect."""
        self._connector: Final = Connector(dsn)
        self._channel: Final = channel
        self._channels: Final = {channel: on_payload, **others}
        self._on_connected: Final = on_connected
        self._on_disconnected: Final = on_disconnected
        self._sleep: Final = sleep
        self._backoff = _FIRST_BACKOFF
        self._is_connected = False
        self._is_outage_logged = False

    @property
    def channel(self) -> str:
        """Name of the channel."""
        return self._channel

    @property
    def is_connected(self) -> bool:
        """Whether the listener is connected."""
        return self._is_connected

    async def run(self) -> None:
        """Listen until cancelled. Reconnects after any error; logs the start and the end of each outage once."""
        while True:
            try:
                await self._listen_once()
            except Exception as error:
                # A supervision boundary: wrong passwords, pooler errors and server outages may all be temporary.
                if not self._is_outage_logged:
                    is_known = isinstance(error, DATABASE_ERRORS)
                    log.warning(
                        "listener disconnected; reconnecting, with polling until then",
                        channel=self._channel,
                        error=type(error).__name__,
                        reason=str(error),
                        exc_info=None if is_known else error,
                    )
                    self._is_outage_logged = True
            await self._sleep(self._backoff)
            self._backoff = min(self._backoff * 2, _LONGEST_BACKOFF)

    async def _listen_once(self) -> None:
        """Connect and listen until the connection ends. Raises its error."""
        connection = await self._connector.connect(
            command_timeout=_RESPONSE_WITHIN.total_seconds(),
            statement_cache_size=0,
            server_settings={"application_name": "presswork listen"},
        )
        ended = asyncio.Event()

        def end(_: object) -> None:
            self._mark_disconnected()
            ended.set()

        try:
            connection.add_termination_listener(end)
            if await is_pooled(connection):
                log.warning(
                    "the database URL is that of a pooler, which delivers notifications only in session mode. Set PRESSWORK_DATABASE_LISTEN_URL "
                    "to the URL of the server",
                    channel=self._channel,
                )
            for channel in self._channels:
                await connection.add_listener(channel, self._on_notification)
            self._mark_connected()
            await _wait_until_ended(connection, ended)
        finally:
            self._mark_disconnected()
            with contextlib.suppress(*DATABASE_ERRORS):
                await connection.close(timeout=1)

    def _on_notification(self, _connection: object, _pid: object, channel: str, payload: object) -> None:
        self._channels[channel](str(payload))

    def _mark_connected(self) -> None:
        self._is_connected = True
        self._backoff = _FIRST_BACKOFF
        if self._is_outage_logged:
            log.info("listener reconnected", channel=self._channel)
            self._is_outage_logged = False
        self._on_connected()

    def _mark_disconnected(self) -> None:
        self._is_connected = False
        self._on_disconnected()


async def _wait_until_ended(connection: "asyncpg.Connection[asyncpg.Record]", ended: asyncio.Event) -> None:
    """Wait until a connection ends and raise its error. Probes an idle connection, since a cut link sends nothing."""
    while True:
        with contextlib.suppress(TimeoutError):
            # Not wait_for: in Python 3.11 it loses a cancellation at the moment of the event.
            async with asyncio.timeout(_PROBE_EVERY.total_seconds()):
                await ended.wait()
            raise ConnectionResetError("The server closed the connection.")
        await connection.execute("SELECT")
