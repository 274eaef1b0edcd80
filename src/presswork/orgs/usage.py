"""What an organization has used: read by project, day or platform, and added up; and the count of its API calls."""

import asyncio
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

import asyncpg
import structlog

from presswork.callers.model import Principal
from presswork.core.enums import Environment
from presswork.core.errors import Invalid, Issue, IssueCode
from presswork.db.errors import COMMIT_UNKNOWN_ERRORS, TRANSIENT_ERRORS
from presswork.db.pool import Connection, Pool
from presswork.db.rows import from_row
from presswork.orgs.limits import SQL, month_of

log = structlog.get_logger()

MAX_DAYS: Final = 366
"""The most days of one reading."""
MIN_DAY: Final = date(2000, 1, 1)
"""The first day that can be asked for."""
MAX_ITEMS: Final = 10_000
"""The most rows of one reading, of which up to nine become an item."""
FLUSH_EVERY: Final = timedelta(seconds=10)
"""How often the calls that a process has counted are stored. A process that is killed loses what it counted since."""
_DAY: Final = timedelta(days=1)
_GAUGES: Final = ("accounts", "media_bytes", "seats")


class UsageBy(StrEnum):
    """By what usage is divided."""

    PROJECT = "project"
    DAY = "day"
    PLATFORM = "platform"


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """What was used: posts by how they ended, calls and texts in the period; accounts, bytes and seats at its end.

    Of project, day (UTC) and platform, one is set, or none of what belongs to no project or platform, and of totals.
    """

    project_id: UUID | None = None
    day: date | None = None
    platform: str | None = None
    published: int = 0
    draft: int = 0
    failed: int = 0
    canceled: int = 0
    accounts: int = 0
    media_bytes: int = 0
    api_calls: int = 0
    texts: int = 0
    seats: int = 0


@dataclass(frozen=True, slots=True)
class Period:
    """Days in UTC, from the first until before the last."""

    since: date
    until: date

    @classmethod
    def of(cls, since: date | None, until: date | None, *, now: datetime) -> "Period":
        """Return a period: by default from the first day of this month until tomorrow.

        Raises Invalid if it ends before it begins, has more than MAX_DAYS days, or is of before MIN_DAY.
        """
        for name, day in (("since", since), ("until", until)):
            if day is not None and day < MIN_DAY:
                problem = f"is before {MIN_DAY}. Send a later day."
                raise Invalid([Issue.at(name, problem, IssueCode.INVALID_VALUE)])
        until = until or now.astimezone(UTC).date() + _DAY
        since = since or month_of(datetime(until.year, until.month, until.day, tzinfo=UTC) - _DAY)
        if until < since:
            problem = "is before `since`. Send a later one."
            raise Invalid([Issue.at("until", problem, IssueCode.INVALID_VALUE)])
        if until - since > MAX_DAYS * _DAY:
            problem = f"is more than {MAX_DAYS} days after `since`. Read a shorter period."
            raise Invalid([Issue.at("until", problem, IssueCode.INVALID_VALUE)])
        return cls(since, until)

    @property
    def days(self) -> Iterable[date]:
        """Each day."""
        return (self.since + number * _DAY for number in range((self.until - self.since).days))


async def read_usage(
    connection: "Connection | Pool",
    organization_id: UUID,
    environment: Environment,
    period: Period,
    group_by: UsageBy | None,
    *,
    project_ids: frozenset[UUID] | None,
) -> Sequence[Usage]:
    """Return what was used: by project or platform what has anything, by day each day, else one total.

    `project_ids` are the projects that the caller sees, without what belongs to none; None for everything.
    """
    rows = await connection.fetch(
        SQL["read_usage"],
        organization_id,
        environment.value,
        period.since,
        period.until,
        None if group_by is None else group_by.value,
        None if project_ids is None else list(project_ids),
        MAX_ITEMS,
    )
    if group_by is UsageBy.DAY:
        return _by_day(rows, period)
    amounts: dict[tuple[UUID | None, str | None], dict[str, int]] = {} if group_by else {(None, None): {}}
    for row in rows:
        amounts.setdefault((row["project_id"], row["platform"]), {})[row["kind"]] = row["amount"]
    return [
        from_row(Usage, {"project_id": project_id, "platform": platform, **kinds})
        for (project_id, platform), kinds in amounts.items()
    ]


def _by_day(rows: Sequence[asyncpg.Record], period: Period) -> Sequence[Usage]:
    """Return each day, with what there was of accounts, bytes and seats at its end."""
    by_day: dict[date, dict[str, int]] = {}
    for row in rows:
        by_day.setdefault(row["day"], {})[row["kind"]] = row["amount"]
    standing = {kind: by_day.get(period.since - _DAY, {}).get(kind, 0) for kind in _GAUGES}
    found = []
    for day in period.days:
        kinds: Mapping[str, int] = by_day.get(day, {})
        standing = {kind: amount + kinds.get(kind, 0) for kind, amount in standing.items()}
        found.append(from_row(Usage, {"day": day, **kinds, **standing}))
    return found


async def merge_usage(pool: Pool, *, limit: int) -> int:
    """Add up what was written since the last time, and return how many entries that were."""
    return int(await pool.fetchval(SQL["merge_usage"], limit))


@dataclass(slots=True)
class CallCounts:
    """The API calls of organizations that this process has counted and not stored yet."""

    pool: Pool
    _calls: Counter[tuple[UUID, Environment, date]] = field(default_factory=Counter)

    def count(self, caller: Principal, *, now: datetime) -> None:
        """Count a call."""
        self._calls[caller.organization_id, caller.environment, now.astimezone(UTC).date()] += 1

    async def flush(self) -> None:
        """Store what was counted. While the database is unavailable it is kept, unless it may have been stored."""
        taken, self._calls = self._calls, Counter()
        if not taken:
            return
        places = list(taken)
        try:
            await self.pool.execute(
                SQL["add_calls"],
                [organization for organization, _, _ in places],
                [environment.value for _, environment, _ in places],
                [day for _, _, day in places],
                [taken[place] for place in places],
            )
        except TRANSIENT_ERRORS as error:
            if not isinstance(error, COMMIT_UNKNOWN_ERRORS):
                self._calls.update(taken)
            log.warning("API calls not stored", error=type(error).__name__, calls=sum(taken.values()))

    async def run(self) -> None:
        """Store what was counted every FLUSH_EVERY, and at the end."""
        try:
            while True:
                await asyncio.sleep(FLUSH_EVERY.total_seconds())
                await self.flush()
        finally:
            await self.flush()
