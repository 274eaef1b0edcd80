"""A post as the pages show it: its media, and what was sent with it, in words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from presswork_sandbox.clock import iso
from presswork_sandbox.comments import Comment
from presswork_sandbox.core import Sandbox
from presswork_sandbox.details import Details, Tag
from presswork_sandbox.media import Asset
from presswork_sandbox.platform import OpenPlatform
from presswork_sandbox.posts import Post
from presswork_sandbox.registry import PLATFORMS


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One file of a post."""

    asset: Asset
    poster: int  # number of the file whose poster stands for it
    own_alt: str  # "" where none was sent
    alt: str
    tags: Sequence[Tag]
    is_cover: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """One post on a page."""

    post: Post
    kind: str
    privacy: str
    items: Sequence[Item]
    details: Details
    comments: Sequence[Comment]
    place: str  # where the post is in the sandbox
    when: str
    instant: str


def shown_time(instant: float) -> str:
    """Return an instant as the pages write it."""
    return datetime.fromtimestamp(instant, UTC).strftime("%-d %b %Y, %H:%M UTC")


class Cards:
    """Make cards of posts."""

    def __init__(self, sandbox: Sandbox, platforms: Mapping[str, OpenPlatform]) -> None:
        self._sandbox = sandbox
        self._platforms = platforms

    def of(self, post: Post) -> Card:
        """Return the card of a post."""
        assets = self._sandbox.media_store.assets(post.asset_ids)
        details, facts = self._platforms[post.platform].details_of(post, assets), PLATFORMS[post.platform]
        kind = facts.kinds.get(post.kind, post.kind)
        return Card(
            post=post,
            kind=kind,
            privacy=facts.privacy_names.get(post.privacy, post.privacy),
            items=[
                _item(f"{kind} by {post.handle}", details, number, asset, len(assets))
                for number, asset in enumerate(assets)
            ],
            details=details,
            comments=self._sandbox.comments.of_post(post.external_id),
            place="/sandbox/" + post.url.removeprefix("https://"),
            when=shown_time(post.created_at),
            instant=iso(post.created_at),
        )


def _item(name: str, details: Details, number: int, asset: Asset, count: int) -> Item:
    plain = name if count == 1 else f"Item {number + 1} of {count}"
    own = details.alts[number] if number < len(details.alts) else ""
    return Item(
        asset=asset,
        poster=asset.id if details.cover_asset is None else details.cover_asset,
        own_alt=own,
        alt=own or plain,
        tags=details.tags[number] if number < len(details.tags) else [],
        is_cover=details.cover_index == number,
    )
