"""The counters of posts that Bluesky has. Source: bluesky-social/atproto, app.bsky.feed.defs#postView, read 2026-11."""

from collections.abc import Mapping
from typing import Final

from presswork_sandbox.quantities import Quantity

METRICS: Final[Mapping[str, Quantity]] = {
    "replyCount": Quantity.COMMENTS,
    "repostCount": Quantity.REPOSTS,
    "likeCount": Quantity.LIKES,
    "quoteCount": Quantity.QUOTES,
    "bookmarkCount": Quantity.SAVES,
}
