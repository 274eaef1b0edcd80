"""Local times become instants in every time zone, also on the days when its clocks change."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo, available_timezones

import pytest

from presswork.core.wall_time import instant_of

_FIRST = datetime(2026, 1, 1, tzinfo=UTC)
_DAYS = 2 * 366


def _changes(zone: ZoneInfo) -> tuple[tuple[date, timedelta, timedelta], ...]:
    """The days of two years on which the clocks change, with both offsets."""
    noons = [(_FIRST + timedelta(days=n, hours=12)).astimezone(zone) for n in range(_DAYS)]
    pairs = pairwise(noons)
    return tuple((b.date(), a.utcoffset(), b.utcoffset()) for a, b in pairs if a.utcoffset() != b.utcoffset())  # type: ignore[misc]  # aware


def _first_at_or_after(local: datetime, zone: ZoneInfo) -> datetime:
    """The same, by asking each quarter of an hour of three days what clocks show."""
    begin = local.replace(tzinfo=UTC) - timedelta(hours=36)
    instants = (begin + timedelta(minutes=15 * n) for n in range(4 * 72))
    return next(at for at in instants if at.astimezone(zone).replace(tzinfo=None) >= local)


@pytest.mark.exhaustive
def test_every_quarter_of_an_hour_of_every_change_in_every_zone() -> None:
    """A skipped time is the first instant after it, a repeated one is the first; all others are as the clocks show them."""
    zones = {_changes(zone): zone for zone in map(ZoneInfo, sorted(available_timezones()))}
    assert len(zones) > 10
    for changes, zone in zones.items():
        for day in {day for change in changes for day in (change[0] - timedelta(days=1), change[0])}:
            for quarter in range(96):
                local = datetime.combine(day, time(quarter // 4, quarter % 4 * 15))
                assert instant_of(day, local.time(), zone) == _first_at_or_after(local, zone), (zone.key, local)


@pytest.mark.parametrize(
    ("day", "at", "zone", "instant"),
    [
        (date(2027, 3, 28), time(2, 30), "Europe/Berlin", datetime(2027, 3, 28, 1, tzinfo=UTC)),
        (date(2026, 10, 25), time(2, 30), "Europe/Berlin", datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),
        (date(2026, 10, 4), time(2, 10), "Australia/Lord_Howe", datetime(2026, 10, 3, 15, 30, tzinfo=UTC)),
        (date(2011, 12, 30), time(9), "Pacific/Apia", datetime(2011, 12, 30, 10, tzinfo=UTC)),
        (date(2026, 6, 1), time(23, 59, 59), "Asia/Kathmandu", datetime(2026, 6, 1, 18, 14, 59, tzinfo=UTC)),
    ],
)
def test_named_changes(day: date, at: time, zone: str, instant: datetime) -> None:
    """An hour, half an hour and a whole day that clocks skip, an hour that they repeat, and seconds."""
    assert instant_of(day, at, ZoneInfo(zone)) == instant
