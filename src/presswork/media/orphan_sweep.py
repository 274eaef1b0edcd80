"""The sweep of objects that no row names: those of a killed upload or conversion, or of a transaction that was lost.

It reads the store page by page, a few pages in each round of maintenance, and continues where it was, also on another worker.
An object is removed only if it is older than ORPHANS_KEPT, and if it belongs to an organization of this database, so that
installations may share a bucket.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID, uuid4

import structlog

from presswork.core.errors import MediaUnsupported
from presswork.db.pool import Pool
from presswork.db.queries import load
from presswork.media.rendition_leases import RenditionLeases
from presswork.media.store import ListedObject, MediaStore, is_key

log = structlog.get_logger()

ORPHANS_KEPT: Final = timedelta(hours=48)
"""The least age of an object that is removed: twice as long as an upload may take, which is when its row names it."""
SWEEP_EVERY: Final = timedelta(days=1)
"""How long after the end of the list it is read again."""
PAGE: Final = 1_000
_LEASE: Final = timedelta(minutes=10)
_NOW: Final = timedelta()
_OF_ORGANIZATIONS: Final = ("originals", "previews", "logos")
_RENDITIONS: Final = "renditions"
_EXPORTS: Final = "exports/"
"""Their files end with their rows."""
_STAGED: Final = "#"
"""What no key has, but a file that is being written to a folder: the key, this and a number."""

_SQL: Final = load("presswork.media")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """To what an object belongs, by its key."""

    kind: str
    organization_id: UUID | None = None  # None: its asset is asked
    owner_id: UUID  # its container, project or asset


async def sweep_orphans(pool: Pool, store: MediaStore, now: datetime | None, *, limit: int = PAGE) -> int:
    """Read the next page of the store, if it is due, and remove what no row names. Return how many objects were read.

    Safe to run concurrently. `now` is compared with the store's clock; without it, the database's time is.
    """
    row = await pool.fetchrow(_SQL["claim_sweep"], now, _LEASE)
    if row is None:
        return 0
    leased_until: datetime = row["due_at"]
    listed = await store.list_page(after=row["position"], limit=limit)
    before = leased_until - _LEASE - ORPHANS_KEPT
    removed = await _remove_orphans(pool, store, [one for one in listed if one.modified_at < before], now)
    if removed:
        log.info("media objects removed that nothing refers to", objects=len(removed), keys=removed[:10])
    is_end = len(listed) < limit
    position, due_in = ("", SWEEP_EVERY) if is_end else (listed[-1].key, _NOW)
    await pool.fetchval(_SQL["move_sweep"], position, now, due_in, leased_until)
    return len(listed)


async def _remove_orphans(
    pool: Pool, store: MediaStore, listed: Sequence[ListedObject], now: datetime | None
) -> Sequence[str]:
    places = {one.key: place for one in listed if (place := _place_of(one.key)) is not None}
    named = await _find_named(pool, places)
    assets = {place.owner_id for place in places.values() if place.kind == _RENDITIONS}
    owners = {row["id"]: row for row in await pool.fetch(_SQL["owners_of_assets"], list(assets))} if assets else {}
    known = await _find_organizations(pool, places.values())
    removed: list[str] = []
    for one in listed:
        place = places.get(one.key)
        if one.key.startswith(_EXPORTS) and not is_key(one.key):  # a process died while it wrote one
            await store.discard_listed(one)
            removed.append(one.key)
            continue
        if place is None or one.key in named:
            continue
        if place.kind == _RENDITIONS:
            owner = owners.get(place.owner_id)
            if owner is None:
                continue  # of another installation, or of a picture of a link, which goes with its content
            if is_key(one.key) and not owner["is_removed"]:  # a version that kept no rows made it
                await pool.fetchval(_SQL["add_rendition"], one.key, owner["container_id"], one.size_bytes, now)
                continue
            if not is_key(one.key):
                await store.discard_listed(one)
            elif not await _remove_rendition(pool, store, one, now):
                continue
        elif place.organization_id not in known:
            continue
        else:
            await store.discard_listed(one)
        removed.append(one.key)
    return removed


async def _find_named(pool: Pool, places: Mapping[str, _Place]) -> set[str]:
    """Return which of these keys a row names."""
    named: set[str] = set()
    for statement, kinds in (("named_media", ("originals", "previews")), ("named_logos", ("logos",))):
        keys = [key for key, place in places.items() if place.kind in kinds]
        if keys:
            owners = list({places[key].owner_id for key in keys})
            named.update(row["key"] for row in await pool.fetch(_SQL[statement], owners, keys))
    if keys := [key for key, place in places.items() if place.kind == _RENDITIONS]:
        named.update(row["key"] for row in await pool.fetch(_SQL["named_renditions"], keys))
    return named


async def _find_organizations(pool: Pool, places: Iterable[_Place]) -> set[UUID]:
    ids = {place.organization_id for place in places if place.organization_id is not None}
    return {row["id"] for row in await pool.fetch(_SQL["known_organizations"], list(ids))} if ids else set()


async def _remove_rendition(pool: Pool, store: MediaStore, listed: ListedObject, now: datetime | None) -> bool:
    """Remove a conversion unless a worker is making it: it has the same key each time."""
    leases, holder = RenditionLeases(pool), uuid4()
    try:
        if not await leases.claim(listed.key, holder, now=now):
            return False
    except MediaUnsupported:
        return False
    try:
        if await pool.fetchval(_SQL["has_rendition"], listed.key):
            return False
        await store.discard_listed(listed)
    finally:
        await leases.release(listed.key, holder, now=now)
    return True


def _place_of(key: str) -> _Place | None:
    """Return to what an object belongs, or None if it is not one of ours, or of a kind that has its own end."""
    kind, *names = key.partition(_STAGED)[0].split("/")
    try:
        if kind in _OF_ORGANIZATIONS and len(names) == 3:
            return _Place(kind=kind, organization_id=UUID(names[0]), owner_id=UUID(names[1]))
        if kind == _RENDITIONS and len(names) == 2:
            return _Place(kind=kind, owner_id=UUID(names[0]))
    except ValueError:
        pass
    return None
