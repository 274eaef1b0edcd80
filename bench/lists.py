"""Lists of a project's posts with few and with many posts there: first page, a page deep inside, each filter, both orders."""

import contextlib
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from time import perf_counter
from typing import Final, Literal
from uuid import UUID

from bench.figures import Budget, Figure, quantile
from bench.scenery import Scene, insert_archive, set_scene
from bench.site import Scale, Site
from presswork.crypto.keyring import load_keyring
from presswork.db.pool import Pool, pool_of
from presswork.posts.model import Status
from presswork.posts.read import Position, PostFilter, list_posts

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
class Question:
    """One way to ask for a page."""

    project: UUID
    filter: PostFilter = _ALL
    starts_inside: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """One database with so many posts, half of them in its first project."""

    pool: Pool
    scene: Scene
    middles: Mapping[UUID, Position]
    """A place in the middle of a project's posts."""

    def questions(self) -> Mapping[str, Question]:
        """Return what is asked. The first account and container belong to the big project, as do a hundred failed posts."""
        big, small = self.scene.projects[:2]
        account, container = self.scene.accounts[0], self.scene.containers[0]
        failed = [Status.FAILED]
        return {
            "big project, first page": Question(project=big),
            "big project, a page inside": Question(project=big, starts_inside=True),
            "big project, failed only": Question(project=big, filter=PostFilter(statuses=failed)),
            "big project, queued only": Question(project=big, filter=PostFilter(statuses=[Status.QUEUED])),
            "big project, failed and canceled, inside": Question(
                project=big, filter=PostFilter(statuses=[Status.FAILED, Status.CANCELED]), starts_inside=True
            ),
            "one account": Question(project=big, filter=PostFilter(account_id=account)),
            "one account, failed only": Question(project=big, filter=PostFilter(account_id=account, statuses=failed)),
            "one container": Question(project=big, filter=PostFilter(container_id=container)),
            "one container, failed only": Question(
                project=big, filter=PostFilter(container_id=container, statuses=failed)
            ),
            "small project, first page": Question(project=small),
            "small project, a page inside": Question(project=small, starts_inside=True),
        }

    async def ask(self, question: Question, order: Order) -> float:
        """Read a page and return how many seconds that took."""
        after = self.middles[question.project] if question.starts_inside else None
        started = perf_counter()
        page = await list_posts(
            self.pool,
            question.project,
            replace(question.filter, order=order),
            after=after,
            limit=_PAGE + 1,
            visible_to=self.scene.caller,
        )
        took = perf_counter() - started
        if not page:
            raise RuntimeError("read an empty page")
        return took


@contextlib.asynccontextmanager
async def _ground(site: Site, rows: int) -> AsyncIterator[Ground]:
    async with pool_of(await site.database(), min_size=1, max_size=1) as pool:
        scene = await set_scene(pool, load_keyring(site.settings), accounts=_ACCOUNTS, projects=_PROJECTS)
        await insert_archive(pool, scene, rows)
        middles = {project: await _middle(pool, project) for project in scene.projects[:2]}
        yield Ground(pool=pool, scene=scene, middles=middles)


async def _middle(pool: Pool, project: UUID) -> Position:
    row = await pool.fetchrow(
        """SELECT scheduled_for, id FROM scheduled_posts
            WHERE project_id = $1 ORDER BY scheduled_for, id
           OFFSET (SELECT count(*) / 2 FROM scheduled_posts WHERE project_id = $1) LIMIT 1""",
        project,
        timeout=600,
    )
    if row is None:
        raise RuntimeError("a project without posts")
    return (row["scheduled_for"], row["id"])


async def measure(site: Site, scale: Scale) -> list[Figure]:
    """Ask every question of both sizes in turns, over one connection each: it keeps its plans whatever is asked next."""
    async with _ground(site, min(_FEW, scale.rows)) as few, _ground(site, scale.rows) as many:
        grounds = (few, many)
        times: dict[tuple[str, Order], tuple[list[float], list[float]]] = {}
        until, number = perf_counter() + 4 * scale.seconds, 0
        while number <= _FEWEST_ROUNDS or perf_counter() < until:
            for name, order in product(few.questions(), _ORDERS):
                here = times.setdefault((name, order), ([], []))
                turns = [*zip(grounds, here, strict=True)]
                for ground, known in turns if number % 2 else reversed(turns):  # neither is always the first
                    took = await ground.ask(ground.questions()[name], order)
                    if number:  # caches and plans
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
