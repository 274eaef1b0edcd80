"""The content resource, with the upload of local files."""

import mimetypes
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import Final, cast

from presswork_client._generated.content import AsyncContentCalls, ContentCalls
from presswork_client._not_given import NOT_GIVEN, NotGiven
from presswork_client.choices import ContentType, Grouping
from presswork_client.errors import PressworkError
from presswork_client.models import Content as ContentModel
from presswork_client.models import ExpectedContent, UploadTarget
from presswork_client.params import FileToUploadParam

_CHUNK_BYTES: Final = 256 * 1024
_TYPES: Final = {".mov": "video/quicktime", ".webp": "image/webp"}
"""Types that `mimetypes` does not know on every machine."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadProgress:
    """The progress of an upload."""

    path: Path
    """The current file."""
    sent_bytes: int
    """Of all files."""
    total_bytes: int


class Content(ContentCalls):
    """Upload and read videos, pictures and slideshows."""

    def upload_files(
        self,
        paths: Sequence[str | PathLike[str]],
        *,
        project_id: str,
        caption: str,
        first_comment: str | NotGiven | None = NOT_GIVEN,
        on_progress: Callable[[UploadProgress], None] = lambda _progress: None,
    ) -> ContentModel:
        """Upload one video, one picture, or 2–10 pictures as a slideshow, and return the finished content.

        Files are streamed. Raises PressworkError for a file that can't be read, and the errors of open_uploads and
        finalize_upload.
        """
        files = _files(paths)
        opened = self.open_uploads(project_id=project_id, files=_described(files), grouping=_grouping(files))
        expected = _one(opened.items)
        for path, target, before, total in _each(files, expected):
            chunks = _read(path, before, total, on_progress)
            self._client.put(target.upload_url, headers=target.headers, content=chunks, size_bytes=path.stat().st_size)
        return self.finalize_upload(container_id=expected.container_id, caption=caption, first_comment=first_comment)


class AsyncContent(AsyncContentCalls):
    """Upload and read videos, pictures and slideshows."""

    async def upload_files(
        self,
        paths: Sequence[str | PathLike[str]],
        *,
        project_id: str,
        caption: str,
        first_comment: str | NotGiven | None = NOT_GIVEN,
        on_progress: Callable[[UploadProgress], None] = lambda _progress: None,
    ) -> ContentModel:
        """Upload one video, one picture, or 2–10 pictures as a slideshow, and return the finished content.

        Files are streamed. Raises PressworkError for a file that can't be read, and the errors of open_uploads and
        finalize_upload.
        """
        files = _files(paths)
        opened = await self.open_uploads(project_id=project_id, files=_described(files), grouping=_grouping(files))
        expected = _one(opened.items)
        for path, target, before, total in _each(files, expected):
            chunks = _aread(path, before, total, on_progress)
            size_bytes = path.stat().st_size
            await self._client.put(target.upload_url, headers=target.headers, content=chunks, size_bytes=size_bytes)
        return await self.finalize_upload(
            container_id=expected.container_id, caption=caption, first_comment=first_comment
        )


def _files(paths: Sequence[str | PathLike[str]]) -> Sequence[Path]:
    files = [Path(path) for path in paths]
    if not files:
        raise PressworkError("There are no files to upload. Pass one video, one picture, or 2–10 pictures.")
    for path in files:
        if not path.is_file():
            raise PressworkError(f"{path} is not a file. Check the path.")
    return files


def _described(files: Sequence[Path]) -> Sequence[FileToUploadParam]:
    return [
        {"filename": path.name, "contentType": _content_type(path), "sizeBytes": path.stat().st_size} for path in files
    ]


def _grouping(files: Sequence[Path]) -> Grouping:
    return "per-file" if len(files) == 1 else "slideshow"


def _content_type(path: Path) -> ContentType:
    guessed = _TYPES.get(path.suffix.lower()) or mimetypes.guess_type(path.name)[0]
    if guessed is None:
        raise PressworkError(
            f"The media type of {path.name} is unknown. Use the extension .mp4, .mov, .jpg, .png or .webp."
        )
    return cast("ContentType", guessed)  # the server refuses other types


def _one(items: Sequence[ExpectedContent]) -> ExpectedContent:
    if len(items) != 1:
        raise PressworkError(
            "The server returned more or less than one container for these files. Check that client and server have matching versions."
        )
    return items[0]


def _each(files: Sequence[Path], expected: ExpectedContent) -> Iterator[tuple[Path, UploadTarget, int, int]]:
    """Yield each file, its upload target, the size of the files before it, and the total size."""
    total, before = sum(path.stat().st_size for path in files), 0
    for path, target in zip(files, expected.files, strict=True):
        yield path, target, before, total
        before += path.stat().st_size


def _read(
    path: Path, before: int, total: int, on_progress: Callable[[UploadProgress], None]
) -> Callable[[], Iterator[bytes]]:
    """Return a function that reads the file from its beginning and reports progress."""

    def chunks() -> Iterator[bytes]:
        sent = before
        with path.open("rb") as file:
            while chunk := file.read(_CHUNK_BYTES):
                yield chunk
                sent += len(chunk)
                on_progress(UploadProgress(path=path, sent_bytes=sent, total_bytes=total))

    return chunks


def _aread(
    path: Path, before: int, total: int, on_progress: Callable[[UploadProgress], None]
) -> Callable[[], AsyncIterator[bytes]]:
    async def chunks() -> AsyncIterator[bytes]:
        for chunk in _read(path, before, total, on_progress)():
            yield chunk

    return chunks
