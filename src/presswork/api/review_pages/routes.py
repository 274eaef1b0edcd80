"""Pages that show content and take the decisions of people without access to Presswork: of a review link, and below a portal link's."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID, uuid4

from fastapi import APIRouter, Request
from starlette.responses import Response

from presswork.api.approvals.schemas import MAX_NOTE_CHARACTERS
from presswork.api.context import Context, Ctx, Now
from presswork.api.http.cookies import REVIEWER, cookie_of, set_cookie
from presswork.api.http.envelope import request_id_of
from presswork.api.http.languages import language_of
from presswork.api.http.link_pages import LinkPages, link_page, open_page, page_url, read_act, record_visit
from presswork.api.http.pages import READ
from presswork.content.discussion import MAX_CHARACTERS, Anchor, ContentComment, TooManyComments
from presswork.content.model import (
    ApprovalStatus,
    Asset,
    Container,
    ContainerClosed,
    ContainerNotFound,
    ContainerStatus,
    ReviewOutcome,
)
from presswork.content.portal_page import open_content, portal_of
from presswork.content.review_link_model import (
    MAX_HOURS,
    MAX_NAME_CHARACTERS,
    PLAN,
    Outcome,
    ReviewDecision,
    ReviewSettings,
)
from presswork.content.review_links import comment_at_page, decide_at_page
from presswork.content.review_page import (
    PlannedPost,
    ReviewedContent,
    find_visitor,
    read_review_page,
    remember_name,
    remember_visit,
    with_news,
)
from presswork.core.enums import LinkKind
from presswork.core.errors import Invalid
from presswork.links.model import OpenedLink
from presswork.media.links import MediaLinks
from presswork.media.model import ContentType, Kind, kind_of
from presswork.platforms.registry import manual_instructions
from presswork.posts.model import Status

router: Final = APIRouter(include_in_schema=False)

_PAGES: Final = LinkPages("presswork.api.review_pages")
_REMEMBERED: Final = timedelta(hours=MAX_HOURS)
_MAX_FORM_BYTES: Final = 2 * 1024 * 1024
"""Notes and comments of 20 containers with characters that a form writes as nine bytes."""
_ALL: Final = "all"
_UNPRINTABLE: Final = frozenset({"Cc", "Cs"})
"""Categories of control characters and of halves of characters."""
_NOT_RECORDED: Final = frozenset({Outcome.DECIDED, Outcome.EDITED, Outcome.NOT_YOURS})
_DECISIONS: Final = {decision.value: decision for decision in ReviewDecision}
_COLUMNS: Final = 12
"""Of the places in a picture that can be marked: on a phone, each is as large as a finger needs."""
_MAX_ROWS: Final = 24
_VIDEO_TIME: Final = re.compile(r"(?:(?:(\d{1,2}):)?(\d{1,3}):)?(\d{1,5})(?:[.,](\d))?", re.ASCII)
"""A time as players show it, 1:05 or 1:02:05, with a tenth of a second if need be."""
_MAX_TIME_LENGTH: Final = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class _Mark:
    """The picture or video that a comment is to be about, and what the form said about the place in it."""

    container_id: str = ""
    asset_id: str = ""
    place: str = ""  # x:y, as of a choice in the picture
    time: str = ""  # of the video

    def anchor(self) -> Anchor | None:
        """Return the mark, or None if there is no place or time that can be read."""
        try:
            asset_id = UUID(self.asset_id)
            if self.place:
                x, y = self.place.split(":")
                return Anchor(asset_id=asset_id, x=_fraction(x), y=_fraction(y))
        except ValueError:
            return None
        if (found := _VIDEO_TIME.fullmatch(self.time)) is None:
            return None
        hours, minutes, seconds, tenths = (int(part or 0) for part in found.groups())
        return Anchor(asset_id=asset_id, ms=((hours * 60 + minutes) * 60 + seconds) * 1000 + tenths * 100)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sent:
    """What a form said, to be shown again, and what became of it."""

    name: str = ""
    notes: Mapping[str, str] = field(default_factory=dict)  # by the id of the container, or `all`
    problems: Mapping[str, str] = field(default_factory=dict)  # kind of problem, by the same, or `name`
    outcomes: Mapping[UUID, Outcome] = field(default_factory=dict)
    comments: Mapping[str, str] = field(default_factory=dict)  # by the id of the container
    comment_problems: Mapping[str, str] = field(default_factory=dict)  # by the same
    mark: _Mark = _Mark()
    status: int = 200


@router.api_route("/review/{token}", methods=READ)
@link_page
async def show_review_page(*, request: Request, token: str, context: Ctx, now: Now) -> Response:
    """Show the content of a link, with its planned posts, and what changed since the last visit in this browser.

    Where nothing is decided, `?write=1` asks for the form for a comment.
    """
    opened = await open_page(request, context, token, LinkKind.REVIEW, now=now)
    await record_visit(request, context, opened, now=now)
    return await _page(request, context, opened, _Sent(), now=now)


@router.post("/review/{token}")
@link_page
async def decide_at_review_page(*, request: Request, token: str, context: Ctx, now: Now) -> Response:
    """Decide on one container, or on all that wait, and show the page again: with what another person decided meanwhile."""
    opened = await open_page(request, context, token, LinkKind.REVIEW, now=now)
    return await _decide(request, context, opened, now=now)


@router.api_route("/portal/{token}/content/{container}", methods=READ)
@link_page
async def show_portal_content(*, request: Request, token: str, container: str, context: Ctx, now: Now) -> Response:
    """Show one container of a portal link's project."""
    opened = await open_page(request, context, token, LinkKind.PORTAL, now=now)
    await record_visit(request, context, opened, now=now)
    return await _page(request, context, await open_content(context.pool, opened, container), _Sent(), now=now)


@router.post("/portal/{token}/content/{container}")
@link_page
async def decide_at_portal(*, request: Request, token: str, container: str, context: Ctx, now: Now) -> Response:
    """Decide on one container of a portal link's project, and show its page again."""
    opened = await open_page(request, context, token, LinkKind.PORTAL, now=now)
    return await _decide(request, context, await open_content(context.pool, opened, container), now=now)


async def _decide(request: Request, context: Context, opened: OpenedLink, *, now: datetime) -> Response:
    form = dict(reversed(await read_act(request, context, opened, now=now, max_bytes=_MAX_FORM_BYTES)))
    what, _, where = form.get("decide", "").partition(":")
    sent = _Sent(
        name=_clean_text(" ".join(form.get("name", "").split()), MAX_NAME_CHARACTERS),
        notes=_texts_of(form, "note-", MAX_NOTE_CHARACTERS),
        comments=_texts_of(form, "comment-", MAX_CHARACTERS),
        mark=_mark_of(form),
    )
    if "mark" in form:
        return await _page(request, context, opened, sent, now=now)
    if (commented := form.get("comment")) is not None:
        return await _comment(request, context, opened, commented, sent, now=now)
    revisions = _revisions(form, opened, where)
    decision = _DECISIONS.get(what)
    if not ReviewSettings.of(opened.link).can_decide or decision is None or not revisions:
        return await _page(request, context, opened, replace(sent, status=422), now=now)
    problems = {} if sent.name else {"name": "name"}
    if decision.needs_note and not sent.notes.get(where):
        problems[where] = decision.value
    if problems:
        return await _page(request, context, opened, replace(sent, problems=problems, status=422), now=now)
    outcomes = await decide_at_page(
        context.pool,
        context.platforms,
        opened,
        revisions,
        decision,
        sent.notes.get(where),
        name=sent.name,
        request_id=request_id_of(request),
        now=now,
    )
    await remember_name(context.pool, opened, _visitor_id(request, context), sent.name)
    done = {container_id for container_id, outcome in outcomes.items() if outcome is Outcome.DONE}
    kept = {} if where == _ALL else {key: note for key, note in sent.notes.items() if key != where}
    if len(done) == len(outcomes) and not kept and not sent.comments:
        return _PAGES.redirect(request, opened)
    if len(done) < len(outcomes):
        kept = {**kept, **{key: note for key, note in sent.notes.items() if key == where}}
    status = 409 if _NOT_RECORDED & set(outcomes.values()) else 200
    return await _page(request, context, opened, replace(sent, notes=kept, outcomes=outcomes, status=status), now=now)


async def _comment(
    request: Request, context: Context, opened: OpenedLink, key: str, sent: _Sent, *, now: datetime
) -> Response:
    """Write a comment on the container with this key, and show the page again."""
    container_id = next((one for one in opened.link.container_ids if str(one) == key), None)
    text = sent.comments.get(key)
    if container_id is None:
        return await _page(request, context, opened, replace(sent, status=422), now=now)
    if not text or not sent.name:
        problems = {} if sent.name else {"name": "name"}
        missing = {} if text else {key: "empty"}
        sent = replace(sent, problems=problems, comment_problems=missing, status=422)
        return await _page(request, context, opened, sent, now=now)
    is_marked = sent.mark.container_id == key
    anchor = sent.mark.anchor() if is_marked else None
    unmarked = replace(sent, comment_problems={key: "mark"}, status=422)
    if is_marked and anchor is None:
        return await _page(request, context, opened, unmarked, now=now)
    try:
        await comment_at_page(
            context.pool,
            opened,
            container_id,
            text,
            anchor=anchor,
            name=sent.name,
            request_id=request_id_of(request),
            now=now,
        )
    except Invalid:
        return await _page(request, context, opened, unmarked, now=now)
    except (ContainerNotFound, ContainerClosed, TooManyComments):
        sent = replace(sent, comment_problems={key: "refused"}, status=409)
        return await _page(request, context, opened, sent, now=now)
    await remember_name(context.pool, opened, _visitor_id(request, context), sent.name)
    kept = {one: other for one, other in sent.comments.items() if one != key}
    if not kept and not sent.notes:
        return _PAGES.redirect(request, opened)
    mark = _Mark() if is_marked else sent.mark
    return await _page(request, context, opened, replace(sent, comments=kept, mark=mark), now=now)


async def _page(request: Request, context: Context, opened: OpenedLink, sent: _Sent, *, now: datetime) -> Response:
    items = await read_review_page(context.pool, opened)
    is_portal = opened.link.kind is LinkKind.PORTAL
    visitor_id, name = _visitor_id(request, context), None
    if request.method == "POST":
        # What was edited since the page was shown is new, though the visit continues.
        former = await find_visitor(context.pool, opened, visitor_id)
        items = with_news(items, None if former is None else former.seen)
    elif request.method != "HEAD" and is_portal:
        # A link that stands for years shows any number of containers: only the name is remembered.
        name, _ = await remember_visit(context.pool, opened, visitor_id, (), now=now)
    elif request.method != "HEAD":
        name, items = await remember_visit(context.pool, opened, visitor_id, items, now=now)
    can_decide = ReviewSettings.of(opened.link).can_decide
    shown = [
        _item_values(context, opened, item, sent, number=number, now=now) for number, item in enumerate(items, start=1)
    ]
    waiting = [one for one in shown if one["is_waiting"]]
    values = {
        "items": shown,
        "note": ReviewSettings.of(opened.link).note,
        "can_decide": can_decide and bool(waiting),
        "has_form": bool(shown)
        and ((can_decide and bool(waiting)) or request.method == "POST" or _is_writing(request)),
        "shows_only": not can_decide,
        "is_for_all": can_decide and len(waiting) > 1,
        "all_note": sent.notes.get(_ALL, ""),
        "name": sent.name or name or opened.link.recipient_name or "",
        "has_problem": bool(sent.problems or sent.comment_problems),
        "is_comment_problem": bool(sent.comment_problems),
        "is_name_missing": "name" in sent.problems,
        "all_problem": sent.problems.get(_ALL),
        "max_name": MAX_NAME_CHARACTERS,
        "max_note": MAX_NOTE_CHARACTERS,
        "max_comment": MAX_CHARACTERS,
        "max_time_length": _MAX_TIME_LENGTH,
        "expires_at": opened.link.expires_at,
        "timezone": opened.timezone,
        "portal": page_url(language_of(request), portal_of(opened)) if is_portal else None,
    }
    response = _PAGES.response(request, context, opened, "review.html", values, now=now, status_code=sent.status)
    if request.method != "HEAD":
        set_cookie(response, REVIEWER, visitor_id.hex, base_url=context.base_url, lasts=_REMEMBERED)
    return response


def _is_writing(request: Request) -> bool:
    return request.query_params.get("write") == "1"


def _item_values(
    context: Context, opened: OpenedLink, item: ReviewedContent, sent: _Sent, *, number: int, now: datetime
) -> Mapping[str, object]:
    container, key = item.container, str(item.container.id)
    is_complete = container.status is ContainerStatus.COMPLETED
    is_pending = container.approval_status is ApprovalStatus.PENDING
    last = item.reviews[-1] if item.reviews else None
    step = container.current_step
    has_approved = step is not None and any(one.by == opened.link.public_id for one in step.approvals)
    media = [
        _medium(context, asset, item, sent.mark, now=now) for asset in container.media if asset.content_type is not None
    ]
    return {
        "key": key,
        "number": number,
        "container": container,
        "is_complete": is_complete,
        "is_waiting": is_complete and is_pending and not has_approved and (step is None or step.review_link),
        "step": step,
        "step_number": container.done_steps + 1,
        "has_approved": has_approved,
        "comments": [_describe_comment(comment) for comment in item.comments],
        "comment": sent.comments.get(key, ""),
        "comment_problem": sent.comment_problems.get(key),
        "is_marking": any(medium["mark"] for medium in media),
        "state": "changes_requested"
        if is_pending and last is not None and last.decision is ReviewOutcome.CHANGES_REQUESTED and not item.changes
        else container.approval_status.value,
        "last": last,
        "reviews": list(reversed(item.reviews)),
        "link_picture": _link_picture_url(context, container, now=now),
        "media": media,
        "plan": [_describe_planned_post(post, now=now) for post in item.plan],
        "consequence": "step"
        if step is not None
        and (container.done_steps + 1 < len(container.steps) or len(step.approvals) + 1 < step.quorum)
        else _consequence(item.plan, now=now),
        "next_at": min((post.at for post in item.plan if post.at > now), default=None),
        "news": [change for change in item.news if change.field != PLAN],
        "has_new_plan": any(change.field == PLAN for change in item.news),
        "changes": item.changes,
        "outcome": sent.outcomes.get(container.id),
        "note": sent.notes.get(key, ""),
        "problem": sent.problems.get(key),
    }


def _describe_planned_post(post: PlannedPost, *, now: datetime) -> Mapping[str, object]:
    instructions = manual_instructions(post.platform)
    account = instructions.account(post.handle)
    return {"post": post, "title": instructions.title, "account": account, "when": _describe_due_time(post, now=now)}


def _describe_due_time(post: PlannedPost, *, now: datetime) -> str:
    """Return when a post goes out, in words that the template translates; `at` stands for its time, which is ahead."""
    if post.status in (Status.PUBLISHED, Status.DRAFT):
        return "out"
    if post.status is Status.PUBLISHING or (post.status is not None and post.at <= now):
        return "now"
    return "approval" if post.at <= now else "at"


def _consequence(plan: Sequence[PlannedPost], *, now: datetime) -> str:
    """Return what an approval does: posts that go out `now`, those that go out `later`, or `nothing` yet."""
    waiting = [post.at <= now for post in plan if post.status is None]
    return "nothing" if not waiting else "now" if any(waiting) else "later"


def _link_picture_url(context: Context, container: Container, *, now: datetime) -> str | None:
    picture = None if container.link is None else container.link.picture
    return None if picture is None else _media_links(context).preview_url(picture.object_key, now=now)


def _media_links(context: Context) -> MediaLinks:
    # Relative URLs: media have the origin of the page, whatever the public host name is.
    return MediaLinks("", context.keyring, context.settings.media_url_lifetime)


def _describe_comment(comment: ContentComment) -> Mapping[str, object]:
    milliseconds = None if comment.anchor is None else comment.anchor.ms
    return {
        "text": comment.text,
        "name": comment.author_name,
        "at": comment.created_at,
        "is_resolved": comment.resolved_at is not None,
        "has_mark": comment.anchor is not None and milliseconds is None,
        "time": None
        if milliseconds is None
        else f"{milliseconds // 60_000}:{milliseconds // 1000 % 60:02}.{milliseconds // 100 % 10}",
    }


def _marks(asset: Asset, comments: Sequence[ContentComment]) -> Sequence[Mapping[str, int]]:
    """Return where the numbers of comments are on a picture, in its pixels."""
    width, height = asset.width or 0, asset.height or 0
    return [
        {
            "number": number,
            "x": round(comment.anchor.x * width),
            "y": round(comment.anchor.y * height),
            "radius": max(width, height) // 24 or 1,
        }
        for number, comment in enumerate(comments, start=1)
        if comment.anchor is not None
        and comment.anchor.asset_id == asset.id
        and comment.anchor.x is not None
        and comment.anchor.y is not None
    ]


def _places(asset: Asset) -> Sequence[Mapping[str, object]]:
    """Return the places in a picture that can be marked, row by row: their values in the form, and percentages for people."""
    ratio = (asset.height or 1) / (asset.width or 1)
    rows = min(max(round(_COLUMNS * ratio), 1), _MAX_ROWS)
    return [
        {"value": f"{x:.4f}:{y:.4f}", "left": round(100 * x), "top": round(100 * y)}
        for y in ((row + 0.5) / rows for row in range(rows))
        for x in ((column + 0.5) / _COLUMNS for column in range(_COLUMNS))
    ]


def _medium(
    context: Context, asset: Asset, item: ReviewedContent, mark: _Mark, *, now: datetime
) -> Mapping[str, object]:
    key = f"{item.container.id}:{asset.id}"
    is_marked = key == f"{mark.container_id}:{mark.asset_id}"
    links = _media_links(context)
    content_type = ContentType(str(asset.content_type))
    return {
        "asset": asset,
        "key": key,
        "marks": _marks(asset, item.comments),
        "places": _places(asset) if is_marked else (),
        "mark": mark if is_marked else None,
        "is_video": kind_of(content_type) is Kind.VIDEO,
        "is_document": kind_of(content_type) is Kind.DOCUMENT,
        "url": links.url_for(asset.object_key, content_type.value, expires_at=links.expires_at(now)),
        "poster": None if asset.poster_key is None else links.preview_url(asset.poster_key, now=now),
    }


def _visitor_id(request: Request, context: Context) -> UUID:
    """Return the id of the browser; a new one for a browser that was not here before."""
    state = request.scope.setdefault("state", {})
    if "review_visitor" not in state:
        sent = cookie_of(request, REVIEWER, base_url=context.base_url)
        try:
            state["review_visitor"] = uuid4() if sent is None else UUID(hex=sent)
        except ValueError:
            state["review_visitor"] = uuid4()
    found: UUID = state["review_visitor"]
    return found


def _revisions(form: Mapping[str, str], opened: OpenedLink, where: str) -> Mapping[UUID, int]:
    """Return the revisions that the page showed of the container that is decided on, or of all that wait."""
    found = {}
    for container_id in opened.link.container_ids:
        text = form.get(f"revision-{container_id}", "")
        if where in (_ALL, str(container_id)) and text.isascii() and text.isdigit() and len(text) < len("2147483647"):
            found[container_id] = int(text)
    return found


def _mark_of(form: Mapping[str, str]) -> _Mark:
    """Return what is being marked: what a button begins or ends, else what the form already was about."""
    container_id, _, asset_id = form.get("mark", form.get("marked", "")).partition(":")
    place, time = ("", "") if "mark" in form else (form.get("place", ""), " ".join(form.get("time", "").split()))
    return _Mark(container_id=container_id, asset_id=asset_id, place=place, time=time[:_MAX_TIME_LENGTH])


def _fraction(text: str) -> float:
    """Raises ValueError for what is no number from 0 to 1."""
    if not 0 <= (number := float(text)) <= 1:
        raise ValueError("not a part of a picture")
    return number


def _texts_of(form: Mapping[str, str], prefix: str, max_characters: int) -> Mapping[str, str]:
    return {
        name.removeprefix(prefix): note
        for name, text in form.items()
        if name.startswith(prefix) and (note := _clean_text(text, max_characters))
    }


def _clean_text(text: str, max_characters: int) -> str:
    """Return a text of a form without control characters; empty if nothing in it is visible. Browsers end lines with CR LF."""
    lines = text.replace("\r\n", "\n")
    kept = "".join(one for one in lines if one == "\n" or unicodedata.category(one) not in _UNPRINTABLE).strip()[
        :max_characters
    ]
    return kept if any(one.isprintable() and not one.isspace() for one in kept) else ""
