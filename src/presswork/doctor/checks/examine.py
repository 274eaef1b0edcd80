"""All checks of an installation, in the order in which their findings are best fixed. None changes anything that lasts."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import Final
from uuid import UUID

from presswork.apps.model import AppSource, hint_of
from presswork.apps.public_url import PublicURLInUse, StoredURL, read_public_url
from presswork.apps.stored_apps import StoredApps, effective_settings, read_apps, source_of
from presswork.core.clock import SystemClock
from presswork.core.enums import Environment
from presswork.core.errors import PressworkError
from presswork.core.library_internals import missing_internals
from presswork.core.server_internals import missing_server_internals
from presswork.crypto.keyring import Keyring, find_keyring
from presswork.db.connect import is_pooled
from presswork.db.errors import DATABASE_ERRORS
from presswork.db.one_connection import connected
from presswork.db.pool import Connection
from presswork.doctor.checks.backups import backup
from presswork.doctor.checks.crawlers import media_for_crawlers
from presswork.doctor.checks.customer_apps import CustomerApps, verify_customers
from presswork.doctor.checks.database import check_server, not_reached
from presswork.doctor.checks.keys import keys_in_use
from presswork.doctor.checks.machine import data_folder, media_store, python, secret_key
from presswork.doctor.checks.people import issuer, mail_server
from presswork.doctor.checks.platforms import (
    access_to,
    api_versions,
    app_finding,
    provider,
    reach,
    read_providers,
    text_messages,
    verify_app,
)
from presswork.doctor.checks.registered_urls import REDIRECT_URI, check_registered_urls
from presswork.doctor.checks.review import LEGAL_PAGES, check_review_urls
from presswork.doctor.checks.service import effective_values, public_url, service
from presswork.doctor.checks.work import check_work, has_live_projects
from presswork.doctor.cluster_check import find_mismatches
from presswork.doctor.model import AppResponse, CheckStatus, Examined, Finding, fail, ok, warn
from presswork.platforms.names import LoginName
from presswork.platforms.port import ProviderAccess
from presswork.platforms.registry import app_settings
from presswork.platforms.settings import Settings

_LISTEN: Final = "notifications"
_AT_ONCE: Final = 16
"""Checks that call other machines at once."""
_NEEDED: Final = frozenset({"migrations", "grants"})
"""Findings without which no other check can read the tables."""
_CHECK_WITHIN: Final = timedelta(seconds=20)
ALL_WITHIN: Final = timedelta(seconds=60)
"""Time limit of all checks together. What has not finished by then has a finding that says so."""

OpenDatabase = Callable[[], AbstractAsyncContextManager[Connection]]
"""Opens a connection to the database. Raises PressworkError."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _OfDatabase:
    """The findings about the database, and what it knows that other checks need."""

    findings: Sequence[Finding]
    apps: StoredApps = field(default_factory=dict)
    providers: Sequence[tuple[Environment, ProviderAccess]] = ()
    has_live_projects: bool = False
    public_url: StoredURL | None = None
    customer_apps: CustomerApps = field(default_factory=CustomerApps)


async def examine(
    settings: Settings, *, service_url: str, open_database: OpenDatabase | None, app_id: UUID | None = None
) -> Examined:
    """Run every check: first those of this machine and the database, then those that call others, side by side.

    `service_url` is where this machine reaches the API; without `open_database`, the embedded database does not exist yet.
    With `app_id`, only this one of the customers' apps is checked.
    """
    deadline = asyncio.get_running_loop().time() + ALL_WITHIN.total_seconds()
    folder = await asyncio.to_thread(lambda: list(data_folder(settings)))
    of_database = await _run_within("database", partial(_database, settings, open_database, app_id), deadline)
    key = await asyncio.to_thread(secret_key, settings)
    settings = PublicURLInUse.of(settings, of_database.public_url).put_into(settings)
    effective = effective_settings(settings, of_database.apps)
    in_use = of_database.customer_apps.put_into(effective)
    outside = _Outside(deadline)
    async with asyncio.TaskGroup() as group:
        store = group.create_task(outside.run("media store", partial(_run_single, partial(media_store, settings))))
        served = group.create_task(outside.run("service", partial(service, settings, service_url)))
        app_responses = {
            login: group.create_task(outside.response(partial(verify_app, login, effective)))
            for login in LoginName
            if app_settings(login).is_complete(effective)
        }
        providers = [
            group.create_task(outside.run(f"provider {one.name}", partial(_run_single, partial(provider, where, one))))
            for where, one in of_database.providers
        ]
        reached = [
            group.create_task(outside.run(f"access to {name}", partial(_run_single, partial(access_to, name, url))))
            for name, url in reach(in_use)
        ]
        check_url = partial(public_url, settings, has_live_projects=of_database.has_live_projects)
        public = group.create_task(outside.run("public url", partial(_run_single, check_url)))
        registered = group.create_task(outside.run(REDIRECT_URI, partial(check_registered_urls, settings)))
        review = group.create_task(outside.run(LEGAL_PAGES, partial(check_review_urls, in_use)))
        sign_in = group.create_task(
            outside.run("openid connect", partial(issuer, settings, base_url=settings.public_url or service_url))
        )
        mail = group.create_task(outside.run("mail server", partial(mail_server, settings)))
        customer_apps = [  # the last, so that they wait for the others
            group.create_task(outside.response(partial(verify_customers, app, effective)))
            for app in of_database.customer_apps.asked
        ]
        crawlers = group.create_task(outside.run("media for crawlers", partial(media_for_crawlers, settings)))
    heard = {login: task.result() for login, task in app_responses.items()}
    return Examined(
        findings=[
            effective_values(settings),
            python(),
            await _libraries(),
            *folder,
            *of_database.findings,
            *_all(providers),
            key,
            *store.result(),
            *served.result(),
            *[app_finding(login, effective, heard.get(login)) for login in LoginName],
            *of_database.customer_apps.findings([task.result() for task in customer_apps]),
            *api_versions(in_use, today=SystemClock().now().date()),
            text_messages(settings),
            *_all(reached),
            *public.result(),
            *registered.result(),
            *review.result(),
            *crawlers.result(),
            *sign_in.result(),
            *mail.result(),
        ],
        app_responses={login: response for login, response in heard.items() if response is not None},
        sources=_sources(settings, effective, of_database.apps),
    )


def _sources(settings: Settings, effective: Settings, stored: StoredApps) -> Mapping[LoginName, tuple[AppSource, str]]:
    """Return where the complete apps come from, with the hints of their IDs."""
    found = {}
    for login in LoginName:
        source, app = source_of(login, settings, stored), app_settings(login)
        if source is not None and app.is_complete(effective):
            found[login] = source, hint_of(app.given(effective)[0])
    return found


def _all(tasks: Sequence["asyncio.Task[Sequence[Finding]]"]) -> Sequence[Finding]:
    return [finding for task in tasks for finding in task.result()]


async def _run_single(check: Callable[[], Awaitable[Finding]]) -> Sequence[Finding]:
    return [await check()]


class _Outside:
    """Runs checks that call other machines: few at once, each within its time limit, all by one deadline."""

    def __init__(self, deadline: float) -> None:
        """`deadline` is an instant of the event loop."""
        self._deadline: Final = deadline
        self._turns: Final = asyncio.Semaphore(_AT_ONCE)

    async def run(self, name: str, check: Callable[[], Awaitable[Sequence[Finding]]]) -> Sequence[Finding]:
        """Run one check; a finding says if it did not finish."""
        try:
            async with asyncio.timeout_at(self._deadline), self._turns:
                async with asyncio.timeout(_CHECK_WITHIN.total_seconds()):
                    return await check()
        except TimeoutError:
            return [_build_unfinished(name)]

    async def response(self, ask: Callable[[], Awaitable[AppResponse]]) -> AppResponse | None:
        """Ask a platform about an app; None if it was not asked in time."""
        with suppress(TimeoutError):
            async with asyncio.timeout_at(self._deadline), self._turns:
                return await ask()
        return None


def _build_unfinished(name: str) -> Finding:
    return warn(
        name,
        f"This check did not finish within {_CHECK_WITHIN.seconds} s.",
        "Check this machine's network, DNS and proxy, and the log of the other side; then run the checks again.",
    )


async def _run_within(name: str, check: Callable[[], Awaitable[_OfDatabase]], deadline: float) -> _OfDatabase:
    try:
        async with asyncio.timeout_at(deadline):
            return await check()
    except TimeoutError:
        return _OfDatabase(findings=[_build_unfinished(name)])


async def _libraries() -> Finding:
    if missing := [*await missing_internals(), *missing_server_internals()]:
        return fail("libraries", " ".join(missing), "Install Presswork again, with the versions that it requires.")
    return ok("libraries", "aiohttp, asyncpg and uvicorn have what Presswork needs")


async def _database(settings: Settings, open_database: OpenDatabase | None, app_id: UUID | None) -> _OfDatabase:
    if open_database is None:
        return _OfDatabase(findings=[ok("database", "embedded, created at the first start")])
    try:
        async with open_database() as connection:
            return await _check_connection(settings, connection, app_id)
    except PressworkError as error:
        return _OfDatabase(findings=[not_reached(error)])
    except DATABASE_ERRORS as error:
        fix = "Check that the server runs and is not overloaded, then run the checks again."
        return _OfDatabase(findings=[fail("database", f"It failed during the checks: {type(error).__name__}.", fix)])


async def _check_connection(settings: Settings, connection: Connection, app_id: UUID | None) -> _OfDatabase:
    findings = [*await check_server(settings, connection), *await _notifications(settings, connection)]
    if any(one.status is not CheckStatus.OK for one in findings if one.name in _NEEDED):
        return _OfDatabase(findings=findings)
    stored = await read_apps(connection, _keyring(settings))
    providers, unread = await read_providers(settings, connection)
    findings += await _mismatches(settings, connection)
    findings += await keys_in_use(settings, connection)
    findings += await check_work(settings, connection)
    findings += _stored_apps(stored)
    findings.append(await backup(settings, connection))
    return _OfDatabase(
        findings=[*findings, *unread],
        apps=stored,
        providers=providers,
        has_live_projects=await has_live_projects(connection),
        public_url=await read_public_url(connection),
        customer_apps=await CustomerApps.read(connection, _keyring(settings), app_id=app_id),
    )


def _keyring(settings: Settings) -> Keyring | None:
    try:
        return find_keyring(settings)
    except (PressworkError, OSError):
        return None  # the check of the key file reports it


def _stored_apps(stored: StoredApps) -> list[Finding]:
    """Report stored credentials that the secret keys here don't decrypt."""
    broken = [login.value for login, app in stored.items() if app.credentials is None]
    if not broken:
        return []
    fix = (
        "Restore the secret keys of this installation, or set the ID and the secret again: PUT /v1/system/platforms/"
        f"{broken[0]}."
    )
    return [
        fail("stored credentials", f"Those of {', '.join(broken)} can't be decrypted with the secret keys here.", fix)
    ]


async def _mismatches(settings: Settings, connection: Connection) -> list[Finding]:
    """Compare this machine's keys and media store with those that the database was used with."""
    try:
        mismatches = await find_mismatches(settings, connection)
    except PressworkError:
        return []  # the keys or the store can't be used at all, which has its own finding
    return [fail(one.name, one.message, one.fix) for one in mismatches]


async def _notifications(settings: Settings, connection: Connection) -> list[Finding]:
    """Check that LISTEN works, which most modes of a pooler break."""
    if not await is_pooled(connection):
        return []
    if settings.database_listen_url is None:
        return [
            warn(
                _LISTEN,
                "The database is behind a connection pooler. Unless it pools sessions, NOTIFY is lost, and posts start up to a "
                "second later.",
                "Set PRESSWORK_DATABASE_LISTEN_URL to the URL of the server itself.",
            )
        ]
    async with connected(settings.database_listen_url.get_secret_value()) as direct:
        if await is_pooled(direct):
            return [
                warn(
                    _LISTEN,
                    "PRESSWORK_DATABASE_LISTEN_URL points to a pooler, too.",
                    "Set it to the URL of the server itself.",
                )
            ]
    return [ok(_LISTEN, "received past the pooler")]
