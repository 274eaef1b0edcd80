"""Output of posts: as a table, and one post with its timeline."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Final

from rich.markup import escape
from rich.table import Table

from presswork.cli.output import console, print_table, table_of
from presswork.core.visible import visible_line
from presswork_client import PreflightAnswer, ScheduledPost, SocialAccount, TargetWarning, Timeline

_STYLES: Final[Mapping[str, str]] = {
    "published": "green",
    "draft": "green",
    "failed": "bold red",
    "canceled": "yellow",
    "publishing": "cyan",
}


def styled(status: str) -> str:
    """Return the status of a post with its color, as Rich markup."""
    style = _STYLES.get(status)
    return f"[{style}]{status}[/]" if style else status


def local_time(at: datetime | None) -> str:
    """Return a time in the local time zone."""
    return "—" if at is None else f"{at.astimezone():%Y-%m-%d %H:%M:%S}"


def account_name(account: SocialAccount) -> str:
    """Return the name of an account for people."""
    return f"{account.platform} @{account.handle}"


def post_table(posts: Iterable[ScheduledPost], names: Mapping[str, str]) -> Table:
    """Return a table of posts; `names` has the names of accounts by id."""
    return table_of(
        ("post", "account", "mode", "status", "time", "result"),
        [
            (
                post.id,
                escape(names.get(post.social_account_id, post.social_account_id)),
                post.mode,
                styled(post.status),
                local_time(post.published_at or post.canceled_at or post.scheduled_for),
                escape(outcome_of(post)),
            )
            for post in posts
        ],
    )


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
            console().print(f"[bold]{label:14}[/]{escape(visible_line(str(value)))}")
    console().print()
    print_table(
        ("at", "event", ""),
        [(local_time(one.at), one.event, one.message) for one in timeline.items],
        empty="The timeline is empty.",
    )


def warning_sentences(warnings: Sequence[TargetWarning] | None, accounts: Sequence[SocialAccount]) -> Sequence[str]:
    """Return what is already known about the targets of a call that was accepted."""
    names = {one.social_account_id: account_name(one) for one in accounts}
    return [f"Warning: {names[one.social_account_id]}: {one.code}: {one.message}" for one in warnings or ()]


def print_verdicts(answer: PreflightAnswer, accounts: Sequence[SocialAccount]) -> None:
    """Print the errors and warnings of a preflight for each target."""
    for error in answer.errors:
        console().print(f"[bold red]content[/]  {escape(error.code)}: {escape(error.message)}")
    rows = []
    for account, target in zip(accounts, answer.targets, strict=True):
        messages = [f"{one.code}: {one.message}" for one in target.errors]
        messages += [f"{one.code}: {one.message}" for one in target.warnings]
        verdict = "[green]ok[/]" if target.ok else "[bold red]refused[/]"
        rows.append((escape(account_name(account)), verdict, escape("\n".join(messages))))
    console().print(table_of(("account", "result", ""), rows))
