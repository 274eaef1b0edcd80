"""The counters of posts that Mastodon has. Source: mastodon/documentation, entities/Status (2026-07)."""

from collections.abc import Mapping
from typing import Final

from presswork_sandbox.quantities import Quantity

METRICS: Final[Mapping[str, Quantity]] = {
    "favourites_count": Quantity.LIKES,
    "reblogs_count": Quantity.REPOSTS,
    "replies_count": Quantity.COMMENTS,
    "quotes_count": Quantity.QUOTES,
}
