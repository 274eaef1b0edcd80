"""Media in the form that a platform takes: the original where it fits, else a converted copy that is made once."""

import tempfile
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Final
from uuid import UUID

from presswork.db.pool import Pool
from presswork.media.convert_image import ImageSpec, needs_conversion
from presswork.media.convert_video import VideoSpec, needs_video_conversion
from presswork.media.links import MediaLinks, grant, withdraw
from presswork.media.pool import MediaPool
from presswork.media.store import MediaStore, ObjectMissing
from presswork.platforms.port import MediaFile
from presswork.worker.post_row import Asset

_SUFFIX: Final = {"image/jpeg": "jpg", "image/webp": "webp", "video/mp4": "mp4"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendition:
    """Where the bytes are. `is_new`: they were converted just now."""

    object_key: str
    content_type: str
    is_new: bool


class Renditions:
    """Finds, makes and links media for platforms."""

    def __init__(
        self, *, pool: Pool, store: MediaStore, media_pool: MediaPool, links: MediaLinks, url_lifetime: timedelta
    ) -> None:
        """Take the parts; `url_lifetime` is how long a platform may fetch."""
        self._pool: Final = pool
        self._store: Final = store
        self._media_pool: Final = media_pool
        self._links: Final = links
        self._url_lifetime: Final = url_lifetime

    async def of(self, asset: Asset, spec: ImageSpec | VideoSpec | None) -> Rendition:
        """Return the asset in a form that meets `spec`. Raises MediaUnsupported, Unavailable."""
        if spec is None or not _needs(asset, spec):
            return Rendition(object_key=asset.object_key, content_type=asset.probe.content_type.value, is_new=False)
        content_type = spec.content_type.value if isinstance(spec, ImageSpec) else "video/mp4"
        recipe = sha256(repr(_recipe(spec)).encode()).hexdigest()[:16]
        key = f"renditions/{asset.asset_id}/{recipe}.{_SUFFIX[content_type]}"
        try:
            await self._store.head(key)
        except ObjectMissing:
            await self._convert(asset, spec, key, content_type)
            return Rendition(object_key=key, content_type=content_type, is_new=True)
        return Rendition(object_key=key, content_type=content_type, is_new=False)

    async def _convert(self, asset: Asset, spec: ImageSpec | VideoSpec, key: str, content_type: str) -> None:
        with tempfile.TemporaryDirectory(prefix="presswork-") as folder:
            source, copy = Path(folder, "source"), Path(folder, "copy")
            await self._store.get_to_file(asset.object_key, source)
            if isinstance(spec, ImageSpec):
                await self._media_pool.convert_image(source, copy, spec)
            else:
                await self._media_pool.convert_video(source, copy, spec)
            await self._store.put_file(key, copy, content_type)

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
        """Return a signed URL; a one-off one can be withdrawn as long as nobody has fetched it."""
        expires_at = max(now + self._url_lifetime, until or now)
        grant_id = (
            await grant(self._pool, post_id=post_id, object_key=key, expires_at=expires_at) if is_one_off else None
        )
        return self._links.url_for(key, content_type, expires_at=expires_at, grant_id=grant_id)

    async def withdraw(self, post_id: UUID, *, now: datetime) -> bool:
        """Switch a post's one-off URLs off, unless one was fetched. True: none was, and none ever will be."""
        return await withdraw(self._pool, post_id, now)

    async def file(self, key: str, content_type: str) -> MediaFile:
        """Return stored bytes for an upload."""
        size_bytes = (await self._store.head(key)).size_bytes

        async def read(first: int, last: int) -> AsyncIterator[bytes]:
            reading = await self._store.read(key, start=first, end=last + 1)
            async for chunk in reading.chunks():
                yield chunk

        return MediaFile(size_bytes=size_bytes, content_type=content_type, reader=read)


def _needs(asset: Asset, spec: ImageSpec | VideoSpec) -> bool:
    if isinstance(spec, ImageSpec):
        return needs_conversion(asset.probe, spec)
    return needs_video_conversion(asset.probe, spec)


def _recipe(spec: ImageSpec | VideoSpec) -> list[tuple[str, object]]:
    """Return a spec's fields in a form that is the same in every process (a set's own order is not)."""
    fields = {name: getattr(spec, name) for name in spec.__dataclass_fields__}
    return [(name, sorted(value) if isinstance(value, frozenset) else value) for name, value in fields.items()]
