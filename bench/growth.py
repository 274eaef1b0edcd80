"""`python -m bench.growth`: what many ended posts cost on disk, per new post, and at each vacuum.

Fills a table with posts that have ended, publishes some more through the statements of API and worker, and prints the sizes
of table and indexes, the write-ahead log per post, and how long a vacuum takes with and without its pass over the indexes.
"""

import asyncio
import json
import time
from collections.abc import Sequence
from typing import Annotated, Final

import typer
from asyncpg import PostgresLogMessage
from rich.console import Console
from rich.table import Table

from bench.bloat import Load, mib, open_load
from bench.site import Site, open_site
from presswork.core.logging import set_up_logs
from presswork.db.pool import Connection
from presswork.platforms.settings import Settings

_BATCH: Final = 100
_LONG_SECONDS: Final = 3600
_INDEXES: Final = """
SELECT indexrelid::regclass::text AS name, pg_relation_size(indexrelid) AS size FROM pg_index
 WHERE indrelid = 'scheduled_posts'::regclass ORDER BY size DESC, name"""


async def _publish(load: Load, posts: int) -> int:
    """Publish so many posts, and return the bytes of write-ahead log."""
    await load.pool.execute("CHECKPOINT", timeout=_LONG_SECONDS)
    before = await load.pool.fetchval("SELECT pg_current_wal_lsn()")
    goal = load.published + posts
    while load.published < goal:
        await load.second(min(_BATCH, goal - load.published))
    return int(await load.pool.fetchval("SELECT pg_current_wal_lsn() - $1::pg_lsn", before))


async def _vacuum(load: Load, options: str) -> tuple[float, Sequence[str]]:
    """Vacuum the posts, and return how long it took and what it reports."""
    said: list[str] = []

    def listen(_: Connection, message: PostgresLogMessage) -> None:
        said.append(str(getattr(message, "message", message)))

    async with load.pool.acquire() as connection:
        connection.add_log_listener(listen)
        started = time.monotonic()
        await connection.execute(f"VACUUM (VERBOSE{options}) scheduled_posts", timeout=_LONG_SECONDS)
        took = time.monotonic() - started
        connection.remove_log_listener(listen)
    words = ("pages:", "tuples:", "index scan", "WAL usage", "buffer usage")
    lines = [line.strip() for text in said for line in text.splitlines() if any(word in line for word in words)]
    return took, lines[:5]


async def _probe(load: Load) -> int:
    """Return how many blocks it takes to find a post by its id: the levels of the index, and the row."""
    document = await load.pool.fetchval(
        """EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON)
           SELECT status FROM scheduled_posts WHERE id = lpad(to_hex(777), 32, '0')::uuid"""
    )
    plan = json.loads(document)[0]["Plan"]
    return int(plan["Shared Hit Blocks"]) + int(plan["Shared Read Blocks"])


async def _measure(site: Site, console: Console, *, rows: int, posts: int) -> None:
    async with open_load(site, "growth", ended=rows) as load:
        table = Table(title=f"{rows:,} posts", title_justify="left")
        for heading in ("relation", "MiB", "bytes per post"):
            table.add_column(heading, justify="left" if heading == "relation" else "right")
        sizes = await load.sizes(["scheduled_posts"])
        relations = [("scheduled_posts", sizes["scheduled_posts"])]
        relations += [(row["name"], row["size"]) for row in await load.pool.fetch(_INDEXES)]
        for name, size in relations:
            table.add_row(name, mib(size), f"{size / rows:.0f}")
        console.print(table)
        console.print(f"a post by its id: {await _probe(load)} blocks")
        for options in ("", ", INDEX_CLEANUP ON"):
            log = await _publish(load, posts)
            state, (blocks, found) = await load.state("scheduled_posts"), await load.search_blocks()
            console.print(
                f"{posts:,} more posts: {log / posts:,.0f} bytes of write-ahead log each, "
                f"{100 * state['n_tup_hot_upd'] / state['n_tup_upd']:.0f} % of updates HOT; "
                f"a claim reads {blocks:,} blocks to find {found}"
            )
            took, lines = await _vacuum(load, options)
            console.print(f"VACUUM{options.replace(',', ' with')}: {took:.2f} s", *lines, sep="\n  ")
            blocks, found = await load.search_blocks()
            console.print(f"after it a claim reads {blocks:,} blocks to find {found}")


def main(
    rows: Annotated[int, typer.Option(min=1000, help="Posts that are there before, nine in ten ended.")] = 1_000_000,
    posts: Annotated[int, typer.Option(min=1, help="Posts to publish before each vacuum.")] = 5_000,
) -> None:
    """Measure what ended posts cost."""
    set_up_logs(Settings(_env_file=None, log_level="warning"))
    with open_site() as site:
        asyncio.run(_measure(site, Console(width=160), rows=rows, posts=posts))


if __name__ == "__main__":
    typer.run(main)
