"""The interactive reference under `/docs`, from installed files, so that it works offline."""

import os
import secrets
from importlib.resources import files
from pathlib import Path
from typing import Final

import fastapi_offline
from fastapi import FastAPI
from fastapi.openapi.docs import get_swagger_ui_html
from starlette.responses import HTMLResponse
from starlette.staticfiles import StaticFiles

from presswork.api.pages import html_page

_STATIC: Final = Path(str(files(fastapi_offline))) / "static"
_SCRIPT: Final = "swagger-ui-bundle.js"
_STYLE: Final = "swagger-ui.css"
_ICON: Final = "favicon.png"


class _ReferenceFiles(StaticFiles):
    """The files of the reference. Other paths are not looked up: the look-up takes 0.2 s for a path of 64 KB."""

    def lookup_path(self, path: str) -> tuple[str, os.stat_result | None]:
        """Return a file's path and status, or an empty path."""
        return super().lookup_path(path) if path in {_SCRIPT, _STYLE, _ICON} else ("", None)


def add_reference(app: FastAPI) -> None:
    """Serve the reference and its files."""
    app.mount("/docs/static", _ReferenceFiles(directory=_STATIC), name="docs-static")

    @app.get("/docs", include_in_schema=False)
    async def docs() -> HTMLResponse:
        page = get_swagger_ui_html(
            openapi_url="/openapi.json",
            title="Presswork API",
            swagger_js_url=f"/docs/static/{_SCRIPT}",
            swagger_css_url=f"/docs/static/{_STYLE}",
            swagger_favicon_url=f"/docs/static/{_ICON}",
            swagger_ui_parameters={
                "persistAuthorization": False,  # otherwise the browser's storage keeps the key
                "displayRequestDuration": True,
                "tryItOutEnabled": True,
                "validatorUrl": None,  # otherwise Swagger UI sends this server's URL to a public validator
                "docExpansion": "list",
                "defaultModelsExpandDepth": 0,
                "syntaxHighlight": {"theme": "agate"},
            },
        )
        nonce = secrets.token_urlsafe(16)
        # The page has one script of its own, which starts Swagger UI. Swagger UI sets styles of elements and shows
        # icons from data URLs and pictures in responses from blob URLs.
        return html_page(
            bytes(page.body).decode().replace("<script>", f'<script nonce="{nonce}">'),
            allow=(
                f"script-src 'self' 'nonce-{nonce}'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; "
                "font-src 'self' data:; media-src 'self' blob:; connect-src 'self'"
            ),
        )
