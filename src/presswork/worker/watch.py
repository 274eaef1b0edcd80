"""Noticing that the machine's clock was set: the time of day against the time that has really passed."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from presswork.core.clock import Clock

NOTICED: Final = timedelta(seconds=1)
"""A clock that is corrected by less than this between two looks was not set, only trimmed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """One look at the clock."""

    now: datetime
    """UTC."""
    uptime: timedelta
    """The clock's uptime at that moment."""
    set_by: timedelta
    """How far the clock was set since the look before; below zero: back; zero: it was not."""
    lapsed_by: datetime
    """When a lease has to have ended for its worker to count as dead."""


class Watch:
    """Looks at a clock again and again, and notices when it was set.

    A clock that was set forward makes every lease look lapsed, although its worker had no chance to renew it. So for the
    length of a lease from then on, leases are judged by the time that the clock would have shown.
    """

    def __init__(self, clock: Clock, *, lease: timedelta) -> None:
        """Take the clock, and how long leases are."""
        self._clock: Final = clock
        self._lease: Final = lease
        self._started_at: datetime = clock.now() - clock.uptime()
        self._forward = timedelta()
        self._until = clock.uptime()

    def look(self) -> Look:
        """Return what the clock shows, and whether it was set since the last look."""
        now, uptime = self._clock.now(), self._clock.uptime()
        shift = now - uptime - self._started_at
        self._started_at += shift
        set_by = shift if abs(shift) >= NOTICED else timedelta()
        if uptime >= self._until:
            self._forward = timedelta()
        if set_by > timedelta():
            self._until = uptime + self._lease
        self._forward = max(timedelta(), self._forward + set_by)
        return Look(now=now, uptime=uptime, set_by=set_by, lapsed_by=now - self._forward)
