"""Numbers of live posts and of accounts for the flows, stored as the worker stores what platforms report."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

from tests.cli.program import Up

from presswork.db.embedded import embedded_server
from presswork.db.pool import pool_of
from presswork.insights.store import store_account, store_numbers
from presswork.platforms.insights import AccountRead, MissingReason, PostNumbers
from presswork.platforms.live_support import Metric

BETWEEN: Final = timedelta(minutes=10)
"""The time between two readings."""


def numbers_of(
    missing: MissingReason = MissingReason.NOT_OFFERED, scopes: Sequence[str] = (), /, **metrics: float
) -> PostNumbers:
    """Return what a platform reports of a post; the others are missing for a reason."""
    return PostNumbers(
        metrics={Metric(name): value for name, value in metrics.items()},
        raw={f"{name}_count": value for name, value in metrics.items()},
        unavailable={metric: missing for metric in Metric if metric.value not in metrics},
        missing_scopes=frozenset(scopes),
    )


async def store_readings(up: Up, *readings: Mapping[str, PostNumbers]) -> None:
    """Store readings of posts, of which the last one was just taken."""
    with embedded_server(up.data_dir) as server:
        async with pool_of(server.dsn, min_size=1) as pool:
            for place, reading in enumerate(readings):
                at = datetime.now(UTC) - BETWEEN * (len(readings) - 1 - place)
                await store_numbers(pool, {_bare(post): found for post, found in reading.items()}, now=at)


async def move_back(up: Up, post: str, days: int) -> None:
    """Have the numbers of a post be those of one that went live some days earlier."""
    with embedded_server(up.data_dir) as server:
        async with pool_of(server.dsn, min_size=1) as pool:
            await pool.execute(
                "UPDATE post_insights_latest SET published_at = published_at - $2::interval WHERE post_id = $1",
                _bare(post),
                timedelta(days=days),
            )


async def store_days(up: Up, account: str, read: AccountRead) -> None:
    """Store what a platform reports of an account."""
    with embedded_server(up.data_dir) as server:
        async with pool_of(server.dsn, min_size=1) as pool:
            await store_account(pool, _bare(account), read, now=datetime.now(UTC))


def _bare(public_id: str) -> UUID:
    return UUID(public_id.partition("_")[2])
