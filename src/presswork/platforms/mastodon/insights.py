"""Numbers of Mastodon posts and accounts: counts that the account's server knows, at once. There are no views and no reach.

Source: mastodon/documentation, entities/Status and entities/Account (2026-07), read 2026-12.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from pydantic import JsonValue

from presswork.platforms.access import AccountAccess, LivePost
from presswork.platforms.api_client import ApiError, JsonObject
from presswork.platforms.insights import AccountRead, PostNumbers, PostsRead, read_each
from presswork.platforms.json_values import number_of
from presswork.platforms.live_support import Metric
from presswork.platforms.mastodon.api import WHO, Api, status
from presswork.platforms.mastodon.error_mapping import MASTODON, NOT_FOUND

STEP: Final = "status"
_COUNTS: Final = ("favourites_count", "reblogs_count", "replies_count", "quotes_count")


async def read_posts(api: Api, access: AccountAccess, posts: Sequence[LivePost]) -> PostsRead:
    """Read posts, with all parts of threads: one call for each. Raises TryLater, CredentialInvalid, Rejected."""

    async def read(post: LivePost) -> PostNumbers:
        parts = [await _read(api, access, part) for part in (post.external_id, *post.part_ids)]
        return PostNumbers.gone() if parts[0] is None else numbers_of([part for part in parts if part is not None])

    calls = sum(1 + len(post.part_ids) for post in posts)
    return PostsRead(posts=await read_each(posts, read), calls=calls)


async def _read(api: Api, access: AccountAccess, status_id: str) -> JsonObject | None:
    with MASTODON.lost(step=STEP):
        _, response = await api.send(access, "GET", status(status_id), step=STEP)
    if isinstance(response, ApiError) and response.meaning is NOT_FOUND:
        return None
    return MASTODON.object_of(response, step=STEP, now=access.now())


def numbers_of(parts: Sequence[JsonObject]) -> PostNumbers:
    """Return the numbers of a post, or those of all parts of a thread together.

    Each part after the first is a reply to the one before it: those are no comments, and are subtracted where that one is still there.
    """
    ids = {part.get("id") for part in parts}
    own_replies = sum(part.get("in_reply_to_id") in ids for part in parts)
    sums = {name: _sum_of(parts, name) for name in _COUNTS}
    replies, boosts = sums["replies_count"], sums["reblogs_count"]
    metrics: Mapping[Metric, float | None] = {
        Metric.LIKES: sums["favourites_count"],
        Metric.COMMENTS: None if replies is None else max(replies - own_replies, 0),
        Metric.SHARES: None if boosts is None else boosts + (sums["quotes_count"] or 0),
    }
    raw: dict[str, JsonValue] = {name: value for name, value in sums.items() if value is not None}
    return PostNumbers.of(metrics, raw=raw | ({"parts": len(parts)} if len(parts) > 1 else {}))


def _sum_of(parts: Sequence[JsonObject], name: str) -> int | None:
    counts = [count for part in parts if (count := number_of(part.get(name))) is not None]
    return sum(counts) if counts else None


async def read_account(api: Api, access: AccountAccess) -> AccountRead:
    """Read the account's followers. Raises TryLater, CredentialInvalid, Rejected."""
    account = await api.ask(access, "GET", WHO, step="verify_credentials", now=access.now())
    return AccountRead.of(number_of(account.get("followers_count")))
