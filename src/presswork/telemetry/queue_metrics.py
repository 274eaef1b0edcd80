"""Size and age of the queue, read from the database at most every few seconds."""

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
"""A worker without a heartbeat for this long counts as gone."""
MAX_COUNTED: Final = 10_000
"""Upper limit of every count: it means "this many or more"."""
KEPT_FOR: Final = timedelta(seconds=5)
"""How long a reading is cached, however often it is requested."""
_RESPONSE_WITHIN: Final = timedelta(seconds=2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Backlog:
    """One reading. Counts stop at `MAX_COUNTED`, the count of due posts at twice that."""

    due: int
    """Posts that are due and not claimed, including those that wait behind others of their account."""
    oldest_for: timedelta
    """How long the oldest of them has been due."""
    due_within_hour: int
    at_work: int
    """Posts that a worker has leased."""
    waiting: int
    """Snoozed posts: they wait for their platform, a limit or a setting."""
    lapsed: int
    """Posts whose lease or snooze has ended and that no worker has claimed yet."""
    retrying: int
    """Posts in progress that had a transient error."""
    blocked_on_config: int
    """Posts that wait for a missing setting."""
    late_by: timedelta
    """How long a post has been waiting only for a worker; zero if none is."""
    follow_ups_due: int
    live_changes_due: int
    """Take-downs and changes of live posts that are due."""
    texts_due: int
    webhooks_pending: int
    """Unfinished webhook deliveries, except those of paused endpoints."""
    oldest_webhook_for: timedelta
    """How long the oldest webhook delivery has been due."""
    webhook_endpoints_paused: int
    """Endpoints that were paused because deliveries to them failed."""
    accounts_to_reauth: int
    workers: int
    """Workers with a recent heartbeat."""


async def read_backlog(connection: Connection, *, now: datetime | None = None) -> Backlog:
    """Read the current values. Without `now`, the database's clock decides what is due and which heartbeat is recent."""
    now = await connection.fetchval(_SQL["database_time"], now)
    row = await connection.fetchrow(
        _SQL["backlog"], now, MAX_COUNTED, now - WORKER_SEEN_WITHIN, now + WORKER_SEEN_WITHIN
    )
    if row is None:
        raise RuntimeError("the backlog query returned no row")
    late_since = await connection.fetchval(_SQL["late_since"], now, MAX_COUNTED)
    values = dict(row)
    oldest_due_at = values.pop("oldest_due_at")
    oldest_webhook_for = _time_since(values.pop("oldest_webhook_at"), now)
    return Backlog(
        **values,
        oldest_webhook_for=oldest_webhook_for,
        oldest_for=_time_since(oldest_due_at, now),
        late_by=_time_since(late_since, now),
    )


def _time_since(instant: datetime | None, now: datetime) -> timedelta:
    return timedelta() if instant is None else max(timedelta(), now - instant)


class QueueMetrics:
    """Reads the backlog for one process, at most once in `KEPT_FOR`."""

    def __init__(self, pool: Pool, clock: Clock) -> None:
        self._pool: Final = pool
        self._clock: Final = clock
        self._reading: Final = asyncio.Lock()
        self._read: tuple[Backlog, timedelta] | None = None

    async def backlog(self) -> Backlog:
        """Return the cached reading, or a new one. Raises the driver's errors if the database is unavailable."""
        async with self._reading:
            if self._read is not None and self._clock.uptime() - self._read[1] < KEPT_FOR:
                return self._read[0]
            async with self._pool.acquire(timeout=_RESPONSE_WITHIN.total_seconds()) as connection:
                read = await read_backlog(connection, now=self._clock.database_now())
            self._read = (read, self._clock.uptime())
            return read

    async def families(self) -> Iterator[Metric]:
        """Return the metrics; if the database is unavailable, only `presswork_database_up`."""
        try:
            read = await self.backlog()
        except TRANSIENT_ERRORS as error:
            log.warning("queue metrics not read: database unavailable", error=type(error).__name__)
            return iter([_gauge("presswork_database_up", "Whether the database is reachable.", 0)])
        return _families(read)


def _families(read: Backlog) -> Iterator[Metric]:
    yield _gauge("presswork_database_up", "Whether the database is reachable.", 1)
    posts = GaugeMetricFamily(
        "presswork_queue_posts",
        f"Unfinished posts by state; counted up to {MAX_COUNTED:,}, `due` up to {2 * MAX_COUNTED:,}.",
        labels=["state"],
    )
    for state in ("due", "due_within_hour", "at_work", "waiting", "lapsed"):
        posts.add_metric([state], getattr(read, state))
    yield posts
    yield _gauge(
        "presswork_queue_oldest_due_seconds",
        "How long the oldest unclaimed post has been due, including the wait behind posts of its account.",
        read.oldest_for.total_seconds(),
    )
    yield _gauge(
        "presswork_queue_late_seconds",
        "How long a post has been waiting only for a worker. /readyz fails when it is too long.",
        read.late_by.total_seconds(),
    )
    yield _gauge("presswork_queue_retrying_posts", "Posts in progress that had a transient error.", read.retrying)
    yield _gauge(
        "presswork_queue_blocked_on_config_posts", "Posts that wait for a missing setting.", read.blocked_on_config
    )
    yield _gauge(
        "presswork_follow_ups_due", "Permalinks and first comments of live posts that are due.", read.follow_ups_due
    )
    yield _gauge(
        "presswork_live_changes_due", "Take-downs and changes of live posts that are due.", read.live_changes_due
    )
    yield _gauge("presswork_texts_due", "Text messages that are due.", read.texts_due)
    yield _gauge(
        "presswork_webhooks_pending",
        "Unfinished webhook deliveries, except those of paused endpoints.",
        read.webhooks_pending,
    )
    yield _gauge(
        "presswork_webhooks_oldest_due_seconds",
        "How long the oldest webhook delivery has been due.",
        read.oldest_webhook_for.total_seconds(),
    )
    yield _gauge(
        "presswork_webhook_endpoints_paused",
        "Endpoints that were paused because deliveries to them failed.",
        read.webhook_endpoints_paused,
    )
    yield _gauge("presswork_accounts_to_reauth", "Accounts that have to be connected again.", read.accounts_to_reauth)
    yield _gauge("presswork_workers", "Workers with a recent heartbeat.", read.workers)


def _gauge(name: str, text: str, value: float) -> Metric:
    return GaugeMetricFamily(name, text, value=value)
