"""Previews of media: a thumbnail of each file, and the poster of a video or a document.

They are made while content comes in. An upload never fails for its previews: a file whose previews could not be made then,
or that an older version of Presswork stored, gets them from maintenance, in at most three attempts.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from time import monotonic
from typing import Final
from uuid import UUID, uuid4

import asyncpg
import structlog

from presswork.content.intake import Intake, UncommittedObjects, remove_objects
from presswork.content.model import Previews
from presswork.content.store import SQL
from presswork.core.errors import PressworkError, Unavailable
from presswork.core.ids import ASSET, new_id, public_id
from presswork.db.pool import Pool
from presswork.media.links import preview_key
from presswork.media.model import STREAMED_OVER_BYTES, ContentType, Kind, Probe, kind_of
from presswork.media.pool import MAX_PREVIEW_BYTES, MediaPool
from presswork.media.store import MediaStore, StoredFile
from presswork.media.temp_space import TempSpace, temporary_folder

log = structlog.get_logger()

_UPLOAD_WAITS: Final = timedelta(seconds=10)
"""How long an upload waits for the previews of one file."""
_MAINTENANCE_WAITS: Final = timedelta(seconds=40)
"""How long maintenance waits for those of one file: for its bytes, a free child process, and the work."""
_ROUND: Final = timedelta(seconds=20)
"""A round of maintenance starts no further file after this time."""
_NEXT_ATTEMPT: Final = timedelta(hours=1)
_POSTPONED: Final = timedelta(minutes=10)


async def previews_of(
    intake: Intake,
    objects: UncommittedObjects,
    source: Path | StoredFile,
    probe: Probe,
    folder: Path,
    *,
    organization_id: UUID,
    container_id: UUID,
) -> Previews:
    """Make and store the previews of a file that comes in. Returns none if that fails, whatever the reason."""
    has_poster = probe.kind is not Kind.IMAGE
    keys = _keys(organization_id, container_id, new_id(), has_poster=has_poster)
    try:
        with intake.temp_space.hold(organization_id, MAX_PREVIEW_BYTES * (1 + has_poster)):
            async with asyncio.timeout(_UPLOAD_WAITS.total_seconds()):
                await _make(intake.media_pool, source, folder, keys, objects.put, owner=organization_id)
    except (PressworkError, OSError) as error:
        log.warning("previews not made with the upload; maintenance makes them", error=_reason(error))
        objects.drop((keys.thumbnail_key, keys.poster_key))
        return Previews()
    return keys


@dataclass(frozen=True, slots=True, kw_only=True)
class PreviewMaintenance:
    """Makes the previews that are missing, one file at a time."""

    pool: Pool
    store: MediaStore
    media_pool: MediaPool
    temp_space: TempSpace

    async def run(self, *, now: datetime | None) -> int:
        """Make previews for a few seconds, and return of how many files.

        Safe to run concurrently: each file is claimed. A file that fails, or whose worker dies, is tried again an hour later,
        three times in all. A fault of the store or of this machine ends the round and is charged to no file.
        """
        made = 0
        ends_at = monotonic() + _ROUND.total_seconds()
        while monotonic() < ends_at:
            row = await self.pool.fetchrow(SQL["claim_preview"], now, _NEXT_ATTEMPT)
            if row is None:
                break
            try:
                keys = await self._make(row)
            except TimeoutError as error:
                log.warning("previews not made in time", asset=public_id(ASSET, row["id"]), error=_reason(error))
                break
            except (Unavailable, OSError) as error:
                await self.pool.execute(SQL["postpone_preview"], row["id"], now, _POSTPONED)
                log.warning("previews postponed", error=_reason(error))
                break
            except PressworkError as error:
                log.warning("previews can't be made", asset=public_id(ASSET, row["id"]), error=_reason(error))
                continue
            if not await self.pool.fetchval(SQL["set_previews"], row["id"], keys.thumbnail_key, keys.poster_key):
                # Another worker was faster, or the content was deleted.
                await remove_objects(self.store, [key for key in (keys.thumbnail_key, keys.poster_key) if key])
                continue
            made += 1
        return made

    async def _make(self, row: asyncpg.Record) -> Previews:
        """Make the previews of a stored file, under new keys: the sweep of objects that no row names never meets one that will be."""
        has_poster = kind_of(ContentType(row["content_type"])) is not Kind.IMAGE
        owner: UUID = row["organization_id"]
        keys = _keys(owner, row["container_id"], new_id(), has_poster=has_poster)
        key, size_bytes = row["object_key"], row["size_bytes"]
        is_streamed = size_bytes > STREAMED_OVER_BYTES
        async with (
            asyncio.timeout(_MAINTENANCE_WAITS.total_seconds()),
            self.temp_space.reserve((0 if is_streamed else size_bytes) + MAX_PREVIEW_BYTES * (1 + has_poster)),
        ):
            with temporary_folder("presswork-previews-") as folder:
                source: Path | StoredFile = folder / "source"
                if is_streamed:
                    source = StoredFile(store=self.store, key=key, size_bytes=size_bytes, sha256=row["sha256"])
                else:
                    await self.store.get_to_file(key, folder / "source")
                await _make(self.media_pool, source, folder, keys, self.store.put_file, owner=owner)
        return keys


async def _make(
    media_pool: MediaPool,
    source: Path | StoredFile,
    folder: Path,
    keys: Previews,
    put: Callable[[str, Path, str], Awaitable[None]],
    *,
    owner: UUID,
) -> None:
    name = uuid4().hex
    thumbnail, poster = folder / f"{name}.thumbnail", folder / f"{name}.poster"
    try:
        await media_pool.write_previews(source, thumbnail, poster if keys.poster_key else None, owner=owner)
        for key, path in ((keys.thumbnail_key, thumbnail), (keys.poster_key, poster)):
            if key is not None:
                await put(key, path, ContentType.JPEG.value)
    finally:
        for path in (thumbnail, poster):
            path.unlink(missing_ok=True)


def _keys(organization_id: UUID, container_id: UUID, name: UUID, *, has_poster: bool) -> Previews:
    return Previews(
        thumbnail_key=preview_key(organization_id, container_id, f"{name}-thumbnail"),
        poster_key=preview_key(organization_id, container_id, f"{name}-poster") if has_poster else None,
    )


def _reason(error: PressworkError | OSError) -> str:
    return error.message if isinstance(error, PressworkError) else type(error).__name__
