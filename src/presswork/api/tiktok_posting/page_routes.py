"""The page on which a person posts content to TikTok: the form, and then the post."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from urllib.parse import urlsplit

from fastapi import APIRouter, Request
from starlette.responses import Response

from presswork.accounts.platform_reads import CreatorInfoReader
from presswork.accounts.return_url import ReturnUrl, ReturnUrlNotAllowed
from presswork.api.context import Context, Ctx, Now
from presswork.api.http.envelope import request_id_of
from presswork.api.http.languages import language_of
from presswork.api.http.link_pages import Framing, LinkPages, link_page, open_page, read_act, record_visit
from presswork.api.http.origin import origin_of, own_origins
from presswork.api.http.pages import READ
from presswork.callers.model import Principal, Scope
from presswork.core.enums import LinkKind
from presswork.core.errors import STATUS, Code, FieldError, PressworkError
from presswork.crypto.keyring import SealBroken
from presswork.links.model import LinkUnknown, OpenedLink
from presswork.media.links import MediaLinks
from presswork.platforms.findings import in_words
from presswork.platforms.port import CreatorInfo
from presswork.tiktok_posting.agreement import agreement_html, agreement_text
from presswork.tiktok_posting.consent import Shown, consent_detail
from presswork.tiktok_posting.model import (
    Answers,
    Fault,
    FormFault,
    Part,
    Policy,
    avatar_source,
    check,
    frame_ancestors,
    interactions,
    is_private_account,
    is_turned_off,
    offered_privacy,
    options_of,
)
from presswork.tiktok_posting.post_from_page import Agreed, post_from_page
from presswork.tiktok_posting.progress_model import Progress, Stage
from presswork.tiktok_posting.read_page import (
    Blocked,
    LinkSettings,
    Obstacle,
    PostingPage,
    read_page,
    read_progress,
)

router: Final = APIRouter(include_in_schema=False)
_PATH: Final = "/tiktok/{token}"
_PAGES: Final = LinkPages("presswork.api.tiktok_posting")
_SCOPES: Final = (Scope.CONTENT_READ, Scope.PUBLISH_READ, Scope.PUBLISH_WRITE, Scope.SOCIAL_READ)
_SEALED: Final = "shown"
"""The field with the form as it was shown, sealed."""
_STEP: Final = "step"
_POST: Final = "post"
_REFRESH_SECONDS: Final = {Stage.ACCEPTED: 3, Stage.PROCESSING: 3, Stage.HELD: 30, Stage.PUBLISHED: 15}
"""How often the page of a post loads itself again."""
_SHOWN_EARLY: Final = (Fault.BRANDED_IS_PRIVATE,)
"""What a form that is only shown again says: the choices that exclude each other."""
_CSP: Final = "Content-Security-Policy"
MAX_FORM_BYTES: Final = 64 * 1024
"""A caption as long as content may have, in 12 bytes a character, as a form encodes an emoji, and what is sealed."""


@router.api_route(_PATH, methods=READ)
@link_page
async def tiktok_posting_page(request: Request, token: str, context: Ctx, now: Now) -> Response:
    """Show the form, or why there is none; once the link has posted, show the post until it has ended."""
    opened = await open_page(request, context, token, LinkKind.TIKTOK_POST, now=now)
    caller = _caller(request, opened)
    progress = await read_progress(context.pool, opened.link, visible_to=caller, now=now)
    if progress is not None:
        return _status_page(request, context, opened, progress, now=now)
    await record_visit(request, context, opened, now=now)
    page = await read_page(context.pool, context.part(CreatorInfoReader), opened, visible_to=caller)
    if page.creator is None or page.blocked is not None:
        return _blocked_page(request, context, opened, page, now=now)
    blank = FilledForm(answers=Answers(caption=page.content.caption))
    return _form_page(request, context, opened, page, blank, now=now)


@router.post(_PATH)
@link_page
async def post_from_tiktok_page(request: Request, token: str, context: Ctx, now: Now) -> Response:
    """Post what the form says, once; or show the form again with what is wrong beside its fields."""
    opened = await open_page(request, context, token, LinkKind.TIKTOK_POST, now=now)
    form = dict(await read_act(request, context, opened, now=now, max_bytes=MAX_FORM_BYTES))
    if opened.link.is_used_up:
        return _PAGES.redirect(request, opened)
    caller = _caller(request, opened)
    answers, shown = Answers.of(form), _parse_shown(context, opened, form)
    page = await read_page(context.pool, context.part(CreatorInfoReader), opened, visible_to=caller)
    if page.creator is None and shown is not None and _is_passable(page.blocked):
        # Nothing that was filled in is lost while TikTok does not answer: the form is shown as it was.
        filled = FilledForm(answers=answers, blocked=page.blocked)
        return _form_page(request, context, opened, replace(page, creator=shown.creator), filled, now=now)
    if page.creator is None or page.blocked is not None:
        return _blocked_page(request, context, opened, page, now=now)
    findings = check(answers, page.creator, page.content)
    if form.get(_STEP) != _POST:
        # Browsers that can't show what depends on a choice have a button that only shows the form again.
        filled = FilledForm(answers=answers, findings=[one for one in findings if one.fault in _SHOWN_EARLY])
        return _form_page(request, context, opened, page, filled, now=now)
    if findings or shown is None:
        filled = FilledForm(answers=answers, findings=findings, is_expired=shown is None)
        return _form_page(request, context, opened, page, filled, now=now)
    agreement = agreement_text(answers.policies, language_of(request).gettext)
    agreed = Agreed(
        caption=None if page.content.is_text_fixed else answers.caption,
        options=options_of(answers, page.content),
        consent=consent_detail(shown, answers, page.content, agreement=agreement, media=page.media_hashes),
    )
    try:
        await post_from_page(context.pool, context.platforms, opened, agreed, caller=caller, now=now)
    except LinkUnknown:
        # The same form was sent twice and the other one has posted, or the link was revoked: its page says which.
        return _PAGES.redirect(request, opened)
    except PressworkError as refusal:
        filled = FilledForm(answers=answers, refusal=refusal)
        return _form_page(request, context, opened, page, filled, now=now)
    return _PAGES.redirect(request, opened)


@dataclass(frozen=True, slots=True, kw_only=True)
class FilledForm:
    """A form with what a person filled in, and why it was not posted."""

    answers: Answers
    findings: Sequence[FormFault] = ()
    refusal: PressworkError | None = None
    blocked: Blocked | None = None
    is_expired: bool = False

    @property
    def status(self) -> int:
        """The status of the page."""
        if self.refusal is not None:
            return STATUS[self.refusal.code]
        if self.blocked is not None:
            return STATUS[Code.UNAVAILABLE]
        return STATUS[Code.VALIDATION] if self.findings or self.is_expired else 200


def _caller(request: Request, opened: OpenedLink) -> Principal:
    return opened.principal(_SCOPES, request_id=request_id_of(request))


def _is_passable(blocked: Blocked | None) -> bool:
    return blocked is not None and blocked.obstacle in (Obstacle.TIKTOK_SILENT, Obstacle.CAPPED)


def _form_page(
    request: Request,
    context: Context,
    opened: OpenedLink,
    page: PostingPage,
    filled: FilledForm,
    *,
    now: datetime,
) -> Response:
    creator, content, language = page.asked_creator, page.content, language_of(request)
    shown = Shown(link_id=opened.link.id, at=now, language=language.code, creator=creator)
    if filled.refusal is not None:
        request.scope["state"]["error_code"] = filled.refusal.code.value
    values = {
        "content": content,
        "answers": filled.answers,
        "part": Part,
        "has": filled.answers.has,
        "privacy_levels": offered_privacy(creator),
        "is_private": is_private_account(creator),
        "interactions": [(part, is_turned_off(part, creator)) for part in interactions(content)],
        "findings": {finding.part: finding for finding in reversed(filled.findings)},
        "filled": filled,
        "agree_music": agreement_html((Policy.MUSIC_USAGE,), language.gettext),
        "agree_branded": agreement_html((Policy.BRANDED_CONTENT, Policy.MUSIC_USAGE), language.gettext),
        "shown": context.keyring.seal(json.dumps(shown.as_json()).encode()).decode("ascii"),
        "max_caption": language.number(content.max_caption),
        "leave_url": _return_url(opened, error="access_denied"),
        "request_id": request_id_of(request),
    }
    return _response(
        request, context, opened, "tiktok_form.html", values, now=now, page=page, status_code=filled.status
    )


def _blocked_page(
    request: Request, context: Context, opened: OpenedLink, page: PostingPage, *, now: datetime
) -> Response:
    blocked = page.blocked or Blocked(obstacle=Obstacle.GONE)
    is_silent = blocked.obstacle is Obstacle.TIKTOK_SILENT
    values = {
        "blocked": blocked,
        "in_words": in_words,
        "limit": None if page.creator is None else page.creator.max_video_duration,
        "duration": None if page.container is None else page.content.duration,
        "leave_url": _return_url(opened, error="access_denied"),
        "request_id": request_id_of(request),
    }
    status = STATUS[Code.UNAVAILABLE] if is_silent else 200
    response = _response(
        request, context, opened, "tiktok_blocked.html", values, now=now, page=page, status_code=status
    )
    if blocked.retry_after_seconds is not None:
        response.headers["Retry-After"] = str(blocked.retry_after_seconds)
    return response


def _status_page(
    request: Request, context: Context, opened: OpenedLink, progress: Progress, *, now: datetime
) -> Response:
    values = {
        "progress": progress,
        "return_url": _return_url(opened, error="post_failed" if progress.has_failed else None),
    }
    response = _response(request, context, opened, "tiktok_status.html", values, now=now)
    if not progress.is_over:
        # A header, not an element: assistive technology does not announce it, and there is a link to do it at once.
        response.headers["Refresh"] = str(_REFRESH_SECONDS[progress.stage])
    return response


def _response(
    request: Request,
    context: Context,
    opened: OpenedLink,
    template: str,
    values: Mapping[str, object],
    *,
    now: datetime,
    page: PostingPage | None = None,
    status_code: int = 200,
) -> Response:
    creator = None if page is None else page.creator
    picture = None if creator is None else _picture_of(request, context, creator)
    response = _PAGES.response(
        request,
        context,
        opened,
        template,
        {**values, "media": _media(context, page, now), "creator": creator, "picture": picture},
        now=now,
        status_code=status_code,
        framing=Framing(ancestors=frame_ancestors(opened.return_domains)),
    )
    if (source := avatar_source(picture)) is not None:
        # The account's picture is TikTok's, and shown from there, without a referrer.
        policy = response.headers[_CSP]
        response.headers[_CSP] = policy.replace("img-src 'self'", f"img-src 'self' {source}")
    return response


def _picture_of(request: Request, context: Context, creator: CreatorInfo) -> str | None:
    """Return the URL of the account's picture: on TikTok's host, or the path on this server in the sandbox; else None."""
    parts = urlsplit(creator.avatar_url or "")
    if origin_of(f"{parts.scheme}://{parts.netloc}") in own_origins(request, base_url=context.base_url):
        return parts.path
    return creator.avatar_url if avatar_source(creator.avatar_url) is not None else None


def _media(context: Context, page: PostingPage | None, now: datetime) -> Sequence[Mapping[str, object]]:
    """Return the media as the page previews it, with URLs of the page's own origin."""
    links = MediaLinks("", context.keyring, context.settings.media_url_lifetime)
    ends_at = links.expires_at(now)
    assets = [] if page is None or page.container is None else page.container.media
    return [
        {
            "url": links.url_for(asset.object_key, asset.content_type, expires_at=ends_at),
            "is_video": asset.content_type.startswith("video/"),
            "poster": None if asset.poster_key is None else links.preview_url(asset.poster_key, now=now),
            "alt": asset.alt_text or "",
        }
        for asset in assets
        if asset.content_type is not None
    ]


def _parse_shown(context: Context, opened: OpenedLink, form: Mapping[str, str]) -> Shown | None:
    """Return the form as it was shown; None if a page of this link did not send it, or it is sealed with a key that is gone."""
    try:
        document = json.loads(context.keyring.open(form.get(_SEALED, "").encode("ascii")))
    except (SealBroken, ValueError):
        return None
    return Shown.parse(document, link_id=opened.link.id)


def _return_url(opened: OpenedLink, *, error: str | None) -> str | None:
    """Return where the page leads at its end. A key whose return domains have changed since may not lead there any more."""
    text = LinkSettings.of(opened.link).return_url
    if text is None:
        return None
    try:
        url = ReturnUrl.parse(text)
        if opened.link.key_id is not None:
            url.require_allowed(opened.return_domains)
    except (FieldError, ReturnUrlNotAllowed):
        return None
    return url.text if error is None else url.with_error(error)
