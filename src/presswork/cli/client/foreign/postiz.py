"""Postiz: the answers of `GET /public/v1/integrations` and `/posts`, or the same with media from the database of an installation.

Sources: Postiz, "List all integrations" and "List posts" (docs.postiz.com/public-api), and `posts.repository.ts` of
gitroomhq/postiz-app for the fields of a post, read 2026-12-02. A post is for one integration. The list of the API has neither
the media of a post (`image`) nor its comments (`childrenPost`), so that a post from it can't be taken over as it is.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Final
from zoneinfo import ZoneInfo

from presswork.cli.client.foreign.model import (
    Customer,
    Export,
    ForeignAccount,
    ForeignPost,
    Media,
    NotReadable,
    State,
    Value,
    entries,
    fields,
    instant,
    options_of,
    required_text,
    story_if,
    text,
)
from presswork.cli.client.foreign.plain_text import plain_text

_PLATFORMS: Final[Mapping[str, str]] = {
    "instagram": "instagram", "instagram-standalone": "instagram", "tiktok": "tiktok", "threads": "threads",
    "facebook": "facebook", "youtube": "youtube", "linkedin": "linkedin", "linkedin-page": "linkedin", "bluesky": "bluesky",
    "mastodon": "mastodon", "mastodon-custom": "mastodon", "x": "x", "telegram": "telegram", "pinterest": "pinterest",
}  # fmt: skip
_REPLIES: Final = {name: name for name in ("following", "mentionedUsers", "subscribers", "verified")}
_STATES: Final[Mapping[str, State]] = {"QUEUE": State.QUEUED, "DRAFT": State.DRAFT}
_NO_MEDIA: Final = "The file does not say which media the post has, as the API of Postiz does not. Read them from its database, or pass --as-text."


def recognizes(document: Value) -> bool:
    """Return whether a document is from Postiz."""
    if isinstance(document, dict):
        posts = document.get("posts")
        return isinstance(posts, list) and all(isinstance(one, dict) and "publishDate" in one for one in posts)
    return isinstance(document, list) and all(isinstance(one, dict) and "identifier" in one for one in document)


def read(documents: Sequence[Value], zone: ZoneInfo, *, is_text_enough: bool) -> Export:
    """Return the accounts and posts. Raises NotReadable."""
    accounts: list[ForeignAccount] = []
    posts: list[ForeignPost] = []
    for document in documents:
        if isinstance(document, list):
            accounts += [_read_account(fields(one)) for one in document]
        else:
            posts += [_read_post(one, zone, is_text_enough=is_text_enough) for one in entries(document, "posts")]
    return Export(accounts=accounts, posts=posts)


def _read_account(found: Mapping[str, Value]) -> ForeignAccount:
    network, customer = required_text(found, "identifier"), fields(found.get("customer"))
    return ForeignAccount(
        id=required_text(found, "id"),
        network=network,
        platform=_PLATFORMS.get(network),
        handle=text(found.get("profile")).removeprefix("@"),
        name=text(found.get("name")),
        customer=Customer(id=required_text(customer, "id"), name=text(customer.get("name"))) if customer else None,
    )


def _read_post(found: Mapping[str, Value], zone: ZoneInfo, *, is_text_enough: bool) -> ForeignPost:
    below = [plain_text(text(one.get("content"))) for one in entries(found, "childrenPost")]
    problem = None if "image" in found or is_text_enough else _NO_MEDIA
    if found.get("intervalInDays"):
        problem = f"It repeats every {text(found['intervalInDays'])} days. Make a recurrence of it."
    if any(_read_media(one.get("image")) for one in entries(found, "childrenPost")):
        problem = "A post below it has media. Make it again."
    return ForeignPost(
        id=required_text(found, "id"),
        state=_STATES.get(text(found.get("state")), State.PAST),
        due=instant(found.get("publishDate"), zone),
        account_ids=[required_text(fields(found.get("integration")), "id")],
        text=plain_text(text(found.get("content"))),
        below=below,
        media=_read_media(found.get("image")),
        labels=[text(fields(one.get("tag")).get("name")) for one in entries(found, "tags")],
        options=_read_options(_parse(found.get("settings"))),
        problem=problem,
    )


def _parse(value: Value) -> Value:
    """Return JSON that is stored as text."""
    if not isinstance(value, str):
        return value
    try:
        parsed: Value = json.loads(value or "null")
    except ValueError as error:
        raise NotReadable(f"{value[:60]} is not JSON.") from error
    return parsed


def _read_media(value: Value) -> Sequence[Media]:
    return [
        Media(url=required_text(one, "path"), alt_text=text(one.get("alt")))
        for one in entries({"image": _parse(value)}, "image")
    ]


def _read_options(value: Value) -> Mapping[str, Mapping[str, object]]:
    """Return the fields of a target for the platform of the post; the names of settings differ by it."""
    settings = fields(value)
    story = story_if(settings.get("post_type") == "story")
    disabled = {f"disable{name}": settings.get(name.lower()) is False for name in ("Comment", "Duet", "Stitch")}
    options = options_of(
        instagram=story,
        facebook=story,
        youtube={"title": settings.get("title"), "privacy": settings.get("type")},
        tiktok={**disabled, "privacyLevel": settings.get("privacy_level")},
        x={
            "replySettings": _REPLIES.get(text(settings.get("who_can_reply_post"))),
            "communityId": text(settings.get("community")).rpartition("/")[2],
        },
        pinterest={"boardId": settings.get("board"), "title": settings.get("title"), "link": settings.get("link")},
    )
    platform = _PLATFORMS.get(text(settings.get("__type")))
    return {name: one for name, one in options.items() if name == platform}
