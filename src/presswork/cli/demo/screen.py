"""The demo's output: progress while posts are published, and the result of each."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Final

from rich.console import Console
from rich.live import Live
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from presswork.cli.client.show import styled
from presswork.cli.demo.posts import FollowedPost
from presswork.cli.output import table_of
from presswork_client import APIStatusError, models

_WIDE_COLUMNS: Final = 160
"""Terminals at least this wide fit a table with unbroken links."""


class Screen:
    """Prints the demo: moving tables on a terminal, plain lines elsewhere."""

    def __init__(self, out: Console) -> None:
        """Print to a console; the times shown are counted from now."""
        self._out: Final = out
        self._began: Final = time.monotonic()

    def chapter(self, title: str) -> None:
        """Print the title of the chapter that starts."""
        self._out.print(f"\n[bold]{escape(title)}[/]")

    def summary(self, chapters: Mapping[str, bool]) -> None:
        """Print which chapters passed."""
        self._out.print()
        rows = [
            (escape(title), "[green]passed[/]" if is_good else "[bold red]FAILED[/]")
            for title, is_good in chapters.items()
        ]
        self._out.print(table_of(("chapter", "result"), rows))
        self._out.print()

    def step(self, text: str) -> None:
        """Print a step that is done, and when."""
        self._out.print(f"[dim]{self._seconds():5.1f} s[/]  {escape(text)}")

    def refusal(self, action: str, error: APIStatusError) -> None:
        """Print an expected refusal, with the API's own message."""
        self._out.print(
            f"[dim]{self._seconds():5.1f} s[/]  {escape(action)}: "
            f"[yellow]{error.status_code} {escape(error.code or '')}[/]\n"
            f"         [dim]{escape(error.message)}[/]"
        )

    def success(self, result: str, rest: str) -> None:
        """Print a result that is as expected."""
        self._out.print(f"[bold green]{escape(result)}[/]{escape(rest)}")

    def failure(self, sentence: str) -> None:
        """Print what is not as expected."""
        self._out.print(f"[bold red]{escape(sentence)}[/]")

    @contextmanager
    def progress(self, posts: Sequence[FollowedPost]) -> Iterator[Callable[[FollowedPost], None]]:
        """Show the posts while they are published; yields a callback for a post that changed."""
        if not self._out.is_terminal:
            yield self._print_change
            return
        with Live(console=self._out, refresh_per_second=8, get_renderable=lambda: _running(posts), transient=True):
            yield lambda _post: None

    def _print_change(self, post: FollowedPost) -> None:
        self.step(f"{post.label} → {post.account}: {post.status}")

    def outcome(self, posts: Sequence[FollowedPost], *, url: str) -> None:
        """Print the result of each post."""
        columns = ("content", "account", "status", "time", "first comment", "link")
        rows = [_row(post, url=url) for post in posts]
        self._out.print()
        if self._out.width >= _WIDE_COLUMNS:
            self._out.print(table_of(columns, rows))
        else:  # a broken link can't be clicked, so each link has its own line
            widths = [max(len(Text.from_markup(row[place])) for row in rows) for place in range(len(columns))]
            for row in rows:
                cells = (
                    f"{cell}{' ' * (width - len(Text.from_markup(cell)))}"
                    for cell, width in zip(row[:-1], widths[:-1], strict=True)
                )
                self._out.print("  ".join(cells).rstrip())
                self._out.print(f"  [dim]{row[-1]}[/]")
        self._out.print()

    def timeline(self, post: FollowedPost, entries: Sequence[models.TimelineItem]) -> None:
        """Print a post's timeline."""
        self._out.print(f"[bold]{escape(f'{post.label} → {post.account}')}[/] ({post.id})")
        for entry in entries:
            self._out.print(f"  {entry.at:%H:%M:%S.%f}  {entry.event}: {escape(entry.message)}")

    def say(self, text: str) -> None:
        """Print a line, which may have Rich markup."""
        self._out.print(text)

    def _seconds(self) -> float:
        return time.monotonic() - self._began


def _link(post: FollowedPost, *, url: str) -> str | None:
    """Return the post's permalink, which the sandbox serves under its own address; drafts are on the sandbox's phone."""
    if post.status == "draft":
        return f"{url}/sandbox/phone"
    permalink = None if post.latest is None else post.latest.external_url
    if permalink is None or permalink.startswith(url):
        return permalink
    return f"{url}/sandbox/{permalink.removeprefix('https://')}"


def _running(posts: Sequence[FollowedPost]) -> Table:
    done = sum(post.is_settled for post in posts)
    table = Table(title=f"{done} of {len(posts)} posts finished", title_justify="left", box=None, padding=(0, 2, 0, 0))
    labels = list(dict.fromkeys(post.label for post in posts))
    for column in ("account", *labels):
        table.add_column(column)
    by_place = {(post.account.id, post.label): post for post in posts}
    for account in dict.fromkeys(post.account for post in posts):
        places = [by_place.get((account.id, label)) for label in labels]
        table.add_row(str(account), *("" if post is None else _progress(post) for post in places))
    return table


def _row(post: FollowedPost, *, url: str) -> list[str]:
    return [
        post.label,
        str(post.account),
        styled(post.status),
        "—" if post.took is None else f"{post.took.total_seconds():.1f} s",
        (post.latest.first_comment_status if post.latest else None) or "—",
        escape(_link(post, url=url) or "—"),
    ]


def _progress(post: FollowedPost) -> str:
    status = styled(post.status)
    return status if post.took is None else f"{status} {post.took.total_seconds():.1f} s"
