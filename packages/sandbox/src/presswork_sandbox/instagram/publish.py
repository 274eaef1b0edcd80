"""The call that makes a post live, and the quota that guards it.

Source: Meta, "IG User Media Publish" and "Content Publishing Limit", read 2026-11.
"""

import json
from collections.abc import Mapping
from typing import Final

from presswork_sandbox.accounts import Account
from presswork_sandbox.clock import DAY
from presswork_sandbox.core import Sandbox
from presswork_sandbox.instagram.containers import Container, Containers
from presswork_sandbox.instagram.errors import (
    ALREADY_PUBLISHED,
    DAILY_LIMIT,
    INVALID_PARAMETER,
    NOT_READY,
    UNKNOWN_CONTAINER,
    GraphRefusal,
)
from presswork_sandbox.posts import shortcode_of
from presswork_sandbox.wire import JSONValue, Reply, json_reply, text_of

MEDIA_IDS: Final = 17_920_000_000_000_000
COMMENT_IDS: Final = 17_870_000_000_000_000
QUOTA_TOTAL: Final = 50  # Meta's reference says 50, its guide 100; an account's quotaTotal decides
KINDS: Final = {"IMAGE": "feed_image", "REELS": "reel", "CAROUSEL": "carousel", "STORIES": "story"}


def quota_total(account: Account) -> int:
    """Return how many posts this account may publish in 24 hours."""
    total = account.settings.get("quotaTotal")
    return total if isinstance(total, int) else QUOTA_TOTAL


def publish(sandbox: Sandbox, containers: Containers, account: Account, params: Mapping[str, JSONValue]) -> Reply:
    """POST /{ig-id}/media_publish: one post, in one transaction with its container's end. Raises GraphRefusal."""
    creation_id = text_of(params.get("creation_id"))
    if not creation_id:
        raise GraphRefusal(INVALID_PARAMETER.about("(#100) The parameter creation_id is required"))
    now = sandbox.clock.now()
    with sandbox.store.transaction():
        container = containers.of_account(account, creation_id)
        status = None if container is None else containers.status_code(container)
        if container is None or status == "EXPIRED":
            raise GraphRefusal(UNKNOWN_CONTAINER)
        if status == "PUBLISHED":
            raise GraphRefusal(ALREADY_PUBLISHED)
        if container.is_child:
            raise GraphRefusal(INVALID_PARAMETER.about("(#100) A carousel item can't be published by itself"))
        if status != "FINISHED":
            raise GraphRefusal(NOT_READY)
        if sandbox.posts.count_since(account.id, now - DAY) >= quota_total(account):
            raise GraphRefusal(DAILY_LIMIT)
        media_id = _go_live(sandbox, containers, account, container, now)
    return json_reply({"id": media_id})


def new_media(sandbox: Sandbox) -> tuple[str, str]:
    """Return id and shortcode for one more post."""
    number = sandbox.store.next_number("media")
    return str(MEDIA_IDS + number * 10_009), shortcode_of(number)


def new_comment_id(sandbox: Sandbox) -> int:
    """Return the id for one more comment."""
    return COMMENT_IDS + sandbox.store.next_number("comment") * 10_037


def _go_live(sandbox: Sandbox, containers: Containers, account: Account, container: Container, now: float) -> str:
    media_id, shortcode = new_media(sandbox)
    parts = [containers.find(str(child)) for child in container.children] or [container]
    if container.media_type == "STORIES":
        url = f"https://www.instagram.com/stories/{account.handle}/{media_id}/"
    else:
        url = f"https://www.instagram.com/{'reel' if container.media_type == 'REELS' else 'p'}/{shortcode}/"
    sandbox.posts.add(
        "instagram",
        account.id,
        kind=KINDS[container.media_type],
        external_id=media_id,
        shortcode=shortcode,
        url=url,
        caption=container.caption,
        params=container.params,
        asset_ids=[part.asset_id for part in parts if part is not None and part.asset_id is not None],
        now=now,
    )
    sandbox.store.run("UPDATE containers SET state = 'published', media_id = ? WHERE id = ?", media_id, container.id)
    if container.children:
        marks = json.dumps(list(container.children))
        sandbox.store.run(
            "UPDATE containers SET state = 'published' WHERE id IN (SELECT value FROM json_each(?))", marks
        )
    return media_id


def publishing_limit(sandbox: Sandbox, account: Account, params: Mapping[str, JSONValue]) -> Reply:
    """GET /{ig-id}/content_publishing_limit: posts of the last 24 hours; `config` only on request."""
    now = sandbox.clock.now()
    since = now - DAY
    asked = text_of(params.get("since"))
    if asked:
        if not asked.isascii() or not asked.isdigit() or not since - 60 <= int(asked[:12]) <= now:
            raise GraphRefusal(INVALID_PARAMETER.about("(#100) Param since must be a time of the last 24 hours"))
        since = float(asked)
    item: dict[str, JSONValue] = {"quota_usage": sandbox.posts.count_since(account.id, since)}
    if "config" in text_of(params.get("fields")):
        item["config"] = {"quota_total": quota_total(account), "quota_duration": int(DAY)}
    return json_reply({"data": [item]})
