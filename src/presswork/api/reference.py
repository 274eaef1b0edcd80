"""The interactive reference under `/docs`, from installed files, so that it works offline."""

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


def add_reference(app: FastAPI) -> None:
    """Serve the reference and its files."""
    app.mount("/docs/static", StaticFiles(directory=_STATIC), name="docs-static")

    @app.get("/docs", include_in_schema=False)
    async def docs() -> HTMLResponse:
        page = get_swagger_ui_html(
            openapi_url="/openapi.json",
            title="Presswork API",
            swagger_js_url="/docs/static/swagger-ui-bundle.js",
            swagger_css_url="/docs/static/swagger-ui.css",
            swagger_favicon_url="/docs/static/favicon.png",
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
