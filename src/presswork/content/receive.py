"""Receiving the bytes of one presigned upload, or of one of its parts."""

import asyncio
import secrets
from collections.abc import AsyncIterable, Sequence
from dataclasses import dataclass
from typing import BinaryIO, Final
from uuid import UUID

import asyncpg

from presswork.content.intake import Intake, Scratch, remove_objects, scratch_folder, uncommitted_objects
from presswork.content.model import ContainerClosed, ContainerStatus, part_length
from presswork.content.store import SQL
from presswork.core.errors import Invalid, Issue, IssueCode, NotFound, PayloadTooLarge, UnsupportedMediaType
from presswork.db.pool import Pool
from presswork.media.temp_space import HeldSpace
from presswork.projects.model import ProjectArchived, ProjectStatus

_WRITE_BYTES: Final = 1024 * 1024
_PART_TYPE: Final = "application/octet-stream"


class UploadNotFound(NotFound):
    """No container waits for this file."""

    sentence = "No container waits for this file. Request a new link with POST …/content/uploads."


@dataclass(frozen=True, slots=True, kw_only=True)
class Incoming:
    """An incoming file. The content type and length are the sender's claims, None if not sent."""

    content_type: str | None
    length_bytes: int | None
    chunks: AsyncIterable[bytes]


async def receive(intake: Intake, asset_id: UUID, incoming: Incoming) -> int:
    """Store the bytes of one expected file, replacing an earlier upload, and return their number.

    Each upload is stored under a new key, and the row refers to the last one, so an object that is being read never
    changes. Raises UploadNotFound, ContainerClosed if the container is complete or canceled, ProjectArchived,
    UnsupportedMediaType, PayloadTooLarge beyond the declared size (without reading the rest), Invalid below it, and
    OrganizationSpaceFull or TempSpaceFull as soon as there is no room for what has arrived.
    """
    row = await _find_upload(intake.pool, asset_id)
    if row["part_size_bytes"] is not None:
        raise UploadNotFound
    expected_bytes: int = row["declared_size_bytes"]
    declared_type: str = row["declared_content_type"]
    _check_type(incoming, declared_type)
    what = _Expected(name="file", size_bytes=expected_bytes)
    what.check_claim(incoming)
    key = f"{row['object_key'].rpartition('/')[0]}/{asset_id}-{secrets.token_hex(8)}"
    with scratch_folder(intake.temp_space, row["organization_id"]) as scratch:
        await _save(incoming.chunks, scratch, what)
        async with uncommitted_objects(intake.store) as objects:
            await objects.put(key, scratch.folder / "upload", declared_type)
            with objects.keep_on_unknown_commit():
                replaced = await _set_object_key(intake.pool, asset_id, key, expected_bytes)
            objects.keep()
    if replaced is not None:
        await remove_objects(intake.store, [replaced])
    return expected_bytes


async def receive_part(intake: Intake, asset_id: UUID, number: int, incoming: Incoming) -> None:
    """Store the bytes of one part of an expected file, replacing those that were sent before.

    The part is on disk before it is stored, and few are stored at once, so that parallel parts take little memory. Raises as
    `receive`; UploadNotFound also if the file has no such part. The Content-Type is ignored.
    """
    row = await _find_upload(intake.pool, asset_id)
    size_bytes, part_size_bytes = row["declared_size_bytes"], row["part_size_bytes"]
    if part_size_bytes is None:
        raise UploadNotFound
    length = part_length(number, size_bytes=size_bytes, part_size_bytes=part_size_bytes)
    if length == 0:
        raise UploadNotFound
    what = _Expected(name=f"part {number}", size_bytes=length)
    what.check_claim(incoming)
    organization_id: UUID = row["organization_id"]
    key = f"{row['object_key'].rpartition('/')[0]}/{asset_id}-part-{number}-{secrets.token_hex(8)}"
    with scratch_folder(intake.temp_space, organization_id) as scratch:
        await _save(incoming.chunks, scratch, what)
        async with uncommitted_objects(intake.store) as objects:
            async with intake.part_slots.held_by(organization_id):
                await objects.put(key, scratch.folder / "upload", _PART_TYPE)
            with objects.keep_on_unknown_commit():
                replaced = await _set_part(intake, asset_id, number, key)
            objects.keep()
    await remove_objects(intake.store, replaced)


async def _find_upload(pool: Pool, asset_id: UUID) -> asyncpg.Record:
    row: asyncpg.Record | None = await pool.fetchrow(SQL["find_upload"], asset_id)
    if row is None:
        raise UploadNotFound
    _require_open(row["container_id"], row["status"])
    if row["project_status"] == ProjectStatus.ARCHIVED.value:
        raise ProjectArchived(row["project_id"])
    return row


def _require_open(container_id: UUID, status: str) -> None:
    if status != ContainerStatus.QUEUED.value:
        raise ContainerClosed(container_id, ContainerStatus(status))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Expected:
    """What a body must be: the file or a part of it, of exactly this size."""

    name: str
    size_bytes: int

    def check_claim(self, incoming: Incoming) -> None:
        """Raise PayloadTooLarge if the sender announces more bytes."""
        if incoming.length_bytes is not None and incoming.length_bytes > self.size_bytes:
            raise self.too_large()

    def too_large(self) -> PayloadTooLarge:
        """Return the error about too many bytes."""
        return PayloadTooLarge(
            f"The {self.name} is larger than the declared {self.size_bytes} bytes. Send exactly that many bytes, or request a "
            "new link with the correct size.",
            maxBytes=self.size_bytes,
        )

    def too_short(self, received_bytes: int) -> Invalid:
        """Return the error about bytes that are missing."""
        sentence = f"The body has {received_bytes} of the {self.size_bytes} declared bytes. Send the complete {self.name} again."
        issue = Issue("body", sentence, IssueCode.TOO_SHORT)
        return Invalid([issue], expectedBytes=self.size_bytes, receivedBytes=received_bytes)


def _check_type(incoming: Incoming, declared_type: str) -> None:
    if incoming.content_type is None:
        return
    claimed = incoming.content_type.partition(";")[0].strip().lower()
    if claimed != declared_type:
        raise UnsupportedMediaType(
            f"This file was declared as {declared_type}. Send it with that Content-Type, or request a new link.",
            declaredContentType=declared_type,
        )


async def _save(chunks: AsyncIterable[bytes], scratch: Scratch, what: _Expected) -> None:
    """Write the chunks to a file of exactly the expected size, which holds room for what has arrived."""
    with (scratch.folder / "upload").open("xb") as file:
        received = await _copy(chunks, file, scratch.room, what)
    if received < what.size_bytes:
        raise what.too_short(received)


async def _copy(chunks: AsyncIterable[bytes], file: BinaryIO, room: HeldSpace, what: _Expected) -> int:
    received = 0
    waiting = bytearray()
    async for chunk in chunks:
        received += len(chunk)
        if received > what.size_bytes:
            raise what.too_large()
        room.grow(len(chunk))
        waiting += chunk
        if len(waiting) >= _WRITE_BYTES:
            await asyncio.to_thread(file.write, bytes(waiting))
            waiting.clear()
    await asyncio.to_thread(file.write, bytes(waiting))
    return received


async def _set_object_key(pool: Pool, asset_id: UUID, key: str, size_bytes: int) -> str | None:
    """Make the row refer to the new object, and return the key of the previous one, if any."""
    async with pool.acquire() as connection, connection.transaction():
        row: asyncpg.Record | None = await connection.fetchrow(SQL["lock_upload"], asset_id)
        if row is None:
            raise UploadNotFound
        _require_open(row["container_id"], row["status"])
        await connection.execute(SQL["set_upload"], asset_id, key, size_bytes, None)
    return None if row["size_bytes"] is None else str(row["object_key"])


async def _set_part(intake: Intake, asset_id: UUID, number: int, key: str) -> Sequence[str]:
    """Make the row of a part refer to the new object, and return the keys of what no row refers to any more."""
    async with intake.pool.acquire() as connection, connection.transaction():
        row: asyncpg.Record | None = await connection.fetchrow(SQL["lock_upload"], asset_id)
        if row is None:
            raise UploadNotFound
        _require_open(row["container_id"], row["status"])
        former = await connection.fetchval(SQL["set_part"], asset_id, number, key, intake.clock.now())
        replaced = [former] if former is not None else []
        if row["size_bytes"] is not None:  # a finalize call has made the file, but not completed the container
            await connection.execute(SQL["reopen_upload"], asset_id)
            replaced.append(row["object_key"])
    return replaced
