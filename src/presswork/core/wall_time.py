"""Local times: which instant a clock on the wall shows, also on the days when the clocks change."""

from bisect import bisect_left
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo


def instant_of(day: date, at: time, zone: ZoneInfo) -> datetime:
    """Return the instant (UTC) at which clocks in `zone` show this local date and time (naive, whole seconds).

    Of a time that they skip, the first instant after it: 02:30 is 03:00 where the clocks go from 02:00 to 03:00. Of a time that
    they show twice, the first. Raises OverflowError if that is not in the years 1 to 9999.
    """
    local = datetime.combine(day, at)
    instant = local.replace(tzinfo=zone, fold=0).astimezone(UTC)
    if instant.astimezone(zone).replace(tzinfo=None) == local:
        return instant
    # The clocks skip it. With the offset from before the change it is later than the change, with the one after it earlier.
    earlier = local.replace(tzinfo=zone, fold=1).astimezone(UTC)
    seconds = range(int((instant - earlier).total_seconds()))

    def is_past(second: int) -> bool:
        return (earlier + timedelta(seconds=second)).astimezone(zone).replace(tzinfo=None) > local

    return earlier + timedelta(seconds=bisect_left(seconds, True, key=is_past))
