"""Rows of recurrences."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

import asyncpg

from presswork.callers.model import Principal
from presswork.callers.stored_caller import read_caller
from presswork.db.pool import Connection, Pool
from presswork.db.queries import load
from presswork.db.rows import FIRST, from_row
from presswork.posts.model import no_container
from presswork.posts.targets import targets_of, targets_text
from presswork.projects.store import find_project
from presswork.recurrences.model import Recurrence, RecurrenceNotFound, Rule, Timing

SQL: Final[Mapping[str, str]] = load("presswork.recurrences")


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnedRecurrence:
    """A recurrence with who asked for it, for whom its posts are made."""

    recurrence: Recurrence
    owner: Principal


def _owned(row: asyncpg.Record) -> OwnedRecurrence:
    owner = read_caller(row["caller"], organization_id=row["organization_id"], environment=row["environment"])
    timing = from_row(Timing, row, rule=from_row(Rule, row))
    return OwnedRecurrence(
        recurrence=from_row(Recurrence, row, timing=timing, targets=targets_of(row["targets"])), owner=owner
    )


async def find_recurrence(
    connection: Connection | Pool, recurrence_id: UUID, *, visible_to: Principal, now: datetime
) -> OwnedRecurrence:
    """Return a recurrence. Raises RecurrenceNotFound."""
    tenant = (visible_to.organization_id, visible_to.environment.value)
    row = await connection.fetchrow(SQL["find"], recurrence_id, *tenant, now)
    if row is None or not visible_to.may_see(row["project_id"]):
        raise RecurrenceNotFound
    return _owned(row)


async def lock_recurrence(
    connection: Connection, recurrence_id: UUID, *, visible_to: Principal, now: datetime
) -> OwnedRecurrence:
    """Lock the content of a recurrence, its project and then itself, and return it. Raises RecurrenceNotFound.

    In this order, neither a decision on the content nor archiving the project waits for the recurrence while it is waited for.
    """
    found = (await find_recurrence(connection, recurrence_id, visible_to=visible_to, now=now)).recurrence
    await lock_container(connection, found.container_id, visible_to=visible_to)
    await connection.fetchval(SQL["lock"], recurrence_id)
    return await find_recurrence(connection, recurrence_id, visible_to=visible_to, now=now)


async def lock_container(connection: Connection, container_id: UUID, *, visible_to: Principal) -> UUID:
    """Lock a container and then its project, and return the id of the project. Raises ContainerNotFound as `no_container`."""
    tenant = (visible_to.organization_id, visible_to.environment.value)
    project_id = await connection.fetchval(SQL["lock_container"], container_id, *tenant)
    if project_id is None or not visible_to.may_see(project_id):
        raise no_container()
    await find_project(connection, project_id, visible_to=visible_to, lock="share")
    return UUID(int=project_id.int)


async def list_of_container(
    pool: Pool,
    container_id: UUID,
    *,
    visible_to: Principal,
    after: tuple[datetime, UUID] | None,
    limit: int,
    now: datetime,
) -> Sequence[Recurrence]:
    """Return up to `limit` recurrences of a container, the oldest first. Raises what `no_container` returns."""
    tenant = (visible_to.organization_id, visible_to.environment.value)
    if await pool.fetchval(SQL["find_container"], container_id, *tenant) is None:
        raise no_container()
    rows = await pool.fetch(SQL["list_of_container"], container_id, now, *(after or FIRST), limit)
    return [_owned(row).recurrence for row in rows]


async def list_of_project(
    pool: Pool,
    project_id: UUID,
    *,
    visible_to: Principal,
    after: tuple[datetime, UUID] | None,
    limit: int,
    now: datetime,
) -> Sequence[Recurrence]:
    """Return up to `limit` recurrences of a project, the oldest first. Raises ProjectNotFound."""
    await find_project(pool, project_id, visible_to=visible_to)
    rows = await pool.fetch(SQL["list_of_project"], project_id, now, *(after or FIRST), limit)
    return [_owned(row).recurrence for row in rows]


async def write_recurrence(connection: Connection, recurrence: Recurrence, *, now: datetime) -> None:
    """Store what a recurrence says: its rule, targets and captions, and from which day on its occurrences are made."""
    timing = recurrence.timing
    document = {
        "every": timing.rule.every,
        "unit": timing.rule.unit.value,
        "weekdays": [day.value for day in timing.rule.weekdays],
        "month_day": timing.rule.month_day,
        "local_time": timing.local_time.isoformat(),
        "timezone": timing.timezone,
        "until": None if timing.until is None else timing.until.isoformat(),
        "max_count": timing.max_count,
        "targets": targets_text(recurrence.targets),
        "captions": list(recurrence.captions),
    }
    await connection.execute(
        SQL["write"],
        recurrence.id,
        now,
        recurrence.starts_on,
        recurrence.next_on,
        recurrence.made,
        json.dumps(document, ensure_ascii=False),
    )
