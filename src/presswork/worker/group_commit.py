"""Writes of several posts that are ready at the same moment, in one statement and one commit.

While a statement runs, the next writes wait for it and then share one. So a single write waits for nothing, and a thousand
posts that are due at once cost a few commits. Each write succeeds or fails for itself: rows that another transaction has
locked are left out and tried again, and after an error of the statement each write is made alone.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import asyncpg
from pydantic_core import to_json

from presswork.db.errors import ROLLED_BACK_ERRORS, TRANSIENT_ERRORS
from presswork.db.pool import RESPONSE_WITHIN, Pool

MAX_WRITES: Final = 100
"""Posts in one statement, at most."""
_CROWD: Final = 4
"""After a statement with so many posts, the next one waits for more of them."""
_GATHER_FOR: Final = timedelta(milliseconds=15)
_LOCKED_AGAIN: Final = timedelta(milliseconds=20)
"""Pause before a locked row is tried again."""


@dataclass(slots=True)
class _Write:
    document: Mapping[str, object]
    done: asyncio.Future[int | None]
    gives_up_at: float


class GroupCommit:
    """The writes of one statement of `queries.sql` whose only parameter is `moves`."""

    def __init__(self, pool: Pool, statement: str) -> None:
        self._pool: Final = pool
        self._statement: Final = statement
        self._waiting: list[_Write] = []
        self._task: asyncio.Task[None] | None = None

    async def write(self, document: Mapping[str, object]) -> int | None:
        """Write one post, given as `parts.sql: owned_posts` reads it, and return its new version, after the commit.

        Return None if its version has changed. Raises the error of the statement, and TimeoutError if its row stays locked.
        A write that is cancelled before its statement starts is not made.
        """
        loop = asyncio.get_running_loop()
        write = _Write(document, loop.create_future(), loop.time() + RESPONSE_WITHIN.total_seconds())
        self._waiting.append(write)
        if self._task is None:
            # A separate task: the attempt that starts it may be cancelled, and others wait for the same statement.
            self._task = loop.create_task(self._run())
        return await write.done

    async def _run(self) -> None:
        """Write until nothing waits. Never raises an Exception: each write gets its own."""
        pause, writes = timedelta(), list[_Write]()
        try:
            while self._waiting:
                await asyncio.sleep(pause.total_seconds())
                writes = [write for write in self._waiting[:MAX_WRITES] if not write.done.done()]
                del self._waiting[:MAX_WRITES]
                locked = await self._commit(writes)
                self._waiting += locked
                is_crowded = len(writes) >= _CROWD and len(self._waiting) < MAX_WRITES
                pause = _LOCKED_AGAIN if locked else _GATHER_FOR if is_crowded else timedelta()
        finally:
            self._task = None
            for write in (*writes, *self._waiting):  # not done only if the loop ends, or this has a bug
                write.done.cancel()

    async def _commit(self, writes: Sequence[_Write]) -> list[_Write]:
        """Make the writes; return those whose rows are locked and that may be tried again."""
        if not writes:
            return []
        documents = [{"place": place, **write.document} for place, write in enumerate(writes)]
        try:
            rows = await self._pool.fetch(self._statement, to_json(documents).decode())
        except Exception as error:  # noqa: BLE001  raised by `write`, in each attempt
            is_shared = isinstance(error, TRANSIENT_ERRORS) and not isinstance(error, ROLLED_BACK_ERRORS)
            if len(writes) > 1 and not is_shared:
                # Nothing was written. One of them is the cause: it must not harm the others.
                return [locked for write in writes for locked in await self._commit([write])]
            for write in writes:
                if not write.done.done():
                    write.done.set_exception(error)
            return []
        return [writes[row["place"]] for row in rows if not self._end(writes[row["place"]], row)]

    def _end(self, write: _Write, row: asyncpg.Record) -> bool:
        """End a write with its result; False: its row is locked, and it may be tried again."""
        if write.done.done():
            return True
        if row["version"] is None and row["stored"] == write.document["version"]:
            if asyncio.get_running_loop().time() < write.gives_up_at:
                return False
            write.done.set_exception(TimeoutError("another transaction has locked the post"))
        else:
            write.done.set_result(row["version"])
        return True
