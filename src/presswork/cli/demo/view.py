"""What the demo shows: progress while posts go out, and what became of each."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Final

from rich.console import Console
from rich.live import Live
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from presswork.cli.demo.client import Refusal
from presswork.cli.demo.story import Account, TimelineEntry, Watched

_WIDE_COLUMNS: Final = 160
"""Columns from which on a table with whole links fits."""
_STYLES: Final = {
    "published": "green",
    "draft": "green",
    "failed": "bold red",
    "canceled": "yellow",
    "publishing": "cyan",
}


class View:
    """Shows the demo: with moving tables on a terminal, in plain lines elsewhere."""

    def __init__(self, out: Console) -> None:
        """Take the console to show it on."""
        self._out: Final = out
        self._began: Final = time.monotonic()

    def chapter(self, title: str) -> None:
        """Tell what comes now."""
        self._out.print(f"\n[bold]{escape(title)}[/]")

    def summary(self, chapters: Mapping[str, bool]) -> None:
        """Show which chapters came out well."""
        self._out.print()
        rows = [
            (escape(title), "[green]right[/]" if is_good else "[bold red]WRONG[/]")
            for title, is_good in chapters.items()
        ]
        self._out.print(_table(("shown", "came out"), rows))
        self._out.print()

    def step(self, text: str) -> None:
        """Tell that something is done."""
        self._out.print(f"[dim]{self._seconds():5.1f} s[/]  {escape(text)}")

    def refusal(self, text: str, status: int, refusal: Refusal) -> None:
        """Tell that something was refused, as it had to be, and in which words."""
        self._out.print(
            f"[dim]{self._seconds():5.1f} s[/]  {escape(text)}: [yellow]{status} {escape(refusal.code)}[/]\n"
            f"         [dim]{escape(refusal.message)}[/]"
        )

    @contextmanager
    def progress(self, posts: Sequence[Watched]) -> Iterator[Callable[[Watched], None]]:
        """Show the posts while they go out; yields what is to be called with a post when there is news of it."""
        if not self._out.is_terminal:
            yield self._tell
            return
        with Live(console=self._out, refresh_per_second=8, get_renderable=lambda: _running(posts), transient=True):
            yield lambda _post: None

    def _tell(self, post: Watched) -> None:
        self.step(f"{post.label} → {_name(post.account)}: {post.status}")

    def outcome(self, posts: Sequence[Watched], *, url: str) -> None:
        """Show what became of each post."""
        columns = ("content", "account", "state", "time", "first comment", "link")
        rows = [_row(post, url=url) for post in posts]
        self._out.print()
        if self._out.width >= _WIDE_COLUMNS:
            self._out.print(_table(columns, rows))
        else:  # a link that is cut up can't be clicked: each gets a line of its own
            widths = [max(len(Text.from_markup(row[place])) for row in rows) for place in range(len(columns))]
            for row in rows:
                cells = (
                    f"{cell}{' ' * (width - len(Text.from_markup(cell)))}"
                    for cell, width in zip(row[:-1], widths[:-1], strict=True)
                )
                self._out.print("  ".join(cells).rstrip())
                self._out.print(f"  [dim]{row[-1]}[/]")
        self._out.print()

    def timeline(self, post: Watched, entries: Sequence[TimelineEntry]) -> None:
        """Show everything that happened to a post."""
        self._out.print(f"[bold]{escape(f'{post.label} → {_name(post.account)}')}[/] ({post.id})")
        for entry in entries:
            self._out.print(f"  {entry.at:%H:%M:%S.%f}  {entry.event}: {escape(entry.message)}")

    def say(self, text: str) -> None:
        """Print a line; may hold Rich's markup."""
        self._out.print(text)

    def _seconds(self) -> float:
        return time.monotonic() - self._began


def link_of(post: Watched, *, url: str) -> str | None:
    """Return where the post can be looked at: its address on the platform, which the sandbox serves under its own.

    A draft is on the sandbox's phone.
    """
    if post.status == "draft":
        return f"{url}/sandbox/phone"
    if post.external_url is None or post.external_url.startswith(url):
        return post.external_url
    return f"{url}/sandbox/{post.external_url.removeprefix('https://')}"


def _running(posts: Sequence[Watched]) -> Table:
    done = sum(post.is_settled for post in posts)
    table = Table(title=f"{done} of {len(posts)} done", title_justify="left", box=None, padding=(0, 2, 0, 0))
    labels = list(dict.fromkeys(post.label for post in posts))
    for column in ("account", *labels):
        table.add_column(column)
    by_place = {(post.account.id, post.label): post for post in posts}
    for account in dict.fromkeys(post.account for post in posts):
        places = [by_place.get((account.id, label)) for label in labels]
        table.add_row(_name(account), *("" if post is None else _progress(post) for post in places))
    return table


def _row(post: Watched, *, url: str) -> list[str]:
    return [
        post.label,
        _name(post.account),
        _state(post),
        "—" if post.took is None else f"{post.took.total_seconds():.1f} s",
        post.first_comment_status or "—",
        escape(link_of(post, url=url) or "—"),
    ]


def _table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*row)
    return table


def _state(post: Watched) -> str:
    style = _STYLES.get(post.status)
    return f"[{style}]{post.status}[/]" if style else post.status


def _progress(post: Watched) -> str:
    return _state(post) if post.took is None else f"{_state(post)} {post.took.total_seconds():.1f} s"


def _name(account: Account) -> str:
    return f"{account.platform} @{account.handle}"
