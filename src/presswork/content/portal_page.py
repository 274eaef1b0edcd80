"""What the page of a portal link shows a customer of one project: what waits, the calendar, and what is live."""

import calendar
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

import asyncpg

from presswork.content.model import ApprovalStatus, Container, ContainerStatus
from presswork.content.review_page import fill_in
from presswork.content.search import ApprovalWait, ContentFilter, approval_waits, search_content
from presswork.content.store import find_containers
from presswork.core.errors import NotFound
from presswork.core.ids import CONTAINER, parse_id
from presswork.core.timestamps import read_instant
from presswork.core.wall_time import instant_of
from presswork.db.found_page import FoundPage, Position
from presswork.db.pool import Pool
from presswork.db.queries import load
from presswork.links.model import OpenedLink
from presswork.platforms.names import PlatformName
from presswork.posts.fill_in import PostTexts
from presswork.posts.model import OFF_LINE, LiveStatus, Status
from presswork.posts.search import SearchFilter, ThumbnailURL, search_groups
from presswork.posts.targets import targets_of
from presswork.projects.model import FillValues
from presswork.projects.store import find_project

MAX_WAITING: Final = 20
MAX_LIVE: Final = 20
MAX_SHOWN_OF_A_DAY: Final = 6
"""The most entries of one day in a month; the page of the day has more."""
_READ_OF_A_DAY: Final = 40
"""The most posts that are read for one day of a month: an entry has one post for each account."""
_MAX_POSTS_OF_A_DAY: Final = 1_000
YEARS: Final = range(2000, 2100)
"""The years that a calendar reaches."""
_SQL: Final = load("presswork.content", "portal.sql")
_CONTENT: Final = "/content/"
_DAY: Final = timedelta(days=1)


class NotShown(NotFound):
    """The page of a portal link does not show this: it does not exist, or is not for the customer."""

    sentence = "This page does not exist. Open the link again to see what it shows."


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingContent:
    """Content that waits for a decision."""

    container: Container
    wait: ApprovalWait


@dataclass(slots=True, kw_only=True)
class CalendarEntry:
    """The posts of one container that go out at one instant."""

    container_id: UUID
    at: datetime  # UTC
    platforms: list[PlatformName] = field(default_factory=list)  # each once, in the order of their posts
    is_waiting: bool = False  # an approval is missing
    is_out: bool = True  # all of them are out
    caption: str = ""
    picture_key: str | None = None

    def add(self, platform: PlatformName, status: Status | None, *, is_held: bool) -> None:
        """Add a post. Without a status it is part of a schedule call that waits for an approval."""
        if platform not in self.platforms:
            self.platforms.append(platform)
        self.is_waiting = self.is_waiting or status is None or (is_held and status is Status.QUEUED)
        self.is_out = self.is_out and status in (Status.PUBLISHED, Status.DRAFT)


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarDay:
    """A local day of the project."""

    day: date
    entries: Sequence[CalendarEntry]  # by time
    has_more: bool  # than these


@dataclass(frozen=True, slots=True, kw_only=True)
class LivePost:
    """A post that is live."""

    platform: PlatformName
    handle: str
    url: str | None  # None: the platform returned none


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveContent:
    """The live posts of one container that went out at one instant."""

    container_id: UUID
    at: datetime  # UTC
    caption: str
    picture_url: str | None
    posts: Sequence[LivePost]


async def read_waiting(pool: Pool, opened: OpenedLink, *, after: Position | None) -> FoundPage[WaitingContent]:
    """Return up to MAX_WAITING containers of the project that wait for a decision, those that have waited longest first."""
    wanted = ContentFilter(
        project_id=opened.link.project_id,
        statuses=(ContainerStatus.COMPLETED,),
        approval_statuses=(ApprovalStatus.PENDING,),
        order="asc",
    )
    found = await search_content(pool, wanted, after=after, limit=MAX_WAITING, visible_to=opened.principal(()))
    waits = await approval_waits(pool, found.items)
    values = await _read_values(pool, opened)
    shown = [WaitingContent(container=fill_in(one, values, frozenset()), wait=waits[one.id]) for one in found.items]
    return FoundPage(shown, found.continues_after)


async def read_month(pool: Pool, opened: OpenedLink, month: date) -> Sequence[CalendarDay]:
    """Return all days of the month that begins at `month`, in the project's time zone, each with its first entries."""
    count = calendar.monthrange(month.year, month.month)[1]
    days = [month + index * _DAY for index in range(count)]
    return await _read_days(pool, opened, days, max_posts=_READ_OF_A_DAY, max_entries=MAX_SHOWN_OF_A_DAY)


async def read_day(pool: Pool, opened: OpenedLink, day: date) -> CalendarDay:
    """Return one day with all its entries, of up to 1,000 posts."""
    (found,) = await _read_days(pool, opened, [day], max_posts=_MAX_POSTS_OF_A_DAY, max_entries=_MAX_POSTS_OF_A_DAY)
    return found


async def read_live(
    pool: Pool, opened: OpenedLink, *, after: Position | None, thumbnail_url: ThumbnailURL, now: datetime | None
) -> FoundPage[LiveContent]:
    """Return up to MAX_LIVE entries of what is live, newest first. `now` is None in production."""
    wanted = SearchFilter(
        project_id=opened.link.project_id,
        statuses=(Status.PUBLISHED,),
        live_statuses=[status for status in LiveStatus if status not in OFF_LINE],
    )
    found = await search_groups(
        pool,
        wanted,
        after=after,
        limit=MAX_LIVE,
        visible_to=opened.principal(()),
        thumbnail_url=thumbnail_url,
        now=now,
    )
    return FoundPage([_live_content(json.loads(one.document)) for one in found.items], found.continues_after)


async def open_content(pool: Pool, opened: OpenedLink, text: str) -> OpenedLink:
    """Return the link as one that shows a single container of its project, by the text of the container's id.

    Raises NotShown for content of another project, or that is not complete, or was canceled or deleted.
    """
    try:
        container_id = parse_id(CONTAINER, text, is_bare_allowed=True)
    except ValueError as error:
        raise NotShown from error
    found = await find_containers(pool, [container_id], visible_to=opened.principal(()))
    container = found.get(container_id)
    if (
        container is None
        or container.project_id != opened.link.project_id
        or container.status is not ContainerStatus.COMPLETED
    ):
        raise NotShown
    path = f"{opened.path}{_CONTENT}{container_id}"
    return replace(opened, link=replace(opened.link, container_ids=(container_id,)), path=path)


def portal_of(opened: OpenedLink) -> str:
    """Return the path of the link's page, also for a link that `open_content` returned."""
    return opened.path.partition(_CONTENT)[0]


async def _read_days(
    pool: Pool, opened: OpenedLink, days: Sequence[date], *, max_posts: int, max_entries: int
) -> Sequence[CalendarDay]:
    project_id, zone = opened.link.project_id, ZoneInfo(opened.timezone)
    borders = [instant_of(day, time(), zone) for day in (*days, days[-1] + _DAY)]
    rows = await pool.fetch(_SQL["list_days"], project_id, borders[:-1], borders[1:], max_posts)
    intents = await pool.fetch(_SQL["list_intents_of"], project_id, borders[0], borders[-1])
    found: dict[date, dict[tuple[datetime, UUID], CalendarEntry]] = {day: {} for day in days}
    counts = dict.fromkeys(days, 0)
    for row in rows:
        day = days[row["day"] - 1]
        counts[day] += 1
        entry = _entry_in(found[day], row)
        entry.add(PlatformName(row["platform"]), Status(row["status"]), is_held=row["is_held"])
    await _add_intents(pool, found, intents, zone)
    shown = {day: sorted(found[day].values(), key=lambda one: (one.at, one.container_id)) for day in days}
    await _add_words(pool, opened, [entry for day in days for entry in shown[day][:max_entries]])
    return [
        CalendarDay(
            day=day,
            entries=shown[day][:max_entries],
            has_more=len(shown[day]) > max_entries or counts[day] == max_posts,
        )
        for day in days
    ]


async def _add_intents(
    pool: Pool,
    found: Mapping[date, dict[tuple[datetime, UUID], CalendarEntry]],
    intents: Sequence[asyncpg.Record],
    zone: ZoneInfo,
) -> None:
    targets = [(row, target) for row in intents for target in targets_of(row["targets"])]
    accounts = await pool.fetch(_SQL["platforms_of"], list({target.social_account_id for _, target in targets}))
    platforms = {account["id"]: PlatformName(account["platform"]) for account in accounts}
    for row, target in targets:
        if (platform := platforms.get(target.social_account_id)) is not None:
            day = row["scheduled_for"].astimezone(zone).date()
            _entry_in(found[day], row).add(platform, None, is_held=True)


async def _add_words(pool: Pool, opened: OpenedLink, entries: Sequence[CalendarEntry]) -> None:
    if not entries:
        return
    rows = await pool.fetch(_SQL["list_shown"], list({entry.container_id for entry in entries}))
    known, values = {row["id"]: row for row in rows}, await _read_values(pool, opened)
    for entry in entries:
        if (row := known.get(entry.container_id)) is not None:
            texts = PostTexts(caption=row["caption"], first_comment=None)
            entry.caption = texts.filled_for_all(values, frozenset(entry.platforms)).caption
            entry.picture_key = row["picture_key"]


async def _read_values(pool: Pool, opened: OpenedLink) -> FillValues:
    """Return what is filled into the texts of the link's project."""
    return (await find_project(pool, opened.link.project_id, visible_to=opened.principal(()))).fill


def _entry_in(entries: dict[tuple[datetime, UUID], CalendarEntry], row: asyncpg.Record) -> CalendarEntry:
    at, container_id = row["scheduled_for"], row["container_id"]
    return entries.setdefault((at, container_id), CalendarEntry(container_id=container_id, at=at))


def _live_content(group: Mapping[str, Any]) -> LiveContent:  # Any: a document of posts/search.py
    return LiveContent(
        container_id=parse_id(CONTAINER, group["containerId"]),
        at=read_instant(group["scheduledFor"]),
        caption=next((post["texts"]["caption"] for post in group["posts"] if post["texts"]), group["caption"]),
        picture_url=group["thumbnailUrl"],
        posts=[
            LivePost(
                platform=PlatformName(post["platform"]),
                handle=post["account"]["handle"],
                url=post["sandboxUrl"] or post["externalUrl"],
            )
            for post in group["posts"]
        ],
    )
