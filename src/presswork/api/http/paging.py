"""Keyset pagination by (instant, id), with opaque cursors."""

import base64
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Annotated, Any, Final, Generic, NamedTuple, TypeVar
from uuid import UUID

from fastapi import Depends, Query, Request
from pydantic import Field, TypeAdapter

from presswork.api.http.body import Out
from presswork.core.errors import Invalid, Issue, IssueCode
from presswork.db.found_page import FoundPage

Item = TypeVar("Item")

Row = TypeVar("Row")
MAX_ROWS: Final = 200
"""Largest `limit` of a list."""
_CURSOR: Final = TypeAdapter(tuple[str, int, UUID])
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)


class Page(Out, Generic[Item]):
    """One page of a list. `nextCursor` is null on the last one."""

    items: Sequence[Item]
    next_cursor: str | None


NoNextPage = Annotated[str | None, Field(description="Always null: the list has one page.")]
"""The `nextCursor` of a list without pages, so that clients read all lists alike."""


def encode_cursor(*parts: int | str) -> str:
    """Return the parts of a position as an opaque text."""
    return base64.urlsafe_b64encode(json.dumps(parts).encode()).decode().rstrip("=")


def decode_cursor(text: str, form: TypeAdapter[Item]) -> Item:
    """Return the parts of a position. Raises ValueError, as Pydantic's and binascii's errors are."""
    return form.validate_json(base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True))


class Position(NamedTuple):
    """Position of one row in a list: its sorting instant and its id."""

    at: datetime
    id: UUID

    def as_cursor(self, list_name: str) -> str:
        """Return the cursor, which is valid for that list only; exact to the microsecond, like PostgreSQL."""
        microseconds = (self.at - _EPOCH) // _MICROSECOND
        return encode_cursor(_mark(list_name), microseconds, str(self.id))

    @classmethod
    def of_cursor(cls, text: str, list_name: str) -> "Position":
        """Parse a cursor. Raises Invalid unless this list issued it."""
        try:
            _, microseconds, identity = decode_cursor(text, _CURSOR)
            position = cls(_EPOCH + microseconds * _MICROSECOND, identity)
        except (ValueError, OverflowError) as error:
            raise bad_cursor() from error
        if position.as_cursor(list_name) != text:
            raise bad_cursor()
        return position


def _mark(list_name: str) -> str:
    return sha256(list_name.encode()).hexdigest()[:8]


def bad_cursor() -> Invalid:
    """Return the refusal of a cursor that is not from the list."""
    problem = "is not from this list. Send nextCursor of a page of it, or request the first page without a cursor."
    return Invalid([Issue.at("cursor", problem, IssueCode.BAD_CURSOR)])


def _position_by_creation(row: Any) -> Position:  # Any: whatever has these two attributes
    return Position(row.created_at, row.id)


@dataclass(frozen=True, slots=True)
class PageRequest:
    """The requested page."""

    limit: int
    after: Position | None
    list_name: str
    """The route's pattern: a cursor is valid for one list only."""

    def page_of(self, rows: Sequence[Item], position: Callable[[Item], Position]) -> tuple[Sequence[Item], str | None]:
        """Return the page of rows that were fetched with `limit + 1`, and the cursor of the next page."""
        if len(rows) <= self.limit:
            return rows, None
        kept = rows[: self.limit]
        return kept, position(kept[-1]).as_cursor(self.list_name)

    def of(
        self,
        page: type[Page[Item]],
        rows: Sequence[Row],
        item: Callable[[Row], Item],
        position: Callable[[Row], Position] = _position_by_creation,
    ) -> Page[Item]:
        """Return the page of rows that were fetched with `limit + 1`, sorted by creation unless `position` says otherwise."""
        kept, cursor = self.page_of(rows, position)
        return page(items=[item(row) for row in kept], next_cursor=cursor)

    def of_found(self, page: type[Page[Item]], found: FoundPage[Row], item: Callable[[Row], Item]) -> Page[Item]:
        """Return a page that may have fewer rows than `limit` before the end of the list."""
        return page(items=[item(row) for row in found.items], next_cursor=self.cursor_after(found))

    def cursor_after(self, found: FoundPage[Row]) -> str | None:
        """Return the cursor of the page after this one."""
        after = found.continues_after
        return None if after is None else Position(*after).as_cursor(self.list_name)


async def _page_request(
    request: Request,
    limit: Annotated[int, Query(ge=1, le=MAX_ROWS, description="Maximum number of rows on a page.")] = 50,
    cursor: Annotated[str | None, Query(max_length=200, description="`nextCursor` of the previous page.")] = None,
) -> PageRequest:
    list_name = str(request.scope["route"].path)
    return PageRequest(limit, None if cursor is None else Position.of_cursor(cursor, list_name), list_name)


Paging = Annotated[PageRequest, Depends(_page_request)]
