"""The metrics of posts and profiles on Threads. Source: Meta, "Threads API: Insights" (2026-01-30), read 2026-11."""

from collections.abc import Mapping, Sequence
from typing import Final

from presswork_sandbox.quantities import Quantity

MEDIA_METRICS: Final[Mapping[str, Quantity]] = {
    "views": Quantity.VIEWS,
    "likes": Quantity.LIKES,
    "replies": Quantity.COMMENTS,
    "reposts": Quantity.REPOSTS,
    "quotes": Quantity.QUOTES,
    "shares": Quantity.SHARES,
}
USER_METRICS: Final[Mapping[str, Quantity]] = {
    "views": Quantity.VIEWS,
    "likes": Quantity.LIKES,
    "replies": Quantity.COMMENTS,
    "reposts": Quantity.REPOSTS,
    "quotes": Quantity.QUOTES,
    "clicks": Quantity.CLICKS,
    "followers_count": Quantity.FOLLOWS,
    "follower_demographics": Quantity.FOLLOWS,
}
DEMOGRAPHIC_BREAKDOWNS: Final[Mapping[str, Sequence[tuple[str, float]]]] = {
    "country": (("PT", 1.0), ("ES", 0.2), ("DE", 0.1)),
    "city": (("Lisbon, Lisbon District", 1.0), ("Porto, Porto District", 0.3)),
    "age": (("25-34", 1.0), ("18-24", 0.3), ("35-44", 0.2)),
    "gender": (("F", 1.0), ("M", 0.4), ("U", 0.05)),
}
"""Which part of the followers each value of a breakdown has; the first one has what the others leave."""
METRICS: Final[Mapping[str, Quantity]] = {**MEDIA_METRICS, **USER_METRICS}
