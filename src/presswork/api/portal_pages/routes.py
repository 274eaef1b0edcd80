"""The page of a portal link: what waits in a project, its calendar, and what is live, for a customer without a login.

The page of a single container is in review_pages, with the decision on it.
"""

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from functools import partial
from typing import Final
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Request
from starlette.responses import Response

from presswork.api.context import Context, Ctx, Now
from presswork.api.http.link_pages import LinkPages, link_page, open_page, record_visit
from presswork.api.http.pages import READ
from presswork.api.http.paging import Position
from presswork.content.model import Container
from presswork.content.portal_page import (
    YEARS,
    CalendarDay,
    CalendarEntry,
    LiveContent,
    NotShown,
    WaitingContent,
    read_day,
    read_live,
    read_month,
    read_waiting,
)
from presswork.content.review_link_model import ReviewSettings
from presswork.core.enums import LinkKind
from presswork.core.errors import Invalid
from presswork.db.found_page import FoundPage
from presswork.links.model import OpenedLink
from presswork.media.links import MediaLinks
from presswork.platforms.names import PlatformName
from presswork.platforms.registry import manual_instructions

router: Final = APIRouter(include_in_schema=False)

_PAGES: Final = LinkPages("presswork.api.portal_pages")
_MONTH: Final = re.compile(r"(\d{4})-(\d\d)", re.ASCII)
_WAITING: Final = "portal: waiting"
_LIVE: Final = "portal: live"


@router.api_route("/portal/{token}", methods=READ)
@link_page
async def show_portal(*, request: Request, token: str, context: Ctx, now: Now) -> Response:
    """Show what waits for a decision, and the calendar of this month."""
    opened = await _open(request, context, token, now=now)
    today = now.astimezone(ZoneInfo(opened.timezone)).date()
    values = {
        "waiting": await _waiting_values(context, opened, None, now=now),
        **await _month_values(context, opened, today.replace(day=1), now=now),
    }
    return _respond(request, context, opened, "portal.html", values, now=now)


@router.api_route("/portal/{token}/waiting/{cursor}", methods=READ)
@link_page
async def show_portal_waiting(*, request: Request, token: str, cursor: str, context: Ctx, now: Now) -> Response:
    """Show more of what waits for a decision."""
    opened = await _open(request, context, token, now=now)
    values = {"waiting": await _waiting_values(context, opened, _position(cursor, _WAITING), now=now)}
    return _respond(request, context, opened, "portal_waiting.html", values, now=now)


@router.api_route("/portal/{token}/months/{month}", methods=READ)
@link_page
async def show_portal_month(*, request: Request, token: str, month: str, context: Ctx, now: Now) -> Response:
    """Show the calendar of a month, such as 2026-12."""
    opened = await _open(request, context, token, now=now)
    values = await _month_values(context, opened, _parse_month(month), now=now)
    return _respond(request, context, opened, "portal_month.html", values, now=now)


@router.api_route("/portal/{token}/days/{day}", methods=READ)
@link_page
async def show_portal_day(*, request: Request, token: str, day: str, context: Ctx, now: Now) -> Response:
    """Show all of one day, such as 2026-12-05."""
    opened = await _open(request, context, token, now=now)
    try:
        wanted = date.fromisoformat(day)
    except ValueError as error:
        raise NotShown from error
    if wanted.year not in YEARS:
        raise NotShown
    found = await read_day(context.pool, opened, wanted)
    values = {"day": _day_values(found, _picture_url(context, now)), "month_path": f"months/{wanted:%Y-%m}"}
    return _respond(request, context, opened, "portal_day.html", values, now=now)


@router.api_route("/portal/{token}/live", methods=READ)
@router.api_route("/portal/{token}/live/{cursor}", methods=READ)
@link_page
async def show_portal_live(
    *, request: Request, token: str, context: Ctx, now: Now, cursor: str | None = None
) -> Response:
    """Show what is live, newest first."""
    opened = await _open(request, context, token, now=now)
    found = await read_live(
        context.pool,
        opened,
        after=None if cursor is None else _position(cursor, _LIVE),
        thumbnail_url=_picture_url(context, now),
        now=context.clock.database_now(),
    )
    values = {
        "live": [_live_values(one) for one in found.items],
        "is_first": cursor is None,
        "next": _cursor_after(found, _LIVE),
    }
    return _respond(request, context, opened, "portal_live.html", values, now=now)


async def _open(request: Request, context: Context, token: str, *, now: datetime) -> OpenedLink:
    opened = await open_page(request, context, token, LinkKind.PORTAL, now=now)
    await record_visit(request, context, opened, now=now)
    return opened


def _respond(
    request: Request,
    context: Context,
    opened: OpenedLink,
    template: str,
    values: Mapping[str, object],
    *,
    now: datetime,
) -> Response:
    shown = {
        **values,
        "view": "live" if template == "portal_live.html" else "plan",
        "timezone": opened.timezone,
        "can_decide": ReviewSettings.of(opened.link).can_decide,
        "today": now.astimezone(ZoneInfo(opened.timezone)).date(),
    }
    return _PAGES.response(request, context, opened, template, shown, now=now)


async def _waiting_values(
    context: Context, opened: OpenedLink, after: Position | None, *, now: datetime
) -> Mapping[str, object]:
    found = await read_waiting(context.pool, opened, after=after)
    picture_url = _picture_url(context, now)
    return {
        "contents": [_waiting_item(one, picture_url) for one in found.items],
        "next": _cursor_after(found, _WAITING),
    }


def _waiting_item(one: WaitingContent, picture_url: Callable[[str], str]) -> Mapping[str, object]:
    key, step = _picture_key(one.container), one.container.current_step
    return {
        "path": f"content/{one.container.id}",
        "caption": one.container.caption,
        "picture": None if key is None else picture_url(key),
        "due_at": one.wait.due_at,
        "changes_requested": one.wait.changes_requested,
        "step": None if step is None or step.review_link else step.name,
    }


def _picture_key(container: Container) -> str | None:
    if container.link is not None and container.link.picture is not None:
        return container.link.picture.object_key
    return next((asset.thumbnail_key for asset in container.media if asset.thumbnail_key is not None), None)


async def _month_values(context: Context, opened: OpenedLink, month: date, *, now: datetime) -> Mapping[str, object]:
    days = await read_month(context.pool, opened, month)
    picture_url = _picture_url(context, now)
    former, following = (month - timedelta(days=1)).replace(day=1), (month + timedelta(days=31)).replace(day=1)
    return {
        "month_day": month,
        "days": [_day_values(one, picture_url) for one in days],
        "former": f"months/{former:%Y-%m}" if former.year in YEARS else None,
        "following": f"months/{following:%Y-%m}" if following.year in YEARS else None,
    }


def _day_values(found: CalendarDay, picture_url: Callable[[str], str]) -> Mapping[str, object]:
    return {
        "day": found.day,
        "entries": [_entry_values(one, picture_url) for one in found.entries],
        "more": f"days/{found.day}" if found.has_more else None,
    }


def _entry_values(entry: CalendarEntry, picture_url: Callable[[str], str]) -> Mapping[str, object]:
    return {
        "path": f"content/{entry.container_id}",
        "at": entry.at,
        "caption": entry.caption,
        "picture": None if entry.picture_key is None else picture_url(entry.picture_key),
        "platforms": ", ".join(map(_title_of, entry.platforms)),
        "is_waiting": entry.is_waiting,
        "is_out": entry.is_out,
    }


def _live_values(found: LiveContent) -> Mapping[str, object]:
    return {
        "at": found.at,
        "caption": found.caption,
        "picture": found.picture_url,
        "path": f"content/{found.container_id}",
        "posts": [
            {
                "title": _title_of(post.platform),
                "account": manual_instructions(post.platform).account(post.handle),
                "url": post.url,
            }
            for post in found.posts
        ],
    }


def _title_of(platform: PlatformName) -> str:
    return manual_instructions(platform).title


def _picture_url(context: Context, now: datetime) -> Callable[[str], str]:
    # Relative URLs: media have the origin of the page, whatever the public host name is.
    links = MediaLinks("", context.keyring, context.settings.media_url_lifetime)
    return partial(links.preview_url, now=now)


def _position(cursor: str, list_name: str) -> Position:
    try:
        return Position.of_cursor(cursor, list_name)
    except Invalid as error:
        raise NotShown from error


def _cursor_after(found: FoundPage[WaitingContent] | FoundPage[LiveContent], list_name: str) -> str | None:
    return None if found.continues_after is None else Position(*found.continues_after).as_cursor(list_name)


def _parse_month(text: str) -> date:
    match = _MONTH.fullmatch(text)
    if match is None or int(match[1]) not in YEARS or int(match[2]) not in range(1, 13):
        raise NotShown
    return date(int(match[1]), int(match[2]), 1)
