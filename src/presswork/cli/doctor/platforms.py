"""Checks of the platforms: credentials, network access, the SMS provider and managed providers."""

from datetime import datetime
from typing import Final

import httpx2
from pydantic import SecretStr

from presswork.accounts.providers import provider_accesses
from presswork.cli.doctor.finding import Finding, fail, ok, warn
from presswork.cli.doctor.http import get
from presswork.core.clock import SystemClock
from presswork.core.enums import Environment, LoginName
from presswork.core.errors import PressworkError
from presswork.core.settings import Settings
from presswork.crypto.keyring import load_keyring
from presswork.crypto.webhook_signatures import signed_headers
from presswork.db.pool import Connection
from presswork.platforms.errors import Rejected
from presswork.platforms.port import ProviderAccess
from presswork.platforms.registry import check_app

_CREDENTIALS: Final = {
    LoginName.INSTAGRAM: ("instagram_client_id", "instagram_client_secret"),
    LoginName.FACEBOOK: ("facebook_client_id", "facebook_client_secret"),
    LoginName.TIKTOK: ("tiktok_client_key", "tiktok_client_secret"),
}
_OPTIONAL: Final = frozenset({LoginName.FACEBOOK})
"""A second way to connect Instagram accounts, which many installations do not use."""


async def credentials(settings: Settings) -> list[Finding]:
    """Check that the app ID and secret of each platform are set, and that the platform accepts them."""
    return [await app_of(login, settings) for login in _CREDENTIALS]


async def app_of(login: LoginName, settings: Settings) -> Finding:
    """Check the app ID and secret of one login."""
    names = _CREDENTIALS[login]
    name, missing = f"{login} app", _missing(settings, names)
    if login in _OPTIONAL and len(missing) == len(names):
        return ok(name, "not configured; only accounts that connect through it need it")
    if missing:
        return warn(
            name,
            f"Live projects need {' and '.join(missing)} to connect through {login}. Test projects do not.",
            f"Register an app with {login} and set its ID and secret: docs/connecting-accounts.md.",
        )
    try:
        is_asked = await check_app(login, settings)
    except Rejected as error:
        fix = "Copy both again from the platform's developer portal: docs/connecting-accounts.md."
        return fail(name, f"The ID or the secret is wrong: {error.message}", fix)
    except PressworkError:
        return ok(name, "ID and secret are set; the platform could not be asked whether they are right")
    if not is_asked:
        return ok(name, "ID and secret are set; the platform has no call that checks them without a login")
    return ok(name, "the platform accepts ID and secret")


def text_messages(settings: Settings) -> Finding:
    """Check that the account at the SMS provider is set."""
    missing = _missing(settings, ("sms_account_sid", "sms_auth_token", "sms_from"))
    if missing:
        return warn(
            "text messages",
            f"Live drafts by text need {' and '.join(missing)}. Test projects do not.",
            "Open an account with an SMS provider and set its values: docs/deliver-drafts-by-text.md.",
        )
    return ok("text messages", f"account, token and sender are set; messages are sent through {settings.sms_api_url}")


async def reach(settings: Settings) -> list[Finding]:
    """Check that each configured platform can be reached from here; any response counts."""
    places = {
        "instagram": (settings.instagram_client_id, settings.instagram_graph_url),
        "facebook": (settings.facebook_client_id, settings.facebook_graph_url),
        "tiktok": (settings.tiktok_client_key, settings.tiktok_api_url),
        "text messages": (settings.sms_account_sid, settings.sms_api_url),
    }
    return [
        warn(
            f"access to {name}",
            f"{url} does not answer.",
            "Check this machine's network, DNS, proxy and clock. If the platform is down, posts are retried.",
        )
        if await get(url) is None
        else ok(f"access to {name}", f"{url} answers")
        for name, (app, url) in places.items()
        if app
    ]


async def providers(settings: Settings, connection: Connection) -> list[Finding]:
    """Send each managed provider a signed request, as docs/provider-protocol.md specifies."""
    now, name = SystemClock().now(), "providers"
    if not await connection.fetchval("SELECT EXISTS (SELECT FROM providers)"):
        return []
    try:
        accesses = await provider_accesses(connection, load_keyring(settings), now=now)
    except PressworkError as error:
        return [fail(name, error.message, "Use the keys that the providers were added with.")]
    return [await _provider(environment, access, now) for environment, access in accesses]


async def _provider(environment: Environment, access: ProviderAccess, now: datetime) -> Finding:
    name = f"provider {access.name} ({environment})"
    secrets = [access.secret, *([access.former_secret] if access.former_secret else [])]
    answer = await get(f"{access.base_url}/", signed_headers("presswork-doctor", b"", secrets=secrets, now=now))
    if answer is not None and answer.status_code == httpx2.codes.UNAUTHORIZED:
        return fail(name, "It rejects our signature.", "Compare the secrets and the clocks of both sides.")
    if answer is None or answer.status_code != httpx2.codes.OK:
        found = "does not answer" if answer is None else f"answers {answer.status_code}"
        return fail(name, f"{access.base_url} {found}.", "Check the URL, and that the provider is running.")
    return ok(name, f"{access.base_url} answers and accepts our signature")


def _missing(settings: Settings, names: tuple[str, ...]) -> list[str]:
    return [f"PRESSWORK_{name.upper()}" for name in names if not _text(getattr(settings, name))]


def _text(value: object) -> str:
    return value.get_secret_value() if isinstance(value, SecretStr) else str(value or "")
