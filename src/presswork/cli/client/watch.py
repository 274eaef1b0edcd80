"""Follows posts until they are finished: a live table on a terminal, a line for each change elsewhere."""

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from typing import Final

from rich.live import Live
from rich.markup import escape

from presswork.cli.client.show import outcome_of, post_table, styled
from presswork.cli.output import console
from presswork_client import ScheduledPost

TERMINAL: Final = frozenset({"published", "draft", "failed", "canceled"})
SUCCESSFUL: Final = frozenset({"published", "draft"})
_POLL_SECONDS: Final = 0.5
_SLOW_POLL_SECONDS: Final = 2.0
_SLOW_POLL_AFTER_SECONDS: Final = 30.0


def watch(
    fetch: Callable[[], Sequence[ScheduledPost]],
    names: Mapping[str, str],
    *,
    until_finished: bool,
    timeout_seconds: float | None = None,
    quiet: bool = False,
) -> Sequence[ScheduledPost]:
    """Poll posts and return their last state.

    With `until_finished`, stop when all are finished or the timeout is over; otherwise run until Ctrl-C. `quiet` prints nothing.
    """
    out, began, shown = console(), time.monotonic(), dict[str, str]()
    with (
        Live(console=out, auto_refresh=False, transient=True)
        if out.is_terminal and not quiet
        else nullcontext() as live
    ):
        while True:
            posts = fetch()
            if isinstance(live, Live):
                live.update(post_table(posts, names), refresh=True)
            elif not quiet:
                for post in posts:
                    if shown.get(post.id) != post.status:
                        shown[post.id] = post.status
                        _print_change(post, names)
            passed = time.monotonic() - began
            if until_finished and all(post.status in TERMINAL for post in posts):
                return posts
            if timeout_seconds is not None and passed > timeout_seconds:
                return posts
            time.sleep(_POLL_SECONDS if passed < _SLOW_POLL_AFTER_SECONDS else _SLOW_POLL_SECONDS)


def _print_change(post: ScheduledPost, names: Mapping[str, str]) -> None:
    name, outcome = names.get(post.social_account_id, post.social_account_id), outcome_of(post)
    console().print(f"{escape(name)}: {styled(post.status)}{f' — {escape(outcome)}' if outcome else ''}")
