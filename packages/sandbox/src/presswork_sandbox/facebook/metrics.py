"""The metrics of Pages, of their posts, stories and videos.

Source: Meta, "Page Insights" and its deprecations of 2026-03-02; which of them are valid is a probe of one Page with v25.0 on
2026-09-01. The metrics of stories are those that a client asks for; they were not probed.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from presswork_sandbox.quantities import Quantity

REACTIONS: Final[Sequence[tuple[str, float]]] = (
    ("like", 1.0),
    ("love", 0.2),
    ("wow", 0.03),
    ("haha", 0.05),
    ("sorry", 0.01),
    ("anger", 0.01),
)
"""Which part of the reactions each kind is; the first one has what the others leave."""
CLICKS: Final[Sequence[tuple[str, float]]] = (("other clicks", 1.0), ("link clicks", 0.4), ("photo view", 0.2))
POST_METRICS: Final[Mapping[str, Quantity]] = {
    "post_media_view": Quantity.VIEWS,
    "post_total_media_view_unique": Quantity.REACH,
    "post_clicks": Quantity.CLICKS,
    "post_clicks_by_type": Quantity.CLICKS,
    "post_activity_by_action_type": Quantity.LIKES,
    "post_activity_by_action_type_unique": Quantity.LIKES,
    "post_reactions_by_type_total": Quantity.LIKES,
    **{f"post_reactions_{kind}_total": Quantity.LIKES for kind, _ in REACTIONS},
    "post_video_views": Quantity.VIEWS,
}
STORY_METRICS: Final[Mapping[str, Quantity]] = {
    "page_story_impressions_by_story_id": Quantity.VIEWS,
    "page_story_impressions_by_story_id_unique": Quantity.REACH,
    "story_interaction": Quantity.CLICKS,
    "pages_fb_story_thread_lightweight_reactions": Quantity.LIKES,
    "pages_fb_story_replies": Quantity.REPLIES,
    "pages_fb_story_shares": Quantity.SHARES,
}
VIDEO_METRICS: Final[Mapping[str, Quantity]] = {
    "total_video_views": Quantity.VIEWS,
    "total_video_impressions_unique": Quantity.REACH,
    "total_video_avg_time_watched": Quantity.WATCH_SECONDS,
    "total_video_view_total_time": Quantity.WATCH_SECONDS,
    "total_video_reactions_by_type_total": Quantity.LIKES,
}
PAGE_METRICS: Final[Mapping[str, Quantity]] = {
    "page_media_view": Quantity.VIEWS,
    "page_total_media_view_unique": Quantity.REACH,
    "page_post_engagements": Quantity.LIKES,
    "page_views_total": Quantity.PROFILE_VISITS,
    "page_total_actions": Quantity.CLICKS,
    "page_follows": Quantity.FOLLOWS,
    "page_daily_follows": Quantity.FOLLOWS,
    "page_daily_follows_unique": Quantity.FOLLOWS,
    "page_daily_unfollows_unique": Quantity.FOLLOWS,
    "page_fan_adds_by_paid_non_paid_unique": Quantity.FOLLOWS,
    "page_lifetime_engaged_followers_unique": Quantity.FOLLOWS,
}
FOLLOWER_METRICS: Final = frozenset(name for name, quantity in PAGE_METRICS.items() if quantity is Quantity.FOLLOWS)
DAY_ONLY: Final = FOLLOWER_METRICS
PERIOD_DAYS: Final[Mapping[str, int]] = {"day": 1, "week": 7, "days_28": 28}
PERIODS: Final[Mapping[str, Sequence[str]]] = {
    **dict.fromkeys(PAGE_METRICS, ("day", "week", "days_28")),
    "page_total_media_view_unique": ("day", "days_28"),
    **dict.fromkeys(DAY_ONLY, ("day",)),
}
"""The periods that each metric of a Page has. Only that of `page_total_media_view_unique` was seen; the rest is general knowledge."""
METRICS: Final[Mapping[str, Quantity]] = {**POST_METRICS, **STORY_METRICS, **VIDEO_METRICS, **PAGE_METRICS}
