"""Moving posts into slots of a queue: those of one call, or all of a queue, so that it has no gaps."""

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
from presswork.queues.model import (
    Position,
    PostNotInQueue,
    Queue,
    QueueChoice,
    QueuedUnit,
    SlotTaken,
    close_gaps,
)
from presswork.queues.store import MAX_HOLDS, find_queue_of, lock_queue, lock_queues, read_holds
from presswork.queues.store import SQL as QUEUES
from presswork.queues.take_slot import choose_slot

_SQL: Final = load("presswork.posts")
_MAX_TOGETHER: Final = 500
"""The most posts that move together."""


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
    (state,) = await move_to_queue(connection, post_id, None, slot_at=slot_at, visible_to=visible_to, now=now)
    return state


async def move_to_queue(
    connection: Connection,
    post_id: UUID,
    choice: QueueChoice | None,
    *,
    slot_at: datetime | None = None,
    is_together: bool = False,
    visible_to: Principal,
    now: datetime,
) -> Sequence[PostState]:
    """Move a queued post into a slot of a queue, in the caller's transaction, and return it.

    Without a choice it is the queue that the post is in. Without `slot_at` the choice says which free slot; its own counts as free.
    With `is_together`, the other queued posts of the content that are due at the same time move into the same slot, and are
    returned after it. Raises PostNotFound, PostNotInQueue, PostNotReschedulable, QueueNotFound, NoDefaultQueue, QueueFull,
    QueueWithoutSlots, SlotTaken, and Invalid if the instant is no slot or out of bounds, or the queue does not take an account.
    """
    while True:
        state = await read_state(connection, post_id, visible_to=visible_to)
        state.reschedule(slot_at or now, now=now, path="slotAt")
        found = await connection.fetch(_SQL["find_movable"], post_id, is_together, _MAX_TOGETHER)
        own = {row["id"]: row for row in found}.get(post_id)
        if own is None:
            continue  # a worker claimed it: the state that is read next says so
        if choice is None and own["queue_id"] is None:
            raise PostNotInQueue(post_id)
        queue_id = own["queue_id"]
        if choice is not None:
            queue_id = (await find_queue_of(connection, own["project_id"], choice.queue_id, visible_to=visible_to)).id
        # Those that the posts leave, too: a reshuffle of one waits, and finds the posts gone.
        left = {row["queue_id"] for row in found if row["queue_id"] is not None}
        queue = (await lock_queues(connection, {queue_id, *left})).get(queue_id)
        locked = await connection.fetch(_SQL["lock_movable"], [row["id"] for row in found])
        if queue is None or (choice is not None and choice.queue_id is None and not queue.is_default):
            continue  # it was deleted, or another one is the default now
        if [_place_of(row) for row in locked] != [_place_of(row) for row in found]:
            continue  # one of them was moved, or claimed
        slot = await _choose_slot(connection, queue, locked, choice, slot_at, now=now)
        states = await _move_into(connection, queue, slot, locked, by=visible_to, now=now)
        return sorted(states, key=lambda state: (state.id != post_id, state.id))


def _place_of(row: asyncpg.Record) -> tuple[UUID, UUID | None, datetime]:
    """Return what must not have changed between reading a post and locking it."""
    return row["id"], row["queue_id"], row["scheduled_for"]


async def _choose_slot(
    connection: Connection,
    queue: Queue,
    posts: Sequence[asyncpg.Record],
    choice: QueueChoice | None,
    slot_at: datetime | None,
    *,
    now: datetime,
) -> datetime:
    """Return the slot that locked posts get, which is the wanted one, or a free one."""
    accounts = [post["social_account_id"] for post in posts]
    if choice is not None:
        queue.require_movable(accounts)
    ids = [post["id"] for post in posts]
    if slot_at is None:
        position = Position.NEXT if choice is None else choice.position
        return await choose_slot(connection, queue, accounts, position, now=now, leaving=ids)
    queue.require_slot(slot_at)
    holds = await read_holds(connection, queue.id, slot_at, slot_at)
    taken_by = [hold.holder for hold in holds if hold.social_account_id in accounts and hold.post_id not in ids]
    if taken_by:
        raise SlotTaken(queue.id, slot_at, taken_by)
    return slot_at


async def _move_into(
    connection: Connection,
    queue: Queue,
    slot_at: datetime,
    posts: Sequence[asyncpg.Record],
    *,
    by: Principal,
    now: datetime,
) -> Sequence[PostState]:
    """Move locked posts into a slot of the locked queue, as far as they are not in it, and return all of them."""
    moving = [post for post in posts if (post["queue_id"], post["slot_at"]) != (queue.id, slot_at)]
    states = [state_of(post) for post in posts if (post["queue_id"], post["slot_at"]) == (queue.id, slot_at)]
    if moving:
        # A trigger frees the slot of a post that gets another time, as it would do if its instant is the same in both queues.
        await connection.execute(QUEUES["leave_slots"], [post["id"] for post in moving if post["queue_id"] != queue.id])
        moves = [QueueMove(post_id=post["id"], before=post["scheduled_for"], after=slot_at) for post in moving]
        before = {post["id"]: post["scheduled_for"] for post in moving}
        states += [state_of(row) for row in await _move(connection, queue, moves, before, by=by, now=now)]
    for post in moving:
        detail: dict[str, JsonValue] = {
            "scheduledFor": write_instant(queue.scheduled_for(slot_at)),
            "before": write_instant(post["scheduled_for"]),
            "queueId": public_id(QUEUE, queue.id),
            "slotAt": write_instant(slot_at),
        }
        await record_act(connection, Action.POST_RESCHEDULE, public_id(POST, post["id"]), by=by, now=now, detail=detail)
    return states


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
    """Move locked posts into slots of a locked queue; `before` is when they were due."""
    ids = [move.post_id for move in moves]
    times = [queue.scheduled_for(move.after) for move in moves]
    details = [
        json.dumps(
            {
                "scheduledFor": write_instant(due),
                "before": write_instant(before[move.post_id]),
                "queueId": public_id(QUEUE, queue.id),
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
        "Moved to a slot of a queue.",
    )
