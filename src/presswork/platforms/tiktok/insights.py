"""Numbers of TikTok posts and accounts: four counters of public posts, with a further permission, and nothing else.

A post that is missing in the answer may be private, deleted or new: TikTok does not say which, so none counts as gone.
Sources: TikTok, "Query Videos", "Video Object" and "Get User Info", rate limits of 2026-08-04, read 2026-12.
"""

from collections.abc import Sequence
from typing import Final

from pydantic import JsonValue

from presswork.platforms.access import AccountAccess, LivePost
from presswork.platforms.errors import CredentialInvalid
from presswork.platforms.insights import AccountRead, MissingReason, PostNumbers, PostsRead
from presswork.platforms.json_values import items_of, part_of
from presswork.platforms.live_support import AccountNumber, Metric
from presswork.platforms.tiktok.api import USER_INFO, VIDEO_QUERY, Api, whole
from presswork.platforms.tiktok.description import STATS, VIDEOS
from presswork.platforms.tiktok.error_mapping import SCOPE_REFUSED

STEP: Final = "video_query"
ACCOUNT: Final = "user_info"
_COUNTS: Final = {
    Metric.VIEWS: "view_count",
    Metric.LIKES: "like_count",
    Metric.COMMENTS: "comment_count",
    Metric.SHARES: "share_count",
}


async def read_posts(api: Api, access: AccountAccess, posts: Sequence[LivePost]) -> PostsRead:
    """Read the counters of at most 20 posts. Raises TryLater, CredentialInvalid, Rejected."""
    if VIDEOS not in access.account.scopes:
        return PostsRead(posts={post.post_id: _not_granted() for post in posts}, calls=0)
    params = {"fields": ",".join(("id", *_COUNTS.values()))}
    body: dict[str, JsonValue] = {"filters": {"video_ids": [post.external_id for post in posts]}}
    try:
        response = await api.ask(access, VIDEO_QUERY, body, step=STEP, params=params)
    except CredentialInvalid as error:
        if error.platform_code not in SCOPE_REFUSED:
            raise
        return PostsRead(posts={post.post_id: _not_granted() for post in posts})
    found = {str(video.get("id")): video for video in items_of(response.data, "videos")}
    return PostsRead(
        posts={
            post.post_id: PostNumbers.of(
                {metric: whole(found.get(post.external_id, {}).get(name)) for metric, name in _COUNTS.items()},
                raw=found.get(post.external_id),
            )
            for post in posts
        }
    )


def _not_granted() -> PostNumbers:
    return PostNumbers.of(
        {}, missing=dict.fromkeys(_COUNTS, MissingReason.NOT_GRANTED), missing_scopes=frozenset({VIDEOS})
    )


async def read_account(api: Api, access: AccountAccess) -> AccountRead:
    """Read the account's followers. Raises TryLater, CredentialInvalid, Rejected."""
    not_granted = {AccountNumber.FOLLOWERS: MissingReason.NOT_GRANTED}
    if STATS not in access.account.scopes:
        return AccountRead.of(None, unavailable=not_granted, missing_scopes=frozenset({STATS}), calls=0)
    try:
        response = await api.ask(access, USER_INFO, None, step=ACCOUNT, params={"fields": "open_id,follower_count"})
    except CredentialInvalid as error:
        if error.platform_code not in SCOPE_REFUSED:
            raise
        return AccountRead.of(None, unavailable=not_granted, missing_scopes=frozenset({STATS}))
    return AccountRead.of(whole(part_of(response.data, "user").get("follower_count")))
