"""Serve the built console: hashed files that browsers keep, and one page for all of its URLs."""

import mimetypes
import secrets
from typing import Final

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse, Response

from presswork.api.context import Ctx
from presswork.api.http.pages import PAGES, READ
from presswork.console import static_files
from presswork.core.enums import Environment
from presswork.core.errors import NotFound
from presswork.platforms.settings import Settings

router: Final = APIRouter(include_in_schema=False)

_NONCE: Final = "__NONCE__"
"""Its place in index.html. React Aria adds style elements, which need the nonce of the response."""
_ENCODINGS: Final = (("br", ".br"), ("gzip", ".gz"))
"""The compressed copies that the build makes, the smallest first."""
_NOT_BUILT: Final = {
    "title": "The console is not built",
    "message": "Run `make console` in the folder of the sources, then reload this page. The API works without the console.",
    "link": {"url": "/docs", "label": "API reference"},
    "request_id": None,
}
_NO_FILE: Final = "There is no such file. Reload the page: the console may have been updated."
_SESSION: Final = "</v1/auth/session>; rel=preload; as=fetch; crossorigin=use-credentials"
_YEAR_SECONDS: Final = 365 * 24 * 60 * 60


@router.api_route("/console/assets/{name}", methods=READ)
async def console_asset(name: str, request: Request) -> Response:
    """Return a script or a stylesheet, whose name has a hash of its content. Raises NotFound."""
    names = static_files.asset_names()
    if name not in names:
        raise NotFound(_NO_FILE)
    headers = {
        "Cache-Control": f"public, max-age={_YEAR_SECONDS}, immutable",
        "Vary": "Accept-Encoding",
        "X-Content-Type-Options": "nosniff",
    }
    accepted = {item.partition(";")[0].strip() for item in request.headers.get("accept-encoding", "").split(",")}
    stored = name
    for encoding, suffix in _ENCODINGS:
        if encoding in accepted and name + suffix in names:
            headers["Content-Encoding"], stored = encoding, name + suffix
            break
    try:
        data = static_files.read(f"assets/{stored}")
    except FileNotFoundError as error:  # the console is being built
        raise NotFound(_NO_FILE) from error
    return Response(data, media_type=mimetypes.guess_type(name)[0], headers=headers)


@router.api_route("/console", methods=READ)
@router.api_route("/console/{path:path}", methods=READ)
async def console(context: Ctx, path: str = "") -> Response:
    """Return the page of the console. It reads the rest of the URL itself."""
    if not static_files.is_built():
        return PAGES.response("error.html", _NOT_BUILT, status_code=503, headers={"Cache-Control": "no-store"})
    nonce = secrets.token_urlsafe(16)
    headers = {
        "Content-Security-Policy": _policy(context.settings, nonce),
        "X-Frame-Options": "DENY",
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "same-origin",
        "Cache-Control": "no-store",
    }
    environment, _, screen = path.strip("/").partition("/")
    if environment in ("", *Environment):  # other pages may read the session only after it has changed
        headers["Link"] = ", ".join([_SESSION, *map(_preload, static_files.preloads(screen))])
    return HTMLResponse(static_files.read("index.html").decode().replace(_NONCE, nonce), headers=headers)


def _preload(file: str) -> str:
    """Return a link with which a browser loads a file of the screen beside the scripts of the page, and not after them."""
    kind = "preload; as=style; crossorigin" if file.endswith(".css") else "modulepreload"
    return f"</console/{file}>; rel={kind}"


def _policy(settings: Settings, nonce: str) -> str:
    """Return the Content-Security-Policy: this server alone, and media also from the URL in their signed links."""
    media = f"'self' blob: {settings.public_url or ''}".strip()
    return "; ".join(
        [
            "default-src 'none'",
            "script-src 'self'",
            f"style-src 'self' 'nonce-{nonce}'",
            f"img-src {media}",
            f"media-src {media}",
            "font-src 'self'",
            "connect-src 'self'",
            "form-action 'self'",
            "base-uri 'none'",
            "frame-ancestors 'none'",
        ]
    )
