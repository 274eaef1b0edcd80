"""A semaphore that serves its waiters in turns, so that one owner with many jobs does not keep the others waiting."""

import asyncio
from collections import Counter, deque
from collections.abc import AsyncIterator, Hashable
from contextlib import asynccontextmanager
from typing import Final


class FairSemaphore:
    """Hands out slots: next is the owner with the fewest of them; among equals round robin, each with its oldest job.

    One owner alone uses all slots.
    """

    def __init__(self, slots: int) -> None:
        self._free = slots
        self._held: Final[Counter[Hashable]] = Counter()
        # In the order in which they are served. No owner is in it without a waiter.
        self._waiting: Final[dict[Hashable, deque[asyncio.Future[None]]]] = {}

    @asynccontextmanager
    async def held_by(self, owner: Hashable) -> AsyncIterator[None]:
        """Wait for a slot and hold it for the length of a block."""
        await self._acquire(owner)
        try:
            yield
        finally:
            self._release(owner)

    async def _acquire(self, owner: Hashable) -> None:
        if self._free:
            self._free -= 1
            self._held[owner] += 1
            return
        waiter = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(owner, deque()).append(waiter)
        try:
            await waiter
        except asyncio.CancelledError:
            if waiter.cancelled():
                self._leave(owner, waiter)
            else:  # the slot came in the same moment
                self._release(owner)
            raise

    def _release(self, owner: Hashable) -> None:
        """Return a slot, or pass it on. Slots are free only while there are no waiters."""
        self._held[owner] -= 1
        if not self._held[owner]:
            del self._held[owner]
        self._free += 1
        if owner in self._waiting:
            self._waiting[owner] = self._waiting.pop(owner)  # to the end of the round robin
        while self._free and self._waiting:
            following = min(self._waiting, key=self._held.__getitem__)
            waiter = self._waiting[following][0]
            self._leave(following, waiter)
            if not waiter.cancelled():
                self._free -= 1
                self._held[following] += 1
                waiter.set_result(None)

    def _leave(self, owner: Hashable, waiter: "asyncio.Future[None]") -> None:
        """Remove a waiter that is still there, and its owner after the last one."""
        line = self._waiting.get(owner, deque())
        if waiter in line:
            line.remove(waiter)
        if owner in self._waiting and not line:
            del self._waiting[owner]
