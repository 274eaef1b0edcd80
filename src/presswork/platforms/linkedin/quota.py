"""LinkedIn's limits of calls a day: of a member, and of the operator's app, which all accounts share.

Both are counted until midnight UTC. Every call counts, so a post reserves all that it needs before its first one.
Source: LinkedIn, "Share on LinkedIn" (rate limits, 2023-12): 150 a member and 100,000 an app; "Community Management API",
development tier: 100 a member and 500 an app; read 2026-11.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Final

from presswork.platforms.port import Limit

MEMBER_CALLS_A_DAY: Final = 150
APP_CALLS_A_DAY: Final = 100_000
STATUS_READS: Final = 4
"""Reads of a status for which a post reserves calls; most videos need fewer."""
_DAY: Final = timedelta(days=1)
_SPARE: Final = timedelta(minutes=1)
"""Margin for the difference between LinkedIn's clock and ours."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Quota:
    """How many calls a day LinkedIn accepts."""

    of_member: int = MEMBER_CALLS_A_DAY
    of_app: int = APP_CALLS_A_DAY

    def limits(self, now: datetime) -> Sequence[Limit]:
        """Return the limits of the day: the app's, which is shared, and the account's.

        LinkedIn counts the second for the person who connected the account. Pages of one person share it, which is not
        counted here; then LinkedIn's own answer decides.
        """
        return (
            _of_the_day(
                "app",
                self.of_app,
                now,
                f"LinkedIn accepts {self.of_app:,} calls a day from the operator's app, by all its accounts together. They are used "
                "up until midnight UTC.",
                is_app_wide=True,
            ),
            _of_the_day(
                "member",
                self.of_member,
                now,
                f"LinkedIn accepts {self.of_member:,} calls a day for one account. They are used up until midnight UTC.",
                is_app_wide=False,
            ),
        )


def _of_the_day(call: str, most: int, now: datetime, sentence: str, *, is_app_wide: bool) -> Limit:
    return Limit(
        call=call,
        most=most,
        window=_DAY + _SPARE,
        late_by=timedelta(minutes=10),
        sentence=sentence,
        is_app_wide=is_app_wide,
        resets_at=next_reset(now),
    )


def next_reset(now: datetime) -> datetime:
    """Return when the calls of the day are counted from zero again, UTC: the next midnight, and a little later."""
    tomorrow = (now - _SPARE).astimezone(UTC).date() + _DAY
    return datetime.combine(tomorrow, time(), tzinfo=UTC) + _SPARE


def until_reset(now: datetime) -> timedelta:
    """Return how long it is until then."""
    return next_reset(now) - now
