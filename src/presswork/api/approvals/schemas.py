"""Request and response bodies of the approval routes."""

from datetime import datetime
from typing import Annotated, Final, Literal, Self

from pydantic import AfterValidator, ConfigDict, Field, JsonValue, TypeAdapter, model_validator

from presswork.api.http.body import In, Out, Text, with_examples
from presswork.api.http.ids import ContainerRef, PostRef, ProjectRef, ReviewerRef
from presswork.api.http.paging import NoNextPage
from presswork.content.approve import Approval, Rejection
from presswork.content.model import ApprovalStatus, Container, Review, ReviewOutcome
from presswork.content.review_policy import ReviewHistory
from presswork.core.errors import Code, FieldError, Issue, IssueCode, PressworkError
from presswork.core.timestamps import Instant
from presswork.posts.schedule import Promotion
from presswork.projects.model import Covers, Project, ReviewPolicy

MAX_NOTE_CHARACTERS: Final = 1024
MAX_FIRST_N: Final = 50
_CONTAINER_ID: Final = "cnt_0191f3a2-7c1e-7b60-9d0a-3f6a2f1c8e55"
_POST_ID: Final = "sp_0191f3a2-7c1e-7b60-9d0a-3f6a2f1c8e55"
_KEY_ID: Final = "key_0191f3a2-7001-7c3d-a5b0-0d9c8b7a6f51"
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
    """Approved content. `pendingSchedulePromotion` is present only if schedule calls waited for it."""

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
    approval_status: Literal[ApprovalStatus.APPROVED]
    approved_at: Instant
    approved_by: ReviewerRef
    pending_schedule_promotion: SchedulePromotion | None = None

    @classmethod
    def of(cls, approval: Approval) -> Self:
        """Build it from the domain object. Raises ValueError if the container was not approved."""
        container = approval.container
        if container.approval_status is not ApprovalStatus.APPROVED or container.decision is None:
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
            approval_status=ApprovalStatus.APPROVED,
            approved_at=container.decision.at,
            approved_by=container.decision.by,
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


class ReviewItem(Out):
    """One decision."""

    at: Instant
    by: ReviewerRef = Field(description="The API key, the user or the review link that decided.")
    by_name: str | None = Field(
        description="The name of the user, or the name that the person at the review link gave; null for an API key."
    )
    decision: ReviewOutcome
    note: str | None
    revision: int = Field(description="The revision that was decided on.")

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


class ReviewPolicyRequest(In):
    """Which new content of the project needs approval."""

    model_config = with_examples({"policy": "review_first_n", "firstN": 3})

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
            pending_count=pending_count,
            updated_at=project.review_updated_at,
        )
