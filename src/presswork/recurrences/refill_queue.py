"""Evergreen content: fill the free slots of a queue with content that has its label, the least recently used first."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from presswork.callers.model import Principal
from presswork.core.enums import Mode
from presswork.core.errors import PressworkError
from presswork.core.ids import ACCOUNT, public_id
from presswork.core.timestamps import write_instant
from presswork.db.pool import Connection, Pool
from presswork.db.queries import load
from presswork.platforms.registry import Platforms
from presswork.posts.create_posts import PublishCommand, create_in_slot, ids_for
from presswork.posts.known_problems import TargetsWouldFail
from presswork.posts.targets import Target
from presswork.projects.model import ProjectStatus
from presswork.projects.store import find_project
from presswork.queues.model import Queue, QueueWithoutSlots, Refill
from presswork.queues.store import lock_queue, read_holds

SQL: Final[Mapping[str, str]] = load("presswork.recurrences", "refills.sql")
FILLED_AHEAD: Final = timedelta(days=7)
"""How far ahead free slots are filled."""
_MAX_CANDIDATES: Final = 20
"""The most contents that are tried for one slot."""


async def refill_queue(
    pool: Pool, platforms: Platforms, queue_id: UUID, project_id: UUID, *, owner: Principal, now: datetime
) -> int:
    """Fill the free slots of a queue, each in a transaction of its own that locks the queue; return how many were filled.

    A slot is free if nothing takes it for any account, and it was not filled before: a post that is canceled leaves it empty.
    Raises QueueNotFound if the queue was deleted.
    """
    filled, after = 0, now
    while True:
        async with pool.acquire() as connection, connection.transaction():
            project = await find_project(connection, project_id, visible_to=owner, lock="share")
            queue = await lock_queue(connection, queue_id, visible_to=owner)
            if project.status is not ProjectStatus.ACTIVE or queue.refill is None:
                return filled
            slot_at = await _find_free_slot(connection, queue, after, now=now)
            if slot_at is None:
                return filled
            filled += await _fill_slot(connection, platforms, queue, queue.refill, slot_at, owner=owner, now=now)
            after = slot_at + timedelta(microseconds=1)


async def _find_free_slot(connection: Connection, queue: Queue, after: datetime, *, now: datetime) -> datetime | None:
    until = now + FILLED_AHEAD
    taken = {hold.slot_at for hold in await read_holds(connection, queue.id, now, until)}
    taken |= {row["slot_at"] for row in await connection.fetch(SQL["filled_slots"], queue.id, now)}
    try:
        slots = queue.open_slots(now)
        return next((at for at in slots if after <= at <= until and at not in taken), None)
    except QueueWithoutSlots:
        return None


async def _fill_slot(
    connection: Connection,
    platforms: Platforms,
    queue: Queue,
    refill: Refill,
    slot_at: datetime,
    *,
    owner: Principal,
    now: datetime,
) -> bool:
    """Fill a slot with the first content that an account of the queue can publish, and return whether there is one."""
    rows = await connection.fetch(SQL["accounts"], queue.project_id, queue.account_ids)
    accounts = [row["id"] for row in rows]
    candidates = await connection.fetch(
        SQL["candidates"],
        queue.project_id,
        refill.label,
        slot_at,
        timedelta(days=refill.cooldown_days),
        refill.maximum_uses,
        queue.id,
        _MAX_CANDIDATES,
    )
    for candidate in candidates:
        posts = await _create(connection, platforms, queue, candidate["id"], accounts, slot_at, owner=owner, now=now)
        if posts:
            await connection.execute(SQL["insert_refill"], queue.id, slot_at, candidate["id"], posts, now)
            return True
    return False


async def _create(
    connection: Connection,
    platforms: Platforms,
    queue: Queue,
    container_id: UUID,
    accounts: Sequence[UUID],
    slot_at: datetime,
    *,
    owner: Principal,
    now: datetime,
) -> Sequence[UUID]:
    """Create the posts of a slot for those accounts that can publish the content, and return them; none if no account can."""
    due = queue.scheduled_for(slot_at)
    targets = [Target(social_account_id=account, mode=Mode.PUBLISH) for account in accounts]
    while targets:
        command = PublishCommand(
            container_id=container_id,
            targets=targets,
            post_ids=ids_for(targets),
            scheduled_for=due,
            message=f"Fills a free slot of the queue {queue.name}. Due at {write_instant(due)}.",
            action=None,  # no one asked for this post
            is_strict=True,
        )
        try:
            async with connection.transaction():
                await create_in_slot(connection, platforms, command, queue.id, slot_at, caller=owner, now=now)
        except PressworkError as refusal:
            unfit = _unfit_accounts(refusal)
            left = [target for target in targets if public_id(ACCOUNT, target.social_account_id) not in unfit]
            targets = left if len(left) < len(targets) else []
            continue
        return command.post_ids
    return ()


def _unfit_accounts(refusal: PressworkError) -> set[object]:
    """Return the public ids of the accounts that a refusal names; none if it is about the content."""
    if isinstance(refusal, TargetsWouldFail):
        return {public_id(ACCOUNT, failure.social_account_id) for failure in refusal.failures}
    return {refusal.details.get("socialAccountId")}
