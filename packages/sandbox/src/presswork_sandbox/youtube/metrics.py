"""The numbers of videos by the names of the Data API and of the Analytics API.

Source: Google, "Videos" (statistics), "videos.batchGetStats", and "YouTube Analytics: Metrics", read 2026-11.
"""

from collections.abc import Mapping
from typing import Final

from presswork_sandbox.quantities import Quantity

STATISTICS: Final[Mapping[str, Quantity]] = {
    "viewCount": Quantity.VIEWS,
    "likeCount": Quantity.LIKES,
    "commentCount": Quantity.COMMENTS,
}
ANALYTICS: Final[Mapping[str, Quantity]] = {
    "views": Quantity.VIEWS,
    "estimatedMinutesWatched": Quantity.WATCH_SECONDS,
    "averageViewDuration": Quantity.WATCH_SECONDS,
    "averageViewPercentage": Quantity.WATCH_SECONDS,
    "likes": Quantity.LIKES,
    "comments": Quantity.COMMENTS,
    "shares": Quantity.SHARES,
    "subscribersGained": Quantity.FOLLOWS,
}
METRICS: Final[Mapping[str, Quantity]] = {**STATISTICS, **ANALYTICS}
