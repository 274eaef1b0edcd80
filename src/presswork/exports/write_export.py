"""What an export has: files of JSON lines, one for each kind, and with the media its originals."""

import json
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

import asyncpg

from presswork import __version__
from presswork.core.errors import NotFound
from presswork.core.ids import ASSET, CONTAINER, EXPORT, PROJECT, public_id
from presswork.core.timestamps import write_instant
from presswork.db.pool import Pool
from presswork.db.queries import load
from presswork.exports.zip_stream import ArchivedFile
from presswork.media.model import ContentType
from presswork.media.store import MediaStore

_SQL: Final = load("presswork.exports")
_PAGE: Final = 200
_CONTAINERS: Final = 50
"""Containers whose posts, decisions and files are read at once."""
_FIRST: Final = UUID(int=0)
_EARLIEST: Final = datetime(1, 1, 2, tzinfo=UTC)
_KINDS: Final = (
    "accounts",
    "layers",
    "drafts",
    "saved_replies",
    "links",
    "webhook_endpoints",
    "channels",
    "account_insights",
    "content",
    "comments",
)
"""Statements that are pages by id, and the names of their files."""
_COUNTED: Final = frozenset({"accounts", "content", "posts", "media"})
"""What the progress counts, as the statement `count_rows`."""
_SUFFIXES: Final[Mapping[str, str]] = {
    ContentType.JPEG: "jpg",
    ContentType.PNG: "png",
    ContentType.WEBP: "webp",
    ContentType.MP4: "mp4",
    ContentType.QUICKTIME: "mov",
    ContentType.PDF: "pdf",
}
_UNSAFE: Final = re.compile(r"[^A-Za-z0-9._-]+")
_README: Final = """\
This archive has the data of one project of Presswork.

Files whose names end in .jsonl have one JSON document in each line, in UTF-8; times are UTC. Posts have the fields of the API and
their timelines. Access tokens, the secrets of webhooks and the addresses of links are not in it.

manifest.json has the number of documents of each file, and the media files that were not in the store. It is the last file: an
archive without it is incomplete. What was changed while the archive was written is in it as it was when its line was written.
"""

Progress = Callable[[int], Awaitable[None]]
"""Receives how many counted rows and files have been written in all."""


@dataclass(slots=True, kw_only=True)
class ExportWriter:
    """Writes the files of one export."""

    pool: Pool
    store: MediaStore
    export_id: UUID
    project_id: UUID
    has_media: bool
    progress: Progress
    done: int = 0
    counts: dict[str, int] = field(default_factory=dict)
    missing: list[str] = field(default_factory=list)

    async def files(self, *, created_at: datetime) -> AsyncIterator[ArchivedFile]:
        """Yield the files of the archive, in order. Each must be read before the next one is asked for."""
        yield ArchivedFile(name="README.txt", chunks=_chunk(_README))
        yield self._file("project", self._project())
        for kind in _KINDS:
            yield self._file(kind, self._pages(kind))
        yield self._file("reviews", self._of_containers("reviews", 0))
        yield self._file("content_comments", self._of_containers("content_comments", _FIRST))
        yield self._file("posts", self._of_containers("posts", _FIRST))
        yield self._file("insights", self._of_containers("insights", _FIRST))
        yield self._file("audit", self._audit())
        if self.has_media:
            async for file in self._media():
                yield file
        manifest = {
            "exportId": public_id(EXPORT, self.export_id),
            "projectId": public_id(PROJECT, self.project_id),
            "createdAt": write_instant(created_at),
            "version": __version__,
            "files": {f"{kind}.jsonl": count for kind, count in self.counts.items() if kind != "media"},
            "mediaFiles": self.counts.get("media"),
            "missingMedia": self.missing,
        }
        yield ArchivedFile(name="manifest.json", chunks=_chunk(json.dumps(manifest, indent=2) + "\n"))

    def _file(self, kind: str, pages: AsyncIterator[Sequence[str]]) -> ArchivedFile:
        return ArchivedFile(name=f"{kind}.jsonl", chunks=self._lines(kind, pages))

    async def _lines(self, kind: str, pages: AsyncIterator[Sequence[str]]) -> AsyncIterator[bytes]:
        self.counts[kind] = 0
        async for documents in pages:
            if documents:
                yield "".join(f"{document}\n" for document in documents).encode()
            await self._add(kind, len(documents))

    async def _add(self, kind: str, count: int) -> None:
        self.counts[kind] = self.counts.get(kind, 0) + count
        if kind in _COUNTED and count:
            self.done += count
            await self.progress(self.done)

    async def _project(self) -> AsyncIterator[Sequence[str]]:
        rows = await self.pool.fetch(_SQL["project"], self.project_id)
        yield [_one_line(row["document"]) for row in rows]

    async def _pages(self, kind: str) -> AsyncIterator[Sequence[str]]:
        after = _FIRST
        while rows := await self.pool.fetch(_SQL[kind], self.project_id, after, _PAGE):
            yield [_one_line(row["document"]) for row in rows]
            after = rows[-1]["id"]

    async def _containers(self) -> AsyncIterator[Sequence[UUID]]:
        after = _FIRST
        while rows := await self.pool.fetch(_SQL["container_ids"], self.project_id, after, _CONTAINERS):
            yield [row["id"] for row in rows]
            after = rows[-1]["id"]

    async def _rows_of_containers(
        self, statement: str, containers: Sequence[UUID], first: UUID | int
    ) -> AsyncIterator[Sequence[asyncpg.Record]]:
        position: tuple[UUID, UUID | int] = (_FIRST, first)
        while rows := await self.pool.fetch(_SQL[statement], containers, *position, _PAGE):
            yield rows
            position = rows[-1]["container_id"], rows[-1]["id"]

    async def _of_containers(self, kind: str, first: UUID | int) -> AsyncIterator[Sequence[str]]:
        async for containers in self._containers():
            async for rows in self._rows_of_containers(kind, containers, first):
                yield [_document_of(row) for row in rows]

    async def _audit(self) -> AsyncIterator[Sequence[str]]:
        organization = await self.pool.fetchval(_SQL["organization"], self.project_id)
        rows = await self.pool.fetch(_SQL["project_objects"], self.project_id)
        for start in range(0, len(rows), _PAGE):
            async for page in self._audit_of([row["object_id"] for row in rows[start : start + _PAGE]], organization):
                yield page
        async for containers in self._containers():
            objects = [public_id(CONTAINER, container_id) for container_id in containers]
            async for page in self._audit_of(objects, organization):
                yield page
            async for posts in self._rows_of_containers("content_objects", containers, _FIRST):
                async for page in self._audit_of([row["object_id"] for row in posts], organization):
                    yield page

    async def _audit_of(self, objects: Sequence[str], organization_id: UUID) -> AsyncIterator[Sequence[str]]:
        position: tuple[str, datetime, UUID] = ("", _EARLIEST, _FIRST)
        while rows := await self.pool.fetch(_SQL["audit"], objects, organization_id, *position, _PAGE):
            yield [_one_line(row["document"]) for row in rows]
            position = rows[-1]["object_id"], rows[-1]["at"], rows[-1]["id"]

    async def _media(self) -> AsyncIterator[ArchivedFile]:
        self.counts["media"] = 0
        async for containers in self._containers():
            for row in await self.pool.fetch(_SQL["files"], containers):
                try:
                    reading = await self.store.read(row["object_key"])
                except NotFound:
                    self.missing.append(public_id(ASSET, row["id"]))
                else:
                    yield ArchivedFile(name=_media_name(row), chunks=reading.chunks(), is_compressed=False)
                await self._add("media", 1)


@dataclass(frozen=True, slots=True)
class ExportSize:
    """How many rows and files an export has, as its progress counts them, and the bytes of the files."""

    total: int
    media_bytes: int


async def measure_export(pool: Pool, project_id: UUID, *, has_media: bool) -> ExportSize:
    """Return the size of an export."""
    row = await pool.fetchrow(_SQL["count_rows"], project_id, has_media)
    return ExportSize(0, 0) if row is None else ExportSize(row["total"], row["size_bytes"])


async def _chunk(text: str) -> AsyncIterator[bytes]:
    yield text.encode()


def _document_of(row: asyncpg.Record) -> str:
    document = _one_line(row["document"])
    if (timeline := row.get("timeline")) is None:
        return document
    return f'{document[:-1]},"timeline":{_one_line(timeline)}}}'


def _one_line(document: str) -> str:
    """Return a JSON document in one line: PostgreSQL keeps the line breaks between the members of a `json` value."""
    return document.replace("\n", " ").replace("\r", " ")


def _media_name(row: asyncpg.Record) -> str:
    """Return the path of a file: its container, its position, and its name reduced to what every system accepts."""
    suffix = _SUFFIXES.get(row["content_type"], "bin")
    stem = _UNSAFE.sub("-", (row["filename"] or "file").rpartition(".")[0] or row["filename"] or "file").strip("-.")
    return f"media/{public_id(CONTAINER, row['container_id'])}/{row['position']}-{stem[:80] or 'file'}.{suffix}"
