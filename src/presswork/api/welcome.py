"""The start page under `/`, with links to the reference, the sandbox and the readiness check."""

from typing import Final

from fastapi import APIRouter
from starlette.responses import HTMLResponse

from presswork.api.context import Ctx
from presswork.api.pages import PAGES, READ

router: Final = APIRouter(include_in_schema=False)


@router.api_route("/", methods=READ)
async def welcome(context: Ctx) -> HTMLResponse:
    """Return the start page."""
    return PAGES.response("welcome.html", {"base_url": context.base_url, "sandbox": context.settings.sandbox})
