"""Output of what the API returns: tables, and one post with its timeline."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Final, TypeVar, Unpack

import typer
from rich.markup import escape
from rich.text import Text

from presswork.cli.command import Output, table_of_rows
from presswork.cli.output import console, print_table, say
from presswork.cli.table import Layout, Table, local_time
from presswork.core.visible import visible_line

if TYPE_CHECKING:
    from presswork_client import Extra, Model, PreflightResult, ScheduledPost, SocialAccount, TargetWarning, Timeline
    from presswork_client.models import PostPart

Item = TypeVar("Item", bound="Model")
_STYLES: Final[Mapping[str, str]] = {
    "published": "green",
    "draft": "green",
    "failed": "bold red",
    "canceled": "yellow",
    "publishing": "cyan",
}
_MODES: Final = ("publish", "draft", "managed")
POST_COLUMNS: Final = ("post", "account", "status", "time", "mode", "result")
POST_LAYOUT: Final = Layout(drop=("mode", "time"), cut=("account",), below=("result",))


def table_of(
    items: Sequence[Item], columns: Mapping[str, Callable[[Item], object]], *, empty: str, **layout: Unpack[Layout]
) -> Output:
    """Return a table of objects of the API: the name of each column, and what an object has there."""
    rows = [[value_of(item) for value_of in columns.values()] for item in items]
    document = {"items": [item.raw for item in items]}
    return table_of_rows(list(columns), rows, document=document, empty=empty, **layout)


def styled(status: str) -> Text:
    """Return the status of a post in its color."""
    return Text(status, style=_STYLES.get(status, ""))


def link_of(post: ScheduledPost) -> str | None:
    """Return where a person sees a live post: in test projects, the sandbox's page of it."""
    return post.sandbox_url or post.external_url


def account_name(account: SocialAccount) -> str:
    """Return the name of an account for people."""
    return f"{account.platform} @{account.handle}"


def names_of(accounts: Iterable[SocialAccount]) -> dict[str, str]:
    """Return the names of accounts by id."""
    return {one.social_account_id: account_name(one) for one in accounts}


def modes_of(account: SocialAccount) -> list[str]:
    """Return the modes that an account is ready for."""
    return [mode for mode in _MODES if getattr(account.readiness, mode).ready]


def reasons_of(account: SocialAccount) -> list[str]:
    """Return why an account is not ready for each of the other modes."""
    missing = [(mode, getattr(account.readiness, mode)) for mode in _MODES]
    return [f"{mode} ({one.reason})" for mode, one in missing if not one.ready]


def post_rows(posts: Iterable[ScheduledPost], names: Mapping[str, str]) -> list[Sequence[object]]:
    """Return the rows of POST_COLUMNS; `names` has the names of accounts by id."""
    return [
        (
            post.id,
            names.get(post.social_account_id, post.social_account_id),
            styled(post.status),
            post.published_at or post.canceled_at or post.scheduled_for,
            post.mode,
            outcome_of(post),
        )
        for post in posts
    ]


def outcome_of(post: ScheduledPost) -> str | None:
    """Return the link of a live post, or its error."""
    if post.last_error is not None:
        return f"{post.last_error.code}: {post.last_error.message}"
    return link_of(post) or post.external_id


def part_outcome_of(part: PostPart, *, is_test: bool) -> str:
    """Return the status of a part of a thread, and where it is: in test projects, its URL leads nowhere."""
    return " ".join(filter(None, (part.status, (None if is_test else part.external_url) or part.external_id)))


def print_post(post: ScheduledPost, timeline: Timeline, name: str) -> None:
    """Print a post and its timeline."""
    facts: dict[str, str | datetime | None] = {
        "post": post.id,
        "account": name,
        "content": post.container_id,
        "mode": post.mode,
        "status": post.status,
        "scheduled for": post.scheduled_for,
        "published": post.published_at,
        "link": link_of(post),
        "live": None if post.live_status == "live" else post.live_status,
        "what to do": post.live_advice,
        "first comment": post.first_comment_status,
        "thread": post.thread_status,
        **{
            f"part {part.index + 1}": part_outcome_of(part, is_test=post.sandbox_url is not None)
            for part in post.parts or ()
        },
        "error": outcome_of(post) if post.last_error else None,
    }
    given = [(label, value) for label, value in facts.items() if value is not None]
    if post.last_edit is not None:
        given.append(("last change", f"{post.last_edit.status}. {post.last_edit.message or ''}".rstrip()))
    given += [("extra", _sentence_of(extra)) for extra in post.extras]
    if not sys.stdout.isatty():
        steps = [("timeline", f"{one.raw['at']} {one.event}: {one.message}") for one in timeline.items]
        for line in Table(("field", "value"), [*given, *steps]).tab_separated():
            typer.echo(line)
        return
    for label, value in given:
        shown = value if isinstance(value, str) else local_time(value)
        console().print(f"[bold]{label:14}[/]{escape(visible_line(shown))}")
    console().print()
    print_table(
        ("at", "event", "message"),
        [(one.at, one.event, one.message) for one in timeline.items],
        empty="The timeline is empty.",
        wrap="message",
    )


def _sentence_of(extra: Extra) -> str:
    name = extra.kind if extra.subject is None else f"{extra.kind} {extra.subject}"
    return f"{name}: {extra.status}. {extra.message or ''}".rstrip()


def warning_sentences(warnings: Sequence[TargetWarning] | None, accounts: Sequence[SocialAccount]) -> Sequence[str]:
    """Return what is already known about the targets of a call that was accepted."""
    names = names_of(accounts)
    return [f"Warning: {names[one.social_account_id]}: {one.code}: {one.message}" for one in warnings or ()]


def print_preflight(checked: PreflightResult, accounts: Sequence[SocialAccount]) -> None:
    """Print the errors and warnings of a preflight for each target, and the time of a slot."""
    refused = Text("refused", style="bold red")
    rows: list[Sequence[object]] = [("content", refused, f"{one.code}: {one.message}") for one in checked.errors]
    rows += [("call", "", f"{one.code}: {one.message}") for one in checked.warnings]
    for account, target in zip(accounts, checked.targets, strict=True):
        result = Text("ok", style="green") if target.ok else refused
        messages = [f"{one.code}: {one.message}" for one in target.errors]
        messages += [f"{one.code}: {one.message}" for one in target.warnings]
        messages += [f"Part {number}: {part.text}" for number, part in enumerate(target.parts or (), 1)]
        if (cost := target.quota_cost) is not None:
            messages.append(f"Uses {cost.units:,} of the {cost.units_per_day:,} quota units a day of all accounts.")
        if (price := target.estimated_cost) is not None:
            messages.append(f"Costs up to {price.amount:g} {price.currency}.")
        rows += [(account_name(account), result, message) for message in messages or [""]]
    print_table(("account", "result", "reason"), rows, empty="There are no targets.", wrap="reason")
    if checked.scheduled_for is not None:
        say(f"The slot that is free now: {local_time(checked.scheduled_for)}.")
