"""YouTube's quotas: of the operator's Google Cloud project, which all accounts share, and of a channel.

Uploads have a bucket with their own daily number of calls; nearly all other calls share a pool of units. Both are full again
at midnight Pacific time. Source: Google, "Quota and Compliance Audits" and "Determine Quota Cost", read 2026-11.
"""

from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

UPLOADS_A_DAY: Final = 100
"""Calls of `videos.insert` a day that a project has by default; an audit may grant more."""
UNITS_A_DAY: Final = 10_000
"""Units a day for all other calls, by default."""
UNITS_OF_A_WRITE: Final = 50
"""Units of `videos.update`, `videos.delete` and `commentThreads.insert`; a read costs 1."""
READ_SHARE: Final = 2_000
"""Units of a day that are left for reads: status polls, channels, comments."""
WRITES_A_DAY: Final = (UNITS_A_DAY - READ_SHARE) // UNITS_OF_A_WRITE
DAY: Final = timedelta(hours=24)
CHANNEL_RECHECK: Final = timedelta(hours=2)
"""First wait after the unpublished daily limit of a channel is reached: its end is not reported, and each try costs a call."""
_PACIFIC: Final = ZoneInfo("America/Los_Angeles")
_SPARE: Final = timedelta(minutes=1)
"""Margin for the difference between Google's clock and ours."""


def next_reset(now: datetime) -> datetime:
    """Return when the project's quotas are full again, in UTC: the next midnight in Los Angeles, and a little later."""
    tomorrow = now.astimezone(_PACIFIC).date() + timedelta(days=1)
    midnight = datetime(tomorrow.year, tomorrow.month, tomorrow.day, tzinfo=_PACIFIC)
    return midnight.astimezone(now.tzinfo) + _SPARE


def until_reset(now: datetime) -> timedelta:
    """Return how long it is until then."""
    return next_reset(now) - now
