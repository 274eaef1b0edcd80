"""Export the last numbers of posts: all that match a filter, page by page, as CSV or as JSON lines."""

import json
from collections.abc import AsyncGenerator, Mapping
from datetime import datetime
from typing import Final

import asyncpg

from presswork.callers.model import Principal
from presswork.core.ids import ACCOUNT, CONTAINER, POST, PROJECT, public_id
from presswork.core.timestamps import write_instant
from presswork.db.pool import Pool
from presswork.db.rows import FIRST
from presswork.insights.group import SQL, find_scope
from presswork.insights.model import COLUMNS as METRICS
from presswork.insights.model import InsightsFilter, json_of, metrics_of
from presswork.posts.export import ExportFormat, csv_lines, defuse

_PAGE: Final = 500
COLUMNS: Final = (
    "postId",
    "projectId",
    "containerId",
    "socialAccountId",
    "platform",
    "handle",
    "publishedAt",
    "externalId",
    "externalUrl",
    "takenAt",
    *(metric.value for metric in METRICS),
)
"""The columns of a CSV file, and the first members of a line of JSON."""


async def export_insights(
    pool: Pool, wanted: InsightsFilter, form: ExportFormat, *, visible_to: Principal, now: datetime
) -> AsyncGenerator[bytes]:
    """Yield the posts that match, of which numbers are known, by `publishedAt`, a page at a time.

    Raises Invalid as `find_scope`, before the first page.
    """
    scope = await find_scope(pool, wanted, visible_to=visible_to, now=now)
    head = csv_lines([list(COLUMNS)]) if form is ExportFormat.CSV else b""
    after, is_open = FIRST, True
    while is_open:
        rows = await pool.fetch(
            SQL["export"],
            visible_to.organization_id,
            visible_to.environment.value,
            scope.projects,
            scope.since,
            scope.until,
            wanted.account_id,
            None if wanted.platform is None else wanted.platform.value,
            *after,
            _PAGE,
        )
        is_open = len(rows) == _PAGE
        if rows:
            after = (rows[-1]["published_at"], rows[-1]["post_id"])
        documents = [_document_of(row) for row in rows]
        if form is ExportFormat.CSV:
            lines = csv_lines([[_cell_of(document[name]) for name in COLUMNS] for document in documents])
        else:
            lines = "".join(f"{json.dumps(document, ensure_ascii=False)}\n" for document in documents).encode()
        if head or lines:
            yield head + lines
        head = b""


def _document_of(row: asyncpg.Record) -> Mapping[str, object]:
    reasons = json_of(row["unavailable"])
    return {
        "postId": public_id(POST, row["post_id"]),
        "projectId": public_id(PROJECT, row["project_id"]),
        "containerId": public_id(CONTAINER, row["container_id"]),
        "socialAccountId": public_id(ACCOUNT, row["social_account_id"]),
        "platform": row["platform"],
        "handle": row["handle"],
        "publishedAt": write_instant(row["published_at"]),
        "externalId": row["external_id"],
        "externalUrl": row["external_url"],
        "takenAt": write_instant(row["taken_at"]),
        **{metric.value: value for metric, value in metrics_of(row).items()},
        "unavailable": reasons,
    }


def _cell_of(value: object) -> str:
    """Return a cell: empty where a number is not known, which is not 0."""
    return "" if value is None else defuse(value) if isinstance(value, str) else str(value)
