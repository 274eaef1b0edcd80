"""The metrics of Instagram's posts and accounts.

Source: Meta, "Instagram Media Insights" (2026-06-18, amended 2026-09-11) and "Instagram Account Insights" (2026-06-16).
"""

from collections.abc import Mapping, Sequence
from typing import Final

from presswork_sandbox.quantities import Quantity

COMMON: Final[Mapping[str, Quantity]] = {
    "views": Quantity.VIEWS,
    "reach": Quantity.REACH,
    "shares": Quantity.SHARES,
    "reposts": Quantity.REPOSTS,
    "total_interactions": Quantity.LIKES,
    "facebook_views": Quantity.VIEWS,
}
PROFILE: Final[Mapping[str, Quantity]] = {
    "follows": Quantity.FOLLOWS,
    "profile_visits": Quantity.PROFILE_VISITS,
    "profile_activity": Quantity.CLICKS,
}
REACTIONS: Final[Mapping[str, Quantity]] = {
    "likes": Quantity.LIKES,
    "comments": Quantity.COMMENTS,
    "saved": Quantity.SAVES,
}
MEDIA_METRICS: Final[Mapping[str, Mapping[str, Quantity]]] = {
    "FEED": {**COMMON, **REACTIONS, **PROFILE},
    "REELS": {
        **COMMON,
        **REACTIONS,
        "ig_reels_avg_watch_time": Quantity.WATCH_SECONDS,
        "ig_reels_video_view_total_time": Quantity.WATCH_SECONDS,
        "reels_skip_rate": Quantity.VIEWS,
        "crossposted_views": Quantity.VIEWS,
    },
    "STORY": {**COMMON, **PROFILE, "replies": Quantity.REPLIES, "navigation": Quantity.NAVIGATION},
}
"""By media_product_type."""
FACEBOOK_LOGIN_METRICS: Final[Mapping[str, Mapping[str, Quantity]]] = {
    "FEED": {"total_likes": Quantity.LIKES, "total_comments": Quantity.COMMENTS},
    "REELS": {
        "total_likes": Quantity.LIKES,
        "total_comments": Quantity.COMMENTS,
        "total_views": Quantity.VIEWS,
    },
    "STORY": {"link_clicks": Quantity.CLICKS},
}
"""What only the login with Facebook has, since 2026-04-22 and 2026-06-22."""
CROSSPOSTED: Final = frozenset({"crossposted_views", "facebook_views"})
"""Of a reel these are refused unless it is shared to Facebook, which no reel here is."""
LATE: Final = frozenset(
    {*PROFILE, "ig_reels_avg_watch_time", "ig_reels_video_view_total_time", "reels_skip_rate", "navigation"}
)
"""Metrics that are missing from the answer for some time longer than the others."""
BREAKDOWNS: Final[Mapping[str, tuple[str, Sequence[tuple[str, float]]]]] = {
    "profile_activity": (
        "action_type",
        (
            ("bio_link_clicked", 1.0),
            ("call", 0.05),
            ("direction", 0.1),
            ("email", 0.1),
            ("other", 0.05),
            ("text", 0.02),
        ),
    ),
    "navigation": (
        "story_navigation_action_type",
        (("tap_forward", 1.0), ("tap_back", 0.1), ("tap_exit", 0.15), ("swipe_forward", 0.1)),
    ),
}
"""The breakdown of a metric of a post, and which part each of its values has; the first one has what the others leave."""
ACCOUNT_METRICS: Final[Mapping[str, Quantity]] = {
    "reach": Quantity.REACH,
    "views": Quantity.VIEWS,
    "accounts_engaged": Quantity.LIKES,
    "total_interactions": Quantity.LIKES,
    "likes": Quantity.LIKES,
    "comments": Quantity.COMMENTS,
    "saves": Quantity.SAVES,
    "shares": Quantity.SHARES,
    "replies": Quantity.REPLIES,
    "reposts": Quantity.REPOSTS,
    "profile_links_taps": Quantity.CLICKS,
    "follows_and_unfollows": Quantity.FOLLOWS,
    "follower_demographics": Quantity.FOLLOWS,
    "engaged_audience_demographics": Quantity.LIKES,
}
_FOLLOW_TYPES: Final = (("FOLLOWER", 1.0), ("NON_FOLLOWER", 0.4))
_PRODUCT_TYPES: Final = (("POST", 1.0), ("REEL", 0.4), ("STORY", 0.1))
ACCOUNT_BREAKDOWNS: Final[Mapping[str, Mapping[str, Sequence[tuple[str, float]]]]] = {
    "reach": {"media_product_type": _PRODUCT_TYPES, "follow_type": _FOLLOW_TYPES},
    "views": {"follower_type": _FOLLOW_TYPES, "media_product_type": _PRODUCT_TYPES},
    "profile_links_taps": {
        "contact_button_type": (("BOOK_NOW", 1.0), ("CALL", 0.2), ("DIRECTION", 0.2), ("EMAIL", 0.3)),
    },
    "follows_and_unfollows": {"follow_type": _FOLLOW_TYPES},
}
DEMOGRAPHICS: Final = frozenset({"follower_demographics", "engaged_audience_demographics"})
DEMOGRAPHIC_BREAKDOWNS: Final[Mapping[str, Sequence[tuple[str, float]]]] = {
    "age": (("25-34", 1.0), ("18-24", 0.3), ("35-44", 0.2)),
    "city": (("Lisbon, Portugal", 1.0), ("Porto, Portugal", 0.3)),
    "country": (("PT", 1.0), ("ES", 0.2), ("DE", 0.1)),
    "gender": (("F", 1.0), ("M", 0.4), ("U", 0.05)),
}
WITH_HUNDRED_FOLLOWERS: Final = DEMOGRAPHICS | {"follows_and_unfollows"}
SERIES: Final = frozenset({"reach"})
"""The metrics of accounts that exist by day; all others are totals."""
METRICS: Final[Mapping[str, Quantity]] = {
    **ACCOUNT_METRICS,
    **{name: quantity for metrics in FACEBOOK_LOGIN_METRICS.values() for name, quantity in metrics.items()},
    **{name: quantity for metrics in MEDIA_METRICS.values() for name, quantity in metrics.items()},
    "like_count": Quantity.LIKES,
    "comments_count": Quantity.COMMENTS,
    "view_count": Quantity.VIEWS,
    "saved_count": Quantity.SAVES,
    "shares_count": Quantity.SHARES,
    "reposts_count": Quantity.REPOSTS,
}
