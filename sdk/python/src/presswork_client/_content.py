"""The content resource, with the upload of files."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TypeAlias

from presswork_client._calls import Options, given_or_new_key, repeatable
from presswork_client._files import FileSource, LocalFile, UploadProgress, files_of
from presswork_client._generated.content import AsyncContentCalls, ContentCalls
from presswork_client._not_given import NOT_GIVEN, NotGiven
from presswork_client._uploads import (
    PARALLEL_PARTS,
    Piece,
    Progress,
    finalize_timeout,
    is_expired,
    missing_pieces,
    whole,
)
from presswork_client.choices import Grouping
from presswork_client.errors import APIStatusError, PressworkError
from presswork_client.models import Content as ContentModel
from presswork_client.models import ExpectedContent, FileUpload, OpenedUploads, UploadTarget

Target: TypeAlias = UploadTarget | FileUpload
"""A file that the server waits for."""


class Content(ContentCalls):
    """Create, upload and read content: texts, links, videos, pictures, slideshows and documents."""

    def upload_files(
        self,
        files: FileSource | Iterable[FileSource],
        *,
        project_id: str,
        caption: str,
        first_comment: str | NotGiven | None = NOT_GIVEN,
        labels: Sequence[str] | NotGiven = NOT_GIVEN,
        on_progress: Callable[[UploadProgress], None] = lambda _progress: None,
        idempotency_key: str | None = None,
        timeout_seconds: float | NotGiven | None = NOT_GIVEN,
        max_retries: int | None = None,
    ) -> ContentModel:
        """Upload one video, picture or PDF, 2–35 pictures, or 2–20 pictures and videos, and return the finished content.

        Each file is a path, bytes, a file object that was opened for bytes, or a name with one of the last two. Paths
        and file objects are streamed; a file object is read from its current position.

        A file over 100 MB is sent in parts, four at once, each with retries of its own. All its calls use one idempotency
        key. If an error interrupts it, repeat it with the `idempotency_key` of the error: it sends the parts that are missing, or
        returns the content if it is complete.

        Args:
            files: One file, or a list of them in display order.
            project_id: Id of the project, with or without its prefix.
            caption: May be empty.
            first_comment: Posted as the first comment of each post after it is live.
            labels: Free words by which people sort content.
            on_progress: Called after each chunk that was sent; with parts, from several threads, one at a time.

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
            targets: Sequence[Target] = expected.files
            if _is_repeated(opened):  # an earlier call may have sent them, or completed the content
                targets = self.get_uploads(container_id=expected.container_id).items
            progress = Progress(sum(file.size_bytes for file in found), on_progress)
            options = Options(timeout_seconds=timeout_seconds, max_retries=max_retries)
            for position, (file, target) in enumerate(zip(found, targets, strict=False)):
                if isinstance(target, FileUpload) and target.is_complete:
                    progress.skip(file.size_bytes)
                elif target.multipart is None:
                    self._put(whole(file, target), target, progress, options)
                else:
                    self._put_parts(expected.container_id, position, file, target, progress, options)
            return self.finalize_upload(
                container_id=expected.container_id,
                caption=caption,
                first_comment=first_comment,
                labels=labels,
                idempotency_key=key,
                timeout_seconds=finalize_timeout(
                    found,
                    has_parts=any(target.multipart is not None for target in expected.files),
                    given=timeout_seconds,
                    default=self._transport.settings.timeout_seconds,
                ),
                max_retries=max_retries,
            )

    def _put(self, piece: Piece, target: Target, progress: Progress, options: Options) -> None:
        self._transport.put(
            piece.url,
            what=f"PUT {piece.file.name}",
            headers=target.headers,
            content=progress.chunks(piece),
            size_bytes=piece.size_bytes,
            options=options,
        )

    def _put_parts(
        self,
        container_id: str,
        position: int,
        file: LocalFile,
        target: Target,
        progress: Progress,
        options: Options,
    ) -> None:
        """Send the missing parts of a file, a few at once. If their URLs expire meanwhile, continue with new ones."""
        from concurrent.futures import ThreadPoolExecutor  # noqa: PLC0415  only large files need it

        def put(piece: Piece) -> APIStatusError | None:
            try:
                self._put(piece, target, progress, options)
            except APIStatusError as error:
                if not is_expired(error):
                    raise
                return error
            return None

        pieces = _missing_of(file, target)
        progress.skip(file.size_bytes - sum(piece.size_bytes for piece in pieces))
        while pieces:
            with ThreadPoolExecutor(PARALLEL_PARTS) as threads:
                futures = [threads.submit(put, piece) for piece in pieces]
                try:
                    expired = [error for future in futures if (error := future.result()) is not None]
                except BaseException as error:
                    if not isinstance(error, Exception):  # Ctrl-C: the parts that are on their way are given up as well
                        progress.stop()
                    threads.shutdown(wait=False, cancel_futures=True)
                    raise
            if not expired:
                return
            left = _missing_of(file, self.get_uploads(container_id=container_id).items[position])
            if len(left) >= len(pieces):
                raise expired[0]
            pieces = left


class AsyncContent(AsyncContentCalls):
    """Create, upload and read content: texts, links, videos, pictures, slideshows and documents."""

    async def upload_files(
        self,
        files: FileSource | Iterable[FileSource],
        *,
        project_id: str,
        caption: str,
        first_comment: str | NotGiven | None = NOT_GIVEN,
        labels: Sequence[str] | NotGiven = NOT_GIVEN,
        on_progress: Callable[[UploadProgress], None] = lambda _progress: None,
        idempotency_key: str | None = None,
        timeout_seconds: float | NotGiven | None = NOT_GIVEN,
        max_retries: int | None = None,
    ) -> ContentModel:
        """Upload one video, picture or PDF, 2–35 pictures, or 2–20 pictures and videos, and return the finished content.

        Each file is a path, bytes, a file object that was opened for bytes, or a name with one of the last two. Paths
        and file objects are streamed; a file object is read from its current position.

        A file over 100 MB is sent in parts, four at once, each with retries of its own. All its calls use one idempotency
        key. If an error interrupts it, repeat it with the `idempotency_key` of the error: it sends the parts that are missing, or
        returns the content if it is complete.

        Args:
            files: One file, or a list of them in display order.
            project_id: Id of the project, with or without its prefix.
            caption: May be empty.
            first_comment: Posted as the first comment of each post after it is live.
            labels: Free words by which people sort content.
            on_progress: Called after each chunk that was sent.

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
            targets: Sequence[Target] = expected.files
            if _is_repeated(opened):  # an earlier call may have sent them, or completed the content
                targets = (await self.get_uploads(container_id=expected.container_id)).items
            progress = Progress(sum(file.size_bytes for file in found), on_progress)
            options = Options(timeout_seconds=timeout_seconds, max_retries=max_retries)
            for position, (file, target) in enumerate(zip(found, targets, strict=False)):
                if isinstance(target, FileUpload) and target.is_complete:
                    progress.skip(file.size_bytes)
                elif target.multipart is None:
                    await self._put(whole(file, target), target, progress, options)
                else:
                    await self._put_parts(expected.container_id, position, file, target, progress, options)
            return await self.finalize_upload(
                container_id=expected.container_id,
                caption=caption,
                first_comment=first_comment,
                labels=labels,
                idempotency_key=key,
                timeout_seconds=finalize_timeout(
                    found,
                    has_parts=any(target.multipart is not None for target in expected.files),
                    given=timeout_seconds,
                    default=self._transport.settings.timeout_seconds,
                ),
                max_retries=max_retries,
            )

    async def _put(self, piece: Piece, target: Target, progress: Progress, options: Options) -> None:
        await self._transport.put(
            piece.url,
            what=f"PUT {piece.file.name}",
            headers=target.headers,
            content=progress.async_chunks(piece),
            size_bytes=piece.size_bytes,
            options=options,
        )

    async def _put_parts(
        self,
        container_id: str,
        position: int,
        file: LocalFile,
        target: Target,
        progress: Progress,
        options: Options,
    ) -> None:
        """Send the missing parts of a file, a few at once. If their URLs expire meanwhile, continue with new ones."""
        import asyncio  # noqa: PLC0415  as in _transport.py

        pieces = _missing_of(file, target)
        progress.skip(file.size_bytes - sum(piece.size_bytes for piece in pieces))
        while pieces:
            waiting, expired = iter(pieces), list[APIStatusError]()

            async def put_next(waiting: Iterator[Piece] = waiting, expired: list[APIStatusError] = expired) -> None:
                for piece in waiting:
                    try:
                        await self._put(piece, target, progress, options)
                    except APIStatusError as error:
                        if not is_expired(error):
                            raise
                        expired.append(error)

            tasks = [asyncio.ensure_future(put_next()) for _ in range(PARALLEL_PARTS)]
            try:
                await asyncio.gather(*tasks)
            finally:
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)
            if not expired:
                return
            left = _missing_of(file, (await self.get_uploads(container_id=container_id)).items[position])
            if len(left) >= len(pieces):
                raise expired[0]
            pieces = left


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


def _missing_of(file: LocalFile, target: Target) -> Sequence[Piece]:
    return [] if target.multipart is None else missing_pieces(file, target.multipart)
