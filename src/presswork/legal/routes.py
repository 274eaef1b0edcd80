"""The legal pages, for people and for the reviewers of platforms, and the page about one deletion. They need no login."""

import re
from collections.abc import Mapping
from typing import Final

from fastapi import APIRouter, Request
from markupsafe import Markup
from starlette.responses import Response

from presswork.api.context import Context, Ctx, Now
from presswork.api.pages import READ, Pages
from presswork.core.enums import LoginName
from presswork.core.errors import NotFound
from presswork.core.settings import Settings
from presswork.legal.addresses import DELETION_PAGE, PRIVACY, TERMS
from presswork.legal.model import DeletionNotFound
from presswork.legal.retention import Retention
from presswork.legal.store import find_deletion
from presswork.people.throttle import count_subject
from presswork.platforms.registry import review_of

router: Final = APIRouter(include_in_schema=False)
_PAGES: Final = Pages("presswork.legal")
_CODE: Final = re.compile(r"[A-Z2-7]{24}")
_UNKNOWN_CODES: Final = 30
"""Unknown confirmation codes that one address may ask for in a quarter of an hour."""


class NoOperator(NotFound):
    """The operator did not name itself, so there is no one whose policy this could be."""

    sentence = (
        "This service has no legal pages yet. Its operator sets PRESSWORK_OPERATOR_NAME and PRESSWORK_CONTACT_EMAIL."
    )


@router.api_route(PRIVACY, methods=READ)
async def privacy_policy(context: Ctx) -> Response:
    """Show what this installation stores about people, and for how long. Raises NoOperator."""
    return _page("privacy.html", context, {"retention": Retention.of(context.settings)})


@router.api_route(TERMS, methods=READ)
async def terms_of_service(context: Ctx) -> Response:
    """Show the terms of this service. Raises NoOperator."""
    return _page("terms.html", context, {})


@router.api_route(DELETION_PAGE, methods=READ)
async def deletion_instructions(context: Ctx) -> Response:
    """Show how a person has their data deleted. Raises NoOperator."""
    steps = [review_of(login).removal for login in LoginName]
    return _page("deletion_instructions.html", context, {"steps": steps, "retention": Retention.of(context.settings)})


@router.api_route(DELETION_PAGE + "/{code}", methods=READ)
async def deletion_status(request: Request, code: str, context: Ctx, now: Now) -> Response:
    """Show what was deleted for a request, and when. Raises DeletionNotFound, TooManyAttempts."""
    deletion = await find_deletion(context.pool, code.upper()) if _CODE.fullmatch(code.upper()) else None
    if deletion is None:
        address = None if request.client is None else request.client.host
        await count_subject(context.pool, "data deletion", address, limit=_UNKNOWN_CODES, now=now)
        raise DeletionNotFound
    values = {
        "deletion": deletion,
        "platform": review_of(deletion.login).title,
        "at": deletion.received_at.strftime("%Y-%m-%d %H:%M:%S UTC"),
        "retention": Retention.of(context.settings),
    }
    return _page("deletion_status.html", context, values, needs_operator=False)


def _page(template: str, context: Context, values: Mapping[str, object], *, needs_operator: bool = True) -> Response:
    settings: Settings = context.settings
    if needs_operator and not has_operator(settings):
        raise NoOperator
    given = {
        "_": _in_english,
        "days": days,
        "operator": settings.operator_name,
        "email": settings.contact_email,
        **values,
    }
    headers = {"X-Robots-Tag": "noindex, nofollow", "Cache-Control": "no-store"}
    return _PAGES.response(template, given, headers=headers)


def _in_english(text: str, /, **values: object) -> Markup:
    """Return a text with escaped values in place of `%(name)s`."""
    return Markup(text) % values  # noqa: S704  the texts are those of our own templates


def days(count: int) -> str:
    """Return a number of days as text."""
    return "1 day" if count == 1 else f"{count} days"


def has_operator(settings: Settings) -> bool:
    """Return whether the operator has named itself, so that there are legal pages."""
    return bool(settings.operator_name and settings.contact_email)
