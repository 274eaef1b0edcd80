"""Make occurrences: ordinary posts, or calls that wait for approval, as far ahead as the horizon."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import structlog

from presswork.callers.model import Principal
from presswork.core.backoff import backoff
from presswork.core.errors import PressworkError
from presswork.core.ids import RECURRENCE, new_id, public_id
from presswork.core.json_text import compact_json
from presswork.core.timestamps import write_instant
from presswork.db.pool import Connection, Pool
from presswork.platforms.registry import Platforms
from presswork.posts.create_posts import PublishCommand, create_posts
from presswork.posts.targets import Target
from presswork.recurrences.model import HORIZON, Occurrence, Recurrence
from presswork.recurrences.store import SQL, OwnedRecurrence, lock_recurrence

log = structlog.get_logger()

_FIRST_RETRY: Final = timedelta(minutes=5)
_LAST_RETRY: Final = timedelta(hours=6)


async def make_occurrences(
    connection: Connection, platforms: Platforms, owned: OwnedRecurrence, *, now: datetime, max_made: int | None = None
) -> bool:
    """Make the next occurrences of a locked recurrence in the caller's transaction, and return whether more are due.

    One whose time has passed is left out, and so is one that was made before. Raises the refusals of `create_posts`.
    """
    recurrence, made = owned.recurrence, 0
    if recurrence.next_on is None:
        return False
    for occurrence in recurrence.upcoming:
        if not recurrence.has_room:
            break
        if occurrence.at <= now:
            continue
        if occurrence.at > now + HORIZON or made == max_made:
            await _advance(connection, recurrence, occurrence)
            return occurrence.at <= now + HORIZON
        if await _make(connection, platforms, recurrence, occurrence, owner=owned.owner, now=now):
            recurrence = replace(recurrence, made=recurrence.made + 1)
            made += 1
    await _advance(connection, recurrence, None)
    return False


async def _make(
    connection: Connection,
    platforms: Platforms,
    recurrence: Recurrence,
    occurrence: Occurrence,
    *,
    owner: Principal,
    now: datetime,
) -> bool:
    """Make one occurrence, and return whether it was made: not if it was made before."""
    targets: Sequence[Target] = [
        replace(target, scheduled_post_id=new_id()) for target in recurrence.targets_of_next()
    ]  # chosen here, so that they are known while the call waits
    post_ids = [target.scheduled_post_id for target in targets if target.scheduled_post_id is not None]
    if not await connection.fetchval(
        SQL["insert_occurrence"], recurrence.id, occurrence.day, occurrence.at, post_ids, now
    ):
        return False
    command = PublishCommand(
        container_id=recurrence.container_id,
        targets=targets,
        post_ids=post_ids,
        scheduled_for=occurrence.at,
        message=f"Made for a recurring post. Due at {write_instant(occurrence.at)}.",
        action=None,  # the call that made the recurrence is in the log
        may_wait=True,
        recurrence_id=recurrence.id,
    )
    await create_posts(connection, platforms, command, caller=owner, now=now)
    return True


async def _advance(connection: Connection, recurrence: Recurrence, following: Occurrence | None) -> None:
    """Store from where on occurrences are made, and when; without one, that the last one ends the recurrence."""
    if following is None:
        await connection.execute(SQL["exhaust"], recurrence.id, recurrence.made)
        return
    await connection.execute(SQL["advance"], recurrence.id, recurrence.made, following.day, following.at - HORIZON)


async def make_due_occurrences(
    pool: Pool, platforms: Platforms, recurrence_id: UUID, *, owner: Principal, failures: int, now: datetime
) -> None:
    """Make the occurrences of a recurrence that are due to be made, each in a transaction of its own.

    A refusal is stored on the recurrence, and the occurrence is tried again later, until its time has passed. `failures` is how
    often that has happened in a row.
    """
    is_due = True
    while is_due:
        async with pool.acquire() as connection:
            try:
                async with connection.transaction():
                    owned = await lock_recurrence(connection, recurrence_id, visible_to=owner, now=now)
                    is_due = await make_occurrences(connection, platforms, owned, now=now, max_made=1)
            except PressworkError as error:
                await _note_refusal(connection, recurrence_id, error, failures=failures, now=now)
                return


async def _note_refusal(
    connection: Connection, recurrence_id: UUID, error: PressworkError, *, failures: int, now: datetime
) -> None:
    log.warning(
        "occurrence of a recurring post not made",
        recurrence=public_id(RECURRENCE, recurrence_id),
        code=error.code.value,
        failures=failures + 1,
    )
    stored = {"code": error.code.value, "message": error.message, "at": write_instant(now)}
    retry_at = now + backoff(_FIRST_RETRY, _LAST_RETRY, failures=failures)
    await connection.execute(SQL["set_error"], recurrence_id, compact_json(stored), retry_at, now)
