"""The demo's output: progress while posts are published, and the result of each."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from typing import Final

from rich.console import Console
from rich.live import Live
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from presswork.cli.client.show import link_of, styled
from presswork.cli.demo.posts import FollowedPost
from presswork.cli.table import Layout
from presswork.cli.table import Table as PlainTable
from presswork_client import APIStatusError, models


class Screen:
    """Prints the demo: moving tables on a terminal, plain lines elsewhere."""

    def __init__(self, out: Console) -> None:
        """Print to a console; the times shown are counted from now."""
        self._out: Final = out
        self._began: Final = time.monotonic()

    def chapter(self, title: str) -> None:
        """Print the title of the chapter that starts."""
        self._out.print(f"\n[bold]{escape(title)}[/]")

    @contextmanager
    def waiting(self, text: str) -> Iterator[None]:
        """Show on a terminal that something is in progress."""
        with self._out.status(escape(text)) if self._out.is_terminal else nullcontext():
            yield

    def summary(self, chapters: Mapping[str, bool]) -> None:
        """Print which chapters passed."""
        self._out.print()
        self._table(
            ("chapter", "result"),
            [
                (title, Text("passed", style="green") if is_good else Text("FAILED", style="bold red"))
                for title, is_good in chapters.items()
            ],
        )
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
        self._out.print()
        self._table(
            ("content", "account", "status", "time", "first comment", "link"),
            [_row(post, url=url) for post in posts],
            Layout(below=("link",)),
        )
        self._out.print()

    def _table(self, columns: Sequence[str], rows: Sequence[Sequence[object]], layout: Layout | None = None) -> None:
        for line in PlainTable(columns, rows, layout).lines(self._out.width):
            self._out.print(line)

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
    """Return the sandbox's page of the post; drafts are on the sandbox's phone."""
    if post.status == "draft":
        return f"{url}/sandbox/phone"
    return None if post.latest is None else link_of(post.latest)


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


def _row(post: FollowedPost, *, url: str) -> Sequence[object]:
    return [
        post.label,
        str(post.account),
        styled(post.status),
        None if post.took is None else f"{post.took.total_seconds():.1f} s",
        post.latest.first_comment_status if post.latest else None,
        _link(post, url=url),
    ]


def _progress(post: FollowedPost) -> Text:
    status = styled(post.status)
    return status if post.took is None else status.append(f" {post.took.total_seconds():.1f} s", style="default")
