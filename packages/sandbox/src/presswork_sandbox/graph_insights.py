"""The form of insights in Meta's APIs, which Instagram, Threads and Facebook Pages share.

Source: Meta, "Instagram Media Insights", "Threads Insights" and "Page Insights", read 2026-11. Days end at midnight in California.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from presswork_sandbox.calls import Call
from presswork_sandbox.clock import graph_time
from presswork_sandbox.wire import JSONValue, base_url, text_of

PACIFIC: Final = ZoneInfo("America/Los_Angeles")
Entry = dict[str, JSONValue]


def read_metrics(params: Mapping[str, JSONValue]) -> list[str]:
    """Return the metrics that a call names, each once: a list, or a string with commas."""
    given = params.get("metric")
    text = ",".join(map(text_of, given)) if isinstance(given, list) else text_of(given)
    return list(dict.fromkeys(name.strip() for name in text.split(",") if name.strip()))


def describe_metric(subject: str, name: str, period: str, numbers: Mapping[str, JSONValue]) -> Entry:
    """Return the entry of a metric; `numbers` is its member `values`, `total_value` or another one."""
    title = name.replace("_", " ").capitalize()
    described = {"title": title, "description": f"{title}.", "id": f"{subject}/insights/{name}/{period}"}
    return {"name": name, "period": period, **numbers, **described}


def lifetime(subject: str, name: str, value: JSONValue) -> Entry:
    """Return the entry of a metric that has one number for all time."""
    return describe_metric(subject, name, "lifetime", {"values": [{"value": value}]})


def point(value: JSONValue, end: float) -> Entry:
    """Return a number of a series, for the time before its end."""
    return {"value": value, "end_time": graph_time(end)}


def day_ends(since: float, until: float) -> list[float]:
    """Return the ends of days that lie after an instant, up to another one, seconds since 1970."""
    day, ends = datetime.fromtimestamp(since, UTC).astimezone(PACIFIC).date(), []
    while (end := midnight(day)) <= until:
        if end > since:
            ends.append(end)
        day += timedelta(days=1)
    return ends


def midnight(day: date) -> float:
    """Return when a day begins in California, seconds since 1970."""
    return datetime.combine(day, time(), PACIFIC).astimezone(UTC).timestamp()


def days_before(end: float, days: int) -> float:
    """Return the midnight in California that is some days before another one."""
    return midnight(datetime.fromtimestamp(end, UTC).astimezone(PACIFIC).date() - timedelta(days=days))


def paging_around(call: Call, params: Mapping[str, JSONValue], since: float, until: float) -> dict[str, JSONValue]:
    """Return the URLs of the ranges before and after one, which carry the caller's token as those of Graph do."""
    query = {name: text_of(value) for name, value in params.items()}
    query |= {} if call.token is None else {"access_token": call.token.token}
    url, length = base_url(call.request, call.host) + call.path, until - since
    spans = {"previous": (since - length, since), "next": (until, until + length)}
    return {
        name: f"{url}?{urlencode({**query, 'since': int(start), 'until': int(end)})}"
        for name, (start, end) in spans.items()
    }


def spread(total: int, shares: Sequence[tuple[str, float]]) -> dict[str, JSONValue]:
    """Return a total by kinds, without those that have none; the first kind has what the others leave."""
    counts = {name: int(total * share) for name, share in shares[1:]}
    counts = {shares[0][0]: total - sum(counts.values()), **counts}
    return {name: count for name, count in counts.items() if count}


def break_down(breakdown: str, count: int, shares: Sequence[tuple[str, float]]) -> JSONValue:
    """Return a total by the values of a breakdown, those that are 0 left out."""
    results = [{"dimension_values": [name], "value": value} for name, value in spread(count, shares).items()]
    return {"value": count, "breakdowns": [{"dimension_keys": [breakdown], "results": results}]}
