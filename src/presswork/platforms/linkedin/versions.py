"""The version of LinkedIn's API: a month, which every call names, and which ends about a year later.

Source: LinkedIn, "Versioning" (2026-09) and "Migrations", read 2026-11: version 202510 ended on 2026-10-15, 202511 on 2026-11-16,
and 202609 ends on 2027-09-15. A month may have no version (2025-12 has none).
"""

from datetime import date
from typing import Final

from presswork.platforms.plugin import ApiVersion

SETTING: Final = "PRESSWORK_LINKEDIN_VERSION"
_LAST_DAY: Final = 15
"""Of the month one year later; the earliest day that was announced so far."""


def api_version(version: str) -> ApiVersion:
    """Return a version like 202609 with the day until which LinkedIn serves it at least."""
    return ApiVersion(setting=SETTING, version=version, ends_on=date(int(version[:4]) + 1, int(version[4:]), _LAST_DAY))
