"""Checks of what the review of an app needs: the legal pages, and the URLs for requests of people at Meta."""

import asyncio
from typing import Final

import httpx2

from presswork.doctor.checks.http import get
from presswork.doctor.model import Finding, fail, ok, warn
from presswork.legal.paths import DATA_DELETION, DEAUTHORIZE, DELETION_PAGE, PRIVACY, TERMS
from presswork.platforms.description import PortalUrl
from presswork.platforms.names import LoginName
from presswork.platforms.registry import app_settings, review_of
from presswork.platforms.settings import Settings

LEGAL_PAGES: Final = "legal pages"
USER_REQUESTS: Final = "requests of people"
_PAGES: Final = (PRIVACY, TERMS, DELETION_PAGE)
_CALLBACKS: Final = (DEAUTHORIZE, DATA_DELETION)
_FIX: Final = "Set PRESSWORK_OPERATOR_NAME and PRESSWORK_CONTACT_EMAIL: docs/app-review.md."


async def check_review_urls(settings: Settings) -> list[Finding]:
    """Open what is registered for the review. Nothing is reported without live apps and an operator, nor while nothing answers at the public URL.

    `settings` are those with the stored credentials of apps.
    """
    logins = [login for login in LoginName if app_settings(login).is_given(settings)]
    if not settings.operator_name:
        sentence = "The reviews of platforms ask for a privacy policy; this service has none."
        return [warn(LEGAL_PAGES, sentence, _FIX)] if logins else []
    place = (settings.public_url or "").rstrip("/")
    if not place or await get(f"{place}/healthz") is None:
        return []
    found = [_legal_pages(place)]
    if any(field.url is PortalUrl.DATA_DELETION for login in logins for field in review_of(login).fields):
        found.append(_user_requests(place))
    return await asyncio.gather(*found)


async def _legal_pages(place: str) -> Finding:
    """Open each page as a reviewer does."""
    for path in _PAGES:
        response = await get(f"{place}{path}")
        if not _is_ours(response, httpx2.codes.OK):
            fix = "Start Presswork with the settings of this machine, and let the proxy forward /legal/."
            return fail(LEGAL_PAGES, f"{place}{path}: {_describe_response(response)}.", fix)
    return ok(LEGAL_PAGES, f"Presswork serves {', '.join(_PAGES)}")


async def _user_requests(place: str) -> Finding:
    """Look at the URLs with GET, which Presswork does not allow there: they change something."""
    for path in _CALLBACKS:
        response = await get(f"{place}{path}")
        if not _is_ours(response, httpx2.codes.METHOD_NOT_ALLOWED):
            fix = "Start Presswork, and let the proxy forward /webhooks/ with the body unchanged."
            return fail(USER_REQUESTS, f"{place}{path}: {_describe_response(response)}.", fix)
    return ok(USER_REQUESTS, f"Presswork answers at {' and '.join(_CALLBACKS)}")


def _is_ours(response: httpx2.Response | None, status: int) -> bool:
    return response is not None and response.status_code == status and "x-request-id" in response.headers


def _describe_response(response: httpx2.Response | None) -> str:
    return "nothing answers there" if response is None else f"{response.status_code} is answered there"
