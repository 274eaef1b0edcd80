"""The notifications that wake workers, as a worker receives them."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass

import asyncpg

from presswork.db.listener import DUE


@dataclass(frozen=True, slots=True)
class WorkHints:
    """The hints that wake workers, as a worker receives them."""

    received: "asyncio.Queue[str]"
    listener: "asyncpg.Connection[asyncpg.Record]"

    async def next(self) -> None:
        """Wait for a hint."""
        async with asyncio.timeout(20):
            await self.received.get()

    async def none(self) -> bool:
        """Return whether there is no unread hint."""
        await self.listener.fetchval("SELECT 1")  # after this round trip, all hints sent so far have arrived
        return self.received.empty()


@contextlib.asynccontextmanager
async def work_hints(dsn: str) -> AsyncIterator[WorkHints]:
    """Listen for hints until the block ends."""
    received: asyncio.Queue[str] = asyncio.Queue()
    listener = await asyncpg.connect(dsn)
    try:
        await listener.add_listener(DUE, lambda *hint: received.put_nowait(str(hint[3])))
        yield WorkHints(received, listener)
    finally:
        await listener.close()
