"""Request and response bodies of the routes of recurrences."""

from datetime import datetime, time
from typing import Annotated, Final, Self

from pydantic import AfterValidator, Field, ValidationInfo, field_validator, model_validator
from pydantic.config import JsonDict

from presswork.api.http.body import In, Out, with_examples
from presswork.api.http.ids import ContainerRef, ProjectRef, RecurrenceRef
from presswork.api.intents.schemas import TARGET_EXAMPLE, IntentTarget, show_target
from presswork.api.posts.target_schemas import Override, Target
from presswork.api.projects.schemas import Zone
from presswork.api.queues.schemas import LocalTime
from presswork.core.errors import FieldError, IssueCode
from presswork.core.timestamps import Instant
from presswork.posts import targets as _targets
from presswork.posts.targets import MAX_TARGETS
from presswork.queues.model import Weekday
from presswork.recurrences import model
from presswork.recurrences.change_recurrence import RecurrenceChanges
from presswork.recurrences.end_recurrences import EndedRecurrence
from presswork.recurrences.model import MAX_CAPTIONS, MAX_COUNT, MAX_EVERY, RecurrenceStatus, Timing, Unit

_RULE: Final[JsonDict] = {"every": 1, "unit": "week", "weekdays": ["mon", "thu"]}
_NEW: Final[JsonDict] = {
    "rule": _RULE,
    "time": "08:30",
    "timezone": "Europe/Lisbon",
    "count": 12,
    "targets": [{"socialAccountId": "sa_0191f3a2-7c1e-7b60-9d0a-3f6a2f1c8e55", "mode": "publish"}],
    "captions": ["Fresh from the oven", "Rye with caraway, warm until noon"],
}
_RECURRENCE: Final[JsonDict] = {
    "id": "rec_0191f3a2-7c1e-7b60-9d0a-3f6a2f1c8e5a",
    "containerId": "cnt_0191f3a2-7c1e-7b60-9d0a-3f6a2f1c8e55",
    "projectId": "prj_0191f3a2-7c1e-7b60-9d0a-3f6a2f1c8e55",
    **_NEW,
    "rule": {**_RULE, "monthDay": None},
    "until": None,
    "targets": [TARGET_EXAMPLE],
    "status": "active",
    "occurrences": ["2026-11-26T08:30:00.000Z", "2026-11-30T08:30:00.000Z"],
    "nextAt": "2026-11-26T08:30:00.000Z",
    "lastError": None,
    "endedAt": None,
    "createdAt": "2026-11-24T18:30:00.000Z",
    "updatedAt": "2026-11-24T18:30:00.000Z",
}


class RuleIn(In):
    """On which days the content is posted, counted from the first one."""

    model_config = with_examples(_RULE)

    every: int = Field(
        strict=True, ge=1, le=MAX_EVERY, description="Every so many days, weeks or months; 2 is every other one."
    )
    unit: Unit
    weekdays: list[Weekday] | None = Field(
        default=None,
        min_length=1,
        max_length=len(Weekday),
        description="With `week` only. Default: the weekday of the first day on which the time is still to come.",
    )
    month_day: int | None = Field(
        default=None,
        strict=True,
        ge=1,
        le=31,
        description="With `month` only; 29 to 31 are the last day of a shorter month. Default: the first day on which the time is "
        "still to come.",
    )

    @field_validator("weekdays")
    @classmethod
    def _check_weekdays(cls, value: list[Weekday] | None, info: ValidationInfo) -> list[Weekday] | None:
        if value is not None and info.data.get("unit", Unit.WEEK) is not Unit.WEEK:
            raise FieldError("is for `unit: week` only. Leave it out.", IssueCode.CONFLICTING_OPTIONS)
        if value is not None and len(set(value)) != len(value):
            raise FieldError("has a day twice. Send each day once.")
        return value

    @field_validator("month_day")
    @classmethod
    def _check_month_day(cls, value: int | None, info: ValidationInfo) -> int | None:
        if value is not None and info.data.get("unit", Unit.MONTH) is not Unit.MONTH:
            raise FieldError("is for `unit: month` only. Leave it out.", IssueCode.CONFLICTING_OPTIONS)
        return value

    def rule(self) -> model.Rule:
        """Return the domain object."""
        return model.Rule(
            every=self.every, unit=self.unit, weekdays=tuple(self.weekdays or ()), month_day=self.month_day
        )


def _require_no_ids(targets: list[Target]) -> list[Target]:
    if any(target.scheduled_post_id is not None for target in targets):
        raise FieldError("has a scheduledPostId, but each occurrence is another post. Leave it out.")
    return targets


_Targets = Annotated[
    list[Target],
    AfterValidator(_require_no_ids),
    Field(
        min_length=1, max_length=MAX_TARGETS, description="1–50 targets, as of a publish call. All get each occurrence."
    ),
]
_Captions = Annotated[
    list[Override],
    Field(
        max_length=MAX_CAPTIONS,
        description="Variants of the caption, used in turn: the first occurrence has the first. A target with a `captionOverride` "
        "keeps it. Empty: the container's caption.",
    ),
]
_UNTIL: Final = "No occurrence after this instant. Only one of `until` and `count` can be set."
_COUNT: Final = "How many occurrences there are in all, those that were skipped included."


def _refuse_two_ends(until: datetime | None, count: int | None) -> None:
    if until is not None and count is not None:
        raise FieldError("has `until` and `count`. Send one of them, or none.", IssueCode.CONFLICTING_OPTIONS)


class NewRecurrence(In):
    """When the content is posted again and again, and where."""

    model_config = with_examples(_NEW)

    rule: RuleIn
    time: LocalTime = Field(
        description="Local time, `HH:MM`. One that the clocks skip is the first that exists, one that they show twice is the first."
    )
    timezone: Zone
    until: Instant | None = Field(default=None, description=_UNTIL)
    count: int | None = Field(default=None, strict=True, ge=1, le=MAX_COUNT, description=_COUNT)
    targets: _Targets
    captions: _Captions = Field(default_factory=list)

    @model_validator(mode="after")
    def _check_end(self) -> Self:
        _refuse_two_ends(self.until, self.count)
        return self

    def timing(self) -> Timing:
        """Return the domain object."""
        return Timing(
            rule=self.rule.rule(),
            local_time=time.fromisoformat(self.time),
            timezone=self.timezone,
            until=self.until,
            max_count=self.count,
        )

    def domain_targets(self) -> list[_targets.Target]:
        """Return the targets as domain objects."""
        return [target.target() for target in self.targets]


class RecurrencePatch(In):
    """What changes of a recurrence. Omitted fields do not change."""

    model_config = with_examples({"time": "09:00", "targets": _NEW["targets"]}, {"until": "2027-06-30T23:59:00Z"})

    rule: RuleIn = Field(default_factory=lambda: RuleIn(every=1, unit=Unit.DAY), description="Counts from now on.")
    time: LocalTime = Field(default_factory=str)
    timezone: Zone = Field(default_factory=str)
    until: Instant | None = Field(default=None, description=f"{_UNTIL} It replaces `count`. null: without this end.")
    count: int | None = Field(
        default=None,
        strict=True,
        ge=1,
        le=MAX_COUNT,
        description=f"{_COUNT} It replaces `until`. null: without this end.",
    )
    targets: _Targets = Field(default_factory=list)
    captions: _Captions = Field(default_factory=list)

    @model_validator(mode="after")
    def _check_end(self) -> Self:
        _refuse_two_ends(self.until, self.count)
        return self

    def changes(self) -> RecurrenceChanges:
        """Return the domain object."""
        sent = self.model_fields_set
        changes = RecurrenceChanges()
        if "rule" in sent:
            changes["rule"] = self.rule.rule()
        if "time" in sent:
            changes["local_time"] = time.fromisoformat(self.time)
        if "timezone" in sent:
            changes["timezone"] = self.timezone
        if "until" in sent or self.count is not None:
            changes["until"] = self.until
        if "count" in sent or self.until is not None:
            changes["max_count"] = self.count
        if "targets" in sent:
            changes["targets"] = [target.target() for target in self.targets]
        if "captions" in sent:
            changes["captions"] = self.captions
        return changes


class RuleOut(Out):
    """The rule, complete: what was left open is as it was chosen."""

    model_config = with_examples({**_RULE, "monthDay": None})

    every: int
    unit: Unit
    weekdays: list[Weekday] | None
    month_day: int | None


class RecurrenceError(Out):
    """Why the next occurrence could not be made."""

    code: str
    message: str
    at: Instant


class Recurrence(Out):
    """Content that is posted again and again."""

    model_config = with_examples(_RECURRENCE)

    id: RecurrenceRef
    container_id: ContainerRef
    project_id: ProjectRef
    rule: RuleOut
    time: str = Field(description="Local time, `HH:MM`.")
    timezone: str
    until: Instant | None
    count: int | None
    targets: list[IntentTarget]
    captions: list[str]
    status: RecurrenceStatus = Field(description="`ended` after the last occurrence, or when it was stopped.")
    occurrences: list[Instant] = Field(
        description="The occurrences of the next 35 days that are made, where they were moved to; skipped ones are left out."
    )
    next_at: Instant | None = Field(description="The next occurrence, made or not.")
    last_error: RecurrenceError | None = Field(
        description="Why the next occurrence could not be made; it is tried again until its time has passed. null: nothing is wrong."
    )
    ended_at: Instant | None = Field(
        description="When it ended, or will end with its last occurrence, if that is known."
    )
    created_at: Instant
    updated_at: Instant

    @classmethod
    def of(cls, recurrence: model.Recurrence, *, now: datetime) -> Self:
        """Build it from the domain object."""
        timing, rule = recurrence.timing, recurrence.timing.rule
        return cls(
            id=recurrence.id,
            container_id=recurrence.container_id,
            project_id=recurrence.project_id,
            rule=RuleOut(
                every=rule.every, unit=rule.unit, weekdays=list(rule.weekdays) or None, month_day=rule.month_day
            ),
            time=f"{timing.local_time:%H:%M}",
            timezone=timing.timezone,
            until=timing.until,
            count=timing.max_count,
            targets=[show_target(target) for target in recurrence.targets],
            captions=list(recurrence.captions),
            status=recurrence.status_at(now),
            occurrences=list(recurrence.occurrences),
            next_at=recurrence.next_at,
            last_error=None if recurrence.error is None else RecurrenceError.model_validate_json(recurrence.error),
            ended_at=recurrence.ended_at,
            created_at=recurrence.created_at,
            updated_at=recurrence.updated_at,
        )


class StoppedRecurrence(Out):
    """A recurrence that was ended, with the number of posts that were canceled and of calls that were dropped."""

    model_config = with_examples(
        {
            "id": "rec_0191f3a2-7c1e-7b60-9d0a-3f6a2f1c8e5a",
            "status": "ended",
            "canceledPosts": 9,
            "droppedScheduleCalls": 0,
            "endedAt": "2026-11-24T18:32:00.000Z",
        }
    )

    id: RecurrenceRef
    status: RecurrenceStatus
    canceled_posts: int
    dropped_schedule_calls: int
    ended_at: Instant

    @classmethod
    def of(cls, ended: EndedRecurrence) -> Self:
        """Build it from the domain object."""
        return cls(
            id=ended.id,
            status=RecurrenceStatus.ENDED,
            canceled_posts=ended.canceled_posts,
            dropped_schedule_calls=ended.dropped_calls,
            ended_at=ended.ended_at,
        )
