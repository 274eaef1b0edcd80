"""Pages for people: one template and stylesheet for all, and headers that let a page load and run only what is its own."""

import hashlib
from collections.abc import Mapping, Sequence
from functools import cached_property, lru_cache
from importlib.resources import files
from typing import Final

import jinja2
from fastapi import APIRouter, Request
from markupsafe import Markup
from starlette.responses import HTMLResponse, Response

from presswork.core.errors import NotFound

router: Final = APIRouter(include_in_schema=False)

READ: Final = ["GET", "HEAD"]
"""The methods of a page. A page must not change anything: link previews send HEAD."""
OWN_RESOURCES: Final = "style-src 'self'; script-src 'self'; img-src 'self'; media-src 'self'; form-action 'none'"
"""Stylesheets, scripts, pictures and videos of this server, and no form."""
_PACKAGE: Final = "presswork.api.http"
_MEDIA_TYPES: Final = {
    "presswork.css": "text/css",
    "docs.css": "text/css",
    "links.css": "text/css",
    "tiktok.css": "text/css",
    "docs.js": "text/javascript",
    "copy.js": "text/javascript",
    "favicon.svg": "image/svg+xml",
}
_DAY_SECONDS: Final = 24 * 60 * 60


def environment_of(package: str, *, extensions: Sequence[str] = ()) -> jinja2.Environment:
    """Return the environment of the templates of a package and of this one."""
    loaders = [jinja2.PackageLoader(one) for one in dict.fromkeys((package, _PACKAGE))]
    environment = jinja2.Environment(
        loader=jinja2.ChoiceLoader(loaders), autoescape=True, undefined=jinja2.StrictUndefined, extensions=extensions
    )
    environment.globals |= {"asset": asset_url, "mark": Markup(_asset("favicon.svg")[0].decode())}  # noqa: S704  our own file
    return environment


class Pages:
    """The templates of one package, which extend those of this package: `page.html`, `sheet.html` and `error.html`."""

    def __init__(self, package: str) -> None:
        self._package = package

    @cached_property
    def _environment(self) -> jinja2.Environment:
        return environment_of(self._package)

    def response(
        self,
        template: str,
        values: Mapping[str, object],
        *,
        status_code: int = 200,
        headers: Mapping[str, str] | None = None,
        allow: str = OWN_RESOURCES,
    ) -> HTMLResponse:
        """Return a page that no site may frame, and that loads, runs and sends only what the directives `allow` name."""
        return HTMLResponse(
            self._environment.get_template(template).render(**values),
            status_code=status_code,
            headers={
                "Content-Security-Policy": f"default-src 'none'; {allow}; base-uri 'none'; frame-ancestors 'none'",
                "X-Frame-Options": "DENY",
                "X-Content-Type-Options": "nosniff",
                "Referrer-Policy": "no-referrer",
                **(headers or {}),
            },
        )


PAGES: Final = Pages(_PACKAGE)


def asset_url(name: str) -> str:
    """Return the path of an asset. It contains a hash of the content, so that browsers keep no former version."""
    return f"/assets/{name}?v={_asset(name)[1]}"


@router.api_route("/assets/{name}", methods=READ)
async def asset(name: str) -> Response:
    """Return a stylesheet, a script or the icon."""
    return asset_response(name)


@router.api_route("/favicon.ico", methods=READ)
async def favicon() -> Response:
    """Return the icon, which browsers request for what is not a page, such as JSON."""
    return asset_response("favicon.svg")


def asset_response(name: str) -> Response:
    """Return an asset as a response. Raises NotFound."""
    if name not in _MEDIA_TYPES:
        raise NotFound("There is no such asset.")
    content, version = _asset(name)
    headers = {
        "Cache-Control": f"public, max-age={_DAY_SECONDS}",
        "ETag": f'"{version}"',
        "X-Content-Type-Options": "nosniff",
    }
    return Response(content, media_type=_MEDIA_TYPES[name], headers=headers)


def wants_page(request: Request) -> bool:
    """Whether a person waits for the response: a browser opens a URL that is not of the API."""
    is_api = f"{request.scope['path']}/".startswith("/v1/")
    return not is_api and request.method in READ and "text/html" in request.headers.get("accept", "")


@lru_cache
def _asset(name: str) -> tuple[bytes, str]:
    """Return an asset and its version. Read once."""
    content = (files(_PACKAGE) / "assets" / name).read_bytes()
    return content, hashlib.sha256(content).hexdigest()[:12]
