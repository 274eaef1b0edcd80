"""Which instants the slots of a week are, in every time zone and across every change of its clocks."""

from datetime import UTC, datetime, time, timedelta
from itertools import islice, pairwise
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from presswork.core.ids import new_id
from presswork.queues.model import Queue, QueueFull, QueueWithoutSlots, Slot, Weekday, slots_from

_ZONES = sorted(available_timezones() - {"Factory", "localtime"})
_TIMES = st.builds(time, st.integers(0, 23), st.integers(0, 59))
_SLOTS = st.lists(st.builds(Slot, st.sampled_from(Weekday), _TIMES), min_size=1, max_size=6, unique=True)
_STARTS = st.integers(-630_000_000, 3_700_000_000).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))


def queue_with(slots: list[Slot], *, zone: str = "UTC", jitter: int = 0, paused_until: datetime | None = None) -> Queue:
    """Return a queue."""
    now = datetime(2026, 12, 1, tzinfo=UTC)
    return Queue(
        id=new_id(), project_id=new_id(), name="Q", timezone=zone, slots=tuple(slots), account_ids=None, is_default=True,
        jitter_minutes=jitter, paused_until=paused_until, refill=None, created_at=now, updated_at=now,
    )  # fmt: skip


@given(slots=_SLOTS, zone=st.sampled_from(_ZONES), start=_STARTS, skipped=st.integers(0, 10))
def test_slots_of_any_week_and_zone(slots: list[Slot], zone: str, start: datetime, skipped: int) -> None:
    """They ascend, each shows a local time of the queue or ends a gap of the clocks, and every week has all."""
    place = ZoneInfo(zone)
    found = list(slots_from(slots, place, start, until=start + timedelta(days=40)))
    assert all(before < after for before, after in pairwise(found))
    assert all(start <= instant <= start + timedelta(days=40) for instant in found)
    wanted = {(list(Weekday).index(slot.weekday), slot.at) for slot in slots}
    for instant in found:
        local = instant.astimezone(place)
        jumps = (instant - timedelta(seconds=1)).astimezone(place).utcoffset() != local.utcoffset()
        assert jumps or (local.weekday(), local.time()) in wanted
    # Of five weeks, each slot is there five times or more, but for those that a change of the clocks makes one instant.
    assert len(found) >= 5 * len(slots) - len(slots)
    tail = list(islice(found, skipped, None))
    if tail:
        assert list(slots_from(slots, place, tail[0], until=start + timedelta(days=40))) == tail


def test_clock_changes() -> None:
    """A time that the clocks skip is the first after it, one that they show twice the first; slots that become one are one."""
    sunday = [Slot(Weekday.SUN, time(2, minute)) for minute in (0, 30)] + [Slot(Weekday.SUN, time(3, 0))]
    berlin = ZoneInfo("Europe/Berlin")
    spring = datetime(2026, 3, 29, tzinfo=UTC)
    assert list(slots_from(sunday, berlin, spring, until=spring + timedelta(hours=23))) == [spring.replace(hour=1)]
    autumn = datetime(2026, 10, 25, tzinfo=UTC)
    assert list(slots_from(sunday, berlin, autumn, until=autumn + timedelta(hours=23))) == [
        autumn, autumn.replace(minute=30), autumn.replace(hour=2),
    ]  # fmt: skip
    apia = ZoneInfo("Pacific/Apia")  # has no 30th of December 2011, a Friday
    friday = [Slot(Weekday.FRI, time(9, 0))]
    start = datetime(2011, 12, 29, tzinfo=UTC)
    assert list(slots_from(friday, apia, start, until=start + timedelta(days=3))) == [
        datetime(2011, 12, 30, 10, tzinfo=UTC)
    ]


@given(slots=_SLOTS, jitter=st.integers(1, 30), zone=st.sampled_from(_ZONES))
def test_jitter_is_bounded_and_the_same_each_time(slots: list[Slot], jitter: int, zone: str) -> None:
    """Posts of one slot are due at one time, up to `jitterMinutes` after the slot, and not beyond the bound of scheduling."""
    queue, now = queue_with(slots, jitter=jitter, zone=zone), datetime(2026, 12, 2, 9, tzinfo=UTC)
    for slot_at in islice(queue.open_slots(now), 20):
        due = queue.scheduled_for(slot_at)
        assert slot_at <= due <= slot_at + timedelta(minutes=jitter)
        assert due == queue.scheduled_for(slot_at)
    *_, last = queue.open_slots(now)
    assert queue.scheduled_for(last) <= now + timedelta(days=365)


def test_open_slots() -> None:
    """They begin after a pause and after the last taken one; a queue without slots has none."""
    now = datetime(2026, 12, 2, 9, tzinfo=UTC)
    daily = [Slot(day, time(9, 0)) for day in Weekday]
    assert next(queue_with(daily).open_slots(now)) == now
    assert next(queue_with(daily).open_slots(now, after=now)) == now + timedelta(days=1)
    pause = now + timedelta(days=3)
    assert next(queue_with(daily, paused_until=pause).open_slots(now)) == pause
    assert len(list(queue_with(daily).open_slots(now))) == 366
    with pytest.raises(QueueWithoutSlots) as refused:
        next(queue_with([]).open_slots(now))
    assert refused.value.details["reason"] == "queue_without_slots"
    assert QueueFull(new_id()).details["reason"] == "queue_full"
