"""`/` leads to the console; where that is not built, to a start page with links to the reference and the sandbox."""

from typing import Final

from fastapi import APIRouter
from starlette.responses import RedirectResponse, Response

from presswork.api.context import Ctx
from presswork.api.http.pages import PAGES, READ
from presswork.console import static_files

router: Final = APIRouter(include_in_schema=False)


@router.api_route("/", methods=READ)
async def welcome(context: Ctx) -> Response:
    """Redirect to the console, or return the start page."""
    if static_files.is_built():
        return RedirectResponse("/console", status_code=302, headers={"Cache-Control": "no-store"})
    return PAGES.response("welcome.html", {"base_url": context.base_url, "sandbox": context.settings.sandbox})
