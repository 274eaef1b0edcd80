"""Request and response bodies of the routes of queues."""

import re
from collections.abc import Sequence
from datetime import time
from typing import Annotated, Final, Self
from uuid import UUID

from pydantic import AfterValidator, Field, StrictBool
from pydantic.config import JsonDict

from presswork.api.http.body import FromDomain, In, Name, Out, Text, with_examples
from presswork.api.http.ids import AccountRef, HolderRef, PostRef, ProjectRef, QueueRef
from presswork.api.http.paging import NoNextPage
from presswork.api.projects.schemas import Zone
from presswork.core.errors import FieldError, IssueCode
from presswork.core.timestamps import Instant
from presswork.posts import move_in_queue
from presswork.queues import model
from presswork.queues.model import MAX_JITTER_MINUTES, MAX_SLOTS, QueueChanges, Weekday

_QUEUE: Final = "que_0191f3a2-7c1e-7b60-9d0a-3f6a2f1c8e55"
_POST: Final = "sp_0191f3a2-7c1e-7b60-9d0a-3f6a2f1c8e55"
_SLOTS: Final[list[JsonDict]] = [{"weekday": "mon", "time": "09:00"}, {"weekday": "thu", "time": "17:30"}]
_TIME: Final = re.compile(r"([01]\d|2[0-3]):[0-5]\d", re.ASCII)
_MAX_ACCOUNTS: Final = 500
_EXAMPLE: Final[JsonDict] = {
    "id": _QUEUE,
    "projectId": "prj_0191f3a2-7c1e-7b60-9d0a-3f6a2f1c8e55",
    "name": "Mornings",
    "timezone": "Europe/Lisbon",
    "slots": list(_SLOTS),
    "socialAccountIds": None,
    "isDefault": True,
    "jitterMinutes": 0,
    "pausedUntil": None,
    "refill": None,
    "createdAt": "2026-11-24T18:30:00.000Z",
    "updatedAt": "2026-11-24T18:30:00.000Z",
}


_UPCOMING: Final[JsonDict] = {
    "slotAt": "2026-11-30T09:00:00.000Z",
    "scheduledFor": "2026-11-30T09:00:00.000Z",
    "takenBy": [_POST],
}
_MOVE: Final[JsonDict] = {
    "scheduledPostId": _POST,
    "before": "2026-12-03T17:30:00.000Z",
    "after": "2026-11-30T09:00:00.000Z",
}


def _require_time(text: str) -> str:
    if not _TIME.fullmatch(text):
        raise FieldError("is not a time of day. Send one like 09:00.", IssueCode.INVALID_FORMAT)
    return text


LocalTime = Annotated[Text, AfterValidator(_require_time), Field(max_length=5, examples=["09:00"])]
"""A time of day, `HH:MM`."""


class QueueSlot(In):
    """A time of the week at which posts go out, in the time zone of the queue."""

    model_config = with_examples(_SLOTS[0])

    weekday: Weekday
    time: LocalTime = Field(
        description="Local time, `HH:MM`. One that the clocks skip is the first that exists, one that they show twice is the first."
    )

    def slot(self) -> model.Slot:
        """Return the domain object."""
        return model.Slot(self.weekday, time.fromisoformat(self.time))


class QueueRefill(In):
    """From which content free slots are filled."""

    model_config = with_examples({"label": "evergreen", "cooldownDays": 30, "maximumUses": 5})

    label: Annotated[Text, Field(min_length=1, max_length=100)] = Field(description="Of content with this label.")
    cooldown_days: int = Field(strict=True, ge=1, le=365, description="Days between two uses of the same content.")
    maximum_uses: int | None = Field(
        default=None, strict=True, ge=1, le=1000, description="The most uses of the same content; null: no bound."
    )


def _require_different(slots: list[QueueSlot]) -> list[QueueSlot]:
    seen: set[tuple[str, str]] = set()
    for slot in slots:
        if (place := (slot.weekday.value, slot.time)) in seen:
            raise FieldError(f"has {' '.join(place)} twice. Remove one.", IssueCode.INVALID_VALUE)
        seen.add(place)
    return slots


def _require_accounts(accounts: list[UUID]) -> list[UUID]:
    if len(set(accounts)) < len(accounts):
        raise FieldError("has an account twice. Send each once.", IssueCode.DUPLICATE_ID)
    return accounts


_Slots = Annotated[list[QueueSlot], AfterValidator(_require_different), Field(max_length=MAX_SLOTS)]
_Accounts = Annotated[
    list[AccountRef], AfterValidator(_require_accounts), Field(min_length=1, max_length=_MAX_ACCOUNTS)
]
_Jitter = Annotated[int, Field(strict=True, ge=0, le=MAX_JITTER_MINUTES)]
_SLOTS_TEXT: Final = f"Times of the week, at most {MAX_SLOTS}. A change moves no post."
_ZONE_TEXT: Final = "IANA time zone of the slots."
_ACCOUNTS_TEXT: Final = "The accounts that the queue takes. null: all of the project."
_DEFAULT_TEXT: Final = "Whether calls with `queue: default` mean this one. The first queue of a project is its default."
_JITTER_TEXT: Final = "Posts are due up to so many minutes after their slot, always as many in the same slot."
_PAUSED_TEXT: Final = "New posts take no slot before this instant."


class _QueueFields(In):
    """Fields of a queue that can be set."""

    def changes(self) -> QueueChanges:
        """Return the fields that were sent, as the domain has them."""
        sent = self.sent()
        changes = QueueChanges(**{name: sent[name] for name in sent if name in _AS_SENT})  # type: ignore[typeddict-item]  # checked fields
        if "slots" in sent:
            changes["slots"] = tuple(slot.slot() for slot in sent["slots"])
        if "social_account_ids" in sent:
            accounts = sent["social_account_ids"]
            changes["account_ids"] = None if accounts is None else tuple(accounts)
        if "refill" in sent:
            refill = sent["refill"]
            changes["refill"] = None if refill is None else model.Refill(**refill.model_dump())
        return changes


_AS_SENT: Final = frozenset({"name", "timezone", "is_default", "jitter_minutes", "paused_until"})


class NewQueue(_QueueFields):
    """A new queue."""

    model_config = with_examples({"name": "Mornings", "slots": list(_SLOTS)})

    name: Name = Field(description="Name for display.")
    timezone: Zone | None = Field(default=None, description=f"{_ZONE_TEXT} Default: that of the project.")
    slots: _Slots = Field(description=_SLOTS_TEXT)
    social_account_ids: _Accounts | None = Field(default=None, description=_ACCOUNTS_TEXT)
    is_default: StrictBool = Field(default=False, description=_DEFAULT_TEXT)
    jitter_minutes: _Jitter = Field(default=0, description=_JITTER_TEXT)
    paused_until: Instant | None = Field(default=None, description=_PAUSED_TEXT)
    refill: QueueRefill | None = None

    def changes(self) -> QueueChanges:
        """Return the fields that were sent; no zone means that of the project."""
        changes = super().changes()
        if self.timezone is None:
            changes.pop("timezone", None)
        return changes


class QueuePatch(_QueueFields):
    """Changes to a queue. A field that is left out does not change."""

    model_config = with_examples({"pausedUntil": "2026-12-27T00:00:00Z"})

    name: Name = Field(default_factory=str, description="Name for display.")
    timezone: Zone = Field(default_factory=str, description=_ZONE_TEXT)
    slots: _Slots = Field(default_factory=list, description=_SLOTS_TEXT)
    social_account_ids: _Accounts | None = Field(default=None, description=_ACCOUNTS_TEXT)
    is_default: StrictBool = Field(default_factory=bool, description=_DEFAULT_TEXT)
    jitter_minutes: _Jitter = Field(default_factory=int, description=_JITTER_TEXT)
    paused_until: Instant | None = Field(default=None, description=_PAUSED_TEXT)
    refill: QueueRefill | None = None


class RefillOfQueue(FromDomain):
    """From which content free slots are filled."""

    label: str
    cooldown_days: int
    maximum_uses: int | None


class SlotOfQueue(Out):
    """A time of the week at which posts go out, in the time zone of the queue."""

    model_config = with_examples(_SLOTS[0])

    weekday: Weekday
    time: str


class Queue(Out):
    """Slots of a week at which posts go out."""

    model_config = with_examples(_EXAMPLE)

    id: QueueRef
    project_id: ProjectRef
    name: str
    timezone: str
    slots: list[SlotOfQueue]
    social_account_ids: list[AccountRef] | None = Field(description=_ACCOUNTS_TEXT)
    is_default: bool
    jitter_minutes: int = Field(description=_JITTER_TEXT)
    paused_until: Instant | None = Field(description=_PAUSED_TEXT)
    refill: RefillOfQueue | None
    created_at: Instant
    updated_at: Instant

    @classmethod
    def of(cls, queue: model.Queue) -> Self:
        """Build it from the domain object."""
        return cls(
            id=queue.id,
            project_id=queue.project_id,
            name=queue.name,
            timezone=queue.timezone,
            slots=[SlotOfQueue(weekday=slot.weekday, time=f"{slot.at:%H:%M}") for slot in queue.slots],
            social_account_ids=None if queue.account_ids is None else list(queue.account_ids),
            is_default=queue.is_default,
            jitter_minutes=queue.jitter_minutes,
            paused_until=queue.paused_until,
            refill=None if queue.refill is None else RefillOfQueue.of(queue.refill),
            created_at=queue.created_at,
            updated_at=queue.updated_at,
        )


class DeletedQueue(Out):
    """A queue that was deleted."""

    model_config = with_examples({"id": _QUEUE, "deletedAt": "2026-11-24T18:32:00.000Z"})

    id: QueueRef
    deleted_at: Instant


class UpcomingSlot(FromDomain):
    """One slot of a queue with what takes it."""

    model_config = with_examples(_UPCOMING)

    slot_at: Instant
    scheduled_for: Instant = Field(description="When a new post in it is due: the slot and the queue's jitter.")
    taken_by: list[HolderRef] = Field(
        description="The posts in it, and the schedule calls that wait for approval with it (`int_…`). Empty: the slot is free."
    )


class UpcomingSlots(Out):
    """The slots of a queue, in order."""

    model_config = with_examples({"items": [_UPCOMING], "nextCursor": None})

    items: list[UpcomingSlot]
    next_cursor: NoNextPage = None

    @classmethod
    def of(cls, slots: Sequence[model.TakenSlot]) -> Self:
        """Build it from the domain objects."""
        return cls(items=[UpcomingSlot.of(slot) for slot in slots])


class ReshuffleRequest(In):
    """Whether the moves are only shown. The body is optional."""

    model_config = with_examples({"dryRun": True})

    dry_run: StrictBool = Field(default=False, description="Return the moves without making them.")


class QueueMove(FromDomain):
    """A post that changes its slot."""

    model_config = with_examples(_MOVE)

    scheduled_post_id: PostRef
    before: Instant = Field(description="Its slot before.")
    after: Instant = Field(description="Its new slot.")


class ReshuffleResult(Out):
    """The posts that changed their slots, or would, in their order."""

    model_config = with_examples({"dryRun": False, "items": [_MOVE]})

    dry_run: bool
    items: list[QueueMove]

    @classmethod
    def of(cls, done: move_in_queue.Reshuffle) -> Self:
        """Build it from the domain object."""
        items = [QueueMove(scheduled_post_id=move.post_id, before=move.before, after=move.after) for move in done.moves]
        return cls(dry_run=done.is_dry_run, items=items)


class MoveRequest(In):
    """The new slot of a post."""

    model_config = with_examples({"slotAt": "2026-11-30T09:00:00Z"})

    slot_at: Instant = Field(description="A free slot of the post's queue (GET /v1/queues/{queueId}/slots).")
