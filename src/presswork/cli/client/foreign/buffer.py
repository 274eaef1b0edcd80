"""Buffer: the answers of its GraphQL API for channels and posts, or of its former REST API for profiles and pending updates.

Sources: Buffer, "Data Model", "Posts & Scheduling", types `Post`, `Channel`, `InstagramPostMetadata` and `PinterestPostMetadata`, and "REST API Migration"
(developers.buffer.com), read 2026-12-02. A post is for one channel. Its exports as CSV have published posts only.
"""

from __future__ import annotations

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

_PLATFORMS: Final[Mapping[str, str]] = {
    "instagram": "instagram", "tiktok": "tiktok", "threads": "threads", "facebook": "facebook", "youtube": "youtube",
    "linkedin": "linkedin", "bluesky": "bluesky", "mastodon": "mastodon", "twitter": "x", "pinterest": "pinterest",
}  # fmt: skip
_STATES: Final[Mapping[str, State]] = {
    "scheduled": State.QUEUED, "buffer": State.QUEUED, "draft": State.DRAFT, "needs_approval": State.DRAFT,
}  # fmt: skip


def recognizes(document: Value) -> bool:
    """Return whether a document is from Buffer."""
    if isinstance(document, dict):
        data = document.get("data")
        kinds = data.keys() & {"posts", "channels", "account"} if isinstance(data, dict) else ()
        return "updates" in document or bool(kinds)
    return isinstance(document, list) and all(isinstance(one, dict) and "service_username" in one for one in document)


def read(documents: Sequence[Value], zone: ZoneInfo, *, is_text_enough: bool) -> Export:
    """Return the accounts and posts. Raises NotReadable."""
    names: dict[str, str] = {}
    channels: list[Mapping[str, Value]] = []
    posts: list[ForeignPost] = []
    for document in documents:
        if isinstance(document, list):
            channels += [fields(one) for one in document]
            continue
        if fields(document).get("errors"):
            raise NotReadable("Buffer answered with an error; the file has no posts.")
        data = fields(fields(document).get("data"))
        names |= {required_text(one, "id"): text(one.get("name")) for one in entries(data, "account", "organizations")}
        channels += entries(data, "channels")
        nodes = [fields(one.get("node")) for one in entries(data, "posts", "edges")]
        posts += [_read_post(one, zone, is_text_enough=is_text_enough) for one in nodes]
        posts += [_read_update(one, zone) for one in entries(document, "updates")]
    return Export(accounts=[_read_channel(one, names) for one in channels], posts=posts)


def _read_channel(found: Mapping[str, Value], names: Mapping[str, str]) -> ForeignAccount:
    network, organization = required_text(found, "service"), text(found.get("organizationId"))
    handle = text(found.get("service_username")) or text(found.get("name"))
    return ForeignAccount(
        id=required_text(found, "id"),
        network=network,
        platform=_PLATFORMS.get(network),
        handle=handle.removeprefix("@"),
        name=text(found.get("displayName")) or text(found.get("formatted_username")) or handle,
        customer=Customer(id=organization, name=names.get(organization, organization)) if organization else None,
    )


def _read_post(found: Mapping[str, Value], zone: ZoneInfo, *, is_text_enough: bool) -> ForeignPost:
    metadata = fields(found.get("metadata"))
    story = story_if(metadata.get("type") == "story")
    thread = [text(one.get("text")) for one in entries(metadata, "thread")]
    return ForeignPost(
        id=required_text(found, "id"),
        state=_STATES.get(text(found.get("status")), State.PAST),
        due=instant(found.get("dueAt"), zone),
        account_ids=[required_text(found, "channelId")],
        text=text(found.get("text")),
        below=thread[1:],
        first_comment=text(metadata.get("firstComment")),
        media=[
            Media(url=required_text(one, "source"), alt_text=text(fields(one.get("image")).get("altText")))
            for one in entries(found, "assets")
        ],
        labels=[text(one.get("name")) for one in entries(found, "tags")],
        options=options_of(
            instagram=story,
            facebook=story,
            youtube={"title": metadata.get("title"), "privacy": metadata.get("privacy")},
            pinterest={
                "boardId": fields(metadata.get("board")).get("serviceId"),
                "title": metadata.get("title"),
                "link": metadata.get("url"),
            },
        ),
        problem=None if "assets" in found or is_text_enough else "The file has no `assets`. Ask for them in the query.",
    )


def _read_update(found: Mapping[str, Value], zone: ZoneInfo) -> ForeignPost:
    media = fields(found.get("media"))
    video = fields(fields(media.get("video")).get("details"))
    urls = [text(video.get("location")) or text(media.get("photo"))]
    urls += [text(one.get("photo")) for one in entries(found, "extra_media")]
    is_unknown = bool(media.get("video")) and not video.get("location")
    return ForeignPost(
        id=required_text(found, "id"),
        state=_STATES.get(text(found.get("status")), State.PAST),
        due=instant(found.get("due_at"), zone),
        account_ids=[required_text(found, "profile_id")],
        text=text(found.get("text")),
        media=[Media(url=url) for url in urls if url],
        problem="The file has no URL of its video. Use the GraphQL API." if is_unknown else None,
    )
