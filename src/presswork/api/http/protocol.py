"""uvicorn's HTTP/1.1 protocol with limits: on request heads, on the time clients take, and on connections.

uvicorn limits none of these with httptools. `core/server_internals.py` lists what this module uses of its classes. A
connection is in one of three phases: idle (kept alive), receiving a head, receiving a body. The server calls
`close_if_overdue` on each connection once a second.
"""

import asyncio
import sys
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Any, Final

import httptools
import structlog
import uvicorn
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle
from uvicorn.server import ServerState

from presswork.api.http.envelope import error_body
from presswork.api.http.error_guide import ErrorLinks
from presswork.core.client_address import network_of, parse_address
from presswork.core.errors import Code
from presswork.core.ids import new_ulid

log = structlog.get_logger()

MAX_HEAD_BYTES: Final = 64 * 1024
"""Longest request line with all headers; also of the trailers after a chunked body."""
MAX_HEADERS: Final = 100
MAX_URL_BYTES: Final = 16 * 1024
"""Longest path with query; the longest that Presswork makes or reads is a tenth of it."""
HEAD_SECONDS: Final = 15
"""Longest time from the start of a connection, or the first byte of a later request, to the end of the headers."""
BODY_IDLE_SECONDS: Final = 20
"""Longest time without a byte of an incomplete body."""
BODY_SECONDS: Final = 30
"""Time for a body, in addition to one second per BODY_BYTES_PER_SECOND or UPLOAD_BYTES_PER_SECOND."""
BODY_BYTES_PER_SECOND: Final = 8 * 1024
UPLOAD_BYTES_PER_SECOND: Final = 64 * 1024
"""Lowest rate of a body under UPLOADS_PATH: it is larger than others, and holds a temporary file meanwhile."""
UPLOADS_PATH: Final = "/uploads/"
READ_SECONDS: Final = 30
"""Longest time in which a client reads less than READ_BYTES of a response that is ready."""
READ_BYTES: Final = 16 * 1024
LINGER_SECONDS: Final = 5
"""How long a client may continue to send after its response: closing at once could make it lose the response."""
MAX_PIPELINED: Final = 64
"""Most requests that a client may send ahead of their responses; each holds memory."""
_VERSIONS: Final = frozenset({"1.0", "1.1"})
_SLICE_BYTES: Final = 16 * 1024
"""How much of a head is parsed at once, so that a head without an end is noticed soon."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionLimits:
    """Most connections of one server: in all, and from one address. An IPv6 address stands for its /64 network.

    A proxy on the same machine makes all connections from one address, so loopback is not limited by default.
    """

    total: int = 2000
    per_address: int = 200
    is_loopback_limited: bool = False


@dataclass(slots=True, kw_only=True)
class Connections:
    """The connections of one server, counted by the address of the client, and the links in its refusals."""

    limits: ConnectionLimits
    by_address: Counter[str] = field(default_factory=Counter)
    refused: int = 0
    """Connections over a limit that are not in the log yet."""
    error_links: ErrorLinks | None = None


class ServerConfig(uvicorn.Config):
    """uvicorn's configuration, for a server whose connections are limited."""

    def __init__(self, app: Any, *, counted: Connections, **options: Any) -> None:  # Any: uvicorn's own options
        """WebSockets are off, because their connections would have no limits."""
        super().__init__(app, http=LimitedProtocol, ws="none", **options)
        self.counted = counted


@dataclass(frozen=True, slots=True, kw_only=True)
class _Refusal:
    """A response that is sent without the application."""

    status: int
    code: Code
    message: str
    details: Mapping[str, object] = field(default_factory=dict)


_BAD_REQUEST: Final = _Refusal(
    status=400, code=Code.VALIDATION, message="This is not a valid HTTP/1.1 request. Send one as RFC 9112 describes."
)
_NO_MEMORY: Final = _Refusal(
    status=503,
    code=Code.UNAVAILABLE,
    message="The server has no memory left to read this request. Send it again shortly.",
)
_HEAD_TOO_LARGE: Final = _Refusal(
    status=431,
    code=Code.PAYLOAD_TOO_LARGE,
    message=f"The request line and headers exceed {MAX_HEAD_BYTES} bytes or {MAX_HEADERS} headers. Send fewer or shorter ones.",
    details={"maxBytes": MAX_HEAD_BYTES, "maxHeaders": MAX_HEADERS},
)
_URL_TOO_LONG: Final = _Refusal(
    status=414,
    code=Code.PAYLOAD_TOO_LARGE,
    message=f"The path with its query exceeds {MAX_URL_BYTES} bytes. Send a shorter one.",
    details={"maxBytes": MAX_URL_BYTES},
)
_HEAD_TIMEOUT: Final = _Refusal(
    status=408,
    code=Code.VALIDATION,
    message=f"The headers did not arrive within {HEAD_SECONDS} s. Send the request again.",
    details={"reason": "head_timeout"},
)
_SERVER_FULL: Final = _Refusal(
    status=503,
    code=Code.UNAVAILABLE,
    message="This process has as many connections as it accepts. Retry in a few seconds.",
)
_ADDRESS_FULL: Final = _Refusal(
    status=429,
    code=Code.RATE_LIMITED,
    message="Your address has as many connections as this process accepts. Close some, or reuse them.",
)


def _body_timeout(bytes_per_second: int) -> _Refusal:
    return _Refusal(
        status=408,
        code=Code.VALIDATION,
        message=f"The body stopped for {BODY_IDLE_SECONDS} s, or was slower than {bytes_per_second} bytes/s. Send it again.",
        details={"reason": "body_timeout"},
    )


class _Refused(Exception):
    """Ends the parsing of a request; `_refusal` says why."""


class _Phase(Enum):
    IDLE = auto()
    HEAD = auto()
    BODY = auto()


class _RequestTransport:
    """The transport as uvicorn uses it for one request: a connection is not closed while the client still sends.

    uvicorn writes the head of a response and its body separately. The head is held back for the body, so that both are
    one system call and one packet; without a body in the same turn of the event loop, it is sent in the next.
    """

    def __init__(self, connection: "LimitedProtocol") -> None:
        self._write = connection.transport.write
        self._call_soon = connection.loop.call_soon
        self._close = connection.close_after_response
        self._head = b""
        self.is_closing = connection.transport.is_closing
        self.abort = connection.transport.abort

    def write(self, data: bytes) -> None:
        """Send data, except for a head that is followed by a body."""
        if self._head:
            head, self._head = self._head, b""
            self._write(head + data)
        elif data.startswith(b"HTTP/1.1 ") and data.endswith(b"\r\n\r\n"):
            self._head = data
            self._call_soon(self._send_head)
        else:
            self._write(data)

    def _send_head(self) -> None:
        if self._head:
            head, self._head = self._head, b""
            if not self.is_closing():  # uvloop raises on a closed connection
                self._write(head)

    def close(self) -> None:
        """Close the connection after the response."""
        self._send_head()
        self._close()


class LimitedProtocol(HttpToolsProtocol):
    """One connection of a client."""

    def __init__(
        self,
        config: uvicorn.Config,
        server_state: ServerState,
        app_state: dict[str, Any],  # Any: as in uvicorn
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        if not isinstance(config, ServerConfig):
            raise TypeError("the server was started without limits on its connections")
        now = self.loop.time()
        self._counted = config.counted
        self._address: str | None = None
        self._refusal: _Refusal | None = None
        self._phase = _Phase.HEAD
        self._phase_since = self._checked_at = now
        self._lingers_until: float | None = None
        self._ignores_input = False
        # Of the head or body that is being received
        self._head_bytes = 0
        self._is_head_counted = True  # False if it begins within a piece, whose bytes before it are another request
        self._body_bytes = 0
        self._body_at = now
        self._bytes_per_second = BODY_BYTES_PER_SECOND
        self._framing_bytes = 0  # received since the last byte of the body: trailers, chunk extensions
        self._responded_at: float | None = None
        # Of the responses that the client has not read
        self._unread_bytes = 0
        self._unread_since = now

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as in uvicorn
        """Count the connection, and refuse it if there are too many."""
        super().connection_made(transport)
        self._request_transport = _RequestTransport(self)
        counted, limits = self._counted, self._counted.limits
        self._address = _counted_address(self.client, is_loopback_counted=limits.is_loopback_limited)
        if self._address is not None:
            counted.by_address[self._address] += 1
        if len(self.connections) > limits.total:
            self._send_refusal(_SERVER_FULL)
        elif self._address is not None and counted.by_address[self._address] > limits.per_address:
            self._send_refusal(_ADDRESS_FULL)
        else:
            return
        counted.refused += 1
        self._ignores_input = True
        transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop counting the connection."""
        super().connection_lost(exc)
        if self._address is not None:
            self._counted.by_address[self._address] -= 1
            if not self._counted.by_address[self._address]:
                del self._counted.by_address[self._address]

    def data_received(self, data: bytes) -> None:
        """Parse what arrived, a slice at a time while a head is incomplete."""
        if self._phase is _Phase.IDLE:
            self._enter_phase(_Phase.HEAD)
        start = 0
        while start < len(data) and self._lingers_until is None and not self._ignores_input:
            end = len(data) if self._phase is _Phase.BODY else start + _SLICE_BYTES
            piece = data[start:end] if start or end < len(data) else data
            self._parse(piece)
            start = end

    def _parse(self, piece: bytes) -> None:
        body_bytes = self._body_bytes
        self._head_bytes += len(piece)
        super().data_received(piece)
        if self._lingers_until is not None or self._ignores_input:
            return
        if self._phase is _Phase.HEAD and self._head_bytes > MAX_HEAD_BYTES:
            self._refuse(_HEAD_TOO_LARGE)
        elif self._phase is _Phase.BODY:
            self._framing_bytes = 0 if self._body_bytes != body_bytes else self._framing_bytes + len(piece)
            if self._framing_bytes > MAX_HEAD_BYTES or len(self.headers) > MAX_HEADERS:
                self._refuse(_HEAD_TOO_LARGE)

    def _enter_phase(self, phase: _Phase) -> None:
        self._phase = phase
        self._phase_since = self.loop.time()
        self._head_bytes = 0
        self._is_head_counted = True

    def on_message_begin(self) -> None:
        """Begin a request."""
        super().on_message_begin()
        if self._phase is not _Phase.HEAD:  # it follows another one in the same piece
            self._enter_phase(_Phase.HEAD)
            self._is_head_counted = False

    def on_headers_complete(self) -> None:
        """Pass the request to the application, unless its head is too large."""
        if len(self.headers) > MAX_HEADERS or self._is_head_too_large():
            self._refusal = _HEAD_TOO_LARGE
            raise _Refused
        if len(self.url) > MAX_URL_BYTES:
            self._refusal = _URL_TOO_LONG
            raise _Refused
        # A fragment would be a second spelling of the path: the parser drops it.
        if len(self.pipeline) >= MAX_PIPELINED or b"#" in self.url or self.parser.get_http_version() not in _VERSIONS:
            self._refusal = _BAD_REQUEST
            raise _Refused
        self._take_host_of_url()
        super().on_headers_complete()
        self.cycle.transport = self._request_transport  # type: ignore[assignment]  # has what a request uses
        self.headers = []  # for trailers, which must not be added to the headers that the application reads
        self._enter_phase(_Phase.BODY)
        self._body_bytes = self._framing_bytes = 0
        self._body_at = self._phase_since
        is_upload = self.scope["path"].startswith(UPLOADS_PATH)
        self._bytes_per_second = UPLOAD_BYTES_PER_SECOND if is_upload else BODY_BYTES_PER_SECOND
        self._responded_at = None

    def _is_head_too_large(self) -> bool:
        if self._is_head_counted and self._head_bytes <= MAX_HEAD_BYTES:
            return False  # with what follows it in the same piece
        return len(self.url) + sum(len(name) + len(value) + 4 for name, value in self.headers) > MAX_HEAD_BYTES

    def _take_host_of_url(self) -> None:
        """Replace the Host header by the host of a request line with an absolute URL (RFC 9112, section 3.2.2).

        Without one, or with several, the request is invalid all the same.
        """
        if self.url.startswith(b"/") or sum(name == b"host" for name, _ in self.headers) != 1:
            return
        url = httptools.parse_url(self.url)
        if url.host:
            name = b"[%s]" % url.host if b":" in url.host else url.host
            host = b"%s:%d" % (name, url.port) if url.port else name
            self.headers[:] = [(b"host", host), *((name, value) for name, value in self.headers if name != b"host")]

    def on_body(self, body: bytes) -> None:
        """Receive a part of a body."""
        self._body_bytes += len(body)
        self._body_at = self.loop.time()
        super().on_body(body)

    def on_message_complete(self) -> None:
        """End a request; the response may be incomplete."""
        super().on_message_complete()
        self._enter_phase(_Phase.IDLE)

    def send_400_response(self, msg: str) -> None:
        """Refuse a request that can't be parsed, or whose parsing was ended, also by a lack of memory (its error's context)."""
        _ = msg
        refusal, self._refusal = self._refusal or _BAD_REQUEST, None
        error = sys.exception()
        if error is not None and isinstance(error.__context__, MemoryError):
            log.warning("out of memory", error="MemoryError")
            refusal = _NO_MEMORY
        self._refuse(refusal)

    def _unsupported_upgrade_warning(self) -> None:
        """Close the connection after the response: httptools skips the body of a request to upgrade.

        What follows could be that body, and must not be read as another request.
        """
        self._ignores_input = True
        self.cycle.keep_alive = False
        if self.cycle.response_complete:
            self.transport.close()

    def resume_writing(self) -> None:
        """Continue sending: the client has read most of what was ready."""
        self._unread_bytes, self._unread_since = 0, self.loop.time()
        super().resume_writing()

    def shutdown(self) -> None:
        """Close the connection after the response in progress. The server calls this when it stops."""
        latest = self._latest_cycle()
        if self._lingers_until is not None:
            self.transport.close()
        elif latest is not None and self.flow.write_paused and latest.scope["state"].get("is_stream"):
            self.transport.abort()  # the client reads too slowly to see the end of the stream
        else:
            super().shutdown()

    def close_after_response(self) -> None:
        """Close the connection; if the client still sends, only once it has had time to read the response."""
        if (self._phase is _Phase.BODY or self._ignores_input) and not self.transport.is_closing():
            self._discard_rest()
        else:
            self.transport.close()

    def _discard_rest(self) -> None:
        """Send no more, and discard what the client still sends: closing now could discard the response at its end."""
        self._lingers_until = self.loop.time() + LINGER_SECONDS
        self.pipeline.clear()
        self._unset_keepalive_if_required()
        self.flow.resume_reading()
        if self.transport.can_write_eof():
            self.transport.write_eof()

    def close_if_overdue(self, now: float) -> None:
        """Close the connection if its client is too slow; `now` is the time of the event loop."""
        elapsed, self._checked_at = now - self._checked_at, now
        if self._is_unread(now):
            log.info("response not read", client=self._client())
            self.transport.abort()
        elif self._lingers_until is not None:
            if now >= self._lingers_until:
                self.transport.abort()
        elif self.transport.is_closing() or self._phase is _Phase.IDLE:
            return
        elif self._waits_for_server():
            self._phase_since = min(now, self._phase_since + elapsed)
            self._body_at = now
        elif self._phase is _Phase.HEAD:
            if now - self._phase_since > HEAD_SECONDS:
                self._end_slow_head()
        elif self.cycle.response_complete:
            self._responded_at = self._responded_at or now
            if now - self._responded_at > LINGER_SECONDS:
                self.transport.close()
        elif (
            now - self._body_at > BODY_IDLE_SECONDS
            or now - self._phase_since > BODY_SECONDS + self._body_bytes / self._bytes_per_second
        ):
            self._refuse(_body_timeout(self._bytes_per_second))

    def _is_unread(self, now: float) -> bool:
        """Whether the client has read too little of what is ready. A part of that is in the kernel, and not counted."""
        unread = self.transport.get_write_buffer_size()
        if not unread or not self._unread_bytes or unread <= self._unread_bytes - READ_BYTES:
            self._unread_bytes, self._unread_since = unread, now
        self._unread_bytes = max(self._unread_bytes, unread)
        return now - self._unread_since > READ_SECONDS

    def _waits_for_server(self) -> bool:
        """Whether the client can't send more because of the server, so that the time does not count."""
        if self.flow.read_paused:
            return True
        if self._phase is _Phase.HEAD:
            return self._is_in_progress()
        return self.cycle.waiting_for_100_continue and not self.cycle.response_complete

    def _end_slow_head(self) -> None:
        if self._head_bytes:
            self._refuse(_HEAD_TIMEOUT)
        else:
            self.transport.close()

    def _refuse(self, refusal: _Refusal) -> None:
        """Send an error response where that is possible, and close the connection once the client has read it."""
        is_in_progress = self._is_in_progress()
        if is_in_progress and self._phase is _Phase.HEAD and not self.pipeline:
            # Another request of the connection is still being served: this one gets no response.
            self.cycle.keep_alive = False
            self._ignores_input = True
            return
        if is_in_progress and (self.cycle.response_started or self.pipeline):
            self._ignores_input = True
            self.transport.abort()
            return
        if is_in_progress:
            self.cycle.disconnected = True
            self.cycle.waiting_for_100_continue = False
            self.cycle.message_event.set()
        self._send_refusal(refusal)
        self._discard_rest()

    def _send_refusal(self, refusal: _Refusal) -> None:
        request_id = new_ulid("req")
        body = error_body(refusal.code, refusal.message, request_id, refusal.details, links=self._counted.error_links)
        headers = [
            *self.server_state.default_headers,
            (b"content-type", b"application/json"),
            (b"content-length", str(len(body)).encode()),
            (b"x-request-id", request_id.encode()),
            (b"connection", b"close"),
        ]
        if refusal.code in {Code.RATE_LIMITED, Code.UNAVAILABLE}:
            headers.append((b"retry-after", b"1"))
        lines = [STATUS_LINE[refusal.status], *(b"%s: %s\r\n" % pair for pair in headers), b"\r\n", body]
        self.transport.write(b"".join(lines))
        if refusal not in (_SERVER_FULL, _ADDRESS_FULL):  # the server logs their number
            log.info("request refused", status=refusal.status, request_id=request_id, client=self._client())

    def _client(self) -> str | None:
        return self.client[0] if self.client else None

    def _latest_cycle(self) -> RequestResponseCycle | None:
        """Return the latest request; uvicorn declares that there always is one."""
        return self.cycle

    def _is_in_progress(self) -> bool:
        """Whether the latest request has no complete response yet."""
        latest = self._latest_cycle()
        return latest is not None and not latest.response_complete


def _counted_address(client: tuple[str, int] | None, *, is_loopback_counted: bool) -> str | None:
    """Return the address to count a connection under, or None."""
    address = parse_address(client[0]) if client else None
    if address is None or (address.is_loopback and not is_loopback_counted):
        return None
    return network_of(address)
