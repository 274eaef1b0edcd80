"""Make the file of an export: streamed into the media store, so that neither memory nor disk has to hold it."""

from contextlib import aclosing
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import structlog

from presswork.core.backoff import backoff
from presswork.core.errors import PressworkError
from presswork.core.ids import EXPORT, public_id
from presswork.db.pool import Pool
from presswork.db.queries import load
from presswork.exports.model import KEPT_FOR, MAX_ATTEMPTS, object_key
from presswork.exports.write_export import ExportWriter, measure_export
from presswork.exports.zip_stream import stream_zip
from presswork.jobs.runner import LeaseLost
from presswork.media.store import MediaStore

log = structlog.get_logger()

_SQL: Final = load("presswork.exports")
_ROW_BYTES: Final = 16 * 1024
_LEAST_BYTES: Final = 4 * 1024**3
"""For the time that the store has, which grows with the size: four and a half hours at least."""
_FIRST_RETRY: Final = timedelta(seconds=10)
_LONGEST_RETRY: Final = timedelta(minutes=10)
_DIED: Final = (
    "The export did not finish: its worker stopped each time. Look at the worker's log, and start another export."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportJob:
    """An export under the lease of a worker."""

    id: UUID
    project_id: UUID
    has_media: bool
    attempts: int
    created_at: datetime


@dataclass(frozen=True, slots=True)
class ExportRun:
    """Makes exports. Each attempt begins again and replaces what an earlier one has stored."""

    pool: Pool
    store: MediaStore
    worker_id: str

    async def run(self, job: ExportJob, *, now: datetime | None) -> None:
        """Make the file of an export. Raises LeaseLost. After an error it waits for the next attempt; the last one fails it.

        `now` is None in production: the database's time.
        """
        if job.attempts > MAX_ATTEMPTS:
            await self._fail(job, _DIED, now)
            return
        try:
            size_bytes = await self._store(job)
        except PressworkError as error:
            log.warning("export interrupted", export=public_id(EXPORT, job.id), error=error.message)
            if job.attempts >= MAX_ATTEMPTS:
                await self._fail(job, error.message, now)
                return
            after = backoff(_FIRST_RETRY, _LONGEST_RETRY, failures=job.attempts - 1)
            await self.pool.execute(_SQL["retry"], self.worker_id, job.id, error.message, now, after)
            return
        if not await self.pool.fetchval(_SQL["finish"], self.worker_id, job.id, size_bytes, now, KEPT_FOR):
            # The project is being erased, or another worker makes the same file again.
            raise LeaseLost
        log.info("export done", export=public_id(EXPORT, job.id), size_bytes=size_bytes)

    async def _store(self, job: ExportJob) -> int:
        size = await measure_export(self.pool, job.project_id, has_media=job.has_media)

        async def progress(done: int) -> None:
            if not await self.pool.fetchval(_SQL["move"], self.worker_id, job.id, done, max(done, size.total)):
                raise LeaseLost

        await progress(0)
        writer = ExportWriter(
            pool=self.pool,
            store=self.store,
            export_id=job.id,
            project_id=job.project_id,
            has_media=job.has_media,
            progress=progress,
        )
        key = object_key(job.id)
        expected = max(_LEAST_BYTES, size.media_bytes + size.total * _ROW_BYTES)
        async with aclosing(stream_zip(writer.files(created_at=job.created_at), at=job.created_at)) as chunks:
            await self.store.put_chunks(key, chunks, expected, "application/zip")
        return (await self.store.head(key)).size_bytes

    async def _fail(self, job: ExportJob, error: str, now: datetime | None) -> None:
        await self.store.delete(object_key(job.id))
        await self.pool.execute(_SQL["fail"], self.worker_id, job.id, error, now, KEPT_FOR)
        log.warning("export failed", export=public_id(EXPORT, job.id), error=error)
