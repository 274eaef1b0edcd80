"""Request and response bodies of the approval routes."""

from datetime import datetime
from typing import Annotated, Final, Literal, Self

from pydantic import AfterValidator, ConfigDict, Field, JsonValue, StringConstraints, TypeAdapter, model_validator

from presswork.api.http.body import In, Out, Text, with_examples
from presswork.api.http.ids import ContainerRef, PostRef, ProjectRef, ReviewerRef, UserRef
from presswork.api.http.paging import NoNextPage
from presswork.content.approve import Approval, Rejection
from presswork.content.model import ApprovalStatus, Container, Review, ReviewOutcome
from presswork.content.review_policy import ReviewHistory
from presswork.core.errors import Code, FieldError, Issue, IssueCode, PressworkError
from presswork.core.timestamps import Instant
from presswork.posts.schedule import Promotion
from presswork.projects import review_steps
from presswork.projects.model import Covers, Project, ReviewChanges, ReviewPolicy
from presswork.projects.review_steps import (
    MAX_DECIDERS,
    MAX_NAME_CHARACTERS,
    MAX_QUORUM,
    MAX_REMINDER_HOURS,
    MAX_STEPS,
)

MAX_NOTE_CHARACTERS: Final = 1024
MAX_FIRST_N: Final = 50
_CONTAINER_ID: Final = "cnt_0191f3a2-7c1e-7b60-9d0a-3f6a2f1c8e55"
_POST_ID: Final = "sp_0191f3a2-7c1e-7b60-9d0a-3f6a2f1c8e55"
_KEY_ID: Final = "key_0191f3a2-7001-7c3d-a5b0-0d9c8b7a6f51"
_USER_ID: Final = "usr_0191f3a2-7c1e-7b60-9d0a-3f6a2f1c8e5b"
_PROJECT_ID: Final = "prj_0191f3a2-7001-7c3d-a5b0-0d9c8b7a6f51"
_DETAILS: Final = TypeAdapter(dict[str, JsonValue])


def _require_text(text: str) -> str:
    if not text.strip():
        raise FieldError("has no visible character. State it for the author of the content.", IssueCode.BLANK)
    return text


Revision = Annotated[
    int,
    Field(
        strict=True,
        ge=1,
        description="The revision that the reviewer has seen. If the content was edited since, the call is refused.",
    ),
]


class ApproveRequest(In):
    """An optional note with the approval. The body is optional."""

    model_config = with_examples({"note": "Lovely. Go ahead."})

    note: Text | None = Field(default=None, max_length=MAX_NOTE_CHARACTERS)
    revision: Revision | None = None


class RejectRequest(In):
    """Why the content is rejected."""

    model_config = with_examples({"reason": "The price in the picture is last year's."})

    reason: Annotated[Text, AfterValidator(_require_text)] = Field(min_length=1, max_length=MAX_NOTE_CHARACTERS)
    revision: Revision | None = None


class ChangesRequest(In):
    """What to change before the content can be approved."""

    model_config = with_examples({"note": "Please name the bakery.", "revision": 1})

    note: Annotated[Text, AfterValidator(_require_text)] = Field(min_length=1, max_length=MAX_NOTE_CHARACTERS)
    revision: Revision | None = None


class _Sparse(Out):
    """A response that omits the fields that do not apply."""

    model_config = ConfigDict(json_schema_serialization_defaults_required=False)


class PromotionError(_Sparse):
    """Why a waiting schedule call created no posts: the error that the same call would return now."""

    code: Code
    message: str
    details: dict[str, JsonValue] | None = None

    @classmethod
    def of(cls, refusal: PressworkError) -> Self:
        """Build it from the domain object."""
        details = _DETAILS.validate_python(refusal.details) or None
        return cls(code=refusal.code, message=refusal.message, details=details)


class PromotedCall(_Sparse):
    """The result of one waiting schedule call."""

    status: Literal["ok", "failed"]
    scheduled_for: Instant
    scheduled_post_ids: list[PostRef]
    error: PromotionError | None = None

    @classmethod
    def of(cls, promotion: Promotion) -> Self:
        """Build it from the domain object."""
        return cls(
            status="ok" if promotion.refusal is None else "failed",
            scheduled_for=promotion.scheduled_for,
            scheduled_post_ids=list(promotion.post_ids),
            error=None if promotion.refusal is None else PromotionError.of(promotion.refusal),
        )


class SchedulePromotion(_Sparse):
    """The result of all waiting schedule calls: `failed` if any of them failed, with the error of the first."""

    status: Literal["ok", "failed"]
    scheduled_post_ids: list[PostRef] = Field(description="The posts of all calls, in the order of the calls.")
    error: PromotionError | None = None
    calls: list[PromotedCall] = Field(description="The waiting calls, oldest first.")


class ApprovedContent(_Sparse):
    """Approved content, or content that needs further approvals: then it is pending, and has a `currentStep`."""

    model_config = with_examples(
        {
            "id": _CONTAINER_ID,
            "approvalStatus": "approved",
            "approvedAt": "2026-11-24T18:42:07.310Z",
            "approvedBy": _KEY_ID,
            "pendingSchedulePromotion": {
                "status": "ok",
                "scheduledPostIds": [_POST_ID],
                "calls": [
                    {
                        "status": "ok",
                        "scheduledFor": "2026-11-25T08:00:00.000Z",
                        "scheduledPostIds": [_POST_ID],
                    }
                ],
            },
        }
    )

    id: ContainerRef
    approval_status: Literal[ApprovalStatus.APPROVED, ApprovalStatus.PENDING]
    current_step: str | None = Field(
        default=None, description="The step that waits for a decision now; absent once the content is approved."
    )
    approved_at: Instant = Field(description="When this approval was given.")
    approved_by: ReviewerRef = Field(description="Who gave this approval.")
    pending_schedule_promotion: SchedulePromotion | None = Field(
        default=None, description="Only if schedule calls waited for the approval."
    )

    @classmethod
    def of(cls, approval: Approval) -> Self:
        """Build it from the domain object. Raises ValueError if the container was not approved."""
        container, step = approval.container, approval.container.current_step
        if container.approval_status is not ApprovalStatus.APPROVED and step is None:
            raise ValueError("the container was not approved")
        calls = [PromotedCall.of(promotion) for promotion in approval.promotions]
        promotion = SchedulePromotion(
            status="failed" if any(call.error for call in calls) else "ok",
            scheduled_post_ids=[post_id for call in calls for post_id in call.scheduled_post_ids],
            error=next((call.error for call in calls if call.error), None),
            calls=calls,
        )
        return cls(
            id=container.id,
            approval_status=ApprovalStatus.APPROVED if step is None else ApprovalStatus.PENDING,
            current_step=step and step.name,
            approved_at=approval.at,
            approved_by=approval.by,
            pending_schedule_promotion=promotion if calls else None,
        )


class RejectedContent(Out):
    """Rejected content. It is never published."""

    model_config = with_examples(
        {
            "id": _CONTAINER_ID,
            "approvalStatus": "rejected",
            "rejectedAt": "2026-11-24T18:42:07.310Z",
            "rejectedBy": _KEY_ID,
            "reason": "The price in the picture is last year's.",
            "droppedScheduleCalls": 1,
        }
    )

    id: ContainerRef
    approval_status: Literal[ApprovalStatus.REJECTED]
    rejected_at: Instant
    rejected_by: ReviewerRef
    reason: str
    dropped_schedule_calls: int = Field(description="The number of waiting schedule calls that were dropped.")

    @classmethod
    def of(cls, rejection: Rejection) -> Self:
        """Build it from the domain object. Raises ValueError if the container was not rejected."""
        container = rejection.container
        if container.approval_status is not ApprovalStatus.REJECTED or container.decision is None:
            raise ValueError("the container was not rejected")
        return cls(
            id=container.id,
            approval_status=ApprovalStatus.REJECTED,
            rejected_at=container.decision.at,
            rejected_by=container.decision.by,
            reason=container.decision.note or "",
            dropped_schedule_calls=rejection.dropped_calls,
        )


class ChangesRequested(Out):
    """Content that needs changes. It stays pending."""

    model_config = with_examples(
        {
            "id": _CONTAINER_ID,
            "approvalStatus": "pending",
            "note": "Please name the bakery.",
            "revision": 1,
        }
    )

    id: ContainerRef
    approval_status: Literal[ApprovalStatus.PENDING]
    note: str
    revision: int

    @classmethod
    def of(cls, container: Container) -> Self:
        """Build it from the domain object."""
        return cls(
            id=container.id,
            approval_status=ApprovalStatus.PENDING,
            note=container.decision_note or "",
            revision=container.revision,
        )


class ReviewItem(_Sparse):
    """One decision."""

    at: Instant
    by: ReviewerRef = Field(description="The API key, the user or the review link that decided.")
    by_name: str | None = Field(
        description="The name of the user, or the name that the person at the review link gave; null for an API key."
    )
    decision: ReviewOutcome
    note: str | None
    revision: int = Field(description="The revision that was decided on.")
    step: str | None = Field(
        default=None,
        exclude_if=lambda step: step is None,
        description="The name of the step that was decided on; absent without steps.",
    )

    @classmethod
    def of(cls, review: Review) -> Self:
        """Build it from the domain object."""
        return cls(
            at=review.at,
            by=review.by,
            by_name=review.by_name,
            decision=review.decision,
            note=review.note,
            revision=review.revision,
            step=review.step,
        )


class ChangedText(Out):
    """A text that was edited since the last decision, or since the content was created."""

    field: str = Field(description="`caption`, `firstComment` or `media[0].altText`.")
    before: str | None
    after: str | None


class ContentReview(Out):
    """The decisions on content, oldest first, and what was edited since."""

    model_config = with_examples(
        {
            "revision": 2,
            "approvalStatus": "pending",
            "items": [
                {
                    "at": "2026-11-24T18:42:07.310Z",
                    "by": "rvl_0191f3a2-7001-7c3d-a5b0-0d9c8b7a6f51",
                    "byName": "Marta",
                    "decision": "changes_requested",
                    "note": "Please name the bakery.",
                    "revision": 1,
                    "step": "Customer",
                }
            ],
            "nextCursor": None,
            "changedSince": [
                {"field": "caption", "before": "Fresh from the oven", "after": "Fresh from Corner Bakery's oven"}
            ],
        }
    )

    revision: int
    approval_status: ApprovalStatus
    items: list[ReviewItem]
    next_cursor: NoNextPage = None
    changed_since: list[ChangedText]

    @classmethod
    def of(cls, history: ReviewHistory) -> Self:
        """Build it from the domain object."""
        return cls(
            revision=history.container.revision,
            approval_status=history.container.approval_status,
            items=[ReviewItem.of(review) for review in history.reviews],
            changed_since=[
                ChangedText(field=change.field, before=change.before, after=change.after) for change in history.changes
            ],
        )


def _count_deciders(roles: object, user_ids: object, review_link: object) -> int:
    return sum(bool(one) for one in (roles, user_ids, review_link))


StepName = Annotated[
    Text, StringConstraints(strip_whitespace=True), Field(min_length=1, max_length=MAX_NAME_CHARACTERS)
]
DecidingRole = Literal["approver", "admin"]


class NewApprovalStep(In):
    """One step of approval. Exactly one of `roles`, `userIds` and `reviewLink` says who decides it."""

    name: StepName
    roles: Annotated[list[DecidingRole], Field(min_length=1, max_length=2)] | None = Field(
        default=None, description="Users with one of these roles, and API keys with `content:approve`."
    )
    user_ids: Annotated[list[UserRef], Field(min_length=1, max_length=MAX_DECIDERS)] | None = Field(
        default=None, description="Users who see the project and have a role that may approve."
    )
    review_link: Literal[True] | None = Field(
        default=None, description="A person at the page of a review link. Each link counts once."
    )
    quorum: int = Field(default=1, strict=True, ge=1, le=MAX_QUORUM, description="How many have to approve.")

    @model_validator(mode="after")
    def _check_deciders(self) -> Self:
        if _count_deciders(self.roles, self.user_ids, self.review_link) != 1:
            raise FieldError(
                "needs exactly one of roles, userIds and reviewLink. Send one of them.", IssueCode.CONFLICTING_OPTIONS
            )
        users = self.user_ids and set(self.user_ids)
        if users and self.quorum > len(users):
            raise FieldError(
                f"has a quorum of {self.quorum}, but names {len(users)} users. Lower the quorum, or name more.",
                IssueCode.TOO_LARGE,
            )
        return self

    def step(self) -> review_steps.ApprovalStep:
        """Return the domain object."""
        return review_steps.ApprovalStep(
            name=self.name,
            roles=tuple(dict.fromkeys(self.roles or ())),
            user_ids=tuple(dict.fromkeys(self.user_ids or ())),
            review_link=bool(self.review_link),
            quorum=self.quorum,
        )


def _require_own_names(steps: list[NewApprovalStep]) -> list[NewApprovalStep]:
    if len({step.name.casefold() for step in steps}) < len(steps):
        raise FieldError("have a name twice. Give each step its own.", IssueCode.INVALID_VALUE)
    return steps


class ReviewReminder(In):
    """When the event `content.reminder` brings content to mind that waits, counted from the beginning of its step."""

    after_hours: int = Field(strict=True, ge=1, le=MAX_REMINDER_HOURS)
    repeat_hours: int | None = Field(
        default=None, strict=True, ge=1, le=MAX_REMINDER_HOURS, description="From one to the next; null: only one."
    )

    def reminder(self) -> review_steps.Reminder:
        """Return the domain object."""
        return review_steps.Reminder(after_hours=self.after_hours, repeat_hours=self.repeat_hours)


class ReviewPolicyRequest(In):
    """Which new content of the project needs approval."""

    model_config = with_examples(
        {
            "policy": "review_all",
            "steps": [
                {"name": "Law", "userIds": [_USER_ID]},
                {"name": "Editors", "roles": ["approver"], "quorum": 2},
                {"name": "Customer", "reviewLink": True},
            ],
            "reminder": {"afterHours": 24, "repeatHours": 48},
        },
        {"policy": "review_first_n", "firstN": 3},
    )

    policy: ReviewPolicy = Field(
        description="`auto_approve`: none. `review_all`: all. `review_first_n`: all until `firstN` containers have been decided on."
    )
    first_n: int | None = Field(
        default=None,
        strict=True,
        ge=1,
        le=MAX_FIRST_N,
        description="Required with `review_first_n`, not allowed otherwise: the decisions after which new content is approved automatically.",
    )

    covers: Covers | None = Field(
        default=None,
        description="What an approval covers. `content` (at first): texts may be edited and overridden after it. "
        "`content_and_text`: only what was approved goes out. Omitted: unchanged.",
    )

    steps: Annotated[list[NewApprovalStep], Field(max_length=MAX_STEPS), AfterValidator(_require_own_names)] | None = (
        Field(
            default=None,
            description="The steps of approval, in order; empty or null: one decision is enough. Omitted: unchanged. Content keeps "
            "the steps with which it was created.",
        )
    )
    reminder: ReviewReminder | None = Field(default=None, description="Null: none. Omitted: unchanged.")

    def changes(self) -> ReviewChanges:
        """Return the domain object."""
        changes = ReviewChanges(policy=self.policy)
        if self.first_n is not None:
            changes["first_n"] = self.first_n
        if self.covers is not None:
            changes["covers"] = self.covers
        if "steps" in self.model_fields_set:
            changes["steps"] = [step.step() for step in self.steps or ()]
        if "reminder" in self.model_fields_set:
            changes["reminder"] = None if self.reminder is None else self.reminder.reminder()
        return changes

    @model_validator(mode="after")
    def _check_first_n(self) -> Self:
        if (self.policy is ReviewPolicy.REVIEW_FIRST_N) != (self.first_n is not None):
            raise FieldError("needs firstN with review_first_n, and only with it.", IssueCode.FIRST_N)
        return self

    @classmethod
    def further_issues(cls, body: JsonValue, issues: list[Issue], *, now: datetime) -> list[Issue]:  # noqa: ARG003  the signature of all models
        """Replace the model's `first_n` issue by one at `firstN`."""
        kept = [issue for issue in issues if issue.code != IssueCode.FIRST_N]
        if not isinstance(body, dict) or any(issue.path in ("policy", "firstN") for issue in kept):
            return kept
        if body.get("policy") == ReviewPolicy.REVIEW_FIRST_N and body.get("firstN") is None:
            kept.append(
                Issue.at(
                    "firstN",
                    f"is required with review_first_n. Send a number from 1 to {MAX_FIRST_N}.",
                    IssueCode.FIRST_N,
                )
            )
        elif body.get("policy") != ReviewPolicy.REVIEW_FIRST_N and body.get("firstN") is not None:
            kept.append(Issue.at("firstN", "is allowed with review_first_n only. Omit it.", IssueCode.FIRST_N))
        return kept


class ApprovalStep(_Sparse):
    """One step of approval: exactly one of `roles`, `userIds` and `reviewLink` is there."""

    name: str
    roles: list[DecidingRole] | None = None
    user_ids: list[UserRef] | None = None
    review_link: Literal[True] | None = None
    quorum: int

    @classmethod
    def of(cls, step: review_steps.ApprovalStep) -> Self:
        """Build it from the domain object."""
        return cls.model_validate(
            {
                "name": step.name,
                "roles": list(step.roles) or None,
                "user_ids": list(step.user_ids) or None,
                "review_link": step.review_link or None,
                "quorum": step.quorum,
            }
        )


class ShownReviewReminder(_Sparse):
    """When content that waits is brought to mind, counted from the beginning of its step."""

    after_hours: int
    repeat_hours: int | None = Field(default=None, description="From one to the next; absent: only one.")

    @classmethod
    def of(cls, reminder: review_steps.Reminder) -> Self:
        """Build it from the domain object."""
        return cls(after_hours=reminder.after_hours, repeat_hours=reminder.repeat_hours)


class ContentReviewPolicy(_Sparse):
    """Which new content of a project needs approval, and how many containers wait now."""

    model_config = with_examples(
        {
            "projectId": _PROJECT_ID,
            "policy": "review_first_n",
            "firstN": 3,
            "covers": "content",
            "pendingCount": 1,
            "updatedAt": "2026-11-24T18:31:12.480Z",
        }
    )

    project_id: ProjectRef
    policy: ReviewPolicy
    first_n: int | None = Field(default=None, description="Only with `review_first_n`.")
    covers: Covers = Field(description="What an approval covers.")
    steps: list[ApprovalStep] | None = Field(
        default=None, description="The steps of approval; absent where one decision is enough."
    )
    reminder: ShownReviewReminder | None = Field(
        default=None, description="When content that waits is brought to mind."
    )
    pending_count: int = Field(description="The number of completed containers that wait for a decision.")
    updated_at: Instant | None = Field(
        default=None, description="When the policy was last set; absent if it was never set."
    )

    @classmethod
    def of(cls, project: Project, pending_count: int) -> Self:
        """Build it from the domain object."""
        return cls(
            project_id=project.id,
            policy=project.review_policy,
            first_n=project.review_first_n,
            covers=project.review_covers,
            steps=[ApprovalStep.of(step) for step in project.review_steps] or None,
            reminder=project.review_reminder and ShownReviewReminder.of(project.review_reminder),
            pending_count=pending_count,
            updated_at=project.review_updated_at,
        )
