"""The interactive reference under `/docs`, from installed files, so that it works offline."""

import os
from importlib.resources import files
from pathlib import Path
from typing import Final

import fastapi_offline
from fastapi import FastAPI
from starlette.responses import HTMLResponse
from starlette.staticfiles import StaticFiles

from presswork.api.http.pages import PAGES, READ

_STATIC: Final = Path(str(files(fastapi_offline))) / "static"
_SCRIPT: Final = "swagger-ui-bundle.js"
_STYLE: Final = "swagger-ui.css"
# Swagger UI sets styles of elements and shows icons from data URLs and pictures in responses from blob URLs.
_ALLOW: Final = (
    "script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; "
    "media-src 'self' blob:; connect-src 'self'; form-action 'none'"
)


class _ReferenceFiles(StaticFiles):
    """The files of the reference. Other paths are not looked up: the look-up takes 0.2 s for a path of 64 KB."""

    def lookup_path(self, path: str) -> tuple[str, os.stat_result | None]:
        """Return a file's path and status, or an empty path."""
        return super().lookup_path(path) if path in {_SCRIPT, _STYLE} else ("", None)


def add_reference(app: FastAPI) -> None:
    """Serve the reference and its files."""
    app.mount("/docs/static", _ReferenceFiles(directory=_STATIC), name="docs-static")

    @app.api_route("/docs", methods=READ, include_in_schema=False)
    async def docs() -> HTMLResponse:
        return PAGES.response("docs.html", {}, allow=_ALLOW)
