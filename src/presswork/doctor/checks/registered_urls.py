"""Check the URLs that are registered with platforms: each must lead to Presswork through the public URL."""

import asyncio
from dataclasses import dataclass
from typing import Final
from uuid import UUID

import httpx2

from presswork.accounts.login import redirect_uri
from presswork.apps.platform_apps import verify_tokens
from presswork.core.enums import Environment
from presswork.crypto.keyring import Keyring
from presswork.doctor.checks.http import get
from presswork.doctor.model import Finding, fail, ok
from presswork.legal.paths import DATA_DELETION, DEAUTHORIZE, path_for_app
from presswork.platforms.names import LoginName
from presswork.platforms.registry import Platforms
from presswork.platforms.settings import Settings

REDIRECT_URI: Final = "redirect URI is served"
UNKNOWN_STATE: Final = "st_0DRYRVN0000000000000000000"
"""Has the form of a state, and belongs to no login."""


def webhook_name(platform: str) -> str:
    """Return the name of the finding about a platform's webhooks."""
    return f"webhooks of {platform}"


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisteredUrls:
    """What is registered in the app of a login."""

    redirect_uri: str
    webhook_url: str | None
    """Is None where the platform sends no webhooks."""
    webhook_verify_token: str | None = None
    """Is None where the platform checks no token, and for the installation's apps: a setting has theirs."""
    deauthorize_url: str | None = None
    data_deletion_url: str | None = None
    """Both are None where the platform passes on no requests of people."""


def registered_urls_of(login: LoginName, platforms: Platforms, public_url: str) -> RegisteredUrls:
    """Return the URLs of a login behind a public URL."""
    platform, base = platforms.described()[login], public_url.rstrip("/")
    return RegisteredUrls(
        redirect_uri=redirect_uri(base, platforms.callback_of(login)),
        webhook_url=f"{base}/webhooks/{platform.name}/live" if platform.webhook_reader else None,
    )


def registered_urls_of_app(
    app_id: UUID, login: LoginName, environment: Environment, platforms: Platforms, public_url: str, keyring: Keyring
) -> RegisteredUrls:
    """Return the URLs and the verify token of a customer's app behind a public URL; `login` is its first login."""
    platform, base = platforms.described()[login], public_url.rstrip("/")
    reader = platform.comment_webhook_reader
    has_webhooks = platform.webhook_reader or reader
    webhook = path_for_app(f"/webhooks/{platform.name}/{environment}", app_id)
    has_requests = platform.user_request_reader is not None
    return RegisteredUrls(
        redirect_uri=redirect_uri(base, platforms.callback_of(login)),
        webhook_url=f"{base}{webhook}" if has_webhooks else None,
        webhook_verify_token=verify_tokens(keyring, app_id)[0]
        if reader is not None and reader.has_verify_token
        else None,
        deauthorize_url=f"{base}{path_for_app(DEAUTHORIZE, app_id)}" if has_requests else None,
        data_deletion_url=f"{base}{path_for_app(DATA_DELETION, app_id)}" if has_requests else None,
    )


async def check_registered_urls(settings: Settings) -> list[Finding]:
    """Open one redirect URI, since all are in one folder, and the URL for webhooks of each platform that sends some.

    Nothing is reported while nothing answers at the public URL: another check does.
    """
    place = settings.public_url
    if not place or await get(f"{place.rstrip('/')}/healthz") is None:
        return []
    platforms = Platforms(settings, base_url=place)
    found = [(login, registered_urls_of(login, platforms, place)) for login in LoginName]
    webhooks = {
        platforms.described()[login].name: one.webhook_url for login, one in found if one.webhook_url is not None
    }
    return await asyncio.gather(
        service_behind(found[0][1].redirect_uri), *(_webhook(platform, url) for platform, url in webhooks.items())
    )


async def service_behind(url: str) -> Finding:
    """Open the redirect URI as a browser would after a login that Presswork does not know."""
    response = await get(f"{url}?state={UNKNOWN_STATE}&error=access_denied")
    if _is_ours(response, httpx2.codes.BAD_REQUEST):
        return ok(REDIRECT_URI, "Presswork answers there")
    fix = "Start Presswork, and let the proxy forward /oauth/callback/ with its query unchanged."
    return fail(REDIRECT_URI, f"{_describe_response(response)}.", fix)


async def _webhook(platform: str, url: str) -> Finding:
    """Look at the URL with GET, which Presswork does not allow there: a webhook would be counted."""
    response = await get(url)
    if _is_ours(response, httpx2.codes.METHOD_NOT_ALLOWED):
        return ok(webhook_name(platform), f"Presswork answers at {url}")
    fix = "Start Presswork, and let the proxy forward /webhooks/ with the body unchanged."
    return fail(webhook_name(platform), f"{url}: {_describe_response(response)}.", fix)


def _is_ours(response: httpx2.Response | None, status: int) -> bool:
    return response is not None and response.status_code == status and "x-request-id" in response.headers


def _describe_response(response: httpx2.Response | None) -> str:
    if response is None:
        return "Nothing answers there"
    return f"Something answers {response.status_code} there, but not Presswork"
