"""List the posts of all projects that a caller sees."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, TypeAlias
from uuid import UUID

import asyncpg

from presswork.callers.model import Principal
from presswork.core.enums import Mode
from presswork.db.found_page import MAX_SCANNED, FoundPage, Position, conditions_of, found_page
from presswork.db.pool import Pool
from presswork.db.queries import load
from presswork.platforms.names import PlatformName
from presswork.posts.model import Status
from presswork.posts.read import ListedPost, PostDocument, PostFilter

_SQL: Final = load("presswork.posts", "overview.sql")
ThumbnailURL: TypeAlias = Callable[[str], str]
"""Returns the signed URL of a thumbnail, by its key in the media store."""
_NOTHING: Final[FoundPage[ListedPost]] = FoundPage((), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchFilter(PostFilter):
    """Which posts to list; None does not filter."""

    project_id: UUID | None = None
    platforms: Sequence[PlatformName] | None = None
    modes: Sequence[Mode] | None = None
    text: str | None = None
    """Part of the caption or of the account's handle, ignoring case."""


async def search_posts(
    pool: Pool,
    wanted: SearchFilter,
    *,
    after: Position | None,
    limit: int,
    visible_to: Principal,
    thumbnail_url: ThumbnailURL,
    now: datetime | None,
    max_scanned: int = MAX_SCANNED,
) -> FoundPage[ListedPost]:
    """Return up to `limit` posts by `scheduledFor`; none of a project, account or container that the caller does not see.

    `now` is None in production: the database's time. A page has fewer posts than `limit`, possibly none, if `max_scanned` posts have been read before it is full.
    """
    name, key = _source_of(wanted)
    tenant = (visible_to.organization_id, visible_to.environment.value)
    if wanted.project_id is not None and not visible_to.may_see(wanted.project_id):
        return _NOTHING
    if key and not await pool.fetchval(_SQL[f"{name}_exists"], *tenant, *key):
        return _NOTHING
    conditions = _conditions(wanted, name, visible_to)
    near, far = wanted.span(after)
    rows = await pool.fetch(
        _SQL[f"search_{name}_{wanted.order}"],
        *tenant,
        [status.value for status in dict.fromkeys(Status if wanted.statuses is None else wanted.statuses)],
        *near,
        far,
        limit + 1,
        json.dumps(conditions if now is None else {**conditions, "now": now.isoformat()}),
        max_scanned if conditions else limit + 1,
        *key,
    )
    found = [
        ListedPost((row["scheduled_for"], row["id"]), _document(row, thumbnail_url))
        for row in rows
        if row["id"] is not None
    ]
    return found_page(
        rows,
        [(post.position, post) for post in found],
        limit=limit,
        scanned=max_scanned if conditions else None,
    )


def _document(row: asyncpg.Record, thumbnail_url: ThumbnailURL) -> PostDocument:
    """Return the document of a post with the URL of its thumbnail, which SQL can't sign."""
    key = row["thumbnail_key"]
    url = "null" if key is None else json.dumps(thumbnail_url(key))
    return PostDocument(f'{row["document"][:-1]},"thumbnailUrl":{url}}}')


def _source_of(wanted: SearchFilter) -> tuple[str, Sequence[UUID]]:
    """Return the filter with the fewest posts that an index knows, and its value."""
    by = {"container": wanted.container_id, "account": wanted.account_id, "project": wanted.project_id}
    return next(((name, (key,)) for name, key in by.items() if key is not None), ("all", ()))


def _conditions(wanted: SearchFilter, source: str, caller: Principal) -> dict[str, object]:
    """Return what the rows of the source are filtered by."""
    projects = None if caller.project_ids is None else [str(one) for one in sorted(caller.project_ids)]
    if wanted.project_id is not None:
        projects = [str(wanted.project_id)]  # one that the caller sees
    return conditions_of(
        {
            "projects": None if source == "project" else projects,
            "account": None if source == "account" or wanted.account_id is None else str(wanted.account_id),
            "platforms": None if wanted.platforms is None else [one.value for one in wanted.platforms],
            "modes": None if wanted.modes is None else [one.value for one in wanted.modes],
            "text": wanted.text,
            "handle": None if wanted.text is None else (wanted.text.removeprefix("@") or wanted.text),
        }
    )
