"""How a video is divided into chunks for the upload: pure arithmetic.

Source: TikTok, "Media Transfer Guide", read 2026-11. A chunk has 5 to 64 MB, the last one up to 128 MB, because the
count is rounded down and the last chunk contains the rest; a file under 5 MB is one chunk. MB are decimal there.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Self

MAX_CHUNKS: Final = 1000
MAX_FILE_BYTES: Final = 4_000_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class ChunkRule:
    """When to divide a file, and into which sizes. Sizes in bytes."""

    single_max_bytes: int = 64_000_000
    """Up to this size a file is one chunk."""
    chunk_bytes: int = 10_000_000
    """Size of every chunk except the last; at least 5 MB."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ByteRange:
    """Bytes first…last of a file, both inclusive."""

    first: int
    last: int

    @property
    def size_bytes(self) -> int:
        """Number of bytes in the range."""
        return self.last - self.first + 1


@dataclass(frozen=True, slots=True, kw_only=True)
class ChunkPlan:
    """A file of `size_bytes`, divided into `count` chunks of `chunk_bytes`; the last one contains the rest."""

    size_bytes: int
    chunk_bytes: int
    count: int

    @classmethod
    def of(cls, size_bytes: int, rule: ChunkRule) -> Self:
        """Divide a file. Raises ValueError for an empty file and for one over 4 GB."""
        if not 0 < size_bytes <= MAX_FILE_BYTES:
            raise ValueError(f"a video of {size_bytes} bytes can't be uploaded; 1 to {MAX_FILE_BYTES} can")
        if size_bytes <= rule.single_max_bytes:
            return cls(size_bytes=size_bytes, chunk_bytes=size_bytes, count=1)
        count = size_bytes // rule.chunk_bytes
        if not 1 <= count <= MAX_CHUNKS:
            raise ValueError(f"{count} chunks of {rule.chunk_bytes} bytes; 1 to {MAX_CHUNKS} are allowed")
        return cls(size_bytes=size_bytes, chunk_bytes=rule.chunk_bytes, count=count)

    @property
    def last_first(self) -> int:
        """The first byte of the last chunk."""
        return (self.count - 1) * self.chunk_bytes

    def ranges_from(self, position: int) -> Iterator[ByteRange]:
        """Yield what is still to be sent when the platform has `position` bytes, divided at the chunk boundaries."""
        first = position
        while first < self.size_bytes:
            index = min(first // self.chunk_bytes, self.count - 1)
            last = self.size_bytes - 1 if index == self.count - 1 else (index + 1) * self.chunk_bytes - 1
            yield ByteRange(first=first, last=last)
            first = last + 1
