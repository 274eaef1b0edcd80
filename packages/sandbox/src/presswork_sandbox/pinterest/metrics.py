"""The metrics of Pins. Source: pinterest/api-description 5.23.0 (2025-12), `pins/{pin_id}/analytics` and `pin_metrics`."""

from collections.abc import Mapping
from typing import Final

from presswork_sandbox.quantities import Quantity

METRICS: Final[Mapping[str, Quantity]] = {
    "IMPRESSION": Quantity.VIEWS,
    "SAVE": Quantity.SAVES,
    "PIN_CLICK": Quantity.CLICKS,
    "OUTBOUND_CLICK": Quantity.CLICKS,
    "USER_FOLLOW": Quantity.FOLLOWS,
    "PROFILE_VISIT": Quantity.PROFILE_VISITS,
    "TOTAL_REACTIONS": Quantity.LIKES,
}
LIFETIME: Final = frozenset({"TOTAL_REACTIONS"})
"""Those that have no days."""
PIN_METRICS: Final[Mapping[str, str]] = {
    "impression": "IMPRESSION",
    "save": "SAVE",
    "pin_click": "PIN_CLICK",
    "clickthrough": "OUTBOUND_CLICK",
    "reaction": "TOTAL_REACTIONS",
}
"""The names in `pin_metrics` of a Pin."""
