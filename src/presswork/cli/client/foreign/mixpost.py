"""Mixpost: the answers of its API for accounts, media and posts, `{"data": [...]}` each, one workspace a folder of files.

Sources: Mixpost, "API Reference" (docs.inovector.com/books/api-reference) and "Create a post" (docs.mixpost.app/api/posts/create),
and `PostResource.php` of inovector/mixpost for the time, read 2026-12-02. A post has a version for all accounts (`account_id` 0)
and perhaps one for single accounts; `media` has ids of media, or the media themselves. The server keeps times in UTC and writes
them without an offset; an installation of Mixpost Lite writes `{"date", "time"}` in the zone of its settings.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final
from zoneinfo import ZoneInfo

from presswork.cli.client.foreign.model import (
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
    "instagram": "instagram", "instagram_direct": "instagram", "tiktok": "tiktok", "threads": "threads",
    "facebook_page": "facebook", "youtube": "youtube", "linkedin": "linkedin", "linkedin_page": "linkedin",
    "bluesky": "bluesky", "mastodon": "mastodon", "twitter": "x", "pinterest": "pinterest",
}  # fmt: skip
_STATES: Final[Mapping[str, State]] = {"scheduled": State.QUEUED, "draft": State.DRAFT}
_KINDS: Final = ("versions", "provider", "mime_type")


def recognizes(document: Value) -> bool:
    """Return whether a document is from Mixpost."""
    found = document.get("data") if isinstance(document, dict) else None
    return isinstance(found, list) and all(isinstance(one, dict) and any(key in one for key in _KINDS) for one in found)


def read(documents: Sequence[Value], zone: ZoneInfo, *, is_text_enough: bool) -> Export:
    """Return the accounts and posts. Raises NotReadable."""
    found = [one for document in documents for one in entries(document, "data")]
    files = {text(one.get("id")): one for one in found if "mime_type" in one}
    accounts = [_read_account(one) for one in found if "provider" in one]
    posts: list[ForeignPost] = []
    for one in (one for one in found if "versions" in one):
        accounts += [_read_account(account) for account in entries(one, "accounts")]
        posts += _read_post(one, files, zone, is_text_enough=is_text_enough)
    return Export(accounts=accounts, posts=posts)


def _read_account(found: Mapping[str, Value]) -> ForeignAccount:
    network = required_text(found, "provider")
    return ForeignAccount(
        id=required_text(found, "id"),
        network=network,
        platform=_PLATFORMS.get(network),
        handle=text(found.get("username")).removeprefix("@"),
        name=text(found.get("name")),
    )


def _read_post(
    found: Mapping[str, Value], files: Mapping[str, Mapping[str, Value]], zone: ZoneInfo, *, is_text_enough: bool
) -> Sequence[ForeignPost]:
    versions = {text(one.get("account_id")): one for one in entries(found, "versions")}
    original = next((one for one in versions.values() if one.get("is_original")), None)
    if original is None:
        raise NotReadable(f"The post {required_text(found, 'uuid')} has no original version.")
    by_version: dict[tuple[str, str], list[str]] = {}
    for account in entries(found, "accounts"):
        account_id = required_text(account, "id")
        version = account_id if account_id in versions else ""
        board = _find_board(versions.get(version, original), account_id)
        by_version.setdefault((version, board), []).append(account_id)
    due = found.get("scheduled_at")
    if isinstance(due, dict):
        due = f"{text(due.get('date'))}T{text(due.get('time'))}" if due.get("date") else None
    state = State.PAST if found.get("trashed") else _STATES.get(text(found.get("status")).lower(), State.PAST)
    posts = []
    for (version, board), account_ids in by_version.items() or [(("", ""), [])]:
        shown = versions.get(version, original)
        first, *below = entries(shown, "content") or [{}]
        media = [_find_media(one, files) for one in _list(first.get("media"))]
        problem = None
        if None in media and not is_text_enough:
            problem = "Its media are not in the files. Add the answer of the API for media, or pass --as-text."
        if any(_list(one.get("media")) for one in below):
            problem = "A post below it has media. Make it again."
        posts.append(
            ForeignPost(
                id=text(found.get("uuid")) or required_text(found, "id"),
                state=state,
                due=instant(due, zone),
                account_ids=account_ids,
                text=plain_text(text(first.get("body"))),
                below=[plain_text(text(one.get("body"))) for one in below],
                media=[one for one in media if one is not None],
                labels=[text(one.get("name")) for one in entries(found, "tags")],
                options=_read_options(fields(shown.get("options") or None), board),
                problem=problem,
            )
        )
    return posts


def _list(value: Value) -> Sequence[Value]:
    return value if isinstance(value, list) else []


def _find_media(value: Value, files: Mapping[str, Mapping[str, Value]]) -> Media | None:
    found = value if isinstance(value, dict) else files.get(text(value), {})
    url = text(found.get("url"))
    return Media(url=url, alt_text=text(found.get("alt_text"))) if url else None


def _find_board(version: Mapping[str, Value], account_id: str) -> str:
    """Return the board that a version has for an account of Pinterest; empty for none."""
    pinterest = fields(fields(version.get("options")).get("pinterest"))
    return text(fields(pinterest.get("boards")).get(f"account-{account_id}"))


def _read_options(options: Mapping[str, Value], board: str) -> Mapping[str, Mapping[str, object]]:
    instagram, facebook, youtube, mastodon, pinterest = (
        fields(options.get(name)) for name in ("instagram", "facebook_page", "youtube", "mastodon", "pinterest")
    )
    return options_of(
        instagram=story_if(instagram.get("type") == "story"),
        facebook=story_if(facebook.get("type") == "story"),
        youtube={"title": youtube.get("title"), "privacy": youtube.get("status") if youtube.get("title") else None},
        linkedin={"visibility": fields(options.get("linkedin")).get("visibility")},
        mastodon={"sensitive": mastodon.get("sensitive")},
        pinterest={"boardId": board, "title": pinterest.get("title"), "link": pinterest.get("link")},
    )
