"""Numbers of Bluesky posts and accounts: counts that anyone can see, at once. There are no views and no reach.

They are read through the account's own server, which forwards such calls to Bluesky's AppView. That learns of a post some seconds late, so a post
that it does not show is gone only where the account's server has no record of it.
Source: bluesky-social/atproto (lexicons app.bsky.feed.getPosts, app.bsky.feed.defs, app.bsky.actor.getProfile), 2026-08-20, read 2026-12.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlencode

from pydantic import JsonValue

from presswork.platforms.access import AccountAccess, LivePost
from presswork.platforms.api_client import JsonObject
from presswork.platforms.bluesky.api import Api
from presswork.platforms.bluesky.client import Session
from presswork.platforms.bluesky.description import MAX_URIS
from presswork.platforms.bluesky.record import parts_of
from presswork.platforms.bluesky.repository import get_record
from presswork.platforms.errors import Rejected
from presswork.platforms.insights import AccountRead, PostNumbers, PostsRead, read_each
from presswork.platforms.json_values import items_of, number_of, part_of, text_of
from presswork.platforms.live_support import Metric

STEP: Final = "get_posts"
ACCOUNT: Final = "get_profile"
_COUNTS: Final = ("likeCount", "repostCount", "replyCount", "quoteCount", "bookmarkCount")


@dataclass(slots=True, eq=False)
class PostsReader:
    """One read of the numbers of posts."""

    api: Api
    access: AccountAccess
    calls: int = 0
    _found: dict[str, JsonObject] = field(default_factory=dict)

    async def read(self, posts: Sequence[LivePost]) -> PostsRead:
        """Read posts, with all parts of threads. Raises TryLater, CredentialInvalid, Rejected."""
        uris = list(dict.fromkeys(uri for post in posts for uri in (post.external_id, *post.part_ids)))
        for start in range(0, len(uris), MAX_URIS):
            await self._read_batch(uris[start : start + MAX_URIS])
        found = await read_each(posts, self._numbers_of)
        return PostsRead(posts=found, calls=self.calls)

    async def _read_batch(self, uris: Iterable[str]) -> None:
        self.calls += 1
        name = f"app.bsky.feed.getPosts?{urlencode([('uris', uri) for uri in uris])}"
        response, _ = await self.api.send_repeatable(self.access, "GET", name, step=STEP)
        for post in items_of(response.body or {}, "posts"):
            if (uri := text_of(post.get("uri"))) is not None:
                self._found[uri] = post

    async def _numbers_of(self, post: LivePost) -> PostNumbers:
        if post.external_id not in self._found:
            return await self._explain_missing(post)
        return numbers_of(
            [part for uri in (post.external_id, *post.part_ids) if (part := self._found.get(uri)) is not None]
        )

    async def _explain_missing(self, post: LivePost) -> PostNumbers:
        """Return why the AppView does not show a post: it is gone where the account's server has no record of it."""
        place = parts_of(post.external_id)
        if place is None:
            raise Rejected("The id of the post is not one of Bluesky's.", step=STEP)
        self.calls += 1
        pds = Session.read(await self.access.access_token(), step=STEP).pds
        if await get_record(self.api, did=place[0], pds=pds, rkey=place[1]) is None:
            return PostNumbers.gone()
        return PostNumbers.of(dict.fromkeys(_NAMES))


_NAMES: Final = (Metric.LIKES, Metric.COMMENTS, Metric.SHARES, Metric.SAVES)


def numbers_of(parts: Sequence[JsonObject]) -> PostNumbers:
    """Return the numbers of a post, or those of all parts of a thread together.

    Each part after the first is a reply to the one before it: those are no comments, and are subtracted where that one is still there.
    """
    uris = {part.get("uri") for part in parts}
    own_replies = sum(part_of(part, "record", "reply", "parent").get("uri") in uris for part in parts)
    sums = {name: _sum_of(parts, name) for name in _COUNTS}
    replies, reposts = sums["replyCount"], sums["repostCount"]
    metrics: Mapping[Metric, float | None] = {
        Metric.LIKES: sums["likeCount"],
        Metric.COMMENTS: None if replies is None else max(replies - own_replies, 0),
        Metric.SHARES: None if reposts is None else reposts + (sums["quoteCount"] or 0),
        Metric.SAVES: sums["bookmarkCount"],
    }
    raw: dict[str, JsonValue] = {name: value for name, value in sums.items() if value is not None}
    return PostNumbers.of(metrics, raw=raw | ({"parts": len(parts)} if len(parts) > 1 else {}))


def _sum_of(parts: Sequence[JsonObject], name: str) -> int | None:
    counts = [count for part in parts if (count := number_of(part.get(name))) is not None]
    return sum(counts) if counts else None


async def read_account(api: Api, access: AccountAccess) -> AccountRead:
    """Read the account's followers. Raises TryLater, CredentialInvalid, Rejected."""
    name = f"app.bsky.actor.getProfile?{urlencode({'actor': access.account.external_id})}"
    response, _ = await api.send_repeatable(access, "GET", name, step=ACCOUNT)
    return AccountRead.of(number_of((response.body or {}).get("followersCount")))
