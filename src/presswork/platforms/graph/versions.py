"""The versions of Meta's Graph API that end on a known day.

Source: Meta, "Graph API: Versions" (2026-10-29) and "Introducing Graph API v27.0" (2026-11-04), read 2026-11. The ends of v26.0 and
v27.0 are not announced.
"""

from collections.abc import Mapping
from datetime import date
from typing import Final

from presswork.platforms.plugin import ApiVersion

SETTING: Final = "PRESSWORK_INSTAGRAM_API_VERSION"
_ENDS: Final[Mapping[str, date]] = {
    "v21.0": date(2027, 1, 21),
    "v22.0": date(2027, 5, 20),
    "v23.0": date(2027, 10, 8),
    "v24.0": date(2028, 2, 18),
    "v25.0": date(2028, 7, 29),
}


def api_version(version: str) -> ApiVersion | None:
    """Return a version like v21.0 with the last day on which Meta serves it; None: its end is not known."""
    ends_on = _ENDS.get(version)
    return None if ends_on is None else ApiVersion(setting=SETTING, version=version, ends_on=ends_on)
