"""When a post's current error window started, and how long the post waits.

Errors, rate limits, and errors with a separate time limit have separate windows. Time at a rate limit does not count as an
error, and an error in between does not restart the wait for a limit.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from pydantic import JsonValue

from presswork.core.backoff import backoff
from presswork.platforms.errors import PlatformError, TryLater
from presswork.platforms.port import RetryPolicy
from presswork.worker.post_row import PostRow

THROTTLED_LIMIT: Final = timedelta(hours=48)
"""How long a post may wait for rate limits: twice the longest window of any platform."""
_THROTTLED_WAIT: Final = timedelta(minutes=1)
"""First wait at a rate limit without a known end; each later wait is as long as the limit has lasted."""
_THROTTLED_MAX: Final = timedelta(hours=1)
"""Longest of these waits, unless the first one is longer than a quarter of it."""
_RECHECKED: Final = timedelta(minutes=2)
"""Waits up to this length are not shortened where the platform's clock may be moved."""
_OWN: Final = "keep_ownWindow"
"""The platform's code of the last error, if it has a separate time limit, and when a row of such errors started."""
_LIMIT: Final = "keep_limit"
"""When the wait for a limit started, errors in between included, and whether the last wait was for a limit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CountedError:
    """A temporary error of a post, counted."""

    error_count: int
    """Errors in the window, this one included."""
    since: datetime
    """When the window started, UTC."""
    lasted: timedelta
    """How long errors with the same time limit have lasted."""
    wait: timedelta
    is_over: bool
    """Whether the wait would end after the time limit."""
    state: Mapping[str, JsonValue]
    """The state of the post with what the next error needs."""


def count_error(
    post: PostRow, error: TryLater, retry_policy: RetryPolicy, *, retried_for: timedelta, jitter: float, now: datetime
) -> CountedError:
    """Count an error. Errors last for at most `retried_for` if that is longer than the policy's limit; `jitter` is in [0, 1)."""
    limit = THROTTLED_LIMIT if error.is_throttled else max(retry_policy.fault_limit, retried_for)
    since = window_start(post, is_limit=error.is_throttled, forgotten_after=limit, now=now)
    began = _row_start(post, error, since=since, now=now)
    error_count = 1 if since == now else post.error_count + 1
    wait = (
        limit_wait(retry_policy, error, lasted=now - since)
        if error.is_throttled
        else retry_wait(retry_policy, error, error_count=error_count, jitter=jitter)
    )
    left = (error.lasts_at_most or limit) - (now - began)
    if not error.is_throttled and error.retry_after is not None and left > timedelta():
        wait = min(wait, left)  # a server that asks for a longer wait is called once more, as at a limit
    return CountedError(
        error_count=error_count,
        since=since,
        lasted=now - began,
        wait=wait,
        is_over=wait > left,
        state=_with_windows(post.state, error, since=since, began=began),
    )


def window_start(post: PostRow, *, is_limit: bool, forgotten_after: timedelta, now: datetime) -> datetime:
    """Return when the window started; `now` if there is none or its last error is older than `forgotten_after`."""
    if post.last_error_at is None or now - post.last_error_at > forgotten_after:
        return now
    since, was_last = _read_limit(post.state)
    if is_limit and since is not None:
        return since
    if was_last and not is_limit:
        return now
    return post.first_error_at or now


def _row_start(post: PostRow, error: TryLater, *, since: datetime, now: datetime) -> datetime:
    """Return when the row of errors with this code started, if the error has a separate time limit; else `since`."""
    if error.lasts_at_most is None:
        return since
    match post.state.get(_OWN):
        case [str(code), str(began)] if code == error.platform_code and since < now:
            return datetime.fromisoformat(began)
        case _:
            return now


def _with_windows(
    state: Mapping[str, JsonValue], error: TryLater, *, since: datetime, began: datetime
) -> Mapping[str, JsonValue]:
    """Return the state with the start of the wait for a limit, and of a row of errors with a separate time limit."""
    changed = {name: value for name, value in state.items() if name != _OWN}
    if error.lasts_at_most is not None:
        changed[_OWN] = [error.platform_code or "", began.isoformat()]
    kept = since if error.is_throttled else _read_limit(state)[0]
    return changed if kept is None else {**changed, _LIMIT: [kept.isoformat(), error.is_throttled]}


def retry_wait(retry_policy: RetryPolicy, error: TryLater, *, error_count: int, jitter: float) -> timedelta:
    """Return how long to wait after an error: as long as the platform asks, else with backoff. `jitter` is in [0, 1)."""
    if error.retry_after is not None:
        return _rechecked(retry_policy, error.retry_after)
    full = backoff(retry_policy.backoff_first, retry_policy.backoff_max, failures=error_count - 1)
    return full * (0.5 + jitter / 2)


def wait_after(
    retry_policy: RetryPolicy, error: PlatformError, *, lasted: timedelta, otherwise: timedelta
) -> timedelta:
    """Return how long to wait after an error: until a limit that has lasted for `lasted` ends, else as the platform asks.

    `otherwise` is for an error that says nothing.
    """
    if isinstance(error, TryLater) and error.is_throttled:
        return limit_wait(retry_policy, error, lasted=lasted)
    if isinstance(error, TryLater) and error.retry_after is not None:
        return _rechecked(retry_policy, error.retry_after)
    return otherwise


def limit_wait(retry_policy: RetryPolicy, error: TryLater, *, lasted: timedelta) -> timedelta:
    """Return how long to wait at a limit that has lasted for `lasted`: its known end, else as long again.

    The last wait ends with the time limit, so that there is one more attempt.
    """
    first = error.first_wait or _THROTTLED_WAIT
    guess = min(max(first, lasted), max(_THROTTLED_MAX, 4 * first), error.at_latest or timedelta.max)
    is_known = error.retry_after is not None
    wait = guess if error.retry_after is None else error.retry_after
    checked = _rechecked(retry_policy, wait, lasted=lasted)
    left = THROTTLED_LIMIT - lasted
    return checked if (is_known and checked == wait) or left <= timedelta() else min(checked, left)


def _rechecked(retry_policy: RetryPolicy, wait: timedelta, *, lasted: timedelta = timedelta()) -> timedelta:
    """Return a wait, shortened where the platform's clock may be moved, by which the wait may be over sooner."""
    recheck = retry_policy.limit_recheck
    return wait if recheck is None or wait <= _RECHECKED else min(wait, max(recheck, lasted / 4))


def _read_limit(state: Mapping[str, JsonValue]) -> tuple[datetime | None, bool]:
    match state.get(_LIMIT):
        case [str(since), bool(was_last)]:
            return datetime.fromisoformat(since), was_last
        case _:
            return None, False
