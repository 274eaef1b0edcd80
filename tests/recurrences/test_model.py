"""The days and instants of rules, for every rule and every time zone."""

from calendar import monthrange
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice, pairwise
from zoneinfo import available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from presswork.queues.model import Weekday
from presswork.recurrences.model import Rule, Timing, Unit

_ZONES = sorted(available_timezones())
_DAYS = tuple(Weekday)
rules = st.builds(
    Rule,
    every=st.integers(1, 40),
    unit=st.sampled_from(Unit),
    weekdays=st.lists(st.sampled_from(Weekday), unique=True).map(tuple),
    month_day=st.none() | st.integers(1, 31),
)
days = st.dates(date(2020, 1, 1), date(2060, 1, 1))


def matches(rule: Rule, first: date, day: date) -> bool:
    """Whether a day is one of a rule's, by its definition: counted from the first one."""
    if rule.unit is Unit.DAY:
        return (day - first).days % rule.every == 0
    if rule.unit is Unit.WEEK:
        monday = first - timedelta(days=first.weekday())
        return (day - monday).days // 7 % rule.every == 0 and _DAYS[day.weekday()] in rule.weekdays
    months = (day.year - first.year) * 12 + day.month - first.month
    last = monthrange(day.year, day.month)[1]
    return months % rule.every == 0 and day.day == min(rule.month_day or 0, last)


@given(rule=rules, start=days, later=st.integers(0, 1_000))
def test_the_days_are_those_of_the_definition(rule: Rule, start: date, later: int) -> None:
    """From the first one that is not before the start; those from a later day on are the same ones."""
    complete = rule.complete(start)
    found = list(islice(complete.days(start, since=start), 12))
    first = found[0]
    assert start <= first
    span = (start + timedelta(days=n) for n in range((min(found[-1], start + timedelta(days=900)) - start).days + 1))
    assert [day for day in span if day >= first and matches(complete, first, day)] == [
        day for day in found if day <= start + timedelta(days=900)
    ]
    since = start + timedelta(days=later)
    assert next(complete.days(start, since=since)) == next(
        day for day in complete.days(start, since=start) if day >= since
    )
    assert next(complete.days(first, since=first)) == first


@given(
    rule=rules,
    zone=st.sampled_from(_ZONES),
    at=st.times(),
    day=days,
    clock=st.times(),
)
def test_instants_ascend_and_show_the_time(rule: Rule, zone: str, at: time, day: date, clock: time) -> None:
    """After the present, each later than the one before, and at the local time unless the clocks skip it that day."""
    instant, at = datetime.combine(day, clock, UTC), at.replace(second=0, microsecond=0)
    timing, starts_on = Timing(rule=rule, local_time=at, timezone=zone).begin(instant)
    found = list(islice(timing.occurrences(starts_on, since=starts_on), 8))
    assert found[0].at > instant
    assert all(one.at < two.at for one, two in pairwise(found))
    for one in found:
        local = one.at.astimezone(timing.zone).replace(tzinfo=None)
        assert local == datetime.combine(one.day, at) or (
            local > datetime.combine(one.day, at)
            and (one.at - timedelta(microseconds=1)).astimezone(timing.zone).replace(tzinfo=None)
            < datetime.combine(one.day, at)
        )


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        (Rule(every=1, unit=Unit.MONTH, month_day=31), ["2027-01-31", "2027-02-28", "2027-03-31", "2027-04-30"]),
        (Rule(every=1, unit=Unit.MONTH, month_day=29), ["2027-01-29", "2027-02-28", "2027-03-29", "2027-04-29"]),
        (Rule(every=1, unit=Unit.MONTH), ["2027-01-29", "2027-02-28", "2027-03-29", "2027-04-29"]),
        (Rule(every=12, unit=Unit.MONTH, month_day=29), ["2027-01-29", "2028-01-29", "2029-01-29", "2030-01-29"]),
        (Rule(every=1, unit=Unit.WEEK), ["2027-01-29", "2027-02-05", "2027-02-12", "2027-02-19"]),
        (
            Rule(every=2, unit=Unit.WEEK, weekdays=(Weekday.SUN, Weekday.TUE)),
            ["2027-01-31", "2027-02-09", "2027-02-14", "2027-02-23"],
        ),
    ],
)
def test_named_rules(rule: Rule, expected: list[str]) -> None:
    """From Friday, 29 January 2027 on."""
    start = date(2027, 1, 29)
    found = islice(rule.complete(start).days(start, since=start), 4)
    assert [day.isoformat() for day in found] == expected


def test_an_end_is_inclusive_and_the_calendar_ends() -> None:
    """An occurrence at `until` is one; a rule beyond the year 9999 ends there."""
    timing = Timing(
        rule=Rule(every=1, unit=Unit.DAY), local_time=time(8), timezone="UTC", until=datetime(2027, 1, 3, 8, tzinfo=UTC)
    )
    start = date(2027, 1, 1)
    assert [one.day.day for one in timing.occurrences(start, since=start)] == [1, 2, 3]
    for unit in Unit:
        rule = Rule(every=300, unit=unit).complete(date(9999, 12, 1))
        assert len(list(rule.days(date(9999, 12, 1), since=date(9999, 12, 1)))) == 1
