"""How connectors read values in a platform's response: each returns None, or nothing, where the value is not of its kind."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from pydantic import JsonValue


def text_of(value: JsonValue) -> str | None:
    """Return a text that is not empty; None for anything else."""
    return value if isinstance(value, str) and value else None


def number_of(value: JsonValue) -> int | None:
    """Return a whole number; None for anything else."""
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def count_of(value: JsonValue) -> int | None:
    """Return a whole number from 0 on that JSON contains as a number or as a text; None for anything else."""
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 20:
        return int(value)
    number = number_of(value)
    return number if number is not None and number >= 0 else None


def part_of(body: Mapping[str, JsonValue], *names: str) -> Mapping[str, JsonValue]:
    """Return the object at a path of names; empty where it is missing."""
    for name in names:
        inner = body.get(name)
        body = inner if isinstance(inner, dict) else {}
    return body


def items_of(body: Mapping[str, JsonValue], name: str) -> list[Mapping[str, JsonValue]]:
    """Return the entries of the list with this name, skipping anything that is not an object."""
    items = body.get(name)
    return [item for item in items if isinstance(item, dict)] if isinstance(items, list) else []


def seconds_of(value: JsonValue) -> timedelta | None:
    """Return a positive number of seconds; None for anything else."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return timedelta(seconds=value) if is_number and isinstance(value, int | float) and 0 < value < 1e9 else None


def instant_of(value: JsonValue) -> datetime | None:
    """Parse an instant with an offset; None for anything else."""
    try:
        at = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
    return at if at is not None and at.tzinfo is not None else None
