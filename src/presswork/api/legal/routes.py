"""The legal pages, for people and for the reviewers of platforms, and the page about one deletion. They need no login."""

import re
from collections.abc import Mapping
from typing import Final

from fastapi import APIRouter, Request
from starlette.responses import Response

from presswork.api.context import Context, Ctx, Now
from presswork.api.http.languages import language_of
from presswork.api.http.link_pages import address_of, link_page, own_page
from presswork.api.http.pages import READ
from presswork.core.texts import translatable
from presswork.legal.handle_request import find_deletion
from presswork.legal.paths import DELETION_PAGE, PRIVACY, TERMS
from presswork.legal.retention import Retention
from presswork.people.throttle import count_subject
from presswork.platforms.names import LoginName
from presswork.platforms.registry import review_of

router: Final = APIRouter(include_in_schema=False)
_PACKAGE: Final = "presswork.api.legal"
_CODE: Final = re.compile(r"[A-Z2-7]{24}")
_UNKNOWN_CODES: Final = 30
"""Unknown confirmation codes that one address may ask for in a quarter of an hour."""
_NO_OPERATOR: Final = (
    translatable("This service has no legal pages yet"),
    translatable("Its operator sets PRESSWORK_OPERATOR_NAME and PRESSWORK_CONTACT_EMAIL."),
)
_NO_DELETION: Final = (
    translatable("There is no such deletion"),
    translatable("Check the address that the platform showed you. The page about a deletion exists for two years."),
)


@router.api_route(PRIVACY, methods=READ)
@link_page
async def privacy_policy(request: Request, context: Ctx) -> Response:
    """Show what this installation stores about people, and for how long. 404 without an operator."""
    return _policy_page(request, context, "privacy.html", {"retention": Retention.of(context.settings)})


@router.api_route(TERMS, methods=READ)
@link_page
async def terms_of_service(request: Request, context: Ctx) -> Response:
    """Show the terms of this service. 404 without an operator."""
    return _policy_page(request, context, "terms.html", {})


@router.api_route(DELETION_PAGE, methods=READ)
@link_page
async def deletion_instructions(request: Request, context: Ctx) -> Response:
    """Show how a person has their data deleted. 404 without an operator."""
    steps = [review_of(login).removal for login in LoginName]
    values = {"steps": steps, "retention": Retention.of(context.settings)}
    return _policy_page(request, context, "deletion_instructions.html", values)


@router.api_route(DELETION_PAGE + "/{code}", methods=READ)
@link_page
async def deletion_status(request: Request, code: str, context: Ctx, now: Now) -> Response:
    """Show what was deleted for a request, and when. 404 for an unknown code. Raises TooManyAttempts."""
    known = code.upper()
    deletion = await find_deletion(context.pool, known) if _CODE.fullmatch(known) else None
    if deletion is None:
        await count_subject(context.pool, "data deletion", address_of(request), limit=_UNKNOWN_CODES, now=now)
        return _problem(request, context, *_NO_DELETION)
    values = {
        "deletion": deletion,
        "platform": review_of(deletion.login).title,
        "retention": Retention.of(context.settings),
    }
    return own_page(request, _PACKAGE, "deletion_status.html", values, name=_name(context))


def _policy_page(request: Request, context: Context, template: str, values: Mapping[str, object]) -> Response:
    if not (context.settings.operator_name and context.settings.contact_email):
        return _problem(request, context, *_NO_OPERATOR)
    return own_page(request, _PACKAGE, template, values, name=_name(context))


def _problem(request: Request, context: Context, title: str, message: str) -> Response:
    gettext = language_of(request).gettext
    values = {"title": gettext(title), "message": gettext(message), "request_id": None}
    return own_page(request, _PACKAGE, "link_problem.html", values, name=_name(context), status_code=404)


def _name(context: Context) -> str:
    return context.settings.operator_name or "Presswork"
