"""`presswork connect --dry-run`: show what a live login would send to its platform, and check each part of it."""

import asyncio
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Final
from urllib.parse import parse_qs, urlsplit

from presswork.accounts.login import new_verifier, redirect_uri
from presswork.cli.doctor.command import print_findings
from presswork.cli.doctor.installation import with_stored_apps
from presswork.cli.output import console, print_json
from presswork.cli.run.setup import read_settings, set_up_admin
from presswork.core.enums import Environment, LoginName, PlatformName
from presswork.core.errors import Unavailable
from presswork.core.settings import Settings
from presswork.doctor.checks.http import get
from presswork.doctor.checks.platforms import app_of
from presswork.doctor.checks.registered_urls import UNKNOWN_STATE, service_behind
from presswork.doctor.model import Finding, Verdict, as_json_object, fail, ok, warn
from presswork.platforms.registry import Platforms, logins_of

_REDIRECT_URI: Final = "redirect URI"
_LONGEST_REDIRECT_URI: Final = 512
"""Source: TikTok, "Login Kit for Web", read 2026-11."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LoginPreview:
    """What a live login would send."""

    authorize_url: str
    redirect_uri: str

    @property
    def parameters(self) -> Mapping[str, str]:
        """The query parameters of the authorize URL."""
        return {name: values[0] for name, values in parse_qs(urlsplit(self.authorize_url).query).items()}


def preview(platform: str, login: str | None, *, as_json: bool) -> bool:
    """Print a preview of a live login with the settings of this machine, and the checks of its parts; False: one failed.

    Raises Unavailable, naming the setting, where a live login can't begin at all.
    """
    settings = read_settings()
    set_up_admin(settings)
    chosen = LoginName(login) if login is not None else logins_of(PlatformName(platform))[0]
    settings = asyncio.run(with_stored_apps(settings))
    urls = preview_login(settings, chosen)
    findings = asyncio.run(check_login(settings, chosen, urls))
    is_well = all(finding.verdict is not Verdict.FAIL for finding in findings)
    if as_json:
        print_json(
            {
                "ok": is_well,
                "authorizeUrl": urls.authorize_url,
                "redirectUri": urls.redirect_uri,
                "checks": [as_json_object(finding) for finding in findings],
            }
        )
        return is_well
    out = console()
    out.print("Authorize URL", style="bold")
    out.print(urls.authorize_url, markup=False, soft_wrap=True)
    out.print("Redirect URI, to be registered with the platform exactly like this", style="bold")
    out.print(urls.redirect_uri, markup=False, soft_wrap=True)
    out.print()
    print_findings(findings)
    return is_well


def preview_login(settings: Settings, login: LoginName) -> LoginPreview:
    """Return the URLs of a live login. Its state belongs to no login, so the platform's redirect connects nothing.

    Raises Unavailable, naming the setting that is missing.
    """
    base = settings.public_url
    platforms = Platforms(settings, base_url=base or "")
    platform = platforms.get(login, Environment.LIVE)
    if base is None:
        raise Unavailable("Live logins need PRESSWORK_PUBLIC_URL.", setting="PRESSWORK_PUBLIC_URL")
    back = redirect_uri(base, platforms.callback_of(login))
    url = platform.login.authorize_url(redirect_uri=back, state=UNKNOWN_STATE, verifier=new_verifier())
    return LoginPreview(authorize_url=url, redirect_uri=back)


async def check_login(settings: Settings, login: LoginName, preview: LoginPreview) -> list[Finding]:
    """Check each part of a live login."""
    return [
        *_form_of_redirect_uri(preview.redirect_uri),
        await service_behind(preview.redirect_uri),
        await app_of(login, settings),
        await _authorize_page(preview.authorize_url),
        *_parameters(preview.parameters),
    ]


def _form_of_redirect_uri(address: str) -> Iterator[Finding]:
    parts = urlsplit(address)
    name, host = f"form of the {_REDIRECT_URI}", parts.hostname or ""
    if parts.scheme != "https":
        yield fail(
            name, f"{address} is not https.", "Set PRESSWORK_PUBLIC_URL to an https URL: platforms accept no other."
        )
    elif _is_address(host) or host == "localhost":
        yield fail(
            name, f"{host} is not a public host name.", "Set PRESSWORK_PUBLIC_URL to a name that the internet resolves."
        )
    elif len(address) >= _LONGEST_REDIRECT_URI or parts.query or parts.fragment:
        yield fail(
            name,
            f"It has {len(address)} characters, or a query or a fragment.",
            f"Use a PRESSWORK_PUBLIC_URL without them and with less than {_LONGEST_REDIRECT_URI} characters.",
        )
    else:
        yield ok(name, "https, a host name, no query, no fragment")


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


async def _authorize_page(url: str) -> Finding:
    place = url.partition("?")[0]
    if await get(place) is None:
        return warn(
            "authorize page", f"{place} does not answer from here.", "Check this machine's network, DNS and proxy."
        )
    return ok("authorize page", f"{place} answers")


def _parameters(parameters: Mapping[str, str]) -> Iterator[Finding]:
    yield ok("scopes", f"{parameters.get('scope', 'none')}: each must be enabled in the app")
    if challenge := parameters.get("code_challenge"):
        method = parameters.get("code_challenge_method")
        yield ok("PKCE", f"{method}, a challenge of {len(challenge)} characters; each login has a new one")
