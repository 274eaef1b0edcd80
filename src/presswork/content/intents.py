"""Schedule intents: the schedule calls that wait until their content is approved. They can be moved and withdrawn."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from uuid import UUID

import asyncpg
from pydantic import JsonValue

from presswork.audit.model import Action
from presswork.audit.record import record_act
from presswork.callers.model import Principal
from presswork.content.store import SQL, find_container, lock_container
from presswork.core.errors import NotFound
from presswork.core.ids import CONTAINER, INTENT, public_id
from presswork.core.timestamps import write_instant
from presswork.db.pool import Connection, Pool
from presswork.db.rows import from_row
from presswork.posts.model import require_schedulable
from presswork.posts.targets import Target, targets_of

_MAX_LISTED: Final = 1_000
"""More than may wait on one container, for those that were accepted before there was a limit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Intent:
    """A schedule call that waits for approval. Instants in UTC."""

    id: UUID
    scheduled_for: datetime
    queue_id: UUID | None
    """The queue of whose slot it is."""
    slot_at: datetime | None
    recurrence_id: UUID | None
    """The recurrence of which it is an occurrence."""
    targets: Sequence[Target]
    created_at: datetime


class IntentNotFound(NotFound):
    """The intent does not exist, or the content was decided on."""

    sentence = (
        "No such schedule call waits on this content. When content is approved, its calls become scheduled posts; list "
        "those that wait with GET /v1/content/{containerId}/schedule-intents."
    )


async def read_intents(pool: Pool, container_id: UUID, *, visible_to: Principal) -> Sequence[Intent]:
    """Return the schedule calls that wait on a container, oldest first. Raises ContainerNotFound."""
    await find_container(pool, container_id, visible_to=visible_to)
    return [_intent(row) for row in await pool.fetch(SQL["list_intents"], container_id, _MAX_LISTED)]


async def move_intent(
    connection: Connection,
    container_id: UUID,
    intent_id: UUID,
    scheduled_for: datetime,
    *,
    visible_to: Principal,
    now: datetime,
) -> Intent:
    """Change the time of a waiting schedule call, in the caller's transaction.

    Raises ContainerNotFound, IntentNotFound, and Invalid if the instant is out of bounds.
    """
    require_schedulable(scheduled_for, now=now)
    intent = await _locked_intent(connection, container_id, intent_id, visible_to=visible_to)
    await connection.execute(SQL["move_intent"], intent.id, scheduled_for)
    detail: dict[str, JsonValue] = {
        "intent": public_id(INTENT, intent.id),
        "scheduledFor": write_instant(scheduled_for),
        "before": write_instant(intent.scheduled_for),
    }
    name = public_id(CONTAINER, container_id)
    await record_act(connection, Action.CONTENT_RESCHEDULE_INTENT, name, by=visible_to, now=now, detail=detail)
    return replace(intent, scheduled_for=scheduled_for)


async def withdraw_intent(
    connection: Connection, container_id: UUID, intent_id: UUID, *, visible_to: Principal, now: datetime
) -> Intent:
    """Drop a waiting schedule call, in the caller's transaction, and return it. Raises ContainerNotFound, IntentNotFound."""
    intent = await _locked_intent(connection, container_id, intent_id, visible_to=visible_to)
    row = await connection.fetchrow(SQL["withdraw_intent"], intent.id)
    if row is not None and row["slot"] is not None and row["recurrence_id"] is not None:
        await connection.execute(SQL["hand_slot_on"], container_id, row["recurrence_id"], row["slot"])
    detail: dict[str, JsonValue] = {
        "intent": public_id(INTENT, intent.id),
        "scheduledFor": write_instant(intent.scheduled_for),
    }
    name = public_id(CONTAINER, container_id)
    await record_act(connection, Action.CONTENT_WITHDRAW_INTENT, name, by=visible_to, now=now, detail=detail)
    return intent


async def _locked_intent(
    connection: Connection, container_id: UUID, intent_id: UUID, *, visible_to: Principal
) -> Intent:
    """Lock the container, so that it is not decided on meanwhile, and return one of its intents."""
    await lock_container(connection, container_id, visible_to=visible_to)
    row = await connection.fetchrow(SQL["find_intent"], container_id, intent_id)
    if row is None:
        raise IntentNotFound
    return _intent(row)


def _intent(row: asyncpg.Record) -> Intent:
    return from_row(Intent, row, targets=targets_of(row["targets"]))
