"""Read the audit log: pages for an organization's keys, and the latest entries for operators of the installation."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

import asyncpg

from presswork.audit.model import Action, Entry
from presswork.callers.model import Actor, ActorKind, Principal
from presswork.core.timestamps import end_of_millisecond
from presswork.db.found_page import MAX_SCANNED, FoundPage, Position, found_page
from presswork.db.pool import Connection, Pool
from presswork.db.queries import load
from presswork.db.rows import from_row

_SQL: Final = load("presswork.audit")
_EARLIEST: Final = datetime(1, 1, 2, tzinfo=UTC)
_LATEST: Final = datetime(9999, 12, 30, tzinfo=UTC)
_LAST_ID: Final = UUID(int=2**128 - 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryFilter:
    """Filter of a list; None does not filter. Both instants are inclusive, `until` with its whole millisecond."""

    action: Action | None = None
    actor: ActorKind | None = None
    key_id: UUID | None = None
    user_id: UUID | None = None
    object_id: str | None = None
    since: datetime | None = None
    until: datetime | None = None

    @property
    def statement(self) -> str:
        """The statement with the most selective index for this filter."""
        if self.object_id is not None:
            return "by_object"
        if self.key_id is not None:
            return "by_key"
        if self.user_id is not None:
            return "by_user"
        return "by_organization" if self.action is None else "by_action"


async def list_entries(
    pool: Pool,
    wanted: EntryFilter,
    *,
    visible_to: Principal,
    before: Position | None,
    limit: int,
    max_scanned: int = MAX_SCANNED,
) -> FoundPage[Entry]:
    """Return a page of the entries of the caller's organization and environment, newest first, after the one at `before`.

    Reads at most `max_scanned` entries: an environment or a kind of actor may be rare among millions.
    """
    if wanted.key_id is not None and wanted.user_id is not None:
        return FoundPage([], None)  # no entry has both
    rows = await pool.fetch(
        _SQL[wanted.statement],
        visible_to.organization_id,
        visible_to.environment.value,
        *(before or (_LATEST, _LAST_ID)),
        max(wanted.since or _EARLIEST, _EARLIEST),
        end_of_millisecond(min(wanted.until or _LATEST, _LATEST)),
        wanted.actor,
        wanted.action,
        wanted.key_id or wanted.user_id,
        wanted.object_id,
        max_scanned,
        limit + 1,
    )
    found = [_entry(row) for row in rows if row["id"] is not None]
    return found_page(rows, [((entry.at, entry.id), entry) for entry in found], limit=limit, scanned=max_scanned)


async def latest_entries(
    connection: Connection, *, organization: str | None, action: Action | None, limit: int
) -> Sequence[Entry]:
    """Return the latest entries of the whole installation, or of one organization, newest first."""
    rows = await connection.fetch(_SQL["latest"], organization, action, limit)
    return [_entry(row) for row in rows]


def _entry(row: asyncpg.Record) -> Entry:
    who = "scim_token_id" if row["actor"] == ActorKind.SCIM_TOKEN else "link"
    actor = from_row(Actor, row, kind=row["actor"], name=row["actor_name"], **{who: row["link_id"]})
    return from_row(Entry, row, actor=actor)
