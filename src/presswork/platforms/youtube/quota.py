"""YouTube's quotas: of the operator's Google Cloud project, which all accounts share, and of a channel.

Uploads have a bucket with their own daily number of calls; nearly all other calls share a pool of units. Both are full again
at midnight Pacific time. Source: Google, "Quota and Compliance Audits" and "Determine Quota Cost", read 2026-11.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from presswork.platforms.port import Limit

UPLOADS_A_DAY: Final = 100
"""Calls of `videos.insert` a day that a project has by default; an audit may grant more."""
UNITS_A_DAY: Final = 10_000
"""Units a day for all other calls, by default."""
UNITS_OF_A_WRITE: Final = 50
"""Units of `videos.update`, `videos.delete` and `commentThreads.insert`; a read costs 1."""
SHARE_OF_READS: Final = 5
"""One unit in so many is left for reads, which are not counted here: status polls, channels, comments."""
DAY: Final = timedelta(hours=24)
CHANNEL_RECHECK: Final = timedelta(hours=2)
"""First wait after the unpublished daily limit of a channel is reached: its end is not reported, and each try costs a call."""
_PERIOD: Final = timedelta(hours=25)
"""The longest day of the year in Los Angeles."""
_PACIFIC: Final = ZoneInfo("America/Los_Angeles")
_SPARE: Final = timedelta(minutes=1)
"""Margin for the difference between Google's clock and ours."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Quota:
    """What the operator's Google Cloud project may do in a day."""

    uploads: int = UPLOADS_A_DAY
    units: int = UNITS_A_DAY

    def of_uploads(self, now: datetime) -> Limit:
        """Return the limit of uploads of the day."""
        return _of_the_day(
            "videos_insert",
            self.uploads,
            now,
            f"YouTube accepts {self.uploads} uploads a day from the operator's Google Cloud project, by all its accounts "
            "together. They are used up until midnight Pacific time.",
        )

    def of_writes(self, now: datetime) -> Limit:
        """Return the limit of calls that change something, which the pool of units allows in a day."""
        return _of_the_day(
            "writes",
            max(1, (self.units - self.units // SHARE_OF_READS) // UNITS_OF_A_WRITE),
            now,
            f"The {self.units:,} quota units a day of the operator's Google Cloud project, which all its accounts share, are used "
            "up until midnight Pacific time.",
        )


def _of_the_day(call: str, most: int, now: datetime, sentence: str) -> Limit:
    return Limit(
        call=call,
        most=most,
        window=_PERIOD,
        late_by=timedelta(minutes=10),
        sentence=sentence,
        is_app_wide=True,
        resets_at=next_reset(now),
    )


def next_reset(now: datetime) -> datetime:
    """Return when the project's quotas are full again, UTC: the next midnight in Los Angeles, and a little later."""
    tomorrow = (now - _SPARE).astimezone(_PACIFIC).date() + timedelta(days=1)
    midnight = datetime(tomorrow.year, tomorrow.month, tomorrow.day, tzinfo=_PACIFIC)
    return midnight.astimezone(UTC) + _SPARE


def until_reset(now: datetime) -> timedelta:
    """Return how long it is until then."""
    return next_reset(now) - now
