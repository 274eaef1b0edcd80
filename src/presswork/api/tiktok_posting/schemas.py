"""Request and response bodies of the routes of TikTok posting links."""

from datetime import datetime, timedelta
from typing import Annotated, Final, Self

from pydantic import Field, StrictInt

from presswork.api.accounts.schemas import ReturnURL
from presswork.api.http.body import In, Out, with_examples
from presswork.api.http.ids import AccountRef, CallerRef, ContainerRef, PostRef, TikTokPostLinkRef
from presswork.core.timestamps import Instant
from presswork.links.model import LinkStatus, PageLink
from presswork.tiktok_posting.read_page import LinkSettings

_UUID: Final = "0191f3a2-7c1e-7b60-9d0a-3f6a2f1c8e55"
_ACCOUNT: Final = f"sa_{_UUID}"
_LINK: Final = f"tpl_{_UUID}"
_RETURN_URL: Final = "https://app.example.com/posted?draft=4711"
MAX_MINUTES: Final = 720 * 60
"""How long a link may live at most: 720 hours, as links of the other kinds."""


class TikTokPostLinkRequest(In):
    """A link to be made."""

    model_config = with_examples({"socialAccountId": _ACCOUNT, "expiresInMinutes": 60, "returnUrl": _RETURN_URL})

    social_account_id: AccountRef = Field(description="A TikTok account of the content's project.")
    expires_in_minutes: Annotated[StrictInt, Field(ge=1, le=MAX_MINUTES)] = Field(
        description="How long the page can be used. Once it has posted, it shows the post for a day at least."
    )
    return_url: ReturnURL | None = Field(
        default=None,
        description="Where the page leads at its end: an absolute https URL on one of the key's return domains (plain http is "
        "allowed for this machine), without a fragment. It is unchanged after a post, and has "
        "`layers_oauth_error=access_denied` (the person left without posting) or `post_failed` in its query otherwise.",
    )

    @property
    def lifetime(self) -> timedelta:
        """How long the link lives."""
        return timedelta(minutes=self.expires_in_minutes)


class CreatedTikTokPostLink(Out):
    """A new link. Its URL is shown only once; it is all that a person needs to post, so send it to that person alone."""

    model_config = with_examples(
        {
            "id": _LINK,
            "url": "https://presswork.example.com/tiktok/2mVJv0Zt7k0qv9t3p5u8c1x4a6b2d7e9f0g3h5j8k1n",
            "expiresAt": "2026-11-24T19:30:00.000Z",
        }
    )

    id: TikTokPostLinkRef
    url: str
    expires_at: Instant


class TikTokPostLink(Out):
    """A link to a page that posts one content container to one TikTok account, once."""

    model_config = with_examples(
        {
            "id": _LINK,
            "containerId": f"cnt_{_UUID}",
            "socialAccountId": _ACCOUNT,
            "status": "active",
            "returnUrl": _RETURN_URL,
            "visits": 2,
            "lastVisitedAt": "2026-11-24T18:44:10.000Z",
            "createdBy": f"key_{_UUID}",
            "createdAt": "2026-11-24T18:30:00.000Z",
            "expiresAt": "2026-11-24T19:30:00.000Z",
            "revokedAt": None,
            "scheduledPostId": None,
        }
    )

    id: TikTokPostLinkRef
    container_id: ContainerRef
    social_account_id: AccountRef
    status: LinkStatus = Field(description="`used_up`: it has made its post, whose state its page shows.")
    return_url: str | None
    visits: int = Field(description="How often the page was opened.")
    last_visited_at: Instant | None
    created_by: CallerRef
    created_at: Instant
    expires_at: Instant
    revoked_at: Instant | None
    scheduled_post_id: PostRef | None = Field(description="The post that was made with the link; null: none yet.")

    @classmethod
    def of(cls, link: PageLink, *, now: datetime) -> Self:
        """Convert a link as it is at an instant. Its post has the UUID of the link."""
        settings = LinkSettings.of(link)
        return cls(
            id=link.id,
            container_id=link.container_ids[0],
            social_account_id=settings.account_id,
            status=link.status_at(now),
            return_url=settings.return_url,
            visits=link.visits,
            last_visited_at=link.last_visited_at,
            created_by=link.created_by,
            created_at=link.created_at,
            expires_at=link.expiry,
            revoked_at=link.revoked_at,
            scheduled_post_id=link.id if link.uses else None,
        )
