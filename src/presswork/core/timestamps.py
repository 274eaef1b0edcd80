"""Parse and format instants on the wire: ISO 8601 with any offset in requests, in UTC with a `Z` in responses; header dates."""

import re
from datetime import UTC, date, datetime, timedelta, timezone
from email.utils import parsedate_to_datetime
from typing import Annotated, Final

from pydantic import BeforeValidator, PlainSerializer, WithJsonSchema

from presswork.core.errors import FieldError, IssueCode

_FORM: Final = re.compile(
    r"(?P<time>\d{4}-\d{2}-\d{2}[Tt](?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d)(?:\.(?P<fraction>\d{1,6}))?"
    r"(?P<offset>[Zz]|[+-](?:[01]\d|2[0-3])(?::?[0-5]\d)?)?",
    re.ASCII,
)
_DAY_CHARACTERS: Final = len("2026-11-24")
_LIKE: Final = "Send a time with its offset from UTC, like 2026-11-24T18:30:00Z or 2026-11-24T19:30:00+01:00"
_TOO_FINE: Final = re.compile(r"\.\d{7}", re.ASCII)
_UNESCAPED_PLUS: Final = re.compile(r"[^ ]*[Tt][^ ]* \d{2}:?\d{2}", re.ASCII)


def read_instant(value: object) -> datetime:
    """Parse an instant with any offset and return it in UTC.

    Raises FieldError on no offset or another form.
    """
    if isinstance(value, datetime):
        return value
    if not isinstance(value, str):
        raise FieldError(f"is not a time. {_LIKE}.", IssueCode.INVALID_TYPE)
    match = _FORM.fullmatch(value)
    if match is None:
        # In a query, + is a space.
        plus = "; in a query, write + as %2B" if _UNESCAPED_PLUS.fullmatch(value) else ""
        fine = ", with at most six digits of a fraction" if _TOO_FINE.search(value) else ""
        raise FieldError(f"is not a time in ISO 8601. {_LIKE}{fine}{plus}.", IssueCode.INVALID_FORMAT)
    if match["offset"] is None:
        raise FieldError(
            "has no offset from UTC, so it is not known which instant it is. Add Z for UTC, or an offset like +01:00.",
            IssueCode.TIME_WITHOUT_OFFSET,
        )
    try:
        local = datetime.fromisoformat(match["time"].upper()).replace(
            microsecond=int((match["fraction"] or "").ljust(6, "0")), tzinfo=_offset(match["offset"])
        )
        return local.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise FieldError(f"is not a date of the years 1 to 9999 in UTC. {_LIKE}.", IssueCode.INVALID_FORMAT) from error


def _offset(text: str) -> timezone:
    if text in "Zz":
        return UTC
    digits = text[1:].replace(":", "").ljust(4, "0")
    size = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return timezone(-size if text[0] == "-" else size)


def read_header_date(text: str) -> datetime | None:
    """Parse a date as headers of HTTP and mail have it (RFC 9110, RFC 5322) and return it in UTC; None where it is none.

    A date without an offset is in UTC.
    """
    try:
        date = parsedate_to_datetime(text)
        return date.replace(tzinfo=UTC) if date.tzinfo is None else date.astimezone(UTC)
    except (ValueError, OverflowError):  # overflow: beyond the years 1 to 9999
        return None


def write_instant(value: datetime) -> str:
    """Return the wire form with a resolution of one millisecond."""
    return value.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def end_of_millisecond(value: datetime) -> datetime:
    """Return the last microsecond of an instant's millisecond, which is the resolution of responses."""
    return value.replace(microsecond=value.microsecond // 1000 * 1000 + 999)


Instant = Annotated[
    datetime,
    BeforeValidator(read_instant),
    PlainSerializer(write_instant, return_type=str),
    WithJsonSchema({"type": "string", "format": "date-time", "examples": ["2026-11-24T18:30:00.000Z"]}),
]


def read_day(value: object) -> date:
    """Parse a day of the calendar, like 2026-11-24. Raises FieldError for another form."""
    if isinstance(value, date):
        return value
    if not isinstance(value, str):
        raise FieldError("is not a day. Send one like 2026-11-24.", IssueCode.INVALID_TYPE)
    try:
        if len(value) == _DAY_CHARACTERS:
            return date.fromisoformat(value)
    except ValueError:
        pass
    raise FieldError("is not a day in ISO 8601. Send one like 2026-11-24.", IssueCode.INVALID_FORMAT)


Day = Annotated[
    date,
    BeforeValidator(read_day),
    WithJsonSchema({"type": "string", "format": "date", "examples": ["2026-11-24"]}),
]
