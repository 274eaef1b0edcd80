"""A small reverse proxy in front of a running Presswork, with rules like those of a firewall against bots."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Final

import httpx2

Rule = Callable[[str, str], tuple[int, bytes] | None]
"""Returns the proxy's own answer for a user agent and a path; None: the request is forwarded."""

_FORWARDED: Final = ("Content-Type", "X-Request-Id")


@contextmanager
def reverse_proxy(target: str, rule: Rule) -> Iterator[str]:
    """Serve the target on a free port; yield the proxy's URL."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            answer, names = rule(self.headers.get("User-Agent", ""), self.path), {}
            if answer is None:
                reply = httpx2.get(f"{target}{self.path}", headers={"User-Agent": self.headers.get("User-Agent", "")})
                answer = reply.status_code, reply.content
                names = {name: reply.headers[name] for name in _FORWARDED if name in reply.headers}
            status, body = answer
            self.send_response(status)
            for name, value in names.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002  the name in the base class
            """Print nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
