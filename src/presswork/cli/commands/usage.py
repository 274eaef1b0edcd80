"""`presswork usage`: what an organization used, and its limits."""

from datetime import date
from pathlib import Path
from typing import Final

from presswork.api.organizations.schemas import LimitStanding, UsageItem, UsageReport, write_usage
from presswork.cli.administration import Admin, on_database
from presswork.cli.command import Commands, Output, sentences, table_of_rows
from presswork.cli.new_file import write_new
from presswork.cli.options import option
from presswork.core.enums import Environment
from presswork.core.errors import FieldError, Invalid, Issue
from presswork.core.ids import PROJECT, public_id
from presswork.core.timestamps import read_day
from presswork.orgs.keys import require_organization
from presswork.orgs.limits import read_standing
from presswork.orgs.usage import Period, Usage, UsageBy, read_usage

commands: Final = Commands(on_database)
_AMOUNTS: Final = ("published", "draft", "failed", "canceled", "accounts", "media_bytes", "api_calls", "texts", "seats")


@commands.listing("usage")
async def main(
    admin: Admin,
    org: str = option("--org NAME", "The organization.", ...),
    env: Environment = option("--env", "Usage in this environment.", Environment.LIVE),
    since: str | None = option("--since DAY", "First day in UTC.", show_default="that of the month"),
    until: str | None = option("--until DAY", "The day after the last one.", show_default="tomorrow"),
    by: UsageBy | None = option(
        "--by WHAT", "One row for each project, day or platform.", show_default="one row, the total"
    ),
    output: Path | None = option("--output FILE", "Write the rows to a new file, as CSV."),
) -> Output:
    """Show what an organization used: posts by how they ended, and accounts, stored bytes and seats at the end.

    With `--json`, its limits and what it has of what they count as well. `--output` writes a file for spreadsheets.
    """
    organization_id = await require_organization(admin.connection, org)
    period = Period.of(_read_day(since, "since"), _read_day(until, "until"), now=admin.now)
    found = await read_usage(admin.connection, organization_id, env, period, by, project_ids=None)
    if output is not None:
        size_bytes = write_new(output, [write_usage(found)])
        return sentences(
            {"file": str(output), "sizeBytes": size_bytes}, f"{output} has the usage, {size_bytes:,} bytes."
        )
    limits = await read_standing(admin.connection, organization_id, env, now=admin.now)
    report = UsageReport(
        since=period.since,
        until=period.until,
        items=[UsageItem.of(one) for one in found],
        limits=LimitStanding.of_all(limits),
    )
    columns = ("published", "draft", "failed", "canceled", "accounts", "media bytes", "API calls", "texts", "seats")
    return table_of_rows(
        ("of", *columns),
        [(_name_item(one, by), *(getattr(one, name) for name in _AMOUNTS)) for one in found],
        document=report.model_dump(mode="json", by_alias=True),
        empty="This organization used nothing in that period.",
        drop=("seats", "texts", "API calls"),
        cut=("of",),
    )


def _read_day(text: str | None, name: str) -> date | None:
    try:
        return None if text is None else read_day(text)
    except FieldError as error:
        raise Invalid([Issue.at(f"--{name}", str(error), error.code)]) from error


def _project_of(one: Usage) -> str | None:
    return None if one.project_id is None else public_id(PROJECT, one.project_id)


def _name_item(one: Usage, by: UsageBy | None) -> str:
    names = {None: "total", UsageBy.PROJECT: _project_of(one), UsageBy.DAY: one.day, UsageBy.PLATFORM: one.platform}
    return str(names[by] or "none")
