"""Post what a person chose and agreed to at the page: one link makes one post."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from pydantic import JsonValue

from presswork.audit.model import Action
from presswork.audit.record import record_act
from presswork.callers.model import Principal
from presswork.core.enums import Mode
from presswork.core.ids import ACCOUNT, CONTAINER, POST, public_id
from presswork.db.pool import Pool, transaction_on
from presswork.db.queries import load
from presswork.links.model import OpenedLink
from presswork.links.open_link import use_link
from presswork.platforms.registry import Platforms
from presswork.posts.create_posts import create_posts
from presswork.posts.publish import publish_command
from presswork.posts.targets import Target
from presswork.tiktok_posting.read_page import LinkSettings

_SQL: Final = load("presswork.tiktok_posting")
STATUS_LIFETIME: Final = timedelta(days=1)
"""How long the page shows the post, from the moment it was made; longer if the link lives longer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreed:
    """What a person chose: the caption, the options of the publish call, and the consent for the audit log."""

    caption: str
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
