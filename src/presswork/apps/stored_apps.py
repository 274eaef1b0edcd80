"""The stored credentials of the operator's apps: read, written and removed, encrypted with the secret keys."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import structlog

from presswork.apps.model import AppSource, hint_of
from presswork.apps.vault import open_app, seal_app
from presswork.core.logging import hide_secrets_of
from presswork.crypto.keyring import Keyring
from presswork.db.errors import TRANSIENT_ERRORS
from presswork.db.listener import APPS
from presswork.db.pool import Connection, Pool
from presswork.db.queries import load
from presswork.platforms.names import LoginName
from presswork.platforms.port import AppCredentials
from presswork.platforms.registry import Platforms, app_owner, app_settings, with_stored
from presswork.platforms.settings import Settings

log = structlog.get_logger()

POLL_EVERY: Final = timedelta(seconds=30)
"""How often a process reads the stored credentials, in case the notification of a change is lost."""
_SQL: Final = load("presswork.apps")
_LOGINS: Final = frozenset(login.value for login in LoginName)
NOTIFY: Final = "SELECT pg_notify($1, $2)"


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredApp:
    """Stored credentials. `credentials` is None if they can't be decrypted here."""

    login: LoginName
    credentials: AppCredentials | None
    client_id_hint: str
    updated_at: datetime  # UTC


StoredApps = Mapping[LoginName, StoredApp]


async def read_apps(connection: "Connection | Pool", keyring: Keyring | None) -> StoredApps:
    """Return the stored credentials. A login that only a newer version knows is left out."""
    known = {login.value for login in LoginName}
    rows = await connection.fetch(_SQL["stored_apps"])
    return {
        LoginName(row["login"]): StoredApp(
            login=LoginName(row["login"]),
            credentials=open_app(keyring, row["sealed_credentials"]),
            client_id_hint=row["client_id_hint"],
            updated_at=row["updated_at"],
        )
        for row in rows
        if row["login"] in known
    }


async def store_app(
    connection: Connection, keyring: Keyring, login: LoginName, app: AppCredentials, *, now: datetime | None
) -> None:
    """Store the credentials of a login's app in the caller's transaction, in place of the former ones.

    The commit notifies every process.
    """
    await connection.execute(
        _SQL["store_app"], app_owner(login).value, seal_app(keyring, app), hint_of(app.client_id), now
    )
    await connection.execute(NOTIFY, APPS, login.value)


async def remove_app(connection: Connection, login: LoginName) -> bool:
    """Remove stored credentials in the caller's transaction, as `store_app`; False: there were none."""
    if await connection.fetchval(_SQL["remove_app"], app_owner(login).value) is None:
        return False
    await connection.execute(NOTIFY, APPS, login.value)
    return True


def effective_settings(settings: Settings, stored: StoredApps) -> Settings:
    """Return the settings with the stored credentials of each app of which the environment sets nothing."""
    return with_stored(settings, {login: app.credentials for login, app in stored.items() if app.credentials})


def source_of(login: LoginName, settings: Settings, stored: StoredApps) -> AppSource | None:
    """Return where the credentials of an app come from, or None if there are none. `settings` are those of the environment."""
    if app_settings(login).is_given(settings):
        return AppSource.ENVIRONMENT
    return AppSource.STORED if app_owner(login) in stored else None


async def _do_nothing() -> None:
    return None


class AppsWatch:
    """Keeps the live platforms of a process at the stored credentials: read at the start, after a notification, and regularly.

    `on_change` is awaited after other credentials came into use; if it fails, again after the next reading.
    """

    def __init__(
        self,
        pool: Pool,
        keyring: Keyring,
        settings: Settings,
        platforms: Platforms,
        *,
        on_change: Callable[[], Awaitable[None]] = _do_nothing,
    ) -> None:
        """`settings` are those of the environment, which win."""
        self._pool: Final = pool
        self._keyring: Final = keyring
        self._settings: Final = settings
        self._platforms: Final = platforms
        self._on_change: Final = on_change
        self._in_use: Mapping[LoginName, AppCredentials] = {}
        self._announced: Mapping[LoginName, AppCredentials] = {}
        """Those for which `on_change` has succeeded."""
        self._is_customers = False
        """Whether an app of a customer has changed."""
        self._changed: Final = asyncio.Event()
        self._reading: Final = asyncio.Lock()

    @property
    def effective(self) -> Settings:
        """The settings with the credentials that are in use."""
        return with_stored(self._settings, self._in_use)

    def notify(self, login: str = "") -> None:
        """Read the credentials soon: they may have changed. `login` is whose app has changed: empty, or an id, for a customer's."""
        self._is_customers |= login not in _LOGINS
        self._changed.set()

    async def refresh(self) -> None:
        """Read the stored credentials and use them. Raises the driver's errors.

        Credentials that can't be decrypted here stay as they are: another process may have been given a new key first.
        """
        is_customers = self._is_customers
        async with self._reading:  # so that what was read first never replaces what was read later
            stored = await read_apps(self._pool, self._keyring)
            found = {
                login: app.credentials or self._in_use[login]
                for login, app in stored.items()
                if app.credentials is not None or login in self._in_use
            }
            if found != self._in_use:
                self._in_use = found
                hide_secrets_of(self.effective)
                self._platforms.reopen_live(self.effective)
                log.info("stored credentials of apps are in use", logins=sorted(found))
        await self._platforms.forget_changed_apps()
        if found != self._announced or is_customers:
            await self._on_change()
            self._announced, self._is_customers = found, False

    async def refresh_now(self) -> None:
        """Use the stored credentials from now on; without the database, from when it is there."""
        try:
            await self.refresh()
        except TRANSIENT_ERRORS:
            self.notify()

    async def run(self) -> None:
        """Read the credentials after each notification and every POLL_EVERY, until cancelled."""
        while True:
            with suppress(TimeoutError):
                # Not wait_for: in Python 3.11 it loses a cancellation at the moment of the event, and the process never ends.
                async with asyncio.timeout(POLL_EVERY.total_seconds()):
                    await self._changed.wait()
            self._changed.clear()
            try:
                await self.refresh()
            except TRANSIENT_ERRORS as error:
                log.warning("stored credentials not read: database unavailable", error=type(error).__name__)
