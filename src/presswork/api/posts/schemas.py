"""Request and response bodies of the publishing routes."""

from collections.abc import Callable, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Final, Literal, Self
from uuid import UUID

from pydantic import AfterValidator, ConfigDict, Field, JsonValue, StrictBool, model_validator
from pydantic.alias_generators import to_camel
from pydantic.config import JsonDict

from presswork.api.http.body import In, Out, Text
from presswork.api.http.ids import AccountRef, PostRef
from presswork.api.posts.option_schemas import accepts_options, option_changes
from presswork.api.posts.post_schemas import POST_EXAMPLE, ScheduledPost
from presswork.api.posts.target_schemas import Override, Target
from presswork.core.enums import Mode
from presswork.core.errors import FieldError, Invalid, Issue, IssueCode
from presswork.core.ids import QUEUE, parse_id
from presswork.core.json_text import compact_json
from presswork.core.timestamps import Instant, read_instant
from presswork.idempotency.stored_replies import Reply
from presswork.platforms.errors import FailureCode
from presswork.posts import edit_post, known_problems
from presswork.posts import targets as _targets
from presswork.posts.create_posts import CreatedPosts
from presswork.posts.edit_post import PostEdit
from presswork.posts.model import PostState, Status, require_schedulable
from presswork.posts.read import PostDocument
from presswork.posts.targets import MAX_TARGETS
from presswork.queues.model import Position, QueueChoice

MAX_REASON_CHARACTERS = 1024

WARNING_EXAMPLE: Final[JsonDict] = {
    "socialAccountId": "sa_0191f3a2-7c1e-7b60-9d0a-3f6a2f1c8e55",
    "mode": "publish",
    "code": "PLATFORM_LIMIT",
    "message": "The caption has 2,345 characters; Instagram accepts 2,200. Shorten it (captionOverride sets one for this "
    "target alone).",
    "reason": "caption_length",
    "value": 2345,
    "limit": 2200,
    "unit": "characters",
}

_EDITED: Final[JsonDict] = {
    **POST_EXAMPLE,
    "status": "queued",
    "externalId": None,
    "externalUrl": None,
    "attemptedAt": None,
    "publishedAt": None,
    "captionOverride": "Fresh from the oven, until noon",
    "revision": 2,
}


DEFAULT_QUEUE: Final = "default"


def _require_queue(value: str) -> str:
    if value != DEFAULT_QUEUE:
        parse_id(QUEUE, value)
    return value


QueueName = Annotated[
    Text,
    AfterValidator(_require_queue),
    Field(
        pattern=f"^({DEFAULT_QUEUE}|{QUEUE}_[0-9a-fA-F]{{8}}(-[0-9a-fA-F]{{4}}){{3}}-[0-9a-fA-F]{{12}})$",
        examples=[DEFAULT_QUEUE],
    ),
]
"""The id of a queue, or the default one."""


class PublishRequest(In):
    """The targets of the content. Either all targets are accepted, or none."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "targets": [
                        {"socialAccountId": "sa_0191f3a2-7c1e-7b60-9d0a-3f6a2f1c8e55", "mode": "publish"},
                        {
                            "socialAccountId": "sa_0191f3a2-7c1e-7b60-9d0a-3f6a2f1c8e56",
                            "mode": "publish",
                            "captionOverride": "Fresh from the oven #bakery",
                            "tiktokPostSettings": {"privacyLevel": "PUBLIC_TO_EVERYONE", "disableDuet": True},
                        },
                    ]
                }
            ]
        }
    )

    targets: list[Target] = Field(min_length=1, max_length=MAX_TARGETS, description="1–50 targets, all or nothing.")
    strict: StrictBool = Field(
        default=False,
        description="Refuse the call (422, with the warnings as `details.targets`) if a target is known to fail. Preflight "
        "accepts and ignores it.",
    )

    def domain_targets(self) -> Sequence[_targets.Target]:
        """Return the targets as domain objects."""
        return [target.target() for target in self.targets]

    @model_validator(mode="after")
    def _check_ids_unique(self) -> Self:
        if len(ids := [target.scheduled_post_id for target in self.targets if target.scheduled_post_id]) != len(
            set(ids)
        ):
            raise FieldError("has a scheduledPostId twice. Give each target a different one.", IssueCode.DUPLICATE_ID)
        return self

    @classmethod
    def further_issues(cls, body: JsonValue, issues: list[Issue], *, now: datetime) -> list[Issue]:  # noqa: ARG003  the signature of all models
        """Add an issue at each repeated scheduledPostId, whatever else is wrong with the body."""
        kept = [issue for issue in issues if issue.code != IssueCode.DUPLICATE_ID]
        targets = body.get("targets") if isinstance(body, dict) else None
        seen: set[str] = set()
        for index, target in enumerate(targets if isinstance(targets, list) else []):
            post_id = target.get("scheduledPostId") if isinstance(target, dict) else None
            if not isinstance(post_id, str):
                continue
            if post_id.lower() in seen:
                problem = "appears twice in this call. Give each target a different id."
                kept.append(Issue.at(f"targets[{index}].scheduledPostId", problem, IssueCode.DUPLICATE_ID))
            seen.add(post_id.lower())
        return kept


class TargetWarning(Out):
    """A problem that is already known about one target, although its post is accepted."""

    model_config = ConfigDict(
        json_schema_serialization_defaults_required=False, json_schema_extra={"examples": [WARNING_EXAMPLE]}
    )

    social_account_id: AccountRef
    mode: Mode
    code: FailureCode | Literal["REPEATED_TARGET", "OPTIONS_IGNORED", "PRIVACY_REDUCED"] = Field(
        description="`REPEATED_TARGET`: an earlier target has the same account and mode, and the content is posted each "
        "time. `OPTIONS_IGNORED`: options of another platform, which have no effect. `PRIVACY_REDUCED`: the account offers no "
        "public posts, so it is published with `privacyLevel`. Any other code: the post will fail with it as `lastError.code`."
    )
    message: str = Field(description="What is wrong, with the values, and what to do.")
    reason: str | None = Field(default=None, description="The rule: `caption_length`, `ratio`, `operator_phone`, …")
    value: int | float | None = Field(default=None, description="What the post has.")
    limit: int | float | None = Field(default=None, description="What its platform accepts.")
    unit: str | None = Field(default=None, description="The unit of `value` and `limit`.")
    item: int | None = Field(default=None, description="The media item, from 1.")
    privacy_level: str | None = Field(default=None, description="The level that the post gets, with `PRIVACY_REDUCED`.")

    @classmethod
    def of(cls, warning: known_problems.TargetWarning) -> Self:
        """Build it from the domain object."""
        return cls.model_validate(warning.as_json())


def _warnings_of(created: CreatedPosts) -> list[TargetWarning] | None:
    return [TargetWarning.of(warning) for warning in created.warnings] or None


class PublishResult(Out):
    """The ids of the posts, in the order of the targets. `warnings` is present only if there are any."""

    model_config = ConfigDict(
        json_schema_serialization_defaults_required=False,
        json_schema_extra={
            "examples": [
                {"scheduledPostIds": ["sp_0191f3a2-7c1e-7b60-9d0a-3f6a2f1c8e55"]},
                {
                    "scheduledPostIds": ["sp_0191f3a2-7c1e-7b60-9d0a-3f6a2f1c8e55"],
                    "warnings": [WARNING_EXAMPLE],
                },
            ]
        },
    )

    scheduled_post_ids: list[PostRef]
    warnings: list[TargetWarning] | None = None

    @classmethod
    def of(cls, created: CreatedPosts) -> Self:
        """Build it from the created posts."""
        return cls(scheduled_post_ids=list(created.post_ids), warnings=_warnings_of(created))


class GateStatus(StrEnum):
    """Whether the posts are created, or wait until the content is approved."""

    QUEUED = "queued"
    BLOCKED_ON_APPROVAL = "blocked_on_approval"


class _QueuedRequest(PublishRequest):
    """The targets of the content, and perhaps a queue."""

    queue: QueueName | None = Field(
        default=None,
        description="Instead of `scheduledFor`: the id of a queue of the project, or `default`. Its slot is chosen in this call.",
    )
    position: Position | None = Field(
        default=None,
        description="With `queue`. `next` (the default): the first free slot. `last`: the first one after all that are taken.",
    )

    def choice(self) -> QueueChoice:
        """Return which slot is wanted, of a call with a queue."""
        return _choice_of(self.queue, self.position)


def _choice_of(queue: str | None, position: Position | None) -> QueueChoice:
    queue_id = None if queue in (None, DEFAULT_QUEUE) else parse_id(QUEUE, str(queue))
    return QueueChoice(queue_id=queue_id, position=position or Position.NEXT)


class PreflightRequest(_QueuedRequest):
    """The targets of a call of publish; with a queue, those of a call of schedule."""

    queue: QueueName | None = Field(
        default=None,
        description="Check a call that takes a slot: of this queue of the project, or of the `default` one. No slot is taken.",
    )

    @model_validator(mode="after")
    def _require_queue_of_position(self) -> Self:
        if self.position is not None and self.queue is None:
            raise FieldError("has a position without a queue. Send both.", IssueCode.CONFLICTING_OPTIONS)
        return self

    @classmethod
    def further_issues(cls, body: JsonValue, issues: list[Issue], *, now: datetime) -> list[Issue]:
        """Add an issue for a position without a queue, whatever else is wrong with the body."""
        kept = [issue for issue in issues if issue.path or issue.code != IssueCode.CONFLICTING_OPTIONS]
        found = super().further_issues(body, kept, now=now)
        return [*found, *(one for one in _issues_of_place(body) if one.path == "position")]


class ScheduleRequest(_QueuedRequest):
    """The targets of the content and its time. Either all targets are accepted, or none."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "scheduledFor": "2026-11-25T08:00:00Z",
                    "targets": [{"socialAccountId": "sa_0191f3a2-7c1e-7b60-9d0a-3f6a2f1c8e55", "mode": "publish"}],
                },
                {
                    "queue": "default",
                    "targets": [{"socialAccountId": "sa_0191f3a2-7c1e-7b60-9d0a-3f6a2f1c8e55", "mode": "publish"}],
                },
            ]
        }
    )

    scheduled_for: Instant | None = Field(
        default=None,
        description="At most 30 seconds in the past (then it is due now) and at most 365 days ahead. Required without `queue`.",
    )

    @model_validator(mode="after")
    def _require_one_time(self) -> Self:
        if (self.scheduled_for is None) == (self.queue is None) or (self.position is not None and self.queue is None):
            raise FieldError("has not one of scheduledFor and queue. Send one.", IssueCode.CONFLICTING_OPTIONS)
        return self

    @classmethod
    def further_issues(cls, body: JsonValue, issues: list[Issue], *, now: datetime) -> list[Issue]:
        """Add an issue if the instant is out of bounds, or is not the only place, whatever else is wrong with the body."""
        kept = [issue for issue in issues if issue.path or issue.code != IssueCode.CONFLICTING_OPTIONS]
        found = [*super().further_issues(body, kept, now=now), *_issues_of_place(body)]
        try:
            require_schedulable(read_instant(body.get("scheduledFor") if isinstance(body, dict) else None), now=now)
        except Invalid as refusal:
            return [*found, *refusal.issues]
        except ValueError:
            pass  # not an instant: the model has reported it
        return found


def _issues_of_place(body: JsonValue, *, needing_queue: Sequence[str] = ("position",)) -> list[Issue]:
    """Return what is wrong with the place of a schedule call: it has a time, or a queue and perhaps a position."""
    names = ("scheduledFor", "queue", *needing_queue)
    sent = {name for name in names if isinstance(body, dict) and body.get(name) not in (None, False)}
    if {"scheduledFor", "queue"} <= sent:
        problem = (
            "has no effect beside the other: a post has a time, or a slot of a queue. Send `scheduledFor` or `queue`."
        )
        return [Issue.at(name, problem, IssueCode.CONFLICTING_OPTIONS) for name in ("scheduledFor", "queue")]
    if "queue" in sent:
        return []
    issues = []
    if "scheduledFor" not in sent and isinstance(body, dict):
        problem = "is required. Send a time with its offset, or `queue` for a slot of a queue."
        issues.append(Issue.at("scheduledFor", problem, IssueCode.REQUIRED))
    for name in needing_queue:
        if name in sent:
            problem = "has no effect without `queue`. Send `queue`, or leave it out."
            issues.append(Issue.at(name, problem, IssueCode.CONFLICTING_OPTIONS))
    return issues


class ScheduleResult(Out):
    """The ids of the posts, in the order of the targets; empty while the content waits for approval."""

    model_config = ConfigDict(
        json_schema_serialization_defaults_required=False,
        json_schema_extra={
            "examples": [
                {
                    "scheduledPostIds": ["sp_0191f3a2-7c1e-7b60-9d0a-3f6a2f1c8e55"],
                    "gateStatus": "queued",
                    "scheduledFor": "2026-11-25T08:00:00.000Z",
                }
            ]
        },
    )

    scheduled_post_ids: list[PostRef]
    gate_status: GateStatus
    scheduled_for: Instant
    warnings: list[TargetWarning] | None = None

    @classmethod
    def of(cls, created: CreatedPosts) -> Self:
        """Build it from the created posts or the kept call."""
        return cls(
            scheduled_post_ids=list(created.post_ids),
            gate_status=GateStatus.BLOCKED_ON_APPROVAL if created.is_waiting else GateStatus.QUEUED,
            scheduled_for=created.scheduled_for,
            warnings=_warnings_of(created),
        )


class RescheduleRequest(In):
    """The new time of a queued post, or a queue whose slot it takes."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"scheduledFor": "2026-11-25T08:00:00Z"}, {"queue": "default", "together": True}]
        }
    )

    scheduled_for: Instant | None = Field(
        default=None,
        description="At most 30 seconds in the past (then it is due now) and at most 365 days ahead. Required without `queue`.",
    )
    queue: QueueName | None = Field(
        default=None, description="Instead of `scheduledFor`: the id of a queue of the project, or `default`."
    )
    position: Position | None = Field(
        default=None,
        description="With `queue`. `next` (the default): the first free slot. `last`: the first one after all that are taken. The slot "
        "that the post has counts as free.",
    )
    slot_at: Instant | None = Field(default=None, description="With `queue`, instead of `position`: this slot of it.")
    together: StrictBool = Field(
        default=False,
        description="With `queue`: the other queued posts of the content that are due at the same time move into the same slot.",
    )

    def choice(self) -> QueueChoice:
        """Return which slot is wanted, of a call with a queue."""
        return _choice_of(self.queue, self.position)

    @model_validator(mode="after")
    def _require_one_time(self) -> Self:
        is_wrong = (self.scheduled_for is None) == (self.queue is None)
        if is_wrong or (
            self.queue is None and (self.position is not None or self.slot_at is not None or self.together)
        ):
            raise FieldError("has not one of scheduledFor and queue. Send one.", IssueCode.CONFLICTING_OPTIONS)
        if self.position is not None and self.slot_at is not None:
            raise FieldError("has a position and a slotAt. Send one.", IssueCode.CONFLICTING_OPTIONS)
        return self

    @classmethod
    def further_issues(cls, body: JsonValue, issues: list[Issue], *, now: datetime) -> list[Issue]:
        """Add an issue for each field that contradicts another, whatever else is wrong with the body."""
        kept = [issue for issue in issues if issue.path or issue.code != IssueCode.CONFLICTING_OPTIONS]
        found = [
            *super().further_issues(body, kept, now=now),
            *_issues_of_place(body, needing_queue=("position", "slotAt", "together")),
        ]
        if isinstance(body, dict) and body.get("position") is not None and body.get("slotAt") is not None:
            problem = "has no effect beside `slotAt`, which names the slot. Send one of them."
            found.append(Issue.at("position", problem, IssueCode.CONFLICTING_OPTIONS))
        return found


class RescheduledPost(Out):
    """A post with its new time."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": "sp_0191f3a2-7c1e-7b60-9d0a-3f6a2f1c8e55",
                    "status": "queued",
                    "scheduledFor": "2026-11-25T08:00:00.000Z",
                    "updatedAt": "2026-11-24T18:31:12.480Z",
                    "scheduledPostIds": ["sp_0191f3a2-7c1e-7b60-9d0a-3f6a2f1c8e55"],
                }
            ]
        }
    )

    id: PostRef
    status: Status
    scheduled_for: Instant
    updated_at: Instant
    scheduled_post_ids: list[PostRef] = Field(
        description="The posts that have this time now: this one, and with `together` the others."
    )

    @classmethod
    def of(cls, state: PostState, *others: PostState) -> Self:
        """Build it from the domain object, and from those of the posts that were moved with it."""
        return cls(
            id=state.id,
            status=state.status,
            scheduled_for=state.scheduled_for,
            updated_at=state.updated_at,
            scheduled_post_ids=[state.id, *(other.id for other in others)],
        )


@accepts_options
class PostPatch(In):
    """What changes of a queued post. Omitted fields do not change, null removes an override or an option, and an option that is
    sent replaces the whole object.
    """

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"captionOverride": "Fresh from the oven, until noon", "revision": 1}]}
    )

    caption_override: Override | None = Field(
        default=None, description="Replaces the container's caption for this post. null: the container's goes out."
    )
    first_comment_override: Override | None = Field(
        default=None,
        description="Replaces the container's first comment for this post; empty: no comment. null: the container's is written.",
    )
    revision: int | None = Field(
        default=None,
        strict=True,
        ge=1,
        description="The revision that was read. If the post has another one, the call returns 409.",
    )

    def edit(self, *, is_current: Callable[[PostDocument], bool]) -> PostEdit:
        """Return the domain object."""
        texts = {to_camel(name): getattr(self, name) for name in _TEXTS if name in self.model_fields_set}
        return PostEdit(texts=texts, options=option_changes(self), revision=self.revision, is_current=is_current)


_TEXTS: Final = ("caption_override", "first_comment_override")


class EditedPost(ScheduledPost):
    """The post after the edit. `warnings` is present only if there are any, as after publishing."""

    model_config = ConfigDict(
        json_schema_serialization_defaults_required=False, json_schema_extra={"examples": [_EDITED]}
    )

    warnings: list[TargetWarning] | None = None


def reply_to_edit(edited: edit_post.EditedPost) -> Reply:
    """Return the post's document, with its warnings if there are any."""
    if not edited.warnings:
        return Reply(200, edited.document.encode())
    warnings = compact_json([warning.as_json() for warning in edited.warnings])
    return Reply(200, f'{edited.document[:-1]},"warnings":{warnings}}}'.encode())


class RepublishRequest(In):
    """What the caller knows about the former post. The body is optional."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"confirmNotLive": True}]})

    confirm_not_live: StrictBool = Field(
        default=False,
        description="Confirms that the post is not live, where its platform did not say: a person has looked at the account. "
        "Without it, such a post is refused.",
    )


class RepublishedPost(Out):
    """The new post."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"scheduledPostId": "sp_0191f3a2-7d20-7c11-8b3e-5b6c7d8e9f01"}]}
    )

    scheduled_post_id: PostRef

    @classmethod
    def of(cls, post_id: UUID) -> Self:
        """Build it from the id of the new post."""
        return cls(scheduled_post_id=post_id)


class CancelRequest(In):
    """Why a post is canceled; shown in its timeline. The body is optional."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "The offer has ended."}]})

    reason: Text | None = Field(default=None, max_length=MAX_REASON_CHARACTERS)


class CanceledPost(Out):
    """A canceled post. It never goes live."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": "sp_0191f3a2-7c1e-7b60-9d0a-3f6a2f1c8e55",
                    "status": "canceled",
                    "canceledAt": "2026-11-24T18:31:12.480Z",
                }
            ]
        }
    )

    id: PostRef
    status: Literal[Status.CANCELED]
    canceled_at: Instant

    @classmethod
    def of(cls, state: PostState) -> Self:
        """Build it from the domain object. Raises ValueError if the post is not canceled."""
        if state.status is not Status.CANCELED or state.canceled_at is None:
            raise ValueError("the post is not canceled")
        return cls(id=state.id, status=state.status, canceled_at=state.canceled_at)
