"""When a post's current error window started. Errors and rate limits have separate windows.

Time at a rate limit does not count as an error, and an error in between does not restart the wait for a limit.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from pydantic import JsonValue

from presswork.worker.post_row import PostRow

_LIMIT: Final = "keep_limit"
"""When the wait for a limit started, errors in between included, and whether the last wait was for a limit."""


def window_start(post: PostRow, *, is_limit: bool, forgotten_after: timedelta, now: datetime) -> datetime:
    """Return when the window started; `now` if there is none or its last error is older than `forgotten_after`."""
    if post.last_error_at is None or now - post.last_error_at > forgotten_after:
        return now
    since, was_last = _kept(post.state)
    if is_limit and since is not None:
        return since
    if was_last and not is_limit:
        return now
    return post.first_error_at or now


def with_limit(state: Mapping[str, JsonValue], *, is_limit: bool, since: datetime) -> Mapping[str, JsonValue]:
    """Return the state with the start of the wait for a limit."""
    kept = since if is_limit else _kept(state)[0]
    return state if kept is None else {**state, _LIMIT: [kept.isoformat(), is_limit]}


def _kept(state: Mapping[str, JsonValue]) -> tuple[datetime | None, bool]:
    match state.get(_LIMIT):
        case [str(since), bool(was_last)]:
            return datetime.fromisoformat(since), was_last
        case _:
            return None, False
