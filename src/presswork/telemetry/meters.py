"""What a process counts and times of its own work, for Prometheus.

Families are kept in three registries, so that each process shows what it does and no zeros of what it never does. Labels
have few values by their nature: patterns of routes, names of calls, codes. Never an id, and nothing that a caller chooses.
"""

from contextvars import ContextVar
from dataclasses import dataclass
from datetime import timedelta
from time import perf_counter
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, disable_created_metrics
from prometheus_client.process_collector import ProcessCollector

from presswork import __version__

disable_created_metrics()  # type: ignore[no-untyped-call]  # the library does not say. A second series for each, which nobody asks for

API: Final = CollectorRegistry()
"""What the API does."""
WORKER: Final = CollectorRegistry()
"""What workers do."""
EVERY: Final = CollectorRegistry()
"""What both do."""

_QUICK: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
_SLOW: Final = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)
_LAG: Final = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 15, 60, 300)
UNMATCHED: Final = "unmatched"
"""The route of calls that lead nowhere: their paths are whatever a stranger writes."""
_METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})

requests: Final = Counter(
    "presswork_http_requests",
    "Calls answered, by pattern of the route and status; 499: the caller hung up.",
    ["method", "route", "status"],
    registry=API,
)
request_seconds: Final = Histogram(
    "presswork_http_request_seconds", "Time to answer a call.", ["method", "route"], buckets=_QUICK, registry=API
)
requests_in_flight: Final = Gauge("presswork_http_requests_in_flight", "Calls being answered.", registry=API)

platform_calls: Final = Counter(
    "presswork_platform_calls",
    "Calls to platforms, by HTTP status, or `unsent` (no connection was made) or `lost` (no whole answer came).",
    ["platform", "operation", "code"],
    registry=EVERY,
)
platform_call_seconds: Final = Histogram(
    "presswork_platform_call_seconds",
    "Time of a call to a platform, its answer included.",
    ["platform", "operation"],
    buckets=_SLOW,
    registry=EVERY,
)
loop_lag_seconds: Final = Histogram(
    "presswork_event_loop_lag_seconds",
    "How much later than asked for the process woke up: longer than 0.1 s means that something holds it up.",
    buckets=(0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5),
    registry=EVERY,
)
Gauge("presswork_build_info", "The version that runs.", ["version"], registry=EVERY).labels(__version__).set(1)
ProcessCollector(registry=EVERY)

attempts: Final = Counter(
    "presswork_attempts",
    "Attempts at posts by how they ended: a final status, `waits`, `lease_lost`, `interrupted` or `crashed`.",
    ["platform", "environment", "mode", "result"],
    registry=WORKER,
)
attempt_seconds: Final = Histogram(
    "presswork_attempt_seconds",
    "Time of an attempt, waits in hand included.",
    ["platform", "environment"],
    buckets=(0.1, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 900),
    registry=WORKER,
)
failures: Final = Counter(
    "presswork_post_failures",
    "Posts that ended as failed, by the code of their lastError.",
    ["platform", "environment", "code"],
    registry=WORKER,
)
faults: Final = Counter(
    "presswork_post_faults",
    "Passing troubles after which a post is tried again, by code.",
    ["platform", "environment", "code"],
    registry=WORKER,
)
due_to_claim_seconds: Final = Histogram(
    "presswork_due_to_claim_seconds",
    "From when a post was due until a worker took it for the first time; turns behind posts of its account included.",
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
lease_losses: Final = Counter(
    "presswork_lease_losses",
    "Posts that this worker held until it found that another had taken them over, or a call had ended them.",
    registry=WORKER,
)
webhook_deliveries: Final = Counter(
    "presswork_webhook_deliveries",
    "Attempts to deliver a webhook: `delivered`, `put_off`, or `given_up` after the last try.",
    ["outcome"],
    registry=WORKER,
)
webhook_delivery_seconds: Final = Histogram(
    "presswork_webhook_delivery_seconds", "Time that a receiver took to answer.", buckets=_SLOW, registry=WORKER
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
    "presswork_lease_renewal_failures", "Rounds of renewals that failed.", registry=WORKER
)
posts_in_hand: Final = Gauge("presswork_posts_in_hand", "Posts that this worker has in hand.", registry=WORKER)
worker_concurrency: Final = Gauge(
    "presswork_worker_concurrency", "Posts that this worker has in hand at most.", registry=WORKER
)


def request_ended(method: str, route: str, status: int, *, took_seconds: float) -> None:
    """Count a call of the API."""
    known = method if method in _METHODS else "OTHER"
    requests.labels(known, route, str(status)).inc()
    request_seconds.labels(known, route).observe(took_seconds)


@dataclass(slots=True)
class _Due:
    """A post whose first call to its platform is still to come."""

    environment: str
    lag_seconds: float
    since: float
    has_called: bool = False


_due: Final[ContextVar[_Due | None]] = ContextVar("presswork_due", default=None)


def claimed_first(environment: str, lag: timedelta) -> None:
    """Note that the post of this task was taken for the first time, so long after it was due."""
    seconds = max(0.0, lag.total_seconds())
    due_to_claim_seconds.labels(environment).observe(seconds)
    _due.set(_Due(environment, seconds, perf_counter()))


def platform_called(platform: str, operation: str, code: str, *, started: float) -> None:
    """Count a call to a platform that began at `started`, by `perf_counter`."""
    platform_calls.labels(platform, operation, code).inc()
    platform_call_seconds.labels(platform, operation).observe(perf_counter() - started)
    due = _due.get()
    if due is not None and not due.has_called:
        due.has_called = True
        due_to_call_seconds.labels(due.environment).observe(due.lag_seconds + max(0.0, started - due.since))
