"""Run a call once for many requests that come close together."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Final


class Debounced:
    """Runs `call` at once for the first request, and after each pause once for all that came meanwhile.

    `call` returns how long the next run waits. It handles its own errors.
    """

    def __init__(self, call: Callable[[], Awaitable[timedelta]]) -> None:
        self._call: Final = call
        self._is_requested = False
        self._is_closing: Final = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def request(self) -> None:
        """Schedule a run. Never waits and never fails."""
        self._is_requested = True
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._run())

    async def _run(self) -> None:
        while self._is_requested:
            self._is_requested = False
            pause = await self._call()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(pause.total_seconds()):
                    await self._is_closing.wait()

    async def aclose(self) -> None:
        """Wait for runs that were requested, without their pauses."""
        self._is_closing.set()
        if self._task is not None:
            await asyncio.gather(self._task, return_exceptions=True)
