"""What people decide about comments: their status, who answers them, a note."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, TypedDict
from uuid import UUID

from pydantic import JsonValue

from presswork.audit.model import Action
from presswork.audit.record import record_act
from presswork.callers.model import Principal
from presswork.comments.find import find_comment, lock_comment
from presswork.comments.model import Comment, CommentStatus
from presswork.core.errors import Invalid, Issue, IssueCode
from presswork.core.ids import COMMENT, public_id
from presswork.db.pool import Connection, Pool
from presswork.db.queries import load
from presswork.projects.store import find_project

_SQL: Final = load("presswork.comments")
_MAX_ASSIGNEES: Final = 1_000


class CommentChanges(TypedDict, total=False):
    """What is changed of a comment."""

    status: CommentStatus
    assignee_id: UUID | None
    note: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Assignee:
    """A person who can be given comments of a project."""

    id: UUID
    name: str
    """Or the e-mail address of someone without a name."""


async def update_comment(
    connection: Connection, comment_id: UUID, changes: CommentChanges, *, visible_to: Principal, now: datetime
) -> Comment:
    """Change a comment, in the caller's transaction. Raises CommentNotFound, and Invalid for a status of an own comment or for a
    person who does not see the project.
    """
    comment = await lock_comment(connection, comment_id, visible_to=visible_to)
    if comment.is_own and changes.get("status", CommentStatus.DONE) is not CommentStatus.DONE:
        problem = "of a comment of the account itself is always done. Omit it."
        raise Invalid([Issue.at("status", problem, IssueCode.INVALID_VALUE)])
    stored: dict[str, str | None] = {}
    if "status" in changes:
        stored["status"] = changes["status"].value
    if "note" in changes:
        stored["note"] = changes["note"] or None
    if "assignee_id" in changes:
        stored["assignee"] = await _require_assignee(connection, comment, changes["assignee_id"], visible_to)
    await connection.execute(_SQL["update_comment"], comment_id, json.dumps(stored))
    detail = _detail(changes)
    await record_act(
        connection, Action.COMMENT_UPDATE, public_id(COMMENT, comment_id), by=visible_to, now=now, detail=detail
    )
    return await find_comment(connection, comment_id, visible_to=visible_to)


def _detail(changes: CommentChanges) -> Mapping[str, JsonValue]:
    """Return the details for the audit log: without the note, whose text is the people's own."""
    status: dict[str, JsonValue] = {"status": changes["status"].value} if "status" in changes else {}
    return {"fields": [*sorted(changes)], **status}


async def _require_assignee(
    connection: Connection, comment: Comment, user_id: UUID | None, caller: Principal
) -> str | None:
    if user_id is None:
        return None
    if not await connection.fetchval(_SQL["is_assignee"], caller.organization_id, user_id, comment.project_id):
        problem = "is not a person who sees this project. List them with GET /v1/comments/assignees."
        raise Invalid([Issue.at("assigneeId", problem, IssueCode.INVALID_VALUE)])
    return str(user_id)


async def list_assignees(pool: Pool, project_id: UUID, *, visible_to: Principal) -> Sequence[Assignee]:
    """Return the active people who see a project, by name. Raises ProjectNotFound."""
    if not visible_to.may_see(project_id):
        return []
    await find_project(pool, project_id, visible_to=visible_to)
    rows = await pool.fetch(_SQL["list_assignees"], visible_to.organization_id, project_id, _MAX_ASSIGNEES)
    return [Assignee(id=row["id"], name=row["name"]) for row in rows]
