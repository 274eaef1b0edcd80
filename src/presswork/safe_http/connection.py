"""Connections to allowed addresses, each with a limit on the size of a response.

aiohttp bounds a header, the number of headers and how much of a body is buffered. It does not bound how many interim
responses (1xx) precede the real one, nor the framing of a chunked body, and it accepts a response that arrived before the
request. The classes here do.
"""

import asyncio
from datetime import timedelta
from functools import partial
from http import HTTPStatus
from ssl import SSLContext
from typing import Final

import aiohttp
from aiohttp.client_proto import ResponseHandler
from aiohttp.connector import Connection
from aiohttp.http import RawResponseMessage
from aiohttp.streams import StreamReader

from presswork.safe_http.failure import ResponseTooLarge
from presswork.safe_http.guard import AddressGuard

# Maximum bytes besides the body: headers, of which aiohttp accepts far less, the framing of a chunked body, and
# one read of the socket that is not processed yet.
_MAX_WRAPPING_BYTES: Final = 512 * 1024
_BODY_TO_WRAPPING: Final = 4  # and a quarter of the body: chunks of 24 bytes and more stay below
_MAX_INTERIM_RESPONSES: Final = 16


class _BoundedHandler(ResponseHandler):
    """One connection, which counts the bytes of each response besides the body that the caller reads."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(loop)
        self._came_bytes = 0
        self._interim_responses = 0

    def begin(self) -> None:
        """Start with a request. Raises, as if the connection were lost, where unsolicited data has arrived."""
        if self.should_close:
            raise aiohttp.ServerDisconnectedError("an answer came before the question")
        self._came_bytes = self._interim_responses = 0

    def data_received(self, data: bytes) -> None:
        """Pass received data on, and close the connection when too much of it is not body."""
        self._came_bytes += len(data)
        super().data_received(data)
        body = self._payload
        body_bytes = 0 if body is None else body.total_bytes
        wrapping_bytes = self._came_bytes - body_bytes
        is_flood = wrapping_bytes > _MAX_WRAPPING_BYTES + body_bytes // _BODY_TO_WRAPPING
        if not is_flood and self._interim_responses <= _MAX_INTERIM_RESPONSES:
            return
        error = ResponseTooLarge()
        self._payload, self._parser = None, None
        if body is not None and not body.is_eof():
            body.set_exception(error)
        self.set_exception(error)
        if self.transport is not None:
            self.transport.abort()

    def feed_data(self, data: tuple[RawResponseMessage, StreamReader], size: int = 0) -> None:
        """Pass a response on; an interim one is counted and dropped."""
        status = data[0].code
        if status < HTTPStatus.OK and status != HTTPStatus.SWITCHING_PROTOCOLS:
            self._interim_responses += 1
        else:
            super().feed_data(data, size)


class GuardedRequest(aiohttp.ClientRequest):
    """A request that is sent only on a connection without unread data."""

    async def send(self, conn: Connection) -> aiohttp.ClientResponse:
        """Send it. Raises ServerDisconnectedError where the kept connection is not usable."""
        if isinstance(conn.protocol, _BoundedHandler):
            conn.protocol.begin()
        return await super().send(conn)


class GuardedConnector(aiohttp.TCPConnector):
    """Connects to allowed addresses only. Names are resolved for every connection, and none is cached.

    A connection that is kept for `idle` stays at the address that was checked when it was made. None keeps none.
    """

    def __init__(self, guard: AddressGuard, *, trust: SSLContext, idle: timedelta | None) -> None:
        super().__init__(
            ssl=trust,
            resolver=guard.names(),
            socket_factory=guard.socket,
            use_dns_cache=False,
            force_close=idle is None,
            limit=0,  # the caller bounds how many calls run; a wait here would be reported as the server's error
            keepalive_timeout=None if idle is None else idle.total_seconds(),
        )
        # aiohttp has no public way to set the handler of a connection. The table of hostile servers fails without this,
        # and `core/library_internals.py` checks at start-up that the attribute exists.
        self._factory = partial(_handler, self._loop)


def _handler(loop: asyncio.AbstractEventLoop) -> ResponseHandler:
    return _BoundedHandler(loop)
