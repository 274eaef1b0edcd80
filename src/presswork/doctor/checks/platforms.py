"""Checks of the platforms: credentials, network access, the SMS provider and managed providers."""

import asyncio
from collections.abc import Awaitable, Sequence
from datetime import date, timedelta
from typing import Final
from uuid import UUID

import httpx2

from presswork.accounts.providers import provider_accesses
from presswork.core.clock import SystemClock
from presswork.core.enums import Environment
from presswork.core.errors import PressworkError
from presswork.core.logging import redact
from presswork.core.setting_values import PREFIX
from presswork.crypto.keyring import load_keyring
from presswork.crypto.webhook_signatures import signed_headers
from presswork.db.pool import Connection
from presswork.doctor.checks.http import get
from presswork.doctor.model import AppResponse, AppResult, Finding, fail, ok, warn
from presswork.platforms.description import ApiVersion
from presswork.platforms.errors import Rejected
from presswork.platforms.names import LoginName
from presswork.platforms.port import ProviderAccess, SupportsAppCheck
from presswork.platforms.registry import Platforms, api_version_of, app_settings, check_app
from presswork.platforms.settings import Settings

_SMS: Final = ("sms_account_sid", "sms_auth_token", "sms_from")
_ASK_WITHIN: Final = timedelta(seconds=10)
"""How long a platform may take to answer whether it accepts an app."""

CUSTOMERS_REFUSED: Final = "the platform does not accept ID and secret, or has blocked the app"
"""About a customer's app: what a platform's own sentence names are settings of the installation."""
_VERSION_ENDS_SOON: Final = timedelta(days=61)
"""How long before its end a version of an API is reported."""


async def verify_app(
    login: LoginName, settings: Settings, *, refused: str = "The ID or the secret is wrong: {}"
) -> AppResponse:
    """Ask a platform whether it accepts the ID and secret of the app in these settings, which must have both.

    `refused` says that it does not, with {} for its own sentence.
    """
    return await _ask(check_app(login, settings), refused=refused)


async def verify_customer_app(
    platforms: Platforms, login: LoginName, environment: Environment, app_id: UUID
) -> AppResponse:
    """Ask a platform whether it accepts the ID and secret of a customer's app. Raises Unavailable where the app can't be used."""
    found = (await platforms.for_app(login, environment, app_id)).login

    async def ask() -> bool:
        if not isinstance(found, SupportsAppCheck):
            return False
        await found.check_app()
        return True

    return await _ask(ask(), refused=CUSTOMERS_REFUSED)


async def _ask(asking: Awaitable[bool], *, refused: str) -> AppResponse:
    """Return what a platform answers about an app. `refused` says that it does not accept it, with {} for its own sentence."""
    try:
        async with asyncio.timeout(_ASK_WITHIN.total_seconds()):
            is_asked = await asking
    except Rejected as error:
        return AppResponse(result=AppResult.REFUSED, message=refused.replace("{}", redact(error.message)))
    except (PressworkError, TimeoutError):
        return AppResponse(
            result=AppResult.UNREACHABLE,
            message="ID and secret are set; the platform could not be asked whether they are right",
        )
    if not is_asked:
        return AppResponse(
            result=AppResult.UNSUPPORTED,
            message="ID and secret are set; the platform has no call that checks them without a login",
        )
    return AppResponse(result=AppResult.ACCEPTED, message="the platform accepts ID and secret")


def app_name(login: LoginName) -> str:
    """Return the name of the finding about the app of a login."""
    return f"{login} app"


async def app_of(login: LoginName, settings: Settings) -> Finding:
    """Check the app of one login."""
    response = await verify_app(login, settings) if app_settings(login).is_complete(settings) else None
    return app_finding(login, settings, response)


def app_finding(login: LoginName, settings: Settings, response: AppResponse | None) -> Finding:
    """Return the finding about the app of one login, with the response of its platform if it was asked."""
    app = app_settings(login)
    name, missing = app_name(login), app.missing(settings)
    if not app.variables:
        return ok(
            name, "nothing to set: Presswork registers an app of its own at each server when a login begins there"
        )
    if missing and not app.is_given(settings):
        make = "make a private key" if app.is_id_derived else "register an app with the platform"
        return ok(
            name,
            f"not configured; to connect live accounts through it, {make} and set {' and '.join(missing)} in the environment, "
            f"or with PUT /v1/system/platforms/{login}: docs/connecting-accounts.md",
        )
    if missing:
        return warn(
            name,
            f"Live projects need {' and '.join(missing)} to connect accounts. Test projects do not.",
            f"Set {' and '.join(missing)} too: an ID and a secret are never taken from two places.",
        )
    if response is None:
        return ok(name, "ID and secret are set; the platform was not asked whether they are right")
    if response.result is AppResult.REFUSED:
        fix = "Copy both again from the platform's developer portal: docs/connecting-accounts.md."
        return fail(name, response.message, fix)
    return ok(name, response.message)


def api_versions(settings: Settings, *, today: date) -> list[Finding]:
    """Check that no platform in use ends the version of its API that is called."""
    return [
        _version_finding(f"{login} API version", version, today)
        for login in LoginName
        if app_settings(login).is_given(settings) and (version := api_version_of(login, settings)) is not None
    ]


def _version_finding(name: str, version: ApiVersion, today: date) -> Finding:
    ends = f"{version.version} ({version.setting}) is served until {version.ends_on} at least"
    fix = (
        f"Set {version.setting} to a newer version that the platform serves and restart, or install a newer Presswork."
    )
    if today > version.ends_on:
        return fail(name, f"{version.version} ({version.setting}) may have ended on {version.ends_on}.", fix)
    if today >= version.ends_on - _VERSION_ENDS_SOON:
        return warn(name, f"{ends}. After that, posts may not go out.", fix)
    return ok(name, ends)


def text_messages(settings: Settings) -> Finding:
    """Check that the account at the SMS provider is set."""
    missing = [f"{PREFIX}{name.upper()}" for name in _SMS if not getattr(settings, name)]
    if missing and not any(getattr(settings, name) for name in _SMS):
        return ok(
            "text messages",
            f"not configured; for live drafts by text, open an account with an SMS provider and set {' and '.join(missing)}: "
            "docs/deliver-drafts-by-text.md",
        )
    if missing:
        return warn(
            "text messages",
            f"Live drafts by text need {' and '.join(missing)}. Test projects do not.",
            "Set its values too: docs/deliver-drafts-by-text.md.",
        )
    return ok("text messages", f"account, token and sender are set; messages are sent through {settings.sms_api_url}")


def reach(settings: Settings) -> list[tuple[str, str]]:
    """Return the platforms that are configured, with the URLs that have to be reached from here."""
    apps = {login.value: app_settings(login) for login in LoginName}
    places = [(name, getattr(settings, app.api_url)) for name, app in apps.items() if app.is_given(settings)]
    return [*places, *([("text messages", settings.sms_api_url)] if settings.sms_account_sid else [])]


def access_name(name: str) -> str:
    """Return the name of the finding about reaching a platform."""
    return f"access to {name}"


async def access_to(name: str, url: str) -> Finding:
    """Check that a platform can be reached from here; any response counts."""
    if await get(url) is None:
        return warn(
            access_name(name),
            f"{url} does not answer.",
            "Check this machine's network, DNS, proxy and clock. If the platform is down, posts are retried.",
        )
    return ok(access_name(name), f"{url} answers")


async def read_providers(
    settings: Settings, connection: Connection
) -> tuple[Sequence[tuple[Environment, ProviderAccess]], list[Finding]]:
    """Return the managed providers, or the finding why their secrets can't be read."""
    if not await connection.fetchval("SELECT EXISTS (SELECT FROM providers)"):
        return [], []
    try:
        return await provider_accesses(connection, load_keyring(settings), now=SystemClock().now()), []
    except PressworkError as error:
        return [], [fail("providers", error.message, "Use the keys that the providers were added with.")]


async def provider(environment: Environment, access: ProviderAccess) -> Finding:
    """Send a managed provider a signed request, as docs/provider-protocol.md specifies."""
    name, now = f"provider {access.name} ({environment})", SystemClock().now()
    secrets = [access.secret, *([access.former_secret] if access.former_secret else [])]
    response = await get(f"{access.base_url}/", signed_headers("presswork-doctor", b"", secrets=secrets, now=now))
    if response is not None and response.status_code == httpx2.codes.UNAUTHORIZED:
        return fail(name, "It rejects our signature.", "Compare the secrets and the clocks of both sides.")
    if response is None or response.status_code != httpx2.codes.OK:
        found = "does not answer" if response is None else f"answers {response.status_code}"
        return fail(name, f"{access.base_url} {found}.", "Check the URL, and that the provider is running.")
    return ok(name, f"{access.base_url} answers and accepts our signature")
