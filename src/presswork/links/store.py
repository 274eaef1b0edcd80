"""Read and write links to pages without a login."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

import asyncpg

from presswork.callers.model import Principal
from presswork.core.enums import LinkKind
from presswork.core.json_text import compact_json
from presswork.db.pool import Connection, Pool, affected
from presswork.db.queries import load
from presswork.db.rows import LAST, from_row
from presswork.links.model import KEPT_FOR, LinkNotFound, NewLink, OpenedLink, PageLink, page_path, token_hash
from presswork.projects.branding import Branding

SQL: Final = load("presswork.links")


async def insert_link(
    connection: Connection, new: NewLink, token: str, link_id: UUID, *, caller: Principal, now: datetime
) -> PageLink:
    """Insert a link of the caller with the hash of its token."""
    document = {
        "id": str(link_id),
        "kind": new.kind.value,
        "organization_id": str(caller.organization_id),
        "environment": caller.environment.value,
        "project_id": str(new.project_id),
        "container_ids": [str(one) for one in new.container_ids],
        "key_id": None if caller.key_id is None else str(caller.key_id),
        "user_id": None if caller.key_id is not None else str(caller.id),
        "settings": dict(new.settings),
        "recipient_name": new.recipient_name,
        "created_at": now.isoformat(),
        "expires_at": None if new.lifetime is None else (now + new.lifetime).isoformat(),
        "max_uses": new.max_uses,
    }
    row = await connection.fetchrow(SQL["insert_link"], compact_json(document), token_hash(token))
    return _link(row)


async def find_opened(
    connection: "Connection | Pool", token: str, kind: LinkKind, *, now: datetime
) -> OpenedLink | None:
    """Return the link of a token that opens a page; None for any other text."""
    hashed = token_hash(token)
    row = None if hashed is None else await connection.fetchrow(SQL["open_link"], hashed, kind.value, now)
    if row is None:
        return None
    return from_row(
        OpenedLink, row, link=_link(row), branding=Branding.parse(row["branding"]), path=page_path(kind, token)
    )


async def lock_link(connection: Connection, link_id: UUID, kind: LinkKind, *, visible_to: Principal) -> PageLink:
    """Return a link that the caller sees, locked until the transaction ends. Raises LinkNotFound."""
    row = await connection.fetchrow(
        SQL["lock_link"], link_id, kind.value, visible_to.organization_id, visible_to.environment.value
    )
    if row is None or not visible_to.may_see(row["project_id"]):
        raise LinkNotFound
    return _link(row)


async def list_links(
    pool: Pool,
    kind: LinkKind,
    *,
    visible_to: Principal,
    project_id: UUID | None = None,
    container_id: UUID | None = None,
    after: tuple[datetime, UUID] | None,
    limit: int,
) -> Sequence[PageLink]:
    """Return links of one kind, newest first, after the (created_at, id) `after`: of a project, or of all that are visible.

    With a project, `container_id` keeps the links that show this content.
    """
    place = (kind.value, visible_to.organization_id, visible_to.environment.value, *(after or LAST), limit)
    if project_id is None:
        projects = None if visible_to.project_ids is None else list(visible_to.project_ids)
        rows = await pool.fetch(SQL["list_links"], *place, projects)
    elif not visible_to.may_see(project_id):
        return []
    else:
        rows = await pool.fetch(SQL["list_links_of_project"], *place, project_id, container_id)
    return [_link(row) for row in rows]


async def write_revocation(connection: Connection, link_id: UUID, *, now: datetime) -> PageLink:
    """Revoke a link."""
    return _link(await connection.fetchrow(SQL["revoke_link"], link_id, now))


async def sweep_links(pool: Pool, *, now: datetime, limit: int) -> int:
    """Delete links that ended longer than KEPT_FOR ago, at most `limit`, and return how many were deleted."""
    return affected(await pool.execute(SQL["sweep_links"], now - KEPT_FOR, limit))


def _link(row: asyncpg.Record | None) -> PageLink:
    if row is None:
        raise RuntimeError("the statement returned no link")
    return from_row(PageLink, row, settings=json.loads(row["settings"]))
