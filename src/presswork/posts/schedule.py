"""Schedule: create posts for later, or keep an intent that becomes posts when the content is approved; move them."""

import json
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

import asyncpg
from pydantic import JsonValue

from presswork.audit.model import Action
from presswork.audit.record import record_act
from presswork.callers.model import Principal
from presswork.core.errors import Invalid, PressworkError
from presswork.core.ids import POST, public_id
from presswork.core.timestamps import write_instant
from presswork.db.pool import Connection
from presswork.db.queries import load
from presswork.idempotency.stored_replies import IdempotencyConflict, IdempotentCall
from presswork.platforms.registry import Platforms
from presswork.posts.create_posts import CreatedPosts, PublishCommand, create_in_slot, create_posts, ids_for
from presswork.posts.model import PostState, require_schedulable
from presswork.posts.read import read_state, state_of
from presswork.posts.targets import Target, targets_of
from presswork.queues.model import Position, Queue
from presswork.queues.store import lock_queues
from presswork.queues.take_slot import choose_slot

_SQL: Final = load("presswork.posts")
_BATCH_SIZE: Final = 100
"""Intents read per statement."""


async def schedule(
    call: IdempotentCall[CreatedPosts],
    platforms: Platforms,
    container_id: UUID,
    targets: Sequence[Target],
    scheduled_for: datetime,
    *,
    caller: Principal,
    now: datetime,
    is_strict: bool = False,
) -> CreatedPosts:
    """Queue one post per target for an instant, or keep the call until the content is approved.

    Raises Replayed, Invalid if the instant is out of bounds, the refusals of `refusals.refuse` (except that content
    may wait for approval), IdempotencyConflict, DuplicateId, and with `is_strict` TargetsWouldFail. An error means that
    nothing was written.
    """
    try:
        require_schedulable(scheduled_for, now=now)
    except Invalid as refusal:
        # The instant may have been valid when the call was first sent: then its reply is replayed. An invalid body
        # takes precedence over a conflicting use of the key.
        with suppress(IdempotencyConflict):
            await call.raise_if_replied()
        raise refusal from None
    command = schedule_command(container_id, targets, scheduled_for, now=now, is_strict=is_strict)
    return await create_posts(call.pool, platforms, command, caller=caller, call=call, now=now)


def schedule_command(
    container_id: UUID, targets: Sequence[Target], scheduled_for: datetime, *, now: datetime, is_strict: bool = False
) -> PublishCommand:
    """Return the command of a schedule call, which may wait for approval."""
    return PublishCommand(
        container_id=container_id,
        targets=targets,
        post_ids=ids_for(targets),
        scheduled_for=scheduled_for,
        message=_first_line(scheduled_for, now=now, accepted="Accepted."),
        action=Action.CONTENT_SCHEDULE,
        is_strict=is_strict,
        may_wait=True,
    )


def _first_line(scheduled_for: datetime, *, now: datetime, accepted: str) -> str:
    if scheduled_for <= now:
        return f"{accepted} Due now."
    return f"{accepted} Due at {write_instant(scheduled_for)}."


@dataclass(frozen=True, slots=True, kw_only=True)
class Promotion:
    """The result of one intent: its posts, or why there are none."""

    scheduled_for: datetime
    post_ids: Sequence[UUID]
    refusal: PressworkError | None


async def promote_intents(
    connection: Connection, platforms: Platforms, container_id: UUID, *, caller: Principal, now: datetime
) -> Sequence[Promotion]:
    """Create the posts of a container's schedule intents, in the order of the calls, in the caller's transaction.

    Each intent is checked like a new call and is all or nothing. It is deleted whatever its result. A post whose time
    has passed meanwhile is due now, or takes the next free slot if it is of a queue.
    """
    places = {row["intent_id"]: row for row in await connection.fetch(_SQL["places_of_intents"], container_id)}
    queues = await lock_queues(connection, {row["queue_id"] for row in places.values()}) if places else {}
    promotions: dict[tuple[datetime, UUID], Promotion] = {}

    def is_late(intent: asyncpg.Record) -> bool:
        return intent["id"] in places and intent["scheduled_for"] <= now

    while intents := await connection.fetch(_SQL["take_intents"], container_id, _BATCH_SIZE):
        # Those that take another slot come last: none takes one that the next in the batch has.
        for intent in sorted(intents, key=lambda row: (is_late(row), row["created_at"], row["id"])):
            place = places.get(intent["id"])
            queue = None if place is None else queues.get(place["queue_id"])
            promotions[intent["created_at"], intent["id"]] = await _promote(
                connection,
                platforms,
                container_id,
                intent,
                queue,
                None if place is None else place["slot_at"],
                caller=caller,
                now=now,
            )
    return [promotions[key] for key in sorted(promotions)]


async def _promote(
    connection: Connection,
    platforms: Platforms,
    container_id: UUID,
    intent: asyncpg.Record,
    queue: Queue | None,
    slot_at: datetime | None,
    *,
    caller: Principal,
    now: datetime,
) -> Promotion:
    """Create the posts of one intent, or return why there are none. The caller has locked its queue."""
    targets = targets_of(intent["targets"])
    due, post_ids = intent["scheduled_for"], ids_for(targets)
    try:
        async with connection.transaction():  # a savepoint: the approval is kept even if this fails
            if queue is not None and due <= now:
                accounts = [target.social_account_id for target in targets]
                slot_at = await choose_slot(connection, queue, accounts, Position.NEXT, now=now)
                due = queue.scheduled_for(slot_at)
            command = PublishCommand(
                container_id=container_id,
                targets=targets,
                post_ids=post_ids,
                scheduled_for=due,
                message=_first_line(due, now=now, accepted="The content was approved."),
                action=None,  # the approval records it
                recurrence_id=intent["recurrence_id"],
            )
            if queue is None or slot_at is None:
                await create_posts(connection, platforms, command, caller=caller, now=now)
            else:
                await create_in_slot(connection, platforms, command, queue.id, slot_at, caller=caller, now=now)
    except PressworkError as error:
        return Promotion(scheduled_for=due, post_ids=(), refusal=error)
    return Promotion(scheduled_for=due, post_ids=post_ids, refusal=None)


async def drop_intents(connection: Connection, container_id: UUID) -> int:
    """Delete the schedule intents of a container and return how many there were."""
    return int(await connection.fetchval(_SQL["drop_intents"], container_id))


async def reschedule_post(
    connection: Connection, post_id: UUID, scheduled_for: datetime, *, visible_to: Principal, now: datetime
) -> PostState:
    """Change when a queued post is due, in the caller's transaction, and return it. A past instant makes it due now.

    Raises PostNotFound, PostNotReschedulable, and Invalid if the instant is out of bounds.
    """
    while True:
        state = await read_state(connection, post_id, visible_to=visible_to)
        state.reschedule(scheduled_for, now=now)
        detail = {
            "scheduledFor": write_instant(scheduled_for),
            "before": write_instant(state.scheduled_for),
            "by": visible_to.public_id,
        }
        row = await connection.fetchrow(
            _SQL["reschedule_post"],
            post_id,
            now,
            scheduled_for,
            scheduled_for if scheduled_for > now else None,
            f"Rescheduled. Due at {write_instant(scheduled_for)}.",
            json.dumps(detail),
        )
        if row is not None:
            moved: dict[str, JsonValue] = {"scheduledFor": detail["scheduledFor"], "before": detail["before"]}
            name = public_id(POST, post_id)
            await record_act(connection, Action.POST_RESCHEDULE, name, by=visible_to, now=now, detail=moved)
            return state_of(row)
        # A worker has claimed it since it was read: read the new state, which raises the right error.
