"""Claiming and sleeping with few and with many posts waiting; and with one deep busy lane."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from time import perf_counter
from typing import Final

from bench.figures import Budget, Figure, quantile
from bench.site import Scale, Site
from bench.world import World, create_world, insert_due, insert_snoozed, insert_waiting
from presswork.crypto.keyring import load_keyring
from presswork.db.pool import Pool, pool_of
from presswork.worker.post_row import PostRow
from presswork.worker.store import WorkStore

_FEW: Final = 10_000
_ACCOUNTS: Final = 5000
_PROJECTS: Final = 50
_AT_ONCE: Final = 100
_FEWEST_ROUNDS: Final = 8
_LANE: Final = 10_000
_SNOOZED: Final = 100_000
_LEASE: Final = timedelta(minutes=10)
_WITHIN: Final = Budget(of="ratio", sign="≤", limit=1.5)


@dataclass(slots=True)
class Times:
    """Seconds per action, by what was done."""

    claim: list[float] = field(default_factory=list)
    settle: list[float] = field(default_factory=list)
    wake: list[float] = field(default_factory=list)

    def posts_per_second(self) -> float:
        """Posts claimed and settled a second."""
        return _AT_ONCE * len(self.claim) / (sum(self.claim) + sum(self.settle))


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """One database with so many waiting posts."""

    pool: Pool
    world: World
    store: WorkStore
    times: Times

    async def claim(self) -> list[PostRow]:
        """Claim as a worker does."""
        now = datetime.now(UTC)
        return list(await self.store.claim(now=now, lease=_LEASE, limit=_AT_ONCE))

    async def settle(self, posts: list[PostRow]) -> None:
        """End posts as canceled, at the same time."""
        now = datetime.now(UTC)
        await asyncio.gather(*(self.store.settle_canceled(post, "measured", now=now) for post in posts))

    async def round(self, number: int) -> None:
        """Make 100 posts due on 100 accounts, and time what a worker does."""
        first = number * _AT_ONCE % len(self.world.accounts)
        await insert_due(
            self.pool,
            self.world,
            self.world.accounts[first : first + _AT_ONCE],
            at=datetime.now(UTC) - timedelta(seconds=1),
        )
        posts: list[PostRow] = []

        async def claim() -> None:
            posts.extend(await self.claim())

        await _timed(self.times.claim, claim)
        if len(posts) != _AT_ONCE:
            raise RuntimeError(f"claimed {len(posts)} of {_AT_ONCE}")
        await _timed(self.times.settle, lambda: self.settle(posts))
        await _timed(self.times.wake, self.wake)

    async def wake(self) -> None:
        """Ask when to look again."""
        if await self.store.next_due(now=datetime.now(UTC)) is None:
            raise RuntimeError("nothing waits")


async def _timed(times: list[float], action: Callable[[], Awaitable[None]]) -> None:
    started = perf_counter()
    await action()
    times.append(perf_counter() - started)


@contextlib.asynccontextmanager
async def _ground(site: Site, rows: int) -> AsyncIterator[Ground]:
    async with pool_of(await site.database(), min_size=20) as pool:
        world = await create_world(pool, load_keyring(site.settings), accounts=_ACCOUNTS, projects=_PROJECTS)
        await insert_waiting(pool, world, rows, first_at=datetime.now(UTC) + timedelta(days=1))
        yield Ground(pool=pool, world=world, store=WorkStore(pool, worker_id="bench"), times=Times())


async def measure(site: Site, scale: Scale) -> list[Figure]:
    """Measure both sizes in turns, then the deep lane."""
    few_rows = min(_FEW, scale.rows)
    async with _ground(site, few_rows) as few, _ground(site, scale.rows) as many:
        for ground in (few, many):  # caches and plans
            await ground.round(0)
            ground.times.claim.clear()
            ground.times.settle.clear()
            ground.times.wake.clear()
        until = perf_counter() + 4 * scale.seconds
        number = 1
        while number <= _FEWEST_ROUNDS or perf_counter() < until:
            await few.round(number)
            await many.round(number)
            number += 1
        figures = _figures(f"{scale.rows:,} waiting", many.times, few.times)
        figures += await _deep_lane(few, scale)
    return [*figures, *await _snoozed(site, scale)]


def _figures(name: str, many: Times, few: Times) -> list[Figure]:
    def middle(measure: str, value: list[float], floor: list[float], budget: Budget | None) -> Figure:
        return Figure(
            measure=f"{name}: {measure}",
            value=quantile(value, 0.5) * 1000,
            unit="ms",
            floor=quantile(floor, 0.5) * 1000,
            budget=budget,
        )

    return [
        middle(f"claim of {_AT_ONCE}, median", many.claim, few.claim, _WITHIN),
        Figure(
            measure=f"{name}: claim and settle",
            value=many.posts_per_second(),
            unit="posts/s",
            floor=few.posts_per_second(),
        ),
        middle("next wake, median", many.wake, few.wake, _WITHIN),
    ]


async def _deep_lane(ground: Ground, scale: Scale) -> list[Figure]:
    """A claim of 100 while one account is at work and has many due posts in front of everybody else's."""
    usual = quantile(ground.times.claim, 0.5) * 1000
    lane = min(_LANE, scale.rows)
    account = ground.world.accounts[-1]
    await insert_due(ground.pool, ground.world, [account] * lane, at=datetime.now(UTC) - timedelta(hours=1))
    await ground.pool.execute("ANALYZE scheduled_posts")
    taken = await ground.claim()
    if len(taken) != 1:
        raise RuntimeError(f"a lane gave {len(taken)} posts at once")
    ground.times.claim.clear()
    for number in range(_FEWEST_ROUNDS):
        await ground.round(number)
    measured = Figure(
        measure=f"claim of {_AT_ONCE} behind {lane:,} due posts of one busy account, median",
        value=quantile(ground.times.claim, 0.5) * 1000,
        unit="ms",
        floor=usual,
    )
    return [measured]


async def _snoozed(site: Site, scale: Scale) -> list[Figure]:
    """A claim of 100 while many posts of other accounts snooze for hours: they stay `publishing` until they are due."""
    snoozed = min(_SNOOZED, scale.rows)
    async with pool_of(await site.database(), min_size=20) as pool:
        world = await create_world(pool, load_keyring(site.settings), accounts=_ACCOUNTS + snoozed, projects=_PROJECTS)
        awake = replace(world, accounts=world.accounts[:_ACCOUNTS])
        ground = Ground(pool=pool, world=awake, store=WorkStore(pool, worker_id="bench"), times=Times())
        await insert_waiting(pool, awake, min(_FEW, scale.rows), first_at=datetime.now(UTC) + timedelta(days=1))
        for number in range(_FEWEST_ROUNDS + 1):
            await ground.round(number)
        usual = quantile(ground.times.claim[1:], 0.5) * 1000
        await insert_snoozed(pool, world, world.accounts[_ACCOUNTS:])
        ground.times.claim.clear()
        for number in range(_FEWEST_ROUNDS + 1):
            await ground.round(number)
        return [
            Figure(
                measure=f"claim of {_AT_ONCE} beside {snoozed:,} snoozed posts, median",
                value=quantile(ground.times.claim[1:], 0.5) * 1000,
                unit="ms",
                floor=usual,
                budget=_WITHIN,
            )
        ]
