"""A way to the server on which calls get lost: in front of a real one, it does to the next calls what it was told to."""

import http.client
import json
import socket
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar, Final
from urllib.parse import urlsplit

CONTROL: Final = "/trouble"
_OWN_HEADERS: Final = frozenset({"connection", "transfer-encoding", "content-length", "date", "server"})
_HANG_SECONDS: Final = 30


@dataclass(slots=True)
class Road:
    """What lies ahead of the next calls."""

    server: tuple[str, int]
    kind: str = ""
    left: int = 0
    status: int = 503
    retry_after_seconds: float = 0
    not_before: float = 0
    lock: threading.Lock = field(default_factory=threading.Lock)
    closed: threading.Event = field(default_factory=threading.Event)

    def tell(self, told: dict[str, object]) -> None:
        """Take what is to happen to the next calls."""
        with self.lock:
            self.kind, self.left = str(told["kind"]), int(str(told.get("times", 1)))
            self.status = int(str(told.get("status", 503)))
            self.retry_after_seconds, self.not_before = float(str(told.get("retryAfterSeconds", 0))), 0

    def next(self) -> str:
        """Return what happens to this call."""
        with self.lock:
            if self.kind == "busy_until_waited":
                # Refuses until the caller has waited as long as it was asked to: who comes too early is refused again.
                if self.not_before == 0:
                    self.not_before = time.monotonic() + self.retry_after_seconds
                    return "answer"
                return "answer" if time.monotonic() < self.not_before else ""
            if self.left == 0:
                return ""
            self.left -= 1
            return self.kind


class Handler(BaseHTTPRequestHandler):
    """Serves one caller."""

    protocol_version = "HTTP/1.1"
    road: ClassVar[Road]

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the base class's own name
        """Say nothing."""

    def _serve(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if self.path == CONTROL:
            self.road.tell(json.loads(body))
            self._answer(200, {"Content-Type": "application/json"}, b"{}")
            return
        match self.road.next():
            case "cut_before":
                self._cut()
            case "cut_after":
                self._forward(body)
                self._cut()
            case "hang":
                self.road.closed.wait(_HANG_SECONDS)
                self._cut()
            case "answer":
                said = {"Content-Type": "application/json", "Retry-After": f"{self.road.retry_after_seconds:g}"}
                error = {"code": "RATE_LIMITED", "message": "Wait.", "requestId": "req_TROUBLE"}
                self._answer(
                    self.road.status, {**said, "X-Request-Id": "req_TROUBLE"}, json.dumps({"error": error}).encode()
                )
            case "page":
                self._answer(200, {"Content-Type": "text/html"}, b"<html>somebody else</html>")
            case _:
                self._answer(*self._forward(body))

    def _forward(self, body: bytes) -> tuple[int, dict[str, str], bytes]:
        connection = http.client.HTTPConnection(*self.road.server, timeout=60)
        try:
            headers = {name: value for name, value in self.headers.items() if name.lower() != "connection"}
            connection.request(self.command, self.path, body=body or None, headers=headers)
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
        """Break off, so that the caller sees a reset rather than an end."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close_connection = True
        self.connection.close()

    do_GET = do_POST = do_PATCH = do_DELETE = do_PUT = _serve

    def finish(self) -> None:
        """Close what is still open."""
        if self.connection.fileno() != -1:
            super().finish()


@contextmanager
def troubled(url: str) -> Iterator[str]:
    """Stand in front of a server for the length of a block and yield the address."""
    parts = urlsplit(url)
    road = Road(server=(str(parts.hostname), int(parts.port or 80)))
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("OnThisRoad", (Handler,), {"road": road}))
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        road.closed.set()
        server.shutdown()
        server.server_close()
        thread.join()
