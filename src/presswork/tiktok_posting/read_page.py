"""Read what the page shows: the content, what TikTok lets the account post now, or why there is nothing to fill in."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Final, Self
from uuid import UUID

from presswork.accounts.model import AccountNotFound
from presswork.accounts.platform_reads import AccountNotReadable, CreatorInfoReader, ReadRefused
from presswork.callers.model import Principal
from presswork.content.model import ApprovalStatus, Container, ContainerNotFound, ContainerStatus
from presswork.content.store import find_container
from presswork.core.enums import Mode
from presswork.core.errors import PressworkError, Unavailable
from presswork.core.ids import ACCOUNT, parse_id, public_id
from presswork.db.pool import Pool
from presswork.links.model import OpenedLink, PageLink
from presswork.platforms.names import PlatformName
from presswork.platforms.option_registry import OPTIONS
from presswork.platforms.port import CreatorInfo
from presswork.platforms.registry import rules_of
from presswork.platforms.rules import UTF16_UNITS
from presswork.posts.fill_in import PostTexts
from presswork.posts.model import PostNotFound
from presswork.posts.read import read_post
from presswork.projects.store import find_project
from presswork.tiktok_posting.model import PageContent, is_too_long, offered_privacy
from presswork.tiktok_posting.progress_model import Progress

_CAPS: Final = frozenset({"spam_risk_too_many_posts", "reached_active_user_cap"})
"""TikTok's codes for a creator who can't make a post at this moment."""
_BARRED: Final = "spam_risk_user_banned_from_posting"
_MAX_TITLE: Final = next(one for one in OPTIONS if one.name == "tiktokPostSettings").max_length("title")


class Obstacle(StrEnum):
    """Why the page has no form."""

    CAPPED = "capped"  # the creator can't post at this moment
    BARRED = "barred"  # TikTok has barred the creator from posting
    TIKTOK_SILENT = "tiktok_silent"  # TikTok can't be asked now
    RECONNECT = "reconnect"  # the account's access has ended
    REFUSED = "refused"  # TikTok refused to answer
    NO_PRIVACY = "no_privacy"  # TikTok offers no privacy that Presswork knows
    TOO_LONG = "too_long"  # the video is longer than the account may post
    WAITS_FOR_APPROVAL = "waits_for_approval"
    REJECTED = "rejected"
    GONE = "gone"  # the content or the account does not exist any more


@dataclass(frozen=True, slots=True, kw_only=True)
class Blocked:
    """An obstacle, with what TikTok or Presswork says about it."""

    obstacle: Obstacle
    reason: str | None = None
    retry_after_seconds: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkSettings:
    """The document of a posting link."""

    account_id: UUID
    return_url: str | None

    @classmethod
    def of(cls, link: PageLink) -> Self:
        """Read a link's document."""
        url = link.settings["returnUrl"]
        return cls(
            account_id=parse_id(ACCOUNT, str(link.settings["socialAccountId"])),
            return_url=None if url is None else str(url),
        )

    def as_json(self) -> dict[str, str | None]:
        """Return the document."""
        return {"socialAccountId": public_id(ACCOUNT, self.account_id), "returnUrl": self.return_url}


@dataclass(frozen=True, slots=True, kw_only=True)
class PostingPage:
    """What the page shows. Without a `creator` there is nothing to choose, and `blocked` says why."""

    container: Container | None
    creator: CreatorInfo | None
    blocked: Blocked | None

    @property
    def content(self) -> PageContent:
        """What the form depends on. Raises ValueError without content."""
        if self.container is None:
            raise ValueError("the content is gone")
        return content_of(self.container)

    @property
    def asked_creator(self) -> CreatorInfo:
        """What TikTok says of the account. Raises ValueError where it was not asked."""
        if self.creator is None:
            raise ValueError("TikTok was not asked")
        return self.creator

    @property
    def media_hashes(self) -> Sequence[str | None]:
        """The SHA-256 of the files that the page previews."""
        return [] if self.container is None else [asset.sha256 for asset in self.container.media]


def content_of(container: Container) -> PageContent:
    """Return what the form depends on."""
    return PageContent(
        media_type=container.media_type,
        duration=next((asset.duration for asset in container.media), None),
        caption=container.caption,
        is_text_fixed=container.is_covered and container.approval_status is ApprovalStatus.APPROVED,
        max_caption=int(rules_of(PlatformName.TIKTOK).max_of(UTF16_UNITS, Mode.PUBLISH, container.media_type)),
        max_title=_MAX_TITLE,
    )


async def read_progress(pool: Pool, link: PageLink, *, visible_to: Principal, now: datetime) -> Progress | None:
    """Return how far the post of a link is; None while there is none. The post has the UUID of the link."""
    if link.uses == 0:
        return None
    try:
        document = await read_post(pool, link.id, visible_to=visible_to)
    except PostNotFound:
        return None
    return Progress.of(json.loads(document), now=now)


async def read_page(
    pool: Pool, creators: CreatorInfoReader, opened: OpenedLink, *, visible_to: Principal
) -> PostingPage:
    """Return the page of a link that has not posted yet. TikTok is asked each time, as its guideline demands."""
    try:
        container = await find_container(pool, opened.link.container_ids[0], visible_to=visible_to)
    except ContainerNotFound:
        return PostingPage(container=None, creator=None, blocked=Blocked(obstacle=Obstacle.GONE))
    project = await find_project(pool, container.project_id, visible_to=visible_to)
    texts = PostTexts(caption=container.caption, first_comment=None).filled_if_possible(
        project.fill, PlatformName.TIKTOK
    )
    container = replace(container, caption=texts.caption)
    if (obstacle := _obstacle_of(container)) is not None:
        return PostingPage(container=container, creator=None, blocked=Blocked(obstacle=obstacle))
    try:
        creator = await creators.read(LinkSettings.of(opened.link).account_id, visible_to=visible_to)
    except (AccountNotFound, AccountNotReadable, ReadRefused, Unavailable) as error:
        return PostingPage(container=container, creator=None, blocked=blocked_by(error))
    if creator is None:  # links are made for accounts of TikTok only
        return PostingPage(container=container, creator=None, blocked=Blocked(obstacle=Obstacle.GONE))
    return PostingPage(
        container=container, creator=creator, blocked=_blocked_by_creator(content_of(container), creator)
    )


def _obstacle_of(container: Container) -> Obstacle | None:
    if container.status is not ContainerStatus.COMPLETED:
        return Obstacle.GONE
    return {
        ApprovalStatus.PENDING: Obstacle.WAITS_FOR_APPROVAL,
        ApprovalStatus.REJECTED: Obstacle.REJECTED,
    }.get(container.approval_status)


def _blocked_by_creator(content: PageContent, creator: CreatorInfo) -> Blocked | None:
    if is_too_long(content, creator):
        return Blocked(obstacle=Obstacle.TOO_LONG)
    return None if offered_privacy(creator) else Blocked(obstacle=Obstacle.NO_PRIVACY)


def blocked_by(error: PressworkError) -> Blocked:
    """Return what the page says about a failed question to TikTok. Pure."""
    details: Mapping[str, object] = error.details
    code, seconds = details.get("platformCode"), details.get("retryAfterSeconds")
    if isinstance(error, AccountNotFound):
        return Blocked(obstacle=Obstacle.GONE)
    if isinstance(error, AccountNotReadable):
        return Blocked(obstacle=Obstacle.RECONNECT)
    if code in _CAPS:
        return Blocked(obstacle=Obstacle.CAPPED, reason=str(code))
    if code == _BARRED:
        return Blocked(obstacle=Obstacle.BARRED, reason=str(code))
    if isinstance(error, ReadRefused):
        return Blocked(obstacle=Obstacle.REFUSED, reason=error.message)
    return Blocked(
        obstacle=Obstacle.TIKTOK_SILENT,
        reason=error.message,
        retry_after_seconds=seconds if isinstance(seconds, int) else None,
    )
