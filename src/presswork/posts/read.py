"""Reading posts and their timelines."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, NewType
from uuid import UUID

import asyncpg
from pydantic import JsonValue, TypeAdapter

from presswork.callers.model import Principal
from presswork.core.errors import NotFound
from presswork.core.ids import POST, public_id
from presswork.db.found_page import Order, Position, span
from presswork.db.pool import Connection, Pool
from presswork.db.queries import load
from presswork.posts.model import TERMINAL, Event, PostNotFound, PostState, Status, TimelineLine, Wait

_SQL: Final = load("presswork.posts")
_DETAIL: Final[TypeAdapter[dict[str, JsonValue]]] = TypeAdapter(dict[str, JsonValue])
_WAIT: Final = TypeAdapter(Wait)
_LONGEST_TIMELINE: Final = 2_000
_MAX_COUNTED: Final = 1_000
"""The most posts that are counted before a waiting one; beyond that the message says "more than"."""
_ENDS: Final = {
    Status.PUBLISHED.value: Event.PUBLISHED,
    Status.DRAFT.value: Event.DRAFTED,
    Status.FAILED.value: Event.FAILED,
    Status.CANCELED.value: Event.CANCELED,
}
PostDocument = NewType("PostDocument", str)
"""A post as JSON, which SQL builds for responses and events alike (document.sql)."""


@dataclass(frozen=True, slots=True)
class ListedPost:
    """A post in a list."""

    position: Position
    document: PostDocument


async def read_post(pool: Pool, post_id: UUID, *, visible_to: Principal) -> PostDocument:
    """Return one post. Raises PostNotFound."""
    document = await pool.fetchval(_SQL["find_post"], visible_to.organization_id, visible_to.environment.value, post_id)
    if document is None:
        raise PostNotFound
    return PostDocument(document)


async def read_state(connection: "Connection | Pool", post_id: UUID, *, visible_to: Principal) -> PostState:
    """Return the fields that decide whether a post can be canceled or rescheduled. Raises PostNotFound."""
    row = await connection.fetchrow(
        _SQL["find_state"], visible_to.organization_id, visible_to.environment.value, post_id
    )
    if row is None or not visible_to.may_see(row["project_id"]):
        raise PostNotFound
    return state_of(row)


async def read_timeline(
    pool: Pool, post_id: UUID, *, visible_to: Principal, now: datetime | None
) -> tuple[Sequence[TimelineLine], Wait | None]:
    """Return the timeline of one post, oldest entry first, and its current wait. Raises PostNotFound.

    `now` is None in production: the database's time.
    """
    rows = await pool.fetch(
        _SQL["find_timeline"], visible_to.organization_id, visible_to.environment.value, post_id, _LONGEST_TIMELINE
    )
    if not rows:
        raise PostNotFound
    items = [
        TimelineLine(
            at=row["at"], event=Event(row["event"]), message=row["message"], detail=_DETAIL.validate_json(row["detail"])
        )
        for row in rows
        if row["event"] is not None
    ]
    if not items and (event := _ENDS.get(rows[0]["status"])) is not None:
        items = [_end(event, rows[0])]
    status = Status(rows[0]["status"])
    if status is Status.QUEUED:
        items = await _with_wait(pool, post_id, items)
    if status in TERMINAL:
        return items, None
    wait = await pool.fetchval(_SQL["find_waiting"], post_id, now)
    return items, None if wait is None else _WAIT.validate_json(wait)


def _end(event: Event, row: asyncpg.Record) -> TimelineLine:
    """Return the end of a post whose timeline was deleted (sweep.py), from the post itself."""
    deleted = "Earlier entries of this timeline were deleted because of their age."
    message = f"{row['last_error']} {deleted}" if event is Event.FAILED and row["last_error"] else deleted
    return TimelineLine(at=row["ended_at"], event=event, message=message, detail={"entriesDeleted": True})


async def _with_wait(pool: Pool, post_id: UUID, lines: list[TimelineLine]) -> list[TimelineLine]:
    """Return a queued post's timeline with an entry for its current wait: that of the post which holds the lane.

    The entry is not stored: a lane may wait many times with hundreds of queued posts, and an entry for each post each
    time would fill the timelines. It replaces a last entry about the same wait.
    """
    row = await pool.fetchrow(_SQL["find_wait"], post_id, _MAX_COUNTED)
    if row is None:
        return lines
    first, detail = public_id(POST, row["first_id"]), _DETAIL.validate_json(row["detail"])
    next_at = detail.get("nextAt")
    if not isinstance(next_at, str) or row["due_at"] >= datetime.fromisoformat(next_at):
        return lines
    if lines and (lines[-1].detail.get("behind"), lines[-1].detail.get("nextAt")) == (first, next_at):
        lines = lines[:-1]
    before = row["between_count"] + 1
    wait = TimelineLine(
        at=max(row["at"], lines[-1].at) if lines else row["at"],
        event=Event.WAITING,
        message=f"{_describe_queue(before, first)} waits: {row['message']}",
        detail={"nextAt": next_at, "behind": first, "before": before},
    )
    return [*lines, wait]


def _describe_queue(count: int, first: str) -> str:
    if count == 1:
        return f"Another post of this account ({first}) is published first, and it"
    more = "More than " if count > _MAX_COUNTED else ""
    return f"{more}{min(count, _MAX_COUNTED):,} posts of this account are published first. The next one ({first})"


@dataclass(frozen=True, slots=True, kw_only=True)
class PostFilter:
    """Which posts of a project to list; None does not filter.

    `since` and `until` are inclusive; `until` covers its whole millisecond, since responses show time in milliseconds.
    """

    statuses: Sequence[Status] | None = None
    account_id: UUID | None = None
    container_id: UUID | None = None
    since: datetime | None = None
    until: datetime | None = None
    order: Order = "desc"

    def status_values(self) -> Sequence[str]:
        """Return each status once, as the statements take them; all of them without a filter."""
        return [status.value for status in dict.fromkeys(Status if self.statuses is None else self.statuses)]

    def span(self, after: "Position | None") -> "tuple[Position, datetime]":
        """Return the position before the first post of a page, and the end of the list."""
        return span(self.order, since=self.since, until=self.until, after=after)


async def list_posts(
    pool: Pool,
    project_id: UUID,
    wanted: PostFilter,
    *,
    after: Position | None,
    limit: int,
    visible_to: Principal,
) -> Sequence[ListedPost]:
    """Return up to `limit` of a project's posts by `scheduledFor`. Raises NotFound if there is no such project."""
    exists = visible_to.may_see(project_id) and await pool.fetchval(
        _SQL["project_exists"], visible_to.organization_id, visible_to.environment.value, project_id
    )
    if not exists:
        raise NotFound("There is no such project. List them with GET /v1/projects.")
    near, far = wanted.span(after)
    name, key, further = _statement_for(project_id, wanted)
    rows = await pool.fetch(
        _SQL[f"list_{name}_posts_{wanted.order}"],
        key,
        wanted.status_values(),
        *near,
        far,
        limit,
        *further,
    )
    return [ListedPost((row["scheduled_for"], row["id"]), row["document"]) for row in rows]


def _statement_for(project_id: UUID, wanted: PostFilter) -> tuple[str, UUID, Sequence[UUID]]:
    """Return the name of the list statement, its first argument, and its further arguments."""
    account, container = wanted.account_id, wanted.container_id
    if container is not None:
        if account is not None:
            return "container_account", container, (project_id, account)
        return "container", container, (project_id,)
    return ("project", project_id, ()) if account is None else ("account", account, (project_id,))


def state_of(row: asyncpg.Record) -> PostState:
    """Parse the row of a statement that returns a post's state."""
    return PostState(
        id=row["id"],
        status=Status(row["status"]),
        live_call_at=row["live_call_at"],
        scheduled_for=row["scheduled_for"],
        canceled_at=row["canceled_at"],
        updated_at=row["updated_at"],
        live_parts=row["live_parts"],
    )
