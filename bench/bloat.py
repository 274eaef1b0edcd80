"""`python -m bench.bloat`: publish, claim and settle posts at a steady rate for a long time, and watch tables and indexes grow.

The same load runs on two databases of one server: with the storage parameters that the migrations set, and with PostgreSQL's
own. Every minute a line says how large the table and the queue's indexes are, what autovacuum did, and what a claim costs.
"""

import asyncio
import contextlib
import json
import random
import time
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Final
from uuid import UUID

import typer
from rich.console import Console
from rich.table import Table

from bench.figures import quantile
from bench.site import Site, open_site
from bench.world import World, create_world, insert_archive
from presswork.audit.model import Action
from presswork.core.enums import Mode
from presswork.core.ids import new_id
from presswork.core.logging import set_up_logs
from presswork.crypto.keyring import Keyring, load_keyring
from presswork.db.pool import Pool, pool_of
from presswork.db.queries import load
from presswork.events.model import EventType
from presswork.jobs.runner import LeaseLost
from presswork.platforms.registry import Platforms
from presswork.platforms.settings import Settings
from presswork.posts.create_posts import PublishCommand, create_posts, ids_for
from presswork.posts.targets import Target
from presswork.webhooks.model import Attempt
from presswork.worker.lanes import LaneStore
from presswork.worker.post_row import PostRow
from presswork.worker.store import WorkStore

_ACCOUNTS: Final = 1020
_PROJECTS: Final = 51
_LEASE: Final = timedelta(minutes=10)
_AT_ONCE: Final = 100
_SNOOZED_SHARE: Final = 0.05
_SNOOZE: Final = timedelta(seconds=20)
_SCHEDULED_SHARE: Final = 0.5
_SCHEDULED_FOR: Final = timedelta(seconds=10)
_TABLES: Final = ("scheduled_posts", "post_events", "webhook_deliveries", "audit_log", "idempotency_keys")
_QUEUE: Final = (
    "scheduled_posts_due",
    "scheduled_posts_at_once",
    "scheduled_posts_lanes",
    "scheduled_posts_leases",
    "scheduled_posts_leased",
    "scheduled_posts_one_at_work",
)
_CLAIM: Final = load("presswork.worker")["claim"]
_SEARCHES: Final = frozenset({"CTE lapsed", "CTE busy", "CTE at_once", "CTE due"})
_PARAMETERS: Final = """
SELECT c.relname, array_agg(split_part(o.text, '=', 1)) AS names
  FROM pg_class c CROSS JOIN LATERAL unnest(c.reloptions) AS o(text)
 WHERE c.relname = ANY($1) AND o.text LIKE 'autovacuum%' GROUP BY c.relname"""
_STATE: Final = """
SELECT n_tup_upd, n_tup_hot_upd, n_tup_newpage_upd, n_dead_tup, autovacuum_count, vacuum_count, pg_relation_size(relid) AS heap,
       pg_indexes_size(relid) AS indexes
  FROM pg_stat_user_tables WHERE relname = $1"""


@dataclass(slots=True, kw_only=True)
class Load:
    """The load on one database, and what was seen."""

    name: str
    pool: Pool
    platforms: Platforms
    world: World
    store: WorkStore
    lanes: LaneStore
    published: int = 0
    failed: int = 0
    """Seconds that did not complete."""
    claims: list[float] = field(default_factory=list)
    snoozed: set[UUID] = field(default_factory=set)

    async def second(self, count: int) -> None:
        """Do what happens in a second: calls, a claim, the lives of the claimed posts, deliveries of webhooks."""
        accounts = random.sample(range(len(self.world.accounts)), count)
        await asyncio.gather(*(self._publish(account) for account in accounts))
        started = time.perf_counter()
        posts = await self.store.claim(lease=_LEASE, limit=_AT_ONCE)
        self.claims.append(time.perf_counter() - started)
        lives = await asyncio.gather(*(self._live(post) for post in posts), return_exceptions=True)
        await self._deliver()
        for error in lives:
            if error is not None:
                raise error

    async def _publish(self, account: int) -> None:
        targets = [Target(social_account_id=self.world.accounts[account], mode=Mode.PUBLISH)]
        now = datetime.now(UTC)
        is_later = random.random() < _SCHEDULED_SHARE  # noqa: S311  no secret
        command = PublishCommand(
            container_id=self.world.containers[account % len(self.world.projects)],
            targets=targets,
            post_ids=ids_for(targets),
            scheduled_for=now + _SCHEDULED_FOR if is_later else now,
            message="Accepted.",
            action=Action.CONTENT_SCHEDULE if is_later else Action.CONTENT_PUBLISH,
        )
        await create_posts(self.pool, self.platforms, command, caller=self.world.caller, now=now)

    async def _live(self, post: PostRow) -> None:
        """Write what a worker writes for a post with one picture, without a platform."""
        store = self.store
        if post.id not in self.snoozed and random.random() < _SNOOZED_SHARE:  # noqa: S311  no secret
            self.snoozed.add(post.id)
            now = datetime.now(UTC)
            await store.snooze(post, until=now + _SNOOZE, reason="The platform is busy.", now=now)
            return
        await store.save(post, {"container": "17900000000000000"}, now=datetime.now(UTC))
        await store.go_live(post, post.state, "Publishing.", now=datetime.now(UTC))
        url = "https://www.instagram.com/p/C0ffee00000/"
        now = datetime.now(UTC)
        await store.live(post, external_id="17900000000000001", external_url=url, message="It is live.", now=now)
        await store.settle_published(
            post, needs_location=False, needs_comment=False, extras=[], follow_up_at=now, gives_up_at=now, now=now
        )
        self.snoozed.discard(post.id)
        self.published += 1

    async def _deliver(self) -> None:
        now = datetime.now(UTC)
        attempt = Attempt(at=now, duration_ms=5, status_code=204, error=None, excerpt=None)
        for lane in await self.lanes.claim(limit=10, failing_limit=5):
            while (batch := await self.lanes.take_batch(lane)) is not None and batch.deliveries:
                for delivery in batch.deliveries:
                    await self.lanes.delivered(lane, delivery, attempt, now=now)
            await self.lanes.release(lane)

    async def search_blocks(self) -> tuple[int, int]:
        """Return how many blocks a claim touches to find its posts, in memory or on disk, and how many it found."""
        async with self.pool.acquire() as connection:
            transaction = connection.transaction()
            await transaction.start()
            try:
                await connection.execute("SET LOCAL plan_cache_mode = force_generic_plan")
                for scan in ("seqscan", "bitmapscan"):  # as in the pool's sessions that keep plans (db/pool.py)
                    await connection.execute(f"SET LOCAL enable_{scan} = off")
                document = await connection.fetchval(
                    f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {_CLAIM}", None, "explained", _LEASE, _AT_ONCE, []
                )
            finally:
                await transaction.rollback()
        parts = [node for node in _nodes(json.loads(document)[0]["Plan"]) if node.get("Subplan Name") in _SEARCHES]
        if len(parts) != len(_SEARCHES):
            raise RuntimeError("the claim has other parts than these")
        blocks = sum(node["Shared Hit Blocks"] + node["Shared Read Blocks"] for node in parts)
        return blocks, sum(int(node["Actual Rows"]) for node in parts if node["Subplan Name"] != "CTE busy")

    async def due(self) -> int:
        """Return how many posts are due. A claim reads each one whose account has a post at work, which is not bloat."""
        return int(
            await self.pool.fetchval(
                "SELECT count(*) FROM scheduled_posts WHERE status = 'queued' AND run_at <= greatest(now(), created_at)"
            )
        )

    async def sizes(self, names: Sequence[str]) -> Mapping[str, int]:
        """Return the size of each table or index, in bytes."""
        rows = await self.pool.fetch("SELECT n, pg_relation_size(n::regclass) AS size FROM unnest($1::text[]) n", names)
        return {row["n"]: row["size"] for row in rows}

    async def state(self, table: str) -> Mapping[str, int]:
        """Return sizes and counters of a table."""
        row = await self.pool.fetchrow(_STATE, table)
        return dict(row) if row is not None else {}


def _nodes(plan: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield plan
    for inner in plan.get("Plans", []):
        yield from _nodes(inner)


@contextlib.asynccontextmanager
async def open_load(site: Site, name: str, *, ended: int, is_default: bool = False) -> AsyncIterator[Load]:
    """Create a database with posts that have ended. `is_default`: with PostgreSQL's own storage parameters."""
    dsn = await site.database()
    keyring = load_keyring(site.settings)
    async with pool_of(dsn, max_size=20) as pool, Platforms(site.settings, base_url="http://127.0.0.1:9") as platforms:
        world = await create_world(pool, keyring, accounts=_ACCOUNTS, projects=_PROJECTS)
        if is_default:
            for row in await pool.fetch(_PARAMETERS, _TABLES):
                await pool.execute(f"ALTER TABLE {row['relname']} RESET ({', '.join(row['names'])})")
        if ended:
            await insert_archive(pool, world, ended)
        await _subscribe(pool, keyring, world)
        yield Load(
            name=name,
            pool=pool,
            platforms=platforms,
            world=world,
            store=WorkStore(pool, worker_id="bench"),
            lanes=LaneStore(pool, worker_id="bench"),
        )


async def _subscribe(pool: Pool, keyring: Keyring, world: World) -> None:
    """Insert one endpoint for every event of a post."""
    events = [event.value for event in EventType if event.value.startswith("post.")]
    await pool.execute(
        """INSERT INTO webhook_endpoints (id, organization_id, environment, url, events, status, sealed_secret, created_at, updated_at)
           VALUES ($1, $2, $3, 'http://127.0.0.1:9/', $4, 'active', $5, now(), now())""",
        new_id(),
        world.organization,
        world.environment.value,
        events,
        keyring.seal(b"whsec_bench"),
    )


@contextlib.asynccontextmanager
async def _snapshot(load: Load, *, is_held: bool) -> AsyncIterator[None]:
    """Hold a snapshot, as pg_dump does: rows that end meanwhile can't be removed."""
    if not is_held:
        yield
        return
    async with load.pool.acquire() as connection, connection.transaction(isolation="repeatable_read", readonly=True):
        await connection.fetchval("SELECT count(*) FROM workers")
        yield


async def _press(load: Load, rate: int, until: float) -> None:
    """Keep the rate; a second that takes longer than a second is followed by the next one at once."""
    due = time.monotonic()
    while due < until:
        try:
            await load.second(rate)
        except (TimeoutError, LeaseLost):  # the machine was stopped for a while: lapsed leases are claimed again
            load.failed += 1
        due = max(due + 1, time.monotonic() - 5)
        await asyncio.sleep(max(0.0, due - time.monotonic()))


def mib(size: int) -> str:
    """Write a size in MiB."""
    return f"{size / 2**20:,.1f}"


async def _line(load: Load, minute: float) -> str:
    state, sizes = await load.state("scheduled_posts"), await load.sizes(_QUEUE)
    claims, load.claims = load.claims, []
    blocks, posts = await load.search_blocks()
    return (
        f"{minute:5.1f} min  {load.name:<8} {load.published:>7} published  table {mib(state['heap'])} MiB, "
        f"its indexes {mib(state['indexes'])}, those of the queue {mib(sum(sizes.values()))}  dead {state['n_dead_tup']:>7,}  "
        f"HOT {100 * state['n_tup_hot_upd'] / max(1, state['n_tup_upd']):.0f} %  autovacuum {state['autovacuum_count']}  "
        f"claim {quantile(claims, 0.5) * 1000 if claims else 0:.1f} ms; {blocks:,} blocks to find {posts} of {await load.due()} due"
    )


async def _report(load: Load, console: Console, began: Mapping[str, int]) -> None:
    """Print each table and index at the end, and the size of each index after REINDEX."""
    table = Table(title=f"{load.name}: {load.published:,} posts published", title_justify="left")
    for heading in (
        "table",
        "updates",
        "HOT %",
        "to another page %",
        "dead",
        "autovacuum runs",
        "heap MiB",
        "index",
        "MiB",
        "after REINDEX",
    ):
        table.add_column(heading, justify="left" if heading in ("table", "index") else "right")
    for name in _TABLES:
        state = await load.state(name)
        before = await load.sizes(await _indexes(load.pool, name))
        await load.pool.execute(f"REINDEX TABLE {name}", timeout=600)
        after = await load.sizes(list(before))
        cells = (
            name,
            f"{state['n_tup_upd']:,}",
            f"{100 * state['n_tup_hot_upd'] / max(1, state['n_tup_upd']):.0f}",
            f"{100 * state['n_tup_newpage_upd'] / max(1, state['n_tup_upd']):.0f}",
            f"{state['n_dead_tup']:,}",
            str(state["autovacuum_count"]),
            f"{mib(began[name])} → {mib(state['heap'])}",
        )
        for index, size in before.items():
            table.add_row(*cells, index, mib(size), mib(after[index]))
            cells = ("", "", "", "", "", "", "")
    console.print(table)


async def _indexes(pool: Pool, table: str) -> Sequence[str]:
    rows = await pool.fetch(
        "SELECT indexrelid::regclass::text AS name FROM pg_index WHERE indrelid = $1::text::regclass ORDER BY 1", table
    )
    return [row["name"] for row in rows]


async def _measure(site: Site, console: Console, *, minutes: float, rate: int, ended: int, is_held: bool) -> None:
    async with (
        open_load(site, "ours", ended=ended, is_default=False) as ours,
        open_load(site, "default", ended=ended, is_default=True) as default,
    ):
        both = (ours, default)
        began = {load.name: await load.sizes(_TABLES) for load in both}
        started = time.monotonic()
        until = started + minutes * 60
        async with _snapshot(ours, is_held=is_held), _snapshot(default, is_held=is_held):
            pressing = asyncio.gather(*(_press(load, rate, until) for load in both))
            minute = 1
            while not pressing.done():
                await asyncio.wait([pressing], timeout=max(0.0, started + 60 * minute - time.monotonic()))
                for load in both:
                    console.print(await _line(load, (time.monotonic() - started) / 60), soft_wrap=True)
                minute += 1
            await pressing
        for load in both:
            await _report(load, console, began[load.name])


def main(
    minutes: Annotated[float, typer.Option(min=0.05, help="How long the load runs.")] = 60,
    rate: Annotated[int, typer.Option(min=1, max=500, help="Posts per second on each of the two databases.")] = 20,
    ended: Annotated[
        int, typer.Option(min=0, help="Posts of a year that are there before, nine in ten ended.")
    ] = 1_000_000,
    hold_snapshot: Annotated[
        bool, typer.Option("--hold-snapshot", help="Keep a transaction open meanwhile, as a long backup does.")
    ] = False,
) -> None:
    """Watch bloat under a steady load."""
    set_up_logs(Settings(_env_file=None, log_level="warning"))
    with open_site() as site:
        asyncio.run(_measure(site, Console(width=200), minutes=minutes, rate=rate, ended=ended, is_held=hold_snapshot))


if __name__ == "__main__":
    typer.run(main)
