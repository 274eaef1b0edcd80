"""List and count the posts of all projects that a caller sees, one by one or as groups."""

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, TypeAlias, TypeVar
from uuid import UUID

import asyncpg

from presswork.callers.model import Principal
from presswork.core.enums import Mode
from presswork.core.timestamps import write_instant
from presswork.db.found_page import MAX_SCANNED, FoundPage, Position, conditions_of, found_page
from presswork.db.pool import Connection, Pool
from presswork.db.queries import load
from presswork.platforms.names import PlatformName
from presswork.posts.model import LiveStatus
from presswork.posts.read import ListedPost, PostDocument, PostFilter

_SQL: Final = load("presswork.posts", "overview.sql")
Item = TypeVar("Item")
ThumbnailURL: TypeAlias = Callable[[str], str]
"""Returns the signed URL of a thumbnail, by its key in the media store."""
MAX_COUNTED: Final = 100_000
"""The most posts that are counted."""
_READ_PER_GROUP: Final = 20
"""How many posts a page of groups reads for each of its groups, at most MAX_SCANNED. Most groups have fewer posts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchFilter(PostFilter):
    """Which posts to list; None does not filter."""

    project_id: UUID | None = None
    platforms: Sequence[PlatformName] | None = None
    modes: Sequence[Mode] | None = None
    live_statuses: Sequence[LiveStatus] | None = None
    labels: Sequence[str] | None = None
    """Those of the content: any of them."""
    text: str | None = None
    """Part of the caption or of the account's handle, ignoring case."""


@dataclass(frozen=True, slots=True)
class PostCount:
    """How many posts match a filter: at least that many if it is capped."""

    total: int
    is_capped: bool


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
    if (search := await prepare_search(pool, wanted, visible_to, now)) is None:
        return FoundPage((), None)
    return await _read_page(
        pool,
        search,
        lambda position, row: ListedPost(
            position, _with_thumbnail(row["document"], row["thumbnail_key"], thumbnail_url)
        ),
        after=after,
        limit=limit,
        max_scanned=max_scanned,
    )


async def read_documents(
    pool: Pool, search: "PreparedSearch", *, after: Position | None, limit: int, max_scanned: int
) -> FoundPage[PostDocument]:
    """Return a page as `search_posts` does: the documents alone, without thumbnails."""
    return await _read_page(
        pool, search, lambda _, row: PostDocument(row["document"]), after=after, limit=limit, max_scanned=max_scanned
    )


async def list_labelled(
    pool: Pool, wanted: SearchFilter, *, after: Position | None, limit: int, visible_to: Principal
) -> FoundPage[PostDocument]:
    """Return a page as `search_posts` does: the documents as those of a project's list, without context."""
    if (search := await prepare_search(pool, wanted, visible_to, None)) is None:
        return FoundPage((), None)
    found: FoundPage[UUID] = await _read_page(
        pool, search, lambda position, _: position[1], after=after, limit=limit, max_scanned=MAX_SCANNED
    )
    rows = await pool.fetch(_SQL["documents_of"], list(found.items))
    return FoundPage([PostDocument(row["document"]) for row in rows], found.continues_after)


async def _read_page(
    pool: Pool,
    search: "PreparedSearch",
    shape: Callable[[Position, asyncpg.Record], Item],
    *,
    after: Position | None,
    limit: int,
    max_scanned: int,
) -> FoundPage[Item]:
    bound = max_scanned if search.conditions else None
    rows = await search.fetch_page(pool, "search", after=after, limit=limit, max_scanned=bound or limit + 1)
    found = [(position, shape(position, row)) for position, row in _positions(rows)]
    return found_page(rows, found, limit=limit, scanned=bound)


async def search_groups(
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
    """Return up to `limit` groups by `scheduledFor`: the posts of one container that are due at one instant and match, as one item.

    A page may have fewer groups than `limit`, possibly none; the list ends where there is nothing to continue after.
    """
    if (search := await prepare_search(pool, wanted, visible_to, now)) is None:
        return FoundPage((), None)
    bound = min(max_scanned, _READ_PER_GROUP * (limit + 1))
    rows = await search.fetch_page(pool, "group", after=after, limit=limit, max_scanned=bound)
    found = [(position, ListedPost(position, _group(row, thumbnail_url))) for position, row in _positions(rows)]
    return found_page(rows, found, limit=limit, scanned=bound)


async def count_posts(
    pool: Pool, wanted: SearchFilter, *, visible_to: Principal, max_counted: int = MAX_COUNTED
) -> PostCount:
    """Count the posts that match: of the first `max_counted` that an index finds, which is why more may match."""
    if (search := await prepare_search(pool, wanted, visible_to, None)) is None:
        return PostCount(0, is_capped=False)
    near, far = replace(wanted, order="asc").span(None)
    (row,) = await pool.fetch(
        _SQL[f"count_{search.source}"],
        *search.tenant,
        wanted.status_values(),
        *near,
        far,
        json.dumps(search.conditions),
        max_counted + 1,
        *search.key,
    )
    scanned = row["scanned"]
    matching = scanned if row["matching"] is None else row["matching"]
    return PostCount(min(matching, max_counted), is_capped=scanned > max_counted)


@dataclass(frozen=True, slots=True, kw_only=True)
class PreparedSearch:
    """A filter as arguments of a statement."""

    wanted: SearchFilter
    source: str
    key: Sequence[UUID]
    tenant: tuple[UUID, str]
    conditions: Mapping[str, object]
    now: datetime | None

    async def fetch_page(
        self, pool: Pool, kind: str, *, after: Position | None, limit: int, max_scanned: int
    ) -> Sequence[asyncpg.Record]:
        """Run the statement of a kind for one page."""
        near, far = self.wanted.span(after)
        return await pool.fetch(
            _SQL[f"{kind}_{self.source}_{self.wanted.order}"],
            *self.tenant,
            self.wanted.status_values(),
            *near,
            far,
            limit + 1,
            json.dumps(self.conditions if self.now is None else {**self.conditions, "now": self.now.isoformat()}),
            max_scanned,
            *self.key,
        )


async def prepare_search(
    connection: Connection | Pool, wanted: SearchFilter, caller: Principal, now: datetime | None
) -> PreparedSearch | None:
    """Return a filter as arguments, or None if it names a project, account or container that the caller does not see."""
    source, key = _source_of(wanted)
    tenant = (caller.organization_id, caller.environment.value)
    if wanted.project_id is not None and not caller.may_see(wanted.project_id):
        return None
    if key and not await connection.fetchval(_SQL[f"{source}_exists"], *tenant, *key):
        return None
    return PreparedSearch(
        wanted=wanted, source=source, key=key, tenant=tenant, conditions=_conditions(wanted, source, caller), now=now
    )


def _positions(rows: Sequence[asyncpg.Record]) -> Iterator[tuple[Position, asyncpg.Record]]:
    for row in rows:
        if row["id"] is not None:
            yield (row["scheduled_for"], row["id"]), row


def _with_thumbnail(document: str, key: str | None, thumbnail_url: ThumbnailURL) -> PostDocument:
    """Return a document with the URL of its thumbnail, which SQL can't sign."""
    url = "null" if key is None else json.dumps(thumbnail_url(key))
    return PostDocument(f'{document[:-1]},"thumbnailUrl":{url}}}')


def _group(row: asyncpg.Record, thumbnail_url: ThumbnailURL) -> PostDocument:
    key = row["thumbnail_key"]
    posts = ",".join(_with_thumbnail(post, key, thumbnail_url) for post in row["documents"])
    group = json.dumps(
        {
            "containerId": row["container"],
            "projectId": row["project"],
            "scheduledFor": write_instant(row["scheduled_for"]),
            "caption": row["caption"],
            "mediaType": row["media_type"],
            "counts": Counter(row["statuses"]),
        }
    )
    return PostDocument(f'{_with_thumbnail(group, key, thumbnail_url)[:-1]},"posts":[{posts}]}}')


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
            "live_statuses": None if wanted.live_statuses is None else [one.value for one in wanted.live_statuses],
            "labels": wanted.labels,
            "text": wanted.text,
            "handle": None if wanted.text is None else (wanted.text.removeprefix("@") or wanted.text),
        }
    )
