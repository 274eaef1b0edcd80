"""Lists: keyset pages by (instant, id), with an opaque cursor."""

import base64
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated, Final, Generic, TypeVar
from uuid import UUID

from fastapi import Depends, Query
from pydantic import TypeAdapter

from presswork.errors import Invalid, Issue
from presswork.http.body import Out

Item = TypeVar("Item")
_CURSOR: Final = TypeAdapter(tuple[int, UUID])
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)


class Page(Out, Generic[Item]):
    """One page of a list. `nextCursor` is null on the last one."""

    items: Sequence[Item]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class Position:
    """The place of one row in a list: its sorting instant and its id."""

    at: datetime
    id: UUID

    def as_cursor(self) -> str:
        """Return the wire form; exact to the microsecond, as PostgreSQL is."""
        microseconds = (self.at - _EPOCH) // _MICROSECOND
        return base64.urlsafe_b64encode(json.dumps([microseconds, str(self.id)]).encode()).decode().rstrip("=")

    @classmethod
    def of_cursor(cls, text: str) -> "Position":
        """Read the wire form back. Raises Invalid."""
        try:
            raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
            microseconds, identity = _CURSOR.validate_json(raw)
            return cls(_EPOCH + microseconds * _MICROSECOND, identity)
        except (ValueError, OverflowError) as error:  # Pydantic's and binascii's errors are ValueErrors
            raise Invalid(
                [Issue("cursor", "This cursor is not one that a list gave out; start again without it.", "bad_cursor")]
            ) from error


@dataclass(frozen=True, slots=True)
class PageRequest:
    """Which page is asked for."""

    limit: int
    after: Position | None

    def page_of(self, rows: Sequence[Item], position: Callable[[Item], Position]) -> tuple[Sequence[Item], str | None]:
        """Cut rows, fetched with `limit + 1`, to the page and return the cursor of the next one."""
        if len(rows) <= self.limit:
            return rows, None
        kept = rows[: self.limit]
        return kept, position(kept[-1]).as_cursor()


async def _page_request(
    limit: Annotated[int, Query(ge=1, le=100, description="Rows on a page.")] = 50,
    cursor: Annotated[str | None, Query(max_length=200, description="`nextCursor` of the page before.")] = None,
) -> PageRequest:
    return PageRequest(limit, None if cursor is None else Position.of_cursor(cursor))


Paging = Annotated[PageRequest, Depends(_page_request)]
