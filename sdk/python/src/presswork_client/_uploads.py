"""What an upload sends: whole files, and the missing parts of large ones, with the progress of all together."""

from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from threading import Lock
from typing import Final

from presswork_client._files import LocalFile, UploadProgress
from presswork_client._not_given import NotGiven
from presswork_client.errors import APIStatusError, PressworkError
from presswork_client.models import FileUpload, Multipart, UploadTarget

PARALLEL_PARTS: Final = 4
_FINALIZED_BYTES_PER_SECOND: Final = 10_000_000
"""The least speed at which the server is expected to put the parts of a file together."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A range of a file, and the URL that it goes to."""

    file: LocalFile
    url: str
    start: int
    end: int

    @property
    def size_bytes(self) -> int:
        """The number of its bytes."""
        return self.end - self.start


@dataclass(slots=True)
class Progress:
    """Adds up what was sent of each piece; a piece that is sent again counts from its beginning."""

    total_bytes: int
    on_progress: Callable[[UploadProgress], None]
    _there_bytes: int = 0
    _is_stopped: bool = False
    _sent: dict[tuple[int, int], int] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def skip(self, size_bytes: int) -> None:
        """Count bytes that had arrived before."""
        self._there_bytes += size_bytes

    def stop(self) -> None:
        """End the reading of pieces in other threads, and with it their requests."""
        self._is_stopped = True

    def chunks(self, piece: Piece) -> Callable[[], Iterator[bytes]]:
        """Return a function that reads a piece from its beginning, and reports each chunk after it was taken."""

        def read() -> Iterator[bytes]:
            self._report(piece, 0)
            for chunk in piece.file.chunks(piece.start, piece.end):
                if self._is_stopped:
                    raise PressworkError("The upload was interrupted.")
                yield chunk
                self._report(piece, len(chunk))

        return read

    def async_chunks(self, piece: Piece) -> Callable[[], AsyncIterator[bytes]]:
        """Return the same for asyncio: the file is read in threads."""

        async def read() -> AsyncIterator[bytes]:
            import asyncio  # noqa: PLC0415  as in _transport.py

            self._report(piece, 0)
            chunks = piece.file.chunks(piece.start, piece.end)
            while (chunk := await asyncio.to_thread(next, chunks, None)) is not None:
                yield chunk
                self._report(piece, len(chunk))

        return read

    def _report(self, piece: Piece, size_bytes: int) -> None:
        """Count a chunk of a piece, which starts over with none."""
        key = (id(piece.file), piece.start)
        with self._lock:
            self._sent[key] = self._sent.get(key, 0) + size_bytes if size_bytes else 0
            if size_bytes:
                sent = self._there_bytes + sum(self._sent.values())
                self.on_progress(piece.file.progress(sent, self.total_bytes))


def whole(file: LocalFile, target: UploadTarget | FileUpload) -> Piece:
    """Return a file that is sent in one request."""
    if target.upload_url is None:
        raise PressworkError(
            "The server returned no URL for a file. Check that client and server have matching versions."
        )
    return Piece(file=file, url=target.upload_url, start=0, end=file.size_bytes)


def missing_pieces(file: LocalFile, multipart: Multipart) -> Sequence[Piece]:
    """Return the parts of a file that have to be sent."""
    size = multipart.part_size_bytes
    return [
        Piece(
            file=file,
            url=part.upload_url,
            start=(part.part_number - 1) * size,
            end=min(part.part_number * size, file.size_bytes),
        )
        for part in multipart.parts
    ]


def is_expired(error: APIStatusError) -> bool:
    """Return whether a signed URL is no longer valid, so that a new one is of use."""
    return error.response.status_code == HTTPStatus.UNAUTHORIZED


def finalize_timeout(
    files: Sequence[LocalFile], *, has_parts: bool, given: float | NotGiven | None, default: float | None
) -> float | NotGiven | None:
    """Return how long to wait for the finalize call: longer where the server puts parts together."""
    if not has_parts or not isinstance(given, NotGiven) or default is None:
        return given
    return default + sum(file.size_bytes for file in files) / _FINALIZED_BYTES_PER_SECOND
