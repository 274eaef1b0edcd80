"""What a look-up returns while a platform can't be asked what became of a post: no single failed read decides."""

from datetime import datetime, timedelta
from typing import Final

from presswork.platforms.errors import PlatformError, TryLater
from presswork.platforms.findings import in_seconds
from presswork.platforms.port import CannotTell, Job, RetryPolicy

_SINCE: Final = "unreadableSince"
"""When the first read failed since the last one that succeeded or met a limit, UTC."""
LONGEST_HINT: Final = timedelta(minutes=5)
"""Longest wait between two reads that a Retry-After may cause, except at a limit: the outcome is overdue."""
_LONGEST_OUTAGE: Final = timedelta(hours=2)
"""How long reads may fail at most where each failure announces a long outage."""


async def read_succeeded(job: Job) -> None:
    """Forget the failed reads before this one."""
    await _set_since(job, None)


async def read_failed(
    job: Job, error: PlatformError, retry_policy: RetryPolicy, *, throttled_for: timedelta, unknown: str, at_last: str
) -> CannotTell:
    """Return that the post is looked up again, with growing waits, until reads have failed for `unknown_after`.

    They may fail longer where the platform announces it, within bounds. A refusal for a limit is no failed read: it ends
    the row, and may last `throttled_for` after the live call. `unknown` is the sentence for the time until then;
    `at_last` says, before a duration, what did not happen in it.
    """
    elapsed = job.now() - job.live_call_at if job.live_call_at is not None else timedelta()
    hint = (error.retry_after or error.first_wait if isinstance(error, TryLater) else None) or timedelta()
    if isinstance(error, TryLater) and error.is_throttled:
        await _set_since(job, None)
        lasted, limit = elapsed, throttled_for
    else:
        lasted = job.now() - await _failing_since(job)
        limit = max(retry_policy.unknown_after, min(hint, _LONGEST_OUTAGE))
        hint = min(hint, LONGEST_HINT)
    if lasted >= limit:
        return CannotTell(message=f"{at_last} for {in_seconds(lasted)}. The last time: {error.what}", check_after=None)
    check_after = max(retry_policy.poll_after(elapsed), hint)
    return CannotTell(message=f"{unknown} {error.what}", check_after=check_after, error=error)


async def _failing_since(job: Job) -> datetime:
    stored = job.state.get(_SINCE)
    since = datetime.fromisoformat(stored) if isinstance(stored, str) else job.now()
    await _set_since(job, since)
    return since


async def _set_since(job: Job, since: datetime | None) -> None:
    """Store it, if it changes."""
    text = None if since is None else since.isoformat()
    if job.state.get(_SINCE) != text:
        await job.save(**{_SINCE: text})
