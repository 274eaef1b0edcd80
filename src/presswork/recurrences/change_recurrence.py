"""Change a recurrence: what is still queued of it and was not moved is made again."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, time
from typing import TypedDict
from uuid import UUID

from pydantic import JsonValue

from presswork.audit.model import Action
from presswork.audit.record import record_act
from presswork.callers.model import Principal
from presswork.core.errors import Invalid, Issue, IssueCode
from presswork.core.ids import RECURRENCE, public_id
from presswork.db.pool import Connection
from presswork.platforms.registry import Platforms
from presswork.posts.cancel import cancel_these
from presswork.posts.targets import Target
from presswork.recurrences.make_occurrences import make_occurrences
from presswork.recurrences.model import Recurrence, RecurrenceEnded, RecurrenceStatus, Rule, Timing
from presswork.recurrences.store import SQL, OwnedRecurrence, find_recurrence, lock_recurrence, write_recurrence


class RecurrenceChanges(TypedDict, total=False):
    """What changes of a recurrence. An end (`until`, `max_count`) that is None is removed."""

    rule: Rule
    local_time: time
    timezone: str
    until: datetime | None
    max_count: int | None
    targets: Sequence[Target]
    captions: Sequence[str]


async def change_recurrence(
    connection: Connection,
    platforms: Platforms,
    recurrence_id: UUID,
    changes: RecurrenceChanges,
    *,
    visible_to: Principal,
    now: datetime,
) -> Recurrence:
    """Change a recurrence in the caller's transaction and return it.

    Its posts that are queued for later and were not moved are canceled, and their occurrences are made again as the recurrence now
    says. Moved and skipped ones stay as they are. A new rule counts from now on; otherwise the count goes on from the first day.

    Raises RecurrenceNotFound, RecurrenceEnded, Invalid if nothing recurs any more, and the refusals of `create_posts`.
    """
    owned = await lock_recurrence(connection, recurrence_id, visible_to=visible_to, now=now)
    before = owned.recurrence
    if before.status_at(now) is RecurrenceStatus.ENDED:
        raise RecurrenceEnded(before.id)
    if not changes:
        return before
    timing, starts_on, next_on = _begin(before, changes, now=now)
    row = await connection.fetchrow(SQL["take_open"], before.id, now, False)
    forgotten = 0 if row is None else row["forgotten"]
    why = "The recurring post was changed."
    canceled = await cancel_these(connection, [] if row is None else row["post_ids"], now=now, why=why)
    await connection.fetchval(SQL["drop_intents"], before.id, now, False)
    changed = replace(
        before,
        timing=timing,
        targets=changes.get("targets", before.targets),
        captions=changes.get("captions", before.captions),
        starts_on=starts_on,
        next_on=next_on,
        made=before.made - forgotten,
    )
    if not changed.has_room:
        problem = f"is not more than the {changed.made} occurrences that there were. Send a larger number, or end the recurrence."
        raise Invalid([Issue.at("count", problem, IssueCode.TOO_SMALL)])
    await write_recurrence(connection, changed, now=now)
    await make_occurrences(connection, platforms, OwnedRecurrence(recurrence=changed, owner=owned.owner), now=now)
    detail: dict[str, JsonValue] = {"fields": [*sorted(changes)], "canceledScheduledPosts": canceled}
    name = public_id(RECURRENCE, recurrence_id)
    await record_act(connection, Action.RECURRENCE_UPDATE, name, by=visible_to, now=now, detail=detail)
    return (await find_recurrence(connection, recurrence_id, visible_to=visible_to, now=now)).recurrence


def _begin(before: Recurrence, changes: RecurrenceChanges, *, now: datetime) -> tuple[Timing, date, date]:
    """Return the new timing, the day from which it counts, and the day of its next occurrence. Raises Invalid."""
    old = before.timing
    timing = replace(
        old,
        rule=changes.get("rule", old.rule),
        local_time=changes.get("local_time", old.local_time),
        timezone=changes.get("timezone", old.timezone),
        until=changes.get("until", old.until),
        max_count=changes.get("max_count", old.max_count),
    )
    if "rule" in changes:
        timing, starts_on = timing.begin(now)
        return timing, starts_on, starts_on
    today = now.astimezone(timing.zone).date()
    following = (one.day for one in timing.occurrences(before.starts_on, since=today) if one.at > now)
    if (next_on := next(following, None)) is None:
        problem = "is before the next occurrence. Send a later instant, or end the recurrence."
        raise Invalid([Issue.at("until", problem, IssueCode.TOO_SMALL)])
    return timing, before.starts_on, next_on
