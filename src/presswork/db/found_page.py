"""Pages of lists with filters that no index knows: a page reads a bounded number of rows, however few of them match.

The statements are those named `search`. Each of their rows has the number of rows that were read, `scanned`, and the
position of the last one, `last_at` and `last_id`. Without a match there is one row, whose id is null.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Generic, Literal, TypeAlias, TypeVar
from uuid import UUID

import asyncpg

from presswork.core.timestamps import end_of_millisecond

Item = TypeVar("Item")
Position: TypeAlias = tuple[datetime, UUID]
"""The position of a row in a list: the instant by which the list is sorted, and the row's id."""
Order: TypeAlias = Literal["asc", "desc"]
MAX_SCANNED: Final = 5_000
"""The most rows that one page reads to find those that match."""
_EARLIEST: Final = datetime(1, 1, 2, tzinfo=UTC)
_LATEST: Final = datetime(9999, 12, 30, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class FoundPage(Generic[Item]):
    """A page, and the position after which the next one starts, or None on the last page."""

    items: Sequence[Item]
    continues_after: Position | None


def found_page(
    rows: Sequence[asyncpg.Record], found: Sequence[tuple[Position, Item]], *, limit: int, scanned: int | None
) -> FoundPage[Item]:
    """Return the page of the items that were found with `limit + 1`.

    `scanned` is the most rows that the statement was allowed to read; None where every row matched.
    """
    items = [item for _, item in found[:limit]]
    if len(found) > limit:
        return FoundPage(items, found[limit - 1][0])
    if rows[0]["scanned"] == scanned:
        return FoundPage(items, (rows[0]["last_at"], rows[0]["last_id"]))
    return FoundPage(items, None)


def span(
    order: Order, *, since: datetime | None, until: datetime | None, after: Position | None
) -> tuple[Position, datetime]:
    """Return the position before the first row of a page, and the end of its list.

    `since` and `until` are inclusive; `until` covers its whole millisecond, since responses show time in milliseconds.
    """
    first = max(since or _EARLIEST, _EARLIEST)
    last = end_of_millisecond(min(until or _LATEST, _LATEST))
    if order == "desc":
        begin = (last + _MICROSECOND, UUID(int=0))
        return (begin if after is None or after[0] > last else after), first
    begin = (first - _MICROSECOND, UUID(int=2**128 - 1))
    return (begin if after is None or after[0] < first else after), last


def conditions_of(values: Mapping[str, Any]) -> dict[str, Any]:  # Any: JSON
    """Return the filters that are set."""
    return {name: value for name, value in values.items() if value is not None}
