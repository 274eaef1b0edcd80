"""Request and response bodies of portal links."""

from datetime import datetime, timedelta
from typing import Final, Self

from pydantic import Field

from presswork.api.http.body import In, Out, with_examples
from presswork.api.http.ids import CallerRef, PortalLinkRef, ProjectRef
from presswork.api.review_links.schemas import RECIPIENT, RecipientName
from presswork.content.review_link_model import ReviewSettings
from presswork.core.timestamps import Instant
from presswork.links.model import LinkStatus, PageLink

MAX_HOURS: Final = 87_600
"""Ten years."""
_UUID: Final = "0191f3a2-7c1e-7b60-9d0a-3f6a2f1c8e55"
_TOKEN: Final = "3q2-7wABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijk"  # noqa: S105  an example


class NewPortalLink(In):
    """A portal link to be made."""

    model_config = with_examples({"canDecide": True, "recipientName": "Marta"})

    expires_in_hours: int | None = Field(
        default=None,
        strict=True,
        ge=1,
        le=MAX_HOURS,
        description="How long the link serves, in hours. Without it, until it is revoked.",
    )
    can_decide: bool = Field(
        default=False,
        strict=True,
        description="Whether people at the page may decide on content that waits; otherwise it only shows it.",
    )
    recipient_name: RecipientName | None = Field(default=None, description=RECIPIENT)

    @property
    def settings(self) -> ReviewSettings:
        """The part of the link that is its kind's."""
        return ReviewSettings(can_decide=self.can_decide)

    @property
    def lifetime(self) -> timedelta | None:
        """How long the link serves, or None until it is revoked."""
        return None if self.expires_in_hours is None else timedelta(hours=self.expires_in_hours)


class CreatedPortalLink(Out):
    """A new portal link. Its `url` is returned only once."""

    model_config = with_examples(
        {"id": f"ptl_{_UUID}", "url": f"https://presswork.example.com/portal/{_TOKEN}", "expiresAt": None}
    )

    id: PortalLinkRef
    url: str = Field(
        description="URL of the page. Anyone who has it can see what the project publishes, and decide if that is allowed."
    )
    expires_at: Instant | None = Field(description="Null: the link serves until it is revoked.")


class PortalLink(Out):
    """A portal link, without its URL, which is not stored."""

    model_config = with_examples(
        {
            "id": f"ptl_{_UUID}",
            "projectId": f"prj_{_UUID}",
            "status": "active",
            "canDecide": True,
            "recipientName": "Marta",
            "decisions": 1,
            "visits": 3,
            "lastVisitedAt": "2026-11-24T18:40:00.000Z",
            "createdBy": f"key_{_UUID}",
            "createdAt": "2026-11-24T18:30:00.000Z",
            "expiresAt": None,
            "revokedAt": None,
        }
    )

    id: PortalLinkRef
    project_id: ProjectRef
    status: LinkStatus
    can_decide: bool
    recipient_name: str | None
    decisions: int = Field(description="Decisions and requests for changes that were made at its page.")
    visits: int = Field(description="How often its pages were opened.")
    last_visited_at: Instant | None
    created_by: CallerRef
    created_at: Instant
    expires_at: Instant | None = Field(description="Null: the link serves until it is revoked.")
    revoked_at: Instant | None

    @classmethod
    def of(cls, link: PageLink, *, now: datetime) -> Self:
        """Convert a link of the domain, as it is at an instant."""
        return cls(
            id=link.id,
            project_id=link.project_id,
            status=link.status_at(now),
            can_decide=ReviewSettings.of(link).can_decide,
            recipient_name=link.recipient_name,
            decisions=link.uses,
            visits=link.visits,
            last_visited_at=link.last_visited_at,
            created_by=link.created_by,
            created_at=link.created_at,
            expires_at=link.expires_at,
            revoked_at=link.revoked_at,
        )
