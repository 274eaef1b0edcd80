"""A stand-in for Instagram in a separate process: it accepts everything, is cheap, and records when it was called.

The sandbox checks what the real platform checks; this stand-in keeps the platform's cost out of the figures. It parses
requests without a web framework, since its processor time is taken from the workers that are measured.
"""

import asyncio
import itertools
import json
import sys
import time
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Final, cast

import httptools
import uvloop
from pydantic import JsonValue

_number: Final = itertools.count(1)


@dataclass(slots=True, kw_only=True)
class Journal:
    """Unix times of each account's first call and of its post going live, and the number of containers."""

    first: dict[str, float] = field(default_factory=dict)
    live: dict[str, float] = field(default_factory=dict)
    containers: int = 0
    calls: int = 0
    live_calls: int = 0
    """Calls that made a post live; must not exceed the number of posts."""


class Stub:
    """Responds to the calls that publish one picture per account, and says when it is live: a worker that is interrupted
    after its call looks the post up. With `is_stuck`, processing never ends.
    """

    def __init__(self, *, is_stuck: bool) -> None:
        self._is_stuck: Final = is_stuck
        self._journal: Final = Journal()
        self._owners: Final[dict[str, str]] = {}  # by container
        self._feeds: Final[dict[str, list[JsonValue]]] = {}  # by owner

    def answer(self, method: bytes, path: str) -> JsonValue:
        """Respond according to the last part of the path."""
        _, owner, operation = path.rsplit("/", 2) if path.count("/") > 1 else ("", "", path.rpartition("/")[2])
        journal = self._journal
        if operation == "journal":
            return asdict(journal)
        journal.calls += 1
        if operation == "media_publish":
            journal.live[owner] = time.time()
            journal.live_calls += 1
            media_id = f"m{next(_number)}"
            self._feeds.setdefault(owner, []).insert(0, {"id": media_id, "timestamp": datetime.now(UTC).isoformat()})
            return {"id": media_id}
        if operation == "media" and method == b"POST":
            journal.first.setdefault(owner, time.time())
            journal.containers += 1
            container = f"c{next(_number)}"
            self._owners[container] = owner
            return {"id": container}
        if operation == "media":
            return {"data": self._feeds.get(owner, [])}
        if operation == "content_publishing_limit":
            return {"data": [{"quota_usage": 0, "config": {"quota_total": 100}}]}
        is_live = self._owners.get(operation) in self._feeds
        status = "PUBLISHED" if is_live else "IN_PROGRESS" if self._is_stuck else "FINISHED"
        return {"id": operation, "status_code": status, "permalink": f"https://www.instagram.com/p/{operation}/"}


class Connection(asyncio.Protocol):
    """One connection of a worker: parses its requests and writes the responses."""

    def __init__(self, stub: Stub) -> None:
        self._stub: Final = stub
        self._parser: Final = httptools.HttpRequestParser(self)
        self._transport: asyncio.Transport | None = None
        self._path = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport."""
        self._transport = cast("asyncio.Transport", transport)  # uvloop's transports are not subclasses

    def data_received(self, data: bytes) -> None:
        """Parse what has arrived."""
        self._parser.feed_data(data)

    def on_url(self, url: bytes) -> None:
        """Keep a request's path; called by the parser, as is `on_message_complete`."""
        self._path = url.partition(b"?")[0]

    def on_message_complete(self) -> None:
        """Respond to a request."""
        body = json.dumps(self._stub.answer(self._parser.get_method(), self._path.decode())).encode()
        if self._transport is not None:
            self._transport.write(
                b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body)
            )


async def serve(port: int, stub: Stub) -> None:
    """Serve on a port of the loopback interface until the process ends."""
    server = await asyncio.get_running_loop().create_server(
        lambda: Connection(stub), host="127.0.0.1", port=port, backlog=2048
    )
    await server.serve_forever()


def main() -> None:
    """Serve on the port of the job on standard input until SIGTERM."""
    job = json.load(sys.stdin)
    uvloop.run(serve(job["port"], Stub(is_stuck=job["is_stuck"])))


if __name__ == "__main__":
    main()
