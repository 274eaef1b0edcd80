"""The route of the manual-post page, at a signed URL that expires."""

import secrets
from collections.abc import Mapping
from dataclasses import asdict
from functools import lru_cache
from typing import Final

import jinja2
from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse

from presswork.api.context import Ctx, Now
from presswork.api.pages import html_page
from presswork.crypto.signed_urls import SignedURLInvalid, URLSigner
from presswork.media.links import MediaLinks
from presswork.notifications.manual_post_page import read_manual_post_page

router: Final = APIRouter(include_in_schema=False)


@router.get("/handover/{ref}")
async def show_manual_post_page(request: Request, ref: str, context: Ctx, now: Now) -> HTMLResponse:
    """Show a post or a container to the holder of its link, without links to or resources from other sites."""
    try:
        URLSigner("", context.keyring).verify(request.url.path, request.url.query, now=now)
    except SignedURLInvalid:
        return _page("manual_post_over.html", {}, status=401)
    # Relative URLs: media have the same origin as the page, whatever the public host name is.
    links = MediaLinks("", context.keyring, context.settings.media_url_lifetime)
    page = await read_manual_post_page(context.pool, links, ref, now=now)
    if page is None:
        return _page("manual_post_over.html", {}, status=404)
    return _page("manual_post.html", asdict(page), status=200)


def _page(template: str, values: Mapping[str, object], *, status: int) -> HTMLResponse:
    nonce = secrets.token_urlsafe(16)
    return html_page(
        _templates().get_template(template).render(**values, nonce=nonce),
        allow=f"img-src 'self'; media-src 'self'; style-src 'nonce-{nonce}'; script-src 'nonce-{nonce}'",
        status_code=status,
        headers={"Cache-Control": "no-store", "X-Robots-Tag": "noindex, nofollow"},
    )


@lru_cache(maxsize=1)
def _templates() -> jinja2.Environment:
    return jinja2.Environment(
        loader=jinja2.PackageLoader("presswork.notifications"), autoescape=True, undefined=jinja2.StrictUndefined
    )
