"""Find and list comments."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from presswork.callers.model import Principal
from presswork.comments.model import Comment, CommentNotFound, CommentStatus
from presswork.db.found_page import MAX_SCANNED, FoundPage, Position, conditions_of, found_page, span
from presswork.db.pool import Connection, Pool
from presswork.db.queries import load
from presswork.platforms.names import PlatformName

_SQL: Final = load("presswork.comments", "search.sql")
_ONE: Final = load("presswork.comments")
MAX_COUNTED: Final = 100_000
"""The most comments of a status that are counted."""
_OF_A_TENANT: Final = frozenset({"project", "account", "post"})
"""Sources that belong to one organization and environment."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CommentFilter:
    """Which comments to list; None does not filter."""

    project_id: UUID | None = None
    account_id: UUID | None = None
    post_id: UUID | None = None
    assignee_id: UUID | None = None
    platforms: Sequence[PlatformName] | None = None
    statuses: Sequence[CommentStatus] | None = None
    is_own: bool | None = None
    since: datetime | None = None
    """The earliest creation, UTC."""

    def source(self) -> tuple[str, Sequence[UUID]]:
        """Return the filter with the fewest comments that an index knows, and its value."""
        by = {
            "post": self.post_id,
            "account": self.account_id,
            "assignee": self.assignee_id,
            "project": self.project_id,
        }
        return next(((name, (key,)) for name, key in by.items() if key is not None), ("all", ()))

    def conditions(self, source: str, caller: Principal) -> Mapping[str, object]:
        """Return what the comments of the source are filtered by."""
        projects = None if caller.project_ids is None else [str(one) for one in sorted(caller.project_ids)]
        if self.project_id is not None:
            projects = [str(self.project_id)]  # one that the caller sees
        by = {"account": self.account_id, "post": self.post_id, "assignee": self.assignee_id}
        return conditions_of(
            {
                "projects": None if source == "project" else projects,
                **{name: None if source == name or key is None else str(key) for name, key in by.items()},
                "platforms": None if self.platforms is None else [one.value for one in self.platforms],
            }
        )


async def search_comments(
    pool: Pool,
    wanted: CommentFilter,
    *,
    after: Position | None,
    limit: int,
    visible_to: Principal,
    max_scanned: int = MAX_SCANNED,
) -> FoundPage[Comment]:
    """Return up to `limit` comments that are not deleted, the newest first; none of a project that the caller does not see.

    A page has fewer comments than `limit`, possibly none, if `max_scanned` have been read before it is full.
    """
    if wanted.project_id is not None and not visible_to.may_see(wanted.project_id):
        return FoundPage((), None)
    source, key = wanted.source()
    tenant = (visible_to.organization_id, visible_to.environment.value)
    if source in _OF_A_TENANT and not await pool.fetchval(_SQL[f"{source}_exists"], *tenant, *key):
        return FoundPage((), None)
    conditions = wanted.conditions(source, visible_to)
    has_conditions = bool(conditions) or source == "assignee"  # who has comments of both environments
    near, far = span("desc", since=wanted.since, until=None, after=after)
    rows = await pool.fetch(
        _SQL[f"search_{source}"],
        *tenant,
        [status.value for status in dict.fromkeys(wanted.statuses or CommentStatus)],
        [False, True] if wanted.is_own is None else [wanted.is_own],
        *near,
        far,
        limit + 1,
        json.dumps(conditions),
        max_scanned if has_conditions else limit + 1,
        *key,
    )
    found = [Comment.of(row) for row in rows if row["id"] is not None]
    positions = [((comment.created_at, comment.id), comment) for comment in found]
    return found_page(rows, positions, limit=limit, scanned=max_scanned if has_conditions else None)


async def count_comments(
    pool: Pool, wanted: CommentFilter, *, visible_to: Principal, max_counted: int = MAX_COUNTED
) -> Mapping[CommentStatus, int]:
    """Count others' comments by status, up to `max_counted` of each. Of the filter, post, status and time do not count."""
    if wanted.project_id is not None and not visible_to.may_see(wanted.project_id):
        return dict.fromkeys(CommentStatus, 0)
    source, key = wanted.source()
    rows = await pool.fetch(
        _SQL[f"count_{source}"],
        visible_to.organization_id,
        visible_to.environment.value,
        json.dumps(wanted.conditions(source, visible_to)),
        max_counted,
        *key,
    )
    return {CommentStatus(row["status"]): row["comments"] for row in rows}


async def post_exists(pool: Pool, post_id: UUID, *, visible_to: Principal) -> bool:
    """Whether the caller's organization and environment have a post with this id."""
    tenant = (visible_to.organization_id, visible_to.environment.value)
    return bool(await pool.fetchval(_SQL["post_exists"], *tenant, post_id))


async def list_comments_of_post(
    pool: Pool, post_id: UUID, *, visible_to: Principal, after: UUID | None, limit: int
) -> Sequence[Comment]:
    """Return up to `limit` comments of a post, threads together, the oldest first; `after` is the last one of the page before."""
    rows = await pool.fetch(
        _SQL["thread_page"], post_id, visible_to.organization_id, visible_to.environment.value, after, limit
    )
    return [Comment.of(row) for row in rows if visible_to.may_see(row["project_id"])]


async def find_comment(connection: Connection | Pool, comment_id: UUID, *, visible_to: Principal) -> Comment:
    """Return a comment, also a deleted one. Raises CommentNotFound."""
    row = await connection.fetchrow(
        _ONE["find_comment"], visible_to.organization_id, visible_to.environment.value, comment_id
    )
    if row is None or not visible_to.may_see(row["project_id"]):
        raise CommentNotFound
    return Comment.of(row)


async def lock_comment(connection: Connection, comment_id: UUID, *, visible_to: Principal) -> Comment:
    """Return a comment, locked until the end of the caller's transaction. Raises CommentNotFound."""
    tenant = (visible_to.organization_id, visible_to.environment.value)
    if not await connection.fetchval(_ONE["lock_comment"], *tenant, comment_id):
        raise CommentNotFound
    return await find_comment(connection, comment_id, visible_to=visible_to)
