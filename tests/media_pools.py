"""A media pool whose child processes outlive a test. Starting one costs as much as an average test."""

import asyncio
import contextlib
import functools
import threading
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Final
from uuid import UUID

import pytest
from pydantic import JsonValue

from presswork.api import runtime
from presswork.media.pool import MediaPool
from presswork.media.store import StoredFile
from presswork.worker import main


class _SharedPool(MediaPool):
    """The pool of an API or a worker of a test, whose jobs run in the children of another pool, on that one's event loop."""

    def __init__(
        self, shared: MediaPool, loop: asyncio.AbstractEventLoop, processes: int, *, max_video_bytes: int
    ) -> None:
        super().__init__(processes, max_video_bytes=max_video_bytes)
        self._shared: Final = shared
        self._loop: Final = loop

    async def _exchange(
        self, request: bytes, limit: timedelta, owner: UUID | None, file: StoredFile | None, *, is_first: bool
    ) -> Mapping[str, JsonValue]:
        """Have a child of the other pool do a job."""
        work = self._shared._exchange(request, limit, owner, file, is_first=is_first)
        return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(work, self._loop))

    def prepare(self) -> None:
        """Do nothing: the child of an earlier test is there."""


@contextlib.contextmanager
def shared_media_pools(processes: int) -> Iterator[None]:
    """Have all APIs and workers of this process share the children of one pool until the block ends."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    shared = MediaPool(processes, idle_for=timedelta(minutes=10))
    with pytest.MonkeyPatch.context() as patch:
        for module in (runtime, main):
            patch.setattr(module, "MediaPool", functools.partial(_SharedPool, shared, loop))
        yield
    asyncio.run_coroutine_threadsafe(shared.close(), loop).result()
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()
