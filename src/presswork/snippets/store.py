"""Storage of snippets."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Final
from uuid import UUID

import asyncpg

from presswork.audit.model import Action
from presswork.audit.record import record_act
from presswork.callers.model import Principal
from presswork.core.ids import SNIPPET, new_id, public_id
from presswork.db.pool import Connection, Pool
from presswork.db.queries import load
from presswork.db.rows import FIRST, from_row
from presswork.projects.store import find_project
from presswork.snippets.model import MAX_SNIPPETS, Snippet, SnippetNameTaken, SnippetNotFound, TooManySnippets

_SQL: Final = load("presswork.snippets")


async def create_snippet(
    connection: Connection, project_id: UUID, name: str, text: str, *, owner: Principal, now: datetime
) -> Snippet:
    """Store a text. Raises ProjectNotFound, ProjectArchived, SnippetNameTaken, TooManySnippets."""
    project = await find_project(connection, project_id, visible_to=owner, lock="update")
    project.require_active()
    with _unique_name(name):
        row = await connection.fetchrow(
            _SQL["insert_snippet"],
            new_id(),
            project_id,
            owner.organization_id,
            owner.environment.value,
            name,
            text,
            now,
            MAX_SNIPPETS,
        )
    if row is None:
        raise TooManySnippets
    snippet = from_row(Snippet, row)
    await record_act(
        connection, Action.SNIPPET_CREATE, public_id(SNIPPET, snippet.id), by=owner, now=now, detail={"name": name}
    )
    return snippet


async def list_snippets(
    pool: Pool, project_id: UUID, *, visible_to: Principal, after: tuple[datetime, UUID] | None, limit: int
) -> Sequence[Snippet]:
    """Return up to `limit` snippets of a project, the oldest first. Raises ProjectNotFound."""
    await find_project(pool, project_id, visible_to=visible_to)
    rows = await pool.fetch(_SQL["list_snippets"], project_id, *(after or FIRST), limit)
    return [from_row(Snippet, row) for row in rows]


async def find_snippet(connection: Connection | Pool, snippet_id: UUID, *, visible_to: Principal) -> Snippet:
    """Return a snippet. Raises SnippetNotFound."""
    row = await connection.fetchrow(
        _SQL["find_snippet"], visible_to.organization_id, visible_to.environment.value, snippet_id
    )
    if row is None or not visible_to.may_see(row["project_id"]):
        raise SnippetNotFound
    return from_row(Snippet, row)


async def update_snippet(
    connection: Connection, snippet_id: UUID, *, name: str | None, text: str | None, owner: Principal, now: datetime
) -> Snippet:
    """Change a snippet; None stays as it is. Raises SnippetNotFound, SnippetNameTaken."""
    await find_snippet(connection, snippet_id, visible_to=owner)
    with _unique_name(name or ""):
        row = await connection.fetchrow(_SQL["update_snippet"], snippet_id, name, text, now)
    if row is None:
        raise SnippetNotFound
    await record_act(connection, Action.SNIPPET_UPDATE, public_id(SNIPPET, snippet_id), by=owner, now=now)
    return from_row(Snippet, row)


async def delete_snippet(connection: Connection, snippet_id: UUID, *, owner: Principal, now: datetime) -> Snippet:
    """Delete a snippet and return it. Raises SnippetNotFound."""
    snippet = await find_snippet(connection, snippet_id, visible_to=owner)
    await connection.execute(_SQL["delete_snippet"], snippet_id)
    await record_act(connection, Action.SNIPPET_DELETE, public_id(SNIPPET, snippet_id), by=owner, now=now)
    return snippet


@contextmanager
def _unique_name(name: str) -> Iterator[None]:
    try:
        yield
    except asyncpg.UniqueViolationError as error:
        raise SnippetNameTaken(name) from error
