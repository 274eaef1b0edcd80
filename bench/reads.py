"""Measure whether reads of live posts delay those that go out: the same due posts, with and without posts to read."""

from datetime import UTC, datetime, timedelta
from typing import Final

from bench.delivery import LIVE_POSTS, Condition, claim_times, running_worker
from bench.figures import Budget, Figure, quantile
from bench.site import Scale, Site
from bench.world import insert_due

_RATE: Final = 100
"""Posts that go out in a second."""
_MAX_ACCOUNTS: Final = 5_000
_WITHIN: Final = Budget(of="ratio", sign="≤", limit=1.5)
_SHARES: Final = (("median", 0.5), ("p99", 0.99))


async def measure(site: Site, scale: Scale) -> list[Figure]:
    """Measure from the due time of posts to their claim, beside `scale.rows` live posts that are due to be read, and without any."""
    accounts = min(_MAX_ACCOUNTS, max(2, scale.rows // LIVE_POSTS))
    without, _ = await _measure_lags(site, scale, read=0)
    beside, per_second = await _measure_lags(site, scale, read=accounts)
    name = f"lag from due to claim, {_RATE} posts/s, {accounts * LIVE_POSTS:,} live posts to read"
    return [
        *(
            Figure(
                measure=f"{name}: {word}",
                value=quantile(beside, share),
                unit="ms",
                floor=quantile(without, share),
                budget=_WITHIN if share > 0.9 else None,
            )
            for word, share in _SHARES
        ),
        Figure(measure=f"{name}: reads of posts", value=per_second, unit="/s"),
    ]


async def _measure_lags(site: Site, scale: Scale, *, read: int) -> tuple[list[float], float]:
    """Return the lags in milliseconds, without those of the first quarter, and the posts that were read in a second."""
    count = max(4, int(10 * scale.seconds * _RATE))
    async with running_worker(site, accounts=count, read=read) as running:
        begin = datetime.now(UTC) + timedelta(seconds=1)
        if read:
            first_read = Condition("SELECT count(*) FROM live_reads WHERE last_read_at IS NOT NULL", 1)
            await running.until(first_read, "the first read")
            begin = datetime.now(UTC) + timedelta(milliseconds=200)
        apart = timedelta(seconds=1 / _RATE)
        await insert_due(running.pool, running.world, running.world.accounts, at=begin, apart=apart)
        number = (
            "SELECT count(*) FROM scheduled_posts p JOIN post_events e ON e.post_id = p.id AND e.event = 'claimed' "
            "WHERE p.status = 'published'"
        )  # only those that a worker published, and not those to read
        await running.until(Condition(number, count), "the end")
        took = datetime.now(UTC) - begin
        claimed = await claim_times(running)
        rows = await running.pool.fetch(
            """SELECT social_account_id::text AS account, extract(epoch FROM run_at)::float8 AS at
                 FROM scheduled_posts WHERE status = 'published' AND run_at >= $1 ORDER BY run_at""",
            begin,
        )
        reads = await running.pool.fetchval("SELECT count(*) FROM live_reads WHERE last_read_at >= $1", begin)
    lags = [max(0.0, claimed[row["account"]] - row["at"]) * 1000 for row in rows][count // 4 :]
    return lags, reads / took.total_seconds()
