"""Schedule in a queue: the posts of a call take its next free slot, or its last.

In one transaction the queue is locked, its taken slots are read, and the posts are created with their hold of the slot. So of calls
at the same time each one gets its own slot, and a call that is refused takes none.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from presswork.callers.model import Principal
from presswork.db.pool import Connection
from presswork.db.queries import load
from presswork.idempotency.stored_replies import IdempotentCall
from presswork.platforms.registry import Platforms
from presswork.posts.create_posts import CreatedPosts, create_in_slot
from presswork.posts.model import no_container
from presswork.posts.schedule import schedule_command
from presswork.posts.targets import Target
from presswork.queues.model import QueueChoice
from presswork.queues.store import lock_queue_of
from presswork.queues.take_slot import choose_slot

_SQL: Final = load("presswork.posts")


async def schedule_in_queue(
    call: IdempotentCall[CreatedPosts],
    platforms: Platforms,
    container_id: UUID,
    targets: Sequence[Target],
    choice: QueueChoice,
    *,
    caller: Principal,
    now: datetime,
    is_strict: bool = False,
) -> CreatedPosts:
    """Queue one post per target in one slot, or keep the call with its slot until the content is approved.

    Raises Replayed, QueueNotFound, NoDefaultQueue, QueueFull, QueueWithoutSlots, Invalid for an account that the queue does not
    take, and what `schedule` raises. An error means that nothing was written.
    """
    return await call.run(
        lambda connection: take_slot(
            connection, platforms, container_id, targets, choice, caller=caller, now=now, is_strict=is_strict
        )
    )


async def take_slot(
    connection: Connection,
    platforms: Platforms,
    container_id: UUID,
    targets: Sequence[Target],
    choice: QueueChoice,
    *,
    caller: Principal,
    now: datetime,
    is_strict: bool = False,
) -> CreatedPosts:
    """Do it in the caller's transaction, which holds no lock that comes after a queue's (db/errors.py)."""
    tenant = (caller.organization_id, caller.environment.value)
    project_id = await connection.fetchval(_SQL["lock_place"], *tenant, container_id)
    if project_id is None:
        raise no_container()
    queue = await lock_queue_of(connection, project_id, choice.queue_id, visible_to=caller)
    accounts = [target.social_account_id for target in targets]
    queue.require_accounts(accounts)
    slot_at = await choose_slot(connection, queue, accounts, choice.position, now=now)
    command = schedule_command(container_id, targets, queue.scheduled_for(slot_at), now=now, is_strict=is_strict)
    return await create_in_slot(connection, platforms, command, queue.id, slot_at, caller=caller, now=now)
