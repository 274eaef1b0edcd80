"""Exports: start, read, list and sweep them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from pydantic import JsonValue

from presswork.audit.model import Action
from presswork.audit.record import record_act
from presswork.callers.model import Principal
from presswork.core.ids import EXPORT, PROJECT, new_id, public_id
from presswork.crypto.signed_urls import URLSigner
from presswork.db.pool import Connection, Pool, affected
from presswork.db.queries import load
from presswork.db.rows import LAST, from_row
from presswork.exports.model import Export, ExportNotFound, ExportRunning, ExportStatus, object_key
from presswork.media.store import MediaStore
from presswork.projects.store import find_project

_SQL: Final = load("presswork.exports")
PATH: Final = "/exports/{}"
"""Where the file of an export is served, by its id, to the holder of a signed link."""


async def create_export(
    connection: Connection, project_id: UUID, *, has_media: bool, visible_to: Principal, now: datetime
) -> Export:
    """Start an export, in the caller's transaction. Raises ProjectNotFound, ExportRunning."""
    project = await find_project(connection, project_id, visible_to=visible_to, lock="share")
    row = await connection.fetchrow(
        _SQL["create"],
        new_id(),
        project.id,
        project.organization_id,
        project.environment.value,
        has_media,
        now,
    )
    if row is None:
        raise ExportRunning(await connection.fetchval(_SQL["find_running"], project.id))
    export = from_row(Export, row)
    detail: dict[str, JsonValue] = {"exportId": public_id(EXPORT, export.id), "media": has_media}
    await record_act(
        connection, Action.PROJECT_EXPORT, public_id(PROJECT, project.id), by=visible_to, now=now, detail=detail
    )
    return export


async def read_export(connection: "Connection | Pool", export_id: UUID, *, visible_to: Principal) -> Export:
    """Return an export. Raises ExportNotFound."""
    row = await connection.fetchrow(_SQL["find"], export_id, visible_to.organization_id, visible_to.environment.value)
    if row is None:
        raise ExportNotFound
    return from_row(Export, row)


async def list_exports(
    pool: Pool, project_id: UUID, *, visible_to: Principal, before: tuple[datetime, UUID] | None, limit: int
) -> Sequence[Export]:
    """Return up to `limit` exports of a project, the newest first. Raises ProjectNotFound."""
    project = await find_project(pool, project_id, visible_to=visible_to)
    rows = await pool.fetch(_SQL["list_exports"], project.id, *(before or LAST), limit)
    return [from_row(Export, row) for row in rows]


@dataclass(frozen=True, slots=True)
class ExportLinks:
    """Makes signed links to the files of exports. A link works until its export is deleted."""

    signer: URLSigner

    def url_of(self, export: Export) -> str | None:
        """Return the link, or None while there is no file."""
        if export.status is not ExportStatus.DONE or export.expires_at is None:
            return None
        return self.signer.url_for(PATH.format(public_id(EXPORT, export.id)), expires_at=export.expires_at)


@dataclass(frozen=True, slots=True, kw_only=True)
class Archive:
    """What the name of a downloaded archive is made of."""

    project_name: str
    created_at: datetime


async def find_archive(pool: Pool, export_id: UUID, *, now: datetime) -> Archive:
    """Return the archive of an export that is done and has not expired. Raises ExportNotFound."""
    row = await pool.fetchrow(_SQL["find_archive"], export_id, now)
    if row is None:
        raise ExportNotFound
    return from_row(Archive, row)


async def sweep_exports(pool: Pool, store: MediaStore, *, now: datetime, limit: int) -> int:
    """Delete the exports that have expired: each file before its row, so that none is left. Return how many there were."""
    rows = await pool.fetch(_SQL["expired"], now, limit)
    for row in rows:
        await store.delete(object_key(row["id"]))
    return affected(await pool.execute(_SQL["delete"], [row["id"] for row in rows]))
