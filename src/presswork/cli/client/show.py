"""How posts are shown: as a table, as lines while they change, and one by one with its timeline."""

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


def here(at: datetime | None) -> str:
    """Return an instant as this machine's clock shows it."""
    return "—" if at is None else f"{at.astimezone():%Y-%m-%d %H:%M:%S}"


def account_name(account: SocialAccount) -> str:
    """Return how an account is called."""
    return f"{account.platform} @{account.handle}"


def post_table(posts: Iterable[ScheduledPost], names: Mapping[str, str]) -> Table:
    """Return posts as a table; `names` calls accounts by their id."""
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    for column in ("post", "account", "mode", "status", "time", "what came of it"):
        table.add_column(column, overflow="fold")
    for post in posts:
        style = STYLES.get(post.status, "")
        status = f"[{style}]{post.status}[/]" if style else post.status
        at = post.published_at or post.canceled_at or post.scheduled_for
        name = names.get(post.social_account_id, post.social_account_id)
        table.add_row(post.id, escape(name), post.mode, status, here(at), escape(outcome_of(post)))
    return table


def outcome_of(post: ScheduledPost) -> str:
    """Return the link of a live post, or why there is none."""
    if post.last_error is not None:
        return f"{post.last_error.code}: {post.last_error.message}"
    return post.external_url or post.external_id or ""


def print_post(post: ScheduledPost, timeline: Timeline, name: str) -> None:
    """Print one post, and everything that happened to it."""
    rows = [
        ("post", post.id),
        ("account", name),
        ("content", post.container_id),
        ("mode", post.mode),
        ("status", post.status),
        ("scheduled for", here(post.scheduled_for)),
        ("published", here(post.published_at)),
        ("link", post.external_url),
        ("first comment", post.first_comment_status),
        ("error", outcome_of(post) if post.last_error else None),
    ]
    for label, value in rows:
        if value is not None and value != "—":
            console().print(f"[bold]{label:14}[/]{escape(str(value))}")
    console().print()
    print_table(
        ("at", "event", ""), [(here(one.at), one.event, one.message) for one in timeline.items], empty="Nothing yet."
    )


def print_verdicts(answer: PreflightAnswer, accounts: Sequence[SocialAccount]) -> None:
    """Print what publishing would refuse, target by target."""
    for error in answer.errors:
        console().print(f"[bold red]content[/]  {escape(error.code)}: {escape(error.message)}")
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    for column in ("account", "verdict", ""):
        table.add_column(column, overflow="fold")
    for account, target in zip(accounts, answer.targets, strict=True):
        said = [f"{one.code}: {one.message}" for one in target.errors]
        said += [f"{one.code}: {one.message}" for one in target.warnings]
        verdict = "[green]fine[/]" if target.ok else "[bold red]refused[/]"
        table.add_row(escape(account_name(account)), verdict, escape("\n".join(said)))
    console().print(table)
