"""A post as the pages show it: its media, and what was sent with it, in words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

from presswork_sandbox.clock import iso
from presswork_sandbox.core import Sandbox
from presswork_sandbox.instagram.options import list_of, thumb_offset_of
from presswork_sandbox.instagram.published import cover_of, items_of
from presswork_sandbox.media import Asset
from presswork_sandbox.posts import Comment, Post
from presswork_sandbox.tiktok.jobs import Jobs
from presswork_sandbox.wire import JSONValue, flag_of, text_of

KIND_NAMES: Final = {
    "feed_image": "Photo",
    "reel": "Reel",
    "carousel": "Carousel",
    "story": "Story",
    "tiktok_video": "Video",
    "tiktok_photo": "Photo post",
}
PRIVACY_NAMES: Final = {
    "PUBLIC_TO_EVERYONE": "",
    "MUTUAL_FOLLOW_FRIENDS": "Friends",
    "FOLLOWER_OF_CREATOR": "Followers",
    "SELF_ONLY": "Only me",
}
GRADUATION_NAMES: Final = {"MANUAL": "manually", "SS_PERFORMANCE": "by performance"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Tag:
    """A tagged account, and where it is on the picture, in percent; None where it has no place."""

    username: str
    left: float | None = None
    top: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One file of a post."""

    asset: Asset
    poster: int  # number of the file whose poster stands for it
    own_alt: str  # "" where none was sent
    alt: str
    tags: Sequence[Tag]
    is_cover: bool


@dataclass(slots=True, kw_only=True)
class Details:
    """What the parameters of a post say."""

    title: str = ""
    labels: list[str] = field(default_factory=list)
    collaborators: list[str] = field(default_factory=list)
    facts: list[tuple[str, str]] = field(default_factory=list)
    alts: list[str] = field(default_factory=list)
    tags: list[list[Tag]] = field(default_factory=list)
    cover_asset: int | None = None
    cover_index: int | None = None


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

    def __init__(self, sandbox: Sandbox, jobs: Jobs) -> None:
        self._sandbox = sandbox
        self._jobs = jobs

    def of(self, post: Post) -> Card:
        """Return the card of a post."""
        assets = self._sandbox.media_store.assets(post.asset_ids)
        details = self._instagram(post) if post.platform == "instagram" else self._tiktok(post, assets)
        return Card(
            post=post,
            kind=KIND_NAMES.get(post.kind, post.kind),
            privacy=PRIVACY_NAMES.get(post.privacy, post.privacy),
            items=[_item(post, details, number, asset, len(assets)) for number, asset in enumerate(assets)],
            details=details,
            comments=self._sandbox.posts.comments(post.external_id),
            place="/sandbox/" + post.url.removeprefix("https://"),
            when=shown_time(post.created_at),
            instant=iso(post.created_at),
        )

    def _instagram(self, post: Post) -> Details:
        store, params = self._sandbox.store, post.params
        items = [item.params for item in items_of(store, post.external_id)] or [params]
        details = Details(
            collaborators=list_of(params.get("collaborators")),
            alts=[text_of(item.get("alt_text")) for item in items],
            tags=[_tags(item.get("user_tags")) for item in items],
            cover_asset=cover_of(store, post.external_id) if post.kind == "reel" else None,
        )
        trial = params.get("trial_params")
        if flag_of(params.get("is_ai_generated")):
            details.labels.append("AI info")
        if isinstance(trial, Mapping):
            details.labels.append("Trial reel")
            strategy = text_of(trial.get("graduation_strategy"))
            details.facts.append(("Trial", f"Shared with followers {GRADUATION_NAMES.get(strategy, strategy)}"))
        if flag_of(params.get("is_paid_partnership")):
            details.labels.append("Paid partnership")
        details.facts += [
            (term, text_of(params[name]))
            for term, name in (("Location", "location_id"), ("Audio", "audio_name"))
            if params.get(name)
        ]
        offset = thumb_offset_of("REELS", params) if post.kind == "reel" else ""
        if details.cover_asset is not None:
            details.facts.append(("Cover", "A separate picture"))
        elif offset.isdecimal():
            details.facts.append(("Cover", _frame_at(int(offset))))
        return details

    def _tiktok(self, post: Post, assets: Sequence[Asset]) -> Details:
        job = self._jobs.of_post(post)
        info, source = _object(post.params.get("post_info")), _object(post.params.get("source_info"))
        is_direct = job is not None and job.mode == "direct"
        if post.kind == "tiktok_photo":
            details = Details(title=text_of(info.get("title")) if info.get("description") else "")
            index = source.get("photo_cover_index")
            details.cover_index = index if isinstance(index, int) and len(assets) > 1 else None
            is_generated = flag_of(post.params.get("is_aigc"))
        else:
            details = Details()
            is_generated = flag_of(info.get("is_aigc"))
            at = info.get("video_cover_timestamp_ms")
            if is_direct and isinstance(at, int) and at:
                # TikTok takes the first frame where there is none at that time.
                seconds = (assets[0].duration_seconds or 0.0) if assets else 0.0
                details.facts.append(("Cover", _frame_at(at if 0 < at <= seconds * 1000 else 0)))
        if is_direct and is_generated:
            details.labels.append("AI-generated")
        return details


def _object(value: JSONValue) -> Mapping[str, JSONValue]:
    return value if isinstance(value, Mapping) else {}


def _frame_at(milliseconds: int) -> str:
    return f"The frame at {milliseconds / 1000:g} s"


def _tags(value: JSONValue) -> list[Tag]:
    if not isinstance(value, list):
        return []
    tags = [tag for tag in value if isinstance(tag, Mapping)]
    return [
        Tag(username=text_of(tag.get("username")), left=_percent(tag.get("x")), top=_percent(tag.get("y")))
        for tag in tags
    ]


def _percent(value: JSONValue) -> float | None:
    return round(value * 100, 2) if isinstance(value, int | float) else None


def _item(post: Post, details: Details, number: int, asset: Asset, count: int) -> Item:
    kind = KIND_NAMES.get(post.kind, post.kind)
    plain = f"{kind} by {post.handle}" if count == 1 else f"Item {number + 1} of {count}"
    own = details.alts[number] if number < len(details.alts) else ""
    return Item(
        asset=asset,
        poster=asset.id if details.cover_asset is None else details.cover_asset,
        own_alt=own,
        alt=own or plain,
        tags=details.tags[number] if number < len(details.tags) else [],
        is_cover=details.cover_index == number,
    )
