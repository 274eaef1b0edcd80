"""Storage of notices: a person's list and preferences, and channels."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import asyncpg

from presswork.callers.model import Principal
from presswork.core.ids import oldest_id
from presswork.db.pool import Connection, Pool, affected
from presswork.db.queries import load
from presswork.db.rows import FIRST, LAST, from_row
from presswork.notices.model import (
    KEPT_FOR,
    MAX_UNREAD,
    Channel,
    ChannelNotFound,
    Notice,
    NoticeType,
    Notification,
    Preference,
    default_preference,
)
from presswork.people.model import Role
from presswork.projects.model import ProjectNotFound
from presswork.projects.store import find_project

SQL: Final = load("presswork.notices")


async def list_notifications(
    pool: Pool,
    user_id: UUID,
    *,
    visible_to: Principal,
    only_unread: bool,
    before: tuple[datetime, UUID] | None,
    limit: int,
) -> tuple[Sequence[Notification], int]:
    """Return up to `limit` notifications of a person, the latest first, and how many are unread, up to MAX_UNREAD."""
    projects = None if visible_to.project_ids is None else list(visible_to.project_ids)
    environment = visible_to.environment.value
    rows = await pool.fetch(
        SQL["list_notifications"], user_id, environment, projects, only_unread, *(before or LAST), limit
    )
    unread = await pool.fetchval(SQL["count_unread"], user_id, environment, projects, MAX_UNREAD)
    return [Notification(notice=notice_of(row), read_at=row["read_at"]) for row in rows], int(unread)


def notice_of(row: asyncpg.Record) -> Notice:
    """Parse a stored notice."""
    return from_row(Notice, row)


async def mark_read(
    connection: Connection, user_id: UUID, *, visible_to: Principal, up_to: datetime, now: datetime
) -> int:
    """Mark a person's notifications as read, up to an instant; return how many were unread."""
    return affected(await connection.execute(SQL["mark_read"], user_id, visible_to.environment.value, up_to, now))


async def list_preferences(connection: Connection | Pool, user_id: UUID) -> Sequence[Preference]:
    """Return where a person is notified of each event."""
    person = await connection.fetchrow(SQL["find_role"], user_id)
    role = Role.VIEWER if person is None else Role(person["role"])
    chosen = preferences_of([dict(row) for row in await connection.fetch(SQL["list_preferences"], user_id)])
    return [chosen.get(event) or default_preference(event, role) for event in NoticeType]


async def write_preferences(connection: Connection, user_id: UUID, preferences: Sequence[Preference]) -> None:
    """Store what a person chose; events that are not named stay as they are."""
    await connection.execute(
        SQL["write_preferences"],
        user_id,
        [preference.event.value for preference in preferences],
        [preference.in_app for preference in preferences],
        [preference.email for preference in preferences],
        [preference.push for preference in preferences],
    )


def preferences_of(rows: Sequence[Mapping[str, object]]) -> Mapping[NoticeType, Preference]:
    """Parse stored preferences; an event that only a newer version knows is left out."""
    known = {event.value for event in NoticeType}
    read = [from_row(Preference, row) for row in rows if row["event"] in known]
    return {preference.event: preference for preference in read}


def read_chosen(text: str) -> Mapping[NoticeType, Preference]:
    """Parse preferences that a statement has collected as JSON."""
    return preferences_of(json.loads(text))


async def find_channel(connection: Connection | Pool, channel_id: UUID, *, visible_to: Principal) -> Channel:
    """Return a channel. Raises ChannelNotFound."""
    return _require_channel(
        await connection.fetchrow(
            SQL["find_channel"], visible_to.organization_id, visible_to.environment.value, channel_id
        ),
        visible_to,
    )


async def lock_channel(connection: Connection, channel_id: UUID, *, visible_to: Principal) -> Channel:
    """Return a channel, locked until the transaction ends. Raises ChannelNotFound."""
    return _require_channel(
        await connection.fetchrow(
            SQL["lock_channel"], visible_to.organization_id, visible_to.environment.value, channel_id
        ),
        visible_to,
    )


def _require_channel(row: asyncpg.Record | None, visible_to: Principal) -> Channel:
    if row is None or not visible_to.may_see(row["project_id"]):
        raise ChannelNotFound
    return channel_of(row)


def channel_of(row: asyncpg.Record) -> Channel:
    """Parse a stored channel; an event that only a newer version knows is left out."""
    known = {event.value for event in NoticeType}
    return from_row(Channel, row, events=[event for event in row["events"] if event in known])


async def list_channels(
    pool: Pool, project_id: UUID, *, visible_to: Principal, after: tuple[datetime, UUID] | None, limit: int
) -> Sequence[Channel]:
    """Return up to `limit` channels of a project, oldest first. Raises ProjectNotFound."""
    if not visible_to.may_see(project_id):
        raise ProjectNotFound
    await find_project(pool, project_id, visible_to=visible_to)
    rows = await pool.fetch(SQL["list_channels"], project_id, *(after or FIRST), limit)
    return [channel_of(row) for row in rows]


async def warn_of_tokens(pool: Pool, *, now: datetime, limit: int) -> int:
    """Write events about tokens that end within 14, 7 or 1 days, once for each; return how many."""
    return int(await pool.fetchval(SQL["warn_of_tokens"], now, limit))


async def warn_of_quota(pool: Pool, *, quota_bytes: int, now: datetime, limit: int) -> int:
    """Write events about organizations that use 80 % of their storage, once for each crossing; return how many."""
    return int(await pool.fetchval(SQL["warn_of_quota"], now, quota_bytes, limit))


async def announce_limits(pool: Pool, *, now: datetime, limit: int) -> int:
    """Write events about limits that organizations came near or reached, once a month for each; return how many."""
    return int(await pool.fetchval(SQL["announce_limits"], now, limit))


async def sweep_notices(pool: Pool, *, now: datetime, limit: int) -> int:
    """Delete notices that are older than KEPT_FOR, and what is known of former ones; return the most rows of one kind."""
    done = [
        await pool.execute(SQL["sweep_notices"], oldest_id(now - KEPT_FOR), limit),
        await pool.execute(SQL["sweep_token_warnings"], now - timedelta(days=1), limit),
        await pool.execute(SQL["sweep_mail_windows"], now - timedelta(days=1), limit),
    ]
    return max(affected(tag) for tag in done)
