"""Waiting for posts: what to read next, without I/O, so that both clients wait in the same way."""

import time
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from presswork_client._arguments import checked_id, checked_timeout, kind_of
from presswork_client.errors import InvalidArgumentError, WaitTimeoutError
from presswork_client.models import ScheduledPost

TERMINAL: Final = frozenset({"published", "draft", "failed", "canceled"})
"""The final states of a post."""
PAGE_LIMIT: Final = 100
"""The number of posts that one list call reads."""
_FIRST_WAIT_SECONDS: Final = 0.25
_LONGEST_WAIT_SECONDS: Final = 5.0


@dataclass(frozen=True, slots=True)
class ReadPost:
    """Read one post."""

    post_id: str


@dataclass(frozen=True, slots=True)
class ListPosts:
    """Read the posts of a container."""

    project_id: str
    container_id: str


@dataclass(frozen=True, slots=True)
class Pause:
    """Wait."""

    seconds: float


Step: TypeAlias = ReadPost | ListPosts | Pause
Steps: TypeAlias = Generator[Step, Sequence[ScheduledPost], list[ScheduledPost]]
"""Yields what to do, gets the posts that were read, and returns all posts."""


def wait_steps(
    post_ids: Iterable[str], timeout_seconds: float | None, on_change: Callable[[ScheduledPost], None]
) -> Steps:
    """Poll posts until each is in a final state, and return them in the order of their ids.

    Posts of one container are read by one list call, so that 50 targets cost as much as one. Raises WaitTimeoutError.
    """
    ids = _checked_ids(post_ids)
    limit = checked_timeout(timeout_seconds)
    until = None if limit is None else time.monotonic() + limit
    found: dict[str, ScheduledPost] = {}
    for pause in _pauses():
        yield from _read_pending(ids, found, on_change)
        pending = [post_id for post_id in ids if found[_key(post_id)].status not in TERMINAL]
        posts = [found[_key(post_id)] for post_id in ids]
        if not pending:
            return posts
        left = pause if until is None else until - time.monotonic()
        if left <= 0:
            raise _timeout(posts, pending, limit)
        yield Pause(min(pause, left))
    raise AssertionError("_pauses() does not end")


def _read_pending(
    ids: Sequence[str], found: dict[str, ScheduledPost], on_change: Callable[[ScheduledPost], None]
) -> Generator[Step, Sequence[ScheduledPost], None]:
    """Read every post that is not finished, once."""
    todo = {_key(post_id): post_id for post_id in ids if _is_pending(found.get(_key(post_id)))}

    def keep(posts: Sequence[ScheduledPost]) -> None:
        for post in posts:
            key = _key(post.id)
            if todo.pop(key, None) is None:
                continue
            before = found.get(key)
            found[key] = post
            if before is None or before.status != post.status:
                on_change(post)

    while todo:
        key = next(iter(todo))
        known = found.get(key)
        if known is None:
            keep((yield ReadPost(todo[key])))
            todo.pop(key, None)
            known = found[key]
        if any(_may_share_container(found.get(other), known) for other in todo if other != key):
            keep((yield ListPosts(known.project_id, known.container_id)))
        if key in todo:
            keep((yield ReadPost(todo[key])))
            todo.pop(key, None)


def _is_pending(post: ScheduledPost | None) -> bool:
    return post is None or post.status not in TERMINAL


def _may_share_container(other: ScheduledPost | None, known: ScheduledPost) -> bool:
    return other is None or other.container_id == known.container_id


def _checked_ids(post_ids: object) -> Sequence[str]:
    if isinstance(post_ids, str) or not isinstance(post_ids, Iterable):
        raise InvalidArgumentError(
            f"post_ids is {kind_of(post_ids)}. Pass a list of ids, such as answer.scheduled_post_ids."
        )
    return [checked_id(f"post_ids[{index}]", post_id) for index, post_id in enumerate(post_ids)]


def _key(post_id: str) -> str:
    """Return what identifies a post: its id without the prefix, which is optional in arguments."""
    return post_id.rpartition("_")[2].lower()


def _pauses() -> Iterator[float]:
    pause = _FIRST_WAIT_SECONDS
    while True:
        yield pause
        pause = min(pause * 1.5, _LONGEST_WAIT_SECONDS)


def _timeout(posts: Sequence[ScheduledPost], pending: Sequence[str], limit: float | None) -> WaitTimeoutError:
    status = {_key(post.id): post.status for post in posts}
    shown = ", ".join(f"{post_id} ({status[_key(post_id)]})" for post_id in pending[:3])
    more = f" and {len(pending) - 3} more" if len(pending) > 3 else ""
    verb = "is" if len(pending) == 1 else "are"
    return WaitTimeoutError(
        f"{shown}{more} {verb} not finished after {limit or 0:g} seconds. Processing continues; the timeline of a post shows "
        "what it is waiting for.",
        posts=posts,
        pending_ids=pending,
    )
