"""`presswork connect --dry-run`: show what a live login would send to its platform, and check each part of it."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from ipaddress import ip_address
from typing import Final
from urllib.parse import parse_qs, urlsplit

from presswork.accounts.login import new_verifier, redirect_uri
from presswork.apps.platform_apps import AppToCheck
from presswork.cli.administration import read_id
from presswork.cli.command import Output
from presswork.cli.doctor.command import report
from presswork.cli.doctor.installation import with_customers_app, with_stored_apps
from presswork.cli.output import console
from presswork.cli.run.setup import read_settings, set_up_admin
from presswork.core.enums import Environment
from presswork.core.errors import Invalid, Issue, IssueCode, Unavailable
from presswork.core.ids import PLATFORM_APP
from presswork.doctor.checks.customer_apps import check_customer_app
from presswork.doctor.checks.http import get
from presswork.doctor.checks.platforms import app_of
from presswork.doctor.checks.registered_urls import UNKNOWN_STATE, service_behind
from presswork.doctor.model import Finding, fail, ok, warn
from presswork.platforms.names import LoginName, PlatformName
from presswork.platforms.registry import Platforms, logins_of, logins_of_app
from presswork.platforms.settings import Settings

_MAX_REDIRECT_URI: Final = 512
"""Characters. Source: TikTok, "Login Kit for Web", read 2026-11."""


def preview(platform: str | None, login: str | None, app: str | None) -> Output:
    """Return what a live login with the settings of this machine would send, and the checks of its parts.

    With the id of a customer's app, as a login by this app. Raises Unavailable, naming the setting, where a live login can't begin
    at all, and Invalid for an app that it does not use.
    """
    settings = read_settings()
    set_up_admin(settings)
    found: AppToCheck | None = None
    if app is None:
        settings = asyncio.run(with_stored_apps(settings))
    else:
        settings, found = asyncio.run(with_customers_app(settings, read_id(PLATFORM_APP, app, "app")))
    chosen = _choose_login(platform, login, found)
    authorize_url, back = _build_urls(settings, chosen)
    findings = asyncio.run(_check_login(settings, chosen, found, authorize_url, back))
    checked = report(findings, {"authorizeUrl": authorize_url, "redirectUri": back})

    def show(*, wide: bool) -> None:
        out = console()
        out.print("Authorize URL", style="bold")
        out.print(authorize_url, markup=False, soft_wrap=True)
        out.print("Redirect URI, to be registered with the platform exactly like this", style="bold")
        out.print(back, markup=False, soft_wrap=True)
        out.print()
        checked.show(wide=wide)

    return replace(checked, show=show)


def _choose_login(platform: str | None, login: str | None, app: AppToCheck | None) -> LoginName:
    """Return the login that is meant; without an app, the platform is given. Raises Invalid if a customer's app does not serve it."""
    if app is None:
        return LoginName(login) if login is not None else logins_of(PlatformName(str(platform)))[0]
    offered = [
        one
        for one in logins_of_app(app.login)
        if (platform is None or one in logins_of(PlatformName(platform))) and login in {None, one.value}
    ]
    if not offered or app.environment is not Environment.LIVE:
        problem = (
            f"app is one of {app.login} in the environment {app.environment}. Pass one of a live login of the platform."
        )
        raise Invalid([Issue.at("app", problem, IssueCode.INVALID_VALUE)])
    return offered[0]


def _build_urls(settings: Settings, login: LoginName) -> tuple[str, str]:
    """Return the authorize URL and the redirect URI. Its state belongs to no login, so the redirect connects nothing.

    Raises Unavailable, naming the setting that is missing.
    """
    base = settings.public_url
    platforms = Platforms(settings, base_url=base or "")
    platform = platforms.get(login, Environment.LIVE)
    if base is None:
        raise Unavailable("Live logins need PRESSWORK_PUBLIC_URL.", setting="PRESSWORK_PUBLIC_URL")
    back = redirect_uri(base, platforms.callback_of(login))
    return platform.login.authorize_url(redirect_uri=back, state=UNKNOWN_STATE, verifier=new_verifier()), back


async def _check_login(
    settings: Settings, login: LoginName, app: AppToCheck | None, authorize_url: str, back: str
) -> list[Finding]:
    return [
        _check_form(back),
        await service_behind(back),
        await (app_of(login, settings) if app is None else check_customer_app(app, settings)),
        await _check_page(authorize_url.partition("?")[0]),
        *_describe_query(authorize_url),
    ]


def _check_form(uri: str) -> Finding:
    name = "form of the redirect URI"
    parts = urlsplit(uri)
    host = parts.hostname or ""
    if parts.scheme != "https":
        fix = "Set PRESSWORK_PUBLIC_URL to an https URL: platforms accept no other."
        return fail(name, f"{uri} is not https.", fix)
    if _is_ip_address(host) or host == "localhost":
        fix = "Set PRESSWORK_PUBLIC_URL to a name that the internet resolves."
        return fail(name, f"{host} is not a public host name.", fix)
    if len(uri) >= _MAX_REDIRECT_URI or parts.query or parts.fragment:
        fix = f"Use a PRESSWORK_PUBLIC_URL without them and with less than {_MAX_REDIRECT_URI} characters."
        return fail(name, f"It has {len(uri)} characters, or a query or a fragment.", fix)
    return ok(name, "https, a host name, no query, no fragment")


def _is_ip_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


async def _check_page(url: str) -> Finding:
    if await get(url) is None:
        fix = "Check this machine's network, DNS and proxy."
        return warn("authorize page", f"{url} does not answer from here.", fix)
    return ok("authorize page", f"{url} answers")


def _describe_query(authorize_url: str) -> Iterator[Finding]:
    parameters = {name: values[0] for name, values in parse_qs(urlsplit(authorize_url).query).items()}
    yield ok("scopes", f"{parameters.get('scope', 'none')}: each must be enabled in the app")
    if challenge := parameters.get("code_challenge"):
        method = parameters.get("code_challenge_method")
        yield ok("PKCE", f"{method}, a challenge of {len(challenge)} characters; each login has a new one")
