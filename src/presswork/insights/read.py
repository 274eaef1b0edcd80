"""Read the numbers of a post and of an account, and have those of a post taken again."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final
from uuid import UUID

import asyncpg

from presswork.accounts.model import AccountNotFound
from presswork.callers.model import Principal
from presswork.core.enums import Mode
from presswork.core.timestamps import end_of_millisecond
from presswork.db.pool import Connection, Pool
from presswork.db.queries import load
from presswork.insights.model import (
    REFRESH_EVERY,
    AccountInsights,
    AskedTooSoon,
    DayOfAccount,
    Missing,
    NoNumbers,
    PostInsights,
    PostNotLive,
    Reading,
    describe_missing,
    json_of,
    metrics_of,
)
from presswork.live_reads.ask import ask_for_read, lock_asked
from presswork.live_reads.model import ReadKind
from presswork.platforms.insights import MissingReason
from presswork.platforms.live_support import InsightsSupport
from presswork.platforms.names import LoginName, PlatformName
from presswork.platforms.registry import Platforms
from presswork.posts.model import OFF_LINE, LiveStatus, PostNotFound, Status

SQL: Final = load("presswork.insights")
_FIRST: Final = datetime(1, 1, 1, tzinfo=UTC)
_LAST: Final = datetime(9999, 12, 31, tzinfo=UTC)
_DEFAULT_DAYS: Final = timedelta(days=30)
_MAX_DAYS_OF_ACCOUNT: Final = 1_000
_ACCOUNT_METRICS: Final = ("followers", "views", "reach")


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedRefresh:
    """Numbers that will be taken."""

    post_id: UUID
    next_at: datetime
    """UTC."""


async def _find_post(connection: "Connection | Pool", post_id: UUID, visible_to: Principal) -> asyncpg.Record:
    row = await connection.fetchrow(SQL["find_post"], visible_to.organization_id, visible_to.environment.value, post_id)
    if row is None or not visible_to.may_see(row["project_id"]):
        raise PostNotFound
    return row


def _find_support(platforms: Platforms, row: asyncpg.Record) -> InsightsSupport | None:
    """Return how the numbers of a post are read, or None where there are none."""
    return _support_of(platforms, row["login"]) if row["mode"] == Mode.PUBLISH.value else None


def _support_of(platforms: Platforms, login: str) -> InsightsSupport | None:
    described = platforms.described()
    return described[LoginName(login)].insights if login in set(LoginName) else None


def _is_off_line(row: asyncpg.Record) -> bool:
    return bool(row["is_gone"]) or row["live_status"] in {status.value for status in OFF_LINE}


async def read_post_insights(pool: Pool, platforms: Platforms, post_id: UUID, *, visible_to: Principal) -> PostInsights:
    """Return the last numbers of a post. Before the first read, or where there are none, each has its reason. Raises PostNotFound."""
    row = await _find_post(pool, post_id, visible_to)
    support, is_gone = _find_support(platforms, row), _is_off_line(row)
    metrics = metrics_of(row)
    return PostInsights(
        post_id=post_id,
        platform=PlatformName(row["platform"]),
        taken_at=row["taken_at"],
        metrics=metrics,
        raw=json_of(row["raw"]),
        unavailable=describe_missing(
            metrics,
            {name: str(reason) for name, reason in json_of(row["unavailable"]).items()},
            row["missing_scopes"] or (),
            is_gone=is_gone,
            offered=frozenset() if support is None else support.offered,
        ),
        next_at=None if is_gone else row["due_at"],
    )


async def read_history(
    pool: Pool,
    post_id: UUID,
    *,
    since: datetime | None,
    until: datetime | None,
    after: datetime | None,
    limit: int,
    visible_to: Principal,
) -> Sequence[Reading]:
    """Return the readings of a post between two instants, both inclusive, oldest first. Raises PostNotFound."""
    await _find_post(pool, post_id, visible_to)
    rows = await pool.fetch(
        SQL["history"], post_id, since or _FIRST, end_of_millisecond(until or _LAST), after or _FIRST, limit
    )
    return [Reading(taken_at=row["taken_at"], metrics=metrics_of(row), raw=json_of(row["raw"])) for row in rows]


async def refresh_insights(
    connection: Connection, platforms: Platforms, post_id: UUID, *, visible_to: Principal, now: datetime
) -> AskedRefresh:
    """Have the numbers of a live post taken soon. Runs in a transaction.

    Raises PostNotFound, PostNotLive, NoNumbers, and AskedTooSoon within REFRESH_EVERY after the last call.
    """
    row = await _find_post(connection, post_id, visible_to)
    if row["status"] != Status.PUBLISHED.value or _is_off_line(row):
        live_status = LiveStatus.GONE.value if row["is_gone"] else row["live_status"]
        raise PostNotLive(post_id, row["status"], live_status)
    if _find_support(platforms, row) is None:
        raise NoNumbers(post_id)
    asked_at = await lock_asked(connection, post_id, ReadKind.INSIGHTS)
    if asked_at is not None and now < asked_at + REFRESH_EVERY:
        raise AskedTooSoon(post_id, asked_at + REFRESH_EVERY - now)
    next_at = await ask_for_read(connection, post_id, ReadKind.INSIGHTS, now=now)
    return AskedRefresh(post_id=post_id, next_at=next_at)


async def read_account_insights(
    pool: Pool,
    platforms: Platforms,
    account_id: UUID,
    *,
    since: date | None,
    until: date | None,
    visible_to: Principal,
    now: datetime,
) -> AccountInsights:
    """Return the last numbers of an account, and those of its days, both bounds inclusive: by default the last 30 days.

    Raises AccountNotFound.
    """
    row = await pool.fetchrow(SQL["find_account"], visible_to.organization_id, visible_to.environment.value, account_id)
    if row is None or not visible_to.may_see(row["project_id"]):
        raise AccountNotFound
    last = until or max(now.date(), since or now.date())
    first = since or last - min(_DEFAULT_DAYS, last - date.min)
    days = await pool.fetch(SQL["days_of_account"], account_id, first, last, _MAX_DAYS_OF_ACCOUNT)
    reasons = json_of(row["unavailable"])
    if row["taken_at"] is None:
        has_numbers = _support_of(platforms, row["login"]) is not None
        reason = MissingReason.NOT_YET if has_numbers else MissingReason.NOT_OFFERED
        reasons = dict.fromkeys(_ACCOUNT_METRICS, reason.value)
    return AccountInsights(
        account_id=account_id,
        platform=PlatformName(row["platform"]),
        taken_at=row["taken_at"],
        followers=row["followers"],
        days=[
            DayOfAccount(day=day["day"], followers=day["followers"], views=day["views"], reach=day["reach"])
            for day in days
        ],
        unavailable=[
            Missing(
                metric=name,
                reason=MissingReason(str(reasons[name])),
                permissions=tuple(sorted(row["missing_scopes"] or ()))
                if reasons[name] == MissingReason.NOT_GRANTED.value
                else (),
            )
            for name in _ACCOUNT_METRICS
            if name in reasons
        ],
    )
