"""Request and response bodies of connect links."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Annotated, Final, Self

from pydantic import Field, ValidationInfo, field_validator

from presswork.accounts.connect_links import ConnectSettings
from presswork.api.accounts.schemas import ReturnURL
from presswork.api.http.body import In, Out, with_examples
from presswork.api.http.ids import CallerRef, ConnectLinkRef, ProjectRef
from presswork.core.errors import FieldError, IssueCode
from presswork.core.timestamps import Instant
from presswork.links.model import LinkStatus, PageLink
from presswork.platforms.names import PlatformName

_UUID: Final = "0191f3a2-7c1e-7b60-9d0a-3f6a2f1c8e55"
_TOKEN: Final = "3q2-7wABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijk"  # noqa: S105  an example
_EXPIRES_AT: Final = "2026-12-01T18:30:00.000Z"
MAX_HOURS: Final = 720
MAX_USES: Final = 1000


class NewConnectLink(In):
    """A connect link to be made."""

    model_config = with_examples(
        {
            "platforms": ["instagram", "tiktok"],
            "expiresInHours": 168,
            "maxUses": 5,
            "returnUrl": "https://app.example.com/connected?customer=4711",
        },
        {"reconnect": True, "expiresInHours": 168},
    )

    platforms: Annotated[Sequence[PlatformName], Field(min_length=1, max_length=len(PlatformName))] | None = Field(
        default=None,
        description="Platforms that the page offers; without them, every platform that can be used when it is opened.",
    )
    expires_in_hours: int = Field(ge=1, le=MAX_HOURS, description="How long the link serves, in hours.")
    reconnect: bool = Field(
        default=False,
        description="Make a link only for the accounts of the project that must be connected again: those whose access has ended, and "
        "those that move to another platform app. They are looked up whenever its page is opened.",
    )
    max_uses: Annotated[int, Field(ge=1, le=MAX_USES)] | None = Field(
        default=None,
        validate_default=True,
        description=f"How many logins may finish through the link. Required, except with `reconnect`: then it is {MAX_USES:,} by default.",
    )
    return_url: ReturnURL | None = Field(
        default=None,
        description="URL to redirect the person to after each login, as for `oauth-url`: on one of the key's return "
        "domains. `layers_oauth_error` is added to its query after a failure. Without it, the login ends on the page of the link.",
    )

    @field_validator("max_uses")
    @classmethod
    def _require_uses(cls, value: int | None, info: ValidationInfo) -> int | None:
        if value is None and not info.data.get("reconnect"):
            raise FieldError("is missing. Send how many logins may finish through the link.", IssueCode.REQUIRED)
        return value

    @property
    def settings(self) -> ConnectSettings:
        """The part of the link that is its kind's."""
        platforms = None if self.platforms is None else tuple(dict.fromkeys(self.platforms))
        return ConnectSettings(platforms=platforms, return_url=self.return_url, is_reconnect=self.reconnect)

    @property
    def lifetime(self) -> timedelta:
        """How long the link serves."""
        return timedelta(hours=self.expires_in_hours)


class CreatedConnectLink(Out):
    """A new connect link. Its `url` is returned only once."""

    model_config = with_examples(
        {"id": f"cnl_{_UUID}", "url": f"https://presswork.example.com/connect/{_TOKEN}", "expiresAt": _EXPIRES_AT}
    )

    id: ConnectLinkRef
    url: str = Field(description="URL of the page. Anyone who has it can connect accounts to the project.")
    expires_at: Instant


class ConnectLink(Out):
    """A connect link of a project, without its URL, which is not stored."""

    model_config = with_examples(
        {
            "id": f"cnl_{_UUID}",
            "projectId": f"prj_{_UUID}",
            "status": "active",
            "platforms": ["instagram", "tiktok"],
            "returnUrl": None,
            "reconnect": False,
            "maxUses": 5,
            "uses": 1,
            "visits": 3,
            "lastVisitedAt": "2026-11-24T18:40:00.000Z",
            "createdBy": f"key_{_UUID}",
            "createdAt": "2026-11-24T18:30:00.000Z",
            "expiresAt": _EXPIRES_AT,
            "revokedAt": None,
        }
    )

    id: ConnectLinkRef
    project_id: ProjectRef
    status: LinkStatus
    platforms: Sequence[PlatformName] | None = Field(
        description="Platforms that the page offers; null: every platform that can be used when it is opened."
    )
    return_url: str | None
    reconnect: bool = Field(description="Whether it is only for accounts that must be connected again.")
    max_uses: int
    uses: int = Field(description="Logins that finished through the link.")
    visits: int = Field(description="How often its page was opened.")
    last_visited_at: Instant | None
    created_by: CallerRef
    created_at: Instant
    expires_at: Instant
    revoked_at: Instant | None

    @classmethod
    def of(cls, link: PageLink, *, now: datetime) -> Self:
        """Convert a link of the domain, as it is at an instant."""
        settings = ConnectSettings.of(link)
        return cls(
            id=link.id,
            project_id=link.project_id,
            status=link.status_at(now),
            platforms=settings.platforms,
            return_url=settings.return_url,
            reconnect=settings.is_reconnect,
            max_uses=link.max_uses or MAX_USES,
            uses=link.uses,
            visits=link.visits,
            last_visited_at=link.last_visited_at,
            created_by=link.created_by,
            created_at=link.created_at,
            expires_at=link.expiry,
            revoked_at=link.revoked_at,
        )
