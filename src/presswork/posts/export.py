"""Export posts with their outcomes: all that match a filter, page by page, as CSV or as JSON lines."""

import csv
import io
import json
from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from presswork.callers.model import Principal
from presswork.db.found_page import MAX_SCANNED
from presswork.db.pool import Pool
from presswork.posts.read import PostDocument
from presswork.posts.search import PreparedSearch, SearchFilter, prepare_search, read_documents

_PAGE: Final = 500
COLUMNS: Final[Mapping[str, Sequence[str]]] = {
    "id": ("id",),
    "projectId": ("projectId",),
    "containerId": ("containerId",),
    "socialAccountId": ("socialAccountId",),
    "platform": ("platform",),
    "handle": ("account", "handle"),
    "mode": ("mode",),
    "status": ("status",),
    "scheduledFor": ("scheduledFor",),
    "publishedAt": ("publishedAt",),
    "canceledAt": ("canceledAt",),
    "caption": ("caption",),
    "externalId": ("externalId",),
    "externalUrl": ("externalUrl",),
    "firstCommentStatus": ("firstCommentStatus",),
    "threadStatus": ("threadStatus",),
    "liveStatus": ("liveStatus",),
    "errorCode": ("lastError", "code"),
    "errorMessage": ("lastError", "message"),
    "createdAt": ("createdAt",),
    "updatedAt": ("updatedAt",),
}
"""The columns of a CSV file, and where their values are in the document of a post."""
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
"""How a cell begins that a spreadsheet would compute."""


class ExportFormat(StrEnum):
    """How posts are written."""

    CSV = "csv"
    JSONL = "jsonl"


async def export_posts(
    pool: Pool, wanted: SearchFilter, form: ExportFormat, *, visible_to: Principal, now: datetime | None
) -> AsyncGenerator[bytes]:
    """Yield the posts that match, by `scheduledFor`, a page at a time: each is read when the one before has been consumed.

    `now` is None in production: the database's time. A post that is rescheduled meanwhile may be missed, or written twice.
    """
    head = csv_lines([list(COLUMNS)]) if form is ExportFormat.CSV else b""
    search = await prepare_search(pool, wanted, visible_to, now)
    async for documents in _pages(pool, search):
        if form is ExportFormat.CSV:
            yield head + csv_lines([_cells(json.loads(document)) for document in documents])
        else:
            yield "".join(f"{document}\n" for document in documents).encode()
        head = b""
    if head:
        yield head


async def _pages(pool: Pool, search: PreparedSearch | None) -> AsyncIterator[Sequence[PostDocument]]:
    if search is None:
        return
    after, is_open = None, True
    while is_open:
        page = await read_documents(pool, search, after=after, limit=_PAGE, max_scanned=MAX_SCANNED)
        if page.items:
            yield page.items
        after, is_open = page.continues_after, page.continues_after is not None


def defuse(text: str) -> str:
    """Return a cell that no spreadsheet computes: an apostrophe before what would begin a formula.

    Source: OWASP, "CSV Injection", read 2026-12.
    """
    return f"'{text}" if text.startswith(_FORMULA) else text


def _cells(post: Mapping[str, Any]) -> Sequence[str]:  # Any: JSON
    return [defuse(_text_at(post, path)) for path in COLUMNS.values()]


def _text_at(value: Any, path: Sequence[str]) -> str:  # Any: JSON
    for name in path:
        value = None if value is None else value.get(name)
    return "" if value is None else str(value)


def csv_lines(rows: Sequence[Sequence[str]]) -> bytes:
    """Return rows as lines of a CSV file, UTF-8 (RFC 4180)."""
    out = io.StringIO(newline="")
    csv.writer(out).writerows(rows)
    return out.getvalue().encode()
