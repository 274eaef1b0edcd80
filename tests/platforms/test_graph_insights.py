"""Days and values of insights behind Graph, without calls."""

from datetime import UTC, date, datetime

import pytest
from pydantic import JsonValue

from presswork.platforms.graph.insights import closed_days, range_of, series_of, value_of

SUMMER = date(2026, 7, 14)
CHANGE = date(2026, 11, 1)
"""When clocks on the Pacific coast go back."""


@pytest.mark.parametrize(
    ("now", "last"),
    [
        (datetime(2026, 7, 15, 6, 59, tzinfo=UTC), 13),
        (datetime(2026, 7, 15, 7, 0, tzinfo=UTC), 14),
        (datetime(2026, 12, 15, 7, 59, tzinfo=UTC), 13),
        (datetime(2026, 12, 15, 8, 0, tzinfo=UTC), 14),
    ],
)
def test_a_day_is_closed_at_midnight_on_the_pacific_coast(now: datetime, last: int) -> None:
    """Seven hours behind UTC in summer, eight in winter; no more days than asked for, and the last ones."""
    since = now.date().replace(day=1)
    days = closed_days(since, now)
    assert (days[0], days[-1], len(days)) == (since, since.replace(day=last), last)
    assert closed_days(since, now, max_days=3) == days[-3:]
    assert closed_days(now.date(), now) == []


@pytest.mark.parametrize(("day", "hours"), [(SUMMER, 24), (CHANGE, 25)])
def test_a_range_is_whole_days(day: date, hours: int) -> None:
    """Both ends are part of it, so it ends a second before the next day, also where a day has 25 hours."""
    asked = range_of(day, day)
    assert int(asked["until"]) - int(asked["since"]) == hours * 3600 - 1
    assert datetime.fromtimestamp(int(asked["since"]), UTC).hour == 7


def test_a_series_has_the_days_before_its_instants() -> None:
    """Each value ends at a midnight of the platform, whichever offset names it; what is no count is left out."""
    values: list[JsonValue] = [
        {"value": 5, "end_time": "2026-07-15T07:00:00+0000"},
        {"value": 6, "end_time": "2026-12-15T08:00:00+0000"},
        {"value": 7, "end_time": "2026-12-16T00:00:00-0800"},
        {"value": {"a": 1}, "end_time": "2026-12-17T08:00:00+0000"},
        {"value": 8, "end_time": "soon"},
        "nothing",
    ]
    found = series_of({"values": values})
    assert found == {SUMMER: 5, date(2026, 12, 14): 6, date(2026, 12, 15): 7}
    assert series_of(None) == series_of({"values": []}) == {}


@pytest.mark.parametrize(
    ("entry", "value"),
    [
        ({"values": [{"value": 41}]}, 41),
        ({"total_value": {"value": 9}}, 9),
        ({"values": [{"value": 1}, {"value": 2}]}, 2),
        ({"values": [], "total_value": {"value": 3}}, 3),
        ({"values": []}, None),
        ({}, None),
    ],
)
def test_the_value_of_a_metric(entry: dict[str, JsonValue], value: int | None) -> None:
    """In either form; no data is no 0."""
    assert value_of(entry) == value
