"""Queues: slots of a week at which posts go out, and which instants they are. Pure."""

import heapq
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from hashlib import sha256
from typing import Final, Self, TypedDict
from uuid import UUID
from zoneinfo import ZoneInfo

from presswork.core.errors import Conflict, Invalid, Issue, IssueCode, NotFound
from presswork.core.ids import ACCOUNT, INTENT, POST, QUEUE, public_id
from presswork.core.timestamps import write_instant
from presswork.core.wall_time import instant_of

MAX_SLOTS: Final = 200
"""The most slots of one queue in a week."""
MAX_QUEUES: Final = 50
"""The most queues of a project."""
MAX_JITTER_MINUTES: Final = 30
HORIZON: Final = timedelta(days=365)
"""How far ahead a slot may be taken: as far as a post may be scheduled."""
MAX_LISTED_SLOTS: Final = 200
"""The most slots of one answer."""
_DAY: Final = timedelta(days=1)
_MARGIN: Final = timedelta(days=2)
"""More than a local date is away from that of UTC, with what a change of the clocks skips."""


class Weekday(StrEnum):
    """A day of the week, in the order of `date.weekday`."""

    MON = "mon"
    TUE = "tue"
    WED = "wed"
    THU = "thu"
    FRI = "fri"
    SAT = "sat"
    SUN = "sun"


_WEEKDAYS: Final = tuple(Weekday)


class Position(StrEnum):
    """Which free slot a call takes."""

    NEXT = "next"  # the first one
    LAST = "last"  # the first one after all that are taken


@dataclass(frozen=True, slots=True)
class Slot:
    """A time of the week, in the zone of its queue."""

    weekday: Weekday
    at: time  # whole minutes, naive

    @classmethod
    def read(cls, text: str) -> Self:
        """Parse the stored form, like `mon 09:00`. Raises ValueError."""
        day, _, clock = text.partition(" ")
        return cls(Weekday(day), time.fromisoformat(clock))

    def __str__(self) -> str:
        """Return the stored form."""
        return f"{self.weekday.value} {self.at:%H:%M}"


def slots_from(slots: Sequence[Slot], zone: ZoneInfo, start: datetime, *, until: datetime) -> Iterator[datetime]:
    """Yield the instants of the slots of each week from `start` to `until`, both inclusive, in order; UTC.

    A time that the clocks skip is the first instant after it, one that they show twice is the first. Slots that are one instant
    that day are one slot.
    """
    by_day: list[list[time]] = [[] for _ in _WEEKDAYS]
    for slot in slots:
        by_day[_WEEKDAYS.index(slot.weekday)].append(slot.at)
    if not slots:
        return
    for times in by_day:
        times.sort()
    last: datetime | None = None
    day = _local_date(start, -_MARGIN)
    end = _local_date(until, _MARGIN)
    while day <= end:
        for at in by_day[day.weekday()]:
            instant = instant_of(day, at, zone)
            if instant > until:
                return
            if instant >= start and instant != last:
                last = instant
                yield instant
        day += _DAY


def _local_date(instant: datetime, margin: timedelta) -> date:
    return (instant.astimezone(UTC) + margin).date()


@dataclass(frozen=True, slots=True, kw_only=True)
class Refill:
    """From which content the free slots of a queue are filled."""

    label: str
    cooldown_days: int
    """Between two uses of the same content."""
    maximum_uses: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Queue:
    """The queue of a project. Instants in UTC."""

    id: UUID
    project_id: UUID
    name: str
    timezone: str
    slots: tuple[Slot, ...]
    account_ids: tuple[UUID, ...] | None
    """The accounts that it takes, or None for all of the project."""
    is_default: bool
    jitter_minutes: int
    paused_until: datetime | None
    refill: Refill | None
    created_at: datetime
    updated_at: datetime

    def instants(self, start: datetime, *, until: datetime) -> Iterator[datetime]:
        """Yield the slots from `start` to `until`, both inclusive."""
        return slots_from(self.slots, ZoneInfo(self.timezone), start, until=until)

    def scheduled_for(self, slot_at: datetime) -> datetime:
        """Return when a post in a slot is due: up to `jitter_minutes` later, always the same for one slot of one queue."""
        if not self.jitter_minutes:
            return slot_at
        digest = sha256(self.id.bytes + slot_at.astimezone(UTC).isoformat().encode()).digest()
        return slot_at + timedelta(seconds=int.from_bytes(digest[:8]) % (self.jitter_minutes * 60 + 1))

    def open_slots(self, now: datetime, *, after: datetime | None = None) -> Iterator[datetime]:
        """Yield the slots that a post may take now, in order: from `now` on, after `after`, and not before the end of a pause.

        Raises QueueWithoutSlots.
        """
        if not self.slots:
            raise QueueWithoutSlots(self.id)
        until = now + HORIZON - timedelta(minutes=self.jitter_minutes)
        for instant in self.instants(max(now, after or now, self.paused_until or now), until=until):
            if instant != after:
                yield instant

    def require_slot(self, instant: datetime) -> None:
        """Raise Invalid unless an instant is one of the slots."""
        if instant not in self.instants(instant, until=instant):
            problem = "is not a slot of this queue. Send one of GET /v1/queues/{queueId}/slots."
            raise Invalid([Issue.at("slotAt", problem, IssueCode.INVALID_CHOICE)])

    def require_movable(self, accounts: Sequence[UUID]) -> None:
        """Raise Invalid unless the queue takes the accounts of posts that move into one slot of it, each once."""
        for index, account in enumerate(accounts):
            name = public_id(ACCOUNT, account)
            if not self.takes([account]):
                problem = f"does not take {name}. Choose another queue, or add the account to its `socialAccountIds`."
                raise Invalid([Issue.at("queue", problem, IssueCode.UNKNOWN_ACCOUNT)])
            if account in accounts[:index]:
                problem = (
                    f"would move two posts of {name}, and a slot takes one post of an account. Move them one by one."
                )
                raise Invalid([Issue.at("together", problem, IssueCode.DUPLICATE_ID)])

    def takes(self, accounts: Sequence[UUID]) -> bool:
        """Return whether the queue takes all accounts."""
        return self.account_ids is None or set(accounts) <= set(self.account_ids)

    def require_accounts(self, accounts: Sequence[UUID]) -> None:
        """Raise Invalid, with an issue for each target, unless the queue takes the accounts of a call, each once."""
        issues: list[Issue] = []
        for index, account in enumerate(accounts):
            path, name = f"targets[{index}].socialAccountId", public_id(ACCOUNT, account)
            if self.account_ids is not None and account not in self.account_ids:
                problem = f"is {name}, which this queue does not take. Choose another queue, or add the account to its `socialAccountIds`."
                issues.append(Issue.at(path, problem, IssueCode.UNKNOWN_ACCOUNT))
            elif account in accounts[:index]:
                problem = f"is {name} again, and a slot takes one post of an account. Send a second call for it."
                issues.append(Issue.at(path, problem, IssueCode.DUPLICATE_ID))
        if issues:
            raise Invalid(issues)


class QueueChanges(TypedDict, total=False):
    """Changes to a queue."""

    name: str
    timezone: str
    slots: tuple[Slot, ...]
    account_ids: tuple[UUID, ...] | None
    is_default: bool
    jitter_minutes: int
    paused_until: datetime | None
    refill: Refill | None


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueChoice:
    """Which queue a call takes a slot of. Without an id, it is the default queue of the project."""

    queue_id: UUID | None
    position: Position = Position.NEXT


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """A slot that is taken for an account, by a post or by a schedule call that waits for approval."""

    slot_at: datetime
    social_account_id: UUID
    post_id: UUID | None
    intent_id: UUID | None

    @property
    def holder(self) -> str:
        """Return the public id of what takes the slot."""
        if self.post_id is not None:
            return public_id(POST, self.post_id)
        if self.intent_id is None:
            raise ValueError("a slot is held by nothing")
        return public_id(INTENT, self.intent_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenSlot:
    """A slot with what takes it; nothing if it is free."""

    slot_at: datetime
    scheduled_for: datetime
    taken_by: Sequence[str]
    """Public ids of posts and schedule calls."""


@dataclass(frozen=True, slots=True, kw_only=True)
class QueuedUnit:
    """The posts of one call in one slot, which move together."""

    slot_at: datetime
    posts: Mapping[UUID, UUID]
    """Their ids, by account."""


def list_slots(
    queue: Queue, holds: Sequence[Hold], start: datetime, *, until: datetime, count: int
) -> Sequence[TakenSlot]:
    """Return the slots of a queue from an instant on, and those that are taken although they are no slots any more.

    `holds` are all those between the two instants.
    """
    holders: dict[datetime, list[str]] = {}
    for hold in holds:
        holders.setdefault(hold.slot_at, []).append(hold.holder)
    found: list[TakenSlot] = []
    for slot_at in heapq.merge(queue.instants(start, until=until), sorted(holders)):
        if found and found[-1].slot_at == slot_at:
            continue
        if len(found) == count:
            break
        taken_by = tuple(dict.fromkeys(holders.get(slot_at, ())))
        found.append(TakenSlot(slot_at=slot_at, scheduled_for=queue.scheduled_for(slot_at), taken_by=taken_by))
    return found


def close_gaps(
    queue: Queue, units: Sequence[QueuedUnit], fixed: Sequence[Hold], *, now: datetime
) -> Sequence[tuple[QueuedUnit, datetime]]:
    """Return the slot of each unit when every one is as early as it can be, without passing an earlier one of its accounts.

    `units` are in their order, `fixed` are slots that stay taken. Raises QueueFull, QueueWithoutSlots.
    """
    if not units:
        return []
    taken = {(hold.slot_at, hold.social_account_id) for hold in fixed}
    latest: dict[UUID, datetime] = {}
    slots = list(queue.open_slots(now))
    places: list[tuple[QueuedUnit, datetime]] = []
    for unit in units:
        after = max((latest[account] for account in unit.posts if account in latest), default=now)
        slot_at = next(
            (at for at in slots if at > after and not any((at, account) in taken for account in unit.posts)), None
        )
        if slot_at is None:
            raise QueueFull(queue.id)
        taken.update((slot_at, account) for account in unit.posts)
        latest |= dict.fromkeys(unit.posts, slot_at)
        places.append((unit, slot_at))
    return places


class QueueNotFound(NotFound):
    """The queue does not exist, or the caller can't see it."""

    sentence = "There is no such queue in this project. List its queues with GET /v1/projects/{projectId}/queues."


class NoDefaultQueue(NotFound):
    """The project has no default queue."""

    sentence = "This project has no default queue. Create one (POST /v1/projects/{projectId}/queues), or set `isDefault` of one."


class TooManyQueues(Conflict):
    """The project has as many queues as it may have."""

    def __init__(self) -> None:
        super().__init__(
            f"This project has {MAX_QUEUES} queues, and no more are possible. Delete one.",
            reason="too_many_queues",
            limit=MAX_QUEUES,
        )


class QueueFull(Conflict):
    """No slot is free."""

    def __init__(self, queue_id: UUID) -> None:
        super().__init__(
            f"No slot of this queue is free within {HORIZON.days} days for all of these accounts. Add slots to the queue, or send "
            "`scheduledFor`.",
            reason="queue_full",
            queueId=public_id(QUEUE, queue_id),
        )


class QueueWithoutSlots(Conflict):
    """The queue has no slots."""

    def __init__(self, queue_id: UUID) -> None:
        super().__init__(
            "This queue has no slots. Add some (PATCH /v1/queues/{queueId}), or send `scheduledFor`.",
            reason="queue_without_slots",
            queueId=public_id(QUEUE, queue_id),
        )


class SlotTaken(Conflict):
    """Another post of the account, or a call that waits for approval, has the slot."""

    def __init__(self, queue_id: UUID, slot_at: datetime, taken_by: Sequence[str]) -> None:
        super().__init__(
            "This slot is taken for the account of the post. Choose a free one (GET /v1/queues/{queueId}/slots).",
            reason="slot_taken",
            queueId=public_id(QUEUE, queue_id),
            slotAt=write_instant(slot_at),
            takenBy=list(taken_by),
        )


class PostNotInQueue(Conflict):
    """The post has no slot."""

    def __init__(self, post_id: UUID) -> None:
        super().__init__(
            "This post is in no queue, so it has no slot to leave. Reschedule it (POST /v1/scheduled-posts/{postId}/reschedule).",
            reason="not_in_queue",
            scheduledPostId=public_id(POST, post_id),
        )
