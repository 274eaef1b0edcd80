"""Count the posts of each local day, by status and account."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from presswork.callers.model import Principal
from presswork.core.errors import Invalid, Issue, IssueCode
from presswork.core.timestamps import end_of_millisecond
from presswork.core.wall_time import instant_of
from presswork.db.pool import Pool
from presswork.db.queries import load
from presswork.posts.model import Status

_SQL: Final = load("presswork.posts", "overview.sql")
MAX_DAYS: Final = 366
"""The most local days of one summary."""
MAX_COUNTS: Final = 50_000
"""The most pairs of an account and a day in one summary."""
_DEFAULT_SPAN: Final = timedelta(days=31)
"""How far a summary reaches before and after the present where the caller sends no bounds."""

_EARLIEST: Final = datetime(2, 1, 1, tzinfo=UTC)
_LATEST: Final = datetime(9998, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """The number of posts by local day and status, as JSON: in all, and for each account. Days without posts are left out."""

    timezone: str
    days: str
    accounts: str


async def summarize_posts(
    pool: Pool,
    *,
    since: datetime | None,
    until: datetime | None,
    timezone: str | None,
    project_id: UUID | None,
    labels: Sequence[str] | None = None,
    visible_to: Principal,
    now: datetime,
) -> Summary:
    """Count the posts whose `scheduledFor` is between two instants, both inclusive.

    Without a time zone, the days are those of the project, or without one of UTC. A project that the caller does not see
    has no posts. With `labels`, only posts whose content has one of them count. Raises Invalid for a span of more than MAX_DAYS days or with more than MAX_COUNTS counts.
    """
    tenant = (visible_to.organization_id, visible_to.environment.value)
    projects = visible_to.project_ids
    if project_id is not None:
        found = await pool.fetchval(_SQL["timezone_of_project"], *tenant, project_id)
        projects = frozenset({project_id} if found is not None and visible_to.may_see(project_id) else ())
        timezone = timezone or (found if projects else None)
    zone = ZoneInfo(timezone or "UTC")
    since, until = _bound_instant(since), _bound_instant(until)
    first = since or min(now, until or now) - _DEFAULT_SPAN
    last = end_of_millisecond(until or max(now, first) + _DEFAULT_SPAN)
    days = _days(first, last, zone)
    statuses = [status.value for status in Status]
    borders = [instant_of(day, time(), zone) for day in days[1:]]  # not always 24 hours apart
    span = (statuses, first, last, borders, MAX_COUNTS, days[0])
    if labels is not None:
        limited_to = None if projects is None else sorted(projects)
        (row,) = await pool.fetch(_SQL["summarize_labels"], *tenant, *span, limited_to, labels)
    elif projects is None:
        (row,) = await pool.fetch(_SQL["summarize_all"], *tenant, *span)
    else:
        (row,) = await pool.fetch(_SQL["summarize_projects"], sorted(projects), *span)
    if row["pairs"] > MAX_COUNTS:
        problem = (
            f"includes more than {MAX_COUNTS:,} pairs of an account and a day. Send a shorter span or a projectId."
        )
        raise Invalid([Issue.at("until", problem, IssueCode.TOO_MANY)])
    return Summary(timezone=zone.key, days=row["days"], accounts=row["accounts"])


def _bound_instant(instant: datetime | None) -> datetime | None:
    """Return the nearest instant from which every time zone and a month away are in the calendar."""
    return None if instant is None else min(max(instant, _EARLIEST), _LATEST)


def _days(first: datetime, last: datetime, zone: ZoneInfo) -> Sequence[date]:
    """Return the local days from one instant to another. Raises Invalid for more than MAX_DAYS days."""
    begin, end = first.astimezone(zone).date(), last.astimezone(zone).date()
    if (end - begin).days >= MAX_DAYS:
        problem = f"makes more than {MAX_DAYS} days from `since` on. Send a `since` and an `until` that are closer."
        raise Invalid([Issue.at("until", problem, IssueCode.TOO_LARGE)])
    return [begin + timedelta(days=number) for number in range(max(1, (end - begin).days + 1))]
