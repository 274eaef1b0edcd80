"""Fixtures of the event streams' tests: a client that reads a stream as an EventSource does."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any, Final

import httpx2
from tests.posts.conftest import ready_project as ready_project

_PATIENCE_SECONDS: Final = 30


@dataclass
class SentEvent:
    """One event, as it arrived."""

    id: str
    type: str
    body: dict[str, Any]


@dataclass
class Reader:
    """Reads the events of one response."""

    response: httpx2.Response
    lines: AsyncIterator[str]
    comments: list[str] = field(default_factory=list)

    async def event(self) -> SentEvent:
        """Return the next event. Raises EOFError at the end of the stream."""
        fields: dict[str, str] = {}
        async with asyncio.timeout(_PATIENCE_SECONDS):
            async for line in self.lines:
                if line.startswith(":"):
                    self.comments.append(line)
                elif line:
                    name, _, value = line.partition(": ")
                    fields[name] = fields[name] + "\n" + value if name in fields else value
                elif "data" in fields:
                    return SentEvent(fields.get("id", ""), fields["event"], json.loads(fields["data"]))
        raise EOFError

    async def events(self, count: int) -> list[SentEvent]:
        """Return the next events."""
        return [await self.event() for _ in range(count)]

    async def until_end(self) -> list[SentEvent]:
        """Return all further events, until the stream ends."""
        found: list[SentEvent] = []
        with contextlib.suppress(EOFError):
            while True:
                found.append(await self.event())
        return found

    async def comment(self) -> None:
        """Wait for a comment."""
        before = len(self.comments)
        async with asyncio.timeout(_PATIENCE_SECONDS):
            while len(self.comments) == before:
                line = await anext(self.lines)
                if line.startswith(":"):
                    self.comments.append(line)


@contextlib.asynccontextmanager
async def reading(client: httpx2.AsyncClient, after: str | None = None, **query: str) -> AsyncIterator[Reader]:
    """Read a stream until the block ends."""
    headers = {} if after is None else {"Last-Event-ID": after}
    async with client.stream("GET", "/v1/events/stream", headers=headers, params=query) as response:
        if response.status_code == 200:
            yield Reader(response, response.aiter_lines())
        else:
            await response.aread()
            raise AssertionError(f"{response.status_code} {response.text}")
