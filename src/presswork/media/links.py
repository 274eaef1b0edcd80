"""Signed links to stored media, uploads and manual post pages, and the grants that record whether a one-off link was used."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import PurePosixPath
from types import MappingProxyType
from typing import Final
from uuid import UUID

from presswork.core.ids import ASSET, new_id, public_id
from presswork.crypto.keyring import Keyring
from presswork.crypto.signed_urls import URLSigner
from presswork.db.pool import Pool
from presswork.db.queries import load
from presswork.media.model import ContentType

_SQL: Final = load("presswork.media")

GRANT_CLAIM: Final = "grant"
"""Query parameter that names the grant of a one-off link."""
PAGE_LIFETIME: Final = timedelta(days=7)
"""How long a manual post page can be opened: a person may post days later. Its media links are made when it is opened."""

_FILENAMES: Final[Mapping[ContentType, str]] = MappingProxyType(
    {
        ContentType.JPEG: "image.jpg",
        ContentType.PNG: "image.png",
        ContentType.WEBP: "image.webp",
        ContentType.MP4: "video.mp4",
        ContentType.QUICKTIME: "video.mov",
        ContentType.PDF: "document.pdf",
    }
)
_CONTENT_TYPES: Final[Mapping[str, ContentType]] = MappingProxyType({name: kind for kind, name in _FILENAMES.items()})
_PREVIEWS: Final = "previews/"
PREVIEW_LIFETIME: Final = timedelta(days=2)
"""How long a link to a preview works, at least half of it: longer than the caches of a browser are useful."""
_DAY_SECONDS: Final = 24 * 60 * 60
_GRANTS_KEPT: Final = timedelta(days=1)
_SWEEP_LIMIT: Final = 10_000


class MediaLinks:
    """Makes signed, expiring GET links to objects of the media store."""

    def __init__(self, base_url: str, keyring: Keyring, lifetime: timedelta) -> None:
        """`base_url` is where platforms reach this service; `lifetime` is how long links work by default."""
        self._signer: Final = URLSigner(base_url, keyring)
        self._lifetime: Final = lifetime

    def expires_at(self, now: datetime) -> datetime:
        """Return when a link made now should end: after three quarters to the whole of the lifetime, UTC.

        Ends are rounded, so that reading the same thing twice in a row gives the same link, which caches like.
        """
        step = max(1, int(self._lifetime.total_seconds() / 4))
        end = int((now + self._lifetime).timestamp())
        return datetime.fromtimestamp(end - end % step, UTC)

    def preview_url(self, object_key: str, *, now: datetime) -> str:
        """Return a link to a preview. It stays the same for a day, so that a browser fetches it once.

        It works for more than a day, and for longer than a link to the media that is made at the same time.
        """
        lifetime = max(PREVIEW_LIFETIME, self._lifetime + timedelta(days=1))
        end = int((now + lifetime).timestamp())
        expires_at = datetime.fromtimestamp(end - end % _DAY_SECONDS, UTC)
        return self.url_for(object_key, ContentType.JPEG.value, expires_at=expires_at)

    def url_for(self, object_key: str, content_type: str, *, expires_at: datetime, grant_id: UUID | None = None) -> str:
        """Return a link to an object. It ends in a file name with the right extension, since platforms look at it.

        With `grant_id`, the link belongs to that grant and dies with it. Raises ValueError for a content type that
        Presswork does not store, and for a naive datetime.
        """
        return self._signer.url_for(
            f"/media/{object_key}/{_FILENAMES[ContentType(content_type)]}",
            expires_at=expires_at,
            claims={} if grant_id is None else {GRANT_CLAIM: str(grant_id)},
        )


class UploadLinks:
    """Makes signed, expiring PUT links that a file of a container is uploaded to."""

    def __init__(self, base_url: str, keyring: Keyring, lifetime: timedelta) -> None:
        """`base_url` is where callers reach this service; `lifetime` is how long links work."""
        self._signer: Final = URLSigner(base_url, keyring)
        self._lifetime: Final = lifetime

    def expires_at(self, now: datetime) -> datetime:
        """Return when a link made now ends, to the second, UTC."""
        return (now + self._lifetime).replace(microsecond=0)

    def url_for(self, asset_id: UUID, *, expires_at: datetime, part_number: int | None = None) -> str:
        """Return the link for one file, or for one part of it."""
        path = f"/uploads/{public_id(ASSET, asset_id)}" + (f"/parts/{part_number}" if part_number is not None else "")
        return self._signer.url_for(path, expires_at=expires_at, method="PUT")


class PageLinks:
    """Makes signed, expiring links to pages that are made for a phone: media to save, a caption to copy, the steps."""

    def __init__(self, base_url: str, keyring: Keyring, lifetime: timedelta) -> None:
        """`base_url` is where people reach this service; `lifetime` is how long links work."""
        self._signer: Final = URLSigner(base_url, keyring)
        self._lifetime: Final = lifetime

    def url_for(self, name: str, *, now: datetime) -> str:
        """Return the link to the page of a post or a container, by its public id."""
        expires_at = (now + self._lifetime).replace(microsecond=0)
        return self._signer.url_for(f"/handover/{name}", expires_at=expires_at)


def preview_key(organization_id: UUID, container_id: UUID, name: str) -> str:
    """Return the key of a preview in the store."""
    return f"{_PREVIEWS}{organization_id}/{container_id}/{name}"


def is_preview(object_key: str) -> bool:
    """Return whether an object is a preview."""
    return object_key.startswith(_PREVIEWS)


def named_object(path: str) -> tuple[str, ContentType] | None:
    """Return the object key and content type that the path of a media link names (without `/media/`), or None."""
    place = PurePosixPath(path)
    content_type = _CONTENT_TYPES.get(place.name)
    return None if content_type is None else (str(place.parent), content_type)


def owner_of(object_key: str) -> tuple[UUID | None, UUID | None]:
    """Return the container that an object belongs to, or else the asset. Neither: it belongs to no content."""
    place = object_key.split("/")
    try:
        if place[0] in ("originals", "previews"):
            return UUID(place[2]), None
        if place[0] == "renditions":
            return None, UUID(place[1])
    except (IndexError, ValueError):
        pass
    return None, None


async def is_closed(pool: Pool, object_key: str) -> bool:
    """Return whether an object is served no more, however long its links are valid: it was deleted, or its project is archived."""
    container_id, asset_id = owner_of(object_key)
    if container_id is None and asset_id is None:
        return False
    return bool(await pool.fetchval(_SQL["is_closed"], container_id, asset_id))


async def grant(pool: Pool, *, post_id: UUID, object_key: str, expires_at: datetime) -> UUID:
    """Record a one-off link of a post before it is handed out, and return the grant that goes into it."""
    grant_id = new_id()
    await pool.execute(_SQL["insert_grant"], grant_id, post_id, object_key, expires_at)
    return grant_id


async def fetch_granted(pool: Pool, grant_id: UUID, now: datetime) -> str | None:
    """Record that a one-off link is being fetched and return the object's key, or None if it was withdrawn or has expired."""
    key: str | None = await pool.fetchval(_SQL["fetch_grant"], grant_id, now)
    return key


async def withdraw(pool: Pool, post_id: UUID, now: datetime) -> bool:
    """Switch off all one-off links of a post for good, unless one was fetched already.

    True: none was fetched, and none works from now on. False: at least one was fetched; nothing was changed.
    """
    return bool(await pool.fetchval(_SQL["revoke_grants"], post_id, now))


async def sweep_grants(pool: Pool, now: datetime, *, limit: int = _SWEEP_LIMIT) -> int:
    """Delete grants that expired more than a day ago and whose posts are final; return how many were deleted."""
    deleted = await pool.execute(_SQL["sweep_grants"], now - _GRANTS_KEPT, limit)
    return int(deleted.rpartition(" ")[2])
