"""Serve the built console: hashed files that browsers keep, and one page for all of its URLs."""

import mimetypes
import secrets
from collections.abc import Mapping
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
_DAY_SECONDS: Final = 24 * 60 * 60
_YEAR_SECONDS: Final = 365 * _DAY_SECONDS


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


@router.api_route("/console/manifest.webmanifest", methods=READ)
async def console_manifest() -> Response:
    """Return what a browser needs to install the console as an app. Raises NotFound."""
    headers = {"Cache-Control": "no-cache"}
    return _file_response("manifest.webmanifest", "application/manifest+json", headers)


@router.api_route("/console/icons/{name}", methods=READ)
async def console_icon(name: str) -> Response:
    """Return an icon of the installed console. Raises NotFound."""
    if name not in static_files.icon_names():
        raise NotFound(_NO_FILE)
    return _file_response(f"icons/{name}", "image/png", {"Cache-Control": f"public, max-age={_DAY_SECONDS}"})


@router.api_route("/console/service-worker.js", methods=READ)
async def console_service_worker() -> Response:
    """Return the script that shows a page without a connection, and push messages. Raises NotFound.

    It may load only what it passes on: the pages of the console.
    """
    headers = {
        "Cache-Control": "no-cache",
        "Content-Security-Policy": "default-src 'none'; connect-src 'self'",
        "Service-Worker-Allowed": "/console",  # and not only below it: the start page has this path
    }
    return _file_response("service-worker.js", "text/javascript", headers)


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


def _file_response(path: str, media_type: str, headers: Mapping[str, str]) -> Response:
    try:
        data = static_files.read(path)
    except FileNotFoundError as error:  # the console is not built, or is being built
        raise NotFound(_NO_FILE) from error
    return Response(data, media_type=media_type, headers={**headers, "X-Content-Type-Options": "nosniff"})


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
            "manifest-src 'self'",
            "worker-src 'self'",
            "form-action 'self'",
            "base-uri 'none'",
            "frame-ancestors 'none'",
        ]
    )
