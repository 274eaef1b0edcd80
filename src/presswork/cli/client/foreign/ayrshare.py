"""Ayrshare: the answers of `GET /user` and `GET /history` for a profile, or of `GET /profiles`.

Sources: Ayrshare, "User Profile Details", "Posts History" and "Profiles" (ayrshare.com/docs/apis), read 2026-12-02. A profile has
one account a network, and a post names networks. Where the history does not name the profile (`refId`), all files are of one profile.
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
    "linkedin": "linkedin", "bluesky": "bluesky", "twitter": "x", "telegram": "telegram", "pinterest": "pinterest",
}  # fmt: skip
_STATES: Final[Mapping[str, State]] = {
    "pending": State.QUEUED, "paused": State.DRAFT, "awaiting approval": State.DRAFT,
}  # fmt: skip


def recognizes(document: Value) -> bool:
    """Return whether a document is from Ayrshare."""
    if isinstance(document, dict):
        return bool({"displayNames", "activeSocialAccounts", "history", "profiles"} & document.keys())
    return isinstance(document, list) and all(isinstance(one, dict) and "platforms" in one for one in document)


def read(documents: Sequence[Value], zone: ZoneInfo, *, is_text_enough: bool) -> Export:  # noqa: ARG001  it always has media
    """Return the accounts and posts. Raises NotReadable."""
    profiles: list[Mapping[str, Value]] = []
    posts: list[Mapping[str, Value]] = []
    for document in documents:
        if isinstance(document, list):
            posts += [fields(one) for one in document]
        else:
            posts += entries(document, "history")
            profiles += entries(document, "profiles")
            profiles += [fields(document)] if {"displayNames", "activeSocialAccounts"} & fields(document).keys() else []
    keys = list(dict.fromkeys(text(one.get("refId")) for one in profiles))
    accounts = [account for one in profiles for account in _read_profile(one)]
    return Export(accounts=accounts, posts=[_read_post(one, keys, zone) for one in posts])


def _read_profile(found: Mapping[str, Value]) -> Sequence[ForeignAccount]:
    key, title = text(found.get("refId")), text(found.get("title"))
    customer = Customer(id=key, name=title or key) if key else None
    shown = {text(one.get("platform")): one for one in entries(found, "displayNames")}
    active = found.get("activeSocialAccounts")
    networks = [*shown, *(text(one) for one in active if one not in shown)] if isinstance(active, list) else [*shown]
    return [
        ForeignAccount(
            id=f"{key}/{network}",
            network=network,
            platform=_PLATFORMS.get(network),
            handle=text(shown.get(network, {}).get("username")).removeprefix("@"),
            name=text(shown.get(network, {}).get("displayName")) or title,
            customer=customer,
        )
        for network in networks
    ]


def _read_post(found: Mapping[str, Value], keys: Sequence[str], zone: ZoneInfo) -> ForeignPost:
    key = text(found.get("refId"))
    state = _STATES.get(text(found.get("status")), State.PAST)
    if not key and len(keys) > 1 and state is not State.PAST:
        problem = "The history does not name the profile of each post."
        raise NotReadable(f"{problem} Pass the files of one profile at a time.")
    key = key or (keys[0] if keys else "")
    due, networks, written = found.get("scheduleDate"), found.get("platforms"), found.get("post")
    if isinstance(due, dict):
        due = due.get("utc") or due.get("_seconds")
    comment = found.get("firstComment")
    media = found.get("mediaUrls")
    return ForeignPost(
        id=required_text(found, "id"),
        state=state,
        due=instant(due, zone),
        account_ids=[f"{key}/{text(one)}" for one in networks] if isinstance(networks, list) else [],
        text="" if isinstance(written, dict) else text(written),
        first_comment=text(comment.get("comment") if isinstance(comment, dict) else comment),
        media=[Media(url=text(one)) for one in media] if isinstance(media, list) else [],
        options=_read_options(found),
        problem="It has a text for each network. Make it again." if isinstance(written, dict) else None,
    )


def _read_options(found: Mapping[str, Value]) -> Mapping[str, Mapping[str, object]]:
    youtube, pinterest = fields(found.get("youTubeOptions")), fields(found.get("pinterestOptions"))
    return options_of(
        instagram=story_if(fields(found.get("instagramOptions")).get("stories")),
        facebook=story_if(fields(found.get("faceBookOptions")).get("stories")),
        youtube={"title": youtube.get("title"), "privacy": youtube.get("visibility")},
        pinterest={name: pinterest.get(name) for name in ("boardId", "title", "link")},
    )
