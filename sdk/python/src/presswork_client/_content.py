"""The content resource, with the upload of files."""

from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence

from presswork_client._calls import Options, given_or_new_key, repeatable
from presswork_client._files import FileSource, LocalFile, UploadProgress, files_of
from presswork_client._generated.content import AsyncContentCalls, ContentCalls
from presswork_client._not_given import NOT_GIVEN, NotGiven
from presswork_client.choices import Grouping
from presswork_client.errors import PressworkError
from presswork_client.models import Content as ContentModel
from presswork_client.models import ExpectedContent, OpenedUploads, UploadTarget


class Content(ContentCalls):
    """Create, upload and read content: texts, links, videos, pictures and slideshows."""

    def upload_files(
        self,
        files: FileSource | Iterable[FileSource],
        *,
        project_id: str,
        caption: str,
        first_comment: str | NotGiven | None = NOT_GIVEN,
        on_progress: Callable[[UploadProgress], None] = lambda _progress: None,
        idempotency_key: str | None = None,
        timeout_seconds: float | NotGiven | None = NOT_GIVEN,
        max_retries: int | None = None,
    ) -> ContentModel:
        """Upload one video, one picture, or 2–35 pictures as a slideshow, and return the finished content.

        Each file is a path, bytes, a file object that was opened for bytes, or a name with one of the last two. Paths
        and file objects are streamed; a file object is read from its current position.

        All its calls use one idempotency key. If an error interrupts it, repeat it with the `idempotency_key` of the error:
        it continues with the same content, or returns it if it is complete.

        Args:
            files: One file, or a list of them in display order.
            project_id: Id of the project, with or without its prefix.
            caption: May be empty.
            first_comment: Posted as the first comment of each post after it is live.
            on_progress: Called after each part that was sent.

        Raises InvalidArgumentError for a file that can't be read, before anything is sent, and the errors of
        open_uploads and finalize_upload.
        """
        found = files_of(files)
        key = given_or_new_key(idempotency_key)
        with repeatable(key):
            opened = self.open_uploads(
                project_id=project_id,
                files=[file.described() for file in found],
                grouping=_grouping(found),
                idempotency_key=key,
                timeout_seconds=timeout_seconds,
                max_retries=max_retries,
            )
            expected = _one(opened.items)
            if not _is_repeated(opened) or self.get(container_id=expected.container_id).status == "queued":
                for file, target, before, total in _each(found, expected):
                    self._transport.put(
                        target.upload_url,
                        what=f"PUT {file.name}",
                        headers=target.headers,
                        content=_reader(file, before, total, on_progress),
                        size_bytes=file.size_bytes,
                        options=Options(timeout_seconds=timeout_seconds, max_retries=max_retries),
                    )
            return self.finalize_upload(
                container_id=expected.container_id,
                caption=caption,
                first_comment=first_comment,
                idempotency_key=key,
                timeout_seconds=timeout_seconds,
                max_retries=max_retries,
            )


class AsyncContent(AsyncContentCalls):
    """Create, upload and read content: texts, links, videos, pictures and slideshows."""

    async def upload_files(
        self,
        files: FileSource | Iterable[FileSource],
        *,
        project_id: str,
        caption: str,
        first_comment: str | NotGiven | None = NOT_GIVEN,
        on_progress: Callable[[UploadProgress], None] = lambda _progress: None,
        idempotency_key: str | None = None,
        timeout_seconds: float | NotGiven | None = NOT_GIVEN,
        max_retries: int | None = None,
    ) -> ContentModel:
        """Upload one video, one picture, or 2–35 pictures as a slideshow, and return the finished content.

        Each file is a path, bytes, a file object that was opened for bytes, or a name with one of the last two. Paths
        and file objects are streamed; a file object is read from its current position.

        All its calls use one idempotency key. If an error interrupts it, repeat it with the `idempotency_key` of the error:
        it continues with the same content, or returns it if it is complete.

        Args:
            files: One file, or a list of them in display order.
            project_id: Id of the project, with or without its prefix.
            caption: May be empty.
            first_comment: Posted as the first comment of each post after it is live.
            on_progress: Called after each part that was sent.

        Raises InvalidArgumentError for a file that can't be read, before anything is sent, and the errors of
        open_uploads and finalize_upload.
        """
        import asyncio  # noqa: PLC0415  as in _transport.py

        found = await asyncio.to_thread(files_of, files)
        key = given_or_new_key(idempotency_key)
        with repeatable(key):
            opened = await self.open_uploads(
                project_id=project_id,
                files=[file.described() for file in found],
                grouping=_grouping(found),
                idempotency_key=key,
                timeout_seconds=timeout_seconds,
                max_retries=max_retries,
            )
            expected = _one(opened.items)
            if not _is_repeated(opened) or (await self.get(container_id=expected.container_id)).status == "queued":
                for file, target, before, total in _each(found, expected):
                    await self._transport.put(
                        target.upload_url,
                        what=f"PUT {file.name}",
                        headers=target.headers,
                        content=_async_reader(file, before, total, on_progress),
                        size_bytes=file.size_bytes,
                        options=Options(timeout_seconds=timeout_seconds, max_retries=max_retries),
                    )
            return await self.finalize_upload(
                container_id=expected.container_id,
                caption=caption,
                first_comment=first_comment,
                idempotency_key=key,
                timeout_seconds=timeout_seconds,
                max_retries=max_retries,
            )


def _grouping(files: Sequence[LocalFile]) -> Grouping:
    return "per-file" if len(files) == 1 else "slideshow"


def _is_repeated(opened: OpenedUploads) -> bool:
    """Return whether an earlier call with the same key may have sent the files."""
    return opened.response is not None and opened.response.is_replayed


def _one(items: Sequence[ExpectedContent]) -> ExpectedContent:
    if len(items) != 1:
        raise PressworkError(
            "The server returned more or less than one container for these files. Check that client and server have matching versions."
        )
    return items[0]


def _each(files: Sequence[LocalFile], expected: ExpectedContent) -> Iterator[tuple[LocalFile, UploadTarget, int, int]]:
    """Yield each file, its upload target, the size of the files before it, and the total size."""
    total, before = sum(file.size_bytes for file in files), 0
    for file, target in zip(files, expected.files, strict=False):
        yield file, target, before, total
        before += file.size_bytes


def _reader(
    file: LocalFile, before: int, total: int, on_progress: Callable[[UploadProgress], None]
) -> Callable[[], Iterator[bytes]]:
    def chunks() -> Iterator[bytes]:
        sent = before
        for part in file.parts():
            yield part
            sent += len(part)
            on_progress(file.progress(sent, total))

    return chunks


def _async_reader(
    file: LocalFile, before: int, total: int, on_progress: Callable[[UploadProgress], None]
) -> Callable[[], AsyncIterator[bytes]]:
    async def chunks() -> AsyncIterator[bytes]:
        import asyncio  # noqa: PLC0415  as in _transport.py

        sent, parts = before, file.parts()
        while (part := await asyncio.to_thread(next, parts, None)) is not None:
            yield part
            sent += len(part)
            on_progress(file.progress(sent, total))

    return chunks
