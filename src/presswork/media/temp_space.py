"""Temporary folders, and limits on the bytes in them that one process holds at once: in all, and for each organization."""

import asyncio
import shutil
import tempfile
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Final, Self
from uuid import UUID

import structlog

from presswork.core.errors import Code, PressworkError, Unavailable

log = structlog.get_logger()

TEMP_BYTES: Final = 4 * 1024**3
"""Room for the largest conversion of a smaller file (a source of 100 MB and a copy of 2 GiB) beside ordinary ones."""
_ORGANIZATIONS: Final = 4
"""The calls of one organization hold at most this part of the room."""
_VIDEO_MARGIN_BYTES: Final = 64 * 1024**2
"""For the previews of a video that was fetched."""
RETRY_AFTER: Final = timedelta(seconds=5)
"""When a client that was refused should try again: other uploads end within seconds."""


class TempSpaceFull(Unavailable):
    """Other uploads use the room for temporary files of this process."""

    def __init__(self) -> None:
        seconds = round(RETRY_AFTER.total_seconds())
        super().__init__(
            "The server receives so many media files that it has no room for another one. Nothing was stored. "
            f"Try again in {seconds} s.",
            retryAfterSeconds=seconds,
        )


class OrganizationSpaceFull(PressworkError):
    """Other uploads of the organization use its part of the room for temporary files of this process."""

    code = Code.RATE_LIMITED

    def __init__(self, max_bytes: int) -> None:
        seconds = round(RETRY_AFTER.total_seconds())
        super().__init__(
            f"The unfinished uploads of this organization hold {max_bytes} bytes of temporary files, the most "
            f"that one organization may hold. Nothing was stored. Finish or end some of them, or try again in {seconds} s.",
            maxBytes=max_bytes,
            retryAfterSeconds=seconds,
        )


class TempSpace:
    """Hands out room for temporary files: `reserve` waits for it, `hold` takes what is free for an organization."""

    def __init__(self, limit_bytes: int = TEMP_BYTES) -> None:
        """`limit_bytes` bounds all reservations together."""
        self._free_bytes = limit_bytes
        self._limit_bytes: Final = limit_bytes
        self._organization_bytes: Final = limit_bytes // _ORGANIZATIONS
        self._held_bytes: Final = Counter[UUID]()
        self._line: Final = asyncio.Lock()
        self._freed: Final = asyncio.Event()

    @classmethod
    def for_videos(cls, max_video_bytes: int) -> Self:
        """Return room with which each organization can have one of the largest videos fetched."""
        return cls(max(TEMP_BYTES, _ORGANIZATIONS * (max_video_bytes + _VIDEO_MARGIN_BYTES)))

    @property
    def free_bytes(self) -> int:
        """The room that is left."""
        return self._free_bytes

    @asynccontextmanager
    async def reserve(self, size_bytes: int) -> AsyncIterator[None]:
        """Wait until there is room, and hold it for the length of a block: first come, first served.

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
            self._release_bytes(size)

    @contextmanager
    def hold(self, organization_id: UUID, size_bytes: int = 0) -> Iterator["HeldSpace"]:
        """Hold room for the length of a block, without waiting; it can grow.

        Raises OrganizationSpaceFull, TempSpaceFull.
        """
        held = HeldSpace(self, organization_id)
        held.grow(size_bytes)
        try:
            yield held
        finally:
            self._held_bytes[organization_id] -= held.size_bytes
            if not self._held_bytes[organization_id]:
                del self._held_bytes[organization_id]
            self._release_bytes(held.size_bytes)

    def hold_more(self, organization_id: UUID, size_bytes: int) -> None:
        """Hold more room for a `HeldSpace`. Raises OrganizationSpaceFull, TempSpaceFull."""
        if self._held_bytes[organization_id] + size_bytes > self._organization_bytes:
            raise OrganizationSpaceFull(self._organization_bytes)
        if self._free_bytes < size_bytes:
            raise TempSpaceFull
        self._free_bytes -= size_bytes
        self._held_bytes[organization_id] += size_bytes

    def _release_bytes(self, size_bytes: int) -> None:
        self._free_bytes += size_bytes
        self._freed.set()


class HeldSpace:
    """Room that a block holds for an organization."""

    def __init__(self, space: TempSpace, organization_id: UUID) -> None:
        self._space: Final = space
        self._organization_id: Final = organization_id
        self.size_bytes = 0

    def grow(self, size_bytes: int) -> None:
        """Hold so many bytes more. Raises OrganizationSpaceFull, TempSpaceFull."""
        self._space.hold_more(self._organization_id, size_bytes)
        self.size_bytes += size_bytes


@contextmanager
def temporary_folder(prefix: str) -> Iterator[Path]:
    """Create a temporary folder and remove it afterwards.

    A folder that can't be removed, for example without memory, is logged and left: the work with it is done, and must not
    fail for that.
    """
    folder = Path(tempfile.mkdtemp(prefix=prefix))
    try:
        yield folder
    finally:
        try:
            shutil.rmtree(folder)
        except OSError as error:
            log.warning("temporary folder can't be removed; delete it", folder=str(folder), error=error.strerror)
