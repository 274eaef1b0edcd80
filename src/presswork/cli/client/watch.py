"""Watching posts until they are over: a moving table on a terminal, a line for each change elsewhere."""

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from rich.live import Live
from rich.markup import escape

from presswork.cli.client.show import STYLES, outcome_of, post_table
from presswork.cli.output import console
from presswork_client import ScheduledPost

OVER: Final = frozenset({"published", "draft", "failed", "canceled"})
GOOD: Final = frozenset({"published", "draft"})
_EVERY_SECONDS: Final = 0.5
_CALM_SECONDS: Final = 2.0
"""How often it looks once posts have been under way for a while."""
_HASTE_SECONDS: Final = 30.0


def watch(
    look: Callable[[], Sequence[ScheduledPost]],
    names: Mapping[str, str],
    *,
    until_over: bool,
    timeout_seconds: float | None = None,
    quiet: bool = False,
) -> Sequence[ScheduledPost]:
    """Look at posts again and again; return them as they were last.

    With `until_over`, until each is over or the time is; otherwise for ever (Ctrl-C ends it). `quiet` shows nothing.
    """
    out, began, told = console(), time.monotonic(), dict[str, str]()
    with Live(console=out, auto_refresh=False, transient=True) if out.is_terminal and not quiet else _Nothing() as live:
        while True:
            posts = look()
            if isinstance(live, Live):
                live.update(post_table(posts, names), refresh=True)
            elif not quiet:
                for post in posts:
                    if told.get(post.id) != post.status:
                        told[post.id] = post.status
                        _print_change(post, names)
            passed = time.monotonic() - began
            if until_over and all(post.status in OVER for post in posts):
                return posts
            if timeout_seconds is not None and passed > timeout_seconds:
                return posts
            time.sleep(_EVERY_SECONDS if passed < _HASTE_SECONDS else _CALM_SECONDS)


class _Nothing:
    """Stands where nothing moves."""

    def __enter__(self) -> None:
        """Show nothing."""

    def __exit__(self, *_: object) -> None:
        """Nothing was shown."""


def _print_change(post: ScheduledPost, names: Mapping[str, str]) -> None:
    name, outcome = names.get(post.social_account_id, post.social_account_id), outcome_of(post)
    style = STYLES.get(post.status, "none")
    console().print(f"{escape(name)}: [{style}]{post.status}[/]{f' — {escape(outcome)}' if outcome else ''}")
