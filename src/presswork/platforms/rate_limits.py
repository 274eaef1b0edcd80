"""Reserves calls that a platform rate-limits per account, so that the platform never has to refuse one, and makes the limits of a day."""

from datetime import UTC, datetime, time, timedelta, tzinfo
from typing import Final

from pydantic import JsonValue

from presswork.platforms.errors import FailureCode, TryLater
from presswork.platforms.port import Job, Limit

_KEPT: Final = "keep_reservations"
"""Reservations that a post waits for or may use again, by call; they are kept when a post starts over."""
SHORT_WAIT: Final = timedelta(seconds=2)
_SPARE: Final = timedelta(minutes=1)
"""Margin for the difference between a platform's clock and ours."""


def next_midnight(now: datetime, zone: tzinfo) -> datetime:
    """Return when a platform counts the calls of a day from zero again, UTC: the next midnight in its zone, and a little later."""
    tomorrow = (now - _SPARE).astimezone(zone).date() + timedelta(days=1)
    return datetime.combine(tomorrow, time(), tzinfo=zone).astimezone(UTC) + _SPARE


def daily_limit(
    call: str, max_calls: int, sentence: str, *, resets_at: datetime, window: timedelta, is_app_wide: bool = True
) -> Limit:
    """Return a limit of calls a day, which a platform counts until `resets_at`; `window` is the longest day, with a margin."""
    return Limit(
        call=call,
        max_calls=max_calls,
        window=window,
        late_by=timedelta(minutes=10),
        sentence=sentence,
        is_app_wide=is_app_wide,
        resets_at=resets_at,
    )


async def reserve(job: Job, limit: Limit, *, step: str, calls: int = 1, max_wait: timedelta = SHORT_WAIT) -> None:
    """Reserve a rate-limited call of the account or of the app, or several at once, and wait until it may be made.

    A wait of up to `max_wait` happens here. A longer one raises TryLater (throttled, with the wait), and the reservation
    is kept in the job's state until the post resumes. Where the limit counts posts, the next tries of the post use it, too.
    """
    kept, now = _load_reservations(job), job.now()
    at = _find_usable(kept.pop(limit.counter, None), limit, calls, now)
    if at is None:
        at = await job.reserve(limit, calls=calls)
    if limit.resets_at is not None and at >= limit.resets_at > now:
        # All calls of this period are reserved. Those of the next one are counted under another name.
        raise _must_wait(limit, limit.resets_at - now, step=step)
    reservations: JsonValue = {**kept, limit.counter: {"at": at.isoformat(), "calls": calls}}
    if at - now > max_wait:
        await job.save(**{_KEPT: reservations})
        raise _must_wait(limit, at - now, step=step)
    if limit.counts_posts:
        job.save_later(**{_KEPT: reservations})
    elif limit.counter in _load_reservations(job):
        await job.save(**{_KEPT: kept or None})
    if at > now:
        await job.sleep(at - now)


def _must_wait(limit: Limit, wait: timedelta, *, step: str) -> TryLater:
    return TryLater(
        limit.sentence,
        step=step,
        retry_after=wait,
        is_throttled=True,
        failure=FailureCode.PLATFORM_LIMIT,  # Presswork's own count: the platform was not asked
    )


def _load_reservations(job: Job) -> dict[str, JsonValue]:
    stored = job.state.get(_KEPT)
    return dict(stored) if isinstance(stored, dict) else {}


def _find_usable(kept: JsonValue, limit: Limit, calls: int, now: datetime) -> datetime | None:
    """Return the instant of a kept reservation, unless it has expired or was for fewer calls."""
    match kept:
        case {"at": str(text), "calls": int(count)} if count >= calls:
            at = datetime.fromisoformat(text)
            return at if now <= at + limit.late_by else None
        case _:
            return None
