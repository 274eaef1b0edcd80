"""The route of the manual-post page, at a signed URL that expires."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Final

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse

from presswork.api.context import Ctx, Now
from presswork.api.http.pages import READ, Pages
from presswork.crypto.signed_urls import SignedURLInvalid, URLSigner
from presswork.media.links import MediaLinks
from presswork.notifications.manual_post_page import read_manual_post_page

router: Final = APIRouter(include_in_schema=False)
_PAGES: Final = Pages("presswork.api.manual_posts")
_EXPIRED: Final = {
    "title": "Page not found",
    "message": "The link has expired or is incomplete. Ask the sender for a new one.",
    "request_id": None,
    "link": None,
}


@router.api_route("/handover/{ref}", methods=READ)
async def show_manual_post_page(request: Request, ref: str, context: Ctx, now: Now) -> HTMLResponse:
    """Show a post or a container to the holder of its link, without links to or resources from other sites."""
    try:
        URLSigner("", context.keyring).verify(request.url.path, request.url.query, now=now)
    except SignedURLInvalid:
        return _page("error.html", _EXPIRED, status=401)
    # Relative URLs: media have the same origin as the page, whatever the public host name is.
    links = MediaLinks("", context.keyring, context.settings.media_url_lifetime)
    page = await read_manual_post_page(context.pool, links, ref, now=now)
    if page is None:
        return _page("error.html", _EXPIRED, status=404)
    return _page("manual_post.html", asdict(page), status=200)


def _page(template: str, values: Mapping[str, object], *, status: int) -> HTMLResponse:
    headers = {"Cache-Control": "no-store", "X-Robots-Tag": "noindex, nofollow"}
    return _PAGES.response(template, values, status_code=status, headers=headers)
