"""Parse and format instants on the wire: ISO 8601, UTC, with a `Z`."""

import re
from datetime import UTC, datetime
from typing import Annotated, Final

from pydantic import BeforeValidator, PlainSerializer, WithJsonSchema

_FORM: Final = re.compile(r"\d{4}-\d{2}-\d{2}T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,6})?Z", re.ASCII)


def read_instant(value: object) -> datetime:
    """Parse an instant. Raises ValueError, with a message for the caller, on another offset, no offset or another form."""
    if isinstance(value, datetime):
        return value
    if isinstance(value, str) and _FORM.fullmatch(value):
        try:
            return datetime.fromisoformat(value.removesuffix("Z")).replace(tzinfo=UTC)
        except ValueError:
            pass
    raise ValueError("must be an instant in UTC, written like 2026-11-24T18:30:00Z")


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
