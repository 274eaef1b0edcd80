"""Recurring posts: the rule, its days and instants, and the errors. Pure."""

from calendar import monthrange
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Final, Self
from uuid import UUID
from zoneinfo import ZoneInfo

from presswork.core.errors import Conflict, Invalid, Issue, IssueCode, NotFound
from presswork.core.ids import CONTAINER, RECURRENCE, public_id
from presswork.core.json_text import JSONText
from presswork.core.wall_time import instant_of
from presswork.posts.targets import Target
from presswork.queues.model import Weekday

HORIZON: Final = timedelta(days=35)
"""How far ahead occurrences become posts."""
MAX_EVERY: Final = 366
MAX_COUNT: Final = 1_000
MAX_CAPTIONS: Final = 20
MAX_ACTIVE: Final = 20
"""The most active recurrences of one container."""
MAX_OCCURRENCES: Final = HORIZON.days + 2
"""The most occurrences that a response lists: one a day, and one more for a day that begins or ends in the horizon."""


class Unit(StrEnum):
    """What a rule counts."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"


_WEEK: Final = tuple(Weekday)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """On which local days something recurs: every so many days, weeks or months, counted from the first of these days.

    `weekdays` is for weeks only, `month_day` for months only; 29 to 31 are the last day of a shorter month.
    """

    every: int
    unit: Unit
    weekdays: tuple[Weekday, ...] = ()
    month_day: int | None = None

    def complete(self, day: date) -> Self:
        """Return the rule with what it leaves open as of the day from which it counts."""
        if self.unit is Unit.WEEK:
            return replace(self, weekdays=tuple(sorted(self.weekdays or (_WEEK[day.weekday()],), key=_WEEK.index)))
        if self.unit is Unit.MONTH:
            return replace(self, month_day=self.month_day or day.day)
        return self

    def days(self, start: date, *, since: date) -> Iterator[date]:
        """Yield the days of a complete rule in order: those from `since` on, counted from the first one that is not before `start`.

        Ends with the calendar.
        """
        steps = {Unit.DAY: self._count_days, Unit.WEEK: self._count_weeks, Unit.MONTH: self._count_months}
        try:
            yield from (day for day in steps[self.unit](start, max(start, since)) if day >= max(start, since))
        except OverflowError:
            return

    def _count_days(self, start: date, since: date) -> Iterator[date]:
        day = start + timedelta(days=(since - start).days // self.every * self.every)
        while True:
            yield day
            day += timedelta(days=self.every)

    def _count_weeks(self, start: date, since: date) -> Iterator[date]:
        numbers = [_WEEK.index(weekday) for weekday in self.weekdays]
        first = min(start + timedelta(days=(number - start.weekday()) % 7) for number in numbers)
        monday = first - timedelta(days=first.weekday())
        monday += timedelta(weeks=max(0, (since - monday).days // 7 // self.every * self.every))
        while True:
            yield from (day for number in numbers if (day := monday + timedelta(days=number)) >= first)
            monday += timedelta(weeks=self.every)

    def _count_months(self, start: date, since: date) -> Iterator[date]:
        first = start.year * 12 + start.month - 1
        first += self._day_of(first) < start
        months = since.year * 12 + since.month - 1 - first
        month = first + max(0, months // self.every * self.every)
        while True:
            yield self._day_of(month)
            month += self.every

    def _day_of(self, month: int) -> date:
        """Return the day in a month, which is counted from year 0. Raises OverflowError after the calendar."""
        year, index = divmod(month, 12)
        if year > date.max.year:
            raise OverflowError("after the calendar")
        return date(year, index + 1, min(self.month_day or 1, monthrange(year, index + 1)[1]))


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """When something recurs. `until` is inclusive, UTC; `max_count` counts occurrences; without either it has no end."""

    rule: Rule
    local_time: time  # naive, whole minutes
    timezone: str
    until: datetime | None = None
    max_count: int | None = None

    @property
    def zone(self) -> ZoneInfo:
        """The time zone."""
        return ZoneInfo(self.timezone)

    def begin(self, now: datetime) -> "tuple[Self, date]":
        """Return it with its rule complete, and its first day: that of the first occurrence after `now`.

        Raises Invalid if there is none.
        """
        today = now.astimezone(self.zone).date()
        day = today if instant_of(today, self.local_time, self.zone) > now else today + timedelta(days=1)
        timing = replace(self, rule=self.rule.complete(day))
        first = next(timing.occurrences(day, since=day), None)
        if first is None:
            problem = "is before the first occurrence. Send a later instant, or leave it out."
            raise Invalid([Issue.at("until", problem, IssueCode.TOO_SMALL)])
        return timing, first.day

    def occurrences(self, start: date, *, since: date) -> "Iterator[Occurrence]":
        """Yield the occurrences whose day is `since` or later, of those that are counted from `start`; `max_count` is not considered.

        Two days that the clocks make one instant are one occurrence.
        """
        before: datetime | None = None
        for day in self.rule.days(start, since=since):
            try:
                at = instant_of(day, self.local_time, self.zone)
            except OverflowError:
                return
            if self.until is not None and at > self.until:
                return
            if at != before:
                yield Occurrence(day=day, at=at)
            before = at


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One time that something recurs: the local day, and the instant (UTC)."""

    day: date
    at: datetime


class RecurrenceStatus(StrEnum):
    """Whether occurrences are still to come."""

    ACTIVE = "active"
    ENDED = "ended"


@dataclass(frozen=True, slots=True, kw_only=True)
class Recurrence:
    """Content that is posted again and again. Instants in UTC."""

    id: UUID
    container_id: UUID
    project_id: UUID
    timing: Timing
    targets: Sequence[Target]
    captions: Sequence[str]
    """Variants of the caption, used in turn for the targets that have no caption of their own."""
    starts_on: date
    next_on: date | None
    """The local day of the next occurrence to make; None if none is left."""
    made: int
    """Occurrences so far, by which `captions` are chosen and `max_count` is counted."""
    occurrences: Sequence[datetime]
    """Those to come that are made, as far as they were not skipped, at the times that they have now."""
    error: JSONText | None
    error_count: int
    ended_at: datetime | None
    created_at: datetime
    updated_at: datetime

    def status_at(self, now: datetime) -> RecurrenceStatus:
        """Return whether occurrences are still to come."""
        is_over = self.ended_at is not None and self.ended_at <= now
        return RecurrenceStatus.ENDED if is_over else RecurrenceStatus.ACTIVE

    @property
    def upcoming(self) -> Iterator[Occurrence]:
        """The occurrences that are not made yet; `max_count` is not considered."""
        return iter(()) if self.next_on is None else self.timing.occurrences(self.starts_on, since=self.next_on)

    @property
    def has_room(self) -> bool:
        """Whether `max_count` allows one more."""
        return self.timing.max_count is None or self.made < self.timing.max_count

    @property
    def next_at(self) -> datetime | None:
        """The next occurrence, made or not."""
        if self.occurrences:
            return self.occurrences[0]
        following = next(self.upcoming, None) if self.has_room else None
        return None if following is None else following.at

    def targets_of_next(self) -> Sequence[Target]:
        """Return the targets of the next occurrence, with its variant of the caption."""
        if not self.captions:
            return self.targets
        caption = self.captions[self.made % len(self.captions)]
        return [
            replace(target, caption_override=caption) if target.caption_override is None else target
            for target in self.targets
        ]


class RecurrenceNotFound(NotFound):
    """There is no such recurrence, or the caller does not see it."""

    sentence = "There is no such recurrence. List those of a project with GET /v1/projects/{projectId}/recurrences."


class RecurrenceEnded(Conflict):
    """The recurrence has ended, so it can't be changed."""

    def __init__(self, recurrence_id: UUID) -> None:
        super().__init__(
            "This recurrence has ended, and can't be changed. Create another one for the content.",
            reason="recurrence_ended",
            recurrenceId=public_id(RECURRENCE, recurrence_id),
        )


class TooManyRecurrences(Conflict):
    """The container has as many active recurrences as it may have."""

    def __init__(self, container_id: UUID) -> None:
        super().__init__(
            f"This content has {MAX_ACTIVE} active recurrences, and no more are possible. End one.",
            reason="too_many_recurrences",
            containerId=public_id(CONTAINER, container_id),
            limit=MAX_ACTIVE,
        )
