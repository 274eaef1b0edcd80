"""The numbers of posts by X's names. Source: xdevplatform/docs (2026-08), "Metrics", read 2026-11."""

from collections.abc import Mapping
from typing import Final

from presswork_sandbox.quantities import Quantity

PUBLIC_METRICS: Final[Mapping[str, Quantity]] = {
    "retweet_count": Quantity.REPOSTS,
    "reply_count": Quantity.COMMENTS,
    "like_count": Quantity.LIKES,
    "quote_count": Quantity.QUOTES,
    "bookmark_count": Quantity.SAVES,
    "impression_count": Quantity.VIEWS,
}
NON_PUBLIC_METRICS: Final[Mapping[str, Quantity]] = {
    "impression_count": Quantity.VIEWS,
    "url_link_clicks": Quantity.CLICKS,
    "user_profile_clicks": Quantity.PROFILE_VISITS,
}
METRICS: Final[Mapping[str, Quantity]] = {**PUBLIC_METRICS, **NON_PUBLIC_METRICS}
