"""A proxy in front of a real server that loses, delays or refuses the next calls, as a test asks it to."""

import contextlib
import http.client
import json
import math
import socket
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar, Final
from urllib.parse import urlsplit

CONTROL: Final = "/proxy/fault"
_OWN_HEADERS: Final = frozenset({"connection", "transfer-encoding", "content-length", "date", "server"})
_HANG_SECONDS: Final = 30


@dataclass(slots=True)
class Faults:
    """The fault of the next calls, after `skip` calls that pass."""

    server: tuple[str, int]
    kind: str = ""
    left: int = 0
    skip: int = 0
    status: int = 503
    retry_after_seconds: float = 0
    retry_after_format: str = "seconds"
    not_before: float = 0
    lock: threading.Lock = field(default_factory=threading.Lock)
    closed: threading.Event = field(default_factory=threading.Event)
    streams: set[socket.socket] = field(default_factory=set)
    """The callers that read a stream."""

    def set(self, fault: dict[str, object]) -> None:
        """Apply a fault to the next `times` calls, or with `cut_streams` end the streams that are open."""
        with self.lock:
            if fault["kind"] == "cut_streams":
                for stream in self.streams:
                    with contextlib.suppress(OSError):  # its caller has ended it
                        stream.shutdown(socket.SHUT_RDWR)
                return
            self.kind, self.left = str(fault["kind"]), int(str(fault.get("times", 1)))
            self.skip = int(str(fault.get("skip", 0)))
            self.status = int(str(fault.get("status", 503)))
            self.retry_after_seconds, self.not_before = float(str(fault.get("retryAfterSeconds", 0))), 0
            self.retry_after_format = str(fault.get("retryAfterFormat", "seconds"))

    def next(self) -> str:
        """Return the fault of this call."""
        with self.lock:
            if self.kind == "busy_until_waited":
                # Refuses until the time of `Retry-After`; an earlier call is refused again.
                if self.not_before == 0:
                    self.not_before = time.monotonic() + self.retry_after_seconds
                    return "answer"
                return "answer" if time.monotonic() < self.not_before else ""
            if self.left == 0:
                return ""
            if self.skip:
                self.skip -= 1
                return ""
            self.left -= 1
            return self.kind

    def retry_after(self) -> str:
        """Return the header's value, as a number of seconds or as an HTTP date, which is rounded up to a second."""
        if self.retry_after_format == "date":
            return formatdate(math.ceil(time.time() + self.retry_after_seconds), usegmt=True)
        return f"{self.retry_after_seconds:g}"


class Handler(BaseHTTPRequestHandler):
    """Serves one caller."""

    protocol_version = "HTTP/1.1"
    faults: ClassVar[Faults]

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the base class's own name
        """Log nothing."""

    def _serve(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if self.path == CONTROL:
            self.faults.set(json.loads(body))
            self._answer(200, {"Content-Type": "application/json"}, b"{}")
            return
        match self.faults.next():
            case "cut_before":
                self._cut()
            case "cut_after" if self._is_stream:
                self._relay(is_cut=True)
            case "cut_after":
                self._forward(body)
                self._cut()
            case "hang":
                self.faults.closed.wait(_HANG_SECONDS)
                self._cut()
            case "answer":
                headers = {"Content-Type": "application/json", "Retry-After": self.faults.retry_after()}
                error = {"code": "RATE_LIMITED", "message": "Wait.", "requestId": "req_PROXY"}
                self._answer(
                    self.faults.status, {**headers, "X-Request-Id": "req_PROXY"}, json.dumps({"error": error}).encode()
                )
            case "page":
                self._answer(200, {"Content-Type": "text/html"}, b"<html>another program</html>")
            case _ if self._is_stream:
                self._relay()
            case _:
                self._answer(*self._forward(body))

    @property
    def _is_stream(self) -> bool:
        return self.path.startswith("/v1/events/stream")

    def _relay(self, *, is_cut: bool = False) -> None:
        """Forward a response that does not end, as it arrives, until either side ends it. `is_cut`: only its headers."""
        connection = http.client.HTTPConnection(*self.faults.server, timeout=60)
        self.close_connection = True
        try:
            connection.request("GET", self.path, headers=self._headers_to_forward())
            answer = connection.getresponse()
            if answer.status != http.HTTPStatus.OK:
                kept = {name: value for name, value in answer.getheaders() if name.lower() not in _OWN_HEADERS}
                self._answer(answer.status, kept, answer.read())
                return
            with self.faults.lock:
                self.faults.streams.add(self.connection)
            self.send_response(answer.status)
            for name in ("content-type", "last-event-id"):
                self.send_header(name, str(answer.getheader(name)))
            self.end_headers()
            while not is_cut and (piece := answer.read1(1 << 16)):
                self.wfile.write(piece)
        except OSError:
            pass  # either side has ended it
        finally:
            with self.faults.lock:
                self.faults.streams.discard(self.connection)
            connection.close()

    def _headers_to_forward(self) -> dict[str, str]:
        return {name: value for name, value in self.headers.items() if name.lower() != "connection"}

    def _forward(self, body: bytes) -> tuple[int, dict[str, str], bytes]:
        connection = http.client.HTTPConnection(*self.faults.server, timeout=60)
        try:
            connection.request(self.command, self.path, body=body or None, headers=self._headers_to_forward())
            answer = connection.getresponse()
            kept = {name: value for name, value in answer.getheaders() if name.lower() not in _OWN_HEADERS}
            return answer.status, kept, answer.read()
        finally:
            connection.close()

    def _answer(self, status: int, headers: dict[str, str], content: bytes) -> None:
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(content))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def _cut(self) -> None:
        """Reset the connection, so that the caller sees an error rather than an end of data."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close_connection = True
        self.connection.close()

    do_GET = do_POST = do_PATCH = do_DELETE = do_PUT = _serve

    def finish(self) -> None:
        """Flush and close the connection, unless it was reset."""
        if self.connection.fileno() != -1:
            super().finish()


@contextmanager
def lossy_proxy(url: str) -> Iterator[str]:
    """Run the proxy in front of a server for the length of a block and yield its address."""
    parts = urlsplit(url)
    faults = Faults(server=(str(parts.hostname), int(parts.port or 80)))
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("FaultyHandler", (Handler,), {"faults": faults}))
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        faults.closed.set()
        server.shutdown()
        server.server_close()
        thread.join()
