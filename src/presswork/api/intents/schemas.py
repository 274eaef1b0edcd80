"""Request and response bodies of the routes of schedule intents."""

from collections.abc import Sequence
from typing import Final, Self

from pydantic import Field
from pydantic.config import JsonDict

from presswork.api.http.body import In, Out, with_examples
from presswork.api.http.ids import AccountRef, IntentRef, PostRef, QueueRef, RecurrenceRef
from presswork.api.http.paging import NoNextPage
from presswork.api.posts.option_schemas import NO_OPTIONS, shows_options
from presswork.content.intents import Intent
from presswork.core.enums import Mode
from presswork.core.timestamps import Instant
from presswork.posts import targets

_INTENT_ID: Final = "int_0191f3a2-7c1e-7b60-9d0a-3f6a2f1c8e55"
_AT: Final = "2026-11-25T08:00:00.000Z"
TARGET_EXAMPLE: Final[JsonDict] = {
    "socialAccountId": "sa_0191f3a2-7c1e-7b60-9d0a-3f6a2f1c8e55",
    "mode": "publish",
    "scheduledPostId": None,
    "captionOverride": None,
    "firstCommentOverride": None,
    **NO_OPTIONS,
}

_INTENT: Final[JsonDict] = {
    "id": _INTENT_ID,
    "scheduledFor": _AT,
    "queueId": None,
    "slotAt": None,
    "recurrenceId": None,
    "targets": [TARGET_EXAMPLE],
    "createdAt": "2026-11-24T18:30:00.000Z",
}


@shows_options
class IntentTarget(Out):
    """One account of a schedule call. A field that was not sent is null."""

    model_config = with_examples(TARGET_EXAMPLE)

    social_account_id: AccountRef
    mode: Mode
    scheduled_post_id: PostRef | None
    caption_override: str | None
    first_comment_override: str | None


class ScheduleIntent(Out):
    """A schedule call that waits until its content is approved."""

    model_config = with_examples(_INTENT)

    id: IntentRef
    scheduled_for: Instant
    queue_id: QueueRef | None = Field(description="The queue of whose slot it is; null for others.")
    slot_at: Instant | None = Field(description="The slot that it holds; null for others, and once it is rescheduled.")
    recurrence_id: RecurrenceRef | None = Field(description="The recurrence that it was made for; null for others.")
    targets: list[IntentTarget]
    created_at: Instant

    @classmethod
    def of(cls, intent: Intent) -> Self:
        """Build it from the domain object."""
        return cls(
            id=intent.id,
            scheduled_for=intent.scheduled_for,
            queue_id=intent.queue_id,
            slot_at=intent.slot_at,
            recurrence_id=intent.recurrence_id,
            targets=[show_target(target) for target in intent.targets],
            created_at=intent.created_at,
        )


class ScheduleIntents(Out):
    """The schedule calls that wait on one container, oldest first."""

    model_config = with_examples({"items": [_INTENT], "nextCursor": None})

    items: list[ScheduleIntent]
    next_cursor: NoNextPage = None

    @classmethod
    def of(cls, intents: Sequence[Intent]) -> Self:
        """Build it from the domain objects."""
        return cls(items=[ScheduleIntent.of(intent) for intent in intents])


class MoveIntentRequest(In):
    """The new time of a schedule call that waits for approval."""

    model_config = with_examples({"scheduledFor": "2026-11-25T08:00:00Z"})

    scheduled_for: Instant = Field(
        description="At most 30 seconds in the past (then it is due once approved) and at most 365 days ahead."
    )


class MovedIntent(Out):
    """A waiting schedule call with its new time."""

    model_config = with_examples({"id": _INTENT_ID, "scheduledFor": _AT})

    id: IntentRef
    scheduled_for: Instant

    @classmethod
    def of(cls, intent: Intent) -> Self:
        """Build it from the domain object."""
        return cls(id=intent.id, scheduled_for=intent.scheduled_for)


class WithdrawnIntent(Out):
    """The schedule call that was dropped."""

    model_config = with_examples({"id": _INTENT_ID})

    id: IntentRef

    @classmethod
    def of(cls, intent: Intent) -> Self:
        """Build it from the domain object."""
        return cls(id=intent.id)


def show_target(target: targets.Target) -> IntentTarget:
    """Build it from the domain object."""
    unset = {field.alias or name: None for name, field in IntentTarget.model_fields.items()}
    return IntentTarget.model_validate({**unset, **targets.target_json(target)})
