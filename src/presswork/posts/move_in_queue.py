"""Moving posts to other slots of their queue: one by an API call, or all of a queue, so that it has no gaps."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

import asyncpg
from pydantic import JsonValue

from presswork.audit.model import Action
from presswork.audit.record import record_act
from presswork.callers.model import Principal
from presswork.core.ids import POST, QUEUE, public_id
from presswork.core.timestamps import write_instant
from presswork.db.pool import Connection
from presswork.db.queries import load
from presswork.posts.model import PostState
from presswork.posts.read import read_state, state_of
from presswork.queues.model import PostNotInQueue, Queue, QueuedUnit, SlotTaken, close_gaps
from presswork.queues.store import MAX_HOLDS, lock_queue, read_holds

_SQL: Final = load("presswork.posts")


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueMove:
    """A post that changes its slot."""

    post_id: UUID
    before: datetime
    after: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Reshuffle:
    """The posts that change their slots, in their order."""

    is_dry_run: bool
    moves: Sequence[QueueMove]


async def move_in_queue(
    connection: Connection, post_id: UUID, slot_at: datetime, *, visible_to: Principal, now: datetime
) -> PostState:
    """Move a queued post to another slot of its queue, in the caller's transaction, and return it.

    Raises PostNotFound, PostNotInQueue, PostNotReschedulable, SlotTaken, and Invalid if the instant is no slot of the queue, or out
    of bounds.
    """
    while True:
        state = await read_state(connection, post_id, visible_to=visible_to)
        state.reschedule(slot_at, now=now)
        queue_id = await connection.fetchval(_SQL["find_queue_of"], post_id)
        if queue_id is None:
            raise PostNotInQueue(post_id)
        queue = await lock_queue(connection, queue_id, visible_to=visible_to)
        queue.require_slot(slot_at)
        found = await connection.fetchrow(_SQL["lock_slot"], post_id, queue_id)
        if found is None:
            continue  # it left its slot, or a worker claimed it: the state that is read next says so
        if found["slot_at"] == slot_at:
            return state_of(found)
        holds = await read_holds(connection, queue_id, slot_at, slot_at)
        taken_by = [hold.holder for hold in holds if hold.social_account_id == found["social_account_id"]]
        if taken_by:
            raise SlotTaken(queue_id, slot_at, taken_by)
        move = QueueMove(post_id=post_id, before=found["slot_at"], after=slot_at)
        (row,) = await _move(connection, queue, [move], {post_id: state.scheduled_for}, by=visible_to, now=now)
        detail: dict[str, JsonValue] = {
            "scheduledFor": write_instant(row["scheduled_for"]),
            "before": write_instant(state.scheduled_for),
            "slotAt": write_instant(slot_at),
        }
        name = public_id(POST, post_id)
        await record_act(connection, Action.POST_RESCHEDULE, name, by=visible_to, now=now, detail=detail)
        return state_of(row)


async def reshuffle(
    connection: Connection, queue_id: UUID, *, is_dry_run: bool, visible_to: Principal, now: datetime
) -> Reshuffle:
    """Move the queued posts of a queue to its first slots, in their order, in the caller's transaction: all, or none.

    The posts of one call in one slot stay together. What waits for approval stays where it is. Raises QueueNotFound, QueueFull,
    QueueWithoutSlots.
    """
    queue = await lock_queue(connection, queue_id, visible_to=visible_to)
    posts = await connection.fetch(_SQL["lock_slots"], queue_id, now, MAX_HOLDS)
    movable = {post["id"] for post in posts}
    holds = await read_holds(connection, queue_id, now, None)
    fixed = [hold for hold in holds if hold.post_id not in movable]
    moves = [
        QueueMove(post_id=post_id, before=unit.slot_at, after=slot_at)
        for unit, slot_at in close_gaps(queue, _units_of(posts), fixed, now=now)
        for post_id in unit.posts.values()
        if slot_at != unit.slot_at
    ]
    if moves and not is_dry_run:
        before = {post["id"]: post["scheduled_for"] for post in posts}
        if len(await _move(connection, queue, moves, before, by=visible_to, now=now)) != len(moves):
            raise RuntimeError("a post that is locked was not moved")
        detail: dict[str, JsonValue] = {"movedPosts": len(moves)}
        name = public_id(QUEUE, queue_id)
        await record_act(connection, Action.QUEUE_RESHUFFLE, name, by=visible_to, now=now, detail=detail)
    return Reshuffle(is_dry_run=is_dry_run, moves=moves)


def _units_of(posts: Sequence[asyncpg.Record]) -> Sequence[QueuedUnit]:
    """Return the posts as units that move together, in the order of their slots and then of their creation."""
    units: dict[tuple[datetime, UUID], dict[UUID, UUID]] = {}
    for post in sorted(posts, key=lambda row: (row["slot_at"], row["created_at"], row["id"])):
        units.setdefault((post["slot_at"], post["container_id"]), {})[post["social_account_id"]] = post["id"]
    return [QueuedUnit(slot_at=slot_at, posts=own) for (slot_at, _), own in units.items()]


async def _move(
    connection: Connection,
    queue: Queue,
    moves: Sequence[QueueMove],
    before: Mapping[UUID, datetime],
    *,
    by: Principal,
    now: datetime,
) -> Sequence[asyncpg.Record]:
    """Move locked posts; `before` is when they were due."""
    ids = [move.post_id for move in moves]
    times = [queue.scheduled_for(move.after) for move in moves]
    details = [
        json.dumps(
            {
                "scheduledFor": write_instant(due),
                "before": write_instant(before[move.post_id]),
                "slotAt": write_instant(move.after),
                "by": by.public_id,
            }
        )
        for move, due in zip(moves, times, strict=True)
    ]
    await connection.execute(_SQL["free_slots"], ids)
    return await connection.fetch(
        _SQL["move_posts"],
        queue.id,
        now,
        ids,
        [move.after for move in moves],
        times,
        details,
        "Moved to another slot of its queue.",
    )
