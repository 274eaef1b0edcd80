"""Tables of posts: the columns, times in the zone of a project, and what is found about each row. Pure."""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from enum import StrEnum
from typing import Final, Protocol
from uuid import UUID
from zoneinfo import ZoneInfo

from pydantic import JsonValue

from presswork.content.upload import NewContent
from presswork.core.errors import Code, IssueCode
from presswork.core.ids import ACCOUNT, QUEUE, parse_id, public_id
from presswork.core.timestamps import read_instant
from presswork.platforms.errors import FailureCode
from presswork.platforms.findings import Advice
from presswork.platforms.names import PlatformName
from presswork.platforms.options import OptionCode
from presswork.posts.targets import Target
from presswork.queues.model import Queue

MAX_ROWS: Final = 500
"""Most rows of one import."""


class ImportColumn(StrEnum):
    """The columns of a table of posts."""

    MEDIA = "media"
    ALT_TEXT = "altText"
    CONTAINER_ID = "containerId"
    CAPTION = "caption"
    LINK = "link"
    PARTS = "parts"
    FIRST_COMMENT = "firstComment"
    ACCOUNTS = "accounts"
    DATE = "date"
    TIME = "time"
    QUEUE = "queue"
    MODE = "mode"
    OPTIONS = "options"


class DateOrder(StrEnum):
    """How to read a date with slashes, which is written in two ways."""

    DAY_FIRST = "day_first"
    MONTH_FIRST = "month_first"


class CellError(ValueError):
    """A cell can't be read. The problem continues the name of the column: "is not a date. Write …"."""

    def __init__(self, column: ImportColumn, problem: str, code: IssueCode) -> None:
        super().__init__(problem)
        self.column: Final = column
        self.code: Final = code

    @property
    def finding(self) -> "RowFinding":
        """Return it as a finding about the row."""
        return RowFinding(column=self.column, code=self.code, message=f"`{self.column.value}` {self}", is_error=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class RowFinding:
    """One thing that is wrong with a row, or a warning about it."""

    column: ImportColumn | None
    code: Code | IssueCode | OptionCode | FailureCode | Advice
    message: str
    is_error: bool
    social_account_id: UUID | None = None
    details: Mapping[str, JsonValue] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedAccount:
    """An account of the project, as a table may name it."""

    id: UUID
    platform: PlatformName
    handle: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """What a table is read against: the project's time zone, its queues, and those of its accounts that the table names."""

    zone: ZoneInfo
    accounts: Collection[NamedAccount]
    queues: Collection[Queue]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedRow:
    """What a row asks for, as far as it can be read: content that exists or is brought in, targets and a time (UTC)."""

    content: NewContent | None
    container_id: UUID | None
    targets: Sequence[Target]
    scheduled_for: datetime | None
    """Is None for a post that is due now, or in a queue."""
    queue_id: UUID | None
    """The queue of which the row takes the next slot."""
    findings: Sequence[RowFinding]

    @property
    def is_readable(self) -> bool:
        """Whether every cell could be read."""
        return not any(finding.is_error for finding in self.findings)


class Table(Protocol):
    """The rows of an import."""

    def handles(self) -> Collection[str]:
        """Return the handles that the rows name, in lower case without an @."""

    def read(self, place: Place, *, now: datetime) -> Sequence[PlannedRow]:
        """Return what each row asks for, in order."""


def names_in(cell: str) -> Sequence[str]:
    """Return the names in a cell of accounts: separated by commas, semicolons or white space."""
    return list(dict.fromkeys(name for name in re.split(r"[\s,;]+", cell) if name))


def handle_in(name: str) -> str | None:
    """Return the handle of `@handle` or `platform:@handle` in lower case, or None for an id."""
    return None if name.startswith(f"{ACCOUNT}_") else name.rpartition(":")[2].removeprefix("@").lower()


def account_named(name: str, accounts: Collection[NamedAccount]) -> UUID:
    """Return the id of the account that a name means. Raises CellError if there is none, or more than one."""
    handle = handle_in(name)
    if handle is None:
        try:
            return parse_id(ACCOUNT, name)
        except ValueError as error:
            problem = (
                f"has {name}, which is not an id of an account. Write platform:@handle, or an id like sa_0191f3a2-…."
            )
            raise CellError(ImportColumn.ACCOUNTS, problem, IssueCode.INVALID_FORMAT) from error
    platform = name.rpartition(":")[0].lower()
    found = [one for one in accounts if one.handle.lower() == handle and platform in ("", one.platform.value)]
    if len(found) == 1:
        return found[0].id
    if not found:
        problem = (
            f"names {name}, but this project has no such account. Connect it first, or write one that is connected."
        )
        raise CellError(ImportColumn.ACCOUNTS, problem, IssueCode.UNKNOWN_ACCOUNT)
    several = " or ".join(sorted({f"{one.platform.value}:@{one.handle}" for one in found}))
    hint = f"Write {several}" if len({one.platform for one in found}) == len(found) else "Write its id (sa_…)"
    problem = f"names {name}, which is more than one account. {hint}."
    raise CellError(ImportColumn.ACCOUNTS, problem, IssueCode.UNKNOWN_ACCOUNT)


_DEFAULT_QUEUE: Final = "default"


def queue_named(name: str, queues: Collection[Queue]) -> Queue:
    """Return the queue that a name or an id means, or the default one. Raises CellError if there is none, or more than one."""
    wanted = name.lower()
    found = [one for one in queues if wanted == public_id(QUEUE, one.id)] or [
        one for one in queues if one.name.lower() == wanted
    ]
    if not found and wanted == _DEFAULT_QUEUE:
        found = [one for one in queues if one.is_default]
    if len(found) == 1:
        return found[0]
    if found:
        problem = f"names {name}, which is more than one queue. Write its id (que_…)."
    else:
        problem = f"names {name}, but this project has no such queue. Write the name of one, or `{_DEFAULT_QUEUE}`."
    raise CellError(ImportColumn.QUEUE, problem, IssueCode.INVALID_CHOICE)


_DATE_LIKE: Final = "Write it like 2026-12-24"
_TIME_LIKE: Final = "Write it like 18:30"
_YEAR_FIRST: Final = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})", re.ASCII)
_DOTTED: Final = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})", re.ASCII)
_SLASHED: Final = re.compile(r"(\d{1,2})[/-](\d{1,2})[/-](\d{4})", re.ASCII)
_TIME: Final = re.compile(r"(\d{1,2})(?:[:.](\d{2}))?(?:[:.](\d{2}))?\s*([AaPp])?\.?(?:[Mm]\.?)?", re.ASCII)
_OFFSET: Final = re.compile(r".*\d\s*(?:[Zz]|[+-]\d{2}:?\d{2})", re.ASCII)


_MONTHS: Final = 12


def find_order(date_cells: Iterable[str]) -> DateOrder | None:
    """Return how dates with slashes are written, as far as one of them can be read in one way only.

    None if there is no such date, or if two of them contradict each other.
    """
    found = set()
    for cell in date_cells:
        if slashed := _SLASHED.fullmatch(_split(cell.strip())[0]):
            first, second = int(slashed[1]), int(slashed[2])
            if first > _MONTHS >= second:
                found.add(DateOrder.DAY_FIRST)
            elif second > _MONTHS >= first:
                found.add(DateOrder.MONTH_FIRST)
    return found.pop() if len(found) == 1 else None


def due_at(date_cell: str, time_cell: str, *, zone: ZoneInfo, order: DateOrder | None) -> datetime | None:
    """Return the instant that a row names, UTC, or None if it names none. Raises CellError.

    The date may contain the time. Without an offset it is local time of the project; of a time that a change of clocks
    repeats, it is the first.
    """
    day_text, clock_text = date_cell.strip(), time_cell.strip()
    if day_text and not clock_text:
        day_text, clock_text = _split(day_text)
    if not day_text and not clock_text:
        return None
    if not day_text:
        _clock(clock_text)
        raise CellError(ImportColumn.DATE, f"is empty, but there is a time. {_DATE_LIKE}.", IssueCode.REQUIRED)
    if not clock_text:
        raise CellError(ImportColumn.TIME, f"is empty, but there is a date. {_TIME_LIKE}.", IssueCode.REQUIRED)
    day = _day(day_text, order)
    if _OFFSET.fullmatch(clock_text):
        return _with_offset(day, clock_text)
    local = datetime.combine(day, _clock(clock_text)).replace(tzinfo=zone)
    try:
        instant = local.astimezone(UTC)
    except OverflowError as error:
        problem = f"is not a date of the years 1 to 9999 in UTC. {_DATE_LIKE}."
        raise CellError(ImportColumn.DATE, problem, IssueCode.INVALID_FORMAT) from error
    if instant.astimezone(zone).replace(tzinfo=None) != local.replace(tzinfo=None):
        problem = f"does not exist in {zone.key} on that day, because the clocks go forward. Choose another time."
        raise CellError(ImportColumn.TIME, problem, IssueCode.INVALID_VALUE)
    return instant


def _split(text: str) -> tuple[str, str]:
    day, _, clock = text.replace("T", " ", 1).replace("t", " ", 1).partition(" ")
    return day.rstrip(","), clock.strip()


def _day(text: str, order: DateOrder | None) -> date:
    slashed = _SLASHED.fullmatch(text)
    if slashed is not None and order is None:
        problem = "can be read as day or month first. Write it like 2026-12-24, or say which (`dateOrder`)."
        raise CellError(ImportColumn.DATE, problem, IssueCode.AMBIGUOUS_DATE)
    if slashed is not None:
        first, second, year = slashed.groups()
        numbers = (year, second, first) if order is DateOrder.DAY_FIRST else (year, first, second)
    elif found := _YEAR_FIRST.fullmatch(text):
        numbers = (found[1], found[2], found[3])
    elif found := _DOTTED.fullmatch(text):
        numbers = (found[3], found[2], found[1])
    else:
        raise CellError(ImportColumn.DATE, f"is not a date. {_DATE_LIKE}.", IssueCode.INVALID_FORMAT)
    try:
        return date(*map(int, numbers))
    except ValueError as error:
        raise CellError(
            ImportColumn.DATE, f"is no day of the calendar. {_DATE_LIKE}.", IssueCode.INVALID_FORMAT
        ) from error


def _clock(text: str) -> time:
    found = _TIME.fullmatch(text)
    if found is None or (found[2] is None and found[4] is None):
        raise CellError(ImportColumn.TIME, f"is not a time of day. {_TIME_LIKE}.", IssueCode.INVALID_FORMAT)
    hour, minute, second = int(found[1]), int(found[2] or 0), int(found[3] or 0)
    if found[4] is not None:
        if not 1 <= hour <= 12:
            raise CellError(ImportColumn.TIME, f"is not a time of day. {_TIME_LIKE}.", IssueCode.INVALID_FORMAT)
        hour = hour % 12 + (12 if found[4] in "Pp" else 0)
    try:
        return time(hour, minute, second)
    except ValueError as error:
        raise CellError(ImportColumn.TIME, f"is not a time of day. {_TIME_LIKE}.", IssueCode.INVALID_FORMAT) from error


def _with_offset(day: date, clock: str) -> datetime:
    text = re.sub(r"^(\d:)", r"0\1", re.sub(r"\s+(?=[Zz+-])", "", clock))
    text = re.sub(r"^(\d{2}:\d{2})(?!:)", r"\1:00", text)
    try:
        return read_instant(f"{day.isoformat()}T{text}")
    except ValueError as error:
        raise CellError(ImportColumn.TIME, f"is not a time of day. {_TIME_LIKE}.", IssueCode.INVALID_FORMAT) from error
