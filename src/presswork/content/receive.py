"""Receiving the bytes of one presigned upload."""

import asyncio
import secrets
from collections.abc import AsyncIterable
from dataclasses import dataclass
from typing import BinaryIO, Final
from uuid import UUID

import asyncpg

from presswork.content.intake import Scratch, remove_objects, scratch_folder, uncommitted_objects
from presswork.content.model import ContainerClosed, ContainerStatus
from presswork.content.store import SQL
from presswork.core.errors import Invalid, Issue, IssueCode, NotFound, PayloadTooLarge, UnsupportedMediaType
from presswork.db.pool import Pool
from presswork.media.store import MediaStore
from presswork.media.temp_space import HeldSpace, TempSpace
from presswork.projects.model import ProjectArchived, ProjectStatus

_WRITE_BYTES: Final = 1024 * 1024


class UploadNotFound(NotFound):
    """No container waits for this file."""

    sentence = "No container waits for this file. Request a new link with POST …/content/uploads."


@dataclass(frozen=True, slots=True, kw_only=True)
class Incoming:
    """An incoming file. The content type and length are the sender's claims, None if not sent."""

    content_type: str | None
    length_bytes: int | None
    chunks: AsyncIterable[bytes]


async def receive(pool: Pool, store: MediaStore, space: TempSpace, asset_id: UUID, incoming: Incoming) -> int:
    """Store the bytes of one expected file, replacing an earlier upload, and return their number.

    Each upload is stored under a new key, and the row refers to the last one, so an object that is being read never
    changes. Raises UploadNotFound, ContainerClosed if the container is complete or canceled, ProjectArchived,
    UnsupportedMediaType, PayloadTooLarge beyond the declared size (without reading the rest), Invalid below it, and
    OrganizationSpaceFull or TempSpaceFull as soon as there is no room for what has arrived.
    """
    row = await pool.fetchrow(SQL["find_upload"], asset_id)
    if row is None:
        raise UploadNotFound
    _require_open(row["container_id"], row["status"])
    if row["project_status"] == ProjectStatus.ARCHIVED.value:
        raise ProjectArchived(row["project_id"])
    expected_bytes: int = row["declared_size_bytes"]
    declared_type: str = row["declared_content_type"]
    _check_claims(incoming, declared_type, expected_bytes)
    key = f"{row['object_key'].rpartition('/')[0]}/{asset_id}-{secrets.token_hex(8)}"
    with scratch_folder(space, row["organization_id"]) as scratch:
        await _save(incoming.chunks, scratch, expected_bytes)
        async with uncommitted_objects(store) as objects:
            await objects.put(key, scratch.folder / "upload", declared_type)
            with objects.keep_on_unknown_commit():
                replaced = await _set_object_key(pool, asset_id, key, expected_bytes)
            objects.keep()
    if replaced is not None:
        await remove_objects(store, [replaced])
    return expected_bytes


def _require_open(container_id: UUID, status: str) -> None:
    if status != ContainerStatus.QUEUED.value:
        raise ContainerClosed(container_id, ContainerStatus(status))


def _check_claims(incoming: Incoming, declared_type: str, expected_bytes: int) -> None:
    if incoming.content_type is not None:
        claimed = incoming.content_type.partition(";")[0].strip().lower()
        if claimed != declared_type:
            raise UnsupportedMediaType(
                f"This file was declared as {declared_type}. Send it with that Content-Type, or request a new link.",
                declaredContentType=declared_type,
            )
    if incoming.length_bytes is not None and incoming.length_bytes > expected_bytes:
        raise _too_large(expected_bytes)


async def _save(chunks: AsyncIterable[bytes], scratch: Scratch, expected_bytes: int) -> None:
    """Write the chunks to a file of exactly the expected size, which holds room for what has arrived."""
    with (scratch.folder / "upload").open("xb") as file:
        received = await _copy(chunks, file, scratch.room, expected_bytes)
    if received < expected_bytes:
        sentence = f"The body has {received} of the {expected_bytes} declared bytes. Send the complete file again."
        raise Invalid(
            [Issue("body", sentence, IssueCode.TOO_SHORT)], expectedBytes=expected_bytes, receivedBytes=received
        )


async def _copy(chunks: AsyncIterable[bytes], file: BinaryIO, room: HeldSpace, expected_bytes: int) -> int:
    received = 0
    waiting = bytearray()
    async for chunk in chunks:
        received += len(chunk)
        if received > expected_bytes:
            raise _too_large(expected_bytes)
        room.grow(len(chunk))
        waiting += chunk
        if len(waiting) >= _WRITE_BYTES:
            await asyncio.to_thread(file.write, bytes(waiting))
            waiting.clear()
    await asyncio.to_thread(file.write, bytes(waiting))
    return received


def _too_large(expected_bytes: int) -> PayloadTooLarge:
    return PayloadTooLarge(
        f"The file is larger than the declared {expected_bytes} bytes. Send the declared file, or request a new link "
        "with the correct size.",
        maxBytes=expected_bytes,
    )


async def _set_object_key(pool: Pool, asset_id: UUID, key: str, size_bytes: int) -> str | None:
    """Make the row refer to the new object, and return the key of the previous one, if any."""
    async with pool.acquire() as connection, connection.transaction():
        row: asyncpg.Record | None = await connection.fetchrow(SQL["lock_upload"], asset_id)
        if row is None:
            raise UploadNotFound
        _require_open(row["container_id"], row["status"])
        await connection.execute(SQL["set_upload"], asset_id, key, size_bytes)
    return None if row["size_bytes"] is None else str(row["object_key"])
