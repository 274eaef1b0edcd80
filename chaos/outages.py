"""Relate the outages of a run, and the posts that ended, to its faults."""

import bisect
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from chaos.plan import Kind
from chaos.run import Result

_ATTRIBUTION_WINDOW: Final = timedelta(seconds=5)
"""An outage is attributed to the last fault within this time before it."""


def outages_by_kind(result: Result) -> Mapping[Kind | None, Sequence[timedelta]]:
    """Attribute each outage to the last fault that began before it, or to None."""
    found: dict[Kind | None, list[timedelta]] = {}
    for began, lasted in result.outages:
        before = [
            one
            for one in result.fault_log.injected
            if began - _ATTRIBUTION_WINDOW <= one.at <= began + timedelta(seconds=1)
        ]
        kind = max(before, key=lambda one: one.at).kind if before else None
        found.setdefault(kind, []).append(lasted)
    return found


def next_end(ends: Sequence[datetime], at: datetime) -> timedelta | None:
    """Return how long after an instant the next post ended."""
    index = bisect.bisect(ends, at)
    return ends[index] - at if index < len(ends) else None
