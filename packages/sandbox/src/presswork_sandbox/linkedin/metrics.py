"""The numbers of posts by LinkedIn's names.

Source: LinkedIn, "Organization Share Statistics" (2025-11) and "Member Post Statistics" (2026-03 and 2026-05), read 2026-11.
"""

from collections.abc import Mapping
from typing import Final

from presswork_sandbox.quantities import Quantity

SHARE_STATISTICS: Final[Mapping[str, Quantity]] = {
    "uniqueImpressionsCount": Quantity.REACH,
    "impressionCount": Quantity.VIEWS,
    "clickCount": Quantity.CLICKS,
    "likeCount": Quantity.LIKES,
    "commentCount": Quantity.COMMENTS,
    "shareCount": Quantity.SHARES,
}
QUERY_TYPES: Final[Mapping[str, Quantity]] = {
    "IMPRESSION": Quantity.VIEWS,
    "MEMBERS_REACHED": Quantity.REACH,
    "RESHARE": Quantity.SHARES,
    "REACTION": Quantity.LIKES,
    "COMMENT": Quantity.COMMENTS,
}
NEWER_QUERY_TYPES: Final[Mapping[str, Quantity]] = {
    "POST_SAVE": Quantity.SAVES,
    "POST_SEND": Quantity.REPOSTS,
    "LINK_CLICKS": Quantity.CLICKS,
    "FOLLOWER_GAINED_FROM_CONTENT": Quantity.FOLLOWS,
    "PROFILE_VIEW_FROM_CONTENT": Quantity.PROFILE_VISITS,
}
"""Those since version 202604."""
METRICS: Final[Mapping[str, Quantity]] = {**SHARE_STATISTICS, **QUERY_TYPES, **NEWER_QUERY_TYPES}
