"""Request and response bodies of imports. A row is read by the models of uploading and publishing: its issues are theirs."""

import json
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Final, Self, TypeVar
from uuid import UUID

from pydantic import BeforeValidator, Field, JsonValue, StrictBool
from pydantic.config import JsonDict

from presswork.api.content.schemas import ContentRequest
from presswork.api.http.body import MAX_DEPTH, MAX_VALUES, In, Out, Text, validated, with_examples
from presswork.api.http.error_guide import IssueCode as AnyIssueCode
from presswork.api.http.ids import AccountRef, ContainerRef, PostRef, QueueRef
from presswork.api.http.issues import unknown
from presswork.api.posts.schemas import GateStatus, PublishRequest, ScheduleRequest
from presswork.core.enums import Mode
from presswork.core.errors import MAX_NAME_CHARACTERS, Code, Invalid, Issue, IssueCode
from presswork.core.ids import ACCOUNT, CONTAINER, new_id, parse_id, public_id
from presswork.core.timestamps import Instant, write_instant
from presswork.imports import import_posts
from presswork.imports import rows as import_rows
from presswork.imports.rows import (
    MAX_ROWS,
    CellError,
    DateOrder,
    ImportColumn,
    Place,
    PlannedRow,
    account_named,
    due_at,
    find_order,
    handle_in,
    names_in,
    queue_named,
)
from presswork.platforms.errors import FailureCode
from presswork.platforms.findings import Advice
from presswork.platforms.option_registry import OPTIONS
from presswork.platforms.options import issue_code_of
from presswork.posts.create_posts import CreatedPosts
from presswork.posts.model import require_schedulable
from presswork.posts.targets import MAX_TARGETS, Target
from presswork.queues.model import Queue

Model = TypeVar("Model", bound=In)

_MAX_CELL_CHARACTERS: Final = 16_384
_MAX_FINDINGS: Final = 1000
"""Most findings of one answer, apart from one error of each refused row."""
_ROW_EXAMPLE: Final[JsonDict] = {
    "media": "https://example.com/bread.jpg",
    "altText": "A loaf on a wooden board",
    "caption": "Fresh from the oven",
    "accounts": "instagram:@bakery, tiktok:@bakery",
    "date": "2026-12-01",
    "time": "09:00",
}


def _text_of(value: object) -> object:
    return "" if value is None else value


Cell = Annotated[Text, BeforeValidator(_text_of), Field(max_length=_MAX_CELL_CHARACTERS)]


class ImportRow(In):
    """One row of a table of posts: its cells, as text. An empty cell is like a missing one."""

    model_config = with_examples(_ROW_EXAMPLE)

    media: Cell = Field(
        default="", description="URLs of one video, one image or 2–35 images, separated by spaces or line feeds."
    )
    alt_text: Cell = Field(
        default="", description="Alternative texts in the order of the media, separated by line feeds or `|`."
    )
    container_id: Cell = Field(
        default="", description="Content that exists (`cnt_…`), instead of `media`, `link` and `parts`."
    )
    caption: Cell = Field(
        default="", description="The text of the post. With `containerId`, it replaces the content's own."
    )
    link: Cell = Field(default="", description="URL of a page that the post shows as a card, instead of `media`.")
    parts: Cell = Field(
        default="",
        description="The texts of a thread of posts, separated by lines of three hyphens (`---`), instead of `media`, `link` and "
        "`caption`.",
    )
    first_comment: Cell = Field(default="", description="The first comment; with `containerId` as above.")
    accounts: Cell = Field(
        default="", description="`platform:@handle`, `@handle` or `sa_…`, separated by commas, semicolons or spaces."
    )
    date: Cell = Field(
        default="",
        description="`2026-12-24` or `24.12.2026`, in the project's time zone, perhaps with the time and its offset. Date and "
        "time empty: due now.",
    )
    time: Cell = Field(default="", description="`18:30` or `6:30 PM`.")
    queue: Cell = Field(
        default="",
        description="Instead of date and time: the name or id of a queue of the project, or `default`. The rows take its next free "
        "slots in their order.",
    )
    mode: Cell = Field(default="", description="`publish` (default), `draft` or `managed`.")
    options: Cell = Field(
        default="",
        description='Options of platforms as in `targets[]`, as JSON: `{"instagramPostSettings": {"placement": "story"}}`.',
    )


class ImportRequest(In):
    """A table of posts."""

    model_config = with_examples({"rows": [_ROW_EXAMPLE], "dryRun": True})

    rows: list[ImportRow] = Field(min_length=1, max_length=MAX_ROWS, description="1–500 rows, all or nothing.")
    dry_run: StrictBool = Field(default=True, description="Check the rows, and write nothing.")
    strict: StrictBool = Field(
        default=True, description="Refuse a row that is known to fail on its platform. If false, that is a warning."
    )
    date_order: DateOrder | None = Field(
        default=None,
        description="How to read dates with slashes, like 3/4/2026. Without it, a date like 24/12/2026 among the rows decides; if "
        "there is none, dates with slashes are refused.",
    )

    def table(self) -> "RowTable":
        """Return the rows as the use case reads them."""
        return RowTable(self.rows, self.date_order)


@dataclass(frozen=True, slots=True)
class RowTable:
    """The rows of a call."""

    rows: Sequence[ImportRow]
    order: DateOrder | None

    def handles(self) -> Collection[str]:
        """Return the handles of the accounts that rows name, except rows that name too many."""
        named = [names for row in self.rows if len(names := names_in(row.accounts)) <= MAX_TARGETS]
        return {handle for names in named for name in names if (handle := handle_in(name))}

    def read(self, place: Place, *, now: datetime) -> Sequence[PlannedRow]:
        """Return what each row asks for. Raises Invalid for more values in the cells than a body may have."""
        order = self.order or find_order(row.date for row in self.rows)
        readers = [_RowReader(row, place, order, now) for row in self.rows]
        if sum(reader.value_count for reader in readers) > MAX_VALUES:
            problem = f"have more than {MAX_VALUES:,} values in `options`, in all. Send fewer rows in one call."
            raise Invalid([Issue.at("rows", problem, IssueCode.TOO_MANY_VALUES)])
        return [reader.read() for reader in readers]


_PART_END: Final = re.compile(r"^[ \t]*-{3,}[ \t]*$", re.MULTILINE)


def _quote_line(cell: str) -> str:
    """Return the first line of a cell as a message repeats it."""
    line = cell.strip().partition("\n")[0].strip()
    return f'"{line}"' if len(line) <= MAX_NAME_CHARACTERS else f'"{line[:MAX_NAME_CHARACTERS]}…"'


def _parse_cell(cell: str) -> tuple[JsonValue | None, int]:
    """Return the JSON of a cell, and how many values it has: none, if it is empty, no JSON, or nested too deeply."""
    try:
        document: JsonValue = json.loads(cell)
    except (ValueError, RecursionError):
        return None, 0
    count, waiting = 0, [(document, 1)]
    while waiting:
        value, depth = waiting.pop()
        if depth > MAX_DEPTH:
            return None, 0
        inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
        waiting += [(one, depth + 1) for one in inner]
        count += 1
    return document, count


class _RowReader:
    """Reads one row, and collects what is wrong with it."""

    def __init__(self, row: ImportRow, place: Place, order: DateOrder | None, now: datetime) -> None:
        self._row = row
        self._place = place
        self._order = order
        self._now = now
        self._given, self.value_count = _parse_cell(row.options)
        self._findings: list[import_rows.RowFinding] = []

    def read(self) -> PlannedRow:
        content, container_id = self._content()
        due, queue = self._read_due_time(), self._read_queue()
        call = self._call(due, queue)
        return PlannedRow(
            content=None if content is None else content.content(),
            container_id=container_id,
            targets=call,
            scheduled_for=due,
            queue_id=None if queue is None else queue.id,
            findings=self._findings,
        )

    def _refuse(self, column: ImportColumn, problem: str, code: IssueCode) -> None:
        self._findings.append(CellError(column, problem, code).finding)

    def _content(self) -> tuple[ContentRequest | None, UUID | None]:
        row, urls = self._row, self._row.media.split()
        link, has_parts = row.link.strip(), bool(row.parts.strip())
        given = {ImportColumn.MEDIA: bool(urls), ImportColumn.LINK: bool(link), ImportColumn.PARTS: has_parts}
        if row.container_id.strip():
            for column in (column for column, is_given in given.items() if is_given):
                problem = "and `containerId` exclude each other. Empty one of them."
                self._refuse(column, problem, IssueCode.CONFLICTING_OPTIONS)
            try:
                return None, parse_id(CONTAINER, row.container_id.strip())
            except ValueError:
                problem = "is not an id of content. Write one like cnt_0191f3a2-7c1e-7b60-9d0a-3f6a2f1c8e55."
                self._refuse(ImportColumn.CONTAINER_ID, problem, IssueCode.INVALID_FORMAT)
                return None, None
        if not (urls or link or has_parts or row.caption.strip()):
            problem = (
                "is required, unless there is a text in `caption`, a page in `link` or a thread in `parts`. Write the URL of a video "
                "or picture."
            )
            self._refuse(ImportColumn.MEDIA, problem, IssueCode.REQUIRED)
            return None, None
        if has_parts and (urls or link or row.caption.strip()):
            problem = "are instead of `media`, `link` and `caption`. Empty those, or empty `parts`."
            self._refuse(ImportColumn.PARTS, problem, IssueCode.CONFLICTING_OPTIONS)
            return None, None
        if urls and link:
            problem = "goes with a text alone. Empty it, or empty `media`."
            self._refuse(ImportColumn.LINK, problem, IssueCode.CONFLICTING_OPTIONS)
            return None, None
        if urls and "://" not in row.media:
            problem = (
                f"has {_quote_line(row.media)}, which is not a URL. Write the public URL of the file, or upload the file and write "
                "the id of its content in `containerId`."
            )
            self._refuse(ImportColumn.MEDIA, problem, IssueCode.INVALID_FORMAT)
            return None, None
        return self._validate_body(ContentRequest, self._build_content(urls, link)), None

    def _build_content(self, urls: Sequence[str], link: str) -> dict[str, JsonValue]:
        """Return the body that creates the content of the row."""
        row = self._row
        texts = [text.strip() for text in re.split(r"[|\n]", row.alt_text)] if row.alt_text.strip() else []
        if len(texts) > len(urls):
            problem = f"has {len(texts)} texts for {len(urls)} files. Write one for each file."
            self._refuse(ImportColumn.ALT_TEXT, problem, IssueCode.TOO_MANY)
        media: list[JsonValue] = [{"url": url} for url in urls]
        for source, text in zip(media, texts, strict=False):
            if isinstance(source, dict) and text:
                source["altText"] = text
        body: dict[str, JsonValue] = {"media": media, "text": row.caption}
        if row.parts.strip():
            body["parts"] = [{"text": text.strip()} for text in _PART_END.split(row.parts)]
        if link:
            body["link"] = {"url": link}
        if row.first_comment.strip():
            body["firstComment"] = row.first_comment
        return body

    def _read_due_time(self) -> datetime | None:
        try:
            return due_at(self._row.date, self._row.time, zone=self._place.zone, order=self._order)
        except CellError as error:
            self._findings.append(error.finding)
            return None

    def _read_queue(self) -> Queue | None:
        if not (name := self._row.queue.strip()):
            return None
        if self._row.date.strip() or self._row.time.strip():
            problem = "is instead of `date` and `time`. Empty those, or empty `queue`."
            self._refuse(ImportColumn.QUEUE, problem, IssueCode.CONFLICTING_OPTIONS)
            return None
        try:
            return queue_named(name, self._place.queues)
        except CellError as error:
            self._findings.append(error.finding)
            return None

    def _call(self, due: datetime | None, queue: Queue | None) -> Sequence[Target]:
        more = self._target_fields()
        ids = []
        names = names_in(self._row.accounts)
        if len(names) > MAX_TARGETS:
            self._refuse(
                ImportColumn.ACCOUNTS, f"has {len(names)} entries. Write at most {MAX_TARGETS}.", IssueCode.TOO_MANY
            )
            return []
        for name in names:
            try:
                ids.append(account_named(name, self._place.accounts))
            except CellError as error:
                self._findings.append(error.finding)
        ids = list(dict.fromkeys(ids))  # an account may be named by its handle and by its id
        if queue is not None and not queue.takes(ids):
            problem = "names a queue that does not take one of the accounts. Write another queue, or other accounts."
            self._refuse(ImportColumn.QUEUE, problem, IssueCode.UNKNOWN_ACCOUNT)
        if not names:
            problem = "is required. Write one like instagram:@bakery."
            self._refuse(ImportColumn.ACCOUNTS, problem, IssueCode.REQUIRED)
        # All targets of a row are alike, so one is checked: also if no account is found, since such a row is refused anyway.
        first = public_id(ACCOUNT, ids[0] if ids else new_id())
        body: dict[str, JsonValue] = {"targets": [{**more, "socialAccountId": first}]}
        if due is None:  # the queue, if there is one, was checked above
            read = self._validate_body(PublishRequest, body)
        else:
            read = self._validate_body(ScheduleRequest, {**body, "scheduledFor": write_instant(due)}, due)
        return [] if read is None else [replace(read.domain_targets()[0], social_account_id=one) for one in ids]

    def _target_fields(self) -> dict[str, JsonValue]:
        """Return what every target of the row has, besides its account."""
        row = self._row
        more = self._options()
        more["mode"] = row.mode.strip().lower() or Mode.PUBLISH.value
        if row.container_id.strip() and row.caption.strip():
            more["captionOverride"] = row.caption
        if row.container_id.strip() and row.first_comment.strip():
            more["firstCommentOverride"] = row.first_comment
        return more

    def _options(self) -> dict[str, JsonValue]:
        if not self._row.options.strip():
            return {}
        like = 'Write an object like {"instagramPostSettings": {"placement": "story"}}.'
        given = self._given
        if not self.value_count:
            self._refuse(ImportColumn.OPTIONS, f"is not JSON, or nested too deeply. {like}", IssueCode.INVALID_JSON)
            return {}
        if not isinstance(given, dict):
            self._refuse(ImportColumn.OPTIONS, f"is not a JSON object. {like}", IssueCode.INVALID_TYPE)
            return {}
        known = [option.name for option in OPTIONS]
        for name in given.keys() - set(known):
            problem, code = unknown(name, known, noun="option", code=IssueCode.UNKNOWN_FIELD)
            self._findings.append(_issue_finding(Issue.at(f"options.{name}", problem, code), ImportColumn.OPTIONS))
        return {name: value for name, value in given.items() if name in known}

    def _validate_body(
        self, model: type[Model], body: dict[str, JsonValue], due: datetime | None = None
    ) -> Model | None:
        try:
            read = validated(model, body, now=self._now)
            if due is not None:
                require_schedulable(due, now=self._now)
        except Invalid as error:
            for issue in error.issues:
                finding = _finding_of(issue)
                if finding.message not in {one.message for one in self._findings}:
                    self._findings.append(finding)
            return None
        return read


_PATHS: Final[Sequence[tuple[re.Pattern[str], ImportColumn]]] = [
    (re.compile(r"media\[\d+\]\.altText"), ImportColumn.ALT_TEXT),
    (re.compile(r"media(\[\d+\](\.url)?)?"), ImportColumn.MEDIA),
    (re.compile(r"link(\.url)?"), ImportColumn.LINK),
    (re.compile(r"parts(\[\d+\]\.text)?"), ImportColumn.PARTS),
    (re.compile(r"text|targets\[\d+\]\.captionOverride"), ImportColumn.CAPTION),
    (re.compile(r"firstComment|targets\[\d+\]\.firstCommentOverride"), ImportColumn.FIRST_COMMENT),
    (re.compile(r"targets\[\d+\]\.mode"), ImportColumn.MODE),
    (re.compile(r"scheduledFor"), ImportColumn.DATE),
    (re.compile(r"targets(\[\d+\](\.socialAccountId)?)?"), ImportColumn.ACCOUNTS),
]
"""The column of a field of a body. Other fields are options."""


def _finding_of(issue: Issue) -> import_rows.RowFinding:
    """Return an issue of a body as a finding about the column that the field came from."""
    column = next((column for path, column in _PATHS if path.fullmatch(issue.path)), ImportColumn.OPTIONS)
    field = column.value
    if column is ImportColumn.OPTIONS:
        field = re.sub(r"^targets\[\d+\]", column.value, issue.path)
    return _issue_finding(Issue(issue.path, issue.message.replace(f"`{issue.path}`", f"`{field}`"), issue.code), column)


def _issue_finding(issue: Issue, column: ImportColumn) -> import_rows.RowFinding:
    return import_rows.RowFinding(column=column, code=issue_code_of(issue.code), message=issue.message, is_error=True)


class FindingSeverity(StrEnum):
    """Whether a finding prevents the import."""

    ERROR = "error"
    WARNING = "warning"


class ImportFinding(Out):
    """An error of a row, or a warning about it."""

    model_config = with_examples(
        {
            "column": "date",
            "severity": "error",
            "code": "invalid_format",
            "message": "`date` is not a date. Write it like 2026-12-24.",
            "socialAccountId": None,
            "details": {},
        }
    )

    column: ImportColumn | None = Field(description="The column that it is about.")
    severity: FindingSeverity
    code: Code | AnyIssueCode | FailureCode | Advice = Field(
        description="An issue code, the code that publishing would return, or the code with which the post would fail."
    )
    message: str = Field(description="What is wrong, and what to do.")
    social_account_id: AccountRef | None = Field(description="The account, if it is about one of several.")
    details: dict[str, JsonValue] = Field(description="The numbers of a platform's limit, as in preflight.")

    @classmethod
    def of(cls, finding: import_rows.RowFinding) -> Self:
        """Build it from the domain object."""
        return cls(
            column=finding.column,
            severity=FindingSeverity.ERROR if finding.is_error else FindingSeverity.WARNING,
            code=finding.code,
            message=finding.message,
            social_account_id=finding.social_account_id,
            details=dict(finding.details),
        )


def _due_at(planned: PlannedRow, created: CreatedPosts) -> datetime | None:
    return planned.scheduled_for if planned.queue_id is None else created.scheduled_for


class ImportedRow(Out):
    """What was found about a row, and its posts."""

    row: int = Field(description="Position in the call, from 1.")
    ok: bool = Field(description="Whether the row can be imported.")
    findings: list[ImportFinding]
    container_id: ContainerRef | None = Field(description="The content: given, or brought in by this import.")
    social_account_ids: list[AccountRef] = Field(description="The accounts that the row names.")
    scheduled_for: Instant | None = Field(
        description="When the posts are due; null: at once, or after a dry run in the next slot of the queue."
    )
    queue_id: QueueRef | None = Field(description="The queue whose slot the row takes.")
    scheduled_post_ids: list[PostRef] = Field(
        description="In the order of the accounts. Empty after a dry run, and while the content waits for approval."
    )
    gate_status: GateStatus | None = Field(description="null after a dry run.")

    @classmethod
    def of(cls, row: import_posts.ImportedRow, findings: Sequence[import_rows.RowFinding]) -> Self:
        """Build it from the domain object and those of its findings that are shown."""
        created = row.created
        gate = None
        if created is not None:
            gate = GateStatus.BLOCKED_ON_APPROVAL if created.is_waiting else GateStatus.QUEUED
        return cls(
            row=row.number,
            ok=row.is_ok,
            findings=[ImportFinding.of(one) for one in findings],
            container_id=row.container_id,
            social_account_ids=[target.social_account_id for target in row.planned.targets],
            scheduled_for=row.planned.scheduled_for if created is None else _due_at(row.planned, created),
            queue_id=row.planned.queue_id,
            scheduled_post_ids=[] if created is None else list(created.post_ids),
            gate_status=gate,
        )


class ImportResult(Out):
    """Every row, in order."""

    model_config = with_examples(
        {
            "dryRun": True,
            "ok": False,
            "truncated": False,
            "rows": [
                {
                    "row": 1,
                    "ok": False,
                    "findings": [
                        {
                            "column": "date",
                            "severity": "error",
                            "code": "invalid_format",
                            "message": "`date` is not a date. Write it like 2026-12-24.",
                            "socialAccountId": None,
                            "details": {},
                        }
                    ],
                    "containerId": None,
                    "socialAccountIds": ["sa_0191f3a2-7c1e-7b60-9d0a-3f6a2f1c8e55"],
                    "scheduledFor": None,
                    "queueId": None,
                    "scheduledPostIds": [],
                    "gateStatus": None,
                }
            ],
        }
    )

    dry_run: bool
    ok: bool = Field(description="Whether every row can be imported.")
    truncated: bool = Field(
        description=f"Whether findings are left out: an answer has {_MAX_FINDINGS:,}, and one error of each further refused row."
    )
    rows: list[ImportedRow]

    @classmethod
    def of(cls, result: import_posts.Imported) -> Self:
        """Build it from the domain object."""
        left, rows = _MAX_FINDINGS, []
        for row in result.rows:
            shown = row.findings
            if len(shown) > left:
                shown = sorted(shown, key=lambda one: not one.is_error)[: left or (not row.is_ok)]
            left -= min(left, len(shown))
            rows.append(ImportedRow.of(row, shown))
        counts = [len(row.findings) for row in result.rows]
        is_truncated = sum(counts) > sum(len(row.findings) for row in rows)
        return cls(dry_run=result.is_dry_run, ok=result.is_ok, truncated=is_truncated, rows=rows)
