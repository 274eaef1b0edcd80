"""Saved replies: texts for replies, shared with the project."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from presswork.audit.model import Action
from presswork.audit.record import record_act
from presswork.callers.model import Principal
from presswork.core.errors import Conflict, NotFound
from presswork.core.ids import SAVED_REPLY, new_id, public_id
from presswork.db.pool import Connection, Pool
from presswork.db.queries import load
from presswork.db.rows import FIRST, from_row
from presswork.projects.store import find_project

_SQL: Final = load("presswork.comments")
MAX_SAVED_REPLIES: Final = 500
"""The most saved replies of a project."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedReply:
    """A text for replies."""

    id: UUID
    project_id: UUID
    name: str
    text: str
    created_at: datetime
    updated_at: datetime


class SavedReplyNotFound(NotFound):
    """There is no such saved reply in the project."""

    sentence = "There is no such saved reply. List them with GET /v1/projects/{projectId}/saved-replies."


class TooManySavedReplies(Conflict):
    """The project has as many saved replies as it may have."""

    def __init__(self) -> None:
        super().__init__(
            f"This project has {MAX_SAVED_REPLIES:,} saved replies, and no more are possible. Delete some.",
            reason="too_many_saved_replies",
            limit=MAX_SAVED_REPLIES,
        )


async def create_saved_reply(
    connection: Connection, project_id: UUID, name: str, text: str, *, owner: Principal, now: datetime
) -> SavedReply:
    """Store a text. Raises ProjectNotFound, ProjectArchived, TooManySavedReplies."""
    project = await find_project(connection, project_id, visible_to=owner, lock="share")
    project.require_active()
    row = await connection.fetchrow(
        _SQL["insert_saved_reply"], new_id(), project_id, name, text, now, MAX_SAVED_REPLIES
    )
    if row is None:
        raise TooManySavedReplies
    reply = from_row(SavedReply, row)
    await record_act(
        connection,
        Action.SAVED_REPLY_CREATE,
        public_id(SAVED_REPLY, reply.id),
        by=owner,
        now=now,
        detail={"name": name},
    )
    return reply


async def list_saved_replies(
    pool: Pool, project_id: UUID, *, visible_to: Principal, after: tuple[datetime, UUID] | None, limit: int
) -> Sequence[SavedReply]:
    """Return up to `limit` saved replies of a project, the oldest first. Raises ProjectNotFound."""
    await find_project(pool, project_id, visible_to=visible_to)
    rows = await pool.fetch(_SQL["list_saved_replies"], project_id, *(after or FIRST), limit)
    return [from_row(SavedReply, row) for row in rows]


async def update_saved_reply(
    connection: Connection,
    project_id: UUID,
    reply_id: UUID,
    *,
    name: str | None,
    text: str | None,
    owner: Principal,
    now: datetime,
) -> SavedReply:
    """Change a saved reply; None stays as it is. Raises ProjectNotFound, SavedReplyNotFound."""
    await find_project(connection, project_id, visible_to=owner)
    row = await connection.fetchrow(_SQL["update_saved_reply"], project_id, reply_id, name, text, now)
    if row is None:
        raise SavedReplyNotFound
    await record_act(connection, Action.SAVED_REPLY_UPDATE, public_id(SAVED_REPLY, reply_id), by=owner, now=now)
    return from_row(SavedReply, row)


async def delete_saved_reply(
    connection: Connection, project_id: UUID, reply_id: UUID, *, owner: Principal, now: datetime
) -> SavedReply:
    """Delete a saved reply and return it. Raises ProjectNotFound, SavedReplyNotFound."""
    await find_project(connection, project_id, visible_to=owner)
    row = await connection.fetchrow(_SQL["delete_saved_reply"], project_id, reply_id)
    if row is None:
        raise SavedReplyNotFound
    await record_act(connection, Action.SAVED_REPLY_DELETE, public_id(SAVED_REPLY, reply_id), by=owner, now=now)
    return from_row(SavedReply, row)
