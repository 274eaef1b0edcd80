"""Checks of the running service, its sandbox and its public URL."""

from collections.abc import Iterator
from typing import Final

import httpx2

from presswork.core.sandbox_package import is_sandbox_installed
from presswork.doctor.checks.http import get
from presswork.doctor.model import Finding, fail, ok, warn
from presswork.platforms.settings import Settings, SettingValues

PUBLIC_URL: Final = "public url"


async def service(settings: Settings, url: str) -> list[Finding]:
    """Check the readiness and the sandbox of what listens now at this URL, if anything does."""
    response = await get(f"{url}/readyz")
    if response is None:
        return [
            warn("service", f"Nothing answers at {url}.", "Start it with `presswork up`."),
            await _sandbox(settings, url=None),
        ]
    return [*_readiness(url, response), await _sandbox(settings, url=url)]


def _readiness(url: str, response: httpx2.Response) -> Iterator[Finding]:
    try:
        checks = {str(check["name"]): check for check in response.json()["checks"]}
        broken = [f"{name}: {check['message']}" for name, check in checks.items() if not check["ok"]]
    except (ValueError, KeyError, TypeError):
        yield fail("service", f"Another program answers at {url}.", "Choose another port with --port.")
        return
    if broken:
        yield fail(
            "service", f"{url} is not ready ({'; '.join(broken)}).", "Fix that; the log of `presswork up` has details."
        )
    else:
        yield ok("service", f"{url} is ready; a worker is running")


async def _sandbox(settings: Settings, *, url: str | None) -> Finding:
    """Check the sandbox. The service at `url` may serve it although these settings turn it off: `up --sandbox` does."""
    is_separate, is_on = settings.sandbox_url is not None, settings.sandbox
    place = f"{(settings.sandbox_url or f'{url}/sandbox').rstrip('/')}/"
    state = "off" if is_sandbox_installed() else "not installed"
    off = ok("sandbox", f"{state}; test projects can't publish")
    if settings.serves_sandbox and not is_sandbox_installed():
        return fail(
            "sandbox",
            "PRESSWORK_SANDBOX is true, but the sandbox is not installed, so the API does not start.",
            "Install Presswork as `presswork[sandbox]`, or set PRESSWORK_SANDBOX=false.",
        )
    if url is None and not is_separate:
        return ok("sandbox", "served by the API under /sandbox") if is_on else off
    if not is_on and not is_separate:
        is_on = await _is_served(place)
        if not is_on:
            return off
    if settings.public_url is not None and is_on:
        return warn(
            "sandbox",
            "It is served under the public URL: its control surface, pages and fake platforms need the token that "
            "`presswork up` prints. Anyone who has it can read its posts and texts, and make it call internal addresses.",
            "Turn it off (PRESSWORK_SANDBOX=false, and no --sandbox) if there are live projects, or block /sandbox in the "
            "proxy.",
        )
    if not await _is_served(place):
        return fail(
            "sandbox",
            f"No sandbox answers at {place}.",
            "Start it with `presswork sandbox` and set PRESSWORK_SANDBOX_URL to its URL, or restart the API.",
        )
    return ok("sandbox", place)


async def _is_served(place: str) -> bool:
    """Return whether a sandbox answers there. 401: other machines can reach it, so its pages need its token."""
    response = await get(place)
    return response is not None and response.status_code in {httpx2.codes.OK, httpx2.codes.UNAUTHORIZED}


async def public_url(settings: Settings, *, has_live_projects: bool) -> Finding:
    """Check that the API answers at its public URL, over https. Until there are live projects, none is needed."""
    if not settings.public_url:
        if not has_live_projects:
            return ok(PUBLIC_URL, "not configured; live projects need PRESSWORK_PUBLIC_URL")
        return warn(
            PUBLIC_URL,
            "PRESSWORK_PUBLIC_URL is not set. Live projects need it, because platforms fetch media from there.",
            "Set it to the https URL at which the internet reaches the API.",
        )
    place = f"{settings.public_url.rstrip('/')}/healthz"
    response = await get(place)
    if response is None or response.status_code != httpx2.codes.OK:
        found = "does not answer" if response is None else f"answers {response.status_code}"
        return fail(
            PUBLIC_URL, f"{place} {found}.", "Check DNS, the certificate and the proxy, and that the API is running."
        )
    if not settings.public_url.startswith("https://"):
        return warn(
            PUBLIC_URL, f"{settings.public_url} is not https.", "Use https: platforms redirect only to https URLs."
        )
    return ok(PUBLIC_URL, f"{settings.public_url} answers")


def effective_values(values: SettingValues) -> Finding:
    """Show the effective values of the settings that the guarantees rest on."""
    shown = {
        "worker lease": values.worker_lease,
        "republish after": values.republish_after_live,
        "managed deadline": values.managed_deadline_live,
        "media URLs valid for": values.media_url_lifetime,
        "upload URLs valid for": values.upload_url_lifetime,
        "republish after (test)": values.republish_after_test,
        "managed deadline (test)": values.managed_deadline_test,
    }
    listed = ", ".join(f"{name} {value.total_seconds():.12g} s" for name, value in shown.items())
    return ok("settings", f"all within their ranges: {listed}")
