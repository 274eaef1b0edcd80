"""Making one object of a file's parts, when its container is finalized.

The parts stay until the container is completed, so an assembly that ends in the middle has changed nothing, and the next call makes
it again. Of several calls, in whatever process, one assembles and the others wait for it.
"""

import asyncio
import secrets
from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from hashlib import sha256
from typing import Final
from uuid import UUID, uuid4

from presswork.content.intake import Intake, remove_objects, uncommitted_objects
from presswork.content.model import (
    MAX_MEDIA,
    Asset,
    Container,
    ContainerClosed,
    ContainerStatus,
    PartsMissing,
    ReceivedPart,
)
from presswork.content.store import SQL, list_parts
from presswork.core.errors import Conflict
from presswork.core.ids import CONTAINER, public_id
from presswork.db.pool import Pool
from presswork.media.rendition_leases import RenditionLeases
from presswork.media.store import MediaStore, ObjectMissing

_POLL: Final = timedelta(seconds=1)
"""How often a call checks whether another one has assembled the file."""


class PartsChanged(Conflict):
    """A part was sent again while the file was made."""

    def __init__(self, container_id: UUID) -> None:
        super().__init__(
            "A part of this container was sent again while it was finalized. Finish every upload, then finalize again.",
            containerId=public_id(CONTAINER, container_id),
        )


async def assemble_files(intake: Intake, container: Container, *, organization_id: UUID) -> bool:
    """Make the files of a container whose parts have all arrived; return whether any was made, by this call or another one.

    Raises PartsMissing, PartsChanged, Unavailable.
    """
    parted = [asset for asset in container.media if asset.part_count]
    if not parted:
        return False
    parts = await list_parts(intake.pool, [asset.id for asset in parted])
    for asset in parted:
        received = {part.number for part in parts[asset.id]}
        missing = [number for number in range(1, asset.part_count + 1) if number not in received]
        if missing:
            raise PartsMissing(container.id, asset, missing)
    unmade = [asset for asset in parted if asset.uploaded_bytes is None]
    for asset in unmade:
        await _assemble(intake, container.id, asset, parts[asset.id], organization_id)
    return bool(unmade)


async def _assemble(
    intake: Intake, container_id: UUID, asset: Asset, parts: Sequence[ReceivedPart], organization_id: UUID
) -> None:
    """Make a file of its parts under a lease, or wait until the call that has the lease is done or its process died."""
    leases, lease, holder = RenditionLeases(intake.pool), f"assembly/{asset.id}", uuid4()
    while not await leases.claim(lease, holder):  # noqa: ASYNC110  another process may have it
        await asyncio.sleep(_POLL.total_seconds())
    renewal = asyncio.create_task(leases.keep(lease, holder))
    try:
        row = await intake.pool.fetchrow(SQL["find_upload"], asset.id)
        if row is not None and row["size_bytes"] is None:
            async with intake.assembly_slots.held_by(organization_id):
                await _make_object(intake, container_id, asset, parts)
    finally:
        renewal.cancel()
        await asyncio.wait({renewal})
        await leases.release(lease, holder)


async def _make_object(intake: Intake, container_id: UUID, asset: Asset, parts: Sequence[ReceivedPart]) -> None:
    """Stream the parts into one object, with its hash, and make the row refer to it."""
    size_bytes, digest = asset.declared_size_bytes or 0, sha256()

    async def chunks() -> AsyncIterator[bytes]:
        for part in parts:
            reading = await intake.store.read(part.object_key)
            async for chunk in reading.chunks():
                await asyncio.to_thread(digest.update, chunk)
                yield chunk

    key = f"{asset.object_key.rpartition('/')[0]}/{asset.id}-{secrets.token_hex(8)}"
    former = await intake.pool.fetchval(SQL["start_assembly"], asset.id, key)
    if former is not None:
        await _remove_assembly(intake.store, former)
    async with uncommitted_objects(intake.store) as objects:
        try:
            content_type = asset.declared_content_type or "application/octet-stream"
            await objects.put_chunks(key, chunks(), size_bytes, content_type)
        except ObjectMissing as error:
            raise PartsChanged(container_id) from error
        with objects.keep_on_unknown_commit():
            await _set_assembled(intake.pool, container_id, asset, parts, key, digest.hexdigest())
        objects.keep()


async def _set_assembled(
    pool: Pool, container_id: UUID, asset: Asset, parts: Sequence[ReceivedPart], key: str, digest: str
) -> None:
    """Make the row of a file refer to its object, if its parts are still the same. Raises PartsChanged, ContainerClosed."""
    async with pool.acquire() as connection, connection.transaction():
        row = await connection.fetchrow(SQL["lock_upload"], asset.id)
        if row is None or row["assembly_key"] != key:
            raise PartsChanged(container_id)
        if row["status"] != ContainerStatus.QUEUED.value:
            raise ContainerClosed(container_id, ContainerStatus(row["status"]))
        rows = await connection.fetch(SQL["list_parts"], [asset.id])
        if [row["object_key"] for row in rows] != [part.object_key for part in parts]:
            raise PartsChanged(container_id)
        await connection.execute(SQL["set_upload"], asset.id, key, asset.declared_size_bytes, digest)


async def sweep_parts(
    pool: Pool, store: MediaStore, *, container_id: UUID | None = None, limit: int = MAX_MEDIA
) -> None:
    """Remove the parts of files whose containers are completed or canceled, and what was being made of them."""
    for row in await pool.fetch(SQL["spent_parts"], container_id, limit):
        is_clean = row["assembly_key"] is None or await _remove_assembly(store, row["assembly_key"])
        if await remove_objects(store, row["part_keys"]) and is_clean:
            await pool.execute(SQL["forget_parts"], row["id"], row["part_keys"])


async def _remove_assembly(store: MediaStore, key: str) -> bool:
    await store.discard_partial(key)
    return await remove_objects(store, [key])
