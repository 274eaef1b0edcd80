"""A ZIP archive as chunks of bytes, written while it is read: neither a file nor an object of its size is needed."""

import asyncio
import io
import zipfile
from collections.abc import AsyncGenerator, AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

_MODE: Final = 0o600 << 16
_EARLIEST: Final = datetime(1980, 1, 1, tzinfo=UTC)  # of the format


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchivedFile:
    """A file of the archive. `chunks` may be of any size; one is held in memory at a time."""

    name: str
    chunks: AsyncIterator[bytes]
    is_compressed: bool = True


class _Sink(io.RawIOBase):
    """Collects what `zipfile` writes until it is taken. It can't seek, so sizes and checksums follow the data of each file."""

    def __init__(self) -> None:
        super().__init__()
        self._parts: Final[list[bytes]] = []

    def writable(self) -> bool:
        """Return True."""
        return True

    def write(self, data: "bytes | bytearray | memoryview") -> int:  # type: ignore[override]  # any buffer in typeshed
        """Keep bytes."""
        self._parts.append(bytes(data))
        return len(data)

    def take(self) -> bytes:
        """Return the bytes since the last call."""
        taken = b"".join(self._parts)
        self._parts.clear()
        return taken


async def stream_zip(files: AsyncIterator[ArchivedFile], *, at: datetime) -> AsyncGenerator[bytes]:
    """Yield an archive of files, dated `at`. Its list of names is held in memory, about 1 KB for each file."""
    sink = _Sink()
    date = max(at.astimezone(UTC), _EARLIEST).timetuple()[:6]
    archive = zipfile.ZipFile(sink, "w", allowZip64=True)
    async for file in files:
        entry = zipfile.ZipInfo(file.name, date_time=date)
        entry.compress_type = zipfile.ZIP_DEFLATED if file.is_compressed else zipfile.ZIP_STORED
        entry.external_attr = _MODE
        with archive.open(entry, "w", force_zip64=True) as writer:
            async for chunk in file.chunks:
                if file.is_compressed:
                    await asyncio.to_thread(writer.write, chunk)
                else:
                    writer.write(chunk)
                if data := sink.take():
                    yield data
    archive.close()
    yield sink.take()
