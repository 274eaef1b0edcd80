"""Imports a table of posts: checks it in parts, brings in the media of each row, and creates all posts in one call."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

from rich.text import Text

from presswork.cli.client.command import FAILED_STATUS, given
from presswork.cli.client.csv_file import Sheet
from presswork.cli.client.login import NotPossible
from presswork.cli.command import Output, table_of_rows
from presswork.cli.output import say
from presswork_client import NOT_GIVEN, ValidationError
from presswork_client.params import ImportRowParam, MediaPatchParam

if TYPE_CHECKING:
    from presswork_client import NotGiven, Presswork
    from presswork_client.models import ImportedRow

DateOrder = Literal["day_first", "month_first"]
_MAX_ROWS: Final = 500
_MAX_FETCHED: Final = 20
"""Rows with media or a link per dry run, the limit of the API."""
_BROUGHT_IN: Final = ("media", "altText", "caption", "link", "parts", "firstComment", "labels")
"""Columns that the content of a row has once it is created."""
_PART_END: Final = re.compile(r"^[ \t]*-{3,}[ \t]*$", re.MULTILINE)


def import_sheet(
    client: Presswork,
    project: str,
    sheet: Sheet,
    *,
    is_dry_run: bool,
    date_order: DateOrder | None,
    idempotency_key: str | None,
    as_json: bool,
) -> Output:
    """Check every row, and unless it is a dry run publish or schedule all of them. The status is 1 if a row is refused."""
    if len(sheet.rows) > _MAX_ROWS:
        raise NotPossible(f"The file has {len(sheet.rows)} rows; one import may have {_MAX_ROWS}. Split it.")
    report: Callable[[str], None] = (lambda _: None) if as_json else say
    if sheet.unused:
        report(f"Columns that are not used: {', '.join(sheet.unused)}.")
    order: DateOrder | NotGiven = given(date_order or _find_order(row.get("date", "") for row in sheet.rows))
    files = sheet.find_files()
    versions = [(str(path), path.stat().st_size, path.stat().st_mtime_ns) for paths in files.values() for path in paths]
    facts = (project, date_order, sheet.rows, *([versions] if versions else []))
    key = idempotency_key or sha256(repr(facts).encode()).hexdigest()
    sheet = replace(sheet, rows=list(_upload_files(client, project, sheet, files, key, report)))
    checked: list[ImportedRow] = []
    for part in split_by_fetches(sheet.rows):
        checked += client.imports.create(project_id=project, rows=_build_params(part), date_order=order).rows
        if len(sheet.rows) > _MAX_FETCHED:
            report(f"Checked {len(checked)} of {len(sheet.rows)} rows.")
    is_ok = all(row.ok for row in checked)
    if is_dry_run or not is_ok:
        notes = [_summarize(checked, is_dry_run=is_dry_run)]
        if any(one.code == "ambiguous_date" for row in checked for one in row.findings):
            notes.insert(0, "Pass --dates day_first or --dates month_first to say how dates with slashes are read.")
        return _build_table(checked, sheet, notes, is_dry_run=True, status=0 if is_ok else FAILED_STATUS)
    rows = _build_params(list(_create_content(client, project, sheet, key, report)))
    try:
        created = client.imports.create(
            project_id=project, rows=rows, dry_run=False, idempotency_key=key, date_order=order
        )
    except ValidationError:
        again = client.imports.create(project_id=project, rows=rows, date_order=order)
        note = (
            "Nothing was scheduled: something changed since the rows were checked. Their content stays in the library."
        )
        return _build_table(again.rows, sheet, [note], is_dry_run=True, status=FAILED_STATUS)
    return _build_table(created.rows, sheet, [_summarize(created.rows, is_dry_run=False)], is_dry_run=False)


def _build_params(rows: Sequence[Mapping[str, str]]) -> list[ImportRowParam]:
    return [ImportRowParam(**row) for row in rows]  # type: ignore[typeddict-item]  # the names are those of the columns


def split_by_fetches(rows: Sequence[Mapping[str, str]]) -> Iterator[Sequence[Mapping[str, str]]]:
    """Yield the rows in parts that one call may have, of which each has media or links to fetch for as many rows as it may."""
    part: list[Mapping[str, str]] = []
    for row in rows:
        part.append(row)
        if len(part) == _MAX_ROWS or sum("media" in one or "link" in one for one in part) == _MAX_FETCHED:
            yield part
            part = []
    if part:
        yield part


_SLASHED: Final = re.compile(r"\s*(\d{1,2})[/-](\d{1,2})[/-]\d{4}\b", re.ASCII)
_MONTHS: Final = 12


def _find_order(dates: Iterable[str]) -> DateOrder | None:
    """Return how dates with slashes are written, if one of the whole file says so: the API sees a part of it at a time."""
    found: set[DateOrder] = set()
    for slashed in filter(None, map(_SLASHED.match, dates)):
        first, second = int(slashed[1]), int(slashed[2])
        if first > _MONTHS >= second:
            found.add("day_first")
        elif second > _MONTHS >= first:
            found.add("month_first")
    return found.pop() if len(found) == 1 else None


def _upload_files(
    client: Presswork,
    project: str,
    sheet: Sheet,
    files: Mapping[int, Sequence[Path]],
    key: str,
    report: Callable[[str], None],
) -> Iterator[Mapping[str, str]]:
    """Yield each row, with the id of its content where it names files, which are uploaded. Repeated with the same key, nothing is
    sent twice.
    """
    for place, row in enumerate(sheet.rows):
        if place not in files:
            yield row
            continue
        row_key = f"{key[:200]}-{place + 1}"
        container = client.content.upload_files(
            [str(path) for path in files[place]],
            project_id=project,
            caption=row.get("caption", ""),
            first_comment=given(row.get("firstComment")),
            labels=_labels_of(row),
            idempotency_key=row_key,
        )
        texts = zip(container.media, _alternative_texts(row), strict=False)
        described = [MediaPatchParam(assetId=item.id, altText=text) for item, text in texts if text]
        if described:
            client.content.update(container_id=container.id, media=described, idempotency_key=row_key)
        report(f"Row {place + 1} of {len(sheet.rows)}: {container.id} uploaded.")
        yield _keep_other_columns(row, container.id)


def _alternative_texts(row: Mapping[str, str]) -> Sequence[str]:
    return [text.strip() for text in row.get("altText", "").replace("\n", "|").split("|")]


def _labels_of(row: Mapping[str, str]) -> Sequence[str]:
    return [label.strip() for label in re.split(r"[,\n]", row.get("labels", "")) if label.strip()]


def _keep_other_columns(row: Mapping[str, str], container_id: str) -> Mapping[str, str]:
    """Return a row with the id of its content in place of what the content has."""
    return {**{name: cell for name, cell in row.items() if name not in _BROUGHT_IN}, "containerId": container_id}


def _create_content(
    client: Presswork, project: str, sheet: Sheet, key: str, report: Callable[[str], None]
) -> Iterator[Mapping[str, str]]:
    """Yield each row with the id of its content in place of its media and texts. Repeated with the same key, it creates
    nothing.
    """
    for number, row in enumerate(sheet.rows, 1):
        if "containerId" in row:
            yield row
            continue
        texts = _alternative_texts(row)
        urls = row.get("media", "").split()
        container = client.content.create(
            project_id=project,
            media=[
                {"url": url, "altText": texts[index]} if index < len(texts) and texts[index] else {"url": url}
                for index, url in enumerate(urls)
            ],
            text=row.get("caption", ""),
            parts=[{"text": text.strip()} for text in _PART_END.split(row["parts"])] if "parts" in row else NOT_GIVEN,
            link={"url": row["link"].strip()} if "link" in row else NOT_GIVEN,
            first_comment=row.get("firstComment", ""),
            labels=_labels_of(row),
            idempotency_key=f"{key[:200]}-{number}",
        )
        report(f"Row {number} of {len(sheet.rows)}: {container.id} created.")
        yield _keep_other_columns(row, container.id)


def _build_table(
    rows: Sequence[ImportedRow], sheet: Sheet, notes: Sequence[str], *, is_dry_run: bool, status: int = 0
) -> Output:
    numbered = [{**row.raw, "row": number, "line": sheet.lines[number - 1]} for number, row in enumerate(rows, 1)]
    cells: list[Sequence[object]] = []
    for line, written, row in zip(sheet.lines, sheet.rows, rows, strict=True):
        at = f"{written.get('date', '')} {written.get('time', '')}".strip()  # shown where it could not be read
        place = (line, written.get("accounts", ""), row.scheduled_for or at or "now")
        messages = [f"{one.column or 'row'}: {one.message}" for one in row.findings]
        cells += [
            (*place, _describe_result(row, is_dry_run=is_dry_run), message)
            for message in messages or [", ".join(row.scheduled_post_ids)]
        ]
    return table_of_rows(
        ("line", "accounts", "time", "result", "reason"),
        cells,
        document={"dryRun": is_dry_run, "ok": all(row.ok for row in rows), "rows": numbered},
        empty="There are no rows.",
        cut=("accounts",),
        drop=("time",),
        wrap="reason",
        notes=notes,
        status=status,
    )


def _describe_result(row: ImportedRow, *, is_dry_run: bool) -> Text:
    if not row.ok:
        return Text("refused", style="bold red")
    if is_dry_run:
        return Text("ok", style="green")
    return Text("waits for approval" if row.gate_status == "blocked_on_approval" else "scheduled", style="green")


def _summarize(rows: Sequence[ImportedRow], *, is_dry_run: bool) -> str:
    refused, posts = sum(not row.ok for row in rows), sum(len(row.social_account_ids) for row in rows)
    counted = f"{_format_count(posts, 'post')} from {_format_count(len(rows), 'row')}"
    if refused:
        return f"Rows that are refused: {refused} of {len(rows)}. Nothing was scheduled. Correct them and run the command again."
    if is_dry_run:
        return f"Every row can be imported: {counted}. Run the command without --dry-run to schedule them."
    return f"Imported {counted}."


def _format_count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
