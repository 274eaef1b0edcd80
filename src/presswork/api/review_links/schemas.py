"""Request and response bodies of review links."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Annotated, Final, Self

from pydantic import AfterValidator, Field

from presswork.api.approvals.schemas import MAX_NOTE_CHARACTERS
from presswork.api.http.body import In, Out, Text, with_examples
from presswork.api.http.ids import CallerRef, ContainerRef, ProjectRef, ReviewLinkRef
from presswork.content.review_link_model import MAX_CONTAINERS, MAX_HOURS, MAX_NAME_CHARACTERS, ReviewSettings
from presswork.core.errors import FieldError, IssueCode
from presswork.core.timestamps import Instant
from presswork.links.model import LinkStatus, PageLink

_UUID: Final = "0191f3a2-7c1e-7b60-9d0a-3f6a2f1c8e55"
_TOKEN: Final = "3q2-7wABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijk"  # noqa: S105  an example
_EXPIRES_AT: Final = "2026-12-01T18:30:00.000Z"


def _require_text(text: str) -> str:
    if not text.strip():
        raise FieldError("has no visible character. Send the text, or omit the field.", IssueCode.BLANK)
    return text


RecipientName = Annotated[Text, AfterValidator(_require_text), Field(min_length=1, max_length=MAX_NAME_CHARACTERS)]
"""Who gets a link."""
RECIPIENT: Final = (
    "Who gets the link: the name that the page suggests for a decision, and that the audit log has for a visit."
)


class NewReviewLink(In):
    """A review link to be made."""

    model_config = with_examples(
        {
            "containerIds": [f"cnt_{_UUID}"],
            "expiresInHours": 168,
            "canDecide": True,
            "recipientName": "Marta",
            "note": "The posts of next week.",
        }
    )

    container_ids: Annotated[Sequence[ContainerRef], Field(min_length=1, max_length=MAX_CONTAINERS)] = Field(
        description="The content that the page shows, in this order: all of one project."
    )
    expires_in_hours: int = Field(strict=True, ge=1, le=MAX_HOURS, description="How long the link serves, in hours.")
    can_decide: bool = Field(
        strict=True, description="Whether people at the page may decide; otherwise it only shows the content."
    )
    recipient_name: RecipientName | None = Field(default=None, description=RECIPIENT)
    note: Annotated[Text, AfterValidator(_require_text)] | None = Field(
        default=None,
        min_length=1,
        max_length=MAX_NOTE_CHARACTERS,
        description="What the sender has to say, shown at the top of the page.",
    )

    @property
    def settings(self) -> ReviewSettings:
        """The part of the link that is its kind's."""
        return ReviewSettings(can_decide=self.can_decide, note=self.note)

    @property
    def lifetime(self) -> timedelta:
        """How long the link serves."""
        return timedelta(hours=self.expires_in_hours)


class CreatedReviewLink(Out):
    """A new review link. Its `url` is returned only once."""

    model_config = with_examples(
        {"id": f"rvl_{_UUID}", "url": f"https://presswork.example.com/review/{_TOKEN}", "expiresAt": _EXPIRES_AT}
    )

    id: ReviewLinkRef
    url: str = Field(
        description="URL of the page. Anyone who has it can see the content, and decide if that is allowed."
    )
    expires_at: Instant


class ReviewLink(Out):
    """A review link, without its URL, which is not stored."""

    model_config = with_examples(
        {
            "id": f"rvl_{_UUID}",
            "projectId": f"prj_{_UUID}",
            "containerIds": [f"cnt_{_UUID}"],
            "status": "active",
            "canDecide": True,
            "recipientName": "Marta",
            "note": "The posts of next week.",
            "decisions": 1,
            "visits": 3,
            "lastVisitedAt": "2026-11-24T18:40:00.000Z",
            "createdBy": f"key_{_UUID}",
            "createdAt": "2026-11-24T18:30:00.000Z",
            "expiresAt": _EXPIRES_AT,
            "revokedAt": None,
        }
    )

    id: ReviewLinkRef
    project_id: ProjectRef
    container_ids: Sequence[ContainerRef]
    status: LinkStatus
    can_decide: bool
    recipient_name: str | None
    note: str | None
    decisions: int = Field(description="Decisions and requests for changes that were made at its page.")
    visits: int = Field(description="How often its page was opened.")
    last_visited_at: Instant | None
    created_by: CallerRef
    created_at: Instant
    expires_at: Instant
    revoked_at: Instant | None

    @classmethod
    def of(cls, link: PageLink, *, now: datetime) -> Self:
        """Convert a link of the domain, as it is at an instant."""
        settings = ReviewSettings.of(link)
        return cls(
            id=link.id,
            project_id=link.project_id,
            container_ids=link.container_ids,
            status=link.status_at(now),
            can_decide=settings.can_decide,
            recipient_name=link.recipient_name,
            note=settings.note,
            decisions=link.uses,
            visits=link.visits,
            last_visited_at=link.last_visited_at,
            created_by=link.created_by,
            created_at=link.created_at,
            expires_at=link.expiry,
            revoked_at=link.revoked_at,
        )
