"""Files to upload: paths, bytes, file objects, and pairs of a name and one of the last two."""

import io
import mimetypes
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from os import PathLike
from pathlib import Path
from threading import Lock
from typing import Final, Protocol, TypeAlias, cast

from presswork_client._arguments import kind_of
from presswork_client.choices import ContentType
from presswork_client.errors import InvalidArgumentError, PressworkError
from presswork_client.params import FileToUploadParam


class ReadableFile(Protocol):
    """A file object, opened for reading bytes."""

    def read(self, size: int = ..., /) -> bytes:
        """Return the next bytes."""


FileData: TypeAlias = bytes | bytearray | memoryview | ReadableFile
FileSource: TypeAlias = str | PathLike[str] | FileData | tuple[str, FileData]
"""A path, bytes, a file object that was opened for bytes, or a name with one of the last two."""

_CHUNK_BYTES: Final = 256 * 1024
_MAX_FILES: Final = 35
_MAX_MIXED: Final = 20
_KINDS: Final = "one video, one picture, one PDF, 2–35 pictures, or 2–20 pictures and videos"
_PDF: Final = "application/pdf"
_TYPES: Final = {
    ".mp4": "video/mp4",
    ".mov": "video/quicktime",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".png": "image/png",
    ".webp": "image/webp",
    ".pdf": _PDF,
}
_EXTENSIONS: Final = {
    "image/jpeg": "jpg",
    "image/png": "png",
    "image/webp": "webp",
    "video/mp4": "mp4",
    "video/quicktime": "mov",
    _PDF: "pdf",
}
_PAIR: Final = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadProgress:
    """The progress of an upload."""

    filename: str
    """The current file."""
    path: Path | None
    """Its path, if the file was given as a path."""
    sent_bytes: int
    """Of all files."""
    total_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalFile:
    """A file that was checked, and can be read from its beginning for each attempt."""

    name: str
    content_type: str
    size_bytes: int
    path: Path | None
    open: Callable[[int, int], Iterator[bytes]]
    """Reads the bytes from a position up to another one. Several threads may read at once."""

    def described(self) -> FileToUploadParam:
        """Return what open_uploads declares."""
        return {
            "filename": self.name,
            "contentType": cast("ContentType", self.content_type),  # the server refuses other types
            "sizeBytes": self.size_bytes,
        }

    def chunks(self, start: int, end: int) -> Iterator[bytes]:
        """Read a range of the file, or all of it. Raises PressworkError if it has another size than before."""
        sent, is_last = start, end == self.size_bytes
        for chunk in self.open(start, end + is_last):  # one byte more at the end, which a file that has grown has
            sent += len(chunk)
            if sent > end:
                break
            yield chunk
        if sent != end:
            raise PressworkError(f"{self.name} changed while it was uploaded. Upload it again when it is complete.")

    def progress(self, sent_bytes: int, total_bytes: int) -> UploadProgress:
        """Return the progress of an upload with this file as the current one."""
        return UploadProgress(filename=self.name, path=self.path, sent_bytes=sent_bytes, total_bytes=total_bytes)


def files_of(sources: FileSource | Iterable[FileSource]) -> Sequence[LocalFile]:
    """Return the files of an upload. Raises InvalidArgumentError for one that can't be read or uploaded."""
    given = [cast("FileSource", sources)] if _is_one(sources) else _several(sources)
    if not 1 <= len(given) <= _MAX_FILES:
        count = f"There are {len(given)} files" if given else "There are no files to upload"
        raise InvalidArgumentError(f"{count}. Pass {_KINDS}.")
    files = [_file(source, number) for number, source in enumerate(given, start=1)]
    documents = [file.name for file in files if file.content_type == _PDF]
    if documents and len(files) > 1:
        raise InvalidArgumentError(f"{documents[0]} is a PDF among {len(files)} files. Upload a PDF alone.")
    if len(files) > _MAX_MIXED and any(file.content_type.startswith("video/") for file in files):
        raise InvalidArgumentError(f"There are {len(files)} files with a video among them. Pass {_KINDS}.")
    return files


def _is_one(sources: object) -> bool:
    return (
        isinstance(sources, str | PathLike | bytes | bytearray | memoryview) or _is_pair(sources) or _is_file(sources)
    )


def _is_pair(source: object) -> bool:
    """Return whether this is a name with data. Two paths in a tuple are two files."""
    return (
        isinstance(source, tuple)
        and len(source) == _PAIR
        and isinstance(source[0], str)
        and not isinstance(source[1], str | PathLike | tuple)
    )


def _is_file(source: object) -> bool:
    return callable(getattr(source, "read", None))


def _several(sources: object) -> Sequence[FileSource]:
    if isinstance(sources, Iterable):
        return list(sources)
    raise InvalidArgumentError(
        f"The files are {kind_of(sources)}. Pass a path, bytes, a file object, (name, bytes), or a list of these."
    )


def _file(source: object, number: int) -> LocalFile:
    if isinstance(source, tuple) and len(source) == _PAIR and isinstance(source[0], str):
        if isinstance(source[1], str | PathLike):
            raise InvalidArgumentError(
                f"{source!r} pairs a name with a path. Pass the path alone, or (name, bytes), or (name, file object)."
            )
        return _data(source[1], source[0], number)
    if isinstance(source, str | PathLike):
        return _path(source)
    return _data(source, None, number)


def _path(given: str | PathLike[str]) -> LocalFile:
    text = os.fspath(given)
    if text.startswith(("http://", "https://")):
        raise InvalidArgumentError(
            f"{text} is a URL. Pass it to content.upload(media=[{{'url': …}}]), which fetches it."
        )
    path = Path(text)
    try:
        with path.open("rb") as file:
            head, size_bytes = file.read(16), os.fstat(file.fileno()).st_size
    except FileNotFoundError as error:
        where = "" if path.is_absolute() else f" in {Path.cwd()}"
        raise InvalidArgumentError(f"{path} does not exist{where}. Check the path.") from error
    except IsADirectoryError as error:
        raise InvalidArgumentError(f"{path} is a folder. Pass the path of a file.") from error
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or error
        raise InvalidArgumentError(f"{path} can't be read: {why}. Check the path and its permissions.") from error
    return _checked(path.name, head, size_bytes, path=path, read=lambda start, end: _read_path(path, start, end))


def _data(source: object, name: str | None, number: int) -> LocalFile:
    match source:
        case bytes() | bytearray() | memoryview():
            data = bytes(source)
            return _named(name, data[:16], len(data), number, partial(_read_bytes, data))
        case _ if _is_file(source):
            return _open_file(cast("ReadableFile", source), name or _name_of(source), number)
        case _:
            shown = name or f"File {number}"
            raise InvalidArgumentError(
                f"{shown} is {kind_of(source)}. Pass a path, bytes, a file object, or (name, bytes)."
            )


def _name_of(file: object) -> str | None:
    """Return the name of a file object: Flask's uploads have `filename`, and files on disk a path in `name`."""
    for attribute in ("filename", "name"):
        name = getattr(file, attribute, None)
        if isinstance(name, str) and name:
            return Path(name).name
    return None


def _open_file(file: ReadableFile, name: str | None, number: int) -> LocalFile:
    shown = name or f"File {number}"
    try:
        start = _position(file)
        if start is None:  # a pipe or a socket: read it once, so that an attempt can be repeated
            data = _bytes_of(file.read(), shown)
            return _named(name, data[:16], len(data), number, partial(_read_bytes, data))
        head = _bytes_of(file.read(16), shown)
        size_bytes = cast("io.BufferedIOBase", file).seek(0, os.SEEK_END) - start
        cast("io.BufferedIOBase", file).seek(start)
    except (OSError, ValueError) as error:
        if isinstance(error, PressworkError):
            raise
        raise InvalidArgumentError(f"{shown} can't be read: {error}. Pass an open file.") from error
    if size_bytes <= 0 < start:
        raise InvalidArgumentError(f"{shown} was read to its end. Call seek(0) before you upload it.")
    return _named(name, head, size_bytes, number, partial(_read_file, file, start, Lock()))


def _position(file: object) -> int | None:
    """Return the current position of a file object; None if it has none."""
    seekable, tell = getattr(file, "seekable", None), getattr(file, "tell", None)
    if tell is None or (callable(seekable) and not seekable()):
        return None
    found = tell()
    return found if isinstance(found, int) else None


def _bytes_of(read: object, shown: str) -> bytes:
    if isinstance(read, bytes | bytearray | memoryview):
        return bytes(read)
    if isinstance(read, str):
        raise InvalidArgumentError(f"{shown} is open for text. Open it for bytes: open(path, 'rb').")
    close = getattr(read, "close", None)
    if callable(close):
        close()  # a coroutine that is never awaited would warn
    raise InvalidArgumentError(f"{shown} returns {kind_of(read)} when it is read. Read it first, and pass the bytes.")


def _named(
    name: str | None, head: bytes, size_bytes: int, number: int, read: Callable[[int, int], Iterator[bytes]]
) -> LocalFile:
    found = name or f"file-{number}.{_EXTENSIONS.get(_type_of(head) or '', 'bin')}"
    return _checked(found, head, size_bytes, path=None, read=read)


def _checked(
    name: str, head: bytes, size_bytes: int, *, path: Path | None, read: Callable[[int, int], Iterator[bytes]]
) -> LocalFile:
    if size_bytes == 0:
        raise InvalidArgumentError(f"{name} is empty. Pass a picture, a video or a PDF.")
    guessed = mimetypes.guess_type(name)[0]
    content_type = _TYPES.get(Path(name).suffix.lower()) or _type_of(head) or guessed
    if content_type is None or not content_type.startswith(("image/", "video/", _PDF)):
        raise InvalidArgumentError(
            f"{name} is not a picture, video or document that can be published. Pass a JPEG, PNG or WebP picture, an MP4 or "
            "MOV video, or a PDF, with its extension: .jpg, .png, .webp, .mp4, .mov or .pdf."
        )
    return LocalFile(name=name, content_type=content_type, size_bytes=size_bytes, path=path, open=read)


def _type_of(head: bytes) -> str | None:
    """Return the media type that a file's first bytes show."""
    if head.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "image/webp"
    if head.startswith(b"%PDF-"):
        return _PDF
    if head[4:8] == b"ftyp":
        return "video/quicktime" if head[8:12] == b"qt  " else "video/mp4"
    return None


def _read_path(path: Path, start: int, end: int) -> Iterator[bytes]:
    try:
        with path.open("rb") as file:
            file.seek(start)
            while chunk := file.read(min(_CHUNK_BYTES, end - start)):
                yield chunk
                start += len(chunk)
    except OSError as error:
        raise PressworkError(f"{path} could not be read to its end: {error.strerror or error}.") from error


def _read_bytes(data: bytes, start: int, end: int) -> Iterator[bytes]:
    view = memoryview(data)[start:end]
    for first in range(0, len(view), _CHUNK_BYTES):
        yield bytes(view[first : first + _CHUNK_BYTES])


def _read_file(file: ReadableFile, origin: int, lock: Lock, start: int, end: int) -> Iterator[bytes]:
    try:
        while True:
            with lock:  # the position belongs to all parts
                cast("io.BufferedIOBase", file).seek(origin + start)
                chunk = file.read(min(_CHUNK_BYTES, end - start))
            if not chunk:
                return
            yield chunk
            start += len(chunk)
    except (OSError, ValueError) as error:
        raise PressworkError(f"The file object could not be read to its end: {error}.") from error
