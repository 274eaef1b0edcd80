"""Output of posts: as a table, and one post with its timeline."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Final

from rich.markup import escape
from rich.table import Table

from presswork.cli.output import console, print_table
from presswork_client import PreflightAnswer, ScheduledPost, SocialAccount, Timeline

STYLES: Final[Mapping[str, str]] = {
    "published": "green",
    "draft": "green",
    "failed": "bold red",
    "canceled": "yellow",
    "publishing": "cyan",
}


def local_time(at: datetime | None) -> str:
    """Return a time in the local time zone."""
    return "—" if at is None else f"{at.astimezone():%Y-%m-%d %H:%M:%S}"


def account_name(account: SocialAccount) -> str:
    """Return the name of an account for people."""
    return f"{account.platform} @{account.handle}"


def post_table(posts: Iterable[ScheduledPost], names: Mapping[str, str]) -> Table:
    """Return a table of posts; `names` has the names of accounts by id."""
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    for column in ("post", "account", "mode", "status", "time", "result"):
        table.add_column(column, overflow="fold")
    for post in posts:
        style = STYLES.get(post.status, "")
        status = f"[{style}]{post.status}[/]" if style else post.status
        at = post.published_at or post.canceled_at or post.scheduled_for
        name = names.get(post.social_account_id, post.social_account_id)
        table.add_row(post.id, escape(name), post.mode, status, local_time(at), escape(outcome_of(post)))
    return table


def outcome_of(post: ScheduledPost) -> str:
    """Return the link of a live post, or its error."""
    if post.last_error is not None:
        return f"{post.last_error.code}: {post.last_error.message}"
    return post.external_url or post.external_id or ""


def print_post(post: ScheduledPost, timeline: Timeline, name: str) -> None:
    """Print a post and its timeline."""
    rows = [
        ("post", post.id),
        ("account", name),
        ("content", post.container_id),
        ("mode", post.mode),
        ("status", post.status),
        ("scheduled for", local_time(post.scheduled_for)),
        ("published", local_time(post.published_at)),
        ("link", post.external_url),
        ("first comment", post.first_comment_status),
        ("error", outcome_of(post) if post.last_error else None),
    ]
    for label, value in rows:
        if value is not None and value != "—":
            console().print(f"[bold]{label:14}[/]{escape(str(value))}")
    console().print()
    print_table(
        ("at", "event", ""),
        [(local_time(one.at), one.event, one.message) for one in timeline.items],
        empty="The timeline is empty.",
    )


def print_verdicts(answer: PreflightAnswer, accounts: Sequence[SocialAccount]) -> None:
    """Print the errors and warnings of a preflight for each target."""
    for error in answer.errors:
        console().print(f"[bold red]content[/]  {escape(error.code)}: {escape(error.message)}")
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    for column in ("account", "result", ""):
        table.add_column(column, overflow="fold")
    for account, target in zip(accounts, answer.targets, strict=True):
        messages = [f"{one.code}: {one.message}" for one in target.errors]
        messages += [f"{one.code}: {one.message}" for one in target.warnings]
        verdict = "[green]ok[/]" if target.ok else "[bold red]refused[/]"
        table.add_row(escape(account_name(account)), verdict, escape("\n".join(messages)))
    console().print(table)
