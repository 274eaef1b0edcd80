"""End recurrences: by request, or with the content, the project or the account that they need."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from presswork.audit.model import Action
from presswork.audit.record import record_act
from presswork.callers.model import Principal
from presswork.core.ids import ACCOUNT, RECURRENCE, public_id
from presswork.db.pool import Connection
from presswork.posts.cancel import cancel_these
from presswork.recurrences.store import SQL, lock_recurrence


@dataclass(frozen=True, slots=True, kw_only=True)
class EndedRecurrence:
    """A recurrence that ended: how many posts were canceled and calls dropped with it, and when (UTC)."""

    id: UUID
    canceled_posts: int
    dropped_calls: int
    ended_at: datetime


async def end_recurrence(
    connection: Connection, recurrence_id: UUID, *, visible_to: Principal, now: datetime
) -> EndedRecurrence:
    """End a recurrence, cancel what is still queued of it and drop its calls that wait, in the caller's transaction.

    One that has ended stays as it is. Raises RecurrenceNotFound.
    """
    recurrence = (await lock_recurrence(connection, recurrence_id, visible_to=visible_to, now=now)).recurrence
    if recurrence.ended_at is not None and recurrence.ended_at <= now:
        return EndedRecurrence(id=recurrence_id, canceled_posts=0, dropped_calls=0, ended_at=recurrence.ended_at)
    row = await connection.fetchrow(SQL["take_open"], recurrence_id, recurrence.created_at, True)
    canceled = await cancel_these(
        connection, [] if row is None else row["post_ids"], now=now, why="The recurring post was ended."
    )
    dropped = int(await connection.fetchval(SQL["drop_intents"], recurrence_id, now, True))
    await connection.execute(SQL["finish"], recurrence_id, now)
    name = public_id(RECURRENCE, recurrence_id)
    detail = {"canceledScheduledPosts": canceled, "droppedScheduleCalls": dropped}
    await record_act(connection, Action.RECURRENCE_END, name, by=visible_to, now=now, detail=detail)
    return EndedRecurrence(id=recurrence_id, canceled_posts=canceled, dropped_calls=dropped, ended_at=now)


async def end_recurrences_of_container(connection: Connection, container_id: UUID, *, now: datetime) -> None:
    """End the recurrences of a container that the caller has locked, in the caller's transaction. Their posts stay."""
    await connection.execute(SQL["end_of_container"], container_id, now)


async def erase_recurrences_of_container(connection: Connection, container_id: UUID) -> None:
    """Erase the texts of the recurrences of a container, which have ended."""
    await connection.execute(SQL["erase_of_container"], container_id)


async def end_recurrences_of_project(connection: Connection, project_id: UUID, *, now: datetime) -> None:
    """End the recurrences of a project that the caller has locked, in the caller's transaction, before its posts are canceled."""
    await connection.execute(SQL["end_of_project"], project_id, now)


async def leave_account_out(connection: Connection, account_id: UUID, *, now: datetime) -> None:
    """Remove an account from the recurrences that post to it, and end those that have no other, in the caller's transaction.

    Call it before the account's posts are canceled: it waits for a worker that makes some.
    """
    name = public_id(ACCOUNT, account_id)
    rows = await connection.fetch(SQL["lock_of_account"], account_id, name, now)
    if rows:
        await connection.fetchval(SQL["drop_targets"], [row["id"] for row in rows], name, now)
