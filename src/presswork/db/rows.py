"""Read rows as the dataclasses of the domains, and the ends of lists."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final, TypeVar
from uuid import UUID

import asyncpg
from pydantic import TypeAdapter, ValidationError

T = TypeVar("T")

FIRST: Final = (datetime(1, 1, 1, tzinfo=UTC), UUID(int=0))
"""Before every row of a list that is sorted by an instant and an id."""
LAST: Final = (datetime(9999, 12, 31, tzinfo=UTC), UUID(int=2**128 - 1))
"""After every row of such a list."""

_adapters: Final[dict[type[Any], TypeAdapter[Any]]] = {}  # Any: of all dataclasses


def from_row(kind: type[T], row: asyncpg.Record | Mapping[str, object], /, **others: object) -> T:
    """Return a row as a dataclass whose fields are its columns; `others` add fields or replace columns.

    Enums, tuples and sets are built from the driver's values, and further columns are ignored. Raises ValueError, which
    quotes no value, if a field is missing or a value does not have its type.
    """
    adapter = _adapters.get(kind) or _adapters.setdefault(kind, TypeAdapter(kind))
    try:
        read: T = adapter.validate_python({**dict(row), **others})
    except ValidationError as error:
        wrong = ", ".join(f"{detail['loc'][0]} ({detail['type']})" for detail in error.errors(include_input=False))
        raise ValueError(f"the row can't be read as {kind.__name__}: {wrong}") from None
    return read
