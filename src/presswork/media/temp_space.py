"""A limit on the bytes that temporary files of one process hold at once."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

TEMP_BYTES: Final = 4 * 1024**3
"""Room for the largest conversion there can be (a source of 100 MB and a copy of 2 GiB) beside ordinary ones."""


class TempSpace:
    """Hands out room for temporary files, first come, first served."""

    def __init__(self, limit_bytes: int = TEMP_BYTES) -> None:
        """`limit_bytes` bounds all reservations together."""
        self._free_bytes = limit_bytes
        self._limit_bytes: Final = limit_bytes
        self._line: Final = asyncio.Lock()
        self._freed: Final = asyncio.Event()

    @asynccontextmanager
    async def reserve(self, size_bytes: int) -> AsyncIterator[None]:
        """Wait until there is room, and hold it for the length of a block.

        What is larger than the limit gets all of it, so that it waits for the others and never for ever.
        """
        size = min(size_bytes, self._limit_bytes)
        async with self._line:  # a large reservation is not overtaken by small ones for ever
            while self._free_bytes < size:
                self._freed.clear()
                await self._freed.wait()
            self._free_bytes -= size
        try:
            yield
        finally:
            self._free_bytes += size
            self._freed.set()
