"""Media in a format that a platform accepts: the original if it fits, else a converted copy.

A copy is made once per asset and recipe. Posts of one worker share the conversion in this process; workers share it
through a lease in the database (`media/rendition_leases.py`).
"""

import asyncio
import errno
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Final
from uuid import UUID, uuid4

from presswork.core.errors import MediaUnsupported, Unavailable
from presswork.db.pool import Pool
from presswork.db.queries import load
from presswork.media.fetch import fetch_to_file
from presswork.media.links import MediaLinks, grant, owner_of, withdraw
from presswork.media.model import MAX_DOCUMENT_BYTES, MAX_IMAGE_BYTES, STREAMED_OVER_BYTES, ContentType, Kind
from presswork.media.pool import MAX_COPY_BYTES, MAX_PREVIEW_BYTES, MediaPool
from presswork.media.rendition_leases import RenditionLeases
from presswork.media.single_flight import SingleFlight
from presswork.media.specs import ImageSpec, StillSpec, VideoSpec
from presswork.media.store import MediaStore, ObjectMissing, StoredFile
from presswork.media.temp_space import TempSpace, temporary_folder
from presswork.platforms.port import MediaFile
from presswork.safe_http.guard import AddressGuard
from presswork.worker.post_row import Asset

_SQL: Final = load("presswork.media")
_SUFFIX: Final = {"image/jpeg": "jpg", "image/webp": "webp", "video/mp4": "mp4"}
_POLL: Final = timedelta(seconds=1)
"""How often a worker checks whether another worker's conversion is done: one query per key, not per post."""
_DISK_FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT})
_AUDIO_BITS_PER_SECOND: Final = 256_000
_COPY_MARGIN: Final = 1.2
_COPY_FLOOR_BYTES: Final = 16 * 1024 * 1024
_READ_BYTES: Final = 256 * 1024


Convert = Callable[[Path, Path], Awaitable[None]]
"""Writes a copy: gets a temporary folder, and where in it the copy goes."""


async def _pause(duration: timedelta) -> None:
    await asyncio.sleep(duration.total_seconds())


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendition:
    """Where the bytes are stored. `is_new`: the copy did not exist before."""

    object_key: str
    content_type: str
    is_new: bool


class Renditions:
    """Finds, makes and links media for platforms."""

    def __init__(
        self,
        *,
        pool: Pool,
        store: MediaStore,
        media_pool: MediaPool,
        links: MediaLinks,
        url_lifetime: timedelta,
        temp_space: TempSpace | None = None,
        pause: Callable[[timedelta], Awaitable[None]] = _pause,
        guard: AddressGuard | None = None,
    ) -> None:
        """`url_lifetime` is how long a platform may fetch; `pause` waits between two checks of another worker's conversion;
        `guard` judges the URLs of `fetched`."""
        self._pool: Final = pool
        self._store: Final = store
        self._media_pool: Final = media_pool
        self._links: Final = links
        self._url_lifetime: Final = url_lifetime
        self._temp_space: Final = temp_space or TempSpace()
        self._pause: Final = pause
        self._guard: Final = guard
        self._leases: Final = RenditionLeases(pool)
        self._conversions: Final = SingleFlight()

    async def of(self, asset: Asset, spec: ImageSpec | VideoSpec | StillSpec | None) -> Rendition:
        """Return the asset in a form that meets `spec`. Raises MediaUnsupported, Unavailable."""
        if spec is None or not spec.needs_conversion(asset.probe):
            return Rendition(object_key=asset.object_key, content_type=asset.probe.content_type.value, is_new=False)
        content_type = "video/mp4" if isinstance(spec, VideoSpec) else spec.content_type.value
        recipe = sha256(repr(_ordered_fields(spec)).encode()).hexdigest()[:16]
        key = f"renditions/{asset.asset_id}/{recipe}.{_SUFFIX[content_type]}"
        if await self._is_usable(key):
            return Rendition(object_key=key, content_type=content_type, is_new=False)

        size_bytes, max_bytes = asset.probe.size_bytes, _max_copy_bytes(asset, spec)
        is_streamed = size_bytes > STREAMED_OVER_BYTES

        async def convert(folder: Path, copy: Path) -> None:
            source = folder / "source"
            if not is_streamed:
                await self._store.get_to_file(asset.object_key, source)
            if isinstance(spec, ImageSpec):
                await self._media_pool.convert_image(source, copy, spec, max_bytes=max_bytes)
            else:
                stored = StoredFile(
                    store=self._store, key=asset.object_key, size_bytes=size_bytes, sha256=asset.probe.sha256
                )
                video = stored if is_streamed else source
                if isinstance(spec, StillSpec):
                    await self._media_pool.write_still(video, copy, spec)
                else:
                    await self._media_pool.convert_video(video, copy, spec, max_bytes=max_bytes)

        temp_bytes = (0 if is_streamed else size_bytes) + max_bytes
        return await self._make_once(asset, key, content_type, convert, temp_bytes=temp_bytes)

    async def of_pictures(self, assets: Sequence[Asset]) -> Rendition:
        """Return one PDF of pictures, a page for each, in their order. Raises MediaUnsupported, Unavailable."""
        recipe = sha256(",".join(str(asset.asset_id) for asset in assets).encode()).hexdigest()[:16]
        key = f"renditions/{assets[0].asset_id}/{recipe}.pdf"
        if await self._is_usable(key):
            return Rendition(object_key=key, content_type=ContentType.PDF.value, is_new=False)

        async def convert(folder: Path, copy: Path) -> None:
            sources = [folder / str(place) for place in range(len(assets))]
            for asset, source in zip(assets, sources, strict=True):
                await self._store.get_to_file(asset.object_key, source)
            await self._media_pool.write_picture_pages(sources, copy)

        size_bytes = MAX_DOCUMENT_BYTES + sum(asset.probe.size_bytes for asset in assets)
        return await self._make_once(assets[0], key, ContentType.PDF.value, convert, temp_bytes=size_bytes)

    async def _make_once(
        self, asset: Asset, key: str, content_type: str, convert: Convert, *, temp_bytes: int
    ) -> Rendition:
        await self._conversions.run(key, lambda: self._make(asset, key, content_type, convert, temp_bytes))
        return Rendition(object_key=key, content_type=content_type, is_new=True)

    async def _is_usable(self, key: str) -> bool:
        """Return whether a copy is stored and has its row: only then does the sweep of objects leave it."""
        return bool(await self._pool.fetchval(_SQL["has_rendition"], key)) and await self._size(key) is not None

    async def _size(self, key: str) -> int | None:
        try:
            return (await self._store.head(key)).size_bytes
        except ObjectMissing:
            return None

    async def _make(self, asset: Asset, key: str, content_type: str, convert: Convert, temp_bytes: int) -> None:
        """Convert under a lease, or wait until the worker that has the lease is done or the lease lapses."""
        holder = uuid4()
        while not await self._leases.claim(key, holder):
            await self._pause(_POLL)
            if await self._is_usable(key):
                return
        refusal: str | None = None
        renewal = asyncio.create_task(self._leases.keep(key, holder))
        try:
            if (size_bytes := await self._size(key)) is None:
                await self._convert(key, content_type, convert, temp_bytes)
                size_bytes = (await self._store.head(key)).size_bytes
            await self._record(asset, key, size_bytes)
        except MediaUnsupported as error:
            refusal = error.message
            raise
        finally:
            renewal.cancel()
            await asyncio.wait({renewal})
            if refusal is None:
                await self._leases.release(key, holder)
            else:
                await self._leases.refuse(key, holder, refusal)

    async def _record(self, asset: Asset, key: str, size_bytes: int) -> None:
        """Name a copy in the database, where it counts toward the quota. Raises MediaUnsupported if its content has no media any more."""
        container_id, _ = owner_of(asset.object_key)
        if container_id is None or not await self._pool.fetchval(
            _SQL["add_rendition"], key, container_id, size_bytes, None
        ):
            await self._store.delete(key)
            raise MediaUnsupported("The media of this content was removed. Upload it again as new content.")

    async def _convert(self, key: str, content_type: str, convert: Convert, temp_bytes: int) -> None:
        with _reporting_full_disk():
            async with self._temp_space.reserve(temp_bytes):
                with temporary_folder("presswork-") as folder:
                    copy = folder / "copy"
                    await convert(folder, copy)
                    await self._store.put_file(key, copy, content_type)

    @asynccontextmanager
    async def fetched(
        self, url: str, *, max_bytes: int, spec: ImageSpec | None, owner: UUID
    ) -> AsyncIterator[MediaFile]:
        """Fetch a URL of an organization into a file for the length of a block; with `spec`, as a picture that conforms to it.

        Raises MediaUnreachable, MediaUnsupported, Unavailable.
        """
        copy_bytes = 0 if spec is None else max_bytes
        with _reporting_full_disk():
            async with self._temp_space.reserve(max_bytes + copy_bytes):
                with temporary_folder("presswork-") as folder:
                    file, content_type = folder / "fetched", "application/octet-stream"
                    await fetch_to_file(url, file, max_bytes=max_bytes, guard=self._guard, owner=owner)
                    if spec is not None:
                        probe = await self._media_pool.probe(file, owner=owner)
                        if probe.kind is not Kind.IMAGE:
                            raise MediaUnsupported("The file is no picture. Send the URL of a JPEG, PNG or WebP.")
                        if spec.needs_conversion(probe):
                            source, file = file, folder / "copy"
                            probe = await self._media_pool.convert_image(source, file, spec, max_bytes=copy_bytes)
                        content_type = probe.content_type.value
                    yield _local_file(file, content_type)

    async def url(
        self,
        key: str,
        content_type: str,
        *,
        post_id: UUID,
        is_one_off: bool,
        now: datetime,
        until: datetime | None = None,
    ) -> str:
        """Return a signed URL; a one-off URL can be withdrawn as long as it has not been fetched."""
        expires_at = max(now + self._url_lifetime, until or now)
        grant_id = (
            await grant(self._pool, post_id=post_id, object_key=key, expires_at=expires_at) if is_one_off else None
        )
        return self._links.url_for(key, content_type, expires_at=expires_at, grant_id=grant_id)

    async def withdraw(self, post_id: UUID, *, now: datetime) -> bool:
        """Disable a post's one-off URLs for good unless one was fetched. True: none was."""
        return await withdraw(self._pool, post_id, now)

    async def file(self, key: str, content_type: str) -> MediaFile:
        """Return stored bytes for an upload."""
        size_bytes = (await self._store.head(key)).size_bytes

        async def read(first: int, last: int) -> AsyncIterator[bytes]:
            reading = await self._store.read(key, start=first, end=last + 1)
            async for chunk in reading.chunks():
                yield chunk

        return MediaFile(size_bytes=size_bytes, content_type=content_type, reader=read)


@contextmanager
def _reporting_full_disk() -> Iterator[None]:
    """Raise Unavailable with what to do where the disk for temporary files is full."""
    try:
        yield
    except OSError as error:
        if error.errno not in _DISK_FULL:
            raise
        raise Unavailable(
            f"The worker's disk for temporary files ({tempfile.gettempdir()}) is full, so media can't be converted. "
            "Free space there, or point TMPDIR to a larger disk and restart the worker."
        ) from error


def _local_file(path: Path, content_type: str) -> MediaFile:
    async def read(first: int, last: int) -> AsyncIterator[bytes]:
        with path.open("rb") as file:
            file.seek(first)
            left = last - first + 1
            while left > 0 and (chunk := await asyncio.to_thread(file.read, min(left, _READ_BYTES))):
                left -= len(chunk)
                yield chunk

    return MediaFile(size_bytes=path.stat().st_size, content_type=content_type, reader=read)


def _ordered_fields(spec: ImageSpec | VideoSpec | StillSpec) -> list[tuple[str, object]]:
    """Return a spec's fields in the same order in every process; the order of a set differs."""
    fields = {name: getattr(spec, name) for name in spec.__dataclass_fields__}
    return [(name, sorted(value) if isinstance(value, frozenset) else value) for name, value in fields.items()]


def _max_copy_bytes(asset: Asset, spec: ImageSpec | VideoSpec | StillSpec) -> int:
    """Return the size limit of a copy and its temporary file: the expected size with a margin."""
    if isinstance(spec, ImageSpec):
        return max(spec.max_size_bytes or 0, MAX_IMAGE_BYTES)
    if isinstance(spec, StillSpec):
        return MAX_PREVIEW_BYTES
    bits_per_second = spec.max_bits_per_second + _AUDIO_BITS_PER_SECOND
    encoded = (asset.probe.duration or timedelta()).total_seconds() * bits_per_second / 8
    remuxed = _COPY_FLOOR_BYTES + _COPY_MARGIN * asset.probe.size_bytes
    largest = _COPY_FLOOR_BYTES + _COPY_MARGIN * encoded
    return int(max(remuxed, min(largest, MAX_COPY_BYTES)))
