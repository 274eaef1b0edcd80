"""Erasures: ask for one, and read the receipts."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

import asyncpg

from presswork.audit.model import Action
from presswork.audit.record import record_act
from presswork.callers.model import Principal
from presswork.core.ids import ERASURE, PROJECT, new_id, public_id
from presswork.db.pool import Connection, Pool
from presswork.db.queries import load
from presswork.db.rows import LAST, from_row
from presswork.lifecycle.erasure_model import (
    Erasure,
    ErasureNotConfirmed,
    ErasureNotFound,
    PostsInFlight,
    ProjectNotArchived,
)
from presswork.projects.model import ProjectStatus
from presswork.projects.store import find_project

SQL: Final = load("presswork.lifecycle", "erasures.sql")


async def request_erasure(
    connection: Connection, project_id: UUID, *, is_confirmed: bool, visible_to: Principal, now: datetime
) -> Erasure:
    """Start the erasure of an archived project, in the caller's transaction, or return the one that runs.

    Raises ProjectNotFound, ErasureNotConfirmed, ProjectNotArchived, PostsInFlight.
    """
    project = await find_project(connection, project_id, visible_to=visible_to, lock="update")
    if not is_confirmed:
        raise ErasureNotConfirmed
    if (row := await connection.fetchrow(SQL["find_of_project"], project.id)) is not None:
        return _erasure(row)
    if project.status is not ProjectStatus.ARCHIVED:
        raise ProjectNotArchived(project.id)
    if in_flight := await connection.fetchval(SQL["count_in_flight"], project.id):
        raise PostsInFlight(project.id, in_flight)
    erasure_id = new_id()
    row = await connection.fetchrow(
        SQL["create"],
        erasure_id,
        project.id,
        project.name,
        project.organization_id,
        project.environment.value,
        visible_to.actor.kind if visible_to.login_name is not None else visible_to.public_id,
        now,
    )
    detail = {"erasureId": public_id(ERASURE, erasure_id)}
    await record_act(
        connection, Action.PROJECT_ERASE, public_id(PROJECT, project.id), by=visible_to, now=now, detail=detail
    )
    return _erasure(row)


async def read_erasure(connection: "Connection | Pool", erasure_id: UUID, *, visible_to: Principal) -> Erasure:
    """Return an erasure. Raises ErasureNotFound."""
    row = await connection.fetchrow(SQL["find"], erasure_id, visible_to.organization_id, visible_to.environment.value)
    if row is None or not visible_to.may_see(row["project_id"]):
        raise ErasureNotFound
    return _erasure(row)


async def list_erasures(
    pool: Pool, *, visible_to: Principal, before: tuple[datetime, UUID] | None, limit: int
) -> Sequence[Erasure]:
    """Return up to `limit` erasures of the caller's organization and environment, the newest first."""
    rows = await pool.fetch(
        SQL["list_erasures"],
        visible_to.organization_id,
        visible_to.environment.value,
        *(before or LAST),
        limit,
        None if visible_to.project_ids is None else list(visible_to.project_ids),
    )
    return [_erasure(row) for row in rows]


def _erasure(row: asyncpg.Record | None) -> Erasure:
    if row is None:
        raise RuntimeError("the statement returned no erasure")
    return from_row(Erasure, row, counts=json.loads(row["counts"]))
