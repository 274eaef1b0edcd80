"""List the containers of one project, or of all projects that a caller sees."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Final
from uuid import UUID

from presswork.callers.model import Principal
from presswork.content.model import ApprovalStatus, Container, ContainerStatus
from presswork.content.review_policy import changes_since_review
from presswork.content.store import SQL, container_of
from presswork.db.found_page import MAX_SCANNED, FoundPage, Order, Position, conditions_of, found_page, span
from presswork.db.pool import Pool
from presswork.platforms.names import PlatformName
from presswork.posts.model import LiveStatus, Status

_KEPT: Final = tuple(status for status in ContainerStatus if status is not ContainerStatus.DELETED)
_NOTHING: Final[FoundPage[Container]] = FoundPage((), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class ContentFilter:
    """Which containers to list; None does not filter. `since` and `until` are inclusive."""

    project_id: UUID | None = None
    statuses: Sequence[ContainerStatus] | None = None
    """Without any, all but what was deleted."""
    approval_statuses: Sequence[ApprovalStatus] | None = None
    labels: Sequence[str] | None = None
    """Any of them."""
    text: str | None = None
    """Part of the caption, ignoring case."""
    since: datetime | None = None
    until: datetime | None = None
    order: Order = "desc"


async def search_content(
    pool: Pool,
    wanted: ContentFilter,
    *,
    after: Position | None,
    limit: int,
    visible_to: Principal,
    max_scanned: int = MAX_SCANNED,
) -> FoundPage[Container]:
    """Return up to `limit` containers by creation time; none of a project that the caller does not see.

    A page has fewer containers than `limit`, possibly none, if `max_scanned` have been read before it is full.
    """
    project = wanted.project_id
    if project is not None and not visible_to.may_see(project):
        return _NOTHING
    limited_to = visible_to.project_ids if project is None else None
    conditions = conditions_of(
        {
            "projects": None if limited_to is None else [str(one) for one in sorted(limited_to)],
            "labels": wanted.labels,
            "text": wanted.text,
        }
    )
    near, far = span(wanted.order, since=wanted.since, until=wanted.until, after=after)
    rows = await pool.fetch(
        SQL[f"search_{'all' if project is None else 'project'}_{wanted.order}"],
        visible_to.organization_id,
        visible_to.environment.value,
        [status.value for status in dict.fromkeys(wanted.statuses or _KEPT)],
        [status.value for status in dict.fromkeys(wanted.approval_statuses or ApprovalStatus)],
        *near,
        far,
        limit + 1,
        json.dumps(conditions),
        max_scanned if conditions else limit + 1,
        *(() if project is None else (project,)),
    )
    found = [container_of(list(group)) for key, group in groupby(rows, key=lambda row: row["id"]) if key is not None]
    return found_page(
        rows,
        [((container.created_at, container.id), container) for container in found],
        limit=limit,
        scanned=max_scanned if conditions else None,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalWait:
    """What makes the decision on a container urgent, or not."""

    due_at: datetime | None
    """When the first schedule call or post that waits for the decision is due, UTC; None if none has a time."""
    changes_requested: bool
    """Whether changes were requested, and no text was edited since: it is the author's turn."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownPost:
    """The post by which a list of containers shows what one does on an account."""

    id: UUID
    social_account_id: UUID
    platform: PlatformName
    status: Status
    live_status: LiveStatus | None
    scheduled_for: datetime
    """UTC."""


async def shown_posts(pool: Pool, containers: Sequence[Container]) -> Mapping[UUID, Sequence[ShownPost]]:
    """Return for each account of the containers of a page its next queued post, or else its latest one, by container."""
    rows = await pool.fetch(SQL["posts_shown"], [one.id for one in containers]) if containers else []
    return {
        container: [
            ShownPost(
                id=row["id"],
                social_account_id=row["social_account_id"],
                platform=PlatformName(row["platform"]),
                status=Status(row["status"]),
                live_status=None if row["live_status"] is None else LiveStatus(row["live_status"]),
                scheduled_for=row["scheduled_for"],
            )
            for row in group
        ]
        for container, group in groupby(rows, key=lambda row: row["container_id"])
    }


async def approval_waits(pool: Pool, containers: Sequence[Container]) -> Mapping[UUID, ApprovalWait]:
    """Return what the containers of a page wait for, by id; those that wait for no approval are left out."""
    pending = [one for one in containers if one.approval_status is ApprovalStatus.PENDING]
    if not pending:
        return {}
    rows = await pool.fetch(SQL["approvals_due"], [one.id for one in pending])
    due = {row["id"]: row["due_at"] for row in rows}
    return {
        one.id: ApprovalWait(
            due_at=due.get(one.id),
            changes_requested=one.decision_note is not None and not changes_since_review(one),
        )
        for one in pending
    }
