"""A worker process whose wall clock is wrong.

Started as `python -m tests.worker.skewed_worker DSN BASE_URL DATA_DIR OFFSET_SECONDS`; works until its stdin ends.
"""

import asyncio
import sys
from datetime import datetime, timedelta
from pathlib import Path

from presswork.core.clock import SystemClock
from presswork.platforms.settings import Settings
from presswork.worker.main import run_worker


class SkewedClock(SystemClock):
    """The machine's clock, off by so much."""

    def __init__(self, offset: timedelta) -> None:
        """Take how far it is ahead; negative: behind."""
        self._offset = offset

    def now(self) -> datetime:
        """Return the wrong time, UTC."""
        return super().now() + self._offset


async def main(dsn: str, base_url: str, data_dir: str, offset_seconds: str) -> None:
    """Work until stdin ends."""
    stop = asyncio.Event()
    settings = Settings(
        _env_file=None,
        data_dir=Path(data_dir),
        allow_private_media=True,
        media_processes=1,
        worker_lease=timedelta(seconds=6),
    )
    clock = SkewedClock(timedelta(seconds=float(offset_seconds)))
    async with asyncio.TaskGroup() as group:
        group.create_task(run_worker(settings, dsn=dsn, base_url=base_url, clock=clock, stop=stop))
        await asyncio.to_thread(sys.stdin.read)
        stop.set()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
