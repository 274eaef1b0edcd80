"""Links to the posting page, and what a person chose and agreed to at it: one link makes one post."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from pydantic import JsonValue

from presswork.accounts.model import AccountNotFound, AccountStatus
from presswork.accounts.return_url import ReturnUrl
from presswork.accounts.store import find_account
from presswork.audit.model import Action
from presswork.audit.record import record_act
from presswork.callers.model import Principal
from presswork.content.model import ApprovalStatus, ContainerNotFound, ContainerStatus
from presswork.content.store import find_container
from presswork.core.enums import LinkKind, MediaType, Mode
from presswork.core.errors import Conflict, Invalid, Issue
from presswork.core.ids import ACCOUNT, CONTAINER, POST, public_id
from presswork.db.pool import Connection, Pool, transaction_on
from presswork.db.queries import load
from presswork.links.model import NewLink, OpenedLink, PageLink
from presswork.links.page_links import create_link, use_link
from presswork.platforms.options import OptionCode
from presswork.platforms.port import SupportsCreatorInfo
from presswork.platforms.registry import Platforms
from presswork.posts.create_posts import create_posts
from presswork.posts.model import ContentRejected
from presswork.posts.publish import publish_command
from presswork.posts.targets import Target
from presswork.tiktok_posting.read_page import LinkSettings

_SQL: Final = load("presswork.tiktok_posting")
STATUS_LIFETIME: Final = timedelta(days=1)
"""How long the page shows the post, from the moment it was made; longer if the link lives longer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreed:
    """What a person chose: the caption, the options of the publish call, and the consent for the audit log."""

    caption: str | None
    """Or None for that of the content, which an approval covers."""
    options: Mapping[str, JsonValue]
    consent: Mapping[str, JsonValue]


async def post_from_page(
    pool: Pool, platforms: Platforms, opened: OpenedLink, agreed: Agreed, *, caller: Principal, now: datetime
) -> None:
    """Publish the content of a link, once: the post, the link's use and the consent are written together, or nothing is.

    The post has the UUID of the link, and the caption that the person saw, whatever becomes of the content's own. Raises
    LinkUnknown if the link has posted or was revoked meanwhile, and the refusals of a strict publish call.
    """
    link = opened.link
    target = Target(
        social_account_id=LinkSettings.of(link).account_id,
        mode=Mode.PUBLISH,
        scheduled_post_id=link.id,
        caption_override=agreed.caption,
        options=agreed.options,
    )
    container_id = link.container_ids[0]
    command = replace(publish_command(container_id, [target], now=now, is_strict=True), action=None)
    post = public_id(POST, link.id)
    async with transaction_on(pool) as connection:
        await use_link(connection, link)
        await create_posts(connection, platforms, command, caller=caller, now=now)
        await record_act(
            connection,
            Action.CONTENT_PUBLISH,
            public_id(CONTAINER, container_id),
            by=caller,
            now=now,
            detail={"scheduledPostIds": [post]},
        )
        await record_act(
            connection,
            Action.TIKTOK_POST_LINK_PUBLISH,
            link.public_id,
            by=caller,
            now=now,
            detail={
                "scheduledPostId": post,
                "containerId": public_id(CONTAINER, container_id),
                "socialAccountId": public_id(ACCOUNT, target.social_account_id),
                **agreed.consent,
            },
        )
        await connection.execute(_SQL["keep_open"], link.id, now + STATUS_LIFETIME)


async def create_posting_link(
    connection: Connection,
    platforms: Platforms,
    container_id: UUID,
    account_id: UUID,
    *,
    lifetime: timedelta,
    return_url: ReturnUrl | None,
    caller: Principal,
    now: datetime,
) -> tuple[PageLink, str]:
    """Make the link in the caller's transaction, and return it with its token. It makes one post at most.

    Content that waits for approval may have a link: its page says so until then. Raises ContainerNotFound, Conflict,
    ContentRejected, AccountNotFound, Invalid for an account of another platform, ReturnUrlNotAllowed, ProjectArchived.
    """
    container = await find_container(connection, container_id, visible_to=caller)
    if not caller.may_see(container.project_id):
        raise ContainerNotFound
    if container.status is not ContainerStatus.COMPLETED:
        raise Conflict(
            f"This content is {container.status}, not completed. Finish its upload first.",
            status=container.status.value,
        )
    if container.media_type is MediaType.TEXT:
        raise Conflict(
            "This content has no media, and a post on TikTok needs a video or pictures. Make a link for content with media.",
            mediaType=container.media_type.value,
        )
    if container.approval_status is ApprovalStatus.REJECTED:
        raise ContentRejected(
            "This content was rejected in review. Create a new container and a link for it.",
            containerId=public_id(CONTAINER, container.id),
            approvalStatus=container.approval_status.value,
        )
    account = await find_account(connection, account_id, visible_to=caller)
    if account.project_id != container.project_id or account.status is AccountStatus.DISCONNECTED:
        raise AccountNotFound
    if not isinstance(platforms.described()[account.login].connector, SupportsCreatorInfo):
        problem = "is not an account of TikTok. Send one; publish to other platforms with POST /v1/content/{containerId}/publish."
        raise Invalid([Issue.at("socialAccountId", problem, OptionCode.NON_TIKTOK_TARGET)])
    if return_url is not None:
        return_url.require_allowed(caller.return_domains)
    settings = LinkSettings(account_id=account.id, return_url=None if return_url is None else return_url.text)
    new = NewLink(
        kind=LinkKind.TIKTOK_POST,
        project_id=container.project_id,
        lifetime=lifetime,
        settings=settings.as_json(),
        container_ids=(container.id,),
        max_uses=1,
    )
    return await create_link(connection, new, caller=caller, now=now)
