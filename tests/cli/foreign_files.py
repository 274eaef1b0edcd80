"""Files of other products in their shapes, with the same posts: one that is queued, a draft, and one that is published."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Final

QUEUED: Final = "Rye with caraway 🍞\n\nSeeds & salt"
DRAFT: Final = "Not finished"
_TODAY: Final = datetime.now(UTC).replace(minute=30, second=0, microsecond=0)
DUE: Final = f"{_TODAY + timedelta(days=30):%Y-%m-%dT%H:%M:%S}.000Z"
LATER: Final = f"{_TODAY + timedelta(days=31):%Y-%m-%dT%H:%M:%S}.000Z"
HANDLE: Final = "cli.words"
MISSING: Final = "cli.later"


def postiz(*, name: str, due: str = DUE) -> Mapping[str, object]:
    """Postiz: the list of integrations, and posts with their media from the database."""
    words = {"id": f"{name}-in", "providerIdentifier": "threads", "name": "Words", "picture": None}
    later = {**words, "id": f"{name}-la"}
    post: Mapping[str, object] = {
        "publishDate": due,
        "group": "g",
        "settings": "{}",
        "intervalInDays": None,
        "image": "[]",
        "tags": [],
    }
    html = "<p>Rye with <strong>caraway</strong> 🍞</p><p></p><p>Seeds &amp; salt</p>"
    tags = [{"tag": {"id": "t", "name": "bread"}}]
    return {
        "integrations.json": [
            {"id": one["id"], "name": "Words", "identifier": "threads", "profile": handle, "disabled": False}
            for one, handle in ((words, HANDLE), (later, MISSING))
        ],
        "posts.json": {
            "posts": [
                {**post, "id": f"{name}-1", "content": html, "state": "QUEUE", "integration": words, "tags": tags},
                {**post, "id": f"{name}-1b", "content": html, "state": "QUEUE", "integration": later, "tags": tags},
                {**post, "id": f"{name}-2", "content": f"<p>{DRAFT}</p>", "state": "DRAFT", "integration": words},
                {**post, "id": f"{name}-3", "content": "Old", "state": "PUBLISHED", "integration": words},
            ]
        },
    }


def mixpost(*, name: str, due: str = DUE) -> Mapping[str, object]:
    """Mixpost: accounts and posts of a workspace."""
    words = {"id": 1, "uuid": "a", "name": "Words", "username": HANDLE, "provider": "threads"}
    later = {**words, "id": 2, "username": MISSING}
    html = "<div>Rye with caraway 🍞</div><div><br></div><div>Seeds &amp; salt</div>"

    def post(number: int, status: str, body: str, *accounts: object) -> Mapping[str, object]:
        version = {"account_id": 0, "is_original": True, "content": [{"body": body, "media": [], "url": ""}]}
        return {
            "id": number,
            "uuid": f"{name}-{number}",
            "status": status,
            "accounts": list(accounts),
            "versions": [{**version, "options": []}],
            "tags": [{"id": 2, "name": "bread"}] if number == 1 else [],
            "scheduled_at": due.replace("T", " ").removesuffix(".000Z"),
            "trashed": False,
        }

    posts = [
        post(1, "scheduled", html, words, later),
        post(2, "draft", f"<div>{DRAFT}</div>"),
        post(3, "published", "Old", words),
    ]
    return {"accounts.json": {"data": [words, later]}, "posts.json": {"data": posts, "meta": {"last_page": 1}}}


def buffer(*, name: str, due: str = DUE) -> Mapping[str, object]:
    """Buffer: the answers of its GraphQL API for channels and posts."""
    channel = {"service": "threads", "displayName": "Words"}

    def node(number: str, status: str, words: str, channel_id: str, *tags: str) -> Mapping[str, object]:
        return {
            "node": {
                "id": f"{name}-{number}",
                "status": status,
                "text": words,
                "dueAt": due,
                "channelId": f"{name}-{channel_id}",
                "assets": [],
                "tags": [{"id": "t", "name": tag} for tag in tags],
                "metadata": None,
            }
        }

    nodes = [
        node("1", "scheduled", QUEUED, "c", "bread"),
        node("1b", "scheduled", QUEUED, "l", "bread"),
        node("2", "draft", DRAFT, "c"),
        node("3", "sent", "Old", "c"),
    ]
    channels = [{**channel, "id": f"{name}-c", "name": HANDLE}, {**channel, "id": f"{name}-l", "name": f"@{MISSING}"}]
    return {
        "channels.json": {"data": {"channels": channels}},
        "posts.json": {"data": {"posts": {"edges": nodes, "pageInfo": {"hasNextPage": False}}}},
    }


def ayrshare(*, name: str, due: str = DUE) -> Mapping[str, object]:
    """Ayrshare: a profile and its history. It has one account a network and no labels, and keeps texts as they are."""

    def post(number: int, status: str, words: str) -> Mapping[str, object]:
        when = {"_seconds": 1, "_nanoseconds": 0, "utc": due}
        facts = {"platforms": ["threads"], "scheduleDate": when}
        return {"id": f"{name}-{number}", "status": status, "post": words, **facts}

    return {
        "user.json": {
            "activeSocialAccounts": ["threads", "reddit"],
            "displayNames": [{"platform": "threads", "username": HANDLE, "displayName": "Words", "id": "1"}],
        },
        "history.json": {"history": [post(1, "pending", QUEUED), post(2, "paused", DRAFT), post(3, "success", "Old")]},
    }


PRODUCTS: Final = {"postiz": postiz, "mixpost": mixpost, "buffer": buffer, "ayrshare": ayrshare}
