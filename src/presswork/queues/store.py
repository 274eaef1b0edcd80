"""Queues of a project: create, find, list, change and delete them, and which slots are taken."""

import json
from collections.abc import Mapping, Sequence, Set
from dataclasses import asdict, replace
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import asyncpg
from pydantic import JsonValue

from presswork.audit.model import Action
from presswork.audit.record import record_act
from presswork.callers.model import Principal
from presswork.core.errors import Invalid, Issue, IssueCode
from presswork.core.ids import ACCOUNT, QUEUE, new_id, public_id
from presswork.db.pool import Connection, Pool
from presswork.db.queries import load
from presswork.db.rows import FIRST, from_row
from presswork.projects.model import Project
from presswork.projects.store import find_project
from presswork.queues.model import (
    HORIZON,
    MAX_QUEUES,
    Hold,
    NoDefaultQueue,
    Queue,
    QueueChanges,
    QueueNotFound,
    Refill,
    Slot,
    TakenSlot,
    TooManyQueues,
    list_slots,
)

SQL: Final = load("presswork.queues")
MAX_HOLDS: Final = 1_000_000
"""More than a queue has: its slots of a year, for each account of a project."""


async def create_queue(
    connection: Connection, project_id: UUID, wanted: QueueChanges, *, owner: Principal, now: datetime
) -> Queue:
    """Create a queue with a name, in the caller's transaction. The first one of a project is its default.

    Raises ProjectNotFound, ProjectArchived, TooManyQueues, and Invalid for an account that is not the project's.
    """
    project = await _lock_project(connection, project_id, visible_to=owner)
    new = replace(
        Queue(
            id=new_id(),
            project_id=project_id,
            name="",
            timezone=project.timezone,
            slots=(),
            account_ids=None,
            is_default=False,
            jitter_minutes=0,
            paused_until=None,
            refill=None,
            created_at=now,
            updated_at=now,
        ),
        **wanted,
    )
    await _require_accounts(connection, new, visible_to=owner)
    if new.is_default:
        await connection.execute(SQL["unset_default"], project_id)
    elif not await connection.fetchval(SQL["has_default"], project_id):
        new = replace(new, is_default=True)
    tenant = (owner.organization_id, owner.environment.value)
    row = await connection.fetchrow(SQL["insert_queue"], new.id, project_id, *tenant, _document(new), now, MAX_QUEUES)
    if row is None:
        raise TooManyQueues
    await _record(connection, Action.QUEUE_CREATE, new.id, by=owner, now=now, detail={"name": new.name})
    return _queue(row)


async def find_queue(connection: Connection | Pool, queue_id: UUID, *, visible_to: Principal) -> Queue:
    """Return a queue. Raises QueueNotFound."""
    row = await connection.fetchrow(
        SQL["find_queue"], visible_to.organization_id, visible_to.environment.value, queue_id
    )
    return _seen(row, visible_to)


async def list_queues(
    pool: Pool, project_id: UUID, *, visible_to: Principal, after: tuple[datetime, UUID] | None, limit: int
) -> Sequence[Queue]:
    """Return up to `limit` queues of a project, the oldest first. Raises ProjectNotFound."""
    await find_project(pool, project_id, visible_to=visible_to)
    rows = await pool.fetch(SQL["list_queues"], project_id, *(after or FIRST), limit)
    return [_queue(row) for row in rows]


async def lock_queue(connection: Connection, queue_id: UUID, *, visible_to: Principal) -> Queue:
    """Return a queue, whose slots no one else takes until the transaction ends. Raises QueueNotFound."""
    row = await connection.fetchrow(
        SQL["lock_queue"], visible_to.organization_id, visible_to.environment.value, queue_id
    )
    return _seen(row, visible_to)


async def lock_queue_of(
    connection: Connection, project_id: UUID, queue_id: UUID | None, *, visible_to: Principal
) -> Queue:
    """Return a queue of a project, or its default queue, like `lock_queue`. Raises QueueNotFound, NoDefaultQueue."""
    if queue_id is not None:
        return _require_of(await lock_queue(connection, queue_id, visible_to=visible_to), project_id)
    tenant = (visible_to.organization_id, visible_to.environment.value)
    row = await connection.fetchrow(SQL["lock_default_queue"], *tenant, project_id)
    if row is None:
        raise NoDefaultQueue
    return _queue(row)


async def find_queue_of(
    connection: Connection | Pool, project_id: UUID, queue_id: UUID | None, *, visible_to: Principal
) -> Queue:
    """Return a queue of a project, or its default queue, like `lock_queue_of` without a lock."""
    if queue_id is None:
        tenant = (visible_to.organization_id, visible_to.environment.value)
        row = await connection.fetchrow(SQL["find_default_queue"], *tenant, project_id)
        if row is None:
            raise NoDefaultQueue
        return _queue(row)
    return _require_of(await find_queue(connection, queue_id, visible_to=visible_to), project_id)


async def lock_queues(connection: Connection, ids: Set[UUID]) -> Mapping[UUID, Queue]:
    """Return queues by their id, like `lock_queue`; those that exist."""
    return {row["id"]: _queue(row) for row in await connection.fetch(SQL["lock_queues"], sorted(ids))}


async def change_queue(
    connection: Connection, queue_id: UUID, changes: QueueChanges, *, visible_to: Principal, now: datetime
) -> Queue:
    """Change a queue, in the caller's transaction; posts stay where they are.

    Raises QueueNotFound, ProjectArchived, and Invalid for an account that is not the project's.
    """
    found = await find_queue(connection, queue_id, visible_to=visible_to)
    await _lock_project(connection, found.project_id, visible_to=visible_to)
    queue = await lock_queue(connection, queue_id, visible_to=visible_to)
    if not changes:
        return queue
    changed = replace(queue, **changes, updated_at=now)
    if "account_ids" in changes:
        await _require_accounts(connection, changed, visible_to=visible_to)
    if changed.is_default and not queue.is_default:
        await connection.execute(SQL["unset_default"], queue.project_id)
    await connection.execute(SQL["update_queue"], queue_id, _document(changed), now)
    fields: list[JsonValue] = [*sorted(changes)]
    await _record(connection, Action.QUEUE_UPDATE, queue_id, by=visible_to, now=now, detail={"fields": fields})
    return changed


async def delete_queue(connection: Connection, queue_id: UUID, *, visible_to: Principal, now: datetime) -> Queue:
    """Delete a queue, in the caller's transaction, and return it. Its queued posts keep their times and leave it.

    If it was the default, the oldest other one becomes it. Raises QueueNotFound.
    """
    found = await find_queue(connection, queue_id, visible_to=visible_to)
    await find_project(connection, found.project_id, visible_to=visible_to, lock="update")
    queue = await lock_queue(connection, queue_id, visible_to=visible_to)
    posts = [row["id"] for row in await connection.fetch(SQL["lock_queued_posts"], queue_id)]
    await connection.execute(SQL["leave_slots"], posts)
    await connection.execute(SQL["delete_queue"], queue_id)
    if queue.is_default:
        await connection.execute(SQL["set_oldest_default"], queue.project_id)
    detail: dict[str, JsonValue] = {"name": queue.name, "queuedPosts": len(posts)}
    await _record(connection, Action.QUEUE_DELETE, queue_id, by=visible_to, now=now, detail=detail)
    return queue


async def read_slots(
    pool: Pool, queue_id: UUID, *, start: datetime | None, count: int, visible_to: Principal, now: datetime
) -> Sequence[TakenSlot]:
    """Return the next `count` slots of a queue from an instant on, now by default, with what takes them.

    It may be up to a year ago or ahead. Raises QueueNotFound, Invalid.
    """
    start = start or now
    if abs(start - now) > HORIZON:
        problem = f"is more than {HORIZON.days} days away. Send a time that is nearer."
        raise Invalid([Issue.at("from", problem, IssueCode.TOO_FAR_AHEAD)])
    queue = await find_queue(pool, queue_id, visible_to=visible_to)
    until = now + HORIZON + timedelta(days=1)
    last = _find_end(queue, start, until=until, count=count)
    return list_slots(queue, await read_holds(pool, queue_id, start, last), start, until=last, count=count)


async def read_holds(
    connection: Connection | Pool, queue_id: UUID, start: datetime, until: datetime | None
) -> Sequence[Hold]:
    """Return which slots are taken between two instants, both inclusive, or from one on; in order."""
    rows = await connection.fetch(SQL["list_holds"], queue_id, start, until, MAX_HOLDS)
    return [from_row(Hold, row) for row in rows]


def _find_end(queue: Queue, start: datetime, *, until: datetime, count: int) -> datetime:
    """Return the instant of the `count`th slot from `start` on, or `until` if there are fewer."""
    for number, instant in enumerate(queue.instants(start, until=until), 1):
        if number == count:
            return instant
    return until


async def _lock_project(connection: Connection, project_id: UUID, *, visible_to: Principal) -> Project:
    """Lock the project, so that of two changes of its default queue one comes first."""
    project = await find_project(connection, project_id, visible_to=visible_to, lock="update")
    return project.require_active()


async def _require_accounts(connection: Connection, queue: Queue, *, visible_to: Principal) -> None:
    if queue.account_ids is None:
        return
    tenant = (visible_to.organization_id, visible_to.environment.value)
    rows = await connection.fetch(SQL["accounts_of"], *tenant, queue.project_id, list(queue.account_ids))
    known = {row["id"] for row in rows}
    issues = [
        Issue.at(
            f"socialAccountIds[{index}]",
            f"is {public_id(ACCOUNT, account)}, which is no connected account of this project. Send one that is.",
            IssueCode.UNKNOWN_ACCOUNT,
        )
        for index, account in enumerate(queue.account_ids)
        if account not in known
    ]
    if issues:
        raise Invalid(issues)


def _seen(row: asyncpg.Record | None, caller: Principal) -> Queue:
    if row is None or not caller.may_see(row["project_id"]):
        raise QueueNotFound
    return _queue(row)


def _require_of(queue: Queue, project_id: UUID) -> Queue:
    if queue.project_id != project_id:
        raise QueueNotFound(queueId=public_id(QUEUE, queue.id))
    return queue


def _queue(row: asyncpg.Record) -> Queue:
    refill = None if row["refill"] is None else Refill(**json.loads(row["refill"]))
    return from_row(Queue, row, slots=tuple(Slot.read(text) for text in row["slots"]), refill=refill)


def _document(queue: Queue) -> str:
    """Return the columns of a queue that can be changed."""
    return json.dumps(
        {
            "name": queue.name,
            "timezone": queue.timezone,
            "slots": [str(slot) for slot in queue.slots],
            "account_ids": None if queue.account_ids is None else [str(account) for account in queue.account_ids],
            "is_default": queue.is_default,
            "jitter_minutes": queue.jitter_minutes,
            "paused_until": None if queue.paused_until is None else queue.paused_until.isoformat(),
            "refill": None if queue.refill is None else asdict(queue.refill),
        }
    )


async def _record(
    connection: Connection,
    action: Action,
    queue_id: UUID,
    *,
    by: Principal,
    now: datetime,
    detail: dict[str, JsonValue],
) -> None:
    await record_act(connection, action, public_id(QUEUE, queue_id), by=by, now=now, detail=detail)
