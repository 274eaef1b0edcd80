"""The counters of videos that TikTok has. Source: TikTok, "Video Object", read 2026-11."""

from collections.abc import Mapping
from typing import Final

from presswork_sandbox.quantities import Quantity

METRICS: Final[Mapping[str, Quantity]] = {
    "view_count": Quantity.VIEWS,
    "like_count": Quantity.LIKES,
    "comment_count": Quantity.COMMENTS,
    "share_count": Quantity.SHARES,
}
