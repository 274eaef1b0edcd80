"""The page to which the link in an e-mail leads: unsubscribe from this kind of e-mail, without a login."""

from datetime import datetime
from typing import Final

from fastapi import APIRouter, Request
from starlette.responses import Response

from presswork.api.context import Context, Ctx, Now
from presswork.api.http.body import read_form
from presswork.api.http.envelope import request_id_of
from presswork.api.http.link_pages import UNKNOWN_PER_ADDRESS, address_of, link_page, own_page
from presswork.api.http.pages import READ
from presswork.core.texts import translatable
from presswork.links.model import LinkUnknown
from presswork.notices.model import NoticeType
from presswork.notices.unsubscribe import Unsubscription, find_address, unsubscribe
from presswork.people.throttle import count_subject

router: Final = APIRouter(include_in_schema=False)
_PACKAGE: Final = "presswork.api.notices"
_PATH: Final = "/unsubscribe/{token}"
_KINDS: Final = {
    NoticeType.CONTENT_PENDING: translatable("content that waits for approval"),
    NoticeType.CONTENT_REMINDER: translatable("reminders of content that waits for approval"),
    NoticeType.CONTENT_CHANGES_REQUESTED: translatable("changes that are requested"),
    NoticeType.CONTENT_APPROVED: translatable("content that is approved"),
    NoticeType.CONTENT_REJECTED: translatable("content that is rejected"),
    NoticeType.CONTENT_COMMENTED: translatable("comments on content"),
    NoticeType.CONTENT_MENTIONED: translatable("comments that name you"),
    NoticeType.POST_FAILED: translatable("posts that fail"),
    NoticeType.POST_OUTCOME_UNKNOWN: translatable("posts that may be live or not"),
    NoticeType.ACCOUNT_NEEDS_REAUTH: translatable("accounts that must be connected again"),
    NoticeType.ACCOUNT_TOKEN_EXPIRING: translatable("accounts whose access ends soon"),
    NoticeType.WEBHOOK_PAUSED: translatable("webhook endpoints that are paused"),
    NoticeType.QUOTA_MEDIA: translatable("storage that is almost full"),
    NoticeType.USAGE_NEAR_LIMIT: translatable("limits that are almost reached"),
    NoticeType.USAGE_LIMIT_REACHED: translatable("limits that are reached"),
}


@router.api_route(_PATH, methods=READ)
@link_page
async def unsubscribe_page(request: Request, token: str, context: Ctx, now: Now) -> Response:
    """Ask whether to unsubscribe: a program that opens links changes nothing. 404 for an unknown token."""
    unsubscription = await _read_token(request, token, context, now=now)
    return await _page(request, context, unsubscription, is_done=False)


@router.post(_PATH)
@link_page
async def unsubscribe_at_once(request: Request, token: str, context: Ctx, now: Now) -> Response:
    """Unsubscribe: the form of the page, or a mail program with one click (RFC 8058), which sends no origin."""
    await read_form(request)
    unsubscription = await _read_token(request, token, context, now=now)
    async with context.pool.acquire() as connection, connection.transaction():
        await unsubscribe(connection, unsubscription, request_id=request_id_of(request), now=now)
    return await _page(request, context, unsubscription, is_done=True)


async def _read_token(request: Request, token: str, context: Context, *, now: datetime) -> Unsubscription:
    """Return what a token unsubscribes from. Raises LinkUnknown, and TooManyAttempts for an address that tries many."""
    try:
        return Unsubscription.of_token(token, context.keyring)
    except LinkUnknown:
        await count_subject(context.pool, "unsubscribe", address_of(request), limit=UNKNOWN_PER_ADDRESS, now=now)
        raise


async def _page(request: Request, context: Context, unsubscription: Unsubscription, *, is_done: bool) -> Response:
    values = {
        "address": await find_address(context.pool, unsubscription),
        "kind": _KINDS[unsubscription.event],
        "is_done": is_done,
    }
    name = context.settings.operator_name or "Presswork"
    return own_page(request, _PACKAGE, "unsubscribe.html", values, name=name)
