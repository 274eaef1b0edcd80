"""Drafts: unfinished posts, as the composer of a client holds them, on the server so that every device and colleague has them."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from pydantic import JsonValue

from presswork.callers.model import Principal
from presswork.core.errors import Conflict, Invalid, Issue, IssueCode, NotFound
from presswork.core.ids import COMPOSER_DRAFT, new_id, public_id
from presswork.core.json_text import JSONText
from presswork.db.pool import Connection, Pool
from presswork.db.queries import load
from presswork.db.rows import LAST, from_row
from presswork.projects.model import ProjectNotFound
from presswork.projects.store import find_project

_SQL: Final = load("presswork.content", "drafts.sql")
MAX_BYTES: Final = 64 * 1024
"""Of the body of a draft, as UTF-8 JSON without spaces."""
MAX_DRAFTS: Final = 1_000
"""The most drafts of a project."""


class DraftNotFound(NotFound):
    """There is no such draft, or the caller does not see it."""

    sentence = "There is no such draft. It may have been deleted; list the drafts with GET /v1/drafts."


class DraftChanged(Conflict):
    """Someone else has changed the draft since it was read."""

    def __init__(self, draft: "Draft") -> None:
        super().__init__(
            f"This draft was changed meanwhile: its revision is {draft.revision}. Read it, and send your change with that "
            "revision.",
            reason="stale_revision",
            draftId=public_id(COMPOSER_DRAFT, draft.id),
            revision=draft.revision,
        )


class TooManyDrafts(Conflict):
    """The project has as many drafts as it may have."""

    def __init__(self) -> None:
        super().__init__(
            f"This project has {MAX_DRAFTS:,} drafts, and no more are possible. Delete some.",
            reason="too_many_drafts",
            limit=MAX_DRAFTS,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A draft. `revision` grows with each change."""

    id: UUID
    project_id: UUID
    body: JSONText
    revision: int
    updated_by: str
    """The public id of the key or of the user."""
    updated_by_name: str | None
    created_at: datetime
    updated_at: datetime


async def create_draft(
    connection: Connection, project_id: UUID, body: JsonValue, *, owner: Principal, now: datetime
) -> Draft:
    """Create a draft in a project. Raises Invalid, ProjectNotFound, ProjectArchived, TooManyDrafts."""
    text = _write_body(body)
    if not owner.may_see(project_id):
        raise ProjectNotFound
    project = await find_project(connection, project_id, visible_to=owner, lock="share")
    project.require_active()
    tenant = (owner.organization_id, owner.environment.value)
    row = await connection.fetchrow(
        _SQL["insert_draft"],
        new_id(),
        project_id,
        *tenant,
        text,
        owner.public_id,
        owner.user_name,
        now,
        MAX_DRAFTS,
    )
    if row is None:
        raise TooManyDrafts
    return from_row(Draft, row)


async def find_draft(connection: Connection | Pool, draft_id: UUID, *, visible_to: Principal) -> Draft:
    """Return a draft. Raises DraftNotFound."""
    row = await connection.fetchrow(
        _SQL["find_draft"], visible_to.organization_id, visible_to.environment.value, draft_id
    )
    if row is None or not visible_to.may_see(row["project_id"]):
        raise DraftNotFound
    return from_row(Draft, row)


async def list_drafts(
    pool: Pool, project_id: UUID | None, *, visible_to: Principal, after: tuple[datetime, UUID] | None, limit: int
) -> Sequence[Draft]:
    """Return up to `limit` drafts, those that were changed last first; of one project, or of all that the caller sees."""
    projects = None if visible_to.project_ids is None else sorted(visible_to.project_ids)
    rows = await pool.fetch(
        _SQL["list_drafts"],
        visible_to.organization_id,
        visible_to.environment.value,
        project_id,
        projects,
        *(after or LAST),
        limit,
    )
    return [from_row(Draft, row) for row in rows]


async def update_draft(
    connection: Connection, draft_id: UUID, body: JsonValue, revision: int, *, owner: Principal, now: datetime
) -> Draft:
    """Replace the body of a draft whose revision is `revision`. Raises Invalid, DraftNotFound, DraftChanged."""
    text = _write_body(body)
    await find_draft(connection, draft_id, visible_to=owner)
    row = await connection.fetchrow(
        _SQL["update_draft"], draft_id, revision, text, owner.public_id, owner.user_name, now
    )
    if row is None:
        raise DraftChanged(await find_draft(connection, draft_id, visible_to=owner))
    return from_row(Draft, row)


async def delete_draft(connection: Connection, draft_id: UUID, *, owner: Principal, now: datetime) -> Draft:
    """Delete a draft and return it. Raises DraftNotFound."""
    draft = await find_draft(connection, draft_id, visible_to=owner)
    await connection.execute(_SQL["delete_draft"], draft_id, owner.public_id, owner.user_name, now)
    return draft


def _write_body(body: JsonValue) -> str:
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    if (size := len(text.encode())) > MAX_BYTES:
        problem = f"has {size:,} bytes as JSON; a draft may have {MAX_BYTES:,}. Shorten it."
        raise Invalid([Issue.at("body", problem, IssueCode.TOO_LONG)])
    return text
