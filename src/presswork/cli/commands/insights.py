"""`presswork insights`: the numbers of posts and accounts."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal, get_args

from presswork.cli.client.choose import accounts_of, complete_account, project_of
from presswork.cli.client.command import Limit, Project, on_server, one_of
from presswork.cli.client.login import NotPossible
from presswork.cli.command import Commands, Output, sentences, table_of_rows
from presswork.cli.new_file import write_new
from presswork.cli.options import AsJSON, argument, option
from presswork_client import NOT_GIVEN, choices

if TYPE_CHECKING:
    from presswork_client import InsightsFilters, Presswork

commands: Final = Commands(on_server, "Read the numbers of live posts and of accounts.")

_GROUPS: Final[Sequence[choices.GroupBy]] = get_args(choices.GroupBy)
_FORMATS: Final[Sequence[Literal["csv", "jsonl"]]] = ("csv", "jsonl")
_SINCE: Final = option("--since TIME", "First publication, such as 2026-12-01T00:00:00Z.", show_default="30 days ago")
_UNTIL: Final = option("--until TIME", "Last publication.", show_default="now")
_EVERY_PROJECT: Final = option("--all-projects", "Include the posts of all projects of the key.", False)
_UNKNOWN: Final = "-"
"""A number that is not known."""


def _cells_of(metrics: Mapping[str, Any]) -> list[str]:  # Any: JSON
    return [
        _UNKNOWN if value is None else f"{value:g}" if isinstance(value, float) else str(value)
        for value in metrics.values()
    ]


@commands.command("post")
def show_post(
    client: Presswork,
    post: str = argument("POST", "Id of a post, sp_….", ...),
    refresh: bool = option(
        "--refresh", "Have the numbers taken now: once in 15 minutes. They are there a little later.", False
    ),
) -> Output:
    """Show the last numbers of a post, and why the others are not known."""
    if refresh:
        asked = client.results.refresh_post(post_id=post)
        sentence = f"The numbers of {asked.post_id} will be taken soon. Run the command again without --refresh."
        return sentences(asked.raw, sentence)
    found = client.results.get_post(post_id=post)
    reasons = {one.metric: one for one in found.unavailable}
    rows = []
    for name, value in found.metrics.raw.items():
        missing = reasons.get(name)
        why = "" if missing is None else " ".join([missing.reason, *missing.permissions])
        rows.append((name, _cells_of({name: value})[0], why))
    taken = "They were not taken yet." if found.taken_at is None else f"Taken at {found.raw['takenAt']}."
    return table_of_rows(
        ("metric", "value", "not known because"),
        rows,
        document=found.raw,
        empty="There are no numbers.",
        notes=(taken,),
    )


@commands.listing("account")
def show_account(
    client: Presswork,
    account: str = argument("ACCOUNT", "@handle, youtube:@handle or sa_….", ..., autocompletion=complete_account),
    project: Project = None,
) -> Output:
    """Show the followers, views and reach of an account by day."""
    (found,) = accounts_of(client, project_of(client, project), [account])
    numbers = client.results.get_account(social_account_id=found.social_account_id)
    rows = [_cells_of(day.raw) for day in numbers.items]
    return table_of_rows(
        ("day", "followers", "views", "reach"),
        rows,
        document=numbers.raw,
        empty="There are no numbers of this account yet.",
    )


@commands.listing("show")
def show_groups(
    client: Presswork,
    by: str = option("--by GROUP", f"What the posts of a line have in common: {', '.join(_GROUPS)}.", "day"),
    since: str | None = _SINCE,
    until: str | None = _UNTIL,
    limit: Limit = 100,
    every_project: bool = _EVERY_PROJECT,
    project: Project = None,
) -> Output:
    """Sum up the numbers of the posts of a project, by day, account, platform, post or label."""
    page = client.results.summarize(
        group_by=one_of(_GROUPS, by, "group"),
        project_id=NOT_GIVEN if every_project else project_of(client, project),
        since=NOT_GIVEN if since is None else since,
        until=NOT_GIVEN if until is None else until,
        limit=limit,
    )
    names = list(page.items[0].metrics.raw) if page.items else []
    return table_of_rows(
        (by, "posts", *names),
        [(group.key, str(group.posts), *_cells_of(group.metrics.raw)) for group in page.items],
        document={"items": [group.raw for group in page.items]},
        empty="There are no posts whose numbers were taken.",
        drop=("averageWatchSeconds", "watchSeconds", "follows", "clicks", "saves"),
    )


@commands.command("export")
def export_numbers(
    client: Presswork,
    form: str = option("--format FORMAT", "csv, for spreadsheets, or jsonl: JSON lines.", "csv"),
    output: Path | None = option("--output FILE", "Write to a new file, not to standard output."),
    since: str | None = _SINCE,
    until: str | None = _UNTIL,
    every_project: bool = _EVERY_PROJECT,
    project: Project = None,
    as_json: AsJSON = False,
) -> Output | None:
    """Export the last numbers of the posts of a project as one file, by the time of publication."""
    if as_json and output is None:
        raise NotPossible("--json describes the file: pass --output as well, or --format jsonl without it.")
    filters: InsightsFilters = {}
    if since is not None:
        filters["since"] = since
    if until is not None:
        filters["until"] = until
    if not every_project:
        filters["project_id"] = project_of(client, project)
    chunks = client.results.export(format=one_of(_FORMATS, form, "format"), **filters)
    if output is None:
        for chunk in chunks:
            sys.stdout.buffer.write(chunk)
        sys.stdout.buffer.flush()
        return None
    size_bytes = write_new(output, chunks)
    document = {"file": str(output), "sizeBytes": size_bytes}
    return sentences(document, f"{output} has the numbers, {size_bytes:,} bytes.")
