"""Kept-alive HTTP/1.1 connections for calls whose request and response fit in memory, which is every call but an upload.

A call costs about a third of the processor time of one by aiohttp's client. It is never sent twice, follows no redirect, and
uses no proxy: `Transport` makes the calls that need one of these with aiohttp.
"""

import asyncio
import re
import socket
import ssl
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, cast
from urllib.parse import urlsplit

import httptools

CONNECT_SECONDS: Final = 10.0
_NEXT_ADDRESS_SECONDS: Final = 2.5
"""How long one address of a host is tried while another one is left."""
_IDLE_SECONDS: Final = 15.0
_MAX_HEADER_BYTES: Final = 64 * 1024


class NotConnected(Exception):
    """No connection was made, so nothing was sent. The text is the reason."""


class ConnectionBroken(Exception):
    """The connection broke, or the response was invalid. The text is the reason."""


@dataclass(frozen=True, slots=True)
class RawReply:
    """A response: its status, headers (lower-case names) and body."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class _Origin:
    netloc: str
    host: str
    port: int
    is_secure: bool


_PLAIN_URL: Final = re.compile(r"(https?://[A-Za-z0-9.:\[\]-]+)((?:[/?][\x21\x22\x24-\x7e]*)?)")
"""A URL without a password or a fragment, and with nothing that has to be encoded."""


def is_plain(url: str) -> bool:
    """Return whether `Connections.call` accepts a URL."""
    return _PLAIN_URL.fullmatch(url) is not None


@lru_cache(maxsize=256)
def _origin_of(base: str) -> _Origin:
    parts = urlsplit(base)
    is_secure = parts.scheme == "https"
    return _Origin(parts.netloc, parts.hostname or "", parts.port or (443 if is_secure else 80), is_secure)


class Connections:
    """The connections of one platform. A response whose body is larger than `max_bytes` breaks its connection."""

    def __init__(self, *, limit: int, max_bytes: int) -> None:
        """`limit`: connections at once; further calls wait for one."""
        self._max_bytes: Final = max_bytes
        self._slots: Final = asyncio.Semaphore(limit)
        self._idle: Final[dict[_Origin, list[_Connection]]] = {}
        self._addresses: Final[dict[_Origin, object]] = {}
        """The address that was connected last: it is tried first."""
        self._sweeper: asyncio.TimerHandle | None = None
        self._is_closed = False

    def close(self) -> None:
        """Close the idle connections now, and those of running calls after these."""
        self._is_closed = True
        for connections in self._idle.values():
            for connection in connections:
                connection.close()
        self._idle.clear()
        if self._sweeper is not None:
            self._sweeper.cancel()
            self._sweeper = None

    async def call(self, method: str, url: str, *, headers: Mapping[str, str], body: bytes, seconds: float) -> RawReply:
        """Send one request and return its response; `url` is one for which `is_plain` is true.

        Raises NotConnected, ConnectionBroken, TimeoutError, ValueError.
        """
        found = _PLAIN_URL.fullmatch(url)
        if found is None:
            raise ValueError("the URL has parts that must be encoded")
        base, target = found.groups()
        origin = _origin_of(base)
        request = _request(method, target if target.startswith("/") else f"/{target}", origin.netloc, headers, body)
        async with self._slots:
            ends_at = asyncio.get_running_loop().time() + seconds
            connection = self._take(origin)
            if connection is None:
                try:
                    async with asyncio.timeout_at(ends_at):
                        connection = await self._connect(origin)
                except TimeoutError:
                    raise NotConnected("no connection could be made") from None
            try:
                return await connection.send(request, ends_at=ends_at)
            finally:
                self._give_back(origin, connection)

    def _take(self, origin: _Origin) -> "_Connection | None":
        idle = self._idle.get(origin)
        while idle:
            connection = idle.pop()
            if connection.is_reusable:
                return connection
        return None

    def _give_back(self, origin: _Origin, connection: "_Connection") -> None:
        if self._is_closed or not connection.is_reusable:
            connection.close()
            return
        loop = asyncio.get_running_loop()
        connection.idle_since = loop.time()
        self._idle.setdefault(origin, []).append(connection)
        if self._sweeper is None:
            self._sweeper = loop.call_later(_IDLE_SECONDS, self._sweep)

    def _sweep(self) -> None:
        """Close connections that were not used for a while."""
        loop = asyncio.get_running_loop()
        oldest = loop.time() - _IDLE_SECONDS
        for origin, connections in list(self._idle.items()):
            kept = [one for one in connections if one.is_reusable and one.idle_since > oldest]
            for connection in connections:
                if connection not in kept:
                    connection.close()
            self._idle[origin] = kept
            if not kept:
                del self._idle[origin]
        self._sweeper = loop.call_later(_IDLE_SECONDS / 3, self._sweep) if self._idle else None

    async def _connect(self, origin: _Origin) -> "_Connection":
        """Connect to the first address of the host that accepts it. Raises NotConnected."""
        loop = asyncio.get_running_loop()
        try:
            found = await loop.getaddrinfo(origin.host, origin.port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            raise NotConnected("its host name could not be resolved") from error
        addresses = [info[4] for info in found]
        last = self._addresses.get(origin)
        addresses.sort(key=lambda address: address != last)
        failure: Exception = OSError("the host has no address")
        for left, address in zip(range(len(addresses) - 1, -1, -1), addresses, strict=True):
            try:
                async with asyncio.timeout(_NEXT_ADDRESS_SECONDS if left else CONNECT_SECONDS):
                    _, protocol = await loop.create_connection(
                        lambda: _Connection(self._max_bytes),
                        host=str(address[0]),
                        port=origin.port,
                        ssl=_tls() if origin.is_secure else None,
                        server_hostname=origin.host if origin.is_secure else None,
                    )
            except (OSError, TimeoutError) as error:  # an ssl.SSLError is an OSError
                failure = error
                continue
            self._addresses[origin] = address
            return protocol
        is_tls = isinstance(failure, ssl.SSLError)
        raise NotConnected("no safe connection could be made" if is_tls else "no connection could be made") from failure


@lru_cache(maxsize=1)
def _tls() -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.set_alpn_protocols(["http/1.1"])
    return context


def _request(method: str, target: str, netloc: str, headers: Mapping[str, str], body: bytes) -> bytes:
    """Return the bytes of a request. Raises ValueError on a line end in a header."""
    lines = [f"{method} {target} HTTP/1.1", f"Host: {netloc}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    if body or method != "GET":
        lines.append(f"Content-Length: {len(body)}")
    head = "\r\n".join(lines)
    if head.count("\r") + head.count("\n") + head.count("\0") != 2 * (len(lines) - 1):
        raise ValueError("a header contains a line end")
    return f"{head}\r\n\r\n".encode() + body


class _Connection(asyncio.Protocol):
    """One connection, which carries one request at a time."""

    def __init__(self, max_bytes: int) -> None:
        self.idle_since = 0.0
        self._max_bytes: Final = max_bytes
        self._transport: asyncio.Transport | None = None
        self._parser = httptools.HttpResponseParser(self)
        self._reply: asyncio.Future[RawReply] | None = None
        self._is_reusable = True
        self._start()

    def _start(self) -> None:
        self._headers: dict[str, str] = {}
        self._header_bytes = 0
        self._body: list[bytes] = []
        self._body_bytes = 0
        self._has_headers = False

    @property
    def is_reusable(self) -> bool:
        """Whether another request may be sent."""
        return self._is_reusable and self._reply is None

    def close(self) -> None:
        """Close it at once."""
        self._is_reusable = False
        if self._transport is not None:
            self._transport.abort()

    async def send(self, request: bytes, *, ends_at: float) -> RawReply:
        """Send a request and return its response, which must arrive by `ends_at` of the loop's clock. Raises TimeoutError.

        Afterwards, and if the caller stops waiting, the connection is closed: the response may still arrive.
        """
        if self._transport is None or not self.is_reusable:
            raise ConnectionBroken("the connection broke")
        loop = asyncio.get_running_loop()
        self._reply = loop.create_future()
        timer = loop.call_at(ends_at, self._expire)  # cheaper than asyncio.timeout
        self._transport.write(request)
        try:
            return await self._reply
        except BaseException:
            self._is_reusable = False
            raise
        finally:
            timer.cancel()
            self._reply = None

    def _expire(self) -> None:
        if self._reply is not None and not self._reply.done():
            self._reply.set_exception(TimeoutError("no answer came in time"))

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's transports are not subclasses

    def data_received(self, data: bytes) -> None:
        if self._reply is None:  # nothing was asked
            self.close()
            return
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError:
            self._fail("the connection broke")

    def eof_received(self) -> bool:
        return False

    def connection_lost(self, error: Exception | None) -> None:
        self._is_reusable = False
        is_whole = (
            error is None and self._has_headers and not {"content-length", "transfer-encoding"} & {*self._headers}
        )
        if is_whole:
            self.on_message_complete()
        self._fail("the connection broke")

    def on_header(self, name: bytes, value: bytes) -> None:
        self._header_bytes += len(name) + len(value)
        if self._header_bytes > _MAX_HEADER_BYTES:
            self._fail("the answer's headers are too large")
            return
        key, text = name.decode("latin-1").lower(), value.decode("utf-8", "surrogateescape")
        self._headers[key] = f"{self._headers[key]}, {text}" if key in self._headers else text

    def on_headers_complete(self) -> None:
        self._has_headers = True

    def on_body(self, body: bytes) -> None:
        self._body_bytes += len(body)
        if self._body_bytes > self._max_bytes:
            self._fail("the answer is too large")
        else:
            self._body.append(body)

    def on_message_complete(self) -> None:
        status = self._parser.get_status_code()
        if 100 <= status < 200:  # such as 100 Continue: the response follows
            self._start()
            return
        if not self._parser.should_keep_alive():
            self._is_reusable = False
        body, headers = b"".join(self._body), self._headers
        self._start()
        if headers.get("content-encoding", "identity").lower() in {"gzip", "deflate"}:
            inflater = zlib.decompressobj(wbits=47)
            try:
                body = inflater.decompress(body, self._max_bytes + 1)
            except zlib.error:
                self._fail("the connection broke")
                return
            if len(body) > self._max_bytes:
                self._fail("the answer is too large")
                return
        if self._reply is None or self._reply.done():
            self._is_reusable = False  # one response too many
        else:
            self._reply.set_result(RawReply(status, headers, body))

    def _fail(self, reason: str) -> None:
        if self._reply is not None and not self._reply.done():
            self._reply.set_exception(ConnectionBroken(reason))
        self.close()
