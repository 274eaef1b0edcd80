"""Sum up the numbers of posts by day, account, platform or label, or list them by post."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import inf
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from presswork.callers.model import Principal
from presswork.core.errors import Invalid, Issue, IssueCode
from presswork.core.timestamps import end_of_millisecond
from presswork.db.pool import Pool
from presswork.db.queries import load
from presswork.insights.model import Group, GroupBy, InsightsFilter, metrics_of
from presswork.insights.read import SQL as _QUERIES

SQL: Final = load("presswork.insights", "groups.sql")
DEFAULT_SPAN: Final = timedelta(days=30)
MAX_SPAN: Final = timedelta(days=367)


@dataclass(frozen=True, slots=True)
class GroupPosition:
    """A group in the list, after which a page continues."""

    place: float
    key: str


BEFORE_ALL: Final = GroupPosition(-inf, "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """Whose posts of which time are meant."""

    projects: Sequence[UUID] | None
    """The ids of the projects, or None for all."""
    since: datetime
    until: datetime
    """UTC, inclusive."""


async def find_scope(pool: Pool, wanted: InsightsFilter, *, visible_to: Principal, now: datetime) -> Scope:
    """Return the projects and the time of a filter: by default the last 30 days. A project that the caller does not see has no posts.

    Raises Invalid for a time of more than a year.
    """
    projects = None if visible_to.project_ids is None else sorted(visible_to.project_ids)
    if (project := wanted.project_id) is not None:
        tenant = (visible_to.organization_id, visible_to.environment.value)
        is_found = await pool.fetchval(_QUERIES["project_exists"], *tenant, project)
        projects = [project] if is_found and visible_to.may_see(project) else []
    until = wanted.until or max(now, (wanted.since or now))
    since = wanted.since or until - min(DEFAULT_SPAN, until - datetime.min.replace(tzinfo=until.tzinfo))
    if until - since > MAX_SPAN:
        problem = "is more than 366 days after `since`. Send a `since` and an `until` that are closer."
        raise Invalid([Issue.at("until", problem, IssueCode.TOO_LARGE)])
    return Scope(projects=projects, since=since, until=end_of_millisecond(until))


async def group_insights(
    pool: Pool,
    wanted: InsightsFilter,
    group_by: GroupBy,
    *,
    timezone: str | None,
    order: str,
    after: GroupPosition,
    limit: int,
    visible_to: Principal,
    now: datetime,
) -> Sequence[Group]:
    """Return groups of the posts that match, of which numbers are known, in an order: a metric, `posts` or `key`, with `-` descending.

    The days are those of `timezone`, by default of the project, or else of UTC. Raises Invalid as `find_scope`.
    """
    scope = await find_scope(pool, wanted, visible_to=visible_to, now=now)
    arguments: list[object] = [
        visible_to.organization_id,
        visible_to.environment.value,
        scope.projects,
        scope.since,
        scope.until,
        wanted.account_id,
        None if wanted.platform is None else wanted.platform.value,
        order,
        after.place,
        after.key,
        limit,
    ]
    if group_by is GroupBy.DAY:
        if timezone is None and wanted.project_id is not None and scope.projects:
            tenant = (visible_to.organization_id, visible_to.environment.value)
            timezone = await pool.fetchval(_QUERIES["project_timezone"], *tenant, wanted.project_id)
        arguments.append(ZoneInfo(timezone or "UTC").key)
    rows = await pool.fetch(SQL[f"by_{group_by}"], *arguments)
    return [
        Group(key=row["key"], posts=row["posts"], metrics=metrics_of(row), place=float(row["place"])) for row in rows
    ]
