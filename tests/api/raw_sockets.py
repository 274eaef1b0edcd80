"""One TCP connection to the API, for requests that no HTTP client sends."""

import asyncio
import contextlib
import json
import re
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

from tests.api.wire import REQUEST_ID
from tests.api_server import Api

HEAD: Final = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n"
"""A request to which any headers may be added."""
_LONGEST_SECONDS: Final = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class RawResponse:
    """One response."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def error(self) -> dict[str, Any]:  # Any: nested JSON
        """The error of the body; asserts that it has the format of every error."""
        assert self.headers["content-type"] == "application/json", self
        found: dict[str, Any] = json.loads(self.body)["error"]
        assert REQUEST_ID.fullmatch(found["requestId"]), found
        assert self.headers["x-request-id"] == found["requestId"]
        return found

    @property
    def refusal(self) -> tuple[int, str]:
        """Status and error code."""
        return self.status, str(self.error["code"])


@dataclass(frozen=True, slots=True)
class RawConnection:
    """One connection."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def send(self, data: bytes) -> None:
        """Send bytes. A server that has closed the connection is no error: its response may be there to read."""
        with contextlib.suppress(ConnectionError):
            self.writer.write(data)
            await self.writer.drain()

    async def response(self) -> RawResponse:
        """Read one response."""
        async with asyncio.timeout(_LONGEST_SECONDS):
            head = (await self.reader.readuntil(b"\r\n\r\n")).decode("latin-1").splitlines()
            pairs = (line.partition(": ") for line in head[1:] if line)
            headers = {name.lower(): value for name, _, value in pairs}
            body = await self.reader.readexactly(int(headers.get("content-length", "0")))
        return RawResponse(status=int(head[0].split()[1]), headers=headers, body=body)

    async def ask(self, data: bytes) -> RawResponse:
        """Send bytes and read one response."""
        await self.send(data)
        return await self.response()

    async def rest(self) -> bytes:
        """Return everything up to the end of the connection."""
        async with asyncio.timeout(_LONGEST_SECONDS):
            try:
                return await self.reader.read()
            except ConnectionError:
                return b""


@contextlib.asynccontextmanager
async def connected_to(api: Api, *, receive_buffer_bytes: int | None = None) -> AsyncIterator[RawConnection]:
    """Open one connection."""
    address = urlsplit(api.base_url)
    client = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    if receive_buffer_bytes is not None:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer_bytes)
    client.setblocking(False)
    await asyncio.get_running_loop().sock_connect(client, (address.hostname, address.port))
    limit = receive_buffer_bytes or 2**16
    reader, writer = await asyncio.open_connection(sock=client, limit=limit)
    try:
        yield RawConnection(reader, writer)
    finally:
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()


def status_of(data: bytes) -> int | None:
    """Return the status of the first response in what a server sent; None if it sent nothing."""
    found = re.match(rb"HTTP/1\.1 (\d{3}) ", data)
    return int(found[1]) if found else None
