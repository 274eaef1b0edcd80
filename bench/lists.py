"""Measure lists of a project's posts with few and with many posts: first page, a later page, each filter, both orders."""

import contextlib
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from time import perf_counter
from typing import Final, Literal
from uuid import UUID

from bench.figures import Budget, Figure, quantile
from bench.site import Scale, Site
from bench.world import World, create_world, insert_archive
from presswork.crypto.keyring import load_keyring
from presswork.db.found_page import Position
from presswork.db.pool import Pool, pool_of
from presswork.posts.model import Status
from presswork.posts.read import PostFilter, list_posts

_FEW: Final = 10_000
_ACCOUNTS: Final = 1020
_PROJECTS: Final = 51
_PAGE: Final = 50
_FEWEST_ROUNDS: Final = 40
_ALL: Final = PostFilter()
_WITHIN: Final = Budget(of="ratio", sign="≤", limit=1.5)

Order = Literal["asc", "desc"]
_ORDERS: Final[Sequence[Order]] = ("desc", "asc")


@dataclass(frozen=True, slots=True, kw_only=True)
class ListQuery:
    """One request for a page."""

    project: UUID
    filter: PostFilter = _ALL
    starts_inside: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PopulatedDatabase:
    """A database with many posts, half of them in its first project."""

    pool: Pool
    world: World
    middles: Mapping[UUID, Position]
    """A cursor in the middle of a project's posts."""

    def queries(self) -> Mapping[str, ListQuery]:
        """Return the queries. The first account and container belong to the big project, as do a hundred failed posts."""
        big, small = self.world.projects[:2]
        account, container = self.world.accounts[0], self.world.containers[0]
        failed = [Status.FAILED]
        return {
            "big project, first page": ListQuery(project=big),
            "big project, a page inside": ListQuery(project=big, starts_inside=True),
            "big project, failed only": ListQuery(project=big, filter=PostFilter(statuses=failed)),
            "big project, queued only": ListQuery(project=big, filter=PostFilter(statuses=[Status.QUEUED])),
            "big project, failed and canceled, inside": ListQuery(
                project=big, filter=PostFilter(statuses=[Status.FAILED, Status.CANCELED]), starts_inside=True
            ),
            "one account": ListQuery(project=big, filter=PostFilter(account_id=account)),
            "one account, failed only": ListQuery(project=big, filter=PostFilter(account_id=account, statuses=failed)),
            "one container": ListQuery(project=big, filter=PostFilter(container_id=container)),
            "one container, failed only": ListQuery(
                project=big, filter=PostFilter(container_id=container, statuses=failed)
            ),
            "small project, first page": ListQuery(project=small),
            "small project, a page inside": ListQuery(project=small, starts_inside=True),
        }

    async def time_query(self, query: ListQuery, order: Order) -> float:
        """Read a page and return the duration in seconds."""
        after = self.middles[query.project] if query.starts_inside else None
        started = perf_counter()
        page = await list_posts(
            self.pool,
            query.project,
            replace(query.filter, order=order),
            after=after,
            limit=_PAGE + 1,
            visible_to=self.world.caller,
        )
        took = perf_counter() - started
        if not page:
            raise RuntimeError("the page is empty")
        return took


@contextlib.asynccontextmanager
async def _populated(site: Site, rows: int) -> AsyncIterator[PopulatedDatabase]:
    async with pool_of(await site.database(), min_size=1, max_size=1) as pool:
        world = await create_world(pool, load_keyring(site.settings), accounts=_ACCOUNTS, projects=_PROJECTS)
        await insert_archive(pool, world, rows)
        middles = {project: await _middle(pool, project) for project in world.projects[:2]}
        yield PopulatedDatabase(pool=pool, world=world, middles=middles)


async def _middle(pool: Pool, project: UUID) -> Position:
    row = await pool.fetchrow(
        """SELECT scheduled_for, id FROM scheduled_posts
            WHERE project_id = $1 ORDER BY scheduled_for, id
           OFFSET (SELECT count(*) / 2 FROM scheduled_posts WHERE project_id = $1) LIMIT 1""",
        project,
        timeout=600,
    )
    if row is None:
        raise RuntimeError("the project has no posts")
    return (row["scheduled_for"], row["id"])


async def measure(site: Site, scale: Scale) -> list[Figure]:
    """Measure all queries on both sizes in alternation, over one connection each, which keeps its plans."""
    async with _populated(site, min(_FEW, scale.rows)) as few, _populated(site, scale.rows) as many:
        databases = (few, many)
        times: dict[tuple[str, Order], tuple[list[float], list[float]]] = {}
        until, number = perf_counter() + 4 * scale.seconds, 0
        while number <= _FEWEST_ROUNDS or perf_counter() < until:
            for name, order in product(few.queries(), _ORDERS):
                here = times.setdefault((name, order), ([], []))
                pairs = [*zip(databases, here, strict=True)]
                for database, known in pairs if number % 2 else reversed(pairs):  # alternate the order
                    took = await database.time_query(database.queries()[name], order)
                    if number:  # the first round fills caches and makes plans
                        known.append(took)
            number += 1
    return [
        Figure(
            measure=f"list with {scale.rows:,} posts: {name}, {order}, median",
            value=quantile(value, 0.5) * 1000,
            unit="ms",
            floor=quantile(floor, 0.5) * 1000,
            budget=_WITHIN,
        )
        for (name, order), (floor, value) in times.items()
    ]
