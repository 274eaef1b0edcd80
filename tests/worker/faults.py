"""Faults of the sandbox after which a caller does not know whether the call had an effect."""

from typing import Final

from tests.tiers import sampled

LOST: Final = sampled(
    ["drop_before_effect", "drop_after_effect", "http_500", "html_502", "malformed_json"],
    "drop_before_effect",
    "drop_after_effect",
)
