"""Taking a slot of a queue: who takes one has locked the queue, so that two calls never take the same."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from presswork.callers.model import Principal
from presswork.db.pool import Connection
from presswork.queues.model import Position, Queue, QueueChoice, QueueFull
from presswork.queues.store import SQL, find_queue_of


async def choose_slot(
    connection: Connection,
    queue: Queue,
    accounts: Sequence[UUID],
    position: Position,
    *,
    now: datetime,
    leaving: Sequence[UUID] = (),
) -> datetime:
    """Return the first slot of a queue that is free for all accounts, or with LAST the first after all that are taken.

    Slots of the posts that are `leaving` theirs count as free. Raises QueueFull, QueueWithoutSlots.
    """
    after: datetime | None = None
    taken: set[datetime] = set()
    if position is Position.LAST:
        after = await connection.fetchval(SQL["last_slot"], queue.id, leaving)
    else:
        rows = await connection.fetch(SQL["taken_slots"], queue.id, now, accounts, leaving)
        taken = {row["slot_at"] for row in rows}
    for slot_at in queue.open_slots(now, after=after):
        if slot_at not in taken:
            return slot_at
    raise QueueFull(queue.id)


async def find_due_time(
    connection: Connection,
    project_id: UUID,
    accounts: Sequence[UUID],
    choice: QueueChoice,
    *,
    visible_to: Principal,
    now: datetime,
) -> datetime:
    """Return when the posts of a call would be due that takes a slot now. Nothing is taken.

    Raises QueueNotFound, NoDefaultQueue, QueueFull, QueueWithoutSlots, and Invalid for an account that the queue does not take.
    """
    queue = await find_queue_of(connection, project_id, choice.queue_id, visible_to=visible_to)
    queue.require_accounts(accounts)
    return queue.scheduled_for(await choose_slot(connection, queue, accounts, choice.position, now=now))


async def hold_slot(
    connection: Connection,
    queue_id: UUID,
    slot_at: datetime,
    accounts: Sequence[UUID],
    *,
    posts: Sequence[UUID],
    intent_id: UUID | None,
) -> None:
    """Write that a slot is taken for accounts: by one post each, in the same order, or by a call that waits for approval."""
    await connection.execute(SQL["hold_slot"], queue_id, slot_at, accounts, posts, intent_id)
