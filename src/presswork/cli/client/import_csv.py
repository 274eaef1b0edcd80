"""Imports a table of posts: checks it in parts, brings in the media of each row, and creates all posts in one call."""

from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256
from typing import Final, Literal

import typer
from rich.text import Text

from presswork.cli.client.csv_file import Sheet
from presswork.cli.client.login import NotPossible
from presswork.cli.client.options import FAILED_STATUS
from presswork.cli.output import print_json, print_table, say
from presswork.cli.table import Layout
from presswork_client import NOT_GIVEN, Presswork, ValidationError
from presswork_client.models import ImportedRow
from presswork_client.params import ImportRowParam

DateOrder = Literal["day_first", "month_first"]
_MAX_ROWS: Final = 500
_FETCHED_AT_ONCE: Final = 20
"""Rows with media per dry run, the limit of the API."""
_BROUGHT_IN: Final = ("media", "altText", "caption", "firstComment")
"""Columns that the content of a row has once it is uploaded."""


def import_sheet(
    client: Presswork,
    project: str,
    sheet: Sheet,
    *,
    is_dry_run: bool,
    date_order: DateOrder | None,
    idempotency_key: str | None,
    as_json: bool,
) -> None:
    """Check every row, and unless it is a dry run publish or schedule all of them. Exits with 1 if a row is refused."""
    if len(sheet.rows) > _MAX_ROWS:
        raise NotPossible(f"The file has {len(sheet.rows)} rows; one import may have {_MAX_ROWS}. Split it.")
    if not as_json and sheet.unused:
        say(f"Columns that are not used: {', '.join(sheet.unused)}.")
    order = NOT_GIVEN if date_order is None else date_order
    checked: list[ImportedRow] = []
    for part in _parts(sheet.rows):
        answer = client.imports.create(project_id=project, rows=_params(part), date_order=order)
        checked += answer.rows
        if not as_json and len(sheet.rows) > _FETCHED_AT_ONCE:
            say(f"Checked {len(checked)} of {len(sheet.rows)} rows.")
    is_ok = all(row.ok for row in checked)
    if is_dry_run or not is_ok:
        _show(checked, sheet, is_dry_run=True, as_json=as_json)
        if not as_json:
            if any(one.code == "ambiguous_date" for row in checked for one in row.findings):
                say("Pass --dates day_first or --dates month_first to say how dates with slashes are read.")
            say(_summary(checked, is_dry_run=is_dry_run))
        if not is_ok:
            raise typer.Exit(FAILED_STATUS)
        return
    key = idempotency_key or sha256(repr((project, date_order, sheet.rows)).encode()).hexdigest()
    rows = list(_uploaded(client, project, sheet, key, as_json=as_json))
    try:
        answer = client.imports.create(
            project_id=project, rows=_params(rows), dry_run=False, idempotency_key=key, date_order=order
        )
    except ValidationError:
        again = client.imports.create(project_id=project, rows=_params(rows), date_order=order)
        _show(again.rows, sheet, is_dry_run=True, as_json=as_json)
        if not as_json:
            say(
                "Nothing was scheduled: something changed since the rows were checked. Their media stays in the library."
            )
        raise typer.Exit(FAILED_STATUS) from None
    _show(answer.rows, sheet, is_dry_run=False, as_json=as_json)
    if not as_json:
        say(_summary(answer.rows, is_dry_run=False))


def _params(rows: Sequence[Mapping[str, str]]) -> list[ImportRowParam]:
    return [ImportRowParam(**row) for row in rows]  # type: ignore[typeddict-item]  # the names are those of the columns


def _parts(rows: Sequence[Mapping[str, str]]) -> Iterator[Sequence[Mapping[str, str]]]:
    """Yield the rows in parts of which each has media to fetch for as many rows as a call may."""
    part: list[Mapping[str, str]] = []
    for row in rows:
        part.append(row)
        if sum("media" in one for one in part) == _FETCHED_AT_ONCE:
            yield part
            part = []
    if part:
        yield part


def _uploaded(client: Presswork, project: str, sheet: Sheet, key: str, *, as_json: bool) -> Iterator[Mapping[str, str]]:
    """Yield each row with the id of its content in place of its media. Repeated with the same key, it uploads nothing."""
    for number, row in enumerate(sheet.rows, 1):
        if "media" not in row:
            yield row
            continue
        texts = [text.strip() for text in row.get("altText", "").replace("\n", "|").split("|")]
        urls = row["media"].split()
        container = client.content.upload(
            project_id=project,
            media=[
                {"url": url, "altText": texts[index]} if index < len(texts) and texts[index] else {"url": url}
                for index, url in enumerate(urls)
            ],
            caption=row.get("caption", ""),
            first_comment=row.get("firstComment", ""),
            idempotency_key=f"{key[:200]}-{number}",
        )
        if not as_json:
            say(f"Row {number} of {len(sheet.rows)}: {container.id} uploaded.")
        kept = {name: cell for name, cell in row.items() if name not in _BROUGHT_IN}
        yield {**kept, "containerId": container.id}


def _show(rows: Sequence[ImportedRow], sheet: Sheet, *, is_dry_run: bool, as_json: bool) -> None:
    if as_json:
        numbered = [{**row.raw, "row": number, "line": sheet.lines[number - 1]} for number, row in enumerate(rows, 1)]
        print_json({"dryRun": is_dry_run, "ok": all(row.ok for row in rows), "rows": numbered})
        return
    shown: list[Sequence[object]] = []
    for line, cells, row in zip(sheet.lines, sheet.rows, rows, strict=True):
        written = f"{cells.get('date', '')} {cells.get('time', '')}".strip()  # shown where it could not be read
        place = (line, cells.get("accounts", ""), row.scheduled_for or written or "now")
        verdict = _verdict(row, is_dry_run=is_dry_run)
        messages = [f"{one.column or 'row'}: {one.message}" for one in row.findings]
        shown += [(*place, verdict, message) for message in messages or [", ".join(row.scheduled_post_ids)]]
    print_table(
        ("line", "accounts", "time", "result", "reason"),
        shown,
        empty="There are no rows.",
        layout=Layout(cut=("accounts",), drop=("time",), wrap="reason"),
    )


def _verdict(row: ImportedRow, *, is_dry_run: bool) -> Text:
    if not row.ok:
        return Text("refused", style="bold red")
    if is_dry_run:
        return Text("ok", style="green")
    return Text("waits for approval" if row.gate_status == "blocked_on_approval" else "scheduled", style="green")


def _summary(rows: Sequence[ImportedRow], *, is_dry_run: bool) -> str:
    refused, posts = sum(not row.ok for row in rows), sum(len(row.social_account_ids) for row in rows)
    counted = f"{_counted(posts, 'post')} from {_counted(len(rows), 'row')}"
    if refused:
        return f"Rows that are refused: {refused} of {len(rows)}. Nothing was scheduled. Correct them and run the command again."
    if is_dry_run:
        return f"Every row can be imported: {counted}. Run the command without --dry-run to schedule them."
    return f"Imported {counted}."


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
