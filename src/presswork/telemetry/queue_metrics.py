"""How much there is to do, and whether anybody does it: read from the database, seldom and cheaply."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import structlog
from prometheus_client.core import GaugeMetricFamily, Metric

from presswork.core.clock import Clock
from presswork.db.errors import TRANSIENT_ERRORS
from presswork.db.pool import Connection, Pool
from presswork.db.queries import load

log = structlog.get_logger()

_SQL: Final = load("presswork.telemetry")

WORKER_SEEN_WITHIN: Final = timedelta(seconds=15)
"""A worker that has not been heard of for this long counts as gone."""
MOST: Final = 10_000
"""No figure counts further than this: it means "so many, or more"."""
KEPT_FOR: Final = timedelta(seconds=5)
"""How long a reading is used, so that however often somebody asks, the database is asked this seldom."""
_ANSWER_WITHIN: Final = timedelta(seconds=2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Backlog:
    """One reading. Counts end at `MOST`, that of posts which are due at twice as many."""

    due: int
    """Posts that are due and not taken; those that wait for their turn in their account included."""
    oldest_for: timedelta
    """How long the oldest of them has been due."""
    due_within_hour: int
    at_work: int
    """Posts in the hands of workers."""
    waiting: int
    """Posts that were begun and wait: for their platform, a limit or a setting."""
    lapsed: int
    """Posts whose lease or wait has ended, and that nobody has taken yet."""
    troubled: int
    """Posts that were begun and have met a passing trouble."""
    unset: int
    """Posts that wait for a setting of this service."""
    late_by: timedelta
    """How long a post has been waiting for nothing but a worker; zero: none is."""
    follow_ups_due: int
    texts_due: int
    webhooks_pending: int
    """Deliveries of webhooks that are not over, those of paused endpoints left out."""
    oldest_webhook_for: timedelta
    """How long the oldest delivery of a webhook has been due."""
    webhook_endpoints_paused: int
    """Endpoints that were paused because deliveries to them failed."""
    accounts_to_reauth: int
    workers: int
    """Workers that were seen lately."""


async def read_backlog(connection: Connection, *, now: datetime) -> Backlog:
    """Read the figures as they are."""
    row = await connection.fetchrow(_SQL["backlog"], now, MOST, now - WORKER_SEEN_WITHIN, now + WORKER_SEEN_WITHIN)
    if row is None:
        raise RuntimeError("the backlog gave no row back")
    late_since = await connection.fetchval(_SQL["late_since"], now, MOST)
    figures = dict(row)
    oldest_due_at = figures.pop("oldest_due_at")
    oldest_webhook_for = _since(figures.pop("oldest_webhook_at"), now)
    return Backlog(
        **figures,
        oldest_webhook_for=oldest_webhook_for,
        oldest_for=_since(oldest_due_at, now),
        late_by=_since(late_since, now),
    )


def _since(instant: datetime | None, now: datetime) -> timedelta:
    return timedelta() if instant is None else max(timedelta(), now - instant)


class QueueMetrics:
    """Reads the backlog for one process, at most once in `KEPT_FOR`."""

    def __init__(self, pool: Pool, clock: Clock) -> None:
        """Take the pool, and the clock that readings are timed by."""
        self._pool: Final = pool
        self._clock: Final = clock
        self._reading: Final = asyncio.Lock()
        self._read: tuple[Backlog, timedelta] | None = None

    async def backlog(self) -> Backlog:
        """Return the last reading, or a new one. Raises what the database raises where it is away."""
        async with self._reading:
            if self._read is not None and self._clock.uptime() - self._read[1] < KEPT_FOR:
                return self._read[0]
            async with self._pool.acquire(timeout=_ANSWER_WITHIN.total_seconds()) as connection:
                read = await read_backlog(connection, now=self._clock.now())
            self._read = (read, self._clock.uptime())
            return read

    async def families(self) -> Iterator[Metric]:
        """Return the figures for Prometheus; where the database is away, only that it is."""
        try:
            read = await self.backlog()
        except TRANSIENT_ERRORS as error:
            log.warning("no figures of the queue: database away", error=type(error).__name__)
            return iter([_gauge("presswork_database_up", "Whether the database answers.", 0)])
        return _families(read)


def _families(read: Backlog) -> Iterator[Metric]:
    yield _gauge("presswork_database_up", "Whether the database answers.", 1)
    posts = GaugeMetricFamily(
        "presswork_queue_posts",
        f"Posts that are not over, by what they wait for; counted up to {MOST:,}, those that are due to {2 * MOST:,}.",
        labels=["state"],
    )
    for state in ("due", "due_within_hour", "at_work", "waiting", "lapsed"):
        posts.add_metric([state], getattr(read, state))
    yield posts
    yield _gauge(
        "presswork_queue_oldest_due_seconds",
        "How long the oldest post has been due that nobody has taken, turns behind posts of its account included.",
        read.oldest_for.total_seconds(),
    )
    yield _gauge(
        "presswork_queue_late_seconds",
        "How long a post has waited for nothing but a worker. /readyz fails when it is too long.",
        read.late_by.total_seconds(),
    )
    yield _gauge("presswork_queue_troubled_posts", "Posts begun that have met a passing trouble.", read.troubled)
    yield _gauge("presswork_queue_unset_posts", "Posts that wait for a setting of this service.", read.unset)
    yield _gauge("presswork_follow_ups_due", "Addresses and comments of live posts that are due.", read.follow_ups_due)
    yield _gauge("presswork_texts_due", "Text messages that are due.", read.texts_due)
    yield _gauge(
        "presswork_webhooks_pending",
        "Deliveries of webhooks that are not over, those of paused endpoints left out.",
        read.webhooks_pending,
    )
    yield _gauge(
        "presswork_webhooks_oldest_due_seconds",
        "How long the oldest delivery of a webhook has been due.",
        read.oldest_webhook_for.total_seconds(),
    )
    yield _gauge(
        "presswork_webhook_endpoints_paused",
        "Endpoints that were paused since deliveries to them failed.",
        read.webhook_endpoints_paused,
    )
    yield _gauge("presswork_accounts_to_reauth", "Accounts to be connected again.", read.accounts_to_reauth)
    yield _gauge("presswork_workers", "Workers seen lately.", read.workers)


def _gauge(name: str, text: str, value: float) -> Metric:
    return GaugeMetricFamily(name, text, value=value)
