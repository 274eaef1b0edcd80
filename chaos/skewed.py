"""`python -m chaos.skewed …`: the program, on a machine whose wall clock is off by CHAOS_CLOCK_OFFSET_SECONDS."""

import os
from datetime import datetime, timedelta
from typing import Final

from presswork.cli.main import app
from presswork.core.clock import SystemClock

OFFSET: Final = "CHAOS_CLOCK_OFFSET_SECONDS"


def skew(offset: timedelta) -> None:
    """Set this process's wall clock off."""
    right = SystemClock.now

    def now(self: SystemClock) -> datetime:
        return right(self) + offset

    SystemClock.now = now  # type: ignore[method-assign]  # what the program reads the time of day by


if __name__ == "__main__":
    skew(timedelta(seconds=float(os.environ[OFFSET])))
    app(prog_name="presswork")
