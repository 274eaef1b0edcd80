"""`presswork recurrences`: post content again and again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, cast, get_args

from presswork.cli.client.choose import accounts_of, project_of
from presswork.cli.client.command import Limit, Project, given, on_server, one_of
from presswork.cli.client.show import table_of
from presswork.cli.command import Commands, Output, sentences
from presswork.cli.options import argument, option
from presswork_client import NOT_GIVEN, choices

if TYPE_CHECKING:
    from presswork_client import Presswork, Recurrence
    from presswork_client.params import RuleInParam

commands: Final = Commands(on_server, "Post content again and again.")

_UNITS: Final = get_args(choices.Unit)
_DAYS: Final = get_args(choices.Weekday)


@commands.listing("list")
def list_recurrences(client: Presswork, limit: Limit = 50, project: Project = None) -> Output:
    """List the recurring posts of a project, the oldest first; those that have ended too."""
    return table_of(
        client.recurrences.list(project_id=project_of(client, project), limit=limit).items,
        {
            "recurrence": lambda one: one.id,
            "status": lambda one: one.status if one.last_error is None else one.last_error.code,
            "rule": _describe,
            "next": lambda one: one.next_at,
            "content": lambda one: one.container_id,
            "accounts": lambda one: len(one.targets),
        },
        empty="There are no recurring posts. Create one with `presswork recurrences create`.",
        drop=("accounts", "content"),
        cut=("rule",),
    )


@commands.command()
def create(
    client: Presswork,
    content: str = argument("CONTENT", "Content id, cnt_….", ...),
    account: list[str] = option("--account ACCOUNT", "Post to this account, @handle or sa_…; can be repeated.", ...),
    at: str = option("--at TIME", "Local time, like 08:30.", ...),
    unit: str = option("--unit UNIT", f"What is counted: {', '.join(_UNITS)}.", "week"),
    every: int = option("--every N", "Every so many days, weeks or months.", 1, min=1, max=366),
    on: list[str] | None = option("--on DAY", "Weekday, like mon; can be repeated. Only with weeks."),
    day: int | None = option(
        "--day N", "Day of the month; 29 to 31 are the last day of a shorter one. Only with months."
    ),
    timezone: str | None = option("--timezone ZONE", "Time zone; that of the project without it."),
    until: str | None = option("--until TIME", "Nothing after this time, such as 2027-06-30T23:59:00Z."),
    count: int | None = option("--count N", "End after so many posts."),
    caption: list[str] | None = option("--caption TEXT", "A variant of the caption; several are used in turn."),
    project: Project = None,
) -> Output:
    """Post content again and again. The posts of the next 35 days are queued at once."""
    project_id = project_of(client, project)
    rule: RuleInParam = {"every": every, "unit": one_of(_UNITS, unit, "unit")}
    if on:
        rule["weekdays"] = [cast("choices.Weekday", one_of(_DAYS, one, "weekday")) for one in on]
    if day is not None:
        rule["monthDay"] = day
    made = client.recurrences.create(
        container_id=content,
        rule=rule,
        time=at,
        timezone=timezone or client.projects.get(project_id=project_id).timezone,
        targets=[
            {"socialAccountId": one.social_account_id, "mode": "publish"}
            for one in accounts_of(client, project_id, account)
        ],
        until=given(until),
        count=given(count),
        captions=NOT_GIVEN if caption is None else caption,
    )
    return sentences(
        made.raw,
        f"{made.id}: {_describe(made)}, next {made.next_at:%Y-%m-%d %H:%M} UTC.",
        f"Occurrences of the next 35 days: {len(made.occurrences)}.",
    )


@commands.command()
def end(client: Presswork, recurrence: str = argument("RECURRENCE", "Id, rec_….", ...)) -> Output:
    """End a recurring post, and cancel what is still queued of it."""
    ended = client.recurrences.end(recurrence_id=recurrence)
    return sentences(ended.raw, f"{ended.id} has ended. Canceled posts: {ended.canceled_posts}.")


def _describe(one: Recurrence) -> str:
    rule = one.rule
    unit = rule.unit if rule.every == 1 else f"{rule.every} {rule.unit}s"
    days = f" on {', '.join(rule.weekdays)}" if rule.weekdays else f" on day {rule.month_day}" if rule.month_day else ""
    return f"every {unit}{days} at {one.time} {one.timezone}"
