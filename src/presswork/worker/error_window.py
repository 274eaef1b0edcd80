"""Since when a post has been in trouble, or at a limit: the two are told apart.

Hours at a limit are no trouble, and a trouble in between does not begin the waits for a limit anew.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from pydantic import JsonValue

from presswork.worker.post_row import PostRow

_LIMIT: Final = "keep_limit"
"""Since when the post has been waiting at a limit, troubles in between included, and whether that was its last wait."""


def lasting_since(post: PostRow, *, is_limit: bool, forgotten_after: timedelta, now: datetime) -> datetime:
    """Return since when it has been like this; now, if it has not, or if the last time was longer ago than that."""
    if post.last_error_at is None or now - post.last_error_at > forgotten_after:
        return now
    since, was_last = _kept(post.state)
    if is_limit and since is not None:
        return since
    if was_last and not is_limit:
        return now
    return post.first_error_at or now


def with_limit(state: Mapping[str, JsonValue], *, is_limit: bool, since: datetime) -> Mapping[str, JsonValue]:
    """Return the state with what the next time has to know."""
    kept = since if is_limit else _kept(state)[0]
    return state if kept is None else {**state, _LIMIT: [kept.isoformat(), is_limit]}


def _kept(state: Mapping[str, JsonValue]) -> tuple[datetime | None, bool]:
    match state.get(_LIMIT):
        case [str(since), bool(was_last)]:
            return datetime.fromisoformat(since), was_last
        case _:
            return None, False
