"""Prometheus metrics of a process's own work.

The metrics are in three registries, so that a process exports no zeros for what it never does. Labels have few values by
design: route patterns, operation names, codes. Never an id, and nothing that a caller chooses.
"""

from contextvars import ContextVar
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from time import perf_counter
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, disable_created_metrics
from prometheus_client.process_collector import ProcessCollector

from presswork import __version__

disable_created_metrics()  # type: ignore[no-untyped-call]  # untyped in the library. Avoids a second series per metric

API: Final = CollectorRegistry()
"""Metrics of the API."""
WORKER: Final = CollectorRegistry()
"""Metrics of workers."""
EVERY: Final = CollectorRegistry()
"""Metrics of both."""

_QUICK: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
_SLOW: Final = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)
_LAG: Final = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 15, 60, 300)
UNMATCHED: Final = "unmatched"
"""The `route` of requests that match no route: their paths are chosen by the caller."""
_METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})

requests: Final = Counter(
    "presswork_http_requests",
    "Requests answered, by route pattern and status; 499: the client closed the connection.",
    ["method", "route", "status"],
    registry=API,
)
request_seconds: Final = Histogram(
    "presswork_http_request_seconds", "Time to answer a request.", ["method", "route"], buckets=_QUICK, registry=API
)
requests_in_flight: Final = Gauge("presswork_http_requests_in_flight", "Requests in progress.", registry=API)
event_streams: Final = Gauge("presswork_event_streams", "Event streams that clients read.", registry=API)
connections_refused: Final = Counter(
    "presswork_connections_refused", "Connections refused because there were too many.", registry=API
)

platform_calls: Final = Counter(
    "presswork_platform_calls",
    "Calls to platforms, by HTTP status, `unsent` (no connection) or `lost` (no complete response).",
    ["platform", "operation", "code"],
    registry=EVERY,
)
platform_call_seconds: Final = Histogram(
    "presswork_platform_call_seconds",
    "Duration of a call to a platform, including the response.",
    ["platform", "operation"],
    buckets=_SLOW,
    registry=EVERY,
)
listener_connected: Final = Gauge(
    "presswork_listener_connected",
    "1 while the connection that receives hints (LISTEN) is up; 0: this process polls, and caches no keys.",
    ["channel"],
    registry=EVERY,
)
loop_lag_seconds: Final = Histogram(
    "presswork_event_loop_lag_seconds",
    "How late the event loop wakes up: more than 0.1 s means that something blocks it.",
    buckets=(0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5),
    registry=EVERY,
)
Gauge("presswork_build_info", "The running version.", ["version"], registry=EVERY).labels(__version__).set(1)
ProcessCollector(registry=EVERY)

attempts: Final = Counter(
    "presswork_attempts",
    "Publish attempts by result: a final status, `snoozed`, `lease_lost`, `interrupted` or `crashed`.",
    ["platform", "environment", "mode", "result"],
    registry=WORKER,
)
attempt_seconds: Final = Histogram(
    "presswork_attempt_seconds",
    "Duration of an attempt, including waits while the post is leased.",
    ["platform", "environment"],
    buckets=(0.1, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 900),
    registry=WORKER,
)
failures: Final = Counter(
    "presswork_post_failures",
    "Posts that failed, by the code of their lastError.",
    ["platform", "environment", "code"],
    registry=WORKER,
)
faults: Final = Counter(
    "presswork_post_errors",
    "Transient errors after which a post is retried, by code.",
    ["platform", "environment", "code"],
    registry=WORKER,
)
live_changes: Final = Counter(
    "presswork_live_changes",
    "Attempts to take down (`take_down`) or to change (`edit`) a live post: `taken_down`, `gone`, `edited`, `failed` or `retried`.",
    ["platform", "environment", "kind", "result"],
    registry=WORKER,
)
comment_calls: Final = Counter(
    "presswork_comment_calls",
    "Attempts at calls about comments (`reply`, `hide`, `like`, `delete`): `posted`, `done`, `failed`, `unknown` or `retried`.",
    ["platform", "environment", "kind", "result"],
    registry=WORKER,
)
due_to_claim_seconds: Final = Histogram(
    "presswork_due_to_claim_seconds",
    "From when a post was due until a worker first claimed it, including the wait behind posts of its account.",
    ["environment"],
    buckets=_LAG,
    registry=WORKER,
)
due_to_call_seconds: Final = Histogram(
    "presswork_due_to_call_seconds",
    "From when a post was due until its first call to its platform.",
    ["environment"],
    buckets=_LAG,
    registry=WORKER,
)
posts_left_to_newer_version: Final = Counter(
    "presswork_posts_left_to_newer_version",
    "Posts that this worker released because they have a value that only a newer version of Presswork knows.",
    registry=WORKER,
)
unreadable_posts: Final = Counter(
    "presswork_unreadable_posts",
    "Posts that this worker ended because their stored data can't be read.",
    registry=WORKER,
)
sms_left_to_newer_version: Final = Counter(
    "presswork_sms_left_to_newer_version",
    "Text messages that this worker released because they have a value that only a newer version of Presswork knows.",
    registry=WORKER,
)
lease_losses: Final = Counter(
    "presswork_lease_losses",
    "Posts whose lease this worker lost to another worker or to a call that ended them.",
    registry=WORKER,
)
notices_failed: Final = Counter(
    "presswork_notices_failed",
    "Attempts to send a notice that failed, by where it goes: `email`, `channel`, `push`.",
    ["kind"],
    registry=WORKER,
)
webhook_deliveries: Final = Counter(
    "presswork_webhook_deliveries",
    "Webhook delivery attempts: `delivered`, `retried` (due again later), or `given_up` after the last try.",
    ["outcome"],
    registry=WORKER,
)
webhook_delivery_seconds: Final = Histogram(
    "presswork_webhook_delivery_seconds", "Response time of webhook receivers.", buckets=_SLOW, registry=WORKER
)
background_restarts: Final = Counter(
    "presswork_background_restarts",
    "Background tasks that died of an unexpected error and were restarted.",
    ["task"],
    registry=EVERY,
)
poll_failures: Final = Counter(
    "presswork_job_poll_failures", "Polls of a job source that failed unexpectedly.", ["source"], registry=WORKER
)
job_crashes: Final = Counter(
    "presswork_job_crashes", "Jobs that ended by an unexpected error.", ["source"], registry=WORKER
)
settle_failures: Final = Counter(
    "presswork_settle_failures",
    "Results of jobs that could not be stored because of an unexpected error.",
    ["source"],
    registry=WORKER,
)
maintenance_failures: Final = Counter(
    "presswork_maintenance_failures", "Maintenance steps that failed.", ["step"], registry=WORKER
)
refresh_failures: Final = Counter(
    "presswork_token_refresh_failures",
    "Token refreshes that ended by an unexpected error.",
    ["platform"],
    registry=WORKER,
)
renewal_failures: Final = Counter(
    "presswork_lease_renewal_failures", "Failed rounds of lease renewals.", registry=WORKER
)
posts_in_hand: Final = Gauge("presswork_posts_in_hand", "Posts that this worker has leased.", registry=WORKER)
worker_concurrency: Final = Gauge(
    "presswork_worker_concurrency", "Posts that this worker may lease at once.", registry=WORKER
)


def request_ended(method: str, route: str, status: int, *, took_seconds: float) -> None:
    """Count a request to the API."""
    count, seconds = _request_metrics(method if method in _METHODS else "OTHER", route, status)
    count.inc()
    seconds.observe(took_seconds)


@lru_cache(maxsize=1024)
def _request_metrics(method: str, route: str, status: int) -> tuple[Counter, Histogram]:
    """Return the metrics of requests with these labels, which the library looks up under locks."""
    return requests.labels(method, route, str(status)), request_seconds.labels(method, route)


@dataclass(slots=True)
class _Due:
    """A post that has not called its platform yet."""

    environment: str
    lag_seconds: float
    since: float
    has_called: bool = False


_due: Final[ContextVar[_Due | None]] = ContextVar("presswork_due", default=None)


def claimed_first(environment: str, lag: timedelta) -> None:
    """Record that the post of this task was claimed for the first time, this long after it was due."""
    seconds = max(0.0, lag.total_seconds())
    due_to_claim_seconds.labels(environment).observe(seconds)
    _due.set(_Due(environment, seconds, perf_counter()))


@lru_cache(maxsize=1024)
def _meters_of(platform: str, operation: str, code: str) -> tuple[Counter, Histogram]:
    return platform_calls.labels(platform, operation, code), platform_call_seconds.labels(platform, operation)


def platform_called(platform: str, operation: str, code: str, *, started: float) -> None:
    """Count a call to a platform that started at `started`, by `perf_counter`."""
    calls, seconds = _meters_of(platform, operation, code)
    calls.inc()
    seconds.observe(perf_counter() - started)
    due = _due.get()
    if due is not None and not due.has_called:
        due.has_called = True
        due_to_call_seconds.labels(due.environment).observe(due.lag_seconds + max(0.0, started - due.since))
