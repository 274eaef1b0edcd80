"""Waits until a platform has processed what was uploaded."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Final, TypeVar

from presswork.platforms.port import Job, RetryPolicy

Report = TypeVar("Report")

SMALLER_FILE: Final = "Publish again later; if it happens again, use a smaller file."
"""The advice where the time was over."""
_GROWTH: Final = 1.5


async def poll(
    job: Job,
    retry_policy: RetryPolicy,
    read: Callable[[], Awaitable[Report]],
    *,
    until: Callable[[Report], bool],
    since: datetime,
    limit: timedelta | None = None,
    waits_first: bool = False,
) -> Report:
    """Read what the platform reports, until that is the end (ready, or failed) or the time is over; return the last report.

    The time is over `limit` (by default the policy's `processing_limit`) after `since`. The waits grow by half from `poll_first` to
    `poll_max`. `waits_first`: the first read would be too early. Raises what `read` raises.
    """
    limit = retry_policy.processing_limit if limit is None else limit
    pause = retry_policy.poll_first
    while True:
        if waits_first:
            await job.sleep(pause)
            pause = min(pause * _GROWTH, retry_policy.poll_max)
        waits_first = True
        report = await read()
        if until(report) or job.now() - since >= limit:
            return report
