"""`python -m chaos.skewed …`: run `presswork …` with the wall clock off by CHAOS_CLOCK_OFFSET_SECONDS."""

import os
from datetime import datetime, timedelta
from typing import Final

from presswork.cli.main import app
from presswork.core.clock import SystemClock

OFFSET: Final = "CHAOS_CLOCK_OFFSET_SECONDS"


def skew(offset: timedelta) -> None:
    """Add `offset` to the wall clock of this process."""
    system_now = SystemClock.now

    def now(self: SystemClock) -> datetime:
        return system_now(self) + offset

    SystemClock.now = now  # type: ignore[method-assign]  # the program's only source of wall clock time


if __name__ == "__main__":
    skew(timedelta(seconds=float(os.environ[OFFSET])))
    app(prog_name="presswork")
