"""Numbers of X's posts and accounts: counts at once, and those that only the author sees for the first 30 days of a post.

Source: xdevplatform/docs (2026-08), "Metrics" and "Post lookup", read 2026-11. Reading an own post costs a tenth of a cent a day.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from pydantic import JsonValue

from presswork.platforms.access import AccountAccess, LivePost
from presswork.platforms.api_client import ApiError, JsonObject
from presswork.platforms.insights import AccountRead, PostNumbers, PostsRead
from presswork.platforms.json_values import items_of, number_of, part_of, text_of
from presswork.platforms.live_support import Metric
from presswork.platforms.x.api import ME, POSTS, Api
from presswork.platforms.x.description import MAX_IDS
from presswork.platforms.x.error_mapping import NOT_FOUND, X
from presswork.platforms.x.timeline import replied_to

STEP: Final = "tweets_lookup"
ACCOUNT: Final = "me"
_FIELDS: Final = "public_metrics,non_public_metrics,referenced_tweets"
_CLICKS: Final = "url_link_clicks"


async def read_posts(api: Api, access: AccountAccess, posts: Sequence[LivePost]) -> PostsRead:
    """Read posts, with all parts of threads. Raises TryLater, CredentialInvalid, Rejected."""
    ids = list(dict.fromkeys(part for post in posts for part in (post.external_id, *post.part_ids)))
    found: dict[str, JsonObject] = {}
    batches = [ids[start : start + MAX_IDS] for start in range(0, len(ids), MAX_IDS)]
    for batch in batches:
        params = {"ids": ",".join(batch), "tweet.fields": _FIELDS}
        with X.lost(step=STEP):
            _, response = await api.send(access, "GET", POSTS, params, step=STEP)
        if isinstance(response, ApiError) and response.meaning is NOT_FOUND:
            continue  # it has none of them
        body = X.object_of(response, step=STEP, now=access.now())
        found |= {
            post_id: shown for shown in items_of(body, "data") if (post_id := text_of(shown.get("id"))) is not None
        }
    return PostsRead(
        posts={
            post.post_id: numbers_of([found[part] for part in (post.external_id, *post.part_ids) if part in found])
            if post.external_id in found
            else PostNumbers.gone()
            for post in posts
        },
        calls=len(batches),
    )


def numbers_of(parts: Sequence[JsonObject]) -> PostNumbers:
    """Return the numbers of a post, or those of all parts of a thread together.

    Each part after the first is a reply to the one before it: those are no comments, and are subtracted where that one is still there.
    """
    counted: list[Mapping[str, JsonValue]] = [
        {**part_of(part, "non_public_metrics"), **part_of(part, "public_metrics")} for part in parts
    ]
    names = dict.fromkeys(name for counts in counted for name in counts)
    sums = {name: sum(number_of(counts.get(name)) or 0 for counts in counted) for name in names}
    ids = {part.get("id") for part in parts}
    own_replies = sum(replied_to(part) in ids for part in parts)
    replies, reposts = sums.get("reply_count"), sums.get("retweet_count")
    metrics: Mapping[Metric, float | None] = {
        Metric.VIEWS: sums.get("impression_count"),
        Metric.LIKES: sums.get("like_count"),
        Metric.COMMENTS: None if replies is None else max(replies - own_replies, 0),
        Metric.SHARES: None if reposts is None else reposts + sums.get("quote_count", 0),
        Metric.SAVES: sums.get("bookmark_count"),
        Metric.CLICKS: sums.get(_CLICKS),
    }
    return PostNumbers.of(metrics, raw={**sums, **({"parts": len(parts)} if len(parts) > 1 else {})})


async def read_account(api: Api, access: AccountAccess) -> AccountRead:
    """Read the account's followers. Raises TryLater, CredentialInvalid, Rejected."""
    params = {"user.fields": "public_metrics"}
    body = await api.ask(access, "GET", ME, params, step=ACCOUNT, now=access.now())
    return AccountRead.of(number_of(part_of(body, "data", "public_metrics").get("followers_count")))
