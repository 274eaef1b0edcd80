"""The numbers of a Pin by day. Source: pinterest/api-description 5.23.0 (2025-12), `pins/{pin_id}/analytics`.

How late a day's numbers are is not documented: here a day after its end.
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Final

from presswork_sandbox.clock import DAY
from presswork_sandbox.core import Sandbox
from presswork_sandbox.pinterest.errors import invalid
from presswork_sandbox.pinterest.facts import FACTS
from presswork_sandbox.pinterest.metrics import LIFETIME, METRICS, PIN_METRICS
from presswork_sandbox.posts import Post
from presswork_sandbox.wire import JSONValue

MAX_DAYS: Final = 90


def read_analytics(sandbox: Sandbox, post: Post, query: Mapping[str, str]) -> Mapping[str, JSONValue]:
    """Return the metrics of a Pin for the days of a query. Raises PinterestError."""
    now, numbers = sandbox.clock.now(), sandbox.numbers
    today = datetime.fromtimestamp(now, UTC).date()
    first, last = _read_date(query, "start_date"), _read_date(query, "end_date")
    if not today - timedelta(days=MAX_DAYS) <= first <= last <= today:
        raise invalid(f"start_date and end_date must be in order, and within the last {MAX_DAYS} days")
    names = [name for name in query.get("metric_types", "").split(",") if name]
    known = [name for name in METRICS if name not in numbers.removed(FACTS.name)]
    if not names or not set(names) <= set(known):
        wrong = ", ".join(name for name in names if name not in known) or "metric_types"
        raise invalid(f"'{wrong}' is not one of {known}")
    delay = numbers.delay(FACTS.name, DAY)
    days: list[JSONValue] = []
    by_day = [name for name in names if name not in LIFETIME]
    totals = dict.fromkeys(by_day, 0)
    for number in range((last - first).days + 1):
        day = first + timedelta(days=number)
        start = datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()
        is_ready = now >= start + DAY + delay
        entry: dict[str, JSONValue] = {"date": day.isoformat(), "data_status": "READY" if is_ready else "PROCESSING"}
        if is_ready:
            quantities = [METRICS[name] for name in by_day]
            [gained] = numbers.series(post, quantities, [start, start + DAY])
            counts = {name: gained[METRICS[name]] for name in by_day}
            totals = {name: totals[name] + counts[name] for name in by_day}
            entry["metrics"] = counts
        days.append(entry)
    lifetime = {name: numbers.count(post, METRICS[name]) for name in names if name in LIFETIME}
    return {"all": {"daily_metrics": days, "lifetime_metrics": lifetime, "summary_metrics": totals}}


def read_pin_metrics(sandbox: Sandbox, post: Post) -> Mapping[str, JSONValue]:
    """Return `pin_metrics` of a Pin: what came up to now; the last 90 days have no reactions."""
    counts, removed = sandbox.numbers.counts(post), sandbox.numbers.removed(FACTS.name)
    lifetime = {name: counts[METRICS[long]] for name, long in PIN_METRICS.items() if long not in removed}
    recent = {name: count for name, count in lifetime.items() if PIN_METRICS[name] not in LIFETIME}
    return {"90d": recent, "lifetime_metrics": lifetime}


def _read_date(query: Mapping[str, str], name: str) -> date:
    """Return a date of a query. Raises PinterestError."""
    text = query.get(name, "")
    try:
        return date.fromisoformat(text)
    except ValueError as bad:
        raise invalid(f"'{text}' is not a 'date'; {name} is required") from bad
