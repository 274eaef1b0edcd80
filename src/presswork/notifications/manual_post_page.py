"""The manual-post page that an SMS links to: media to save, texts to copy, and the steps in each app."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from presswork.core.enums import MediaType
from presswork.core.ids import CONTAINER, POST, parse_id
from presswork.db.pool import Pool
from presswork.db.queries import load
from presswork.media.link_card import parse_card
from presswork.media.links import MediaLinks
from presswork.media.model import NOUNS, ContentType, kind_of
from presswork.platforms.manual_posting import ManualPost, steps_of, text_to_paste
from presswork.platforms.names import PlatformName
from presswork.platforms.registry import apps_to_post, manual_instructions
from presswork.posts.fill_in import PostTexts
from presswork.projects.model import FillValues

_SQL: Final = load("presswork.notifications", "manual_post_page.sql")
_MIN_NUMBERED: Final = 2
"""From this many media files on, the buttons are numbered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PageMedia:
    """One media file with its signed URL."""

    url: str
    noun: str
    """picture, video or PDF"""
    label: str
    megabytes: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AppSteps:
    """The steps in one app."""

    title: str
    steps: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class ManualPostPage:
    """The content of the page."""

    title: str
    caption: str
    first_comment: str | None
    media: Sequence[PageMedia]
    apps: Sequence[AppSteps]


async def read_manual_post_page(pool: Pool, links: MediaLinks, name: str, *, now: datetime) -> ManualPostPage | None:
    """Return the page of a post (sp_…) or a container (cnt_…); None if there is none, or its project is archived."""
    statement, identity = _parse_name(name)
    row = None if identity is None else await pool.fetchrow(_SQL[statement], identity)
    if row is None:
        return None
    media = await pool.fetch(_SQL["media"], row["container_id"])
    ends_at = links.expires_at(now)
    platform = None if row["platform"] is None else PlatformName(row["platform"])
    written = PostTexts(caption=row["caption"], first_comment=row["first_comment"], link=parse_card(row["link"]))
    texts = written.filled_if_possible(FillValues.parse(row["fill"]), platform)
    post = ManualPost(
        media_type=MediaType(row["media_type"]),
        caption=text_to_paste(texts.caption, texts.link),
        first_comment=texts.first_comment or None,
        is_attached=False,
    )
    instructions = apps_to_post(post.media_type) if platform is None else [manual_instructions(platform)]
    place = "with the button below" if len(media) < _MIN_NUMBERED else "with the buttons below"
    apps = [
        AppSteps(title=app.title, steps=steps_of(app, post, handle=row["handle"], place=place)) for app in instructions
    ]
    return ManualPostPage(
        title=f"To post on {' or '.join(app.title for app in apps)}",
        caption=post.caption,
        first_comment=post.first_comment,
        media=[
            PageMedia(
                url=links.url_for(item["object_key"], item["content_type"], expires_at=ends_at),
                noun=NOUNS[kind_of(ContentType(item["content_type"]))],
                label=f"Save {number} of {len(media)}" if len(media) >= _MIN_NUMBERED else "Save",
                megabytes=f"{item['size_bytes'] / 1e6:.1f} MB",
            )
            for number, item in enumerate(media, 1)
        ],
        apps=apps,
    )


def _parse_name(name: str) -> tuple[str, UUID | None]:
    for prefix, statement in ((POST, "of_post"), (CONTAINER, "of_container")):
        try:
            return statement, parse_id(prefix, name)
        except ValueError:
            continue
    return "of_post", None
