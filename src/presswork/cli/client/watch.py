"""Follows posts until they are finished: a live table on a terminal, a line for each change elsewhere."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from typing import TYPE_CHECKING, Final

import typer
from rich.console import Group
from rich.live import Live

from presswork.cli.client.show import POST_COLUMNS, POST_LAYOUT, post_rows
from presswork.cli.output import console, say
from presswork.cli.table import Table, tab_separated

if TYPE_CHECKING:
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
    is_live = sys.stdout.isatty() and not quiet
    with Live(console=out, auto_refresh=False, transient=True) if is_live else nullcontext() as live:
        if not (until_finished or is_live or quiet):
            _print_rows([POST_COLUMNS])
        while True:
            posts = fetch()
            table = Table(POST_COLUMNS, post_rows(posts, names), POST_LAYOUT)
            if isinstance(live, Live):
                live.update(Group(*table.lines(out.width)), refresh=True)
            elif not quiet:
                changed = [post for post in posts if shown.get(post.id) != post.status]
                shown |= {post.id: post.status for post in changed}
                if until_finished:
                    for post in changed:
                        name = names.get(post.social_account_id, post.social_account_id)
                        say(f"{name}: {post.status}")
                else:
                    _print_rows(post_rows(changed, names))
            passed = time.monotonic() - began
            if until_finished and all(post.status in TERMINAL for post in posts):
                return posts
            if timeout_seconds is not None and passed > timeout_seconds:
                return posts
            time.sleep(_POLL_SECONDS if passed < _SLOW_POLL_AFTER_SECONDS else _SLOW_POLL_SECONDS)


def _print_rows(rows: Sequence[Sequence[object]]) -> None:
    """Print rows of a list that grows, each at once."""
    for row in rows:
        typer.echo(tab_separated(row))
