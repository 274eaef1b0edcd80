"""List the posts of all projects that a caller sees."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from presswork.core.enums import Mode, PlatformName
from presswork.db.pool import Pool
from presswork.db.queries import load
from presswork.orgs.model import Principal
from presswork.posts.model import Status
from presswork.posts.read import ListedPost, Position, PostDocument, PostFilter

_SQL: Final = load("presswork.posts", "overview.sql")
MAX_SCANNED: Final = 5_000
"""The most posts that one page reads to find those that match a filter which no index knows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchFilter(PostFilter):
    """Which posts to list; None does not filter."""

    project_id: UUID | None = None
    platforms: Sequence[PlatformName] | None = None
    modes: Sequence[Mode] | None = None
    text: str | None = None
    """Part of the caption or of the account's handle, ignoring case."""


@dataclass(frozen=True, slots=True)
class FoundPosts:
    """A page of posts, and the position after which the next one starts, or None on the last page."""

    posts: Sequence[ListedPost]
    continues_after: Position | None


async def search_posts(
    pool: Pool,
    wanted: SearchFilter,
    *,
    after: Position | None,
    limit: int,
    visible_to: Principal,
    max_scanned: int = MAX_SCANNED,
) -> FoundPosts:
    """Return up to `limit` posts by `scheduledFor`; none of a project, account or container that the caller does not see.

    A page has fewer posts than `limit`, possibly none, if `max_scanned` posts have been read before it is full.
    """
    name, key = _source_of(wanted)
    tenant = (visible_to.organization_id, visible_to.environment.value)
    if wanted.project_id is not None and not visible_to.may_see(wanted.project_id):
        return FoundPosts([], None)
    if key and not await pool.fetchval(_SQL[f"{name}_exists"], *tenant, *key):
        return FoundPosts([], None)
    conditions = _conditions(wanted, name, visible_to)
    scanned = max_scanned if conditions else limit + 1
    near, far = wanted.span(after)
    rows = await pool.fetch(
        _SQL[f"search_{name}_{wanted.order}"],
        *tenant,
        [status.value for status in dict.fromkeys(Status if wanted.statuses is None else wanted.statuses)],
        *near,
        far,
        limit + 1,
        json.dumps(conditions),
        scanned,
        *key,
    )
    found = [
        ListedPost((row["scheduled_for"], row["id"]), PostDocument(row["document"]))
        for row in rows
        if row["id"] is not None
    ]
    if len(found) > limit:
        return FoundPosts(found[:limit], found[limit - 1].position)
    if rows[0]["scanned"] == scanned and conditions:
        return FoundPosts(found, (rows[0]["last_at"], rows[0]["last_id"]))
    return FoundPosts(found, None)


def _source_of(wanted: SearchFilter) -> tuple[str, Sequence[UUID]]:
    """Return the filter with the fewest posts that an index knows, and its value."""
    by = {"container": wanted.container_id, "account": wanted.account_id, "project": wanted.project_id}
    return next(((name, (key,)) for name, key in by.items() if key is not None), ("all", ()))


def _conditions(wanted: SearchFilter, source: str, caller: Principal) -> dict[str, object]:
    """Return what the rows of the source are filtered by."""
    projects = None if caller.project_ids is None else [str(one) for one in sorted(caller.project_ids)]
    if wanted.project_id is not None:
        projects = [str(wanted.project_id)]  # one that the caller sees
    found = {
        "projects": None if source == "project" else projects,
        "account": None if source == "account" or wanted.account_id is None else str(wanted.account_id),
        "platforms": None if wanted.platforms is None else [one.value for one in wanted.platforms],
        "modes": None if wanted.modes is None else [one.value for one in wanted.modes],
        "text": wanted.text,
        "handle": None if wanted.text is None else (wanted.text.removeprefix("@") or wanted.text),
    }
    return {name: value for name, value in found.items() if value is not None}
